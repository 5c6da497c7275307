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
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

const entryColumns = `e.id, e.ref, e.meeting_id, e.person_id, e.kind, e.state, e.name_ja, e.name_en, e.kana, e.org_ja, e.org_en, e.department, e.badge,
	e.address, e.folded, e.lang, e.code, e.group_ref, e.made_at, e.proved_at, e.priced_at, e.changed_at, e.offered_until, e.cancelled_at, e.why, e.waived, e.kept_kind, e.kept_yen,
	e.version, e.link_no`

// scanEntry reads an entry without its days and answers.
func scanEntry(rows interface{ Scan(...any) error }, loc *time.Location) (*Entry, error) {
	var e Entry
	var made, proved, priced, changed, offered, cancelled int64
	var waived int
	var lang string
	err := rows.Scan(&e.ID, &e.Ref, &e.Meeting, &e.Person, &e.Kind, &e.State, &e.Name.JA, &e.Name.EN, &e.Kana, &e.Organisation.JA, &e.Organisation.EN,
		&e.Department, &e.Badge, &e.Address, &e.Folded, &lang, &e.Code, &e.Group, &made, &proved, &priced, &changed, &offered, &cancelled, &e.Why, &waived,
		&e.KeptKind, &e.KeptYen, &e.Version, &e.LinkNo)
	e.Lang, e.Waived = i18n.Lang(lang), waived == 1
	for _, x := range []struct {
		to *time.Time
		us int64
	}{{&e.MadeAt, made}, {&e.ProvedAt, proved}, {&e.PricedAt, priced}, {&e.ChangedAt, changed}, {&e.OfferedUntil, offered}, {&e.CancelledAt, cancelled}} {
		*x.to = db.Time(x.us, loc)
	}
	return &e, err
}

// entries reads entries with their days and answers: three statements, however many they are.
func entries(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]*Entry, error) {
	var list []*Entry
	byID := map[EntryID]*Entry{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		e, err := scanEntry(rows, loc)
		if err != nil {
			return err
		}
		list, byID[e.ID] = append(list, e), e
		return nil
	}, `SELECT `+entryColumns+` FROM registration_entry e WHERE `+where+` ORDER BY e.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var id EntryID
		var d Day
		if err := rows.Scan(&id, &d.Date, &d.Mode); err != nil {
			return err
		}
		if e := byID[id]; e != nil { // of an entry that was made a moment ago
			e.Days = append(e.Days, d)
		}
		return nil
	}, `SELECT d.entry_id, d.day, d.mode FROM registration_day d JOIN registration_entry e ON e.id = d.entry_id WHERE `+where+` ORDER BY d.entry_id, d.day`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the days of entries: %w", err)
	}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var id EntryID
		var q, v string
		if err := rows.Scan(&id, &q, &v); err != nil {
			return err
		}
		e := byID[id]
		if e == nil {
			return nil
		}
		if e.Answers == nil {
			e.Answers = map[string][]string{}
		}
		e.Answers[q] = append(e.Answers[q], v)
		return nil
	}, `SELECT a.entry_id, a.question, a.value FROM registration_answer a JOIN registration_entry e ON e.id = a.entry_id WHERE `+where+` ORDER BY a.entry_id, a.question, a.value`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the answers of entries: %w", err)
	}
	return list, nil
}

// oneEntry reads one entry, or nil.
func oneEntry(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) (*Entry, error) {
	list, err := entries(ctx, r, loc, where, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[len(list)-1], nil
}

const entryInsert = `INSERT INTO registration_entry (ref, meeting_id, person_id, kind, state, name_ja, name_en, kana, org_ja, org_en, department, badge,
		address, folded, lang, find, code, group_ref, made_at, proved_at, priced_at, changed_at, offered_until, cancelled_at, why, waived, kept_kind, kept_yen, version, link_no)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)`

func (e *Entry) columns() []any {
	return []any{
		e.Ref, e.Meeting, e.Person, e.Kind, e.State, e.Name.JA, e.Name.EN, e.Kana, e.Organisation.JA, e.Organisation.EN, e.Department, e.Badge, e.Address, e.Folded,
		string(e.Lang), e.find(), e.Code, e.Group, db.Micros(e.MadeAt), db.Micros(e.ProvedAt), db.Micros(e.PricedAt), db.Micros(e.ChangedAt), db.Micros(e.OfferedUntil),
		db.Micros(e.CancelledAt), e.Why, bit(e.Waived), e.KeptKind, e.KeptYen, e.Version, e.LinkNo,
	}
}

// insertEntry stores a new entry with its days and answers.
func insertEntry(ctx context.Context, tx *db.Tx, e *Entry) error {
	id, err := tx.Insert(ctx, entryInsert, e.columns()...)
	if err != nil {
		return fmt.Errorf("store an entry: %w", err)
	}
	e.ID = EntryID(id)
	return insertRest(ctx, tx, e)
}

// insertEntrySoon is insertEntry where nobody needs the row id: all of it goes in one trip.
func insertEntrySoon(ctx context.Context, tx *db.Tx, e *Entry) error {
	if err := tx.Soon(ctx, entryInsert, e.columns()...); err != nil {
		return fmt.Errorf("store an entry: %w", err)
	}
	return insertRest(ctx, tx, e)
}

func insertRest(ctx context.Context, tx *db.Tx, e *Entry) error {
	if err := insertDays(ctx, tx, e); err != nil {
		return err
	}
	return insertAnswers(ctx, tx, e)
}

// updateEntry stores what changed of an entry, but not its days and answers. It fails to find one that somebody else changed meanwhile.
func updateEntry(ctx context.Context, tx *db.Tx, e *Entry) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_entry SET person_id = $1, kind = $2, state = $3, name_ja = $4, name_en = $5, kana = $6, org_ja = $7, org_en = $8,
		department = $9, badge = $10, address = $11, folded = $12, lang = $13, find = $14, code = $15, group_ref = $16, proved_at = $17, priced_at = $18,
		changed_at = $19, offered_until = $20, cancelled_at = $21, why = $22, waived = $23, kept_kind = $24, kept_yen = $25, version = $26 + 1, link_no = $27, ref = $28
		WHERE id = $29 AND version = $30`,
		e.Person, e.Kind, e.State, e.Name.JA, e.Name.EN, e.Kana, e.Organisation.JA, e.Organisation.EN, e.Department, e.Badge, e.Address, e.Folded, string(e.Lang),
		e.find(), e.Code, e.Group, db.Micros(e.ProvedAt), db.Micros(e.PricedAt), db.Micros(e.ChangedAt), db.Micros(e.OfferedUntil), db.Micros(e.CancelledAt), e.Why,
		bit(e.Waived), e.KeptKind, e.KeptYen, e.Version, e.LinkNo, e.Ref, e.ID, e.Version)
	if err != nil {
		return false, fmt.Errorf("change an entry: %w", err)
	}
	return n == 1, nil
}

