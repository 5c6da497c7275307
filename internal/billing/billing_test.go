package billing

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/person"
)

var folders = []fs.FS{db.Migrations, search.Migrations, audit.Migrations, limit.Migrations, person.Migrations, event.Migrations, Migrations}

var jst = time.FixedZone("JST", 9*3600)

// shop is a meeting with two sellers, at a time that the test sets.
type shop struct {
	*Service
	t       testing.TB
	now     time.Time
	settled []string
	letters []mail.Letter
}

// Enqueue implements Jobs.
func (h *shop) Enqueue(_ context.Context, tx *db.Tx, e job.Event, _ ...job.Option) error {
	tx.OnCommit(func() {
		if x, ok := e.(Settled); ok {
			h.settled = append(h.settled, x.Subject)
		}
	})
	return nil
}

// Send implements Outbox.
func (h *shop) Send(_ context.Context, tx *db.Tx, l mail.Letter) error {
	tx.OnCommit(func() { h.letters = append(h.letters, l) })
	return nil
}

// may holds some permissions in one meeting.
type may struct {
	slug string
	all  []authz.Permission
}

// May implements authz.Grants.
func (g may) May(p authz.Permission, scope, _ string) bool {
	return scope == g.slug && slices.Contains(g.all, p)
}

func (h *shop) as(slug string, all ...authz.Permission) context.Context {
	return authz.With(h.t.Context(), &authz.Actor{ID: 10, Ref: "REF10", Name: i18n.T("幸田", "Koda"), Grants: may{slug, all}})
}

func (h *shop) treasurer() context.Context {
	return h.as("sample", event.MayReadMoney, event.MayEditMoney)
}

func (h *shop) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *shop) is(err error, kind fault.Kind, key string) {
	h.t.Helper()
	if e, ok := fault.As(err); !ok || e.Kind != kind || key != "" && e.Key != key {
		h.t.Errorf("got %v, want %s", err, key)
	}
}

// open makes a shop on a database.
func open(t testing.TB, d *db.DB) *shop {
	h := &shop{t: t, now: time.Date(2026, 12, 1, 10, 0, 0, 0, jst)}
	events := event.New(d, event.Options{Now: func() time.Time { return h.now }})
	ctx := authz.System(t.Context(), "test")
	h.must(d.Write(ctx, func(tx *db.Tx) error {
		for id := 10; id < 13; id++ {
			if _, err := tx.Exec(ctx, `INSERT INTO person_account (id, ref, name_ja, name_en, kana, affiliation_ja, affiliation_en, title_ja, title_en, bio_ja, bio_en,
				links, portrait, lang, photo, recording, made_at, left_at) VALUES ($1, $2, $3, $4, '', '', '', '', '', '', '', '[]', '', 'ja', '', '', 1, 0)`,
				id, fmt.Sprint("REF", id), fmt.Sprint("人", id), fmt.Sprint("Person ", id)); err != nil {
				return err
			}
		}
		for _, slug := range []string{"sample", "other"} {
			if _, _, err := events.Apply(ctx, tx, event.Input{Full: true, Meeting: &event.Meeting{
				Slug: slug, Title: i18n.T("見本の会議", "Sample Meeting"), Start: "2027-02-11", End: "2027-02-13", Timezone: "Asia/Tokyo", Phase: event.Running,
			}}); err != nil {
				return err
			}
		}
		return nil
	}))
	h.Service = New(d, events, Options{Outbox: h, Jobs: h, Now: func() time.Time { return h.now }, Base: "https://example.org"})
	h.seller(Seller{Key: "group", Name: i18n.T("一般社団法人見本", "Sample Association"), Number: "T7000012050002", Bank: "見本銀行", Branch: "本店", Account: "1234567", Holder: "ミホン"})
	h.seller(Seller{Key: "host", Name: i18n.T("株式会社ホスト", "Host Inc."), Exclusive: true, Prefix: "H"})
	return h
}

func (h *shop) seller(x Seller) {
	h.t.Helper()
	h.must(h.db.Write(h.t.Context(), func(tx *db.Tx) error { return h.SaveSeller(h.treasurer(), tx, "sample", x, false) }))
}

// eachShop runs a test on both engines.
func eachShop(t *testing.T, fn func(t *testing.T, h *shop)) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) { fn(t, open(t, d)) })
}

