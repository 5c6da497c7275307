package registration

import (
	"html/template"
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

// shown is a piece of a form with the page it is on, for the parts that several pages share.
type shown struct {
	F         *web.Frame
	Days      []dayView
	Questions []questionView
	Details   Details
	Problem   *web.Problem
	More      []*web.Problem
}

// On reports the problem beside a field.
func (s shown) On(field string) string {
	if s.Problem != nil && s.Problem.Field == field {
		return s.Problem.Message
	}
	for _, p := range s.More {
		if p.Field == field {
			return p.Message
		}
	}
	return ""
}

// Shown puts the page beside the form.
func (v formView) Shown(f *web.Frame) shown {
	return shown{f, v.Days, v.Questions, v.Details, v.Problem, v.More}
}

// Shown puts the page beside the form.
func (v ownForm) Shown(f *web.Frame) shown {
	return shown{f, v.Days, v.Questions, v.Details, v.Problem, nil}
}

// Words is an answer as people read it.
func (q questionView) Words(v string) i18n.Text { return q.inWords(v) }

// Plus is how many companions the n-th choice of the list stands for.
func (v formView) Plus(n int) int { return n + 1 }
