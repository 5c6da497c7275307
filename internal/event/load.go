package event

import (
	"context"

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
