// Sends a file in pieces by the tus protocol, so that a lost connection, a pause or a reload costs no more than the piece that was on its way.
// Without this script the same form sends the file at once.
const PIECE = 8 << 20
const TUS = { 'Tus-Resumable': '1.0.0' }
const lang = document.documentElement.lang
const waits = [1, 2, 4, 8, 15, 30]

// What the browser remembers of an upload: its address, under what the file and its purpose are known by.
const memory = {
  key: (form, file) => ['tsudoi-upload', form.dataset.upload, form.elements.of?.value ?? '', file.name, file.size, file.lastModified].join('|'),
  get (k) { try { return localStorage.getItem(k) } catch { return null } },
  set (k, v) { try { v ? localStorage.setItem(k, v) : localStorage.removeItem(k) } catch { /* private windows may refuse */ } },
}

const base64 = (s) => btoa(Array.from(new TextEncoder().encode(s), (b) => String.fromCharCode(b)).join(''))
const megabytes = (n) => (n / 1e6).toLocaleString(lang, { maximumFractionDigits: 1 }) + ' MB'

// A request that was answered with an error, in words, which trying again does not change.
class Refused extends Error {
  constructor (status, message) { super(message); this.status = status }
}

class Upload {
  constructor (form) {
    this.form = form
    this.box = form.querySelector('.m-progress')
    this.say = this.box.querySelector('.m-status')
    this.bar = this.box.querySelector('progress')
    this.figures = this.box.querySelector('.m-figures')
    this.pauser = this.box.querySelector('[data-do=pause]')
    this.words = this.box.dataset
    this.pauser.addEventListener('click', () => (this.paused ? this.resume() : this.pause()))
    this.box.querySelector('[data-do=cancel]').addEventListener('click', () => this.cancel())
    form.addEventListener('submit', (e) => { e.preventDefault(); this.begin() })
  }

  status (text) { if (this.say.textContent !== text) this.say.textContent = text }

  show (sent) {
    const percent = Math.floor((100 * sent) / this.file.size)
    this.bar.value = percent
    this.figures.textContent = this.words.of.replace('{percent}', percent).replace('{sent}', megabytes(sent)).replace('{total}', megabytes(this.file.size))
  }

  async begin () {
    if (this.running) return
    const input = this.form.elements.file
    this.file = input.files[0]
    if (!this.file) return
    this.fail('')
    if (this.file.size > Number(this.form.dataset.max)) return this.fail(this.form.dataset.toolarge)
    this.key = memory.key(this.form, this.file)
    this.url = memory.get(this.key)
    this.resumed = Boolean(this.url)
    this.tries = 0
    this.lock(true)
    this.resume()
  }

  lock (on) {
    this.running = on
    this.box.hidden = !on
    for (const b of this.form.querySelectorAll('button:not(.m-progress button)')) b.disabled = on
    this.form.elements.file.disabled = on
    if (!on) removeEventListener('beforeunload', this.warn)
  }

  warn = (e) => { e.preventDefault() }

  pause () {
    this.paused = true
    removeEventListener('beforeunload', this.warn) // what has arrived waits for whoever comes back
    this.request?.abort()
    clearTimeout(this.timer)
    this.wake?.()
    this.status(this.words.paused)
    this.label()
  }

  resume () {
    this.paused = false
    addEventListener('beforeunload', this.warn)
    this.label()
    this.status(this.resumed ? this.words.resumed : this.words.sending)
    this.run()
  }

  label () {
    const [now, other] = [this.pauser.textContent, this.pauser.dataset.other]
    const wantsResume = this.paused
    if (wantsResume !== (this.pauser.dataset.state === 'paused')) {
      this.pauser.textContent = other
      this.pauser.dataset.other = now
      this.pauser.dataset.state = wantsResume ? 'paused' : ''
    }
  }

  // run sends what is missing until everything has arrived, and waits where the connection is lost.
  async run () {
    while (this.running && !this.paused) {
      try {
        if (!this.url) await this.create()
        let at = await this.offset()
        this.show(at)
        do {
          at = await this.piece(at)
          this.tries = 0
        } while (at < this.file.size)
        return this.finished()
      } catch (e) {
        if (!this.running || this.paused) return
        if (e instanceof Refused && (e.status === 404 || e.status === 410)) { // it expired: from the start, once
          memory.set(this.key, null)
          this.url = null
          this.resumed = false
          if (this.tries++ < 2) continue
        }
        if (e instanceof Refused && ![409, 423, 429, 500, 502, 503, 504].includes(e.status)) {
          if (e.status === 422) memory.set(this.key, null)
          return this.fail(e.message)
        }
        this.status(e.status === 423 ? this.words.busy : this.words.waiting)
        await new Promise((resolve) => {
          this.wake = resolve
          this.timer = setTimeout(resolve, 1000 * waits[Math.min(this.tries++, waits.length - 1)])
          addEventListener('online', resolve, { once: true })
        })
        if (this.running && !this.paused) this.status(this.words.sending)
      }
    }
  }

