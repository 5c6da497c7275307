package person

import (
	"context"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Accounts are the accounts of row ids and of refs; who is not there, or has left, is left out.
func (s *Service) Accounts(ctx context.Context, r db.Reader, ids []ID, refs []string) ([]*Account, error) {
	return readAccounts(ctx, r, ids, refs)
}

// Find looks for people whose name begins with a text in one of its scripts, or a part of whose Latin name does, and for who has exactly
// that verified mail address; at most limit, by their reading. It is for those who may learn who has an account.
func (s *Service) Find(ctx context.Context, r db.Reader, text string, limit int) ([]*Account, error) {
	if text = strings.TrimSpace(text); text == "" {
		return nil, nil
	}
	if strings.Contains(text, "@") {
		_, folded, err := ParseAddress(text)
		if err != nil {
			return nil, nil //nolint:nilerr // nobody has an address that is none
		}
		id, err := ownerOf(ctx, r, folded)
		if err != nil || id == 0 {
			return nil, err
		}
		return readAccounts(ctx, r, []ID{id}, nil)
	}
	return findAccounts(ctx, r, text, limit)
}

// HasAddress says whether a mail address is a verified one of an account.
func (s *Service) HasAddress(ctx context.Context, r db.Reader, id ID, address string) (bool, error) {
	_, folded, err := ParseAddress(address)
	if fault.KindOf(err) == fault.Invalid {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	owner, err := ownerOf(ctx, r, folded)
	return owner == id && id != 0, err
}
