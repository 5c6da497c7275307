package briefing

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// contacts reads how to reach the speakers of a meeting.
func contacts(ctx context.Context, r db.Reader, id event.MeetingID) ([]Contact, error) {
	var list []Contact
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var c Contact
		err := rows.Scan(&c.ID, &c.Ref, &c.Speaker, &c.Name, &c.Address, &c.Phone, &c.Lang)
		list = append(list, c)
		return err
	}, `SELECT id, ref, speaker, name, address, phone, lang FROM briefing_contact WHERE meeting_id = $1 ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the contacts: %w", err)
	}
	return list, nil
}

// putContact stores how to reach a speaker.
func putContact(ctx context.Context, tx *db.Tx, id event.MeetingID, c *Contact, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO briefing_contact (ref, meeting_id, speaker, name, address, phone, lang, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (meeting_id, speaker) DO UPDATE SET name = excluded.name, address = excluded.address, phone = excluded.phone, lang = excluded.lang, changed_at = excluded.changed_at`,
		c.Ref, id, c.Speaker, c.Name, c.Address, c.Phone, string(c.Lang), db.Micros(now))
	if err != nil {
		return fmt.Errorf("store a contact: %w", err)
	}
	return nil
}

// dropContact forgets how to reach a speaker.
func dropContact(ctx context.Context, tx *db.Tx, id event.MeetingID, speaker string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM briefing_contact WHERE meeting_id = $1 AND speaker = $2`, id, speaker); err != nil {
		return fmt.Errorf("forget a contact: %w", err)
	}
	return nil
}

// posts reads who works where.
func posts(ctx context.Context, r db.Reader, id event.MeetingID) ([]Post, error) {
	var list []Post
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var p Post
		err := rows.Scan(&p.ID, &p.Ref, &p.Duty, &p.Room, &p.Day, &p.Session, &p.Person, &p.Team, &p.Role)
		list = append(list, p)
		return err
	}, `SELECT id, ref, duty, room, day, session, person_id, team, role FROM briefing_post WHERE meeting_id = $1 ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the posts: %w", err)
	}
	return list, nil
}

// addPost stores who works somewhere.
func addPost(ctx context.Context, tx *db.Tx, id event.MeetingID, p *Post) error {
	_, err := tx.Insert(ctx, `INSERT INTO briefing_post (ref, meeting_id, duty, room, day, session, person_id, team, role) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		p.Ref, id, string(p.Duty), p.Room, string(p.Day), p.Session, p.Person, p.Team, string(p.Role))
	if err != nil {
		return fmt.Errorf("add a post: %w", err)
	}
	return nil
}

// dropPost takes a post of a meeting away. It is false where there is none.
func dropPost(ctx context.Context, tx *db.Tx, id event.MeetingID, ref string) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM briefing_post WHERE meeting_id = $1 AND ref = $2`, id, ref)
	if err != nil {
		return false, fmt.Errorf("take a post away: %w", err)
	}
	return n == 1, nil
}

// erasePerson forgets somebody: what they wrote, and that it was them. That somebody was told, and acknowledged, stays as a number.
func erasePerson(ctx context.Context, tx *db.Tx, person int64) error {
	for _, q := range []string{
		`DELETE FROM briefing_post WHERE person_id = $1`,
		`UPDATE briefing_recipient SET person_id = 0, name_ja = '', name_en = '', address = '', phone = '', call_note = '',
			asks = CASE WHEN acknowledged_at = 0 THEN 0 ELSE asks END WHERE person_id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return fmt.Errorf("forget who was told: %w", err)
		}
	}
	return nil
}

// mergePerson gives what one account was told, and where it works, to another.
func mergePerson(ctx context.Context, tx *db.Tx, from, to int64) error {
	for _, q := range []string{
		`UPDATE briefing_post SET person_id = $2 WHERE person_id = $1`,
		`UPDATE briefing_recipient SET person_id = $2 WHERE person_id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, from, to); err != nil {
			return fmt.Errorf("merge who was told: %w", err)
		}
	}
	return nil
}

// forgetMeeting forgets how to reach people, and what they wrote, of a meeting that is long over.
func forgetMeeting(ctx context.Context, tx *db.Tx, id event.MeetingID) (n int64, err error) {
	for _, q := range []string{
		`DELETE FROM briefing_contact WHERE meeting_id = $1`,
		`UPDATE briefing_recipient SET address = '', phone = '', call_note = '' WHERE (address <> '' OR phone <> '' OR call_note <> '')
			AND item_id IN (SELECT id FROM briefing_item WHERE meeting_id = $1)`,
	} {
		changed, err := tx.Exec(ctx, q, id)
		if err != nil {
			return n, fmt.Errorf("forget how to reach people: %w", err)
		}
		n += changed
	}
	return n, nil
}
