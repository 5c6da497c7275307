package desk

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

var sessionPage = web.NewPage[sessionView](event.Mast, web.From(Files, "pages/session.html", "pages/parts.html"))

// sessionView is the page on which a session is edited.
type sessionView struct {
	view
	Session  *interchange.Session
	Label    string
	State    string
	All      bool // every field may be written
	Texts    bool // its texts may be written
	Pairs    []pair
	Code     input
	Kind     input
	Level    input
	Language input
	Topics   input
	Speakers input
	Cast     []castRow
	People   []choice
	Policies []input
	Until    input
	Slot     input
	Links    input
	Parts    input
	Status   input
	Place    program.Place
	Days     []choice
	Rooms    []choice
	Warnings []warning
	Public   string // the address of its public page, where it has one
	History  string // of the audit log
	RolesAt  string // who looks after it
	Next     string // the address of the next session
	Previous string
	Icons    []string // what the policy shows to readers
}

// pair is a text in both languages, side by side.
type pair struct {
	Name  string
	Sides []input
}

// input is a field of the form.
type input struct {
	Name     string // title.ja
	ID       string // in the page, where names are not enough
	Label    string
	Lang     i18n.Lang
	Value    string // what the form shows
	Base     string // what is stored
	Options  []choice
	Long     bool
	Source   bool   // the side that was written first
	Lack     string // missing or outdated
	Who      string // who changed it last, and when
	Problem  string
	Conflict *conflict
	Can      bool // may be written
}

// conflict is what somebody else wrote meanwhile.
type conflict struct{ Heading, Who, Current, Help string }

// castRow is somebody on stage.
type castRow struct{ Speaker, Role, JA, EN string }

// session shows a session to be edited.
func (h *Web) session(w http.ResponseWriter, r *http.Request) error {
	p, s, err := h.openSession(r)
	if err != nil {
		return err
	}
	return h.showSession(w, r, p, s, nil, nil, http.StatusOK)
}

func (h *Web) openSession(r *http.Request) (*page, *interchange.Session, error) {
	p, err := h.open(r, "sessions")
	if err != nil {
		return nil, nil, err
	}
	s := p.Session(r.PathValue("ref"))
	if s == nil {
		return nil, nil, fault.Missing()
	}
	return p, s, nil
}

// showSession shows the form. typed is what was sent and not stored, err why.
func (h *Web) showSession(w http.ResponseWriter, r *http.Request, p *page, s *interchange.Session, typed map[string]string, problem error, status int) error {
	infos, err := h.desk.FieldInfos(r.Context(), p.Draft, s)
	if err != nil {
		return err
	}
	f := &former{page: p, s: s, infos: infos, typed: typed}
	f.all, f.texts = program.MayEdit(r.Context(), p.slug, s.Ref)
	if c, ok := errors.AsType[*program.Conflicts](problem); ok {
		f.conflicts = c.Fields
	}
	if p.Problem != nil {
		f.problem = p.Problem
	}
	v := f.view()
	v.Warnings = p.about(s.Ref)
	p.neighbours(s, v)
	if event.RequireOn(r.Context(), p.slug, s.Ref, event.MayEditSession) == nil {
		v.RolesAt = p.URL("/meetings/" + p.slug + "/sessions/" + s.Ref + "/people")
	}
	if event.May(r.Context(), p.slug, event.MayReadHistory) {
		v.History = p.URL("/meetings/" + p.slug + "/history/" + program.SessionObject(s.Ref))
	}
	p.Title = p.T("desk.title", "page", short(p.In(s.Title), 40), "meeting", p.Meeting.Name())
	p.Scripts = append(p.Scripts, p.Asset("desk-session.js"))
	h.listen(p)
	v.view = p.view
	return web.ShowStatus(w, status, sessionPage, p.Frame, *v)
}

// about lists what is wrong with a session.
func (p *page) about(ref string) []warning {
	list := slices.DeleteFunc(p.Clashes(), func(w program.Warning) bool {
		return w.Session.Ref != ref && (w.Other.Session == nil || w.Other.Ref != ref)
	})
	return p.warnings(list)
}

