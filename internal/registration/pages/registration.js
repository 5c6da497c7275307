// What the form of registration does beyond what the server asks: it hides what somebody of the chosen kind is not asked, keeps what was typed
// until it is sent.
(() => {
  'use strict';
  const form = document.querySelector('form.r-form');
  const value = (name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].filter((i) => (i.type !== 'radio' && i.type !== 'checkbox') || i.checked).map((i) => i.value);
  const fits = (el) => {
    const kinds = (el.dataset.kinds || '').split(' ').filter(Boolean);
    const kind = value('kind')[0];
    if (kinds.length && kind && !kinds.includes(kind)) return false;
    if (!el.dataset.if) return true;
    const wanted = (el.dataset.values || '').split(' ');
    return value(el.dataset.if).some((v) => wanted.includes(v));
  };
  const show = () => {
    for (const el of form.querySelectorAll('[data-kinds], [data-if]')) {
      const on = fits(el);
      el.hidden = !on;
      for (const i of el.querySelectorAll('input, select, textarea')) i.disabled = !on || i.dataset.off === 'yes';
    }
    for (const day of form.querySelectorAll('.r-day')) day.hidden = ![...day.querySelectorAll('label[data-kinds]')].some((l) => !l.hidden);
  };
  if (form) {
    for (const i of form.querySelectorAll(':disabled')) i.dataset.off = 'yes';
    const key = form.dataset.keep;
    const keep = () => {
      if (!key) return;
      const all = [...new FormData(form)].filter(([name]) => name !== 'key');
      try { sessionStorage.setItem(key, JSON.stringify(all)); } catch { /* a full or forbidden store keeps nothing */ }
    };
    const bring = () => {
      if (!key || document.querySelector('.problems') || !document.referrer.startsWith(location.origin) && performance.getEntriesByType('navigation')[0]?.type === 'navigate') return;
      let all = [];
      try { all = JSON.parse(sessionStorage.getItem(key) || '[]'); } catch { return; }
      for (const [name, v] of all) {
        for (const i of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
          if (i.type === 'radio' || i.type === 'checkbox') i.checked = i.checked || i.value === v;
          else if (!i.value) i.value = v;
        }
      }
    };
    bring();
    show();
    for (const b of form.querySelectorAll('[data-all]')) {
      b.addEventListener('click', () => {
        for (const i of form.querySelectorAll(`.r-day:not([hidden]) input[value="${CSS.escape(b.dataset.all)}"]`)) if (!i.disabled) i.checked = true;
        show(); keep();
      });
    }
    form.addEventListener('input', () => { show(); keep(); });
    form.addEventListener('change', () => { show(); keep(); });
  }
  const end = document.querySelector('form[data-forget]');
  end?.addEventListener('submit', (e) => {
    if (e.submitter?.value === 'edit') return;
    try { sessionStorage.removeItem(end.dataset.forget); } catch { /* nothing was kept */ }
  });
  document.querySelector('.r-problems')?.focus();
})();
