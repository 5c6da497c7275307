package program

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// row is a session as lists show it, with the page that it is on.
type row struct {
	*web.Frame
	Item      *Item
	Href      string // path without language prefix
	Tint      string // class of the tint of its kind
	Label     i18n.Text
	At        times
	ShowDay   bool // the list does not say the day by itself
	Room      i18n.Text
	Was       *wasView // nil: it is where it was announced to be
	Cancelled bool
	Star      bool
	Who       []i18n.Text
	More      string // how many more there are
	Marks     []mark
	Talks     []*row    // held in this slot, and shown under it
	Slot      i18n.Text // the slot it is held in, where it is not shown under it
	Note      string    // one more word, such as the role of a speaker
}

// rowNames is how many speakers a row names.
const rowNames = 6

// row makes the row of a session.
func (q *request) row(it *Item) *row {
	r := &row{
		Frame: q.Frame, Item: it, Href: sessionURL(q.Meeting, it), Tint: tintOf(it), Label: kindName(it.Type),
		At: q.times(it), Room: placeOf(it), Cancelled: it.Status == interchange.Cancelled, Star: !it.Type.Pause,
		Marks: q.marks(it.Policy), Was: q.was(it),
	}
	people := everyone(it)
	for i, p := range people {
		if i == rowNames {
			r.More = q.Frame.T("program.session.more_people", "n", len(people)-rowNames)
			break
		}
		r.Who = append(r.Who, p.Name)
	}
	return r
}

// dated makes a row that says its day.
func (q *request) dated(it *Item) *row {
	r := q.row(it)
	r.ShowDay = true
	return r
}

// wasView is where a session was announced to be.
type wasView struct {
	Clock string // empty where only the room changed
	Room  i18n.Text
}

// was says where a session was announced to be, if it moved.
func (q *request) was(it *Item) *wasView {
	if it.Was == nil || it.Cancelled() {
		return nil
	}
	v := &wasView{Room: it.Was.Room}
	if it.Was.Start.Equal(it.Start) {
		return v
	}
	day := programmeDay(it.Was.Start, q.Meeting.Boundary())
	v.Clock = clock(q.Frame, day, it.Was.Start, it.Was.End)
	if day != it.Date {
		v.Clock = q.Frame.ShortDay(day.Time(q.Meeting.Location())) + " " + v.Clock
	}
	return v
}

// under leaves out of a row what the slot above it says already.
func (r *row) under(slot *row) *row {
	r.ShowDay = false
	if !r.Item.Timed() {
		r.At.Clock, r.At.Open = "", ""
	}
	if r.Room == slot.Room {
		r.Room = i18n.Text{}
	}
	if r.Item.Kind == slot.Item.Kind {
		r.Label = i18n.Text{}
	}
	return r
}

// Comma is what stands between names in the page's language.
func (r *row) Comma() string { return comma(r.Lang) }

func comma(l i18n.Lang) string { return i18n.Join(l, []string{"", ""}) }

// everyone lists who is on the stage of a session, in its parts too, each once.
func everyone(it *Item) []*Person {
	var list []*Person
	seen := map[*Person]bool{}
	eachCast(it, func(c *Cast) {
		if !seen[c.Person] {
			seen[c.Person] = true
			list = append(list, c.Person)
		}
	})
	return list
}

// eachCast goes through the stages of a session and of its parts.
func eachCast(it *Item, do func(*Cast)) {
	var walk func([]*Cast, []*PartItem)
	walk = func(cast []*Cast, parts []*PartItem) {
		for _, c := range cast {
			do(c)
		}
		for _, p := range parts {
			walk(p.Cast, p.Parts)
		}
	}
	walk(it.Cast, it.Parts)
}

// groupID is the anchor of a group on a page.
func groupID(n int) string { return "g" + strconv.Itoa(n+1) }

// kindName is what a kind is called, its key where nobody named it.
func kindName(k *interchange.Kind) i18n.Text {
	if k.Label.IsZero() {
		return same(k.Key)
	}
	return k.Label
}

