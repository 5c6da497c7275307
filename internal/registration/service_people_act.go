package registration

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/person"
)

// actAs does something to an entry for its person: with a reason in its record, and with a letter where that is wished.
func (s *Service) actAs(ctx context.Context, m *Meeting, e *Entry, action, letter string, why Reason, do func(tx *db.Tx, e *Entry) error) error {
	if err := why.check(); err != nil {
		return err
	}
	if !why.Tell {
		letter = ""
	}
	_, err := s.change(ctx, m, e, action, letter, func(tx *db.Tx, e *Entry) error {
		e.over, e.first = why.Over, true
		if err := do(tx, e); err != nil {
			return err
		}
		if why.Why == "" {
			return nil
		}
		return s.because(ctx, tx, m, e, why.Why)
	})
	return err
}

// because writes why the desk did something into the record of an entry.
func (s *Service) because(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, why string) error {
	return audit.Record(ctx, tx, audit.Entry{Action: "registration.reason", Scope: m.Slug, Object: "entry:" + e.Ref, After: map[string]string{"why": why}, At: s.o.Now()})
}

// DeskDays changes the kind and the days of somebody.
func (s *Service) DeskDays(ctx context.Context, slug, ref, kind string, days map[event.Date]Mode, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	return s.deskDays(ctx, m, e, kind, days, why, nil)
}

// deskDays changes kind and days; also is done in the same transaction. days nil: they stay, as far as the kind offers them.
func (s *Service) deskDays(ctx context.Context, m *Meeting, e *Entry, kind string, days map[event.Date]Mode, why Reason, also func(tx *db.Tx) error) error {
	k := m.Kind(kind)
	if k == nil {
		return invalid("registration.error.choose_kind").On("kind")
	}
	if days == nil {
		days = k.fitting(m, e.Days)
	}
	days, err := k.days(&m.Meeting, days)
	if err != nil {
		return err
	}
	return s.actAs(ctx, m, e, "registration.days", "changed", why, func(tx *db.Tx, e *Entry) error {
		if !e.Active() {
			return fault.New(fault.Conflict, "registration.error.is_cancelled")
		}
		if e.Kind != kind {
			e.Kind, e.PricedAt = kind, s.o.Now()
		}
		e.setDays(days)
		if err := s.keepCode(ctx, tx, m, e); err != nil {
			return err
		}
		if err := s.dropUnfit(ctx, tx, m, e); err != nil || also == nil {
			return err
		}
		return also(tx)
	})
}

// fitting are the days somebody has, as far as a kind offers them; a way that it does not offer becomes one that it does.
func (k *Kind) fitting(m *Meeting, days []Day) map[event.Date]Mode {
	out := map[event.Date]Mode{}
	for _, d := range days {
		offers := k.Offers(&m.Meeting, d.Date)
		switch {
		case slices.Contains(offers, d.Mode):
			out[d.Date] = d.Mode
		case len(offers) > 0:
			out[d.Date] = offers[0]
		}
	}
	return out
}

// DeskDetails changes who somebody is. With another address, earlier links in letters are not good any more; who changed it at the desk
// answers for the new one.
func (s *Service) DeskDetails(ctx context.Context, slug, ref string, d Details, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	if err := d.check(false); err != nil {
		return err
	}
	letter := ""
	if d.Folded != "" {
		letter = "changed"
	}
	return s.actAs(ctx, m, e, "registration.details", letter, why, func(_ *db.Tx, e *Entry) error {
		d.Lang = e.Lang
		if d.Folded != e.Folded {
			e.LinkNo++
			if e.ProvedAt = (time.Time{}); d.Folded != "" {
				e.ProvedAt = s.o.Now()
			}
		}
		e.Details = d
		return nil
	})
}

// DeskAnswers changes what somebody answered. What is required may be missing: the desk does not know everything.
func (s *Service) DeskAnswers(ctx context.Context, slug, ref string, given map[string][]string, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	checked, err := m.lenient().answers(e.Kind, given)
	if err != nil {
		return err
	}
	return s.actAs(ctx, m, e, "registration.answers", "", why, func(tx *db.Tx, e *Entry) error {
		e.Answers = checked
		return s.dropUnfit(ctx, tx, m, e)
	})
}

