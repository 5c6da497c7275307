package registration

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// count counts what a meeting's figures are made of: as many statements for 10 entries as for 5,000. Of what is cancelled it reads nothing.
func count(ctx context.Context, r db.Reader, m *Meeting) (*tally, error) {
	t := &tally{}
	for _, read := range []func(context.Context, db.Reader, *Meeting) error{
		t.readEntries, t.readDays, t.readChoices, t.readAnswered, t.readAnswers, t.readChanged,
	} {
		if err := read(ctx, r, m); err != nil {
			return nil, fmt.Errorf("count the entries of %s: %w", m.Slug, err)
		}
	}
	var err error
	t.quotas, err = quotasOf(ctx, r, m.ID)
	return t, err
}

func (t *tally) readEntries(ctx context.Context, r db.Reader, m *Meeting) error {
	return db.Each(ctx, r, func(rows *sql.Rows) error {
		var e tallied
		var made, proved int64
		err := rows.Scan(&e.Ref, &e.Kind, &e.State, &made, &proved)
		e.MadeAt, e.Proved = db.Time(made, m.Location()), proved != 0
		t.entries = append(t.entries, e)
		return err
	}, `SELECT ref, kind, state, made_at, CASE WHEN folded = '' THEN 1 ELSE proved_at END FROM registration_entry WHERE meeting_id = $1 AND state <> 'cancelled' ORDER BY id`, m.ID)
}

func (t *tally) readDays(ctx context.Context, r db.Reader, m *Meeting) error {
	return db.Each(ctx, r, func(rows *sql.Rows) error {
		var d dayTally
		err := rows.Scan(&d.Day, &d.Mode, &d.Kind, &d.State, &d.N)
		t.days = append(t.days, d)
		return err
	}, `SELECT d.day, d.mode, e.kind, e.state, COUNT(*) FROM registration_entry e JOIN registration_day d ON d.entry_id = e.id
		WHERE e.meeting_id = $1 AND e.state <> 'cancelled' GROUP BY d.day, d.mode, e.kind, e.state`, m.ID)
}

func (t *tally) readChoices(ctx context.Context, r db.Reader, m *Meeting) error {
	return db.Each(ctx, r, func(rows *sql.Rows) error {
		var c choiceTally
		err := rows.Scan(&c.Option, &c.Slot, &c.State, &c.N, &c.Heads)
		t.choices = append(t.choices, c)
		return err
	}, `SELECT c.option, c.slot, c.state, COUNT(*), SUM(1 + c.companions) FROM registration_choice c JOIN registration_entry e ON e.id = c.entry_id
		WHERE c.meeting_id = $1 AND c.state <> 'cancelled' AND e.state <> 'cancelled' GROUP BY c.option, c.slot, c.state`, m.ID)
}

func (t *tally) readAnswered(ctx context.Context, r db.Reader, m *Meeting) error {
	return db.Each(ctx, r, func(rows *sql.Rows) error {
		var a answerTally
		err := rows.Scan(&a.Question, &a.Kind, &a.N)
		t.answered = append(t.answered, a)
		return err
	}, `SELECT a.question, e.kind, COUNT(DISTINCT a.entry_id) FROM registration_entry e JOIN registration_answer a ON a.entry_id = e.id
		WHERE e.meeting_id = $1 AND e.state <> 'cancelled' GROUP BY a.question, e.kind`, m.ID)
}

// readAnswers counts values of the questions that are counted. What people wrote in their own words does not leave the database.
func (t *tally) readAnswers(ctx context.Context, r db.Reader, m *Meeting) error {
	args := []any{m.ID}
	for i := range m.Questions {
		if q := &m.Questions[i]; q.Countable() {
			args = append(args, q.Key)
		}
	}
	if len(args) == 1 {
		return nil
	}
	return db.Each(ctx, r, func(rows *sql.Rows) error {
		var a answerTally
		err := rows.Scan(&a.Question, &a.Value, &a.Kind, &a.N)
		t.answers = append(t.answers, a)
		return err
	}, `SELECT a.question, a.value, e.kind, COUNT(*) FROM registration_entry e JOIN registration_answer a ON a.entry_id = e.id
		WHERE e.meeting_id = $1 AND e.state <> 'cancelled' AND a.question IN (`+list(2, len(args)-1)+`) GROUP BY a.question, a.value, e.kind`, args...)
}

func (t *tally) readChanged(ctx context.Context, r db.Reader, m *Meeting) error {
	var entry, choice int64
	err := r.Row(ctx, `SELECT COALESCE((SELECT MAX(changed_at) FROM registration_entry WHERE meeting_id = $1), 0),
		COALESCE((SELECT MAX(changed_at) FROM registration_choice WHERE meeting_id = $1), 0)`, m.ID).Scan(&entry, &choice)
	t.changed = db.Time(max(entry, choice), m.Location())
	return err
}

// pastEntries reads when the entries of a meeting were made and cancelled, of all kinds but some.
func pastEntries(ctx context.Context, r db.Reader, m event.MeetingID, without []string) ([]pastEntry, error) {
	args := append([]any{m}, anys(without)...)
	but := ""
	if len(without) > 0 {
		but = ` AND kind NOT IN (` + list(2, len(without)) + `)`
	}
	var out []pastEntry
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var made, cancelled int64
		err := rows.Scan(&made, &cancelled)
		out = append(out, pastEntry{db.Time(made, time.UTC), db.Time(cancelled, time.UTC)})
		return err
	}, `SELECT made_at, cancelled_at FROM registration_entry WHERE meeting_id = $1`+but, args...)
	if err != nil {
		return nil, fmt.Errorf("count the entries of the last meeting: %w", err)
	}
	return out, nil
}
