package desk

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/spoken"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// personView is the page of one entry.
type personView struct {
	*registration.File
	F        *web.Frame
	Base     string // of the list
	URL      string
	Words    string // how it is read aloud
	KindName i18n.Text
	Kinds    []web.Choice
	Fields   registration.Fields
	Answers  []registration.Answered
	Changes  []registration.Change
	Letters  []letterLine
	Paid     string
	Money    string // of its orders, for those who may see them
	MayEdit  bool
	Done     string
	Problem  *web.Problem
	Act      string // the one that went wrong
	Form     url.Values
	DayLines []dayLine
}

// dayLine is a day on which somebody takes part.
type dayLine struct {
	At   time.Time
	Mode registration.Mode
}

type letterLine struct {
	At      time.Time
	Subject i18n.Text
	Kind    string
	State   mail.State
}

// Was is what was typed into a field of an act that went wrong.
func (v personView) Was(name string) string { return v.Form.Get(name) }

// deskActs are what one may do to an entry, each with the words that say that it was done.
var deskActs = []string{"days", "details", "answers", "confirm", "cancel", "restore", "prove", "resend", "note", "entered", "merged"}

func (h *Web) person(w http.ResponseWriter, r *http.Request) error {
	return h.showPerson(w, r, http.StatusOK, "", nil, nil)
}

func (h *Web) showPerson(w http.ResponseWriter, r *http.Request, status int, act string, form url.Values, problem *web.Problem) error {
	f, m, err := h.deskPage(r, "registration.people.title")
	if err != nil {
		return err
	}
	file, err := h.s.PersonFile(r.Context(), m.Slug, r.PathValue("ref"))
	if err != nil {
		return err
	}
	base := f.URL("/meetings/" + m.Slug + "/registration/people")
	v := personView{File: file, F: f, Base: base, URL: base + "/" + file.Ref, MayEdit: event.May(r.Context(), m.Slug, event.MayEditEntries), Problem: problem, Act: act, Form: form,
		Answers: m.Answered(file.Entry), Changes: registration.Changes(f, m, file.History), Kinds: kindChoices(m.Setup), KindName: same(file.Kind)}
	if k := m.Kind(file.Kind); k != nil {
		v.KindName = k.Name
	}
	ja, en := spoken.Say(file.Ref)
	v.Words = i18n.T(ja, en).In(f.Lang)
	if f.Title = f.In(file.Name); f.Title == "" {
		f.Title = f.T("registration.people.erased")
	}
	if d := r.URL.Query().Get("done"); slices.Contains(deskActs, d) {
		v.Done = f.T("registration.done." + d)
	}
	if err := h.personParts(r, f, m, &v); err != nil {
		return err
	}
	if st := file.Paid; st.Owed > 0 || st.Paid > 0 {
		v.Paid = f.T("registration.people.paid_of", "paid", m.Yen(f.Lang, st.Paid), "owed", m.Yen(f.Lang, st.Owed))
		if event.May(r.Context(), m.Slug, event.MayReadMoney) {
			v.Money = f.URL("/meetings/"+m.Slug+"/money/orders") + "?q=" + url.QueryEscape(file.Name.In(file.Lang))
		}
	}
	return web.ShowStatus(w, status, personPage, f, v)
}

// personParts adds to the page of an entry what its forms hold, and its letters.
func (h *Web) personParts(r *http.Request, f *web.Frame, m *registration.Meeting, v *personView) error {
	days, answers := map[event.Date]registration.Mode{}, v.Entry.Answers
	for _, d := range v.Days {
		days[d.Date] = d.Mode
		v.DayLines = append(v.DayLines, dayLine{d.Date.Time(m.Location()), d.Mode})
	}
	switch v.Act {
	case "days":
		days = registration.ReadDays(v.Form)
	case "answers":
		answers = registration.ReadAnswers(v.Form)
	case "details":
		d := registration.ReadDetails(v.Form, v.Lang)
		d.Address = v.Form.Get("address")
		v.Details = d
	}
	fields, err := h.s.Fields(r.Context(), f, m, days, answers)
	if err != nil {
		return err
	}
	v.Fields = fields.Unconditional()
	v.Fields.Details, v.Fields.Problem = v.Details, v.Problem
	for _, l := range v.File.Letters {
		v.Letters = append(v.Letters, letterLine{l.Queued.In(m.Location()), l.Subject, l.Kind, l.State})
	}
	slices.Reverse(v.Letters)
	return nil
}

func readReason(form url.Values) registration.Reason {
	return registration.Reason{Why: form.Get("why"), Tell: form.Get("tell") != "", Over: form.Get("over") != ""}
}

// actOnPerson does something to an entry.
func (h *Web) actOnPerson(w http.ResponseWriter, r *http.Request) error {
	f, m, form, err := h.sent(r, "registration.people.title")
	if err != nil {
		return err
	}
	act := form.Get("do")
	if err := h.doToPerson(r, m, act, form); err != nil {
		p, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showPerson(w, r, http.StatusUnprocessableEntity, act, form, p)
	}
	return web.Done(f.URL("/meetings/"+m.Slug+"/registration/people/"+r.PathValue("ref")) + "?done=" + url.QueryEscape(act))
}

func (h *Web) doToPerson(r *http.Request, m *registration.Meeting, act string, form url.Values) error {
	ctx, slug, ref, why := r.Context(), m.Slug, r.PathValue("ref"), readReason(form)
	switch act {
	case "days":
		return h.s.DeskDays(ctx, slug, ref, form.Get("kind"), registration.ReadDays(form), why)
	case "details":
		d := registration.ReadDetails(form, "")
		d.Address = form.Get("address")
		return h.s.DeskDetails(ctx, slug, ref, d, why)
	case "answers":
		return h.s.DeskAnswers(ctx, slug, ref, registration.ReadAnswers(form), why)
	case "confirm":
		return h.s.DeskConfirm(ctx, slug, ref, why)
	case "cancel":
		return h.s.DeskCancel(ctx, slug, ref, why)
	case "restore":
		return h.s.DeskRestore(ctx, slug, ref, why)
	case "prove":
		return h.s.DeskProve(ctx, slug, ref, why)
	case "resend":
		return h.s.DeskResend(ctx, slug, ref)
	case "note":
		return h.s.DeskNote(ctx, slug, ref, form.Get("note"))
	}
	return invalid("registration.error.no_act")
}

// reasonView is the part of a form in which the desk says why.
type reasonView struct {
	F          *web.Frame
	Act, Why   string
	Tell, Over bool
}

// Reason is the part of the form of an act in which the desk says why; tell: a letter can be sent; over: a capacity can be passed.
func (v personView) Reason(act string, tell, over bool) reasonView {
	x := reasonView{F: v.F, Act: act, Tell: tell && v.Address != "", Over: over}
	if v.Act == act {
		x.Why = v.Form.Get("why")
	}
	return x
}
