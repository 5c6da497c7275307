package desk

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/spoken"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/registration"
)

var (
	peoplePage = web.NewPage[peopleView](event.Mast, web.From(Files, "pages/people.html", "pages/people_filter.html"))
	personPage = web.NewPage[personView](event.Mast, web.From(Files, "pages/people_one.html", "pages/setup_parts.html"), registration.FieldParts)
	manualPage = web.NewPage[manualView](event.Mast, web.From(Files, "pages/people_new.html", "pages/setup_parts.html"), registration.FieldParts)
	pairsPage  = web.NewPage[pairsView](event.Mast, web.From(Files, "pages/people_pairs.html"))
	pairPage   = web.NewPage[pairView](event.Mast, web.From(Files, "pages/people_pair.html", "pages/setup_parts.html"))
)

// peopleRoutes are the pages about those who registered.
func (h *Web) peopleRoutes() []web.Route {
	const base = "/meetings/{slug}/registration"
	const at = base + "/people"
	read, edit := web.Needs(event.MayReadEntries), web.Needs(event.MayEditEntries)
	return []web.Route{
		web.Private(at, read, h.people),
		web.Action(at+"/export", read, h.exportPeople),
		web.Private(at+"/new", edit, h.manual),
		web.Action(at+"/new", edit, h.enterManually),
		web.Private(base+"/duplicates", read, h.duplicates),
		web.Private(base+"/duplicates/{pair}", read, h.duplicate),
		web.Action(base+"/duplicates/{pair}", edit, h.mergePair),
		web.Private(at+"/{ref}", read, h.person),
		web.Action(at+"/{ref}", edit, h.actOnPerson),
	}
}

// filterView is the form of a filter.
type filterView struct {
	registration.Filter
	Kinds   []web.Choice
	States  []web.Choice
	Days    []web.Choice
	Modes   []web.Choice
	Options []web.Choice
	Answers []web.Choice
	Sorts   []web.Choice
	Paid    []web.Choice
	Open    bool // more than a search is set
}

// peopleView is the list.
type peopleView struct {
	filterView
	F       *web.Frame
	Base    string
	Desk    string
	Rows    []personRow
	Tally   registration.Tally
	Counts  []countLine
	Next    string
	First   string // address of the first page, on later ones
	Print   string
	Printed bool
	Columns []columnGroup
	Hidden  []hidden // the filter, for forms
	Pairs   string   // where duplicates are looked for
	Bulk    string   // where something is done to many
	MayEdit bool
	Narrow  bool
	Many    bool // acts on many are offered
}

// Shown is the view with its frame, for the parts that pages share.
func (v peopleView) Shown(f *web.Frame) filterShown { return filterShown{f, v.filterView, false} }

// filterShown is a filter with the page it is on.
type filterShown struct {
	F    *web.Frame
	V    filterView
	Part bool // it is part of another form
}

type countLine struct {
	Name i18n.Text
	N    int
}

// personRow is a line of the list.
type personRow struct {
	*registration.Entry
	URL     string
	Kind    i18n.Text
	Days    string
	Options string
	Paid    string // key of words; empty: nothing to pay
}

// same is a word of the page's language as a text.
func same(w string) i18n.Text { return i18n.T(w, w) }

// filterForm are the choices of a filter.
func filterForm(f *web.Frame, m *registration.Meeting, x registration.Filter) filterView {
	v := filterView{Filter: x}
	any := web.Choice{Name: same(f.T("registration.people.any"))}
	v.Kinds, v.Days, v.Modes, v.Options, v.Answers = []web.Choice{any}, []web.Choice{any}, []web.Choice{any}, []web.Choice{any}, []web.Choice{any}
	for _, k := range m.Kinds {
		v.Kinds = append(v.Kinds, web.Choice{Value: k.Key, Name: k.Name})
	}
	v.States = []web.Choice{{Name: same(f.T("registration.people.active"))}}
	for _, s := range []registration.State{registration.Confirmed, registration.Offered, registration.Waiting, registration.Invited, registration.Cancelled} {
		v.States = append(v.States, web.Choice{Value: string(s), Name: same(f.T("registration.state." + string(s)))})
	}
	v.States = append(v.States, web.Choice{Value: "all", Name: same(f.T("registration.people.everybody"))})
	for _, d := range m.Days() {
		v.Days = append(v.Days, web.Choice{Value: string(d), Name: same(f.ShortDay(d.Time(m.Location())))})
	}
	for _, mode := range registration.Modes {
		v.Modes = append(v.Modes, web.Choice{Value: string(mode), Name: same(f.T("registration.mode." + string(mode)))})
	}
	for i := range m.Options {
		o := &m.Options[i]
		v.Options = append(v.Options, web.Choice{Value: o.Key, Name: o.Name})
		for _, s := range o.Slots {
			if len(o.Slots) > 1 {
				v.Options = append(v.Options, web.Choice{Value: o.Key + "/" + s.Key, Name: o.NameOf(s.Key)})
			}
		}
	}
	v.Answers = append(v.Answers, answerChoices(m.Setup)...)
	for _, s := range registration.Sorts {
		key := s
		if key == "" {
			key = "new"
		}
		v.Sorts = append(v.Sorts, web.Choice{Value: s, Name: same(f.T("registration.sort." + key))})
	}
	v.Paid = []web.Choice{any, {Value: "paid", Name: same(f.T("registration.people.paid"))}, {Value: "open", Name: same(f.T("registration.people.unpaid"))}}
	rest := x
	rest.Query = ""
	v.Open = rest.Narrow() || rest.Sort != ""
	return v
}

