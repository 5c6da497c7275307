package billing

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

var update = flag.Bool("update", false, "write the papers of testdata anew")

// docs are the documents of an order.
func (h *shop) docs(o *Order) []*Document {
	h.t.Helper()
	list, err := documentsOf(h.t.Context(), h.db, []int64{o.ID})
	h.must(err)
	return list
}

// numbers are the numbers of documents, with the edition where it is not the first.
func numbers(list []*Document) string {
	var out []string
	for _, d := range list {
		n := d.Number
		if d.Edition > 0 {
			n += fmt.Sprint("/", d.Edition)
		}
		out = append(out, n)
	}
	return strings.Join(out, " ")
}

func (h *shop) issued(o *Order, k Kind, l i18n.Lang, subject string) {
	h.t.Helper()
	h.must(h.Issue(h.treasurer(), "sample", o.Ref, k, l, subject))
}

// token is that of an order's address.
func (h *shop) token(o *Order) string {
	h.t.Helper()
	token, err := h.TokenOf(h.t.Context(), h.db, o.Ref)
	h.must(err)
	return token
}

// asRead is a paper as pdftotext reads it, with what differs each time replaced.
func (h *shop) asRead(d *Document) string {
	h.t.Helper()
	testkit.Need(h.t, "pdftotext")
	b, err := d.paper()
	h.must(err)
	name := filepath.Join(h.t.TempDir(), "paper.pdf")
	h.must(os.WriteFile(name, b, 0o600))
	out, err := exec.CommandContext(h.t.Context(), "pdftotext", "-layout", name, "-").Output()
	h.must(err)
	var lines []string
	for l := range strings.SplitSeq(strings.ReplaceAll(string(out), d.Content.Order, "ORDER"), "\n") {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// golden compares a text with a file.
func (h *shop) golden(name, got string) {
	h.t.Helper()
	name = filepath.Join("testdata", name+".txt")
	if *update {
		h.must(os.WriteFile(name, []byte(got), 0o600))
	}
	want, err := os.ReadFile(name)
	h.must(err)
	if got != string(want) {
		h.t.Errorf("%s reads\n%s\nwant\n%s", name, got, want)
	}
}

func TestPapers(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		full := Seller{Key: "group", Name: i18n.T("一般社団法人見本", "Sample Association"), Number: "T7000012050002", Bank: "見本銀行", Branch: "本店", Account: "1234567",
			Holder: "ミホン", Postcode: "1010047", Street: i18n.T("東京都千代田区見本町1-2-3", "1-2-3 Mihoncho, Chiyoda, Tokyo"), Phone: "03-0000-0000", Contact: "kaikei@example.org"}
		h.seller(full)
		h.owe(debt(1, ticket, social, lunch))
		o := h.of("entry:1")[0]
		h.issued(o, Quotation, i18n.JA, "")
		h.issued(o, Invoice, i18n.JA, "")
		h.must(h.PayLater(t.Context(), h.token(o), "２０２７-０３-１０", true, i18n.JA))
		h.pay(o.Ref, Card, 24660, "x")
		h.issued(o, Receipt, i18n.JA, "")
		h.owe(debt(1, ticket, lunch))
		h.now = h.now.AddDate(0, 0, 3)
		h.must(h.Readdress(t.Context(), h.token(o), Addressee{Organisation: "Example Corp.", Department: "Accounting", Name: "Jane Doe", Postcode: "100−0001", Street: "1-1"}, "Registration"))
		for _, d := range h.docs(o)[:5] {
			h.must(h.ReissueOwn(t.Context(), h.token(o), d.Ref, i18n.EN))
		}
		list := h.docs(o)
		if got := numbers(list); got != "Q2026-00001 I2026-00001 P2026-00001 R2026-00001 C2026-00001 Q2026-00001/1 I2026-00001/1 P2026-00001/1 R2026-00001/1 C2026-00001/1" {
			t.Fatalf("issued %s", got)
		}
		for i, d := range list {
			h.golden([]string{"quotation", "invoice", "promise", "receipt", "credit"}[i%5]+[]string{"_ja", "_en"}[i/5], h.asRead(d))
		}
		before, err := list[1].paper()
		h.must(err)
		full.Name = i18n.T("改名した団体", "Renamed")
		h.seller(full)
		after, err := h.docs(o)[1].paper()
		h.must(err)
		if string(before) != string(after) {
			t.Error("what was issued changed")
		}
		h.balanced()
	})
}

