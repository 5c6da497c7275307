package event

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var historyPage = web.NewPage[historyData](Mast, web.From(Files, "pages/history.html"))

// Objects knows what objects of the audit log are called.
type Objects interface {
	// Objects are the names of objects of a meeting, such as session:K7Q2XM; what it does not know it leaves out.
	Objects(ctx context.Context, m *Stored, objects []string) (map[string]Named, error)
}

// historyData is what the page of changes shows.
type historyData struct {
	Meeting *Stored // nil: the group
	Object  *named  // nil: everything
	Days    []historyDay
	Form    historyForm
	CSV     string
	Older   string // address of what follows; empty at the end
	Newest  string // address of the beginning; empty on the first page
}

// historyForm is the filter.
type historyForm struct {
	Action  string // where it is sent
	Object  string // sent with it, where the path does not say it
	Who     []choice
	What    []choice
	Since   string
	Until   string
	Active  bool
	Without string // address without the filter
}

type choice struct {
	Value, Label string
	Selected     bool
}

// named is an object with its name and its addresses.
type named struct {
	Kind, Label, History, URL string
}

type historyDay struct {
	At  time.Time
	All []happened
}

// happened is an entry as people read it.
type happened struct {
	At      time.Time
	Secret  bool
	Who     string
	WhoURL  string // everything they did
	What    string
	Object  *named
	Meeting string // its slug, on the page of the group
	Address string
	Seal    int64
	Values  []differed
	Many    string // names of the fields, where there are so many that they are folded
}

// differed is a field that changed.
type differed struct {
	Label   string
	Before  []piece
	After   []piece
	Erased  bool
	Long    bool // shown one below the other
	Nothing [2]bool
}

func (p *pages) historyRoutes() []web.Route {
	needs := web.Needs(MayReadHistory)
	return []web.Route{
		web.Private("/meetings/{slug}/history", needs, p.history),
		web.Private("/meetings/{slug}/history/{object...}", needs, p.history),
		web.Private("/meetings/{slug}/history.csv", needs, p.historyCSV),
		web.Private("/admin/history", needs, p.history),
		web.Private("/admin/history.csv", needs, p.historyCSV),
	}
}

// asked is what a reader of the log wants to see.
type asked struct {
	meeting *Stored // nil: the group and every meeting
	zone    *time.Location
	filter  audit.Filter
	after   string
	path    string // of the page without its parameters
	query   url.Values
}

// ask reads the address.
func (p *pages) ask(r *http.Request) (*asked, error) {
	q := r.URL.Query()
	a := &asked{path: "/admin/history", query: url.Values{}, after: q.Get("after")}
	if slug := r.PathValue("slug"); slug != "" {
		m, err := p.Meeting(r.Context(), slug)
		if err != nil {
			return nil, err
		}
		a.meeting, a.path, a.zone, a.filter.Scope = m, "/meetings/"+slug+"/history", m.Location(), slug
		a.filter.Object = cmp.Or(r.PathValue("object"), q.Get("object"))
	} else {
		g, err := p.Group(r.Context())
		if err != nil {
			return nil, err
		}
		a.zone, a.filter.Everywhere, a.filter.Object = zoneOf(g.Timezone), true, q.Get("object")
	}
	a.filter.Actor, a.filter.Action = q.Get("who"), q.Get("what")
	for name, at := range map[string]*time.Time{"since": &a.filter.Since, "until": &a.filter.Until} {
		if v := q.Get(name); v != "" {
			if !Date(v).Valid() {
				return nil, invalid("date", name).With("value", clip(v))
			}
			*at = Date(v).Time(a.zone)
		}
	}
	if !a.filter.Until.IsZero() {
		a.filter.Until = a.filter.Until.AddDate(0, 0, 1) // that day too
	}
	for _, name := range []string{"who", "what", "since", "until"} {
		if v := q.Get(name); v != "" {
			a.query.Set(name, v)
		}
	}
	return a, nil
}

