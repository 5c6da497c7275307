package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/registration"
)

var (
	bulkPage   = web.NewPage[bulkView](event.Mast, web.From(Files, "pages/segment_bulk.html", "pages/setup_parts.html"))
	resultPage = web.NewPage[resultView](event.Mast, web.From(Files, "pages/segment_result.html"))
	postsPage  = web.NewPage[postsView](event.Mast, web.From(Files, "pages/segment_posts.html"))
	postPage   = web.NewPage[postView](event.Mast, web.From(Files, "pages/segment_post.html", "pages/people_filter.html", "pages/setup_parts.html"))
)

// segmentRoutes are the pages on which something is done to many at once, and on which letters to many are written.
func (h *Web) segmentRoutes() []web.Route {
	const at = "/meetings/{slug}/registration"
	edit := web.Needs(event.MayEditEntries)
	return []web.Route{
		web.Action(at+"/many", edit, h.chooseBulk),
		web.Private(at+"/many/{ref}", edit, h.bulkResult),
		web.Private(at+"/letters", edit, h.posts),
		web.Private(at+"/letters/{ref}", edit, h.post),
		web.Action(at+"/letters/{ref}", edit, h.actOnPost),
	}
}

// bulkView is what is about to be done to many.
type bulkView struct {
	Act     string
	Count   int
	Sample  []*registration.Entry
	Over    int // who goes over a capacity or cannot be helped, as far as that is known
	Kinds   []web.Choice
	Hidden  []hidden
	Action  string
	Back    string
	Typed   registration.Reason
	Kind    string
	Problem *web.Problem
}

// sampled is how many of many are shown by name.
const sampled = 10

// chooseBulk shows what is about to be done to those who were chosen, and does it where that was confirmed.
func (h *Web) chooseBulk(w http.ResponseWriter, r *http.Request) error {
	f, m, form, err := h.sent(r, "registration.many.title")
	if err != nil {
		return err
	}
	base := f.URL("/meetings/" + m.Slug + "/registration")
	x := chosenBy(form)
	if form.Get("do") == "letter" {
		q := x.Values()
		return web.Done(base + "/letters/new?" + q.Encode())
	}
	act := form.Get("do")
	if !slices.Contains(registration.BulkActs, act) {
		return invalid("registration.error.no_act")
	}
	b := registration.Bulk{Key: form.Get("key"), Act: act, Kind: form.Get("kind"), Reason: readReason(form)}
	var problem *web.Problem
	if form.Get("sure") != "" {
		seen, _ := strconv.Atoi(form.Get("seen")) // 0 is never right
		ref, err := h.s.StartBulk(r.Context(), m.Slug, x, seen, b)
		if err == nil {
			return web.Done(base + "/many/" + ref)
		}
		if problem, err = f.ProblemOf(err); err != nil {
			return err
		}
	}
	return h.showBulk(w, r, f, m, x, b, problem)
}

func (h *Web) showBulk(w http.ResponseWriter, r *http.Request, f *web.Frame, m *registration.Meeting, x registration.Filter, b registration.Bulk, problem *web.Problem) error {
	list, err := h.s.Chosen(r.Context(), m.Slug, x)
	if err != nil {
		return err
	}
	base := f.URL("/meetings/" + m.Slug + "/registration")
	v := bulkView{Act: b.Act, Count: len(list), Sample: list[:min(len(list), sampled)], Kinds: kindChoices(m.Setup), Action: base + "/many", Back: base + "/people", Typed: b.Reason, Kind: b.Kind, Problem: problem}
	values := x.Values()
	for name, vs := range values {
		for _, one := range vs {
			v.Hidden = append(v.Hidden, hidden{"f." + name, one})
		}
	}
	slices.SortFunc(v.Hidden, func(a, b hidden) int { return strings.Compare(a.Name+a.Value, b.Name+b.Value) })
	v.Hidden = append(v.Hidden, hidden{"all", "1"}, hidden{"key", person.NewRef()}, hidden{"seen", strconv.Itoa(len(list))}, hidden{"sure", "1"})
	for _, e := range list {
		if b.Act == "confirm" && e.State == registration.Confirmed || b.Act == "kind" && e.Kind == b.Kind {
			v.Over++
		}
	}
	f.Title = f.T("registration.many." + b.Act)
	status := http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
	}
	return web.ShowStatus(w, status, bulkPage, f, v)
}

