package registration

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Streaming is how one takes part online in a meeting.
type Streaming struct {
	*OnlineSetup
	Streams  []*Stream
	Sessions []Session
	m        *Meeting
}

// online reads how one takes part online in a meeting.
func (s *Service) online(ctx context.Context, m *Meeting) (*Streaming, error) {
	o := &Streaming{m: m}
	err := s.db.Read(ctx, func(r db.Reader) (err error) {
		if o.OnlineSetup, err = loadOnline(ctx, r, m.ID); err != nil {
			return err
		}
		o.Streams, err = streamsOf(ctx, r, m.ID, m.Location())
		return err
	})
	if err != nil {
		return nil, err
	}
	o.Sessions, err = s.sessions(ctx, m)
	return o, err
}

// stream finds a stream by its row id, or nil.
func (o *Streaming) stream(id StreamID) *Stream {
	for _, x := range o.Streams {
		if x.ID == id {
			return x
		}
	}
	return nil
}

// sessions are those of the programme.
func (s *Service) sessions(ctx context.Context, m *Meeting) ([]Session, error) {
	if s.o.Timetable == nil {
		return nil, nil
	}
	return s.o.Timetable.Sessions(ctx, m.Stored)
}

// OnlineOf is how one takes part online, for those who decide it, with how many letters each day has and how many used each stream.
func (s *Service) OnlineOf(ctx context.Context, slug string) (*Streaming, map[event.Date]DayCount, map[StreamID]int, error) {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return nil, nil, nil, err
	}
	o, err := s.online(ctx, m)
	if err != nil {
		return nil, nil, nil, err
	}
	letters, err := letterCounts(ctx, s.db, m.ID)
	if err != nil {
		return nil, nil, nil, err
	}
	joiners, err := joinersOf(ctx, s.db, m.ID)
	return o, letters, joiners, err
}

// SaveOnline replaces what was decided of taking part online.
func (s *Service) SaveOnline(ctx context.Context, slug string, next *OnlineSetup) error {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return err
	}
	if err := next.check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		before, err := loadOnline(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if err := storeOnline(ctx, tx, m.ID, next, s.o.Now()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "registration.online", Scope: slug, Object: "registration:" + slug, Before: before.words(), After: next.words(), At: s.o.Now(),
		})
	})
}

// words are the decisions as the audit log tells them.
func (o *OnlineSetup) words() map[string]string {
	return map[string]string{
		"letter_of_the_day": map[bool]string{true: o.LetterAt, false: "off"}[o.Letters], "letter_words": strings.Trim(o.Words.JA+" / "+o.Words.EN, " /"),
		"minimum_minutes": strconv.Itoa(o.Minimum),
	}
}

// Stream finds a stream of a meeting, for those who decide where it is watched.
func (s *Service) Stream(ctx context.Context, slug, ref string) (*Stream, error) {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return nil, err
	}
	return s.stream(ctx, m, ref)
}

func (s *Service) stream(ctx context.Context, m *Meeting, ref string) (*Stream, error) {
	x, err := oneStream(ctx, s.db, m.Location(), `s.meeting_id = $1 AND s.ref = $2`, m.ID, ref)
	if err == nil && x == nil {
		err = fault.Missing()
	}
	return x, err
}

// SaveStream stores a stream: a new one where it has no ref, or a change of one.
func (s *Service) SaveStream(ctx context.Context, slug string, next *Stream) error {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return err
	}
	sessions, err := s.sessions(ctx, m)
	if err != nil {
		return err
	}
	if err := next.check(m, sessions); err != nil {
		return err
	}
	secret, err := s.key(ctx)
	if err != nil {
		return err
	}
	fresh := next.Ref == ""
	if fresh {
		next.ID, next.Ref, next.Meeting = 0, person.NewRef(), m.ID
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		one := *next
		var before map[string]string
		if !fresh {
			was, err := oneStream(ctx, tx, m.Location(), `s.meeting_id = $1 AND s.ref = $2`, m.ID, next.Ref)
			if err != nil {
				return err
			}
			if was == nil {
				return fault.Missing()
			}
			one.ID, before = was.ID, was.words(m, sessions, secret)
		}
		ok, err := storeStream(ctx, tx, &one, s.o.Now())
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "registration.error.changed")
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "registration.stream", Scope: slug, Object: "stream:" + one.Ref, Before: before, After: one.words(m, sessions, secret), At: s.o.Now(),
		})
	})
}

