package app

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// form writes a form as a browser sends it.
func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// submit sends a form and expects to be sent on; it returns where to.
func (m *member) submit(path string, pairs ...string) string {
	m.w.t.Helper()
	rec := m.do(http.MethodPost, path, form(pairs...))
	if rec.Code != http.StatusSeeOther {
		m.w.t.Fatalf("POST %s: %d\n%s", path, rec.Code, rec.Body)
	}
	return rec.Header().Get("Location")
}

// page asks for a page that must be there.
func (m *member) page(path string) *goquery.Document {
	m.w.t.Helper()
	rec := m.do(http.MethodGet, path, "")
	if rec.Code != http.StatusOK {
		m.w.t.Fatalf("GET %s: %d", path, rec.Code)
	}
	doc, err := goquery.NewDocumentFromReader(rec.Body)
	if err != nil {
		m.w.t.Fatal(err)
	}
	return doc
}

// TestJourneyOfRoles: a chair gives a role by name and takes it back, undoes that, and invites by a link, which its reader accepts.
func TestJourneyOfRoles(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withExamples(t, e)
		chair := w.member("議長", []event.RoleKey{event.RoleChair}, "sample")
		yaku := w.member("訳田 やく", nil)
		const at = "/meetings/sample/people"
		found := chair.page(at + "/add?what=i18n&q=" + url.QueryEscape("訳田"))
		ref, _ := found.Find("input[name=person]").Attr("value")
		if ref != yaku.ref {
			t.Fatalf("the search found %q", ref)
		}
		chair.submit(at, "what", "i18n", "person", ref)
		if rec := yaku.do(http.MethodGet, at, ""); rec.Code != http.StatusOK {
			t.Fatalf("the translator cannot see the committee: %d", rec.Code)
		}
		if rec := yaku.do(http.MethodPost, at, form("what", "i18n", "person", ref)); rec.Code != http.StatusForbidden {
			t.Errorf("the translator gives roles: %d", rec.Code)
		}
		end := ""
		chair.page(at).Find(".holder").Each(func(_ int, s *goquery.Selection) {
			if strings.Contains(s.Text(), "訳田") {
				end, _ = s.Find("form[action$='/end']").Attr("action")
			}
		})
		if rec := w.member("だれか", nil).do(http.MethodPost, end, ""); rec.Code != http.StatusForbidden {
			t.Errorf("a stranger takes a role away: %d", rec.Code)
		}
		if rec := chair.do(http.MethodPost, strings.Replace(end, "/sample/", "/janog57/", 1), ""); rec.Code != http.StatusNotFound {
			t.Errorf("by the address of another meeting: %d", rec.Code)
		}
		back := chair.submit(end)
		if rec := yaku.do(http.MethodGet, at, ""); rec.Code != http.StatusForbidden {
			t.Errorf("taken away, and still seen: %d", rec.Code)
		}
		undo := []string{}
		chair.page(back).Find(".undo form input").Each(func(_ int, s *goquery.Selection) {
			undo = append(undo, s.AttrOr("name", ""), s.AttrOr("value", ""))
		})
		chair.submit(at, undo...)
		if rec := yaku.do(http.MethodGet, at, ""); rec.Code != http.StatusOK {
			t.Errorf("undone, and not given again: %d", rec.Code)
		}

		link := chair.submit(at+"/invite", "what", "noc", "uses", "１", "days", "7")
		shown, _ := chair.page(link).Find("#link").Attr("value")
		invitation, ok := strings.CutPrefix(shown, public)
		if !ok {
			t.Fatalf("the link is %q", shown)
		}
		guest := w.member("招かれた人", nil)
		for range 2 {
			if got := guest.page(invitation).Find("form[method=post] button").Text(); !strings.Contains(got, "引き受ける") {
				t.Errorf("the page of the invitation says %q", got)
			}
		}
		if rec := guest.do(http.MethodGet, "/meetings/sample/tasks", ""); rec.Code != http.StatusForbidden {
			t.Errorf("looking at an invitation accepts it: %d", rec.Code)
		}
		if rec := w.ask(http.MethodGet, invitation, stranger); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "/sign-in?next=") {
			t.Errorf("who is not signed in: %d", rec.Code)
		}
		if rec := guest.do(http.MethodPost, invitation, "", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"); rec.Code != http.StatusForbidden {
			t.Errorf("from another site: %d", rec.Code)
		}
		if to := guest.submit(invitation); !strings.HasPrefix(to, at) {
			t.Errorf("accepted, and sent to %s", to)
		}
		if rec := yaku.do(http.MethodGet, invitation, ""); rec.Code != http.StatusNotFound {
			t.Errorf("a used invitation: %d", rec.Code)
		}
		if rec := yaku.do(http.MethodPost, invitation, ""); rec.Code != http.StatusNotFound {
			t.Errorf("a used invitation is accepted: %d", rec.Code)
		}
		w.noErrors()
	})
}

