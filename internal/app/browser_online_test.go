package app

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// watching is the sample meeting with somebody who takes part online on every day, at a time that the test sets.
type watching struct {
	*site
	clock atomic.Int64
	chair *member
	entry *registration.Own
}

func startWatching(t *testing.T) *watching {
	t.Helper()
	w := &watching{site: withExamples(t, db.SQLite)}
	w.at(time.Date(2026, 10, 20, 10, 0, 0, 0, time.UTC))
	w.Now = func() time.Time { return time.UnixMicro(w.clock.Load()) }
	if err := w.loadSampleRegistration(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.chair = w.member("議長 ちか", []event.RoleKey{event.RoleChair}, "sample")
	ctx := authz.With(t.Context(), &authz.Actor{ID: w.chair.id, Ref: w.chair.ref, Lang: i18n.JA})
	online := map[event.Date]registration.Mode{}
	for _, d := range []event.Date{"2026-12-04", "2026-12-09", "2026-12-10", "2026-12-11"} {
		online[d] = registration.Online
	}
	_, _, err := w.Registration.Register(ctx, "sample", registration.Form{
		Key: "watching", Kind: "general", Consents: []string{"conduct"}, Days: online, Details: registration.Details{Name: i18n.T("議長 ちか", "Chika Gicho"), Lang: i18n.JA},
		Answers: map[string][]string{"first-time": {"no"}, "photo": {"fine"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if w.entry, err = w.Registration.Mine(ctx, "sample"); err != nil || w.entry == nil {
		t.Fatal(w.entry, err)
	}
	return w
}

func (w *watching) at(t time.Time) { w.clock.Store(t.UnixMicro()) }

// links are the links on the page of who takes part, by title.
func (w *watching) links() map[string]registration.Watching {
	w.t.Helper()
	o, err := w.Registration.OwnOnline(w.t.Context(), w.entry)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]registration.Watching{}
	for _, x := range o.Watch {
		out[x.Title.EN] = x
	}
	return out
}

// TestWatching: the address of a stream is on no page but the organiser's; a link leads to it in its time, and whoever only looks is not led.
func TestWatching(t *testing.T) {
	w := startWatching(t)
	links := w.links()
	x, ok := links["Wed 9 Dec, Main Hall"]
	if !ok || len(links) != 4 {
		t.Fatalf("%+v", links)
	}
	page := w.chair.do(http.MethodGet, "/me/sample", "")
	if body := page.Body.String(); page.Code != http.StatusOK || !strings.Contains(body, x.Link) || strings.Contains(body, "video.example.jp") {
		t.Errorf("%d: one's own page: %s", page.Code, body)
	}
	for _, path := range []string{"/meetings/sample/registration", "/meetings/sample/timetable/2026-12-09", "/en" + x.Link, x.Link} {
		got := w.get(path)
		if got.StatusCode != http.StatusOK || strings.Contains(got.text(), "video.example.jp") {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	if got := w.get(x.Link); !strings.Contains(got.text(), "2026年12月9日（水）09:30") || !strings.Contains(got.text(), "日本時間（UTC&#43;9）") {
		t.Error("it does not say when")
	}
	w.at(x.From)
	for name, got := range map[string]*read{"a machine that looks": w.send(http.MethodHead, x.Link), "a browser that looks ahead": w.get(x.Link, "Sec-Purpose", "prefetch")} {
		if got.StatusCode != http.StatusOK || got.Header.Get("Location") != "" {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
	for range 2 {
		got := w.get(x.Link)
		if got.StatusCode != http.StatusFound || got.Header.Get("Location") != "https://video.example.jp/sample/2026-12-09" || got.Header.Get("Referrer-Policy") != "no-referrer" ||
			!strings.Contains(got.Header.Get("Cache-Control"), "no-store") {
			t.Errorf("%d %v", got.StatusCode, got.Header)
		}
	}
	w.chair.enter() // the session of October has ended
	list := w.chair.do(http.MethodGet, "/en/meetings/sample/registration/online", "")
	if body := list.Body.String(); !strings.Contains(body, "1 person used their link") || strings.Contains(body, "video.example.jp/sample") {
		t.Errorf("the list of streams: %d %s", list.Code, body)
	}
	w.at(x.Until)
	if got := w.get(x.Link); got.StatusCode != http.StatusGone {
		t.Error(got.StatusCode)
	}
	if got := w.get(x.Link[:len(x.Link)-1] + "x"); got.StatusCode != http.StatusNotFound {
		t.Error(got.StatusCode)
	}
	w.at(x.From.Add(-24 * time.Hour))
	ctx := authz.With(t.Context(), &authz.Actor{ID: w.chair.id, Ref: w.chair.ref})
	if err := w.Registration.Cancel(ctx, w.entry, ""); err != nil {
		t.Fatal(err)
	}
	w.at(x.From)
	if got := w.get(x.Link); got.StatusCode != http.StatusForbidden || got.Header.Get("Location") != "" {
		t.Error("who cancelled gets in", got.StatusCode)
	}
	w.noErrors()
}

// TestWatching_handsOver: Zoom is handed those who may watch, and its report is taken in, through the pages.
func TestWatching_handsOver(t *testing.T) {
	w := startWatching(t)
	_, stream, _ := strings.Cut(w.chair.do(http.MethodGet, "/meetings/sample/registration/online", "").Body.String(), `href="/meetings/sample/registration/online/new"`)
	_, stream, _ = strings.Cut(stream, `href="/meetings/sample/registration/online/`)
	_, stream, _ = strings.Cut(stream, `<h3><a href="`) // the second: the ninth of December
	stream, _, _ = strings.Cut(stream, `"`)
	csv := w.chair.do(http.MethodGet, stream+"/zoom.csv", "")
	if want := "Email,First Name,Last Name\r\n" + w.chair.address() + ",ちか,議長\r\n"; strings.TrimPrefix(csv.Body.String(), "\ufeff") != want {
		t.Errorf("%d %q", csv.Code, csv.Body)
	}
	report := "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\nChika,%s,12/09/2026 10:00:00 AM,12/09/2026 11:00:00 AM,60,Yes\nHost,crew@example.jp,12/09/2026 09:00:00 AM,12/09/2026 05:00:00 PM,480,No\n"
	got := w.chair.upload(stream+"/attendance", "file", fmt.Appendf(nil, report, w.chair.address()))
	if body := got.Body.String(); got.Code != http.StatusOK || !strings.Contains(body, "2行を取り込みました") || !strings.Contains(body, "crew@example.jp") {
		t.Fatalf("%d %s", got.Code, body)
	}
	if got := w.chair.do(http.MethodPost, stream+"/attendance/match", "key=mail%3Acrew%40example.jp&who=nobody"); got.Code != http.StatusSeeOther {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if body := w.chair.do(http.MethodGet, stream+"/attendance", "").Body.String(); strings.Contains(body, "crew@example.jp") {
		t.Error("the host is asked for again")
	}
	if body := w.chair.do(http.MethodGet, "/en/me/sample", "").Body.String(); !strings.Contains(body, "60 minutes") {
		t.Error("one's own page does not say how long one watched")
	}
	w.noErrors()
}

// TestBrowserWatching: times are said in the zone of the reader too, on both sides of a change of its clocks; and the pages are looked at.
func TestBrowserWatching(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	w := startWatching(t)
	jst := time.FixedZone("JST", 9*3600)
	times := map[string]struct {
		at   time.Time
		zone string
		want []string // one of these
	}{
		"Berlin, before":   {time.Date(2026, 10, 25, 9, 30, 0, 0, jst), "Europe/Berlin", []string{"02:30 CEST", "02:30 GMT+2"}},
		"Berlin, after":    {time.Date(2026, 10, 25, 10, 30, 0, 0, jst), "Europe/Berlin", []string{"02:30 CET", "02:30 GMT+1"}},
		"New York, before": {time.Date(2026, 11, 1, 14, 30, 0, 0, jst), "America/New_York", []string{"01:30 EDT", "01:30 GMT-4"}},
		"New York, after":  {time.Date(2026, 11, 1, 15, 30, 0, 0, jst), "America/New_York", []string{"01:30 EST", "01:30 GMT-5"}},
		"New York, spring": {time.Date(2027, 3, 14, 16, 0, 0, 0, jst), "America/New_York", []string{"03:00 EDT", "03:00 GMT-4"}},
		"Tokyo":            {time.Date(2026, 11, 2, 15, 30, 0, 0, jst), "Asia/Tokyo", []string{""}},
	}
	for name, c := range times {
		x := registration.Stream{Name: i18n.T(name, name), URL: "https://video.example.jp/" + c.zone, From: c.at, Until: c.at.Add(time.Hour)}
		if err := w.Registration.SaveStream(w.systemContext(), "sample", &x); err != nil {
			t.Fatal(err)
		}
	}
	tab := testkit.Browser(t)
	links := w.links()
	for name, c := range times {
		tab.Look(testkit.View{Width: 390, Height: 900, Lang: "en", Zone: c.zone})
		tab.Open(w.url + "/en" + links[name].Link)
		got := testkit.Eval[string](tab, `document.querySelector('.o-local')?.textContent || ''`)
		if ok := got == c.want[0]; !ok && (c.want[0] == "" || !strings.Contains(got, c.want[0]) && !strings.Contains(got, c.want[1])) {
			t.Errorf("%s: %q", name, got)
		}
		if said := testkit.Eval[string](tab, `document.querySelector('.o-when').textContent`); !strings.Contains(said, "JST (UTC+9)") {
			t.Errorf("%s: %q", name, said)
		}
	}
	stream := ""
	if body := w.chair.do(http.MethodGet, "/meetings/sample/registration/online", "").Body.String(); body != "" {
		_, stream, _ = strings.Cut(body, `<h3><a href="`)
		stream, _, _ = strings.Cut(stream, `"`)
	}
	join := links["Berlin, before"].Link
	w.chair.signIn(tab)
	for _, p := range [][2]string{{"/me/sample", "mine"}, {"/meetings/sample/registration/online", "online"}, {"/meetings/sample/registration/online/new", "new"}, {stream, "stream"}, {stream + "/attendance", "attendance"}, {join, "join"}} {
		w.looksAt(tab, p[0], "watching-"+p[1])
	}
	w.noErrors()
}
