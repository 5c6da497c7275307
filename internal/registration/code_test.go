package registration

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

func TestCodeWord(t *testing.T) {
	for typed, want := range map[string]string{
		"ABCD-EFGH-JKM0": "ABCDEFGHJKM0", "abcdefghjkm0": "ABCDEFGHJKM0", " ＡＢＣＤ－ｅｆｇｈ　jkmO ": "ABCDEFGHJKM0", "OIL0-il1o-2345": "011011102345",
		"ABCDーEFGH−JKM0": "ABCDEFGHJKM0", "ABCD‐EFGH–JKM0": "ABCDEFGHJKM0", "": "", "ABC": "", "ABCDEFGHJKMNP": "", "ABCDEFGHJKU0": "", "１２３４５６７８９０ＡＢ": "1234567890AB",
		"ABCD髙EFGHJKM": "", "𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷": "", strings.Repeat("A", 1000): "",
	} {
		if got := codeWord(typed); got != want {
			t.Errorf("%q is %q, want %q", typed, got, want)
		}
	}
	seen := map[string]bool{}
	for range 1000 {
		w := newWord()
		if c := (&Code{Word: w}); seen[w] || codeWord(c.Words()) != w || codeWord(strings.ToLower(c.Words())) != w {
			t.Fatalf("%s", w)
		}
		seen[w] = true
	}
}

func TestDiscounts(t *testing.T) {
	lines := []Owed{
		{Key: "kind:general", Name: i18n.T("一般", "General"), Yen: 16_500, Quantity: 1, Rate: 10, Seller: "group"},
		{Key: "option:social/a", Yen: 5_500, Quantity: 2, Rate: 8, Seller: "host"}, {Key: "option:lunch/a", Yen: 1_000, Quantity: 1, Rate: 10, Seller: "group"},
	}
	for _, c := range []struct {
		code Code
		from []Owed
		want []int64
	}{
		{Code{Yen: 1_000, OnKind: true}, lines, []int64{-1_000}},
		{Code{Percent: 33, OnKind: true, Options: []string{"social"}}, lines, []int64{-5_445, -1_815}},
		{Code{Percent: 100, OnKind: true}, lines, []int64{-16_500}},
		{Code{Yen: 99_999, Options: []string{"social"}}, lines, []int64{-5_500}},
		{Code{Percent: 50, OnKind: true}, []Owed{{Key: "fee:general", Yen: 8_250, Quantity: 1, full: 16_500, percent: 50}}, []int64{-4_125}},
		{Code{Yen: 10_000, OnKind: true}, []Owed{{Key: "fee:general", Yen: 8_250, Quantity: 1, full: 16_500, percent: 50}}, []int64{-5_000}},
		{Code{Yen: 3_000, Options: []string{"social"}}, []Owed{{Key: "kept:social/a:X", Yen: 2_750, Quantity: 1, full: 5_500, percent: 50}}, []int64{-1_500}},
		{Code{Yen: 9_000, Options: []string{"social"}}, []Owed{{Key: "kept:social/a:X", Yen: 2_750, Quantity: 1, full: 5_500, percent: 50}}, []int64{-2_750}},
		{Code{}, lines, nil},
	} {
		got := c.code.discounts(c.from)
		if len(got) != len(c.want) {
			t.Fatalf("%+v: %v", c.code, got)
		}
		for i, l := range got {
			if l.Yen != c.want[i] || l.Quantity != 1 {
				t.Errorf("%+v: %v, want %v", c.code, got, c.want)
			}
		}
	}
	if l := (&Code{Percent: 10, Options: []string{"social"}}).discounts(lines)[0]; l.Rate != 8 || l.Seller != "host" || l.Key != "discount:option:social/a" {
		t.Errorf("the line of another seller: %+v", l)
	}
}

// sponsor makes a code for so many sponsors.
func (p *party) sponsor(uses int) *Code {
	p.t.Helper()
	list, err := p.MakeCodes(p.as(9), "sample", Code{Sort: QuotaCode, Name: "例示ネット", Kind: "sponsor", Uses: uses, Address: "contact@example.com", Lang: i18n.JA}, 1, nil)
	p.must(err)
	return list[0]
}

