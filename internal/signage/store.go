package signage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// scope is that of everything the screens of a meeting show beside its programme; see db.Bump.
func scope(slug string) string { return "signage:" + slug }

const screenColumns = `s.id, s.ref, s.meeting_id, m.slug, s.name, s.area, s.mode, s.room, s.languages, s.theme, s.turn, s.paired_at, s.blank,
	s.identify_until, s.reload, s.hold, s.hold_until, s.alive_at, s.alive`

const fromScreens = ` FROM signage_screen s JOIN event_pub_meeting m ON m.id = s.meeting_id`

// scanScreen reads a row of screenColumns.
func scanScreen(scan func(...any) error) (*Screen, error) {
	var s Screen
	var paired, identify, hold, alive int64
	var said string
	l := &s.Look
	err := scan(&s.ID, &s.Ref, &s.Meeting, &s.Slug, &l.Name, &l.Area, &l.Mode, &l.Room, &l.Languages, &l.Theme, &l.Turn, &paired, &s.Blank,
		&identify, &s.Reload, &s.Hold, &hold, &alive, &said)
	if err != nil {
		return nil, err
	}
	s.PairedAt, s.Identify, s.HoldUntil = db.Time(paired, time.UTC), db.Time(identify, time.UTC), db.Time(hold, time.UTC)
	if said != "" {
		if err := json.Unmarshal([]byte(said), &s.Alive); err != nil {
			return nil, fmt.Errorf("what the screen %s said: %w", s.Ref, err)
		}
	}
	s.Alive.At = db.Time(alive, time.UTC)
	return &s, nil
}

// screenOf finds the screen that holds a token, or nil.
func screenOf(ctx context.Context, r db.Reader, tokenHash string) (*Screen, error) {
	s, err := scanScreen(r.Row(ctx, `SELECT `+screenColumns+fromScreens+` WHERE s.token = $1`, tokenHash).Scan)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find a screen: %w", err)
	}
	return s, nil
}

