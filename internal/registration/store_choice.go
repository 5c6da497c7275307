package registration

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// choicesOf reads what people chose, in the order in which they asked.
func choicesOf(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]*Chosen, error) {
	var out []*Chosen
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var c Chosen
		var asked, priced, offered, changed int64
		err := rows.Scan(&c.ID, &c.Ref, &c.Entry, &c.Option, &c.Slot, &c.State, &c.Companions, &c.Place, &asked, &priced, &offered, &changed)
		c.AskedAt, c.PricedAt, c.OfferedUntil, c.ChangedAt = db.Time(asked, loc), db.Time(priced, loc), db.Time(offered, loc), db.Time(changed, loc)
		out = append(out, &c)
		return err
	}, `SELECT c.id, c.ref, c.entry_id, c.option, c.slot, c.state, c.companions, c.place, c.asked_at, c.priced_at, c.offered_until, c.changed_at
		FROM registration_choice c WHERE `+where+` ORDER BY c.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read what was chosen: %w", err)
	}
	return out, nil
}

// insertChoice stores what somebody chose. Its place in a waiting list is the order of asking.
func insertChoice(ctx context.Context, tx *db.Tx, e *Entry, c *Chosen) error {
	id, err := tx.Insert(ctx, `INSERT INTO registration_choice (ref, meeting_id, entry_id, option, slot, state, companions, place, asked_at, priced_at, offered_until, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		c.Ref, e.Meeting, e.ID, c.Option, c.Slot, c.State, c.Companions, c.Place, db.Micros(c.AskedAt), db.Micros(c.PricedAt), db.Micros(c.OfferedUntil), db.Micros(c.ChangedAt))
	if err != nil {
		return fmt.Errorf("store a choice: %w", err)
	}
	c.ID, c.Entry = id, e.ID
	return nil
}

// updateChoice stores the state of a choice if it is still the one that was read, and reports whether it was.
func updateChoice(ctx context.Context, tx *db.Tx, c *Chosen, was ChoiceState) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_choice SET state = $1, companions = $2, place = $3, priced_at = $4, offered_until = $5, changed_at = $6 WHERE id = $7 AND state = $8`,
		c.State, c.Companions, c.Place, db.Micros(c.PricedAt), db.Micros(c.OfferedUntil), db.Micros(c.ChangedAt), c.ID, was)
	if err != nil {
		return false, fmt.Errorf("change a choice: %w", err)
	}
	return n == 1, nil
}

// holders lists who has a place in one of some slots: row ids of accounts, with the options.
func holders(ctx context.Context, r db.Reader, m event.MeetingID, options []string) (map[int64][]string, error) {
	out := map[int64][]string{}
	if len(options) == 0 {
		return out, nil
	}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var id int64
		var option string
		err := rows.Scan(&id, &option)
		out[id] = append(out[id], option)
		return err
	}, `SELECT DISTINCT e.person_id, c.option FROM registration_choice c JOIN registration_entry e ON e.id = c.entry_id
		WHERE c.meeting_id = $1 AND c.state IN ('taken', 'offered') AND e.person_id <> 0 AND c.option IN (`+list(2, len(options))+`)`, append([]any{m}, anys(options)...)...)
	if err != nil {
		return nil, fmt.Errorf("find who has a place in a session: %w", err)
	}
	return out, nil
}
