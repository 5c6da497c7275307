// The grid: sessions are dragged, resized and moved by keys, and every move is stored at once. The calendar draws; what moves where, what
// clashes, and the keys are ours.
const root = document.querySelector('[data-grid]')
const find = (s) => root.querySelector(s)
const words = JSON.parse(document.getElementById('words').textContent)
const word = (name) => words[name] ?? ''
const NOWHERE = '-'

let data, ec
let day = root.dataset.day
let several = false
let zoom = Number(localStorage.getItem('tsudoi.grid.zoom') ?? 3)
let selected = null
let held = false // the last thing touched was a session: while the grid is drawn anew, nothing has the focus
let outside = null // the session that was dropped on the tray
const pending = new Map() // ref -> {from, timer}
const heights = [8, 12, 18, 26, 40]

const pad = (n) => String(n).padStart(2, '0')
const minutes = (t) => Number(t.slice(0, 2)) * 60 + Number(t.slice(3, 5))
const clock = (m) => pad(Math.floor(m / 60) % 24) + ':' + pad(m % 60)
const wall = (d) => `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}T${pad(d.getHours())}:${pad(d.getMinutes())}`
const session = (ref) => data.sessions.find((s) => s.ref === ref)
const place = (s) => ({ day: s.day ?? '', start: s.start ? s.start.slice(11) : '', end: s.end ? s.end.slice(11) : '', room: s.all ? '*' : s.room ?? '' })
const say = (text, is = '') => { const p = find('[data-said]'); p.textContent = text; p.dataset.is = is }

// send posts a form and returns what came back.
const send = async (path, fields) => {
  const res = await fetch(root.dataset.grid + path, { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(fields) })
  if (!(res.headers.get('Content-Type') ?? '').includes('json')) throw new Error(String(res.status))
  return [res.ok, await res.json()]
}

const load = async () => {
  const res = await fetch(root.dataset.grid + '/data', { headers: { Accept: 'application/json' } })
  if (!res.ok) throw new Error(String(res.status))
  const now = await res.json()
  for (const ref of pending.keys()) { // moved on meanwhile
    const [mine, theirs] = [session(ref), now.sessions.find((s) => s.ref === ref)]
    if (mine && theirs) Object.assign(theirs, { day: mine.day, start: mine.start, end: mine.end, room: mine.room, all: mine.all })
  }
  data = now
  draw()
}

// events are the sessions as the calendar wants them. One without length is drawn as a quarter of an hour.
const events = () => data.sessions.filter((s) => s.start && (several || s.day === day)).map((s) => {
  const [weight] = worst(s.ref)
  const end = s.end > s.start ? s.end : wall(new Date(new Date(s.start).getTime() + 15 * 60000))
  return {
    id: s.ref, start: s.start, end, title: s.title, resourceIds: s.all ? data.rooms.map((r) => r.key) : [s.room || NOWHERE],
    classNames: [s.tint, s.pause || s.all ? 'is-band' : '', Date.parse(end) - Date.parse(s.start) < 40 * 60000 ? 'is-short' : '', weight ? 'has-' + weight : '', s.ref === selected ? 'is-selected' : ''].filter(Boolean),
    editable: data.edit, extendedProps: { ref: s.ref },
  }
})
const worst = (ref) => ['clash', 'check'].filter((w) => data.clashes.some((c) => c.weight === w && c.refs.includes(ref)))

const resources = () => {
  const list = data.rooms.map((r) => ({ id: r.key, title: r.name }))
  if (data.sessions.some((s) => s.start && !s.room && !s.all)) list.push({ id: NOWHERE, title: word('unscheduled') })
  return list
}

const hours = () => {
  const starts = data.sessions.filter((s) => s.start).map((s) => minutes(s.start.slice(11)))
  const ends = data.sessions.filter((s) => s.start && s.end.slice(0, 10) === s.start.slice(0, 10)).map((s) => minutes(s.end.slice(11)))
  const late = data.sessions.some((s) => s.start && s.end.slice(0, 10) > s.start.slice(0, 10))
  return [Math.max(0, Math.floor((Math.min(9 * 60 + 30, ...starts) - 30) / 60) * 60), late ? 1440 : Math.min(1440, Math.max(19 * 60, ...ends) + 60)]
}

