package billing

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	cardsPage    = web.NewPage[cardsView](event.Mast, web.From(Arrivals, "pages/arrive_cards.html"), web.From(Files, "pages/parts.html"))
	checkoutPage = web.NewPage[checkoutView](event.Mast, web.From(Arrivals, "pages/arrive_checkout.html"), web.From(Files, "pages/parts.html"))
)

// cardsView is the page of payments by card, for the treasurer.
type cardsView struct {
	arrival
	List    []*Checkout
	Odd     []OddEvent
	On      bool   // the program has an account at the card service
	There   int64  // what it did not pay out
	Key     string // of the form
	Today   string
	Done    bool
	Problem *web.Problem
}

// cards shows the payments by card.
func (h *ArrivalWeb) cards(w http.ResponseWriter, r *http.Request) error {
	return h.showCards(w, r, nil)
}

func (h *ArrivalWeb) showCards(w http.ResponseWriter, r *http.Request, problem *web.Problem) error {
	f, a, err := h.open(r, "billing.cards.title")
	if err != nil {
		return err
	}
	v := cardsView{arrival: a, On: h.p.card != nil, Key: NewKey(), Done: r.URL.Query().Get("done") != "", Problem: problem}
	v.Today = h.p.o.Now().In(a.m.Location()).Format(time.DateOnly)
	if v.List, v.Odd, v.There, err = h.p.Cards(r.Context(), a.m.Slug); err != nil {
		return err
	}
	return web.ShowStatus(w, statusOf(problem), cardsPage, f, v)
}

// payout notes that the card service paid out.
func (h *ArrivalWeb) payout(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	f, a, err := h.open(r, "billing.cards.title")
	if err != nil {
		return err
	}
	on, err := time.Parse(time.DateOnly, form.Get("on"))
	if err != nil {
		on = time.Time{}
	}
	in := Payout{On: on, Arrived: yenTyped(form.Get("arrived")), Fee: yenTyped(form.Get("fee"))}
	if err := h.p.NotePayout(r.Context(), a.m.Slug, form.Get("key"), in); err != nil {
		problem, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showCards(w, r, problem)
	}
	return web.Done(a.Base + "/card?done=1")
}

// checkoutView is the page of a payment by card, for its payer: on the way there, and when they come back.
type checkoutView struct {
	arrival
	*Checkout
	Order   *Order
	Sheet   string // the page of the order
	Here    string
	Back    bool // they were at the card service already, as far as we know
	Problem *web.Problem
}

// payer starts a page of an order of a meeting, for whoever holds its address.
func (h *ArrivalWeb) payer(r *http.Request, slug string) (*web.Frame, arrival, error) {
	m, err := h.p.events.Meeting(r.Context(), slug)
	if err != nil {
		return nil, arrival{}, err
	}
	f, err := h.p.events.Frame(r, h.site, nil, "")
	if err != nil {
		return nil, arrival{}, err
	}
	h.dress(f, "billing.card.title")
	return f, arrival{words: words{f}, m: m}, nil
}

// beginCard opens a checkout and shows the way to it: a page in between, since the form of a page of ours may not lead to another site.
func (h *ArrivalWeb) beginCard(_ http.ResponseWriter, r *http.Request) error {
	f, err := h.p.events.Frame(r, h.site, nil, "")
	if err != nil {
		return err
	}
	token := r.PathValue("token")
	c, err := h.p.BeginCard(r.Context(), token, f.Lang)
	if err != nil {
		return err
	}
	return web.Done(f.URL("/orders/"+token+"/card/"+c.Ref) + "?go=1")
}

// cardPage shows how a payment by card stands. It says paid only when the card service said so.
func (h *ArrivalWeb) cardPage(w http.ResponseWriter, r *http.Request) error {
	return h.showCard(w, r, r.URL.Query().Get("go") == "", nil)
}

func (h *ArrivalWeb) showCard(w http.ResponseWriter, r *http.Request, back bool, problem error) error {
	token, ref := r.PathValue("token"), r.PathValue("ref")
	c, o, err := h.p.CardOf(r.Context(), token, ref)
	if err != nil {
		return err
	}
	f, a, err := h.payer(r, o.Slug)
	if err != nil {
		return err
	}
	v := checkoutView{arrival: a, Checkout: c, Order: o, Sheet: f.URL("/orders/" + token), Here: f.URL("/orders/" + token + "/card/" + ref), Back: back}
	if problem != nil {
		if v.Problem, err = f.ProblemOf(problem); err != nil {
			return err
		}
	}
	return web.ShowStatus(w, statusOf(v.Problem), checkoutPage, f, v)
}

// askCard asks the card service how a payment stands.
func (h *ArrivalWeb) askCard(w http.ResponseWriter, r *http.Request) error {
	if err := h.p.AskCard(r.Context(), r.PathValue("token"), r.PathValue("ref")); err != nil {
		return h.showCard(w, r, true, err)
	}
	f, err := h.p.events.Frame(r, h.site, nil, "")
	if err != nil {
		return err
	}
	return web.Done(f.URL("/orders/" + r.PathValue("token") + "/card/" + r.PathValue("ref")))
}

// hear takes what the card service tells. It is answered with success once it is stored; otherwise the service tells it again.
func (h *ArrivalWeb) hear(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return fault.New(fault.Invalid, "error.too_large").Because(err)
		}
		return fault.New(fault.Invalid, "error.form").Because(err)
	}
	if err := h.p.HearCard(r.Context(), body, r.Header.Get("Stripe-Signature")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
