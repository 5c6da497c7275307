package registration

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
)

// TestRegisterAndChange is the way of one person from the form to the cancellation.
func TestRegisterAndChange(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		f := form(1)
		f.Choices = []Wish{{Option: "tour", Slot: "a"}}
		e := h.enter(0, f)
		h.run()
		if got := h.subjects(); len(got) != 1 || got[0] != "a1@example.org: 【参加登録】見本sample" {
			t.Fatal(got)
		}
		l := h.letters[0]
		if !strings.Contains(l.Body.JA, "12月9日") || !strings.Contains(l.Body.JA, "NOCツアー") || len(l.Attachments) != 2 || !strings.Contains(string(l.Attachments[0].Data), "BEGIN:VEVENT") {
			t.Error(l.Body.JA, len(l.Attachments))
		}
		o := h.again(e)
		if o.State != Confirmed || !o.ProvedAt.IsZero() || o.On("2026-12-09") != Onsite || o.Answers["first"][0] != "no" || len(o.Choices) != 1 {
			t.Fatalf("%+v", o.Entry)
		}
		if n := [4]int{h.taken("kind:general"), h.taken("day:2026-12-09"), h.taken("day:2026-12-10"), h.taken("slot:tour/a")}; n != [4]int{1, 1, 0, 1} {
			t.Error(n)
		}
		if err := h.Prove(h.as(0), o); err != nil {
			t.Fatal(err)
		}
		o = h.again(e)
		if err := h.ChangeDays(h.as(0), o, "general", map[event.Date]Mode{"2026-12-10": Onsite}, nil); err != nil { // from on site to online and back: no new entry
			t.Fatal(err)
		}
		if n := [2]int{h.taken("day:2026-12-09"), h.taken("day:2026-12-10")}; n != [2]int{0, 1} {
			t.Error(n)
		}
		h.run()
		o = h.again(e)
		d := o.Details
		d.Name, d.Badge = i18n.T("髙橋𠮷郎", "Takahashi"), "たか"
		if err := h.ChangeDetails(h.as(0), o, d); err != nil {
			t.Fatal(err)
		}
		if err := h.ChangeAnswers(h.as(0), h.again(e), map[string][]string{"first": {"yes"}}); fault.KindOf(err) != fault.Invalid { // "why" is asked now
			t.Error(err)
		}
		if err := h.ChangeAnswers(h.as(0), h.again(e), map[string][]string{"first": {"yes"}, "why": {"友人"}}); err != nil {
			t.Fatal(err)
		}
		if err := h.Cancel(h.as(0), h.again(e), "急用"); err != nil {
			t.Fatal(err)
		}
		o = h.again(e)
		if o.State != Cancelled || len(o.Choices) != 0 || o.Name.JA != "髙橋𠮷郎" || o.BadgeName(i18n.JA) != "たか" {
			t.Errorf("%+v", o.Entry)
		}
		for _, q := range []string{"kind:general", "day:2026-12-09", "day:2026-12-10", "slot:tour/a"} {
			if n := h.taken(q); n != 0 {
				t.Errorf("%s: %d are taken", q, n)
			}
		}
		h.run()
		if got := h.subjects(); len(got) != 3 || !strings.Contains(got[2], "取消") {
			t.Error(got)
		}
		history, err := h.History(h.as(0), o)
		if err != nil || len(history) < 6 {
			t.Error(len(history), err)
		}
		if err := h.Cancel(h.as(0), o, ""); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
	})
}

// TestFormTwice: a form that is sent twice, at once or later, makes one entry.
func TestFormTwice(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		var wg sync.WaitGroup
		var fresh atomic.Int64
		refs := make([]string, 8)
		for i := range refs {
			wg.Go(func() {
				e, isNew, err := h.Register(h.as(0), slug, form(1))
				if err != nil {
					t.Error(err)
					return
				}
				if isNew {
					fresh.Add(1)
				}
				refs[i] = e.Ref
			})
		}
		wg.Wait()
		for _, r := range refs {
			if r != refs[0] {
				t.Errorf("%v", refs)
			}
		}
		if fresh.Load() != 1 || h.taken("kind:general") != 1 {
			t.Error(fresh.Load(), h.taken("kind:general"))
		}
	})
}

