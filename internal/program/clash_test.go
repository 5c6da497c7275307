package program

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// warned writes warnings as short lines.
func warned(list []Warning) []string {
	p := Preview{Warnings: list}
	return p.lines()
}

// busyDay is a programme in which something of everything is wrong.
func busyDay() *interchange.Document {
	stream := []interchange.Link{{Kind: interchange.LinkStream, URL: "https://stream.example.org"}}
	one, two := session("01", "10:00", "11:00", "1"), session("02", "10:30", "11:30", "1")
	secret, streamed := session("03", "13:00", "14:00", "2"), session("04", "15:00", "16:00", "2")
	secret.Policy, streamed.Links = interchange.OffRecord, stream
	own := session("05", "13:00", "14:00", "3")
	own.Policy.Stream, own.Links = interchange.Refused, stream
	online := session("06", "17:00", "18:00", "web")
	online.Policy.Stream = interchange.Refused
	full := session("07", "18:00", "19:00", "3")
	away := session("08", "09:00", "09:30", "3")
	away.Speakers = []interchange.Appearance{{Speaker: "sato"}}
	topic, same := session("09", "20:00", "20:30", "1"), session("10", "20:00", "20:30", "2")
	topic.Topics, same.Topics = []string{"bgp"}, []string{"dns", "bgp"}
	next := session("11", "20:32", "20:50", "1")
	d := draftOf([]string{"1", "2", "3", "web"}, one, two, secret, streamed, own, online, full, away, topic, same, next)
	d.Meeting.Rooms[3].Online, d.Meeting.Rooms[2].Capacity = true, 40
	d.Topics = []interchange.Topic{{Key: "bgp", Label: i18n.T("経路", "Routing")}, {Key: "dns"}}
	d.Speakers = []interchange.Speaker{{Key: "sato", Name: i18n.T("佐藤", "Sato")}}
	d.Kinds = []interchange.Kind{{Key: "regular"}}
	return d
}

func busyWatch() *Watch {
	return &Watch{
		Interest: func(guid string) int {
			if guid == session("07", "18:00", "19:00", "").GUID {
				return 41
			}
			return 40
		},
		Away: func(who string, from, _ time.Time) bool { return who == "sato" && from.Hour() < 10 },
	}
}

func TestClashesOfADraft(t *testing.T) {
	want := []string{
		"! away 60008 佐藤 0s", "! overlap 60001 60002 30m0s", "! off_record 60003 0s", "! off_record 60005 0s", "! off_record 60006 0s", "! capacity 60007 0s",
		"! topics 60009 60010 経路 30m0s", "! changeover 60009 60011 2m0s",
	}
	list := Clashes(busyDay(), busyWatch())
	if diff := cmp.Diff(want, warned(list)); diff != "" {
		t.Error(diff)
	}
	ids := map[string]bool{}
	for _, w := range list {
		ids[w.ID()] = true
		if w.Kind == WarnCapacity && (w.Wanted != 41 || w.Seats != 40) {
			t.Errorf("%+v", w)
		}
	}
	if len(ids) != len(list) {
		t.Error("two warnings have one name")
	}
	// A second look names the same things, and nothing is new where nothing changed.
	for _, w := range Clashes(busyDay(), busyWatch()) {
		if !ids[w.ID()] {
			t.Error("another name:", w.ID())
		}
	}
	if list := NewClashes(busyDay(), busyDay(), busyWatch()); len(list) > 0 {
		t.Error(warned(list))
	}
}

func TestNewClashesAreNamedAlone(t *testing.T) {
	d := &Draft{Doc: busyDay(), Watch: busyWatch(), Meeting: &event.Stored{}}
	for name, c := range map[string]struct {
		session string
		to      Place
		want    []string
	}{
		"into a full room":        {"60001", Place{Day: "2026-02-12", Start: "18:30", End: "19:30", Room: "3"}, []string{"! overlap 60007 60001 30m0s"}},
		"off the record, online":  {"60003", Place{Day: "2026-02-12", Start: "13:00", End: "14:00", Room: "web"}, nil},
		"away, and still away":    {"60008", Place{Day: "2026-02-12", Start: "09:10", End: "09:30", Room: "3"}, nil},
		"back where they can":     {"60008", Place{Day: "2026-02-12", Start: "12:00", End: "12:30", Room: "3"}, nil},
		"beside the same topic":   {"60010", Place{Day: "2026-02-12", Start: "21:00", End: "21:30", Room: "2"}, nil},
		"off the grid":            {"60001", Place{}, nil},
		"just before another one": {"60008", Place{Day: "2026-02-12", Start: "12:30", End: "12:57", Room: "2"}, []string{"! changeover 60008 60003 3m0s"}},
	} {
		list, err := d.WouldClash(c.session, c.to)
		if err != nil || !slices.Equal(warned(list), c.want) {
			t.Errorf("%s: %v %q, want %q", name, err, warned(list), c.want)
		}
	}
	if _, err := d.WouldClash("nothing", Place{}); err == nil {
		t.Error("a session that is not there")
	}
}

