package program_test

import (
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/jba/templatecheck"

	"github.com/tsudoi/tsudoi/examples"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program"
)

// before is a day before the meetings of the hand-made files, and after one after all of them.
var (
	before = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	after  = time.Date(2027, 8, 1, 10, 0, 0, 0, time.UTC)
)

// handMade is a meeting in which each thing that a page may have to show occurs once.
const handMade = `tsudoi: 1
meeting:
  slug: hand57
  title: {ja: 手作りミーティング, en: Hand-made Meeting}
  short: HAND57
  languages: [ja, en]
  timezone: Asia/Tokyo
  start: 2026-12-09
  end: 2026-12-10
  hashtag: "#hand"
  parts:
    - {key: online, title: {ja: オンラインの部, en: Online part}, days: [2026-12-09], online: true}
    - {key: onsite, title: {ja: 会場の部, en: Venue part}, days: [2026-12-10], onsite: true}
  venues:
    - {key: hall, name: {ja: 例示会館, en: Example House}, address: {ja: 例示県1-2, en: 1-2 Example}, url: "https://hall.example.jp/"}
  rooms:
    - {key: r1, name: {ja: 本会議場1, en: Main Hall 1}, venue: hall, location: 3F}
    - {key: r2, name: 第二会場, venue: hall}
    - {key: net, name: {ja: オンライン, en: Online}, online: true}
kinds:
  - {key: regular, label: {ja: 一般, en: Regular}, counts: true, tint: 0}
  - {key: lightning, label: {ja: ライトニングトーク, en: Lightning talks}, counts: true, tint: 3}
  - {key: break, label: {ja: 休憩, en: Break}, pause: true}
topics:
  - {key: routing, label: {ja: 経路制御, en: Routing}}
  - {key: people, label: {ja: 人, en: People}}
policy: {publish_until: 2027-06-30}
speakers:
  - {key: a, name: {ja: 赤井 一, en: Hajime Akai}, reading: あかい はじめ, affiliation: {ja: 例示社, en: Example Inc.}, bio: {ja: "**網**の人", en: "A person of **networks**"}, links: [{url: "https://a.example.jp/", title: {ja: 個人サイト, en: Home page}}]}
  - {key: g, name: 蒲生 二, reading: がもう ふたつ}
  - {key: m, name: {en: Mike Third}}
sessions:
  - {code: C1, source: "60031", kind: regular, title: {ja: 最初の話, en: The first talk}, subtitle: {ja: 副題つき, en: With a subtitle}, abstract: {ja: "**太字**の概要", en: "A **bold** abstract"}, language: ja en, level: beginner, topics: [routing],
     date: 2026-12-10, start: "10:20", end: "11:20", room: r1, speakers: [a, {speaker: g, role: moderator, affiliation: {ja: 別の社, en: Other Inc.}}], policy: {record: yes, publish: yes, photo: no},
     links: [{kind: slides, url: "https://slides.example.jp/c1.pdf"}, {kind: stream, title: {ja: 配信, en: Watch live}, url: "https://stream.example.jp/c1"}, {kind: video, url: "https://video.example.jp/c1"}, {kind: sns, title: "#c1", url: "https://social.example.jp/c1"}]}
  - {code: C2, kind: regular, title: 日本語だけの話, date: 2026-12-10, start: "11:30", end: "12:00", room: r1, speakers: [m]}
  - {code: C3, kind: regular, title: {ja: 裏の話, en: Elsewhere}, date: 2026-12-10, start: "11:00", end: "11:40", room: r2}
  - {source: pause, kind: break, title: {ja: 休憩, en: Break}, date: 2026-12-10, start: "12:00", end: "13:00", room: "*"}
  - {code: C4, kind: regular, title: {ja: オフレコの話, en: Off the record}, date: 2026-12-10, start: "13:00", end: "14:00", room: r1, speakers: [a], policy: off-record,
     links: [{kind: slides, url: "https://secret.example.jp/slides"}, {kind: stream, url: "https://secret.example.jp/stream"}, {kind: video, url: "https://secret.example.jp/video"}, {kind: photo, url: "https://secret.example.jp/photo"}, {kind: sns, url: "https://secret.example.jp/sns"}]}
  - {code: C5, kind: regular, status: cancelled, title: {ja: 中止の話, en: Called off}, date: 2026-12-10, start: "14:00", end: "15:00", room: r1, links: [{kind: stream, url: "https://stream.example.jp/c5"}]}
  - {code: C6, kind: regular, title: {ja: 時刻未定の話, en: Some time}, date: 2026-12-10}
  - {code: C7, kind: regular, title: {ja: 日時未定の話, en: Some day}}
  - {code: C8, kind: regular, title: {ja: 長さのない話, en: No length}, date: 2026-12-10, start: "15:00", end: "15:00", room: r1}
  - {code: N1, kind: regular, title: {ja: 夜の話, en: At night}, date: 2026-12-09, start: "23:30", end: "25:00", room: net}
  - {code: N2, kind: regular, title: {ja: 夜更けの話, en: Later at night}, date: 2026-12-09, start: "25:10", end: "25:40", room: net}
  - {code: L0, kind: lightning, title: {ja: LT大会, en: Lightning hour}, date: 2026-12-10, start: "16:00", end: "17:00", room: r1}
  - {code: L1, kind: lightning, title: {ja: 一つ目のLT, en: First short}, slot: L0, speakers: [a]}
  - {code: L2, kind: lightning, title: {ja: 二つ目のLT, en: Second short}, date: 2026-12-10, start: "16:10", end: "16:20", room: r1, slot: L0, speakers: [g]}
  - {code: P1, kind: regular, title: {ja: 総会, en: Plenary}, date: 2026-12-10, start: "17:10", end: "18:30", room: r1, topics: [routing, people], origin: "https://other.example.jp/plenary",
     parts: [{code: 第1部, title: {ja: 前半, en: First half}, start: "17:10", end: "17:40", parts: [
        {code: パート1, title: {ja: 深い話, en: Deep}, speakers: [a], links: [{kind: slides, url: "https://slides.example.jp/deep"}]},
        {code: パート2, title: {ja: もっと深い話, en: Deeper}, speakers: [{speaker: g, role: panelist}], policy: {slides: no}, links: [{kind: slides, url: "https://secret.example.jp/deeper"}]}]},
      {code: 第2部, title: {ja: 後半, en: Second half}, policy: {photo: no, record: no}}]}
`

