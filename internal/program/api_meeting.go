package program

import (
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// apiMeeting is a meeting in the list of all of them.
type apiMeeting struct {
	Slug        string      `json:"slug"`
	Title       i18n.Text   `json:"title"`
	Short       string      `json:"short,omitzero"`
	Theme       i18n.Text   `json:"theme,omitzero"`
	Series      string      `json:"series,omitzero"`
	Phase       event.Phase `json:"phase,omitzero"`
	Start       event.Date  `json:"start,omitzero"`
	End         event.Date  `json:"end,omitzero"`
	Month       string      `json:"month,omitzero"`
	Timezone    string      `json:"timezone"`
	Languages   []string    `json:"languages"`
	Place       i18n.Text   `json:"place,omitzero"`
	Hashtag     string      `json:"hashtag,omitzero"`
	DerivedFrom string      `json:"derived_from,omitzero"`
	URL         string      `json:"url"`
	Self        string      `json:"self"`
}

// apiMeetingDetail is a meeting with everything that is its own but not its programme.
type apiMeetingDetail struct {
	apiMeeting
	Summary  i18n.Text    `json:"summary,omitzero"`
	Site     string       `json:"site,omitzero"` // the meeting's site elsewhere
	Boundary string       `json:"day_boundary"`
	Parts    []apiStretch `json:"parts"`
	Venues   []apiVenue   `json:"venues"`
	Rooms    []apiRoom    `json:"rooms"`
	Orgs     []apiOrg     `json:"organisations"`
	Pages    []apiSite    `json:"pages"`
	Links    []apiLink    `json:"links"`
	Figures  []apiFigure  `json:"figures"`
	Counts   apiCounts    `json:"counts"`
	Release  *apiCurrent  `json:"release,omitempty"` // missing where nothing was released
	Exports  apiExports   `json:"exports"`
}

type apiStretch struct {
	Key    string       `json:"key"`
	Title  i18n.Text    `json:"title"`
	Days   []event.Date `json:"days"`
	Place  i18n.Text    `json:"place,omitzero"`
	Online bool         `json:"online"`
	Onsite bool         `json:"onsite"`
}

type apiVenue struct {
	Key     string    `json:"key"`
	Name    i18n.Text `json:"name"`
	Address i18n.Text `json:"address,omitzero"`
	URL     string    `json:"url,omitzero"`
}

type apiRoom struct {
	Key      string    `json:"key"`
	Name     i18n.Text `json:"name"`
	Venue    string    `json:"venue,omitzero"`
	Location i18n.Text `json:"location,omitzero"`
	Capacity int       `json:"capacity,omitzero"`
	Online   bool      `json:"online"`
}

type apiOrg struct {
	Role  event.OrgRole `json:"role"`
	Class i18n.Text     `json:"class,omitzero"`
	Name  i18n.Text     `json:"name"`
	URL   string        `json:"url,omitzero"`
}

type apiSite struct {
	Slug  string    `json:"slug"`
	Title i18n.Text `json:"title"`
	URL   string    `json:"url"`
}

type apiFigure struct {
	Key     string    `json:"key"`
	Label   i18n.Text `json:"label"`
	Value   float64   `json:"value"`
	Unit    i18n.Text `json:"unit,omitzero"`
	Approx  bool      `json:"approx"`
	Scope   i18n.Text `json:"scope,omitzero"`
	Wording string    `json:"wording,omitzero"`
	Source  i18n.Text `json:"source,omitzero"`
	N       int       `json:"n,omitzero"`
	Of      string    `json:"of,omitzero"`
}

type apiCounts struct {
	Sessions   int `json:"sessions"`
	Programmes int `json:"programmes"` // sessions whose kind counts as a programme
	Speakers   int `json:"speakers"`
	Moved      int `json:"moved"`
	Releases   int `json:"releases"`
}

type apiCurrent struct {
	Number int       `json:"number"`
	Name   string    `json:"name,omitzero"`
	At     time.Time `json:"at"`
}

// apiExports are the URLs of the meeting's files.
type apiExports struct {
	XML  string `json:"schedule_xml"`
	JSON string `json:"schedule_json"`
	ICS  string `json:"schedule_ics"`
	CSV  string `json:"schedule_csv"`
	YAML string `json:"meeting_yaml"`
	Atom string `json:"changes_atom"`
}

// apiDay is a day of the programme.
type apiDay struct {
	Date     event.Date `json:"date"`
	Part     string     `json:"part,omitzero"`
	Timed    int        `json:"timed"`
	Untimed  int        `json:"untimed"`
	Start    time.Time  `json:"start,omitzero"` // of the first session
	End      time.Time  `json:"end,omitzero"`   // of the last
	Timezone string     `json:"timezone"`
}

type apiKind struct {
	Key      string    `json:"key"`
	Label    i18n.Text `json:"label"`
	Counts   bool      `json:"counts"`
	Pause    bool      `json:"pause"`
	Tint     int       `json:"tint"`
	Sessions int       `json:"sessions"`
}

func writeMeeting(base string, m *event.Meeting) apiMeeting {
	return apiMeeting{
		Slug: m.Slug, Title: m.Title, Short: m.Short, Theme: m.Theme, Series: m.Series, Phase: m.Phase, Start: m.Start, End: m.LastDay(), Month: m.Month,
		Timezone: m.Location().String(), Languages: mapped(m.Languages, func(l i18n.Lang) string { return string(l) }), Place: m.Place,
		Hashtag: m.Hashtag, DerivedFrom: m.DerivedFrom, URL: base + "/meetings/" + m.Slug, Self: base + "/api/v1/meetings/" + m.Slug,
	}
}

func (w apiWriter) meeting() apiMeetingDetail {
	m := &w.p.Meeting.Meeting
	page := w.base + "/meetings/" + m.Slug
	d := apiMeetingDetail{
		apiMeeting: writeMeeting(w.base, m), Summary: m.Summary, Site: m.URL, Boundary: m.Boundary(),
		Parts: mapped(m.Parts, func(p event.Part) apiStretch {
			return apiStretch{p.Key, p.Title, append([]event.Date{}, p.Days...), p.Place, p.Online, p.Onsite}
		}),
		Venues: mapped(m.Venues, func(v event.Venue) apiVenue { return apiVenue(v) }),
		Rooms:  w.rooms(),
		Orgs:   mapped(m.Orgs, func(o event.Organisation) apiOrg { return apiOrg{o.Role, o.Class, o.Name, o.URL} }),
		Pages: mapped(slices.DeleteFunc(slices.Clone(m.Pages), func(p event.Page) bool { return p.Hidden }), func(p event.Page) apiSite {
			return apiSite{p.Slug, p.Title, page + "/pages/" + p.Slug}
		}),
		Links: mapped(m.Links, func(l event.Link) apiLink {
			return apiLink{Kind: string(interchange.LinkWeb), Title: l.Title, URL: l.URL}
		}),
		Figures: mapped(m.Figures, func(f event.Figure) apiFigure { return apiFigure(f) }),
		Counts: apiCounts{
			Sessions: len(w.p.Items), Programmes: w.p.Count(), Speakers: len(w.p.Speakers), Moved: w.p.Moved, Releases: w.p.Releases,
		},
		Exports: apiExports{
			page + "/schedule.xml", page + "/schedule.json", page + "/schedule.ics", page + "/schedule.csv", page + "/meeting.yaml", page + "/changes.atom",
		},
	}
	if r := w.p.Release; r.Number > 0 {
		d.Release = &apiCurrent{r.Number, r.Name, r.At}
	}
	return d
}

func (w apiWriter) rooms() []apiRoom {
	return mapped(w.p.Meeting.Rooms, func(r event.Room) apiRoom { return apiRoom(r) })
}

func (w apiWriter) days() []apiDay {
	return mapped(w.p.Days, func(d *Day) apiDay {
		day := apiDay{Date: d.Date, Timed: len(d.Items), Untimed: len(d.Dated), Timezone: w.p.Meeting.Location().String()}
		if d.Part != nil {
			day.Part = d.Part.Key
		}
		for _, it := range d.Items {
			if day.Start.IsZero() || it.Start.Before(day.Start) {
				day.Start = it.Start
			}
			if it.End.After(day.End) {
				day.End = it.End
			}
		}
		return day
	})
}

func (w apiWriter) kinds() []apiKind {
	n := map[string]int{}
	for _, it := range w.p.Items {
		n[it.Kind]++
	}
	return mapped(w.p.Doc.Kinds, func(k interchange.Kind) apiKind {
		return apiKind{k.Key, k.Label, k.Counts, k.Pause, k.Tint, n[k.Key]}
	})
}
