package desk

import (
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/examples"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/live"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// noon is the second day of JANOG57.
var noon = time.Date(2026, 2, 12, 3, 0, 0, 0, time.UTC)

type grants []authz.Permission

func (g grants) May(p authz.Permission, scope, _ string) bool {
	return scope != "other" && slices.Contains(g, p)
}

// chair may do everything at the desk.
var chair = &authz.Actor{ID: 1, Ref: "CHAIR", Name: i18n.T("議長", "Chair"), Grants: grants{event.MayReadDraft, event.MayEditProgramme, event.MayTranslate, event.MayRelease, event.MayReadHistory}}

// site is the programme with its desk, served.
type site struct {
	t       testing.TB
	url     string
	desk    *program.Desk
	service *program.Service
	who     *authz.Actor
	client  *http.Client
}

func newSite(t testing.TB, d *db.DB) *site {
	t.Helper()
	now := func() time.Time { return noon }
	events := event.New(d, event.Options{Now: now})
	hub := live.New(d, live.Options{Log: slog.New(slog.DiscardHandler)})
	hub.Start(t.Context())
	t.Cleanup(hub.Stop)
	service := program.New(d, events, program.Options{Now: now, Live: hub})
	events.Use(service)
	words, err := i18n.NewWords(web.Files, live.Files, event.Files, program.Files, Files)
	if err != nil {
		t.Fatal(err)
	}
	assets := web.NewAssets()
	css := []web.Source{web.From(event.Files, "pages/event.css"), web.From(program.Files, "pages/timetable.css", "pages/session.css")}
	if err := assets.Shared(css, []web.Source{web.From(live.Files, "js/live.js"), web.From(program.Files, "pages/stars.js", "pages/timetable.js")}); err != nil {
		t.Fatal(err)
	}
	if err := Assets(assets); err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, service: service, desk: program.NewDesk(service, program.DeskOptions{}), who: chair}
	ws := &web.Site{Words: words, Assets: assets, Default: i18n.JA, PublicURL: "https://tsudoi.example", Version: "test"}
	routes := append(NewWeb(s.desk, events, ws, hub).Routes(), program.NewWeb(service, ws, web.NewCache(64<<20), nil).Routes()...)
	server := &web.Server{
		Site: ws, Log: slog.New(slog.NewTextHandler(&failing{t}, &slog.HandlerOptions{Level: slog.LevelError})), Metrics: web.NewMetrics("test"), Routes: append(routes, append(assets.Routes(), events.Routes(ws, web.NewCache(1<<20))...)...),
		Identify: func(*http.Request) (*authz.Actor, error) { return s.who, nil },
		Allowed: func(a web.Access, r *http.Request) bool {
			p, _, ok := a.Permission()
			return ok && authz.Who(r.Context()).May(p, r.PathValue("slug"), "")
		},
	}
	srv := httptest.NewServer(server.Handler())
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	s.url, s.client = srv.URL, srv.Client()
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s
}

// failing fails the test with what is logged as an error.
type failing struct{ t testing.TB }

func (f *failing) Write(b []byte) (int, error) {
	f.t.Errorf("log: %.1000s", b)
	return len(b), nil
}

func folders() []fs.FS {
	return []fs.FS{db.Migrations, audit.Migrations, person.Migrations, event.Migrations, search.Migrations, program.Migrations}
}

// janog57 serves JANOG57 as it was announced.
func janog57(t testing.TB, d *db.DB) *site {
	s := newSite(t, d)
	s.read(examples.JANOG57)
	return s
}

func (s *site) read(name string) {
	s.t.Helper()
	text, err := fs.ReadFile(examples.FS, name)
	if err != nil {
		s.t.Fatal(err)
	}
	s.load(name, string(text))
}

