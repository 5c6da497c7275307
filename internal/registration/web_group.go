package registration

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	groupStartPage = web.NewPage[groupStartView](event.Mast, web.From(Files, "pages/group_start.html", "pages/parts.html"))
	groupPage      = web.NewPage[groupView](web.From(Files, "pages/group.html", "pages/parts.html"))
	groupAddPage   = web.NewPage[groupAddView](web.From(Files, "pages/group_add.html", "pages/parts.html"))
	groupSwapPage  = web.NewPage[groupSwapView](web.From(Files, "pages/group_swap.html", "pages/parts.html"))
	confirmPage    = web.NewPage[confirmView](web.From(Files, "pages/group_confirm.html", "pages/parts.html"))
)

// maxList bounds the form in which colleagues are entered: three hundred rows, or a workbook.
const maxList = 4 << 20

func groupPages() []web.Checked {
	return []web.Checked{groupStartPage, groupPage, groupAddPage, groupSwapPage, confirmPage}
}

func (h *Web) groupRoutes() []web.Route {
	const at = "/meetings/{slug}/registration/group"
	return []web.Route{
		web.Private(at, web.Public, h.groupStart),
		web.Action(at, web.Public, h.makeGroup),
		web.Private("/groups/{token}", web.Public, h.group),
		web.Private("/groups/{token}/{act}", web.Public, h.showGroupAct),
		{Pattern: "POST /groups/{token}/{act}", Access: web.Public, Personal: true, MaxBody: maxList, Handler: h.doGroupAct},
	}
}

// groupStartView is the page on which a group is begun.
type groupStartView struct {
	Details
	Action, Back string
	SignedIn     bool
	SignIn       string
	Most         int
	Mine         []string // addresses of groups that one has already
	Sent         bool
	Letters      string
	mistakes
}

func (h *Web) groupStartView(r *http.Request) (*web.Frame, *Meeting, groupStartView, error) {
	f, m, err := h.open(r, "registration.group.start")
	if err != nil {
		return nil, nil, groupStartView{}, err
	}
	if m.Groups == 0 {
		return nil, nil, groupStartView{}, fault.Missing()
	}
	base := f.URL("/meetings/" + m.Slug + "/registration")
	v := groupStartView{Action: base + "/group", Back: base, SignedIn: authz.Who(r.Context()).SignedIn(), Most: m.Groups}
	v.SignIn = f.URL("/sign-in") + "?next=" + url.QueryEscape(v.Action)
	v.Mine, err = h.groupLinks(r, &ownPage{Frame: f, m: m})
	return f, m, v, err
}

// groupLinks are the addresses of the groups at a meeting of who is signed in.
func (h *Web) groupLinks(r *http.Request, p *ownPage) ([]string, error) {
	var out []string
	mine, err := h.s.MyGroups(r.Context(), p.m)
	if err != nil {
		return nil, err
	}
	for _, g := range mine {
		token, err := h.s.GroupToken(r.Context(), g)
		if err != nil {
			return nil, err
		}
		out = append(out, p.URL("/groups/"+token))
	}
	return out, nil
}

func (h *Web) groupStart(w http.ResponseWriter, r *http.Request) error {
	f, m, v, err := h.groupStartView(r)
	if err != nil {
		return err
	}
	if v.Sent = r.URL.Query().Get("sent") != ""; v.Sent && h.site.Demo {
		v.Letters = f.URL("/dev/mail")
	}
	if err := m.takesGroups(h.s.o.Now()); err != nil {
		if v.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
	}
	if v.SignedIn {
		if v.Details, err = h.s.prefill(r.Context(), authz.Who(r.Context()).ID); err != nil {
			return err
		}
	}
	return web.Show(w, groupStartPage, f, v)
}

func (h *Web) makeGroup(w http.ResponseWriter, r *http.Request) error {
	f, m, v, err := h.groupStartView(r)
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	v.Details = ReadDetails(form, f.Lang)
	v.Address = form.Get("address")
	g, err := h.s.MakeGroup(r.Context(), m.Slug, v.Details)
	if err != nil {
		if v.mistakes, err = mistaken(f, err, v.payerFaults(v.SignedIn)); err != nil {
			return err
		}
		return web.ShowStatus(w, http.StatusUnprocessableEntity, groupStartPage, f, v)
	}
	if !v.SignedIn {
		return web.Done(v.Action + "?sent=1")
	}
	token, err := h.s.GroupToken(r.Context(), g)
	if err != nil {
		return err
	}
	return web.Done(f.URL("/groups/" + token))
}

// groupBeing is a page of a group being made.
type groupBeing struct {
	*web.Frame
	p    *GroupPage
	base string
}

func (h *Web) groupOf(r *http.Request) (*groupBeing, error) {
	p, err := h.s.GroupByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		return nil, err
	}
	f, err := h.events.Frame(r, h.site, nil, "")
	if err != nil {
		return nil, err
	}
	Dress(f, "registration.group.title")
	return &groupBeing{f, p, f.URL("/groups/" + r.PathValue("token"))}, nil
}

