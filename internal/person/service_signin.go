package person

import (
	"context"
	"crypto/subtle"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
)

// The purposes of codes.
const (
	toSignIn = "sign-in"
	toVerify = "address"
	toStepUp = "step-up"
	toMerge  = "merge" // to unite another account with one's own
)

// How often codes are asked for. A venue is one network address with thousands of people behind it, so what counts is the mail address; the
// network address has a bound only against floods.
var (
	codesPerAddress = limit.Rate{Burst: 5, Per: 15 * time.Minute}
	codesPerMail    = limit.Rate{Burst: 20, Per: time.Hour}
	codesPerNetwork = limit.Rate{Burst: 1500, Per: 10 * time.Minute}
	triesPerNetwork = limit.Rate{Burst: 3000, Per: 10 * time.Minute}
)

// Ask is a wish for a code.
type Ask struct {
	Address string
	Lang    i18n.Lang
	Next    string // where to go on after signing in
	Base    string // the site's URL, for the link in the letter
	Purpose string // empty: to sign in
	Account ID     // whose address it is to become, or who steps up; 0 to sign in
}

// SendCode sends a code and a link to an address, and returns the reference by which the code is typed in. It does not tell, neither by what it
// returns nor by how long it takes, whether somebody has an account with that address: every address gets a letter.
func (s *Service) SendCode(ctx context.Context, a Ask) (ref string, err error) {
	address, folded, err := ParseAddress(a.Address)
	if err != nil {
		return "", err
	}
	if a.Purpose == "" {
		a.Purpose = toSignIn
	}
	now, from := s.o.Now(), limit.Network(authz.Who(ctx).From)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		for _, l := range []struct {
			rate      limit.Rate
			name, who string
		}{{codesPerAddress, "code", folded + " " + from}, {codesPerMail, "code-mail", folded}, {codesPerNetwork, "code-network", from}} {
			if ok, err := l.rate.Allow(ctx, tx, l.name, l.who, now); err != nil || !ok {
				return orTooMany(err)
			}
		}
		ref = NewRef()
		secret, link := newCode(), newToken()
		c := &code{
			Ref: ref, Purpose: a.Purpose, Account: a.Account, Address: address, Folded: folded, Lang: string(a.Lang),
			Code: hashed(ref + secret), Next: a.Next, MadeAt: now, EndsAt: now.Add(codeLife),
		}
		if err := addCode(ctx, tx, c, link); err != nil {
			return err
		}
		return s.sendCodeLetter(ctx, tx, &a, address, ref, secret, a.Base+"/sign-in/link/"+link, c.EndsAt)
	})
	return ref, err
}

func orTooMany(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.TooMany, "person.error.too_many")
}

// Entry is a session that was begun: the secret of its cookie, and where to go on.
type Entry struct {
	Token   string
	Account ID
	New     bool // the account was made just now, and has no name yet
	Next    string
	Page    string // where to go on before all else: a path without language prefix
}

// Proof is what somebody shows to sign in: a code with its reference, or the secret of a link.
type Proof struct {
	Ref, Code string
	Link      string
	Agent     string // the browser, as it calls itself
	Session   int64  // the session that is stepped up, of purpose step-up
}

// Pending says of a code that was asked for to which address it went, masked, and how it is used. A code that is over or used is a fault.
func (s *Service) Pending(ctx context.Context, ref, link string) (address, purpose string, err error) {
	c, err := findCode(ctx, s.db, ref, link)
	if err != nil {
		return "", "", err
	}
	if c == nil || !c.open(s.o.Now()) {
		return "", "", fault.New(fault.NotFound, "person.error.code_over")
	}
	return mask(c.Address), c.Purpose, nil
}

