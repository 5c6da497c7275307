package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/signage"
)

// screen is a browser on a wall, without its script.
type screen struct {
	w      *site
	cookie string
	tag    string
}

// say sends a request as the screen's script does.
func (s *screen) say(method, path, body string, headers ...string) *read {
	s.w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, s.w.url+path, strings.NewReader(body))
	if err != nil {
		s.w.t.Fatal(err)
	}
	headers = append(headers, "Cookie", s.cookie, "Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return s.w.do(req)
}

// do sends a request and reads its answer.
func (w *site) do(req *http.Request) *read {
	w.t.Helper()
	res, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var b strings.Builder
	if _, err := bufio.NewReader(res.Body).WriteTo(&b); err != nil {
		w.t.Fatal(err)
	}
	return &read{res, []byte(b.String())}
}

// onWall pairs a new screen with JANOG57.
func (w *site) onWall(l signage.Look) *screen {
	w.t.Helper()
	s := &screen{w: w}
	res := s.say(http.MethodPost, "/screen/pair", "{}")
	cookies := res.Cookies()
	var got struct{ Code string }
	if err := json.Unmarshal(res.body, &got); err != nil || res.StatusCode != http.StatusOK || len(cookies) != 1 {
		w.t.Fatalf("ask for a code: %d %s, %v", res.StatusCode, res.text(), err)
	}
	if c := cookies[0]; !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || !strings.HasPrefix(c.Name, "__Host-") || c.Path != "/" {
		w.t.Errorf("the cookie %s", res.Header.Get("Set-Cookie"))
	}
	s.cookie = cookies[0].Name + "=" + cookies[0].Value
	if _, err := w.Screens.Pair(runs("janog57"), "janog57", got.Code, l); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// all is whoever may run the screens of a meeting.
type all string

func (a all) May(p authz.Permission, scope, _ string) bool {
	return scope == string(a) && (p == event.MayRunSignage || p == event.MayEmergency)
}

func runs(slug string) context.Context {
	return authz.With(context.Background(), &authz.Actor{ID: 7, Ref: "RUNS" + slug, Name: i18n.T("係", ""), Grants: all(slug)})
}

func foyer() signage.Look {
	return signage.Look{Name: "受付", Mode: signage.Foyer, Languages: signage.Both, Theme: signage.Dark, Turn: signage.Always}
}

// state reads what the screen shows; nil where nothing changed since it last asked.
func (s *screen) state() *signageState {
	s.w.t.Helper()
	res := s.say(http.MethodGet, "/screen/state.json", "", "If-None-Match", s.tag)
	if res.Header.Get("Tsudoi-Time") != fmt.Sprint(noon.UnixMilli()) {
		s.w.t.Errorf("the time is told as %q", res.Header.Get("Tsudoi-Time"))
	}
	if res.StatusCode == http.StatusNotModified {
		return nil
	}
	s.tag = res.Header.Get("ETag")
	var st signageState
	if err := json.Unmarshal(res.body, &st); err != nil || res.StatusCode != http.StatusOK {
		s.w.t.Fatalf("%d %s, %v", res.StatusCode, res.text(), err)
	}
	return &st
}

// signageState is what the tests want to know of a state.
type signageState struct {
	Paired   bool
	Override *struct{ Text i18n.Text }
	Notices  []struct{ Ref string }
	Meeting  struct {
		Days     []struct{ Date string }
		Sessions []struct {
			Ref, Room     string
			From, WasFrom int64
			Title         i18n.Text
		}
	}
}

func TestSignageState(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withExamples(t, e)
		s := w.onWall(foyer())
		first := s.state()
		if first == nil || !first.Paired || len(first.Meeting.Days) != 2 || len(first.Meeting.Sessions) < 20 || len(first.Notices) < 30 {
			t.Fatalf("%+v", first)
		}
		if again := s.state(); again != nil {
			t.Error("nothing changed, and the state was sent again")
		}
		other := w.onWall(foyer())
		if st := other.state(); st == nil || s.tag == other.tag {
			t.Error("two screens have one state")
		}
		s.state() // the other screen is news for the meeting, and perhaps not for this one

		// A retiming is in the state as soon as it is published.
		began := time.Now()
		if _, _, err := w.Programmes.Retime(authz.System(t.Context(), "test"), "janog57", program.Plan{Day: "2026-02-12", Rooms: []string{"hall2"}, By: 20 * time.Minute}, program.Retiming{}); err != nil {
			t.Fatal(err)
		}
		published := time.Since(began)
		after := s.state()
		took := time.Since(began)
		if after == nil {
			t.Fatal("the screen did not see the retiming")
		}
		moved := 0
		for _, is := range after.Meeting.Sessions {
			for _, was := range first.Meeting.Sessions {
				if is.Ref == was.Ref && is.From == was.From+20*60_000 && is.WasFrom != 0 {
					moved++
				}
			}
		}
		if moved < 5 {
			t.Errorf("%d sessions moved on the screen", moved)
		}
		t.Logf("published in %v, seen %v later", published, took-published)

		// An emergency covers every screen.
		if err := w.Screens.Cover(runs("janog57"), "janog57", signage.Danger, i18n.T("避難してください", "Leave")); err != nil {
			t.Fatal(err)
		}
		for _, one := range []*screen{s, other} {
			if st := one.state(); st == nil || st.Override == nil || st.Override.Text.JA != "避難してください" {
				t.Errorf("no override: %+v", st)
			}
		}
		w.noErrors()
	})
}

