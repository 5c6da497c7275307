// The worker of a screen: without the network it gives the page, its style and script, and the pictures of what it shows. The state itself is
// kept by the page. ASSETS and VERSION stand before this, as the program was built.

const SHELL = 'tsudoi-screen-' + VERSION
const PICTURES = 'tsudoi-screen-pictures'

self.addEventListener('install', (e) => {
  e.waitUntil(caches.open(SHELL).then((c) => c.addAll(ASSETS.map((a) => new Request(a, { cache: 'reload' })))).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (e) => {
  e.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((n) => n.startsWith('tsudoi-screen-') && n !== SHELL && n !== PICTURES).map((n) => caches.delete(n))))
    .then(() => self.clients.claim()))
})

// inTime fails when the network is so slow that a wall would stay dark.
const inTime = (request) => Promise.race([fetch(request), new Promise((_, no) => setTimeout(() => no(new Error('slow')), 4000))])

const shell = async (request) => {
  try {
    const res = await inTime(request)
    if (res.ok) return res
  } catch { /* below */ }
  return (await caches.match('/screen', { cacheName: SHELL })) || Response.error()
}

const picture = async (request) => {
  const have = await caches.match(request)
  if (have) return have
  const res = await fetch(request)
  if (res.ok && new URL(request.url).pathname.startsWith('/media/')) (await caches.open(PICTURES)).put(request, res.clone())
  return res
}

self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url)
  if (e.request.method !== 'GET' || url.origin !== location.origin) return
  if (e.request.mode === 'navigate' && url.pathname === '/screen') e.respondWith(shell(e.request))
  else if (url.pathname.startsWith('/assets/') || url.pathname.startsWith('/media/')) e.respondWith(picture(e.request))
})

// The page names the pictures it may have to show: they are fetched, and others forgotten.
self.addEventListener('message', (e) => {
  if (!e.data || !Array.isArray(e.data.keep)) return
  e.waitUntil(caches.open(PICTURES).then(async (c) => {
    const wanted = new Set(e.data.keep.map((u) => new URL(u, location.origin).href))
    for (const r of await c.keys()) if (!wanted.delete(r.url)) await c.delete(r)
    await Promise.all([...wanted].map((u) => c.add(u).catch(() => {})))
  }))
})
