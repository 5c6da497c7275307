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
	faces map[float64]font.Face
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
		regular: &weight{Face: r, faces: map[float64]font.Face{}},
		bold:    &weight{Face: b, faces: map[float64]font.Face{}},
	}, nil
}

// advance is the width of r as a share of the type size.
func (w *weight) advance(r rune) float64 { return w.Advance(r) }

// spell turns text into runes the font can draw.
func (w *weight) spell(s string) []rune { return w.Spell(s) }

// face is the font at a size; every drawing has its own, since a face keeps the outline it is working on.
func (w *weight) face(px float64) font.Face {
	f, ok := w.faces[px]
	if !ok {
		f, _ = opentype.NewFace(w.Font, &opentype.FaceOptions{Size: px, DPI: 72}) // its error is always nil
		w.faces[px] = f
	}
	return f
}

// glyph draws r with its origin at dot; ok is false where there is nothing to draw.
func (w *weight) glyph(px float64, dot fixed.Point26_6, r rune) (dr image.Rectangle, mask *image.Alpha, ok bool) {
	dr, m, _, _, ok := w.face(px).Glyph(dot, r)
	mask, isAlpha := m.(*image.Alpha)
	return dr, mask, ok && isAlpha
}

func isSpace(r rune) bool { return typeface.IsSpace(r) }
