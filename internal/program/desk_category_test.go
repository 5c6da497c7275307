package program

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// changeTopics edits the topics of JANOG57 as the chair: pairs of a field and its value, begun from what is stored.
func (k *deskOf) changeCategory(t *testing.T, c Category, pairs ...string) *Done {
	t.Helper()
	var edits []FieldEdit
	for i := 0; i < len(pairs); i += 2 {
		key, name, _ := strings.Cut(pairs[i], "/")
		e := FieldEdit{Field: pairs[i], Value: pairs[i+1]}
		if was := c.entry(k.look(t).Doc, key); was != nil {
			e.Base = CategoryField(was, name)
		}
		edits = append(edits, e)
	}
	done, err := k.EditCategory(chair(t), "janog57", c, edits, CategoryMove{})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// giveTopics gives a session topics.
func (k *deskOf) giveTopics(t *testing.T, session, topics string) {
	t.Helper()
	if _, err := k.EditFields(chair(t), "janog57", session, []FieldEdit{{Field: "topics", Value: topics}}); err != nil {
		t.Fatal(err)
	}
}

func (k *deskOf) undo(t *testing.T, act string) {
	t.Helper()
	if _, _, err := k.Undo(chair(t), "janog57", act); err != nil {
		t.Fatal(err)
	}
}

func TestTopicsAreAddedNamedMovedMergedAndRemoved(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		for _, name := range []string{"Routing", "DNS", "IPv6"} {
			k.changeCategory(t, Topics, "/label.ja", name+"の話", "/label.en", name)
		}
		if got := Topics.keys(k.look(t).Doc); !slices.Equal(got, []string{"routing", "dns", "ipv6"}) {
			t.Fatalf("topics %q", got)
		}
		k.giveTopics(t, "60031", "routing dns")
		k.giveTopics(t, "60033", "dns")
		k.changeCategory(t, Topics, "dns/label.ja", "名前解決")
		moved, err := k.EditCategory(chair(t), "janog57", Topics, nil, CategoryMove{Key: "ipv6"})
		if err != nil {
			t.Fatal(err)
		}
		merged, err := k.RemoveFromCategory(chair(t), "janog57", Topics, "dns", "routing", 2)
		if err != nil {
			t.Fatal(err)
		}
		d := k.look(t)
		if got := [][]string{d.Session("60031").Topics, d.Session("60033").Topics, Topics.keys(d.Doc)}; !cmp.Equal(got, [][]string{{"routing"}, {"routing"}, {"routing", "ipv6"}}) {
			t.Errorf("after merging: %q", got)
		}
		k.undo(t, merged.Act)
		d = k.look(t)
		if got := [][]string{d.Session("60031").Topics, d.Session("60033").Topics, Topics.keys(d.Doc)}; !cmp.Equal(got, [][]string{{"routing", "dns"}, {"dns"}, {"routing", "ipv6", "dns"}}) {
			t.Errorf("after undoing it: %q", got)
		}
		if got := Topics.entry(d.Doc, "dns").Label; got != i18n.T("名前解決", "DNS") {
			t.Errorf("it is called %q again", got)
		}
		k.undo(t, moved.Act)
		removed, err := k.RemoveFromCategory(chair(t), "janog57", Topics, "dns", "", 2)
		if err != nil {
			t.Fatal(err)
		}
		if s := k.look(t).Session("60033"); len(s.Topics) != 0 {
			t.Errorf("it still has %q", s.Topics)
		}
		k.undo(t, removed.Act)
		if got := Topics.keys(k.look(t).Doc); !slices.Equal(got, []string{"routing", "dns", "ipv6"}) {
			t.Errorf("the topics after undoing all: %q", got)
		}
		said, _, err := audit.History(t.Context(), k.s.db, "janog57", "topic:dns", audit.Page{})
		if err != nil || len(said) < 4 {
			t.Errorf("the log has %d entries of the topic, %v", len(said), err)
		}
	})
}

