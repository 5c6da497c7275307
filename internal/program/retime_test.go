package program

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/examples"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// readExample imports one example.
func (m *machine) readExample(t testing.TB, name string) {
	t.Helper()
	data, err := fs.ReadFile(examples.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	m.read(t, name, data)
}

func (m *machine) draft(t testing.TB, slug string) *interchange.Document {
	t.Helper()
	d, err := m.service.Draft(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// lines writes a preview as short lines: what moves, what stays, what gets worse.
func (p *Preview) lines() []string {
	var out []string
	for _, m := range p.Moves {
		out = append(out, words("~ %s %s %s > %s %s", m.Before.Label, span(m.Before.Start, m.Before.End)[5:], m.Before.Room, span(m.After.Start, m.After.End)[5:], m.After.Room))
	}
	for _, s := range p.Stays {
		out = append(out, "? "+s.Label+" "+string(s.Why))
	}
	for _, w := range p.Warnings {
		other := ""
		if w.Other.Session != nil {
			other = w.Other.Label
		}
		out = append(out, words("! %s %s %s %s %s", w.Kind, w.Session.Label, other, w.Speaker.JA, w.By))
	}
	return out
}

// words is a line with one space between its words.
func words(format string, args ...any) string {
	return strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
}

// janog57Night is what was done at JANOG57 at 22:22, and after it.
var janog57Night = []Plan{
	{Day: "2026-02-12", Rooms: []string{"本会議場２"}, By: 20 * time.Minute, Except: []string{"60046"}},
	{Ends: map[string]string{"60046": "18:00"}},
	{Day: "2026-02-13", Rooms: []string{"hall3"}, Only: []string{"60051", "60054", "60057"}, By: 20 * time.Minute},
	{Only: []string{"60048"}, To: "Main Hall 1"},
}

// TestTheNightOfJANOG57 makes the state on site from the state announced, and nothing is left for the file of that state to change.
func TestTheNightOfJANOG57(t *testing.T) {
	want := [][]string{
		{
			"~ 60031 02-12 10:20–11:20 hall2 > 02-12 10:40–11:40 hall2", "~ 60034 02-12 11:40–12:20 hall2 > 02-12 12:00–12:40 hall2",
			"~ 60037 02-12 13:40–14:40 hall2 > 02-12 14:00–15:00 hall2", "~ 60040 02-12 15:00–16:00 hall2 > 02-12 15:20–16:20 hall2",
			"~ 60043 02-12 16:20–17:20 hall2 > 02-12 16:40–17:40 hall2", "! changeover 60043 60046 0s",
		},
		{"~ 60046 02-12 17:40–17:40 hall2 > 02-12 17:40–18:00 hall2"},
		{
			"~ 60051 02-13 11:40–12:20 hall3 > 02-13 12:00–12:40 hall3", "~ 60054 02-13 13:40–14:40 hall3 > 02-13 14:00–15:00 hall3",
			"~ 60057 02-13 15:00–15:40 hall3 > 02-13 15:20–16:00 hall3",
		},
		{"~ 60048 02-13 10:20–11:20 hall3 > 02-13 10:20–11:20 hall1"},
	}
	speakers := []int{14, 0, 4, 1}
	dbtest.Quick(t, machineFolders(), func(t *testing.T, d *db.DB) {
		m := newMachine(t, d)
		m.readExample(t, "janog57.yaml")
		for i, p := range janog57Night {
			dry, _, err := m.service.Retime(t.Context(), "janog57", p, Retiming{DryRun: true})
			if err != nil {
				t.Fatal(err)
			}
			done, report, err := m.service.Retime(t.Context(), "janog57", p, Retiming{Source: "tsudoi retime"})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want[i], done.lines()); d != "" || !slices.Equal(dry.lines(), done.lines()) {
				t.Errorf("step %d: %s; dry %q", i+1, d, dry.lines())
			}
			if report.Release != i+2 || report.Changed != len(done.Moves) || done.Speakers != speakers[i] {
				t.Errorf("step %d: %+v, %d speakers", i+1, report, done.Speakers)
			}
		}
		retimed := m.draft(t, "janog57")
		m.readExample(t, examples.JANOG57OnSite)
		if d := cmp.Diff(canonical(retimed), canonical(m.draft(t, "janog57"))); d != "" {
			t.Error("the file of the state on site still changes something:", d)
		}
		p, err := m.service.Programme(t.Context(), "janog57")
		if err != nil || p.Release.Number != 5 || p.Moved != 9 {
			t.Errorf("%v: release %d, %d sessions moved", err, p.Release.Number, p.Moved)
		}
	})
}

// TestRetimeEatsTheLunch: with the lunch of that day in the programme, the preview says that room 2's morning runs into it.
func TestRetimeEatsTheLunch(t *testing.T) {
	m := sqliteMachine(t)
	m.readExample(t, "janog57.yaml")
	d := m.draft(t, "janog57")
	lunch := session("99", "12:20", "13:40", "")
	lunch.Kind, lunch.AllRooms = "lunch", true
	d.Kinds = append(d.Kinds, interchange.Kind{Key: "lunch", Pause: true})
	d.Sessions = append(d.Sessions, lunch)
	_, p, err := janog57Night[0].Apply(d)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.lines(); !slices.Contains(got, "! break 60034 60099 20m0s") || len(p.Warnings) != 2 {
		t.Error(got)
	}
}

// evening is a day on which everything may happen: a slot with talks, parts, a break, a cancelled session, one without a time.
func evening() *interchange.Document {
	slot := session("03", "13:00", "14:00", "1")
	talk, late, loose := session("04", "13:00", "13:30", "1"), session("05", "13:30", "14:00", ""), session("06", "10:00", "10:00", "")
	talk.Slot, late.Slot, loose.Slot = slot.GUID, slot.GUID, slot.GUID
	loose.Start, loose.End = time.Time{}, time.Time{}
	parts := session("02", "11:10", "12:00", "1")
	parts.Parts = []interchange.Part{{Title: i18n.T("前半", ""), Start: at("11:10"), End: at("11:30"), Parts: []interchange.Part{{Start: at("11:20"), End: at("11:30")}}}}
	cancelled, dated, night, pause := session("07", "15:00", "16:00", "1"), session("08", "10:00", "10:00", "1"), session("09", "23:00", "23:50", "1"), session("10", "12:00", "13:00", "")
	cancelled.Status, dated.Start, dated.End, pause.Kind = interchange.Cancelled, time.Time{}, time.Time{}, "break"
	d := draftOf([]string{"1", "2"}, session("01", "10:00", "11:00", "1"), dated, parts, pause, slot, talk, late, loose, cancelled, night, session("11", "11:20", "12:00", "2"))
	early := session("12", "01:00", "02:00", "2")
	early.Date = "2026-02-11"
	eve := session("13", "23:00", "23:30", "2")
	eve.Date, eve.Start, eve.End = early.Date, eve.Start.AddDate(0, 0, -1), eve.End.AddDate(0, 0, -1)
	d.Sessions = append(d.Sessions, early, eve)
	d.Kinds = []interchange.Kind{{Key: "regular", Counts: true}, {Key: "break", Pause: true}}
	d.Speakers = []interchange.Speaker{{Key: "sato", Name: i18n.T("佐藤 花子", "Hanako Sato")}}
	d.Sessions[0].Speakers = []interchange.Appearance{{Speaker: "sato"}}
	d.Sessions[10].Speakers = []interchange.Appearance{{Speaker: "sato"}}
	d.Sessions[10].Code = "C11"
	return d
}

func TestRetimePreviews(t *testing.T) {
	day := event.Date("2026-02-12")
	for name, c := range map[string]struct {
		plan Plan
		want []string
	}{
		"talks go with their slot, and the break is eaten": {
			Plan{Day: day, Only: []string{"a00003"}, By: -20 * time.Minute},
			[]string{
				"~ 60004 02-12 13:00–13:30 1 > 02-12 12:40–13:10 1", "~ 60003 02-12 13:00–14:00 1 > 02-12 12:40–13:40 1",
				"~ 60005 02-12 13:30–14:00 > 02-12 13:10–13:40", "! break 60003 60010 20m0s",
			},
		},
		"a talk alone leaves its slot and meets another": {
			Plan{Only: []string{"60004"}, By: 40 * time.Minute},
			[]string{"~ 60004 02-12 13:00–13:30 1 > 02-12 13:40–14:10 1", "! overlap 60005 60004 20m0s", "! slot 60004 60003 0s"},
		},
		"a slot to another room, its talks where they have one": {
			Plan{Only: []string{"60003"}, To: "会場2"},
			[]string{"~ 60004 02-12 13:00–13:30 1 > 02-12 13:00–13:30 2", "~ 60003 02-12 13:00–14:00 1 > 02-12 13:00–14:00 2"},
		},
		"what cannot move is named, and the gap that shrinks": {
			Plan{Day: day, Rooms: []string{"1"}, Except: []string{"60003", "60009", "60002"}, By: 7 * time.Minute},
			[]string{"~ 60001 02-12 10:00–11:00 1 > 02-12 10:07–11:07 1", "? 60008 untimed", "? 60007 cancelled", "! changeover 60001 60002 3m0s"},
		},
		"two at once in a room, and somebody in two places": {
			Plan{Only: []string{"60001"}, By: 30 * time.Minute},
			[]string{"~ 60001 02-12 10:00–11:00 1 > 02-12 10:30–11:30 1", "! overlap 60001 60002 20m0s", "! speaker 60001 C11 佐藤 花子 10m0s"},
		},
		"past midnight":           {Plan{Only: []string{"60009"}, By: 20 * time.Minute}, []string{"~ 60009 02-12 23:00–23:50 1 > 02-12 23:20–00:10 1", "! midnight 60009 0s"}},
		"into another day":        {Plan{Only: []string{"60009"}, By: 5 * time.Hour}, []string{"~ 60009 02-12 23:00–23:50 1 > 02-13 04:00–04:50 1", "! day 60009 0s"}},
		"an end after midnight":   {Plan{Ends: map[string]string{"60009": "00:30"}}, []string{"~ 60009 02-12 23:00–23:50 1 > 02-12 23:00–00:30 1", "! midnight 60009 0s"}},
		"from a time on":          {Plan{Day: day, From: "15:00", By: -time.Hour}, []string{"~ 60009 02-12 23:00–23:50 1 > 02-12 22:00–22:50 1", "? 60008 untimed", "? 60007 cancelled"}},
		"from after midnight on":  {Plan{Day: "2026-02-11", From: "01:00", By: time.Hour}, []string{"~ 60012 02-12 01:00–02:00 2 > 02-12 02:00–03:00 2"}},
		"two rooms change places": {Plan{Day: day, Swap: [2]string{"1", "2"}, Except: []string{"60001", "60008", "60003", "60009"}}, []string{"~ 60002 02-12 11:10–12:00 1 > 02-12 11:10–12:00 2", "~ C11 02-12 11:20–12:00 2 > 02-12 11:20–12:00 1", "? 60007 cancelled"}},
		"moved and longer":        {Plan{Only: []string{"60001"}, By: -time.Hour, Ends: map[string]string{"60001": "11:00"}}, []string{"~ 60001 02-12 10:00–11:00 1 > 02-12 09:00–11:00 1"}},
	} {
		before := evening()
		next, p, err := c.plan.Apply(before)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(c.want, p.lines()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if d := cmp.Diff(canonical(evening()), canonical(before)); d != "" {
			t.Errorf("%s changed the document it was given: %s", name, d)
		}
		if n := len(Diff(before, next)); n != len(p.Moves) {
			t.Errorf("%s: %d moves are shown, %d changes are made", name, len(p.Moves), n)
		}
	}
}

func TestRetimeMovesParts(t *testing.T) {
	plan := Plan{Only: []string{"60002"}, By: 15 * time.Minute}
	next, _, err := plan.Apply(evening())
	if err != nil {
		t.Fatal(err)
	}
	p := next.Sessions[2].Parts[0]
	if !p.Start.Equal(at("11:25")) || !p.End.Equal(at("11:45")) || !p.Parts[0].Start.Equal(at("11:35")) {
		t.Errorf("%+v", p)
	}
}

func TestRetimeRefusesWhatCannotBeMeant(t *testing.T) {
	day := event.Date("2026-02-12")
	for want, p := range map[string]Plan{
		"no_move":          {Day: day},
		"no_choice":        {Rooms: []string{"1"}, By: time.Hour},
		"from_alone":       {Only: []string{"60001"}, From: "10:00", By: time.Hour},
		"minutes":          {Day: day, By: 90 * time.Second},
		"too_far":          {Day: day, By: 32 * 24 * time.Hour},
		"day":              {Day: "2026-02-30", By: time.Hour},
		"room":             {Day: day, Rooms: []string{"9"}, By: time.Hour},
		"session":          {Only: []string{"60099"}, By: time.Hour},
		"elsewhere":        {Day: day, Rooms: []string{"2"}, Only: []string{"60001"}, By: time.Hour},
		"none_chosen":      {Day: "2026-02-10", By: time.Hour},
		"all_stay":         {Only: []string{"60007", "60008"}, By: time.Hour},
		"no_change":        {Only: []string{"60001"}, To: "1"},
		"swap_two":         {Day: day, Swap: [2]string{"1", "会場1"}},
		"swap_alone":       {Day: day, Swap: [2]string{"1", "2"}, To: "1"},
		"clock":            {Ends: map[string]string{"60001": "25:00"}},
		"no_time":          {Ends: map[string]string{"60008": "12:00"}},
		"end_before_start": {Ends: map[string]string{"60001": "09:00"}},
	} {
		_, _, err := p.Apply(evening())
		if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || f.Key != "program.retime.error."+want {
			t.Errorf("%s: %v", want, err)
		}
	}
	d := evening()
	d.Sessions[0].Code, d.Sessions[1].Code = "X", "x"
	p := Plan{Only: []string{"X"}, By: time.Hour}
	if _, _, err := p.Apply(d); err == nil || !strings.Contains(err.Error(), "ambiguous") {
		t.Error(err)
	}
}

// drawnDay is a day of sessions drawn at random, some in slots, with parts, cancelled, or without a time.
func drawnDay(t *rapid.T) *interchange.Document {
	d := draftOf([]string{"1", "2", "3"})
	for i := range rapid.IntRange(1, 25).Draw(t, "n") {
		s := session(fmt.Sprintf("%02d", i), "10:00", "11:00", rapid.SampledFrom([]string{"1", "2", "3", ""}).Draw(t, "room"))
		s.Start = at("08:00").Add(time.Duration(rapid.IntRange(0, 170).Draw(t, "start")) * 5 * time.Minute)
		s.End = s.Start.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "length")) * 5 * time.Minute)
		s.Parts = []interchange.Part{{Start: s.Start, End: s.End}}
		s.AllRooms = s.Room == "" && rapid.Bool().Draw(t, "all")
		switch rapid.IntRange(0, 6).Draw(t, "special") {
		case 0:
			s.Status = interchange.Cancelled
		case 1:
			s.Start, s.End, s.Parts = time.Time{}, time.Time{}, nil
		case 2:
			s.Slot = fmt.Sprintf("00000000-0000-4000-8000-0000000000%02d", rapid.IntRange(0, 24).Draw(t, "slot"))
		}
		if s.Timed() {
			s.Date = programmeDay(s.Start, "")
		}
		d.Sessions = append(d.Sessions, s)
	}
	return d
}

