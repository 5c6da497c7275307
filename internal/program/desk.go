package program

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// DeskScope is the scope (see db.Bump) of a meeting's draft. Its version grows with everything that is done to the draft, and whoever
// writes a draft raises it first: on PostgreSQL that is also what makes those who write one draft wait for each other.
func DeskScope(slug string) string { return "desk:" + slug }

// ProgrammeReleased says that a meeting has a new release. It is announced in the transaction that makes the release.
type ProgrammeReleased struct {
	Meeting string `json:"meeting"` // its slug
	From    int    `json:"from"`    // the release before; 0 for the first
	To      int    `json:"to"`
}

// JobName names the event.
func (ProgrammeReleased) JobName() string { return "program.released" }

// Publisher tells browsers that something changed. It is called after the change is durable.
type Publisher interface {
	Publish(topic string, version int64)
}

// Interest knows how many people want to be at the sessions of a meeting, by the sessions' guids.
type Interest interface {
	Wanted(ctx context.Context, r db.Reader, slug string) (map[string]int, error)
}

// Absence is a time in which a speaker cannot be there.
type Absence struct {
	Speaker  string // key
	From, To time.Time
	Note     string // why, in the speaker's words
}

// Absences knows when the speakers of a meeting cannot be there.
type Absences interface {
	Away(ctx context.Context, r db.Reader, slug string) ([]Absence, error)
}

// People knows the names of those who acted, by their opaque public ids.
type People interface {
	Names(ctx context.Context, refs []string) (map[string]i18n.Text, error)
}

// DeskOptions are what a Desk may be given; each may be left out.
type DeskOptions struct {
	Interest Interest
	Absences Absences
	People   People
}

// Desk is the workplace from which a programme is run: it changes the draft, says what is wrong with it, and releases it. Each use case
// asks whether who acts may do it.
type Desk struct {
	s *Service
	o DeskOptions
}

// NewDesk makes the desk of a service.
func NewDesk(s *Service, o DeskOptions) *Desk { return &Desk{s, o} }

// ActKind is what somebody did at the desk.
type ActKind string

// The kinds of acts.
const (
	ActEdit     ActKind = "edit"     // fields of a session
	ActAdd      ActKind = "add"      // a new session
	ActRemove   ActKind = "remove"   // a session that was never public
	ActMove     ActKind = "move"     // one session to another place
	ActSwap     ActKind = "swap"     // two sessions
	ActRetime   ActKind = "retime"   // many sessions, released at once
	ActSpeakers ActKind = "speakers" // a speaker added, edited or merged with another
	ActRollback ActKind = "rollback" // the draft became what an older release was
	ActTopics   ActKind = "topics"   // topics added, named, arranged, merged or removed
	ActKinds    ActKind = "kinds"    // kinds of sessions likewise
	ActPolicy   ActKind = "policy"   // the publication policy of the whole meeting
)

// Act is something that was done at the desk, and can be undone.
type Act struct {
	ID      int64
	Ref     string // opaque, for addresses
	By      string // the public id of who acted
	At      time.Time
	Kind    ActKind
	Release int // of a retiming, the release it made; 0 for others
	Undone  bool
	Touched Touched
	Title   i18n.Text // of the session concerned, where it is one
	Label   string
}

// Touched is what an act did to a draft, by the guids of sessions and the keys of everything else.
type Touched struct {
	Sessions map[string]Touch   `json:"sessions,omitempty"`
	Speakers map[string]Touch   `json:"speakers,omitempty"`
	Kinds    map[string]Touch   `json:"kinds,omitempty"`
	Topics   map[string]Touch   `json:"topics,omitempty"`
	Orders   map[Category]Order `json:"orders,omitempty"` // of the lists whose keys are others, or stand otherwise
	Policy   *Touch             `json:"policy,omitempty"`
}

// Touch is what an act did to one thing: the fields that differ. A side that is nil says that the thing was not there.
type Touch struct {
	Before map[string]json.RawMessage `json:"before"`
	After  map[string]json.RawMessage `json:"after"`
}

