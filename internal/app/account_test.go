package app

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/oauth2-proxy/mockoidc"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/person"
)

// stale makes the last proof of who somebody is an old one.
func (m *member) stale() {
	m.w.t.Helper()
	if err := m.w.DB.Write(m.w.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(m.w.t.Context(), `UPDATE person_session SET stepped_up_at = 1 WHERE account_id = $1`, m.id)
		return err
	}); err != nil {
		m.w.t.Fatal(err)
	}
}

func (m *member) address() string { return strings.ToLower(m.ref) + "@example.org" }

// upload sends a file in a form.
func (m *member) upload(path, field string, data []byte, more ...string) *httptest.ResponseRecorder {
	m.w.t.Helper()
	var b bytes.Buffer
	f := multipart.NewWriter(&b)
	for i := 0; i+1 < len(more); i += 2 {
		_ = f.WriteField(more[i], more[i+1])
	}
	part, err := f.CreateFormFile(field, "../../x\u202e.png")
	if err != nil {
		m.w.t.Fatal(err)
	}
	_, _ = part.Write(data)
	_ = f.Close()
	return m.do(http.MethodPost, path, b.String(), "Content-Type", f.FormDataContentType())
}

// TestDangerousActsNeedAFreshProof: whoever sits down at somebody's open browser gets no further than reading.
func TestDangerousActsNeedAFreshProof(t *testing.T) {
	w := start(t, db.SQLite)
	m := w.member("taro", nil)
	m.stale()
	for _, path := range []string{"/me/passkeys", "/me/addresses", "/me/export", "/me/leave", "/me/merge", "/me/identities"} {
		if path != "/me/identities" {
			if rec := m.do(http.MethodGet, path, ""); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/step-up?next="+url.QueryEscape(path) {
				t.Errorf("GET %s: %d %q", path, rec.Code, rec.Header().Get("Location"))
			}
		}
		for _, form := range []string{"", "sure=yes", "address=evil%40example.com", "remove=1", "main=1", "proof=x"} {
			if rec := m.do(http.MethodPost, path, form); rec.Code != http.StatusSeeOther || !strings.HasPrefix(rec.Header().Get("Location"), "/step-up?next=") {
				t.Errorf("POST %s %s: %d %q", path, form, rec.Code, rec.Header().Get("Location"))
			}
		}
	}
	if rec := m.do(http.MethodPost, "/me/passkeys/challenge", ""); rec.Code != http.StatusForbidden {
		t.Errorf("a challenge to add a passkey: %d", rec.Code)
	}

	// The way back: a code to the main address, and on to where they were.
	rec := m.do(http.MethodPost, "/step-up", "next=%2Fme%2Faddresses")
	at := rec.Header().Get("Location")
	code := strings.Join(digits.FindStringSubmatch(w.mailTo(m.address()))[1:], "")
	rec = m.do(http.MethodPost, at, "code="+code)
	cookie, _ := cookieOf(rec)
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/me/addresses" || cookie == "" || cookie == m.cookie {
		t.Fatalf("%d %q %q", rec.Code, rec.Header().Get("Location"), cookie)
	}
	if rec := m.do(http.MethodGet, "/me", ""); rec.Code != http.StatusFound {
		t.Errorf("the secret from before the proof is still good: %d", rec.Code)
	}
	m.cookie = cookie
	if rec := m.do(http.MethodGet, "/me/addresses", ""); rec.Code != http.StatusOK {
		t.Errorf("after the proof: %d", rec.Code)
	}
	w.noErrors()
}

