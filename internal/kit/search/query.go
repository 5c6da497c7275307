package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxQuery = 256 // characters
	maxTerms = 16
)

// phrase is tokens that must follow each other. Of the last one, prefix means that it may be the start of a longer one.
type phrase struct {
	tokens []string
	prefix bool
}

// term is one word of a query: any of its phrases will do.
type term []phrase

// query is what was asked for: every wanted term, and none of the unwanted.
type query struct{ want, not []term }

// parse reads what a person typed. It never fails: what cannot be searched for is left out.
func parse(s string) query {
	var q query
	ps := pieces(firstRunes(strings.ToValidUTF8(s, " "), maxQuery))
	for i, p := range ps {
		us := units(fold(p.text))
		if len(us) == 0 {
			continue
		}
		switch {
		case p.not:
			q.not = append(q.not, exact(us))
		case p.quoted:
			q.want = append(q.want, exact(us))
		default:
			for len(us) > 0 {
				n := 1
				for n < len(us) && us[n].glued {
					n++
				}
				q.want = append(q.want, free(us[:n], i == len(ps)-1 && n == len(us)))
				us = us[n:]
			}
		}
	}
	q.want = q.want[:min(len(q.want), maxTerms)]
	q.not = q.not[:min(len(q.not), maxTerms)]
	return q
}

// piece is a stretch of a query between spaces or in quotes.
type piece struct {
	text        string
	quoted, not bool
}

func pieces(s string) []piece {
	var out []piece
	for s != "" {
		r, w := utf8.DecodeRuneInString(s)
		if unicode.IsSpace(r) {
			s = s[w:]
			continue
		}
		var p piece
		if rest := s[w:]; strings.ContainsRune("-－−", r) && rest != "" && !unicode.IsSpace(first(rest)) {
			p.not, s = true, rest
		}
		if r, w := utf8.DecodeRuneInString(s); quote(r) {
			s, p.quoted = s[w:], true
		}
		end := strings.IndexFunc(s, func(r rune) bool { return quote(r) || !p.quoted && unicode.IsSpace(r) })
		if end < 0 {
			end = len(s)
		}
		p.text, s = s[:end], s[end:]
		if r, w := utf8.DecodeRuneInString(s); p.quoted && quote(r) {
			s = s[w:]
		}
		out = append(out, p)
	}
	return out
}

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func quote(r rune) bool { return strings.ContainsRune(`"“”„＂`, r) }

// exact is a phrase as it stands.
func exact(us []unit) term {
	var ts []string
	for _, t := range ordered(us) {
		ts = append(ts, t.text)
	}
	last := us[len(us)-1]
	if last.class != cjk {
		return term{{tokens: ts}}
	}
	// A run may go on where the phrase ends, so that its last character need not be the last of a run.
	head, char := ts[:len(ts)-1], last.chars[len(last.chars)-1].r
	switch {
	case len(last.chars) > 1:
		return term{{tokens: head}}
	case len(ts) == 1:
		return term{{tokens: []string{write(charToken, char)}}}
	}
	pair := append(append([]string{}, head...), write(pairToken, char))
	return term{{tokens: ts}, {tokens: pair, prefix: true}}
}

// free is a word without quotes: it is also found spelled otherwise, and, as the last of a query, as the start of a longer one.
func free(us []unit, last bool) term {
	if us[0].class == cjk {
		var t term
		for _, cs := range spellings(us[0].chars) {
			t = append(t, exact([]unit{{chars: cs, class: cjk}})...)
		}
		return t
	}
	t := exact(us)
	if cs, ok := joined(us); ok {
		t = append(t, phrase{tokens: []string{word(wordToken, cs)}})
	} else if len(us) == 1 && us[0].class == letter && len(us[0].chars) > 1 {
		t = append(t, phrase{tokens: []string{word(joinedToken, us[0].chars)}})
	}
	if end := us[len(us)-1]; last && end.class == letter && len(end.chars) > 1 && len(end.chars) < maxWord {
		for i := range t {
			t[i].prefix = true
		}
	}
	return t
}

// spellings writes a run with and without the long mark that ends a katakana word of three letters or more (サーバ, サーバー). Where
// the run ends with the word, the shorter is enough, since it is part of the longer. At most eight spellings are tried.
func spellings(cs []char) [][]char {
	out := [][]char{nil}
	for i := 0; i < len(cs); {
		j := i + 1
		for isKatakana(cs[i].r) && j < len(cs) && isKatakana(cs[j].r) {
			j++
		}
		stem, long := cs[i:j], cs[j-1].r == longMark
		if long {
			stem = cs[i : j-1]
		}
		optional := isKatakana(cs[i].r) && len(stem) >= 3
		for k, n := 0, len(out); k < n; k++ {
			so := out[k]
			out[k] = join(so, cs[i:j])
			switch {
			case optional && j == len(cs):
				out[k] = join(so, stem)
			case optional && long && n <= 4:
				out = append(out, join(so, stem))
			case optional && n <= 4:
				out = append(out, join(so, stem, []char{{r: longMark, class: cjk}}))
			}
		}
		i = j
	}
	return out
}

func join(lists ...[]char) []char {
	var out []char
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}
