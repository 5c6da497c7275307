package registration

import (
	"net/http"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var codeUsersPage = web.NewPage[codeUsersView](web.From(Files, "pages/code_users.html"))

// codeUsersView is what the contact of a code sees.
type codeUsersView struct {
	*CodePage
	Link, Here string
	KindName   i18n.Text
	MeetingURL string
}

// codeUsers is the page of a code, for whoever has its address.
func (h *Web) codeUsers(w http.ResponseWriter, r *http.Request) error {
	p, err := h.s.CodeByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	f, err := h.events.Frame(r, h.site, nil, "")
	if err != nil {
		return err
	}
	Dress(f, "registration.code_page.title")
	v := codeUsersView{CodePage: p, Link: h.s.codeLink(p.m, p.Code, f.Lang), Here: f.Abs(f.URL("/codes/" + r.PathValue("token"))), MeetingURL: f.URL("/meetings/" + p.m.Slug)}
	if k := p.m.Kind(p.Kind); k != nil {
		v.KindName = k.Name
	}
	return web.Show(w, codeUsersPage, f, v)
}

// withCode chooses the kind that the code in the address of the form is for, and says what is wrong with it.
func (h *Web) withCode(r *http.Request, f *web.Frame, m *Meeting, v *formView) error {
	if strings.TrimSpace(v.Code) == "" {
		return nil
	}
	c, err := h.s.tryCode(r.Context(), m, v.Code)
	if err == nil {
		v.Code = c.Words()
		if c.Kind != "" && m.Kind(c.Kind) != nil {
			v.Kind = c.Kind
		}
		if err = c.Good(h.s.o.Now()); err == nil && c.Spent() {
			err = fault.New(fault.Conflict, "registration.error.code_used").On("code")
		}
	}
	if err != nil {
		v.Problem, err = f.ProblemOf(err)
	}
	return err
}

// discounts are the lines by which the code of a form lowers its price.
func (h *Web) discounts(r *http.Request, m *Meeting, v *formView) ([]Owed, error) {
	c, err := h.s.codeFor(r.Context(), m, v.Code)
	if err != nil || c == nil {
		return nil, err
	}
	now := h.s.o.Now()
	var lines []Owed
	if k := m.Kind(v.Kind); k != nil {
		lines = append(lines, k.owed("kind:"+k.Key, k.Name, 1, now))
	}
	for _, x := range v.Choices {
		if o := m.Option(x.Option); o != nil && o.Rule != Lottery && !x.Wait { // those cost something once there is a place
			lines = append(lines, o.owed("option:"+x.Option+"/"+x.Slot, o.NameOf(x.Slot), 1+x.Companions, now))
		}
	}
	return c.discounts(lines), nil
}

// anyCode reports whether a meeting has codes.
func anyCode(quotas map[string]Quota) bool {
	for key := range quotas {
		if strings.HasPrefix(key, "code:") {
			return true
		}
	}
	return false
}