// replaceDays stores the days of an entry anew.
func replaceDays(ctx context.Context, tx *db.Tx, e *Entry) error {
	if _, err := tx.Exec(ctx, `DELETE FROM registration_day WHERE entry_id = $1`, e.ID); err != nil {
		return fmt.Errorf("change the days of an entry: %w", err)
	}
	return insertDays(ctx, tx, e)
}

// replaceAnswers stores the answers of an entry anew.
func replaceAnswers(ctx context.Context, tx *db.Tx, e *Entry) error {
	if _, err := tx.Exec(ctx, `DELETE FROM registration_answer WHERE entry_id = $1`, e.ID); err != nil {
		return fmt.Errorf("change the answers of an entry: %w", err)
	}
	return insertAnswers(ctx, tx, e)
}

// rows is the rest of an INSERT of n rows of three, the first of which is the row id of the entry whose ref is $1.
func rows(n int) string {
	var b strings.Builder
	b.WriteString(` SELECT e.id, v.column1, v.column2 FROM registration_entry e CROSS JOIN (VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("($" + strconv.Itoa(2*i+2) + ", $" + strconv.Itoa(2*i+3) + ")")
	}
	return b.String() + `) v WHERE e.ref = $1`
}

func insertDays(ctx context.Context, tx *db.Tx, e *Entry) error {
	if len(e.Days) == 0 {
		return nil
	}
	args := []any{e.Ref}
	for _, d := range e.Days {
		args = append(args, string(d.Date), string(d.Mode))
	}
	return tx.Soon(ctx, `INSERT INTO registration_day (entry_id, day, mode)`+rows(len(e.Days)), args...)
}

func insertAnswers(ctx context.Context, tx *db.Tx, e *Entry) error {
	args := []any{e.Ref}
	n := 0
	for _, q := range sortedKeys(e.Answers) {
		for _, v := range e.Answers[q] {
			args, n = append(args, q, v), n+1
		}
	}
	if n == 0 {
		return nil
	}
	return tx.Soon(ctx, `INSERT INTO registration_answer (entry_id, question, value)`+rows(n), args...)
}

// take takes n places in each of some quotas, and reports whether all had them. Where one had not, some may be taken: the transaction has to
// be undone.
func take(ctx context.Context, tx *db.Tx, m event.MeetingID, keys []string, n int) (bool, error) {
	changed, err := tx.Exec(ctx, `UPDATE registration_quota SET taken = taken + $1 WHERE meeting_id = $2 AND (capacity < 0 OR taken + $1 <= capacity) AND key IN (`+
		list(3, len(keys))+`)`, append([]any{n, m}, anys(keys)...)...)
	if err != nil {
		return false, fmt.Errorf("take a place: %w", err)
	}
	return changed == int64(len(keys)), nil
}

// takeFirst takes one place in each of some quotas also before those who wait, and says in how many it did.
func takeFirst(ctx context.Context, tx *db.Tx, m event.MeetingID, keys []string) (int, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_quota SET taken = taken + 1 WHERE meeting_id = $1 AND (capacity < 0 OR taken < capacity) AND key IN (`+
		list(2, len(keys))+`)`, append([]any{m}, anys(keys)...)...)
	if err != nil {
		return 0, fmt.Errorf("take a place: %w", err)
	}
	return int(n), nil
}

