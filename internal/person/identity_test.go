package person

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/oauth2-proxy/mockoidc"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/httpclient"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// eachWith runs a test beside a real provider.
func eachWith(t *testing.T, fn func(t *testing.T, d *desk, m *mockoidc.MockOIDC)) {
	each(t, func(t *testing.T, d *desk) {
		m, err := mockoidc.Run()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = m.Shutdown() })
		c := m.Config()
		d.issuer = &issuer{Issuer: Issuer{
			URL: c.Issuer, Client: c.ClientID, Secret: c.ClientSecret, Scopes: []string{"email", "profile"}, HTTP: httpclient.Guarded(c.Issuer),
		}}
		fn(t, d, m)
	})
}

// visit goes to the issuer, signs in there as somebody, and is sent back.
func (d *desk) visit(m *mockoidc.MockOIDC, u *mockoidc.MockUser, browser string, who *authz.Actor, link bool) Return {
	d.t.Helper()
	to, err := d.AskIssuer(d.as(who), "/en/me", browser, link, i18n.EN, "/en")
	if err != nil {
		d.t.Fatal(err)
	}
	if q, _ := url.Parse(to); q.Query().Get("code_challenge_method") != "S256" || q.Query().Get("nonce") == "" || len(q.Query().Get("state")) < 32 {
		d.t.Errorf("asked without PKCE, nonce or state: %s", to)
	}
	m.QueueUser(u)
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, to, http.NoBody)
	if err != nil {
		d.t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		d.t.Fatal(err)
	}
	_ = res.Body.Close()
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(back.String(), "https://example.org/sign-in/with/back?") {
		d.t.Fatalf("%d %s %v", res.StatusCode, back, err)
	}
	return Return{State: back.Query().Get("state"), Code: back.Query().Get("code"), Browser: browser, Agent: "Firefox/1"}
}

func TestSignInByIssuer(t *testing.T) {
	eachWith(t, func(t *testing.T, d *desk, m *mockoidc.MockOIDC) {
		u := &mockoidc.MockUser{Subject: "u1", Email: "taro@example.org", EmailVerified: true}
		b := d.visit(m, u, "browser", &authz.Actor{}, false)
		for what, bad := range map[string]Return{
			"another browser": {State: b.State, Code: b.Code, Browser: "another"}, "no cookie": {State: b.State, Code: b.Code}, "a forged state": {State: "x", Code: b.Code, Browser: "browser"},
		} {
			if e, err := d.EnterByIssuer(t.Context(), bad); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %+v %v", what, e, err)
			}
		}
		b = d.visit(m, u, "browser", &authz.Actor{}, false) // a state is used up by whoever brings it
		e, err := d.EnterByIssuer(t.Context(), b)
		if err != nil || e.Token == "" || !strings.HasPrefix(e.Next, "/en/sign-in/code/") {
			t.Fatalf("%+v %v", e, err)
		}
		if _, err := d.EnterByIssuer(t.Context(), b); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a second use: %v", err)
		}
		who := d.is(e.Token)
		if len(d.addressesOf(who)) != 0 {
			t.Error("an address became theirs by what an issuer said")
		}
		if _, err := d.Enter(d.as(who), Proof{Ref: strings.TrimPrefix(e.Next, "/en/sign-in/code/"), Code: codeIn.FindString(d.sent[len(d.sent)-1].Body.EN)}); err != nil || len(d.addressesOf(who)) != 1 {
			t.Error("the code that went there makes it theirs:", err)
		}
		again, err := d.EnterByIssuer(t.Context(), d.visit(m, u, "b2", &authz.Actor{}, false))
		if err != nil || again.Account != e.Account || again.Next != "/en/me" {
			t.Errorf("the same person again: %+v %v", again, err)
		}
		tampered := d.visit(m, u, "b3", &authz.Actor{}, false)
		tampered.Code = "wrong"
		if _, err := d.EnterByIssuer(t.Context(), tampered); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a code that the issuer does not know: %v", err)
		}
		one, two := d.visit(m, u, "b4", &authz.Actor{}, false), d.visit(m, u, "b4", &authz.Actor{}, false)
		one.Code = two.Code // the answer to another question: nonce and PKCE do not fit
		if _, err := d.EnterByIssuer(t.Context(), one); fault.KindOf(err) != fault.Invalid {
			t.Errorf("the code of another visit: %v", err)
		}
	})
}

