// Draws what a screen shows from its state (state.go), at a moment. What is on is a function of the state and the moment alone, so that all
// screens turn their pages together, and the desk sees the same. It runs in browsers of televisions, which are years old: no syntax after
// 2020.

// named gives classes a prefix, so that no style of the site around a small picture of a screen reaches into it.
const named = (cls) => cls.split(' ').filter(Boolean).map((c) => (c.startsWith('sgn') ? c : 'sgn_' + c)).join(' ')
const h = (tag, cls, ...children) => {
  const e = document.createElement(tag)
  if (cls) e.className = named(cls)
  for (const c of children) if (c !== null && c !== undefined && c !== '') e.append(c)
  return e
}
const NS = 'http://www.w3.org/2000/svg'
const svg = (box, d, cls) => {
  const s = document.createElementNS(NS, 'svg')
  s.setAttribute('viewBox', box)
  s.setAttribute('aria-hidden', 'true')
  if (cls) s.setAttribute('class', named(cls))
  const p = document.createElementNS(NS, 'path')
  p.setAttribute('d', d)
  s.append(p)
  return s
}
const icons = {
  record: 'M4 7h3l2-2h6l2 2h3v12H4zM12 9a4 4 0 1 0 .01 0zM3.3 2 2 3.3 20.7 22l1.3-1.3z',
  share: 'M18 3a3 3 0 1 0 .01 0zM6 9a3 3 0 1 0 .01 0zM18 15a3 3 0 1 0 .01 0zM7 11.2l10-5.4.8 1.5-10 5.5zM7.8 11.2l10 5.5-.8 1.5-10-5.4zM3.3 2 2 3.3 20.7 22l1.3-1.3z',
  warn: 'M12 2 1 21h22zM11 9h2v6h-2zM11 17h2v2h-2z',
  info: 'M12 2a10 10 0 1 0 .01 0zM11 10h2v8h-2zM11 6h2v2h-2z',
}

// baseFor is how long the programme stays before something else comes, in seconds, and perRound how many notices come in between.
const baseFor = 20
const changesFor = 10
const sponsorsFor = 10
const surveyFor = 12
const perRound = 3
const roomsAtOnce = 6
const orgsAtOnce = 18
const changeShownFor = 3 * 3600000
const turnLanguage = 12000

class View {
  constructor(root, words) {
    this.root = root
    this.words = words
    this.state = null
    this.offline = 0
    this.drawn = ''
    root.classList.add('sgn-root')
    this.view = h('div', 'sgn')
    root.append(this.view)
    if (typeof ResizeObserver === 'function') new ResizeObserver(() => this.fit()).observe(root)
  }

  // say is a word of the program in the languages that are on: [main, beside].
  say(key, values) {
    const of = (lang) => {
      let s = this.words[lang][key] || key
      for (const name of Object.keys(values || {})) s = s.replace('{' + name + '}', values[name])
      return s
    }
    return this.lang === 'both' ? [of('ja'), of('en')] : [of(this.lang), '']
  }

  // pick is a text in the languages that are on: [main, beside, language of main].
  pick(t) {
    if (!t) return ['', '', 'ja']
    if (this.lang === 'both') return t.ja ? [t.ja, t.en || '', 'ja'] : [t.en || '', '', 'en']
    const other = this.lang === 'ja' ? 'en' : 'ja'
    return t[this.lang] ? [t[this.lang], '', this.lang] : [t[other] || '', '', other]
  }

  // pair puts both languages beside each other.
  pair(cls, [main, beside]) {
    const p = h('span', cls, h('span', '', main))
    if (beside && beside !== main) {
      const e = h('span', 'en', beside)
      e.lang = 'en'
      p.append(' ', e)
    }
    return p
  }

  label(key, values) { return this.pair('lbl', this.say(key, values)) }

  text(tag, cls, t) {
    const [main, beside, lang] = this.pick(t)
    const e = h(tag, cls)
    const first = h('span', 'main', main)
    first.lang = lang
    e.append(first)
    if (beside) {
      const second = h('span', 'en', beside)
      second.lang = 'en'
      e.append(second)
    }
    return e
  }

