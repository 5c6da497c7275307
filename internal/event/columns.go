package event

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// column ties a field of a struct to its name in files and to its column. ptr points at the field: it is what a row is scanned into and
// what is written, so each type says once how it is stored.
type column struct {
	name string // as files name it: title.ja
	sql  string // title_ja
	ptr  any
}

func col(name, sql string, ptr any) column { return column{name, sql, ptr} }

func plain(name string, ptr any) column { return column{name, name, ptr} }

func both(name string, t *i18n.Text) []column {
	return []column{{name + ".ja", name + "_ja", &t.JA}, {name + ".en", name + "_en", &t.EN}}
}

// columns joins single columns and the pairs of bilingual ones.
func columns(parts ...any) []column {
	var out []column
	for _, p := range parts {
		switch p := p.(type) {
		case column:
			out = append(out, p)
		case []column:
			out = append(out, p...)
		}
	}
	return out
}

// value is what the database is given.
func (c column) value() any {
	if v, ok := c.ptr.(driver.Valuer); ok {
		s, _ := v.Value() // the types of this package never fail
		return s
	}
	v := reflect.ValueOf(c.ptr).Elem()
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Int, reflect.Int64:
		return v.Int()
	}
	return v.Interface()
}

// text is the value as a report of changes shows it.
func (c column) text() string {
	switch v := c.value().(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// langList is a list of languages in one column, with a space between.
type langList []i18n.Lang

// Value writes the tags with a space between.
func (l *langList) Value() (driver.Value, error) {
	s := make([]string, len(*l))
	for i, v := range *l {
		s[i] = string(v)
	}
	return strings.Join(s, " "), nil
}

// Scan reads what Value wrote.
func (l *langList) Scan(v any) error {
	*l = nil
	for _, s := range strings.Fields(scanned(v)) {
		*l = append(*l, i18n.Lang(s))
	}
	return nil
}

// scanned is a text as a driver may hand it over.
func scanned(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(v)
}

// ref is a key of another row; an empty one is NULL.
type ref string

// Value writes an empty key as NULL.
func (r *ref) Value() (driver.Value, error) {
	if *r == "" {
		return nil, nil
	}
	return string(*r), nil
}

// Scan reads NULL as an empty key.
func (r *ref) Scan(v any) error {
	*r = ""
	if v != nil {
		*r = ref(scanned(v))
	}
	return nil
}

func (g *Group) columns() []column {
	return columns(both("name", &g.Name), both("about", &g.About), plain("languages", (*langList)(&g.Languages)),
		plain("timezone", &g.Timezone), plain("accent", &g.Accent), plain("logo", &g.Logo), plain("url", &g.URL))
}

func (s *Series) columns() []column {
	return columns(plain("key", &s.Key), col("order", "position", &s.Order), both("title", &s.Title), both("about", &s.About))
}

func (m *Meeting) columns() []column {
	return columns(plain("slug", &m.Slug), plain("series", (*ref)(&m.Series)), both("title", &m.Title), plain("short", &m.Short),
		both("theme", &m.Theme), both("summary", &m.Summary), plain("languages", (*langList)(&m.Languages)), plain("timezone", &m.Timezone),
		col("start", "first_day", &m.Start), col("end", "last_day", &m.End), plain("month", &m.Month), plain("day_boundary", &m.DayBoundary),
		both("place", &m.Place), plain("hashtag", &m.Hashtag), plain("phase", &m.Phase), plain("accent", &m.Accent), plain("logo", &m.Logo),
		plain("key_visual", &m.KeyVisual), plain("url", &m.URL), plain("derived_from", &m.DerivedFrom))
}

func (p *Part) columns() []column {
	return columns(plain("key", &p.Key), both("title", &p.Title), both("place", &p.Place), plain("online", &p.Online), plain("onsite", &p.Onsite))
}

// partDay is a day of a part, as a row of its own.
type partDay struct {
	Part string
	Day  Date
}

func (d *partDay) columns() []column { return columns(plain("part", &d.Part), plain("day", &d.Day)) }

func (v *Venue) columns() []column {
	return columns(plain("key", &v.Key), both("name", &v.Name), both("address", &v.Address), plain("url", &v.URL))
}

func (r *Room) columns() []column {
	return columns(plain("key", &r.Key), both("name", &r.Name), plain("venue", (*ref)(&r.Venue)), both("location", &r.Location),
		plain("capacity", &r.Capacity), plain("online", &r.Online))
}

func (o *Organisation) columns() []column {
	return columns(plain("role", &o.Role), both("class", &o.Class), both("name", &o.Name), plain("url", &o.URL), plain("logo", &o.Logo))
}

func (p *Page) columns() []column {
	return columns(plain("slug", &p.Slug), both("title", &p.Title), both("body", &p.Body), plain("hidden", &p.Hidden))
}

func (l *Link) columns() []column {
	return columns(both("title", &l.Title), plain("url", &l.URL))
}

func (f *Figure) columns() []column {
	return columns(plain("key", &f.Key), both("label", &f.Label), plain("value", &f.Value), both("unit", &f.Unit), plain("approx", &f.Approx),
		both("scope", &f.Scope), plain("wording", &f.Wording), both("source", &f.Source), plain("n", &f.N), col("of", "of_key", &f.Of))
}
