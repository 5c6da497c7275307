package search

import (
	"fmt"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// grammar writes queries and passages in an engine's own language. Nothing but tokens enters it.
type grammar struct {
	phrase   func(b *strings.Builder, p phrase, title bool)
	all, any string
	not      string
	title    string // before a parenthesis: only in the title
}

func grammarOf(e db.Engine) grammar {
	if e == db.Postgres {
		return grammar{phrase: tsPhrase, all: " & ", any: " | ", not: " & !"}
	}
	return grammar{phrase: ftsPhrase, all: " AND ", any: " OR ", not: " NOT ", title: "{title} : "}
}

// ftsPhrase writes "a b c" or "a b c" *.
func ftsPhrase(b *strings.Builder, p phrase, _ bool) {
	b.WriteByte('"')
	b.WriteString(strings.Join(p.tokens, " "))
	b.WriteByte('"')
	if p.prefix {
		b.WriteString(" *")
	}
}

// tsPhrase writes 'a' <-> 'b' <-> 'c':*, or with the weight A of the title.
func tsPhrase(b *strings.Builder, p phrase, title bool) {
	b.WriteByte('(')
	for i, t := range p.tokens {
		if i > 0 {
			b.WriteString(" <-> ")
		}
		b.WriteString("'" + t + "'")
		star := p.prefix && i == len(p.tokens)-1
		if star || title {
			b.WriteByte(':')
		}
		if star {
			b.WriteByte('*')
		}
		if title {
			b.WriteByte('A')
		}
	}
	b.WriteByte(')')
}

// tier is a set of hits within an order.
type tier int

const (
	everywhere  tier = iota
	inTitle          // every word stands in the title
	notAllTitle      // the others
)

// tiers are the sets that an order goes through, one after the other.
func tiers(s Sort) []tier {
	if s == Relevance {
		return []tier{inTitle, notAllTitle}
	}
	return []tier{everywhere}
}

// match writes the expression for a passage that has the wanted terms of q in a tier and none of the unwanted, within the filters of f.
func (g grammar) match(q query, t tier, f Query) string {
	var b strings.Builder
	whole := func(title bool) {
		b.WriteByte('(')
		for i, w := range q.want {
			if i > 0 {
				b.WriteString(g.all)
			}
			g.term(&b, w, title)
		}
		b.WriteByte(')')
	}
	b.WriteString("((")
	if t == inTitle {
		b.WriteString(g.title)
	}
	whole(t == inTitle)
	if t == notAllTitle {
		b.WriteString(g.not + g.title)
		whole(true)
	}
	b.WriteByte(')')
	if len(q.not) > 0 {
		b.WriteString(g.not + "(" + g.unwanted(q) + ")")
	}
	b.WriteByte(')')
	g.filter(&b, kindToken, f.Kinds)
	g.filter(&b, scopeToken, f.Scopes)
	return b.String()
}

// unwanted writes the expression for the terms that a doc must not have, or nothing.
func (g grammar) unwanted(q query) string {
	var b strings.Builder
	for i, w := range q.not {
		if i > 0 {
			b.WriteString(g.any)
		}
		g.term(&b, w, false)
	}
	return b.String()
}

func (g grammar) term(b *strings.Builder, t term, title bool) {
	b.WriteByte('(')
	for i, p := range t {
		if i > 0 {
			b.WriteString(g.any)
		}
		g.phrase(b, p, title)
	}
	b.WriteByte(')')
}

func (g grammar) filter(b *strings.Builder, first byte, names []string) {
	if len(names) == 0 {
		return
	}
	t := make(term, len(names))
	for i, n := range names {
		t[i] = phrase{tokens: []string{name(first, n)}}
	}
	b.WriteString(g.all)
	g.term(b, t, false)
}

// ftsText writes the tokens of a column for FTS5.
func ftsText(t text) string {
	var b strings.Builder
	for i, run := range t.runs {
		if i > 0 {
			b.WriteString(" " + gapToken + " ")
		}
		for j, k := range run {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(k.text)
		}
	}
	for i, l := range t.loose {
		if i == 0 {
			b.WriteString(" " + gapToken)
		}
		b.WriteString(" " + l)
	}
	return b.String()
}

// loosePlace is where tokens without a place are put in a tsvector: weights need one. It is past every other place.
const loosePlace = 16000

// tsVector writes a passage as a tsvector literal. Its places end at 16,383; a passage with its title and words has fewer than 5,000
// characters.
func tsVector(c columns) string {
	places := map[string][]string{}
	at := 1
	add := func(t text, weight string) {
		for _, run := range t.runs {
			for _, k := range run {
				places[k.text] = append(places[k.text], fmt.Sprint(at)+weight)
				at++
			}
			at++
		}
		for _, l := range t.loose {
			places[l] = append(places[l], fmt.Sprint(loosePlace)+weight)
		}
	}
	add(c.title, "A")
	add(c.body, "")
	var b strings.Builder
	for k, ps := range places {
		b.WriteString("'" + k + "':" + strings.Join(ps, ",") + " ")
	}
	for _, n := range c.names {
		b.WriteString("'" + n + "' ")
	}
	return b.String()
}
