package desk

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// TestGroupsOpen: a heading is folded until something under it is said, wrong, or wanted.
func TestGroupsOpen(t *testing.T) {
	two := []web.Choice{{Value: "a"}, {Value: "b"}}
	for _, c := range []struct {
		name string
		x    field
		open bool
	}{
		{"nothing", field{Type: "line"}, false},
		{"words", field{Type: "line", words: "x"}, true},
		{"no tick", field{Type: "tick", words: "no"}, false},
		{"a tick", field{Type: "tick", Value: "yes", words: "yes"}, true},
		{"the usual choice", field{Type: "choose", Choices: two, Given: []string{"a"}, words: "A"}, false},
		{"another choice", field{Type: "choose", Choices: two, Given: []string{"b"}, words: "B"}, true},
		{"an error", field{Type: "line", Error: "no"}, true},
		{"an error in a row", field{Type: "rows", Rows: []fieldRow{{Fields: []field{{Error: "no"}}}}}, true},
		{"somebody else's change", field{Type: "line", Now: "y"}, true},
		{"more lines wanted", field{Type: "rows", Open: true}, true},
		{"a key nobody sees", field{Type: "hidden", words: "k"}, false},
	} {
		c.x.Group = "g"
		got := grouped([]field{{Name: "first"}, c.x})
		var titles []string
		for _, g := range got {
			titles = append(titles, g.Title)
		}
		if diff := cmp.Diff([]string{"", "g"}, titles); diff != "" || got[1].Open != c.open {
			t.Errorf("%s: open %v, headings %s", c.name, got[len(got)-1].Open, diff)
		}
	}
}