// servable is where an entry w waits that a place in the quota of the row would serve: nothing else that it needs is full.
const servable = `FROM registration_entry w WHERE w.meeting_id = $1 AND w.state = 'waiting' AND (registration_quota.key = 'kind:' || w.kind
	OR registration_quota.key = 'code:' || w.code
	OR EXISTS (SELECT 1 FROM registration_day d WHERE d.entry_id = w.id AND d.mode = 'onsite' AND registration_quota.key = 'day:' || d.day))
	AND NOT EXISTS (SELECT 1 FROM registration_quota f WHERE f.meeting_id = $1 AND f.capacity >= 0 AND f.taken >= f.capacity AND (f.key = 'kind:' || w.kind
		OR f.key = 'code:' || w.code OR EXISTS (SELECT 1 FROM registration_day d WHERE d.entry_id = w.id AND d.mode = 'onsite' AND f.key = 'day:' || d.day)))`

// takeFree takes one place in each of some quotas for somebody who did not wait, and says in how many it did: not where nothing is left, nor
// where those who wait are to have what is left. Where it is not in all, the transaction has to be undone.
func takeFree(ctx context.Context, tx *db.Tx, m event.MeetingID, keys []string) (int, error) {
	changed, err := tx.Expect(ctx, int64(len(keys)), `UPDATE registration_quota SET taken = taken + 1 WHERE meeting_id = $1 AND (capacity < 0 OR taken < capacity
		AND taken + (SELECT COUNT(*) `+servable+`) < capacity) AND key IN (`+list(2, len(keys))+`)`, append([]any{m}, anys(keys)...)...)
	if err != nil {
		return 0, fmt.Errorf("take a place: %w", err)
	}
	return int(changed), nil
}

// missing are those of some keys that have no quota.
func missing(ctx context.Context, r db.Reader, m event.MeetingID, keys []string) ([]string, error) {
	out := slices.Clone(keys)
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		out = slices.DeleteFunc(out, func(k string) bool { return k == key })
		return err
	}, `SELECT key FROM registration_quota WHERE meeting_id = $1 AND key IN (`+list(2, len(keys))+`)`, append([]any{m}, anys(keys)...)...)
	if err != nil {
		return nil, fmt.Errorf("find missing quotas: %w", err)
	}
	return out, nil
}

// giveBack gives n places back in each of some quotas.
func giveBack(ctx context.Context, tx *db.Tx, m event.MeetingID, keys []string, n int) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE registration_quota SET taken = taken - $1 WHERE meeting_id = $2 AND key IN (`+list(3, len(keys))+`)`,
		append([]any{n, m}, anys(keys)...)...)
	if err != nil {
		return fmt.Errorf("give a place back: %w", err)
	}
	return nil
}

// quotasOf reads the quotas of a meeting, by key.
func quotasOf(ctx context.Context, r db.Reader, m event.MeetingID) (map[string]Quota, error) {
	out := map[string]Quota{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var q Quota
		err := rows.Scan(&q.Key, &q.Capacity, &q.Taken)
		out[q.Key] = q
		return err
	}, `SELECT key, capacity, taken FROM registration_quota WHERE meeting_id = $1`, m)
	if err != nil {
		return nil, fmt.Errorf("read quotas: %w", err)
	}
	return out, nil
}

// remember notes which entry a form made. A form that was sent before makes the transaction fail (db.IsUnique).
func remember(ctx context.Context, tx *db.Tx, key string, e *Entry) error {
	return tx.Soon(ctx, `INSERT INTO registration_request (key, entry, made_at) VALUES ($1, $2, $3)`, key, e.Ref, db.Micros(e.MadeAt))
}

// forgetRequests removes what no form is sent again for.
func forgetRequests(ctx context.Context, tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM registration_request WHERE made_at < $1`, db.Micros(before))
	return err
}

