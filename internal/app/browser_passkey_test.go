package app

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// authenticator gives a tab a key store whose owner always agrees.
func authenticator(tab *testkit.Tab) {
	call(tab, webauthn.Enable, webauthn.EnableParams{})
	call(tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
		IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
}

// holds makes a tab the browser of somebody who is signed in.
func (m *member) holds(tab *testkit.Tab, at string) {
	name, value, _ := strings.Cut(m.cookie, "=")
	tab.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		yes := true
		_, err := cdp.Call(ctx, target, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: at, Path: "/", Secure: &yes, HTTPOnly: &yes})
		return err
	}))
}

// arrives waits for the address of the tab to end so.
func arrives(t *testing.T, tab *testkit.Tab, end string) {
	t.Helper()
	for range 100 {
		if at := testkit.Ask(tab, chromedp.Location()); strings.HasSuffix(at, end) {
			tab.Settle()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the browser is at %s, not at …%s: %s", testkit.Ask(tab, chromedp.Location()), end, testkit.Eval[string](tab, `document.querySelector('main')?.innerText ?? ''`))
}

// TestBrowserPasskey: a passkey is made, signs in by the field's suggestions and by the button, and steps up. What it answered once is worth
// nothing a second time.
func TestBrowserPasskey(t *testing.T) {
	w := start(t, db.SQLite)
	at := strings.Replace(w.url, "127.0.0.1", "localhost", 1)
	m := w.member("Taro", nil)
	tab := testkit.Browser(t)
	tab.Look(testkit.View{Width: 390, Height: 844, Lang: "en"})
	tab.Open(at + "/privacy")
	authenticator(tab)
	m.holds(tab, at)
	tab.Open(at + "/en/me/passkeys")
	tab.CheckAxe()
	tab.Do(chromedp.SendKeys("#name", "My phone"), chromedp.Click(`form[data-passkey] button`))
	arrives(t, tab, "/en/me/passkeys?added")
	if text := testkit.Eval[string](tab, `document.querySelector('main').innerText`); !strings.Contains(text, "My phone") || !strings.Contains(text, "localhost") {
		t.Errorf("the list: %s", text)
	}

	// Signed out, the key store offers itself in the field; it answers at once here.
	m.do(http.MethodPost, "/sign-out", "")
	tab.Open(at + "/en/sign-in?next=%2Fen%2Fme%2Fsessions")
	for range 30 {
		if strings.HasSuffix(testkit.Ask(tab, chromedp.Location()), "/en/me/sessions") {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	testkit.Eval[bool](tab, `(document.querySelector('form[data-passkey] button')?.click(), true)`) // where it does not offer itself
	arrives(t, tab, "/en/me/sessions")
	if text := testkit.Eval[string](tab, `document.querySelector('main').innerText`); !strings.Contains(text, "This browser") && !strings.Contains(text, "this browser") {
		t.Errorf("signed in: %s", text)
	}

	// Stepping up, when the proof of signing in is old.
	m.stale()
	tab.Open(at + "/en/me/leave")
	arrives(t, tab, "/en/step-up?next=%2Fen%2Fme%2Fleave")
	tab.CheckAxe()
	tab.Do(chromedp.Click(`form[data-passkey] button`))
	arrives(t, tab, "/en/me/leave")
}

// TestBrowserAccount looks at every page of an account: as a phone has it, in both languages, light and dark, and without scripts.
func TestBrowserAccount(t *testing.T) {
	w := start(t, db.SQLite)
	at := strings.Replace(w.url, "127.0.0.1", "localhost", 1)
	m := w.member("山田 太郎", nil)
	tab := testkit.Browser(t)
	m.holds(tab, at)
	for _, view := range []testkit.View{{Width: 390, Height: 844, Lang: "ja"}, {Width: 1440, Height: 900, Lang: "en", Dark: true}} {
		tab.Look(view)
		prefix := ""
		if view.Lang == "en" {
			prefix = "/en"
		}
		for _, path := range []string{"/me", "/me/profile", "/me/portrait", "/me/addresses", "/me/passkeys", "/me/letters", "/me/sessions", "/me/identities", "/me/export", "/me/leave", "/me/merge", "/consent", "/privacy"} {
			tab.Open(at + prefix + path)
			if wide := testkit.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`); wide {
				t.Errorf("%s %s scrolls to the side", view, path)
			}
			tab.CheckAxe()
		}
	}
}