  offset(t) {
    const all = this.state.meeting.offsets
    let minutes = all.length ? all[0].minutes : 0
    for (const o of all) if (o.from <= t) minutes = o.minutes
    return minutes
  }

  clock(t) { return new Date(t + this.offset(t) * 60000).toISOString().slice(11, 16) }

  // show draws the state as of a moment.
  show(state, now) {
    this.state = state
    const s = state.screen
    this.lang = s.languages === 'alternate' ? (Math.floor(now / turnLanguage) % 2 ? 'en' : 'ja') : s.languages
    const item = this.item(now)
    this.shows = item.id
    const parts = this.parts(item, now)
    const key = JSON.stringify([item.id, this.lang, s, parts.key, state.override || 0, Math.floor(now / 60000), this.offline])
    if (key !== this.drawn) {
      this.drawn = key
      this.draw(item, parts, now)
    }
    this.move(now)
  }

  // item is what the main part of the screen is for.
  item(now) {
    const { screen: s, override, meeting, notices } = this.state
    if (override) return { id: 'override' }
    if (s.blank) return { id: 'blank' }
    const all = notices || []
    if (s.hold && now < s.holdUntil) {
      const held = all.find((n) => n.ref === s.hold)
      if (held) return { id: 'notice:' + held.ref, notice: held }
    }
    if (s.mode === 'stage') return { id: 'stage' }
    const base = this.bases()
    const busy = s.mode === 'room' && this.onNow(s.room, now).length > 0
    if (s.mode !== 'notices' && (s.turn === 'never' || s.turn === 'strip' || s.turn === 'breaks' && busy)) return this.turned(base, now)
    return this.turned(this.round(base, this.current(now), now), now)
  }

  // current are the notices that may be seen now.
  current(now) { return (this.state.notices || []).filter((n) => n.spans.some(([a, b]) => a <= now && now < b)) }

  // bases are the pages of the programme: one, or several where there are many rooms.
  bases() {
    const { screen: s } = this.state
    if (s.mode === 'room') return [{ id: 'now', seconds: baseFor }]
    const rooms = this.rooms()
    const pages = Math.max(1, Math.ceil(rooms.length / roomsAtOnce))
    return Array.from({ length: pages }, (_, i) => ({ id: pages > 1 ? 'now-' + (i + 1) : 'now', seconds: baseFor, page: i }))
  }

  // round puts everything that takes its turn in order: after the programme three notices, then the programme again.
  round(base, notices, now) {
    const { screen: s, meeting: m } = this.state
    const more = notices.filter((n) => !n.urgent).map((n) => ({ id: 'notice:' + n.ref, notice: n, seconds: n.seconds }))
    if (s.turn !== 'never' && s.turn !== 'strip') {
      ;(m.sponsors || []).forEach((group, i) => {
        for (let at = 0; at < group.orgs.length; at += orgsAtOnce) {
          more.push({ id: 'sponsors-' + (i + 1) + '-' + at, group: { role: group.role, class: group.class, orgs: group.orgs.slice(at, at + orgsAtOnce) }, seconds: sponsorsFor })
        }
      })
      if (m.survey) more.push({ id: 'survey', seconds: surveyFor })
    }
    const between = notices.filter((n) => n.urgent).map((n) => ({ id: 'notice:' + n.ref, notice: n, seconds: n.seconds }))
    const start = s.mode === 'notices' ? [] : [...base]
    if (s.mode !== 'notices' && s.mode !== 'room' && this.changes(now).length) start.push({ id: 'changes', seconds: changesFor })
    const out = []
    for (let i = 0; i < Math.max(1, more.length); i += perRound) out.push(...start, ...between, ...more.slice(i, i + perRound))
    return out.length ? out : base
  }

  turned(list, now) {
    const total = list.reduce((sum, x) => sum + x.seconds, 0)
    let at = Math.floor(now / 1000) % total
    for (const x of list) {
      if (at < x.seconds) return x
      at -= x.seconds
    }
    return list[0]
  }

