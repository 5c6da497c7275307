package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/program"
)

// tsudoi is a command of the program in a process of its own, on the database of a site.
func tsudoi(t testing.TB, w *site, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(context.Background(), "tsudoi", args...)
	c.Env = append(os.Environ(), "TSUDOI_DATA_DIR="+w.Settings.Data, "TSUDOI_DATABASE="+w.Settings.Database, "TSUDOI_CONFIG=")
	return c
}

// importElsewhere imports a text in another process while the site runs.
func importElsewhere(t testing.TB, w *site, text string) string {
	t.Helper()
	out, err := tsudoi(t, w, "import", file(t, "m.yaml", text)).CombinedOutput()
	if err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}
	return string(out)
}

// TestChangeShowsAtOnce: what another process imports is on the next page that shows it, and nothing else is made anew.
func TestChangeShowsAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := start(t, e)
		a, b := meetingOf("a", 30), meetingOf("b", 30)
		w.load("a.yaml", a, program.Import{})
		w.load("b.yaml", b, program.Import{})
		shows := []string{ // the title of S1 in English
			"/en/meetings/a/timetable/2026-02-12", "/en/meetings/a/programme", "/en/meetings/a/sessions/S1", "/en/meetings/a/changes", "/en/meetings/a/speakers/s1",
			"/meetings/a/schedule.json?lang=en", "/meetings/a/schedule.xml?lang=en", "/meetings/a/schedule.ics?lang=en", "/meetings/a/schedule.csv", "/meetings/a/meeting.yaml",
			"/meetings/a/changes.atom?lang=en", "/api/v1/meetings/a/sessions/S1", "/api/v1/meetings/a/sessions",
		}
		same := []string{
			"/meetings/b", "/meetings/b/timetable/2026-02-12", "/en/meetings/b/programme", "/en/meetings/b/sessions/S1", "/meetings/b/schedule.xml", "/meetings/b/schedule.ics",
			"/api/v1/meetings/b/sessions", "/meetings/b/changes.atom", "/handbook/operator",
		}
		tags := map[string]string{}
		for _, p := range append(shows, same...) {
			res := w.get(p)
			tags[p] = res.Header.Get("ETag")
			if res.StatusCode != http.StatusOK || strings.Contains(res.text(), "Retitled talk") || tags[p] == "" {
				t.Errorf("%s before: %d, ETag %q", p, res.StatusCode, tags[p])
			}
		}
		out := importElsewhere(t, w, strings.Replace(a, "en: Talk 1}", "en: Retitled talk}", 1))
		if !strings.Contains(out, "read 30, added 0, changed 1, refused 0") || !strings.Contains(out, "a: release 2") {
			t.Fatalf("the import said:\n%s", out)
		}
		for _, p := range shows {
			res := w.get(p, "If-None-Match", tags[p])
			if res.StatusCode != http.StatusOK || !strings.Contains(res.text(), "Retitled talk") {
				t.Errorf("%s does not show the change: %d", p, res.StatusCode)
			}
		}
		if !strings.Contains(w.get("/en/search?q=retitled").text(), "/en/meetings/a/sessions/S1") {
			t.Error("the search does not find the new title")
		}
		for _, p := range same {
			if res := w.get(p, "If-None-Match", tags[p]); res.StatusCode != http.StatusNotModified {
				t.Errorf("%s shows nothing of the change and was made anew: %d, ETag %s, was %s", p, res.StatusCode, res.Header.Get("ETag"), tags[p])
			}
		}
		w.noErrors()
	})
}

