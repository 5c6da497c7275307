package registration

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Report is an attendance report that was taken in.
type Report struct {
	ID       int64
	Ref      string
	Stream   StreamID
	Digest   string
	Name     string // of the file
	Skipped  int
	TakenAt  time.Time
	Lines    int
	Days     []event.Date
	Unknown  int // lines that are of nobody yet
	Excluded int // lines that are of no participant
}

// seen is a line of a report.
type seen struct {
	ID      int64
	Report  int64
	Day     event.Date
	Entry   EntryID // 0: unknown; nobody: of no participant
	Key     string
	Name    string
	Address string
	Join    time.Time
	Leave   time.Time
	Seconds int
}

// nobody is what stands for the entry of somebody who is no participant.
const nobody EntryID = -1

// rowsPer bounds how many rows one statement stores.
const rowsPer = 100

// placeholders writes n rows of w placeholders, from $1 on.
func placeholders(n, w int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		for j := range w {
			b.WriteString(map[bool]string{true: "(", false: ", "}[j == 0] + "$" + strconv.Itoa(i*w+j+1))
		}
		b.WriteString(")")
	}
	return b.String()
}

// insertReport stores a report with its lines.
func insertReport(ctx context.Context, tx *db.Tx, r *Report, lines []seen) error {
	id, err := tx.Insert(ctx, `INSERT INTO registration_report (ref, stream_id, digest, name, skipped, taken_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		r.Ref, r.Stream, r.Digest, r.Name, r.Skipped, db.Micros(r.TakenAt))
	if err != nil {
		return fmt.Errorf("store a report: %w", err)
	}
	r.ID = id
	for len(lines) > 0 {
		some := lines[:min(len(lines), rowsPer)]
		lines = lines[len(some):]
		var args []any
		for _, x := range some {
			args = append(args, id, string(x.Day), x.Entry, x.Key, x.Name, x.Address, db.Micros(x.Join), db.Micros(x.Leave), x.Seconds)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO registration_seen (report_id, day, entry_id, key, name, address, joined_at, left_at, seconds) VALUES `+placeholders(len(some), 9), args...); err != nil {
			return fmt.Errorf("store the lines of a report: %w", err)
		}
	}
	return nil
}

// reportsOf lists the reports of a stream, oldest first.
func reportsOf(ctx context.Context, r db.Reader, s StreamID, loc *time.Location) ([]*Report, error) {
	var out []*Report
	byID := map[int64]*Report{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		x := Report{Stream: s}
		var at int64
		err := rows.Scan(&x.ID, &x.Ref, &x.Digest, &x.Name, &x.Skipped, &at)
		x.TakenAt = db.Time(at, loc)
		out, byID[x.ID] = append(out, &x), &x
		return err
	}, `SELECT id, ref, digest, name, skipped, taken_at FROM registration_report WHERE stream_id = $1 ORDER BY id`, s)
	if err != nil {
		return nil, fmt.Errorf("read reports: %w", err)
	}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var id int64
		var d event.Date
		var n, unknown, excluded int
		err := rows.Scan(&id, &d, &n, &unknown, &excluded)
		x := byID[id]
		x.Days, x.Lines, x.Unknown, x.Excluded = append(x.Days, d), x.Lines+n, x.Unknown+unknown, x.Excluded+excluded
		return err
	}, `SELECT x.report_id, x.day, COUNT(*), SUM(CASE WHEN x.entry_id = 0 THEN 1 ELSE 0 END), SUM(CASE WHEN x.entry_id < 0 THEN 1 ELSE 0 END)
		FROM registration_seen x JOIN registration_report p ON p.id = x.report_id WHERE p.stream_id = $1 GROUP BY x.report_id, x.day ORDER BY x.report_id, x.day`, s)
	if err != nil {
		return nil, fmt.Errorf("count the lines of reports: %w", err)
	}
	return out, nil
}

// dropReport removes a report with its lines.
func dropReport(ctx context.Context, tx *db.Tx, id int64) error {
	for _, q := range []string{`DELETE FROM registration_seen WHERE report_id = $1`, `DELETE FROM registration_report WHERE id = $1`} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return fmt.Errorf("remove a report: %w", err)
		}
	}
	return nil
}

