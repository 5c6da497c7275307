package billing

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	overviewPage = web.NewPage[overviewView](event.Mast, web.From(Files, "pages/overview.html", "pages/parts.html"))
	ordersPage   = web.NewPage[ordersView](event.Mast, web.From(Files, "pages/orders.html", "pages/parts.html"))
	orderPage    = web.NewPage[sheetView](event.Mast, web.From(Files, "pages/order.html", "pages/parts.html"))
	ledgerPage   = web.NewPage[ledgerView](event.Mast, web.From(Files, "pages/ledger.html", "pages/parts.html"))
	sellersPage  = web.NewPage[sellersView](event.Mast, web.From(Files, "pages/sellers.html", "pages/parts.html"))
)

// overviewView is how the money of a meeting stands.
type overviewView struct {
	words
	Base string
	List []*Figures
}

// overview shows how the money of a meeting stands.
func (h *Web) overview(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "billing.title")
	if err != nil {
		return err
	}
	v := overviewView{words: words{p.Frame}, Base: p.base}
	if v.List, err = h.s.Overview(r.Context(), p.m.Slug); err != nil {
		return err
	}
	return web.Show(w, overviewPage, p.Frame, v)
}

// ordersView is a page of the list of orders.
type ordersView struct {
	words
	Base    string
	Filter  Filter
	Parts   []string
	List    []orderRow
	N       int
	Pages   pages
	Sellers []*Seller
}

type orderRow struct {
	*Order
	Seller i18n.Text
	Late   bool
}

// Page is the address of a page of the list.
func (v ordersView) Page(n int) string {
	q := url.Values{"q": {v.Filter.Text}, "part": {v.Filter.Part}, "seller": {v.Filter.Seller}, "page": {strconv.Itoa(n)}}
	return v.Base + "/orders?" + q.Encode()
}

// orders lists the orders of a meeting.
func (h *Web) orders(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "billing.orders.title")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := ordersView{words: words{p.Frame}, Base: p.base, Parts: Parts}
	v.Filter = Filter{Text: q.Get("q"), Part: q.Get("part"), Seller: q.Get("seller"), Page: pageOf(q.Get("page"))}
	list, n, err := h.s.Orders(r.Context(), p.m.Slug, v.Filter)
	if err != nil {
		return err
	}
	if v.Sellers, err = h.s.Sellers(r.Context(), h.s.db, p.m.Slug); err != nil {
		return err
	}
	v.N, v.Pages = n, pages{v.Filter.Page, (n + perPage - 1) / perPage}
	for _, o := range list {
		row := orderRow{Order: o, Late: o.Missing() > 0 && o.Later != approved && !o.Due.IsZero() && o.Due.Before(h.s.o.Now())}
		for _, s := range v.Sellers {
			if s.ID == o.Seller {
				row.Seller = s.Name
			}
		}
		v.List = append(v.List, row)
	}
	return web.Show(w, ordersPage, p.Frame, v)
}

// logged is an entry of the history of an order.
type logged struct {
	When, Who, What string
	Values          []string
}

// order shows one order with its lines, documents and history.
func (h *Web) order(w http.ResponseWriter, r *http.Request) error { return h.showOrder(w, r, nil, nil) }

