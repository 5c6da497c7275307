package interchange

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Limits on texts, in characters. What is longer is cut, and the cut is reported.
const (
	MaxLine = 500     // titles, names, labels: whatever stands on one line
	MaxText = 50_000  // abstracts, biographies, summaries
	MaxPage = 200_000 // the body of a page of a meeting's site
)

// textLimit is the limit of a field, and whether it holds several lines of Markdown; every other text is a single line.
func textLimit(field string) (limit int, lines bool) {
	switch field {
	case "Abstract", "Summary", "About", "Bio", "Wording":
		return MaxText, true
	case "Body":
		return MaxPage, true
	}
	return MaxLine, false
}

// cleaner goes through everything people wrote in a document, takes out what must not be in a text, cuts what is too long, and
// drops addresses that no page should lead to.
type cleaner struct{ n *notes }

// value cleans v, which is field of what place names.
func (c cleaner) value(v reflect.Value, place, field string) {
	switch x := v.Addr().Interface().(type) {
	case *i18n.Text:
		x.JA, x.EN = c.text(x.JA, place, field), c.text(x.EN, place, field)
		return
	case *time.Time, *Fields:
		return
	case *[]Link:
		*x = c.links(*x, place)
		return
	case *[]event.Link:
		*x = c.eventLinks(*x, place)
		return
	}
	switch v.Kind() {
	case reflect.String:
		c.str(v, place, field)
	case reflect.Pointer:
		if !v.IsNil() {
			c.value(v.Elem(), place, field)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			c.value(v.Field(i), place, v.Type().Field(i).Name)
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.value(v.Index(i), place, field)
		}
	}
}

func (c cleaner) str(v reflect.Value, place, field string) {
	s := c.text(v.String(), place, field)
	switch {
	case s == "":
	case field == "URL":
		s = c.address(s, place)
	case field == "Logo" || field == "Photo" || field == "KeyVisual":
		s = c.picture(s, place)
	}
	if s != v.String() {
		v.SetString(s)
	}
}

// text takes control characters and direction overrides out of s and cuts it to its limit.
func (c cleaner) text(s, place, field string) string {
	limit, lines := textLimit(field)
	clean := oneLine
	if lines {
		clean = manyLines
	}
	out := clean(strings.ToValidUTF8(s, "\ufffd"))
	if !lines {
		out = strings.TrimSpace(out)
	}
	if n := utf8.RuneCountInString(out); len(out) > limit && n > limit {
		out = strings.TrimSpace(string([]rune(out)[:limit]))
		c.n.add(place, fmt.Sprintf("%s has %d characters", strings.ToLower(field), n), fmt.Sprintf("cut to %d", limit))
	}
	return out
}

// manyLines makes a text of several lines of s: line feeds and tabs stay, white space around it goes.
func manyLines(s string) string {
	if strings.ContainsFunc(s, unprintable) {
		s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
		s = strings.Map(func(r rune) rune {
			if r != '\n' && r != '\t' && unprintable(r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.Trim(s, " \t\n\u3000")
}

// address lets through what a page may lead to: http and https with a host, and mailto.
func (c cleaner) address(s, place string) string {
	if safeURL(s) {
		return s
	}
	what := "the address " + quote(s) + " is not http, https or mailto"
	if u, err := url.Parse(s); err == nil && u.User != nil { // not shown: it may be a password
		what = "the address carries a user name"
	}
	c.n.add(place, what, "dropped")
	return ""
}

// safeURL reports whether a page may lead to s. User information is refused: it hides the host from who reads the address, or gives
// away a password.
func safeURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || len(s) > 2000 || strings.ContainsAny(s, " <>\"") {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != "" && u.User == nil
	case "mailto":
		return u.Opaque != ""
	}
	return false
}

// picture lets through the name of a medium and a path that stays beside the file. Pictures of other sites are never shown.
func (c cleaner) picture(s, place string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || strings.HasPrefix(s, "/") || strings.Contains(s, "..") || strings.Contains(s, "://") || strings.Contains(s, `\`) {
		c.n.add(place, "the picture "+quote(s)+" is not beside the file", "dropped")
		return ""
	}
	return s
}

func (c cleaner) links(links []Link, place string) []Link {
	var out []Link
	for _, l := range links {
		l.Title = i18n.Text{JA: c.text(l.Title.JA, place, "Title"), EN: c.text(l.Title.EN, place, "Title")}
		if l.URL = strings.TrimSpace(oneLine(l.URL)); l.URL == "" {
			c.n.add(place, "a link has no address", "dropped")
			continue
		}
		if l.URL = c.address(l.URL, place); l.URL == "" {
			continue
		}
		l.Kind = c.linkKind(l.Kind, place)
		if l.Until != "" && !l.Until.Valid() {
			c.n.add(place, "the date "+quote(string(l.Until))+" of a link does not exist", "dropped")
			l.Until = ""
		}
		out = append(out, l)
	}
	return out
}

func (c cleaner) linkKind(k LinkKind, place string) LinkKind {
	kind, ok := linkKindOf(string(k))
	if !ok {
		known := []string{"web", "slides", "stream", "video", "photo", "sns"}
		c.n.add(place, "unknown kind of link "+quote(string(k))+didYouMean(string(k), known), "read as other, which is public only where the policy refuses nothing")
	}
	return kind
}

// linkKindOf reads what a link leads to, in the words and media types that people and other systems use for it. What it cannot read is
// LinkOther, also where it is close to a known word: a guess could publish a recording that must not be.
func linkKindOf(word string) (LinkKind, bool) {
	word = strings.ToLower(strings.TrimSpace(word))
	switch word {
	case "", "web", "website", "url", "link", "page", "related", "text/html", "関連":
		return LinkWeb, true
	case "slides", "slide", "presentation", "deck", "material", "materials", "pdf", "paper", "application/pdf", "資料":
		return LinkSlides, true
	case "stream", "live", "livestream", "配信":
		return LinkStream, true
	case "video", "recording", "archive", "youtube", "vod", "movie", "media", "動画", "録画", "アーカイブ":
		return LinkVideo, true
	case "photo", "photos", "写真":
		return LinkPhoto, true
	case "sns", "chat", "hashtag":
		return LinkSNS, true
	case "other":
		return LinkOther, true
	}
	if strings.HasPrefix(word, "video/") || strings.HasPrefix(word, "audio/") {
		return LinkVideo, true
	}
	return LinkOther, false
}

func (c cleaner) eventLinks(links []event.Link, place string) []event.Link {
	var out []event.Link
	for _, l := range links {
		l.Title = i18n.Text{JA: c.text(l.Title.JA, place, "Title"), EN: c.text(l.Title.EN, place, "Title")}
		if l.URL = strings.TrimSpace(oneLine(l.URL)); l.URL == "" {
			c.n.add(place, "a link has no address", "dropped")
		} else if l.URL = c.address(l.URL, place); l.URL != "" {
			out = append(out, l)
		}
	}
	return out
}
