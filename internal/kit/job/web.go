package job

import (
	"context"
	"embed"
	"net/http"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Files are the words and templates of the operator's page.
//
//go:embed lang/*.json pages/*
var Files embed.FS

// perPage is how many dead jobs a page shows.
const perPage = 20

// view is what the operator's page shows.
type view struct {
	Dead   []Dead
	Next   string // the last dead job of this page, where there are more
	Counts []Count
	Done   string // what was done before: retry, discard, gone
	Zone   *time.Location
	now    time.Time
}

// Late reports whether a listener's jobs wait for longer than they should.
func (v view) Late(c Count) bool {
	const patience = time.Minute
	return !c.Due.IsZero() && v.now.Sub(c.Due) > patience
}

var page = web.NewPage[view](web.From(Files, "pages/jobs.html"))

// Pages are the typed pages of this package.
func Pages() []web.Checked { return []web.Checked{page} }

// Routes are the addresses of the operator's page. Times are shown in a zone.
func (q *Queue) Routes(site *web.Site, access web.Access, zone *time.Location) []web.Route {
	show := func(w http.ResponseWriter, r *http.Request) error {
		f, err := site.Frame(r, "")
		if err != nil {
			return err
		}
		f.Title, f.NoIndex, f.Styles = f.T("job.title"), true, []string{f.Asset("operator.css")}
		v := view{Done: r.URL.Query().Get("done"), Zone: zone, now: q.o.Now()}
		if v.Dead, err = q.Dead(r.Context(), r.URL.Query().Get("after"), perPage+1); err != nil {
			return err
		}
		if len(v.Dead) > perPage {
			v.Dead = v.Dead[:perPage]
			v.Next = v.Dead[perPage-1].Ref
		}
		if v.Counts, err = q.Counts(r.Context()); err != nil {
			return err
		}
		return web.Show(w, page, f, v)
	}
	change := func(_ http.ResponseWriter, r *http.Request) error {
		f, err := site.Frame(r, "")
		if err != nil {
			return err
		}
		form, err := web.Form(r)
		if err != nil {
			return err
		}
		done, err := q.change(r.Context(), form.Get("do"), form.Get("job"), form.Get("listener"))
		if err != nil {
			return err
		}
		return web.Done(f.URL("/admin/jobs") + "?done=" + done)
	}
	return []web.Route{web.Private("/admin/jobs", access, show), web.Action("/admin/jobs", access, change)}
}

// change does what the operator asked for, and says what was done. A job that is not dead any more, perhaps because of another operator, is
// no error.
func (q *Queue) change(ctx context.Context, do, job, listener string) (done string, err error) {
	entry := audit.Entry{Action: "job." + do, Object: "job:" + job}
	err = q.db.Write(ctx, func(tx *db.Tx) error {
		done = do
		switch do {
		case "retry":
			err = q.Retry(ctx, tx, job)
		case "discard":
			err = q.Discard(ctx, tx, job)
		case "retry_all":
			done, entry.Action, entry.Object = "retry", "job.retry", "listener:"+listener
			_, err = q.RetryAll(ctx, tx, listener)
		default:
			return fault.New(fault.Invalid, "error.form")
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, entry)
	})
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return "gone", nil
	}
	return done, err
}