func TestInvoiceAndWhatFollows(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		one := tour
		one.Quantity = 1
		h.owe(debt(1, one))
		o := h.of("entry:1")[0]
		h.issued(o, Invoice, i18n.JA, "")
		h.is(h.Issue(h.treasurer(), "sample", o.Ref, Invoice, i18n.JA, ""), fault.Conflict, "billing.error.documented")
		two := one
		two.Key = "option:tour2"
		h.owe(debt(1, one, two)) // 10 yen of tax each: two invoices
		if o = h.of("entry:1")[0]; o.Total != 230 || numbers(h.docs(o)) != "HI2026-00001 HI2026-00002" {
			t.Errorf("%d, %s", o.Total, numbers(h.docs(o)))
		}
		h.owe(debt(1, one, two))
		h.owe(debt(1)) // 21 yen at once would be one too many: what goes back is what was documented
		o = h.of("entry:1")[0]
		list := h.docs(o)
		if o.Total != 0 || numbers(list) != "HI2026-00001 HI2026-00002 HC2026-00001" || list[2].Total != -230 || list[2].Tax != -20 || len(list[2].Content.Refers) != 2 {
			t.Errorf("%d, %s, %+v", o.Total, numbers(list), list[2].Content)
		}
		if len(h.letters) != 2 || !strings.Contains(h.letters[1].Body.JA, "https://example.org/orders/"+h.token(o)) {
			t.Errorf("%d letters", len(h.letters))
		}
		h.balanced()

		// A seller that wants to look first.
		h.seller(Seller{Key: "group", Name: i18n.T("団体", "Group"), Follow: FollowDraft})
		h.owe(debt(2, ticket, social))
		o = h.of("entry:2")[0]
		h.issued(o, Invoice, i18n.JA, "")
		h.owe(debt(2, ticket, lunch))
		if o = h.of("entry:2")[0]; !o.Pending || o.Total != 18660 || len(h.docs(o)) != 1 {
			t.Errorf("%+v", o)
		}
		h.must(h.IssueDifference(h.treasurer(), "sample", o.Ref, "懇親会の取消"))
		list = h.docs(h.of("entry:2")[0])
		if numbers(list) != "I2026-00001 C2026-00001 I2026-00002" || list[1].Total != -6000 || list[2].Total != 2160 || list[1].Content.Qualified || h.of("entry:2")[0].Pending {
			t.Errorf("%s, %+v", numbers(list), list[1].Content)
		}
		h.balanced()
	})
}

