package program

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Warning is something that a retiming makes worse than it was. What was so before is not its fault, and is left out.
type Warning struct {
	Kind    WarningKind
	Session Placed        // as it will be; of two the earlier one, and of a session and a break the session
	Other   Placed        // the other of two; of WarnSlot the slot
	Speaker i18n.Text     // of WarnSpeaker and WarnAway; of WarnTopics the topic
	Key     string        // of that speaker or topic
	By      time.Duration // how long two overlap; of WarnChangeover how much time is left between them
	Wanted  int           // of WarnCapacity how many want to be there
	Seats   int           // of WarnCapacity how many can
}

// WarningKind is what is worse.
type WarningKind string

// The kinds of warnings.
const (
	WarnOverlap    WarningKind = "overlap"    // two sessions in one room at once
	WarnSpeaker    WarningKind = "speaker"    // somebody in two sessions at once
	WarnBreak      WarningKind = "break"      // a session takes time of a break, or of what is in all rooms
	WarnChangeover WarningKind = "changeover" // too little time between two sessions of a room
	WarnSlot       WarningKind = "slot"       // a talk outside of its slot
	WarnMidnight   WarningKind = "midnight"   // a session that now runs past midnight
	WarnDay        WarningKind = "day"        // a session that is now listed under another day

	// Those that are found only with a Watch.
	WarnOffRecord WarningKind = "off_record" // a session that must not be streamed, in a room that is, or with a stream of its own
	WarnCapacity  WarningKind = "capacity"   // more people want to be there than the room has seats
	WarnAway      WarningKind = "away"       // somebody on stage who said that they cannot be there then
	WarnTopics    WarningKind = "topics"     // two sessions of one topic at once
)

// Weight is how much a warning matters.
type Weight string

// The weights, the heaviest first.
const (
	WeighsClash Weight = "clash" // it cannot take place like that
	WeighsCheck Weight = "check" // somebody should look
	WeighsHint  Weight = "hint"  // it could be better
)

// Weight is how much warnings of the kind matter.
func (k WarningKind) Weight() Weight {
	switch k {
	case WarnOverlap, WarnSpeaker, WarnOffRecord, WarnAway:
		return WeighsClash
	case WarnTopics:
		return WeighsHint
	}
	return WeighsCheck
}

// ID names a warning for as long as it is about the same things, so that it can be acknowledged.
func (w *Warning) ID() string {
	id := string(w.Kind) + "-" + w.Session.Ref
	if w.Other.Session != nil {
		id += "-" + w.Other.Ref
	}
	if w.Key != "" {
		id += "-" + w.Key
	}
	return id
}

// never is the distance between sessions that cannot meet.
const never = time.Duration(math.MaxInt64)

// warner compares the distances between sessions before and after a retiming.
type warner struct {
	*retiming
	gap    time.Duration
	pauses map[string]bool // keys of kinds
	was    [][]presence    // per session, who is where
	is     [][]presence
	spans  []spanned // per session, from when to when anybody is on its stage
	list   []Warning
}

// spanned is all the time that a session takes, with its parts.
type spanned struct{ from, to time.Time }

// presence is a speaker on a stage for a while.
type presence struct {
	speaker  string
	from, to time.Time
}

func warnings(r *retiming, moved []bool) []Warning {
	w := &warner{retiming: r, gap: cmp.Or(r.Gap, usualGap), pauses: map[string]bool{}}
	for _, k := range r.before.Kinds {
		w.pauses[k.Key] = k.Pause
	}
	w.was, w.is = presences(r.before), presences(r.after)
	w.spans = spansOf(r.after, w.is)
	for i := range moved {
		if moved[i] {
			w.days(i)
			w.alone(i)
		}
		for j := range i {
			if moved[i] || moved[j] {
				w.pair(i, j)
			}
		}
	}
	slices.SortStableFunc(w.list, func(a, b Warning) int {
		return cmp.Or(a.Session.Start.Compare(b.Session.Start), a.Other.start().Compare(b.Other.start()))
	})
	return w.list
}

