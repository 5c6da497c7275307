package desk

import (
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// filterView is the form of a filter.
type filterView struct {
	registration.Filter
	Kinds   []web.Choice
	States  []web.Choice
	Days    []web.Choice
	Modes   []web.Choice
	Options []web.Choice
	Answers []web.Choice
	Sorts   []web.Choice
	Paid    []web.Choice
	Open    bool // more than a search is set
}

// Shown is the view with its frame, for the parts that pages share.
func (v peopleView) Shown(f *web.Frame) filterShown { return filterShown{f, v.filterView, false} }

// filterShown is a filter with the page it is on.
type filterShown struct {
	F    *web.Frame
	V    filterView
	Part bool // it is part of another form
}

// filterForm are the choices of a filter.
func filterForm(f *web.Frame, m *registration.Meeting, x registration.Filter) filterView {
	v := filterView{Filter: x}
	any := web.Choice{Name: same(f.T("registration.people.any"))}
	v.Days, v.Modes, v.Options, v.Answers = []web.Choice{any}, []web.Choice{any}, []web.Choice{any}, []web.Choice{any}
	v.Kinds = append([]web.Choice{any}, kindChoices(m.Setup)...)
	v.States = []web.Choice{{Name: same(f.T("registration.people.active"))}}
	for _, s := range []registration.State{registration.Confirmed, registration.Offered, registration.Waiting, registration.Invited, registration.Cancelled} {
		v.States = append(v.States, web.Choice{Value: string(s), Name: same(f.T("registration.state." + string(s)))})
	}
	v.States = append(v.States, web.Choice{Value: "all", Name: same(f.T("registration.people.everybody"))})
	for _, d := range m.Days() {
		v.Days = append(v.Days, web.Choice{Value: string(d), Name: same(f.ShortDay(d.Time(m.Location())))})
	}
	for _, mode := range registration.Modes {
		v.Modes = append(v.Modes, web.Choice{Value: string(mode), Name: same(f.T("registration.mode." + string(mode)))})
	}
	for i := range m.Options {
		o := &m.Options[i]
		v.Options = append(v.Options, web.Choice{Value: o.Key, Name: o.Name})
		for _, s := range o.Slots {
			if len(o.Slots) > 1 {
				v.Options = append(v.Options, web.Choice{Value: o.Key + "/" + s.Key, Name: o.NameOf(s.Key)})
			}
		}
	}
	v.Answers = append(v.Answers, answerChoices(m.Setup)...)
	for _, s := range registration.Sorts {
		key := s
		if key == "" {
			key = "new"
		}
		v.Sorts = append(v.Sorts, web.Choice{Value: s, Name: same(f.T("registration.sort." + key))})
	}
	v.Paid = []web.Choice{any, {Value: "paid", Name: same(f.T("registration.people.paid"))}, {Value: "open", Name: same(f.T("registration.people.unpaid"))}}
	rest := x
	rest.Query = ""
	v.Open = rest.Narrow() || rest.Sort != ""
	return v
}

// answerChoices are the answers one may filter by.
func answerChoices(s *registration.Setup) []web.Choice {
	var out []web.Choice
	for i := range s.Questions {
		q := &s.Questions[i]
		add := func(v string, w i18n.Text) {
			out = append(out, web.Choice{Value: q.Key + ":" + v, Name: i18n.T(q.Label.In(i18n.JA)+"："+w.In(i18n.JA), q.Label.In(i18n.EN)+": "+w.In(i18n.EN))})
		}
		for _, c := range q.Choices {
			add(c.Key, c.Name)
		}
		if q.Type == registration.YesNo {
			add("yes", q.InWords("yes"))
			add("no", q.InWords("no"))
		}
	}
	return out
}

// selectView is one choice of a filter.
type selectView struct {
	F           *web.Frame
	Name, Label string
	Value       string
	Choices     []web.Choice
}

// Select is the choice of a filter with a name.
func (v filterView) Select(f *web.Frame, name string) selectView {
	x := selectView{F: f, Name: name, Label: f.T("registration.people.by_" + name)}
	switch name {
	case "state":
		x.Value, x.Choices = v.State, v.States
	case "kind":
		x.Value, x.Choices = v.Kind, v.Kinds
	case "day":
		x.Value, x.Choices = string(v.Day), v.Days
	case "mode":
		x.Value, x.Choices = string(v.Mode), v.Modes
	case "option":
		x.Value, x.Choices = v.Option, v.Options
	case "answer":
		x.Value, x.Choices = v.Answer, v.Answers
	case "paid":
		x.Value, x.Choices = v.Filter.Paid, v.Paid
	case "sort":
		x.Value, x.Choices = v.Sort, v.Sorts
	}
	return x
}