// TestSomebodyTwice: another form with the same address or of the same account makes no second entry; a letter says so, and nobody else.
func TestSomebodyTwice(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.enter(0, form(1))
		f := form(2)
		f.Address = "Ａ1@EXAMPLE.org"
		if _, _, err := h.Register(h.as(0), slug, f); !Known(err) {
			t.Fatal(err)
		}
		h.run()
		if got := h.subjects(); len(got) != 2 || h.taken("kind:general") != 1 || !strings.Contains(h.letters[1].Body.JA, "すでに登録されています") {
			t.Error(got)
		}
		h.enter(10, form(3))
		if _, _, err := h.Register(h.as(10), slug, form(4)); !Known(err) {
			t.Error(err)
		}
	})
}

// TestNoPlace: over capacity nobody gets in; who wants to is put on the waiting list, in order, and offered a place that comes free.
func TestNoPlace(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		var first *Entry
		for i := range 3 {
			if e := h.enter(0, form(i)); i == 0 {
				first = e
			}
		}
		if _, _, err := h.Register(h.as(0), slug, form(3)); !Full(err) {
			t.Fatal(err)
		}
		var waiting []*Entry
		for i := 3; i < 6; i++ {
			f := form(i)
			f.Wait = true
			waiting = append(waiting, h.enter(0, f))
		}
		h.run()
		if o := h.again(waiting[2]); o.State != Waiting || o.Ahead != 2 {
			t.Fatal(o.State, o.Ahead)
		}
		if err := h.Cancel(h.as(0), h.again(first), ""); err != nil {
			t.Fatal(err)
		}
		h.run()
		o := h.again(waiting[0])
		if o.State != Offered || h.taken("kind:general") != 3 || h.again(waiting[1]).State != Waiting {
			t.Fatal(o.State, h.taken("kind:general"))
		}
		if err := h.Accept(h.as(0), o); err != nil {
			t.Fatal(err)
		}
		if err := h.Accept(h.as(0), h.again(waiting[1])); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		// More places: the next is offered one, does not take it, and it goes to the one after.
		s := setup()
		s.Kinds[0].Capacity = 4
		h.save(s)
		h.run()
		if o := h.again(waiting[1]); o.State != Offered {
			t.Fatal(o.State)
		}
		h.at(4, 13)
		for _, e := range waiting { // they showed that their addresses are theirs
			if err := h.Prove(h.as(0), h.again(e)); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Sweep(h.system()); err != nil {
			t.Fatal(err)
		}
		h.run()
		if a, b := h.again(waiting[1]), h.again(waiting[2]); a.State != Cancelled || a.Why != "offer" || b.State != Offered {
			t.Error(a.State, a.Why, b.State)
		}
	})
}

// TestUnproven: an address that nobody shows to be theirs holds no place for ever.
func TestUnproven(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		e, mine := h.enter(0, form(1)), h.enter(10, form(2))
		h.at(2, 12)
		if err := h.Sweep(h.system()); err != nil || h.again(e).State != Confirmed {
			t.Fatal(err)
		}
		h.at(2, 14)
		if err := h.Sweep(h.system()); err != nil {
			t.Fatal(err)
		}
		if o := h.again(e); o.State != Cancelled || o.Why != "unproven" || h.again(mine).State != Confirmed || h.taken("kind:general") != 1 {
			t.Error(o.State, o.Why)
		}
	})
}

// TestAdopt: who registered without an account and signs in later finds the entry, and nobody else does.
func TestAdopt(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		f := form(1)
		f.Address = "P10@example.org"
		e := h.enter(0, f)
		if o, err := h.Mine(h.as(11), slug); err != nil || o != nil {
			t.Fatal(o, err)
		}
		o, err := h.Mine(h.as(10), slug)
		if err != nil || o == nil || o.Ref != e.Ref || o.Person != 10 || o.ProvedAt.IsZero() {
			t.Fatal(o, err)
		}
	})
}

