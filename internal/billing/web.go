package billing

import (
	"bytes"
	"context"
	"embed"
	"net/http"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Migrations are the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Files are the words, letters, templates and style sheet of this package.
//
//go:embed lang/*.json mail/*.txt pages/*
var Files embed.FS

// Web serves the pages of money: the treasurer's, and those of payers.
type Web struct {
	s      *Service
	events *event.Service
	site   *web.Site
	cards  cards
}

// cards says whether an order can be paid by card now.
type cards interface {
	TakesCards(ctx context.Context, r db.Reader, o *Order) (bool, error)
}

// NewWeb makes the handlers.
func NewWeb(s *Service, site *web.Site) *Web { return &Web{s: s, events: s.events, site: site} }

// TakingCards lets payers go on to the card service.
func (h *Web) TakingCards(c *Payments) *Web {
	h.cards = c
	return h
}

// Routes lists every address of this feature.
func (h *Web) Routes() []web.Route {
	const at = "/meetings/{slug}/money"
	read, edit := web.Needs(event.MayReadMoney), web.Needs(event.MayEditMoney)
	return []web.Route{
		web.Private(at, read, h.overview),
		web.Private(at+"/orders", read, h.orders),
		web.Private(at+"/orders/{ref}", read, h.order),
		web.Action(at+"/orders/{ref}", edit, h.changeOrder),
		web.Private(at+"/orders/{ref}/documents/{document}", read, h.paper),
		web.Private(at+"/ledger", read, h.ledger),
		web.Private(at+"/sellers", read, h.sellers),
		web.Action(at+"/sellers", edit, h.saveSeller),
		web.Private("/me/orders", web.SignedIn, h.own),
		web.Private("/orders/{token}", web.Public, h.sheet),
		web.Action("/orders/{token}", web.Public, h.changeSheet),
		web.Private("/orders/{token}/documents/{document}", web.Public, h.ownPaper),
	}
}

// Assets adds the style sheet of these pages.
func Assets(a *web.Assets) error {
	return a.Bundle("billing.css", web.From(Files, "pages/billing.css"))
}

// Pages are the typed pages of this package, for the test that checks their templates.
func Pages() []web.Checked {
	return []web.Checked{overviewPage, ordersPage, orderPage, ledgerPage, sellersPage, ownPage, sheetPage}
}

// page is a page of a meeting's money being made.
type page struct {
	*web.Frame
	m    *event.Stored
	base string // of the money, in the page's language
}

// open starts a page of the treasurer.
func (h *Web) open(r *http.Request, title string) (*page, error) {
	m, err := h.events.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return nil, err
	}
	f, err := h.events.Frame(r, h.site, m, "money")
	if err != nil {
		return nil, err
	}
	h.dress(f, title)
	return &page{f, m, f.URL("/meetings/" + m.Slug + "/money")}, nil
}

// start begins a page of no meeting.
func (h *Web) start(r *http.Request, title string) (*web.Frame, error) {
	f, err := h.events.Frame(r, h.site, nil, "")
	if err != nil {
		return nil, err
	}
	h.dress(f, title)
	return f, nil
}

func (h *Web) dress(f *web.Frame, title string) {
	f.Title, f.NoIndex = f.T(title), true
	f.Styles = append(f.Styles, f.Asset("billing.css"))
}

// words are what every page of money says.
type words struct{ f *web.Frame }

// Yen writes an amount.
func (w words) Yen(n int64) string {
	if n < 0 {
		return "−" + w.Yen(-n)
	}
	if w.f.Lang == i18n.JA {
		return i18n.Number(float64(n)) + "円"
	}
	return "¥" + i18n.Number(float64(n))
}

// Date writes a day that is stored as YYYY-MM-DD.
func (w words) Date(s string) string { return dayIn(w.f.Lang, s) }

// AccountName names an account of the ledger.
func (w words) AccountName(a string) string {
	for _, prefix := range []string{cashOf, revenueOf, taxOf} {
		if hasPrefix(a, prefix) {
			return w.f.T("billing.account."+prefix[:len(prefix)-1], "of", a[len(prefix):])
		}
	}
	return w.f.T("billing.account." + a)
}

// Field names a value in the history of an order.
func (w words) Field(name string) string { return w.f.T("billing.value." + name) }

// What says what a voucher is about; of others, its own word.
func (w words) What(s string) string { return w.f.T("billing.what." + s) }

// Why is why something happened: what people wrote, or the words for what was done.
func (w words) Why(s string) string {
	if w.f.Site.Words.Has("audit." + s) {
		return w.f.T("audit." + s)
	}
	return s
}

// pages are the numbered pages of a list.
type pages struct{ Now, Last int }

// Before and After are the pages beside this one; 0: there is none.
func (p pages) Before() int { return p.Now - 1 }

// After is the page after this one; 0: there is none.
func (p pages) After() int {
	if p.Now >= p.Last {
		return 0
	}
	return p.Now + 1
}

func pageOf(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 100_000 {
		return 1
	}
	return n
}

// hand writes a paper as the answer.
func hand(w http.ResponseWriter, p *Paper) error {
	head := w.Header()
	head.Set("Content-Type", "application/pdf")
	head.Set("Content-Disposition", `inline; filename="`+p.Name+`"`)
	head.Set("Content-Length", strconv.Itoa(len(p.Data)))
	head.Set("Cache-Control", "private, no-store")
	head.Set("X-Robots-Tag", "noindex")
	head.Set("Referrer-Policy", "same-origin")
	_, err := bytes.NewReader(p.Data).WriteTo(w)
	return err
}

// statusOf is the status of a page with a form that may have a problem.
func statusOf(problem *web.Problem) int {
	if problem != nil {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// part is what a piece of a page that several pages share is drawn from.
type part struct {
	F  *web.Frame
	V  sheetView
	Of string
}

// Part puts the page beside what it shows.
func (v sheetView) Part() part { return part{F: v.f, V: v} }

// Lang is the part with the name of the thing whose language is chosen.
func (p part) Lang(of string) part { p.Of = of; return p }

// badge is the state of an order.
type badge struct {
	F     *web.Frame
	State string
}

// Badge is the state of an order as a tag.
func (w words) Badge(state string) badge { return badge{w.f, state} }

// tab is one of the treasurer's pages.
type tab struct {
	Title, URL string
	On         bool
}

// tabs are the treasurer's pages.
type tabs struct {
	F    *web.Frame
	Tabs []tab
}

// Tabs are the treasurer's pages seen from one of them.
func (w words) Tabs(base, at string) tabs {
	t := tabs{F: w.f}
	for _, x := range [][2]string{{"overview", ""}, {"orders", "/orders"}, {"bank", "/bank"}, {"card", "/card"}, {"gate", "/gate"}, {"refunds", "/refunds"},
		{"ledger", "/ledger"}, {"books", "/books"}, {"sellers", "/sellers"}, {"paying", "/paying"}} {
		t.Tabs = append(t.Tabs, tab{w.f.T("billing.tab." + x[0]), base + x[1], x[1] == at})
	}
	return t
}
