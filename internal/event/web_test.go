package event

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/jba/templatecheck"

	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// programme is a programme that answers the same for every meeting.
type programme struct {
	menu     ProgrammeMenu
	overview Overview
	news     []News
	pages    []Address
}

func (p *programme) Menu(context.Context, MeetingID) (ProgrammeMenu, error) { return p.menu, nil }
func (p *programme) Overview(context.Context, MeetingID) (Overview, error)  { return p.overview, nil }
func (p *programme) WhatIsNew(context.Context, int) ([]News, error)         { return p.news, nil }
func (p *programme) Reveal(context.Context, *db.Tx, string) error           { return nil }
func (p *programme) Addresses(context.Context) ([]Address, error)           { return p.pages, nil }

// house is the feature behind a server.
type house struct {
	*Service
	t       *testing.T
	handler http.Handler
	now     time.Time
}

func newHouse(t *testing.T, o Options) *house {
	t.Helper()
	h := &house{t: t, now: time.Date(2025, 11, 19, 3, 0, 0, 0, time.UTC)}
	if o.Now == nil {
		o.Now = func() time.Time { return h.now }
	}
	h.Service = New(dbtest.SQLite(t, folders...), o)
	words, err := i18n.NewWords(web.Files, Files)
	if err != nil {
		t.Fatal(err)
	}
	site := &web.Site{Words: words, Assets: web.NewAssets(), Default: i18n.JA, PublicURL: "https://nog.example"}
	if err := site.Assets.Shared([]web.Source{Style}, nil); err != nil {
		t.Fatal(err)
	}
	s := &web.Server{Site: site, Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics("test")}
	s.Routes = append(h.Routes(site, web.NewCache(16<<20)), site.Assets.Routes()...)
	h.handler = s.Handler()
	return h
}

func (h *house) ask(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, httptest.NewRequestWithContext(h.t.Context(), http.MethodGet, path, nil))
	return w
}

// page asks for a page that must be there, and checks what holds for every page.
func (h *house) page(path string) *goquery.Document {
	h.t.Helper()
	w := h.ask(path)
	if w.Code != http.StatusOK {
		h.t.Fatalf("%s: %d\n%s", path, w.Code, w.Body)
	}
	body := w.Body.String()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if n := doc.Find("h1").Length(); n != 1 {
		h.t.Errorf("%s has %d h1", path, n)
	}
	if strings.Contains(body, "[event.") || strings.Contains(body, "ZgotmplZ") {
		h.t.Errorf("%s shows an unknown word or an unsafe value", path)
	}
	if n := doc.Find("[style], style, script:not([src]):not([type='application/ld+json']), [onclick]").Length(); n > 0 {
		h.t.Errorf("%s has %d inline styles or scripts", path, n)
	}
	if w.Header().Get("Set-Cookie") != "" || w.Header().Get("ETag") == "" {
		h.t.Errorf("%s: headers %v", path, w.Header())
	}
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("id", ""); ids[id] {
			h.t.Errorf("%s has the id %s twice", path, id)
		} else {
			ids[id] = true
		}
	})
	return doc
}

// text are the words of a selection with a space between elements.
func text(s *goquery.Selection) string {
	var b strings.Builder
	var walk func(*goquery.Selection)
	walk = func(s *goquery.Selection) {
		s.Contents().Each(func(_ int, c *goquery.Selection) {
			if goquery.NodeName(c) == "#text" {
				b.WriteString(c.Text() + " ")
			} else {
				walk(c)
			}
		})
	}
	walk(s)
	return strings.Join(strings.Fields(b.String()), " ")
}

func (h *house) has(path, selector, want string) {
	h.t.Helper()
	if got := text(h.page(path).Find(selector)); !strings.Contains(got, want) {
		h.t.Errorf("%s %s shows %q, want %q in it", path, selector, got, want)
	}
}

func (h *house) hasNot(path, selector string) {
	h.t.Helper()
	if got := h.page(path).Find(selector); got.Length() != 0 {
		h.t.Errorf("%s shows %s: %q", path, selector, text(got))
	}
}

func (h *house) put(in Input) {
	h.t.Helper()
	in.Full = true
	apply(h.t, h.Service, in)
}

