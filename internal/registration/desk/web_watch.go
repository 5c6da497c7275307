package desk

import (
	"errors"
	"io"
	"net/http"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

var watchPage = web.NewPage[watchView](event.Mast, web.From(Files, "pages/online_watch.html"), registration.FieldParts)

// maxReport bounds what is sent with a report.
const maxReport = sheet.MaxBytes + 1<<20

// shownAtOnce is how many rows of a list the page shows; the figures above count all of them.
const shownAtOnce = 200

// watchView is the page of who watched a stream.
type watchView struct {
	*registration.AttendanceOf
	Base    string
	Page    string
	Name    string
	Zone    string
	Days    []web.Choice
	List    []registration.WatchedBy
	Strange []registration.Stranger
	More    int // strangers that are not shown
	Edit    bool
	Form    bool // who reads it may change the stream
	Problem *web.Problem
	Said    string // what became of the last report
	Late    bool   // it is too late for reports
}

// On reports the problem beside a field.
func (v watchView) On(field string) string { return v.Problem.On(field) }

func (h *Web) attendance(w http.ResponseWriter, r *http.Request) error {
	return h.showAttendance(w, r, http.StatusOK, nil, "")
}

func (h *Web) showAttendance(w http.ResponseWriter, r *http.Request, status int, problem *web.Problem, said string) error {
	f, m, base, err := h.openOnline(r, "registration.attendance.title")
	if err != nil {
		return err
	}
	a, err := h.s.AttendanceOf(r.Context(), m.Slug, r.PathValue("stream"))
	if err != nil {
		return err
	}
	v := watchView{
		AttendanceOf: a, Base: base, Page: base + "/" + a.Ref, Name: f.In(a.Watching(a.Stream, h.s.Now()).Title), Zone: m.Location().String(), Problem: problem, Said: said,
		Edit: event.May(r.Context(), m.Slug, event.MayEditEntries), Form: event.May(r.Context(), m.Slug, event.MayEditForm), Late: a.Closed,
	}
	v.List, v.Strange = a.Watched[:min(len(a.Watched), shownAtOnce)], a.Unknown[:min(len(a.Unknown), shownAtOnce)]
	v.More = len(a.Unknown) - len(v.Strange)
	for _, d := range m.Days() {
		at := d.Time(m.Location())
		v.Days = append(v.Days, web.Choice{Value: string(d), Name: i18n.T(i18n.ShortDay(i18n.JA, at), i18n.ShortDay(i18n.EN, at))})
	}
	return web.ShowStatus(w, status, watchPage, f, v)
}

// wrongAttendance is the page again with what is wrong.
func (h *Web) wrongAttendance(w http.ResponseWriter, r *http.Request, f *web.Frame, err error) error {
	problem, err := f.ProblemOf(err)
	if err != nil {
		return err
	}
	return h.showAttendance(w, r, http.StatusUnprocessableEntity, problem, "")
}

// takeReport takes in a report.
func (h *Web) takeReport(w http.ResponseWriter, r *http.Request) error {
	f, m, _, err := h.openOnline(r, "registration.attendance.title")
	if err != nil {
		return err
	}
	if _, err := h.s.AttendanceOf(r.Context(), m.Slug, r.PathValue("stream")); err != nil {
		return err
	}
	file, err := reportFile(r)
	if err != nil {
		return h.wrongAttendance(w, r, f, err)
	}
	taken, err := h.s.TakeReport(r.Context(), m.Slug, r.PathValue("stream"), file)
	if err != nil {
		return h.wrongAttendance(w, r, f, err)
	}
	said := f.T("registration.attendance.taken", "n", taken.Lines)
	if taken.Skipped > 0 {
		said += " " + f.T("registration.attendance.skipped", "n", taken.Skipped)
	}
	if taken.Same {
		said = f.T("registration.attendance.same")
	}
	return h.showAttendance(w, r, http.StatusOK, nil, said)
}

// reportFile reads what was handed in.
func reportFile(r *http.Request) (registration.ReportFile, error) {
	none := invalid("registration.error.no_file").On("file")
	if err := r.ParseMultipartForm(1 << 20); err != nil { //nolint:gosec // the route bounds the body
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return registration.ReportFile{}, invalid("registration.error.file_size").With("max", sheet.MaxBytes>>20).On("file")
		}
		return registration.ReportFile{}, none.Because(err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	out := registration.ReportFile{Zone: r.FormValue("zone"), Day: event.Date(r.FormValue("day")), Add: r.FormValue("add") != ""}
	f, head, err := r.FormFile("file")
	if err != nil {
		return out, none.Because(err)
	}
	defer func() { _ = f.Close() }()
	out.Name = head.Filename
	out.Data, err = io.ReadAll(f)
	return out, err
}

// match says whose lines of a report are.
func (h *Web) match(w http.ResponseWriter, r *http.Request) error {
	f, m, base, err := h.openOnline(r, "registration.attendance.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	who := form.Get("who")
	if other := form.Get("other"); other != "" {
		who = other
	}
	if who == "" {
		return h.wrongAttendance(w, r, f, invalid("registration.error.match").On("who"))
	}
	if who == "nobody" {
		who = ""
	}
	if err := h.s.Match(r.Context(), m.Slug, form.Get("key"), who); err != nil {
		return h.wrongAttendance(w, r, f, err)
	}
	return web.Done(base + "/" + r.PathValue("stream") + "/attendance#unknown")
}

// dropReport takes back a report.
func (h *Web) dropReport(w http.ResponseWriter, r *http.Request) error {
	f, m, base, err := h.openOnline(r, "registration.attendance.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.s.DropReport(r.Context(), m.Slug, r.PathValue("stream"), form.Get("report")); err != nil {
		return h.wrongAttendance(w, r, f, err)
	}
	return web.Done(base + "/" + r.PathValue("stream") + "/attendance")
}