// place is the path of the page. Of the group, an object is a parameter.
func (a *asked) place() string {
	if a.meeting == nil || a.filter.Object == "" {
		return a.path
	}
	return a.path + "/" + url.PathEscape(a.filter.Object)
}

// address is the page of an object with the filter and more parameters.
func (a *asked) address(more ...string) string {
	q := maps.Clone(a.query)
	for i := 0; i+1 < len(more); i += 2 {
		if q.Del(more[i]); more[i+1] != "" {
			q.Set(more[i], more[i+1])
		}
	}
	at := a.place()
	if a.meeting == nil && a.filter.Object != "" {
		q.Set("object", a.filter.Object)
	}
	if len(q) > 0 {
		at += "?" + q.Encode()
	}
	return at
}

// historyPageSize is how many entries one page shows.
const historyPageSize = 50

func (p *pages) history(w http.ResponseWriter, r *http.Request) error {
	a, err := p.ask(r)
	if err != nil {
		return err
	}
	list, next, err := audit.List(r.Context(), p.db, a.filter, audit.Page{Limit: historyPageSize, After: a.after})
	if err != nil {
		return err
	}
	f, err := p.Frame(r, p.frame, a.meeting, "history")
	if err != nil {
		return err
	}
	t := &teller{p: p, f: f, a: a, site: May(r.Context(), "", MayRunSite)}
	if err := t.lookUp(r.Context(), list); err != nil {
		return err
	}
	d := historyData{Meeting: a.meeting, Days: t.days(list), CSV: csvAddress(a)}
	if d.Form, err = t.form(r.Context()); err != nil {
		return err
	}
	if next != "" {
		d.Older = f.URL(a.address("after", next))
	}
	if a.after != "" {
		d.Newest = f.URL(a.address())
	}
	f.Title, f.NoIndex = f.T("event.history.title"), true
	if a.filter.Object != "" {
		d.Object = t.object(a.filter.Scope, a.filter.Object)
		f.Title = f.T("event.history.of", "what", d.Object.Label)
	}
	f.Styles = append(f.Styles, f.Asset("history.css"))
	return web.Show(w, historyPage, f, d)
}

func csvAddress(a *asked) string {
	q := maps.Clone(a.query)
	if a.filter.Object != "" {
		q.Set("object", a.filter.Object)
	}
	if len(q) == 0 {
		return a.path + ".csv"
	}
	return a.path + ".csv?" + q.Encode()
}

// teller puts entries into words.
type teller struct {
	p       *pages
	f       *web.Frame
	a       *asked
	people  map[string]i18n.Text // by public id
	objects map[string]Named
	site    bool // the reader runs the site: they see also from where, and what people changed about themselves
}

// private reports whether the values of an entry are what somebody says of themselves: their profile, their addresses, their keys.
func private(e *audit.Stored) bool {
	kind, _ := splitObject(e.Object)
	return kind == "person"
}

// lookUp finds the names of everybody and everything in a list, with a constant number of queries.
func (t *teller) lookUp(ctx context.Context, list []audit.Stored) error {
	refs, objects := map[string]bool{}, map[string]bool{t.a.filter.Object: true}
	for i := range list {
		refs[list[i].Actor] = true
		objects[list[i].Object] = true
		for _, v := range list[i].Values {
			if v.Name == "person" {
				refs[v.Before], refs[v.After] = true, true
			}
		}
	}
	for o := range objects {
		if kind, id := splitObject(o); kind == "person" {
			refs[id] = true
		}
	}
	var err error
	if t.people, err = t.p.namesOf(ctx, slices.Sorted(maps.Keys(refs))); err != nil {
		return err
	}
	if known, ok := t.p.o.Programme.(Objects); ok && t.a.meeting != nil {
		delete(objects, "")
		t.objects, err = known.Objects(ctx, t.a.meeting, slices.Sorted(maps.Keys(objects)))
	}
	return err
}

