package registration

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
	"github.com/tsudoi/tsudoi/internal/person"
)

// entryPurpose is what the links in letters are good for, and nothing else.
const entryPurpose = "registration.entry"

// key is the secret that signs links.
func (s *Service) key(ctx context.Context) (string, error) {
	s.mu.Lock()
	known := s.secret
	s.mu.Unlock()
	if known != "" {
		return known, nil
	}
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		known, err = signingKey(ctx, tx, hex.EncodeToString(b[:]), s.o.Now())
		return err
	})
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secret = known
	return known, nil
}

// Own is an entry with what its person gets to see of it.
type Own struct {
	*Entry
	m       *Meeting
	Choices []*Chosen
	Paid    Standing
	Other   bool // somebody else pays for it
	Ahead   int  // who waits for longer, where it waits
	Deadlines
	Fee int // percent of the price that a cancellation costs now
}

// Setup is what the organiser decided, to be read only.
func (o *Own) Setup() *Setup { return o.m.Setup }

// Event is the meeting.
func (o *Own) Event() *event.Stored { return o.m.Stored }

// Mine is the entry of who is signed in at a meeting, or nil where there is none. An entry that was made under one of their addresses
// without signing in becomes theirs.
func (s *Service) Mine(ctx context.Context, slug string) (*Own, error) {
	m, err := s.meeting(ctx, slug)
	if err != nil {
		return nil, err
	}
	who := authz.Who(ctx)
	if !who.SignedIn() {
		return nil, fault.Missing()
	}
	e, err := oneEntry(ctx, s.db, m.Location(), `e.meeting_id = $1 AND e.person_id = $2`, m.ID, who.ID)
	if err != nil {
		return nil, err
	}
	if e == nil || !e.Active() {
		other, err := s.adopt(ctx, m, who)
		if err != nil {
			return nil, err
		}
		if other != nil {
			e = other
		}
	}
	if e == nil {
		return nil, nil
	}
	return s.own(ctx, m, e.in(m.Location()))
}

// adopt makes an entry that was made without signing in belong to whom its address belongs to.
func (s *Service) adopt(ctx context.Context, m *Meeting, who *authz.Actor) (*Entry, error) {
	list, err := s.o.People.Addresses(ctx, person.ID(who.ID))
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if a.VerifiedAt.IsZero() {
			continue
		}
		e, err := oneEntry(ctx, s.db, m.Location(), `e.meeting_id = $1 AND e.folded = $2 AND e.folded <> '' AND e.person_id = 0 AND e.state <> 'cancelled'`, m.ID, a.Folded)
		if err != nil {
			return nil, err
		}
		if e == nil {
			continue
		}
		return s.change(ctx, m, e, "registration.adopted", "", func(_ *db.Tx, e *Entry) error {
			e.Person = who.ID
			if e.ProvedAt.IsZero() {
				e.ProvedAt = s.o.Now()
			}
			return nil
		})
	}
	return nil, nil
}

// ByToken is the entry that the link in a letter leads to. That of somebody whose place is another's now says so.
func (s *Service) ByToken(ctx context.Context, token string) (*Own, error) {
	e, m, err := byToken(ctx, s, entryPurpose, token, func(ref string) (*Entry, error) { return oneEntry(ctx, s.db, time.UTC, `e.ref = $1`, ref) },
		func(e *Entry) (event.MeetingID, int) { return e.Meeting, e.LinkNo })
	if fault.KindOf(err) == fault.NotFound {
		if was, failed := s.handedOn(ctx, token); was || failed != nil {
			return nil, cmp.Or(failed, errHandedOn())
		}
	}
	if err != nil {
		return nil, err
	}
	return s.own(ctx, m, e.in(m.Location()))
}

// Token is the secret address of an entry, for letters to its person.
func (s *Service) Token(ctx context.Context, e *Entry) (string, error) {
	secret, err := s.key(ctx)
	return sign.Token(secret, entryPurpose, e.Ref, e.LinkNo), err
}

// meetingOf finds a meeting by its row id.
func (s *Service) meetingOf(ctx context.Context, id event.MeetingID) (*Meeting, error) {
	all, err := s.events.Meetings(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.ID == id {
			return s.meeting(ctx, m.Slug)
		}
	}
	return nil, fault.Missing()
}

