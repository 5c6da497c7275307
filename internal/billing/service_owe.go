package billing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// maxAmount bounds one line, so that sums of thousands never overflow: a thousand million yen.
const maxAmount = 1_000_000_000

// bundle is what the orders of a debt are found by.
func (d *Debt) bundle() string {
	if d.Joint != "" {
		return d.Joint
	}
	return d.Subject
}

// check looks for what no caller may say.
func (d *Debt) check() error {
	if d.Subject == "" {
		return fmt.Errorf("a debt of nobody")
	}
	seen := map[string]bool{}
	for i := range d.Lines {
		l := &d.Lines[i]
		switch {
		case l.Key == "" || seen[l.Key]:
			return fmt.Errorf("the line %q of %s: the key is empty or there twice", l.Key, d.Subject)
		case l.Rate != 10 && l.Rate != 8 && l.Rate != 0:
			return fault.New(fault.Invalid, "billing.error.rate")
		case l.Quantity < 1 || l.Quantity > 10_000 || l.Amount > maxAmount || l.Amount < -maxAmount:
			return fault.New(fault.Invalid, "billing.error.amount")
		}
		seen[l.Key] = true
	}
	return nil
}

// Owe says what a subject owes from now on. It compares that with what it owed before: orders without an invoice change; where one was issued,
// the difference is documented; what was paid too much has to go back. The same debt twice changes nothing.
func (s *Service) Owe(ctx context.Context, tx *db.Tx, slug string, d Debt) error {
	if err := d.check(); err != nil {
		return err
	}
	kana := d.Payer.Kana
	d.Payer.Kana = ""
	b, err := meetingBooks(ctx, tx, slug)
	if err != nil {
		return err
	}
	for {
		if err := s.owe(ctx, tx, b, &d, kana); !errors.Is(err, errFirst) {
			return err
		}
		b.list = nil
	}
}

// errFirst says that somebody of the same group just made the order that we wanted to make: then it is there.
var errFirst = errors.New("somebody else made the order first")

