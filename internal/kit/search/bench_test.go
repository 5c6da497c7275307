package search_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/search"
)

// benchDocs is how many docs the benchmarks search: TSUDOI_SEARCH_DOCS, or 20,000. The budget is for 100,000.
func benchDocs() int {
	if n, err := strconv.Atoi(os.Getenv("TSUDOI_SEARCH_DOCS")); err == nil {
		return n
	}
	return 20_000
}

// letterDocs makes docs of one passage of about 400 characters. Words are drawn unevenly, as in real text: the first of these
// stand in most docs, the last in few.
func letterDocs(n int) []search.Doc {
	common := strings.Fields("の について BGP 経路 設定 ネットワーク 障害 IPv6 運用 サーバー JANOG の話 internet routing を 自動化 監視 相互接続 RPKI Wi-Fi")
	r := rand.New(rand.NewPCG(1, 2))
	pick := func() string {
		i := int(r.ExpFloat64() * 8)
		if i < len(common) {
			return common[i]
		}
		return fmt.Sprintf("%c%c%d", rune(0x4E00+r.IntN(3000)), rune(0x4E00+r.IntN(3000)), r.IntN(5000))
	}
	out := make([]search.Doc, n)
	for i := range out {
		var b strings.Builder
		for range 70 {
			b.WriteString(pick())
			if r.IntN(4) == 0 {
				b.WriteString("。")
			}
		}
		out[i] = search.Doc{
			Scope: fmt.Sprint("list:", i%50), Kind: "message", Key: strconv.Itoa(i), Title: i18n.T(pick()+pick(), ""),
			Body: i18n.T(b.String(), ""), At: noon.Add(-time.Duration(i) * 37 * time.Minute),
		}
	}
	return out
}

func fill(b *testing.B, d *db.DB, docs []search.Doc) {
	b.Helper()
	for part := range slices.Chunk(docs, 500) {
		if err := d.Write(b.Context(), func(tx *db.Tx) error {
			for _, x := range part {
				if _, err := search.Put(b.Context(), tx, x); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
}

var questions = map[string]search.Query{
	"common":    {Text: "BGP"},
	"japanese":  {Text: "設定"},
	"two":       {Text: "経路 設定"},
	"phrase":    {Text: `"経路設定"`},
	"char":      {Text: "の"},
	"prefix":    {Text: "int"},
	"rare":      {Text: "相互接続 RPKI 自動化 監視"},
	"none":      {Text: "見付からない"},
	"minus":     {Text: "BGP -設定"},
	"scope":     {Text: "設定", Scopes: []string{"list:7"}},
	"relevance": {Text: "設定", Sort: search.Relevance},
	"deep":      {Text: "設定", Limit: 100},
}

// BenchmarkFind reports the 95th percentile of each question; the budget is 50 ms over 100,000 passages.
func BenchmarkFind(b *testing.B) {
	docs := letterDocs(benchDocs())
	for engine, open := range map[string]func() *db.DB{
		"sqlite":   func() *db.DB { return dbtest.SQLite(b, folders...) },
		"postgres": func() *db.DB { return dbtest.Postgres(b, folders...) },
	} {
		d := open()
		fill(b, d, docs)
		if d.Engine() == db.Postgres {
			if err := d.Write(b.Context(), func(tx *db.Tx) error { _, err := tx.Exec(b.Context(), "ANALYZE"); return err }); err != nil {
				b.Fatal(err)
			}
		}
		for name, q := range questions {
			b.Run(engine+"/"+name, func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					start := time.Now()
					if _, err := search.Find(b.Context(), d, q); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(start))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			})
		}
	}
}

// BenchmarkReplace writes 1,000 docs, and then finds out again and again that one of them has changed.
func BenchmarkReplace(b *testing.B) {
	docs := letterDocs(1000)
	d := dbtest.SQLite(b, folders...)
	write := func(scope string) {
		if err := d.Write(b.Context(), func(tx *db.Tx) error {
			_, err := search.Replace(b.Context(), tx, scope, docs)
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("all", func(b *testing.B) {
		i := 0
		for b.Loop() {
			write(fmt.Sprint("scope", i))
			i++
		}
		b.ReportMetric(float64(len(docs)*b.N)/b.Elapsed().Seconds(), "docs/s")
	})
	b.Run("one", func(b *testing.B) {
		i := 0
		for b.Loop() {
			docs[500].Body = i18n.T(fmt.Sprint("変更 ", i), "")
			write("scope")
			i++
		}
	})
}
