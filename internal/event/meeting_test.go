package event

import (
	"slices"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

func TestDays(t *testing.T) {
	m := sample()
	if got := m.Days(); !slices.Equal(got, []Date{"2025-11-18", "2025-11-19", "2025-11-20", "2025-11-25", "2025-11-26", "2025-11-27"}) {
		t.Error(got)
	}
	if p := m.PartOf("2025-11-26"); p == nil || p.Key != "conference" {
		t.Error(p)
	}
	if p := m.PartOf("2025-11-22"); p != nil {
		t.Error(p)
	}
	m.Parts, m.Start, m.End = nil, "2024-02-28", "2024-03-01"
	if got := m.Days(); !slices.Equal(got, []Date{"2024-02-28", "2024-02-29", "2024-03-01"}) {
		t.Error(got)
	}
	if got := (&Meeting{Month: "2018-01"}).Days(); got != nil {
		t.Error(got)
	}
}

func TestStanding(t *testing.T) {
	m := sample()
	monthly := &Meeting{Month: "2025-11"}
	for _, c := range []struct {
		m    *Meeting
		now  string
		want Standing
		days int
	}{
		{m, "2025-11-17T14:59:59Z", Ahead, 1}, {m, "2025-11-17T15:00:00Z", Now, 0}, {m, "2025-11-20T16:00:00Z", Between, 4},
		{m, "2025-11-24T16:00:00Z", Now, 0}, {m, "2025-11-27T15:00:00Z", Past, 0}, {m, "2025-10-18T15:00:00Z", Ahead, 30},
		{monthly, "2025-10-31T00:00:00Z", Ahead, 0}, {monthly, "2025-11-10T00:00:00Z", Unknown, 0}, {monthly, "2025-12-10T00:00:00Z", Past, 0},
		{&Meeting{}, "2025-12-10T00:00:00Z", Unknown, 0},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got, days := c.m.StandingAt(now); got != c.want || days != c.days {
			t.Errorf("%s %s: %s %d, want %s %d", c.m.Slug, c.now, got, days, c.want, c.days)
		}
	}
}

func TestTheme(t *testing.T) {
	for _, c := range []struct{ in, head, sub string }{
		{"挑戦×経験×世代 ～フルスタックで“不確実”の先へ～", "挑戦×経験×世代", "～フルスタックで“不確実”の先へ～"},
		{"フラッとJANOG", "フラッとJANOG", ""}, {"～波～", "～波～", ""}, {"One - two", "One", "two"}, {"～", "～", ""}, {"a ～", "a ～", ""},
	} {
		if head, sub := splitTheme(c.in); head != c.head || sub != c.sub {
			t.Errorf("%q: %q %q", c.in, head, sub)
		}
	}
	m := &Meeting{Short: "JANOG57"}
	for in, want := range map[string]string{
		"フラッとJANOG": `フラッと<span class="accent">JANOG</span>`, "縁": "縁", "<JANOG>": `&lt;<span class="accent">JANOG</span>&gt;`,
	} {
		if got := string(m.emphasised(in)); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if got := (&Meeting{Short: "IW2025"}).emphasised("IWの集い"); got != "IWの集い" { // two letters are too few to be a name
		t.Error(got)
	}
}

func TestPlate(t *testing.T) {
	for _, c := range []struct {
		m    Meeting
		l    i18n.Lang
		want plate
	}{
		{Meeting{Start: "2026-02-11", End: "2026-02-13"}, i18n.JA, plate{"2026年2月", "11–13", "水–金"}},
		{Meeting{Start: "2025-07-30", End: "2025-08-01"}, i18n.EN, plate{"2025", "7/30–8/1", "Wed–Fri"}},
		{Meeting{Start: "2025-10-31"}, i18n.EN, plate{"October 2025", "31", "Fri"}},
		{Meeting{Start: "2026-12-04", End: "2026-12-11"}, i18n.EN, plate{"December 2026", "4–11", ""}},
		{Meeting{Month: "2018-01"}, i18n.JA, plate{Top: "2018", Big: "1月"}},
		{Meeting{}, i18n.JA, plate{}},
	} {
		if got := plateOf(c.l, &c.m); got != c.want {
			t.Errorf("%+v: %+v", c.want, got)
		}
	}
}

func TestFigures(t *testing.T) {
	src := i18n.T("報告書", "")
	got := figures([]Figure{
		{Key: "part", Of: "all", Value: 27, Label: i18n.T("部分", ""), Wording: "通常 27", Source: src}, {Key: "all", Value: 43, Wording: "計43", Source: src},
		{Key: "percent", Of: "all", Value: 5, Unit: i18n.T("%", "")}, {Key: "lost", Of: "nothing", Value: 1, Wording: "one", Source: src, N: 12},
	})
	if len(got) != 2 || len(got[0].Parts) != 2 || got[0].Parts[0].Width != 63 || got[0].Parts[1].Width != 0 {
		t.Fatalf("%+v", got)
	}
	if c := got[0].Cited; len(c) != 2 || c[0].Words != "「計43」" && c[0].Lang != i18n.JA || !c[0].Source.IsZero() || c[1].Source != src {
		t.Errorf("%+v", c)
	}
	if c := got[1].Cited; len(c) != 1 || c[0].Words != "“one”" || c[0].Lang != i18n.EN || c[0].N != 12 {
		t.Errorf("%+v", c)
	}
}
