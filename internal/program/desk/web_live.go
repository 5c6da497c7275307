package desk

import (
	"net/http"
	"regexp"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/live"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
)

// Live lets those who are at a desk hear of each other.
type Live interface {
	Serve(w http.ResponseWriter, r *http.Request, topics ...string) error
	Tell(topic, name string, data any) error
}

// listen makes a page hear of changes of the draft, and of who else is at it.
func (h *Web) listen(p *page) {
	if h.live == nil {
		return
	}
	p.Live = &web.Live{Topics: program.DeskScope(p.slug), URL: "/meetings/" + p.slug + "/desk/live", Version: p.Version, Names: presence}
}

// presence is the name of the message that says who is where.
const presence = "presence"

// stream tells a page of the desk what happens.
func (h *Web) stream(w http.ResponseWriter, r *http.Request) error {
	if h.live == nil {
		return fault.Missing()
	}
	if _, err := h.events.Meeting(r.Context(), r.PathValue("slug")); err != nil {
		return err
	}
	if err := live.Asked(r); err != nil {
		return err
	}
	return h.live.Serve(w, r, program.DeskScope(r.PathValue("slug")))
}

// here is somebody in a field of a session; without a field they have left.
type here struct {
	Who   string    `json:"who"`
	Name  i18n.Text `json:"name"`
	Ref   string    `json:"ref"`
	Field string    `json:"field"`
}

var (
	refPattern   = regexp.MustCompile(`^[0-9A-Z]{6}$`)
	fieldPattern = regexp.MustCompile(`^[a-z_.]{0,40}$`)
)

// present says where the reader is.
func (h *Web) present(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	m, err := h.events.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	at := here{Ref: v.Get("ref"), Field: v.Get("field")}
	if !refPattern.MatchString(at.Ref) || !fieldPattern.MatchString(at.Field) {
		return fault.New(fault.Invalid, "program.desk.error.choice").On("field")
	}
	who := authz.Who(r.Context())
	at.Who, at.Name = who.Ref, who.Name
	if h.live != nil {
		if err := h.live.Tell(program.DeskScope(m.Slug), presence, at); err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
