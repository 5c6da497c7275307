package registration

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// choicesOf reads what people chose, in the order in which they asked.
func choicesOf(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]*Chosen, error) {
	var out []*Chosen
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var c Chosen
		var asked, priced, offered, changed int64
		err := rows.Scan(&c.ID, &c.Ref, &c.Entry, &c.Option, &c.Slot, &c.State, &c.Companions, &c.Place, &asked, &priced, &offered, &changed, &c.Kept)
		c.AskedAt, c.PricedAt, c.OfferedUntil, c.ChangedAt = db.Time(asked, loc), db.Time(priced, loc), db.Time(offered, loc), db.Time(changed, loc)
		out = append(out, &c)
		return err
	}, `SELECT c.id, c.ref, c.entry_id, c.option, c.slot, c.state, c.companions, c.place, c.asked_at, c.priced_at, c.offered_until, c.changed_at, c.kept
		FROM registration_choice c WHERE `+where+` ORDER BY c.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read what was chosen: %w", err)
	}
	return out, nil
}

// insertChoice stores what somebody chose. Its place in a waiting list is the order of asking.
func insertChoice(ctx context.Context, tx *db.Tx, e *Entry, c *Chosen) error {
	id, err := tx.Insert(ctx, `INSERT INTO registration_choice (ref, meeting_id, entry_id, option, slot, state, companions, place, asked_at, priced_at, offered_until, changed_at, kept)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		c.Ref, e.Meeting, e.ID, c.Option, c.Slot, c.State, c.Companions, c.Place, db.Micros(c.AskedAt), db.Micros(c.PricedAt), db.Micros(c.OfferedUntil), db.Micros(c.ChangedAt), c.Kept)
	if err != nil {
		return fmt.Errorf("store a choice: %w", err)
	}
	c.ID, c.Entry = id, e.ID
	return nil
}

// updateChoice stores the state of a choice if it is still the one that was read, and reports whether it was.
func updateChoice(ctx context.Context, tx *db.Tx, c *Chosen, was ChoiceState) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_choice SET state = $1, companions = $2, place = $3, priced_at = $4, offered_until = $5, changed_at = $6, kept = $7
		WHERE id = $8 AND state = $9`,
		c.State, c.Companions, c.Place, db.Micros(c.PricedAt), db.Micros(c.OfferedUntil), db.Micros(c.ChangedAt), c.Kept, c.ID, was)
	if err != nil {
		return false, fmt.Errorf("change a choice: %w", err)
	}
	return n == 1, nil
}

// holders lists who has a place in one of some slots: row ids of accounts, with the options.
func holders(ctx context.Context, r db.Reader, m event.MeetingID, options []string) (map[int64][]string, error) {
	out := map[int64][]string{}
	if len(options) == 0 {
		return out, nil
	}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var id int64
		var option string
		err := rows.Scan(&id, &option)
		out[id] = append(out[id], option)
		return err
	}, `SELECT DISTINCT e.person_id, c.option FROM registration_choice c JOIN registration_entry e ON e.id = c.entry_id
		WHERE c.meeting_id = $1 AND c.state IN ('taken', 'offered') AND e.person_id <> 0 AND c.option IN (`+list(2, len(options))+`)`, append([]any{m}, anys(options)...)...)
	if err != nil {
		return nil, fmt.Errorf("find who has a place in a session: %w", err)
	}
	return out, nil
}

// takeSlot takes n places in a slot for somebody who did not wait, and reports whether it did: not where nothing is left, and not past those
// who wait and for whom there is enough.
func takeSlot(ctx context.Context, tx *db.Tx, m event.MeetingID, key string, n int) (bool, error) {
	_, which, _ := cutKey(key)
	option, slot := cutSlot(which)
	changed, err := tx.Exec(ctx, `UPDATE registration_quota SET taken = taken + $1 WHERE meeting_id = $2 AND key = $3 AND (capacity < 0 OR taken + $1 <= capacity
		AND NOT EXISTS (SELECT 1 FROM registration_choice c JOIN registration_entry e ON e.id = c.entry_id WHERE c.meeting_id = $2 AND c.option = $4 AND c.slot = $5
			AND c.state = 'waiting' AND e.state = 'confirmed' AND 1 + c.companions <= registration_quota.capacity - registration_quota.taken))`, n, m, key, option, slot)
	if err != nil {
		return false, fmt.Errorf("take a place: %w", err)
	}
	return changed == 1, nil
}

// takeOver takes n places in a quota, also where there are none left.
func takeOver(ctx context.Context, tx *db.Tx, m event.MeetingID, key string, n int) error {
	if _, err := tx.Exec(ctx, `UPDATE registration_quota SET taken = taken + $1 WHERE meeting_id = $2 AND key = $3`, n, m, key); err != nil {
		return fmt.Errorf("take a place: %w", err)
	}
	return nil
}

// touchEntry raises the version of an entry whose choices change, if it is still the one that was read. Whoever changes the entry at the same
// time comes before or after.
func touchEntry(ctx context.Context, tx *db.Tx, e *Entry, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_entry SET version = version + 1, changed_at = $1 WHERE id = $2 AND version = $3`, db.Micros(now), e.ID, e.Version)
	if err != nil {
		return false, fmt.Errorf("change an entry: %w", err)
	}
	return n == 1, nil
}

