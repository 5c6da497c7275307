package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Find answers a query. A text with nothing to search for, as with only unwanted words, finds nothing. It takes two statements, or
// three by relevance.
func Find(ctx context.Context, r Reader, f Query) (Result, error) {
	var out Result
	from, err := parseCursor(f)
	if err != nil {
		return out, err
	}
	q := parse(f.Text)
	if len(q.want) == 0 {
		return out, nil
	}
	limit := min(cmp.Or(max(f.Limit, 0), 20), 100)
	var found []match
	for i, t := range tiers(f.Sort) {
		if i < from.tier {
			continue
		}
		ms, err := matches(ctx, r, q, t, f, from.doc, limit+1-len(found))
		if err != nil {
			return out, fmt.Errorf("search: %w", err)
		}
		for j := range ms {
			ms[j].tier = i
		}
		found, from.doc = append(found, ms...), 0
		if len(found) > limit {
			found = found[:limit]
			out.Next = found[limit-1].cursor().String()
			break
		}
	}
	out.Hits, err = load(ctx, r, q, f.Lang, found)
	if err != nil {
		return out, fmt.Errorf("read what was found: %w", err)
	}
	return out, nil
}

// Count returns how many docs a query finds, counting no further than most.
func Count(ctx context.Context, r Reader, f Query, most int) (int, error) {
	q := parse(f.Text)
	if len(q.want) == 0 {
		return 0, nil
	}
	g := grammarOf(r.Engine())
	doc, from, args := source(r.Engine(), g.match(q, everywhere, f), g.unwanted(q))
	n := 0
	err := r.Row(ctx, `SELECT count(*) FROM (SELECT DISTINCT `+doc+from+` LIMIT $3) AS found`, append(args, most)...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what a search finds: %w", err)
	}
	return n, nil
}

// cursor is the last doc of a page.
type cursor struct {
	tier int
	doc  int64
}

func (c cursor) String() string { return strconv.Itoa(c.tier) + strconv.FormatInt(c.doc, 36) }

func parseCursor(f Query) (cursor, error) {
	if f.After == "" {
		return cursor{}, nil
	}
	n, err := strconv.ParseInt(f.After[1:], 36, 64)
	c := cursor{tier: int(f.After[0]) - '0', doc: n}
	if err != nil || c.tier < 0 || c.tier >= len(tiers(f.Sort)) || n < 0 || n >= 1<<(minuteBits+slotBits) || c.String() != f.After {
		return c, ErrCursor
	}
	return c, nil
}

// match is a doc that was found, by one of its passages.
type match struct {
	doc, passage int64
	tier         int
}

func (m match) cursor() cursor { return cursor{m.tier, m.doc} }

// source is what a statement reads from to find passages, and its first arguments: $1 and $2. A doc of which any passage has something
// unwanted is left out; expressions see to that within a passage, so that this rarely finds anything.
func source(e db.Engine, wanted, unwanted string) (doc, from string, args []any) {
	doc, from = `(rowid >> 10)`, ` FROM search_index WHERE search_index MATCH $1`
	others := `SELECT 1 FROM search_index AS o WHERE o.search_index MATCH $2
		AND o.rowid >= search_index.rowid >> 10 << 10 AND o.rowid < (search_index.rowid >> 10) + 1 << 10`
	if e == db.Postgres {
		doc, from = `doc`, ` FROM search_index WHERE tokens @@ CAST($1::text AS tsquery)`
		others = `SELECT 1 FROM search_index AS o WHERE o.doc = search_index.doc AND o.tokens @@ CAST($2::text AS tsquery)`
		// Planned for these words, not for any: a rare word and a common one want different plans.
		args = append(args, pgx.QueryExecModeExec)
	}
	if unwanted == "" {
		return doc, from + ` AND $2 = ''`, append(args, wanted, "")
	}
	return doc, from + ` AND NOT EXISTS (` + others + `)`, append(args, wanted, unwanted)
}

// matches reads the ids of the next n docs of a tier after a doc, the newest first, each with its first passage that matches, which is
// in the asked language if one is.
//
// SQLite gives passages in the order of the index until enough are read. PostgreSQL would make all of them first, so that it is asked
// for the docs alone, and then for their passages.
func matches(ctx context.Context, r Reader, q query, t tier, f Query, after int64, n int) ([]match, error) {
	g := grammarOf(r.Engine())
	_, from, args := source(r.Engine(), g.match(q, t, f), g.unwanted(q))
	statement := `SELECT rowid` + from + ` AND rowid >= $3 ORDER BY rowid`
	if r.Engine() == db.SQLite {
		args = append(args, (after+1)<<passageBits)
	} else {
		args = append(args, after+1, n)
		statement = `WITH found AS (SELECT DISTINCT doc` + from + ` AND doc >= $3 ORDER BY doc LIMIT $4)
			SELECT id FROM search_index JOIN found USING (doc) WHERE tokens @@ CAST($1::text AS tsquery) ORDER BY id`
	}
	rows, err := r.Query(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []match
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		doc := id >> passageBits
		switch last := len(out) - 1; {
		case last < 0 || out[last].doc != doc:
			if len(out) == n {
				return out, nil
			}
			out = append(out, match{doc: doc, passage: id})
		case langOf(out[last].passage) != f.Lang && langOf(id) == f.Lang:
			out[last].passage = id
		}
	}
	return out, rows.Err()
}

// load reads what was found, in one statement.
func load(ctx context.Context, r Reader, q query, l i18n.Lang, found []match) ([]Hit, error) {
	if len(found) == 0 {
		return nil, nil
	}
	in, args := list(found)
	rows, err := r.Query(ctx, `SELECT p.id, p.body, d.kind, d.key, d.url, d.title_ja, d.title_en, d.context_ja, d.context_en, d.words, d.at
		FROM search_passage p JOIN search_doc d ON d.id = p.id >> 10 WHERE p.id IN (`+in+`) ORDER BY p.id`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	hits := map[int64]Hit{}
	for rows.Next() {
		var d Doc
		var id, at int64
		var body string
		if err := rows.Scan(&id, &body, &d.Kind, &d.Key, &d.URL, &d.Title.JA, &d.Title.EN, &d.Context.JA, &d.Context.EN, &d.Words, &at); err != nil {
			return nil, err
		}
		d.At = db.Time(at, time.UTC)
		hits[id] = present(&d, body, langOf(id), l, q)
	}
	out := make([]Hit, 0, len(found))
	for _, m := range found {
		if h, ok := hits[m.passage]; ok {
			out = append(out, h)
		}
	}
	return out, rows.Err()
}

// list writes placeholders, of few different numbers so that few statements are prepared.
func list(found []match) (in string, args []any) {
	n := 1
	for n < len(found) {
		n *= 4
	}
	args = make([]any, n)
	for i := range args {
		args[i] = found[min(i, len(found)-1)].passage
	}
	names := make([]string, n)
	for i := range names {
		names[i] = "$" + strconv.Itoa(i+1)
	}
	return strings.Join(slices.Clip(names), ", "), args
}
