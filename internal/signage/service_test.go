package signage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/person"
)

// wall is the feature on a database of its own, with the meetings a and b and a clock that a test moves.
type wall struct {
	*Service
	t        *testing.T
	now      time.Time
	sessions []Session
	told     []string
	mu       sync.Mutex
}

// Sessions makes a wall a Timetable.
func (w *wall) Sessions(_ context.Context, m *event.Stored) ([]Session, error) {
	if m.Slug != "a" {
		return nil, nil
	}
	return w.sessions, nil
}

// may is a person with permissions in some meetings.
type may map[string]authz.Permission

// May holds one permission, or all of signage where it is empty, in each meeting named.
func (g may) May(p authz.Permission, scope, _ string) bool {
	only, ok := g[scope]
	return ok && (only == "" || only == p)
}

func (w *wall) as(ref string, g may) context.Context {
	return authz.With(w.t.Context(), &authz.Actor{ID: 1, Ref: ref, Name: i18n.T("係", ""), Grants: g})
}

func (w *wall) desk() context.Context { return w.as("DESKA", may{"a": ""}) }

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, w *wall)) {
	folders := []fs.FS{db.Migrations, audit.Migrations, search.Migrations, limit.Migrations, person.Migrations, event.Migrations, Migrations}
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		w := &wall{t: t, now: time.Date(2026, 2, 12, 5, 10, 0, 0, time.UTC)} // 14:10 in Tokyo
		start := time.Date(2026, 2, 12, 5, 0, 0, 0, time.UTC)
		w.sessions = []Session{{Ref: "S1", Title: i18n.T("講演", "Talk"), Room: "hall1", Start: start, End: start.Add(time.Hour)}}
		clock := func() time.Time { return w.now }
		events := event.New(d, event.Options{Now: clock})
		for _, slug := range []string{"a", "b"} {
			m := &event.Meeting{Slug: slug, Title: i18n.T("会合", "Meeting"), Timezone: "Asia/Tokyo", Start: "2026-02-11", End: "2026-02-13",
				Rooms: []event.Room{{Key: "hall1", Name: i18n.T("会場1", "Hall 1")}}}
			ctx := authz.System(t.Context(), "test")
			if err := d.Write(ctx, func(tx *db.Tx) error {
				_, _, err := events.Apply(ctx, tx, event.Input{Meeting: m, Full: true})
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		w.Service = New(d, events, Options{Timetable: w, Now: clock, Publish: func(topic string, v int64) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.told = append(w.told, fmt.Sprintf("%s %d", topic, v))
		}})
		fn(t, w)
	})
}

func look(name string) Look {
	l := usual()
	l.Name = name
	return l
}

// paired is a screen of meeting a, and the token it holds.
func (w *wall) paired(name string) (*Screen, string) {
	w.t.Helper()
	token, code, _, err := w.Ask(w.t.Context(), "", "192.0.2.1")
	if err != nil {
		w.t.Fatal(err)
	}
	sc, err := w.Pair(w.desk(), "a", code, look(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return sc, token
}

// shows is the state that a screen reads.
func (w *wall) shows(token string) *State {
	w.t.Helper()
	sc, err := w.Screen(w.t.Context(), token)
	if err != nil || sc == nil {
		w.t.Fatalf("no screen: %v", err)
	}
	_, c, _, err := w.content(w.t.Context(), sc.Slug)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.state(sc, "app")
}

// wants fails the test unless err is a fault of a kind, with a key where one is given.
func wants(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	e, ok := fault.As(err)
	if !ok || e.Kind != kind || key != "" && e.Key != key {
		t.Errorf("got %v, want a fault of kind %d with %q", err, kind, key)
	}
}

func TestPairing(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		token, code, expires, err := w.Ask(t.Context(), "", "192.0.2.1")
		if err != nil || code == "" || len(token) < 26 || !expires.Equal(w.now.Add(codeLife)) {
			t.Fatal(token, code, expires, err)
		}
		if sc, err := w.Screen(t.Context(), token); sc != nil || err != nil {
			t.Fatal("a screen that nobody paired is one: ", sc, err)
		}
		// A second code of the same screen takes the place of the first.
		again, code2, _, err := w.Ask(t.Context(), token, "192.0.2.1")
		if err != nil || again != token || code2 == code {
			t.Fatal(again, code2, err)
		}
		_, err = w.Pair(w.desk(), "a", code, look("x"))
		wants(t, err, fault.Invalid, "signage.error.code_unknown")
		sc, err := w.Pair(w.desk(), "a", strings.ToLower(code2[:3])+" "+code2[3:], look("受付横"))
		if err != nil {
			t.Fatal(err)
		}
		if got := w.shows(token); got.Screen.Ref != sc.Ref || got.Screen.Name != "受付横" || got.Screen.Identify == 0 {
			t.Errorf("%+v", got.Screen)
		}
		_, err = w.Pair(w.desk(), "a", code2, look("y"))
		wants(t, err, fault.Invalid, "signage.error.code_unknown") // used
		if held, code, _, err := w.Ask(t.Context(), token, "192.0.2.1"); held != token || code != "" || err != nil {
			t.Errorf("a paired screen got the code %q, %v", code, err)
		}
		// What is in the database is not the token.
		var kept string
		if err := w.db.Row(t.Context(), `SELECT token FROM signage_screen WHERE ref = $1`, sc.Ref).Scan(&kept); err != nil || strings.Contains(kept, token) {
			t.Errorf("the token is kept as it is: %q, %v", kept, err)
		}
	})
}

