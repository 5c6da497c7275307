package desk

import (
	"net/http"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// manualView is the form with which the desk enters somebody.
type manualView struct {
	registration.Manual
	Base    string
	Action  string
	Kinds   []web.Choice
	Fields  registration.Fields
	Problem *web.Problem
}

func (h *Web) manual(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.deskPage(r, "registration.manual.title")
	if err != nil {
		return err
	}
	return h.showManual(w, r, f, m, http.StatusOK, registration.Manual{Key: person.NewRef(), Proved: true, Reason: registration.Reason{Tell: true}}, nil)
}

func (h *Web) showManual(w http.ResponseWriter, r *http.Request, f *web.Frame, m *registration.Meeting, status int, in registration.Manual, problem *web.Problem) error {
	fields, err := h.s.Fields(r.Context(), f, m, in.Days, in.Answers)
	if err != nil {
		return err
	}
	fields.Details, fields.Problem = in.Details, problem
	base := f.URL("/meetings/" + m.Slug + "/registration/people")
	v := manualView{Manual: in, Base: base, Action: base + "/new", Kinds: kindChoices(m.Setup), Fields: fields, Problem: problem}
	return web.ShowStatus(w, status, manualPage, f, v)
}

func (h *Web) enterManually(w http.ResponseWriter, r *http.Request) error {
	f, m, form, err := h.sent(r, "registration.manual.title")
	if err != nil {
		return err
	}
	in := registration.Manual{Key: form.Get("key"), Kind: form.Get("kind"), Details: registration.ReadDetails(form, i18n.JA), Days: registration.ReadDays(form), Answers: registration.ReadAnswers(form), Proved: form.Get("proved") != "", Reason: readReason(form)}
	in.Address = form.Get("address")
	if l, ok := i18n.ParseLang(form.Get("lang")); ok {
		in.Lang = l
	}
	e, err := h.s.EnterFor(r.Context(), m.Slug, in)
	if err != nil {
		p, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showManual(w, r, f, m, http.StatusUnprocessableEntity, in, p)
	}
	return web.Done(f.URL("/meetings/"+m.Slug+"/registration/people/"+e.Ref) + "?done=entered")
}
