package billing

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	refundsPage = web.NewPage[refundsView](event.Mast, web.From(Arrivals, "pages/arrive_refunds.html"), web.From(Files, "pages/parts.html"))
	payingPage  = web.NewPage[payingView](event.Mast, web.From(Arrivals, "pages/arrive_paying.html"), web.From(Files, "pages/parts.html"))
	booksPage   = web.NewPage[booksView](event.Mast, web.From(Arrivals, "pages/arrive_books.html"), web.From(Files, "pages/parts.html"))
)

// refundsView is what has to go back.
type refundsView struct {
	arrival
	List    []DueBack
	Today   string
	Cards   bool
	Done    bool
	At      string // the refund whose form has the problem
	Problem *web.Problem
}

// refunds shows what has to go back.
func (h *ArrivalWeb) refunds(w http.ResponseWriter, r *http.Request) error {
	return h.showRefunds(w, r, "", nil)
}

func (h *ArrivalWeb) showRefunds(w http.ResponseWriter, r *http.Request, at string, problem *web.Problem) error {
	f, a, err := h.open(r, "billing.refunds.title")
	if err != nil {
		return err
	}
	v := refundsView{arrival: a, Cards: h.p.card != nil, Done: r.URL.Query().Get("done") != "", At: at, Problem: problem}
	v.Today = h.p.o.Now().In(a.m.Location()).Format(time.DateOnly)
	if v.List, err = h.p.DueBacks(r.Context(), a.m.Slug); err != nil {
		return err
	}
	return web.ShowStatus(w, statusOf(problem), refundsPage, f, v)
}

// refund notes that money went back, or sends it back by card.
func (h *ArrivalWeb) refund(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	f, a, err := h.open(r, "billing.refunds.title")
	if err != nil {
		return err
	}
	order, ref := r.PathValue("order"), form.Get("refund")
	if form.Get("act") == "card" {
		err = h.p.RefundCard(r.Context(), a.m.Slug, order, ref)
	} else {
		b := Back{Ref: ref, Method: form.Get("method"), Reference: form.Get("reference"), Gate: form.Get("gate")}
		on, parseErr := time.ParseInLocation(time.DateOnly, form.Get("on"), a.m.Location())
		if parseErr == nil {
			b.On = noon(on, a.m.Location())
		}
		if err = h.p.NoteRefund(r.Context(), a.m.Slug, order, b); parseErr != nil && form.Get("on") != "" {
			err = fault.New(fault.Invalid, "billing.error.day").On("on")
		}
	}
	if err != nil {
		problem, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showRefunds(w, r, ref, problem)
	}
	return web.Done(a.Base + "/refunds?done=1")
}

// payingView is how a meeting takes money.
type payingView struct {
	arrival
	Paying
	Sellers []*Seller
	Cards   bool
	Names   []bookName
	Done    bool
	Problem *web.Problem
}

// bookName is the name of an account in the books.
type bookName struct{ Key, Name, Usual string }

// bookKeys are the accounts in the order of Books.list.
func bookKeys() []string {
	return []string{"receivable", "advance", "refund", "bank", "card", "cash", "fee", "revenue"}
}

// paying shows how a meeting takes money.
func (h *ArrivalWeb) paying(w http.ResponseWriter, r *http.Request) error {
	return h.showPaying(w, r, nil, nil)
}

func (h *ArrivalWeb) showPaying(w http.ResponseWriter, r *http.Request, typed *Paying, problem *web.Problem) error {
	f, a, err := h.open(r, "billing.paying.title")
	if err != nil {
		return err
	}
	v := payingView{arrival: a, Cards: h.p.card != nil, Done: r.URL.Query().Get("done") != "", Problem: problem}
	if v.Paying, v.Sellers, err = h.p.PayingOf(r.Context(), a.m.Slug); err != nil {
		return err
	}
	if typed != nil {
		v.Paying = *typed
	}
	usual := UsualPaying()
	for i, key := range bookKeys() {
		v.Names = append(v.Names, bookName{key, *v.Books.list()[i], *usual.Books.list()[i]})
	}
	return web.ShowStatus(w, statusOf(problem), payingPage, f, v)
}

// savePaying stores how a meeting takes money.
func (h *ArrivalWeb) savePaying(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	f, a, err := h.open(r, "billing.paying.title")
	if err != nil {
		return err
	}
	in := Paying{CardSeller: form.Get("card_seller"), RemindBefore: typedDays(form, "remind_before"), RemindAfter: typedDays(form, "remind_after"),
		RemindTimes: typedDays(form, "remind_times"), CancelAfter: typedDays(form, "cancel_after")}
	for i, key := range bookKeys() {
		*in.Books.list()[i] = form.Get("book_" + key)
	}
	if err := h.p.SavePaying(r.Context(), a.m.Slug, in); err != nil {
		problem, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showPaying(w, r, &in, problem)
	}
	return web.Done(a.Base + "/paying?done=1")
}

// typedDays reads a number of days; nothing is zero, and what is no number is refused as too small.
func typedDays(form url.Values, field string) int {
	s := straight(form.Get(field))
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// booksView is the page on which the books are handed out.
type booksView struct {
	arrival
	Period
	Form    string
	Sellers []*Seller
	Forms   []string
	Problem *web.Problem
}

// books shows in which forms the books are handed out: by itself, of the last month.
func (h *ArrivalWeb) books(w http.ResponseWriter, r *http.Request) error {
	return h.showBooks(w, r, Period{}, FormYayoi, nil)
}

func (h *ArrivalWeb) showBooks(w http.ResponseWriter, r *http.Request, in Period, form string, problem *web.Problem) error {
	f, a, err := h.open(r, "billing.books.title")
	if err != nil {
		return err
	}
	v := booksView{arrival: a, Period: in, Form: form, Forms: []string{FormYayoi, FormFreee, FormLedger}, Problem: problem}
	if _, v.Sellers, err = h.p.PayingOf(r.Context(), a.m.Slug); err != nil {
		return err
	}
	if in.From == "" && in.To == "" {
		now := h.p.o.Now().In(a.m.Location())
		first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, a.m.Location())
		v.From, v.To = first.AddDate(0, -1, 0).Format(time.DateOnly), first.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return web.ShowStatus(w, statusOf(problem), booksPage, f, v)
}

// handOut answers with the books of a period as a file.
func (h *ArrivalWeb) handOut(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	f, a, err := h.open(r, "billing.books.title")
	if err != nil {
		return err
	}
	in := Period{Seller: form.Get("seller"), From: form.Get("from"), To: form.Get("to")}
	head := strings.Split(f.T("billing.books.columns"), "|")
	out, err := h.p.HandOut(r.Context(), a.m.Slug, form.Get("form"), in, head, func(what string) string { return whatInBooks(f, what) }, a.Why)
	if err != nil {
		problem, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showBooks(w, r, in, form.Get("form"), problem)
	}
	hd := w.Header()
	hd.Set("Content-Type", "text/csv")
	hd.Set("Content-Disposition", `attachment; filename="`+out.Name+`"`)
	hd.Set("Cache-Control", "private, no-store")
	hd.Set("X-Lost-Letters", strconv.Itoa(out.Lost))
	_, err = w.Write(out.Data)
	return err
}

// whatInBooks says what a voucher is about; of what others post, the word they gave it.
func whatInBooks(f *web.Frame, what string) string {
	switch what {
	case OnOwe, OnPay, OnUnpay, OnRefund, OnPayout:
		return f.T("billing.books.what." + what)
	}
	return what
}
