package registration

import (
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// fieldWords are the keys of the words for what a change may have changed.
var fieldWords = map[string]string{
	"kind": "registration.kinds", "state": "registration.people.state", "name": "registration.name", "kana": "registration.kana",
	"organisation": "registration.org", "department": "registration.department", "badge": "registration.badge", "address": "registration.address",
	"days": "registration.days", "code": "registration.code", "why": "audit.registration.reason", "proved": "audit.field.proved",
	"option": "audit.field.option", "companions": "registration.companions", "fee": "audit.field.fee", "note": "registration.column.note",
	"with": "audit.registration.merged", "group": "registration.column.group", "sort": "registration.codes.head.sort", "uses": "registration.codes.uses",
	"yen": "registration.codes.yen", "percent": "registration.codes.percent", "options": "registration.options", "page": "registration.codes.head.page",
	"on_kind": "registration.codes.on_kind", "off": "audit.registration.code_off", "ends": "registration.codes.ends",
}

// Change is what was changed of an entry or a code, as pages tell it.
type Change struct {
	At     time.Time
	Action string
	By     string // me, desk, system, other
	Values []audit.Value
}

// Changes tells in the words of a page what was changed, and whether its person, the desk, somebody else or the program did it.
func Changes(f *web.Frame, m *Meeting, list []audit.Stored) []Change {
	out := make([]Change, len(list))
	for i := range list {
		out[i] = teller{f, m}.told(&list[i])
	}
	return out
}

// A teller says in the words of a page what changed.
type teller struct {
	f *web.Frame
	m *Meeting
}

// told is a change as the person of the entry sees it: who on the committee made it is not their business.
func (t teller) told(s *audit.Stored) Change {
	c := Change{At: s.At.In(t.m.Location()), Action: s.Action, By: "desk"}
	switch {
	case strings.HasPrefix(s.Actor, "system:"):
		c.By = "system"
	case slices.Contains(byOthers, s.Action):
		c.By = "other"
	case s.Actor == "" || s.About == s.Actor:
		c.By = "me"
	}
	for _, v := range s.Values {
		if s.Action != "registration.entered" && v.Name != "proved" { // the action says it
			c.Values = append(c.Values, t.change(v))
		}
	}
	return c
}

// change puts what changed into words; what became nothing is a dash.
func (t teller) change(v audit.Value) audit.Value {
	after := t.value(v.Name, v.After)
	if after == "" {
		after = "–"
	}
	return audit.Value{Name: t.field(v.Name), Before: t.value(v.Name, v.Before), After: after, Erased: v.Erased}
}

func (t teller) field(name string) string {
	if key, ok := strings.CutPrefix(name, "answer."); ok {
		if q := t.question(key); q != nil {
			return t.f.In(q.Label)
		}
		return t.f.T("registration.questions")
	}
	if key, ok := fieldWords[name]; ok {
		return t.f.T(key)
	}
	return name
}

func (t teller) question(key string) *Question {
	return find(t.m.Questions, func(q *Question) bool { return q.Key == key })
}

func (t teller) value(name, v string) string {
	if v == "" {
		return ""
	}
	if key, ok := strings.CutPrefix(name, "answer."); ok {
		return t.answer(key, v)
	}
	switch name {
	case "kind":
		if k := t.m.Kind(v); k != nil {
			return t.f.In(k.Name)
		}
	case "days":
		return t.days(v)
	case "state":
		if w := ChoiceState(v).Words(); !w.IsZero() {
			return t.f.In(w)
		}
		return t.word("registration.state.", v)
	case "sort":
		return t.word("registration.codes.sort.", v)
	case "proved", "on_kind", "off":
		return t.f.T("registration." + v)
	case "option":
		key, slot, _ := strings.Cut(v, "/")
		if o := t.m.Option(key); o != nil {
			return t.f.In(o.NameOf(slot))
		}
	case "options":
		return t.options(v)
	case "ends":
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return t.f.Moment(at.In(t.m.Location()))
		}
	}
	return v
}

func (t teller) word(prefix, v string) string {
	if t.f.Site.Words.Has(prefix + v) {
		return t.f.T(prefix + v)
	}
	return v
}

// answer is an answer as its question says it; of one that is close to the person, the log keeps only that there was one.
func (t teller) answer(key, v string) string {
	q := t.question(key)
	if q == nil {
		return v
	}
	if q.Class != Plain {
		return t.f.T("registration.history.guarded")
	}
	var out []string
	for _, x := range strings.Split(v, ", ") {
		out = append(out, t.f.In(q.InWords(x)))
	}
	return strings.Join(out, t.f.T("registration.comma"))
}

func (t teller) days(v string) string {
	var out []string
	for _, part := range strings.Split(v, ", ") {
		date, mode, _ := strings.Cut(part, " ")
		if !t.f.Site.Words.Has("registration.mode." + mode) {
			return v
		}
		out = append(out, t.f.ShortDay(event.Date(date).Time(t.m.Location()))+" "+t.f.T("registration.mode."+mode))
	}
	return strings.Join(out, t.f.T("registration.comma"))
}

func (t teller) options(v string) string {
	var out []string
	for _, key := range strings.Fields(v) {
		name := i18n.T(key, key)
		if o := t.m.Option(key); o != nil {
			name = o.Name
		}
		out = append(out, t.f.In(name))
	}
	return strings.Join(out, t.f.T("registration.comma"))
}
