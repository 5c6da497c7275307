package briefing

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	listPage    = web.NewPage[listView](event.Mast, web.From(Files, "pages/list.html", "pages/parts.html"))
	openPage    = web.NewPage[openView](event.Mast, web.From(Files, "pages/open.html", "pages/parts.html"))
	leavingPage = web.NewPage[leavingView](event.Mast, web.From(Files, "pages/leaving.html", "pages/parts.html"))
	sentPage    = web.NewPage[sentView](event.Mast, web.From(Files, "pages/sent.html", "pages/parts.html"))
	droppedPage = web.NewPage[leavingView](event.Mast, web.From(Files, "pages/dropped.html", "pages/parts.html"))
)

// listView are the briefings of a meeting.
type listView struct {
	Base    string
	List    []Listed
	People  bool // the reader may see how to reach people
	Changes string
}

// list shows the briefings of a meeting.
func (h *Web) list(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "briefing.title")
	if err != nil {
		return err
	}
	v := listView{Base: p.base, People: event.May(r.Context(), p.m.Slug, event.MayReadPeople), Changes: p.URL("/meetings/" + p.m.Slug + "/changes/")}
	if v.List, err = h.s.List(r.Context(), p.m.Slug); err != nil {
		return err
	}
	if err := h.listens(r, p); err != nil {
		return err
	}
	return web.Show(w, listPage, p.Frame, v)
}

// make begins a briefing that is about no release.
func (h *Web) make(w http.ResponseWriter, r *http.Request) error {
	_ = w
	p, err := h.open(r, "briefing.title")
	if err != nil {
		return err
	}
	ref, err := h.s.Make(r.Context(), p.m.Slug)
	if err != nil {
		return err
	}
	return web.Done(p.base + "/" + ref)
}

// group is a choice of recipients with how many they are.
type group struct {
	Duty   Duty
	N      int
	Chosen bool
}

// tick is something that can be chosen.
type tick struct {
	Value, Label string
	On           bool
}

// row is a recipient in a list.
type row struct {
	*Recipient
	Sessions []string // in words, the first few
	More     int      // how many there are besides
	Preview  string
	Mail     string // address, for those who may see it
	When     time.Time
	Where    string
	Noted    string // who noted that they acknowledged
	Anew     string // what of it changed again since
	Fate     string // what became of the letter, where it did not arrive
}

// openView is a briefing that waits to be sent.
type openView struct {
	*Item
	Base, Page string
	Changes    string // where the changes are read in full
	Groups     []group
	Silent     []Duty // chosen, and nobody has them yet
	Roles      []tick
	Teams      []tick
	Chosen     []tick // sessions
	Lost       []lostRow
	People     bool
	Anonymous  int
	Rows       []row
	Count      int
	Letter     *mail.Letter
	LetterTo   string
	Problem    *web.Problem
}

// lostRow is a speaker who cannot be reached.
type lostRow struct {
	Name  string
	Place string // where to say how
}

// show is the page of a briefing: what it is depends on where the briefing stands.
func (h *Web) show(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "briefing.title")
	if err != nil {
		return err
	}
	m, err := h.s.open(r.Context(), p.m.Slug)
	if err != nil {
		return err
	}
	i, err := h.s.item(r.Context(), h.s.db, m, r.PathValue("ref"))
	if err != nil {
		return err
	}
	switch i.State {
	case Open:
		return h.showOpen(w, r, p, m, i, nil, nil)
	case Leaving:
		if err := h.listens(r, p); err != nil {
			return err
		}
		return web.Show(w, leavingPage, p.Frame, leavingView{Item: i, Base: p.base, Page: p.base + "/" + i.Ref, Seconds: int(max(0, i.LeavesAt.Sub(h.s.o.Now())).Seconds())})
	case Sent:
		return h.showSent(w, r, p, m, i)
	}
	return web.Show(w, droppedPage, p.Frame, leavingView{Item: i, Base: p.base, Page: p.base + "/" + i.Ref})
}

// leavingView is a briefing that can be taken back.
type leavingView struct {
	*Item
	Base, Page string
	Seconds    int
}

// showOpen shows a briefing that waits, or what was typed into it with what is wrong.
func (h *Web) showOpen(w http.ResponseWriter, r *http.Request, p *page, m *meeting, i *Item, typed *Draft, problem *web.Problem) error {
	shown := *i
	if typed != nil {
		shown.Subject, shown.Text, shown.Decided, shown.Audience = typed.Subject, typed.Text, typed.Decided, typed.Audience
	}
	reach, err := h.s.reach(r.Context(), m, i)
	if err != nil {
		return err
	}
	v := openView{
		Item: &shown, Base: p.base, Page: p.base + "/" + i.Ref, Anonymous: reach.Anonymous, Count: len(reach.List), Problem: problem,
		People: event.May(r.Context(), m.Slug, event.MayReadPeople),
	}
	if i.Kind == OfChange {
		v.Changes = p.URL("/meetings/" + m.Slug + "/changes/" + strconv.Itoa(i.From) + "-" + strconv.Itoa(i.To))
	}
	for _, d := range duties {
		on := slices.Contains(shown.Duties, d)
		if n := reach.Every[d]; n > 0 || d == Starred && i.Kind == OfChange || d.Asks() && i.Kind == Free {
			v.Groups = append(v.Groups, group{d, n, on})
		} else if on {
			v.Silent = append(v.Silent, d)
		}
	}
	for _, l := range reach.Lost {
		v.Lost = append(v.Lost, lostRow{p.In(l.Name), p.base + "/contacts?speaker=" + url.QueryEscape(l.Speaker) + "#" + url.PathEscape("s-"+l.Speaker)})
	}
	h.rows(p, reach, &v)
	if i.Kind == Free {
		if err := h.choices(r, p, m, &v); err != nil {
			return err
		}
	}
	if err := h.preview(r, p, m, i, reach, &v); err != nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
	}
	return web.ShowStatus(w, status, openPage, p.Frame, v)
}

