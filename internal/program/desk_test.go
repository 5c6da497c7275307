package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// grants are what somebody at the desk may do, and on which sessions.
type grants struct {
	all []authz.Permission
	own []string
}

func (g grants) May(p authz.Permission, scope, object string) bool {
	return scope == "janog57" && (slices.Contains(g.all, p) || p == event.MayEditSession && slices.Contains(g.own, object))
}

// as makes somebody act who may do some things.
func as(t testing.TB, ref string, all ...authz.Permission) context.Context {
	return authz.With(t.Context(), &authz.Actor{ID: 1, Ref: ref, Grants: grants{all: all}})
}

func chair(t testing.TB) context.Context {
	return as(t, "CHAIR", event.MayReadDraft, event.MayEditProgramme, event.MayTranslate, event.MayRelease)
}

// deskFolders are the tables that the desk writes.
func deskFolders() []fs.FS { return machineFolders() }

type told struct {
	mu     sync.Mutex
	topics []string
}

func (p *told) Publish(topic string, _ int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.topics = append(p.topics, topic)
}

func (p *told) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.topics
	p.topics = nil
	slices.Sort(list)
	return slices.Compact(list)
}

// deskOf is a desk on JANOG57 as it was announced.
type deskOf struct {
	*Desk
	m    *machine
	live *told
	said []ProgrammeReleased
}

func newDesk(t testing.TB, d *db.DB) *deskOf {
	t.Helper()
	m := newMachine(t, d)
	m.readExample(t, "janog57.yaml")
	k := &deskOf{Desk: NewDesk(m.service, DeskOptions{}), m: m, live: &told{}}
	m.service.o.Live = k.live
	m.service.o.Released = func(_ context.Context, _ *db.Tx, e ProgrammeReleased) error {
		k.said = append(k.said, e)
		return nil
	}
	return k
}

func onDesk(t *testing.T, fn func(t *testing.T, k *deskOf)) {
	dbtest.Quick(t, deskFolders(), func(t *testing.T, d *db.DB) { fn(t, newDesk(t, d)) })
}

func (k *deskOf) look(t testing.TB) *Draft {
	t.Helper()
	d, err := k.Open(chair(t), "janog57")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// order is a release of what is there now, with every warning acknowledged.
func (k *deskOf) order(t testing.TB, name string) ReleaseOrder {
	t.Helper()
	p, err := k.PreviewRelease(chair(t), "janog57")
	if err != nil {
		t.Fatal(err)
	}
	o := ReleaseOrder{Name: name, Base: p.Newest.Number, Draft: p.Version}
	for _, w := range p.Warnings {
		o.Acknowledged = append(o.Acknowledged, w.ID())
	}
	return o
}

// wantFault fails unless an error is a fault with this key.
func wantFault(t testing.TB, err error, key string) {
	t.Helper()
	if e, ok := fault.As(err); !ok || e.Key != key {
		t.Errorf("got %v, want the fault %s", err, key)
	}
}

func TestFieldsAreReadAndWritten(t *testing.T) {
	doc := evening()
	doc.Topics = []interchange.Topic{{Key: "bgp"}, {Key: "dns"}}
	doc.Sessions[2].Parts[0].Speakers = []interchange.Appearance{{Speaker: "sato", Role: "moderator", Affiliation: i18n.T("組織", "")}}
	for i := range doc.Sessions {
		for _, f := range fields() {
			if f.hidden {
				continue
			}
			s := doc.Sessions[i]
			before := f.get(doc, &s)
			if err := f.set(doc, &s, before); err != nil {
				t.Errorf("%s %s: %q: %v", s.Ref, f.name, before, err)
			}
			if diff := cmp.Diff(jsonText(plainSession(doc.Sessions[i])), jsonText(plainSession(s))); diff != "" {
				t.Errorf("%s %s: writing back what was read changes it: %s", s.Ref, f.name, diff)
			}
		}
	}
}

func TestFieldsRefuseWhatCannotBe(t *testing.T) {
	doc := evening()
	for name, bad := range map[string][]string{
		"code": {"a b", "../x", "C11", strings.Repeat("x", 40)}, "kind": {"", "nothing"}, "status": {"gone"}, "language": {"fr", "ja xx"}, "level": {"hard"},
		"topics": {"none"}, "speakers": {"nobody", "sato | king", "sato\nsato"}, "slot": {"nothing", doc.Sessions[0].Ref, doc.Sessions[5].Ref},
		"links":      {"web", "what | https://a.example", "web | javascript:alert(1)", "web | https://a.example | | | tomorrow"},
		"parts":      {"- nothing: x", "]", "- title: a\n  end: \"10:00\"\n  start: \"11:00\"", "- title: a\n  speakers: [nobody]"},
		"title.ja":   {strings.Repeat("題", maxTitle+1), "a\x01b"},
		"policy.sns": {"maybe"}, "policy.publish_until": {"soon"}, "place": {"x"}, "nothing": {"x"},
	} {
		for _, v := range bad {
			s := doc.Sessions[0]
			a := &acting{Draft: &Draft{Doc: doc}}
			_, err := (&Desk{}).edit(t.Context(), a, &s, []FieldEdit{{Field: name, Base: FieldText(doc, &s, name), Value: v}})
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s = %q: %v", name, v, err)
			}
		}
	}
}

