package registration

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// streamsOf reads the streams of a meeting, in the order in which they were made.
func streamsOf(ctx context.Context, r db.Reader, m event.MeetingID, loc *time.Location) ([]*Stream, error) {
	return streamsWhere(ctx, r, loc, `s.meeting_id = $1`, m)
}

func streamsWhere(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]*Stream, error) {
	var out []*Stream
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var x Stream
		var from, until int64
		var kinds, options string
		err := rows.Scan(&x.ID, &x.Ref, &x.Meeting, &x.Day, &x.Room, &x.Session, &x.Name.JA, &x.Name.EN, &x.URL, &x.Passcode, &x.Notes.JA, &x.Notes.EN, &from, &until,
			&x.Onsite, &x.Paid, &kinds, &options, &x.Version)
		x.From, x.Until, x.Kinds, x.Options = db.Time(from, loc), db.Time(until, loc), strings.Fields(kinds), strings.Fields(options)
		out = append(out, &x)
		return err
	}, `SELECT s.id, s.ref, s.meeting_id, s.day, s.room, s.session, s.name_ja, s.name_en, s.url, s.passcode, s.notes_ja, s.notes_en, s.from_at, s.until_at,
		s.onsite <> 0, s.paid <> 0, s.kinds, s.options, s.version FROM registration_stream s WHERE `+where+` ORDER BY s.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read streams: %w", err)
	}
	return out, nil
}

// oneStream reads one stream, or nil.
func oneStream(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) (*Stream, error) {
	return oneOf(streamsWhere(ctx, r, loc, where, args...))
}

// storeStream stores a stream: a new one, or a change of one that nobody else changed meanwhile. It reports whether it did.
func storeStream(ctx context.Context, tx *db.Tx, x *Stream, now time.Time) (bool, error) {
	if x.ID == 0 {
		id, err := tx.Insert(ctx, `INSERT INTO registration_stream (ref, meeting_id, day, room, session, name_ja, name_en, url, passcode, notes_ja, notes_en, from_at, until_at,
			onsite, paid, kinds, options, version, made_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1, $18, $18)`,
			x.Ref, x.Meeting, string(x.Day), x.Room, x.Session, x.Name.JA, x.Name.EN, x.URL, x.Passcode, x.Notes.JA, x.Notes.EN, db.Micros(x.From), db.Micros(x.Until),
			bit(x.Onsite), bit(x.Paid), strings.Join(x.Kinds, " "), strings.Join(x.Options, " "), db.Micros(now))
		if err != nil {
			return false, fmt.Errorf("store a stream: %w", err)
		}
		x.ID, x.Version = StreamID(id), 1
		return true, nil
	}
	n, err := tx.Exec(ctx, `UPDATE registration_stream SET day = $1, room = $2, session = $3, name_ja = $4, name_en = $5, url = $6, passcode = $7, notes_ja = $8, notes_en = $9,
		from_at = $10, until_at = $11, onsite = $12, paid = $13, kinds = $14, options = $15, version = version + 1, changed_at = $16 WHERE id = $17 AND version = $18`,
		string(x.Day), x.Room, x.Session, x.Name.JA, x.Name.EN, x.URL, x.Passcode, x.Notes.JA, x.Notes.EN, db.Micros(x.From), db.Micros(x.Until),
		bit(x.Onsite), bit(x.Paid), strings.Join(x.Kinds, " "), strings.Join(x.Options, " "), db.Micros(now), x.ID, x.Version)
	if err != nil {
		return false, fmt.Errorf("change a stream: %w", err)
	}
	return n == 1, nil
}

// dropStream removes a stream of which no report was taken in, and reports whether it did.
func dropStream(ctx context.Context, tx *db.Tx, id StreamID) (bool, error) {
	for _, q := range []string{
		`DELETE FROM registration_network WHERE stream_id = $1 AND NOT EXISTS (SELECT 1 FROM registration_report r WHERE r.stream_id = $1)`,
		`DELETE FROM registration_join WHERE stream_id = $1 AND NOT EXISTS (SELECT 1 FROM registration_report r WHERE r.stream_id = $1)`,
	} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return false, fmt.Errorf("remove a stream: %w", err)
		}
	}
	n, err := tx.Exec(ctx, `DELETE FROM registration_stream WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM registration_report r WHERE r.stream_id = $1)
		AND NOT EXISTS (SELECT 1 FROM registration_watch w WHERE w.stream_id = $1)`, id)
	if err != nil {
		return false, fmt.Errorf("remove a stream: %w", err)
	}
	return n == 1, nil
}

// loadOnline reads what the organiser decided of taking part online.
func loadOnline(ctx context.Context, r db.Reader, m event.MeetingID) (*OnlineSetup, error) {
	o := defaultOnline()
	err := r.Row(ctx, `SELECT letters <> 0, letter_at, words_ja, words_en, minimum FROM registration_online WHERE meeting_id = $1`, m).
		Scan(&o.Letters, &o.LetterAt, &o.Words.JA, &o.Words.EN, &o.Minimum)
	if err != nil && !db.IsNoRows(err) {
		return nil, fmt.Errorf("read what was decided of taking part online: %w", err)
	}
	return o, nil
}

// storeOnline replaces what the organiser decided of taking part online.
func storeOnline(ctx context.Context, tx *db.Tx, m event.MeetingID, o *OnlineSetup, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO registration_online (meeting_id, letters, letter_at, words_ja, words_en, minimum, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (meeting_id) DO UPDATE SET letters = excluded.letters, letter_at = excluded.letter_at, words_ja = excluded.words_ja, words_en = excluded.words_en,
		minimum = excluded.minimum, changed_at = excluded.changed_at`, m, bit(o.Letters), o.LetterAt, o.Words.JA, o.Words.EN, o.Minimum, db.Micros(now))
	if err != nil {
		return fmt.Errorf("store what was decided of taking part online: %w", err)
	}
	return nil
}