// namesOf are the names of people by public id.
func (s *Service) namesOf(ctx context.Context, refs []string) (map[string]i18n.Text, error) {
	out := map[string]i18n.Text{}
	refs = slices.DeleteFunc(refs, func(r string) bool { return r == "" || strings.Contains(r, ":") })
	if s.o.People == nil || len(refs) == 0 {
		return out, nil
	}
	list, err := s.o.People.Accounts(ctx, s.db, nil, refs)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		out[p.Ref] = p.Name
	}
	return out, nil
}

// who names an actor.
func (t *teller) who(ref string) string {
	if ref == "" {
		return t.f.T("event.history.nobody")
	}
	if part, ok := strings.CutPrefix(ref, "system:"); ok {
		return t.f.T("event.history.program", "name", part)
	}
	if n, ok := t.people[ref]; ok {
		return t.f.In(n)
	}
	return t.f.T("event.history.left")
}

// what names an action: by the words of its feature, or as it is.
func (t *teller) what(action string) string { return t.word("audit."+action, action) }

func (t *teller) word(key, other string) string {
	if t.f.Site.Words.Has(key) {
		return t.f.T(key)
	}
	return other
}

// object names an object.
func (t *teller) object(scope, object string) *named {
	if object == "" {
		return nil
	}
	kind, id := splitObject(object)
	n := &named{Kind: t.word("audit.object."+kind, kind), Label: id}
	if n.Label == "" {
		n.Label = n.Kind
	}
	if name, ok := t.objects[object]; ok {
		n.Label, n.URL = t.f.In(name.Title), name.URL
	} else if kind == "person" {
		n.Label = t.who(id)
	}
	if n.History = t.f.URL("/admin/history?object=" + url.QueryEscape(object)); scope != "" {
		n.History = t.f.URL("/meetings/" + scope + "/history/" + url.PathEscape(object))
	}
	return n
}

// field names a field: title.ja is the title in Japanese.
func (t *teller) field(name string) string {
	if t.f.Site.Words.Has("audit.field." + name) {
		return t.f.T("audit.field." + name)
	}
	for _, l := range i18n.Langs {
		for _, mark := range []string{".", "_"} {
			if base, ok := strings.CutSuffix(name, mark+string(l)); ok {
				return t.f.T("event.history.in_"+string(l), "what", t.word("audit.field."+base, base))
			}
		}
	}
	return name
}

// value writes a value: people by their names, roles by theirs.
func (t *teller) value(name, v string) string {
	if name == "person" && v != "" {
		return t.who(v)
	}
	return t.word("audit.value."+name+"."+v, v)
}

// days puts a page of entries into words, day by day.
func (t *teller) days(list []audit.Stored) []historyDay {
	var out []historyDay
	for i := range list {
		e := &list[i]
		at := e.At.In(t.a.zone)
		if e.Secret {
			at = e.At // the day as it was kept
		}
		date := DateOf(at)
		if len(out) == 0 || DateOf(out[len(out)-1].At) != date {
			out = append(out, historyDay{At: at})
		}
		last := &out[len(out)-1]
		last.All = append(last.All, t.happened(e, at))
	}
	return out
}

// maxUnfolded is how many fields of an entry are shown without being asked for.
const maxUnfolded = 4

func (t *teller) happened(e *audit.Stored, at time.Time) happened {
	h := happened{At: at, Secret: e.Secret, Who: t.who(e.Actor), What: t.what(e.Action), Seal: e.Seal}
	if e.Actor != "" {
		h.WhoURL = t.f.URL(t.a.address("who", e.Actor))
	}
	if e.Object != t.a.filter.Object {
		h.Object = t.object(e.Scope, e.Object)
	}
	if t.a.meeting == nil {
		h.Meeting = e.Scope
	}
	if t.a.meeting == nil && t.site {
		h.Address = e.Address
	}
	if private(e) && !t.site {
		return h
	}
	for _, v := range e.Values {
		d := differed{Label: t.field(v.Name), Erased: v.Erased}
		before, after := t.value(v.Name, v.Before), t.value(v.Name, v.After)
		d.Before, d.After = markDifferences(before, after)
		d.Long = len(before) > 400 || len(after) > 400 || strings.Contains(before+after, "\n")
		d.Nothing = [2]bool{before == "", after == ""}
		h.Values = append(h.Values, d)
	}
	if len(h.Values) > maxUnfolded {
		var labels []string
		for _, d := range h.Values {
			labels = append(labels, d.Label)
		}
		h.Many = t.f.Join(labels)
	}
	return h
}