// signingKey is the secret that signs links; fresh is kept where there is none yet.
func signingKey(ctx context.Context, tx *db.Tx, fresh string, now time.Time) (string, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO registration_key (id, secret, made_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING`, fresh, db.Micros(now)); err != nil {
		return "", fmt.Errorf("make the key of links: %w", err)
	}
	return findKey(ctx, tx)
}

// findKey reads the secret, which is empty where nothing was signed yet.
func findKey(ctx context.Context, r db.Reader) (string, error) {
	var s string
	err := r.Row(ctx, `SELECT secret FROM registration_key WHERE id = 1`).Scan(&s)
	if err != nil && !db.IsNoRows(err) {
		return "", fmt.Errorf("read the key of links: %w", err)
	}
	return s, nil
}

// waitingBefore counts those who wait before an entry for its kind.
func waitingBefore(ctx context.Context, r db.Reader, e *Entry) (int, error) {
	var n int
	err := r.Row(ctx, `SELECT COUNT(*) FROM registration_entry WHERE meeting_id = $1 AND state = 'waiting' AND kind = $2 AND id < $3`, e.Meeting, e.Kind, e.ID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the waiting list: %w", err)
	}
	return n, nil
}

// list writes n placeholders from $first on.
func list(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(first+i))
	}
	return b.String()
}

func anys[T any](in []T) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// forgetAnswers erases what everybody answered to one question.
func forgetAnswers(ctx context.Context, tx *db.Tx, m event.MeetingID, question string) error {
	_, err := tx.Exec(ctx, `DELETE FROM registration_answer WHERE question = $1 AND entry_id IN (SELECT id FROM registration_entry WHERE meeting_id = $2)`, question, m)
	if err != nil {
		return fmt.Errorf("forget answers: %w", err)
	}
	return nil
}

// erasePerson takes away who the entries of an account were about. That somebody took part stays as a number.
func erasePerson(ctx context.Context, tx *db.Tx, id int64) error {
	for _, q := range []string{
		`DELETE FROM registration_answer WHERE entry_id IN (SELECT id FROM registration_entry WHERE person_id = $1)`,
		`UPDATE registration_entry SET person_id = 0, name_ja = '', name_en = '', kana = '', org_ja = '', org_en = '', department = '', badge = '', address = '',
			folded = '', find = '', why = '', link_no = link_no + 1, version = version + 1 WHERE person_id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return fmt.Errorf("erase the entries of a person: %w", err)
		}
	}
	return nil
}

// refsOf lists the entries of an account, as the audit log names them: scope and ref.
func refsOf(ctx context.Context, r db.Reader, id int64) (out [][2]string, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var x [2]string
		err := rows.Scan(&x[0], &x[1])
		out = append(out, x)
		return err
	}, `SELECT m.slug, e.ref FROM registration_entry e JOIN event_pub_meeting m ON m.id = e.meeting_id WHERE e.person_id = $1`, id)
	return out, err
}

// ownEntry makes an entry without an account that of one, so that it is erased with it.
func ownEntry(ctx context.Context, tx *db.Tx, entry EntryID, person int64) error {
	if _, err := tx.Exec(ctx, `UPDATE registration_entry SET person_id = $1 WHERE id = $2 AND person_id = 0`, person, entry); err != nil {
		return fmt.Errorf("give an entry to an account: %w", err)
	}
	return nil
}

// mergePerson gives the entries of one account to another. Where both have one at a meeting, that of the account that goes is nobody's: its
// person has the link in its letter, and the desk finds both among the duplicates.
func mergePerson(ctx context.Context, tx *db.Tx, from, to int64) error {
	if _, err := tx.Exec(ctx, `UPDATE registration_entry SET person_id = $1 WHERE person_id = $2 AND (state = 'cancelled' OR meeting_id NOT IN (
		SELECT o.meeting_id FROM registration_entry o WHERE o.person_id = $1 AND o.state <> 'cancelled'))`, to, from); err != nil {
		return fmt.Errorf("merge the entries of two accounts: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE registration_entry SET person_id = 0, version = version + 1,
		proved_at = CASE WHEN proved_at = 0 THEN made_at ELSE proved_at END WHERE person_id = $1`, from); err != nil {
		return fmt.Errorf("detach entries of an account: %w", err)
	}
	return nil
}

// oneOf is the first of what was read, or nil where there was nothing.
func oneOf[T any](list []*T, err error) (*T, error) {
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}
