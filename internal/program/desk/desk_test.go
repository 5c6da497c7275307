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
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/kit/web"
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
	service := program.New(d, events, program.Options{Now: now})
	events.Use(service)
	words, err := i18n.NewWords(web.Files, event.Files, program.Files, Files)
	if err != nil {
		t.Fatal(err)
	}
	assets := web.NewAssets()
	css := []web.Source{web.From(event.Files, "pages/event.css"), web.From(program.Files, "pages/timetable.css", "pages/session.css")}
	if err := assets.Shared(css, []web.Source{web.From(program.Files, "pages/timetable.js")}); err != nil {
		t.Fatal(err)
	}
	if err := Assets(assets); err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, service: service, desk: program.NewDesk(service, program.DeskOptions{}), who: chair}
	ws := &web.Site{Words: words, Assets: assets, Default: i18n.JA, PublicURL: "https://tsudoi.example", Version: "test"}
	routes := append(NewWeb(s.desk, events, ws).Routes(), program.NewWeb(service, ws, web.NewCache(64<<20), nil).Routes()...)
	server := &web.Server{
		Site: ws, Log: slog.New(slog.NewTextHandler(&failing{t}, &slog.HandlerOptions{Level: slog.LevelError})), Metrics: web.NewMetrics("test"), Routes: append(routes, append(assets.Routes(), events.Routes(ws, web.NewCache(1<<20))...)...),
		Identify: func(*http.Request) (*authz.Actor, error) { return s.who, nil },
		Allowed: func(a web.Access, r *http.Request) bool {
			p, _, ok := a.Permission()
			return ok && authz.Who(r.Context()).May(p, r.PathValue("slug"), "")
		},
	}
	srv := httptest.NewServer(server.Handler())
	t.Cleanup(srv.Close)
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
	return []fs.FS{db.Migrations, audit.Migrations, event.Migrations, search.Migrations, program.Migrations}
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
	dbtest.Each(t, folders(), func(t *testing.T, d *db.DB) {
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
	dbtest.Each(t, folders(), func(t *testing.T, d *db.DB) {
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
	pages := map[string]string{"retime": "/retime", "retime-preview": day2, "retime-now": "/retime?do=now&by=10&room=hall2", "retime-swap": "/retime?do=swap&day=2026-02-12&a=hall1&b=hall2", "release": "/release", "rollback": "/rollback/1", "done": "/retime?done=retimed&n=4&act=x"}
	for name, path := range pages {
		t.Run(name, func(t *testing.T) {
			tab := testkit.Browser(t)
			i := 0
			for _, width := range []int{390, 834, 1440} {
				for _, dark := range []bool{false, true} {
					for _, lang := range []string{"ja", "en"} {
						if i++; os.Getenv("TSUDOI_KEEP") == "" && i%5 != len(name)%5 {
							continue
						}
						v := testkit.View{Width: width, Height: 900, Dark: dark, Lang: lang}
						tab.Look(v)
						prefix := ""
						if lang == "en" {
							prefix = "/en"
						}
						tab.Open(s.url + prefix + at + path)
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
