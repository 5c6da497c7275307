// A form with a preview (a retiming, the publication policy) shows what it would do while it is filled in. Without this script, a button does.
const form = document.querySelector('form[data-preview]')
let running = null
let timer

// later asks in a moment what the form would do. An answer to what it said before must not undo what was chosen since.
const later = (ms) => {
  running?.abort()
  clearTimeout(timer)
  document.querySelector('#preview')?.classList.add('is-stale')
  timer = setTimeout(refresh, ms)
}

const refresh = async () => {
  const url = new URL(form.action)
  url.search = new URLSearchParams(new FormData(form)).toString()
  running = new AbortController()
  try {
    const res = await fetch(url, { signal: running.signal, headers: { Accept: 'text/html' } })
    if (!res.ok && res.status !== 422) return location.assign(url)
    const page = new DOMParser().parseFromString(await res.text(), 'text/html')
    swap(page)
    history.replaceState(null, '', url)
  } catch (e) {
    if (e.name !== 'AbortError') location.assign(url)
  }
}

// swap takes over what depends on the form, and leaves alone what is being typed in.
const swap = (page) => {
  const focused = document.activeElement
  const key = focused && form.contains(focused) ? [focused.name, focused.value, focused.type] : null
  for (const id of ['preview', 'which', 'problem']) {
    const old = document.getElementById(id)
    const now = page.getElementById(id)
    if (id === 'problem') {
      old?.remove()
      if (now) form.before(now)
    } else if (old && now && !(id === 'which' && key && old.contains(focused))) old.replaceWith(now)
  }
  if (!key || form.contains(document.activeElement)) return
  const same = [...form.elements].find((e) => e.name === key[0] && (key[2] !== 'checkbox' && key[2] !== 'radio' || e.value === key[1]))
  same?.focus()
}

form?.addEventListener('change', (e) => {
  if (e.target.name === 'do') return form.requestSubmit()
  if (e.target.name === 'by' && e.target.value !== 'other') form.elements.minutes.value = ''
  later(60)
})
form?.addEventListener('input', (e) => {
  if (e.target.name !== 'minutes' || e.isComposing) return
  const other = [...form.querySelectorAll('[name=by]')].find((r) => r.value === 'other')
  other.checked = true
  later(350)
})
form?.addEventListener('submit', (e) => {
  if (e.submitter) { e.preventDefault(); later(0) }
})
