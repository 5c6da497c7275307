package registration

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// bulkRow is something done to many, as it is stored.
type bulkRow struct {
	ID      int64
	Ref     string
	Meeting event.MeetingID
	Act     string
	Args    string
	Chosen  string
	By      string
	MadeAt  time.Time
	DoneAt  time.Time
}

// oneBulk reads something done to many, or nil.
func oneBulk(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) (*bulkRow, error) {
	var b bulkRow
	var made, done int64
	err := r.Row(ctx, `SELECT b.id, b.ref, b.meeting_id, b.act, b.args, b.chosen, b.made_by, b.made_at, b.done_at FROM registration_bulk b WHERE `+where, args...).
		Scan(&b.ID, &b.Ref, &b.Meeting, &b.Act, &b.Args, &b.Chosen, &b.By, &made, &done)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read an act on many: %w", err)
	}
	b.MadeAt, b.DoneAt = db.Time(made, loc), db.Time(done, loc)
	return &b, nil
}

// insertBulk stores an act on many with its entries.
func insertBulk(ctx context.Context, tx *db.Tx, b *bulkRow, ids []EntryID) error {
	id, err := tx.Insert(ctx, `INSERT INTO registration_bulk (ref, meeting_id, act, args, chosen, made_by, made_at, done_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
		b.Ref, b.Meeting, b.Act, b.Args, b.Chosen, b.By, db.Micros(b.MadeAt))
	if err != nil {
		return fmt.Errorf("store an act on many: %w", err)
	}
	b.ID = id
	return insertMany(ctx, tx, `INSERT INTO registration_bulk_item (bulk_id, entry_id, state, why) VALUES `, `'waiting', ''`, id, ids)
}

// manyRows is how many rows one statement stores.
const manyRows = 400

// insertMany stores a row for each of some entries: the id of what they belong to, the entry, and some constants.
func insertMany(ctx context.Context, tx *db.Tx, into, rest string, id int64, ids []EntryID) error {
	for len(ids) > 0 {
		n := min(len(ids), manyRows)
		var b strings.Builder
		args := []any{id}
		for i, e := range ids[:n] {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "($1, $%d, %s)", i+2, rest)
			args = append(args, e)
		}
		if _, err := tx.Exec(ctx, into+b.String(), args...); err != nil {
			return fmt.Errorf("store who is concerned: %w", err)
		}
		ids = ids[n:]
	}
	return nil
}

// bulkLeft lists entries that an act was not done to yet.
func bulkLeft(ctx context.Context, r db.Reader, id int64, limit int) (out []EntryID, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var e EntryID
		err := rows.Scan(&e)
		out = append(out, e)
		return err
	}, `SELECT entry_id FROM registration_bulk_item WHERE bulk_id = $1 AND state = 'waiting' ORDER BY entry_id LIMIT $2`, id, limit)
	if err != nil {
		return nil, fmt.Errorf("find what is still to be done: %w", err)
	}
	return out, nil
}

// bulkDid notes what became of one entry, and reports whether nobody had yet.
func bulkDid(ctx context.Context, tx *db.Tx, id int64, e EntryID, state, why string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_bulk_item SET state = $1, why = $2 WHERE bulk_id = $3 AND entry_id = $4 AND state = 'waiting'`, state, why, id, e)
	if err != nil {
		return false, fmt.Errorf("note what became of an entry: %w", err)
	}
	return n == 1, nil
}