// TestTokens: a link opens one entry, and no other text does.
func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		a, b := h.enter(0, form(1)), h.enter(0, form(2))
		ta, err := h.Token(h.system(), a)
		if err != nil {
			t.Fatal(err)
		}
		tb, err := h.Token(h.system(), b)
		if err != nil {
			t.Fatal(err)
		}
		for _, forged := range []string{"", a.Ref, a.Ref + "-", a.Ref + tb[26:], strings.ToLower(ta), ta + "0", sign.Token("", entryPurpose, a.Ref, 1), sign.Token("guess", entryPurpose, a.Ref, 1)} {
			if _, err := h.ByToken(h.system(), forged); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%q: %v", forged, err)
			}
		}
	})
}

// TestPriceIsTheSetups: what is owed follows from the setup and the time, whatever a form says, and from what was chosen in the end.
func TestPriceIsTheSetups(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		f := form(1)
		f.Days["2026-12-10"] = Onsite
		f.Choices = []Wish{{Option: "social", Slot: "a", Companions: 1}}
		e := h.enter(0, f)
		d := h.debts[e.Ref]
		if len(d.Lines) != 1 || d.Lines[0].Yen != 5500 || d.Lines[0].Quantity != 2 || d.Lines[0].Rate != 10 || d.Lines[0].Seller != "group" {
			t.Fatalf("%+v", d)
		}
		if want := time.Date(2026, 12, 15, 23, 59, 59, 0, jst); !d.Due.Equal(want) {
			t.Error(d.Due, want)
		}
		if h.taken("slot:social/a") != 2 {
			t.Error(h.taken("slot:social/a"))
		}
		h.at(6, 0) // the price of later is not theirs
		if err := h.ChangeDays(h.as(0), h.again(e), "general", map[event.Date]Mode{"2026-12-09": Online}, nil); err != nil {
			t.Fatal(err)
		}
		if d := h.debts[e.Ref]; len(d.Lines) != 0 || h.taken("slot:social/a") != 0 { // they do not come on that day: the social is given up
			t.Errorf("%+v", d)
		}
	})
}

// TestUnpaid: what was not paid in time is given up and nothing else, unless it was paid or approved meanwhile.
func TestUnpaid(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		f := form(1)
		f.Days["2026-12-10"] = Onsite
		f.Choices = []Wish{{Option: "social", Slot: "a"}}
		e := h.enter(10, f)
		for _, state := range []string{"approved", "paid", "none"} {
			h.paid[e.Ref] = Standing{Owed: 5500, State: state}
			if err := h.Unpaid(h.system(), slug, e.Ref); err != nil || h.taken("slot:social/a") != 1 {
				t.Fatal(state, err)
			}
		}
		h.paid[e.Ref] = Standing{Owed: 5500, State: "open"}
		for range 2 {
			if err := h.Unpaid(h.system(), slug, e.Ref); err != nil {
				t.Fatal(err)
			}
		}
		if o := h.again(e); o.State != Confirmed || len(o.Choices) != 0 || h.taken("slot:social/a") != 0 || len(h.debts[e.Ref].Lines) != 0 {
			t.Error(o.State, o.Choices, h.debts[e.Ref])
		}
	})
}

