package app

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// desks are who runs the screens of JANOG57 in these tests.
type desks struct{}

func (desks) May(p authz.Permission, scope, _ string) bool {
	return scope == "janog57" && (p == event.MayRunSignage || p == event.MayEmergency)
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
				return &authz.Actor{}, nil
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

// TestSignageLooks takes pictures of every view; look at them with TSUDOI_KEEP.
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
	for name, q := range map[string]string{
		"foyer": "mode=foyer&turn=strip&at=2026-02-12T14:10", "room": "mode=room&room=hall2&turn=strip&at=2026-02-12T14:10", "break": "mode=room&room=hall2&turn=strip&at=2026-02-12T13:10",
		"stage": "mode=stage&room=hall2&at=2026-02-12T14:57", "night": "mode=foyer&turn=strip&at=2026-02-12T23:10", "long": "mode=room&room=hall1&turn=strip&at=2026-02-11T14:10",
		"notice": "mode=notices&notice=" + byKey["slide-28"], "qr": "mode=notices&notice=" + byKey["slide-4"], "considering": "mode=notices&notice=" + byKey["slide-21-day3"],
		"rest": "mode=room&room=hall2&turn=strip&at=2026-02-13T20:10",
	} {
		for _, v := range []testkit.View{{Width: 1920, Height: 1080, Lang: "ja"}, {Width: 1080, Height: 1920, Lang: "ja"}, {Width: 1024, Height: 768, Lang: "ja"}, {Width: 390, Height: 844, Lang: "ja"}} {
			tab.Look(v)
			for _, look := range []string{"languages=both&theme=dark", "languages=en&theme=light"} {
				if v.Width != 1920 && v.Height != 1920 && strings.Contains(look, "light") {
					continue
				}
				tab.Open(base + "/preview?" + q + "&" + look)
				time.Sleep(300 * time.Millisecond)
				tab.Settle()
				testkit.Keep(t, name+"-"+v.String()+"-"+strings.TrimPrefix(look, "languages=")+".png", tab.Screenshot())
			}
		}
	}
	_ = json.Marshal
	_ = url.QueryEscape
}
