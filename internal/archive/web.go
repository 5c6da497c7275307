package archive

import (
	"net/http"
	"net/url"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// searchView is the page of a search.
type searchView struct {
	Found
	Asked   bool
	Filters Filters
	Meeting *event.Stored // the one the search is kept to, or nil
	Orders  []choice
	Kinds   []choice
	Wider   string // the same search over every meeting
}

// choice is a way to see the same search differently.
type choice struct {
	Label   string
	URL     string
	Current bool
}

var searchPage = web.NewPage[searchView](web.From(Files, "pages/search.html"))

// Pages are the typed pages of this package.
func Pages() []web.Checked { return []web.Checked{searchPage} }

// Routes are the addresses of this feature.
func (s *Service) Routes(site *web.Site, events *event.Service) []web.Route {
	return []web.Route{web.Get("/search", func(w http.ResponseWriter, r *http.Request) error {
		f, err := events.Frame(r, site, nil, "")
		if err != nil {
			return err
		}
		v, err := s.view(r, f, events)
		if err != nil {
			return err
		}
		f.Title, f.NoIndex = f.T("archive.search.title"), true
		if v.Asked {
			f.Title = f.T("archive.search.title_for", "q", v.Text)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "private, no-cache")
		return searchPage.Render(w, f, v)
	})}
}

func (s *Service) view(r *http.Request, f *web.Frame, events *event.Service) (searchView, error) {
	q := r.URL.Query()
	v := searchView{Asked: q.Get("q") != ""}
	v.Filters = Filters{Kind: Kind(q.Get("kind")), Meeting: q.Get("meeting"), Order: Order(q.Get("order")), After: q.Get("after")}
	var err error
	if v.Filters.Meeting != "" {
		if v.Meeting, err = events.Meeting(r.Context(), v.Filters.Meeting); err != nil {
			return v, err
		}
	}
	if v.Found, err = s.Search(r.Context(), q.Get("q"), f.Lang, v.Filters); err != nil {
		return v, err
	}
	for _, o := range Orders {
		v.Orders = append(v.Orders, choice{f.T(o.Label()), f.URL(v.address(v.Filters.Kind, o, "")), o == v.Filters.Order})
	}
	v.Kinds = append(v.Kinds, choice{f.T("archive.search.all_kinds"), f.URL(v.address("", v.Filters.Order, "")), v.Filters.Kind == ""})
	for _, k := range Kinds {
		v.Kinds = append(v.Kinds, choice{f.T(k.Label()), f.URL(v.address(k, v.Filters.Order, "")), k == v.Filters.Kind})
	}
	if v.Meeting != nil {
		wide := v
		wide.Filters.Meeting = ""
		v.Wider = wide.address(v.Filters.Kind, v.Filters.Order, "")
	}
	return v, nil
}

// More is the address of all hits of a kind.
func (v searchView) More(k Kind) string { return v.address(k, v.Filters.Order, "") }

// Next is the address of the next hits of a group.
func (v searchView) Next(g Group) string { return v.address(g.Kind, v.Filters.Order, g.Next) }

// address is the path of this search with another kind, order or place to continue from.
func (v searchView) address(k Kind, o Order, after string) string {
	q := url.Values{"q": {v.Text}}
	for name, value := range map[string]string{"kind": string(k), "order": string(o), "meeting": v.Filters.Meeting, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return "/search?" + q.Encode()
}