// words is a stream as the audit log tells it. Where it is watched is a secret that lasts as long as the stream: of the address the log keeps
// the host, and of address and passcode a mark by which a change shows.
func (x *Stream) words(m *Meeting, sessions []Session, secret string) map[string]string {
	host := ""
	if u, err := url.Parse(x.URL); err == nil {
		host = u.Hostname()
	}
	out := map[string]string{
		"name": x.title(m.Stored, sessions).String(), "day": string(x.Day), "room": x.Room, "session": x.Session, "address": host + " " + marked(secret, x.URL), "passcode": marked(secret, x.Passcode),
		"notes": strings.Trim(x.Notes.JA+" / "+x.Notes.EN, " /"), "kinds": strings.Join(x.Kinds, ", "), "options": strings.Join(x.Options, ", "),
	}
	for k, t := range map[string]time.Time{"from": x.From, "until": x.Until} {
		if !t.IsZero() {
			out[k] = t.In(m.Location()).Format("2006-01-02 15:04")
		}
	}
	for k, v := range map[string]bool{"on_site_too": x.Onsite, "paid_only": x.Paid} {
		if v {
			out[k] = "yes"
		}
	}
	for k, v := range out {
		if v == "" {
			delete(out, k)
		}
	}
	return out
}

// marked is a mark of a secret text: the same for the same text, and telling nothing of it to who has not the key.
func marked(secret, text string) string {
	if text == "" {
		return ""
	}
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = h.Write([]byte("registration.mark\x00" + text))
	return "#" + hex.EncodeToString(h.Sum(nil)[:4])
}

// DropStream removes a stream that nobody's attendance hangs on.
func (s *Service) DropStream(ctx context.Context, slug, ref string) error {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return err
	}
	x, err := s.stream(ctx, m, ref)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		ok, err := dropStream(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "registration.error.stream_used")
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "registration.stream_dropped", Scope: slug, Object: "stream:" + ref, Before: map[string]string{"stream": ref}, After: map[string]string{}, At: s.o.Now(),
		})
	})
}

// everybody is everyone with an entry that counts, with what is needed to say who may watch: a few statements, however many they are.
func (s *Service) everybody(ctx context.Context, r db.Reader, m *Meeting, where string, args ...any) ([]*Own, error) {
	list, err := entries(ctx, r, m.Location(), where, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	choices, err := choicesOfEntries(ctx, r, m.Location(), where, args...)
	if err != nil {
		return nil, err
	}
	byEntry := map[EntryID][]*Chosen{}
	for _, c := range choices {
		byEntry[c.Entry] = append(byEntry[c.Entry], c)
	}
	var paid map[string]Standing
	if s.o.Billing != nil && m.priced() {
		refs := make([]string, len(list))
		for i, e := range list {
			refs[i] = e.Ref
		}
		if paid, err = s.standings(ctx, r, m, refs); err != nil {
			return nil, err
		}
	}
	out := make([]*Own, len(list))
	for i, e := range list {
		out[i] = &Own{Entry: e, m: m, Choices: byEntry[e.ID], Paid: paid[e.Ref], Deadlines: m.Deadlines(m.last())}
	}
	return out, nil
}

// standings asks for many in portions, so that no statement becomes too long.
func (s *Service) standings(ctx context.Context, r db.Reader, m *Meeting, refs []string) (map[string]Standing, error) {
	const most = 500
	out := map[string]Standing{}
	for part := range slices.Chunk(refs, most) {
		some, err := s.paid(ctx, r, m, part)
		if err != nil {
			return nil, err
		}
		for k, v := range some {
			out[k] = v
		}
	}
	return out, nil
}

// Registrants are those who may watch a stream on any of its days, as Zoom takes them, for those who may read entries.
func (s *Service) Registrants(ctx context.Context, slug, ref string) ([]byte, error) {
	m, err := s.may(ctx, slug, event.MayReadEntries)
	if err != nil {
		return nil, err
	}
	x, err := s.stream(ctx, m, ref)
	if err != nil {
		return nil, err
	}
	sessions, err := s.sessions(ctx, m)
	if err != nil {
		return nil, err
	}
	all, err := s.everybody(ctx, s.db, m, `e.meeting_id = $1 AND e.state = 'confirmed'`, m.ID)
	if err != nil {
		return nil, err
	}
	var list []*Entry
	for _, o := range all {
		if o.Address != "" && x.Watches(o.Entry, o.Choices, o.Paid, x.date(sessions)) == MayWatch {
			list = append(list, o.Entry)
		}
	}
	if err := s.db.Write(ctx, func(tx *db.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{
			Action: "registration.zoom", Scope: slug, Object: "stream:" + ref, Before: map[string]string{}, After: map[string]string{"people": strconv.Itoa(len(list))}, At: s.o.Now(),
		})
	}); err != nil {
		return nil, err
	}
	out, _ := zoomRegistrants(list).CSV("UTF-8")
	return out, nil
}
