package program

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// onThings are grants on single things of JANOG57: a permission and an object.
type onThings map[[2]string]bool

func (g onThings) May(p authz.Permission, scope, object string) bool {
	return scope == "janog57" && g[[2]string{string(p), object}]
}

func speakerActs(t testing.TB, id int64, key string) context.Context {
	return authz.With(t.Context(), &authz.Actor{ID: id, Ref: "SPEAKER-" + key, Grants: onThings{{string(event.MaySpeak), key}: true}})
}

// onTalk runs a test on the desk with the speakers' use cases, a session of it and the key of its first speaker.
func onTalk(t *testing.T, fn func(t *testing.T, k *deskOf, s *Speaking, it *Item, key string)) {
	dbtest.Quick(t, deskFolders(), func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		s := NewSpeaking(k.Desk)
		k.o.Absences = k.s
		p, err := s.s.Programme(t.Context(), "janog57")
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(p.Items, func(it *Item) bool { return len(it.Cast) == 1 && it.Timed() })
		fn(t, k, s, p.Items[i], p.Items[i].Cast[0].Person.Key)
	})
}

func TestSpeakersSayWhoTheyAre(t *testing.T) {
	onTalk(t, func(t *testing.T, _ *deskOf, s *Speaking, it *Item, key string) {
		ctx := speakerActs(t, 1, key)
		p := Profile{
			Affiliation: i18n.T(" 例示 株式会社 ", "Example Inc."), Bio: i18n.T("運用者です。\r\n", ""),
			Links: []interchange.Link{{Kind: interchange.LinkWeb, URL: "https://example.org/me"}},
		}
		if err := s.SaveProfile(ctx, "janog57", key, p); err != nil {
			t.Fatal(err)
		}
		talk, err := s.Talk(ctx, "janog57", it.Name)
		if err != nil || len(talk.Mine) != 1 {
			t.Fatal(talk, err)
		}
		if who := talk.Mine[0]; who.Affiliation.JA != "例示 株式会社" || who.Bio.JA != "運用者です。" || len(who.Links) != 1 {
			t.Errorf("%+v", who.Speaker)
		}
		if is := it.Cast[0].Person; is.Affiliation.JA == "例示 株式会社" {
			t.Error("it is public before a release")
		}
		p.Links[0].URL = "javascript:alert(1)"
		wantFault(t, s.SaveProfile(ctx, "janog57", key, p), "program.desk.error.link")
		for what, other := range map[string]context.Context{"another speaker": speakerActs(t, 2, "somebody-else"), "nobody": t.Context()} {
			if err := s.SaveProfile(other, "janog57", key, Profile{}); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s writes: %v", what, err)
			}
			if _, err := s.Talk(other, "janog57", it.Name); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s looks: %v", what, err)
			}
		}
		if err := s.SaveProfile(ctx, "janog57", "nobody-at-all", Profile{}); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	})
}

