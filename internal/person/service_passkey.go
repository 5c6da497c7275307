package person

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
)

// toAddKey is the purpose of a challenge that adds a passkey; the others are those of codes.
const toAddKey = "passkey"

// challengeLife is how long a browser has to answer. A page to sign in on asks again before it is over.
const challengeLife = 10 * time.Minute

// challengesPerNetwork only bounds floods: every page to sign in on asks for one.
var challengesPerNetwork = limit.Rate{Burst: 6000, Per: 10 * time.Minute}

// Challenge is what a browser is asked to sign, with the reference by which the answer is known.
type Challenge struct {
	Ref     string `json:"ref"`
	Options any    `json:"publicKey"` // PublicKeyCredentialCreationOptionsJSON or ...RequestOptionsJSON
}

// PasskeyChallenge makes a challenge to sign in, to step up or to add a passkey. It tells nobody who has passkeys: the one to sign in is the
// same for all.
func (s *Service) PasskeyChallenge(ctx context.Context, p Party, purpose string) (*Challenge, error) {
	w, err := p.ceremony()
	if err != nil {
		return nil, fault.New(fault.Invalid, "person.error.passkey_here").Because(err)
	}
	who, c := authz.Who(ctx), (*Challenge)(nil)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		now := s.o.Now()
		if ok, err := challengesPerNetwork.Allow(ctx, tx, "challenge-network", limit.Network(who.From), now); err != nil || !ok {
			return orTooMany(err)
		}
		options, session, err := s.options(ctx, tx, w, p, purpose)
		if err != nil {
			return err
		}
		data, err := json.Marshal(session)
		if err != nil {
			return fmt.Errorf("keep a challenge: %w", err)
		}
		c = &Challenge{newToken(), options}
		return addChallenge(ctx, tx, &challenge{purpose, ID(who.ID), who.Session, string(data)}, c.Ref, now.Add(challengeLife))
	})
	return c, err
}

// options are what a browser is asked.
func (s *Service) options(ctx context.Context, r db.Reader, w *webauthn.WebAuthn, p Party, purpose string) (any, *webauthn.SessionData, error) {
	if purpose == toSignIn {
		a, session, err := w.BeginDiscoverableLogin()
		if err != nil {
			return nil, nil, fmt.Errorf("ask for a passkey: %w", err)
		}
		return a.Response, session, nil
	}
	h, all, err := s.holder(ctx, r, ID(authz.Who(ctx).ID), p.ID)
	if err != nil {
		return nil, nil, err
	}
	if purpose == toStepUp {
		if len(h.keys) == 0 {
			return nil, nil, fault.New(fault.Invalid, "person.error.passkey_none")
		}
		a, session, err := w.BeginLogin(h)
		if err != nil {
			return nil, nil, fmt.Errorf("ask for a passkey: %w", err)
		}
		return a.Response, session, nil
	}
	if len(all) >= maxPasskeys {
		return nil, nil, fault.New(fault.Invalid, "person.error.passkey_many").With("max", maxPasskeys)
	}
	a, session, err := w.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return nil, nil, fmt.Errorf("ask for a new passkey: %w", err)
	}
	return a.Response, session, nil
}

// holder reads an account with its keys.
func (s *Service) holder(ctx context.Context, r db.Reader, id ID, site string) (*holder, []*Passkey, error) {
	acc, err := getAccount(ctx, r, id)
	if err != nil {
		return nil, nil, err
	}
	if acc == nil || !acc.LeftAt.IsZero() {
		return nil, nil, fault.Missing()
	}
	own, err := addresses(ctx, r, id)
	if err != nil {
		return nil, nil, err
	}
	keys, err := passkeys(ctx, r, id)
	return holderOf(acc, own, keys, site), keys, err
}

// Answer is what a browser answers to a challenge.
type Answer struct {
	Party      Party
	Ref        string // of the challenge
	Credential string // JSON: AuthenticationResponseJSON or RegistrationResponseJSON
	Agent      string
}

// answered runs fn with the challenge that an answer is for. A challenge is used up by whatever is answered, in the same transaction as what
// the answer does, so that it is good once. What fn finds wrong is a fault and undoes nothing else.
func (s *Service) answered(ctx context.Context, a Answer, purpose string, fn func(tx *db.Tx, w *webauthn.WebAuthn, session webauthn.SessionData) error) error {
	w, err := a.Party.ceremony()
	if err != nil {
		return fault.New(fault.Invalid, "person.error.passkey_here").Because(err)
	}
	var wrong error
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		wrong = nil
		who := authz.Who(ctx)
		c, err := takeChallenge(ctx, tx, a.Ref, s.o.Now())
		if err != nil {
			return err
		}
		if c == nil || c.Purpose != purpose || purpose != toSignIn && (c.Account != ID(who.ID) || c.Session != who.Session) {
			wrong = fault.New(fault.Invalid, "person.error.passkey_over")
			return nil
		}
		if ok, err := triesPerNetwork.Allow(ctx, tx, "try-network", limit.Network(who.From), s.o.Now()); err != nil || !ok { // see prove
			return orTooMany(err)
		}
		var session webauthn.SessionData
		if err := json.Unmarshal([]byte(c.Data), &session); err != nil {
			return fmt.Errorf("read a challenge: %w", err)
		}
		err = fn(tx, w, session)
		if f, ok := fault.As(err); ok && f.Kind != fault.Internal {
			wrong = f
			return nil
		}
		return err
	})
	if err == nil {
		err = wrong
	}
	return err
}

