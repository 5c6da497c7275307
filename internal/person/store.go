package person

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

const accountColumns = `id, ref, name_ja, name_en, kana, affiliation_ja, affiliation_en, title_ja, title_en, bio_ja, bio_en, links, portrait, lang,
	photo, recording, made_at, left_at, merged_into, speaks, consented`

func scanAccount(scan func(...any) error) (*Account, error) {
	a := &Account{}
	var links, speaks string
	var made, left int64
	if err := scan(&a.ID, &a.Ref, &a.Name.JA, &a.Name.EN, &a.Kana, &a.Affiliation.JA, &a.Affiliation.EN, &a.Title.JA, &a.Title.EN,
		&a.Bio.JA, &a.Bio.EN, &links, &a.Portrait, &a.Lang, &a.Photo, &a.Recording, &made, &left, &a.MergedInto, &speaks, &a.consented); err != nil {
		return nil, err
	}
	a.Speaks = strings.Fields(speaks)
	a.MadeAt, a.LeftAt = db.Time(made, time.UTC), db.Time(left, time.UTC)
	if err := json.Unmarshal([]byte(links), &a.Links); err != nil {
		return nil, fmt.Errorf("read the links of account %d: %w", a.ID, err)
	}
	return a, nil
}

// getAccount reads an account; nil where there is none.
func getAccount(ctx context.Context, r db.Reader, id ID) (*Account, error) {
	a, err := scanAccount(r.Row(ctx, `SELECT `+accountColumns+` FROM person_account WHERE id = $1`, id).Scan)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read account %d: %w", id, err)
	}
	return a, nil
}

// addAccount stores a new account and gives it its id and ref.
func addAccount(ctx context.Context, tx *db.Tx, a *Account) error {
	if a.Ref == "" {
		a.Ref = NewRef()
	}
	id, err := tx.Insert(ctx, `INSERT INTO person_account (ref, name_ja, name_en, kana, affiliation_ja, affiliation_en, title_ja, title_en,
		bio_ja, bio_en, links, portrait, lang, photo, recording, speaks, made_at, left_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0)`, append(accountValues(a), db.Micros(a.MadeAt))...)
	if err != nil {
		return fmt.Errorf("add an account: %w", err)
	}
	a.ID = ID(id)
	return nil
}

// saveAccount writes what a person may change about themselves.
func saveAccount(ctx context.Context, tx *db.Tx, a *Account) error {
	_, err := tx.Exec(ctx, `UPDATE person_account SET name_ja = $2, name_en = $3, kana = $4, affiliation_ja = $5, affiliation_en = $6,
		title_ja = $7, title_en = $8, bio_ja = $9, bio_en = $10, links = $11, portrait = $12, lang = $13, photo = $14, recording = $15, speaks = $16
		WHERE ref = $1`, accountValues(a)...)
	if err != nil {
		return fmt.Errorf("change account %d: %w", a.ID, err)
	}
	return nil
}

func accountValues(a *Account) []any {
	links, err := json.Marshal(append([]Link{}, a.Links...))
	if err != nil {
		panic(err) // texts always marshal
	}
	return []any{a.Ref, a.Name.JA, a.Name.EN, a.Kana, a.Affiliation.JA, a.Affiliation.EN, a.Title.JA, a.Title.EN, a.Bio.JA, a.Bio.EN,
		string(links), a.Portrait, string(a.Lang), string(a.Photo), string(a.Recording), strings.Join(a.Speaks, " ")}
}

// ownerOf finds the account of a verified address; 0 where there is none.
func ownerOf(ctx context.Context, r db.Reader, folded string) (ID, error) {
	var id ID
	err := r.Row(ctx, `SELECT account_id FROM person_address WHERE folded = $1 AND verified_at > 0`, folded).Scan(&id)
	if err != nil && !db.IsNoRows(err) {
		return 0, fmt.Errorf("look for an address: %w", err)
	}
	return id, nil
}

// putAddress gives a verified address to an account, which it then belongs to alone: whoever typed it before and never showed that it is
// theirs loses it.
func putAddress(ctx context.Context, tx *db.Tx, id ID, address, folded string, main bool, now time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM person_address WHERE folded = $1 AND verified_at = 0`, folded); err != nil {
		return fmt.Errorf("take an address back: %w", err)
	}
	_, err := tx.Exec(ctx, `INSERT INTO person_address (account_id, address, folded, verified_at, main) VALUES ($1, $2, $3, $4, $5)`,
		id, address, folded, db.Micros(now), flag(main))
	if err != nil {
		return fmt.Errorf("add an address: %w", err)
	}
	return nil
}

// addresses lists the addresses of an account, the main one first.
func addresses(ctx context.Context, r db.Reader, id ID) ([]Address, error) {
	rows, err := r.Query(ctx, `SELECT id, address, folded, verified_at, main FROM person_address WHERE account_id = $1 ORDER BY main DESC, id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the addresses of account %d: %w", id, err)
	}
	defer func() { _ = rows.Close() }()
	var list []Address
	for rows.Next() {
		var a Address
		var verified int64
		if err := rows.Scan(&a.ID, &a.Address, &a.Folded, &verified, &a.Main); err != nil {
			return nil, err
		}
		a.VerifiedAt = db.Time(verified, time.UTC)
		list = append(list, a)
	}
	return list, rows.Err()
}

