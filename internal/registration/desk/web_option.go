package desk

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

var (
	optionListPage = web.NewPage[optionListView](event.Mast, web.From(Files, "pages/option_list.html"), registration.FieldParts)
	optionDeskPage = web.NewPage[optionDeskView](event.Mast, web.From(Files, "pages/option_desk.html"), registration.FieldParts)
	optionDoorPage = web.NewPage[optionDeskView](event.Mast, web.From(Files, "pages/option_door.html"), registration.FieldParts)
)

// optionRoutes are the addresses of the organiser's pages of options.
func (h *Web) optionRoutes() []web.Route {
	const at = "/meetings/{slug}/registration"
	read, edit := web.Needs(event.MayReadEntries), web.Needs(event.MayEditEntries)
	return []web.Route{
		web.Private(at+"/options", read, h.optionList),
		web.Private(at+"/options/{key}", read, h.optionDesk),
		web.Action(at+"/options/{key}", edit, h.saveOptionDesk),
		web.Action(at+"/options/{key}/outside", web.Needs(event.MayEditForm), h.saveOutside),
		web.Private(at+"/options/{key}/door", read, h.optionDoor),
		web.Private(at+"/options/{key}/list.csv", read, h.optionCSV),
		web.Private(at+"/options/{key}/list.xlsx", read, h.optionXLSX),
	}
}

// optionListView are all options with how they stand.
type optionListView struct {
	Base string
	Desk string // where everything about registration begins
	List []registration.OptionState
}

func (h *Web) optionList(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.page(r, "registration.desk.options")
	if err != nil {
		return err
	}
	v := optionListView{Base: f.URL("/meetings/" + m.Slug + "/registration/options"), Desk: f.URL("/meetings/" + m.Slug + "/registration/desk")}
	if v.List, err = h.s.OptionStates(r.Context(), m.Slug); err != nil {
		return err
	}
	return web.Show(w, optionListPage, f, v)
}

// optionDeskView is one option with everybody who has to do with it.
type optionDeskView struct {
	registration.OptionState
	Base     string
	Up       string
	People   string // who is registered
	Public   string // the record of its lottery
	Holders  []*registration.Holder
	MayEdit  bool
	MayName  bool
	Query    string
	Found    []*registration.Entry
	Given    string // the entry that a place is being given to
	Why      string
	Problem  *web.Problem
	Draws    time.Time
	Printed  time.Time
	Outside  string
	OutValue string
}

// In are those of a slot in a state, in their order.
func (v optionDeskView) In(slot, state string) []*registration.Holder {
	var out []*registration.Holder
	for _, h := range v.Holders {
		if h.Slot == slot && string(h.State) == state {
			out = append(out, h)
		}
	}
	return out
}

// Heads are all who have a place, with their companions.
func (v optionDeskView) Heads() int {
	n := 0
	for _, h := range v.Holders {
		if h.State == registration.Taken {
			n += h.Heads()
		}
	}
	return n
}

// holderList is a part of the list of an option, with the page it is on.
type holderList struct {
	*optionDeskView
	F     *web.Frame
	Title string
	List  []*registration.Holder
}

// List puts the page beside those of a slot in a state.
func (v optionDeskView) List(f *web.Frame, slot, state, title string) holderList {
	return holderList{&v, f, title, v.In(slot, state)}
}

// Lottery reports that there is a lottery.
func (v optionDeskView) Lottery() bool { return v.Drawing != nil }

// On reports the problem beside a field.
func (v optionDeskView) On(field string) string { return v.Problem.On(field) }

func (h *Web) deskView(r *http.Request, f *web.Frame, m *registration.Meeting) (optionDeskView, error) {
	key := r.PathValue("key")
	v := optionDeskView{
		Up: f.URL("/meetings/" + m.Slug + "/registration/options"), People: f.URL("/meetings/" + m.Slug + "/registration/people"),
		Public:  f.URL("/meetings/" + m.Slug + "/registration/draws/" + url.PathEscape(key)),
		MayEdit: event.May(r.Context(), m.Slug, event.MayEditEntries), MayName: event.May(r.Context(), m.Slug, event.MayEditForm),
		Query: strings.TrimSpace(r.URL.Query().Get("q")), Printed: m.Local(h.s.Now()),
	}
	v.Base = v.Up + "/" + url.PathEscape(key)
	all, err := h.s.OptionStates(r.Context(), m.Slug)
	if err != nil {
		return v, err
	}
	for _, x := range all {
		if x.Key == key {
			v.OptionState = x
		}
	}
	if v.Option == nil {
		return v, fault.Missing()
	}
	if v.Drawing != nil {
		v.Outside, v.OutValue = v.Drawing.Outside, v.Drawing.Value
	}
	if v.Holders, err = h.s.OptionHolders(r.Context(), m.Slug, key); err != nil {
		return v, err
	}
	if v.Draws = m.Local(v.DrawAt); v.Drawing.Frozen() {
		v.Draws = v.Drawing.DrawAt
	}
	if v.MayEdit {
		v.Found, err = h.s.FindEntries(r.Context(), m.Slug, v.Query)
	}
	f.Title = f.In(v.Name)
	return v, err
}

