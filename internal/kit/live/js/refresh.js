// A page that says so (data-live-refresh) shows by itself what is new: its content is fetched and replaced, and the reader stays where they
// are: scroll, focus, what they opened. Somebody who is typing or has text selected is asked first. Then document gets "live:refreshed".
{
  const { live, liveRefresh, liveUpdated, liveReload } = document.body.dataset
  const main = document.getElementById('main')
  if (live && liveRefresh !== undefined && main) {
    let shown = main.innerHTML // as the server sent it: other scripts come after this one
    let busy = false
    let due = false
    let waiting = null // what the reader was asked about

    const note = document.createElement('div')
    note.className = 'livenote'
    note.setAttribute('role', 'status')
    document.body.append(note)
    let fade
    const say = (...content) => {
      note.replaceChildren(...content)
      clearTimeout(fade)
      if (!waiting) fade = setTimeout(() => note.replaceChildren(), 8000)
    }

    // occupied: replacing the content would take something out of the reader's hands.
    const occupied = () => {
      const at = document.activeElement
      const selection = getSelection()
      return (main.contains(at) && at.matches('input, textarea, select, [contenteditable]')) || main.querySelector('dialog[open]') !== null ||
        (!selection.isCollapsed && main.contains(selection.anchorNode))
    }

    // named finds an element again in the new content, by what does not change.
    const named = (e) => {
      if (!(e instanceof Element)) return null
      for (const name of ['id', 'data-star', 'href', 'aria-label']) {
        const value = e.getAttribute(name)
        if (!value) continue
        const all = `${e.localName}[${name}="${CSS.escape(value)}"]`
        const n = [...main.querySelectorAll(all)].indexOf(e)
        return () => main.querySelectorAll(all)[n] ?? main.querySelector(all)
      }
      return null
    }
    const place = () => {
      const focus = main.contains(document.activeElement) ? named(document.activeElement) : null
      const seen = scrollY > 0 ? [...main.querySelectorAll('[data-ref]')].find((e) => e.getBoundingClientRect().bottom > 0) : null
      const top = seen?.getBoundingClientRect().top
      const scrolled = [...main.querySelectorAll('*')].filter((e) => e.scrollLeft > 0 || e.scrollTop > 0)
        .map((e) => [e.localName + '.' + [...e.classList].map(CSS.escape).join('.'), e.scrollLeft, e.scrollTop])
      const open = [...main.querySelectorAll('details')].map((d) => d.open)
      return () => {
        main.querySelectorAll('details').forEach((d, i) => { if (open[i]) d.open = true })
        for (const [which, left, down] of scrolled) main.querySelector(which.replace(/\.$/, ''))?.scrollTo({ left, top: down, behavior: 'instant' })
        const same = seen && main.querySelector(`[data-ref="${CSS.escape(seen.dataset.ref)}"]`)
        if (same) scrollBy({ top: same.getBoundingClientRect().top - top, behavior: 'instant' })
        focus?.()?.focus({ preventScroll: true })
      }
    }

    // dress loads the style sheets of the new content, and returns what takes the old ones off.
    const dress = async (doc) => {
      const hrefs = (d) => [...d.querySelectorAll('head link[rel=stylesheet]')].map((l) => l.getAttribute('href'))
      const now = hrefs(doc)
      const worn = hrefs(document)
      await Promise.all(now.filter((h) => !worn.includes(h)).map((h) => new Promise((done) => {
        const link = document.createElement('link')
        link.rel = 'stylesheet'
        link.href = h
        link.onload = link.onerror = done
        setTimeout(done, 3000)
        document.head.append(link)
      })))
      return () => { for (const l of document.querySelectorAll('head link[rel=stylesheet]')) if (!now.includes(l.getAttribute('href'))) l.remove() }
    }

    const replace = async ({ doc, fresh, text }) => {
      waiting = null
      const undress = await dress(doc)
      const before = new Map([...main.querySelectorAll('[data-ref]')].map((e) => [e.dataset.ref, e.textContent]))
      const back = place()
      main.replaceChildren(...fresh.childNodes)
      undress()
      shown = text
      document.title = doc.title
      document.dispatchEvent(new CustomEvent('live:refreshed'))
      back()
      for (const e of main.querySelectorAll('[data-ref]')) {
        if (before.size < 2 || before.get(e.dataset.ref) === e.textContent) continue
        e.classList.add('is-fresh')
        setTimeout(() => e.classList.remove('is-fresh'), 8000)
      }
      say(liveUpdated)
    }

    const refresh = async () => {
      const res = await fetch(location.pathname + location.search, { cache: 'no-cache', headers: { Accept: 'text/html' } })
      if (!res.ok) throw new Error(res.statusText)
      const doc = new DOMParser().parseFromString(await res.text(), 'text/html')
      const fresh = doc.getElementById('main')
      if (!fresh) return
      const text = fresh.innerHTML
      if (text === shown) return
      waiting = { doc, fresh, text }
      if (!occupied()) return replace(waiting)
      const button = document.createElement('button')
      button.type = 'button'
      button.className = 'btn'
      button.textContent = liveReload
      button.onclick = () => { if (waiting) replace(waiting) }
      say(liveUpdated, ' ', button)
    }
    // Everybody hears of a change at once; they do not all ask at once.
    const soon = async () => {
      due = true
      if (busy) return
      busy = true
      for (let tries = 0; due;) {
        due = false
        await new Promise((done) => setTimeout(done, 400 * Math.random() + (tries && 1000 * 2 ** tries)))
        await refresh().then(() => { tries = 0 }, () => { due = ++tries < 6 })
      }
      busy = false
    }
    for (const topic of live.split(' ')) document.addEventListener('live:' + topic, soon)
  }
}