func (s *Service) owe(ctx context.Context, tx *db.Tx, b *books, d *Debt, kana string) error {
	if err := b.take(ctx, tx, d.bundle(), d.Subject); err != nil {
		return err
	}
	if err := b.open(d); err != nil {
		return err
	}
	changed, waited := false, false
	for _, a := range b.list {
		waited = waited || !a.settled()
		a.replace(d)
		if !a.changed {
			continue
		}
		changed = true
		if err := s.keep(ctx, tx, b, a, d.Subject, d.Why); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	if err := saveReading(ctx, tx, b.meeting, d.bundle(), kana); err != nil {
		return err
	}
	return s.tell(ctx, tx, b, d, waited)
}

// open begins the orders that a debt needs and that are not there yet.
func (b *books) open(d *Debt) error {
	for i := range d.Lines {
		l := &d.Lines[i]
		seller := b.seller(l.Seller)
		if seller == nil {
			return fault.New(fault.Invalid, "billing.error.seller").With("key", l.Seller)
		}
		if l.Amount == 0 || slices.ContainsFunc(b.list, func(a *account) bool { return a.Seller == seller.ID && a.Bundle == d.bundle() }) {
			continue
		}
		o := &Order{Ref: newRef(), Slug: b.slug, Meeting: b.meeting, Seller: seller.ID, Bundle: d.bundle(), Number: newNumber(), Payer: d.Payer, Due: d.Due, LinkNo: 1}
		if o.Payer.Lang == "" {
			o.Payer.Lang = i18n.JA
		}
		b.list = append(b.list, &account{Order: o, seller: seller, fresh: true, was: *o})
	}
	return nil
}

// newNumber makes the short number of an order: eight characters, of which nobody confuses two.
func newNumber() string { return randomText(8) }

// replace puts what a debt says in the place of what its subject owed in an order.
func (a *account) replace(d *Debt) {
	var list []Owed
	if a.Bundle == d.bundle() {
		whose := d.Whose
		if whose == "" && d.Joint == "" {
			whose = d.Payer.Name
		}
		for _, l := range d.Lines {
			if l.Seller == a.seller.Key {
				list = append(list, Owed{Line: l, Order: a.ID, Subject: d.Subject, Payer: whose})
			}
		}
		a.address(d)
	}
	others := slices.DeleteFunc(slices.Clone(a.lines), func(l Owed) bool { return l.Subject == d.Subject })
	if !sameLines(slices.DeleteFunc(slices.Clone(a.lines), func(l Owed) bool { return l.Subject != d.Subject }), list) {
		a.changed = true
	}
	at := slices.IndexFunc(others, func(l Owed) bool { return l.Subject == "" || l.Subject > d.Subject })
	if at < 0 {
		at = len(others)
	}
	a.lines = slices.Insert(others, at, list...)
}

// address takes over who pays, and by when. Who wrote their addressee keeps it. Of a joint order whoever was first goes on to pay, until the last day
// that any of them has.
func (a *account) address(d *Debt) {
	before := a.Payer
	p, due := d.Payer, d.Due.Truncate(time.Microsecond)
	if d.Joint != "" && !a.fresh {
		if same := p.Person != 0 && p.Person == before.Person || p.Address == before.Address; !same {
			p = before
		}
		if due.Before(a.Due) {
			due = a.Due
		}
	}
	if d.Joint == "" && !a.fresh && p.Name+p.Organisation+p.Address == "" { // who paid is forgotten; what was paid keeps its name
		p = before
		if p.Person, p.Address = 0, ""; a.Received == 0 && !a.Documented {
			p.Name, p.Organisation, p.Department = "", "", ""
		}
	}
	if p.Lang == "" {
		p.Lang = i18n.JA
	}
	if a.Addressed {
		p.Name, p.Organisation, p.Department = before.Name, before.Organisation, before.Department
	}
	if !a.fresh && (p.Person == 0 || p.Person != before.Person) && p.Address != before.Address && before.Address+p.Address != "" {
		a.LinkNo++ // somebody else pays, or nobody any more: whoever had the address has it no more
	}
	a.Payer = p
	if before != p || !a.Due.Equal(due) {
		a.Due, a.changed = due, true
	}
}

func sameLines(a, b []Owed) bool {
	return slices.EqualFunc(a, b, func(x, y Owed) bool { return x.Line == y.Line && x.Payer == y.Payer })
}

// recount computes what an order comes to.
func (a *account) recount() {
	a.trim()
	a.rates = a.everything()
	_, a.Total = totals(a.rates)
}

// trim keeps a decision from taking off more than is owed, and drops one that takes off nothing.
func (a *account) trim() {
	for i := range a.lines {
		if a.lines[i].Subject != "" {
			continue
		}
		var rest int64
		for j := range a.lines {
			if a.lines[j].Rate == a.lines[i].Rate && j != i {
				rest += a.lines[j].sum()
			}
		}
		a.lines[i].Amount = max(a.lines[i].Amount, -max(0, rest))
	}
	a.lines = slices.DeleteFunc(a.lines, func(l Owed) bool { return l.Subject == "" && l.Amount == 0 })
}

// keep stores an order whose lines or payer changed, with everything that follows from it.
func (s *Service) keep(ctx context.Context, tx *db.Tx, b *books, a *account, subject, why string) error {
	now := s.o.Now()
	taken := decisions(a.lines)
	a.recount()
	if a.Total < 0 {
		return fault.New(fault.Invalid, "billing.error.negative")
	}
	var gone int64
	if a.RefundDue > 0 {
		var err error
		if gone, err = leaving(ctx, tx, a.ID); err != nil {
			return err
		}
	}
	a.goBack(gone)
	if err := s.document(ctx, tx, b, a, why); err != nil {
		return err
	}
	if a.fresh {
		if made, err := addOrder(ctx, tx, a.Order, now); err != nil || !made {
			return orFault(err, errFirst)
		}
	}
	own := ofSubject(a.lines, subject)
	if err := replaceLines(ctx, tx, a.ID, subject, !a.fresh, own); err != nil {
		return err
	}
	if subject != "" {
		if err := saveShare(ctx, tx, a.ID, subject, a.seller.owed(own)); err != nil {
			return err
		}
	}
	if left := decisions(a.lines); subject != "" && !slices.Equal(taken, left) {
		if err := replaceLines(ctx, tx, a.ID, "", true, ofSubject(a.lines, "")); err != nil {
			return err
		}
	}
	if a.RefundDue != a.was.RefundDue {
		if err := setRefundDue(ctx, tx, a.ID, a.RefundDue, why, now); err != nil {
			return err
		}
	}
	if !a.fresh {
		if err := saveOrder(ctx, tx, a.Order, now); err != nil {
			return err
		}
	}
	if err := s.postClaims(ctx, tx, a, OnOwe, "", why, nil); err != nil {
		return err
	}
	return s.record(ctx, tx, a, "billing.owed", map[string]string{"total": yen(a.was.Total), "refund": yen(a.was.RefundDue)},
		map[string]string{"total": yen(a.Total), "refund": yen(a.RefundDue)})
}

// goBack decides what has to go back after what is owed changed: what is suddenly too much, and less again where more is owed. What is
// on its way, gone, goes.
func (a *account) goBack(gone int64) {
	switch {
	case a.Total < a.was.Total:
		a.RefundDue += max(0, a.Held()-a.Total)
	case a.Total > a.was.Total:
		a.RefundDue -= min(max(0, a.RefundDue-gone), a.Missing())
	}
}

// ofSubject are the lines of a subject.
func ofSubject(lines []Owed, subject string) []Owed {
	return slices.DeleteFunc(slices.Clone(lines), func(l Owed) bool { return l.Subject != subject })
}

// decisions are the amounts that decisions take off.
func decisions(lines []Owed) []int64 {
	var out []int64
	for i := range lines {
		if lines[i].Subject == "" {
			out = append(out, lines[i].Amount)
		}
	}
	return out
}

// owed is what lines come to with tax.
func (s *Seller) owed(lines []Owed) int64 {
	_, total := totals(s.rated(plain(lines)))
	return total
}

func plain(lines []Owed) []Line {
	out := make([]Line, len(lines))
	for i := range lines {
		out[i] = lines[i].Line
	}
	return out
}

// postClaims brings the accounts of an order to what they should say; money is what moved in the accounts of money.
func (s *Service) postClaims(ctx context.Context, tx *db.Tx, a *account, what, reference, why string, money map[string]int64) error {
	have := map[string]int64{}
	if !a.fresh {
		var err error
		if have, err = balances(ctx, tx, a.ID); err != nil {
			return err
		}
	}
	want := a.claims()
	for account, amount := range earned(a.rates) {
		want[account] = amount
	}
	rows := toward(want, have, true)
	for account, amount := range money {
		if amount != 0 {
			rows = append(rows, Posting{account, amount})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return s.Post(ctx, tx, &Voucher{Meeting: a.Meeting, Seller: a.Seller, Order: a.ID, Rows: rows, What: what, Reference: reference, Why: why})
}

// Post stores a voucher in the ledger. One that does not balance is an error of the program.
func (s *Service) Post(ctx context.Context, tx *db.Tx, v *Voucher) error {
	if !v.Balanced() {
		return fmt.Errorf("a voucher of %q does not balance: %v", v.What, v.Rows)
	}
	v.Ref, v.By = newRef(), by(ctx)
	if v.At.IsZero() {
		v.At = s.o.Now()
	}
	return addVoucher(ctx, tx, v)
}

// record notes in the log what was done to an order.
func (s *Service) record(ctx context.Context, tx *db.Tx, a *account, action string, before, after map[string]string) error {
	return audit.Record(ctx, tx, audit.Entry{Scope: a.Slug, Object: "order:" + a.Ref, Action: action, Before: before, After: after, At: s.o.Now()})
}

// yen writes an amount for the log.
func yen(n int64) string { return strconv.FormatInt(n, 10) }

// tell lets others know who is settled after a debt changed.
func (s *Service) tell(ctx context.Context, tx *db.Tx, b *books, d *Debt, waited bool) error {
	var who []string
	waits := false
	for _, a := range b.list {
		waits = waits || !a.settled()
		if !a.was.settled() && a.settled() && strings.HasPrefix(a.Bundle, "group:") {
			list, err := settledSubjects(ctx, tx, a.ID)
			if err != nil {
				return err
			}
			who = append(who, list...)
		}
	}
	if !waits && len(d.Lines) > 0 && (waited || !slices.Contains(who, d.Subject)) {
		who = append(who, d.Subject)
	}
	slices.Sort(who)
	return s.settle(ctx, tx, b.slug, slices.Compact(who))
}

// settle says of subjects that nobody waits for them.
func (s *Service) settle(ctx context.Context, tx *db.Tx, slug string, subjects []string) error {
	for _, subject := range subjects {
		if err := s.o.Jobs.Enqueue(ctx, tx, Settled{Slug: slug, Subject: subject}); err != nil {
			return err
		}
	}
	return nil
}
