package material

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

const uploadColumns = `u.public_id, m.slug, u.session, u.version_of, u.kind, u.label_ja, u.label_en, u.opens, u.note, u.name, u.size, u.made_by,
	u.expires_at, u.became`

func addUpload(ctx context.Context, tx *db.Tx, m event.MeetingID, u *Upload) error {
	_, err := tx.Exec(ctx, `INSERT INTO material_upload (public_id, meeting_id, session, version_of, kind, label_ja, label_en, opens, note, name, size,
		made_by, expires_at, became) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`, u.ID, m, u.Ref, u.Of, u.About.Kind,
		u.About.Label.JA, u.About.Label.EN, u.About.Opens, u.Note, u.Name, u.Size, u.By, db.Micros(u.Expires), u.Became)
	if err != nil {
		return fmt.Errorf("begin an upload: %w", err)
	}
	return nil
}

// scanUpload reads the columns of uploadColumns.
func scanUpload(scan func(...any) error) (*Upload, error) {
	var u Upload
	var expires int64
	err := scan(&u.ID, &u.Slug, &u.Ref, &u.Of, &u.About.Kind, &u.About.Label.JA, &u.About.Label.EN, &u.About.Opens, &u.Note, &u.Name, &u.Size, &u.By,
		&expires, &u.Became)
	u.Expires = db.Time(expires, time.UTC)
	return &u, err
}

// loadUpload reads an upload, or nil where there is none of that name.
func loadUpload(ctx context.Context, r db.Reader, id string) (*Upload, error) {
	u, err := scanUpload(r.Row(ctx, `SELECT `+uploadColumns+` FROM material_upload u JOIN event_pub_meeting m ON m.id = u.meeting_id WHERE u.public_id = $1`, id).Scan)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load an upload: %w", err)
	}
	return u, nil
}

// unfinished lists what a person has unfinished that has not expired.
func unfinished(ctx context.Context, r db.Reader, by int64, now time.Time) ([]*Upload, error) {
	var list []*Upload
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		u, err := scanUpload(rows.Scan)
		list = append(list, u)
		return err
	}, `SELECT `+uploadColumns+` FROM material_upload u JOIN event_pub_meeting m ON m.id = u.meeting_id
		WHERE u.made_by = $1 AND u.became = '' AND u.expires_at > $2 ORDER BY u.id`, by, db.Micros(now))
	if err != nil {
		return nil, fmt.Errorf("list unfinished uploads: %w", err)
	}
	return list, nil
}

// prolong gives an upload more time.
func prolong(ctx context.Context, tx *db.Tx, id string, until time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE material_upload SET expires_at = $1 WHERE public_id = $2`, db.Micros(until), id); err != nil {
		return fmt.Errorf("prolong an upload: %w", err)
	}
	return nil
}

// finishUpload says what an upload has become, and reports whether it was unfinished until now.
func finishUpload(ctx context.Context, tx *db.Tx, id, became string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE material_upload SET became = $1 WHERE public_id = $2 AND became = ''`, became, id)
	if err != nil {
		return false, fmt.Errorf("finish an upload: %w", err)
	}
	return n == 1, nil
}

func removeUpload(ctx context.Context, tx *db.Tx, id string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM material_upload WHERE public_id = $1`, id); err != nil {
		return fmt.Errorf("remove an upload: %w", err)
	}
	return nil
}

// removeExpired removes the uploads whose time is over, and returns those that are left.
func removeExpired(ctx context.Context, tx *db.Tx, now time.Time) (left map[string]bool, err error) {
	if _, err := tx.Exec(ctx, `DELETE FROM material_upload WHERE expires_at <= $1`, db.Micros(now)); err != nil {
		return nil, fmt.Errorf("remove expired uploads: %w", err)
	}
	left = map[string]bool{}
	err = db.Each(ctx, tx, func(rows *sql.Rows) error {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		left[id] = true
		return nil
	}, `SELECT public_id FROM material_upload WHERE became = ''`)
	return left, err
}
