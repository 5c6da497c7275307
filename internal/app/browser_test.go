package app

import (
	"context"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// TestBrowser looks at the running program, with its examples, through a real browser.
func TestBrowser(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	w := withExamples(t, db.SQLite)
	for name, test := range map[string]func(*testing.T, *site){
		"pages":           browsePages,
		"stars":           browseStars,
		"nothing is kept": browseStarsUnkept,
		"now":             browseNow,
		"elsewhere":       browseElsewhere,
		"keys":            browseKeys,
		"slash":           browseSlash,
		"no script":       browseNoScript,
		"paper":           browsePaper,
		"weight":          browseWeight,
		"no network":      browseOffline,
		"motion":          browseMotion,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, w) })
	}
}

// looks are the ways a page is looked at: three widths, light and dark, two languages.
func looks() []testkit.View {
	var all []testkit.View
	for _, width := range []int{390, 834, 1440} {
		for _, dark := range []bool{false, true} {
			for _, lang := range []string{"ja", "en"} {
				all = append(all, testkit.View{Width: width, Height: 900, Dark: dark, Lang: lang})
			}
		}
	}
	return all
}

// shown is a page and whether every way of looking at it is gone through; the others are seen in two ways each, which turn from page to
// page so that together they are all seen. With TSUDOI_KEEP every page is seen in every way, and pictures of all are kept.
type shown struct {
	path  string
	whole bool
}

// kindsOfPages are one page of each kind there is, by the address without a language.
var kindsOfPages = []shown{
	{"/", true}, {"/meetings", false}, {"/series/janog", false},
	{"/meetings/janog57", false}, {"/meetings/iw2023", false}, {"/meetings/sample", true}, {"/meetings/iw2025/pages/noc", false},
	{"/meetings/janog57/timetable/2026-02-12", true}, {"/meetings/iw2023/timetable", false}, {"/meetings/iw2025/timetable", false},
	{"/meetings/sample/timetable/2026-12-10?kind=hands-on", false}, {"/meetings/janog57/timetable/mine", false}, {"/meetings/sample/timetable/print", false},
	{"/meetings/sample/programme", false}, {"/meetings/sample/programme?by=kind", false}, {"/meetings/sample/programme?by=topic", false},
	{"/meetings/sample/programme?by=room", false}, {"/meetings/sample/programme?by=lang", false}, {"/meetings/sample/programme?kind=nothing-of-it", false},
	{"/meetings/sample/sessions/C1", false}, {"/meetings/sample/sessions/C9", false}, {"/meetings/sample/sessions/C20", true},
	{"/meetings/sample/sessions/C24", false}, {"/meetings/sample/sessions/C14", false}, {"/meetings/sample/sessions/C34", false},
	{"/meetings/janog57/speakers", false}, {"/meetings/sample/speakers/midori-shisaku", false},
	{"/meetings/janog57/changes", false}, {"/meetings/janog57/changes?from=1&to=2", false},
	{"/search", false}, {"/search?q=" + url.QueryEscape("経路"), false}, {"/search?q=qqqqzzzz", false},
	{"/handbook", false}, {"/handbook/meeting-file", false}, {"/not-there", false},
}

// addressIn is the address of a page in a language, the default being Japanese.
func (w *site) addressIn(path, lang string) string {
	if lang == "ja" {
		return w.url + path
	}
	return w.url + "/" + lang + path
}

func browsePages(t *testing.T, w *site) {
	all := looks()
	keep := os.Getenv("TSUDOI_KEEP") != ""
	for i, p := range kindsOfPages {
		t.Run(strings.Trim(strings.NewReplacer("/", "-", "?", "-", "&", "-", "=", "-", "%", "").Replace(p.path), "-"), func(t *testing.T) {
			t.Parallel()
			tab := testkit.Browser(t)
			for j, v := range all {
				if p.whole || keep || j == (i*5)%12 || j == (i*5+7)%12 {
					w.look(t, tab, p.path, v)
					if j < 2 || !p.whole {
						w.narrow(t, tab, p.path) // once or more in each language
					}
				}
			}
		})
	}
}

// look opens a page and finds fault with it.
func (w *site) look(t *testing.T, tab *testkit.Tab, path string, v testkit.View) {
	t.Helper()
	tab.Look(v)
	tab.Open(w.addressIn(path, v.Lang))
	if problems := tab.Problems(); path == "/not-there" {
		if len(problems) != 1 || !strings.Contains(problems[0], "404") {
			t.Errorf("%s: problems %q, want one of status 404", path, problems)
		}
	} else if len(problems) > 0 {
		t.Errorf("%s at %s: %q", path, v, problems)
	}
	for _, x := range tab.Axe() {
		t.Errorf("%s at %s: accessibility: %s", path, v, x)
	}
	if os.Getenv("TSUDOI_KEEP") != "" {
		testkit.Keep(t, v.String()+".png", tab.Screenshot())
	}
	if got := testkit.Eval[string](tab, "document.documentElement.lang"); got != v.Lang {
		t.Errorf("%s: the page is in %q, want %q", path, got, v.Lang)
	}
	if got := testkit.Eval[string](tab, "document.cookie"); got != "" {
		t.Errorf("%s: has cookies: %s", path, got)
	}
	for _, r := range tab.Requests() {
		if !strings.HasPrefix(r.URL, w.url+"/") {
			t.Errorf("%s: asks for %s, which is not ours", path, r.URL)
		}
	}
}

// wider is how far the page reaches over the window to the side, in CSS pixels, with what stands out most.
const wider = `(() => {
	const over = document.documentElement.scrollWidth - innerWidth
	if (over <= 0) return ''
	const worst = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
	return over + ' px: ' + worst.slice(-3).map(e => e.tagName + '.' + e.className).join(', ')
})()`

// narrow makes the window of the open page narrower and wider: it never scrolls to the side. 720 at twice the scale is 1440 at 200 %.
func (w *site) narrow(t *testing.T, tab *testkit.Tab, path string) {
	t.Helper()
	for _, width := range []int64{320, 390, 834, 1440} {
		tab.Do(chromedp.EmulateViewport(width, 900))
		if over := testkit.Eval[string](tab, wider); over != "" {
			t.Errorf("%s scrolls to the side at %d px, by %s", path, width, over)
		}
	}
	tab.Do(chromedp.EmulateViewport(720, 450, chromedp.EmulateScale(2)))
	if over := testkit.Eval[string](tab, wider); over != "" {
		t.Errorf("%s scrolls to the side at 200 %%, by %s", path, over)
	}
}

// call sends the browser a command of its protocol.
func call[P, R any](tab *testkit.Tab, command cdp.Command[P, R], params P) {
	tab.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	}))
}