// pair looks at two sessions. Most are so far apart that nothing can be wrong between them.
func (w *warner) pair(i, j int) {
	if w.slots[i] == j || w.slots[j] == i {
		w.slot(i, j)
		w.slot(j, i)
	} else if a, b := &w.spans[i], &w.spans[j]; a.from.IsZero() || b.from.IsZero() || a.from.Sub(b.to) > w.gap || b.from.Sub(a.to) > w.gap {
		return
	}
	w.rooms(i, j)
	w.speakers(i, j)
	w.topics(i, j)
}

// spansOf lists how long each session takes; zero for those that do not take place. One without length is taken as one minute.
func spansOf(d *interchange.Document, on [][]presence) []spanned {
	out := make([]spanned, len(d.Sessions))
	for i := range d.Sessions {
		s := &d.Sessions[i]
		if !takesPlace(s) {
			continue
		}
		out[i] = spanned{s.Start, s.End}
		if !s.End.After(s.Start) {
			out[i].to = s.Start.Add(time.Minute)
		}
		for _, p := range on[i] {
			if p.from.Before(out[i].from) {
				out[i].from = p.from
			}
			if p.to.After(out[i].to) {
				out[i].to = p.to
			}
		}
	}
	return out
}

func (p Placed) start() time.Time {
	if p.Session == nil {
		return time.Time{}
	}
	return p.Start
}

// between is the time between two spans, below zero where they overlap. A span without length is taken as one minute.
func between(from1, to1, from2, to2 time.Time) time.Duration {
	end := func(from, to time.Time) time.Time {
		if to.After(from) {
			return to
		}
		return from.Add(time.Minute)
	}
	first := end(from1, to1)
	if e := end(from2, to2); e.Before(first) {
		first = e
	}
	if from1.After(from2) {
		from2 = from1
	}
	return from2.Sub(first)
}

// takesPlace reports whether a session has a time and is not cancelled.
func takesPlace(s *interchange.Session) bool {
	return s.Timed() && s.Status != interchange.Cancelled
}

// distance is the time between two sessions that share a room.
func (w *warner) distance(d *interchange.Document, i, j int) time.Duration {
	a, b := &d.Sessions[i], &d.Sessions[j]
	if !takesPlace(a) || !takesPlace(b) {
		return never
	}
	r1, all1 := roomAt(d, w.slots, i)
	r2, all2 := roomAt(d, w.slots, j)
	all1, all2 = all1 || r1 == "" && w.pauses[a.Kind], all2 || r2 == "" && w.pauses[b.Kind]
	if !all1 && !all2 && (r1 == "" || r1 != r2) {
		return never
	}
	return between(a.Start, a.End, b.Start, b.End)
}

// rooms looks at two sessions in one room.
func (w *warner) rooms(i, j int) {
	a, b := &w.after.Sessions[i], &w.after.Sessions[j]
	kind, least := WarnOverlap, w.gap
	switch breakA, breakB := w.pauses[a.Kind] || a.AllRooms, w.pauses[b.Kind] || b.AllRooms; {
	case w.slots[i] >= 0 || w.slots[j] >= 0:
		if w.slots[i] != w.slots[j] {
			return // of others and of its own slot, the slot speaks for its talks
		}
		least = 0
	case breakA && breakB:
		return
	case breakA:
		kind, least, i, j = WarnBreak, 0, j, i
	case breakB:
		kind, least = WarnBreak, 0
	}
	is := w.distance(w.after, i, j)
	if is >= least || is >= w.distance(w.before, i, j) {
		return
	}
	if is >= 0 {
		kind = WarnChangeover
	}
	if kind != WarnBreak {
		i, j = w.inOrder(i, j)
	}
	w.add(Warning{Kind: kind, Session: placedIn(w.after, i), Other: placedIn(w.after, j), By: is.Abs()})
}

