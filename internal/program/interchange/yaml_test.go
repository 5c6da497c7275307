package interchange

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"pgregory.net/rapid"
)

// equal compares documents as what they mean: times as moments, an empty list as no list.
func equal() cmp.Options {
	return cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })}
}

func decodeOne(t testing.TB, name, text string, o Options) (*Document, []string) {
	t.Helper()
	docs, problems, err := Decode(name, []byte(text), o)
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	if len(docs) != 1 {
		t.Fatalf("got %d documents, want 1", len(docs))
	}
	return docs[0], lines(problems)
}

func lines(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}

const smallFile = `tsudoi: 1
meeting:
  slug: janog57
  title: JANOG57 Meeting
  timezone: Asia/Tokyo
  start: 2026-02-11
  end: 2026-02-13
  rooms:
    - {key: r1, name: 本会議場1}
    - {key: r2, name: {ja: 本会議場2, en: Main hall 2}, capacity: 300}
policy: {publish: yes, publish_until: 2026-05-31}
speakers:
  - {key: sato, name: {ja: 佐藤 花子, en: Hanako Sato}, affiliation: サンプル株式会社}
sessions:
  - code: C14
    title: {ja: 経路制御の話, en: On routing}
    kind: regular
    date: 2026-02-12
    start: "10:20"
    end: 11:20
    room: r2
    speakers: [sato]
  - {title: 夜の部, date: 2026-02-12, start: "25:10", end: "26:00", room: r1, policy: off-record}
  - {title: 休憩, kind: break, date: 2026-02-12, start: "12:00", end: "13:00", room: "*"}
  - {title: LT, slot: C14, speakers: [{speaker: sato, role: moderator, policy: {stream: no}}]}
`

func TestYAMLReads(t *testing.T) {
	d, problems := decodeOne(t, "janog57.yaml", smallFile, Options{})
	if len(problems) > 0 {
		t.Errorf("problems: %q", problems)
	}
	if got := len(d.Sessions); got != 4 {
		t.Fatalf("got %d sessions", got)
	}
	night := d.Sessions[1]
	if got := night.Start.Format(time.RFC3339); got != "2026-02-13T01:10:00+09:00" || night.Date != "2026-02-12" {
		t.Errorf("25:10 is %s on %s", got, night.Date)
	}
	if night.Policy != OffRecord {
		t.Errorf("off-record is %+v", night.Policy)
	}
	if s := d.Sessions[2]; !s.AllRooms || s.Room != "" {
		t.Errorf("a break in every room: %q %v", s.Room, s.AllRooms)
	}
	if d.Sessions[3].Slot != d.Sessions[0].GUID {
		t.Errorf("the slot is %q, want the guid of C14", d.Sessions[3].Slot)
	}
	if d.Sessions[0].GUID != Derive("janog57", "session", "code/C14") {
		t.Errorf("guid of C14 is %s", d.Sessions[0].GUID)
	}
	again, _ := decodeOne(t, "other-name.yaml", smallFile, Options{})
	if diff := cmp.Diff(d, again, equal()); diff != "" {
		t.Errorf("a second reading differs:\n%s", diff)
	}
}

func TestYAMLPlainTextsAreInTheDefaultLanguage(t *testing.T) {
	d, _ := decodeOne(t, "x.yaml", "tsudoi: 1\nmeeting: {slug: demo, title: Demo, languages: [en, ja]}\nsessions: [{title: Opening}, {title: {ja: 開会}}]\n", Options{})
	if d.Sessions[0].Title != i18n.T("", "Opening") || d.Sessions[1].Title != i18n.T("開会", "") || d.Meeting.Title != i18n.T("", "Demo") {
		t.Errorf("titles: %+v %+v", d.Sessions[0].Title, d.Sessions[1].Title)
	}
	out, err := EncodeYAML(d)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "title: Opening\n") || !strings.Contains(string(out), "ja: 開会") {
		t.Errorf("written as\n%s", out)
	}
}