// rows lists those on duty. Of the others only the number is shown: what somebody starred is theirs.
func (h *Web) rows(p *page, reach *Reach, v *openView) {
	names := map[string]string{}
	for n := range reach.Changes {
		names[reach.Changes[n].GUID] = p.called(&reach.Changes[n].Session)
	}
	for _, t := range reach.List {
		if !t.Asks {
			continue
		}
		one := row{Recipient: t, Preview: v.Page + "?to=" + url.QueryEscape(t.Key) + "#letter"}
		for _, guid := range t.Sessions {
			one.about(names[guid])
		}
		v.Rows = append(v.Rows, one)
	}
}

// about adds a session to those that a row names. Who streams a room all day has a dozen.
func (r *row) about(name string) {
	if len(r.Sessions) < 4 {
		r.Sessions = append(r.Sessions, name)
	} else {
		r.More++
	}
}

// called is a session as people call it.
func (p *page) called(s *Session) string {
	if s.Label == "" {
		return p.In(s.Title)
	}
	return s.Label + " " + p.In(s.Title)
}

// choices are what a briefing about no release can be about.
func (h *Web) choices(r *http.Request, p *page, m *meeting, v *openView) error {
	for n := range event.Roles {
		if role := &event.Roles[n]; role.Scope == event.InMeeting {
			v.Roles = append(v.Roles, tick{string(role.Key), p.In(role.Name), slices.Contains(v.Audience.Roles, role.Key)})
		}
	}
	teams, err := h.events.Teams(r.Context(), h.s.db, m.Slug)
	if err != nil {
		return err
	}
	for _, t := range teams {
		v.Teams = append(v.Teams, tick{t.Ref, p.In(t.Name), slices.Contains(v.Audience.Teams, t.Ref)})
	}
	list, err := h.s.o.Programme.Sessions(r.Context(), m.Stored)
	for n := range list {
		s := &list[n]
		label := p.called(s)
		if !s.Start.IsZero() {
			label = p.ShortDay(s.Start) + " " + p.Clock(s.Start) + " " + label
		}
		v.Chosen = append(v.Chosen, tick{s.GUID, label, slices.Contains(v.Sessions, s.GUID)})
	}
	return err
}

// preview writes the letter of the recipient that the address names, or of the first.
func (h *Web) preview(r *http.Request, p *page, m *meeting, i *Item, reach *Reach, v *openView) error {
	if len(reach.List) == 0 {
		return nil
	}
	to := reach.List[0]
	for _, t := range reach.List {
		if t.Key == r.URL.Query().Get("to") && t.Asks {
			to = t
		}
	}
	c := *to
	v.LetterTo = p.In(c.Name)
	if !c.Asks {
		v.LetterTo = p.T("briefing.duty.star")
		c.Name = i18n.Text{}
	}
	what, err := h.s.matter(r.Context(), m, i)
	if err != nil {
		return err
	}
	l, err := h.s.writer(m, i, what, "").preview(&c)
	v.Letter = &l
	return err
}

// draftOf reads what somebody wrote.
func draftOf(form url.Values) Draft {
	d := Draft{
		Subject: i18n.T(form.Get("subject_ja"), form.Get("subject_en")), Text: i18n.T(form.Get("text_ja"), form.Get("text_en")),
		Decided: form.Get("decided") != "0",
	}
	for _, x := range form["duty"] {
		d.Duties = append(d.Duties, Duty(x))
	}
	for _, x := range form["role"] {
		d.Roles = append(d.Roles, event.RoleKey(x))
	}
	d.Teams, d.Sessions = form["team"], form["session"]
	return d
}

