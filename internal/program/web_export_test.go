package program

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// withProgramme are the examples that have sessions with a time.
var withProgramme = []string{"janog57", "iw2025", "sample"}

// held are the slugs of the meetings that have a release.
func (m *machine) held(t testing.TB) []string {
	t.Helper()
	list, err := m.service.WhatIsNew(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range list {
		if !slices.Contains(out, n.Slug) {
			out = append(out, n.Slug)
		}
	}
	return out
}

func TestConformanceScheduleXMLOfTheExamples(t *testing.T) {
	schema := testkit.Data(t, "schedule.xml.xsd")
	testkit.Need(t, "xmllint")
	m := sqliteMachine(t)
	m.readExamples(t)
	for _, slug := range m.held(t) {
		for _, l := range []string{"ja", "en"} {
			cmd := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", schema, "-")
			cmd.Stdin = strings.NewReader(m.get(t, "/meetings/"+slug+"/schedule.xml?lang="+l))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s in %s: %v\n%s", slug, l, err, out)
			}
		}
	}
}

func TestConformanceScheduleJSONOfTheExamples(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(testkit.Data(t, "schedule.json.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	m := sqliteMachine(t)
	m.readExamples(t)
	for _, slug := range m.held(t) {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(m.get(t, "/meetings/"+slug+"/schedule.json")))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", slug, err)
		}
	}
}

func TestExportHeaders(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	for path, want := range map[string][2]string{
		"schedule.xml":                     {"application/xml; charset=utf-8", `inline; filename="janog57-schedule.xml"`},
		"schedule.json":                    {"application/json; charset=utf-8", `inline; filename="janog57-schedule.json"`},
		"schedule.csv":                     {"text/csv; charset=utf-8; header=present", `inline; filename="janog57-schedule.csv"`},
		"meeting.yaml":                     {"application/yaml; charset=utf-8", `inline; filename="janog57.yaml"`},
		"schedule.ics":                     {"text/calendar; charset=utf-8; method=PUBLISH", `inline; filename="janog57.ics"`},
		"schedule.ics?session=60031,60032": {"text/calendar; charset=utf-8; method=PUBLISH", `inline; filename="janog57-mine.ics"`},
		"changes.atom":                     {"application/atom+xml; charset=utf-8", ""},
		"schedule.ics?room=hall1&lang=xx":  {"text/calendar; charset=utf-8; method=PUBLISH", `inline; filename="janog57-hall1.ics"`},
	} {
		w := m.ask(t, http.MethodGet, "/meetings/janog57/"+path)
		if got := [2]string{w.Header().Get("Content-Type"), w.Header().Get("Content-Disposition")}; w.Code != http.StatusOK || got != want {
			t.Errorf("%s: %d %q, want %q", path, w.Code, got, want)
		}
	}
	for _, path := range []string{"/meetings/nosuch/schedule.xml", "/meetings/nosuch/changes.atom", "/en/meetings/janog57/schedule.xml"} {
		if w := m.ask(t, http.MethodGet, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// events reads a calendar: its uids with their events.
func events(t testing.TB, calendar string) map[string]*ical.VEvent {
	t.Helper()
	c, err := ical.ParseCalendar(strings.NewReader(calendar))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*ical.VEvent{}
	for _, e := range c.Events() {
		if out[e.Id()] != nil {
			t.Errorf("%s stands twice", e.Id())
		}
		out[e.Id()] = e
	}
	return out
}

func TestCalendars(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	p, err := m.service.Programme(t.Context(), "janog57")
	if err != nil {
		t.Fatal(err)
	}
	const at = "/meetings/janog57/schedule.ics"
	whole := events(t, m.get(t, at))
	timed, inFirst := 0, 0
	var some []string
	for _, it := range p.Items {
		if it.Timed() || it.Date != "" {
			timed++
		}
		if it.Timed() && (it.Room == p.Meeting.Rooms[0].Key || it.AllRooms) {
			inFirst++
		}
		if it.Timed() && len(some) < 3 {
			some = append(some, it.Ref)
		}
		if e := whole[it.GUID+"@tsudoi"]; e != nil && it.Sequence > 0 {
			if s := e.GetProperty(ical.ComponentPropertySequence); s == nil || s.Value == "0" {
				t.Errorf("%s moved, and its SEQUENCE is %v", it.Name, s)
			}
		}
	}
	if len(whole) != timed {
		t.Errorf("the calendar has %d of %d", len(whole), timed)
	}
	if got := events(t, m.get(t, at+"?room="+p.Meeting.Rooms[0].Key)); len(got) != inFirst || inFirst == 0 {
		t.Errorf("the room has %d of %d", len(got), inFirst)
	}
	if got := events(t, m.get(t, at+"?session="+strings.ToLower(some[0]))); len(got) != 1 {
		t.Errorf("one session gives %d", len(got))
	}
	if got := events(t, m.get(t, at+"?session="+strings.Join(some, ",")+",GONE00")); len(got) != 3 {
		t.Errorf("three sessions and one that is gone give %d", len(got))
	}
	if got := m.get(t, at+"?session="); strings.Contains(got, "BEGIN:VEVENT") {
		t.Error("no session gives some")
	}
	if ja, en := m.get(t, at), m.get(t, at+"?lang=en"); ja == en {
		t.Error("?lang=en changes nothing")
	}
	for _, query := range []string{"?room=nowhere", "?session=" + strings.Repeat("A,", 501)} {
		if w := m.ask(t, http.MethodGet, at+query); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%.40s: %d", query, w.Code)
		}
	}
}

// TestMeetingFileComesBack reads what the site serves into an empty site, and serves it from there.
func TestMeetingFileComesBack(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	for _, slug := range withProgramme {
		file := m.get(t, "/meetings/"+slug+"/meeting.yaml")
		other := sqliteMachine(t)
		other.read(t, slug+".yaml", []byte(file))
		if diff := cmp.Diff(file, other.get(t, "/meetings/"+slug+"/meeting.yaml")); diff != "" {
			t.Errorf("%s (-served +again):\n%s", slug, diff)
		}
	}
}

func TestMeetingFileIsOfTheSchema(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	c := jsonschema.NewCompiler()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(m.get(t, "/schemas/meeting.json")))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("meeting.json", v); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("meeting.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, slug := range withProgramme {
		var node yaml.Node
		if err := yaml.Unmarshal([]byte(m.get(t, "/meetings/"+slug+"/meeting.yaml")), &node); err != nil {
			t.Fatal(err)
		}
		dates(&node)
		var file any
		if err := node.Decode(&file); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", slug, err)
		}
	}
}