// names reads what people are called, by their refs.
func names(ctx context.Context, r db.Reader, refs []string) (map[string]i18n.Text, error) {
	out := make(map[string]i18n.Text, len(refs))
	for len(refs) > 0 {
		part := refs[:min(len(refs), 500)]
		refs = refs[len(part):]
		marks, args := list(part)
		rows, err := r.Query(ctx, `SELECT x.ref, a.name_ja, a.name_en
			FROM person_account x JOIN person_account a ON a.id = CASE WHEN x.merged_into > 0 THEN x.merged_into ELSE x.id END
			WHERE a.left_at = 0 AND x.ref IN (`+marks+`)`, args...)
		if err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
		for rows.Next() {
			var ref string
			var t i18n.Text
			if err := rows.Scan(&ref, &t.JA, &t.EN); err != nil {
				_ = rows.Close()
				return nil, err
			}
			out[ref] = t
		}
		if err := rows.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// lockAccount makes changes of one account wait for each other on PostgreSQL. SQLite has one writer.
func lockAccount(ctx context.Context, tx *db.Tx, id ID) error {
	if tx.Engine() != db.Postgres {
		return nil
	}
	var one int
	err := tx.Row(ctx, `SELECT 1 FROM person_account WHERE id = $1 FOR UPDATE`, id).Scan(&one)
	if err != nil && !db.IsNoRows(err) {
		return fmt.Errorf("wait for account %d: %w", id, err)
	}
	return nil
}

// accountOf reads the account of a ref, or the one it was united with; nil where there is none.
func accountOf(ctx context.Context, r db.Reader, ref string) (*Account, error) {
	a, err := scanAccount(r.Row(ctx, `SELECT `+accountColumns+` FROM person_account WHERE ref = $1`, ref).Scan)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the account %s: %w", ref, err)
	}
	if a.MergedInto != 0 {
		return getAccount(ctx, r, a.MergedInto)
	}
	return a, nil
}

// setMain makes an address of an account the one that letters go to; false where it is none of theirs.
func setMain(ctx context.Context, tx *db.Tx, account ID, id int64) (bool, error) {
	if _, err := tx.Exec(ctx, `UPDATE person_address SET main = 0 WHERE account_id = $1 AND id <> $2`, account, id); err != nil {
		return false, fmt.Errorf("change where letters go: %w", err)
	}
	n, err := tx.Exec(ctx, `UPDATE person_address SET main = 1 WHERE account_id = $1 AND id = $2 AND verified_at > 0`, account, id)
	return n > 0, err
}

func removeAddress(ctx context.Context, tx *db.Tx, account ID, id int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM person_address WHERE account_id = $1 AND id = $2`, account, id); err != nil {
		return fmt.Errorf("remove an address: %w", err)
	}
	return nil
}

// portraitUsed reports whether an account has a portrait.
func portraitUsed(ctx context.Context, r db.Reader, name string) (bool, error) {
	var n int
	if err := r.Row(ctx, `SELECT count(*) FROM person_account WHERE portrait = $1 AND left_at = 0`, name).Scan(&n); err != nil {
		return false, fmt.Errorf("look who has a portrait: %w", err)
	}
	return n > 0, nil
}

func setPortrait(ctx context.Context, tx *db.Tx, id ID, name string) error {
	if _, err := tx.Exec(ctx, `UPDATE person_account SET portrait = $2 WHERE id = $1`, id, name); err != nil {
		return fmt.Errorf("change the portrait of account %d: %w", id, err)
	}
	return nil
}

// mainAddress makes the first address of an account the main one where none is.
func mainAddress(ctx context.Context, tx *db.Tx, id ID) error {
	_, err := tx.Exec(ctx, `UPDATE person_address SET main = 1 WHERE id = (SELECT min(id) FROM person_address WHERE account_id = $1)
		AND NOT EXISTS (SELECT 1 FROM person_address WHERE account_id = $1 AND main = 1)`, id)
	if err != nil {
		return fmt.Errorf("choose where letters go: %w", err)
	}
	return nil
}