// groupView is a group, for its owner.
type groupView struct {
	*GroupPage
	S        *Setup
	Base     string
	Page     string
	Rows     []groupRow
	Gone     []groupRow
	Counts   map[State]int
	Typed    Details
	UntilIn  string
	MayAdd   bool
	MaySwap  bool
	MayLeave bool
	Owed     int64
	Paid     int64
	Pay      []string
	Note     string
	mistakes
}

// Asks reports that some have still to confirm.
func (v groupView) Asks() bool { return v.Counts[Invited] > 0 }

type groupRow struct {
	*Entry
	KindName i18n.Text
	Days     []ownDay
	Owed     int64
}

func (h *Web) group(w http.ResponseWriter, r *http.Request) error {
	b, err := h.groupOf(r)
	if err != nil {
		return err
	}
	note := ""
	switch q := r.URL.Query(); {
	case q.Get("entered") != "":
		note = "registration.group.entered"
	case q.Get("reminded") != "":
		note = "registration.group.reminded"
	}
	return h.showGroup(w, b, http.StatusOK, groupView{Note: note, Typed: b.p.Details})
}

func (h *Web) showGroup(w http.ResponseWriter, b *groupBeing, status int, v groupView) error {
	p, now := b.p, h.s.o.Now()
	v.GroupPage, v.S, v.Base, v.Page, v.Counts = p, p.m.Setup, b.base, b.URL("/meetings/"+p.m.Slug), map[State]int{}
	v.MayAdd = p.m.takesGroups(now) == nil && p.Active() < p.m.Groups
	v.MaySwap, v.MayLeave = !passed(p.Handover, now), !passed(p.Cancel, now)
	if v.UntilIn == "" {
		v.UntilIn = p.Until.Format("2006-01-02T15:04")
	}
	for _, e := range p.Members {
		row := groupRow{Entry: e, Owed: p.Standings[e.Ref].Owed}
		if k := p.m.Kind(e.Kind); k != nil {
			row.KindName = k.Name
		}
		for _, d := range e.Days {
			row.Days = append(row.Days, ownDay{d.Date.Time(p.m.Location()), d.Mode})
		}
		v.Counts[e.State]++
		st := p.Standings[e.Ref]
		v.Owed, v.Paid = v.Owed+st.Owed, v.Paid+st.Paid
		if st.Path != "" && !slices.Contains(v.Pay, b.URL(st.Path)) {
			v.Pay = append(v.Pay, b.URL(st.Path))
		}
		switch {
		case e.Active():
			v.Rows = append(v.Rows, row)
		case e.Why != "joined":
			v.Gone = append(v.Gone, row)
		}
	}
	return web.ShowStatus(w, status, groupPage, b.Frame, v)
}

type groupSwapView struct {
	*GroupPage
	Base  string
	Entry *Entry
	Typed Details
	mistakes
}

func (h *Web) showGroupAct(w http.ResponseWriter, r *http.Request) error {
	b, err := h.groupOf(r)
	if err != nil {
		return err
	}
	switch r.PathValue("act") {
	case "add":
		v, err := h.addView(r, b)
		if err != nil {
			return err
		}
		return web.Show(w, groupAddPage, b.Frame, v)
	case "swap":
		e, err := b.p.member(r.URL.Query().Get("entry"))
		if err != nil || !e.Active() {
			return fault.Missing()
		}
		b.Title = b.T("registration.group.swap")
		return web.Show(w, groupSwapPage, b.Frame, groupSwapView{GroupPage: b.p, Base: b.base, Entry: e})
	}
	return fault.Missing()
}

