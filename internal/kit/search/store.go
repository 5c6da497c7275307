package search

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// The ids count backwards in time, so that reading the index forward reads the newest first and nothing has to be sorted. A doc's id
// is the minute of Doc.At (28 bits, to the year 2480, counted back from the end) and a slot within that minute (25 bits). A passage's
// id is its doc's id, its language (1 bit) and its number (9 bits).
const (
	minuteBits, slotBits, langBits, partBits = 28, 25, 1, 9

	passageBits = langBits + partBits
)

// firstID is the id before every doc of a minute.
func firstID(d *Doc) int64 {
	const most = 1<<minuteBits - 1
	var minute int64
	if !d.At.IsZero() {
		minute = min(max(0, d.At.Unix()/60), most)
	}
	return (most - minute) << slotBits
}

// slot is where a doc looks for a free id in its minute first.
func slot(d *Doc) int64 {
	return int64(binary.BigEndian.Uint64(hash(d.Kind, d.Key)) >> (64 - slotBits))
}

func (p *passage) id(doc int64) int64 {
	id := doc<<langBits | langBit(p.lang)
	return id<<partBits | int64(p.part)
}

func langBit(l i18n.Lang) int64 {
	if l == i18n.EN {
		return 1
	}
	return 0
}

func langOf(passage int64) i18n.Lang {
	if passage>>partBits&1 == 1 {
		return i18n.EN
	}
	return i18n.JA
}

// digest is the hash of everything about a doc.
func (d *Doc) digest() []byte {
	return hash(d.Scope, d.Kind, d.Key, d.URL, d.Title.JA, d.Title.EN, d.Context.JA, d.Context.EN, d.Words,
		d.Body.JA, d.Body.EN, fmt.Sprint(db.Micros(d.At)))
}

// How long names may be, in bytes: a lexeme of PostgreSQL has at most 2,046, and an entry of its indexes not many more.
const (
	maxName = 200
	maxKey  = 1000
)

func (d *Doc) check() error {
	for i, s := range []string{d.Scope, d.Kind, d.Key} {
		if most := []int{maxName, maxName, maxKey}[i]; s == "" || len(s) > most || clean(s, 0) != s {
			return fmt.Errorf("search: %.100q is no name for a doc", s)
		}
	}
	return nil
}

// Put makes a doc to be found, or brings it up to date. It says whether anything had to be written.
func Put(ctx context.Context, tx *db.Tx, d Doc) (changed bool, err error) {
	old, err := stored(ctx, tx, d.Kind, d.Key)
	if err != nil {
		return false, err
	}
	return put(ctx, tx, d, old)
}

// Delete makes a doc not to be found. One that does not exist is no error.
func Delete(ctx context.Context, tx *db.Tx, kind, key string) error {
	old, err := stored(ctx, tx, kind, key)
	if err != nil || old == nil {
		return err
	}
	return remove(ctx, tx, old.id)
}

// Replace makes docs all there is in a scope. Exactly the difference is written: docs and passages that are the same already are left
// alone. A doc that another scope holds moves here.
func Replace(ctx context.Context, tx *db.Tx, scope string, docs []Doc) (Changes, error) {
	var c Changes
	have, err := storedIn(ctx, tx, scope)
	if err != nil {
		return c, err
	}
	for _, d := range docs {
		d.Scope = scope
		which := [2]string{d.Kind, d.Key}
		old, known := have[which]
		if known && old == nil {
			return c, fmt.Errorf("search: %s %s stands twice in %s", d.Kind, d.Key, scope)
		}
		have[which] = nil
		if !known {
			if old, err = stored(ctx, tx, d.Kind, d.Key); err != nil {
				return c, err
			}
		}
		changed, err := put(ctx, tx, d, old)
		switch {
		case err != nil:
			return c, err
		case old == nil:
			c.Added++
		case changed:
			c.Changed++
		}
	}
	for _, old := range have {
		if old == nil {
			continue
		}
		if err := remove(ctx, tx, old.id); err != nil {
			return c, err
		}
		c.Removed++
	}
	return c, nil
}

// row is a doc that the database has.
type row struct {
	id   int64
	hash []byte
}

func stored(ctx context.Context, tx *db.Tx, kind, key string) (*row, error) {
	var r row
	err := tx.Row(ctx, `SELECT id, hash FROM search_doc WHERE kind = $1 AND key = $2`, kind, key).Scan(&r.id, &r.hash)
	switch {
	case db.IsNoRows(err):
		return nil, nil // none is an answer
	case err != nil:
		return nil, fmt.Errorf("read %s %s of the search index: %w", kind, key, err)
	}
	return &r, nil
}