func TestPairingCodesRunOut(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		token, code, _, err := w.Ask(t.Context(), "", "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(codeLife)
		_, err = w.Pair(w.desk(), "a", code, look("x"))
		wants(t, err, fault.Invalid, "signage.error.code_unknown")
		if sc, _ := w.Screen(t.Context(), token); sc != nil {
			t.Error("an expired code made a screen")
		}
		if _, code, _, err = w.Ask(t.Context(), token, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Pair(w.desk(), "a", code, look("x")); err != nil {
			t.Error(err)
		}
	})
}

// TestTwoDesksOneCode: one of them gets the screen, and there is one.
func TestTwoDesksOneCode(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		for round := range 8 {
			token, code, _, err := w.Ask(t.Context(), "", "192.0.2.1")
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			errs := make([]error, 4)
			for i := range errs {
				slug := []string{"a", "b"}[i%2]
				wg.Go(func() {
					_, errs[i] = w.Pair(w.as(fmt.Sprintf("DESK%d.%d", round, i), may{slug: ""}), slug, code, look(fmt.Sprint("screen ", i)))
				})
			}
			wg.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
				} else {
					wants(t, err, fault.Invalid, "signage.error.code_unknown")
				}
			}
			if won != 1 {
				t.Fatalf("%d desks got the screen", won)
			}
			if sc, err := w.Screen(t.Context(), token); sc == nil || err != nil {
				t.Fatal(sc, err)
			}
		}
	})
}

// TestGuessing: ten wrong codes, and the desk waits; one that was right forgives the others.
func TestGuessing(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		_, code, _, err := w.Ask(t.Context(), "", "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		wrong := func(who string) error {
			_, err := w.Pair(w.as(who, may{"a": ""}), "a", newCode(), look("x"))
			return err
		}
		for range 9 {
			wants(t, wrong("GUESS"), fault.Invalid, "signage.error.code_unknown")
		}
		if _, err := w.Pair(w.as("GUESS", may{"a": ""}), "a", code, look("x")); err != nil {
			t.Fatal("the right code after nine wrong ones: ", err)
		}
		for range 10 {
			wants(t, wrong("GUESS"), fault.Invalid, "")
		}
		wants(t, wrong("GUESS"), fault.TooMany, "signage.error.too_many_codes")
		_, code, _, _ = w.Ask(t.Context(), "", "192.0.2.1")
		_, err = w.Pair(w.as("GUESS", may{"a": ""}), "a", code, look("x"))
		wants(t, err, fault.TooMany, "") // nor the right one
		for i := range 30 {
			wants(t, wrong(fmt.Sprint("MANY", i)), fault.Invalid, "")
		}
		wants(t, wrong("MANY30"), fault.TooMany, "") // of all of a meeting together
		w.now = w.now.Add(codeLife)
		wants(t, wrong("GUESS"), fault.Invalid, "signage.error.code_unknown")
	})
}

