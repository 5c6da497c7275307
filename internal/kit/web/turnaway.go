package web

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// SignInPath is where visitors are sent who have to sign in first; the parameter next says where they wanted to go.
const SignInPath = "/sign-in"

// turnAway answers who may not enter a route. Somebody who is not signed in is asked to, and gets back to where they were; what they had
// typed into a form waits for them. Who may not learn that a route is there gets told that it is not.
func (s *Server) turnAway(rt Route, w http.ResponseWriter, r *http.Request) error {
	if rt.Access == Operator || rt.Access == Demo {
		return fault.Missing()
	}
	if authz.Who(r.Context()).SignedIn() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	if rt.Machine {
		return fault.New(fault.Forbidden, "error.sign_in")
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return See(s.signIn(r, r.URL.RequestURI()))
	}
	return s.keepForm(w, r)
}

// signIn is the address to sign in at, in the language of the request, from where one gets on to next.
func (s *Server) signIn(r *http.Request, next string) string {
	l := Explicit(r.Context())
	at, prefix := SignInPath, ""
	if l != "" && l != s.Site.Default {
		at, prefix = "/"+string(l)+SignInPath, "/"+string(l)
	}
	return at + "?next=" + url.QueryEscape(prefix+next)
}

// kept is a form that was sent by somebody who is no longer signed in.
type kept struct {
	Action string
	SignIn string
	Fields []field
}

type field struct{ Name, Value string }

var keptPage = NewPage[kept](From(layout, "layout/kept.html"))

// keepForm shows a form that nobody accepted, to be sent again after signing in. Files that were part of it have to be chosen again.
func (s *Server) keepForm(w http.ResponseWriter, r *http.Request) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return fault.New(fault.Forbidden, "error.sign_in")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Forbidden, "error.sign_in").Because(err)
	}
	f := s.errorFrame(r)
	f.Title, f.NoIndex = f.T("kept.title"), true
	k := kept{Action: f.URL(r.URL.RequestURI()), SignIn: s.signIn(r, "/me")}
	for name, values := range r.PostForm {
		for _, v := range values {
			k.Fields = append(k.Fields, field{name, v})
		}
	}
	slices.SortStableFunc(k.Fields, func(a, b field) int { return strings.Compare(a.Name, b.Name) })
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusForbidden)
	return keptPage.Render(w, f, k)
}
