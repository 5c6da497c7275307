package person

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// device is an authenticator: it holds one key, and answers as a browser passes it on.
type device struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	user    string // the handle it was given
	party   string
	origin  string
	counter uint32
	flags   byte
}

const (
	userPresent, userVerified = 0x01, 0x04
	attested                  = 0x40
)

var here = Party{"example.org", "https://example.org"}

func newDevice(t *testing.T) *device {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return &device{t: t, key: key, id: id, party: here.ID, origin: here.Origin, flags: userPresent | userVerified}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// clientData is what the browser says it was asked, and where.
func (v *device) clientData(kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": v.origin, "crossOrigin": false})
	if err != nil {
		v.t.Fatal(err)
	}
	return b
}

func (v *device) authData(more byte, rest ...byte) []byte {
	sum := sha256.Sum256([]byte(v.party))
	return append(binary.BigEndian.AppendUint32(append(sum[:], v.flags|more), v.counter), rest...)
}

// create answers a challenge to make a key.
func (v *device) create(c *Challenge) string {
	o := c.Options.(protocol.PublicKeyCredentialCreationOptions)
	switch id := o.User.ID.(type) {
	case protocol.URLEncodedBase64:
		v.user = string(id)
	default:
		v.t.Fatalf("the handle is a %T", id)
	}
	point, err := v.key.PublicKey.Bytes()
	if err != nil {
		v.t.Fatal(err)
	}
	cose := append([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20}, point[1:33]...)
	cose = append(append(cose, 0x22, 0x58, 0x20), point[33:]...)
	data := make([]byte, 16, 200) // AAGUID
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(v.id))), v.id...)
	auth := v.authData(attested, append(data, cose...)...)
	object := []byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58")
	object = append(append(object, byte(len(auth))), auth...)
	return v.answer(map[string]any{"clientDataJSON": b64(v.clientData("webauthn.create", o.Challenge.String())), "attestationObject": b64(object)})
}

// get answers a challenge to sign.
func (v *device) get(c *Challenge) string {
	o := c.Options.(protocol.PublicKeyCredentialRequestOptions)
	v.counter++
	client, auth := v.clientData("webauthn.get", o.Challenge.String()), v.authData(0)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(auth[:len(auth):len(auth)], sum[:]...))
	sign, err := ecdsa.SignASN1(rand.Reader, v.key, digest[:])
	if err != nil {
		v.t.Fatal(err)
	}
	return v.answer(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(auth), "signature": b64(sign), "userHandle": b64([]byte(v.user))})
}

func (v *device) answer(response map[string]any) string {
	b, err := json.Marshal(map[string]any{"id": b64(v.id), "rawId": b64(v.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response})
	if err != nil {
		v.t.Fatal(err)
	}
	return string(b)
}

func (d *desk) challenge(ctx context.Context, purpose string) *Challenge {
	d.t.Helper()
	c, err := d.PasskeyChallenge(ctx, here, purpose)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// keyed is a person with a passkey.
func (d *desk) keyed(address string) (context.Context, *authz.Actor, *device) {
	d.t.Helper()
	who := d.made(address)
	ctx := authz.With(d.t.Context(), who)
	v, c := newDevice(d.t), d.challenge(ctx, toAddKey)
	if err := d.AddPasskey(ctx, Answer{Party: here, Ref: c.Ref, Credential: v.create(c), Agent: "Firefox/1 Android"}, ""); err != nil {
		d.t.Fatal(err)
	}
	return ctx, who, v
}

func TestPasskeySignsIn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, who, v := d.keyed("a@example.org")
		if l := d.sent[len(d.sent)-1]; l.Kind != "person.security" || l.To.Address != "a@example.org" {
			t.Errorf("who gets a passkey is told: %+v", l)
		}
		for range 2 {
			c := d.challenge(t.Context(), toSignIn)
			a := Answer{Party: here, Ref: c.Ref, Credential: v.get(c)}
			e, err := d.EnterByPasskey(t.Context(), a, "/me")
			if err != nil || d.is(e.Token).ID != who.ID || e.Next != "/me" {
				t.Fatalf("%+v %v", e, err)
			}
			if _, err := d.EnterByPasskey(t.Context(), a, ""); fault.KindOf(err) != fault.Invalid {
				t.Errorf("a replayed answer: %v", err)
			}
		}
		if keys, err := d.Passkeys(t.Context(), ID(who.ID)); err != nil || len(keys) != 1 || !keys[0].UsedAt.Equal(d.now) || keys[0].Name != "Firefox, Android" {
			t.Errorf("%+v %v", keys, err)
		}
	})
}

