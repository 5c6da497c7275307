package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/signage"
)

// desks are who runs the screens of JANOG57 in these tests.
type desks struct{}

func (desks) May(p authz.Permission, scope, _ string) bool {
	return scope != "sample" && (p == event.MayRunSignage || p == event.MayEmergency)
}

// deskCookie names who asks: whoever has it runs the screens.
const deskCookie = "test-desk"

// asDesk serves a site where the cookie alone says who asks, on an address of its own.
func asDesk(t testing.TB, w *site) *site {
	t.Helper()
	s := &web.Server{Site: w.Site, Log: w.Log, Routes: w.Routes(), Metrics: w.Metrics, Allowed: w.allowed,
		Identify: func(r *http.Request) (*authz.Actor, error) {
			c, err := r.Cookie(deskCookie)
			if err != nil {
				return &authz.Actor{}, nil //nolint:nilerr // no cookie: nobody
			}
			return &authz.Actor{ID: 7, Ref: "DESK" + c.Value, Name: i18n.T("画面係", "Screen desk"), Grants: desks{}}, nil
		}}
	h := s.Handler()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	own := *w
	own.t, own.url, own.handler, own.client = t, srv.URL, h, srv.Client()
	own.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// enter makes the tab's person the desk.
func (w *site) enter(tab *testkit.Tab) {
	tab.Open(w.url + "/healthz")
	testkit.Eval[bool](tab, `document.cookie = "`+deskCookie+`=1; path=/", true`)
}

// deskContext is that of who runs the screens.
func deskContext(t testing.TB) context.Context {
	return authz.With(t.Context(), &authz.Actor{ID: 7, Ref: "DESK", Name: i18n.T("画面係", "Screen desk"), Grants: desks{}})
}

// TestSignageLooks looks at every view and every page of the desk; with TSUDOI_KEEP in every way, and pictures of all are kept.
func TestSignageLooks(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	w := asDesk(t, withExamples(t, db.SQLite))
	tab := testkit.Browser(t)
	w.enter(tab)
	base := w.url + "/meetings/janog57/signage"
	notices, err := w.Screens.Notices(deskContext(t), "janog57")
	if err != nil {
		t.Fatal(err)
	}
	byKey := map[string]string{}
	for _, n := range notices {
		byKey[n.Key] = n.Ref
	}
	all := os.Getenv("TSUDOI_KEEP") != ""
	shoot := func(name, at string, views ...testkit.View) {
		for i, v := range views {
			if i > 0 && !all {
				break
			}
			tab.Look(v)
			tab.Open(at)
			time.Sleep(400 * time.Millisecond)
			tab.Settle()
			if cut := testkit.Eval[string](tab, cutOff); cut != "" {
				t.Errorf("%s at %s: cut off: %s", name, v, cut)
			}
			testkit.Keep(t, name+"-"+v.String()+".png", tab.Screenshot())
		}
	}
	wide, tall := testkit.View{Width: 1920, Height: 1080, Lang: "ja"}, testkit.View{Width: 1080, Height: 1920, Lang: "ja"}
	for name, q := range map[string]string{
		"foyer": "mode=foyer&turn=strip&at=2026-02-12T14:10", "room": "mode=room&room=hall2&turn=strip&at=2026-02-12T14:10", "break": "mode=room&room=hall2&turn=strip&at=2026-02-12T13:10",
		"stage": "mode=stage&room=hall2&at=2026-02-12T14:57", "night": "mode=foyer&turn=strip&at=2026-02-12T23:10",
		"notice": "mode=notices&notice=" + byKey["slide-28"], "qr": "mode=notices&notice=" + byKey["slide-4"], "long": "mode=notices&notice=" + byKey["slide-32"],
	} {
		shoot(name+"-dark", base+"/preview?"+q+"&languages=both&theme=dark", wide, tall, testkit.View{Width: 1024, Height: 768, Lang: "ja"}, testkit.View{Width: 390, Height: 844, Lang: "ja"})
		shoot(name+"-light", base+"/preview?"+q+"&languages=en&theme=light", wide, tall)
	}
	ctx := deskContext(t)
	if err := w.Screens.SaveSetting(ctx, "janog57", signage.Setting{Sponsors: true, SurveyURL: "https://survey.example.org/janog57"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Screens.SaveSetting(ctx, "iw2025", signage.Setting{Sponsors: true, SurveyURL: "https://survey.example.org/iw2025"}); err != nil {
		t.Fatal(err)
	}
	shoot("pairing", w.url+"/screen", wide, tall, testkit.View{Width: 390, Height: 844, Lang: "ja"})
	onWallUntil(t, tab, "a code", `document.querySelector('.code')?.textContent.length === 6`)
	code := strings.ReplaceAll(testkit.Eval[string](tab, `document.querySelector('.code').textContent`), " ", "")
	if _, err := w.Screens.Pair(ctx, "janog57", code, signage.Look{Name: "受付横", Area: "コングレ B2F", Mode: signage.Foyer, Languages: signage.Both, Theme: signage.Dark, Turn: signage.Always}); err != nil {
		t.Fatal(err)
	}
	shoot("paired", w.url+"/screen", wide)
	time.Sleep(2 * time.Second)
	deskViews := []testkit.View{{Width: 1440, Height: 1000, Lang: "ja"}, {Width: 390, Height: 844, Lang: "ja"}, {Width: 1440, Height: 1000, Lang: "ja", Dark: true}}
	full := func(name, at string, views ...testkit.View) {
		for i, v := range views {
			if i > 0 && !all {
				break
			}
			tab.Look(v)
			tab.Open(at)
			time.Sleep(1500 * time.Millisecond)
			h := testkit.Eval[int](tab, `document.documentElement.scrollHeight`)
			v.Height = min(h, 4200)
			tab.Look(v)
			time.Sleep(300 * time.Millisecond)
			testkit.Keep(t, name+"-"+v.String()+".png", tab.Screenshot())
			tab.CheckAxe()
		}
	}
	full("desk", base, deskViews...)
	full("desk-en", w.url+"/en/meetings/janog57/signage", deskViews[0])
	full("noticeform", base+"/notices/"+byKey["slide-28"], deskViews[:2]...)
	screens, err := w.Screens.Screens(ctx, "janog57")
	if err != nil || len(screens) != 1 {
		t.Fatal(screens, err)
	}
	full("one", base+"/screens/"+screens[0].Ref, deskViews[:2]...)
	for _, sev := range signage.Severities {
		if err := w.Screens.Cover(ctx, "janog57", sev, i18n.T("火災が発生しました。\n係員の案内に従って、落ち着いて避難してください。\nエレベーターは使わないでください。", "There is a fire.\nPlease stay calm, follow the staff and leave the building.\nDo not use the lifts.")); err != nil {
			t.Fatal(err)
		}
		shoot("cover-"+string(sev), w.url+"/screen", wide, tall)
	}
	full("desk-alarm", base, deskViews[0])
}

// cutOff names the texts of a view that do not fit their place.
const cutOff = `[...document.querySelectorAll('.sgn_inside, .sgn_one')].filter(e => e.clientHeight > 0 && (e.scrollHeight > e.clientHeight + 16 || e.scrollWidth > e.clientWidth + 2)).map(e => e.textContent.slice(0, 30)).join(' | ')`
