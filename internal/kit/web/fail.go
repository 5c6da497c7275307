package web

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

func missing(http.ResponseWriter, *http.Request) error { return fault.Missing() }

// problem is what an error page shows.
type problem struct {
	Status  int
	Message string
	Request string
	Field   string // the form field or query parameter it is about, where there is one
}

var problemPage = NewPage[problem](From(layout, "layout/error.html"))

// Checks are the pages of this package.
func Checks() []Checked { return []Checked{problemPage, keptPage} }

// fail renders an error: the one place that does. The text of an unknown error goes to the log and nowhere else.
func (s *Server) fail(rt Route, w http.ResponseWriter, r *http.Request, err error) {
	if to, ok := errors.AsType[*redirect](err); ok {
		http.Redirect(w, r, to.to, to.code)
		return
	}
	kind := fault.KindOf(err)
	level := slog.LevelDebug
	if _, ok := errors.AsType[*wrongMethod](err); kind == fault.Internal && !ok {
		level = slog.LevelError
	}
	s.Log.LogAttrs(r.Context(), level, "request failed", slog.String("component", "web"), slog.String("request", RequestID(r.Context())),
		slog.String("method", r.Method), slog.String("path", logged(rt.Pattern, r)), slog.String("error", err.Error()))
	if rec, ok := w.(*recorder); ok && rec.status != 0 {
		return // the answer has begun; the connection will be cut short
	}
	for _, h := range []string{"ETag", "Content-Encoding", "Content-Length", "Content-Disposition"} {
		w.Header().Del(h)
	}
	w.Header().Set("Cache-Control", "no-store")
	p := problem{Status: kind.Status(), Request: RequestID(r.Context())}
	f := s.errorFrame(r)
	if rt.Machine {
		f.Lang = i18n.EN // what programs are told, their makers look up
	}
	key, args := "error.internal", []any(nil)
	if e, ok := fault.As(err); ok && kind != fault.Internal {
		key, p.Field = e.Key, e.Field
		for k, v := range e.Args {
			args = append(args, k, v)
		}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		p.Status, key, args = http.StatusRequestEntityTooLarge, "error.too_large", nil
	}
	if e, ok := errors.AsType[*wrongMethod](err); ok {
		p.Status, key, args = http.StatusMethodNotAllowed, "error.method", nil
		w.Header().Set("Allow", e.allow)
	}
	p.Message = f.T(key, args...)
	if rt.Machine {
		s.failMachine(w, p)
		return
	}
	f.Title, f.NoIndex = p.Message, true
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(p.Status)
	if err := problemPage.Render(w, f, p); err != nil {
		s.Log.ErrorContext(r.Context(), "render an error", "component", "web", "error", err)
	}
}

// errorFrame is a frame for pages that exist in no particular meeting.
func (s *Server) errorFrame(r *http.Request) *Frame {
	l := Explicit(r.Context())
	if l == "" {
		l = s.Site.Default
	}
	return &Frame{Site: s.Site, Lang: l, Default: s.Site.Default, Path: "/", Kind: "website", Who: authz.Who(r.Context())}
}

// failMachine answers a program (RFC 9457).
func (s *Server) failMachine(w http.ResponseWriter, p problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(p.Status)
	members := map[string]any{
		"type": "about:blank", "title": http.StatusText(p.Status), "status": p.Status, "detail": p.Message, "instance": "urn:request:" + p.Request,
	}
	if p.Field != "" {
		members["parameter"] = p.Field
	}
	_ = json.NewEncoder(w).Encode(members)
}
