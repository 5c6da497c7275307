package program

import (
	"context"
	"errors"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Keeps is what this feature keeps about people: their stars, and what speakers suggested and said of when they are away. It is a person.Keeper. What a programme says of its speakers is the meeting's:
// it stays as it was published.
type Keeps struct{}

// Export writes the stars of somebody.
func (Keeps) Export(ctx context.Context, r db.Reader, id person.ID, a *person.Archive) error {
	list, err := allStars(ctx, r, int64(id))
	if err != nil {
		return err
	}
	suggestions, err := allSuggestions(ctx, r, int64(id))
	if err != nil {
		return err
	}
	absences, err := allAbsences(ctx, r, int64(id))
	if err != nil {
		return err
	}
	return errors.Join(a.Add("stars", "program.export.stars", list), a.Add("suggestions", "program.export.suggestions", suggestions),
		a.Add("absences", "program.export.absences", absences))
}

// Erase forgets the stars of somebody, and what they said as a speaker.
func (Keeps) Erase(ctx context.Context, tx *db.Tx, id person.ID) error {
	return errors.Join(eraseStars(ctx, tx, int64(id)), eraseSpeaking(ctx, tx, int64(id)))
}

// Merge gives what is kept of one account to another.
func (Keeps) Merge(ctx context.Context, tx *db.Tx, from, to person.ID) error {
	return errors.Join(mergeStars(ctx, tx, int64(from), int64(to)), mergeSpeaking(ctx, tx, int64(from), int64(to)))
}
