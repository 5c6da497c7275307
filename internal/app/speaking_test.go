package app

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program"
)

// invited makes a person a speaker of a meeting by the link that the committee gives them.
func (w *site) invited(committee *member, slug, key string) *member {
	w.t.Helper()
	rec := committee.do(http.MethodPost, "/meetings/"+slug+"/speakers-desk", "key="+url.QueryEscape(key))
	_, link, ok := strings.Cut(rec.Body.String(), "/invitations/")
	if rec.Code != http.StatusOK || !ok {
		w.t.Fatalf("invite %s: %d", key, rec.Code)
	}
	token, _, _ := strings.Cut(link, `"`)
	m, another := w.member("登壇者 "+key, nil), w.member("somebody else", nil)
	if w.Settings.PublicURL != public {
		m.cookie, another.cookie = strings.TrimPrefix(m.cookie, "__Host-"), strings.TrimPrefix(another.cookie, "__Host-")
	}
	if rec := m.do(http.MethodPost, "/invitations/"+token, ""); rec.Code != http.StatusSeeOther {
		w.t.Fatalf("accept: %d %s", rec.Code, rec.Body.String())
	}
	if rec := another.do(http.MethodPost, "/invitations/"+token, ""); rec.Code != http.StatusNotFound {
		w.t.Errorf("the link was used twice: %d", rec.Code)
	}
	return m
}

// oneSpeaker finds a session of a meeting with one speaker and a time.
func (w *site) oneSpeaker(slug string) (it *program.Item, key string) {
	w.t.Helper()
	p, err := w.Programmes.Programme(context.Background(), slug)
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(p.Items, func(it *program.Item) bool { return len(it.Cast) == 1 && it.Timed() && len(it.Parts) == 0 })
	return p.Items[i], p.Items[i].Cast[0].Person.Key
}

// aForm is a form with a file, and its type.
func aForm(t *testing.T, field, name string, data []byte) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	f, err := m.CreateFormFile(field, name)
	if err == nil {
		_, err = f.Write(data)
	}
	if err := errors.Join(err, m.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String(), m.FormDataContentType()
}

// aPNG is a small picture.
func aPNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestASpeakersWay goes from the invitation to what the public sees: profile, refusal, absence, suggestion, answer, release.
func TestASpeakersWay(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withExamples(t, e)
		committee := w.member("委員", []event.RoleKey{event.RoleProgramme}, "janog57")
		it, key := w.oneSpeaker("janog57")
		me := w.invited(committee, "janog57", key)
		talk := "/meetings/janog57/talks/" + url.PathEscape(it.Name)
		for _, path := range []string{"/me/talks", "/en/me/talks", talk, "/en" + talk, "/meetings/janog57/sessions/" + url.PathEscape(it.Name) + "/materials", "/me"} {
			rec := me.do(http.MethodGet, path, "")
			if rec.Code != http.StatusOK || strings.Contains(rec.Body.String(), "[program.") || rec.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d", path, rec.Code)
			}
		}
		post := func(what, path, form, want string) {
			t.Helper()
			rec := me.do(http.MethodPost, path, form)
			if rec.Code != http.StatusSeeOther || !strings.Contains(rec.Header().Get("Location"), "done="+want) {
				t.Errorf("%s: %d %v %.600s", what, rec.Code, rec.Header(), rec.Body.String())
			}
		}
		post("profile", talk+"/profile/"+key, url.Values{"affiliation_ja": {"例示大学"}, "bio_ja": {"経路の話をします。"}, "links": {"https://example.org/a\r\nhttps://example.org/b"}}.Encode(), "profile")
		for what, c := range map[string]struct {
			who    *member
			data   []byte
			status int
		}{"a picture": {me, aPNG(t), 303}, "no picture": {me, []byte("<svg onload=alert(1)>"), 422}, "somebody else": {w.member("x", nil), aPNG(t), 404}} {
			body, kind := aForm(t, "photo", "me.png", c.data)
			if rec := c.who.do(http.MethodPost, talk+"/photo/"+key, body, "Content-Type", kind); rec.Code != c.status {
				t.Errorf("%s: %d %.300s", what, rec.Code, rec.Body.String())
			}
		}
		if !strings.Contains(me.do(http.MethodGet, talk, "").Body.String(), `src="/media/`) {
			t.Error("the picture is not shown")
		}
		post("refuse", talk+"/refuse/"+key, "no=photo&no=sns", "refuse")
		post("away", talk+"/away/"+key, url.Values{"day": {"2026-02-11", ""}, "from": {"９：３０", ""}, "to": {"", ""}, "note": {"移動", ""}}.Encode(), "away")
		post("suggest", "/en"+talk+"/suggest", url.Values{"title.ja": {"直した題"}, "title.en": {it.Title.EN}, "abstract.ja": {it.Abstract.JA}, "reason": {"誤字"}}.Encode(), "suggest")
		for what, c := range map[string]struct{ path, form, words string }{
			"a link that is none":  {talk + "/profile/" + key, "affiliation_ja=例示&bio_ja=あ&links=ftp%3A%2F%2Fx", "ftp://x"},
			"an hour that is none": {talk + "/away/" + key, "day=2026-02-11&from=25:00&to=&note=", "25:00"},
			"nothing to change":    {talk + "/suggest", url.Values{"title.ja": {it.Title.JA}}.Encode(), "変わったところがありません"},
		} {
			if rec := me.do(http.MethodPost, c.path, c.form); rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), c.words) {
				t.Errorf("%s: %d", what, rec.Code)
			}
		}
		other := w.member("another", nil)
		for _, path := range []string{"/profile/" + key, "/refuse/" + key, "/away/" + key, "/suggest"} {
			if rec := other.do(http.MethodPost, talk+path, "title.ja=x&day="); rec.Code != http.StatusNotFound {
				t.Errorf("another person: POST %s: %d", path, rec.Code)
			}
		}
		page := committee.do(http.MethodGet, "/meetings/janog57/suggestions", "").Body.String()
		if !strings.Contains(page, "<ins>直した題</ins>") && !strings.Contains(page, "直した") {
			t.Errorf("the committee does not see the suggestion: %.3000s", page)
		}
		_, action, _ := strings.Cut(page, `action="/meetings/janog57/suggestions/`)
		ref, _, _ := strings.Cut(action, `"`)
		if rec := me.do(http.MethodPost, "/meetings/janog57/suggestions/"+ref, "do=accept"); rec.Code != http.StatusForbidden {
			t.Errorf("the speaker accepts: %d", rec.Code)
		}
		if rec := committee.do(http.MethodPost, "/meetings/janog57/suggestions/"+ref, "do=accept&answer=どうも"); rec.Code != http.StatusSeeOther {
			t.Errorf("accept: %d", rec.Code)
		}
		if text := w.get("/meetings/janog57/sessions/" + url.PathEscape(it.Name)).text(); strings.Contains(text, "直した題") || strings.Contains(text, "例示大学") {
			t.Error("it is public before a release")
		}
		chair := authz.System(context.Background(), "chair")
		preview, err := w.Desk.PreviewRelease(chair, "janog57")
		if err != nil {
			t.Fatal(err)
		}
		o := program.ReleaseOrder{Base: preview.Newest.Number, Draft: preview.Version}
		for _, warning := range preview.Warnings {
			o.Acknowledged = append(o.Acknowledged, warning.ID())
		}
		if _, err := w.Desk.Release(chair, "janog57", o); err != nil {
			t.Fatal(err)
		}
		if text := w.get("/meetings/janog57/sessions/" + url.PathEscape(it.Name)).text(); !strings.Contains(text, "直した題") {
			t.Error("the title is not public after a release")
		}
		if text := w.get("/meetings/janog57/speakers/" + key).text(); !strings.Contains(text, "例示大学") || !strings.Contains(text, "経路の話") {
			t.Error("the profile is not public after a release")
		}
		if text := me.do(http.MethodGet, talk, "").Body.String(); !strings.Contains(text, "どうも") || !strings.Contains(text, "09:30") {
			t.Error("the speaker does not see the answer, or the absence")
		}
		w.noErrors()
	})
}

