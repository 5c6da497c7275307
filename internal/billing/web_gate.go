package billing

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/qr"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var gatePage = web.NewPage[gateView](event.Mast, web.From(Arrivals, "pages/arrive_gate.html"), web.From(Files, "pages/parts.html"))

// gateCookie remembers in a browser at which gate it stands.
const gateCookie = "gate"

// gateView is the page on which somebody at a gate takes cash.
type gateView struct {
	arrival
	*Till
	Gate    string
	Query   string
	Key     string // of the form
	Given   int64  // what the payer handed over
	Change  int64
	Tenders []tender
	Receipt string // where the payer gets their receipt
	QR      qr.Code
	Paper   string // key of the payment, for undoing it
	Undone  bool
	Problem *web.Problem
}

// tender is an amount that people hand over, with what they get back.
type tender struct{ Given, Change int64 }

// tenders are the sums that people are likely to hand over for an amount: with coins, or rounded up to notes.
func tenders(amount int64) []tender {
	var out []tender
	for _, unit := range []int64{500, 1000, 5000, 10000} {
		given := (amount + unit - 1) / unit * unit
		if given > amount && (len(out) == 0 || out[len(out)-1].Given != given) {
			out = append(out, tender{given, given - amount})
		}
	}
	return out
}

// gateOf is the gate of a browser.
func gateOf(r *http.Request) string {
	c, err := r.Cookie(gateCookie)
	if err != nil {
		return ""
	}
	s, err := url.QueryUnescape(c.Value)
	if err != nil {
		return ""
	}
	return clip(straight(s), maxGate)
}

// gate shows the page of a gate.
func (h *ArrivalWeb) gate(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return h.showGate(w, r, gateView{Query: clip(q.Get("q"), 200), Paper: q.Get("took"), Undone: q.Get("done") == "undone"}, q.Get("order"), q.Get("given"))
}

func (h *ArrivalWeb) showGate(w http.ResponseWriter, r *http.Request, v gateView, order, given string) error {
	f, a, err := h.open(r, "billing.gate.title")
	if err != nil {
		return err
	}
	v.arrival, v.Gate, v.Key = a, gateOf(r), NewKey()
	if v.Till, err = h.p.Till(r.Context(), a.m.Slug, v.Gate, v.Query, order, v.Paper); err != nil {
		return err
	}
	if len(v.Found) == 1 && v.Problem == nil { // nobody has to choose among one
		return web.Done(a.Base + "/gate?" + url.Values{"q": {v.Query}, "order": {v.Found[0].Ref}}.Encode())
	}
	if v.Order != nil {
		v.Tenders = tenders(v.Order.Missing())
	}
	if v.Took != nil {
		if v.Given = yenTyped(given); v.Given > v.Took.Amount {
			v.Change = v.Given - v.Took.Amount
		}
		if err := h.receipt(r, f, &v); err != nil {
			return err
		}
	}
	return web.ShowStatus(w, statusOf(v.Problem), gatePage, f, v)
}

// receipt says where the payer gets their receipt.
func (h *ArrivalWeb) receipt(r *http.Request, f *web.Frame, v *gateView) error {
	secret, err := findKey(r.Context(), h.p.db) // made when cash is taken, at the latest
	if err != nil {
		return err
	}
	v.Receipt = web.Address(v.Order.Payer.Lang, f.Site.Default, "/orders/"+v.Order.token(secret))
	v.QR, err = qr.New(f.Abs(v.Receipt))
	return err
}

// take records cash, undoes that, or remembers the gate.
func (h *ArrivalWeb) take(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	_, a, err := h.open(r, "billing.gate.title")
	if err != nil {
		return err
	}
	order := form.Get("order")
	switch form.Get("act") {
	case "gate":
		http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever there is https
			Name: gateCookie, Value: url.QueryEscape(clip(straight(form.Get("gate")), maxGate)), Path: "/",
			MaxAge: 7 * 24 * 3600, HttpOnly: true, Secure: strings.HasPrefix(h.site.PublicURL, "https:"), SameSite: http.SameSiteLaxMode,
		})
		return web.Done(a.Base + "/gate")
	case "take":
		expected, parseErr := strconv.ParseInt(form.Get("amount"), 10, 64)
		if parseErr != nil {
			return fault.New(fault.Invalid, "error.form").Because(parseErr)
		}
		given := yenTyped(form.Get("given"))
		if form.Get("given") != "" && given < expected {
			err = fault.New(fault.Invalid, "billing.error.gate_little").On("given")
		} else {
			err = h.p.TakeCash(r.Context(), a.m.Slug, order, gateOf(r), form.Get("key"), expected)
		}
		if err == nil {
			return web.Done(a.Base + "/gate?" + url.Values{"order": {order}, "took": {form.Get("key")}, "given": {form.Get("given")}}.Encode())
		}
	case "undo":
		if err = h.p.UndoCash(r.Context(), a.m.Slug, order, form.Get("key")); err == nil {
			return web.Done(a.Base + "/gate?" + url.Values{"order": {order}, "done": {"undone"}}.Encode())
		}
	default:
		err = fault.New(fault.Invalid, "error.form")
	}
	v := gateView{}
	if v.Problem, err = a.f.ProblemOf(err); err != nil {
		return err
	}
	return h.showGate(w, r, v, order, form.Get("given"))
}
