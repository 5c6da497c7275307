package registration

import (
	"context"
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
)

// joinPurpose is what the links to streams are good for, and nothing else.
const joinPurpose = "registration.join\x00"

// joinKey is a key for one part of these links.
func joinKey(secret, part string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = h.Write([]byte(joinPurpose + part))
	return h.Sum(nil)
}

// signJoin makes the token of an entry for a stream. Which two it is of cannot be read in it: the ref of an entry is also its ticket, and who
// passes on a link should not pass that on as well. A later link number of the entry makes earlier tokens invalid.
func signJoin(secret string, e EntryID, s StreamID, no int) string {
	var ids, hidden [aes.BlockSize]byte
	binary.BigEndian.PutUint64(ids[:8], uint64(e))
	binary.BigEndian.PutUint64(ids[8:], uint64(s))
	block, err := aes.NewCipher(joinKey(secret, "ids"))
	if err != nil {
		panic(err) // the key has a length of its kind
	}
	block.Encrypt(hidden[:], ids[:])
	return hex.EncodeToString(hidden[:]) + hex.EncodeToString(joinMark(secret, ids[:], no))
}

func joinMark(secret string, ids []byte, no int) []byte {
	h := hmac.New(sha256.New, joinKey(secret, "mark"))
	_, _ = h.Write(ids)
	_, _ = h.Write([]byte(strconv.Itoa(no)))
	return h.Sum(nil)[:16]
}

// readJoin says which entry and stream a token claims to be of. Whether it is, joinGood says.
func readJoin(secret, token string) (e EntryID, s StreamID, ok bool) {
	b, err := hex.DecodeString(token)
	if err != nil || len(b) != 2*aes.BlockSize {
		return 0, 0, false
	}
	block, err := aes.NewCipher(joinKey(secret, "ids"))
	if err != nil {
		return 0, 0, false
	}
	var ids [aes.BlockSize]byte
	block.Decrypt(ids[:], b[:aes.BlockSize])
	return EntryID(binary.BigEndian.Uint64(ids[:8])), StreamID(binary.BigEndian.Uint64(ids[8:])), true
}

func joinGood(secret, token string, e EntryID, s StreamID, no int) bool {
	return hmac.Equal([]byte(signJoin(secret, e, s, no)), []byte(token))
}

// JoinState is what a link to a stream does now.
type JoinState string

// The states of a link.
const (
	JoinSoon JoinState = "soon" // it leads there from From on
	JoinOpen JoinState = "open"
	JoinOver JoinState = "over"
)

// Watching is a stream as somebody gets to see it: never with its address, but with a link of their own.
type Watching struct {
	Title       i18n.Text
	Room        i18n.Text
	From, Until time.Time // when the link leads there
	Starts      time.Time // of the first session that is shown; zero: not known
	Link        string    // path
	Passcode    string
	Notes       i18n.Text
	State       JoinState
	Unpaid      bool // the link works once they have paid
	stream      *Stream
}

// watchings are the streams that somebody may watch, or could if they had paid, in the order of time. On day it is those of the day; empty: all
// that are not over.
func (o *Streaming) watchings(own *Own, secret string, day event.Date, now time.Time) []Watching {
	var out []Watching
	for _, x := range o.Streams {
		of := x.date(o.Sessions)
		if day != "" {
			if of != "" && of != day {
				continue
			}
			of = day
		}
		why := x.Watches(own.Entry, own.Choices, own.Paid, of)
		if why != MayWatch && why != WhyUnpaid {
			continue
		}
		w := o.Watching(x, now)
		if w.State == JoinOver && day == "" || w.From.IsZero() {
			continue
		}
		w.Link, w.Unpaid = "/join/"+signJoin(secret, own.ID, x.ID, own.LinkNo), why == WhyUnpaid
		if w.Unpaid {
			w.Passcode = ""
		}
		out = append(out, w)
	}
	slices.SortStableFunc(out, func(a, b Watching) int { return a.From.Compare(b.From) })
	return out
}

