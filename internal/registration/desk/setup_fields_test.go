package desk

import (
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

var jst = time.FixedZone("JST", 9*3600)

func TestReadMoment(t *testing.T) {
	want := time.Date(2026, 12, 1, 18, 5, 0, 0, jst)
	for _, s := range []string{"2026-12-01T18:05", "2026-12-01 18:05", "２０２６－１２－０１　１８：０５", "2026/12/1 18:05", "2026年12月1日 18時5分", " 2026.12.1 18:05 ", "2026年12月1日(火) 18:05"} {
		if got, err := readMoment(s, jst); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	if got, err := readMoment("2026-12-01", jst); err != nil || !got.Equal(want.Truncate(time.Hour).Add(-18*time.Hour)) {
		t.Error(got, err)
	}
	for _, s := range []string{"2026-02-30", "2026-13-01", "tomorrow", "2026-12-01 25:00", "2026-12-01 18:60", "12-01", "0001-01-01"} {
		if got, err := readMoment(s, jst); err == nil {
			t.Errorf("%q became %v", s, got)
		}
	}
	if got, err := readMoment(" ", jst); err != nil || !got.IsZero() {
		t.Error(got, err)
	}
}

func TestReadNumber(t *testing.T) {
	for s, want := range map[string]int{"": 0, "１２０": 120, "1,200": 1200, " 7 ": 7} {
		if n, err := readNumber(s, 10_000); err != nil || n != want {
			t.Errorf("%q: %d, %v", s, n, err)
		}
	}
	for _, s := range []string{"-1", "1.5", "百", "10001", "99999999999999999999"} {
		if n, err := readNumber(s, 10_000); err == nil {
			t.Errorf("%q became %d", s, n)
		}
	}
}

func TestFreshKey(t *testing.T) {
	none := func(string) bool { return false }
	if k := freshKey(i18n.T("懇親会", "Ｓocial & Dinner!"), "option", none); k != "social-dinner" {
		t.Error(k)
	}
	if k := freshKey(i18n.T("懇親会", ""), "option", func(k string) bool { return k == "option" || k == "option-2" }); k != "option-3" {
		t.Error(k)
	}
}
