package registration

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// planned is what saving a changed setup would bring about: the keys of its effects, with the number each tells.
func (h *hall) planned(change func(*Setup)) (*Plan, []string) {
	h.t.Helper()
	next, _, err := h.Setup(h.system(), slug)
	if err != nil {
		h.t.Fatal(err)
	}
	change(next)
	p, err := h.Plan(h.system(), slug, next)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, e := range p.Effects {
		out = append(out, fmt.Sprint(e.Key, " ", e.Args["n"]))
	}
	return p, out
}

// TestEffects: what a change of the setup brings about is told before it is saved.
func TestEffects(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		for n := range 3 {
			f := form(n)
			if n == 0 {
				f.Answers["diet"] = []string{"vegan"}
				f.Choices = []Wish{{Option: "tour", Slot: "a"}}
			}
			h.enter(0, f)
		}
		wait := form(3)
		wait.Wait = true
		h.enter(0, wait)
		for _, x := range []struct {
			name   string
			change func(*Setup)
			want   []string
		}{
			{"nothing", func(*Setup) {}, nil},
			{"fewer than taken", func(s *Setup) { s.Kinds[0].Capacity = 1 }, []string{"below 2"}},
			{"more places", func(s *Setup) { s.Kinds[0].Capacity = 10 }, []string{"offers 1"}},
			{"a kind closed", func(s *Setup) { s.Kinds[0].Closed = true }, []string{"kind_closed 4"}},
			{"a kind gone", func(s *Setup) { s.Kinds = s.Kinds[1:] }, []string{"kind_used 4"}},
			{"a sensitive question gone", func(s *Setup) { s.Questions = s.Questions[:2] }, []string{"question_erased 1"}},
			{"a plain question gone", func(s *Setup) { s.Questions = s.Questions[2:] }, []string{"question_kept 4"}},
			{"a choice gone", func(s *Setup) { s.Questions[2].Choices = s.Questions[2].Choices[1:] }, []string{"choice_gone 1"}},
			{"a question required", func(s *Setup) { s.Questions[2].Required = true }, []string{"question_required 3"}},
			{"a new consent", func(s *Setup) {
				s.Consents = append(s.Consents, Consent{Key: "new", Text: i18n.T("x", "x"), Required: true})
			}, []string{"consent 4"}},
			{"a slot gone", func(s *Setup) { s.Options[1].Slots = s.Options[1].Slots[1:] }, []string{"slot_used 1"}},
			{"closed now", func(s *Setup) { s.Closes = h.now; s.Opens = time.Time{}; s.ChangeUntil = time.Time{} }, []string{"phase_over <nil>", "change_over <nil>", "handover_over <nil>"}},
		} {
			if _, got := h.planned(x.change); !slices.Equal(got, x.want) {
				t.Errorf("%s: %q, want %q", x.name, got, x.want)
			}
		}
		p, _ := h.planned(func(s *Setup) { s.Questions = s.Questions[:2] })
		_, version, _ := h.Setup(h.system(), slug)
		if err := h.SavePlan(h.system(), slug, p, version); err != nil {
			t.Fatal(err)
		}
		m, err := h.meeting(h.system(), slug)
		if err != nil {
			t.Fatal(err)
		}
		u, err := usage(h.system(), h.db, m.ID)
		if err != nil || u.answers["diet"] != 0 || u.answers["first"] != 4 {
			t.Error(u.answers, err)
		}
		if err := h.SavePlan(h.system(), slug, p, version); fault.KindOf(err) != fault.Conflict {
			t.Errorf("an older state was saved: %v", err)
		}
	})
}

// TestPriceOfTheTime: who took something owes what was asked then, whatever the setup says later.
func TestPriceOfTheTime(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		f := form(1)
		f.Days = map[event.Date]Mode{"2026-12-10": Onsite}
		f.Choices = []Wish{{Option: "social", Slot: "a"}}
		e := h.enter(0, f)
		h.at(2, 12)
		p, got := h.planned(func(s *Setup) {
			s.Options[0].Prices = []Price{{Yen: 9000}}
			s.Kinds[0].Priced = Priced{Prices: []Price{{Yen: 3000}}, Rate: 10, Seller: "group"}
		})
		if !slices.Equal(got, []string{"price 1", "price 1"}) {
			t.Error(got)
		}
		_, version, _ := h.Setup(h.system(), slug)
		if err := h.SavePlan(h.system(), slug, p, version); err != nil {
			t.Fatal(err)
		}
		h.at(3, 12)
		if err := h.ChangeAnswers(h.as(0), h.again(e), map[string][]string{"first": {"no"}, "diet": {"halal"}}); err != nil {
			t.Fatal(err)
		}
		owed := map[string]int64{}
		for _, l := range h.debts[e.Ref].Lines {
			owed[l.Key] = l.Yen
		}
		if owed["option:social/a"] != 5500 || owed["kind:general"] != 0 {
			t.Errorf("%v: the prices of the first day are not asked any more", owed)
		}
		later := form(2)
		later.Days = map[event.Date]Mode{"2026-12-10": Onsite}
		later.Choices = []Wish{{Option: "social", Slot: "a"}}
		e = h.enter(0, later)
		for _, l := range h.debts[e.Ref].Lines {
			if want := map[string]int64{"option:social/a": 9000, "kind:general": 3000}[l.Key]; l.Yen != want {
				t.Errorf("%s: %d, want %d", l.Key, l.Yen, want)
			}
		}
	})
}

