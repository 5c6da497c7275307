package registration

import (
	"net/http"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// previewRoutes are the addresses at which an organiser tries the form.
func (h *Web) previewRoutes() []web.Route {
	const at = "/meetings/{slug}/registration/setup/preview"
	may := web.Needs(event.MayEditForm)
	return []web.Route{web.Private(at, may, h.preview), web.Action(at, may, h.tryPreview)}
}

// preview shows the form as people will see it.
func (h *Web) preview(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.page(r, "registration.setup.preview")
	if err != nil {
		return err
	}
	v := formView{Form: Form{Key: "preview", Kind: r.URL.Query().Get("kind")}, mistakes: mistakes{Problem: &web.Problem{Message: f.T("registration.setup.preview_note")}}}
	return h.showPreview(w, r, f, m, http.StatusOK, v)
}

func (h *Web) showPreview(w http.ResponseWriter, r *http.Request, f *web.Frame, m *Meeting, status int, v formView) error {
	if err := h.fill(r, f, m, &v); err != nil {
		return err
	}
	base := f.URL("/meetings/" + m.Slug + "/registration/setup")
	v.Action, v.Back, v.SignedIn, v.Preview = base+"/preview", base, false, true
	return web.ShowStatus(w, status, formPage, f, v)
}

// tryPreview says what the form would say. Nothing is stored.
func (h *Web) tryPreview(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.page(r, "registration.setup.preview")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	v := formView{Form: readForm(form, f.Lang)}
	checked := v.Form
	if err := checked.check(m.Setup, &m.Meeting); err != nil {
		if v.mistakes, err = mistaken(f, err, v.faults(m.Setup, &m.Meeting)); err != nil {
			return err
		}
		return h.showPreview(w, r, f, m, http.StatusUnprocessableEntity, v)
	}
	v.Problem = &web.Problem{Message: f.T("registration.setup.preview_fine")}
	return h.showPreview(w, r, f, m, http.StatusOK, v)
}
