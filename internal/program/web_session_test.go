package program_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/tsudoi/tsudoi/examples"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// site is the public side of a programme, running in this process on a fresh database.
type site struct {
	*httptest.Server
	t       *testing.T
	service *program.Service
	now     time.Time
}

// newSite starts a site on the date given.
func newSite(t *testing.T, now time.Time) *site {
	t.Helper()
	d := dbtest.SQLite(t, db.Migrations, limit.Migrations, audit.Migrations, person.Migrations, event.Migrations, search.Migrations, program.Migrations)
	events := event.New(d, event.Options{Now: func() time.Time { return now }})
	s := program.New(d, events, program.Options{Now: func() time.Time { return now }})
	events.Use(s)
	words, err := i18n.NewWords(web.Files, event.Files, program.Files)
	if err != nil {
		t.Fatal(err)
	}
	assets := web.NewAssets()
	err = assets.Shared([]web.Source{event.Style, web.From(program.Files, "pages/timetable.css", "pages/session.css")},
		[]web.Source{web.From(program.Files, "pages/stars.js", "pages/timetable.js")})
	if err != nil {
		t.Fatal(err)
	}
	conf := &web.Site{Words: words, Assets: assets, Default: i18n.JA, PublicURL: "https://meeting.example.org", Name: i18n.T("集い", "Tsudoi")}
	cache := web.NewCache(32 << 20)
	server := &web.Server{Site: conf, Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics("test"), Routes: append(assets.Routes(),
		append(program.NewWeb(s, conf, cache, nil).Routes(), events.Routes(conf, cache)...)...)}
	out := &site{httptest.NewServer(server.Handler()), t, s, now}
	t.Cleanup(out.Close)
	return out
}

// example imports an example that the program ships with.
func (s *site) example(names ...string) {
	s.t.Helper()
	for i, name := range names {
		data, err := examples.FS.ReadFile(name)
		if err != nil {
			s.t.Fatal(err)
		}
		s.file(name, string(data), s.now.Add(time.Duration(i-len(names))*time.Hour))
	}
}

// file imports a meeting file as a release of a moment.
func (s *site) file(name, text string, at time.Time) {
	s.t.Helper()
	docs, problems, err := interchange.Decode(name, []byte(text), interchange.Options{})
	if err != nil || len(problems) > 0 {
		s.t.Fatal(err, problems)
	}
	if _, err := s.service.Import(context.Background(), docs, program.Import{Source: name, At: at}); err != nil {
		s.t.Fatal(err)
	}
}

// get asks for an address without following where it leads.
func (s *site) get(path string) (*http.Response, string) {
	s.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.Get(s.URL + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return r, string(body)
}

// page reads a page that must be there.
func (s *site) page(path string) *goquery.Document {
	s.t.Helper()
	r, body := s.get(path)
	if r.StatusCode != http.StatusOK {
		s.t.Fatalf("%s answers %d: %s", path, r.StatusCode, body)
	}
	if strings.Contains(body, "[program.") || strings.Contains(body, "&lt;no value&gt;") {
		s.t.Errorf("%s has a word that nobody defined", path)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if n := doc.Find("h1").Length(); n != 1 {
		s.t.Errorf("%s has %d first headings", path, n)
	}
	if n := doc.Find("[style], script:not([src]):not([type='application/ld+json'])").Length(); n != 0 {
		s.t.Errorf("%s has %d inline styles or scripts", path, n)
	}
	return doc
}
