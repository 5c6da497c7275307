package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// page is what a test wants to know of an HTML document.
type page struct {
	lang       string
	title      string
	canonical  string
	noindex    bool
	alternates map[string]string
	ids        map[string]bool
	links      []string // same-origin, as path and query, with their fragment
	text       string
}

// reader reads a document token by token, because a parser would mend what is to be found here.
type reader struct {
	page
	at     string
	base   *url.URL
	open   []string
	faults []string
	h1     int
	refs   []string // ids that labels and the like point at
	inert  string   // script or style whose text is being read
	kind   string   // its type
}

func (r *reader) wrong(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

// readPage reads a document and says what is wrong with it.
func readPage(at string, b []byte) (*page, []string) {
	r := &reader{at: at, page: page{alternates: map[string]string{}, ids: map[string]bool{}}}
	r.base, _ = url.Parse(public + at)
	z := html.NewTokenizer(bytes.NewReader(b))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				r.wrong("%v", z.Err())
			}
			r.end(b)
			return &r.page, r.faults
		case html.StartTagToken:
			r.start(z.Token(), false)
		case html.SelfClosingTagToken:
			r.start(z.Token(), true)
		case html.EndTagToken:
			r.close(z.Token().Data)
		case html.TextToken:
			r.words(string(z.Text()))
		}
	}
}

var (
	void     = strings.Fields("area base br col embed hr img input link meta source track wbr")
	optional = strings.Fields("li p dt dd tr td th thead tbody tfoot option rt rp")
	blocks   = strings.Fields("address article aside blockquote details div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section table ul")
	active   = strings.Fields("a button select textarea iframe summary input")
)

func (r *reader) start(t html.Token, closed bool) {
	name := t.Data
	svg := slices.Contains(r.open, "svg") || name == "svg"
	if slices.Contains(active, name) && attr(t, "type") != "hidden" {
		for _, outer := range r.open {
			if outer == "a" || outer == "button" {
				r.wrong("<%s> inside <%s>", name, outer)
			}
		}
	}
	if len(r.open) > 0 && r.open[len(r.open)-1] == "p" && slices.Contains(blocks, name) && name != "p" {
		r.wrong("<%s> inside <p>", name)
	}
	if closed && !svg && !slices.Contains(void, name) {
		r.wrong("<%s/> is not closed by its slash", name)
	}
	r.attributes(t)
	if !closed && !slices.Contains(void, name) {
		r.open = append(r.open, name)
	}
	switch name {
	case "html":
		r.lang = attr(t, "lang")
	case "h1":
		r.h1++
	case "img":
		if !has(t, "alt") {
			r.wrong("a picture without alt: %s", attr(t, "src"))
		}
	case "style":
		r.wrong("a style element")
	case "script":
		r.inert, r.kind = "script", attr(t, "type")
		if attr(t, "src") == "" && r.kind != "application/ld+json" && r.kind != "application/json" {
			r.wrong("an inline script")
		}
	case "meta":
		if attr(t, "name") == "robots" {
			r.noindex = true
		}
		if attr(t, "property") == "og:image" {
			r.link(attr(t, "content"))
		}
	case "link":
		r.relation(t)
	}
}

func (r *reader) relation(t html.Token) {
	href := attr(t, "href")
	switch rel := attr(t, "rel"); {
	case rel == "canonical":
		r.canonical = href
	case rel == "alternate" && has(t, "hreflang"):
		r.alternates[attr(t, "hreflang")] = href
	}
	r.link(href)
}

func (r *reader) attributes(t html.Token) {
	seen := map[string]bool{}
	for _, a := range t.Attr {
		switch {
		case seen[a.Key]:
			r.wrong("<%s> has %s twice", t.Data, a.Key)
		case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
			r.wrong("<%s> has an inline %s", t.Data, a.Key)
		case a.Key == "id" && (a.Val == "" || r.ids[a.Val] || strings.ContainsAny(a.Val, " \t\n")):
			r.wrong("the id %q is empty, has a space or is there twice", a.Val)
		case a.Key == "for" || a.Key == "aria-labelledby" || a.Key == "aria-describedby" || a.Key == "aria-controls":
			r.refs = append(r.refs, strings.Fields(a.Val)...)
		case (a.Key == "href" && t.Data != "link" || a.Key == "src" || a.Key == "action") && t.Data != "use":
			r.link(a.Val)
		}
		if a.Key == "id" {
			r.ids[a.Val] = true
		}
		seen[a.Key] = true
		if m := leaked(a.Val); m != "" {
			r.wrong("%s=%q holds %q", a.Key, a.Val, m)
		}
	}
}

