package app

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// badRequests are addresses that no page of ours leads to, with what each gets.
var badRequests = []struct {
	path   string
	status []int
}{
	{"/../etc/passwd", []int{301, 307, 404}},
	{"/%2e%2e/%2e%2e/etc/passwd", []int{301, 307, 404}},
	{"/meetings/../../etc/passwd", []int{301, 307, 404}},
	{"/meetings/janog57/..%2f..%2fetc%2fpasswd", []int{404}},
	{"/meetings/..%2f..%2fetc/timetable", []int{404}},
	{"/en/%2e%2e/etc", []int{301, 307, 404}},
	{"/en/..%2f..%2fetc", []int{301, 307, 404}},
	{"/assets/../app/wire.go", []int{301, 307, 404}},
	{"/assets/..%2fwire.go", []int{404}},
	{"/media/..%2f..%2ftsudoi.db", []int{404}},
	{"/media/%2e%2e", []int{301, 307, 404}},
	{"/handbook/..%2f..%2fREADME", []int{404}},
	{"/meetings/unknown", []int{404}},
	{"/meetings/unknown/timetable", []int{404}},
	{"/meetings/unknown/schedule.xml", []int{404}},
	{"/meetings/unknown/schedule.ics", []int{404}},
	{"/meetings/JANOG57", []int{301, 404}},
	{"/meetings/janog57/sessions/unknown", []int{404}},
	{"/meetings/janog57/speakers/unknown", []int{404}},
	{"/meetings/janog57/pages/unknown", []int{404}},
	{"/meetings/janog57/timetable/2026-02-30", []int{404}},
	{"/meetings/janog57/timetable/1999-01-01", []int{404}},
	{"/meetings/janog57/timetable/x", []int{404}},
	{"/meetings/janog57/timetable/2026-02-12/grid.css?v=x", []int{200}},
	{"/meetings/janog57/changes/1-99", []int{404}},
	{"/meetings/janog57/changes/2-1", []int{301}},
	{"/meetings/janog57/changes/0-1", []int{404}},
	{"/meetings/janog57/changes/-1-1", []int{404}},
	{"/meetings/janog57/changes/01-2", []int{301}},
	{"/meetings/janog57/changes/99999999999999999999-1", []int{404}},
	{"/meetings/janog57/changes/x", []int{404}},
	{"/meetings/janog57/timetable?unknown=1&room=nowhere&kind=%00&topic=../..&lang=xx&q=%ff", []int{200, 400, 422}},
	{"/meetings/janog57/programme?kind=unknown&topic=unknown&language=xx", []int{200, 400, 422}},
	{"/meetings/janog57/timetable/mine?s=unknown,%00,%ff", []int{200, 400}},
	{"/meetings/janog57/timetable/print?size=a0&day=x", []int{200, 400, 404}},
	{"/meetings/janog57/schedule.ics?session=unknown", []int{200}},
	{"/meetings/janog57/schedule.ics?room=unknown", []int{400, 404, 422}},
	{"/meetings/janog57/schedule.xml?lang=xx", []int{200}},
	{"/search?q=%ff%fe%fd", []int{200}},
	{"/search?q=%00", []int{200}},
	{"/search?q=%22%29%20OR%20%2A%20NEAR%28", []int{200}},
	{"/search?q=a&kind=unknown", []int{400, 422}},
	{"/search?q=a&after=%27%3B", []int{400, 422}},
	{"/search?q=a&meeting=unknown", []int{200, 404}},
	{"/search?q=%", []int{200, 400}},
	{"/search?;;&&==", []int{200, 400}},
	{"/search?q=" + strings.Repeat("%E3%81%82", 10_000), []int{200, 414, 431}},
	{"/search?q=" + strings.Repeat("a", 10_000), []int{200}},
	{"/meetings/" + strings.Repeat("a", 10_000), []int{404}},
	{"/api/v1/meetings?limit=-1", []int{400, 422}},
	{"/api/v1/meetings?limit=99999999999999999999", []int{400, 422}},
	{"/api/v1/meetings?cursor=%00%ff", []int{200, 400, 422}},
	{"/api/v1/meetings/janog57/sessions?day=x", []int{400, 422}},
	{"/api/v1/meetings/janog57/sessions?room=unknown", []int{200, 400, 422}},
	{"/api/v1/meetings/janog57/sessions?changed_since=yesterday", []int{400, 422}},
	{"/api/v1/meetings/janog57/releases/0", []int{404}},
	{"/api/v1/meetings/janog57/releases/99999999999999999999", []int{404}},
	{"/api/v1/meetings/janog57/sessions/%00", []int{400, 404}},
	{"/api/v2/meetings", []int{404}},
	{"/en/api/v1/meetings", []int{404}},
	{"/en/en/", []int{301, 404}},
	{"/en/ja/", []int{301, 404}},
	{"/ja/", []int{301}},
	{"/ja/meetings/janog57", []int{301}},
	{"/en", []int{200, 301}},
	{"/en/meetings/", []int{301}},
	{"/meetings/", []int{301}},
	{"/meetings//janog57", []int{301, 307, 404}},
	{"//evil.example/", []int{301, 307, 404}},
	{"//evil.example", []int{301, 307, 404}},
	{"/en//evil.example/", []int{301, 307, 404}},
	{"/ja//evil.example/", []int{301, 307, 404}},
	{"/ja//evil.example", []int{301, 307, 404}},
	{"/ja/%2fevil.example/", []int{301, 307, 404}},
	{"/ja/%5cevil.example/", []int{301, 404}},
	{"/%5c%5cevil.example/", []int{301, 404}},
	{"/meetings/janog57%00", []int{400, 404}},
	{"/%00", []int{400, 404}},
	{"/en/%00/meetings", []int{400, 404}},
	{"/meetings/%ff%fe", []int{400, 404}},
	{"/wp-login.php", []int{404}},
	{"/.git/config", []int{404}},
	{"/%F0%9F%A6%8A", []int{404}},
	{"/meetings/janog57/sessions/%3Cscript%3Ealert(1)%3C%2Fscript%3E", []int{404}},
	{"/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E", []int{200}},
}