// TestInvitationOfASpeakerByLetter: with an address the link goes there, and works for nobody else.
func TestInvitationOfASpeakerByLetter(t *testing.T) {
	w := withExamples(t, db.SQLite)
	committee := w.member("委員", []event.RoleKey{event.RoleProgramme}, "janog57")
	_, key := w.oneSpeaker("janog57")
	rec := committee.do(http.MethodPost, "/meetings/janog57/speakers-desk", url.Values{"key": {key}, "address": {"Speaker@Example.org"}}.Encode())
	_, link, _ := strings.Cut(rec.Body.String(), "/invitations/")
	token, _, ok := strings.Cut(link, `"`)
	if rec.Code != http.StatusOK || !ok || !strings.Contains(rec.Body.String(), "speaker@example.org に送りました") {
		t.Fatalf("%d %.500s", rec.Code, rec.Body.String())
	}
	var n int
	if err := w.DB.Row(t.Context(), `SELECT count(*) FROM mail_letter WHERE kind = 'program.invitation'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d letters, %v", n, err)
	}
	if rec := w.member("somebody else", nil).do(http.MethodPost, "/invitations/"+token, ""); rec.Code == http.StatusSeeOther {
		t.Error("somebody else took the invitation")
	}
	if rec := committee.do(http.MethodPost, "/meetings/janog57/speakers-desk", url.Values{"key": {key}, "address": {"no address"}}.Encode()); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("an address that is none: %d", rec.Code)
	}
	w.noErrors()
}

// TestSpeakersPagesInABrowser looks at the pages of speakers and of the committee in every way.
func TestSpeakersPagesInABrowser(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	w := withoutHTTPS(t)
	committee := w.member("委員", []event.RoleKey{event.RoleProgramme}, "sample")
	committee.cookie = strings.TrimPrefix(committee.cookie, "__Host-")
	it, key := w.oneSpeaker("sample")
	me := w.invited(committee, "sample", key)
	talk := "/meetings/sample/talks/" + url.PathEscape(it.Name)
	me.do(http.MethodPost, talk+"/suggest", url.Values{"title.ja": {it.Title.JA + "（改）"}, "abstract.ja": {"ほかの概要です。"}, "reason": {"誤字がありました"}}.Encode())
	me.do(http.MethodPost, talk+"/away/"+key, "day=2026-12-10&from=09:00&to=12:00&note=移動中")
	for who, paths := range map[*member][]string{me: {"/me/talks", talk}, committee: {"/meetings/sample/suggestions", "/meetings/sample/speakers-desk"}} {
		tab := testkit.Browser(t)
		who.browse(tab)
		for _, path := range paths {
			for i, v := range looks() {
				tab.Look(v)
				tab.Open(w.addressIn(path, v.Lang))
				testkit.Eval[bool](tab, `(document.querySelectorAll('details').forEach((d, i) => { d.open = i < 4 }), true)`)
				for _, x := range tab.Axe() {
					t.Errorf("%s at %s: accessibility: %s", path, v, x)
				}
				if i%5 == 0 {
					testkit.Keep(t, strings.NewReplacer("/", "-").Replace(path)+v.String()+".png", tab.Screenshot())
				}
			}
			w.narrow(t, tab, path)
		}
	}
	w.noErrors()
}
