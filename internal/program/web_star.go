package program

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/listen"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

func (h *Web) starRoutes() []web.Route {
	return []web.Route{
		{Pattern: "POST /meetings/{slug}/stars", Access: web.SignedIn, Machine: true, Personal: true, MaxBody: 256 << 10, Handler: h.syncStars},
		{Pattern: "POST /meetings/{slug}/stars/anonymous", Access: web.Public, Machine: true, MaxBody: 4 << 10, Handler: h.starAnonymously},
	}
}

// starsAnswer is what a browser is told of the stars of who is signed in.
type starsAnswer struct {
	Person string   `json:"person"`
	Stars  []string `json:"stars"`
}

// syncStars takes the changes of a browser, as on=REF@MILLISECONDS and off=REF@MILLISECONDS, and answers with all stars. A browser that
// kept the stars of somebody else says whose (of), and then changes nothing.
func (h *Web) syncStars(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	who := authz.Who(r.Context())
	var changes []StarChange
	if of := form.Get("of"); of == "" || of == who.Ref {
		changes = starChanges(form)
	}
	refs, err := h.programmes.SyncStars(r.Context(), r.PathValue("slug"), changes)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(starsAnswer{who.Ref, refs})
}

// starChanges reads the changes of a form; what cannot be read is left out.
func starChanges(form url.Values) []StarChange {
	var list []StarChange
	for _, name := range []string{"on", "off"} {
		for _, v := range form[name] {
			ref, at, _ := strings.Cut(v, "@")
			ms, err := strconv.ParseInt(at, 10, 64)
			if err != nil || ms < 0 || ref == "" {
				continue
			}
			list = append(list, StarChange{Session: ref, On: name == "on", At: time.UnixMilli(max(ms, 1))})
		}
	}
	return list
}

// starAnonymously counts a star of somebody who is not signed in. It reads no cookie, and the address only bounds how many come from it.
func (h *Web) starAnonymously(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	on := form.Get("on")
	if on != "1" && on != "0" {
		return fault.New(fault.Invalid, "program.error.stars")
	}
	from := listen.Client(r).Unmap().String()
	if err := h.programmes.StarAnonymously(r.Context(), r.PathValue("slug"), form.Get("session"), form.Get("token"), on == "1", from); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