// dropFees forgets the fees of what an entry gave up when it was cancelled. What was given up before stays owed.
func dropFees(ctx context.Context, tx *db.Tx, e *Entry) error {
	if _, err := tx.Exec(ctx, `UPDATE registration_choice SET kept = 0 WHERE entry_id = $1 AND state = 'cancelled' AND kept > 0 AND changed_at >= $2`,
		e.ID, db.Micros(e.CancelledAt)); err != nil {
		return fmt.Errorf("forget fees: %w", err)
	}
	return nil
}

// aheadOf counts who waits before each of the choices of an entry that wait, by row id.
func aheadOf(ctx context.Context, r db.Reader, e EntryID) (map[int64]int, error) {
	out := map[int64]int{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var id int64
		var n int
		err := rows.Scan(&id, &n)
		out[id] = n
		return err
	}, `SELECT c.id, COUNT(b.id) FROM registration_choice c LEFT JOIN registration_choice b ON b.meeting_id = c.meeting_id AND b.option = c.option AND b.slot = c.slot
		AND b.state = 'waiting' AND (b.place < c.place OR b.place = c.place AND b.id < c.id) WHERE c.entry_id = $1 AND c.state = 'waiting' GROUP BY c.id`, e)
	if err != nil {
		return nil, fmt.Errorf("count waiting lists: %w", err)
	}
	return out, nil
}

// slotCount is how many choices of a slot are in a state, and how many places they are for.
type slotCount struct{ choices, heads int }

// slotCounts counts the choices of a meeting, by quota key and state. Who waits for a place at the meeting is in no line yet.
func slotCounts(ctx context.Context, r db.Reader, m event.MeetingID) (map[string]map[ChoiceState]slotCount, error) {
	out := map[string]map[ChoiceState]slotCount{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var option, slot string
		var state ChoiceState
		var n slotCount
		if err := rows.Scan(&option, &slot, &state, &n.choices, &n.heads); err != nil {
			return err
		}
		key := slotQuota(option, slot)
		if out[key] == nil {
			out[key] = map[ChoiceState]slotCount{}
		}
		out[key][state] = n
		return nil
	}, `SELECT c.option, c.slot, c.state, COUNT(*), CAST(SUM(1 + c.companions) AS BIGINT) FROM registration_choice c JOIN registration_entry e ON e.id = c.entry_id
		WHERE c.meeting_id = $1 AND (c.state <> 'waiting' OR e.state = 'confirmed') GROUP BY c.option, c.slot, c.state`, m)
	if err != nil {
		return nil, fmt.Errorf("count choices: %w", err)
	}
	return out, nil
}

// queued lists who waits for a slot and could be offered one, in the order of the waiting lists.
func queued(ctx context.Context, r db.Reader, loc *time.Location, m event.MeetingID) ([]*Chosen, error) {
	list, err := choicesOf(ctx, r, loc, `c.meeting_id = $1 AND c.state = 'waiting' AND EXISTS (SELECT 1 FROM registration_entry e WHERE e.id = c.entry_id AND e.state = 'confirmed')`, m)
	slices.SortStableFunc(list, inLine)
	return list, err
}

