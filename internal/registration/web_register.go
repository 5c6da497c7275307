package registration

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
)

var (
	landingPage  = web.NewPage[landingView](event.Mast, web.From(Files, "pages/landing.html", "pages/parts.html"))
	formPage     = web.NewPage[formView](event.Mast, web.From(Files, "pages/form.html", "pages/parts.html"))
	summaryPage  = web.NewPage[formView](event.Mast, web.From(Files, "pages/summary.html", "pages/parts.html"))
	roomPage     = web.NewPage[roomView](event.Mast, web.From(Files, "pages/room.html"))
	receivedPage = web.NewPage[receivedView](event.Mast, web.From(Files, "pages/received.html"))
)

// landingView is the public page of a meeting's registration.
type landingView struct {
	*Setup
	Phase     Phase
	Base      string // of the registration, in the page's language
	Mine      string // of one's own entry, or empty
	Kinds     []kindView
	Options   []optionView
	Closes    time.Time
	Deadlines Deadlines
	Full      bool // nothing can be registered for any more
}

// kindView is a kind as pages show it.
type kindView struct {
	*Kind
	Price  int64 // now
	Later  []Price
	Left   int
	Bound  bool
	Full   bool
	Chosen bool
}

// optionView is an option as pages show it.
type optionView struct {
	*Option
	Price int64
	Slots []slotView
	Open  bool // one may ask for it now
	Soon  bool
}

// slotView is a slot as pages show it.
type slotView struct {
	Slot
	Left       int
	Bound      bool
	Full       bool
	Over       bool
	Chosen     bool
	Companions int
}

// open starts a page of the registration of a meeting that people may see.
func (h *Web) open(r *http.Request, title string) (*web.Frame, *Meeting, error) {
	m, err := h.s.meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return nil, nil, err
	}
	if m.phase(h.s.o.Now()) == Hidden && !event.May(r.Context(), m.Slug, event.MayEditForm) {
		return nil, nil, fault.Missing()
	}
	f, err := h.events.Frame(r, h.site, m.Stored, "registration")
	if err != nil {
		return nil, nil, err
	}
	Dress(f, title)
	return f, m, nil
}

// landing is the page that says what one can register for, until when, and at what price.
func (h *Web) landing(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.open(r, "registration.title")
	if err != nil {
		return err
	}
	f.NoIndex = false
	now := h.s.o.Now()
	quotas, err := h.s.quotas(r.Context(), m)
	if err != nil {
		return err
	}
	v := landingView{Setup: m.Setup, Phase: m.phase(now), Base: f.URL("/meetings/" + m.Slug + "/registration"), Closes: m.Closes, Deadlines: m.Deadlines(m.last())}
	v.Kinds = kindViews(m, quotas, now, "")
	v.Options = optionViews(m, quotas, now)
	v.Full = !slices.ContainsFunc(v.Kinds, func(k kindView) bool { return !k.Closed && (!k.Full || k.Waiting) })
	if authz.Who(r.Context()).SignedIn() {
		o, err := h.s.Mine(r.Context(), m.Slug)
		if err != nil {
			return err
		}
		if o != nil && o.Active() {
			v.Mine = f.URL("/me/" + m.Slug)
		}
	}
	return web.Show(w, landingPage, f, v)
}

// kindViews are the kinds with what they cost now and how many places they have.
func kindViews(m *Meeting, quotas map[string]Quota, now time.Time, chosen string) []kindView {
	var out []kindView
	for i := range m.Kinds {
		k := &m.Kinds[i]
		v := kindView{Kind: k, Price: k.At(now), Chosen: k.Key == chosen}
		for _, p := range k.Prices {
			if p.Until.IsZero() || now.Before(p.Until) {
				v.Later = append(v.Later, p)
			}
		}
		q := quotas[kindQuota(k.Key)]
		v.Left, v.Bound = q.Left()
		v.Full = q.Full()
		out = append(out, v)
	}
	return out
}

// optionViews are the options that anybody may ask for, with their slots.
func optionViews(m *Meeting, quotas map[string]Quota, now time.Time) []optionView {
	var out []optionView
	for i := range m.Options {
		o := &m.Options[i]
		if o.Concerned {
			continue
		}
		v := optionView{Option: o, Price: o.At(now), Soon: now.Before(o.Opens)}
		for _, x := range o.Slots {
			s := slotView{Slot: x, Over: passed(o.closes(&x), now)}
			if o.Rule == FirstCome { // in a lottery nothing is full
				q := quotas[slotQuota(o.Key, x.Key)]
				s.Left, s.Bound = q.Left()
				s.Full = q.Full()
			}
			s.Starts, s.Ends = inZone(x.Starts, m.Location()), inZone(x.Ends, m.Location())
			v.Slots = append(v.Slots, s)
			v.Open = v.Open || !v.Soon && !s.Over
		}
		out = append(out, v)
	}
	return out
}

