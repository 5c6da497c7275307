package person

import (
	"context"
	"fmt"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// readAccounts reads accounts by their row ids and refs; who left is left out.
func readAccounts(ctx context.Context, r db.Reader, ids []ID, refs []string) ([]*Account, error) {
	if len(ids)+len(refs) == 0 {
		return nil, nil
	}
	var args []any
	mark := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	byID, byRef := []string{"0"}, []string{"''"}
	for _, id := range ids {
		byID = append(byID, mark(int64(id)))
	}
	for _, ref := range refs {
		byRef = append(byRef, mark(ref))
	}
	return queryAccounts(ctx, r, `WHERE left_at = 0 AND (id IN (`+strings.Join(byID, ", ")+`) OR ref IN (`+strings.Join(byRef, ", ")+`)) ORDER BY id`, args...)
}

// findAccounts looks for accounts by the beginning of a name, whatever spaces stand in it.
func findAccounts(ctx context.Context, r db.Reader, text string, limit int) ([]*Account, error) {
	begins := strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
	whole := strings.NewReplacer(" ", "", "　", "").Replace(begins) + "%"
	return queryAccounts(ctx, r, `WHERE left_at = 0 AND (replace(replace(name_ja, ' ', ''), '　', '') LIKE $1 ESCAPE '!'
			OR replace(replace(kana, ' ', ''), '　', '') LIKE $2 ESCAPE '!' OR lower(name_en) LIKE lower($3) ESCAPE '!' OR lower(name_en) LIKE lower($4) ESCAPE '!')
		ORDER BY kana, name_ja, id LIMIT $5`, whole, Reading(whole), begins+"%", "% "+begins+"%", limit)
}

func queryAccounts(ctx context.Context, r db.Reader, rest string, args ...any) ([]*Account, error) {
	rows, err := r.Query(ctx, `SELECT `+accountColumns+` FROM person_account `+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("look for accounts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []*Account
	for rows.Next() {
		a, err := scanAccount(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("look for accounts: %w", err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// accountsNamed reads the accounts with exactly a name, in either script, whatever spaces stand in it.
func accountsNamed(ctx context.Context, r db.Reader, name string, limit int) ([]*Account, error) {
	return queryAccounts(ctx, r, `WHERE left_at = 0 AND (lower(replace(name_ja, ' ', '')) = $1 OR lower(replace(name_en, ' ', '')) = $1) ORDER BY id LIMIT $2`,
		strings.ToLower(strings.ReplaceAll(name, " ", "")), limit)
}
