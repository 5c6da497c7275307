package event

import (
	"context"
	"slices"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Holding is a role that somebody holds on one thing of a meeting.
type Holding struct {
	Slug   string
	Object string
	Role   RoleKey
}

// HoldingsOf are the roles that a person holds on things now, of the keys given, in all meetings: one statement.
func (s *Service) HoldingsOf(ctx context.Context, r db.Reader, person int64, roles ...RoleKey) ([]Holding, error) {
	list, err := readHeld(ctx, r, person)
	if err != nil {
		return nil, err
	}
	var out []Holding
	for _, h := range list {
		if h.Object == "" || !slices.Contains(roles, h.Role) || !h.Until.IsZero() && !h.Until.After(s.o.Now()) {
			continue
		}
		if one := (Holding{h.Slug, h.Object, h.Role}); !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out, nil
}
