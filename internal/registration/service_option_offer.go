package registration

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// offerChoices offers places that are free to those who wait for them, in their order. Who needs more places than are free keeps their turn
// and holds up nobody.
func (s *Service) offerChoices(ctx context.Context, m *Meeting) error {
	var waiting []*Chosen
	var quotas map[string]Quota
	var draws map[string]*Drawing
	err := s.db.Read(ctx, func(r db.Reader) (err error) {
		if waiting, err = queued(ctx, r, m.Location(), m.ID); err != nil || len(waiting) == 0 {
			return err
		}
		if quotas, err = quotasOf(ctx, r, m.ID); err != nil {
			return err
		}
		draws, err = drawsOf(ctx, r, m.Location(), m.ID)
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range waiting {
		o := m.Option(c.Option)
		if o == nil || o.Slot(c.Slot) == nil || o.undrawn(draws[o.Key]) {
			continue
		}
		q := quotas[c.quota()]
		if left, bound := q.Left(); bound && left < c.Heads() {
			continue
		}
		offered, err := s.offerChoice(ctx, m, o, c)
		if err != nil {
			return err
		}
		if offered {
			q.Taken += c.Heads()
			quotas[c.quota()] = q
		}
	}
	return nil
}

// offerChoice keeps the places of a choice that waits, and reports whether it did.
func (s *Service) offerChoice(ctx context.Context, m *Meeting, o *Option, c *Chosen) (bool, error) {
	until := m.offerUntil(o, o.Slot(c.Slot), s.o.Now())
	if until.IsZero() {
		return false, nil
	}
	err := s.choices(ctx, m, c.Entry, "registration.choice_offered", func(tx *db.Tx, e *Entry, mine []*Chosen) error {
		now := byRef(mine, c.Ref)
		if now == nil || now.State != InLine || e.State != Confirmed {
			return errLater
		}
		ok, err := take(ctx, tx, m.ID, []string{now.quota()}, now.Heads())
		if err != nil {
			return err
		}
		if !ok {
			return errLater
		}
		err = s.move(ctx, tx, m, e, now, "registration.choice_offered", func(c *Chosen) { c.State, c.OfferedUntil = Held, until })
		if err != nil {
			return err
		}
		return s.tellChoice(ctx, tx, m, e, now, "offered", "")
	})
	return err == nil, notNow(err)
}

// notNow is nil of errors that mean that somebody was faster.
func notNow(err error) error {
	if errors.Is(err, errLater) || err != nil && (fault.KindOf(err) == fault.Conflict || fault.KindOf(err) == fault.NotFound) {
		return nil
	}
	return err
}

// SweepOptions does what time brings to options: offers that nobody took end, and places that nobody claimed go to those who wait.
func (s *Service) SweepOptions(ctx context.Context) error {
	ctx = authz.System(ctx, "registration.options")
	now := s.o.Now()
	late, err := lateOffers(ctx, s.db, now)
	if err != nil {
		return err
	}
	var errs []error // what is wrong with one meeting holds up no other
	for _, x := range late {
		m, err := s.meetingOf(ctx, x.meeting)
		if err == nil {
			err = s.expire(ctx, m, x.Chosen)
		}
		errs = append(errs, err)
	}
	all, err := s.events.Meetings(ctx)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	for _, x := range all {
		m, err := s.meeting(ctx, x.Slug)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if last := m.last(); len(m.Options) == 0 || !last.IsZero() && last.Before(now) {
			continue
		}
		if err := s.offerChoices(ctx, m); err != nil { // also those to whom something else happened at that moment before
			return err
		}
		for i := range m.Options {
			if o := &m.Options[i]; m.releases(o, now) {
				errs = append(errs, s.release(ctx, m, o))
			}
		}
	}
	return errors.Join(errs...)
}

// releases reports whether unclaimed places of an option go to others at a time.
func (m *Meeting) releases(o *Option, now time.Time) bool {
	return !o.ReleaseAt.IsZero() && !now.Before(o.ReleaseAt) && !o.Free()
}

// expire ends an offer whose time is over, unless it was taken meanwhile.
func (s *Service) expire(ctx context.Context, m *Meeting, c *Chosen) error {
	return notNow(s.choices(ctx, m, c.Entry, "registration.choice_expired", func(tx *db.Tx, e *Entry, mine []*Chosen) error {
		now := byRef(mine, c.Ref)
		if now == nil || now.State != Held || !passed(now.OfferedUntil, s.o.Now()) {
			return errLater
		}
		if err := s.end(ctx, tx, m, e, now, "registration.choice_expired", "", false); err != nil {
			return err
		}
		return s.tellChoice(ctx, tx, m, e, now, "expired", "")
	}))
}

// unpaid reports that nothing was paid of what is owed. Who paid a part may have paid for just this place.
func (x Standing) unpaid() bool { return x.State == "open" && x.Paid == 0 }

// release takes places that were not paid for by the time that was set back, as many as those who wait can use, the last taken first.
func (s *Service) release(ctx context.Context, m *Meeting, o *Option) error {
	if s.o.Billing == nil {
		return nil
	}
	list, err := holdersOf(ctx, s.db, m.Location(), m.ID, o.Key)
	if err != nil {
		return err
	}
	quotas, err := s.quotas(ctx, m)
	if err != nil {
		return err
	}
	need := map[string]int{}
	var refs []string
	for _, h := range list {
		switch {
		case h.State == InLine && h.Of.State == Confirmed:
			need[h.quota()] += h.Heads()
		case h.State == Taken && h.PricedAt.Before(o.ReleaseAt):
			refs = append(refs, h.Of.Ref)
		}
	}
	if len(need) == 0 || len(refs) == 0 {
		return nil
	}
	paid, err := s.paid(ctx, s.db, m, refs)
	if err != nil {
		return err
	}
	for key := range need {
		left, _ := quotas[key].Left()
		need[key] -= left
	}
	slices.SortFunc(list, func(a, b *Holder) int { return b.PricedAt.Compare(a.PricedAt) })
	for _, h := range list {
		if h.State != Taken || !h.PricedAt.Before(o.ReleaseAt) || !paid[h.Of.Ref].unpaid() || need[h.quota()] <= 0 {
			continue
		}
		released, err := s.releaseOne(ctx, m, h.Chosen)
		if err != nil {
			return err
		}
		if released {
			need[h.quota()] -= h.Heads()
		}
	}
	return nil
}

func (s *Service) releaseOne(ctx context.Context, m *Meeting, c *Chosen) (bool, error) {
	err := s.choices(ctx, m, c.Entry, "registration.choice_released", func(tx *db.Tx, e *Entry, mine []*Chosen) error {
		now := byRef(mine, c.Ref)
		if now == nil || now.State != Taken {
			return errLater
		}
		paid, err := s.paid(ctx, tx, m, []string{e.Ref})
		if err != nil {
			return err
		}
		if !paid[e.Ref].unpaid() {
			return errLater
		}
		if err := s.end(ctx, tx, m, e, now, "registration.choice_released", "", false); err != nil {
			return err
		}
		return s.tellChoice(ctx, tx, m, e, now, "released", "")
	})
	return err == nil, notNow(err)
}
