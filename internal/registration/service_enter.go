package registration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/person"
)

// noPlace is what a transaction ends with in which a quota was full. key is empty where it is not known which.
type noPlace struct{ keys []string }

func (noPlace) Error() string { return "there is no place left" }

// known is what somebody gets who is registered already.
func known() *fault.Error { return fault.New(fault.Conflict, "registration.error.known") }

// Known reports that an error says that somebody is registered already.
func Known(err error) bool {
	e, ok := fault.As(err)
	return ok && e.Key == "registration.error.known"
}

// Full reports that an error says that there is no place left.
func Full(err error) bool {
	e, ok := fault.As(err)
	return ok && (e.Key == "registration.error.full" || e.Key == "registration.error.option_full")
}

// letterRate bounds how often a letter is sent to one address because somebody typed it into the form.
var letterRate = limit.Rate{Burst: 5, Per: time.Hour}

// Check cleans a form and says what is wrong with it, without storing anything. Who is signed in is entered under their own address.
func (s *Service) Check(ctx context.Context, slug string, f *Form) error {
	m, err := s.meeting(ctx, slug)
	if err != nil {
		return err
	}
	_, err = s.checked(ctx, m, f)
	return err
}

// checked cleans a form, and says what it is about to become.
func (s *Service) checked(ctx context.Context, m *Meeting, f *Form) (*Entry, error) {
	now := s.o.Now()
	switch m.phase(now) {
	case Hidden:
		return nil, fault.Missing()
	case Soon:
		return nil, fault.New(fault.Conflict, "registration.error.soon")
	case Over:
		return nil, fault.New(fault.Conflict, "registration.error.over")
	}
	who := authz.Who(ctx)
	proved := time.Time{}
	if who.SignedIn() {
		address, err := s.mainAddress(ctx, who.ID)
		if err != nil {
			return nil, err
		}
		f.Address, proved = address, now
	}
	if err := f.check(m.Setup, &m.Meeting); err != nil {
		return nil, err
	}
	k := m.Kind(f.Kind)
	if k.Closed {
		return nil, fault.New(fault.Conflict, "registration.error.kind_closed").On("kind")
	}
	if k.ByCode && f.Code == "" {
		return nil, invalid("registration.error.code_needed").On("code")
	}
	if err := s.checkCode(ctx, m, k, f.Code); err != nil {
		return nil, err
	}
	e := f.entry(m.ID, now)
	e.Person, e.ProvedAt = who.ID, proved
	_, err := m.wishes(e, f.Choices, now)
	return e, err
}

// mainAddress is where letters to an account go.
func (s *Service) mainAddress(ctx context.Context, id int64) (string, error) {
	list, err := s.o.People.Addresses(ctx, person.ID(id))
	for _, a := range list {
		if a.Main {
			return a.Address, nil
		}
	}
	return "", err
}

// Register makes an entry of a form, and says whether it is a new one. A form that is sent twice makes one. Where there is no place left,
// the error says so (Full), unless the form asks for the waiting list; where the address is registered already, it says so (Known), which
// nobody who is not signed in may learn: they are told by letter.
func (s *Service) Register(ctx context.Context, slug string, f Form) (*Entry, bool, error) {
	m, err := s.meeting(ctx, slug)
	if err != nil {
		return nil, false, err
	}
	e, err := s.registered(ctx, m, f)
	if err == nil {
		return e, true, nil
	}
	if before, lookErr := s.sentBefore(ctx, m, f.Key); before != nil || lookErr != nil {
		return before, false, lookErr
	}
	if full, ok := errors.AsType[noPlace](err); ok {
		return nil, false, s.whichFull(ctx, m, full.keys)
	}
	if db.IsUnique(err) {
		if err := s.again(ctx, m, e); err != nil {
			return nil, false, err
		}
		if err := s.refusedAnyway(ctx, m, e, &f); err != nil {
			return nil, false, err
		}
		return nil, false, known()
	}
	return nil, false, err
}

// errFits ends a transaction that only asked whether there are places.
var errFits = errors.New("there are places")

// refusedAnyway is what a form is told for whose address there is an entry where it would be told so of any address: that something is full.
// Otherwise a meeting that is full says of every address whether it is registered.
func (s *Service) refusedAnyway(ctx context.Context, m *Meeting, e *Entry, f *Form) error {
	if authz.Who(ctx).SignedIn() || f.Wait && m.Kind(e.Kind).Waiting {
		return nil
	}
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		asked, err := m.wishes(e, f.Choices, s.o.Now())
		if err != nil {
			return err
		}
		slots := slotsWanted{}
		for _, w := range asked {
			lottery, err := s.inLottery(ctx, tx, m, w.o)
			if err != nil {
				return err
			}
			if !lottery && (!w.Wait || !w.o.Waiting) {
				slots[slotQuota(w.Option, w.Slot)] += 1 + w.Companions
			}
		}
		if err := s.takeAll(ctx, tx, m, e.quotas(), slots); err != nil {
			return err
		}
		return errFits
	})
	if full, ok := errors.AsType[noPlace](err); ok {
		return s.whichFull(ctx, m, full.keys)
	}
	if errors.Is(err, errFits) {
		return nil
	}
	return err
}

