// Times are said in the zone of the reader as well, where it differs from that of the meeting at that time; and a page that waits for its time
// asks again when it has come.
(() => {
  'use strict';
  const words = new Intl.DateTimeFormat(document.documentElement.lang === 'ja' ? 'ja-JP' : 'en-GB', {
    weekday: 'short', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short',
  });
  for (const t of document.querySelectorAll('time[data-local]')) {
    const at = new Date(t.dateTime);
    const zone = /([+-])(\d\d):(\d\d)$/.exec(t.dateTime);
    const offset = zone ? (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) : 0;
    if (Number.isNaN(at.getTime()) || offset === -at.getTimezoneOffset()) continue;
    const own = document.createElement('span');
    own.className = 'o-local';
    own.textContent = t.dataset.local.replace('%', words.format(at));
    t.after(' ', own);
  }
  const wait = document.querySelector('[data-opens]');
  if (wait) setTimeout(() => location.reload(), Number(wait.dataset.opens) * 1000 + Math.random() * 5000);
})();
