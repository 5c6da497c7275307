package billing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
)

// counter is a shop with the ways in which money arrives.
type counter struct {
	*shop
	p       *Payments
	f       *fakeStripe
	overdue []string
}

// listener notes also of whom it is said that they did not pay.
type listener struct{ *counter }

// Enqueue implements Jobs.
func (l listener) Enqueue(ctx context.Context, tx *db.Tx, e job.Event, options ...job.Option) error {
	if x, ok := e.(Overdue); ok {
		tx.OnCommit(func() { l.overdue = append(l.overdue, x.Subject) })
	}
	return l.shop.Enqueue(ctx, tx, e, options...)
}

// eachCounter runs a test on both engines.
func eachCounter(t *testing.T, fn func(t *testing.T, h *counter)) {
	eachShop(t, func(t *testing.T, h *shop) {
		f := newFakeStripe(t)
		c := &counter{shop: h, p: NewPayments(h.Service, f.service(2)), f: f}
		h.o.Jobs = listener{c}
		paying := UsualPaying()
		paying.CardSeller = "group"
		h.must(c.p.SavePaying(h.treasurer(), "sample", paying))
		fn(t, c)
	})
}

// order is the order of entry n with the seller group.
func (h *counter) order(n int) *Order {
	h.t.Helper()
	o, err := oneOrder(h.t.Context(), h.db, `o.bundle = $1`, fmt.Sprint("entry:", n))
	h.must(err)
	if o == nil {
		h.t.Fatalf("entry %d has no order", n)
	}
	return o
}

// token is the address of an order.
func (h *counter) token(o *Order) string {
	h.t.Helper()
	var token string
	h.must(h.db.Write(h.t.Context(), func(tx *db.Tx) error {
		secret, err := signingKey(h.t.Context(), tx, sign.NewSecret(), h.now)
		token = o.token(secret)
		return err
	}))
	return token
}

// stands fails unless an order stands like that, and the ledger balances.
func (h *counter) stands(n int, state string, received, refundDue int64) {
	h.t.Helper()
	o := h.order(n)
	if o.State() != state || o.Received != received || o.RefundDue != refundDue {
		h.t.Errorf("entry %d is %s with %d received and %d to go back, not %s, %d, %d", n, o.State(), o.Received, o.RefundDue, state, received, refundDue)
	}
	var sum int64
	h.must(h.db.Row(h.t.Context(), `SELECT COALESCE(SUM(amount), 0) FROM billing_posting`).Scan(&sum))
	if sum != 0 {
		h.t.Errorf("the ledger is off by %d", sum)
	}
}

// statement is a table of a bank.
func statement(rows ...string) []byte {
	return []byte("日付,お預り金額,摘要\n" + strings.Join(rows, "\n") + "\n")
}

// loaded are the open deposits after a file was read.
func (h *counter) loaded(data []byte) []*Suggested {
	h.t.Helper()
	_, err := h.p.LoadStatement(h.treasurer(), "sample", "group", data)
	h.must(err)
	d, err := h.p.Deposits(h.treasurer(), "sample", DepositOpen, 0)
	h.must(err)
	return d.List
}

