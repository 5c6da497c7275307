package search_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/search"
)

var folders = []fs.FS{search.Migrations}

var noon = time.Date(2026, 2, 11, 3, 0, 0, 0, time.UTC)

func doc(key, ja, body string) search.Doc {
	return search.Doc{
		Scope: "program:x", Kind: "session", Key: key, URL: "/" + key, Title: i18n.T(ja, ""), Body: i18n.T(body, ""), At: noon,
	}
}

func replace(t testing.TB, d *db.DB, scope string, docs ...search.Doc) search.Changes {
	t.Helper()
	var c search.Changes
	if err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
		c, err = search.Replace(t.Context(), tx, scope, docs)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

func find(t testing.TB, d *db.DB, q search.Query) []string {
	t.Helper()
	res, err := search.Find(t.Context(), d, q)
	if err != nil {
		t.Fatalf("%q: %v", q.Text, err)
	}
	return keys(res)
}

func keys(res search.Result) []string {
	var out []string
	for _, h := range res.Hits {
		out = append(out, h.Key)
	}
	return out
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s finds %q, want %q", what, got, want)
	}
}

// corpus is text as programmes hold it, one doc for each way of writing that has once been missed.
var corpus = []search.Doc{
	doc("route", "経路制御の障害について", "BGPの設定を誤ると経路が漏れる。"),
	doc("rfc", "RFC7606 を読む", "エラー処理を見直す。AS 2515 と AS65000 の間で。"),
	doc("rfc2", "RFC 7606", "Revised error handling for BGP-4"),
	doc("v6", "IPv6 only の会場", "2001:db8::/32 と fe80::1。Wi-Fi 6E も。"),
	doc("flat", "フラットな網", "ﾌﾗｯﾄなデータ・センター"),
	doc("flatly", "フラッと来る", "野良BoF"),
	doc("server", "サーバー設定の自動化", "ルータの設定も。"),
	doc("server2", "サーバ設定", "キーの配布"),
	doc("tower", "スカイタワー", "ホットキー、ラーメン"),
	doc("name", "懇親会", "髙橋 﨑子、渡邊さん、第57回"),
	doc("latin", "Zürich", "a naïve café; e-mail: noc@example.ad.jp"),
}

func TestWhatIsFound(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		replace(t, d, "program:x", corpus...)
		for text, want := range map[string]string{
			"設定": "route server server2", "経路": "route", "BGP": "route rfc2", "bgp": "route rfc2", "ＢＧＰ": "route rfc2",
			"障害": "route", "経路 設定": "route", "BGP設定": "route", "設定 -サーバ": "route", "BGP -エラー": "route rfc2", "-BGP": "",
			"RFC7606": "rfc rfc2", "rfc 7606": "rfc rfc2", "RFC-7606": "rfc rfc2", "7606": "rfc rfc2", "rf": "rfc rfc2", "760": "",
			"AS2515": "rfc", "AS25": "", "BGP-4": "rfc2", "BGP4": "rfc2",
			"ipv": "v6", "IPv6": "v6", "ipv only": "v6", "IPv6 on": "v6", "2001:db8": "v6", "2001:db8::/32": "v6", "wifi": "v6", "Wi-Fi": "v6", "WiF": "v6",
			"フラット": "flat", "ﾌﾗｯﾄ": "flat", "フラッと": "flatly", "ふらっと": "", "フラッ": "flat flatly", "データセンター": "flat", "データセンタ": "flat",
			"サーバ": "server server2", "サーバー": "server server2", "サーバー設定": "server server2", "サーバ設定": "server server2", "ｻｰﾊﾞｰ": "server server2",
			"サーバの": "", "ルーター": "server", "ルータ": "server", "キー": "server2 tower", "タワー": "tower", "ラーメン": "tower",
			`"サーバ設定"`: "server2", "の": "rfc route v6 server server2", "網": "flat", "回": "name",
			"高橋": "name", "髙橋": "name", "崎": "name", "渡辺": "name", "57回": "name", `"57回"`: "name", `"第57"`: "name", `"7回"`: "",
			"zurich": "latin", "ZÜRICH": "latin", "naive cafe": "latin", "cafe naive": "latin", `"cafe naive"`: "", `"naive cafe"`: "latin", "email": "latin",
			"noc@example.ad.jp": "latin", "example": "latin", "exam": "latin",
			"": "", "。、": "", `""`: "", "*": "", "🎉": "", "OR": "", "設定 OR BGP": "", "title : BGP": "", "'": "", "設定 \x00 経路": "route",
			"経路" + strings.Repeat(" 設定", 4000): "route",
		} {
			same(t, text, find(t, d, search.Query{Text: text}), strings.Fields(want))
		}
	})
}

