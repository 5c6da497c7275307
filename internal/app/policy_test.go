package app

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program"
)

// TestPolicyWalk reads a meeting whose links each carry a mark, and looks for the marks on every surface of the program: pages in both
// languages, search, files, calendars, feeds, API, sitemap. A mark that begins with no is of something that its policy forbids, one
// that begins with yes of something it allows; it must be found on the page and in the files that hold links.
func TestPolicyWalk(t *testing.T) {
	testkit.Long(t)
	text, err := os.ReadFile("testdata/policies.yaml")
	if err != nil {
		t.Fatal(err)
	}
	marks := regexp.MustCompile(`\b(?:no|yes)(?:stream|slides|video|photo|sns|web)[a-z0-9]+\b`).FindAllString(string(text), -1)
	slices.Sort(marks)
	if all := slices.Compact(slices.Clone(marks)); len(all) != len(marks) || len(marks) < 40 {
		t.Fatalf("%d marks, %d different ones", len(marks), len(all))
	}
	for _, kind := range []string{"stream", "slides", "video", "photo", "sns"} {
		for _, sign := range []string{"no", "yes"} {
			if n := strings.Count(string(text), sign+kind); n < 3 {
				t.Errorf("only %d marks %s%s: the walk would miss a surface", n, sign, kind)
			}
		}
	}
	onEach(t, func(t *testing.T, e db.Engine) {
		w := start(t, e)
		// Three releases, so that pages and feeds of changes tell of links too: before anything was forbidden, before the addresses changed, now.
		w.load("policies.yaml", regexp.MustCompile(`(?m)^ +policy: .*\n`).ReplaceAllString(string(text), ""), program.Import{})
		w.load("policies.yaml", string(text), program.Import{})
		w.load("policies.yaml", strings.ReplaceAll(string(text), "/before-", "/after-"), program.Import{})
		seen := w.surfaces()
		for _, m := range marks {
			var where []string
			for at, body := range seen {
				if strings.Contains(strings.ToLower(body), m) {
					where = append(where, at)
				}
			}
			slices.Sort(where)
			if strings.HasPrefix(m, "no") {
				if len(where) > 0 {
					t.Errorf("%s is forbidden, and is in %v", m, where)
				}
				continue
			}
			for _, want := range []string{"/meetings/policies/sessions/", "/en/meetings/policies/sessions/", "/meetings/policies/meeting.yaml", "/api/v1/meetings/policies/sessions"} {
				if !slices.ContainsFunc(where, func(at string) bool { return strings.HasPrefix(at, want) }) {
					t.Errorf("%s is allowed, and is not in any %s...: %v", m, want, where)
				}
			}
		}
		w.noErrors()
	})
}

// surfaces reads everything that the program says about a meeting, by address.
func (w *site) surfaces() map[string]string {
	w.t.Helper()
	c := newCrawl(w, 3000, 1)
	c.run("/", "/en/", "/sitemap.xml", "/changes.atom", "/changes.atom?lang=en", "/api/v1/meetings")
	at := "/meetings/policies"
	paths := []string{}
	for p := range c.seen {
		paths = append(paths, p)
	}
	for _, f := range []string{"schedule.xml", "schedule.json", "schedule.csv", "schedule.ics", "meeting.yaml", "changes.atom"} {
		paths = append(paths, at+"/"+f, at+"/"+f+"?lang=en")
	}
	for _, f := range []string{"", "/sessions", "/speakers", "/rooms", "/days", "/kinds", "/releases", "/releases/1", "/releases/2", "/releases/3"} {
		paths = append(paths, "/api/v1"+at+f)
	}
	for _, pair := range []string{"1-2", "1-3", "2-3"} {
		paths = append(paths, at+"/changes/"+pair, "/en"+at+"/changes/"+pair)
	}
	p, err := w.Programmes.Programme(w.t.Context(), "policies")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, it := range p.Items {
		paths = append(paths, "/api/v1"+at+"/sessions/"+it.Name, at+"/schedule.ics?session="+it.Name)
	}
	for _, s := range p.Speakers {
		paths = append(paths, "/api/v1"+at+"/speakers/"+s.Key)
	}
	for _, q := range []string{"marked", "slides", "nostream", "yesslides", "example", "第1話", "話者"} {
		paths = append(paths, "/search?q="+url.QueryEscape(q), "/en/search?q="+url.QueryEscape(q))
	}
	seen := map[string]string{}
	for _, path := range paths {
		res := w.get(path)
		if res.StatusCode == 200 {
			body := res.text()
			if strings.Contains(path, "/search") { // the form says again what was asked for
				body = strings.ReplaceAll(strings.ReplaceAll(body, "nostream", ""), "yesslides", "")
			}
			seen[path] = body
		}
	}
	if len(seen) < 100 {
		w.t.Errorf("only %d surfaces", len(seen))
	}
	return seen
}

// TestPolicyPassesWithTime: a recording that is public until a day is there on that day, and gone on the next, everywhere and without
// anybody doing anything.
func TestPolicyPassesWithTime(t *testing.T) {
	w := start(t, db.SQLite)
	text, err := os.ReadFile("testdata/policies.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w.load("policies.yaml", string(text), program.Import{})
	paths := []string{"/meetings/policies/sessions/P1", "/en/meetings/policies/sessions/P1", "/meetings/policies/meeting.yaml", "/api/v1/meetings/policies/sessions/P1"}
	last := time.Date(2026, 3, 31, 23, 59, 59, 0, noon.Location())
	for _, c := range []struct {
		now  time.Time
		want bool
	}{{noon, true}, {last, true}, {last.Add(time.Second), false}, {last.AddDate(1, 0, 0), false}, {last, true}} {
		w.Now = func() time.Time { return c.now }
		for _, p := range paths {
			if got := strings.Contains(w.get(p).text(), "yesvideoeverything"); got != c.want {
				t.Errorf("%s at %s: the recording is there: %v", p, c.now.Format(time.DateTime), got)
			}
		}
	}
}
