package desk

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

var retimePage = web.NewPage[retimeView](event.Mast, web.From(Files, "pages/retime.html", "pages/parts.html"))

// The ways to retime.
const (
	doShift = "shift" // later or earlier, perhaps into another room
	doSwap  = "swap"  // two rooms change places
	doNow   = "now"   // everything after now is later
)

// retimeView is the page of retiming: a form, and what it would do.
type retimeView struct {
	view
	Do      []choice
	Days    []choice
	Rooms   []choice
	To      []choice
	A, B    []choice
	From    string
	By      string
	Quick   []choice
	Earlier bool
	Rows    []chosen // the sessions of the day and rooms
	Today   bool     // something of the programme is today
	Clock   string   // now, at the meeting
	At      string   // the moment of the preview, for a delay from now on
	Preview *previewView
	Hidden  []hidden // the form as it was previewed
}

// hidden is a field that a form carries along.
type hidden struct{ Name, Value string }

// chosen is a session that may move.
type chosen struct {
	Ref, Label, When, Room string
	Title                  i18n.Text
	Stays                  bool
	End                    string // the new one
	Was                    string
}

// previewView is what a plan would do, in words.
type previewView struct {
	Next     int
	Moves    []moveView
	Stays    []stayView
	Warnings []warning
	Speakers int
	Wanted   int
	Pending  int
	Name     string
}

// moveView is a session before and after.
type moveView struct {
	Ref, Label         string
	Title              i18n.Text
	OldDay, NewDay     string
	OldTime, NewTime   string
	OldRoom, NewRoom   i18n.Text
	TimeMoved, RoomNew bool
}

// stayView is a session that does not move as the others do.
type stayView struct {
	Label string
	Title i18n.Text
	Why   string
}

// wish is a retiming as a form holds it.
type wish struct {
	do      string
	day     event.Date
	rooms   []string
	from    string
	by      time.Duration
	byText  string
	to      string
	swap    [2]string
	stay    []string
	ends    map[string]string
	at      time.Time
	problem error
}

// wishOf reads a form or an address.
func wishOf(v url.Values, p *page) wish {
	w := wish{
		do: v.Get("do"), day: event.Date(v.Get("day")), rooms: v["room"], from: plain(v.Get("from")), to: v.Get("to"),
		swap: [2]string{v.Get("a"), v.Get("b")}, stay: v["stay"], ends: map[string]string{}, at: p.Now,
	}
	if w.do != doSwap && w.do != doNow {
		w.do = doShift
	}
	if !slices.Contains(p.days(), w.day) {
		w.day = p.usualDay()
	}
	w.byText = plain(v.Get("by"))
	if w.byText == "other" || w.byText == "" {
		w.byText = plain(v.Get("minutes"))
	}
	if w.byText != "" {
		n, err := strconv.Atoi(w.byText)
		if err != nil || n < -44640 || n > 44640 {
			w.problem = fault.New(fault.Invalid, "desk.retime.error.minutes").With("value", w.byText).On("by")
		}
		if v.Get("dir") == "earlier" {
			n = -n
		}
		w.by = time.Duration(n) * time.Minute
	}
	for name, list := range v {
		if ref, ok := strings.CutPrefix(name, "end."); ok && plain(list[0]) != "" {
			w.ends[ref] = plain(list[0])
		}
	}
	if t, err := time.Parse(time.RFC3339, v.Get("at")); err == nil && t.Before(p.Now) && p.Now.Sub(t) < 15*time.Minute {
		w.at = t.In(p.Now.Location())
	}
	return w
}

// plain folds full-width figures.
func plain(s string) string { return strings.TrimSpace(norm.NFKC.String(s)) }

// usualDay is the day to begin with: today where it is one, else the first with sessions.
func (p *page) usualDay() event.Date {
	days := p.days()
	today := event.DateOf(p.Now)
	if slices.Contains(days, today) || len(days) == 0 {
		return today
	}
	return days[0]
}

// asked reports whether a wish says what to do.
func (w *wish) asked() bool {
	if w.problem != nil {
		return true
	}
	switch w.do {
	case doSwap:
		return w.swap[0] != "" && w.swap[1] != ""
	case doNow:
		return w.by != 0
	}
	return w.by != 0 || w.to != "" || len(w.ends) > 0
}

