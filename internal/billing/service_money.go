package billing

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Figures are what the orders of a seller come to.
type Figures struct {
	Seller                                       *Seller
	Orders                                       int
	Owed, Held, Missing, Overdue, Later, Excess  int64
	RefundDue                                    int64
	Unpaid, Late, Asked, Approved, Back, Waiting int // orders: not paid, overdue, that ask to pay later or may, with money to go back, with documents to issue
	Undecided                                    int // orders that are overdue although a part was paid: a person decides
}

// Overview says how the money of a meeting stands, seller by seller.
func (s *Service) Overview(ctx context.Context, slug string) ([]*Figures, error) {
	if err := event.Require(ctx, slug, event.MayReadMoney); err != nil {
		return nil, err
	}
	b, err := meetingBooks(ctx, s.db, slug)
	if err != nil {
		return nil, err
	}
	return figuresOf(ctx, s.db, b, s.o.Now())
}

// The parts of the list of orders.
const (
	PartAll     = ""
	PartOpen    = "open"
	PartOverdue = "overdue"
	PartHeld    = "held" // overdue although a part was paid: a person decides
	PartPaid    = "paid"
	PartLater   = "later"   // asks to pay after the event
	PartRefund  = "refund"  // has money to go back
	PartOver    = "over"    // paid too much
	PartPending = "pending" // has documents to issue
)

// Parts lists them in the order of the page.
var Parts = []string{PartAll, PartOpen, PartOverdue, PartHeld, PartPaid, PartLater, PartRefund, PartOver, PartPending}

// Filter chooses orders of a meeting.
type Filter struct {
	Text   string
	Part   string
	Seller string // key
	Page   int    // from 1
}

// perPage is how many orders a page of the list shows.
const perPage = 100

// Orders are the orders of a meeting that a filter chooses, the newest first, and how many there are on all pages.
func (s *Service) Orders(ctx context.Context, slug string, f Filter) (list []*Order, n int, err error) {
	if err := event.Require(ctx, slug, event.MayReadMoney); err != nil {
		return nil, 0, err
	}
	id, err := meetingID(ctx, s.db, slug)
	if err != nil || id == 0 {
		return nil, 0, orFault(err, fault.Missing())
	}
	return findOrders(ctx, s.db, id, f, s.o.Now())
}

// SheetFor is an order of a meeting, for those who look after its money.
func (s *Service) SheetFor(ctx context.Context, slug, ref string) (out *Sheet, err error) {
	if err := event.Require(ctx, slug, event.MayReadMoney); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(r db.Reader) error {
		out, err = s.sheetOf(ctx, r, `o.ref = $1 AND m.slug = $2`, ref, slug)
		return err
	})
	return out, err
}

// History is what was done to an order, the newest first, and the names of who did it.
func (s *Service) History(ctx context.Context, slug, ref string) ([]audit.Stored, map[string]i18n.Text, error) {
	if err := event.Require(ctx, slug, event.MayReadMoney); err != nil {
		return nil, nil, err
	}
	list, _, err := audit.History(ctx, s.db, slug, "order:"+ref, audit.Page{Limit: 100})
	if err != nil {
		return nil, nil, err
	}
	refs := make([]string, len(list))
	for i := range list {
		refs[i] = list[i].Actor
	}
	names, err := namesOf(ctx, s.db, refs)
	return list, names, err
}

// change runs what a treasurer may do to an order of their meeting.
func (s *Service) change(ctx context.Context, slug, ref string, fn func(tx *db.Tx, b *books, a *account) error) error {
	if err := event.Require(ctx, slug, event.MayEditMoney); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		b, a, err := s.one(ctx, tx, `o.ref = $1 AND m.slug = $2`, ref, slug)
		if err != nil {
			return err
		}
		return fn(tx, b, a)
	})
}

// Issue issues a document of an order.
func (s *Service) Issue(ctx context.Context, slug, ref string, k Kind, l i18n.Lang, subject string) error {
	return s.change(ctx, slug, ref, func(tx *db.Tx, b *books, a *account) error { return s.issueFor(ctx, tx, b, a, k, l, subject) })
}

// IssueDifference documents what is owed otherwise than the documents of an order say.
func (s *Service) IssueDifference(ctx context.Context, slug, ref, why string) error {
	return s.change(ctx, slug, ref, func(tx *db.Tx, b *books, a *account) error {
		if !a.Pending {
			return fault.New(fault.Conflict, "billing.error.documented")
		}
		if err := s.follow(ctx, tx, b, a, tidy(why)); err != nil {
			return err
		}
		if err := saveOrder(ctx, tx, a.Order, s.o.Now()); err != nil {
			return err
		}
		return s.write(ctx, tx, a, "changed")
	})
}