func handSite(t *testing.T, now time.Time) *site {
	s := newSite(t, now)
	s.file("hand.yaml", handMade, before.Add(-40*24*time.Hour))
	return s
}

// has fails unless the text of what is selected holds each string.
func has(t *testing.T, doc *goquery.Document, selector string, want ...string) {
	t.Helper()
	sel := doc.Find(selector)
	if sel.Length() == 0 {
		t.Errorf("there is no %s", selector)
		return
	}
	text := squeezed(sel.Text())
	for _, w := range want {
		if !strings.Contains(text, squeezed(w)) {
			t.Errorf("%s says %q, which lacks %q", selector, text, w)
		}
	}
}

// squeezed takes the spaces out of a text: how much of them stands between elements is for the style sheet to say.
func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

// lacks fails when the text of what is selected holds any string, or, without strings, when anything is selected.
func lacks(t *testing.T, doc *goquery.Document, selector string, bad ...string) {
	t.Helper()
	sel := doc.Find(selector)
	if len(bad) == 0 && sel.Length() > 0 {
		t.Errorf("there is a %s: %q", selector, sel.Text())
	}
	for _, b := range bad {
		if strings.Contains(sel.Text(), b) {
			t.Errorf("%s says %q", selector, b)
		}
	}
}

func TestTemplatesFitTheirData(t *testing.T) {
	for _, c := range program.Pages() {
		check := c.Check()
		if err := templatecheck.CheckHTML(check.Tmpl, check.Data); err != nil {
			t.Errorf("%s: %v", check.Name, err)
		}
	}
}

func TestSessionSaysWhatWhoWhenWhere(t *testing.T) {
	s := handSite(t, before)
	doc := s.page("/meetings/hand57/sessions/C1")
	has(t, doc, "h1", "最初の話")
	has(t, doc, ".s-sub", "副題つき")
	has(t, doc, ".s-over", "一般", "C1", "会場の部")
	has(t, doc, ".s-head .s-cast", "赤井 一 例示社", "モデレーター 蒲生 二 別の社")
	has(t, doc, ".s-side", "2026年12月10日（木）", "10:20–11:20", "60分 · 日本時間（UTC+9）", "本会議場1", "3F", "例示会館", "例示県1-2", "配信", "日本語、英語", "初級", "経路制御")
	has(t, doc, ".s-body .prose strong", "太字")
	has(t, doc, ".s-links", "発表資料", "slides.example.jp", "録画", "2027年6月30日（水）まで公開", "#c1")
	has(t, doc, ".s-sharing", "録画 可", "録画の公開 可 2027年6月30日（水）まで公開", "写真撮影 不可")
	lacks(t, doc, ".s-sharing", "ライブ配信", "SNS", "資料")
	has(t, doc, ".s-headmarks", "撮影禁止")
	has(t, doc, ".s-permalink", "https://meeting.example.org/meetings/hand57/sessions/C1")
	has(t, doc, ".s-around [rel=next]", "日本語だけの話", "11:30–12:00")
	lacks(t, doc, ".s-around [rel=prev]")
	has(t, doc, "section.section .s-rows", "裏の話", "第二会場")
	if href, _ := doc.Find(".s-actions a").Attr("href"); !strings.HasPrefix(href, "/meetings/hand57/schedule.ics?") || !strings.Contains(href, "session=") {
		t.Errorf("the calendar is at %q", href)
	}
	if r, _ := s.get(doc.Find(".s-actions a").AttrOr("href", "")); r.StatusCode != http.StatusOK {
		t.Errorf("the calendar answers %d", r.StatusCode)
	}
	if doc.Find("[data-meeting=hand57] button[data-star]").Length() == 0 {
		t.Error("the session cannot be starred")
	}

	doc = s.page("/en/meetings/hand57/sessions/C1")
	has(t, doc, "h1", "The first talk")
	has(t, doc, ".s-side", "Thu 10 December 2026", "10:20–11:20", "60 minutes · JST (UTC+9)", "Main Hall 1", "Example House", "Watch live", "Japanese, English", "Beginner", "Routing")
	has(t, doc, ".s-head .s-cast", "Hajime Akai Example Inc.", "Moderator 蒲生 二 Other Inc.")
	if doc.Find(".s-cast [lang=ja]").Text() != "蒲生 二" {
		t.Error("a name that exists in Japanese only is not marked as Japanese")
	}
	has(t, doc, ".s-headmarks", "No photos")
}

