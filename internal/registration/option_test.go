package registration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/registration/draw"
)

// optional is a setup with room for everybody, and options of every sort.
func optional() *Setup {
	at := func(day, hour int) time.Time { return time.Date(2026, 12, day, hour, 0, 0, 0, jst) }
	s := setup()
	s.Kinds[0].Capacity = 0
	s.AcceptHours = 24
	s.Refunds = []Refund{{Until: at(6, 0), Fee: 0}, {Fee: 50}}
	s.Options[0].CancelUntil, s.Options[0].ReleaseAt = at(9, 12), at(8, 0)
	s.Options = append(s.Options, Option{
		Key: "booth", Kind: Tour, Name: i18n.T("ブースツアー", "Booth tour"), Rule: Lottery, Waiting: true, Closes: at(7, 18), DrawAt: at(7, 19), Companions: 1,
		Slots: []Slot{{Key: "a", Starts: at(9, 10), Ends: at(9, 11), Capacity: 3}, {Key: "b", Starts: at(9, 12), Ends: at(9, 13), Capacity: 2}},
	})
	return s
}

// eachOptional runs a test on both engines with options.
func eachOptional(t *testing.T, fn func(t *testing.T, h *hall)) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) { fn(t, open(t, d, optional())) })
}

// guest registers somebody who is on site on both days.
func (h *hall) guest(n int) *Entry {
	h.t.Helper()
	f := form(n)
	f.Days["2026-12-10"] = Onsite
	return h.enter(0, f)
}

func (h *hall) ask(e *Entry, w Wish, gives ...string) error {
	h.t.Helper()
	return h.Ask(h.as(0), h.again(e), w, gives)
}

// choice is what somebody has of a slot, or nil.
func (h *hall) choice(e *Entry, option, slot string) *Chosen {
	h.t.Helper()
	for _, c := range h.again(e).Choices {
		if c.Option == option && c.Slot == slot {
			return c
		}
	}
	return nil
}

// state is the state of what somebody has of a slot; empty: nothing.
func (h *hall) state(e *Entry, option, slot string) ChoiceState {
	h.t.Helper()
	if c := h.choice(e, option, slot); c != nil {
		return c.State
	}
	return ""
}

func (h *hall) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// says checks that an error is a fault with a key.
func (h *hall) says(err error, key string) {
	h.t.Helper()
	if e, ok := fault.As(err); !ok || e.Key != "registration.error."+key {
		h.t.Errorf("got %v, want %s", err, key)
	}
}

func (h *hall) sweep() {
	h.t.Helper()
	h.must(h.SweepOptions(h.system()))
	h.run()
}

// told counts the letters to somebody whose subject begins so.
func (h *hall) told(n int, subject string) (out int) {
	for _, s := range h.subjects() {
		if strings.HasPrefix(s, fmt.Sprintf("a%d@example.org: %s", n, subject)) {
			out++
		}
	}
	return out
}

var social = Wish{Option: "social", Slot: "a"}

