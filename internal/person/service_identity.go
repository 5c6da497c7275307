package person

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
)

// The purposes of challenges that have to do with an issuer.
const (
	toAskIssuer = "issuer"   // a browser went there, and is to come back
	toLink      = "identity" // an identity waits for its person to show that an account is theirs
)

// identityLife is how long a browser may take to come back from an issuer, and then to show that an account is its person's.
const identityLife = 20 * time.Minute

// waiting is an identity that waits to be linked.
type waiting struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
	Label   string `json:"label"`
	Browser string `json:"browser"`
}

// Issuers are the services that sign people in beside us, in the order of the settings.
func (s *Service) Issuers() []*Issuer {
	out := make([]*Issuer, len(s.issuers))
	for n, i := range s.issuers {
		out[n] = &i.Issuer
	}
	return out
}

// IssuerAt is what the issuer of a URL is called; its host where it is not in the settings any more.
func (s *Service) IssuerAt(url string) i18n.Text {
	for _, i := range s.issuers {
		if i.URL == url {
			return i.Named()
		}
	}
	return (&Issuer{URL: url}).Named()
}

// issuer finds an issuer by its id.
func (s *Service) issuer(id string) (*issuer, error) {
	for _, i := range s.issuers {
		if i.ID == id {
			return i, nil
		}
	}
	return nil, fault.Missing()
}

// Visit is what a browser goes to an issuer for.
type Visit struct {
	Issuer  string // its id
	Next    string // where to go on after signing in
	Browser string // a secret by which the browser is known again
	Link    bool   // somebody signed in links what the issuer says to their account
	Lang    i18n.Lang
	Prefix  string // of addresses in that language
}

// AskIssuer returns where a browser is sent to be told who its person is.
func (s *Service) AskIssuer(ctx context.Context, v Visit) (string, error) {
	i, err := s.issuer(v.Issuer)
	if err != nil {
		return "", err
	}
	p, err := i.provider(ctx)
	if err != nil {
		return "", err
	}
	who, state := authz.Who(ctx), newToken()
	w := &wanted{Issuer: i.URL, Nonce: newToken(), Verifier: oauth2.GenerateVerifier(), Next: v.Next, Lang: v.Lang, Prefix: v.Prefix, Link: v.Link, Browser: hashed(v.Browser)}
	data, err := json.Marshal(w)
	if err != nil {
		return "", fmt.Errorf("keep what a browser asks: %w", err)
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if ok, err := challengesPerNetwork.Allow(ctx, tx, "challenge-network", limit.Network(who.From), s.o.Now()); err != nil || !ok {
			return orTooMany(err)
		}
		return addChallenge(ctx, tx, &challenge{toAskIssuer, ID(who.ID), who.Session, string(data)}, state, s.o.Now().Add(identityLife))
	})
	return i.config(p, s.o.Base).AuthCodeURL(state, oidc.Nonce(w.Nonce), oauth2.S256ChallengeOption(w.Verifier)), err
}

// Return is what a browser brings back from the issuer.
type Return struct {
	Issuer  string // the id of the one whose address it came back to
	From    string // who the answer says that it is of (RFC 9207); empty: it does not say
	State   string
	Code    string
	Error   string // why there is no code (RFC 6749, section 4.1.2.1)
	Browser string // the secret by which it is known again
	Agent   string
}

// EnterByIssuer signs in whoever the issuer says it is. What it says of a mail address gives nobody an account: where the address has one, a
// code goes there first.
func (s *Service) EnterByIssuer(ctx context.Context, b Return) (*Entry, error) {
	i, err := s.issuer(b.Issuer)
	if err != nil {
		return nil, err
	}
	w, err := s.comeBack(ctx, i, b)
	if err != nil {
		return nil, err
	}
	if err := i.said(b.From); err != nil {
		return nil, err
	}
	if b.Error != "" {
		return nil, fault.New(fault.Invalid, "person.error.issuer_refused").With("name", i.Named()).Because(fmt.Errorf("%s answered %q", i.URL, b.Error))
	}
	c, err := i.redeem(ctx, s.o.Base, b.Code, w)
	if err != nil {
		return nil, err
	}
	if w.Link {
		return &Entry{Next: w.Prefix + "/me/identities"}, s.db.Write(ctx, func(tx *db.Tx) error { return s.link(ctx, tx, i.URL, c.Subject, c.label()) })
	}
	e, ask, err := s.enterIdentity(ctx, i, c, w, b)
	if db.IsUnique(err) { // the same person in another window
		e, ask, err = s.enterIdentity(ctx, i, c, w, b)
	}
	if err != nil || ask == nil {
		return e, err
	}
	ref, err := s.SendCode(ctx, *ask)
	if err != nil && e.Token != "" {
		s.o.Log.WarnContext(ctx, "ask for the address that an issuer named", "component", "person", "error", err)
		return e, nil // they are in, and may add an address themselves
	}
	e.Next, e.New = w.Prefix+"/sign-in/code/"+ref, false
	return e, err
}

