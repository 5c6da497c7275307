package registration

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// handovers reads handovers, the oldest first.
func handovers(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]*Handover, error) {
	var out []*Handover
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var h Handover
		var lang string
		var made, until int64
		d := &h.From
		err := rows.Scan(&h.ID, &h.Ref, &h.Meeting, &h.Entry, &h.Giver, &d.Name.JA, &d.Name.EN, &d.Organisation.JA, &d.Organisation.EN, &d.Department, &d.Address, &d.Folded, &lang,
			&h.ToName, &h.To, &h.Folded, &h.State, &made, &until)
		d.Lang, h.MadeAt, h.Until = i18n.Lang(lang), db.Time(made, loc), db.Time(until, loc)
		out = append(out, &h)
		return err
	}, `SELECT h.id, h.ref, h.meeting_id, h.entry_id, h.from_person, h.from_name_ja, h.from_name_en, h.from_org_ja, h.from_org_en, h.from_department, h.from_address,
		h.from_folded, h.from_lang, h.to_name, h.to_address, h.to_folded, h.state, h.made_at, h.until FROM registration_handover h WHERE `+where+` ORDER BY h.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read handovers: %w", err)
	}
	return out, nil
}

// oneHandover reads the first handover, or nil.
func oneHandover(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) (*Handover, error) {
	return oneOf(handovers(ctx, r, loc, where, args...))
}

func insertHandover(ctx context.Context, tx *db.Tx, h *Handover) error {
	d := &h.From
	id, err := tx.Insert(ctx, `INSERT INTO registration_handover (ref, meeting_id, entry_id, from_person, from_name_ja, from_name_en, from_org_ja, from_org_en, from_department,
		from_address, from_folded, from_lang, to_name, to_address, to_folded, state, made_at, until)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		h.Ref, h.Meeting, h.Entry, h.Giver, d.Name.JA, d.Name.EN, d.Organisation.JA, d.Organisation.EN, d.Department, d.Address, d.Folded, string(d.Lang), h.ToName, h.To, h.Folded,
		string(h.State), db.Micros(h.MadeAt), db.Micros(h.Until))
	h.ID = id
	return err
}

// storeGiver notes who hands a place over, in place of who it was when they offered it.
func storeGiver(ctx context.Context, tx *db.Tx, h *Handover) error {
	d := &h.From
	_, err := tx.Exec(ctx, `UPDATE registration_handover SET from_person = $1, from_name_ja = $2, from_name_en = $3, from_org_ja = $4, from_org_en = $5, from_department = $6,
		from_address = $7, from_folded = $8, from_lang = $9 WHERE id = $10`,
		h.Giver, d.Name.JA, d.Name.EN, d.Organisation.JA, d.Organisation.EN, d.Department, d.Address, d.Folded, string(d.Lang), h.ID)
	if err != nil {
		return fmt.Errorf("note who hands a place over: %w", err)
	}
	return nil
}

// closeHandover ends a handover that is open, and reports whether it was.
func closeHandover(ctx context.Context, tx *db.Tx, id int64, state HandoverState) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_handover SET state = $1 WHERE id = $2 AND state = 'open'`, string(state), id)
	if err != nil {
		return false, fmt.Errorf("end a handover: %w", err)
	}
	return n == 1, nil
}

// eraseHandovers takes away who handed a place over, and to whom.
func eraseHandovers(ctx context.Context, tx *db.Tx, id int64) error {
	for _, q := range []string{
		`UPDATE registration_handover SET from_person = 0, from_name_ja = '', from_name_en = '', from_org_ja = '', from_org_en = '', from_department = '', from_address = '',
			from_folded = '' WHERE from_person = $1`,
		`UPDATE registration_handover SET to_name = '', to_address = '', to_folded = '' WHERE entry_id IN (SELECT id FROM registration_entry WHERE person_id = $1)`,
	} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return fmt.Errorf("erase the handovers of a person: %w", err)
		}
	}
	return nil
}