// TestNextLeadsNowhereElse: where one goes on after signing in, confirming or agreeing is always on this site.
func TestNextLeadsNowhereElse(t *testing.T) {
	w := start(t, db.SQLite)
	m := w.member("taro", nil)
	for _, evil := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "/\t/evil.example", "javascript:alert(1)", "evil.example", "/..//evil.example/", "http:evil.example", "\\\\evil"} {
		q := url.QueryEscape(evil)
		bodies := map[string]string{}
		for _, path := range []string{"/sign-in", "/step-up", "/consent", "/me/profile"} {
			rec := m.do(http.MethodGet, path+"?next="+q, "")
			bodies[path] = rec.Header().Get("Location") + rec.Body.String()
		}
		bodies["consent"] = m.do(http.MethodPost, "/consent", "version="+w.People.Policy().Version+"&next="+q).Header().Get("Location")
		bodies["profile"] = m.do(http.MethodPost, "/me/profile", "name_ja=x&next="+q).Header().Get("Location")
		for path, text := range bodies {
			if strings.Contains(text, "evil") && !strings.Contains(evil, "..") {
				t.Errorf("%s leads to %q", path, evil)
			}
			if l := text; strings.HasPrefix(l, "//") || strings.HasPrefix(l, "http") && !strings.HasPrefix(l, public) {
				t.Errorf("%s leads to %q", path, l)
			}
		}
	}
}

// TestOneClickUnsubscribe: a mail program posts what RFC 8058 says, without a cookie and without the headers of a browser.
func TestOneClickUnsubscribe(t *testing.T) {
	w := start(t, db.SQLite)
	m := w.member("taro", nil)
	kind := ""
	for _, k := range letterKinds() {
		if !k.Necessary {
			kind = k.Key
		}
	}
	if kind == "" {
		t.Fatal("no kind of letters can be declined")
	}
	var link string
	if err := w.DB.Write(t.Context(), func(tx *db.Tx) (err error) {
		link, err = w.People.Unsubscribe(t.Context(), tx, person.ID(m.id), kind)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(link, public)
	if rec := w.as("", http.MethodGet, path, ""); rec.Code != http.StatusOK || rec.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("looking: %d", rec.Code)
	}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, link, strings.NewReader("List-Unsubscribe=One-Click"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.RemoteAddr = stranger
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, req)
	if _, ok, err := w.People.Recipient(t.Context(), w.DB, person.ID(m.id), kind); rec.Code != http.StatusOK || ok || err != nil {
		t.Errorf("one click: %d, still gets letters: %v %v", rec.Code, ok, err)
	}
	if rec := w.as("", http.MethodPost, path[:len(path)-2]+"xx", ""); rec.Code != http.StatusNotFound {
		t.Errorf("a forged link: %d", rec.Code)
	}
}

// TestNobodyActsOnWhatIsOfOthers: ids of somebody else's session, address, passkey and identity are as good as none.
func TestNobodyActsOnWhatIsOfOthers(t *testing.T) {
	w := start(t, db.SQLite)
	victim, m := w.member("victim", nil), w.member("mallory", []event.RoleKey{event.RoleOwner})
	rows := func(q string) int64 {
		var n int64
		if err := w.DB.Row(t.Context(), q, victim.id).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	session, address := rows(`SELECT max(id) FROM person_session WHERE account_id = $1`), rows(`SELECT max(id) FROM person_address WHERE account_id = $1`)
	for path, form := range map[string]string{
		"/me/sessions": fmt.Sprint("session=", session), "/me/addresses": fmt.Sprint("remove=", address), "/me/passkeys": "remove=1", "/me/identities": "remove=1",
	} {
		rec := m.do(http.MethodPost, path, form)
		if rec.Code != http.StatusNotFound && path != "/me/sessions" {
			t.Errorf("%s %s: %d", path, form, rec.Code)
		}
	}
	if rec := m.do(http.MethodPost, "/me/addresses", fmt.Sprint("main=", address)); rec.Code != http.StatusNotFound {
		t.Errorf("main: %d", rec.Code)
	}
	if rec := victim.do(http.MethodGet, "/me", ""); rec.Code != http.StatusOK {
		t.Errorf("the victim was signed out: %d", rec.Code)
	}
	if n := rows(`SELECT count(*) FROM person_address WHERE account_id = $1 AND main = 1`); n != 1 {
		t.Errorf("the victim has %d main addresses", n)
	}
}

// TestOtherSitesSendNoForms: every form of an account, sent from another site, is refused before anything is looked at.
func TestOtherSitesSendNoForms(t *testing.T) {
	w := start(t, db.SQLite)
	m := w.member("taro", nil)
	for _, path := range []string{"/sign-in", "/sign-in/passkey", "/sign-in/passkey/challenge", "/sign-out", "/step-up", "/me/profile", "/me/portrait", "/me/addresses", "/me/passkeys", "/me/letters", "/me/export", "/me/leave", "/me/merge", "/consent"} {
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"}} {
			if rec := m.do(http.MethodPost, path, "sure=yes", headers...); rec.Code != http.StatusForbidden {
				t.Errorf("%s with %v: %d", path, headers, rec.Code)
			}
		}
	}
	if rec := m.do(http.MethodGet, "/me", ""); rec.Code != http.StatusOK {
		t.Errorf("and yet something happened: %d", rec.Code)
	}
}

func TestPortraitOverHTTP(t *testing.T) {
	w := start(t, db.SQLite)
	m := w.member("taro", nil)
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 50, 20))); err != nil {
		t.Fatal(err)
	}
	if rec := m.upload("/me/portrait", "picture", b.Bytes(), "x", "NaN", "y", "-1", "side", "1e300"); rec.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", rec.Code, rec.Body)
	}
	src := regexp.MustCompile(`/portraits/[0-9a-f]{32}\.png`).FindString(m.do(http.MethodGet, "/me/portrait", "").Body.String())
	rec := w.as("", http.MethodGet, src, "")
	cfg, err := png.DecodeConfig(rec.Body)
	if rec.Code != http.StatusOK || err != nil || cfg.Width != 20 || cfg.Height != 20 || !strings.Contains(rec.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%s: %d %+v %v", src, rec.Code, cfg, err)
	}
	if rec := m.upload("/me/portrait", "picture", []byte("<html><script>"), "x", "0"); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("a page as a picture: %d", rec.Code)
	}
	if rec := m.upload("/me/portrait", "other", nil, "remove", "yes"); rec.Code != http.StatusSeeOther {
		t.Errorf("removing: %d", rec.Code)
	}
	if rec := w.as("", http.MethodGet, src, ""); rec.Code != http.StatusNotFound {
		t.Errorf("removed, and still served: %d", rec.Code)
	}
	w.noErrors()
}