// plan is what a wish asks for.
func (w *wish) plan(d *program.Draft) program.Plan {
	switch w.do {
	case doSwap:
		return program.Plan{Day: w.day, From: w.from, Swap: w.swap}
	case doNow:
		p := d.DelayPlan(w.at, w.rooms, w.by)
		p.Except = w.stay
		return p
	}
	return program.Plan{Day: w.day, Rooms: w.rooms, From: w.from, By: w.by, To: w.to, Except: w.stay, Ends: w.ends}
}

// retime shows the form, and, where it says what to do, what that would do.
func (h *Web) retime(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "retime")
	if err != nil {
		return err
	}
	return h.showRetime(w, r, p, wishOf(r.URL.Query(), p), http.StatusOK)
}

func (h *Web) showRetime(w http.ResponseWriter, r *http.Request, p *page, q wish, status int) error {
	v := retimeView{
		Days: p.dayChoices(q.day), Rooms: p.roomChoices(q.rooms...), To: p.roomChoices(q.to), A: p.roomChoices(q.swap[0]), B: p.roomChoices(q.swap[1]),
		From: q.from, Earlier: q.by < 0, Rows: p.rows(&q), Clock: p.Clock(p.Now), At: q.at.Format(time.RFC3339),
	}
	for _, do := range []string{doShift, doSwap, doNow} {
		v.Do = append(v.Do, choice{Value: do, Label: p.T("desk.retime.do." + do), On: do == q.do})
	}
	v.quick(q)
	v.Today = slices.Contains(p.days(), event.DateOf(p.Now))
	if q.asked() && p.Problem == nil {
		if err := h.preview(r, p, &q, &v); err != nil {
			if err := p.problem(err); err != nil {
				return err
			}
			if status == http.StatusOK {
				status = http.StatusUnprocessableEntity
			}
		}
	}
	p.Scripts = append(p.Scripts, p.Asset("desk-form.js"))
	v.view = p.view
	return web.ShowStatus(w, status, retimePage, p.Frame, v)
}

// quick are the lengths of time that are chosen with one touch.
func (v *retimeView) quick(q wish) {
	n := int(q.by.Abs().Minutes())
	known := false
	for _, m := range []int{5, 10, 15, 20, 30} {
		known = known || m == n
		v.Quick = append(v.Quick, choice{Value: strconv.Itoa(m), Label: strconv.Itoa(m), On: m == n})
	}
	if !known && q.byText != "" {
		v.By = strings.TrimPrefix(q.byText, "-")
	}
}

// rows are the sessions that the day, rooms and hours of a wish mean.
func (p *page) rows(q *wish) []chosen {
	if q.do != doShift {
		return nil
	}
	var out []chosen
	for i := range p.Doc.Sessions {
		s := &p.Doc.Sessions[i]
		if s.Date != q.day || !s.Timed() || s.Status == interchange.Cancelled || s.Slot != "" {
			continue
		}
		if len(q.rooms) > 0 && (s.AllRooms || !slices.Contains(q.rooms, s.Room)) || q.from != "" && s.Start.Format("15:04") < q.from && s.Start.Format(time.DateOnly) == string(s.Date) {
			continue
		}
		c := chosen{Ref: s.Ref, Label: label(s), When: p.when(s), Title: s.Title, Stays: slices.Contains(q.stay, s.Ref), End: q.ends[s.Ref], Was: p.Clock(s.End)}
		if r := p.Meeting.Room(s.Room); r != nil && len(q.rooms) != 1 {
			c.Room = p.In(r.Name)
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b chosen) int { return cmp.Compare(a.When, b.When) })
	return out
}

// label is what people call a session by.
func label(s *interchange.Session) string { return cmp.Or(s.Code, s.Source, s.Ref) }

