package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/chart"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// later takes what is to be done later, and does not do it.
type later struct{}

func (later) Enqueue(context.Context, *db.Tx, job.Event, ...job.Option) error { return nil }

// TestFigureTables: every figure has a name of its own in the address of its table, says what it counts, and says it in words.
func TestFigureTables(t *testing.T) {
	words, err := i18n.NewWords(registration.Files, Files, chart.Files)
	if err != nil {
		t.Fatal(err)
	}
	ctx := authz.System(t.Context(), "test")
	d := dbtest.SQLite(t, db.Migrations, search.Migrations, audit.Migrations, limit.Migrations, person.Migrations, event.Migrations, registration.Migrations)
	events := event.New(d, event.Options{})
	now := time.Date(2026, 12, 2, 13, 0, 0, 0, jst)
	s := registration.New(d, events, registration.Options{Jobs: later{}, Now: func() time.Time { return now }})
	err = d.Write(ctx, func(tx *db.Tx) error {
		_, _, err := events.Apply(ctx, tx, event.Input{Full: true, Meeting: &event.Meeting{
			Slug: "sample", Title: i18n.T("見本", "Sample"), Timezone: "Asia/Tokyo", Start: "2026-12-09", End: "2026-12-10", Phase: event.ProgrammePhase,
		}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slots := []registration.Slot{{Key: "a", Capacity: 30}, {Key: "b", Capacity: 30}}
	if err := s.SaveSetup(ctx, "sample", &registration.Setup{
		Open: true, Opens: now.Add(-24 * time.Hour), Kinds: []registration.Kind{{Key: "general", Name: i18n.T("一般", "General"), Modes: registration.Modes}},
		Options: []registration.Option{
			{Key: "social", Kind: registration.Social, Name: i18n.T("懇親会", "Social"), Rule: registration.FirstCome, Slots: slots[:1]},
			{Key: "tour", Kind: registration.Tour, Name: i18n.T("ツアー", "Tour"), Rule: registration.FirstCome, Slots: slots},
		},
		Questions: []registration.Question{{Key: "first", Type: registration.YesNo, Label: i18n.T("初めてですか", "First time?")}},
	}, 0); err != nil {
		t.Fatal(err)
	}
	for n := range 7 {
		if _, _, err := s.Register(ctx, "sample", registration.Form{
			Key: fmt.Sprint("form", n), Kind: "general", Details: registration.Details{Name: i18n.T("参加者", ""), Address: fmt.Sprintf("a%d@example.org", n), Lang: i18n.JA},
			Days: map[event.Date]registration.Mode{"2026-12-09": registration.Onsite}, Answers: map[string][]string{"first": {"no"}},
			Choices: []registration.Wish{{Option: "tour", Slot: "b"}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	n, err := s.Figures(ctx, "sample")
	if err != nil {
		t.Fatal(err)
	}
	m, err := events.Meeting(ctx, "sample")
	if err != nil {
		t.Fatal(err)
	}
	setup, _, err := s.Setup(ctx, "sample")
	if err != nil {
		t.Fatal(err)
	}
	desk := &figureDesk{&web.Frame{Site: &web.Site{Words: words}, Lang: i18n.JA, Default: i18n.JA}, &registration.Meeting{Stored: m, Setup: setup}, n}
	seen := map[string]bool{}
	for _, c := range desk.all() {
		if seen[c.key] || len(c.explains) == 0 && c.key != "summary" {
			t.Errorf("the figure %s is there twice, or does not say what it counts", c.key)
		}
		seen[c.key] = true
		for _, said := range append(c.explains, c.chart.Title, string(c.chart.CSV())) {
			if strings.Contains(said, "[registration.") || strings.Contains(said, "<no value>") {
				t.Errorf("%s: %s", c.key, said)
			}
		}
	}
	for _, key := range []string{"summary", "kinds", "days", "hours", "dates", "options", "option-tour", "question-first"} {
		if !seen[key] {
			t.Errorf("the figure %s is not there: %v", key, seen)
		}
	}
}

func TestBinned(t *testing.T) {
	var rows []registration.AnswerFigure
	for _, n := range []int{0, 1, 2, 3, 5, 8, 12, 14, 15, 21, 28, 33, 40} {
		rows = append(rows, registration.AnswerFigure{Value: fmt.Sprint(n), N: 2})
	}
	labels, values := binned(rows)
	if diff := cmp.Diff([]string{"0–4", "5–9", "10–14", "15–19", "20–24", "25–29", "30–34", "35–39", "40–44"}, labels); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]float64{8, 4, 4, 2, 2, 2, 2, 0, 2}, values); diff != "" {
		t.Error(diff)
	}
	labels, values = binned(rows[:3])
	if strings.Join(labels, " ") != "0 1 2" || len(values) != 3 {
		t.Error(labels, values)
	}
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfNDistinct(rapid.IntRange(0, 1_000_000), 1, 60, func(n int) int { return n }).Draw(t, "numbers")
		slices.Sort(all)
		var rows []registration.AnswerFigure
		for _, n := range all {
			rows = append(rows, registration.AnswerFigure{Value: fmt.Sprint(n), N: 1})
		}
		labels, values := binned(rows)
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		if len(labels) != len(values) || len(labels) > 13 || int(sum) != len(all) {
			t.Fatalf("%v: %v %v", all, labels, values)
		}
	})
}

func TestSigned(t *testing.T) {
	for _, c := range [][2]string{
		{signed(1200), "+1,200"}, {signed(-3), "−3"}, {signedPercent(22, 790), "+2.8"}, {signedPercent(-1, 3), "−33.3"}, {signedPercent(-1, 100000), "±0"},
	} {
		if c[0] != c[1] {
			t.Errorf("%q, not %q", c[0], c[1])
		}
	}
}
