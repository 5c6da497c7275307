package event

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/markdown"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	tasksPage = web.NewPage[tasksData](Mast, web.From(Files, "pages/tasks.html"))
	taskPage  = web.NewPage[taskData](Mast, web.From(Files, "pages/task.html", "pages/offer.html"))
)

// taskRoutes are the pages of a meeting's tasks.
func (p *pages) taskRoutes() []web.Route {
	const base = "/meetings/{slug}/tasks"
	return []web.Route{
		web.Private(base, web.Needs(MayDoTasks), p.tasks),
		web.Private(base+"/{ref}", web.Needs(MayEditMeeting), p.task),
		web.Action(base+"/{ref}", web.Needs(MayEditMeeting), p.saveTask),
		web.Action(base+"/{ref}/tick", web.Needs(MayDoTasks), p.tickTask),
		web.Action(base+"/{ref}/drop", web.Needs(MayEditMeeting), p.dropTask),
	}
}

// tasksData is the list of tasks.
type tasksData struct {
	*room
	MayEdit bool
	Views   []web.Item
	View    string
	Total   int
	Left    int
	Late    int
	Groups  []taskGroup
	Done    string
}

// taskGroup are the tasks of one state.
type taskGroup struct {
	Title string
	Late  bool
	Tasks []taskRow
}

type taskRow struct {
	Task
	F    *web.Frame // for the template that is shared
	What i18n.Text  // the role that sees to it
	When string
	ISO  string
	Late bool
	Away string // how far its day is
	By   string
	Text template.HTML
	Tick string
	Edit string // empty: may not
	View string
}

// tasks are the tasks of a meeting: those of the reader's roles (mine), those that are late, all that is left, or all.
func (p *pages) tasks(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.task.title", "tasks")
	if err != nil {
		return err
	}
	list, err := p.Tasks(r.Context(), p.db, o.m)
	if err != nil {
		return err
	}
	mine, err := readHeld(r.Context(), p.db, o.f.Who.ID)
	if err != nil {
		return err
	}
	var done []Grant
	for _, t := range list {
		if t.DoneBy != "" {
			done = append(done, Grant{By: t.DoneBy})
		}
	}
	who, err := p.whoIs(r, done, nil)
	if err != nil {
		return err
	}
	d := tasksData{room: o, MayEdit: May(r.Context(), o.slug, MayEditMeeting), View: r.URL.Query().Get("show"), Total: len(list)}
	if !slices.Contains([]string{"mine", "late", "all"}, d.View) {
		d.View = ""
	}
	d.sort(list, mine, who, p.today(o.m.Location()))
	if key := "event.task.done." + r.URL.Query().Get("done"); o.f.Site.Words.Has(key) {
		d.Done = o.f.T(key)
	}
	return web.Show(w, tasksPage, o.f, d)
}

// sort puts the tasks that are to be shown under what they are.
func (d *tasksData) sort(list []Task, mine []held, who known, today Date) {
	f := d.f
	late, todo, past := taskGroup{Title: f.T("event.task.late"), Late: true}, taskGroup{Title: f.T("event.task.todo")}, taskGroup{Title: f.T("event.task.finished")}
	for _, t := range list {
		row := d.row(t, who, today)
		d.Left += flag(!t.IsDone())
		d.Late += flag(row.Late)
		isMine := t.Role != "" && slices.ContainsFunc(mine, func(h held) bool { return h.Role == t.Role && (h.Slug == d.slug || h.Slug == "") })
		switch {
		case d.View == "mine" && !isMine, d.View == "late" && !row.Late:
		case t.IsDone() && d.View == "all":
			past.Tasks = append(past.Tasks, row)
		case t.IsDone():
		case row.Late:
			late.Tasks = append(late.Tasks, row)
		default:
			todo.Tasks = append(todo.Tasks, row)
		}
	}
	for _, g := range []taskGroup{late, todo, past} {
		if len(g.Tasks) > 0 {
			d.Groups = append(d.Groups, g)
		}
	}
	at := f.URL("/meetings/" + d.slug + "/tasks")
	for _, v := range []string{"", "mine", "late", "all"} {
		item := web.Item{Title: f.T("event.task.view." + cmpOr(v, "left")), URL: at, Current: v == d.View}
		if v != "" {
			item.URL += "?show=" + v
		}
		if v == "late" {
			item.Count = d.Late
		}
		d.Views = append(d.Views, item)
	}
}