  // rooms are the rooms that have sessions on the days that are known.
  rooms() {
    const m = this.state.meeting
    const used = new Set(m.sessions.map((x) => x.room || ''))
    const rooms = m.rooms.filter((r) => used.has(r.key))
    if (rooms.length) return rooms
    return m.sessions.length ? [{ key: '', name: m.name, place: {} }] : []
  }

  day(now) { return this.state.meeting.days.find((d) => d.from <= now && now < d.until) }

  // of are the sessions of a room that take place, in order.
  of(room) { return this.state.meeting.sessions.filter((x) => !x.gone && (x.all || (x.room || '') === room)) }

  onNow(room, now) { return this.of(room).filter((x) => x.from <= now && now < Math.max(x.until, x.from + 60000)) }

  // nowAndNext is what is on in a room, and what comes after it on the same day.
  nowAndNext(room, now) {
    const day = this.day(now)
    const list = this.of(room)
    const on = this.onNow(room, now)
    const current = on.length ? on[on.length - 1] : null
    const next = (day && list.find((x) => x.from > now && !x.pause && x.from < day.until)) || null
    return { now: current, next, day }
  }

  // changes are the sessions of today that are not as they were announced, and are not long past.
  changes(now) {
    const day = this.day(now)
    if (!day) return []
    return this.state.meeting.sessions.filter((x) => (x.wasFrom || x.wasRoom || x.gone) && x.from >= day.from && x.from < day.until && x.until > now && x.from < now + changeShownFor)
  }

  minutes(x) { return Math.max(0, Math.ceil(x / 60000)) }

  // parts is what the item needs of the programme, and a key that changes with it.
  parts(item, now) {
    const { screen: s, meeting: m } = this.state
    if (item.id === 'stage' || item.id === 'now' && s.mode === 'room') {
      const x = this.nowAndNext(s.room, now)
      return { ...x, key: [x.now && x.now.ref, x.next && x.next.ref, this.step(x.now, now), this.stripAt(now)] }
    }
    if (item.id.startsWith('now')) {
      const rooms = this.rooms().slice((item.page || 0) * roomsAtOnce, ((item.page || 0) + 1) * roomsAtOnce)
      const rows = rooms.map((room) => ({ room, ...this.nowAndNext(room.key, now) }))
      return { rows, key: [rows.map((r) => [r.room.key, r.now && r.now.ref, r.next && r.next.ref, this.step(r.now, now)]), this.stripAt(now), m.sessions.length] }
    }
    if (item.id === 'changes') return { list: this.changes(now), key: [this.changes(now).map((x) => x.ref), this.stripAt(now)] }
    return { key: [this.stripAt(now)] }
  }

  step(x, now) { return x && x.steps ? x.steps.findIndex((p) => p.from && p.from <= now && now < p.until) : -1 }

  // stripAt is which notice the strip carries.
  stripAt(now) {
    const list = this.strip(now)
    return list.length ? list[Math.floor(now / 9000) % list.length].ref : ''
  }

  strip(now) { return this.state.screen.turn === 'never' ? [] : this.current(now) }

  draw(item, parts, now) {
    const { screen: s, meeting: m } = this.state
    const v = this.view
    v.className = ['sgn', s.theme, 'lang-' + this.lang, 'mode-' + s.mode, 'on-' + item.id.split(/[-:]/)[0]].join(' ')
    v.lang = this.lang === 'en' ? 'en' : 'ja'
    v.style.setProperty('--accent', m.accent[s.theme === 'light' ? 0 : 1])
    v.replaceChildren()
    if (item.id === 'blank') { this.identify(now); return }
    if (item.id === 'override') {
      v.append(this.cover(now))
      this.fit()
      return
    }
    v.append(this.head(now))
    const body = h('div', 'sgn-main')
    const draw = { changes: 'drawChanges', survey: 'drawSurvey', stage: 'drawStage', notice: 'drawNotice', sponsors: 'drawSponsors' }[item.id.split(/[-:]/)[0]]
    if (draw) this[draw](body, item, parts, now)
    else if (s.mode === 'room') this.drawRoom(body, parts, now)
    else this.drawRooms(body, parts, now)
    v.append(body, this.foot(item, now))
    this.identify(now)
    this.fit()
  }