// Watching is what people may know of a stream.
func (o *Streaming) Watching(x *Stream, now time.Time) Watching {
	w := Watching{Title: x.title(o.m.Stored, o.Sessions), Passcode: x.Passcode, Notes: x.Notes, State: JoinOpen, stream: x}
	w.From, w.Until = x.window(o.m.Stored, o.Sessions)
	room := x.Room
	for _, s := range x.shown(o.Sessions) {
		if w.Starts.IsZero() || s.Start.Before(w.Starts) {
			w.Starts = s.Start.In(o.m.Location())
		}
		if x.Session != "" {
			room = s.Room
		}
	}
	if r := o.m.Room(room); r != nil && !x.Name.IsZero() || r != nil && x.Session != "" {
		w.Room = r.Name
	}
	switch {
	case w.From.IsZero() || now.Before(w.From):
		w.State = JoinSoon
	case !now.Before(w.Until):
		w.State = JoinOver
	}
	return w
}

// OwnOnline is what somebody sees of taking part online: where to watch, and how long they did.
type OwnOnline struct {
	Watch []Watching
	Seen  []OwnSeen
}

// OwnSeen is how long somebody watched something.
type OwnSeen struct {
	Title   i18n.Text
	Day     time.Time
	Minutes int
	Present bool // long enough to count
}

// OwnOnline is what the person of an entry sees of taking part online.
func (s *Service) OwnOnline(ctx context.Context, own *Own) (OwnOnline, error) {
	var out OwnOnline
	o, err := s.online(ctx, own.m)
	if err != nil {
		return out, err
	}
	secret, err := s.key(ctx)
	if err != nil {
		return out, err
	}
	out.Watch = o.watchings(own, secret, "", s.o.Now())
	seen, err := watchedWhere(ctx, s.db, own.m.Location(), `w.entry_id = $1 AND w.session = ''`, own.ID)
	for _, w := range seen {
		if x := o.stream(w.Stream); x != nil {
			out.Seen = append(out.Seen, OwnSeen{x.title(own.m.Stored, o.Sessions), w.Day.Time(own.m.Location()), w.Minutes(), w.Minutes() >= o.Minimum})
		}
	}
	return out, err
}

// Joining is a link to a stream that somebody follows.
type Joining struct {
	Watching
	*Own
	Why Why // they may not watch; empty: they may
	to  string
}

// Goes is where the link leads now; empty: nowhere.
func (j *Joining) Goes() string { return j.to }

// Join follows a link. Whether its person may watch is looked at anew each time.
func (s *Service) Join(ctx context.Context, token string) (*Joining, error) {
	secret, err := s.key(ctx)
	if err != nil {
		return nil, err
	}
	eid, sid, ok := readJoin(secret, token)
	if !ok {
		return nil, fault.Missing()
	}
	e, err := oneEntry(ctx, s.db, time.UTC, `e.id = $1`, eid)
	if err != nil {
		return nil, err
	}
	if e == nil || !joinGood(secret, token, eid, sid, e.LinkNo) {
		return nil, fault.Missing()
	}
	m, err := s.meetingOf(ctx, e.Meeting)
	if err != nil {
		return nil, err
	}
	o, err := s.online(ctx, m)
	if err != nil {
		return nil, err
	}
	x := o.stream(sid)
	if x == nil {
		return nil, fault.Missing()
	}
	own, err := s.own(ctx, m, e.in(m.Location()))
	if err != nil {
		return nil, err
	}
	now := s.o.Now()
	day := x.date(o.Sessions)
	if today := dayAt(m.Stored, now); day == "" && slices.Contains(m.Days(), today) {
		day = today // of a stream for several days, today counts
	}
	j := &Joining{Watching: o.Watching(x, now), Own: own, Why: x.Watches(e, own.Choices, own.Paid, day)}
	j.Link = "/join/" + token
	if j.Why == MayWatch && j.State == JoinOpen {
		j.to = x.URL
	}
	return j, nil
}

// CountJoin counts that somebody followed their link to its end, and from which network. Which network it was cannot be read from what is kept.
func (s *Service) CountJoin(ctx context.Context, j *Joining) error {
	secret, err := s.key(ctx)
	if err != nil {
		return err
	}
	h := hmac.New(sha256.New, joinKey(secret, "network"))
	_, _ = h.Write([]byte(j.m.Slug + "\x00" + limit.Network(authz.Who(ctx).From)))
	network := hex.EncodeToString(h.Sum(nil)[:8])
	return s.db.Write(ctx, func(tx *db.Tx) error { return countJoin(ctx, tx, j.ID, j.stream.ID, network, s.o.Now()) })
}
