package app

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program"
)

// signIn makes a browser one in which this person is signed in.
func (m *member) signIn(tab *testkit.Tab) {
	m.w.t.Helper()
	name, value, _ := strings.Cut(m.cookie, "=")
	secure := true
	call(tab, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: m.w.url, Path: "/", Secure: &secure})
	call(tab, network.SetCookie, network.SetCookieParams{Name: "tsudoi-in", Value: "1", URL: m.w.url, Path: "/"})
}

// signedOut takes the cookies away, as signing out does.
func signedOut(tab *testkit.Tab) {
	call(tab, network.ClearBrowserCookies, cdp.Empty{})
}

// TestBrowserStarsOnEveryDevice: stars from before the sign-in and those of another device meet; who is not signed in is only counted.
func TestBrowserStarsOnEveryDevice(t *testing.T) {
	w := withExamples(t, db.SQLite)
	mei := w.member("Mei", nil)
	page := w.url + "/meetings/sample/timetable/2026-12-09"
	p, err := w.Programmes.Programme(t.Context(), "sample")
	if err != nil {
		t.Fatal(err)
	}
	counts := func(code string) program.Stars {
		all, err := w.Programmes.Interest(t.Context(), w.DB, "sample")
		if err != nil {
			t.Fatal(err)
		}
		return all[p.Session(code).GUID]
	}
	is := func(what, code string, want program.Stars) {
		t.Helper()
		if got := counts(code); got != want && !eventually(func() bool { return counts(code) == want }) {
			t.Errorf("%s: %s has %+v, want %+v", what, code, got, want)
		}
	}
	phone, desk := testkit.Browser(t), testkit.Browser(t)
	phone.Open(page)
	c9, c10 := refOf(phone, "C9"), refOf(phone, "C10")
	star(phone, c9)
	is("starred by nobody in particular", "C9", program.Stars{Anonymous: 1})

	mei.signIn(phone)
	phone.Open(page)
	is("signed in", "C9", program.Stars{SignedIn: 1})

	mei.signIn(desk)
	desk.Open(page)
	if until(desk, `document.querySelector('[data-star="`+c9+`"]').ariaPressed === 'true'`) < 0 {
		t.Error("the star of the phone is not on the desk")
	}
	star(desk, c10)
	star(desk, c9)
	is("the desk", "C10", program.Stars{SignedIn: 1})
	is("the desk", "C9", program.Stars{})
	phone.Open(page)
	if until(phone, `document.querySelector('[data-star="`+c10+`"]').ariaPressed === 'true' && document.querySelector('[data-star="`+c9+`"]').ariaPressed === 'false'`) < 0 {
		t.Error("what the desk did is not on the phone")
	}

	signedOut(phone)
	phone.Open(page)
	if got := testkit.Eval[[]string](phone, starredRefs); len(got) > 0 {
		t.Errorf("after signing out the browser still shows %q", got)
	}
	w.noErrors()
}

// eventually waits for a condition, for a few seconds.
func eventually(met func() bool) bool {
	for range 200 {
		if met() {
			return true
		}
		time.Sleep(25 * time.Millisecond)
	}
	return false
}
