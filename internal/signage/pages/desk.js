// The desk: small pictures of what the screens show, drawn as they draw it, their last sign of life, the order of notices by dragging, and a
// picture of a notice while it is typed. Everything else works without this.

const words = wordsOf()
const desk = document.querySelector('[data-signage]')
const views = new Map()

const still = () => Math.floor(Date.now())
const followDesk = async () => {
  try {
    const res = await fetch(desk.dataset.signage, { headers: { Accept: 'application/json' } })
    if (!res.ok) return
    const all = await res.json()
    const skew = all.now - still()
    for (const s of all.screens) {
      const box = document.querySelector('[data-screen="' + CSS.escape(s.screen.ref) + '"]')
      if (!box) continue
      const line = box.querySelector('[data-status]')
      line.textContent = s.status
      line.classList.toggle('bad', s.quiet)
      box.querySelector('[data-said]').textContent = s.said
      const mini = box.querySelector('[data-mini]')
      if (!views.has(mini)) views.set(mini, { view: new View(mini, words) })
      const v = views.get(mini)
      const state = { paired: true, screen: s.screen, meeting: all.meeting, override: all.override, notices: s.notices.map((r) => all.notices[r]) }
      const text = JSON.stringify(state)
      if (text !== v.text) v.view.drawn = ''
      v.text = text
      v.state = state
      v.skew = skew
    }
    drawAll()
  } catch { /* again in a few seconds */ }
}
const drawAll = () => { for (const v of views.values()) if (v.state) v.view.show(v.state, still() + v.skew) }

if (desk && document.querySelector('[data-mini]')) {
  followDesk()
  setInterval(() => { if (document.visibilityState === 'visible') followDesk() }, 5000)
  setInterval(drawAll, 1000)
}

// A notice as a screen shows it, while it is typed (and not while Japanese is being composed).
const form = document.querySelector('form[data-draw]')
if (form) {
  const minis = [...document.querySelectorAll('[data-draft]')].map((e) => new View(e, words))
  let timer
  let shown = null
  const drawDraft = async () => {
    const data = new FormData(form)
    for (const l of ['ja', 'en']) data.delete('picture_' + l)
    try {
      const res = await fetch(form.dataset.draw, { method: 'POST', body: data })
      if (!res.ok) return
      const { now, state } = await res.json()
      for (const l of ['ja', 'en']) {
        const file = form.elements['picture_' + l].files[0]
        if (file) state.notices[0].picture[l] = await dataURL(file)
      }
      shown = { now, state }
      for (const v of minis) { v.drawn = ''; v.show(state, now) }
    } catch { /* the form works without its picture */ }
  }
  const dataURL = (file) => new Promise((done) => { const r = new FileReader(); r.onload = () => done(r.result); r.readAsDataURL(file) })
  const soon = (e) => { if (e && e.isComposing) return; clearTimeout(timer); timer = setTimeout(drawDraft, 350) }
  form.addEventListener('input', soon)
  form.addEventListener('compositionend', () => soon())
  drawDraft()
}

// A ready text fills the fields, where it can still be changed.
const ready = document.getElementById('ready')
if (ready) {
  ready.addEventListener('change', () => {
    const o = ready.selectedOptions[0]
    for (const l of ['ja', 'en']) document.getElementById('text_' + l).value = o.dataset[l] || ''
  })
}

// Notices are ordered by dragging their handle; the arrows beside them do the same with a keyboard.
const list = document.querySelector('[data-order]')
if (list) {
  let dragged = null
  list.addEventListener('pointerdown', (e) => {
    if (!e.target.closest('.grip')) return
    dragged = e.target.closest('li')
    dragged.setPointerCapture(e.pointerId)
    e.preventDefault()
  })
  list.addEventListener('pointermove', (e) => {
    if (!dragged) return
    const at = document.elementFromPoint(e.clientX, e.clientY)
    const over = at && at.closest('[data-order] > li')
    if (!over || over === dragged) return
    const box = over.getBoundingClientRect()
    if (e.clientY < box.top + box.height / 2) over.before(dragged)
    else over.after(dragged)
  })
  const drop = async () => {
    if (!dragged) return
    dragged = null
    const body = new URLSearchParams([...list.children].map((li) => ['notice', li.dataset.notice]))
    const res = await fetch(list.dataset.order, { method: 'POST', body }).catch(() => null)
    if (!res || !res.ok) location.reload()
  }
  list.addEventListener('pointerup', drop)
  list.addEventListener('pointercancel', drop)
}