func TestDepositsAreUsedOnce(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		h.owe(debt(2, ticket))
		file := statement("2026/12/1,16500,"+h.order(1).Number+" ﾔﾏﾀﾞ", "2026/12/1,33000,ｶ)ﾐﾎﾝ", "2026/12/1,500,ﾀﾞﾚｶ")
		list := h.loaded(file)
		if len(list) != 3 || len(list[2].Suggestions) != 1 || list[2].Suggestions[0].Shares[0].Order != h.order(1).Ref {
			t.Fatalf("%d deposits; %+v", len(list), list)
		}
		again, err := h.p.LoadStatement(h.treasurer(), "sample", "group", file)
		h.must(err)
		if again.Fresh != 0 || again.Known != 3 || len(h.loaded(file)) != 3 {
			t.Errorf("the same file brought %+v", again)
		}
		first, both, other := list[2], list[1], list[0]
		h.must(h.p.UseDeposit(h.treasurer(), "sample", first.Ref, 0, first.Suggestions[0].Shares))
		h.stands(1, Paid, 16500, 0)
		h.is(h.p.UseDeposit(h.treasurer(), "sample", first.Ref, 0, first.Suggestions[0].Shares), fault.Conflict, "billing.error.deposit_decided")
		h.is(h.p.UseDeposit(h.treasurer(), "sample", first.Ref, 1, first.Suggestions[0].Shares), fault.Conflict, "billing.error.deposit_decided")

		h.owe(debt(1, ticket, social))
		shares := []Share{{h.order(1).Number, 6000}, {strings.ToLower(h.order(2).Number), 16500}}
		h.is(h.p.UseDeposit(h.treasurer(), "sample", both.Ref, 0, shares), fault.Invalid, "billing.error.shares_sum")
		h.stands(2, Open, 0, 0)
		shares[1].Amount = 27000
		h.must(h.p.UseDeposit(h.treasurer(), "sample", both.Ref, 0, shares))
		h.stands(1, Paid, 22500, 0)
		h.stands(2, Over, 27000, 0)
		h.must(h.p.FreeDeposit(h.treasurer(), "sample", both.Ref, 1))
		h.stands(1, Open, 16500, 0)
		h.stands(2, Open, 0, 0)
		h.must(h.p.UseDeposit(h.treasurer(), "sample", both.Ref, 2, []Share{{h.order(2).Ref, 0}}))
		h.stands(2, Over, 33000, 0)

		h.must(h.p.LeaveDeposit(h.treasurer(), "sample", other.Ref, 0, "会費ではありません"))
		d, err := h.p.Deposits(h.treasurer(), "sample", DepositUsed, 0)
		h.must(err)
		if len(d.List) != 2 || d.Counts[DepositLeft] != 1 || len(d.List[1].Parts)+len(d.List[0].Parts) != 2 {
			t.Errorf("%+v", d.Counts)
		}
	})
}

func TestDepositsAreOfTheirSellerAndMeeting(t *testing.T) {
	eachCounter(t, func(_ *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		h.owe(debt(2, tour))
		list := h.loaded(statement("2026/12/1,16500,ﾔﾏﾀﾞ"))
		h.is(h.p.UseDeposit(h.treasurer(), "sample", list[0].Ref, 0, []Share{{h.order(2).Ref, 0}}), fault.Invalid, "billing.error.order_seller")
		h.is(h.p.UseDeposit(h.treasurer(), "sample", list[0].Ref, 0, []Share{{"NOTHING1", 0}}), fault.Invalid, "billing.error.order_unknown")
		other := h.as("other", event.MayReadMoney, event.MayEditMoney)
		h.is(h.p.UseDeposit(other, "sample", list[0].Ref, 0, []Share{{h.order(1).Ref, 0}}), fault.Forbidden, "")
		h.is(h.p.UseDeposit(other, "other", list[0].Ref, 0, []Share{{h.order(1).Ref, 0}}), fault.NotFound, "")
		reader := h.as("sample", event.MayReadMoney)
		_, err := h.p.LoadStatement(reader, "sample", "group", statement("2026/12/1,1,x"))
		h.is(err, fault.Forbidden, "")
		h.stands(1, Open, 0, 0)
	})
}

func TestPayersAreKnownAgain(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		list := h.loaded(statement("2026/12/1,16500,ﾐﾎﾝｼﾖｳｼﾞ"))
		h.must(h.p.UseDeposit(h.treasurer(), "sample", list[0].Ref, 0, []Share{{h.order(1).Ref, 0}}))
		read := debt(3, tour, lunch)
		read.Payer.Organisation, read.Payer.Kana = "", "みらい はるか"
		h.owe(read)
		h.owe(read)
		by := h.loaded(statement("2026/12/3,2160,ﾐﾗｲ ﾊﾙｶ"))
		if s := by[0].Suggestions; len(s) != 1 || fmt.Sprint(s[0].Reasons) != "[name amount]" {
			t.Errorf("by how they are read: %+v", s)
		}
		h.must(h.p.LeaveDeposit(h.treasurer(), "sample", by[0].Ref, 0, ""))
		h.owe(debt(2, ticket, social))
		list = h.loaded(statement("2026/12/2,22500,ｶ)ﾐﾎﾝｼﾖｳｼﾞ"))
		if s := list[0].Suggestions; len(s) != 1 || fmt.Sprint(s[0].Reasons) != "[before amount]" {
			t.Errorf("%+v", s)
		}
	})
}