func TestEditKeepsWhatOthersWrote(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		other := as(t, "OTHER", event.MayEditProgramme)
		s := k.look(t).Session("60031")
		was := s.Title.JA
		if _, err := k.EditFields(other, "janog57", "60031", []FieldEdit{{"title.ja", was, "別の人の題"}}); err != nil {
			t.Fatal(err)
		}
		_, err := k.EditFields(chair(t), "janog57", "60031", []FieldEdit{{"title.ja", was, "わたしの題"}, {"level", "", "beginner"}})
		c, ok := errors.AsType[*Conflicts](err)
		if !ok || fault.KindOf(err) != fault.Conflict || len(c.Fields) != 1 || c.Fields[0].Current != "別の人の題" || !c.Fields[0].At.Equal(machineNow) {
			t.Fatalf("%+v", err)
		}
		if s := k.look(t).Session("60031"); s.Title.JA != "別の人の題" || s.Level != "" {
			t.Errorf("a conflict stored something: %+v", s)
		}
		// What both want is no conflict, nor is another field.
		done, err := k.EditFields(chair(t), "janog57", "60031", []FieldEdit{{"title.ja", was, " 別の人の題\r\n"}, {"title.en", "", "Another title"}})
		if err != nil || done.Act == "" {
			t.Fatal(done, err)
		}
		if s := k.look(t).Session("60031"); s.Title != i18n.T("別の人の題", "Another title") {
			t.Error(s.Title)
		}
		if done, err := k.EditFields(chair(t), "janog57", "60031", []FieldEdit{{"title.en", "Another title", "Another title"}}); err != nil || done.Act != "" {
			t.Error("an edit of nothing is an act:", done, err)
		}
		if got := k.live.take(); !slices.Equal(got, []string{"desk:janog57"}) {
			t.Error("told", got)
		}
		entries, _, err := audit.History(t.Context(), k.s.db, "janog57", SessionObject(s.Ref), audit.Page{})
		if err != nil || len(entries) != 2 || entries[1].Actor != "OTHER" || entries[1].Action != "program.session.edited" {
			t.Errorf("%v: %+v", err, entries)
		}
	})
}

