package registration

import (
	"math"
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
)

// Fewest is how many must have given a sensitive answer before their number shows.
const Fewest = 5

// OpeningHours is for how many hours after the opening entries are told by the hour.
const OpeningHours = 72

// longest bounds the days that figures over time go through.
const longest = 400

// tally is what the database counts of a meeting. It holds no name, and nothing of who cancelled.
type tally struct {
	entries  []tallied
	days     []dayTally
	choices  []choiceTally
	answers  []answerTally // of questions whose answers are counted
	answered []answerTally // of every question: how many answered it; Value is empty
	quotas   map[string]Quota
	standing map[string]Standing
	changed  time.Time // when something of the registration last changed
}

// tallied is an entry that is not cancelled.
type tallied struct {
	Ref, Kind string
	State     State
	Proved    bool // or there is no address to prove
	MadeAt    time.Time
}

type dayTally struct {
	Day   event.Date
	Mode  Mode
	Kind  string
	State State
	N     int
}

type choiceTally struct {
	Option, Slot string
	State        ChoiceState
	N, Heads     int
}

type answerTally struct {
	Question, Value, Kind string
	N                     int
}

// pastEntry is an entry of the last meeting: when it was made, and when cancelled.
type pastEntry struct{ MadeAt, CancelledAt time.Time }

// Figures are the numbers of a meeting's registration. Who cancelled is in none of them. Where the setup does not count those concerned,
// they are only in Left and in the places of options.
type Figures struct {
	ChangedAt   time.Time // what the numbers are of
	Concerned   bool      // 関係者 are counted
	Left        int       // those concerned who are not counted
	Registrants int       // people with an entry that is not cancelled
	ByState     map[State]int
	Unproven    int // of Registrants: their address was not shown to be theirs yet
	Kinds       []KindFigure
	Days        []DayFigure
	Options     []OptionFigure
	Hours       []int // by hour since the opening; none before it
	Dates       []DateFigure
	Before      int // entries that were made before the opening
	Payments    []PayFigure
	Questions   []QuestionFigure
	Past        *PastFigure
}

// KindFigure is how many are of a kind.
type KindFigure struct {
	Kind            *Kind
	Placed, Waiting int
}

// DayFigure is how many have a place on a day.
type DayFigure struct {
	Day            event.Date
	Onsite, Online int
}

// DateFigure is how many registered on a date.
type DateFigure struct {
	Date event.Date
	N    int
}

// OptionFigure is how many places of an option are taken.
type OptionFigure struct {
	Option *Option
	Slots  []SlotFigure
}

// SlotFigure counts places, those of companions included; People counts the ones who chose.
type SlotFigure struct {
	Slot                          *Slot
	Taken, Offered, Asked, Waited int
	People                        int
	Quota                         Quota
}

// PayFigure is how many entries stand so with their payment.
type PayFigure struct {
	State string
	N     int
}

// QuestionFigure is what was answered to one question. Rows are empty where only the number of answers may be shown.
type QuestionFigure struct {
	Question *Question
	N        int // people who answered; 0 where that may not be told
	Rows     []AnswerFigure
	Few      bool // answers of few were put together or left out
	Hidden   bool // nothing can be shown without pointing at somebody
}

// AnswerFigure is how many gave an answer.
type AnswerFigure struct {
	Value  string  // key of the choice, or the number; empty: several that few gave, together
	Choice *Choice // nil: it is no choice of today's question
	N      int
}

// PastFigure sets this meeting beside the last one at the same distance.
type PastFigure struct {
	Meeting  *event.Stored
	Declared []event.Figure // where nothing was registered here at that time: what reports say
	Opening  bool           // distances are from the opening of registration; else from the first day
	Distance time.Duration  // of now
	This     int
	Then     int
	Days     []int     // distances in days
	Values   []float64 // of this meeting; as many as there were days until now
	Thens    []float64 // of the last meeting
}

