// Stars are kept in this browser, per meeting, as a list of session references. Of who is signed in they are kept on every device: what
// was done here since the browser last asked waits in a log and is sent, and of each session the last change wins. Of everybody else
// only a number is sent, with a random token for each star that lets this browser, and nobody else, take it back.
const storage = (key) => {
  let kept // in a browser that keeps nothing: it lasts as long as the page
  return {
    get(none) { if (kept !== undefined) return kept; try { return JSON.parse(localStorage.getItem(key)) ?? none } catch { return none } },
    set(value) { try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, JSON.stringify(value)) } catch { kept = value ?? undefined } },
  }
}

const signedIn = () => /(?:^|; )tsudoi-in=1/.test(document.cookie)

const makeStars = (meeting, changed) => {
  const list = storage('tsudoi.stars.' + meeting)
  const log = storage('tsudoi.stars.log.' + meeting) // reference: [on, milliseconds], not sent yet
  const of = storage('tsudoi.stars.of.' + meeting) // whose account the list came from
  const tokens = storage('tsudoi.stars.tokens.' + meeting) // reference: token of a star that was only counted
  const path = '/meetings/' + encodeURIComponent(meeting) + '/stars'
  const read = () => new Set(list.get([]))
  const send = (to, fields, credentials) => fetch(to, { method: 'POST', body: new URLSearchParams(fields), credentials, keepalive: true })

  const counted = (ref, on) => {
    const all = tokens.get({})
    if (on === Boolean(all[ref])) return
    const token = on ? [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16).padStart(8, '0')).join('') : all[ref]
    if (on) all[ref] = token
    else delete all[ref]
    tokens.set(all)
    send(path + '/anonymous', { session: ref, token, on: on ? '1' : '0' }, 'omit').catch(() => {})
  }

  let running = false
  let again = false
  const sync = async () => {
    if (running) { again = true; return }
    running = true
    try {
      const sent = log.get({})
      const fields = [['of', of.get('')]]
      if (!of.get('')) for (const ref of read()) sent[ref] ??= [1, 1] // stars from before there was an account
      for (const [ref, [on, at]] of Object.entries(sent)) fields.push([on ? 'on' : 'off', ref + '@' + at])
      const answer = await send(path, fields, 'same-origin')
      if (!answer.ok) return
      const { person, stars } = await answer.json()
      const now = log.get({})
      const all = new Set(stars)
      for (const [ref, [on, at]] of Object.entries(now)) {
        if (sent[ref]?.[1] === at) { delete now[ref]; continue }
        on ? all.add(ref) : all.delete(ref) // done while the answer was on its way
      }
      log.set(now)
      of.set(person)
      list.set([...all])
      for (const ref of Object.keys(tokens.get({}))) counted(ref, false) // they count as a person's now
      changed()
    } catch { /* without a network the log waits */ } finally {
      running = false
      if (again) { again = false; sync() }
    }
  }

  let soon
  return {
    read,
    toggle(ref) {
      const all = read()
      const on = !all.delete(ref)
      if (on) all.add(ref)
      list.set([...all])
      const now = log.get({})
      if (signedIn() || on) now[ref] = [on ? 1 : 0, Date.now()]
      else delete now[ref]
      log.set(now)
      clearTimeout(soon)
      if (signedIn()) soon = setTimeout(sync, 250)
      else counted(ref, on)
      return on
    },
    // meet asks the account what other devices did. Whoever signed out leaves nothing behind.
    meet() {
      if (signedIn()) return sync()
      if (of.get('')) { for (const s of [list, log, of]) s.set(null); changed() }
    },
  }
}
