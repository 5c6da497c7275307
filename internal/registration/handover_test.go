package registration

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
	"github.com/tsudoi/tsudoi/internal/kit/spoken"
)

// giver is somebody who registered while they were signed in, with options and answers.
func (p *party) giver(id int64) *Own {
	p.t.Helper()
	f := partyForm(int(id), "general")
	f.Name, f.Answers = i18n.T("譲る人", ""), map[string][]string{"first": {"yes"}, "diet": {"秘密の食事"}}
	f.Choices = []Wish{{Option: "social", Slot: "a"}, {Option: "lunch", Slot: "a"}, {Option: "tea", Slot: "a", Declared: true}}
	_, _, err := p.Register(p.as(id), "sample", f)
	p.must(err)
	o, err := p.Mine(p.as(id), "sample")
	p.must(err)
	return o
}

// offered is the page that the letter leads to which somebody got.
func (p *party) offered(address string) *HandoverPage {
	p.t.Helper()
	p.run()
	page, err := p.HandoverByToken(p.stranger(), p.link(address, "/handovers/"))
	p.must(err)
	return page
}

func receiverForm() Form {
	f := partyForm(0, "general")
	f.Name, f.Answers, f.Lang = i18n.T("受け取る人", ""), map[string][]string{"first": {"no"}}, i18n.JA
	return f
}

func TestHandover(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		o := p.giver(1)
		p.run()
		old := p.link("p1@example.org", "/entries/")
		owed := sumOf(p.debts[o.Ref])
		p.is(p.HandOver(p.as(1), o, "私", "P1@example.org"), "registration.error.handover_self")
		p.is(p.HandOver(p.as(1), o, "", "next@example.com"), "registration.error.no_name")
		p.must(p.HandOver(p.as(1), o, "後輩さん", "next@example.com"))
		p.is(p.HandOver(p.as(1), o, "別の人", "late@example.com"), "registration.error.handover_twice")
		page := p.offered("next@example.com")
		if still, err := p.Mine(p.as(1), "sample"); err != nil || still.State != Confirmed || still.Name.JA != "譲る人" {
			t.Errorf("the place is gone before anybody took it: %+v %v", still, err)
		}
		f := receiverForm()
		f.Consents = nil
		p.is(p.AcceptHandover(p.stranger(), page, f, nil), "registration.error.consent")
		p.must(p.AcceptHandover(p.stranger(), page, receiverForm(), nil))
		p.is(p.AcceptHandover(p.stranger(), page, receiverForm(), nil), "registration.error.handover_over")
		p.run()

		_, err := p.ByToken(p.stranger(), old)
		p.is(err, "registration.error.handed_on")
		for _, forged := range []string{old[:len(old)-1] + "g", o.Ref + "-0", sign.Token("guess", entryPurpose, o.Ref, 1)} {
			if _, err := p.ByToken(p.stranger(), forged); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", forged, err)
			}
		}
		if mine, err := p.Mine(p.as(1), "sample"); err != nil || mine != nil {
			t.Errorf("the giver still has it: %+v %v", mine, err)
		}
		next, err := p.ByToken(p.stranger(), p.link("next@example.com", "/entries/"))
		p.must(err)
		if next.Ref == o.Ref || next.ID != o.ID || next.State != Confirmed || next.Name.JA != "受け取る人" || next.Address != "next@example.com" || next.ProvedAt.IsZero() || len(next.Answers["diet"]) != 0 {
			t.Errorf("%+v", next.Entry)
		}
		if len(next.Choices) != 1 || next.Choices[0].Option != "social" || p.taken("slot:lunch/a") != 0 || p.taken("slot:tea/a") != 0 || p.taken("slot:social/a") != 1 {
			t.Errorf("options: %+v", next.Choices)
		}
		if d := p.debts[o.Ref]; sumOf(d) != owed || d.Owner != 1 || d.Payer.Address != "p1@example.org" {
			t.Errorf("who pays: %+v", d)
		}
		if next.Paid.Path != "" || !next.Other {
			t.Errorf("the receiver sees the giver's order: %+v", next.Paid)
		}
		history, err := p.History(p.stranger(), next)
		p.must(err)
		for _, secret := range []string{"譲る人", "p1@example.org", "秘密", "後輩さん"} {
			if text := fmt.Sprintf("%+v", history); strings.Contains(text, secret) {
				t.Errorf("the receiver reads %q: %s", secret, text)
			}
		}
		file, err := p.PersonFile(p.as(9), "sample", o.Ref) // the desk finds it by the reference of before as well
		p.must(err)
		if file.Ref != next.Ref {
			t.Errorf("the desk finds %s", file.Ref)
		}
		all := file.History
		if text := fmt.Sprintf("%+v", all); !strings.Contains(text, "譲る人") || !strings.Contains(text, "受け取る人") {
			t.Errorf("the log lacks one of them: %s", text)
		}
		for _, l := range p.to("p1@example.org") {
			if text := l.Subject.JA + l.Body.JA; strings.Contains(text, "受け取る人") || strings.Contains(text, "next@example.com") {
				t.Errorf("the giver reads of the receiver: %s", text)
			}
		}
		for _, l := range p.to("next@example.com") {
			if text := l.Body.JA + l.Body.EN; strings.Contains(text, "p1@example.org") || strings.Contains(text, "秘密") {
				t.Errorf("the receiver reads of the giver: %s", text)
			}
		}
		// Handed over again: the first giver keeps paying, and the second one's data are gone as well.
		p.must(p.HandOver(p.stranger(), next, "三人目", "third@example.com"))
		page = p.offered("third@example.com")
		p.must(p.AcceptHandover(p.stranger(), page, receiverForm(), nil))
		if d := p.debts[o.Ref]; d.Owner != 1 || d.Payer.Name.JA != "譲る人" {
			t.Errorf("who pays now: %+v", d.Payer)
		}
		// The first giver goes: the log forgets them.
		k := Keeps{p.Service}
		p.must(p.db.Write(t.Context(), func(tx *db.Tx) error { return k.Erase(t.Context(), tx, 1) }))
		file, err = p.PersonFile(p.as(9), "sample", o.Ref)
		p.must(err)
		all = file.History
		list, err := handovers(t.Context(), p.db, time.UTC, `h.entry_id = $1`, o.ID)
		p.must(err)
		if text := fmt.Sprintf("%+v", all); strings.Contains(text, "p1@example.org") || list[0].From.Address != "" || list[0].Giver != 0 {
			t.Errorf("it is still there: %s %+v", text, list[0])
		}
	})
}

