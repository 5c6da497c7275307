package program

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// changesView is the page of what changed: every release, or the comparison of two.
type changesView struct {
	Releases []releaseView
	Compared *comparison
	Choices  []choice // of the form, newest first; empty where there are not two
	From, To int      // chosen in the form
	Path     string   // with language prefix
	Feed     string
	Only     bool // there is one release, and nothing has changed yet
}

// choice is a release in the form.
type choice struct {
	Number int
	Label  string
}

// comparison says what differs between two releases.
type comparison struct {
	From, To choice
	Changes  ChangeSet
}

// releaseView is a release in words.
type releaseView struct {
	Number  int
	Title   string
	Name    string
	At      time.Time
	First   int // sessions published by the first release; 0 for any other
	Compare string
	Changes ChangeSet
}

// ChangeSet are changes as people read them, in the order of what they need to know first.
type ChangeSet struct {
	*web.Frame
	N         int
	Common    []string // what changed of the programme as a whole, a sentence each
	Alike     []alikeView
	Cancelled []changeView
	Restored  []changeView
	Shifts    []shiftView
	Moved     []changeView
	Added     []changeView
	Edited    []changeView
	Removed   []changeView
}

// shiftView is a room whose sessions moved together.
type shiftView struct {
	Words string
	Day   string
	Rows  []changeView
}

// alikeView is one change that many sessions have.
type alikeView struct {
	Words string
	Rows  []changeView
}

// changeView is what happened to one session.
type changeView struct {
	*web.Frame
	Title   i18n.Text
	Code    string
	Href    string // empty for a session that is gone
	Details []detail
}

// detail is one thing that differs: with old and new, or in words alone.
type detail struct {
	Label    string
	Old, New i18n.Text
	Words    string
}

// changes lists the releases of a meeting, or sends the form's choice to the page that compares.
func (h *Web) changes(w http.ResponseWriter, r *http.Request) error {
	q, err := h.open(r, "changes")
	if err != nil {
		return err
	}
	from, to := number(r.URL.Query().Get("from")), number(r.URL.Query().Get("to"))
	if from > 0 && to > 0 && from <= q.Releases && to <= q.Releases {
		return web.See(q.Frame.URL(comparePath(q, from, to)))
	}
	return h.serve(w, r, q, "", func(out io.Writer, f *web.Frame) error {
		list, err := h.programmes.Releases(context.WithoutCancel(r.Context()), q.Meeting)
		if err != nil {
			return err
		}
		v := h.changesView(q, list)
		f.Title = f.T("program.changes.title", "meeting", q.Meeting.Name())
		f.Description = f.T("program.changes.description", "meeting", q.Meeting.Name())
		v.Only = len(list) == 1
		v.Releases = q.releases(list)
		return changesPage.Render(out, f, v)
	})
}

func (h *Web) changesView(q *request, list []Release) changesView {
	q.Frame.Feeds = h.feeds(q)
	v := changesView{Path: q.Frame.URL("/meetings/" + q.Meeting.Slug + "/changes")}
	for _, feed := range q.Frame.Feeds {
		if strings.Contains(feed.Type, "atom") {
			v.Feed = feed.URL
		}
	}
	if len(list) > 1 {
		v.From, v.To = list[1].Number, list[0].Number
		for _, rel := range list {
			v.Choices = append(v.Choices, q.choice(rel))
		}
	}
	return v
}

// choice names a release: its number, its name and when it came.
func (q *request) choice(rel Release) choice {
	f := q.Frame
	label := f.T("program.changes.release", "n", rel.Number) + " · " + f.Moment(rel.At)
	if rel.Name != "" {
		label += " · " + rel.Name
	}
	return choice{rel.Number, label}
}

// releases puts releases into words. They come newest first, and the programme is walked back with them, so that each is told with the
// rooms and days of its own time.
func (q *request) releases(list []Release) []releaseView {
	var out []releaseView
	past := newPast(q.Programme)
	for _, rel := range list {
		v := releaseView{
			Number: rel.Number, Title: q.Frame.T("program.changes.release", "n", rel.Number), Name: rel.Name, At: rel.At,
			Changes: q.changeSet(&past.doc, rel.Changes, rel.Common),
		}
		if rel.Number == 1 {
			v.First = past.count()
		} else {
			v.Compare = q.Frame.URL(comparePath(q, rel.Number-1, rel.Number))
		}
		past.undo(rel.Changes)
		out = append(out, v)
	}
	return out
}

