package briefing

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Scope is the scope (see db.Bump) of the briefings of a meeting, and the topic under which their pages listen.
func Scope(slug string) string { return "briefing:" + slug }

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// words writes a list as it is stored; none of the words has a space.
func words[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return strings.Join(out, " ")
}

func listOf[T ~string](s string) []T {
	var out []T
	for _, w := range strings.Fields(s) {
		out = append(out, T(w))
	}
	return out
}

const itemColumns = `i.id, i.ref, i.meeting_id, i.kind, i.from_release, i.to_release, i.state, i.decided, i.edited, i.subject_ja, i.subject_en, i.text_ja, i.text_en,
	i.duties, i.roles, i.teams, i.sessions, i.told, i.made_at, i.made_by, i.sent_at, i.sent_by, i.leaves_at, i.left_at`

func scanItem(scan func(...any) error, loc *time.Location, more ...any) (*Item, error) {
	i := &Item{}
	var duties, roles, teams, sessions string
	var made, sent, leaves, left int64
	to := []any{&i.ID, &i.Ref, &i.Meeting, &i.Kind, &i.From, &i.To, &i.State, &i.Decided, &i.Edited, &i.Subject.JA, &i.Subject.EN, &i.Text.JA, &i.Text.EN,
		&duties, &roles, &teams, &sessions, &i.Told, &made, &i.MadeBy, &sent, &i.SentBy, &leaves, &left}
	if err := scan(append(to, more...)...); err != nil {
		return nil, err
	}
	i.Duties, i.Roles, i.Teams, i.Sessions = listOf[Duty](duties), listOf[event.RoleKey](roles), strings.Fields(teams), strings.Fields(sessions)
	i.MadeAt, i.SentAt, i.LeavesAt, i.LeftAt = db.Time(made, loc), db.Time(sent, loc), db.Time(leaves, loc), db.Time(left, loc)
	return i, nil
}

// oneItem reads the first item of a condition over i, or nil.
func oneItem(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) (*Item, error) {
	i, err := scanItem(r.Row(ctx, `SELECT `+itemColumns+` FROM briefing_item i WHERE `+where+` ORDER BY i.id LIMIT 1`, args...).Scan, loc)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a briefing: %w", err)
	}
	return i, nil
}

// Listed is a briefing in the list of a meeting, with how many were asked to acknowledge and how many did.
type Listed struct {
	*Item
	Asked, Done, Calls int
}

// listItems reads the briefings of a meeting, newest first: one statement. An offer that never had anything to say is left out: what it was
// about is over, or was undone before anybody looked.
func listItems(ctx context.Context, r db.Reader, m *event.Stored) ([]Listed, error) {
	var list []Listed
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var l Listed
		var err error
		l.Item, err = scanItem(rows.Scan, m.Location(), &l.Asked, &l.Done, &l.Calls)
		list = append(list, l)
		return err
	}, `SELECT `+itemColumns+`, COALESCE(c.asked, 0), COALESCE(c.done, 0), COALESCE(c.calls, 0) FROM briefing_item i LEFT JOIN (
			SELECT item_id, SUM(asks) AS asked, SUM(CASE WHEN asks = 1 AND acknowledged_at > 0 THEN 1 ELSE 0 END) AS done,
				SUM(CASE WHEN call = 1 AND acknowledged_at = 0 THEN 1 ELSE 0 END) AS calls
			FROM briefing_recipient WHERE superseded_by = 0 GROUP BY item_id) c ON c.item_id = i.id
		WHERE i.meeting_id = $1 AND NOT (i.state = 'dropped' AND i.subject_ja = '' AND i.subject_en = '') ORDER BY i.id DESC LIMIT 200`, m.ID)
	if err != nil {
		return nil, fmt.Errorf("list the briefings: %w", err)
	}
	return list, nil
}

