package desk

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// field is one that a page of the setup shows. What was typed stays in it also where it cannot be used.
type field struct {
	Name    string
	Type    string // line, text, number, moment, tick, choose, many, both, bothlong, rows, hidden, fixed
	Label   string
	Hint    string
	Value   string
	EN      string // of both
	Given   []string
	Choices []web.Choice
	Rows    []fieldRow
	Count   int
	Max     int
	Error   string
	Now     string // what is stored, where somebody else changed it meanwhile
	Open    bool   // somebody wants to write in it
	Group   string // the words over it and what follows, folded away until needed; empty: it is always seen
	words   string // the value as people read it
}

// fieldRow is one line of a list in a form.
type fieldRow struct {
	N      int
	Label  string
	Fields []field
	Drop   string // name of the box that takes it away; empty for one that is new
}

// Has reports whether a value is chosen.
func (f field) Has(v string) bool { return slices.Contains(f.Given, v) }

// fieldOn is a field with the page it is on, for the parts that pages share.
type fieldOn struct {
	F *web.Frame
	X field
}

// On puts the page beside a field.
func (f field) On(page *web.Frame) fieldOn { return fieldOn{page, f} }

// fields go over the parts of something in the setup, one after another: to show them, or, where there is a form, to read them from it.
type fields struct {
	f      *web.Frame
	loc    *time.Location
	form   url.Values // nil: they are shown
	prefix string
	list   []field
	err    *fault.Error // the first that is wrong
	more   string       // a list that somebody wants more lines in
	group  string       // where the next fields stand
}

// under puts the fields that follow under a heading, "" under none.
func (b *fields) under(group string) {
	if b.group = ""; group != "" {
		b.group = b.f.T("registration.group_of." + group)
	}
}

// fieldGroup are fields under one heading.
type fieldGroup struct {
	Title string
	Open  bool
	List  []field
}

// grouped parts fields by their headings. A heading is open where something under it differs from what is usual, or needs to be looked at.
func grouped(list []field) []fieldGroup {
	var out []fieldGroup
	for _, x := range list {
		if n := len(out); n == 0 || out[n-1].Title != x.Group {
			out = append(out, fieldGroup{Title: x.Group})
		}
		g := &out[len(out)-1]
		g.List = append(g.List, x)
		g.Open = g.Open || x.unusual()
	}
	return out
}

// unusual reports whether a field says something, or something is said beside it. What is first in a list of choices is usual.
func (f field) unusual() bool {
	if f.Open || f.Error != "" || f.Now != "" {
		return true
	}
	switch f.Type {
	case "tick":
		return f.Value != ""
	case "choose":
		return len(f.Choices) > 0 && !f.Has(f.Choices[0].Value)
	}
	for _, row := range f.Rows {
		for _, x := range row.Fields {
			if x.Error != "" {
				return true
			}
		}
	}
	return f.Type != "hidden" && f.words != ""
}

func (b *fields) add(x field) {
	x.Label = b.f.T("registration.field." + strings.TrimRight(x.Name, "0123456789."))
	if x.Hint != "" {
		x.Hint = b.f.T("registration.hint." + x.Hint)
	}
	x.Name, x.Group = b.prefix+x.Name, b.group
	b.list = append(b.list, x)
}

// wrong notes what is wrong with a field, which is returned for its page.
func (b *fields) wrong(name string, err error) string {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || err == nil {
		return ""
	}
	if b.err == nil {
		b.err = e.On(b.prefix + name)
	}
	p, perr := b.f.ProblemOf(e)
	if perr != nil {
		return ""
	}
	return p.Message
}

func (b *fields) get(name string) string { return b.form.Get(b.prefix + name) }

// both is a text in both languages.
func (b *fields) both(name string, v *i18n.Text, hint string) {
	b.bilingual(field{Name: name, Type: "both", Hint: hint, Max: registration.MaxLine}, v)
}

// long is a long text in both languages.
func (b *fields) long(name string, v *i18n.Text, hint string) {
	b.bilingual(field{Name: name, Type: "bothlong", Hint: hint, Max: registration.MaxText}, v)
}

func (b *fields) bilingual(x field, v *i18n.Text) {
	if b.form != nil {
		clean := func(s string) string {
			if x.Type == "both" {
				return person.CleanLine(s)
			}
			return strings.TrimSpace(i18n.Compose(strings.ReplaceAll(s, "\r\n", "\n")))
		}
		*v = i18n.T(clean(b.get(x.Name+"_ja")), clean(b.get(x.Name+"_en")))
		if len([]rune(v.JA)) > x.Max || len([]rune(v.EN)) > x.Max {
			x.Error = b.wrong(x.Name, invalid("registration.error.long").With("max", x.Max))
		}
	}
	x.Value, x.EN = v.JA, v.EN
	x.words = strings.Trim(v.JA+" / "+v.EN, " /")
	b.add(x)
}