  send (method, url, headers, body) {
    return new Promise((resolve, reject) => {
      const x = (this.request = new XMLHttpRequest())
      x.open(method, url)
      for (const [k, v] of Object.entries({ ...TUS, 'Accept-Language': lang, ...headers })) x.setRequestHeader(k, v)
      if (body) {
        const from = Number(headers['Upload-Offset'])
        x.upload.onprogress = (e) => this.show(from + e.loaded)
        x.upload.onload = () => { if (from + body.size >= this.file.size) this.status(this.words.checking) }
      }
      x.onerror = x.onabort = x.ontimeout = () => reject(new Error('connection'))
      x.onload = () => {
        if (x.status >= 200 && x.status < 300) return resolve(x)
        let said = this.words.failed
        try { said = JSON.parse(x.responseText).detail || said } catch { /* a proxy answered */ }
        reject(new Refused(x.status, said))
      }
      x.send(body ?? null)
    })
  }

  async create () {
    const meta = { filename: this.file.name }
    for (const name of ['kind', 'opens', 'label_ja', 'label_en', 'note', 'of']) {
      const v = this.form.elements[name]?.value
      if (v) meta[name] = v
    }
    const x = await this.send('POST', this.form.dataset.upload, {
      'Upload-Length': String(this.file.size),
      'Upload-Metadata': Object.entries(meta).map(([k, v]) => k + ' ' + base64(v)).join(','),
    })
    this.url = x.getResponseHeader('Location')
    memory.set(this.key, this.url)
  }

  async offset () {
    return Number((await this.send('HEAD', this.url, {})).getResponseHeader('Upload-Offset'))
  }

  async piece (at) {
    const body = this.file.slice(at, at + PIECE)
    const x = await this.send('PATCH', this.url, { 'Upload-Offset': String(at), 'Content-Type': 'application/offset+octet-stream' }, body)
    return Number(x.getResponseHeader('Upload-Offset'))
  }

  finished () {
    memory.set(this.key, null)
    this.show(this.file.size)
    this.status(this.words.done)
    removeEventListener('beforeunload', this.warn)
    const to = new URL(location.href)
    to.searchParams.set('done', 'handed_in')
    location.assign(to)
  }

  async cancel () {
    this.running = false
    this.request?.abort()
    clearTimeout(this.timer)
    this.wake?.()
    this.paused = false
    this.label()
    memory.set(this.key, null)
    if (this.url) await this.send('DELETE', this.url, {}).catch(() => {})
    this.fail(this.words.cancelled)
  }

  // fail ends an upload with a sentence beside the file, which is read aloud.
  fail (text) {
    this.lock(false)
    let p = this.form.querySelector('.m-error')
    if (!text) return p?.remove()
    if (!p) {
      p = document.createElement('p')
      p.className = 'error m-error'
      p.setAttribute('role', 'alert')
      this.form.querySelector('[data-drop]').append(p)
    }
    p.textContent = text
    this.form.elements.file.focus()
  }
}

for (const form of document.querySelectorAll('form[data-upload]')) new Upload(form)

// A file may be dropped on the place where it is chosen.
for (const place of document.querySelectorAll('[data-drop]')) {
  const over = (on) => (e) => { e.preventDefault(); place.classList.toggle('over', on) }
  place.addEventListener('dragover', over(true))
  place.addEventListener('dragleave', over(false))
  place.addEventListener('drop', (e) => {
    over(false)(e)
    const input = place.querySelector('input[type=file]')
    if (e.dataTransfer.files.length && !input.disabled) input.files = e.dataTransfer.files
  })
}

for (const button of document.querySelectorAll('[data-discard]')) {
  button.addEventListener('click', async () => {
    button.disabled = true
    const res = await fetch(button.dataset.discard, { method: 'DELETE', headers: TUS })
    if (res.ok || res.status === 404) button.closest('li').remove()
    else button.disabled = false
  })
}

document.querySelector('[data-focus]')?.focus()
