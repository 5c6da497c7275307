package desk

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

var (
	categoriesPage = web.NewPage[categoriesView](event.Mast, web.From(Files, "pages/categories.html", "pages/parts.html"))
	entryPage      = web.NewPage[entryView](event.Mast, web.From(Files, "pages/entry.html", "pages/parts.html"))
)

// categoriesView is the page of the topics and kinds of a meeting.
type categoriesView struct {
	view
	Lists []categoryList
}

// categoryList is one of the two lists, in one form.
type categoryList struct {
	*web.Frame
	Name   program.Category
	Action string
	May    bool // be changed by the reader
	Rows   []entryRow
	New    entryRow
}

// entryRow is a topic or kind in the form.
type entryRow struct {
	*web.Frame
	Key         string
	Name        i18n.Text
	Labels      []input // in each language
	Choices     []input // of kinds: how they count, their tint
	N           int     // sessions
	URL         string
	First, Last bool
	FocusUp     bool // it was moved up a moment ago
	FocusDown   bool
	Gone        string // it was removed while the reader wrote: by whom, in a sentence
	May         bool
}

// categories shows the topics and kinds.
func (h *Web) categories(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "categories")
	if err != nil {
		return err
	}
	return h.showCategories(w, r, p, "", nil, nil, http.StatusOK)
}

// showCategories shows both lists; c is the one whose form has just been sent with what was typed, if it was refused.
func (h *Web) showCategories(w http.ResponseWriter, r *http.Request, p *page, c program.Category, typed map[string]string, problem error, status int) error {
	v := categoriesView{}
	conflicts := map[string]program.FieldConflict{}
	if all, ok := errors.AsType[*program.Conflicts](problem); ok {
		for _, one := range all.Fields {
			conflicts[one.Field] = one
		}
	}
	moved := strings.Fields(r.URL.Query().Get("moved")) // list, key, direction
	for _, name := range program.Categories {
		list := categoryList{Frame: p.Frame, Name: name, Action: p.Base + "/categories/" + string(name), May: p.May.Edit}
		f := &entryForm{page: p, of: name}
		if name == c {
			f.typed, f.conflicts = typed, conflicts
		}
		entries := name.List(p.Doc)
		for i := range entries {
			row := f.row(&entries[i])
			row.First, row.Last = i == 0, i == len(entries)-1
			here := len(moved) == 3 && moved[0] == string(name) && moved[1] == row.Key
			row.FocusUp = here && (moved[2] == "up" && !row.First || row.Last)
			row.FocusDown = here && !row.FocusUp
			list.Rows = append(list.Rows, row)
		}
		list.Rows = append(list.Rows, f.gone()...)
		list.New = f.row(&interchange.Kind{Counts: name == program.Kinds})
		v.Lists = append(v.Lists, list)
	}
	v.view = p.view
	return web.ShowStatus(w, status, categoriesPage, p.Frame, v)
}

// entryForm writes the rows of a list, with what was typed and what is wrong with it.
type entryForm struct {
	*page
	of        program.Category
	typed     map[string]string
	conflicts map[string]program.FieldConflict
}

func (f *entryForm) row(k *interchange.Kind) entryRow {
	row := entryRow{Frame: f.Frame, Key: k.Key, Name: k.Label, May: f.May.Edit}
	for _, l := range i18n.Langs {
		in := f.input(k, "label."+string(l))
		in.Lang = l
		row.Labels = append(row.Labels, in)
	}
	if f.of == program.Kinds {
		role, shade := f.input(k, "counts"), f.input(k, "tint")
		for _, v := range program.RolesOfKinds {
			role.Options = append(role.Options, choice{Value: v, Label: f.T("desk.category.counts." + v), On: v == role.Value})
		}
		for n := range 8 {
			v := strconv.Itoa(n)
			shade.Options = append(shade.Options, choice{Value: v, Label: f.T("desk.category.tint." + v), On: v == shade.Value})
		}
		row.Choices = []input{role, shade}
	}
	if k.Key != "" {
		row.N = len(f.of.Uses(f.Doc, k.Key))
		row.URL = f.Base + "/categories/" + string(f.of) + "/" + url.PathEscape(k.Key)
	}
	return row
}

// input is a field of an entry, as stored or as typed.
func (f *entryForm) input(k *interchange.Kind, name string) input {
	field := program.EntryField(k.Key, name)
	in := input{Name: field, ID: string(f.of) + "-" + field, Label: f.T("desk.category." + name), Base: program.CategoryField(k, name), Can: f.May.Edit}
	in.Value = in.Base
	if t, ok := f.typed[field]; ok {
		in.Value = t
	}
	if f.typed != nil && f.Problem != nil && f.Problem.Field == field {
		in.Problem = f.Problem.Message
	}
	if c, ok := f.conflicts[field]; ok {
		in.Conflict, in.Base, in.Problem = f.conflict(&c, f.word(name, c.Current)), c.Current, ""
	}
	return in
}

// word is a value of a field as people read it.
func (f *entryForm) word(name, value string) string {
	if strings.HasPrefix(name, "label.") {
		return value
	}
	return f.T("desk.category." + name + "." + value)
}