func TestHandover_ends(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		o := p.giver(1)
		offer := func(n int) *HandoverPage {
			address := fmt.Sprintf("n%d@example.com", n)
			p.must(p.HandOver(p.as(1), o, "だれか", address))
			return p.offered(address)
		}
		page := offer(1)
		p.must(p.TakeBack(p.as(1), o))
		p.is(p.TakeBack(p.as(1), o), "registration.error.handover_over")
		p.is(p.AcceptHandover(p.stranger(), page, receiverForm(), nil), "registration.error.handover_over")
		page = offer(2)
		p.must(p.DeclineHandover(p.stranger(), page))
		p.is(p.AcceptHandover(p.stranger(), page, receiverForm(), nil), "registration.error.handover_over")
		page = offer(3)
		p.set(p.clock().Add(acceptWithin + time.Minute))
		p.is(p.AcceptHandover(p.stranger(), page, receiverForm(), nil), "registration.error.handover_over")
		p.must(p.SweepGroups(p.t.Context()))
		p.run()
		if h, err := p.OpenHandover(p.as(1), o); err != nil || h != nil {
			t.Errorf("%+v %v", h, err)
		}
		told := p.to("p1@example.org")
		if len(told) != 1+3+2 { // registered; offered three times; declined, lapsed
			t.Errorf("%d letters to the giver", len(told))
		}
		// Who is registered already is told so: they came by the letter.
		f := partyForm(5, "general")
		f.Address = "n5@example.com"
		if _, _, err := p.Register(p.stranger(), "sample", f); err != nil {
			t.Fatal(err)
		}
		page = offer(5)
		p.is(p.AcceptHandover(p.stranger(), page, receiverForm(), nil), "registration.error.handover_known")
		p.must(p.TakeBack(p.as(1), o))
		// Whoever cancelled has nothing to hand over any more, and the receiver gets nothing.
		page = offer(6)
		p.must(p.Cancel(p.as(1), o, ""))
		p.is(p.AcceptHandover(p.stranger(), page, receiverForm(), nil), "registration.error.handover_over")
		if p.taken(kindQuota("general")) != 1 {
			t.Errorf("%d places are taken", p.taken(kindQuota("general")))
		}
		late := p.giver(2)
		p.set(p.m.HandoverUntil)
		p.is(p.HandOver(p.as(2), late, "だれか", "n7@example.com"), "registration.error.deadline")
		for _, bad := range []string{"", "x", must(p.Token(context.Background(), late.Entry)), late.Ref + "-0"} {
			if _, err := p.HandoverByToken(p.stranger(), bad); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%q: %v", bad, err)
			}
		}
		guest, _, err := p.Register(p.stranger(), "other", partyForm(9, "general"))
		p.must(err)
		g, err := p.ByToken(p.stranger(), must(p.Token(t.Context(), guest)))
		p.must(err)
		p.set(p.clock().Add(-time.Hour))
		p.is(p.HandOver(p.stranger(), g, "だれか", "n8@example.com"), "registration.error.prove_first")
	})
}