// neighbours finds the sessions before and after one in the list.
func (p *page) neighbours(s *interchange.Session, v *sessionView) {
	for i := range p.Doc.Sessions {
		if p.Doc.Sessions[i].GUID != s.GUID {
			continue
		}
		if i > 0 {
			v.Previous = p.Base + "/sessions/" + p.Doc.Sessions[i-1].Ref
		}
		if i+1 < len(p.Doc.Sessions) {
			v.Next = p.Base + "/sessions/" + p.Doc.Sessions[i+1].Ref
		}
	}
	for i := range p.Draft.Public().Sessions {
		if p.Draft.Public().Sessions[i].GUID == s.GUID {
			v.Public = p.URL("/meetings/" + p.slug + "/sessions/" + s.Ref)
		}
	}
}

// former makes the form of a session.
type former struct {
	*page
	s          *interchange.Session
	infos      map[string]program.FieldInfo
	typed      map[string]string
	conflicts  []program.FieldConflict
	problem    *web.Problem
	all, texts bool
}

// input makes a field of the form.
func (f *former) input(name string) input {
	in := input{Name: name, Label: f.T("desk.field." + name), Base: program.FieldText(f.Doc, f.s, name), Can: f.all}
	in.Value = in.Base
	if typed, ok := f.typed[name]; ok {
		in.Value = typed
	}
	if i, ok := f.infos[name]; ok {
		in.Who = f.who(i.By, i.At)
	}
	for _, c := range f.conflicts {
		if c.Field == name {
			in.Conflict = &conflict{f.T("desk.conflict.heading"), f.who(c.By, c.At), c.Current, f.T("desk.conflict.help")}
			in.Base = c.Current
		}
	}
	if f.problem != nil && f.problem.Field == name && in.Conflict == nil {
		in.Problem = f.problem.Message
	}
	return in
}

// who says who did something, and when.
func (f *former) who(by i18n.Text, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	when := at.In(f.Now.Location()).Format("15:04")
	if event.DateOf(at.In(f.Now.Location())) != event.DateOf(f.Now) {
		when = f.ShortDay(at.In(f.Now.Location())) + " " + when
	}
	if by.IsZero() {
		return f.T("desk.session.changed_at", "at", when)
	}
	return f.T("desk.session.changed_by", "who", by, "at", when)
}

func (f *former) choose(name string, list ...choice) input {
	in := f.input(name)
	for i := range list {
		list[i].On = slices.Contains(strings.Fields(in.Value), list[i].Value) || in.Value == list[i].Value
	}
	in.Options = list
	return in
}

func (f *former) view() *sessionView {
	s := f.s
	v := &sessionView{Session: s, Label: label(s), State: f.StateOf(s), All: f.all, Texts: f.texts, Place: program.PlaceOf(s), Days: f.dayChoices(s.Date), Rooms: f.roomChoices(s.Room)}
	lacks := map[string]string{}
	for _, u := range f.Untranslated(s) {
		lacks[u.Field] = string(u.Lack)
	}
	source := f.SourceLang(s)
	for _, name := range []string{"title", "subtitle", "abstract"} {
		p := pair{Name: name}
		for _, l := range []i18n.Lang{source, source.Other()} {
			in := f.input(name + "." + string(l))
			in.Label, in.Lang, in.Long, in.Source, in.Can = f.T("desk.field."+name), l, name == "abstract", l == source, f.texts
			in.Lack = lacks[in.Name]
			p.Sides = append(p.Sides, in)
		}
		v.Pairs = append(v.Pairs, p)
	}
	v.Code, v.Slot, v.Links, v.Parts = f.input("code"), f.input("slot"), f.input("links"), f.input("parts")
	v.Until = f.input("policy.publish_until")
	f.choices(v)
	f.cast(v)
	v.Icons = f.icons()
	return v
}

