package interchange

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fuzz feeds a reader. Whatever comes, it must not panic; what it accepts must be in order, be one line per problem, come out the same
// the second time, and go through the Tsudoi file without a difference.
func fuzz(f *testing.F, name string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 64<<10 {
			return
		}
		docs, problems, err := Decode(name, data, Options{Meeting: "fuzz"})
		for _, p := range problems {
			if strings.ContainsAny(p.String(), "\r\n\u202e") {
				t.Fatalf("a problem of several lines: %q", p.String())
			}
		}
		if err != nil {
			return
		}
		if again, _, err := Decode(name, data, Options{Meeting: "fuzz"}); err != nil || !cmp.Equal(docs, again, equal()) {
			t.Fatalf("read differently the second time: %v\n%s", err, cmp.Diff(docs, again, equal()))
		}
		for _, d := range docs {
			through(t, d)
		}
	})
}

// through takes a decoded document through every encoder, and through the Tsudoi file and back.
func through(t *testing.T, d *Document) {
	for _, p := range Validate(d) {
		if !strings.Contains(p.Done, "kept") {
			t.Fatalf("a decoded document still has a problem: %s", p)
		}
	}
	p := d.Public(today)
	for _, encode := range []func(*Document, Export) ([]byte, error){EncodeXML, EncodeJSON, EncodeICS, EncodeCSV} {
		if _, err := encode(p, exportOptions()); err != nil {
			t.Fatal(err)
		}
	}
	out, err := EncodeYAML(d)
	if err != nil {
		t.Fatal(err)
	}
	back, _, err := Decode("x.yaml", out, Options{})
	if err != nil || len(back) != 1 {
		t.Fatalf("%v\n%s", err, out)
	}
	want := d.clone()
	want.Has, back[0].Has, want.Refused = Fields{}, Fields{}, 0
	if diff := cmp.Diff(want, back[0], equal()); diff != "" {
		t.Fatalf("a round trip differs (-written +read):\n%s\n%s", diff, out)
	}
}

func FuzzYAML(f *testing.F) {
	fuzz(f, "x.yaml", smallFile, "tsudoi: 1\nmeeting: &m {slug: a, title: {en: x}, languages: [en]}\n---\ngroup: {name: x}\n",
		"tsudoi: 1\nmeeting: {slug: a}\nsessions: [{title: x, start: 25:00, policy: off}]\n")
}

func FuzzXML(f *testing.F) {
	fuzz(f, "x.xml", smallXML, "<schedule><day><room><event guid='5e0b1c1c-0000-4000-8000-000000000001'><title>x</title></event></room></day></schedule>")
}

func FuzzJSON(f *testing.F) {
	fuzz(f, "x.json", janogAPI, `{"schedule":{"conference":{"acronym":"a","days":[{"date":"2026-02-11","rooms":{"r":[{"id":1,"title":{"en":"x"},"start":"09:00","duration":"1:00","persons":[{"public_name":"p"}]}]}}]}}}`,
		`{"sessions":[{"id":1,"title":"x","date":"2026-02-11","start":"10:00","end":"9:00","speakers_optional":["a"]}]}`)
}

func FuzzICS(f *testing.F) {
	fuzz(f, "x.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:x\nDTSTART;TZID=Asia/Tokyo:20260211T090000\nDTEND:20260211T010000Z\nLOCATION:r\nCATEGORIES:a,b\nEND:VEVENT\nEND:VCALENDAR\n",
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nDTSTART;VALUE=DATE:20260211\nATTENDEE;CN=\"p\":x\nEND:VEVENT\nEND:VCALENDAR")
}

func FuzzTable(f *testing.F) {
	fuzz(f, "x.csv", table, "title;date;duration\nx;46064;30\n", "Title\tTime\tStatus\nx\t10:00-11:00\tcancelled\n")
}

func FuzzWorkbook(f *testing.F) {
	fuzz(f, "x.xlsx", "PK\x03\x04")
}

func FuzzAnything(f *testing.F) {
	fuzz(f, "x", smallFile, smallXML, janogAPI, table, "BEGIN:VCALENDAR\nEND:VCALENDAR")
}
