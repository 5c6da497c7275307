package interchange

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// conformance reads one of the real files.
func conformance(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(testkit.Data(t, "schedules/"+name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestConformanceRealFiles(t *testing.T) {
	for _, c := range []struct {
		file                                          string
		sessions, speakers, rooms, kinds, topics, opt int
		first, last, zone                             string
		problems                                      []string
	}{
		{"debconf23.xml", 117, 87, 5, 5, 12, 7, "2023-09-10", "2023-09-17", "Asia/Kolkata", nil},
		{"pretalx-democon.json", 36, 27, 2, 2, 2, 2, "2020-12-14", "2020-12-16", "UTC", nil},
		{"kielux_2020.ics", 24, 20, 4, 0, 0, 0, "2020-09-18", "2020-09-19", "Europe/Berlin", nil},
	} {
		t.Run(c.file, func(t *testing.T) {
			d, problems := decodeOne(t, c.file, string(conformance(t, c.file)), Options{Timezone: "Europe/Berlin"})
			opt := 0
			for _, s := range d.Sessions {
				if s.Policy.Record == Refused {
					opt++
				}
			}
			first, last := d.span()
			got := fmt.Sprint(len(d.Sessions), len(d.Speakers), len(d.Meeting.Rooms), len(d.Kinds), len(d.Topics), opt, first, last, d.Meeting.Timezone)
			if want := fmt.Sprint(c.sessions, c.speakers, c.rooms, c.kinds, c.topics, c.opt, c.first, c.last, c.zone); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if diff := cmp.Diff(c.problems, problems); diff != "" {
				t.Errorf("problems:\n%s", diff)
			}
			x, err := EncodeXML(public(d), exportOptions())
			if err != nil {
				t.Fatal(err)
			}
			validXML(t, x)
		})
	}
}

// manyXML is a schedule.xml of n events in 30 rooms.
func manyXML(n int) []byte {
	var b strings.Builder
	b.WriteString("<schedule><conference><acronym>many</acronym><title>Many</title><time_zone_name>Asia/Tokyo</time_zone_name></conference><day date='2026-02-11' index='1'>")
	for i := range n {
		if i%(n/30+1) == 0 {
			if i > 0 {
				b.WriteString("</room>")
			}
			fmt.Fprintf(&b, "<room name='Room %d'>", i)
		}
		fmt.Fprintf(&b, "<event id='%d' guid='%s'><title>Session %d</title><date>2026-02-11T%02d:%02d:00+09:00</date><duration>00:01</duration><abstract>%s</abstract><persons><person id='%d'>Speaker %d</person></persons></event>",
			i+1, Derive("many", "session", fmt.Sprint(i)), i, 9+i%(n/30+1)/60, i%(n/30+1)%60, strings.Repeat("An abstract of some length. ", 20), i%300, i%300)
	}
	b.WriteString("</room></day></schedule>")
	return []byte(b.String())
}

func BenchmarkDecodeXML1000(b *testing.B) {
	data := manyXML(1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		docs, _, err := Decode("s.xml", data, Options{})
		if err != nil || len(docs[0].Sessions) != 1000 {
			b.Fatal(err)
		}
	}
}
