package event

import (
	"context"
	"encoding/xml"
	"io"
	"net/http"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// urlSet is a sitemap (sitemaps.org 0.9) with the alternates of each page in the other language.
type urlSet struct {
	XMLName xml.Name  `xml:"urlset"`
	NS      string    `xml:"xmlns,attr"`
	XHTML   string    `xml:"xmlns:xhtml,attr"`
	URLs    []siteURL `xml:"url"`
}

type siteURL struct {
	Loc  string      `xml:"loc"`
	Mod  string      `xml:"lastmod,omitempty"`
	Alts []alternate `xml:"xhtml:link"`
}

type alternate struct {
	Rel  string `xml:"rel,attr"`
	Lang string `xml:"hreflang,attr"`
	Href string `xml:"href,attr"`
}

// maxSitemap is the most addresses that one sitemap may hold (sitemaps.org).
const maxSitemap = 50_000

// add adds a page in every language.
func (u *urlSet) add(public string, def i18n.Lang, path string, modified time.Time) {
	var alts []alternate
	for _, l := range i18n.Langs {
		alts = append(alts, alternate{"alternate", string(l), public + web.Address(l, def, path)})
	}
	mod := ""
	if !modified.IsZero() {
		mod = modified.UTC().Format(time.RFC3339)
	}
	for _, a := range alts {
		if len(u.URLs) < maxSitemap {
			u.URLs = append(u.URLs, siteURL{a.Href, mod, alts})
		}
	}
}

// sitemap lists every public page in every language.
func (p *pages) sitemap(w http.ResponseWriter, r *http.Request) error {
	c, err := p.current(r.Context())
	if err != nil {
		return err
	}
	a := web.Answer{Key: "event sitemap", Version: itoa(c.version), Type: "application/xml; charset=utf-8"}
	return p.cache.Serve(w, r, a, func(out io.Writer) error {
		def := p.frame.Default
		if len(c.group.Languages) > 0 {
			def = c.group.Languages[0]
		}
		u := urlSet{NS: "http://www.sitemaps.org/schemas/sitemap/0.9", XHTML: "http://www.w3.org/1999/xhtml"}
		own := func(path string) { u.add(p.frame.PublicURL, def, path, time.Time{}) }
		own("/")
		own("/meetings")
		for _, s := range c.series {
			own("/series/" + s.Key)
		}
		for _, m := range c.meetings {
			u.add(p.frame.PublicURL, m.DefaultLang(), "/meetings/"+m.Slug, time.Time{})
			for _, page := range m.PageSlugs {
				u.add(p.frame.PublicURL, m.DefaultLang(), "/meetings/"+m.Slug+"/pages/"+page, time.Time{})
			}
		}
		// Many readers may wait for this one: it does not end when the first of them leaves.
		if err := p.addProgrammes(context.WithoutCancel(r.Context()), c, &u); err != nil {
			return err
		}
		if _, err := io.WriteString(out, xml.Header); err != nil {
			return err
		}
		return xml.NewEncoder(out).Encode(u)
	})
}

// addProgrammes adds the pages of the programmes.
func (p *pages) addProgrammes(ctx context.Context, c *site, u *urlSet) error {
	if p.o.Programme == nil {
		return nil
	}
	list, err := p.o.Programme.Addresses(ctx)
	if err != nil {
		return err
	}
	for _, a := range list {
		if m := c.bySlug[a.Slug]; m != nil {
			u.add(p.frame.PublicURL, m.DefaultLang(), a.Path, a.Modified)
		}
	}
	return nil
}
