let mine = null // the stars of the meeting that the page is about
let meeting // its slug

const showStars = () => {
  if (!mine) return
  const all = mine.read()
  for (const b of document.querySelectorAll('[data-star]')) b.setAttribute('aria-pressed', String(all.has(b.dataset.star)))
  for (const n of document.querySelectorAll('[data-starcount]')) n.textContent = all.size ? String(all.size) : ''
}

document.addEventListener('click', (e) => {
  const b = e.target instanceof Element ? e.target.closest('[data-star]') : null
  if (!b || !mine) return
  const on = mine.toggle(b.dataset.star)
  b.setAttribute('aria-pressed', String(on))
  showStars()
  showMine()
})
addEventListener('storage', () => { showStars(); showMine() })
document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') mine?.meet() })

// "My timetable" shows the starred sessions and says which of them overlap.
const showMine = () => {
  const page = document.querySelector('[data-mine]')
  if (!page || !mine) return
  const all = mine.read()
  const kept = []
  for (const day of page.querySelectorAll('[data-dayof]')) {
    let any = false
    for (const s of day.querySelectorAll('.session')) {
      s.hidden = !all.has(s.dataset.ref)
      if (s.hidden) continue
      any = true
      kept.push(s)
    }
    day.hidden = !any
  }
  for (const tag of page.querySelectorAll('.clash')) tag.remove()
  for (const a of kept) {
    const clash = kept.some((b) => a !== b && a.dataset.within !== b.dataset.ref && b.dataset.within !== a.dataset.ref && a.dataset.start && b.dataset.start && a.dataset.start < b.dataset.end && b.dataset.start < a.dataset.end)
    if (!clash) continue
    const tag = document.createElement('span')
    tag.className = 'tag clash'
    tag.textContent = page.dataset.clash
    a.querySelector('.meta').append(tag)
  }
  page.querySelector('[data-none]').hidden = kept.length > 0
  const link = page.querySelector('[data-icslink]')
  link.hidden = kept.length === 0
  link.href = page.dataset.ics + kept.map((s) => s.dataset.ref).join(',')
}

// What is running, what is over, and a line at the present time.
const showNow = () => {
  const now = Date.now()
  const sessions = [...document.querySelectorAll('.timetable .session[data-start]')]
  for (const s of sessions) {
    const from = Date.parse(s.dataset.start)
    const to = Math.max(Date.parse(s.dataset.end), from + 60000)
    s.classList.toggle('is-now', from <= now && now < to && !s.classList.contains('cancelled'))
    s.classList.toggle('is-past', to <= now && document.documentElement.dataset.today === 'yes')
  }
  nowLine(now, sessions)
  nowNext(now, sessions)
}

const nowLine = (now, sessions) => {
  const grid = document.querySelector('.timetable .grid')
  if (!grid) return
  grid.querySelector('.nowline')?.remove()
  const hours = [...grid.querySelectorAll('.hour')]
  for (const h of hours) h.classList.remove('behind')
  const hour = hours.filter((h) => Date.parse(h.dataset.at) <= now).pop()
  const last = Math.max(...sessions.map((s) => Date.parse(s.dataset.end)))
  if (!hour || now > last) return
  const style = getComputedStyle(hour)
  const from = parseInt(style.gridRowStart, 10)
  const to = parseInt(style.gridRowEnd, 10)
  const next = hours[hours.indexOf(hour) + 1]
  const end = next ? Date.parse(next.dataset.at) : last
  const start = Date.parse(hour.dataset.at)
  if (!(end > start) || now - start > 3600000) return
  const unit = grid.closest('.unit1') ? 60000 : 300000
  const line = document.createElement('div')
  line.className = 'nowline'
  line.style.gridRow = String(Math.min(from + Math.floor((now - start) / unit), to))
  const label = document.createElement('span')
  label.textContent = clock(now)
  line.append(label)
  hour.classList.toggle('behind', now - start < 15 * 60000)
  grid.append(line)
}

let zone = '' // midnight of the day shown, with the offset of the meeting's clocks
let minutes = 0 // that offset

// clock writes a moment as the meeting's clocks show it, wherever the reader is.
const clock = (ms) => new Date(ms + minutes * 60000).toISOString().slice(11, 16)

const nowNext = (now, sessions) => {
  const box = document.querySelector('[data-nownext]')
  if (!box) return
  const rooms = new Map()
  for (const s of sessions) {
    if (s.classList.contains('cancelled')) continue
    const room = s.querySelector('.where')?.textContent ?? ''
    const from = Date.parse(s.dataset.start)
    const r = rooms.get(room) ?? {}
    if (s.classList.contains('is-now')) r.now = s
    else if (from > now && from - now < 3 * 3600000 && (!r.next || from < Date.parse(r.next.dataset.start))) r.next = s
    rooms.set(room, r)
  }
  box.replaceChildren()
  const order = [...document.querySelectorAll('.timetable .grid > .room b')].map((b) => b.textContent)
  const place = (room) => (order.indexOf(room) + order.length + 1) % (order.length + 1)
  for (const [room, r] of [...rooms].sort((a, b) => place(a[0]) - place(b[0]))) {
    if (!r.now && !r.next) continue
    const div = document.createElement('div')
    const name = document.createElement('b')
    name.textContent = room || box.dataset.elsewhere
    div.append(name)
    for (const [s, label] of [[r.now, box.dataset.now], [r.next, box.dataset.next]]) {
      if (!s) continue
      const p = document.createElement('p')
      const i = document.createElement('i')
      i.textContent = label + ' ' + clock(Date.parse(s.dataset.start))
      const a = s.querySelector('h3 a').cloneNode(true)
      p.append(i, ' ', a)
      div.append(p)
    }
    box.append(div)
  }
  const today = new Date(now + minutes * 60000).toISOString().slice(0, 10) === zone.slice(0, 10)
  box.hidden = !today || box.childElementCount === 0
}

// begin makes what the server sent into the page of this reader and moment, at first and whenever new content came (see kit/live).
const begin = () => {
  const root = document.querySelector('[data-meeting]')
  if (root?.dataset.meeting !== meeting) {
    meeting = root?.dataset.meeting
    mine = meeting ? makeStars(meeting, () => { showStars(); showMine() }) : null
    mine?.meet()
  }
  zone = document.querySelector('.timetable')?.dataset.zone ?? ''
  const offset = /([+-])(\d\d):(\d\d)$/.exec(zone)
  minutes = offset ? (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) : 0
  // The current day is brought into view where there are many, without moving the page.
  const current = document.querySelector('.days [aria-current]')
  if (current) current.parentElement.scrollLeft = current.offsetLeft - (current.parentElement.clientWidth - current.offsetWidth) / 2
  if (zone) today()
  showStars()
  showMine()
}

// today marks the day it is, the present time, and how far the reader's clock is from the meeting's.
const today = () => {
  const date = new Date(Date.now() + minutes * 60000).toISOString().slice(0, 10)
  if (zone.startsWith(date)) document.documentElement.dataset.today = 'yes'
  document.querySelector(`.days [data-day="${date}"]`)?.classList.add('today')
  showNow()
  const here = -new Date(zone).getTimezoneOffset()
  const note = document.querySelector('[data-zonediff]')
  if (note && here !== minutes) {
    const diff = (here - minutes) / 60
    note.textContent = note.dataset.zonediff + ' ' + (diff > 0 ? '+' : '−') + Math.abs(diff)
  }
}

begin()
if (zone) setInterval(showNow, 30000)
document.addEventListener('live:refreshed', begin)
