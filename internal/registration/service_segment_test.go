package registration

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/person"
)

// later runs acts on many and letters that are due, each as often as a queue may.
func (h *hall) later(leave bool) {
	h.t.Helper()
	todo := slices.Clone(h.jobs)
	for _, e := range todo {
		for range 2 {
			var err error
			switch e := e.(type) {
			case BulkStarted:
				err = h.RunBulk(h.system(), e)
			case PostLeft:
				if leave {
					err = h.LeavePost(h.system(), e)
				}
			}
			if err != nil {
				h.t.Fatal(err)
			}
		}
	}
}

// TestBulk: what is done to many is done once to each, and what cannot be done is told with its reason.
func TestBulk(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := h.system()
		var list []*Entry
		for n := range 3 {
			list = append(list, h.enter(0, form(n)))
		}
		for n := 3; n < 6; n++ {
			f := form(n)
			f.Wait = true
			list = append(list, h.enter(0, f))
		}
		if err := h.DeskCancel(ctx, slug, list[0].Ref, Reason{}); err != nil { // one place is free
			t.Fatal(err)
		}
		h.run()
		h.letters = nil
		b := Bulk{Key: person.NewRef(), Act: "confirm", Reason: Reason{Why: "増席", Tell: true}}
		if _, err := h.StartBulk(ctx, slug, Filter{}, 4, b); fault.KindOf(err) != fault.Conflict {
			t.Fatalf("another number than was shown: %v", err)
		}
		if _, err := h.StartBulk(h.as(10), slug, Filter{}, 5, b); fault.KindOf(err) != fault.Forbidden {
			t.Fatal(err)
		}
		for range 2 { // pressed twice
			if ref, err := h.StartBulk(ctx, slug, Filter{}, 5, b); err != nil || ref != b.Key {
				t.Fatal(err)
			}
		}
		h.later(false)
		res, err := h.BulkResult(ctx, slug, b.Key)
		if err != nil || !res.Done || res.Counts["done"] != 1 || res.Counts["failed"] != 4 || res.Counts["waiting"] != 0 {
			t.Fatalf("%+v, %v", res, err)
		}
		because := map[string]int{}
		for _, why := range res.Because {
			because[why]++
		}
		if because["registration.error.not_waiting"] != 2 || because["registration.error.full"] != 2 || len(res.Failed) != 4 || h.taken("kind:general") != 3 {
			t.Error(because, h.taken("kind:general"))
		}
		if _, err := h.BulkResult(ctx, "other", b.Key); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the result is seen from another meeting: %v", err)
		}
		h.run()
		if got := h.subjects(); len(got) != 1 {
			t.Error(got)
		}
		b = Bulk{Key: person.NewRef(), Act: "kind", Kind: "online"}
		if _, err := h.StartBulk(ctx, slug, Filter{Refs: []string{list[1].Ref, list[2].Ref}, State: "all"}, 2, b); err != nil {
			t.Fatal(err)
		}
		h.later(false)
		file, err := h.PersonFile(ctx, slug, list[1].Ref)
		if err != nil || file.Kind != "online" || file.On("2026-12-09") != Online || h.taken("kind:online") != 2 {
			t.Errorf("%+v, %v", file.Entry, err)
		}
		b = Bulk{Key: person.NewRef(), Act: "cancel"}
		if _, err := h.StartBulk(ctx, slug, Filter{Kind: "online"}, 2, b); err != nil {
			t.Fatal(err)
		}
		h.later(false)
		if got := h.taken("kind:online"); got != 0 {
			t.Error(got)
		}
		log, _, err := audit.List(ctx, h.db, audit.Filter{Scope: slug, Action: "registration.bulk"}, audit.Page{})
		if err != nil || len(log) != 3 {
			t.Error(len(log), err)
		}
	})
}

// letterTo is a letter to those a filter chooses.
func (h *hall) letterTo(f Filter, p Post) *Post {
	h.t.Helper()
	p.Chosen = f.Values().Encode()
	if p.Subject.IsZero() {
		p.Subject, p.Body = i18n.T("会場のお知らせ", "The venue"), i18n.T("{name} 様\n\n{link}", "Dear {name},\n\n{link}")
	}
	if err := h.SavePost(h.system(), slug, &p); err != nil {
		h.t.Fatal(err)
	}
	return &p
}

