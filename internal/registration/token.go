package registration

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
)

// byToken finds the thing that a secret address leads to, with its meeting: find reads it by its ref, and now says in which meeting it is and
// the number of its address now. A token that this program did not write for the purpose, or that is not good any more, leads nowhere.
func byToken[T any](ctx context.Context, s *Service, purpose, token string, find func(ref string) (*T, error), now func(*T) (event.MeetingID, int)) (*T, *Meeting, error) {
	secret, err := s.key(ctx)
	if err != nil {
		return nil, nil, err
	}
	ref := sign.Ref(token)
	if ref == "" {
		return nil, nil, fault.Missing()
	}
	x, err := find(ref)
	if err != nil {
		return nil, nil, err
	}
	if x == nil {
		return nil, nil, fault.Missing()
	}
	id, no := now(x)
	if !sign.Good(token, secret, purpose, ref, no) {
		return nil, nil, fault.Missing()
	}
	m, err := s.meetingOf(ctx, id)
	return x, m, err
}
