package event

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestAccentSheets: a sheet is made from its name alone, and from no name that the program would not write itself.
func TestAccentSheets(t *testing.T) {
	h := newHouse(t, Options{})
	page, list := accentStyle("#B5302A"), accentClasses(&site{group: &Group{Accent: "#1f4e79"}, meetings: []*Summary{
		{Meeting: &Meeting{Accent: "#B5302a"}}, {Meeting: &Meeting{Accent: "#b5302a"}}, {Meeting: &Meeting{}},
	}})
	if len(page) != 1 || len(list) != 1 {
		t.Fatal(page, list)
	}
	for url, want := range map[string]int{page[0]: 1, list[0]: 2} {
		w := h.ask(url)
		if w.Code != http.StatusOK || strings.Count(w.Body.String(), "{--accent:") != want || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %v\n%s", url, w.Code, w.Header(), w.Body)
		}
		if want == 2 && !strings.Contains(w.Body.String(), "."+accentClass("#B5302A")+"{") {
			t.Errorf("%s lacks a class:\n%s", url, w.Body)
		}
	}
	if w := h.ask("/assets/accents/page-b5302a.000000000000.css"); w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("the sheet of another version: %d, %v", w.Code, w.Header())
	}
	for _, name := range []string{
		"page-B5302A.000000000000.css", "page-b5302.000000000000.css", "page.000000000000.css", "page-b5302a-1f4e79.000000000000.css", "page-b5302a.css",
		"list" + strings.Repeat("-b5302a", maxAccents+1) + ".000000000000.css", "list-b5302a.000000000000.css%20", "other-b5302a.000000000000.css",
	} {
		if w := h.ask("/assets/accents/" + name); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// TestManyAccents: however many there are, each sheet is one that is served.
func TestManyAccents(t *testing.T) {
	h := newHouse(t, Options{})
	c := &site{group: &Group{}}
	for i := range 3*maxAccents - 1 {
		c.meetings = append(c.meetings, &Summary{Meeting: &Meeting{Accent: fmt.Sprintf("#%06x", i*1000)}})
	}
	got := 0
	for _, url := range accentClasses(c) {
		got += strings.Count(h.ask(url).Body.String(), "{--accent:")
	}
	if got != len(c.meetings) {
		t.Errorf("%d classes for %d accents", got, len(c.meetings))
	}
}
