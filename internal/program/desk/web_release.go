package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
)

var (
	releasePage  = web.NewPage[releaseView](event.Mast, program.ChangeList, web.From(Files, "pages/release.html", "pages/parts.html"))
	rollbackPage = web.NewPage[rollbackView](event.Mast, program.ChangeList, web.From(Files, "pages/rollback.html", "pages/parts.html"))
)

// releaseView is what a release of the draft would do, and the releases there are.
type releaseView struct {
	view
	Next     int
	Set      program.ChangeSet
	Warnings []warning
	Known    []warning // wrong in what is public too
	Hints    []warning
	Blockers []blocker
	Name     string
	List     []releaseRow
}

// blocker is what stops a release, in words.
type blocker struct {
	Ref   string
	Words string
}

// releaseRow is a release in the list.
type releaseRow struct {
	program.Release
	N       int // changes
	Newest  bool
	Compare string
	Back    string
}

// release shows what a release would do.
func (h *Web) release(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "release")
	if err != nil {
		return err
	}
	return h.showRelease(w, r, p, url.Values{}, http.StatusOK)
}

func (h *Web) showRelease(w http.ResponseWriter, r *http.Request, p *page, form url.Values, status int) error {
	rp := p.Preview()
	v := releaseView{Next: rp.Next(), Set: p.Words(p.Frame, p.Doc, p.Changes, p.Common), Warnings: p.warnings(rp.Warnings), Known: p.warnings(rp.Known), Hints: p.warnings(rp.Hints), Name: form.Get("name")}
	for i := range v.Warnings {
		v.Warnings[i].On = slices.Contains(form["ack"], v.Warnings[i].ID)
	}
	v.Blockers = p.blockers(rp.Blockers)
	list, err := h.desk.Releases(r.Context(), p.Draft)
	if err != nil {
		return err
	}
	for _, rel := range list {
		row := releaseRow{Release: rel, N: len(rel.Changes) + len(rel.Common), Newest: rel.Number == p.Newest.Number}
		if rel.Number > 1 {
			row.Compare = p.URL("/meetings/" + p.slug + "/changes/" + strconv.Itoa(rel.Number-1) + "-" + strconv.Itoa(rel.Number))
		}
		if !row.Newest && p.May.Release {
			row.Back = p.Base + "/rollback/" + strconv.Itoa(rel.Number)
		}
		v.List = append(v.List, row)
	}
	v.view = p.view
	return web.ShowStatus(w, status, releasePage, p.Frame, v)
}

func (p *page) blockers(list []program.Blocker) []blocker {
	var out []blocker
	for i := range list {
		b := &list[i]
		o := blocker{Words: p.T("desk.block." + string(b.Kind))}
		if b.Session.Session != nil {
			o.Ref = b.Session.Ref
			o.Words = p.T("desk.block."+string(b.Kind), "a", p.called(&b.Session), "room", b.Session.Room)
		}
		out = append(out, o)
	}
	return out
}

// doRelease publishes the draft.
func (h *Web) doRelease(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	n, err := h.desk.Release(r.Context(), r.PathValue("slug"), orderOf(v))
	if err == nil {
		return h.back(r, "/release", "released", url.Values{"n": {strconv.Itoa(n)}})
	}
	p, again := h.open(r, "release")
	if again != nil {
		return again
	}
	status := fault.KindOf(err).Status()
	if err := p.problem(err); err != nil {
		return err
	}
	return h.showRelease(w, r, p, v, status)
}

// rollbackView is what going back to an older release would do.
type rollbackView struct {
	view
	To       program.Release
	Next     int
	Set      program.ChangeSet
	Lost     program.ChangeSet
	Blockers []blocker
	Name     string
}

// rollback shows what going back would do.
func (h *Web) rollback(w http.ResponseWriter, r *http.Request) error {
	return h.showRollback(w, r, nil, http.StatusOK)
}

func (h *Web) showRollback(w http.ResponseWriter, r *http.Request, problem error, status int) error {
	to, _ := strconv.Atoi(r.PathValue("number"))
	rp, err := h.desk.PreviewRollback(r.Context(), r.PathValue("slug"), to)
	if err != nil {
		return err
	}
	p, err := h.frame(r, rp.Draft, "release")
	if err != nil {
		return err
	}
	if problem != nil {
		if err := p.problem(problem); err != nil {
			return err
		}
	}
	v := rollbackView{view: p.view, To: rp.To, Next: rp.Newest.Number + 1, Blockers: p.blockers(rp.Blocked)}
	v.Set, v.Lost = rp.Words(p.Frame, rp.After, rp.Public, rp.PublicCommon), rp.Words(p.Frame, rp.Doc, rp.Lost, nil)
	v.Name = p.Site.Words.Say(rp.Meeting.DefaultLang(), "desk.rollback.name", "release", to)
	return web.ShowStatus(w, status, rollbackPage, p.Frame, v)
}

// doRollback publishes an older release again.
func (h *Web) doRollback(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	to, _ := strconv.Atoi(r.PathValue("number"))
	n, err := h.desk.Rollback(r.Context(), r.PathValue("slug"), to, orderOf(v))
	if err != nil {
		return h.showRollback(w, r, err, fault.KindOf(err).Status())
	}
	return h.back(r, "/release", "rolledback", url.Values{"n": {strconv.Itoa(n)}})
}