// dates makes plain dates texts, as JSON has them.
func dates(n *yaml.Node) {
	if n.Tag == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, c := range n.Content {
		dates(c)
	}
}

// guarded is a meeting in which an off-record session, a part and one speaker forbid things, and a session that may show everything. The
// addresses of links say whether they may be seen.
const guarded = `tsudoi: 1
meeting: {slug: guarded, title: {ja: 守る, en: Guarded}, timezone: Asia/Tokyo, start: 2026-02-11, end: 2026-02-13, rooms: [{key: r1, name: Room}]}
kinds: [{key: talk, label: Talk, counts: true}]
speakers: [{key: free, name: Free Speaker}, {key: shy, name: Shy Speaker}]
sessions:
  - code: OPEN
    kind: talk
    title: {ja: 公開, en: Open}
    date: 2026-02-12
    start: "10:00"
    end: "11:00"
    room: r1
    speakers: [free]
    links:
      - {kind: slides, url: "https://links.example/seen-slides"}
      - {kind: stream, url: "https://links.example/seen-stream"}
      - {kind: video, url: "https://links.example/seen-video"}
      - {kind: photo, url: "https://links.example/seen-photo"}
      - {kind: sns, url: "https://links.example/seen-sns"}
      - {kind: video, url: "https://links.example/hidden-past", until: 2026-02-11}
  - code: OFF
    kind: talk
    title: {ja: オフレコ, en: Off record}
    date: 2026-02-12
    start: "11:00"
    end: "12:00"
    room: r1
    policy: off-record
    speakers: [free]
    links:
      - {kind: slides, url: "https://links.example/hidden-off-slides"}
      - {kind: stream, url: "https://links.example/hidden-off-stream"}
      - {kind: video, url: "https://links.example/hidden-off-video"}
      - {kind: photo, url: "https://links.example/hidden-off-photo"}
      - {kind: sns, url: "https://links.example/hidden-off-sns"}
      - {kind: web, url: "https://links.example/seen-off-web"}
  - code: PART
    kind: talk
    title: {ja: 部分, en: Parts}
    date: 2026-02-12
    start: "13:00"
    end: "14:00"
    room: r1
    links:
      - {kind: slides, url: "https://links.example/hidden-whole-slides"}
      - {kind: stream, url: "https://links.example/seen-whole-stream"}
    parts:
      - title: Quiet
        policy: {slides: no}
        links: [{kind: slides, url: "https://links.example/hidden-part-slides"}, {kind: video, url: "https://links.example/seen-part-video"}]
      - title: Loud
        links: [{kind: slides, url: "https://links.example/seen-part-slides"}]
  - code: SHY
    kind: talk
    title: {ja: 控えめ, en: Shy}
    date: 2026-02-12
    start: "15:00"
    end: "16:00"
    room: r1
    speakers: [free, {speaker: shy, policy: {record: no, photo: no}}]
    links:
      - {kind: video, url: "https://links.example/hidden-shy-video"}
      - {kind: photo, url: "https://links.example/hidden-shy-photo"}
      - {kind: slides, url: "https://links.example/seen-shy-slides"}
`

