// Every field of a session is saved by itself a moment after it was changed, and says so beside it. What somebody else wrote meanwhile is
// shown there too, and nothing is overwritten without a choice. Without this script there is a button to save.
const form = document.querySelector('form[data-autosave]')
const words = form?.dataset ?? {}
const timers = new Map()
const busy = new Set()

const boxOf = (e) => e.closest('.d-field')
const basis = (box) => box.querySelector(':scope > .d-basis')

// valueOf is a field as the server reads it.
const valueOf = (box) => {
  const name = box.dataset.field
  if (name === 'speakers') {
    return [...box.querySelectorAll('li')].map((li) => ['key', 'role', 'ja', 'en'].map((k) => li.querySelector(`[name="sp.${k}"]`).value.trim().replaceAll('|', '/')))
      .filter((r) => r[0]).map((r) => r.join(' | ').replace(/[ |]+$/, '')).join('\n')
  }
  const all = [...box.querySelectorAll(`[name="${CSS.escape('f.' + name)}"]`)].filter((e) => e.type !== 'hidden')
  if (all[0]?.type === 'checkbox') return all.filter((e) => e.checked).map((e) => e.value).join(' ')
  if (all[0]?.type === 'radio') return all.find((e) => e.checked)?.value ?? ''
  return all[0]?.value ?? ''
}

const say = (box, text, is = '') => {
  const p = box.querySelector('[data-state]')
  p.textContent = text
  p.dataset.is = is
}

const save = async (box, force) => {
  const name = box.dataset.field
  clearTimeout(timers.get(name))
  const value = valueOf(box)
  const base = basis(box)
  if (!force && value.trim() === base.value.trim().replaceAll('\r\n', '\n')) return say(box, '')
  if (busy.has(name)) return void timers.set(name, setTimeout(() => save(box), 300))
  busy.add(name)
  say(box, words.saving, 'busy')
  try {
    const res = await fetch(form.action, {
      method: 'POST', headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' }, keepalive: value.length < 30000,
      body: new URLSearchParams({ ['f.' + name]: value, ['base.' + name]: base.value }),
    })
    if (!(res.headers.get('Content-Type') ?? '').includes('json')) throw new Error(String(res.status))
    settle(box, name, await res.json())
  } catch {
    say(box, navigator.onLine ? words.failed : words.offline, 'bad')
    timers.set(name, setTimeout(() => save(box), 5000))
  } finally {
    busy.delete(name)
  }
}

const settle = (box, name, out) => {
  box.querySelector('.d-conflict')?.remove()
  const mine = out.conflicts?.find((c) => c.field === name)
  if (mine) return conflict(box, mine)
  if (out.message) return say(box, out.message, 'bad')
  basis(box).value = out.values?.[name] ?? valueOf(box)
  say(box, words.saved, 'ok')
  for (const tag of form.querySelectorAll('[data-lack]')) if (!out.lacks?.[boxOf(tag).dataset.field]) tag.hidden = true
  if (name.startsWith('policy.')) icons()
}

// conflict shows what somebody else wrote, and lets the reader choose.
const conflict = (box, c) => {
  say(box, '')
  const div = document.createElement('div')
  div.className = 'd-conflict'
  div.setAttribute('role', 'alert')
  const p = document.createElement('p')
  const b = document.createElement('b')
  b.textContent = words.conflict
  p.append(b, ' ', c.who)
  const quote = document.createElement('blockquote')
  quote.textContent = c.current
  const row = document.createElement('p')
  row.className = 'row'
  const button = (text, act) => {
    const e = document.createElement('button')
    e.type = 'button'
    e.className = 'btn plain'
    e.textContent = text
    e.addEventListener('click', () => { div.remove(); act() })
    row.append(e)
  }
  const field = box.querySelector('[name^="f."]:not([type=hidden])')
  button(words.take, () => {
    basis(box).value = c.current
    if (field && (field.type === 'text' || field.localName === 'textarea' || field.localName === 'select' || field.type === 'date')) {
      field.value = c.current
      field.focus()
      say(box, '')
    } else location.reload()
  })
  button(words.keep, () => { basis(box).value = c.current; save(box, true) })
  div.append(p, quote, row)
  box.append(div)
}

// icons shows what readers will be told, as the choices stand: what a matter inherits is known to the server only.
const icons = async () => {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html')
  document.querySelector('[data-icons]')?.replaceWith(page.querySelector('[data-icons]'))
}

form?.addEventListener('input', (e) => {
  const box = boxOf(e.target)
  if (!box || e.isComposing || e.target.matches('select, [type=radio], [type=checkbox]')) return
  clearTimeout(timers.get(box.dataset.field))
  timers.set(box.dataset.field, setTimeout(() => save(box), 1200))
})
form?.addEventListener('compositionend', (e) => {
  const box = boxOf(e.target)
  if (box) timers.set(box.dataset.field, setTimeout(() => save(box), 1200))
})
form?.addEventListener('change', (e) => { const box = boxOf(e.target); if (box) save(box) })
addEventListener('pagehide', () => { for (const box of form?.querySelectorAll('.d-field') ?? []) if (timers.get(box.dataset.field)) save(box) })
