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

// Titles are one line, however many they take on the screen.
form?.addEventListener('keydown', (e) => { if (e.key === 'Enter' && !e.isComposing && e.target.matches('.d-line')) { e.preventDefault(); const box = boxOf(e.target); if (box) save(box) } })
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

// What others do to this session shows without reloading: a field that nobody here is in takes over what it became, and one that is being
// written in is left alone, and says so. Who is in a field is named beside it.
const topic = document.body.dataset.live?.split(' ')[0]
const base = location.pathname.replace(/\/sessions\/[^/]*$/, '')
const me = document.querySelector('[data-me]')?.dataset
const here = new Map() // who -> {field, chip, timer}
let due

const takeOver = async () => {
  const res = await fetch(location.href, { headers: { Accept: 'text/html' } })
  if (!res.ok) return
  const page = new DOMParser().parseFromString(await res.text(), 'text/html')
  for (const box of form.querySelectorAll('.d-field')) {
    const now = page.querySelector(`.d-field[data-field="${CSS.escape(box.dataset.field)}"]`)
    const mine = basis(box)
    if (!now || !mine || basis(now).value === mine.value || busy.has(box.dataset.field)) continue
    const who = now.querySelector('[data-state]').textContent
    if (!box.contains(document.activeElement) && valueOf(box).trim() === mine.value.trim()) box.replaceWith(document.adoptNode(now))
    else if (valueOf(box).trim() === basis(now).value.trim()) mine.value = basis(now).value
    else if (!box.querySelector('.d-conflict')) conflict(box, { who, current: basis(now).value })
  }
}
const leave = (who) => { const h = here.get(who); clearTimeout(h?.timer); h?.chip?.remove(); here.delete(who) }
const tellWhere = (field) => {
  if (!topic || !me) return
  fetch(base.replace(/^\/(ja|en)\//, '/') + '/presence', { method: 'POST', keepalive: true, body: new URLSearchParams({ ref: me.ref, field }) }).catch(() => {})
}

if (topic && form) {
  document.addEventListener('live:' + topic, () => { clearTimeout(due); due = setTimeout(() => takeOver().catch(() => {}), 400) })
  document.addEventListener('live:' + topic + '/presence', ({ detail }) => {
    if (detail.who === me.me || !detail.who) return
    leave(detail.who)
    const box = detail.ref === me.ref && detail.field ? form.querySelector(`.d-field[data-field="${CSS.escape(detail.field)}"]`) : null
    if (!box) return
    const chip = document.createElement('span')
    chip.className = 'd-here'
    const name = document.documentElement.lang === 'en' ? detail.name?.en || detail.name?.ja : detail.name?.ja || detail.name?.en
    chip.textContent = `${name ?? ''} ${words.editing}`
    box.append(chip)
    here.set(detail.who, { chip, timer: setTimeout(() => leave(detail.who), 25000) })
  })
  let at = ''
  form.addEventListener('focusin', (e) => { const f = boxOf(e.target)?.dataset.field ?? ''; if (f !== at) { at = f; tellWhere(f) } })
  form.addEventListener('focusout', (e) => { if (!form.contains(e.relatedTarget)) { at = ''; tellWhere('') } })
  setInterval(() => { if (at && document.visibilityState === 'visible') tellWhere(at) }, 10000)
  addEventListener('pagehide', () => { if (at) tellWhere('') })
}
