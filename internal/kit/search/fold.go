package search

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// class says how a character takes part in words.
type class uint8

const (
	other  class = iota // separates words
	letter              // of a script that writes words apart
	digit
	cjk // of a script that does not: found by any part
)

// char is a character as words are compared by, and the bytes of the original it stands for.
type char struct {
	r          rune
	class      class
	start, end int
}

// fold writes a text the way words are compared: NFKC (which unites widths and makes half-width kana full), without case, without
// accents on Latin letters, with one form of each long mark, and without what has no width. Every char keeps its place in s.
func fold(s string) []char {
	f := folder{out: make([]char, 0, len(s)/2+8)}
	for i := 0; i < len(s); {
		n := norm.NFKC.QuickSpanString(s[i:])
		for j, r := range s[i : i+n] {
			w := utf8.RuneLen(r)
			if r == utf8.RuneError {
				_, w = utf8.DecodeRuneInString(s[i+j:])
			}
			f.add(r, i+j, i+j+w)
		}
		i += n
		if i >= len(s) {
			break
		}
		m := max(1, norm.NFKC.NextBoundaryInString(s[i:], true))
		for _, r := range norm.NFKC.String(s[i : i+m]) {
			f.add(r, i, i+m)
		}
		i += m
	}
	return settleMarks(f.out)
}

type folder struct {
	out   []char
	latin bool // the last letter was Latin, so that marks on it are dropped
}

func (f *folder) add(r rune, start, end int) {
	switch {
	case r < utf8.RuneSelf:
		f.ascii(r, start, end)
		return
	case ignorable(r) || f.latin && unicode.Is(unicode.Mn, r):
		if n := len(f.out); n > 0 {
			f.out[n-1].end = max(f.out[n-1].end, end)
		}
		return
	case isCJK(r):
		f.latin = false
		f.out = append(f.out, char{variant(r), cjk, start, end})
		return
	case !wordly(r):
		f.latin = false
		f.out = append(f.out, char{r, other, start, end})
		return
	}
	if f.latin = unicode.Is(unicode.Latin, r); f.latin {
		for _, q := range norm.NFD.String(cases.Fold().String(string(r))) {
			if !unicode.Is(unicode.Mn, q) {
				f.out = append(f.out, char{q, letter, start, end})
			}
		}
		return
	}
	c := letter
	if unicode.IsNumber(r) {
		c = digit
	}
	for _, q := range cases.Fold().String(string(r)) {
		f.out = append(f.out, char{q, c, start, end})
	}
}

func (f *folder) ascii(r rune, start, end int) {
	c := char{r, other, start, end}
	switch {
	case 'a' <= r && r <= 'z':
		c.class = letter
	case 'A' <= r && r <= 'Z':
		c.r, c.class = r+'a'-'A', letter
	case '0' <= r && r <= '9':
		c.class = digit
	}
	f.latin = c.class == letter
	f.out = append(f.out, c)
}

// ignorable characters have no width and no meaning for search: variation selectors, soft hyphens, joiners, marks of direction.
func ignorable(r rune) bool {
	return r == 0xAD || r == 0x34F || r == 0xFEFF || r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E ||
		r >= 0x2060 && r <= 0x206F || r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF || r >= 0x180B && r <= 0x180F
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// isCJK holds the scripts whose words are not written apart, and Korean, whose particles are not.
func isCJK(r rune) bool {
	return r == '〆' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func isKatakana(r rune) bool { return r == longMark || unicode.Is(unicode.Katakana, r) }

func isKana(r rune) bool { return isKatakana(r) || unicode.Is(unicode.Hiragana, r) }

// variant unites forms of a kanji that people use for the same name, and the small ケ of place names. NFKC leaves them apart.
func variant(r rune) rune {
	switch r {
	case '髙':
		return '高'
	case '﨑', '嵜', '碕':
		return '崎'
	case '𠮷':
		return '吉'
	case '邊', '邉':
		return '辺'
	case '濵', '濱':
		return '浜'
	case '齋':
		return '斎'
	case '齊':
		return '斉'
	case '澤':
		return '沢'
	case '廣':
		return '広'
	case '櫻':
		return '桜'
	case '德':
		return '徳'
	case '瀨':
		return '瀬'
	case '嶋', '嶌':
		return '島'
	case 'ヶ':
		return 'ケ'
	case 'ヵ':
		return 'カ'
	}
	return r
}

const longMark = 'ー'

// dash says whether r is written for a long mark: always after kana, or (soft) only between kana.
func dash(r rune) (is, soft bool) {
	switch r {
	case longMark, '‐', '‑', '‒', '–', '—', '―', '−', '─', '━', '〜':
		return true, false
	case '-', '~':
		return true, true
	}
	return false, false
}

// settleMarks decides what dashes and middle dots are, which depends on their neighbours: a dash after kana is a long mark and
// several are one; a dot between katakana is nothing; elsewhere both separate words.
func settleMarks(in []char) []char {
	out := in[:0]
	for i, c := range in {
		var before, after rune
		if len(out) > 0 && out[len(out)-1].class == cjk {
			before = out[len(out)-1].r
		}
		if i+1 < len(in) {
			after = in[i+1].r
		}
		is, soft := dash(c.r)
		switch {
		case is && isKana(before) && (!soft || isKana(after)):
			if before == longMark {
				out[len(out)-1].end = c.end
				continue
			}
			c.r, c.class = longMark, cjk
		case is:
			c.class = other
		case middleDot(c.r) && isKatakana(before) && isKatakana(after):
			out[len(out)-1].end = c.end
			continue
		}
		out = append(out, c)
	}
	return out
}

func middleDot(r rune) bool { return r == '・' || r == '·' || r == '•' || r == '‧' || r == '∙' }
