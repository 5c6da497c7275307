package billing

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// sellersView are the sellers of a meeting, with the form of one.
type sellersView struct {
	words
	Base    string
	List    []*Seller
	Form    Seller
	Sole    bool
	New     bool
	May     bool
	Problem *web.Problem
}

// Months are the months with which a business year may begin.
func (v sellersView) Months() []int { return []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12} }

// Roundings are what may be done with fractions of a yen.
func (v sellersView) Roundings() []Rounding { return []Rounding{Floor, Round, Ceil} }

// Wrong reports that the problem is about a field.
func (v sellersView) Wrong(field string) bool { return v.Problem != nil && v.Problem.Field == field }

// field is one input of the form.
type field struct {
	F            *web.Frame
	V            sellersView
	Field, Value string
	Hint         bool
}

// Field puts the page beside one input of its form.
func (v sellersView) Field(name, value string, hint bool) field {
	return field{v.f, v, name, value, hint}
}

// sellers shows those who sell at a meeting.
func (h *Web) sellers(w http.ResponseWriter, r *http.Request) error {
	return h.showSellers(w, r, nil, false, nil)
}

func (h *Web) showSellers(w http.ResponseWriter, r *http.Request, typed *Seller, sole bool, problem *web.Problem) error {
	p, err := h.open(r, "billing.sellers.title")
	if err != nil {
		return err
	}
	v := sellersView{words: words{p.Frame}, Base: p.base, Problem: problem, Sole: sole, May: event.May(r.Context(), p.m.Slug, event.MayEditMoney), New: true}
	if v.List, err = h.s.Sellers(r.Context(), h.s.db, p.m.Slug); err != nil {
		return err
	}
	v.Form.defaults()
	chosen := r.URL.Query().Get("seller")
	if typed != nil {
		v.Form, chosen = *typed, typed.Key
	}
	for _, s := range v.List {
		if s.Key == chosen {
			v.New = false
			if typed == nil {
				v.Form = *s
				v.Sole = s.Number != "" && !checkNumber(s.Number)
			}
		}
	}
	return web.ShowStatus(w, statusOf(problem), sellersPage, p.Frame, v)
}

// saveSeller stores a seller.
func (h *Web) saveSeller(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "billing.sellers.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	in, sole := sellerOf(form), form.Get("sole") == "yes"
	err = h.s.db.Write(r.Context(), func(tx *db.Tx) error { return h.s.SaveSeller(r.Context(), tx, p.m.Slug, in, sole) })
	if err != nil {
		problem, err := p.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showSellers(w, r, &in, sole, problem)
	}
	return web.Done(p.base + "/sellers")
}

func sellerOf(form url.Values) Seller {
	number := func(name string) int {
		n, _ := strconv.Atoi(straight(form.Get(name)))
		return n
	}
	return Seller{
		Key: form.Get("key"), Name: i18n.T(form.Get("name_ja"), form.Get("name_en")), Postcode: form.Get("postcode"),
		Street: i18n.T(form.Get("street_ja"), form.Get("street_en")), Number: form.Get("number"), Contact: form.Get("contact"), Phone: form.Get("phone"),
		Bank: form.Get("bank"), Branch: form.Get("branch"), AccountKind: form.Get("account_kind"), Account: form.Get("account"), Holder: form.Get("holder"),
		BankNote: form.Get("bank_note"), Exclusive: form.Get("exclusive") == "yes", Rounding: Rounding(form.Get("rounding")), YearMonth: number("year_month"),
		Prefix: form.Get("prefix"), Follow: form.Get("follow"), Later: form.Get("later"), LaterDays: number("later_days"),
	}
}
