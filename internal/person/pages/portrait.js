// Which square of a picture becomes the portrait: three sliders, or a finger on the preview. Without this the middle is taken.
const form = document.querySelector('form[data-portrait]')
const part = form?.querySelector('[data-cut]')
if (form && window.createImageBitmap) {
  const canvas = part.querySelector('canvas')
  const [zoom, across, down] = ['zoom', 'across', 'down'].map((id) => document.getElementById(id))
  const { x, y, side } = form.elements
  let picture
  const square = () => {
    const edge = Math.min(picture.width, picture.height) * zoom.value / 100
    return { edge, left: (picture.width - edge) * across.value / 1000, top: (picture.height - edge) * down.value / 1000 }
  }
  const draw = () => {
    const { edge, left, top } = square()
    canvas.getContext('2d').drawImage(picture, left, top, edge, edge, 0, 0, canvas.width, canvas.height)
    x.value = left / picture.width
    y.value = top / picture.height
    side.value = zoom.value / 100
  }
  form.elements.picture.addEventListener('change', async (e) => {
    part.hidden = true
    x.value = y.value = side.value = ''
    try { picture = await createImageBitmap(e.target.files[0], { imageOrientation: 'from-image' }) } catch { return }
    part.hidden = false
    zoom.value = 100
    across.value = down.value = 500
    draw()
  })
  for (const slider of [zoom, across, down]) slider.addEventListener('input', draw)
  let held
  canvas.addEventListener('pointerdown', (e) => { held = e; canvas.setPointerCapture(e.pointerId) })
  canvas.addEventListener('pointerup', () => { held = null })
  canvas.addEventListener('pointermove', (e) => {
    if (!held) return
    const { edge } = square()
    const move = (slider, by, room) => { if (room > 0) slider.value = Number(slider.value) - by / canvas.clientWidth * edge / room * 1000 }
    move(across, e.clientX - held.clientX, picture.width - edge)
    move(down, e.clientY - held.clientY, picture.height - edge)
    held = e
    draw()
  })
}
