package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// TestCashByKeyboard: somebody at a gate finds a person, takes cash and goes on to the next with nothing but keys; and all pages of payments are
// looked at, on a phone in the dark and on a desk.
func TestCashByKeyboard(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	w := withOrders(t, db.SQLite, 3)
	treasurer := w.member("会計", []event.RoleKey{event.RoleTreasurer}, "janog57")
	tab := testkit.Browser(t)
	tab.Look(testkit.View{Width: 390, Height: 844, Lang: "ja"})
	treasurer.signIn(tab)
	const at = "/meetings/janog57/money"
	tab.Open(w.url + at + "/gate")
	types := func(id, text string) {
		testkit.Eval[bool](tab, `(() => { const e = document.querySelector('`+id+`'); e.focus(); return e === document.activeElement })()`)
		tab.Do(chromedp.KeyEvent(text), chromedp.KeyEvent(kb.Enter))
	}
	focused := func(id string) {
		t.Helper()
		tab.Do(chromedp.WaitVisible(id))
		tab.Settle()
		if got := testkit.Eval[string](tab, `'#' + document.activeElement.id`); got != id {
			t.Errorf("the keys go to %s, not to %s", got, id)
		}
	}
	types("#gate", "受付1")
	focused("#who")
	types("#who", "koda1@example.org")
	focused("#given")
	types("#given", "20000")
	tab.Do(chromedp.WaitVisible(".r-taken .r-huge"))
	tab.Settle()
	if got := testkit.Eval[string](tab, `document.querySelector('.r-taken .r-huge').textContent`); got != "3,500円" {
		t.Errorf("the change is %s", got)
	}
	tab.CheckAxe()
	tab.Do(chromedp.KeyEvent(kb.Enter))
	focused("#who")

	rows := "日付,入金,摘要\n2026/02/10,16500,ｺｳﾀﾞ\n2026/02/10,33000,ｺｳﾀﾞ\n2026/02/11,300,ﾀﾞﾚｶ\n"
	body, kind := statementForm(t, rows)
	if got := treasurer.do("POST", at+"/bank", body, "Content-Type", kind); got.Code != http.StatusSeeOther {
		t.Fatalf("%d", got.Code)
	}
	for _, path := range []string{"/bank", "/card", "/refunds", "/paying", "/books", "/gate", "/gate?q=koda"} {
		w.looksAt(tab, at+path, "money"+strings.Map(func(r rune) rune {
			if r < 'a' || r > 'z' {
				return '-'
			}
			return r
		}, path))
	}
	sheet := w.sheetOf(0)
	begun := w.as("", "POST", sheet+"/card", "").Header().Get("Location")
	w.looksAt(tab, begun, "checkout")
	w.looksAt(tab, strings.TrimSuffix(begun, "?go=1"), "returned")
}
