package program

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// client asks the API and checks requests and answers against the description that the API serves.
type client struct {
	*machine
	check validator.Validator
}

func newClient(t testing.TB, m *machine) *client {
	t.Helper()
	doc, err := libopenapi.NewDocument(unrolled(t, []byte(m.get(t, "/api/v1/openapi.json"))))
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc, config.WithFormatAssertions(), config.WithStrictMode(), config.WithStrictIgnoredHeadersExtra(surroundings...))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, problems := v.ValidateDocument(); !ok {
		for _, p := range problems {
			t.Error(p)
		}
		t.FailNow()
	}
	return &client{m, v}
}

// surroundings are the headers of every answer of the site.
var surroundings = []string{
	"Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Content-Security-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy",
	"Permissions-Policy", "Referrer-Policy", "X-Content-Type-Options", "X-Request-Id",
}

// unrolled writes parts within parts out to four levels: the validator cannot follow a schema into itself.
func unrolled(t testing.TB, document []byte) []byte {
	t.Helper()
	var doc struct {
		Components struct {
			Schemas map[string]json.RawMessage
		}
	}
	var all map[string]any
	for _, to := range []any{&doc, &all} {
		if err := json.Unmarshal(document, to); err != nil {
			t.Fatal(err)
		}
	}
	const ref = "#/components/schemas/SessionPart"
	schemas := all["components"].(map[string]any)["schemas"].(map[string]any)
	for level := 1; level <= 4; level++ {
		name, inner := "SessionPart"+strings.Repeat("s", level-1), ref+strings.Repeat("s", level)
		var part map[string]any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(string(doc.Components.Schemas["SessionPart"]), ref, inner)), &part); err != nil {
			t.Fatal(err)
		}
		if level == 4 {
			delete(part["properties"].(map[string]any), "parts")
		}
		schemas[name] = part
	}
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// get asks the API and holds the answer to the description. A request with a status of 422 or 404 is expected to break it.
func (d *client) get(t testing.TB, address string, status int) []byte {
	t.Helper()
	path := strings.TrimPrefix(address, machineURL)
	w := d.ask(t, http.MethodGet, path)
	if w.Code != status {
		t.Fatalf("GET %s: %d, want %d: %s", path, w.Code, status, w.Body)
	}
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if status == http.StatusOK {
		if ok, problems := d.check.ValidateHttpRequest(r); !ok {
			t.Errorf("GET %s is no request of the description: %v", path, problems)
		}
	}
	res := w.Result()
	if ok, problems := d.check.ValidateHttpResponse(r, res); !ok {
		for _, p := range problems {
			t.Errorf("GET %s: %s: %s", path, p.Message, p.Reason)
			for _, s := range p.SchemaValidationErrors {
				t.Errorf("  %s: %s", s.FieldPath, s.Reason)
			}
		}
	}
	return w.Body.Bytes()
}

// list reads every page of a list.
func (d *client) list(t testing.TB, address string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for address != "" {
		var page struct {
			Items []map[string]any
			Next  string
		}
		if err := json.Unmarshal(d.get(t, address, http.StatusOK), &page); err != nil {
			t.Fatal(err)
		}
		all, address = append(all, page.Items...), page.Next
	}
	return all
}

func TestAPIIsAsDescribed(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	d := newClient(t, m)
	meetings := d.list(t, "/api/v1/meetings")
	if len(meetings) < 20 {
		t.Fatalf("%d meetings", len(meetings))
	}
	counted := map[string]int{}
	for _, meeting := range meetings {
		self := meeting["self"].(string)
		d.get(t, self, http.StatusOK)
		for _, list := range []string{"sessions", "speakers", "rooms", "days", "kinds", "releases"} {
			for _, item := range d.list(t, self+"/"+list) {
				counted[list]++
				if at, ok := item["self"].(string); ok && counted[list]%7 == 1 {
					d.get(t, at, http.StatusOK)
				}
			}
		}
	}
	for list, n := range counted {
		if n == 0 {
			t.Errorf("no %s in any meeting", list)
		}
	}
	if counted["sessions"] < 60 || counted["releases"] < 5 {
		t.Errorf("read only %v", counted)
	}
}