func inZone(t time.Time, loc *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(loc)
}

// formView is the form, empty or as it was sent, and the summary of it.
type formView struct {
	S *Setup
	Form
	Phase     Phase
	Action    string
	Back      string
	SignedIn  bool
	Preview   bool   // an organiser tries the form
	SignIn    string // where to sign in and come back
	Kinds     []kindView
	Days      []dayView
	Options   []optionView
	Questions []questionView
	mistakes
	Waitable  bool // what is full has a waiting list
	Filled    *fullSlot
	Chosen    *kindView
	Lines     []priceLine
	Total     int64
	HasCode   bool
	Hidden    []hidden // of the summary: the form as it was sent
	Deadlines Deadlines
}

type priceLine struct {
	Name i18n.Text
	Note string
	Yen  int64
}

type hidden struct{ Name, Value string }

// Agreed reports whether a consent was ticked.
func (v formView) Agreed(key string) bool { return slices.Contains(v.Consents, key) }

// ByCode reports that a kind was chosen that needs a code.
func (v formView) ByCode() bool { return v.Chosen != nil && v.Chosen.ByCode }

// form shows the form, with what is known of who is signed in filled in.
func (h *Web) form(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.open(r, "registration.form.title")
	if err != nil {
		return err
	}
	if m.phase(h.s.o.Now()) != Now {
		return web.See(f.URL("/meetings/" + m.Slug + "/registration"))
	}
	turn, err := h.s.Enter(r.Context(), m.Slug, r.URL.Query().Get("turn"))
	if err != nil {
		return err
	}
	if turn.Token != "" && turn.Token != r.URL.Query().Get("turn") { // so that the page can be loaded again without losing it
		q := r.URL.Query()
		q.Set("turn", turn.Token)
		return web.See(f.URL("/meetings/"+m.Slug+"/registration/new") + "?" + q.Encode())
	}
	if turn.At.After(h.s.o.Now()) {
		return h.room(w, f, m, turn)
	}
	who := authz.Who(r.Context())
	v := formView{Form: Form{Turn: turn.Token, Key: person.NewRef(), Kind: r.URL.Query().Get("kind"), Code: r.URL.Query().Get("code")}}
	if who.SignedIn() {
		o, err := h.s.Mine(r.Context(), m.Slug)
		if err != nil {
			return err
		}
		if o != nil && o.Active() {
			return web.See(f.URL("/me/" + m.Slug))
		}
		if v.Details, err = h.s.prefill(r.Context(), who.ID); err != nil {
			return err
		}
	}
	if err := h.withCode(r, f, m, &v); err != nil {
		return err
	}
	return h.showForm(w, r, f, m, http.StatusOK, v)
}

func (h *Web) showForm(w http.ResponseWriter, r *http.Request, f *web.Frame, m *Meeting, status int, v formView) error {
	if err := errors.Join(h.known(r, &v), h.fill(r, f, m, &v)); err != nil {
		return err
	}
	return web.ShowStatus(w, status, formPage, f, v)
}

// known puts the address of who is signed in into a form, which does not ask for it.
func (h *Web) known(r *http.Request, v *formView) (err error) {
	if who := authz.Who(r.Context()); who.SignedIn() && v.Address == "" {
		v.Address, err = h.s.mainAddress(r.Context(), who.ID)
	}
	return err
}

// fill puts everything around a form that its page needs.
func (h *Web) fill(r *http.Request, f *web.Frame, m *Meeting, v *formView) error {
	now := h.s.o.Now()
	quotas, err := h.s.quotas(r.Context(), m)
	if err != nil {
		return err
	}
	base := "/meetings/" + m.Slug + "/registration"
	v.S, v.Action, v.Back, v.SignedIn, v.Phase = m.Setup, f.URL(base+"/new"), f.URL(base), authz.Who(r.Context()).SignedIn(), m.phase(now)
	v.SignIn = f.URL("/sign-in") + "?next=" + url.QueryEscape(f.URL(base+"/new"))
	v.Deadlines = m.Deadlines(m.last())
	if v.Kind == "" && v.Problem == nil {
		v.Kind = m.onlyKind()
	}
	v.Kinds = kindViews(m, quotas, now, v.Kind)
	v.HasCode = slices.ContainsFunc(m.Kinds, func(k Kind) bool { return k.ByCode }) || v.Code != "" || anyCode(quotas)
	for i := range v.Kinds {
		if v.Kinds[i].Chosen {
			v.Chosen = &v.Kinds[i]
		}
	}
	v.Days = dayViews(m, quotas, v.Form.Days)
	v.Options = optionViews(m, quotas, now)
	for i := range v.Options {
		v.Options[i].mark(v.Choices)
	}
	v.Questions = questionViews(m.Setup, v.Answers)
	return nil
}