func cmpOr(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (d *tasksData) row(t Task, who known, today Date) taskRow {
	f, at := d.f, d.f.URL("/meetings/"+d.slug+"/tasks/"+t.Ref)
	row := taskRow{Task: t, F: f, Text: markdown.RenderUnder(t.Notes, 3), Tick: at + "/tick", View: d.View, By: who.giver(f, t.DoneBy)}
	if role := RoleOf(t.Role); role != nil {
		row.What = role.Name
	}
	if due := t.Due(&d.m.Meeting); due != "" {
		day := due.Time(time.UTC)
		row.When, row.ISO = f.Day(day), string(due)
		row.Late = !t.IsDone() && due < today
		switch n := daysBetween(today, due); {
		case t.IsDone():
		case n == 0:
			row.Away = f.T("event.task.today")
		case n > 0:
			row.Away = f.T("event.task.in", "n", n)
		default:
			row.Away = f.T("event.task.ago", "n", -n)
		}
	}
	if d.MayEdit {
		row.Edit = at
	}
	return row
}

func (p *pages) tickTask(_ http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.task.title", "tasks")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	done := form.Get("done") == "1"
	err = p.db.Write(r.Context(), func(tx *db.Tx) error { return p.TickTask(r.Context(), tx, o.slug, r.PathValue("ref"), done) })
	if err != nil {
		return err
	}
	to := o.f.URL("/meetings/" + o.slug + "/tasks")
	switch v := form.Get("show"); v {
	case "mine", "late", "all":
		to += "?show=" + v
	}
	return web.Done(to)
}

// taskData is the form of a task.
type taskData struct {
	*room
	Task    Task
	New     bool
	Days    string // as typed, without a sign
	When    string // before or after
	Offers  []offer
	Problem *web.Problem
}

func (p *pages) task(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.task.one", "tasks")
	if err != nil {
		return err
	}
	d := taskData{room: o, New: r.PathValue("ref") == newTeam, Task: Task{Anchor: FirstDay, Days: -30}}
	if !d.New {
		list, err := readTasks(r.Context(), p.db, o.m.ID)
		if err != nil {
			return err
		}
		t := find(list, func(t *Task) bool { return t.Ref == r.PathValue("ref") })
		if t == nil {
			return fault.Missing()
		}
		d.Task = *t
	}
	d.Days, d.When = strconv.Itoa(max(d.Task.Days, -d.Task.Days)), "before"
	if d.Task.Days > 0 {
		d.When = "after"
	}
	return d.show(w, http.StatusOK)
}

func (d taskData) show(w http.ResponseWriter, status int) error {
	for i := range Roles {
		if role := &Roles[i]; role.Scope != OnObject {
			d.Offers = append(d.Offers, offer{string(role.Key), role.Name, role.For})
		}
	}
	return web.ShowStatus(w, status, taskPage, d.f, d)
}

// Due is the day by which the task is to be done, in words; empty where the meeting has no days.
func (d taskData) Due() string {
	if d.m == nil {
		return ""
	}
	if due := d.Task.Due(&d.m.Meeting); due != "" {
		return d.f.Day(due.Time(time.UTC))
	}
	return ""
}

// Base is the address of the tasks.
func (d taskData) Base() string { return d.f.URL("/meetings/" + d.slug + "/tasks") }

// Base is the address of the tasks.
func (d tasksData) Base() string { return d.f.URL("/meetings/" + d.slug + "/tasks") }

func (p *pages) saveTask(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.task.one", "tasks")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	d := taskData{room: o, New: r.PathValue("ref") == newTeam, Days: form.Get("days"), When: form.Get("when")}
	d.Task = Task{Title: form.Get("title"), Role: RoleKey(form.Get("role")), Anchor: Anchor(form.Get("anchor")), Notes: strings.TrimSpace(form.Get("notes"))}
	if !d.New {
		d.Task.Ref = r.PathValue("ref")
	}
	n, bad := strconv.Atoi(narrow(d.Days))
	if d.When != "after" {
		n = -n
	}
	d.Task.Days = n
	if bad != nil {
		err = invalid("days", "days").With("most", maxOffset)
	} else {
		err = p.db.Write(r.Context(), func(tx *db.Tx) error { _, err := p.SaveTask(r.Context(), tx, o.slug, d.Task); return err })
	}
	if err != nil {
		if d.Problem, err = o.f.ProblemOf(err); err != nil {
			return err
		}
		return d.show(w, http.StatusUnprocessableEntity)
	}
	return web.Done(d.Base() + "?done=saved")
}

func (p *pages) dropTask(_ http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.task.one", "tasks")
	if err != nil {
		return err
	}
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error { return p.DropTask(r.Context(), tx, o.slug, r.PathValue("ref")) }); err != nil {
		return err
	}
	return web.Done(o.f.URL("/meetings/"+o.slug+"/tasks") + "?done=dropped")
}
