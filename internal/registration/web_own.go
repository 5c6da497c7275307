package registration

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/qr"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	minePage    = web.NewPage[mineView](event.Mast, web.From(Files, "pages/mine.html", "pages/online_mine.html", "pages/parts.html"))
	daysPage    = web.NewPage[ownForm](event.Mast, web.From(Files, "pages/days.html", "pages/parts.html"))
	detailsPage = web.NewPage[ownForm](event.Mast, web.From(Files, "pages/details.html", "pages/parts.html"))
	answersPage = web.NewPage[ownForm](event.Mast, web.From(Files, "pages/answers.html", "pages/parts.html"))
	cancelPage  = web.NewPage[ownForm](event.Mast, web.From(Files, "pages/cancel.html", "pages/parts.html"))
	ticketPage  = web.NewPage[ticketView](web.From(Files, "pages/ticket.html"))
)

// act is something one may do with one's own entry: a page, and what its form does. Either may be nil.
type act struct {
	show func(p *ownPage, w http.ResponseWriter, r *http.Request) error
	do   func(p *ownPage, w http.ResponseWriter, r *http.Request, form url.Values) error
}

// ownActs are all acts, by their name in the address.
func (h *Web) ownActs() map[string]act {
	return map[string]act{
		"days":         {h.daysForm, h.saveDays},
		"details":      {h.detailsForm, h.saveDetails},
		"answers":      {h.answersForm, h.saveAnswers},
		"options":      {h.optionsForm, h.saveOptions},
		"give-up":      {h.giveUpForm, h.doGiveUp},
		"cancel":       {h.cancelForm, h.doCancel},
		"prove":        {nil, h.prove},
		"accept":       {nil, h.accept},
		"resend":       {nil, h.resend},
		"confirm":      {h.confirmForm, h.confirm},
		"handover":     {h.handoverForm, h.doHandover},
		"calendar.ics": {h.calendar, nil},
		"news":         {h.newsForm, h.saveNews},
	}
}

// ownPage is a page of one's own entry being made, by whichever way one came to it.
type ownPage struct {
	*web.Frame
	o    *Own
	m    *Meeting
	base string // of the entry, in the page's language
}

// own finds the entry: that of who is signed in at the meeting, or the one that the link in a letter leads to. It is nil where there is none.
func (h *Web) own(r *http.Request) (*ownPage, error) {
	var o *Own
	var err error
	base := "/entries/" + r.PathValue("token")
	if slug := r.PathValue("slug"); slug != "" {
		base = "/me/" + slug
		o, err = h.s.Mine(r.Context(), slug)
	} else {
		o, err = h.s.ByToken(r.Context(), r.PathValue("token"))
	}
	if err != nil || o == nil {
		return nil, err
	}
	f, err := h.events.Frame(r, h.site, nil, "")
	if err != nil {
		return nil, err
	}
	Dress(f, "registration.mine.title")
	return &ownPage{f, o, o.m, f.URL(base)}, nil
}

// owned is own where there has to be an entry.
func (h *Web) owned(r *http.Request) (*ownPage, error) {
	p, err := h.own(r)
	if err == nil && p == nil {
		err = fault.Missing()
	}
	return p, err
}

// showAct shows the page of an act.
func (h *Web) showAct(w http.ResponseWriter, r *http.Request) error {
	a, ok := h.acts[r.PathValue("act")]
	if !ok || a.show == nil {
		return fault.Missing()
	}
	p, err := h.owned(r)
	if err != nil {
		return err
	}
	return a.show(p, w, r)
}

// doAct does an act.
func (h *Web) doAct(w http.ResponseWriter, r *http.Request) error {
	a, ok := h.acts[r.PathValue("act")]
	if !ok || a.do == nil {
		return fault.Missing()
	}
	p, err := h.owned(r)
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	return a.do(p, w, r, form)
}

