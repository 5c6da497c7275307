package billing

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// TestLedgerBalances does anything to orders in any sequence: the ledger sums to zero, receivables are what open orders miss, and the documents
// that count, with what is still to be documented, are what is owed.
func TestLedgerBalances(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.seller(Seller{Key: "draft", Name: i18n.T("別の団体", "Another body"), Exclusive: true, Rounding: Round, Follow: FollowDraft})
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			n += 10
			steps := rapid.IntRange(1, 8).Draw(r, "steps")
			for range steps {
				h.step(r, n)
				h.balanced()
				h.documented(r)
			}
		})
	})
}

// step does one thing to one of three entries, of which two share their orders.
func (h *shop) step(r *rapid.T, n int) {
	entry := n + rapid.IntRange(0, 2).Draw(r, "entry")
	var list []*Order
	for _, bundle := range []string{fmt.Sprint("entry:", entry), fmt.Sprint("group:", n)} {
		list = append(list, h.of(bundle)...)
	}
	act := rapid.SampledFrom([]string{"owe", "owe", "owe", "pay", "issue", "refund", "free", "cancel", "undecide", "difference", "back"}).Draw(r, "act")
	if act == "owe" || len(list) == 0 {
		h.oweAny(r, entry, n)
		return
	}
	o := rapid.SampledFrom(list).Draw(r, "order")
	ctx := h.treasurer()
	var err error
	switch act {
	case "pay":
		h.pay(o.Ref, rapid.SampledFrom([]string{Bank, Card, Cash}).Draw(r, "method"), rapid.Int64Range(1, 40000).Draw(r, "amount"), "")
	case "issue":
		k := rapid.SampledFrom([]Kind{Quotation, Invoice, Invoice, Receipt}).Draw(r, "kind")
		err = h.Issue(ctx, "sample", o.Ref, k, i18n.JA, rapid.SampledFrom([]string{"", fmt.Sprint("entry:", entry)}).Draw(r, "subject"))
	case "refund":
		err = h.refundAny(o)
	case "free":
		err = h.Waive(ctx, "sample", o.Ref, "decided")
	case "cancel":
		err = h.Cancel(ctx, "sample", o.Ref, "decided")
	case "undecide":
		err = h.Undecide(ctx, "sample", o.Ref, "decided")
	case "difference":
		err = h.IssueDifference(ctx, "sample", o.Ref, "decided")
	case "back":
		list, e := paymentsOf(h.t.Context(), h.db, o.ID)
		h.must(e)
		for _, p := range list {
			err = h.db.Write(ctx, func(tx *db.Tx) error { return h.takePaymentBack(ctx, tx, o.Ref, p.Ref, "typed wrong") })
			break
		}
	}
	if err != nil && fault.KindOf(err) == fault.Internal {
		r.Fatalf("%s: %v", act, err)
	}
}

func (h *shop) oweAny(r *rapid.T, entry, n int) {
	d := debt(entry)
	if rapid.Bool().Draw(r, "joint") {
		d.Joint = fmt.Sprint("group:", n)
	}
	for i := range rapid.IntRange(0, 4).Draw(r, "lines") {
		d.Lines = append(d.Lines, Line{
			Key: fmt.Sprint("option:", i), Name: i18n.T("もの", "Thing"), Amount: rapid.Int64Range(-300, 9999).Draw(r, "price"), Rate: rapid.SampledFrom([]int{10, 8, 0}).Draw(r, "rate"),
			Seller: rapid.SampledFrom([]string{"group", "host", "draft"}).Draw(r, "seller"), Quantity: rapid.IntRange(1, 3).Draw(r, "quantity"),
		})
	}
	for range 2 { // the second time nothing changes
		if err := h.tryOwe(d); err != nil && fault.KindOf(err) == fault.Internal {
			r.Fatal(err)
		}
	}
}

func (h *shop) refundAny(o *Order) error {
	list, err := refundsOf(h.t.Context(), h.db, o.ID)
	h.must(err)
	for _, b := range list {
		if !b.Made {
			ctx := h.treasurer()
			return h.db.Write(ctx, func(tx *db.Tx) error { return h.refundMade(ctx, tx, o.Ref, &Back{Ref: b.Ref, Method: Bank}) })
		}
	}
	return nil
}

// documented checks of orders that what is stored adds up: their lines come to their total, one of which nothing is owed comes to nothing, and
// the documents that count are what is owed, unless a difference is marked.
func (h *shop) documented(r *rapid.T) {
	list, err := orders(h.t.Context(), h.db, `1 = 1`)
	h.must(err)
	list = list[max(0, len(list)-8):]
	b, err := meetingBooks(h.t.Context(), h.db, "sample")
	h.must(err)
	h.must(b.fill(h.t.Context(), h.db, list))
	for _, a := range b.list {
		total := a.Total
		if a.recount(); a.Total != total {
			r.Fatalf("order %s owes %d, and its lines come to %d", a.Ref, total, a.Total)
		}
		if len(a.lines) == 0 && total != 0 {
			r.Fatalf("order %s is about nothing and owes %d", a.Ref, total)
		}
		plus, minus := a.difference()
		if a.Documented && a.Pending != (len(plus)+len(minus) > 0) {
			r.Fatalf("order %s: a difference is marked: %v, and there is %v %v", a.Ref, a.Pending, plus, minus)
		}
		if _, said := totals(a.documented()); a.Documented && !a.Pending && said != total {
			r.Fatalf("order %s owes %d, and its documents say %d", a.Ref, total, said)
		}
	}
}

func TestPostingsAreOnlyAdded(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	bad := regexp.MustCompile(`(?i)(UPDATE\s+|DELETE\s+FROM\s+)billing_posting`)
	for _, f := range files {
		if b, err := os.ReadFile(f.Name()); err == nil && strings.HasSuffix(f.Name(), ".go") && !strings.HasSuffix(f.Name(), "_test.go") {
			if m := bad.Find(b); m != nil {
				t.Errorf("%s: %s: what was posted stays", f.Name(), m)
			}
		}
	}
}

func TestVoucherMustBalance(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		sellers, err := h.Sellers(t.Context(), h.db, "sample")
		h.must(err)
		id, err := meetingID(t.Context(), h.db, "sample")
		h.must(err)
		for _, rows := range [][]Posting{nil, {{AtBank, 10}}, {{AtBank, 10}, {AtCard, -9}}} {
			if h.db.Write(t.Context(), func(tx *db.Tx) error {
				return h.Post(t.Context(), tx, &Voucher{Meeting: id, Seller: sellers[0].ID, Rows: rows, What: OnPayout})
			}) == nil {
				t.Errorf("%v was posted", rows)
			}
		}
		h.must(h.db.Write(t.Context(), func(tx *db.Tx) error {
			return h.Post(t.Context(), tx, &Voucher{Meeting: id, Seller: sellers[0].ID, What: OnPayout, Rows: []Posting{{AtBank, 964}, {Fees, 36}, {AtCard, -1000}}})
		}))
		h.balanced()
		l, err := h.Ledger(h.treasurer(), "sample", "group", "", 0)
		h.must(err)
		if len(l.Entries) != 3 || len(l.Balances) != 3 || l.Balances[0].Account != AtBank || l.Balances[0].Sum() != 964 {
			t.Errorf("the books: %+v", l)
		}
	})
}
