package app

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/signage"
)

// outage is a server that can go away, with every connection, and come back at the same address.
type outage struct {
	t       *testing.T
	handler http.Handler
	address string
	srv     *httptest.Server
}

func (o *outage) start() {
	o.t.Helper()
	at := o.address
	if at == "" {
		at = "127.0.0.1:0"
	}
	var l net.Listener
	var err error
	for range 50 {
		if l, err = (&net.ListenConfig{}).Listen(o.t.Context(), "tcp", at); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	o.srv = &httptest.Server{Listener: l, Config: &http.Server{Handler: o.handler, ReadHeaderTimeout: time.Minute}}
	o.srv.Start()
	o.address = l.Addr().String()
}

func (o *outage) stop() {
	o.srv.CloseClientConnections()
	o.srv.Config.SetKeepAlivesEnabled(false)
	_ = o.srv.Config.Close()
	_ = o.srv.Listener.Close()
}

// onWallUntil waits for a script to be true, and says how long it took.
func onWallUntil(t *testing.T, tab *testkit.Tab, what, script string) time.Duration {
	t.Helper()
	began := time.Now()
	for time.Since(began) < 30*time.Second {
		if testkit.Eval[bool](tab, "!!("+script+")") {
			return time.Since(began)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s: not within 30 s: %s", what, testkit.Eval[string](tab, `document.body.innerText.slice(0, 600)`))
	return 0
}

// onScreen is what the view says, on one line.
const onScreen = `document.querySelector('.sgn').innerText.replace(/\s+/g, ' ')`

// askNow has the screen ask the server at once, as when the network comes back.
const askNow = `dispatchEvent(new Event("online"))`

// later moves the clock of every page from the next one on.
func later(by time.Duration) string {
	return fmt.Sprintf(`(() => { const Real = Date, by = %d; globalThis.Date = class extends Real { constructor(...a) { if (a.length) super(...a); else super(Real.now() + by) } static now() { return Real.now() + by } } })()`, by.Milliseconds())
}

// TestSignageJourney puts a screen on the wall, in two tabs: the wall's and the desk's.
func TestSignageJourney(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	w := asDesk(t, withExamples(t, db.SQLite))
	var now atomic.Pointer[time.Time]
	set := func(clock string) {
		at, err := time.ParseInLocation("2006-01-02 15:04", "2026-02-12 "+clock, noon.Location())
		if err != nil {
			t.Fatal(err)
		}
		now.Store(&at)
	}
	set("14:10")
	w.Now = func() time.Time { return *now.Load() }
	w.Live.Start(t.Context())
	net := &outage{t: t, handler: w.handler}
	net.start()
	t.Cleanup(func() { net.stop() })
	w.url = "http://" + net.address

	wall, desk := testkit.Browser(t), testkit.Browser(t)
	wall.Look(testkit.View{Width: 1920, Height: 1080, Lang: "ja"})
	wall.Open(w.url + "/screen")
	onWallUntil(t, wall, "a code", `document.querySelector('.code')?.textContent.length === 6 && document.querySelector('#sgn-pair svg path')`)
	code := testkit.Eval[string](wall, `document.querySelector('.code').textContent`)
	wall.CheckAxe()
	testkit.Keep(t, "code.png", wall.Screenshot())

	// The desk, after reading the QR code: it leads to the meeting's desk with the code filled in.
	w.enter(desk)
	desk.Open(w.url + "/signage/pair?code=" + code)
	if !strings.Contains(testkit.Eval[string](desk, `document.body.innerText`), "JANOG57") {
		t.Fatal("the desk is not asked for which meeting it is")
	}
	desk.Open(w.url + "/meetings/janog57/signage?code=" + code + "#pair")
	testkit.Eval[bool](desk, `document.getElementById('name').value = '本会議場2 入口', document.querySelector('[name=mode][value=room]').click(), document.getElementById('room').value = 'hall2', document.getElementById('turn').value = 'strip', true`)
	desk.Do(chromedp.Click(`#pair form button`))
	onWallUntil(t, desk, "the new screen at the desk", `document.querySelector('.wall h3')?.textContent === '本会議場2 入口'`)
	onWallUntil(t, wall, "the name on the screen", `document.querySelector('.sgn_identify')?.textContent === '本会議場2 入口'`)
	onWallUntil(t, wall, "the programme on the screen", onScreen+`.includes('エンタープライズ向けクラウド')`)
	onWallUntil(t, desk, "a small picture at the desk", `document.querySelector('.wall .sgn')?.innerText.includes('エンタープライズ')`)
	onWallUntil(t, desk, "a sign of life", `document.querySelector('[data-status]').textContent === 'つながっています'`)
	desk.CheckAxe()

	// What is on moves with the clock.
	text := testkit.Eval[string](wall, onScreen)
	for _, want := range []string{"14:10", "いま Now 14:00–15:00", "残り50分", "13:40から変更", "つぎ Next 15:20–16:20", "仮想化基盤"} {
		if !strings.Contains(text, want) {
			t.Errorf("at 14:10 the screen lacks %q: %s", want, text)
		}
	}
	set("15:10")
	testkit.Eval[bool](wall, askNow)
	onWallUntil(t, wall, "the break", onScreen+`.includes('あと10分') && `+onScreen+`.includes('つぎ Next 15:20')`)
	set("15:30")
	testkit.Eval[bool](wall, askNow)
	onWallUntil(t, wall, "the next session", onScreen+`.includes('いま Now 15:20') && `+onScreen+`.includes('仮想化基盤')`)
	set("14:10")
	testkit.Eval[bool](wall, askNow)
	onWallUntil(t, wall, "14:10 again", onScreen+`.includes('いま Now 14:00')`)

	// An emergency is on the wall in a second, and gone again.
	if err := w.Screens.Cover(runs("janog57"), "janog57", signage.Danger, i18n.T("避難してください", "Please leave")); err != nil {
		t.Fatal(err)
	}
	if took := onWallUntil(t, wall, "the emergency", `document.querySelector('.sgn_cover.sgn_danger')?.innerText.includes('Please leave')`); took > 1500*time.Millisecond {
		t.Errorf("the emergency was on the wall after %v", took)
	} else {
		t.Logf("the emergency was on the wall after %v", took)
	}
	if err := w.Screens.Uncover(runs("janog57"), "janog57"); err != nil {
		t.Fatal(err)
	}
	onWallUntil(t, wall, "the end of the emergency", `!document.querySelector('.sgn_cover')`)

	// The network goes away for good: the screen goes on, says so, survives a reload, and is right an hour later.
	onWallUntil(t, wall, "the worker", `navigator.serviceWorker.controller && caches.keys().then(k => k.length > 0)`)
	wall.Open(w.url + "/screen")
	onWallUntil(t, wall, "the programme", onScreen+`.includes('エンタープライズ')`)
	for _, tab := range []*testkit.Tab{wall, desk} {
		if got := tab.Problems(); len(got) > 0 {
			t.Errorf("with the network: %q", got)
		}
	}
	desk.Open("about:blank")
	net.stop()
	wall.Do(chromedp.Reload())
	onWallUntil(t, wall, "the programme without the network", `document.querySelector('.sgn') && `+onScreen+`.includes('いま Now 14:00')`)
	atStart(wall, later(75*time.Minute))
	wall.Do(chromedp.Reload())
	onWallUntil(t, wall, "the programme an hour later", `document.querySelector('.sgn') && `+onScreen+`.includes('いま Now 15:20')`)
	onWallUntil(t, wall, "since when it is offline", onScreen+`.includes('14:10からオフライン')`)
	testkit.Keep(t, "offline.png", wall.Screenshot())

	// It comes back by itself.
	net.start()
	onWallUntil(t, wall, "14:10 by the server's clock", onScreen+`.includes('いま Now 14:00') && !`+onScreen+`.includes('オフライン')`)
	wall.Problems()

	// Unpaired, it shows a code again.
	list, err := w.Screens.Screens(runs("janog57"), "janog57")
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if len(list[0].Alive.Offline) == 0 {
		onWallUntil(t, wall, "a sign of life", `true`)
	}
	if err := w.Screens.Unpair(runs("janog57"), "janog57", list[0].Ref); err != nil {
		t.Fatal(err)
	}
	onWallUntil(t, wall, "a new code", `!document.getElementById('sgn-pair').hidden && document.querySelector('.code').textContent.length === 6`)
	if testkit.Eval[bool](wall, `(localStorage.getItem('tsudoi.screen') ?? '').includes('sessions')`) {
		t.Error("an unpaired screen keeps what it showed")
	}
	w.noErrors()
}
