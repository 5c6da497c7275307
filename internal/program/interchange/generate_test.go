package interchange

import (
	"fmt"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"pgregory.net/rapid"
)

// anyDocument draws a whole document in the form that decoders return: every field is used.
func anyDocument() *rapid.Generator[*Document] {
	return rapid.Custom(func(t *rapid.T) *Document {
		d := &Document{Meeting: anyMeeting(t)}
		if rapid.Bool().Draw(t, "group?") {
			d.Group = &event.Group{Name: someText(t), About: someLines(t), Languages: someLangs(t), Timezone: "Asia/Tokyo", Accent: "#b5302a",
				URL: someURL(t), Logo: "logo.png"}
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "series") {
			d.Series = append(d.Series, event.Series{Key: fmt.Sprintf("s%d", i), Title: someText(t), About: someLines(t), Order: i})
		}
		for i := range rapid.IntRange(1, 3).Draw(t, "kinds") {
			d.Kinds = append(d.Kinds, Kind{Key: fmt.Sprintf("kind%d", i), Label: someText(t), Counts: rapid.Bool().Draw(t, "counts"),
				Tint: rapid.IntRange(0, 7).Draw(t, "tint"), Pause: rapid.Bool().Draw(t, "pause")})
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "topics") {
			d.Topics = append(d.Topics, Topic{Key: fmt.Sprintf("topic%d", i), Label: someText(t)})
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "speakers") {
			d.Speakers = append(d.Speakers, Speaker{Key: fmt.Sprintf("p%d", i), GUID: someGUID(t, "speaker", i), Name: someText(t), Reading: someLine(t),
				Affiliation: maybeText(t), Bio: someLines(t), Photo: "photo.jpg", Links: someLinks(t)})
		}
		d.Policy = somePolicy(t)
		d.Has = everything(d.Lang())
		for i := range rapid.IntRange(0, 4).Draw(t, "sessions") {
			d.Sessions = append(d.Sessions, anySession(t, d, i))
		}
		return d
	})
}

func anyMeeting(t *rapid.T) *event.Meeting {
	m := &event.Meeting{Slug: rapid.StringMatching(`[a-z][a-z0-9]{1,8}(\.5)?`).Draw(t, "slug"), Series: "janog", Title: someText(t), Short: someLine(t), Theme: maybeText(t), Summary: someLines(t),
		Languages: someLangs(t), Timezone: rapid.SampledFrom([]string{"Asia/Tokyo", "Europe/Berlin", "America/New_York", "UTC"}).Draw(t,
			"zone"), DayBoundary: "04:00", Place: maybeText(t),
		Hashtag: "#janog", Phase: rapid.SampledFrom(event.Phases).Draw(t,
			"phase"), Accent: "#00ff88", Logo: "pictures/a.png", KeyVisual: "kv.png", URL: someURL(t), DerivedFrom: "iw2024"}
	m.Parts = []event.Part{{Key: "online", Title: someText(t), Days: []event.Date{"2025-11-18", "2025-11-20"}, Place: maybeText(t), Online: true,
		Onsite: rapid.Bool().Draw(t, "onsite")}}
	m.Venues = []event.Venue{{Key: "v1", Name: someText(t), Address: maybeText(t), URL: someURL(t)}}
	for i := range rapid.IntRange(1, 3).Draw(t, "rooms") {
		m.Rooms = append(m.Rooms, event.Room{Key: fmt.Sprintf("r%d", i), Name: i18n.T(fmt.Sprint("室", i), someLine(t)), Venue: "v1",
			Location: maybeText(t), Capacity: i * 100, Online: rapid.Bool().Draw(t, "online")})
	}
	m.Orgs = []event.Organisation{{Role: rapid.SampledFrom(event.OrgRoles).Draw(t, "role"), Class: maybeText(t), Name: someText(t), URL: someURL(t),
		Logo: "x.svg"}}
	m.Pages = []event.Page{{Slug: "access", Title: someText(t), Body: someLines(t), Hidden: rapid.Bool().Draw(t, "hidden")}}
	m.Links = []event.Link{{Title: maybeText(t), URL: "https://example.jp/x"}}
	m.Figures = []event.Figure{{Key: "attendance", Label: someText(t), Value: 0 + rapid.Float64Range(-1e6, 1e6).Draw(t, "value"), Unit: maybeText(t),
		Approx: true, Scope: maybeText(t), Wording: someLine(t), Source: maybeText(t), N: rapid.IntRange(0, 9999).Draw(t, "n"), Of: "unique"}}
	if rapid.Bool().Draw(t, "month only") {
		m.Month = "2018-01"
	}
	return m
}

