package person

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// portraitSide is the width and height of a portrait in pixels: twice that of where it stands largest.
const portraitSide = 640

// SaveProfile stores what a person says about themselves. The portrait has its own way in.
func (s *Service) SaveProfile(ctx context.Context, a *Account) error {
	if err := a.Check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		before, err := s.forChange(ctx, tx, a.Ref)
		if err != nil {
			return err
		}
		own := *a // a write may run twice
		own.Portrait = before.Portrait
		if err := saveAccount(ctx, tx, &own); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Object: "person:" + a.Ref, Action: "person.profile", Before: before.values(), After: own.values()})
	})
}

// forChange reads an account that is about to be changed.
func (s *Service) forChange(ctx context.Context, tx *db.Tx, ref string) (*Account, error) {
	acc, err := accountOf(ctx, tx, ref)
	if err != nil {
		return nil, err
	}
	if acc == nil || !acc.LeftAt.IsZero() {
		return nil, fault.Missing()
	}
	if err := lockAccount(ctx, tx, acc.ID); err != nil {
		return nil, err
	}
	return getAccount(ctx, tx, acc.ID)
}

// SavePortrait makes a picture the portrait of a person: drawn anew, cut to a square. The one before goes, unless somebody else has it.
func (s *Service) SavePortrait(ctx context.Context, ref string, data []byte, cut blob.Cut) error {
	p, err := blob.Square(data, portraitSide, cut)
	if err != nil {
		return err
	}
	name, err := s.o.Portraits.Put(ctx, p.Data)
	if err != nil {
		return err
	}
	return s.changePortrait(ctx, ref, string(name))
}

// RemovePortrait takes the portrait of a person away.
func (s *Service) RemovePortrait(ctx context.Context, ref string) error {
	return s.changePortrait(ctx, ref, "")
}

func (s *Service) changePortrait(ctx context.Context, ref, name string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		before, err := s.forChange(ctx, tx, ref)
		if err != nil || before.Portrait == name {
			return err
		}
		if err := setPortrait(ctx, tx, before.ID, name); err != nil {
			return err
		}
		if err := s.dropPortrait(ctx, tx, before.Portrait); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Object: "person:" + ref, Action: "person.portrait", Before: map[string]string{"portrait": before.Portrait}, After: map[string]string{"portrait": name},
		})
	})
}

// dropPortrait removes a picture that an account no longer has, once that is durable, unless another one has it.
func (s *Service) dropPortrait(ctx context.Context, tx *db.Tx, name string) error {
	if name == "" || s.o.Portraits == nil {
		return nil
	}
	used, err := portraitUsed(ctx, tx, name)
	if err != nil || used {
		return err
	}
	tx.OnCommit(func() {
		if err := s.o.Portraits.Remove(blob.Name(name)); err != nil {
			s.o.Log.WarnContext(ctx, "a portrait that nobody has could not be removed", "component", "person", "picture", name, "error", err)
		}
	})
	return nil
}

// Portrait opens the portrait of somebody who is still here, by its name.
func (s *Service) Portrait(ctx context.Context, name string) (blob.Name, blob.File, error) {
	n, ok := blob.ParseName(name)
	if !ok || s.o.Portraits == nil {
		return "", nil, fault.Missing()
	}
	used, err := portraitUsed(ctx, s.db, name)
	if err != nil {
		return "", nil, err
	}
	if !used {
		return "", nil, fault.Missing()
	}
	f, err := s.o.Portraits.Open(n)
	return n, f, err
}