// Reissue issues a document of an order again.
func (s *Service) Reissue(ctx context.Context, slug, ref, document string, l i18n.Lang) error {
	return s.change(ctx, slug, ref, func(tx *db.Tx, _ *books, a *account) error { return s.reissue(ctx, tx, a, document, l) })
}

// ReaddressFor says whom the documents of an order are for.
func (s *Service) ReaddressFor(ctx context.Context, slug, ref string, to Addressee, proviso string) error {
	return s.change(ctx, slug, ref, func(tx *db.Tx, _ *books, a *account) error { return s.readdress(ctx, tx, a, to, proviso) })
}

// Note writes what the treasurer wants to remember of an order.
func (s *Service) Note(ctx context.Context, slug, ref, note string) error {
	return s.change(ctx, slug, ref, func(tx *db.Tx, _ *books, a *account) error {
		if a.Noted = tidy(note); len([]rune(a.Noted)) > 1000 {
			return fault.New(fault.Invalid, "billing.error.long").On("note")
		}
		if err := saveOrder(ctx, tx, a.Order, s.o.Now()); err != nil {
			return err
		}
		return s.record(ctx, tx, a, "billing.noted", map[string]string{"note": a.was.Noted}, map[string]string{"note": a.Noted})
	})
}

// AllowLater decides whether an order that asks for it may be paid after the event.
func (s *Service) AllowLater(ctx context.Context, slug, ref string, yes bool) error {
	return s.change(ctx, slug, ref, func(tx *db.Tx, _ *books, a *account) error {
		if a.Later == "" || yes && a.Later == approved || !yes && a.Later == refused {
			return fault.New(fault.Conflict, "billing.error.later_decided")
		}
		a.Later = refused
		key := "later_refused"
		if yes {
			a.Later, key = approved, "later_approved"
		}
		if err := saveOrder(ctx, tx, a.Order, s.o.Now()); err != nil {
			return err
		}
		if err := s.record(ctx, tx, a, "billing."+key, map[string]string{"later": a.was.Later}, map[string]string{"later": a.Later, "day": a.LaterOn}); err != nil {
			return err
		}
		if err := s.write(ctx, tx, a, key); err != nil {
			return err
		}
		return s.tellOrder(ctx, tx, a)
	})
}

// The decisions that take off what is owed.
const (
	decidedFree   = "free"
	decidedCancel = "cancel"
)

// Waive makes free of charge what is still missing of an order. The reason is kept and stands in the ledger.
func (s *Service) Waive(ctx context.Context, slug, ref, why string) error {
	return s.change(ctx, slug, ref, func(tx *db.Tx, b *books, a *account) error {
		if a.Missing() == 0 {
			return fault.New(fault.Conflict, "billing.error.nothing")
		}
		if a.Held() > 0 && a.seller.Exclusive {
			return fault.New(fault.Conflict, "billing.error.partly_paid")
		}
		if err := s.decide(ctx, tx, b, a, decidedFree, a.Missing(), why); err != nil {
			return err
		}
		return s.tellOrder(ctx, tx, a)
	})
}

// Cancel takes everything off that is owed in an order. What was paid has to go back. Whoever registered stays registered: that is for the desk of
// the registration to decide.
func (s *Service) Cancel(ctx context.Context, slug, ref, why string) error {
	return s.change(ctx, slug, ref, func(tx *db.Tx, b *books, a *account) error {
		if a.Total == 0 {
			return fault.New(fault.Conflict, "billing.error.nothing")
		}
		return s.decide(ctx, tx, b, a, decidedCancel, a.Total, why)
	})
}

