// The few things that every page does with a script: it works without them.
document.documentElement.classList.remove('no-js')

// "/" goes to the search, unless somebody is typing (or composing Japanese).
addEventListener('keydown', (e) => {
  if (e.key !== '/' || e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return
  if (e.target instanceof Element && e.target.closest('input, textarea, select, [contenteditable]')) return
  const field = document.querySelector('main input[type=search]')
  e.preventDefault()
  if (field) field.focus()
  else document.querySelector('[data-key="/"]')?.click()
})

// A page that a pointer rests on, or a finger touches, is fetched before it is asked for.
const seen = new Set()
const warm = (e) => {
  const a = e.target instanceof Element ? e.target.closest('a[href]') : null
  if (!a || a.origin !== location.origin || seen.has(a.pathname + a.search) || a.hasAttribute('download') || a.dataset.cold !== undefined) return
  if (a.pathname === location.pathname || navigator.connection?.saveData) return
  if (/\.(ics|xml|json|csv|png|zip|pdf|yaml)$/.test(a.pathname)) return
  seen.add(a.pathname + a.search)
  const link = document.createElement('link')
  link.rel = 'prefetch'
  link.href = a.href
  document.head.append(link)
}
addEventListener('touchstart', warm, { passive: true })
let timer
addEventListener('pointerover', (e) => { clearTimeout(timer); timer = setTimeout(() => warm(e), 65) }, { passive: true })

// The current entry of a menu that scrolls is brought into view, without moving the page.
const show = (here) => {
  const menu = here.parentElement
  menu.scrollLeft = here.offsetLeft - menu.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2
}
for (const here of document.querySelectorAll('.menu [aria-current], .views [aria-current], nav.mine [aria-current], [data-across] [aria-current]')) show(here)

// What scrolls to the side can be scrolled with keys.
for (const e of document.querySelectorAll('.prose pre, .prose table')) if (e.scrollWidth > e.clientWidth) e.tabIndex = 0

// Who is signed in gets a menu of their own on pages that are the same for everybody. A marker that says only "signed in" is all that a script can read.
if (/(?:^|; )tsudoi-in=1/.test(document.cookie) && !document.querySelector('nav.mine')) {
  const at = location.pathname
  fetch('/me/menu?at=' + encodeURIComponent(at), { headers: { Accept: 'application/json' } }).then((r) => (r.ok ? r.json() : null)).then((menu) => {
    if (!menu) return
    const bar = document.querySelector('#become')
    if (bar && menu.persona) bar.value = menu.persona
    const name = document.querySelector('.me span')
    if (name && menu.name) name.textContent = menu.name
    if (!menu.items.length) return
    const nav = document.createElement('nav')
    nav.className = 'mine'
    nav.ariaLabel = menu.label
    for (const { title, url } of menu.items) {
      const a = document.createElement('a')
      a.href = url
      a.textContent = title
      if (at === url || at.startsWith(url + '/')) a.ariaCurrent = 'page'
      nav.append(a)
    }
    document.querySelector('header.site').after(nav)
    const here = nav.querySelector('[aria-current]')
    if (here) show(here)
  }).catch(() => {})
}

// A choice that is a whole form is sent as soon as it is made.
addEventListener('change', (e) => { if (e.target instanceof Element && e.target.matches('[data-submit]')) e.target.form.requestSubmit() })

// A form that was sent once is not sent again by a second press.
addEventListener('submit', (e) => {
  const form = e.target
  if (e.defaultPrevented || form.method !== 'post' || form.dataset.again !== undefined) return
  if (form.dataset.sent) { e.preventDefault(); return }
  form.dataset.sent = '1'
  setTimeout(() => delete form.dataset.sent, 4000)
})
