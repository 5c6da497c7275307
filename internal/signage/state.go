package signage

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/markdown"
	"github.com/tsudoi/tsudoi/internal/kit/qr"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// State is what a screen reads: everything it may have to show until it can ask again, which may be tomorrow. Moments are milliseconds since
// 1970. pages/view.js draws it.
type State struct {
	Paired   bool              `json:"paired"`
	App      string            `json:"app"` // the version of the page; a page of another version loads itself anew
	Screen   *screenState      `json:"screen,omitempty"`
	Override *overrideState    `json:"override,omitempty"`
	Notices  []json.RawMessage `json:"notices,omitempty"`
	Meeting  json.RawMessage   `json:"meeting,omitempty"` // a meetingState
}

// screenState is what is of this screen alone.
type screenState struct {
	Ref       string    `json:"ref"`
	Name      string    `json:"name"`
	Mode      Mode      `json:"mode"`
	Room      string    `json:"room,omitempty"`
	Languages Languages `json:"languages"`
	Theme     Theme     `json:"theme"`
	Turn      Turn      `json:"turn"`
	Blank     bool      `json:"blank,omitempty"`
	Identify  int64     `json:"identify,omitempty"`
	Reload    int64     `json:"reload,omitempty"`
	Hold      string    `json:"hold,omitempty"`
	HoldUntil int64     `json:"holdUntil,omitempty"`
}

// overrideState is an override as screens read it.
type overrideState struct {
	Severity Severity `json:"severity"`
	Text     words    `json:"text"`
	Since    int64    `json:"since"`
}

// meetingState is what every screen of a meeting has in common.
type meetingState struct {
	Slug     string         `json:"slug"`
	Name     words          `json:"name"`
	Hashtag  string         `json:"hashtag,omitempty"`
	Logo     string         `json:"logo,omitempty"`
	Accent   [2]string      `json:"accent"`  // on light and on dark ground
	Offsets  []offsetState  `json:"offsets"` // of the meeting's clocks, in order
	Days     []dayState     `json:"days"`
	Rooms    []roomState    `json:"rooms"`
	Sessions []sessionState `json:"sessions"`
	Over     bool           `json:"over,omitempty"` // no day of the programme is today or ahead
	Sponsors []sponsorState `json:"sponsors,omitempty"`
	Survey   *surveyState   `json:"survey,omitempty"`
}

// words is a text in both languages, with nothing where both are the same.
type words struct {
	JA string `json:"ja,omitempty"`
	EN string `json:"en,omitempty"`
}

// offsetState says that from a moment on the meeting's clocks are ahead of UTC by so many minutes.
type offsetState struct {
	From    int64 `json:"from"`
	Minutes int   `json:"minutes"`
}

type dayState struct {
	Date  event.Date `json:"date"`
	Label words      `json:"label"`
	From  int64      `json:"from"` // of the programme day
	Until int64      `json:"until"`
}

type roomState struct {
	Key   string `json:"key"`
	Name  words  `json:"name"`
	Place words  `json:"place"`
}

type sessionState struct {
	Ref      string         `json:"ref"`
	Title    words          `json:"title"`
	Kind     words          `json:"kind"`
	Tint     int            `json:"tint,omitempty"`
	Pause    bool           `json:"pause,omitempty"`
	Room     string         `json:"room,omitempty"`
	All      bool           `json:"all,omitempty"`
	From     int64          `json:"from"`
	Until    int64          `json:"until"`
	Open     bool           `json:"open,omitempty"` // its end is not known, and Until a guess
	Gone     bool           `json:"gone,omitempty"` // cancelled
	WasFrom  int64          `json:"wasFrom,omitempty"`
	WasRoom  *words         `json:"wasRoom,omitempty"`
	Who      []speakerState `json:"who,omitempty"`
	NoRecord bool           `json:"noRecord,omitempty"`
	NoSNS    bool           `json:"noSns,omitempty"`
	Steps    []stepState    `json:"steps,omitempty"`
}

type speakerState struct {
	Name words `json:"name"`
	Of   words `json:"of"`
}

type stepState struct {
	Title words          `json:"title"`
	From  int64          `json:"from,omitempty"`
	Until int64          `json:"until,omitempty"`
	Who   []speakerState `json:"who,omitempty"`
}

type sponsorState struct {
	Role  event.OrgRole `json:"role"`
	Class words         `json:"class"`
	Orgs  []orgState    `json:"orgs"`
}

type orgState struct {
	Name words  `json:"name"`
	Logo string `json:"logo,omitempty"`
}

type surveyState struct {
	Title words   `json:"title"`
	URL   string  `json:"url"`
	QR    qr.Code `json:"qr"`
}

