package briefing

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Told is what one recipient is told, for the page on which they acknowledge it.
type Told struct {
	*Recipient
	Item    *Item
	Meeting *meeting
	Lines   []line
	Newer   string    // the token or address of the briefing that says it anew, or empty
	Since   []Session // sessions of it that are elsewhere by now
}

// Told finds what a link in a letter is about. A link that this program did not write is a fault, as is one whose briefing is not there.
func (s *Service) Told(ctx context.Context, token string) (*Told, error) {
	r, i, m, err := s.byToken(ctx, s.db, token)
	if err != nil {
		return nil, err
	}
	return s.told(ctx, m, i, r)
}

// byToken finds the recipient of a link.
func (s *Service) byToken(ctx context.Context, r db.Reader, token string) (*Recipient, *Item, *meeting, error) {
	gone := fault.New(fault.NotFound, "briefing.error.link")
	secret, err := findKey(ctx, r)
	if err != nil {
		return nil, nil, nil, err
	}
	ref := recipientOf(secret, token)
	if ref == "" {
		return nil, nil, nil, gone
	}
	list, err := recipients(ctx, r, time.UTC, `t.ref = $1 AND i.state = 'sent'`, ref)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(list) == 0 {
		return nil, nil, nil, gone
	}
	i, m, err := s.about(ctx, r, list[0].Item)
	return list[0], i, m, err
}

// about reads a briefing and its meeting.
func (s *Service) about(ctx context.Context, r db.Reader, id ItemID) (*Item, *meeting, error) {
	i, err := oneItem(ctx, r, time.UTC, `i.id = $1`, id)
	if err != nil {
		return nil, nil, err
	}
	all, err := s.events.Meetings(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, sum := range all {
		if i != nil && sum.ID == i.Meeting {
			m, err := s.meeting(ctx, sum.Slug)
			return i, m, err
		}
	}
	return nil, nil, fault.Missing()
}

// told puts together what a recipient is shown.
func (s *Service) told(ctx context.Context, m *meeting, i *Item, r *Recipient) (*Told, error) {
	changes, err := s.changes(ctx, m, i)
	if err != nil {
		return nil, err
	}
	now, err := s.o.Programme.Sessions(ctx, m.Stored)
	if err != nil {
		return nil, err
	}
	t := &Told{Recipient: r, Item: i, Meeting: m, Lines: s.writer(m, i, &matter{changes: changes}, "").lines(r)}
	for n := range now {
		k := slices.IndexFunc(changes, func(c Change) bool { return c.GUID == now[n].GUID })
		if k >= 0 && slices.Contains(r.Sessions, now[n].GUID) && (!now[n].same(&changes[k].Place) || now[n].Cancelled != changes[k].Cancelled) {
			t.Since = append(t.Since, now[n])
		}
	}
	return t, nil
}

// Acknowledge notes that whoever holds a link has read what it is about. The link is the proof, since it is in nobody else's hands; it can do
// nothing else, and twice is once.
func (s *Service) Acknowledge(ctx context.Context, token string) error {
	r, i, m, err := s.byToken(ctx, s.db, token)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.acknowledge(ctx, tx, m.Slug, i, r, byLink) })
}

// AcknowledgeOwn is Acknowledge for who is signed in, of something they were told.
func (s *Service) AcknowledgeOwn(ctx context.Context, ref string) error {
	r, i, m, err := s.own(ctx, s.db, ref)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.acknowledge(ctx, tx, m.Slug, i, r, byAccount) })
}

// own finds what who is signed in was told, by its public id. What others were told is not there.
func (s *Service) own(ctx context.Context, r db.Reader, ref string) (*Recipient, *Item, *meeting, error) {
	list, err := recipients(ctx, r, time.UTC, `t.ref = $1 AND t.person_id = $2 AND t.asks = 1 AND i.state = 'sent'`, ref, authz.Who(ctx).ID)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(list) == 0 || authz.Who(ctx).ID == 0 {
		return nil, nil, nil, fault.Missing()
	}
	i, m, err := s.about(ctx, r, list[0].Item)
	return list[0], i, m, err
}

