package person

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// profileForm is what a person says about themselves.
type profileForm struct {
	Account *Account
	Links   []Link // as many as there are fields
	Langs   []langChoice
	Next    string
	New     bool
	Problem *web.Problem
	Saved   bool
}

type langChoice struct {
	Code, Name string
	Speaks     bool
}

// addressForm lists the mail addresses of a person.
type addressForm struct {
	Addresses []Address
	Typed     string
	Added     bool
	Problem   *web.Problem
}

// portraitData is the form of a portrait.
type portraitData struct {
	Portrait string
	Problem  *web.Problem
}

var (
	profilePage   = web.NewPage[profileForm](web.From(Files, "pages/profile.html"))
	addressesPage = web.NewPage[addressForm](web.From(Files, "pages/addresses.html"))
	portraitPage  = web.NewPage[portraitData](web.From(Files, "pages/portrait.html"))
)

// profileOf fills the form.
func profileOf(a *Account, next string) profileForm {
	d := profileForm{Account: a, Next: web.Local(next, ""), New: a.Name.IsZero()}
	d.Links = append(slices.Clone(a.Links), make([]Link, max(0, min(maxLinks, max(2, len(a.Links)+1))-len(a.Links)))...) // one more than there are, without a script
	for _, l := range Languages {
		d.Langs = append(d.Langs, langChoice{l.Code, l.Name, slices.Contains(a.Speaks, l.Code)})
	}
	return d
}

func (p *Web) profile(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.profile")
	if err != nil {
		return err
	}
	a, err := p.Account(r.Context(), ID(f.Who.ID))
	if err != nil {
		return err
	}
	d := profileOf(a, r.URL.Query().Get("next"))
	d.Saved = r.URL.Query().Has("saved")
	return web.Show(w, profilePage, f, d)
}

// take reads the form into an account.
func (a *Account) take(form url.Values) {
	text := func(name string) i18n.Text { return i18n.T(form.Get(name+"_ja"), form.Get(name+"_en")) }
	a.Name, a.Kana, a.Affiliation, a.Title, a.Bio = text("name"), form.Get("kana"), text("affiliation"), text("title"), text("bio")
	if l, ok := i18n.ParseLang(form.Get("lang")); ok {
		a.Lang = l
	}
	a.Photo, a.Recording, a.Speaks = Wish(form.Get("photo")), Wish(form.Get("recording")), form["speaks"]
	a.Links = nil
	titles, urls := form["link_title"], form["link_url"]
	for i := range min(len(titles), len(urls), 2*maxLinks) {
		a.Links = append(a.Links, Link{titles[i], urls[i]})
	}
}

func (p *Web) saveProfile(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.profile")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	a, err := p.Account(r.Context(), ID(f.Who.ID))
	if err != nil {
		return err
	}
	fresh := a.Name.IsZero()
	a.take(form)
	if err := p.SaveProfile(r.Context(), a); err != nil {
		d := profileOf(a, form.Get("next"))
		d.New = fresh
		if d.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
		return web.ShowStatus(w, http.StatusUnprocessableEntity, profilePage, f, d)
	}
	return web.Done(web.Local(form.Get("next"), f.URL("/me/profile")+"?saved"))
}

// addresses shows the mail addresses, to whom has just shown who they are: whoever changes them takes the account.
func (p *Web) addresses(w http.ResponseWriter, r *http.Request) error {
	return p.showAddresses(w, r, "", nil)
}

// freshFor is web.RequireFresh for what one does to get a way to show who one is: an account with neither address nor passkey has none.
func (p *Web) freshFor(r *http.Request, f *web.Frame, own []Address, next string) error {
	if len(own) == 0 {
		keys, err := p.Passkeys(r.Context(), ID(f.Who.ID))
		if err != nil || len(keys) == 0 {
			return err
		}
	}
	return web.RequireFresh(r, p.o.Now(), f, next)
}

func (p *Web) showAddresses(w http.ResponseWriter, r *http.Request, typed string, problem error) error {
	f, err := p.open(r, "person.addresses")
	if err != nil {
		return err
	}
	d := addressForm{Typed: typed, Added: r.URL.Query().Has("added")}
	if d.Addresses, err = p.Addresses(r.Context(), ID(f.Who.ID)); err != nil {
		return err
	}
	if err := p.freshFor(r, f, d.Addresses, f.URL("/me/addresses")); err != nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
		if d.Problem, err = f.ProblemOf(problem); err != nil {
			return err
		}
	}
	return web.ShowStatus(w, status, addressesPage, f, d)
}

