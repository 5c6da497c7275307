package handbook

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/http"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/markdown"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Files are the words and templates of this package.
//
//go:embed lang/*.json pages/*
var Files embed.FS

type view struct {
	Pages   []*Page
	Current *Page
	Body    template.HTML
}

var page = web.NewPage[view](web.From(Files, "pages/handbook.html"))

// Pages are the typed pages of this package.
func Pages() []web.Checked { return []web.Checked{page} }

// Routes are the addresses of the handbook.
func (s *Service) Routes(site *web.Site, events *event.Service, cache *web.Cache) []web.Route {
	show := func(w http.ResponseWriter, r *http.Request) error {
		version, err := events.Version(r.Context()) // before what it is the version of
		if err != nil {
			return err
		}
		f, err := events.Frame(r, site, nil, "")
		if err != nil {
			return err
		}
		p := s.pages[0]
		if name := r.PathValue("page"); name != "" {
			if p = s.byName[name]; p == nil {
				return fault.Missing()
			}
		}
		a := web.Answer{Key: "handbook " + string(f.Lang) + " " + f.Path, Version: fmt.Sprintf("%s/%d", site.Version, version), Type: "text/html; charset=utf-8"}
		return cache.Serve(w, r, a, func(out io.Writer) error {
			f.Title = f.In(p.Title)
			if r.PathValue("page") == "" {
				f.Title = f.T("handbook.title")
			}
			return page.Render(out, f, view{s.pages, p, markdown.Render(p.Body.In(f.Lang))})
		})
	}
	return []web.Route{web.Get("/handbook", show), web.Get("/handbook/{page}", show)}
}