func TestReceipts(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		for n := range 3 {
			d := debt(n, ticket)
			d.Joint, d.Whose = "group:1", fmt.Sprint("参加者", n)
			h.owe(d)
		}
		o := h.of("group:1")[0]
		h.is(h.Issue(h.treasurer(), "sample", o.Ref, Receipt, i18n.JA, ""), fault.Conflict, "billing.error.unpaid")
		h.pay(o.Ref, Bank, 49500, "")
		h.issued(o, Receipt, i18n.JA, "entry:1")
		h.is(h.Issue(h.treasurer(), "sample", o.Ref, Receipt, i18n.JA, "entry:1"), fault.Conflict, "billing.error.receipted")
		h.issued(o, Receipt, i18n.EN, "")
		list := h.docs(o)
		if numbers(list) != "I2026-00001 R2026-00001 R2026-00002" || list[1].Total != 16500 || list[2].Total != 33000 || list[1].Content.Qualified || !list[0].Content.Qualified {
			t.Errorf("%s", numbers(list))
		}
		h.is(h.Issue(h.treasurer(), "sample", o.Ref, Receipt, i18n.JA, ""), fault.Conflict, "billing.error.receipted")

		// Alone and whole, a receipt is the qualified invoice.
		h.owe(debt(7, ticket, lunch))
		o = h.of("entry:7")[0]
		h.pay(o.Ref, Card, o.Total, "pi_7")
		h.issued(o, Receipt, i18n.JA, "")
		if list := h.docs(o); numbers(list) != "R2026-00003" || !list[0].Content.Qualified || !list[0].Counts || !slices.Equal(list[0].Content.PaidBy, []string{Card}) {
			t.Errorf("%+v", list[0].Content)
		}
		h.owe(debt(7, lunch)) // what goes back has its credit note
		if list := h.docs(o); numbers(list) != "R2026-00003 C2026-00001" || list[1].Content.Refers[0].Number != "R2026-00003" {
			t.Errorf("%s", numbers(list))
		}

		// One thing each.
		h.owe(debt(8, ticket, social))
		o = h.of("entry:8")[0]
		h.pay(o.Ref, Bank, 22500, "")
		s, err := h.Sheet(t.Context(), h.token(o))
		if err != nil || len(s.Things) != 2 || s.Things[1].Part != "line:option:social" {
			t.Errorf("what can have a receipt: %+v, %v", s.Things, err)
		}
		h.issued(o, Receipt, i18n.JA, "line:option:social")
		h.is(h.Issue(h.treasurer(), "sample", o.Ref, Receipt, i18n.JA, "line:option:social"), fault.Conflict, "billing.error.receipted")
		h.issued(o, Receipt, i18n.JA, "line:kind:general")
		if list := h.docs(o); len(list) != 3 || list[1].Total != 6000 || list[2].Total != 16500 {
			t.Errorf("%s", numbers(list))
		}

		// Parts of prices before tax are together what was paid.
		for n := range 3 {
			d := debt(20+n, Line{Key: "option:tour", Name: tour.Name, Amount: 105, Rate: 10, Seller: "host", Quantity: 1})
			d.Joint = "group:2"
			h.owe(d)
		}
		o = h.of("group:2")[0]
		h.pay(o.Ref, Cash, 346, "")
		for n := range 3 {
			h.issued(o, Receipt, i18n.JA, fmt.Sprint("entry:", 20+n))
		}
		var sum int64
		for _, d := range h.docs(o)[1:] {
			sum += d.Total
		}
		if sum != 346 || h.of("group:2")[0].State() != Paid {
			t.Errorf("the receipts come to %d, want 346", sum)
		}
		h.balanced()
	})
}

func TestNumbersHaveNoGaps(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		const n = 24
		for i := range n {
			h.owe(debt(i, ticket))
		}
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				ctx := h.treasurer()
				o := h.of(fmt.Sprint("entry:", i))[0]
				if i%3 == 0 { // a number that is not used is not taken
					err := h.db.Write(ctx, func(tx *db.Tx) error {
						b, a, err := h.one(ctx, tx, `o.ref = $1`, o.Ref)
						if err != nil {
							return err
						}
						if err := h.issueFor(ctx, tx, b, a, Invoice, i18n.JA, ""); err != nil {
							return err
						}
						return errors.New("no power")
					})
					if err == nil {
						t.Error("want an error")
					}
				}
				if err := h.Issue(ctx, "sample", o.Ref, Invoice, i18n.JA, ""); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		var seqs []int
		list, err := documents(t.Context(), h.db, `d.kind = 'invoice'`)
		h.must(err)
		for _, d := range list {
			seqs = append(seqs, d.Seq)
		}
		slices.Sort(seqs)
		for i, s := range seqs {
			if s != i+1 {
				t.Fatalf("the numbers are %v", seqs)
			}
		}
		if len(seqs) != n {
			t.Errorf("%d numbers, want %d", len(seqs), n)
		}

		// The business year begins in April, where the meeting is.
		h.now = time.Date(2027, 3, 31, 14, 59, 0, 0, time.UTC)
		h.owe(debt(100, ticket))
		h.issued(h.of("entry:100")[0], Invoice, i18n.JA, "")
		h.now = time.Date(2027, 3, 31, 15, 0, 0, 0, time.UTC)
		h.owe(debt(101, ticket))
		h.issued(h.of("entry:101")[0], Invoice, i18n.JA, "")
		if a, b := numbers(h.docs(h.of("entry:100")[0])), numbers(h.docs(h.of("entry:101")[0])); a != "I2026-00025" || b != "I2027-00001" {
			t.Errorf("%s, %s", a, b)
		}
	})
}

