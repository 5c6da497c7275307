package search

import (
	"context"
	"fmt"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Rebuild makes the index again from the docs and passages, some hundred docs a transaction, while others may read and write.
func Rebuild(ctx context.Context, d *db.DB) error {
	for last, more := int64(-1), true; more; {
		next := last
		if err := d.Write(ctx, func(tx *db.Tx) error {
			docs, err := docsAfter(ctx, tx, last)
			if err != nil {
				return err
			}
			for _, x := range docs {
				if err := reindex(ctx, tx, x.id, &x.Doc); err != nil {
					return err
				}
				next = x.id
			}
			return nil
		}); err != nil {
			return fmt.Errorf("make the search index again: %w", err)
		}
		last, more = next, next > last
	}
	return nil
}

// storedDoc is a doc without its body.
type storedDoc struct {
	Doc
	id int64
}

func docsAfter(ctx context.Context, tx *db.Tx, last int64) ([]storedDoc, error) {
	rows, err := tx.Query(ctx, `SELECT id, scope, kind, title_ja, title_en, context_ja, context_en, words FROM search_doc
		WHERE id > $1 ORDER BY id LIMIT 200`, last)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []storedDoc
	for rows.Next() {
		var x storedDoc
		if err := rows.Scan(&x.id, &x.Scope, &x.Kind, &x.Title.JA, &x.Title.EN, &x.Context.JA, &x.Context.EN, &x.Words); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

func reindex(ctx context.Context, tx *db.Tx, doc int64, d *Doc) error {
	texts, err := bodies(ctx, tx, doc)
	if err != nil {
		return err
	}
	for id, text := range texts {
		if err := unindex(ctx, tx, id); err != nil {
			return err
		}
		if err := index(ctx, tx, id, tokens(d, &passage{text: text})); err != nil {
			return err
		}
	}
	return nil
}

func bodies(ctx context.Context, tx *db.Tx, doc int64) (map[int64]string, error) {
	rows, err := tx.Query(ctx, `SELECT id, body FROM search_passage WHERE id >= $1 AND id < $2`, doc<<passageBits, (doc+1)<<passageBits)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[int64]string{}
	for rows.Next() {
		var id int64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return nil, err
		}
		out[id] = text
	}
	return out, rows.Err()
}