func TestFiltersAndOrders(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		var docs []search.Doc
		for i := range 6 {
			x := doc(fmt.Sprint("s", i), "設定", "本文")
			if i%2 == 1 {
				x.Title, x.Body = i18n.T("題", ""), i18n.T("設定", "")
			}
			x.At = noon.Add(time.Duration(i) * time.Hour)
			docs = append(docs, x)
		}
		docs[5].At = time.Time{}
		docs[4].Kind = "page"
		replace(t, d, "program:x", docs...)
		other := doc("o", "設定", "")
		other.At = noon.Add(-time.Hour)
		replace(t, d, "program:y", other)
		for _, c := range []struct {
			q    search.Query
			want string
		}{
			{search.Query{}, "s4 s3 s2 s1 s0 o s5"},
			{search.Query{Sort: search.Relevance}, "s4 s2 s0 o s3 s1 s5"},
			{search.Query{Kinds: []string{"page"}}, "s4"},
			{search.Query{Kinds: []string{"page", "session"}, Scopes: []string{"program:x"}}, "s4 s3 s2 s1 s0 s5"},
			{search.Query{Scopes: []string{"program:y", "none"}}, "o"},
			{search.Query{Scopes: []string{"program"}}, ""},
			{search.Query{Limit: 2}, "s4 s3"},
		} {
			c.q.Text = "設定"
			if got := strings.Join(find(t, d, c.q), " "); got != c.want {
				t.Errorf("%+v finds %s, want %s", c.q, got, c.want)
			}
		}
		for most, want := range map[int]int{3: 3, 100: 7} {
			if n, err := search.Count(t.Context(), d, search.Query{Text: "設定"}, most); n != want || err != nil {
				t.Error(n, err)
			}
		}
		// What is unwanted counts anywhere in a doc, not only in the passage that has the word.
		replace(t, d, "program:z", doc("far", "設定", strings.Repeat("前置き。", 600)+"遠く"))
		same(t, "設定 -遠く", find(t, d, search.Query{Text: "設定 -遠く", Scopes: []string{"program:y", "program:z"}}), []string{"o"})
		same(t, "設定 遠く", find(t, d, search.Query{Text: "設定 遠く"}), []string{"far"})
		replace(t, d, "program:z")
		if n, err := search.Count(t.Context(), d, search.Query{Text: "設定 -本文", Kinds: []string{"session"}}, 9); n != 4 || err != nil {
			t.Error(n, err)
		}
	})
}

func TestHitsHoldWhatAPageShows(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		x := search.Doc{
			Kind: "session", Key: "k", URL: "/s/k", Title: i18n.T("経路の話", "About routes"), Context: i18n.T("JANOG57", "JANOG57"),
			Words: "山田 太郎 YAMADA Taro", Body: i18n.T(strings.Repeat("前置き。", 400)+"経路を絞る。", "Filter <routes> early."), At: noon,
		}
		replace(t, d, "program:x", x)
		for _, c := range []struct {
			text    string
			lang    i18n.Lang
			title   string
			snippet string
			in      i18n.Lang
		}{
			{"経路", i18n.JA, "[経路]の話", "前置き。前置き。", i18n.JA},
			{"絞る", i18n.EN, "About routes", "前置き。前置き。前置き。経路を[絞る]。", i18n.JA},
			{"routes", i18n.EN, "About [routes]", "Filter <[routes]> early.", i18n.EN},
			{"about", i18n.JA, "経路の話", "[About] routes", i18n.EN},
			{"山田", i18n.EN, "About routes", "[山田] 太郎 YAMADA Taro", i18n.JA},
		} {
			res, err := search.Find(t.Context(), d, search.Query{Text: c.text, Lang: c.lang})
			if err != nil || len(res.Hits) != 1 || res.Next != "" {
				t.Fatal(c.text, res, err)
			}
			h := res.Hits[0]
			if h.Kind != "session" || h.Key != "k" || h.URL != "/s/k" || !h.At.Equal(noon) || h.TitleLang != c.lang || search.Plain(h.Context) != "JANOG57" {
				t.Errorf("%s: %+v", c.text, h)
			}
			if show(h.Title) != c.title || !strings.Contains(show(h.Snippet), c.snippet) || h.SnippetLang != c.in {
				t.Errorf("%s: %s: %s (%s)", c.text, show(h.Title), show(h.Snippet), h.SnippetLang)
			}
		}
	})
}

