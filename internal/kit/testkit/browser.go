package testkit

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"
)

// stepTimeout bounds each thing a test asks of the browser. It is generous: on
// a busy machine a page takes seconds, and only a page that hangs meets it.
const stepTimeout = 60 * time.Second

// A Tab is one page of a real browser, with cookies and storage of its own,
// that belongs to one test. A method that cannot do what it says ends the test.
//
// When the test ends and the page wrote an error to the console, threw an
// exception, was refused by its own content security policy, or asked for
// something that failed (a status of 400 and above, no answer), the test
// fails, unless it took those problems by calling Problems.
//
// The browser reaches this machine only: any other host is not found.
type Tab struct {
	t    testing.TB
	ctx  context.Context
	seen *record
	// noScript is whether the view forbids the page's scripts.
	noScript bool
}

// View is how a page is looked at.
type View struct {
	// Width and Height of the window in CSS pixels; 1280 x 800 when zero.
	Width, Height int
	// Dark asks for the dark colour scheme, else the light one.
	Dark bool
	// Lang is the reader's language as the browser announces it, such as "ja".
	Lang string
	// Zone is the reader's IANA time zone; Asia/Tokyo when empty.
	Zone string
	// NoScript switches JavaScript off.
	NoScript bool
}

// String names the view as in a file name: 390x844-dark-ja.
func (v View) String() string {
	v = v.filled()
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	return fmt.Sprintf("%dx%d-%s-%s", v.Width, v.Height, scheme, v.Lang)
}

func (v View) filled() View {
	if v.Width == 0 {
		v.Width = 1280
	}
	if v.Height == 0 {
		v.Height = 800
	}
	if v.Lang == "" {
		v.Lang = "en"
	}
	if v.Zone == "" {
		v.Zone = "Asia/Tokyo"
	}
	return v
}

// Browser returns a new, empty tab, seen in the zero View.
func Browser(t testing.TB) *Tab {
	t.Helper()
	Need(t, Chromium)
	address, err := debuggerAddress(chromiumService().join(t))
	if err != nil {
		t.Fatalf("the browser's address: %v", err)
	}
	tab := &Tab{t: t, seen: &record{}}
	allocator, closeAllocator := remote.NewAllocator(context.Background(), address, remote.NoModifyURL)
	ctx, closeTab := chromedp.NewContext(allocator, chromedp.WithNewBrowserContext(),
		chromedp.WithListener(tab.seen.see), chromedp.WithErrorf(t.Logf))
	tab.ctx = ctx
	t.Cleanup(func() {
		tab.reportProblems()
		closeTab()
		closeAllocator()
	})
	// Outside do: the tab lives as long as the context of the first call.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	tab.Look(View{})
	return tab
}

// Context is the chromedp context of the tab, for what has no method here:
// chromedp.Do(tab.Context(), chromedp.Click(...)).
func (tab *Tab) Context() context.Context { return tab.ctx }

// Look changes how the tab is looked at, from the next page on. Motion is
// always reduced, so that a picture does not depend on its moment.
func (tab *Tab) Look(view View) {
	tab.t.Helper()
	view = view.filled()
	tab.noScript = view.NoScript
	scheme := "light"
	if view.Dark {
		scheme = "dark"
	}
	tab.do("set the view", chromedp.EmulateViewport(int64(view.Width), int64(view.Height)),
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			media := []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme},
				{Name: "prefers-reduced-motion", Value: "reduce"},
			}
			if _, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: media}); err != nil {
				return err
			}
			if _, err := cdp.Call(ctx, target, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: view.Zone}); err != nil {
				return err
			}
			if _, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: view.NoScript}); err != nil {
				return err
			}
			return setLanguage(ctx, target, view.Lang)
		}))
}