// comeBack uses up what a browser went to the issuer with: it must be the same browser, and come back from the issuer that it was sent to.
func (s *Service) comeBack(ctx context.Context, i *issuer, b Return) (*wanted, error) {
	over := fault.New(fault.Invalid, "person.error.issuer_over")
	var w *wanted
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		w = nil
		c, err := takeChallenge(ctx, tx, b.State, s.o.Now())
		if err != nil || c == nil || c.Purpose != toAskIssuer {
			return err
		}
		var read wanted
		if err := json.Unmarshal([]byte(c.Data), &read); err != nil {
			return fmt.Errorf("read what a browser asked: %w", err)
		}
		who := authz.Who(ctx)
		if read.Issuer != i.URL || read.Browser != hashed(b.Browser) || read.Link && (c.Account != ID(who.ID) || c.Session != who.Session || who.ID == 0) {
			return nil
		}
		w = &read
		return nil
	})
	if err == nil && w == nil {
		err = over
	}
	return w, err
}

func (c *claims) label() string {
	if c.Address != "" {
		return CleanLine(c.Address)
	}
	return CleanLine(c.Name)
}

// enterIdentity begins a session for an identity that is known, or for a new account; or says which code has to be asked for first.
func (s *Service) enterIdentity(ctx context.Context, i *issuer, c *claims, w *wanted, b Return) (*Entry, *Ask, error) {
	var e *Entry
	var ask *Ask
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		e, ask = &Entry{Next: w.Next}, nil
		known, err := findIdentity(ctx, tx, i.URL, c.Subject)
		if err != nil {
			return err
		}
		if known != nil {
			if err := useIdentity(ctx, tx, known.ID, s.o.Now()); err != nil {
				return err
			}
			e.Account = known.Account
			e.Token, err = s.begin(ctx, tx, known.Account, "oidc", b.Agent)
			return err
		}
		address, folded, bad := ParseAddress(c.Address)
		if bad == nil && c.Verified {
			if e.Account, err = ownerOf(ctx, tx, folded); err != nil {
				return err
			}
		}
		if e.Account != 0 {
			ask, err = s.holdIdentity(ctx, tx, i, c, w, address)
			return err
		}
		acc := &Account{Name: named(c.Name), Lang: w.Lang, MadeAt: s.o.Now()}
		if err := s.addPerson(ctx, tx, acc, "", ""); err != nil {
			return err
		}
		if err := addIdentity(ctx, tx, &Identity{Account: acc.ID, Issuer: i.URL, Subject: c.Subject, Label: c.label(), MadeAt: s.o.Now()}); err != nil {
			return err
		}
		e.Account, e.New = acc.ID, acc.Name.IsZero()
		if bad == nil { // theirs only once a code that goes there comes back: else an issuer could put an address into an account of somebody else
			ask = &Ask{Address: address, Lang: w.Lang, Base: s.o.Base, Purpose: toVerify, Account: acc.ID, Next: w.Prefix + "/me/profile?next=" + url.QueryEscape(w.Next)}
		}
		e.Token, err = s.begin(ctx, tx, acc.ID, "oidc", b.Agent)
		return err
	})
	return e, ask, err
}

// holdIdentity keeps an identity until its person, in the same browser, has signed in to the account of their address.
func (s *Service) holdIdentity(ctx context.Context, tx *db.Tx, i *issuer, c *claims, w *wanted, address string) (*Ask, error) {
	data, err := json.Marshal(waiting{i.URL, c.Subject, c.label(), w.Browser})
	if err != nil {
		return nil, fmt.Errorf("keep an identity: %w", err)
	}
	ref := newToken()
	if err := addChallenge(ctx, tx, &challenge{Purpose: toLink, Data: string(data)}, ref, s.o.Now().Add(identityLife)); err != nil {
		return nil, err
	}
	return &Ask{Address: address, Lang: w.Lang, Base: s.o.Base, Next: w.Prefix + "/me/identities?link=" + ref}, nil
}

