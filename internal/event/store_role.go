package event

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// GrantScope is the scope (see db.Bump) of what a person may do. Whoever changes their roles raises its version, so that every node sees
// the change at the next request.
func GrantScope(person int64) string { return "grants:" + itoa(person) }

// lockRoles makes changes of roles wait for each other on PostgreSQL, so that two owners cannot take the role from each other at once.
// SQLite has one writer.
func lockRoles(ctx context.Context, tx *db.Tx) error {
	if tx.Engine() != db.Postgres {
		return nil
	}
	const key = 0x726f6c6573 // "roles"
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, key); err != nil {
		return fmt.Errorf("wait for other changes of roles: %w", err)
	}
	return nil
}

// readHeld reads the roles of a person with the moments at which they end, whether or not they have ended. A team's roles are its own.
// Roles of an archived meeting are none but those that remain.
func readHeld(ctx context.Context, r db.Reader, person int64) ([]held, error) {
	rows, err := r.Query(ctx, `SELECT CASE WHEN g.team_id IS NULL THEN g.role ELSE COALESCE(t.role, '') END, COALESCE(m.slug, ''), COALESCE(m.phase, ''),
			COALESCE(m.timezone, (SELECT max(timezone) FROM event_group), ''), g.object, g.ends_on
		FROM event_grant g LEFT JOIN event_meeting m ON m.id = g.meeting_id LEFT JOIN event_team_role t ON t.team_id = g.team_id
		WHERE g.person_id = $1 AND g.ended_at = 0`, person)
	if err != nil {
		return nil, fmt.Errorf("read the roles of a person: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []held
	for rows.Next() {
		var h held
		var phase Phase
		var zone string
		var last Date
		if err := rows.Scan(&h.Role, &h.Slug, &phase, &zone, &h.Object, &last); err != nil {
			return nil, fmt.Errorf("read the roles of a person: %w", err)
		}
		if role := RoleOf(h.Role); role == nil || phase == Archived && !role.Remain {
			continue
		}
		h.Until = endOf(last, zoneOf(zone))
		out = append(out, h)
	}
	return out, rows.Err()
}

const grantColumns = `g.id, g.ref, COALESCE(m.slug, ''), g.person_id, g.role, COALESCE(g.team_id, 0), g.object, g.ends_on, g.granted_at, g.granted_by, g.ended_at, g.ended_by,
	COALESCE(m.timezone, (SELECT max(timezone) FROM event_group), '')`

// readGrants reads grants, newest last. where is a condition over g (the grant) and m (its meeting).
func readGrants(ctx context.Context, r db.Reader, where string, args ...any) ([]Grant, error) {
	rows, err := r.Query(ctx, `SELECT `+grantColumns+` FROM event_grant g LEFT JOIN event_meeting m ON m.id = g.meeting_id WHERE `+where+` ORDER BY g.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the roles: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Grant
	for rows.Next() {
		var g Grant
		var at, ended int64
		var zone string
		if err := rows.Scan(&g.ID, &g.Ref, &g.Slug, &g.Person, &g.Role, &g.Team, &g.Object, &g.EndsOn, &at, &g.By, &ended, &g.EndedBy, &zone); err != nil {
			return nil, fmt.Errorf("read the roles: %w", err)
		}
		g.zone = zoneOf(zone)
		g.At, g.Ended = db.Time(at, g.zone), db.Time(ended, g.zone)
		out = append(out, g)
	}
	return out, rows.Err()
}

// meetingRow is the row of a meeting as SQL takes it: NULL for the group.
func meetingRow(id MeetingID) any { return nullable(int64(id)) }

func nullable(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// insertGrant adds a grant and returns its row.
func insertGrant(ctx context.Context, tx *db.Tx, meeting MeetingID, g Grant, invitation int64) (GrantID, error) {
	id, err := tx.Insert(ctx, `INSERT INTO event_grant (meeting_id, person_id, role, team_id, object, ends_on, granted_at, granted_by, invitation_id, ref, ended_at, ended_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '')`, meetingRow(meeting), g.Person, string(g.Role), nullable(int64(g.Team)), g.Object, string(g.EndsOn),
		db.Micros(g.At), g.By, nullable(invitation), g.Ref)
	if err != nil {
		return 0, fmt.Errorf("give a role: %w", err)
	}
	return GrantID(id), nil
}

// setGrantEnd changes the last day of a grant.
func setGrantEnd(ctx context.Context, tx *db.Tx, id GrantID, last Date) error {
	if _, err := tx.Exec(ctx, `UPDATE event_grant SET ends_on = $2 WHERE id = $1 AND ended_at = 0`, int64(id), string(last)); err != nil {
		return fmt.Errorf("change until when a role is held: %w", err)
	}
	return nil
}

// endGrants ends grants now.
func endGrants(ctx context.Context, tx *db.Tx, grants []Grant, now time.Time, by string) error {
	for _, g := range grants {
		if _, err := tx.Exec(ctx, `UPDATE event_grant SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at = 0`, int64(g.ID), db.Micros(now), by); err != nil {
			return fmt.Errorf("end a role: %w", err)
		}
		if err := db.Bump(ctx, tx, GrantScope(g.Person)); err != nil {
			return err
		}
	}
	return nil
}

// readTeams reads the teams of a meeting with their roles, in the order they were made.
func readTeams(ctx context.Context, r db.Reader, meeting MeetingID) ([]Team, error) {
	rows, err := r.Query(ctx, `SELECT t.id, t.ref, t.name_ja, t.name_en, COALESCE(x.role, '') FROM event_team t LEFT JOIN event_team_role x ON x.team_id = t.id
		WHERE t.meeting_id = $1 AND t.gone = $2 ORDER BY t.id, x.id`, int64(meeting), false)
	if err != nil {
		return nil, fmt.Errorf("read the teams: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Team
	for rows.Next() {
		var t Team
		var role RoleKey
		if err := rows.Scan(&t.ID, &t.Ref, &t.Name.JA, &t.Name.EN, &role); err != nil {
			return nil, fmt.Errorf("read the teams: %w", err)
		}
		if n := len(out); n == 0 || out[n-1].ID != t.ID {
			out = append(out, t)
		}
		if role != "" {
			out[len(out)-1].Roles = append(out[len(out)-1].Roles, role)
		}
	}
	return out, rows.Err()
}

// writeTeam adds a team, or changes its name where it has an id, and makes its roles those that are named.
func writeTeam(ctx context.Context, tx *db.Tx, meeting MeetingID, t *Team) error {
	if t.ID == 0 {
		id, err := tx.Insert(ctx, `INSERT INTO event_team (ref, meeting_id, name_ja, name_en, gone) VALUES ($1, $2, $3, $4, $5)`, t.Ref, int64(meeting), t.Name.JA, t.Name.EN, false)
		if err != nil {
			return fmt.Errorf("make a team: %w", err)
		}
		t.ID = TeamID(id)
	} else if _, err := tx.Exec(ctx, `UPDATE event_team SET name_ja = $2, name_en = $3 WHERE id = $1`, int64(t.ID), t.Name.JA, t.Name.EN); err != nil {
		return fmt.Errorf("change a team: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM event_team_role WHERE team_id = $1`, int64(t.ID)); err != nil {
		return fmt.Errorf("change the roles of a team: %w", err)
	}
	for _, role := range t.Roles {
		if _, err := tx.Exec(ctx, `INSERT INTO event_team_role (team_id, role) VALUES ($1, $2)`, int64(t.ID), string(role)); err != nil {
			return fmt.Errorf("change the roles of a team: %w", err)
		}
	}
	return nil
}

// dropTeam takes a team away; its row stays for the grants of the past.
func dropTeam(ctx context.Context, tx *db.Tx, id TeamID) error {
	if _, err := tx.Exec(ctx, `UPDATE event_team SET gone = $2 WHERE id = $1`, int64(id), true); err != nil {
		return fmt.Errorf("take away a team: %w", err)
	}
	return nil
}

// meetingOf is the row of a meeting by its slug, with its zone; 0 where there is none.
func meetingOf(ctx context.Context, r db.Reader, slug string) (id MeetingID, phase Phase, err error) {
	err = r.Row(ctx, `SELECT id, phase FROM event_meeting WHERE slug = $1`, slug).Scan(&id, &phase)
	if db.IsNoRows(err) {
		return 0, "", nil
	}
	return id, phase, err
}

// endedSince finds a grant that was ended after a moment.
const endedSince = `COALESCE(m.slug, '') = $1 AND g.ref = $2 AND g.ended_at > $3`

// teamName is what a team is called, or was; empty for none.
func teamName(ctx context.Context, r db.Reader, id TeamID) (string, error) {
	if id == 0 {
		return "", nil
	}
	var t Team
	if err := r.Row(ctx, `SELECT name_ja, name_en FROM event_team WHERE id = $1`, int64(id)).Scan(&t.Name.JA, &t.Name.EN); err != nil {
		return "", fmt.Errorf("read the name of a team: %w", err)
	}
	return t.Name.String(), nil
}