func TestPoliciesHoldInEverythingForMachines(t *testing.T) {
	m := sqliteMachine(t)
	m.read(t, "guarded.yaml", []byte(guarded))
	// A later release changes the links, so that releases and feeds have something to say about them.
	m.read(t, "guarded.yaml", []byte(strings.ReplaceAll(strings.ReplaceAll(guarded, "hidden-", "hidden-2"), "seen-", "seen-2")))
	everything := ""
	bodies := map[string]string{}
	for _, path := range machinePaths {
		bodies[strings.ReplaceAll(path, "janog57", "guarded")] = ""
	}
	for _, path := range []string{
		"/meetings/guarded/schedule.ics?session=OPEN,OFF,PART,SHY", "/meetings/guarded/schedule.ics?room=r1&lang=en", "/meetings/guarded/changes.atom?lang=en",
		"/api/v1/meetings/guarded/releases/2", "/api/v1/meetings/guarded/speakers", "/api/v1/meetings/guarded/speakers/shy", "/api/v1/meetings/guarded/kinds",
		"/api/v1/meetings/guarded/days", "/api/v1/meetings/guarded/rooms", "/api/v1/meetings/guarded/sessions/OPEN", "/api/v1/meetings/guarded/sessions/OFF",
		"/api/v1/meetings/guarded/sessions/PART", "/api/v1/meetings/guarded/sessions/SHY", "/sitemap.xml",
	} {
		bodies[path] = ""
	}
	for path := range bodies {
		bodies[path] = m.get(t, path)
		everything += bodies[path]
		for _, word := range strings.FieldsFunc(bodies[path], func(r rune) bool { return strings.ContainsRune("\"'<> \n,;", r) }) {
			if strings.Contains(word, "hidden-") {
				t.Errorf("%s shows %s", path, word)
			}
		}
	}
	for _, path := range []string{"/api/v1/meetings/guarded/sessions", "/meetings/guarded/meeting.yaml"} {
		for _, seen := range []string{
			"slides", "stream", "video", "photo", "sns", "off-web", "whole-stream", "part-video", "part-slides", "shy-slides",
		} {
			if !strings.Contains(bodies[path], "seen-2"+seen) {
				t.Errorf("%s lacks %s", path, seen)
			}
		}
	}
	for _, path := range []string{"/meetings/guarded/schedule.xml", "/meetings/guarded/schedule.json", "/meetings/guarded/schedule.csv"} {
		if !strings.Contains(bodies[path], "seen-2slides") {
			t.Errorf("%s lacks the slides that anyone may see", path)
		}
	}
	if !strings.Contains(everything, `"op":"edited"`) || !strings.Contains(everything, `{"field":"links"}`) {
		t.Error("the releases do not say that links changed")
	}
}