// TestRefusals: each mistake is one clear error on its field, and takes no place.
func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		for name, c := range map[string]struct {
			bad   func(f *Form)
			field string
		}{
			"no kind":        {func(f *Form) { f.Kind = "vip" }, "kind"},
			"no name":        {func(f *Form) { f.Name = i18n.Text{} }, "name_ja"},
			"long name":      {func(f *Form) { f.Name.JA = strings.Repeat("寿", 201) }, "name_ja"},
			"no address":     {func(f *Form) { f.Address = " " }, "address"},
			"bad address":    {func(f *Form) { f.Address = "a@b@c" }, "address"},
			"kanji as kana":  {func(f *Form) { f.Kana = "高橋" }, "kana"},
			"no day":         {func(f *Form) { f.Days = nil }, "days"},
			"a way of none":  {func(f *Form) { f.Days["2026-12-09"] = "hybrid" }, "day.2026-12-09"},
			"no answer":      {func(f *Form) { f.Answers = nil }, "q.first"},
			"asked then":     {func(f *Form) { f.Answers["first"] = []string{"yes"} }, "q.why"},
			"no such choice": {func(f *Form) { f.Answers["diet"] = []string{"steak"} }, "q.diet"},
			"no consent":     {func(f *Form) { f.Consents = nil }, "consent.conduct"},
			"needs a code":   {func(f *Form) { f.Kind = "staff" }, "code"},
			"no option":      {func(f *Form) { f.Choices = []Wish{{Option: "gala", Slot: "a"}} }, "option.gala"},
			"no slot":        {func(f *Form) { f.Choices = []Wish{{Option: "tour", Slot: "z"}} }, "option.tour"},
			"of another day": {func(f *Form) { f.Choices = []Wish{{Option: "social", Slot: "a"}} }, "option.social"},
			"too many": {func(f *Form) {
				f.Days["2026-12-10"] = Onsite
				f.Choices = []Wish{{Option: "social", Slot: "a", Companions: 2}}
			}, "option.social"},
			"fewer than one": {func(f *Form) {
				f.Days["2026-12-10"] = Onsite
				f.Choices = []Wish{{Option: "social", Slot: "a", Companions: -3}}
			}, "option.social"},
			"overlapping": {func(f *Form) {
				f.Days["2026-12-10"] = Onsite
				f.Choices = []Wish{{Option: "social", Slot: "a"}, {Option: "tour", Slot: "b"}}
			}, "option.tour"},
		} {
			f := form(100)
			f.Key = name
			c.bad(&f)
			_, _, err := h.Register(h.as(0), slug, f)
			e, ok := fault.As(err)
			if !ok || e.Field != c.field {
				t.Errorf("%s: %v on %q, want %q", name, err, e.Field, c.field)
			}
		}
		if h.taken("kind:general") != 0 || len(h.jobs) > 1 {
			t.Error(h.taken("kind:general"), h.jobs)
		}
		for _, ok := range []string{"寿", strings.Repeat("寿", 200), "👩‍🌾 𠮷野家", "שלום", "ﾀｶﾊｼ"} {
			f := form(1)
			f.Days = nil
			f.Key, f.Name.JA, f.Kind, f.Address = fmt.Sprint("key", len(ok)), ok, "online", fmt.Sprintf("n%d@例え.jp", len(ok))
			h.enter(0, f)
		}
	})
}

// TestDeadlines: what may be done by oneself ends when it was said to, also for who has the page open.
func TestDeadlines(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		e := h.enter(10, form(1))
		page := h.again(e)
		h.at(8, 18)
		if _, _, err := h.Register(h.as(11), slug, form(2)); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		if err := h.ChangeDays(h.as(10), page, "general", map[event.Date]Mode{"2026-12-09": Online}, nil); err != nil {
			t.Error(err)
		}
		h.at(9, 23)
		if err := h.ChangeDays(h.as(10), page, "general", map[event.Date]Mode{"2026-12-09": Onsite}, nil); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		if err := h.Cancel(h.as(10), page, ""); err != nil {
			t.Error(err)
		}
		h.at(1, 12)
		if _, _, err := h.Register(h.as(11), slug, form(2)); fault.KindOf(err) != fault.Conflict {
			t.Error(err) // the clock was set back to before the opening
		}
	})
}