// TestTwoTreasurers: both confirm the same deposit at once, for different orders; it counts once.
func TestTwoTreasurers(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		h.owe(debt(2, ticket))
		list := h.loaded(statement("2026/12/1,16500,ﾔﾏﾀﾞ"))
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			ref := h.order(1 + i%2).Ref
			wg.Go(func() { errs[i] = h.p.UseDeposit(h.treasurer(), "sample", list[0].Ref, 0, []Share{{ref, 0}}) })
		}
		wg.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
				continue
			}
			h.is(err, fault.Conflict, "billing.error.deposit_decided")
		}
		if got := h.order(1).Received + h.order(2).Received; done != 1 || got != 16500 {
			t.Errorf("%d were told that they did it, %d came in", done, got)
		}
	})
}

// TestMoneyAfterACancellationGoesBack: by bank, by card, whichever was told first.
func TestMoneyAfterACancellationGoesBack(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		h.owe(debt(2, ticket))
		list := h.loaded(statement("2026/12/1,16500,ﾔﾏﾀﾞ"))
		c, err := h.p.BeginCard(t.Context(), h.token(h.order(2)), i18n.JA)
		h.must(err)
		h.owe(debt(1))
		h.owe(debt(2))
		h.must(h.p.UseDeposit(h.treasurer(), "sample", list[0].Ref, 0, []Share{{h.order(1).Ref, 0}}))
		h.stands(1, Refund, 16500, 16500)
		h.must(h.hear("evt_1", "checkout.session.completed", h.f.pay(c.Session)))
		h.stands(2, Refund, 16500, 16500)

		due, err := h.p.DueBacks(h.treasurer(), "sample")
		h.must(err)
		if len(due) != 2 || due[0].Last.Method != Bank || due[1].Last.Method != Card {
			t.Fatalf("%+v", due)
		}
		h.is(h.p.NoteRefund(h.treasurer(), "sample", due[0].Order.Ref, Back{Ref: due[0].Ref, Method: Cash}), fault.Invalid, "billing.error.gate")
		h.must(h.p.NoteRefund(h.treasurer(), "sample", due[0].Order.Ref, Back{Ref: due[0].Ref, Method: Bank, Reference: "12-3"}))
		h.is(h.p.NoteRefund(h.treasurer(), "sample", due[0].Order.Ref, Back{Ref: due[0].Ref, Method: Bank}), fault.NotFound, "")
		h.stands(1, None, 16500, 0)
		h.is(h.p.RefundCard(h.treasurer(), "sample", due[0].Order.Ref, due[0].Ref), fault.NotFound, "")

		h.f.failing(many("lost")...)
		h.is(h.p.RefundCard(h.treasurer(), "sample", due[1].Order.Ref, due[1].Ref), fault.Conflict, "billing.error.refund_unsure")
		h.stands(2, Refund, 16500, 16500)
		h.is(h.p.NoteRefund(h.treasurer(), "sample", due[1].Order.Ref, Back{Ref: due[1].Ref, Method: Bank}), fault.Conflict, "billing.error.refund_leaving")
		h.owe(debt(2, ticket)) // what is on its way is not taken back by owing again
		h.stands(2, Refund, 16500, 16500)
		h.owe(debt(2))
		h.stands(2, Refund, 16500, 16500)
		h.f.failing("400")
		h.is(h.p.RefundCard(h.treasurer(), "sample", due[1].Order.Ref, due[1].Ref), fault.Conflict, "billing.error.refund_refused")
		h.f.failing()
		h.must(h.p.RefundCard(h.treasurer(), "sample", due[1].Order.Ref, due[1].Ref))
		h.stands(2, None, 16500, 0)
		if len(h.f.refunds) != 1 {
			t.Errorf("it was paid back %d times", len(h.f.refunds))
		}
		for _, r := range h.f.refunds { // the service tells of what we know
			h.must(h.hear("evt_2", "refund.created", r))
			h.must(h.hear("evt_3", "refund.updated", r))
		}
		h.stands(2, None, 16500, 0)
	})
}

// many is a failure that no retry gets past.
func many(how string) []string { return slices.Repeat([]string{how}, 50) }

// hear lets the service tell something.
func (h *counter) hear(id, kind string, object any) error {
	body, signature := told(id, kind, object)
	return h.p.HearCard(h.t.Context(), body, signature)
}

