package app

import (
	"regexp"
	"slices"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// maxWeight is what the first view of a public page may weigh, compressed, with everything it needs but pictures.
const maxWeight = 60 << 10

// needed finds what a browser fetches with a page: style sheets, scripts and the icon.
var needed = regexp.MustCompile(`<(?:link rel="(?:stylesheet|icon)" href|script type="module" src)="([^"]+)"`)

// TestFirstViewIsLight adds up what a browser fetches to show a page for the first time. All of it comes from the site itself.
func TestFirstViewIsLight(t *testing.T) {
	w := withExamples(t, db.SQLite)
	for _, path := range []string{
		"/", "/en/", "/meetings", "/meetings/janog57", "/meetings/janog57/timetable/2026-02-12", "/meetings/sample/timetable", "/en/meetings/sample/timetable", "/meetings/sample/programme",
		"/meetings/sample/sessions/C14", "/meetings/sample/speakers", "/meetings/janog57/changes", "/meetings/iw2023", "/search?q=BGP", "/handbook/operator",
	} {
		size := len(w.get(path, "Accept-Encoding", "br").body)
		var fetched []string
		for _, m := range needed.FindAllStringSubmatch(w.get(path, "Accept-Encoding", "identity").text(), -1) {
			if slices.Contains(fetched, m[1]) {
				continue
			}
			fetched = append(fetched, m[1])
			res := w.get(m[1], "Accept-Encoding", "br")
			if res.StatusCode != 200 {
				t.Errorf("%s needs %s: %d", path, m[1], res.StatusCode)
			}
			size += len(res.body)
		}
		if len(fetched) < 3 {
			t.Errorf("%s needs only %v: the test looks in the wrong place", path, fetched)
		}
		if size > maxWeight {
			t.Errorf("%s weighs %d bytes with %v, %d at most", path, size, fetched, maxWeight)
		}
		t.Logf("%6d bytes, %d requests: %s", size, 1+len(fetched), path)
	}
}
