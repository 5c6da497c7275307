package program

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

var tokyo = time.FixedZone("JST", 9*3600)

func at(clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-02-12 "+clock, tokyo)
	if err != nil {
		panic(err)
	}
	return t
}

// session makes a session of one day.
func session(id, from, to, room string) interchange.Session {
	return interchange.Session{
		GUID: "00000000-0000-4000-8000-0000000000" + id, Ref: "A000" + id, Source: "600" + id, Title: i18n.Only(i18n.JA, "題 "+id),
		Date: "2026-02-12", Start: at(from), End: at(to), Room: room, Kind: "regular",
	}
}

func stored(rooms ...string) *event.Stored {
	m := &event.Stored{Meeting: event.Meeting{Slug: "m", Timezone: "Asia/Tokyo", Start: "2026-02-11", End: "2026-02-13"}}
	for _, r := range rooms {
		m.Rooms = append(m.Rooms, event.Room{Key: r, Name: i18n.Only(i18n.JA, "会場"+r)})
	}
	return m
}

func draftOf(rooms []string, sessions ...interchange.Session) *interchange.Document {
	return &interchange.Document{Meeting: &stored(rooms...).Meeting, Sessions: sessions}
}

func TestReferencesAreReadAloudAndStay(t *testing.T) {
	shape := regexp.MustCompile(`^[A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]{5}$`)
	seen := map[string]bool{}
	for i := range 5000 {
		ref := newRef(fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), 0)
		if !shape.MatchString(ref) {
			t.Fatal(ref)
		}
		seen[ref] = true
	}
	if len(seen) < 4990 {
		t.Errorf("%d of 5000 are different", len(seen))
	}
	if newRef("A0000000-0000-4000-8000-000000000000", 0) != newRef("a0000000-0000-4000-8000-000000000000", 0) {
		t.Error("a guid in capitals is another")
	}
}

func TestProgrammeDayEndsAtItsBoundary(t *testing.T) {
	for clock, want := range map[string]event.Date{"03:59": "2026-02-11", "04:00": "2026-02-12", "23:30": "2026-02-12"} {
		if got := programmeDay(at(clock), ""); got != want {
			t.Errorf("%s is listed under %s", clock, got)
		}
	}
	if got := programmeDay(at("05:30"), "06:00"); got != "2026-02-11" {
		t.Error(got)
	}
}

