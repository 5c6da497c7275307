package registration

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// figures is what the figures of the meeting say, for somebody who may know them.
func (h *hall) figures(as context.Context) *Figures {
	h.t.Helper()
	f, err := h.Figures(as, slug)
	if err != nil {
		h.t.Fatal(err)
	}
	return f
}

// reads holds the permission to read figures of one meeting, and no other.
type reads struct{ slug string }

// May implements authz.Grants.
func (g reads) May(p authz.Permission, scope, _ string) bool {
	return p == event.MayReadFigures && scope == g.slug
}

// crowd registers people of every sort: days, options, answers.
func (h *hall) crowd() {
	h.t.Helper()
	for n := range 9 {
		f := form(n)
		f.Kind = []string{"general", "online"}[min(n/3, 1)]
		f.Days = map[event.Date]Mode{"2026-12-09": Online}
		if n < 3 {
			f.Days["2026-12-10"] = Onsite
			f.Choices = []Wish{{Option: "tour", Slot: "a"}}
		}
		f.Answers["diet"] = []string{"vegan"}
		h.enter(0, f)
	}
}

// TestFigures_cancelledMeansCancelled walks every figure after somebody who was in all of them has cancelled: they are as if
// that person had never come.
func TestFigures_cancelledMeansCancelled(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		s := setup()
		s.Kinds[0].Capacity = 30
		s.LastMeeting = "other"
		h.save(s)
		h.past()
		h.crowd()
		before := h.figures(h.system())

		f := form(77)
		f.Days = map[event.Date]Mode{"2026-12-09": Onsite, "2026-12-10": Onsite}
		f.Choices = []Wish{{Option: "social", Slot: "a", Companions: 1}, {Option: "tour", Slot: "a"}}
		f.Answers = map[string][]string{"first": {"yes"}, "why": {"友人の紹介"}, "diet": {"vegan", "halal"}}
		e := h.enter(0, f)
		h.paid[e.Ref] = Standing{State: "open", Owed: 11000}
		there := h.figures(h.system())
		for name, same := range map[string]bool{
			"registrants": there.Registrants == before.Registrants, "unproven": there.Unproven == before.Unproven, "states": cmp.Equal(there.ByState, before.ByState),
			"kinds": cmp.Equal(there.Kinds, before.Kinds), "days": cmp.Equal(there.Days, before.Days), "options": cmp.Equal(there.Options, before.Options),
			"hours": cmp.Equal(there.Hours, before.Hours), "dates": cmp.Equal(there.Dates, before.Dates), "payments": cmp.Equal(there.Payments, before.Payments),
			"questions": cmp.Equal(there.Questions, before.Questions), "past": there.Past.This == before.Past.This,
		} {
			if same {
				t.Errorf("%s says nothing of somebody who registered", name)
			}
		}
		if err := h.Cancel(h.as(0), h.again(e), "都合により"); err != nil {
			t.Fatal(err)
		}
		opt := []cmp.Option{cmpopts.IgnoreFields(Figures{}, "ChangedAt"), cmpopts.IgnoreFields(PastFigure{}, "Meeting"), cmpopts.EquateNaNs()}
		if diff := cmp.Diff(before, h.figures(h.system()), opt...); diff != "" {
			t.Errorf("somebody who cancelled still counts:\n%s", diff)
		}
	})
}

// past gives the other meeting a registration of its own.
func (h *hall) past() {
	h.t.Helper()
	s := setup()
	s.Opens = time.Date(2026, 6, 1, 13, 0, 0, 0, jst)
	if err := h.SaveSetup(h.system(), "other", s, 0); err != nil {
		h.t.Fatal(err)
	}
	for n := range 3 {
		f := form(500 + n)
		f.Days = map[event.Date]Mode{"2026-12-09": Online}
		if _, _, err := h.Register(h.as(0), "other", f); err != nil {
			h.t.Fatal(err)
		}
	}
}

func TestFigures_ofACrowd(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		if f := h.figures(h.system()); f.Registrants != 0 || !f.ChangedAt.IsZero() || len(f.Days) != 2 {
			t.Errorf("of nobody: %+v", f)
		}
		h.crowd() // three are general, and three have places there
		f4 := form(90)
		f4.Days, f4.Wait = map[event.Date]Mode{"2026-12-09": Online}, true
		waits := h.enter(0, f4)
		if waits.State != Waiting {
			t.Fatal(waits.State)
		}
		f := h.figures(h.system())
		if f.Registrants != 10 || f.ByState[Waiting] != 1 || f.Placed() != 9 || f.Unproven != 10 {
			t.Errorf("%+v", f)
		}
		if got := fmt.Sprint(f.Kinds[0].Placed, f.Kinds[0].Waiting, f.Kinds[1].Placed, f.Days[0].Online, f.Days[0].Onsite, f.Days[1].Onsite); got != "3 1 6 9 0 3" {
			t.Error(got)
		}
		if x := f.Options[1].Slots[0]; x.Taken != 3 || x.People != 3 || x.Quota.Capacity != 30 || x.Quota.Taken != 3 {
			t.Errorf("%+v", x)
		}
		if len(f.Hours) != 1 || f.Hours[0] != 10 || len(f.Dates) != 1 || f.Dates[0].N != 10 {
			t.Errorf("%v %v", f.Hours, f.Dates)
		}
		if f.Past != nil {
			t.Errorf("compared with %+v", f.Past)
		}
		i := slices.IndexFunc(f.Questions, func(q QuestionFigure) bool { return q.Question.Key == "why" })
		if q := f.Questions[i]; len(q.Rows) != 0 {
			t.Errorf("words of people are shown: %+v", q)
		}
		if all, err := json.Marshal(f); err != nil || strings.Contains(string(all), "参加者") || strings.Contains(string(all), "example.org") {
			t.Errorf("the figures name somebody: %v\n%s", err, all)
		}
	})
}

