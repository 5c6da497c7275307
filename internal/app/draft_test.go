package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
)

// secretMeeting is a meeting in draft with something for every public surface.
const secretMeeting = `tsudoi: 1
series:
  - key: hush
    title: {ja: 秘密のシリーズ, en: Secret series}
meeting:
  slug: hush99
  series: janog
  phase: draft
  title: {ja: ひみつ会議, en: Hushmoot}
  theme: {ja: ひみつの主題, en: Hushtheme}
  summary: {ja: ひみつの概要, en: Hushsummary}
  derived_from: janog57
  start: 2026-02-12
  end: 2026-02-13
  rooms: [{key: r1, name: {ja: ひみつの間, en: Hushroom}}]
  pages: [{slug: access, title: {ja: ひみつの道, en: Hushway}, body: {ja: ひみつの本文, en: Hushbody}}]
sessions:
  - title: {ja: ひみつの話, en: Hushtalk}
    code: H1
    room: r1
    start: 2026-02-12T10:00+09:00
    end: 2026-02-12T11:00+09:00
    speakers: [{speaker: taro}]
speakers:
  - {key: taro, name: {ja: 秘密太郎, en: Hushtaro}}
`

// TestDraftMeetingsAreNowhere walks every public address of the program: none shows a meeting in draft, none says that it is there, and all
// do as soon as it is announced.
func TestDraftMeetingsAreNowhere(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withExamples(t, e)
		system := authz.System(t.Context(), "test")
		w.loadDraft(secretMeeting)
		if _, err := w.Events.Meeting(system, "hush99"); err != nil {
			t.Fatal(err)
		}
		p, err := w.Programmes.Programme(system, "hush99")
		if err != nil || len(p.Items) != 1 {
			t.Fatalf("the program itself sees it: %v", err)
		}
		fill := strings.NewReplacer("{session}", p.Items[0].Name, "{speaker}", p.Speakers[0].Key)
		lists := []string{"/search?q=ひみつ", "/search?q=Hushtalk", "/en/search?q=Hushmoot", "/search?q=秘密太郎", "/search?q=ひみつ&meeting=janog57"}
		var own []string
		for _, m := range matrix {
			method, _, _ := strings.Cut(m.pattern, " ")
			if method != http.MethodGet || m.access != web.Public {
				continue
			}
			path := w.fill(m.path)
			if strings.Contains(m.path, "/janog57") || strings.Contains(m.pattern, "{slug}") {
				from := "janog57"
				if !strings.Contains(m.path, from) {
					from = "iw2023"
				}
				hidden := fill.Replace(strings.ReplaceAll(m.path, from, "hush99"))
				hidden = strings.ReplaceAll(strings.ReplaceAll(hidden, "/1-2", "/1-1"), "/committee", "/access")
				own = append(own, hidden)
			}
			lists = append(lists, path)
		}
		if len(own) < 20 {
			t.Fatalf("only %d addresses of a meeting", len(own))
		}
		for _, path := range own {
			for _, prefix := range []string{"", "/en"} {
				rec := w.ask(http.MethodGet, prefix+path, stranger)
				if rec.Code != http.StatusNotFound && rec.Code != http.StatusMovedPermanently {
					t.Errorf("%s%s: %d", prefix, path, rec.Code)
				}
				tells(t, prefix+path, rec.Body.String())
			}
		}
		for _, path := range lists {
			tells(t, path, w.ask(http.MethodGet, path, stranger).Body.String())
		}
		w.loadDraft(strings.Replace(secretMeeting, "phase: draft", "hashtag: '#hush'", 1))
		if rec := w.ask(http.MethodGet, "/meetings/hush99", stranger); rec.Code != http.StatusNotFound {
			t.Errorf("a file that names no phase makes it public: %d", rec.Code)
		}
		w.loadDraft(strings.Replace(secretMeeting, "phase: draft", "phase: "+string(event.Announced), 1))
		for _, path := range []string{"/meetings", "/meetings/hush99", "/sitemap.xml", "/api/v1/meetings", "/search?q=ひみつ", "/search?q=秘密太郎", "/changes.atom?lang=ja"} {
			if rec := w.ask(http.MethodGet, path, stranger); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "hush99") {
				t.Errorf("announced, and %s does not know: %d", path, rec.Code)
			}
		}
		w.loadDraft(secretMeeting)
		for _, path := range lists {
			tells(t, path+" after it went back", w.ask(http.MethodGet, path, stranger).Body.String())
		}
		w.noErrors()
	})
}

// tells checks that an answer gives nothing of the draft away, but what was asked for.
func tells(t *testing.T, path, body string) {
	t.Helper()
	asked := body
	for _, q := range []string{"ひみつ", "Hushtalk", "Hushmoot", "秘密太郎"} {
		if strings.Contains(path, "q="+q) {
			asked = strings.ReplaceAll(asked, q, "")
		}
	}
	for _, word := range []string{"ひみつ", "Hush", "秘密太郎", "hush99/"} {
		if strings.Contains(asked, word) && !strings.Contains(path, word) {
			t.Errorf("%s tells of a meeting in draft: %q", path, word)
		}
	}
}

func (w *site) loadDraft(text string) {
	w.t.Helper()
	w.load("hush.yaml", text, program.Import{})
}