// link remembers where the page leads, and refuses what no browser should follow.
func (r *reader) link(to string) {
	u, err := url.Parse(to)
	switch {
	case err != nil || to != strings.TrimSpace(to):
		r.wrong("a link to %q", to)
		return
	case u.Scheme == "mailto" || u.Scheme == "webcal":
		return
	case u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https":
		r.wrong("a link to %q", to)
		return
	}
	u = r.base.ResolveReference(u)
	if u.Scheme+"://"+u.Host != public {
		return
	}
	at := u.RequestURI()
	if u.Fragment != "" {
		at += "#" + u.EscapedFragment()
	}
	r.links = append(r.links, at)
}

func (r *reader) close(name string) {
	for len(r.open) > 0 {
		top := r.open[len(r.open)-1]
		if top == name {
			r.open = r.open[:len(r.open)-1]
			break
		}
		if !slices.Contains(optional, top) {
			r.wrong("</%s> where <%s> is open", name, top)
			return
		}
		r.open = r.open[:len(r.open)-1]
	}
	if name == r.inert {
		r.inert, r.kind = "", ""
	}
}

func (r *reader) words(s string) {
	if r.inert != "" {
		if r.kind == "application/ld+json" && !json.Valid([]byte(s)) {
			r.wrong("JSON-LD that is not JSON: %.100s", s)
		}
		if r.kind == "application/ld+json" {
			r.text += s
		}
		return
	}
	if slices.Contains(r.open, "title") && !slices.Contains(r.open, "svg") {
		r.title += s
	}
	r.text += html.UnescapeString(s)
}

// end checks what is known only of the whole document.
func (r *reader) end(b []byte) {
	want := "ja"
	if strings.HasPrefix(r.at, "/en/") || strings.HasPrefix(r.at, "/en?") || r.at == "/en" {
		want = "en"
	}
	if r.lang != want {
		r.wrong("lang is %q", r.lang)
	}
	if r.h1 != 1 {
		r.wrong("%d h1", r.h1)
	}
	if strings.TrimSpace(r.title) == "" {
		r.wrong("no title")
	}
	if m := leaked(r.text); m != "" {
		r.wrong("the text holds %q", m)
	}
	if len(r.open) > 0 && !slices.Contains(optional, r.open[0]) {
		r.wrong("%v are never closed", r.open)
	}
	for _, id := range r.refs {
		if !r.ids[id] {
			r.wrong("a label or description points at %q, which is not there", id)
		}
	}
	if !bytes.HasPrefix(bytes.TrimSpace(b), []byte("<!doctype html>")) {
		r.wrong("no doctype")
	}
	if !bytes.Contains(b, []byte("</html>")) {
		r.wrong("the document is cut short")
	}
}

func attr(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(t html.Token, key string) bool {
	return slices.ContainsFunc(t.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// TestReadPageFindsFaults keeps the checks honest: each of these documents has one fault that must be named.
func TestReadPageFindsFaults(t *testing.T) {
	good := `<!doctype html><html lang="ja"><head><title>T</title></head><body><h1>H</h1><ul><li>a<li>b</ul>%s</body></html>`
	if _, faults := readPage("/", fmt.Appendf(nil, good, "")); len(faults) > 0 {
		t.Fatal(faults)
	}
	for bad, want := range map[string]string{
		`<a href="/x"><button>b</button></a>`:           `<button> inside <a>`,
		`<p><div>d</div></p>`:                           `<div> inside <p>`,
		`<b>b`:                                          `where <b> is open`,
		`<i id="x"></i><i id="x"></i>`:                  `there twice`,
		`<p style="color:red">p</p>`:                    `inline style`,
		`<p onclick="x()">p</p>`:                        `inline onclick`,
		`<script>x()</script>`:                          `inline script`,
		`[event.title]`:                                 `holds "[event.title]"`,
		`<a href="javascript:x">x</a>`:                  `a link to`,
		`<label for="q">q</label>`:                      `points at "q"`,
		`<img src="/x.png">`:                            `without alt`,
		`<div/>`:                                        `not closed by its slash`,
		`<h1>two</h1>`:                                  `2 h1`,
		`<script type="application/ld+json">{</script>`: `not JSON`,
	} {
		_, faults := readPage("/", fmt.Appendf(nil, good, bad))
		if !regexp.MustCompile(regexp.QuoteMeta(want)).MatchString(strings.Join(faults, "\n")) {
			t.Errorf("%s: found %q, want %q", bad, faults, want)
		}
	}
}
