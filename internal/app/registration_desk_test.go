package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// withDesk is the sample meeting with registration, and somebody who entered.
func withDesk(t *testing.T, e db.Engine) (*site, *registration.Entry) {
	w := withExamples(t, e)
	if err := w.loadSampleRegistration(t.Context()); err != nil {
		t.Fatal(err)
	}
	entry, err := w.Registration.EnterFor(authz.System(t.Context(), "test"), "sample", registration.Manual{
		Key: "desk", Kind: "general", Days: map[event.Date]registration.Mode{"2026-12-09": registration.Onsite}, Proved: true,
		Details: registration.Details{Name: i18n.T("見本 太郎", "Taro Mihon"), Address: "desk@example.org", Lang: i18n.JA},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, entry
}

// TestSetupByTwo: a change of the setup is shown before it is saved; of two who change the same, the second keeps what they typed.
func TestSetupByTwo(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w, _ := withDesk(t, e)
		a, b := w.member("甲", []event.RoleKey{event.RoleChair}, "sample"), w.member("乙", []event.RoleKey{event.RoleChair}, "sample")
		const at = "/meetings/sample/registration/setup/kinds/student"
		seen, _ := a.page(at).Find("input[name=seen]").Attr("value")
		kind := func(seen, capacity string, more ...string) string {
			return form(append([]string{"seen", seen, "name_ja", "学生", "name_en", "Student", "modes", "onsite", "capacity", capacity, "prices.count", "0", "seller", "", "rate", "0"}, more...)...)
		}
		rec := a.do(http.MethodPost, at, kind(seen, "５０", "do", "save"))
		if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `name="sure"`) {
			t.Fatalf("a change of an open registration is not shown first: %d", rec.Code)
		}
		if rec = a.do(http.MethodPost, at, kind(seen, "５０", "sure", "yes")); rec.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		rec = b.do(http.MethodPost, at, kind(seen, "70", "do", "save"))
		body := rec.Body.String()
		if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `value="70"`) || !strings.Contains(body, "いまの保存値：50") {
			t.Fatalf("the second of two does not see what is stored beside what they typed: %d", rec.Code)
		}
		fresh, _ := b.page(at).Find("input[name=seen]").Attr("value")
		if rec = b.do(http.MethodPost, at, kind(fresh, "70", "sure", "yes")); rec.Code != http.StatusSeeOther {
			t.Fatal(rec.Code)
		}
		if got, _ := a.page(at).Find("input[name=capacity]").Attr("value"); got != "70" {
			t.Errorf("the capacity is %q", got)
		}
		rec = a.do(http.MethodPost, "/meetings/sample/registration/setup/phases", form("seen", "x", "opens", "tomorrow"))
		if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), `value="tomorrow"`) {
			t.Errorf("what was typed is lost: %d", rec.Code)
		}
		a.submit("/meetings/sample/registration/setup", "do", "close")
		if text := a.page("/meetings/sample/registration").Find(".r-state").Text(); !strings.Contains(text, "終了") {
			t.Error(text)
		}
		a.submit("/meetings/sample/registration/setup", "do", "open")
		w.noErrors()
	})
}

// TestDeskIsForFew: who works at the reception sees no list; another meeting's people are not reached by their refs.
func TestDeskIsForFew(t *testing.T) {
	w, entry := withDesk(t, db.SQLite)
	reception := w.member("受付", []event.RoleKey{event.RoleReception}, "sample")
	for _, path := range []string{"desk", "setup", "people", "people/" + entry.Ref, "people/new", "duplicates", "letters", "letters/new"} {
		if rec := reception.do(http.MethodGet, "/meetings/sample/registration/"+path, ""); rec.Code != http.StatusForbidden {
			t.Errorf("the reception gets %s: %d", path, rec.Code)
		}
	}
	other := w.member("他会", []event.RoleKey{event.RoleChair}, "janog57")
	for _, path := range []string{"/meetings/janog57/registration/people/" + entry.Ref, "/meetings/janog57/registration/duplicates/" + entry.Ref + "-" + entry.Ref} {
		if rec := other.do(http.MethodGet, path, ""); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
	if rec := other.do(http.MethodPost, "/meetings/janog57/registration/people/"+entry.Ref, form("do", "cancel")); rec.Code != http.StatusNotFound {
		t.Error(rec.Code)
	}
	chair := w.member("議長", []event.RoleKey{event.RoleChair}, "sample")
	page := chair.page("/meetings/sample/registration/people?q=" + "みほん")
	if n := page.Find(".d-people tbody tr").Length(); n != 0 { // there is no reading
		t.Error(n)
	}
	if text := chair.page("/meetings/sample/registration/people?q=desk%40example").Find(".d-people tbody tr").Text(); !strings.Contains(text, "見本 太郎") {
		t.Error(text)
	}
	rec := chair.do(http.MethodPost, "/meetings/sample/registration/people/export", form("column", "ref", "format", "csv", "q", "desk@example"))
	if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), entry.Ref) || strings.Contains(rec.Body.String(), "見本") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	w.noErrors()
}