func TestSessionInOneLanguageIsMarked(t *testing.T) {
	doc := handSite(t, before).page("/en/meetings/hand57/sessions/C2")
	if got := doc.Find("h1 [lang=ja]").Text(); got != "日本語だけの話" {
		t.Errorf("the title marked as Japanese is %q", got)
	}
	if got := doc.Find("html").AttrOr("lang", ""); got != "en" {
		t.Errorf("the page is in %q", got)
	}
}

func TestEveryNameOfASessionLeadsToOne(t *testing.T) {
	s := handSite(t, before)
	ref := s.page("/meetings/hand57/sessions/C1").Find("article").AttrOr("data-ref", "")
	for _, name := range []string{"c1", "60031", ref, strings.ToLower(ref)} {
		for _, prefix := range []string{"", "/en"} {
			r, _ := s.get(prefix + "/meetings/hand57/sessions/" + name)
			if got := r.Header.Get("Location"); r.StatusCode != http.StatusMovedPermanently || got != prefix+"/meetings/hand57/sessions/C1" {
				t.Errorf("%s leads to %d %q", name, r.StatusCode, got)
			}
		}
	}
	for _, path := range []string{"/meetings/hand57/sessions/nothing", "/meetings/none/sessions/C1", "/meetings/hand57/speakers/nobody", "/meetings/hand57/changes/1-9", "/meetings/hand57/changes/x"} {
		if r, _ := s.get(path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", path, r.StatusCode)
		}
	}
}

func TestSessionStates(t *testing.T) {
	s := handSite(t, before)
	for _, c := range []struct{ code, selector, ja, en string }{
		{"C5", ".s-banner", "中止になりました", "has been cancelled"},
		{"C6", ".s-side", "2026年12月10日（木） 時刻は未定です", "Thu 10 December 2026 Time to be announced"},
		{"C7", ".s-side", "日時は未定です", "Date and time to be announced"},
		{"C8", ".s-time", "15:00 開始", "15:00 start"},
		{"N1", ".s-time", "2026年12月9日（水） 23:30–翌01:00 90分", "Wed 9 December 2026 23:30–01:00 (next day) 90 minutes"},
		{"N2", ".s-time", "2026年12月9日（水） 翌01:10–01:40", "01:10 (next day)–01:40"},
		{"N1", ".s-side", "オンラインで開催します", "Held online"},
		{"L0", ".s-body", "この枠の発表（2件） 16:10–16:20 L2 二つ目のLT", "2 talks in this slot"},
		{"L1", ".s-over", "「LT大会」の枠内", "In the slot “Lightning hour”"},
		{"L1", ".s-side", "16:00–17:00", "Main Hall 1"},
		{"L1", ".s-around", "二つ目のLT", "Second short"},
		{"P1", ".s-origin", "https://other.example.jp/plenary", "Based on"},
	} {
		has(t, s.page("/meetings/hand57/sessions/"+c.code), c.selector, c.ja)
		has(t, s.page("/en/meetings/hand57/sessions/"+c.code), c.selector, c.en)
	}
	doc := s.page("/meetings/hand57/sessions/C5")
	lacks(t, doc, ".s-side .btn[href*='stream']")
	lacks(t, doc, ".s-side [data-star], .s-actions a, .s-sharing")
	later := handSite(t, after)
	has(t, later.page("/meetings/hand57/sessions/C6"), ".s-side", "時刻の記録はありません")
	has(t, later.page("/en/meetings/hand57/sessions/C7"), ".s-side", "Date and time not on record")
	doc = later.page("/meetings/hand57/sessions/C1")
	has(t, doc, ".s-sharing", "2027年6月30日（水）で終了しました")
	lacks(t, doc, ".s-links a[href*='video']")
}

