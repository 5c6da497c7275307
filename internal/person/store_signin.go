package person

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// list makes the placeholders and arguments of an IN (...).
func list[T any](values []T) (marks string, args []any) {
	m := make([]string, len(values))
	for i, v := range values {
		m[i] = "$" + strconv.Itoa(i+1)
		args = append(args, v)
	}
	return strings.Join(m, ", "), args
}

// Session is one browser in which somebody is signed in.
type Session struct {
	ID        int64
	Account   ID
	Method    string
	Agent     string
	From      string
	BegunAt   time.Time
	SeenAt    time.Time
	SteppedUp time.Time
}

const sessionColumns = `id, account_id, method, agent, origin, begun_at, seen_at, stepped_up_at`

func scanSession(scan func(...any) error) (*Session, error) {
	s := &Session{}
	var begun, seen, up int64
	if err := scan(&s.ID, &s.Account, &s.Method, &s.Agent, &s.From, &begun, &seen, &up); err != nil {
		return nil, err
	}
	s.BegunAt, s.SeenAt, s.SteppedUp = db.Time(begun, time.UTC), db.Time(seen, time.UTC), db.Time(up, time.UTC)
	return s, nil
}

// findSession reads the session of a cookie; nil where there is none.
func findSession(ctx context.Context, r db.Reader, token string) (*Session, error) {
	s, err := scanSession(r.Row(ctx, `SELECT `+sessionColumns+` FROM person_session WHERE token = $1`, hashed(token)).Scan)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a session: %w", err)
	}
	return s, nil
}

func listSessions(ctx context.Context, r db.Reader, id ID) ([]*Session, error) {
	rows, err := r.Query(ctx, `SELECT `+sessionColumns+` FROM person_session WHERE account_id = $1 ORDER BY seen_at DESC, id DESC`, id)
	if err != nil {
		return nil, fmt.Errorf("list the sessions of account %d: %w", id, err)
	}
	defer func() { _ = rows.Close() }()
	var out []*Session
	for rows.Next() {
		s, err := scanSession(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func addSession(ctx context.Context, tx *db.Tx, s *Session, token string) (err error) {
	s.ID, err = tx.Insert(ctx, `INSERT INTO person_session (account_id, token, method, agent, origin, begun_at, seen_at, stepped_up_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6, $6)`, s.Account, hashed(token), s.Method, s.Agent, s.From, db.Micros(s.BegunAt))
	if err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	return nil
}

// stepUp notes that who is signed in showed again who they are, and gives the session a new secret: whoever had the old one is out.
func stepUp(ctx context.Context, tx *db.Tx, id int64, token string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE person_session SET stepped_up_at = $2, token = $3 WHERE id = $1`, id, db.Micros(now), hashed(token))
	return err
}

func touchSession(ctx context.Context, tx *db.Tx, id int64, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE person_session SET seen_at = $2 WHERE id = $1`, id, db.Micros(now))
	return err
}

func endSession(ctx context.Context, tx *db.Tx, account ID, id int64) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM person_session WHERE account_id = $1 AND id = $2`, account, id)
}

// endOthers ends every session of an account but one; 0 ends all.
func endOthers(ctx context.Context, tx *db.Tx, account ID, but int64) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM person_session WHERE account_id = $1 AND id <> $2`, account, but)
}

// code is a code that was sent.
type code struct {
	ID      int64
	Ref     string
	Purpose string
	Account ID
	Address string
	Folded  string
	Lang    string
	Code    string
	Next    string
	MadeAt  time.Time
	EndsAt  time.Time
	Tries   int
	UsedAt  time.Time
}

// open says that a code is neither used nor over.
func (c *code) open(now time.Time) bool { return c.UsedAt.IsZero() && c.EndsAt.After(now) }

const codeColumns = `id, ref, purpose, account_id, address, folded, lang, code, next, made_at, ends_at, tries, used_at`

func scanCode(scan func(...any) error) (*code, error) {
	c := &code{}
	var made, ends, used int64
	err := scan(&c.ID, &c.Ref, &c.Purpose, &c.Account, &c.Address, &c.Folded, &c.Lang, &c.Code, &c.Next, &made, &ends, &c.Tries, &used)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a code: %w", err)
	}
	c.MadeAt, c.EndsAt, c.UsedAt = db.Time(made, time.UTC), db.Time(ends, time.UTC), db.Time(used, time.UTC)
	return c, nil
}

// findCode reads a code by its reference, or by the secret of its link; nil where there is none.
func findCode(ctx context.Context, r db.Reader, ref, link string) (*code, error) {
	if link != "" {
		return scanCode(r.Row(ctx, `SELECT `+codeColumns+` FROM person_code WHERE link = $1`, hashed(link)).Scan)
	}
	return scanCode(r.Row(ctx, `SELECT `+codeColumns+` FROM person_code WHERE ref = $1`, ref).Scan)
}

func addCode(ctx context.Context, tx *db.Tx, c *code, link string) error {
	_, err := tx.Exec(ctx, `INSERT INTO person_code (ref, purpose, account_id, address, folded, lang, code, link, next, made_at, ends_at, tries, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0)`, c.Ref, c.Purpose, c.Account, c.Address, c.Folded, c.Lang, c.Code, hashed(link),
		c.Next, db.Micros(c.MadeAt), db.Micros(c.EndsAt))
	if err != nil {
		return fmt.Errorf("store a code: %w", err)
	}
	return nil
}

// tryCode counts a try; false where there were enough, or the code is used or over.
func tryCode(ctx context.Context, tx *db.Tx, id int64, most int, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE person_code SET tries = tries + 1 WHERE id = $1 AND tries < $2 AND used_at = 0 AND ends_at > $3`, id, most, db.Micros(now))
	return n > 0, err
}

// useCode uses a code up; false where somebody else did before.
func useCode(ctx context.Context, tx *db.Tx, id int64, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE person_code SET used_at = $2 WHERE id = $1 AND used_at = 0 AND ends_at > $2`, id, db.Micros(now))
	return n > 0, err
}

// sweepSignIn removes codes that are over and sessions that nobody used for long.
func sweepSignIn(ctx context.Context, tx *db.Tx, codes, idle, begun time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM person_code WHERE ends_at < $1`, db.Micros(codes)); err != nil {
		return fmt.Errorf("remove old codes: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM person_session WHERE seen_at < $1 OR begun_at < $2`, db.Micros(idle), db.Micros(begun)); err != nil {
		return fmt.Errorf("remove old sessions: %w", err)
	}
	return nil
}

func addFirst(ctx context.Context, tx *db.Tx, token string, now time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM person_first WHERE used_at = 0`); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO person_first (token, made_at, used_at) VALUES ($1, $2, 0)`, hashed(token), db.Micros(now))
	return err
}

// firstOpen reports whether a one-time link of the owner is good.
func firstOpen(ctx context.Context, r db.Reader, token string) (bool, error) {
	var n int
	err := r.Row(ctx, `SELECT count(*) FROM person_first WHERE token = $1 AND used_at = 0`, hashed(token)).Scan(&n)
	return n > 0, err
}

func useFirst(ctx context.Context, tx *db.Tx, token string, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE person_first SET used_at = $2 WHERE token = $1 AND used_at = 0`, hashed(token), db.Micros(now))
	return n > 0, err
}