// TestAnswersAreForgotten when the time for which they were asked for is over.
func TestAnswersAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		f := form(1)
		f.Answers["diet"] = []string{"halal", "vegan"}
		e := h.enter(10, f)
		if got := h.again(e).Answers["diet"]; len(got) != 2 {
			t.Fatal(got)
		}
		history, err := h.History(h.system(), h.again(e))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range history[0].Values {
			if strings.Contains(v.After, "halal") {
				t.Errorf("the log says %s", v.After)
			}
		}
		h.mu.Lock()
		h.now = time.Date(2027, 1, 11, 0, 0, 0, 0, jst)
		h.mu.Unlock()
		if err := h.Sweep(h.system()); err != nil {
			t.Fatal(err)
		}
		if o := h.again(e); len(o.Answers["diet"]) != 0 || len(o.Answers["first"]) != 1 {
			t.Error(o.Answers)
		}
	})
}

// TestSetupConflicts: of two organisers who save at once, one is told; what people hold cannot be taken away by a setup.
func TestSetupConflicts(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.enter(0, form(1))
		s, version, err := h.Setup(h.system(), slug)
		if err != nil {
			t.Fatal(err)
		}
		s.Kinds[0].Capacity = 10
		if err := h.SaveSetup(h.system(), slug, s, version); err != nil {
			t.Fatal(err)
		}
		if err := h.SaveSetup(h.system(), slug, s, version); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		s.Kinds = s.Kinds[1:]
		if err := h.SaveSetup(h.system(), slug, s, version+1); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		if now, _, err := h.Setup(h.system(), slug); err != nil || len(now.Kinds) != 3 || now.Kinds[0].Capacity != 10 {
			t.Error(err)
		}
		if err := h.SaveSetup(h.as(10), slug, s, version+1); fault.KindOf(err) != fault.Forbidden {
			t.Error(err)
		}
	})
}

// TestRush: many more people than places, at once; each place is taken once.
func TestRush(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		const places, clients = 40, 300
		s := setup()
		s.Kinds[0].Capacity, s.Kinds[0].Waiting = places, false
		h.save(s)
		var got, full atomic.Int64
		var wg sync.WaitGroup
		next := make(chan int)
		for range 32 {
			wg.Go(func() {
				for i := range next {
					for range 2 { // a lost answer: the same form again
						_, _, err := h.Register(h.as(0), slug, form(i))
						switch {
						case err == nil:
							got.Add(1)
						case Full(err):
							full.Add(1)
						default:
							t.Error(err)
						}
					}
				}
			})
		}
		for i := range clients {
			next <- i
		}
		close(next)
		wg.Wait()
		if got.Load() != 2*places || full.Load() != 2*(clients-places) || h.taken("kind:general") != places {
			t.Error(got.Load(), full.Load(), h.taken("kind:general"))
		}
		m, err := h.meeting(h.system(), slug)
		if err != nil {
			t.Fatal(err)
		}
		list, err := entries(h.system(), h.db, jst, `e.meeting_id = $1`, m.ID)
		if err != nil || len(list) != places {
			t.Error(len(list), err)
		}
	})
}