func anySession(t *rapid.T, d *Document, i int) Session {
	s := Session{GUID: someGUID(t, "session", i), Kind: rapid.SampledFrom(d.Kinds).Draw(t, "kind").Key, Title: someText(t), Subtitle: maybeText(t),
		Abstract: someLines(t), Language: rapid.SampledFrom([]string{"", "ja", "en", "ja en"}).Draw(t, "language"),
		Level: rapid.SampledFrom([]string{"", "beginner", "advanced"}).Draw(t, "level"), Status: rapid.SampledFrom([]Status{Confirmed,
			Cancelled}).Draw(t, "status"), Links: someLinks(t), Policy: somePolicy(t), Speakers: someAppearances(t, d)}
	if rapid.Bool().Draw(t, "named") {
		s.Ref, s.Number, s.Code, s.Source = fmt.Sprintf("ABCDE%d", i), int64(i+1), fmt.Sprintf("C%d", i), rapid.StringMatching(`6[0-9]{4}`).Draw(t, "source")
	}
	if len(d.Topics) > 0 {
		s.Topics = []string{d.Topics[0].Key}
	}
	switch rapid.IntRange(0, 2).Draw(t, "timed") {
	case 0:
		s.Date = someDate(t)
	case 1:
		s.Start, s.End = someSpan(t, d.Location())
		s.Date = dayOf(d.Meeting, s.Start)
	}
	switch rapid.IntRange(0, 2).Draw(t, "room") {
	case 0:
		s.Room = d.Meeting.Rooms[0].Key
	case 1:
		s.AllRooms = true
	}
	if i > 0 && d.Sessions[0].Slot == "" && rapid.Bool().Draw(t, "slot") {
		s.Slot = d.Sessions[0].GUID
	}
	s.Origin = rapid.SampledFrom([]string{"", "https://example.jp/o", "6c1f3f52-7d4b-4c39-9d8b-0a3d6f0c2b11"}).Draw(t, "origin")
	s.Parts = someParts(t, d, s, 2)
	return s
}

func someParts(t *rapid.T, d *Document, s Session, depth int) []Part {
	if depth == 0 {
		return nil
	}
	var out []Part
	for range rapid.IntRange(0, 2).Draw(t, "parts") {
		p := Part{Code: someLine(t), Title: someText(t), Abstract: someLines(t), Speakers: someAppearances(t, d), Parts: someParts(t, d, s, depth-1),
			Links: someLinks(t), Policy: somePolicy(t)}
		if rapid.Bool().Draw(t, "part timed") {
			p.Start, p.End = someSpan(t, d.Location())
		}
		out = append(out, p)
	}
	return out
}

func someAppearances(t *rapid.T, d *Document) []Appearance {
	if len(d.Speakers) == 0 {
		return nil
	}
	return []Appearance{{Speaker: d.Speakers[0].Key, Role: rapid.SampledFrom([]string{"", RoleModerator, RolePanelist, "host"}).Draw(t, "role"),
		Affiliation: maybeText(t), Policy: somePolicy(t)}}
}

