package typeface

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/encoding/japanese"
)

// Everyday reports the characters that nearly every text in Japanese or English is written with: those of Latin-1, dashes and quotation marks, and
// of JIS X 0208 the signs, kana and the kanji of the first level.
func Everyday(r rune) bool {
	if r >= ' ' && r < 0x100 || r >= 0x2010 && r < 0x2030 || r == Geta {
		return true
	}
	if r >= 0x10000 {
		return false
	}
	b, err := japanese.EUCJP.NewEncoder().Bytes([]byte(string(r)))
	return err == nil && len(b) == 2 && b[0] >= 0xa1 && b[0] <= 0xa0+47
}

// Subset makes a font file of those characters of the face itself that are to be kept. Writing papers with a smaller font is several times faster,
// since some tables of a font are written into each paper whole.
func (f *Face) Subset(keep func(rune) bool) ([]byte, error) {
	s, err := f.cut()
	if err != nil {
		return nil, err
	}
	var buf sfnt.Buffer
	for r := range rune(len(f.widths)) {
		if !f.Own(r) || !keep(r) {
			continue
		}
		g, err := f.Font.GlyphIndex(&buf, r)
		if err != nil {
			return nil, fmt.Errorf("find the glyph of %q: %w", r, err)
		}
		s.runes = append(s.runes, r)
		s.take(int(g))
	}
	s.components()
	return s.file(), nil
}

// cutting is a smaller font being made.
type cutting struct {
	tables map[string][]byte
	long   bool // of the original: offsets of glyphs are long
	glyphs []int
	place  map[int]int // where a glyph of the original is now; the first, where there are two
	data   [][]byte
	runes  []rune // of glyph 1 and those after it
}

// cut reads the tables of a font.
func (f *Face) cut() (*cutting, error) {
	s := &cutting{tables: map[string][]byte{}, place: map[int]int{}}
	b := f.TTF
	for i := range int(binary.BigEndian.Uint16(b[4:])) {
		e := b[12+16*i:]
		at, n := binary.BigEndian.Uint32(e[8:]), binary.BigEndian.Uint32(e[12:])
		if uint64(at)+uint64(n) > uint64(len(b)) {
			return nil, errors.New("a table of the font is cut off")
		}
		s.tables[string(e[:4])] = b[at : at+n]
	}
	for _, name := range []string{"head", "hhea", "maxp", "hmtx", "loca", "glyf", "OS/2", "post", "name"} {
		if s.tables[name] == nil {
			return nil, fmt.Errorf("the font has no table %s", name)
		}
	}
	s.long = binary.BigEndian.Uint16(s.tables["head"][50:]) == 1
	s.take(0) // what is drawn for what is missing
	return s, nil
}

// take adds a glyph.
func (s *cutting) take(g int) {
	if _, seen := s.place[g]; !seen {
		s.place[g] = len(s.glyphs)
	}
	s.glyphs = append(s.glyphs, g)
	s.data = append(s.data, s.outline(g))
}

// outline is how a glyph of the original is drawn.
func (s *cutting) outline(g int) []byte {
	loca := s.tables["loca"]
	at := func(i int) uint32 { return 2 * uint32(binary.BigEndian.Uint16(loca[2*i:])) }
	if s.long {
		at = func(i int) uint32 { return binary.BigEndian.Uint32(loca[4*i:]) }
	}
	return s.tables["glyf"][at(g):at(g+1)]
}

// Flags of a part of a composite glyph (OpenType, glyf table).
const (
	wordArgs  = 0x0001
	oneScale  = 0x0008
	moreParts = 0x0020
	twoScales = 0x0040
	matrix    = 0x0080
)

// components adds the glyphs that others are put together of, and tells those where they are now.
func (s *cutting) components() {
	for i := 0; i < len(s.data); i++ {
		d := s.data[i]
		if len(d) < 10 || int16(binary.BigEndian.Uint16(d)) >= 0 {
			continue
		}
		d = bytes.Clone(d)
		s.data[i] = d
		for at := 10; ; {
			flags, g := binary.BigEndian.Uint16(d[at:]), int(binary.BigEndian.Uint16(d[at+2:]))
			if _, seen := s.place[g]; !seen {
				s.take(g)
			}
			binary.BigEndian.PutUint16(d[at+2:], uint16(s.place[g]))
			if flags&moreParts == 0 {
				break
			}
			at += 6
			for bit, n := range map[uint16]int{wordArgs: 2, oneScale: 2, twoScales: 4, matrix: 8} {
				if flags&bit != 0 {
					at += n
				}
			}
		}
	}
}

