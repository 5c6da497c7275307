package person

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/httpclient"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Identity is who somebody is at another service, which signs them in (OpenID Connect).
type Identity struct {
	ID      int64
	Account ID
	Issuer  string
	Subject string
	Label   string // the address or name there, to recognise it by
	MadeAt  time.Time
	UsedAt  time.Time
}

// Issuer is a service that signs people in, as the operator set it.
type Issuer struct {
	ID     string // names it in addresses of this site; empty for the one of oidc.issuer
	URL    string
	Client string
	Secret string
	Scopes []string
	Name   i18n.Text // as people know it
	HTTP   *httpclient.Client
}

// Named is what the issuer is called: its name, or its host.
func (i *Issuer) Named() i18n.Text {
	if !i.Name.IsZero() {
		return i.Name
	}
	u, err := url.Parse(i.URL)
	if err != nil {
		return i18n.T(i.URL, i.URL)
	}
	return i18n.T(u.Host, u.Host)
}

// Path is where one goes on this site to sign in by the issuer. Each issuer has its own address to come back to, Path + "/back", so that what one
// says is never taken for what another one said (RFC 9700, section 4.4.2.2).
func (i *Issuer) Path() string {
	if i.ID == "" {
		return "/sign-in/with"
	}
	return "/sign-in/with/" + i.ID
}

// issuer is an issuer with what it said about itself, which is asked when first needed.
type issuer struct {
	Issuer
	mu    sync.Mutex
	found *oidc.Provider
	names bool      // it says of each answer whose it is (RFC 9207, section 3)
	away  time.Time // when it did not answer last
}

// awayFor is how long an issuer that does not answer is not asked again: those who want it do not wait behind each other. askWithin is how long it
// has for an answer.
const (
	awayFor   = 5 * time.Second
	askWithin = 5 * time.Second
)

// provider asks the issuer about itself, once it answers.
func (i *issuer) provider(ctx context.Context) (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.found != nil {
		return i.found, nil
	}
	gone := fault.New(fault.Conflict, "person.error.issuer_away").With("name", i.Named())
	if time.Since(i.away) < awayFor {
		return nil, gone
	}
	// Who asks may go away; what is found is for everybody.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWithin)
	defer cancel()
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, i.HTTP), i.URL)
	var says struct {
		Names bool `json:"authorization_response_iss_parameter_supported"`
	}
	if err == nil {
		err = p.Claims(&says)
	}
	if err != nil {
		i.away = time.Now()
		return nil, gone.Because(err)
	}
	i.found, i.names = p, says.Names
	return p, nil
}

// said is nil where an answer that came from a browser is of this issuer, as far as it says whose it is (RFC 9207, section 2.4).
func (i *issuer) said(iss string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if iss == i.URL || iss == "" && !i.names {
		return nil
	}
	return fault.New(fault.Invalid, "person.error.issuer_answer").Because(fmt.Errorf("an answer of %q came back as one of %s", iss, i.URL))
}

// config is what OAuth 2.0 needs to know.
func (i *issuer) config(p *oidc.Provider, base string) *oauth2.Config {
	scopes := []string{oidc.ScopeOpenID}
	for _, s := range i.Scopes {
		if s != oidc.ScopeOpenID {
			scopes = append(scopes, s)
		}
	}
	return &oauth2.Config{ClientID: i.Client, ClientSecret: i.Secret, Endpoint: p.Endpoint(), RedirectURL: base + i.Path() + "/back", Scopes: scopes}
}

// wanted is what a browser set out for when it went to the issuer.
type wanted struct {
	Issuer   string    `json:"issuer"` // by its URL
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"` // of PKCE (RFC 7636)
	Next     string    `json:"next"`
	Lang     i18n.Lang `json:"lang"`
	Prefix   string    `json:"prefix"`  // of addresses in that language
	Link     bool      `json:"link"`    // somebody signed in links the identity to their account
	Browser  string    `json:"browser"` // hash of the cookie by which the browser is known again
}

// claims are what the issuer says of somebody.
type claims struct {
	Subject  string `json:"sub"`
	Address  string `json:"email"`
	Verified bool   `json:"email_verified"`
	Name     string `json:"name"`
}

// redeem changes a code for what the issuer says of somebody: checked as OpenID Connect Core, section 3.1.3.7, asks, and that it answers this
// browser's question (nonce).
func (i *issuer) redeem(ctx context.Context, base, code string, w *wanted) (*claims, error) {
	bad := fault.New(fault.Invalid, "person.error.issuer_answer")
	p, err := i.provider(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, i.HTTP), askWithin)
	defer cancel()
	token, err := i.config(p, base).Exchange(ctx, code, oauth2.VerifierOption(w.Verifier))
	if err != nil {
		return nil, bad.Because(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, bad.Because(fmt.Errorf("%s sent no ID token", i.URL))
	}
	id, err := p.VerifierContext(ctx, &oidc.Config{ClientID: i.Client}).Verify(ctx, raw)
	if err != nil {
		return nil, bad.Because(err)
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return nil, bad.Because(err)
	}
	if id.Nonce != w.Nonce || c.Subject == "" || len(c.Subject) > 255 {
		return nil, bad.Because(fmt.Errorf("the ID token answers another question, or is of nobody"))
	}
	return &c, nil
}

// UnmarshalJSON reads claims as issuers write them: whether the address was verified is also seen as a text.
func (c *claims) UnmarshalJSON(b []byte) error {
	var raw struct {
		Subject  string `json:"sub"`
		Address  string `json:"email"`
		Verified any    `json:"email_verified"`
		Name     string `json:"name"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*c = claims{raw.Subject, raw.Address, raw.Verified == true || raw.Verified == "true", raw.Name}
	return nil
}

// named makes a name of one that an issuer gives, by the script it is in.
func named(s string) i18n.Text {
	s = CleanLine(s)
	for _, r := range s {
		if r > 0x2E7F {
			return i18n.T(s, "")
		}
	}
	return i18n.T("", s)
}