// readScreens lists the paired screens of a meeting by area and name.
func readScreens(ctx context.Context, r db.Reader, m event.MeetingID) ([]*Screen, error) {
	rows, err := r.Query(ctx, `SELECT `+screenColumns+fromScreens+` WHERE s.meeting_id = $1 AND s.token IS NOT NULL ORDER BY s.area, s.name, s.id`, int64(m))
	if err != nil {
		return nil, fmt.Errorf("read the screens: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []*Screen
	for rows.Next() {
		s, err := scanScreen(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("read the screens: %w", err)
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// readScreen finds a paired screen of a meeting; one of another meeting is missing.
func readScreen(ctx context.Context, r db.Reader, m event.MeetingID, ref string) (*Screen, error) {
	s, err := scanScreen(r.Row(ctx, `SELECT `+screenColumns+fromScreens+` WHERE s.ref = $1 AND s.meeting_id = $2 AND s.token IS NOT NULL`, ref, int64(m)).Scan)
	if db.IsNoRows(err) {
		return nil, fault.Missing()
	}
	if err != nil {
		return nil, fmt.Errorf("find a screen: %w", err)
	}
	return s, nil
}

// addScreen stores a new screen with the token of the pairing it came from.
func addScreen(ctx context.Context, tx *db.Tx, s *Screen, tokenHash string) error {
	l := s.Look
	_, err := tx.Insert(ctx, `INSERT INTO signage_screen (meeting_id, ref, token, name, area, mode, room, languages, theme, turn, paired_at, blank,
		identify_until, reload, hold, hold_until, alive_at, alive) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, '', 0, 0, '')`,
		int64(s.Meeting), s.Ref, tokenHash, l.Name, l.Area, string(l.Mode), l.Room, string(l.Languages), string(l.Theme), string(l.Turn), db.Micros(s.PairedAt), false, db.Micros(s.Identify))
	if err != nil {
		return fmt.Errorf("add a screen: %w", err)
	}
	return nil
}

// saveScreen writes what the desk decides of a screen.
func saveScreen(ctx context.Context, tx *db.Tx, s *Screen) error {
	l := s.Look
	_, err := tx.Exec(ctx, `UPDATE signage_screen SET name = $2, area = $3, mode = $4, room = $5, languages = $6, theme = $7, turn = $8, blank = $9,
		identify_until = $10, reload = $11, hold = $12, hold_until = $13 WHERE id = $1`,
		int64(s.ID), l.Name, l.Area, string(l.Mode), l.Room, string(l.Languages), string(l.Theme), string(l.Turn), s.Blank,
		db.Micros(s.Identify), s.Reload, s.Hold, db.Micros(s.HoldUntil))
	if err != nil {
		return fmt.Errorf("change the screen %s: %w", s.Ref, err)
	}
	return nil
}

// dropToken makes what the screen holds worth nothing. The row stays for those who look into the log.
func dropToken(ctx context.Context, tx *db.Tx, id ScreenID) error {
	if _, err := tx.Exec(ctx, `UPDATE signage_screen SET token = NULL WHERE id = $1`, int64(id)); err != nil {
		return fmt.Errorf("unpair a screen: %w", err)
	}
	return nil
}

// saveAlive stores what a screen says of itself.
func saveAlive(ctx context.Context, tx *db.Tx, id ScreenID, a Alive) error {
	said, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE signage_screen SET alive_at = $2, alive = $3 WHERE id = $1 AND alive_at < $2`, int64(id), db.Micros(a.At), string(said)); err != nil {
		return fmt.Errorf("keep a sign of life: %w", err)
	}
	return nil
}

// savePairing gives a waiting screen a code, in place of the one it had. It returns false where that code is another's.
func savePairing(ctx context.Context, tx *db.Tx, code, tokenHash string, expires time.Time) (bool, error) {
	var taken int
	err := tx.Row(ctx, `SELECT COUNT(*) FROM signage_pairing WHERE code = $1`, code).Scan(&taken)
	if err != nil || taken > 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO signage_pairing (code, token, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (token) DO UPDATE SET code = excluded.code, expires_at = excluded.expires_at`, code, tokenHash, db.Micros(expires))
	return err == nil, err
}

// countPairings removes the codes that ran out and counts the others.
func countPairings(ctx context.Context, tx *db.Tx, now time.Time) (int, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM signage_pairing WHERE expires_at <= $1`, db.Micros(now)); err != nil {
		return 0, fmt.Errorf("forget old pairing codes: %w", err)
	}
	var n int
	err := tx.Row(ctx, `SELECT COUNT(*) FROM signage_pairing`).Scan(&n)
	return n, err
}

// takePairing uses a code up and returns the hash of the token behind it; empty where the code is unknown, used or too old. Of two who
// take one code at the same time, one gets it.
func takePairing(ctx context.Context, tx *db.Tx, code string, now time.Time) (string, error) {
	var token string
	err := tx.Row(ctx, `DELETE FROM signage_pairing WHERE code = $1 AND expires_at > $2 RETURNING token`, code, db.Micros(now)).Scan(&token)
	if db.IsNoRows(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("use a pairing code: %w", err)
	}
	return token, nil
}

// readSetting reads what holds for every screen of a meeting.
func readSetting(ctx context.Context, r db.Reader, m event.MeetingID) (Setting, error) {
	s := Setting{Sponsors: true}
	err := r.Row(ctx, `SELECT sponsors, survey_url, survey_ja, survey_en FROM signage_setting WHERE meeting_id = $1`, int64(m)).
		Scan(&s.Sponsors, &s.SurveyURL, &s.SurveyTitle.JA, &s.SurveyTitle.EN)
	if err != nil && !db.IsNoRows(err) {
		return s, fmt.Errorf("read the settings of the screens: %w", err)
	}
	return s, nil
}

func saveSetting(ctx context.Context, tx *db.Tx, m event.MeetingID, s Setting) error {
	_, err := tx.Exec(ctx, `INSERT INTO signage_setting (meeting_id, sponsors, survey_url, survey_ja, survey_en) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (meeting_id) DO UPDATE SET sponsors = excluded.sponsors, survey_url = excluded.survey_url, survey_ja = excluded.survey_ja, survey_en = excluded.survey_en`,
		int64(m), s.Sponsors, s.SurveyURL, s.SurveyTitle.JA, s.SurveyTitle.EN)
	if err != nil {
		return fmt.Errorf("keep the settings of the screens: %w", err)
	}
	return nil
}

// readOverride is the override that covers the screens of a meeting now, or nil. Where there are several, the newest counts.
func readOverride(ctx context.Context, r db.Reader, m event.MeetingID) (*Override, error) {
	var o Override
	var since int64
	err := r.Row(ctx, `SELECT id, ref, severity, text_ja, text_en, since FROM signage_override WHERE meeting_id = $1 AND ended_at = 0
		ORDER BY id DESC LIMIT 1`, int64(m)).Scan(&o.ID, &o.Ref, &o.Severity, &o.Text.JA, &o.Text.EN, &since)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the override: %w", err)
	}
	o.Since = db.Time(since, time.UTC)
	return &o, nil
}

func addOverride(ctx context.Context, tx *db.Tx, m event.MeetingID, o *Override) error {
	_, err := tx.Insert(ctx, `INSERT INTO signage_override (meeting_id, ref, severity, text_ja, text_en, since, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0)`, int64(m), o.Ref, string(o.Severity), o.Text.JA, o.Text.EN, db.Micros(o.Since))
	if err != nil {
		return fmt.Errorf("show an override: %w", err)
	}
	return nil
}

// endOverrides ends every override of a meeting.
func endOverrides(ctx context.Context, tx *db.Tx, m event.MeetingID, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE signage_override SET ended_at = $2 WHERE meeting_id = $1 AND ended_at = 0`, int64(m), db.Micros(now))
	if err != nil {
		return fmt.Errorf("end the override: %w", err)
	}
	return nil
}

// nullable is an empty text as NULL.
func nullable(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