// TestRetimingBackIsAsItWas: moving sessions and moving them back changes nothing, whatever is not chosen never changes, and no session
// gets longer or shorter.
func TestRetimingBackIsAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := drawnDay(t)
		by := time.Duration(rapid.SampledFrom([]int{-700, -20, 5, 20, 45, 1440}).Draw(t, "by")) * time.Minute
		p := Plan{Day: "2026-02-12", By: by, Rooms: rapid.SampledFrom([][]string{nil, {"1"}, {"1", "3"}}).Draw(t, "rooms")}
		if rapid.Bool().Draw(t, "except") {
			p.Except = []string{before.Sessions[0].Ref}
		}
		after, preview, err := p.Apply(before)
		if fault.KindOf(err) == fault.Invalid {
			return // nothing that could move was drawn
		}
		if err != nil {
			t.Fatal(err)
		}
		back := Plan{By: -by}
		moved := map[string]bool{}
		for _, m := range preview.Moves {
			back.Only = append(back.Only, m.After.Ref)
			moved[m.After.GUID] = true
		}
		for i := range after.Sessions {
			a, b := &before.Sessions[i], &after.Sessions[i]
			if a.End.Sub(a.Start) != b.End.Sub(b.Start) {
				t.Fatalf("%s was %s long, and is %s", a.Ref, a.End.Sub(a.Start), b.End.Sub(b.Start))
			}
			if !moved[a.GUID] && cmp.Diff(a, b) != "" || moved[a.GUID] && (p.Rooms != nil && b.Slot == "" && !slices.Contains(p.Rooms, a.Room) || slices.Contains(p.Except, a.Ref)) {
				t.Fatalf("%s moved: %v", a.Ref, moved[a.GUID])
			}
		}
		for i := range after.Sessions { // talks of a slot that moved, and did not move themselves, stay again
			if s := &after.Sessions[i]; !moved[s.GUID] {
				back.Except = append(back.Except, s.Ref)
			}
		}
		again, _, err := back.Apply(after)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(canonical(before), canonical(again)); d != "" {
			t.Fatal(d)
		}
	})
}