func TestDiffTellsEachField(t *testing.T) {
	before := draftOf([]string{"1", "2"}, session("01", "10:00", "11:00", "1"), session("02", "11:00", "12:00", "1"), session("03", "13:00", "14:00", "2"))
	after := draftOf([]string{"1", "2"}, session("01", "10:20", "11:20", "2"), session("02", "11:00", "12:00", "1"), session("04", "15:00", "16:00", "2"))
	after.Sessions[1].Status = interchange.Cancelled
	got := map[string][]string{}
	for _, c := range Diff(before, after) {
		key := string(c.Op) + " " + c.Label
		got[key] = []string{}
		for _, f := range c.Fields {
			got[key] = append(got[key], f.Field+" "+f.Before.JA+" > "+f.After.JA)
		}
	}
	want := map[string][]string{
		"edited 60001":    {"time 2026-02-12 10:00–11:00 > 2026-02-12 10:20–11:20", "room 会場1 > 会場2"},
		"cancelled 60002": {}, "added 60004": {}, "removed 60003": {},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if c := Diff(after, after); len(c) != 0 {
		t.Error("the same differs from itself:", c)
	}
}

// TestShiftsReadARetimingAsOneSentence is JANOG57's second day: one room moved by twenty minutes, but for its last session.
func TestShiftsReadARetimingAsOneSentence(t *testing.T) {
	var before, after []interchange.Session
	for i, clock := range []string{"10:20", "11:40", "13:40", "15:00", "16:20"} {
		s := session(fmt.Sprintf("%02d", i), clock, clock, "2")
		s.End = s.Start.Add(time.Hour)
		before = append(before, s)
		s.Start, s.End = s.Start.Add(20*time.Minute), s.End.Add(20*time.Minute)
		after = append(after, s)
	}
	last := session("09", "17:40", "17:40", "2")
	before = append(before, last)
	last.End = at("18:00")
	after = append(after, last)
	d := draftOf([]string{"1", "2"}, after...)
	shifts, rest := Shifts(d, Diff(draftOf([]string{"1", "2"}, before...), d))
	if len(shifts) != 1 || len(shifts[0].Changes) != 5 || shifts[0].By != 20*time.Minute || shifts[0].Room.JA != "会場2" || len(rest) != 1 || rest[0].Label != "60009" {
		t.Fatalf("%+v, and %+v", shifts, rest)
	}
}

func TestMergeRecognisesByGuidThenCodeThenSource(t *testing.T) {
	draft := draftOf([]string{"1"}, session("01", "10:00", "11:00", "1"), session("02", "11:00", "12:00", "1"), session("03", "12:00", "13:00", "1"))
	draft.Sessions[1].Code = "C2"
	in := draftOf([]string{"1"}, session("01", "10:00", "11:00", "1"), session("12", "11:00", "12:00", "1"), session("13", "12:00", "13:00", "1"), session("14", "14:00", "15:00", "1"))
	in.Has = interchange.Fields{Meeting: true, Codes: true, Bilingual: true}
	in.Sessions[1].Code, in.Sessions[1].Source = "C2", ""
	in.Sessions[2].Source = "60003"
	m := merge(draft, in, false)
	var guids []string
	for _, s := range m.doc.Sessions {
		guids = append(guids, s.GUID[len(s.GUID)-2:])
	}
	if d := cmp.Diff([]string{"01", "02", "03", "14"}, guids); d != "" || len(m.absent) != 0 {
		t.Error(d, m.absent)
	}
}

func TestMergeKeepsWhatTheFormatDoesNotHave(t *testing.T) {
	draft := draftOf([]string{"1"}, session("01", "10:00", "11:00", "1"))
	draft.Speakers = []interchange.Speaker{{Key: "sato", Name: i18n.T("佐藤 花子", "Hanako Sato"), Affiliation: i18n.Only(i18n.JA, "例示大学")}}
	old := &draft.Sessions[0]
	old.Title = i18n.T("経路制御", "Routing")
	old.Code, old.Level, old.Topics, old.Policy = "C1", "beginner", []string{"bgp"}, interchange.OffRecord
	old.Speakers = []interchange.Appearance{{Speaker: "sato", Role: "moderator", Policy: interchange.Policy{Photo: interchange.Refused}}}
	in := draftOf([]string{"1"}, session("01", "10:20", "11:20", "1"))
	in.Has = interchange.Fields{Lang: i18n.JA, Speakers: true}
	in.Sessions[0].Title = i18n.Only(i18n.JA, "経路制御のいま")
	in.Speakers = []interchange.Speaker{{Key: "p1", Name: i18n.Only(i18n.JA, "佐藤 花子")}, {Key: "p2", Name: i18n.Only(i18n.JA, "鈴木 一")}}
	in.Sessions[0].Speakers = []interchange.Appearance{{Speaker: "p1"}, {Speaker: "p2"}}
	got := merge(draft, in, false).doc
	s := got.Sessions[0]
	if s.Title != i18n.T("経路制御のいま", "Routing") || s.Code != "C1" || s.Level != "beginner" || len(s.Topics) != 1 || s.Policy != interchange.OffRecord || !s.Start.Equal(at("10:20")) {
		t.Errorf("%+v", s)
	}
	want := []interchange.Appearance{{Speaker: "sato", Role: "moderator", Policy: interchange.Policy{Photo: interchange.Refused}}, {Speaker: "p2"}}
	if d := cmp.Diff(want, s.Speakers); d != "" {
		t.Error(d)
	}
	if len(got.Speakers) != 2 || got.Speakers[0].Affiliation.JA != "例示大学" {
		t.Errorf("%+v", got.Speakers)
	}
}

// TestMergeEmptiesNoProfileForWantOfColumns: a table with affiliations has no pictures, and takes none away.
func TestMergeEmptiesNoProfileForWantOfColumns(t *testing.T) {
	draft := draftOf([]string{"1"}, session("01", "10:00", "11:00", "1"))
	draft.Speakers = []interchange.Speaker{{Key: "s", Name: i18n.T("佐藤", "Sato"), Photo: "p.png", Reading: "さとう", Bio: i18n.T("紹介", "Bio"), Links: []interchange.Link{{URL: "https://example.org"}}}}
	draft.Sessions[0].Speakers = []interchange.Appearance{{Speaker: "s"}}
	in := draftOf([]string{"1"}, session("01", "10:00", "11:00", "1"))
	in.Has = interchange.Fields{Heading: true, Speakers: true, Profiles: true, Lang: i18n.JA}
	in.Speakers = []interchange.Speaker{{Key: "x", Name: i18n.Only(i18n.JA, "佐藤"), Affiliation: i18n.Only(i18n.JA, "例示大学")}}
	in.Sessions[0].Speakers = []interchange.Appearance{{Speaker: "x"}}
	want := draft.Speakers[0]
	want.Affiliation = i18n.Only(i18n.JA, "例示大学")
	if d := cmp.Diff([]interchange.Speaker{want}, merge(draft, in, false).doc.Speakers); d != "" {
		t.Error(d)
	}
}

func TestMergeCancelsTheAbsentOnlyWhenAsked(t *testing.T) {
	draft := draftOf([]string{"1"}, session("01", "10:00", "11:00", "1"), session("02", "11:00", "12:00", "1"))
	in := draftOf([]string{"1"}, session("01", "10:00", "11:00", "1"))
	in.Has = interchange.Fields{Meeting: true, Bilingual: true, Status: true}
	for _, prune := range []bool{false, true} {
		m := merge(draft, in, prune)
		if len(m.absent) != 1 || m.absent[0].Source != "60002" || len(m.doc.Sessions) != 2 {
			t.Fatalf("%+v", m)
		}
		if got := m.doc.Sessions[1].Status == interchange.Cancelled; got != prune {
			t.Errorf("prune %v: cancelled %v", prune, got)
		}
	}
}

// TestMergeIsSteady: reading a document into what it made changes nothing, and every session has a reference and number of its own.
func TestMergeIsSteady(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := draftOf([]string{"1", "2"})
		in.Has = interchange.Fields{Meeting: rapid.Bool().Draw(t, "full"), Bilingual: true, Codes: true, Status: true, Speakers: true, Profiles: true}
		for i := range rapid.IntRange(0, 30).Draw(t, "n") {
			s := session(fmt.Sprintf("%02d", i), "10:00", "11:00", "1")
			s.Ref, s.Number = "", int64(rapid.IntRange(0, 5).Draw(t, "number"))
			s.Source = rapid.SampledFrom([]string{"", "7", "x", fmt.Sprint(i)}).Draw(t, "source")
			in.Sessions = append(in.Sessions, s)
		}
		first := merge(&interchange.Document{Meeting: in.Meeting}, in, false).doc
		refs, numbers := map[string]bool{}, map[int64]bool{}
		for _, s := range first.Sessions {
			refs[s.Ref], numbers[s.Number] = true, true
			if s.Number < 1 {
				t.Fatalf("%+v", s)
			}
		}
		if len(refs) != len(first.Sessions) || len(numbers) != len(first.Sessions) {
			t.Fatalf("%d sessions, %d references, %d numbers", len(first.Sessions), len(refs), len(numbers))
		}
		again := merge(first, in, false).doc
		if !sameDocument(first, again) {
			t.Fatal(cmp.Diff(first, again))
		}
	})
}