const content = (info) => {
  const s = session(info.event.extendedProps.ref)
  if (!s) return undefined
  const p = (name, text) => { const e = document.createElement('p'); e.className = name; e.textContent = text; return e }
  const nodes = [p('g-time', `${wall(info.event.start).slice(11)}–${s.end > s.start ? wall(info.event.end).slice(11) : ''}`), p('g-title', s.title)]
  if (s.names) nodes.push(p('g-names', s.names))
  nodes.push(p('visually-hidden', s.all ? '' : data.rooms.find((r) => r.key === s.room)?.name ?? ''))
  return { domNodes: nodes }
}

const mounted = ({ el, event }) => {
  const s = session(event.extendedProps.ref)
  if (!s) return
  el.dataset.ref = s.ref
  el.tabIndex = 0
}

const label = (s) => {
  const p = place(s)
  const room = data.rooms.find((r) => r.key === s.room)?.name ?? ''
  return `${s.label} ${s.title} ${p.start}–${p.end} ${room}`
}
const elementsOf = (ref) => [...root.querySelectorAll(`.ec-event[data-ref="${CSS.escape(ref)}"]`)]

const options = () => {
  const [from, to] = hours()
  const days = data.days.map((d) => d.date)
  const span = Math.round((new Date(days.at(-1)) - new Date(days[0])) / 86400000) + 1
  return {
    view: 'resourceTimeGridDay', date: several ? days[0] : day, duration: { days: several ? span : 1 }, datesAboveResources: true,
    resources: resources(), events: events(), headerToolbar: { start: '', center: '', end: '' }, allDaySlot: false,
    slotDuration: '00:15', slotHeight: heights[zoom], snapDuration: '00:05', slotLabelInterval: '01:00', slotLabelFormat: (t) => wall(t).slice(11),
    slotMinTime: clock(from) + ':00', slotMaxTime: to === 1440 ? '24:00:00' : clock(to) + ':00', hiddenDays: [],
    dayHeaderFormat: (d) => data.days.find((x) => x.date === wall(d).slice(0, 10))?.name ?? '',
    editable: data.edit, eventStartEditable: data.edit, eventDurationEditable: data.edit, eventLongPressDelay: 350,
    eventContent: content, eventDidMount: mounted,
    dragConstraint: (info) => { marks(info.event.extendedProps.ref, info.event, info.newResource?.id); return true },
    resizeConstraint: (info) => { marks(info.event.extendedProps.ref, info.event); return true },
    eventDragStart: (info) => select(info.event.extendedProps.ref),
    eventDragStop, eventDrop, eventResize: (info) => put(info.event.extendedProps.ref, moved(info, session(info.event.extendedProps.ref).room), 0),
    slotEventOverlap: false, nowIndicator: true,
  }
}

const draw = () => {
  const focused = document.activeElement?.closest('[data-grid] [data-ref]')?.dataset.ref ?? (held && document.activeElement === document.body ? selected : null)
  const o = options()
  if (ec) {
    const top = find('.ec-main')?.scrollTop
    for (const k of ['date', 'duration', 'resources', 'slotHeight', 'slotMinTime', 'slotMaxTime', 'events']) ec.setOption(k, o[k])
    if (top) find('.ec-main').scrollTop = top
  } else ec = EventCalendar.create(find('[data-cal]'), o)
  tray()
  clashes()
  show()
  plainly()
  requestAnimationFrame(plainly)
  if (focused) refocus(focused)
}

// plainly takes off the roles of a table, which the sessions lying over it contradict: what is read out are the sessions, in their order.
const tabular = ['table', 'grid', 'rowgroup', 'row', 'cell', 'gridcell', 'columnheader', 'rowheader']
const plainly = () => {
  for (const e of root.querySelectorAll('.ec, .ec *')) {
    if (tabular.includes(e.getAttribute('role'))) e.removeAttribute('role')
    for (const a of [...e.attributes]) if (/^aria-(col|row)(count|index|span)$/.test(a.name)) e.removeAttribute(a.name)
  }
}

const moved = (info, room) => {
  const s = session(info.event.extendedProps.ref)
  const long = s.end > s.start || info.type === 'resize' || info.endDelta
  const start = wall(info.event.start)
  const end = long ? wall(info.event.end) : start
  return { day: start.slice(0, 10), start: start.slice(11), end: end.slice(11), room: s.all ? '*' : room === NOWHERE ? '' : room ?? '' }
}