// Waiting says which identity waits to be linked by this browser: what it is called, and at which issuer.
func (s *Service) Waiting(ctx context.Context, ref, browser string) (label string, issuer i18n.Text, err error) {
	c, err := findChallenge(ctx, s.db, ref, s.o.Now())
	if err != nil {
		return "", issuer, err
	}
	w, err := readWaiting(c, browser)
	if err != nil {
		return "", issuer, err
	}
	return w.Label, s.IssuerAt(w.Issuer), nil
}

func readWaiting(c *challenge, browser string) (*waiting, error) {
	over := fault.New(fault.NotFound, "person.error.issuer_over")
	if c == nil || c.Purpose != toLink {
		return nil, over
	}
	var w waiting
	if err := json.Unmarshal([]byte(c.Data), &w); err != nil {
		return nil, fmt.Errorf("read an identity that waits: %w", err)
	}
	if w.Browser != hashed(browser) {
		return nil, over
	}
	return &w, nil
}

// LinkWaiting links an identity that waited for this browser to the account of the one who acts.
func (s *Service) LinkWaiting(ctx context.Context, ref, browser string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		c, err := takeChallenge(ctx, tx, ref, s.o.Now())
		if err != nil {
			return err
		}
		w, err := readWaiting(c, browser)
		if err != nil {
			return err
		}
		return s.link(ctx, tx, w.Issuer, w.Subject, w.Label)
	})
}

// link makes an identity one of the one who acts.
func (s *Service) link(ctx context.Context, tx *db.Tx, issuer, subject, label string) error {
	who := authz.Who(ctx)
	known, err := findIdentity(ctx, tx, issuer, subject)
	switch {
	case err != nil:
		return err
	case known != nil && known.Account == ID(who.ID):
		return nil
	case known != nil:
		return fault.New(fault.Conflict, "person.error.identity_taken")
	}
	if err := addIdentity(ctx, tx, &Identity{Account: ID(who.ID), Issuer: issuer, Subject: subject, Label: label, MadeAt: s.o.Now()}); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, audit.Entry{Object: "person:" + who.Ref, Action: "person.identity_added", After: map[string]string{"issuer": issuer, "label": label}}); err != nil {
		return err
	}
	return s.warn(ctx, tx, ID(who.ID), "identity_added", issuer)
}

// Identities lists the identities of somebody.
func (s *Service) Identities(ctx context.Context, id ID) ([]*Identity, error) {
	return identities(ctx, s.db, id)
}

// RemoveIdentity takes an identity of the one who acts away, unless it is all that could sign them in again.
func (s *Service) RemoveIdentity(ctx context.Context, id int64) error {
	who := authz.Who(ctx)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := lockAccount(ctx, tx, ID(who.ID)); err != nil {
			return err
		}
		all, err := identities(ctx, tx, ID(who.ID))
		if err != nil {
			return err
		}
		for _, i := range all {
			if i.ID != id {
				continue
			}
			if err := s.anotherDoor(ctx, tx, ID(who.ID)); err != nil {
				return err
			}
			if err := removeIdentity(ctx, tx, ID(who.ID), id); err != nil {
				return err
			}
			if err := audit.Record(ctx, tx, audit.Entry{
				Object: "person:" + who.Ref, Action: "person.identity_removed", Before: map[string]string{"issuer": i.Issuer, "label": i.Label},
			}); err != nil {
				return err
			}
			return s.warn(ctx, tx, ID(who.ID), "identity_removed", i.Issuer)
		}
		return fault.Missing()
	})
}

// anotherDoor is nil where two ways to sign in are left, so that one may be taken away. A mail address counts for both: it always works.
func (s *Service) anotherDoor(ctx context.Context, r db.Reader, id ID) error {
	own, err := addresses(ctx, r, id)
	if err != nil || len(own) > 0 {
		return err
	}
	keys, err := passkeys(ctx, r, id)
	if err != nil {
		return err
	}
	all, err := identities(ctx, r, id)
	if err != nil {
		return err
	}
	if len(keys)+len(all) < 2 {
		return fault.New(fault.Conflict, "person.error.passkey_last")
	}
	return nil
}
