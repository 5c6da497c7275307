package registration

import (
	"slices"
	"testing"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// waits registers somebody for the waiting list.
func (h *hall) waits(n int) *Entry {
	h.t.Helper()
	f := form(n)
	f.Wait = true
	return h.enter(0, f)
}

// full fills the places of the meeting.
func (h *hall) full() []*Entry {
	h.t.Helper()
	var out []*Entry
	for n := range 3 {
		out = append(out, h.enter(0, form(n)))
	}
	return out
}

// TestNobodyOvertakesTheWaitingList: a place that became free is theirs who wait, also before it was offered to them.
func TestNobodyOvertakesTheWaitingList(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		all := h.full()
		w := h.waits(3)
		h.run()
		online := form(4)
		online.Kind, online.Days = "online", map[event.Date]Mode{"2026-12-09": Online, "2026-12-10": Online}
		other := h.enter(0, online)
		h.must(h.Cancel(h.as(0), h.again(all[0]), ""))
		if _, _, err := h.Register(h.as(0), slug, form(5)); !Full(err) {
			t.Errorf("a newcomer: %v", err)
		}
		if err := h.ChangeDays(h.as(0), h.again(other), "general", form(4).Days, nil); !Full(err) {
			t.Errorf("a change of the kind: %v", err)
		}
		late := h.waits(5)
		h.run()
		if a, b := h.again(w), h.again(late); a.State != Offered || b.State != Waiting || h.taken("kind:general") != 3 {
			t.Error(a.State, b.State, h.taken("kind:general"))
		}
		// Who waits for something else that is full holds up nobody, and nobody waits where there is enough for all.
		s := setup()
		s.Kinds[0].Capacity = 30
		s.Bounds = []DayPlan{{Date: "2026-12-09", Capacity: 3}}
		h.save(s)
		f := form(6)
		f.Days = map[event.Date]Mode{"2026-12-09": Online, "2026-12-10": Onsite}
		h.enter(0, f)
		if err := h.Offer(h.system(), Freed{slug}); err != nil || h.again(late).State != Waiting {
			t.Error(err, h.again(late).State)
		}
	})
}

// TestDeskGoesFirst: the desk gives a free place to whom it likes.
func TestDeskGoesFirst(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		all := h.full()
		w := h.waits(3)
		h.must(h.Cancel(h.as(0), h.again(all[0]), ""))
		h.must(h.DeskRestore(h.system(), slug, all[0].Ref, Reason{}))
		h.run()
		if h.again(all[0]).State != Confirmed || h.again(w).State != Waiting {
			t.Error(h.again(all[0]).State, h.again(w).State)
		}
	})
}

// TestDayAddedLater: a day that the meeting got after its setup was saved has places.
func TestDayAddedLater(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.must(h.db.Write(h.system(), func(tx *db.Tx) error {
			_, _, err := h.events.Apply(h.system(), tx, event.Input{Full: true, Meeting: &event.Meeting{
				Slug: slug, Title: i18n.T("見本sample", "Sample sample"), Languages: []i18n.Lang{i18n.JA, i18n.EN}, Timezone: "Asia/Tokyo", Start: "2026-12-09", End: "2026-12-11",
				Phase: event.ProgrammePhase,
				Parts: []event.Part{{Key: "main", Title: i18n.T("本会議", "Conference"), Days: []event.Date{"2026-12-09", "2026-12-10", "2026-12-11"}, Online: true, Onsite: true}},
			}})
			return err
		}))
		m, err := h.meeting(h.system(), slug)
		h.must(err)
		if !slices.Contains(m.Days(), event.Date("2026-12-11")) {
			t.Fatal(m.Days())
		}
		f := form(1)
		f.Days = map[event.Date]Mode{"2026-12-11": Onsite}
		e := h.enter(0, f)
		h.enter(0, func() Form { f := form(2); f.Days = map[event.Date]Mode{"2026-12-11": Onsite}; return f }())
		if h.taken("day:2026-12-11") != 2 || h.taken("kind:general") != 2 {
			t.Error(h.taken("day:2026-12-11"), h.taken("kind:general"))
		}
		h.must(h.Cancel(h.as(0), h.again(e), ""))
		if h.taken("day:2026-12-11") != 1 {
			t.Error(h.taken("day:2026-12-11"))
		}
	})
}