const over = (box, e) => { const r = box.getBoundingClientRect(); return e.clientX >= r.left && e.clientX <= r.right && e.clientY >= r.top && e.clientY <= r.bottom }
const eventDragStop = (info) => {
  clear()
  outside = over(find('[data-tray]'), info.jsEvent) ? info.event.extendedProps.ref : null
  if (outside) setTimeout(() => { if (outside) { const ref = outside; outside = null; put(ref, { day: '', start: '', end: '', room: '' }, 0) } })
}
const eventDrop = (info) => {
  const ref = info.event.extendedProps.ref
  if (outside === ref) return info.revert()
  put(ref, moved(info, info.newResource?.id ?? session(ref).room), 0)
}

// put moves a session here and now, and stores it: at once, or, while keys are pressed, when they rest.
const put = (ref, to, rest) => {
  const s = session(ref)
  const waits = pending.get(ref) ?? { from: place(s) }
  clearTimeout(waits.timer)
  s.day = to.day
  s.start = to.start ? `${to.day}T${to.start}` : ''
  s.end = to.start ? `${to.day}T${to.end}` : ''
  if (s.end && s.end < s.start) s.end = wall(new Date(new Date(s.end).getTime() + 86400000))
  s.all = to.room === '*'
  s.room = s.all ? '' : to.room
  pending.set(ref, waits)
  draw()
  refocus(ref)
  waits.timer = setTimeout(() => flush(ref), rest)
  const hits = against(s)
  say(hits.length ? hits.map((h) => h[1]).join(' / ') : `${label(s)}`, hits.length ? 'warn' : '')
}

const flush = async (ref) => {
  const waits = pending.get(ref)
  if (!waits) return
  pending.delete(ref)
  clearTimeout(waits.timer)
  const to = place(session(ref))
  const f = waits.from
  try {
    const [ok, out] = await send('/move', { ref, 'was.day': f.day, 'was.start': f.start, 'was.end': f.end, 'was.room': f.room, day: to.day, start: to.start, end: to.end, room: to.room })
    if (ok) say([word('moved'), ...(out.warnings ?? []).map((w) => w.words)].join(' '), out.warnings?.length ? 'warn' : '')
    else say(out.message, 'bad')
  } catch { say(word('failed'), 'bad') }
  if (!pending.size) await load().catch(() => {})
  refocus(ref)
}

const refocus = (ref) => {
  if (document.activeElement && document.activeElement !== document.body && !document.activeElement.closest('.ec, .d-tray')) return
  requestAnimationFrame(() => {
    const el = elementsOf(ref)[0] ?? find(`[data-tray] [data-ref="${CSS.escape(ref)}"]`)
    el?.focus({ preventScroll: true })
  })
}

// against says what would be wrong with a session where it is: what the server says later, told while it is dragged.
const against = (a, start = a.start, end = a.end, room = a.room) => {
  if (!start) return []
  const hits = []
  const [from, to] = [Date.parse(start), Math.max(Date.parse(end), Date.parse(start) + 60000)]
  for (const b of data.sessions) {
    if (b === a || !b.start) continue
    const gap = Math.max(from, Date.parse(b.start)) - Math.min(to, Math.max(Date.parse(b.end), Date.parse(b.start) + 60000))
    if (gap >= data.gap * 60000) continue
    const here = a.all || b.all || room && b.room === room
    const both = b.speakers?.filter((k) => a.speakers?.includes(k)) ?? []
    if (gap < 0 && here) hits.push([b.ref, `${word('overlap')} ${b.label} ${b.title}`])
    else if (here && !a.pause && !b.pause) hits.push([b.ref, `${word('changeover')} ${b.label} ${b.title}`])
    if (gap < 0 && both.length) hits.push([b.ref, `${word('speaker')} ${b.label} ${b.title}`])
    else if (gap < 0 && !here && !a.pause && !b.pause && a.topics?.some((t) => b.topics?.includes(t))) hits.push([b.ref, `${word('topics')} ${b.label} ${b.title}`])
  }
  const r = data.rooms.find((x) => x.key === room)
  if (r?.seats && a.wanted > r.seats) hits.push([a.ref, word('capacity')])
  if (r?.online && a.noStream) hits.push([a.ref, word('off_record')])
  return hits
}
const marks = (ref, event, room) => {
  clear()
  const s = session(ref)
  const hits = against(s, wall(event.start), wall(event.end), room ?? s.room)
  for (const [hit] of hits) for (const el of elementsOf(hit)) el.classList.add('is-hit')
  say(`${wall(event.start).slice(11)}–${wall(event.end).slice(11)} ${hits.map((h) => h[1]).join(' / ')}`, hits.length ? 'warn' : '')
}
const clear = () => { for (const el of root.querySelectorAll('.is-hit')) el.classList.remove('is-hit') }