// mineView is one's own entry.
type mineView struct {
	*Own
	Base     string
	Kind     *Kind
	Page     string // of the meeting
	Again    string // where to register again, where it is cancelled and that is possible
	QR       qr.Code
	Days     []ownDay
	Options  []*OwnOption
	Answers  []Answered
	Changes  []Change
	MayDo    map[string]bool // by act
	Pay      string
	Left     int64
	Until    time.Time // of an offer, or of an unproven address
	Unproven bool
	Problem  *web.Problem
	Chooses  bool // there is an option one could choose
	Online   OwnOnline
	Spoken   i18n.Text // the ref as words
	Groups   []string  // addresses of the groups that one owns
}

type ownDay struct {
	At   time.Time
	Mode Mode
}

// mine shows one's own entry with everything one can do with it.
func (h *Web) mine(w http.ResponseWriter, r *http.Request) error {
	p, err := h.own(r)
	if err != nil {
		return err
	}
	if p == nil {
		return h.nothing(r)
	}
	return h.showMine(w, r, p, http.StatusOK, nil)
}

// nothing sends who has no entry to where one is made, if the meeting takes any.
func (h *Web) nothing(r *http.Request) error {
	m, err := h.s.meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	if m.phase(h.s.o.Now()) == Hidden {
		return fault.Missing()
	}
	f, err := h.events.Frame(r, h.site, m.Stored, "registration")
	if err != nil {
		return err
	}
	return web.See(f.URL("/meetings/" + m.Slug + "/registration"))
}

func (h *Web) showMine(w http.ResponseWriter, r *http.Request, p *ownPage, status int, problem *web.Problem) error {
	o, m := p.o, p.m
	now := h.s.o.Now()
	p.Title = p.In(m.Title)
	v := mineView{Own: o, Base: p.base, Kind: m.Kind(o.Kind), Page: p.URL("/meetings/" + m.Slug), Problem: problem, Unproven: o.ProvedAt.IsZero() && o.Active()}
	if !o.Active() && m.phase(now) == Now {
		v.Again = p.URL("/meetings/" + m.Slug + "/registration/new")
	}
	var err error
	if v.QR, err = qr.New(h.s.ticket(o.Entry)); err != nil {
		return err
	}
	for _, d := range o.Days {
		v.Days = append(v.Days, ownDay{d.Date.Time(m.Location()), d.Mode})
	}
	v.Answers = m.Answered(o.Entry)
	v.Options, err = h.s.ownOptions(r.Context(), m, o)
	if err != nil {
		return err
	}
	v.MayDo = map[string]bool{
		"days": h.s.live(o, o.Change) == nil, "details": h.s.live(o, o.Change) == nil, "answers": h.s.live(o, o.Change) == nil && len(m.Questions) > 0,
		"cancel": h.s.live(o, o.Cancel) == nil, "handover": h.s.live(o, o.Handover) == nil && o.State == Confirmed && !o.ProvedAt.IsZero(),
	}
	if v.Groups, err = h.groupLinks(r, p); err != nil {
		return err
	}
	v.Chooses = o.Active() && len(m.Options) > 0
	if v.Left = o.Paid.Owed - o.Paid.Paid; o.Paid.Path != "" {
		v.Pay = p.URL(o.Paid.Path)
	}
	if v.Until = o.OfferedUntil; v.Unproven {
		v.Until = o.MadeAt.In(m.Location()).Add(m.proveWithin())
	}
	if v.Online, v.Spoken, err = h.online(r, p); err != nil {
		return err
	}
	history, err := h.s.History(r.Context(), o)
	if err != nil {
		return err
	}
	v.Changes = Changes(p.Frame, m, history)
	return web.ShowStatus(w, status, minePage, p.Frame, v)
}

// ownForm is the page of an act.
type ownForm struct {
	*Own
	Base      string
	Action    string
	Kinds     []kindView
	Days      []dayView
	Questions []questionView
	Details   Details
	Why       string
	Until     time.Time // the deadline of the act
	Refunds   []Refund
	mistakes
	Price int64
}