func TestCardIsPaidOnce(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		token := h.token(h.order(1))
		for _, how := range []string{"lost", "500"} {
			h.f.failing(many(how)...)
			_, err := h.p.BeginCard(t.Context(), token, i18n.EN)
			h.is(err, fault.Conflict, "billing.error.card_down")
		}
		h.f.failing()
		c, err := h.p.BeginCard(t.Context(), token, i18n.EN)
		h.must(err)
		twice, err := h.p.BeginCard(t.Context(), token, i18n.EN)
		h.must(err)
		if h.f.made != 1 || twice.URL != c.URL || !strings.HasPrefix(c.URL, h.f.URL+"/pay/") {
			t.Errorf("%d checkouts: %s, %s", h.f.made, c.URL, twice.URL)
		}
		if back := fmt.Sprint(h.f.sessions[c.Session]["success_url"]); back != "https://example.org/en/orders/"+token+"/card/"+c.Ref {
			t.Errorf("it sends back to %s", back)
		}
		h.must(h.p.AskCard(t.Context(), token, c.Ref))
		h.stands(1, Open, 0, 0)

		s := h.f.pay(c.Session)
		for i := range 3 {
			h.must(h.hear(fmt.Sprint("evt_", i), "checkout.session.completed", s)) // other events about the same
			h.must(h.hear("evt_0", "checkout.session.completed", s))               // the same event again
		}
		h.must(h.hear("evt_late", "checkout.session.expired", maps.Clone(s)))
		h.must(h.p.AskCard(t.Context(), token, c.Ref))
		h.stands(1, Paid, 16500, 0)
		if len(h.settled) != 1 {
			t.Errorf("told %v", h.settled)
		}
		_, err = h.p.BeginCard(t.Context(), token, i18n.JA)
		h.is(err, fault.Conflict, "billing.error.card_not")
	})
}

func TestCardRefusedOrSlow(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		token := h.token(h.order(1))
		h.f.failing("400")
		_, err := h.p.BeginCard(t.Context(), token, i18n.JA)
		h.is(err, fault.Conflict, "billing.error.card_down")
		h.f.failing("slow")
		start := time.Now()
		_, err = h.p.BeginCard(t.Context(), token, i18n.JA)
		h.is(err, fault.Conflict, "billing.error.card_down")
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("a payer waits for %v", took)
		}
		_, err = h.p.BeginCard(t.Context(), token, i18n.JA)
		h.must(err)
		if h.f.made != 1 {
			t.Errorf("%d checkouts after one that was refused and one that was slow", h.f.made)
		}
		_, err = h.p.BeginCard(t.Context(), strings.Replace(token, "-", "-0", 1), i18n.JA)
		h.is(err, fault.NotFound, "")
	})
}

func TestCardAfterTheAmountChanged(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		token := h.token(h.order(1))
		first, err := h.p.BeginCard(t.Context(), token, i18n.JA)
		h.must(err)
		h.owe(debt(1, ticket, social))
		second, err := h.p.BeginCard(t.Context(), token, i18n.JA)
		h.must(err)
		if first.Ref == second.Ref || second.Amount != 22500 || h.f.sessions[first.Session]["status"] != "expired" {
			t.Errorf("first %+v, second %+v, %v", first, second, h.f.sessions[first.Session])
		}
		// Somebody had paid at the first one before it was closed: it is their money, and counts.
		h.must(h.hear("evt_1", "checkout.session.completed", h.f.pay(first.Session)))
		h.stands(1, Open, 16500, 0)
	})
}

