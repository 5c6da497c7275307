// Package briefing knows who must be told of something, what they were told, and who has acknowledged it.
//
// Words: a briefing (連絡) is one message to everybody concerned by a change of the programme, or by whatever the committee wants to say. A
// release sends nothing: it makes an offer (連絡の候補), a briefing that waits for somebody to read, edit and send it; further releases before
// that only make the offer say more. A recipient (宛先) is told by one letter and for a reason, their duties (担当). To acknowledge (承知) is to
// say that one has read it: a letter that arrived is no acknowledgement. A contact (連絡先) is how to reach a speaker without an account. A
// post (持ち場) says who works in a room: MC, streaming, room.
//
// A briefing is open, leaving (sent, and can be taken back for five minutes), sent, or dropped. What it says is decided or under consideration
// (検討中). A recipient is waiting, queued (the letter is in the outbox) or skipped (no address, or they want no such letters), and, where they
// are asked to, has acknowledged or not. A later briefing that says everything anew supersedes an older one: it is to be acknowledged again.
//
// Tables: briefing_item, briefing_recipient, briefing_contact, briefing_post, briefing_key.
package briefing

import (
	"cmp"
	"crypto/rand"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// The kinds of letters, as people's preferences name them.
const (
	KindChange = "briefing.change" // to those on duty; it cannot be declined
	KindStar   = "star.change"     // to those who starred a session
)

// Duty is why somebody is told.
type Duty string

// The duties.
const (
	Speaker    Duty = "speaker"    // speaks at a session concerned
	Owner      Duty = "owner"      // looks after it for the committee
	Editor     Duty = "editor"     // acts for a speaker
	MC         Duty = "mc"         // 司会
	Streaming  Duty = "streaming"  // 配信
	RoomStaff  Duty = "room"       // 会場係
	Member     Duty = "member"     // was chosen by role or team
	Registered Duty = "registered" // registered for it
	Starred    Duty = "star"       // starred it while signed in
)

// duties are all duties; a recipient with several is counted under the first.
var duties = []Duty{Speaker, Owner, Editor, MC, Streaming, RoomStaff, Member, Registered, Starred}

// crew are the duties of a post.
var crew = []Duty{MC, Streaming, RoomStaff}

// Asks reports whether those with the duty are asked to acknowledge.
func (d Duty) Asks() bool { return d != Starred && d != Registered }

// Op is what happened to a session.
type Op string

// The operations.
const (
	Moved     Op = "moved"
	Cancelled Op = "cancelled"
	Restored  Op = "restored"
	Added     Op = "added"
	Mentioned Op = "told" // nothing: a briefing is about it
)

// Place is where and when a session is.
type Place struct {
	Start, End time.Time // in the meeting's zone; zero: not known
	Day        event.Date
	Room       string // key
	Where      i18n.Text
	AllRooms   bool
}

// same reports whether two places are one.
func (p *Place) same(q *Place) bool {
	return p.Start.Equal(q.Start) && p.End.Equal(q.End) && p.Day == q.Day && p.Room == q.Room && p.AllRooms == q.AllRooms
}

// Session is a session as this feature knows it.
type Session struct {
	GUID, Ref, Label string
	Title            i18n.Text
	Path             string // of its page
	Cancelled        bool
	Speakers         []Named
	Place
}

// Named is a speaker of the programme.
type Named struct {
	Key  string
	Name i18n.Text
}

// Change is what happened to a session between two releases.
type Change struct {
	Session        // as it is; as it was, where it is gone
	Op      Op     //
	Was     *Place // where it was; nil where it was not there
}

// over reports that neither the old nor the new time lies ahead.
func (c *Change) over(now time.Time) bool {
	last := c.End
	if c.Was != nil && c.Was.End.After(last) {
		last = c.Was.End
	}
	return !last.IsZero() && !last.After(now)
}

// hasSpeaker reports whether a speaker of a key is at the session.
func (s *Session) hasSpeaker(key string) bool {
	return slices.ContainsFunc(s.Speakers, func(n Named) bool { return n.Key == key })
}

// ItemID is the row id of a briefing. It never leaves the program.
type ItemID int64

// RecipientID is the row id of somebody who is told. It never leaves the program.
type RecipientID int64

// State is where a briefing stands.
type State string

// The states of a briefing.
const (
	Open    State = "open"
	Leaving State = "leaving"
	Sent    State = "sent"
	Dropped State = "dropped"
)

// Kind is what a briefing is about.
type Kind string

// The kinds.
const (
	OfChange Kind = "change" // a release
	Free     Kind = "free"
)

// Audience is who is to be told.
type Audience struct {
	Duties   []Duty          // of those concerned by the sessions
	Roles    []event.RoleKey // everybody who holds one of them in the meeting
	Teams    []string        // by ref
	Sessions []string        // guids; of a change they follow from the releases
}

// Item is a briefing.
type Item struct {
	ID       ItemID
	Ref      string
	Meeting  event.MeetingID
	Kind     Kind
	From, To int // releases
	State    State
	Decided  bool
	Edited   bool
	Subject  i18n.Text
	Text     i18n.Text
	Audience
	Told     int
	MadeAt   time.Time
	MadeBy   string
	SentAt   time.Time
	SentBy   string
	LeavesAt time.Time
	LeftAt   time.Time
}

// TakeBack is how long what was sent can be taken back.
const TakeBack = 5 * time.Minute

// Recipient states.
const (
	waiting = "waiting"
	queued  = "queued"
	skipped = "skipped"
)

// How somebody acknowledged.
const (
	byLink    = "link"
	byAccount = "account"
	byNote    = "noted"
)

// Recipient is somebody who is told.
type Recipient struct {
	ID       RecipientID
	Ref      string
	Item     ItemID
	Person   int64  // row id of the account; 0: a contact
	Contact  int64  // row id; 0: an account
	Key      string // in the preview, before it has a Ref
	Name     i18n.Text
	Address  string
	Phone    string
	Lang     i18n.Lang
	Duties   []Duty
	Sessions []string // guids

	Asks         bool
	State        string
	Acknowledged time.Time
	How          string
	NotedBy      string
	Call         bool
	CallNote     string
	SupersededBy ItemID
	Reminders    int
	RemindedAt   time.Time
}

// Group is the duty under which somebody is counted.
func (r *Recipient) Group() Duty {
	for _, d := range duties {
		if slices.Contains(r.Duties, d) {
			return d
		}
	}
	return ""
}

// Waits reports that they are asked to acknowledge and have not.
func (r *Recipient) Waits() bool { return r.Asks && r.Acknowledged.IsZero() && r.SupersededBy == 0 }

// Contact is how to reach a speaker.
type Contact struct {
	ID      int64
	Ref     string
	Speaker string // key
	Name    string
	Address string
	Phone   string
	Lang    i18n.Lang
}

// Post says who works somewhere.
type Post struct {
	ID      int64
	Ref     string
	Duty    Duty
	Room    string     // key; empty: every room
	Day     event.Date // empty: every day
	Session string     // guid; then Room and Day are empty
	Person  int64      // or
	Team    string     // ref, or
	Role    event.RoleKey
}

// concerns reports whether what happened to a session is the business of a post.
func (p *Post) concerns(c *Change) bool {
	if p.Session != "" {
		return p.Session == c.GUID
	}
	at := func(q *Place) bool {
		return (p.Room == "" || q.AllRooms || p.Room == q.Room) && (p.Day == "" || p.Day == q.Day)
	}
	return at(&c.Place) || c.Was != nil && at(c.Was)
}

// covers reports whether a newer briefing says everything that an older one said.
func covers(older, newer []string) bool {
	for _, s := range older {
		if !slices.Contains(newer, s) {
			return false
		}
	}
	return len(older) > 0
}

// newRef makes an opaque public id: 26 random characters in which there is no time.
func newRef() string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	var b [26]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b[:])
}

// soonest orders recipients by how soon the first of their sessions is that lies ahead; who has none comes last.
func soonest(list []*Recipient, at map[string]*Session, now time.Time) {
	first := func(r *Recipient) int64 {
		best := int64(1) << 62
		for _, guid := range r.Sessions {
			if s := at[guid]; s != nil && !s.Start.IsZero() && s.End.After(now) {
				best = min(best, s.Start.Unix())
			}
		}
		return best
	}
	slices.SortStableFunc(list, func(a, b *Recipient) int {
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(a.Name.JA+a.Name.EN, b.Name.JA+b.Name.EN))
	})
}