// empty reports that nothing was done.
func (t *Touched) empty() bool {
	return len(t.Sessions) == 0 && len(t.Speakers) == 0 && len(t.Kinds) == 0 && len(t.Topics) == 0 && len(t.Orders) == 0 && t.Policy == nil
}

// touchedBy compares two states of a draft.
func touchedBy(before, after *interchange.Document) Touched {
	t := Touched{
		Kinds:    touches(before.Kinds, after.Kinds, kindKey, asIs[interchange.Kind]),
		Topics:   touches(before.Topics, after.Topics, topicKey, asIs[interchange.Topic]),
		Orders:   ordersTouched(before, after),
		Sessions: touches(before.Sessions, after.Sessions, func(s *interchange.Session) string { return s.GUID }, plainSession),
		Speakers: touches(before.Speakers, after.Speakers, func(s *interchange.Speaker) string { return s.Key }, func(s interchange.Speaker) interchange.Speaker {
			s.Links = orNil(s.Links)
			return s
		}),
	}
	if before.Policy != after.Policy {
		p := difference(membersOf(jsonText(before.Policy)), membersOf(jsonText(after.Policy)))
		t.Policy = &p
	}
	return t
}

func kindKey(k *interchange.Kind) string { return k.Key }

func topicKey(t *interchange.Topic) string { return t.Key }

// asIs is for what is the same text whenever it is the same.
func asIs[T any](v T) T { return v }

// plainSession is a session with its times in one zone and no empty lists, so that the same session is always the same text.
func plainSession(s interchange.Session) interchange.Session {
	s.Start, s.End, s.Parts = s.Start.UTC(), s.End.UTC(), orNil(utcParts(s.Parts))
	s.Topics, s.Speakers, s.Links = orNil(s.Topics), orNil(s.Speakers), orNil(s.Links)
	return s
}

func touches[T any](before, after []T, name func(*T) string, plain func(T) T) map[string]Touch {
	old := make(map[string]map[string]json.RawMessage, len(before))
	texts := make(map[string]string, len(before))
	for i := range before {
		texts[name(&before[i])] = jsonText(plain(before[i]))
	}
	out := map[string]Touch{}
	for i := range after {
		n, text := name(&after[i]), jsonText(plain(after[i]))
		was, known := texts[n]
		delete(texts, n)
		if !known {
			out[n] = Touch{After: membersOf(text)}
		} else if was != text {
			old[n] = membersOf(was)
			out[n] = difference(old[n], membersOf(text))
		}
	}
	for n, text := range texts {
		out[n] = Touch{Before: membersOf(text)}
	}
	return out
}

// membersOf takes a JSON object apart.
func membersOf(object string) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(object), &m); err != nil {
		panic(err) // it was written a moment ago
	}
	return m
}

// difference keeps the members that differ. One that a side leaves out is null there.
func difference(before, after map[string]json.RawMessage) Touch {
	t := Touch{Before: map[string]json.RawMessage{}, After: map[string]json.RawMessage{}}
	for _, side := range []map[string]json.RawMessage{before, after} {
		for name := range side {
			if b, a := member(before, name), member(after, name); !bytes.Equal(b, a) {
				t.Before[name], t.After[name] = b, a
			}
		}
	}
	return t
}

// member is a member of an object, null where it is left out.
func member(object map[string]json.RawMessage, name string) json.RawMessage {
	if v, ok := object[name]; ok {
		return v
	}
	return json.RawMessage("null")
}

// reversed is what undoes an act.
func (t *Touched) reversed() *Touched {
	turn := func(in map[string]Touch) map[string]Touch {
		out := make(map[string]Touch, len(in))
		for name, v := range in {
			out[name] = Touch{Before: v.After, After: v.Before}
		}
		return out
	}
	out := &Touched{turn(t.Sessions), turn(t.Speakers), turn(t.Kinds), turn(t.Topics), make(map[Category]Order, len(t.Orders)), nil}
	for c, o := range t.Orders {
		out.Orders[c] = Order{Before: o.After, After: o.Before}
	}
	if t.Policy != nil {
		out.Policy = &Touch{Before: t.Policy.After, After: t.Policy.Before}
	}
	return out
}

