package material

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Keeps is what this feature keeps about people: who handed files in. It is a person.Keeper.
type Keeps struct{ *Service }

// Export lists what somebody handed in. The files themselves are the meeting's, and can be got from their sessions.
func (k Keeps) Export(ctx context.Context, r db.Reader, id person.ID, a *person.Archive) error {
	list, err := handedIn(ctx, r, int64(id))
	if err != nil {
		return err
	}
	return a.Add("materials", "material.export", list)
}

// Erase forgets who handed files in. The files stay: they are part of the meeting.
func (k Keeps) Erase(ctx context.Context, tx *db.Tx, id person.ID) error {
	return moveMaker(ctx, tx, int64(id), 0)
}

// Merge makes what one account handed in handed in by another.
func (k Keeps) Merge(ctx context.Context, tx *db.Tx, from, to person.ID) error {
	return moveMaker(ctx, tx, int64(from), int64(to))
}
