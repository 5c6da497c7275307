package billing

import (
	"embed"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Arrivals are the letters, pages and the style sheet of payments.
//
//go:embed mail/reminder.*.txt pages/arrive_*
var Arrivals embed.FS

// ArrivalWeb serves the pages on which money arrives, and what the card service tells.
type ArrivalWeb struct {
	p    *Payments
	site *web.Site
}

// NewArrivalWeb makes the handlers.
func NewArrivalWeb(p *Payments, site *web.Site) *ArrivalWeb { return &ArrivalWeb{p, site} }

// maxStatement bounds the form with a file of a bank: the file and a little more.
const maxStatement = 11 << 20

// maxTold bounds what the card service tells; its own limit is lower.
const maxTold = 1 << 20

// Routes lists every address of payments.
func (h *ArrivalWeb) Routes() []web.Route {
	const at = "/meetings/{slug}/money"
	read, edit, take := web.Needs(event.MayReadMoney), web.Needs(event.MayEditMoney), web.Needs(event.MayTakeMoney)
	load := web.Action(at+"/bank", edit, h.load)
	load.MaxBody = maxStatement
	return []web.Route{
		web.Private(at+"/bank", read, h.bank),
		load,
		web.Action(at+"/bank/{ref}", edit, h.decide),
		web.Private(at+"/card", read, h.cards),
		web.Action(at+"/card", edit, h.payout),
		web.Private(at+"/refunds", read, h.refunds),
		web.Action(at+"/refunds/{order}", edit, h.refund),
		web.Private(at+"/gate", take, h.gate),
		web.Action(at+"/gate", take, h.take),
		web.Private(at+"/paying", read, h.paying),
		web.Action(at+"/paying", edit, h.savePaying),
		web.Private(at+"/books", read, h.books),
		web.Action(at+"/books", read, h.handOut),
		web.Action("/orders/{token}/card", web.Public, h.beginCard),
		web.Private("/orders/{token}/card/{ref}", web.Public, h.cardPage),
		web.Action("/orders/{token}/card/{ref}", web.Public, h.askCard),
		// It signs what it sends; a browser has no business there.
		{Pattern: "POST /webhooks/stripe", Access: web.Public, Machine: true, MaxBody: maxTold, Handler: h.hear},
	}
}

// ArrivalAssets adds the style sheet of these pages.
func ArrivalAssets(a *web.Assets) error {
	return a.Bundle("arrive.css", web.From(Arrivals, "pages/arrive_style.css"))
}

// ArrivalPages are the typed pages of payments, for the test that checks their templates.
func ArrivalPages() []web.Checked {
	return []web.Checked{bankPage, cardsPage, refundsPage, gatePage, payingPage, booksPage, checkoutPage}
}

// arrival is what every page of payments says.
type arrival struct {
	words
	m    *event.Stored
	Base string // of the meeting's money, in the page's language
	May  bool   // the reader may change it

	reads bool // the reader may see all of it
}

// Treasurer reports that the reader may open the treasurer's other pages.
func (a arrival) Treasurer() bool { return a.reads }

// Wide writes what a bank wrote in half-width letters so that one can read it.
func (a arrival) Wide(s string) string { return norm.NFKC.String(s) }

// When writes a moment in the zone of the meeting.
func (a arrival) When(t time.Time) string { return a.f.Moment(t.In(a.m.Location())) }

// Meeting is the name of the meeting.
func (a arrival) Meeting() i18n.Text { return a.m.Title }

// Short writes a day in the zone of the meeting.
func (a arrival) Short(t time.Time) string { return a.f.ShortDay(t.In(a.m.Location())) }

// Label says of whom an order is.
func (a arrival) Label(o *Order) string { return o.label() }

// States are the states of deposits, in the order of their tabs.
func (a arrival) States() []string { return []string{DepositOpen, DepositUsed, DepositLeft} }

// OrderURL leads to an order on the page of a gate.
func (a arrival) OrderURL(o *Order) string {
	return a.Base + "/gate?" + url.Values{"order": {o.Ref}}.Encode()
}

// place is what the form needs that asks at which gate somebody is.
type place struct {
	F      *web.Frame
	Action string
}

// Here is where the form goes that asks at which gate somebody is.
func (a arrival) Here() place { return place{a.f, a.Base + "/gate"} }

// open starts a page of a meeting's money.
func (h *ArrivalWeb) open(r *http.Request, title string) (*web.Frame, arrival, error) {
	m, err := h.p.events.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return nil, arrival{}, err
	}
	f, err := h.p.events.Frame(r, h.site, m, "money")
	if err != nil {
		return nil, arrival{}, err
	}
	h.dress(f, title)
	return f, arrival{words{f}, m, f.URL("/meetings/" + m.Slug + "/money"), event.May(r.Context(), m.Slug, event.MayEditMoney),
		event.May(r.Context(), m.Slug, event.MayReadMoney)}, nil
}

func (h *ArrivalWeb) dress(f *web.Frame, title string) {
	f.Title, f.NoIndex = f.T(title), true
	f.Styles = append(f.Styles, f.Asset("billing.css"), f.Asset("arrive.css"))
}

// yenTyped reads an amount that somebody typed; nothing is zero, and what is no amount is below.
func yenTyped(s string) int64 {
	n, ok := bankAmount(s)
	if !ok || n < 0 || strings.TrimSpace(s) != "" && n == 0 {
		return -1
	}
	return n
}
