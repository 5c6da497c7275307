package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program"
)

// did writes entries into the audit log as somebody.
func (w *site) did(ref string, list ...audit.Entry) {
	w.t.Helper()
	ctx := authz.With(context.Background(), &authz.Actor{ID: 1, Ref: ref, From: "203.0.113.9"})
	for _, e := range list {
		if err := w.DB.Write(ctx, func(tx *db.Tx) error { return audit.Record(ctx, tx, e) }); err != nil {
			w.t.Fatal(err)
		}
	}
}

// TestHistoryPages: what was done stands there in words, before and after, for those who may read it.
func TestHistoryPages(t *testing.T) {
	w := withExamples(t, db.SQLite)
	chair := w.member("chair", []event.RoleKey{event.RoleChair}, "janog57")
	owner := w.member("owner", []event.RoleKey{event.RoleOwner})
	p, err := w.Programmes.Programme(t.Context(), "janog57")
	if err != nil {
		t.Fatal(err)
	}
	it := p.Items[0]
	object := program.SessionObject(it.Ref)
	for i := range 60 {
		w.did("GONE", audit.Entry{Scope: "janog57", Object: object, Action: "program.session.edited", At: noon.Add(time.Duration(i) * time.Minute),
			Before: map[string]string{"title.ja": "経路の話"}, After: map[string]string{"title.ja": "経路制御の話 <b>"}})
	}
	w.did("GONE", audit.Entry{Object: "person:ELSE", Action: "person.profile", Before: map[string]string{"kana": "かえるまえ"}, After: map[string]string{"kana": "ひみつのかな"}})
	w.did("GONE", audit.Entry{Scope: "iw2025", Object: "team:X", Action: "event.team.changed", After: map[string]string{"name": "=1+1"}},
		audit.Entry{Object: "person:GONE", Action: "person.unheard_of"})

	page := chair.do(http.MethodGet, "/meetings/janog57/history", "").Body.String()
	for _, want := range []string{"セッションを編集", "退会した人", "題名（日本語）", "<ins>", "&lt;b&gt;", "プログラム（demo）", it.Title.JA[:30], "?after="} {
		if !strings.Contains(page, want) {
			t.Errorf("the history of a meeting has no %q", want)
		}
	}
	if strings.Contains(page, "203.0.113.9") || strings.Contains(page, "iw2025") {
		t.Error("the history of a meeting tells addresses, or of another meeting")
	}
	of := chair.do(http.MethodGet, "/en/meetings/janog57/history/"+object, "").Body.String()
	if n := strings.Count(of, `class="h-item"`); n != 50 || !strings.Contains(of, "a person who left") || !strings.Contains(of, "edited a session") {
		t.Errorf("the history of a session has %d entries", n)
	}
	if got := chair.do(http.MethodGet, "/meetings/janog57/history?who=GONE&what=program.session&since=2026-02-12&until=2026-02-12", ""); !strings.Contains(got.Body.String(), "セッションを編集") {
		t.Errorf("filtered: %d", got.Code)
	}
	if got := chair.do(http.MethodGet, "/meetings/janog57/history?until=2026-02-11&who=GONE", ""); strings.Count(got.Body.String(), `class="h-item"`) > 0 {
		t.Error("the filter of days does nothing")
	}
	if got := chair.do(http.MethodGet, "/meetings/janog57/history?since=yesterday", ""); got.Code != http.StatusUnprocessableEntity && got.Code != http.StatusBadRequest {
		t.Errorf("a wrong day: %d", got.Code)
	}
	if got := chair.do(http.MethodGet, "/meetings/iw2025/history", "").Code; got != http.StatusForbidden {
		t.Errorf("the history of another meeting: %d", got)
	}
	if got := chair.do(http.MethodGet, "/admin/history", "").Code; got != http.StatusForbidden {
		t.Errorf("the history of the group, as a chair: %d", got)
	}
	all := owner.do(http.MethodGet, "/admin/history", "").Body.String()
	for _, want := range []string{"person.unheard_of", "iw2025", "203.0.113.9", "チームを変更"} {
		if !strings.Contains(all, want) {
			t.Errorf("the history of the group has no %q", want)
		}
	}
	if of := owner.do(http.MethodGet, "/admin/history?object=person:GONE", "").Body.String(); strings.Count(of, `class="h-item"`) != 1 {
		t.Error("the history of one thing of the group")
	}
	if of := chair.do(http.MethodGet, "/meetings/janog57/history?object="+object, "").Body.String(); strings.Count(of, `class="h-item"`) != 50 {
		t.Error("the history of one thing by a parameter")
	}
	steering := w.member("steering", []event.RoleKey{event.RoleSteering})
	for _, path := range []string{"/admin/history", "/admin/history.csv"} {
		if got := owner.do(http.MethodGet, path, "").Body.String(); !strings.Contains(got, "ひみつ") {
			t.Errorf("%s hides from the owner what people changed about themselves", path)
		}
		got := steering.do(http.MethodGet, path, "").Body.String()
		if !strings.Contains(got, "person.unheard_of") || strings.Contains(got, "ひみつ") || strings.Contains(got, "203.0.113.9") {
			t.Errorf("%s tells the steering committee from where somebody came, or what they changed about themselves", path)
		}
	}
	csv := owner.do(http.MethodGet, "/admin/history.csv?who=GONE", "")
	if body := csv.Body.String(); csv.Code != http.StatusOK || !strings.Contains(body, "'=1+1") || strings.Count(body, "program.session.edited") != 60 || !strings.Contains(csv.Header().Get("Content-Disposition"), "history.csv") {
		t.Errorf("%d %s", csv.Code, body[:min(len(body), 400)])
	}
	if got := owner.do(http.MethodGet, "/admin/history", "").Body.String(); !strings.Contains(got, "操作履歴を保存") {
		t.Error("taking the log is not in the log")
	}
	w.noErrors()
}

// TestHistoryInABrowser looks at the page.
func TestHistoryInABrowser(t *testing.T) {
	w := withExamples(t, db.SQLite)
	p, err := w.Programmes.Programme(t.Context(), "janog57")
	if err != nil {
		t.Fatal(err)
	}
	w.retimeRoom(20 * time.Minute)
	w.did("GONE", audit.Entry{Scope: "janog57", Object: program.SessionObject(p.Items[3].Ref), Action: "program.session.edited",
		Before: map[string]string{"title.ja": "経路の話", "abstract.ja": "長い概要です。\n二行目。"}, After: map[string]string{"title.ja": "経路制御の話", "abstract.ja": "長い概要でした。\n二行目と、三行目。", "level": "beginner"}})
	owner := w.member("owner", []event.RoleKey{event.RoleOwner})
	srv := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		r.Header.Set("Cookie", owner.cookie)
		w.handler.ServeHTTP(out, r)
	}))
	t.Cleanup(srv.Close)
	for _, view := range []testkit.View{{Width: 1280, Height: 900, Lang: "ja"}, {Width: 390, Height: 844, Lang: "en", Dark: true}} {
		tab := testkit.Browser(t)
		tab.Look(view)
		path := "/meetings/janog57/history"
		if view.Lang == "en" {
			path = "/en" + path
		}
		tab.Open(srv.URL + path)
		tab.CheckAxe()
		if testkit.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`) {
			t.Error("the page is wider than the window")
		}
		testkit.Keep(t, view.String()+".png", tab.Screenshot())
	}
}
