// Passkeys: a form with data-passkey gets an answer of the browser's key store into its hidden fields, and is sent as any form.
const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')

// What the server asks holds bytes as base64url; so does what it is answered (parse...OptionsFromJSON and toJSON are younger than passkeys).
const read = (o) => {
  const keys = (list) => list?.map((k) => ({ ...k, id: bytes(k.id) }))
  const out = { ...o, challenge: bytes(o.challenge), allowCredentials: keys(o.allowCredentials), excludeCredentials: keys(o.excludeCredentials) }
  if (o.user) out.user = { ...o.user, id: bytes(o.user.id) }
  return out
}
const write = (c) => {
  const response = {}
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) if (c.response[name]) response[name] = text(c.response[name])
  if (c.response.getTransports) response.transports = c.response.getTransports()
  return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: c.authenticatorAttachment ?? undefined, clientExtensionResults: c.getClientExtensionResults(), response })
}

let waiting // the offer in the field's suggestions, which gives way to the button
async function answer (form, mediation) {
  waiting?.abort()
  const stop = new AbortController()
  if (mediation) waiting = stop
  const asked = await fetch(form.dataset.challenge, { method: 'POST' })
  if (!asked.ok) throw new Error(String(asked.status))
  const { ref, publicKey } = await asked.json()
  const options = { publicKey: read(publicKey), signal: stop.signal }
  if (mediation) options.mediation = mediation
  const got = await navigator.credentials[form.dataset.passkey](options)
  form.elements.challenge.value = ref
  form.elements.credential.value = write(got)
  form.requestSubmit()
}

async function offer (form) {
  if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return
  const again = setTimeout(() => offer(form), 9 * 60 * 1000) // before the challenge is over
  try { await answer(form, 'conditional') } catch { /* the button is still there */ } finally { clearTimeout(again) }
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!window.PublicKeyCredential) break
  form.hidden = false
  document.querySelector('[data-nopasskey]')?.remove()
  const note = form.querySelector('[data-note]')
  form.addEventListener('submit', (e) => {
    if (form.elements.credential.value) return
    e.preventDefault()
    note.hidden = true
    answer(form).catch(() => { note.textContent = form.dataset.failed; note.hidden = false; if (form.dataset.conditional !== undefined) offer(form) })
  })
  if (form.dataset.conditional !== undefined) offer(form)
}
