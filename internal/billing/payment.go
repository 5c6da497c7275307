package billing

import (
	"strings"
	"time"
)

// Paying is how a meeting takes money.
type Paying struct {
	CardSeller   string // key of the seller whose money the card service collects; empty: no cards
	RemindBefore int    // days before the due date; 0: no reminder
	RemindAfter  int    // days after it, and again after as many; 0: none
	RemindTimes  int    // how many after it
	CancelAfter  int    // days after the due date on which an entry is given up; 0: never
	Books        Books
}

// Books are the names of accounts (勘定科目) in the books of the accountant.
type Books struct {
	Receivable, Advance, Refund, Bank, Card, Cash, Fee, Revenue string
}

// UsualPaying is how a meeting takes money until somebody says otherwise: a reminder three days before and one a week after, and nothing is
// given up by itself.
func UsualPaying() Paying {
	return Paying{RemindBefore: 3, RemindAfter: 7, RemindTimes: 1, Books: Books{
		Receivable: "売掛金", Advance: "前受金", Refund: "未払金", Bank: "普通預金", Card: "未収入金", Cash: "現金", Fee: "支払手数料", Revenue: "売上高"}}
}

// named is the name of an account of the ledger.
func (b *Books) named(account string) string {
	switch {
	case account == Receivable:
		return b.Receivable
	case account == Advance:
		return b.Advance
	case account == RefundsDue:
		return b.Refund
	case account == AtBank:
		return b.Bank
	case account == AtCard:
		return b.Card
	case account == Fees:
		return b.Fee
	case hasPrefix(account, cashOf), account == cashOf:
		return b.Cash
	case hasPrefix(account, revenueOf), hasPrefix(account, taxOf):
		return b.Revenue
	}
	return account
}

// list are the names, to be looked at one by one.
func (b *Books) list() []*string {
	return []*string{&b.Receivable, &b.Advance, &b.Refund, &b.Bank, &b.Card, &b.Cash, &b.Fee, &b.Revenue}
}

// The states of a deposit.
const (
	DepositOpen = "open"
	DepositUsed = "used"
	DepositLeft = "left"
)

// Incoming is a deposit that was loaded, with what was decided.
type Incoming struct {
	Deposit
	ID      int64
	Ref     string
	Seller  int64
	State   string
	Note    string
	Version int
	By      string
	At      time.Time
	Parts   []Part
}

// Part is what of a deposit was used for an order.
type Part struct {
	Deposit int64
	Order   string // ref
	Number  string
	Label   string
	Payment string // ref
	Amount  int64
}

// Due is the day until which an order is to be paid: of one that is paid after the event, the day they said.
func (o *Order) dueOn(zone *time.Location) string {
	if o.Later == approved && o.LaterOn != "" {
		return o.LaterOn
	}
	if o.Due.IsZero() {
		return ""
	}
	return o.Due.In(zone).Format(time.DateOnly)
}

// label says of whom an order is, for people.
func (o *Order) label() string {
	return strings.Join(strings.Fields(o.Payer.Organisation+" "+o.Payer.Name), " ")
}

// DueBack is money that has to go back.
type DueBack struct {
	*Order
	Ref     string // of the refund
	Amount  int64
	Why     string
	Since   time.Time
	Leaving bool    // it was asked of the card service, which may have made it
	Last    Payment // how money came in last
}
