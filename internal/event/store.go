package event

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// SiteScope is the scope (see db.Bump) of what pages of no single meeting show: the group, the series, the list of meetings, and what is new.
const SiteScope = "site"

// MeetingScope is the scope of everything that pages of one meeting show. Whoever changes any of it raises its version.
func MeetingScope(slug string) string { return "meeting:" + slug }

// lock makes imports wait for each other on PostgreSQL, where two might otherwise both find a meeting missing. SQLite has one writer.
func lock(ctx context.Context, tx *db.Tx) error {
	if tx.Engine() != db.Postgres {
		return nil
	}
	const key = 0x6576656e74 // "event"
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, key)
	return err
}

func names(cols []column) string {
	s := make([]string, len(cols))
	for i, c := range cols {
		s[i] = c.sql
	}
	return strings.Join(s, ", ")
}

func pointers(cols []column, more ...any) []any {
	for _, c := range cols {
		more = append(more, c.ptr)
	}
	return more
}

func values(cols []column, more ...any) []any {
	for _, c := range cols {
		more = append(more, c.value())
	}
	return more
}

// insertRow adds a row: own columns first, then those of the thing.
func insertRow(ctx context.Context, tx *db.Tx, table string, own []string, ownValues []any, cols []column) (int64, error) {
	all := append(append([]string{}, own...), names(cols))
	marks := make([]string, len(own)+len(cols))
	for i := range marks {
		marks[i] = "$" + strconv.Itoa(i+1)
	}
	q := "INSERT INTO " + table + " (" + strings.Join(all, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")"
	id, err := tx.Insert(ctx, q, values(cols, ownValues...)...)
	if err != nil {
		return 0, fmt.Errorf("add to %s: %w", table, err)
	}
	return id, nil
}

// updateRow writes every column of a row, so that there is one statement per table.
func updateRow(ctx context.Context, tx *db.Tx, table string, id int64, own []string, ownValues []any, cols []column) error {
	set := append([]string{}, own...)
	for _, c := range cols {
		set = append(set, c.sql)
	}
	for i := range set {
		set[i] += " = $" + strconv.Itoa(i+2)
	}
	args := values(cols, append([]any{id}, ownValues...)...)
	if _, err := tx.Exec(ctx, "UPDATE "+table+" SET "+strings.Join(set, ", ")+" WHERE id = $1", args...); err != nil {
		return fmt.Errorf("change %s %d: %w", table, id, err)
	}
	return nil
}

// readRows reads a whole list of a meeting, or a whole table where meeting is 0, in its order, with the row ids.
func readRows[T any, P columned[T]](ctx context.Context, r db.Reader, table string, meeting MeetingID) (items []T, ids []int64, err error) {
	var zero T
	q, args := "SELECT id, "+names(P(&zero).columns())+" FROM "+table, []any(nil)
	if meeting != 0 {
		q, args = q+" WHERE meeting_id = $1", []any{int64(meeting)}
	}
	if table != "event_meeting" && table != "event_group" {
		q += " ORDER BY position, id"
	}
	rows, err := r.Query(ctx, q, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", table, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var item T
		var id int64
		if err := rows.Scan(pointers(P(&item).columns(), &id)...); err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", table, err)
		}
		items, ids = append(items, item), append(ids, id)
	}
	return items, ids, rows.Err()
}

// readMeeting reads a meeting with all its lists, or nil where there is none of that slug.
func readMeeting(ctx context.Context, r db.Reader, slug string) (*Stored, error) {
	m := &Stored{ids: map[string][]int64{}}
	cols := m.columns()
	err := r.Row(ctx, "SELECT id, "+names(cols)+" FROM event_meeting WHERE slug = $1", slug).Scan(pointers(cols, &m.ID)...)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the meeting %s: %w", slug, err)
	}
	m.zone = m.Meeting.Location()
	var days []partDay
	for _, read := range []func() error{
		into[Part](ctx, r, m, "event_part", &m.Parts),
		into[partDay](ctx, r, m, "event_day", &days),
		into[Venue](ctx, r, m, "event_venue", &m.Venues),
		into[Room](ctx, r, m, "event_room", &m.Rooms),
		into[Organisation](ctx, r, m, "event_organisation", &m.Orgs),
		into[Page](ctx, r, m, "event_page", &m.Pages),
		into[Link](ctx, r, m, "event_link", &m.Links),
		into[Figure](ctx, r, m, "event_figure", &m.Figures),
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	for _, d := range days {
		for i := range m.Parts {
			if m.Parts[i].Key == d.Part {
				m.Parts[i].Days = append(m.Parts[i].Days, d.Day)
			}
		}
	}
	return m, nil
}

func into[T any, P columned[T]](ctx context.Context, r db.Reader, m *Stored, table string, to *[]T) func() error {
	return func() (err error) {
		*to, m.ids[table], err = readRows[T, P](ctx, r, table, m.ID)
		return err
	}
}

// writeMeeting stores the row of a meeting.
func writeMeeting(ctx context.Context, tx *db.Tx, old *Stored, m *Meeting) (MeetingID, []Change, error) {
	object := "meeting " + m.Slug
	if old == nil {
		id, err := insertRow(ctx, tx, "event_meeting", nil, nil, m.columns())
		return MeetingID(id), []Change{{Object: object, After: m.Title.String()}}, err
	}
	diff := differences(object, old.columns(), m.columns())
	if len(diff) == 0 {
		return old.ID, nil, nil
	}
	return old.ID, diff, updateRow(ctx, tx, "event_meeting", int64(old.ID), nil, nil, m.columns())
}

// writeLists makes the stored lists of a meeting the wanted ones: first what is new or different, in the order of references, then
// what is gone, in the reverse order.
func writeLists(ctx context.Context, tx *db.Tx, id MeetingID, stored, wanted []list) ([]Change, bool, error) {
	var changes []Change
	dirty := false
	gone := make([][]row, len(wanted))
	for i, l := range wanted {
		var old []row
		if stored != nil {
			old = stored[i].rows
		}
		p := compare(l.noun, old, l.rows)
		changes, gone[i] = append(changes, p.changes...), p.remove
		dirty = dirty || !p.empty()
		for _, r := range p.update {
			if err := updateRow(ctx, tx, l.table, r.id, []string{"position"}, []any{r.pos}, r.cols); err != nil {
				return nil, false, err
			}
		}
		for _, r := range p.insert {
			if _, err := insertRow(ctx, tx, l.table, []string{"meeting_id", "position"}, []any{int64(id), r.pos}, r.cols); err != nil {
				return nil, false, err
			}
		}
	}
	for i := len(gone) - 1; i >= 0; i-- {
		for _, r := range gone[i] {
			if _, err := tx.Exec(ctx, "DELETE FROM "+wanted[i].table+" WHERE id = $1", r.id); err != nil {
				return nil, false, inUse(wanted[i].noun, r.label, err)
			}
		}
	}
	return changes, dirty, nil
}
