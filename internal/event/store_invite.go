package event

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// sameGrant finds the grant that somebody has of the same thing.
const sameGrant = `g.person_id = $1 AND COALESCE(g.meeting_id, 0) = $2 AND g.role = $3 AND COALESCE(g.team_id, 0) = $4 AND g.object = $5 AND g.ended_at = 0`

// insertInvitation stores an invitation with the hash of its token.
func insertInvitation(ctx context.Context, tx *db.Tx, v Invitation, hash string) (int64, error) {
	id, err := tx.Insert(ctx, `INSERT INTO event_invitation (ref, token, meeting_id, role, team_id, object, ends_on, note, address, uses, used, expires_at,
			created_at, created_by, maker_id, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13, $14, 0)`, v.Ref, hash, meetingRow(v.meeting), string(v.Role), nullable(int64(v.Team)),
		v.Object, string(v.EndsOn), v.Note, v.Address, v.Uses, db.Micros(v.Expires), db.Micros(v.At), v.By, v.maker)
	if err != nil {
		return 0, fmt.Errorf("invite: %w", err)
	}
	return id, nil
}

// readInvitations reads invitations, oldest first. where is a condition over i (the invitation) and m (its meeting).
func readInvitations(ctx context.Context, r db.Reader, where string, args ...any) ([]Invitation, error) {
	rows, err := r.Query(ctx, `SELECT i.id, i.ref, COALESCE(m.slug, ''), COALESCE(m.id, 0), i.role, COALESCE(i.team_id, 0), i.object, i.ends_on, i.note, i.address,
			i.uses, i.used, i.expires_at, i.created_at, i.created_by, i.maker_id, i.revoked_at, COALESCE(m.timezone, (SELECT max(timezone) FROM event_group), '')
		FROM event_invitation i LEFT JOIN event_meeting m ON m.id = i.meeting_id WHERE `+where+` ORDER BY i.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the invitations: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Invitation
	for rows.Next() {
		var v Invitation
		var expires, at, revoked int64
		var zone string
		if err := rows.Scan(&v.ID, &v.Ref, &v.Slug, &v.meeting, &v.Role, &v.Team, &v.Object, &v.EndsOn, &v.Note, &v.Address,
			&v.Uses, &v.Used, &expires, &at, &v.By, &v.maker, &revoked, &zone); err != nil {
			return nil, fmt.Errorf("read the invitations: %w", err)
		}
		loc := zoneOf(zone)
		v.Expires, v.At, v.Revoked = db.Time(expires, loc), db.Time(at, loc), db.Time(revoked, loc)
		out = append(out, v)
	}
	return out, rows.Err()
}

// useInvitation uses one of an invitation's acceptances up, and reports whether one was left.
func useInvitation(ctx context.Context, tx *db.Tx, id int64, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE event_invitation SET used = used + 1 WHERE id = $1 AND used < uses AND revoked_at = 0 AND expires_at > $2`, id, db.Micros(now))
	if err != nil {
		return false, fmt.Errorf("accept an invitation: %w", err)
	}
	return n == 1, nil
}

func revokeInvitation(ctx context.Context, tx *db.Tx, id int64, now time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE event_invitation SET revoked_at = $2 WHERE id = $1`, id, db.Micros(now)); err != nil {
		return fmt.Errorf("take an invitation back: %w", err)
	}
	return nil
}

// forgetInvitations empties the addresses and words of invitations that nobody could accept any more at a moment.
func forgetInvitations(ctx context.Context, tx *db.Tx, before time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE event_invitation SET address = '', note = '' WHERE expires_at < $1 AND (address <> '' OR note <> '')`, db.Micros(before)); err != nil {
		return fmt.Errorf("forget invitations: %w", err)
	}
	return nil
}

// countMailed counts the invitations to an address that somebody made since a moment.
func countMailed(ctx context.Context, r db.Reader, maker int64, since time.Time) (n int, err error) {
	if err = r.Row(ctx, `SELECT count(*) FROM event_invitation WHERE maker_id = $1 AND address <> '' AND created_at > $2`, maker, db.Micros(since)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count invitations: %w", err)
	}
	return n, nil
}