// save stores what somebody wrote, and sends or drops it where they ask for that.
func (h *Web) save(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "briefing.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, slug, ref := r.Context(), p.m.Slug, r.PathValue("ref")
	m, err := h.s.open(ctx, slug)
	if err != nil {
		return err
	}
	i, err := h.s.item(ctx, h.s.db, m, ref)
	if err != nil {
		return err
	}
	if form.Get("act") == "drop" {
		if err := h.s.Drop(ctx, slug, ref); err != nil {
			return err
		}
		return web.Done(p.base)
	}
	if form.Get("act") == "send" && (i.State == Leaving || i.State == Sent) {
		return web.Done(p.base + "/" + ref) // pressed twice
	}
	d := draftOf(form)
	err = h.s.Save(ctx, slug, ref, d)
	if err == nil && form.Get("act") == "send" {
		count, _ := strconv.Atoi(form.Get("count")) // what cannot be read is no number that anybody saw
		to, _ := strconv.Atoi(form.Get("to"))
		err = h.s.Send(ctx, slug, ref, Seen{count, to})
	}
	if err == nil {
		return web.Done(p.base + "/" + ref)
	}
	problem, err := p.ProblemOf(err)
	if err != nil {
		return err
	}
	if i, err = h.s.item(ctx, h.s.db, m, ref); err != nil {
		return err
	}
	if i.State != Open {
		return web.Done(p.base + "/" + ref)
	}
	return h.showOpen(w, r, p, m, i, &d, problem)
}

// takeBack keeps a briefing from leaving.
func (h *Web) takeBack(w http.ResponseWriter, r *http.Request) error {
	_ = w
	p, err := h.open(r, "briefing.title")
	if err != nil {
		return err
	}
	next, err := h.s.TakeBackNow(r.Context(), p.m.Slug, r.PathValue("ref"))
	if err != nil {
		return err
	}
	return web.Done(p.base + "/" + next)
}

// remind writes again to those who have not acknowledged.
func (h *Web) remind(w http.ResponseWriter, r *http.Request) error {
	_ = w
	p, err := h.open(r, "briefing.title")
	if err != nil {
		return err
	}
	n, err := h.s.Remind(r.Context(), p.m.Slug, r.PathValue("ref"))
	if err != nil {
		return err
	}
	return web.Done(p.base + "/" + r.PathValue("ref") + "?reminded=" + strconv.Itoa(n))
}

// note marks somebody as having acknowledged by telephone, or takes that back.
func (h *Web) note(w http.ResponseWriter, r *http.Request) error {
	_ = w
	p, err := h.open(r, "briefing.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if form.Get("recipient") == "" {
		return fault.Missing()
	}
	if err := h.s.Note(r.Context(), p.m.Slug, r.PathValue("ref"), form.Get("recipient"), form.Get("undo") == "1"); err != nil {
		return err
	}
	return web.Done(p.base + "/" + r.PathValue("ref"))
}

// sentView is a briefing that was sent: who has acknowledged it, and who not.
type sentView struct {
	*Item
	Base, Page string
	Changes    string
	People     bool
	Asked      int
	Waiting    []row
	Done       []row
	Superseded int
	Others     int // letters to those who are not asked
	Reminded   string
	Reminders  int // how many would be reminded
}

// showSent shows who has acknowledged, and who not: first those whose session is soonest.
func (h *Web) showSent(w http.ResponseWriter, r *http.Request, p *page, m *meeting, i *Item) error {
	v := sentView{Item: i, Base: p.base, Page: p.base + "/" + i.Ref, People: event.May(r.Context(), m.Slug, event.MayReadPeople)}
	if n, err := strconv.Atoi(r.URL.Query().Get("reminded")); err == nil {
		v.Reminded = p.T("briefing.sent.reminded", "n", n)
	}
	if i.Kind == OfChange {
		v.Changes = p.URL("/meetings/" + m.Slug + "/changes/" + strconv.Itoa(i.From) + "-" + strconv.Itoa(i.To))
	}
	board, err := h.s.board(r.Context(), m, i, v.People)
	if err != nil {
		return err
	}
	v.Asked, v.Superseded, v.Others = board.asked, board.superseded, i.Told-board.asked-board.superseded
	for _, t := range board.list {
		one := h.boardRow(p, board, t)
		if t.Waits() {
			v.Waiting = append(v.Waiting, one)
			if one.Address != "" || t.Person != 0 {
				v.Reminders++
			}
		} else {
			v.Done = append(v.Done, one)
		}
	}
	if err := h.listens(r, p); err != nil {
		return err
	}
	return web.Show(w, sentPage, p.Frame, v)
}

func (h *Web) boardRow(p *page, b *board, t *Recipient) row {
	one := row{Recipient: t, Noted: p.In(b.noters[t.NotedBy]), Mail: t.Address}
	switch b.letters[t.Ref] {
	case mail.Refused, mail.Failed, mail.Expired:
		one.Fate = p.T("briefing.sent.refused")
	case mail.Queued:
		one.Fate = p.T("briefing.sent.queued")
	case mail.Sent:
	}
	if t.Name.IsZero() && t.Person == 0 {
		t.Name = i18n.T(p.T("briefing.erased"), "")
	}
	now := h.s.o.Now()
	for _, guid := range t.Sessions {
		s := b.sessions[guid]
		if s == nil {
			continue
		}
		one.about(p.called(s))
		if s.End.After(now) && (one.When.IsZero() || s.Start.Before(one.When)) {
			one.When, one.Where = s.Start, p.In(s.Where)
		}
		if b.again[guid] {
			one.Anew = p.T("briefing.sent.again")
		}
	}
	return one
}
