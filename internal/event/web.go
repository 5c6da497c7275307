package event

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// pages serves the pages of this feature.
type pages struct {
	*Service
	frame *web.Site
	cache *web.Cache
}

// Routes lists every address of this feature.
func (s *Service) Routes(site *web.Site, cache *web.Cache) []web.Route {
	p := &pages{s, site, cache}
	return append(slices.Concat(p.roleRoutes(), p.taskRoutes(), p.makeRoutes(), p.historyRoutes()), []web.Route{
		web.Get("/{$}", p.home),
		web.Get("/meetings", p.list),
		web.Get("/series/{key}", p.oneSeries),
		web.Get("/meetings/{slug}", p.meeting),
		web.Get("/meetings/{slug}/pages/{page}", p.ownPage),
		web.Get("/meetings/{slug}/card.png", p.card),
		web.Data(accentFolder+"{name}", accentSheet),
		web.Data("/media/{name}", p.media),
		web.Data("/robots.txt", p.robots),
		web.Data("/favicon.ico", p.favicon),
		web.Data("/sitemap.xml", p.sitemap),
	}...)
}

// Pages are the typed pages of this feature, for the test that checks their templates.
func Pages() []web.Checked {
	return []web.Checked{homePage, listPage, seriesPage, meetingPage, textPage, peoplePage, addPage, teamPage, invitePage, linkPage, invitationPage, tasksPage, taskPage, makePage, settingsPage, historyPage}
}

const pageType = "text/html; charset=utf-8"

// show answers with a page from the cache. state names the version of what it shows; m is nil for a page of no meeting. Rendering may
// serve many readers at once, so the first of them leaving does not end it.
func (p *pages) show(w http.ResponseWriter, r *http.Request, m *Stored, current, state string, render func(context.Context, io.Writer, *web.Frame) error) error {
	a := web.Answer{Key: "event " + string(web.Explicit(r.Context())) + " " + r.URL.Path, Version: state + " " + quarter(p.o.Now()), Type: pageType}
	return p.cache.Serve(w, r, a, func(out io.Writer) error {
		ctx := context.WithoutCancel(r.Context())
		f, err := p.Frame(r.WithContext(ctx), p.frame, m, current)
		if err != nil {
			return err
		}
		return render(ctx, out, f)
	})
}

// open finds the meeting of the address, and the site around it.
func (p *pages) open(r *http.Request) (*Stored, *site, error) {
	m, err := p.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return nil, nil, err
	}
	c, err := p.current(r.Context())
	return m, c, err
}

func stateOf(m *Stored, c *site) string { return fmt.Sprintf("%d/%d", c.version, m.Version) }

// robots lets everyone read everything that is public.
func (p *pages) robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, err := fmt.Fprintf(w, "User-agent: *\nDisallow: /search\nDisallow: /en/search\nDisallow: /ja/search\n\nSitemap: %s/sitemap.xml\n", p.frame.PublicURL)
	return err
}

func (p *pages) favicon(http.ResponseWriter, *http.Request) error {
	return web.See(p.frame.Assets.URL("icon.svg"))
}

// seriesOf is the series of a key, or fault.Missing.
func (c *site) seriesOf(key string) (*Series, error) {
	for i := range c.series {
		if c.series[i].Key == key {
			return &c.series[i], nil
		}
	}
	return nil, fault.Missing()
}

func itoa(v int64) string { return strconv.FormatInt(v, 10) }

// host is the name of the machine that an address leads to, as people say it.
func host(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	h, _, _ := strings.Cut(rest, "/")
	return strings.TrimPrefix(h, "www.")
}