// TestWaitingList is the way of a place from hand to hand.
func TestWaitingList(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		var all []*Entry
		for n := range 5 {
			all = append(all, h.guest(n))
		}
		h.must(h.ask(all[0], social))
		h.must(h.ask(all[1], social))
		h.says(h.ask(all[1], social), "option_have")
		h.says(h.ask(all[2], social), "option_full")
		wait := social
		wait.Wait = true
		h.must(h.ask(all[2], wait))
		both := wait
		both.Companions = 1
		h.must(h.ask(all[3], both))
		h.must(h.ask(all[4], wait))
		if d := h.debts[all[2].Ref]; len(d.Lines) != 0 {
			t.Errorf("who waits owes %v", d.Lines)
		}
		m, err := h.meeting(h.system(), slug)
		h.must(err)
		mine, err := h.ownOptions(h.system(), m, h.again(all[4]))
		h.must(err)
		if mine[0].Ahead != 2 {
			t.Errorf("%d are before the third", mine[0].Ahead)
		}
		h.run()
		if h.told(2, "【キャンセル待ち】懇親会") != 1 {
			t.Error(h.subjects())
		}

		// The first gives up; the place is offered to the first who waits, and nobody can get past them.
		h.must(h.GiveUp(h.as(0), h.again(all[0]), h.choice(all[0], "social", "a").Ref))
		late := h.guest(9)
		h.says(h.ask(late, social), "option_full")
		h.run()
		c := h.choice(all[2], "social", "a")
		if c.State != Held || !c.OfferedUntil.Equal(h.now.Add(24*time.Hour)) || h.taken("slot:social/a") != 2 || h.told(2, "【お席のご案内】懇親会") != 1 || h.told(0, "【取消】懇親会") != 1 {
			t.Error(c, h.taken("slot:social/a"), h.subjects())
		}
		if d := h.debts[all[2].Ref]; len(d.Lines) != 0 {
			t.Errorf("an offer is owed: %v", d.Lines)
		}

		// Nobody takes it: one minute before the end it stands, at the end the next who fits is asked. The pair needs two and keeps its turn.
		h.now = h.now.Add(24*time.Hour - time.Minute)
		h.sweep()
		if s := h.state(all[2], "social", "a"); s != Held {
			t.Error(s)
		}
		h.now = h.now.Add(time.Minute)
		h.says(h.AcceptOffer(h.as(0), h.again(all[2]), c.Ref, nil), "offer_over")
		h.sweep()
		if a, b, c := h.state(all[2], "social", "a"), h.state(all[3], "social", "a"), h.state(all[4], "social", "a"); a != "" || b != InLine || c != Held {
			t.Error(a, b, c)
		}
		if h.told(2, "【取消】懇親会") != 1 {
			t.Error(h.subjects())
		}

		// Who accepts pays the price of then.
		h.at(5, 9)
		h.sweep()
		if s := h.state(all[4], "social", "a"); s != "" { // that offer ended too
			t.Error(s)
		}
		h.must(h.GiveUp(h.as(0), h.again(all[1]), h.choice(all[1], "social", "a").Ref))
		h.run()
		h.must(h.AcceptOffer(h.as(0), h.again(all[3]), h.choice(all[3], "social", "a").Ref, nil))
		d := h.debts[all[3].Ref]
		if len(d.Lines) != 1 || d.Lines[0].Yen != 6600 || d.Lines[0].Quantity != 2 || h.taken("slot:social/a") != 2 {
			t.Error(d.Lines, h.taken("slot:social/a"))
		}
		if d := h.debts[all[1].Ref]; len(d.Lines) != 0 { // given up before any fee
			t.Error(d.Lines)
		}
	})
}

// TestGiveUpForAFee gives up a priced option after the time without a fee.
func TestGiveUpForAFee(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		e := h.guest(1)
		two := social
		two.Companions = 1
		h.must(h.ask(e, two))
		h.at(7, 9)
		h.must(h.GiveUp(h.as(0), h.again(e), h.choice(e, "social", "a").Ref))
		d := h.debts[e.Ref]
		if len(d.Lines) != 1 || d.Lines[0].Yen != 2750 || d.Lines[0].Quantity != 2 || h.taken("slot:social/a") != 0 {
			t.Error(d.Lines)
		}
		h.must(h.ask(e, social)) // again, at the price of now
		if d := h.debts[e.Ref]; len(d.Lines) != 2 || d.Lines[0].Yen != 6600 {
			t.Error(d.Lines)
		}
		h.must(h.Cancel(h.as(0), h.again(e), "")) // with everything: the fee of each
		d = h.debts[e.Ref]
		if len(d.Lines) != 2 || d.Lines[0].Yen+d.Lines[1].Yen != 2750+3300 {
			t.Error(d.Lines)
		}
		f := h.guest(2)
		h.must(h.ask(f, social))
		h.at(9, 13)
		h.says(h.GiveUp(h.as(0), h.again(f), h.choice(f, "social", "a").Ref), "deadline")
	})
}

// TestCompanions brings more and fewer.
func TestCompanions(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		a, b := h.guest(1), h.guest(2)
		h.must(h.ask(a, social))
		ref := h.choice(a, "social", "a").Ref
		h.says(h.ChangeCompanions(h.as(0), h.again(a), ref, 2), "companions_max")
		h.must(h.ChangeCompanions(h.as(0), h.again(a), ref, 1))
		if h.taken("slot:social/a") != 2 || h.debts[a.Ref].Lines[0].Quantity != 2 {
			t.Error(h.taken("slot:social/a"), h.debts[a.Ref].Lines)
		}
		h.says(h.ask(b, social), "option_full")
		h.must(h.ChangeCompanions(h.as(0), h.again(a), ref, 0))
		h.must(h.ask(b, social))
		h.says(h.ChangeCompanions(h.as(0), h.again(a), ref, 1), "option_full")
		if c := h.choice(a, "social", "a"); c.Companions != 0 || h.taken("slot:social/a") != 2 {
			t.Error(c, h.taken("slot:social/a"))
		}
	})
}