// gridOf lays out sessions drawn at random in two rooms.
func gridOf(t *rapid.T, p *Programme) (*Grid, []*Item) {
	var items []*Item
	for i := range rapid.IntRange(1, 40).Draw(t, "n") {
		from := at("00:00").Add(time.Duration(rapid.IntRange(0, 24*12).Draw(t, "from")) * 5 * time.Minute)
		s := session(fmt.Sprintf("%02d", i), "10:00", "11:00", rapid.SampledFrom([]string{"1", "2", ""}).Draw(t, "room"))
		s.Start, s.End = from, from.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "length"))*5*time.Minute)
		s.AllRooms = rapid.IntRange(0, 9).Draw(t, "all") == 0
		items = append(items, &Item{Session: &s, Type: &interchange.Kind{}, Where: p.Meeting.Room(s.Room)})
	}
	slices.SortStableFunc(items, func(a, b *Item) int { return a.Start.Compare(b.Start) })
	return NewGrid(p, items), items
}

// TestGridNeverOverlapsAndKeepsTheOrderOfTime: sessions of rooms stand beside each other, later ones lower, and each is where its column is.
func TestGridNeverOverlapsAndKeepsTheOrderOfTime(t *testing.T) {
	p := &Programme{Meeting: stored("1", "2")}
	rapid.Check(t, func(t *rapid.T) {
		g, items := gridOf(t, p)
		if len(g.Cells) != len(items) {
			t.Fatal("a session is missing")
		}
		for i, a := range g.Cells {
			if a.Row < 2 || a.RowEnd <= a.Row || a.RowEnd > g.Rows || a.Col < 2 || a.ColEnd <= a.Col || a.ColEnd > g.lastColumn() {
				t.Fatalf("%+v of %d rows", a, g.Rows)
			}
			for _, b := range g.Cells[i+1:] {
				if a.Start.Before(b.Start) && a.Row > b.Row || a.Start.Equal(b.Start) && a.Row != b.Row {
					t.Fatalf("%s at %d, %s at %d", a.Start, a.Row, b.Start, b.Row)
				}
				apart := a.RowEnd <= b.Row || b.RowEnd <= a.Row || a.ColEnd <= b.Col || b.ColEnd <= a.Col
				if !apart && !a.AllRooms && !b.AllRooms {
					t.Fatalf("%+v lies over %+v", a, b)
				}
			}
		}
		for _, h := range g.Hours {
			if h.From >= h.To || h.To > g.Rows || h.At.Minute()%30 != 0 {
				t.Fatalf("%+v", h)
			}
		}
		if css := g.CSS("x-"); strings.Count(css, "#s-") != len(items) || strings.Count(css, "{") != strings.Count(css, "}") {
			t.Fatal(css)
		}
	})
}

