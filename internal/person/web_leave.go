package person

import (
	"net/http"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// exportForm offers everything about the reader.
type exportForm struct{ Account *Account }

// leaveForm says what leaving means.
type leaveForm struct {
	Account *Account
	Problem *web.Problem
}

// mergeForm says what would be united.
type mergeForm struct {
	Account *Account
	Union   *Union // nil: nothing was proven yet
	Proof   string
	Typed   string
	Problem *web.Problem
	Done    bool
}

var (
	exportPage = web.NewPage[exportForm](web.From(Files, "pages/export.html"))
	leavePage  = web.NewPage[leaveForm](web.From(Files, "pages/leave.html"))
	mergePage  = web.NewPage[mergeForm](web.From(Files, "pages/merge.html"))
)

// openFresh starts a page that whoever has shown a moment ago who they are may see, and no one else who sits at their browser.
func (p *Web) openFresh(r *http.Request, title, next string) (*web.Frame, *Account, error) {
	f, err := p.open(r, title)
	if err != nil {
		return nil, nil, err
	}
	if err := web.RequireFresh(r, p.o.Now(), f, f.URL(next)); err != nil {
		return nil, nil, err
	}
	a, err := p.Account(r.Context(), ID(f.Who.ID))
	return f, a, err
}

func (p *Web) exportForm(w http.ResponseWriter, r *http.Request) error {
	f, a, err := p.openFresh(r, "person.export", "/me/export")
	if err != nil {
		return err
	}
	return web.Show(w, exportPage, f, exportForm{a})
}

// export sends everything about the reader, as it is read.
func (p *Web) export(w http.ResponseWriter, r *http.Request) error {
	f, _, err := p.openFresh(r, "person.export", "/me/export")
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="tsudoi-`+p.o.Now().Format("2006-01-02")+`.zip"`)
	return p.Export(r.Context(), w, f.Lang, f.T)
}

func (p *Web) leaveForm(w http.ResponseWriter, r *http.Request) error {
	f, a, err := p.openFresh(r, "person.leave", "/me/leave")
	if err != nil {
		return err
	}
	d := leaveForm{Account: a}
	if err := p.MayLeave(r.Context(), p.db); err != nil {
		if d.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
	}
	return web.Show(w, leavePage, f, d)
}

func (p *Web) leave(w http.ResponseWriter, r *http.Request) error {
	f, a, err := p.openFresh(r, "person.leave", "/me/leave")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	err = fault.New(fault.Invalid, "person.error.leave_tick").On("sure")
	if form.Get("sure") == "yes" {
		err = p.Leave(r.Context())
	}
	if err != nil {
		d := leaveForm{Account: a}
		if d.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
		return web.ShowStatus(w, http.StatusUnprocessableEntity, leavePage, f, d)
	}
	p.setCookie(w, "")
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return web.Done(f.URL("/"))
}

func (p *Web) mergeForm(w http.ResponseWriter, r *http.Request) error {
	f, a, err := p.openFresh(r, "person.merge", r.URL.RequestURI())
	if err != nil {
		return err
	}
	d := mergeForm{Account: a, Proof: r.URL.Query().Get("proof"), Done: r.URL.Query().Has("done")}
	if d.Proof != "" {
		if d.Union, err = p.MergePreview(r.Context(), d.Proof); err != nil {
			return err
		}
	}
	return web.Show(w, mergePage, f, d)
}

// merge sends a code to the address of the other account, or unites the two where that was proven.
func (p *Web) merge(w http.ResponseWriter, r *http.Request) error {
	f, a, err := p.openFresh(r, "person.merge", MergePath)
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if proof := form.Get("proof"); proof != "" {
		if err := p.Merge(r.Context(), proof); err != nil {
			return err
		}
		return web.Done(f.URL(MergePath) + "?done")
	}
	ref, err := p.SendCode(r.Context(), Ask{Address: form.Get("address"), Lang: f.Lang, Base: p.base, Purpose: toMerge, Account: a.ID})
	if err != nil {
		d := mergeForm{Account: a, Typed: form.Get("address")}
		if d.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
		return web.ShowStatus(w, http.StatusUnprocessableEntity, mergePage, f, d)
	}
	return web.Done(f.URL("/sign-in/code/" + ref))
}
