package event

import (
	"context"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Frame starts a page of a meeting: its language is the meeting's default unless the address says otherwise, and its menu, masthead and
// accent are the meeting's. current names the entry of the menu that the page belongs to: "", "timetable", "programme", "speakers",
// "changes", or "pages/" and the slug of a page. m is nil for a page of no meeting.
//
// The masthead is large on the home page and the timetable and small elsewhere; only the home page has its h1 in it.
func (s *Service) Frame(r *http.Request, site *web.Site, m *Stored, current string) (*web.Frame, error) {
	f, err := s.Start(r, site, m)
	if err != nil {
		return nil, err
	}
	return f, s.Fill(r.Context(), f, m, current)
}

// Start begins a page as Frame does, with its language and addresses only: all that is needed to look it up in a cache.
func (s *Service) Start(r *http.Request, site *web.Site, m *Stored) (*web.Frame, error) {
	g, err := s.Group(r.Context())
	if err != nil {
		return nil, err
	}
	own := *site
	own.Name = g.Name
	if len(g.Languages) > 0 {
		own.Default = g.Languages[0]
	}
	if m == nil {
		return own.Frame(r, own.Default)
	}
	return own.Frame(r, m.DefaultLang())
}

// Fill adds to a page what Start left out: accent, masthead and menu.
func (s *Service) Fill(ctx context.Context, f *web.Frame, m *Stored, current string) error {
	g, err := s.Group(ctx)
	if err != nil {
		return err
	}
	if m == nil {
		f.Styles = accentStyle(g.Accent)
		return nil
	}
	f.Styles = accentStyle(m.accent(g))
	f.Kind = "event"
	f.Mast = m.mast(f, current)
	if m.Phase == Draft { // it has no public pages
		f.NoIndex, f.Mast.URL = true, f.URL("/meetings/"+m.Slug+"/people")
		return nil
	}
	f.Image = f.URL("/meetings/" + m.Slug + "/card.png")
	f.Menu, err = s.menu(ctx, f, m, current)
	return err
}

// menu are the pages of a meeting: those of its programme that there are, its own pages, and what changed.
func (s *Service) menu(ctx context.Context, f *web.Frame, m *Stored, current string) ([]web.Item, error) {
	var p ProgrammeMenu
	if s.o.Programme != nil {
		var err error
		if p, err = s.o.Programme.Menu(ctx, m.ID); err != nil {
			return nil, err
		}
	}
	var items []web.Item
	add := func(there bool, title, path string, n int) {
		if !there {
			return
		}
		at := "/meetings/" + m.Slug
		if path != "" {
			at += "/" + path
		}
		items = append(items, web.Item{Title: title, URL: f.URL(at), Current: path == current, Count: n})
	}
	registers, err := s.registers(ctx, m)
	if err != nil {
		return nil, err
	}
	add(true, f.T("event.menu.home"), "", 0)
	add(registers, f.T("event.menu.registration"), "registration", 0)
	add(p.HasTimetable, f.T("event.menu.timetable"), "timetable", 0)
	add(p.HasSessions, f.T("event.menu.programme"), "programme", 0)
	add(p.HasSpeakers, f.T("event.menu.speakers"), "speakers", 0)
	for _, page := range m.Pages {
		add(!page.Hidden, f.In(page.Title), "pages/"+page.Slug, 0)
	}
	add(p.Changes > 0, f.T("event.menu.changes"), "changes", p.Changes)
	return items, nil
}

// mast is the masthead: the theme as its title, or the meeting's own where it has none.
func (m *Meeting) mast(f *web.Frame, current string) *web.Mast {
	theme := m.Theme
	mast := &web.Mast{URL: f.URL("/meetings/" + m.Slug), Label: f.In(m.Name()), Small: current != "" && current != "timetable", Heading: current == ""}
	if theme.IsZero() {
		theme = m.Title
	} else {
		mast.Eyebrow = append(mast.Eyebrow, f.Text(m.Title))
	}
	head, sub := splitTheme(f.In(theme))
	mast.Title, mast.Sub, mast.Lang = m.emphasised(head), sub, theme.LangFor(f.Lang)
	when := m.When(f.Lang)
	for _, s := range []i18n.Text{m.Place, i18n.T(when, when)} {
		if !s.IsZero() {
			mast.Eyebrow = append(mast.Eyebrow, f.Text(s))
		}
	}
	return mast
}

// splitTheme takes the second half of a theme off that stands between waves or after a dash: 主題 ～副題～.
func splitTheme(s string) (head, sub string) {
	for _, mark := range []string{"～", "〜", " - ", " – ", " — "} {
		i := strings.Index(s, mark)
		if i <= 0 {
			continue
		}
		head, sub = strings.TrimSpace(s[:i]), strings.TrimSpace(s[i:])
		if head != "" && strings.Trim(sub, mark+" ") != "" {
			return head, strings.Trim(sub, "-–— ")
		}
	}
	return s, ""
}

var leadingLetters = regexp.MustCompile(`^\p{L}{3,}`)

// emphasised is a title in which the name of the meeting's series stands in the accent colour, where it occurs in it: フラッとJANOG.
func (m *Meeting) emphasised(s string) template.HTML {
	name := leadingLetters.FindString(m.Short)
	i := -1
	if name != "" && name != s {
		i = strings.Index(s, name)
	}
	if i < 0 {
		return template.HTML(template.HTMLEscapeString(s)) //nolint:gosec // escaped
	}
	esc := template.HTMLEscapeString
	return template.HTML(esc(s[:i]) + `<span class="accent">` + esc(name) + "</span>" + esc(s[i+len(name):])) //nolint:gosec // escaped
}

// When writes the dates of the meeting, or its month, or nothing where neither is known.
func (m *Meeting) When(l i18n.Lang) string {
	if m.Start != "" {
		return i18n.Days(l, m.Start.Time(time.UTC), m.LastDay().Time(time.UTC))
	}
	if t, err := time.Parse("2006-01", m.Month); err == nil {
		return i18n.Month(l, t)
	}
	return ""
}
