package registration

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/job"
)

// Schedule lets the queue do what is done later.
func (s *Service) Schedule(q *job.Queue) {
	job.On(q, "registration.letter", s.Write)
	job.On(q, "registration.offer", s.Offer)
	job.On(q, "registration.bulk", s.RunBulk)
	job.On(q, "registration.post", s.LeavePost)
	job.On(q, "registration.code_letter", s.WriteCode)
	job.On(q, "registration.option_letter", s.WriteChoice)
	job.On(q, "registration.group_letter", s.WriteGroup)
	job.On(q, "registration.handover_letter", s.WriteHandover)
	q.Every("registration.groups", time.Minute, s.SweepGroups)
	q.Every("registration.sweep", time.Minute, s.Sweep)
	q.Every("registration.day", time.Minute, s.DayLetters)
	q.Every("registration.online", 24*time.Hour, s.SweepOnline)
	q.Every("registration.options", time.Minute, s.SweepOptions)
	q.Every("registration.draws", time.Minute, s.Draws)
}

// offersAtOnce bounds one transaction.
const offersAtOnce = 50

// Offer gives places that are free to those who wait, the longest first. Who wants other days than the free ones does not hold up those
// behind them.
func (s *Service) Offer(ctx context.Context, f Freed) error {
	ctx = authz.System(ctx, "registration.offer")
	m, err := s.meeting(ctx, f.Slug)
	if err != nil {
		return err
	}
	for {
		n, err := s.offerEntries(ctx, m)
		if err != nil {
			return err
		}
		if n < offersAtOnce {
			return s.offerChoices(ctx, m)
		}
	}
}

// offerEntries offers places to entries that wait, and counts those it offered one to.
func (s *Service) offerEntries(ctx context.Context, m *Meeting) (int, error) {
	waiting, err := entries(ctx, s.db, m.Location(), `e.meeting_id = $1 AND e.state = 'waiting'`, m.ID)
	if err != nil {
		return 0, err
	}
	quotas, err := s.quotas(ctx, m)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, e := range waiting {
		if n == offersAtOnce {
			break
		}
		if slices.ContainsFunc(e.quotas(), func(k string) bool { q, ok := quotas[k]; return !ok || q.Full() }) {
			continue
		}
		offered, err := s.offerOne(ctx, m, e)
		switch {
		case offered:
			n++
			for _, k := range e.quotas() {
				q := quotas[k]
				q.Taken++
				quotas[k] = q
			}
		case err != nil:
			return n, err
		}
	}
	return n, nil
}

// offerOne keeps a place for somebody who waits, and reports whether it did: somebody else may have been there first.
func (s *Service) offerOne(ctx context.Context, m *Meeting, e *Entry) (bool, error) {
	_, err := s.change(ctx, m, e, "registration.offered", "offered", func(_ *db.Tx, e *Entry) error {
		if e.State != Waiting {
			return fault.New(fault.Conflict, "registration.error.changed")
		}
		now := s.o.Now()
		until := now.Add(m.hold(nil))
		if last := m.last(); !last.IsZero() {
			if !now.Before(last) {
				return fault.New(fault.Conflict, "registration.error.over")
			}
			until = sooner(until, last)
		}
		e.first = true
		e.State, e.OfferedUntil = Offered, until
		return nil
	})
	return err == nil, unlessConflict(err)
}

// Sweep does what time brings: offers that nobody took end, entries whose address nobody proved are cancelled, and what is kept too long is
// erased.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.o.Now()
	late, err := entries(ctx, s.db, time.UTC, `e.state = 'offered' AND e.offered_until < $1`, db.Micros(now))
	if err != nil {
		return err
	}
	unproven, err := entries(ctx, s.db, time.UTC, `e.state IN ('confirmed', 'waiting') AND e.proved_at = 0 AND e.person_id = 0 AND e.folded <> '' AND e.made_at < $1`, db.Micros(now.Add(-time.Hour)))
	if err != nil {
		return err
	}
	ctx = authz.System(ctx, "registration.sweep")
	var errs []error // what is wrong with one meeting holds up no other
	for _, e := range append(late, unproven...) {
		m, err := s.meetingOf(ctx, e.Meeting)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		why := "offer"
		if e.State != Offered {
			if why = "unproven"; now.Before(e.MadeAt.Add(m.proveWithin())) {
				continue
			}
		}
		errs = append(errs, s.lapse(ctx, m, e, why))
	}
	return errors.Join(errors.Join(errs...), s.forget(ctx, now), s.db.Write(ctx, func(tx *db.Tx) error { return forgetRequests(ctx, tx, now.AddDate(0, 0, -7)) }))
}

