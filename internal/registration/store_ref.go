package registration

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// former is a reference that an entry had before it was handed on.
type former struct {
	ref     string
	entry   string // its reference now
	id      EntryID
	meeting event.MeetingID
	linkNo  int
}

// formers reads such references, in the order in which they ended.
func formers(ctx context.Context, r db.Reader, where string, args ...any) (out []former, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var f former
		err := rows.Scan(&f.ref, &f.entry, &f.id, &f.meeting, &f.linkNo)
		out = append(out, f)
		return err
	}, `SELECT f.ref, e.ref, f.entry_id, e.meeting_id, f.link_no FROM registration_ref f JOIN registration_entry e ON e.id = f.entry_id WHERE `+where+` ORDER BY f.entry_id, f.link_no`, args...)
	if err != nil {
		return nil, fmt.Errorf("read former references: %w", err)
	}
	return out, nil
}

// formersOf reads those of some entries of a meeting, by their references now: of all, where they are many.
func formersOf(ctx context.Context, r db.Reader, m event.MeetingID, refs []string) ([]former, error) {
	const few = 50
	switch {
	case len(refs) == 0:
		return nil, nil
	case len(refs) > few:
		return formers(ctx, r, `e.meeting_id = $1`, m)
	}
	return formers(ctx, r, `e.meeting_id = $1 AND e.ref IN (`+list(2, len(refs))+`)`, append([]any{m}, anys(refs)...)...)
}

// offeredTo reads the references under which places were offered to somebody who took them: the last one before theirs.
func offeredTo(ctx context.Context, r db.Reader, person int64) ([]former, error) {
	return formers(ctx, r, `(e.person_id = $1 AND NOT EXISTS (SELECT 1 FROM registration_ref l WHERE l.entry_id = f.entry_id AND l.link_no > f.link_no))
OR EXISTS (SELECT 1 FROM registration_ref n WHERE n.entry_id = f.entry_id AND n.person_id = $1 AND n.link_no > f.link_no
  AND NOT EXISTS (SELECT 1 FROM registration_ref b WHERE b.entry_id = f.entry_id AND b.link_no > f.link_no AND b.link_no < n.link_no))`, person)
}

// storeFormer notes the reference of an entry that is handed on, and whose it was.
func storeFormer(ctx context.Context, tx *db.Tx, e *Entry, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO registration_ref (ref, entry_id, person_id, link_no, until) VALUES ($1, $2, $3, $4, $5)`, e.Ref, e.ID, e.Person, e.LinkNo, db.Micros(now))
	if err != nil {
		return fmt.Errorf("note whose an entry was: %w", err)
	}
	return nil
}

// currentRef is the reference that an entry has now which had another, or empty.
func currentRef(ctx context.Context, r db.Reader, m event.MeetingID, ref string) (string, error) {
	list, err := formers(ctx, r, `f.ref = $1 AND e.meeting_id = $2`, ref, m)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0].entry, nil
}

// formerOf lists what entries were called that were somebody's once: scope and ref.
func formerOf(ctx context.Context, r db.Reader, id int64) (out [][2]string, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var x [2]string
		err := rows.Scan(&x[0], &x[1])
		out = append(out, x)
		return err
	}, `SELECT m.slug, f.ref FROM registration_ref f JOIN registration_entry e ON e.id = f.entry_id JOIN event_pub_meeting m ON m.id = e.meeting_id WHERE f.person_id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("read what entries were called: %w", err)
	}
	return out, nil
}

// keepCarried stores what a giver goes on paying for, and under which reference.
func keepCarried(ctx context.Context, tx *db.Tx, handover int64, ref string, lines []Owed) error {
	text, err := json.Marshal(lines)
	if err != nil {
		return fmt.Errorf("write what a giver pays for: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE registration_handover SET entry_ref = $1, carried = $2 WHERE id = $3`, ref, string(text), handover); err != nil {
		return fmt.Errorf("keep what a giver pays for: %w", err)
	}
	return nil
}

// carriage is a handover that was accepted, with what its giver goes on paying for.
type carriage struct {
	*Handover
	ref   string
	lines []Owed
}

// carriages reads those of an entry, the first giver first.
func carriages(ctx context.Context, r db.Reader, id EntryID) ([]carriage, error) {
	all, err := handovers(ctx, r, time.UTC, `h.entry_id = $1 AND h.state = 'accepted' AND h.entry_ref <> ''`, id)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	out := make([]carriage, len(all))
	for i, h := range all {
		out[i].Handover = h
	}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var id int64
		var ref, text string
		if err := rows.Scan(&id, &ref, &text); err != nil {
			return err
		}
		i := slices.IndexFunc(out, func(c carriage) bool { return c.ID == id })
		if i < 0 {
			return nil
		}
		out[i].ref = ref
		return json.Unmarshal([]byte(text), &out[i].lines)
	}, `SELECT id, entry_ref, carried FROM registration_handover WHERE entry_id = $1 AND state = 'accepted' AND entry_ref <> ''`, id)
	if err != nil {
		return nil, fmt.Errorf("read what givers pay for: %w", err)
	}
	return out, nil
}