func TestAskingIsBounded(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		var err error
		n := 0
		for ; n < 700 && err == nil; n++ {
			_, _, _, err = w.Ask(t.Context(), "", "192.0.2.9")
		}
		wants(t, err, fault.TooMany, "signage.error.too_many_screens")
		if n < 500 {
			t.Errorf("a venue behind one address gets only %d codes", n)
		}
		if _, _, _, err := w.Ask(t.Context(), "", "192.0.2.10"); err != nil {
			t.Errorf("another venue: %v", err)
		}
	})
}

// TestForeignScreens: who runs the screens of one meeting reaches none of another, whatever they name.
func TestForeignScreens(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		sc, token := w.paired("a's")
		n := &Notice{Title: i18n.T("内緒", ""), Seconds: 10, Published: true}
		if err := w.SaveNotice(w.desk(), "a", n); err != nil {
			t.Fatal(err)
		}
		other := w.as("DESKB", may{"b": ""})
		for what, err := range map[string]error{
			"look": w.SetLook(other, "b", sc.Ref, look("mine")), "blank": w.Act(other, "b", sc.Ref, actBlank, "", 0), "unpair": w.Unpair(other, "b", sc.Ref),
			"publish": w.SetPublished(other, "b", n.Ref, false), "remove": w.RemoveNotice(other, "b", n.Ref),
			"save": w.SaveNotice(other, "b", &Notice{ID: n.ID, Ref: n.Ref, Version: 1, Title: i18n.T("x", ""), Seconds: 10}),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s in one's own meeting: %v", what, err)
			}
		}
		for what, err := range map[string]error{
			"look": w.SetLook(other, "a", sc.Ref, look("mine")), "blank": w.Act(other, "a", sc.Ref, actBlank, "", 0), "unpair": w.Unpair(other, "a", sc.Ref),
			"cover": w.Cover(other, "a", Danger, i18n.T("x", "")), "uncover": w.Uncover(other, "a"), "order": w.Order(other, "a", []string{n.Ref}), "settings": w.SaveSetting(other, "a", Setting{}),
			"nobody": w.Unpair(t.Context(), "a", sc.Ref), "no alarm": w.Cover(w.as("RUN", may{"a": event.MayRunSignage}), "a", Danger, i18n.T("x", "")),
		} {
			if fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s in the other meeting: %v", what, err)
			}
		}
		own, err := w.Screens(other, "b")
		if err != nil || len(own) != 0 {
			t.Errorf("meeting b has %d screens, %v", len(own), err)
		}
		// A notice of a is not held on a screen of b either.
		_, code, _, _ := w.Ask(t.Context(), "", "192.0.2.1")
		sb, err := w.Pair(other, "b", code, look("b's"))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Act(other, "b", sb.Ref, actHold, n.Ref, 5); fault.KindOf(err) != fault.NotFound {
			t.Errorf("hold: %v", err)
		}
		if got := w.shows(token); got.Screen.Name != "a's" || got.Screen.Blank {
			t.Errorf("%+v", got.Screen)
		}
	})
}

func TestUnpaired(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		sc, token := w.paired("x")
		if err := w.Unpair(w.desk(), "a", sc.Ref); err != nil {
			t.Fatal(err)
		}
		if got, err := w.Screen(t.Context(), token); got != nil || err != nil {
			t.Errorf("it still is a screen: %v, %v", got, err)
		}
		if err := w.Unpair(w.desk(), "a", sc.Ref); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a second time: %v", err)
		}
		// The same browser may be paired again.
		_, code, _, err := w.Ask(t.Context(), token, "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Pair(w.desk(), "a", code, look("again")); err != nil {
			t.Fatal(err)
		}
		if got := w.shows(token); got.Screen.Name != "again" {
			t.Errorf("%+v", got.Screen)
		}
	})
}

