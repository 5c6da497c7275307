package app

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	ics "github.com/arran4/golang-ical"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// crawl follows every link of a site from its front pages.
type crawl struct {
	site  *site
	limit int // addresses
	pace  int // of PostgreSQL's sample: every how many-th address is visited

	mu      sync.Mutex
	seen    map[string]bool
	from    map[string]string // address -> the page that names it
	queries map[string]int    // path -> how many queries of it are visited
	pages   map[string]*page
	anchors map[string]string // address#id -> the page that names it
	kinds   map[string]int    // media type -> answers
	bad     int
	cards   int
	hostile bool // the texts themselves look like leaks
}

// maxQueries bounds the addresses that differ in their query alone: a timetable can be narrowed in more ways than are worth a visit.
const maxQueries = 12

func newCrawl(w *site, limit, pace int) *crawl {
	return &crawl{
		site: w, limit: limit, pace: pace, seen: map[string]bool{}, from: map[string]string{}, queries: map[string]int{},
		pages: map[string]*page{}, anchors: map[string]string{}, kinds: map[string]int{},
	}
}

// run visits everything, four addresses at a time.
func (c *crawl) run(starts ...string) {
	level := c.fresh("", starts)
	for len(level) > 0 {
		var next []string
		var wg sync.WaitGroup
		work := make(chan string)
		for range 4 {
			wg.Go(func() {
				for at := range work {
					links := c.visit(at)
					c.mu.Lock()
					next = append(next, c.fresh(at, links)...)
					c.mu.Unlock()
				}
			})
		}
		slices.Sort(level)
		for _, at := range level {
			work <- at
		}
		close(work)
		wg.Wait()
		level = next
	}
}

// fresh keeps the links that are worth a visit and were not seen before.
func (c *crawl) fresh(from string, links []string) []string {
	var out []string
	for _, l := range links {
		at, fragment, _ := strings.Cut(l, "#")
		if fragment != "" && !strings.Contains(fragment, "=") {
			c.anchors[l] = from
		}
		if at == "" || c.seen[at] || len(c.seen) >= c.limit {
			continue
		}
		path, query, _ := strings.Cut(at, "?")
		if query != "" {
			if c.queries[path]++; c.queries[path] > maxQueries {
				continue
			}
		}
		c.seen[at] = true
		if strings.HasSuffix(path, "/card.png") && strings.Contains(path, "/sessions/") {
			if c.cards++; c.cards%8 != 0 {
				continue // they differ in nothing but their words, and drawing them is slow
			}
		}
		if c.pace > 1 && len(c.seen) > 60 && len(c.seen)%c.pace != 0 {
			continue
		}
		c.from[at] = from
		out = append(out, at)
	}
	return out
}

// wrong reports a fault of an address, with the page that leads there.
func (c *crawl) wrong(at, format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bad++; c.bad <= 60 {
		c.site.t.Errorf("%s (from %q): %s", at, c.from[at], fmt.Sprintf(format, args...))
	}
}

// visit reads an address, checks it as what it is, and returns where it leads.
func (c *crawl) visit(at string) []string {
	res := c.site.get(at)
	if res.StatusCode >= 300 && res.StatusCode < 400 {
		to, err := res.Location()
		if err != nil || !strings.HasPrefix(to.String(), c.site.url+"/") && !strings.HasPrefix(to.String(), public+"/") {
			c.wrong(at, "sent to %v, %v", to, err)
			return nil
		}
		return []string{to.RequestURI()}
	}
	if res.StatusCode != http.StatusOK {
		c.wrong(at, "status %d: %.200s", res.StatusCode, res.text())
		return nil
	}
	c.headers(at, res)
	kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	c.mu.Lock()
	c.kinds[kind]++
	c.mu.Unlock()
	if kind != "text/html" {
		if err := parses(kind, at, res.body); err != nil && (!c.hostile || !strings.HasPrefix(err.Error(), "holds ")) {
			c.wrong(at, "%s: %v", kind, err)
		}
		return nil
	}
	p, faults := readPage(at, res.body)
	for _, f := range faults {
		if c.hostile && strings.Contains(f, " holds ") {
			continue
		}
		c.wrong(at, "%s", f)
	}
	c.mu.Lock()
	c.pages[at] = p
	c.mu.Unlock()
	return p.links
}

func (c *crawl) headers(at string, res *read) {
	for _, h := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Request-Id", "Content-Type", "Cache-Control"} {
		if res.Header.Get(h) == "" {
			c.wrong(at, "no header %s", h)
		}
	}
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		c.wrong(at, "weak policy %q", csp)
	}
	if v := res.Header.Values("Set-Cookie"); len(v) > 0 {
		c.wrong(at, "sets a cookie: %q", v)
	}
}

// leaked is the first leak in a text, or empty.
func leaked(text string) string {
	for _, m := range leaks.FindAllString(text, -1) {
		if !strings.HasPrefix(m, "[[") {
			return m
		}
	}
	return ""
}

// leaks is what no answer holds: words that nobody wrote, mistakes of templates, printed structures. A name in double brackets, as a table of
// the settings has it, is found as well, and none (see leaked).
var leaks = regexp.MustCompile(`\[?\[[a-z]+(\.[a-z0-9_-]+)+\]|<no value>|&lt;no value&gt;|ZgotmplZ|%!|\{\{|&lt;nil&gt;|map\[|0001-01-01|0x[0-9a-f]{8}`)

