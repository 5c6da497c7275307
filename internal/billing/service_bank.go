package billing

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Payments are the ways in which money arrives: by bank, by card, in cash.
type Payments struct {
	*Service
	card *CardService // nil: no cards
}

// NewPayments makes the service. card may be nil.
func NewPayments(s *Service, card *CardService) *Payments { return &Payments{s, card} }

// hall is a meeting whose money somebody looks at.
type hall struct {
	*event.Stored
	id      int64
	sellers []*Seller
	paying  Paying
}

// seller finds one by key; with an empty key it is the only one, or the first.
func (h *hall) seller(key string) *Seller {
	for _, s := range h.sellers {
		if s.Key == key || key == "" {
			return s
		}
	}
	return nil
}

// enter finds a meeting, for those who may do something with its money.
func (p *Payments) enter(ctx context.Context, slug string, may authz.Permission) (*hall, error) {
	if err := event.Require(ctx, slug, may); err != nil {
		return nil, err
	}
	m, err := p.events.Meeting(ctx, slug)
	if err != nil {
		return nil, err
	}
	h := &hall{Stored: m, id: int64(m.ID)}
	err = p.db.Read(ctx, func(r db.Reader) error {
		if h.sellers, err = sellersOf(ctx, r, h.id); err != nil {
			return err
		}
		h.paying, err = payingOf(ctx, r, h.id)
		return err
	})
	return h, err
}

// Loaded says what a file brought.
type Loaded struct {
	Fresh, Known, Out int
	Form              string
}

// LoadStatement reads a file of a bank and keeps the deposits that are new. The same file again changes nothing.
func (p *Payments) LoadStatement(ctx context.Context, slug, seller string, data []byte) (*Loaded, error) {
	h, err := p.enter(ctx, slug, event.MayEditMoney)
	if err != nil {
		return nil, err
	}
	to := h.seller(seller)
	if to == nil {
		return nil, fault.New(fault.Invalid, "billing.error.seller").With("key", seller).On("seller")
	}
	s, err := ReadStatement(data, p.o.Now())
	if err != nil {
		return nil, onField(err, "file")
	}
	out := &Loaded{Form: s.Form, Out: s.Out}
	err = p.db.Write(ctx, func(tx *db.Tx) error {
		fresh, err := addDeposits(ctx, tx, h.id, to.ID, s.Deposits, by(ctx), p.o.Now())
		if err != nil {
			return err
		}
		out.Fresh, out.Known = int(fresh), len(s.Deposits)-int(fresh)
		if fresh == 0 {
			return nil
		}
		return p.note(ctx, tx, slug, "money:bank", "billing.bank_loaded", map[string]string{"seller": to.Key, "deposits": strconv.Itoa(out.Fresh)})
	})
	return out, err
}

// onField says which field of a form a fault is about.
func onField(err error, field string) error {
	if f, ok := fault.As(err); ok && f.Field == "" {
		return f.On(field)
	}
	return err
}

// note writes what was done into the log.
func (p *Payments) note(ctx context.Context, tx *db.Tx, slug, object, action string, values map[string]string) error {
	return audit.Record(ctx, tx, audit.Entry{Scope: slug, Object: object, Action: action, After: values, At: p.o.Now()})
}

// Desk is what the page of bank transfers shows.
type Desk struct {
	Sellers []*Seller
	Counts  map[string]int
	List    []*Suggested
	More    int // deposits that are not on this page
	State   string
}

// Suggested is a deposit with what it may be for.
type Suggested struct {
	*Incoming
	Seller      *Seller
	Suggestions []Suggestion
	Orders      map[string]*Order // of the suggestions, by ref
}

// depositsPerPage is how many deposits a page shows.
const depositsPerPage = 50

// Deposits are those of a state, the newest first, from the nth on; of open ones with suggestions. The number of statements does not depend on
// how many there are.
func (p *Payments) Deposits(ctx context.Context, slug, state string, from int) (*Desk, error) {
	h, err := p.enter(ctx, slug, event.MayReadMoney)
	if err != nil {
		return nil, err
	}
	if state != DepositUsed && state != DepositLeft {
		state = DepositOpen
	}
	d := &Desk{Sellers: h.sellers, State: state}
	err = p.db.Read(ctx, func(r db.Reader) error {
		if d.Counts, err = countDeposits(ctx, r, h.id); err != nil {
			return err
		}
		list, err := deposits(ctx, r, `d.meeting_id = $1 AND d.state = $2`, h.id, state)
		if err != nil {
			return err
		}
		from = min(max(0, from), len(list))
		to := min(from+depositsPerPage, len(list))
		d.More = len(list) - to
		return p.fill(ctx, r, h, d, list[from:to])
	})
	return d, err
}

