package program

import (
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// apiRelease is a release with what it changed.
type apiRelease struct {
	Number  int         `json:"number"`
	Name    string      `json:"name,omitzero"`
	At      time.Time   `json:"at"`
	Current bool        `json:"current"` // whether it is the newest
	URL     string      `json:"url"`
	Self    string      `json:"self"`
	Changes []apiChange `json:"changes"` // against the release before; none in the first
}

// apiChange is what happened to one session.
type apiChange struct {
	Op     Op         `json:"op"`
	GUID   string     `json:"guid"`
	Ref    string     `json:"ref,omitzero"` // missing where the session is gone
	Label  string     `json:"label"`
	Title  i18n.Text  `json:"title"`
	Self   string     `json:"self,omitzero"`
	Fields []apiField `json:"fields"`
}

// apiField is one field that changed; the texts are missing where the field may hold what a policy forbids.
type apiField struct {
	Field  string    `json:"field"`
	Before i18n.Text `json:"before,omitzero"`
	After  i18n.Text `json:"after,omitzero"`
}

func (w apiWriter) release(r Release) apiRelease {
	return apiRelease{
		Number: r.Number, Name: r.Name, At: r.At, Current: r.Number == w.p.Release.Number, URL: w.base + releaseURL(w.p.Meeting.Slug, r.Number),
		Self: w.at("/releases/" + releasePlace(r.Number)), Changes: mapped(r.Changes, w.change),
	}
}

func (w apiWriter) change(c Change) apiChange {
	out := apiChange{Op: c.Op, GUID: c.GUID, Label: c.Label, Title: c.Title, Fields: mapped(publicFields(c), func(f FieldChange) apiField { return apiField(f) })}
	if it := w.p.Session(c.GUID); it != nil && it.GUID == c.GUID {
		out.Ref, out.Self = it.Ref, w.at("/sessions/"+it.Name)
	}
	return out
}

// publicFields are the fields of a change as anyone may see them. What a field once held is not governed by the policy of today, so the
// texts of fields that hold links, permissions or whatever somebody wrote and took back are left out: that they changed is said, and the
// session itself shows what is public. Of speakers only the names are left.
func publicFields(c Change) []FieldChange {
	out := make([]FieldChange, 0, len(c.Fields))
	for _, f := range c.Fields {
		switch f.Field {
		case "date", "time", "room", "code", "title", "subtitle", "kind", "topics", "language", "level":
		case "speakers":
			f.Before, f.After = f.Before.Map(namesOnly), f.After.Map(namesOnly)
			if f.Before == f.After {
				f.Before, f.After = i18n.Text{}, i18n.Text{}
			}
		default:
			f.Before, f.After = i18n.Text{}, i18n.Text{}
		}
		out = append(out, f)
	}
	return out
}

func namesOnly(s string) string { return strings.Join(nameList(s), ", ") }
