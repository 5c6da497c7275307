package registration

import (
	"html/template"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/markdown"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// HTML is a text in Markdown as a page shows it.
func (s *Setup) HTML(l i18n.Lang, t i18n.Text) template.HTML {
	return markdown.RenderUnder(t.In(l), 2)
}

// Yen is an amount as people read it.
func (s *Setup) Yen(l i18n.Lang, yen int64) string { return yenIn(l, yen) }

func yenIn(l i18n.Lang, yen int64) string {
	n := i18n.Number(float64(yen))
	if l == i18n.EN {
		return strings.Replace("¥"+n, "¥-", "-¥", 1)
	}
	return n + "円"
}

// When is the time of a slot in words; nothing where it is not known.
func (x Slot) When(l i18n.Lang) string {
	if x.Starts.IsZero() {
		return ""
	}
	s := i18n.ShortDay(l, x.Starts) + " " + x.Starts.Format("15:04")
	if !x.Ends.IsZero() {
		s += "–" + x.Ends.Format("15:04")
	}
	return s
}

// formShown is a form with the page it is on, for the parts that several pages share.
type formShown struct {
	formView
	F *web.Frame
}

// Part puts the page beside the form.
func (v formView) Part(f *web.Frame) formShown { return formShown{v, f} }

// kindShown is a kind that one may choose.
type kindShown struct {
	kindView
	F *web.Frame
	S *Setup
}

// Kind puts the page beside a kind.
func (v formShown) Kind(k kindView) kindShown { return kindShown{k, v.F, v.S} }

// longChoice is from how many answers on a question for one of them is asked with a list that opens: on a telephone it takes one line.
const longChoice = 5

// Listed reports that the question is asked with a list that opens.
func (q questionView) Listed() bool { return q.Type == One && len(q.Choices) >= longChoice }

// Wanted reports that a slot of the option was asked for.
func (o optionView) Wanted() bool {
	return slices.ContainsFunc(o.Slots, func(x slotView) bool { return x.Chosen })
}

// Plus is how many companions the n-th choice of the list stands for.
func (v formView) Plus(n int) int { return n + 1 }

// Answered is what somebody answered to a question, in words.
type Answered struct {
	Label  i18n.Text
	Values []i18n.Text
}

// Answered are the answers of an entry in words, in the order of the questions.
func (s *Setup) Answered(e *Entry) []Answered {
	var out []Answered
	for i := range s.Questions {
		q := &s.Questions[i]
		given, ok := e.Answers[q.Key]
		if !ok {
			continue
		}
		a := Answered{Label: q.Label}
		for _, v := range given {
			a.Values = append(a.Values, q.InWords(v))
		}
		out = append(out, a)
	}
	return out
}

// InWords is an answer as people read it.
func (q *Question) InWords(v string) i18n.Text {
	if c := find(q.Choices, func(c *Choice) bool { return c.Key == v }); c != nil {
		return c.Name
	}
	if q.Type == YesNo {
		return map[string]i18n.Text{"yes": i18n.T("はい", "Yes"), "no": i18n.T("いいえ", "No")}[v]
	}
	return i18n.T(v, v)
}