// TestTwoAtOnce: a debt changes, money arrives and a document is issued at the same moment.
func TestTwoAtOnce(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		for n := range 6 {
			d := debt(n, ticket)
			d.Joint = "group:1"
			h.owe(d)
		}
		o := h.of("group:1")[0]
		var all sync.WaitGroup
		for n := range 6 {
			all.Go(func() {
				d := debt(n, ticket, social)
				d.Joint = "group:1"
				if err := h.tryOwe(d); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				ctx := h.treasurer()
				err := h.db.Write(ctx, func(tx *db.Tx) error {
					_, err := h.recordPayment(ctx, tx, o.Ref, &Payment{Method: Bank, Amount: 1000, Reference: "same"})
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				if err := h.Issue(h.treasurer(), "sample", o.Ref, Invoice, i18n.JA, ""); err != nil && fault.KindOf(err) != fault.Conflict {
					t.Error(err)
				}
			})
		}
		all.Wait()
		o = h.of("group:1")[0]
		var said int64
		for _, d := range h.docs(o) {
			said += d.Total
		}
		if o.Total != 6*22500 || o.Received != 1000 || said != o.Total {
			t.Errorf("owed %d, received %d, documented %d", o.Total, o.Received, said)
		}
		h.balanced()
	})
}

// TestTwoMakeTheirOrderAtOnce: colleagues register at the same moment, each from a process of their own.
func TestTwoMakeTheirOrderAtOnce(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				d := debt(n, ticket)
				d.Joint = "group:1"
				if err := h.tryOwe(d); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if list := h.of("group:1"); len(list) != 1 || list[0].Total != 8*16500 {
			t.Errorf("%d orders, the first over %d", len(list), list[0].Total)
		}
		h.balanced()
	})
}

func TestDecisions(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		h.owe(debt(1, ticket, lunch))
		o := h.of("entry:1")[0]
		h.pay(o.Ref, Bank, 8660, "")
		h.is(h.Waive(h.treasurer(), "sample", o.Ref, " 　 "), fault.Invalid, "billing.error.why")
		h.must(h.Waive(h.treasurer(), "sample", o.Ref, "講演のお礼"))
		if o = h.of("entry:1")[0]; o.Total != 8660 || o.State() != Paid || !slices.Equal(h.settled, []string{"entry:1"}) {
			t.Errorf("%+v, settled %v", o, h.settled)
		}
		// Less is owed: the decision takes off no more than that.
		h.owe(debt(1, lunch))
		if o = h.of("entry:1")[0]; o.Total != 2160 || o.RefundDue != 6500 {
			t.Errorf("%+v", o)
		}
		var stored int64
		h.must(h.db.Row(t.Context(), `SELECT COALESCE(SUM(amount), 0) FROM billing_line WHERE subject = ''`).Scan(&stored))
		if stored != 0 {
			t.Errorf("the decision still takes off %d", -stored)
		}
		h.must(h.Cancel(h.treasurer(), "sample", o.Ref, "中止"))
		if o = h.of("entry:1")[0]; o.Total != 0 || o.RefundDue != 8660 {
			t.Errorf("%+v", o)
		}
		h.must(h.Undecide(h.treasurer(), "sample", o.Ref, "誤り"))
		if o = h.of("entry:1")[0]; o.Total != 2160 || o.RefundDue != 6500 {
			t.Errorf("%+v", o)
		}
		h.balanced()
	})
}