func TestPlaces(t *testing.T) {
	d := evening()
	slot, was := &d.Sessions[4], d.Sessions[4]
	if err := put(d, slot, Place{Day: "2026-02-12", Start: "13:20", End: "14:20", Room: "2"}); err != nil {
		t.Fatal(err)
	}
	takeTalks(d, &was, slot)
	if s := d.Sessions[5]; s.Start.Format("15:04") != "13:20" || s.Room != "2" {
		t.Errorf("a talk stays behind: %s %s", s.Start, s.Room)
	}
	for _, p := range []Place{
		{Start: "10:00"}, {Day: "2026-02-12", Start: "25:00"}, {Day: "2026-02-12", Start: "10:00", End: "x"}, {Day: "12 Feb"}, {Room: "9"},
		{Day: "2026-02-12", Start: "10:00", End: "09:00"},
	} {
		s := d.Sessions[0]
		if err := put(d, &s, p); err == nil {
			t.Errorf("%+v is a place", p)
		}
	}
	s := d.Sessions[0]
	if err := put(d, &s, Place{Day: "2026-02-12", Start: "23:30", End: "00:30", Room: "1"}); err != nil || s.End.Sub(s.Start) != time.Hour || s.Date != "2026-02-12" {
		t.Errorf("over midnight: %v %+v", err, s)
	}
	if err := put(d, &s, Place{Day: "2026-02-12", Start: "01:00", End: "02:00", Room: "1"}); err != nil || event.DateOf(s.Start) != "2026-02-13" {
		t.Errorf("after midnight: %v %s", err, s.Start)
	}
}

func TestTranslationsAreMissingOrOutdated(t *testing.T) {
	k := newDesk(t, sqliteOf(t))
	lacks := func() map[string]Lack {
		d := k.look(t)
		out := map[string]Lack{}
		for _, u := range d.Untranslated(d.Session("60031")) {
			out[u.Field] = u.Lack
		}
		return out
	}
	edit := func(field, value string) {
		t.Helper()
		d := k.look(t)
		if _, err := k.EditFields(chair(t), "janog57", "60031", []FieldEdit{{field, FieldText(d.Doc, d.Session("60031"), field), value}}); err != nil {
			t.Fatal(err)
		}
	}
	was := k.look(t).Session("60031").Title.JA
	if got := lacks(); got["title.en"] != LackMissing || len(got) != 1 {
		t.Error(got)
	}
	edit("title.en", "A title")
	if got := lacks(); len(got) != 0 {
		t.Error("translated:", got)
	}
	edit("title.ja", "別の題")
	if got := lacks(); got["title.en"] != LackOutdated {
		t.Error("the source changed:", got)
	}
	edit("title.ja", was)
	if got := lacks(); len(got) != 0 {
		t.Error("the source is what it was:", got)
	}
	edit("title.ja", "また別の題")
	if err := k.TranslationDone(as(t, "T", event.MayTranslate), "janog57", "60031", "title.en"); err != nil {
		t.Fatal(err)
	}
	if got := lacks(); len(got) != 0 {
		t.Error("looked at:", got)
	}
	edit("title.ja", "もう一つの題")
	edit("title.en", "Another title")
	if got := lacks(); len(got) != 0 {
		t.Error("translated again:", got)
	}
	// A file that changes the source alone is no different.
	k.m.readExample(t, "janog57.yaml")
	if got := lacks(); got["title.en"] != LackOutdated && got["title.en"] != LackMissing {
		t.Error("after an import:", got)
	}
}