func TestGridFoldsLongGapsAndShowsSessionsWithoutLength(t *testing.T) {
	p := &Programme{Meeting: stored("1")}
	var items []*Item
	for i, x := range [][2]string{{"10:00", "11:00"}, {"11:00", "11:00"}, {"18:30", "20:30"}} {
		s := session(fmt.Sprintf("%02d", i), x[0], x[1], "1")
		items = append(items, &Item{Session: &s, Type: &interchange.Kind{}, Where: p.Meeting.Room("1")})
	}
	g := NewGrid(p, items)
	if len(g.Gaps) != 1 || g.Cells[1].RowEnd-g.Cells[1].Row != 3 || g.Rows > 2+12+3+1+24 || len(g.Columns) != 1 {
		t.Errorf("%+v", g)
	}
	if NewGrid(p, nil) != nil {
		t.Error("a day without sessions has a grid")
	}
}

// TestNamesCannotBeTaken: the code of one session never leads to another, whatever the references and source ids are.
func TestNamesCannotBeTaken(t *testing.T) {
	d := draftOf([]string{"1"}, session("01", "10:00", "11:00", "1"), session("02", "11:00", "12:00", "1"), session("03", "12:00", "13:00", "1"))
	d.Sessions[0].Code, d.Sessions[1].Code, d.Sessions[2].Code = "A00002", "60001", "a/b"
	p := Build(stored("1"), Release{Number: 1}, &Frozen{Document: *d}, nil, "2026-02-12")
	for name, want := range map[string]string{"A00001": "60001", "a00002": "60002", "60001": "60002", "60003": "60003", "a/b": "60003", "00000000-0000-4000-8000-000000000001": "60001"} {
		if it := p.Session(name); it == nil || it.Source != want {
			t.Errorf("%s leads to %+v", name, it)
		}
	}
	for _, it := range p.Items {
		if p.Session(it.Name) != it || strings.Contains(it.Name, "/") {
			t.Errorf("%s is not named %s", it.Source, it.Name)
		}
	}
}

