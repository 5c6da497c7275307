package registration

import (
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// mistakes are what is wrong with a form. A page names all of them at once, in a list above the form and each beside its field.
type mistakes struct {
	Problem *web.Problem   // the first; nil: nothing is wrong
	More    []*web.Problem // the others, in the order of the page
}

// All are the problems of the form.
func (x mistakes) All() []*web.Problem {
	if x.Problem == nil {
		return nil
	}
	return append([]*web.Problem{x.Problem}, x.More...)
}

// On reports the problem beside a field.
func (x mistakes) On(field string) string {
	for _, p := range x.All() {
		if p.Field == field {
			return p.Message
		}
	}
	return ""
}

// mistaken is what a page says of an error of its form, and of everything else that is wrong with what was typed. The others are left out
// where the error is about no field: then the form cannot be sent at all. As web.Frame.ProblemOf, it returns errors that have a page of their own.
func mistaken(f *web.Frame, err error, others []*fault.Error) (mistakes, error) {
	first, err := f.ProblemOf(err)
	if err != nil || first.Field == "" {
		return mistakes{Problem: first}, err
	}
	list := []*web.Problem{first}
	for _, e := range others {
		p, err := f.ProblemOf(e)
		if err != nil {
			return mistakes{}, err
		}
		if at := slices.IndexFunc(list, func(x *web.Problem) bool { return x.Field == p.Field }); at < 0 {
			list = append(list, p)
		} else if at == 0 { // the first is known here too: it stands where its field does
			list = append(list[1:], first)
		}
	}
	return mistakes{list[0], list[1:]}, nil
}

// except leaves out what is about some fields.
func except(list []*fault.Error, fields ...string) []*fault.Error {
	return slices.DeleteFunc(list, func(e *fault.Error) bool {
		return slices.ContainsFunc(fields, func(f string) bool { return e.Field == f || strings.HasSuffix(f, ".") && strings.HasPrefix(e.Field, f) })
	})
}

// mistakeList is the list of what is wrong with a form.
type mistakeList struct {
	F    *web.Frame
	List []mistake
}

// mistake is a line of that list.
type mistake struct {
	To      string    // id of the element that gets the focus, or empty
	About   i18n.Text // the question or option, where the message does not say of what it is
	Message string
}

// list puts the mistakes beside their page.
func (x mistakes) list(f *web.Frame, s *Setup) mistakeList {
	out := mistakeList{F: f}
	for _, p := range x.All() {
		m := mistake{To: strings.ReplaceAll(p.Field, ".", "-"), Message: p.Message}
		switch what, key, _ := strings.Cut(p.Field, "."); what {
		case "q":
			if q := find(s.Questions, func(q *Question) bool { return q.Key == key }); q != nil {
				m.About = q.Label
			}
		case "option":
			if o := s.Option(key); o != nil {
				m.About = o.Name
			}
		}
		out.List = append(out.List, m)
	}
	return out
}

// Wrong is the list of what is wrong with the form.
func (v formView) Wrong(f *web.Frame) mistakeList { return v.list(f, v.S) }

// Wrong is the list of what is wrong with the form.
func (v ownForm) Wrong(f *web.Frame) mistakeList { return v.list(f, v.m.Setup) }

// Wrong is the list of what is wrong with the form.
func (v handoverView) Wrong(f *web.Frame) mistakeList { return v.list(f, v.m.Setup) }

// Wrong is the list of what is wrong with the form.
func (v groupView) Wrong(f *web.Frame) mistakeList { return v.list(f, v.m.Setup) }

// Wrong is the list of what is wrong with the form.
func (v groupSwapView) Wrong(f *web.Frame) mistakeList { return v.list(f, v.m.Setup) }

// Wrong is the list of what is wrong with the form.
func (v groupStartView) Wrong(f *web.Frame) mistakeList { return v.list(f, &Setup{}) }