func TestCode_fiftyAtOnceForTen(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		c := p.sponsor(10)
		var wg sync.WaitGroup
		var mu sync.Mutex
		in, used := 0, 0
		for i := range 50 {
			wg.Go(func() {
				f := partyForm(i, "sponsor")
				f.Code = c.Words()
				_, _, err := p.Register(p.stranger(), "sample", f)
				mu.Lock()
				defer mu.Unlock()
				e, _ := fault.As(err)
				switch {
				case err == nil:
					in++
				case e != nil && e.Key == "registration.error.code_used":
					used++
				default:
					t.Errorf("somebody got %v", err)
				}
			})
		}
		wg.Wait()
		if in != 10 || used != 40 || p.taken(codeQuota(c.Ref)) != 10 || p.taken(kindQuota("sponsor")) != 10 {
			t.Errorf("%d are in, %d were refused; taken %d and %d", in, used, p.taken(codeQuota(c.Ref)), p.taken(kindQuota("sponsor")))
		}
		all, err := p.Codes(p.as(9), "sample")
		if err != nil || len(all) != 1 || all[0].Taken != 10 || !all[0].Spent() {
			t.Errorf("%v %v", all, err)
		}
	})
}

func TestCode_life(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		c := p.sponsor(2)
		enter := func(n int, kind, code string) (*Entry, error) {
			f := partyForm(n, kind)
			f.Code = code
			e, _, err := p.Register(p.stranger(), "sample", f)
			return e, err
		}
		_, err := enter(1, "sponsor", "")
		p.is(err, "registration.error.code_needed")
		_, err = enter(1, "sponsor", "0000-0000-0000")
		p.is(err, "registration.error.no_code")
		_, err = enter(1, "general", c.Words())
		p.is(err, "registration.error.code_kind")
		if _, _, err := p.Register(p.stranger(), "other", Form{}); err == nil {
			t.Error("an empty form")
		}
		f := partyForm(1, "sponsor")
		f.Code = c.Words()
		_, _, err = p.Register(p.stranger(), "other", f) // the code of another meeting
		p.is(err, "registration.error.no_code")

		a, err := enter(1, "sponsor", strings.ToLower(c.Words()))
		p.must(err)
		_, err = enter(2, "sponsor", c.Words())
		p.must(err)
		_, err = enter(3, "sponsor", c.Words())
		p.is(err, "registration.error.code_used")

		// The number never goes below what is in use; one that is cancelled is free again.
		one := *c
		one.Uses = 1
		p.is(p.SaveCode(p.as(9), "sample", c.Ref, one), "registration.error.code_in_use")
		o, err := p.ByToken(p.stranger(), must(p.Token(p.stranger(), a)))
		p.must(err)
		p.must(p.Cancel(p.stranger(), o, ""))
		if n := p.taken(codeQuota(c.Ref)); n != 1 {
			t.Errorf("%d in use after a cancellation", n)
		}
		p.must(p.SaveCode(p.as(9), "sample", c.Ref, one))
		p.is(p.SaveCode(p.as(9), "sample", c.Ref, one), "registration.error.changed")

		// A new word, off, over: each is said to whoever has the right code.
		old := c.Words()
		p.must(p.RenewCode(p.as(9), "sample", c.Ref))
		_, err = enter(4, "sponsor", old)
		p.is(err, "registration.error.no_code")
		c, err = p.Code(p.as(9), "sample", c.Ref)
		p.must(err)
		p.must(p.SwitchCode(p.as(9), "sample", c.Ref, true))
		_, err = enter(4, "sponsor", c.Words())
		p.is(err, "registration.error.code_off")
		p.must(p.SwitchCode(p.as(9), "sample", c.Ref, false))
		c, _ = p.Code(p.as(9), "sample", c.Ref)
		c.Ends, c.Uses = p.clock().Add(time.Hour), 5
		p.must(p.SaveCode(p.as(9), "sample", c.Ref, *c))
		p.set(p.clock().Add(2 * time.Hour))
		_, err = enter(4, "sponsor", c.Words())
		p.is(err, "registration.error.code_over")

		file, err := p.CodeFile(p.as(9), "sample", c.Ref, i18n.JA)
		p.must(err)
		if len(file.History) != 6 || !strings.HasSuffix(file.Link, "/meetings/sample/registration/new?code="+c.Words()) {
			t.Errorf("%d changes, %s", len(file.History), file.Link)
		}
		for _, h := range file.History {
			for _, v := range h.Values {
				if strings.Contains(v.Before+v.After, c.Word) || strings.Contains(v.After, c.Words()) {
					t.Errorf("the log holds the code: %v", v)
				}
			}
		}
		for _, err := range []error{p.SwitchCode(p.as(1), "sample", c.Ref, true), p.SaveCode(p.stranger(), "sample", c.Ref, *c), p.RenewCode(p.as(1), "sample", c.Ref)} {
			if fault.KindOf(err) != fault.Forbidden {
				t.Errorf("somebody without the permission got %v", err)
			}
		}
		if err := p.SwitchCode(p.as(9), "other", c.Ref, true); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the code in another meeting: %v", err)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestCode_page(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		c := p.sponsor(3)
		p.must(p.SendCode(p.as(9), "sample", c.Ref))
		f := partyForm(1, "sponsor")
		f.Code, f.Name = c.Words(), i18n.T("髙𠮷", "")
		_, _, err := p.Register(p.stranger(), "sample", f)
		p.must(err)
		p.run()
		token := p.link("contact@example.com", "/codes/")
		page, err := p.CodeByToken(p.stranger(), token)
		p.must(err)
		if len(page.Users) != 1 || page.Users[0].Name.JA != "髙𠮷" || page.Users[0].State != Confirmed || page.Taken != 1 || page.Event().Slug != "sample" {
			t.Errorf("%+v", page)
		}
		other := p.sponsor(3)
		for _, bad := range []string{"", "nothing", strings.Replace(token, c.Ref, other.Ref, 1), token[:len(token)-1] + "x", c.Ref + "-"} {
			if _, err := p.CodeByToken(p.stranger(), bad); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%q: %v", bad, err)
			}
		}
		p.must(p.RenewCodePage(p.as(9), "sample", c.Ref))
		if _, err := p.CodeByToken(p.stranger(), token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the old address: %v", err)
		}
		// Invitations: one for each address, each good once.
		made, err := p.MakeCodes(p.as(9), "sample", Code{Sort: InvitationCode, Kind: "sponsor", Lang: i18n.EN}, 1, []string{"a@example.net", "b@example.net"})
		p.must(err)
		p.run()
		if len(made) != 2 || made[0].Uses != 1 || len(p.to("a@example.net")) != 1 || !strings.Contains(p.to("b@example.net")[0].Body.EN, made[1].Words()) {
			t.Errorf("%+v %v", made, p.letters)
		}
		if strings.Contains(p.to("a@example.net")[0].Body.JA, "/codes/") {
			t.Error("who is invited is no contact")
		}
		_, err = p.MakeCodes(p.as(9), "sample", Code{Sort: InvitationCode, Kind: "sponsor"}, 1, []string{"a@example.net", "no address"})
		p.is(err, "registration.error.address_of")
		csv, err := p.CodesCSV(p.as(9), "sample", []string{"=code", "sort", "for", "kind", "uses", "used", "ends", "state", "address", "link", "page"})
		p.must(err)
		if got := strings.Count(string(csv), "\r\n"); got != 5 || !strings.Contains(string(csv), "?code="+made[0].Words()) {
			t.Errorf("%s", csv)
		}
		if _, err := p.CodesCSV(p.as(1), "sample", nil); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%v", err)
		}
	})
}

