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
		d.issuers = []*issuer{at("", m)}
		fn(t, d, m)
	})
}

// at is a provider as an issuer with an id.
func at(id string, m *mockoidc.MockOIDC) *issuer {
	c := m.Config()
	return &issuer{Issuer: Issuer{
		ID: id, URL: c.Issuer, Client: c.ClientID, Secret: c.ClientSecret, Scopes: []string{"email", "profile"}, HTTP: httpclient.Guarded(c.Issuer),
	}}
}

// visit goes to the issuer, signs in there as somebody, and is sent back.
func (d *desk) visit(m *mockoidc.MockOIDC, u *mockoidc.MockUser, browser string, who *authz.Actor, link bool) Return {
	d.t.Helper()
	return d.visitAt(d.issuers[0].ID, m, u, browser, who, link)
}

// visitAt is visit of one of several issuers.
func (d *desk) visitAt(id string, m *mockoidc.MockOIDC, u *mockoidc.MockUser, browser string, who *authz.Actor, link bool) Return {
	d.t.Helper()
	to, err := d.AskIssuer(d.as(who), Visit{Issuer: id, Next: "/en/me", Browser: browser, Link: link, Lang: i18n.EN, Prefix: "/en"})
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
	if err != nil || !strings.HasPrefix(back.String(), "https://example.org"+(&Issuer{ID: id}).Path()+"/back?") {
		d.t.Fatalf("%d %s %v", res.StatusCode, back, err)
	}
	return Return{Issuer: id, State: back.Query().Get("state"), Code: back.Query().Get("code"), Browser: browser, Agent: "Firefox/1"}
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
		if label, where, err := d.Waiting(t.Context(), ref, "one browser"); err != nil || label != "Victim@example.org" || !strings.HasPrefix(where.EN, "127.0.0.1:") {
			t.Errorf("%q %q %v", label, where, err)
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

// TestTwoIssuers: each says who somebody is for itself. What one says is never taken for the other's, and the subject of one is nobody at the other.
func TestTwoIssuers(t *testing.T) {
	eachWith(t, func(t *testing.T, d *desk, one *mockoidc.MockOIDC) {
		two, err := mockoidc.Run()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = two.Shutdown() })
		d.issuers = []*issuer{at("", one), at("two", two)}
		nobody := &authz.Actor{}
		same := &mockoidc.MockUser{Subject: "1"} // the first subject of many providers
		a, err := d.EnterByIssuer(t.Context(), d.visitAt("", one, same, "b", nobody, false))
		if err != nil || a.Token == "" {
			t.Fatal(a, err)
		}
		b, err := d.EnterByIssuer(t.Context(), d.visitAt("two", two, same, "b", nobody, false))
		if err != nil || b.Token == "" || a.Account == b.Account {
			t.Fatalf("the same subject at two issuers: %+v %+v %v", a, b, err)
		}
		if again, err := d.EnterByIssuer(t.Context(), d.visitAt("two", two, same, "b", nobody, false)); err != nil || again.Account != b.Account {
			t.Errorf("again: %+v %v", again, err)
		}

		// Mix-up: what was begun at one comes back as if it were of the other.
		mixed := d.visitAt("two", two, same, "b", nobody, false)
		mixed.Issuer = ""
		if _, err := d.EnterByIssuer(t.Context(), mixed); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an answer at the address of another issuer: %v", err)
		}
		named := d.visitAt("two", two, same, "b", nobody, false)
		named.From = one.Config().Issuer
		if _, err := d.EnterByIssuer(t.Context(), named); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an answer that names another issuer: %v", err)
		}
		d.issuers[1].names = true // as its metadata may say (RFC 9207)
		if _, err := d.EnterByIssuer(t.Context(), d.visitAt("two", two, same, "b", nobody, false)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an answer of nobody from an issuer that always says whose it is: %v", err)
		}
		named = d.visitAt("two", two, same, "b", nobody, false)
		named.From = two.Config().Issuer
		if e, err := d.EnterByIssuer(t.Context(), named); err != nil || e.Account != b.Account {
			t.Errorf("an answer that says whose it is: %+v %v", e, err)
		}
		d.issuers[1].names = false
		refused := d.visitAt("", one, same, "b", nobody, false)
		refused.Code, refused.Error = "", "access_denied"
		if _, err := d.EnterByIssuer(t.Context(), refused); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "access_denied") {
			t.Errorf("somebody said no: %v", err)
		}
		if _, err := d.AskIssuer(t.Context(), Visit{Issuer: "three"}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("an issuer that nobody set: %v", err)
		}

		// One account may have both; each is taken away by itself, and never the last door.
		who := d.is(a.Token)
		other := &mockoidc.MockUser{Subject: "2", Email: "same@example.org", EmailVerified: false}
		if _, err := d.EnterByIssuer(d.as(who), d.visitAt("two", two, other, "b", who, true)); err != nil {
			t.Fatal(err)
		}
		own, err := d.Identities(t.Context(), a.Account)
		if err != nil || len(own) != 2 || own[0].Issuer == own[1].Issuer {
			t.Fatal(own, err)
		}
		if err := d.RemoveIdentity(d.as(who), own[0].ID); err != nil {
			t.Error(err)
		}
		if err := d.RemoveIdentity(d.as(who), own[1].ID); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the last door was closed: %v", err)
		}
	})
}

// TestUnverifiedAddressJoinsNothing: an issuer that did not check an address neither signs in its owner nor asks them for a code to link.
func TestUnverifiedAddressJoinsNothing(t *testing.T) {
	eachWith(t, func(t *testing.T, d *desk, m *mockoidc.MockOIDC) {
		victim := d.made("victim@example.org")
		u := &mockoidc.MockUser{Subject: "u", Email: "victim@example.org", EmailVerified: false}
		e, err := d.EnterByIssuer(t.Context(), d.visit(m, u, "b", &authz.Actor{}, false))
		if err != nil || e.Account == ID(victim.ID) || e.Token == "" {
			t.Fatalf("%+v %v", e, err)
		}
		if own := d.addressesOf(d.is(e.Token)); len(own) != 0 {
			t.Errorf("they have %v", own)
		}
	})
}

// TestIssuerAway: an issuer that does not answer is said to, by its name, and nobody waits for it twice; the other one works.
func TestIssuerAway(t *testing.T) {
	eachWith(t, func(t *testing.T, d *desk, m *mockoidc.MockOIDC) {
		d.issuers = append(d.issuers, &issuer{Issuer: Issuer{ID: "away", URL: "http://127.0.0.1:1", Client: "x", Name: i18n.T("お休み", "Away"), HTTP: httpclient.Guarded("http://127.0.0.1:1")}})
		for range 2 {
			_, err := d.AskIssuer(t.Context(), Visit{Issuer: "away", Browser: "b"})
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Conflict || f.Key != "person.error.issuer_away" {
				t.Errorf("%v", err)
			}
		}
		if d.issuers[1].away.IsZero() {
			t.Error("it is asked again and again")
		}
		if e, err := d.EnterByIssuer(t.Context(), d.visit(m, &mockoidc.MockUser{Subject: "u"}, "b", &authz.Actor{}, false)); err != nil || e.Token == "" {
			t.Errorf("the other: %+v %v", e, err)
		}
	})
}