// TestTwoWhoRetimeAtOnce: one of them gets a release, the others are told; the sessions have moved once.
func TestTwoWhoRetimeAtOnce(t *testing.T) {
	dbtest.Quick(t, machineFolders(), func(t *testing.T, d *db.DB) {
		m := newMachine(t, d)
		m.readExample(t, "janog57.yaml")
		rooms := []string{"hall1", "hall2", "hall2", "hall3"}
		errs := make([]error, len(rooms))
		var all sync.WaitGroup
		for i, room := range rooms {
			all.Go(func() {
				_, _, errs[i] = m.service.Retime(t.Context(), "janog57", Plan{Day: "2026-02-12", Rooms: []string{room}, By: 20 * time.Minute}, Retiming{Base: 1})
			})
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
		}
		compared, err := m.service.Compare(t.Context(), &event.Stored{ID: m.meetingID(t, "janog57"), Meeting: *m.draft(t, "janog57").Meeting}, 1, 2)
		if won != 1 || err != nil {
			t.Fatalf("%d won, %v", won, err)
		}
		shifts, rest := Shifts(m.draft(t, "janog57"), compared.Changes)
		if len(shifts) != 1 || shifts[0].By != 20*time.Minute || len(rest) != 0 {
			t.Errorf("%+v %+v", shifts, rest)
		}
		if p, err := m.service.Programme(t.Context(), "janog57"); err != nil || p.Release.Number != 2 || !sameDocument(&interchange.Document{Sessions: m.draft(t, "janog57").Sessions}, &interchange.Document{Sessions: released(t, m, 2)}) {
			t.Error("the draft is not what was released", err)
		}
	})
}