// TestGroupRolesWantAProof: a browser in which an owner signed in a while ago gives nobody a role in the group, before its person has shown again
// who they are. Roles in a meeting are given all day, and are not.
func TestGroupRolesWantAProof(t *testing.T) {
	w := withExamples(t, db.SQLite)
	owner, friend := w.member("owner", []event.RoleKey{event.RoleOwner}), w.member("friend", nil)
	now := w.Now()
	w.Now = func() time.Time { return now.Add(time.Hour) }
	give := form("what", "owner", "person", friend.ref)
	for method, paths := range map[string][]string{
		http.MethodGet: {"/admin/people/add", "/admin/people/invite"}, http.MethodPost: {"/admin/people", "/admin/people/invite"},
	} {
		for _, path := range paths {
			if rec := owner.do(method, path, give); !strings.HasPrefix(rec.Header().Get("Location"), "/step-up?next=%2Fadmin%2Fpeople") {
				t.Errorf("%s %s an hour later: %d %q", method, path, rec.Code, rec.Header().Get("Location"))
			}
		}
	}
	if rec := friend.do(http.MethodGet, "/admin/people", ""); rec.Code != http.StatusForbidden {
		t.Errorf("the friend has a role: %d", rec.Code)
	}
	if rec := owner.do(http.MethodGet, "/meetings/janog57/people/add", ""); rec.Code != http.StatusOK {
		t.Errorf("in a meeting: %d", rec.Code)
	}
	owner.enter()
	if rec := owner.do(http.MethodPost, "/admin/people", give); rec.Header().Get("Location") != "/admin/people?done=given" {
		t.Errorf("with a proof: %d %q", rec.Code, rec.Header().Get("Location"))
	}

	// To let one hold longer is to give it.
	longer, _ := owner.page("/admin/people").Find("form[action$='/until']").Attr("action")
	until := form("until", "2030-03-31")
	w.Now = func() time.Time { return now.Add(2 * time.Hour) }
	if rec := owner.do(http.MethodPost, longer, until); rec.Header().Get("Location") != "/step-up?next=%2Fadmin%2Fpeople" {
		t.Errorf("longer, an hour later: %q %d %q", longer, rec.Code, rec.Header().Get("Location"))
	}
	owner.enter()
	if rec := owner.do(http.MethodPost, longer, until); rec.Header().Get("Location") != "/admin/people?done=extended" {
		t.Errorf("longer, with a proof: %q %d %q", longer, rec.Code, rec.Header().Get("Location"))
	}
	w.noErrors()
}

// TestJourneyOfASession: the programme committee names who looks after a session, who invites somebody to act for its speaker.
func TestJourneyOfASession(t *testing.T) {
	w := withExamples(t, db.SQLite)
	name := w.fill("{session}")
	ref, _, err := w.Programmes.NamedSession(t.Context(), "janog57", name)
	if err != nil {
		t.Fatal(err)
	}
	at, other := "/meetings/janog57/sessions/"+ref+"/people", "/meetings/janog57/sessions/"+w.otherSession("janog57", ref)+"/people"
	kumi, tan := w.member("組山", []event.RoleKey{event.RoleProgramme}, "janog57"), w.member("担当 たん", nil)
	if rec := tan.do(http.MethodGet, at+"/add?q="+url.QueryEscape("組山"), ""); rec.Code != http.StatusForbidden {
		t.Errorf("somebody looks for people: %d", rec.Code)
	}
	kumi.submit(at, "what", "session-owner", "person", tan.ref)
	if rec := kumi.do(http.MethodPost, at, form("what", "chair", "person", tan.ref)); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("a chair of a session: %d", rec.Code)
	}
	doc := tan.page(at)
	if got := doc.Find(".holder").Text(); !strings.Contains(got, "担当 たん") || doc.Find(".roleline").Length() != 2 {
		t.Errorf("the people of the session: %q", got)
	}
	for _, path := range []string{other, other + "/add", other + "/invite", "/meetings/janog57/people"} {
		if rec := tan.do(http.MethodGet, path, ""); rec.Code != http.StatusForbidden {
			t.Errorf("%s, which is not theirs: %d", path, rec.Code)
		}
	}
	if rec := tan.do(http.MethodPost, other, form("what", "session-editor", "person", tan.ref)); rec.Code != http.StatusForbidden {
		t.Errorf("a role at another session: %d", rec.Code)
	}
	shown, _ := tan.page(tan.submit(at+"/invite", "what", "session-editor", "uses", "1", "days", "7")).Find("#link").Attr("value")
	helper := w.member("代理", nil)
	if to := helper.submit(strings.TrimPrefix(shown, public)); to != at+"?done=accepted" {
		t.Errorf("accepted, and sent to %s", to)
	}
	if rec := helper.do(http.MethodPost, at, form("what", "session-editor", "person", helper.ref)); rec.Code != http.StatusForbidden && rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("an editor hands it on: %d", rec.Code)
	}
	end, _ := helper.page(at).Find(".holder form[action$='/end']").Attr("action")
	if to := helper.submit(end, "next", at); to != "/me" {
		t.Errorf("gave it up, and is sent to %s", to)
	}
	w.noErrors()
}

