package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program"
)

// TestCalendarIsTheFileItsNoteNames compares the vendored files with the hashes written beside them.
func TestCalendarIsTheFileItsNoteNames(t *testing.T) {
	note, err := os.ReadFile("eventcalendar/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"event-calendar.min.js", "event-calendar.min.css"} {
		b, err := os.ReadFile("eventcalendar/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(b); !strings.Contains(string(note), "| "+name+" | "+hex.EncodeToString(sum[:])+" |") {
			t.Errorf("%s is not the file that README.md names", name)
		}
	}
}

// until waits until a script says yes.
func until(t *testing.T, tab *testkit.Tab, what, script string) {
	t.Helper()
	for range 150 {
		if testkit.Eval[bool](tab, script) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("in vain: %s; the page says %q", what, testkit.Eval[string](tab, "document.querySelector('[data-said]')?.textContent ?? ''"))
}

// place is where a session of the draft is.
func (s *site) place(name string) program.Place {
	s.t.Helper()
	d, err := s.desk.Open(authz.With(s.t.Context(), chair), "janog57")
	if err != nil {
		s.t.Fatal(err)
	}
	return program.PlaceOf(d.Session(name))
}

func (s *site) wantPlace(t *testing.T, name string, want program.Place) {
	t.Helper()
	var got program.Place
	for range 100 {
		if got = s.place(name); got == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s is at %+v, want %+v", name, got, want)
}

// key presses a key on what has the focus.
func key(tab *testkit.Tab, k string, shift, ctrl bool) {
	js := "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: " + quote(k) + ", bubbles: true, cancelable: true, shiftKey: " + boolean(shift) + ", ctrlKey: " + boolean(ctrl) + "}))"
	testkit.Eval[bool](tab, js+"; true")
}

func quote(s string) string { return `"` + s + `"` }

func boolean(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// TestGrid drags, resizes and types in a real browser.
func TestGrid(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	s := janog57(t, dbtest.SQLite(t, folders()...))
	ref := s.ref("60031")
	tab := testkit.Browser(t)
	tab.Look(testkit.View{Width: 1440, Height: 1000, Lang: "ja"})
	tab.Open(s.url + at + "/grid?day=2026-02-12")
	until(t, tab, "the grid is drawn", "document.querySelectorAll('.ec-event').length > 10")
	event := "document.querySelector('.ec-event[data-ref=\"" + ref + "\"]')"

	testkit.Eval[bool](tab, event+".focus(); true")
	key(tab, "ArrowDown", false, false)
	key(tab, "ArrowDown", true, false)
	s.wantPlace(t, "60031", program.Place{Day: "2026-02-12", Start: "10:40", End: "11:40", Room: "hall2"})
	until(t, tab, "the clash is told", "document.querySelector('[data-clashes]').textContent.includes('入れ替えの時間がありません')")
	until(t, tab, "the focus stays", "document.activeElement?.dataset?.ref === '"+ref+"'")
	key(tab, "ArrowRight", false, false)
	s.wantPlace(t, "60031", program.Place{Day: "2026-02-12", Start: "10:40", End: "11:40", Room: "hall3"})
	until(t, tab, "the focus stays", "document.activeElement?.dataset?.ref === '"+ref+"'")
	key(tab, "+", false, false)
	s.wantPlace(t, "60031", program.Place{Day: "2026-02-12", Start: "10:40", End: "11:45", Room: "hall3"})
	time.Sleep(300 * time.Millisecond)
	key(tab, "z", false, true)
	s.wantPlace(t, "60031", program.Place{Day: "2026-02-12", Start: "10:40", End: "11:40", Room: "hall3"})
	time.Sleep(300 * time.Millisecond)
	key(tab, "Z", true, true)
	s.wantPlace(t, "60031", program.Place{Day: "2026-02-12", Start: "10:40", End: "11:45", Room: "hall3"})
	time.Sleep(300 * time.Millisecond)
	testkit.Eval[bool](tab, event+".focus(); true")
	key(tab, "u", false, false)
	s.wantPlace(t, "60031", program.Place{})
	until(t, tab, "it is in the tray", "document.querySelector('[data-tray] [data-ref=\""+ref+"\"]') !== null")
	testkit.Eval[bool](tab, "document.querySelector('[data-tray] [data-ref=\""+ref+"\"]').focus(); true")
	key(tab, "Enter", false, false)
	until(t, tab, "it is back", event+" !== null")
	time.Sleep(500 * time.Millisecond)
	if p := s.place("60031"); p.Day != "2026-02-12" || p.Start == "" {
		t.Errorf("from the tray: %+v", p)
	}

	// Dragged with a mouse: 60034 an hour later and into hall 3.
	other := s.ref("60034")
	x, y := center(tab, other)
	dx := testkit.Eval[float64](tab, "(() => { const c = [...document.querySelectorAll('.ec-day')].map(e => e.getBoundingClientRect().left); return c[1] - c[0] })()")
	tab.Do(chromedp.MouseEvent("mousePressed", x, y, chromedp.ButtonLeft))
	for i := 1; i <= 10; i++ {
		tab.Do(chromedp.MouseEvent("mouseMoved", x+dx*float64(i)/10, y+float64(i)*10.4, chromedp.ButtonLeft))
	}
	tab.Do(chromedp.MouseEvent("mouseReleased", x+dx, y+104, chromedp.ButtonLeft))
	s.wantPlace(t, "60034", program.Place{Day: "2026-02-12", Start: "12:40", End: "13:20", Room: "hall3"})
	tab.CheckAxe()
	if got := tab.Problems(); len(got) > 0 {
		t.Error(got)
	}
	testkit.Keep(t, "grid.png", tab.Screenshot())
}

func center(tab *testkit.Tab, ref string) (x, y float64) {
	at := testkit.Eval[[]float64](tab, "(() => { const e = document.querySelector('.ec-event[data-ref=\""+ref+"\"]'); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.top + 12] })()")
	return at[0], at[1]
}

// TestAutosave types into a field in two browsers at once.
func TestAutosave(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	s := janog57(t, dbtest.SQLite(t, folders()...))
	one, two := testkit.Browser(t), testkit.Browser(t)
	path := s.url + at + "/sessions/" + s.ref("60031")
	one.Open(path)
	two.Open(path)
	set := func(tab *testkit.Tab, v string) {
		testkit.Eval[bool](tab, "(() => { const f = document.querySelector('[name=\"f.title.en\"]'); f.focus(); f.value = "+quote(v)+"; f.dispatchEvent(new Event('change', {bubbles: true})); return true })()")
	}
	state := "document.querySelector('[data-field=\"title.en\"] [data-state]').textContent"
	testkit.Eval[bool](one, "document.documentElement.dataset.live === 'on' || new Promise(done => document.addEventListener('live:state', () => done(true), {once: true}))")
	testkit.Eval[bool](two, "document.documentElement.dataset.live === 'on' || new Promise(done => document.addEventListener('live:state', () => done(true), {once: true}))")
	testkit.Eval[bool](two, "(() => { const f = document.querySelector('[name=\"f.title.en\"]'); f.focus(); f.value = 'Two, being'; return true })()")
	set(one, "One")
	until(t, one, "it is saved", state+".includes('保存しました')")
	until(t, two, "what is being written is left alone, and told", "document.querySelector('[name=\"f.title.en\"]').value === 'Two, being' && document.querySelector('.d-conflict blockquote')?.textContent === 'One'")
	testkit.Eval[bool](two, "document.querySelector('.d-conflict').remove(); true")
	set(two, "Two")
	until(t, two, "the conflict is shown", "document.querySelector('[data-field=\"title.en\"] .d-conflict blockquote')?.textContent === 'One'")
	if got := two.Problems(); len(got) != 1 || !strings.Contains(got[0], "409") {
		t.Error(got)
	}
	two.CheckAxe()
	testkit.Eval[bool](two, "[...document.querySelectorAll('.d-conflict button')].at(-1).click(); true")
	until(t, two, "mine is kept", state+".includes('保存しました')")
	d, err := s.desk.Open(authz.With(t.Context(), chair), "janog57")
	if err != nil || d.Session("60031").Title.EN != "Two" {
		t.Error(err, d.Session("60031").Title)
	}
	// The other page takes it over by itself.
	testkit.Eval[bool](one, "document.activeElement.blur(); true")
	until(t, one, "the other page shows it", "document.querySelector('[name=\"f.title.en\"]').value === 'Two'")
}
