package registration

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// codes reads codes with how often each is in use, the newest first.
func codes(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]*Code, error) {
	var out []*Code
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var c Code
		var ends, made int64
		var onKind, off int
		var options, lang string
		err := rows.Scan(&c.ID, &c.Ref, &c.Meeting, &c.Word, &c.Sort, &c.Name, &c.Kind, &ends, &c.Yen, &c.Percent, &onKind, &options, &c.Address, &lang, &off,
			&made, &c.Version, &c.LinkNo, &c.Uses, &c.Taken)
		c.Ends, c.MadeAt, c.OnKind, c.Off, c.Lang = db.Time(ends, loc), db.Time(made, loc), onKind == 1, off == 1, i18n.Lang(lang)
		c.Options, c.Uses = strings.Fields(options), max(c.Uses, 0)
		out = append(out, &c)
		return err
	}, `SELECT c.id, c.ref, c.meeting_id, c.word, c.sort, c.name, c.kind, c.ends_at, c.yen, c.percent, c.on_kind, c.options, c.address, c.lang, c.off,
		c.made_at, c.version, c.link_no, q.capacity, q.taken
		FROM registration_code c JOIN registration_quota q ON q.meeting_id = c.meeting_id AND q.key = 'code:' || c.ref WHERE `+where+` ORDER BY c.id DESC`, args...)
	if err != nil {
		return nil, fmt.Errorf("read codes: %w", err)
	}
	return out, nil
}

// oneCode reads one code, or nil.
func oneCode(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) (*Code, error) {
	return oneOf(codes(ctx, r, loc, where, args...))
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// insertCode stores a new code with its quota.
func insertCode(ctx context.Context, tx *db.Tx, c *Code) error {
	id, err := tx.Insert(ctx, `INSERT INTO registration_code (ref, meeting_id, word, sort, name, kind, ends_at, yen, percent, on_kind, options, address, lang, off,
		made_at, changed_at, version, link_no) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17)`,
		c.Ref, c.Meeting, c.Word, string(c.Sort), c.Name, c.Kind, db.Micros(c.Ends), c.Yen, c.Percent, bit(c.OnKind), strings.Join(c.Options, " "), c.Address, string(c.Lang),
		bit(c.Off), db.Micros(c.MadeAt), c.Version, c.LinkNo)
	if err != nil {
		return fmt.Errorf("store a code: %w", err)
	}
	c.ID = id
	return storeQuota(ctx, tx, c.Meeting, codeQuota(c.Ref), c.capacity())
}

// capacity is how often a code may be used, as its quota says it.
func (c *Code) capacity() int {
	if c.Uses == 0 {
		return unlimited
	}
	return c.Uses
}

// updateCode stores what changed of a code, unless somebody else changed it meanwhile.
func updateCode(ctx context.Context, tx *db.Tx, c *Code, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_code SET word = $1, name = $2, kind = $3, ends_at = $4, yen = $5, percent = $6, on_kind = $7, options = $8, address = $9,
		off = $10, changed_at = $11, version = $12 + 1, link_no = $13 WHERE id = $14 AND version = $12`,
		c.Word, c.Name, c.Kind, db.Micros(c.Ends), c.Yen, c.Percent, bit(c.OnKind), strings.Join(c.Options, " "), c.Address, bit(c.Off), db.Micros(now), c.Version, c.LinkNo, c.ID)
	if err != nil {
		return false, fmt.Errorf("change a code: %w", err)
	}
	return n == 1, nil
}

// resizeCode changes how often a code may be used, unless it is in use more often already; it reports whether it did.
func resizeCode(ctx context.Context, tx *db.Tx, m event.MeetingID, ref string, capacity int) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_quota SET capacity = $1 WHERE meeting_id = $2 AND key = $3 AND ($1 < 0 OR taken <= $1)`, capacity, m, codeQuota(ref))
	if err != nil {
		return false, fmt.Errorf("change how often a code may be used: %w", err)
	}
	return n == 1, nil
}

// usersOf lists who uses a code: names and states, and nothing else.
func usersOf(ctx context.Context, r db.Reader, ref string) (out []CodeUser, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var u CodeUser
		err := rows.Scan(&u.Ref, &u.Name.JA, &u.Name.EN, &u.State)
		out = append(out, u)
		return err
	}, `SELECT ref, name_ja, name_en, state FROM registration_entry WHERE code = $1 AND code <> '' ORDER BY id`, ref)
	if err != nil {
		return nil, fmt.Errorf("read who used a code: %w", err)
	}
	return out, nil
}

// enteredWith reads the entries that a code was used for.
func enteredWith(ctx context.Context, r db.Reader, loc *time.Location, ref string) ([]*Entry, error) {
	return entries(ctx, r, loc, `e.code = $1 AND e.state <> 'cancelled'`, ref)
}
