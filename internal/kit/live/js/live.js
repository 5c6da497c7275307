// Live hints. A page that shows what may change names its topics on one element:
//   data-live="meeting:janog57 ..."     what it listens to
//   data-live-src="/meetings/.../live"  where (see Hub.Serve)
//   data-live-version="12"              the version of the first topic that the page shows
//   data-live-names="presence ..."      names of messages with content
// Then document gets events: "live:TOPIC" with {version} when it is time to read again, "live:TOPIC/NAME" with what was told, and
// "live:state" with {on, since} when the connection comes or goes; <html data-live="on|off" data-live-since="..."> says the same.
// Tabs of one address share one connection where the browser has locks, and a tab that nobody looks at has none.
{
  const el = document.querySelector('[data-live][data-live-src]')
  if (el && 'EventSource' in window) {
    const url = el.dataset.liveSrc
    const topics = el.dataset.live.split(' ').filter(Boolean)
    const names = (el.dataset.liveNames ?? '').split(' ').filter(Boolean)
    const key = 'tsudoi.live ' + url
    const shared = navigator.locks && 'BroadcastChannel' in window ? new BroadcastChannel(key) : null
    const known = new Map()
    if (el.dataset.liveVersion) known.set(topics[0], Number(el.dataset.liveVersion))
    let source = null // in the tab that has the connection
    let last = null // what it told on connecting
    let tries = 0
    let again, silent, hiding, giveUp, on, met

    const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }))
    const state = (to) => {
      if (on === to) return
      on = to
      const since = new Date().toISOString()
      document.documentElement.dataset.live = to ? 'on' : 'off'
      document.documentElement.dataset.liveSince = since
      tell('live:state', { on: to, since })
    }
    const hint = (topic, version) => {
      if (!topics.includes(topic)) return
      if (version > 0) {
        if ((known.get(topic) ?? 0) >= version) return
        known.set(topic, version)
      }
      tell('live:' + topic, { version })
    }
    // receive takes what the server said, in every tab alike.
    const receive = (kind, data) => {
      if (kind === 'state') return state(data)
      if (kind === 'hint') return hint(data.topic, data.version)
      if (kind !== 'now') return topics.includes(data.topic) && tell('live:' + data.topic + '/' + kind, data.data)
      state(true)
      for (const [topic, version] of Object.entries(data)) {
        if (version === 0 ? met : known.has(topic)) hint(topic, version)
        else known.set(topic, version)
      }
      met = true
    }
    const pass = (kind, data) => { shared?.postMessage([kind, data]); receive(kind, data) }

    const close = () => {
      clearTimeout(again)
      clearTimeout(silent)
      source?.close()
      source = last = null
    }
    const failed = () => {
      close()
      pass('state', false)
      again = setTimeout(open, Math.min(60000, 1000 * 2 ** tries++) * (0.5 + Math.random() / 2))
    }
    const heard = () => { clearTimeout(silent); silent = setTimeout(failed, 70000) }
    const open = () => {
      close()
      source = new EventSource(url)
      source.onerror = failed
      heard()
      const listen = (kind, then) => source.addEventListener(kind, (e) => { heard(); then?.(JSON.parse(e.data)) })
      listen('now', (data) => { tries = 0; last = data; pass('now', data) })
      listen('hint', (data) => { if (last) last[data.topic] = data.version; pass('hint', data) })
      listen('beat')
      for (const name of names) listen(name, (data) => pass(name, data))
    }
    shared?.addEventListener('message', ({ data: [kind, data] }) => {
      if (kind !== 'hello') receive(kind, data)
      else if (last) shared.postMessage(['now', last])
      else if (source) shared.postMessage(['state', false])
    })

    // start connects, or waits for its turn to do so while another tab has the connection.
    const start = () => {
      clearTimeout(hiding)
      if (giveUp) return
      const ended = new AbortController()
      const until = new Promise((done) => { giveUp = () => { giveUp = null; ended.abort(); close(); done() } })
      if (!shared) return open()
      shared.postMessage(['hello'])
      navigator.locks.request(key, { signal: ended.signal }, () => { open(); return until }).catch(() => {})
    }
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') start()
      else hiding = setTimeout(() => giveUp?.(), 30000)
    })
    addEventListener('pagehide', () => giveUp?.())
    addEventListener('pageshow', (e) => { if (e.persisted && document.visibilityState === 'visible') start() })
    addEventListener('online', () => { if (again && source === null && giveUp) open() })
    if (document.visibilityState === 'visible') start()
  }
}