// registered checks a form and stores the entry it asks for: on the waiting list, where it wants that and there is no place.
func (s *Service) registered(ctx context.Context, m *Meeting, f Form) (*Entry, error) {
	wait := f.Wait
	f.Wait = false
	e, err := s.checked(ctx, m, &f)
	if err != nil {
		return nil, err
	}
	if err := s.letIn(ctx, m, f.Turn); err != nil {
		return nil, err
	}
	wait = wait && m.Kind(e.Kind).Waiting
	if full, err := s.stillFull(ctx, m, e); err != nil || full && !wait {
		return e, orNoPlace(err, e.quotas())
	}
	err = s.enter(ctx, m, e, &f)
	if full, ok := errors.AsType[noPlace](err); ok {
		s.noteFull(m, full.keys)
		if wait {
			e.State = Waiting
			err = s.enter(ctx, m, e, &f)
		}
	}
	return e, err
}

func orNoPlace(err error, keys []string) error {
	if err != nil {
		return err
	}
	return noPlace{keys}
}

// fullFor is how long it is remembered that something was full. It saves thousands who come too late a transaction each, and nobody a place: who
// asks in that time is told by what the database says then.
const fullFor = time.Second

// noteFull remembers that something was full a moment ago.
func (s *Service) noteFull(m *Meeting, keys []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.full) > 1000 { // every code is another key; what is forgotten is asked of the database
		clear(s.full)
	}
	s.full[m.Slug+"\x00"+strings.Join(keys, "\x00")] = s.o.Now()
}

// stillFull reports that what an entry needs was full a moment ago, and is.
func (s *Service) stillFull(ctx context.Context, m *Meeting, e *Entry) (bool, error) {
	keys := e.quotas()
	s.mu.Lock()
	at, ok := s.full[m.Slug+"\x00"+strings.Join(keys, "\x00")]
	s.mu.Unlock()
	if now := s.o.Now(); !ok || now.Before(at) || now.Sub(at) > fullFor {
		return false, nil
	}
	quotas, err := s.quotas(ctx, m)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(keys, func(k string) bool { return quotas[k].Full() && quotas[k].Key != "" }) {
		s.noteFull(m, keys)
		return true, nil
	}
	return false, nil
}

// keyOf is what is kept of the key of a form.
func keyOf(m *Meeting, key string) string {
	sum := sha256.Sum256([]byte(m.Slug + "\x00" + key))
	return hex.EncodeToString(sum[:])
}

// sentBefore is the entry that a form made when it was sent before, or nil.
func (s *Service) sentBefore(ctx context.Context, m *Meeting, key string) (*Entry, error) {
	return oneEntry(ctx, s.db, m.Location(), `e.ref = (SELECT entry FROM registration_request WHERE key = $1)`, keyOf(m, key))
}

// enter stores an entry: everything or nothing. The places come last, since all wait for each other there.
func (s *Service) enter(ctx context.Context, m *Meeting, e *Entry, f *Form) error {
	many := s.crowded(limit.Network(authz.Who(ctx).From), e.MadeAt)
	return s.db.Together(ctx, func(tx *db.Tx) error {
		if many {
			if err := guest(ctx, tx, guestRate, "registration.guest", e.MadeAt); err != nil {
				return err
			}
		}
		if err := takeTurn(ctx, tx, m, f.Turn, e); err != nil {
			return err
		}
		if err := s.useCode(ctx, tx, m, e, f.Code); err != nil {
			return err
		}
		insert := insertEntry
		if len(f.Choices) == 0 {
			insert = insertEntrySoon
		}
		if err := insert(ctx, tx, e); err != nil {
			return err
		}
		if err := remember(ctx, tx, keyOf(m, f.Key), e); err != nil {
			return err
		}
		slots, err := s.choose(ctx, tx, m, e, f.Choices)
		if err != nil {
			return err
		}
		if err := s.record(ctx, tx, m, "registration.entered", nil, e); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, m.Slug, e, map[bool]string{true: "waiting", false: "entered"}[e.State == Waiting]); err != nil {
			return err
		}
		if err := s.owe(ctx, tx, m, e, "registration.entered"); err != nil {
			return err
		}
		keys := e.quotas()
		if e.State == Waiting {
			keys = nil // who waits has no place yet, of the code neither
		}
		if e.reason != "" {
			if err := s.because(ctx, tx, m, e, e.reason); err != nil {
				return err
			}
		}
		if err := s.takePlaces(ctx, tx, m, keys, e.taking()); err != nil {
			return err
		}
		return s.takeAll(ctx, tx, m, nil, slots)
	})
}

