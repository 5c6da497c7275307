package registration

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	ownOptionsPage = web.NewPage[ownOptionsView](event.Mast, web.From(Files, "pages/option_own.html", "pages/parts.html"))
	giveUpPage     = web.NewPage[giveUpView](event.Mast, web.From(Files, "pages/option_give.html", "pages/parts.html"))
)

// ownOptionsView are the options on one's own page.
type ownOptionsView struct {
	*Own
	Base    string
	Draws   string // where lotteries are published
	Cards   []*optionCard
	Problem *web.Problem
	Pay     string
}

// On reports the problem beside an option.
func (v ownOptionsView) On(option string) string {
	return v.Problem.On("option." + option)
}

// Plus is how many companions the n-th choice of the list stands for.
func (v ownOptionsView) Plus(n int) int { return n + 1 }

// ownOne is one of somebody's choices with the page it is on, for the part that shows it.
type ownOne struct {
	*Own
	F    *web.Frame
	One  *OwnOption
	Base string
}

// Confirmed reports that the entry has its place at the meeting.
func (v ownOne) Confirmed() bool { return v.State == Confirmed }

// Plus is how many companions the n-th choice of the list stands for.
func (v ownOne) Plus(n int) int { return n + 1 }

// Of puts the page beside a choice.
func (v ownOptionsView) Of(f *web.Frame, one *OwnOption) ownOne {
	return ownOne{v.Own, f, one, v.Base}
}

func (h *Web) optionsForm(p *ownPage, w http.ResponseWriter, r *http.Request) error {
	return h.showOptions(p, w, r, http.StatusOK, nil)
}

func (h *Web) showOptions(p *ownPage, w http.ResponseWriter, r *http.Request, status int, problem *web.Problem) error {
	cards, err := h.s.optionCards(r.Context(), p.m, p.o)
	if err != nil {
		return err
	}
	for _, c := range cards {
		if c.Why != nil {
			if q, err := p.ProblemOf(c.Why); err == nil {
				c.WhyText = q.Message
			}
		}
	}
	p.Title = p.T("registration.options")
	v := ownOptionsView{Own: p.o, Base: p.base, Cards: cards, Problem: problem, Draws: p.URL("/meetings/" + p.m.Slug + "/registration/draws")}
	if p.o.Paid.Path != "" {
		v.Pay = p.URL(p.o.Paid.Path)
	}
	return web.ShowStatus(w, status, ownOptionsPage, p.Frame, v)
}

// saveOptions does one thing with one option: ask, bring, accept.
func (h *Web) saveOptions(p *ownPage, w http.ResponseWriter, r *http.Request, form url.Values) error {
	ref, gives := form.Get("choice"), form["gives"]
	companions, err := strconv.Atoi(form.Get("companions"))
	if err != nil {
		companions = 0
	}
	option := form.Get("option")
	switch form.Get("do") {
	case "ask", "wait":
		err = h.s.Ask(r.Context(), p.o, Wish{
			Option: option, Slot: form.Get("slot"), Companions: companions, Declared: form.Get("declares") != "", Wait: form.Get("do") == "wait",
		}, gives)
	case "companions":
		err = h.s.ChangeCompanions(r.Context(), p.o, ref, companions)
	case "accept":
		err = h.s.AcceptOffer(r.Context(), p.o, ref, gives)
	default:
		err = fault.New(fault.Invalid, "error.form")
	}
	if err == nil {
		return web.Done(p.base + "/options#option-" + url.PathEscape(option))
	}
	problem, err := p.ProblemOf(err)
	if err != nil {
		return err
	}
	if fresh, err := h.own(r); err == nil && fresh != nil { // as it is by now
		p = fresh
	}
	return h.showOptions(p, w, r, http.StatusConflict, problem)
}

// giveUpView asks once more before a choice is given up, and says what it costs.
type giveUpView struct {
	*Own
	Base    string
	One     *OwnOption
	Problem *web.Problem
}

func (h *Web) giveUpForm(p *ownPage, w http.ResponseWriter, r *http.Request) error {
	c := byRef(p.o.Choices, r.URL.Query().Get("choice"))
	if c == nil || c.State == Lost {
		return web.See(p.base + "/options")
	}
	return h.showGiveUp(p, w, http.StatusOK, c, nil)
}

func (h *Web) showGiveUp(p *ownPage, w http.ResponseWriter, status int, c *Chosen, problem *web.Problem) error {
	p.Title = p.T("registration.give.title")
	v := giveUpView{Own: p.o, Base: p.base, One: h.s.ownChoice(p.m, p.o, c), Problem: problem}
	if v.One == nil {
		return fault.Missing()
	}
	return web.ShowStatus(w, status, giveUpPage, p.Frame, v)
}

func (h *Web) doGiveUp(p *ownPage, w http.ResponseWriter, r *http.Request, form url.Values) error {
	c := byRef(p.o.Choices, form.Get("choice"))
	if c == nil { // it is gone already: that is what they wanted
		return web.Done(p.base + "/options")
	}
	if err := h.s.GiveUp(r.Context(), p.o, c.Ref); err != nil {
		problem, err := p.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showGiveUp(p, w, http.StatusConflict, c, problem)
	}
	return web.Done(p.base + "/options#option-" + url.PathEscape(c.Option))
}

// fullSlot is a slot that filled while somebody typed: they choose what to do, and nothing they typed is lost.
type fullSlot struct {
	Key     string // option/slot
	Option  *Option
	Waiting bool
}

// fullSlotOf finds which slot an error is about: the last that the form asked for of that option without waiting.
func fullSlotOf(m *Meeting, f *Form, err error) *fullSlot {
	e, ok := fault.As(err)
	if !ok || e.Key != "registration.error.option_full" {
		return nil
	}
	o := m.Option(strings.TrimPrefix(e.Field, "option."))
	slot, _ := e.Args["slot"].(string)
	if o == nil || !slices.ContainsFunc(f.Choices, func(w Wish) bool { return w.Option == o.Key && w.Slot == slot }) {
		return nil
	}
	return &fullSlot{o.Key + "/" + slot, o, o.Waiting}
}

// settle changes a form as somebody decided whose slot filled: do is "without:option/slot" or "queue:option/slot".
func settle(form url.Values, do string) bool {
	what, which, ok := strings.Cut(do, ":")
	if !ok || what != "without" && what != "queue" {
		return false
	}
	option, slot := cutSlot(which)
	name := "option." + option
	at := slices.Index(form[name], slot)
	if at < 0 {
		return true
	}
	list := slices.Clone(form[name])
	if what == "queue" {
		list[at] = waitPrefix + slot
	} else {
		list = slices.Delete(list, at, at+1)
	}
	form[name] = list
	return true
}

// waitPrefix marks, in the value of a field, a slot whose waiting list somebody asks for.
const waitPrefix = "wait:"
