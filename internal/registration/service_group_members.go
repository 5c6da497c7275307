package registration

import (
	"context"
	"errors"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/person"
)

func asNoPlace(err error) (noPlace, bool) { return errors.AsType[noPlace](err) }

// Remind writes again to a member who has still to confirm; an empty ref is all of them. It counts those it writes to.
func (s *Service) Remind(ctx context.Context, p *GroupPage, ref string) (int, error) {
	n, now := 0, s.o.Now()
	if ref != "" {
		if _, err := p.member(ref); err != nil {
			return 0, err
		}
	}
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		n = 0
		for _, e := range p.Members {
			if e.State != Invited || ref != "" && e.Ref != ref {
				continue
			}
			ok, err := letterRate.Allow(ctx, tx, "registration.invite", foldedAddress(e.Address), now)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			n++
			if err := s.o.Jobs.Enqueue(ctx, tx, GroupLetter{p.m.Slug, e.Ref, "reminded", now.Unix(), "", ""}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && n == 0 {
		err = fault.New(fault.TooMany, "registration.error.letters")
	}
	return n, err
}

// Remove takes a member out: their entry is cancelled, and what is owed follows. Of who has not confirmed, that is always possible.
func (s *Service) Remove(ctx context.Context, p *GroupPage, ref string) error {
	e, err := p.member(ref)
	if err != nil {
		return err
	}
	if e.State != Invited && passed(p.Cancel, s.o.Now()) {
		return fault.New(fault.Conflict, "registration.error.deadline")
	}
	tell := "cancelled"
	if e.Folded == "" {
		tell = "" // they have another entry, which stays
	}
	return s.cancel(ctx, p.m, e, "group", tell, unconfirmed)
}

// Swap gives the place of a member to another person, who has to confirm. Whoever had it is told. Nothing of them is left in the entry.
func (s *Service) Swap(ctx context.Context, p *GroupPage, ref string, d Details) error {
	e, err := p.member(ref)
	if err != nil {
		return err
	}
	now := s.o.Now()
	switch {
	case !e.Active():
		return fault.New(fault.Conflict, "registration.error.is_cancelled")
	case passed(p.Handover, now):
		return fault.New(fault.Conflict, "registration.error.deadline")
	}
	d.Lang = p.Lang
	if err := d.check(true); err != nil {
		return err
	}
	for _, x := range p.Members {
		if x.Active() && foldedAddress(x.Address) == d.Folded {
			return fault.New(fault.Conflict, "registration.error.in_group").On("address")
		}
	}
	_, err = s.change(ctx, p.m, e, actSwapped, "", func(tx *db.Tx, x *Entry) error {
		if x.Version != e.Version {
			return fault.New(fault.Conflict, "registration.error.changed")
		}
		old := *x
		if err := storeFormer(ctx, tx, &old, now); err != nil {
			return err
		}
		x.State, x.OfferedUntil = Invited, p.Until
		if p.Until.Before(now.Add(time.Hour)) {
			x.OfferedUntil = p.m.confirmUntil(now)
		}
		twin, err := s.pass(ctx, tx, p.m, x, d, nil)
		if err != nil {
			return err
		}
		if err := s.invite(ctx, tx, p.m, x, twin, "invited"); err != nil {
			return err
		}
		return s.o.Jobs.Enqueue(ctx, tx, GroupLetter{p.m.Slug, x.Ref, "swapped", now.Unix(), old.Address, old.Lang})
	})
	return err
}

// pass gives an entry to another person: nothing of whoever had it stays but the place, its days, and the options that the other may have. It gets
// another reference; codes and links of before say that it was handed on, and what they offered to others ends. Whether somebody may have an option that asks for a declaration, they say themselves.
func (s *Service) pass(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, d Details, answers map[string][]string) (twin EntryID, err error) {
	if err := s.withdrawOpen(ctx, tx, m, e); err != nil {
		return 0, err
	}
	e.Ref, e.Details, e.Person, e.Answers, e.LinkNo = person.NewRef(), d, 0, answers, e.LinkNo+1
	if err := storeNote(ctx, tx, e.ID, "", s.o.Now()); err != nil {
		return 0, err
	}
	if twin, err = s.seat(ctx, tx, m, e); err != nil {
		return 0, err
	}
	return twin, s.dropUnfit(ctx, tx, m, e)
}

// Confirm makes the entry of a colleague their own: with their days, answers, consents and options.
func (s *Service) Confirm(ctx context.Context, o *Own, f Form) error {
	now := s.o.Now()
	if o.State != Invited || passed(o.OfferedUntil, now) {
		return fault.New(fault.Conflict, "registration.error.invite_over")
	}
	f.Kind, f.Key, f.Address = o.Kind, "confirm", o.Address
	if err := f.check(o.m.Setup, &o.m.Meeting); err != nil {
		return err
	}
	if twin, err := s.twinOf(ctx, o.Entry); err != nil || twin != nil {
		return errors.Join(err, fault.New(fault.Conflict, "registration.error.changed"))
	}
	_, err := s.change(ctx, o.m, o.Entry, "registration.confirmed", "entered", func(tx *db.Tx, e *Entry) error {
		if e.State != Invited || e.Version != o.Version {
			return fault.New(fault.Conflict, "registration.error.changed")
		}
		address, folded, lang := e.Address, e.Folded, f.Lang
		e.Details = f.Details
		e.Address, e.Folded, e.Lang = address, folded, lang
		e.State, e.OfferedUntil, e.Answers = Confirmed, time.Time{}, f.Answers
		if e.ProvedAt.IsZero() {
			e.ProvedAt = now
		}
		e.setDays(f.Days)
		if err := s.dropUnfit(ctx, tx, o.m, e); err != nil {
			return err
		}
		slots, err := s.choose(ctx, tx, o.m, e, f.Choices)
		if err != nil {
			return err
		}
		return s.takeAll(ctx, tx, o.m, nil, slots)
	})
	return err
}

// Decline gives the place of a colleague back who does not want it.
func (s *Service) Decline(ctx context.Context, o *Own) error {
	if o.State != Invited {
		return fault.New(fault.Conflict, "registration.error.invite_over")
	}
	return s.cancel(ctx, o.m, o.Entry, "declined", "", waived)
}

// twinOf is the entry that somebody who is invited had already, or nil.
func (s *Service) twinOf(ctx context.Context, e *Entry) (*Entry, error) {
	if e.Folded != "" || e.Group == "" {
		return nil, nil
	}
	asked, err := invites(ctx, s.db, `e.id = $1`, e.ID)
	if err != nil || asked[e.ID].twin == 0 {
		return nil, err
	}
	return oneEntry(ctx, s.db, time.UTC, `e.id = $1 AND e.state <> 'cancelled'`, asked[e.ID].twin)
}

// JoinGroup moves the entry that somebody had already into the group that asked them; the place that was kept for them is free again. What they
// owe, the owner of the group pays from then on.
func (s *Service) JoinGroup(ctx context.Context, o *Own) error {
	twin, err := s.twinOf(ctx, o.Entry)
	if err != nil {
		return err
	}
	switch {
	case o.State != Invited || passed(o.OfferedUntil, s.o.Now()) || twin == nil:
		return fault.New(fault.Conflict, "registration.error.invite_over")
	case twin.Group != "":
		return fault.New(fault.Conflict, "registration.error.other_group")
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := s.changeIn(ctx, tx, o.m, twin, "registration.joined", "changed", func(_ *db.Tx, e *Entry) error {
			if !e.Active() || e.Group != "" {
				return fault.New(fault.Conflict, "registration.error.changed")
			}
			e.Group = o.Group
			if e.ProvedAt.IsZero() {
				e.ProvedAt = s.o.Now() // they came by a letter to the same address
			}
			return nil
		})
		if err == nil {
			_, err = s.changeIn(ctx, tx, o.m, o.Entry, "registration.cancelled", "", s.cancelled(ctx, o.m, "joined", waived))
		}
		return err
	})
	return s.explained(ctx, o.m, err)
}

// When those are reminded who have still to confirm: before the end, and at the earliest so long after the last letter.
var reminders = []struct{ before, since time.Duration }{{72 * time.Hour, 24 * time.Hour}, {24 * time.Hour, 12 * time.Hour}}

// SweepGroups reminds colleagues who have still to confirm, and gives their places back once their time is over. Handovers that nobody accepted
// in time end.
func (s *Service) SweepGroups(ctx context.Context) error {
	if err := s.sweepHandovers(ctx); err != nil {
		return err
	}
	now := s.o.Now()
	list, err := entries(ctx, s.db, time.UTC, `e.state = 'invited' AND e.offered_until > 0 AND e.offered_until < $1`, db.Micros(now.Add(reminders[0].before)))
	if err != nil || len(list) == 0 {
		return err
	}
	asked, err := invites(ctx, s.db, `e.state = 'invited'`)
	if err != nil {
		return err
	}
	ctx = authz.System(ctx, "registration.groups")
	for _, e := range list {
		m, err := s.meetingOf(ctx, e.Meeting)
		if err != nil {
			return err
		}
		if !passed(e.OfferedUntil, now) {
			err = s.remindDue(ctx, m, e, asked[e.ID])
		} else if e.Folded == "" {
			err = s.lapseQuietly(ctx, m, e)
		} else {
			err = s.lapse(ctx, m, e, "invited")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lapseQuietly gives the place back that was kept for somebody who has another entry: a letter about a cancellation would make them think of
// that one.
func (s *Service) lapseQuietly(ctx context.Context, m *Meeting, e *Entry) error {
	return unlessConflict(s.cancel(ctx, m, e, "invited", "", waived))
}

// remindDue reminds somebody if it is time.
func (s *Service) remindDue(ctx context.Context, m *Meeting, e *Entry, i invite) error {
	now := s.o.Now()
	if i.entry == 0 || i.reminded >= len(reminders) {
		return nil
	}
	due := i.reminded
	for due+1 < len(reminders) && now.After(e.OfferedUntil.Add(-reminders[due+1].before)) {
		due++ // the machine was down, or the time was short: one letter, not two
	}
	r := reminders[due]
	if now.Before(e.OfferedUntil.Add(-r.before)) || now.Before(i.sent.Add(r.since)) {
		return nil
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		i.reminded, i.sent = due+1, now
		if err := storeInvite(ctx, tx, i); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Action: "registration.reminded", Scope: m.Slug, Object: "entry:" + e.Ref, At: now}); err != nil {
			return err
		}
		return s.o.Jobs.Enqueue(ctx, tx, GroupLetter{m.Slug, e.Ref, "reminded", now.Unix(), "", ""})
	})
}