// choices adds the fields whose values are listed.
func (f *former) choices(v *sessionView) {
	var kinds, topics []choice
	for _, k := range f.Doc.Kinds {
		kinds = append(kinds, choice{Value: k.Key, Label: f.In(k.Label)})
	}
	for _, t := range f.Doc.Topics {
		topics = append(topics, choice{Value: t.Key, Label: f.In(t.Label)})
	}
	v.Kind, v.Topics = f.choose("kind", kinds...), f.choose("topics", topics...)
	v.Level = f.choose("level", f.named("desk.level.", "", "beginner", "intermediate", "advanced")...)
	v.Language = f.choose("language", f.named("desk.lang.", "ja", "en")...)
	v.Status = f.choose("status", f.named("desk.status.", "", "cancelled")...)
	for _, m := range []string{"stream", "record", "publish", "slides", "photo", "sns"} {
		v.Policies = append(v.Policies, f.choose("policy."+m, f.named("desk.permission.", "", "yes", "no")...))
	}
}

// named are values with their words; the word of the empty value ends in none.
func (f *former) named(prefix string, values ...string) []choice {
	out := make([]choice, len(values))
	for i, v := range values {
		key := v
		if key == "" {
			key = "none"
		}
		out[i] = choice{Value: v, Label: f.T(prefix + key)}
	}
	return out
}

// cast adds who is on stage, with two empty rows to add more.
func (f *former) cast(v *sessionView) {
	v.Speakers = f.input("speakers")
	for line := range strings.Lines(v.Speakers.Value) {
		parts := append(strings.SplitN(strings.TrimSpace(line), "|", 4), "", "", "")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		v.Cast = append(v.Cast, castRow{parts[0], parts[1], parts[2], parts[3]})
	}
	v.Cast = append(v.Cast, castRow{}, castRow{})
	for _, p := range f.Doc.Speakers {
		l := f.In(p.Name)
		if a := f.In(p.Affiliation); a != "" {
			l += " – " + short(a, 24)
		}
		v.People = append(v.People, choice{Value: p.Key, Label: l})
	}
	slices.SortStableFunc(v.People, func(a, b choice) int { return strings.Compare(a.Label, b.Label) })
}

// icons are what readers will be told of the policy.
func (f *former) icons() []string {
	p := f.s.Effective(f.Doc.Policy)
	var out []string
	for _, m := range []struct {
		name string
		v    interchange.Permission
	}{{"stream", p.Stream}, {"record", p.Record}, {"publish", p.Publish}, {"slides", p.Slides}, {"photo", p.Photo}, {"sns", p.SNS}} {
		if m.v == interchange.Refused {
			out = append(out, f.T("desk.refused."+m.name))
		}
	}
	return out
}

// editsOf reads the fields of a form: f.NAME, and beside each base.NAME. What was not touched is left out.
func editsOf(v url.Values) (edits []program.FieldEdit, typed map[string]string) {
	typed = map[string]string{}
	if keys, ok := v["sp.key"]; ok && v["f.speakers"] == nil {
		v.Set("f.speakers", castLines(keys, v))
	}
	for name, list := range v {
		field, ok := strings.CutPrefix(name, "f.")
		if !ok {
			continue
		}
		value := strings.TrimSpace(strings.Join(list, " "))
		typed[field] = value
		base := v.Get("base." + field)
		if same(value, base) {
			continue
		}
		edits = append(edits, program.FieldEdit{Field: field, Base: base, Value: value})
	}
	slices.SortFunc(edits, func(a, b program.FieldEdit) int { return strings.Compare(a.Field, b.Field) })
	return edits, typed
}

// same reports whether a field was left as it was.
func same(a, b string) bool {
	unix := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	return unix(a) == unix(b)
}

// castLines writes the rows of the speakers as the field's text.
func castLines(keys []string, v url.Values) string {
	at := func(name string, i int) string {
		if list := v[name]; i < len(list) {
			return strings.ReplaceAll(strings.TrimSpace(list[i]), "|", "/")
		}
		return ""
	}
	var lines []string
	for i, key := range keys {
		if key != "" {
			lines = append(lines, strings.TrimRight(strings.Join([]string{key, at("sp.role", i), at("sp.ja", i), at("sp.en", i)}, " | "), " |"))
		}
	}
	return strings.Join(lines, "\n")
}

// saved is what a script hears of an edit.
type saved struct {
	Draft     int64             `json:"draft"`
	Act       string            `json:"act,omitempty"`
	Values    map[string]string `json:"values,omitempty"` // as they are stored now
	Conflicts []savedConflict   `json:"conflicts,omitempty"`
	Field     string            `json:"field,omitempty"`
	Message   string            `json:"message,omitempty"`
	Lacks     map[string]string `json:"lacks,omitempty"`
}