// TestExchange changes to another slot, and to what is at the same time: only as the page said it.
func TestExchange(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		a := h.guest(1)
		h.must(h.ask(a, Wish{Option: "tour", Slot: "a"}))
		first := h.choice(a, "tour", "a").Ref
		h.says(h.ask(a, Wish{Option: "tour", Slot: "b"}), "option_clash")
		h.must(h.ask(a, Wish{Option: "tour", Slot: "b"}, first))
		if h.state(a, "tour", "a") != "" || h.state(a, "tour", "b") != Taken || h.taken("slot:tour/a") != 0 || h.taken("slot:tour/b") != 1 {
			t.Error("the slots were not exchanged")
		}
		h.says(h.ask(a, social, first), "option_clash") // the tour from 17 to 19 and the social at 18; the page said something else
		if h.state(a, "tour", "b") != Taken {
			t.Error("it was given up though the page did not say so")
		}
		// Where the social is full, one may wait for it, and decide when a place is offered.
		b := h.guest(2)
		two := social
		two.Companions = 1
		h.must(h.ask(b, two))
		wait := social
		wait.Wait = true
		h.must(h.ask(a, wait))
		h.must(h.GiveUp(h.as(0), h.again(b), h.choice(b, "social", "a").Ref))
		h.run()
		c := h.choice(a, "social", "a")
		if c.State != Held {
			t.Fatal(c.State)
		}
		h.says(h.AcceptOffer(h.as(0), h.again(a), c.Ref, nil), "option_clash")
		h.must(h.AcceptOffer(h.as(0), h.again(a), c.Ref, []string{h.choice(a, "tour", "b").Ref}))
		if h.state(a, "social", "a") != Taken || h.state(a, "tour", "b") != "" || h.taken("slot:tour/b") != 0 {
			t.Error("the offer was not exchanged for the tour")
		}
	})
}

// TestNotForEverybody refuses what an option does not allow, and drops it when somebody's days change.
func TestNotForEverybody(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		online := h.enter(0, form(1)) // online on the tenth
		h.says(h.ask(online, social), "option_day")
		h.says(h.ask(online, Wish{Option: "nothing", Slot: "a"}), "no_option")
		guest := h.guest(2)
		h.must(h.ask(guest, social))
		h.must(h.ChangeDays(h.as(0), h.again(guest), "general", map[event.Date]Mode{"2026-12-09": Onsite}, nil))
		if h.state(guest, "social", "a") != "" || h.taken("slot:social/a") != 0 {
			t.Error("a social of a day on which they do not come")
		}
		h.must(h.Cancel(h.as(0), h.again(guest), ""))
		h.says(h.ask(guest, Wish{Option: "tour", Slot: "a"}), "is_cancelled")
		h.at(10, 15)
		other := &Entry{}
		*other = *online
		h.says(h.ask(other, Wish{Option: "tour", Slot: "a"}), "option_over")
	})
}

// TestFormWithAFullSlot keeps what was typed, and lets people wait.
func TestFormWithAFullSlot(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		both := social
		both.Companions = 1
		h.must(h.ask(h.guest(1), both))
		f := form(2)
		f.Days["2026-12-10"] = Onsite
		f.Choices = []Wish{social, {Option: "tour", Slot: "a"}}
		_, _, err := h.Register(h.as(0), slug, f)
		m, merr := h.meeting(h.system(), slug)
		h.must(merr)
		h.says(err, "option_full")
		if x := fullSlotOf(m, &f, err); !Full(err) || x == nil || x.Key != "social/a" || !x.Waiting {
			t.Error(x)
		}
		f.Choices[0].Wait = true
		e := h.enter(0, f)
		if h.state(e, "social", "a") != InLine || h.state(e, "tour", "a") != Taken {
			t.Error(h.again(e).Choices)
		}
		if d := h.debts[e.Ref]; len(d.Lines) != 0 {
			t.Error(d.Lines)
		}
		form := map[string][]string{"option.social": {"a"}, "option.tour": {"a", "b"}}
		if !settle(form, "queue:social/a") || !settle(form, "without:tour/a") || settle(form, "register") || form["option.social"][0] != "wait:a" || !slices.Equal(form["option.tour"], []string{"b"}) {
			t.Error(form)
		}
	})
}