func TestSpeakersRefuseMoreAndNeverLess(t *testing.T) {
	onTalk(t, func(t *testing.T, k *deskOf, s *Speaking, it *Item, key string) {
		ctx := speakerActs(t, 1, key)
		policy := func() interchange.Policy {
			talk, err := s.Talk(ctx, "janog57", it.Name)
			if err != nil {
				t.Fatal(err)
			}
			return talk.Draft.Policy
		}
		before := policy()
		if err := s.Refuse(ctx, "janog57", it.Name, key, Refusals{Slides: true, Photo: true}); err != nil {
			t.Fatal(err)
		}
		if now := policy(); now.Slides != interchange.Refused || now.Photo != interchange.Refused || now.Record != before.Record {
			t.Errorf("%+v", now)
		}
		if _, err := k.EditFields(chair(t), "janog57", it.Name, []FieldEdit{{Field: "policy.record", Base: string(before.Record), Value: "no"}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Refuse(ctx, "janog57", it.Name, key, Refusals{}); err != nil {
			t.Fatal(err)
		}
		if now := policy(); now.Slides != before.Slides || now.Record != interchange.Refused {
			t.Errorf("a speaker allowed what the session refuses: %+v", now)
		}
		if err := s.Refuse(speakerActs(t, 2, "else"), "janog57", it.Name, key, Refusals{}); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	})
}

// TestWhatSpeakersWroteGoesWithThem: the audit log, too, forgets why somebody was away and what they asked for.
func TestWhatSpeakersWroteGoesWithThem(t *testing.T) {
	onTalk(t, func(t *testing.T, k *deskOf, s *Speaking, it *Item, key string) {
		ctx, day := speakerActs(t, 1, key), it.Start
		if err := s.SaveAbsences(ctx, "janog57", key, []Absence{{From: day.Add(-time.Hour), To: day, Note: "通院のため"}}); err != nil {
			t.Fatal(err)
		}
		g, err := s.Suggest(ctx, "janog57", it.Name, []FieldEdit{{Field: "title.ja", Value: "別の題"}}, "私事のため")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Answer(chair(t), "janog57", g.Ref, false, "承りました"); err != nil {
			t.Fatal(err)
		}
		written := func() (all string) {
			if err := audit.Each(t.Context(), k.s.db, audit.Filter{Scope: "janog57"}, func(e audit.Stored) error {
				for _, v := range e.Values {
					all += v.Before + v.After + "\n"
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return all
		}
		if all := written(); !strings.Contains(all, "通院") || strings.Count(all, "私事") != 1 || !strings.Contains(all, "承りました") {
			t.Fatalf("the log has %q", all)
		}
		if err := k.s.db.Write(t.Context(), func(tx *db.Tx) error {
			_, err := audit.EraseActor(t.Context(), tx, authz.Who(ctx).Ref)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if all := written(); strings.Contains(all, "通院") || strings.Contains(all, "私事") || strings.Contains(all, "別の題") {
			t.Errorf("what stays in the log: %q", all)
		}
	})
}

// TestWhoActsAtOneSessionLeavesTheOthers: an editor of one session does not say what its speaker refuses at another.
func TestWhoActsAtOneSessionLeavesTheOthers(t *testing.T) {
	onTalk(t, func(t *testing.T, k *deskOf, s *Speaking, it *Item, key string) {
		d := k.look(t)
		other := &d.Doc.Sessions[slices.IndexFunc(d.Doc.Sessions, func(o interchange.Session) bool { return o.Ref != it.Ref && len(o.Speakers) > 0 && !onStage(&o, key) })]
		now := FieldText(d.Doc, other, "speakers")
		if _, err := k.EditFields(chair(t), "janog57", other.Ref, []FieldEdit{{Field: "speakers", Base: now, Value: now + "\n" + key}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Refuse(speakerActs(t, 1, key), "janog57", other.Ref, key, Refusals{Record: true}); err != nil {
			t.Fatal(err)
		}
		editor := authz.With(t.Context(), &authz.Actor{ID: 2, Ref: "EDITOR", Grants: onThings{{string(event.MaySpeak), it.Ref}: true, {string(event.MayEditSession), it.Ref}: true}})
		if err := s.Refuse(editor, "janog57", other.Ref, key, Refusals{}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the editor of another session allows the recording: %v", err)
		}
		if err := s.Refuse(editor, "janog57", it.Ref, key, Refusals{Photo: true}); err != nil {
			t.Errorf("the editor of this session: %v", err)
		}
	})
}

func TestTheDeskKnowsWhoIsAway(t *testing.T) {
	onTalk(t, func(t *testing.T, k *deskOf, s *Speaking, it *Item, key string) {
		ctx := speakerActs(t, 1, key)
		away := []Absence{{From: it.Start.Add(-time.Hour), To: it.Start.Add(time.Minute), Note: "飛行機"}}
		if err := s.SaveAbsences(ctx, "janog57", key, away); err != nil {
			t.Fatal(err)
		}
		var found bool
		for _, w := range k.look(t).Clashes() {
			found = found || w.Session.GUID == it.GUID && w.Kind == WarnAway
		}
		if !found {
			t.Error("the desk does not say that the speaker is away")
		}
		wantFault(t, s.SaveAbsences(ctx, "janog57", key, []Absence{{From: it.End, To: it.Start}}), "program.speaking.error.order")
		wantFault(t, s.SaveAbsences(ctx, "janog57", key, []Absence{{From: it.Start.AddDate(1, 0, 0), To: it.Start.AddDate(1, 0, 1)}}), "program.speaking.error.day")
		if err := s.SaveAbsences(speakerActs(t, 2, "else"), "janog57", key, nil); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		talk, err := s.Talk(ctx, "janog57", it.Name)
		if err != nil || len(talk.Absences) != 1 || talk.Absences[0].Note != "飛行機" {
			t.Errorf("%+v, %v", talk, err)
		}
	})
}

func TestSuggestions(t *testing.T) {
	onTalk(t, func(t *testing.T, k *deskOf, s *Speaking, it *Item, key string) {
		ctx := speakerActs(t, 1, key)
		suggest := func(value string) *Suggestion {
			t.Helper()
			g, err := s.Suggest(ctx, "janog57", it.Name, []FieldEdit{{Field: "title.ja", Value: value}, {Field: "title.en", Value: it.Title.EN}}, "誤字")
			if err != nil {
				t.Fatal(err)
			}
			return g
		}
		title := func() string {
			d := k.look(t)
			return d.Session(it.GUID).Title.JA
		}
		g := suggest("新しい題")
		if len(g.Changes) != 1 || g.Changes[0].Base != it.Title.JA || title() != it.Title.JA {
			t.Errorf("%+v", g)
		}
		_, err := s.Suggest(ctx, "janog57", it.Name, []FieldEdit{{Field: "title.ja", Value: it.Title.JA}}, "")
		wantFault(t, err, "program.speaking.error.same")
		_, err = s.Suggest(ctx, "janog57", it.Name, []FieldEdit{{Field: "code", Value: "X1"}}, "")
		wantFault(t, err, "program.desk.error.field")
		for what, other := range map[string]context.Context{"another": speakerActs(t, 2, "else"), "the speaker": ctx} {
			if _, err := s.Answer(other, "janog57", g.Ref, true, ""); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s answers: %v", what, err)
			}
		}
		if err := s.Withdraw(speakerActs(t, 2, key), "janog57", g.Ref); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another account withdraws: %v", err)
		}
		if _, err := s.Answer(chair(t), "janog57", g.Ref, true, "ありがとう"); err != nil {
			t.Fatal(err)
		}
		if title() != "新しい題" {
			t.Errorf("accepted, and the draft says %q", title())
		}
		_, err = s.Answer(chair(t), "janog57", g.Ref, false, "")
		wantFault(t, err, "program.speaking.error.answered")
		// Somebody edits what a suggestion was made of.
		g = suggest("もう一つの題")
		if _, err := k.EditFields(chair(t), "janog57", it.GUID, []FieldEdit{{Field: "title.ja", Base: "新しい題", Value: "委員の題"}}); err != nil {
			t.Fatal(err)
		}
		_, err = s.Answer(chair(t), "janog57", g.Ref, true, "")
		if c, ok := errors.AsType[*Conflicts](err); !ok || c.Fields[0].Current != "委員の題" || title() != "委員の題" {
			t.Errorf("over what somebody wrote: %v", err)
		}
		list, _, err := s.Suggestions(chair(t), "janog57")
		if err != nil || len(list) != 2 || list[0].Ref != g.Ref || list[1].Answer != "ありがとう" || list[0].Title.JA != "委員の題" {
			t.Errorf("%+v, %v", list, err)
		}
		if err := s.Withdraw(ctx, "janog57", g.Ref); err != nil {
			t.Fatal(err)
		}
		if list, _, _ := s.Suggestions(ctx, "janog57"); len(list) != 0 {
			t.Error("a speaker sees what is for the committee")
		}
	})
}