// TestSignageTellsEveryScreen: what the desk does is told to whoever follows, within a second.
func TestSignageTellsEveryScreen(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withExamples(t, e)
		w.Live.Start(t.Context())
		s := w.onWall(foyer())
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/screen/live", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Cookie", s.cookie)
		res, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		lines := bufio.NewScanner(res.Body)
		next := func(want string) time.Duration {
			began := time.Now()
			for lines.Scan() {
				if strings.Contains(lines.Text(), want) {
					return time.Since(began)
				}
			}
			t.Fatalf("the stream ended before %q: %v", want, lines.Err())
			return 0
		}
		next("signage:janog57") // on connecting
		if err := w.Screens.Cover(runs("janog57"), "janog57", signage.Danger, i18n.T("避難してください", "Leave")); err != nil {
			t.Fatal(err)
		}
		if took := next(`"topic":"signage:janog57"`); took > time.Second {
			t.Errorf("the emergency was told after %v", took)
		}
		if _, _, err := w.Programmes.Retime(authz.System(t.Context(), "test"), "janog57", program.Plan{Day: "2026-02-12", Rooms: []string{"hall2"}, By: 20 * time.Minute}, program.Retiming{}); err != nil {
			t.Fatal(err)
		}
		if took := next(`"topic":"meeting:janog57"`); took > time.Second {
			t.Errorf("the retiming was told after %v", took)
		}
	})
}

