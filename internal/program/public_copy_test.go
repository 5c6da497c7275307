package program

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// TestPublicCopyIsNotTheFileToEdit: whoever reads the public meeting file into its own meeting by mistake is told in its first line, and
// what sessions inherit stays inherited.
func TestPublicCopyIsNotTheFileToEdit(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	for _, slug := range withProgramme {
		before, err := m.service.Draft(t.Context(), slug)
		if err != nil {
			t.Fatal(err)
		}
		file := m.get(t, "/meetings/"+slug+"/meeting.yaml")
		if first, _, _ := strings.Cut(file, "\n"); !strings.HasPrefix(first, "# ") || !strings.Contains(first, "tsudoi export "+slug) {
			t.Errorf("%s begins with %q", slug, first)
		}
		m.read(t, "meeting.yaml", []byte(file))
		after, err := m.service.Draft(t.Context(), slug)
		if err != nil {
			t.Fatal(err)
		}
		now := inherited(after)
		for guid, was := range inherited(before) {
			if diff := cmp.Diff(was, now[guid]); diff != "" {
				t.Errorf("%s, %s (-before +after):\n%s", slug, guid, diff)
			}
		}
	}
}

// inherited is what each session says itself, of those whose speakers and parts refuse nothing of their own.
func inherited(d *interchange.Document) map[string]interchange.Policy {
	out := map[string]interchange.Policy{}
	for i := range d.Sessions {
		if s := &d.Sessions[i]; s.Effective(d.Policy) == s.Policy.Within(d.Policy) {
			out[s.GUID] = s.Policy
		}
	}
	return out
}

// TestHiddenPagesAreNotListed: a page that no menu shows is in no file and no list for machines.
func TestHiddenPagesAreNotListed(t *testing.T) {
	m := sqliteMachine(t)
	m.read(t, "guarded.yaml", []byte(strings.Replace(guarded, "title: {ja: 守る",
		"pages: [{slug: seen, title: Seen, body: seen-body}, {slug: secret, title: Secret title, body: secret body, hidden: yes}], title: {ja: 守る", 1)))
	for _, path := range []string{"/meetings/guarded/meeting.yaml", "/api/v1/meetings/guarded"} {
		if body := m.get(t, path); strings.Contains(strings.ToLower(body), "secret") || !strings.Contains(body, "seen") {
			t.Errorf("%s:\n%s", path, body)
		}
	}
}