func (h *Web) optionDesk(w http.ResponseWriter, r *http.Request) error {
	return h.showDesk(w, r, http.StatusOK, func(*optionDeskView) {})
}

func (h *Web) showDesk(w http.ResponseWriter, r *http.Request, status int, with func(*optionDeskView)) error {
	f, m, err := h.page(r, "registration.desk.options")
	if err != nil {
		return err
	}
	v, err := h.deskView(r, f, m)
	if err != nil {
		return err
	}
	with(&v)
	return web.ShowStatus(w, status, optionDeskPage, f, v)
}

// saveOptionDesk gives a place by hand, or takes one away.
func (h *Web) saveOptionDesk(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	slug, key := r.PathValue("slug"), r.PathValue("key")
	switch form.Get("do") {
	case "give":
		err = h.s.GivePlace(r.Context(), slug, key, form.Get("slot"), form.Get("entry"), form.Get("why"))
	case "take":
		err = h.s.TakeAway(r.Context(), slug, key, form.Get("choice"), form.Get("why"))
	default:
		err = fault.Missing()
	}
	return h.deskDone(w, r, form, err)
}

// saveOutside names the outside value of a lottery, or records it.
func (h *Web) saveOutside(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	slug, key := r.PathValue("slug"), r.PathValue("key")
	switch form.Get("do") {
	case "name":
		err = h.s.NameOutside(r.Context(), slug, key, form.Get("outside"))
	case "value":
		err = h.s.GiveOutside(r.Context(), slug, key, form.Get("value"))
	default:
		err = fault.Missing()
	}
	return h.deskDone(w, r, form, err)
}

// deskDone goes back to the page of the option, or shows it again with what was wrong; what was typed stays.
func (h *Web) deskDone(w http.ResponseWriter, r *http.Request, form url.Values, err error) error {
	f, m, ferr := h.page(r, "registration.desk.options")
	if ferr != nil {
		return ferr
	}
	if err == nil {
		return web.Done(f.URL("/meetings/" + m.Slug + "/registration/options/" + url.PathEscape(r.PathValue("key"))))
	}
	problem, err := f.ProblemOf(err)
	if err != nil {
		return err
	}
	return h.showDesk(w, r, http.StatusConflict, func(v *optionDeskView) {
		v.Problem, v.Given, v.Why = problem, form.Get("entry"), form.Get("why")
		if form.Get("do") == "name" {
			v.Outside = form.Get("outside")
		}
		if ref := form.Get("entry"); ref != "" {
			if found, ferr := h.s.FindEntries(r.Context(), m.Slug, ref); ferr == nil {
				v.Found, v.Query = found, form.Get("q")
			}
		}
	})
}

// optionDoor is the list of names for the door, to be printed.
func (h *Web) optionDoor(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.page(r, "registration.desk.door")
	if err != nil {
		return err
	}
	v, err := h.deskView(r, f, m)
	if err != nil {
		return err
	}
	f.Title = f.T("registration.desk.door") + " " + f.In(v.Name)
	return web.Show(w, optionDoorPage, f, v)
}

// optionTable is the list of an option as a table to take away.
func (h *Web) optionTable(r *http.Request) (*sheet.Export, string, error) {
	f, m, err := h.page(r, "registration.desk.options")
	if err != nil {
		return nil, "", err
	}
	v, err := h.deskView(r, f, m)
	if err != nil {
		return nil, "", err
	}
	t := &sheet.Export{Name: f.In(v.Name), Numbers: []int{4, 9}}
	for _, k := range []string{"slot", "when", "state", "name", "turn", "name_en", "kana", "org", "address", "companions", "asked_at", "ref"} {
		t.Head = append(t.Head, f.T("registration.desk.column."+k))
	}
	turn := map[string]int{}
	for _, x := range v.Holders {
		slot := v.Slot(x.Slot)
		name, when, n := x.Slot, "", ""
		if slot != nil {
			s := registration.Slot{Starts: m.Local(slot.Starts), Ends: m.Local(slot.Ends)}
			when = s.When(f.Lang)
			if !slot.Name.IsZero() {
				name = f.In(slot.Name)
			}
		}
		if x.State == registration.InLine {
			turn[x.Slot]++
			n = strconv.Itoa(turn[x.Slot])
		}
		t.Rows = append(t.Rows, []string{name, when, f.In(x.State.Words()), x.Of.Name.JA, n, x.Of.Name.EN, x.Of.Kana, f.In(x.Of.Organisation), x.Of.Address,
			strconv.Itoa(x.Companions), x.AskedAt.Format("2006-01-02 15:04"), x.Of.Ref})
	}
	return t, m.Slug + "-" + v.Key, nil
}

func (h *Web) optionCSV(w http.ResponseWriter, r *http.Request) error {
	t, name, err := h.optionTable(r)
	if err != nil {
		return err
	}
	b, _ := t.CSV(sheet.UTF8)
	return download(w, name+".csv", csvKind, b)
}

func (h *Web) optionXLSX(w http.ResponseWriter, r *http.Request) error {
	t, name, err := h.optionTable(r)
	if err != nil {
		return err
	}
	b, err := t.XLSX()
	if err != nil {
		return err
	}
	return download(w, name+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b)
}
