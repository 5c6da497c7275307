package audit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Record writes an entry in the transaction of the change.
func Record(ctx context.Context, tx *db.Tx, e Entry) error {
	if e.Action == "" {
		return fmt.Errorf("record a change: it has no action")
	}
	who := authz.Who(ctx)
	at := e.At
	if at.IsZero() {
		at = time.Now()
	}
	r := row{
		at: db.Micros(at), actor: cut(clean(who.Ref), maxName), action: cut(clean(e.Action), maxName), scope: cut(clean(e.Scope), maxName),
		object: cut(clean(e.Object), maxName), about: cut(clean(e.subject()), maxName), secret: e.Secret,
	}
	var values []Value
	address := clean(who.From)
	if e.Secret {
		r.at, address = db.Micros(day(at)), ""
	} else {
		values = differing(e.Before, e.After)
		if len(values) == 0 && (e.Before != nil || e.After != nil) {
			return nil
		}
	}
	if err := r.fill(values, address); err != nil {
		return err
	}
	r.digest = r.sumEntry()
	if err := insert(ctx, tx, &r); err != nil {
		return fmt.Errorf("record the change %s: %w", e.Action, err)
	}
	return nil
}

// day is the start of the day (UTC) of a moment.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

const entryColumns = `at, actor, action, scope, object, about, secret, marks, digest`