// TestUnpaidInPart: who paid nothing and lost the place owes nothing; who paid a part keeps the place until a person decides.
func TestUnpaidInPart(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		s := optional()
		s.Kinds[0].Priced = Priced{Prices: []Price{{Yen: 10_000}}, Rate: 10, Seller: "group"}
		h.save(s)
		a, b := h.guest(1), h.guest(2)
		h.must(h.ask(a, social))
		h.at(7, 9)
		h.paid[a.Ref] = Standing{Owed: 15_500, State: "open"}
		h.paid[b.Ref] = Standing{Owed: 10_000, Paid: 4000, State: "open"}
		h.must(h.Unpaid(h.system(), slug, a.Ref))
		h.must(h.Unpaid(h.system(), slug, b.Ref))
		if d := h.debts[a.Ref]; h.again(a).State != Cancelled || len(d.Lines) != 0 {
			t.Error(h.again(a).State, d.Lines)
		}
		if d := h.debts[b.Ref]; h.again(b).State != Confirmed || sumOf(d) != 10_000 {
			t.Error(h.again(b).State, d.Lines)
		}
	})
}

// TestPaidInPartIsNotReleased: who paid for the social and added something since keeps the social.
func TestPaidInPartIsNotReleased(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		a, b, c := h.guest(1), h.guest(2), h.guest(3)
		h.must(h.ask(a, social))
		h.must(h.ask(b, social))
		h.paid[a.Ref], h.paid[b.Ref] = Standing{State: "open", Owed: 7500, Paid: 5500}, Standing{State: "open", Owed: 5500}
		h.now = h.now.Add(1)
		wait := social
		wait.Wait = true
		h.must(h.ask(c, wait))
		h.at(8, 0)
		h.sweep()
		h.sweep()
		if x, y := h.state(a, "social", "a"), h.state(b, "social", "a"); x != Taken || y != "" {
			t.Error(x, y)
		}
	})
}

// TestOfferEndsWithTheMeeting: no place is kept for anybody beyond the end.
func TestOfferEndsWithTheMeeting(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		all := h.full()
		w, x := h.waits(3), h.waits(4)
		h.at(10, 11)
		h.must(h.Cancel(h.as(0), h.again(all[0]), ""))
		h.run()
		if o := h.again(w); o.State != Offered || o.OfferedUntil.Day() != 11 || o.OfferedUntil.Hour() != 0 {
			t.Error(o.State, o.OfferedUntil)
		}
		h.at(11, 9)
		h.must(h.DeskCancel(h.system(), slug, all[1].Ref, Reason{}))
		h.run()
		if o := h.again(x); o.State != Waiting {
			t.Error(o.State)
		}
	})
}

// TestRestoredOwesNoFees: the fees of a cancellation that the desk takes back are not owed; one of before is.
func TestRestoredOwesNoFees(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		e := h.guest(1)
		h.must(h.ask(e, social))
		h.at(7, 9)
		h.must(h.GiveUp(h.as(0), h.again(e), h.choice(e, "social", "a").Ref))
		h.must(h.ask(e, social))
		h.at(7, 10)
		h.must(h.Cancel(h.as(0), h.again(e), ""))
		if sum := sumOf(h.debts[e.Ref]); sum != 2750+3300 {
			t.Error(sum)
		}
		h.at(7, 11)
		h.must(h.DeskRestore(h.system(), slug, e.Ref, Reason{}))
		if sum := sumOf(h.debts[e.Ref]); sum != 2750 {
			t.Error(h.debts[e.Ref].Lines)
		}
	})
}

