package event

import (
	"context"
	"html/template"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/markdown"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	homePage   = web.NewPage[homeData](web.From(Files, "pages/home.html", "pages/parts.html"))
	listPage   = web.NewPage[listData](web.From(Files, "pages/meetings.html", "pages/parts.html"))
	seriesPage = web.NewPage[seriesData](web.From(Files, "pages/series.html", "pages/parts.html"))
)

// latest is how many meetings of a series the home page shows.
const latest = 3

// item is a meeting in a list.
type item struct {
	*Summary
	F     *web.Frame // for the templates that pages share
	URL   string
	Head  string // its theme without the second half
	When  string
	Class string // gives it its own accent
	State stateWords
}

// stateWords say in words where a meeting stands; empty for what is long past.
type stateWords struct {
	Text string
	Live bool
}

// group are the meetings of a series, newest first. The last one of a list may be of no series.
type group struct {
	Series   *Series // nil for meetings of none
	About    template.HTML
	URL      string
	Items    []item
	Years    []year
	More     int // how many are not in Items
	AboutIn  i18n.Lang
	Position int
}

// year are the meetings of a year; Year is empty where no date is known.
type year struct {
	Year  string
	Label string
	Items []item
}

// homeData is what the home page shows.
type homeData struct {
	Group   *Group
	Logo    string
	About   template.HTML
	AboutIn i18n.Lang
	Hero    *hero
	Groups  []group
	News    []newsItem
}

// hero is the meeting that the home page opens with.
type hero struct {
	item
	Title template.HTML
	Sub   string
	Lang  i18n.Lang // of title and sub
	Name  template.HTML
	Logo  string
	Menu  []web.Item
	Label string // next, running, last
	Plate plate
}

type newsItem struct {
	News
	URL string
}

// listData is the list of every meeting.
type listData struct {
	Groups []group
	Total  int
}

// seriesData is a series with its meetings.
type seriesData struct {
	Group group
}

func (p *pages) home(w http.ResponseWriter, r *http.Request) error {
	c, err := p.current(r.Context())
	if err != nil {
		return err
	}
	return p.show(w, r, nil, "", itoa(c.version), func(ctx context.Context, out io.Writer, f *web.Frame) error {
		now := p.o.Now()
		d := homeData{Group: c.group, Logo: mediaURL(c.group.Logo), About: markdown.Render(f.In(c.group.About)), AboutIn: c.group.About.LangFor(f.Lang)}
		d.Groups = p.groups(f, c, latest)
		if m := featured(c.meetings, now); m != nil {
			if d.Hero, err = p.hero(ctx, f, c, m); err != nil {
				return err
			}
			if a := m.accent(c.group); a != "" {
				f.Styles = accentStyle(a)
			}
		}
		if d.News, err = p.news(ctx, f); err != nil {
			return err
		}
		f.Styles = append(f.Styles, accentClasses(c)...)
		f.Class = "home"
		f.Description = markdown.Plain(f.In(c.group.About), 160)
		return homePage.Render(out, f, d)
	})
}

// news are the last changes of every programme.
func (p *pages) news(ctx context.Context, f *web.Frame) ([]newsItem, error) {
	if p.o.Programme == nil {
		return nil, nil
	}
	news, err := p.o.Programme.WhatIsNew(ctx, 6)
	if err != nil {
		return nil, err
	}
	out := make([]newsItem, len(news))
	for i, n := range news {
		out[i] = newsItem{n, p.addressIn(ctx, f, n.Slug, n.Path)}
	}
	return out, nil
}

// addressIn is the address of a page of a meeting in the language of the page that links to it.
func (p *pages) addressIn(ctx context.Context, f *web.Frame, slug, path string) string {
	def := f.Default
	if c, err := p.current(ctx); err == nil {
		if m := c.bySlug[slug]; m != nil {
			def = m.DefaultLang()
		}
	}
	return web.Address(f.Lang, def, path)
}

// hero makes the opening of the home page.
func (p *pages) hero(ctx context.Context, f *web.Frame, c *site, m *Summary) (*hero, error) {
	h := &hero{item: p.item(f, c, m), Name: f.Text(m.Title), Logo: mediaURL(m.Logo), Label: f.T("event.hero.last"), Plate: plateOf(f.Lang, m.Meeting)}
	theme := m.Theme
	if theme.IsZero() {
		theme, h.Name = m.Title, ""
	}
	head, sub := splitTheme(f.In(theme))
	h.Title, h.Sub, h.Lang = m.emphasised(head), sub, theme.LangFor(f.Lang)
	switch at, _ := m.StandingAt(p.o.Now()); at {
	case Now:
		h.Label, h.State = "", stateWords{f.T("event.hero.now"), true}
	case Between:
		h.Label = ""
	case Ahead, Unknown:
		h.Label = f.T("event.hero.next")
	}
	full, err := p.Meeting(ctx, m.Slug)
	if err != nil {
		return nil, err
	}
	local := *f
	local.Default = m.DefaultLang()
	items, err := p.menu(ctx, &local, full, "")
	if err != nil {
		return nil, err
	}
	h.Menu = items[:min(len(items), 5)]
	return h, nil
}

