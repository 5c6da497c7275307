package signage

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Migrations are the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Files are the words, templates, style sheets and scripts of this package.
//
//go:embed lang/*.json pages/*
var Files embed.FS

// Follow answers a request with a stream that says when one of the topics has changed.
type Follow func(w http.ResponseWriter, r *http.Request, topics ...string) error

// Web serves the screens and their desk.
type Web struct {
	s      *Service
	events *event.Service
	site   *web.Site
	cache  *web.Cache
	follow Follow
	secure bool // the site is reached by https
	app    string
}

// NewWeb makes the handlers. follow may be nil: then screens ask by themselves.
func NewWeb(s *Service, site *web.Site, cache *web.Cache, follow Follow) *Web {
	sum := sha256.Sum256([]byte(strings.Join(shellAssets(site), " ") + screenHTML()))
	return &Web{
		s: s, events: s.events, site: site, cache: cache, follow: follow,
		secure: strings.HasPrefix(site.PublicURL, "https://"), app: hex.EncodeToString(sum[:6]),
	}
}

// Routes lists every address of this feature.
func (h *Web) Routes() []web.Route {
	return append(h.screenRoutes(), h.deskRoutes()...)
}

// Pages are the typed pages of this package, for the test that checks their templates.
func Pages() []web.Checked {
	return append([]web.Checked{screenPage}, deskPages...)
}

// Bundles adds the style sheets and scripts of the screens and of their desk.
func Bundles(a *web.Assets) error {
	for _, b := range []struct {
		name  string
		files []string
	}{
		{"screen.css", []string{"pages/view.css", "pages/screen.css"}},
		{"screen.js", []string{"pages/view.js", "pages/screen.js"}},
		{"signage.css", []string{"pages/view.css", "pages/desk.css"}},
		{"signage.js", []string{"pages/view.js", "pages/desk.js"}},
	} {
		if err := a.Bundle(b.name, web.From(Files, b.files...)); err != nil {
			return err
		}
	}
	return nil
}

// shellAssets are the files without which a screen cannot be drawn.
func shellAssets(site *web.Site) []string {
	return []string{site.Assets.URL("screen.css"), site.Assets.URL("screen.js"), site.Assets.URL("icon.svg")}
}

func screenHTML() string {
	b, _ := Files.ReadFile("pages/screen.html") // embedded
	return string(b)
}

// viewWords are the words that the script of the view says, by language and without their prefix.
func viewWords(w *i18n.Words) map[i18n.Lang]map[string]string {
	const prefix = "signage.view."
	out := map[i18n.Lang]map[string]string{}
	for _, l := range i18n.Langs {
		out[l] = map[string]string{}
		for key := range w.Keys(l) {
			if name, ok := strings.CutPrefix(key, prefix); ok {
				out[l][name] = w.Say(l, key)
			}
		}
	}
	return out
}