// The receiver accepts while the giver takes it back: one of them has the place, never both, never nobody.
func TestHandover_race(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		for i := range 6 {
			id := int64(20 + i)
			o := p.giver(id)
			address := fmt.Sprintf("r%d@example.com", i)
			p.must(p.HandOver(p.as(id), o, "だれか", address))
			page := p.offered(address)
			var wg sync.WaitGroup
			var back, taken error
			wg.Go(func() { back = p.TakeBack(p.as(id), o) })
			wg.Go(func() { taken = p.AcceptHandover(p.stranger(), page, receiverForm(), nil) })
			wg.Wait()
			e, err := oneEntry(t.Context(), p.db, time.UTC, `e.id = $1`, o.ID)
			p.must(err)
			if (back == nil) == (taken == nil) || (taken == nil) != (e.Address == address) || e.State != Confirmed {
				t.Errorf("back: %v, taken: %v, the place is of %s, %s", back, taken, e.Address, e.State)
			}
		}
	})
}

// handedOver is what somebody got from the giver.
func (p *party) handedOver(ctx context.Context, o *Own, address string) *Own {
	p.t.Helper()
	p.must(p.HandOver(ctx, o, "だれか", address))
	p.must(p.AcceptHandover(p.stranger(), p.offered(address), receiverForm(), nil))
	p.run()
	next, err := p.ByToken(p.stranger(), p.link(address, "/entries/"))
	p.must(err)
	return next
}

// The code that the giver holds is not that of the place any more: the receiver has one of their own, in three words of their own.
func TestHandover_newCode(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		o := p.giver(1)
		next := p.handedOver(p.as(1), o, "next@example.com")
		for ref, want := range map[string]bool{o.Ref: true, next.Ref: false, "": false, strings.Repeat("0", 26): false} {
			if got, err := p.Ended(t.Context(), ref); err != nil || got != want {
				t.Errorf("%q has ended: %v, %v", ref, got, err)
			}
		}
		ja, _ := spoken.Say(next.Ref)
		was, _ := spoken.Say(o.Ref)
		letters := p.to("next@example.com")
		if text := letters[len(letters)-1].Body.JA; !strings.Contains(text, ja) || strings.Contains(text, was) || strings.Contains(text, o.Ref) {
			t.Errorf("the receiver's letter says not %s:\n%s", ja, text)
		}
		for query, want := range map[string]int{ja: 1, was: 0, next.Ref: 1, o.Ref: 0} {
			list, err := p.People(p.as(9), "sample", Filter{Query: query}, "", 50)
			p.must(err)
			if len(list.Entries) != want {
				t.Errorf("the desk finds %d by %s", len(list.Entries), query)
			}
		}
		again, _, err := p.Register(p.as(1), "sample", func() Form { f := partyForm(1, "general"); f.Key = "another"; return f }())
		if err != nil || again.Ref == o.Ref || again.ID == o.ID { // the giver may come after all, in a place of their own
			t.Errorf("%+v %v", again, err)
		}
	})
}

