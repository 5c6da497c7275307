package desk

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

var (
	peoplePage = web.NewPage[peopleView](event.Mast, web.From(Files, "pages/people.html", "pages/people_filter.html"))
	personPage = web.NewPage[personView](event.Mast, web.From(Files, "pages/people_one.html", "pages/setup_parts.html"), registration.FieldParts)
	manualPage = web.NewPage[manualView](event.Mast, web.From(Files, "pages/people_new.html", "pages/setup_parts.html"), registration.FieldParts)
	pairsPage  = web.NewPage[pairsView](event.Mast, web.From(Files, "pages/people_pairs.html"))
	pairPage   = web.NewPage[pairView](event.Mast, web.From(Files, "pages/people_pair.html", "pages/setup_parts.html"))
)

// peopleRoutes are the pages about those who registered.
func (h *Web) peopleRoutes() []web.Route {
	const base = "/meetings/{slug}/registration"
	const at = base + "/people"
	read, edit := web.Needs(event.MayReadEntries), web.Needs(event.MayEditEntries)
	return []web.Route{
		web.Private(at, read, h.people),
		web.Action(at+"/export", read, h.exportPeople),
		web.Private(at+"/new", edit, h.manual),
		web.Action(at+"/new", edit, h.enterManually),
		web.Private(base+"/duplicates", read, h.duplicates),
		web.Private(base+"/duplicates/{pair}", read, h.duplicate),
		web.Action(base+"/duplicates/{pair}", edit, h.mergePair),
		web.Private(at+"/{ref}", read, h.person),
		web.Action(at+"/{ref}", edit, h.actOnPerson),
	}
}

// peopleView is the list.
type peopleView struct {
	filterView
	F       *web.Frame
	Base    string
	Desk    string
	Rows    []personRow
	Tally   registration.Tally
	Counts  []countLine
	Next    string
	First   string // address of the first page, on later ones
	Print   string
	Printed bool
	Columns []columnGroup
	Hidden  []hidden // the filter, for forms
	Pairs   string   // where duplicates are looked for
	Bulk    string   // where something is done to many
	MayEdit bool
	Narrow  bool
	Many    bool // acts on many are offered
}

type countLine struct {
	Name i18n.Text
	N    int
}

// personRow is a line of the list.
type personRow struct {
	*registration.Entry
	URL     string
	Kind    i18n.Text
	Days    string
	Options string
	Paid    string // key of words; empty: nothing to pay
}

// same is a word of the page's language as a text.
func same(w string) i18n.Text { return i18n.T(w, w) }

// onPage is how many people are on a page of the list.
const onPage = 50

// people lists who registered.
func (h *Web) people(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.deskPage(r, "registration.people.title")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	x := registration.ReadFilter(q)
	limit, after := onPage, q.Get("after")
	if q.Has("print") {
		limit, after = registration.MostListed, ""
	}
	l, err := h.s.People(r.Context(), m.Slug, x, after, limit)
	if err != nil {
		return err
	}
	base := f.URL("/meetings/" + m.Slug + "/registration")
	v := peopleView{filterView: filterForm(f, m, x), F: f, Base: base + "/people", Desk: base + "/desk", Pairs: base + "/duplicates", Bulk: base + "/many", Tally: l.Tally, Printed: q.Has("print"), Columns: h.columns(f, m),
		MayEdit: event.May(r.Context(), m.Slug, event.MayEditEntries), Narrow: x.Narrow()}
	v.Many = v.MayEdit
	for _, e := range l.Entries {
		v.Rows = append(v.Rows, rowOf(f, m, e, l, v.Base))
	}
	values := x.Values()
	v.Hidden = hiddenOf(values)
	if l.Next != "" {
		next := x.Values()
		next.Set("after", l.Next)
		v.Next = v.Base + "?" + next.Encode()
	}
	if after != "" {
		v.First = v.Base + "?" + values.Encode()
	}
	values.Set("print", "1")
	v.Print = v.Base + "?" + values.Encode()
	for _, k := range m.Kinds {
		if n := l.Tally.Kinds[k.Key]; n > 0 {
			v.Counts = append(v.Counts, countLine{k.Name, n})
		}
	}
	for _, s := range []registration.State{registration.Offered, registration.Waiting, registration.Invited, registration.Cancelled} {
		if n := l.Tally.States[s]; n > 0 {
			v.Counts = append(v.Counts, countLine{same(f.T("registration.state." + string(s))), n})
		}
	}
	return web.Show(w, peoplePage, f, v)
}

func hiddenOf(values url.Values) []hidden {
	var out []hidden
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, v := range values[name] {
			out = append(out, hidden{name, v})
		}
	}
	return out
}

func rowOf(f *web.Frame, m *registration.Meeting, e *registration.Entry, l *registration.Listed, base string) personRow {
	row := personRow{Entry: e, URL: base + "/" + e.Ref, Kind: same(e.Kind), Days: daysShort(f, m, e)}
	if k := m.Kind(e.Kind); k != nil {
		row.Kind = k.Name
	}
	row.Options = optionsShort(f, m, l.Choices[e.ID])
	row.Paid = paidKey(l.Paid[e.Ref])
	return row
}

// paidKey is the key of the words that say where a payment stands; empty: there is nothing to pay.
func paidKey(st registration.Standing) string {
	switch {
	case st.Owed <= 0 && st.Paid <= 0:
		return ""
	case st.Paid >= st.Owed:
		return "registration.people.paid"
	}
	return "registration.people.unpaid"
}

func daysShort(f *web.Frame, m *registration.Meeting, e *registration.Entry) string {
	var out []string
	for _, d := range e.Days {
		out = append(out, f.ShortDay(d.Date.Time(m.Location()))+" "+f.T("registration.mode."+string(d.Mode)))
	}
	return f.Join(out)
}

func optionsShort(f *web.Frame, m *registration.Meeting, chosen []*registration.Chosen) string {
	var out []string
	for _, c := range chosen {
		o := m.Option(c.Option)
		if o == nil || c.State == registration.GivenUp {
			continue
		}
		s := f.In(o.NameOf(c.Slot))
		if c.Companions > 0 {
			s += " +" + i18n.Number(float64(c.Companions))
		}
		if !c.State.Holds() {
			s += " (" + f.In(c.State.Words()) + ")"
		}
		out = append(out, s)
	}
	return f.Join(out)
}
