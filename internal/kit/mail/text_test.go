package mail

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

func TestLinksEndWhereAddressesDo(t *testing.T) {
	for text, want := range map[string]string{ // the addresses that become links
		"https://example.org":                          "https://example.org",
		"See https://example.org/a?b=c&d=e#f.":         "https://example.org/a?b=c&d=e#f",
		"（https://example.org/a）をご覧ください":               "https://example.org/a",
		"「https://example.org/路」":                      "https://example.org/",
		"(http://example.org/x), or https://e.org/y!":  "http://example.org/x https://e.org/y",
		"<https://example.org/z>":                      "https://example.org/z",
		"https://example.org/\"onclick=\"x":            "https://example.org/",
		"javascript:alert(1) ftp://example.org http:/": "",
		"http://": "",
	} {
		var got []string
		for tok := html.NewTokenizer(strings.NewReader(linked(text))); tok.Next() != html.ErrorToken; {
			if token := tok.Token(); token.Data == "a" && token.Type == html.StartTagToken {
				got = append(got, token.Attr[0].Val)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzHTML: whatever a letter says, its HTML holds no tags but those we write, and says the same as the text.
func FuzzHTML(f *testing.F) {
	for _, s := range []string{"a\n\nb", "<script>alert(1)</script>", "https://example.org/?a=\"><b", "&lt;&#60;", "a\r\rb\x00c", "https://http://x", "　\n \n\t"} {
		f.Add(s)
	}
	tags := map[string]bool{"p": true, "br": true, "a": true, "div": true, "hr": true}
	f.Fuzz(func(t *testing.T, s string) {
		var text strings.Builder
		tok := html.NewTokenizer(strings.NewReader(fragment(i18n.T(s, s), i18n.JA)))
		for tok.Next() != html.ErrorToken {
			switch token := tok.Token(); token.Type {
			case html.TextToken:
				text.WriteString(token.Data)
			case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
				if !tags[token.Data] {
					t.Fatalf("%q makes a tag: %s", s, token)
				}
				for _, a := range token.Attr {
					if a.Key == "lang" || a.Key == "href" && (strings.HasPrefix(a.Val, "http://") || strings.HasPrefix(a.Val, "https://")) {
						continue
					}
					t.Fatalf("%q makes an attribute: %s", s, token)
				}
			default:
				t.Fatalf("%q makes %s", s, token)
			}
		}
		bare := func(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "\ufffd")), "") }
		if want := bare(tidy(s)); strings.Count(bare(text.String()), want) < 2 && want != "" {
			t.Fatalf("%q is not what the HTML says: %q", s, text.String())
		}
	})
}