// setLanguage changes Accept-Language and navigator.language; the protocol
// only does so together with the user agent, which is therefore read first.
func setLanguage(ctx context.Context, target *chromedp.Target, lang string) error {
	version, err := cdp.Call(ctx, target, browser.GetVersion, cdp.Empty{})
	if err != nil {
		return err
	}
	_, err = cdp.Call(ctx, target, emulation.SetUserAgentOverride,
		emulation.SetUserAgentOverrideParams{UserAgent: version.UserAgent, AcceptLanguage: lang})
	return err
}

// Open loads a page and waits until it has settled. A page that answers with
// an error status is open too; the status is among the Problems.
func (tab *Tab) Open(url string) {
	tab.t.Helper()
	tab.do("open "+url, chromedp.Navigate(url))
	tab.Settle()
}

// Settle waits until the fonts are there and the page has been drawn. Without
// scripts nothing can tell, and nothing moves after the page has loaded.
func (tab *Tab) Settle() {
	tab.t.Helper()
	if tab.noScript {
		return
	}
	tab.do("settle", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := chromedp.Evaluate[bool](`document.fonts.ready.then(() => new Promise(done =>
			requestAnimationFrame(() => requestAnimationFrame(() => done(true)))))`, chromedp.EvalAwaitPromise)(ctx, target)
		return err
	}))
}

// Do runs chromedp actions in the tab.
func (tab *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	tab.do("do", actions...)
}

func (tab *Tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, stepTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		tab.t.Fatalf("browser: %s: %v", what, err)
	}
}

// Ask runs an action in the tab and returns its value, such as
// Ask(tab, chromedp.Title()).
func Ask[T any](tab *Tab, action chromedp.Action[T]) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, stepTimeout)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		tab.t.Fatalf("browser: %v", err)
	}
	return value
}

// Eval runs JavaScript in the page, whatever its content security policy, and
// returns the value of its last expression; a promise is waited for.
func Eval[T any](tab *Tab, script string) T {
	tab.t.Helper()
	return Ask(tab, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// chromiumService describes the shared browser.
func chromiumService() service {
	return service{name: "chromium", root: sharedRoot(), idle: idleSeconds,
		running: chromiumAnswers, prepare: prepareChromium}
}

// prepareChromium says how to run the browser: without what it would fetch,
// keep or show of its own accord, and, as a test may run as root and in a
// container, without its sandbox.
func prepareChromium(state string) (*exec.Cmd, error) {
	profile := filepath.Join(state, "profile")
	if err := os.Mkdir(profile, 0o700); err != nil {
		return nil, err
	}
	command := exec.Command(chromiumProgram(), "--headless", "--remote-debugging-port=0", "--user-data-dir="+profile,
		"--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
		"--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-default-apps", "--disable-extensions", "--disable-breakpad",
		"--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows",
		"--disable-renderer-backgrounding", "--disable-client-side-phishing-detection", "--disable-popup-blocking",
		"--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider",
		"--metrics-recording-only", "--mute-audio", "--hide-scrollbars", "--force-color-profile=srgb",
		"--password-store=basic", "--use-mock-keychain",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
		"about:blank")
	command.Env = []string{"HOME=" + state, "TMPDIR=" + state}
	return command, nil
}

// chromiumAnswers says whether the browser in this state folder can be reached.
func chromiumAnswers(state string) bool {
	address, err := debuggerAddress(state)
	if err != nil {
		return false
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(address, "ws://"), "/")
	connection, err := net.DialTimeout("tcp", host, time.Second)
	if err != nil {
		return false
	}
	return connection.Close() == nil
}

// debuggerAddress reads where the browser listens: it writes the port it chose
// and a path, a line each.
func debuggerAddress(state string) (string, error) {
	text, err := os.ReadFile(filepath.Join(state, "profile", "DevToolsActivePort"))
	if err != nil {
		return "", err
	}
	port, path, complete := strings.Cut(strings.TrimSpace(string(text)), "\n")
	if !complete {
		return "", fmt.Errorf("incomplete: %q", text)
	}
	return "ws://127.0.0.1:" + port + path, nil
}

// chromiumProgram finds the browser on the PATH, under any of its usual names.
func chromiumProgram() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
