package app

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

var (
	digits   = regexp.MustCompile(`\b(\d{4}) (\d{4})\b`)
	linkMail = regexp.MustCompile(`https://meeting\.example\.org(/sign-in/link/[0-9a-f]{64})`)
)

// mailTo is the text of the newest letter to an address.
func (w *site) mailTo(address string) string {
	w.t.Helper()
	list, err := w.Outbox.To(w.t.Context(), w.DB, address)
	if err != nil || len(list) == 0 {
		w.t.Fatalf("no letter to %s: %v", address, err)
	}
	newest := list[len(list)-1]
	return newest.Body.JA
}

// cookieOf is the cookie that an answer sets to sign in, as it is sent back, or empty.
func cookieOf(rec *httptest.ResponseRecorder) (header string, whole *http.Cookie) {
	for _, c := range rec.Result().Cookies() {
		if strings.HasSuffix(c.Name, "tsudoi-session") && c.Value != "" {
			return c.Name + "=" + c.Value, c
		}
	}
	return "", nil
}

// TestSignInOverHTTP goes the way of somebody new: address, code, name, and on to the page they wanted.
func TestSignInOverHTTP(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := start(t, e)
		rec := w.as("", http.MethodGet, "/me", "")
		if to := rec.Header().Get("Location"); rec.Code != http.StatusFound || to != "/sign-in?next=%2Fme" {
			t.Fatalf("somebody unknown at /me: %d %q", rec.Code, to)
		}
		rec = w.as("", http.MethodPost, "/sign-in", url.Values{"address": {"taro@example.org"}, "next": {"/me/sessions"}}.Encode())
		at := rec.Header().Get("Location")
		if rec.Code != http.StatusSeeOther || !strings.HasPrefix(at, "/sign-in/code/") {
			t.Fatalf("%d %q\n%s", rec.Code, at, rec.Body)
		}
		if page := w.as("", http.MethodGet, at, ""); page.Code != http.StatusOK || strings.Contains(page.Body.String(), "taro@") {
			t.Errorf("the page that asks for the code: %d; it must not show the whole address", page.Code)
		}
		code := strings.Join(digits.FindStringSubmatch(w.mailTo("taro@example.org"))[1:], "")
		if rec = w.as("", http.MethodPost, at, "code=12345678"); rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), "あと4回") {
			t.Errorf("a wrong code: %d", rec.Code)
		}
		const fixed = "__Host-tsudoi-session=" + "0000000000000000000000000000000000000000000000000000000000000000"
		rec = w.as(fixed, http.MethodPost, at, "code="+code)
		cookie, whole := cookieOf(rec)
		if rec.Code != http.StatusSeeOther || cookie == "" || cookie == fixed || rec.Header().Get("Location") != "/me/profile?next=%2Fme%2Fsessions" {
			t.Fatalf("the code: %d %q %q", rec.Code, cookie, rec.Header().Get("Location"))
		}
		if !strings.HasPrefix(whole.Name, "__Host-") || !whole.Secure || !whole.HttpOnly || whole.SameSite != http.SameSiteLaxMode || whole.Path != "/" || whole.Domain != "" {
			t.Errorf("the cookie: %+v", whole)
		}
		if rec = w.as("", http.MethodPost, at, "code="+code); rec.Code == http.StatusSeeOther {
			t.Error("the code was good twice")
		}
		if rec = w.as(cookie, http.MethodPost, "/me/profile", url.Values{"name_ja": {""}, "kana": {"hayashi"}}.Encode()); rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), `value="hayashi"`) {
			t.Errorf("a mistake loses what was typed: %d", rec.Code)
		}
		rec = w.as(cookie, http.MethodPost, "/me/profile", url.Values{"name_ja": {"髙橋 𠮷子"}, "kana": {"ﾀｶﾊｼ ﾖｼｺ"}, "next": {"/me/sessions"}}.Encode())
		if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/me/sessions" {
			t.Fatalf("the name: %d %q\n%s", rec.Code, rec.Header().Get("Location"), rec.Body)
		}
		if rec = w.as(cookie, http.MethodGet, "/me?x=1", ""); rec.Code != http.StatusFound || rec.Header().Get("Location") != "/consent?next=%2Fme%3Fx%3D1" {
			t.Fatalf("before they agreed to the privacy policy: %d %q", rec.Code, rec.Header().Get("Location"))
		}
		for _, at := range []string{"/consent", "/me/export", "/me/leave"} {
			if rec = w.as(cookie, http.MethodGet, at, ""); rec.Code != http.StatusOK {
				t.Errorf("%s without having agreed: %d", at, rec.Code)
			}
		}
		rec = w.as(cookie, http.MethodPost, "/consent", url.Values{"version": {w.People.Policy().Version}, "next": {"/me?x=1"}}.Encode())
		if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/me?x=1" {
			t.Fatalf("agreeing: %d %q", rec.Code, rec.Header().Get("Location"))
		}
		page := w.as(cookie, http.MethodGet, "/me", "")
		if !strings.Contains(page.Body.String(), "髙橋 𠮷子") || page.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("my page: %d %q", page.Code, page.Header().Get("Cache-Control"))
		}
		if rec = w.as(cookie, http.MethodPost, "/sign-out", ""); rec.Code != http.StatusSeeOther {
			t.Fatal(rec.Code)
		}
		if rec = w.as(cookie, http.MethodGet, "/me", ""); rec.Code != http.StatusFound {
			t.Errorf("signed out, the cookie is still good: %d", rec.Code)
		}
		w.noErrors()
	})
}