func TestWhoMayEdit(t *testing.T) {
	k := newDesk(t, dbtest.SQLite(t, deskFolders()...))
	ref := k.look(t).Session("60031").Ref
	translator := as(t, "T", event.MayTranslate)
	owner := authz.With(t.Context(), &authz.Actor{ID: 2, Ref: "O", Grants: grants{own: []string{ref}}})
	edit := func(ctx context.Context, name, field, value string) error {
		s := k.look(t).Session(name)
		_, err := k.EditFields(ctx, "janog57", name, []FieldEdit{{field, FieldText(k.look(t).Doc, s, field), value}})
		return err
	}
	for i, c := range []struct {
		err error
		may bool
	}{
		{edit(t.Context(), "60031", "level", "beginner"), false},
		{edit(translator, "60031", "level", "beginner"), false},
		{edit(translator, "60031", "title.en", "A"), true},
		{edit(owner, "60031", "level", "beginner"), true},
		{edit(owner, "60031", "status", "cancelled"), false},
		{edit(owner, "60034", "title.en", "B"), false},
		{edit(owner, "60031", "speakers", FieldText(k.look(t).Doc, k.look(t).Session("60031"), "speakers")+"\n"+elsewhere(t, k, "60031")), false},
		{edit(owner, "60031", "speakers", ""), true},
		{edit(chair(t), "60031", "speakers", elsewhere(t, k, "60031")), true},
	} {
		if (c.err == nil) != c.may || c.err != nil && fault.KindOf(c.err) != fault.Forbidden {
			t.Errorf("%d: %v", i, c.err)
		}
	}
	for name, err := range map[string]error{
		"open": call2(k.Open(owner, "janog57")), "add": call2(k.AddSession(owner, "janog57", NewSession{Title: i18n.T("a", "")})),
		"remove": call2(k.RemoveSession(owner, "janog57", "60031")), "move": call2(k.Move(owner, "janog57", PlaceMove{})),
		"swap": call2(k.Swap(owner, "janog57", "60031", "60034")), "preview": call2(k.PreviewRelease(owner, "janog57")),
		"release": call2(k.Release(owner, "janog57", ReleaseOrder{})), "rollback": call2(k.Rollback(owner, "janog57", 1, ReleaseOrder{})),
		"preview rollback": call2(k.PreviewRollback(owner, "janog57", 1)), "preview retime": call2(k.PreviewRetime(owner, "janog57", Plan{})),
		"retime": call2(k.Retime(owner, "janog57", Plan{}, ReleaseOrder{})), "redo": call3(k.Redo(owner, "janog57")), "undo": call3(k.Undo(owner, "janog57", "")),
		"elsewhere": call2(k.Open(chair(t), "other")),
	} {
		if fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// elsewhere is a speaker who is not at a session.
func elsewhere(t *testing.T, k *deskOf, name string) string {
	t.Helper()
	d := k.look(t)
	i := slices.IndexFunc(d.Doc.Speakers, func(s interchange.Speaker) bool { return !onStage(d.Session(name), s.Key) })
	return d.Doc.Speakers[i].Key
}

func call2[T any](_ T, err error) error         { return err }
func call3[T, U any](_ T, _ U, err error) error { return err }

func TestTheNightAtTheDesk(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		for i, p := range janog57Night {
			preview, err := k.PreviewRetime(chair(t), "janog57", p)
			if err != nil {
				t.Fatal(err)
			}
			done, err := k.Retime(chair(t), "janog57", p, ReleaseOrder{Name: "夜", Base: preview.Newest.Number, Draft: preview.Version})
			if err != nil || done.Release != i+2 || len(done.Warnings) != len(preview.Warnings) {
				t.Fatalf("step %d: %+v, %v", i, done, err)
			}
		}
		if got := k.live.take(); !slices.Equal(got, []string{"desk:janog57", "meeting:janog57"}) {
			t.Error("told", got)
		}
		want := []ProgrammeReleased{{"janog57", 1, 2}, {"janog57", 2, 3}, {"janog57", 3, 4}, {"janog57", 4, 5}}
		if !slices.Equal(k.said, want) {
			t.Error(k.said)
		}
		onSite := k.look(t)
		if len(onSite.Changes) != 0 {
			t.Error("the draft is not what was released:", onSite.Changes)
		}
		k.m.readExample(t, "janog57-onsite.yaml")
		if n := k.look(t).Newest.Number; n != 5 {
			t.Errorf("the file of the state on site still makes release %d", n)
		}
		// Everything back, the last first.
		for i := range janog57Night {
			done, act, err := k.Undo(chair(t), "janog57", "")
			if err != nil || done.Release != 6+i || act.Kind != ActRetime {
				t.Fatalf("undo %d: %+v %v", i, done, err)
			}
		}
		compared, err := k.s.Compare(t.Context(), onSite.Meeting, 1, 9)
		if err != nil || len(compared.Changes)+len(compared.Common) != 0 {
			t.Errorf("after undoing all, release 9 is not release 1: %v %v", err, compared)
		}
		_, _, err = k.Undo(chair(t), "janog57", "")
		wantFault(t, err, "program.desk.error.nothing_to_undo")
		for range janog57Night {
			if _, _, err := k.Redo(chair(t), "janog57"); err != nil {
				t.Fatal(err)
			}
		}
		again := k.look(t)
		if diff := cmp.Diff(canonical(onSite.Doc), canonical(again.Doc)); diff != "" || again.Newest.Number != 13 {
			t.Errorf("done again it is not the same (release %d): %s", again.Newest.Number, diff)
		}
	})
}

