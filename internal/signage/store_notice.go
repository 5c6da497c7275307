package signage

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

const noticeColumns = `id, ref, key, title_ja, title_en, body_ja, body_en, picture_ja, picture_en, link, standing, published, urgent, seconds,
	from_at, until_at, days, hours, targets, position, version`

func scanNotice(scan func(...any) error, loc *time.Location) (*Notice, error) {
	var n Notice
	var key sql.NullString
	var from, until int64
	var days, hours, targets string
	err := scan(&n.ID, &n.Ref, &key, &n.Title.JA, &n.Title.EN, &n.Body.JA, &n.Body.EN, &n.Picture.JA, &n.Picture.EN, &n.Link, &n.Standing, &n.Published,
		&n.Urgent, &n.Seconds, &from, &until, &days, &hours, &targets, &n.Position, &n.Version)
	if err != nil {
		return nil, err
	}
	n.Key = key.String
	n.Schedule = Schedule{From: db.Time(from, loc), Until: db.Time(until, loc), Days: parseDays(days), Hours: parseHours(hours)}
	if targets != "" {
		n.Targets = strings.Split(targets, "\n")
	}
	return &n, nil
}

// readNotices lists the notices of a meeting in the order of the desk, their times in loc.
func readNotices(ctx context.Context, r db.Reader, m event.MeetingID, loc *time.Location) ([]*Notice, error) {
	rows, err := r.Query(ctx, `SELECT `+noticeColumns+` FROM signage_notice WHERE meeting_id = $1 ORDER BY position, id`, int64(m))
	if err != nil {
		return nil, fmt.Errorf("read the notices: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []*Notice
	for rows.Next() {
		n, err := scanNotice(rows.Scan, loc)
		if err != nil {
			return nil, fmt.Errorf("read the notices: %w", err)
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// readNotice finds a notice of a meeting; one of another meeting is missing.
func readNotice(ctx context.Context, r db.Reader, m event.MeetingID, ref string, loc *time.Location) (*Notice, error) {
	n, err := scanNotice(r.Row(ctx, `SELECT `+noticeColumns+` FROM signage_notice WHERE ref = $1 AND meeting_id = $2`, ref, int64(m)).Scan, loc)
	if db.IsNoRows(err) {
		return nil, fault.Missing()
	}
	if err != nil {
		return nil, fmt.Errorf("find a notice: %w", err)
	}
	return n, nil
}

// values are the columns of a notice that the desk decides.
func (n *Notice) values() []any {
	return []any{
		n.Title.JA, n.Title.EN, n.Body.JA, n.Body.EN, n.Picture.JA, n.Picture.EN, n.Link, string(n.Standing), n.Published, n.Urgent, n.Seconds,
		db.Micros(n.Schedule.From), db.Micros(n.Schedule.Until), writeDays(n.Schedule.Days), writeHours(n.Schedule.Hours), strings.Join(n.Targets, "\n"),
	}
}

// addNotice puts a notice at the end.
func addNotice(ctx context.Context, tx *db.Tx, meeting int64, n *Notice) error {
	if err := tx.Row(ctx, `SELECT COALESCE(MAX(position), 0) + 1 FROM signage_notice WHERE meeting_id = $1`, meeting).Scan(&n.Position); err != nil {
		return fmt.Errorf("add a notice: %w", err)
	}
	args := append(n.values(), meeting, n.Ref, nullable(n.Key), n.Position)
	id, err := tx.Insert(ctx, `INSERT INTO signage_notice (title_ja, title_en, body_ja, body_en, picture_ja, picture_en, link, standing, published, urgent, seconds,
		from_at, until_at, days, hours, targets, meeting_id, ref, key, position, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 1)`, args...)
	if err != nil {
		return fmt.Errorf("add a notice: %w", err)
	}
	n.ID, n.Version = id, 1
	return nil
}

// saveNotice writes a notice over the version it was read in. It returns false where somebody changed it meanwhile.
func saveNotice(ctx context.Context, tx *db.Tx, n *Notice) (bool, error) {
	args := append(n.values(), n.ID, n.Version)
	rows, err := tx.Exec(ctx, `UPDATE signage_notice SET title_ja = $1, title_en = $2, body_ja = $3, body_en = $4, picture_ja = $5, picture_en = $6, link = $7,
		standing = $8, published = $9, urgent = $10, seconds = $11, from_at = $12, until_at = $13, days = $14, hours = $15, targets = $16, version = version + 1
		WHERE id = $17 AND version = $18`, args...)
	if err != nil {
		return false, fmt.Errorf("change the notice %s: %w", n.Ref, err)
	}
	return rows == 1, nil
}

func placeNotice(ctx context.Context, tx *db.Tx, id, position int64) error {
	if _, err := tx.Exec(ctx, `UPDATE signage_notice SET position = $2 WHERE id = $1`, id, position); err != nil {
		return fmt.Errorf("order the notices: %w", err)
	}
	return nil
}

func dropNotice(ctx context.Context, tx *db.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM signage_notice WHERE id = $1`, id); err != nil {
		return fmt.Errorf("remove a notice: %w", err)
	}
	return nil
}

func countNotices(ctx context.Context, r db.Reader, meeting int64) (int, error) {
	var n int
	if err := r.Row(ctx, `SELECT COUNT(*) FROM signage_notice WHERE meeting_id = $1`, meeting).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the notices: %w", err)
	}
	return n, nil
}