// choicesOfEntries reads what some entries chose and did not give up.
func choicesOfEntries(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]*Chosen, error) {
	return choicesOf(ctx, r, loc, `c.state <> 'cancelled' AND EXISTS (SELECT 1 FROM registration_entry e WHERE e.id = c.entry_id AND `+where+`)`, args...)
}

// maxNetworks is how many networks are counted of one link; more tell nothing more.
const maxNetworks = 50

// countJoin counts that somebody used their link, and the network they came from.
func countJoin(ctx context.Context, tx *db.Tx, e EntryID, s StreamID, network string, now time.Time) error {
	if _, err := tx.Exec(ctx, `INSERT INTO registration_join (entry_id, stream_id, first_at, last_at, times) VALUES ($1, $2, $3, $3, 1)
		ON CONFLICT (entry_id, stream_id) DO UPDATE SET last_at = excluded.last_at, times = registration_join.times + 1`, e, s, db.Micros(now)); err != nil {
		return fmt.Errorf("count the use of a link: %w", err)
	}
	var n int
	if err := tx.Row(ctx, `SELECT COUNT(*) FROM registration_network WHERE entry_id = $1 AND stream_id = $2`, e, s).Scan(&n); err != nil || n >= maxNetworks {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO registration_network (entry_id, stream_id, network) VALUES ($1, $2, $3) ON CONFLICT (entry_id, stream_id, network) DO NOTHING`,
		e, s, network); err != nil {
		return fmt.Errorf("count the networks of a link: %w", err)
	}
	return nil
}

// Joined is how somebody used their link to a stream.
type Joined struct {
	Entry       EntryID
	Stream      StreamID
	First, Last time.Time
	Times       int
	Networks    int // from how many different ones
}

// joinsWhere reads how links were used.
func joinsWhere(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]Joined, error) {
	var out []Joined
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var j Joined
		var first, last int64
		err := rows.Scan(&j.Entry, &j.Stream, &first, &last, &j.Times, &j.Networks)
		j.First, j.Last = db.Time(first, loc), db.Time(last, loc)
		out = append(out, j)
		return err
	}, `SELECT j.entry_id, j.stream_id, j.first_at, j.last_at, j.times, (SELECT COUNT(*) FROM registration_network n WHERE n.entry_id = j.entry_id AND n.stream_id = j.stream_id)
		FROM registration_join j WHERE `+where+` ORDER BY j.entry_id, j.stream_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read how links were used: %w", err)
	}
	return out, nil
}

