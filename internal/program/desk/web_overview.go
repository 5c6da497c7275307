package desk

import (
	"net/http"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

var overviewPage = web.NewPage[overviewView](event.Mast, program.ChangeList, web.From(Files, "pages/overview.html", "pages/parts.html"))

// overviewView is where the draft stands.
type overviewView struct {
	view
	Sessions    int
	Set         program.ChangeSet
	Clashes     []warning
	Checks      int
	Missing     int
	Outdated    int
	Unscheduled int
	Next        []step
	Acts        []actRow
	Undoes      bool // the reader has something to undo
	Redoes      bool
}

// step is something to do next.
type step struct{ Words, URL string }

// actRow is something that was done.
type actRow struct {
	Ref, Words, Who, When string
	Title                 i18n.Text
	URL                   string
	Undone                bool
}

// maxActs is how many acts the overview names.
const maxActs = 12

// overview shows where the draft stands.
func (h *Web) overview(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "overview")
	if err != nil {
		return err
	}
	return h.showOverview(w, r, p, http.StatusOK)
}

func (h *Web) showOverview(w http.ResponseWriter, r *http.Request, p *page, status int) error {
	v := overviewView{Sessions: len(p.Doc.Sessions), Set: p.Words(p.Frame, p.Doc, p.Changes, p.Common)}
	for _, c := range p.warnings(p.Clashes()) {
		switch program.Weight(c.Weight) {
		case program.WeighsClash:
			v.Clashes = append(v.Clashes, c)
		case program.WeighsCheck:
			v.Checks++
		}
	}
	for i := range p.Doc.Sessions {
		s := &p.Doc.Sessions[i]
		if !s.Timed() && s.Status != interchange.Cancelled && s.Slot == "" {
			v.Unscheduled++
		}
		for _, u := range p.Untranslated(s) {
			if u.Lack == program.LackMissing {
				v.Missing++
			} else {
				v.Outdated++
			}
		}
	}
	v.Next = p.steps(&v)
	acts, names, err := h.desk.Acts(r.Context(), p.Draft, maxActs)
	if err != nil {
		return err
	}
	me := authz.Who(r.Context()).Ref
	for _, a := range acts {
		v.Undoes, v.Redoes = v.Undoes || a.By == me && !a.Undone, v.Redoes || a.By == me && a.Undone
		row := actRow{Ref: a.Ref, Words: p.T("desk.act."+string(a.Kind), "n", len(a.Touched.Sessions)), Who: p.In(names[a.By]), When: p.Clock(a.At), Title: a.Title, Undone: a.Undone}
		if event.DateOf(a.At) != event.DateOf(p.Now) {
			row.When = p.ShortDay(a.At) + " " + row.When
		}
		v.Acts = append(v.Acts, row)
	}
	h.listen(p)
	if p.Live != nil {
		p.Live.Refresh = true
	}
	v.view = p.view
	return web.ShowStatus(w, status, overviewPage, p.Frame, v)
}

// steps are what to do next, the most pressing first.
func (p *page) steps(v *overviewView) []step {
	var list []step
	add := func(n int, key, path string) {
		if n > 0 {
			list = append(list, step{p.T("desk.next."+key, "n", n), p.Base + path})
		}
	}
	add(len(v.Clashes), "clash", "/sessions?mark=clash")
	add(v.Unscheduled, "unscheduled", "/grid")
	add(v.Outdated, "outdated", "/sessions?mark=outdated")
	add(v.Missing, "missing", "/sessions?mark=missing")
	add(p.Pending(), "release", "/release")
	return list
}
