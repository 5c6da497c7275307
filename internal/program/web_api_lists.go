package program

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// sessionPlace orders sessions by their number, which never changes: a cursor stays good while the programme is retimed.
func sessionPlace(it *Item) string { return fmt.Sprintf("%019d", it.Number) }

func (h *Web) apiSessions(w http.ResponseWriter, r *http.Request) error {
	p, err := h.data(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	pg, err := readPaging(sessionList, q)
	if err != nil {
		return err
	}
	f, err := readFilter(p, q)
	if err != nil {
		return err
	}
	var all []*Item
	for _, it := range p.Items {
		if f.takes(it) {
			all = append(all, it)
		}
	}
	slices.SortFunc(all, func(a, b *Item) int { return cmp.Compare(a.Number, b.Number) })
	items, more := page(pg, all, sessionPlace)
	next := pg.next(h.site.PublicURL+r.URL.Path, q, more)
	linkNext(w, next)
	a := h.apiAnswer(p, sessionList)
	if !pg.first() || !f.all() {
		a.Key = ""
	}
	return h.answer(w, r, a, func() (any, error) {
		return apiList[apiSession]{mapped(items, h.writer(p).session), len(all), next}, nil
	})
}

func (h *Web) apiSession(w http.ResponseWriter, r *http.Request) error {
	p, err := h.data(r)
	if err != nil {
		return err
	}
	it := p.Session(r.PathValue("name"))
	if it == nil {
		return fault.Missing()
	}
	return h.answer(w, r, h.apiAnswer(p, "sessions/"+it.Ref), func() (any, error) { return h.writer(p).session(it), nil })
}

func speakerPlace(s *Person) string { return s.Key }

func (h *Web) apiSpeakers(w http.ResponseWriter, r *http.Request) error {
	p, err := h.data(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	pg, err := readPaging("speakers", q)
	if err != nil {
		return err
	}
	all := slices.SortedFunc(slices.Values(p.Speakers), func(a, b *Person) int { return cmp.Compare(a.Key, b.Key) })
	items, more := page(pg, all, speakerPlace)
	next := pg.next(h.site.PublicURL+r.URL.Path, q, more)
	linkNext(w, next)
	a := h.apiAnswer(p, "speakers")
	if !pg.first() {
		a.Key = ""
	}
	return h.answer(w, r, a, func() (any, error) {
		return apiList[apiSpeaker]{mapped(items, h.writer(p).speaker), len(all), next}, nil
	})
}

func (h *Web) apiSpeaker(w http.ResponseWriter, r *http.Request) error {
	p, err := h.data(r)
	if err != nil {
		return err
	}
	s := p.Speaker(r.PathValue("key"))
	if s == nil {
		return fault.Missing()
	}
	return h.answer(w, r, h.apiAnswer(p, "speakers/"+s.Key), func() (any, error) { return h.writer(p).speaker(s), nil })
}

func releasePlace(number int) string { return strconv.Itoa(number) }

// apiReleases lists the releases, newest first. Their numbers have no gaps, so a page is a range of them.
func (h *Web) apiReleases(w http.ResponseWriter, r *http.Request) error {
	p, err := h.data(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	pg, err := readPaging("releases", q)
	if err != nil {
		return err
	}
	to := p.Releases
	if pg.after != "" {
		n, err := strconv.Atoi(pg.after)
		if err != nil || n < 1 {
			return badParameter("cursor", "program.api.error.cursor")
		}
		to = min(to, n-1)
	}
	from, more := max(1, to-pg.limit+1), ""
	if from > 1 {
		more = pg.cursor(releasePlace(from))
	}
	next := pg.next(h.site.PublicURL+r.URL.Path, q, more)
	linkNext(w, next)
	a := h.apiAnswer(p, "releases")
	if !pg.first() {
		a.Key = ""
	}
	return h.answer(w, r, a, func() (any, error) {
		list, err := h.programmes.releasesBetween(context.WithoutCancel(r.Context()), p.Meeting, from, to)
		return apiList[apiRelease]{mapped(list, h.writer(p).release), p.Releases, next}, err
	})
}

func (h *Web) apiRelease(w http.ResponseWriter, r *http.Request) error {
	p, err := h.data(r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || n < 1 || n > p.Releases {
		return fault.Missing()
	}
	return h.answer(w, r, h.apiAnswer(p, "releases/"+strconv.Itoa(n)), func() (any, error) {
		list, err := h.programmes.releasesBetween(context.WithoutCancel(r.Context()), p.Meeting, n, n)
		if err != nil || len(list) == 0 {
			return nil, cmp.Or(err, error(fault.Missing()))
		}
		return h.writer(p).release(list[0]), nil
	})
}
