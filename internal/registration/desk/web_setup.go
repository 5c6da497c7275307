package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

var (
	setupPage  = web.NewPage[setupView](event.Mast, web.From(Files, "pages/setup.html", "pages/setup_parts.html"))
	listPage   = web.NewPage[setupListView](event.Mast, web.From(Files, "pages/setup_list.html", "pages/setup_parts.html"))
	editPage   = web.NewPage[setupForm](event.Mast, web.From(Files, "pages/setup_form.html", "pages/setup_parts.html"))
	effectPage = web.NewPage[effectView](event.Mast, web.From(Files, "pages/setup_effect.html", "pages/setup_parts.html"))
)

// setupRoutes are the pages on which an organiser decides how a meeting is registered for.
func (h *Web) setupRoutes() []web.Route {
	const at = "/meetings/{slug}/registration"
	may := web.Needs(event.MayEditForm)
	return []web.Route{
		web.Private(at+"/setup", may, h.setup),
		web.Action(at+"/setup", may, h.actOnSetup),
		web.Private(at+"/setup/{part}", may, h.setupPart),
		web.Action(at+"/setup/{part}", may, h.savePart),
		web.Private(at+"/setup/{part}/{key}", may, h.setupItem),
		web.Action(at+"/setup/{part}/{key}", may, h.saveItem),
	}
}

// setupView is the overview of the setup.
type setupView struct {
	*registration.Setup
	Base    string
	Desk    string
	Phase   registration.Phase
	Opens   time.Time
	Closes  time.Time
	Parts   []setupSubject
	Earlier []*event.Summary
	Done    string
	Problem *web.Problem
	Empty   bool
}

type setupSubject struct {
	URL   string
	Title string
	About string
	Count int
	List  bool
}

// setup is the overview: what registration is doing, the subjects, and the setups of earlier meetings.
func (h *Web) setup(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.deskPage(r, "registration.setup.title")
	if err != nil {
		return err
	}
	return h.showSetup(w, r, f, m, http.StatusOK, nil)
}

func (h *Web) showSetup(w http.ResponseWriter, r *http.Request, f *web.Frame, m *registration.Meeting, status int, problem *web.Problem) error {
	base := f.URL("/meetings/" + m.Slug + "/registration")
	v := setupView{Setup: m.Setup, Base: base + "/setup", Desk: base + "/desk", Phase: h.s.PhaseOf(m), Problem: problem, Empty: len(m.Kinds) == 0,
		Opens: m.Local(m.Opens), Closes: m.Local(m.Closes)}
	if d := r.URL.Query().Get("done"); slices.Contains(registration.Turnings, registration.Turning(d)) {
		v.Done = f.T("registration.setup.done_" + d)
	}
	for _, p := range setupParts() {
		x := setupSubject{URL: v.Base + "/" + p.key, Title: f.T("registration.part." + p.key), About: f.T("registration.part_about." + p.key), List: p.list != nil}
		if p.list != nil {
			x.Count = p.list.size(m.Setup)
		}
		v.Parts = append(v.Parts, x)
	}
	var err error
	if v.Earlier, err = h.s.Earlier(r.Context(), m.Slug); err != nil {
		return err
	}
	return web.ShowStatus(w, status, setupPage, f, v)
}

// actOnSetup does what is one press: to publish and hide, to open and close, to take over the setup of an earlier meeting.
func (h *Web) actOnSetup(w http.ResponseWriter, r *http.Request) error {
	f, m, form, err := h.sent(r, "registration.setup.title")
	if err != nil {
		return err
	}
	if err := h.s.TurnSetup(r.Context(), m.Slug, registration.Turning(form.Get("do")), form.Get("from")); err != nil {
		p, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showSetup(w, r, f, m, http.StatusUnprocessableEntity, p)
	}
	return web.Done(f.URL("/meetings/"+m.Slug+"/registration/setup") + "?done=" + url.QueryEscape(form.Get("do")))
}

// setupPageOf is a page of one subject being made.
type setupPageOf struct {
	*web.Frame
	h       *Web
	r       *http.Request
	m       *registration.Meeting
	part    *setupPart
	c       *setupContext
	next    *registration.Setup // a copy, to be changed
	version int64
	base    string // of the setup, in the page's language
	form    url.Values
}