// preview adds to a page what a wish would do.
func (h *Web) preview(r *http.Request, p *page, q *wish, v *retimeView) error {
	if q.problem != nil {
		return q.problem
	}
	rp, err := h.desk.PreviewRetime(r.Context(), p.slug, q.plan(p.Draft))
	if err != nil {
		return err
	}
	out := &previewView{
		Next: rp.Newest.Number + 1, Warnings: p.warnings(rp.Warnings), Speakers: rp.Speakers, Wanted: rp.Wanted, Pending: rp.Pending, Name: p.suggest(q),
	}
	for _, m := range rp.Moves {
		out.Moves = append(out.Moves, p.moved(m))
	}
	for _, s := range rp.Stays {
		out.Stays = append(out.Stays, stayView{s.Label, s.Title, p.T("desk.retime.stays." + string(s.Why))})
	}
	v.Preview = out
	v.Hidden = q.fields()
	return nil
}

// moved is a session before and after, in words.
func (p *page) moved(m program.Move) moveView {
	b, a := m.Before, m.After
	v := moveView{
		Ref: a.Ref, Label: a.Label, Title: a.Title, OldTime: p.when(b.Session), NewTime: p.when(a.Session), OldRoom: b.Where, NewRoom: a.Where,
		TimeMoved: !b.Start.Equal(a.Start) || !b.End.Equal(a.End), RoomNew: b.Room != a.Room,
	}
	if b.Date != a.Date {
		v.OldDay, v.NewDay = p.ShortDay(b.Start), p.ShortDay(a.Start)
	}
	return v
}

// suggest is a name for the release, in the meeting's first language.
func (p *page) suggest(q *wish) string {
	f := *p.Frame
	f.Lang = p.Meeting.DefaultLang()
	var rooms []string
	for _, key := range q.rooms {
		if r := p.Meeting.Room(key); r != nil {
			rooms = append(rooms, f.In(r.Name))
		}
	}
	where := f.Join(rooms)
	if where == "" {
		where = f.T("desk.retime.everywhere")
	}
	n := int(q.by.Abs().Minutes())
	args := []any{"day", f.ShortDay(q.day.Time(p.Meeting.Location())), "rooms", where, "minutes", n}
	switch {
	case q.do == doSwap:
		return f.T("desk.retime.name.swap", args...)
	case q.by > 0:
		return f.T("desk.retime.name.later", args...)
	case q.by < 0:
		return f.T("desk.retime.name.earlier", args...)
	case q.to != "":
		return f.T("desk.retime.name.room", args...)
	}
	return f.T("desk.retime.name.end", args...)
}

// fields writes a wish as the fields of a form.
func (w *wish) fields() []hidden {
	out := []hidden{{"do", w.do}, {"day", string(w.day)}, {"from", w.from}, {"by", strconv.Itoa(int(w.by.Minutes()))}, {"to", w.to}, {"a", w.swap[0]}, {"b", w.swap[1]}, {"at", w.at.Format(time.RFC3339)}}
	for _, r := range w.rooms {
		out = append(out, hidden{"room", r})
	}
	for _, s := range w.stay {
		out = append(out, hidden{"stay", s})
	}
	for ref, end := range w.ends {
		out = append(out, hidden{"end." + ref, end})
	}
	slices.SortStableFunc(out, func(a, b hidden) int { return strings.Compare(a.Name, b.Name) })
	return slices.DeleteFunc(out, func(f hidden) bool { return f.Value == "" })
}

// doRetime carries out what was previewed.
func (h *Web) doRetime(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	p, err := h.open(r, "retime")
	if err != nil {
		return err
	}
	q := wishOf(v, p)
	if err = q.problem; err == nil {
		var done *program.Done
		if done, err = h.desk.Retime(r.Context(), p.slug, q.plan(p.Draft), orderOf(v)); err == nil {
			return h.back(r, "/retime", "retimed", url.Values{"n": {strconv.Itoa(done.Release)}, "act": {done.Act}, "day": {string(q.day)}})
		}
	}
	status := fault.KindOf(err).Status()
	if err := p.problem(err); err != nil {
		return err
	}
	return h.showRetime(w, r, p, q, status)
}

// orderOf reads what the sender of a form saw.
func orderOf(v url.Values) program.ReleaseOrder {
	o := program.ReleaseOrder{Name: v.Get("name"), Acknowledged: v["ack"]}
	o.Base, _ = strconv.Atoi(v.Get("base"))
	o.Draft, _ = strconv.ParseInt(v.Get("draft"), 10, 64)
	return o
}