// changeAddresses adds an address, which is verified by a code, makes one the main one, or removes one.
func (p *Web) changeAddresses(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.addresses")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	own, err := p.Addresses(r.Context(), ID(f.Who.ID))
	if err != nil {
		return err
	}
	if err := p.freshFor(r, f, own, f.URL("/me/addresses")); err != nil {
		return err
	}
	change := func(field string, fn func(id int64) error) error {
		id, err := strconv.ParseInt(form.Get(field), 10, 64)
		if err != nil {
			return fault.Missing()
		}
		if err := fn(id); err != nil {
			return p.showAddresses(w, r, "", err)
		}
		return web.Done(f.URL("/me/addresses"))
	}
	switch {
	case form.Has("remove"):
		return change("remove", func(id int64) error { return p.RemoveAddress(r.Context(), id) })
	case form.Has("main"):
		return change("main", func(id int64) error { return p.MakeMain(r.Context(), id) })
	}
	ref, err := p.SendCode(r.Context(), Ask{
		Address: form.Get("address"), Lang: f.Lang, Next: f.URL("/me/addresses") + "?added", Base: p.base, Purpose: toVerify, Account: ID(f.Who.ID),
	})
	if err != nil {
		return p.showAddresses(w, r, form.Get("address"), err)
	}
	return web.Done(f.URL("/sign-in/code/" + ref))
}

func (p *Web) portraitForm(w http.ResponseWriter, r *http.Request) error {
	return p.showPortrait(w, r, nil)
}

func (p *Web) showPortrait(w http.ResponseWriter, r *http.Request, problem error) error {
	f, err := p.open(r, "person.portrait")
	if err != nil {
		return err
	}
	a, err := p.Account(r.Context(), ID(f.Who.ID))
	if err != nil {
		return err
	}
	d, status := portraitData{Portrait: a.Portrait}, http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
		if d.Problem, err = f.ProblemOf(problem); err != nil {
			return err
		}
	}
	f.Scripts = append(f.Scripts, f.Asset("portrait.js"))
	return web.ShowStatus(w, status, portraitPage, f, d)
}

// savePortrait takes a picture, or removes the one there is.
func (p *Web) savePortrait(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.portrait")
	if err != nil {
		return err
	}
	ref := f.Who.Ref
	if data, cut, err := picture(r); err != nil {
		return p.showPortrait(w, r, err)
	} else if r.FormValue("remove") != "" {
		err = p.RemovePortrait(r.Context(), ref)
		if err != nil {
			return err
		}
	} else if err := p.SavePortrait(r.Context(), ref, data, cut); err != nil {
		return p.showPortrait(w, r, err)
	}
	return web.Done(f.URL("/me/portrait"))
}

// picture reads the picture of a form, and which square of it was chosen.
func picture(r *http.Request) ([]byte, blob.Cut, error) {
	none := fault.New(fault.Invalid, "person.error.no_picture").On("picture")
	if err := r.ParseMultipartForm(1 << 20); err != nil { //nolint:gosec // the route bounds the body
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, blob.Cut{}, fault.New(fault.Invalid, "blob.error.picture_bytes").With("max", blob.MaxBytes>>20).On("picture")
		}
		return nil, blob.Cut{}, none.Because(err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	number := func(name string) float64 {
		v, err := strconv.ParseFloat(r.FormValue(name), 64)
		if err != nil {
			return 0
		}
		return v
	}
	cut := blob.Cut{X: number("x"), Y: number("y"), Side: number("side")}
	if r.FormValue("remove") != "" {
		return nil, cut, nil
	}
	file, _, err := r.FormFile("picture")
	if err != nil {
		return nil, cut, none.Because(err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	return data, cut, err
}

// portrait serves the portrait of somebody who is here. Its address is not to be guessed, and it is gone with them, so no one keeps it for long.
func (p *Web) portrait(w http.ResponseWriter, r *http.Request) (err error) {
	name, f, err := p.Portrait(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := w.Header()
	h.Set("Content-Type", name.Type())
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, max-age=600")
	h.Set("ETag", `"`+string(name)+`"`)
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}