// titles are the notices that a screen is given, by their Japanese titles.
func titles(t *testing.T, s *State) []string {
	t.Helper()
	out := []string{}
	for _, b := range s.Notices {
		var n noticeState
		if err := json.Unmarshal(b, &n); err != nil {
			t.Fatal(err)
		}
		out = append(out, n.Title.JA)
	}
	return out
}

func TestNoticesReachTheirScreens(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		foyer, foyerToken := w.paired("foyer")
		_, roomToken := w.paired("room")
		l := look("foyer")
		l.Area = "B2F"
		if err := w.SetLook(w.desk(), "a", foyer.Ref, l); err != nil {
			t.Fatal(err)
		}
		for _, n := range []*Notice{
			{Title: i18n.T("皆に", ""), Published: true}, {Title: i18n.T("下書き", "")}, {Title: i18n.T("B2F", ""), Published: true, Targets: []string{"area:B2F"}},
			{Title: i18n.T("4F", ""), Published: true, Targets: []string{"area:4F"}}, {Title: i18n.T("一つに", ""), Published: true, Targets: []string{"screen:" + foyer.Ref}},
		} {
			n.Seconds = 10
			if err := w.SaveNotice(w.desk(), "a", n); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{"皆に", "B2F", "一つに"}, titles(t, w.shows(foyerToken))); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"皆に"}, titles(t, w.shows(roomToken))); diff != "" {
			t.Error(diff)
		}
		// A draft that is held on a screen is shown there, and nowhere else.
		list, err := w.Notices(w.desk(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Act(w.desk(), "a", foyer.Ref, actHold, list[1].Ref, 5); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"皆に", "下書き", "B2F", "一つに"}, titles(t, w.shows(foyerToken))); diff != "" {
			t.Error(diff)
		}
		if got := w.shows(foyerToken).Screen; got.Hold != list[1].Ref || got.HoldUntil != w.now.Add(5*time.Minute).UnixMilli() {
			t.Errorf("%+v", got)
		}
		// Their order is the desk's.
		if err := w.Move(w.desk(), "a", list[4].Ref, -1); err != nil {
			t.Fatal(err)
		}
		if err := w.Order(w.desk(), "a", []string{list[2].Ref, list[0].Ref}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"B2F", "皆に"}, titles(t, w.shows(foyerToken))[:2]); diff != "" {
			t.Error(diff)
		}
	})
}

// TestTwoPeopleOneNotice: nothing is overwritten silently.
func TestTwoPeopleOneNotice(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		n := &Notice{Title: i18n.T("一", ""), Seconds: 10}
		if err := w.SaveNotice(w.desk(), "a", n); err != nil {
			t.Fatal(err)
		}
		first, _ := w.Notice(w.desk(), "a", n.Ref)
		second, _ := w.Notice(w.desk(), "a", n.Ref)
		first.Title.JA, second.Title.JA = "二", "三"
		if err := w.SaveNotice(w.desk(), "a", first); err != nil {
			t.Fatal(err)
		}
		wants(t, w.SaveNotice(w.desk(), "a", second), fault.Conflict, "signage.error.changed_meanwhile")
		if got, _ := w.Notice(w.desk(), "a", n.Ref); got.Title.JA != "二" {
			t.Errorf("%q", got.Title.JA)
		}
		if err := w.SetPublished(w.desk(), "a", n.Ref, true); err != nil {
			t.Fatal(err)
		}
		wants(t, w.RemoveNotice(w.desk(), "a", n.Ref), fault.Conflict, "signage.error.remove_published")
		if err := errors.Join(w.SetPublished(w.desk(), "a", n.Ref, false), w.RemoveNotice(w.desk(), "a", n.Ref)); err != nil {
			t.Error(err)
		}
	})
}