// TestGetEverythingAndLeave goes the way of somebody who leaves: everything as a ZIP, and then nothing is left.
func TestGetEverythingAndLeave(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withExamples(t, e)
		m := w.member("leaving taro", []event.RoleKey{event.RoleChair}, "janog57")
		if rec := m.do(http.MethodPost, "/me/profile", url.Values{"name_ja": {"去る 太郎"}, "bio_ja": {"unforgettable"}}.Encode()); rec.Code != http.StatusSeeOther {
			t.Fatal(rec.Code)
		}
		rec := m.do(http.MethodPost, "/me/export", "")
		z, err := zip.NewReader(bytes.NewReader(rec.Body.Bytes()), int64(rec.Body.Len()))
		if err != nil || rec.Header().Get("Cache-Control") != "no-store" {
			t.Fatal(rec.Code, err)
		}
		var names []string
		for _, f := range z.File {
			names = append(names, f.Name)
		}
		for _, want := range []string{"account.json", "addresses.json", "roles.json", "history.json", "index.html"} {
			if !strings.Contains(strings.Join(names, " "), want) {
				t.Errorf("no %s among %q", want, names)
			}
		}
		if page := m.do(http.MethodGet, "/me/leave", "").Body.String(); !strings.Contains(page, "公開済みのプログラム") {
			t.Error("the page does not say what remains")
		}
		if rec := m.do(http.MethodPost, "/me/leave", ""); rec.Code != http.StatusUnprocessableEntity {
			t.Errorf("without being sure: %d", rec.Code)
		}
		rec = m.do(http.MethodPost, "/me/leave", "sure=yes")
		if rec.Code != http.StatusSeeOther || !strings.Contains(rec.Header().Get("Clear-Site-Data"), "storage") {
			t.Fatalf("%d\n%s", rec.Code, rec.Body)
		}
		if rec := m.do(http.MethodGet, "/me", ""); rec.Code != http.StatusFound {
			t.Errorf("the session goes on: %d", rec.Code)
		}
		if ids, err := w.Events.Holders(t.Context(), w.DB, "janog57", event.RoleChair); err != nil || len(ids) != 0 {
			t.Errorf("still a chair: %v %v", ids, err)
		}
		if _, err := w.Sealer.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v, err := audit.Verify(t.Context(), w.DB); err != nil || !v.Whole() {
			t.Errorf("the chain: %+v %v", v, err)
		}
		var n int
		if err := w.DB.Row(t.Context(), `SELECT count(*) FROM audit_value WHERE content LIKE '%unforgettable%' OR content LIKE '%太郎%'`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d entries still hold what they said: %v", n, err)
		}
		w.noErrors()
	})
}