// lenient is a setup in which nothing has to be answered.
func (s *Setup) lenient() *Setup {
	c := *s
	c.Questions = slices.Clone(s.Questions)
	for i := range c.Questions {
		c.Questions[i].Required = false
	}
	return &c
}

// DeskConfirm gives somebody who waits, or who is offered a place, the place.
func (s *Service) DeskConfirm(ctx context.Context, slug, ref string, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	return s.deskConfirm(ctx, m, e, why, nil)
}

func (s *Service) deskConfirm(ctx context.Context, m *Meeting, e *Entry, why Reason, also func(tx *db.Tx) error) error {
	return s.actAs(ctx, m, e, "registration.accepted", "entered", why, func(tx *db.Tx, e *Entry) error {
		if e.State != Waiting && e.State != Offered && e.State != Invited {
			return fault.New(fault.Conflict, "registration.error.not_waiting")
		}
		if e.State != Invited {
			e.PricedAt = s.o.Now()
		}
		e.State, e.OfferedUntil = Confirmed, time.Time{}
		if e.ProvedAt.IsZero() && e.Folded != "" {
			e.ProvedAt = s.o.Now() // the desk answers for it; otherwise the next sweep would cancel it
		}
		if also == nil {
			return nil
		}
		return also(tx)
	})
}

// DeskCancel cancels the entry of somebody.
func (s *Service) DeskCancel(ctx context.Context, slug, ref string, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	return s.deskCancel(ctx, m, e, why, nil)
}

func (s *Service) deskCancel(ctx context.Context, m *Meeting, e *Entry, why Reason, also func(tx *db.Tx) error) error {
	if err := why.check(); err != nil {
		return err
	}
	reason := person.CleanLine(why.Why)
	why.Why = "" // it is in the entry itself
	return s.actAs(ctx, m, e, "registration.cancelled", "cancelled", why, func(tx *db.Tx, e *Entry) error {
		if !e.Active() {
			return fault.New(fault.Conflict, "registration.error.is_cancelled")
		}
		e.State, e.CancelledAt, e.Why, e.OfferedUntil = Cancelled, s.o.Now(), reason, time.Time{}
		if err := s.dropUnfit(ctx, tx, m, e); err != nil || also == nil {
			return err
		}
		return also(tx)
	})
}

// DeskRestore makes an entry that was cancelled be there again, where its places are; its options stay given up.
func (s *Service) DeskRestore(ctx context.Context, slug, ref string, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	if k := m.Kind(e.Kind); k == nil {
		return fault.New(fault.Conflict, "registration.error.kind_closed").On("kind")
	}
	return s.actAs(ctx, m, e, "registration.restored", "entered", why, func(tx *db.Tx, e *Entry) error {
		if e.Active() {
			return fault.New(fault.Conflict, "registration.error.changed")
		}
		if err := dropFees(ctx, tx, e); err != nil {
			return err
		}
		e.State, e.CancelledAt, e.Why, e.Waived = Confirmed, time.Time{}, "", false
		if e.ProvedAt.IsZero() && e.Folded != "" {
			e.ProvedAt = s.o.Now() // the desk answers for it; otherwise it would be cancelled again
		}
		return unmerge(ctx, tx, e.ID)
	})
}

// DeskProve notes that an address is somebody's, on the word of the desk.
func (s *Service) DeskProve(ctx context.Context, slug, ref string, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	return s.actAs(ctx, m, e, "registration.proved", "", why, func(_ *db.Tx, e *Entry) error {
		if e.ProvedAt.IsZero() {
			e.ProvedAt = s.o.Now()
		}
		return nil
	})
}

// DeskResend sends somebody the letter with everything once more.
func (s *Service) DeskResend(ctx context.Context, slug, ref string) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	if e.Address == "" || !e.Active() {
		return fault.New(fault.Conflict, "registration.error.no_letter")
	}
	return s.Resend(ctx, &Own{Entry: e, m: m})
}

// DeskNote replaces what the committee notes about somebody.
func (s *Service) DeskNote(ctx context.Context, slug, ref, body string) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	body = strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n"))
	if len([]rune(body)) > MaxText {
		return invalid("registration.error.long").With("max", MaxText).On("note")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		was, err := noteOf(ctx, tx, e.ID)
		if err != nil || was == body {
			return err
		}
		if err := storeNote(ctx, tx, e.ID, body, s.o.Now()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{ // under another name than the entry, whose record its person reads
			Action: "registration.noted", Scope: m.Slug, Object: "note:" + e.Ref, Before: map[string]string{"note": was}, After: map[string]string{"note": body}, At: s.o.Now(),
		})
	})
}

