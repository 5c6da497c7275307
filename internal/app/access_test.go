package app

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// The people of the permission matrix, by the address they come from. The operator named 10.9.0.0/16.
const (
	stranger = "203.0.113.7:40000" // anybody
	loopback = "127.0.0.1:40000"   // a program on this machine
	operator = "10.9.8.7:40000"
)

// entry is a line of the permission matrix: what each person gets for an address that exists.
type entry struct {
	pattern string
	path    string // an address of the pattern that the examples have
	status  int    // for everybody who may enter
	access  web.Access
}

// matrix lists every route of the program. A new route belongs here before anything else is written for it.
var matrix = []entry{
	{"GET /assets/{name}", "/assets/icon.svg", 200, web.Public},
	{"GET /metrics", "/metrics", 200, web.Operator},
	{"GET /healthz", "/healthz", 200, web.Public},
	{"GET /readyz", "/readyz", 200, web.Public},

	{"GET /{$}", "/", 200, web.Public},
	{"GET /meetings", "/meetings", 200, web.Public},
	{"GET /series/{key}", "/series/janog", 200, web.Public},
	{"GET /meetings/{slug}", "/meetings/janog57", 200, web.Public},
	{"GET /meetings/{slug}/pages/{page}", "/meetings/iw2023/pages/committee", 200, web.Public},
	{"GET /meetings/{slug}/card.png", "/meetings/janog57/card.png", 200, web.Public},
	{"GET /assets/accents/{name}", "/assets/accents/page-b5302a.000000000000.css", 200, web.Public},
	{"GET /media/{name}", "/media/nothing.png", 404, web.Public},
	{"GET /robots.txt", "/robots.txt", 200, web.Public},
	{"GET /favicon.ico", "/favicon.ico", 302, web.Public},
	{"GET /sitemap.xml", "/sitemap.xml", 200, web.Public},

	{"GET /meetings/{slug}/timetable", "/meetings/janog57/timetable", 200, web.Public},
	{"GET /meetings/{slug}/timetable/mine", "/meetings/janog57/timetable/mine", 200, web.Public},
	{"GET /meetings/{slug}/timetable/print", "/meetings/janog57/timetable/print", 200, web.Public},
	{"GET /meetings/{slug}/timetable/{day}", "/meetings/janog57/timetable/2026-02-12", 200, web.Public},
	{"GET /meetings/{slug}/timetable/{day}/grid.css", "/meetings/janog57/timetable/2026-02-12/grid.css", 200, web.Public},
	{"GET /meetings/{slug}/sessions/{name}", "/meetings/janog57/sessions/{session}", 200, web.Public},
	{"GET /meetings/{slug}/sessions/{name}/card.png", "/meetings/janog57/sessions/{session}/card.png", 200, web.Public},
	{"GET /meetings/{slug}/speakers", "/meetings/janog57/speakers", 200, web.Public},
	{"GET /meetings/{slug}/speakers/{key}", "/meetings/janog57/speakers/{speaker}", 200, web.Public},
	{"GET /meetings/{slug}/programme", "/meetings/janog57/programme", 200, web.Public},
	{"GET /meetings/{slug}/changes", "/meetings/janog57/changes", 200, web.Public},
	{"GET /meetings/{slug}/changes/{pair}", "/meetings/janog57/changes/1-2", 200, web.Public},

	{"GET /meetings/{slug}/live", "/meetings/nothing/live", 404, web.Public}, // a stream that has no end

	{"GET /meetings/{slug}/schedule.xml", "/meetings/janog57/schedule.xml", 200, web.Public},
	{"GET /meetings/{slug}/schedule.json", "/meetings/janog57/schedule.json", 200, web.Public},
	{"GET /meetings/{slug}/schedule.csv", "/meetings/janog57/schedule.csv", 200, web.Public},
	{"GET /meetings/{slug}/schedule.ics", "/meetings/janog57/schedule.ics", 200, web.Public},
	{"GET /meetings/{slug}/meeting.yaml", "/meetings/janog57/meeting.yaml", 200, web.Public},
	{"GET /meetings/{slug}/changes.atom", "/meetings/janog57/changes.atom", 200, web.Public},
	{"GET /changes.atom", "/changes.atom", 200, web.Public},
	{"OPTIONS /meetings/{slug}/schedule.xml", "/meetings/janog57/schedule.xml", 204, web.Public},
	{"OPTIONS /meetings/{slug}/schedule.json", "/meetings/janog57/schedule.json", 204, web.Public},
	{"OPTIONS /meetings/{slug}/schedule.csv", "/meetings/janog57/schedule.csv", 204, web.Public},
	{"OPTIONS /meetings/{slug}/schedule.ics", "/meetings/janog57/schedule.ics", 204, web.Public},
	{"OPTIONS /meetings/{slug}/meeting.yaml", "/meetings/janog57/meeting.yaml", 204, web.Public},
	{"OPTIONS /meetings/{slug}/changes.atom", "/meetings/janog57/changes.atom", 204, web.Public},
	{"OPTIONS /changes.atom", "/changes.atom", 204, web.Public},

	{"GET /api/v1/openapi.json", "/api/v1/openapi.json", 200, web.Public},
	{"GET /api/v1/meetings", "/api/v1/meetings", 200, web.Public},
	{"GET /api/v1/meetings/{slug}", "/api/v1/meetings/janog57", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/sessions", "/api/v1/meetings/janog57/sessions", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/sessions/{name}", "/api/v1/meetings/janog57/sessions/{session}", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/speakers", "/api/v1/meetings/janog57/speakers", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/speakers/{key}", "/api/v1/meetings/janog57/speakers/{speaker}", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/rooms", "/api/v1/meetings/janog57/rooms", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/days", "/api/v1/meetings/janog57/days", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/kinds", "/api/v1/meetings/janog57/kinds", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/releases", "/api/v1/meetings/janog57/releases", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/releases/{number}", "/api/v1/meetings/janog57/releases/1", 200, web.Public},
	{"GET /schemas/meeting.json", "/schemas/meeting.json", 200, web.Public},
	{"OPTIONS /schemas/meeting.json", "/schemas/meeting.json", 204, web.Public},
	{"GET /api/v1/{rest...}", "/api/v1/nothing", 404, web.Public},
	{"OPTIONS /api/v1/{rest...}", "/api/v1/meetings", 204, web.Public},

	{"GET /search", "/search", 200, web.Public},
	{"GET /handbook", "/handbook", 200, web.Public},
	{"GET /handbook/{page}", "/handbook/operator", 200, web.Public},
}

// TestPermissionMatrix asks every route as every person.
func TestPermissionMatrix(t *testing.T) {
	s := settings(t, db.SQLite)
	s.Metrics = []string{"10.9.0.0/16"}
	w := startWith(t, s)
	if err := w.loadExamples(t.Context()); err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, e := range matrix {
		named[e.pattern] = true
		method, _, _ := strings.Cut(e.pattern, " ")
		path := w.fill(e.path)
		for _, from := range []string{stranger, loopback, operator} {
			want := e.status
			if e.access == web.Operator && from != operator {
				want = http.StatusNotFound // it does not even say that it is there
			}
			if got := w.ask(method, path, from).Code; got != want {
				t.Errorf("%s %s from %s: %d, want %d", method, path, from, got, want)
			}
		}
	}
	for _, rt := range w.Routes() {
		i := slices.IndexFunc(matrix, func(e entry) bool { return e.pattern == rt.Pattern })
		switch {
		case i < 0:
			t.Errorf("%s is in no line of the permission matrix: say who may enter", rt.Pattern)
		case matrix[i].access != rt.Access:
			t.Errorf("%s is %s, and the permission matrix says %s", rt.Pattern, rt.Access, matrix[i].access)
		}
		delete(named, rt.Pattern)
	}
	for pattern := range named {
		t.Errorf("%s is in the permission matrix and is no route", pattern)
	}
	w.noErrors()
}

// TestMetricsBehindAProxyThatNobodyNamed: everybody who comes through it has its address, which may be this machine's.
func TestMetricsBehindAProxyThatNobodyNamed(t *testing.T) {
	w := start(t, db.SQLite)
	if got := w.ask(http.MethodGet, "/metrics", loopback).Code; got != http.StatusOK {
		t.Errorf("a program on this machine: %d", got)
	}
	for _, header := range [][]string{{"X-Forwarded-For", "203.0.113.7"}, {"X-Forwarded-For", "127.0.0.1"}, {"Forwarded", "for=203.0.113.7"}, {"X-Real-Ip", "203.0.113.7"}} {
		if got := w.ask(http.MethodGet, "/metrics", loopback, header...).Code; got != http.StatusNotFound {
			t.Errorf("with %v: %d", header, got)
		}
		if got := w.ask(http.MethodGet, "/readyz", loopback, header...).Code; got != http.StatusOK {
			t.Errorf("/readyz with %v: %d", header, got)
		}
	}
}

// fill puts names that the examples have into an address.
func (w *site) fill(path string) string {
	w.t.Helper()
	p, err := w.Programmes.Programme(w.t.Context(), "janog57")
	if err != nil {
		w.t.Fatal(err)
	}
	if name, ok := strings.CutPrefix(path, "/assets/"); ok && !strings.Contains(name, "/") {
		return w.Site.Assets.URL(name)
	}
	return strings.NewReplacer("{session}", p.Items[0].Name, "{speaker}", p.Speakers[0].Key).Replace(path)
}

// TestOnlyReadingIsAllowed tries to change something at every address, as everybody, from this site and from another.
func TestOnlyReadingIsAllowed(t *testing.T) {
	w := withExamples(t, db.SQLite)
	var writing []string // patterns of methods other than GET and OPTIONS: there are none so far
	for _, rt := range w.Routes() {
		if method, _, _ := strings.Cut(rt.Pattern, " "); method != http.MethodGet && method != http.MethodOptions {
			writing = append(writing, rt.Pattern)
		}
	}
	if len(writing) > 0 {
		t.Fatalf("%v take changes: give each a line of its own here", writing)
	}
	for _, e := range matrix {
		for _, prefix := range []string{"", "/en"} {
			for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodTrace, "PROPFIND"} {
				path := prefix + w.fill(e.path)
				for what, rec := range map[string]*httptest.ResponseRecorder{
					"this site":    w.ask(method, path, loopback, "Sec-Fetch-Site", "same-origin"),
					"another site": w.ask(method, path, loopback, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"),
				} {
					if rec.Code != http.StatusMethodNotAllowed && rec.Code != http.StatusNotFound && rec.Code != http.StatusForbidden {
						t.Errorf("%s %s from %s: %d", method, path, what, rec.Code)
					}
					if what == "another site" && method != http.MethodTrace && rec.Code != http.StatusForbidden {
						t.Errorf("%s %s from another site: %d, want 403", method, path, rec.Code)
					}
				}
			}
		}
	}
	w.noErrors()
}