// TestWaitingEntryWaitsForAll lets who waits for the meeting wait for options, and offers those only once they have a place.
func TestWaitingEntryWaitsForAll(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		s := optional()
		s.Kinds[0].Capacity = 1
		h := open(t, d, s)
		first := h.guest(1)
		f := form(2)
		f.Days["2026-12-10"], f.Wait, f.Choices = Onsite, true, []Wish{{Option: "tour", Slot: "a"}, {Option: "booth", Slot: "a"}}
		e := h.enter(0, f)
		h.run()
		if h.state(e, "tour", "a") != InLine || h.state(e, "booth", "a") != Asked || h.taken("slot:tour/a") != 0 {
			t.Error(h.again(e).Choices)
		}
		h.must(h.Cancel(h.as(0), h.again(first), ""))
		h.run()
		if h.state(e, "tour", "a") != InLine {
			t.Error("an option was offered before the place at the meeting was taken")
		}
		h.must(h.Accept(h.as(0), h.again(e)))
		h.run()
		if h.state(e, "tour", "a") != Held {
			t.Error(h.state(e, "tour", "a"))
		}
	})
}

// TestRelease passes on what was not paid for, as much as others can use, the last taken first; who has an approval keeps it.
func TestRelease(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		var all []*Entry
		for n := range 4 {
			all = append(all, h.guest(n))
		}
		h.must(h.ask(all[0], social))
		h.now = h.now.Add(time.Hour)
		h.must(h.ask(all[1], social))
		h.paid[all[0].Ref], h.paid[all[1].Ref] = Standing{State: "open"}, Standing{State: "open"}
		h.at(7, 23)
		wait := social
		wait.Wait = true
		h.must(h.ask(all[2], wait))
		h.sweep()
		if h.state(all[1], "social", "a") != Taken {
			t.Error("released before its time")
		}
		h.at(8, 0)
		h.sweep()
		if a, b, c := h.state(all[0], "social", "a"), h.state(all[1], "social", "a"), h.state(all[2], "social", "a"); a != Taken || b != "" || c != Held {
			t.Error(a, b, c)
		}
		if d := h.debts[all[1].Ref]; len(d.Lines) != 0 {
			t.Error(d.Lines)
		}
		h.paid[all[0].Ref] = Standing{State: "approved"}
		h.must(h.ask(all[3], wait))
		h.sweep()
		if h.state(all[0], "social", "a") != Taken || h.state(all[3], "social", "a") != InLine || h.taken("slot:social/a") != 2 {
			t.Error("an approved place was released")
		}
	})
}

// TestByHand gives and takes places for the organiser.
func TestByHand(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		var all []*Entry
		for n := range 4 {
			all = append(all, h.guest(n))
		}
		h.must(h.ask(all[0], social))
		h.must(h.ask(all[1], social))
		wait := social
		wait.Wait = true
		h.must(h.ask(all[2], wait))
		if err := h.GivePlace(h.as(10), slug, "social", "a", all[3].Ref, ""); fault.KindOf(err) != fault.Forbidden {
			t.Error(err)
		}
		h.says(h.GivePlace(h.system(), slug, "social", "a", all[3].Ref, ""), "give_why")
		h.must(h.GivePlace(h.system(), slug, "social", "a", all[3].Ref, "登壇者"))
		h.says(h.GivePlace(h.system(), slug, "social", "a", all[3].Ref, "登壇者"), "give_has")
		if h.taken("slot:social/a") != 3 || h.debts[all[3].Ref].Lines[0].Yen != 5500 {
			t.Error(h.taken("slot:social/a"))
		}
		h.says(h.TakeAway(h.system(), slug, "social", h.choice(all[0], "social", "a").Ref, ""), "required")
		h.must(h.TakeAway(h.system(), slug, "social", h.choice(all[0], "social", "a").Ref, "重複"))
		h.run()
		if h.state(all[2], "social", "a") != InLine || h.taken("slot:social/a") != 2 { // still one more than there are
			t.Error(h.state(all[2], "social", "a"), h.taken("slot:social/a"))
		}
		h.must(h.GivePlace(h.system(), slug, "social", "a", all[2].Ref, "順番")) // who waits keeps the same choice
		list, err := h.OptionHolders(h.system(), slug, "social")
		h.must(err)
		if len(list) != 3 || list[0].State != Taken || h.told(0, "【取消】") != 0 && h.told(3, "【お席の確保】") != 1 {
			t.Error(len(list), h.subjects())
		}
		found, err := h.FindEntries(h.system(), slug, "参加者 3")
		h.must(err)
		if len(found) != 1 || found[0].Ref != all[3].Ref {
			t.Error(found)
		}
		if found, err = h.FindEntries(h.system(), slug, "%"); err != nil || len(found) != 0 {
			t.Error(len(found), err)
		}
	})
}

