package briefing

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Keeps is what this feature keeps about people: what they were told, and whether they acknowledged it. It is a person.Keeper. How to reach a
// speaker without an account is about nobody's account; those who send briefings forget it.
type Keeps struct{ *Service }

// toldOnce is one thing that somebody was told, as they get to see it.
type toldOnce struct {
	Meeting      string    `json:"meeting"`
	Subject      string    `json:"subject"`
	Duties       []Duty    `json:"duties"`
	Sessions     []string  `json:"sessions"`
	Acknowledged time.Time `json:"acknowledged,omitzero"`
	How          string    `json:"how,omitempty"`
}

// exported is what is kept about somebody.
func exported(ctx context.Context, r db.Reader, id int64) ([]toldOnce, error) {
	list, err := ownRecipients(ctx, r, id, time.UTC)
	out := make([]toldOnce, 0, len(list))
	for _, p := range list {
		out = append(out, toldOnce{p.Slug, p.Item.Subject.String(), p.Duties, p.Sessions, p.Acknowledged, p.How})
	}
	return out, err
}

// Export writes what somebody was told and asked to acknowledge.
func (k Keeps) Export(ctx context.Context, r db.Reader, id person.ID, a *person.Archive) error {
	list, err := exported(ctx, r, int64(id))
	if err != nil || len(list) == 0 {
		return err
	}
	return a.Add("briefings", "briefing.export", list)
}

// Erase forgets somebody. That somebody was told, and acknowledged, stays as a number.
func (k Keeps) Erase(ctx context.Context, tx *db.Tx, id person.ID) error {
	return erasePerson(ctx, tx, int64(id))
}

// Merge gives what one account was told to another.
func (k Keeps) Merge(ctx context.Context, tx *db.Tx, from, to person.ID) error {
	return mergePerson(ctx, tx, int64(from), int64(to))
}

// keptAfter is how long after a meeting it is known how to reach its people.
const keptAfter = 60 * 24 * time.Hour

// Sweep forgets how to reach people of meetings that are long over, and what they wrote. Names and acknowledgements stay for the next chair.
func (s *Service) Sweep(ctx context.Context) error {
	all, err := s.events.Meetings(ctx)
	if err != nil {
		return err
	}
	now := s.o.Now()
	return s.db.Write(ctx, func(tx *db.Tx) error {
		for _, m := range all {
			last := m.LastDay().Time(m.Location())
			if last.IsZero() || now.Sub(last) < keptAfter {
				continue
			}
			if _, err := forgetMeeting(ctx, tx, m.ID); err != nil {
				return err
			}
		}
		return nil
	})
}
