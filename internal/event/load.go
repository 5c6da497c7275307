package event

import (
	"context"
	"fmt"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Load reads a meeting as it is inside a transaction or snapshot, past every cache: for whoever changes it there.
func (s *Service) Load(ctx context.Context, r db.Reader, slug string) (*Stored, error) {
	v, err := db.Version(ctx, r, MeetingScope(slug))
	if err != nil {
		return nil, err
	}
	m, err := readMeeting(ctx, r, slug)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, fault.Missing()
	}
	m.Version = v
	return m, nil
}

// Lock makes a change to meetings wait for every other that began before, until its transaction ends. Apply does so itself; whoever reads
// what it will change takes the lock first.
func (s *Service) Lock(ctx context.Context, tx *db.Tx) error {
	if err := lock(ctx, tx); err != nil {
		return fmt.Errorf("wait for other changes: %w", err)
	}
	return nil
}
