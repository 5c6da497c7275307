// Package web is how pages reach a browser: routes whose handlers return errors, pages whose templates are typed, a cache of rendered
// bodies that are compressed once, the assets, and what surrounds every request (languages, headers, log, metrics, limits).
package web

import (
	"net/http"
	"strings"
)

// Access says who may enter a route. Everything is refused that nobody declared.
type Access string

// The kinds of access there are so far.
const (
	Public   Access = "public"   // anyone, without signing in
	Operator Access = "operator" // addresses that the operator named (metrics)
)

// Handler answers a request or returns an error, which one place renders.
type Handler func(http.ResponseWriter, *http.Request) error

// Route is one address of the program. A Pattern is that of http.ServeMux, with the method, without a language prefix.
type Route struct {
	Pattern string
	Access  Access
	Machine bool // for programs: no language prefix, errors as problem+json
	Handler Handler
}

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
