package program

import (
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Op is what happened to a session between two releases.
type Op string

// The operations.
const (
	Added     Op = "added"
	Removed   Op = "removed"
	Cancelled Op = "cancelled"
	Restored  Op = "restored"
	Edited    Op = "edited"
)

// Change is what happened to one session between two states of a programme.
type Change struct {
	Op     Op            `json:"op"`
	GUID   string        `json:"guid"`
	Label  string        `json:"label"` // code, source id or reference, for people
	Title  i18n.Text     `json:"title"`
	Fields []FieldChange `json:"fields,omitempty"` // of an edited session
}

// FieldChange is one field that differs. A time is written as 2026-02-12 10:40, a list joined by commas; texts are bilingual.
type FieldChange struct {
	Field  string    `json:"field"`
	Before i18n.Text `json:"before"`
	After  i18n.Text `json:"after"`
}

// Moves reports whether the change concerns where or when the session is, or whether it takes place at all.
func (c *Change) Moves() bool {
	if c.Op != Edited {
		return true
	}
	return slices.ContainsFunc(c.Fields, func(f FieldChange) bool {
		return f.Field == "time" || f.Field == "room" || f.Field == "date"
	})
}

// Diff says what changed from one state of a programme to the next, in the order of the programme.
func Diff(before, after *interchange.Document) []Change {
	old := make(map[string]*interchange.Session, len(before.Sessions))
	for i := range before.Sessions {
		old[before.Sessions[i].GUID] = &before.Sessions[i]
	}
	var out []Change
	for i := range after.Sessions {
		n := &after.Sessions[i]
		o := old[n.GUID]
		delete(old, n.GUID)
		if c, differs := diffSession(before, after, o, n); differs {
			out = append(out, c)
		}
	}
	for i := range before.Sessions {
		if o := &before.Sessions[i]; old[o.GUID] != nil {
			out = append(out, Change{Op: Removed, GUID: o.GUID, Label: labelOf(o), Title: o.Title})
		}
	}
	return out
}

func diffSession(before, after *interchange.Document, o, n *interchange.Session) (Change, bool) {
	c := Change{Op: Edited, GUID: n.GUID, Label: labelOf(n), Title: n.Title}
	if o == nil {
		c.Op = Added
		return c, true
	}
	was, is := describe(before, o), describe(after, n)
	for i, f := range is {
		if was[i].text != f.text {
			c.Fields = append(c.Fields, FieldChange{Field: f.field, Before: was[i].text, After: f.text})
		}
	}
	switch {
	case o.Status != interchange.Cancelled && n.Status == interchange.Cancelled:
		c.Op = Cancelled
	case o.Status == interchange.Cancelled && n.Status != interchange.Cancelled:
		c.Op = Restored
	}
	return c, len(c.Fields) > 0 || c.Op != Edited
}

// labelOf is what people call a session by: its code, else the id of its source, else its reference.
func labelOf(s *interchange.Session) string {
	switch {
	case s.Code != "":
		return s.Code
	case s.Source != "":
		return s.Source
	}
	return s.Ref
}

type described struct {
	field string
	text  i18n.Text
}

// describe writes every field of a session as text, always in the same order.
func describe(d *interchange.Document, s *interchange.Session) []described {
	plain := func(v string) i18n.Text { return i18n.Text{JA: v} }
	return []described{
		{"date", plain(dateOnly(s))},
		{"time", plain(span(s.Start, s.End))},
		{"room", roomName(d, s)},
		{"code", plain(s.Code)},
		{"title", s.Title},
		{"subtitle", s.Subtitle},
		{"kind", kindLabel(d, s.Kind)},
		{"speakers", speakerNames(d, s.Speakers)},
		{"abstract", s.Abstract},
		{"parts", partsText(d, s.Parts)},
		{"topics", topicLabels(d, s.Topics)},
		{"language", plain(s.Language)},
		{"level", plain(s.Level)},
		{"slot", plain(s.Slot)},
		{"origin", plain(s.Origin)},
		{"links", linksText(s.Links)},
		{"policy", plain(policyText(s.Effective(d.Policy)))},
		{"profiles", profilesText(d, s)},
	}
}

func dateOnly(s *interchange.Session) string {
	if s.Timed() {
		return ""
	}
	return string(s.Date)
}

func span(from, to time.Time) string {
	if from.IsZero() {
		return ""
	}
	return from.Format("2006-01-02 15:04") + "–" + to.Format("15:04")
}

func roomName(d *interchange.Document, s *interchange.Session) i18n.Text {
	if s.AllRooms {
		return i18n.T("全会場", "All rooms")
	}
	if d.Meeting != nil {
		for _, r := range d.Meeting.Rooms {
			if r.Key == s.Room {
				return r.Name
			}
		}
	}
	return i18n.Text{JA: s.Room}
}

func kindLabel(d *interchange.Document, key string) i18n.Text {
	for _, k := range d.Kinds {
		if k.Key == key {
			return k.Label
		}
	}
	return i18n.Text{JA: key}
}

func topicLabels(d *interchange.Document, keys []string) i18n.Text {
	return joined(keys, func(key string) i18n.Text {
		for _, t := range d.Topics {
			if t.Key == key {
				return t.Label
			}
		}
		return i18n.Text{JA: key}
	})
}

func speakerNames(d *interchange.Document, as []interchange.Appearance) i18n.Text {
	return joined(as, func(a interchange.Appearance) i18n.Text {
		name := i18n.Text{JA: a.Speaker}
		for i := range d.Speakers {
			if d.Speakers[i].Key == a.Speaker {
				name = d.Speakers[i].Name
			}
		}
		more := a.Affiliation.In(i18n.JA)
		if a.Role != "" && a.Role != interchange.RoleSpeaker {
			more = strings.TrimPrefix(more+", "+a.Role, ", ")
		}
		if p := policyText(a.Policy); p != "" {
			more = strings.TrimPrefix(more+", "+p, ", ")
		}
		if more == "" {
			return name
		}
		return name.Map(func(s string) string { return s + " (" + more + ")" })
	})
}

// joined puts the labels of a list together in each language that any of them has.
func joined[T any](list []T, label func(T) i18n.Text) i18n.Text {
	var ja, en []string
	english := false
	for _, v := range list {
		t := label(v)
		ja, en = append(ja, t.In(i18n.JA)), append(en, t.In(i18n.EN))
		english = english || t.EN != ""
	}
	out := i18n.Text{JA: strings.Join(ja, ", ")}
	if english {
		out.EN = strings.Join(en, ", ")
	}
	return out
}

// profilesText is what is said of the people of a session besides their names.
func profilesText(d *interchange.Document, s *interchange.Session) i18n.Text {
	used := map[string]bool{}
	markUsed(used, s.Speakers, s.Parts)
	var people []interchange.Speaker
	for _, p := range d.Speakers {
		if used[p.Key] {
			people = append(people, p)
		}
	}
	return joined(people, func(p interchange.Speaker) i18n.Text {
		t := i18n.Text{JA: p.Reading + " " + p.Photo + " " + linksText(p.Links).JA}
		for _, more := range []i18n.Text{p.Affiliation, p.Bio} {
			t = i18n.Text{JA: t.JA + " " + more.In(i18n.JA), EN: t.EN + " " + more.EN}
		}
		return i18n.Text{JA: strings.TrimSpace(t.JA), EN: strings.TrimSpace(t.EN)}
	})
}

func partsText(d *interchange.Document, parts []interchange.Part) i18n.Text {
	return joined(parts, func(p interchange.Part) i18n.Text {
		t := p.Title
		add := func(s string) {
			if s != "" {
				t = t.Map(func(v string) string { return v + " " + s })
			}
		}
		add(p.Code)
		add(span(p.Start, p.End))
		add(p.Abstract.String())
		add(speakerNames(d, p.Speakers).String())
		add(linksText(p.Links).String())
		add(policyText(p.Policy))
		if inner := partsText(d, p.Parts).String(); inner != "" {
			add("[" + inner + "]")
		}
		return t
	})
}

func linksText(links []interchange.Link) i18n.Text {
	return joined(links, func(l interchange.Link) i18n.Text {
		s := string(l.Kind) + " " + l.URL
		if !l.Title.IsZero() {
			s += " " + l.Title.String()
		}
		if l.Until != "" {
			s += " until " + string(l.Until)
		}
		return i18n.Text{JA: strings.TrimSpace(s)}
	})
}

func policyText(p interchange.Policy) string {
	var out []string
	for _, f := range []struct {
		name  string
		value interchange.Permission
	}{
		{"stream", p.Stream}, {"record", p.Record}, {"publish", p.Publish}, {"slides", p.Slides}, {"photo", p.Photo}, {"sns", p.SNS},
	} {
		if f.value != interchange.Inherit {
			out = append(out, f.name+"="+string(f.value))
		}
	}
	if p.PublishUntil != "" {
		out = append(out, "until="+string(p.PublishUntil))
	}
	return strings.Join(out, " ")
}

// Shift is a group of sessions that moved together: the same room, the same day, by the same time.
type Shift struct {
	Room    i18n.Text
	Day     event.Date
	By      time.Duration // later is positive
	Changes []Change
}

// Shifts groups the changes that only move sessions of one room by one length of time, where there are at least two. The rest is
// returned as it is. It is how a retiming of a room reads as one sentence.
func Shifts(d *interchange.Document, changes []Change) (shifts []Shift, rest []Change) {
	type key struct {
		room string
		day  event.Date
		by   time.Duration
	}
	groups := map[key]int{}
	sessions := map[string]*interchange.Session{}
	for i := range d.Sessions {
		sessions[d.Sessions[i].GUID] = &d.Sessions[i]
	}
	for _, c := range changes {
		by, ok := shiftOf(c)
		s := sessions[c.GUID]
		if !ok || s == nil {
			rest = append(rest, c)
			continue
		}
		k := key{s.Room, s.Date, by}
		i, seen := groups[k]
		if !seen {
			i = len(shifts)
			groups[k] = i
			shifts = append(shifts, Shift{Room: roomName(d, s), Day: s.Date, By: by})
		}
		shifts[i].Changes = append(shifts[i].Changes, c)
	}
	kept := shifts[:0]
	for _, s := range shifts {
		if len(s.Changes) > 1 {
			kept = append(kept, s)
		} else {
			rest = append(rest, s.Changes...)
		}
	}
	return kept, rest
}

// shiftOf is by how much a change moved a session, if moving is all it did and its length stayed.
func shiftOf(c Change) (time.Duration, bool) {
	if c.Op != Edited || len(c.Fields) != 1 || c.Fields[0].Field != "time" {
		return 0, false
	}
	from, to, ok1 := parseSpan(c.Fields[0].Before.JA)
	from2, to2, ok2 := parseSpan(c.Fields[0].After.JA)
	by := from2.Sub(from)
	return by, ok1 && ok2 && by == to2.Sub(to)
}

func parseSpan(s string) (from, to time.Time, ok bool) {
	a, b, _ := strings.Cut(s, "–")
	from, err := time.Parse("2006-01-02 15:04", a)
	if err != nil {
		return from, to, false
	}
	to, err = time.Parse("2006-01-02 15:04", a[:11]+b)
	if err == nil && to.Before(from) {
		to = to.AddDate(0, 0, 1)
	}
	return from, to, err == nil
}