// Manual is somebody whom the desk enters.
type Manual struct {
	Key     string
	Kind    string
	Details // the address may be missing
	Days    map[event.Date]Mode
	Answers map[string][]string
	Proved  bool // the desk knows that the address is theirs
	Reason
}

// EnterFor makes an entry for somebody who is at the desk or on the telephone. A form that is sent twice makes one.
func (s *Service) EnterFor(ctx context.Context, slug string, in Manual) (*Entry, error) {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return nil, err
	}
	if len(in.Key) == 0 || len(in.Key) > maxKey {
		return nil, invalid("registration.error.form_old")
	}
	if e, err := s.sentBefore(ctx, m, in.Key); e != nil || err != nil {
		return e, err
	}
	k := m.Kind(in.Kind)
	if k == nil {
		return nil, invalid("registration.error.choose_kind").On("kind")
	}
	if err := in.Details.check(false); err != nil {
		return nil, err
	}
	f := Form{Key: in.Key, Kind: in.Kind, Details: in.Details}
	if f.Days, err = k.days(&m.Meeting, in.Days); err != nil {
		return nil, err
	}
	if f.Answers, err = m.lenient().answers(in.Kind, in.Answers); err != nil {
		return nil, err
	}
	if err := in.Reason.check(); err != nil {
		return nil, err
	}
	e := f.entry(m.ID, s.o.Now())
	e.over, e.first, e.silent, e.reason = in.Over, true, !in.Tell, in.Why
	if in.Proved && e.Folded != "" {
		e.ProvedAt = s.o.Now()
	}
	if err := s.enter(ctx, m, e, &f); err != nil {
		if before, lookErr := s.sentBefore(ctx, m, in.Key); before != nil || lookErr != nil {
			return before, lookErr
		}
		return nil, s.enterFault(ctx, m, err)
	}
	return e, nil
}

// enterFault says in words why an entry could not be made.
func (s *Service) enterFault(ctx context.Context, m *Meeting, err error) error {
	if err == nil {
		return nil
	}
	if full, ok := errors.AsType[noPlace](err); ok {
		return s.whichFull(ctx, m, full.keys)
	}
	if db.IsUnique(err) {
		return known()
	}
	return err
}

// Duplicates are pairs of entries that may be one person's.
func (s *Service) Duplicates(ctx context.Context, slug string) ([]Pair, error) {
	m, err := s.may(ctx, slug, event.MayReadEntries)
	if err != nil {
		return nil, err
	}
	list, err := entries(ctx, s.db, m.Location(), `e.meeting_id = $1 AND e.state <> 'cancelled'`, m.ID)
	return pairsOf(list), err
}

// MergeEntries cancels one of two entries of one person. The other keeps its record, its options and what it owes; the one that goes owes
// nothing. What was paid for it is to be given back, which billing shows.
func (s *Service) MergeEntries(ctx context.Context, slug, keep, gone string, why Reason) error {
	m, kept, err := s.deskEntry(ctx, slug, keep, event.MayEditEntries)
	if err != nil {
		return err
	}
	_, other, err := s.deskEntry(ctx, slug, gone, event.MayEditEntries)
	if err != nil {
		return err
	}
	if err := mayMerge(kept, other); err != nil {
		return err
	}
	why.Tell, why.Over = false, false
	return s.deskCancel(ctx, m, other, why, func(tx *db.Tx) error {
		still, err := oneEntry(ctx, tx, m.Location(), `e.id = $1`, kept.ID)
		if err != nil {
			return err
		}
		if still == nil {
			return fault.Missing()
		}
		if err := mayMerge(still, other); err != nil {
			return err
		}
		if err := noteMerge(ctx, tx, other.ID, kept.ID, s.o.Now()); err != nil {
			return err
		}
		for _, x := range [][2]string{{kept.Ref, other.Ref}, {other.Ref, kept.Ref}} {
			if err := audit.Record(ctx, tx, audit.Entry{Action: "registration.merged", Scope: m.Slug, Object: "entry:" + x[0], After: map[string]string{"with": x[1]}, At: s.o.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
}