// EnterByPasskey signs in whoever has a passkey.
func (s *Service) EnterByPasskey(ctx context.Context, a Answer, next string) (*Entry, error) {
	var e *Entry
	err := s.answered(ctx, a, toSignIn, func(tx *db.Tx, w *webauthn.WebAuthn, session webauthn.SessionData) (err error) {
		e = &Entry{Next: next}
		answer, err := protocol.ParseCredentialRequestResponseBytes([]byte(a.Credential))
		if err != nil {
			return badKey(err)
		}
		key, err := findPasskey(ctx, tx, credentialID(answer.RawID))
		if err != nil {
			return err
		}
		if key == nil || key.Site != a.Party.ID {
			return fault.New(fault.Invalid, "person.error.passkey_unknown")
		}
		h, _, err := s.holder(ctx, tx, key.Account, a.Party.ID)
		if err != nil {
			return err
		}
		ref := h.ref
		h.ref = key.handle // a key from before two accounts were united knows the other one
		_, record, err := w.ValidatePasskeyLogin(func([]byte, []byte) (webauthn.User, error) { return h, nil }, session, answer)
		if err := s.useKey(ctx, tx, key, ref, record, err); err != nil {
			return err
		}
		e.Account = key.Account
		e.Token, err = s.begin(ctx, tx, key.Account, "passkey", a.Agent)
		return err
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// badKey is the fault of an answer that does not hold.
func badKey(err error) error {
	return fault.New(fault.Invalid, "person.error.passkey_wrong").Because(err)
}

// useKey notes that a passkey was used. One whose counter did not go up may have been copied: it signs nobody in (WebAuthn Level 3, section
// 6.1.1).
func (s *Service) useKey(ctx context.Context, tx *db.Tx, key *Passkey, ref string, record *webauthn.Credential, err error) error {
	if err != nil {
		return badKey(err)
	}
	if record.Authenticator.CloneWarning {
		if err := audit.Record(ctx, tx, audit.Entry{Object: "person:" + ref, Action: "person.passkey_copied", After: map[string]string{"passkey": key.Name}}); err != nil {
			return err
		}
		return fault.New(fault.Invalid, "person.error.passkey_copied")
	}
	key.record = *record
	return usePasskey(ctx, tx, key, s.o.Now())
}

// StepUpByPasskey notes that the one who acts showed again who they are.
func (s *Service) StepUpByPasskey(ctx context.Context, a Answer, next string) (*Entry, error) {
	var e *Entry
	who := authz.Who(ctx)
	err := s.answered(ctx, a, toStepUp, func(tx *db.Tx, w *webauthn.WebAuthn, session webauthn.SessionData) error {
		e = &Entry{Account: ID(who.ID), Token: newToken(), Next: next}
		answer, err := protocol.ParseCredentialRequestResponseBytes([]byte(a.Credential))
		if err != nil {
			return badKey(err)
		}
		key, err := findPasskey(ctx, tx, credentialID(answer.RawID))
		if err != nil {
			return err
		}
		if key == nil || key.Site != a.Party.ID || key.Account != ID(who.ID) {
			return fault.New(fault.Invalid, "person.error.passkey_unknown")
		}
		h, _, err := s.holder(ctx, tx, key.Account, a.Party.ID)
		if err != nil {
			return err
		}
		h.ref, session.UserID = key.handle, []byte(key.handle)
		record, err := w.ValidateLogin(h, session, answer)
		if err := s.useKey(ctx, tx, key, who.Ref, record, err); err != nil {
			return err
		}
		return stepUp(ctx, tx, who.Session, e.Token, s.o.Now())
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// AddPasskey keeps a new passkey of the one who acts, and tells them by mail.
func (s *Service) AddPasskey(ctx context.Context, a Answer, name string) error {
	who := authz.Who(ctx)
	return s.answered(ctx, a, toAddKey, func(tx *db.Tx, w *webauthn.WebAuthn, session webauthn.SessionData) error {
		answer, err := protocol.ParseCredentialCreationResponseBytes([]byte(a.Credential))
		if err != nil {
			return badKey(err)
		}
		h, _, err := s.holder(ctx, tx, ID(who.ID), a.Party.ID)
		if err != nil {
			return err
		}
		record, err := w.CreateCredential(h, session, answer)
		if err != nil {
			return badKey(err)
		}
		key := &Passkey{Account: ID(who.ID), Name: keyName(name, a.Agent), Site: a.Party.ID, MadeAt: s.o.Now(), handle: h.ref, record: *record}
		if err := addPasskey(ctx, tx, key); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Object: "person:" + who.Ref, Action: "person.passkey_added", After: map[string]string{"passkey": key.Name}}); err != nil {
			return err
		}
		return s.warn(ctx, tx, ID(who.ID), "passkey_added", key.Name)
	})
}

// RemovePasskey takes a passkey of the one who acts away, unless it is all that could sign them in again.
func (s *Service) RemovePasskey(ctx context.Context, id int64) error {
	who := authz.Who(ctx)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := lockAccount(ctx, tx, ID(who.ID)); err != nil {
			return err
		}
		keys, err := passkeys(ctx, tx, ID(who.ID))
		if err != nil {
			return err
		}
		for _, k := range keys {
			if k.ID != id {
				continue
			}
			if err := s.anotherDoor(ctx, tx, ID(who.ID)); err != nil {
				return err
			}
			if err := removePasskey(ctx, tx, ID(who.ID), id); err != nil {
				return err
			}
			if err := audit.Record(ctx, tx, audit.Entry{Object: "person:" + who.Ref, Action: "person.passkey_removed", Before: map[string]string{"passkey": k.Name}}); err != nil {
				return err
			}
			return s.warn(ctx, tx, ID(who.ID), "passkey_removed", k.Name)
		}
		return fault.Missing()
	})
}

// Passkeys lists the passkeys of somebody.
func (s *Service) Passkeys(ctx context.Context, id ID) ([]*Passkey, error) {
	return passkeys(ctx, s.db, id)
}