// own puts together what the person of an entry sees.
func (s *Service) own(ctx context.Context, m *Meeting, e *Entry) (*Own, error) {
	o := &Own{Entry: e, m: m, Deadlines: m.Deadlines(m.last()), Fee: m.Fee(s.o.Now())}
	err := s.db.Read(ctx, func(r db.Reader) (err error) {
		if o.Choices, err = choicesOf(ctx, r, m.Location(), `c.entry_id = $1 AND c.state <> 'cancelled'`, e.ID); err != nil {
			return err
		}
		m.inOrder(o.Choices)
		if e.State == Waiting {
			if o.Ahead, err = waitingBefore(ctx, r, e); err != nil {
				return err
			}
		}
		if s.o.Billing == nil {
			return nil
		}
		return s.standingOf(ctx, r, m, o)
	})
	return o, err
}

// change changes an entry in a transaction: do changes what it is given, and the rest follows. Days and answers are stored where they
// differ, places are taken and given back, what is owed is stated anew, and the change is recorded. tell names the letter; empty: none.
func (s *Service) change(ctx context.Context, m *Meeting, e *Entry, action, tell string, do func(tx *db.Tx, e *Entry) error) (*Entry, error) {
	var next *Entry
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		next, err = s.changeIn(ctx, tx, m, e, action, tell, do)
		return err
	})
	if err != nil {
		return nil, s.explained(ctx, m, err)
	}
	next.Version++
	return next, nil
}

// changeIn is change within a transaction. What it returns has still the version of before.
func (s *Service) changeIn(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, action, tell string, do func(tx *db.Tx, e *Entry) error) (*Entry, error) {
	was, err := oneEntry(ctx, tx, m.Location(), `e.id = $1`, e.ID)
	if err != nil {
		return nil, err
	}
	if was == nil {
		return nil, fault.Missing()
	}
	next := was.clone()
	if err := do(tx, next); err != nil {
		return nil, err
	}
	next.ChangedAt = s.o.Now()
	return next, s.store(ctx, tx, m, was, next, action, tell)
}

// explained is what people are told of what kept an entry from being stored.
func (s *Service) explained(ctx context.Context, m *Meeting, err error) error {
	if full, ok := errors.AsType[noPlace](err); ok {
		return s.whichFull(ctx, m, full.keys)
	}
	if db.IsUnique(err) {
		return known()
	}
	return err
}

// store stores what an entry became.
func (s *Service) store(ctx context.Context, tx *db.Tx, m *Meeting, was, next *Entry, action, tell string) error {
	ok, err := updateEntry(ctx, tx, next)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Conflict, "registration.error.changed")
	}
	if !slices.Equal(was.Days, next.Days) {
		if err := replaceDays(ctx, tx, next); err != nil {
			return err
		}
	}
	if !sameAnswers(was.Answers, next.Answers) {
		if err := replaceAnswers(ctx, tx, next); err != nil {
			return err
		}
	}
	if was.Ref != next.Ref {
		err = s.recordPassed(ctx, tx, m, action, was, next)
	} else {
		err = s.record(ctx, tx, m, action, was, next)
	}
	if err != nil {
		return err
	}
	if tell != "" {
		told := *next
		told.Version++
		if err := s.tell(ctx, tx, m.Slug, &told, tell); err != nil {
			return err
		}
	}
	if err := s.owe(ctx, tx, m, next, action); err != nil {
		return err
	}
	return s.movePlaces(ctx, tx, m, was, next)
}

// movePlaces takes and gives back the places in which two states of an entry differ.
func (s *Service) movePlaces(ctx context.Context, tx *db.Tx, m *Meeting, was, next *Entry) error {
	var before, after []string
	if was.State.Holds() {
		before = was.quotas()
	}
	if next.State.Holds() {
		after = next.quotas()
	}
	gone := slices.DeleteFunc(slices.Clone(before), func(k string) bool { return slices.Contains(after, k) })
	added := slices.DeleteFunc(slices.Clone(after), func(k string) bool { return slices.Contains(before, k) })
	if len(gone) > 0 {
		if err := giveBack(ctx, tx, m.ID, gone, 1); err != nil {
			return err
		}
		if err := s.freed(ctx, tx, m.Slug); err != nil {
			return err
		}
	}
	return s.takePlaces(ctx, tx, m, added, next.taking())
}

// clone is a copy that can be changed.
func (e *Entry) clone() *Entry {
	c := *e
	c.Days = slices.Clone(e.Days)
	c.Answers = map[string][]string{}
	for k, v := range e.Answers {
		c.Answers[k] = slices.Clone(v)
	}
	return &c
}