func TestPasskeyAnswersThatDoNotHold(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, who, v := d.keyed("a@example.org")
		otherCtx, _, other := d.keyed("b@example.org")
		enter := func(what string, change func(v *device, a *Answer, c *Challenge)) {
			c := d.challenge(t.Context(), toSignIn)
			own := *v
			a := Answer{Party: here, Ref: c.Ref}
			change(&own, &a, c)
			if a.Credential == "" {
				a.Credential = own.get(c)
			}
			v.counter = max(v.counter, own.counter)
			if e, err := d.EnterByPasskey(t.Context(), a, ""); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %+v %v", what, e, err)
			}
		}
		enter("made at another origin", func(v *device, _ *Answer, _ *Challenge) { v.origin = "https://evil.example" })
		enter("for another party", func(v *device, _ *Answer, _ *Challenge) { v.party = "evil.example" })
		enter("without the person shown", func(v *device, _ *Answer, _ *Challenge) { v.flags = userPresent })
		enter("a counter that went back", func(v *device, _ *Answer, _ *Challenge) {
			first := d.challenge(t.Context(), toSignIn)
			if _, err := d.EnterByPasskey(t.Context(), Answer{Party: here, Ref: first.Ref, Credential: v.get(first)}, ""); err != nil {
				t.Fatal(err)
			}
			v.counter--
		})
		enter("the handle of another", func(v *device, _ *Answer, _ *Challenge) { v.user = other.user })
		enter("another key", func(v *device, _ *Answer, _ *Challenge) { v.key = newDevice(t).key })
		enter("an unknown key", func(v *device, _ *Answer, _ *Challenge) { v.id = []byte("0123456789abcdef") })
		enter("for another site of ours", func(_ *device, a *Answer, _ *Challenge) { a.Party = Party{"localhost", "http://localhost:8080"} })
		enter("no answer", func(_ *device, a *Answer, _ *Challenge) { a.Credential = "{}" })
		enter("a forged reference", func(_ *device, a *Answer, _ *Challenge) { a.Ref = "0" })
		enter("too late", func(_ *device, _ *Answer, _ *Challenge) { d.now = d.now.Add(challengeLife) })
		enter("the challenge of something else", func(v *device, a *Answer, _ *Challenge) {
			c := d.challenge(ctx, toStepUp)
			a.Ref, a.Credential = c.Ref, v.get(c)
		})

		d.now = d.now.Add(time.Second)
		c := d.challenge(ctx, toStepUp)
		if _, err := d.StepUpByPasskey(otherCtx, Answer{Party: here, Ref: c.Ref, Credential: v.get(c)}, ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("the challenge of another person: %v", err)
		}
		c = d.challenge(ctx, toStepUp)
		if _, err := d.StepUpByPasskey(ctx, Answer{Party: here, Ref: c.Ref, Credential: other.get(c)}, ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("the passkey of another person: %v", err)
		}
		c = d.challenge(ctx, toStepUp)
		if e, err := d.StepUpByPasskey(ctx, Answer{Party: here, Ref: c.Ref, Credential: v.get(c)}, ""); err != nil || !d.is(e.Token).SteppedUp.Equal(d.now) {
			t.Errorf("stepping up: %v", err)
		}
		keys, err := d.Passkeys(t.Context(), ID(who.ID))
		if err != nil || len(keys) != 1 {
			t.Fatal(keys, err)
		}
		if err := d.RemovePasskey(otherCtx, keys[0].ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("somebody else's passkey was removed: %v", err)
		}
		if err := d.RemovePasskey(ctx, keys[0].ID); err != nil {
			t.Error(err)
		}
		enter("removed", func(*device, *Answer, *Challenge) {})
	})
}

// TestOneAnswerManyAtOnce: an assertion that is sent many times at once signs in once.
func TestOneAnswerManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, _, v := d.keyed("a@example.org")
		c := d.challenge(t.Context(), toSignIn)
		a := Answer{Party: here, Ref: c.Ref, Credential: v.get(c)}
		var mu sync.Mutex
		var wg sync.WaitGroup
		in := 0
		for range 10 {
			wg.Go(func() {
				if _, err := d.EnterByPasskey(t.Context(), a, ""); err == nil {
					mu.Lock()
					in++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if in != 1 {
			t.Errorf("%d sessions of one answer", in)
		}
	})
}

// TestNobodyLearnsWhoHasPasskeys: the challenge to sign in names no key.
func TestNobodyLearnsWhoHasPasskeys(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.keyed("a@example.org")
		o := d.challenge(t.Context(), toSignIn).Options.(protocol.PublicKeyCredentialRequestOptions)
		if len(o.AllowedCredentials) != 0 || o.UserVerification != protocol.VerificationRequired || o.RelyingPartyID != here.ID {
			t.Errorf("%+v", o)
		}
	})
}

func TestPartyOf(t *testing.T) {
	for in, want := range map[string]Party{
		"https://Meeting.example.org": {"meeting.example.org", "https://Meeting.example.org"}, "http://localhost:8080": {"localhost", "http://localhost:8080"},
		"http://127.0.0.1:8080": {}, "https://[2001:db8::1]": {}, "": {}, ":": {},
	} {
		if got := partyOf(in); got != want {
			t.Errorf("%q: %+v, want %+v", in, got, want)
		}
	}
}