// maxActors bounds the list of people to choose from.
const maxActors = 300

// form is the filter with what can be chosen.
func (t *teller) form(ctx context.Context) (historyForm, error) {
	f := t.a.filter
	form := historyForm{
		Action: t.f.URL(t.a.place()), Since: t.a.query.Get("since"), Until: t.a.query.Get("until"), Active: len(t.a.query) > 0,
	}
	if form.Without = form.Action; t.a.meeting == nil && f.Object != "" {
		form.Object = f.Object
		form.Without += "?object=" + url.QueryEscape(f.Object)
	}
	actors, err := audit.Actors(ctx, t.p.db, audit.Filter{Scope: f.Scope, Everywhere: f.Everywhere, Object: f.Object}, maxActors)
	if err != nil {
		return form, err
	}
	people, err := t.p.namesOf(ctx, slices.Clone(actors))
	if err != nil {
		return form, err
	}
	names := &teller{p: t.p, f: t.f, a: t.a, people: people}
	for _, ref := range actors {
		if ref != "" {
			form.Who = append(form.Who, choice{ref, names.who(ref), ref == f.Actor})
		}
	}
	for key := range t.f.Site.Words.Keys(t.f.Lang) {
		action, ok := strings.CutPrefix(key, "audit.")
		if !ok || strings.HasPrefix(action, "field.") || strings.HasPrefix(action, "object.") || strings.HasPrefix(action, "value.") {
			continue
		}
		form.What = append(form.What, choice{action, t.f.T(key), action == f.Action})
	}
	for _, list := range [][]choice{form.Who, form.What} {
		slices.SortFunc(list, func(a, b choice) int { return strings.Compare(a.Label+"\x00"+a.Value, b.Label+"\x00"+b.Value) })
	}
	return form, nil
}

// historyCSV writes the log as a table, and into the log that somebody took it.
func (p *pages) historyCSV(w http.ResponseWriter, r *http.Request) error {
	a, err := p.ask(r)
	if err != nil {
		return err
	}
	f, err := p.Start(r, p.frame, a.meeting)
	if err != nil {
		return err
	}
	err = p.db.Write(r.Context(), func(tx *db.Tx) error {
		return audit.Record(r.Context(), tx, audit.Entry{Scope: a.filter.Scope, Object: "history", Action: "event.history.exported", At: p.o.Now(), After: flat(a.query)})
	})
	if err != nil {
		return err
	}
	name := "history.csv"
	if a.meeting != nil {
		name = a.meeting.Slug + "-" + name
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	t, site := &teller{p: p, f: f, a: a, people: map[string]i18n.Text{}}, May(r.Context(), "", MayRunSite)
	return audit.WriteCSV(r.Context(), p.db, w, audit.Export{
		Filter: a.filter, Addresses: a.meeting == nil && site, Hides: func(e *audit.Stored) bool { return !site && private(e) }, Name: t.lookedUp(r.Context()),
		Time:    func(at time.Time) string { return at.In(a.zone).Format("2006-01-02 15:04:05") },
		Heading: func(column string) string { return f.T("event.history.column." + column) },
	})
}

// lookedUp names actors one by one, each asked for once.
func (t *teller) lookedUp(ctx context.Context) func(string) string {
	known := map[string]string{}
	return func(ref string) string {
		if name, ok := known[ref]; ok {
			return name
		}
		if list, err := t.p.namesOf(ctx, []string{ref}); err == nil {
			maps.Copy(t.people, list)
		}
		known[ref] = t.who(ref)
		return known[ref]
	}
}

func flat(q url.Values) map[string]string {
	out := map[string]string{}
	for k := range q {
		out[k] = q.Get(k)
	}
	return out
}