// chosenBy is the filter that a form of the list carries: all that was filtered, or those that were ticked.
func chosenBy(form url.Values) registration.Filter {
	q := url.Values{}
	for name, list := range form {
		if name, ok := strings.CutPrefix(name, "f."); ok {
			q[name] = list
		}
	}
	x := registration.ReadFilter(q)
	if form.Get("all") == "" {
		x = registration.Filter{State: "all", Refs: form["ref"]}
		if len(x.Refs) == 0 {
			x.Refs = []string{"none"} // nobody was ticked
		}
	}
	return x
}

// resultView is what became of something done to many.
type resultView struct {
	*registration.BulkResult
	Base  string
	Here  string
	Lines []failedLine
	Title string
}

type failedLine struct {
	*registration.Entry
	URL string
	Why string
}

func (h *Web) bulkResult(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.deskPage(r, "registration.many.title")
	if err != nil {
		return err
	}
	res, err := h.s.BulkResult(r.Context(), m.Slug, r.PathValue("ref"))
	if err != nil {
		return err
	}
	base := f.URL("/meetings/" + m.Slug + "/registration")
	v := resultView{BulkResult: res, Base: base + "/people", Here: base + "/many/" + r.PathValue("ref"), Title: f.T("registration.many." + res.Act)}
	for _, e := range res.Failed {
		v.Lines = append(v.Lines, failedLine{e, v.Base + "/" + e.Ref, f.T(res.Because[e.ID])})
	}
	return web.Show(w, resultPage, f, v)
}

// postsView lists the letters to many.
type postsView struct {
	Base string
	Desk string
	List []*registration.Post
}

func (h *Web) posts(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.deskPage(r, "registration.posts.title")
	if err != nil {
		return err
	}
	v := postsView{Base: f.URL("/meetings/" + m.Slug + "/registration/letters"), Desk: f.URL("/meetings/" + m.Slug + "/registration/desk")}
	if v.List, err = h.s.Posts(r.Context(), m.Slug); err != nil {
		return err
	}
	return web.Show(w, postsPage, f, v)
}

// postView is a letter to many: being written, about to leave, or sent.
type postView struct {
	*registration.Post
	F        *web.Frame
	Base     string
	Action   string
	Audience *registration.Readership
	Sample   []*registration.Entry
	Preview  *mail.Letter
	To       string // address of the people it goes to
	Filter   filterView
	Until    string // when it leaves
	Fate     []fateLine
	Skipped  int
	Done     string
	Problem  *web.Problem
}

type fateLine struct {
	State mail.State
	N     int
}

// Shown puts the page beside the filter.
func (v postView) Shown(f *web.Frame) filterShown { return filterShown{f, v.Filter, true} }

// On reports the problem beside a field.
func (v postView) On(field string) string { return v.Problem.On(field) }

func (h *Web) post(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.deskPage(r, "registration.posts.title")
	if err != nil {
		return err
	}
	if r.PathValue("ref") == "new" {
		return h.showPost(w, r, f, m, http.StatusOK, &registration.Post{State: registration.PostDraft, Chosen: registration.ReadFilter(r.URL.Query()).Values().Encode()}, nil)
	}
	p, err := h.s.Post(r.Context(), m.Slug, r.PathValue("ref"))
	if err != nil {
		return err
	}
	return h.showPost(w, r, f, m, http.StatusOK, p, nil)
}