func TestTwoAtOneTopicLoseNothing(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		k.changeCategory(t, Topics, "/label.ja", "経路")
		other := as(t, "VICE", event.MayReadDraft, event.MayEditProgramme)
		key := Topics.keys(k.look(t).Doc)[0]
		k.changeCategory(t, Topics, key+"/label.ja", "ルーティング")
		_, err := k.EditCategory(other, "janog57", Topics, []FieldEdit{{Field: key + "/label.ja", Base: "経路", Value: "経路制御"}, {Field: key + "/label.en", Value: "Routing"}}, CategoryMove{})
		c, ok := errors.AsType[*Conflicts](err)
		if !ok || len(c.Fields) != 1 || c.Fields[0].Current != "ルーティング" {
			t.Fatalf("%v %+v", err, c)
		}
		if got := Topics.entry(k.look(t).Doc, key).Label; got != i18n.T("ルーティング", "") {
			t.Errorf("half of it was stored: %q", got)
		}
		if _, err := k.EditCategory(other, "janog57", Topics, []FieldEdit{{Field: key + "/label.en", Value: "Routing"}}, CategoryMove{}); err != nil {
			t.Errorf("another field is nobody's conflict: %v", err)
		}
		if _, err := k.RemoveFromCategory(chair(t), "janog57", Topics, key, "", 0); err != nil {
			t.Fatal(err)
		}
		_, err = k.EditCategory(other, "janog57", Topics, []FieldEdit{{Field: key + "/label.ja", Base: "ルーティング", Value: "経路"}}, CategoryMove{})
		if c, ok := errors.AsType[*Conflicts](err); !ok || !c.Fields[0].Gone {
			t.Errorf("it was removed: %v", err)
		}
		_, err = k.RemoveFromCategory(other, "janog57", Topics, key, "", 0)
		wantFault(t, err, "program.desk.error.entry_gone")
	})
}

// TestAddedAndUsed: what was added and is used by now is not taken back under its sessions.
func TestAddedAndUsed(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		done, err := k.EditCategory(chair(t), "janog57", Topics, []FieldEdit{{Field: "/label.ja", Value: "経路"}, {Field: "/label.en", Value: "Routing"}}, CategoryMove{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.EditFields(chair(t), "janog57", "60031", []FieldEdit{{Field: "topics", Value: "routing"}}); err != nil {
			t.Fatal(err)
		}
		_, _, err = k.Undo(chair(t), "janog57", done.Act)
		wantFault(t, err, "program.desk.error.used_meanwhile")
		if d := k.look(t); len(Topics.Uses(d.Doc, "routing")) != 1 || !slices.ContainsFunc(d.Doc.Topics, func(x interchange.Topic) bool { return x.Key == "routing" }) {
			t.Error("the topic is gone under its session")
		}
	})
}

func TestKindsKeepTheirSessions(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		d := k.look(t)
		kind := d.Session("60031").Kind
		n := len(Kinds.Uses(d.Doc, kind))
		into := Kinds.keys(d.Doc)[1]
		if into == kind || n < 2 {
			t.Fatalf("the example has changed: %q, %d", into, n)
		}
		_, err := k.RemoveFromCategory(chair(t), "janog57", Kinds, kind, "", n)
		wantFault(t, err, "program.desk.error.kind_used")
		_, err = k.RemoveFromCategory(chair(t), "janog57", Kinds, kind, into, n-1)
		wantFault(t, err, "program.desk.error.used_meanwhile")
		if _, err = k.RemoveFromCategory(chair(t), "janog57", Kinds, kind, into, n); err != nil {
			t.Fatal(err)
		}
		k.undo(t, "")
		if got := k.look(t); got.Pending() != 0 {
			t.Errorf("undone, and yet %+v %+v", got.Changes, got.Common)
		}
		_, err = k.EditCategory(chair(t), "janog57", Kinds, []FieldEdit{{Field: "/label.ja", Value: Kinds.entry(d.Doc, into).Label.JA}}, CategoryMove{})
		wantFault(t, err, "program.desk.error.label_taken")
		_, err = k.EditCategory(as(t, "READER", event.MayReadDraft), "janog57", Kinds, nil, CategoryMove{})
		if fault.KindOf(err) != fault.Forbidden {
			t.Errorf("who only reads: %v", err)
		}
	})
}

func TestWhatTheWholeProgrammeChangesIsReleasedInWords(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		kind := k.look(t).Session("60031").Kind
		k.changeCategory(t, Kinds, kind+"/label.ja", "本編", kind+"/counts", Uncounted, kind+"/tint", "4")
		k.changeCategory(t, Topics, "/label.ja", "運用")
		if _, err := k.Release(chair(t), "janog57", k.order(t, "")); err != nil {
			t.Fatal(err)
		}
		list, err := k.Releases(chair(t), k.look(t))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range list[0].Common {
			got = append(got, string(c.About)+" "+string(c.Op)+" "+c.Field)
		}
		if want := []string{"kinds edited label", "kinds edited counts", "kinds edited tint", "topics added "}; !slices.Equal(got, want) {
			t.Errorf("the release says %q, want %q", got, want)
		}
		groups, rest := alike(list[0].Changes)
		if len(groups) != 1 || len(rest) != 0 {
			t.Errorf("one name changed: %d groups, %d alone", len(groups), len(rest))
		}
	})
}

