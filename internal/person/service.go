package person

import (
	"context"
	"log/slog"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// Outbox takes letters, which leave once the transaction is durable.
type Outbox interface {
	Send(ctx context.Context, tx *db.Tx, l mail.Letter) error
}

// Roles is what this feature asks of the one that knows what people may do.
type Roles interface {
	// Grants are what somebody may do now.
	Grants(ctx context.Context, person int64) (authz.Grants, error)
	// HasOwner reports whether somebody owns the group.
	HasOwner(ctx context.Context, r db.Reader) (bool, error)
	// MakeOwner makes somebody the group's owner.
	MakeOwner(ctx context.Context, tx *db.Tx, person int64) error
}

// Options are what the feature is given.
type Options struct {
	Now    func() time.Time // nil: the clock
	Outbox Outbox
	Roles  Roles
	Log    *slog.Logger
	Zone   *time.Location // of times on pages; nil: UTC
	Base   string         // the site's URL, without a slash at the end
	Kinds  []Kind         // of letters, in the order in which they are shown
	// Portraits keeps pictures of people and nothing else, so that one that nobody has any more can go.
	Portraits Portraits
	Kept      Kept             // the letters that were sent; nil: none are kept
	Policy    Policy           // zero: the shipped one
	RunSite   authz.Permission // of those who help others with their account; empty: nobody
	Issuers   []Issuer         // other services that sign people in
}

// Portraits is a store of pictures: blob.Store is one.
type Portraits interface {
	Put(ctx context.Context, data []byte) (blob.Name, error)
	Open(name blob.Name) (blob.File, error)
	Remove(name blob.Name) error
}

// Service is the front door of the feature. It is safe for concurrent use.
type Service struct {
	db      *db.DB
	o       Options
	keepers []Keeper
	issuers []*issuer
}

// Use names the features that keep something about people. Call it once, before the first request.
func (s *Service) Use(keepers ...Keeper) { s.keepers = keepers }

// New makes the service; it does nothing yet.
func New(d *db.DB, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Policy.Version == "" {
		o.Policy = ShippedPolicy()
	}
	s := &Service{db: d, o: o}
	for _, i := range o.Issuers {
		s.issuers = append(s.issuers, &issuer{Issuer: i})
	}
	return s
}

// How long things are good. A session that nobody used for two weeks ends, and every session after a quarter of a year.
const (
	codeLife    = 15 * time.Minute
	codeTries   = 5
	sessionIdle = 14 * 24 * time.Hour
	sessionLife = 90 * 24 * time.Hour
	seenEvery   = 5 * time.Minute // how exact "last used" is
)

// Account reads an account, or fault.Missing.
func (s *Service) Account(ctx context.Context, id ID) (*Account, error) {
	a, err := getAccount(ctx, s.db, id)
	if err == nil && a == nil {
		err = fault.Missing()
	}
	return a, err
}

// Names reads what people are called by their refs. Who left is not in it.
func (s *Service) Names(ctx context.Context, refs []string) (map[string]i18n.Text, error) {
	return names(ctx, s.db, refs)
}

// actorOf finds who a session's cookie belongs to; nobody where it is not good.
func (s *Service) actorOf(ctx context.Context, token, from string) (*authz.Actor, error) {
	nobody := &authz.Actor{From: from}
	if len(token) != 64 {
		return nobody, nil
	}
	ses, err := findSession(ctx, s.db, token)
	if err != nil || ses == nil {
		return nobody, err
	}
	now := s.o.Now()
	if now.Sub(ses.SeenAt) > sessionIdle || now.Sub(ses.BegunAt) > sessionLife {
		return nobody, nil
	}
	acc, err := getAccount(ctx, s.db, ses.Account)
	if err != nil || acc == nil || !acc.LeftAt.IsZero() {
		return nobody, err
	}
	if now.Sub(ses.SeenAt) > seenEvery {
		if err := s.db.Write(ctx, func(tx *db.Tx) error { return touchSession(ctx, tx, ses.ID, now) }); err != nil {
			s.o.Log.WarnContext(ctx, "note the use of a session", "component", "person", "error", err)
		}
	}
	a := acc.Actor()
	a.From, a.Session, a.SteppedUp, a.Agreed = from, ses.ID, ses.SteppedUp, acc.consented
	if s.o.Roles != nil {
		a.Grants, err = s.o.Roles.Grants(ctx, int64(acc.ID))
	}
	return a, err
}

// Actor is the account as one who acts, without grants.
func (a *Account) Actor() *authz.Actor {
	return &authz.Actor{ID: int64(a.ID), Ref: a.Ref, Name: a.Name, Lang: a.Lang}
}

// Sweep removes what is over: codes, sessions, limits.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.o.Now()
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := sweepSignIn(ctx, tx, now.Add(-24*time.Hour), now.Add(-sessionIdle), now.Add(-sessionLife)); err != nil {
			return err
		}
		if err := sweepChallenges(ctx, tx, now); err != nil {
			return err
		}
		return limit.Sweep(ctx, tx, now)
	})
}

// Sessions lists where somebody is signed in, the one used last first.
func (s *Service) Sessions(ctx context.Context, id ID) ([]*Session, error) {
	return listSessions(ctx, s.db, id)
}