// apply does to a draft what an act did to one, where everything concerned is still as the act found it. What is not is a conflict that
// names the thing: nobody's work is undone by undoing somebody else's.
func (t *Touched) apply(doc *interchange.Document) (*interchange.Document, error) {
	out := *doc
	var err error
	name := func(s *interchange.Session) string { return s.GUID }
	if out.Sessions, err = reapply(doc.Sessions, t.Sessions, name, plainSession); err != nil {
		return nil, err
	}
	for i := range out.Sessions {
		if s := &out.Sessions[i]; t.Sessions[s.GUID].After != nil {
			inZoneOf(s, doc)
		}
	}
	if out.Speakers, err = reapply(doc.Speakers, t.Speakers, func(s *interchange.Speaker) string { return s.Key }, asIs[interchange.Speaker]); err != nil {
		return nil, err
	}
	if err := t.applyCategories(doc, &out); err != nil {
		return nil, err
	}
	if t.Policy == nil {
		return &out, nil
	}
	now := membersOf(jsonText(doc.Policy))
	if !asWas(now, t.Policy.Before, false) {
		return nil, fault.New(fault.Conflict, "program.desk.error.policy_since")
	}
	maps.Copy(now, t.Policy.After)
	out.Policy, err = assembled[interchange.Policy](now)
	return &out, err
}

// inZoneOf puts the times of a session into the meeting's zone.
func inZoneOf(s *interchange.Session, doc *interchange.Document) {
	loc := doc.Meeting.Location()
	if s.Timed() {
		s.Start, s.End = s.Start.In(loc), s.End.In(loc)
	}
	var walk func([]interchange.Part)
	walk = func(parts []interchange.Part) {
		for i := range parts {
			if p := &parts[i]; !p.Start.IsZero() {
				p.Start, p.End = p.Start.In(loc), p.End.In(loc)
			}
			walk(parts[i].Parts)
		}
	}
	walk(s.Parts)
}

func reapply[T any](list []T, touched map[string]Touch, name func(*T) string, plain func(T) T) ([]T, error) {
	out := make([]T, 0, len(list))
	seen := map[string]bool{}
	for i := range list {
		n := name(&list[i])
		t, concerned := touched[n]
		if !concerned {
			out = append(out, list[i])
			continue
		}
		seen[n] = true
		now := membersOf(jsonText(plain(list[i])))
		if t.Before == nil || !asWas(now, t.Before, t.After == nil) {
			return nil, changedSince(&list[i])
		}
		if t.After == nil {
			continue
		}
		maps.Copy(now, t.After)
		v, err := assembled[T](now)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	for _, n := range slices.Sorted(maps.Keys(touched)) {
		if seen[n] {
			continue
		}
		t := touched[n]
		if t.Before != nil {
			return nil, fault.New(fault.Conflict, "program.desk.error.gone_since")
		}
		v, err := assembled[T](t.After)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// asWas reports whether members are as they were; whole asks for all of them.
func asWas(now, was map[string]json.RawMessage, whole bool) bool {
	if whole && len(now) != len(was) {
		return false
	}
	for name, v := range was {
		if !bytes.Equal(member(now, name), v) {
			return false
		}
	}
	return true
}

func assembled[T any](members map[string]json.RawMessage) (v T, err error) {
	b, err := json.Marshal(members)
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	return v, err
}

// changedSince is the fault of undoing what somebody changed again.
func changedSince(v any) error {
	name := i18n.Text{}
	switch v := v.(type) {
	case *interchange.Session:
		name = v.Title
	case *interchange.Speaker:
		name = v.Name
	case *interchange.Kind:
		name = v.Label
	case *interchange.Topic:
		name = v.Label
	}
	return fault.New(fault.Conflict, "program.desk.error.changed_since").With("name", name)
}
