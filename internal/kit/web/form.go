package web

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Done sends the reader on after a form was accepted, with a GET (RFC 9110, section 15.4.4).
func Done(to string) error { return &redirect{to, http.StatusSeeOther} }

// Form reads the fields of a form, within the limit of its route.
func Form(r *http.Request) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, fault.New(fault.Invalid, "error.too_large").Because(err)
		}
		return nil, fault.New(fault.Invalid, "error.form").Because(err)
	}
	for _, list := range r.PostForm {
		for i, v := range list {
			list[i] = strings.ReplaceAll(strings.ToValidUTF8(v, "\uFFFD"), "\x00", "")
		}
	}
	return r.PostForm, nil
}

// Problem is what was wrong with a form, beside the field it is about.
type Problem struct {
	Field   string // the name of the field, or empty for the form as a whole
	Message string // in the page's language
}

// On is what a problem says beside a field of its form; nothing where there is none, or where it is about something else.
func (p *Problem) On(field string) string {
	if p == nil || p.Field != field {
		return ""
	}
	return p.Message
}

// ProblemOf is what a page says of an error of its form. An error that is no fault, or one that has a page of its own (missing, forbidden,
// internal), is returned as it is.
func (f *Frame) ProblemOf(err error) (*Problem, error) {
	e, ok := fault.As(err)
	if !ok || e.Kind != fault.Invalid && e.Kind != fault.Conflict && e.Kind != fault.TooMany {
		return nil, err
	}
	var args []any
	for k, v := range e.Args {
		args = append(args, k, v)
	}
	return &Problem{e.Field, f.T(e.Key, args...)}, nil
}

// Show answers with a page that is made for this reader alone.
func Show[T any](w http.ResponseWriter, p Page[T], f *Frame, data T) error {
	return ShowStatus(w, http.StatusOK, p, f, data)
}

// ShowStatus is Show with a status: 422 for a form that has to be mended.
func ShowStatus[T any](w http.ResponseWriter, status int, p Page[T], f *Frame, data T) error {
	var b bytes.Buffer
	if err := p.Render(&b, f, data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

// Local is a path of this site that a visitor asked to be sent to, or other where it could lead anywhere else.
func Local(next, other string) string {
	if len(next) > 2000 || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t\x00") {
		return other
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") {
		return other
	}
	return next
}

// stepUpLife is how long somebody counts as having shown who they are.
const stepUpLife = 10 * time.Minute

// StepUpPath is where people are sent to show again who they are; the parameter next says where they go on.
const StepUpPath = "/step-up"

// RequireFresh is nil where who asks showed in the last minutes who they are, and sends them to do so otherwise. Call it on the page before
// an act that could do harm, and in the act; next is where to go on, with its language.
func RequireFresh(r *http.Request, now time.Time, f *Frame, next string) error {
	if who := authz.Who(r.Context()); who.SignedIn() && now.Sub(who.SteppedUp) < stepUpLife {
		return nil
	}
	return Done(f.URL(StepUpPath) + "?next=" + url.QueryEscape(next))
}
