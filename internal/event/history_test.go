package event

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func shown(list []piece) string {
	var b strings.Builder
	for _, p := range list {
		if p.Differs {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestDifferencesAreMarked(t *testing.T) {
	for _, c := range []struct{ before, after, was, is string }{
		{"Routing with BGP today", "Routing with RPKI today", "Routing with [BGP] today", "Routing with [RPKI] today"},
		{"経路制御の話", "経路制御とRPKIの話", "経路制御の話", "経路制御[とRPKI]の話"},
		{"10:00–10:30 Hall", "10:20–10:50 Hall", "10:[00]–10:[30] Hall", "10:[20]–10:[50] Hall"},
		{"", "new", "", "new"},
		{"same", "same", "same", "same"},
		{"a b", "c", "[a b]", "[c]"},
	} {
		was, is := markDifferences(c.before, c.after)
		if shown(was) != c.was || shown(is) != c.is {
			t.Errorf("%q and %q: %q and %q", c.before, c.after, shown(was), shown(is))
		}
	}
	// Too much to compare is shown as it is.
	long, other := strings.Repeat("a b ", 2000), strings.Repeat("c d ", 2000)
	if was, is := markDifferences(long, other); len(was) != 1 || len(is) != 1 || was[0].Differs {
		t.Errorf("a long text: %d and %d pieces", len(was), len(is))
	}
}

// TestDifferencesLoseNothing: whatever is compared, the pieces are the texts, and without what differs both are the same.
func TestDifferencesLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.StringOf(rapid.RuneFrom([]rune("ab 経路のカ、.\n"))).Draw(t, "a"), rapid.StringOf(rapid.RuneFrom([]rune("ab 経路のカ、.\n"))).Draw(t, "b")
		was, is := markDifferences(a, b)
		join := func(list []piece, all bool) (s string) {
			for _, p := range list {
				if all || !p.Differs {
					s += p.Text
				}
			}
			return s
		}
		if join(was, true) != a || join(is, true) != b {
			t.Fatalf("%q %q: %q %q", a, b, join(was, true), join(is, true))
		}
		if a != "" && b != "" && join(was, false) != join(is, false) {
			t.Fatalf("%q %q: what is the same is %q and %q", a, b, join(was, false), join(is, false))
		}
	})
}
