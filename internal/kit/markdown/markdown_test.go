package markdown

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestRender(t *testing.T) {
	const name = "9f86d081884c7d659a2feaa0c55ad015.png"
	for _, c := range []struct{ name, in, want string }{
		{"headings start below the page's", "# 一\n### 二", "<h2>一</h2>\n<h4>二</h4>\n"},
		{"headings that start low are raised", "### 一\n#### 二", "<h2>一</h2>\n<h3>二</h3>\n"},
		{"lines of Japanese join without a space", "設定を\n配る", "<p>設定を配る</p>\n"},
		{"also before a link", "設定を、\n[配る](/x)", "<p>設定を、<a href=\"/x\">配る</a></p>\n"},
		{"lines of English do not", "the traffic.\n[Article](/x)\nmore", "<p>the traffic.\n<a href=\"/x\">Article</a>\nmore</p>\n"},
		{"no HTML of the author", "a<script>alert(1)</script><b onclick=x>b</b>", "<p>aalert(1)b</p>\n"},
		{"links elsewhere are marked", "[a](https://example.org/)", `<p><a href="https://example.org/" rel="nofollow noopener">a</a></p>` + "\n"},
		{"links here are not", "[a](/meetings)", `<p><a href="/meetings">a</a></p>` + "\n"},
		{"bare links are links", "https://example.org/x", `<p><a href="https://example.org/x" rel="nofollow noopener">https://example.org/x</a></p>` + "\n"},
		{"no script in a link", "[a](javascript:alert(1))", "<p>a</p>\n"},
		{"pictures of ours", "![図](" + name + ")", `<p><img src="/media/` + name + `" alt="図" loading="lazy"></p>` + "\n"},
		{"pictures of others become links", "![図](https://example.org/p.png)", `<p><a href="https://example.org/p.png" rel="nofollow noopener">図</a></p>` + "\n"},
		{"pictures without words become links", "![](http://example.org/p.png)", `<p><a href="http://example.org/p.png" rel="nofollow noopener">http://example.org/p.png</a></p>` + "\n"},
		{"nothing", " \n", ""},
		{"tables", "|a|b|\n|:-|-:|\n|1|2|", "<table tabindex=\"0\">\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th align=\"right\">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align=\"left\">1</td>\n<td align=\"right\">2</td>\n</tr>\n</tbody>\n</table>\n"},
		{"struck out", "~~a~~", "<p><del>a</del></p>\n"},
	} {
		if got := string(Render(c.in)); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
	if got := RenderUnder("## a", 3); got != "<h4>a</h4>\n" {
		t.Errorf("under an h3: %q", got)
	}
}

func TestPlain(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"# 見出し\n\n**強い** & [リンク](https://example.org/)", 50, "見出し 強い & リンク"},
		{"あいうえおかきくけこ", 5, "あいうえ…"},
		{"- a\n- b", 50, "a b"},
		{"", 5, ""},
	} {
		if got := Plain(c.in, c.n); got != c.want {
			t.Errorf("Plain(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// FuzzRender reads what was rendered as a browser would: no element, attribute or address may be there that can run.
func FuzzRender(f *testing.F) {
	for _, s := range []string{
		"# a\n[x](javascript:alert(1)) ![y](data:text/html,z)", "<img src=x onerror=alert(1)>", "[a](<java\tscript:x>)", "<https://a.example/\"onmouseover=x>",
		"|a|\n|-|\n|`<script>`|", "![a](/media/../x)", "[a]: javascript:x\n[a]", "&#106;avascript:x", "<svg/onload=x>", "![a\"onload=x](9f86d081884c7d659a2feaa0c55ad015.png)",
	} {
		f.Add(s)
	}
	elements := map[string]bool{}
	for _, e := range strings.Fields("p br hr h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong del table thead tbody tr th td a img") {
		elements[e] = true
	}
	attributes := map[string]bool{"href": true, "rel": true, "src": true, "alt": true, "align": true, "start": true, "tabindex": true, "loading": true}
	f.Fuzz(func(t *testing.T, src string) {
		z := html.NewTokenizer(strings.NewReader(string(Render(src))))
		for z.Next() != html.ErrorToken {
			tok := z.Token()
			if tok.Type != html.StartTagToken && tok.Type != html.SelfClosingTagToken {
				continue
			}
			if !elements[tok.Data] {
				t.Fatalf("element %s from %q", tok.Data, src)
			}
			for _, a := range tok.Attr {
				v := strings.ToLower(strings.TrimSpace(a.Val))
				scheme, _, has := strings.Cut(v, ":")
				safe := !has || strings.ContainsAny(scheme, "/?#") || scheme == "http" || scheme == "https" || scheme == "mailto"
				if !attributes[a.Key] || (a.Key == "href" && !safe) || (a.Key == "src" && !strings.HasPrefix(v, "/media/")) {
					t.Fatalf("attribute %s=%q from %q", a.Key, a.Val, src)
				}
			}
		}
	})
}
