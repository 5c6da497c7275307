package person

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Policy is what people agree to now.
func (s *Service) Policy() Policy { return s.o.Policy }

// PolicySince is when somebody agreed to the policy first; zero where nobody did yet.
func (s *Service) PolicySince(ctx context.Context) (time.Time, error) {
	return policySince(ctx, s.db, s.o.Policy.Version)
}

// Consent notes that the one who acts agrees to a version of the policy: that which they saw, and which is still the one.
func (s *Service) Consent(ctx context.Context, version string) error {
	if version != s.o.Policy.Version {
		return fault.New(fault.Conflict, "person.error.policy")
	}
	who := authz.Who(ctx)
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.consent(ctx, tx, ID(who.ID), who.Ref) })
}

func (s *Service) consent(ctx context.Context, tx *db.Tx, id ID, ref string) error {
	p, now := s.o.Policy, s.o.Now()
	if err := putPolicy(ctx, tx, p, now); err != nil {
		return err
	}
	added, err := putConsent(ctx, tx, id, p.Version, now)
	if err != nil || !added {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Object: "person:" + ref, Action: "person.consented", After: map[string]string{"version": p.Version}})
}
