package search

import (
	"strings"
	"unicode/utf8"
)

// A token is one word of the index. The first letter says what it is, the rest is written with a-z and 0-9 only (see write):
//
//	w  a word of letters, or of digits: RFC7606 is two
//	b  two neighbouring characters of a script without spaces
//	u  the last character of a run of those
//	c  any one character of those; has no place among the others
//	j  a hyphenated word joined together, Wi-Fi as wifi; has no place among the others
//	k  the kind and
//	s  the scope of the doc
//	g  a gap, which no phrase crosses
//
// w, b and u stand in the order of the text, so that a phrase is found by tokens that follow each other.
const (
	wordToken   = 'w'
	pairToken   = 'b'
	lastToken   = 'u'
	charToken   = 'c'
	joinedToken = 'j'
	kindToken   = 'k'
	scopeToken  = 's'
	gapToken    = "g"
)

// maxWord is how many characters of a word count.
const maxWord = 64

// token is a word of the index and the bytes of the original it covers.
type token struct {
	text     string
	from, to int
	one      int // where the first character ends; of pairs only
}

// unit is a stretch of characters of one class.
type unit struct {
	chars []char
	class class
	glued bool // belongs to the word before it: RFC and 7606, 2001 and db8
	hyph  bool // glued by one hyphen or apostrophe
}

// units cuts folded text into stretches of letters, of digits, and of characters of scripts without spaces.
func units(cs []char) []unit {
	var out []unit
	for i := 0; i < len(cs); {
		if cs[i].class == other {
			i++
			continue
		}
		j := i + 1
		for j < len(cs) && cs[j].class == cs[i].class {
			j++
		}
		u := unit{chars: cs[i:j:j], class: cs[i].class}
		if n := len(out); n > 0 && u.class != cjk && out[n-1].class != cjk {
			from := i
			for from > 0 && cs[from-1].class == other && i-from < 4 {
				from--
			}
			u.glued, u.hyph = joint(cs[from:i], out[n-1].class == digit || u.class == digit)
		}
		out = append(out, u)
		i = j
	}
	return out
}

// joint says whether what stands between two stretches keeps them one word.
func joint(between []char, number bool) (glued, hyphen bool) {
	if len(between) > 3 {
		return false, false
	}
	for _, c := range between {
		switch c.r {
		case '-', '‐', '‑', '\'', '’':
			hyphen = true
		case '.', '_', ':', '@', '&', '+', '%', '=':
		case '/':
			if !number {
				return false, false
			}
		default:
			return false, false
		}
	}
	return true, hyphen && len(between) == 1
}

// ordered returns the tokens that have a place, in their order.
func ordered(us []unit) []token {
	var out []token
	for _, u := range us {
		if u.class != cjk {
			out = append(out, token{text: word(wordToken, u.chars), from: u.chars[0].start, to: u.chars[len(u.chars)-1].end})
			continue
		}
		for i, c := range u.chars {
			if i+1 == len(u.chars) {
				out = append(out, token{text: write(lastToken, c.r), from: c.start, to: c.end, one: c.end})
				break
			}
			next := u.chars[i+1]
			out = append(out, token{text: write(pairToken, c.r, next.r), from: c.start, to: next.end, one: c.end})
		}
	}
	return out
}

// loose returns the tokens that have no place, as often as they occur.
func loose(us []unit) []token {
	var out []token
	for i := 0; i < len(us); i++ {
		if us[i].class == cjk {
			for _, c := range us[i].chars {
				out = append(out, token{text: write(charToken, c.r), from: c.start, to: c.end})
			}
			continue
		}
		n := 1
		for i+n < len(us) && us[i+n].glued {
			n++
		}
		if cs, ok := joined(us[i : i+n]); ok {
			out = append(out, token{text: word(joinedToken, cs), from: cs[0].start, to: cs[len(cs)-1].end})
		}
		i += n - 1
	}
	return out
}

// joined returns the letters of a hyphenated word, where the units are one.
func joined(us []unit) ([]char, bool) {
	if len(us) < 2 || len(us) > 4 {
		return nil, false
	}
	var cs []char
	for i, u := range us {
		if u.class != letter || i > 0 && !u.hyph {
			return nil, false
		}
		cs = append(cs, u.chars...)
	}
	return cs, true
}

func word(first byte, cs []char) string {
	rs := make([]rune, 0, maxWord)
	for _, c := range cs[:min(len(cs), maxWord)] {
		rs = append(rs, c.r)
	}
	return write(first, rs...)
}

// name writes a kind or a scope as a token.
func name(first byte, s string) string { return write(first, []rune(s)...) }

// write makes a token. Words keep the letters a-y and digits; every other character, and every one of a pair, becomes four digits of
// base 36, in words after a z. So different words are different tokens, and the start of a word is the start of its token.
func write(first byte, rs ...rune) string {
	pair := first == pairToken || first == lastToken || first == charToken
	var b strings.Builder
	b.Grow(1 + 5*len(rs))
	b.WriteByte(first)
	for _, r := range rs {
		if !pair {
			if r >= '0' && r <= '9' || r >= 'a' && r <= 'y' {
				b.WriteByte(byte(r))
				continue
			}
			b.WriteByte('z')
		}
		const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
		b.Write([]byte{digits[r/46656%36], digits[r/1296%36], digits[r/36%36], digits[r%36]})
	}
	return b.String()
}

// firstRunes cuts s after n characters.
func firstRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// tooOften reports that a token occurs more often in s than PostgreSQL keeps places of one (255; tsvector drops the rest silently).
func tooOften(s string) bool {
	if utf8.RuneCountInString(s) <= 200 {
		return false
	}
	seen := map[string]int{}
	for _, t := range ordered(units(fold(s))) {
		if seen[t.text]++; seen[t.text] > 200 {
			return true
		}
	}
	return false
}