func TestCardThatIsForged(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		h.owe(debt(2, ticket))
		c, err := h.p.BeginCard(t.Context(), h.token(h.order(1)), i18n.JA)
		h.must(err)
		s := h.f.pay(c.Session)
		with := func(k string, v any) map[string]any {
			m := maps.Clone(s)
			m[k] = v
			return m
		}
		good, signature := told("evt_1", "checkout.session.completed", s)
		for name, try := range map[string]func() error{
			"no signature": func() error { return h.p.HearCard(t.Context(), good, "") },
			"another secret": func() error {
				b, x := toldAt("e", "checkout.session.completed", s, time.Now(), "whsec_guess")
				return h.p.HearCard(t.Context(), b, x)
			},
			"too old": func() error {
				b, x := toldAt("e", "checkout.session.completed", s, time.Now().Add(-time.Hour), fakeSecret)
				return h.p.HearCard(t.Context(), b, x)
			},
			"a changed body": func() error {
				return h.p.HearCard(t.Context(), []byte(strings.Replace(string(good), "16500", "1", 1)), signature)
			},
			"a later stamp":      func() error { return h.p.HearCard(t.Context(), good, strings.Replace(signature, "t=", "t=1", 1)) },
			"only the scheme v0": func() error { return h.p.HearCard(t.Context(), good, strings.Replace(signature, "v1=", "v0=", 1)) },
			"not JSON, and signed": func() error {
				b, x := toldAt("", "", nil, time.Now(), fakeSecret)
				return h.p.HearCard(t.Context(), b, x)
			},
		} {
			if err := try(); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s: %v", name, err)
			}
		}
		h.stands(1, Open, 0, 0)
		// What is signed, and is about something else, changes nothing.
		h.must(h.hear("evt_2", "checkout.session.completed", with("client_reference_id", newRef())))
		h.must(h.hear("evt_3", "checkout.session.completed", with("id", "cs_other")))
		h.must(h.hear("evt_4", "customer.created", map[string]any{"id": "cus_1"}))
		h.must(h.hear("evt_5", "checkout.session.completed", with("payment_status", "unpaid")))
		h.stands(1, Open, 0, 0)
		h.stands(2, Open, 0, 0)
		// Another amount is for a person to look at.
		h.must(h.hear("evt_6", "checkout.session.completed", with("amount_total", 1)))
		h.stands(1, Open, 0, 0)
		list, _, _, err := h.p.Cards(h.treasurer(), "sample")
		h.must(err)
		if len(list) != 1 || list[0].State != CheckoutOdd || !strings.Contains(list[0].Note, "1 jpy instead of 16500") {
			t.Errorf("%+v", list)
		}
	})
}

// TestCardRefundBeforePayment: what the service tells arrives in the wrong order.
func TestCardRefundBeforePayment(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		c, err := h.p.BeginCard(t.Context(), h.token(h.order(1)), i18n.JA)
		h.must(err)
		h.owe(debt(1))
		s := h.f.pay(c.Session)
		back := map[string]any{"id": "re_9", "object": "refund", "amount": 16500, "status": "succeeded", "payment_intent": "pi_" + c.Session}
		h.must(h.hear("evt_2", "refund.created", back))
		h.stands(1, None, 0, 0)
		h.must(h.hear("evt_1", "checkout.session.completed", s))
		h.stands(1, None, 16500, 0)

		h.owe(debt(2, ticket))
		c, err = h.p.BeginCard(t.Context(), h.token(h.order(2)), i18n.JA)
		h.must(err)
		h.must(h.hear("evt_3", "checkout.session.completed", h.f.pay(c.Session)))
		h.must(h.hear("evt_4", "refund.created", map[string]any{"id": "re_10", "object": "refund", "amount": 500, "status": "succeeded", "payment_intent": "pi_" + c.Session}))
		h.stands(2, Paid, 16500, 0)
		if _, odd, _, err := h.p.Cards(h.treasurer(), "sample"); err != nil || len(odd) != 1 || odd[0].Amount != 500 {
			t.Errorf("%+v, %v", odd, err)
		}
	})
}

func TestCardThatNobodyTold(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		c, err := h.p.BeginCard(t.Context(), h.token(h.order(1)), i18n.JA)
		h.must(err)
		h.f.pay(c.Session)
		h.must(h.p.AskCards(t.Context()))
		h.stands(1, Open, 0, 0) // it is too early to ask
		h.now = h.now.Add(20 * time.Minute)
		h.must(h.p.AskCards(t.Context()))
		h.stands(1, Paid, 16500, 0)
	})
}

func (h *counter) gate() context.Context { return h.as("sample", event.MayTakeMoney) }

