package interchange

import (
	"strings"
	"testing"
)

// TestKeysAreMended: a key that no address can hold is read as one that can, together with what refers to it, and the file is not refused.
func TestKeysAreMended(t *testing.T) {
	d, problems := decodeOne(t, "a.yaml", `tsudoi: 1
series: [{key: My Series, title: S}]
meeting:
  slug: a
  title: A
  series: My Series
  parts: [{key: 第1部, title: P, days: []}]
  venues: [{key: Big Hall, name: V}]
  rooms: [{key: "Room #1", name: One, venue: Big Hall}, {key: room-1, name: Two}, {key: Hall_A.1, name: Three}]
  pages: [{slug: About Us, title: About, body: x}, {slug: access, title: Access, body: x}]
  figures: [{key: unique people, label: U, value: 2}, {key: share, label: S, value: 50, of: unique people}]
sessions: [{title: X, room: "Room #1"}, {title: Y, room: room-1}, {title: Z, room: Hall_A.1}]
`, Options{})
	m := d.Meeting
	if d.Series[0].Key != "my-series" || m.Series != "my-series" || m.Venues[0].Key != "big-hall" || m.Rooms[0].Venue != "big-hall" ||
		m.Pages[0].Slug != "about-us" || m.Pages[1].Slug != "access" || m.Figures[0].Key != "unique-people" || m.Figures[1].Of != "unique-people" {
		t.Errorf("%+v %+v", d.Series, m)
	}
	if !strings.HasPrefix(m.Parts[0].Key, "part-") {
		t.Errorf("part %q", m.Parts[0].Key)
	}
	for i, want := range []string{"room-1-2", "room-1", "Hall_A.1"} {
		if m.Rooms[i].Key != want || d.Sessions[i].Room != want {
			t.Errorf("room %q, session in %q, want %q", m.Rooms[i].Key, d.Sessions[i].Room, want)
		}
	}
	want := `a.yaml: room: the key "Room #1" is not made of a-z, 0-9 and - (64 at most); read as room-1-2`
	if len(problems) != 6 || !strings.Contains(strings.Join(problems, "\n"), want) {
		t.Errorf("%d problems: %q", len(problems), problems)
	}
}

// TestKeysOfAnotherFile: a series may be defined elsewhere; what the key would be read as there, it is read as here.
func TestKeysOfAnotherFile(t *testing.T) {
	d, problems := decodeOne(t, "a.yaml", "tsudoi: 1\nmeeting: {slug: a, title: A, series: My Series}\n", Options{})
	if d.Meeting.Series != "my-series" || len(problems) != 1 {
		t.Errorf("%q, problems %q", d.Meeting.Series, problems)
	}
}

// TestNothingIsNameless: what has a key and no name is called by its key, and an organisation without a name is left out.
func TestNothingIsNameless(t *testing.T) {
	d, problems := decodeOne(t, "a.yaml", "tsudoi: 1\nmeeting: {slug: a, title: A, parts: [{key: p, days: []}], venues: [{key: v}], pages: [{slug: w}], figures: [{key: f, value: 1}, {key: f, value: 2}], organisations: [{role: host}]}\n", Options{})
	m := d.Meeting
	if m.Parts[0].Title.JA != "p" || m.Venues[0].Name.JA != "v" || m.Pages[0].Title.JA != "w" || len(m.Figures) != 1 || m.Figures[0].Label.JA != "f" || len(m.Orgs) != 0 || len(problems) != 6 {
		t.Errorf("%+v, problems %q", m, problems)
	}
}
