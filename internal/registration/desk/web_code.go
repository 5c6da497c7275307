package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

var (
	codesPage = web.NewPage[codesView](event.Mast, web.From(Files, "pages/codes.html", "pages/code_fields.html"), registration.FieldParts)
	codePage  = web.NewPage[codeView](event.Mast, web.From(Files, "pages/code.html", "pages/code_fields.html"), registration.FieldParts)
)

func (h *Web) codeRoutes() []web.Route {
	const at = "/meetings/{slug}/registration/codes"
	may := web.Needs(event.MayEditForm)
	return []web.Route{
		web.Private(at, may, h.codes),
		web.Action(at, may, h.makeCodes),
		web.Private(at+".csv", may, h.codesCSV),
		web.Private(at+"/{ref}", may, h.code),
		web.Action(at+"/{ref}", may, h.changeCode),
	}
}

// codeForm is the form of a code, as it was typed.
type codeForm struct {
	S         *registration.Setup
	Sort      registration.CodeSort
	Name      string
	Kind      string
	Uses      string
	N         string
	Ends      string
	Yen       string
	Percent   string
	OnKind    bool
	Options   []string
	Address   string
	Addresses string
	Lang      i18n.Lang
	Version   int
	Problem   *web.Problem
}

// Lowered reports whether the price of an option is lowered.
func (v codeForm) Lowered(option string) bool { return slices.Contains(v.Options, option) }

// On reports the problem beside a field.
func (v codeForm) On(field string) string { return v.Problem.On(field) }

// Form puts the page beside the form.
func (v codeForm) Form(f *web.Frame) codeFormShown { return codeFormShown{codeForm: v, F: f} }

type codeFormShown struct {
	codeForm
	F *web.Frame
}

// codesView are the codes of a meeting.
type codesView struct {
	codeForm
	Base  string
	Back  string
	Codes []*registration.Code
	Kinds map[string]i18n.Text
	Made  int
}

// Sorts are the sorts of codes there are.
func (v codesView) Sorts() []registration.CodeSort { return registration.CodeSorts }

func (h *Web) codes(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.page(r, "registration.codes.title")
	if err != nil {
		return err
	}
	v := codesView{codeForm: codeForm{Sort: registration.QuotaCode, Uses: "10", N: "1", OnKind: true, Lang: f.Lang}}
	if n, err := strconv.Atoi(r.URL.Query().Get("made")); err == nil {
		v.Made = n
	}
	return h.showCodes(w, r, f, m, http.StatusOK, v)
}

func (h *Web) showCodes(w http.ResponseWriter, r *http.Request, f *web.Frame, m *registration.Meeting, status int, v codesView) error {
	all, err := h.s.Codes(r.Context(), m.Slug)
	if err != nil {
		return err
	}
	v.S, v.Codes, v.Kinds = m.Setup, all, kindNames(m.Setup)
	v.Back = f.URL("/meetings/" + m.Slug + "/registration/desk")
	v.Base = f.URL("/meetings/" + m.Slug + "/registration/codes")
	return web.ShowStatus(w, status, codesPage, f, v)
}

func kindNames(s *registration.Setup) map[string]i18n.Text {
	out := map[string]i18n.Text{}
	for i := range s.Kinds {
		out[s.Kinds[i].Key] = s.Kinds[i].Name
	}
	return out
}

// readCode reads the form of a code. What is no number is refused.
func readCode(form url.Values, m *registration.Meeting) (codeForm, registration.Code, error) {
	v := codeForm{
		Sort: registration.CodeSort(form.Get("sort")), Name: form.Get("name"), Kind: form.Get("kind"), Uses: form.Get("uses"), N: form.Get("n"), Ends: form.Get("ends"),
		Yen: form.Get("yen"), Percent: form.Get("percent"), OnKind: form.Get("on_kind") != "", Options: form["options"], Address: strings.TrimSpace(form.Get("address")),
		Addresses: form.Get("addresses"), Lang: i18n.Lang(form.Get("lang")),
	}
	c := registration.Code{Sort: v.Sort, Name: v.Name, Kind: v.Kind, OnKind: v.OnKind, Options: v.Options, Address: v.Address, Lang: v.Lang}
	if c.Lang != i18n.EN {
		c.Lang = i18n.JA
	}
	var err error
	for _, x := range []struct {
		name, typed string
		to          func(int)
	}{
		{"uses", v.Uses, func(n int) { c.Uses = n }}, {"yen", v.Yen, func(n int) { c.Yen = int64(n) }}, {"percent", v.Percent, func(n int) { c.Percent = n }},
		{"version", form.Get("version"), func(n int) { c.Version, v.Version = n, n }},
	} {
		n, bad := wholeNumber(x.typed)
		if bad && err == nil {
			err = invalid("registration.error.number").On(x.name)
		}
		x.to(n)
	}
	if v.Ends != "" {
		if c.Ends, _ = time.ParseInLocation("2006-01-02T15:04", v.Ends, m.Location()); c.Ends.IsZero() && err == nil {
			err = invalid("registration.error.moment").On("ends")
		}
	}
	return v, c, err
}