func TestPayLater(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		h.seller(Seller{Key: "host", Name: i18n.T("ホスト", "Host"), Exclusive: true, Later: LaterYes, LaterDays: 60})
		h.seller(Seller{Key: "group", Name: i18n.T("団体", "Group"), Later: LaterAsk, LaterDays: 30})
		h.owe(debt(1, ticket, tour))
		list := h.of("entry:1")
		for _, x := range []struct{ day, key string }{{"", "billing.error.later_day"}, {"2026-11-30", "billing.error.later_range"}, {"2027-03-16", "billing.error.later_range"}} {
			h.is(h.PayLater(t.Context(), h.token(list[0]), x.day, true, i18n.JA), fault.Invalid, x.key)
		}
		h.is(h.PayLater(t.Context(), h.token(list[0]), "2027-03-15", false, i18n.JA), fault.Invalid, "billing.error.promise")
		h.must(h.PayLater(t.Context(), h.token(list[0]), "2027-03-15", true, i18n.JA))
		h.must(h.PayLater(t.Context(), h.token(list[1]), "2027-04-14", true, i18n.EN))
		h.is(h.PayLater(t.Context(), h.token(list[0]), "2027-03-15", true, i18n.JA), fault.Conflict, "billing.error.later_asked")
		if list = h.of("entry:1"); list[0].State() != Open || list[1].State() != Approved || len(h.settled) != 0 {
			t.Errorf("%s, %s, settled %v", list[0].State(), list[1].State(), h.settled)
		}
		h.must(h.AllowLater(h.treasurer(), "sample", list[0].Ref, true))
		if h.standing(1).State != Approved || !slices.Equal(h.settled, []string{"entry:1"}) || !strings.Contains(h.letters[len(h.letters)-1].Subject.EN, "after the event") {
			t.Errorf("%+v, settled %v", h.standing(1), h.settled)
		}
		h.must(h.AllowLater(h.treasurer(), "sample", list[0].Ref, false))
		if h.standing(1).State != Open {
			t.Errorf("%+v", h.standing(1))
		}
	})
}

func TestWhoMay(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		h.owe(debt(1, ticket))
		h.owe(debt(2, ticket))
		one, two := h.of("entry:1")[0], h.of("entry:2")[0]
		h.issued(one, Invoice, i18n.JA, "")
		doc := h.docs(one)[0].Ref
		reader := h.as("sample", event.MayReadMoney)
		elsewhere := h.as("other", event.MayReadMoney, event.MayEditMoney)
		nobody := authz.With(t.Context(), &authz.Actor{ID: 11, Ref: "REF11", Grants: may{}})
		for name, ctx := range map[string]context.Context{"reader": reader, "elsewhere": elsewhere, "nobody": nobody} {
			for what, err := range map[string]error{
				"issue": h.Issue(ctx, "sample", one.Ref, Quotation, i18n.JA, ""), "free": h.Waive(ctx, "sample", one.Ref, "why"), "cancel": h.Cancel(ctx, "sample", one.Ref, "why"),
				"note": h.Note(ctx, "sample", one.Ref, "x"), "reissue": h.Reissue(ctx, "sample", one.Ref, doc, i18n.JA), "later": h.AllowLater(ctx, "sample", one.Ref, true),
				"seller": h.db.Write(ctx, func(tx *db.Tx) error {
					return h.SaveSeller(ctx, tx, "sample", Seller{Key: "mine", Name: i18n.T("私", "")}, false)
				}),
			} {
				if fault.KindOf(err) != fault.Forbidden {
					t.Errorf("%s: %s: %v", name, what, err)
				}
			}
		}
		// An order of one meeting is not there in another.
		h.is(h.Waive(elsewhere, "other", one.Ref, "why"), fault.NotFound, "")
		_, err := h.SheetFor(elsewhere, "other", one.Ref)
		h.is(err, fault.NotFound, "")
		if list, n, err := h.Orders(elsewhere, "other", Filter{}); err != nil || n != 0 || len(list) != 0 {
			t.Errorf("%d orders of another meeting, %v", n, err)
		}
		_, _, err = h.Orders(nobody, "sample", Filter{})
		h.is(err, fault.Forbidden, "")
		// A document is only there with its own order.
		_, err = h.PaperOf(t.Context(), h.token(two), doc)
		h.is(err, fault.NotFound, "")
		_, err = h.PaperFor(reader, "sample", two.Ref, doc)
		h.is(err, fault.NotFound, "")
		h.is(h.ReissueOwn(t.Context(), h.token(two), doc, i18n.JA), fault.NotFound, "")
		if p, err := h.PaperOf(t.Context(), h.token(one), doc); err != nil || !strings.HasPrefix(string(p.Data), "%PDF") {
			t.Errorf("the own paper: %v", err)
		}
		// Tokens cannot be made up.
		token := h.token(one)
		_, sum, _ := strings.Cut(token, "-")
		flipped := []byte(token)
		flipped[len(flipped)-1] ^= 1
		for _, bad := range []string{"", one.Ref, one.Ref + "-", one.Ref + "-" + strings.Repeat("0", 32), two.Ref + "-" + sum, string(flipped), token + "0", strings.ToLower(token)} {
			_, err := h.Sheet(t.Context(), bad)
			h.is(err, fault.NotFound, "")
			h.is(h.Readdress(t.Context(), bad, Addressee{Name: "x"}, ""), fault.NotFound, "")
		}
		// Whoever holds a token cannot go on for ever.
		for range perOrder.Burst {
			_ = h.Readdress(t.Context(), h.token(two), Addressee{Name: "x"}, "")
		}
		h.is(h.Readdress(t.Context(), h.token(two), Addressee{Name: "x"}, ""), fault.TooMany, "billing.error.often")
		// My orders are mine.
		if list, _, err := h.Own(nobody); err != nil || len(list) != 0 {
			t.Errorf("%d orders of another person, %v", len(list), err)
		}
		if list, tokens, err := h.Own(h.as("")); err != nil || len(list) != 2 || tokens[one.Ref] != token {
			t.Errorf("%d own orders, %v", len(list), err)
		}
	})
}