// figures makes the numbers of what was counted.
func (s *Setup) figures(m *event.Meeting, t *tally, now time.Time) *Figures {
	f := &Figures{ChangedAt: t.changed, Concerned: s.Concerned, ByState: map[State]int{}}
	counted := f.registrants(s, t)
	f.kinds(s, counted)
	f.days(s, m, t)
	f.options(s, t)
	f.times(s, m, counted, now)
	f.payments(t, counted)
	f.questions(s, t)
	return f
}

// counts reports whether entries of a kind are among the registrants.
func (s *Setup) counts(kind string) bool {
	k := s.Kind(kind)
	return s.Concerned || k == nil || !k.Concerned
}

// registrants counts people, and returns the entries that count.
func (f *Figures) registrants(s *Setup, t *tally) []tallied {
	counted := s.counted(t.entries)
	f.Left, f.Registrants = len(t.entries)-len(counted), len(counted)
	for _, e := range counted {
		f.ByState[e.State]++
		if !e.Proved {
			f.Unproven++
		}
	}
	return counted
}

// Placed is how many of the registrants have a place.
func (f *Figures) Placed() int { return f.Registrants - f.ByState[Waiting] }

// kinds counts by kind, in the order of the setup; kinds that are gone come last.
func (f *Figures) kinds(s *Setup, counted []tallied) {
	at := map[string]int{}
	for i := range s.Kinds {
		if k := &s.Kinds[i]; s.counts(k.Key) {
			at[k.Key] = len(f.Kinds)
			f.Kinds = append(f.Kinds, KindFigure{Kind: k})
		}
	}
	for _, e := range counted {
		i, ok := at[e.Kind]
		if !ok {
			i = len(f.Kinds)
			at[e.Kind] = i
			f.Kinds = append(f.Kinds, KindFigure{Kind: &Kind{Key: e.Kind}})
		}
		if e.State == Waiting {
			f.Kinds[i].Waiting++
		} else {
			f.Kinds[i].Placed++
		}
	}
}

// days counts who has a place on each day of the meeting.
func (f *Figures) days(s *Setup, m *event.Meeting, t *tally) {
	at := map[event.Date]int{}
	for _, d := range m.Days() {
		at[d] = len(f.Days)
		f.Days = append(f.Days, DayFigure{Day: d})
	}
	for _, d := range t.days {
		i, ok := at[d.Day]
		switch {
		case !ok || !s.counts(d.Kind) || !d.State.Holds():
		case d.Mode == Online:
			f.Days[i].Online += d.N
		default:
			f.Days[i].Onsite += d.N
		}
	}
}

// options counts the places of options: also those of people concerned, since they sit there.
func (f *Figures) options(s *Setup, t *tally) {
	type where struct{ option, slot string }
	at := map[where]*SlotFigure{}
	for i := range s.Options {
		o := &s.Options[i]
		of := OptionFigure{o, make([]SlotFigure, len(o.Slots))}
		for j := range o.Slots {
			x := &o.Slots[j]
			q, ok := t.quotas[slotQuota(o.Key, x.Key)]
			if !ok {
				q = Quota{Capacity: unlimited}
			}
			of.Slots[j] = SlotFigure{Slot: x, Quota: q}
			at[where{o.Key, x.Key}] = &of.Slots[j]
		}
		f.Options = append(f.Options, of)
	}
	for _, c := range t.choices {
		x := at[where{c.Option, c.Slot}]
		if x == nil {
			continue
		}
		switch c.State {
		case Taken:
			x.Taken += c.Heads
			x.People += c.N
		case Held:
			x.Offered += c.Heads
			x.People += c.N
		case Asked:
			x.Asked += c.Heads
		case InLine:
			x.Waited += c.Heads
		}
	}
}

