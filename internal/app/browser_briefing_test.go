package app

import (
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/mail/mailtest"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program"
)

// TestBriefingJourney: a room of JANOG57 is retimed; the committee reads the offer, sends it, a speaker acknowledges from the letter on a
// phone, and the chair sees it on an open page.
func TestBriefingJourney(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	peer := mailtest.Start(t, mailtest.Options{})
	s := settings(t, db.SQLite)
	s.Mail.SMTP, s.Mail.TLS, s.Mail.From = peer.Address, "off", "committee@janog.example"
	w := startWith(t, s)
	var clock atomic.Int64
	clock.Store(noon.UnixMicro())
	w.Now = func() time.Time { return time.UnixMicro(clock.Load()) }
	if err := w.loadExamples(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Jobs.Stop(t.Context()) })
	chair := w.member("幸田", []event.RoleKey{event.RoleChair}, "janog57")
	speaker, fan := w.member("空", nil), w.member("Mei", nil)
	w.prepareBriefing(speaker, fan)
	w.retimeRoom(20 * time.Minute)

	desk := testkit.Browser(t)
	desk.Look(testkit.View{Width: 1440, Height: 1000, Lang: "ja"})
	chair.signIn(desk)
	list := w.url + "/meetings/janog57/briefings"
	desk.Open(list)
	if until(desk, `document.querySelector('.b-item.b-open')`) < 0 {
		t.Fatal("the release makes no offer on the open page")
	}
	keep := func(tab *testkit.Tab, name string) {
		t.Helper()
		tab.CheckAxe()
		if os.Getenv("TSUDOI_KEEP") != "" {
			testkit.Keep(t, name+".png", tab.Screenshot())
		}
	}
	keep(desk, "list")
	offer := testkit.Eval[string](desk, `document.querySelector('.b-item.b-open h2 a').href`)
	desk.Open(offer)
	if got := testkit.Eval[string](desk, `document.querySelector('#letter pre').textContent`); !strings.Contains(got, "前：") || !strings.Contains(got, "/briefings/") {
		t.Errorf("the preview of the letter:\n%s", got)
	}
	w.looksAt(desk, strings.TrimPrefix(offer, w.url), "offer")
	desk.Look(testkit.View{Width: 1440, Height: 1000, Lang: "ja"})
	desk.Open(offer)
	desk.Do(chromedp.Click(`button[value=send]`), chromedp.WaitVisible(`[data-countdown]`))
	keep(desk, "leaving")
	if n := len(peer.Letters()); n != 0 {
		t.Errorf("%d letters left at once", n)
	}
	clock.Add((5*time.Minute + time.Second).Microseconds())
	if until(desk, `document.querySelector('.b-waiting')`) < 0 {
		t.Fatal("the page does not show that the letters left")
	}
	var letter *mailtest.Letter
	address := strings.ToLower(speaker.ref) + "@example.org"
	if !eventually(func() bool {
		for _, l := range peer.Letters() {
			if l.To == address {
				letter = l
			}
		}
		return letter != nil
	}) {
		t.Fatal("no letter to the speaker")
	}
	w.looksAt(desk, strings.TrimPrefix(offer, w.url), "sent")
	desk.Look(testkit.View{Width: 1440, Height: 1000, Lang: "ja"})
	desk.Open(offer)
	waiting := testkit.Eval[int](desk, `document.querySelectorAll('.b-waiting .b-one').length`)

	// The letter leads to a page with a button; a program that only opens the link acknowledges nothing.
	_, rest, _ := strings.Cut(letter.Text, public+"/briefings/")
	token, _, _ := strings.Cut(rest, "\n")
	token = strings.TrimSpace(token)
	if got := w.get("/briefings/" + token); got.StatusCode != 200 || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the link: %d, %q", got.StatusCode, got.Header.Get("Cache-Control"))
	}
	phone := testkit.Browser(t)
	w.looksAt(phone, "/briefings/"+token, "told")
	phone.Look(testkit.View{Width: 390, Height: 844, Lang: "ja"})
	phone.Open(w.url + "/briefings/" + token)
	phone.Do(chromedp.Click(`.b-ack`), chromedp.WaitVisible(`.b-thanks`))
	keep(phone, "thanks")
	took := until(desk, `document.querySelector('[data-done]')?.textContent === '1'`)
	if took < 0 {
		t.Fatal("the chair does not see it")
	}
	t.Logf("the chair saw it after %.0f ms", took)
	if got := testkit.Eval[int](desk, `document.querySelectorAll('.b-waiting .b-one').length`); got != waiting-1 {
		t.Errorf("%d wait, want %d", got, waiting-1)
	}
	w.looksAt(desk, "/meetings/janog57/briefings/contacts", "contacts")
	w.looksAt(desk, "/meetings/janog57/briefings/posts", "posts")
	mine := testkit.Browser(t)
	speaker.signIn(mine)
	w.looksAt(mine, "/me/briefings", "own")
	w.noErrors()
}

// prepareBriefing makes somebody a speaker of a session that will move, and lets another star one; the NOC streams in every room.
func (w *site) prepareBriefing(speaker, fan *member) {
	w.t.Helper()
	ctx := authz.System(w.t.Context(), "test")
	p, err := w.Programmes.Programme(ctx, "janog57")
	if err != nil {
		w.t.Fatal(err)
	}
	room := p.Meeting.Rooms[1].Key
	var moves, other *program.Item
	for _, it := range p.Day("2026-02-12").Items {
		if it.Room == room && it.Start.Hour() >= 13 && !it.Type.Pause && len(it.Cast) > 0 {
			if moves == nil {
				moves = it
			} else if other == nil {
				other = it
			}
		}
	}
	if err := w.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := w.Events.Give(ctx, tx, event.Grant{Slug: "janog57", Person: speaker.id, Role: event.RoleSpeaker, Object: moves.Cast[0].Person.Key})
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	if rec := fan.do("POST", "/meetings/janog57/stars", "on="+url.QueryEscape(moves.Ref)+"%401"); rec.Code != 200 {
		w.t.Fatalf("star: %d", rec.Code)
	}
	chair := w.member("準備", []event.RoleKey{event.RoleChair}, "janog57")
	w.member("NOCの人", []event.RoleKey{event.RoleNOC}, "janog57")
	for path, form := range map[string]string{
		"posts":    "duty=streaming&holder=role%3Anoc",
		"contacts": "speaker=" + url.QueryEscape(other.Cast[0].Person.Key) + "&address=speaker%40example.org&phone=090-0000-0000",
	} {
		if rec := chair.do("POST", "/meetings/janog57/briefings/"+path, form); rec.Code != 303 {
			w.t.Fatalf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
}

// looksAt looks at a page on a phone, a tablet and a desk, by day and by night, in both languages: two ways, or with TSUDOI_KEEP
// all of them, with pictures.
func (w *site) looksAt(tab *testkit.Tab, path, name string) {
	w.t.Helper()
	for i, v := range looks() {
		if os.Getenv("TSUDOI_KEEP") == "" && i != 0 && i != 11 {
			continue
		}
		tab.Look(v)
		tab.Open(w.addressIn(path, v.Lang))
		tab.CheckAxe()
		if over := testkit.Eval[string](tab, wider); over != "" {
			w.t.Errorf("%s at %s scrolls to the side by %s", path, v, over)
		}
		if os.Getenv("TSUDOI_KEEP") != "" {
			testkit.Keep(w.t, name+"-"+v.String()+".png", tab.Screenshot())
		}
	}
}
