package desk

import (
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/examples"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// TestTheNightInABrowser makes the state on site from the state announced, as a chair would: by clicking.
func TestTheNightInABrowser(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	s := janog57(t, dbtest.SQLite(t, folders()...))
	tab := testkit.Browser(t)
	tab.Look(testkit.View{Width: 1440, Height: 1000, Lang: "ja"})
	click := func(what, selector string) {
		t.Helper()
		until(t, tab, what, "(() => { const e = document.querySelector(`"+selector+"`); e?.click(); return e !== null })()")
	}
	shows := func(words string) {
		t.Helper()
		until(t, tab, words, "!document.querySelector('.is-stale') && (document.querySelector('#preview')?.textContent ?? '').includes("+quote(words)+")")
	}
	publish := func(release string) {
		t.Helper()
		click("publish", "#preview .d-apply .btn")
		until(t, tab, "release "+release, "(document.querySelector('.d-done')?.textContent ?? '').includes("+quote("版"+release+"を公開しました")+")")
	}
	tab.Open(s.url + at + "/retime")

	// Day 2, room 2: twenty minutes later, but for the lightning talks, whose end is corrected.
	click("the day", `[name="day"][value="2026-02-12"]`)
	click("the room", `[name="room"][value="hall2"]`)
	click("by 20 minutes", `[name="by"][value="20"]`)
	shows("6件が動きます")
	click("the lightning talks stay", `[name="stay"][value="`+s.ref("60046")+`"]`)
	shows("5件が動きます")
	shows("入れ替えの時間がありません")
	end := "document.querySelector('[name=\"end." + s.ref("60046") + "\"]')"
	testkit.Eval[bool](tab, end+".value = '18:00'; "+end+".dispatchEvent(new Event('change', {bubbles: true})); true")
	shows("17:40–18:00")
	publish("2")

	// Day 3, room 3: twenty minutes later, but for the first session, which goes to room 1.
	click("the day", `[name="day"][value="2026-02-13"]`)
	click("the room", `[name="room"][value="hall3"]`)
	click("by 20 minutes", `[name="by"][value="20"]`)
	shows("4件が動きます")
	click("the first one stays", `[name="stay"][value="`+s.ref("60048")+`"]`)
	shows("3件が動きます")
	publish("3")
	click("the day", `[name="day"][value="2026-02-13"]`)
	click("the room", `[name="room"][value="hall3"]`)
	for _, name := range []string{"60051", "60054", "60057"} {
		click(name+" stays", `[name="stay"][value="`+s.ref(name)+`"]`)
	}
	testkit.Eval[bool](tab, "(() => { const e = document.querySelector('[name=to]'); e.value = 'hall1'; e.dispatchEvent(new Event('change', {bubbles: true})); return true })()")
	shows("1件が動きます")
	publish("4")
	tab.CheckAxe()
	for _, p := range tab.Problems() {
		if !strings.Contains(p, "422") { // a form half filled in is no plan yet
			t.Error(p)
		}
	}
	s.read(examples.JANOG57OnSite)
	d, err := s.desk.Open(authz.With(t.Context(), chair), "janog57")
	if err != nil || d.Newest.Number != 4 {
		t.Errorf("%v: the file of the state on site made release %d", err, d.Newest.Number)
	}
}

// TestRetimeKeepsTheLastChoice: what is chosen in the moment an answer to the choice before arrives stays chosen.
func TestRetimeKeepsTheLastChoice(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	s := janog57(t, dbtest.SQLite(t, folders()...))
	tab := testkit.Browser(t)
	tab.Look(testkit.View{Width: 1440, Height: 1000, Lang: "ja"})
	tab.Open(s.url + at + "/retime?do=shift&day=2026-02-12&room=hall2")
	stay := "document.querySelector('[name=\"stay\"][value=\"" + s.ref("60046") + "\"]')"
	testkit.Eval[bool](tab, `(() => {
		const real = globalThis.fetch
		globalThis.fetch = async (...args) => {
			const res = await real(...args)
			globalThis.fetch = real
			`+stay+`.click()
			return res
		}
		document.querySelector('[name="by"][value="20"]').click()
		return true
	})()`)
	until(t, tab, "the preview of both choices", "!document.querySelector('.is-stale') && (document.querySelector('#preview')?.textContent ?? '').includes('5件が動きます')")
	if !testkit.Eval[bool](tab, stay+".checked") {
		t.Error("the later choice was undone")
	}
}
