package person

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/markdown"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// policyView shows the privacy policy, and asks whether one agrees.
type policyView struct {
	Body    template.HTML
	Lang    i18n.Lang
	Version string
	Since   time.Time
	Before  bool // an earlier version was agreed to
	Next    string
	Problem *web.Problem
}

var (
	privacyPage = web.NewPage[policyView](web.From(Files, "pages/privacy.html"))
	consentPage = web.NewPage[policyView](web.From(Files, "pages/consent.html"))
)

const consentPath = "/consent"

// withoutConsent are the pages that somebody may see who has not agreed to the policy: to read it, to get or erase what is theirs, and to
// show for that who they are.
var withoutConsent = []string{consentPath, "/me/export", "/me/leave", web.StepUpPath}

// AskConsent sends whoever is signed in and has not agreed to the policy as it is now to the page that asks, and back from there. Forms
// that are on their way are taken, so that nothing typed is lost.
func (p *Web) AskConsent(rt web.Route, r *http.Request) error {
	who := authz.Who(r.Context())
	if !who.SignedIn() || rt.Machine || rt.Access == web.Public || r.Method != http.MethodGet || who.Agreed == p.o.Policy.Version || slices.Contains(withoutConsent, rt.Path()) {
		return nil
	}
	f, err := p.frame.PageFrame(r)
	if err != nil {
		return err
	}
	return web.See(f.URL(consentPath) + "?next=" + url.QueryEscape(f.URL(r.URL.RequestURI())))
}

func (p *Web) policyView(f *web.Frame) policyView {
	t := p.o.Policy.Text
	return policyView{Body: markdown.Render(t.In(f.Lang)), Lang: t.LangFor(f.Lang), Version: p.o.Policy.Version}
}

func (p *Web) privacy(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.privacy")
	if err != nil {
		return err
	}
	f.NoIndex = false
	d := p.policyView(f)
	if d.Since, err = p.PolicySince(r.Context()); err != nil {
		return err
	}
	if !d.Since.IsZero() {
		d.Since = d.Since.In(p.o.Zone)
	}
	return web.Show(w, privacyPage, f, d)
}

func (p *Web) consentForm(w http.ResponseWriter, r *http.Request) error {
	return p.showConsent(w, r, r.URL.Query().Get("next"), nil)
}

func (p *Web) showConsent(w http.ResponseWriter, r *http.Request, next string, problem error) error {
	f, err := p.open(r, "person.consent.title")
	if err != nil {
		return err
	}
	d := p.policyView(f)
	d.Next, d.Before = web.Local(next, ""), f.Who.Agreed != ""
	status := http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
		if d.Problem, err = f.ProblemOf(problem); err != nil {
			return err
		}
	}
	return web.ShowStatus(w, status, consentPage, f, d)
}

func (p *Web) takeConsent(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.consent.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := p.Consent(r.Context(), form.Get("version")); err != nil {
		return p.showConsent(w, r, form.Get("next"), err)
	}
	return web.Done(web.Local(form.Get("next"), f.URL("/me")))
}
