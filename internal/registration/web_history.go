package registration

import (
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

// A teller says in the words of a page what changed.
type teller struct {
	f *web.Frame
	m *meeting
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
		if w, ok := choiceWords[ChoiceState(v)]; ok {
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
			return t.f.In(o.nameOf(slot))
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
		out = append(out, t.f.In(q.inWords(x)))
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