func show(ps []search.Piece) string {
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

func TestReplaceWritesTheDifferenceOnly(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		long := strings.Repeat("経路制御の設定について話します。", 200)
		docs := append([]search.Doc{}, corpus...)
		docs = append(docs, doc("long", "長い話", long))
		step := func(docs []search.Doc, want search.Changes, atMost int64) {
			t.Helper()
			ctx, n := db.Counted(t.Context())
			var c search.Changes
			if err := d.Write(ctx, func(tx *db.Tx) (err error) {
				c, err = search.Replace(ctx, tx, "program:x", docs)
				return err
			}); err != nil || c != want || n.Load() > atMost {
				t.Errorf("%+v in %d statements, %v; want %+v in at most %d", c, n.Load(), err, want, atMost)
			}
		}
		step(docs, search.Changes{Added: len(docs)}, 100)
		step(docs, search.Changes{}, 1)
		docs[11].Body.JA = long + "付け足し。"
		step(docs, search.Changes{Changed: 1}, 6) // read, doc, hashes, and one passage: away, text, tokens
		docs[11].URL = "/elsewhere"
		step(docs, search.Changes{Changed: 1}, 3)
		docs[11].At = noon.Add(time.Second)
		step(docs, search.Changes{Changed: 1}, 3)
		docs[11].At = noon.Add(time.Hour)
		step(docs, search.Changes{Changed: 1}, 30)
		same(t, "長い話", find(t, d, search.Query{Text: "長い話"}), []string{"long"})
		same(t, "付け足し", find(t, d, search.Query{Text: "付け足し"}), []string{"long"})
		docs[11].Body.JA = "短い。"
		step(docs, search.Changes{Changed: 1}, 30)
		same(t, "付け足し", find(t, d, search.Query{Text: "付け足し"}), nil)
		step(docs[1:], search.Changes{Removed: 1}, 5)
		same(t, "障害", find(t, d, search.Query{Text: "障害"}), nil)
		moved := docs[1]
		if c := replace(t, d, "program:y", moved); c.Changed != 1 {
			t.Error(c)
		}
		same(t, "moved", find(t, d, search.Query{Text: "7606", Scopes: []string{"program:x"}}), []string{"rfc2"})
		step(nil, search.Changes{Removed: len(docs) - 2}, 1000)
		same(t, "all", find(t, d, search.Query{Text: "設定"}), nil)
		same(t, "the other scope", find(t, d, search.Query{Text: "7606"}), []string{"rfc"})
	})
}

