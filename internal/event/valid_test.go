package event

import (
	"math"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

func TestMistakes(t *testing.T) {
	words, err := i18n.NewWords(web.Files, Files)
	if err != nil {
		t.Fatal(err)
	}
	name := i18n.T("名", "")
	for _, c := range []struct {
		name, key, field string
		change           func(m *Meeting)
	}{
		{"slug", "key", "meeting.slug", func(m *Meeting) { m.Slug = "../x" }},
		{"slug in capitals", "key", "meeting.slug", func(m *Meeting) { m.Slug = "JANOG" }},
		{"no title", "wanted", "meeting.title", func(m *Meeting) { m.Title = i18n.T(" ", "") }},
		{"zone", "zone", "meeting.timezone", func(m *Meeting) { m.Timezone = "Asia/Edo" }},
		{"zone of this machine", "zone", "meeting.timezone", func(m *Meeting) { m.Timezone = "Local" }},
		{"accent", "accent", "meeting.accent", func(m *Meeting) { m.Accent = "red;}" }},
		{"script as address", "url", "meeting.url", func(m *Meeting) { m.URL = "javascript:alert(1)" }},
		{"address without a host", "url", "link https:///x.url", func(m *Meeting) { m.Links[0].URL = "https:///x" }},
		{"link to nothing", "wanted", "link.url", func(m *Meeting) { m.Links[0].URL = "" }},
		{"language", "language", "meeting.languages", func(m *Meeting) { m.Languages = []i18n.Lang{"fr"} }},
		{"phase", "phase", "meeting.phase", func(m *Meeting) { m.Phase = "soon" }},
		{"date", "date", "meeting.start", func(m *Meeting) { m.Start = "2025-02-30" }},
		{"end before start", "end_before_start", "meeting.end", func(m *Meeting) { m.End = "2025-11-01" }},
		{"end alone", "end_without_start", "meeting.end", func(m *Meeting) { m.Start = "" }},
		{"for years", "too_long", "meeting.end", func(m *Meeting) { m.End = "2035-11-01" }},
		{"month", "month", "meeting.month", func(m *Meeting) { m.Month = "2025-13" }},
		{"boundary", "clock", "meeting.day_boundary", func(m *Meeting) { m.DayBoundary = "4am" }},
		{"day outside", "day_outside", "part online.days", func(m *Meeting) { m.Parts[0].Days = []Date{"2025-12-01"} }},
		{"day of a part", "date", "part online.days", func(m *Meeting) { m.Parts[0].Days = []Date{"soon"} }},
		{"part twice", "twice", "part online", func(m *Meeting) { m.Parts[1].Key = "online" }},
		{"part without a title", "wanted", "part online.title", func(m *Meeting) { m.Parts[0].Title = i18n.Text{} }},
		{"room key", "key", "room a b.key", func(m *Meeting) { m.Rooms[0].Key = "a b" }},
		{"venue of a room", "unknown_venue", "room r1.venue", func(m *Meeting) { m.Rooms[0].Venue = "moon" }},
		{"capacity", "capacity", "room r1.capacity", func(m *Meeting) { m.Rooms[0].Capacity = -1 }},
		{"role", "role", "organisation 主催の会社 / The host.role", func(m *Meeting) { m.Orgs[0].Role = "boss" }},
		{"picture elsewhere", "picture", "organisation 主催の会社 / The host.logo", func(m *Meeting) { m.Orgs[0].Logo = "https://example.org/l.png" }},
		{"picture above", "picture", "meeting.logo", func(m *Meeting) { m.Logo = "a/../../b.png" }},
		{"page slug", "key", "page.slug", func(m *Meeting) { m.Pages[0].Slug = "a/b" }},
		{"page twice", "twice", "page access", func(m *Meeting) { m.Pages[1].Slug = "access" }},
		{"no number", "number", "figure attendance.value", func(m *Meeting) { m.Figures[0].Value = math.NaN() }},
		{"long title", "too_large", "meeting.title.ja", func(m *Meeting) { m.Title.JA = strings.Repeat("長", 10_000) }},
		{"too many rooms", "too_many", "room", func(m *Meeting) {
			for range 5001 {
				m.Rooms = append(m.Rooms, Room{Key: "x", Name: name})
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := sample()
			c.change(m)
			err := m.valid()
			if err == nil {
				err = Input{Meeting: m}.valid()
			}
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || f.Key != "event.error."+c.key || f.Field != c.field {
				t.Fatalf("got %v", err)
			}
			for _, l := range i18n.Langs {
				args := []any{}
				for k, v := range f.Args {
					args = append(args, k, v)
				}
				if s := words.Say(l, f.Key, args...); strings.HasPrefix(s, "[") || strings.Contains(s, "<no value>") {
					t.Errorf("the message in %s is %q", l, s)
				}
			}
		})
	}
	for _, in := range []Input{
		{Group: &Group{}}, {Group: &Group{Name: name, Accent: "blue"}}, {Series: []Series{{Key: "a b", Title: name}}},
		{Series: []Series{{Key: "a", Title: name}, {Key: "a", Title: name}}}, {Series: []Series{{Key: "a"}}},
	} {
		if fault.KindOf(in.valid()) != fault.Invalid {
			t.Errorf("%+v is taken", in)
		}
	}
}

// A mistake leaves nothing behind.
func TestRefusedImportChangesNothing(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		s := New(d, Options{})
		m := sample()
		m.Rooms[0].Venue = "moon"
		if _, err := tryApply(t, s, Input{Group: &Group{Name: i18n.T("団体", "")}, Meeting: m, Full: true}); fault.KindOf(err) != fault.Invalid {
			t.Fatal(err)
		}
		if g, err := s.Group(t.Context()); err != nil || g.Name.EN != "Tsudoi" {
			t.Error(g, err)
		}
		if list, err := s.Meetings(t.Context()); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
	})
}

func TestPublicViews(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		s := New(d, Options{})
		apply(t, s, Input{Meeting: sample(), Full: true})
		var slug, room string
		err := d.Row(t.Context(), `SELECT m.slug, r.key FROM event_pub_meeting m JOIN event_pub_room r ON r.meeting_id = m.id WHERE r.capacity > $1`, 100).Scan(&slug, &room)
		if err != nil || slug != "iw2025" || room != "r1" {
			t.Error(slug, room, err)
		}
	})
}

// What another feature refers to cannot be removed.
func TestRoomInUse(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		s := New(d, Options{})
		apply(t, s, Input{Meeting: sample(), Full: true})
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `CREATE TABLE other_talk (room BIGINT REFERENCES event_room (id))`); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `INSERT INTO other_talk SELECT id FROM event_room`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		m := sample()
		m.Rooms = m.Rooms[1:]
		if _, err := tryApply(t, s, Input{Meeting: m, Full: true}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("got %v", err)
		}
	})
}