// lostLast lists who asked for an option at a meeting and got no place: row ids of accounts, and addresses.
func lostLast(ctx context.Context, r db.Reader, m event.MeetingID, option string) (people map[int64]bool, addresses map[string]bool, err error) {
	people, addresses = map[int64]bool{}, map[string]bool{}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var id int64
		var folded string
		err := rows.Scan(&id, &folded)
		people[id], addresses[folded] = true, true
		return err
	}, `SELECT e.person_id, e.folded FROM registration_choice c JOIN registration_entry e ON e.id = c.entry_id
		WHERE c.meeting_id = $1 AND c.option = $2 AND c.state IN ('lost', 'waiting') AND e.state <> 'cancelled' AND NOT EXISTS (
			SELECT 1 FROM registration_choice o WHERE o.entry_id = c.entry_id AND o.option = c.option AND o.state IN ('taken', 'offered'))`, m, option)
	delete(people, 0)
	delete(addresses, "")
	if err != nil {
		return nil, nil, fmt.Errorf("find who lost last time: %w", err)
	}
	return people, addresses, nil
}

// Holder is a choice with whose it is.
type Holder struct {
	*Chosen
	Of     *Entry
	Ticket string // the public name of the choice in a lottery of the option
}

// holdersOf reads the choices of an option with the entries they belong to, without their days and answers, in the order of asking.
func holdersOf(ctx context.Context, r db.Reader, loc *time.Location, m event.MeetingID, option string) ([]*Holder, error) {
	list, err := choicesOf(ctx, r, loc, `c.meeting_id = $1 AND c.option = $2 AND c.state <> 'cancelled'`, m, option)
	if err != nil {
		return nil, err
	}
	of := map[EntryID]*Entry{}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		e, err := scanEntry(rows, loc)
		if err == nil {
			of[e.ID] = e
		}
		return err
	}, `SELECT `+entryColumns+` FROM registration_entry e WHERE e.id IN (SELECT c.entry_id FROM registration_choice c WHERE c.meeting_id = $1 AND c.option = $2
		AND c.state <> 'cancelled')`, m, option)
	if err != nil {
		return nil, fmt.Errorf("read who chose an option: %w", err)
	}
	var out []*Holder
	for _, c := range list {
		if e := of[c.Entry]; e != nil {
			out = append(out, &Holder{Chosen: c, Of: e})
		}
	}
	return out, nil
}

// someEntries finds entries of a meeting that are not cancelled by what somebody typed of them.
func someEntries(ctx context.Context, r db.Reader, loc *time.Location, m event.MeetingID, typed string, most int) ([]*Entry, error) {
	var out []*Entry
	like := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(folded(typed))
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		e, err := scanEntry(rows, loc)
		out = append(out, e)
		return err
	}, `SELECT `+entryColumns+` FROM registration_entry e WHERE e.meeting_id = $1 AND e.state <> 'cancelled' AND e.find LIKE $2 ESCAPE '\' ORDER BY e.id LIMIT $3`,
		m, "%"+like+"%", most)
	if err != nil {
		return nil, fmt.Errorf("find entries: %w", err)
	}
	return out, nil
}

// lateOffer is an offer whose time is over, with its meeting.
type lateOffer struct {
	*Chosen
	meeting event.MeetingID
}

// lateOffers lists offers whose time was over at a time, of all meetings.
func lateOffers(ctx context.Context, r db.Reader, now time.Time) ([]lateOffer, error) {
	var out []lateOffer
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		x := lateOffer{Chosen: &Chosen{}}
		err := rows.Scan(&x.ID, &x.Ref, &x.Entry, &x.meeting)
		out = append(out, x)
		return err
	}, `SELECT id, ref, entry_id, meeting_id FROM registration_choice WHERE state = 'offered' AND offered_until <= $1 ORDER BY id`, db.Micros(now))
	if err != nil {
		return nil, fmt.Errorf("find offers that are over: %w", err)
	}
	return out, nil
}
