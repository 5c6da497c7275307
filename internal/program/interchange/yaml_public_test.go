package interchange

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestPublicYAML: read and made public again, the public copy is the same, and nothing is allowed that was refused.
func TestPublicYAML(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		public := anyDocument().Draw(t, "document").Public(today)
		out, err := EncodePublicYAML(public)
		if err != nil {
			t.Fatal(err)
		}
		docs, _, err := Decode("x.yaml", out, Options{})
		if err != nil {
			t.Fatal(err)
		}
		again := docs[0].Public(today)
		for i := range public.Sessions {
			a, b := &public.Sessions[i], &again.Sessions[i]
			if a.Policy.Restrict(b.Policy) != b.Policy.Restrict(a.Policy) && loosened(a.Policy, b.Policy) {
				t.Errorf("%+v became %+v\n%s", a.Policy, b.Policy, out)
			}
		}
		second, err := EncodePublicYAML(again)
		if err != nil || string(second) != string(out) {
			t.Fatalf("%v\n%s", err, cmp.Diff(string(out), string(second)))
		}
	})
}

func loosened(from, to Policy) bool {
	for _, k := range []LinkKind{LinkStream, LinkVideo, LinkSlides, LinkPhoto, LinkSNS} {
		if to.Allows(k, today) != from.Allows(k, today) {
			return true
		}
	}
	return false
}

func TestPublicYAMLWritesWhatSessionsSayThemselves(t *testing.T) {
	d, _ := decodeOne(t, "a.yaml", `tsudoi: 1
meeting: {slug: a, title: A, pages: [{slug: p, title: P, body: b, hidden: yes}]}
policy: {publish: yes, publish_until: 2026-12-31, photo: no}
speakers: [{key: s, name: S}]
sessions:
  - {title: inherits}
  - {title: off, policy: off-record}
  - {title: speaker, speakers: [{speaker: s, policy: {slides: no}}]}
  - {title: slot, code: L, policy: {stream: no}}
  - {title: talk, slot: L}
  - {title: loud talk, slot: L, policy: {stream: yes}}
  - {title: parts, parts: [{title: O, parts: [{title: I1, policy: {slides: no}}, {title: I2}]}]}
`, Options{})
	out, err := EncodePublicYAML(d.Public(today))
	if err != nil {
		t.Fatal(err)
	}
	back, problems := decodeOne(t, "a.yaml", string(out), Options{})
	var got []Policy
	for _, s := range back.Sessions {
		got = append(got, s.Policy)
	}
	parts := back.Sessions[6].Parts[0]
	got = append(got, parts.Policy, parts.Parts[0].Policy, parts.Parts[1].Policy)
	want := []Policy{{}, OffRecord, {Slides: Refused}, {Stream: Refused}, {}, {Stream: Allowed}, {}, {Slides: Refused}, {}, {Slides: Allowed}}
	if diff := cmp.Diff(want, got); diff != "" || len(problems) > 0 {
		t.Errorf("(-want +got):\n%s\n%q\n%s", diff, problems, out)
	}
	if first, _, _ := strings.Cut(string(out), "\n"); !strings.HasPrefix(first, "# ") || !strings.Contains(first, "tsudoi export a") || len(back.Meeting.Pages) != 0 || len(d.Meeting.Pages) != 1 {
		t.Errorf("%s", out)
	}
	if _, problems, err := Decode("-", out, Options{}); err != nil || len(problems) > 0 {
		t.Errorf("without a name: %v %q", err, problems)
	}
}
