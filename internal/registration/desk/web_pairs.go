package desk

import (
	"net/http"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// pairsView lists entries that may be one person's.
type pairsView struct {
	Base  string
	At    string
	Pairs []pairLine
	Total int
}

type pairLine struct {
	A, B *registration.Entry
	URL  string
	Why  string
}

// pairsShown bounds the list of pairs.
const pairsShown = 200

func (h *Web) duplicates(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.deskPage(r, "registration.pairs.title")
	if err != nil {
		return err
	}
	pairs, err := h.s.Duplicates(r.Context(), m.Slug)
	if err != nil {
		return err
	}
	base := f.URL("/meetings/" + m.Slug + "/registration")
	v := pairsView{Base: base + "/people", At: base + "/duplicates", Total: len(pairs)}
	for _, p := range pairs[:min(len(pairs), pairsShown)] {
		var why []string
		for _, x := range p.Why {
			why = append(why, f.T("registration.pairs."+x))
		}
		v.Pairs = append(v.Pairs, pairLine{p.A, p.B, v.At + "/" + p.A.Ref + "-" + p.B.Ref, f.Join(why)})
	}
	return web.Show(w, pairsPage, f, v)
}

// pairView puts two entries side by side.
type pairView struct {
	At      string // of the list of pairs
	Action  string
	Two     []pairSide
	Problem *web.Problem
	MayEdit bool
}

type pairSide struct {
	*registration.File
	URL     string
	Kind    i18n.Text
	Days    string
	Options string
	Answers []registration.Answered
	Money   string
	Other   string
}

func (h *Web) duplicate(w http.ResponseWriter, r *http.Request) error {
	return h.showPair(w, r, http.StatusOK, nil)
}

func (h *Web) showPair(w http.ResponseWriter, r *http.Request, status int, problem *web.Problem) error {
	f, m, err := h.deskPage(r, "registration.pairs.title")
	if err != nil {
		return err
	}
	base, at := f.URL("/meetings/"+m.Slug+"/registration/people"), f.URL("/meetings/"+m.Slug+"/registration/duplicates")
	v := pairView{At: at, Action: at + "/" + r.PathValue("pair"), Problem: problem, MayEdit: event.May(r.Context(), m.Slug, event.MayEditEntries)}
	a, b, ok := strings.Cut(r.PathValue("pair"), "-")
	if !ok {
		return fault.Missing()
	}
	for _, ref := range [][2]string{{a, b}, {b, a}} {
		file, err := h.s.PersonFile(r.Context(), m.Slug, ref[0])
		if err != nil {
			return err
		}
		side := pairSide{File: file, URL: base + "/" + ref[0], Kind: same(file.Kind), Days: daysShort(f, m, file.Entry), Options: optionsShort(f, m, file.Choices), Answers: m.Answered(file.Entry), Other: ref[1]}
		if k := m.Kind(file.Kind); k != nil {
			side.Kind = k.Name
		}
		if st := file.Paid; st.Owed > 0 || st.Paid > 0 {
			side.Money = f.T("registration.people.paid_of", "paid", m.Yen(f.Lang, st.Paid), "owed", m.Yen(f.Lang, st.Owed))
		}
		v.Two = append(v.Two, side)
	}
	return web.ShowStatus(w, status, pairPage, f, v)
}

func (h *Web) mergePair(w http.ResponseWriter, r *http.Request) error {
	f, m, form, err := h.sent(r, "registration.pairs.title")
	if err != nil {
		return err
	}
	a, b, _ := strings.Cut(r.PathValue("pair"), "-")
	keep, gone := a, b
	switch form.Get("keep") {
	case a:
	case b:
		keep, gone = b, a
	default:
		err = invalid("registration.error.no_act")
	}
	if err == nil {
		err = h.s.MergeEntries(r.Context(), m.Slug, keep, gone, readReason(form))
	}
	if err != nil {
		p, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showPair(w, r, http.StatusUnprocessableEntity, p)
	}
	return web.Done(f.URL("/meetings/"+m.Slug+"/registration/people/"+keep) + "?done=merged")
}
