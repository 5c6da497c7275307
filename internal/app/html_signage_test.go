package app

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/signage"
)

// TestSignagePagesAreSound reads every page of the desk token by token, in both languages and in each of its states.
func TestSignagePagesAreSound(t *testing.T) {
	w := asDesk(t, withExamples(t, db.SQLite))
	read := func(method, at string, form url.Values, want int) {
		t.Helper()
		for _, prefix := range []string{"", "/en"} {
			req := posted(t, w.url+prefix+at, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Cookie", deskCookie+"=1", "Sec-Fetch-Site", "same-origin")
			req.Method = method
			res := w.do(req)
			if res.StatusCode != want {
				t.Errorf("%s: %d, want %d", prefix+at, res.StatusCode, want)
				continue
			}
			_, faults := readPage(prefix+at, res.body)
			for _, f := range faults {
				t.Errorf("%s: %s", prefix+at, f)
			}
		}
	}
	const base = "/meetings/janog57/signage"
	read(http.MethodGet, base, nil, http.StatusOK)
	w.onWall(foyer())
	list, err := w.Screens.Screens(runs("janog57"), "janog57")
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if err := w.Screens.Hear(t.Context(), list[0], signage.Alive{Shows: "now", Width: 1920, Height: 1080, Offline: []signage.Outage{{From: noon.UnixMilli(), Until: noon.UnixMilli() + 60_000}}}); err != nil {
		t.Fatal(err)
	}
	notices, err := w.Screens.Notices(runs("janog57"), "janog57")
	if err != nil {
		t.Fatal(err)
	}
	n := notices[0]
	n.Targets = []string{"room:hall1", "area:" + `<b>"x"</b>`, "screen:" + list[0].Ref, "screen:gone"}
	if err := w.Screens.SaveNotice(runs("janog57"), "janog57", n); err != nil {
		t.Fatal(err)
	}
	if err := w.Screens.Act(runs("janog57"), "janog57", list[0].Ref, "hold", notices[1].Ref, 5); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "?code=ACE347", "/screens/" + list[0].Ref, "/notices/new", "/notices/" + n.Ref} {
		read(http.MethodGet, base+path, nil, http.StatusOK)
	}
	read(http.MethodGet, "/signage/pair", nil, http.StatusOK)
	if err := w.Screens.Cover(runs("janog57"), "janog57", signage.Danger, i18n.T(`<script>alert(1)</script>`, "")); err != nil {
		t.Fatal(err)
	}
	read(http.MethodGet, base, nil, http.StatusOK)
	hostile := url.Values{"code": {`"><script>`}, "name": {`"><script>alert(1)</script>`}, "area": {`'"><img src=x>`}, "mode": {"room"}, "title_ja": {`"><script>`}, "body_ja": {"</textarea><script>"}, "hours": {`"><b>`}, "seconds": {"0"}}
	read(http.MethodPost, base+"/pair", hostile, http.StatusUnprocessableEntity)
	read(http.MethodPost, base+"/notices/new", hostile, http.StatusUnprocessableEntity)
	read(http.MethodPost, base+"/screens/"+list[0].Ref, hostile, http.StatusUnprocessableEntity)
	read(http.MethodPost, base+"/settings", url.Values{"survey_url": {"javascript:alert(1)"}}, http.StatusUnprocessableEntity)
	read(http.MethodPost, base+"/emergency", url.Values{}, http.StatusUnprocessableEntity)
	if page := w.get("/screen"); strings.Contains(page.text(), "<no value>") {
		t.Error("the page of a screen lacks a value")
	}
	w.noErrors()
}