// TestFigures_ofThoseConcerned: whether they count is one setting for every figure but the places of options.
func TestFigures_ofThoseConcerned(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		s := setup()
		s.Kinds[2].ByCode = false
		h.save(s)
		f := form(1)
		f.Kind, f.Choices = "staff", []Wish{{Option: "tour", Slot: "a"}}
		f.Days = map[event.Date]Mode{"2026-12-09": Onsite}
		h.enter(0, f)
		h.enter(0, form(2))
		without := h.figures(h.system())
		if without.Registrants != 1 || without.Left != 1 || len(without.Kinds) != 2 || without.Days[0].Onsite != 1 || without.Questions[0].N != 1 || without.Dates[0].N != 1 {
			t.Errorf("without: %+v", without)
		}
		if without.Options[1].Slots[0].Taken != 1 {
			t.Error("those concerned sit in no place")
		}
		s.Concerned = true
		h.save(s)
		with := h.figures(h.system())
		if with.Registrants != 2 || with.Left != 0 || len(with.Kinds) != 3 || with.Days[0].Onsite != 2 || with.Questions[0].N != 2 || with.Dates[0].N != 2 {
			t.Errorf("with: %+v", with)
		}
	})
}

func TestFigures_areForThoseWhoMayKnow(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.crowd()
		may := authz.With(t.Context(), &authz.Actor{ID: 10, Ref: "REF10", Grants: reads{slug}})
		if f := h.figures(may); f.Registrants != 9 {
			t.Errorf("%+v", f)
		}
		for _, ctx := range []context.Context{h.as(0), h.as(10), authz.With(t.Context(), &authz.Actor{ID: 10, Ref: "REF10", Grants: reads{"other"}})} {
			if _, err := h.Figures(ctx, slug); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%v", err)
			}
		}
	})
}

// fill stores n entries with days, choices and answers, as fast as the database takes them.
func fill(tb testing.TB, d *db.DB, m event.MeetingID, from, n int) {
	tb.Helper()
	opens := time.Date(2026, 12, 1, 13, 0, 0, 0, jst)
	err := d.Write(tb.Context(), func(tx *db.Tx) error {
		ctx := tb.Context()
		for i := from; i < from+n; i++ {
			at := db.Micros(opens.Add(time.Duration(i%500) * 20 * time.Minute))
			state, cancelled := Confirmed, int64(0)
			if i%17 == 0 {
				state, cancelled = Cancelled, at+1
			}
			id, err := tx.Insert(ctx, `INSERT INTO registration_entry (ref, meeting_id, person_id, kind, state, name_ja, name_en, kana, org_ja, org_en, department, badge, address, folded,
				lang, find, code, group_ref, made_at, proved_at, priced_at, changed_at, offered_until, cancelled_at, why, version, link_no)
				VALUES ($1, $2, 0, $3, $4, '', '', '', '', '', '', '', $5, $5, 'ja', '', '', '', $6, $6, $6, $6, 0, $7, '', 1, 1)`,
				fmt.Sprintf("%026d", i), m, []string{"general", "online", "staff"}[i%3], state, fmt.Sprintf("x%d@example.org", i), at, cancelled)
			if err != nil {
				return err
			}
			for _, q := range []string{
				`INSERT INTO registration_day (entry_id, day, mode) VALUES ($1, '2026-12-09', 'onsite'), ($1, '2026-12-10', 'online')`,
				`INSERT INTO registration_answer (entry_id, question, value) VALUES ($1, 'first', 'yes'), ($1, 'why', 'because'), ($1, 'diet', 'vegan')`,
			} {
				if _, err := tx.Exec(ctx, q, id); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(ctx, `INSERT INTO registration_choice (ref, meeting_id, entry_id, option, slot, state, companions, place, asked_at, priced_at, offered_until, changed_at)
				VALUES ($1, $2, $3, 'tour', 'a', 'taken', 0, 0, $4, $4, 0, $4)`, fmt.Sprintf("c%025d", i), m, id, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// TestFigures_takeAsManyStatementsForThousands counts the statements behind the page.
func TestFigures_takeAsManyStatementsForThousands(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		m, err := h.meeting(h.system(), slug)
		if err != nil {
			t.Fatal(err)
		}
		ask := func() int64 {
			h.figures(h.system()) // so that what stays in memory is there
			ctx, n := db.Counted(h.system())
			h.figures(ctx)
			return n.Load()
		}
		fill(t, h.db, m.ID, 0, 3)
		few := ask()
		fill(t, h.db, m.ID, 3, 1500)
		if many := ask(); many != few || few > 16 {
			t.Errorf("%d statements for 3 entries, %d for 1,503", few, many)
		}
		if f := h.figures(h.system()); f.Registrants+f.Left != 1503-89 {
			t.Errorf("%d and %d", f.Registrants, f.Left)
		}
	})
}

// BenchmarkFigures_5000 is everything that the page of figures says.
func BenchmarkFigures_5000(b *testing.B) {
	for name, start := range map[string]func(testing.TB, ...fs.FS) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			h := open(b, start(b, folders...), setup())
			m, err := h.meeting(h.system(), slug)
			if err != nil {
				b.Fatal(err)
			}
			fill(b, h.db, m.ID, 0, 5000)
			for b.Loop() {
				h.figures(h.system())
			}
		})
	}
}