// line is a short text.
func (b *fields) line(name string, v *string, most int, hint string) {
	x := field{Name: name, Type: "line", Hint: hint, Max: most}
	if b.form != nil {
		*v = b.get(name)
		if *v = person.CleanLine(*v); utf8.RuneCountInString(*v) > most {
			x.Error = b.wrong(name, invalid("registration.error.long").With("max", most))
		}
	}
	x.Value, x.words = *v, *v
	b.add(x)
}

// hidden is what the form carries and nobody edits.
func (b *fields) hidden(name string, v *string) {
	if b.form != nil {
		*v = b.get(name)
	}
	b.add(field{Name: name, Type: "hidden", Value: *v})
}

// number is a whole number; 0 is shown as nothing.
func (b *fields) number(name string, v *int, most int, hint string) {
	x := field{Name: name, Type: "number", Hint: hint, Max: 12}
	if *v != 0 {
		x.Value = strconv.Itoa(*v)
	}
	if b.form != nil {
		x.Value = strings.TrimSpace(b.get(name))
		n, err := readNumber(x.Value, most)
		if err != nil {
			x.Error = b.wrong(name, err)
		} else {
			*v = n
		}
	}
	x.words = x.Value
	b.add(x)
}

// readNumber reads what people type for a number: any width, with or without commas. Nothing is 0.
func readNumber(s string, most int) (int, error) {
	s = strings.NewReplacer(",", "", "、", "", " ", "").Replace(norm.NFKC.String(s))
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > most {
		return 0, invalid("registration.error.number_to").With("max", most)
	}
	return n, nil
}

// moment is a date and a time in the zone of the meeting.
func (b *fields) moment(name string, v *time.Time, hint string) {
	x := field{Name: name, Type: "moment", Hint: hint}
	if !v.IsZero() {
		x.Value = v.In(b.loc).Format(momentForm)
	}
	if b.form != nil {
		x.Value = strings.TrimSpace(b.get(name))
		t, err := readMoment(x.Value, b.loc)
		switch {
		case err != nil:
			x.Type, x.Error = "line", b.wrong(name, err)
		case v.IsZero() || !t.Truncate(time.Minute).Equal(v.Truncate(time.Minute)): // seconds that a form does not show stay
			*v = t
		}
		if err == nil && !t.IsZero() {
			x.Value = t.Format(momentForm)
		}
	}
	if !v.IsZero() {
		x.words = b.f.Moment(v.In(b.loc))
	}
	b.add(x)
}

// momentForm is how browsers write a date and a time.
const momentForm = "2006-01-02T15:04"

