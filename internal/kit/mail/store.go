package mail

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// insert stores a letter. It returns 0 where there is one with its key.
func insert(ctx context.Context, tx *db.Tx, l *Letter, ref string, now time.Time) (int64, error) {
	dated := now
	if l.At.After(now) {
		dated = l.At // it says what is true then
	}
	c := content{l.Subject, l.Body, l.ReplyTo, l.Unsubscribe, l.Attachments}
	text, err := json.Marshal(c)
	if err != nil {
		return 0, fmt.Errorf("write the content of a letter: %w", err)
	}
	var id int64
	err = tx.Row(ctx, `INSERT INTO mail_letter (ref, key, kind, name, address, lang, content, secret, urgent, state, attempts, error, queued_at, first_at, tried_at, sent_at, until)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', 0, '', $10, 0, 0, 0, $11) ON CONFLICT DO NOTHING RETURNING id`,
		ref, l.Key, l.Kind, oneLine(l.To.Name), Normal(l.To.Address), string(first(l.To.Lang)), string(text), flag(l.Secret), flag(l.Urgent), db.Micros(dated), db.Micros(l.Until)).Scan(&id)
	if db.IsNoRows(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("store a letter: %w", err)
	}
	return id, nil
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// columns are what scan reads.
const columns = `id, ref, kind, name, address, lang, content, secret, urgent, state, attempts, error, queued_at, first_at, sent_at, until`

func scan(row interface{ Scan(...any) error }) (*stored, error) {
	var s stored
	var text, lang, state string
	var secret, urgent int
	var queued, first, sent, until int64
	err := row.Scan(&s.id, &s.ref, &s.kind, &s.to.Name, &s.to.Address, &lang, &text, &secret, &urgent, &state, &s.attempts, &s.reason, &queued, &first, &sent, &until)
	if err != nil {
		return nil, err
	}
	s.to.Lang, s.state, s.secret, s.urgent, s.erased = i18n.Lang(lang), State(state), secret != 0, urgent != 0, text == ""
	s.queued, s.first, s.sent, s.until = db.Time(queued, time.UTC), db.Time(first, time.UTC), db.Time(sent, time.UTC), db.Time(until, time.UTC)
	if !s.erased {
		if err := json.Unmarshal([]byte(text), &s.content); err != nil {
			return nil, fmt.Errorf("read the content of letter %d: %w", s.id, err)
		}
	}
	return &s, nil
}

// read is the letter of a row id, or nil.
func read(ctx context.Context, r db.Reader, id int64) (*stored, error) {
	s, err := scan(r.Row(ctx, `SELECT `+columns+` FROM mail_letter WHERE id = $1`, id))
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read letter %d: %w", id, err)
	}
	return s, nil
}

// byRef is the letter of a public id, or nil.
func byRef(ctx context.Context, r db.Reader, ref string) (*stored, error) {
	s, err := scan(r.Row(ctx, `SELECT `+columns+` FROM mail_letter WHERE ref = $1`, ref))
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a letter: %w", err)
	}
	return s, nil
}