func sameAnswers(a, b map[string][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		w := slices.Clone(b[k])
		slices.Sort(w)
		if !slices.Equal(slices.Sorted(slices.Values(v)), w) {
			return false
		}
	}
	return true
}

// live is nil where somebody may still change an entry by themselves.
func (s *Service) live(o *Own, until time.Time) error {
	switch {
	case !o.Active():
		return fault.New(fault.Conflict, "registration.error.is_cancelled")
	case passed(until, s.o.Now()):
		return fault.New(fault.Conflict, "registration.error.deadline")
	}
	return nil
}

// Prove notes that the address of an entry is its person's: they came by the letter, and pressed the button.
func (s *Service) Prove(ctx context.Context, o *Own) error {
	if !o.Active() || !o.ProvedAt.IsZero() {
		return nil
	}
	_, err := s.change(ctx, o.m, o.Entry, "registration.proved", "", func(_ *db.Tx, e *Entry) error {
		if e.ProvedAt.IsZero() {
			e.ProvedAt = s.o.Now()
		}
		return nil
	})
	return err
}

// ChangeDays changes the kind and the days of an entry: on site to online and back, other days, another kind. The price follows. Another kind
// may ask other questions: given answers them, besides what was answered before.
func (s *Service) ChangeDays(ctx context.Context, o *Own, kind string, days map[event.Date]Mode, given map[string][]string) error {
	if err := s.live(o, o.Change); err != nil {
		return err
	}
	k := o.m.Kind(kind)
	switch {
	case k == nil:
		return invalid("registration.error.choose_kind").On("kind")
	case kind != o.Kind && (k.ByCode || k.Closed):
		return fault.New(fault.Conflict, "registration.error.kind_closed").On("kind")
	}
	days, err := k.days(&o.m.Meeting, days)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, o.m, o.Entry, "registration.days", "changed", func(tx *db.Tx, e *Entry) error {
		was, err := s.kindPrice(ctx, tx, o.m, e)
		if err != nil {
			return err
		}
		from := e.Kind
		if from != kind {
			e.Kind, e.PricedAt = kind, s.o.Now()
			if e.Answers, err = o.m.answers(kind, withAnswers(e.Answers, given)); err != nil {
				return err
			}
		}
		e.setDays(days)
		if err := s.keepCode(ctx, tx, o.m, e); err != nil {
			return err
		}
		now, err := s.kindPrice(ctx, tx, o.m, e)
		if err != nil {
			return err
		}
		e.keep(from, was-now, o.m.Fee(s.o.Now()))
		return s.dropUnfit(ctx, tx, o.m, e)
	})
	return err
}

// withAnswers are the answers of somebody with those that are given anew.
func withAnswers(was, given map[string][]string) map[string][]string {
	out := maps.Clone(was)
	if out == nil {
		out = map[string][]string{}
	}
	maps.Copy(out, given)
	return out
}

// kindPrice is what an entry owes for its kind, lowered by its code.
func (s *Service) kindPrice(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry) (int64, error) {
	k := m.Kind(e.Kind)
	if k == nil || k.Free() {
		return 0, nil
	}
	lines, err := s.lowered(ctx, tx, m, e, []Owed{k.owed("kind:"+k.Key, k.Name, 1, e.PricedAt)})
	yen := int64(0)
	for _, l := range lines {
		yen += l.Yen
	}
	return yen, err
}

// keep notes what the rule of refunds keeps of what became cheaper as the kind was changed. Who comes back to the kind they had pays its price,
// and no fee. Who has no place yet owes nothing.
func (e *Entry) keep(from string, cheaper int64, fee int) {
	switch {
	case from == e.Kind || e.State != Confirmed:
	case e.Kind == e.KeptKind:
		e.KeptKind, e.KeptYen = "", 0
	case cheaper > 0 && fee > 0:
		if e.KeptKind == "" {
			e.KeptKind = from
		}
		e.KeptYen += cheaper * int64(fee) / 100
	}
}

// dropUnfit gives up the choices of an entry that it may not have any more: a social of a day on which it does not come.
func (s *Service) dropUnfit(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry) error {
	list, err := choicesOf(ctx, tx, m.Location(), `c.entry_id = $1 AND c.state <> 'cancelled'`, e.ID)
	if err != nil {
		return err
	}
	for _, c := range list {
		if option := m.Option(c.Option); option == nil || e.Active() && option.Fits(e) == nil {
			continue
		}
		if err := s.giveUp(ctx, tx, m, e, c); err != nil {
			return err
		}
	}
	return nil
}

