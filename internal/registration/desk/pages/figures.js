// Figures change with every entry, and no entry waits for them: a page that somebody looks at asks again every 10 seconds, and is only
// replaced where a number differs (see kit/live, refresh.js).
{
  const topic = document.body.dataset.live?.split(' ')[0]
  if (topic) setInterval(() => {
    if (document.visibilityState === 'visible') document.dispatchEvent(new CustomEvent('live:' + topic, { detail: { version: 0 } }))
  }, 10000)
}
