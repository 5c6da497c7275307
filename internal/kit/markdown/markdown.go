// Package markdown turns the Markdown that people write into HTML that is safe to show: CommonMark with tables, strikethrough and bare
// links, no HTML of the author's own, links to http, https and mailto only, and pictures only from our own /media/.
package markdown

import (
	"bytes"
	"html"
	"html/template"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/tsudoi/tsudoi/internal/kit/blob"
)

// maxSource is the most that is rendered, in bytes; a longer text is shown as it was typed. Nothing that is stored is longer.
const maxSource = 1 << 20

// Render makes HTML of a text whose highest heading becomes an h2, as the h1 of a page is its title.
func Render(src string) template.HTML { return RenderUnder(src, 1) }

// RenderUnder makes HTML of a text that stands under a heading of a level (1 to 5): its own headings start one below.
func RenderUnder(src string, level int) template.HTML {
	if strings.TrimSpace(src) == "" {
		return ""
	}
	src = strings.ToValidUTF8(src, "\uFFFD")
	var out bytes.Buffer
	ctx := parser.NewContext()
	ctx.Set(underKey, level)
	if len(src) > maxSource || engine().Convert([]byte(src), &out, parser.WithContext(ctx)) != nil {
		return template.HTML("<pre>" + html.EscapeString(src) + "</pre>") //nolint:gosec // escaped
	}
	return template.HTML(policy().SanitizeBytes(out.Bytes())) //nolint:gosec // sanitised
}

// Plain is the text without its marks, on one line, cut to at most n characters: for descriptions and lists.
func Plain(src string, n int) string {
	text := html.UnescapeString(bluemonday.StrictPolicy().Sanitize(strings.ReplaceAll(string(Render(src)), "><", "> <")))
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > n {
		return strings.TrimSpace(string(r[:n-1])) + "…"
	}
	return text
}

var underKey = parser.NewContextKey()

var engine = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Strikethrough,
			extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:", "mailto:"})),
		),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(tidy{}, 100))),
	)
})

var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "li", "blockquote", "pre", "code", "em", "strong", "del",
		"table", "thead", "tbody", "tr")
	p.AllowAttrs("tabindex").Matching(regexp.MustCompile(`^0$`)).OnElements("table")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|center|right)$`)).OnElements("th", "td")
	p.AllowElements("th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^nofollow noopener$`)).OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^/media/[0-9a-f]{32}\.[a-z0-9]+$`)).OnElements("img")
	p.AllowAttrs("alt").Matching(regexp.MustCompile(`^[^<>]*$`)).OnElements("img")
	p.AllowAttrs("loading").Matching(regexp.MustCompile(`^lazy$`)).OnElements("img")
	return p
})

// tidy moves headings under the page's, marks links that lead elsewhere, joins lines of Japanese without a space, and lets pictures come
// from /media/ only: any other becomes a link to it.
type tidy struct{}

// Transform walks the parsed text once to look and once to change.
func (tidy) Transform(doc *ast.Document, r text.Reader, pc parser.Context) {
	highest := 6
	var headings []*ast.Heading
	var pictures []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			headings, highest = append(headings, n), min(highest, n.Level)
		case *ast.Image:
			pictures = append(pictures, n)
		case *ast.Text:
			join(n, r.Source())
		case *ast.Link:
			external(n, string(n.Destination))
		case *east.Table:
			n.SetAttributeString("tabindex", []byte("0")) // a wide one scrolls, also by keyboard
		case *ast.AutoLink:
			if n.AutoLinkType == ast.AutoLinkURL {
				n.SetAttributeString("rel", []byte(relExternal))
			}
		}
		return ast.WalkContinue, nil
	})
	under, _ := pc.Get(underKey).(int)
	for _, h := range headings {
		h.Level = min(6, h.Level-highest+under+1)
	}
	for _, p := range pictures {
		picture(p)
	}
}

// join takes away a line break between two lines of Japanese, where a browser would show a space. goldmark's own option for it drops
// the break before a link as well (v1.8.7), which joins English words.
func join(n *ast.Text, src []byte) {
	if !n.SoftLineBreak() {
		return
	}
	before, _ := utf8.DecodeLastRune(n.Segment.Value(src))
	next := n.NextSibling()
	for next != nil && next.Kind() != ast.KindText {
		next = next.FirstChild()
	}
	if next == nil {
		return
	}
	after, _ := utf8.DecodeRune(next.(*ast.Text).Segment.Value(src))
	if wide(before) && wide(after) {
		n.SetSoftLineBreak(false)
	}
}

// wide reports a character of Japanese text, its punctuation included.
func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x30FF || r >= 0xFF00 && r <= 0xFF60
}

const relExternal = "nofollow noopener"

// external marks a link that leaves the site.
func external(n ast.Node, to string) {
	if u, err := url.Parse(to); err == nil && u.Host != "" {
		n.SetAttributeString("rel", []byte(relExternal))
	}
}

// picture points a picture at /media/ where it is one of ours, else puts a link in its place.
func picture(p *ast.Image) {
	name := strings.TrimPrefix(strings.TrimPrefix(string(p.Destination), "/media/"), "media/")
	if _, ok := blob.ParseName(name); ok {
		p.Destination = []byte("/media/" + name)
		p.SetAttributeString("loading", []byte("lazy"))
		return
	}
	parent := p.Parent()
	if parent == nil {
		return
	}
	link := ast.NewLink()
	link.Destination = p.Destination
	external(link, string(p.Destination))
	for c := p.FirstChild(); c != nil; {
		next := c.NextSibling()
		link.AppendChild(link, c)
		c = next
	}
	if link.ChildCount() == 0 {
		link.AppendChild(link, ast.NewString(p.Destination))
	}
	parent.ReplaceChild(parent, p, link)
}