func somePolicy(t *rapid.T) Policy {
	if rapid.IntRange(0, 3).Draw(t, "off record") == 0 {
		return OffRecord
	}
	p := func(name string) Permission {
		return rapid.SampledFrom([]Permission{Inherit, Allowed, Refused}).Draw(t, name)
	}
	return Policy{Stream: p("stream"), Record: p("record"), Publish: p("publish"), PublishUntil: rapid.SampledFrom([]event.Date{"",
		"2026-05-31"}).Draw(t, "until"), Slides: p("slides"), Photo: p("photo"), SNS: p("sns")}
}

func someLinks(t *rapid.T) []Link {
	if rapid.Bool().Draw(t, "no links") {
		return nil
	}
	return []Link{{Kind: rapid.SampledFrom([]LinkKind{LinkWeb, LinkSlides, LinkStream, LinkVideo, LinkPhoto, LinkSNS, LinkOther}).Draw(t, "link"),
		Title: maybeText(t), URL: someURL(t), Until: rapid.SampledFrom([]event.Date{"", "2026-05-31"}).Draw(t, "until")}}
}

func someURL(t *rapid.T) string {
	return "https://example.jp/" + rapid.StringMatching(`[a-z0-9/?&=#_-]{0,20}`).Draw(t, "url")
}

func someSpan(t *rapid.T, loc *time.Location) (time.Time, time.Time) {
	from := time.Date(2025, 10, 20, 0, 0, 0, 0, loc).Add(time.Duration(rapid.IntRange(0, 30*24*60).Draw(t, "start")) * time.Minute)
	if rapid.IntRange(0, 9).Draw(t, "seconds") == 0 {
		from = from.Add(7 * time.Second)
	}
	return from, from.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "length")) * time.Minute)
}

func someDate(t *rapid.T) event.Date {
	return event.Date(fmt.Sprintf("2026-02-%02d", rapid.IntRange(1, 28).Draw(t, "day")))
}

func someLangs(t *rapid.T) []i18n.Lang {
	return rapid.SampledFrom([][]i18n.Lang{nil, {i18n.JA, i18n.EN}, {i18n.EN}, {i18n.EN, i18n.JA}}).Draw(t, "languages")
}

func someGUID(t *rapid.T, what string, i int) string {
	return Derive("test", what, fmt.Sprint(i, rapid.Uint64().Draw(t, "guid")))
}

// hard are texts at which YAML writers and readers have failed before.
func hard() []string {
	return []string{"yes", "no", "null", "~", "2026-02-11", "10:20", "0x1F", "1e3", "- a", "# x", "a: b", "a #b", "'", `"`, "{}", "[x", "*", "&a", "!t", "|", ">", "%", "@", "`", "=", "<<", "🍣", "off-record", "a\\nb", "ja", "日本語", "𠮷野家", "トラブルシュート："}
}

func someLine(t *rapid.T) string {
	if rapid.Bool().Draw(t, "hard") {
		return rapid.SampledFrom(hard()).Draw(t, "line")
	}
	s := strings.TrimSpace(oneLine(strings.ToValidUTF8(rapid.StringN(0, 20, 80).Draw(t, "line"), "")))
	if s == "" {
		return "x"
	}
	return s
}

func someText(t *rapid.T) i18n.Text {
	switch rapid.IntRange(0, 2).Draw(t, "languages of a text") {
	case 0:
		return i18n.T(someLine(t), "")
	case 1:
		return i18n.T("", someLine(t))
	}
	return i18n.T(someLine(t), someLine(t))
}

func maybeText(t *rapid.T) i18n.Text {
	if rapid.Bool().Draw(t, "empty") {
		return i18n.Text{}
	}
	return someText(t)
}

func someLines(t *rapid.T) i18n.Text {
	lines := rapid.SampledFrom([]string{"", "\n", "\n\n", "\n  ", "\n\t", "  \n", "\n# ", "\n---\n", "\n- "}).Draw(t, "break")
	return maybeText(t).Map(func(s string) string { return manyLines(s + lines + someLine(t) + lines + someLine(t)) })
}
