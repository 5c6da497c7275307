package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// serveAs lets a browser be somebody who is signed in.
func (w *site) serveAs(m *member) string {
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.Header.Set("Cookie", m.cookie)
		w.handler.ServeHTTP(rw, r)
	}))
	w.t.Cleanup(srv.Close)
	return srv.URL
}

// committeeOf puts people into roles of the sample meeting and returns its chair, and the token of an open invitation.
func (w *site) committeeOf(slug string) (*member, string) {
	w.t.Helper()
	chair := w.member("議長 ちか", []event.RoleKey{event.RoleChair}, slug)
	w.member("訳田 やく", []event.RoleKey{event.RoleI18N}, slug)
	w.member("組山 くみ", []event.RoleKey{event.RoleProgramme, event.RoleExecutive}, slug)
	long := w.member("とても長い名前のための長い長い名前を持つ人 Bartholomew Featherstonehaugh-Cholmondeley", nil)
	ctx := authz.System(context.Background(), "test")
	var token string
	err := w.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if _, err = w.Events.Give(ctx, tx, event.Grant{Slug: slug, Person: long.id, Role: event.RoleExecutive, EndsOn: "2027-01-31"}); err != nil {
			return err
		}
		team, err := w.Events.SaveTeam(ctx, tx, slug, event.Team{Name: i18n.T("配信班", "Streaming"), Roles: []event.RoleKey{event.RoleNOC, event.RoleReception}})
		if err != nil {
			return err
		}
		if _, err = w.Events.Give(ctx, tx, event.Grant{Slug: slug, Person: long.id, Team: team.ID}); err != nil {
			return err
		}
		if _, err = w.Events.SaveTeam(ctx, tx, slug, event.Team{Name: i18n.T("まだだれもいない班", "")}); err != nil {
			return err
		}
		token, _, err = w.Events.Invite(ctx, tx, event.Invitation{
			Slug: slug, Role: event.RoleOrganiser, Note: "会場でお会いしましょう。\nよろしくお願いします。", Uses: 3, Expires: w.now().Add(7 * 24 * time.Hour), EndsOn: "2026-12-31",
		})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return chair, token
}

// TestBrowserRoles looks at the pages of a meeting's committee as its chair, and of the group as an owner.
func TestBrowserRoles(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	w := withExamples(t, db.SQLite)
	chair, token := w.committeeOf("sample")
	owner := w.member("主 おう", []event.RoleKey{event.RoleOwner})
	at := "/meetings/sample"
	for name, set := range map[string]struct {
		as    *member
		pages []string
	}{
		"chair": {chair, []string{
			at + "/people", at + "/people/add?what=i18n&q=" + url.QueryEscape("議長"), at + "/people/add?q=zzzz", at + "/people/invite?what=chair", at + "/people/invitations/" + token,
			at + "/people/teams/new", "/invitations/" + token,
			at + "/tasks", at + "/tasks?show=all", at + "/tasks/new", at + "/settings", "/handbook/roles", at + "/sessions/C1/people",
		}},
		"owner": {owner, []string{"/admin/people", "/meetings/new"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			local := *w
			local.t, local.url = t, w.serveAs(set.as)
			tab := testkit.Browser(t)
			for i, path := range set.pages {
				for j, v := range looks() {
					if os.Getenv("TSUDOI_KEEP") == "" && j != (i*5)%12 && j != (i*5+7)%12 {
						continue
					}
					local.see(t, tab, path, v)
					if j < 2 {
						local.narrow(t, tab, path)
					}
				}
			}
		})
	}
}

// see opens a page of those who are signed in and finds fault with it.
func (w *site) see(t *testing.T, tab *testkit.Tab, path string, v testkit.View) {
	t.Helper()
	tab.Look(v)
	tab.Open(w.addressIn(path, v.Lang))
	if problems := tab.Problems(); len(problems) > 0 {
		t.Errorf("%s at %s: %q", path, v, problems)
	}
	for _, x := range tab.Axe() {
		t.Errorf("%s at %s: accessibility: %s", path, v, x)
	}
	if os.Getenv("TSUDOI_KEEP") != "" {
		testkit.Keep(t, strings.NewReplacer("/", "-", "?", "-", "&", "-", "=", "-", "%", "").Replace(path)+" "+v.String()+".png", tab.Screenshot())
	}
}