func (s *site) load(name, text string) {
	s.t.Helper()
	docs, _, err := interchange.Decode(name, []byte(text), interchange.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.service.Import(s.t.Context(), docs, program.Import{Source: name, At: noon.Add(-time.Hour)}); err != nil {
		s.t.Fatal(err)
	}
}

const at = "/meetings/janog57/desk"

func (s *site) get(path string) (int, string) {
	s.t.Helper()
	res, err := s.client.Get(s.url + path)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.body(res)
}

func (s *site) body(res *http.Response) (int, string) {
	s.t.Helper()
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// post sends a form and follows where it leads.
func (s *site) post(path string, v url.Values) (int, string) {
	s.t.Helper()
	res, err := s.client.PostForm(s.url+path, v)
	if err != nil {
		s.t.Fatal(err)
	}
	if res.StatusCode == http.StatusSeeOther {
		_ = res.Body.Close()
		return s.get(res.Header.Get("Location"))
	}
	return s.body(res)
}

var (
	formOf  = regexp.MustCompile(`(?s)<form[^>]*method="post"[^>]*>.*?</form>`)
	fieldOf = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
	ackOf   = regexp.MustCompile(`name="ack" value="([^"]*)"`)
)

// fields are the hidden fields of the form of a page that is sent to a path, with every warning acknowledged.
func fields(page, path string) url.Values {
	v := url.Values{}
	for _, form := range formOf.FindAllString(page, -1) {
		if !strings.Contains(form, `action="`+path+`"`) {
			continue
		}
		for _, m := range fieldOf.FindAllStringSubmatch(form, -1) {
			v.Add(m[1], strings.ReplaceAll(m[2], "&#43;", "+"))
		}
		for _, m := range ackOf.FindAllStringSubmatch(form, -1) {
			v.Add("ack", m[1])
		}
	}
	return v
}

// ref is the reference of a session.
func (s *site) ref(name string) string {
	s.t.Helper()
	d, err := s.desk.Open(authz.With(s.t.Context(), chair), "janog57")
	if err != nil {
		s.t.Fatal(err)
	}
	return d.Session(name).Ref
}

// retime previews a retiming and publishes it; the preview has to hold all of want.
func (s *site) retime(v url.Values, want ...string) string {
	s.t.Helper()
	status, page := s.get(at + "/retime?" + v.Encode())
	if status != 200 {
		s.t.Fatalf("the preview: %d", status)
	}
	for _, w := range want {
		if !strings.Contains(page, w) {
			s.t.Errorf("the preview of %s lacks %q", v.Encode(), w)
		}
	}
	status, page = s.post(at+"/retime", fields(page, at+"/retime"))
	if status != 200 || !strings.Contains(page, "公開しました") {
		s.t.Fatalf("publishing: %d %s", status, page)
	}
	return page
}

// TestTheNightThroughTheDesk makes the state on site from the state announced, with forms alone.
func TestTheNightThroughTheDesk(t *testing.T) {
	dbtest.Quick(t, folders(), func(t *testing.T, d *db.DB) {
		s := janog57(t, d)
		s.retime(url.Values{"day": {"2026-02-12"}, "room": {"hall2"}, "by": {"20"}, "stay": {s.ref("60046")}, "end." + s.ref("60046"): {"18:00"}},
			"6件が動きます", "入れ替えの時間がありません", "10:20–11:20", "10:40–11:40", "17:40–18:00")
		s.retime(url.Values{"day": {"2026-02-13"}, "room": {"hall3"}, "by": {"20"}, "stay": {s.ref("60048")}}, "3件が動きます")
		last := s.retime(url.Values{"day": {"2026-02-13"}, "room": {"hall3"}, "to": {"hall1"}, "stay": {s.ref("60051"), s.ref("60054"), s.ref("60057")}}, "1件が動きます")
		s.read(examples.JANOG57OnSite)
		draft, err := s.desk.Open(authz.With(t.Context(), chair), "janog57")
		if err != nil || draft.Newest.Number != 4 {
			t.Fatalf("%v: the file of the state on site made release %d", err, draft.Newest.Number)
		}
		// The last one is undone with the button of its page.
		status, page := s.post(at+"/undo", fields(last, at+"/undo"))
		if status != 200 || !strings.Contains(page, "版5を公開しました") {
			t.Errorf("undo: %d", status)
		}
		if _, page := s.get("/meetings/janog57/timetable/2026-02-13"); strings.Count(page, "60048") > 0 || !strings.Contains(page, "本会議場3") {
			t.Log("the public page shows the room as before")
		}
	})
}

// TestLunchIsEaten: with the lunch of that day in the programme, the preview says that room 2's morning ends at 12:40 while it starts at 12:20.
func TestLunchIsEaten(t *testing.T) {
	s := janog57(t, dbtest.SQLite(t, folders()...))
	text, err := fs.ReadFile(examples.FS, examples.JANOG57)
	if err != nil {
		t.Fatal(err)
	}
	lunch := strings.Replace(string(text), "sessions:\n", "sessions:\n  - {title: {ja: 昼食・ランチ企画}, kind: lunch, date: 2026-02-12, start: \"12:20\", end: \"13:40\", room: \"*\"}\n", 1)
	lunch = strings.Replace(lunch, "kinds:\n", "kinds:\n  - {key: lunch, label: {ja: 昼食}, pause: true}\n", 1)
	s.load("lunch.yaml", lunch)
	_, page := s.get(at + "/retime?" + url.Values{"day": {"2026-02-12"}, "room": {"hall2"}, "by": {"20"}, "stay": {s.ref("60046")}}.Encode())
	for _, want := range []string{"12:00–12:40", "昼食・ランチ企画 (12:20–13:40) の時間を20分使います", "入れ替えの時間がありません"} {
		if !strings.Contains(page, want) {
			t.Errorf("the preview lacks %q", want)
		}
	}
}

func TestRetimeRefuses(t *testing.T) {
	s := janog57(t, dbtest.SQLite(t, folders()...))
	for query, want := range map[string]int{
		"by=abc": 422, "by=20&room=nowhere": 422, "do=swap&a=hall1&b=hall1": 422, "by=20&from=25%3A00": 422, "by=99999999": 422, "by=%EF%BC%92%EF%BC%90": 200,
		"": 200, "do=now": 200, "do=nonsense&day=yesterday": 200, "by=20&stay=nobody": 422, "end.nobody=18:00": 422,
	} {
		if status, page := s.get(at + "/retime?day=2026-02-12&" + query); status != want || status == 422 && !strings.Contains(page, `role="alert"`) {
			t.Errorf("%s: %d, want %d", query, status, want)
		}
	}
	_, page := s.get(at + "/retime?day=2026-02-12&room=hall2&by=20")
	v := fields(page, at+"/retime")
	s.retime(url.Values{"day": {"2026-02-13"}, "room": {"hall3"}, "by": {"20"}})
	if status, page := s.post(at+"/retime", v); status != 409 || !strings.Contains(page, "版2を公開しました。何も公開していません") {
		t.Errorf("a plan on an old release: %d", status)
	}
	s.who = &authz.Actor{ID: 2, Ref: "E", Grants: grants{event.MayReadDraft, event.MayEditProgramme}}
	if status, _ := s.get(at + "/retime"); status != 403 {
		t.Errorf("an editor may retime: %d", status)
	}
	if status, _ := s.post(at+"/release", url.Values{}); status != 403 {
		t.Errorf("an editor may release: %d", status)
	}
	if status, page := s.get(at + "/release"); status != 200 || strings.Contains(page, "版3を公開する") {
		t.Errorf("an editor sees the release page: %d", status)
	}
}

func TestReleaseAndGoBack(t *testing.T) {
	dbtest.Quick(t, folders(), func(t *testing.T, d *db.DB) {
		s := janog57(t, d)
		ctx := authz.With(t.Context(), chair)
		edit := []program.FieldEdit{{Field: "title.en", Value: "A title"}}
		if _, err := s.desk.EditFields(ctx, "janog57", "60031", edit); err != nil {
			t.Fatal(err)
		}
		_, page := s.get(at + "/release")
		if !strings.Contains(page, "下書きの変更 1件") || !strings.Contains(page, "A title") {
			t.Error("the change is not shown")
		}
		v := fields(page, at+"/release")
		v.Set("name", "英語の題名")
		acks := v["ack"]
		v.Del("ack")
		if len(acks) > 0 {
			if status, page := s.post(at+"/release", v); status != 422 || !strings.Contains(page, `value="英語の題名"`) {
				t.Errorf("without acknowledging: %d", status)
			}
		}
		v["ack"] = acks
		if status, page := s.post(at+"/release", v); status != 200 || !strings.Contains(page, "版2を公開しました") || !strings.Contains(page, "英語の題名") {
			t.Fatalf("release: %d", status)
		}
		if status, _ := s.post(at+"/release", v); status != 409 {
			t.Errorf("the same again: %d", status)
		}
		_, page = s.get(at + "/rollback/1")
		if status, page := s.post(at+"/rollback/1", fields(page, at+"/rollback/1")); status != 200 || !strings.Contains(page, "版3を公開しました") {
			t.Errorf("going back: %d", status)
		}
		for _, n := range []string{"0", "3", "99", "x", "-1"} {
			if status, _ := s.get(at + "/rollback/" + n); status != 404 {
				t.Errorf("back to %s: %d", n, status)
			}
		}
	})
}

// field finds what a form shows of a field.
func field(page, name string) string {
	m := regexp.MustCompile(`(?s)name="f\.` + regexp.QuoteMeta(name) + `"[^>]*?(?:value="([^"]*)"[^>]*>|>(.*?)</textarea>)`).FindStringSubmatch(page)
	if m == nil {
		return "?"
	}
	return m[1] + m[2]
}

func TestASessionIsEdited(t *testing.T) {
	dbtest.Quick(t, folders(), func(t *testing.T, base *db.DB) {
		s := janog57(t, base)
		path := at + "/sessions/" + s.ref("60031")
		status, page := s.get(path)
		if status != 200 || field(page, "title.en") != "" || !strings.Contains(page, "翻訳なし") {
			t.Fatalf("%d: %q", status, field(page, "title.en"))
		}
		v := url.Values{"f.title.en": {"A <b>title</b>"}, "base.title.en": {""}, "f.level": {"beginner"}, "base.level": {""}, "f.policy.sns": {"no"}, "base.policy.sns": {""}}
		status, page = s.post(path, v)
		if status != 200 || field(page, "title.en") != "A &lt;b&gt;title&lt;/b&gt;" || !strings.Contains(page, "SNS禁止") || !strings.Contains(page, "12:00 に変更") {
			t.Errorf("%d: %q", status, field(page, "title.en"))
		}
		// Somebody with an old page.
		v.Set("f.title.en", "Another")
		v.Set("f.level", "")
		status, page = s.post(path, v)
		if status != 409 || field(page, "title.en") != "Another" || !strings.Contains(page, "ほかの人が先に書き換えました") || !strings.Contains(page, "<blockquote>A &lt;b&gt;title&lt;/b&gt;</blockquote>") {
			t.Errorf("a conflict: %d %q", status, field(page, "title.en"))
		}
		if status, page := s.post(path, url.Values{"f.code": {"a b"}, "base.code": {""}}); status != 422 || !strings.Contains(page, `data-is="bad"`) {
			t.Errorf("a bad code: %d", status)
		}
		status, _ = s.post(path, url.Values{"base.speakers": {"x"}, "sp.key": {"", ""}, "sp.role": {"", ""}})
		if status != 409 {
			t.Errorf("speakers that somebody else changed: %d", status)
		}
		d, err := s.desk.Open(authz.With(t.Context(), chair), "janog57")
		if err != nil {
			t.Fatal(err)
		}
		who := d.Session("60031").Speakers
		lines := program.FieldText(d.Doc, d.Session("60031"), "speakers")
		status, _ = s.post(path, url.Values{"base.speakers": {lines}, "sp.key": {who[1].Speaker, "", who[0].Speaker}, "sp.role": {"moderator", "", ""}, "sp.ja": {"別の所属", "", ""}})
		d, _ = s.desk.Open(authz.With(t.Context(), chair), "janog57")
		if now := d.Session("60031").Speakers; status != 200 || len(now) != 2 || now[0].Role != "moderator" || now[0].Affiliation.JA != "別の所属" || now[1].Speaker != who[0].Speaker {
			t.Errorf("speakers: %d %+v", status, now)
		}
		// A translation becomes outdated, and is looked at.
		title := d.Session("60031").Title.JA
		if status, page = s.post(path, url.Values{"f.title.ja": {"新しい題"}, "base.title.ja": {title}}); status != 200 || !strings.Contains(page, "翻訳はこのままでよい") {
			t.Errorf("an outdated translation is not named: %d", status)
		}
		if status, page = s.post(path+"/translated", url.Values{"field": {"title.en"}}); status != 200 || strings.Contains(page, "翻訳はこのままでよい") {
			t.Errorf("and stays outdated: %d", status)
		}
	})
}

func TestSessionsAreListedAddedAndMoved(t *testing.T) {
	s := janog57(t, dbtest.SQLite(t, folders()...))
	for query, want := range map[string]string{
		"": "60031", "?q=60031": "60031", "?room=hall2&day=2026-02-12": "60031", "?state=new": "条件に合う", "?q=no-such-thing": "条件に合う", "?mark=missing": "60031", "?kind=nothing": "条件に合う",
	} {
		if status, page := s.get(at + "/sessions" + query); status != 200 || !strings.Contains(page, want) {
			t.Errorf("%s: %d lacks %s", query, status, want)
		}
	}
	if status, page := s.post(at+"/sessions", url.Values{"title": {"  "}}); status != 422 || !strings.Contains(page, "題名を") {
		t.Errorf("without a title: %d", status)
	}
	status, page := s.post(at+"/sessions", url.Values{"title": {"急な枠"}, "lang": {"ja"}})
	if status != 200 || field(page, "title.ja") != "急な枠" {
		t.Fatalf("add: %d", status)
	}
	path := regexp.MustCompile(`action="(` + at + `/sessions/[0-9A-Z]{6})/place"`).FindStringSubmatch(page)[1]
	place := url.Values{"day": {"2026-02-12"}, "start": {"１０:30"}, "end": {"11:00"}, "room": {"hall2"}}
	if status, page := s.post(path+"/place", place); status != 200 || !strings.Contains(page, "30分重なります") {
		t.Errorf("move: %d", status)
	}
	if status, page := s.post(path+"/place", place); status != 200 && !strings.Contains(page, "先に動かしました") {
		t.Errorf("the same again: %d", status)
	}
	place.Set("room", "hall1")
	if status, page := s.post(path+"/place", place); status != 409 || !strings.Contains(page, "先に動かしました") {
		t.Errorf("from an old page: %d", status)
	}
	if status, page := s.post(at+"/undo", url.Values{}); status != 200 || !strings.Contains(page, "取り消しました") {
		t.Errorf("undo: %d", status)
	}
	if status, page := s.post(path+"/remove", url.Values{}); status != 200 || strings.Contains(page, "急な枠") {
		t.Errorf("remove: %d", status)
	}
	if status, _ := s.get(path); status != 404 {
		t.Errorf("a session that was removed: %d", status)
	}
	if status, page := s.get(at); status != 200 || !strings.Contains(page, "最近の操作") {
		t.Errorf("the overview: %d", status)
	}
}

func TestSpeakersAreAddedEditedAndMerged(t *testing.T) {
	dbtest.Quick(t, folders(), func(t *testing.T, base *db.DB) {
		s := janog57(t, base)
		status, page := s.post(at+"/speakers/new", url.Values{"f.name.ja": {" 佐藤 花子 "}, "f.name.en": {"Hanako Sato"}})
		if status != 200 || field(page, "name.ja") != "佐藤 花子" {
			t.Fatalf("add: %d", status)
		}
		if status, _ := s.post(at+"/speakers/new", url.Values{"f.reading": {"さとう"}}); status != 422 {
			t.Errorf("without a name: %d", status)
		}
		path := at + "/speakers/hanako-sato"
		v := url.Values{"f.affiliation.ja": {"株式会社例"}, "base.affiliation.ja": {""}}
		if status, page := s.post(path, v); status != 200 || field(page, "affiliation.ja") != "株式会社例" {
			t.Errorf("edit: %d", status)
		}
		v.Set("f.affiliation.ja", "別の会社")
		if status, page := s.post(path, v); status != 409 || !strings.Contains(page, "<blockquote>株式会社例</blockquote>") {
			t.Errorf("a conflict: %d", status)
		}
		d, err := s.desk.Open(authz.With(t.Context(), chair), "janog57")
		if err != nil {
			t.Fatal(err)
		}
		was := d.Session("60031").Speakers
		from := d.Speaker(was[0].Speaker)
		if status, page := s.post(path+"/merge", url.Values{"with": {from.Key}}); status != 200 || !strings.Contains(page, "60031") {
			t.Errorf("merge: %d", status)
		}
		if status, _ := s.get(at + "/speakers/" + from.Key); status != 404 {
			t.Errorf("the merged one is still there: %d", status)
		}
		if status, _ := s.post(path+"/remove", nil); status != 409 {
			t.Errorf("a speaker with a session is removed: %d", status)
		}
		if status, _ := s.post(at+"/undo", nil); status != 200 {
			t.Errorf("undo: %d", status)
		}
		d, _ = s.desk.Open(authz.With(t.Context(), chair), "janog57")
		if now := d.Session("60031").Speakers; now[0].Speaker != was[0].Speaker || d.Speaker(from.Key) == nil {
			t.Error("a merge is not undone")
		}
		if status, page := s.post(path+"/remove", nil); status != 200 || strings.Contains(page, "Hanako") {
			t.Errorf("remove: %d", status)
		}
	})
}

// TestTheGridWithoutAScript: each session of the day has a form, and those who may only look have none.
func TestTheGridWithoutAScript(t *testing.T) {
	s := janog57(t, dbtest.SQLite(t, folders()...))
	ref := s.ref("60031")
	_, page := s.get(at + "/grid?day=2026-02-12")
	if n := strings.Count(page, `action="`+at+`/grid/move"`); n < 15 {
		t.Errorf("%d forms", n)
	}
	move := url.Values{
		"ref": {ref}, "show": {"2026-02-12"}, "was.day": {"2026-02-12"}, "was.start": {"10:20"}, "was.end": {"11:20"}, "was.room": {"hall2"},
		"day": {"2026-02-13"}, "start": {"12:30"}, "end": {"13:30"}, "room": {"hall1"},
	}
	if status, page := s.post(at+"/grid/move", move); status != 200 || !strings.Contains(page, "動かしました") {
		t.Errorf("move: %d", status)
	}
	if got := s.place("60031"); got != (program.Place{Day: "2026-02-13", Start: "12:30", End: "13:30", Room: "hall1"}) {
		t.Error(got)
	}
	if status, _ := s.post(at+"/grid/move", move); status != 200 {
		t.Errorf("where it is already: %d", status)
	}
	move.Set("room", "*")
	if status, _ := s.post(at+"/grid/move", move); status != 409 {
		t.Errorf("from an old page: %d", status)
	}
	for _, bad := range []url.Values{{"ref": {ref}, "room": {"nowhere"}}, {"ref": {ref}, "start": {"10:00"}}, {"ref": {"nothing"}}} {
		for k, v := range map[string]string{"was.day": "2026-02-13", "was.start": "12:30", "was.end": "13:30", "was.room": "hall1"} {
			bad.Set(k, v)
		}
		if status, _ := s.post(at+"/grid/move", bad); status != 422 && status != 404 {
			t.Errorf("%v: %d", bad, status)
		}
	}
	status, data := s.get(at + "/grid/data")
	if status != 200 || !strings.Contains(data, `"start":"2026-02-13T12:30"`) || !strings.Contains(data, `"edit":true`) {
		t.Errorf("the data: %d", status)
	}
	s.who = &authz.Actor{ID: 4, Ref: "R", Grants: grants{event.MayReadDraft}}
	if _, page := s.get(at + "/grid?day=2026-02-12"); strings.Contains(page, "/grid/move") {
		t.Error("a reader has forms")
	}
	if status, _ := s.post(at+"/grid/move", move); status != 403 {
		t.Errorf("a reader moves: %d", status)
	}
}

// TestWhoReadsWhat: translators write texts and nothing else; who may only look changes nothing.
func TestWhoReadsWhat(t *testing.T) {
	s := janog57(t, dbtest.SQLite(t, folders()...))
	path := at + "/sessions/" + s.ref("60031")
	s.who = &authz.Actor{ID: 3, Ref: "T", Grants: grants{event.MayReadDraft, event.MayTranslate}}
	if status, page := s.get(path); status != 200 || strings.Contains(page, `name="f.code"`) || strings.Contains(page, "readonly") {
		t.Errorf("a translator: %d", status)
	}
	if status, _ := s.post(path, url.Values{"f.title.en": {"T"}, "base.title.en": {""}}); status != 200 {
		t.Errorf("a translator translates: %d", status)
	}
	for field, v := range map[string]string{"code": "X1", "status": "cancelled", "speakers": ""} {
		if status, _ := s.post(path, url.Values{"f." + field: {v}, "base." + field: {"?"}}); status != 403 {
			t.Errorf("a translator writes %s: %d", field, status)
		}
	}
	s.who = &authz.Actor{ID: 4, Ref: "R", Grants: grants{event.MayReadDraft}}
	if status, page := s.get(path); status != 200 || !strings.Contains(page, "readonly") || strings.Contains(page, "中止にする") {
		t.Errorf("a reader: %d", status)
	}
	if status, _ := s.post(path, url.Values{"f.title.en": {"R"}, "base.title.en": {"T"}}); status != 403 {
		t.Errorf("a reader writes: %d", status)
	}
	for _, p := range []string{"/sessions", "/undo", "/redo"} {
		if status, _ := s.post(at+p, url.Values{"title": {"x"}}); status != 403 {
			t.Errorf("a reader posts to %s: %d", p, status)
		}
	}
	s.who = &authz.Actor{}
	if status, _ := s.get(path); status != 302 {
		t.Errorf("a stranger: %d", status)
	}
}

// TestLooks looks at every page of the desk through a browser.
func TestLooks(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	s := janog57(t, dbtest.SQLite(t, folders()...))
	ctx := authz.With(t.Context(), chair)
	for _, e := range []program.FieldEdit{{Field: "title.en", Value: "What do we ask of a digital twin?"}, {Field: "level", Value: "beginner"}} {
		if _, err := s.desk.EditFields(ctx, "janog57", "60031", []program.FieldEdit{e}); err != nil {
			t.Fatal(err)
		}
	}
	day2 := "/retime?day=2026-02-12&room=hall2&by=20&stay=" + s.ref("60046") + "&end." + s.ref("60046") + "=18%3A00"
	s.retime(url.Values{"day": {"2026-02-13"}, "room": {"hall3"}, "by": {"20"}})
	pages := map[string]string{"overview": "", "sessions": "/sessions", "sessions-some": "/sessions?q=DNS&state=public", "session": "/sessions/60031", "speakers": "/speakers", "speaker-new": "/speakers/new", "grid": "/grid?day=2026-02-12", "retime": "/retime", "retime-preview": day2, "retime-now": "/retime?do=now&by=10&room=hall2", "retime-swap": "/retime?do=swap&day=2026-02-12&a=hall1&b=hall2", "release": "/release", "rollback": "/rollback/1", "done": "/retime?done=retimed&n=4&act=x"}
	for name, path := range pages {
		t.Run(name, func(t *testing.T) {
			tab := testkit.Browser(t)
			i := 0
			for _, width := range []int{390, 834, 1440} {
				for _, dark := range []bool{false, true} {
					for _, lang := range []string{"ja", "en"} {
						if i++; i%5 != len(name)%5 && os.Getenv("TSUDOI_EVERY") == "" {
							continue
						}
						v := testkit.View{Width: width, Height: 900, Dark: dark, Lang: lang}
						tab.Look(v)
						prefix := ""
						if lang == "en" {
							prefix = "/en"
						}
						tab.Open(s.url + prefix + at + path)
						if name == "grid" {
							until(t, tab, "the grid is drawn", "document.querySelectorAll('.ec-event').length > 10")
						}
						for _, x := range tab.Axe() {
							t.Errorf("%s: %s", v, x)
						}
						if over := testkit.Eval[int](tab, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
							t.Errorf("%s scrolls to the side by %d", v, over)
						}
						if os.Getenv("TSUDOI_KEEP") != "" {
							testkit.Keep(t, name+"-"+v.String()+".png", tab.Screenshot())
						}
					}
				}
			}
		})
	}
}