func TestPastAnd(t *testing.T) {
	now := time.Date(2026, 12, 2, 0, 0, 0, 0, jst)
	day := func(n int) time.Time { return now.AddDate(0, 0, n) }
	for _, x := range []struct {
		name      string
		old, next []Price
		want      []Price
	}{
		{"never a price", nil, nil, nil},
		{"a first price", nil, []Price{{Yen: 5}}, []Price{{now, 0}, {Yen: 5}}},
		{"another price", []Price{{Yen: 5}}, []Price{{Yen: 7}}, []Price{{now, 5}, {Yen: 7}}},
		{"free from now on", []Price{{Yen: 5}}, nil, []Price{{now, 5}, {Yen: 0}}},
		{"the past is left out of the form", []Price{{day(-1), 3}, {day(3), 5}, {Yen: 7}}, []Price{{day(3), 5}, {Yen: 8}}, []Price{{day(-1), 3}, {day(3), 5}, {Yen: 8}}},
		{"the past is changed in the form", []Price{{day(-1), 3}, {Yen: 7}}, []Price{{day(-2), 1}, {Yen: 7}}, []Price{{day(-1), 3}, {Yen: 7}}},
	} {
		got := pastAnd(Priced{Prices: x.old}, Priced{Prices: x.next}, now)
		if !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
		}
		for d := -3; d <= 6; d++ {
			want := Priced{Prices: x.next}.At(day(d))
			if d < 0 {
				want = Priced{Prices: x.old}.At(day(d))
			}
			if p := (Priced{Prices: got}).At(day(d)); p != want {
				t.Errorf("%s, day %d: %d, want %d", x.name, d, p, want)
			}
		}
	}
}

// TestCopySetup: a meeting that is made from another takes its setup over, with every time moved by as many days, and is not open.
func TestCopySetup(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		var to *event.Stored
		if err := h.db.Write(h.system(), func(tx *db.Tx) error {
			from, err := h.events.Load(h.system(), tx, slug)
			if err != nil {
				return err
			}
			if _, _, err := h.events.Apply(h.system(), tx, event.Input{Full: true, Meeting: &event.Meeting{
				Slug: "next", Title: i18n.T("次回", "Next"), Timezone: "Asia/Tokyo", Start: "2027-06-09", End: "2027-06-10", Phase: event.Draft,
				Parts: []event.Part{{Key: "main", Title: i18n.T("本会議", "Conference"), Days: []event.Date{"2027-06-09", "2027-06-10"}, Online: true, Onsite: true}},
			}}); err != nil {
				return err
			}
			if to, err = h.events.Load(h.system(), tx, "next"); err != nil {
				return err
			}
			return h.CopySetup(h.system(), tx, from, to)
		}); err != nil {
			t.Fatal(err)
		}
		got, version, err := h.Setup(h.system(), "next")
		if err != nil || version != 1 {
			t.Fatal(version, err)
		}
		if got.Open || got.LastMeeting != slug || len(got.Kinds) != 3 || len(got.Questions) != 3 {
			t.Errorf("%+v", got)
		}
		if want := time.Date(2027, 6, 1, 13, 0, 0, 0, jst); !got.Opens.Equal(want) {
			t.Error(got.Opens)
		}
		social := got.Option("social")
		if social.Day != "2027-06-10" || !social.Slots[0].Starts.Equal(time.Date(2027, 6, 10, 18, 0, 0, 0, jst)) || social.LostAt != slug || len(social.Prices) != 2 {
			t.Errorf("%+v", social)
		}
		if err := got.Check(&to.Meeting); err != nil {
			t.Error(err)
		}
		if err := h.SaveSetup(h.system(), "next", got, version); err != nil {
			t.Error(err)
		}
		if list, err := h.Earlier(h.system(), "other"); err != nil || len(list) != 2 || list[0].Slug != "next" {
			t.Error(list, err)
		}
		if list, err := h.Earlier(h.as(10), "other"); err != nil || len(list) != 0 {
			t.Errorf("somebody without a role may copy %v: %v", list, err)
		}
		if _, err := h.SetupAsLast(h.as(10), "other", slug); fault.KindOf(err) != fault.Forbidden {
			t.Error(err)
		}
	})
}
