package person

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// FirstLink makes the one-time link that makes whoever opens it the owner of an installation that has none, and returns its path. It is
// empty where there is an owner. An earlier link that nobody used is no longer good.
func (s *Service) FirstLink(ctx context.Context) (path string, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		path = ""
		owned, err := s.o.Roles.HasOwner(ctx, tx)
		if err != nil || owned {
			return err
		}
		token := newToken()
		path = "/first/" + token
		return addFirst(ctx, tx, token, s.o.Now())
	})
	return path, err
}

// FirstOpen is nil where a one-time link is still good.
func (s *Service) FirstOpen(ctx context.Context, token string) error {
	ok, err := firstOpen(ctx, s.db, token)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "person.error.first_over")
	}
	return err
}

// TakeFirst makes the one who acts the owner, or, where nobody is signed in, a new account with these names. The address of that account is
// shown to be theirs by their first code; until then it gets no letters of others, and signs nobody in.
func (s *Service) TakeFirst(ctx context.Context, token string, a *Account, agent string) (*Entry, error) {
	var e *Entry
	who := authz.Who(ctx)
	if err := s.FirstOpen(ctx, token); err != nil {
		return nil, err
	}
	if !who.SignedIn() {
		if err := a.CheckNames(); err != nil {
			return nil, err
		}
	}
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		e = &Entry{Account: ID(who.ID)}
		ok, err := useFirst(ctx, tx, token, s.o.Now())
		if err != nil {
			return err
		}
		owned, err := s.o.Roles.HasOwner(ctx, tx)
		if err != nil {
			return err
		}
		if !ok || owned {
			return fault.New(fault.NotFound, "person.error.first_over")
		}
		ref := who.Ref
		if !who.SignedIn() {
			own := *a // a write may run twice
			own.MadeAt = s.o.Now()
			if err := s.addPerson(ctx, tx, &own, "", ""); err != nil {
				return err
			}
			if e.Token, err = s.begin(ctx, tx, own.ID, "first", agent); err != nil {
				return err
			}
			e.Account, ref = own.ID, own.Ref
		}
		if err := s.o.Roles.MakeOwner(ctx, tx, int64(e.Account)); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Object: "person:" + ref, Action: "person.first_owner"})
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// demoRef is the ref of a person of the demo: always the same, so that a second start finds them.
func demoRef(key string) string { return "DEMO-" + key }

// demoSession signs in as a person of the demo, who is made when first needed.
func (s *Service) demoSession(ctx context.Context, d Persona, agent string) (token string, id ID, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		acc, err := accountOf(ctx, tx, demoRef(d.Key))
		if err != nil {
			return err
		}
		if acc == nil {
			acc = &Account{Ref: demoRef(d.Key), Name: d.Name, Lang: d.Lang, MadeAt: s.o.Now()}
			address := d.Key + "@demo.example"
			if err := s.addPerson(ctx, tx, acc, address, address); err != nil {
				return err
			}
		}
		id = acc.ID
		if acc.consented != s.o.Policy.Version { // they are invented, and agree to everything
			if _, err := putConsent(ctx, tx, id, s.o.Policy.Version, s.o.Now()); err != nil {
				return err
			}
		}
		token, err = s.begin(ctx, tx, id, "demo", agent)
		return err
	})
	return token, id, err
}