func TestRebuildMakesTheIndexAgain(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		docs := randomDocs(11, 450)
		replace(t, d, "a", docs...)
		replace(t, d, "program:x", corpus...)
		ask := func() (out [][]search.Hit) {
			for _, text := range []string{"設定", "bgp", "サーバー設定", "wifi -rfc"} {
				res, err := search.Find(t.Context(), d, search.Query{Text: text, Limit: 100, Scopes: []string{"a"}})
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, res.Hits)
			}
			return out
		}
		before := ask()
		for _, spoil := range []string{"", "DELETE FROM search_index"} {
			if err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
				if spoil != "" {
					_, err = tx.Exec(t.Context(), spoil)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if found := find(t, d, search.Query{Text: "設定"}); (spoil != "") != (len(found) == 0) {
				t.Errorf("after %q: %d found", spoil, len(found))
			}
			if err := search.Rebuild(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, ask()); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func TestPutDeleteAndFailure(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		put := func(x search.Doc) (changed bool, err error) {
			err = d.Write(ctx, func(tx *db.Tx) (err error) { changed, err = search.Put(ctx, tx, x); return err })
			return changed, err
		}
		if c, err := put(corpus[0]); !c || err != nil {
			t.Fatal(c, err)
		}
		if c, err := put(corpus[0]); c || err != nil {
			t.Fatal(c, err)
		}
		undo := errors.New("undo")
		err := d.Write(ctx, func(tx *db.Tx) error {
			if _, err := search.Put(ctx, tx, corpus[1]); err != nil {
				return err
			}
			if err := search.Delete(ctx, tx, "session", "route"); err != nil {
				return err
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		same(t, "after undo", find(t, d, search.Query{Text: "障害"}), []string{"route"})
		same(t, "after undo", find(t, d, search.Query{Text: "7606"}), nil)
		for range 2 {
			if err := d.Write(ctx, func(tx *db.Tx) error { return search.Delete(ctx, tx, "session", "route") }); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "after delete", find(t, d, search.Query{Text: "障害"}), nil)
		for _, bad := range []search.Doc{{Kind: "k", Key: "k"}, {Scope: "s", Kind: "k", Key: strings.Repeat("k", 1001)}, {Scope: "s", Kind: "k\x00", Key: "k"}} {
			if _, err := put(bad); err == nil {
				t.Errorf("%+v was taken", bad)
			}
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := search.Replace(ctx, tx, "s", []search.Doc{corpus[0], corpus[0]})
			return err
		}); err == nil {
			t.Error("a doc was taken twice")
		}
		nasty := doc("nasty", "題\x00\xff'; DROP TABLE search_doc; --", "'a':1 & !b \\ \" \x1f")
		if _, err := put(nasty); err != nil {
			t.Fatal(err)
		}
		same(t, "nasty", find(t, d, search.Query{Text: "drop table 題"}), []string{"nasty"})
	})
}

func TestConcurrentPutsOfOneDoc(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		done := make(chan error)
		for i := range 8 {
			go func() {
				done <- d.Write(ctx, func(tx *db.Tx) error {
					_, err := search.Put(ctx, tx, doc("one", fmt.Sprintf("題 number%d", i%10), strings.Repeat("本文。", 500)))
					return err
				})
			}()
		}
		for range 8 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		found := 0
		for i := range 8 {
			found += len(find(t, d, search.Query{Text: fmt.Sprint("number", i)}))
		}
		if found != 1 {
			t.Errorf("%d of 8 versions are found, want the last alone", found)
		}
	})
}

func TestCursorsAreChecked(t *testing.T) {
	d := dbtest.SQLite(t, folders...)
	for _, after := range []string{"0", "x", "1abc", "0zzzzzzzzzzzzzz", "0-1", "0' OR 1=1", "00", "\x00"} {
		_, err := search.Find(t.Context(), d, search.Query{Text: "a", After: after})
		if valid := after == "00"; valid != (err == nil) || !valid && !errors.Is(err, search.ErrCursor) {
			t.Errorf("%q: %v", after, err)
		}
	}
}

// words are what the random texts below are made of: few, so that queries find something.
var words = []string{
	"BGP", "bgp", "RFC7606", "rfc", "7606", "Wi-Fi", "wifi", "設定", "経路", "経路設定", "サーバー", "サーバ", "サーバー設定", "フラッと", "の", "路",
	"IPv6", "ip", "v6", "、", "。", " ", " ", "\n", "-", "・", "é", "x",
}

func sentence(r *rand.Rand, n int) string {
	var b strings.Builder
	for range r.IntN(n) {
		b.WriteString(words[r.IntN(len(words))])
	}
	return b.String()
}

