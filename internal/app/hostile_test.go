package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// hostile are texts that somebody might put wherever a file has words.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg onload=alert(1)>`, `</title></script></style>--><b>`, `{{.Secret}}`, `[x](javascript:alert(1))`,
	`%s%d%!`, `\`, `&lt;&amp;&#39;`, "\u202eabc\u202c", "a\u0000b", "=1+1", "@SUM(A1)", `]]>`, `;DROP TABLE program_session;--`, "\r\nX-Injected: 1", "👩‍👩‍👧‍👦𠮷野家",
}

// hostileMeeting puts a text into every place of a meeting that takes words.
func hostileMeeting(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	q := func(s string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", `\r`, "\n", `\n`, "\x00", `\0`).Replace(s) + `"`
	}
	all := q(strings.Join(hostile, " "))
	fmt.Fprintf(&b, "tsudoi: 1\nmeeting:\n  slug: hostile\n  title: %s\n  theme: %[1]s\n  short: H\n  summary: %[1]s\n  hashtag: %[1]s\n  place: %[1]s\n  start: 2026-02-11\n  end: 2026-02-12\n", all)
	fmt.Fprintf(&b, "  rooms:\n    - {key: r, name: %s, location: %[1]s}\n  venues:\n    - {key: v, name: %[1]s, address: %[1]s}\n", all)
	fmt.Fprintf(&b, "  pages:\n    - {slug: p, title: %s, body: %[1]s}\n  organisations:\n    - {role: sponsor, name: %[1]s}\n", all)
	fmt.Fprintf(&b, "kinds:\n  - {key: k, label: %s}\ntopics:\n  - {key: t, label: %[1]s}\nspeakers:\n  - {key: s, name: %[1]s, affiliation: %[1]s, bio: %[1]s, reading: %[1]s}\nsessions:\n", all)
	for i, h := range append(slices.Clone(hostile), strings.Repeat("長い", 5000), strings.Repeat("W", 10_000), "") {
		fmt.Fprintf(&b, "  - {code: H%d, kind: k, title: %s, date: 2026-02-11, start: \"%02d:00\", end: \"%02d:00\", room: r, topics: [t], ", i, q(h), 4+i, 5+i)
		fmt.Fprintf(&b, "subtitle: %s, abstract: %[1]s, speakers: [{speaker: s, affiliation: %[1]s}], "+
			"links: [{kind: web, title: %[1]s, url: \"https://example.org/?q=%%22%%3E%%3Cscript%%3E\"}], parts: [{code: %[1]s, title: %[1]s, abstract: %[1]s, speakers: [s]}]}\n", all)
	}
	return b.String()
}

// TestHostileWords: whatever words a file holds, every page is whole, every file parses, and nothing in them runs; on both engines.
func TestHostileWords(t *testing.T) {
	testkit.Long(t)
	onEach(t, func(t *testing.T, e db.Engine) {
		w := start(t, e)
		docs, problems, err := interchange.Decode("hostile.yaml", []byte(hostileMeeting(t)), interchange.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			if strings.ContainsAny(p.String(), "\r\n\x00") {
				t.Errorf("a problem of several lines: %q", p)
			}
		}
		for range 2 {
			if _, err := w.Programmes.Import(t.Context(), docs, program.Import{Source: hostile[0]}); err != nil {
				t.Fatal(err)
			}
			for i := range docs[0].Sessions {
				docs[0].Sessions[i].Title.EN = hostile[1] + docs[0].Sessions[i].Title.JA
			}
		}
		c := newCrawl(w, 1000, 1)
		c.hostile = true
		at := "/meetings/hostile"
		starts := []string{"/", "/en/", "/sitemap.xml", "/changes.atom", "/search?q=alert", "/search?q=%3Cscript%3E", "/search?q=DROP"}
		for _, f := range []string{"schedule.xml", "schedule.json", "schedule.csv", "schedule.ics", "meeting.yaml", "changes.atom"} {
			starts = append(starts, at+"/"+f, at+"/"+f+"?lang=en")
		}
		for _, f := range []string{"", "/sessions", "/speakers", "/rooms", "/days", "/kinds", "/releases"} {
			starts = append(starts, "/api/v1"+at+f)
		}
		c.run(starts...)
		if len(c.pages) < 60 {
			t.Errorf("only %d pages", len(c.pages))
		}
		w.noErrors()
	})
}