func TestAPIFilters(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	d := newClient(t, m)
	const at = "/api/v1/meetings/janog57/sessions"
	all := d.list(t, at)
	for _, c := range []struct {
		query string
		takes func(s map[string]any) bool
	}{
		{"day=2026-02-12", func(s map[string]any) bool { return s["date"] == "2026-02-12" }},
		{"room=" + all[0]["room"].(string), func(s map[string]any) bool { return s["room"] == all[0]["room"] || s["all_rooms"] == true }},
		{"kind=" + all[0]["kind"].(string), func(s map[string]any) bool { return s["kind"] == all[0]["kind"] }},
		{"status=confirmed", func(s map[string]any) bool { return s["status"] == "confirmed" }},
		{"status=cancelled", func(s map[string]any) bool { return s["status"] == "cancelled" }},
		{"language=ja", func(s map[string]any) bool { return slices.Contains(s["languages"].([]any), any("ja")) }},
		{"changed_since=2100-01-01T00:00:00%2B09:00", func(map[string]any) bool { return false }},
		{"changed_since=2000-01-01T00:00:00%2B09:00", func(map[string]any) bool { return true }},
	} {
		want := map[any]bool{}
		for _, s := range all {
			if c.takes(s) {
				want[s["guid"]] = true
			}
		}
		got := d.list(t, at+"?"+c.query)
		for _, s := range got {
			if !want[s["guid"]] {
				t.Errorf("%s gives %v", c.query, s["title"])
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s gives %d of %d", c.query, len(got), len(want))
		}
	}
}

// What the description does not mention is passed over, and a plus sign that nobody escaped is understood.
func TestAPIIsLenient(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	const at = "/api/v1/meetings/janog57/sessions"
	if got := m.get(t, at+"?nonsense=1&q=routes&changed_since=2000-01-01T00:00:00+09:00&limit=100"); got != m.get(t, at) {
		t.Errorf("another answer: %s", got)
	}
}

func TestAPIRefusesWhatItCannotUse(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	d := newClient(t, m)
	const at = "/api/v1/meetings/janog57/"
	for _, c := range []struct{ path, parameter string }{
		{at + "sessions?day=tomorrow", "day"}, {at + "sessions?day=2026-02-30", "day"}, {at + "sessions?day=2001-01-01", "day"},
		{at + "sessions?limit=0", "limit"}, {at + "sessions?limit=100000", "limit"}, {at + "sessions?limit=-1", "limit"}, {at + "speakers?limit=x", "limit"},
		{at + "sessions?cursor=broken", "cursor"}, {at + "sessions?cursor=", "cursor"}, {at + "speakers?cursor=%00", "cursor"},
		{at + "releases?cursor=" + paging{list: sessionList}.cursor("1"), "cursor"}, {at + "releases?cursor=" + paging{list: "releases"}.cursor("x"), "cursor"},
		{at + "sessions?room=nowhere", "room"}, {at + "sessions?kind=", "kind"}, {at + "sessions?topic=nothing", "topic"},
		{at + "sessions?language=fr", "language"}, {at + "sessions?status=perhaps", "status"}, {at + "sessions?changed_since=yesterday", "changed_since"},
		{"/api/v1/meetings?limit=501", "limit"},
	} {
		var problem struct {
			Status    int
			Detail    string
			Parameter string
		}
		if err := json.Unmarshal(d.get(t, c.path, http.StatusUnprocessableEntity), &problem); err != nil {
			t.Fatal(err)
		}
		if problem.Parameter != c.parameter || problem.Status != 422 || !strings.HasPrefix(problem.Detail, c.parameter+":") {
			t.Errorf("%s: %+v", c.path, problem)
		}
	}
	for _, path := range []string{
		"/api/v1/meetings/nosuch", "/api/v1/meetings/nosuch/sessions", at + "sessions/nosuch", at + "speakers/nosuch", at + "releases/99", "/api/v1/meetings/..%2F..",
	} {
		d.get(t, path, http.StatusNotFound)
	}
	for _, path := range []string{"/api/v1/nosuch", at + "releases/0", at + "releases/x"} {
		w := m.ask(t, http.MethodGet, path)
		if w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

func TestAPIKnowsASessionByAnyName(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	d := newClient(t, m)
	for _, s := range d.list(t, "/api/v1/meetings/janog57/sessions?limit=5") {
		for _, name := range []string{"guid", "ref", "name", "source"} {
			if v, ok := s[name].(string); ok {
				if got := d.get(t, "/api/v1/meetings/janog57/sessions/"+strings.ToLower(v), http.StatusOK); !strings.Contains(string(got), s["guid"].(string)) {
					t.Errorf("%s %s: %s", name, v, got)
				}
			}
		}
	}
}

func TestAPIPagesVisitEachOnce(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	paths := map[string]string{"/api/v1/meetings": "slug", "/api/v1/meetings/janog57/sessions": "guid", "/api/v1/meetings/janog57/speakers": "key", "/api/v1/meetings/janog57/releases": "number"}
	rapid.Check(t, func(rt *rapid.T) {
		path := rapid.SampledFrom([]string{"/api/v1/meetings", "/api/v1/meetings/janog57/sessions", "/api/v1/meetings/janog57/speakers", "/api/v1/meetings/janog57/releases"}).Draw(rt, "path")
		limit := rapid.IntRange(1, 60).Draw(rt, "limit")
		seen := map[any]bool{}
		total := 0
		for address := path + "?limit=" + strconv.Itoa(limit); address != ""; {
			w := m.ask(t, http.MethodGet, address)
			var page struct {
				Items []map[string]any
				Total int
				Next  string
			}
			if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK {
				rt.Fatalf("%s: %d %v", address, w.Code, err)
			}
			for _, item := range page.Items {
				key := item[paths[path]]
				if seen[key] {
					rt.Fatalf("%s gives %v twice", address, key)
				}
				seen[key] = true
			}
			if len(page.Items) > limit || page.Next != "" && len(page.Items) != limit {
				rt.Fatalf("%s: %d on a page of %d", address, len(page.Items), limit)
			}
			if link := w.Header().Get("Link"); (link == "") != (page.Next == "") || page.Next != "" && link != "<"+page.Next+`>; rel="next"` {
				rt.Fatalf("%s: Link %q, next %q", address, link, page.Next)
			}
			total, address = page.Total, page.Next
		}
		if len(seen) != total || total == 0 {
			rt.Fatalf("%s by %d: saw %d of %d", path, limit, len(seen), total)
		}
	})
}

// machinePaths are addresses of every kind that programs read.
var machinePaths = []string{
	"/api/v1/openapi.json", "/api/v1/meetings", "/api/v1/meetings/janog57", "/api/v1/meetings/janog57/sessions", "/api/v1/meetings/janog57/sessions?limit=3",
	"/api/v1/meetings/janog57/releases", "/schemas/meeting.json", "/meetings/janog57/schedule.xml", "/meetings/janog57/schedule.json", "/meetings/janog57/schedule.ics",
	"/meetings/janog57/schedule.ics?session=60031,60046", "/meetings/janog57/schedule.csv", "/meetings/janog57/meeting.yaml", "/meetings/janog57/changes.atom", "/changes.atom",
}

func TestMachinesAskAgain(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	for _, path := range machinePaths {
		first := m.ask(t, http.MethodGet, path)
		etag := first.Header().Get("ETag")
		if first.Code != http.StatusOK || etag == "" || first.Header().Get("Access-Control-Allow-Origin") != "*" || first.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s: %d %v", path, first.Code, first.Header())
		}
		if again := m.ask(t, http.MethodGet, path, "If-None-Match", etag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s asked again: %d, %d bytes", path, again.Code, again.Body.Len())
		}
		if head := m.ask(t, http.MethodHead, path); head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("ETag") != etag {
			t.Errorf("HEAD %s: %d, %d bytes", path, head.Code, head.Body.Len())
		}
		for _, coding := range []string{"gzip", "br"} {
			if w := m.ask(t, http.MethodGet, path, "Accept-Encoding", coding); first.Body.Len() > 1000 && w.Header().Get("Content-Encoding") != coding {
				t.Errorf("%s is not sent as %s", path, coding)
			}
		}
		if w := m.ask(t, http.MethodOptions, path, "Origin", "https://elsewhere.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "if-none-match"); w.Code != http.StatusNoContent ||
			w.Header().Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(w.Header().Get("Access-Control-Allow-Headers"), "If-None-Match") {
			t.Errorf("OPTIONS %s: %d %v", path, w.Code, w.Header())
		}
	}
}

// bigMeeting is a meeting file of n sessions in ten rooms.
func bigMeeting(slug string, n int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "tsudoi: 1\nmeeting: {slug: %s, title: Big, timezone: Asia/Tokyo, start: 2026-05-01, end: 2026-05-03, rooms: [", slug)
	for i := range 10 {
		fmt.Fprintf(&b, "{key: r%d, name: Room %d}, ", i, i)
	}
	b.WriteString("]}\nkinds: [{key: talk, label: Talk, counts: true}]\nspeakers:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - {key: s%d, name: Speaker %d}\n", i, i)
	}
	b.WriteString("sessions:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - {code: T%d, kind: talk, title: Talk %d, date: 2026-05-0%d, start: \"%02d:%02d\", end: \"%02d:%02d\", room: r%d, speakers: [s%d], links: [{kind: slides, url: \"https://example.org/%d\"}]}\n",
			i, i, 1+i/340, 8+i/60%12, i%60, 8+i/60%12, i%60, i%10, i, i)
	}
	return []byte(b.String())
}

