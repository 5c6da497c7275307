package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// sealable are the entries that may be sealed: all that are open, but secret ones whose day is not over.
const sealable = ` FROM audit_entry WHERE seal IS NULL AND (NOT secret OR at < $1)`

func anyOpen(ctx context.Context, r db.Reader, today time.Time) (bool, error) {
	var one int
	err := r.Row(ctx, `SELECT 1`+sealable+` LIMIT 1`, db.Micros(today)).Scan(&one)
	if db.IsNoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for open audit entries: %w", err)
	}
	return true, nil
}

// sealBatch seals at most limit entries in one transaction. The head is updated first, which makes other sealers wait; nobody else does.
func sealBatch(ctx context.Context, d *db.DB, today time.Time, limit int) (int, error) {
	n := 0
	err := d.Write(ctx, func(tx *db.Tx) error {
		n = 0
		if _, err := tx.Exec(ctx, `UPDATE audit_head SET seal = seal WHERE id = 1`); err != nil {
			return err
		}
		var h Head
		if err := tx.Row(ctx, `SELECT seal, hash FROM audit_head WHERE id = 1`).Scan(&h.Seal, &h.Hash); err != nil {
			return err
		}
		links, err := openLinks(ctx, tx, today, limit)
		if err != nil || len(links.ids) == 0 {
			return err
		}
		for i, id := range links.ids {
			h.Seal++
			h.Hash = link(h.Hash, h.Seal, id, links.digests[i])
			links.seals, links.chains = append(links.seals, h.Seal), append(links.chains, h.Hash)
		}
		if err := links.save(ctx, tx); err != nil {
			return err
		}
		n = len(links.ids)
		_, err = tx.Exec(ctx, `UPDATE audit_head SET seal = $1, hash = $2 WHERE id = 1`, h.Seal, h.Hash)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("seal the audit log: %w", err)
	}
	return n, nil
}

// links are entries on their way into the chain, a list for each column.
type links struct {
	ids     []int64
	digests []string
	seals   []int64
	chains  []string
}

func openLinks(ctx context.Context, tx *db.Tx, today time.Time, limit int) (*links, error) {
	rows, err := tx.Query(ctx, `SELECT id, digest`+sealable+` ORDER BY id LIMIT $2`, db.Micros(today), limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	l := &links{}
	for rows.Next() {
		var id int64
		var digest string
		if err := rows.Scan(&id, &digest); err != nil {
			return nil, err
		}
		l.ids, l.digests = append(l.ids, id), append(l.digests, digest)
	}
	return l, rows.Err()
}

// save writes the seals: on PostgreSQL in one trip.
func (l *links) save(ctx context.Context, tx *db.Tx) error {
	if tx.Engine() == db.Postgres {
		_, err := tx.Exec(ctx, `UPDATE audit_entry e SET seal = l.seal, chain = l.chain
			FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS l (id, seal, chain) WHERE e.id = l.id`, l.ids, l.seals, l.chains)
		return err
	}
	for i, id := range l.ids {
		if _, err := tx.Exec(ctx, `UPDATE audit_entry SET seal = $1, chain = $2 WHERE id = $3`, l.seals[i], l.chains[i], id); err != nil {
			return err
		}
	}
	return nil
}
