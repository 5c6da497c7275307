package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
)

// maxStatements is the most that one page may ask of the database, with every cache cold.
const maxStatements = 32

// counted lists the addresses whose statements are counted: every page and file of a meeting, and those of the site that show it.
var counted = []string{
	"/", "/en/", "/meetings", "/search?q=BGP", "/search?q=%E7%B5%8C%E8%B7%AF", "/en/search?q=Talk&kind=session", "/sitemap.xml", "/changes.atom", "/handbook",
	"/meetings/m", "/en/meetings/m", "/meetings/m/timetable", "/meetings/m/timetable/2026-02-12", "/en/meetings/m/timetable/2026-02-12?topic=t1",
	"/meetings/m/timetable/2026-02-12/grid.css", "/meetings/m/timetable/mine", "/meetings/m/timetable/print", "/meetings/m/programme", "/meetings/m/changes",
	"/meetings/m/changes/1-2", "/meetings/m/sessions/S1", "/en/meetings/m/sessions/S1", "/meetings/m/speakers", "/meetings/m/speakers/s1", "/meetings/m/card.png",
	"/meetings/m/sessions/S1/card.png", "/meetings/m/schedule.xml", "/meetings/m/schedule.json", "/meetings/m/schedule.csv", "/meetings/m/schedule.ics",
	"/meetings/m/schedule.ics?session=S1,S2", "/meetings/m/meeting.yaml", "/meetings/m/changes.atom",
	"/api/v1/meetings", "/api/v1/meetings/m", "/api/v1/meetings/m/sessions", "/api/v1/meetings/m/sessions?limit=3&day=2026-02-12", "/api/v1/meetings/m/sessions/S1",
	"/api/v1/meetings/m/speakers", "/api/v1/meetings/m/speakers/s1", "/api/v1/meetings/m/rooms", "/api/v1/meetings/m/days", "/api/v1/meetings/m/kinds",
	"/api/v1/meetings/m/releases", "/api/v1/meetings/m/releases/1",
}

// TestStatementsPerPage: a page asks the database as often for a meeting of 1,000 sessions as for one of ten.
func TestStatementsPerPage(t *testing.T) {
	testkit.Long(t)
	small, large := statements(t, 10), statements(t, 1000)
	for _, path := range counted {
		if small[path] != large[path] && !strings.HasPrefix(path, "/en/search") { // hits that fill their page are counted, by one more
			t.Errorf("%s: %d statements with 10 sessions, %d with 1,000", path, small[path], large[path])
		}
		if large[path] > maxStatements {
			t.Errorf("%s: %d statements, %d at most", path, large[path], maxStatements)
		}
	}
}

// statements counts what each address asks of the database when nothing is cached yet.
func statements(t *testing.T, sessions int) map[string]int64 {
	t.Helper()
	s := settings(t, db.SQLite)
	w := startWith(t, s)
	first := meetingOf("m", sessions)
	w.load("m.yaml", first, program.Import{})
	w.load("m.yaml", strings.Replace(first, "Talk 1}", "Talk one}", 1), program.Import{})
	out := map[string]int64{}
	for _, path := range counted {
		w.Metrics = web.NewMetrics("test")
		if err := w.wire(t.Context()); err != nil { // cold: new caches, new services
			t.Fatal(err)
		}
		ctx, n := db.Counted(t.Context())
		req := httptest.NewRequestWithContext(ctx, http.MethodGet, public+path, http.NoBody)
		rec := httptest.NewRecorder()
		w.Handler().ServeHTTP(rec, req)
		if rec.Code != http.StatusOK {
			t.Errorf("%s: %d", path, rec.Code)
		}
		out[path] = n.Load()
		if n.Load() == 0 && path != "/handbook" {
			t.Errorf("%s asks nothing of the database: nothing was counted", path)
		}
	}
	return out
}
