package registration

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// thing is what lines of a debt are about, to one seller at one rate of tax: the kind, or a slot of an option, with fees and discounts on it.
type thing struct {
	what, seller string
	rate         int
}

// thingOf says what a line is about.
func thingOf(l Owed) thing {
	what, rest, _ := cutKey(strings.TrimPrefix(l.Key, "discount:"))
	if what == "carried" {
		what, rest, _ = cutKey(rest)
	}
	t := thing{"kind", l.Seller, l.Rate}
	switch what {
	case "option", "kept", "brought":
		t.what, _, _ = strings.Cut(rest, ":")
	}
	return t
}

// taken reports that a line is a place, and no fee or discount.
func (l Owed) taken() bool {
	return strings.HasPrefix(l.Key, "kind:") || strings.HasPrefix(l.Key, "option:")
}

// split parts what an entry owes between whoever handed it over and whoever has it. carried is what the giver took and pays for: they never pay
// for more than that, and what is given up of it comes back to them. A dearer kind or another companion is the receiver's, less what the giver
// goes on paying.
func split(lines, carried []Owed) (givers, rest []Owed) {
	var things []thing
	for _, l := range slices.Concat(lines, carried) {
		if t := thingOf(l); !slices.Contains(things, t) {
			things = append(things, t)
		}
	}
	for _, t := range things {
		other := func(l Owed) bool { return thingOf(l) != t }
		theirs, mine := splitThing(slices.DeleteFunc(slices.Clone(lines), other), slices.DeleteFunc(slices.Clone(carried), other))
		givers, rest = append(givers, theirs...), append(rest, mine...)
	}
	return givers, rest
}

// splitThing is split for one thing.
func splitThing(lines, carried []Owed) (givers, rest []Owed) {
	switch {
	case len(carried) == 0:
		return nil, lines
	case !slices.ContainsFunc(lines, func(l Owed) bool { return l.taken() && !covered(l, carried) }):
		return lines, nil // nothing was added; what it costs by now is theirs
	case sumLines(lines) < sumLines(carried):
		return lines, nil // something cheaper stands in its place
	}
	left := slices.Clone(carried)
	for _, l := range lines {
		for i := range left {
			if left[i].Key == l.Key && left[i].Yen == l.Yen {
				n := min(left[i].Quantity, l.Quantity)
				left[i].Quantity -= n
				l.Quantity -= n
			}
		}
		if l.Quantity > 0 {
			rest = append(rest, l)
		}
	}
	if paid := sumLines(left); paid != 0 {
		of := left[slices.IndexFunc(left, func(l Owed) bool { return l.Quantity > 0 })]
		rest = append(rest, Owed{Key: "carried:" + of.Key, Name: carriedName(of.Name), Yen: -paid, Quantity: 1, Rate: of.Rate, Seller: of.Seller})
	}
	return carried, rest
}

// covered reports that a place is among those that were carried, as often.
func covered(l Owed, carried []Owed) bool {
	return slices.ContainsFunc(carried, func(c Owed) bool { return c.Key == l.Key && l.Quantity <= c.Quantity })
}

func sumLines(lines []Owed) (yen int64) {
	for _, l := range lines {
		yen += l.Yen * int64(l.Quantity)
	}
	return yen
}

func carriedName(of i18n.Text) i18n.Text {
	return i18n.T("お支払い済み（"+of.In(i18n.JA)+"：前の方）", "Paid for by whoever had the place ("+of.In(i18n.EN)+")")
}

// join adds what an entry owes under one reference to what it owes under others.
func (x Standing) join(o Standing) Standing {
	order := []string{"", "none", "paid", "approved", "over", "refund", "open"}
	out := Standing{Owed: x.Owed + o.Owed, Paid: x.Paid + o.Paid, Due: x.Due, State: x.State, Path: cmp.Or(x.Path, o.Path)}
	if slices.Index(order, o.State) > slices.Index(order, x.State) {
		out.Due, out.State, out.Path = o.Due, o.State, cmp.Or(o.Path, x.Path)
	}
	return out
}
