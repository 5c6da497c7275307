package interchange

import (
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/docs"
)

// TestHandbookExamples reads the examples of the handbook: what a chair copies must work.
func TestHandbookExamples(t *testing.T) {
	s := meetingSchema(t)
	for _, page := range []string{"meeting-file.ja.md", "meeting-file.en.md"} {
		text, err := docs.Handbook.ReadFile("handbook/" + page)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, ok := strings.Cut(string(text), "```yaml\n")
		example, _, end := strings.Cut(rest, "```")
		if !ok || !end {
			t.Fatalf("%s has no example", page)
		}
		checkFile(t, s, page, []byte(example))
		d, problems := decodeOne(t, "example.yaml", example, Options{})
		if len(problems) > 0 || len(d.Sessions) != 5 || d.Sessions[4].Slot != d.Sessions[3].GUID {
			t.Errorf("%s: %d sessions, problems %q", page, len(d.Sessions), problems)
		}
		for _, heading := range headingsOf(string(text)) {
			if columnKey(heading) == "" {
				t.Errorf("%s promises the column %q, which is not read", page, heading)
			}
		}
	}
}

// headingsOf are the headings that the handbook's table of columns names.
func headingsOf(page string) []string {
	var out []string
	for line := range strings.Lines(page) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || strings.HasPrefix(cells[1], "---") || strings.Contains(line, "見出し") || strings.Contains(line, "headings") {
			continue
		}
		cell, _, _ := strings.Cut(strings.NewReplacer("Title (Japanese)", "title_ja", "Title (English)", "title_en", "（日本語）", "日本語", "（英語）", "英語").Replace(cells[2]), "（")
		cell, _, _ = strings.Cut(cell, " (")
		for w := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(",、/", r) }) {
			out = append(out, strings.TrimSpace(w))
		}
	}
	return out
}