// onlyKind is the kind of who needs no code, where there is just one of them that can be had.
func (s *Setup) onlyKind() string {
	only := ""
	for i := range s.Kinds {
		switch k := &s.Kinds[i]; {
		case k.ByCode || k.Closed:
		case only != "":
			return ""
		default:
			only = k.Key
		}
	}
	return only
}

// mark notes which slots were asked for.
func (o *optionView) mark(wishes []Wish) {
	for i := range o.Slots {
		for _, w := range wishes {
			if w.Option == o.Key && w.Slot == o.Slots[i].Key {
				o.Slots[i].Chosen, o.Slots[i].Companions = w.Wait || !o.Slots[i].Full, w.Companions
			}
		}
	}
}

// Brought is how many companions were typed.
func (o optionView) Brought() int {
	n := 0
	for i := range o.Slots {
		n = max(n, o.Slots[i].Companions)
	}
	return n
}

// Declared reports whether somebody declared what the option asks.
func (v formView) Declared(option string) bool {
	return slices.ContainsFunc(v.Choices, func(w Wish) bool { return w.Option == option && w.Declared })
}

// readForm reads what was sent.
func readForm(form url.Values, l i18n.Lang) Form {
	f := Form{
		Key: form.Get("key"), Kind: form.Get("kind"), Code: strings.TrimSpace(form.Get("code")), Details: ReadDetails(form, l), Days: ReadDays(form),
		Answers: ReadAnswers(form), Wait: form.Get("do") == "wait",
	}
	f.Address = form.Get("address")
	for name, list := range form {
		if key, ok := strings.CutPrefix(name, "consent."); ok && len(list) > 0 && list[0] != "" {
			f.Consents = append(f.Consents, key)
		}
	}
	slices.Sort(f.Consents)
	f.Choices, f.Turn = readChoices(form), form.Get("turn")
	return f
}

// readChoices reads which slots were asked for: of an option with one slot to choose the value is the slot, of others there are several.
func readChoices(form url.Values) []Wish {
	var out []Wish
	for _, name := range sortedKeys(form) {
		option, ok := strings.CutPrefix(name, "option.")
		if !ok {
			continue
		}
		companions, err := strconv.Atoi(form.Get("companions." + option))
		if err != nil {
			companions = 0
		}
		for _, slot := range form[name] {
			slot, wait := strings.CutPrefix(slot, waitPrefix)
			if slot != "" {
				out = append(out, Wish{Option: option, Slot: slot, Companions: companions, Declared: form.Get("declares."+option) != "", Wait: wait})
			}
		}
	}
	return out
}

