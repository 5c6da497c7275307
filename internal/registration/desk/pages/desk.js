// What the organiser's pages do beyond what the server asks: they ask before what was typed is lost, and tick a whole page at once.
(() => {
  'use strict';
  const form = document.querySelector('form.d-form');
  if (form) {
    let dirty = false;
    form.addEventListener('input', () => { dirty = true; });
    form.addEventListener('submit', () => { dirty = false; });
    addEventListener('beforeunload', (e) => { if (dirty) e.preventDefault(); });
  }
  document.getElementById('problem')?.focus();
  const all = document.getElementById('tick-all');
  all?.addEventListener('change', () => {
    for (const i of document.querySelectorAll('input[name="ref"]')) i.checked = all.checked;
  });
})();
