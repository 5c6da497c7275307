package event

import (
	"strings"
	"unicode"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Named is what people call an object of the audit log, such as a session.
type Named struct {
	Title i18n.Text
	URL   string // of its page; empty: it has none that is public
}

// piece is a stretch of a text that both versions have, or only one.
type piece struct {
	Text    string
	Differs bool
}

// maxCompared bounds the table of a comparison: longer texts are shown without marks.
const maxCompared = 1_000_000

// markDifferences marks what differs between two texts, word by word. Where nothing is alike, or there is too much of it, nothing is marked.
func markDifferences(before, after string) (was, is []piece) {
	a, b := wordsOf(before), wordsOf(after)
	from := 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	toA, toB := len(a), len(b)
	for toA > from && toB > from && a[toA-1] == b[toB-1] {
		toA, toB = toA-1, toB-1
	}
	if (toA-from)*(toB-from) > maxCompared || before == "" || after == "" {
		return []piece{{Text: before}}, []piece{{Text: after}}
	}
	sameA, sameB := make([]bool, len(a)), make([]bool, len(b))
	for i := range a {
		sameA[i] = i < from || i >= toA
	}
	for i := range b {
		sameB[i] = i < from || i >= toB
	}
	common(a[from:toA], b[from:toB], sameA[from:toA], sameB[from:toB])
	return pieces(a, sameA), pieces(b, sameB)
}

// common finds the longest common subsequence of two lists of words.
func common(a, b []string, sameA, sameB []bool) {
	width := len(b) + 1
	long := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				long[i*width+j] = long[(i+1)*width+j+1] + 1
			} else {
				long[i*width+j] = max(long[(i+1)*width+j], long[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			sameA[i], sameB[j] = true, true
			i, j = i+1, j+1
		case long[(i+1)*width+j] >= long[i*width+j+1]:
			i++
		default:
			j++
		}
	}
}

// pieces joins words of the same sort.
func pieces(words []string, same []bool) []piece {
	var out []piece
	for i, w := range words {
		if n := len(out); n > 0 && out[n-1].Differs == !same[i] {
			out[n-1].Text += w
			continue
		}
		out = append(out, piece{w, !same[i]})
	}
	return out
}

// script sorts letters so that a Japanese text falls into stretches that are mostly words.
func script(r rune) int {
	switch {
	case unicode.IsSpace(r):
		return 0
	case unicode.Is(unicode.Han, r) || r == '々':
		return 1
	case unicode.Is(unicode.Hiragana, r):
		return 2
	case unicode.Is(unicode.Katakana, r) || r == 'ー':
		return 3
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return 4
	}
	return -1 // a sign stands alone
}

// wordsOf cuts a text into words, spaces and signs, of which it is made up again.
func wordsOf(s string) []string {
	var out []string
	last := -1
	for _, r := range s {
		k := script(r)
		if n := len(out); n > 0 && k == last && k >= 0 {
			out[n-1] += string(r)
		} else {
			out = append(out, string(r))
		}
		last = k
	}
	return out
}

// splitObject takes the name of an object apart: session:K7Q2XM.
func splitObject(object string) (kind, id string) {
	kind, id, _ = strings.Cut(object, ":")
	return kind, id
}