  head(now) {
    const { screen: s, meeting: m } = this.state
    const left = h('p', 'where', this.text('span', 'meeting', m.name))
    const room = s.mode !== 'foyer' && s.mode !== 'notices' && m.rooms.find((r) => r.key === s.room)
    if (room) {
      left.append(' ', this.text('b', 'room', room.name))
      const place = this.pick(room.place)[0]
      if (place) left.append(' ', h('span', 'place', place))
    }
    const day = this.day(now)
    const date = day ? this.pair('date', this.pick(day.label)) : null
    const clock = h('p', 'time', date, h('span', 'clock', this.clock(now)))
    return h('header', 'sgn-head', left, clock)
  }

  // times are the time of a session and what changed about it.
  times(x, more) {
    const p = h('p', 'times', h('span', 'span', this.clock(x.from) + '–' + (x.open ? '' : this.clock(x.until))))
    if (more) p.append(' ', more)
    const moved = this.moved(x)
    if (moved) p.append(' ', moved)
    return p
  }

  moved(x) {
    if (x.gone) return this.pair('changed', this.say('cancelled'))
    if (x.wasFrom && x.wasFrom !== x.from) return this.pair('changed', this.say('moved_time', { time: this.clock(x.wasFrom) }))
    if (x.wasRoom) {
      const [ja, en] = [x.wasRoom.ja || x.wasRoom.en, x.wasRoom.en || x.wasRoom.ja]
      const of = (l) => this.words[l].moved_room.replace('{room}', l === 'en' ? en : ja)
      return this.pair('changed', this.lang === 'both' ? [of('ja'), of('en')] : [of(this.lang), ''])
    }
    return null
  }

  people(list, most) {
    if (!list || !list.length) return null
    const p = h('p', 'cast')
    list.slice(0, most).forEach((x) => {
      const name = h('span', 'name', this.pick(x.name)[0])
      const of = this.pick(x.of)[0]
      if (of) name.append(' ', h('small', '', of))
      p.append(name, ' ')
    })
    if (list.length > most) p.append(h('span', 'name more', '+' + (list.length - most)))
    return p
  }

  rules(x) {
    if (!x.noRecord && !x.noSns) return null
    const p = h('p', 'rules')
    if (x.noRecord) p.append(h('span', 'rule', svg('0 0 24 24', icons.record), this.pair('', this.say('no_record'))))
    if (x.noSns) p.append(h('span', 'rule', svg('0 0 24 24', icons.share), this.pair('', this.say('no_sns'))))
    return p
  }

  bar(x) {
    if (!x || x.open) return null
    const bar = h('div', 'bar')
    bar.dataset.from = x.from
    bar.dataset.until = x.until
    bar.append(h('i'))
    return bar
  }

  left(x, now) {
    if (x.open) return null
    const e = this.pair('left', this.say('left', { n: this.minutes(x.until - now) }))
    return e
  }

  title(x, fit) {
    const e = this.text('h1', 'title', x.title)
    e.dataset.fit = fit
    return e
  }

  drawRoom(body, { now: on, next }, now) {
    const box = h('section', 'now')
    const shown = on || next
    if (!shown) {
      box.append(this.rest(now))
      body.append(box)
      return
    }
    const line = h('div', 'line', this.label(on ? 'now' : 'next'))
    line.append(this.times(shown, on ? this.left(on, now) : this.pair('left', this.until(next, now))))
    const inside = h('div', 'inside', this.title(shown, '7 6.2 5.4 4.7 4.1 3.6 3.1 2.7'))
    const step = on ? this.step(on, now) : -1
    if (step >= 0) inside.append(this.stepOf(on, step))
    else inside.append(this.people(shown.who, 6) || '')
    const rules = this.rules(shown)
    if (rules) inside.append(rules)
    box.append(line, inside)
    const bar = on && this.bar(on)
    if (bar) box.append(bar)
    body.append(box)
    if (on && next) body.append(h('section', 'then', h('div', 'line', this.label('next'), this.times(next)), this.oneLine(next)))
    else if (on) body.append(h('section', 'then quiet', this.label('last_here')))
  }