// newest lists letters, the last first, after the letter of a ref, or from the top.
func newest(ctx context.Context, r db.Reader, after string, limit int) ([]*stored, error) {
	before, err := rowOf(ctx, r, after)
	if err != nil {
		return nil, err
	}
	return list(ctx, r, `SELECT `+columns+` FROM mail_letter WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}

// unsent lists letters that were refused or given up, the last first, after the letter of a ref, or from the top.
func unsent(ctx context.Context, r db.Reader, after string, limit int) ([]*stored, error) {
	before, err := rowOf(ctx, r, after)
	if err != nil {
		return nil, err
	}
	return list(ctx, r, `SELECT `+columns+` FROM mail_letter WHERE state IN ('refused', 'failed') AND id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}

// rowOf is the row id of a ref; one above all where the ref is empty or of no letter.
func rowOf(ctx context.Context, r db.Reader, ref string) (int64, error) {
	id := int64(math.MaxInt64)
	if ref == "" {
		return id, nil
	}
	if err := r.Row(ctx, `SELECT id FROM mail_letter WHERE ref = $1`, ref).Scan(&id); err != nil && !db.IsNoRows(err) {
		return 0, fmt.Errorf("find a letter: %w", err)
	}
	return id, nil
}

// to lists every letter to an address, the first first.
func to(ctx context.Context, r db.Reader, address string) ([]*stored, error) {
	return list(ctx, r, `SELECT `+columns+` FROM mail_letter WHERE address = $1 ORDER BY id`, address)
}

func list(ctx context.Context, r db.Reader, q string, args ...any) ([]*stored, error) {
	rows, err := r.Query(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("list letters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []*stored
	for rows.Next() {
		s, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("list letters: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// clean is what a server or the network said, as any database takes it, in one line.
func clean(reason string) string {
	const most = 1000 // bytes
	return oneLine(strings.ToValidUTF8(reason[:min(len(reason), most)], "\ufffd"))
}

// settle writes down what became of a letter. The text of a secret one goes with that.
func settle(ctx context.Context, tx *db.Tx, s *stored, state State, reason string, now time.Time) error {
	sent := int64(0)
	if state == Sent {
		sent = db.Micros(now)
	}
	_, err := tx.Exec(ctx, `UPDATE mail_letter SET state = $2, error = $3, tried_at = $4, sent_at = $5, attempts = attempts + $6,
		first_at = CASE WHEN first_at = 0 THEN $4 ELSE first_at END, content = CASE WHEN secret = 1 THEN '' ELSE content END
		WHERE id = $1 AND state = 'queued'`, s.id, string(state), clean(reason), db.Micros(now), sent, flag(state == Sent || state == Refused))
	return err
}

// note writes down that an attempt failed. Where it was none, counted is 0, and the days that a letter is tried do not begin.
func note(ctx context.Context, tx *db.Tx, s *stored, reason string, counted int, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE mail_letter SET error = $2, tried_at = $3, attempts = attempts + $4,
		first_at = CASE WHEN first_at = 0 AND $4 = 1 THEN $3 ELSE first_at END WHERE id = $1 AND state = 'queued'`, s.id, clean(reason), db.Micros(now), counted)
	return err
}

// requeue makes a letter that was refused or given up wait again.
func requeue(ctx context.Context, tx *db.Tx, ref string) (*stored, error) {
	s, err := byRef(ctx, tx, ref)
	if err != nil || s == nil || s.erased || s.state != Refused && s.state != Failed {
		return nil, err
	}
	_, err = tx.Exec(ctx, `UPDATE mail_letter SET state = 'queued', error = '', first_at = 0 WHERE id = $1`, s.id)
	return s, err
}

// erase removes the content of letters that are done, last tried before a time.
func erase(ctx context.Context, tx *db.Tx, before time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE mail_letter SET content = '' WHERE content <> '' AND state <> 'queued' AND tried_at < $1`, db.Micros(before))
}

// forget removes who a letter went to, and its content, for every letter to an address; those not sent yet are not sent.
func forget(ctx context.Context, tx *db.Tx, address string, now time.Time) (int64, error) {
	if _, err := tx.Exec(ctx, `UPDATE mail_letter SET state = 'expired', tried_at = $2, error = '' WHERE address = $1 AND state = 'queued'`, address, db.Micros(now)); err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `UPDATE mail_letter SET name = '', address = '', content = '', key = '', error = '' WHERE address = $1`, address)
}

// counts tells how many letters there are in each state, and since when the oldest waits that was to be sent before now.
func counts(ctx context.Context, r db.Reader, now time.Time) (map[State]int, time.Time, error) {
	rows, err := r.Query(ctx, `SELECT state, count(*), COALESCE(MIN(CASE WHEN queued_at <= $1 THEN queued_at END), 0) FROM mail_letter GROUP BY state`, db.Micros(now))
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("count letters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out, oldest := map[State]int{}, time.Time{}
	for rows.Next() {
		var state string
		var n int
		var at int64
		if err := rows.Scan(&state, &n, &at); err != nil {
			return nil, time.Time{}, fmt.Errorf("count letters: %w", err)
		}
		out[State(state)] = n
		if State(state) == Queued {
			oldest = db.Time(at, time.UTC)
		}
	}
	return out, oldest, rows.Err()
}

// statesByKey reads what became of the letters of some keys, some hundreds with one statement.
func statesByKey(ctx context.Context, r db.Reader, keys []string) (map[string]State, error) {
	out := make(map[string]State, len(keys))
	for len(keys) > 0 {
		some := keys[:min(500, len(keys))]
		keys = keys[len(some):]
		marks, args := make([]string, len(some)), make([]any, len(some))
		for i, k := range some {
			marks[i], args[i] = "$"+strconv.Itoa(i+1), k
		}
		if err := statesOf(ctx, r, out, strings.Join(marks, ", "), args); err != nil {
			return nil, fmt.Errorf("read what became of letters: %w", err)
		}
	}
	return out, nil
}

func statesOf(ctx context.Context, r db.Reader, out map[string]State, marks string, args []any) error {
	rows, err := r.Query(ctx, `SELECT key, state FROM mail_letter WHERE key <> '' AND key IN (`+marks+`)`, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key, state string
		if err := rows.Scan(&key, &state); err != nil {
			return err
		}
		out[key] = State(state)
	}
	return rows.Err()
}