// slotsWanted are places in slots, by quota key.
type slotsWanted map[string]int

// takeAll takes one place in each of some quotas and what is wanted of slots. Where something is full, the transaction ends with noPlace.
func (s *Service) takeAll(ctx context.Context, tx *db.Tx, m *Meeting, keys []string, slots slotsWanted) error {
	if err := s.takePlaces(ctx, tx, m, keys, takeFree); err != nil {
		return err
	}
	for _, key := range sortedKeys(slots) {
		ok, err := takeSlot(ctx, tx, m.ID, key, slots[key])
		if err != nil {
			return err
		}
		if !ok {
			return noPlace{[]string{key}}
		}
	}
	return nil
}

// takePlaces takes one place in each of some quotas of kinds, days and codes. A day that the meeting has by now and the setup did not know gets
// its quota here.
func (s *Service) takePlaces(ctx context.Context, tx *db.Tx, m *Meeting, keys []string, take taking) error {
	if len(keys) == 0 {
		return nil
	}
	n, err := take(ctx, tx, m.ID, keys)
	if err != nil || n == len(keys) {
		return err
	}
	gone, err := missing(ctx, tx, m.ID, keys)
	if err != nil {
		return err
	}
	want := m.quotas(m.Days())
	for _, key := range gone {
		capacity, ok := want[key]
		if what, _, _ := cutKey(key); !ok || what != "day" { // a kind that is gone stays gone
			return noPlace{keys}
		}
		if err := storeQuota(ctx, tx, m.ID, key, capacity); err != nil {
			return err
		}
	}
	if len(gone) > 0 && n+len(gone) == len(keys) {
		more, err := take(ctx, tx, m.ID, gone)
		if err != nil || more == len(gone) {
			return err
		}
	}
	return noPlace{keys}
}

// taking takes one place in each of some quotas, and says in how many it did.
type taking func(ctx context.Context, tx *db.Tx, m event.MeetingID, keys []string) (int, error)

// taking is how an entry takes its places.
func (e *Entry) taking() taking {
	switch {
	case e.over:
		return takeAnyway
	case e.first:
		return takeFirst
	}
	return takeFree
}

// whichFull says what is full, in words for the field of the form.
func (s *Service) whichFull(ctx context.Context, m *Meeting, keys []string) error {
	quotas, err := s.quotas(ctx, m)
	if err != nil {
		return err
	}
	for _, key := range keys {
		what, rest, _ := cutKey(key)
		if q, ok := quotas[key]; ok && !q.Full() && what != "slot" { // in a slot with places left others wait, or there are too few
			continue
		}
		switch what {
		case "day":
			return errFull("day."+rest).With("what", i18n.ShortDay(i18n.JA, dateOf(rest).Time(m.Location())))
		case "slot":
			return m.slotFull(rest)
		case "code":
			return fault.New(fault.Conflict, "registration.error.code_used").On("code")
		}
		return errFull("kind")
	}
	return errFull("kind") // it was, a moment ago
}

// again sends somebody the letter with the link to the entry they have, unless that happened often lately.
func (s *Service) again(ctx context.Context, m *Meeting, e *Entry) error {
	now := s.o.Now()
	return s.db.Write(ctx, func(tx *db.Tx) error {
		was, err := oneEntry(ctx, tx, m.Location(), `e.meeting_id = $1 AND e.state <> 'cancelled' AND (e.folded = $2 AND e.folded <> '' OR e.person_id = $3 AND e.person_id <> 0)`, m.ID, e.Folded, e.Person)
		if err != nil || was == nil {
			return err
		}
		ok, err := letterRate.Allow(ctx, tx, "registration.again", was.Folded, now)
		if err != nil || !ok {
			return err
		}
		return s.o.Jobs.Enqueue(ctx, tx, EntryChanged{m.Slug, was.Ref, "again", int(now.Unix())})
	})
}

// owe states what an entry owes, and whoever had it before, where anything has a price.
func (s *Service) owe(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, why string) error {
	if s.o.Billing == nil || !m.priced() {
		return nil
	}
	var choices []*Chosen
	if e.ID != 0 { // one that was made just now, without any
		var err error
		if choices, err = choicesOf(ctx, tx, m.Location(), `c.entry_id = $1`, e.ID); err != nil {
			return err
		}
	}
	all, err := s.debts(ctx, tx, m, e, choices)
	if err != nil {
		return err
	}
	for _, d := range all {
		d.Why = why
		if err := s.o.Billing.Owe(ctx, tx, m.Slug, d); err != nil {
			return err
		}
	}
	return nil
}