// bulkDone notes that an act on many is over.
func bulkDone(ctx context.Context, tx *db.Tx, id int64, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE registration_bulk SET done_at = $1 WHERE id = $2 AND done_at = 0`, db.Micros(now), id)
	return err
}

// bulkCounts counts the entries of an act by what became of them.
func bulkCounts(ctx context.Context, r db.Reader, id int64) (map[string]int, error) {
	out := map[string]int{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var state string
		var n int
		err := rows.Scan(&state, &n)
		out[state] = n
		return err
	}, `SELECT state, COUNT(*) FROM registration_bulk_item WHERE bulk_id = $1 GROUP BY state`, id)
	if err != nil {
		return nil, fmt.Errorf("count what was done: %w", err)
	}
	return out, nil
}

// bulkFailed reads why an act failed, by entry.
func bulkFailed(ctx context.Context, r db.Reader, id int64) (map[EntryID]string, error) {
	out := map[EntryID]string{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var e EntryID
		var why string
		err := rows.Scan(&e, &why)
		out[e] = why
		return err
	}, `SELECT entry_id, why FROM registration_bulk_item WHERE bulk_id = $1 AND state = 'failed'`, id)
	if err != nil {
		return nil, fmt.Errorf("read what failed: %w", err)
	}
	return out, nil
}

const postColumns = `p.id, p.ref, p.meeting_id, p.version, p.state, p.chosen, p.subject_ja, p.subject_en, p.body_ja, p.body_en, p.necessary, p.made_at, p.sent_at, p.left_at, p.recipients`

// posts reads letters to many, the newest first.
func posts(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]*Post, error) {
	var out []*Post
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var p Post
		var necessary, made, sent, left int64
		err := rows.Scan(&p.ID, &p.Ref, &p.Meeting, &p.Version, &p.State, &p.Chosen, &p.Subject.JA, &p.Subject.EN, &p.Body.JA, &p.Body.EN, &necessary, &made, &sent, &left, &p.Recipients)
		p.Necessary, p.MadeAt, p.SentAt, p.LeftAt = necessary == 1, db.Time(made, loc), db.Time(sent, loc), db.Time(left, loc)
		out = append(out, &p)
		return err
	}, `SELECT `+postColumns+` FROM registration_post p WHERE `+where+` ORDER BY p.id DESC`, args...)
	if err != nil {
		return nil, fmt.Errorf("read letters to many: %w", err)
	}
	return out, nil
}

// onePost reads a letter to many, or nil.
func onePost(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) (*Post, error) {
	return oneOf(posts(ctx, r, loc, where, args...))
}

// insertPost stores a draft.
func insertPost(ctx context.Context, tx *db.Tx, p *Post) error {
	id, err := tx.Insert(ctx, `INSERT INTO registration_post (ref, meeting_id, version, state, chosen, subject_ja, subject_en, body_ja, body_en, necessary, made_at, sent_at, left_at, recipients)
		VALUES ($1, $2, 1, 'draft', $3, $4, $5, $6, $7, $8, $9, 0, 0, 0)`, p.Ref, p.Meeting, p.Chosen, p.Subject.JA, p.Subject.EN, p.Body.JA, p.Body.EN, bit(p.Necessary), db.Micros(p.MadeAt))
	if err != nil {
		return fmt.Errorf("store a letter to many: %w", err)
	}
	p.ID, p.Version, p.State = id, 1, PostDraft
	return nil
}

// updatePost stores a draft anew, if nobody else did since its version.
func updatePost(ctx context.Context, tx *db.Tx, p *Post) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_post SET chosen = $1, subject_ja = $2, subject_en = $3, body_ja = $4, body_en = $5, necessary = $6, version = version + 1
		WHERE id = $7 AND version = $8 AND state = 'draft'`, p.Chosen, p.Subject.JA, p.Subject.EN, p.Body.JA, p.Body.EN, bit(p.Necessary), p.ID, p.Version)
	if err != nil {
		return false, fmt.Errorf("change a letter to many: %w", err)
	}
	return n == 1, nil
}

