package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
)

// Server turns routes into one handler with everything that surrounds a request.
type Server struct {
	Site    *Site
	Log     *slog.Logger
	Routes  []Route
	Metrics *Metrics
	// Allowed says whether the request may enter a route that is not public. Who asks is in its context by then.
	Allowed func(Access, *http.Request) bool
	// Identify finds out who asks, for routes whose answer depends on it; nil: nobody ever signs in.
	Identify func(*http.Request) (*authz.Actor, error)
	// Before is asked once who asks is known and may enter; what it returns is answered instead of the page. nil: nothing.
	Before func(Route, *http.Request) error
	HTTPS  bool // the site is reached by https: tell browsers to stay there
}

type requestKey struct{}

// RequestID names the request in the log and on error pages.
func RequestID(ctx context.Context) string {
	s, _ := ctx.Value(requestKey{}).(string)
	return s
}

// Handler builds the handler.
func (s *Server) Handler() http.Handler {
	pages, machines := http.NewServeMux(), http.NewServeMux()
	for _, rt := range s.Routes {
		if rt.Machine {
			machines.Handle(rt.Pattern, s.handle(rt))
		} else {
			pages.Handle(rt.Pattern, s.handle(rt))
		}
	}
	both := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, p := machines.Handler(r); p != "" {
			machines.ServeHTTP(w, r)
			return
		} else if allow := allowedMethods(h, r); allow != "" {
			s.handle(Route{Pattern: "none", Access: Public, Machine: true, Handler: refuse(&wrongMethod{allow})}).ServeHTTP(w, r)
			return
		}
		WithPrefix(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if h, p := pages.Handler(r); p == "" {
				s.unmatched(pages, h, w, r)
				return
			}
			pages.ServeHTTP(w, r)
		})).ServeHTTP(w, r)
	})
	protect := http.NewCrossOriginProtection()
	return s.surround(protect.Handler(oneSpelling(both)))
}

// oneSpelling sends an address that is spelt with needless escapes to the plain one: pages are kept by their address, and there must be one.
func oneSpelling(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		plain := (&url.URL{Path: r.URL.Path}).EscapedPath()
		read := r.Method == http.MethodGet || r.Method == http.MethodHead
		// An escaped slash is not a slash, and dots are not to become a way up: such addresses are answered as they are.
		tricky := strings.Contains(strings.ToUpper(r.URL.RawPath), "%2F") || path.Clean(plain) != strings.TrimSuffix(plain, "/") || !utf8.ValidString(r.URL.Path)
		if r.URL.RawPath == "" || r.URL.EscapedPath() == plain || !read || tricky {
			next.ServeHTTP(w, r)
			return
		}
		if r.URL.RawQuery != "" {
			plain += "?" + r.URL.RawQuery
		}
		http.Redirect(w, r, plain, http.StatusMovedPermanently) //nolint:gosec // a path of this site
	})
}

// unmatched answers what no page matches: a known address with another method, or one with a slash too many, or none at all.
func (s *Server) unmatched(pages *http.ServeMux, h http.Handler, w http.ResponseWriter, r *http.Request) {
	if p := strings.TrimRight(r.URL.Path, "/"); p != "" && p != r.URL.Path && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		r2 := r.Clone(r.Context())
		r2.URL.Path, r2.URL.RawPath = p, ""
		if _, match := pages.Handler(r2); match != "" && !strings.HasPrefix(p, "//") {
			to := r2.URL.EscapedPath()
			if l := Explicit(r.Context()); l != "" {
				to = "/" + string(l) + to
			}
			http.Redirect(w, r, to, http.StatusMovedPermanently) //nolint:gosec // a path of this site, as matched above
			return
		}
	}
	answer := missing
	if allow := allowedMethods(h, r); allow != "" {
		answer = refuse(&wrongMethod{allow})
	}
	s.handle(Route{Pattern: "none", Access: Public, Handler: answer}).ServeHTTP(w, r)
}

// wrongMethod is the error of a known address that was asked for in a way it does not know.
type wrongMethod struct{ allow string }

func (e *wrongMethod) Error() string { return "method not allowed; allowed: " + e.allow }