// fill adds what deposits were used for, or may be.
func (p *Payments) fill(ctx context.Context, r db.Reader, h *hall, d *Desk, list []*Incoming) error {
	if d.State == DepositOpen && len(list) > 0 {
		orders, candidates, err := p.candidates(ctx, r, h)
		if err != nil {
			return err
		}
		for _, in := range list {
			s := &Suggested{Incoming: in, Seller: sellerByID(h.sellers, in.Seller), Orders: orders}
			s.Suggestions = Match(&in.Deposit, candidates[in.Seller])
			d.List = append(d.List, s)
		}
		return nil
	}
	ids := make([]int64, len(list))
	for i, in := range list {
		ids[i] = in.ID
		d.List = append(d.List, &Suggested{Incoming: in, Seller: sellerByID(h.sellers, in.Seller)})
	}
	parts, err := partsOf(ctx, r, ids)
	for _, part := range parts {
		in := list[slices.Index(ids, part.Deposit)]
		in.Parts = append(in.Parts, part)
	}
	return err
}

func sellerByID(list []*Seller, id int64) *Seller {
	for _, s := range list {
		if s.ID == id {
			return s
		}
	}
	return &Seller{}
}

// candidates are the orders that miss money, by seller.
func (p *Payments) candidates(ctx context.Context, r db.Reader, h *hall) (map[string]*Order, map[int64][]Candidate, error) {
	list, err := payables(ctx, r, h.id)
	if err != nil {
		return nil, nil, err
	}
	known, err := aliases(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	paid := map[string][]string{} // under which names, by whom
	for _, a := range known {
		k := payerKey(a.person, a.organisation, a.name)
		if len(paid[k]) < 10 && !slices.Contains(paid[k], a.folded) {
			paid[k] = append(paid[k], a.folded)
		}
	}
	orders, out := map[string]*Order{}, map[int64][]Candidate{}
	for _, o := range list {
		orders[o.Ref] = o.Order
		c := NewCandidate(o.Ref, o.Number, o.label(), o.Missing(), []string{o.Payer.Name, o.kana, o.Payer.Organisation},
			paid[payerKey(o.Payer.Person, o.Payer.Organisation, o.Payer.Name)])
		out[o.Seller] = append(out[o.Seller], c)
	}
	return orders, out, nil
}

// payerKey is what makes two payers the same: the organisation, else the account, else the name.
func payerKey(person int64, organisation, name string) string {
	if f := FoldPayer(organisation); f != "" {
		return "o:" + f
	}
	if person != 0 {
		return "p:" + strconv.FormatInt(person, 10)
	}
	return "n:" + FoldPayer(name)
}

// deposit finds one of a meeting.
func (p *Payments) deposit(ctx context.Context, r db.Reader, meeting int64, ref string) (*Incoming, error) {
	list, err := deposits(ctx, r, `d.ref = $1 AND d.meeting_id = $2`, ref, meeting)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.Missing()
	}
	return list[0], nil
}

// maxShares is for how many orders one deposit can be.
const maxShares = 50

// UseDeposit confirms for which orders a deposit is: their numbers or public ids, with an amount each; 0 is what the order misses, or the rest of
// the deposit. version is what the person saw: of two treasurers, one confirms and the other is told.
func (p *Payments) UseDeposit(ctx context.Context, slug, ref string, version int, shares []Share) error {
	h, err := p.enter(ctx, slug, event.MayEditMoney)
	if err != nil {
		return err
	}
	if len(shares) == 0 || len(shares) > maxShares {
		return fault.New(fault.Invalid, "billing.error.shares").On("order")
	}
	return p.db.Write(ctx, func(tx *db.Tx) error {
		d, err := p.decide(ctx, tx, h, ref, version, DepositUsed, "")
		if err != nil {
			return err
		}
		if used, err := usedElsewhere(ctx, tx, d.Seller, d.Print); err != nil || used {
			return orFault(err, fault.New(fault.Conflict, "billing.error.deposit_elsewhere"))
		}
		parts, err := p.divide(ctx, tx, h, d, shares)
		if err != nil {
			return err
		}
		for i, part := range parts {
			pay := &Payment{Method: Bank, Amount: part.Amount, At: noon(d.Date, h.Location()), Reference: d.Ref + "." + strconv.Itoa(version) + "." + strconv.Itoa(i)}
			if err := p.receive(ctx, tx, part.order, pay); err != nil {
				return err
			}
			if err := addPart(ctx, tx, d.ID, part.order.ID, pay.Ref, part.Amount); err != nil {
				return err
			}
		}
		return p.note(ctx, tx, slug, "deposit:"+ref, "billing.deposit_used", map[string]string{"amount": yen(d.Amount), "orders": numbersOf(parts)})
	})
}