// subject starts a page of a subject.
func (h *Web) subject(r *http.Request) (*setupPageOf, error) {
	f, m, err := h.deskPage(r, "registration.setup.title")
	if err != nil {
		return nil, err
	}
	p := &setupPageOf{Frame: f, h: h, r: r, m: m, base: f.URL("/meetings/" + m.Slug + "/registration/setup")}
	parts := setupParts()
	i := slices.IndexFunc(parts, func(x setupPart) bool { return x.key == r.PathValue("part") })
	if i < 0 {
		return nil, fault.Missing()
	}
	p.part = &parts[i]
	p.Title = f.T("registration.part." + p.part.key)
	p.c = &setupContext{m: m, days: m.Days()}
	if p.c.sellers, err = h.s.Sellers(r.Context(), m.Slug); err != nil {
		return nil, err
	}
	if p.next, p.version, err = h.s.Setup(r.Context(), m.Slug); err != nil {
		return nil, err
	}
	if r.Method == http.MethodPost {
		p.form, err = web.Form(r)
	}
	return p, err
}

// fields goes over the subject, or over one thing of its list, in a setup; form is nil to show it.
func (p *setupPageOf) fields(s *registration.Setup, i int, form url.Values) *fields {
	b := &fields{f: p.Frame, loc: p.m.Location(), form: form}
	if more, ok := strings.CutPrefix(form.Get("do"), "more."); ok {
		b.more = more
	}
	if p.part.list != nil {
		p.part.list.bind(b, p.c, s, i)
	} else {
		p.part.bind(b, p.c, s)
	}
	return b
}

// seen names the state of what a page shows, so that a change of somebody else is noticed.
func (p *setupPageOf) seen(s *registration.Setup, i int) string {
	var what any
	switch {
	case p.part.list == nil:
		what = [...]any{s.Opens, s.Closes, s.ChangeUntil, s.CancelUntil, s.HandoverUntil, s.ProveHours, s.AcceptHours, s.Groups, s.PerMinute, s.ListOpens, s.ListCloses}
		switch p.part.key {
		case "days":
			what = s.Bounds
		case "refunds":
			what = s.Refunds
		case "texts":
			what = [...]any{s.Intro, s.Contact, s.Remaining, s.Concerned, s.LastMeeting}
		}
	case i < 0:
		keys := make([]string, p.part.list.size(s))
		for j := range keys {
			keys[j] = p.part.list.key(s, j)
		}
		what = keys
	default:
		what = map[string]any{"kinds": pick(s.Kinds, i), "options": pick(s.Options, i), "questions": pick(s.Questions, i), "consents": pick(s.Consents, i)}[p.part.key]
	}
	doc, _ := json.Marshal(what) // of plain values
	sum := sha256.Sum256(doc)
	return hex.EncodeToString(sum[:8])
}