var momentPattern = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]*\([^)]*\))?(?:[T ]+(\d{1,2})[:時](\d{1,2})?分?(?::\d{2})?)?$`)

// readMoment reads what people type for a date and a time, of any width. A date alone is its beginning; nothing is no time.
func readMoment(s string, loc *time.Location) (time.Time, error) {
	s = strings.TrimSpace(norm.NFKC.String(s))
	if s == "" {
		return time.Time{}, nil
	}
	m := momentPattern.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, invalid("registration.error.moment")
	}
	n := make([]int, 5)
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // digits, or nothing
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], 0, 0, loc)
	if n[0] < 1990 || n[0] > 2200 || t.Month() != time.Month(n[1]) || t.Day() != n[2] || n[3] > 23 || n[4] > 59 {
		return time.Time{}, invalid("registration.error.moment")
	}
	return t, nil
}

// tick is yes or no.
func (b *fields) tick(name string, v *bool, hint string) {
	if b.form != nil {
		*v = b.get(name) != ""
	}
	x := field{Name: name, Type: "tick", Hint: hint}
	x.words = b.f.T("registration.no")
	if *v {
		x.Value, x.words = "yes", b.f.T("registration.yes")
	}
	b.add(x)
}

// choose is one of some values.
func choose[T ~string](b *fields, name string, v *T, list []web.Choice, hint string) {
	x := field{Name: name, Type: "choose", Choices: list, Hint: hint}
	if b.form != nil {
		given := b.get(name)
		if !slices.ContainsFunc(list, func(c web.Choice) bool { return c.Value == given }) {
			x.Error = b.wrong(name, invalid("registration.error.no_choice"))
		} else {
			*v = T(given)
		}
	}
	x.Value, x.Given = string(*v), []string{string(*v)}
	x.words = choiceNames(b.f, list, x.Given)
	b.add(x)
}

// many are some of some values, in the order of the list.
func many[T ~string](b *fields, name string, v *[]T, list []web.Choice, hint string) {
	if b.form != nil {
		given := b.form[b.prefix+name]
		*v = nil
		for _, c := range list {
			if slices.Contains(given, c.Value) {
				*v = append(*v, T(c.Value))
			}
		}
	}
	x := field{Name: name, Type: "many", Choices: list, Hint: hint}
	for _, g := range *v {
		x.Given = append(x.Given, string(g))
	}
	x.words = choiceNames(b.f, list, x.Given)
	if len(list) > 0 {
		b.add(x)
	}
}

func choiceNames(f *web.Frame, list []web.Choice, given []string) string {
	var out []string
	for _, c := range list {
		if slices.Contains(given, c.Value) && c.Value != "" {
			out = append(out, f.In(c.Name))
		}
	}
	return f.Join(out)
}

// maxRows bounds how many lines of a list one form may carry.
const maxRows = 100

// editRows are the lines of a list. There are always some empty ones at the end; where a line has a number for its place, lines are put in its
// order. One that is left empty, or ticked to go, is no line.
func editRows[T any](b *fields, name string, v *[]T, extra int, each func(b *fields, x *T), blank func(*T) bool, hint string) {
	out := field{Name: name, Type: "rows", Hint: hint}
	var kept []T
	var places []int
	show := func(i int, x *T, known bool) {
		one := &fields{f: b.f, loc: b.loc, form: b.form, prefix: b.prefix + name + "." + strconv.Itoa(i) + "."}
		place := i + 1
		one.number("place", &place, maxRows*10, "")
		each(one, x)
		row := fieldRow{N: i + 1, Label: b.f.T("registration.row", "n", i+1), Fields: one.list}
		if known {
			row.Drop = one.prefix + "drop"
		}
		gone := b.form != nil && one.get("drop") != ""
		if b.form != nil && !gone && !blank(x) {
			kept, places = append(kept, *x), append(places, place)
			if one.err != nil && b.err == nil {
				b.err = one.err
			}
		}
		if blank(x) || gone {
			for j := range row.Fields {
				row.Fields[j].Error = ""
			}
		}
		if !gone {
			out.Rows = append(out.Rows, row)
		}
		if words := rowWords(one.list); !blank(x) && words != "" {
			out.words += words + "; "
		}
	}
	if b.form == nil {
		for i := range *v {
			show(i, &(*v)[i], true)
		}
		b.empty(&out, name, len(*v), extra, show0(each))
		out.Count = len(out.Rows)
	} else {
		count, _ := strconv.Atoi(b.get(name + ".count")) // none: no line
		count = min(max(count, 0), maxRows)
		for i := range count {
			var x T
			show(i, &x, true)
		}
		*v = ordered(kept, places)
		out.Count = count
		if out.Open = b.more == name; out.Open {
			b.empty(&out, name, count, 5, show0(each))
			out.Count = min(count+5, maxRows)
		}
	}
	out.words = strings.TrimSuffix(out.words, "; ")
	b.add(out)
}

// show0 shows an empty line.
func show0[T any](each func(b *fields, x *T)) func(b *fields) {
	return func(b *fields) {
		var x T
		each(b, &x)
	}
}

// empty adds empty lines to a list.
func (b *fields) empty(out *field, name string, from, n int, each func(b *fields)) {
	for i := from; i < min(from+n, maxRows); i++ {
		one := &fields{f: b.f, loc: b.loc, prefix: b.prefix + name + "." + strconv.Itoa(i) + "."}
		place := i + 1
		one.number("place", &place, maxRows*10, "")
		each(one)
		out.Rows = append(out.Rows, fieldRow{N: i + 1, Label: b.f.T("registration.row", "n", i+1), Fields: one.list})
	}
}

func rowWords(list []field) string {
	var out []string
	for _, x := range list {
		if x.words != "" && x.Type != "hidden" && !strings.HasSuffix(x.Name, ".place") {
			out = append(out, x.words)
		}
	}
	return strings.Join(out, " · ")
}

// ordered puts lines in the order of their places.
func ordered[T any](list []T, places []int) []T {
	at := make([]int, len(list))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(i, j int) int { return places[i] - places[j] })
	var out []T
	for _, i := range at {
		out = append(out, list[i])
	}
	return out
}

// difference are the fields in which two states differ, in words.
func difference(was, is []field) []changeLine {
	before := map[string]field{}
	for _, x := range was {
		before[x.Name] = x
	}
	var out []changeLine
	for _, x := range is {
		old := before[x.Name]
		if x.Type != "hidden" && old.words != x.words {
			out = append(out, changeLine{x.Label, old.words, x.words})
		}
	}
	return out
}

// changeLine is a field that a change changes.
type changeLine struct{ Label, Before, After string }

var slugPattern = regexp.MustCompile(`[^a-z0-9]+`)

// freshKey makes a key of a name that no other of a list has.
func freshKey(name i18n.Text, fallback string, taken func(string) bool) string {
	key := strings.Trim(slugPattern.ReplaceAllString(strings.ToLower(norm.NFKC.String(name.EN)), "-"), "-")
	if len(key) > 32 {
		key = strings.Trim(key[:32], "-")
	}
	if key == "" {
		key = fallback
	}
	if !taken(key) {
		return key
	}
	for n := 2; ; n++ {
		if k := key + "-" + strconv.Itoa(n); !taken(k) {
			return k
		}
	}
}
