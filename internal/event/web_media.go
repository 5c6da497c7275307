package event

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/card"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Pictures are the kept pictures: blob.Store is one.
type Pictures interface {
	// Open opens a picture; fault.Missing where there is none of that name.
	Open(name blob.Name) (blob.File, error)
}

// mediaURL is the address of a kept picture, or empty for what is no name of one.
func mediaURL(name string) string {
	name = strings.TrimPrefix(name, "media/")
	if _, ok := blob.ParseName(name); !ok {
		return ""
	}
	return "/media/" + name
}

// media serves a kept picture. Its name is made of its content, so browsers may keep it for ever; whatever it holds, nothing in it runs.
func (p *pages) media(w http.ResponseWriter, r *http.Request) (err error) {
	name, ok := blob.ParseName(r.PathValue("name"))
	if !ok || p.o.Pictures == nil || !strings.HasPrefix(name.Type(), "image/") {
		return fault.Missing()
	}
	f, err := p.o.Pictures.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := w.Header()
	h.Set("Content-Type", name.Type())
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+string(name)+`"`)
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}

// card serves the picture that other sites show beside a link to the meeting, in the language of the address.
func (p *pages) card(w http.ResponseWriter, r *http.Request) error {
	m, c, err := p.open(r)
	if err != nil {
		return err
	}
	l := web.Explicit(r.Context())
	if l == "" {
		l = m.DefaultLang()
	}
	a := web.Answer{Key: fmt.Sprintf("event card %s %s", l, m.Slug), Version: stateOf(m, c), Type: "image/png", CacheControl: "public, max-age=300"}
	return p.cache.Serve(w, r, a, func(out io.Writer) error {
		theme, eyebrow := m.Theme, m.Title.In(l)
		if theme.IsZero() {
			theme, eyebrow = m.Title, ""
		}
		head, sub := splitTheme(theme.In(l))
		foot := m.When(l)
		if place := m.Place.In(l); place != "" {
			foot = strings.TrimPrefix(foot+" · "+place, " · ")
		}
		return card.Draw(out, card.Card{
			Eyebrow: eyebrow, Title: head, Subtitle: sub, Foot: foot, Mark: c.group.Name.In(l), Accent: m.accent(c.group), Lang: theme.LangFor(l),
		})
	})
}