// inOrder puts two sessions into the order of time.
func (w *warner) inOrder(i, j int) (first, second int) {
	a, b := &w.after.Sessions[i], &w.after.Sessions[j]
	if cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), cmp.Compare(i, j)) > 0 {
		return j, i
	}
	return i, j
}

func (w *warner) add(v Warning) { w.list = append(w.list, v) }

// presences lists who is on stage when. Parts with a time of their own count for that time only.
func presences(d *interchange.Document) [][]presence {
	out := make([][]presence, len(d.Sessions))
	for i := range d.Sessions {
		s := &d.Sessions[i]
		if takesPlace(s) {
			out[i] = present(present(nil, s.Speakers, nil, s.Start, s.End), nil, s.Parts, s.Start, s.End)
		}
	}
	return out
}

func present(list []presence, as []interchange.Appearance, parts []interchange.Part, from, to time.Time) []presence {
	for _, a := range as {
		list = append(list, presence{a.Speaker, from, to})
	}
	for i := range parts {
		p := &parts[i]
		f, t := from, to
		if !p.Start.IsZero() {
			f, t = p.Start, p.End
		}
		list = present(list, p.Speakers, p.Parts, f, t)
	}
	return list
}

// speakers looks for people who are in both of two sessions at once.
func (w *warner) speakers(i, j int) {
	if w.slots[i] == j || w.slots[j] == i || len(w.is[j]) == 0 {
		return
	}
	for n, p := range w.is[i] {
		if slices.ContainsFunc(w.is[i][:n], func(q presence) bool { return q.speaker == p.speaker }) {
			continue
		}
		is := apart(p.speaker, w.is[i], w.is[j])
		if is >= 0 || is >= apart(p.speaker, w.was[i], w.was[j]) {
			continue
		}
		first, second := w.inOrder(i, j)
		w.add(Warning{
			Kind: WarnSpeaker, Session: placedIn(w.after, first), Other: placedIn(w.after, second), By: is.Abs(), Speaker: w.name(p.speaker), Key: p.speaker,
		})
	}
}

// apart is the shortest time between the presences of a speaker in two sessions.
func apart(speaker string, a, b []presence) time.Duration {
	least := never
	for _, p := range a {
		for _, q := range b {
			if p.speaker == speaker && q.speaker == speaker {
				least = min(least, between(p.from, p.to, q.from, q.to))
			}
		}
	}
	return least
}

func (w *warner) name(speaker string) i18n.Text {
	i := slices.IndexFunc(w.after.Speakers, func(s interchange.Speaker) bool { return s.Key == speaker })
	if i < 0 {
		return i18n.Only(i18n.JA, speaker)
	}
	return w.after.Speakers[i].Name
}

// slot looks whether a talk has left the slot it is held in.
func (w *warner) slot(talk, slot int) {
	if w.slots[talk] != slot {
		return
	}
	outside := func(d *interchange.Document) bool {
		t, s := &d.Sessions[talk], &d.Sessions[slot]
		return takesPlace(t) && takesPlace(s) && (t.Start.Before(s.Start) || t.End.After(s.End))
	}
	if outside(w.after) && !outside(w.before) {
		w.add(Warning{Kind: WarnSlot, Session: placedIn(w.after, talk), Other: placedIn(w.after, slot)})
	}
}

// days looks at where a session stands among the days.
func (w *warner) days(i int) {
	if w.anew {
		return
	}
	was, is := &w.before.Sessions[i], &w.after.Sessions[i]
	if !takesPlace(is) {
		return
	}
	night := func(s *interchange.Session) bool { return event.DateOf(s.End.Add(-time.Nanosecond)) > s.Date }
	switch {
	case was.Date != is.Date:
		w.add(Warning{Kind: WarnDay, Session: placedIn(w.after, i)})
	case night(is) && !night(was):
		w.add(Warning{Kind: WarnMidnight, Session: placedIn(w.after, i)})
	}
}