func TestOrderIsUndoneWithoutUndoingOthers(t *testing.T) {
	for _, c := range []struct{ before, after, now, want string }{
		{"a b c", "b a c", "b a c", "a b c"},
		{"a b c", "b a c", "b a d c", "a d b c"}, // one was added since
		{"a b c", "a c", "a c", "a b c"},
		{"a b c", "a c", "c a", "c a b"}, // arranged since: b comes back after a
		{"a b c", "b a c", "c b a", ""},  // moved again since
		{"a b", "a b c", "a b c", "a b"},
	} {
		now := strings.Fields(c.now)
		list := slices.Clone(now)
		if c.before == "a b" {
			list = now[:2] // reapply has taken it out
		} else if strings.Count(c.before, " ") > strings.Count(c.after, " ") {
			list = append(list, "b") // reapply has put it at the end
		}
		got, err := Order{Before: strings.Fields(c.after), After: strings.Fields(c.before)}.apply(list)
		if (err != nil) != (c.want == "") || err == nil && !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%q -> %q, now %q: undone it is %q, want %q (%v)", c.before, c.after, c.now, got, c.want, err)
		}
	}
}

func TestThePolicyOfTheMeeting(t *testing.T) {
	onDesk(t, func(t *testing.T, k *deskOf) {
		edits := []FieldEdit{{Field: "slides", Base: "yes", Value: "no"}}
		links := []FieldEdit{{Field: "links", Value: "slides | https://example.org/a.pdf"}}
		for _, name := range []string{"60031", "60033"} {
			if _, err := k.EditFields(chair(t), "janog57", name, links); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := k.EditFields(chair(t), "janog57", "60033", []FieldEdit{{Field: "policy.slides", Value: "yes"}}); err != nil {
			t.Fatal(err)
		}
		p, err := k.PreviewPolicy(chair(t), "janog57", edits)
		if err != nil || len(p.Effects) != 1 {
			t.Fatalf("%v %+v", err, p)
		}
		e := p.Effects[0]
		of := func(source string) *PolicyChange {
			i := slices.IndexFunc(e.Change, func(c PolicyChange) bool { return c.Session.Source == source })
			if i < 0 {
				return nil
			}
			return &e.Change[i]
		}
		if c := of("60031"); !e.Refused || c == nil || len(c.Links) != 1 || of("60033") != nil {
			t.Errorf("%+v", e)
		}
		if !slices.ContainsFunc(e.Stay, func(s PolicyStay) bool { return s.Session.Source == "60033" && s.Why == OwnPolicy }) {
			t.Error("the session that allows it itself is not named")
		}
		_, err = k.SavePolicy(chair(t), "janog57", edits, "another")
		wantFault(t, err, "program.desk.error.effect_meanwhile")
		done, err := k.SavePolicy(chair(t), "janog57", edits, p.Sum)
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.SavePolicy(as(t, "VICE", event.MayReadDraft, event.MayEditProgramme), "janog57", []FieldEdit{{Field: "publish_until", Base: "2026-03-01", Value: "2026-04-01"}}, "")
		if c, ok := errors.AsType[*Conflicts](err); !ok || c.Fields[0].Field != "publish_until" {
			t.Errorf("%v", err)
		}
		if d := k.look(t); d.Doc.Policy.Slides != interchange.Refused || len(d.Common) != 1 || d.Common[0].Field != "slides" {
			t.Errorf("%+v %+v", d.Doc.Policy, d.Common)
		}
		k.undo(t, done.Act)
		if d := k.look(t); d.Doc.Policy != (interchange.Policy{}) {
			t.Errorf("undone, it is %+v", d.Doc.Policy)
		}
	})
}

// A speaker's refusal holds whatever the meeting comes to allow, and the preview says so.
func TestARefusalOutlivesThePolicy(t *testing.T) {
	link := []interchange.Link{{Kind: interchange.LinkStream, URL: "https://example.org/live"}}
	doc := &interchange.Document{
		Policy: interchange.Policy{Stream: interchange.Refused},
		Sessions: []interchange.Session{
			{GUID: "a", Links: link},
			{GUID: "b", Links: link, Speakers: []interchange.Appearance{{Speaker: "x", Policy: interchange.Policy{Stream: interchange.Refused}}}},
			{GUID: "c", Links: link, Policy: interchange.Policy{Stream: interchange.Refused}},
			{GUID: "d", Links: link, Status: interchange.Cancelled},
			{GUID: "e", Links: link, Slot: "b"},
		},
	}
	e := PolicyEffects(doc, interchange.Policy{Stream: interchange.Allowed}, "2026-02-11")
	if len(e) != 1 || e[0].Refused || len(e[0].Change) != 1 || e[0].Change[0].Session.GUID != "a" || len(e[0].Change[0].Links) != 1 {
		t.Fatalf("%+v", e)
	}
	var stay []string
	for _, s := range e[0].Stay {
		stay = append(stay, s.Session.GUID+" "+string(s.Why))
	}
	if want := []string{"b speaker", "c session", "e speaker"}; !slices.Equal(stay, want) {
		t.Errorf("%q stay, want %q", stay, want)
	}
}