func TestFindOrders(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		d := debt(1, ticket)
		d.Payer.Name, d.Payer.Organisation = "ﾊﾅｺ", "ＡＢＣ通信"
		h.owe(d)
		d = debt(2, ticket, tour)
		d.Payer.Name, d.Payer.Organisation = "100%_太郎", "!"
		h.owe(d)
		one := h.of("entry:1")[0]
		h.issued(one, Invoice, i18n.JA, "")
		h.pay(one.Ref, Bank, 16500, "")
		for _, x := range []struct {
			f    Filter
			want int
		}{
			{Filter{}, 3}, {Filter{Text: "はなこ"}, 1}, {Filter{Text: "abc 通信"}, 1}, {Filter{Text: "abc nobody"}, 0}, {Filter{Text: one.Number}, 1}, {Filter{Text: "ｉ2026-00001"}, 1},
			{Filter{Text: "100%_"}, 2}, {Filter{Text: "0_太"}, 0}, {Filter{Text: "!"}, 2}, {Filter{Part: PartPaid}, 1}, {Filter{Part: PartOpen}, 2}, {Filter{Seller: "host"}, 1},
			{Filter{Part: PartOverdue}, 0}, {Filter{Text: "' OR 1=1 --"}, 0}, {Filter{Page: 2}, 3},
		} {
			list, n, err := h.Orders(h.treasurer(), "sample", x.f)
			if err != nil || n != x.want || x.f.Page == 0 && len(list) != x.want || x.f.Page == 2 && len(list) != 0 {
				t.Errorf("%+v finds %d (%d), %v; want %d", x.f, n, len(list), err, x.want)
			}
		}
		h.now = h.now.AddDate(0, 3, 0)
		if _, n, err := h.Orders(h.treasurer(), "sample", Filter{Part: PartOverdue}); err != nil || n != 2 {
			t.Errorf("%d overdue, %v", n, err)
		}
		f, err := h.Overview(h.treasurer(), "sample")
		if err != nil || len(f) != 2 || f[0].Orders != 2 || f[0].Owed != 33000 || f[0].Held != 16500 || f[0].Missing != 16500 || f[0].Overdue != 16500 || f[0].Late != 1 {
			t.Errorf("%+v, %v", f[0], err)
		}
	})
}

func TestKeep(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		h.owe(debt(1, ticket))
		h.owe(debt(2, ticket))
		one := h.of("entry:1")[0]
		h.issued(one, Invoice, i18n.JA, "")
		k := Keeps{h.Service}
		h.must(h.db.Write(t.Context(), func(tx *db.Tx) error { return k.Merge(t.Context(), tx, 10, 11) }))
		if h.of("entry:1")[0].Payer.Person != 11 {
			t.Error("not merged")
		}
		d := debt(2)
		d.Payer.Person = 11
		h.owe(d) // nothing of it is left
		h.must(h.db.Write(t.Context(), func(tx *db.Tx) error { return k.Erase(t.Context(), tx, 11) }))
		o := h.of("entry:1")[0]
		if o.Payer.Person != 0 || o.Payer.Address != "" || o.Payer.Name == "" || h.docs(o)[0].Content.To.Name == "" {
			t.Errorf("an order that is documented: %+v", o.Payer)
		}
		if o := h.of("entry:2")[0]; o.Payer.Name != "" || o.Payer.Organisation != "" {
			t.Errorf("an order of which nothing is left: %+v", o.Payer)
		}
		if _, n, err := h.Orders(h.treasurer(), "sample", Filter{Text: "hanako@example.org"}); err != nil || n != 0 {
			t.Errorf("found by what was erased: %d, %v", n, err)
		}
	})
}

