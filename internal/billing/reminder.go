package billing

import (
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// The steps of reminding. Those after the due date are numbered: after1, after2.
const (
	stepBefore  = "before"
	stepAfter   = "after"
	stepOverdue = "overdue"
	stepHeld    = "held" // something came, but not all: a person decides
)

// step says what is to be done about an order on a day: "" nothing, to remind before or after the due date, or to give it up. Whoever missed a day
// catches up with the newest step only.
func (p *Paying) step(o *Order, due, today time.Time, made time.Duration) string {
	days := int(today.Sub(due).Hours()) / 24
	switch {
	case days <= 0:
		if p.RemindBefore > 0 && -days <= p.RemindBefore && made > 24*time.Hour { // who has just ordered knows
			return stepBefore
		}
		return ""
	case p.CancelAfter > 0 && days >= p.CancelAfter && o.Later != approved:
		return stepOverdue
	case p.RemindAfter > 0 && days >= p.RemindAfter && days/p.RemindAfter <= p.RemindTimes:
		return stepAfter + strconv.Itoa(days/p.RemindAfter)
	}
	return ""
}

// reminderLetter is what a reminder says.
type reminderLetter struct {
	To           string
	Meeting      i18n.Text
	Number       string
	Late         bool
	Due          i18n.Text
	Missing      i18n.Text
	Seller       i18n.Text
	Account      string // empty: the seller has no bank account
	Holder       string
	Link, LinkEN string
	Held         bool      // a part came; a person decides what becomes of the entry
	GivenUp      i18n.Text // the day on which the entry is given up; empty: it is not
}

// KindReminder is the kind of the letters that remind of a payment.
const KindReminder = "billing.reminder"

var reminder = mail.NewTemplate[reminderLetter](Arrivals, "mail/reminder", KindReminder)

// ArrivalLetters are the letters about payments, for the test that checks their templates.
func ArrivalLetters() []mail.Checked { return []mail.Checked{reminder} }

// inBoth writes something in both languages.
func inBoth(f func(i18n.Lang) string) i18n.Text { return i18n.T(f(i18n.JA), f(i18n.EN)) }

// reminded writes the reminder of an order. partly says that a part of it, or of its siblings, came.
func (p *Payments) reminded(h *hall, o *Order, due time.Time, token, step string, partly bool) (mail.Letter, error) {
	s := sellerByID(h.sellers, o.Seller)
	path := "/orders/" + token
	d := reminderLetter{
		To: o.label(), Meeting: h.Title, Number: o.Number, Late: step != stepBefore, Held: step == stepHeld, Seller: s.Name, Holder: s.Holder,
		Due:     inBoth(func(l i18n.Lang) string { return i18n.Day(l, due) }),
		Missing: i18n.T(i18n.Number(float64(o.Missing()))+"円", "¥"+i18n.Number(float64(o.Missing()))),
		Link:    p.o.Base + web.Address(i18n.JA, p.o.Default, path), LinkEN: p.o.Base + web.Address(i18n.EN, p.o.Default, path),
	}
	if s.Account != "" {
		kind := "普通"
		if s.AccountKind == Current {
			kind = "当座"
		}
		d.Account = strings.Join(strings.Fields(s.Bank+" "+s.Branch+" "+kind+" "+s.Account), " ")
	}
	if h.paying.CancelAfter > 0 && o.Later != approved && !partly {
		d.GivenUp = inBoth(func(l i18n.Lang) string { return i18n.Day(l, due.AddDate(0, 0, h.paying.CancelAfter-1)) })
	}
	return reminder.Letter(mail.Address{Name: o.Payer.Name, Address: o.Payer.Address, Lang: o.Payer.Lang}, d)
}
