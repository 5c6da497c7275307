package registration

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/spoken"
)

// condition is a part of a statement that chooses entries e, with its arguments.
type condition struct {
	b    strings.Builder
	args []any
}

// and adds a condition, in which each ? is the next argument.
func (c *condition) and(sql string, args ...any) {
	if c.b.Len() > 0 {
		c.b.WriteString(" AND ")
	}
	for _, r := range sql {
		if r != '?' {
			c.b.WriteRune(r)
			continue
		}
		c.args = append(c.args, args[0])
		args = args[1:]
		c.b.WriteString("$" + strconv.Itoa(len(c.args)))
	}
}

// questions writes n question marks.
func questions(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// like makes of a text a pattern that finds it anywhere.
func like(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
}

// where is the condition of a filter. said are entries that the query names by their spoken words.
func (f *Filter) where(m event.MeetingID, loc *time.Location, said []EntryID) *condition {
	c := &condition{}
	c.and("e.meeting_id = ?", m)
	switch f.State {
	case "":
		c.and("e.state <> 'cancelled'")
	case "all":
	default:
		c.and("e.state = ?", f.State)
	}
	if f.Kind != "" {
		c.and("e.kind = ?", f.Kind)
	}
	f.whereSearched(c, said)
	switch {
	case f.Day != "" && f.Mode != "":
		c.and("EXISTS (SELECT 1 FROM registration_day d WHERE d.entry_id = e.id AND d.day = ? AND d.mode = ?)", string(f.Day), string(f.Mode))
	case f.Day != "":
		c.and("EXISTS (SELECT 1 FROM registration_day d WHERE d.entry_id = e.id AND d.day = ?)", string(f.Day))
	case f.Mode != "":
		c.and("EXISTS (SELECT 1 FROM registration_day d WHERE d.entry_id = e.id AND d.mode = ?)", string(f.Mode))
	}
	if f.Option != "" {
		states := "'taken', 'offered'"
		if f.Waits {
			states = "'waiting', 'asked'"
		}
		option, slot, _ := strings.Cut(f.Option, "/")
		if slot == "" {
			c.and("EXISTS (SELECT 1 FROM registration_choice o WHERE o.entry_id = e.id AND o.option = ? AND o.state IN ("+states+"))", option)
		} else {
			c.and("EXISTS (SELECT 1 FROM registration_choice o WHERE o.entry_id = e.id AND o.option = ? AND o.slot = ? AND o.state IN ("+states+"))", option, slot)
		}
	}
	if q, v, ok := strings.Cut(f.Answer, ":"); ok {
		c.and("EXISTS (SELECT 1 FROM registration_answer a WHERE a.entry_id = e.id AND a.question = ? AND a.value = ?)", q, v)
	}
	if f.Group != "" {
		c.and("e.group_ref = ?", f.Group)
	}
	if f.Code != "" {
		c.and("e.code = ?", f.Code)
	}
	if f.Unproven {
		c.and("e.proved_at = 0 AND e.person_id = 0 AND e.folded <> ''")
	}
	if f.Since != "" {
		c.and("e.made_at >= ?", db.Micros(f.Since.Time(loc)))
	}
	if len(f.Refs) > 0 {
		c.and("e.ref IN ("+questions(len(f.Refs))+")", anys(f.Refs)...)
	}
	return c
}

func (f *Filter) whereSearched(c *condition, said []EntryID) {
	terms := f.terms()
	if len(terms) == 0 && f.Query != "" { // nothing but signs
		c.and("1 = 0")
		return
	}
	if len(terms) == 0 {
		return
	}
	var parts []string
	var args []any
	for _, t := range terms {
		parts, args = append(parts, `e.find LIKE ? ESCAPE '\'`), append(args, like(t))
	}
	sql := strings.Join(parts, " AND ")
	if len(said) > 0 {
		sql = "(" + sql + ") OR e.id IN (" + questions(len(said)) + ")"
		args = append(args, anys(said)...)
	}
	if word := codeWord(f.Query); word != "" {
		sql = "(" + sql + ") OR e.code IN (SELECT x.ref FROM registration_code x WHERE x.meeting_id = e.meeting_id AND x.word = ?)"
		args = append(args, word)
	}
	c.and("("+sql+")", args...)
}

// idsNamed finds the row ids of entries of a meeting by their refs.
func idsNamed(ctx context.Context, r db.Reader, m event.MeetingID, refs []string) (out []EntryID, err error) {
	if len(refs) == 0 {
		return nil, nil
	}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var id EntryID
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	}, `SELECT e.id FROM registration_entry e WHERE e.meeting_id = $1 AND (e.ref IN (`+list(2, len(refs))+`)
		OR e.id IN (SELECT f.entry_id FROM registration_ref f WHERE f.ref IN (`+list(2, len(refs))+`)))`, append([]any{m}, anys(refs)...)...)
	if err != nil {
		return nil, fmt.Errorf("find entries by their refs: %w", err)
	}
	return out, nil
}