type noticeState struct {
	Ref      string     `json:"ref"`
	Title    words      `json:"title"`
	HTML     words      `json:"html"`
	Picture  words      `json:"picture"`
	QR       *qr.Code   `json:"qr,omitempty"`
	Link     string     `json:"link,omitempty"`
	Standing Standing   `json:"standing,omitempty"`
	Urgent   bool       `json:"urgent,omitempty"`
	Seconds  int        `json:"seconds"`
	Spans    [][2]int64 `json:"spans"`
}

// maxAhead is for how many programme days a screen is told what to show: today and the next one, so that a screen that lost the network
// in the evening is right in the morning.
const maxAhead = 2

// openLength is how long a session is taken to be whose end is not known, unless the next one of its room begins before.
const openLength = time.Hour

func both(t i18n.Text) words {
	if t.JA == t.EN {
		return words{JA: t.JA}
	}
	return words{t.JA, t.EN}
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// content is what the screens of a meeting show on one programme day, made once for all of them.
type content struct {
	meeting  json.RawMessage
	notices  []*Notice
	rendered map[string]json.RawMessage // by ref
	override *overrideState
	from     time.Time // the days it knows
	until    time.Time
}

// compose makes the content from what is stored.
func compose(m *event.Stored, accent string, sessions []Session, notices []*Notice, set Setting, over *Override, now time.Time) (*content, error) {
	days := daysAhead(m, sessions, now)
	c := &content{notices: notices, rendered: map[string]json.RawMessage{}}
	c.from = dayStart(programmeDay(now.In(m.Location()), m.Boundary()), m.Boundary(), m.Location())
	c.until = c.from.AddDate(0, 0, 2)
	if n := len(days); n > 0 {
		c.until = later(c.until, time.UnixMilli(days[n-1].Until))
	}
	st := meetingState{
		Slug: m.Slug, Name: both(m.Name()), Hashtag: m.Hashtag, Logo: media(m.Logo), Days: days, Rooms: []roomState{},
		Sessions: statesOf(sessions, days), Over: len(days) == 0, Offsets: offsets(m.Location(), c.from, c.until),
	}
	st.Accent[0], st.Accent[1] = web.AccentColours(accent)
	for _, r := range m.Rooms {
		st.Rooms = append(st.Rooms, roomState{r.Key, both(r.Name), both(r.Location)})
	}
	if set.Sponsors {
		st.Sponsors = sponsorsOf(m.Orgs)
	}
	if set.SurveyURL != "" {
		code, err := qr.New(set.SurveyURL)
		if err != nil {
			return nil, err
		}
		st.Survey = &surveyState{both(set.SurveyTitle), set.SurveyURL, code}
	}
	if over != nil {
		c.override = &overrideState{over.Severity, both(over.Text), ms(over.Since)}
	}
	for _, n := range notices {
		b, err := renderNotice(n, m, c.from, c.until)
		if err != nil {
			return nil, err
		}
		c.rendered[n.Ref] = b
	}
	b, err := json.Marshal(st)
	c.meeting = b
	return c, err
}

// state is what one screen shows of the content.
func (c *content) state(s *Screen, app string) *State {
	st := &State{Paired: true, App: app, Override: c.override, Meeting: c.meeting, Screen: &screenState{
		Ref: s.Ref, Name: s.Look.Name, Mode: s.Look.Mode, Room: s.Look.Room, Languages: s.Look.Languages, Theme: s.Look.Theme, Turn: s.Look.Turn,
		Blank: s.Blank, Identify: ms(s.Identify), Reload: s.Reload, Hold: s.Hold, HoldUntil: ms(s.HoldUntil),
	}}
	for _, n := range c.notices {
		if n.Published && n.For(s.Ref, s.Look) || s.Hold == n.Ref {
			st.Notices = append(st.Notices, c.rendered[n.Ref])
		}
	}
	return st
}

// write writes a state as JSON. Its large parts are JSON already: encoding/json would look at every byte of them again, for every screen.
func (s *State) write(w io.Writer) error {
	head := *s
	head.Notices, head.Meeting = nil, nil
	b, err := json.Marshal(head)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	out.Grow(len(b) + len(s.Meeting) + 1<<10)
	out.Write(b[:len(b)-1])
	out.WriteString(`,"notices":[`)
	for i, n := range s.Notices {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(n)
	}
	out.WriteString(`],"meeting":`)
	out.Write(s.Meeting)
	out.WriteByte('}')
	_, err = w.Write(out.Bytes())
	return err
}

// daysAhead are the next programme days that have sessions, today among them.
func daysAhead(m *event.Stored, sessions []Session, now time.Time) []dayState {
	loc, boundary := m.Location(), m.Boundary()
	today := programmeDay(now.In(loc), boundary)
	var dates []event.Date
	for _, s := range sessions {
		if d := programmeDay(s.Start.In(loc), boundary); d >= today && !slices.Contains(dates, d) {
			dates = append(dates, d)
		}
	}
	slices.Sort(dates)
	days := []dayState{}
	for _, d := range dates[:min(len(dates), maxAhead)] {
		at := d.Time(loc)
		days = append(days, dayState{
			Date: d, Label: words{i18n.ShortDay(i18n.JA, at), i18n.ShortDay(i18n.EN, at)},
			From: ms(dayStart(d, boundary, loc)), Until: ms(dayStart(nextDay(d), boundary, loc)),
		})
	}
	return days
}

// offsets are the differences from UTC of the meeting's clocks between two moments. Zones change on the hour or the half hour.
func offsets(loc *time.Location, from, until time.Time) []offsetState {
	var out []offsetState
	for t := from; t.Before(until); t = t.Add(30 * time.Minute) {
		_, sec := t.In(loc).Zone()
		if n := len(out); n == 0 || out[n-1].Minutes != sec/60 {
			out = append(out, offsetState{ms(t), sec / 60})
		}
	}
	return out
}

// statesOf are the sessions of the days, in order of time.
func statesOf(sessions []Session, days []dayState) []sessionState {
	out := []sessionState{}
	for i := range sessions {
		s := &sessions[i]
		in := func(d dayState) bool { return d.From <= ms(s.Start) && ms(s.Start) < d.Until }
		if !slices.ContainsFunc(days, in) {
			continue
		}
		st := sessionState{
			Ref: s.Ref, Title: both(s.Title), Kind: both(s.Kind), Tint: s.Tint, Pause: s.Pause, Room: s.Room, All: s.AllRooms, From: ms(s.Start), Until: ms(s.End),
			Gone: s.Cancelled, WasFrom: ms(s.WasStart), Who: who(s.Speakers), NoRecord: s.NoRecord, NoSNS: s.NoSNS,
		}
		if !s.WasRoom.IsZero() {
			w := both(s.WasRoom)
			st.WasRoom = &w
		}
		if !s.End.After(s.Start) {
			st.Open, st.Until = true, ms(guessedEnd(sessions, s))
		}
		for _, p := range s.Steps {
			st.Steps = append(st.Steps, stepState{both(p.Title), ms(p.Start), ms(p.End), who(p.Speakers)})
		}
		out = append(out, st)
	}
	slices.SortStableFunc(out, func(a, b sessionState) int { return cmp.Compare(a.From, b.From) })
	return out
}

// guessedEnd is when a session is taken to be over whose end is not known.
func guessedEnd(sessions []Session, s *Session) time.Time {
	end := s.Start.Add(openLength)
	for i := range sessions {
		o := &sessions[i]
		if o.Start.After(s.Start) && o.Start.Before(end) && !o.Cancelled && (o.AllRooms || s.AllRooms || o.Room == s.Room) {
			end = o.Start
		}
	}
	return end
}

func who(list []Speaker) []speakerState {
	out := make([]speakerState, len(list))
	for i, s := range list {
		out[i] = speakerState{both(s.Name), both(s.Affiliation)}
	}
	return out
}

// sponsorsOf are the organisations by role and class, in the meeting's order.
func sponsorsOf(orgs []event.Organisation) []sponsorState {
	var out []sponsorState
	for _, role := range event.OrgRoles {
		for _, o := range orgs {
			if o.Role != role {
				continue
			}
			i := slices.IndexFunc(out, func(s sponsorState) bool { return s.Role == role && s.Class == both(o.Class) })
			if i < 0 {
				i = len(out)
				out = append(out, sponsorState{Role: role, Class: both(o.Class)})
			}
			out[i].Orgs = append(out[i].Orgs, orgState{both(o.Name), media(o.Logo)})
		}
	}
	return out
}

// media is the address of a picture.
func media(name string) string {
	if name == "" {
		return ""
	}
	return "/media/" + name
}

func renderNotice(n *Notice, m *event.Stored, from, until time.Time) (json.RawMessage, error) {
	st := noticeState{
		Ref: n.Ref, Title: both(n.Title), HTML: both(n.Body.Map(renderBody)), Picture: words{media(n.Picture.JA), media(n.Picture.EN)},
		Link: n.Link, Standing: n.Standing, Urgent: n.Urgent, Seconds: n.Seconds, Spans: [][2]int64{},
	}
	for _, s := range n.Schedule.Spans(m.Location(), m.Boundary(), from, until) {
		st.Spans = append(st.Spans, [2]int64{ms(s.From), ms(s.Until)})
	}
	if n.Link != "" {
		code, err := qr.New(n.Link)
		if err != nil {
			return nil, fmt.Errorf("notice %s: %w", n.Ref, err)
		}
		st.QR = &code
	}
	return json.Marshal(st)
}

// renderBody makes HTML that is safe to insert (see kit/markdown).
func renderBody(s string) string { return string(markdown.RenderUnder(s, 2)) }
