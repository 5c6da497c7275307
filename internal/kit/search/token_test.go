package search

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// shape writes the tokens of a text readably: words as they are, characters in their places, / between words that are one.
func shape(s string) string {
	var out []string
	for _, u := range units(fold(s)) {
		var b strings.Builder
		if u.glued {
			b.WriteByte('/')
		}
		for _, c := range u.chars {
			b.WriteRune(c.r)
		}
		out = append(out, b.String())
	}
	return strings.Join(out, " ")
}

func TestFoldingAndUnits(t *testing.T) {
	for in, want := range map[string]string{
		"RFC7606":                "rfc /7606",
		"ＲＦＣ－７６０６":               "rfc /7606",
		"2001:db8::/32":          "2001 /db /8 /32",
		"10.0.0.0/8":             "10 /0 /0 /0 /8",
		"TCP/IP":                 "tcp ip",
		"BGP-4、AS2515":           "bgp /4 as /2515",
		"noc@example.ad.jp":      "noc /example /ad /jp",
		"Wi-Fi it’s":             "wi /fi it /s",
		"a - b, c":               "a b c",
		"Zürich ＣＡＦＥ\u0301 Łódź": "zurich cafe łodz",
		"İstanbul straße ﬁber":   "istanbul strasse fiber",
		"ﾌﾗｯﾄ ﾃﾞｰﾀ":              "フラット データ",
		"フラッと":                   "フラッと",
		"JANOG57会場":              "janog /57 会場",
		"設定・経路":                  "設定 経路",
		"ネットワーク・オペレーター":           "ネットワークオペレーター",
		"ﾈｯﾄﾜｰｸ･ｵﾍﾟﾚｰﾀｰ":          "ネットワークオペレーター",
		"サ－バ サ―バ サーーバ サ〜バ サｰﾊﾞ":   "サーバ サーバ サーバ サーバ サーバ",
		"12〜13 東京〜大阪 BGPー4 ー":     "12 13 東京 大阪 bgp 4",
		"髙橋 﨑山 渡邊 茅ヶ崎":            "高橋 崎山 渡辺 茅ケ崎",
		"龍\U000E0100馬 so\u00ADft": "龍馬 soft",
		"①㈱㌔":                     "1 株 キロ",
		"第57回":                    "第 57 回",
		"Привет ЙОД":              "привет йод",
		"🎉 !? ":                   "",
		"\xff\xfeBGP\xc3":         "bgp",
	} {
		if got := shape(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestTokensAreOpaqueAndDistinct(t *testing.T) {
	seen := map[string]string{}
	for _, w := range []string{"a", "z", "zz", "az", "z0000", "y", "0", "ab", "б", "łodz", "lodz", "zo", "o"} {
		k := word(wordToken, fold(w))
		if old, dup := seen[k]; dup {
			t.Errorf("%q and %q are both %s", w, old, k)
		}
		seen[k] = w
	}
	if !strings.HasPrefix(word(wordToken, fold("smørrebrød")), word(wordToken, fold("smør"))) {
		t.Error("the start of a word is not the start of its token")
	}
}

func TestSpellings(t *testing.T) {
	for in, want := range map[string][]string{
		"サーバー":    {"サーバ"},
		"サーバ":     {"サーバ"},
		"キー":      {"キー"},
		"サーバー設定":  {"サーバー設定", "サーバ設定"},
		"サーバの設定":  {"サーバの設定", "サーバーの設定"},
		"公開キーの設定": {"公開キーの設定"},
	} {
		var got []string
		for _, cs := range spellings(fold(in)) {
			var b strings.Builder
			for _, c := range cs {
				b.WriteRune(c.r)
			}
			got = append(got, b.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	if n := len(spellings(fold(strings.Repeat("サーバー設定", 20)))); n != 8 {
		t.Errorf("%d spellings of a long run, want 8", n)
	}
}

func TestQuotesAndMinus(t *testing.T) {
	for in, want := range map[string][2]int{
		`BGP 設定`: {2, 0}, `"BGP 設定"`: {1, 0}, `“BGP 設定” x`: {2, 0}, `BGP -設定`: {1, 1}, `BGP -"設定 変更"`: {1, 1}, `BGP-4`: {1, 0},
		`-`: {0, 0}, `- x`: {1, 0}, `"`: {0, 0}, `"設定`: {1, 0}, `""`: {0, 0}, `設定　BGP`: {2, 0}, `BGP設定`: {2, 0}, `a－b －c`: {1, 1},
		strings.Repeat("x y ", 5000): {16, 0},
	} {
		if q := parse(in); len(q.want) != want[0] || len(q.not) != want[1] {
			t.Errorf("%.20q: %d wanted, %d not; want %v", in, len(q.want), len(q.not), want)
		}
	}
}

func TestCutCoversEverything(t *testing.T) {
	for name, s := range map[string]string{
		"sentences": strings.Repeat("経路制御の設定について話します。", 300),
		"unbroken":  strings.Repeat("経路制御の設定についてABC", 300),
		"repeated":  strings.Repeat("あ", 2500),
		"english":   strings.Repeat("Routing security matters. ", 200),
		"lines":     strings.Repeat(strings.Repeat("x", 80)+"\n", 60),
	} {
		ps := cut(clean(s, 0))
		var all strings.Builder
		for _, p := range ps {
			if n := utf8.RuneCountInString(p); n > maxPassage || n == 0 || tooOften(p) {
				t.Errorf("%s: a passage of %d characters", name, n)
			}
			all.WriteString(p)
		}
		if strip := strings.NewReplacer(" ", "", "\n", "").Replace; len(strip(all.String())) < len(strip(s)) {
			t.Errorf("%s: lost text: %d of %d bytes", name, all.Len(), len(s))
		}
		if len(ps) < 3 || len(ps) > 40 {
			t.Errorf("%s: %d passages", name, len(ps))
		}
	}
	if n := len(cut(strings.Repeat("経路。", 400_000))); n != maxPassages {
		t.Errorf("%d passages of a long text", n)
	}
}

func TestSnippetShowsWhatWasFound(t *testing.T) {
	body := strings.Repeat("はじめの話がここに長く続きます。", 40) + "ここで経路の設定とBGPを扱う。" + strings.Repeat("そのあとも長く続きます。", 40)
	ps := snippetOf(body, parse("BGP 設定"))
	var hits []string
	for _, p := range ps {
		if p.Hit {
			hits = append(hits, p.Text)
		}
	}
	if !slices.Equal(hits, []string{"設定", "BGP"}) || ps[0].Text != "…" || ps[len(ps)-1].Text != "…" {
		t.Errorf("%+v", ps)
	}
	if n := utf8.RuneCountInString(Plain(ps)); n < 60 || n > 110 {
		t.Errorf("%d characters: %s", n, Plain(ps))
	}
	for text, want := range map[string]string{
		"ﾃﾞｰﾀｾﾝﾀｰの話": "[ﾃﾞｰﾀ]ｾﾝﾀｰの話", "データの話": "[データ]の話",
	} {
		if got := brackets(Highlight(text, "データ")); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, c := range [][3]string{
		{"Ünïcode BGP-4 and Wi-Fi", "bgp4 wifi unicode", "[Ünïcode] [BGP-4] and [Wi-Fi]"},
		{"第57回と回線", "回", "第57[回]と[回]線"},
		{"第57回大会", `"57回"`, "第[57回]大会"},
		{"IPv6, ipv4", "ipv", "[IPv]6, [ipv]4"},
		{"サーバー", "サーバ", "[サーバ]ー"},
		{"<script>", "script", "<[script]>"},
	} {
		if got := brackets(Highlight(c[0], c[1])); got != c[2] {
			t.Errorf("%s in %s: %s, want %s", c[1], c[0], got, c[2])
		}
	}
}

func brackets(ps []Piece) string {
	var b strings.Builder
	for _, p := range ps {
		if p.Hit {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

var opaque = regexp.MustCompile(`^[a-z0-9]+$`)

// FuzzTokens: whatever the text, tokens are opaque and stand where they say, cutting and highlighting lose nothing, and an expression
// holds nothing but tokens and its own grammar.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{
		"RFC7606 と ﾃﾞｰﾀｾﾝﾀｰ", `"a" OR b NEAR(c) *`, "'; DROP TABLE x; --", "{title} : x", "a\x00b\xff", "e\u0301\u0301", "ー・〜-~", "\"-",
		"ﷺ ㌀", "\u1100\u1161\u11a8", "Å\u030A", "‘x’:*A & !y",
	} {
		f.Add(s)
	}
	fts := regexp.MustCompile(`^(\{title\} : |[()]| AND | OR | NOT |"[a-z0-9 ]+"( \*)?)*$`)
	ts := regexp.MustCompile(`^([()]| & | \| | & !| <-> |'[a-z0-9]+'(:\*?A?)?)*$`)
	f.Fuzz(func(t *testing.T, s string) {
		us := units(fold(s))
		for _, k := range append(ordered(us), loose(us)...) {
			if !opaque.MatchString(k.text) || k.from < 0 || k.from >= k.to || k.to > len(s) {
				t.Fatalf("%+v of %q", k, s)
			}
		}
		q := parse(s)
		for _, tr := range []tier{everywhere, inTitle, notAllTitle} {
			if e := grammarOf("sqlite").match(q, tr, Query{Kinds: []string{s}}); len(q.want) > 0 && !fts.MatchString(e) {
				t.Fatalf("%q becomes %s", s, e)
			}
			if e := grammarOf("postgres").match(q, tr, Query{Scopes: []string{s}}); len(q.want) > 0 && !ts.MatchString(e) {
				t.Fatalf("%q becomes %s", s, e)
			}
		}
		if got := Plain(Highlight(s, s)); got != s {
			t.Fatalf("%q became %q", s, got)
		}
		c := clean(s, 0)
		if !utf8.ValidString(c) || strings.ContainsRune(c, 0) || clean(c, 0) != c {
			t.Fatalf("%q is cleaned to %q", s, c)
		}
		snippetOf(c, q)
		cut(strings.Repeat(c, 50))
	})
}