// Enter signs in whoever has a code or a link. A code is used up in the same transaction as the session it gives, so it is good once,
// whatever happens in between. An address without an account gets one.
func (s *Service) Enter(ctx context.Context, p Proof) (*Entry, error) {
	e, err := s.enterOnce(ctx, p)
	if db.IsUnique(err) { // another browser has just made the account of this address
		e, err = s.enterOnce(ctx, p)
	}
	return e, err
}

func (s *Service) enterOnce(ctx context.Context, p Proof) (*Entry, error) {
	var e *Entry
	var wrong error // a wrong code is counted, so the transaction does not fail with it
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		e, wrong = nil, nil
		c, err := s.prove(ctx, tx, p)
		if err != nil {
			if f, ok := fault.As(err); ok {
				wrong = f
				return nil
			}
			return err
		}
		e, err = s.enter(ctx, tx, c, p)
		return err
	})
	if err == nil {
		err = wrong
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// prove checks a code or a link, and uses it up.
func (s *Service) prove(ctx context.Context, tx *db.Tx, p Proof) (*code, error) {
	now := s.o.Now()
	over := fault.New(fault.Invalid, "person.error.code_over").On("code")
	c, err := findCode(ctx, tx, p.Ref, p.Link)
	if err != nil {
		return nil, err
	}
	// What names no code that can still be tried is counted nowhere: else one person at a venue, which is one address, could use up what everybody
	// there has.
	if c == nil || !c.open(now) || p.Link == "" && c.Tries >= codeTries {
		return nil, over
	}
	if ok, err := triesPerNetwork.Allow(ctx, tx, "try-network", limit.Network(authz.Who(ctx).From), now); err != nil || !ok {
		return nil, orTooMany(err)
	}
	if p.Link == "" {
		if ok, err := tryCode(ctx, tx, c.ID, codeTries, now); err != nil || !ok {
			if err != nil {
				return nil, err
			}
			return nil, over
		}
		if subtle.ConstantTimeCompare([]byte(hashed(c.Ref+plainCode(p.Code))), []byte(c.Code)) != 1 {
			return nil, fault.New(fault.Invalid, "person.error.code_wrong").With("left", codeTries-c.Tries-1).On("code")
		}
	}
	if ok, err := useCode(ctx, tx, c.ID, now); err != nil || !ok {
		if err != nil {
			return nil, err
		}
		return nil, over
	}
	return c, nil
}

// enter does what a proven code is for.
func (s *Service) enter(ctx context.Context, tx *db.Tx, c *code, p Proof) (*Entry, error) {
	e := &Entry{Next: c.Next}
	var err error
	switch c.Purpose {
	case toStepUp:
		return e, s.stepUp(ctx, tx, e, c)
	case toVerify, toMerge:
		return e, s.verify(ctx, tx, e, c)
	}
	if e.Account, err = ownerOf(ctx, tx, c.Folded); err != nil {
		return nil, err
	}
	if e.Account == 0 {
		e.New = true
		acc := &Account{Lang: i18n.Lang(c.Lang), MadeAt: s.o.Now()}
		if err := s.addPerson(ctx, tx, acc, c.Address, c.Folded); err != nil {
			return nil, err
		}
		e.Account = acc.ID
	}
	method := "code"
	if p.Link != "" {
		method = "link"
	}
	e.Token, err = s.begin(ctx, tx, e.Account, method, p.Agent)
	return e, err
}

// addPerson stores a new account with its address.
func (s *Service) addPerson(ctx context.Context, tx *db.Tx, acc *Account, address, folded string) error {
	if err := addAccount(ctx, tx, acc); err != nil {
		return err
	}
	if address != "" {
		if err := putAddress(ctx, tx, acc.ID, address, folded, true, s.o.Now()); err != nil {
			return err
		}
	}
	return audit.Record(authz.With(ctx, withFrom(acc.Actor(), ctx)), tx, audit.Entry{Object: "person:" + acc.Ref, Action: "person.made"})
}

// withFrom gives an actor the address from which a request came.
func withFrom(a *authz.Actor, ctx context.Context) *authz.Actor { //nolint:revive // the context is where the address is read from
	a.From = authz.Who(ctx).From
	return a
}

// begin begins a session and returns the secret of its cookie.
func (s *Service) begin(ctx context.Context, tx *db.Tx, id ID, method, agent string) (string, error) {
	acc, err := getAccount(ctx, tx, id)
	if err != nil {
		return "", err
	}
	if acc == nil || !acc.LeftAt.IsZero() {
		return "", fault.New(fault.Invalid, "person.error.code_over")
	}
	if who := authz.Who(ctx); who.Session != 0 { // this browser is no longer that of whoever had signed in
		if _, err := endSession(ctx, tx, ID(who.ID), who.Session); err != nil {
			return "", err
		}
	}
	token := newToken()
	ses := &Session{Account: id, Method: method, Agent: agentOf(agent), From: authz.Who(ctx).From, BegunAt: s.o.Now()}
	if err := addSession(ctx, tx, ses, token); err != nil {
		return "", err
	}
	return token, audit.Record(authz.With(ctx, withFrom(acc.Actor(), ctx)), tx, audit.Entry{
		Object: "person:" + acc.Ref, Action: "person.signed_in", After: map[string]string{"method": method},
	})
}

// stepUp notes in a session that its person showed again who they are. The code must be of the same person.
func (s *Service) stepUp(ctx context.Context, tx *db.Tx, e *Entry, c *code) error {
	if who := authz.Who(ctx); ID(who.ID) != c.Account || who.Session == 0 {
		return fault.New(fault.Invalid, "person.error.code_over").On("code")
	}
	e.Account, e.Token = c.Account, newToken()
	return stepUp(ctx, tx, authz.Who(ctx).Session, e.Token, s.o.Now())
}

// verify gives an address to the account that asked for it. Where another account has it, whoever typed the code has both: they are asked
// whether to unite the two.
func (s *Service) verify(ctx context.Context, tx *db.Tx, e *Entry, c *code) error {
	who := authz.Who(ctx)
	if ID(who.ID) != c.Account {
		return fault.New(fault.Invalid, "person.error.code_other").On("code")
	}
	e.Account = c.Account
	owner, err := ownerOf(ctx, tx, c.Folded)
	switch {
	case err != nil || owner == c.Account:
		return err
	case owner != 0:
		e.Page, err = s.offerMerge(ctx, tx, owner)
		return err
	case c.Purpose == toMerge:
		return fault.New(fault.Invalid, "person.error.merge_none").On("code")
	}
	if err := lockAccount(ctx, tx, c.Account); err != nil {
		return err
	}
	own, err := addresses(ctx, tx, c.Account)
	if err != nil {
		return err
	}
	if len(own) >= maxAddresses {
		return fault.New(fault.Conflict, "person.error.address_many").With("max", maxAddresses).On("code")
	}
	if err := putAddress(ctx, tx, c.Account, c.Address, c.Folded, len(own) == 0, s.o.Now()); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, audit.Entry{Object: "person:" + who.Ref, Action: "person.address_added", After: map[string]string{"address": mask(c.Address)}}); err != nil {
		return err
	}
	return s.warn(ctx, tx, c.Account, "address_added", c.Address)
}

// SignOut ends a session of the one who acts; 0 ends the session they act in, and -1 every other one.
func (s *Service) SignOut(ctx context.Context, session int64) error {
	who := authz.Who(ctx)
	if !who.SignedIn() {
		return nil
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		var n int64
		var err error
		switch session {
		case -1:
			n, err = endOthers(ctx, tx, ID(who.ID), who.Session)
		case 0:
			n, err = endSession(ctx, tx, ID(who.ID), who.Session)
		default:
			n, err = endSession(ctx, tx, ID(who.ID), session)
		}
		if err != nil || n == 0 {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Object: "person:" + who.Ref, Action: "person.signed_out"})
	})
}