func comparePath(q *request, from, to int) string {
	if from > to {
		from, to = to, from
	}
	return fmt.Sprintf("/meetings/%s/changes/%d-%d", q.Meeting.Slug, from, to)
}

// number reads a release number, 0 where it is none.
func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 1 {
		return 0
	}
	return n
}

// compare shows what differs between any two releases.
func (h *Web) compare(w http.ResponseWriter, r *http.Request) error {
	q, err := h.open(r, "changes")
	if err != nil {
		return err
	}
	a, b, ok := strings.Cut(r.PathValue("pair"), "-")
	from, to := number(a), number(b)
	if !ok || from == 0 || to == 0 || from > q.Releases || to > q.Releases {
		return fault.Missing()
	}
	if want := comparePath(q, from, to); want != "/meetings/"+q.Meeting.Slug+"/changes/"+r.PathValue("pair") {
		return web.Moved(q.Frame.URL(want))
	}
	return h.serve(w, r, q, "", func(out io.Writer, f *web.Frame) error {
		ctx := context.WithoutCancel(r.Context())
		list, err := h.programmes.Releases(ctx, q.Meeting)
		if err != nil {
			return err
		}
		c, err := h.programmes.Compare(ctx, q.Meeting, from, to)
		if err != nil {
			return err
		}
		v := h.changesView(q, list)
		v.From, v.To = from, to
		v.Compared = &comparison{choiceOf(v.Choices, from), choiceOf(v.Choices, to), q.changeSet(c.After, c.Changes, c.Common)}
		f.Title = f.T("program.changes.compare_title", "from", from, "to", to, "meeting", q.Meeting.Name())
		f.NoIndex = true
		return changesPage.Render(out, f, v)
	})
}

func choiceOf(list []choice, n int) choice {
	for _, c := range list {
		if c.Number == n {
			return c
		}
	}
	return choice{Number: n}
}

// ChangeList shows a ChangeSet: the template "s-changes".
var ChangeList = web.From(Files, "pages/changelist.html")

// Words puts changes of a draft into words for a page, as readers will read them; the sessions lead to their pages at the desk.
func (d *Draft) Words(f *web.Frame, doc *interchange.Document, changes []Change, common []CommonChange) ChangeSet {
	p := Build(d.Meeting, d.Newest, &Frozen{Document: *doc}, nil, event.DateOf(d.Now))
	q := &request{Programme: p, Frame: f, link: func(it *Item) string { return "/meetings/" + d.Meeting.Slug + "/desk/sessions/" + it.Ref }}
	return q.changeSet(doc, changes, common)
}

// changeSet sorts changes by what they mean to people. doc is the state after them.
func (q *request) changeSet(doc *interchange.Document, changes []Change, common []CommonChange) ChangeSet {
	set := ChangeSet{Frame: q.Frame, N: len(changes) + len(common)}
	for i := range common {
		set.Common = append(set.Common, common[i].words(q.Frame))
	}
	groups, changes := alike(changes)
	for _, g := range groups {
		v := alikeView{Words: q.Frame.T("program.changes.alike", "n", len(g), "what", q.inShort(g[0].Fields[0]))}
		for _, c := range g {
			c.Fields = nil // said once for all
			v.Rows = append(v.Rows, q.change(c))
		}
		set.Alike = append(set.Alike, v)
	}
	shifts, rest := Shifts(doc, changes)
	for _, s := range shifts {
		set.Shifts = append(set.Shifts, q.shift(s))
	}
	for _, c := range rest {
		v := q.change(c)
		switch {
		case c.Op == Cancelled:
			set.Cancelled = append(set.Cancelled, v)
		case c.Op == Restored:
			set.Restored = append(set.Restored, v)
		case c.Op == Added:
			set.Added = append(set.Added, v)
		case c.Op == Removed:
			set.Removed = append(set.Removed, v)
		case c.Moves():
			set.Moved = append(set.Moved, v)
		default:
			set.Edited = append(set.Edited, v)
		}
	}
	return set
}

// shift says in one sentence that sessions of a room moved by the same time.
func (q *request) shift(s Shift) shiftView {
	f := q.Frame
	word, alone, by := "program.changes.later", "program.changes.later_no_room", s.By
	if by < 0 {
		word, alone, by = "program.changes.earlier", "program.changes.earlier_no_room", -by
	}
	if s.Room.IsZero() {
		word = alone
	}
	v := shiftView{Words: f.T(word, "room", s.Room, "n", len(s.Changes), "by", length(f, by))}
	if s.Day != "" {
		v.Day = f.ShortDay(s.Day.Time(q.Meeting.Location()))
	}
	for _, c := range s.Changes {
		v.Rows = append(v.Rows, q.change(c))
	}
	return v
}