func TestPartsAtEveryDepth(t *testing.T) {
	s := handSite(t, before)
	doc := s.page("/meetings/hand57/sessions/P1")
	has(t, doc, ".s-part h3", "第1部 前半", "第2部 後半")
	has(t, doc, ".s-part .s-part h4", "パート1 深い話", "パート2 もっと深い話")
	deeper := doc.Find(".s-part .s-part").Last()
	if text := strings.Join(strings.Fields(deeper.Text()), " "); !strings.Contains(text, "資料の公開なし") || !strings.Contains(text, "パネリスト 蒲生 二") {
		t.Errorf("the second part says %q", text)
	}
	if first := doc.Find(".s-part .s-part").First(); strings.Contains(first.Text(), "なし") || first.Find("a[href='https://slides.example.jp/deep']").Length() != 1 {
		t.Errorf("the first part says %q", first.Text())
	}
	has(t, doc, ".s-top:last-child .s-rowmeta", "撮影・録画・録音禁止")
	if n := strings.Count(doc.Find(".s-top").First().Children().Filter("p").Text(), "なし"); n != 0 {
		t.Error("a part shows what only one of its parts refuses")
	}
}

func TestOffRecordSessionLetsNothingOut(t *testing.T) {
	s := handSite(t, before)
	for _, prefix := range []string{"", "/en"} {
		for _, path := range []string{"/sessions/C4", "/sessions/C1", "/sessions/P1", "/programme", "/speakers", "/speakers/a", "/changes"} {
			if _, body := s.get(prefix + "/meetings/hand57" + path); strings.Contains(body, "secret.example.jp") {
				t.Errorf("%s%s shows a link that the policy forbids", prefix, path)
			}
		}
	}
	doc := s.page("/meetings/hand57/sessions/C4")
	if n := doc.Find(".s-offrecord .s-mark").Length(); n != 2 {
		t.Errorf("an off-record session shows %d signs, not two", n)
	}
	has(t, doc, ".s-offrecord", "オフレコ", "撮影・録画・録音禁止", "Slack・SNS等での共有禁止")
	has(t, s.page("/en/meetings/hand57/sessions/C4"), ".s-offrecord", "off the record", "No photos, video or audio recording", "No sharing on Slack")
	lacks(t, doc, ".s-links")
	has(t, s.page("/meetings/hand57/programme"), ".s-row:contains('オフレコの話')", "撮影・録画・録音禁止", "Slack・SNS等での共有禁止")
	lacks(t, s.page("/meetings/hand57/sessions/C3"), ".s-sharing")
}

// TestPolicyChangesTellNoLinks publishes a session with links, then makes it off the record: neither the list of changes nor a comparison
// may tell what the links were.
func TestPolicyChangesTellNoLinks(t *testing.T) {
	s := newSite(t, before)
	open := strings.Replace(handMade, "speakers: [a], policy: off-record", "speakers: [a]", 1)
	s.file("hand.yaml", open, before.Add(-2*time.Hour))
	s.file("hand.yaml", handMade, before.Add(-time.Hour))
	for _, path := range []string{"/meetings/hand57/changes", "/meetings/hand57/changes/1-2", "/en/meetings/hand57/changes"} {
		_, body := s.get(path)
		if strings.Contains(body, "secret.example.jp") || strings.Contains(body, "stream=no") {
			t.Errorf("%s tells what a policy forbids", path)
		}
	}
	has(t, s.page("/meetings/hand57/changes"), ".s-changelist", "オフレコの話 公開ポリシー 更新しました")
}

func TestSessionForMachines(t *testing.T) {
	s := handSite(t, before)
	ld := func(path string) map[string]any {
		t.Helper()
		var v map[string]any
		text := s.page(path).Find("script[type='application/ld+json']").Text()
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatalf("%s: %v in %q", path, err, text)
		}
		return v
	}
	v := ld("/en/meetings/hand57/sessions/C1")
	for key, want := range map[string]string{
		"@type": "Event", "name": "The first talk", "startDate": "2026-12-10T10:20:00+09:00", "endDate": "2026-12-10T11:20:00+09:00",
		"eventStatus": "https://schema.org/EventScheduled", "eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode",
		"url": "https://meeting.example.org/en/meetings/hand57/sessions/C1",
	} {
		if v[key] != want {
			t.Errorf("%s is %v, not %q", key, v[key], want)
		}
	}
	if places := v["location"].([]any); len(places) != 2 || !strings.Contains(fmt.Sprint(places), "https://stream.example.jp/c1") {
		t.Errorf("it takes place at %v", places)
	}
	if v := ld("/meetings/hand57/sessions/C5"); v["eventStatus"] != "https://schema.org/EventCancelled" {
		t.Errorf("a cancelled session is %v", v["eventStatus"])
	}
	if v := ld("/meetings/hand57/sessions/C6"); v["startDate"] != "2026-12-10" {
		t.Errorf("a session of a date starts %v", v["startDate"])
	}
	lacks(t, s.page("/meetings/hand57/sessions/C7"), "script[type='application/ld+json']")
	image := s.page("/en/meetings/hand57/sessions/C4").Find("meta[property='og:image']").AttrOr("content", "")
	if image != "https://meeting.example.org/en/meetings/hand57/sessions/C4/card.png" {
		t.Errorf("the card is at %q", image)
	}
	r, body := s.get("/en/meetings/hand57/sessions/C4/card.png")
	if c, err := png.DecodeConfig(strings.NewReader(body)); err != nil || c.Width != 1200 || r.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the card is %v, %v, %s", c, err, r.Header.Get("Content-Type"))
	}
}