// TestTheLastOwnerStays until somebody else is one.
func TestTheLastOwnerStays(t *testing.T) {
	w := start(t, db.SQLite)
	owner := w.member("owner", []event.RoleKey{event.RoleOwner})
	if rec := owner.do(http.MethodPost, "/me/leave", "sure=yes"); rec.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d", rec.Code)
	}
	if rec := owner.do(http.MethodGet, "/me/leave", ""); !strings.Contains(rec.Body.String(), `role="alert"`) {
		t.Error("the page does not say beforehand what has to be done first")
	}
	w.member("another", []event.RoleKey{event.RoleOwner})
	if rec := owner.do(http.MethodPost, "/me/leave", "sure=yes"); rec.Code != http.StatusSeeOther {
		t.Errorf("%d", rec.Code)
	}
}

// TestUnitingMovesRoles: what one account may do, the other may do afterwards.
func TestUnitingMovesRoles(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withExamples(t, e)
		old, own := w.member("old", []event.RoleKey{event.RoleChair, event.RoleNOC}, "janog57"), w.member("own", []event.RoleKey{event.RoleNOC}, "janog57")
		at := own.do(http.MethodPost, "/me/merge", "address="+url.QueryEscape(old.address())).Header().Get("Location")
		code := strings.Join(digits.FindStringSubmatch(w.mailTo(old.address()))[1:], "")
		to := own.do(http.MethodPost, at, "code="+code).Header().Get("Location")
		_, proof, ok := strings.Cut(to, "/me/merge?proof=")
		if page := own.do(http.MethodGet, to, ""); !ok || page.Code != http.StatusOK || !strings.Contains(page.Body.String(), old.address()) {
			t.Fatalf("%q: %d", to, page.Code)
		}
		if rec := own.do(http.MethodPost, "/me/merge", "proof="+proof); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/me/merge?done" {
			t.Fatalf("%d\n%s", rec.Code, rec.Body)
		}
		if rec := old.do(http.MethodGet, "/me", ""); rec.Code != http.StatusFound {
			t.Errorf("the old account's session goes on: %d", rec.Code)
		}
		g, err := w.Events.Grants(t.Context(), own.id)
		if err != nil || !g.May(event.MayRelease, "janog57", "") {
			t.Errorf("the chair's role did not move: %v", err)
		}
		if g, err := w.Events.Grants(t.Context(), old.id); err != nil || g.May(event.MayRelease, "janog57", "") {
			t.Errorf("the old account may still do what it did: %v", err)
		}
		w.noErrors()
	})
}