// change says what happened to a session.
func (q *request) change(c Change) changeView {
	v := changeView{Frame: q.Frame, Title: c.Title}
	if it := q.Session(c.GUID); it != nil {
		v.Href, v.Code = sessionURL(q.Meeting, it), it.Code
		if q.link != nil {
			v.Href = q.link(it)
		}
	}
	for _, f := range c.Fields {
		v.Details = append(v.Details, q.detail(f))
	}
	return v
}

// detail says how a field differs. Of links, policies, parts and texts it says only that they do: a former state of them may hold what
// must not be shown now.
func (q *request) detail(c FieldChange) detail {
	f := q.Frame
	d := detail{Label: f.T("program.changes.field." + c.Field)}
	switch c.Field {
	case "time":
		d.Old, d.New = q.spans(c.Before.JA, c.After.JA)
	case "date":
		d.Old, d.New = q.dayWords(c.Before.JA), q.dayWords(c.After.JA)
	case "language":
		d.Old, d.New = same(spoken(f, c.Before.JA)), same(spoken(f, c.After.JA))
	case "level":
		d.Old, d.New = same(level(f, c.Before.JA)), same(level(f, c.After.JA))
	case "code":
		d.Old, d.New = same(c.Before.JA), same(c.After.JA)
	case "room", "kind", "topics", "title", "subtitle":
		d.Old, d.New = c.Before, c.After
		if l := f.Lang.Other(); c.Before.In(f.Lang) == c.After.In(f.Lang) { // it differs in the other language alone
			d.Old, d.New = i18n.Only(l, c.Before.Exact(l)), i18n.Only(l, c.After.Exact(l))
		}
	case "speakers":
		d.Words = q.peopleWords(c)
	default:
		d.Words = f.T("program.changes.updated")
	}
	return d
}

// inShort is how a field differs, on one line.
func (q *request) inShort(c FieldChange) string {
	f, d := q.Frame, q.detail(c)
	if d.Words != "" {
		return d.Label + " " + d.Words
	}
	was, is := f.In(d.Old), f.In(d.New)
	if is == "" {
		is = f.T("program.changes.nothing")
	}
	if was == "" {
		return d.Label + " " + is
	}
	return d.Label + " " + was + " → " + is
}

func (q *request) dayWords(date string) i18n.Text {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return i18n.Text{}
	}
	return same(q.Frame.ShortDay(t))
}

// spans writes the old and the new time of a session; the day is said where it differs, or where there was no time before.
func (q *request) spans(before, after string) (old, now i18n.Text) {
	from, to, ok := parseSpan(before)
	from2, to2, ok2 := parseSpan(after)
	day := !ok || !ok2 || from.Format(time.DateOnly) != from2.Format(time.DateOnly)
	words := func(a, b time.Time, ok bool) i18n.Text {
		if !ok {
			return i18n.Text{}
		}
		s := clock(q.Frame, "", a, b)
		if day {
			s = q.Frame.ShortDay(a) + " " + s
		}
		return same(s)
	}
	return words(from, to, ok), words(from2, to2, ok2)
}

// peopleWords says who came and who left, or that something about the speakers changed.
func (q *request) peopleWords(c FieldChange) string {
	f := q.Frame
	before, after := nameList(c.Before.In(f.Lang)), nameList(c.After.In(f.Lang))
	var words []string
	if came := without(after, before); len(came) > 0 {
		words = append(words, f.T("program.changes.came", "names", f.Join(came)))
	}
	if left := without(before, after); len(left) > 0 {
		words = append(words, f.T("program.changes.left", "names", f.Join(left)))
	}
	if len(words) == 0 {
		return f.T("program.changes.updated")
	}
	return f.Join(words)
}

func without(list, others []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(others, s) {
			out = append(out, s)
		}
	}
	return out
}

// nameList takes the names out of a list such as "甲 (所属, moderator), 乙", whatever stands in the brackets.
func nameList(s string) []string {
	var out []string
	var name strings.Builder
	depth := 0
	flush := func() {
		if n := strings.TrimSpace(name.String()); n != "" {
			out = append(out, n)
		}
		name.Reset()
	}
	for _, r := range s {
		switch {
		case r == '(':
			depth++
		case r == ')' && depth > 0:
			depth--
		case depth > 0:
		case r == ',':
			flush()
		default:
			name.WriteRune(r)
		}
	}
	flush()
	return out
}
