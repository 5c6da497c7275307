package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
	"github.com/tsudoi/tsudoi/internal/kit/spoken"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// column is one of an export.
type column struct {
	Key   string
	Name  string
	Class registration.Class
	value func(x *registration.Exported) string
}

// columnGroup are the columns of one class.
type columnGroup struct {
	Title   string
	Columns []column
	On      bool // ticked without being asked for
}

// columns are all there are, by how close they are to the person: those that say who somebody is are off unless ticked.
func (h *Web) columns(f *web.Frame, m *registration.Meeting) []columnGroup {
	word := func(key string) string { return f.T("registration.column." + key) }
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(m.Location()).Format("2006-01-02 15:04")
	}
	plain := []column{
		{"ref", word("ref"), registration.Plain, func(x *registration.Exported) string { return x.Ref }},
		{"words", word("words"), registration.Plain, func(x *registration.Exported) string { ja, en := spoken.Say(x.Ref); return i18n.T(ja, en).In(f.Lang) }},
		{"kind", word("kind"), registration.Plain, func(x *registration.Exported) string {
			if k := m.Kind(x.Kind); k != nil {
				return f.In(k.Name)
			}
			return x.Kind
		}},
		{"state", word("state"), registration.Plain, func(x *registration.Exported) string { return f.T("registration.state." + string(x.State)) }},
	}
	for _, d := range m.Days() {
		plain = append(plain, column{"day." + string(d), f.ShortDay(d.Time(m.Location())), registration.Plain, func(x *registration.Exported) string {
			if mode := x.On(d); mode != "" {
				return f.T("registration.mode." + string(mode))
			}
			return ""
		}})
	}
	for i := range m.Options {
		o := &m.Options[i]
		plain = append(plain, column{"option." + o.Key, f.In(o.Name), registration.Plain, func(x *registration.Exported) string {
			return optionsShort(f, m, slices.DeleteFunc(slices.Clone(x.Choices), func(c *registration.Chosen) bool { return c.Option != o.Key }))
		}})
	}
	plain = append(plain,
		column{"group", word("group"), registration.Plain, func(x *registration.Exported) string { return x.Group }},
		column{"code", word("code"), registration.Plain, func(x *registration.Exported) string { return x.Code }},
		column{"made", word("made"), registration.Plain, func(x *registration.Exported) string { return at(x.MadeAt) }},
		column{"changed", word("changed"), registration.Plain, func(x *registration.Exported) string { return at(x.ChangedAt) }},
		column{"paid", word("paid"), registration.Plain, func(x *registration.Exported) string {
			if k := paidKey(x.Paid); k != "" {
				return f.T(k)
			}
			return ""
		}},
	)
	personal := []column{
		{"name_ja", word("name_ja"), registration.Personal, func(x *registration.Exported) string { return x.Name.JA }},
		{"name_en", word("name_en"), registration.Personal, func(x *registration.Exported) string { return x.Name.EN }},
		{"kana", word("kana"), registration.Personal, func(x *registration.Exported) string { return x.Kana }},
		{"org_ja", word("org_ja"), registration.Personal, func(x *registration.Exported) string { return x.Organisation.JA }},
		{"org_en", word("org_en"), registration.Personal, func(x *registration.Exported) string { return x.Organisation.EN }},
		{"department", word("department"), registration.Personal, func(x *registration.Exported) string { return x.Department }},
		{"badge", word("badge"), registration.Personal, func(x *registration.Exported) string { return x.BadgeName(f.Lang) }},
		{"address", word("address"), registration.Personal, func(x *registration.Exported) string { return x.Address }},
		{"note", word("note"), registration.Personal, func(x *registration.Exported) string { return x.Note }},
	}
	var sensitive []column
	for i := range m.Questions {
		q := &m.Questions[i]
		c := column{"q." + q.Key, f.In(q.Label), q.Class, func(x *registration.Exported) string {
			var out []string
			for _, v := range x.Answers[q.Key] {
				out = append(out, f.In(q.InWords(v)))
			}
			return strings.Join(out, ", ")
		}}
		switch q.Class {
		case registration.Sensitive:
			sensitive = append(sensitive, c)
		case registration.Personal:
			personal = append(personal, c)
		default:
			plain = append(plain, c)
		}
	}
	out := []columnGroup{{f.T("registration.columns.plain"), plain, true}, {f.T("registration.columns.personal"), personal, false}}
	if len(sensitive) > 0 {
		out = append(out, columnGroup{f.T("registration.columns.sensitive"), sensitive, false})
	}
	return out
}

// exportPeople writes those whom a filter chooses into a file, with the columns that were ticked.
func (h *Web) exportPeople(w http.ResponseWriter, r *http.Request) error {
	f, m, form, err := h.sent(r, "registration.people.title")
	if err != nil {
		return err
	}
	var cols []column
	for _, g := range h.columns(f, m) {
		for _, c := range g.Columns {
			if slices.Contains(form["column"], c.Key) {
				cols = append(cols, c)
			}
		}
	}
	if len(cols) == 0 {
		return invalid("registration.error.no_column").On("column")
	}
	x := registration.ReadFilter(form)
	keys := make([]string, len(cols))
	for i, c := range cols {
		keys[i] = c.Key
	}
	list, err := h.s.Export(r.Context(), m.Slug, x, keys)
	if err != nil {
		return err
	}
	table := sheet.Export{Name: m.Slug}
	for _, c := range cols {
		table.Head = append(table.Head, c.Name)
	}
	for _, e := range list {
		row := make([]string, len(cols))
		for i, c := range cols {
			row[i] = c.value(e)
		}
		table.Rows = append(table.Rows, row)
	}
	var data []byte
	kind, name := csvKind, m.Slug+"-registration.csv"
	if form.Get("format") == "xlsx" {
		kind, name = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", m.Slug+"-registration.xlsx"
		if data, err = table.XLSX(); err != nil {
			return err
		}
	} else {
		data, _ = table.CSV(sheet.UTF8)
	}
	return download(w, name, kind, data)
}