// TestHostileNotices: what a notice says cannot run, load or leave.
func TestHostileNotices(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		_, token := w.paired("x")
		n := &Notice{Title: i18n.T(`<script>alert(1)</script>`, ""), Seconds: 10, Published: true, Body: i18n.T(
			"<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1))\n\n![p](https://evil.example/p.png)\n\n<style>*{}</style>\n\n**ok**", "<iframe src=//evil.example>")}
		if err := w.SaveNotice(w.desk(), "a", n); err != nil {
			t.Fatal(err)
		}
		var got noticeState
		if err := json.Unmarshal(w.shows(token).Notices[0], &got); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"<script", "onerror", "javascript:", "<img", "<style", "<iframe", "style="} {
			if strings.Contains(strings.ToLower(got.HTML.JA+got.HTML.EN), bad) {
				t.Errorf("the page has %q: %s %s", bad, got.HTML.JA, got.HTML.EN)
			}
		}
		if !strings.Contains(got.HTML.JA, "<strong>ok</strong>") {
			t.Error(got.HTML.JA)
		}
		for _, link := range []string{"javascript:alert(1)", "data:text/html,x", "//evil.example", "https://user:pw@example.org/", "ftp://example.org", "https://" + strings.Repeat("x", 500)} {
			if err := w.SaveNotice(w.desk(), "a", &Notice{Title: i18n.T("x", ""), Seconds: 10, Link: link}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("the link %q: %v", link, err)
			}
		}
	})
}

func TestOverride(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		_, one := w.paired("one")
		_, two := w.paired("two")
		w.told = nil
		if err := w.Cover(w.desk(), "a", Danger, i18n.T("避難してください", "Please leave")); err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{one, two} {
			if got := w.shows(token).Override; got == nil || got.Text.JA != "避難してください" || got.Severity != Danger {
				t.Errorf("%+v", got)
			}
		}
		if len(w.told) != 1 || !strings.HasPrefix(w.told[0], "signage:a ") {
			t.Errorf("told %q", w.told)
		}
		if err := w.Cover(w.desk(), "a", Info, i18n.T("", "It is over")); err != nil {
			t.Fatal(err)
		}
		if got := w.shows(one).Override; got == nil || got.Text.EN != "It is over" {
			t.Errorf("%+v", got)
		}
		if err := errors.Join(w.Uncover(w.desk(), "a"), w.Uncover(w.desk(), "a")); err != nil {
			t.Fatal(err)
		}
		if got := w.shows(two).Override; got != nil {
			t.Errorf("%+v", got)
		}
		wants(t, w.Cover(w.desk(), "a", Danger, i18n.Text{}), fault.Invalid, "signage.error.override_empty")
		wants(t, w.Cover(w.desk(), "a", "loud", i18n.T("x", "")), fault.Invalid, "signage.error.choice")
		entries, _, err := audit.List(t.Context(), w.db, audit.Filter{Scope: "a"}, audit.Page{})
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, e := range entries {
			count[e.Action]++
		}
		if diff := cmp.Diff(map[string]int{"signage.screen.paired": 2, "signage.override.shown": 2, "signage.override.ended": 1}, count); diff != "" {
			t.Errorf("the audit log (-want +got):\n%s", diff)
		}
	})
}

// TestDaysAhead: a screen knows today until the day boundary, and the next day there is.
func TestDaysAhead(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		_, token := w.paired("x")
		add := func(ref string, start time.Time) {
			w.sessions = append(w.sessions, Session{Ref: ref, Title: i18n.T(ref, ""), Room: "hall1", Start: start, End: start.Add(time.Hour)})
		}
		add("night", time.Date(2026, 2, 12, 16, 0, 0, 0, time.UTC))  // 01:00 on the 13th: still the 12th
		add("morning", time.Date(2026, 2, 13, 1, 0, 0, 0, time.UTC)) // 10:00 on the 13th
		add("too far", time.Date(2026, 2, 15, 1, 0, 0, 0, time.UTC)) // the third day there is
		days := func() (dates []string, refs []string) {
			var m meetingState
			w.mu.Lock()
			w.made = map[string]cached{}
			w.mu.Unlock()
			if err := json.Unmarshal(w.shows(token).Meeting, &m); err != nil {
				t.Fatal(err)
			}
			for _, d := range m.Days {
				dates = append(dates, string(d.Date))
			}
			for _, s := range m.Sessions {
				refs = append(refs, s.Ref)
			}
			return dates, refs
		}
		for at, want := range map[string]string{
			"2026-02-12T14:10:00+09:00": "[2026-02-12 2026-02-13] [S1 night morning]",
			"2026-02-13T03:59:59+09:00": "[2026-02-12 2026-02-13] [S1 night morning]",
			"2026-02-13T04:00:00+09:00": "[2026-02-13 2026-02-15] [morning too far]",
			"2026-02-16T04:00:00+09:00": "[] []",
		} {
			var err error
			if w.now, err = time.Parse(time.RFC3339, at); err != nil {
				t.Fatal(err)
			}
			dates, refs := days()
			if got := fmt.Sprint(dates, refs); got != want {
				t.Errorf("at %s: %s, want %s", at, got, want)
			}
		}
	})
}

