package program

import (
	"fmt"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// large is a programme of n sessions in ten rooms over three days, with speakers and topics.
func large(n int) *interchange.Document {
	m := stored("1", "2", "3", "4", "5", "6", "7", "8", "9", "10").Meeting
	d := &interchange.Document{Meeting: &m, Kinds: []interchange.Kind{{Key: "regular", Counts: true}}, Topics: []interchange.Topic{{Key: "bgp"}, {Key: "dns"}, {Key: "ai"}}}
	for i := range n {
		d.Speakers = append(d.Speakers, interchange.Speaker{Key: fmt.Sprint("s", i), Name: i18n.T(fmt.Sprint("話者", i), "")})
		day := event.Date(fmt.Sprintf("2026-02-%d", 11+i%3))
		start := day.Time(m.Location()).Add(8*time.Hour + time.Duration(i/30*20)*time.Minute)
		d.Sessions = append(d.Sessions, interchange.Session{
			GUID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), Kind: "regular", Title: i18n.T(fmt.Sprint("題", i), fmt.Sprint("Title ", i)),
			Abstract: i18n.T("概要が数行ほどあります。経路とDNSについて話します。", "A few lines of abstract."), Date: day, Start: start, End: start.Add(20 * time.Minute),
			Room: m.Rooms[i/3%10].Key, Topics: []string{d.Topics[i%3].Key}, Speakers: []interchange.Appearance{{Speaker: fmt.Sprint("s", i)}, {Speaker: fmt.Sprint("s", i/2)}},
		})
	}
	identify(d)
	return d
}

func BenchmarkClashes(b *testing.B) {
	d := large(300)
	w := &Watch{Interest: func(string) int { return 50 }, Away: func(string, time.Time, time.Time) bool { return false }}
	for b.Loop() {
		Clashes(d, w)
	}
}

// largeDesk is a desk on a released programme of 300 sessions, as JANOG57.
func largeDesk(b *testing.B) *deskOf {
	b.Helper()
	d := large(300)
	d.Meeting.Slug, d.Meeting.Title = "janog57", i18n.T("会合", "Meeting")
	k := &deskOf{m: newMachine(b, dbtest.SQLite(b, deskFolders()...)), live: &told{}}
	k.Desk = NewDesk(k.m.service, DeskOptions{})
	text, err := interchange.EncodeYAML(d)
	if err != nil {
		b.Fatal(err)
	}
	docs, _, err := interchange.Decode("m.yaml", text, interchange.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := k.m.service.Import(b.Context(), docs, Import{Source: "m.yaml"}); err != nil {
		b.Fatal(err)
	}
	return k
}

func BenchmarkDesk(b *testing.B) {
	k := largeDesk(b)
	ctx := chair(b)
	d, err := k.Open(ctx, "janog57")
	if err != nil {
		b.Fatal(err)
	}
	ref := d.Doc.Sessions[17].Ref
	b.Run("edit a field", func(b *testing.B) {
		n := 0
		for b.Loop() {
			s := k.look(b).Session(ref)
			n++
			if _, err := k.EditFields(ctx, "janog57", ref, []FieldEdit{{"title.en", s.Title.EN, fmt.Sprint("Title no ", n)}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			k.look(b)
		}
	})
	all := Plan{Day: "2026-02-12", By: 10 * time.Minute}
	for i := range d.Doc.Sessions {
		all.Only = append(all.Only, d.Doc.Sessions[i].Ref)
	}
	all.Day = ""
	b.Run("preview retiming all 300", func(b *testing.B) {
		for b.Loop() {
			if p, err := k.PreviewRetime(ctx, "janog57", all); err != nil || len(p.Moves) != 300 {
				b.Fatal(err)
			}
		}
	})
	b.Run("retime all 300", func(b *testing.B) {
		for b.Loop() {
			d := k.look(b)
			if _, err := k.Retime(ctx, "janog57", all, ReleaseOrder{Base: d.Newest.Number, Draft: d.Version}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("preview the release", func(b *testing.B) {
		for b.Loop() {
			if _, err := k.PreviewRelease(ctx, "janog57"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
