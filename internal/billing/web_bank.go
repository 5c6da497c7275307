package billing

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var bankPage = web.NewPage[bankView](event.Mast, web.From(Arrivals, "pages/arrive_bank.html"), web.From(Files, "pages/parts.html"))

// bankView is the page of bank transfers.
type bankView struct {
	arrival
	*Desk
	From    int
	Done    string // what was just done
	Fresh   string
	Known   string
	Problem *web.Problem
	At      string   // the deposit whose form has the problem
	Typed   []string // the orders typed there
	Amounts []string
}

// How says in words how sure a suggestion is.
func (v bankView) How(s Suggestion) string {
	switch {
	case s.Score >= 90:
		return v.f.T("billing.bank.sure")
	case s.Score >= 60:
		return v.f.T("billing.bank.likely")
	}
	return v.f.T("billing.bank.perhaps")
}

// Sure reports whether a suggestion is nearly certain.
func (v bankView) Sure(s Suggestion) bool { return s.Score >= 90 }

// Order is an order of a suggestion.
func (v bankView) Order(d *Suggested, s Share) *Order { return d.Orders[s.Order] }

// Reason says in words why an order is suggested.
func (v bankView) Reason(s Suggestion, key string) string {
	n := s.Rest
	if n < 0 {
		n = -n
	}
	return v.f.T("billing.reason."+key, "amount", v.Yen(n))
}

// Rows are the fields for other orders: what was typed, or empty ones.
func (v bankView) Rows(ref string) [][2]string {
	out := make([][2]string, 3)
	if ref == v.At {
		for i := range v.Typed {
			if i >= len(out) {
				out = append(out, [2]string{})
			}
			out[i][0] = v.Typed[i]
			if i < len(v.Amounts) {
				out[i][1] = v.Amounts[i]
			}
		}
	}
	return out
}

// Next is the address of the next page of the list, "" where there is none.
func (v bankView) Next() string {
	if v.More == 0 {
		return ""
	}
	return v.Base + "/bank?" + url.Values{"state": {v.State}, "from": {strconv.Itoa(v.From + depositsPerPage)}}.Encode()
}

// bank shows what came in.
func (h *ArrivalWeb) bank(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return h.showBank(w, r, bankView{Done: q.Get("done"), Fresh: q.Get("fresh"), Known: q.Get("known")})
}

func (h *ArrivalWeb) showBank(w http.ResponseWriter, r *http.Request, v bankView) error {
	f, a, err := h.open(r, "billing.bank.title")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if from, err := strconv.Atoi(q.Get("from")); err == nil {
		v.From = max(0, min(from, 1_000_000))
	}
	v.arrival = a
	if v.Desk, err = h.p.Deposits(r.Context(), a.m.Slug, q.Get("state"), v.From); err != nil {
		return err
	}
	return web.ShowStatus(w, statusOf(v.Problem), bankPage, f, v)
}

// load takes a file of a bank.
func (h *ArrivalWeb) load(w http.ResponseWriter, r *http.Request) error {
	data, err := uploaded(r)
	if err == nil {
		var got *Loaded
		got, err = h.p.LoadStatement(r.Context(), r.PathValue("slug"), r.FormValue("seller"), data)
		if err == nil {
			q := url.Values{"done": {"loaded"}, "fresh": {strconv.Itoa(got.Fresh)}, "known": {strconv.Itoa(got.Known)}}
			return h.done(r, "/bank?"+q.Encode())
		}
	}
	return h.bankProblem(w, r, err, bankView{})
}

// bankProblem shows the page again with what was wrong.
func (h *ArrivalWeb) bankProblem(w http.ResponseWriter, r *http.Request, err error, v bankView) error {
	f, _, openErr := h.open(r, "billing.bank.title")
	if openErr != nil {
		return openErr
	}
	if v.Problem, err = f.ProblemOf(err); err != nil {
		return err
	}
	return h.showBank(w, r, v)
}

// done sends the reader on to a page of the meeting's money.
func (h *ArrivalWeb) done(r *http.Request, path string) error {
	_, a, err := h.open(r, "billing.bank.title")
	if err != nil {
		return err
	}
	return web.Done(a.Base + path)
}

// uploaded reads the file of a form.
func uploaded(r *http.Request) ([]byte, error) {
	none := fault.New(fault.Invalid, "billing.error.bank_file").On("file")
	if err := r.ParseMultipartForm(1 << 20); err != nil { //nolint:gosec // the route bounds the body (maxStatement)
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, fault.New(fault.Invalid, "error.too_large").On("file").Because(err)
		}
		return nil, none.Because(err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	file, _, err := r.FormFile("file")
	if err != nil {
		return nil, none.Because(err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	if err == nil && len(data) == 0 {
		err = none
	}
	return data, err
}

// decide says what a deposit is for, or that it is for nothing, or undoes that.
func (h *ArrivalWeb) decide(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	slug, ref := r.PathValue("slug"), r.PathValue("ref")
	version, err := strconv.Atoi(form.Get("version"))
	if err != nil {
		return fault.New(fault.Invalid, "error.form").Because(err)
	}
	v := bankView{At: ref, Typed: form["order"], Amounts: form["amount"]}
	switch form.Get("act") {
	case "use":
		shares := make([]Share, 0, len(v.Typed))
		for i, order := range v.Typed {
			s := Share{Order: order}
			if i < len(v.Amounts) {
				s.Amount = yenTyped(v.Amounts[i])
			}
			if order != "" {
				shares = append(shares, s)
			}
		}
		err = h.p.UseDeposit(r.Context(), slug, ref, version, shares)
	case "leave":
		err = h.p.LeaveDeposit(r.Context(), slug, ref, version, form.Get("note"))
	case "free":
		err = h.p.FreeDeposit(r.Context(), slug, ref, version)
	default:
		err = fault.New(fault.Invalid, "error.form")
	}
	if err != nil {
		return h.bankProblem(w, r, err, v)
	}
	return h.done(r, "/bank?"+url.Values{"state": {form.Get("state")}, "done": {form.Get("act")}}.Encode())
}