// TestLottery is a lottery from the promise to the check.
func TestLottery(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		m, err := h.meeting(h.system(), slug)
		h.must(err)
		o := m.Option("booth")
		d, err := h.lottery(h.system(), m, o)
		h.must(err)
		promise := d.Commitment
		var all []*Entry
		for n := range 8 {
			e := h.guest(n)
			w := Wish{Option: "booth", Slot: "a"}
			if n == 3 {
				w.Companions = 1
			}
			h.must(h.ask(e, w))
			all = append(all, e)
		}
		h.says(h.ask(all[0], Wish{Option: "booth", Slot: "b"}), "option_clash") // one of its slots
		h.must(h.NameOutside(h.system(), slug, "booth", "ある指数の12月7日の終値"))
		if err := h.NameOutside(h.as(10), slug, "booth", "x"); fault.KindOf(err) != fault.Forbidden {
			t.Error(err)
		}
		h.says(h.GiveOutside(h.system(), slug, "booth", "1"), "draw_late")
		h.must(h.Draws(h.system()))
		if d, _ = h.lottery(h.system(), m, o); d.Frozen() {
			t.Error("frozen too early")
		}
		h.at(7, 18)
		late := h.guest(20)
		h.says(h.ask(late, Wish{Option: "booth", Slot: "a"}), "option_over")
		h.must(h.Draws(h.system()))
		d, err = h.lottery(h.system(), m, o)
		h.must(err)
		if !d.Frozen() || len(d.Lists) != 2 || len(d.Lists[0].Tickets) != 8 || len(d.Lists[1].Tickets) != 0 {
			t.Fatalf("%+v", d)
		}
		before := draw.Promise{ListHash: d.Lists[0].Hash}
		rules, err := d.rules(slug, "a", 3)
		h.must(err)
		before.Rules = &rules
		h.says(h.NameOutside(h.system(), slug, "booth", "別の値"), "draw_late")

		// What the list follows from cannot be changed any more; who gave up since is simply not there.
		next := optional()
		next.Options[2].DrawAt = next.Options[2].DrawAt.Add(time.Hour)
		_, version, err := h.Setup(h.system(), slug)
		h.must(err)
		h.says(h.SaveSetup(h.system(), slug, next, version), "draw_frozen")
		next = optional()
		next.Options = next.Options[:2]
		h.says(h.SaveSetup(h.system(), slug, next, version), "in_use")
		h.must(h.GiveUp(h.as(0), h.again(all[5]), h.choice(all[5], "booth", "a").Ref))
		h.at(7, 19)
		h.must(h.Draws(h.system()))
		if d, _ = h.lottery(h.system(), m, o); d.Drawn() {
			t.Error("drawn without the outside value")
		}
		h.must(h.GiveOutside(h.system(), slug, "booth", "39,042.16"))

		var group sync.WaitGroup
		var failed atomic.Int64
		for range 6 { // as many processes at once
			group.Go(func() {
				if err := h.Draws(h.system()); err != nil {
					failed.Add(1)
				}
			})
		}
		group.Wait()
		if failed.Load() != 0 {
			t.Error("a draw failed")
		}
		d, err = h.lottery(h.system(), m, o)
		h.must(err)
		rec, err := d.Record(slug, d.Lists[0])
		h.must(err)
		if err := draw.Verify(rec, before); err != nil || rec.Commitment != promise {
			t.Error(err)
		}
		h.says(h.GiveOutside(h.system(), slug, "booth", "1"), "draw_late")
		held, letters := 0, 0
		h.run()
		for n, e := range all {
			c := h.choice(e, "booth", "a")
			if n == 5 {
				if c != nil {
					t.Error("who gave up has a choice")
				}
				continue
			}
			i := slices.IndexFunc(rec.Order, func(x draw.Drawn) bool { return x.Ticket == m.ticketOf(c) })
			if i < 0 || c.Place != int64(rec.Order[i].Place) || rec.Order[i].Won != (c.State == Taken) {
				t.Errorf("%d: %+v, the record says %+v", n, c, rec.Order)
			}
			if c.State.Holds() {
				held += c.Heads()
			}
			letters += h.told(n, "【当選】ブースツアー") + h.told(n, "【抽選の結果】ブースツアー")
			if c.State == Held { // the place of who gave up: the letter with the offer says it all
				letters += h.told(n, "【お席のご案内】ブースツアー")
			}
		}
		if held != h.taken("slot:booth/a") || held > 3 || letters != 7 {
			t.Error(held, h.taken("slot:booth/a"), letters)
		}
	})
}