func insert(ctx context.Context, tx *db.Tx, r *row) (err error) {
	args := []any{r.at, r.actor, r.action, r.scope, r.object, r.about, r.secret, r.marks, r.digest}
	switch {
	case r.secret:
		return tx.Soon(ctx, `INSERT INTO audit_entry (`+entryColumns+`, id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, append(args, randomID())...)
	case r.address == "" && r.content == "":
		return tx.Soon(ctx, `INSERT INTO audit_entry (`+entryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, args...)
	case tx.Engine() == db.Postgres: // one trip instead of two
		return tx.Soon(ctx, `WITH e AS (INSERT INTO audit_entry (`+entryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id)
			INSERT INTO audit_value (entry, address, content) SELECT id, $10, $11 FROM e`, append(args, r.address, r.content)...)
	}
	id, err := tx.Insert(ctx, `INSERT INTO audit_entry (`+entryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, args...)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit_value (entry, address, content) VALUES ($1, $2, $3)`, id, r.address, r.content)
	return err
}

// randomID is a number below 0 that nobody can guess.
func randomID() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return -1 - int64(binary.BigEndian.Uint64(b[:])>>2)
}

// Filter chooses entries. Empty fields choose all.
type Filter struct {
	Scope      string // the meeting; empty is the group itself, unless Everywhere
	Everywhere bool   // the group and every meeting
	Object     string
	Actor      string
	About      string // whose personal data the values are
	Action     string // the action, or what it begins with up to a dot: "program" finds program.session.edited
	Since      time.Time
	Until      time.Time // not included
}

// Page is a piece of a list.
type Page struct {
	Limit int    // default 50, at most 500
	After string // the cursor that the page before gave
}

// History reads what happened to one object, newest first, and the cursor of what follows, which is empty at the end.
func History(ctx context.Context, r db.Reader, scope, object string, p Page) ([]Stored, string, error) {
	return List(ctx, r, Filter{Scope: scope, Object: object}, p)
}

// List reads entries, newest first, and the cursor of what follows, which is empty at the end.
func List(ctx context.Context, r db.Reader, f Filter, p Page) ([]Stored, string, error) {
	limit := min(p.Limit, 500)
	if limit <= 0 {
		limit = 50
	}
	where, args := f.where(cursorOf(p.After))
	args = append(args, limit+1)
	rows, err := query(ctx, r, where+fmt.Sprintf(` ORDER BY e.at DESC, e.id DESC LIMIT $%d`, len(args)), args...)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = position{rows[limit-1].at, rows[limit-1].id}.String()
	}
	out := make([]Stored, len(rows))
	for i := range rows {
		if out[i], err = rows[i].stored(); err != nil {
			return nil, "", err
		}
	}
	return out, next, nil
}

// Actors are those who did something that a filter finds, whoever did something last first, at most limit.
func Actors(ctx context.Context, r db.Reader, f Filter, limit int) ([]string, error) {
	where, args := f.where(position{})
	args = append(args, limit)
	rows, err := r.Query(ctx, `SELECT e.actor FROM audit_entry e`+where+fmt.Sprintf(` GROUP BY e.actor ORDER BY max(e.at) DESC LIMIT $%d`, len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("read who is in the audit log: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var a string
		if err := rows.Scan(&a); err != nil {
			return nil, fmt.Errorf("read who is in the audit log: %w", err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// where writes a filter as SQL.
func (f Filter) where(after position) (string, []any) {
	var conditions []string
	var args []any
	add := func(condition string, values ...any) {
		numbers := make([]any, len(values))
		for i, v := range values {
			args = append(args, v)
			numbers[i] = len(args)
		}
		conditions = append(conditions, fmt.Sprintf(condition, numbers...))
	}
	if !f.Everywhere {
		add(`e.scope = $%d`, f.Scope)
	}
	if f.Object != "" {
		add(`e.object = $%d`, f.Object)
	}
	if f.Actor != "" {
		add(`e.actor = $%d`, f.Actor)
	}
	if f.About != "" {
		add(`(e.about = $%d AND e.about <> '')`, f.About) // the index leaves out the empty ones
	}
	if f.Action != "" {
		add(`(e.action = $%[1]d OR substr(e.action, 1, $%[2]d) = $%[3]d)`, f.Action, len([]rune(f.Action))+1, f.Action+".")
	}
	if !f.Since.IsZero() {
		add(`e.at >= $%d`, db.Micros(f.Since))
	}
	if !f.Until.IsZero() {
		add(`e.at < $%d`, db.Micros(f.Until))
	}
	if after != (position{}) {
		add(`(e.at, e.id) < ($%d, $%d)`, after.at, after.id)
	}
	if len(conditions) == 0 {
		return "", args
	}
	return ` WHERE ` + strings.Join(conditions, ` AND `), args
}

// position is where a page ended.
type position struct{ at, id int64 }

func (p position) String() string { return fmt.Sprintf("%d.%d", p.at, p.id) }

// cursorOf reads a cursor; one that nobody gave is the beginning.
func cursorOf(s string) (p position) {
	if n, err := fmt.Sscanf(s, "%d.%d", &p.at, &p.id); n != 2 || err != nil {
		return position{}
	}
	return p
}

// query reads rows with their values.
func query(ctx context.Context, r db.Reader, rest string, args ...any) (out []row, err error) {
	err = scan(ctx, r, rest, args, func(e *row) error {
		out = append(out, *e)
		return nil
	})
	return out, err
}

// scan reads rows with their values, one at a time.
func scan(ctx context.Context, r db.Reader, rest string, args []any, fn func(*row) error) error {
	rows, err := r.Query(ctx, `SELECT e.id, e.at, e.actor, e.action, e.scope, e.object, e.about, e.secret, e.marks, e.digest, e.seal, e.chain, v.address, v.content
		FROM audit_entry e LEFT JOIN audit_value v ON v.entry = e.id`+rest, args...)
	if err != nil {
		return fmt.Errorf("read the audit log: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e row
		var seal sql.NullInt64
		var chain, address, content sql.NullString
		if err := rows.Scan(&e.id, &e.at, &e.actor, &e.action, &e.scope, &e.object, &e.about, &e.secret, &e.marks, &e.digest, &seal, &chain, &address, &content); err != nil {
			return fmt.Errorf("read the audit log: %w", err)
		}
		e.seal, e.chain, e.address, e.content = seal.Int64, chain.String, address.String, content.String
		if err := fn(&e); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the audit log: %w", err)
	}
	return nil
}