func TestYAMLProblems(t *testing.T) {
	head := "tsudoi: 1\nmeeting: {slug: demo, title: D, start: 2026-02-11, end: 2026-02-12, rooms: [{key: r1, name: R}]}\n"
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", head + "sessions:\n  - {titel: X, title: Y}\n", `x.yaml: line 4: unknown key "titel" in sessions (did you mean title?); ignored`},
		{"unknown room", head + "sessions:\n  - {title: Y, room: r2}\n", `x.yaml: line 4, session "Y": unknown room "r2" (did you mean r1?); kept without a room`},
		{"unknown speaker", head + "sessions:\n  - {title: Y, speakers: [山田 太郎]}\n", `x.yaml: line 4, session "Y": unknown speaker "山田 太郎"; left out, write the speaker under speakers and name the key here`},
		{"end before start", head + "sessions:\n  - {title: Y, date: 2026-02-11, start: 10:00, end: 09:00}\n", `x.yaml: line 4, session "Y": it ends (2026-02-11 09:00) before it starts (2026-02-11 10:00); kept with no length`},
		{"javascript", head + "sessions:\n  - {title: Y, links: [{url: \"java\\nscript:alert(1)\"}]}\n", `x.yaml: line 4, session "Y": the address "java script:alert(1)" is not http, https or mailto; dropped`},
		{"code twice", head + "sessions:\n  - {title: A, code: C1}\n  - {title: B, code: c1}\n", `x.yaml: line 5, session c1: code c1 is also that of "A"; kept without a code`},
		{"guid twice", head + "sessions:\n  - {title: A, guid: 11111111-1111-4111-8111-111111111111}\n  - {title: B, guid: 11111111-1111-4111-8111-111111111111}\n", `x.yaml: line 5, session "B": its identity is that of line 4, session "A" (11111111-1111-4111-8111-111111111111); kept as another session with a new guid`},
		{"zone", "tsudoi: 1\nmeeting: {slug: demo, title: D, timezone: Asia/Tokio}\n", `x.yaml: timezone: unknown time zone "Asia/Tokio"; read as Asia/Tokyo`},
		{"policy", head + "policy: {stream: perhaps}\n", `x.yaml: policy: policy stream: "perhaps" is neither yes nor no; read as no, to be safe`},
		{"overlap", head + "sessions:\n  - {title: A, date: 2026-02-11, start: 10:00, end: 11:00, room: r1}\n  - {title: B, date: 2026-02-11, start: 10:30, end: 11:30, room: r1}\n", `x.yaml: line 5, session "B": it starts at 2026-02-11 10:30 in room r1, before "A" ends; kept; both are shown`},
		{"long title", head + "sessions:\n  - {title: " + strings.Repeat("長", 10_000) + "}\n", `x.yaml: line 4, session "` + strings.Repeat("長", 60) + `…": title has 10000 characters; cut to 500`},
		{"midnight", head + "sessions:\n  - {title: A, date: 2026-02-11, start: 23:00, end: 01:00, room: r1}\n", `x.yaml: line 4: the end 01:00 is before the start 23:00; read as 25:00, after midnight`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, problems := decodeOne(t, "folder/x.yaml", c.text, Options{})
			if len(problems) != 1 || problems[0] != c.want {
				t.Errorf("got  %q\nwant %q", problems, c.want)
			}
		})
	}
}

func TestYAMLRefuses(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		p := string(c - 1)
		bomb += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+p+",", 9), ",") + "]\n"
	}
	for name, text := range map[string]string{
		"syntax":      "tsudoi: 1\nmeeting: {slug: [",
		"bomb":        "tsudoi: 1\n" + bomb,
		"deep":        "tsudoi: 1\nmeeting: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"cycle":       "tsudoi: 1\nmeeting: &m {title: *m}",
		"prose":       "Dear chair, here is the programme.",
		"newer":       "tsudoi: 2\nmeeting: {slug: x, title: y}\n",
		"too large":   "tsudoi: 1\n#" + strings.Repeat("x", MaxYAML),
		"empty":       " \n",
		"nothing":     "tsudoi: 1\n",
		"other files": "services:\n  web: {}\n",
	} {
		_, _, err := Decode("x.yaml", []byte(text), Options{})
		if err == nil && name != "nothing" {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestYAMLRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDocument().Draw(t, "document")
		out, err := EncodeYAML(d)
		if err != nil {
			t.Fatal(err)
		}
		docs, problems, err := Decode("x.yaml", out, Options{})
		if err != nil || len(docs) != 1 {
			t.Fatalf("%v, %d documents\n%s", err, len(docs), out)
		}
		for _, p := range problems {
			if !strings.HasSuffix(p.Done, "kept; both are shown") {
				t.Errorf("problem: %s", p)
			}
		}
		if diff := cmp.Diff(d, docs[0], equal()); diff != "" {
			t.Fatalf("differs (-written +read):\n%s\n%s", diff, out)
		}
		second, err := EncodeYAML(docs[0])
		if err != nil || string(second) != string(out) {
			t.Fatalf("written differently the second time: %v\n%s", err, cmp.Diff(string(out), string(second)))
		}
	})
}

func TestDateForms(t *testing.T) {
	for in, want := range map[string]event.Date{"2026/2/11": "2026-02-11", "２０２６年２月１１日（水）": "2026-02-11", "20260211": "2026-02-11", "2026-02-30": "",
		"tomorrow": ""} {
		if got, _ := parseDate(in); got != want {
			t.Errorf("parseDate(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]int{"9:05": 545, "１０：２０": 620, "10時半": 630, "25:10": 1510, "10:20:30": 620, "10": -1, "10:60": -1, "48:00": -1,
		"1:2": -1} {
		got, ok := parseClock(in)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("parseClock(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestYAMLOfSeveralMeetings(t *testing.T) {
	const two = "tsudoi: 1\ngroup: {name: G}\n---\nmeeting: {slug: a, title: A}\n---\nmeeting: {slug: b, title: B}\nsessions: [{title: x}, 7]\n"
	docs, problems, err := Decode("x.yaml", []byte(two), Options{Meeting: "c"})
	if err != nil || len(docs) != 3 || docs[1].Meeting.Slug != "a" || docs[2].Meeting.Slug != "b" || docs[2].Refused != 1 {
		t.Fatalf("%v, %d documents, %v", err, len(docs), problems)
	}
	if _, _, err := Decode("x.yaml", []byte(smallFile), Options{Meeting: "../x"}); err == nil {
		t.Error("a slug that leaves its folder is taken")
	}
}

func TestYAMLWithoutRoomsTakesThoseOfItsSessions(t *testing.T) {
	d, problems := decodeOne(t, "x.yaml", "tsudoi: 1\nmeeting: {slug: a, title: A}\nsessions: [{title: x, room: ホール}, {title: y, room: 第2}, {title: z, room: ホール}]\n", Options{})
	if len(d.Meeting.Rooms) != 2 || len(problems) != 2 || d.Sessions[0].Room == "" || d.Sessions[0].Room != d.Sessions[2].Room || d.Sessions[1].Room == d.Sessions[0].Room {
		t.Errorf("rooms %+v, problems %q", d.Meeting.Rooms, problems)
	}
}
