package person

import (
	"context"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Helped is an account as whoever runs the site sees it to help its person: no more than is needed for that.
type Helped struct {
	Ref       string
	Name      i18n.Text
	Addresses []Address
	Passkeys  int
	Sessions  int
	SeenAt    time.Time // when they used the site last; zero: not in the last weeks
}

// mostHelped is how many people of one name are shown.
const mostHelped = 10

// mayHelp is nil where the one who acts runs the site.
func (s *Service) mayHelp(ctx context.Context) error {
	if s.o.RunSite != "" && authz.Who(ctx).May(s.o.RunSite, "", "") {
		return nil
	}
	return fault.New(fault.Forbidden, "error.forbidden")
}

// Help finds the account with exactly this mail address, or the accounts with exactly this name. That somebody looked is recorded with each
// account that they saw. There is no list of all.
func (s *Service) Help(ctx context.Context, text string) ([]*Helped, error) {
	if err := s.mayHelp(ctx); err != nil {
		return nil, err
	}
	var out []*Helped
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		out = nil
		found, err := s.exactly(ctx, tx, text)
		if err != nil {
			return err
		}
		for _, a := range found {
			h, err := s.helped(ctx, tx, a)
			if err != nil {
				return err
			}
			out = append(out, h)
			if err := audit.Record(ctx, tx, audit.Entry{Object: "person:" + a.Ref, Action: "person.looked_up"}); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (s *Service) exactly(ctx context.Context, r db.Reader, text string) ([]*Account, error) {
	text = CleanLine(text)
	if !strings.Contains(text, "@") {
		if text == "" {
			return nil, fault.New(fault.Invalid, "person.error.help").On("text")
		}
		return accountsNamed(ctx, r, text, mostHelped)
	}
	_, folded, err := ParseAddress(text)
	if err != nil {
		return nil, fault.New(fault.Invalid, "person.error.address").On("text")
	}
	id, err := ownerOf(ctx, r, folded)
	if err != nil || id == 0 {
		return nil, err
	}
	return readAccounts(ctx, r, []ID{id}, nil)
}

func (s *Service) helped(ctx context.Context, r db.Reader, a *Account) (*Helped, error) {
	h := &Helped{Ref: a.Ref, Name: a.Name}
	var err error
	if h.Addresses, err = addresses(ctx, r, a.ID); err != nil {
		return nil, err
	}
	keys, err := passkeys(ctx, r, a.ID)
	if err != nil {
		return nil, err
	}
	open, err := listSessions(ctx, r, a.ID)
	h.Passkeys, h.Sessions = len(keys), len(open)
	if len(open) > 0 {
		h.SeenAt = open[0].SeenAt
	}
	return h, err
}

// SignOutFor ends every session of somebody who lost a device, and tells them.
func (s *Service) SignOutFor(ctx context.Context, ref string) error {
	if err := s.mayHelp(ctx); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := s.forChange(ctx, tx, ref)
		if err != nil {
			return err
		}
		if _, err := endOthers(ctx, tx, a.ID, 0); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Object: "person:" + a.Ref, Action: "person.signed_out"}); err != nil {
			return err
		}
		return s.warn(ctx, tx, a.ID, "signed_out", "")
	})
}

// SendCodeFor sends a code to sign in to the main address of somebody whom none reached. Whoever sends it does not see it.
func (s *Service) SendCodeFor(ctx context.Context, ref string) error {
	if err := s.mayHelp(ctx); err != nil {
		return err
	}
	a, err := accountOf(ctx, s.db, ref)
	if err != nil {
		return err
	}
	if a == nil || !a.LeftAt.IsZero() {
		return fault.Missing()
	}
	own, err := addresses(ctx, s.db, a.ID)
	if err != nil {
		return err
	}
	if len(own) == 0 {
		return fault.New(fault.Conflict, "person.error.no_address")
	}
	_, err = s.SendCode(ctx, Ask{Address: own[0].Address, Lang: a.Lang, Base: s.o.Base})
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Object: "person:" + a.Ref, Action: "person.code_sent"})
	})
}