// What the receiver adds is theirs to pay, and what the giver took stays the giver's: also where the receiver changes to something dearer, brings
// somebody along, or gives up what the giver paid for.
func TestHandover_addedIsTheReceivers(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		f := partyForm(1, "general")
		e, _, err := p.Register(p.as(1), "sample", f)
		p.must(err)
		o, err := p.Mine(p.as(1), "sample")
		p.must(err)
		next := p.handedOver(p.as(1), o, "next@example.com")
		owe := func(ref string, want int64) {
			t.Helper()
			p.mu.Lock()
			defer p.mu.Unlock()
			if d := p.debts[ref]; sumOf(d) != want {
				t.Errorf("%s owes %d: %+v", d.Payer.Address, sumOf(d), d.Lines)
			}
		}
		again := func() *Own {
			next, err = p.ByToken(p.stranger(), p.link("next@example.com", "/entries/"))
			p.must(err)
			return next
		}
		owe(e.Ref, 16_500)
		owe(next.Ref, 0)
		p.must(p.Ask(p.stranger(), again(), Wish{Option: "social", Slot: "a", Companions: 1}, nil))
		p.run()
		owe(e.Ref, 16_500)
		owe(next.Ref, 11_000)
		p.mu.Lock()
		if d := p.debts[next.Ref]; d.Payer.Address != "next@example.com" || d.Owner != 0 {
			t.Errorf("who pays for what was added: %+v", d.Payer)
		}
		p.mu.Unlock()
		if o := again(); o.Paid.Owed != 11_000 || !strings.HasSuffix(o.Paid.Path, next.Ref) || !o.Other {
			t.Errorf("what the receiver sees: %+v, others pay: %v", o.Paid, o.Other)
		}
		all, err := p.paid(t.Context(), p.db, p.m, []string{next.Ref})
		if err != nil || len(all) != 1 || all[next.Ref].Owed != 27_500 {
			t.Errorf("what the desk sees: %+v, %v", all, err)
		}
		// What the receiver did not pay for is given up, and nothing else.
		p.must(p.Unpaid(t.Context(), "sample", next.Ref))
		if o := again(); o.State != Confirmed || len(o.Choices) != 0 {
			t.Errorf("%s with %+v", o.State, o.Choices)
		}
		owe(e.Ref, 16_500)
		owe(next.Ref, 0)
		// Cancelled, what is not kept comes back to who paid.
		p.must(p.Cancel(p.stranger(), again(), ""))
		owe(e.Ref, 8_250)
		owe(next.Ref, 0)
	})
}

// A group pays for whoever has the place: its order stays as it is when colleagues are swapped.
func TestSwap_newCode(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		g := p.group(1)
		was := p.invited(g, 1)
		p.must(p.Confirm(p.stranger(), was, confirmForm()))
		p.mu.Lock()
		owed := p.debts[was.Ref]
		p.mu.Unlock()
		p.must(p.Swap(p.as(1), p.groupAgain(g.Group), was.Ref, Details{Name: i18n.T("代わりの人", ""), Address: "instead@example.com"}))
		p.run()
		e, err := oneEntry(t.Context(), p.db, time.UTC, `e.id = $1`, was.ID)
		p.must(err)
		if ended, err := p.Ended(t.Context(), was.Ref); err != nil || !ended || e.Ref == was.Ref {
			t.Errorf("the code of who was swapped is good: %v %v", ended, err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if d := p.debts[e.Ref]; len(d.Lines) != 0 || owed.Group != g.Ref || p.debts[was.Ref].Group != g.Ref {
			t.Errorf("owed anew: %+v, before: %+v", d, owed)
		}
	})
}