// receive records money that came in for an order. What comes in for an order of which nothing is owed any more has to go back at once.
func (p *Payments) receive(ctx context.Context, tx *db.Tx, o *Order, pay *Payment) error {
	fresh, err := p.recordPayment(ctx, tx, o.Ref, pay)
	if err != nil || !fresh {
		return err
	}
	now, err := oneOrder(ctx, tx, `o.id = $1`, o.ID) // as it is, now that it is locked
	if err != nil || now.Total > 0 || now.Held() <= 0 {
		return err
	}
	return p.refundExcess(ctx, tx, o.Ref, "paid after it was cancelled")
}

// share is an order with what of a deposit is for it.
type portion struct {
	order  *Order
	Amount int64
}

func numbersOf(parts []portion) string {
	list := make([]string, len(parts))
	for i, part := range parts {
		list[i] = part.order.Number
	}
	return strings.Join(list, " ")
}

// divide finds the orders of shares and makes sure that the amounts come to what came in.
func (p *Payments) divide(ctx context.Context, tx *db.Tx, h *hall, d *Incoming, shares []Share) ([]portion, error) {
	left := d.Amount
	var out []portion
	for _, s := range shares {
		key := strings.TrimSpace(s.Order)
		o, err := oneOrder(ctx, tx, `o.meeting_id = $1 AND (o.ref = $2 OR o.number = $3)`, h.id, key, spoken(key))
		if err != nil {
			return nil, err
		}
		switch {
		case o == nil:
			return nil, fault.New(fault.Invalid, "billing.error.order_unknown").With("order", clip(key, 40)).On("order")
		case o.Seller != d.Seller:
			return nil, fault.New(fault.Invalid, "billing.error.order_seller").With("order", o.Number).On("order")
		case slices.ContainsFunc(out, func(x portion) bool { return x.order.ID == o.ID }):
			return nil, fault.New(fault.Invalid, "billing.error.order_twice").With("order", o.Number).On("order")
		}
		amount := s.Amount
		if amount == 0 && len(shares) == 1 {
			amount = left
		} else if amount == 0 {
			amount = min(o.Missing(), left)
		}
		if amount <= 0 || amount > left {
			return nil, fault.New(fault.Invalid, "billing.error.shares_sum").With("left", left).On("order")
		}
		left -= amount
		out = append(out, portion{o, amount})
	}
	if left != 0 {
		return nil, fault.New(fault.Invalid, "billing.error.shares_sum").With("left", left).On("order")
	}
	return out, nil
}

// decide changes the state of a deposit that is still as somebody saw it.
func (p *Payments) decide(ctx context.Context, tx *db.Tx, h *hall, ref string, version int, to, note string) (*Incoming, error) {
	d, err := p.deposit(ctx, tx, h.id, ref)
	if err != nil {
		return nil, err
	}
	d.Version = version
	done, err := decideDeposit(ctx, tx, d, to, note, by(ctx), p.o.Now())
	if err == nil && (!done || d.State == to) {
		err = fault.New(fault.Conflict, "billing.error.deposit_decided")
	}
	return d, err
}

// LeaveDeposit says that a deposit is for no order, and why.
func (p *Payments) LeaveDeposit(ctx context.Context, slug, ref string, version int, note string) error {
	h, err := p.enter(ctx, slug, event.MayEditMoney)
	if err != nil {
		return err
	}
	note = clip(straight(note), 500)
	return p.db.Write(ctx, func(tx *db.Tx) error {
		d, err := p.decide(ctx, tx, h, ref, version, DepositLeft, note)
		if err != nil {
			return err
		}
		if d.State != DepositOpen {
			return fault.New(fault.Conflict, "billing.error.deposit_decided")
		}
		return p.note(ctx, tx, slug, "deposit:"+ref, "billing.deposit_left", map[string]string{"amount": yen(d.Amount), "why": note})
	})
}

// FreeDeposit undoes what was decided about a deposit: the payments it made are taken back.
func (p *Payments) FreeDeposit(ctx context.Context, slug, ref string, version int) error {
	h, err := p.enter(ctx, slug, event.MayEditMoney)
	if err != nil {
		return err
	}
	return p.db.Write(ctx, func(tx *db.Tx) error {
		d, err := p.decide(ctx, tx, h, ref, version, DepositOpen, "")
		if err != nil {
			return err
		}
		parts, err := partsOf(ctx, tx, []int64{d.ID})
		if err != nil {
			return err
		}
		for _, part := range parts {
			if err := p.takePaymentBack(ctx, tx, part.Order, part.Payment, "deposit undone"); err != nil {
				return err
			}
		}
		if err := dropParts(ctx, tx, d.ID); err != nil {
			return err
		}
		return p.note(ctx, tx, slug, "deposit:"+ref, "billing.deposit_freed", map[string]string{"amount": yen(d.Amount)})
	})
}

// noon is the middle of a day where a meeting is: banks know no time.
func noon(day time.Time, zone *time.Location) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, zone)
}