// answerChoices are the answers one may filter by.
func answerChoices(s *registration.Setup) []web.Choice {
	var out []web.Choice
	for i := range s.Questions {
		q := &s.Questions[i]
		add := func(v string, w i18n.Text) {
			out = append(out, web.Choice{Value: q.Key + ":" + v, Name: i18n.T(q.Label.In(i18n.JA)+"："+w.In(i18n.JA), q.Label.In(i18n.EN)+": "+w.In(i18n.EN))})
		}
		for _, c := range q.Choices {
			add(c.Key, c.Name)
		}
		if q.Type == registration.YesNo {
			add("yes", q.InWords("yes"))
			add("no", q.InWords("no"))
		}
	}
	return out
}

// onPage is how many people are on a page of the list.
const onPage = 50

// people lists who registered.
func (h *Web) people(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.deskPage(r, "registration.people.title")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	x := registration.ReadFilter(q)
	limit, after := onPage, q.Get("after")
	if q.Has("print") {
		limit, after = registration.MostListed, ""
	}
	l, err := h.s.People(r.Context(), m.Slug, x, after, limit)
	if err != nil {
		return err
	}
	base := f.URL("/meetings/" + m.Slug + "/registration")
	v := peopleView{filterView: filterForm(f, m, x), F: f, Base: base + "/people", Desk: base + "/desk", Pairs: base + "/duplicates", Bulk: base + "/many", Tally: l.Tally, Printed: q.Has("print"), Columns: h.columns(f, m),
		MayEdit: event.May(r.Context(), m.Slug, event.MayEditEntries), Narrow: x.Narrow()}
	v.Many = v.MayEdit
	for _, e := range l.Entries {
		v.Rows = append(v.Rows, rowOf(f, m, e, l, v.Base))
	}
	values := x.Values()
	v.Hidden = hiddenOf(values)
	if l.Next != "" {
		next := x.Values()
		next.Set("after", l.Next)
		v.Next = v.Base + "?" + next.Encode()
	}
	if after != "" {
		v.First = v.Base + "?" + values.Encode()
	}
	values.Set("print", "1")
	v.Print = v.Base + "?" + values.Encode()
	for _, k := range m.Kinds {
		if n := l.Tally.Kinds[k.Key]; n > 0 {
			v.Counts = append(v.Counts, countLine{k.Name, n})
		}
	}
	for _, s := range []registration.State{registration.Offered, registration.Waiting, registration.Invited, registration.Cancelled} {
		if n := l.Tally.States[s]; n > 0 {
			v.Counts = append(v.Counts, countLine{same(f.T("registration.state." + string(s))), n})
		}
	}
	return web.Show(w, peoplePage, f, v)
}

func hiddenOf(values url.Values) []hidden {
	var out []hidden
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, v := range values[name] {
			out = append(out, hidden{name, v})
		}
	}
	return out
}

func rowOf(f *web.Frame, m *registration.Meeting, e *registration.Entry, l *registration.Listed, base string) personRow {
	row := personRow{Entry: e, URL: base + "/" + e.Ref, Kind: same(e.Kind), Days: daysShort(f, m, e)}
	if k := m.Kind(e.Kind); k != nil {
		row.Kind = k.Name
	}
	row.Options = optionsShort(f, m, l.Choices[e.ID])
	row.Paid = paidKey(l.Paid[e.Ref])
	return row
}

// paidKey is the key of the words that say where a payment stands; empty: there is nothing to pay.
func paidKey(st registration.Standing) string {
	switch {
	case st.Owed <= 0 && st.Paid <= 0:
		return ""
	case st.Paid >= st.Owed:
		return "registration.people.paid"
	}
	return "registration.people.unpaid"
}

func daysShort(f *web.Frame, m *registration.Meeting, e *registration.Entry) string {
	var out []string
	for _, d := range e.Days {
		out = append(out, f.ShortDay(d.Date.Time(m.Location()))+" "+f.T("registration.mode."+string(d.Mode)))
	}
	return f.Join(out)
}