// Whoever is swapped out has nothing to hand over any more: their receiver is told, and the next person keeps the place.
func TestSwap_endsHandover(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		g := p.group(1)
		was := p.invited(g, 1)
		p.must(p.Confirm(p.stranger(), was, confirmForm()))
		p.run()
		was, err := p.ByToken(p.stranger(), p.link("c1@example.com", "/entries/"))
		p.must(err)
		p.must(p.HandOver(p.stranger(), was, "知人", "friend@example.com"))
		page := p.offered("friend@example.com")
		p.must(p.Swap(p.as(1), p.groupAgain(g.Group), was.Ref, Details{Name: i18n.T("代わりの人", ""), Address: "instead@example.com"}))
		p.run()
		next, err := p.ByToken(p.stranger(), p.link("instead@example.com", "/entries/"))
		p.must(err)
		p.must(p.Confirm(p.stranger(), next, confirmForm()))
		p.is(p.AcceptHandover(p.stranger(), page, receiverForm(), nil), "registration.error.handover_over")
		p.run()
		list, err := handovers(t.Context(), p.db, time.UTC, `h.entry_id = $1`, was.ID)
		p.must(err)
		if len(list) != 1 || list[0].State != HandoverWithdrawn || len(p.to("friend@example.com")) != 2 {
			t.Errorf("%+v, %d letters", list, len(p.to("friend@example.com")))
		}
		if e, err := oneEntry(t.Context(), p.db, time.UTC, `e.id = $1`, was.ID); err != nil || e.Address != "instead@example.com" {
			t.Errorf("whose it is: %+v %v", e, err)
		}
	})
}

// An address that the desk corrected makes nobody another person: what was never paid ends as a whole.
func TestUnpaid_correctedAddress(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		e, _, err := p.Register(p.as(1), "sample", partyForm(1, "general"))
		p.must(err)
		d := e.Details
		d.Address = "right@example.com"
		p.must(p.DeskDetails(p.as(9), "sample", e.Ref, d, Reason{}))
		p.must(p.Unpaid(t.Context(), "sample", e.Ref))
		if now, err := oneEntry(t.Context(), p.db, time.UTC, `e.ref = $1`, e.Ref); err != nil || now.State != Cancelled || now.Why != "unpaid" || now.LinkNo != 2 {
			t.Errorf("%+v %v", now, err)
		}
	})
}

// Whoever brings somebody along in a place that was handed over comes without them if they do not pay, and who took a dearer kind is not
// written to about nothing.
func TestUnpaid_addedCompanion(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		ctx := authz.System(t.Context(), "test")
		dear, version, err := p.Setup(ctx, "sample")
		p.must(err)
		dear.Kinds = append(slices.Clone(dear.Kinds), Kind{Key: "dear", Name: i18n.T("特別", "Special"), Modes: Modes, Priced: Priced{Prices: []Price{{Yen: 30_000}}, Rate: 10, Seller: "group"}})
		p.must(p.SaveSetup(ctx, "sample", dear, version))
		o := p.giver(1)
		next := p.handedOver(p.as(1), o, "next@example.com")
		p.must(p.ChangeCompanions(p.stranger(), next, next.Choices[0].Ref, 1))
		p.run()
		if n, owed := p.taken("slot:social/a"), sumOf(p.debts[next.Ref]); n != 2 || owed != 5_500 {
			t.Fatalf("%d places, %d yen", n, owed)
		}
		letters := func() int { p.run(); return len(p.to("next@example.com")) }
		before := letters()
		p.must(p.Unpaid(t.Context(), "sample", next.Ref))
		again, err := p.ByToken(p.stranger(), p.link("next@example.com", "/entries/"))
		p.must(err)
		if n := p.taken("slot:social/a"); n != 1 || len(again.Choices) != 1 || again.Choices[0].Companions != 0 || letters() != before+1 || sumOf(p.debts[next.Ref]) != 0 || sumOf(p.debts[o.Ref]) != 22_000 {
			t.Errorf("%d places, %+v, %d letters, %+v", n, again.Choices, letters()-before, p.debts)
		}
		p.must(p.DeskDays(p.as(9), "sample", next.Ref, "dear", map[event.Date]Mode{"2026-12-09": Onsite, "2026-12-10": Onsite}, Reason{}))
		p.run()
		before = letters()
		p.must(p.Unpaid(t.Context(), "sample", next.Ref))
		if owed := sumOf(p.debts[next.Ref]); owed != 13_500 || letters() != before {
			t.Errorf("%d yen, %d letters", owed, letters()-before)
		}
	})
}

