package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Erased counts what an erasure took away.
type Erased struct {
	Addresses int64 // entries that no longer say from where
	Values    int64 // entries that no longer hold all of their values
}

// EraseActor takes away what the log knows about a person, by their public id: from where they did what they did, and the values of
// every entry about them, whoever made it. What they changed in the programme stays readable, since it is the meeting's; what they did
// stays, as an act of an opaque id that leads to nobody. Fields that hold a person's data in entries about something else go by
// EraseValues, which the feature that recorded them calls.
//
// What remains of an erased value is a hash whose random salt is gone, so the chain still verifies.
func EraseActor(ctx context.Context, tx *db.Tx, person string) (Erased, error) {
	var n Erased
	if person == "" {
		return n, nil
	}
	var err error
	if n.Addresses, err = tx.Exec(ctx, `UPDATE audit_value SET address = ''
		WHERE address <> '' AND entry IN (SELECT id FROM audit_entry WHERE actor = $1)`, person); err != nil {
		return n, fmt.Errorf("erase addresses of the audit log: %w", err)
	}
	if n.Values, err = tx.Exec(ctx, `UPDATE audit_value SET content = ''
		WHERE content <> '' AND entry IN (SELECT id FROM audit_entry WHERE about = $1 AND about <> '')`, person); err != nil {
		return n, fmt.Errorf("erase values of the audit log: %w", err)
	}
	return n, nil
}

// EraseValues takes away fields of every entry of an object, or all of its fields where none is named.
func EraseValues(ctx context.Context, tx *db.Tx, scope, object string, fields ...string) (Erased, error) {
	var n Erased
	if len(fields) == 0 {
		var err error
		n.Values, err = tx.Exec(ctx, `UPDATE audit_value SET content = ''
			WHERE content <> '' AND entry IN (SELECT id FROM audit_entry WHERE scope = $1 AND object = $2)`, scope, object)
		if err != nil {
			return n, fmt.Errorf("erase values of the audit log: %w", err)
		}
		return n, nil
	}
	rows, err := query(ctx, tx, ` WHERE e.scope = $1 AND e.object = $2 AND v.content <> ''`, scope, object)
	if err != nil {
		return n, err
	}
	for i := range rows {
		content, changed, err := without(rows[i].content, fields)
		if err != nil {
			return n, fmt.Errorf("audit entry %d: %w", rows[i].id, err)
		}
		if !changed {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE audit_value SET content = $1 WHERE entry = $2`, content, rows[i].id); err != nil {
			return n, fmt.Errorf("erase values of the audit log: %w", err)
		}
		n.Values++
	}
	return n, nil
}

// without takes fields out of the content of an entry.
func without(content string, fields []string) (string, bool, error) {
	var list []held
	if err := json.Unmarshal([]byte(content), &list); err != nil {
		return "", false, fmt.Errorf("read the values: %w", err)
	}
	kept := slices.DeleteFunc(slices.Clone(list), func(h held) bool { return slices.Contains(fields, h.Name) })
	if len(kept) == len(list) {
		return content, false, nil
	}
	if len(kept) == 0 {
		return "", true, nil
	}
	b, err := json.Marshal(kept)
	return string(b), true, err
}

// ForgetAddresses takes away from where things were done before a moment: an address serves to find out what went on, and that is over
// after some months.
func ForgetAddresses(ctx context.Context, tx *db.Tx, before time.Time) (int64, error) {
	n, err := tx.Exec(ctx, `UPDATE audit_value SET address = ''
		WHERE address <> '' AND entry IN (SELECT id FROM audit_entry WHERE at < $1)`, db.Micros(before))
	if err != nil {
		return 0, fmt.Errorf("forget addresses of the audit log: %w", err)
	}
	return n, nil
}
