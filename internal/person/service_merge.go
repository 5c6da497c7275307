package person

import (
	"context"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// MergePath is where two accounts of one person are united.
const MergePath = "/me/merge"

// offerMerge notes that the one who acts has shown that another account is theirs as well, and says where they are asked what to do about it.
func (s *Service) offerMerge(ctx context.Context, tx *db.Tx, other ID) (string, error) {
	who, ref := authz.Who(ctx), newToken()
	err := addChallenge(ctx, tx, &challenge{toMerge, ID(who.ID), who.Session, strconv.FormatInt(int64(other), 10)}, ref, s.o.Now().Add(challengeLife))
	return MergePath + "?proof=" + ref, err
}

// Union is what would be united with the account of the one who acts.
type Union struct {
	Account   *Account
	Addresses []Address
	Passkeys  int

	id ID
}

// mergeOf reads what a proof is for: one that the same session got, a moment ago.
func (s *Service) mergeOf(ctx context.Context, r db.Reader, c *challenge) (*Union, error) {
	over := fault.New(fault.NotFound, "person.error.merge_over")
	who := authz.Who(ctx)
	if c == nil || c.Purpose != toMerge || c.Account != ID(who.ID) || c.Session != who.Session {
		return nil, over
	}
	n, err := strconv.ParseInt(c.Data, 10, 64)
	if err != nil {
		return nil, over.Because(err)
	}
	u := &Union{id: ID(n)}
	if u.Account, err = getAccount(ctx, r, u.id); err != nil {
		return nil, err
	}
	if u.Account == nil || !u.Account.LeftAt.IsZero() || u.id == ID(who.ID) {
		return nil, over
	}
	if u.Addresses, err = addresses(ctx, r, u.id); err != nil {
		return nil, err
	}
	keys, err := passkeys(ctx, r, u.id)
	u.Passkeys = len(keys)
	return u, err
}

// MergePreview says what would be united.
func (s *Service) MergePreview(ctx context.Context, proof string) (*Union, error) {
	c, err := findChallenge(ctx, s.db, proof, s.o.Now())
	if err != nil {
		return nil, err
	}
	return s.mergeOf(ctx, s.db, c)
}

// Merge unites the account that a proof is for with that of the one who acts, in one transaction, for good. The other account is empty
// afterwards and leads here; its sessions have ended.
func (s *Service) Merge(ctx context.Context, proof string) error {
	who := authz.Who(ctx)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		c, err := takeChallenge(ctx, tx, proof, s.o.Now())
		if err != nil {
			return err
		}
		u, err := s.mergeOf(ctx, tx, c)
		if err != nil {
			return err
		}
		from, to := u.id, ID(who.ID)
		for _, id := range []ID{min(from, to), max(from, to)} { // always in this order: two that unite each other do not wait for ever
			if err := lockAccount(ctx, tx, id); err != nil {
				return err
			}
		}
		for _, k := range s.keepers {
			if err := k.Merge(ctx, tx, from, to); err != nil {
				return err
			}
		}
		return s.merge(ctx, tx, from, to)
	})
}

func (s *Service) merge(ctx context.Context, tx *db.Tx, from, to ID) error {
	// They are read again: who was locked may have changed meanwhile.
	other, err := getAccount(ctx, tx, from)
	if err != nil {
		return err
	}
	own, err := getAccount(ctx, tx, to)
	if err != nil {
		return err
	}
	if other == nil || own == nil || !other.LeftAt.IsZero() || !own.LeftAt.IsZero() {
		return fault.New(fault.NotFound, "person.error.merge_over")
	}
	before := own.values()
	own.fill(other)
	if err := moveBelongings(ctx, tx, from, to); err != nil {
		return err
	}
	if err := mainAddress(ctx, tx, to); err != nil {
		return err
	}
	if err := emptyAccount(ctx, tx, from, to, s.o.Now()); err != nil {
		return err
	}
	if err := saveAccount(ctx, tx, own); err != nil {
		return err
	}
	if other.Portrait != own.Portrait {
		if err := s.dropPortrait(ctx, tx, other.Portrait); err != nil {
			return err
		}
	}
	after := own.values()
	after["united_with"] = other.Ref
	if err := audit.Record(ctx, tx, audit.Entry{Object: "person:" + own.Ref, Action: "person.merged", Before: before, After: after}); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, audit.Entry{Object: "person:" + other.Ref, Action: "person.merged", After: map[string]string{"into": own.Ref}}); err != nil {
		return err
	}
	return s.warn(ctx, tx, to, "merged", "")
}

// fill takes what an account lacks from another one of the same person.
func (a *Account) fill(b *Account) {
	pick := func(to *string, from string) {
		if *to == "" {
			*to = from
		}
	}
	pick(&a.Name.JA, b.Name.JA)
	pick(&a.Name.EN, b.Name.EN)
	pick(&a.Kana, b.Kana)
	pick(&a.Portrait, b.Portrait)
	if a.Affiliation.IsZero() {
		a.Affiliation, a.Title = b.Affiliation, b.Title
	}
	if a.Bio.IsZero() {
		a.Bio = b.Bio
	}
	if len(a.Links) == 0 {
		a.Links = b.Links
	}
	if len(a.Speaks) == 0 {
		a.Speaks = b.Speaks
	}
	a.Photo, a.Recording = stricter(a.Photo, b.Photo), stricter(a.Recording, b.Recording)
}

// stricter is the wish of two that lets less happen.
func stricter(a, b Wish) Wish {
	switch {
	case a == WishNo || b == WishNo:
		return WishNo
	case a == WishAsk || b == WishAsk:
		return WishAsk
	}
	return WishFree
}
