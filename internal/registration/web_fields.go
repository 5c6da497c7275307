package registration

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// FieldParts are the templates of Fields, "r-days", "r-details" and "r-questions", and that of a problem above a form, "r-problem".
var FieldParts = web.From(Files, "pages/parts.html")

// Fields are the parts of a form that say who takes part, on which days, and what they answered, with the page they are on. The forms of
// participants have them, and those of the desk.
type Fields struct {
	F         *web.Frame
	Days      []dayView
	Questions []questionView
	Details   Details
	mistakes
}

// EveryMode are the ways in which one may take part on some day.
func (x Fields) EveryMode() []Mode {
	return slices.DeleteFunc(slices.Clone(Modes), func(m Mode) bool {
		return !slices.ContainsFunc(x.Days, func(d dayView) bool {
			return slices.ContainsFunc(d.Modes, func(x modeView) bool { return x.Mode == m })
		})
	})
}

// Fields are those of a form in which the desk enters or changes somebody: nothing has to be answered, since the desk does not know
// everything.
func (s *Service) Fields(ctx context.Context, f *web.Frame, m *Meeting, days map[event.Date]Mode, answers map[string][]string) (Fields, error) {
	quotas, err := s.quotas(ctx, m)
	if err != nil {
		return Fields{}, err
	}
	return Fields{F: f, Days: dayViews(m, quotas, days), Questions: questionViews(m.lenient(), answers)}, nil
}

// Unconditional are the fields with every question asked, whatever the kind and the other answers are.
func (x Fields) Unconditional() Fields {
	x.Questions = slices.Clone(x.Questions)
	for i := range x.Questions {
		q := &x.Questions[i]
		c := *q.Question
		c.If = nil
		q.Question, q.Kinds, q.IfValues = &c, "", ""
	}
	return x
}

// Shown puts the page beside the form.
func (v formView) Shown(f *web.Frame) Fields {
	return Fields{f, v.Days, v.Questions, v.Details, v.mistakes}
}

// Shown puts the page beside the form.
func (v ownForm) Shown(f *web.Frame) Fields {
	return Fields{f, v.Days, v.Questions, v.Details, v.mistakes}
}

// dayView is a day of the form.
type dayView struct {
	Date   event.Date
	At     time.Time
	Modes  []modeView
	Chosen Mode
	Part   i18n.Text
}

type modeView struct {
	Mode  Mode
	Kinds string // keys of the kinds that may take part so, for the script
	Full  bool
}

// questionView is a question of the form, with what was answered.
type questionView struct {
	*Question
	Given    []string
	Kinds    string // for the script
	IfValues string
}

// Has reports whether a choice was answered.
func (q questionView) Has(v string) bool { return slices.Contains(q.Given, v) }

// First is the answer of a question with one.
func (q questionView) First() string {
	if len(q.Given) == 0 {
		return ""
	}
	return q.Given[0]
}

// dayViews are the days of the meeting with the ways to take part on each.
func dayViews(m *Meeting, quotas map[string]Quota, chosen map[event.Date]Mode) []dayView {
	var out []dayView
	for _, d := range m.Days() {
		v := dayView{Date: d, At: d.Time(m.Location()), Chosen: chosen[d]}
		if p := m.PartOf(d); p != nil && len(m.Parts) > 1 {
			v.Part = p.Title
		}
		for _, mode := range Modes {
			var kinds []string
			for i := range m.Kinds {
				if slices.Contains(m.Kinds[i].Offers(&m.Meeting, d), mode) {
					kinds = append(kinds, m.Kinds[i].Key)
				}
			}
			if len(kinds) > 0 {
				v.Modes = append(v.Modes, modeView{mode, strings.Join(kinds, " "), mode == Onsite && quotas[dayQuota(d)].Full()})
			}
		}
		if len(v.Modes) > 0 {
			out = append(out, v)
		}
	}
	return out
}

// questionViews are the questions of a form with what was answered.
func questionViews(s *Setup, answers map[string][]string) []questionView {
	var out []questionView
	for i := range s.Questions {
		q := &s.Questions[i]
		v := questionView{Question: q, Given: answers[q.Key], Kinds: strings.Join(q.Kinds, " ")}
		if q.If != nil {
			v.IfValues = strings.Join(q.If.Values, " ")
		}
		out = append(out, v)
	}
	return out
}

// ReadDetails reads from a form who somebody is; their address stands apart, since not every form may say it.
func ReadDetails(form url.Values, l i18n.Lang) Details {
	return Details{
		Name: i18n.T(form.Get("name_ja"), form.Get("name_en")), Kana: form.Get("kana"), Organisation: i18n.T(form.Get("org_ja"), form.Get("org_en")),
		Department: form.Get("department"), Badge: form.Get("badge"), Lang: l,
	}
}

// ReadDays reads from a form on which days somebody takes part, and how.
func ReadDays(form url.Values) map[event.Date]Mode {
	out := map[event.Date]Mode{}
	for name, list := range form {
		if d, ok := strings.CutPrefix(name, "day."); ok && len(list) > 0 && list[0] != "" && event.Date(d).Valid() {
			out[event.Date(d)] = Mode(list[0])
		}
	}
	return out
}

// ReadAnswers reads from a form what was answered, by question.
func ReadAnswers(form url.Values) map[string][]string {
	out := map[string][]string{}
	for name, list := range form {
		if q, ok := strings.CutPrefix(name, "q."); ok {
			out[q] = list
		}
	}
	return out
}

// Words is an answer as people read it.
func (q questionView) Words(v string) i18n.Text { return q.InWords(v) }
