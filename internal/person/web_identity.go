package person

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// identityList are the other services that sign the reader in.
type identityList struct {
	Identities []identityLine
	Issuers    []*Issuer // that can be added
	Link       string    // an identity that waits to be linked, what it is called, and where
	Label      string
	At         i18n.Text
	Problem    *web.Problem
}

// identityLine is an identity with what its issuer is called.
type identityLine struct {
	*Identity
	At i18n.Text
}

var identitiesPage = web.NewPage[identityList](web.From(Files, "pages/identities.html"))

// withName names the cookie by which a browser is known again that was at an issuer.
func (p *Web) withName() string {
	if p.secure {
		return "__Host-tsudoi-with"
	}
	return "tsudoi-with"
}

// browser is the secret by which this browser is known again.
func (p *Web) browser(r *http.Request) string {
	c, err := r.Cookie(p.withName())
	if err != nil {
		return ""
	}
	return c.Value
}

// with sends a browser to the issuer. It is a link and no form, since a page's policy lets forms lead nowhere else.
func (p *Web) with(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.sign_in")
	if err != nil {
		return err
	}
	if r.URL.Query().Has("link") && !fromHere(r) {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	browser, link := newToken(), r.URL.Query().Has("link") && f.Who.SignedIn()
	if link {
		if err := web.RequireFresh(r, p.o.Now(), f, f.URL("/me/identities")); err != nil {
			return err
		}
	}
	if had := p.browser(r); len(had) == len(browser) {
		browser = had // two windows that go to two issuers both come back
	}
	to, err := p.AskIssuer(r.Context(), Visit{
		Issuer: r.PathValue("service"), Next: web.Local(r.URL.Query().Get("next"), f.URL("/me")), Browser: browser, Link: link,
		Lang: f.Lang, Prefix: strings.TrimSuffix(f.URL("/"), "/"),
	})
	if err != nil {
		return p.signInProblem(w, r, f, err)
	}
	// Lax: the browser brings it when the issuer sends it back.
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever there is https
		Name: p.withName(), Value: browser, Path: "/", MaxAge: int(identityLife.Seconds()), HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteLaxMode,
	})
	return web.See(to)
}

// fromHere reports whether a page of this site led here. To link an identity changes the account, and yet is a link and no form: another site
// that had signed the browser in at the issuer as somebody else could else give the account a second owner. Browsers that do not say are believed,
// as http.CrossOriginProtection does.
func fromHere(r *http.Request) bool {
	from := r.Header.Get("Sec-Fetch-Site")
	return from == "" || from == "same-origin" || from == "none"
}

func (p *Web) signInProblem(w http.ResponseWriter, r *http.Request, f *web.Frame, err error) error {
	d := p.signInForm(r, f, "", "")
	if d.KeyWas, err = f.ProblemOf(err); err != nil {
		return err
	}
	return web.ShowStatus(w, http.StatusUnprocessableEntity, signInPage, f, d)
}

// back takes a browser that the issuer sent back.
func (p *Web) back(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.sign_in")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	e, err := p.EnterByIssuer(r.Context(), Return{
		Issuer: r.PathValue("service"), From: q.Get("iss"), State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error"), Browser: p.browser(r), Agent: r.UserAgent(),
	})
	if err != nil {
		return p.signInProblem(w, r, f, err)
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the address held a code
	return p.entered(w, f, e)
}

func (p *Web) identities(w http.ResponseWriter, r *http.Request) error {
	return p.showIdentities(w, r, r.URL.Query().Get("link"), nil)
}

func (p *Web) showIdentities(w http.ResponseWriter, r *http.Request, link string, problem error) error {
	f, err := p.open(r, "person.identities")
	if err != nil {
		return err
	}
	d, status := identityList{Link: link}, http.StatusOK
	d.Issuers = p.Issuers()
	if link != "" {
		if d.Label, d.At, err = p.Waiting(r.Context(), link, p.browser(r)); err != nil {
			return err
		}
	}
	if problem != nil {
		status = http.StatusUnprocessableEntity
		if d.Problem, err = f.ProblemOf(problem); err != nil {
			return err
		}
	}
	own, err := p.Identities(r.Context(), ID(f.Who.ID))
	if err != nil {
		return err
	}
	for _, i := range own {
		i.UsedAt = i.UsedAt.In(p.o.Zone)
		d.Identities = append(d.Identities, identityLine{i, p.IssuerAt(i.Issuer)})
	}
	return web.ShowStatus(w, status, identitiesPage, f, d)
}

// changeIdentities links an identity that waits, or removes one.
func (p *Web) changeIdentities(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.identities")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := web.RequireFresh(r, p.o.Now(), f, f.URL("/me/identities")); err != nil {
		return err
	}
	if link := form.Get("link"); link != "" {
		err = p.LinkWaiting(r.Context(), link, p.browser(r))
	} else {
		id, bad := strconv.ParseInt(form.Get("remove"), 10, 64)
		if bad != nil {
			return fault.Missing()
		}
		err = p.RemoveIdentity(r.Context(), id)
	}
	if err != nil {
		return p.showIdentities(w, r, "", err)
	}
	return web.Done(f.URL("/me/identities"))
}