func TestMovedIsAgainstWhatWasAnnounced(t *testing.T) {
	was := draftOf([]string{"1", "2"}, session("01", "10:00", "11:00", "1"), session("02", "11:00", "12:00", "1"), session("03", "12:00", "12:00", "1"))
	is := draftOf([]string{"1", "2"}, session("01", "10:20", "11:20", "1"), session("02", "11:00", "12:00", "2"), session("03", "12:00", "12:30", "1"))
	p := Build(stored("1", "2"), Release{Number: 2}, &Frozen{Document: *is}, was, "2026-02-12")
	if p.Moved != 2 || p.Session("60001").Was == nil || !p.Session("60001").Was.Room.IsZero() || p.Session("60002").Was.Room.JA != "会場1" || p.Session("60003").Was != nil {
		t.Errorf("%d moved, %+v", p.Moved, p.Session("60002").Was)
	}
}

func TestCountIsThatOfTheDefinitions(t *testing.T) {
	d := draftOf([]string{"1"}, session("01", "10:00", "11:00", "1"), session("02", "11:00", "12:00", "1"), session("03", "11:00", "11:10", "1"), session("04", "12:00", "13:00", "1"), session("05", "13:00", "14:00", "1"))
	d.Kinds = []interchange.Kind{{Key: "regular", Counts: true}, {Key: "break", Pause: true}}
	d.Sessions[0].Parts = []interchange.Part{{}, {}} // a session of several parts is one
	d.Sessions[2].Slot = d.Sessions[1].GUID          // a talk is part of its slot
	d.Sessions[3].Status = interchange.Cancelled
	d.Sessions[4].Kind = "break"
	p := Build(stored("1"), Release{}, &Frozen{Document: *d}, nil, "2026-02-12")
	if p.Count() != 2 || len(p.Session("60002").Talks) != 1 {
		t.Error(p.Count())
	}
}

func TestCurrentDay(t *testing.T) {
	a, b := session("01", "10:00", "11:00", "1"), session("02", "10:00", "11:00", "1")
	b.Date, b.Start, b.End = "2026-02-14", b.Start.AddDate(0, 0, 2), b.End.AddDate(0, 0, 2)
	p := Build(stored("1"), Release{}, &Frozen{Document: *draftOf([]string{"1"}, a, b)}, nil, "2026-02-12")
	for today, want := range map[event.Date]event.Date{"2026-01-01": "2026-02-12", "2026-02-12": "2026-02-12", "2026-02-13": "2026-02-14", "2026-02-14": "2026-02-14", "2027-01-01": "2026-02-12"} {
		if got := p.Current(today); got == nil || got.Date != want {
			t.Errorf("on %s: %v", today, got)
		}
	}
	if (&Programme{}).Current("2026-01-01") != nil {
		t.Error("an empty programme has a day")
	}
}

// TestMergeTakesGuidsBeforeCodes: a code that wandered to a new session does not take the place of the one that had it.
func TestMergeTakesGuidsBeforeCodes(t *testing.T) {
	draft := draftOf([]string{"1"}, session("01", "10:00", "11:00", "1"))
	draft.Sessions[0].Code = "C1"
	in := draftOf([]string{"1"}, session("03", "09:00", "10:00", "1"), session("01", "10:00", "11:00", "1"))
	in.Has = interchange.Fields{Meeting: true, Codes: true, Bilingual: true}
	in.Sessions[0].Code, in.Sessions[0].Source, in.Sessions[0].Ref, in.Sessions[1].Code = "C1", "", "", "C9"
	got := map[string]string{}
	for _, s := range merge(draft, in, false).doc.Sessions {
		got[s.GUID[len(s.GUID)-2:]] = s.Code
	}
	if d := cmp.Diff(map[string]string{"03": "C1", "01": "C9"}, got); d != "" {
		t.Error(d)
	}
}