func TestProgrammeList(t *testing.T) {
	s := handSite(t, before)
	doc := s.page("/meetings/hand57/programme")
	has(t, doc, ".s-listhead", "14件のセッション")
	has(t, doc, ".s-partname", "オンラインの部", "会場の部")
	var heads []string
	doc.Find(".s-grouphead").Each(func(_ int, g *goquery.Selection) { heads = append(heads, strings.Join(strings.Fields(g.Text()), " ")) })
	if got := strings.Join(heads, "|"); got != "2026年12月9日（水） 2件|2026年12月10日（木） 11件|日時は未定です 1件" {
		t.Errorf("the days are %s", got)
	}
	has(t, doc, ".s-row.is-cancelled", "中止の話", "中止")
	has(t, doc, ".s-row:contains('時刻未定の話') .s-open", "時刻は未定です")
	has(t, doc, ".s-inner", "一つ目のLT", "二つ目のLT")
	lacks(t, doc, ".s-rowtitle", "休憩")
	has(t, doc, ".s-row:contains('夜更けの話') time", "翌01:10–01:40")

	doc = s.page("/en/meetings/hand57/programme?by=topic")
	if n := doc.Find(".s-rowtitle:contains('Plenary')").Length(); n != 2 {
		t.Errorf("a session of two topics is listed %d times", n)
	}
	has(t, doc, ".s-grouphead", "Routing 2 sessions", "People 1 session", "Topic not stated")
	has(t, s.page("/meetings/hand57/programme?by=kind"), ".s-grouphead", "一般 11件", "ライトニングトーク 3件")
	has(t, s.page("/meetings/hand57/programme?by=language"), ".s-grouphead", "日本語、英語 1件", "言語の記載なし")
	has(t, s.page("/meetings/hand57/programme?by=room"), ".s-grouphead", "本会議場1", "第二会場 1件", "会場の記載なし 2件")
}

func TestProgrammeFilters(t *testing.T) {
	s := handSite(t, before)
	doc := s.page("/meetings/hand57/programme?room=r2&by=kind")
	has(t, doc, ".s-listhead", "14件のうち1件を表示")
	has(t, doc, ".s-active", "会場: 第二会場")
	if href := doc.Find(".s-active .chip").AttrOr("href", ""); href != "/meetings/hand57/programme?by=kind" {
		t.Errorf("the filter is taken off by %q", href)
	}
	if v := doc.Find("form select[name=room] option[selected]").AttrOr("value", ""); v != "r2" {
		t.Errorf("the form has %q", v)
	}
	if v := doc.Find("form input[name=by]").AttrOr("value", ""); v != "kind" {
		t.Errorf("the form forgets the grouping: %q", v)
	}
	doc = s.page("/en/meetings/hand57/programme?kind=lightning&lang=nowhere&utm_source=x")
	has(t, doc, ".empty", "No session matches", "See all 14 sessions")
	has(t, doc, ".s-active", "Kind: Lightning talks", "Language: a value this meeting does not have")
	if href := doc.Find(".empty a").AttrOr("href", ""); href != "/en/meetings/hand57/programme" {
		t.Errorf("everything is at %q", href)
	}
	a, b := s.page("/meetings/hand57/programme?utm_source=x&by=nonsense"), s.page("/meetings/hand57/programme")
	if a.Find("main").Text() != b.Find("main").Text() {
		t.Error("parameters that nobody knows change the page")
	}
	doc = s.page("/meetings/hand57/programme?topic=people&by=kind")
	lacks(t, doc, ".s-rowtitle", "最初の話")
	has(t, s.page("/meetings/hand57/programme?kind=lightning&topic="), ".s-inner", "一つ目のLT")
}

