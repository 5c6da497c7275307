package event

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// What may stand in addresses and as keys.
var (
	slugPattern   = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)
	pagePattern   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	keyPattern    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	accentPattern = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
)

// The most that is stored, in characters, and of anything in a list.
const (
	maxLine = 2_000
	maxBody = 200_000
	maxList = 5_000
)

func invalid(key, field string) *fault.Error {
	return fault.New(fault.Invalid, "event.error."+key).On(field)
}

// valid checks what does not depend on what is stored.
func (in Input) valid() error {
	if g := in.Group; g != nil {
		if err := first(
			wanted("group.name", g.Name), zone("group.timezone", g.Timezone), accent("group.accent", g.Accent),
			address("group.url", g.URL), languages("group.languages", g.Languages), sizes("group", g.columns()),
		); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for i := range in.Series {
		s := &in.Series[i]
		at := "series." + s.Key
		if err := first(pattern("series.key", pagePattern, s.Key), once(at, seen, s.Key), wanted(at+".title", s.Title), sizes(at, s.columns())); err != nil {
			return err
		}
	}
	if in.Meeting == nil {
		return nil
	}
	return pattern("meeting.slug", slugPattern, in.Meeting.Slug)
}

// valid checks a meeting as it would be stored.
func (m *Meeting) valid() error {
	err := first(
		pattern("meeting.slug", slugPattern, m.Slug), wanted("meeting.title", m.Title), zone("meeting.timezone", m.Timezone),
		accent("meeting.accent", m.Accent), address("meeting.url", m.URL), languages("meeting.languages", m.Languages),
		optional("meeting.series", pagePattern, m.Series), optional("meeting.derived_from", slugPattern, m.DerivedFrom),
		picture("meeting.logo", m.Logo), picture("meeting.key_visual", m.KeyVisual), m.validPhase(), m.validDates(), sizes("meeting", m.columns()),
	)
	if err != nil {
		return err
	}
	for _, l := range m.lists() {
		if err := validList(l); err != nil {
			return err
		}
	}
	return first(m.validParts(), m.validRooms(), m.validPages(), m.validOrgs(), m.validFigures())
}

func (m *Meeting) validPhase() error {
	if m.Phase == "" {
		return nil
	}
	for _, p := range Phases {
		if p == m.Phase {
			return nil
		}
	}
	return invalid("phase", "meeting.phase").With("value", string(m.Phase))
}

func (m *Meeting) validDates() error {
	for _, d := range []struct {
		field string
		day   Date
	}{{"meeting.start", m.Start}, {"meeting.end", m.End}} {
		if d.day != "" && !d.day.Valid() {
			return invalid("date", d.field).With("value", string(d.day))
		}
	}
	switch {
	case m.Start == "" && m.End != "":
		return invalid("end_without_start", "meeting.end")
	case m.LastDay() < m.Start:
		return invalid("end_before_start", "meeting.end").With("start", string(m.Start)).With("end", string(m.End))
	case m.Start != "" && m.LastDay().Time(time.UTC).Sub(m.Start.Time(time.UTC)) >= maxDays*24*time.Hour:
		return invalid("too_long", "meeting.end").With("most", maxDays)
	}
	if m.Month != "" {
		if _, err := time.Parse("2006-01", m.Month); err != nil {
			return invalid("month", "meeting.month").With("value", m.Month)
		}
	}
	if m.DayBoundary != "" {
		if _, err := time.Parse("15:04", m.DayBoundary); err != nil || len(m.DayBoundary) != 5 {
			return invalid("clock", "meeting.day_boundary").With("value", m.DayBoundary)
		}
	}
	return nil
}

// validList checks what holds for every list: how long it is, that keys are keys and stand once, that addresses are addresses.
func validList(l list) error {
	if len(l.rows) > maxList {
		return invalid("too_many", l.noun).With("most", maxList)
	}
	seen := map[string]bool{}
	for _, r := range l.rows {
		at := l.noun + " " + r.label
		for _, c := range r.cols {
			var err error
			switch s := c.text(); c.name {
			case "key":
				err = first(pattern(at+".key", keyPattern, s), once(at, seen, s))
			case "url":
				err = address(at+".url", s)
			case "logo":
				err = picture(at+".logo", s)
			}
			if err != nil {
				return err
			}
		}
		if err := sizes(at, r.cols); err != nil {
			return err
		}
	}
	return nil
}

func (m *Meeting) validParts() error {
	for _, p := range m.Parts {
		if err := wanted("part "+p.Key+".title", p.Title); err != nil {
			return err
		}
		for _, d := range p.Days {
			at := "part " + p.Key + ".days"
			if !d.Valid() {
				return invalid("date", at).With("value", string(d))
			}
			if m.Start != "" && (d < m.Start || d > m.LastDay()) {
				return invalid("day_outside", at).With("value", string(d)).With("start", string(m.Start)).With("end", string(m.LastDay()))
			}
		}
	}
	return nil
}

func (m *Meeting) validRooms() error {
	for i := range m.Venues {
		if err := wanted("venue "+m.Venues[i].Key+".name", m.Venues[i].Name); err != nil {
			return err
		}
	}
	for _, r := range m.Rooms {
		at := "room " + r.Key
		if err := wanted(at+".name", r.Name); err != nil {
			return err
		}
		if r.Venue != "" && m.Venue(r.Venue) == nil {
			return invalid("unknown_venue", at+".venue").With("value", r.Venue)
		}
		if r.Capacity < 0 || r.Capacity > 1_000_000 {
			return invalid("capacity", at+".capacity").With("value", r.Capacity)
		}
	}
	return nil
}

func (m *Meeting) validPages() error {
	seen := map[string]bool{}
	for _, p := range m.Pages {
		at := "page " + p.Slug
		if err := first(pattern("page.slug", pagePattern, p.Slug), once(at, seen, p.Slug), wanted(at+".title", p.Title)); err != nil {
			return err
		}
	}
	for _, l := range m.Links {
		if l.URL == "" {
			return invalid("wanted", "link.url")
		}
	}
	return nil
}

func (m *Meeting) validOrgs() error {
	for _, o := range m.Orgs {
		at := "organisation " + o.Name.String()
		if err := wanted(at+".name", o.Name); err != nil {
			return err
		}
		known := false
		for _, r := range OrgRoles {
			known = known || r == o.Role
		}
		if !known {
			return invalid("role", at+".role").With("value", string(o.Role))
		}
	}
	return nil
}

func (m *Meeting) validFigures() error {
	for _, f := range m.Figures {
		at := "figure " + f.Key
		if err := wanted(at+".label", f.Label); err != nil {
			return err
		}
		if math.IsNaN(f.Value) || math.IsInf(f.Value, 0) || f.N < 0 {
			return invalid("number", at+".value")
		}
	}
	return nil
}

// first is the first mistake of several checks.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func pattern(field string, p *regexp.Regexp, s string) error {
	if !p.MatchString(s) {
		return invalid("key", field).With("value", clip(s))
	}
	return nil
}