// same is a text that reads the same in every language: a code, a number, a word already chosen.
func same(s string) i18n.Text { return i18n.T(s, s) }

// tintOf is the class of a kind's tint in lists and on a session's page, where, other than in the timetable, only small things are tinted.
func tintOf(it *Item) string { return "s-" + it.tintClass() }

// placed is the session whose time holds for it: itself, or, for a talk without one of its own, the slot.
func placed(it *Item) *Item {
	if !it.Timed() && it.Within != nil {
		return it.Within
	}
	return it
}

// placeOf names where a session is, a talk without a room being in that of its slot. It is zero where nothing is known.
func placeOf(it *Item) i18n.Text {
	switch {
	case it.AllRooms:
		return i18n.T("全会場", "All rooms")
	case it.Where != nil:
		return it.Where.Name
	case it.Room != "":
		return same(it.Room)
	case it.Within != nil:
		return placeOf(it.Within)
	}
	return i18n.Text{}
}

// times is when a session is, in the words of a page.
type times struct {
	Day    time.Time // midnight of the day it is listed under; zero where not known
	Start  time.Time // zero where not known
	End    time.Time
	Clock  string // 10:20–11:20, 23:30–翌1:00, or 10:20 where it has no length
	Length string // 60分, or empty
	Open   string // what to say instead of a time
}

func (q *request) times(it *Item) times {
	it = placed(it)
	loc := q.Meeting.Location()
	t := times{Day: it.Date.Time(loc)}
	if it.Timed() {
		t.Start, t.End = it.Start.In(loc), it.End.In(loc)
		t.Clock = clock(q.Frame, it.Date, t.Start, t.End)
		if d := t.End.Sub(t.Start); d > 0 {
			t.Length = length(q.Frame, d)
		}
		return t
	}
	past := it.Date != "" && it.Date < q.today || it.Date == "" && q.Meeting.LastDay() != "" && q.Meeting.LastDay() < q.today
	switch {
	case it.Date == "" && past:
		t.Open = q.Frame.T("program.session.no_date_past")
	case it.Date == "":
		t.Open = q.Frame.T("program.session.no_date")
	case past:
		t.Open = q.Frame.T("program.session.no_time_past")
	default:
		t.Open = q.Frame.T("program.session.no_time")
	}
	return t
}

// clock writes a span of time as it is read under a day: what lies on the next date says so.
func clock(f *web.Frame, day event.Date, from, to time.Time) string {
	at := func(t, against event.Date, v time.Time) string {
		if against != "" && t > against {
			return f.T("program.session.next_day", "time", v.Format("15:04"))
		}
		return v.Format("15:04")
	}
	a := at(event.DateOf(from), day, from)
	if !to.After(from) {
		return a
	}
	if event.DateOf(from) > day { // the start says it already
		return a + "–" + to.Format("15:04")
	}
	return a + "–" + at(event.DateOf(to), event.DateOf(from), to)
}

// length writes how long something takes: 90分, 2時間, 2時間30分, 1日.
func length(f *web.Frame, d time.Duration) string {
	min := int(d.Minutes() + .5)
	h, m := min/60, min%60
	switch {
	case min >= 24*60 && min%(24*60) == 0:
		return f.T("program.session.days", "n", h/24)
	case min < 120:
		return f.T("program.session.minutes", "n", min)
	case m == 0:
		return f.T("program.session.hours", "n", h)
	}
	return f.T("program.session.hours_minutes", "h", h, "m", m)
}

// matter is one matter of a publication policy, where something is stated about it.
type matter struct {
	Icon    string
	Label   string
	Yes     bool
	Verdict string
	Until   time.Time // the last day it is public, or zero
	Over    bool      // that day has passed
}

