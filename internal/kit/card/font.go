package card

import (
	_ "embed" // the two fonts
	"image"
	"image/color"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

//go:embed fonts/BIZUDPGothic-Regular.ttf
var regularTTF []byte

//go:embed fonts/BIZUDPGothic-Bold.ttf
var boldTTF []byte

// parsed is a font and the error of reading it. The font is shared; what reads it needs a buffer of its own.
type parsed struct {
	font *sfnt.Font
	err  error
}

// The fonts are read when the first card is drawn, and once.
var (
	regularFont = sync.OnceValue(func() parsed { f, err := opentype.Parse(regularTTF); return parsed{f, err} })
	boldFont    = sync.OnceValue(func() parsed { f, err := opentype.Parse(boldTTF); return parsed{f, err} })
)

// geta is drawn where a letter is missing, as Japanese printers do.
const geta = '〓'

// weight is one font in the hands of one drawing.
type weight struct {
	font  *sfnt.Font
	buf   sfnt.Buffer
	faces map[float64]font.Face
}

// painter draws one card; it is used by one goroutine.
type painter struct {
	canvas        canvas
	regular, bold *weight
}

func newPainter(pal color.Palette) (*painter, error) {
	r, b := regularFont(), boldFont()
	if r.err != nil {
		return nil, r.err
	}
	if b.err != nil {
		return nil, b.err
	}
	return &painter{
		canvas:  newCanvas(pal),
		regular: &weight{font: r.font, faces: map[float64]font.Face{}},
		bold:    &weight{font: b.font, faces: map[float64]font.Face{}},
	}, nil
}

// has reports whether the font draws r.
func (w *weight) has(r rune) bool {
	i, err := w.font.GlyphIndex(&w.buf, r)
	return err == nil && i != 0
}

// advance is the width of r as a share of the type size.
func (w *weight) advance(r rune) float64 {
	i, err := w.font.GlyphIndex(&w.buf, r)
	if err != nil {
		return 0
	}
	em := fixed.Int26_6(w.font.UnitsPerEm()) << 6
	a, err := w.font.GlyphAdvance(&w.buf, i, em, font.HintingNone)
	if err != nil {
		return 0
	}
	return float64(a) / float64(em)
}

// face is the font at a size; every drawing has its own, since a face keeps the outline it is working on.
func (w *weight) face(px float64) font.Face {
	f, ok := w.faces[px]
	if !ok {
		f, _ = opentype.NewFace(w.font, &opentype.FaceOptions{Size: px, DPI: 72}) // its error is always nil
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

// spell turns text into runes the font can draw: composed, on one line, single spaces, and every missing character replaced.
func (w *weight) spell(s string) []rune {
	var out []rune
	for _, r := range norm.NFC.String(strings.ToValidUTF8(s, "")) {
		switch {
		case unicode.IsSpace(r):
			if r != '\u3000' {
				r = ' '
			}
			if n := len(out); n > 0 && !isSpace(out[n-1]) {
				out = append(out, r)
			}
		case !unicode.IsGraphic(r) || invisible(r):
		case w.has(r):
			out = append(out, r)
		default:
			put := w.instead(r)
			if n := len(out); n > 0 && out[n-1] == geta && !unicode.Is(unicode.Han, r) && len(put) == 1 && put[0] == geta {
				put = nil // a word in a script that the font lacks is one geta
			}
			out = append(out, put...)
		}
	}
	for len(out) > 0 && isSpace(out[len(out)-1]) {
		out = out[:len(out)-1]
	}
	return out
}

// instead is what stands for a rune the font lacks: its plain form without accents, else the geta for letters and numbers.
func (w *weight) instead(r rune) []rune {
	var plain []rune
	for _, d := range norm.NFKD.String(string(r)) {
		if unicode.Is(unicode.M, d) {
			continue
		}
		if !w.has(d) {
			plain = nil
			break
		}
		plain = append(plain, d)
	}
	if len(plain) == 0 && (unicode.IsLetter(r) || unicode.IsNumber(r)) {
		return []rune{geta}
	}
	return plain
}

// invisible reports marks that only say how another character looks: they are not drawn by themselves.
func invisible(r rune) bool {
	return unicode.Is(unicode.Variation_Selector, r) || r == '\u20e3' || r == '\u00ad'
}

func isSpace(r rune) bool { return r == ' ' || r == '\u3000' }