type savedConflict struct {
	Field   string `json:"field"`
	Who     string `json:"who"`
	Current string `json:"current"`
}

// edit stores fields of a session.
func (h *Web) edit(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	edits, typed := editsOf(v)
	if len(edits) == 0 {
		if len(typed) == 0 {
			return fault.New(fault.Invalid, "desk.error.nothing_sent")
		}
		return h.back(r, "/sessions/"+r.PathValue("ref"), "unchanged", nil)
	}
	done, err := h.desk.EditFields(r.Context(), r.PathValue("slug"), r.PathValue("ref"), edits)
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		return h.editedJSON(w, r, done, edits, err)
	}
	if err == nil {
		return h.back(r, "/sessions/"+done.Session.Ref, "saved", url.Values{"act": {done.Act}})
	}
	p, s, again := h.openSession(r)
	if again != nil {
		return again
	}
	status := fault.KindOf(err).Status()
	problem := err
	if err := p.problem(err); err != nil {
		return err
	}
	return h.showSession(w, r, p, s, typed, problem, status)
}

// editedJSON tells a script what became of an edit.
func (h *Web) editedJSON(w http.ResponseWriter, r *http.Request, done *program.Done, edits []program.FieldEdit, problem error) error {
	p, s, err := h.openSession(r)
	if err != nil {
		return err
	}
	out, status := saved{Draft: p.Version, Values: map[string]string{}, Lacks: map[string]string{}}, http.StatusOK
	for _, u := range p.Untranslated(s) {
		out.Lacks[u.Field] = string(u.Lack)
	}
	f := &former{page: p, s: s}
	if problem != nil {
		status = fault.KindOf(problem).Status()
		said, err := p.ProblemOf(problem)
		if err != nil {
			return err
		}
		out.Field, out.Message = said.Field, said.Message
		if c, ok := errors.AsType[*program.Conflicts](problem); ok {
			for _, one := range c.Fields {
				out.Conflicts = append(out.Conflicts, savedConflict{one.Field, f.who(one.By, one.At), one.Current})
			}
		}
	} else {
		out.Act = done.Act
		for _, e := range edits {
			out.Values[e.Field] = program.FieldText(p.Doc, s, e.Field)
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(out)
}

// place puts a session somewhere, without a script.
func (h *Web) place(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	move := program.PlaceMove{Name: r.PathValue("ref"), From: placeOf(v, "was."), To: placeOf(v, "")}
	if v.Get("nowhere") != "" {
		move.To = program.Place{}
	}
	done, err := h.desk.Move(r.Context(), r.PathValue("slug"), move)
	if err == nil {
		return h.back(r, "/sessions/"+r.PathValue("ref"), "moved", url.Values{"act": {done.Act}, "n": {strconv.Itoa(len(done.Warnings))}})
	}
	p, s, again := h.openSession(r)
	if again != nil {
		return again
	}
	status := fault.KindOf(err).Status()
	if err := p.problem(err); err != nil {
		return err
	}
	return h.showSession(w, r, p, s, nil, nil, status)
}

// placeOf reads a place from a form. The room * stands for all of them.
func placeOf(v url.Values, prefix string) program.Place {
	p := program.Place{Day: event.Date(v.Get(prefix + "day")), Start: plain(v.Get(prefix + "start")), End: plain(v.Get(prefix + "end")), Room: v.Get(prefix + "room")}
	if p.Room == "*" {
		p.Room, p.AllRooms = "", true
	}
	return p
}

// remove takes a session out of the draft.
func (h *Web) remove(_ http.ResponseWriter, r *http.Request) error {
	done, err := h.desk.RemoveSession(r.Context(), r.PathValue("slug"), r.PathValue("ref"))
	if err != nil {
		return err
	}
	return h.back(r, "/sessions", "removed", url.Values{"act": {done.Act}})
}

// translated says that a translation is right.
func (h *Web) translated(_ http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.desk.TranslationDone(r.Context(), r.PathValue("slug"), r.PathValue("ref"), v.Get("field")); err != nil {
		return err
	}
	return h.back(r, "/sessions/"+r.PathValue("ref"), "translated", nil)
}