// file writes the smaller font.
func (s *cutting) file() []byte {
	var glyf, loca, hmtx []byte
	metrics := int(binary.BigEndian.Uint16(s.tables["hhea"][34:]))
	old := s.tables["hmtx"]
	for i, g := range s.glyphs {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, s.data[i]...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		if g < metrics {
			hmtx = append(hmtx, old[4*g:4*g+4]...)
		} else {
			hmtx = append(hmtx, old[4*metrics-4:4*metrics-2]...)
			hmtx = append(hmtx, old[4*metrics+2*(g-metrics):][:2]...)
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	n := uint16(len(s.glyphs))
	head, hhea, maxp := bytes.Clone(s.tables["head"]), bytes.Clone(s.tables["hhea"]), bytes.Clone(s.tables["maxp"])
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint16(hhea[34:], n)
	binary.BigEndian.PutUint16(maxp[4:], n)
	return pack(map[string][]byte{
		"head": head, "hhea": hhea, "maxp": maxp, "hmtx": hmtx, "loca": loca, "glyf": glyf, "cmap": charmap(s.runes), "OS/2": s.tables["OS/2"],
		"post": s.tables["post"], "name": s.tables["name"], "cvt ": s.tables["cvt "], "fpgm": s.tables["fpgm"], "prep": s.tables["prep"],
	})
}

// charmap writes a cmap table for runes that are glyphs 1, 2 and so on: format 4 for the Basic Multilingual Plane and, where there is more, format 12
// for all.
func charmap(runes []rune) []byte {
	var spans []span
	for i, r := range runes {
		if n := len(spans); n > 0 && spans[n-1].last+1 == r && r != 0x10000 {
			spans[n-1].last = r
			continue
		}
		spans = append(spans, span{r, r, i + 1})
	}
	if len(spans) == 0 || spans[len(spans)-1].last <= 0xffff {
		return append([]byte{0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12}, format4(spans)...)
	}
	low, all := format4(spans), format12(spans)
	out := []byte{0, 0, 0, 2, 0, 3, 0, 1, 0, 0, 0, 20, 0, 3, 0, 10}
	out = binary.BigEndian.AppendUint32(out, uint32(20+len(low)))
	return append(append(out, low...), all...)
}

// span is runes in a row, whose glyphs are in a row too.
type span struct {
	first, last rune
	glyph       int // of the first
}

// format4 maps the runes of the Basic Multilingual Plane.
func format4(spans []span) []byte {
	var starts, ends, deltas []uint16
	for _, s := range spans {
		if s.last > 0xffff {
			break
		}
		starts, ends, deltas = append(starts, uint16(s.first)), append(ends, uint16(s.last)), append(deltas, uint16(s.glyph)-uint16(s.first))
	}
	starts, ends, deltas = append(starts, 0xffff), append(ends, 0xffff), append(deltas, 1)
	n := len(starts)
	var out []byte
	put := func(list ...uint16) {
		for _, v := range list {
			out = binary.BigEndian.AppendUint16(out, v)
		}
	}
	put(4, uint16(16+8*n), 0, uint16(2*n), 0, 0, 0)
	put(ends...)
	put(0)
	put(starts...)
	put(deltas...)
	put(make([]uint16, n)...)
	return out
}

// format12 maps all runes.
func format12(spans []span) []byte {
	out := []byte{0, 12, 0, 0}
	for _, v := range []int{16 + 12*len(spans), 0, len(spans)} {
		out = binary.BigEndian.AppendUint32(out, uint32(v))
	}
	for _, s := range spans {
		for _, v := range []int{int(s.first), int(s.last), s.glyph} {
			out = binary.BigEndian.AppendUint32(out, uint32(v))
		}
	}
	return out
}

// pack writes tables into a font file.
func pack(tables map[string][]byte) []byte {
	var names []string
	for name, t := range tables {
		if len(t) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	out := []byte{0, 1, 0, 0}
	for _, v := range []uint16{uint16(len(names)), 128, 3, uint16(16*len(names) - 128)} {
		out = binary.BigEndian.AppendUint16(out, v)
	}
	at := 12 + 16*len(names)
	for _, name := range names {
		t := tables[name]
		out = append(out, name...)
		for _, v := range []uint32{sum(t), uint32(at), uint32(len(t))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		at += (len(t) + 3) &^ 3
	}
	for _, name := range names {
		out = append(out, tables[name]...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}

// sum is the check sum of a table.
func sum(t []byte) (n uint32) {
	for i := 0; i < len(t); i += 4 {
		var word [4]byte
		copy(word[:], t[i:])
		n += binary.BigEndian.Uint32(word[:])
	}
	return n
}