// addItem stores a new briefing.
func addItem(ctx context.Context, tx *db.Tx, i *Item) error {
	id, err := tx.Insert(ctx, `INSERT INTO briefing_item (ref, meeting_id, kind, from_release, to_release, state, decided, edited, subject_ja, subject_en, text_ja, text_en,
		duties, roles, teams, sessions, told, made_at, made_by, sent_at, sent_by, leaves_at, left_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, $17, $18, 0, '', 0, 0)`,
		i.Ref, i.Meeting, string(i.Kind), i.From, i.To, string(i.State), bit(i.Decided), bit(i.Edited), i.Subject.JA, i.Subject.EN, i.Text.JA, i.Text.EN,
		words(i.Duties), words(i.Roles), words(i.Teams), words(i.Sessions), db.Micros(i.MadeAt), i.MadeBy)
	if err != nil {
		return fmt.Errorf("add a briefing: %w", err)
	}
	i.ID = ItemID(id)
	return nil
}

// saveItem writes what may change of a briefing while it is open. It is false where it is not open any more.
func saveItem(ctx context.Context, tx *db.Tx, i *Item) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE briefing_item SET from_release = $2, to_release = $3, state = $4, decided = $5, edited = $6, subject_ja = $7, subject_en = $8, text_ja = $9,
		text_en = $10, duties = $11, roles = $12, teams = $13, sessions = $14 WHERE id = $1 AND state = 'open'`,
		i.ID, i.From, i.To, string(i.State), bit(i.Decided), bit(i.Edited), i.Subject.JA, i.Subject.EN, i.Text.JA, i.Text.EN,
		words(i.Duties), words(i.Roles), words(i.Teams), words(i.Sessions))
	if err != nil {
		return false, fmt.Errorf("save a briefing: %w", err)
	}
	return n == 1, nil
}

// beginLeaving marks an open briefing as sent, if it still says what somebody saw. It is false otherwise.
func beginLeaving(ctx context.Context, tx *db.Tx, i *Item, told int, now time.Time, by string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE briefing_item SET state = 'leaving', told = $2, sent_at = $3, sent_by = $4, leaves_at = $5
		WHERE id = $1 AND state = 'open' AND from_release = $6 AND to_release = $7`, i.ID, told, db.Micros(now), by, db.Micros(now.Add(TakeBack)), i.From, i.To)
	if err != nil {
		return false, fmt.Errorf("send a briefing: %w", err)
	}
	return n == 1, nil
}

// takenBack makes a briefing one of another state again, if it has not left.
func takenBack(ctx context.Context, tx *db.Tx, id ItemID, to State, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE briefing_item SET state = $2, told = 0, sent_at = 0, sent_by = '', leaves_at = 0 WHERE id = $1 AND state = 'leaving' AND leaves_at > $3`,
		id, string(to), db.Micros(now))
	if err != nil {
		return false, fmt.Errorf("take a briefing back: %w", err)
	}
	return n == 1, nil
}

// hasLeft marks a briefing as gone. It is false where it was taken back since the moment at which it was sent.
func hasLeft(ctx context.Context, tx *db.Tx, id ItemID, sent, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE briefing_item SET state = 'sent', left_at = CASE WHEN left_at = 0 THEN CAST($3 AS BIGINT) ELSE left_at END
		WHERE id = $1 AND sent_at = $2 AND state IN ('leaving', 'sent')`, id, db.Micros(sent), db.Micros(now))
	if err != nil {
		return false, fmt.Errorf("let a briefing leave: %w", err)
	}
	return n == 1, nil
}

// signingKey is the secret that signs links; fresh is kept where there is none yet.
func signingKey(ctx context.Context, tx *db.Tx, fresh string, now time.Time) (string, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO briefing_key (id, secret, made_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING`, fresh, db.Micros(now)); err != nil {
		return "", fmt.Errorf("make the key of links: %w", err)
	}
	return findKey(ctx, tx)
}

// findKey reads the secret, which is empty where nothing was signed yet.
func findKey(ctx context.Context, r db.Reader) (string, error) {
	var s string
	err := r.Row(ctx, `SELECT secret FROM briefing_key WHERE id = 1`).Scan(&s)
	if err != nil && !db.IsNoRows(err) {
		return "", fmt.Errorf("read the key of links: %w", err)
	}
	return s, nil
}