// gone are rows for entries that somebody removed while the reader wrote: what was typed is there to be copied.
func (f *entryForm) gone() []entryRow {
	var rows []entryRow
	for _, field := range slices.Sorted(maps.Keys(f.conflicts)) {
		c := f.conflicts[field]
		key, _, _ := strings.Cut(field, "/")
		if !c.Gone || slices.ContainsFunc(rows, func(r entryRow) bool { return r.Key == key }) {
			continue
		}
		k := interchange.Kind{Key: key}
		for _, l := range i18n.Langs {
			k.Label = k.Label.With(l, f.typed[program.EntryField(key, "label."+string(l))])
		}
		row := entryRow{Frame: f.Frame, Key: key, Name: k.Label, Gone: f.T("desk.category.gone", "name", k.Label)}
		if who := f.In(c.By); who != "" {
			row.Gone = f.T("desk.category.gone_by", "name", k.Label, "who", who, "at", f.Clock(c.At))
		}
		rows = append(rows, row)
	}
	return rows
}

// conflict is what somebody else wrote meanwhile, and who.
func (p *page) conflict(c *program.FieldConflict, current string) *conflict {
	out := &conflict{Heading: p.T("desk.conflict.heading"), Current: current, Help: p.T("desk.conflict.help")}
	if who := p.In(c.By); who != "" {
		out.Who = p.T("desk.session.changed_by", "who", who, "at", p.Clock(c.At))
	}
	return out
}

// editCategory stores the form of a list, and moves an entry where one of its buttons was pressed.
func (h *Web) editCategory(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	c := program.Category(r.PathValue("category"))
	edits, typed := editsOf(v)
	dir, key, _ := strings.Cut(v.Get("move"), ":")
	done, err := h.desk.EditCategory(r.Context(), r.PathValue("slug"), c, edits, program.CategoryMove{Key: key, Down: dir == "down"})
	if err == nil {
		what, more := "saved", url.Values{"act": {done.Act}}
		if done.Act == "" {
			what, more = "unchanged", url.Values{}
		}
		if key != "" {
			more.Set("moved", string(c)+" "+key+" "+dir)
		}
		return h.back(r, "/categories", what, more)
	}
	p, again := h.open(r, "categories")
	if again != nil {
		return again
	}
	status, problem := fault.KindOf(err).Status(), err
	if err := p.problem(err); err != nil {
		return err
	}
	return h.showCategories(w, r, p, c, typed, problem, status)
}

// entryView says which sessions a topic or kind has, and what happens to them when it goes.
type entryView struct {
	view
	Of       program.Category
	Key      string
	Name     i18n.Text
	Action   string
	Sessions []row
	Others   []choice
}

// entry shows a topic or kind with its sessions, to be merged or removed.
func (h *Web) entry(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "categories")
	if err != nil {
		return err
	}
	return h.showEntry(w, r, p, url.Values{}, http.StatusOK)
}

func (h *Web) showEntry(w http.ResponseWriter, r *http.Request, p *page, form url.Values, status int) error {
	c, key := program.Category(r.PathValue("category")), r.PathValue("key")
	if !c.Valid() {
		return fault.Missing()
	}
	v := entryView{Of: c, Key: key, Action: p.Base + "/categories/" + string(c) + "/" + url.PathEscape(key) + "/remove"}
	found := false
	for _, k := range c.List(p.Doc) {
		if k.Key == key {
			v.Name, found = k.Label, true
		} else {
			v.Others = append(v.Others, choice{Value: k.Key, Label: p.In(k.Label), On: form.Get("into") == k.Key})
		}
	}
	if !found {
		return fault.Missing()
	}
	for _, s := range c.Uses(p.Doc, key) {
		v.Sessions = append(v.Sessions, p.row(s, 0))
	}
	v.view = p.view
	return web.ShowStatus(w, status, entryPage, p.Frame, v)
}

// removeEntry merges a topic or kind with another, or removes it.
func (h *Web) removeEntry(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	used, err := strconv.Atoi(v.Get("used"))
	if err != nil {
		return fault.New(fault.Invalid, "error.form")
	}
	into := v.Get("into")
	if v.Get("do") == "merge" && into == "" {
		err = fault.New(fault.Invalid, "program.desk.error.entry_into").On("into")
	}
	var done *program.Done
	if err == nil {
		done, err = h.desk.RemoveFromCategory(r.Context(), r.PathValue("slug"), program.Category(r.PathValue("category")), r.PathValue("key"), into, used)
	}
	if err == nil {
		what := "entry_removed"
		if into != "" {
			what = "entry_merged"
		}
		return h.back(r, "/categories", what, url.Values{"act": {done.Act}})
	}
	p, again := h.open(r, "categories")
	if again != nil {
		return again
	}
	status := fault.KindOf(err).Status()
	f, _ := fault.As(err)
	if err := p.problem(err); err != nil {
		return err
	}
	if f.Key == "program.desk.error.entry_gone" {
		return h.showCategories(w, r, p, "", nil, nil, status)
	}
	return h.showEntry(w, r, p, v, status)
}
