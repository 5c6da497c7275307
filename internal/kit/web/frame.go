package web

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Site is what every page of an installation has in common.
type Site struct {
	Words     *i18n.Words
	Assets    *Assets
	Default   i18n.Lang // of pages that belong to no meeting
	PublicURL string    // https://example.org, without a slash at the end
	Name      i18n.Text
	Nav       []Item
	Demo      bool
	Become    []Choice // in the demo: whom one may become
	Version   string
}

// Item is an entry of a menu.
type Item struct {
	Title   string
	URL     string
	Current bool
	Count   int // a number beside it, hidden when 0
}

// Choice is one of several values that a form offers.
type Choice struct {
	Value string
	Name  i18n.Text
}

// Frame is what surrounds the content of a page: its language, title and addresses, and the functions that templates call.
type Frame struct {
	Site        *Site
	Lang        i18n.Lang
	Default     i18n.Lang // the language whose addresses have no prefix
	Path        string    // the address without language prefix
	Title       string
	Description string
	Image       string // path of the card picture
	Styles      []string
	Scripts     []string
	Feeds       []Feed
	Menu        []Item // of the meeting, titles and addresses ready to show
	Mast        *Mast  // above the content, nil for pages of no meeting
	JSONLD      template.JS
	NoIndex     bool
	Class       string       // of the body
	Kind        string       // Open Graph type: website, article, event
	Who         *authz.Actor // who reads the page; nobody on pages that are the same for all
	Live        *Live        // nil: the page does not change by itself
}

// Mast is the masthead of a meeting: what stands above the content of each of its pages.
type Mast struct {
	Eyebrow []template.HTML // the line above the title: the meeting, its place, its dates
	Title   template.HTML   // the theme, or the name of the meeting
	Sub     string          // a second, smaller line of the title
	Lang    i18n.Lang       // of the title
	URL     string          // where the title leads
	Label   string          // what the menu is the menu of
	Small   bool            // on inner pages
	Heading bool            // the title is the page's h1
}

// Live says to what a page listens, so that it shows what is new (see kit/live): its script connects, and document gets events.
type Live struct {
	Topics  string // with a space between
	URL     string // of the stream
	Version int64  // of the first topic, as the page shows it
	Names   string // of messages with content that it wants, with a space between
	Refresh bool   // the content of the page is replaced by itself
}

// Feed is something else a reader may subscribe to instead of the page.
type Feed struct{ Type, Title, URL string }

type langKey struct{}

// Explicit is the language that the address names with a prefix, or "".
func Explicit(ctx context.Context) i18n.Lang {
	l, _ := ctx.Value(langKey{}).(i18n.Lang)
	return l
}

// WithLang makes l the language that the address names; "" names none.
func WithLang(ctx context.Context, l i18n.Lang) context.Context {
	return context.WithValue(ctx, langKey{}, l)
}

// WithPrefix takes a language prefix (/en, /ja) off the address and remembers it.
func WithPrefix(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		l := i18n.Lang(first)
		if l != i18n.JA && l != i18n.EN {
			next.ServeHTTP(w, r)
			return
		}
		r2 := r.WithContext(context.WithValue(r.Context(), langKey{}, l))
		r2.URL = new(url.URL)
		*r2.URL = *r.URL
		r2.URL.Path, r2.URL.RawPath = "/"+rest, ""
		next.ServeHTTP(w, r2)
	})
}

// redirect is an error that sends the reader elsewhere.
type redirect struct {
	to   string
	code int
}

func (r *redirect) Error() string { return "redirect to " + r.to }

// Reader is the name of who reads the page, or empty.
func (f *Frame) Reader() string {
	if f.Who == nil || !f.Who.SignedIn() {
		return ""
	}
	return f.In(f.Who.Name)
}

// Moved sends the reader to another address, for good.
func Moved(to string) error { return &redirect{to, http.StatusMovedPermanently} }

// See sends the reader to another address, for now.
func See(to string) error { return &redirect{to, http.StatusFound} }

// Frame starts a page. def is the default language of what it shows; "" means the site's. An address that names the default
// language with a prefix is sent to the one without.
func (s *Site) Frame(r *http.Request, def i18n.Lang) (*Frame, error) {
	if def == "" {
		def = s.Default
	}
	l := Explicit(r.Context())
	if l == def {
		to := r.URL.EscapedPath()
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		return nil, Moved(to)
	}
	if l == "" {
		l = def
	}
	return &Frame{Site: s, Lang: l, Default: def, Path: r.URL.EscapedPath(), Kind: "website", Who: authz.Who(r.Context())}, nil
}

// T is a word of the program in the page's language; see i18n.Words.Say.
func (f *Frame) T(key string, args ...any) string { return f.Site.Words.Say(f.Lang, key, args...) }

// In is a bilingual text in the page's language, as plain text.
func (f *Frame) In(t i18n.Text) string { return t.In(f.Lang) }

// Text is a bilingual text in the page's language; where only the other one is there, it is marked as being in that language.
func (f *Frame) Text(t i18n.Text) template.HTML {
	s := template.HTMLEscapeString(t.In(f.Lang))
	if l := t.LangFor(f.Lang); l != f.Lang && s != "" {
		return template.HTML(`<span lang="` + string(l) + `">` + s + `</span>`) //nolint:gosec // escaped above
	}
	return template.HTML(s) //nolint:gosec // escaped above
}

// URL is the address of a path in the page's language.
func (f *Frame) URL(path string) string { return Address(f.Lang, f.Default, path) }

// Address puts the language prefix before a path where the language is not the default one.
func Address(l, def i18n.Lang, path string) string {
	if l == def {
		return path
	}
	if path == "/" {
		return "/" + string(l) + "/"
	}
	return "/" + string(l) + path
}

// Abs makes a path a whole URL.
func (f *Frame) Abs(path string) string { return f.Site.PublicURL + path }

// Canonical is the page's permanent URL.
func (f *Frame) Canonical() string { return f.Abs(f.URL(f.Path)) }

// Alternate is the page's URL in a language.
func (f *Frame) Alternate(l i18n.Lang) string { return f.Abs(Address(l, f.Default, f.Path)) }

// Switch is the address of this page in the other language.
func (f *Frame) Switch() string { return Address(f.Lang.Other(), f.Default, f.Path) }

// Langs lists the languages, for the alternates.
func (f *Frame) Langs() []i18n.Lang { return i18n.Langs }

// Asset is the address of an asset.
func (f *Frame) Asset(name string) string { return f.Site.Assets.URL(name) }

// Day writes a date with its year.
func (f *Frame) Day(t time.Time) string { return i18n.Day(f.Lang, t) }

// ShortDay writes a date without its year.
func (f *Frame) ShortDay(t time.Time) string { return i18n.ShortDay(f.Lang, t) }

// Weekday writes the day of the week, short.
func (f *Frame) Weekday(t time.Time) string { return i18n.Weekday(f.Lang, t) }

// Moment writes a date and a time.
func (f *Frame) Moment(t time.Time) string { return i18n.Moment(f.Lang, t) }

// Clock writes a time of day.
func (f *Frame) Clock(t time.Time) string { return t.Format("15:04") }

// ISO writes a moment for machines.
func (f *Frame) ISO(t time.Time) string { return t.Format(time.RFC3339) }

// Zone names the zone of a time.
func (f *Frame) Zone(t time.Time) string { return i18n.Zone(f.Lang, t) }

// Number writes a number with its thousands apart.
func (f *Frame) Number(v float64) string { return i18n.Number(v) }

// Join puts names together as the language does.
func (f *Frame) Join(list []string) string { return i18n.Join(f.Lang, list) }
