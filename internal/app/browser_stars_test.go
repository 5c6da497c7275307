package app

import (
	"slices"
	"strings"
	"testing"

	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

const (
	starredRefs = `[...document.querySelectorAll('[data-star][aria-pressed=true]')].map(b => b.dataset.star)`
	shownRefs   = `[...document.querySelectorAll('[data-mine] .session')].filter(s => s.checkVisibility()).map(s => s.dataset.ref)`
	clashes     = `[...document.querySelectorAll('[data-mine] .session')].filter(s => s.checkVisibility() && s.querySelector('.clash')).map(s => s.dataset.ref)`
	starCount   = `document.querySelector('[data-starcount]').textContent`
)

// refOf is the reference of the session of the sample meeting with a code, as the open page has it in its links.
func refOf(tab *testkit.Tab, code string) string {
	return testkit.Eval[string](tab, `[...document.querySelectorAll('.session, .s-row')].find(s => s.querySelector('a[href$="/sessions/`+code+`"]')).querySelector('[data-star]').dataset.star`)
}

// star presses the star of a session on the open page, with a pointer.
func star(tab *testkit.Tab, ref string) {
	tab.Do(chromedp.Click(`[data-star="` + ref + `"]`))
	tab.Settle()
}

func browseStars(t *testing.T, w *site) {
	tab := testkit.Browser(t)
	tab.Look(testkit.View{Width: 1440, Height: 1000, Lang: "ja"})

	// Two on the timetable that are at the same time, one more on its own page, one in the list.
	tab.Open(w.url + "/meetings/sample/timetable/2026-12-09")
	c9, c10 := refOf(tab, "C9"), refOf(tab, "C10")
	star(tab, c9)
	star(tab, c10)
	if got := testkit.Eval[[]string](tab, starredRefs); !slices.Contains(got, c9) || len(got) != 2 {
		t.Errorf("starred on the timetable: %q, want %q and %q", got, c9, c10)
	}
	if got := testkit.Eval[string](tab, starCount); got != "2" {
		t.Errorf("the count shows %q, want 2", got)
	}
	tab.Open(w.url + "/meetings/sample/sessions/C20")
	c20 := testkit.Eval[string](tab, `document.querySelector('.s-actions [data-star]').dataset.star`)
	star(tab, c20)
	tab.Open(w.url + "/meetings/sample/programme")
	c2 := refOf(tab, "C2")
	star(tab, c2)
	want := []string{c2, c9, c10, c20}
	if got := testkit.Eval[[]string](tab, starredRefs); !sameSet(got, want) {
		t.Errorf("starred in the list: %q, want %q", got, want)
	}

	// My timetable has exactly those, in the order of time, and says which overlap.
	tab.Open(w.url + "/meetings/sample/timetable/mine")
	for _, again := range []string{"", " after a reload"} {
		if got := testkit.Eval[[]string](tab, shownRefs); !sameSet(got, want) || got[0] != c2 || got[3] != c20 {
			t.Errorf("my timetable%s: %q, want %q", again, got, want)
		}
		if got := testkit.Eval[[]string](tab, clashes); !sameSet(got, []string{c9, c10}) {
			t.Errorf("overlapping%s: %q, want %q and %q", again, got, c9, c10)
		}
		tab.Do(chromedp.Reload())
		tab.Settle()
	}
	link := testkit.Eval[string](tab, `document.querySelector('[data-icslink]').href`)
	_, refs, _ := strings.Cut(link, "session=")
	if !sameSet(strings.Split(refs, ","), want) {
		t.Errorf("the calendar link has %q, want %q", refs, want)
	}
	res := w.get(strings.TrimPrefix(link, w.url))
	if n := strings.Count(res.text(), "BEGIN:VEVENT"); n != 4 {
		t.Errorf("the calendar has %d events, want 4: %s", n, link)
	}

	// A star is taken away where it stands; the overlap goes with it.
	star(tab, c9)
	if got := testkit.Eval[[]string](tab, shownRefs); !sameSet(got, []string{c2, c10, c20}) {
		t.Errorf("my timetable without one: %q", got)
	}
	if got := testkit.Eval[[]string](tab, clashes); len(got) > 0 {
		t.Errorf("nothing overlaps any more, but %q says so", got)
	}

	// Another meeting has its own; without any, the page says what to do.
	tab.Open(w.url + "/meetings/janog57/timetable/mine")
	if got := testkit.Eval[[]string](tab, shownRefs); len(got) > 0 {
		t.Errorf("another meeting shows %q", got)
	}
	if !testkit.Eval[bool](tab, `document.querySelector('[data-none]').checkVisibility() && !document.querySelector('[data-icslink]').checkVisibility()`) {
		t.Error("an empty timetable of one's own does not say so, or offers a calendar")
	}
}

// browseStarsUnkept is in a browser that keeps nothing: stars work as long as the page is open.
func browseStarsUnkept(t *testing.T, w *site) {
	tab := testkit.Browser(t)
	atStart(tab, `Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('kept nowhere', 'SecurityError') } })`)
	tab.Open(w.url + "/meetings/sample/timetable/2026-12-09")
	ref := refOf(tab, "C9")
	star(tab, ref)
	if got := testkit.Eval[[]string](tab, starredRefs); !sameSet(got, []string{ref}) {
		t.Errorf("starred: %q, want %q", got, ref)
	}
	if got := testkit.Eval[string](tab, starCount); got != "1" {
		t.Errorf("the count shows %q, want 1", got)
	}
	star(tab, ref)
	if got := testkit.Eval[[]string](tab, starredRefs); len(got) > 0 {
		t.Errorf("starred after taking it away: %q", got)
	}
}

// atStart has a script run in the tab before every page from now on.
func atStart(tab *testkit.Tab, script string) {
	call(tab, cdpage.AddScriptToEvaluateOnNewDocument, cdpage.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