// TestSignageRefuses what no screen and no desk does.
func TestSignageRefuses(t *testing.T) {
	w := withExamples(t, db.SQLite)
	s := w.onWall(foyer())
	for what, res := range map[string]*read{
		"another site asks for a code":  w.do(posted(t, w.url+"/screen/pair", "{}", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")),
		"another site says it is alive": w.do(posted(t, w.url+"/screen/alive", "{}", "Cookie", s.cookie, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")),
	} {
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", what, res.StatusCode)
		}
	}
	for body, want := range map[string]int{
		`{"shows":"now","width":1920}`: 204, `{`: 422, `[]`: 422, `{"shows":"` + strings.Repeat("x", 100) + `"}`: 422, `{"width":-1}`: 422, `{"shows":"` + strings.Repeat("x", 5000) + `"}`: 422,
	} {
		if res := s.say(http.MethodPost, "/screen/alive", body); res.StatusCode != want && (len(body) < 4096 || res.StatusCode != http.StatusRequestEntityTooLarge) {
			t.Errorf("alive %.40s: %d, want %d", body, res.StatusCode, want)
		}
	}
	strange := &screen{w: w, cookie: "__Host-tsudoi-screen=" + strings.Repeat("A", 26)}
	if st := strange.state(); st == nil || st.Paired {
		t.Errorf("a made-up token: %+v", st)
	}
	if res := strange.say(http.MethodPost, "/screen/alive", "{}"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a made-up token is alive: %d", res.StatusCode)
	}

	sw := w.get("/screen/sw.js")
	if sw.Header.Get("Service-Worker-Allowed") != "/screen" || !strings.Contains(sw.text(), "/assets/screen.") {
		t.Errorf("the worker: %v", sw.Header)
	}
	page := w.get("/screen")
	if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "worker-src 'self'") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("the policy of the page: %q", csp)
	}
	if csp := w.get("/meetings/janog57").Header.Get("Content-Security-Policy"); !strings.Contains(csp, "worker-src 'none'") {
		t.Errorf("a worker may run on other pages: %q", csp)
	}
	if res := w.get("/screen"); len(res.Header.Values("Set-Cookie")) > 0 {
		t.Error("opening the page sets a cookie")
	}
	w.noErrors()
}

// TestSignageDeskForms sends the forms of the desk as a person does.
// TestPicturesOfNoticesLeaveNoFilesBehind: what a form brought is not left on the disk.
func TestPicturesOfNoticesLeaveNoFilesBehind(t *testing.T) {
	w := withExamples(t, db.SQLite)
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	noc := w.member("noc", []event.RoleKey{event.RoleNOC}, "janog57")
	for _, path := range []string{"/meetings/janog57/signage/notices/new", "/meetings/janog57/signage/notices/draw"} {
		if got := noc.upload(path, "picture_ja", make([]byte, 3<<20), "title_ja", "x", "seconds", "10").Code; got != http.StatusUnprocessableEntity && got != http.StatusOK {
			t.Errorf("%s: %d", path, got)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v stay, %v", left, err)
	}
}

func TestSignageDeskForms(t *testing.T) {
	w := asDesk(t, withExamples(t, db.SQLite))
	post := func(path string, v url.Values) *read {
		t.Helper()
		return w.do(posted(t, w.url+path, v.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Cookie", deskCookie+"=1", "Sec-Fetch-Site", "same-origin"))
	}
	const base = "/meetings/janog57/signage"
	res := post(base+"/pair", url.Values{"code": {"000000"}, "name": {"受付"}})
	if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(res.text(), "6文字") || !strings.Contains(res.text(), `value="受付"`) {
		t.Errorf("a code that is none: %d", res.StatusCode)
	}
	res = post("/en"+base+"/notices/new", url.Values{"title_ja": {"ごあいさつ"}, "seconds": {"１５"}, "until": {"2026-02-13T12:00"}, "hours": {"9:00-10:00"}, "targets": {"room:hall1"}, "published": {"1"}})
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/en"+base+"#notice-") {
		t.Fatalf("%d %q %s", res.StatusCode, to, res.text())
	}
	ref := strings.TrimPrefix(res.Header.Get("Location"), "/en"+base+"#notice-")
	n, err := w.Screens.Notice(runs("janog57"), "janog57", ref)
	if err != nil || n.Seconds != 15 || !n.Published || n.Targets[0] != "room:hall1" || n.Schedule.Hours[0].From != "09:00" {
		t.Fatalf("%+v, %v", n, err)
	}
	for name, v := range map[string]url.Values{
		"no title": {"seconds": {"10"}}, "long": {"title_ja": {strings.Repeat("長", 200)}, "seconds": {"10"}}, "hours": {"title_ja": {"x"}, "seconds": {"10"}, "hours": {"25-26"}},
		"seconds": {"title_ja": {"x"}, "seconds": {"1"}}, "moment": {"title_ja": {"x"}, "seconds": {"10"}, "from": {"yesterday"}}, "link": {"title_ja": {"x"}, "seconds": {"10"}, "link": {"javascript:alert(1)"}},
		"target": {"title_ja": {"x"}, "seconds": {"10"}, "targets": {"everything"}},
	} {
		if res := post(base+"/notices/new", v); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(res.text(), `class="problems"`) {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	if res := post(base+"/emergency", url.Values{"ready": {"earthquake"}, "severity": {"danger"}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("a ready text: %d", res.StatusCode)
	}
	if o, err := w.Screens.Override(runs("janog57"), "janog57"); err != nil || o == nil || !strings.Contains(o.Text.JA, "地震") || !strings.Contains(o.Text.EN, "Earthquake") {
		t.Errorf("%+v, %v", o, err)
	}
	if res := post(base+"/emergency/end", nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("end: %d", res.StatusCode)
	}
	for _, path := range []string{"/notices/" + ref + "/fly", "/notices/nothing/publish", "/screens/nothing/do/blank"} {
		if res := post(base+path, nil); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	w.noErrors()
}

func posted(t *testing.T, to, body string, headers ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader(body))
	if err = errors.Join(err); err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return req
}
