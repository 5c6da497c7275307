// Package web is how pages reach a browser: routes whose handlers return errors, pages whose templates are typed, a cache of rendered
// bodies that are compressed once, the assets, and what surrounds every request (languages, headers, log, metrics, limits).
package web

import (
	"net/http"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
)

// Access says who may enter a route. Everything is refused that nobody declared.
type Access string

// The kinds of access there are. Needs makes the others.
const (
	Public   Access = "public"    // anyone, without signing in
	Operator Access = "operator"  // addresses that the operator named (metrics)
	SignedIn Access = "signed in" // whoever signed in, for what is their own
	Demo     Access = "demo"      // anyone, in the demo only: in an installation that serves, such a route is not there
)

const needs = "needs "

// Needs is the access of those who hold a permission in the scope that the address names by {slug}, or, where it names none, in the
// installation as a whole.
func Needs(p authz.Permission) Access { return Access(needs + p) }

// NeedsAny is the access of those who hold a permission in the scope of the address, or on at least one object in it: the route's handler
// asks again for the object.
func NeedsAny(p authz.Permission) Access { return Access(needs + "any " + p) }

// Permission is the permission that an access needs, and whether holding it on one object is enough.
func (a Access) Permission() (p authz.Permission, any, ok bool) {
	s, ok := strings.CutPrefix(string(a), needs)
	if !ok {
		return "", false, false
	}
	s, any = strings.CutPrefix(s, "any ")
	return authz.Permission(s), any, true
}

// personal reports whether what the route shows depends on who asks.
func (a Access) personal() bool { return a != Public && a != Operator }

// Handler answers a request or returns an error, which one place renders.
type Handler func(http.ResponseWriter, *http.Request) error

// Route is one address of the program. A Pattern is that of http.ServeMux, with the method, without a language prefix.
type Route struct {
	Pattern  string
	Access   Access
	Machine  bool  // for programs: no language prefix, errors as problem+json
	Personal bool  // public, but the handler asks who is signed in (the page to sign in on)
	MaxBody  int64 // bytes of a request; 0: maxForm
	Handler  Handler
}

// maxForm bounds the body of a request where its route says nothing: a long abstract in two languages has 20 kB.
const maxForm = 1 << 20

// Path is the pattern without its method.
func (r Route) Path() string {
	if _, p, ok := strings.Cut(r.Pattern, " "); ok {
		return p
	}
	return r.Pattern
}

// Get makes a public page.
func Get(path string, h Handler) Route {
	return Route{Pattern: "GET " + path, Access: Public, Handler: h}
}

// Data makes a public address for programs.
func Data(path string, h Handler) Route {
	return Route{Pattern: "GET " + path, Access: Public, Machine: true, Handler: h}
}

// Private makes a page whose content depends on who asks; nobody keeps copies of it.
func Private(path string, access Access, h Handler) Route {
	return Route{Pattern: "GET " + path, Access: access, Personal: true, Handler: h}
}

// Action makes an address that a form is sent to.
func Action(path string, access Access, h Handler) Route {
	return Route{Pattern: "POST " + path, Access: access, Personal: true, Handler: h}
}