// saidAs finds the entries of a meeting that are called by three words.
func saidAs(ctx context.Context, r db.Reader, m event.MeetingID, words spoken.Triple) (out []EntryID, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var id EntryID
		var ref string
		if err := rows.Scan(&id, &ref); err != nil {
			return err
		}
		if spoken.Of(ref) == words {
			out = append(out, id)
		}
		return nil
	}, `SELECT id, ref FROM registration_entry WHERE meeting_id = $1`, m)
	if err != nil {
		return nil, fmt.Errorf("find who is called by words: %w", err)
	}
	return out, nil
}

// refsWhere lists the refs of chosen entries.
func refsWhere(ctx context.Context, r db.Reader, c *condition) (out []string, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var ref string
		err := rows.Scan(&ref)
		out = append(out, ref)
		return err
	}, `SELECT e.ref FROM registration_entry e WHERE `+c.b.String(), c.args...)
	if err != nil {
		return nil, fmt.Errorf("choose entries: %w", err)
	}
	return out, nil
}

// orderOf is by what a sort orders entries, and whether the last comes first.
func orderOf(sort string) (by string, down bool) {
	switch sort {
	case "old":
		return "e.id", false
	case "changed":
		return "e.changed_at", true
	case "name":
		return "CASE WHEN e.kana = '' THEN e.name_ja ELSE e.kana END", false
	case "organisation":
		return "CASE WHEN e.org_ja = '' THEN e.org_en ELSE e.org_ja END", false
	}
	return "e.id", true
}

// page reads the ids of a page of chosen entries in their order, and the cursor of what follows, which is empty at the end.
func page(ctx context.Context, r db.Reader, c *condition, sort, after string, limit int) (ids []EntryID, next string, err error) {
	by, down := orderOf(sort)
	sign, way := ">", "ASC"
	if down {
		sign, way = "<", "DESC"
	}
	where, args := c.b.String(), slices.Clone(c.args)
	if value, id, ok := readCursor(after); ok {
		n := len(args)
		var v any = value
		if by == "e.id" || by == "e.changed_at" {
			v, _ = strconv.ParseInt(value, 10, 64) // 0 where it is no number: an order that nobody asked for
		}
		where += fmt.Sprintf(" AND (%s, e.id) %s ($%d, $%d)", by, sign, n+1, n+2)
		args = append(args, v, id)
	}
	args = append(args, limit+1)
	var keys []string
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var id EntryID
		var key string
		err := rows.Scan(&id, &key)
		ids, keys = append(ids, id), append(keys, key)
		return err
	}, fmt.Sprintf(`SELECT e.id, CAST(%s AS TEXT) FROM registration_entry e WHERE %s ORDER BY %s %s, e.id %s LIMIT $%d`, by, where, by, way, way, len(args)), args...)
	if err != nil {
		return nil, "", fmt.Errorf("read a page of entries: %w", err)
	}
	if len(ids) > limit {
		ids = ids[:limit]
		next = writeCursor(keys[limit-1], ids[limit-1])
	}
	return ids, next, nil
}

// tallyOf counts chosen entries by state and kind.
func tallyOf(ctx context.Context, r db.Reader, c *condition) (Tally, error) {
	t := Tally{States: map[State]int{}, Kinds: map[string]int{}}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var state State
		var kind string
		var n int
		err := rows.Scan(&state, &kind, &n)
		t.All += n
		t.States[state] += n
		t.Kinds[kind] += n
		return err
	}, `SELECT e.state, e.kind, COUNT(*) FROM registration_entry e WHERE `+c.b.String()+` GROUP BY e.state, e.kind`, c.args...)
	if err != nil {
		return t, fmt.Errorf("count entries: %w", err)
	}
	return t, nil
}

