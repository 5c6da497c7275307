package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

const (
	snippetWidth = 200 // columns: a character of Japanese is two
	snippetLead  = 40  // of those, before what was found
)

// Highlight divides a text into what a query finds and what it does not.
func Highlight(s, queryText string) []Piece {
	return divide(s, marks(s, parse(queryText)))
}

// Plain puts pieces together again.
func Plain(ps []Piece) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.Text)
	}
	return b.String()
}

// present makes a hit of a doc and the passage that was found.
func present(d *Doc, body string, in, l i18n.Lang, q query) Hit {
	h := Hit{Kind: d.Kind, Key: d.Key, URL: d.URL, At: d.At, TitleLang: d.Title.LangFor(l), SnippetLang: in}
	title, about := d.Title.In(l), d.Context.In(l)
	h.Title = divide(title, marks(title, q))
	h.Context = divide(about, marks(about, q))
	h.Snippet = snippet(body, marks(body, q))
	if marked(h.Title) || marked(h.Context) || marked(h.Snippet) {
		return h
	}
	// What was found is nothing of that: show where it is.
	other := h.TitleLang.Other()
	if ps := snippetOf(d.Title.Exact(other), q); marked(ps) {
		h.Snippet, h.SnippetLang = ps, other
	} else if ps := snippetOf(d.Words, q); marked(ps) {
		h.Snippet, h.SnippetLang = ps, i18n.JA
	}
	return h
}

func snippetOf(s string, q query) []Piece { return snippet(s, marks(s, q)) }

func marked(ps []Piece) bool { return slices.ContainsFunc(ps, func(p Piece) bool { return p.Hit }) }

// span is a stretch of bytes that a term covers.
type span struct{ from, to, term int }

// marks finds the wanted terms of a query in a text, as stretches in their order that do not touch.
func marks(s string, q query) []span {
	if s == "" {
		return nil
	}
	us := units(fold(s))
	inOrder, free := ordered(us), loose(us)
	var found []span
	for i, t := range q.want {
		for _, p := range t {
			list := inOrder
			if k := p.tokens[0][0]; k == charToken || k == joinedToken {
				list = free
			}
			found = append(found, p.in(list, i)...)
		}
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Or(a.from-b.from, a.to-b.to) })
	out := found[:0]
	for _, m := range found {
		if n := len(out); n > 0 && m.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, m.to)
			continue
		}
		out = append(out, m)
	}
	return out
}

// in finds a phrase among tokens.
func (p phrase) in(list []token, term int) []span {
	var out []span
	n := len(p.tokens)
	for i := 0; i+n <= len(list); i++ {
		if !p.at(list[i : i+n]) {
			continue
		}
		last := list[i+n-1]
		to := last.to
		if p.prefix && last.text[0] == pairToken {
			to = last.one
		}
		out = append(out, span{list[i].from, to, term})
	}
	return out
}

func (p phrase) at(list []token) bool {
	last := len(list) - 1
	for i, t := range list[:last] {
		if t.text != p.tokens[i] {
			return false
		}
	}
	if p.prefix {
		return strings.HasPrefix(list[last].text, p.tokens[last])
	}
	return list[last].text == p.tokens[last]
}

// divide cuts a text at its marks.
func divide(s string, ms []span) []Piece {
	var out []Piece
	at := 0
	for _, m := range ms {
		if m.from > at {
			out = append(out, Piece{Text: s[at:m.from]})
		}
		out = append(out, Piece{Text: s[m.from:m.to], Hit: true})
		at = m.to
	}
	if at < len(s) {
		out = append(out, Piece{Text: s[at:]})
	}
	return out
}

// snippet cuts a text to about 200 columns around the place where most different terms stand together.
func snippet(s string, ms []span) []Piece {
	at := best(s, ms)
	from := back(s, at, max(snippetLead, snippetWidth-wide(s[at:])))
	to := forward(s, from, snippetWidth)
	var in []span
	for _, m := range ms {
		if m.from >= from && m.from < to {
			to = max(to, m.to)
			in = append(in, span{m.from - from, m.to - from, m.term})
		}
	}
	out := divide(s[from:to], in)
	if from > 0 {
		out = append([]Piece{{Text: "…"}}, out...)
	}
	if to < len(s) {
		out = append(out, Piece{Text: "…"})
	}
	return out
}

// best is the mark from which most different terms follow within a snippet; the first of several.
func best(s string, ms []span) int {
	at, most := 0, 0
	for i, m := range ms {
		end := forward(s, m.from, snippetWidth-snippetLead)
		terms := map[int]bool{}
		for _, n := range ms[i:] {
			if n.to > end {
				break
			}
			terms[n.term] = true
		}
		if len(terms) > most || i == 0 {
			at, most = m.from, len(terms)
		}
	}
	return at
}

// forward is the end of the given number of columns after from, between characters.
func forward(s string, from, columns int) int {
	for i, r := range s[from:] {
		if columns -= width(r); columns < 0 && !ignorable(r) {
			return from + i
		}
	}
	return len(s)
}

// back is where a snippet begins that shows at: the given number of columns earlier, or a little less where a line, sentence or word
// starts there.
func back(s string, at, lead int) int {
	from := at
	for from > 0 && lead > 0 {
		r, w := utf8.DecodeLastRuneInString(s[:from])
		from -= w
		lead -= width(r)
	}
	if from == 0 {
		return 0
	}
	for _, ends := range []string{"\n。．！？", " 、，"} {
		if i := strings.IndexAny(s[from:at], ends); i >= 0 {
			_, w := utf8.DecodeRuneInString(s[from+i:])
			return from + i + w
		}
	}
	return from
}

// wide is how wide a text is, counted to the width of a snippet.
func wide(s string) int {
	n := 0
	for _, r := range s {
		if n += width(r); n >= snippetWidth {
			return snippetWidth
		}
	}
	return n
}

func width(r rune) int {
	if r >= 0x1100 {
		return 2
	}
	return 1
}
