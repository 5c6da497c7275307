package billing

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	sheetPage = web.NewPage[sheetView](web.From(Files, "pages/sheet.html", "pages/parts.html"))
	ownPage   = web.NewPage[ownView](web.From(Files, "pages/own.html", "pages/parts.html"))
)

// sheetView is the page of an order, for the payer or for the treasurer.
type sheetView struct {
	words
	*Sheet
	Action  string // where its forms go
	At      string // where its documents are
	Cards   bool   // it can be paid by card
	Own     bool   // it is the payer's page
	May     bool   // its forms may be used
	To      Addressee
	Typed   url.Values
	Problem *web.Problem
	Others  []link
	Log     []logged
	Money   string // of the meeting, for the treasurer
	Handed  string // the address that the payer has
	Back    string // to the registration of who reads it, or empty
}

// link is an address with its words.
type link struct{ Title, URL string }

// Wants reports that the problem is about a form.
func (v sheetView) Wants(act string) bool { return v.Problem != nil && v.Typed.Get("act") == act }

// Kinds are the documents that can be issued now.
func (v sheetView) Kinds() []Kind {
	var out []Kind
	if v.Total > 0 && !v.Documented {
		out = append(out, Quotation)
	}
	if v.Total > 0 && (!v.Documented || v.Pending) {
		out = append(out, Invoice)
	}
	if v.Receiptal {
		out = append(out, Receipt)
	}
	return out
}

// Split reports that receipts can be written for each of several people, or of several things.
func (v sheetView) Split() bool { return v.Receiptal && (len(v.Subjects) > 1 || len(v.Things) > 0) }

// Shared reports that several people share the order.
func (v sheetView) Shared() bool { return len(v.Subjects) > 1 }

// MayPayLater reports that the payer may ask to pay after the event.
func (v sheetView) MayPayLater() bool {
	return v.Seller.Later != LaterNo && (v.Later == "" || v.Later == refused) && v.Missing() > 0
}

// Decided reports that something was taken off by decision.
func (v sheetView) Decided() bool { return len(decisions(v.Lines)) > 0 }

// Sum is what a line comes to.
func (v sheetView) Sum(l Owed) int64 { return l.sum() }

// Langs are the languages of documents.
func (v sheetView) Langs() []i18n.Lang { return []i18n.Lang{v.f.Lang, v.f.Lang.Other()} }

func (v sheetView) fill(f *web.Frame, s *Sheet) sheetView {
	v.words, v.Sheet, v.To = words{f}, s, s.addressee()
	if v.Wants("address") {
		v.To = addresseeOf(v.Typed)
	}
	return v
}

func addresseeOf(form url.Values) Addressee {
	return Addressee{Name: form.Get("name"), Organisation: form.Get("organisation"), Department: form.Get("department"), Postcode: form.Get("postcode"),
		Street: form.Get("street")}
}

// langFrom is the language that a form chose for a document, else that of the page.
func langFrom(form url.Values, f *web.Frame) i18n.Lang {
	if l, ok := i18n.ParseLang(form.Get("lang")); ok {
		return l
	}
	return f.Lang
}

// sheet shows the order at an address that was handed on.
func (h *Web) sheet(w http.ResponseWriter, r *http.Request) error { return h.showSheet(w, r, nil, nil) }

func (h *Web) showSheet(w http.ResponseWriter, r *http.Request, typed url.Values, problem *web.Problem) error {
	f, err := h.start(r, "billing.sheet.title")
	if err != nil {
		return err
	}
	s, err := h.s.Sheet(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	at := f.URL("/orders/" + r.PathValue("token"))
	v := sheetView{Action: at, At: at + "/documents", Own: true, May: true, Typed: typed, Problem: problem}.fill(f, s)
	if h.cards != nil {
		if v.Cards, err = h.cards.TakesCards(r.Context(), h.s.db, s.Order); err != nil {
			return err
		}
	}
	for _, o := range s.Siblings {
		token, err := h.s.TokenOf(r.Context(), h.s.db, o.Ref)
		if err != nil {
			return err
		}
		v.Others = append(v.Others, link{o.Number, f.URL("/orders/" + token)})
	}
	v.Back = backFrom(r, f, s.Order)
	w.Header().Set("Referrer-Policy", "same-origin") // the address is what shows that somebody may; forms need their origin
	w.Header().Set("X-Robots-Tag", "noindex")
	return web.ShowStatus(w, statusOf(problem), sheetPage, f, v)
}

// backFrom is the way back to the registration that an order is for: that of its payer, once they are signed in, or the secret address by
// which somebody came just now. Whoever was only handed the address of the order gets none, since it would let them act for the payer.
func backFrom(r *http.Request, f *web.Frame, o *Order) string {
	if who := authz.Who(r.Context()); who.SignedIn() && who.ID == o.Payer.Person {
		return f.URL("/me/" + o.Slug)
	}
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host {
		return ""
	}
	path := from.Path
	if rest, ok := strings.CutPrefix(path, "/"+string(f.Lang)+"/"); ok { // and not the start of /entries/
		path = "/" + rest
	}
	if token, ok := strings.CutPrefix(path, "/entries/"); ok {
		token, _, _ = strings.Cut(token, "/")
		return f.URL("/entries/" + token)
	}
	if token, ok := strings.CutPrefix(path, "/groups/"); ok {
		token, _, _ = strings.Cut(token, "/")
		return f.URL("/groups/" + token)
	}
	return ""
}

// changeSheet does what whoever holds the address of an order may do.
func (h *Web) changeSheet(w http.ResponseWriter, r *http.Request) error {
	f, err := h.start(r, "billing.sheet.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, token := r.Context(), r.PathValue("token")
	switch form.Get("act") {
	case "issue":
		err = h.s.IssueOwn(ctx, token, Kind(form.Get("kind")), langFrom(form, f), form.Get("subject"))
	case "reissue":
		err = h.s.ReissueOwn(ctx, token, form.Get("document"), langFrom(form, f))
	case "address":
		err = h.s.Readdress(ctx, token, addresseeOf(form), form.Get("proviso"))
	case "later":
		err = h.s.PayLater(ctx, token, form.Get("day"), form.Get("promise") == "yes", langFrom(form, f))
	default:
		return h.showSheet(w, r, form, nil)
	}
	if err != nil {
		problem, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showSheet(w, r, form, problem)
	}
	return web.Done(f.URL("/orders/"+token) + "#" + anchor(form.Get("act")))
}

// anchor is the part of the page where a change shows.
func anchor(act string) string {
	switch act {
	case "issue", "reissue":
		return "documents"
	case "address":
		return "addressee"
	}
	return "status"
}

// ownPaper hands out a document of the order at an address that was handed on.
func (h *Web) ownPaper(w http.ResponseWriter, r *http.Request) error {
	p, err := h.s.PaperOf(r.Context(), r.PathValue("token"), r.PathValue("document"))
	if err != nil {
		return err
	}
	return hand(w, p)
}

// ownView are the orders of who is signed in.
type ownView struct {
	words
	List []ownRow
}

type ownRow struct {
	*Order
	URL string
}

// own lists the orders of who is signed in.
func (h *Web) own(w http.ResponseWriter, r *http.Request) error {
	f, err := h.start(r, "billing.own.title")
	if err != nil {
		return err
	}
	list, tokens, err := h.s.Own(r.Context())
	if err != nil {
		return err
	}
	v := ownView{words: words{f}}
	for _, o := range list {
		v.List = append(v.List, ownRow{o, f.URL("/orders/" + tokens[o.Ref])})
	}
	return web.Show(w, ownPage, f, v)
}