// TestReadersDuringImports: while a meeting is imported again and again, every reader gets a whole page, of one state or another.
func TestReadersDuringImports(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := start(t, e)
		text := meetingOf("a", 60)
		w.load("a.yaml", text, program.Import{})
		other := startWith(t, w.Settings) // a second process, as good as
		paths := []string{
			"/", "/meetings", "/meetings/a", "/meetings/a/timetable", "/en/meetings/a/timetable/2026-02-12", "/meetings/a/sessions/S1", "/meetings/a/speakers", "/meetings/a/changes",
			"/meetings/a/schedule.xml", "/meetings/a/schedule.ics", "/api/v1/meetings/a/sessions", "/search?q=%E7%B5%8C%E8%B7%AF", "/sitemap.xml", "/changes.atom",
		}
		var reads atomic.Int64
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				for n := i; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					p := paths[n%len(paths)]
					status, body, err := fetch(w.client, w.url+p)
					reads.Add(1)
					if err != nil || status != http.StatusOK || strings.Contains(body, "<html") && !strings.Contains(body, "</html>") {
						t.Errorf("%s: %d, %v", p, status, err)
						return
					}
				}
			})
		}
		for i := range 8 {
			reports, err := other.tryLoad("a.yaml", strings.ReplaceAll(text, "en: Talk ", fmt.Sprintf("en: Talk v%d-", i)), program.Import{})
			if err != nil || reports[0].Changed != 60 {
				t.Error(reports, err)
			}
			// What was committed is what the next reader sees.
			if p := fmt.Sprintf("Talk v%d-1<", i); !strings.Contains(w.get("/en/meetings/a/sessions/S1").text(), p) {
				t.Errorf("the page does not show %s after its import", p)
			}
		}
		close(stop)
		wg.Wait()
		if reads.Load() < 20 {
			t.Errorf("only %d reads", reads.Load())
		}
		w.noErrors()
	})
}

func fetch(c *http.Client, url string) (int, string, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	res, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

// TestTwoImportsAtOnce: two programs import the same meeting at the same moment. Each makes one release, in order; nothing is lost and
// nothing is there twice.
func TestTwoImportsAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		first := start(t, e)
		second := startWith(t, first.Settings)
		text := meetingOf("a", 40)
		for round := range 6 {
			var wg sync.WaitGroup
			for i, w := range []*site{first, second} {
				mine := strings.Replace(text, "en: Talk 1}", fmt.Sprintf("en: Talk round %d by %d}", round, i), 1)
				wg.Go(func() { retried(t, w, mine) })
			}
			wg.Wait()
		}
		m, err := first.Events.Meeting(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		list, err := first.Programmes.Releases(t.Context(), m)
		if err != nil || len(list) != 12 {
			t.Fatalf("%d releases, %v", len(list), err)
		}
		for i, rel := range list {
			if rel.Number != 12-i {
				t.Errorf("release %d stands at place %d", rel.Number, i)
			}
			if rel.Number > 1 && (len(rel.Changes) != 1 || rel.Changes[0].Op != program.Edited) {
				t.Errorf("release %d changed %v", rel.Number, rel.Changes)
			}
		}
		draft, err := first.Programmes.Draft(t.Context(), "a")
		if err != nil || len(draft.Sessions) != 40 || len(draft.Speakers) != 20 || len(draft.Kinds) != 1 || len(draft.Topics) != 5 {
			t.Errorf("the draft holds %d sessions, %d speakers, %v", len(draft.Sessions), len(draft.Speakers), err)
		}
		// The newest release is what the draft holds: neither side overwrote the other's.
		p, err := first.Programmes.Programme(t.Context(), "a")
		if err != nil || p.Session("S1").Title != sessionTitle(draft, "S1") {
			t.Errorf("the newest release says %v, the draft %v, %v", p.Session("S1").Title, sessionTitle(draft, "S1"), err)
		}
	})
}

// retried imports, and does it again when told that somebody else was faster.
func retried(t *testing.T, w *site, text string) {
	for try := 0; ; try++ {
		_, err := w.tryLoad("a.yaml", text, program.Import{})
		if err == nil {
			return
		}
		if try == 5 || !strings.Contains(err.Error(), "released_meanwhile") {
			t.Error(err)
			return
		}
		time.Sleep(time.Millisecond)
	}
}