  oneLine(x) {
    const e = this.text('h2', 'title', x.title)
    e.dataset.fit = '3.1 2.8 2.5 2.2 2 1.8 1.6'
    return h('div', 'one', e)
  }

  stepOf(x, i) {
    const p = x.steps[i]
    const e = h('div', 'step', h('span', 'span', this.clock(p.from)), ' ', this.text('b', '', p.title))
    const who = this.people(p.who, 3)
    if (who) e.append(who)
    return e
  }

  until(x, now) {
    const n = this.minutes(x.from - now)
    if (n <= 1) return this.say('soon')
    if (n < 60) return this.say('starts_in', { n })
    return this.say('starts_in_hours', { h: Math.floor(n / 60), n: n % 60 })
  }

  // rest is what is said when nothing more comes today.
  rest(now) {
    const m = this.state.meeting
    const box = h('div', 'rest')
    const ahead = m.sessions.filter((x) => !x.gone && x.from > now).sort((a, b) => a.from - b.from)[0]
    const day = this.day(now)
    box.append(this.big(m.over ? 'over' : day ? 'done_today' : ahead ? 'not_today' : 'unknown'))
    if (ahead) {
      const at = m.days.find((d) => d.from <= ahead.from && ahead.from < d.until)
      const label = this.pick(at && at.label)
      const of = (lang, l) => this.words[lang].resumes.replace('{day}', l || '').replace('{time}', this.clock(ahead.from))
      box.append(this.pair('resumes', this.lang === 'both' ? [of('ja', label[0]), of('en', label[1])] : [of(this.lang, label[0]), '']))
    }
    return box
  }

  big(key) {
    const [main, beside] = this.say(key)
    const e = h('h1', 'title', h('span', 'main', main))
    if (beside) {
      const second = h('span', 'en', beside)
      second.lang = 'en'
      e.append(second)
    }
    e.dataset.fit = '5.4 4.7 4.1 3.6 3.1'
    return e
  }

  drawRooms(body, { rows }, now) {
    if (!rows.some((r) => r.now || r.next)) {
      body.append(h('section', 'now', this.rest(now)))
      return
    }
    const table = h('div', 'rooms n' + rows.length)
    for (const r of rows) {
      const place = this.pick(r.room.place)[0]
      const row = h('section', 'roomrow', h('div', 'roomname', this.text('b', '', r.room.name), place ? h('span', 'place', place) : ''))
      row.append(this.cell('now', r.now, now), this.cell('next', r.next, now))
      table.append(row)
    }
    body.append(table)
  }

  cell(kind, x, now) {
    const c = h('div', 'cell ' + kind)
    if (!x) {
      c.classList.add('sgn_none')
      c.append(kind === 'now' ? '' : this.label('nothing'))
      return c
    }
    if (x.pause) c.classList.add('sgn_pause')
    c.append(h('div', 'line', this.label(kind), this.times(x, kind === 'now' ? this.left(x, now) : null)))
    const t = this.text('h2', 'title', x.title)
    t.dataset.fit = kind === 'now' ? '3.1 2.8 2.5 2.2 1.9 1.7 1.5' : '2.5 2.2 1.95 1.7 1.5 1.35'
    const i = kind === 'now' ? this.step(x, now) : -1
    c.append(h('div', 'inside', t, i >= 0 ? this.stepOf(x, i) : kind === 'now' ? this.people(x.who, 4) : '', kind === 'now' ? this.rules(x) : ''))
    const bar = kind === 'now' && this.bar(x)
    if (bar) c.append(bar)
    return c
  }

