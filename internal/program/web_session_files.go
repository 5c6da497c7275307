package program

import (
	"context"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// fileView is a file of a session that everybody may have now.
type fileView struct {
	Label  i18n.Text
	Icon   string
	URL    string
	Facts  string // format, pages, size, in words
	Format string
}

// files lists the files of a session that are public now, and a key that tells this state of them from others: they become public as time
// passes, without a change of the meeting.
func (h *Web) files(ctx context.Context, q *request, it *Item) (list []fileView, key string, err error) {
	if h.programmes.materials == nil {
		return nil, "", nil
	}
	public, err := h.programmes.materials.Public(ctx, q.Programme, it)
	if err != nil {
		return nil, "", err
	}
	f := q.Frame
	var b strings.Builder
	for _, m := range public {
		v := fileView{Label: m.Label, Icon: "slides", URL: m.URL, Format: m.Format}
		if v.Label.IsZero() {
			v.Label = same(f.T("program.session.file." + m.Kind))
		}
		facts := []string{f.T("program.session.file.format." + m.Format)}
		if m.Pages > 0 {
			facts = append(facts, f.T("program.session.file.pages", "n", m.Pages))
		}
		v.Facts = strings.Join(append(facts, i18n.Bytes(m.Size)), " · ")
		list = append(list, v)
		b.WriteString(" " + m.URL)
	}
	return list, b.String(), nil
}