// seenWhere reads lines of reports.
func seenWhere(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]seen, error) {
	var out []seen
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var x seen
		var join, leave int64
		err := rows.Scan(&x.ID, &x.Report, &x.Day, &x.Entry, &x.Key, &x.Name, &x.Address, &join, &leave, &x.Seconds)
		x.Join, x.Leave = db.Time(join, loc), db.Time(leave, loc)
		out = append(out, x)
		return err
	}, `SELECT x.id, x.report_id, x.day, x.entry_id, x.key, x.name, x.address, x.joined_at, x.left_at, x.seconds
		FROM registration_seen x JOIN registration_report p ON p.id = x.report_id WHERE `+where+` ORDER BY x.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the lines of reports: %w", err)
	}
	return out, nil
}

// knownOf reads what a person decided of whose lines are, by key.
func knownOf(ctx context.Context, r db.Reader, m event.MeetingID) (map[string]EntryID, error) {
	out := map[string]EntryID{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var key string
		var id EntryID
		err := rows.Scan(&key, &id)
		out[key] = id
		return err
	}, `SELECT key, entry_id FROM registration_known WHERE meeting_id = $1`, m)
	if err != nil {
		return nil, fmt.Errorf("read whose lines of reports are: %w", err)
	}
	return out, nil
}

// storeKnown remembers whose lines with a key are, and gives them to it in every report of the meeting. It lists the streams of these.
func storeKnown(ctx context.Context, tx *db.Tx, m event.MeetingID, key string, e EntryID) ([]StreamID, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO registration_known (meeting_id, key, entry_id) VALUES ($1, $2, $3)
		ON CONFLICT (meeting_id, key) DO UPDATE SET entry_id = excluded.entry_id`, m, key, e); err != nil {
		return nil, fmt.Errorf("remember whose a line is: %w", err)
	}
	const ofMeeting = `SELECT p.id FROM registration_report p JOIN registration_stream s ON s.id = p.stream_id WHERE s.meeting_id = $3`
	if _, err := tx.Exec(ctx, `UPDATE registration_seen SET entry_id = $1 WHERE key = $2 AND report_id IN (`+ofMeeting+`)`, e, key, m); err != nil {
		return nil, fmt.Errorf("give lines to an entry: %w", err)
	}
	var out []StreamID
	err := db.Each(ctx, tx, func(rows *sql.Rows) error {
		var id StreamID
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	}, `SELECT DISTINCT p.stream_id FROM registration_report p JOIN registration_seen x ON x.report_id = p.id JOIN registration_stream s ON s.id = p.stream_id
		WHERE s.meeting_id = $1 AND x.key = $2 ORDER BY p.stream_id`, m, key)
	return out, err
}

// Watched is how long somebody watched a stream on a day, or a session of it.
type Watched struct {
	Entry   EntryID
	Stream  StreamID
	Day     event.Date
	Session string // guid; empty: all that was shown
	Seconds int
	First   time.Time // zero: not known
	Last    time.Time
}

// Minutes is how long it was.
func (w Watched) Minutes() int { return w.Seconds / 60 }

// replaceWatch stores who watched a stream, anew.
func replaceWatch(ctx context.Context, tx *db.Tx, s StreamID, list []Watched) error {
	if _, err := tx.Exec(ctx, `DELETE FROM registration_watch WHERE stream_id = $1`, s); err != nil {
		return fmt.Errorf("store who watched: %w", err)
	}
	for len(list) > 0 {
		some := list[:min(len(list), rowsPer)]
		list = list[len(some):]
		var args []any
		for _, w := range some {
			args = append(args, w.Entry, s, string(w.Day), w.Session, w.Seconds, db.Micros(w.First), db.Micros(w.Last))
		}
		if _, err := tx.Exec(ctx, `INSERT INTO registration_watch (entry_id, stream_id, day, session, seconds, first_at, last_at) VALUES `+placeholders(len(some), 7), args...); err != nil {
			return fmt.Errorf("store who watched: %w", err)
		}
	}
	return nil
}

// watchedWhere reads who watched.
func watchedWhere(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]Watched, error) {
	var out []Watched
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var w Watched
		var first, last int64
		err := rows.Scan(&w.Entry, &w.Stream, &w.Day, &w.Session, &w.Seconds, &first, &last)
		w.First, w.Last = db.Time(first, loc), db.Time(last, loc)
		out = append(out, w)
		return err
	}, `SELECT w.entry_id, w.stream_id, w.day, w.session, w.seconds, w.first_at, w.last_at FROM registration_watch w WHERE `+where+
		` ORDER BY w.entry_id, w.day, w.stream_id, w.session`, args...)
	if err != nil {
		return nil, fmt.Errorf("read who watched: %w", err)
	}
	return out, nil
}

// ofPerson are the entries of an account.
const ofPerson = ` IN (SELECT e.id FROM registration_entry e WHERE e.person_id = $1)`

// onlineOfPerson reads how an account watched, and how it used its links.
func onlineOfPerson(ctx context.Context, r db.Reader, id int64) ([]Watched, []Joined, error) {
	watched, err := watchedWhere(ctx, r, time.UTC, `w.entry_id`+ofPerson, id)
	if err != nil {
		return nil, nil, err
	}
	joined, err := joinsWhere(ctx, r, time.UTC, `j.entry_id`+ofPerson, id)
	return watched, joined, err
}

// streamsOfPerson reads the streams of the meetings in which an account has an entry.
func streamsOfPerson(ctx context.Context, r db.Reader, id int64) ([]*Stream, error) {
	return streamsWhere(ctx, r, time.UTC, `s.meeting_id IN (SELECT e.meeting_id FROM registration_entry e WHERE e.person_id = $1)`, id)
}