// furnished is a house with a series of three meetings and a programme.
func furnished(t *testing.T) *house {
	h := newHouse(t, Options{Programme: &programme{
		menu: ProgrammeMenu{HasTimetable: true, HasSessions: true, HasSpeakers: true, Changes: 9},
		overview: Overview{Total: 31, Kinds: []KindCount{{"regular", i18n.T("一般", "Regular"), true, 0, 27}, {"handson", i18n.T("ハンズオン", "Hands-on"), true, 1, 4}, {"break", i18n.T("休憩", "Break"), false, 7, 8}},
			Days: []DayCount{{"2025-11-18", 5}, {"2025-11-25", 7}}},
		news:  []News{{time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC), "iw2025", i18n.T("IW2025", ""), i18n.T("公開しました", "Published"), "/meetings/iw2025/changes"}},
		pages: []Address{{"iw2025", "/meetings/iw2025/sessions/C14", time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC)}},
	}})
	h.put(Input{Group: &Group{Name: i18n.T("集い デモ", "Tsudoi demo"), About: i18n.T("団体の**紹介**", "About us"), Accent: "#1f4e79"},
		Series: []Series{{Key: "internetweek", Title: i18n.T("Internet Week", ""), About: i18n.T("1997年から", "Since 1997")}}})
	h.put(Input{Meeting: sample()})
	h.put(Input{Meeting: &Meeting{Slug: "iw2024", Series: "internetweek", Title: i18n.T("Internet Week 2024", ""), Month: "2024-11"}})
	h.put(Input{Meeting: &Meeting{Slug: "iw2026", Series: "internetweek", Title: i18n.T("Internet Week 2026", ""), Start: "2026-11-17", End: "2026-11-19", Languages: []i18n.Lang{i18n.EN}}})
	return h
}

func TestHome(t *testing.T) {
	h := furnished(t)
	h.has("/", "h1", "集い デモ")
	h.has("/", ".hero", "いま開催中")
	h.has("/", ".hero h2", "挑戦×経験×世代")
	h.has("/", ".news", "公開しました")
	h.has("/en/", ".hero", "Happening now")
	h.has("/en/", ".hero h2", "Challenge")
	h.has("/en/", ".series .card", "Internet Week 2026")
	if got := h.page("/").Find(`.card h3 a[href="/ja/meetings/iw2026"]`).Length(); got != 1 {
		t.Error("a meeting whose default language is English has no Japanese address on the Japanese page")
	}
	h.now = time.Date(2025, 11, 21, 3, 0, 0, 0, time.UTC)
	h.has("/", ".hero .state", "会期中（再開まであと4日）")
	h.now = time.Date(2025, 11, 27, 14, 59, 0, 0, time.UTC)
	h.has("/", ".hero", "いま開催中")
	h.now = time.Date(2025, 11, 27, 15, 0, 0, 0, time.UTC) // midnight in Tokyo
	h.has("/", ".hero h2", "Internet Week 2026")
	h.has("/en/", ".hero", "Next meeting 354 days to go")
	h.now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	h.has("/", ".hero", "前回のミーティング")
}