// joinersOf counts who used their link, by stream of a meeting.
func joinersOf(ctx context.Context, r db.Reader, m event.MeetingID) (map[StreamID]int, error) {
	out := map[StreamID]int{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var id StreamID
		var n int
		err := rows.Scan(&id, &n)
		out[id] = n
		return err
	}, `SELECT j.stream_id, COUNT(*) FROM registration_join j JOIN registration_stream s ON s.id = j.stream_id WHERE s.meeting_id = $1 GROUP BY j.stream_id`, m)
	if err != nil {
		return nil, fmt.Errorf("count who used their link: %w", err)
	}
	return out, nil
}

// takesDay finds entries that get the letter of a day.
const takesDay = ` FROM registration_entry e JOIN registration_day d ON d.entry_id = e.id LEFT JOIN registration_day_letter l ON l.entry_id = e.id AND l.day = d.day
	WHERE e.meeting_id = $1 AND e.state = 'confirmed' AND e.folded <> '' AND (e.proved_at <> 0 OR e.person_id <> 0)`

// unsentLetters finds who was not sent the letter of a day yet, n of them from an id on.
func unsentLetters(ctx context.Context, r db.Reader, m event.MeetingID, d event.Date, after EntryID, n int) ([]EntryID, error) {
	var out []EntryID
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var id EntryID
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	}, `SELECT e.id`+takesDay+` AND d.day = $2 AND l.entry_id IS NULL AND e.id > $3 ORDER BY e.id LIMIT $4`, m, string(d), after, n)
	if err != nil {
		return nil, fmt.Errorf("find whom to write the letter of the day: %w", err)
	}
	return out, nil
}

// DayCount is how many get the letter of a day, and how many were sent it.
type DayCount struct{ All, Sent int }

// letterCounts counts letters, by day.
func letterCounts(ctx context.Context, r db.Reader, m event.MeetingID) (map[event.Date]DayCount, error) {
	out := map[event.Date]DayCount{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var d event.Date
		var c DayCount
		err := rows.Scan(&d, &c.All, &c.Sent)
		out[d] = c
		return err
	}, `SELECT d.day, COUNT(*), COUNT(l.entry_id)`+takesDay+` GROUP BY d.day`, m)
	if err != nil {
		return nil, fmt.Errorf("count the letters of the days: %w", err)
	}
	return out, nil
}

// markLetter remembers that somebody is sent the letter of a day. It reports false where they were already, or where their entry is not as it
// was when the letter was written.
func markLetter(ctx context.Context, tx *db.Tx, e *Entry, d event.Date, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO registration_day_letter (entry_id, day, sent_at) SELECT e.id, CAST($2 AS TEXT), CAST($3 AS BIGINT) FROM registration_entry e
		WHERE e.id = $1 AND e.version = $4 ON CONFLICT (entry_id, day) DO NOTHING`, e.ID, string(d), db.Micros(now), e.Version)
	if err != nil {
		return false, fmt.Errorf("remember the letter of a day: %w", err)
	}
	return n == 1, nil
}

// forgetJoins forgets from which networks people came, and what reports say of those whom nobody knows, of meetings that are long over.
func forgetJoins(ctx context.Context, tx *db.Tx, m event.MeetingID) error {
	const ofMeeting = ` IN (SELECT id FROM registration_stream WHERE meeting_id = $1)`
	for _, q := range []string{
		`DELETE FROM registration_network WHERE stream_id` + ofMeeting,
		`DELETE FROM registration_seen WHERE report_id IN (SELECT id FROM registration_report WHERE stream_id` + ofMeeting + `)`,
		`DELETE FROM registration_known WHERE meeting_id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, m); err != nil {
			return fmt.Errorf("forget who joined: %w", err)
		}
	}
	return nil
}

// eraseOnline takes away how the entries of an account were watched: from where, under which name, and how long.
func eraseOnline(ctx context.Context, tx *db.Tx, id int64) error {
	const own = ` IN (SELECT id FROM registration_entry WHERE person_id = $1)`
	for _, q := range []string{
		`DELETE FROM registration_network WHERE entry_id` + own,
		`DELETE FROM registration_join WHERE entry_id` + own,
		`DELETE FROM registration_known WHERE entry_id` + own,
		`UPDATE registration_seen SET name = '', address = '', key = '' WHERE entry_id` + own,
	} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return fmt.Errorf("erase how somebody watched: %w", err)
		}
	}
	return nil
}
