package event

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/markdown"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	meetingPage = web.NewPage[meetingData](Mast, web.From(Files, "pages/meeting.html", "pages/parts.html"))
	textPage    = web.NewPage[textData](Mast, web.From(Files, "pages/text.html"))
)

// meetingData is what the home page of a meeting shows.
type meetingData struct {
	*Stored
	State     stateWords
	When      string
	Zone      string // named where readers may live elsewhere
	KeyVisual string
	About     template.HTML
	AboutIn   i18n.Lang
	Register  string  // where one registers, or empty
	Line      *Series // the series
	LineURL   string
	Hosts     []Organisation
	Site      string // the host name of the meeting's site elsewhere
	Stretches []stretch
	Places    []place
	Counts    Overview
	Programme string // address of the list of sessions; empty where there is none
	Roles     []roleGroup
	Numbers   []figure
	Older     *item
	Newer     *item
	From      []item // one, or none
	Derived   []item
}

// stretch is a part with its days, and the days before it on which nothing is.
type stretch struct {
	*Part // nil for the days of a meeting without parts
	Gap   int
	Days  []day
}

// day is a day of a meeting; it has a URL where it has a timetable.
type day struct {
	Month   string
	Number  string
	Weekday string
	URL     string
	N       int // sessions
}

// place is a venue with its rooms; Venue is nil for rooms of none.
type place struct {
	*Venue
	Rooms []Room
}

func (p *pages) meeting(w http.ResponseWriter, r *http.Request) error {
	m, c, err := p.open(r)
	if err != nil {
		return err
	}
	return p.show(w, r, m, "", stateOf(m, c), func(ctx context.Context, out io.Writer, f *web.Frame) error {
		d := meetingData{
			Stored: m, State: p.state(f, &m.Meeting), When: m.When(f.Lang), KeyVisual: mediaURL(m.KeyVisual), Site: host(m.URL),
			About: markdown.Render(f.In(m.Summary)), AboutIn: m.Summary.LangFor(f.Lang), Places: places(&m.Meeting), Numbers: figures(m.Figures),
		}
		if p.o.Programme != nil {
			if d.Counts, err = p.o.Programme.Overview(ctx, m.ID); err != nil {
				return err
			}
		}
		if d.Counts.Total > 0 || len(d.Counts.Kinds) > 0 {
			d.Programme = f.URL("/meetings/" + m.Slug + "/programme")
		}
		if m.Start != "" {
			d.Zone = f.Zone(m.Start.Time(m.Location()))
		}
		registers, err := p.registers(ctx, m)
		if err != nil {
			return err
		}
		if registers {
			d.Register = f.URL("/meetings/" + m.Slug + "/registration")
		}
		d.Stretches = stretches(f, &m.Meeting, d.Counts.Days)
		d.Hosts, d.Roles = organisations(m.Orgs)
		p.relate(f, &d, c)
		f.Title = f.In(m.Title)
		f.Description = describe(f, m)
		f.Styles = append(f.Styles, accentClasses(c)...)
		f.JSONLD = jsonLD(f, m)
		return meetingPage.Render(out, f, d)
	})
}

// relate finds what the meeting is related to: its series, its neighbours in it, what it derives from and what derives from it.
func (p *pages) relate(f *web.Frame, d *meetingData, c *site) {
	if s, err := c.seriesOf(d.Series); err == nil {
		d.Line, d.LineURL = s, web.Address(f.Lang, firstLang(c.group.Languages), "/series/"+s.Key)
	}
	one := func(m *Summary) *item {
		if m == nil {
			return nil
		}
		it := p.item(f, c, m)
		return &it
	}
	older, newer := neighbours(c, d.Stored)
	d.Older, d.Newer = one(older), one(newer)
	if m := c.bySlug[d.DerivedFrom]; m != nil {
		d.From = append(d.From, p.item(f, c, m))
	}
	for _, m := range c.meetings {
		if m.DerivedFrom == d.Slug {
			d.Derived = append(d.Derived, p.item(f, c, m))
		}
	}
}

// Uncounted reports that some sessions are of kinds that do not enter the total.
func (d meetingData) Uncounted() bool {
	return d.Counts.Total > 0 && slices.ContainsFunc(d.Counts.Kinds, func(k KindCount) bool { return !k.Counts })
}

// describe is the meeting in one or two sentences, for search engines and cards.
func describe(f *web.Frame, m *Stored) string {
	if s := markdown.Plain(f.In(m.Summary), 160); s != "" {
		return s
	}
	var parts []string
	for _, s := range []string{f.In(m.Theme), m.When(f.Lang), f.In(m.Place)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return f.Join(parts)
}

// stretches are the parts with their days; each knows how many days without a programme lie before it.
func stretches(f *web.Frame, m *Meeting, counts []DayCount) []stretch {
	n := map[Date]int{}
	for _, c := range counts {
		n[c.Day] = c.N
	}
	var out []stretch
	last := Date("")
	add := func(p *Part, dates []Date) {
		s := stretch{Part: p}
		for _, d := range dates {
			s.Days = append(s.Days, dayOf(f, m, d, n[d]))
		}
		if last != "" && len(dates) > 0 {
			s.Gap = max(0, daysBetween(last, dates[0])-1)
		}
		if len(dates) > 0 {
			last = dates[len(dates)-1]
		}
		out = append(out, s)
	}
	for i := range m.Parts {
		add(&m.Parts[i], m.Parts[i].Days)
	}
	if days := m.Days(); len(m.Parts) == 0 && len(days) > 0 && len(days) <= 31 {
		add(nil, days)
	}
	return out
}

func dayOf(f *web.Frame, m *Meeting, d Date, n int) day {
	t := d.Time(m.Location())
	out := day{Month: monthName(f.Lang, t), Number: fmt.Sprint(t.Day()), Weekday: f.Weekday(t), N: n}
	if n > 0 {
		out.URL = f.URL("/meetings/" + m.Slug + "/timetable/" + string(d))
	}
	return out
}

func monthName(l i18n.Lang, t time.Time) string {
	if l == i18n.JA {
		return fmt.Sprintf("%d月", t.Month())
	}
	return t.Month().String()[:3]
}

// places are the venues with their rooms, rooms of no venue last.
func places(m *Meeting) []place {
	var out []place
	for i := range m.Venues {
		v := place{Venue: &m.Venues[i]}
		for _, r := range m.Rooms {
			if r.Venue == v.Key {
				v.Rooms = append(v.Rooms, r)
			}
		}
		out = append(out, v)
	}
	loose := place{}
	for _, r := range m.Rooms {
		if r.Venue == "" {
			loose.Rooms = append(loose.Rooms, r)
		}
	}
	if len(loose.Rooms) > 0 {
		out = append(out, loose)
	}
	return out
}

// textData is one of a meeting's own pages.
type textData struct {
	Title  i18n.Text
	Body   template.HTML
	BodyIn i18n.Lang
}

func (p *pages) ownPage(w http.ResponseWriter, r *http.Request) error {
	m, c, err := p.open(r)
	if err != nil {
		return err
	}
	page := m.Page(r.PathValue("page"))
	if page == nil {
		return fault.Missing()
	}
	return p.show(w, r, m, "pages/"+page.Slug, stateOf(m, c), func(_ context.Context, out io.Writer, f *web.Frame) error {
		f.Title = f.In(page.Title) + " · " + f.In(m.Name())
		f.Description = markdown.Plain(f.In(page.Body), 160)
		return textPage.Render(out, f, textData{page.Title, markdown.Render(f.In(page.Body)), page.Body.LangFor(f.Lang)})
	})
}
