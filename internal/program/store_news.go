package program

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// releaseRange reads what changed in the releases from one number to another, newest first.
func releaseRange(ctx context.Context, r db.Reader, m *event.Stored, from, to int) ([]Release, error) {
	var list []Release
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		rel, _, err := scanRelease(rows.Scan, m, false)
		list = append(list, rel)
		return err
	}, `SELECT number, name, released_at, source, changes, common FROM program_release
		WHERE meeting_id = $1 AND number BETWEEN $2 AND $3 ORDER BY number DESC`, m.ID, from, to)
	if err != nil {
		return nil, fmt.Errorf("list the releases %d to %d: %w", from, to, err)
	}
	return list, nil
}

// newestOfAll reads the newest release of every meeting: one statement.
func newestOfAll(ctx context.Context, r db.Reader, meetings map[event.MeetingID]*event.Stored, use func(*event.Stored, Release, *Frozen)) error {
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var id event.MeetingID
		var at int64
		var rel Release
		var packed []byte
		if err := rows.Scan(&id, &rel.Number, &at, &packed); err != nil {
			return err
		}
		m := meetings[id]
		if m == nil {
			return nil // added after the list of meetings was read
		}
		rel.At = db.Time(at, m.Location())
		f, err := unpack(packed, m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Slug, err)
		}
		use(m, rel, f)
		return nil
	}, `SELECT r.meeting_id, r.number, r.released_at, r.frozen FROM program_release r
		JOIN (SELECT meeting_id, MAX(number) AS number FROM program_release GROUP BY meeting_id) last
			ON last.meeting_id = r.meeting_id AND last.number = r.number ORDER BY r.meeting_id`)
	if err != nil {
		return fmt.Errorf("read the newest release of every meeting: %w", err)
	}
	return nil
}
