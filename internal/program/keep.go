package program

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Keeps is what this feature keeps about people: their stars. It is a person.Keeper. What a programme says of its speakers is the meeting's:
// it stays as it was published.
type Keeps struct{}

// Export writes the stars of somebody.
func (Keeps) Export(ctx context.Context, r db.Reader, id person.ID, a *person.Archive) error {
	list, err := allStars(ctx, r, int64(id))
	if err != nil {
		return err
	}
	return a.Add("stars", "program.export.stars", list)
}

// Erase forgets the stars of somebody.
func (Keeps) Erase(ctx context.Context, tx *db.Tx, id person.ID) error {
	return eraseStars(ctx, tx, int64(id))
}

// Merge gives the stars of one account to another.
func (Keeps) Merge(ctx context.Context, tx *db.Tx, from, to person.ID) error {
	return mergeStars(ctx, tx, int64(from), int64(to))
}