func TestSpeakers(t *testing.T) {
	s := handSite(t, before)
	doc := s.page("/meetings/hand57/speakers")
	var order []string
	doc.Find(".s-person").Each(func(_ int, p *goquery.Selection) { order = append(order, p.Text()) })
	if got := strings.Join(order, "、"); got != "赤井 一、蒲生 二、Mike Third" {
		t.Errorf("in order of reading they are %s", got)
	}
	has(t, doc, ".s-peoplelist li:first-child", "例示社", "C1 最初の話", "C4 オフレコの話", "L1", "P1")
	doc = s.page("/en/meetings/hand57/speakers/a")
	has(t, doc, "h1", "Hajime Akai")
	has(t, doc, ".s-sub", "赤井 一")
	has(t, doc, ".s-speaker", "Example Inc.", "networks", "Home page", "4 sessions", "The first talk", "Plenary")
	doc = s.page("/meetings/hand57/speakers/g")
	has(t, doc, ".s-row:contains('最初の話')", "モデレーター、別の社")
	has(t, doc, ".s-sub", "がもう ふたつ")
}

func TestSpeakersIndex(t *testing.T) {
	s := newSite(t, before)
	s.example(examples.Sample)
	doc := s.page("/meetings/sample/speakers")
	if got := strings.Join(strings.Fields(doc.Find(".s-index").Text()), ""); got != "" {
		if want := regexp.MustCompile(`^か.*さ.*は.*ま.*や.*ら.*A–Z$`); !want.MatchString(doc.Find(".s-index").Text()) {
			t.Errorf("the index is %q", got)
		}
	} else {
		t.Error("there is no index")
	}
	if doc.Find(doc.Find(".s-index a").First().AttrOr("href", "#none")).Length() != 1 {
		t.Error("the index leads nowhere")
	}
	if en := s.page("/en/meetings/sample/speakers").Find(".s-index").Text(); !strings.HasPrefix(en, "A") || strings.Contains(en, "か") {
		t.Errorf("the English index is %q", en)
	}
}

func TestAThousandSpeakers(t *testing.T) {
	var b strings.Builder
	b.WriteString("tsudoi: 1\nmeeting: {slug: many57, title: Many, start: 2026-12-09, end: 2026-12-09}\nkinds: [{key: regular, label: 一般}]\nspeakers:\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "  - {key: p%d, name: 人 %d, reading: %c%c%d}\n", i, i, []rune("あかさたなはまやらわ")[i%10], []rune("いきしちに")[i%5], i)
	}
	b.WriteString("sessions:\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "  - {code: C%d, kind: regular, title: 題 %d, speakers: [p%d]}\n", i, i, i)
	}
	s := newSite(t, before)
	s.file("many.yaml", b.String(), before.Add(-time.Hour))
	doc := s.page("/meetings/many57/speakers")
	if n := doc.Find(".s-person").Length(); n != 1000 {
		t.Errorf("%d of 1,000 speakers are listed", n)
	}
	if n := doc.Find(".s-index a").Length(); n != 10 {
		t.Errorf("the index has %d signs", n)
	}
	if n := s.page("/meetings/many57/programme").Find(".s-row").Length(); n != 1000 {
		t.Errorf("%d of 1,000 sessions are listed", n)
	}
}