func (s *Service) acknowledge(ctx context.Context, tx *db.Tx, slug string, i *Item, r *Recipient, how string) error {
	if r.SupersededBy != 0 {
		return fault.New(fault.Conflict, "briefing.error.superseded")
	}
	ok, err := acknowledged(ctx, tx, r.ID, how, "", s.o.Now())
	if err != nil || !ok {
		return err
	}
	return s.noted(ctx, tx, slug, i, r, "briefing.acknowledged")
}

// noted writes into the log what one recipient did, by their public id in this briefing.
func (s *Service) noted(ctx context.Context, tx *db.Tx, slug string, i *Item, r *Recipient, action string) error {
	if err := s.bump(ctx, tx, slug); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Scope: slug, Object: "briefing:" + i.Ref, Action: action, After: map[string]string{"recipient": r.Ref}, At: s.o.Now()})
}

// Call notes that whoever holds a link wants to be called.
func (s *Service) Call(ctx context.Context, token, note string) error {
	r, i, m, err := s.byToken(ctx, s.db, token)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.call(ctx, tx, m.Slug, i, r, note) })
}

// CallOwn is Call for who is signed in.
func (s *Service) CallOwn(ctx context.Context, ref, note string) error {
	r, i, m, err := s.own(ctx, s.db, ref)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.call(ctx, tx, m.Slug, i, r, note) })
}

func (s *Service) call(ctx context.Context, tx *db.Tx, slug string, i *Item, r *Recipient, note string) error {
	if note = strings.TrimSpace(note); utf8.RuneCountInString(note) > maxNote {
		return fault.New(fault.Invalid, "briefing.error.long").With("max", maxNote).On("note")
	}
	if r.SupersededBy != 0 {
		return fault.New(fault.Conflict, "briefing.error.superseded")
	}
	ok, err := wantsCall(ctx, tx, r.ID, note)
	if err != nil || !ok {
		return err
	}
	return s.noted(ctx, tx, slug, i, r, "briefing.call")
}

// Note marks a recipient as having acknowledged, for somebody who told them by telephone; undo takes such a note back.
func (s *Service) Note(ctx context.Context, slug, ref, recipient string, undo bool) error {
	m, err := s.open(ctx, slug)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		i, err := s.item(ctx, tx, m, ref)
		if err != nil {
			return err
		}
		list, err := recipients(ctx, tx, m.Location(), `t.ref = $1 AND t.item_id = $2 AND t.asks = 1 AND i.state = 'sent'`, recipient, i.ID)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.Missing()
		}
		do, action := func() (bool, error) { return acknowledged(ctx, tx, list[0].ID, byNote, by(ctx), s.o.Now()) }, "briefing.noted"
		if undo {
			do, action = func() (bool, error) { return unacknowledged(ctx, tx, list[0].ID) }, "briefing.note_undone"
		}
		ok, err := do()
		if err != nil || !ok {
			return err
		}
		return s.noted(ctx, tx, slug, i, list[0], action)
	})
}

// Own is what who is signed in was told and is asked to acknowledge, newest first.
func (s *Service) Own(ctx context.Context) ([]Pending, error) {
	list, err := ownRecipients(ctx, s.db, authz.Who(ctx).ID, time.UTC)
	for _, p := range list {
		m, err := s.events.Meeting(ctx, p.Slug)
		if err != nil {
			return nil, err
		}
		p.Acknowledged = p.Acknowledged.In(m.Location())
	}
	return list, err
}

// OwnTold is one thing that who is signed in was told.
func (s *Service) OwnTold(ctx context.Context, ref string) (*Told, error) {
	r, i, m, err := s.own(ctx, s.db, ref)
	if err != nil {
		return nil, err
	}
	return s.told(ctx, m, i, r)
}

// Waiting counts what somebody has still to acknowledge.
func (s *Service) Waiting(ctx context.Context, account int64) (int, error) {
	return countOwn(ctx, s.db, account)
}
