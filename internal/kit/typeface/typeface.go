// Package typeface holds the typeface that pictures and papers are drawn with, BIZ UDPGothic, and knows what to draw where it lacks a character.
//
// A character that BIZ UDPGothic lacks is drawn with Noto Sans: the kanji of names that few fonts have (𠮷), hanzi and hangul. What that lacks too is drawn
// as its plain form or as 〓, and the log says which character it was.
//
// All fonts are embedded (see docs/adr/0015). A Face is read when it is first asked for and may be used by many at once.
package typeface

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Geta is drawn where a letter is missing, as Japanese printers do.
const Geta = '〓'

// Face is one weight of the typeface.
type Face struct {
	Name string     // such as BIZUDPGothic-Bold
	Font *sfnt.Font // what reads it needs a buffer of its own
	TTF  []byte     // the file; not to be changed

	widths [0x30000]uint16 // of the planes with letters, in units of the font, plus one; 0: missing
	em     float64
	spares []spare // asked one after the other for what the face lacks
}

// read is a face and the error of reading it.
type read struct {
	face *Face
	err  error
}

var (
	regular = sync.OnceValue(func() read { return open(regularTTF, rareRegular, rareTC, rareSC, rareKR) })
	bold    = sync.OnceValue(func() read { return open(boldTTF, rareBold, rareTC, rareSC, rareKR) })
)

// Regular is the face for running text.
func Regular() (*Face, error) { r := regular(); return r.face, r.err }

// Bold is the face for what stands out.
func Bold() (*Face, error) { r := bold(); return r.face, r.err }

// Parse reads a font file as a face that no other font helps.
func Parse(ttf []byte) (*Face, error) { r := open(ttf); return r.face, r.err }

func open(ttf []byte, spares ...spare) read {
	f, err := opentype.Parse(ttf)
	if err != nil {
		return read{err: err}
	}
	face := &Face{Font: f, TTF: ttf, em: float64(f.UnitsPerEm()), spares: spares}
	var buf sfnt.Buffer
	if face.Name, err = f.Name(&buf, sfnt.NameIDPostScript); err != nil {
		return read{err: err}
	}
	ppem := fixed.Int26_6(f.UnitsPerEm()) << 6
	for r := range face.widths {
		i, err := f.GlyphIndex(&buf, rune(r))
		if err != nil || i == 0 {
			continue
		}
		a, err := f.GlyphAdvance(&buf, i, ppem, font.HintingNone)
		if err != nil {
			continue
		}
		face.widths[r] = uint16(a>>6) + 1
	}
	return read{face: face}
}

// Own reports whether the face itself draws r, without the help of another font.
func (f *Face) Own(r rune) bool {
	return r >= 0 && int(r) < len(f.widths) && f.widths[r] != 0
}

// For is the face that draws r where r is asked of f: f itself, or a part of Noto Sans; nil where no font has r.
func (f *Face) For(r rune) *Face {
	if f.Own(r) {
		return f
	}
	for _, s := range f.spares {
		if !unicode.Is(s.script, r) {
			continue
		}
		if other := s.face(); other.Own(r) {
			return other
		}
	}
	return nil
}

// Has reports whether r is drawn as it is.
func (f *Face) Has(r rune) bool { return f.For(r) != nil }

// Advance is the width of r as a share of the type size.
func (f *Face) Advance(r rune) float64 {
	by := f.For(r)
	if by == nil {
		return 0
	}
	return float64(by.widths[r]-1) / by.em
}

// Spell turns text into runes that can be drawn: composed, on one line, single spaces, and every missing character replaced.
func (f *Face) Spell(s string) []rune {
	var out []rune
	for _, r := range i18n.Compose(strings.ToValidUTF8(s, "")) {
		switch {
		case unicode.IsSpace(r):
			if r != '\u3000' {
				r = ' '
			}
			if n := len(out); n > 0 && !IsSpace(out[n-1]) {
				out = append(out, r)
			}
		case !unicode.IsGraphic(r) || invisible(r):
		case f.Has(r):
			out = append(out, r)
		default:
			put := f.instead(r)
			if n := len(out); n > 0 && out[n-1] == Geta && !unicode.Is(unicode.Han, r) && len(put) == 1 && put[0] == Geta {
				put = nil // a word in a script that the font lacks is one geta
			}
			out = append(out, put...)
		}
	}
	for len(out) > 0 && IsSpace(out[len(out)-1]) {
		out = out[:len(out)-1]
	}
	return out
}

// instead is what stands for a rune the face lacks: its plain form without accents, else the geta for letters and numbers.
func (f *Face) instead(r rune) []rune {
	var plain []rune
	for _, d := range norm.NFKD.String(string(r)) {
		if unicode.Is(unicode.M, d) {
			continue
		}
		if !f.Has(d) {
			plain = nil
			break
		}
		plain = append(plain, d)
	}
	if len(plain) == 0 && (unicode.IsLetter(r) || unicode.IsNumber(r)) {
		noted.note(r)
		return []rune{Geta}
	}
	return plain
}

// invisible reports marks that only say how another character looks: they are not drawn by themselves.
func invisible(r rune) bool {
	return unicode.Is(unicode.Variation_Selector, r) || r == '\u20e3' || r == '\u00ad'
}

// IsSpace reports the two spaces that Spell leaves.
func IsSpace(r rune) bool { return r == ' ' || r == '\u3000' }