// ChangeFee is how much is kept of what becomes cheaper by another kind, in percent; 0: nothing can.
func (v ownForm) ChangeFee() int {
	k := v.m.Kind(v.Kind)
	if k == nil || k.Free() || len(v.Kinds) < 2 || v.State != Confirmed {
		return 0
	}
	return v.Fee
}

// start begins the page of an act.
func (p *ownPage) start(name, title string, until time.Time) ownForm {
	p.Title = p.T(title)
	return ownForm{Own: p.o, Base: p.base, Action: p.base + "/" + name, Until: until, Refunds: p.m.Refunds, Details: p.o.Details}
}

// wrong is the form again with what is wrong with it, or the error itself where it has a page of its own.
func (p *ownPage) wrong(w http.ResponseWriter, page web.Page[ownForm], v ownForm, err error, others ...*fault.Error) error {
	if v.mistakes, err = mistaken(p.Frame, err, others); err != nil {
		return err
	}
	return web.ShowStatus(w, http.StatusUnprocessableEntity, page, p.Frame, v)
}

func (h *Web) daysView(p *ownPage, r *http.Request, kind string, days map[event.Date]Mode) (ownForm, error) {
	v := p.start("days", "registration.days.title", p.o.Change)
	quotas, err := h.s.quotas(r.Context(), p.m)
	if err != nil {
		return v, err
	}
	for _, k := range kindViews(p.m, quotas, h.s.o.Now(), kind) {
		if k.Key == p.o.Kind || !k.ByCode && !k.Closed {
			v.Kinds = append(v.Kinds, k)
		}
	}
	v.Days = dayViews(p.m, quotas, days)
	return v, nil
}

func (h *Web) daysForm(p *ownPage, w http.ResponseWriter, r *http.Request) error {
	days := map[event.Date]Mode{}
	for _, d := range p.o.Days {
		days[d.Date] = d.Mode
	}
	v, err := h.daysView(p, r, p.o.Kind, days)
	if err != nil {
		return err
	}
	return web.Show(w, daysPage, p.Frame, v)
}

func (h *Web) saveDays(p *ownPage, w http.ResponseWriter, r *http.Request, form url.Values) error {
	kind, days := form.Get("kind"), ReadDays(form)
	given := ReadAnswers(form)
	if err := h.s.ChangeDays(r.Context(), p.o, kind, days, given); err != nil {
		v, verr := h.daysView(p, r, kind, days)
		if verr != nil {
			return verr
		}
		var others []*fault.Error
		if kind != p.o.Kind {
			all := withAnswers(p.o.Answers, given)
			v.Questions, others = questionsOf(p.m.Setup, kind, all), p.m.answerFaults(kind, all)
		}
		return p.wrong(w, daysPage, v, err, others...)
	}
	return web.Done(p.base)
}

func (h *Web) detailsForm(p *ownPage, w http.ResponseWriter, _ *http.Request) error {
	return web.Show(w, detailsPage, p.Frame, p.start("details", "registration.details.title", p.o.Change))
}

func (h *Web) saveDetails(p *ownPage, w http.ResponseWriter, r *http.Request, form url.Values) error {
	d := ReadDetails(form, p.Lang)
	if err := h.s.ChangeDetails(r.Context(), p.o, d); err != nil {
		v := p.start("details", "registration.details.title", p.o.Change)
		v.Details = d
		return p.wrong(w, detailsPage, v, err, d.faults(false)...)
	}
	return web.Done(p.base)
}

func (h *Web) answersView(p *ownPage, answers map[string][]string) ownForm {
	v := p.start("answers", "registration.answers.title", p.o.Change)
	v.Questions = questionsOf(p.m.Setup, p.o.Kind, answers)
	return v
}

