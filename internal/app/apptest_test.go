package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// TestMain lets the test binary be the program: scripts and the tests that kill it run it as "tsudoi".
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"tsudoi": func() { os.Exit(Main("test", os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// engines are the database engines that a test runs on.
var engines = []db.Engine{db.SQLite, db.Postgres}

// onEach runs a test on both engines; in short mode, which is how the race detector runs, on PostgreSQL alone (see dbtest.Quick).
func onEach(t *testing.T, fn func(t *testing.T, e db.Engine)) {
	for _, e := range engines {
		if testing.Short() && e == db.SQLite {
			continue
		}
		t.Run(string(e), func(t *testing.T) { fn(t, e) })
	}
}

// public is the address by which the site under test is known to the world.
const public = "https://meeting.example.org"

// noon is the second day of JANOG57, at noon.
var noon = time.Date(2026, 2, 12, 12, 0, 0, 0, time.FixedZone("JST", 9*3600))

// settings are those of a fresh installation; the database is new.
func settings(t testing.TB, e db.Engine) *config.Settings {
	t.Helper()
	s := &config.Settings{
		Data: t.TempDir(), Listen: "localhost:0", PublicURL: public, TimeZone: "Asia/Tokyo", Metrics: []string{"127.0.0.0/8", "::1/128"},
		Cache: 64 << 20,
	}
	s.TLS.Mode, s.Log.Level, s.Log.Format, s.Backup.Keep = "off", "debug", "text", 5
	s.Limits = config.Limits{Body: 50 << 20, Material: 1 << 30, Connections: 1000, Stop: time.Second}
	if e == db.Postgres {
		s.Database = testkit.PostgresURL(t)
	}
	return s
}

// site is the whole program, running in this process.
type site struct {
	*App
	t       testing.TB
	url     string
	handler http.Handler
	log     *journal
	client  *http.Client
}

// start runs the program on a fresh database, with a clock that stands at noon.
func start(t testing.TB, e db.Engine) *site {
	t.Helper()
	return startWith(t, settings(t, e))
}

// startWith runs the program with these settings, on whatever they name.
func startWith(t testing.TB, s *config.Settings) *site {
	t.Helper()
	return startAs(t, s, false)
}

// startAs is startWith; a demo lets anybody be anybody.
func startAs(t testing.TB, s *config.Settings, demo bool) *site {
	t.Helper()
	log := &journal{}
	a, err := open(t.Context(), s, "test", slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), demo)
	if err != nil {
		t.Fatal(err)
	}
	a.Now = func() time.Time { return noon }
	h := a.Handler()
	srv := httptest.NewServer(h)
	w := &site{App: a, t: t, url: srv.URL, handler: h, log: log, client: srv.Client()}
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(func() {
		a.Live.Stop() // the server waits for streams
		srv.Close()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// withExamples runs the program with the example meetings.
func withExamples(t testing.TB, e db.Engine) *site {
	t.Helper()
	w := start(t, e)
	if err := w.loadExamples(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// read is a response with its whole body.
type read struct {
	*http.Response
	body []byte
}

func (r *read) text() string { return string(r.body) }

// get asks for a path, with headers given as name, value, name, value.
func (w *site) get(path string, headers ...string) *read {
	w.t.Helper()
	return w.send(http.MethodGet, path, headers...)
}

func (w *site) send(method, path string, headers ...string) *read {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, w.url+path, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	return &read{res, body}
}

// ask sends a request straight to the handler, from an address of one's choice.
func (w *site) ask(method, path, from string, headers ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequestWithContext(context.Background(), method, public+path, http.NoBody)
	req.RemoteAddr = from
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, req)
	return rec
}

// load imports a file's text.
func (w *site) load(name, text string, o program.Import) []program.Report {
	w.t.Helper()
	reports, err := w.tryLoad(name, text, o)
	if err != nil {
		w.t.Fatalf("import %s: %v", name, err)
	}
	return reports
}

func (w *site) tryLoad(name, text string, o program.Import) ([]program.Report, error) {
	docs, problems, err := interchange.Decode(name, []byte(text), interchange.Options{})
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("problems: %v", problems)
	}
	o.Source = name
	return w.Programmes.Import(context.Background(), docs, o)
}

// journal is the log of a site, which a test may look into.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(b)
}

// errors are the lines of level ERROR.
func (j *journal) errors() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.DeleteFunc(strings.Split(j.buf.String(), "\n"), func(s string) bool { return !strings.Contains(s, "level=ERROR") })
}

// noErrors fails the test for every error in the log.
func (w *site) noErrors() {
	w.t.Helper()
	for i, line := range w.log.errors() {
		if i == 10 {
			w.t.Error("and more errors in the log")
			break
		}
		w.t.Error(line[:min(len(line), 1200)])
	}
}

// meetingOf writes a meeting file with n sessions of 20 minutes in ten rooms over three days, each with a speaker, a topic and a link.
func meetingOf(slug string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "tsudoi: 1\nmeeting:\n  slug: %s\n  title: {ja: 会合%[1]s, en: Meeting %[1]s}\n  languages: [ja, en]\n  timezone: Asia/Tokyo\n", slug)
	b.WriteString("  start: 2026-02-11\n  end: 2026-02-13\n  rooms:\n")
	for r := range 10 {
		fmt.Fprintf(&b, "    - {key: r%d, name: {ja: 部屋%[1]d, en: Room %[1]d}, capacity: 100}\n", r)
	}
	b.WriteString("kinds:\n  - {key: talk, label: {ja: 講演, en: Talk}, counts: true, tint: 1}\ntopics:\n")
	for i := range 5 {
		fmt.Fprintf(&b, "  - {key: t%d, label: {ja: 話題%[1]d, en: Topic %[1]d}}\n", i)
	}
	b.WriteString("speakers:\n")
	for i := range max(1, n/2) {
		fmt.Fprintf(&b, "  - {key: s%d, name: {ja: 話者%[1]d, en: Speaker %[1]d}, affiliation: {ja: 組織, en: Organisation}}\n", i)
	}
	b.WriteString("sessions:\n")
	for i := range n {
		day, at := 11+i%3, i/30*20
		fmt.Fprintf(&b, "  - {code: S%d, kind: talk, title: {ja: 講演%[1]d 経路, en: Talk %[1]d}, date: 2026-02-%d, start: \"%02d:%02d\", end: \"%02d:%02d\", room: r%d, topics: [t%d], speakers: [s%d], "+
			"links: [{kind: slides, url: \"https://slides.example.org/%s/%[1]d\"}]}\n", i, day, 8+at/60, at%60, 8+(at+20)/60, (at+20)%60, i/3%10, i%5, i%max(1, n/2), slug)
	}
	return b.String()
}

// file writes a file into a folder of the test.
func file(t testing.TB, name, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// sessionTitle is the title of the session with a code.
func sessionTitle(d *interchange.Document, code string) i18n.Text {
	for i := range d.Sessions {
		if d.Sessions[i].Code == code {
			return d.Sessions[i].Title
		}
	}
	return i18n.Text{}
}