// Who the giver is, is said by the entry when it is taken over, and not by what they were called when they offered it.
func TestHandover_giverNow(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		f := partyForm(1, "general")
		_, _, err := p.Register(p.stranger(), "sample", f)
		p.must(err)
		p.run()
		o, err := p.ByToken(p.stranger(), p.link(f.Address, "/entries/"))
		p.must(err)
		_, err = p.change(p.stranger(), p.m, o.Entry, "registration.proved", "", func(_ *db.Tx, e *Entry) error { e.ProvedAt = p.clock(); return nil })
		p.must(err)
		o, err = p.ByToken(p.stranger(), p.link(f.Address, "/entries/"))
		p.must(err)
		p.must(p.HandOver(p.stranger(), o, "だれか", "next@example.com"))
		page := p.offered("next@example.com")
		d := o.Details
		d.Name, d.Address = i18n.T("改名した人", ""), "renamed@example.com"
		p.must(p.DeskDetails(p.as(9), "sample", o.Ref, d, Reason{}))
		p.must(p.db.Write(t.Context(), func(tx *db.Tx) error { return ownEntry(t.Context(), tx, o.ID, 1) }))
		p.must(p.AcceptHandover(p.stranger(), page, receiverForm(), nil))
		p.run()
		p.mu.Lock()
		debt := p.debts[o.Ref]
		p.mu.Unlock()
		if debt.Payer.Name.JA != "改名した人" || debt.Payer.Address != "renamed@example.com" || debt.Owner != 1 {
			t.Errorf("who pays: %+v, %d", debt.Payer, debt.Owner)
		}
		if len(p.to("renamed@example.com")) == 0 {
			t.Error("the giver is not told")
		}
		h, err := oneHandover(t.Context(), p.db, time.UTC, `h.entry_id = $1`, o.ID)
		if err != nil || h.Giver != 1 || h.From.Folded != "renamed@example.com" {
			t.Errorf("%+v %v", h, err)
		}
	})
}

// TestHandover_receiverLeaves: who took a place over and leaves goes from the record of the offer as well; who gave it stays in theirs.
func TestHandover_receiverLeaves(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		o := p.giver(1)
		p.run()
		p.must(p.HandOver(p.as(1), o, "後輩さん", "p2@example.org"))
		p.must(p.AcceptHandover(p.as(2), p.offered("p2@example.org"), receiverForm(), nil))
		record := func() string {
			list, _, err := audit.History(t.Context(), p.db, "sample", "entry:"+o.Ref, audit.Page{})
			p.must(err)
			return fmt.Sprintf("%+v", list)
		}
		if text := record(); !strings.Contains(text, "p2@example.org") || !strings.Contains(text, "譲る人") {
			t.Fatalf("the record of the offer: %s", text)
		}
		p.must(p.db.Write(t.Context(), func(tx *db.Tx) error { return Keeps{p.Service}.Erase(t.Context(), tx, 2) }))
		if text := record(); strings.Contains(text, "p2@example.org") || strings.Contains(text, "後輩さん") || !strings.Contains(text, "譲る人") {
			t.Errorf("after the receiver left: %s", text)
		}
	})
}
