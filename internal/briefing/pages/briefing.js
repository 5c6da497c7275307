// What was sent counts down to the moment it leaves; then the page is asked for again, as it is with every acknowledgement (see kit/live).
const began = performance.now()
const tick = () => {
  for (const e of document.querySelectorAll('[data-countdown]')) {
    const left = Math.max(0, Math.ceil(Number(e.dataset.countdown) - (performance.now() - began) / 1000))
    e.textContent = Math.floor(left / 60) + ':' + String(left % 60).padStart(2, '0')
    if (left === 0 && !e.dataset.over) { e.dataset.over = '1'; setTimeout(() => location.reload(), 3000) }
  }
}
if (document.querySelector('[data-countdown]')) { tick(); setInterval(tick, 1000) }
