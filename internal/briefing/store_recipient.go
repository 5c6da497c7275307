package briefing

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

const recipientColumns = `t.id, t.ref, t.item_id, t.person_id, t.contact_id, t.name_ja, t.name_en, t.address, t.phone, t.lang, t.duties, t.sessions, t.asks, t.state,
	t.acknowledged_at, t.how, t.noted_by, t.call, t.call_note, t.superseded_by, t.reminders, t.reminded_at`

func scanRecipient(scan func(...any) error, loc *time.Location) (*Recipient, error) {
	t := &Recipient{}
	var duties, sessions string
	var acknowledged, reminded int64
	if err := scan(&t.ID, &t.Ref, &t.Item, &t.Person, &t.Contact, &t.Name.JA, &t.Name.EN, &t.Address, &t.Phone, &t.Lang, &duties, &sessions, &t.Asks, &t.State,
		&acknowledged, &t.How, &t.NotedBy, &t.Call, &t.CallNote, &t.SupersededBy, &t.Reminders, &reminded); err != nil {
		return nil, err
	}
	t.Duties, t.Sessions = listOf[Duty](duties), strings.Fields(sessions)
	t.Acknowledged, t.RemindedAt = db.Time(acknowledged, loc), db.Time(reminded, loc)
	return t, nil
}

// recipients reads the recipients of a condition over t (the recipient) and i (the briefing), in the order they were found.
func recipients(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]*Recipient, error) {
	var list []*Recipient
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		t, err := scanRecipient(rows.Scan, loc)
		list = append(list, t)
		return err
	}, `SELECT `+recipientColumns+` FROM briefing_recipient t JOIN briefing_item i ON i.id = t.item_id WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read the recipients of a briefing: %w", err)
	}
	return list, nil
}

// addRecipients stores who gets a briefing, many with one statement.
func addRecipients(ctx context.Context, tx *db.Tx, id ItemID, list []*Recipient) error {
	const columns, part = 12, 80
	for len(list) > 0 {
		some := list[:min(part, len(list))]
		list = list[len(some):]
		rows := make([]string, len(some))
		args := make([]any, 0, columns*len(some))
		for n, t := range some {
			marks := make([]string, columns)
			for c := range columns {
				marks[c] = "$" + strconv.Itoa(n*columns+c+1)
			}
			rows[n] = "(" + strings.Join(marks, ", ") + ", 'waiting', 0, '', '', 0, '', 0, 0, 0)"
			args = append(args, t.Ref, id, t.Person, t.Contact, t.Name.JA, t.Name.EN, t.typed(), t.Phone, string(t.Lang), words(t.Duties), words(t.Sessions), bit(t.Asks))
		}
		_, err := tx.Exec(ctx, `INSERT INTO briefing_recipient (ref, item_id, person_id, contact_id, name_ja, name_en, address, phone, lang, duties, sessions, asks,
			state, acknowledged_at, how, noted_by, call, call_note, superseded_by, reminders, reminded_at) VALUES `+strings.Join(rows, ", "), args...)
		if err != nil {
			return fmt.Errorf("store who gets a briefing: %w", err)
		}
	}
	return nil
}

// typed is the address that is stored of a recipient: of an account none, since it is looked up when it is needed.
func (r *Recipient) typed() string {
	if r.Person != 0 {
		return ""
	}
	return r.Address
}

// dropRecipients forgets who a briefing that was taken back would have gone to.
func dropRecipients(ctx context.Context, tx *db.Tx, id ItemID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM briefing_recipient WHERE item_id = $1`, id); err != nil {
		return fmt.Errorf("take back who gets a briefing: %w", err)
	}
	return nil
}

// concluded writes down what became of letters: those who are not asked to acknowledge are forgotten.
func concluded(ctx context.Context, tx *db.Tx, done, gone []RecipientID, state string) error {
	for _, part := range parts(done) {
		if _, err := tx.Exec(ctx, `UPDATE briefing_recipient SET state = '`+state+`' WHERE id IN (`+part+`)`); err != nil {
			return fmt.Errorf("note that letters left: %w", err)
		}
	}
	for _, part := range parts(gone) {
		if _, err := tx.Exec(ctx, `DELETE FROM briefing_recipient WHERE id IN (`+part+`)`); err != nil {
			return fmt.Errorf("forget whose letters left: %w", err)
		}
	}
	return nil
}

// parts writes row ids as lists for IN, each of at most 500.
func parts(ids []RecipientID) []string {
	var out []string
	for len(ids) > 0 {
		some := ids[:min(500, len(ids))]
		ids = ids[len(some):]
		texts := make([]string, len(some))
		for i, id := range some {
			texts[i] = strconv.FormatInt(int64(id), 10)
		}
		out = append(out, strings.Join(texts, ", "))
	}
	return out
}

// supersede marks recipients of older briefings.
func supersede(ctx context.Context, tx *db.Tx, ids []RecipientID, by ItemID) error {
	for _, part := range parts(ids) {
		if _, err := tx.Exec(ctx, `UPDATE briefing_recipient SET superseded_by = $1 WHERE id IN (`+part+`)`, by); err != nil {
			return fmt.Errorf("mark what a briefing says anew: %w", err)
		}
	}
	return nil
}

