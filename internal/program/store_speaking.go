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

// loadAbsences reads when the speakers of a meeting cannot be there, in order of time.
func loadAbsences(ctx context.Context, r db.Reader, m *event.Stored) ([]Absence, error) {
	var list []Absence
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var a Absence
		var from, to int64
		if err := rows.Scan(&a.Speaker, &from, &to, &a.Note); err != nil {
			return err
		}
		a.From, a.To = db.Time(from, m.Location()), db.Time(to, m.Location())
		list = append(list, a)
		return nil
	}, `SELECT speaker, from_at, to_at, note FROM program_absence WHERE meeting_id = $1 ORDER BY from_at, id`, m.ID)
	if err != nil {
		return nil, fmt.Errorf("load absences: %w", err)
	}
	return list, nil
}

// saveAbsences replaces the absences of a speaker.
func saveAbsences(ctx context.Context, tx *db.Tx, m event.MeetingID, speaker string, list []Absence, by int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM program_absence WHERE meeting_id = $1 AND speaker = $2`, m, speaker); err != nil {
		return fmt.Errorf("replace absences: %w", err)
	}
	for _, a := range list {
		_, err := tx.Exec(ctx, `INSERT INTO program_absence (meeting_id, speaker, from_at, to_at, note, made_by) VALUES ($1, $2, $3, $4, $5, $6)`,
			m, speaker, db.Micros(a.From), db.Micros(a.To), a.Note, by)
		if err != nil {
			return fmt.Errorf("add an absence: %w", err)
		}
	}
	return nil
}

const suggestionColumns = `g.ref, g.session, g.changes, g.reason, g.state, g.made_at, g.made_by, g.answer, g.answered_at, g.answered_by,
	COALESCE(a.name_ja, ''), COALESCE(a.name_en, '')`

// loadSuggestions reads the suggestions of a meeting, newest first. where is a condition over g, whose first parameter is the meeting.
func loadSuggestions(ctx context.Context, r db.Reader, m *event.Stored, where string, args ...any) ([]*Suggestion, error) {
	var list []*Suggestion
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		g := &Suggestion{Slug: m.Slug}
		var changes string
		var made, answered int64
		if err := rows.Scan(&g.Ref, &g.Session, &changes, &g.Reason, &g.State, &made, &g.By, &g.Answer, &answered, &g.AnsweredBy, &g.ByName.JA, &g.ByName.EN); err != nil {
			return err
		}
		g.At, g.AnsweredAt = db.Time(made, m.Location()), db.Time(answered, m.Location())
		list = append(list, g)
		return json.Unmarshal([]byte(changes), &g.Changes)
	}, `SELECT `+suggestionColumns+` FROM program_suggestion g LEFT JOIN person_pub_account a ON a.id = g.made_by
		WHERE g.meeting_id = $1 AND `+where+` ORDER BY g.id DESC`, append([]any{m.ID}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("load suggestions: %w", err)
	}
	return list, nil
}

func addSuggestion(ctx context.Context, tx *db.Tx, m event.MeetingID, g *Suggestion) error {
	_, err := tx.Exec(ctx, `INSERT INTO program_suggestion (meeting_id, ref, session, changes, reason, state, made_at, made_by, answer, answered_at, answered_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, '')`, m, g.Ref, g.Session, jsonText(g.Changes), g.Reason, string(g.State), db.Micros(g.At), g.By)
	if err != nil {
		return fmt.Errorf("add a suggestion: %w", err)
	}
	return nil
}

// answerSuggestion says what became of a suggestion, and reports whether it was open until now.
func answerSuggestion(ctx context.Context, tx *db.Tx, g *Suggestion) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE program_suggestion SET state = $1, answer = $2, answered_at = $3, answered_by = $4 WHERE ref = $5 AND state = 'open'`,
		string(g.State), g.Answer, db.Micros(g.AnsweredAt), g.AnsweredBy, g.Ref)
	if err != nil {
		return false, fmt.Errorf("answer a suggestion: %w", err)
	}
	return n == 1, nil
}

// refOfGUID is the reference of a session of the draft; empty where it is gone.
func refOfGUID(ctx context.Context, r db.Reader, m event.MeetingID, guid string) (ref string, err error) {
	err = r.Row(ctx, `SELECT ref FROM program_session WHERE meeting_id = $1 AND guid = $2`, m, guid).Scan(&ref)
	if err != nil && !db.IsNoRows(err) {
		return "", fmt.Errorf("find a session: %w", err)
	}
	return ref, nil
}

// keptSuggestion is a suggestion as whoever made it gets it.
type keptSuggestion struct {
	Meeting string      `json:"meeting"`
	At      time.Time   `json:"at"`
	State   string      `json:"state"`
	Changes []FieldEdit `json:"changes"`
	Reason  string      `json:"reason,omitempty"`
	Answer  string      `json:"answer,omitempty"`
}

// keptAbsence is an absence as whoever said so gets it.
type keptAbsence struct {
	Meeting string    `json:"meeting"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Note    string    `json:"note,omitempty"`
}

// allSuggestions lists what somebody suggested, the first first.
func allSuggestions(ctx context.Context, r db.Reader, by int64) (list []keptSuggestion, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var g keptSuggestion
		var at int64
		var changes string
		if err := rows.Scan(&g.Meeting, &at, &g.State, &changes, &g.Reason, &g.Answer); err != nil {
			return err
		}
		g.At = db.Time(at, time.UTC)
		err := json.Unmarshal([]byte(changes), &g.Changes)
		list = append(list, g)
		return err
	}, `SELECT m.slug, g.made_at, g.state, g.changes, g.reason, g.answer FROM program_suggestion g JOIN event_pub_meeting m ON m.id = g.meeting_id
		WHERE g.made_by = $1 ORDER BY g.id`, by)
	return list, err
}

// allAbsences lists the absences that somebody told of.
func allAbsences(ctx context.Context, r db.Reader, by int64) (list []keptAbsence, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var a keptAbsence
		var from, to int64
		if err := rows.Scan(&a.Meeting, &from, &to, &a.Note); err != nil {
			return err
		}
		a.From, a.To = db.Time(from, time.UTC), db.Time(to, time.UTC)
		list = append(list, a)
		return nil
	}, `SELECT m.slug, a.from_at, a.to_at, a.note FROM program_absence a JOIN event_pub_meeting m ON m.id = a.meeting_id
		WHERE a.made_by = $1 ORDER BY a.from_at, a.id`, by)
	return list, err
}

// eraseSpeaking forgets who suggested something, why, and when they cannot be there. What the suggestions changed is the meeting's.
func eraseSpeaking(ctx context.Context, tx *db.Tx, by int64) error {
	for _, q := range [...]string{
		`UPDATE program_suggestion SET made_by = 0, reason = '' WHERE made_by = $1`,
		`DELETE FROM program_absence WHERE made_by = $1`,
	} {
		if _, err := tx.Exec(ctx, q, by); err != nil {
			return fmt.Errorf("forget a speaker: %w", err)
		}
	}
	return nil
}

// mergeSpeaking gives what one account said to another.
func mergeSpeaking(ctx context.Context, tx *db.Tx, from, to int64) error {
	for _, q := range [...]string{
		`UPDATE program_suggestion SET made_by = $2 WHERE made_by = $1`,
		`UPDATE program_absence SET made_by = $2 WHERE made_by = $1`,
	} {
		if _, err := tx.Exec(ctx, q, from, to); err != nil {
			return fmt.Errorf("unite what speakers said: %w", err)
		}
	}
	return nil
}
