package registration

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// asked is a question with choices a, b, c... and how many gave each answer.
func asked(t QuestionType, class Class, n ...int) (*QuestionFigure, *Setup, *tally) {
	q := Question{Key: "q", Type: t, Class: class, Label: i18n.T("質問", "Question")}
	tl := &tally{}
	sum, most := 0, 0
	for i, v := range n {
		key := string(rune('a' + i))
		q.Choices = append(q.Choices, Choice{key, i18n.T(key, key)})
		if v > 0 {
			tl.answers = append(tl.answers, answerTally{"q", key, "general", v})
		}
		sum, most = sum+v, max(most, v)
	}
	if t == Many {
		sum = most
	}
	s := &Setup{Questions: []Question{q}}
	tl.answered = []answerTally{{Question: "q", Kind: "general", N: sum}}
	f := &Figures{}
	f.questions(s, tl)
	return &f.Questions[0], s, tl
}

func TestQuestionFigure_tellsNothingOfFew(t *testing.T) {
	rows := func(f *QuestionFigure) string {
		var out []string
		for _, a := range f.Rows {
			out = append(out, fmt.Sprint(a.Value, "=", a.N))
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		kind   QuestionType
		class  Class
		n      []int
		rows   string
		hidden bool
		total  int
	}{
		{One, Plain, []int{1, 2, 90}, "a=1 b=2 c=90", false, 93},
		{One, Sensitive, []int{30, 20, 10}, "a=30 b=20 c=10", false, 60},
		{One, Sensitive, []int{30, 3, 2}, "a=30 =5", false, 35},
		{One, Sensitive, []int{30, 20, 1}, "a=30 =21", false, 51}, // alone, it could be had by subtraction
		{One, Sensitive, []int{30, 20, 0}, "a=30 b=20", false, 50},
		{One, Sensitive, []int{30, 1, 0}, "", true, 31},
		{One, Sensitive, []int{1, 1, 2}, "", true, 0},
		{One, Sensitive, nil, "", false, 0},
		{Many, Sensitive, []int{30, 3, 9}, "a=30 c=9", false, 0},
		{Many, Sensitive, []int{3, 1}, "", true, 0},
		{One, Personal, []int{30, 20}, "", false, 50},
		{Line, Plain, []int{30, 20}, "", false, 50},
		{Lines, Sensitive, []int{30, 20}, "", false, 50},
	} {
		f, _, _ := asked(c.kind, c.class, c.n...)
		if rows(f) != c.rows || f.Hidden != c.hidden || f.N != c.total {
			t.Errorf("%s %s %v: %q, hidden %t, of %d", c.kind, c.class, c.n, rows(f), f.Hidden, f.N)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SliceOfN(rapid.IntRange(0, 12), 0, 8).Draw(t, "answers")
		f, _, _ := asked(One, Sensitive, n...)
		sum := 0
		for _, a := range f.Rows {
			if a.N < Fewest {
				t.Fatalf("%v: %d answered %q", n, a.N, a.Value)
			}
			sum += a.N
		}
		if len(f.Rows) > 0 && sum != f.N {
			t.Fatalf("%v: %d are missing, and can be had by subtraction", n, f.N-sum)
		}
	})
}

// TestQuestionFigure_inWords: a sensitive question in words with few answers tells not even how many.
func TestQuestionFigure_inWords(t *testing.T) {
	f, _, _ := asked(Lines, Sensitive, 2)
	if f.N != 0 || !f.Hidden {
		t.Errorf("%+v", f)
	}
}

// TestCompare_atTheSameDistance: two days and an hour after the opening, both as one saw them then.
func TestCompare_atTheSameDistance(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	here := time.Date(2026, 12, 1, 13, 0, 0, 0, tokyo)
	there := time.Date(2026, 6, 1, 10, 0, 0, 0, tokyo)
	m := &event.Stored{Meeting: event.Meeting{Slug: "now", Start: "2026-12-20", Timezone: "Asia/Tokyo"}}
	past := &event.Stored{Meeting: event.Meeting{Slug: "past", Start: "2026-06-20", Timezone: "Asia/Tokyo",
		Figures: []event.Figure{{Key: "unique_registrants", Value: 900}, {Key: "attendance", Value: 2000}}}}
	after := func(t time.Time, hours ...int) (out []time.Time) {
		for _, h := range hours {
			out = append(out, t.Add(time.Duration(h)*time.Hour))
		}
		return out
	}
	var counted []tallied
	for _, at := range after(here, -5, 0, 1, 30, 48) {
		counted = append(counted, tallied{MadeAt: at})
	}
	var entries []pastEntry
	for _, at := range after(there, 0, 2, 40, 49, 50, 200) {
		entries = append(entries, pastEntry{MadeAt: at})
	}
	entries[0].CancelledAt = there.Add(3 * time.Hour)  // before: gone
	entries[1].CancelledAt = there.Add(90 * time.Hour) // later: was still there
	now := here.Add(49 * time.Hour)

	p := compare(&Setup{Opens: here}, &Setup{Opens: there}, m, past, counted, entries, now)
	if !p.Opening || p.This != 5 || p.Then != 3 || p.Declared != nil {
		t.Errorf("%+v", p)
	}
	nan := math.NaN()
	want := [][]float64{{2, 3, 5, nan, nan, nan, nan, nan, nan, nan}, {1, 1, 2, 4, 3, 3, 3, 3, 3, 4}}
	if diff := cmp.Diff(want, [][]float64{p.Values, p.Thens}, cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })); diff != "" {
		t.Errorf("%v:\n%s", p.Days, diff)
	}

	p = compare(&Setup{Opens: here}, &Setup{}, m, past, counted, entries, now) // the other opening is not known
	if p.Opening || p.Distance != now.Sub(time.Date(2026, 12, 20, 0, 0, 0, 0, tokyo)) || p.Days[0] != -19 || p.Thens[len(p.Thens)-1] != 4 {
		t.Errorf("%+v", p)
	}
	p = compare(&Setup{Opens: here}, &Setup{}, m, past, counted, nil, now) // nothing was registered here
	if len(p.Days) != 0 || len(p.Declared) != 1 || p.Declared[0].Value != 900 {
		t.Errorf("%+v", p)
	}
}