// step moves the selected session: by keys, or by the buttons beside the grid.
const step = (ref, how, far) => {
  const s = session(ref)
  if (!s || !data.edit) return
  const p = place(s)
  if (!s.start) return how === 'in' ? enter(ref) : undefined
  const by = far ? 15 : 5
  const shift = (t, n) => clock(Math.min(1435, Math.max(0, minutes(t) + n)))
  const rooms = data.rooms.map((r) => r.key)
  const at = rooms.indexOf(s.room)
  if (how === 'up' || how === 'down') {
    const n = how === 'up' ? -by : by
    if (minutes(p.start) + n < 0 || minutes(p.end) + n > 1435) return
    put(ref, { ...p, start: shift(p.start, n), end: shift(p.end, n) }, 700)
  } else if (how === 'longer' || how === 'shorter') {
    const n = how === 'longer' ? by : -by
    if (minutes(p.end) + n < minutes(p.start)) return
    put(ref, { ...p, end: shift(p.end, n) }, 700)
  } else if (how === 'left' || how === 'right') {
    const room = rooms[at + (how === 'left' ? -1 : 1)]
    if (room && !s.all) put(ref, { ...p, room }, 700)
  } else if (how === 'out') put(ref, { day: '', start: '', end: '', room: '' }, 0)
}

// enter puts a session from the tray into the grid: after the last one of a room on this day. From there keys move it.
const enter = (ref) => {
  const room = session(selected)?.room || data.rooms[0]?.key || ''
  const ends = data.sessions.filter((s) => s.day === day && s.start && s.room === room).map((s) => minutes(s.end.slice(11)))
  const start = Math.min(1380, ends.length ? Math.max(...ends) + data.gap : 10 * 60)
  select(ref)
  put(ref, { day, start: clock(start), end: clock(start + 40), room }, 0)
}

const keys = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right', '+': 'longer', ';': 'longer', '=': 'longer', '-': 'shorter', u: 'out', U: 'out' }
document.addEventListener('pointerdown', (e) => { held = e.target.closest?.('[data-grid] [data-ref]') !== null })
document.addEventListener('keydown', (e) => {
  if (e.isComposing || !data || !root.contains(e.target) && e.target !== document.body) return
  if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'z' && !e.target.closest('input, textarea, select')) {
    e.preventDefault()
    return turn(e.shiftKey ? 'redo' : 'undo')
  }
  const el = e.target.closest('[data-ref]') ?? (e.target === document.body && held && selected ? { dataset: { ref: selected } } : null)
  if (!el || !session(el.dataset.ref) || e.ctrlKey || e.metaKey || e.altKey) return
  if (e.key === 'Enter' || e.key === ' ') {
    e.preventDefault()
    return session(el.dataset.ref).start ? e.key === 'Enter' ? location.assign(session(el.dataset.ref).url) : select(el.dataset.ref) : step(el.dataset.ref, 'in')
  }
  const how = keys[e.key]
  if (!how) return
  e.preventDefault()
  select(el.dataset.ref)
  step(el.dataset.ref, how, e.shiftKey)
})
document.addEventListener('focusin', (e) => { held = e.target.closest('[data-grid] [data-ref]') !== null })
root.addEventListener('focusin', (e) => { const el = e.target.closest?.('.ec-event[data-ref]'); if (el && el.dataset.ref !== selected) select(el.dataset.ref) })

const select = (ref, focus) => {
  selected = ref
  for (const el of root.querySelectorAll('.ec-event')) el.classList.toggle('is-selected', el.dataset.ref === ref)
  show()
  if (focus) elementsOf(ref)[0]?.focus({ preventScroll: true })
}
const show = () => {
  const box = find('[data-selected]')
  const s = selected && session(selected)
  box.hidden = !s
  if (!s) return
  const p = place(s)
  find('[data-name]').textContent = `${s.label} ${s.title}`
  find('[data-where]').textContent = p.start ? `${data.days.find((d) => d.date === p.day)?.name ?? p.day} ${p.start}–${p.end} ${data.rooms.find((r) => r.key === p.room)?.name ?? ''}` : word('unscheduled')
  find('[data-open]')?.setAttribute('href', s.url)
}

