package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// focused tells what has the focus: a number of its own, whether a ring shows, when its session starts, and what it is.
const focused = `(() => {
	const e = document.activeElement
	if (!e || e === document.body) return null
	const ring = x => { const s = getComputedStyle(x); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 }
	const card = e.closest('.session')
	const box = e.getBoundingClientRect()
	const all = [...document.querySelectorAll('*')]
	return { number: all.indexOf(e), ring: ring(e) || (card !== null && ring(card)), start: card && e.closest('h3') ? card.dataset.start ?? '' : '',
		inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth, what: e.outerHTML.slice(0, 120) }
})()`

// reachable are the numbers of what can be acted on and is in sight.
const reachable = `(() => {
	const all = [...document.querySelectorAll('*')]
	return [...document.querySelectorAll('a[href], button, select, input:not([type=hidden]), summary, [tabindex="0"]')]
		.filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.disabled).map(e => all.indexOf(e))
})()`

type focusOn struct {
	Number int
	Ring   bool
	Start  string
	Inside bool
	What   string
}

func browseKeys(t *testing.T, w *site) {
	for _, path := range []string{"/", "/meetings/janog57/timetable/2026-02-12", "/meetings/sample/sessions/C20", "/meetings/sample/programme", "/search?q=BGP"} {
		t.Run(strings.ReplaceAll(strings.Trim(path, "/"), "/", "-"), func(t *testing.T) {
			t.Parallel()
			tab := testkit.Browser(t)
			tab.Look(testkit.View{Width: 1280, Height: 800, Lang: "ja"})
			tab.Open(w.url + path)
			tabThrough(t, tab)
		})
	}
	tab := testkit.Browser(t)
	tab.Open(w.url + "/meetings/sample/programme")
	tab.Do(chromedp.KeyEvent(kb.Tab))
	if !testkit.Eval[bool](tab, `document.activeElement.matches('.skip') && document.activeElement.getBoundingClientRect().left >= 0`) {
		t.Error("the first key does not show the way past the menus")
	}
	tab.Do(chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(kb.Tab))
	if !testkit.Eval[bool](tab, `document.activeElement.closest('main') !== null`) {
		t.Error("the way past the menus does not lead into the content")
	}
}

// tabThrough goes through the open page with the Tab key until it has been everywhere.
func tabThrough(t *testing.T, tab *testkit.Tab) {
	t.Helper()
	left := map[int]bool{}
	for _, n := range testkit.Eval[[]int](tab, reachable) {
		left[n] = true
	}
	if len(left) < 10 {
		t.Fatalf("only %d things to reach", len(left))
	}
	var starts []string
	for range len(left) + 3 {
		tab.Do(chromedp.KeyEvent(kb.Tab))
		on := testkit.Eval[*focusOn](tab, focused)
		if on == nil {
			break
		}
		delete(left, on.Number)
		if !on.Ring {
			t.Errorf("no ring shows the focus on %s", on.What)
		}
		if !on.Inside {
			t.Errorf("the focus is out of sight on %s", on.What)
		}
		if on.Start != "" {
			starts = append(starts, on.Start)
		}
	}
	for n := range left {
		t.Errorf("not reached: %s", testkit.Eval[string](tab, `document.querySelectorAll('*')[`+itoa(n)+`].outerHTML.slice(0, 120)`))
	}
	if !slices.IsSorted(starts) {
		t.Errorf("sessions are not reached in the order of time: %q", starts)
	}
}

// browseSlash: "/" leads to the search, but not while somebody types or composes.
func browseSlash(t *testing.T, w *site) {
	tab := testkit.Browser(t)
	tab.Open(w.url + "/search?q=BGP")
	tab.Do(chromedp.KeyEvent("/"))
	if !testkit.Eval[bool](tab, `document.activeElement.id === 'q'`) {
		t.Error("/ does not go to the field")
	}
	tab.Do(chromedp.KeyEvent("/"))
	if got := testkit.Eval[string](tab, `document.querySelector('#q').value`); !strings.Contains(got, "/") {
		t.Errorf("/ cannot be typed into the field: %q", got)
	}
	tab.Open(w.url + "/meetings/sample/programme")
	stays := `document.dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true, cancelable: true, ` // true: nobody took it
	if !testkit.Eval[bool](tab, stays+`isComposing: true }))`) || !testkit.Eval[bool](tab, stays+`ctrlKey: true }))`) {
		t.Error("/ is taken while somebody composes, or with Ctrl")
	}
	tab.Do(chromedp.KeyEvent("/"))
	tab.Do(chromedp.WaitVisible("#q"))
	tab.Settle()
	if !testkit.Eval[bool](tab, `location.pathname.endsWith('/search') && document.activeElement.id === 'q'`) {
		t.Error("/ does not lead to the search")
	}
}
