// Package program knows the programme of a meeting: sessions in rooms and times, what they may publish, the draft in which they are
// kept, and the releases by which they become public.
//
// Words: a session (セッション) is one item of a programme; its kind (種別) is data of the meeting. A slot is a session in which others
// are held (the lightning talks). A draft (下書き) is what the tables hold; a release (版) is a frozen, numbered copy of the draft,
// and the newest release is what every page, export and feed shows. A publication policy (公開ポリシー) says what may be done with
// what is said.
//
// A session is confirmed or cancelled. Its time is known, or only its date, or neither.
//
// Tables: program_kind, program_topic, program_speaker, program_session, program_policy (the draft), program_release (frozen).
package program

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// SessionID is the row id of a session in the draft. It never leaves the program.
type SessionID int64

// Release is a frozen state of a programme.
type Release struct {
	Number  int            // counts up from 1 within a meeting
	Name    string         // what people call it, or empty
	At      time.Time      // when it became public, in the meeting's zone
	Source  string         // where it came from: the name of a file and its format
	Changes []Change       // of sessions, against the release before
	Common  []CommonChange // of the programme as a whole
}

// Frozen is what a release keeps: the programme, and what is only known by comparing it with the releases before.
type Frozen struct {
	Format   int                  `json:"format"` // 1
	Document interchange.Document `json:"document"`
	Sequence map[string]int       `json:"sequence"` // per session guid: how often its time, place or state changed (RFC 5545, SEQUENCE)
	Changed  map[string]time.Time `json:"changed"`  // per session guid: when anything about it last changed
}

// refAlphabet has no I, L, O and U: a reference is read aloud and typed.
const refAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newRef makes the six characters by which a session is known for ever from its guid; try counts up while they are taken.
func newRef(guid string, try int) string {
	sum := sha256.Sum256(append([]byte(strings.ToLower(guid)), byte(try)))
	n := binary.BigEndian.Uint32(sum[:4])
	var b [6]byte
	for i := range b {
		b[i] = refAlphabet[n&31]
		n >>= 5
	}
	if b[0] <= '9' { // starts with a letter, so that no reference looks like a number
		b[0] = refAlphabet[10+int(b[0]-'0')]
	}
	return string(b[:])
}

// programmeDay is the day under which a moment is listed: what starts before the boundary belongs to the day before.
func programmeDay(t time.Time, boundary string) event.Date {
	b, err := time.Parse("15:04", boundary)
	if err != nil {
		b = time.Date(0, 1, 1, 4, 0, 0, 0, time.UTC)
	}
	if t.Hour() < b.Hour() || t.Hour() == b.Hour() && t.Minute() < b.Minute() {
		t = t.AddDate(0, 0, -1)
	}
	return event.DateOf(t)
}
