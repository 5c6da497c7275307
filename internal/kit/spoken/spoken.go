// Package spoken turns a reference that nobody can read aloud into three everyday words that everybody can, at a desk with noise around:
// とまと・のこぎり・えんとつ is one of 16,777,216. In about every second meeting of 5,000 two references share their words, so words find
// an entry together with a look at the name; they are no key, and they are no secret.
package spoken

import (
	"crypto/sha256"
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed words.txt
var list string

// Count is how many words there are; a triple has three of them.
const Count = 256

// Triple is the words as a number, below Count³.
type Triple uint32

// Of is the triple of a reference.
func Of(ref string) Triple {
	sum := sha256.Sum256([]byte("tsudoi spoken 1\n" + strings.ToUpper(ref)))
	return Triple(sum[0])<<16 | Triple(sum[1])<<8 | Triple(sum[2])
}

// Say gives the words of a reference, in hiragana and in Latin letters.
func Say(ref string) (ja, en string) { return Of(ref).Say() }

// Say gives the words of a triple.
func (t Triple) Say() (ja, en string) {
	three := [3]int{int(t >> 16 & 0xff), int(t >> 8 & 0xff), int(t & 0xff)}
	var kana, romaji [3]string
	lines := strings.Fields(list)
	for i, n := range three {
		kana[i], romaji[i] = lines[2*n], lines[2*n+1]
	}
	return strings.Join(kana[:], "・"), strings.Join(romaji[:], " ")
}

// Match finds the triple of what people type: hiragana, katakana of either width or Latin letters of either width, in Hepburn or Kunrei
// spelling, long vowels written or not, with whatever stands between the words or nothing. A single slip in a word is forgiven.
func Match(text string) (Triple, bool) {
	words := known()
	parts := split(text)
	if len(parts) == 3 {
		t := Triple(0)
		for _, p := range parts {
			n, ok := words.near(fold(p))
			if !ok {
				return 0, false
			}
			t = t<<8 | Triple(n)
		}
		return t, true
	}
	found := words.pieces(strings.Join(parts, ""), 3, 0)
	if len(found) != 1 {
		return 0, false
	}
	return found[0], true
}

// split parts a text at what is neither a letter nor a mark of one, in one width.
func split(text string) []string {
	if len(text) > 400 {
		return nil
	}
	return strings.FieldsFunc(strings.ToLower(norm.NFKC.String(text)), func(r rune) bool {
		return r != 'ー' && r != '\'' && !unicode.IsLetter(r) && !unicode.IsMark(r)
	})
}

// dictionary leads from folded words to their numbers.
type dictionary struct {
	byFold map[string]int
	folded []string
}

// known is the dictionary, made once.
var known = sync.OnceValue(index)

func index() dictionary {
	d := dictionary{byFold: make(map[string]int, Count)}
	for i, f := range strings.Fields(list) {
		if i%2 == 1 {
			f = fold(f)
			d.byFold[f] = len(d.folded)
			d.folded = append(d.folded, f)
		}
	}
	return d
}

// near finds a folded word, or the only one that is one slip away.
func (d dictionary) near(f string) (int, bool) {
	if n, ok := d.byFold[f]; ok {
		return n, true
	}
	found, n := 0, 0
	for i, w := range d.folded {
		if distance(f, w) == 1 {
			found, n = found+1, i
		}
	}
	return n, found == 1
}

// pieces lists the ways in which a text without gaps is so many words.
func (d dictionary) pieces(text string, words int, before Triple) []Triple {
	if words == 0 {
		if text == "" {
			return []Triple{before}
		}
		return nil
	}
	var out []Triple
	for i := range text + " " {
		if i == 0 || i > 60 {
			continue
		}
		if n, ok := d.byFold[fold(text[:i])]; ok {
			for _, t := range d.pieces(text[i:], words-1, before<<8|Triple(n)) {
				if len(out) == 0 || out[len(out)-1] != t {
					out = append(out, t)
				}
			}
		}
	}
	return out
}

// distance is how many letters have to be added, removed or changed.
func distance(a, b string) int {
	if len(a)-len(b) > 1 || len(b)-len(a) > 1 {
		return 2
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
