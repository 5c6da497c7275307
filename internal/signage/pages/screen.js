// The page of a screen: it asks for what it shows, keeps that for when the network is away, waits to be paired, and says that it is alive.
// A preview (data-state names another address) only draws.

const page = document.getElementById('sgn')
const preview = page.dataset.state !== '/screen/state.json'
const words = wordsOf()
const view = new View(page, words)
const KEPT = 'tsudoi.screen'
const askEvery = 5000
const askSeldom = 20000
const quietAfter = 45000 // how long the network may be away before anybody is told
const mostOutages = 5

const kept = (() => {
  if (preview) return {}
  try { return JSON.parse(localStorage.getItem(KEPT) || '{}') } catch { return {} }
})()
const keep = () => {
  if (preview) return
  try { localStorage.setItem(KEPT, JSON.stringify(kept)) } catch { /* a browser that keeps nothing shows nothing after a reload without the network */ }
}

// The clock: ours plus what was learnt from the server. offset is kept for a start without the network.
let offset = kept.offset || 0
let jumped = 0 // what the clock of this machine was put back by since
const now = () => Date.now() + offset + jumped
let lastWall = Date.now()
let lastRun = performance.now()

// watchClock finds that somebody set the clock. Put back, it is made up for, as time never runs backwards. Put forward, it may as well be a
// machine that slept; then the server is asked at once, and without it this clock is believed.
const watchClock = () => {
  const wall = Date.now()
  const run = performance.now()
  const leap = wall - lastWall - (run - lastRun)
  lastWall = wall
  lastRun = run
  if (leap < -2000) jumped -= leap
  if (Math.abs(leap) > 2000) ask()
}

let etag = ''
let asking = false
let live = false
let source = null
let code = null // while it waits to be paired

const learn = (res, sent) => {
  const at = Number(res.headers.get('Tsudoi-Time'))
  const took = Date.now() - sent
  if (!at || took > 4000) return
  const found = at + took / 2 - Date.now()
  if (Math.abs(found - offset - jumped) > 150) { offset = found; jumped = 0 }
  kept.offset = offset + jumped
}

const fetchIn = (url, options, limit) => {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), limit)
  return fetch(url, { ...options, signal: stop.signal }).finally(() => clearTimeout(timer))
}

// ask reads the state. A 304 says that it is the one we have.
const ask = async () => {
  if (asking) return
  asking = true
  try {
    const sent = Date.now()
    const res = await fetchIn(page.dataset.state, { cache: 'no-store', headers: etag ? { 'If-None-Match': etag } : {} }, 8000)
    if (!res.ok && res.status !== 304) throw new Error(String(res.status))
    learn(res, sent)
    if (res.status === 200) {
      const state = await res.json()
      etag = state.paired ? res.headers.get('ETag') || '' : ''
      arrived(state)
    }
    back()
  } catch { /* the network is away; draw says since when */ } finally {
    asking = false
  }
  draw()
}

// back ends a time without the network.
const back = () => {
  const t = now()
  if (kept.seen && t - kept.seen > quietAfter && kept.state) {
    kept.outages = [...(kept.outages || []), { from: Math.round(kept.seen), until: Math.round(t) }].slice(-mostOutages)
  }
  kept.seen = t
  keep()
}

const arrived = (state) => {
  if (!state.paired) {
    if (kept.state) { delete kept.state; delete kept.outages; keep(); view.drawn = '' }
    if (source) { source.close(); source = null; live = false }
    wait()
    return
  }
  code = null
  const reload = state.screen.reload || 0
  const first = kept.reload === undefined
  const again = !preview && (!first && reload > kept.reload || state.app !== page.dataset.app && sessionStorage.getItem('tsudoi.app') !== state.app)
  kept.state = state
  kept.reload = reload
  view.drawn = ''
  keep()
  if (again) {
    sessionStorage.setItem('tsudoi.app', state.app) // once for each version, whatever comes of it
    location.reload()
    return
  }
  pictures(state)
  follow()
}

// pictures has the worker keep what the state names, and nothing else.
const pictures = (state) => {
  const worker = navigator.serviceWorker && navigator.serviceWorker.controller
  if (!worker || preview) return
  const urls = []
  for (const n of state.notices || []) urls.push(n.picture.ja, n.picture.en, ...(((n.html.ja || '') + (n.html.en || '')).match(/\/media\/[0-9a-f]+\.[a-z]+/g) || []))
  for (const g of state.meeting.sponsors || []) for (const o of g.orgs) urls.push(o.logo)
  worker.postMessage({ keep: [...new Set(urls.filter(Boolean))] })
}

