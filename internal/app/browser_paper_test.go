package app

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

func itoa(n int) string { return strconv.Itoa(n) }

// browseNoScript: without scripts everything is there to read, and nothing that would do nothing.
func browseNoScript(t *testing.T, w *site) {
	tab := testkit.Browser(t)
	tab.Look(testkit.View{Width: 834, NoScript: true, Lang: "ja"})
	const dead = `[...document.querySelectorAll('button:not(form button), .js-only')].filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 100))`
	for _, path := range []string{"/meetings/sample/timetable/2026-12-10", "/meetings/sample/sessions/C20", "/meetings/sample/programme", "/meetings/sample/timetable/mine"} {
		tab.Open(w.url + path)
		if got := testkit.Eval[[]string](tab, dead); len(got) > 0 {
			t.Errorf("%s shows what does nothing without scripts: %q", path, got)
		}
		if n := testkit.Eval[int](tab, `document.querySelector('main').innerText.length`); n < 40 {
			t.Errorf("%s has %d characters without scripts", path, n)
		}
	}
	tab.Open(w.url + "/meetings/sample/timetable/2026-12-10")
	n := testkit.Eval[int](tab, `document.querySelectorAll('.grid .session').length`)
	tab.Do(chromedp.Click(".filters summary"), chromedp.SetValue("#f-kind", "hands-on"), chromedp.Click(".filters form button"), chromedp.WaitVisible(".filters .chip"))
	if got := testkit.Eval[int](tab, `document.querySelectorAll('.grid .session').length`); got == 0 || got >= n {
		t.Errorf("the filter leaves %d of %d sessions", got, n)
	}
}

// squeezed takes all space out of a text: on paper lines break anywhere.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// browsePaper prints: a sheet a day, each with all that the day holds.
func browsePaper(t *testing.T, w *site) {
	for _, c := range []struct {
		slug, paper   string
		days          int
		width, height float64
	}{{"janog57", "a4", 3, 842, 595}, {"janog57", "a3", 3, 1191, 842}, {"sample", "a4", 4, 842, 595}, {"sample", "a3", 4, 1191, 842}} {
		tab := testkit.Browser(t)
		tab.Open(w.url + "/meetings/" + c.slug + "/timetable/print?paper=" + c.paper)
		titles := testkit.Eval[[][]string](tab, `[...document.querySelectorAll('.sheet')].map(s => [...s.querySelectorAll('h3')].map(h => h.textContent))`)
		pdf := tab.PDF()
		testkit.Keep(t, c.slug+"-"+c.paper+".pdf", pdf)
		sheets := testkit.ReadPDF(t, pdf)
		if len(sheets) != c.days || len(titles) != c.days {
			t.Errorf("%s on %s: %d sheets of paper for %d days", c.slug, c.paper, len(sheets), len(titles))
			continue
		}
		for i, s := range sheets {
			if abs(s.Width-c.width) > 2 || abs(s.Height-c.height) > 2 {
				t.Errorf("%s on %s: sheet %d is %v x %v points, want %v x %v", c.slug, c.paper, i+1, s.Width, s.Height, c.width, c.height)
			}
			on := squeezed(s.Text)
			for _, title := range titles[i] {
				if r := []rune(squeezed(title)); !strings.Contains(on, string(r[:min(8, len(r))])) {
					t.Errorf("%s on %s: sheet %d lacks %q", c.slug, c.paper, i+1, title)
				}
			}
		}
	}
	if n := len(testkit.ReadPDF(t, testkit.PDF(t, w.url+"/meetings/janog57/timetable/2026-02-12"))); n != 1 {
		t.Errorf("the page of a day takes %d sheets, want 1", n)
	}
	session := testkit.ReadPDF(t, testkit.PDF(t, w.url+"/meetings/sample/sessions/C20"))
	if on := squeezed(session[0].Text); len(session) > 2 || !strings.Contains(on, squeezed("シンポジウム これからの十年")) || !strings.Contains(on, "13:40–15:00") {
		t.Errorf("a session takes %d sheets, or does not say what and when: %s", len(session), session[0].Text)
	}
}

func abs(f float64) float64 { return max(f, -f) }

// browseWeight: what a reader fetches at first is under 60 kB, pictures not counted.
func browseWeight(t *testing.T, w *site) {
	for _, path := range []string{"/", "/meetings/janog57", "/meetings/janog57/timetable/2026-02-12", "/meetings/sample/timetable/2026-12-09", "/meetings/sample/sessions/C20", "/meetings/janog57/programme"} {
		tab := testkit.Browser(t)
		tab.Open(w.url + path)
		sum := 0
		for _, r := range tab.Requests() {
			if r.Type != "Image" && !strings.HasSuffix(r.URL, ".svg") {
				sum += r.Bytes
			}
		}
		t.Logf("%-45s %5.1f kB", path, float64(sum)/1000)
		if sum < 2000 || sum > 60_000 {
			t.Errorf("%s weighs %d bytes at first sight, want less than 60,000 (and more than nothing)", path, sum)
		}
	}
}

// browseOffline loses the network after the page is there: it stays, and stars are kept.
func browseOffline(t *testing.T, w *site) {
	tab := testkit.Browser(t)
	tab.Open(w.url + "/meetings/sample/timetable/2026-12-09")
	ref := refOf(tab, "C9")
	call(tab, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: true, DownloadThroughput: -1, UploadThroughput: -1}},
	})
	if !testkit.Eval[bool](tab, `fetch(location.href, { cache: 'no-store' }).then(() => false, () => true)`) {
		t.Fatal("the network is still there")
	}
	tab.Problems() // of that attempt
	testkit.Eval[bool](tab, `document.querySelector('[data-star="`+ref+`"]').click() ?? true`)
	testkit.Eval[bool](tab, `document.querySelector('.filters summary').click() ?? true`)
	if got := testkit.Eval[[]string](tab, starredRefs); !sameSet(got, []string{ref}) {
		t.Errorf("starred without the network: %q", got)
	}
	if !testkit.Eval[bool](tab, `localStorage.getItem('tsudoi.stars.sample').includes('`+ref+`') && document.querySelector('.filters form').checkVisibility() && document.querySelectorAll('.grid .session').length > 10`) {
		t.Error("the page is not usable without the network")
	}
	uncounted := func(p string) bool { return strings.Contains(p, "/stars/anonymous") } // the star is kept, and only not counted
	if got := slices.DeleteFunc(tab.Problems(), uncounted); len(got) > 0 {
		t.Errorf("problems without the network: %q", got)
	}
}

// browseMotion: going from page to page moves nothing for those who asked for less motion.
func browseMotion(t *testing.T, w *site) {
	for _, c := range []struct {
		wish string
		want string
	}{{"reduce", "still"}, {"no-preference", "moving"}} {
		tab := testkit.Browser(t)
		atStart(tab, `addEventListener('pagereveal', e => { window.revealed = e.viewTransition ? 'moving' : 'still' })`)
		call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: c.wish}},
		})
		tab.Open(w.url + "/meetings")
		tab.Do(chromedp.Click(`header.site a.mark`), chromedp.WaitVisible(".homegrid"))
		tab.Settle()
		if got := testkit.Eval[string](tab, "window.revealed"); got != c.want {
			t.Errorf("with prefers-reduced-motion %s the next page comes %s, want %s", c.wish, got, c.want)
		}
	}
}