// TestPolicyThatChanged sends who agreed to an earlier one to the page that asks; what they had typed is taken first.
func TestPolicyThatChanged(t *testing.T) {
	w := start(t, db.SQLite)
	m := w.member("taro", nil)
	if err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE person_account SET consented = 'earlier' WHERE id = $1`, m.id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if rec := m.do(http.MethodPost, "/me/profile", "name_ja=x"); rec.Code != http.StatusSeeOther {
		t.Errorf("a form on its way: %d", rec.Code)
	}
	rec := m.do(http.MethodGet, "/en/me/sessions", "")
	if to := rec.Header().Get("Location"); rec.Code != http.StatusFound || to != "/en/consent?next=%2Fen%2Fme%2Fsessions" {
		t.Fatalf("%d %q", rec.Code, to)
	}
	if page := m.do(http.MethodGet, "/en/consent", "").Body.String(); !strings.Contains(page, "has changed") {
		t.Error("the page does not say that it changed")
	}
	if rec := m.do(http.MethodPost, "/consent", "version=earlier"); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("agreeing to what is no longer the policy: %d", rec.Code)
	}
	if rec := w.as("", http.MethodGet, "/privacy", ""); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), w.People.Policy().Version) {
		t.Errorf("the policy for everybody: %d", rec.Code)
	}
}

// TestAskingTellsNothing: what is asked of the database for a code is the same whether or not the address has an account, over HTTP as well.
func TestAskingTellsNothing(t *testing.T) {
	w := start(t, db.SQLite)
	m := w.member("taro", nil)
	count := func(address string) int64 {
		ctx, n := db.Counted(authz.With(t.Context(), &authz.Actor{From: "203.0.113.7"}))
		req := httptest.NewRequestWithContext(ctx, http.MethodPost, public+"/sign-in", strings.NewReader("address="+url.QueryEscape(address)))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		req.RemoteAddr = stranger
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, req)
		if rec.Code != http.StatusSeeOther {
			t.Fatal(rec.Code)
		}
		return n.Load()
	}
	count("warm@example.org")
	if a, b := count(m.address()), count("nobody@example.org"); a != b {
		t.Errorf("%d statements for a member, %d for a stranger", a, b)
	}
}

// TestSignOutClears tells the browser to forget what it kept.
func TestSignOutClears(t *testing.T) {
	w := start(t, db.SQLite)
	m := w.member("taro", nil)
	rec := m.do(http.MethodPost, "/sign-out", "")
	if !strings.Contains(rec.Header().Get("Clear-Site-Data"), "cache") {
		t.Error("no Clear-Site-Data")
	}
	for _, c := range rec.Result().Cookies() {
		if c.MaxAge >= 0 || !c.Secure {
			t.Errorf("the cookie %s is not ended: %+v", c.Name, c)
		}
	}
}

// TestHelpingWithAnAccount: whoever runs the site finds one account by its exact address or name, which is recorded, and may end its sessions.
func TestHelpingWithAnAccount(t *testing.T) {
	w := start(t, db.SQLite)
	taro, owner := w.member("林 太郎", nil), w.member("owner", []event.RoleKey{event.RoleOwner})
	for text, want := range map[string]bool{
		taro.address(): true, strings.ToUpper(taro.address()): true, "林太郎": true, "林": false, taro.address()[3:]: false, "%": false, "@example.org": false,
	} {
		if got := strings.Contains(owner.do(http.MethodPost, "/admin/accounts", "text="+url.QueryEscape(text)).Body.String(), `value="`+taro.ref+`"`); got != want {
			t.Errorf("%q finds them: %v, want %v", text, got, want)
		}
	}
	list, _, err := audit.History(t.Context(), w.DB, "", "person:"+taro.ref, audit.Page{})
	if err != nil || len(list) != 3 || list[0].Action != "person.looked_up" || list[0].Actor != owner.ref {
		t.Errorf("%+v %v", list, err)
	}
	if rec := owner.do(http.MethodPost, "/admin/accounts", "send="+taro.ref); rec.Code != http.StatusOK || !digits.MatchString(w.mailTo(taro.address())) || digits.MatchString(rec.Body.String()) {
		t.Errorf("sending a code: %d", rec.Code)
	}
	if rec := taro.do(http.MethodPost, "/admin/accounts", "end="+owner.ref); rec.Code != http.StatusForbidden {
		t.Errorf("anybody ends sessions of others: %d", rec.Code)
	}
	if rec := owner.do(http.MethodPost, "/admin/accounts", "end="+taro.ref); rec.Code != http.StatusOK {
		t.Errorf("ending sessions: %d", rec.Code)
	}
	if rec := taro.do(http.MethodGet, "/me", ""); rec.Code != http.StatusFound {
		t.Errorf("the session goes on: %d", rec.Code)
	}
}

// TestSignInByIssuerOverHTTP goes to a real provider and comes back: the cookie that binds the browser, and a page that leads on.
func TestSignInByIssuerOverHTTP(t *testing.T) {
	m, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Shutdown() })
	s, c := settings(t, db.SQLite), m.Config()
	s.OIDC.Issuer, s.OIDC.Client, s.OIDC.Secret, s.OIDC.Scopes, s.OIDC.NameEN = c.Issuer, c.ClientID, c.ClientSecret, []string{"email", "profile"}, "Example ID"
	s.Services = []config.Service{{ID: "away", Issuer: "http://127.0.0.1:1", Client: "x", NameEN: "Away ID"}}
	w := startWith(t, s)
	rec := w.as("", http.MethodGet, "/en/sign-in/with/away", "")
	if page := rec.Body.String(); rec.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "Away ID does not answer") || !strings.Contains(page, "Sign in with Example ID") {
		t.Errorf("at a service that is down: %d\n%s", rec.Code, page)
	}
	if page := w.as("", http.MethodGet, "/en/sign-in?next=%2Fen%2Fme%2Fsessions", "").Body.String(); !strings.Contains(page, "/en/sign-in/with?next=%2fen%2fme%2fsessions") && !strings.Contains(page, "/en/sign-in/with?next=%2Fen%2Fme%2Fsessions") {
		t.Errorf("the page to sign in on does not lead there: %s", page)
	}
	visit := func() (cookie, back string) {
		m.QueueUser(&mockoidc.MockUser{Subject: "u1", Email: "hanako@example.org", EmailVerified: true})
		rec := w.as("", http.MethodGet, "/en/sign-in/with?next=%2Fen%2Fme%2Fsessions", "")
		if rec.Code != http.StatusFound {
			t.Fatalf("%d\n%s", rec.Code, rec.Body)
		}
		bound := rec.Result().Cookies()[0]
		if bound.Name != "__Host-tsudoi-with" || !bound.Secure || !bound.HttpOnly || bound.SameSite != http.SameSiteLaxMode || bound.MaxAge > 1200 || bound.Path != "/" {
			t.Errorf("the cookie: %+v", bound)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, rec.Header().Get("Location"), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return bound.Name + "=" + bound.Value, strings.TrimPrefix(res.Header.Get("Location"), public)
	}
	_, back := visit()
	if rec := w.as("", http.MethodGet, back, ""); rec.Code != http.StatusUnprocessableEntity || len(rec.Result().Cookies()) > 0 {
		t.Errorf("in a browser without the cookie: %d", rec.Code)
	}
	cookie, back := visit()
	rec = w.as(cookie, http.MethodGet, back, "")
	in, _ := cookieOf(rec)
	to := rec.Header().Get("Location")
	if rec.Code != http.StatusSeeOther || in == "" || !strings.HasPrefix(to, "/en/sign-in/code/") || rec.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Fatalf("%d %q %q\n%s", rec.Code, in, to, rec.Body)
	}
	code := strings.Join(digits.FindStringSubmatch(w.mailTo("hanako@example.org"))[1:], "")
	rec = w.as(in, http.MethodPost, to, "code="+code)
	if rec.Code != http.StatusSeeOther || !strings.HasPrefix(rec.Header().Get("Location"), "/en/me/profile?next=%2Fen%2Fme%2Fsessions") {
		t.Errorf("%d %q", rec.Code, rec.Header().Get("Location"))
	}
	if rec := w.as(cookie, http.MethodGet, back, ""); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("a second use: %d", rec.Code)
	}
	w.noErrors()
}
