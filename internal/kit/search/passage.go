package search

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

const (
	maxPassage  = 1000 // characters
	maxPassages = 512  // of one language of one doc
	overlap     = 16   // characters said twice where a passage had to end inside a sentence

	// edition is part of every hash: raise it when tokens are made differently, and everything is written anew.
	edition = 1
)

// passage is one row of the index.
type passage struct {
	lang i18n.Lang
	part int // counts from 0 in its language
	text string
	hash []byte
}

// passages cuts the body of a doc. A doc without a body has one empty passage, for its title.
func passages(d *Doc) []passage {
	var out []passage
	for _, l := range i18n.Langs {
		for i, t := range cut(d.Body.Exact(l)) {
			out = append(out, passage{lang: l, part: i, text: t})
		}
	}
	if len(out) == 0 {
		out = []passage{{lang: d.Title.LangFor(i18n.JA)}}
	}
	for i, p := range out {
		out[i].hash = hash(d.Scope, d.Kind, d.Title.JA, d.Title.EN, d.Context.JA, d.Context.EN, d.Words, p.text)
	}
	return out
}

// cut divides a clean text into passages, at the end of a paragraph, sentence or word where there is one in the last part.
func cut(s string) []string {
	var out []string
	for s = strings.TrimSpace(s); s != "" && len(out) < maxPassages; {
		head := firstRunes(s, maxPassage)
		for tooOften(head) {
			head = firstRunes(head, utf8.RuneCountInString(head)/2)
		}
		if len(head) == len(s) {
			return append(out, s)
		}
		end, clean := boundary(head)
		out = append(out, strings.TrimSpace(s[:end]))
		next := end
		if !clean {
			for range overlap {
				_, w := utf8.DecodeLastRuneInString(s[:next])
				next -= w
			}
		}
		s = strings.TrimSpace(s[next:])
	}
	return out
}

// boundary finds where to end a passage that may be as long as head, and says whether that is between words.
func boundary(head string) (end int, clean bool) {
	least := len(head) / 2
	for _, ends := range []string{"\n", "。．.！？!?", " 、，,)）」"} {
		if i := strings.LastIndexAny(head, ends); i >= least {
			_, w := utf8.DecodeRuneInString(head[i:])
			return i + w, true
		}
	}
	return len(head), false
}

// clean makes text that both engines store and pages show: valid UTF-8, no control characters, white space in single spaces, or
// single line ends where there was one.
func clean(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	var b strings.Builder
	b.Grow(len(s))
	var space rune
	for _, r := range s {
		switch {
		case r == '\n' || r == '\u2028' || r == '\u2029':
			space = '\n'
		case unicode.IsSpace(r) || unicode.IsControl(r):
			if space == 0 {
				space = ' '
			}
		default:
			if space != 0 && b.Len() > 0 {
				b.WriteRune(space)
			}
			space = 0
			b.WriteRune(r)
		}
	}
	if most <= 0 {
		return b.String()
	}
	return firstRunes(b.String(), most)
}

func cleanDoc(d Doc) Doc {
	d.Title = d.Title.Map(func(s string) string { return clean(s, 500) })
	d.Context = d.Context.Map(func(s string) string { return clean(s, 200) })
	d.Words = clean(d.Words, 2000)
	d.Body = d.Body.Map(func(s string) string { return clean(s, 0) })
	d.URL = clean(d.URL, 0)
	return d
}

// hash is a digest of the parts, which cannot run into each other.
func hash(parts ...string) []byte {
	h := sha256.New()
	b := []byte{edition}
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	h.Write(b)
	return h.Sum(nil)[:16]
}

// columns are the tokens of a passage: those of the title apart, each list of lists with a gap between the inner ones.
type columns struct {
	title, body text
	names       []string // kind and scope
}

// text is the tokens of several stretches of text.
type text struct {
	runs  [][]token
	loose []string // each once
}

func tokens(d *Doc, p *passage) columns {
	return columns{
		title: textOf(d.Title.JA, d.Title.EN),
		body:  textOf(p.text, d.Words, d.Context.JA, d.Context.EN),
		names: []string{name(kindToken, d.Kind), name(scopeToken, d.Scope)},
	}
}

func textOf(parts ...string) text {
	var t text
	seen := map[string]bool{}
	for _, p := range parts {
		if p == "" {
			continue
		}
		us := units(fold(p))
		if run := ordered(us); len(run) > 0 {
			t.runs = append(t.runs, run)
		}
		for _, k := range loose(us) {
			if !seen[k.text] {
				seen[k.text] = true
				t.loose = append(t.loose, k.text)
			}
		}
	}
	return t
}