// decide takes an amount off, from the highest rate down. At a seller whose prices are before tax it is everything.
func (s *Service) decide(ctx context.Context, tx *db.Tx, b *books, a *account, key string, amount int64, why string) error {
	if why = tidy(why); why == "" {
		return fault.New(fault.Invalid, "billing.error.why").On("why")
	}
	if len([]rune(why)) > 300 {
		return fault.New(fault.Invalid, "billing.error.long").On("why")
	}
	name, err := say("billing.decision." + key)
	if err != nil {
		return err
	}
	sums := map[int]int64{}
	for i := range a.lines {
		sums[a.lines[i].Rate] += a.lines[i].sum()
	}
	for _, rate := range []int{10, 8, 0} {
		off := sums[rate]
		if !a.seller.Exclusive {
			off = min(off, amount)
			amount -= max(0, off)
		}
		if off <= 0 {
			continue
		}
		line := Owed{Line: Line{Key: key + ":" + strconv.Itoa(rate), Name: name, Amount: -off, Rate: rate, Seller: a.seller.Key, Quantity: 1}, Order: a.ID}
		i := slices.IndexFunc(a.lines, func(l Owed) bool { return l.Subject == "" && l.Key == line.Key })
		if i >= 0 {
			a.lines[i].Amount -= off
		} else {
			a.lines = append(a.lines, line)
		}
	}
	if err := s.keep(ctx, tx, b, a, "", why); err != nil {
		return err
	}
	return s.record(ctx, tx, a, "billing.decided_"+key, nil, map[string]string{"why": why})
}

// Undecide takes back decisions that took something off.
func (s *Service) Undecide(ctx context.Context, slug, ref, why string) error {
	return s.change(ctx, slug, ref, func(tx *db.Tx, b *books, a *account) error {
		if why = tidy(why); why == "" {
			return fault.New(fault.Invalid, "billing.error.why").On("why")
		}
		before := len(a.lines)
		a.lines = slices.DeleteFunc(a.lines, func(l Owed) bool { return l.Subject == "" })
		if len(a.lines) == before {
			return fault.New(fault.Conflict, "billing.error.nothing")
		}
		if err := s.keep(ctx, tx, b, a, "", why); err != nil {
			return err
		}
		return s.record(ctx, tx, a, "billing.undecided", nil, map[string]string{"why": why})
	})
}

// Send writes to the payer with the address of their order.
func (s *Service) Send(ctx context.Context, slug, ref string) error {
	return s.change(ctx, slug, ref, func(tx *db.Tx, _ *books, a *account) error {
		if a.Payer.Address == "" {
			return fault.New(fault.Conflict, "billing.error.no_address")
		}
		if err := s.write(ctx, tx, a, "sent"); err != nil {
			return err
		}
		return s.record(ctx, tx, a, "billing.sent", nil, nil)
	})
}

// Balance is what an account of a seller says.
type Balance struct {
	Account       string
	Debit, Credit int64
}

// Sum is debit minus credit.
func (b Balance) Sum() int64 { return b.Debit - b.Credit }

// Entry is a posting as the ledger shows it.
type Entry struct {
	Voucher              string
	At                   time.Time
	Account              string
	Amount               int64
	What, Why, Reference string
	Order, Number, Payer string // of the order, where there is one
	By                   string
	id                   int64
}

// Ledger is the books of a seller: the accounts, and postings, the newest first.
type Ledger struct {
	Seller   *Seller
	Balances []Balance
	Entries  []Entry
	Next     int64 // where the next page begins; 0: there is none
}

// Ledger reads the books of a seller of a meeting, from a place on; of one account, or of all.
func (s *Service) Ledger(ctx context.Context, slug, seller, account string, from int64) (*Ledger, error) {
	if err := event.Require(ctx, slug, event.MayReadMoney); err != nil {
		return nil, err
	}
	b, err := meetingBooks(ctx, s.db, slug)
	if err != nil {
		return nil, err
	}
	out := &Ledger{Seller: b.seller(seller)}
	if out.Seller == nil && len(b.sellers) > 0 {
		out.Seller = b.sellers[0]
	}
	if out.Seller == nil {
		return out, nil
	}
	err = s.db.Read(ctx, func(r db.Reader) error {
		if out.Balances, err = balancesOf(ctx, r, out.Seller.ID); err != nil {
			return err
		}
		out.Entries, err = entriesOf(ctx, r, out.Seller.ID, account, from, perPage+1)
		return err
	})
	if len(out.Entries) > perPage {
		out.Entries = out.Entries[:perPage]
		out.Next = out.Entries[perPage-1].id
	}
	slices.SortStableFunc(out.Balances, func(x, y Balance) int { return accountOrder(x.Account) - accountOrder(y.Account) })
	return out, err
}

// accountOrder is the place of an account in the books: what one has, what one owes, what one earned.
func accountOrder(account string) int {
	for i, a := range []string{Receivable, AtBank, AtCard, cashOf, Advance, RefundsDue, taxOf, revenueOf, Fees} {
		if account == a || hasPrefix(account, a) {
			return i
		}
	}
	return 99
}
