package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// clockAt makes the page's clock stand still at a moment.
func clockAt(moment string) string {
	return fmt.Sprintf(`(() => {
		const Real = Date, at = Real.parse(%q)
		globalThis.Date = class extends Real { constructor(...a) { if (a.length) super(...a); else super(at) } static now() { return at } }
	})()`, moment)
}

// runningRefs are the starts and titles of what is marked as running.
const running = `[...document.querySelectorAll('.session.is-now')].map(s => s.dataset.start.slice(11, 16) + ' ' + s.querySelector('h3').textContent.trim())`

func browseNow(t *testing.T, w *site) {
	tab := testkit.Browser(t)
	tab.Look(testkit.View{Width: 1440, Height: 1000, Lang: "ja"})
	atStart(tab, clockAt("2026-02-12T14:10:00+09:00"))
	tab.Open(w.url + "/meetings/janog57/timetable/2026-02-12")
	w.checkNow(t, tab)
	if got := testkit.Eval[string](tab, `document.querySelector('[data-zonediff]').textContent`); got != "" {
		t.Errorf("in the meeting's own zone there is a note on the difference: %q", got)
	}
	if n := testkit.Eval[int](tab, `document.querySelectorAll('.session.is-past').length`); n != 6 {
		t.Errorf("%d sessions are marked as over, want the 6 of the morning", n)
	}
	tab.CheckAxe()
	testkit.Keep(t, "now.png", tab.Screenshot())

	// Another day has nothing running, and no line.
	tab.Open(w.url + "/meetings/janog57/timetable/2026-02-13")
	if got := testkit.Eval[[]string](tab, running); len(got) > 0 {
		t.Errorf("the next day has %q running", got)
	}
	if testkit.Eval[bool](tab, `!!document.querySelector('.nowline') || !document.querySelector('[data-nownext]').hidden`) {
		t.Error("the next day has a line at the present time, or a box of what is on")
	}
}

// checkNow is what day 2 of JANOG57 looks like at 14:10.
func (w *site) checkNow(t *testing.T, tab *testkit.Tab) {
	t.Helper()
	got := testkit.Eval[[]string](tab, running)
	slices.Sort(got)
	want := []string{"13:40 GPS", "13:40 構成管理", "14:00 エンタープライズ"}
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("running: %q, want %q", got, want)
	}
	place := testkit.Eval[[]float64](tab, `(() => {
		const top = e => e.getBoundingClientRect().top
		const hour = t => top([...document.querySelectorAll('.hour')].find(h => h.dataset.at.includes('T' + t)))
		return [hour('14:00'), top(document.querySelector('.nowline')), hour('15:00')]
	})()`)
	if !slices.IsSorted(place) || place[1] == place[2] {
		t.Errorf("14:00, the line and 15:00 are at %v, from the top", place)
	}
	if label := testkit.Eval[string](tab, `document.querySelector('.nowline').textContent`); label != "14:10" {
		t.Errorf("the line says %q, want 14:10", label)
	}
	if !testkit.Eval[bool](tab, `document.querySelector('[data-nownext]').checkVisibility()`) {
		t.Fatal("what is on now is not shown")
	}
	rooms := testkit.Eval[[]string](tab, `[...document.querySelectorAll('[data-nownext] > div')].map(d => d.innerText.replace(/\s+/g, ' '))`)
	wants := [][]string{{"13:40 構成管理", "15:00 RFC7606"}, {"14:00 エンタープライズ", "15:20 仮想化基盤"}, {"13:40 GPS", "15:00 今こそ"}}
	if len(rooms) != len(wants) {
		t.Fatalf("what is on now: %q, want three rooms", rooms)
	}
	for i, all := range wants {
		for _, s := range all {
			if !strings.Contains(rooms[i], s) {
				t.Errorf("the place %d of what is on now has %q, want %q in it", i+1, rooms[i], s)
			}
		}
	}
}

// browseElsewhere reads the timetable from another zone: the clocks are the meeting's, and the difference is told.
func browseElsewhere(t *testing.T, w *site) {
	tab := testkit.Browser(t)
	tab.Look(testkit.View{Width: 1440, Height: 1000, Lang: "ja", Zone: "Europe/London"})
	atStart(tab, clockAt("2026-02-12T05:10:00Z"))
	tab.Open(w.url + "/meetings/janog57/timetable/2026-02-12")
	w.checkNow(t, tab)
	if got := testkit.Eval[string](tab, `document.querySelector('[data-zonediff]').innerText`); !strings.Contains(got, "−9") {
		t.Errorf("the note on the difference says %q, want −9 hours in it", got)
	}
	if got := testkit.Eval[string](tab, `document.querySelector('.session time').textContent`); got != "10:20–11:20" {
		t.Errorf("the first session is at %q, want 10:20–11:20", got)
	}
}