// inOrder reads entries by their ids, in that order.
func inOrder(ctx context.Context, r db.Reader, loc *time.Location, ids []EntryID) ([]*Entry, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	all, err := entries(ctx, r, loc, `e.id IN (`+list(1, len(ids))+`)`, anys(ids)...)
	if err != nil {
		return nil, err
	}
	byID := map[EntryID]*Entry{}
	for _, e := range all {
		byID[e.ID] = e
	}
	out := make([]*Entry, 0, len(ids))
	for _, id := range ids {
		if e := byID[id]; e != nil {
			out = append(out, e)
		}
	}
	return out, nil
}

// takeAnyway takes one place in each of some quotas, whether there is one or not.
func takeAnyway(ctx context.Context, tx *db.Tx, m event.MeetingID, keys []string) (int, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_quota SET taken = taken + 1 WHERE meeting_id = $1 AND key IN (`+list(2, len(keys))+`)`, append([]any{m}, anys(keys)...)...)
	if err != nil {
		return 0, fmt.Errorf("take a place over capacity: %w", err)
	}
	return int(n), nil
}

// noteOf reads the note about an entry.
func noteOf(ctx context.Context, r db.Reader, id EntryID) (string, error) {
	var s string
	err := r.Row(ctx, `SELECT body FROM registration_note WHERE entry_id = $1`, id).Scan(&s)
	if err != nil && !db.IsNoRows(err) {
		return "", fmt.Errorf("read a note: %w", err)
	}
	return s, nil
}

// storeNote replaces the note about an entry; an empty one is none.
func storeNote(ctx context.Context, tx *db.Tx, id EntryID, body string, now time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM registration_note WHERE entry_id = $1`, id)
	if err == nil && body != "" {
		_, err = tx.Exec(ctx, `INSERT INTO registration_note (entry_id, body, changed_at) VALUES ($1, $2, $3)`, id, body, db.Micros(now))
	}
	if err != nil {
		return fmt.Errorf("store a note: %w", err)
	}
	return nil
}

// notesWhere reads the notes about chosen entries, by id.
func notesWhere(ctx context.Context, r db.Reader, where string, args ...any) (map[EntryID]string, error) {
	out := map[EntryID]string{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var id EntryID
		var body string
		err := rows.Scan(&id, &body)
		out[id] = body
		return err
	}, `SELECT n.entry_id, n.body FROM registration_note n JOIN registration_entry e ON e.id = n.entry_id WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	return out, nil
}

// forgetPerson removes what the desk keeps beside the entries of an account: notes, and that its addresses want no news.
func forgetPerson(ctx context.Context, tx *db.Tx, id int64) error {
	for _, q := range []string{
		`DELETE FROM registration_note WHERE entry_id IN (SELECT id FROM registration_entry WHERE person_id = $1)`,
		`DELETE FROM registration_refusal WHERE folded IN (SELECT folded FROM registration_entry WHERE person_id = $1)`,
	} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return fmt.Errorf("erase notes about a person: %w", err)
		}
	}
	return nil
}

// noteMerge remembers into which entry one was merged.
func noteMerge(ctx context.Context, tx *db.Tx, gone, keep EntryID, now time.Time) error {
	if _, err := tx.Exec(ctx, `INSERT INTO registration_merge (entry_id, into_id, merged_at) VALUES ($1, $2, $3)`, gone, keep, db.Micros(now)); err != nil {
		return fmt.Errorf("remember a merge: %w", err)
	}
	return nil
}

// mergedInto is the ref of the entry that one was merged into, or empty.
func mergedInto(ctx context.Context, r db.Reader, id EntryID) (string, error) {
	var ref string
	err := r.Row(ctx, `SELECT e.ref FROM registration_merge x JOIN registration_entry e ON e.id = x.into_id WHERE x.entry_id = $1`, id).Scan(&ref)
	if err != nil && !db.IsNoRows(err) {
		return "", fmt.Errorf("find what an entry was merged into: %w", err)
	}
	return ref, nil
}

// unmerge forgets a merge: the entry that went is there again.
func unmerge(ctx context.Context, tx *db.Tx, id EntryID) error {
	_, err := tx.Exec(ctx, `DELETE FROM registration_merge WHERE entry_id = $1`, id)
	return err
}

// attendees reads who takes part in a meeting and can be written to.
func attendees(ctx context.Context, r db.Reader, m event.MeetingID) (out []Attendee, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var a Attendee
		err := rows.Scan(&a.Person, &a.Address, &a.Folded)
		out = append(out, a)
		return err
	}, `SELECT person_id, address, folded FROM registration_pub_entry WHERE meeting_id = $1 ORDER BY folded`, m)
	if err != nil {
		return nil, fmt.Errorf("read the attendees of a meeting: %w", err)
	}
	return out, nil
}
