package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

var (
	onlinePage = web.NewPage[onlineView](event.Mast, web.From(Files, "pages/online.html"), registration.FieldParts)
	streamPage = web.NewPage[streamView](event.Mast, web.From(Files, "pages/online_stream.html"), registration.FieldParts)
)

// onlineRoutes are the addresses of taking part online.
func (h *Web) onlineRoutes() []web.Route {
	const at = "/meetings/{slug}/registration/online"
	edit, read, change := web.Needs(event.MayEditForm), web.Needs(event.MayReadEntries), web.Needs(event.MayEditEntries)
	report := web.Action(at+"/{stream}/attendance", change, h.takeReport)
	report.MaxBody = maxReport
	return []web.Route{
		web.Private(at, edit, h.onlineList),
		web.Action(at, edit, h.saveOnline),
		web.Private(at+"/{stream}", edit, h.streamForm),
		web.Action(at+"/{stream}", edit, h.saveStream),
		web.Private(at+"/{stream}/zoom.csv", read, h.zoomCSV),
		web.Private(at+"/{stream}/attendance", read, h.attendance),
		report,
		web.Action(at+"/{stream}/attendance/match", change, h.match),
		web.Action(at+"/{stream}/attendance/drop", change, h.dropReport),
	}
}

// openOnline starts a page of the organiser.
func (h *Web) openOnline(r *http.Request, title string) (*web.Frame, *registration.Meeting, string, error) {
	f, m, err := h.page(r, title)
	if err != nil {
		return nil, nil, "", err
	}
	f.Styles = append(f.Styles, f.Asset("online.css"))
	f.Scripts = append(f.Scripts, f.Asset("online.js"))
	return f, m, f.URL("/meetings/" + m.Slug + "/registration/online"), nil
}

// onlineView is the organiser's page of taking part online.
type onlineView struct {
	*registration.OnlineSetup
	Base    string
	Desk    string    // where everything about registration begins
	Zone    time.Time // a moment of the meeting, for the name of its zone
	Rows    []streamRow
	Days    []letterRow
	Problem *web.Problem
	Entries bool // who reads the page may read who is registered
	Open    bool // registration is open; without that nobody is written to
}

// streamRow is a stream in the list.
type streamRow struct {
	registration.Watching
	Ref      string
	Host     string
	Online   registration.Audience
	Only     []i18n.Text // the kinds and options it is for
	Joiners  int
	Passcode bool
}

// letterRow is a day with its letters.
type letterRow struct {
	At  time.Time
	Due time.Time
	registration.DayCount
}

// On reports the problem beside a field.
func (v onlineView) On(field string) string { return v.Problem.On(field) }

func (h *Web) onlineList(w http.ResponseWriter, r *http.Request) error {
	return h.showOnline(w, r, http.StatusOK, nil, nil)
}

func (h *Web) showOnline(w http.ResponseWriter, r *http.Request, status int, typed *registration.OnlineSetup, problem *web.Problem) error {
	f, m, base, err := h.openOnline(r, "registration.online.title")
	if err != nil {
		return err
	}
	o, letters, joiners, err := h.s.OnlineOf(r.Context(), m.Slug)
	if err != nil {
		return err
	}
	v := onlineView{OnlineSetup: o.OnlineSetup, Base: base, Desk: f.URL("/meetings/" + m.Slug + "/registration/desk"), Zone: m.Local(h.s.Now()), Problem: problem, Open: m.Open, Entries: event.May(r.Context(), m.Slug, event.MayReadEntries)}
	for _, x := range o.Streams {
		row := streamRow{Watching: o.Watching(x, h.s.Now()), Ref: x.Ref, Online: x.Audience, Joiners: joiners[x.ID], Passcode: x.Passcode != ""}
		if u, err := url.Parse(x.URL); err == nil {
			row.Host = u.Hostname()
		}
		row.Only = audienceNames(x, m.Setup)
		v.Rows = append(v.Rows, row)
	}
	for _, d := range m.Days() {
		v.Days = append(v.Days, letterRow{d.Time(m.Location()), o.Due(d, m.Location()), letters[d]})
	}
	if typed != nil {
		v.OnlineSetup = typed
	}
	return web.ShowStatus(w, status, onlinePage, f, v)
}