func TestCashAtAGate(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		d := debt(1, ticket)
		d.Payer.Kana = "よしだ はなこ"
		h.owe(d)
		o := h.order(1)
		for _, query := range []string{"花子", "𠮷田", o.Number, strings.ToLower(o.Number), "entry:1", "見本 花子", "HANAKO@", "ヨシダ", "よしだ　はなこ"} {
			till, err := h.p.Till(h.gate(), "sample", "受付1", query, "", "")
			h.must(err)
			if len(till.Found) != 1 {
				t.Errorf("%q finds %d", query, len(till.Found))
			}
		}
		if till, err := h.p.Till(h.gate(), "sample", "受付1", "%", "", ""); err != nil || len(till.Found) != 0 {
			t.Errorf("%% finds %v, %v", till, err)
		}
		key := NewKey()
		h.is(h.p.TakeCash(h.gate(), "sample", o.Ref, " ", key, 16500), fault.Invalid, "billing.error.gate")
		h.is(h.p.TakeCash(h.gate(), "sample", o.Ref, "受付1", key, 16000), fault.Conflict, "billing.error.gate_changed")
		h.is(h.p.TakeCash(h.as("sample", event.MayReadMoney), "sample", o.Ref, "受付1", key, 16500), fault.Forbidden, "")
		var wg sync.WaitGroup
		for range 4 { // pressed again and again
			wg.Go(func() { h.must(h.p.TakeCash(h.gate(), "sample", o.Ref, "受付1", key, 16500)) })
		}
		wg.Wait()
		h.stands(1, Paid, 16500, 0)
		h.is(h.p.TakeCash(h.gate(), "sample", o.Ref, "受付1", NewKey(), 16500), fault.Conflict, "billing.error.gate_paid")
		till, err := h.p.Till(h.gate(), "sample", "受付1", "", o.Ref, key)
		h.must(err)
		if till.Took == nil || till.Took.By != "REF10" || till.Took.Gate != "受付1" || till.Sum != 16500 || till.Count != 1 {
			t.Errorf("%+v, %d", till.Took, till.Sum)
		}
		h.now = h.now.Add(time.Hour)
		h.is(h.p.UndoCash(h.gate(), "sample", o.Ref, key), fault.Conflict, "billing.error.gate_undo")
		h.now = h.now.Add(-time.Hour)
		h.must(h.p.UndoCash(h.gate(), "sample", o.Ref, key))
		h.stands(1, Open, 0, 0)
	})
}

func TestPayingIsChecked(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		in := UsualPaying()
		in.RemindTimes = 9
		h.is(h.p.SavePaying(h.treasurer(), "sample", in), fault.Invalid, "billing.error.days")
		in.RemindTimes, in.CardSeller = 2, "nobody"
		h.is(h.p.SavePaying(h.treasurer(), "sample", in), fault.Invalid, "billing.error.seller")
		in.CardSeller, in.Books.Bank = "", " 当座預金 "
		in.Books.Cash = ""
		h.must(h.p.SavePaying(h.treasurer(), "sample", in))
		got, _, err := h.p.PayingOf(h.treasurer(), "sample")
		h.must(err)
		if got.Books.Bank != "当座預金" || got.Books.Cash != "現金" || got.RemindTimes != 2 {
			t.Errorf("%+v", got)
		}
	})
}

func TestPayoutsOfTheCardService(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		c, err := h.p.BeginCard(t.Context(), h.token(h.order(1)), i18n.JA)
		h.must(err)
		h.must(h.hear("evt_1", "checkout.session.completed", h.f.pay(c.Session)))
		there := func() int64 {
			_, _, n, err := h.p.Cards(h.treasurer(), "sample")
			h.must(err)
			return n
		}
		in := Payout{On: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Arrived: 15906, Fee: 594}
		if there() != 16500 {
			t.Errorf("the card service has %d", there())
		}
		key := NewKey()
		h.must(h.p.NotePayout(h.treasurer(), "sample", key, in))
		h.must(h.p.NotePayout(h.treasurer(), "sample", key, in)) // pressed twice
		if there() != 0 {
			t.Errorf("after the payout it has %d", there())
		}
		h.stands(1, Paid, 16500, 0)
		rows := handedOut(t, h, FormYayoi, Period{From: "2026-12-01", To: "2026-12-01"})
		if got := booksOf(t, rows, 4, 8, 10, 14); got["普通預金"] != 15906 || got["支払手数料"] != 594 || got["未収入金"] != 0 {
			t.Errorf("the books say %v", got)
		}
		h.is(h.p.NotePayout(h.treasurer(), "sample", NewKey(), Payout{On: in.On}), fault.Invalid, "billing.error.amount")
		h.is(h.p.NotePayout(h.treasurer(), "sample", NewKey(), Payout{On: in.On.AddDate(0, 1, 0), Fee: 1}), fault.Invalid, "billing.error.day")
		h.is(h.p.NotePayout(h.gate(), "sample", NewKey(), in), fault.Forbidden, "")
	})
}