func TestCode_guessing(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		c := p.sponsor(100)
		guess := func(code string, n int, signedIn bool) error {
			f := partyForm(n, "sponsor")
			f.Code = code
			ctx := p.stranger()
			if signedIn {
				ctx = p.as(int64(n))
			}
			return p.Check(ctx, "sample", &f)
		}
		for range wrongByNetwork.Burst {
			p.is(guess("0000-0000-0000", 1, false), "registration.error.no_code")
		}
		p.is(guess("0000-0000-0000", 1, false), "registration.error.codes")
		p.is(guess(c.Words(), 1, false), "registration.error.codes") // or guessing would go on
		p.must(guess(c.Words(), 2, true))                            // behind the same address, or at the same meeting, who signs in goes on
		for range wrongByAccount.Burst {
			p.is(guess("0000-0000-0000", 1, true), "registration.error.no_code")
		}
		p.is(guess(c.Words(), 1, true), "registration.error.codes_account")
		p.must(guess(c.Words(), 2, true))
		p.set(p.clock().Add(2 * time.Hour))
		for n := range 500 { // right ones never count
			if err := guess(c.Words(), 3, false); err != nil {
				t.Fatalf("%d: %v", n, err)
			}
		}
	})
}

func TestCode_discountIsOwed(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		list, err := p.MakeCodes(p.as(9), "sample", Code{Sort: DiscountCode, Name: "会員", Percent: 20, OnKind: true, Options: []string{"social"}}, 1, nil)
		p.must(err)
		c := list[0]
		f := partyForm(1, "general")
		f.Code, f.Choices = c.Words(), []Wish{{Option: "social", Slot: "a", Companions: 1}}
		e, _, err := p.Register(p.stranger(), "sample", f)
		p.must(err)
		if got := sumOf(p.debts[e.Ref]); got != 16_500-3_300+11_000-1_100 {
			t.Errorf("%d yen: %v", got, p.debts[e.Ref].Lines)
		}
		c, _ = p.Code(p.as(9), "sample", c.Ref)
		c.Percent = 10
		p.must(p.SaveCode(p.as(9), "sample", c.Ref, *c))
		if got := sumOf(p.debts[e.Ref]); got != 16_500-1_650+11_000-550 {
			t.Errorf("after a change %d yen", got)
		}
		f = partyForm(2, "sponsor")
		f.Code = c.Words()
		_, _, err = p.Register(p.stranger(), "sample", f)
		p.is(err, "registration.error.code_not") // a discount opens nothing
		o, err := p.ByToken(p.stranger(), must(p.Token(p.stranger(), e)))
		p.must(err)
		p.must(p.Cancel(p.stranger(), o, ""))
		if got := sumOf(p.debts[e.Ref]); got != (16_500-1_650+11_000-550)/2 {
			t.Errorf("cancelled, the fee is %d yen: %v", got, p.debts[e.Ref].Lines)
		}
		if _, err := p.MakeCodes(p.as(9), "sample", Code{Sort: DiscountCode, Name: "x", Percent: 120, OnKind: true}, 1, nil); err == nil {
			t.Error("120 %")
		}
	})
}

