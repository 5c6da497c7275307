// Package registration knows who takes part in a meeting: on which days and how, with what they chose besides, and what they answered.
//
// Words: to register (参加登録する) makes an entry (参加登録), which is of a kind (参加種別) and has days (参加日), on site (現地) or online
// (オンライン). An option (オプション) is anything else with places that one may choose: a social, a lunch, a tour with slots (回), a hands-on;
// who chose one has a choice (申し込み). A quota (定員) says how many places something has and how many are taken. A question (質問) is asked in
// the form; what somebody said is an answer (回答). A code (コード) opens a kind or lowers a price. The setup (参加登録の設定) of a meeting is all
// that its organiser decided of this.
//
// A stream (視聴先) is where something is watched; each entry that may has a link of its own to it.
//
// An entry is invited (a colleague has still to confirm it), waiting (for a place), offered (a place is kept for it for a time), confirmed, or
// cancelled. One that is cancelled counts nowhere. Of one made without signing in, the mail address is unproven until its owner has pressed a
// button in a page that only the letter leads to; an entry that stays unproven too long is cancelled.
//
// Tables: registration_setup, registration_quota, registration_entry, registration_day, registration_answer, registration_choice,
// registration_request, registration_key, registration_note, registration_merge, registration_bulk, registration_bulk_item, registration_post,
// registration_post_to, registration_refusal, registration_group, registration_invite, registration_handover, registration_ref,
// registration_stream, registration_online, registration_join, registration_network, registration_day_letter, registration_report,
// registration_seen, registration_known, registration_watch. View for others: registration_pub_watch (who was there online).
package registration

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// EntryID is the row id of an entry. It never leaves the program; outside, an entry has a Ref.
type EntryID int64

// State is where an entry stands.
type State string

// The states of an entry.
const (
	Invited   State = "invited"   // somebody entered them; they have still to confirm
	Waiting   State = "waiting"   // for a place
	Offered   State = "offered"   // a place is kept for them until OfferedUntil
	Confirmed State = "confirmed" //
	Cancelled State = "cancelled" // counts nowhere
)

// Holds reports whether an entry in the state has taken its places.
func (s State) Holds() bool { return s == Confirmed || s == Offered || s == Invited }

// Mode is how somebody takes part on a day.
type Mode string

// The modes.
const (
	Onsite Mode = "onsite"
	Online Mode = "online"
)

// Modes lists every mode.
var Modes = []Mode{Onsite, Online}

// Entry is one person's registration at a meeting.
type Entry struct {
	ID      EntryID
	Ref     string // 26 Crockford characters; the QR code at the desk holds it
	Meeting event.MeetingID
	Person  int64 // row id of the account; 0: none is known
	Kind    string
	State   State
	Details
	Days    []Day
	Answers map[string][]string // by key of the question; values are keys of choices, or what was typed
	Code    string              // ref of the code that was used, or empty
	Group   string              // ref of the group it belongs to, or empty

	MadeAt       time.Time
	ProvedAt     time.Time // when it was shown that the address is theirs; zero: not yet
	PricedAt     time.Time // when the kind was taken: the price of that time holds
	ChangedAt    time.Time
	OfferedUntil time.Time
	CancelledAt  time.Time
	Why          string // of a cancellation, as it was given
	Waived       bool   // of a cancellation: nothing of the price is kept
	KeptKind     string // key of the kind that was changed for a cheaper one
	KeptYen      int64  // what is kept of its price
	Version      int    // raised by every change; the sequence of calendar files
	LinkNo       int    // raised to make earlier links in letters invalid

	over   bool   // while it is stored: it takes its places whether there are any or not
	first  bool   // while it is stored: it takes its places also before those who wait
	silent bool   // while it is entered: no letter says so
	reason string // while it is entered: why the desk did it
}

// Details are who somebody is, as their entry says: on the badge and in letters.
type Details struct {
	Name         i18n.Text
	Kana         string // reading, in full-width katakana
	Organisation i18n.Text
	Department   string
	Badge        string // the name on the badge; empty: Name
	Address      string // as typed
	Folded       string // as compared
	Lang         i18n.Lang
}

// Day is a day on which somebody takes part.
type Day struct {
	Date event.Date
	Mode Mode
}

// on says how an entry takes part on a date; empty: not at all.
func on(days []Day, d event.Date) Mode {
	for _, x := range days {
		if x.Date == d {
			return x.Mode
		}
	}
	return ""
}

// On says how somebody takes part on a date; empty: not at all.
func (e *Entry) On(d event.Date) Mode { return on(e.Days, d) }

// Active reports that an entry is not cancelled.
func (e *Entry) Active() bool { return e.State != Cancelled }

// BadgeName is the name on the badge.
func (e *Entry) BadgeName(l i18n.Lang) string {
	if e.Badge != "" {
		return e.Badge
	}
	return e.Name.In(l)
}

// quotas are the keys of the quotas in which an entry takes a place, in a fixed order, so that two who take several wait for each other in
// turn.
func (e *Entry) quotas() []string {
	keys := []string{kindQuota(e.Kind)}
	for _, d := range e.Days {
		if d.Mode == Onsite {
			keys = append(keys, dayQuota(d.Date))
		}
	}
	if e.Code != "" {
		keys = append(keys, codeQuota(e.Code))
	}
	slices.Sort(keys)
	return keys
}

func kindQuota(kind string) string         { return "kind:" + kind }
func dayQuota(d event.Date) string         { return "day:" + string(d) }
func codeQuota(ref string) string          { return "code:" + ref }
func slotQuota(option, slot string) string { return "slot:" + option + "/" + slot }

// Quota is how many places something has.
type Quota struct {
	Key      string
	Capacity int // unlimited: no bound
	Taken    int
}

// unlimited is the capacity of what has no bound.
const unlimited = -1

// Left is how many places are left, and whether that is bounded at all.
func (q Quota) Left() (n int, bounded bool) {
	if q.Capacity == unlimited {
		return 0, false
	}
	return max(q.Capacity-q.Taken, 0), true
}

// Full reports that nothing is left.
func (q Quota) Full() bool {
	n, bounded := q.Left()
	return bounded && n == 0
}

// folded is a text as it is searched: without the difference of width, case, kana and spaces.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || r == '・' || r == '-' || r == '‐':
			return -1
		case r >= 'ァ' && r <= 'ヶ':
			return r - ('ァ' - 'ぁ')
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(s))
}

// find is the text in which an entry is searched.
func (e *Entry) find() string {
	d := &e.Details
	parts := []string{d.Name.JA, d.Name.EN, d.Kana, d.Organisation.JA, d.Organisation.EN, d.Department, d.Badge, d.Folded, e.Ref}
	for i := range parts {
		parts[i] = folded(parts[i])
	}
	return strings.Join(parts, "\n")
}

// unlessConflict is err, unless that says that somebody else was first.
func unlessConflict(err error) error {
	if err == nil || fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// errFull is what somebody gets who came too late for a place. Field names what is full.
func errFull(field string) *fault.Error {
	return fault.New(fault.Conflict, "registration.error.full").On(field)
}