// audienceNames are the names of the kinds and options that a stream is for.
func audienceNames(x *registration.Stream, s *registration.Setup) []i18n.Text {
	var out []i18n.Text
	for _, key := range x.Kinds {
		if k := s.Kind(key); k != nil {
			out = append(out, k.Name)
		} else {
			out = append(out, i18n.T(key, key))
		}
	}
	for _, key := range x.Options {
		if o := s.Option(key); o != nil {
			out = append(out, o.Name)
		} else {
			out = append(out, i18n.T(key, key))
		}
	}
	return out
}

func (h *Web) saveOnline(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	minimum, err := strconv.Atoi(narrow(form.Get("minimum")))
	if err != nil {
		minimum = 0
	}
	next := &registration.OnlineSetup{Letters: form.Get("letters") != "", LetterAt: narrow(form.Get("letter_at")), Words: i18n.T(form.Get("words_ja"), form.Get("words_en")), Minimum: minimum}
	f, m, base, err := h.openOnline(r, "registration.online.title")
	if err != nil {
		return err
	}
	if err := h.s.SaveOnline(r.Context(), m.Slug, next); err != nil {
		problem, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showOnline(w, r, http.StatusUnprocessableEntity, next, problem)
	}
	return web.Done(base)
}

// streamView is the form of a stream.
type streamView struct {
	*registration.Stream
	Base      string
	Page      string
	Fresh     bool
	FromText  string
	UntilText string
	Sessions  []sessionGroup
	Days      []web.Choice
	Rooms     []web.Choice
	AllKinds  []web.Choice
	AllOption []web.Choice
	Zone      time.Time
	Problem   *web.Problem
	By        registration.Watching // what the timetable says of it
}

// sessionGroup are the sessions of a day, to choose one of.
type sessionGroup struct {
	At   time.Time
	List []web.Choice
}

// On reports the problem beside a field.
func (v streamView) On(field string) string { return v.Problem.On(field) }

// HasKind reports whether a kind was chosen.
func (v streamView) HasKind(key string) bool { return slices.Contains(v.Kinds, key) }

// HasOption reports whether an option was chosen.
func (v streamView) HasOption(key string) bool { return slices.Contains(v.Options, key) }

func (h *Web) streamForm(w http.ResponseWriter, r *http.Request) error {
	f, m, base, err := h.openOnline(r, "registration.stream.title")
	if err != nil {
		return err
	}
	x := &registration.Stream{}
	if ref := r.PathValue("stream"); ref != "new" {
		if x, err = h.s.Stream(r.Context(), m.Slug, ref); err != nil {
			return err
		}
	}
	v := streamView{Stream: x, FromText: clockText(x.From), UntilText: clockText(x.Until)}
	return h.showStream(w, r, http.StatusOK, f, m, base, v)
}

// clockText is a moment as a form has it.
func clockText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04")
}

