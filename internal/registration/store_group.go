package registration

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// groups reads groups, the oldest first.
func groups(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]*Group, error) {
	var out []*Group
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var g Group
		var lang string
		var until, made, proved int64
		err := rows.Scan(&g.ID, &g.Ref, &g.Meeting, &g.Person, &g.Name.JA, &g.Name.EN, &g.Organisation.JA, &g.Organisation.EN, &g.Department, &g.Address, &g.Folded, &lang,
			&until, &made, &proved, &g.Version, &g.LinkNo)
		g.Lang, g.Until, g.MadeAt, g.Proved = i18n.Lang(lang), db.Time(until, loc), db.Time(made, loc), db.Time(proved, loc)
		out = append(out, &g)
		return err
	}, `SELECT g.id, g.ref, g.meeting_id, g.person_id, g.name_ja, g.name_en, g.org_ja, g.org_en, g.department, g.address, g.folded, g.lang, g.confirm_until, g.made_at,
		g.proved_at, g.version, g.link_no FROM registration_group g WHERE `+where+` ORDER BY g.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	return out, nil
}

// oneGroup reads one group, or nil.
func oneGroup(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) (*Group, error) {
	return oneOf(groups(ctx, r, loc, where, args...))
}

func insertGroup(ctx context.Context, tx *db.Tx, g *Group) error {
	id, err := tx.Insert(ctx, `INSERT INTO registration_group (ref, meeting_id, person_id, name_ja, name_en, org_ja, org_en, department, address, folded, lang, confirm_until,
		made_at, proved_at, version, link_no) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		g.Ref, g.Meeting, g.Person, g.Name.JA, g.Name.EN, g.Organisation.JA, g.Organisation.EN, g.Department, g.Address, g.Folded, string(g.Lang), db.Micros(g.Until),
		db.Micros(g.MadeAt), db.Micros(g.Proved), g.Version, g.LinkNo)
	if err != nil {
		return fmt.Errorf("store a group: %w", err)
	}
	g.ID = id
	return nil
}

// updateGroup stores what changed of a group, unless somebody else changed it meanwhile.
func updateGroup(ctx context.Context, tx *db.Tx, g *Group) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_group SET name_ja = $1, name_en = $2, org_ja = $3, org_en = $4, department = $5, confirm_until = $6, proved_at = $7,
		version = $8 + 1, link_no = $9 WHERE id = $10 AND version = $8`,
		g.Name.JA, g.Name.EN, g.Organisation.JA, g.Organisation.EN, g.Department, db.Micros(g.Until), db.Micros(g.Proved), g.Version, g.LinkNo, g.ID)
	if err != nil {
		return false, fmt.Errorf("change a group: %w", err)
	}
	return n == 1, nil
}

// everIn counts the entries that a group ever had.
func everIn(ctx context.Context, r db.Reader, ref string) (n int, err error) {
	err = r.Row(ctx, `SELECT COUNT(*) FROM registration_entry WHERE group_ref = $1 AND group_ref <> ''`, ref).Scan(&n)
	return n, err
}

// invite is when a colleague was asked to confirm.
type invite struct {
	entry    EntryID
	twin     EntryID
	sent     time.Time
	reminded int
}

// storeInvite notes that a colleague was asked, in place of what was noted before.
func storeInvite(ctx context.Context, tx *db.Tx, i invite) error {
	_, err := tx.Exec(ctx, `INSERT INTO registration_invite (entry_id, twin_id, sent_at, reminded) VALUES ($1, $2, $3, $4)
		ON CONFLICT (entry_id) DO UPDATE SET twin_id = excluded.twin_id, sent_at = excluded.sent_at, reminded = excluded.reminded`, i.entry, i.twin, db.Micros(i.sent), i.reminded)
	if err != nil {
		return fmt.Errorf("note that somebody was invited: %w", err)
	}
	return nil
}

// invites reads when colleagues were asked, by entry.
func invites(ctx context.Context, r db.Reader, where string, args ...any) (map[EntryID]invite, error) {
	out := map[EntryID]invite{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var i invite
		var sent int64
		err := rows.Scan(&i.entry, &i.twin, &sent, &i.reminded)
		i.sent = db.Time(sent, time.UTC)
		out[i.entry] = i
		return err
	}, `SELECT i.entry_id, i.twin_id, i.sent_at, i.reminded FROM registration_invite i JOIN registration_entry e ON e.id = i.entry_id WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read who was invited: %w", err)
	}
	return out, nil
}

// extend moves until when the members of a group have to confirm who did not.
func extend(ctx context.Context, tx *db.Tx, ref string, until time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE registration_entry SET offered_until = $1, version = version + 1 WHERE group_ref = $2 AND state = 'invited'`, db.Micros(until), ref)
	if err != nil {
		return fmt.Errorf("extend the time to confirm: %w", err)
	}
	return nil
}

// groupsOf lists the groups of an account, as the audit log names them: scope and ref.
func groupsOf(ctx context.Context, r db.Reader, id int64) (out [][2]string, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var x [2]string
		err := rows.Scan(&x[0], &x[1])
		out = append(out, x)
		return err
	}, `SELECT m.slug, g.ref FROM registration_group g JOIN event_pub_meeting m ON m.id = g.meeting_id WHERE g.person_id = $1`, id)
	return out, err
}

// eraseGroups takes away who owned groups, and whose entries were once.
func eraseGroups(ctx context.Context, tx *db.Tx, id int64) error {
	for _, q := range []string{
		`UPDATE registration_group SET person_id = 0, name_ja = '', name_en = '', org_ja = '', org_en = '', department = '', address = '', folded = '',
			link_no = link_no + 1, version = version + 1 WHERE person_id = $1`,
		`UPDATE registration_ref SET person_id = 0 WHERE person_id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return fmt.Errorf("erase the groups of a person: %w", err)
		}
	}
	return nil
}

// mergeGroups gives the groups of one account to another.
func mergeGroups(ctx context.Context, tx *db.Tx, from, to int64) error {
	for _, q := range []string{`UPDATE registration_group SET person_id = $1 WHERE person_id = $2`, `UPDATE registration_ref SET person_id = $1 WHERE person_id = $2`,
		`UPDATE registration_handover SET from_person = $1 WHERE from_person = $2`} {
		if _, err := tx.Exec(ctx, q, to, from); err != nil {
			return fmt.Errorf("merge the groups of two accounts: %w", err)
		}
	}
	return nil
}

// takenAddress is the entry that an address has at a meeting, or nil.
func takenAddress(ctx context.Context, r db.Reader, m event.MeetingID, folded string) (*Entry, error) {
	if folded == "" {
		return nil, nil
	}
	return oneEntry(ctx, r, time.UTC, `e.meeting_id = $1 AND e.folded = $2 AND e.state <> 'cancelled'`, m, folded)
}
