package mail

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"text/template"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Template is a letter that can only be written with a T: one file for each language, <name>.ja.txt and <name>.en.txt, whose first line is
// "Subject: ...". They are text/template; see Funcs.
type Template[T any] struct {
	kind  string
	langs map[i18n.Lang]written
}

// written is a letter's template in one language.
type written struct{ subject, body *template.Template }

// Check is a template with the zero value of its data, for the test that type-checks them all.
type Check struct {
	Name string
	Tmpl *template.Template
	Data any
}

// Checked is something that can be type-checked: a Template.
type Checked interface{ Checks() []Check }

// NewTemplate reads the files of a letter, such as "mail/signin", and says of which kind its letters are. It panics on a file that is
// missing or does not parse: that is a mistake of the program, found by the first test.
func NewTemplate[T any](f fs.FS, name, kind string) Template[T] {
	t := Template[T]{kind: kind, langs: map[i18n.Lang]written{}}
	for _, l := range i18n.Langs {
		file := name + "." + string(l) + ".txt"
		b, err := fs.ReadFile(f, file)
		if err != nil {
			panic(fmt.Sprintf("mail: %s: %v", file, err))
		}
		head, body, _ := strings.Cut(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
		subject, ok := strings.CutPrefix(head, "Subject: ")
		if !ok || strings.TrimSpace(subject) == "" || strings.TrimSpace(body) == "" {
			panic("mail: " + file + ": the first line is \"Subject: ...\", and the text follows")
		}
		parse := func(text string) *template.Template {
			return template.Must(template.New(file).Option("missingkey=error").Funcs(Funcs(l)).Parse(text))
		}
		t.langs[l] = written{parse(subject), parse(strings.TrimLeft(body, "\n"))}
	}
	return t
}

// Funcs are what a letter's template may call, in its language: text (of an i18n.Text), day, shortday, moment, clock and zone (of a time), and
// join (of names).
func Funcs(l i18n.Lang) template.FuncMap {
	return template.FuncMap{
		"text":     func(t i18n.Text) string { return t.In(l) },
		"day":      func(t time.Time) string { return i18n.Day(l, t) },
		"shortday": func(t time.Time) string { return i18n.ShortDay(l, t) },
		"moment":   func(t time.Time) string { return i18n.Moment(l, t) },
		"clock":    func(t time.Time) string { return t.Format("15:04") },
		"zone":     func(t time.Time) string { return i18n.Zone(l, t) },
		"join":     func(names []string) string { return i18n.Join(l, names) },
	}
}

// Letter writes the letter. What else it needs, such as a key, is for the caller to add.
func (t Template[T]) Letter(to Address, data T) (Letter, error) {
	out := Letter{Kind: t.kind, To: to}
	for _, l := range i18n.Langs {
		subject, err := execute(t.langs[l].subject, data)
		if err != nil {
			return Letter{}, err
		}
		body, err := execute(t.langs[l].body, data)
		if err != nil {
			return Letter{}, err
		}
		out.Subject, out.Body = out.Subject.With(l, oneLine(subject)), out.Body.With(l, tidy(body))
	}
	return out, nil
}

func execute(t *template.Template, data any) (string, error) {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return "", fmt.Errorf("write a letter: %w", err)
	}
	return b.String(), nil
}

// Checks returns the templates for type-checking.
func (t Template[T]) Checks() []Check {
	var zero T
	var out []Check
	for _, l := range i18n.Langs {
		for what, tmpl := range map[string]*template.Template{"subject": t.langs[l].subject, "text": t.langs[l].body} {
			out = append(out, Check{fmt.Sprintf("%s of %T (%s)", what, zero, tmpl.Name()), tmpl, zero})
		}
	}
	return out
}