// released are the sessions of a release.
func released(t testing.TB, m *machine, number int) []interchange.Session {
	t.Helper()
	meeting, err := m.service.events.Meeting(t.Context(), "janog57")
	if err != nil {
		t.Fatal(err)
	}
	f, err := numberedRelease(t.Context(), m.service.db, meeting, number)
	if err != nil {
		t.Fatal(err)
	}
	return f.Document.Sessions
}

// TestRetimeKeepsAnotherOrder: a draft that lists its sessions by code keeps that order.
func TestRetimeKeepsAnotherOrder(t *testing.T) {
	before := draftOf([]string{"1"}, session("02", "11:00", "12:00", "1"), session("01", "10:00", "11:00", "1"))
	after := draftOf([]string{"1"}, before.Sessions...)
	keepOrder(before, after)
	if after.Sessions[0].Source != "60002" {
		t.Error("the order changed")
	}
	before.Sessions = []interchange.Session{before.Sessions[1], before.Sessions[0]}
	keepOrder(before, after)
	if after.Sessions[0].Source != "60001" {
		t.Error("the order of time is lost")
	}
}

// manySessions are 300 sessions in ten rooms on one day, each with two speakers.
func manySessions() *interchange.Document {
	d := draftOf([]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"})
	for i := range 300 {
		s := session("00", "08:00", "08:20", fmt.Sprint(i%10))
		s.GUID, s.Ref, s.Source = fmt.Sprintf("00000000-0000-4000-8000-%012d", i), fmt.Sprintf("A%05d", i), fmt.Sprint(i)
		s.Start, s.End = s.Start.Add(time.Duration(i/10)*25*time.Minute), s.End.Add(time.Duration(i/10)*25*time.Minute)
		s.Speakers = []interchange.Appearance{{Speaker: fmt.Sprint("p", i)}, {Speaker: fmt.Sprint("p", i%11)}}
		d.Sessions = append(d.Sessions, s)
	}
	for i := range 300 {
		d.Speakers = append(d.Speakers, interchange.Speaker{Key: fmt.Sprint("p", i)})
	}
	return d
}

// BenchmarkRetimePreview300 previews a move of every other room of 300 sessions, with reading them; the budget is 200 ms.
func BenchmarkRetimePreview300(b *testing.B) {
	m := sqliteMachine(b)
	d := manySessions()
	d.Has = interchange.Fields{Meeting: true, Bilingual: true, Speakers: true}
	d.Meeting.Title, d.Meeting.Languages = i18n.T("会合", "Meeting"), i18n.Langs
	if _, err := m.service.Import(b.Context(), []*interchange.Document{d}, Import{Source: "many"}); err != nil {
		b.Fatal(err)
	}
	plan := Plan{Day: "2026-02-12", Rooms: []string{"0", "2", "4", "6", "8"}, By: 20 * time.Minute}
	for b.Loop() {
		p, _, err := m.service.Retime(b.Context(), "m", plan, Retiming{DryRun: true})
		if err != nil || len(p.Moves) != 150 || len(p.Warnings) == 0 {
			b.Fatal(p, err)
		}
	}
}
