package card

import (
	"image"
	"image/color"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/tsudoi/tsudoi/internal/kit/typeface"
)

// geta is drawn where a letter is missing.
const geta = typeface.Geta

// weight is one font in the hands of one drawing.
type weight struct {
	*typeface.Face
	faces map[sized]font.Face
}

// sized is a font at a size in pixels.
type sized struct {
	by *typeface.Face
	px float64
}

// painter draws one card; it is used by one goroutine.
type painter struct {
	canvas        canvas
	regular, bold *weight
}

func newPainter(pal color.Palette) (*painter, error) {
	r, err := typeface.Regular()
	if err != nil {
		return nil, err
	}
	b, err := typeface.Bold()
	if err != nil {
		return nil, err
	}
	return &painter{
		canvas:  newCanvas(pal),
		regular: &weight{Face: r, faces: map[sized]font.Face{}},
		bold:    &weight{Face: b, faces: map[sized]font.Face{}},
	}, nil
}

// advance is the width of r as a share of the type size.
func (w *weight) advance(r rune) float64 { return w.Advance(r) }

// spell turns text into runes the font can draw.
func (w *weight) spell(s string) []rune { return w.Spell(s) }

// face is what draws r at a size, nil where nothing does; every drawing has its own, since a face keeps the outline it is working on.
func (w *weight) face(px float64, r rune) font.Face {
	k := sized{w.For(r), px}
	if k.by == nil {
		return nil
	}
	f, ok := w.faces[k]
	if !ok {
		f, _ = opentype.NewFace(k.by.Font, &opentype.FaceOptions{Size: px, DPI: 72}) // its error is always nil
		w.faces[k] = f
	}
	return f
}

// glyph draws r with its origin at dot; ok is false where there is nothing to draw.
func (w *weight) glyph(px float64, dot fixed.Point26_6, r rune) (dr image.Rectangle, mask *image.Alpha, ok bool) {
	f := w.face(px, r)
	if f == nil {
		return dr, nil, false
	}
	dr, m, _, _, ok := f.Glyph(dot, r)
	mask, isAlpha := m.(*image.Alpha)
	return dr, mask, ok && isAlpha
}

func isSpace(r rune) bool { return typeface.IsSpace(r) }
