package app

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/program"
)

// styleSheets finds what a page looks like.
var styleSheets = regexp.MustCompile(`<link rel="stylesheet" href="([^"]+)"`)

// TestPagesOfOneProcessAreWholeWithAnother: two processes share a database, and what a page of one names the other serves, without ever
// having made that page.
func TestPagesOfOneProcessAreWholeWithAnother(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		a := withExamples(t, e)
		b := startWith(t, a.Settings)
		a.load("group.yaml", "tsudoi: 1\ngroup: {name: NOG, accent: \"#1F4E79\"}\n", program.Import{})
		for _, path := range []string{"/", "/en/meetings", "/series/janog", "/meetings/janog57", "/meetings/janog57/timetable/2026-02-12", "/handbook"} {
			var accents int
			for _, m := range styleSheets.FindAllStringSubmatch(a.get(path).text(), -1) {
				here, there := a.get(m[1]), b.get(m[1])
				if there.StatusCode != http.StatusOK || there.text() != here.text() || !strings.Contains(there.Header.Get("Cache-Control"), "immutable") {
					t.Errorf("%s of one process needs %s, and the other answers %d, Cache-Control %q", path, m[1], there.StatusCode, there.Header.Get("Cache-Control"))
				}
				if strings.Contains(there.text(), "--accent:light-dark(") && strings.Contains(m[1], "accent") {
					accents++
				}
			}
			if accents == 0 {
				t.Errorf("%s has no accent: the test looks in the wrong place", path)
			}
		}
		a.noErrors()
		b.noErrors()
	})
}