// questionsOf are the questions that those of a kind are asked.
func questionsOf(s *Setup, kind string, answers map[string][]string) (out []questionView) {
	for _, q := range questionViews(s, answers) {
		if len(q.Question.Kinds) == 0 || slices.Contains(q.Question.Kinds, kind) {
			q.Kinds = ""
			out = append(out, q)
		}
	}
	return out
}

func (h *Web) answersForm(p *ownPage, w http.ResponseWriter, _ *http.Request) error {
	return web.Show(w, answersPage, p.Frame, h.answersView(p, p.o.Answers))
}

func (h *Web) saveAnswers(p *ownPage, w http.ResponseWriter, r *http.Request, form url.Values) error {
	given := ReadAnswers(form)
	if err := h.s.ChangeAnswers(r.Context(), p.o, given); err != nil {
		return p.wrong(w, answersPage, h.answersView(p, given), err, p.m.answerFaults(p.o.Kind, given)...)
	}
	return web.Done(p.base)
}

func (h *Web) cancelForm(p *ownPage, w http.ResponseWriter, _ *http.Request) error {
	v := p.start("cancel", "registration.cancel.title", p.o.Cancel)
	if k := p.m.Kind(p.o.Kind); k != nil {
		v.Price = k.At(p.o.PricedAt)
	}
	return web.Show(w, cancelPage, p.Frame, v)
}

func (h *Web) doCancel(p *ownPage, w http.ResponseWriter, r *http.Request, form url.Values) error {
	if err := h.s.Cancel(r.Context(), p.o, form.Get("why")); err != nil {
		v := p.start("cancel", "registration.cancel.title", p.o.Cancel)
		v.Why = form.Get("why")
		return p.wrong(w, cancelPage, v, err)
	}
	return web.Done(p.base)
}

// prove notes that whoever came by the letter pressed the button.
func (h *Web) prove(p *ownPage, _ http.ResponseWriter, r *http.Request, _ url.Values) error {
	if err := h.s.Prove(r.Context(), p.o); err != nil {
		return err
	}
	return web.Done(p.base)
}

func (h *Web) accept(p *ownPage, w http.ResponseWriter, r *http.Request, _ url.Values) error {
	if err := h.s.Accept(r.Context(), p.o); err != nil {
		return h.again(p, w, r, err)
	}
	return web.Done(p.base)
}

func (h *Web) resend(p *ownPage, w http.ResponseWriter, r *http.Request, _ url.Values) error {
	if err := h.s.Resend(r.Context(), p.o); err != nil {
		return h.again(p, w, r, err)
	}
	return web.Done(p.base + "#sent")
}

// again shows the entry with what was wrong with an act.
func (h *Web) again(p *ownPage, w http.ResponseWriter, r *http.Request, err error) error {
	problem, err := p.ProblemOf(err)
	if err != nil {
		return err
	}
	return h.showMine(w, r, p, http.StatusUnprocessableEntity, problem)
}

// calendar is the entry as a calendar file.
func (h *Web) calendar(p *ownPage, w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+p.m.Slug+`.ics"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write([]byte(h.s.calendar(p.o)))
	return err
}

// ticketView is what somebody sees who reads the QR code of an entry.
type ticketView struct {
	Known bool // it looks like a ref
	Ended bool // the place was handed on
	Own   string
}

// ticket says what a QR code is, to whoever reads it with a telephone. It says nothing of the entry.
func (h *Web) ticket(w http.ResponseWriter, r *http.Request) error {
	f, err := h.events.Frame(r, h.site, nil, "")
	if err != nil {
		return err
	}
	Dress(f, "registration.ticket.title")
	v := ticketView{Known: len(r.URL.Query().Get("p")) == sign.RefLen}
	if v.Ended, err = h.s.Ended(r.Context(), r.URL.Query().Get("p")); err != nil {
		return err
	}
	if authz.Who(r.Context()).SignedIn() {
		v.Own = f.URL("/me")
	}
	return web.Show(w, ticketPage, f, v)
}