// TestAnIssuerTakesNoAccount: that an issuer says that an address is somebody's does not give them the account of that address.
func TestAnIssuerTakesNoAccount(t *testing.T) {
	eachWith(t, func(t *testing.T, d *desk, m *mockoidc.MockOIDC) {
		victim := d.made("victim@example.org")
		evil := &mockoidc.MockUser{Subject: "evil", Email: "Victim@example.org", EmailVerified: true}
		e, err := d.EnterByIssuer(t.Context(), d.visit(m, evil, "evil browser", &authz.Actor{}, false))
		if err != nil || e.Token != "" || !strings.HasPrefix(e.Next, "/en/sign-in/code/") {
			t.Fatalf("%+v %v", e, err)
		}
		last := d.sent[len(d.sent)-1]
		if last.To.Address != "Victim@example.org" {
			t.Errorf("the code went to %s", last.To.Address)
		}
		in, err := d.Enter(t.Context(), Proof{Link: linkIn.FindStringSubmatch(last.Body.EN)[1]})
		if err != nil || in.Account != ID(victim.ID) {
			t.Fatal(in, err)
		}
		ref := strings.TrimPrefix(in.Next, "/en/me/identities?link=")
		if err := d.LinkWaiting(d.as(victim), ref, "the victim's browser"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("linked in a browser that was not at the issuer: %v", err)
		}
		if list, err := d.Identities(t.Context(), ID(victim.ID)); err != nil || len(list) != 0 {
			t.Fatal(list, err)
		}

		// The same person in one browser may link them, once it was shown that both are theirs.
		_, err = d.EnterByIssuer(t.Context(), d.visit(m, evil, "one browser", &authz.Actor{}, false))
		if err != nil {
			t.Fatal(err)
		}
		in, err = d.Enter(t.Context(), Proof{Link: linkIn.FindStringSubmatch(d.sent[len(d.sent)-1].Body.EN)[1]})
		if err != nil {
			t.Fatal(err)
		}
		ref = strings.TrimPrefix(in.Next, "/en/me/identities?link=")
		if label, err := d.Waiting(t.Context(), ref, "one browser"); err != nil || label != "Victim@example.org" {
			t.Errorf("%q %v", label, err)
		}
		if err := d.LinkWaiting(d.as(victim), ref, "one browser"); err != nil {
			t.Fatal(err)
		}
		again, err := d.EnterByIssuer(t.Context(), d.visit(m, evil, "x", &authz.Actor{}, false))
		if err != nil || again.Account != ID(victim.ID) {
			t.Errorf("%+v %v", again, err)
		}
		list, err := d.Identities(t.Context(), ID(victim.ID))
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		other := d.made("other@example.org")
		if err := d.RemoveIdentity(d.as(other), list[0].ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("somebody else's identity was removed: %v", err)
		}
		if _, err := d.EnterByIssuer(d.as(other), d.visit(m, evil, "y", other, true)); fault.KindOf(err) != fault.Conflict {
			t.Errorf("an identity of somebody else was linked: %v", err)
		}
		if err := d.RemoveIdentity(d.as(victim), list[0].ID); err != nil {
			t.Error(err)
		}
		if _, err := d.EnterByIssuer(d.as(other), d.visit(m, evil, "z", other, true)); err != nil {
			t.Errorf("linking while signed in: %v", err)
		}
		stolen := d.visit(m, &mockoidc.MockUser{Subject: "s", Email: "s@example.org"}, "w", other, true)
		if _, err := d.EnterByIssuer(d.as(victim), stolen); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a visit that another session began: %v", err)
		}
	})
}

func TestIssuerAway(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.issuer = &issuer{Issuer: Issuer{URL: "http://127.0.0.1:1", Client: "x", HTTP: httpclient.Guarded("http://127.0.0.1:1")}}
		if _, err := d.AskIssuer(t.Context(), "/", "b", false, i18n.JA, ""); fault.KindOf(err) != fault.Conflict {
			t.Errorf("%v", err)
		}
		d.issuer = nil
		if _, err := d.AskIssuer(t.Context(), "/", "b", false, i18n.JA, ""); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
	})
}