// TestLinkSignsInByItsButton: mail scanners open links, which must do nothing.
func TestLinkSignsInByItsButton(t *testing.T) {
	w := start(t, db.SQLite)
	w.as("", http.MethodPost, "/sign-in", "address=a%40example.org&next=https%3A%2F%2Fevil.example")
	link := linkMail.FindStringSubmatch(w.mailTo("a@example.org"))[1]
	for range 3 {
		rec := w.as("", http.MethodGet, link, "")
		if cookie, _ := cookieOf(rec); rec.Code != http.StatusOK || cookie != "" || rec.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Fatalf("opening the link: %d %q", rec.Code, cookie)
		}
	}
	rec := w.as("", http.MethodPost, link, "")
	if cookie, _ := cookieOf(rec); cookie == "" || !strings.HasPrefix(rec.Header().Get("Location"), "/me/profile?next=%2Fme") {
		t.Errorf("its button: %d %q to %q", rec.Code, cookie, rec.Header().Get("Location"))
	}
	if rec = w.as("", http.MethodGet, link, ""); rec.Code != http.StatusNotFound {
		t.Errorf("a used link: %d", rec.Code)
	}
	w.noErrors()
}

// TestWhatWasTypedOutlivesTheSession: a form sent after the session ended is kept, to be sent again.
// TestAnotherSiteLinksNoIdentity: that the way to link an identity is a link makes it none that another site could send a browser.
func TestAnotherSiteLinksNoIdentity(t *testing.T) {
	w := withExamples(t, db.SQLite)
	m := w.member("victim", nil)
	for from, want := range map[string]int{"cross-site": http.StatusForbidden, "same-site": http.StatusForbidden, "same-origin": http.StatusNotFound, "none": http.StatusNotFound} {
		if got := m.do(http.MethodGet, "/sign-in/with?link", "", "Sec-Fetch-Site", from).Code; got != want { // there is no issuer here: 404 is past the door
			t.Errorf("%s: %d, want %d", from, got, want)
		}
	}
}

func TestWhatWasTypedOutlivesTheSession(t *testing.T) {
	w := start(t, db.SQLite)
	rec := w.as("", http.MethodPost, "/me/profile", url.Values{"name_ja": {`林 <b>"&`}, "x": {"line\nline"}}.Encode())
	body := rec.Body.String()
	if rec.Code != http.StatusForbidden || !strings.Contains(body, "林 &lt;b&gt;&#34;&amp;") || !strings.Contains(body, "line\nline") || !strings.Contains(body, `action="/me/profile"`) {
		t.Errorf("%d\n%s", rec.Code, body)
	}
}

// TestFirstOwner: the link of a new installation makes one owner, once.
func TestFirstOwner(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := start(t, e)
		old, err := w.People.FirstLink(t.Context())
		if err != nil || old == "" {
			t.Fatal(old, err)
		}
		link, err := w.People.FirstLink(t.Context())
		if err != nil || link == old {
			t.Fatal(link, err)
		}
		if rec := w.as("", http.MethodGet, old, ""); rec.Code != http.StatusNotFound {
			t.Errorf("a link that was replaced: %d", rec.Code)
		}
		if rec := w.as("", http.MethodPost, link, "name_ja="); rec.Code != http.StatusUnprocessableEntity {
			t.Errorf("without a name: %d", rec.Code)
		}
		rec := w.as("", http.MethodPost, link, "name_ja=%E6%9E%97")
		cookie, _ := cookieOf(rec)
		if rec.Code != http.StatusSeeOther || cookie == "" {
			t.Fatalf("%d\n%s", rec.Code, rec.Body)
		}
		if rec := w.as("", http.MethodPost, link, "name_ja=%E6%9E%97"); rec.Code != http.StatusNotFound {
			t.Errorf("a second time: %d", rec.Code)
		}
		if again, err := w.People.FirstLink(t.Context()); err != nil || again != "" {
			t.Errorf("there is an owner, and yet a link: %q %v", again, err)
		}
		w.noErrors()
	})
}

// TestBecomeIsOfTheDemoOnly: what makes anybody anybody is not there in an installation that serves.
func TestBecomeIsOfTheDemoOnly(t *testing.T) {
	w := start(t, db.SQLite)
	if rec := w.as("", http.MethodPost, "/dev/become", "who=owner"); rec.Code != http.StatusNotFound {
		t.Errorf("become: %d", rec.Code)
	}
	if body := w.get("/").text(); strings.Contains(body, "/dev/become") {
		t.Error("the bar of the demo stands in an installation that serves")
	}
	for _, rt := range w.Routes() {
		if strings.Contains(rt.Pattern, "/dev/") {
			t.Errorf("%s is there without the demo", rt.Pattern)
		}
	}
}

// TestRolesEndAtOnce: who loses a role loses what it allows with the next request.
func TestRolesEndAtOnce(t *testing.T) {
	w := withExamples(t, db.SQLite)
	chair := w.member("chair", []event.RoleKey{event.RoleChair}, "janog57")
	grants, err := w.Events.Grants(t.Context(), chair.id)
	if err != nil || !grants.May(event.MayRelease, "janog57", "") || grants.May(event.MayRelease, "sample", "") || grants.May(event.MayRelease, "", "") {
		t.Errorf("the chair of one meeting: %v", err)
	}
}