// times counts entries by the hour since the opening, and by the date.
func (f *Figures) times(s *Setup, m *event.Meeting, counted []tallied, now time.Time) {
	if s.Opens.IsZero() || now.Before(s.Opens) {
		f.Before = len(counted)
		return
	}
	loc := m.Location()
	end := now
	for _, e := range counted {
		if e.MadeAt.After(end) {
			end = e.MadeAt
		}
	}
	f.Hours = make([]int, min(OpeningHours, int(end.Sub(s.Opens)/time.Hour)+1))
	at := map[event.Date]int{}
	first, last := event.DateOf(s.Opens.In(loc)), event.DateOf(end.In(loc))
	for d := first; d <= last && len(f.Dates) < longest; d = event.DateOf(d.Time(loc).AddDate(0, 0, 1)) {
		at[d] = len(f.Dates)
		f.Dates = append(f.Dates, DateFigure{Date: d})
	}
	for _, e := range counted {
		if e.MadeAt.Before(s.Opens) {
			f.Before++
			continue
		}
		if h := int(e.MadeAt.Sub(s.Opens) / time.Hour); h < len(f.Hours) {
			f.Hours[h]++
		}
		if i, ok := at[event.DateOf(e.MadeAt.In(loc))]; ok {
			f.Dates[i].N++
		}
	}
}

// payStates are the states of a payment in the order in which figures show them.
var payStates = []string{"paid", "approved", "open", "over", "refund", "none"}

// payments counts entries by where their payment stands. Who owes nothing is in none.
func (f *Figures) payments(t *tally, counted []tallied) {
	if t.standing == nil {
		return
	}
	n := map[string]int{}
	for _, e := range counted {
		state := t.standing[e.Ref].State
		if !slices.Contains(payStates, state) {
			state = "none"
		}
		n[state]++
	}
	for _, state := range payStates {
		f.Payments = append(f.Payments, PayFigure{state, n[state]})
	}
}

// Countable reports whether a figure shows how many gave each answer. What people wrote in their own words is in no figure.
func (q *Question) Countable() bool {
	return q.Class != Personal && (q.Type == One || q.Type == Many || q.Type == YesNo || q.Type == Counted)
}

// questions counts answers.
func (f *Figures) questions(s *Setup, t *tally) {
	for i := range s.Questions {
		q := &s.Questions[i]
		one := QuestionFigure{Question: q}
		for _, a := range t.answered {
			if a.Question == q.Key && s.counts(a.Kind) {
				one.N += a.N
			}
		}
		switch {
		case q.Countable():
			one.rows(s, t)
		case q.Class == Sensitive && one.N < Fewest:
			one.Hidden, one.N = one.N > 0, 0
		}
		f.Questions = append(f.Questions, one)
	}
}

// rows are the answers to a question: its choices in their order, or numbers from the smallest on.
func (f *QuestionFigure) rows(s *Setup, t *tally) {
	q := f.Question
	n := map[string]int{}
	for _, a := range t.answers {
		if a.Question == q.Key && s.counts(a.Kind) {
			n[a.Value] += a.N
		}
	}
	for _, key := range q.values() {
		f.Rows = append(f.Rows, AnswerFigure{Value: key, Choice: find(q.Choices, func(c *Choice) bool { return c.Key == key }), N: n[key]})
		delete(n, key)
	}
	rest := sortedKeys(n)
	if q.Type == Counted {
		sort.SliceStable(rest, func(i, j int) bool { return number(rest[i]) < number(rest[j]) })
	}
	for _, key := range rest {
		f.Rows = append(f.Rows, AnswerFigure{Value: key, N: n[key]})
	}
	if q.Class == Sensitive {
		f.guard()
	}
}

// values are the keys that a question knows beforehand.
func (q *Question) values() []string {
	if q.Type == YesNo {
		return []string{"yes", "no"}
	}
	var out []string
	for i := range q.Choices {
		out = append(out, q.Choices[i].Key)
	}
	return out
}

// Number is an answer to a question for a number; what is none is the largest.
func (a AnswerFigure) Number() int { return number(a.Value) }

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return math.MaxInt
	}
	return n
}