// TestAlive: what screens say is known at once, and written once a minute.
func TestAlive(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		sc, _ := w.paired("x")
		stored := func() (at int64) {
			if err := w.db.Row(t.Context(), `SELECT alive_at FROM signage_screen WHERE ref = $1`, sc.Ref).Scan(&at); err != nil {
				t.Fatal(err)
			}
			return at
		}
		own, err := w.One(w.desk(), "a", sc.Ref)
		if err != nil || !own.Alive.At.IsZero() {
			t.Fatal(own, err)
		}
		first := w.now
		for i := range 6 {
			w.now = first.Add(time.Duration(i) * 20 * time.Second)
			if err := w.Hear(t.Context(), own, Alive{Shows: fmt.Sprint("now-", i), Width: 1920, Height: 1080}); err != nil {
				t.Fatal(err)
			}
			if got, _ := w.One(w.desk(), "a", sc.Ref); got.Alive.Shows != fmt.Sprint("now-", i) || !got.Alive.At.Equal(w.now) {
				t.Errorf("at %d: %+v", i, got.Alive)
			}
			if want := first.Add(time.Duration(i/3) * time.Minute); stored() != db.Micros(want) {
				t.Errorf("at %d it was stored %v, want %v", i, db.Time(stored(), time.UTC), want)
			}
		}
		// The clock of the server is put back: it is stored again, not never.
		w.now = first.Add(-time.Hour)
		if err := w.Hear(t.Context(), own, Alive{Shows: "now"}); err != nil {
			t.Error(err)
		}
		wants(t, w.Hear(t.Context(), own, Alive{Shows: strings.Repeat("x", 200)}), fault.Invalid, "")
		wants(t, w.Hear(t.Context(), own, Alive{Offline: make([]Outage, 9)}), fault.Invalid, "")
	})
}

func TestImport(t *testing.T) {
	each(t, func(t *testing.T, w *wall) {
		f, err := ReadFile([]byte("tsudoi_notices: 1\nmeeting: a\nseconds: 12\nnotices:\n  - {key: one, title: {ja: 一, en: One}, until: \"2026-02-13T12:00\"}\n  - {key: two, title: 二, draft: true, hours: \"10:00-12:00\"}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := w.Import(w.desk(), f); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		list, err := w.Notices(w.desk(), "a")
		if err != nil || len(list) != 2 || list[0].Seconds != 12 || !list[0].Published || list[1].Published || list[0].Schedule.Until.Format(time.RFC3339) != "2026-02-13T12:00:00+09:00" {
			t.Fatalf("%+v, %v", list, err)
		}
		list[0].Title.JA = "直した"
		if err := w.SaveNotice(w.desk(), "a", list[0]); err != nil {
			t.Fatal(err)
		}
		if n, err := w.Import(w.desk(), f); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
		if got, _ := w.Notice(w.desk(), "a", list[0].Ref); got.Title.JA != "直した" {
			t.Errorf("reading the file again undid what the desk changed: %q", got.Title.JA)
		}
		_, err = w.Import(w.as("B", may{"b": ""}), f)
		wants(t, err, fault.Forbidden, "")
		for _, bad := range []string{"", "tsudoi: 1\n", "tsudoi_notices: 1\nmeeting: a\nnonsense: 1\n", "tsudoi_notices: 2\nmeeting: a\n"} {
			if _, err := ReadFile([]byte(bad)); err == nil {
				t.Errorf("%q was read", bad)
			}
		}
	})
}