// TestCancelAgainstOffer: places that come and go at once are never given twice, and none is lost.
func TestCancelAgainstOffer(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		s := setup()
		s.Kinds[0].Capacity = 10
		h.save(s)
		var list []*Entry
		for i := range 30 {
			f := form(i)
			f.Wait = true
			list = append(list, h.enter(0, f))
		}
		var wg sync.WaitGroup
		for i, e := range list {
			wg.Go(func() {
				if i%2 == 0 {
					if err := h.Cancel(h.as(0), h.again(e), ""); err != nil && fault.KindOf(err) != fault.Conflict {
						t.Error(err)
					}
				}
				if err := h.Offer(context.WithoutCancel(h.system()), Freed{slug}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		h.run()
		holding := 0
		for _, e := range list {
			if h.again(e).State.Holds() {
				holding++
			}
		}
		if holding != 10 || h.taken("kind:general") != 10 {
			t.Error(holding, h.taken("kind:general"))
		}
	})
}

// TestKeeps: one's own data can be had and erased; that one took part stays as a number.
func TestKeeps(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		e := h.enter(10, form(1))
		err := h.db.Write(h.system(), func(tx *db.Tx) error {
			return errors.Join(Keeps{h.Service}.Erase(h.system(), tx, 10))
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := oneEntry(h.system(), h.db, jst, `e.ref = $1`, e.Ref)
		if err != nil || got.Name.JA != "" || got.Address != "" || got.Person != 0 || len(got.Answers) != 0 || got.State != Cancelled || h.taken("kind:general") != 0 {
			t.Errorf("%+v %v", got, err)
		}
		history, err := h.History(h.system(), &Own{Entry: got, m: &Meeting{Stored: mustMeeting(t, h)}})
		if err != nil || len(history) != 2 {
			t.Fatal(err, len(history))
		}
		for _, x := range history {
			for _, v := range x.Values {
				if strings.Contains(v.Before+v.After, "参加者") || strings.Contains(v.Before+v.After, "@") {
					t.Errorf("the log still says %s, %s", v.Before, v.After)
				}
			}
		}
	})
}

// TestEraseOfGuests: what somebody entered without signing in, under an address that is theirs, is forgotten with their account. Who took
// part stays as a number.
func TestEraseOfGuests(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		f := form(1)
		f.Address = "P10@example.org"
		e := h.enter(0, f)
		other := h.enter(0, form(2))
		erase := func() *Entry {
			if err := h.db.Write(h.system(), func(tx *db.Tx) error { return Keeps{h.Service}.Erase(h.system(), tx, 10) }); err != nil {
				t.Fatal(err)
			}
			got, err := oneEntry(h.system(), h.db, jst, `e.ref = $1`, e.Ref)
			if err != nil || got.Name.JA != "" || got.Address != "" || got.Folded != "" || got.Person != 0 || len(got.Answers) != 0 {
				t.Errorf("%+v %v", got, err)
			}
			return got
		}
		if got := erase(); got.State != Cancelled || h.taken("kind:general") != 1 || h.again(other).Name.JA == "" {
			t.Errorf("%+v, %d are taken", got, h.taken("kind:general"))
		}
		f.Key = "later"
		e = h.enter(0, f)
		h.at(20, 0)
		if got := erase(); got.State != Confirmed || h.taken("kind:general") != 2 {
			t.Errorf("%+v, %d are taken", got, h.taken("kind:general"))
		}
	})
}

// TestMergeOfTwoEntries: where two accounts of one person both have an entry, one stays with the account, and the other is found by its letter
// and by the desk, which cancels one of them.
func TestMergeOfTwoEntries(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		gone, kept := h.enter(10, form(1)), h.enter(11, form(1).again())
		if err := h.db.Write(h.system(), func(tx *db.Tx) error { return Keeps{h.Service}.Merge(h.system(), tx, 10, 11) }); err != nil {
			t.Fatal(err)
		}
		h.at(8, 0)
		h.sweep()
		if o := h.again(gone); o.Person != 0 || o.State != Confirmed || o.ProvedAt.IsZero() {
			t.Errorf("%+v", o.Entry)
		}
		if o, err := h.Mine(h.as(11), slug); err != nil || o.Ref != kept.Ref {
			t.Errorf("%+v %v", o, err)
		}
		pairs, err := h.Duplicates(h.system(), slug)
		if err != nil || len(pairs) != 1 {
			t.Fatal(pairs, err)
		}
		if err := h.MergeEntries(h.system(), slug, kept.Ref, gone.Ref, Reason{Why: "同じ人"}); err != nil || h.taken("kind:general") != 1 {
			t.Error(err, h.taken("kind:general"))
		}
	})
}

