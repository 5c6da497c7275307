package app

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/mail/mailtest"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// TestRegistrationJourney: somebody without an account registers on a phone, opens the letter, shows that the address is theirs, changes from
// on site to online, finds what they typed again after leaving the form, and cancels; the pages are looked at on the way.
func TestRegistrationJourney(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	peer := mailtest.Start(t, mailtest.Options{})
	s := settings(t, db.SQLite)
	s.Mail.SMTP, s.Mail.TLS, s.Mail.From = peer.Address, "off", "committee@meeting.example"
	w := startWith(t, s)
	w.Now = func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, noon.Location()) }
	if err := w.loadExamples(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Jobs.Stop(t.Context()) })
	const at = "/meetings/sample/registration"
	phone := testkit.Browser(t)
	for _, path := range []string{at, at + "/new", at + "/received"} {
		for i, v := range looks() {
			if i%5 == 0 {
				w.see(t, phone, path, v)
				w.narrow(t, phone, path)
			}
		}
	}
	phone.Look(testkit.View{Width: 390, Height: 844, Lang: "ja"})
	phone.Open(w.url + at)
	phone.Do(chromedp.Click(`.r-go`), chromedp.WaitVisible(`form.r-form`))
	phone.Do(
		chromedp.Click(`input[name=kind][value=general]`), chromedp.Click(`input[name="day.2026-12-09"][value=onsite]`),
		chromedp.SendKeys(`#name_ja`, "試験 たろう"), chromedp.SendKeys(`#address`, "taro@example.org"),
	)
	// What was typed is still there when one comes back.
	phone.Do(chromedp.Navigate(w.url+at), chromedp.WaitVisible(`.r-go`), chromedp.Click(`.r-go`), chromedp.WaitVisible(`form.r-form`))
	if got := testkit.Eval[string](phone, `document.querySelector('#name_ja').value + '|' + document.querySelector('#address').value + '|' + document.querySelector('input[name="day.2026-12-09"]:checked').value`); got != "試験 たろう|taro@example.org|onsite" {
		t.Errorf("after coming back the form holds %q", got)
	}
	// Every mistake is named beside its field, and nothing is lost.
	phone.Do(chromedp.Click(`button[value=check]`), chromedp.WaitVisible(`.r-problems`))
	if problems := phone.Problems(); len(problems) != 1 || !strings.Contains(problems[0], "422") {
		t.Error(problems)
	}
	if got := testkit.Eval[string](phone, `document.querySelector('#name_ja').value + '|' + document.querySelectorAll('.error').length`); got != "試験 たろう|3" {
		t.Errorf("after a mistake: %q", got)
	}
	phone.Do(
		chromedp.Click(`input[name="q.first-time"][value=no]`), chromedp.Click(`input[name="q.photo"][value=fine]`), chromedp.Click(`input[name="consent.conduct"]`),
		chromedp.Click(`button[value=check]`), chromedp.WaitVisible(`button[value=register]`),
	)
	phone.CheckAxe()
	phone.Do(chromedp.Click(`button[value=register]`), chromedp.WaitVisible(`.done`))
	var letter *mailtest.Letter
	if !eventually(func() bool {
		for _, l := range peer.Letters() {
			letter = l
		}
		return letter != nil
	}) {
		t.Fatal("no letter")
	}
	_, rest, _ := strings.Cut(letter.Text, public+"/entries/")
	token, _, _ := strings.Cut(rest, "\n")
	own := "/entries/" + strings.TrimSpace(token)
	if got := w.get(own); got.StatusCode != 200 || got.Header.Get("Cache-Control") != "no-store" || !strings.Contains(got.Header.Get("Referrer-Policy"), "origin") && got.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("the link: %d, %q, %q", got.StatusCode, got.Header.Get("Cache-Control"), got.Header.Get("Referrer-Policy"))
	}
	for i, path := range []string{own, own + "/days", own + "/details", own + "/answers", own + "/cancel", "/q?p=" + strings.TrimSpace(token)[:26]} {
		for j, v := range looks() {
			if (i+j)%6 == 0 {
				w.see(t, phone, path, v)
				w.narrow(t, phone, path)
			}
		}
	}
	phone.Look(testkit.View{Width: 390, Height: 844, Lang: "ja"})
	phone.Open(w.url + own)
	phone.Do(chromedp.Click(`form[action$="/prove"] button`), chromedp.WaitNotPresent(`form[action$="/prove"]`))
	phone.Do(chromedp.Click(`a[href$="/days"]`), chromedp.WaitVisible(`.r-days`), chromedp.Click(`input[name="day.2026-12-09"][value=online]`), chromedp.Click(`form.r-form .actions button`), chromedp.WaitVisible(`.r-ticket`))
	if got := testkit.Eval[string](phone, `document.querySelector('.r-list').innerText`); !strings.Contains(got, "オンライン") || strings.Contains(got, "現地") {
		t.Errorf("the days are %q", got)
	}
	phone.Do(chromedp.Click(`a[href$="/cancel"]`), chromedp.WaitVisible(`#why`), chromedp.Click(`form .btn.danger`), chromedp.WaitVisible(`.note`))
	if got := testkit.Eval[string](phone, `document.querySelector('.r-page').innerText`); !strings.Contains(got, "取り消しました") || strings.Contains(got, "参加番号") {
		t.Errorf("after the cancellation:\n%s", got)
	}
	w.noErrors()
}