// TestBadRequests: each gets a proper page or error, never 500, never a way out of the site, on both engines: PostgreSQL refuses texts
// that SQLite takes.
func TestBadRequests(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withExamples(t, e)
		for _, c := range badRequests {
			res := w.raw("GET", c.path)
			name := c.path[:min(len(c.path), 80)]
			if !containsInt(c.status, res.StatusCode) {
				t.Errorf("%s: %d, want one of %v: %.200s", name, res.StatusCode, c.status, res.text())
			}
			if to := res.Header.Get("Location"); strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) || strings.Contains(to, "://") {
				t.Errorf("%s leads out of the site: %q", name, to)
			}
			if bytes.Contains(res.body, []byte("<script>alert")) {
				t.Errorf("%s: its script is in the page", name)
			}
			if res.StatusCode >= 400 && strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
				if _, faults := readPage(strings.Split(c.path, "?")[0], res.body); len(faults) > 0 {
					t.Errorf("%s: its error page: %v", name, faults)
				}
			}
			if res.StatusCode >= 400 && res.Header.Get("Cache-Control") != "no-store" && strings.Contains(res.Header.Get("Content-Type"), "html") {
				t.Errorf("%s: an error that may be kept: %q", name, res.Header.Get("Cache-Control"))
			}
		}
		w.noErrors()
	})
}

func containsInt(list []int, v int) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// raw sends an address exactly as it is written, as no client library would.
func (w *site) raw(method, path string, headers ...string) *read {
	w.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: meeting.example.org\r\nConnection: close\r\n", method, path)
	for i := 0; i+1 < len(headers); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", headers[i], headers[i+1])
	}
	if _, err := io.WriteString(conn, b.String()+"\r\n"); err != nil {
		w.t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		w.t.Fatalf("%s %.80s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatalf("%s %.80s: %v", method, path, err)
	}
	return &read{res, body}
}