// TestSweepGoesOn: a meeting whose setup cannot be read holds up no other.
func TestSweepGoesOn(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		f := form(0)
		f.Choices = []Wish{{Option: "tour", Slot: "a"}}
		broken, e := h.enter(0, f), h.enter(0, form(1))
		g := form(2)
		g.Choices = f.Choices
		late := h.enter(10, g)
		other, err := h.events.Meeting(h.system(), "other")
		if err != nil {
			t.Fatal(err)
		}
		past := db.Micros(h.now.Add(-time.Minute))
		if err := h.db.Write(h.system(), func(tx *db.Tx) error {
			_, err := tx.Exec(h.system(), `UPDATE registration_entry SET state = 'offered', offered_until = $1 WHERE ref IN ($2, $3)`, past, broken.Ref, e.Ref)
			_, err2 := tx.Exec(h.system(), `UPDATE registration_entry SET meeting_id = $1 WHERE ref = $2`, other.ID, broken.Ref)
			_, err3 := tx.Exec(h.system(), `UPDATE registration_choice SET state = 'offered', offered_until = $1`, past)
			_, err4 := tx.Exec(h.system(), `INSERT INTO registration_setup (meeting_id, document, version, changed_at) VALUES ($1, '{', 1, 0)`, other.ID)
			return errors.Join(err, err2, err3, err4)
		}); err != nil {
			t.Fatal(err)
		}
		if err := h.Sweep(h.system()); err == nil {
			t.Error("nobody learns what is wrong")
		}
		if o := h.again(e); o.State != Cancelled {
			t.Error(o.State)
		}
		if err := h.SweepOptions(h.system()); err == nil {
			t.Error("nobody learns what is wrong with the options")
		}
		if len(h.again(late).Choices) != 0 {
			t.Errorf("%+v", h.again(late).Choices[0])
		}
	})
}

// again is the same form, sent by somebody else.
func (f Form) again() Form {
	f.Key += "again"
	return f
}

// TestDeskConfirms: who is given a place at the desk keeps it, at the price of now, whether they waited or were offered one.
func TestDeskConfirms(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		first := h.enter(0, form(0))
		h.enter(10, form(1))
		h.enter(11, form(2))
		f := form(3)
		f.Wait = true
		e := h.enter(0, f)
		if err := h.Cancel(h.as(0), h.again(first), ""); err != nil {
			t.Fatal(err)
		}
		h.run()
		if o := h.again(e); o.State != Offered {
			t.Fatal(o.State)
		}
		h.moment(h.now.Add(time.Hour))
		if err := h.DeskConfirm(h.system(), slug, e.Ref, Reason{Why: "電話"}); err != nil {
			t.Fatal(err)
		}
		h.at(8, 0)
		h.sweep()
		if err := h.Sweep(h.system()); err != nil {
			t.Fatal(err)
		}
		if o := h.again(e); o.State != Confirmed || !o.PricedAt.Equal(time.Date(2026, 12, 1, 14, 0, 0, 0, jst)) {
			t.Errorf("%s, the price of %s", o.State, o.PricedAt)
		}
	})
}

func mustMeeting(t *testing.T, h *hall) *event.Stored {
	t.Helper()
	m, err := h.meeting(h.system(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return m.Stored
}

// TestReasonsAreWords: what somebody types as a reason does not make the program take them for somebody whose time was over, who pays no fee.
func TestReasonsAreWords(t *testing.T) {
	for _, why := range []string{"offer", "unproven", "unpaid"} {
		eachOptional(t, func(t *testing.T, h *hall) {
			e := h.guest(1)
			h.must(h.ask(e, social))
			h.at(7, 9)
			h.must(h.Cancel(h.as(0), h.again(e), why))
			if d := h.debts[e.Ref]; len(d.Lines) != 1 || d.Lines[0].Yen != 2750 {
				t.Error(why, d.Lines)
			}
		})
	}
}

// TestAcceptProves: who took the place that a letter offered them is not cancelled since they pressed no other button.
func TestAcceptProves(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		var first *Entry
		for i := range 3 {
			if e := h.enter(0, form(i)); i == 0 {
				first = e
			}
		}
		f := form(3)
		f.Wait = true
		w := h.enter(0, f)
		h.at(2, 12)
		h.must(h.Cancel(h.as(0), h.again(first), ""))
		h.run()
		h.at(3, 12)
		h.must(h.Accept(h.as(0), h.again(w)))
		h.must(h.Sweep(h.system()))
		if o := h.again(w); o.State != Confirmed {
			t.Error(o.State, o.Why)
		}
	})
}