func TestMeetingLists(t *testing.T) {
	h := furnished(t)
	h.has("/meetings", ".year:first-of-type h3", "2026")
	h.has("/meetings", ".line", "2024年11月")
	h.has("/en/meetings", ".line", "The host")
	h.has("/series/internetweek", "h1", "Internet Week")
	h.has("/en/series/internetweek", ".prose", "Since 1997")
	for _, path := range []string{"/series/none", "/meetings/none", "/meetings/NONE", "/meetings/iw2025/pages/none", "/meetings/%2e%2e", "/meetings/iw2025/none", "/media/x.png", "/media/..%2fx", "/en/none"} {
		if w := h.ask(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestMeetingHome(t *testing.T) {
	h := furnished(t)
	const at = "/meetings/iw2025"
	h.has(at, "h1", "挑戦×経験×世代")
	h.has(at, ".mast .eyebrow", "Internet Week 2025 東京都墨田区 2025年11月18日（火） – 27日（木）")
	h.has(at, ".menu", "概要 時間割 プログラム 登壇者 アクセス 変更履歴 9")
	h.has("/en"+at, ".menu", "Overview Timetable Programme Speakers Access Changes 9")
	h.has(at, ".gap", "4日おいて")
	h.has(at, `a.tile[href="/meetings/iw2025/timetable/2025-11-25"]`, "7件")
	h.hasNot(at, `a.tile[href$="2025-11-19"]`)
	h.has(at, ".total", "31")
	h.has("/en"+at, ".kinds", "Regular 27 Hands-on 4")
	h.has(at, ".kinds .uncounted", "休憩 8")
	h.has(at, "main", "数に入れていません。")
	h.has(at, ".figure", "延べ人数 申告値 3,909 名")
	h.has(at, ".figure", "約 96.7")
	h.has("/en"+at, ".figure details", "“96.7%”")
	h.has(at, ".orgs", "協賛 ダイヤモンド 協賛の会社 ゴールド 協賛の会社")
	h.has(at, ".factlist", "KFCホール 東京都墨田区横網 ホール1 3階 定員120名")
	h.has(at, ".turn .older", "Internet Week 2024")
	h.has(at, ".turn .newer", "Internet Week 2026")
	h.has(at, "#related", "関連するミーティング")
	h.has("/ja/meetings/iw2026", ".section .empty", "")
	doc := h.page("/en" + at)
	if got := doc.Find(`link[rel=alternate][hreflang=ja]`).AttrOr("href", ""); got != "https://nog.example/meetings/iw2025" {
		t.Errorf("the Japanese alternate is %q", got)
	}
	if got := doc.Find(`meta[property="og:image"]`).AttrOr("content", ""); got != "https://nog.example/en/meetings/iw2025/card.png" {
		t.Errorf("the card is %q", got)
	}
	var e map[string]any
	if err := json.Unmarshal([]byte(doc.Find(`script[type="application/ld+json"]`).Text()), &e); err != nil {
		t.Fatal(err)
	}
	if e["@type"] != "Event" || e["startDate"] != "2025-11-18" || e["eventAttendanceMode"] != "https://schema.org/MixedEventAttendanceMode" || len(e["location"].([]any)) != 2 {
		t.Errorf("JSON-LD %v", e)
	}
	h.hasNot("/meetings/iw2024", `script[type="application/ld+json"]`) // no first day is known
}

// What is not known is not there.
func TestBareMeeting(t *testing.T) {
	h := newHouse(t, Options{})
	h.has("/", ".empty", "まだミーティングがありません。")
	h.has("/en/meetings", ".empty", "There are no meetings yet.")
	h.put(Input{Meeting: &Meeting{Slug: "bare", Title: i18n.T("", "Bare")}})
	const at = "/meetings/bare"
	h.has(at, "h1", "Bare")
	h.has(at, ".empty", "プログラムはまだ公開されていません。")
	for _, sel := range []string{".figure", ".orgs", ".turn", ".stretches", ".factlist dt", ".prose", "#related", ".menu b"} {
		h.hasNot(at, sel)
	}
	if got := h.page(at).Find(`h1 [lang=en], h1[lang=en]`).Length(); got != 1 {
		t.Error("an English title on a Japanese page is not marked as English")
	}
	h.has("/", ".card", "Bare")
}

func TestOwnPage(t *testing.T) {
	h := furnished(t)
	m := sample()
	m.Pages[0].Body.JA = "# 電車\n<script>alert(1)</script><img src=x onerror=alert(1)>[a](javascript:alert(1))"
	h.put(Input{Meeting: m})
	const at = "/meetings/iw2025/pages/access"
	h.has(at, "main h1", "アクセス")
	h.has(at, ".prose h2", "電車")
	h.hasNot(at, ".prose script, .prose img, .prose a")
	h.has(at, ".menu [aria-current=page]", "アクセス")
	h.has("/en"+at, ".prose", "Five minutes.")
	h.has("/meetings/iw2025/pages/old", ".empty", "準備中") // hidden from the menu, but there
	h.hasNot(at, `.menu a[href$="/old"]`)
}

// An address that names the default language goes to the one without a prefix.
func TestDefaultLanguageHasNoPrefix(t *testing.T) {
	h := furnished(t)
	for from, to := range map[string]string{
		"/ja/": "/", "/ja/meetings": "/meetings", "/ja/meetings/iw2025": "/meetings/iw2025", "/en/meetings/iw2026": "/meetings/iw2026",
		"/ja/meetings/iw2025/pages/access?x=1": "/meetings/iw2025/pages/access?x=1",
	} {
		for range 2 { // the second time from the cache
			if w := h.ask(from); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != to {
				t.Errorf("%s: %d to %q, want %q", from, w.Code, w.Header().Get("Location"), to)
			}
		}
	}
}

// A change shows at once, on every page that shows it.
func TestChangeShows(t *testing.T) {
	h := furnished(t)
	paths := []string{"/", "/meetings", "/series/internetweek", "/meetings/iw2025", "/meetings/iw2024"}
	for _, p := range paths {
		h.page(p)
	}
	m := sample()
	m.Title, m.Theme = i18n.T("別の名前", ""), i18n.Text{}
	h.put(Input{Meeting: m})
	for _, p := range paths {
		h.has(p, "body", "別の名前")
	}
	h.put(Input{Group: &Group{Name: i18n.T("別の団体", "")}})
	for _, p := range append(paths, "/meetings/iw2025/pages/access") {
		h.has(p, ".mark", "別の団体")
	}
}

func TestCachedPageTakesFewStatements(t *testing.T) {
	h := furnished(t)
	for path, most := range map[string]int64{"/": 1, "/meetings": 1, "/meetings/iw2025": 2, "/meetings/iw2025/pages/access": 2} {
		h.page(path)
		ctx, n := db.Counted(t.Context())
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
		if n.Load() > most {
			t.Errorf("%s takes %d statements, at most %d", path, n.Load(), most)
		}
	}
}

func TestSitemap(t *testing.T) {
	h := furnished(t)
	var got urlSet
	if err := xml.Unmarshal(h.ask("/sitemap.xml").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, u := range got.URLs {
		have[strings.TrimPrefix(u.Loc, "https://nog.example")] = true
	}
	for _, want := range []string{"/", "/en/", "/meetings", "/series/internetweek", "/en/meetings/iw2025", "/meetings/iw2026", "/ja/meetings/iw2026", "/en/meetings/iw2025/pages/access", "/meetings/iw2025/sessions/C14", "/en/meetings/iw2025/sessions/C14"} {
		if !have[want] {
			t.Errorf("%s is not in the sitemap", want)
		}
	}
	if have["/meetings/iw2025/pages/old"] {
		t.Error("a hidden page is in the sitemap")
	}
	for path := range have {
		if strings.Contains(path, "/sessions/") {
			continue
		}
		if w := h.ask(path); w.Code != http.StatusOK {
			t.Errorf("the sitemap names %s, which answers %d", path, w.Code)
		}
	}
	if !strings.Contains(h.ask("/robots.txt").Body.String(), "Sitemap: https://nog.example/sitemap.xml") {
		t.Error("robots.txt does not name the sitemap")
	}
	if w := h.ask("/favicon.ico"); w.Code != http.StatusFound || h.ask(w.Header().Get("Location")).Code != http.StatusOK {
		t.Error("no icon")
	}
}

func TestCardPicture(t *testing.T) {
	h := furnished(t)
	for _, path := range []string{"/meetings/iw2025/card.png", "/en/meetings/iw2025/card.png", "/meetings/iw2024/card.png"} {
		w := h.ask(path)
		img, err := png.Decode(w.Body)
		if err != nil || w.Header().Get("Content-Type") != "image/png" {
			t.Fatal(path, w.Code, err)
		}
		if b := img.Bounds(); b.Dx() != 1200 || b.Dy() != 630 {
			t.Error(path, b)
		}
	}
}

func TestMedia(t *testing.T) {
	store, err := blob.OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	name, err := store.Put(t.Context(), []byte("\x89PNG\r\n\x1a\nrest"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := store.Put(t.Context(), []byte("<html><script>alert(1)</script>"))
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, Options{Pictures: store})
	w := h.ask("/media/" + string(name))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Error(w.Code, w.Header())
	}
	if w := h.ask("/media/" + string(other)); w.Code != http.StatusNotFound {
		t.Errorf("what is no picture is served: %d", w.Code)
	}
	h.put(Input{Meeting: &Meeting{Slug: "m", Title: i18n.T("会", ""), Logo: string(name), KeyVisual: string(name)}})
	if got := h.page("/meetings/m").Find(`.visual img[src="/media/` + string(name) + `"]`).Length(); got != 1 {
		t.Error("the key visual is not shown")
	}
}

func TestTemplates(t *testing.T) {
	for _, p := range Pages() {
		c := p.Check()
		if err := templatecheck.CheckHTMLStrict(c.Tmpl, c.Data); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

// Both languages know the same words, and every word of a fault is one.
func TestWords(t *testing.T) {
	w, err := i18n.NewWords(web.Files, Files)
	if err != nil {
		t.Fatal(err)
	}
	for key := range w.Keys(i18n.JA) {
		if !w.Keys(i18n.EN)[key] {
			t.Errorf("%s has no English", key)
		}
	}
	for key := range w.Keys(i18n.EN) {
		if !w.Keys(i18n.JA)[key] {
			t.Errorf("%s has no Japanese", key)
		}
	}
}

// leaving is a programme whose reader goes away while it looks for its pages.
type leaving struct {
	*programme
	leave context.CancelFunc
}

func (l *leaving) Addresses(ctx context.Context) ([]Address, error) {
	l.leave()
	return l.pages, ctx.Err()
}

// TestSitemapOutlivesItsFirstReader: others wait for what the first reader asked for.
func TestSitemapOutlivesItsFirstReader(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	h := newHouse(t, Options{Programme: &leaving{&programme{}, leave}})
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/sitemap.xml", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "</urlset>") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}
