package person

import (
	"encoding/base64"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Passkey is a key in somebody's device or key store that signs them in (WebAuthn).
type Passkey struct {
	ID      int64
	Account ID
	Name    string // as its owner calls it
	Site    string // the host it was made for
	MadeAt  time.Time
	UsedAt  time.Time // zero: never

	handle string // the ref that the account had when the key was made
	record webauthn.Credential
}

// Party is who a browser makes passkeys for: a host, and the origin at which it is asked. The zero Party can have none, since an address of
// numbers is no host (WebAuthn Level 3, section 5.1.2).
type Party struct {
	ID     string
	Origin string
}

// partyOf is the party of a site's URL.
func partyOf(base string) Party {
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" {
		return Party{}
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return Party{}
	}
	return Party{strings.ToLower(u.Hostname()), u.Scheme + "://" + u.Host}
}

// ceremony checks what a browser answers. A person has to show the device that they are its owner, since the passkey is all they show us.
func (p Party) ceremony() (*webauthn.WebAuthn, error) {
	return webauthn.New(&webauthn.Config{
		RPID: p.ID, RPDisplayName: p.ID, RPOrigins: []string{p.Origin},
		AttestationPreference: protocol.PreferNoAttestation, // which device somebody has is none of our business
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore, // some key stores answer what nobody asked
	})
}

// holder is an account as the library asks for it.
type holder struct {
	ref, address, name string
	keys               []webauthn.Credential
}

// WebAuthnID is the handle that a device keeps beside the key: the opaque ref.
func (h *holder) WebAuthnID() []byte { return []byte(h.ref) }

// WebAuthnName is what a device shows to tell accounts apart.
func (h *holder) WebAuthnName() string { return h.address }

// WebAuthnDisplayName is what a device shows above it.
func (h *holder) WebAuthnDisplayName() string { return h.name }

// WebAuthnCredentials are the keys the account has at this site.
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// holderOf makes a holder of an account with its keys at one site.
func holderOf(a *Account, addresses []Address, keys []*Passkey, site string) *holder {
	h := &holder{ref: a.Ref, name: a.Name.In(a.Lang), address: a.Ref}
	if len(addresses) > 0 {
		h.address = addresses[0].Address
	}
	if h.name == "" {
		h.name = h.address
	}
	for _, k := range keys {
		if k.Site == site {
			h.keys = append(h.keys, k.record)
		}
	}
	return h
}

func credentialID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// maxPasskeys bounds how many an account has; maxKeyName is the length of a name in characters.
const (
	maxPasskeys = 20
	maxKeyName  = 100
)

// keyName makes a name of what somebody typed, or one of what the browser is.
func keyName(typed, agent string) string {
	name := CleanLine(typed)
	if name == "" {
		name = agentOf(agent)
	}
	if utf8.RuneCountInString(name) > maxKeyName {
		name = string(slices.Clone([]rune(name))[:maxKeyName])
	}
	return name
}