func optionsShort(f *web.Frame, m *registration.Meeting, chosen []*registration.Chosen) string {
	var out []string
	for _, c := range chosen {
		o := m.Option(c.Option)
		if o == nil || c.State == registration.GivenUp {
			continue
		}
		s := f.In(o.NameOf(c.Slot))
		if c.Companions > 0 {
			s += " +" + i18n.Number(float64(c.Companions))
		}
		if !c.State.Holds() {
			s += " (" + f.In(c.State.Words()) + ")"
		}
		out = append(out, s)
	}
	return f.Join(out)
}

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
	for _, d := range v.Entry.Days {
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
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	f, m, err := h.deskPage(r, "registration.people.title")
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
	f, m, err := h.deskPage(r, "registration.manual.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
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

// pairsView lists entries that may be one person's.
type pairsView struct {
	Base  string
	At    string
	Pairs []pairLine
	Total int
}

type pairLine struct {
	A, B *registration.Entry
	URL  string
	Why  string
}

// pairsShown bounds the list of pairs.
const pairsShown = 200

func (h *Web) duplicates(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.deskPage(r, "registration.pairs.title")
	if err != nil {
		return err
	}
	pairs, err := h.s.Duplicates(r.Context(), m.Slug)
	if err != nil {
		return err
	}
	base := f.URL("/meetings/" + m.Slug + "/registration")
	v := pairsView{Base: base + "/people", At: base + "/duplicates", Total: len(pairs)}
	for _, p := range pairs[:min(len(pairs), pairsShown)] {
		var why []string
		for _, x := range p.Why {
			why = append(why, f.T("registration.pairs."+x))
		}
		v.Pairs = append(v.Pairs, pairLine{p.A, p.B, v.At + "/" + p.A.Ref + "-" + p.B.Ref, f.Join(why)})
	}
	return web.Show(w, pairsPage, f, v)
}

// pairView puts two entries side by side.
type pairView struct {
	At      string // of the list of pairs
	Action  string
	Two     []pairSide
	Problem *web.Problem
	MayEdit bool
}

type pairSide struct {
	*registration.File
	URL     string
	Kind    i18n.Text
	Days    string
	Options string
	Answers []registration.Answered
	Money   string
	Other   string
}

func (h *Web) duplicate(w http.ResponseWriter, r *http.Request) error {
	return h.showPair(w, r, http.StatusOK, nil)
}

func (h *Web) showPair(w http.ResponseWriter, r *http.Request, status int, problem *web.Problem) error {
	f, m, err := h.deskPage(r, "registration.pairs.title")
	if err != nil {
		return err
	}
	base, at := f.URL("/meetings/"+m.Slug+"/registration/people"), f.URL("/meetings/"+m.Slug+"/registration/duplicates")
	v := pairView{At: at, Action: at + "/" + r.PathValue("pair"), Problem: problem, MayEdit: event.May(r.Context(), m.Slug, event.MayEditEntries)}
	a, b, ok := strings.Cut(r.PathValue("pair"), "-")
	if !ok {
		return fault.Missing()
	}
	for _, ref := range [][2]string{{a, b}, {b, a}} {
		file, err := h.s.PersonFile(r.Context(), m.Slug, ref[0])
		if err != nil {
			return err
		}
		side := pairSide{File: file, URL: base + "/" + ref[0], Kind: same(file.Kind), Days: daysShort(f, m, file.Entry), Options: optionsShort(f, m, file.Choices), Answers: m.Answered(file.Entry), Other: ref[1]}
		if k := m.Kind(file.Kind); k != nil {
			side.Kind = k.Name
		}
		if st := file.Paid; st.Owed > 0 || st.Paid > 0 {
			side.Money = f.T("registration.people.paid_of", "paid", m.Yen(f.Lang, st.Paid), "owed", m.Yen(f.Lang, st.Owed))
		}
		v.Two = append(v.Two, side)
	}
	return web.ShowStatus(w, status, pairPage, f, v)
}

func (h *Web) mergePair(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.deskPage(r, "registration.pairs.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	a, b, _ := strings.Cut(r.PathValue("pair"), "-")
	keep, gone := a, b
	switch form.Get("keep") {
	case a:
	case b:
		keep, gone = b, a
	default:
		err = invalid("registration.error.no_act")
	}
	if err == nil {
		err = h.s.MergeEntries(r.Context(), m.Slug, keep, gone, readReason(form))
	}
	if err != nil {
		p, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showPair(w, r, http.StatusUnprocessableEntity, p)
	}
	return web.Done(f.URL("/meetings/"+m.Slug+"/registration/people/"+keep) + "?done=merged")
}

// selectView is one choice of a filter.
type selectView struct {
	F           *web.Frame
	Name, Label string
	Value       string
	Choices     []web.Choice
}

// Select is the choice of a filter with a name.
func (v filterView) Select(f *web.Frame, name string) selectView {
	x := selectView{F: f, Name: name, Label: f.T("registration.people.by_" + name)}
	switch name {
	case "state":
		x.Value, x.Choices = v.State, v.States
	case "kind":
		x.Value, x.Choices = v.Kind, v.Kinds
	case "day":
		x.Value, x.Choices = string(v.Day), v.Days
	case "mode":
		x.Value, x.Choices = string(v.Mode), v.Modes
	case "option":
		x.Value, x.Choices = v.Option, v.Options
	case "answer":
		x.Value, x.Choices = v.Answer, v.Answers
	case "paid":
		x.Value, x.Choices = v.Filter.Paid, v.Paid
	case "sort":
		x.Value, x.Choices = v.Sort, v.Sorts
	}
	return x
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
