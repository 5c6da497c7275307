// Package handbook knows the handbook: what people need to know to use Tsudoi, by role, in both languages, served by the program itself.
//
// A page is a Markdown file (docs/handbook/name.ja.md and name.en.md) whose first line is its title. There are no tables.
package handbook

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/docs"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Page is a page of the handbook.
type Page struct {
	Name  string
	Title i18n.Text
	Body  i18n.Text // Markdown, without the title
}

// Service reads the handbook.
type Service struct {
	pages  []*Page
	byName map[string]*Page
}

// order is that of the index; pages that are not named come last.
var order = []string{"start", "reader", "registration", "online", "account", "speaker", "chair", "desk", "briefing", "registration-desk", "options", "figures", "money", "roles", "signage", "meeting-file", "operator", "api"}

// New reads the pages that the program was built with.
func New() *Service {
	s := &Service{byName: map[string]*Page{}}
	files, _ := fs.Glob(docs.Handbook, "handbook/*.md") // the pattern is right
	for _, f := range files {
		name, l, ok := split(path.Base(f))
		b, err := fs.ReadFile(docs.Handbook, f)
		if !ok || err != nil {
			continue
		}
		p := s.byName[name]
		if p == nil {
			p = &Page{Name: name}
			s.byName[name] = p
			s.pages = append(s.pages, p)
		}
		title, body, _ := strings.Cut(string(b), "\n")
		p.Title = p.Title.With(l, strings.TrimSpace(strings.TrimPrefix(title, "#")))
		p.Body = p.Body.With(l, strings.Replace(body, rolesMark, rolesIn(l), 1))
	}
	slices.SortFunc(s.pages, func(a, b *Page) int {
		return cmp.Or(cmp.Compare(place(a.Name), place(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	return s
}

// split takes a file's name apart: operator.ja.md is the page operator in Japanese.
func split(file string) (name string, l i18n.Lang, ok bool) {
	parts := strings.Split(file, ".")
	if len(parts) != 3 {
		return "", "", false
	}
	l, ok = i18n.ParseLang(parts[1])
	return parts[0], l, ok
}

func place(name string) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}