// TestFullSaysNothingOfOthers: a meeting that is full answers the same to an address that is registered and to one that is not.
func TestFullSaysNothingOfOthers(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		for i := range 3 {
			h.enter(0, form(i))
		}
		for _, n := range []int{1, 7} {
			f := form(n)
			f.Key = "guess" + f.Address
			_, _, err := h.Register(h.as(0), slug, f)
			if !Full(err) {
				t.Error(n, err)
			}
		}
	})
}

// TestFullOptionSaysNothingOfOthers: nor does a slot that is full.
func TestFullOptionSaysNothingOfOthers(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		for i := range 2 {
			h.must(h.ask(h.guest(i), social))
		}
		for _, n := range []int{1, 7} {
			f := form(n)
			f.Key, f.Choices = "guess"+f.Address, []Wish{social}
			f.Days["2026-12-10"] = Onsite
			if _, _, err := h.Register(h.as(0), slug, f); !Full(err) {
				t.Error(n, err)
			}
		}
	})
}

// TestAnotherKindAsks: who changes to a kind that asks more has to answer, and keeps what was answered and chosen until then.
func TestAnotherKindAsks(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		s := setup()
		s.Questions = append(s.Questions, Question{Key: "room", Type: Line, Label: i18n.T("部屋", "Room"), Kinds: []string{"online"}, Required: true})
		h.save(s)
		e := h.enter(0, form(1))
		days := map[event.Date]Mode{"2026-12-09": Online, "2026-12-10": Online}
		err := h.ChangeDays(h.as(0), h.again(e), "online", days, nil)
		if f, ok := fault.As(err); !ok || f.Key != "registration.error.required" || f.Field != "q.room" || h.again(e).Kind != "general" {
			t.Fatal(err)
		}
		if err := h.ChangeDays(h.as(0), h.again(e), "online", days, map[string][]string{"room": {"A"}}); err != nil {
			t.Fatal(err)
		}
		if o := h.again(e); o.Kind != "online" || o.Answers["room"][0] != "A" || o.Answers["first"][0] != "no" {
			t.Errorf("%+v", o.Entry)
		}
	})
}

// TestFoundByOrder: somebody is found by the number of their order, as people type it.
func TestFoundByOrder(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		f := form(1)
		f.Days["2026-12-10"] = Onsite
		f.Choices = []Wish{{Option: "social", Slot: "a"}}
		e := h.enter(10, f)
		h.enter(11, form(2))
		number := e.Ref[:8]
		for _, typed := range []string{number, strings.ToLower(number), number[:4] + "-" + number[4:], norm.NFKC.String(number) + " "} {
			l, err := h.People(h.system(), slug, Filter{Query: typed}, "", 10)
			if err != nil || len(l.Entries) != 1 || l.Entries[0].Ref != e.Ref {
				t.Errorf("%q: %d, %v", typed, len(l.Entries), err)
			}
		}
		if l, err := h.People(h.system(), slug, Filter{Query: "ZZZZZZZZ"}, "", 10); err != nil || len(l.Entries) != 0 {
			t.Error(len(l.Entries), err)
		}
	})
}

// TestNothingToProve: who was entered at the desk without an address is not counted among those who have still to prove one.
func TestNothingToProve(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		in := Manual{Key: "desk", Kind: "general", Days: map[event.Date]Mode{"2026-12-09": Onsite}}
		in.Name = i18n.T("窓口", "")
		if _, err := h.EnterFor(h.system(), slug, in); err != nil {
			t.Fatal(err)
		}
		h.enter(0, form(1))
		if l, err := h.People(h.system(), slug, Filter{Unproven: true}, "", 10); err != nil || len(l.Entries) != 1 || l.Entries[0].Address == "" {
			t.Error(len(l.Entries), err)
		}
		figures, err := h.Figures(h.system(), slug)
		if err != nil || figures.Unproven != 1 {
			t.Errorf("%+v %v", figures.Unproven, err)
		}
	})
}
