package program

import (
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Watch is what the desk knows beside times and rooms when it looks for clashes. Every field may be left out.
type Watch struct {
	Gap      time.Duration                                 // the changeover that is wanted; zero: five minutes
	Interest func(guid string) int                         // how many people want to be at a session
	Away     func(speaker string, from, to time.Time) bool // whether a speaker, named by key, cannot be there then
}

// Clashes finds everything that is wrong with the places and times of a programme, in the order of time.
func Clashes(doc *interchange.Document, watch *Watch) []Warning {
	return clashesOf(doc, watch, nil)
}

// NewClashes finds what is wrong after a change that was not wrong before it. Both hold the same sessions at the same indices.
func NewClashes(before, after *interchange.Document, watch *Watch) []Warning {
	r := &retiming{Plan: Plan{Gap: watch.Gap}, watch: watch, before: before, after: after, slots: slotsOf(after.Sessions)}
	moved := make([]bool, len(after.Sessions))
	for i := range moved {
		a, b := &before.Sessions[i], &after.Sessions[i]
		moved[i] = !a.Start.Equal(b.Start) || !a.End.Equal(b.End) || a.Room != b.Room || a.AllRooms != b.AllRooms || a.Status != b.Status
	}
	return warnings(r, moved)
}

// clashesOf finds the clashes of some sessions by their indices, nil for all.
func clashesOf(doc *interchange.Document, watch *Watch, only []int) []Warning {
	nowhere := *doc
	nowhere.Sessions = slices.Clone(doc.Sessions)
	for i := range nowhere.Sessions {
		s := &nowhere.Sessions[i]
		s.Start, s.End, s.Room, s.AllRooms = time.Time{}, time.Time{}, "", false
	}
	r := &retiming{Plan: Plan{Gap: watch.Gap}, watch: watch, before: &nowhere, after: doc, slots: slotsOf(doc.Sessions), anew: true}
	moved := make([]bool, len(doc.Sessions))
	for i := range moved {
		moved[i] = only == nil || slices.Contains(only, i)
	}
	return warnings(r, moved)
}

// alone looks at what is wrong with a session whatever the others do.
func (w *warner) alone(i int) {
	if w.watch == nil || !takesPlace(&w.after.Sessions[i]) {
		return
	}
	if w.leaks(w.after, i) && !w.leaks(w.before, i) {
		w.add(Warning{Kind: WarnOffRecord, Session: placedIn(w.after, i)})
	}
	if wanted, seats := w.crowd(w.after, i); wanted > seats && seats > 0 {
		if was, had := w.crowd(w.before, i); was <= had || had == 0 || had > seats {
			w.add(Warning{Kind: WarnCapacity, Session: placedIn(w.after, i), Wanted: wanted, Seats: seats})
		}
	}
	if w.watch.Away == nil {
		return
	}
	for n, p := range w.is[i] {
		same := func(q presence) bool { return q.speaker == p.speaker }
		if slices.ContainsFunc(w.is[i][:n], same) || !w.watch.Away(p.speaker, p.from, p.to) {
			continue
		}
		if !slices.ContainsFunc(w.was[i], func(q presence) bool { return same(q) && w.watch.Away(q.speaker, q.from, q.to) }) {
			w.add(Warning{Kind: WarnAway, Session: placedIn(w.after, i), Speaker: w.name(p.speaker), Key: p.speaker})
		}
	}
}

// leaks reports whether a session that must not be streamed would be: it has a stream of its own, or its room is online, or others of its
// day are streamed from there.
func (w *warner) leaks(d *interchange.Document, i int) bool {
	s := &d.Sessions[i]
	if !takesPlace(s) || w.policy(d, i).Stream != interchange.Refused {
		return false
	}
	if slices.ContainsFunc(s.Links, isStream) {
		return true
	}
	room, _ := roomAt(d, w.slots, i)
	if room == "" {
		return false
	}
	if r := d.Meeting.Room(room); r != nil && r.Online {
		return true
	}
	for j := range d.Sessions {
		o := &d.Sessions[j]
		if j != i && o.Date == s.Date && takesPlace(o) && slices.ContainsFunc(o.Links, isStream) {
			if at, _ := roomAt(d, w.slots, j); at == room && w.policy(d, j).Stream != interchange.Refused {
				return true
			}
		}
	}
	return false
}

func isStream(l interchange.Link) bool { return l.Kind == interchange.LinkStream }

// policy is what holds for a session, with what it inherits from its slot.
func (w *warner) policy(d *interchange.Document, i int) interchange.Policy {
	outer := d.Policy
	if j := w.slots[i]; j >= 0 {
		outer = d.Sessions[j].Effective(outer)
	}
	return d.Sessions[i].Effective(outer)
}

// crowd is how many people want to be at a session, and how many its room holds; 0 where that is not known.
func (w *warner) crowd(d *interchange.Document, i int) (wanted, seats int) {
	if w.watch.Interest == nil {
		return 0, 0
	}
	room, _ := roomAt(d, w.slots, i)
	if r := d.Meeting.Room(room); r != nil {
		return w.watch.Interest(d.Sessions[i].GUID), r.Capacity
	}
	return 0, 0
}

// topics looks whether two sessions of one topic are on at once, so that who wants both has to choose.
func (w *warner) topics(i, j int) {
	if w.watch == nil {
		return
	}
	a, b := &w.after.Sessions[i], &w.after.Sessions[j]
	if w.slots[i] >= 0 || w.slots[j] >= 0 || w.pauses[a.Kind] || w.pauses[b.Kind] || !takesPlace(a) || !takesPlace(b) {
		return
	}
	k := slices.IndexFunc(a.Topics, func(t string) bool { return slices.Contains(b.Topics, t) })
	if k < 0 || a.Room == b.Room || between(a.Start, a.End, b.Start, b.End) >= 0 {
		return
	}
	if x, y := &w.before.Sessions[i], &w.before.Sessions[j]; takesPlace(x) && takesPlace(y) && between(x.Start, x.End, y.Start, y.End) < 0 {
		return
	}
	first, second := w.inOrder(i, j)
	w.add(Warning{
		Kind: WarnTopics, Session: placedIn(w.after, first), Other: placedIn(w.after, second), Speaker: topicLabels(w.after, a.Topics[k:k+1]),
		Key: a.Topics[k], By: -between(a.Start, a.End, b.Start, b.End),
	})
}