// matters lists what a resolved policy states, and nothing of what it leaves open.
func (q *request) matters(p interchange.Policy) []matter {
	var list []matter
	for _, m := range permissions(p) {
		if m.value == interchange.Inherit {
			continue
		}
		v := matter{Icon: m.name, Label: q.Frame.T("program.session.policy." + m.name), Yes: m.value == interchange.Allowed}
		v.Verdict = q.Frame.T("program.session.policy.no")
		if v.Yes {
			v.Verdict = q.Frame.T("program.session.policy.yes")
		}
		if m.name == "publish" && v.Yes && p.PublishUntil != "" {
			v.Until, v.Over = p.PublishUntil.Time(q.Meeting.Location()), p.PublishUntil < q.today
		}
		list = append(list, v)
	}
	return list
}

type permission struct {
	name  string
	value interchange.Permission
}

func permissions(p interchange.Policy) []permission {
	return []permission{
		{"stream", p.Stream}, {"record", p.Record}, {"publish", p.Publish},
		{"slides", p.Slides}, {"photo", p.Photo}, {"sns", p.SNS},
	}
}

// mark is a sign beside a session that tells what must not be done, and, in a part of a session that forbids it, what may.
type mark struct {
	Icon string // no-capture, no-photo, no-record, no-stream, no-sns, or the name of a matter that is allowed
	Text string
}

// marks are the signs that lists show of a policy. Not to take pictures and not to record is one sign, as the meetings themselves show it,
// and what is off the record needs no sign that it is not streamed.
func (q *request) marks(p interchange.Policy) []mark {
	icons := refusals(p, interchange.Policy{})
	drop := func(icon string) {
		icons = slices.DeleteFunc(icons, func(i string) bool { return i == icon })
	}
	drop("no-publish")
	drop("no-slides")
	if p.IsOffRecord() {
		drop("no-stream")
	}
	return q.signs(icons)
}

// differing are the signs of a part in which its policy differs from that of what contains it: what it refuses, then what it allows.
func (q *request) differing(p, outer interchange.Policy) []mark {
	list := q.signs(refusals(p, outer))
	out := permissions(outer)
	for i, m := range permissions(p) {
		if m.value == interchange.Allowed && out[i].value == interchange.Refused {
			list = append(list, mark{m.name, q.Frame.T("program.session.policy."+m.name) + " " + q.Frame.T("program.session.policy.yes")})
		}
	}
	return list
}

func (q *request) signs(icons []string) []mark {
	list := make([]mark, 0, len(icons))
	for _, i := range icons {
		list = append(list, mark{i, q.Frame.T("program.session.mark." + strings.ReplaceAll(i, "-", "_"))})
	}
	return list
}

// refusals names the signs of what a policy refuses and its outer one does not.
func refusals(p, outer interchange.Policy) []string {
	refused := map[string]bool{}
	out := permissions(outer)
	for i, m := range permissions(p) {
		refused[m.name] = m.value == interchange.Refused && out[i].value != interchange.Refused
	}
	var icons []string
	if refused["photo"] && refused["record"] {
		refused["photo"], refused["record"] = false, false
		icons = append(icons, "no-capture")
	}
	for _, name := range []string{"photo", "record", "sns", "stream", "publish", "slides"} {
		if refused[name] && (name != "publish" || p.Record != interchange.Refused) {
			icons = append(icons, "no-"+name)
		}
	}
	return icons
}

// common is the policy to show for a part that has parts: what all of them refuse, and for the rest what holds around it. The policy that
// is enforced is stricter, as a link of the whole may show any of its parts.
func common(p *PartItem, outer interchange.Policy) interchange.Policy {
	if len(p.Parts) == 0 {
		return p.Policy
	}
	whole := outer
	fields := func(p *interchange.Policy) []*interchange.Permission {
		return []*interchange.Permission{&p.Stream, &p.Record, &p.Publish, &p.Slides, &p.Photo, &p.SNS}
	}
	for i, to := range fields(&whole) {
		all := true
		for _, inner := range p.Parts {
			shown := common(inner, outer)
			all = all && *fields(&shown)[i] == interchange.Refused
		}
		if all {
			*to = interchange.Refused
		}
	}
	return whole
}
