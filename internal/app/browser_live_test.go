package app

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program"
)

// until waits in the page for a condition and says how many milliseconds that took, or -1.
func until(tab *testkit.Tab, condition string) float64 {
	return testkit.Eval[float64](tab, `new Promise((done) => {
		const began = performance.now()
		const look = () => {
			if (`+condition+`) done(performance.now() - began)
			else if (performance.now() - began > 20000) done(-1)
			else setTimeout(look, 10)
		}
		look()
	})`)
}

// retimeRoom moves what one room has left on the second day of JANOG57.
func (w *site) retimeRoom(by time.Duration) {
	w.t.Helper()
	m, err := w.Events.Meeting(w.t.Context(), "janog57")
	if err != nil {
		w.t.Fatal(err)
	}
	plan := program.Plan{Day: "2026-02-12", Rooms: []string{m.Rooms[1].Key}, From: "13:00", By: by}
	if _, _, err := w.Programmes.Retime(w.t.Context(), "janog57", plan, program.Retiming{Source: "test"}); err != nil {
		w.t.Fatal(err)
	}
}

// TestBrowserLive: a release shows on open pages by itself, where the reader is.
func TestBrowserLive(t *testing.T) {
	w := withExamples(t, db.SQLite)
	tab := testkit.Browser(t)
	tab.Look(testkit.View{Width: 1440, Height: 700, Lang: "ja"})
	tab.Open(w.url + "/meetings/janog57/timetable/2026-02-12")
	connected := `document.documentElement.dataset.live === 'on'`
	if until(tab, connected) < 0 {
		t.Fatal("the page does not connect")
	}
	if w.Live.Listeners("meeting:janog57") != 1 {
		t.Errorf("%d listen", w.Live.Listeners("meeting:janog57"))
	}
	ref := testkit.Eval[string](tab, `(() => {
		const s = [...document.querySelectorAll('.session')].find((s) => s.dataset.start.includes('T15:00'))
		s.scrollIntoView({ block: 'center', behavior: 'instant' })
		s.querySelector('[data-star]').focus()
		document.querySelector('details').open = true
		return s.dataset.ref
	})()`)
	before := testkit.Eval[[]string](tab, `[...document.querySelectorAll('.session')].map((s) => s.dataset.start)`)
	scrolled := testkit.Eval[float64](tab, `scrollY`)
	w.retimeRoom(20 * time.Minute)
	took := until(tab, `document.querySelector('.livenote')?.textContent`)
	if took < 0 {
		t.Fatal("the page shows nothing new")
	}
	t.Logf("shown after %.0f ms", took)
	if took > 5000 {
		t.Errorf("it took %.0f ms", took)
	}
	after := testkit.Eval[[]string](tab, `[...document.querySelectorAll('.session')].map((s) => s.dataset.start)`)
	moved := 0
	for i := range before {
		if i < len(after) && before[i] != after[i] {
			moved++
		}
	}
	if moved == 0 || len(after) != len(before) {
		t.Errorf("of %d sessions %d moved", len(after), moved)
	}
	if y := testkit.Eval[float64](tab, `scrollY`); y < 1 || y < scrolled-150 || y > scrolled+150 {
		t.Errorf("the page was scrolled to %.0f and is at %.0f", scrolled, y)
	}
	if got := testkit.Eval[string](tab, `document.activeElement.dataset.star ?? document.activeElement.outerHTML.slice(0, 100)`); got != ref {
		t.Errorf("the focus is on %s, want the star of %s", got, ref)
	}
	if !testkit.Eval[bool](tab, `document.querySelector('details').open && !!document.querySelector('.is-fresh') && document.querySelectorAll('head link[href*="grid.css"]').length === 1`) {
		t.Error("what was opened is closed, nothing is marked, or the style sheets are not those of the new page")
	}
	tab.CheckAxe()
	testkit.Keep(t, "live.png", tab.Screenshot())

	// Somebody who is choosing is asked first.
	testkit.Eval[bool](tab, `(document.querySelector('main select').focus(), true)`)
	w.retimeRoom(-20 * time.Minute)
	if until(tab, `document.querySelector('.livenote button')`) < 0 {
		t.Fatal("nobody is asked")
	}
	testkit.Eval[bool](tab, `(document.querySelector('.livenote button').click(), true)`)
	if until(tab, `JSON.stringify([...document.querySelectorAll('.session')].map((s) => s.dataset.start)) === `+"`"+jsonOf(t, before)+"`") < 0 {
		t.Error("the new content does not show when asked for")
	}

	// Another tab of the same meeting shares the connection, and a page that declares nothing has none.
	other := testkit.Browser(t)
	other.Open(w.url + "/handbook")
	if testkit.Eval[bool](other, `document.documentElement.dataset.live !== undefined`) {
		t.Error("a page without a topic connects")
	}
	w.noErrors()
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestBrowserTabsShareAStream: two tabs of one meeting have one connection; both hear; and when the tab that has it goes, the other connects.
func TestBrowserTabsShareAStream(t *testing.T) {
	w := withExamples(t, db.SQLite)
	tab := testkit.Browser(t)
	tab.Open(w.url + "/meetings/janog57/timetable/2026-02-12")
	if until(tab, `document.documentElement.dataset.live === 'on'`) < 0 {
		t.Fatal("the page does not connect")
	}
	if testkit.Eval[bool](tab, `(globalThis.other = open('/meetings/janog57/programme')) === null`) {
		t.Fatal("no second tab")
	}
	if until(tab, `other.document?.documentElement?.dataset?.live === 'on'`) < 0 {
		t.Fatal("the second tab does not hear that there is a connection")
	}
	if n := w.Live.Streams(); n != 1 {
		t.Errorf("two tabs have %d connections", n)
	}
	testkit.Eval[bool](tab, `(other.heard = 0, other.document.addEventListener('live:meeting:janog57', () => other.heard++), true)`)
	w.retimeRoom(20 * time.Minute)
	if until(tab, `other.heard === 1`) < 0 || until(tab, `document.querySelector('.livenote')?.textContent`) < 0 {
		t.Error("not both tabs hear of a release")
	}
	// The first tab goes elsewhere: the second one takes over.
	tab.Do(chromedp.Navigate(w.url + "/handbook")) // not Open: a tab in the background is not drawn
	deadline := time.Now().Add(20 * time.Second)
	time.Sleep(200 * time.Millisecond) // its own connection has ended by now
	for w.Live.Listeners("meeting:janog57") != 1 || w.Live.Streams() != 1 {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections after the first tab went", w.Live.Streams())
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.noErrors()
}

// TestBrowserComesBack: the server goes for a while; the page says so, connects again, and shows what it missed.
func TestBrowserComesBack(t *testing.T) {
	w := withExamples(t, db.SQLite)
	var away atomic.Bool
	inner := w.handler
	srv := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if away.Load() {
			panic(http.ErrAbortHandler)
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		go func() {
			for ctx.Err() == nil {
				if time.Sleep(10 * time.Millisecond); away.Load() {
					cancel()
				}
			}
		}()
		inner.ServeHTTP(out, r.WithContext(ctx))
	}))
	t.Cleanup(func() { away.Store(true); srv.Close() })
	tab := testkit.Browser(t)
	tab.Open(srv.URL + "/meetings/janog57/timetable/2026-02-12")
	if until(tab, `document.documentElement.dataset.live === 'on'`) < 0 {
		t.Fatal("the page does not connect")
	}
	away.Store(true)
	if until(tab, `document.documentElement.dataset.live === 'off' && Date.parse(document.documentElement.dataset.liveSince) > 0`) < 0 {
		t.Fatal("the page does not say that it is cut off")
	}
	w.retimeRoom(20 * time.Minute)
	away.Store(false)
	took := until(tab, `document.documentElement.dataset.live === 'on' && document.querySelector('.livenote')?.textContent`)
	if took < 0 {
		t.Error("the page does not show what it missed")
	}
	t.Logf("caught up %.0f ms after the server was back", took)
	tab.Problems() // the connections that were cut off
}