var (
	ticket = Line{Key: "kind:general", Name: i18n.T("参加費", "Registration"), Amount: 16500, Rate: 10, Seller: "group", Quantity: 1}
	social = Line{Key: "option:social", Name: i18n.T("懇親会", "Social"), Amount: 6000, Rate: 10, Seller: "group", Quantity: 1}
	lunch  = Line{Key: "option:lunch", Name: i18n.T("弁当", "Lunch box"), Amount: 1080, Rate: 8, Seller: "group", Quantity: 2}
	tour   = Line{Key: "option:tour", Name: i18n.T("見学", "Tour"), Amount: 105, Rate: 10, Seller: "host", Quantity: 3}
)

// debt is what entry n owes.
func debt(n int, lines ...Line) Debt {
	return Debt{
		Subject: fmt.Sprint("entry:", n), Lines: lines, Due: time.Date(2027, 1, 31, 0, 0, 0, 0, jst), Why: "test",
		Payer: Payer{Person: 10, Name: "𠮷田 花子", Organisation: "株式会社見本商事", Address: "hanako@example.org", Lang: i18n.JA},
	}
}

func (h *shop) owe(d Debt) {
	h.t.Helper()
	h.must(h.tryOwe(d))
}

func (h *shop) tryOwe(d Debt) error {
	ctx := authz.System(h.t.Context(), "registration")
	return h.db.Write(ctx, func(tx *db.Tx) error { return h.Owe(ctx, tx, "sample", d) })
}

func (h *shop) pay(ref, method string, amount int64, reference string) bool {
	h.t.Helper()
	fresh := false
	h.must(h.db.Write(h.t.Context(), func(tx *db.Tx) (err error) {
		fresh, err = h.recordPayment(h.treasurer(), tx, ref, &Payment{Method: method, Amount: amount, Reference: reference, Gate: "main"})
		return err
	}))
	return fresh
}

// of are the orders of a bundle.
func (h *shop) of(bundle string) []*Order {
	h.t.Helper()
	list, err := orders(h.t.Context(), h.db, `o.bundle = $1`, bundle)
	h.must(err)
	return list
}

func (h *shop) standing(n int) Standing {
	h.t.Helper()
	subject := fmt.Sprint("entry:", n)
	all, err := h.Standings(h.t.Context(), h.db, "sample", []string{subject})
	h.must(err)
	return all[subject]
}

// books checks that the ledger balances, and that receivables are what open orders miss.
func (h *shop) balanced() {
	h.t.Helper()
	ctx := h.t.Context()
	var sum, receivable, missing, due, refunds int64
	h.must(h.db.Row(ctx, `SELECT COALESCE(SUM(amount), 0) FROM billing_posting`).Scan(&sum))
	h.must(h.db.Row(ctx, `SELECT COALESCE(SUM(amount), 0) FROM billing_posting WHERE account = 'receivable'`).Scan(&receivable))
	h.must(h.db.Row(ctx, `SELECT COALESCE(-SUM(amount), 0) FROM billing_posting WHERE account = 'refund'`).Scan(&refunds))
	h.must(h.db.Row(ctx, `SELECT COALESCE(SUM(amount), 0) FROM billing_refund WHERE state = 'due'`).Scan(&due))
	list, err := orders(ctx, h.db, `1 = 1`)
	h.must(err)
	for _, o := range list {
		missing += o.Missing()
	}
	if sum != 0 || receivable != missing || refunds != due {
		h.t.Fatalf("the ledger sums to %d; receivables are %d and open orders %d; refunds payable %d and due %d", sum, receivable, missing, refunds, due)
	}
}