// wholeNumber reads a number as people type it, also in full width and with commas. Nothing is zero.
func wholeNumber(typed string) (n int, bad bool) {
	s := strings.NewReplacer(",", "", " ", "").Replace(norm.NFKC.String(typed))
	if s == "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err != nil || n < 0 || n > 1_000_000_000
}

func (h *Web) makeCodes(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.page(r, "registration.codes.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	v, c, err := readCode(form, m)
	n, bad := wholeNumber(v.N)
	if bad && err == nil {
		err = invalid("registration.error.number").On("n")
	}
	var made []*registration.Code
	if err == nil {
		made, err = h.s.MakeCodes(r.Context(), m.Slug, c, max(n, 1), strings.Fields(strings.NewReplacer(",", " ", ";", " ", "、", " ").Replace(v.Addresses)))
	}
	if err != nil {
		if v.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
		return h.showCodes(w, r, f, m, http.StatusUnprocessableEntity, codesView{codeForm: v})
	}
	base := f.URL("/meetings/" + m.Slug + "/registration/codes")
	if len(made) == 1 {
		return web.Done(base + "/" + made[0].Ref)
	}
	return web.Done(base + "?made=" + strconv.Itoa(len(made)))
}

func (h *Web) codesCSV(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.page(r, "registration.codes.title")
	if err != nil {
		return err
	}
	var heads []string
	for _, k := range []string{"code", "sort", "for", "kind", "uses", "used", "ends", "state", "address", "link", "page"} {
		heads = append(heads, f.T("registration.codes.head."+k))
	}
	data, err := h.s.CodesCSV(r.Context(), m.Slug, heads)
	if err != nil {
		return err
	}
	return download(w, m.Slug+"-codes.csv", csvKind+"; header=present", data)
}

// codeView is one code, for the organiser.
type codeView struct {
	codeForm
	*registration.CodeFile
	Base, Here string
	Page       string
	KindName   i18n.Text
	Changes    []registration.Change
	Sent       bool
}

func (h *Web) code(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.page(r, "registration.codes.one")
	if err != nil {
		return err
	}
	return h.showCode(w, r, f, m, http.StatusOK, nil)
}

func (h *Web) showCode(w http.ResponseWriter, r *http.Request, f *web.Frame, m *registration.Meeting, status int, typed *codeForm) error {
	c, err := h.s.CodeFile(r.Context(), m.Slug, r.PathValue("ref"), f.Lang)
	if err != nil {
		return err
	}
	base := f.URL("/meetings/" + m.Slug + "/registration/codes")
	v := codeView{CodeFile: c, Base: base, Here: base + "/" + c.Ref, Page: f.Abs(f.URL("/codes/" + c.Token)), Changes: registration.Changes(f, m, c.History), Sent: r.URL.Query().Get("sent") != ""}
	if k := m.Kind(c.Kind); k != nil {
		v.KindName = k.Name
	}
	v.codeForm = codeForm{Sort: c.Sort, Name: c.Name, Kind: c.Kind, Uses: strconv.Itoa(c.Uses), Yen: strconv.FormatInt(c.Yen, 10), Percent: strconv.Itoa(c.Percent), OnKind: c.OnKind,
		Options: c.Options, Address: c.Address, Lang: c.Lang, Version: c.Version}
	if !c.Ends.IsZero() {
		v.Ends = c.Ends.Format("2006-01-02T15:04")
	}
	if typed != nil {
		v.codeForm = *typed
	}
	v.S, v.Sort, v.Version = m.Setup, c.Sort, c.Version
	return web.ShowStatus(w, status, codePage, f, v)
}

func (h *Web) changeCode(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.page(r, "registration.codes.one")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, ref := r.Context(), r.PathValue("ref")
	here := f.URL("/meetings/" + m.Slug + "/registration/codes/" + ref)
	var typed *codeForm
	switch form.Get("do") {
	case "save":
		v, c, bad := readCode(form, m)
		if typed, err = &v, bad; err == nil {
			err = h.s.SaveCode(ctx, m.Slug, ref, c)
		}
	case "off", "on":
		err = h.s.SwitchCode(ctx, m.Slug, ref, form.Get("do") == "off")
	case "renew":
		err = h.s.RenewCode(ctx, m.Slug, ref)
	case "page":
		err = h.s.RenewCodePage(ctx, m.Slug, ref)
	case "send":
		err, here = h.s.SendCode(ctx, m.Slug, ref), here+"?sent=1"
	default:
		err = fault.Missing()
	}
	if err == nil {
		return web.Done(here)
	}
	p, err := f.ProblemOf(err)
	if err != nil {
		return err
	}
	if typed == nil {
		typed = &codeForm{}
	}
	typed.Problem = p
	return h.showCode(w, r, f, m, http.StatusUnprocessableEntity, typed)
}
