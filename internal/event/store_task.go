package event

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// readTasks reads the tasks of a meeting in the order they were made.
func readTasks(ctx context.Context, r db.Reader, meeting MeetingID) ([]Task, error) {
	rows, err := r.Query(ctx, `SELECT id, ref, title, role, anchor, days, notes, origin, made_at, done_at, done_by FROM event_task WHERE meeting_id = $1 ORDER BY id`,
		int64(meeting))
	if err != nil {
		return nil, fmt.Errorf("read the tasks: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Task
	for rows.Next() {
		var t Task
		var made, done int64
		if err := rows.Scan(&t.ID, &t.Ref, &t.Title, &t.Role, &t.Anchor, &t.Days, &t.Notes, &t.Origin, &made, &done, &t.DoneBy); err != nil {
			return nil, fmt.Errorf("read the tasks: %w", err)
		}
		t.Made, t.Done = db.Time(made, time.UTC), db.Time(done, time.UTC)
		out = append(out, t)
	}
	return out, rows.Err()
}

func insertTask(ctx context.Context, tx *db.Tx, meeting MeetingID, t Task) error {
	_, err := tx.Insert(ctx, `INSERT INTO event_task (ref, meeting_id, title, role, anchor, days, notes, origin, made_at, done_at, done_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '')`, t.Ref, int64(meeting), t.Title, string(t.Role), string(t.Anchor), t.Days, t.Notes, t.Origin, db.Micros(t.Made))
	if err != nil {
		return fmt.Errorf("add a task: %w", err)
	}
	return nil
}

func updateTask(ctx context.Context, tx *db.Tx, t Task) error {
	_, err := tx.Exec(ctx, `UPDATE event_task SET title = $2, role = $3, anchor = $4, days = $5, notes = $6, done_at = $7, done_by = $8 WHERE id = $1`,
		t.ID, t.Title, string(t.Role), string(t.Anchor), t.Days, t.Notes, db.Micros(t.Done), t.DoneBy)
	if err != nil {
		return fmt.Errorf("change a task: %w", err)
	}
	return nil
}

func deleteTask(ctx context.Context, tx *db.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM event_task WHERE id = $1`, id); err != nil {
		return fmt.Errorf("remove a task: %w", err)
	}
	return nil
}
