// Package i18n is everything that makes one program speak Japanese and English: text held in both languages, the
// choice of a language for a request, the catalogue of the program's own words, and dates and numbers as each language
// writes them.
package i18n

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"
)

// Lang is a language the program speaks, as a BCP 47 tag.
type Lang string

// The languages there are.
const (
	JA Lang = "ja"
	EN Lang = "en"
)

// Langs lists every language of the program in a fixed order.
var Langs = []Lang{JA, EN}

// ParseLang reads a tag such as "ja", "en-GB" or "EN" and says whether the program speaks it.
func ParseLang(s string) (Lang, bool) {
	s, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(s)), "-")
	switch Lang(s) {
	case JA, EN:
		return Lang(s), true
	}
	return "", false
}

// Other returns the other language of the two.
func (l Lang) Other() Lang {
	if l == JA {
		return EN
	}
	return JA
}

// Text is a text that people wrote in one or both languages. An empty field means that nobody wrote it in that language; it is
// never filled with a translation made by machine.
type Text struct {
	JA string `json:"ja,omitempty"`
	EN string `json:"en,omitempty"`
}

// T makes a Text from its Japanese and its English.
func T(ja, en string) Text { return Text{JA: ja, EN: en} }

// Only makes a Text that exists in one language.
func Only(l Lang, s string) Text { return Text{}.With(l, s) }

// In returns the text in l, or, where nobody wrote that, in the other language.
func (t Text) In(l Lang) string {
	if s := t.Exact(l); s != "" {
		return s
	}
	return t.Exact(l.Other())
}

// Exact returns the text in l and nothing else.
func (t Text) Exact(l Lang) string {
	if l == EN {
		return t.EN
	}
	return t.JA
}

// LangFor says in which language In(l) answers, for the lang attribute of what shows it.
func (t Text) LangFor(l Lang) Lang {
	if t.Exact(l) == "" && t.Exact(l.Other()) != "" {
		return l.Other()
	}
	return l
}

// With returns t with its text in l replaced.
func (t Text) With(l Lang, s string) Text {
	if l == EN {
		t.EN = s
	} else {
		t.JA = s
	}
	return t
}

// Map returns t with f applied to each language that is there.
func (t Text) Map(f func(string) string) Text {
	if t.JA != "" {
		t.JA = f(t.JA)
	}
	if t.EN != "" {
		t.EN = f(t.EN)
	}
	return t
}

// IsZero reports that the text is empty in both languages.
func (t Text) IsZero() bool { return t == Text{} }

// String joins both languages, for logs and messages only.
func (t Text) String() string {
	switch {
	case t.EN == "" || t.EN == t.JA:
		return t.JA
	case t.JA == "":
		return t.EN
	}
	return t.JA + " / " + t.EN
}

// UnmarshalYAML reads a mapping {ja: ..., en: ...}, or a plain scalar, which is Japanese. A meeting whose default language
// is English moves plain scalars over after reading (see interchange).
func (t *Text) UnmarshalYAML(n *yaml.Node) error {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			*t = Text{}
			return nil
		}
		*t = Text{JA: n.Value}
		return nil
	case yaml.MappingNode:
		*t = Text{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			l, ok := ParseLang(k.Value)
			if !ok {
				return fmt.Errorf("line %d: unknown language %q, use ja or en", k.Line, k.Value)
			}
			if v.Kind != yaml.ScalarNode {
				return fmt.Errorf("line %d: a text is wanted here", v.Line)
			}
			if v.Tag != "!!null" {
				*t = t.With(l, v.Value)
			}
		}
		return nil
	}
	return fmt.Errorf("line %d: a text, or a mapping with ja and en, is wanted here", n.Line)
}

// MarshalYAML writes a plain scalar where only Japanese is there, else the mapping.
func (t Text) MarshalYAML() (any, error) {
	if t.EN == "" {
		return t.JA, nil
	}
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, l := range Langs {
		if s := t.Exact(l); s != "" {
			var v yaml.Node
			v.SetString(s)
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: string(l)}, &v)
		}
	}
	return n, nil
}

// Compose gives a text the one spelling in which it is kept: composed (NFC), but for the compatibility ideographs. Normalization makes 塚 (U+585A) of
// 塚 (U+FA10) and 神 (U+795E) of 神 (U+FA19), as it must for comparing; of a name it would make another than its bearer wrote.
func Compose(s string) string {
	var out strings.Builder
	from := 0
	for i, r := range s {
		if r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800 && r <= 0x2FA1F {
			out.WriteString(norm.NFC.String(s[from:i]))
			out.WriteRune(r)
			from = i + utf8.RuneLen(r)
		}
	}
	if from == 0 {
		return norm.NFC.String(s)
	}
	out.WriteString(norm.NFC.String(s[from:]))
	return out.String()
}
