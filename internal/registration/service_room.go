package registration

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Limits of what comes from one network without an account. They are far above what a company or a venue behind one address does at an
// opening; who is above them is asked to sign in, which proves a mail address.
var (
	guestRate = limit.Rate{Burst: 1000, Per: 10 * time.Minute}
	turnRate  = limit.Rate{Burst: 3000, Per: 10 * time.Minute}
)

// Enter is somebody's turn in the waiting room: the one they hold, or a new one at its end. Without a waiting room everybody's turn is now.
func (s *Service) Enter(ctx context.Context, slug, token string) (Turn, error) {
	m, err := s.meeting(ctx, slug)
	if err != nil {
		return Turn{}, err
	}
	now := s.o.Now()
	if m.step() == 0 {
		return Turn{At: now}, nil
	}
	secret, err := s.key(ctx)
	if err != nil {
		return Turn{}, err
	}
	if at := turnOf(secret, slug, token); !at.IsZero() && now.Sub(at) < turnLife {
		used, err := turnUsed(ctx, s.db, turnKey(m, token))
		if err != nil {
			return Turn{}, err
		}
		if !used {
			return m.turn(token, at, now), nil
		}
	}
	var at time.Time
	err = s.db.Together(ctx, func(tx *db.Tx) error {
		if err := guest(ctx, tx, turnRate, "registration.turn", now); err != nil {
			return err
		}
		at, err = nextTurn(ctx, tx, m.ID, now, m.step())
		return err
	})
	if err != nil {
		return Turn{}, err
	}
	return m.turn(signTurn(secret, slug, at, person.NewRef()[:8]), at, now), nil
}

// letIn says why somebody may not send the form now, or nil: it was not their turn yet, or that is long ago.
func (s *Service) letIn(ctx context.Context, m *Meeting, token string) error {
	if m.step() == 0 {
		return nil
	}
	secret, err := s.key(ctx)
	if err != nil {
		return err
	}
	now := s.o.Now()
	at := turnOf(secret, m.Slug, token)
	if at.IsZero() || at.After(now) || now.Sub(at) >= turnLife {
		return fault.New(fault.Conflict, "registration.error.turn")
	}
	return nil
}

// turnKey is under which a turn is kept among the forms that were sent.
func turnKey(m *Meeting, token string) string { return keyOf(m, "turn\x00"+token) }

// takeTurn uses up a turn for an entry: whoever hands theirs on has none left.
func takeTurn(ctx context.Context, tx *db.Tx, m *Meeting, token string, e *Entry) error {
	if m.step() == 0 || token == "" {
		return nil
	}
	fresh, err := useTurn(ctx, tx, turnKey(m, token), e)
	if err == nil && !fresh {
		err = fault.New(fault.Conflict, "registration.error.turn")
	}
	return err
}

// fewGuests is how many registrations of one network each process lets in by itself before the database counts them with those of the others:
// nearly everybody comes from a network of their own, and need not wait for that.
const fewGuests = 50

// crowded reports that so many came from a network lately that they are to be counted.
func (s *Service) crowded(from string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if since := now.Sub(s.guestsSince); since < 0 || since > guestRate.Per || len(s.guests) > 100_000 {
		s.guests, s.guestsSince = map[string]int{}, now
	}
	s.guests[from]++
	return s.guests[from] > fewGuests
}

// guest counts a try of somebody without an account, and says where their network had too many.
func guest(ctx context.Context, tx *db.Tx, r limit.Rate, name string, now time.Time) error {
	who := authz.Who(ctx)
	if who.SignedIn() || who.From == "" {
		return nil
	}
	ok, err := r.Allow(ctx, tx, name, limit.Network(who.From), now)
	if err == nil && !ok {
		err = fault.New(fault.TooMany, "registration.error.many")
	}
	return err
}