func TestRetimePublishesTheMovesAlone(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		s := k.look(t).Session("60031")
		if _, err := k.EditFields(chair(t), "janog57", "60031", []FieldEdit{{"title.ja", s.Title.JA, "まだ公開しない題"}}); err != nil {
			t.Fatal(err)
		}
		o := k.order(t, "")
		p, err := k.PreviewRetime(chair(t), "janog57", janog57Night[0])
		if err != nil || p.Pending != 1 {
			t.Fatal(p.Pending, err)
		}
		if _, err := k.Retime(chair(t), "janog57", janog57Night[0], o); err != nil {
			t.Fatal(err)
		}
		public, err := k.s.Programme(t.Context(), "janog57")
		if err != nil {
			t.Fatal(err)
		}
		if it := public.Session("60031"); it.Title != s.Title || it.Start.Format("15:04") != "10:40" {
			t.Errorf("%s at %s", it.Title, it.Start)
		}
		d := k.look(t)
		if d.Session("60031").Title.JA != "まだ公開しない題" || len(d.Changes) != 1 || d.Changes[0].Moves() {
			t.Errorf("the draft: %+v", d.Changes)
		}
		if _, _, err := k.Undo(chair(t), "janog57", ""); err != nil {
			t.Fatal(err)
		}
		if d := k.look(t); d.Session("60031").Title.JA != "まだ公開しない題" || d.Session("60031").Start.Format("15:04") != "10:20" {
			t.Error("undoing the retiming undid the edit, or not itself")
		}
	})
}

func TestReleasesAreSeenBefore(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		_, err := k.Release(chair(t), "janog57", k.order(t, ""))
		wantFault(t, err, "program.desk.error.nothing_new")
		move := PlaceMove{"60043", PlaceOf(k.look(t).Session("60043")), Place{Day: "2026-02-12", Start: "16:40", End: "17:45", Room: "hall2"}}
		done, err := k.Move(chair(t), "janog57", move)
		if err != nil || len(done.Warnings) != 1 || done.Warnings[0].Kind != WarnOverlap {
			t.Fatalf("%+v, %v", done, err)
		}
		_, err = k.Move(chair(t), "janog57", PlaceMove{"60043", move.From, Place{}})
		wantFault(t, err, "program.desk.error.moved_meanwhile")
		o := k.order(t, "夕方")
		late := o
		late.Acknowledged = nil
		_, err = k.Release(chair(t), "janog57", late)
		wantFault(t, err, "program.desk.error.unacknowledged")
		late = o
		late.Draft--
		_, err = k.Release(chair(t), "janog57", late)
		wantFault(t, err, "program.desk.error.draft_meanwhile")
		if n, err := k.Release(chair(t), "janog57", o); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		_, err = k.Release(chair(t), "janog57", o)
		wantFault(t, err, "program.desk.error.released_meanwhile")
		if d := k.look(t); len(d.Changes) != 0 || d.Newest.Name != "夕方" {
			t.Error(d.Changes, d.Newest)
		}
	})
}

func TestBlockersBlock(t *testing.T) {
	k := newDesk(t, dbtest.SQLite(t, deskFolders()...))
	s := k.look(t).Session("60031")
	if _, err := k.EditFields(chair(t), "janog57", "60031", []FieldEdit{{"title.ja", s.Title.JA, ""}, {"title.en", s.Title.EN, ""}}); err != nil {
		t.Fatal(err)
	}
	p, err := k.PreviewRelease(chair(t), "janog57")
	if err != nil || len(p.Blockers) != 1 || p.Blockers[0].Kind != BlockTitle || p.Blockers[0].Session.Ref != s.Ref {
		t.Fatalf("%+v %v", p.Blockers, err)
	}
	_, err = k.Release(chair(t), "janog57", k.order(t, ""))
	wantFault(t, err, "program.desk.error.blocked")
	if _, err := k.EditFields(chair(t), "janog57", "60031", []FieldEdit{{"status", "", "cancelled"}}); err != nil {
		t.Fatal(err)
	}
	if n, err := k.Release(chair(t), "janog57", k.order(t, "")); err != nil || n != 2 {
		t.Error("a cancelled session blocks:", n, err)
	}
}

// TestTwoChairs release at once: one of them does, and the other is told so.
func TestTwoChairs(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		for round := range 5 {
			s := k.look(t).Session("60031")
			if _, err := k.EditFields(chair(t), "janog57", "60031", []FieldEdit{{"title.en", s.Title.EN, fmt.Sprint("Round ", round)}}); err != nil {
				t.Fatal(err)
			}
			o := k.order(t, "")
			var wg sync.WaitGroup
			errs := make([]error, 6)
			for i := range errs {
				wg.Go(func() { _, errs[i] = k.Release(chair(t), "janog57", o) })
			}
			wg.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
				} else if fault.KindOf(err) != fault.Conflict {
					t.Error(err)
				}
			}
			if n := k.look(t).Newest.Number; won != 1 || n != round+2 {
				t.Fatalf("round %d: %d of them released, the newest is %d: %v", round, won, n, errs)
			}
		}
	})
}