// otherSession is the reference of a session that is not the one named.
func (w *site) otherSession(slug, ref string) string {
	w.t.Helper()
	p, err := w.Programmes.Programme(w.t.Context(), slug)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, it := range p.Items {
		if it.Ref != ref {
			return it.Ref
		}
	}
	return ""
}

// TestJourneyOfANewMeeting: made in draft from the last one, filled, changed on screen, and made public.
func TestJourneyOfANewMeeting(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withExamples(t, e)
		desk := w.member("事務", []event.RoleKey{event.RoleSecretariat})
		lost := desk.do(http.MethodPost, "/meetings/new", form("slug", "janog57", "title_ja", "新しい会", "from", "sample", "phase", "draft"))
		if lost.Code != http.StatusConflict && lost.Code != http.StatusUnprocessableEntity || !strings.Contains(lost.Body.String(), "新しい会") {
			t.Errorf("a slug that is taken: %d", lost.Code)
		}
		to := desk.submit("/meetings/new", "from", "sample", "slug", "sample2", "title_ja", "次のサンプル", "start", "2027-12-03", "end", "2027-12-10", "phase", "draft", "tasks", "1", "teams", "1")
		doc := desk.page(to)
		if n := doc.Find(".undecided").Length(); n < 9 {
			t.Errorf("%d roles to fill", n)
		}
		tasks := desk.page("/meetings/sample2/tasks")
		if n := tasks.Find(".task").Length(); n != 10 || !strings.Contains(tasks.Text(), "2027年4月7日") {
			t.Errorf("%d tasks came along: %s", n, tasks.Find(".task").First().Text())
		}
		tick, _ := tasks.Find(".task form").First().Attr("action")
		desk.submit(tick, "done", "1")
		if n := desk.page("/meetings/sample2/tasks").Find(".task").Length(); n != 9 {
			t.Errorf("%d tasks are left", n)
		}
		kinds, err := w.Programmes.Draft(w.systemContext(), "sample2")
		if err != nil || len(kinds.Kinds) < 5 || len(kinds.Sessions) != 0 {
			t.Errorf("the frame of the programme: %v", err)
		}
		fields := []string{}
		settings := desk.page("/meetings/sample2/settings")
		settings.Find("form input[name], form textarea[name]").Each(func(_ int, s *goquery.Selection) {
			if _, box := s.Attr("checked"); s.AttrOr("type", "") != "checkbox" || box {
				fields = append(fields, s.AttrOr("name", ""), s.AttrOr("value", s.Text()))
			}
		})
		if rec := w.ask(http.MethodGet, "/meetings/sample2", stranger); rec.Code != http.StatusNotFound {
			t.Errorf("a draft is public: %d", rec.Code)
		}
		bad := desk.do(http.MethodPost, "/meetings/sample2/settings", form(append([]string{"phase", "announced", "room0_capacity", "たくさん"}, fields...)...))
		if bad.Code != http.StatusUnprocessableEntity || !strings.Contains(bad.Body.String(), "次のサンプル") || !strings.Contains(bad.Body.String(), "たくさん") {
			t.Errorf("a mistake loses what was typed: %d", bad.Code)
		}
		fields = append([]string{"phase", "announced"}, fields...)
		desk.submit("/meetings/sample2/settings", fields...)
		if rec := w.ask(http.MethodGet, "/meetings/sample2", stranger); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "次のサンプル") {
			t.Errorf("announced, and not public: %d", rec.Code)
		}
		w.noErrors()
	})
}

func (w *site) systemContext() context.Context { return authz.System(w.t.Context(), "test") }