func TestOwe(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		h.owe(debt(1, ticket, social, lunch, tour))
		list := h.of("entry:1")
		if len(list) != 2 || list[0].Total != 24660 || list[1].Total != 315+31 || list[0].State() != Open {
			t.Fatalf("two orders, one for each seller: %+v", list)
		}
		h.balanced()
		if st := h.standing(1); st.Owed != 24660+346 || st.Paid != 0 || st.State != Open || len(st.Path) != len("/orders/")+26+1+32 {
			t.Errorf("it owes %+v", st)
		}
		count := func() (n int) {
			h.must(h.db.Row(t.Context(), `SELECT (SELECT COUNT(*) FROM billing_posting) + (SELECT COUNT(*) FROM billing_order)`).Scan(&n))
			return n
		}
		before := count()
		h.owe(debt(1, ticket, social, lunch, tour))
		if count() != before {
			t.Error("the same debt twice changes something")
		}

		// Paid, it is settled once the other seller has its money, too.
		h.pay(list[0].Ref, Bank, 24660, "")
		if len(h.settled) != 0 || h.standing(1).State != Open {
			t.Errorf("settled %v, %s, although the host waits for its money", h.settled, h.standing(1).State)
		}
		if !h.pay(list[1].Ref, Card, 346, "pi_1") || h.pay(list[1].Ref, Card, 346, "pi_1") {
			t.Error("a payment of a reference counts once")
		}
		if !slices.Equal(h.settled, []string{"entry:1"}) || h.standing(1).State != Paid {
			t.Errorf("settled %v, %s", h.settled, h.standing(1).State)
		}
		h.balanced()

		// One option less has to go back; one more uses that up first.
		h.owe(debt(1, ticket, lunch, tour))
		if st := h.standing(1); st.State != Refund || h.of("entry:1")[0].RefundDue != 6000 {
			t.Errorf("without the social: %+v", st)
		}
		h.balanced()
		more := social
		more.Quantity = 2
		h.owe(debt(1, ticket, more, lunch, tour))
		if o := h.of("entry:1")[0]; o.RefundDue != 0 || o.Missing() != 6000 || o.State() != Open {
			t.Errorf("with two: %+v", o)
		}
		h.balanced()

		// Nothing any more.
		h.owe(debt(1))
		if list := h.of("entry:1"); list[0].RefundDue != 24660 || list[1].RefundDue != 346 || h.standing(1).Owed != 0 {
			t.Errorf("cancelled: %+v", list[0])
		}
		h.balanced()
		refunds, err := refundsOf(t.Context(), h.db, list[0].ID)
		h.must(err)
		for range 2 {
			err = h.db.Write(t.Context(), func(tx *db.Tx) error {
				return h.refundMade(h.treasurer(), tx, list[0].Ref, &Back{Ref: refunds[0].Ref, Method: Bank})
			})
		}
		h.is(err, fault.NotFound, "") // made once
		if o := h.of("entry:1")[0]; o.RefundDue != 0 || o.Refunded != 24660 || o.State() != None {
			t.Errorf("refunded: %+v", o)
		}
		h.balanced()
	})
}

func TestOweJoint(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		for range 2 {
			for n := range 3 {
				d := debt(n, ticket)
				d.Joint, d.Payer.Person, d.Payer.Name, d.Payer.Address = "group:1", int64(10+n), fmt.Sprint("人", n), fmt.Sprint(n, "@example.org")
				d.Whose = d.Payer.Name
				d.Due = d.Due.AddDate(0, 0, n%2)
				h.owe(d)
			}
		}
		list := h.of("group:1")
		if len(list) != 1 || list[0].Total != 3*16500 || list[0].Payer.Name != "人0" || list[0].Payer.Person != 10 || list[0].Due.In(jst).Day() != 1 {
			t.Fatalf("one order for all, which the first pays: %+v", list[0])
		}
		if lines, err := linesOf(t.Context(), h.db, []int64{list[0].ID}); err != nil || lines[2].Payer != "人2" {
			t.Errorf("whose the lines are: %+v, %v", lines, err)
		}
		h.pay(list[0].Ref, Bank, 33000, "")
		if st := h.standing(1); st.Owed != 16500 || st.Paid != 11000 || st.State != Open {
			t.Errorf("one of three: %+v", st)
		}
		// One who leaves makes the others settled; one who leaves the group takes their line along.
		h.owe(debt(2, ticket))
		if !slices.Equal(h.settled, []string{"entry:0", "entry:1"}) || h.standing(0).State != Paid || h.standing(2).State != Open {
			t.Errorf("settled %v; %+v, %+v", h.settled, h.standing(0), h.standing(2))
		}
		if len(h.of("entry:2")) != 1 || h.of("group:1")[0].Total != 33000 {
			t.Errorf("left: %+v", h.of("group:1")[0])
		}
		h.balanced()
	})
}