// movePost brings a letter from one state to another, and reports whether it was in the first.
func movePost(ctx context.Context, tx *db.Tx, id int64, from, to PostState, sent time.Time, recipients int) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_post SET state = $1, sent_at = $2, recipients = $3, version = version + 1 WHERE id = $4 AND state = $5`,
		to, db.Micros(sent), recipients, id, from)
	if err != nil {
		return false, fmt.Errorf("send a letter to many: %w", err)
	}
	return n == 1, nil
}

// postLeft marks a letter whose time to be taken back is over, and reports whether it still leaves.
func postLeft(ctx context.Context, tx *db.Tx, id int64, sent, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_post SET state = 'sent', left_at = $1 WHERE id = $2 AND sent_at = $3 AND state = 'leaving'`, db.Micros(now), id, db.Micros(sent))
	if err != nil || n == 1 {
		return n == 1, err
	}
	var k int
	err = tx.Row(ctx, `SELECT COUNT(*) FROM registration_post WHERE id = $1 AND sent_at = $2 AND state = 'sent'`, id, db.Micros(sent)).Scan(&k) // it was cut off in between
	return k == 1, err
}

// addPostTo stores who a letter goes to.
func addPostTo(ctx context.Context, tx *db.Tx, id int64, ids []EntryID) error {
	return insertMany(ctx, tx, `INSERT INTO registration_post_to (post_id, entry_id, state) VALUES `, `'waiting'`, id, ids)
}

// dropPostTo forgets who a letter would have gone to.
func dropPostTo(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM registration_post_to WHERE post_id = $1`, id)
	return err
}

// postWaiting lists entries that a letter was not written to yet.
func postWaiting(ctx context.Context, r db.Reader, id int64, limit int) (out []EntryID, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var e EntryID
		err := rows.Scan(&e)
		out = append(out, e)
		return err
	}, `SELECT entry_id FROM registration_post_to WHERE post_id = $1 AND state = 'waiting' ORDER BY entry_id LIMIT $2`, id, limit)
	if err != nil {
		return nil, fmt.Errorf("find whom to write to: %w", err)
	}
	return out, nil
}

// postDid notes what became of the letter to some entries.
func postDid(ctx context.Context, tx *db.Tx, id int64, state string, ids []EntryID) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE registration_post_to SET state = $1 WHERE post_id = $2 AND entry_id IN (`+list(3, len(ids))+`)`, append([]any{state, id}, anys(ids)...)...)
	if err != nil {
		return fmt.Errorf("note to whom was written: %w", err)
	}
	return nil
}

// postKeys are the refs of the entries a letter was written to, and how many were left out.
func postKeys(ctx context.Context, r db.Reader, id int64) (refs []string, skipped int, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var ref, state string
		err := rows.Scan(&ref, &state)
		if state == "skipped" {
			skipped++
		} else {
			refs = append(refs, ref)
		}
		return err
	}, `SELECT e.ref, t.state FROM registration_post_to t JOIN registration_entry e ON e.id = t.entry_id WHERE t.post_id = $1`, id)
	if err != nil {
		return nil, 0, fmt.Errorf("read to whom was written: %w", err)
	}
	return refs, skipped, nil
}

// refused says which addresses want no news.
func refused(ctx context.Context, r db.Reader, addresses []string) (map[string]bool, error) {
	out := map[string]bool{}
	for len(addresses) > 0 {
		n := min(len(addresses), manyRows)
		if err := db.Each(ctx, r, func(rows *sql.Rows) error {
			var s string
			err := rows.Scan(&s)
			out[s] = true
			return err
		}, `SELECT folded FROM registration_refusal WHERE folded IN (`+list(1, n)+`)`, anys(addresses[:n])...); err != nil {
			return nil, fmt.Errorf("read who wants no news: %w", err)
		}
		addresses = addresses[n:]
	}
	return out, nil
}

// refuse notes whether an address wants news.
func refuse(ctx context.Context, tx *db.Tx, folded string, no bool, now time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM registration_refusal WHERE folded = $1`, folded)
	if err == nil && no {
		_, err = tx.Exec(ctx, `INSERT INTO registration_refusal (folded, said_at) VALUES ($1, $2)`, folded, db.Micros(now))
	}
	if err != nil {
		return fmt.Errorf("note whether an address wants news: %w", err)
	}
	return nil
}