// proved enters people whose address is theirs.
func (h *hall) proved(n int) []*Entry {
	h.t.Helper()
	var list []*Entry
	for i := range n {
		f := form(i)
		f.Kind, f.Days = "online", nil
		e := h.enter(0, f)
		if err := h.Prove(h.system(), h.again(e)); err != nil {
			h.t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

// TestPostGoesOnceToEach: a letter leaves five minutes after it was sent, once to each address, and says nothing of anybody else.
func TestPostGoesOnceToEach(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := h.system()
		list := h.proved(3)
		evil := list[1].Details
		evil.Name = i18n.T("{link} {name} 太郎", "")
		if err := h.DeskDetails(ctx, slug, list[1].Ref, evil, Reason{}); err != nil {
			t.Fatal(err)
		}
		h.enter(0, form(9)) // unproven
		h.run()
		h.letters, h.jobs = nil, nil
		p := h.letterTo(Filter{}, Post{})
		a, err := h.Audience(ctx, slug, p)
		if err != nil || len(a.List) != 3 || a.Unproven != 1 {
			t.Fatalf("%+v, %v", a, err)
		}
		if err := h.SendPost(ctx, slug, p.Ref, 2); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		if err := h.SendPost(ctx, "other", p.Ref, 3); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		if err := h.SendPost(h.as(10), slug, p.Ref, 3); fault.KindOf(err) != fault.Forbidden {
			t.Error(err)
		}
		for range 2 {
			if err := h.SendPost(ctx, slug, p.Ref, 3); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.DeskCancel(ctx, slug, list[2].Ref, Reason{}); err != nil { // cancelled meanwhile
			t.Fatal(err)
		}
		h.later(true)
		if len(h.letters) != 2 {
			t.Fatal(h.subjects())
		}
		for i, l := range h.letters {
			file, err := h.PersonFile(ctx, slug, list[i].Ref)
			if err != nil {
				t.Fatal(err)
			}
			token, _ := h.Token(ctx, file.Entry)
			link := "https://example.jp/entries/" + token
			if l.To.Address != file.Address || l.Kind != KindNews || l.Unsubscribe != link+"/news" {
				t.Errorf("%+v", l)
			}
			if want := file.Name.JA + " 様\n\n" + link; l.Body.JA != want {
				t.Errorf("%q, want %q", l.Body.JA, want)
			}
			if !strings.HasPrefix(l.Body.EN, "Dear ") || !strings.HasSuffix(l.Body.EN, "/entries/"+token) || strings.Count(l.Body.EN, "/entries/") != 1 {
				t.Errorf("%q", l.Body.EN)
			}
		}
		if p, err = h.Post(ctx, slug, p.Ref); err != nil || p.State != PostSent || p.Recipients != 3 {
			t.Errorf("%+v, %v", p, err)
		}
		if err := h.TakeBackPost(ctx, slug, p.Ref); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a letter that left was taken back: %v", err)
		}
		p.Subject = i18n.T("別の件名", "Another")
		if err := h.SavePost(ctx, slug, p); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a letter that left was changed: %v", err)
		}
	})
}

// TestPostTakenBack: what was taken back in time does not leave; sent again it leaves at its own time.
func TestPostTakenBack(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := h.system()
		h.proved(2)
		h.letters, h.jobs = nil, nil
		p := h.letterTo(Filter{}, Post{Necessary: true})
		if err := h.SendPost(ctx, slug, p.Ref, 2); err != nil {
			t.Fatal(err)
		}
		if err := h.TakeBackPost(ctx, slug, p.Ref); err != nil {
			t.Fatal(err)
		}
		h.later(true)
		if len(h.letters) != 0 {
			t.Fatal(h.subjects())
		}
		h.at(2, 9)
		if err := h.SendPost(ctx, slug, p.Ref, 2); err != nil {
			t.Fatal(err)
		}
		h.later(true)
		if len(h.letters) != 2 || h.letters[0].Kind != KindNotice || h.letters[0].Unsubscribe != "" {
			t.Errorf("%v", h.subjects())
		}
	})
}

// TestPostIsDeclined: who wants no news gets none, but what is necessary.
func TestPostIsDeclined(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := h.system()
		list := h.proved(2)
		if err := h.RefuseNews(ctx, h.again(list[0]), true); err != nil {
			t.Fatal(err)
		}
		for necessary, want := range map[bool]int{false: 1, true: 2} {
			a, err := h.Audience(ctx, slug, h.letterTo(Filter{}, Post{Necessary: necessary}))
			if err != nil || len(a.List) != want || a.Silent != 2-want {
				t.Errorf("%v: %+v, %v", necessary, a, err)
			}
		}
		if err := h.RefuseNews(ctx, h.again(list[0]), false); err != nil {
			t.Fatal(err)
		}
		if no, err := h.RefusesNews(ctx, h.again(list[0])); no || err != nil {
			t.Error(no, err)
		}
	})
}

// TestPostSurvives: a letter to many that was cut off in the middle goes on, and nobody gets it twice.
func TestPostSurvives(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := h.system()
		h.proved(5)
		h.letters, h.jobs = nil, nil
		p := h.letterTo(Filter{}, Post{Necessary: true})
		if err := h.SendPost(ctx, slug, p.Ref, 5); err != nil {
			t.Fatal(err)
		}
		sent := h.o.Outbox
		h.o.Outbox = cutOff{sent}
		for _, e := range h.jobs {
			if e, ok := e.(PostLeft); ok {
				if err := h.LeavePost(ctx, e); err == nil {
					t.Fatal("it was not cut off")
				}
			}
		}
		h.o.Outbox = sent
		h.later(true)
		if got := h.subjects(); len(got) != 5 {
			t.Error(got)
		}
	})
}

// cutOff is an outbox that fails.
type cutOff struct{ Outbox }

// Send implements Outbox.
func (cutOff) Send(context.Context, *db.Tx, mail.Letter) error { return errors.New("cut off") }

func TestPostCheck(t *testing.T) {
	for _, x := range []struct {
		subject, body i18n.Text
		fine          bool
	}{
		{i18n.T("件名", ""), i18n.T("本文 {name} {link}", ""), true}, {i18n.T("", "Subject"), i18n.T("", "text"), true}, {i18n.T("", ""), i18n.T("本文", ""), false},
		{i18n.T("件名", ""), i18n.T("", ""), false}, {i18n.T("件名", "Subject"), i18n.T("本文", ""), false}, {i18n.T("件名", ""), i18n.T("{adress}", ""), false},
		{i18n.T("件名", ""), i18n.T("JSON {\"a\": 1}", ""), true}, {i18n.T(strings.Repeat("あ", 201), ""), i18n.T("本文", ""), false},
	} {
		p := Post{Subject: x.subject, Body: x.body}
		if err := p.check(); (err == nil) != x.fine {
			t.Errorf("%+v: %v", x, err)
		}
	}
}
