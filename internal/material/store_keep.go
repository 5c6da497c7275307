package material

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// handed is a file as whoever handed it in gets it.
type handed struct {
	Session string    `json:"session"`
	Name    string    `json:"name"`
	Size    int64     `json:"size"`
	Note    string    `json:"note,omitempty"`
	At      time.Time `json:"at"`
}

// handedIn lists what somebody handed in, the first first.
func handedIn(ctx context.Context, r db.Reader, by int64) ([]handed, error) {
	rows, err := r.Query(ctx, `SELECT f.session, v.name, v.size, v.note, v.made_at FROM material_version v JOIN material_file f ON f.id = v.file_id
		WHERE v.made_by = $1 ORDER BY v.id`, by)
	if err != nil {
		return nil, fmt.Errorf("list what somebody handed in: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []handed
	for rows.Next() {
		var h handed
		var at int64
		if err := rows.Scan(&h.Session, &h.Name, &h.Size, &h.Note, &at); err != nil {
			return nil, fmt.Errorf("list what somebody handed in: %w", err)
		}
		h.At = db.Time(at, time.UTC)
		out = append(out, h)
	}
	return out, rows.Err()
}

// moveMaker makes what one person handed in handed in by another, or by nobody.
func moveMaker(ctx context.Context, tx *db.Tx, from, to int64) error {
	for _, q := range [...]string{`UPDATE material_version SET made_by = $2 WHERE made_by = $1`, `UPDATE material_upload SET made_by = $2 WHERE made_by = $1`} {
		if _, err := tx.Exec(ctx, q, from, to); err != nil {
			return fmt.Errorf("change who handed files in: %w", err)
		}
	}
	return nil
}