  drawChanges(body, _, { list }) {
    const box = h('section', 'list', h('div', 'line', this.label('changes')))
    const rows = h('div', 'rows')
    const m = this.state.meeting
    for (const x of list.slice(0, 6)) {
      const room = m.rooms.find((r) => r.key === x.room)
      const row = h('div', 'change' + (x.gone ? ' gone' : ''), h('div', 'line', h('span', 'span', this.clock(x.from)), room ? this.text('span', 'where', room.name) : '', this.moved(x)))
      const t = this.text('h2', 'title', x.title)
      t.dataset.fit = '2.8 2.5 2.2 2 1.8'
      row.append(h('div', 'inside', t))
      rows.append(row)
    }
    box.append(rows)
    body.append(box)
  }

  drawNotice(body, { notice: n }) {
    const [picture] = this.pick(n.picture)
    const box = h('section', 'notice' + (picture ? ' picture' : '') + (n.urgent ? ' urgent' : ''))
    if (picture) {
      const img = h('img')
      img.src = picture
      img.alt = this.pick(n.title)[0]
      box.append(img)
      body.append(box)
      return
    }
    const line = h('div', 'line', this.label('notice'))
    if (n.standing) line.append(this.pair('standing ' + n.standing, this.say(n.standing)))
    const t = this.text('h1', 'title', n.title)
    const text = h('div', 'text')
    const all = [['ja', n.html.ja], ['en', n.html.en]].filter(([l, s]) => s && (this.lang === 'both' || l === this.lang))
    if (!all.length) for (const l of ['ja', 'en']) if (n.html[l]) all.push([l, n.html[l]])
    for (const [l, s] of all.slice(0, 2)) {
      const d = h('div', 'prose ' + l)
      d.lang = l
      d.innerHTML = s // made by the server of Markdown, and cleaned there (kit/markdown)
      for (const e of d.querySelectorAll('[tabindex]')) e.removeAttribute('tabindex') // nothing is operated here
      text.append(d)
    }
    const inside = h('div', 'inside', t, text)
    inside.dataset.fit = '1.25 1.12 1 .88 .78 .68 .6 .52'
    const row = h('div', 'cols' + (n.qr ? '' : ' wide'), inside)
    if (n.qr) row.append(this.code(n.qr, n.link))
    box.append(line, row)
    body.append(box)
  }