func pick[T any](list []T, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// setupForm is the page of a form.
type setupForm struct {
	Title   string
	Name    string // of the thing, or empty
	About   string
	Action  string
	Back    string
	Base    string
	Seen    string
	Fields  []field
	Problem *web.Problem
	Clash   bool
	Done    bool
	IsNew   bool
}

// fieldsOn are fields with the page they are on.
type fieldsOn struct {
	F    *web.Frame
	List []field
}

// Groups are the fields by their headings.
func (v setupForm) Groups() []fieldGroup { return grouped(v.Fields) }

// On puts the page beside the fields of a heading.
func (g fieldGroup) On(f *web.Frame) fieldsOn { return fieldsOn{f, g.List} }

// setupListView is the page of a list.
type setupListView struct {
	Title   string
	About   string
	Base    string
	Action  string
	Seen    string
	Items   []setupItemView
	Ready   []setupItemView // questions ready to be taken in
	Problem *web.Problem
	Done    bool
}

type setupItemView struct {
	Key  string
	URL  string
	Name i18n.Text
	Tags []string
	Up   bool
	Down bool
}

func (h *Web) setupPart(w http.ResponseWriter, r *http.Request) error {
	p, err := h.subject(r)
	if err != nil {
		return err
	}
	if p.part.list != nil {
		return p.showList(w, http.StatusOK, nil)
	}
	return p.showForm(w, http.StatusOK, p.fields(p.next, 0, nil).list, p.seen(p.next, 0), "", nil)
}

func (p *setupPageOf) showList(w http.ResponseWriter, status int, problem *web.Problem) error {
	l := p.part.list
	v := setupListView{Title: p.Title, About: p.T("registration.part_about." + p.part.key), Base: p.base, Action: p.base + "/" + p.part.key, Seen: p.seen(p.next, -1), Problem: problem,
		Done: p.r.URL.Query().Has("done")}
	n := l.size(p.next)
	for i := range n {
		key := l.key(p.next, i)
		v.Items = append(v.Items, setupItemView{Key: key, URL: v.Action + "/" + key, Name: l.name(p.next, i), Tags: l.tags(p.Frame, p.next, i), Up: i > 0, Down: i < n-1})
	}
	if p.part.key == "questions" {
		for _, q := range registration.Ready() {
			if p.next.Question(q.Key) == nil {
				v.Ready = append(v.Ready, setupItemView{Key: q.Key, Name: q.Label})
			}
		}
	}
	return web.ShowStatus(w, status, listPage, p.Frame, v)
}

func (p *setupPageOf) showForm(w http.ResponseWriter, status int, list []field, seen, name string, problem *web.Problem) error {
	v := setupForm{Title: p.Title, Name: name, About: p.T("registration.part_about." + p.part.key), Action: p.URL(p.Path), Base: p.base, Back: p.base, Seen: seen,
		Fields: list, Problem: problem, Done: p.r.URL.Query().Has("done"), IsNew: p.r.PathValue("key") == newItem}
	if p.part.list != nil {
		v.Back = p.base + "/" + p.part.key
	}
	for _, x := range list {
		v.Clash = v.Clash || x.Now != ""
	}
	return web.ShowStatus(w, status, editPage, p.Frame, v)
}

// newItem stands in an address for something that is not there yet; no key looks like it.
const newItem = "_new"

// item finds the thing that the address names, or makes a new one.
func (p *setupPageOf) item(s *registration.Setup) (int, error) {
	l, key := p.part.list, p.r.PathValue("key")
	if l == nil {
		return 0, fault.Missing()
	}
	if key == newItem {
		l.add(s)
		return l.size(s) - 1, nil
	}
	i := l.at(s, key)
	if i < 0 {
		return 0, fault.Missing()
	}
	return i, nil
}

func (h *Web) setupItem(w http.ResponseWriter, r *http.Request) error {
	p, err := h.subject(r)
	if err != nil {
		return err
	}
	i, err := p.item(p.next)
	if err != nil {
		return err
	}
	return p.showForm(w, http.StatusOK, p.fields(p.next, i, nil).list, p.seen(p.next, i), p.In(p.part.list.name(p.next, i)), nil)
}

// savePart takes the form of a subject, or an act on its list.
func (h *Web) savePart(w http.ResponseWriter, r *http.Request) error {
	p, err := h.subject(r)
	if err != nil {
		return err
	}
	if p.part.list == nil {
		return p.take(w, 0)
	}
	if p.form.Get("seen") != p.seen(p.next, -1) {
		return p.refuseList(w, fault.New(fault.Conflict, "registration.error.setup_changed"))
	}
	if err := p.actOnList(); err != nil {
		return p.refuseList(w, err)
	}
	return p.settle(w, nil, func(err error) error {
		if p.next, p.version, _ = h.s.Setup(r.Context(), p.m.Slug); p.next == nil {
			p.next = &registration.Setup{}
		}
		return p.refuseList(w, err)
	})
}

func (p *setupPageOf) refuseList(w http.ResponseWriter, err error) error {
	problem, err := p.ProblemOf(err)
	if err != nil {
		return err
	}
	return p.showList(w, http.StatusConflict, problem)
}

// actOnList moves, doubles and removes something of a list, or takes a ready question in.
func (p *setupPageOf) actOnList() error {
	do, key, _ := strings.Cut(p.form.Get("do"), ":")
	l := p.part.list
	if do == "ready" && p.part.key == "questions" {
		for _, q := range registration.Ready() {
			if (q.Key == key || key == "") && p.next.Question(q.Key) == nil {
				p.next.Questions = append(p.next.Questions, q)
			}
		}
		return nil
	}
	i := l.at(p.next, key)
	if i < 0 {
		return fault.New(fault.Conflict, "registration.error.setup_changed")
	}
	switch do {
	case "up":
		if i > 0 {
			l.swap(p.next, i, i-1)
		}
	case "down":
		if i < l.size(p.next)-1 {
			l.swap(p.next, i, i+1)
		}
	case "double":
		l.double(p.next, i)
	case "remove":
		l.remove(p.next, i)
	default:
		return invalid("registration.error.no_act")
	}
	return nil
}

// saveItem takes the form of one thing of a list.
func (h *Web) saveItem(w http.ResponseWriter, r *http.Request) error {
	p, err := h.subject(r)
	if err != nil {
		return err
	}
	i, err := p.item(p.next)
	if err != nil {
		return err
	}
	return p.take(w, i)
}

// take reads a form into the setup and saves it. Where somebody else changed the same meanwhile, the form is shown again with what was typed
// and what is stored beside it.
func (p *setupPageOf) take(w http.ResponseWriter, i int) error {
	stored := p.fields(p.next, i, nil).list
	seen := p.seen(p.next, i)
	name := ""
	if p.part.list != nil {
		name = p.In(p.part.list.name(p.next, i))
	}
	b := p.fields(p.next, i, p.form)
	again := func(err error) error {
		problem, err := p.ProblemOf(err)
		if err != nil {
			return err
		}
		return p.showForm(w, http.StatusUnprocessableEntity, b.list, seen, name, problem)
	}
	switch {
	case p.form.Get("do") == "edit":
		return p.showForm(w, http.StatusOK, b.list, seen, name, nil)
	case b.more != "":
		return p.showForm(w, http.StatusOK, b.list, seen, name, nil)
	case p.form.Get("seen") != seen && p.r.PathValue("key") != newItem:
		markNow(b.list, stored)
		return again(fault.New(fault.Conflict, "registration.error.setup_clash"))
	case b.err != nil:
		return again(b.err)
	}
	return p.settle(w, difference(stored, b.list), again)
}

// markNow notes beside each field that differs what is stored.
func markNow(list, stored []field) {
	for j := range list {
		for _, x := range stored {
			if x.Name == list[j].Name && x.words != list[j].words {
				if list[j].Now = x.words; x.words == "" {
					list[j].Now = "–"
				}
			}
		}
	}
}

// effectView is what a change brings about, before it is saved.
type effectView struct {
	Title   string
	Lines   []changeLine
	Effects []effectLine
	Entries int
	Action  string
	Hidden  []hidden
	Back    string
	Edit    bool
	Problem *web.Problem
}

type effectLine struct {
	Name string
	Text string
	Loss bool
}

// settle saves the setup. While people see it, it first shows what that changes.
func (p *setupPageOf) settle(w http.ResponseWriter, lines []changeLine, refuse func(error) error) error {
	ctx := p.r.Context()
	plan, err := p.h.s.Plan(ctx, p.m.Slug, p.next)
	if err != nil {
		return refuse(err)
	}
	act, _, _ := strings.Cut(p.form.Get("do"), ":")
	harmless := len(plan.Effects) == 0 && (len(lines) == 0 || slices.Contains([]string{"up", "down", "double", "ready"}, act))
	if plan.Live && !harmless && p.form.Get("sure") == "" {
		return p.showEffects(w, plan, lines)
	}
	if err := p.h.s.SavePlan(ctx, p.m.Slug, plan, p.version); err != nil {
		return refuse(err)
	}
	return web.Done(p.base + "/" + p.part.key + "?done")
}

func (p *setupPageOf) showEffects(w http.ResponseWriter, plan *registration.Plan, lines []changeLine) error {
	v := effectView{Title: p.Title, Lines: lines, Entries: plan.Entries, Action: p.URL(p.Path), Back: p.base + "/" + p.part.key, Edit: p.part.list == nil || p.r.PathValue("key") != ""}
	for _, e := range plan.Effects {
		args := []any{}
		for _, k := range slices.Sorted(maps.Keys(e.Args)) {
			args = append(args, k, e.Args[k])
		}
		v.Effects = append(v.Effects, effectLine{p.In(e.Name), p.T("registration.effect."+e.Key, args...), e.Loss})
	}
	for _, name := range slices.Sorted(maps.Keys(p.form)) {
		if name == "sure" {
			continue
		}
		for _, value := range p.form[name] {
			if name == "do" && v.Edit {
				continue
			}
			v.Hidden = append(v.Hidden, hidden{name, value})
		}
	}
	p.Title = p.T("registration.effect.title")
	return web.Show(w, effectPage, p.Frame, v)
}