func storedIn(ctx context.Context, tx *db.Tx, scope string) (map[[2]string]*row, error) {
	out := map[[2]string]*row{}
	rows, err := tx.Query(ctx, `SELECT kind, key, id, hash FROM search_doc WHERE scope = $1`, scope)
	if err != nil {
		return nil, fmt.Errorf("read %s of the search index: %w", scope, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var which [2]string
		var r row
		if err := rows.Scan(&which[0], &which[1], &r.id, &r.hash); err != nil {
			return nil, err
		}
		out[which] = &r
	}
	return out, rows.Err()
}

func put(ctx context.Context, tx *db.Tx, d Doc, old *row) (bool, error) {
	if err := d.check(); err != nil {
		return false, err
	}
	d = cleanDoc(d)
	if old != nil && bytes.Equal(old.hash, d.digest()) {
		return false, nil
	}
	err := save(ctx, tx, &d, old)
	if err != nil {
		err = fmt.Errorf("index %s %s: %w", d.Kind, d.Key, err)
	}
	return true, err
}

// save stores a doc: in its place, or, where its minute is another one now, in a new one.
func save(ctx context.Context, tx *db.Tx, d *Doc, old *row) error {
	if old != nil && old.id>>slotBits<<slotBits == firstID(d) {
		if err := update(ctx, tx, d, old.id); err != nil {
			return err
		}
		return syncPassages(ctx, tx, d, old.id)
	}
	if old != nil {
		if err := remove(ctx, tx, old.id); err != nil {
			return err
		}
	}
	for i := slot(d); ; i++ {
		id := firstID(d) | i&(1<<slotBits-1)
		n, err := tx.Exec(ctx, `INSERT INTO search_doc
			(id, scope, kind, key, url, title_ja, title_en, context_ja, context_en, words, at, hash)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`, values(d, id)...)
		if err != nil {
			return err
		}
		if n == 1 {
			return syncPassages(ctx, tx, d, id)
		}
		// The slot is taken, or on PostgreSQL another transaction has just put the same doc.
		if other, err := stored(ctx, tx, d.Kind, d.Key); err != nil {
			return err
		} else if other != nil {
			return save(ctx, tx, d, other)
		}
	}
}

func values(d *Doc, id int64) []any {
	return []any{
		id, d.Scope, d.Kind, d.Key, d.URL, d.Title.JA, d.Title.EN, d.Context.JA, d.Context.EN, d.Words, db.Micros(d.At), d.digest(),
	}
}

func update(ctx context.Context, tx *db.Tx, d *Doc, id int64) error {
	_, err := tx.Exec(ctx, `UPDATE search_doc SET scope = $2, kind = $3, key = $4, url = $5, title_ja = $6, title_en = $7,
		context_ja = $8, context_en = $9, words = $10, at = $11, hash = $12 WHERE id = $1`, values(d, id)...)
	return err
}

// remove deletes a doc with its passages.
func remove(ctx context.Context, tx *db.Tx, doc int64) error {
	from, to := doc<<passageBits, (doc+1)<<passageBits
	ids, err := hashes(ctx, tx, from, to)
	if err != nil {
		return err
	}
	for id := range ids {
		if err := unindex(ctx, tx, id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM search_passage WHERE id >= $1 AND id < $2`, from, to); err != nil {
		return fmt.Errorf("remove passages: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM search_doc WHERE id = $1`, doc); err != nil {
		return fmt.Errorf("remove a doc from the search index: %w", err)
	}
	return nil
}

func hashes(ctx context.Context, tx *db.Tx, from, to int64) (map[int64][]byte, error) {
	rows, err := tx.Query(ctx, `SELECT id, hash FROM search_passage WHERE id >= $1 AND id < $2`, from, to)
	if err != nil {
		return nil, fmt.Errorf("read passages: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[int64][]byte{}
	for rows.Next() {
		var id int64
		var h []byte
		if err := rows.Scan(&id, &h); err != nil {
			return nil, err
		}
		out[id] = h
	}
	return out, rows.Err()
}

// syncPassages writes the passages that are not there yet as they should be, and deletes those that should not be.
func syncPassages(ctx context.Context, tx *db.Tx, d *Doc, doc int64) error {
	have, err := hashes(ctx, tx, doc<<passageBits, (doc+1)<<passageBits)
	if err != nil {
		return err
	}
	for _, p := range passages(d) {
		id := p.id(doc)
		h, known := have[id]
		delete(have, id)
		if known && bytes.Equal(h, p.hash) {
			continue
		}
		if known {
			if err := unindex(ctx, tx, id); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `INSERT INTO search_passage (id, body, hash) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET body = excluded.body, hash = excluded.hash`, id, p.text, p.hash); err != nil {
			return err
		}
		if err := index(ctx, tx, id, tokens(d, &p)); err != nil {
			return err
		}
	}
	for id := range have {
		if err := unindex(ctx, tx, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM search_passage WHERE id = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

func index(ctx context.Context, tx *db.Tx, id int64, c columns) (err error) {
	if tx.Engine() == db.Postgres {
		_, err = tx.Exec(ctx, `INSERT INTO search_index (id, doc, tokens) VALUES ($1, $2, CAST($3::text AS tsvector))`,
			id, id>>passageBits, tsVector(c))
	} else {
		_, err = tx.Exec(ctx, `INSERT INTO search_index (rowid, title, body, names) VALUES ($1, $2, $3, $4)`,
			id, ftsText(c.title), ftsText(c.body), c.names[0]+" "+c.names[1])
	}
	return err
}

func unindex(ctx context.Context, tx *db.Tx, id int64) error {
	column := "id"
	if tx.Engine() == db.SQLite {
		column = "rowid"
	}
	_, err := tx.Exec(ctx, `DELETE FROM search_index WHERE `+column+` = $1`, id)
	return err
}