func (h *Web) showPost(w http.ResponseWriter, r *http.Request, f *web.Frame, m *registration.Meeting, status int, p *registration.Post, problem *web.Problem) error {
	base := f.URL("/meetings/" + m.Slug + "/registration/letters")
	at := p.Ref
	if at == "" {
		at = "new"
	}
	q, err := url.ParseQuery(p.Chosen)
	if err != nil {
		return fault.Missing()
	}
	v := postView{Post: p, F: f, Base: base, Action: base + "/" + at, Problem: problem, Filter: filterForm(f, m, registration.ReadFilter(q)), To: f.URL("/meetings/"+m.Slug+"/registration/people") + "?" + p.Chosen}
	if d := r.URL.Query().Get("done"); slices.Contains([]string{"save", "send", "back"}, d) {
		v.Done = f.T("registration.posts.done_" + d)
	}
	switch p.State {
	case registration.PostDraft:
		if err := h.previewPost(r, m, &v); err != nil {
			return err
		}
	case registration.PostLeaving:
		v.Until = f.Clock(p.SentAt.Add(registration.TakeBack))
	case registration.PostSent:
		states, skipped, err := h.s.PostFate(r.Context(), m.Slug, p)
		if err != nil {
			return err
		}
		v.Skipped = skipped
		for _, st := range []mail.State{mail.Queued, mail.Sent, mail.Refused, mail.Failed, mail.Expired} {
			if states[st] > 0 {
				v.Fate = append(v.Fate, fateLine{st, states[st]})
			}
		}
	}
	return web.ShowStatus(w, status, postPage, f, v)
}

// previewPost adds who a draft would go to, and how the first of them would read it.
func (h *Web) previewPost(r *http.Request, m *registration.Meeting, v *postView) (err error) {
	if v.Audience, err = h.s.Audience(r.Context(), m.Slug, v.Post); err != nil {
		return err
	}
	v.Sample = v.Audience.List[:min(len(v.Audience.List), sampled)]
	if v.Ref == "" || v.Subject.IsZero() {
		return nil
	}
	example := &registration.Entry{Details: registration.Details{Name: i18n.T("見本 太郎", "Taro Mihon"), Lang: v.F.Lang}}
	if len(v.Sample) > 0 {
		example = v.Sample[0]
	}
	l := h.s.PostFor(m, v.Post, example)
	v.Preview = &l
	return nil
}

// actOnPost saves a draft, sends it, or takes it back.
func (h *Web) actOnPost(w http.ResponseWriter, r *http.Request) error {
	f, m, form, err := h.sent(r, "registration.posts.title")
	if err != nil {
		return err
	}
	ref := r.PathValue("ref")
	p := &registration.Post{State: registration.PostDraft}
	if ref != "new" {
		if p, err = h.s.Post(r.Context(), m.Slug, ref); err != nil {
			return err
		}
	}
	do := form.Get("do")
	switch do {
	case "send":
		seen, _ := strconv.Atoi(form.Get("seen")) // 0 is never right
		err = h.s.SendPost(r.Context(), m.Slug, ref, seen)
	case "back":
		err = h.s.TakeBackPost(r.Context(), m.Slug, ref)
	case "save", "":
		do = "save"
		p.Subject, p.Body = i18n.T(form.Get("subject_ja"), form.Get("subject_en")), i18n.T(form.Get("body_ja"), form.Get("body_en"))
		p.Necessary, p.Chosen = form.Get("necessary") != "", registration.ReadFilter(form).Values().Encode()
		p.Version, _ = strconv.ParseInt(form.Get("version"), 10, 64) // 0 fits no draft that is there
		err = h.s.SavePost(r.Context(), m.Slug, p)
	default:
		err = invalid("registration.error.no_act")
	}
	if err != nil {
		problem, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showPost(w, r, f, m, http.StatusUnprocessableEntity, p, problem)
	}
	return web.Done(f.URL("/meetings/"+m.Slug+"/registration/letters/"+p.Ref) + "?done=" + do)
}