func optional(field string, p *regexp.Regexp, s string) error {
	if s == "" {
		return nil
	}
	return pattern(field, p, s)
}

func once(field string, seen map[string]bool, key string) error {
	if seen[key] {
		return invalid("twice", field).With("value", key)
	}
	seen[key] = true
	return nil
}

func wanted(field string, t i18n.Text) error {
	if strings.TrimSpace(t.JA) == "" && strings.TrimSpace(t.EN) == "" {
		return invalid("wanted", field)
	}
	return nil
}

func zone(field, name string) error {
	if name == "" {
		return nil
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return invalid("zone", field).With("value", clip(name))
	}
	return nil
}

func accent(field, s string) error {
	if s != "" && !accentPattern.MatchString(s) {
		return invalid("accent", field).With("value", clip(s))
	}
	return nil
}

// address checks a link: http and https lead somewhere, and nothing else may.
func address(field, s string) error {
	if s == "" || isAddress(s) {
		return nil
	}
	return invalid("url", field).With("value", clip(s))
}

func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// picture checks a picture: a media name, or a path beside the file it came from. Pictures of other sites are never shown.
func picture(field, s string) error {
	if strings.Contains(s, "://") || strings.ContainsAny(s, "\\\x00") || strings.HasPrefix(s, "/") || strings.Contains("/"+s+"/", "/../") {
		return invalid("picture", field).With("value", clip(s))
	}
	return nil
}

func languages(field string, list []i18n.Lang) error {
	seen := map[string]bool{}
	for _, l := range list {
		if l != i18n.JA && l != i18n.EN {
			return invalid("language", field).With("value", clip(string(l)))
		}
		if err := once(field, seen, string(l)); err != nil {
			return err
		}
	}
	return nil
}

// sizes checks how long texts are. Markdown may be long, everything else is a line.
func sizes(at string, cols []column) error {
	for _, c := range cols {
		most := maxLine
		switch strings.TrimSuffix(strings.TrimSuffix(c.name, ".ja"), ".en") {
		case "about", "summary", "body":
			most = maxBody
		}
		if s := c.text(); len(s) > most && utf8.RuneCountInString(s) > most {
			return invalid("too_large", fmt.Sprintf("%s.%s", at, c.name)).With("most", most)
		}
	}
	return nil
}
