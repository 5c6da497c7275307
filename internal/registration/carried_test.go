package registration

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	l := func(key string, yen int64, n int) Owed {
		return Owed{Key: key, Yen: yen, Quantity: n, Rate: 10, Seller: "group"}
	}
	kind, social := l("kind:general", 10_000, 1), l("option:social/a", 5_000, 1)
	for name, c := range map[string]struct {
		now, carried []Owed
		giver, rest  int64
	}{
		"nothing changed":          {[]Owed{kind, social}, []Owed{kind, social}, 15_000, 0},
		"an option more":           {[]Owed{kind, social}, []Owed{kind}, 10_000, 5_000},
		"an option less":           {[]Owed{kind}, []Owed{kind, social}, 10_000, 0},
		"a dearer kind":            {[]Owed{l("kind:vip", 15_000, 1)}, []Owed{kind}, 10_000, 5_000},
		"a cheaper kind":           {[]Owed{l("kind:student", 3_000, 1), l("changed:general", 3_500, 1)}, []Owed{kind}, 6_500, 0},
		"a companion":              {[]Owed{kind, l("option:social/a", 5_000, 2)}, []Owed{kind, social}, 15_000, 5_000},
		"another slot":             {[]Owed{kind, l("option:social/b", 5_000, 1)}, []Owed{kind, social}, 10_000, 5_000},
		"cancelled":                {[]Owed{l("fee:general", 5_000, 1), l("kept:social/a:X", 2_500, 1)}, []Owed{kind, social}, 7_500, 0},
		"a lower price by code":    {[]Owed{kind, l("discount:kind:general", -2_000, 1)}, []Owed{kind}, 8_000, 0},
		"dearer, and code is kept": {[]Owed{l("kind:vip", 15_000, 1), l("discount:kind:vip", -2_000, 1)}, []Owed{kind, l("discount:kind:general", -2_000, 1)}, 8_000, 5_000},
		"another seller":           {[]Owed{{Key: "kind:vip", Yen: 15_000, Quantity: 1, Rate: 10, Seller: "host"}}, []Owed{kind}, 0, 15_000},
	} {
		giver, rest := split(c.now, c.carried)
		if sumLines(giver) != c.giver || sumLines(rest) != c.rest {
			t.Errorf("%s: the giver pays %d of %v, the receiver %d of %v", name, sumLines(giver), giver, sumLines(rest), rest)
		}
	}
}

// Whatever changes: nothing is owed twice and nothing is lost, a giver never pays for more places than they took, and nobody owes less than nothing.
func TestSplit_properties(t *testing.T) {
	lines := rapid.Custom(func(r *rapid.T) []Owed {
		var out []Owed
		add := func(key string, yen int64, n int) {
			out = append(out, Owed{Key: key, Yen: yen, Quantity: n, Rate: 10, Seller: "group"})
		}
		if k := rapid.IntRange(0, 3).Draw(r, "kind"); k > 0 {
			add(fmt.Sprint("kind:", k), int64(k)*5_000, 1)
			if rapid.Bool().Draw(r, "code") {
				add(fmt.Sprint("discount:kind:", k), -1_000, 1)
			}
		}
		for _, o := range []string{"social/a", "tour/a"} {
			if n := rapid.IntRange(0, 3).Draw(r, o); n > 0 {
				add("option:"+o, 3_000, n)
			}
			if rapid.Bool().Draw(r, "kept "+o) {
				add("kept:"+o+":REF", 1_500, 1)
			}
		}
		return out
	})
	rapid.Check(t, func(r *rapid.T) {
		now, carried := lines.Draw(r, "now"), lines.Draw(r, "carried")
		giver, rest := split(now, carried)
		if sumLines(giver)+sumLines(rest) != sumLines(now) {
			r.Fatalf("%d and %d are not %d", sumLines(giver), sumLines(rest), sumLines(now))
		}
		if sumLines(giver) < 0 || sumLines(rest) < 0 {
			r.Fatalf("somebody owes %d and %d", sumLines(giver), sumLines(rest))
		}
		for _, l := range giver {
			if l.taken() && !covered(l, carried) && sumLines(giver) > sumLines(carried) {
				r.Fatalf("the giver pays for %s, which they did not take", l.Key)
			}
		}
		keys := map[string]bool{}
		for _, l := range rest {
			if keys[l.Key] {
				r.Fatalf("%s is there twice", l.Key)
			}
			keys[l.Key] = true
		}
	})
}