func TestMachinesAskTheDatabaseTheSameNumberOfTimes(t *testing.T) {
	count := func(n int) map[string]int64 {
		m := sqliteMachine(t)
		m.read(t, "big.yaml", bigMeeting("big", n))
		got := map[string]int64{}
		for _, path := range machinePaths {
			path = strings.ReplaceAll(path, "janog57", "big")
			for _, again := range []string{"first ", "again "} {
				ctx, queries := db.Counted(t.Context())
				if w := m.askWith(ctx, http.MethodGet, path); w.Code != http.StatusOK {
					t.Fatalf("%s: %d %s", path, w.Code, w.Body)
				}
				got[again+path] = queries.Load()
			}
		}
		return got
	}
	small, large := count(10), count(1000)
	for path, n := range large {
		if small[path] != n {
			t.Errorf("%s: %d queries with 10 sessions, %d with 1,000", path, small[path], n)
		}
		if n > 12 || strings.HasPrefix(path, "again") && n > 4 {
			t.Errorf("%s: %d queries", path, n)
		}
	}
}

// TestJunkTakesNoRoomInTheCache asks with parameters that nobody knows, or of which there are endlessly many.
func TestJunkTakesNoRoomInTheCache(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	plain := map[string]string{}
	for _, path := range machinePaths {
		plain[path] = m.get(t, path)
	}
	before := m.cached()
	for _, path := range machinePaths {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		if m.get(t, path+sep+"junk="+url.QueryEscape(strings.Repeat("x", 50))) != plain[path] {
			t.Errorf("%s says something else with a parameter nobody knows", path)
		}
	}
	for i := range 20 {
		n := strconv.Itoa(i + 1)
		m.get(t, "/api/v1/meetings?limit="+n)
		m.get(t, "/api/v1/meetings/janog57/sessions?changed_since=2020-01-01T00:00:00Z&limit="+n)
		m.get(t, "/meetings/janog57/schedule.ics?session=60031,60032,"+n)
		m.get(t, "/meetings/janog57/schedule.ics?session=x"+n)
		m.get(t, "/meetings/janog57/schedule.xml?lang=x"+n)
	}
	if after := m.cached(); after != before || before == 0 {
		t.Errorf("the cache grew from %d answers to %d", before, after)
	}
}