// Somebody waits with a code that is used up. As soon as it may be used more often, the place that is free is offered to them.
func TestCode_moreUsesAreOffered(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		places := func(n int) {
			s, version, err := p.Setup(p.as(9), "sample")
			p.must(err)
			s.Kind("general").Capacity = n
			p.must(p.SaveSetup(p.as(9), "sample", s, version))
			p.run()
		}
		places(1)
		list, err := p.MakeCodes(p.as(9), "sample", Code{Sort: DiscountCode, Name: "割引", Uses: 2, Yen: 500, OnKind: true}, 1, nil)
		p.must(err)
		uses := func(n int) {
			c, err := p.Code(p.as(9), "sample", list[0].Ref)
			p.must(err)
			c.Uses = n
			p.must(p.SaveCode(p.as(9), "sample", c.Ref, *c))
			p.run()
		}
		var waits *Entry
		for i := range 2 {
			f := partyForm(i, "general")
			f.Code = list[0].Words()
			f.Wait = i > 0
			waits, _, err = p.Register(p.stranger(), "sample", f)
			p.must(err)
		}
		state := func() State {
			e, err := oneEntry(t.Context(), p.db, time.UTC, `e.ref = $1`, waits.Ref)
			p.must(err)
			return e.State
		}
		uses(1)
		places(2)
		if state() != Waiting {
			t.Fatalf("before the code may be used more often they are %s", state())
		}
		uses(2)
		if state() != Offered {
			t.Errorf("now they are %s", state())
		}
	})
}