func TestChanges(t *testing.T) {
	s := newSite(t, time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	s.example(examples.JANOG57)
	doc := s.page("/meetings/janog57/changes")
	has(t, doc, ".s-releases", "第1版", "43件のセッションを公開しました。")
	has(t, doc, "main", "最初の公開のあと、変更はありません")
	lacks(t, doc, "form.s-compare")
	s.example(examples.JANOG57OnSite)
	doc = s.page("/meetings/janog57/changes")
	has(t, doc, ".s-releases > li:first-child", "第2版", "本会議場2の5件を20分繰り下げ 2月12日（木）", "10:20–11:20 → 10:40–11:40", "会場 本会議場3 → 本会議場1")
	has(t, doc, ".s-releases > li:last-child", "第1版", "43件のセッションを公開しました。")
	doc = s.page("/en/meetings/janog57/changes/1-2")
	has(t, doc, "h1", "What changed from release 1 to 2")
	has(t, doc, "main", "Main Hall 2: 5 sessions moved 20 minutes later Thu 12 Feb", "Main Hall 3 → Main Hall 1")
	if r, _ := s.get("/en/meetings/janog57/changes?from=2&to=1"); r.Header.Get("Location") != "/en/meetings/janog57/changes/1-2" {
		t.Errorf("the form leads to %q", r.Header.Get("Location"))
	}
	if r, _ := s.get("/meetings/janog57/changes/2-1"); r.Header.Get("Location") != "/meetings/janog57/changes/1-2" {
		t.Errorf("the comparison backwards leads to %q", r.Header.Get("Location"))
	}
	has(t, s.page("/meetings/janog57/changes/2-2"), ".empty", "違いはありません")
	if r, _ := s.get(s.page("/meetings/janog57/changes").Find("a[type='application/atom+xml']").AttrOr("href", "/none")); r.StatusCode != http.StatusOK {
		t.Errorf("the feed answers %d", r.StatusCode)
	}
	moved := s.page("/meetings/janog57/changes").Find(".s-shift a").First().AttrOr("href", "")
	has(t, s.page(moved), ".s-moved", "10:20–11:20から変更")
	has(t, s.page("/en"+moved), ".s-moved", "Moved from 10:20–11:20")
	has(t, s.page("/meetings/janog57/programme"), ".s-row:contains('ネットワークのデジタルツイン') .s-rowwhen", "10:40–11:40", "10:20–11:20から変更")
	has(t, s.page("/meetings/janog57/programme"), ".s-row:contains('STB経由不正アクセス') .s-rowmeta", "本会議場1", "本会議場3から変更")
}

func TestChangesInWords(t *testing.T) {
	s := newSite(t, before)
	s.file("hand.yaml", handMade, before.Add(-30*24*time.Hour))
	second := strings.NewReplacer(
		"{ja: 裏の話, en: Elsewhere}, date: 2026-12-10, start: \"11:00\", end: \"11:40\", room: r2", "{ja: 表の話, en: Here}, date: 2026-12-10, start: \"11:00\", end: \"11:40\", room: net",
		"title: {ja: 最初の話", "status: cancelled, title: {ja: 最初の話",
		"code: C5, kind: regular, status: cancelled,", "code: C5, kind: regular,",
		"speakers: [m]", "speakers: [a]",
		"{code: C7, kind: regular, title: {ja: 日時未定の話, en: Some day}}", "{code: C7, kind: regular, title: {ja: 日時未定の話, en: Some day}, date: 2026-12-10, start: \"09:00\", end: \"09:30\", room: net}\n  - {code: C9, kind: regular, title: {ja: 新しい話, en: Brand new}, date: 2026-12-10}",
	).Replace(handMade)
	s.file("hand.yaml", second, before.Add(-20*24*time.Hour))
	third := strings.NewReplacer(`"11:30", end: "12:00", room: r1`, `"11:20", end: "11:50", room: r1`, `"13:00", end: "14:00", room: r1`, `"12:50", end: "13:50", room: r1`).Replace(second)
	s.file("hand.yaml", third, before.Add(-10*24*time.Hour))
	fourth := strings.NewReplacer(`"11:20", end: "11:50", room: r1`, `"11:20", end: "11:50", room: r2`, `"12:50", end: "13:50", room: r1`, `"12:50", end: "13:50", room: r2`).Replace(third)
	s.file("hand.yaml", fourth, before.Add(-5*24*time.Hour))

	doc := s.page("/meetings/hand57/changes")
	has(t, doc, "#r2", "1件のセッションを中止", "C1 最初の話", "1件の中止を取り消し", "C5 中止の話", "1件のセッションを追加", "C9 新しい話",
		"会場 第二会場 → オンライン", "題名 裏の話 → 表の話", "時刻 12月10日（木） 09:00–09:30", "登壇者 赤井 一を追加、Mike Thirdを削除")
	has(t, doc, "#r3", "本会議場1の2件を10分繰り上げ") // the room of that time, not the one of today
	has(t, doc, "#r4", "2件の日時・会場を変更", "会場 本会議場1 → 第二会場")
	has(t, doc, "#r1", "14件のセッションを公開しました。")
	en := s.page("/en/meetings/hand57/changes")
	has(t, en, "#r2", "1 session cancelled", "1 session takes place after all", "1 session added", "added Hajime Akai, removed Mike Third", "Title Elsewhere → Here")
	has(t, en, "#r3", "Main Hall 1: 2 sessions moved 10 minutes earlier Thu 10 Dec")
	if got := en.Find("#r2 del [lang=ja]").Text(); got != "第二会場" {
		t.Errorf("the old room is marked as Japanese in %q", got)
	}
	has(t, s.page("/meetings/hand57/changes/1-4"), ".s-changelist", "C4 オフレコの話 時刻 13:00–14:00 → 12:50–13:50 会場 本会議場1 → 第二会場")
}

func TestEveryPageOfTheExamples(t *testing.T) {
	s := newSite(t, before)
	s.example(examples.Group, examples.InternetWeek2023, examples.InternetWeek2025, examples.JANOG57, examples.JANOG57OnSite, examples.Sample)
	for _, slug := range []string{"iw2023", "iw2025", "janog57", "sample"} {
		for _, prefix := range []string{"", "/en"} {
			base := prefix + "/meetings/" + slug
			seen := map[string]bool{}
			for _, list := range []string{"/programme", "/speakers", "/changes"} {
				s.page(base + list).Find("main a[href^='" + base + "/']").Each(func(_ int, a *goquery.Selection) {
					href, _, _ := strings.Cut(a.AttrOr("href", ""), "#")
					if !seen[href] && !strings.Contains(href, "changes.atom") {
						seen[href] = true
						s.page(href)
					}
				})
			}
			if len(seen) < 3 {
				t.Errorf("%s leads to %d pages", base, len(seen))
			}
		}
	}
}

func TestPagesAreAccessible(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	s := newSite(t, before)
	s.example(examples.JANOG57, examples.JANOG57OnSite, examples.Sample)
	tab := testkit.Browser(t)
	for _, view := range []testkit.View{{Width: 1440, Height: 900}, {Width: 390, Height: 844, Dark: true}} {
		tab.Look(view)
		for _, path := range []string{
			"/meetings/sample/sessions/C20", "/en/meetings/sample/sessions/C9", "/meetings/sample/sessions/C14", "/meetings/sample/programme?kind=bof",
			"/en/meetings/sample/speakers", "/meetings/sample/speakers/taro-reiji", "/meetings/janog57/changes", "/en/meetings/janog57/changes/1-2",
		} {
			tab.Open(s.URL + path)
			tab.CheckAxe()
			if wide := testkit.Eval[int](tab, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
				t.Errorf("%s is %d pixels too wide at %d", path, wide, view.Width)
			}
		}
	}
	tab.Look(testkit.View{Width: 320, Height: 640})
	for _, path := range []string{"/en/meetings/sample/sessions/C12", "/meetings/sample/programme", "/en/meetings/sample/programme?by=topic&lang=en", "/meetings/janog57/changes"} {
		tab.Open(s.URL + path)
		if wide := testkit.Eval[int](tab, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
			t.Errorf("%s is %d pixels too wide at 320", path, wide)
		}
	}
}

func TestMeetingWithoutAProgramme(t *testing.T) {
	s := newSite(t, before)
	s.file("empty.yaml", "tsudoi: 1\nmeeting: {slug: empty57, title: {ja: 空, en: Empty}, start: 2026-12-09, end: 2026-12-09}\n", before.Add(-time.Hour))
	for path, want := range map[string]string{
		"/meetings/empty57/programme": "プログラムはまだ公開されていません", "/en/meetings/empty57/programme": "has not been published yet",
		"/meetings/empty57/speakers": "登壇者はまだ公開されていません", "/en/meetings/empty57/speakers": "No speakers have been published yet",
		"/meetings/empty57/changes": "プログラムはまだ公開されていません", "/en/meetings/empty57/changes": "has not been published yet",
	} {
		has(t, s.page(path), "main .empty", want)
	}
}

func TestHostileTextStaysText(t *testing.T) {
	const bad = `</script><script>alert(1)</script><img src=x onerror=alert(2)>`
	s := newSite(t, before)
	s.file("bad.yaml", fmt.Sprintf(`tsudoi: 1
meeting: {slug: bad57, title: Bad, start: 2026-12-09, end: 2026-12-09}
kinds: [{key: regular, label: "%[1]s"}]
speakers: [{key: a, name: "%[1]s", bio: "%[1]s"}]
sessions:
  - {code: C1, kind: regular, title: "%[1]s", subtitle: "%[1]s", abstract: "%[1]s [x](javascript:alert(3))", date: 2026-12-09, start: "10:00", end: "11:00", speakers: [a]}
  - {code: C2, kind: regular, title: "%[2]s"}
`, bad, strings.Repeat("長い題", 160)), before.Add(-time.Hour))
	for _, path := range []string{"/meetings/bad57/sessions/C1", "/meetings/bad57/sessions/C2", "/meetings/bad57/programme", "/meetings/bad57/speakers", "/meetings/bad57/speakers/a", "/meetings/bad57/changes"} {
		doc := s.page(path)
		lacks(t, doc, "main script, main img, [onerror], a[href^='javascript']")
	}
	var v map[string]any
	text := s.page("/meetings/bad57/sessions/C1").Find("script[type='application/ld+json']").Text()
	if err := json.Unmarshal([]byte(text), &v); err != nil || v["name"] != bad {
		t.Errorf("the title for machines is %v (%v)", v["name"], err)
	}
}

func TestSessionIsStarredOnItsPage(t *testing.T) {
	s := handSite(t, before)
	tab := testkit.Browser(t)
	tab.Open(s.URL + "/meetings/hand57/sessions/C1")
	if got := testkit.Eval[string](tab, "document.querySelector('.s-actions .star').click(), document.querySelector('.s-actions .star').ariaPressed"); got != "true" {
		t.Errorf("after a click the star is %q", got)
	}
	tab.Open(s.URL + "/en/meetings/hand57/programme")
	if got := testkit.Eval[int](tab, "document.querySelectorAll('.star[aria-pressed=true]').length"); got != 1 {
		t.Errorf("%d sessions of the list are starred", got)
	}
}
