package signage

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// TestSpans: when a notice may be seen, in words a person can check.
func TestSpans(t *testing.T) {
	tokyo, berlin := zone(t, "Asia/Tokyo"), zone(t, "Europe/Berlin")
	at := func(loc *time.Location, s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, c := range map[string]struct {
		loc   *time.Location
		s     Schedule
		from  string
		until string
		want  []string
	}{
		"always":                               {tokyo, Schedule{}, "2026-02-12 04:00", "2026-02-14 04:00", []string{"02-12 04:00 +48h"}},
		"within":                               {tokyo, Schedule{From: at(tokyo, "2026-02-12 09:00"), Until: at(tokyo, "2026-02-13 12:00")}, "2026-02-12 04:00", "2026-02-14 04:00", []string{"02-12 09:00 +27h"}},
		"over before it begins":                {tokyo, Schedule{Until: at(tokyo, "2026-02-12 03:59")}, "2026-02-12 04:00", "2026-02-14 04:00", nil},
		"one day is from boundary to boundary": {tokyo, Schedule{Days: []event.Date{"2026-02-12"}}, "2026-02-11 04:00", "2026-02-14 04:00", []string{"02-12 04:00 +24h"}},
		"hours of each day": {tokyo, Schedule{Hours: []Hours{{"10:00", "12:00"}, {"14:00", "17:00"}}}, "2026-02-12 04:00", "2026-02-14 04:00",
			[]string{"02-12 10:00 +2h", "02-12 14:00 +3h", "02-13 10:00 +2h", "02-13 14:00 +3h"}},
		"hours over midnight belong to the day before":                {tokyo, Schedule{Days: []event.Date{"2026-02-12"}, Hours: []Hours{{"22:00", "02:00"}}}, "2026-02-12 04:00", "2026-02-14 04:00", []string{"02-12 22:00 +4h"}},
		"hours after midnight belong to the day before":               {tokyo, Schedule{Days: []event.Date{"2026-02-12"}, Hours: []Hours{{"01:00", "03:00"}}}, "2026-02-12 04:00", "2026-02-14 04:00", []string{"02-13 01:00 +2h"}},
		"hours that touch are one":                                    {tokyo, Schedule{Hours: []Hours{{"10:00", "12:00"}, {"12:00", "13:00"}, {"11:00", "12:30"}}}, "2026-02-12 04:00", "2026-02-13 04:00", []string{"02-12 10:00 +3h"}},
		"asked at half past one at night, it is still the day before": {tokyo, Schedule{Days: []event.Date{"2026-02-12"}}, "2026-02-13 01:30", "2026-02-14 04:00", []string{"02-13 01:30 +2h30m"}},
		"the day the clock goes forward has 23 hours":                 {berlin, Schedule{Days: []event.Date{"2026-03-28"}}, "2026-03-27 04:00", "2026-03-30 04:00", []string{"03-28 04:00 +23h"}},
		"the day the clock goes back has 25":                          {berlin, Schedule{Days: []event.Date{"2026-10-24"}}, "2026-10-23 04:00", "2026-10-26 04:00", []string{"10-24 04:00 +25h"}},
		"hours by the wall clock after it went forward":               {berlin, Schedule{Hours: []Hours{{"09:00", "10:00"}}}, "2026-03-28 04:00", "2026-03-30 04:00", []string{"03-28 09:00 +1h", "03-29 09:00 +1h"}},
		"hours over the hour that does not exist":                     {berlin, Schedule{Days: []event.Date{"2026-03-28"}, Hours: []Hours{{"01:00", "03:30"}}}, "2026-03-28 04:00", "2026-03-30 04:00", []string{"03-29 01:00 +1h30m"}},
	} {
		var got []string
		for _, s := range c.s.Spans(c.loc, "04:00", at(c.loc, c.from), at(c.loc, c.until)) {
			long := strings.NewReplacer("h0m0s", "h", "m0s", "m").Replace(s.Until.Sub(s.From).String())
			got = append(got, s.From.In(c.loc).Format("01-02 15:04")+" +"+long)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestFor(t *testing.T) {
	in := func(mode Mode, room, area string) Look { return Look{Mode: mode, Room: room, Area: area} }
	for _, c := range []struct {
		targets []string
		ref     string
		look    Look
		want    bool
	}{
		{nil, "A", in(Foyer, "", ""), true},
		{[]string{"area:B2F"}, "A", in(Foyer, "", "B2F"), true},
		{[]string{"area:B2F"}, "A", in(Foyer, "", "4F"), false},
		{[]string{"area:B2F"}, "A", in(Foyer, "", ""), false},
		{[]string{"area:"}, "A", in(Foyer, "", ""), false},
		{[]string{"room:hall1"}, "A", in(InRoom, "hall1", ""), true},
		{[]string{"room:hall1"}, "A", in(Stage, "hall1", ""), true},
		{[]string{"room:hall1"}, "A", in(Foyer, "hall1", ""), false}, // the room is only what its form had
		{[]string{"screen:A"}, "A", in(Foyer, "", ""), true},
		{[]string{"screen:A"}, "B", in(Foyer, "", ""), false},
		{[]string{"screen:"}, "", in(Foyer, "", ""), false},
		{[]string{"area:4F", "screen:A"}, "A", in(Foyer, "", "B2F"), true},
	} {
		n := Notice{Targets: c.targets}
		if got := n.For(c.ref, c.look); got != c.want {
			t.Errorf("%q for %s %+v: %v", c.targets, c.ref, c.look, got)
		}
	}
}

func TestCodes(t *testing.T) {
	seen := map[string]bool{}
	for range 2000 {
		c := newCode()
		if parseCode(c) != c || seen[c] {
			t.Fatalf("the code %q is none, or came twice", c)
		}
		seen[c] = true
	}
	for typed, want := range map[string]string{
		"ace 347": "ACE347", "ＡＣＥ３４７": "ACE347", "ace-347 ": "ACE347", "ACE34": "", "ACE3477": "", "ACE340": "", "": "", "ACE 34　7": "ACE347", "<b>": "", "ACE34\x00": "",
	} {
		if got := parseCode(typed); got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
	}
}

func TestParseHours(t *testing.T) {
	got := parseHours("9:00-10:30、１４：００-17:00")
	if diff := cmp.Diff([]Hours{{"09:00", "10:30"}, {"14:00", "17:00"}}, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"10-12", "25:00-26:00", "10:00", "-", "a-b"} {
		n := Notice{Title: i18n.T("x", ""), Seconds: 10, Schedule: Schedule{Hours: parseHours(bad)}}
		if n.check() == nil {
			t.Errorf("%q is taken for hours", bad)
		}
	}
}

// TestOpenSessions: a session whose end nobody knows lasts until the next one of its room, and an hour at most.
func TestOpenSessions(t *testing.T) {
	start := time.Date(2026, 2, 12, 1, 0, 0, 0, time.UTC)
	list := []Session{
		{Ref: "A", Room: "r1", Start: start, End: start},
		{Ref: "B", Room: "r1", Start: start.Add(40 * time.Minute), End: start.Add(2 * time.Hour)},
		{Ref: "C", Room: "r2", Start: start.Add(10 * time.Minute)},
		{Ref: "D", Room: "r2", Start: start.Add(20 * time.Minute), End: start.Add(30 * time.Minute), Cancelled: true},
	}
	got := map[string]int64{}
	for _, s := range statesOf(list, []dayState{{From: 0, Until: ms(start.Add(24 * time.Hour))}}) {
		got[s.Ref] = (s.Until - s.From) / 60000
	}
	if diff := cmp.Diff(map[string]int64{"A": 40, "B": 80, "C": 60, "D": 10}, got); diff != "" {
		t.Error(diff)
	}
}

// TestOffsets: a screen writes the times of the meeting without knowing its zone.
func TestOffsets(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	from := time.Date(2026, 3, 28, 4, 0, 0, 0, berlin)
	got := offsets(berlin, from, from.AddDate(0, 0, 2))
	if len(got) != 2 || got[0].Minutes != 60 || got[1].Minutes != 120 || got[1].From != time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC).UnixMilli() {
		t.Errorf("%+v", got)
	}
	if got := offsets(zone(t, "Asia/Tokyo"), from, from.AddDate(0, 0, 2)); len(got) != 1 || got[0].Minutes != 540 {
		t.Errorf("%+v", got)
	}
}