// follow has the server say when there is something new; without that we ask often.
const follow = () => {
  if (source || !page.dataset.live || typeof EventSource !== 'function') return
  source = new EventSource(page.dataset.live)
  source.onopen = () => { live = true }
  source.onerror = () => { live = false; if (source.readyState === 2) source = null }
  const hint = () => ask()
  for (const name of ['now', 'hint']) source.addEventListener(name, hint) // kit/live: on connecting, and with every change
}

// wait shows the code of a screen that waits to be paired, and a new one before it runs out.
const wait = async () => {
  if (preview || code && code.until - now() > 45000) return
  try {
    const res = await fetchIn('/screen/pair', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }, 8000)
    if (res.status === 429) { trouble('busy'); return }
    if (!res.ok) throw new Error(String(res.status))
    const got = await res.json()
    if (got.code) code = { ...got, until: now() + got.seconds * 1000 }
  } catch { trouble('no_network') }
}

const pairing = document.getElementById('sgn-pair')
const trouble = (key) => {
  const p = pairing && pairing.querySelector('.trouble')
  if (!p) return
  p.hidden = !key
  if (!key) return
  const en = h('span', '', words.en[key])
  en.className = 'en'
  p.replaceChildren(words.ja[key], en)
}
const drawCode = () => {
  const waiting = !preview && !kept.state
  page.hidden = waiting
  if (!pairing) return
  pairing.hidden = !waiting
  if (!waiting || !code || pairing.dataset.code === code.code) return
  pairing.dataset.code = code.code
  pairing.querySelector('.code').replaceChildren(h('span', '', code.code.slice(0, 3)), h('span', '', code.code.slice(3)))
  pairing.querySelector('figure').replaceChildren(svg('0 0 ' + code.qr.size + ' ' + code.qr.size, code.qr.path))
  trouble('')
}

const draw = () => {
  drawCode()
  if (!kept.state) return
  const t = now()
  view.offline = !preview && kept.seen && t - kept.seen > quietAfter ? kept.seen : 0
  view.show(kept.state, page.dataset.at ? Number(page.dataset.at) + performance.now() - started : t)
}

// alive tells the desk what is on.
const alive = () => {
  if (preview || !kept.state) return
  const body = JSON.stringify({
    shows: view.shows || '', app: page.dataset.app, width: innerWidth, height: innerHeight, offset: Math.round(offset + jumped), offline: kept.outages || [],
  })
  fetchIn('/screen/alive', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }, 8000).catch(() => {})
}

// A television shows the whole screen at the press of a button; a browser in kiosk mode does so already.
const full = document.querySelector('.sgn-full')
if (full && document.documentElement.requestFullscreen) {
  const whole = () => { full.hidden = !!document.fullscreenElement || innerHeight >= screen.height }
  full.addEventListener('click', () => document.documentElement.requestFullscreen().catch(() => {}))
  document.addEventListener('fullscreenchange', whole)
  whole()
}
let still
const stir = () => {
  document.body.classList.remove('idle')
  clearTimeout(still)
  still = setTimeout(() => document.body.classList.add('idle'), 4000)
}
for (const e of ['pointermove', 'keydown', 'touchstart']) addEventListener(e, stir, { passive: true })
stir()

// The screen stays awake where the browser lets us ask for it.
const awake = () => { if (!preview && navigator.wakeLock && document.visibilityState === 'visible') navigator.wakeLock.request('screen').catch(() => {}) }
document.addEventListener('visibilitychange', () => { awake(); if (document.visibilityState === 'visible') ask() })
awake()

if (!preview && navigator.serviceWorker) {
  navigator.serviceWorker.register('/screen/sw.js', { scope: '/screen' }).catch(() => {})
  navigator.serviceWorker.addEventListener('controllerchange', () => { if (kept.state) pictures(kept.state) })
  setInterval(() => navigator.serviceWorker.getRegistration('/screen').then((r) => r && r.update()).catch(() => {}), 3600000)
}
addEventListener('online', ask)

const started = performance.now()
draw()
ask().then(alive)
const loop = (fn, every) => { const run = () => setTimeout(async () => { await fn(); run() }, every()); run() }
loop(() => { watchClock(); draw(); if (!kept.state && code && code.until - now() < 45000) ask() }, () => 1000 - (now() % 1000) + 5)
loop(ask, () => (live ? askSeldom : askEvery))
loop(alive, () => 20000)