// parses checks an answer that is no page.
func parses(kind, at string, b []byte) error {
	if kind != "image/png" && kind != "text/css" && kind != "text/javascript" && !strings.Contains(at, "/schemas/") {
		if m := leaked(string(b)); m != "" {
			return fmt.Errorf("holds %q", m)
		}
	}
	switch kind {
	case "application/json", "application/ld+json", "application/schema+json", "application/manifest+json":
		if !json.Valid(b) {
			return errors.New("not JSON")
		}
	case "application/xml", "application/atom+xml", "image/svg+xml":
		return wellFormed(b)
	case "text/calendar":
		cal, err := ics.ParseCalendar(bytes.NewReader(b))
		if err == nil && len(cal.Events()) == 0 && !strings.Contains(at, "iw2025") { // nothing of it has a day
			return errors.New("no event")
		}
		return err
	case "text/csv":
		_, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")))).ReadAll()
		return err
	case "application/yaml":
		docs, problems, err := interchange.Decode("meeting.yaml", b, interchange.Options{})
		if err == nil && (len(docs) != 1 || len(problems) > 0) {
			return fmt.Errorf("%d documents, problems %v", len(docs), problems)
		}
		return err
	case "image/png":
		_, err := png.DecodeConfig(bytes.NewReader(b))
		return err
	case "text/css", "text/javascript", "text/plain", "image/jpeg", "image/webp", "font/woff2":
	default:
		return errors.New("a media type that the test does not know")
	}
	return nil
}

func wellFormed(b []byte) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// relations checks what only the whole site shows: translations that point at each other, anchors that exist.
func (c *crawl) relations() {
	for at, p := range c.pages {
		if p.noindex {
			continue
		}
		path, _, _ := strings.Cut(at, "?")
		if want := public + path; p.canonical != want {
			c.wrong(at, "canonical is %q", p.canonical)
		}
		for lang, to := range p.alternates {
			other, ok := c.pages[strings.TrimPrefix(to, public)]
			switch {
			case lang == "x-default":
				if to != p.alternates["ja"] && to != p.alternates["en"] {
					c.wrong(at, "x-default is %q", to)
				}
			case !ok && c.pace == 1 && !c.seen[strings.TrimPrefix(to, public)]:
				c.wrong(at, "its page in %s was not found: %q", lang, to)
			case ok && (other.lang != lang || other.alternates[p.lang] != public+path):
				c.wrong(at, "%q is in %s and names %q", to, other.lang, other.alternates[p.lang])
			}
		}
		if len(p.alternates) != 3 {
			c.wrong(at, "alternates %v", p.alternates)
		}
	}
	for l, from := range c.anchors {
		at, id, _ := strings.Cut(l, "#")
		if at == "" {
			at = from
		}
		if id, err := url.PathUnescape(id); err == nil {
			if p, ok := c.pages[at]; ok && !p.ids[id] {
				c.wrong(at, "no element has the id %q, which %s links to", id, from)
			}
		}
	}
}

// TestCrawlSQLite visits every page and file of the examples, in both languages.
func TestCrawlSQLite(t *testing.T) {
	testkit.Long(t)
	crawled(t, newCrawl(withExamples(t, db.SQLite), 6000, 1), 600)
}

// TestCrawlPostgreSQL visits a sample of them: the pages are made by the same code, the statements are answered by another engine.
func TestCrawlPostgreSQL(t *testing.T) {
	testkit.Long(t)
	crawled(t, newCrawl(withExamples(t, db.Postgres), 6000, 4), 150)
}

func crawled(t *testing.T, c *crawl, atLeast int) {
	starts := []string{
		"/", "/en/", "/search?q=%E8%A8%AD%E5%AE%9A", "/search?q=BGP", "/en/search?q=BGP&order=relevance", "/sitemap.xml", "/robots.txt", "/schemas/meeting.json",
		"/api/v1/meetings", "/api/v1/openapi.json", "/healthz", "/readyz", "/changes.atom", "/changes.atom?lang=en",
	}
	for _, slug := range []string{"janog57", "iw2023", "iw2025", "sample"} {
		for _, f := range []string{"schedule.xml", "schedule.json", "schedule.csv", "schedule.ics", "meeting.yaml", "changes.atom", "card.png"} {
			starts = append(starts, "/meetings/"+slug+"/"+f, "/meetings/"+slug+"/"+f+"?lang=en")
		}
		for _, f := range []string{"", "/sessions", "/speakers", "/rooms", "/days", "/kinds", "/releases"} {
			starts = append(starts, "/api/v1/meetings/"+slug+f)
		}
	}
	c.run(append(starts, sitemap(t, c.site)...)...)
	c.relations()
	if c.bad > 60 {
		t.Errorf("%d faults in all", c.bad)
	}
	t.Logf("%d pages, answers by type %v", len(c.pages), c.kinds)
	if len(c.pages) < atLeast {
		t.Errorf("only %d pages were found", len(c.pages))
	}
	c.site.noErrors()
}

// sitemap lists the addresses of the sitemap, each of which must be worth a visit.
func sitemap(t *testing.T, w *site) []string {
	t.Helper()
	var set struct {
		URLs []struct {
			Loc string `xml:"loc"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal(w.get("/sitemap.xml").body, &set); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, u := range set.URLs {
		path, ok := strings.CutPrefix(u.Loc, public)
		if !ok {
			t.Errorf("the sitemap lists %q", u.Loc)
		}
		out = append(out, path)
	}
	if len(out) < 300 {
		t.Errorf("the sitemap lists only %d addresses", len(out))
	}
	return out
}