// TestPruneSparesWhatTheFormatCannotHold: a schedule.xml has no sessions without a time, a calendar none without a date.
func TestPruneSparesWhatTheFormatCannotHold(t *testing.T) {
	dated, loose := session("02", "10:00", "11:00", "1"), session("03", "10:00", "11:00", "1")
	dated.Start, dated.End = time.Time{}, time.Time{}
	loose.Start, loose.End, loose.Date = time.Time{}, time.Time{}, ""
	draft := draftOf([]string{"1"}, session("01", "10:00", "11:00", "1"), dated, loose)
	for name, x := range map[string]struct {
		has  interchange.Fields
		want int
	}{
		"schedule.xml": {interchange.Fields{Heading: true}, 1}, "iCalendar": {interchange.Fields{Heading: true, Untimed: true}, 2},
		"table": {interchange.Fields{Untimed: true}, 3}, "Tsudoi": {interchange.Fields{Meeting: true, Heading: true, Untimed: true}, 3},
	} {
		in := draftOf([]string{"1"})
		in.Has = x.has
		if m := merge(draft, in, true); len(m.absent) != x.want {
			t.Errorf("%s: %d absent, want %d", name, len(m.absent), x.want)
		}
	}
}

// TestDiffSeesPoliciesAndProfiles: what a meeting refuses, and what is said of a speaker, changes their sessions.
func TestDiffSeesPoliciesAndProfiles(t *testing.T) {
	make2 := func() *interchange.Document {
		d := draftOf([]string{"1"}, session("01", "10:00", "11:00", "1"), session("02", "11:00", "12:00", "1"))
		d.Speakers = []interchange.Speaker{{Key: "s", Name: i18n.Only(i18n.JA, "佐藤")}}
		d.Sessions[0].Speakers = []interchange.Appearance{{Speaker: "s"}}
		return d
	}
	before, after := make2(), make2()
	after.Speakers[0].Bio = i18n.Only(i18n.JA, "紹介")
	if c := Diff(before, after); len(c) != 1 || c[0].Label != "60001" || c[0].Fields[0].Field != "profiles" {
		t.Errorf("%+v", c)
	}
	after = make2()
	after.Policy.Slides = interchange.Refused
	if c := Diff(before, after); len(c) != 2 || c[1].Fields[0].Field != "policy" {
		t.Errorf("%+v", c)
	}
}

// TestSlotsAndTalksGovernEachOther: a recording of a slot shows its talks, and a talk inherits from its slot.
func TestSlotsAndTalksGovernEachOther(t *testing.T) {
	slot, talk, free := session("01", "10:00", "11:00", "1"), session("02", "10:00", "10:10", "1"), session("03", "10:10", "10:20", "1")
	talk.Slot, free.Slot = slot.GUID, slot.GUID
	video := []interchange.Link{{Kind: interchange.LinkVideo, URL: "https://example.org/v"}}
	slot.Links, talk.Links, free.Links = video, video, video
	shown := func(d *interchange.Document) (out []int) {
		for _, s := range d.Public("2026-02-12").Sessions {
			out = append(out, len(s.Links))
		}
		return out
	}
	one := talk
	one.Policy = interchange.OffRecord
	if got := shown(draftOf([]string{"1"}, slot, one, free)); !slices.Equal(got, []int{0, 0, 1}) {
		t.Error("a talk is off-record:", got)
	}
	all := slot
	all.Policy = interchange.OffRecord
	if got := shown(draftOf([]string{"1"}, all, talk, free)); !slices.Equal(got, []int{0, 0, 0}) {
		t.Error("the slot is off-record:", got)
	}
}

func TestOddCodesHaveAnAddressThatWorks(t *testing.T) {
	d := draftOf([]string{"1"})
	for i, code := range []string{".", "..", "a,b", "C\"1", "特別2", "C14", "x y"} {
		s := session(fmt.Sprintf("%02d", i+1), "10:00", "11:00", "1")
		s.Code = code
		d.Sessions = append(d.Sessions, s)
	}
	p := Build(stored("1"), Release{}, &Frozen{Document: *d}, nil, "2026-02-12")
	safe := regexp.MustCompile(`^/meetings/m/sessions/([A-Za-z0-9._-]|%[0-9A-F]{2})+$`)
	for _, it := range p.Items {
		if u := sessionURL(p.Meeting, it); !safe.MatchString(u) || strings.Trim(it.Name, ".") == "" {
			t.Errorf("%q has the address %s", it.Code, u)
		}
	}
	if p.Session("特別2").Name != "特別2" || p.Session("C14").Name != "C14" {
		t.Error("a code that can be said has no address")
	}
}
