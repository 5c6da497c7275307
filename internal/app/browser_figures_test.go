package app

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// registrants lets n people register at the sample meeting, which is compared with a meeting of which only a report is known.
func (w *site) registrants(n int) {
	w.t.Helper()
	w.Now = func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }
	s, version, err := w.Registration.Setup(w.systemContext(), "sample")
	if err != nil {
		w.t.Fatal(err)
	}
	s.LastMeeting = "iw2025"
	if err := w.Registration.SaveSetup(w.systemContext(), "sample", s, version); err != nil {
		w.t.Fatal(err)
	}
	nobody := authz.With(w.t.Context(), &authz.Actor{})
	for i := range n {
		f := registration.Form{
			Key: fmt.Sprint("figures", i), Kind: "general", Consents: []string{"conduct"}, Days: map[event.Date]registration.Mode{"2026-12-09": registration.Onsite, "2026-12-10": registration.Onsite},
			Details: registration.Details{Name: i18n.T(fmt.Sprint("数田 かぞえ", i), ""), Address: fmt.Sprintf("kazoe%d@example.org", i), Lang: i18n.JA},
			Answers: map[string][]string{"first-time": {"no"}, "age": {"40s"}, "photo": {"fine"}, "heard": {"web", "list"}, "diet": {"halal"}, "access": {"車椅子で行きます"}},
		}
		if i == 0 {
			f.Choices = []registration.Wish{{Option: "social", Slot: "a"}, {Option: "noc-tour", Slot: "b"}}
		}
		if _, _, err := w.Registration.Register(nobody, "sample", f); err != nil {
			w.t.Fatal(err)
		}
	}
}

// TestFigures_nameNobody: neither the page nor any of its tables holds a name, an address, or words that somebody wrote.
func TestFigures_nameNobody(t *testing.T) {
	w := withExamples(t, db.SQLite)
	w.registrants(4)
	chair := w.member("議長 ちか", []event.RoleKey{event.RoleChair}, "sample")
	const at = "/meetings/sample/registration/figures"
	page := chair.do(http.MethodGet, at, "")
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "申告値") {
		t.Fatalf("%d: %s", page.Code, page.Body)
	}
	all := []string{at}
	for _, part := range strings.Split(page.Body.String(), `href="`)[1:] {
		if path, _, _ := strings.Cut(part, `"`); strings.HasSuffix(path, ".csv") {
			all = append(all, path)
		}
	}
	if len(all) < 12 {
		t.Errorf("only %q", all)
	}
	for _, path := range all {
		got := chair.do(http.MethodGet, path, "")
		if got.Code != http.StatusOK {
			t.Errorf("%s: %d", path, got.Code)
		}
		for _, secret := range []string{"数田", "kazoe", "車椅子で", "ハラール"} {
			if strings.Contains(got.Body.String(), secret) {
				t.Errorf("%s says %s", path, secret)
			}
		}
	}
	w.noErrors()
}

// TestBrowserFigures looks at the numbers of a registration, of nobody and of some.
func TestBrowserFigures(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	w := withExamples(t, db.SQLite)
	w.registrants(12)
	w.url = w.serveAs(w.member("議長 ちか", []event.RoleKey{event.RoleChair}, "sample", "janog57"))
	tab := testkit.Browser(t)
	for i, path := range []string{"/meetings/sample/registration/figures", "/meetings/janog57/registration/figures", "/handbook/figures"} {
		for j, v := range looks() {
			if os.Getenv("TSUDOI_KEEP") == "" && j != (i*5)%12 && j != (i*5+7)%12 {
				continue
			}
			w.see(t, tab, path, v)
			if at := testkit.Eval[string](tab, `location.pathname`); !strings.HasSuffix(at, path) {
				t.Fatalf("%s leads to %s", path, at)
			}
			if j < 2 {
				w.narrow(t, tab, path)
			}
		}
	}
	w.noErrors()
}

// TestBrowserFigures_follow: an open page has new numbers by itself, and what the reader opened stays open.
func TestBrowserFigures_follow(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	testkit.Long(t)
	w := withExamples(t, db.SQLite)
	w.registrants(3)
	w.url = w.serveAs(w.member("議長 ちか", []event.RoleKey{event.RoleChair}, "sample"))
	tab := testkit.Browser(t)
	tab.Look(testkit.View{Width: 1440, Height: 900, Lang: "ja"})
	tab.Open(w.url + "/meetings/sample/registration/figures")
	shows := func(n string) bool {
		return until(tab, `document.querySelector('.fig-main dd').textContent === '`+n+`'`) >= 0
	}
	if !shows("3") {
		t.Fatal("not the numbers that there are")
	}
	testkit.Eval[bool](tab, `document.querySelector('.fig-card details').open = true`)
	w.registrants(5) // the first three were sent before
	if !shows("5") {
		t.Error("the page stays as it was")
	}
	if !testkit.Eval[bool](tab, `document.querySelector('.fig-card details').open`) {
		t.Error("what the reader opened was closed")
	}
	w.noErrors()
}
