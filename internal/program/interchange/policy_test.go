package interchange

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

const today = event.Date("2026-02-12")

func TestPolicyAllows(t *testing.T) {
	kinds := []LinkKind{LinkWeb, LinkSlides, LinkStream, LinkVideo, LinkPhoto, LinkSNS, LinkOther, "something"}
	for _, c := range []struct {
		name    string
		p       Policy
		allowed []LinkKind
	}{
		{"nothing said", Policy{}, kinds},
		{"off the record", OffRecord, []LinkKind{LinkWeb}},
		{"no recording, so none to publish", Policy{Record: Refused}, []LinkKind{LinkWeb, LinkSlides, LinkStream, LinkPhoto, LinkSNS}},
		{"recorded but not published", Policy{Publish: Refused}, []LinkKind{LinkWeb, LinkSlides, LinkStream, LinkPhoto, LinkSNS}},
		{"published until yesterday", Policy{PublishUntil: "2026-02-11"}, []LinkKind{LinkWeb, LinkSlides, LinkStream, LinkPhoto, LinkSNS}},
		{"published until today", Policy{PublishUntil: today}, kinds},
		{"no slides", Policy{Slides: Refused}, []LinkKind{LinkWeb, LinkStream, LinkVideo, LinkPhoto, LinkSNS}},
		{"no stream", Policy{Stream: Refused}, []LinkKind{LinkWeb, LinkSlides, LinkVideo, LinkPhoto, LinkSNS}},
		{"no photo", Policy{Photo: Refused}, []LinkKind{LinkWeb, LinkSlides, LinkStream, LinkVideo, LinkSNS}},
		{"no sns", Policy{SNS: Refused}, []LinkKind{LinkWeb, LinkSlides, LinkStream, LinkVideo, LinkPhoto}},
	} {
		var got []LinkKind
		for _, k := range kinds {
			if c.p.Allows(k, today) {
				got = append(got, k)
			}
		}
		if diff := cmp.Diff(c.allowed, got); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

func TestPolicyWithinAndRestrict(t *testing.T) {
	meeting := Policy{Publish: Allowed, PublishUntil: "2026-05-31", Slides: Refused}
	session := Policy{Slides: Allowed, Stream: Refused}.Within(meeting)
	if session.Slides != Allowed || session.Stream != Refused || session.Publish != Allowed || session.PublishUntil != "2026-05-31" {
		t.Errorf("within its meeting: %+v", session)
	}
	one := session.Restrict(Policy{Slides: Refused, Stream: Allowed, PublishUntil: "2026-03-01"})
	if one.Slides != Refused || one.Stream != Refused || one.PublishUntil != "2026-03-01" {
		t.Errorf("with a speaker: %+v", one)
	}
	if p := one.Restrict(Policy{PublishUntil: "2026-12-31"}); p.PublishUntil != "2026-03-01" {
		t.Errorf("a later date of another speaker: %s", p.PublishUntil)
	}
}

func TestPublicTakesOutWhatIsForbidden(t *testing.T) {
	link := func(k LinkKind) Link { return Link{Kind: k, URL: "https://example.jp/" + string(k)} }
	d := &Document{Policy: Policy{Photo: Refused}, Sessions: []Session{
		{Title: i18n.T("a part forbids", ""), Links: []Link{link(LinkSlides), link(LinkVideo), link(LinkPhoto)},
			Parts: []Part{{Links: []Link{link(LinkSlides)}}, {Policy: Policy{Publish: Refused}, Links: []Link{link(LinkVideo), link(LinkSlides)}}}},
		{Title: i18n.T("a speaker forbids", ""), Links: []Link{link(LinkStream), link(LinkSlides)}, Speakers: []Appearance{{Speaker: "a"},
			{Speaker: "b", Policy: Policy{Stream: Refused}}}},
		{Title: i18n.T("the link has ended", ""), Links: []Link{{Kind: LinkVideo, URL: "https://example.jp/v", Until: "2026-02-11"}}},
	}}
	p := d.Public(today)
	got := [][]LinkKind{kindsOf(p.Sessions[0].Links), kindsOf(p.Sessions[0].Parts[0].Links), kindsOf(p.Sessions[0].Parts[1].Links),
		kindsOf(p.Sessions[1].Links), kindsOf(p.Sessions[2].Links)}
	want := [][]LinkKind{{LinkSlides}, {LinkSlides}, {LinkSlides}, {LinkSlides}, nil}
	if diff := cmp.Diff(want, got, equal()); diff != "" {
		t.Errorf("links that are left:\n%s", diff)
	}
	if p.Sessions[1].Speakers[1].Policy != (Policy{}) {
		t.Error("what a speaker refuses is told to the public")
	}
	if len(d.Sessions[0].Links) != 3 || d.Sessions[1].Speakers[1].Policy.Stream != Refused {
		t.Error("the document itself was changed")
	}
}

// TestTalkInheritsRefusals: what a speaker of a slot refuses holds for the talks held in it that do not say otherwise.
func TestTalkInheritsRefusals(t *testing.T) {
	link := []Link{{Kind: LinkSlides, URL: "https://example.jp/s"}}
	d := &Document{Sessions: []Session{
		{GUID: "slot", Speakers: []Appearance{{Speaker: "chair", Policy: Policy{Slides: Refused}}}},
		{GUID: "silent", Slot: "slot", Links: link},
		{GUID: "own", Slot: "slot", Links: link, Policy: Policy{Slides: Allowed}},
	}}
	p := d.Public(today)
	if n := len(p.Sessions[1].Links); n != 0 {
		t.Errorf("%d links of a talk whose slot's speaker refuses", n)
	}
	if n := len(p.Sessions[2].Links); n != 1 {
		t.Errorf("%d links of a talk that allows them itself", n)
	}
}

// TestPublicIsFinal: what is public stays public, and no link is left that its session's resolved policy forbids.
func TestPublicIsFinal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := anyDocument().Draw(rt, "document")
		p := d.Public(today)
		for _, s := range p.Sessions {
			checkLinks(rt, s.Links, s.Policy)
			for _, part := range s.Parts {
				checkLinks(rt, part.Links, part.Policy)
			}
		}
		again := p.Public(today)
		for i := range p.Sessions {
			if diff := cmp.Diff(kindsOf(p.Sessions[i].Links), kindsOf(again.Sessions[i].Links)); diff != "" {
				rt.Fatalf("the public form of the public form has other links:\n%s", diff)
			}
		}
	})
}

func checkLinks(t *rapid.T, links []Link, p Policy) {
	for _, l := range links {
		if !p.Allows(l.Kind, today) || l.Until != "" && l.Until < today {
			t.Fatalf("%s is left under %+v", l.URL, p)
		}
	}
}

func kindsOf(links []Link) []LinkKind {
	var out []LinkKind
	for _, l := range links {
		out = append(out, l.Kind)
	}
	return out
}