// acknowledged writes down that somebody has read a briefing; the first time stays. It is false where it was known, or where a later one says
// everything anew.
func acknowledged(ctx context.Context, tx *db.Tx, id RecipientID, how, by string, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE briefing_recipient SET acknowledged_at = $2, how = $3, noted_by = $4, call = 0, call_note = '' WHERE id = $1 AND acknowledged_at = 0 AND superseded_by = 0`,
		id, db.Micros(now), how, by)
	if err != nil {
		return false, fmt.Errorf("note an acknowledgement: %w", err)
	}
	return n == 1, nil
}

// unacknowledged takes a note back that somebody made by mistake.
func unacknowledged(ctx context.Context, tx *db.Tx, id RecipientID) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE briefing_recipient SET acknowledged_at = 0, how = '', noted_by = '' WHERE id = $1 AND how = '`+byNote+`'`, id)
	if err != nil {
		return false, fmt.Errorf("take the note of an acknowledgement back: %w", err)
	}
	return n == 1, nil
}

// wantsCall writes down that somebody wants to be called.
func wantsCall(ctx context.Context, tx *db.Tx, id RecipientID, note string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE briefing_recipient SET call = 1, call_note = $2 WHERE id = $1 AND acknowledged_at = 0 AND superseded_by = 0`, id, note)
	if err != nil {
		return false, fmt.Errorf("note who wants a call: %w", err)
	}
	return n == 1, nil
}

// reminded counts a reminder. It is false where there was one a moment ago.
func reminded(ctx context.Context, tx *db.Tx, id RecipientID, now, before time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE briefing_recipient SET reminders = reminders + 1, reminded_at = $2 WHERE id = $1 AND reminded_at <= $3`, id, db.Micros(now), db.Micros(before))
	if err != nil {
		return false, fmt.Errorf("count a reminder: %w", err)
	}
	return n == 1, nil
}

// Names of accounts by row id, and back by public id.
type accounts struct {
	names map[int64]i18n.Text
	refs  map[int64]string
	ids   map[string]int64
}

// accountsOf reads what people are called, by row ids and public ids: one statement for some hundreds.
func accountsOf(ctx context.Context, r db.Reader, ids []int64, refs []string) (*accounts, error) {
	a := &accounts{map[int64]i18n.Text{}, map[int64]string{}, map[string]int64{}}
	read := func(where string, args []any) error {
		return db.Each(ctx, r, func(rows *sql.Rows) error {
			var id int64
			var ref string
			var t i18n.Text
			if err := rows.Scan(&id, &ref, &t.JA, &t.EN); err != nil {
				return err
			}
			a.names[id], a.refs[id], a.ids[ref] = t, ref, id
			return nil
		}, `SELECT id, ref, name_ja, name_en FROM person_pub_account WHERE `+where, args...)
	}
	for len(ids) > 0 {
		some := ids[:min(len(ids), 500)]
		ids = ids[len(some):]
		texts := make([]string, len(some))
		for i, id := range some {
			texts[i] = strconv.FormatInt(id, 10)
		}
		if err := read(`id IN (`+strings.Join(texts, ", ")+`)`, nil); err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
	}
	for len(refs) > 0 {
		some := refs[:min(len(refs), 200)]
		refs = refs[len(some):]
		marks, args := make([]string, len(some)), make([]any, len(some))
		for i, ref := range some {
			marks[i], args[i] = "$"+strconv.Itoa(i+1), ref
		}
		if err := read(`ref IN (`+strings.Join(marks, ", ")+`)`, args); err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
	}
	return a, nil
}

// Pending is a briefing that somebody was sent, as their own page lists it.
type Pending struct {
	*Recipient
	Item *Item
	Slug string
}

// ownRecipients reads what an account was told and is asked to acknowledge, newest first.
func ownRecipients(ctx context.Context, r db.Reader, person int64, loc *time.Location) ([]Pending, error) {
	var list []Pending
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		t := Pending{Recipient: &Recipient{}}
		var duties, sessions string
		var acknowledged int64
		i, err := scanItem(rows.Scan, loc, &t.ID, &t.Ref, &duties, &sessions, &acknowledged, &t.How, &t.Call, &t.SupersededBy, &t.Slug)
		if err != nil {
			return err
		}
		t.Item, t.Recipient.Item, t.Person, t.Asks = i, i.ID, person, true
		t.Duties, t.Sessions, t.Acknowledged = listOf[Duty](duties), strings.Fields(sessions), db.Time(acknowledged, loc)
		list = append(list, t)
		return nil
	}, `SELECT `+itemColumns+`, t.id, t.ref, t.duties, t.sessions, t.acknowledged_at, t.how, t.call, t.superseded_by, m.slug
		FROM briefing_recipient t JOIN briefing_item i ON i.id = t.item_id JOIN event_pub_meeting m ON m.id = i.meeting_id
		WHERE t.person_id = $1 AND t.asks = 1 AND i.state = 'sent' ORDER BY t.id DESC LIMIT 100`, person)
	if err != nil {
		return nil, fmt.Errorf("read what somebody was told: %w", err)
	}
	return list, nil
}

// countOwn counts what an account has still to acknowledge.
func countOwn(ctx context.Context, r db.Reader, person int64) (n int, err error) {
	err = r.Row(ctx, `SELECT count(*) FROM briefing_recipient t JOIN briefing_item i ON i.id = t.item_id
		WHERE t.person_id = $1 AND t.asks = 1 AND t.acknowledged_at = 0 AND t.superseded_by = 0 AND i.state = 'sent'`, person).Scan(&n)
	return n, err
}

// older reads the recipients of earlier briefings of a meeting that nothing has superseded and who are asked to acknowledge.
func older(ctx context.Context, r db.Reader, meeting event.MeetingID, than ItemID) ([]*Recipient, error) {
	return recipients(ctx, r, time.UTC, `i.meeting_id = $1 AND i.id <> $2 AND i.state = 'sent' AND t.asks = 1 AND t.superseded_by = 0`, meeting, than)
}
