package mail

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Kept is a letter as the outbox remembers it.
type Kept struct {
	Ref      string // its public id
	Kind     string
	To       Address
	Subject  i18n.Text // empty once the content was erased
	Body     i18n.Text
	State    State
	Attempts int
	Reason   string // what the server said last, or why there was no answer
	Queued   time.Time
	Sent     time.Time // zero until the server took it
}

func (s *stored) kept() Kept {
	return Kept{s.ref, s.kind, s.to, s.content.Subject, s.content.Body, s.state, s.attempts, s.reason, s.queued, s.sent}
}

// To lists every letter to an address, the oldest first: what a person may ask to see.
func (b *Outbox) To(ctx context.Context, r db.Reader, address string) ([]Kept, error) {
	list, err := to(ctx, r, Normal(address))
	if err != nil {
		return nil, err
	}
	out := make([]Kept, len(list))
	for i, s := range list {
		out[i] = s.kept()
	}
	return out, nil
}

// States tells what became of letters, by the keys they were given. A key without a letter is not in it.
func (b *Outbox) States(ctx context.Context, r db.Reader, keys []string) (map[string]State, error) {
	return statesByKey(ctx, r, keys)
}

// Forget erases who the letters to an address went to and what they said, and sends none of those that wait. That there were letters, of which
// kind and when, stays.
func (b *Outbox) Forget(ctx context.Context, tx *db.Tx, address string) error {
	if _, err := forget(ctx, tx, Normal(address), b.o.Now()); err != nil {
		return fmt.Errorf("forget the letters to an address: %w", err)
	}
	return nil
}

// Standing is how the outbox is doing.
type Standing struct {
	Count   map[State]int
	Oldest  time.Time // since when the oldest letter waits; zero where none does
	Trouble error     // why this process cannot reach the server, or nil
}

// Standing tells how the outbox is doing.
func (b *Outbox) Standing(ctx context.Context) (Standing, error) {
	count, oldest, err := counts(ctx, b.db, b.o.Now())
	return Standing{count, oldest, b.send.trouble()}, err
}