// guard keeps a sensitive question from pointing at few: whatever fewer than five answered is put together, and with it the next smallest
// where that is still too few, since it could be had by subtraction. Of a question with several answers each, where sums tell nothing,
// small numbers are left out.
func (f *QuestionFigure) guard() {
	if f.N < Fewest {
		f.Hidden, f.Rows, f.N = f.N > 0, nil, 0
		return
	}
	small := func(a AnswerFigure) bool { return a.N < Fewest }
	if !slices.ContainsFunc(f.Rows, small) {
		return
	}
	if f.Question.Type == Many {
		f.Rows = slices.DeleteFunc(f.Rows, small)
		f.Few, f.N = true, 0 // who answered, less who chose the rest, would tell
		return
	}
	kept := slices.DeleteFunc(slices.Clone(f.Rows), small)
	together := 0
	for _, a := range f.Rows {
		if small(a) {
			together += a.N
		}
	}
	for together > 0 && together < Fewest && len(kept) > 0 {
		i := 0
		for j := range kept {
			if kept[j].N < kept[i].N {
				i = j
			}
		}
		together += kept[i].N
		kept = slices.Delete(kept, i, i+1)
	}
	if len(kept) == 0 {
		f.Hidden, f.Rows = true, nil
		return
	}
	f.Few = true
	f.Rows = kept
	if together > 0 {
		f.Rows = append(f.Rows, AnswerFigure{N: together})
	}
}

// compare sets this meeting beside the last one. Of this one only entries count that are not cancelled now; of the last one those that were
// not cancelled at that time: so both are what one saw at the same distance.
func compare(s, then *Setup, m, past *event.Stored, counted []tallied, entries []pastEntry, now time.Time) *PastFigure {
	p := &PastFigure{Meeting: past}
	if len(entries) == 0 {
		for _, f := range past.Figures {
			if f.Key == "unique_registrants" {
				p.Declared = append(p.Declared, f)
			}
		}
		return p
	}
	here, there := s.Opens, then.Opens
	p.Opening = !here.IsZero() && !there.IsZero()
	if !p.Opening {
		here, there = m.Start.Time(m.Location()), past.Start.Time(past.Location())
	}
	if here.IsZero() || there.IsZero() {
		return p
	}
	p.Distance = now.Sub(here)
	made := make([]time.Time, len(counted))
	for i, e := range counted {
		made[i] = e.MadeAt
	}
	p.This, p.Then = reached(made, now), standing(entries, there.Add(p.Distance))
	from, to := p.span(made, entries, here, there)
	for d := from; d <= to && len(p.Days) < longest; d++ {
		at := time.Duration(d) * 24 * time.Hour
		v := math.NaN()
		if at <= p.Distance {
			v = float64(reached(made, here.Add(at)))
		}
		p.Days, p.Values, p.Thens = append(p.Days, d), append(p.Values, v), append(p.Thens, float64(standing(entries, there.Add(at))))
	}
	return p
}

// span are the first and the last distance in days at which something happened.
func (p *PastFigure) span(made []time.Time, entries []pastEntry, here, there time.Time) (from, to int) {
	distance := func(d time.Duration) int { return int(math.Ceil(d.Hours() / 24)) }
	to = distance(p.Distance)
	if !p.Opening {
		from = math.MaxInt
	}
	for _, t := range made {
		from = min(from, distance(t.Sub(here))-1)
	}
	for _, e := range entries {
		from, to = min(from, distance(e.MadeAt.Sub(there))-1), max(to, distance(e.MadeAt.Sub(there)))
	}
	if p.Opening {
		from = 0
	}
	return from, to
}

// reached counts what was made until a time.
func reached(made []time.Time, until time.Time) int {
	n := 0
	for _, t := range made {
		if !t.After(until) {
			n++
		}
	}
	return n
}

// standing counts the entries that were there at a time.
func standing(entries []pastEntry, at time.Time) int {
	n := 0
	for _, e := range entries {
		if !e.MadeAt.After(at) && (e.CancelledAt.IsZero() || e.CancelledAt.After(at)) {
			n++
		}
	}
	return n
}