// item is a meeting for a list.
func (p *pages) item(f *web.Frame, c *site, m *Summary) item {
	theme, _ := splitTheme(f.In(m.Theme))
	return item{
		Summary: m, F: f, URL: web.Address(f.Lang, m.DefaultLang(), "/meetings/"+m.Slug), Head: theme,
		When: m.When(f.Lang), Class: accentClass(m.accent(c.group)), State: p.state(f, m),
	}
}

// state is where a meeting stands, in words.
func (p *pages) state(f *web.Frame, m interface {
	StandingAt(time.Time) (Standing, int)
}) stateWords {
	switch at, days := m.StandingAt(p.o.Now()); {
	case at == Now:
		return stateWords{f.T("event.state.now"), true}
	case at == Between:
		return stateWords{f.T("event.state.between", "n", days), true}
	case at == Ahead && days == 1:
		return stateWords{Text: f.T("event.state.tomorrow")}
	case at == Ahead && days > 0:
		return stateWords{Text: f.T("event.state.days", "n", days)}
	case at == Ahead:
		return stateWords{Text: f.T("event.state.planned")}
	}
	return stateWords{}
}

// groups sorts the meetings by series, of each the newest up to a number (0: all), those of no series last. A series without a meeting is listed
// where it says something about itself.
func (p *pages) groups(f *web.Frame, c *site, most int) []group {
	by := map[string][]item{}
	for _, m := range c.meetings {
		by[m.Series] = append(by[m.Series], p.item(f, c, m))
	}
	var out []group
	for i := range c.series {
		s := &c.series[i]
		if items := by[s.Key]; len(items) > 0 || !s.About.IsZero() {
			out = append(out, p.group(f, s, items, most))
		}
	}
	if items := by[""]; len(items) > 0 {
		out = append(out, p.group(f, nil, items, most))
	}
	for i := range out {
		out[i].Position = i + 1
	}
	return out
}

func (p *pages) group(f *web.Frame, s *Series, items []item, most int) group {
	g := group{Series: s, Items: items}
	if s != nil {
		g.URL, g.About, g.AboutIn = f.URL("/series/"+s.Key), markdown.RenderUnder(f.In(s.About), 2), s.About.LangFor(f.Lang)
	}
	if most > 0 && len(items) > most {
		g.Items, g.More = items[:most], len(items)-most
	}
	for _, it := range g.Items {
		if n := len(g.Years); n == 0 || g.Years[n-1].Year != it.Year() {
			g.Years = append(g.Years, year{Year: it.Year(), Label: it.Year()})
			if it.Year() == "" {
				g.Years[n].Label = f.T("event.list.none")
			}
		}
		last := &g.Years[len(g.Years)-1]
		last.Items = append(last.Items, it)
	}
	return g
}

func (p *pages) list(w http.ResponseWriter, r *http.Request) error {
	c, err := p.current(r.Context())
	if err != nil {
		return err
	}
	return p.show(w, r, nil, "meetings", itoa(c.version), func(_ context.Context, out io.Writer, f *web.Frame) error {
		f.Title = f.T("event.list.title")
		f.Description = f.T("event.list.description", "n", len(c.meetings), "group", c.group.Name)
		f.Styles = append(f.Styles, accentClasses(c)...)
		return listPage.Render(out, f, listData{p.groups(f, c, 0), len(c.meetings)})
	})
}

func (p *pages) oneSeries(w http.ResponseWriter, r *http.Request) error {
	c, err := p.current(r.Context())
	if err != nil {
		return err
	}
	s, err := c.seriesOf(r.PathValue("key"))
	if err != nil {
		return err
	}
	return p.show(w, r, nil, "meetings", itoa(c.version), func(_ context.Context, out io.Writer, f *web.Frame) error {
		var items []item
		for _, m := range c.meetings {
			if m.Series == s.Key {
				items = append(items, p.item(f, c, m))
			}
		}
		f.Title, f.Description = f.In(s.Title), markdown.Plain(f.In(s.About), 160)
		f.Styles = append(f.Styles, accentClasses(c)...)
		return seriesPage.Render(out, f, seriesData{p.group(f, s, items, 0)})
	})
}

// neighbours are the meetings before and after one in its series, or nil.
func neighbours(c *site, m *Stored) (older, newer *Summary) {
	if m.Series == "" {
		return nil, nil
	}
	var line []*Summary
	for _, o := range c.meetings {
		if o.Series == m.Series {
			line = append(line, o)
		}
	}
	i := slices.IndexFunc(line, func(o *Summary) bool { return o.ID == m.ID })
	if i > 0 {
		newer = line[i-1]
	}
	if i >= 0 && i+1 < len(line) {
		older = line[i+1]
	}
	return older, newer
}
