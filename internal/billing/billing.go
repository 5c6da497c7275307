// Package billing knows who owes what to whom: orders, documents, payments, and the ledger.
//
// Somebody else says what a subject owes (Owe); this package compares that with what it owed before. What one payer owes to one seller is an
// order. Orders of subjects with the same Joint are one order for each seller.
//
// # Amounts
//
// Everything is whole yen. The prices of a seller include the consumption tax, or stand before it, as the seller chose. Tax is rounded once for
// each rate of each document (see tax.go).
//
// # States of an order
//
// none (お支払いなし): nothing is owed and nothing has to go back. open (未払い): something is owed. approved (請求書払い承認): it is paid after the event, as a
// treasurer allowed. paid (支払済み). over (過払い): more came in than is owed. refund (要返金): something has to go back.
//
// # Documents
//
// quotation (見積書), invoice (請求書, 適格請求書), receipt (領収書), credit note (適格返還請求書), written promise (確約書). What was issued never
// changes. Issued again, it has the same number and says so.
//
// # The ledger
//
// Every change posts the difference between what the accounts of an order say and what they should say, so the ledger always balances and is
// never edited.
//
// Tables: billing_seller, billing_order, billing_line, billing_share, billing_number, billing_document, billing_payment, billing_refund,
// billing_posting, billing_key.
package billing

import (
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Line is one thing that is owed for.
type Line struct {
	Key      string    // stable within the subject: "kind:general", "option:social"
	Name     i18n.Text // as documents say it
	Amount   int64     // yen for one, as the seller prices: with tax, unless it prices before tax. Negative: a discount
	Rate     int       // of the tax, in percent: 10, 8 (reduced), 0
	Seller   string    // key of a seller of the meeting
	Quantity int
}

// Payer is who pays.
type Payer struct {
	Person                         int64 // 0: nobody with an account
	Name, Organisation, Department string
	Address                        string // of mail
	Lang                           i18n.Lang
	Kana                           string // how they are read, for finding their transfers; kept beside the order
}

// Debt is everything a subject owes from now on.
type Debt struct {
	Subject string // "entry:REF"
	Joint   string // "group:REF": subjects with the same Joint share one order for each seller. Empty: the subject has its own
	Payer   Payer
	Whose   string // the name of whose it is, as documents over several people say it; empty: nobody's on a joint order, else that of the payer
	Lines   []Line // empty: nothing any more
	Due     time.Time
	Why     string // for the log and the ledger
}

// The states of an order, and of what a subject owes.
const (
	None     = "none"
	Open     = "open"
	Approved = "approved"
	Paid     = "paid"
	Over     = "over"
	Refund   = "refund"
)

// Standing is how a subject stands.
type Standing struct {
	Owed, Paid int64
	Due        time.Time
	State      string
	Path       string // the page of the order, for the payer; of several, of the first that is not settled
}

// Settled says that everything a subject owes is covered, or approved to be paid later.
type Settled struct {
	Slug    string `json:"slug"`
	Subject string `json:"subject"`
}

// JobName names the event.
func (Settled) JobName() string { return "billing.settled" }

// Overdue says that a subject has not paid in time.
type Overdue struct {
	Slug    string `json:"slug"`
	Subject string `json:"subject"`
}

// JobName names the event.
func (Overdue) JobName() string { return "billing.overdue" }

// Seller is somebody who sells at a meeting, writes the documents and takes the money.
type Seller struct {
	ID          int64
	Ref         string
	Key         string
	Name        i18n.Text // legal name
	Postcode    string
	Street      i18n.Text
	Number      string // T and 13 digits; empty: it issues no qualified invoices
	Contact     string // mail address for questions
	Phone       string
	Bank        string
	Branch      string
	AccountKind string // Ordinary or Current
	Account     string // digits
	Holder      string // in katakana
	BankNote    string
	Exclusive   bool // prices are before tax
	Rounding    Rounding
	YearMonth   int // the month with which the business year begins
	Prefix      string
	Follow      string // FollowIssue or FollowDraft
	Later       string // LaterNo, LaterAsk or LaterYes
	LaterDays   int    // how long after the last day of the meeting
}

// What a seller may choose.
const (
	Ordinary    = "ordinary" // 普通
	Current     = "current"  // 当座
	FollowIssue = "issue"    // what changes after an invoice is documented at once
	FollowDraft = "draft"    // it waits for the treasurer
	LaterNo     = "no"       // nobody pays after the event
	LaterAsk    = "ask"      // a treasurer approves
	LaterYes    = "yes"      // whoever asks may
)

// What became of the wish to pay after the event.
const (
	asked    = "asked"
	approved = "approved"
	refused  = "refused"
)

// Order is what one payer, or those who pay together, owe to one seller.
type Order struct {
	ID        int64
	Ref       string
	Slug      string
	Meeting   int64
	Seller    int64
	Bundle    string
	Number    string // short, for the transfer form
	Payer     Payer  // with the name that documents are addressed to
	Postcode  string
	Street    string
	Proviso   string // what receipts say they are for; empty: the meeting
	Addressed bool   // the payer wrote the addressee
	Due       time.Time
	Total     int64 // owed, with tax
	Received  int64 // came in
	Refunded  int64 // went back
	RefundDue int64 // has to go back
	Later     string
	LaterOn   string // the day, YYYY-MM-DD
	// Documented says that a document stands that states the tax, Pending that what is owed differs from what documents say.
	Documented, Pending bool
	Noted               string
	LinkNo              int // of its address: earlier ones lead nowhere
	Made, Changed       time.Time
}

// Held is what the seller has of the payer's money, without what has to go back.
func (o *Order) Held() int64 { return o.Received - o.Refunded - o.RefundDue }

// Missing is what has still to be paid.
func (o *Order) Missing() int64 { return max(0, o.Total-o.Held()) }

// State is how the order stands.
func (o *Order) State() string {
	switch {
	case o.RefundDue > 0:
		return Refund
	case o.Held() > o.Total:
		return Over
	case o.Total == 0:
		return None
	case o.Held() == o.Total:
		return Paid
	case o.Later == approved:
		return Approved
	}
	return Open
}

// settled reports that nobody waits for the money.
func (o *Order) settled() bool { return o.Missing() == 0 || o.Later == approved }

// Owed is a line of an order.
type Owed struct {
	Line
	ID      int64
	Order   int64
	Subject string // empty: a decision
	Payer   string // whose it is
}

// sum is what a line comes to, as the seller prices.
func (l *Line) sum() int64 { return l.Amount * int64(l.Quantity) }

// How money comes in and goes back. Free of charge is none of them: it is a decision, which lowers what is owed (see Service.Waive).
const (
	Bank = "bank"
	Card = "card"
	Cash = "cash"
)

// Payment is money that came in for an order.
type Payment struct {
	Ref       string
	Method    string
	Amount    int64
	At        time.Time
	Reference string // of the bank, or of the card service; no two payments of a method have the same
	Gate      string // where cash was taken
	By        string // public id of who recorded it; empty: a machine
	Recorded  time.Time
	Reversed  bool
}

// Back is money that has to go back, or went back.
type Back struct {
	Ref       string
	Amount    int64
	Why       string
	Made      bool
	Leaving   bool // it was asked of the card service, which may have made it
	Method    string
	Reference string
	Gate      string
	Since     time.Time
	On        time.Time
	By        string
}