// Unpaid gives up what an entry did not pay for in time, where the treasurer wants that: what has a price of its own, and the whole entry
// where its kind has. What was paid or approved meanwhile stays, and so does an entry of which a part was paid: a person decides about it.
func (s *Service) Unpaid(ctx context.Context, slug, ref string) error {
	m, err := s.meeting(ctx, slug)
	if err != nil {
		return err
	}
	now, err := currentRef(ctx, s.db, m.ID, ref)
	if err != nil {
		return err
	}
	e, err := oneEntry(ctx, s.db, m.Location(), `e.meeting_id = $1 AND e.ref = $2`, m.ID, cmp.Or(now, ref))
	if err != nil || e == nil || !e.Active() {
		return err
	}
	was, err := formers(ctx, s.db, `f.entry_id = $1`, e.ID)
	if err != nil {
		return err
	}
	received := now == "" && e.Group == "" && len(was) > 0 // it asks whoever took the place over
	if s.o.Billing != nil {
		all, err := s.paid(ctx, s.db, m, []string{e.Ref})
		if x, ok := all[e.Ref]; err != nil || ok && (x.State != "open" || x.Paid > 0 && !received) {
			return err
		}
	}
	if received {
		return s.unpaidAdded(ctx, m, e)
	}
	if k := m.Kind(e.Kind); k != nil && !k.Free() {
		return s.cancel(authz.System(ctx, "registration.overdue"), m, e, "unpaid", "cancelled", waived) // who paid nothing owes no fee either
	}
	_, err = s.change(authz.System(ctx, "registration.overdue"), m, e, "registration.unpaid", "changed", func(tx *db.Tx, e *Entry) error {
		list, err := choicesOf(ctx, tx, m.Location(), `c.entry_id = $1 AND c.state <> 'cancelled'`, e.ID)
		if err != nil {
			return err
		}
		for _, c := range list {
			if o := m.Option(c.Option); o != nil && !o.Free() && c.State.Holds() {
				if err := s.end(ctx, tx, m, e, c, "registration.choice_cancelled", "", false); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return err
}

// unpaidAdded gives up what somebody did not pay for who took a place over: what they added, and nothing that others pay for.
func (s *Service) unpaidAdded(ctx context.Context, m *Meeting, e *Entry) error {
	_, err := s.change(authz.System(ctx, "registration.overdue"), m, e, "registration.unpaid", "changed", func(tx *db.Tx, e *Entry) error {
		own, err := s.o.Billing.Standings(ctx, tx, m.Slug, []string{e.Ref})
		if x, ok := own[e.Ref]; err != nil || ok && (x.State != "open" || x.Paid > 0) {
			return cmp.Or(err, error(fault.New(fault.Conflict, "registration.error.changed")))
		}
		list, err := choicesOf(ctx, tx, m.Location(), `c.entry_id = $1`, e.ID)
		if err != nil {
			return err
		}
		all, err := s.debts(ctx, tx, m, e, list)
		if err != nil {
			return err
		}
		mine, ended := all[len(all)-1].Lines, false
		for _, c := range list {
			i := slices.IndexFunc(mine, func(l Owed) bool { return l.Key == "option:"+c.Option+"/"+c.Slot })
			if i < 0 || c.State != Taken {
				continue
			}
			if n := mine[i].Quantity; n < c.Heads() { // companions whom they bring along in a place that others pay for
				if err := s.move(ctx, tx, m, e, c, "registration.choice_companions", func(c *Chosen) { c.Companions -= n }); err != nil {
					return err
				}
				err = s.emptied(ctx, tx, m, c, n)
			} else {
				err = s.end(ctx, tx, m, e, c, "registration.choice_cancelled", "", false)
			}
			if err != nil {
				return err
			}
			ended = true
		}
		if !ended { // as with a dearer kind: nothing happened that they could be written about
			return errChanged()
		}
		return nil
	})
	return unlessConflict(err)
}

// lapse cancels an entry whose time is over, unless something happened to it meanwhile.
func (s *Service) lapse(ctx context.Context, m *Meeting, e *Entry, why string) error {
	_, err := s.change(ctx, m, e, "registration.lapsed", "cancelled", func(tx *db.Tx, x *Entry) error {
		if x.State != e.State || x.Version != e.Version {
			return fault.New(fault.Conflict, "registration.error.changed")
		}
		x.State, x.CancelledAt, x.Why, x.OfferedUntil, x.Waived = Cancelled, s.o.Now(), why, time.Time{}, true
		return s.dropUnfit(ctx, tx, m, x)
	})
	return unlessConflict(err)
}

// forget erases answers that were to be kept for so many days after the meeting only.
func (s *Service) forget(ctx context.Context, now time.Time) error {
	all, err := s.events.Meetings(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, x := range all {
		m, err := s.meeting(ctx, x.Slug)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		last := m.last()
		if last.IsZero() || last.After(now) {
			continue
		}
		for i := range m.Questions {
			q := &m.Questions[i]
			if q.KeepDays > 0 && now.After(last.AddDate(0, 0, q.KeepDays)) {
				errs = append(errs, s.db.Write(ctx, func(tx *db.Tx) error { return forgetAnswers(ctx, tx, m.ID, q.Key) }))
			}
		}
	}
	return errors.Join(errs...)
}