// TestLostLastTime gives who got no place at the meeting before another weight, known by account or by address.
func TestLostLastTime(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		last := optional()
		last.Options[2].Slots[0].Capacity, last.Options[2].Slots = 1, last.Options[2].Slots[:1]
		_, version, err := h.Setup(h.system(), "other")
		h.must(err)
		h.must(h.SaveSetup(h.system(), "other", last, version))
		booth := []Wish{{Option: "booth", Slot: "a"}}
		for n := range 4 {
			f := form(n)
			f.Choices = booth
			_, _, err := h.Register(h.as(map[bool]int64{true: 11}[n == 1]), "other", f)
			h.must(err)
		}
		h.at(7, 19)
		h.must(h.Draws(h.system()))
		h.at(1, 13)
		now := optional()
		now.Options[2].LostAt, now.Options[2].LostWeight = "other", 3
		h.save(now)
		var all []*Entry
		for n := range 6 {
			f := form(n)
			f.Choices = booth
			all = append(all, h.enter(map[bool]int64{true: 11}[n == 1], f))
		}
		h.at(7, 18)
		h.must(h.Draws(h.system()))
		m, err := h.meeting(h.system(), slug)
		h.must(err)
		d, err := h.lottery(h.system(), m, m.Option("booth"))
		h.must(err)
		sum := map[int]int{}
		for i := range d.Lists[0].Tickets {
			sum[d.Lists[0].Tickets[i].Weight]++
		}
		if len(all) != 6 || sum[3] != 3 || sum[1] != 3 { // three of four lost; the winner and two new ones
			t.Error(sum)
		}
	})
}

// TestAcceptAgainstExpiry lets many press, decline and sweep at the end of offers: each place goes one way, and the count is right.
func TestAcceptAgainstExpiry(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		s := optional()
		s.Options[1].Slots[0].Capacity = 4
		h := open(t, d, s)
		w := Wish{Option: "tour", Slot: "a"}
		var all []*Entry
		for n := range 12 {
			e := h.guest(n)
			wait := w
			wait.Wait = n >= 4
			h.must(h.ask(e, wait))
			all = append(all, e)
		}
		for _, e := range all[:4] {
			h.must(h.GiveUp(h.as(0), h.again(e), h.choice(e, "tour", "a").Ref))
		}
		h.run()
		h.now = h.now.Add(24*time.Hour - time.Millisecond)
		var group sync.WaitGroup
		var accepted atomic.Int64
		for i, e := range all[4:8] {
			own := h.again(e)
			ref := own.Choices[0].Ref
			try := func(do func() error, won *atomic.Int64) {
				group.Go(func() {
					err := do()
					switch {
					case err == nil && won != nil:
						won.Add(1)
					case err != nil && fault.KindOf(err) != fault.Conflict && !errors.Is(err, errLater):
						t.Error(err)
					}
				})
			}
			for range 3 {
				try(func() error { return h.AcceptOffer(h.as(0), own, ref, nil) }, &accepted)
				try(func() error { return h.SweepOptions(h.system()) }, nil)
			}
			switch i % 3 {
			case 0:
				try(func() error { return h.GiveUp(h.as(0), own, ref) }, nil)
			case 1:
				try(func() error { return h.Cancel(h.as(0), own, "") }, nil)
			}
			try(func() error { return h.Offer(h.system(), Freed{slug}) }, nil)
		}
		group.Go(func() { h.mu.Lock(); h.now = h.now.Add(time.Second); h.mu.Unlock() })
		group.Wait()
		h.count(t)
		h.sweep()
		h.count(t)
	})
}

// count checks that every quota of a slot is the sum of what holds places in it.
func (h *hall) count(t interface {
	Helper()
	Errorf(string, ...any)
}) {
	t.Helper()
	m, err := h.meeting(h.system(), slug)
	h.must(err)
	quotas, err := h.quotas(h.system(), m)
	h.must(err)
	counts, err := slotCounts(h.system(), h.db, m.ID)
	h.must(err)
	for key, q := range quotas {
		if !strings.HasPrefix(key, "slot:") {
			continue
		}
		if n := counts[key][Taken].heads + counts[key][Held].heads; n != q.Taken || q.Capacity >= 0 && q.Taken > q.Capacity {
			t.Errorf("%s: %d places of %d are taken, choices hold %d", key, q.Taken, q.Capacity, n)
		}
	}
}