func TestOweRefuses(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		bad := ticket
		bad.Rate = 5
		h.is(h.tryOwe(debt(1, bad)), fault.Invalid, "billing.error.rate")
		bad = ticket
		bad.Seller = "nobody"
		h.is(h.tryOwe(debt(1, bad)), fault.Invalid, "billing.error.seller")
		bad = ticket
		bad.Amount, bad.Key = -20000, "code:all"
		h.is(h.tryOwe(debt(1, ticket, bad)), fault.Invalid, "billing.error.negative")
		h.owe(debt(1))
		free := ticket
		free.Amount = 0
		h.owe(debt(2, free))
		if len(h.of("entry:1"))+len(h.of("entry:2")) != 0 {
			t.Error("an order over nothing")
		}
		err := h.db.Write(t.Context(), func(tx *db.Tx) error { return h.Owe(t.Context(), tx, "nothing", debt(1, ticket)) })
		h.is(err, fault.NotFound, "")
	})
}

func TestOweStatements(t *testing.T) {
	eachShop(t, func(t *testing.T, h *shop) {
		count := func(n int, lines ...Line) int64 {
			ctx, counted := db.Counted(t.Context())
			h.must(h.db.Write(ctx, func(tx *db.Tx) error { return h.Owe(ctx, tx, "sample", debt(n, lines...)) }))
			return counted.Load()
		}
		one := count(1, ticket)
		var many []Line
		for i := range 30 {
			l := social
			l.Key = fmt.Sprint("option:", i)
			many = append(many, l)
		}
		if n := count(2, many...); n != one || n > 12 {
			t.Errorf("a debt of one line takes %d statements, of thirty %d", one, n)
		}
	})
}

// BenchmarkOwe is what registration adds to its transaction for a priced entry.
func BenchmarkOwe(b *testing.B) {
	d, err := db.Open(b.Context(), filepath.Join(b.TempDir(), "owe.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Migrate(b.Context(), folders...); err != nil {
		b.Fatal(err)
	}
	h := open(b, d)
	ctx := authz.System(b.Context(), "registration")
	n := 0
	for b.Loop() {
		err := d.Write(ctx, func(tx *db.Tx) error {
			for range 100 { // as many as share a commit in a rush
				n++
				if err := h.Owe(ctx, tx, "sample", debt(n, ticket, social)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/debt")
}

// TestForgottenPayer: a debt that says no more whose it is leaves no address, and a name only where money has to go back.
func TestForgottenPayer(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		h.owe(debt(2, ticket))
		list := h.loaded(statement("2026/12/1,16500,ﾔﾏﾀﾞ"))
		h.must(h.p.UseDeposit(h.treasurer(), "sample", list[0].Ref, 0, []Share{{h.order(2).Ref, 0}}))
		for n := 1; n <= 2; n++ {
			d := debt(n)
			d.Payer = Payer{Lang: d.Payer.Lang}
			h.owe(d)
		}
		if p := h.order(1).Payer; p.Name+p.Organisation+p.Address != "" || p.Person != 0 {
			t.Errorf("%+v", p)
		}
		if p := h.order(2).Payer; p.Name == "" || p.Address != "" || p.Person != 0 || h.order(2).RefundDue != 16500 {
			t.Errorf("%+v", p)
		}
	})
}

// TestAnotherPayer: who hands over what they pay for has the address of the order no more; who only corrects their name keeps it.
func TestAnotherPayer(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		token := h.token(h.order(1))
		d := debt(1, ticket)
		d.Payer.Name = "山田 花子"
		h.owe(d)
		if _, err := h.Sheet(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		d.Payer.Person, d.Payer.Address = d.Payer.Person+100, "next@example.org"
		h.owe(d)
		_, err := h.Sheet(t.Context(), token)
		h.is(err, fault.NotFound, "")
		_, err = h.p.BeginCard(t.Context(), token, i18n.JA)
		h.is(err, fault.NotFound, "")
		next := h.token(h.order(1))
		out, err := h.Sheet(t.Context(), next)
		if err != nil || out.Token != next || out.Payer.Address != "next@example.org" {
			t.Errorf("%+v %v", out, err)
		}
	})
}
