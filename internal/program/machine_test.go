package program

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/examples"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// machine is a whole site for programs: the database, the services and every address of the programme.
type machine struct {
	service *Service
	handler http.Handler
	cache   *web.Cache
}

// machineNow is a moment during JANOG57.
var machineNow = time.Date(2026, 2, 12, 3, 0, 0, 0, time.UTC)

const machineURL = "https://tsudoi.example"

func machineFolders() []fs.FS {
	return []fs.FS{db.Migrations, audit.Migrations, person.Migrations, event.Migrations, search.Migrations, Migrations}
}

func newMachine(t testing.TB, d *db.DB) *machine {
	t.Helper()
	now := func() time.Time { return machineNow }
	events := event.New(d, event.Options{Now: now})
	service := New(d, events, Options{Now: now})
	events.Use(service)
	words, err := i18n.NewWords(web.Files, event.Files, Files)
	if err != nil {
		t.Fatal(err)
	}
	assets := web.NewAssets()
	if err := assets.Shared(nil, nil); err != nil {
		t.Fatal(err)
	}
	site := &web.Site{Words: words, Assets: assets, Default: i18n.JA, PublicURL: machineURL, Version: "test"}
	cache := web.NewCache(64 << 20)
	server := &web.Server{
		Site: site, Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics("test"),
		Routes: append(NewWeb(service, site, cache, nil).Routes(), events.Routes(site, cache)...),
	}
	return &machine{service, server.Handler(), cache}
}

func sqliteMachine(t testing.TB) *machine {
	return newMachine(t, dbtest.SQLite(t, machineFolders()...))
}

// read imports a file as the program would.
func (m *machine) read(t testing.TB, name string, data []byte) {
	t.Helper()
	docs, problems, err := interchange.Decode(name, data, interchange.Options{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, p := range problems {
		t.Error(p)
	}
	if _, err := m.service.Import(t.Context(), docs, Import{Source: name, At: machineNow.Add(-time.Hour)}); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// readExamples imports every example, and the later state of JANOG57.
func (m *machine) readExamples(t testing.TB) {
	t.Helper()
	for _, name := range append(examples.Files(), examples.JANOG57OnSite) {
		data, err := fs.ReadFile(examples.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		m.read(t, name, data)
	}
}

// ask sends a request; headers are names and values in turn.
func (m *machine) ask(t testing.TB, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return m.askWith(t.Context(), method, path, headers...)
}

func (m *machine) askWith(ctx context.Context, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, strings.TrimPrefix(path, machineURL), nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, r)
	return w
}

// get reads a path that must be there.
func (m *machine) get(t testing.TB, path string) string {
	t.Helper()
	w := m.ask(t, http.MethodGet, path)
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}