// TestManyEditors edit one session at once: every edit is there in the end, or its editor was told that it is not.
func TestManyEditors(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		base := FieldText(k.look(t).Doc, k.look(t).Session("60031"), "abstract.ja")
		var wg sync.WaitGroup
		var mu sync.Mutex
		var stored []string
		for i := range 8 {
			wg.Go(func() {
				v := fmt.Sprint("版", i)
				_, err := k.EditFields(as(t, fmt.Sprint("E", i), event.MayEditProgramme), "janog57", "60031", []FieldEdit{{"abstract.ja", base, v}})
				switch {
				case err == nil:
					mu.Lock()
					stored = append(stored, v)
					mu.Unlock()
				case fault.KindOf(err) != fault.Conflict:
					t.Error(err)
				}
			})
			wg.Go(func() { // other fields do not get in each other's way
				names := []string{"stream", "record", "publish", "slides", "photo", "sns"}
				if i >= len(names) {
					return
				}
				if _, err := k.EditFields(chair(t), "janog57", "60031", []FieldEdit{{"policy." + names[i], "", "no"}}); err != nil {
					t.Error(names[i], err)
				}
			})
		}
		wg.Wait()
		s := k.look(t).Session("60031")
		if len(stored) != 1 || s.Abstract.JA != stored[0] || s.Policy != interchange.OffRecord {
			t.Errorf("stored %q, is %q, policy %+v", stored, s.Abstract.JA, s.Policy)
		}
	})
}

func TestUndoLeavesOthersAlone(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		s := k.look(t).Session("60031")
		place := PlaceOf(s)
		if _, err := k.Move(chair(t), "janog57", PlaceMove{"60031", place, Place{}}); err != nil {
			t.Fatal(err)
		}
		other := as(t, "OTHER", event.MayEditProgramme)
		if _, err := k.EditFields(other, "janog57", "60031", []FieldEdit{{"title.en", "", "Theirs"}}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := k.Undo(chair(t), "janog57", ""); err != nil {
			t.Fatal("another field is in the way:", err)
		}
		if s := k.look(t).Session("60031"); PlaceOf(s) != place || s.Title.EN != "Theirs" {
			t.Errorf("%+v", s)
		}
		if _, _, err := k.Redo(chair(t), "janog57"); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Move(other, "janog57", PlaceMove{"60031", Place{}, Place{Day: "2026-02-13"}}); err != nil {
			t.Fatal(err)
		}
		_, _, err := k.Undo(chair(t), "janog57", "")
		wantFault(t, err, "program.desk.error.changed_since")
		// A session added and removed.
		done, err := k.AddSession(chair(t), "janog57", NewSession{Title: i18n.T("新しい", "New"), Of: "60034"})
		if err != nil || done.Session.Timed() || len(done.Session.Speakers) == 0 || done.Session.Ref == "" || done.Session.Source != "" {
			t.Fatalf("%+v %v", done.Session, err)
		}
		ref := done.Session.Ref
		if _, _, err := k.Undo(chair(t), "janog57", ""); err != nil || k.look(t).Session(ref) != nil {
			t.Error("an added session is still there", err)
		}
		if _, _, err := k.Redo(chair(t), "janog57"); err != nil || k.look(t).Session(ref) == nil {
			t.Error("and does not come back", err)
		}
		if _, err := k.RemoveSession(chair(t), "janog57", ref); err != nil || k.look(t).Session(ref) != nil {
			t.Error("a session that was never public stays", err)
		}
		if _, err := k.RemoveSession(chair(t), "janog57", "60034"); err != nil || k.look(t).Session("60034").Status != interchange.Cancelled {
			t.Error("a session that was public is not cancelled", err)
		}
	})
}

