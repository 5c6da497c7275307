package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Head is a place of the chain and its hash. Kept somewhere else, it shows later that nothing up to there was replaced.
type Head struct {
	Seal int64  `json:"seal"`
	Hash string `json:"hash"`
}

// Reason says in which way an entry is broken.
type Reason string

// The reasons there are.
const (
	Missing  Reason = "missing"  // the entry at this place of the chain is gone
	Altered  Reason = "altered"  // the entry is not what was recorded
	Values   Reason = "values"   // a value or the address is not what was recorded, or was slipped in
	Moved    Reason = "moved"    // the entry does not follow the one before it: slipped in, moved, or recorded anew
	End      Reason = "end"      // the chain does not end where its head says: entries were cut off or added
	Replaced Reason = "replaced" // the chain does not have the hash that was known from elsewhere
)

// Break is the first broken entry of a chain.
type Break struct {
	Seal   int64  `json:"seal"`         // its place in the chain; 0: it is not sealed yet
	ID     int64  `json:"id,omitempty"` // of the entry; 0 where it is missing
	Reason Reason `json:"reason"`
}

// Verdict is what Verify found.
type Verdict struct {
	Head   Head   `json:"head"`   // the end of the chain as far as it is whole
	Open   int64  `json:"open"`   // committed entries that are not sealed yet
	Oldest int64  `json:"-"`      // when the oldest of them was made that may be sealed, in microseconds; 0 where there is none
	Erased int64  `json:"erased"` // entries of which values or the address were erased
	Break  *Break `json:"break,omitempty"`
}

// Whole reports that nothing is broken.
func (v Verdict) Whole() bool { return v.Break == nil }

// Verify walks the chain from its beginning, on one state of the database, and stops at the first broken entry. Known are heads that
// earlier runs reported and that were kept elsewhere.
func Verify(ctx context.Context, d *db.DB, known ...Head) (Verdict, error) {
	w := walk{known: map[int64]string{}}
	for _, h := range known {
		w.known[h.Seal] = h.Hash
	}
	err := d.Read(ctx, func(r db.Reader) error { return w.run(ctx, r) })
	return w.Verdict, err
}

// walk is Verify on its way.
type walk struct {
	Verdict
	known map[int64]string
}

// errBroken ends a scan at the first broken entry.
var errBroken = errors.New("broken")

func (w *walk) run(ctx context.Context, r db.Reader) error {
	err := scan(ctx, r, ` WHERE e.seal IS NOT NULL ORDER BY e.seal`, nil, func(e *row) error {
		if w.Break = w.step(e); w.Break != nil {
			return errBroken
		}
		return nil
	})
	if errors.Is(err, errBroken) {
		return nil
	}
	if err == nil {
		err = w.end(ctx, r)
	}
	if err != nil || w.Break != nil {
		return err
	}
	return w.open(ctx, r)
}

// step takes the next link of the chain.
func (w *walk) step(e *row) *Break {
	seal := w.Head.Seal + 1
	switch {
	case e.seal != seal:
		return &Break{Seal: seal, Reason: Missing}
	case e.sumEntry() != e.digest:
		return &Break{seal, e.id, Altered}
	case link(w.Head.Hash, seal, e.id, e.digest) != e.chain:
		return &Break{seal, e.id, Moved}
	}
	if b := w.values(e); b != nil {
		return b
	}
	if hash, ok := w.known[seal]; ok && hash != e.chain {
		return &Break{seal, e.id, Replaced}
	}
	w.Head = Head{seal, e.chain}
	return nil
}

// values compares what is left of an entry's values with its marks.
func (w *walk) values(e *row) *Break {
	marks, values, address, err := e.read()
	if err != nil {
		return &Break{e.seal, e.id, Values}
	}
	if address != nil {
		if address.Name != addressMark {
			return &Break{e.seal, e.id, Values}
		}
		values = append(values, *address)
	}
	for _, h := range values {
		if marks[h.Name] != h.mark() {
			return &Break{e.seal, e.id, Values}
		}
		delete(marks, h.Name)
	}
	if len(marks) > 0 {
		w.Erased++
	}
	return nil
}

// end compares the end that was reached with the head, and with heads known beyond it.
func (w *walk) end(ctx context.Context, r db.Reader) error {
	var head Head
	err := r.Row(ctx, `SELECT seal, hash FROM audit_head WHERE id = 1`).Scan(&head.Seal, &head.Hash)
	if err != nil && !db.IsNoRows(err) {
		return fmt.Errorf("read the end of the audit chain: %w", err)
	}
	if head != w.Head {
		w.Break = &Break{Seal: w.Head.Seal + 1, Reason: End}
	}
	for seal := range w.known {
		if seal > w.Head.Seal && w.Break == nil {
			w.Break = &Break{Seal: w.Head.Seal + 1, Reason: Missing}
		}
	}
	return nil
}

// open looks at the entries that are not sealed yet.
func (w *walk) open(ctx context.Context, r db.Reader) error {
	var oldest sql.NullInt64
	if err := r.Row(ctx, `SELECT count(*), min(CASE WHEN secret THEN NULL ELSE at END) FROM audit_entry WHERE seal IS NULL`).Scan(&w.Open, &oldest); err != nil {
		return fmt.Errorf("count the open audit entries: %w", err)
	}
	w.Oldest = oldest.Int64
	err := scan(ctx, r, ` WHERE e.seal IS NULL ORDER BY e.id`, nil, func(e *row) error {
		if w.Break = w.values(e); e.sumEntry() != e.digest {
			w.Break = &Break{0, e.id, Altered}
		}
		if w.Break != nil {
			return errBroken
		}
		return nil
	})
	if errors.Is(err, errBroken) {
		return nil
	}
	return err
}

// Waiting says for how long the oldest entry has been waiting to be sealed.
func (v Verdict) Waiting(now time.Time) time.Duration {
	if v.Oldest == 0 {
		return 0
	}
	return now.Sub(time.UnixMicro(v.Oldest))
}