// TestOddMethods: HEAD is GET without a body; what nothing takes says what is taken.
func TestOddMethods(t *testing.T) {
	w := withExamples(t, db.SQLite)
	for _, path := range []string{"/", "/en/meetings", "/meetings/janog57/timetable", "/search?q=BGP", "/meetings/janog57/schedule.xml", "/api/v1/meetings", "/sitemap.xml", "/healthz", "/nothing"} {
		get, head := w.get(path), w.raw("HEAD", path)
		if head.StatusCode != get.StatusCode || len(head.body) > 0 || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d %q with %d bytes; GET: %d %q", path, head.StatusCode, head.Header.Get("Content-Type"), len(head.body), get.StatusCode, get.Header.Get("Content-Type"))
		}
		for _, method := range []string{"BREW", "get", "CONNECT", "OPTIONS"} {
			if res := w.raw(method, path, "Origin", "https://other.example"); res.StatusCode >= 500 {
				t.Errorf("%s %s: %d", method, path, res.StatusCode)
			}
		}
	}
	if res := w.raw("OPTIONS", "*"); res.StatusCode >= 500 {
		t.Errorf("OPTIONS *: %d", res.StatusCode)
	}
	if res := w.raw("GET", "/", "X-Long", strings.Repeat("x", 2<<20)); res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("2 MB of headers: %d", res.StatusCode)
	}
	if res := w.raw("GET", "/", "Cookie", strings.Repeat("a=b; ", 20_000)); res.StatusCode != http.StatusOK {
		t.Errorf("100 kB of cookies: %d", res.StatusCode)
	}
	w.noErrors()
}

// TestNegotiation: conditional requests, ranges and every way to accept an encoding give the same page.
func TestNegotiation(t *testing.T) {
	w := withExamples(t, db.SQLite)
	for _, path := range []string{"/meetings/janog57/timetable", "/meetings/janog57/schedule.xml", "/", "/api/v1/meetings/janog57/sessions", "/sitemap.xml", "/meetings/janog57/schedule.ics"} {
		plain := w.raw("GET", path)
		tag := plain.Header.Get("ETag")
		if tag == "" || plain.StatusCode != http.StatusOK {
			t.Errorf("%s: %d, ETag %q", path, plain.StatusCode, tag)
			continue
		}
		for _, c := range []struct {
			header, value string
			status        int
		}{
			{"If-None-Match", tag, 304}, {"If-None-Match", "W/" + tag, 304}, {"If-None-Match", `"x", ` + tag + ` , "y"`, 304}, {"If-None-Match", "*", 304},
			{"If-None-Match", `"x"`, 200}, {"If-None-Match", "x", 200}, {"If-None-Match", `"`, 200}, {"If-Modified-Since", "yesterday", 200},
			{"Range", "bytes=0-9", 200}, {"Range", "bytes=99999999-", 200}, {"Range", "lines=1-2", 200}, {"If-Range", tag, 200},
		} {
			res := w.raw("GET", path, c.header, c.value)
			if res.StatusCode != c.status || c.status == 304 && (len(res.body) > 0 || res.Header.Get("ETag") != tag) || c.status == 200 && !bytes.Equal(res.body, plain.body) {
				t.Errorf("%s with %s: %s: %d, %d bytes", path, c.header, c.value, res.StatusCode, len(res.body))
			}
		}
		for _, accept := range []string{"", "identity", "*", "gzip;q=0, br;q=0", "deflate", ",,;;q=,", "gzip;q=banana", "br", "BR", "gzip", "x-gzip", " gzip ; q=1 , br;q=0", strings.Repeat("gzip,", 5000)} {
			res := w.raw("GET", path, "Accept-Encoding", accept)
			body, err := decoded(res)
			if err != nil || res.StatusCode != http.StatusOK || !bytes.Equal(body, plain.body) {
				t.Errorf("%s, Accept-Encoding %.40q: %d, %v", path, accept, res.StatusCode, err)
			}
			if !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Accept-Encoding") {
				t.Errorf("%s, Accept-Encoding %.40q: no Vary", path, accept)
			}
		}
		for accept, coding := range map[string]string{"br": "br", "gzip": "gzip", "gzip, br": "br", "gzip;q=0, br;q=0": "", "deflate": ""} {
			if got := w.raw("GET", path, "Accept-Encoding", accept).Header.Get("Content-Encoding"); got != coding {
				t.Errorf("%s, Accept-Encoding %q: %q, want %q", path, accept, got, coding)
			}
		}
	}
	w.noErrors()
}

func decoded(r *read) ([]byte, error) {
	switch r.Header.Get("Content-Encoding") {
	case "br":
		return io.ReadAll(brotli.NewReader(bytes.NewReader(r.body)))
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(r.body))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(z)
	}
	return r.body, nil
}