// ChangeDetails changes who somebody is on their badge and in letters. The address stays as it was proven.
func (s *Service) ChangeDetails(ctx context.Context, o *Own, d Details) error {
	if err := s.live(o, o.Change); err != nil {
		return err
	}
	d.Address = o.Address
	if err := d.check(false); err != nil {
		return err
	}
	_, err := s.change(ctx, o.m, o.Entry, "registration.details", "", func(_ *db.Tx, e *Entry) error {
		d.Address, d.Folded = e.Address, e.Folded
		if d.Lang == "" {
			d.Lang = e.Lang
		}
		e.Details = d
		return nil
	})
	return err
}

// ChangeAnswers changes what somebody answered.
func (s *Service) ChangeAnswers(ctx context.Context, o *Own, given map[string][]string) error {
	if err := s.live(o, o.Change); err != nil {
		return err
	}
	checked, err := o.m.answers(o.Kind, given)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, o.m, o.Entry, "registration.answers", "", func(tx *db.Tx, e *Entry) error {
		e.Answers = checked
		return s.dropUnfit(ctx, tx, o.m, e)
	})
	return err
}

// Cancel cancels an entry with everything in it. It counts nowhere from then on.
func (s *Service) Cancel(ctx context.Context, o *Own, why string) error {
	if err := s.live(o, o.Cancel); err != nil {
		return err
	}
	return s.cancel(ctx, o.m, o.Entry, person.CleanLine(why), "cancelled", charged)
}

// Who pays what the rule of refunds keeps.
func charged(*Entry) bool       { return false }
func waived(*Entry) bool        { return true }
func unconfirmed(e *Entry) bool { return e.State == Invited }

// cancel cancels an entry, whoever wants it; tell names the letter, or is empty. waived says of the entry as it is then whether no fee is owed.
func (s *Service) cancel(ctx context.Context, m *Meeting, e *Entry, why, tell string, waived func(e *Entry) bool) error {
	if err := line(&why, MaxLine, "why"); err != nil {
		return err
	}
	_, err := s.change(ctx, m, e, "registration.cancelled", tell, s.cancelled(ctx, m, why, waived))
	return err
}

// cancelled makes an entry one that was cancelled.
func (s *Service) cancelled(ctx context.Context, m *Meeting, why string, waived func(e *Entry) bool) func(tx *db.Tx, e *Entry) error {
	return func(tx *db.Tx, e *Entry) error {
		if !e.Active() {
			return fault.New(fault.Conflict, "registration.error.is_cancelled")
		}
		e.Waived = waived(e)
		e.State, e.CancelledAt, e.Why, e.OfferedUntil = Cancelled, s.o.Now(), why, time.Time{}
		return s.dropUnfit(ctx, tx, m, e)
	}
}

// Accept takes a place that is kept for an entry.
func (s *Service) Accept(ctx context.Context, o *Own) error {
	_, err := s.change(ctx, o.m, o.Entry, "registration.accepted", "entered", func(tx *db.Tx, e *Entry) error {
		if e.State != Offered || passed(e.OfferedUntil, s.o.Now()) {
			return fault.New(fault.Conflict, "registration.error.offer_over")
		}
		e.State, e.OfferedUntil, e.PricedAt = Confirmed, time.Time{}, s.o.Now()
		if e.ProvedAt.IsZero() { // only the letter leads here; otherwise the next sweep would cancel it
			e.ProvedAt = s.o.Now()
		}
		return s.freed(ctx, tx, o.m.Slug) // the options they wait for can be offered now
	})
	return err
}

// History are the changes of an entry, newest first.
func (s *Service) History(ctx context.Context, o *Own) ([]audit.Stored, error) {
	list, _, err := audit.History(ctx, s.db, o.m.Slug, "entry:"+o.Ref, audit.Page{})
	return sinceTurn(list), err
}

// Resend sends the letter with everything once more.
func (s *Service) Resend(ctx context.Context, o *Own) error {
	now := s.o.Now()
	return s.db.Write(ctx, func(tx *db.Tx) error {
		ok, err := letterRate.Allow(ctx, tx, "registration.again", o.Folded, now)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.TooMany, "registration.error.letters")
		}
		return s.o.Jobs.Enqueue(ctx, tx, EntryChanged{o.m.Slug, o.Ref, "again", int(now.Unix())})
	})
}
