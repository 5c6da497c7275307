package person

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// maxAddresses bounds how many mail addresses an account has.
const maxAddresses = 10

// Addresses lists the mail addresses of somebody, the main one first.
func (s *Service) Addresses(ctx context.Context, id ID) ([]Address, error) {
	return addresses(ctx, s.db, id)
}

// changeAddress runs fn for an address of the one who acts.
func (s *Service) changeAddress(ctx context.Context, id int64, fn func(tx *db.Tx, all []Address, one Address) error) error {
	who := authz.Who(ctx)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := lockAccount(ctx, tx, ID(who.ID)); err != nil {
			return err
		}
		all, err := addresses(ctx, tx, ID(who.ID))
		if err != nil {
			return err
		}
		for _, a := range all {
			if a.ID == id {
				return fn(tx, all, a)
			}
		}
		return fault.Missing()
	})
}

// MakeMain makes an address of the one who acts the one that letters go to. The address before is told.
func (s *Service) MakeMain(ctx context.Context, id int64) error {
	who := authz.Who(ctx)
	return s.changeAddress(ctx, id, func(tx *db.Tx, all []Address, one Address) error {
		if ok, err := setMain(ctx, tx, ID(who.ID), id); err != nil || !ok {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{
			Object: "person:" + who.Ref, Action: "person.address_main", Before: map[string]string{"address": all[0].Address}, After: map[string]string{"address": one.Address},
		}); err != nil {
			return err
		}
		return s.warn(ctx, tx, ID(who.ID), "address_main", one.Address, mail.Address{Address: all[0].Address, Lang: who.Lang})
	})
}

// RemoveAddress takes an address of the one who acts away, but never the last one: it is what signs them in.
func (s *Service) RemoveAddress(ctx context.Context, id int64) error {
	who := authz.Who(ctx)
	return s.changeAddress(ctx, id, func(tx *db.Tx, all []Address, one Address) error {
		if len(all) == 1 {
			return fault.New(fault.Conflict, "person.error.address_last")
		}
		if err := removeAddress(ctx, tx, ID(who.ID), id); err != nil {
			return err
		}
		if one.Main {
			if _, err := setMain(ctx, tx, ID(who.ID), all[1].ID); err != nil {
				return err
			}
		}
		if err := audit.Record(ctx, tx, audit.Entry{Object: "person:" + who.Ref, Action: "person.address_removed", Before: map[string]string{"address": mask(one.Address)}}); err != nil {
			return err
		}
		return s.warn(ctx, tx, ID(who.ID), "address_removed", one.Address, mail.Address{Address: one.Address, Lang: who.Lang})
	})
}
