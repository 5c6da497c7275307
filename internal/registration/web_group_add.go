package registration

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
)

// groupAddView is the page on which colleagues are entered: the three ways, or the rows that were read.
type groupAddView struct {
	*GroupPage
	S       *Setup
	Base    string
	Text    string
	Code    string
	Key     string
	Rows    []memberView
	Fresh   bool // nothing was sent yet: the rows are empty, and a list may come by paste or as a file
	Wrong   int
	Good    int
	HasCode bool
	Left    int
	mistakes
}

// Number is how people count the n-th row.
func (v groupAddView) Number(n int) int { return n + 1 }

type memberView struct {
	MemberRow
	N     int
	Words *web.Problem
	Kinds []memberChoice
	ByDay []memberDay // empty where what was typed says no days
}

// memberDay is a day that a colleague takes part on, or not.
type memberDay struct {
	Date  event.Date
	Label string
	Modes []memberChoice
}

// memberChoice is one of some values in a row.
type memberChoice struct {
	Value, Label string
	Chosen       bool
}

// memberOn is a row with the page it is on.
type memberOn struct {
	F *web.Frame
	memberView
}

// On puts the page beside a row.
func (v memberView) On(f *web.Frame) memberOn { return memberOn{f, v} }

func (h *Web) addView(r *http.Request, b *groupBeing) (groupAddView, error) {
	b.Title = b.T("registration.group.add")
	v := groupAddView{GroupPage: b.p, S: b.p.m.Setup, Base: b.base, Key: person.NewRef(), Left: b.p.m.Groups - b.p.Active(), Rows: b.blankRows(), Fresh: true}
	quotas, err := h.s.quotas(r.Context(), b.p.m)
	v.HasCode = anyCode(quotas)
	return v, err
}

// blankRows are the rows in which colleagues can be typed one by one: of the first kind, on all days.
func (b *groupBeing) blankRows() []memberView {
	const n = 3
	list := make([]memberView, n)
	for i := range list {
		list[i] = b.member(i, MemberRow{Take: true})
	}
	return list
}

// member shows a row: its kind and days as choices, unless what was typed there is none of them.
func (b *groupBeing) member(n int, row MemberRow) memberView {
	v := memberView{MemberRow: row, N: n}
	kind, days := row.kind, row.days
	if kind == nil { // something else is wrong with the row
		kind, _ = b.p.m.kindNamed(row.Kind)
	}
	if row.Days == noDays {
		days = map[event.Date]Mode{}
	} else if days == nil && kind != nil {
		days, _ = kind.daysTyped(&b.p.m.Meeting, row.Days)
	}
	found := false
	for i := range b.p.m.Kinds {
		k := &b.p.m.Kinds[i]
		if k.Closed && k.Key != row.Kind {
			continue
		}
		chosen := kind != nil && kind.Key == k.Key
		found = found || chosen
		v.Kinds = append(v.Kinds, memberChoice{k.Key, b.In(k.Name), chosen})
	}
	if !found && row.Kind != "" {
		v.Kinds = append([]memberChoice{{row.Kind, row.Kind, true}}, v.Kinds...)
	}
	if days == nil {
		return v
	}
	for _, d := range b.p.m.Days() {
		day := memberDay{Date: d, Label: b.ShortDay(d.Time(b.p.m.Location())), Modes: []memberChoice{{"", b.T("registration.mode.none"), days[d] == ""}}}
		for _, mode := range Modes {
			day.Modes = append(day.Modes, memberChoice{string(mode), b.T("registration.mode." + string(mode)), days[d] == mode})
		}
		v.ByDay = append(v.ByDay, day)
	}
	return v
}

// readRows are the rows of the preview as they were sent, with what was mended in them.
func readRows(form url.Values) []MemberRow {
	n, err := strconv.Atoi(form.Get("rows"))
	if err != nil || n < 0 || n > maxMembers {
		return nil
	}
	var out []MemberRow
	for i := range n {
		at := func(name string) string { return form.Get("row." + strconv.Itoa(i) + "." + name) }
		m := MemberRow{Name: at("name"), Kana: at("kana"), Organisation: at("org"), Address: at("address"), Kind: at("kind"), Days: at("days"), Take: at("take") != ""}
		if at("by_day") != "" {
			m.Days = daysAsTyped(daysOf(form, "row."+strconv.Itoa(i)+".day."), i18n.JA)
		}
		if m.Name+m.Address != "" {
			out = append(out, m)
		}
	}
	return out
}

// daysOf are the days chosen in the fields that begin with a prefix. What is no way of taking part is no choice.
func daysOf(form url.Values, prefix string) map[event.Date]Mode {
	out := map[event.Date]Mode{}
	for name := range form {
		if d, ok := strings.CutPrefix(name, prefix); ok && slices.Contains(Modes, Mode(form.Get(name))) && len(d) == len(time.DateOnly) {
			out[event.Date(d)] = Mode(form.Get(name))
		}
	}
	return out
}

// sentRows are the rows of a form: what was pasted, the file, and the rows that were typed.
func sentRows(r *http.Request, form url.Values) ([]MemberRow, error) {
	rows := readRows(form)
	if text := form.Get("text"); strings.TrimSpace(text) != "" {
		t, err := sheet.Paste(text)
		if err != nil {
			return rows, err
		}
		rows = append(rows, readMembers(t)...)
	}
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 || r.MultipartForm.File["file"][0].Size == 0 {
		return rows, nil
	}
	file, err := r.MultipartForm.File["file"][0].Open()
	if err != nil {
		return rows, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	if err != nil {
		return rows, err
	}
	t, err := sheet.Read(data)
	if err != nil {
		return rows, err
	}
	return append(rows, readMembers(t)...), nil
}

// addMembers shows the rows with what is wrong beside each, and enters those that are ticked once that is wanted.
func (h *Web) addMembers(w http.ResponseWriter, r *http.Request, b *groupBeing, form url.Values) error {
	v, err := h.addView(r, b)
	if err != nil {
		return err
	}
	v.Text, v.Code = form.Get("text"), form.Get("code")
	if k := form.Get("key"); k != "" {
		v.Key = k
	}
	rows, err := sentRows(r, form)
	if err == nil && len(rows) == 0 {
		err = invalid("registration.error.no_rows")
	}
	if err == nil && form.Get("do") == "enter" {
		var n int
		if n, err = h.s.EnterMembers(r.Context(), b.p, rows, v.Code, v.Key); err == nil {
			return web.Done(b.base + "?entered=" + strconv.Itoa(max(n, 1)))
		}
	}
	status := http.StatusOK
	if err != nil {
		if v.Problem, err = b.ProblemOf(err); err != nil {
			return err
		}
		status = http.StatusUnprocessableEntity
	}
	if len(rows) > 0 {
		if err := h.s.Preview(r.Context(), b.p, rows, v.Code); err != nil {
			if v.Problem, err = b.ProblemOf(err); err != nil {
				return err
			}
			status, rows = http.StatusUnprocessableEntity, rows[:min(len(rows), maxMembers)]
		}
	}
	if len(rows) > 0 {
		v.Rows, v.Fresh = nil, false
	}
	for i := range rows {
		row := b.member(i, rows[i])
		if rows[i].Problem != nil {
			if row.Words, err = b.ProblemOf(rows[i].Problem); err != nil {
				return err
			}
			row.Take = row.Take && form.Get("do") == "enter"
			v.Wrong++
		} else {
			v.Good++
		}
		v.Rows = append(v.Rows, row)
	}
	return web.ShowStatus(w, status, groupAddPage, b.Frame, v)
}
