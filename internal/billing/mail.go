package billing

import (
	"context"
	"sync"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// KindOrder is the kind of the letters about orders.
const KindOrder = "billing.order"

// orderLetter is what a letter about an order says.
type orderLetter struct {
	Reason       string // sent, changed, later_approved, later_refused
	To           string
	Meeting      i18n.Text
	Seller       i18n.Text
	Number       string
	Total        string
	Missing      string // empty: nothing
	Refund       string // empty: nothing
	Due          string
	LaterOn      string
	Link, LinkEN string
}

var letter = mail.NewTemplate[orderLetter](Files, "mail/order", KindOrder)

// Letters are the letters of this feature, for the test that checks their templates.
func Letters() []mail.Checked { return []mail.Checked{letter} }

// ownWords are the words of this package, for papers and for texts that are on no page.
var ownWords = sync.OnceValues(func() (*i18n.Words, error) { return i18n.NewWords(Files) })

// say writes a sentence in both languages.
func say(key string, args ...any) (i18n.Text, error) {
	w, err := ownWords()
	if err != nil {
		return i18n.Text{}, err
	}
	return i18n.T(w.Say(i18n.JA, key, args...), w.Say(i18n.EN, key, args...)), nil
}

// write writes to the payer of an order, where there is an address.
func (s *Service) write(ctx context.Context, tx *db.Tx, a *account, reason string) error {
	if a.Payer.Address == "" {
		return nil
	}
	o, err := occasionOf(ctx, tx, a.Meeting)
	if err != nil {
		return err
	}
	secret, err := signingKey(ctx, tx, sign.NewSecret(), s.o.Now())
	if err != nil {
		return err
	}
	path := "/orders/" + a.token(secret)
	d := orderLetter{
		Reason: reason, To: a.addressee().line(), Meeting: o.title, Seller: a.seller.Name, Number: a.Number, Total: i18n.Number(float64(a.Total)), LaterOn: a.LaterOn,
		Link: s.o.Base + web.Address(i18n.JA, s.o.Default, path), LinkEN: s.o.Base + web.Address(i18n.EN, s.o.Default, path),
	}
	if n := a.Missing(); n > 0 {
		d.Missing = i18n.Number(float64(n))
	}
	if a.RefundDue > 0 {
		d.Refund = i18n.Number(float64(a.RefundDue))
	}
	if !a.Due.IsZero() {
		d.Due = a.Due.In(o.zone).Format(dayForm)
	}
	l, err := letter.Letter(mail.Address{Name: a.Payer.Name, Address: a.Payer.Address, Lang: a.Payer.Lang}, d)
	if err != nil {
		return err
	}
	return s.o.Outbox.Send(ctx, tx, l)
}

// line is an addressee in one line.
func (a Addressee) line() string {
	out := a.Organisation
	for _, s := range []string{a.Department, a.Name} {
		if s != "" && out != "" {
			out += " "
		}
		out += s
	}
	return out
}