  code(qr, url) {
    const fig = h('figure', 'qr', svg('0 0 ' + qr.size + ' ' + qr.size, qr.path))
    if (url) {
      const caption = h('figcaption')
      url.replace(/^https?:\/\//, '').replace(/\/$/, '').replace(/([/.?&])/g, '$1\n').split('\n').forEach((part) => caption.append(part, h('wbr')))
      fig.append(caption)
    }
    return fig
  }

  drawSponsors(body, { group }) {
    const box = h('section', 'sponsors', h('div', 'line', this.label('role_' + group.role), group.class.ja || group.class.en ? this.text('b', 'class', group.class) : ''))
    const list = h('ul', 'orgs n' + Math.min(group.orgs.length, 24))
    for (const o of group.orgs) {
      const li = h('li', o.logo ? 'logo' : '')
      if (o.logo) {
        const img = h('img')
        img.src = o.logo
        img.alt = this.pick(o.name)[0]
        li.append(img)
      } else li.append(this.pick(o.name)[0])
      list.append(li)
    }
    const inside = h('div', 'inside', list)
    inside.dataset.fit = '3 2.6 2.3 2 1.7 1.5 1.3'
    box.append(inside)
    body.append(box)
  }

  drawSurvey(body) {
    const s = this.state.meeting.survey
    const title = s.title.ja || s.title.en ? this.text('h1', 'title', s.title) : this.big('survey')
    title.dataset.fit = '5.4 4.7 4.1 3.6'
    body.append(h('section', 'survey', h('div', 'cols', h('div', 'inside', title, h('p', 'hint', this.pair('', this.say('survey_hint')))), this.code(s.qr, s.url))))
  }

  drawStage(body, _, { now: on, next }, now) {
    const box = h('section', 'stage')
    if (!on) {
      box.append(next ? h('div', '', h('div', 'line', this.label('next'), this.times(next, this.pair('left', this.until(next, now)))), h('div', 'inside', this.title(next, '5.4 4.7 4.1 3.6 3.1'))) : this.rest(now))
      body.append(box)
      return
    }
    const n = this.minutes(on.until - now)
    const count = h('div', 'count' + (n <= 5 ? ' last' : ''), h('b', '', String(n)), this.pair('unit', this.say('minutes')))
    box.append(h('div', 'line', this.label('left_title'), this.times(on)), count, h('div', 'inside', this.title(on, '3.6 3.1 2.7 2.3')), this.bar(on) || '')
    body.append(box)
    if (next) body.append(h('section', 'then', h('div', 'line', this.label('next'), this.times(next)), this.oneLine(next)))
  }

  foot(item, now) {
    const { meeting: m } = this.state
    const foot = h('footer', 'sgn-foot')
    const list = item.id.startsWith('notice') ? [] : this.strip(now)
    const n = list.length ? list[Math.floor(now / 9000) % list.length] : null
    const left = h('p', 'strip')
    if (n) left.append(this.label('notice'), ' ', this.text('span', 'what', n.title))
    const right = h('p', 'side')
    if (this.offline) right.append(this.pair('offline', this.say('offline', { time: this.clock(this.offline) })))
    if (m.hashtag) right.append(' ', h('span', 'hashtag', m.hashtag))
    foot.append(left, right)
    return foot
  }

  cover(now) {
    const o = this.state.override
    const box = h('div', 'cover ' + o.severity)
    box.setAttribute('role', 'alert')
    box.append(svg('0 0 24 24', o.severity === 'info' ? icons.info : icons.warn, 'sign'))
    const text = h('div', 'inside')
    for (const l of ['ja', 'en']) {
      const s = o.text[l]
      if (!s) continue
      const p = h('p', l, s)
      p.lang = l
      text.append(p)
    }
    text.dataset.fit = '7 6 5.2 4.5 3.9 3.4 2.9 2.5 2.1'
    box.append(text, h('p', 'clock', this.clock(now)))
    return box
  }

  identify(now) {
    const s = this.state.screen
    if (!s.identify || now >= s.identify) return
    this.view.append(h('div', 'identify', h('b', '', s.name)))
    setTimeout(() => { this.drawn = '' }, Math.max(0, s.identify - now))
  }

  // move is what changes without being drawn anew: bars, and the shift that keeps a picture from burning in.
  move(now) {
    for (const bar of this.view.querySelectorAll('.sgn_bar')) {
      const [from, until] = [Number(bar.dataset.from), Number(bar.dataset.until)]
      bar.firstElementChild.style.width = Math.min(100, Math.max(0, (now - from) / (until - from) * 100)).toFixed(2) + '%'
    }
    const step = Math.floor(now / 90000) % 8
    this.view.style.setProperty('--x', [0, 1, 1, 1, 0, -1, -1, -1][step])
    this.view.style.setProperty('--y', [-1, -1, 0, 1, 1, 1, 0, -1][step])
  }

  // fit makes type as large as its place allows: the first size at which nothing is cut. In a crowded place the people give way before the
  // title becomes small.
  fit() {
    for (const e of this.view.querySelectorAll('[data-fit]')) {
      const own = e.classList.contains('sgn_inside')
      const box = own ? e : e.parentElement
      const sizes = e.dataset.fit.split(' ')
      box.classList.remove('sgn_tight')
      if (this.fits(e, box, own, own ? sizes : sizes.slice(0, Math.ceil(sizes.length / 2)))) continue
      box.classList.add('sgn_tight')
      this.fits(e, box, own, sizes)
    }
  }

  fits(e, box, own, sizes) {
    for (const size of sizes) {
      e.style.setProperty('--size', size)
      const type = parseFloat(getComputedStyle(e).fontSize)
      if (!own && box.clientWidth < 11 * type && e.textContent.length > 11) continue // it would break inside words
      // A line's letters reach a little over its box, and that is no overflow.
      if (box.scrollHeight <= box.clientHeight + Math.max(2, type * .16) && box.scrollWidth <= box.clientWidth + 1) return true
    }
    return false
  }
}

// wordsOf reads the words that the page brings.
const wordsOf = () => JSON.parse(document.getElementById('sgn-words').textContent)