func refuse(err error) Handler {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

// allowedMethods asks the handler that a ServeMux gives for unmatched requests which methods the address knows; "" if it knows none.
func allowedMethods(h http.Handler, r *http.Request) string {
	p := &probe{header: http.Header{}}
	h.ServeHTTP(p, r)
	if p.status != http.StatusMethodNotAllowed {
		return ""
	}
	return p.header.Get("Allow")
}

// probe takes an answer that nobody reads.
type probe struct {
	header http.Header
	status int
}

// Header is the answer's.
func (p *probe) Header() http.Header { return p.header }

// Write takes any number of bytes.
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader remembers the status.
func (p *probe) WriteHeader(status int) { p.status = status }

// handle makes a route a handler: may they enter, then the page, then the error if there is one.
func (s *Server) handle(rt Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rec, ok := w.(*recorder); ok {
			rec.route = rt.Pattern
		}
		err := s.enter(rt, w, r)
		if err != nil {
			s.fail(rt, w, r, err)
		}
	})
}

func (s *Server) enter(rt Route, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			if e, ok := v.(error); ok && errors.Is(e, http.ErrAbortHandler) {
				panic(v)
			}
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	if r, err = s.identify(rt, w, r); err != nil {
		return err
	}
	if rt.Access != Public && (s.Allowed == nil || !s.Allowed(rt.Access, r)) {
		return s.turnAway(rt, w, r)
	}
	if rt.Access != Public {
		r = s.checked(rt, r)
	}
	if s.Before != nil {
		if err := s.Before(rt, r); err != nil {
			return err
		}
	}
	limit := rt.MaxBody
	if limit == 0 {
		limit = maxForm
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	return rt.Handler(w, r)
}

// checked lets an answer without end ask again and again whether the one who got it would still get it: in the same session, with what they may
// do by then.
func (s *Server) checked(rt Route, r *http.Request) *http.Request {
	first := authz.Who(r.Context())
	return r.WithContext(authz.WithCheck(r.Context(), func(ctx context.Context) (bool, error) {
		now := r.WithContext(ctx)
		if s.Identify != nil && rt.Access.personal() {
			a, err := s.Identify(now)
			if err != nil {
				return false, err
			}
			if a.ID != first.ID || a.Session != first.Session {
				return false, nil
			}
			now = now.WithContext(authz.With(ctx, a))
		}
		return s.Allowed(rt.Access, now), nil
	}))
}

// identify puts who asks into the request's context, where the answer depends on it. Such answers are kept by nobody.
func (s *Server) identify(rt Route, w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	if !rt.Personal && !rt.Access.personal() {
		return r, nil
	}
	w.Header().Set("Cache-Control", "no-store")
	if s.Identify == nil {
		return r, nil
	}
	a, err := s.Identify(r)
	if err != nil {
		return r, err
	}
	return r.WithContext(authz.With(r.Context(), a)), nil
}

// policy is the content security policy of every page: everything from here, nothing inline.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"worker-src 'none'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// surround gives every request an id, its headers, a line in the log and its place in the metrics.
func (s *Server) surround(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := rand.Text()[:12]
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		if s.HTTPS {
			h.Set("Strict-Transport-Security", "max-age=63072000")
		}
		rec := &recorder{ResponseWriter: w}
		next.ServeHTTP(rec, r.WithContext(context.WithValue(r.Context(), requestKey{}, id)))
		took := time.Since(start)
		s.Metrics.observe(rec.route, rec.code(), took)
		s.Log.LogAttrs(r.Context(), slog.LevelDebug, "request", slog.String("component", "web"), slog.String("request", id),
			slog.String("method", r.Method), slog.String("path", logged(rec.route, r)), slog.Int("status", rec.code()), slog.Int64("bytes", rec.bytes), slog.Duration("took", took))
	})
}

// logged is the path of a request as the log may hold it: where an address holds a secret (a link to sign in, an invitation), only which kind of
// address it is.
func logged(pattern string, r *http.Request) string {
	if strings.Contains(pattern, "{token}") {
		_, at, _ := strings.Cut(pattern, " ")
		return at
	}
	return r.URL.Path
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	route  string
	status int
	bytes  int64
}

func (r *recorder) code() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}

// WriteHeader remembers the status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
