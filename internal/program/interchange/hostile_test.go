package interchange

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

func zipOf(t *testing.T, name string, size int) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range []string{"xl/workbook.xml", name} {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if n == name {
			block := make([]byte, 1<<20)
			for range size >> 20 {
				if _, err := w.Write(block); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRefused(t *testing.T) {
	sessions := "tsudoi: 1\nmeeting: {slug: a, title: a}\nsessions:\n" + strings.Repeat("  - {title: x}\n", 11)
	for _, c := range []struct{ name, file, data, want string }{
		{"entities", "s.xml", `<!DOCTYPE s [<!ENTITY a "b">]><schedule>&a;</schedule>`, "it defines entities"},
		{"external entity", "s.xml", `<!DOCTYPE s SYSTEM "x" [<!ENTITY % a SYSTEM "file:///etc/passwd">]><schedule/>`, "it defines entities"},
		{"cut off xml", "s.xml", smallXML[:300], "it ends in the middle"},
		{"cut off json", "s.json", janogAPI[:300], "it ends in the middle"},
		{"cut off ics", "s.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n", "it ends in the middle"},
		{"cut off xlsx", "s.xlsx", zipOf(t, "x", 1<<20)[:200], "cut off or broken"},
		{"zip bomb", "s.xlsx", zipOf(t, "xl/worksheets/sheet1.xml", 120<<20), "it unpacks to more than 100 MB"},
		{"other zip", "s.xlsx", strings.Replace(zipOf(t, "word/document.xml", 0), "xl/workbook.xml", "xx/workbook.xml", 2), "no workbook"},
		{"old excel", "s.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"},
		{"web page", "s.xml", "<!DOCTYPE html><html>", "a web page"},
		{"other xml", "s.xml", "<rss/>", "begins with <rss>"},
		{"picture", "s.png", "\x89PNG\r\n\x1a\n\x00\x00", "not a text"},
		{"other json", "s.json", `{"hello": 1}`, "none of the keys"},
		{"no heading", "s.csv", "a,b\nc,d\n", "no heading row"},
		{"empty", "s.csv", "  \n", "it is empty"},
		{"too many", "s.yaml", sessions, "more than 10 sessions"},
		{"too large", "s.yaml", strings.Repeat("x", 3<<20), "2 MB is the most"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := Decode(c.file, []byte(c.data), Options{MaxSessions: 10, MaxBytes: 2 << 20})
			u, ok := errors.AsType[*Unusable](err)
			if !ok || !strings.Contains(u.Why, c.want) || strings.Contains(u.Why, "\n") || fault.KindOf(err) != fault.Invalid {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestLargeFilesAreRefusedAtOnce gives every reader a file of 50 MB of its own kind. Each must refuse it in one sentence, without
// taking several times its size of memory to find out.
func TestLargeFilesAreRefusedAtOnce(t *testing.T) {
	const size = 50 << 20
	for _, c := range []struct{ file, head, unit, tail string }{
		{"a.yaml", "tsudoi: 1\nsessions:\n", "  - {title: x}\n", ""},
		{"a.xml", "<schedule><day date='2026-02-11'><room name='r'>", "<event id='1'><title>x</title></event>", "</room></day></schedule>"},
		{"a.json", `{"schedule":{"conference":{"days":[{"date":"2026-02-11","rooms":{"r":[{}`, `,{"title":"x"}`, "]}}]}}}"},
		{"a.ics", "BEGIN:VCALENDAR\n", "BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n", "END:VCALENDAR\n"},
		{"a.csv", "title,date\n", "x,2026-02-11\n", ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			data := []byte(c.head + strings.Repeat(c.unit, size/len(c.unit)) + c.tail)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := Decode(c.file, data, Options{})
			runtime.ReadMemStats(&after)
			u, ok := errors.AsType[*Unusable](err)
			if !ok || !strings.Contains(u.Why, "more than 20000 sessions") && !strings.Contains(u.Why, "the most for this format") &&
				!strings.Contains(u.Why, "8 MB at most") {
				t.Errorf("got %v", err)
			}
			if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 300 {
				t.Errorf("it took %d MB to refuse it", took)
			}
		})
	}
}

func TestValidateReportsAndLeavesAlone(t *testing.T) {
	d := rich()
	d.Sessions[0].Room = "r9"
	d.Sessions[0].End = d.Sessions[0].Start.Add(-time.Hour)
	before := d.clone()
	problems := lines(Validate(d))
	if len(problems) != 2 || !strings.Contains(problems[0], `unknown room "r9"`) || !strings.Contains(problems[1], "before it starts") {
		t.Errorf("problems: %q", problems)
	}
	if diff := cmp.Diff(before, d, equal()); diff != "" {
		t.Errorf("it was changed:\n%s", diff)
	}
	if got := Validate(rich()); len(got) > 0 {
		t.Errorf("problems of a good document: %v", got)
	}
}

func TestProblemIsOneLine(t *testing.T) {
	p := Problem{File: "a\nb", Place: "line\u202e 1", What: "x\r\ny", Done: "z\x00"}
	if got := p.String(); got != "a b: line 1: x y; z" {
		t.Errorf("%q", got)
	}
	var n notes
	for range maxProblems + 5 {
		n.add("", "x", "y")
	}
	if got := n.problems(); len(got) != maxProblems+1 || got[maxProblems].What != "5 more problems" {
		t.Errorf("%d problems, the last %v", len(got), got[len(got)-1])
	}
}

// TestEverythingDiffers: as many sessions as may be, each with a room, kind, topic and speaker of its own, or with unknown ones. Looking
// names up one by one would take minutes.
func TestEverythingDiffers(t *testing.T) {
	var x, y strings.Builder
	x.WriteString("<schedule><conference><acronym>many</acronym><time_zone_name>UTC</time_zone_name></conference><day date='2026-02-11'>")
	y.WriteString("tsudoi: 1\nmeeting: {slug: many, title: M, rooms: [{key: r, name: R}]}\nsessions:\n")
	for i := range MaxSessions {
		fmt.Fprintf(&x, "<room name='R%d'><event id='%d'><title>T%d</title><type>K%d</type><track>T%d</track><start>10:00</start><persons><person id='%d'>P</person></persons></event></room>", i, i+1, i, i, i, i)
		fmt.Fprintf(&y, "  - {title: T%d, room: r%d, kind: k%d, topics: [t%d], speakers: [p%d], slot: s%d}\n", i, i, i, i, i, i)
	}
	x.WriteString("</day></schedule>")
	for name, data := range map[string]string{"x.xml": x.String(), "x.yaml": y.String()} {
		docs, _, err := Decode(name, []byte(data), Options{})
		if err != nil || len(docs[0].Sessions) != MaxSessions {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := EncodeXML(docs[0].Public(today), exportOptions()); err != nil {
			t.Fatal(err)
		}
	}
}