// TestLineIsOfThoseWhoAreIn: who waits for a place at the meeting is not counted among those who wait for an option.
func TestLineIsOfThoseWhoAreIn(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.full()
		f := form(3)
		f.Wait, f.Days["2026-12-10"] = true, Onsite
		f.Choices = []Wish{{Option: "social", Slot: "a"}}
		h.enter(0, f)
		counts, err := slotCounts(h.system(), h.db, mustMeeting(t, h).ID)
		if err != nil || counts["slot:social/a"][InLine].choices != 0 {
			t.Error(err, counts)
		}
	})
}

// TestDeskChangesTheKindOfACode: a code for one kind lowers no other, and is free again for somebody else.
func TestDeskChangesTheKindOfACode(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		list, err := p.MakeCodes(p.as(9), slug, Code{Sort: QuotaCode, Name: "会員", Kind: "general", Uses: 1, Percent: 50, OnKind: true}, 1, nil)
		p.must(err)
		f := partyForm(1, "general")
		f.Code = list[0].Words()
		e, _, err := p.Register(p.stranger(), slug, f)
		p.must(err)
		p.must(p.DeskDays(p.as(9), slug, e.Ref, "student", nil, Reason{}))
		now, err := oneEntry(p.stranger(), p.db, jst, `e.ref = $1`, e.Ref)
		if err != nil || now.Kind != "student" || now.Code != "" || p.taken("code:"+list[0].Ref) != 0 {
			t.Error(err, now.Kind, now.Code, p.taken("code:"+list[0].Ref))
		}
		if d := p.debts[e.Ref]; len(d.Lines) != 0 {
			t.Error(d.Lines)
		}
	})
}

// TestFewerCompanionsForAFee: after the free date, whoever does not come after all costs what giving up does.
func TestFewerCompanionsForAFee(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		for n, x := range []struct{ day, want int }{{5, 5500}, {7, 5500 + 2750}} {
			e := h.guest(n)
			two := social
			two.Companions = 1
			h.at(1, 13)
			h.must(h.ask(e, two))
			ref := h.choice(e, "social", "a").Ref
			h.at(x.day, 9)
			h.must(h.ChangeCompanions(h.as(0), h.again(e), ref, 0))
			if sum := sumOf(h.debts[e.Ref]); sum != int64(x.want) || h.taken("slot:social/a") != 1 {
				t.Error(h.debts[e.Ref].Lines, h.taken("slot:social/a"))
			}
			h.must(h.GiveUp(h.as(0), h.again(e), ref))
		}
	})
}

// TestCheaperKindForAFee: changing to something free and cancelling then costs what cancelling does.
func TestCheaperKindForAFee(t *testing.T) {
	eachOptional(t, func(t *testing.T, h *hall) {
		s := optional()
		s.Kinds[0].Priced = Priced{Prices: []Price{{Yen: 10_000}}, Rate: 10, Seller: "group"}
		h.save(s)
		online := map[event.Date]Mode{"2026-12-09": Online, "2026-12-10": Online}
		early, e := h.guest(1), h.guest(2)
		h.must(h.ChangeDays(h.as(0), h.again(early), "online", online, nil))
		if d := h.debts[early.Ref]; len(d.Lines) != 0 {
			t.Error(d.Lines)
		}
		h.at(7, 9)
		h.must(h.ChangeDays(h.as(0), h.again(e), "online", online, nil))
		if d := h.debts[e.Ref]; len(d.Lines) != 1 || d.Lines[0].Yen != 5000 || d.Lines[0].Seller != "group" || d.Lines[0].Rate != 10 {
			t.Error(d.Lines)
		}
		h.must(h.ChangeDays(h.as(0), h.again(e), "general", online, nil))
		if d := h.debts[e.Ref]; sumOf(d) != 10_000 {
			t.Error("back again:", d.Lines)
		}
		h.must(h.ChangeDays(h.as(0), h.again(e), "online", online, nil))
		h.must(h.Cancel(h.as(0), h.again(e), ""))
		if d := h.debts[e.Ref]; sumOf(d) != 5000 {
			t.Error("cancelled:", d.Lines)
		}
	})
}
