package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// damage lists what SQLite finds wrong with its file, at most a few problems, or nothing.
func damage(ctx context.Context, d *db.DB) (string, error) {
	rows, err := d.Query(ctx, "PRAGMA quick_check(5)")
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	var found []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return "", err
		}
		if s != "ok" {
			found = append(found, s)
		}
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	var lost int
	if err := d.Row(ctx, "SELECT count(*) FROM pragma_foreign_key_check").Scan(&lost); err != nil {
		return "", err
	}
	if lost > 0 {
		found = append(found, fmt.Sprintf("%d rows name rows that are gone", lost))
	}
	return strings.Join(found, "; "), nil
}