// register takes the form: it is checked and shown as a summary first, and registered from there.
func (h *Web) register(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.open(r, "registration.form.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	settled := settle(form, form.Get("do"))
	v := formView{Form: readForm(form, f.Lang)}
	m.wishesInOrder(v.Choices)
	if settled {
		return h.finish(w, r, f, m, v, form)
	}
	switch form.Get("do") {
	case "register", "wait":
		return h.finish(w, r, f, m, v, form)
	case "edit":
		return h.showForm(w, r, f, m, http.StatusOK, v)
	}
	checked := v.Form
	if err := h.s.Check(r.Context(), m.Slug, &checked); err != nil {
		return h.refuse(w, r, f, m, v, err)
	}
	v.Form = checked
	return h.summary(w, r, f, m, http.StatusOK, v, form)
}

// roomView is the waiting room.
type roomView struct {
	Ahead   int
	At      time.Time
	Seconds int // until the page asks again
	Again   string
}

// room shows how many are before somebody, and lets them in by itself when it is their turn.
func (h *Web) room(w http.ResponseWriter, f *web.Frame, m *Meeting, t Turn) error {
	f.Title = f.T("registration.room.title")
	wait := t.At.Sub(h.s.o.Now())
	v := roomView{Ahead: t.Ahead, At: t.At.In(m.Location()), Seconds: int(min(max(wait, time.Second), 20*time.Second)/time.Second) + 1}
	v.Again = f.URL("/meetings/"+m.Slug+"/registration/new") + "?turn=" + url.QueryEscape(t.Token)
	w.Header().Set("Refresh", strconv.Itoa(v.Seconds)) // works without a script, and keeps the address
	return web.Show(w, roomPage, f, v)
}

// refuse shows the form again with what is wrong; nothing that was typed is lost.
func (h *Web) refuse(w http.ResponseWriter, r *http.Request, f *web.Frame, m *Meeting, v formView, err error) error {
	others := v.faults(m.Setup, &m.Meeting)
	if authz.Who(r.Context()).SignedIn() {
		others = except(others, "address")
	}
	if v.mistakes, err = mistaken(f, err, others); err != nil {
		return err
	}
	if turn, err := h.s.Enter(r.Context(), m.Slug, v.Turn); err == nil {
		v.Turn = turn.Token // a new one where the old is over: the message says to wait, and to send the form again
	}
	return h.showForm(w, r, f, m, http.StatusUnprocessableEntity, v)
}

// summary shows everything once more before the end, with what it costs.
func (h *Web) summary(w http.ResponseWriter, r *http.Request, f *web.Frame, m *Meeting, status int, v formView, form url.Values) error {
	if err := errors.Join(h.known(r, &v), h.fill(r, f, m, &v)); err != nil {
		return err
	}
	for _, name := range sortedKeys(form) {
		if name == "do" {
			continue
		}
		for _, value := range form[name] {
			v.Hidden = append(v.Hidden, hidden{name, value})
		}
	}
	now := h.s.o.Now()
	add := func(name i18n.Text, note string, yen int64) {
		v.Lines, v.Total = append(v.Lines, priceLine{name, note, yen}), v.Total+yen
	}
	if k := m.Kind(v.Kind); k != nil {
		add(k.Name, "", k.At(now))
	}
	for _, c := range v.Choices {
		if o := m.Option(c.Option); o != nil {
			note := ""
			if c.Companions > 0 {
				note = f.T("registration.companions_n", "n", c.Companions)
			}
			yen := o.At(now) * int64(1+c.Companions)
			if o.Rule == Lottery || c.Wait { // it costs something once there is a place
				note, yen = f.T(map[bool]string{true: "registration.waits", false: "registration.lottery"}[c.Wait]), 0
			}
			add(o.NameOf(c.Slot), note, yen)
		}
	}
	less, err := h.discounts(r, m, &v)
	if err != nil {
		return err
	}
	for _, l := range less {
		add(l.Name, "", l.Yen)
	}
	f.Title = f.T("registration.summary.title")
	return web.ShowStatus(w, status, summaryPage, f, v)
}

// finish registers. Who is not signed in gets the same answer whether the address is registered already or not.
func (h *Web) finish(w http.ResponseWriter, r *http.Request, f *web.Frame, m *Meeting, v formView, form url.Values) error {
	who := authz.Who(r.Context())
	_, _, err := h.s.Register(r.Context(), m.Slug, v.Form)
	switch {
	case err == nil && who.SignedIn(), Known(err) && who.SignedIn():
		return web.Done(f.URL("/me/" + m.Slug))
	case err == nil, Known(err):
		return web.Done(f.URL("/meetings/" + m.Slug + "/registration/received"))
	case Full(err):
		filled := fullSlotOf(m, &v.Form, err)
		p, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		k := m.Kind(v.Kind)
		v.Filled = filled
		v.Problem, v.Waitable = p, k != nil && k.Waiting && !strings.HasPrefix(p.Field, "option.")
		return h.summary(w, r, f, m, http.StatusConflict, v, form)
	}
	return h.refuse(w, r, f, m, v, err)
}

// receivedView is the page after the end of the form.
type receivedView struct {
	Until   string
	Back    string
	Letters string // in the demo: where the letters are
}

// received says that a letter is on its way, to whoever asks: it does not say whose.
func (h *Web) received(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.open(r, "registration.received.title")
	if err != nil {
		return err
	}
	v := receivedView{Until: f.T("registration.hours", "n", int(m.proveWithin()/time.Hour)), Back: f.URL("/meetings/" + m.Slug)}
	if h.site.Demo {
		v.Letters = f.URL("/dev/mail")
	}
	return web.Show(w, receivedPage, f, v)
}