// BenchmarkInvoicePDF draws an invoice. The budget is 100 a second.
func BenchmarkInvoicePDF(b *testing.B) {
	d := &Document{Kind: Invoice, Lang: i18n.JA, Content: Content{
		Kind: Invoice, Lang: i18n.JA, Number: "I2026-00001", Date: "2026-12-01", Qualified: true, Title: i18n.T("見本の会議", ""), From: "2027-02-11", Until: "2027-02-13",
		Seller: Issuer{Name: i18n.T("一般社団法人見本", ""), Number: "T7000012050002", Bank: "見本銀行", Branch: "本店", Kind: Ordinary, Account: "1234567", Holder: "ミホン"},
		To:     Addressee{Name: "見本 花子", Organisation: "株式会社見本商事", Department: "経理部"}, Order: "ABCDEFGH", Due: "2027-01-31",
		Lines: []ContentLine{
			{Subject: "a", Key: "kind:general", Name: i18n.T("参加費", ""), Amount: 16500, Rate: 10, Quantity: 1},
			{Subject: "a", Key: "option:social", Name: i18n.T("懇親会", ""), Amount: 6000, Rate: 10, Quantity: 1},
			{Subject: "a", Key: "option:lunch", Name: i18n.T("弁当", ""), Amount: 1080, Rate: 8, Quantity: 2},
		},
		Rates: []Rated{{10, 20455, 2045, 22500}, {8, 2000, 160, 2160}}, Total: 24660, Tax: 2205,
	}}
	for b.Loop() {
		if _, err := d.paper(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "invoices/s")
}

// Who pays for colleagues and leaves takes their own name along, and nobody else's; and a colleague who leaves takes theirs, wherever it is owed.
// What was issued says what it said.
func TestJointLinesOfWhoLeaves(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		for n, name := range map[int]string{1: "山田", 2: "鈴木", 4: "𠮷田 花子", 5: ""} { // the payer as well, and one whose name is gone
			d := debt(n, ticket)
			d.Joint, d.Whose = "group:A", name
			h.owe(d)
		}
		h.owe(debt(3, ticket))
		joint := h.of("group:A")[0]
		h.issued(joint, Invoice, i18n.JA, "")
		before := h.asRead(h.docs(joint)[0])
		if !strings.Contains(before, "山田") || !strings.Contains(before, "鈴木") {
			t.Fatalf("the invoice does not say for whom it is:\n%s", before)
		}
		names := func(o *Order) (out []string) {
			lines, err := linesOf(t.Context(), h.db, []int64{o.ID})
			h.must(err)
			for _, l := range lines {
				out = append(out, l.Payer)
			}
			return out
		}
		if got := fmt.Sprint(names(joint), names(h.of("entry:3")[0])); got != "[山田 鈴木 𠮷田 花子 ] [𠮷田 花子]" {
			t.Errorf("before: %s", got)
		}
		h.must(h.db.Write(t.Context(), func(tx *db.Tx) error { return Keeps{h.Service}.Erase(t.Context(), tx, 10) }))
		if got := fmt.Sprint(names(joint), names(h.of("entry:3")[0])); got != "[山田 鈴木  ] []" {
			t.Errorf("after the payer left: %s", got)
		}
		h.must(h.db.Write(t.Context(), func(tx *db.Tx) error { return h.Forget(t.Context(), tx, []string{"entry:2"}) }))
		if got := fmt.Sprint(names(joint)); got != "[山田   ]" {
			t.Errorf("after a colleague left: %s", got)
		}
		if after := h.asRead(h.docs(joint)[0]); after != before {
			t.Errorf("the invoice changed:\n%s", after)
		}
	})
}