// TestCancelAgainstOffers cancels those who wait while places are offered to them.
func TestCancelAgainstOffers(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		s := optional()
		s.Options[1].Slots[0].Capacity = 5
		h := open(t, d, s)
		var all []*Entry
		for n := range 15 {
			e := h.guest(n)
			h.must(h.ask(e, Wish{Option: "tour", Slot: "a", Wait: true}))
			all = append(all, e)
		}
		var owns []*Own
		for _, e := range all {
			owns = append(owns, h.again(e))
		}
		var group sync.WaitGroup
		for i, o := range owns {
			if i < 5 || i%2 == 0 {
				group.Go(func() {
					for range 5 {
						if err := h.Cancel(h.as(0), o, ""); err == nil || fault.KindOf(err) != fault.Conflict {
							break
						}
					}
				})
			}
			group.Go(func() {
				if err := h.Offer(h.system(), Freed{slug}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		h.run()
		h.count(t)
		for i, e := range all {
			switch c := h.choice(e, "tour", "a"); {
			case h.again(e).State == Cancelled && c != nil:
				t.Errorf("%d is cancelled and has %s", i, c.State)
			case h.again(e).State != Cancelled && c.State != Held:
				t.Errorf("%d should have an offer by now, and is %s", i, c.State)
			}
		}
	})
}

// TestNoOrderIsBroken does anything in any order: the count is right, nobody gets past somebody who fits, and nobody has two places at once.
func TestNoOrderIsBroken(t *testing.T) {
	d := dbtest.SQLite(t, folders...)
	s := optional()
	s.Options[1].Companions, s.Options[1].Slots[0].Capacity, s.Options[1].Slots[1].Capacity = 2, 3, 2
	h := open(t, d, s)
	people := make([]*Entry, 8)
	for n := range people {
		people[n] = h.guest(n)
	}
	rapid.Check(t, func(r *rapid.T) {
		for _, e := range people { // everybody begins with nothing
			for _, c := range h.again(e).Choices {
				h.must(h.GiveUp(h.as(0), h.again(e), c.Ref))
			}
		}
		h.jobs = nil
		r.Repeat(map[string]func(*rapid.T){
			"ask": func(r *rapid.T) {
				e, slot := rapid.SampledFrom(people).Draw(r, "who"), rapid.SampledFrom([]string{"a", "b"}).Draw(r, "slot")
				left, _ := h.quotasNow()["slot:tour/"+slot].Left()
				before := h.waitingFor("tour", slot)
				err := h.ask(e, Wish{Option: "tour", Slot: slot, Companions: rapid.IntRange(0, 2).Draw(r, "with"), Wait: rapid.Bool().Draw(r, "wait")})
				h.lenient(err)
				if c := h.choice(e, "tour", slot); err == nil && c.State == Taken && slices.ContainsFunc(before, func(w *Chosen) bool { return w.Heads() <= left }) {
					r.Errorf("somebody got past those who wait, with %d places left", left)
				}
			},
			"give up": func(r *rapid.T) {
				e := rapid.SampledFrom(people).Draw(r, "who")
				if mine := h.again(e).Choices; len(mine) > 0 {
					h.must(h.GiveUp(h.as(0), h.again(e), rapid.SampledFrom(mine).Draw(r, "what").Ref))
				}
			},
			"accept": func(r *rapid.T) {
				e := rapid.SampledFrom(people).Draw(r, "who")
				for _, c := range h.again(e).Choices {
					h.lenient(h.AcceptOffer(h.as(0), h.again(e), c.Ref, nil))
				}
			},
			"companions": func(r *rapid.T) {
				e := rapid.SampledFrom(people).Draw(r, "who")
				for _, c := range h.again(e).Choices {
					h.lenient(h.ChangeCompanions(h.as(0), h.again(e), c.Ref, rapid.IntRange(0, 2).Draw(r, "with")))
				}
			},
			"capacity": func(r *rapid.T) {
				n := rapid.IntRange(max(1, h.taken("slot:tour/a")), 8).Draw(r, "capacity")
				next := *s
				next.Options = slices.Clone(s.Options)
				next.Options[1].Slots = slices.Clone(s.Options[1].Slots)
				next.Options[1].Slots[0].Capacity = n
				h.save(&next)
			},
			"offer": func(*rapid.T) { h.must(h.Offer(h.system(), Freed{slug})); h.inOrder(r) },
			"time": func(*rapid.T) {
				h.now = h.now.Add(5 * time.Minute)
			},
			"end offers": func(*rapid.T) {
				was := h.now
				h.now = h.now.Add(25 * time.Hour)
				h.must(h.SweepOptions(h.system()))
				h.now = was
			},
			"": func(r *rapid.T) { h.jobs, h.letters = nil, nil; h.count(r) },
		})
	})
}

func (h *hall) quotasNow() map[string]Quota {
	m, err := h.meeting(h.system(), slug)
	h.must(err)
	all, err := h.quotas(h.system(), m)
	h.must(err)
	return all
}

// waitingFor are those who wait for a slot and could be offered one.
func (h *hall) waitingFor(option, slotKey string) []*Chosen {
	m, err := h.meeting(h.system(), slug)
	h.must(err)
	all, err := queued(h.system(), h.db, m.Location(), m.ID)
	h.must(err)
	return slices.DeleteFunc(all, func(c *Chosen) bool { return c.Option != option || c.Slot != slotKey })
}

// TestPagesOfOptionsReadTheSame counts statements: as many for sixty people as for one.
func TestPagesOfOptionsReadTheSame(t *testing.T) {
	d := dbtest.SQLite(t, folders...)
	h := open(t, d, optional())
	count := func(e *Entry) (own, desk int64) {
		m, err := h.meeting(h.system(), slug)
		h.must(err)
		o := h.again(e)
		ctx, n := db.Counted(h.system())
		_, err = h.optionCards(ctx, m, o)
		h.must(err)
		own = n.Load()
		ctx, n = db.Counted(h.system())
		_, err = h.OptionStates(ctx, slug)
		h.must(err)
		_, err = h.OptionHolders(ctx, slug, "tour")
		h.must(err)
		return own, n.Load()
	}
	first := h.guest(0)
	h.must(h.ask(first, Wish{Option: "tour", Slot: "a"}))
	own, desk := count(first)
	for n := range 60 {
		e := h.guest(n + 1)
		h.must(h.ask(e, Wish{Option: "tour", Slot: "a", Wait: n > 25}))
	}
	h.must(h.ask(first, Wish{Option: "social", Slot: "a"}))
	h.must(h.ask(first, Wish{Option: "booth", Slot: "a"}))
	if a, b := count(first); a != own || b != desk || own > 8 || desk > 12 {
		t.Errorf("one's own page: %d statements, then %d; the desk: %d, then %d", own, a, desk, b)
	}
}

// TestLettersOfOptions writes each letter in both languages, and says in each what is to be done by when.
func TestLettersOfOptions(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		e := h.guest(1)
		h.must(h.ask(e, social))
		m, err := h.meeting(h.system(), slug)
		h.must(err)
		c := h.choice(e, "social", "a")
		c.OfferedUntil, c.State, c.Kept = h.now.Add(24*time.Hour), Held, 50
		for what, words := range map[string][2]string{
			"offered": {"12月2日（水）13:00", "Take this place"}, "waiting": {"キャンセル待ち", "waiting list"}, "won": {"当選しました", "gave you a place"}, "lost": {"ご用意できません", "no place"},
			"drawn_waiting": {"抽選の順", "order of the draw"}, "given": {"主催者が確保", "organiser keeps a place"}, "expired": {"期限を過ぎた", "not taken in time"},
			"released": {"お支払いがなかった", "not paid for in time"}, "taken_away": {"事情により", "because of this"}, "given_up": {"50％", "50 %"},
		} {
			d, err := h.optionData(h.system(), m, m.Option("social"), e, c, ChoiceChanged{What: what, Why: map[string]string{"taken_away": "事情により / because of this"}[what]})
			h.must(err)
			l, err := optionLetter.Letter(mail.Address{Address: e.Address, Lang: i18n.JA}, d)
			h.must(err)
			if !strings.Contains(l.Body.JA, words[0]) || !strings.Contains(l.Body.EN, words[1]) || !strings.Contains(l.Body.JA, "/entries/"+e.Ref) || l.Subject.JA == "" || l.Subject.EN == l.Subject.JA {
				t.Errorf("%s: %s\n%s\n%s", what, l.Subject.EN, l.Body.JA, l.Body.EN)
			}
		}
	})
}

// lenient lets pass what a rule refuses.
func (h *hall) lenient(err error) {
	h.t.Helper()
	if err != nil && fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.Invalid {
		h.t.Fatal(err)
	}
}

// inOrder checks that after offers nobody waits for whom there is enough.
func (h *hall) inOrder(r *rapid.T) {
	m, err := h.meeting(context.Background(), slug)
	h.must(err)
	quotas, err := h.quotas(h.system(), m)
	h.must(err)
	waiting, err := queued(h.system(), h.db, m.Location(), m.ID)
	h.must(err)
	for _, c := range waiting {
		if left, bound := quotas[c.quota()].Left(); !bound || left >= c.Heads() {
			r.Errorf("%d places are free, and somebody waits for %d", left, c.Heads())
		}
	}
}