func (h *Web) showOrder(w http.ResponseWriter, r *http.Request, typed url.Values, problem *web.Problem) error {
	p, err := h.open(r, "billing.order.title")
	if err != nil {
		return err
	}
	ref := r.PathValue("ref")
	s, err := h.s.SheetFor(r.Context(), p.m.Slug, ref)
	if err != nil {
		return err
	}
	at := p.base + "/orders/" + s.Ref
	v := sheetView{Action: at, At: at + "/documents", May: event.May(r.Context(), p.m.Slug, event.MayEditMoney), Typed: typed, Problem: problem,
		Money: p.base, Handed: p.Abs(p.URL("/orders/" + s.Token))}.fill(p.Frame, s)
	for _, o := range s.Siblings {
		v.Others = append(v.Others, link{o.Number, p.base + "/orders/" + o.Ref})
	}
	log, names, err := h.s.History(r.Context(), p.m.Slug, ref)
	if err != nil {
		return err
	}
	for i := range log {
		e := &log[i]
		one := logged{When: p.Moment(e.At.In(s.Zone)), Who: p.In(names[e.Actor]), What: p.T("audit." + e.Action)}
		for _, x := range e.Values {
			one.Values = append(one.Values, v.Field(x.Name)+": "+x.Before+" → "+x.After)
		}
		v.Log = append(v.Log, one)
	}
	p.Title = p.T("billing.order.title") + " " + s.Number
	return web.ShowStatus(w, statusOf(problem), orderPage, p.Frame, v)
}

// changeOrder does what a treasurer decides about an order.
func (h *Web) changeOrder(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "billing.order.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.decide(r, p, form); err != nil {
		problem, err := p.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showOrder(w, r, form, problem)
	}
	return web.Done(p.base + "/orders/" + r.PathValue("ref"))
}

func (h *Web) decide(r *http.Request, p *page, form url.Values) error {
	ctx, slug, ref, why := r.Context(), p.m.Slug, r.PathValue("ref"), form.Get("why")
	switch form.Get("act") {
	case "issue":
		return h.s.Issue(ctx, slug, ref, Kind(form.Get("kind")), langFrom(form, p.Frame), form.Get("subject"))
	case "difference":
		return h.s.IssueDifference(ctx, slug, ref, why)
	case "reissue":
		return h.s.Reissue(ctx, slug, ref, form.Get("document"), langFrom(form, p.Frame))
	case "address":
		return h.s.ReaddressFor(ctx, slug, ref, addresseeOf(form), form.Get("proviso"))
	case "approve", "refuse":
		return h.s.AllowLater(ctx, slug, ref, form.Get("act") == "approve")
	case "free":
		return h.s.Waive(ctx, slug, ref, why)
	case "cancel":
		return h.s.Cancel(ctx, slug, ref, why)
	case "undecide":
		return h.s.Undecide(ctx, slug, ref, why)
	case "send":
		return h.s.Send(ctx, slug, ref)
	}
	return h.s.Note(ctx, slug, ref, form.Get("note"))
}

// paper hands out a document of an order.
func (h *Web) paper(w http.ResponseWriter, r *http.Request) error {
	p, err := h.s.PaperFor(r.Context(), r.PathValue("slug"), r.PathValue("ref"), r.PathValue("document"))
	if err != nil {
		return err
	}
	return hand(w, p)
}

// ledgerView is the books of a seller.
type ledgerView struct {
	words
	Base    string
	Ledger  *Ledger
	Sellers []*Seller
	Account string
	Rows    []entryRow
}

type entryRow struct {
	Entry
	When string
}

// Total is the sum of all accounts, which is zero.
func (v ledgerView) Total() (n int64) {
	for _, b := range v.Ledger.Balances {
		n += b.Sum()
	}
	return n
}

// Minus is an amount with the other sign.
func (v ledgerView) Minus(n int64) int64 { return -n }

// ledger shows the books of a seller.
func (h *Web) ledger(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "billing.ledger.title")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	from, _ := strconv.ParseInt(q.Get("from"), 10, 64)
	v := ledgerView{words: words{p.Frame}, Base: p.base, Account: q.Get("account")}
	if v.Ledger, err = h.s.Ledger(r.Context(), p.m.Slug, q.Get("seller"), v.Account, from); err != nil {
		return err
	}
	if v.Sellers, err = h.s.Sellers(r.Context(), h.s.db, p.m.Slug); err != nil {
		return err
	}
	for _, e := range v.Ledger.Entries {
		v.Rows = append(v.Rows, entryRow{e, p.Moment(e.At.In(p.m.Location()))})
	}
	return web.Show(w, ledgerPage, p.Frame, v)
}