func (h *Web) showStream(w http.ResponseWriter, r *http.Request, status int, f *web.Frame, m *registration.Meeting, base string, v streamView) error {
	o, _, _, err := h.s.OnlineOf(r.Context(), m.Slug)
	if err != nil {
		return err
	}
	v.Base, v.Page, v.Fresh, v.Zone = base, base+"/"+r.PathValue("stream"), v.Ref == "", m.Local(h.s.Now())
	if !v.Fresh {
		bare := *v.Stream
		bare.From, bare.Until = time.Time{}, time.Time{}
		v.By = o.Watching(&bare, h.s.Now())
		f.Title = f.In(v.By.Title)
	}
	for _, d := range m.Days() {
		at := d.Time(m.Location())
		v.Days = append(v.Days, web.Choice{Value: string(d), Name: i18n.T(i18n.ShortDay(i18n.JA, at), i18n.ShortDay(i18n.EN, at))})
		g := sessionGroup{At: at}
		for _, s := range o.Sessions {
			if s.Day == d {
				clock := s.Start.In(m.Location()).Format("15:04") + " "
				g.List = append(g.List, web.Choice{Value: s.GUID, Name: i18n.T(clock+s.Title.In(i18n.JA), clock+s.Title.In(i18n.EN))})
			}
		}
		if len(g.List) > 0 {
			v.Sessions = append(v.Sessions, g)
		}
	}
	for _, x := range m.Rooms {
		v.Rooms = append(v.Rooms, web.Choice{Value: x.Key, Name: x.Name})
	}
	v.AllKinds = kindChoices(m.Setup)
	for _, x := range m.Options {
		v.AllOption = append(v.AllOption, web.Choice{Value: x.Key, Name: x.Name})
	}
	return web.ShowStatus(w, status, streamPage, f, v)
}

func (h *Web) saveStream(w http.ResponseWriter, r *http.Request) error {
	f, m, base, err := h.openOnline(r, "registration.stream.title")
	if err != nil {
		return err
	}
	ref := r.PathValue("stream")
	if ref != "new" {
		if _, err := h.s.Stream(r.Context(), m.Slug, ref); err != nil {
			return err
		}
	} else {
		ref = ""
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	x, v, err := readStream(form, m)
	x.Ref, v.Stream = ref, x
	if err == nil {
		if ref != "" && form.Get("act") == "drop" {
			err = h.s.DropStream(r.Context(), m.Slug, ref)
		} else {
			err = h.s.SaveStream(r.Context(), m.Slug, x)
		}
	}
	if err == nil {
		return web.Done(base)
	}
	x.Ref = ref
	if v.Problem, err = f.ProblemOf(err); err != nil {
		return err
	}
	return h.showStream(w, r, http.StatusUnprocessableEntity, f, m, base, v)
}

// readStream reads the form of a stream.
func readStream(form url.Values, m *registration.Meeting) (*registration.Stream, streamView, error) {
	x := &registration.Stream{
		Session: form.Get("session"), Day: event.Date(form.Get("day")), Room: form.Get("room"), Name: i18n.T(form.Get("name_ja"), form.Get("name_en")), URL: form.Get("url"),
		Passcode: form.Get("passcode"), Notes: i18n.T(form.Get("notes_ja"), form.Get("notes_en")),
		Audience: registration.Audience{Onsite: form.Get("onsite") != "", Paid: form.Get("paid") != "", Kinds: form["kind"], Options: form["option"]},
	}
	version, err := strconv.Atoi(form.Get("version"))
	if err == nil {
		x.Version = version
	}
	v := streamView{FromText: form.Get("from"), UntilText: form.Get("until")}
	for _, t := range []struct {
		text  string
		to    *time.Time
		field string
	}{{v.FromText, &x.From, "from"}, {v.UntilText, &x.Until, "until"}} {
		s := strings.Replace(narrow(strings.TrimSpace(t.text)), " ", "T", 1)
		if s == "" {
			continue
		}
		at, err := time.ParseInLocation("2006-01-02T15:04", s, m.Location())
		if err != nil {
			return x, v, invalid("registration.error.moment").On(t.field)
		}
		*t.to = at
	}
	return x, v, nil
}

// zoomCSV is the table that Zoom takes registrants from.
func (h *Web) zoomCSV(w http.ResponseWriter, r *http.Request) error {
	data, err := h.s.Registrants(r.Context(), r.PathValue("slug"), r.PathValue("stream"))
	if err != nil {
		return err
	}
	return download(w, "zoom-registrants.csv", csvKind, data)
}

// narrow makes full-width digits and signs narrow.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, s)
}
