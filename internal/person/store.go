package person

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

const accountColumns = `id, ref, name_ja, name_en, kana, affiliation_ja, affiliation_en, title_ja, title_en, bio_ja, bio_en, links, portrait, lang,
	photo, recording, made_at, left_at`

func scanAccount(scan func(...any) error) (*Account, error) {
	a := &Account{}
	var links string
	var made, left int64
	if err := scan(&a.ID, &a.Ref, &a.Name.JA, &a.Name.EN, &a.Kana, &a.Affiliation.JA, &a.Affiliation.EN, &a.Title.JA, &a.Title.EN,
		&a.Bio.JA, &a.Bio.EN, &links, &a.Portrait, &a.Lang, &a.Photo, &a.Recording, &made, &left); err != nil {
		return nil, err
	}
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
		bio_ja, bio_en, links, portrait, lang, photo, recording, made_at, left_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0)`, append(accountValues(a), db.Micros(a.MadeAt))...)
	if err != nil {
		return fmt.Errorf("add an account: %w", err)
	}
	a.ID = ID(id)
	return nil
}

// saveAccount writes what a person may change about themselves.
func saveAccount(ctx context.Context, tx *db.Tx, a *Account) error {
	_, err := tx.Exec(ctx, `UPDATE person_account SET name_ja = $2, name_en = $3, kana = $4, affiliation_ja = $5, affiliation_en = $6,
		title_ja = $7, title_en = $8, bio_ja = $9, bio_en = $10, links = $11, portrait = $12, lang = $13, photo = $14, recording = $15
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
		string(links), a.Portrait, string(a.Lang), string(a.Photo), string(a.Recording)}
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
		rows, err := r.Query(ctx, `SELECT ref, name_ja, name_en FROM person_account WHERE left_at = 0 AND ref IN (`+marks+`)`, args...)
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

// accountOf reads the account of a ref; nil where there is none.
func accountOf(ctx context.Context, r db.Reader, ref string) (*Account, error) {
	a, err := scanAccount(r.Row(ctx, `SELECT `+accountColumns+` FROM person_account WHERE ref = $1`, ref).Scan)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the account %s: %w", ref, err)
	}
	return a, nil
}