// cached is how many answers the cache holds.
func (m *machine) cached() int {
	return reflect.ValueOf(m.cache).Elem().FieldByName("byKey").Len()
}

// TestCursorsHoldWhileListsChange reads a list page by page while things come and go: what stays is seen exactly once.
func TestCursorsHoldWhileListsChange(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		set := rapid.SliceOfNDistinct(rapid.IntRange(0, 99), 0, 40, rapid.ID[int])
		list, limit := set.Draw(rt, "list"), rapid.IntRange(1, 7).Draw(rt, "limit")
		slices.Sort(list)
		stays, seen := slices.Clone(list), map[int]int{}
		place := func(n int) string { return fmt.Sprintf("%03d", n) }
		for q := (url.Values{"limit": {strconv.Itoa(limit)}}); ; {
			pg, err := readPaging("numbers", q)
			if err != nil {
				rt.Fatal(err)
			}
			items, more := page(pg, list, place)
			for _, n := range items {
				seen[n]++
			}
			if more == "" {
				break
			}
			q.Set("cursor", more)
			gone := set.Draw(rt, "gone")
			list = slices.DeleteFunc(append(list, set.Draw(rt, "new")...), func(n int) bool { return slices.Contains(gone, n) })
			slices.Sort(list)
			list = slices.Compact(list)
			stays = slices.DeleteFunc(stays, func(n int) bool { return slices.Contains(gone, n) })
		}
		for n, times := range seen {
			if times != 1 {
				rt.Fatalf("%d seen %d times", n, times)
			}
		}
		for _, n := range stays {
			if seen[n] == 0 {
				rt.Fatalf("%d never seen", n)
			}
		}
	})
}