func TestRollBack(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		if _, err := k.Retime(chair(t), "janog57", janog57Night[0], k.order(t, "")); err != nil {
			t.Fatal(err)
		}
		added, err := k.AddSession(chair(t), "janog57", NewSession{Title: i18n.T("追加", "")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Release(chair(t), "janog57", k.order(t, "")); err != nil {
			t.Fatal(err)
		}
		if _, err := k.EditFields(chair(t), "janog57", "60031", []FieldEdit{{"title.en", "", "Only here"}}); err != nil {
			t.Fatal(err)
		}
		p, err := k.PreviewRollback(chair(t), "janog57", 1)
		if err != nil || len(p.Lost) != 1 || len(p.Public) != 6 {
			t.Fatalf("%v: %+v", err, p)
		}
		n, err := k.Rollback(chair(t), "janog57", 1, ReleaseOrder{Base: 3, Draft: p.Version, Name: "もとに戻す"})
		if err != nil || n != 4 {
			t.Fatal(n, err)
		}
		d := k.look(t)
		if s := d.Session(added.Session.Ref); s == nil || s.Status != interchange.Cancelled {
			t.Error("a session that was public lost its address")
		}
		if d.Session("60031").Start.Format("15:04") != "10:20" || d.Session("60031").Title.EN != "" || len(d.Changes) != 0 {
			t.Error("the draft is not what the release was", d.Changes)
		}
		if _, _, err := k.Undo(chair(t), "janog57", ""); err != nil || k.look(t).Session("60031").Title.EN != "Only here" {
			t.Error("undo does not bring the draft back", err)
		}
		for _, to := range []int{0, 4, 9, -1} {
			if _, err := k.PreviewRollback(chair(t), "janog57", to); fault.KindOf(err) != fault.NotFound {
				t.Errorf("back to %d: %v", to, err)
			}
		}
	})
}

func TestDelay(t *testing.T) {
	k := newDesk(t, dbtest.SQLite(t, deskFolders()...)) // it is 12:00 on the second day
	p := k.look(t).DelayPlan(machineNow, []string{"hall2"}, 15*time.Minute)
	preview, err := k.PreviewRetime(chair(t), "janog57", p)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"~ 60034 02-12 11:40–12:20 hall2 > 02-12 11:40–12:35 hall2", "~ 60037 02-12 13:40–14:40 hall2 > 02-12 13:55–14:55 hall2",
		"~ 60040 02-12 15:00–16:00 hall2 > 02-12 15:15–16:15 hall2", "~ 60043 02-12 16:20–17:20 hall2 > 02-12 16:35–17:35 hall2",
		"~ 60046 02-12 17:40–17:40 hall2 > 02-12 17:55–17:55 hall2",
	}
	if diff := cmp.Diff(want, preview.lines()); diff != "" {
		t.Error(diff)
	}
}

// TestUndoIsExact: whatever is done to a draft, undoing it gives the draft as it was, and doing it again the draft as it became.
func TestUndoIsExact(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		before := evening()
		after := *before
		after.Sessions = slices.Clone(before.Sessions)
		for range rapid.IntRange(1, 6).Draw(r, "changes") {
			if len(after.Sessions) == 0 {
				break
			}
			i := rapid.IntRange(0, len(after.Sessions)-1).Draw(r, "session")
			switch rapid.IntRange(0, 4).Draw(r, "what") {
			case 0:
				after.Sessions = slices.Delete(slices.Clone(after.Sessions), i, i+1)
			case 1:
				after.Sessions = append(after.Sessions, copyOf(&after.Sessions[i], newGUID()))
			case 2:
				after.Sessions[i].Title = i18n.T(rapid.String().Draw(r, "title"), "")
			case 3:
				p := Place{Day: "2026-02-12", Start: fmt.Sprintf("%02d:%02d", rapid.IntRange(8, 20).Draw(r, "h"), rapid.IntRange(0, 59).Draw(r, "m")), Room: "2"}
				p.End = p.Start
				_ = put(before, &after.Sessions[i], p)
			case 4:
				_ = put(before, &after.Sessions[i], Place{})
			}
		}
		touched := touchedBy(before, &after)
		back, err := touched.reversed().apply(&after)
		if err != nil {
			r.Fatal(err)
		}
		if left := touchedBy(before, back); !left.empty() {
			r.Fatal(left)
		}
		again, err := touched.apply(back)
		if err != nil {
			r.Fatal(err)
		}
		if left := touchedBy(&after, again); !left.empty() {
			r.Fatal(left)
		}
	})
}

// sqliteOf is a fresh SQLite database with the tables of the desk.
func sqliteOf(t testing.TB) *db.DB { return dbtest.SQLite(t, deskFolders()...) }