func (h *Web) doGroupAct(w http.ResponseWriter, r *http.Request) error {
	b, err := h.groupOf(r)
	if err != nil {
		return err
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseMultipartForm(maxList); err != nil { //nolint:gosec // the route bounds the body
			return fault.New(fault.Invalid, "error.form").Because(err)
		}
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	switch r.PathValue("act") {
	case "add":
		return h.addMembers(w, r, b, form)
	case "swap":
		return h.swap(w, r, b, form)
	case "remind":
		_, err = h.s.Remind(ctx, b.p, form.Get("entry"))
		b.base += "?reminded=1"
	case "remove":
		err = h.s.Remove(ctx, b.p, form.Get("entry"))
	case "details":
		return h.saveGroup(w, r, b, form)
	default:
		return fault.Missing()
	}
	if err == nil {
		return web.Done(b.base)
	}
	problem, err := b.ProblemOf(err)
	if err != nil {
		return err
	}
	b.base, _, _ = strings.Cut(b.base, "?")
	return h.showGroup(w, b, http.StatusUnprocessableEntity, groupView{mistakes: mistakes{Problem: problem}, Typed: b.p.Details})
}

func (h *Web) saveGroup(w http.ResponseWriter, r *http.Request, b *groupBeing, form url.Values) error {
	d := ReadDetails(form, b.p.Lang)
	until, err := time.ParseInLocation("2006-01-02T15:04", form.Get("until"), b.p.m.Location())
	if err != nil {
		err = invalid("registration.error.moment").On("until")
	} else {
		if until.Equal(b.p.Until.Truncate(time.Minute)) {
			until = b.p.Until
		}
		err = h.s.ChangeGroup(r.Context(), b.p, d, until)
	}
	if err == nil {
		return web.Done(b.base)
	}
	wrong, err := mistaken(b.Frame, err, d.payerFaults(true))
	if err != nil {
		return err
	}
	return h.showGroup(w, b, http.StatusUnprocessableEntity, groupView{mistakes: wrong, Typed: d, UntilIn: form.Get("until")})
}

func (h *Web) swap(w http.ResponseWriter, r *http.Request, b *groupBeing, form url.Values) error {
	e, err := b.p.member(form.Get("entry"))
	if err != nil {
		return err
	}
	d := ReadDetails(form, b.p.Lang)
	d.Address = form.Get("address")
	if err = h.s.Swap(r.Context(), b.p, e.Ref, d); err == nil {
		return web.Done(b.base)
	}
	typed := d
	wrong, err := mistaken(b.Frame, err, d.faults(true))
	if err != nil {
		return err
	}
	b.Title = b.T("registration.group.swap")
	return web.ShowStatus(w, http.StatusUnprocessableEntity, groupSwapPage, b.Frame, groupSwapView{GroupPage: b.p, Base: b.base, Entry: e, Typed: typed, mistakes: wrong})
}

// confirmView is the page on which a colleague confirms.
type confirmView struct {
	*Own
	Ask  formView
	Base string
	By   Details // who registers them
	Twin bool    // they have an entry already
	Kind *Kind
}

// Who is who registers them, with where they work.
func (v confirmView) Who(f *web.Frame) string {
	return strings.TrimSpace(f.In(v.By.Organisation) + " " + f.In(v.By.Name))
}

func (h *Web) confirmView(p *ownPage, r *http.Request, form *Form) (confirmView, error) {
	v := confirmView{Own: p.o, Base: p.base, Kind: p.m.Kind(p.o.Kind)}
	p.Title = p.T("registration.confirm.title")
	if p.o.State != Invited {
		return v, fault.Missing()
	}
	twin, err := h.s.twinOf(r.Context(), p.o.Entry)
	if err != nil {
		return v, err
	}
	v.Twin = twin != nil
	g, err := oneGroup(r.Context(), h.s.db, p.m.Location(), `g.ref = $1`, p.o.Group)
	if err != nil {
		return v, err
	}
	if g != nil {
		v.By = g.Details
	}
	if form == nil {
		form = &Form{Details: p.o.Details, Days: map[event.Date]Mode{}}
		for _, d := range p.o.Days {
			form.Days[d.Date] = d.Mode
		}
	}
	v.Ask.Form = *form
	v.Ask.Kind, v.Ask.Address = p.o.Kind, p.o.Address
	if err := h.fill(r, p.Frame, p.m, &v.Ask); err != nil {
		return v, err
	}
	var asks []questionView
	for _, q := range v.Ask.Questions {
		if len(q.Question.Kinds) == 0 || slices.Contains(q.Question.Kinds, p.o.Kind) {
			q.Kinds = ""
			asks = append(asks, q)
		}
	}
	v.Ask.Questions = asks
	return v, nil
}

func (h *Web) confirmForm(p *ownPage, w http.ResponseWriter, r *http.Request) error {
	if p.o.State != Invited {
		return web.See(p.base)
	}
	v, err := h.confirmView(p, r, nil)
	if err != nil {
		return err
	}
	return web.Show(w, confirmPage, p.Frame, v)
}

func (h *Web) confirm(p *ownPage, w http.ResponseWriter, r *http.Request, form url.Values) error {
	f := readForm(form, p.Lang)
	var err error
	switch form.Get("do") {
	case "join":
		if err = h.s.JoinGroup(r.Context(), p.o); err == nil {
			return web.Done(p.base + "#done")
		}
	case "decline":
		err = h.s.Decline(r.Context(), p.o)
	default:
		err = h.s.Confirm(r.Context(), p.o, f)
	}
	if err == nil {
		return web.Done(p.base)
	}
	if p.o.State != Invited {
		return h.again(p, w, r, err)
	}
	v, failed := h.confirmView(p, r, &f)
	if failed != nil {
		return failed
	}
	if v.Ask.mistakes, err = mistaken(p.Frame, err, except(v.Ask.faults(p.m.Setup, &p.m.Meeting), "address")); err != nil {
		return err
	}
	return web.ShowStatus(w, http.StatusUnprocessableEntity, confirmPage, p.Frame, v)
}
