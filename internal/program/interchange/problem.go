package interchange

import (
	"fmt"
	"strings"
	"unicode"
)

// Problem is something in a file that was not as it should be, and what was done about it. The words are English and stable:
// scripts may look for them.
type Problem struct {
	File  string // the name of the file as given, without its folder
	Place string // where: "line 12", "session C14", "row 3"; empty for the whole file
	What  string // what is wrong
	Done  string // what was done with it
}

// String is the problem as exactly one line: "file: place: what; done".
func (p Problem) String() string {
	s := p.What
	if p.Place != "" {
		s = p.Place + ": " + s
	}
	if p.File != "" {
		s = p.File + ": " + s
	}
	if p.Done != "" {
		s += "; " + p.Done
	}
	return oneLine(s)
}

// maxProblems is how many problems one file may report: whoever sees a thousand lines needs a better file, not more lines.
const maxProblems = 1000

// notes collects the problems of one file.
type notes struct {
	file    string
	list    []Problem
	dropped int
	said    map[string]bool
}

// add records a problem.
func (n *notes) add(place, what, done string) {
	if len(n.list) >= maxProblems {
		n.dropped++
		return
	}
	n.list = append(n.list, Problem{File: oneLine(n.file), Place: oneLine(place), What: oneLine(what), Done: oneLine(done)})
}

// once records a problem that many places share, for the first of them only.
func (n *notes) once(place, what, done string) {
	if n.said == nil {
		n.said = map[string]bool{}
	}
	if key := what + "\x00" + done; !n.said[key] {
		n.said[key] = true
		n.add(place, what, done)
	}
}

// problems returns what was collected, with a last line that counts those beyond the limit.
func (n *notes) problems() []Problem {
	if n.dropped == 0 {
		return n.list
	}
	more := Problem{File: n.file, What: fmt.Sprintf("%d more problems", n.dropped), Done: "not listed"}
	return append(n.list[:len(n.list):len(n.list)], more)
}

// oneLine makes a text that cannot break out of its line or reverse its reading order.
func oneLine(s string) string {
	if !strings.ContainsFunc(s, unprintable) {
		return s
	}
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			return ' '
		case unprintable(r):
			return -1
		}
		return r
	}, s)), " ")
}

// unprintable reports control characters, and those that change the order in which a line is read: Unicode's bidirectional
// embeddings, overrides and isolates (UAX #9), and the line and paragraph separators.
func unprintable(r rune) bool {
	switch {
	case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return true
	}
	return r == '\u2028' || r == '\u2029' || r == '\ufeff' || r == '\u200e' || r == '\u200f'
}

// quote shows a value of a file within a problem, cut so that the line stays readable.
func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return `"` + oneLine(s) + `"`
}

// nearest finds the known word closest to what was written, for "did you mean"; empty where none is close.
func nearest(word string, known []string) string {
	if len(known) > maxSuggestions {
		return ""
	}
	best, least := "", 1+max(1, len([]rune(word))*2/5)
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k), least); d < least {
			best, least = k, d
		}
	}
	return best
}

// maxSuggestions is among how many words the nearest is looked for: a suggestion is not worth seconds.
const maxSuggestions = 500

// suggestions are the keys of a list, unless there are too many to look for the nearest.
func suggestions[T any](list []T, key func(T) string) []string {
	if len(list) > maxSuggestions {
		return nil
	}
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = key(v)
	}
	return out
}

// didYouMean is the nearest known word as the end of a sentence, or nothing.
func didYouMean(word string, known []string) string {
	if k := nearest(word, known); k != "" {
		return fmt.Sprintf(" (did you mean %s?)", k)
	}
	return ""
}

// distance is the number of single-character edits between a and b, or limit where it is not less.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 || len(x)-len(y) >= limit || len(y)-len(x) >= limit {
		return limit
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return min(row[len(y)], limit)
}
