package testkit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// strictPolicy is as strict as the product's: nothing inline, nothing foreign.
const strictPolicy = "default-src 'self'; script-src 'self'; style-src 'self'"

// site serves pages by path, each a body below a head with style.css.
func site(t *testing.T, bodies map[string]string) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		_, _ = fmt.Fprint(w, `@page { size: A4 landscape; margin: 10mm }
			body { background: #fff; color: #111 } .tall { height: 3000px } .break { break-before: page }
			.faint { color: #ccc }
			@media (prefers-color-scheme: dark) { body { background: #000; color: #eee } }`)
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = fmt.Fprint(w, `<svg xmlns="http://www.w3.org/2000/svg"/>`)
	})
	mux.HandleFunc("GET /boom.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = fmt.Fprint(w, `console.error("out of", 3, "rooms"); setTimeout(() => { throw new Error("boom") })`)
	})
	for path, body := range bodies {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", strictPolicy)
			_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>%s</title>
				<link rel="stylesheet" href="/style.css"></head><body><main><h1>会議</h1>
				<p id="asked">%s</p>%s</main></body></html>`, path, r.Header.Get("Accept-Language"), body)
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestTab_opensAPageAndFindsNothingWrong(t *testing.T) {
	url := site(t, map[string]string{"/plain": "<p>fine</p>"})
	tab := testkit.Browser(t)
	tab.Open(url + "/plain")
	if got := testkit.Ask(tab, chromedp.Title()); got != "/plain" {
		t.Errorf("title: got %q", got)
	}
	if got := testkit.Eval[int](tab, "Promise.resolve(6 * 7)"); got != 42 {
		t.Errorf("a promise: got %d, want 42", got)
	}
	if problems := tab.Problems(); len(problems) > 0 {
		t.Errorf("problems on a page without any: %q", problems)
	}
}

func TestTab_noticesEveryKindOfProblem(t *testing.T) {
	url := site(t, map[string]string{
		"/script":  `<script src="/boom.js"></script>`,
		"/missing": `<img src="/nowhere.png" alt="">`,
		"/inline":  `<p style="color: red">inline</p>`,
		"/foreign": `<script src="http://example.org/x.js"></script>`,
	})
	tab := testkit.Browser(t)
	for path, wants := range map[string][]string{
		"/script":  {"console.error: out of 3 rooms", "exception: Error: boom"},
		"/missing": {"/nowhere.png: status 404"},
		"/inline":  {"security:"},
		"/foreign": {"example.org"},
		"/lost":    {"/lost: status 404"},
	} {
		tab.Open(url + path)
		problems := strings.Join(tab.Problems(), "\n")
		for _, want := range wants {
			if !strings.Contains(problems, want) {
				t.Errorf("%s: problems are %q, want one with %q", path, problems, want)
			}
		}
	}
}

// failing is a test that records what it would have failed with.
type failing struct {
	testing.TB
	cleanups []func()
	errors   []string
}

func (f *failing) Helper()          {}
func (f *failing) Cleanup(d func()) { f.cleanups = append(f.cleanups, d) }
func (f *failing) Errorf(format string, values ...any) {
	f.errors = append(f.errors, fmt.Sprintf(format, values...))
}

func TestTab_problemsNobodyTookFailTheTest(t *testing.T) {
	url := site(t, map[string]string{"/script": `<script src="/boom.js"></script>`})
	inner := &failing{TB: t}
	testkit.Browser(inner).Open(url + "/script")
	for _, cleanup := range slices.Backward(inner.cleanups) {
		cleanup()
	}
	if !slices.ContainsFunc(inner.errors, func(e string) bool { return strings.Contains(e, "out of 3 rooms") }) {
		t.Errorf("the test would have failed with %q, want the console's error among them", inner.errors)
	}
}

func TestTab_tabsShareNoStorage(t *testing.T) {
	url := site(t, map[string]string{"/a": ""})
	first, second := testkit.Browser(t), testkit.Browser(t)
	first.Open(url + "/a")
	second.Open(url + "/a")
	testkit.Eval[string](first, `localStorage.star = "yes"; document.cookie = "seen=1"; ""`)
	if got := testkit.Eval[string](second, `(localStorage.star || "") + document.cookie`); got != "" {
		t.Errorf("the second tab sees %q of the first", got)
	}
}

func TestTab_looksAsTheViewSays(t *testing.T) {
	url := site(t, map[string]string{"/a": ""})
	tab := testkit.Browser(t)
	const seen = `[innerWidth, innerHeight, matchMedia("(prefers-color-scheme: dark)").matches,
		navigator.language, document.getElementById("asked").textContent.slice(0, 2),
		matchMedia("(prefers-reduced-motion: reduce)").matches, new Date(0).getHours()].join(" ")`
	for want, view := range map[string]testkit.View{
		"390 844 true ja ja true 9":   {Width: 390, Height: 844, Dark: true, Lang: "ja"},
		"1280 800 false en en true 0": {Zone: "UTC"},
	} {
		tab.Look(view)
		tab.Open(url + "/a")
		if got := testkit.Eval[string](tab, seen); got != want {
			t.Errorf("%s: got %q, want %q", view, got, want)
		}
	}
}

func TestTab_withoutScript(t *testing.T) {
	url := site(t, map[string]string{"/a": `<noscript><p id="without">without</p></noscript><script src="/boom.js"></script>`})
	tab := testkit.Browser(t)
	tab.Look(testkit.View{NoScript: true})
	tab.Open(url + "/a")
	if got := testkit.Ask(tab, chromedp.Text("#without")); got != "without" {
		t.Errorf("noscript: got %q", got)
	}
}

func TestTab_countsWhatAPageWeighs(t *testing.T) {
	url := site(t, map[string]string{"/a": strings.Repeat("<p>weight</p>", 1000)})
	tab := testkit.Browser(t)
	tab.Open(url + "/a")
	requests := slices.DeleteFunc(tab.Requests(), func(r testkit.Request) bool { return r.Type == "Other" }) // the icon
	if len(requests) != 2 || requests[0].Type != "Document" || requests[1].Type != "Stylesheet" {
		t.Fatalf("got requests %+v, want the page and its style", requests)
	}
	if page := requests[0]; page.Status != 200 || page.Bytes < 13_000 || page.Bytes > 15_000 {
		t.Errorf("got %+v, want status 200 and some 13 kB", page)
	}
}

func TestScreenshot_isTheWholePageInItsScheme(t *testing.T) {
	url := site(t, map[string]string{"/tall": `<div class="tall"></div>`})
	for scheme, view := range map[string]testkit.View{
		"light": {Width: 390, Height: 844},
		"dark":  {Width: 390, Height: 844, Dark: true, Lang: "ja"},
	} {
		content := testkit.Screenshot(t, url+"/tall", view)
		testkit.Keep(t, view.String()+".png", content)
		picture, err := png.Decode(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		size := picture.Bounds().Size()
		if size.X != 390 || size.Y < 3000 {
			t.Errorf("%s: the picture is %v, want 390 wide and over 3000 high", scheme, size)
		}
		red, _, _, _ := picture.At(1, size.Y-1).RGBA()
		if dark := red == 0; dark != view.Dark {
			t.Errorf("%s: the background's red is %d", scheme, red)
		}
	}
}

func TestPDF_isOnThePaperThePageAsksFor(t *testing.T) {
	url := site(t, map[string]string{"/sheet": `<p class="break">二枚目</p>`})
	content := testkit.PDF(t, url+"/sheet")
	testkit.Keep(t, "sheet.pdf", content)
	sheets := testkit.ReadPDF(t, content)
	if len(sheets) != 2 {
		t.Fatalf("got %d sheets, want 2", len(sheets))
	}
	if w, h := sheets[0].Width, sheets[0].Height; w < 841 || w > 843 || h < 594 || h > 596 {
		t.Errorf("the sheet is %v x %v points, want A4 landscape", w, h)
	}
	if !strings.Contains(sheets[0].Text, "会議") || !strings.Contains(sheets[1].Text, "二枚目") {
		t.Errorf("the sheets read %q and %q", sheets[0].Text, sheets[1].Text)
	}
	if _, err := png.Decode(bytes.NewReader(testkit.DrawPDF(t, content, 2))); err != nil {
		t.Errorf("the drawing of sheet 2: %v", err)
	}
}

func TestAxe_findsWhatAPageBreaksUnderAStrictPolicy(t *testing.T) {
	url := site(t, map[string]string{
		"/good": `<label for="n">Name</label><input id="n">`,
		"/bad":  `<input><img src="/style.css"><p class="faint">faint</p>`,
	})
	tab := testkit.Browser(t)
	tab.Open(url + "/good")
	tab.CheckAxe()
	tab.Open(url + "/bad")
	var rules []string
	for _, violation := range tab.Axe() {
		rules = append(rules, violation.Rule)
		if len(violation.Places) == 0 || violation.Help == "" {
			t.Errorf("%s says neither where nor what", violation)
		}
	}
	slices.Sort(rules)
	if want := []string{"color-contrast", "image-alt", "label"}; !slices.Equal(rules, want) {
		t.Errorf("broken rules: got %q, want %q", rules, want)
	}
	tab.Problems() // the picture that is none
}

func TestAxe_isTheFileItsNoteNames(t *testing.T) {
	note, err := os.ReadFile("axe/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"axe.min.js", "LICENSE"} {
		content, err := os.ReadFile("axe/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if !strings.Contains(string(note), hex.EncodeToString(sum[:])) {
			t.Errorf("axe/%s has the sum %x, which axe/README.md does not name", name, sum)
		}
	}
}