const tray = () => {
  const box = find('[data-tray]')
  const list = data.sessions.filter((s) => !s.start)
  box.querySelector('ul').replaceChildren(...list.map((s) => {
    const li = document.createElement('li')
    const b = document.createElement('button')
    b.type = 'button'
    b.dataset.ref = s.ref
    b.className = s.tint
    b.draggable = data.edit
    b.textContent = `${s.label} ${s.title}`
    b.addEventListener('dragstart', (e) => { e.dataTransfer.setData('text/plain', s.ref); e.dataTransfer.effectAllowed = 'move'; select(s.ref) })
    b.addEventListener('click', () => select(s.ref))
    li.append(b)
    return li
  }))
  box.querySelector('[data-empty]').hidden = list.length > 0
}
const cal = find('[data-cal]')
const target = (e) => {
  const at = ec?.dateFromPoint(e.clientX, e.clientY)
  if (!at) return null
  const start = wall(at.date)
  const m = Math.round(minutes(start.slice(11)) / 5) * 5
  return { day: start.slice(0, 10), start: clock(m), end: clock(Math.min(1435, m + 40)), room: at.resource?.id === NOWHERE ? '' : at.resource?.id ?? '' }
}
cal.addEventListener('dragover', (e) => {
  const to = target(e)
  if (!to || !selected) return
  e.preventDefault()
  const s = session(selected)
  clear()
  const hits = against(s, `${to.day}T${to.start}`, `${to.day}T${to.end}`, to.room)
  for (const [hit] of hits) for (const el of elementsOf(hit)) el.classList.add('is-hit')
  say(`${to.start}–${to.end} ${data.rooms.find((r) => r.key === to.room)?.name ?? ''} ${hits.map((h) => h[1]).join(' / ')}`, hits.length ? 'warn' : '')
})
cal.addEventListener('drop', (e) => {
  const ref = e.dataTransfer.getData('text/plain')
  const to = target(e)
  if (!to || !session(ref)) return
  e.preventDefault()
  clear()
  put(ref, to, 0)
})

const clashes = () => {
  const box = find('[data-clashes]')
  const here = data.clashes.filter((c) => c.weight !== 'hint' && (several || c.refs.some((r) => session(r)?.day === day)))
  box.querySelector('ul').replaceChildren(...here.map((c) => {
    const li = document.createElement('li')
    li.className = 'w-' + c.weight
    const b = document.createElement('button')
    b.type = 'button'
    b.textContent = c.words
    b.addEventListener('click', () => { const ref = c.refs.find((r) => elementsOf(r).length) ?? c.refs[0]; elementsOf(ref)[0]?.scrollIntoView({ block: 'center' }); select(ref, true) })
    li.append(b)
    return li
  }))
  box.querySelector('[data-none]').hidden = here.length > 0
}

const turn = async (what) => {
  for (const ref of [...pending.keys()]) await flush(ref)
  try {
    const [ok, out] = await send('/turn', what === 'redo' ? { redo: '1' } : {})
    say(ok ? word(what + '_done') : out.message, ok ? '' : 'bad')
  } catch { say(word('failed'), 'bad') }
  await load().catch(() => {})
}

root.addEventListener('click', (e) => {
  const drawn = e.target.closest('.ec-event[data-ref]')
  if (drawn) return select(drawn.dataset.ref, true)
  const b = e.target.closest('button, a')
  if (!b) return
  if (b.dataset.move && selected) return step(selected, b.dataset.move)
  if (b.dataset.turn) return turn(b.dataset.turn)
  if (b.dataset.zoom) {
    zoom = Math.min(heights.length - 1, Math.max(0, zoom + Number(b.dataset.zoom)))
    try { localStorage.setItem('tsudoi.grid.zoom', String(zoom)) } catch { /* it lasts as long as the page */ }
    return draw()
  }
  if ('all' in b.dataset || b.dataset.day && b.closest('.days') && !e.ctrlKey && !e.metaKey) {
    e.preventDefault()
    several = 'all' in b.dataset ? !several : false
    if (b.dataset.day) { day = b.dataset.day; history.replaceState(null, '', b.href) }
    for (const a of root.querySelectorAll('.days a')) a.toggleAttribute('aria-current', !several && a.dataset.day === day)
    for (const a of root.querySelectorAll('.days a[aria-current]')) a.setAttribute('aria-current', 'page')
    find('[data-all]')?.setAttribute('aria-pressed', String(several))
    draw()
  }
})

addEventListener('pagehide', () => { for (const ref of pending.keys()) flush(ref) })
const topic = document.body.dataset.live
if (topic) document.addEventListener('live:' + topic.split(' ')[0], () => { if (!pending.size) load().catch(() => {}) })
for (const d of root.querySelectorAll('.d-byform')) d.open = false
load().then(() => say('')).catch(() => say(word('failed'), 'bad'))