// randomDocs makes n docs, some long, in two languages, with few different times.
func randomDocs(seed uint64, n int) []search.Doc {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]search.Doc, n)
	for i := range out {
		most := 30
		if i%10 == 0 {
			most = 1500
		}
		out[i] = search.Doc{
			Kind: []string{"session", "page"}[r.IntN(2)], Key: fmt.Sprint("k", i), Title: i18n.T(sentence(r, 4), sentence(r, 3)),
			Words: sentence(r, 2), Body: i18n.T(sentence(r, most), sentence(r, 10)), At: noon.Add(time.Duration(r.IntN(5)) * time.Hour),
		}
	}
	return out
}

// TestEnginesAgree asks both engines the same random questions and wants the same hits in the same order, each doc once.
func TestEnginesAgree(t *testing.T) {
	docs := randomDocs(7, 200)
	lite, post := dbtest.SQLite(t, folders...), dbtest.Postgres(t, folders...)
	replace(t, lite, "a", docs...)
	replace(t, post, "a", docs...)
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom(append([]string{`"`, " -", " ", "  "}, words...)), 1, 5).Draw(t, "text")
		q := search.Query{
			Text: strings.Join(parts, ""), Limit: rapid.IntRange(1, 30).Draw(t, "limit"),
			Sort: search.Sort(rapid.IntRange(0, 1).Draw(t, "sort")), Lang: rapid.SampledFrom(i18n.Langs).Draw(t, "lang"),
		}
		if rapid.Bool().Draw(t, "filtered") {
			q.Kinds = []string{"page"}
		}
		a, b := walk(t, lite, q), walk(t, post, q)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("%q: SQLite and PostgreSQL differ:\n%s", q.Text, diff)
		}
		seen := map[string]bool{}
		for _, h := range a {
			if seen[h.Key] {
				t.Fatalf("%q: %s is found twice", q.Text, h.Key)
			}
			seen[h.Key] = true
		}
		n, err := search.Count(context.Background(), lite, q, 1000)
		if err != nil || n != len(a) {
			t.Fatalf("%q: %d counted, %d found, %v", q.Text, n, len(a), err)
		}
	})
}

func walk(t *rapid.T, d *db.DB, q search.Query) []search.Hit {
	var out []search.Hit
	for {
		res, err := search.Find(context.Background(), d, q)
		if err != nil {
			t.Fatalf("%q: %v", q.Text, err)
		}
		if len(res.Hits) > q.Limit || res.Next != "" && len(res.Hits) < q.Limit {
			t.Fatalf("%q: a page of %d, next %q", q.Text, len(res.Hits), res.Next)
		}
		out = append(out, res.Hits...)
		if q.After = res.Next; q.After == "" {
			return out
		}
	}
}

// TestPartsOfTextAreFound takes any part of a Japanese run and wants its doc among what is found.
func TestPartsOfTextAreFound(t *testing.T) {
	d := dbtest.SQLite(t, folders...)
	const run = "東西相互接続網障害経路制御設定自動化運用監視計測"
	replace(t, d, "a", doc("a", "題", strings.Repeat("前", 990)+run+"。"+strings.Repeat("後", 3000)))
	rapid.Check(t, func(t *rapid.T) {
		rs := []rune(run)
		from := rapid.IntRange(0, len(rs)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, min(len(rs), from+16)).Draw(t, "to")
		res, err := search.Find(context.Background(), d, search.Query{Text: string(rs[from:to])})
		if err != nil || len(res.Hits) != 1 {
			t.Fatalf("%s: %v, %v", string(rs[from:to]), res, err)
		}
		if !strings.Contains(show(res.Hits[0].Snippet), "["+string(rs[from:to])+"]") {
			t.Fatalf("%s is not marked in %s", string(rs[from:to]), show(res.Hits[0].Snippet))
		}
	})
}

func TestFindTakesTwoStatements(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		for _, n := range []int{10, 300} {
			replace(t, d, "a", randomDocs(3, n)...)
			for sort, want := range map[search.Sort]int64{search.Newest: 2, search.Relevance: 3} {
				ctx, count := db.Counted(t.Context())
				if _, err := search.Find(ctx, d, search.Query{Text: "サーバー設定", Sort: sort, Limit: 100}); err != nil || count.Load() != want {
					t.Errorf("%d docs: %d statements, %v", n, count.Load(), err)
				}
			}
		}
	})
}
