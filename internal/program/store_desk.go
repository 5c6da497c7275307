package program

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// keptActs is how many acts of a meeting are kept to be undone.
const keptActs = 500

const actColumns = `id, ref, actor, done_at, kind, release, undone, touched`

func scanAct(scan func(...any) error, m *event.Stored) (*Act, error) {
	a := new(Act)
	var at int64
	var touched string
	if err := scan(&a.ID, &a.Ref, &a.By, &at, &a.Kind, &a.Release, &a.Undone, &touched); err != nil {
		return nil, err
	}
	a.At = db.Time(at, m.Location())
	return a, json.Unmarshal([]byte(touched), &a.Touched)
}

// addAct stores an act and forgets those that are too old. What its actor had undone before can no longer be done again.
func addAct(ctx context.Context, tx *db.Tx, id event.MeetingID, a *Act) (err error) {
	if _, err := tx.Exec(ctx, `DELETE FROM program_act WHERE meeting_id = $1 AND actor = $2 AND undone = 1`, id, a.By); err != nil {
		return fmt.Errorf("forget what was undone: %w", err)
	}
	a.ID, err = tx.Insert(ctx, `INSERT INTO program_act (meeting_id, ref, actor, done_at, kind, release, undone, touched)
		VALUES ($1, $2, $3, $4, $5, $6, 0, $7)`, id, a.Ref, a.By, db.Micros(a.At), string(a.Kind), a.Release, jsonText(a.Touched))
	if err != nil {
		return fmt.Errorf("keep an act: %w", err)
	}
	_, err = tx.Exec(ctx, `DELETE FROM program_act WHERE meeting_id = $1 AND id <= (SELECT MIN(id) FROM
		(SELECT id FROM program_act WHERE meeting_id = $1 ORDER BY id DESC LIMIT $2) AS newest) - 1`, id, keptActs)
	return err
}

// lastAct reads the newest act of somebody that is done or undone: what they undo, or do again, next. nil: there is none.
func lastAct(ctx context.Context, r db.Reader, m *event.Stored, actor string, undone bool) (*Act, error) {
	order := "DESC"
	if undone {
		order = "ASC"
	}
	a, err := scanAct(r.Row(ctx, `SELECT `+actColumns+` FROM program_act WHERE meeting_id = $1 AND actor = $2 AND undone = $3
		ORDER BY id `+order+` LIMIT 1`, m.ID, actor, flag(undone)).Scan, m)
	if db.IsNoRows(err) {
		return nil, nil
	}
	return a, err
}

// namedAct reads an act by its public id.
func namedAct(ctx context.Context, r db.Reader, m *event.Stored, ref string) (*Act, error) {
	return scanAct(r.Row(ctx, `SELECT `+actColumns+` FROM program_act WHERE meeting_id = $1 AND ref = $2`, m.ID, ref).Scan, m)
}

// latestActs reads what was done last, newest first.
func latestActs(ctx context.Context, r db.Reader, m *event.Stored, limit int) ([]*Act, error) {
	var list []*Act
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		a, err := scanAct(rows.Scan, m)
		list = append(list, a)
		return err
	}, `SELECT `+actColumns+` FROM program_act WHERE meeting_id = $1 ORDER BY id DESC LIMIT $2`, m.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("list what was done: %w", err)
	}
	return list, nil
}

func markAct(ctx context.Context, tx *db.Tx, id int64, undone bool, release int) error {
	_, err := tx.Exec(ctx, `UPDATE program_act SET undone = $2, release = $3 WHERE id = $1`, id, flag(undone), release)
	return err
}

// fieldChange is who changed a field last.
type fieldChange struct {
	guid, field string
	at          time.Time
	by          string
}

func noteField(ctx context.Context, tx *db.Tx, id event.MeetingID, c fieldChange) error {
	_, err := tx.Exec(ctx, `INSERT INTO program_field (meeting_id, guid, field, changed_at, actor) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (meeting_id, guid, field) DO UPDATE SET changed_at = excluded.changed_at, actor = excluded.actor`,
		id, c.guid, c.field, db.Micros(c.at), c.by)
	return err
}

// fieldChanges reads who changed the fields of a session last, by field.
func fieldChanges(ctx context.Context, r db.Reader, m *event.Stored, guid string) (map[string]fieldChange, error) {
	out := map[string]fieldChange{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		c := fieldChange{guid: guid}
		var at int64
		if err := rows.Scan(&c.field, &at, &c.by); err != nil {
			return err
		}
		c.at = db.Time(at, m.Location())
		out[c.field] = c
		return nil
	}, `SELECT field, changed_at, actor FROM program_field WHERE meeting_id = $1 AND guid = $2`, m.ID, guid)
	return out, err
}

// translationKey names a text of a session: its guid and field.
type translationKey struct{ guid, field string }

// translated reads the hashes of what translations were made of.
func translated(ctx context.Context, r db.Reader, id event.MeetingID) (map[translationKey]string, error) {
	out := map[translationKey]string{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var k translationKey
		var source string
		if err := rows.Scan(&k.guid, &k.field, &source); err != nil {
			return err
		}
		out[k] = source
		return nil
	}, `SELECT guid, field, source FROM program_translation WHERE meeting_id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("read what translations were made of: %w", err)
	}
	return out, nil
}

// noteTranslation keeps what a translation was made of; keep leaves alone what is known.
func noteTranslation(ctx context.Context, tx *db.Tx, id event.MeetingID, k translationKey, source string, keep bool) error {
	q := `INSERT INTO program_translation (meeting_id, guid, field, source) VALUES ($1, $2, $3, $4)
		ON CONFLICT (meeting_id, guid, field) DO `
	if keep {
		q += `NOTHING`
	} else {
		q += `UPDATE SET source = excluded.source`
	}
	_, err := tx.Exec(ctx, q, id, k.guid, k.field, source)
	return err
}

// everReleased reads whether a session was in any release: in the first, or added by a later one.
func everReleased(ctx context.Context, r db.Reader, m *event.Stored, guid string) (bool, error) {
	var n int
	err := r.Row(ctx, `SELECT COUNT(*) FROM program_release WHERE meeting_id = $1 AND number > 1 AND changes LIKE $2`, m.ID, "%"+guid+"%").Scan(&n)
	if err != nil || n > 0 {
		return n > 0, err
	}
	f, err := numberedRelease(ctx, r, m, 1)
	if db.IsNoRows(err) {
		return false, nil
	}
	return err == nil && byGUID(&f.Document, guid) != nil, err
}