// atom is what a reader of feeds makes of one.
type atom struct {
	ID      string `xml:"http://www.w3.org/2005/Atom id"`
	Updated time.Time
	Title   string
	Author  struct {
		Name string `xml:"name"`
	} `xml:"author"`
	Entries []struct {
		ID      string    `xml:"id"`
		Title   string    `xml:"title"`
		Updated time.Time `xml:"updated"`
		Summary string    `xml:"summary"`
		Content string    `xml:"content"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"entry"`
}

func readAtom(t testing.TB, body string) atom {
	t.Helper()
	var f struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		atom
		Up    time.Time `xml:"updated"`
		Title string    `xml:"title"`
	}
	if err := xml.Unmarshal([]byte(body), &f); err != nil {
		t.Fatal(err)
	}
	f.Updated, f.atom.Title = f.Up, f.Title
	return f.atom
}

func TestChangesFeed(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	for _, l := range []string{"ja", "en"} {
		f := readAtom(t, m.get(t, "/meetings/janog57/changes.atom?lang="+l))
		if len(f.Entries) != 2 || f.Title == "" || f.Author.Name == "" || !strings.HasPrefix(f.ID, "tag:tsudoi.example,2026:") {
			t.Fatalf("%+v", f)
		}
		newest, first := f.Entries[0], f.Entries[1]
		if newest.ID == first.ID || !strings.HasPrefix(newest.ID, "tag:tsudoi.example,2026:meetings/janog57/releases/2") || !f.Updated.Equal(newest.Updated) || newest.Updated.Before(first.Updated) {
			t.Errorf("%+v", f)
		}
		if newest.Summary == "" || first.Summary == "" || !strings.Contains(newest.Content, "<li>") || !strings.HasSuffix(newest.Link.Href, "/meetings/janog57/changes#r2") {
			t.Errorf("%+v", newest)
		}
		if strings.Contains(newest.Content+newest.Summary+newest.Title+f.Title, "[program.") {
			t.Errorf("a word is missing: %s", newest.Content)
		}
	}
}

func TestNewsFeed(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	f := readAtom(t, m.get(t, "/changes.atom?lang=en"))
	if len(f.Entries) < 5 || f.Title == "" || strings.Contains(f.Title, "[program.") {
		t.Fatalf("%+v", f)
	}
	seen := map[string]bool{}
	for i, e := range f.Entries {
		if seen[e.ID] || e.Title == "" || strings.ContainsAny(e.ID, "# ") || i > 0 && e.Updated.After(f.Entries[i-1].Updated) || !strings.HasPrefix(e.Link.Href, machineURL+"/") {
			t.Errorf("entry %d: %+v", i, e)
		}
		seen[e.ID] = true
	}
	if f.Updated.Before(f.Entries[0].Updated) {
		t.Errorf("the feed is older than its newest entry: %v", f.Updated)
	}
}

func TestExportsAreOfTheMeetingAsItIsNow(t *testing.T) {
	m := sqliteMachine(t)
	m.read(t, "guarded.yaml", []byte(guarded))
	before := m.get(t, "/meetings/guarded/schedule.json")
	m.read(t, "guarded.yaml", []byte(strings.Replace(guarded, "en: Guarded", "en: Renamed", 1)))
	after := m.get(t, "/meetings/guarded/schedule.json?lang=en")
	if strings.Contains(before, "Renamed") || !strings.Contains(after, "Renamed") {
		t.Errorf("%.300s", after)
	}
	docs, _, err := interchange.Decode("meeting.yaml", []byte(m.get(t, "/meetings/guarded/meeting.yaml")), interchange.Options{})
	if err != nil || docs[0].Meeting.Title.EN != "Renamed" {
		t.Errorf("%v %v", docs, err)
	}
}
