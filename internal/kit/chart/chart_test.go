package chart

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

var update = flag.Bool("update", false, "write the drawings of testdata anew")

func words(t testing.TB, l i18n.Lang) Words {
	t.Helper()
	w, err := i18n.NewWords(Files)
	if err != nil {
		t.Fatal(err)
	}
	return func(key string, args ...any) string { return w.Say(l, key, args...) }
}

// hours are n points in time.
func hours(n int) (labels []string, values []float64) {
	for i := range n {
		labels = append(labels, fmt.Sprintf("%d時間", i))
		values = append(values, math.Round(900*(1-math.Exp(-float64(i)/float64(n)*4))))
	}
	return labels, values
}

// samples are the charts of the goldens: each kind, and each state that a chart can be in.
func samples() []Chart {
	long, grown := hours(3000)
	short, few := hours(30)
	days := []string{"1月12日（月）", "1月13日（火）", "1月14日（水）", "1月15日（木）", "1月16日（金）"}
	var many []string
	for i := range 3000 {
		many = append(many, fmt.Sprintf("組織 %d", i+1))
	}
	return []Chart{
		{ID: "bars", Kind: Bars, Title: "参加の形ごと", Of: "形", Unit: "人", Labels: []string{"現地", "オンライン", "学生"}, Series: []Series{{"", Ints(1234, 567, 0)}}, N: 1801},
		{ID: "long", Kind: Bars, Title: "何を見て知りましたか", Of: "答え", Unit: "人", N: 120, Share: true, Labels: []string{
			"所属している会社や団体の、上司または同僚に勧められて、参加することになった。また、その会社では毎年参加しているので、今年も来た",
			"Mailing list of an operators' group of another country, forwarded by a colleague who attended before", "その他"}, Series: []Series{{"", Ints(80, 33, 7)}}},
		{ID: "grouped", Kind: Bars, Title: "日ごと、現地とオンライン", Of: "日", Unit: "人", Labels: days[:3], Series: []Series{{"現地", Ints(620, 710, 540)}, {"オンライン", Ints(301, 280, 333)}}},
		{ID: "stacked", Kind: Stacked, Title: "オプションの枠", Of: "オプション", Unit: "人", Labels: []string{"懇親会", "NOC見学 1回目", "昼食"}, Series: []Series{
			{"確定", Ints(180, 30, 210)}, {"案内中", Ints(12, 0, 4)}, {"キャンセル待ち", Ints(48, 9, 0)}}},
		{ID: "columns", Kind: Columns, Title: "日ごとの申込", Of: "日", Unit: "件", Labels: days, Series: []Series{{"", Ints(412, 98, 51, 0, 77)}}, Wide: true},
		{ID: "lines", Kind: Lines, Title: "受付開始からの申込数", Of: "受付開始から", Unit: "人", Labels: short, Wide: true,
			Series: []Series{{"今回", few[:12]}, {"前回", scaled(few, 0.8)}, {"前々回", append([]float64{Missing(), Missing()}, few[2:]...)}}},
		{ID: "shares", Kind: Shares, Title: "年代", Of: "年代", Unit: "人", N: 240, Labels: []string{"20代", "30代", "40代", "50代", "60歳以上", "答えない"}, Series: []Series{{"", Ints(31, 70, 82, 40, 12, 5)}}},
		{ID: "negative", Kind: Bars, Title: "前回との差", Of: "日", Unit: "人", Labels: days[:3], Series: []Series{{"", Ints(-120, 35, -3)}}},
		{ID: "none", Kind: Bars, Title: "まだない", Of: "形", Unit: "人"},
		{ID: "one", Kind: Lines, Title: "一つだけ", Of: "日", Unit: "人", Labels: days[:1], Series: []Series{{"", Ints(7)}}},
		{ID: "rates", Kind: Columns, Title: "平均点 <b>&", Of: "日", Labels: days, Series: []Series{{"", []float64{4.25, 3.5, Missing(), 4.75, 5}}}},
		{ID: "many", Kind: Bars, Title: "組織ごと", Of: "組織", Unit: "人", Labels: many, Series: []Series{{"", make([]float64, 3000)}}},
		{ID: "steps", Kind: Lines, Title: "三千時間", Of: "時間", Unit: "人", Labels: long, Series: []Series{{"", grown}}, Wide: true},
	}
}

func scaled(v []float64, by float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = math.Round(v[i] * by)
	}
	return out
}

func TestSVG_goldens(t *testing.T) {
	say := words(t, i18n.JA)
	for _, c := range samples() {
		f := New(c, say)
		for name, got := range map[string]template.HTML{c.ID: f.Narrow, c.ID + "-wide": f.Wide} {
			if got == "" {
				continue
			}
			file := filepath.Join("testdata", name+".svg")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s is drawn differently; look at it and run with -update\n%s", name, diff)
			}
		}
	}
}

// TestSVG_isWellFormedAndStrict: what the content security policy forbids is in no drawing, every reference leads somewhere, and every
// text a person wrote is escaped.
func TestSVG_isWellFormedAndStrict(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)style|<script|\son\w+=|href`)
	ids, refs := regexp.MustCompile(` id="([^"]+)"`), regexp.MustCompile(`url\(#([^)]+)\)|aria-(?:labelledby|describedby)="([^"]+)"`)
	for _, c := range samples() {
		f := New(c, words(t, i18n.EN))
		for _, s := range []string{string(f.Narrow), string(f.Wide)} {
			d := xml.NewDecoder(strings.NewReader(s))
			for {
				_, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s: %v", c.ID, err)
				}
			}
			if m := forbidden.FindString(s); m != "" {
				t.Errorf("%s contains %q", c.ID, m)
			}
			have := map[string]bool{}
			for _, m := range ids.FindAllStringSubmatch(s, -1) {
				if have[m[1]] {
					t.Errorf("%s: the id %s stands twice", c.ID, m[1])
				}
				have[m[1]] = true
			}
			for _, m := range refs.FindAllStringSubmatch(s, -1) {
				if !have[m[1]+m[2]] {
					t.Errorf("%s: nothing is named %s", c.ID, m[1]+m[2])
				}
			}
		}
	}
}

// TestLay_staysOnItsSheet: whatever is drawn, no mark and no text leaves the sheet, no bar is longer than its value, and it is the same twice.
func TestLay_staysOnItsSheet(t *testing.T) {
	say := words(t, i18n.JA)
	letters := rapid.StringOfN(rapid.SampledFrom([]rune("あ漢aW1 、（）ｱー😀")), 0, 60, -1)
	rapid.Check(t, func(t *rapid.T) {
		c := Chart{ID: "x", Kind: rapid.SampledFrom([]Kind{Bars, Stacked, Columns, Lines, Shares, "odd"}).Draw(t, "kind"), Unit: "人", Share: rapid.Bool().Draw(t, "share")}
		c.Labels = rapid.SliceOfN(letters, 0, 60).Draw(t, "labels")
		low := rapid.SampledFrom([]float64{0, 0, -1e5}).Draw(t, "low")
		for range rapid.IntRange(0, 10).Draw(t, "series") {
			v := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 {
				return rapid.SampledFrom([]float64{0, 1, Missing(), math.Inf(1), rapid.Float64Range(low, 1e6).Draw(t, "v")}).Draw(t, "of")
			}), 0, 70).Draw(t, "values")
			c.Series = append(c.Series, Series{letters.Draw(t, "name"), v})
		}
		for _, width := range []float64{NarrowWidth, WideWidth} {
			d := Lay(c, width, say)
			for _, m := range d.Marks {
				inside(t, d, m)
			}
			if SVG(d, "x") != SVG(Lay(c, width, say), "x") {
				t.Fatal("drawn differently the second time")
			}
		}
	})
}

func inside(t *rapid.T, d Drawing, m Mark) {
	left, right, top, bottom := m.X, m.X+m.W, m.Y, m.Y+m.H
	switch {
	case m.Shape == Path:
		for _, p := range m.Points {
			if !(p.X >= -0.01 && p.X <= d.Width+0.01 && p.Y >= 0 && p.Y <= d.Height) {
				t.Fatalf("%+v leaves %v x %v", m, d.Width, d.Height)
			}
		}
		return
	case m.Shape == Label && m.Anchor == End:
		left, right = m.X-em(m.Text)*m.Size, m.X
	case m.Shape == Label && m.Anchor == Middle:
		left, right = m.X-em(m.Text)*m.Size/2, m.X+em(m.Text)*m.Size/2
	case m.Shape == Label:
		right = m.X + em(m.Text)*m.Size
	}
	if !(left >= -8 && right <= d.Width+8 && top >= -1 && bottom <= d.Height+1) {
		t.Fatalf("%+v leaves %v x %v", m, d.Width, d.Height)
	}
}

// TestLay_barsAreAsLongAsTheirValues: twice the value is twice the length, from zero.
func TestLay_barsAreAsLongAsTheirValues(t *testing.T) {
	for _, kind := range []Kind{Bars, Stacked, Columns} {
		d := Lay(Chart{Kind: kind, Labels: []string{"a", "b"}, Series: []Series{{"", Ints(1000, 2000)}}}, NarrowWidth, words(t, i18n.EN))
		var long []float64
		for _, m := range d.Marks {
			if m.Shape == Rect {
				long = append(long, map[Kind]float64{Bars: m.W, Stacked: m.W + 1, Columns: m.H}[kind])
			}
		}
		if len(long) != 2 || math.Abs(long[1]-2*long[0]) > 0.01 {
			t.Errorf("%s: lengths %v", kind, long)
		}
	}
}

func TestAxis_isRoundAndBeginsAtZero(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		n         int
		whole     bool
		want      []float64
	}{
		{900, 1234, 5, true, []float64{0, 500, 1000, 1500}},
		{0, 0, 5, true, []float64{0, 1}},
		{1, 3, 5, true, []float64{0, 1, 2, 3}},
		{0, 0.9, 5, false, []float64{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}},
		{-30, 70, 5, true, []float64{-50, 0, 50, 100}},
		{-5, -1, 5, true, []float64{-5, -4, -3, -2, -1, 0}},
	} {
		if diff := cmp.Diff(c.want, newAxis(c.low, c.high, c.n, c.whole).ticks()); diff != "" {
			t.Errorf("%v to %v:\n%s", c.low, c.high, diff)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		low, high, n := rapid.Float64Range(-1e9, 1e9).Draw(t, "low"), rapid.Float64Range(-1e9, 1e9).Draw(t, "high"), rapid.IntRange(2, 12).Draw(t, "n")
		a := newAxis(min(low, high), max(low, high), n, false)
		if a.low > min(low, 0) || a.high < max(high, 0) || a.low > 0 || a.high < 0 || a.count() > n {
			t.Fatalf("%v to %v in %d steps: %+v", low, high, n, a)
		}
	})
}

func TestWrap_breaksAsJapaneseDoes(t *testing.T) {
	for _, c := range []struct {
		text string
		most float64
		n    int
		want []string
	}{
		{"", 10, 2, nil},
		{"短い", 10, 2, []string{"短い"}},
		{"これは、とても長い名前です", 4, 2, []string{"これは、", "とても…"}},
		{"あいう。えお", 3, 3, []string{"あい", "う。え", "お"}},
		{"one two three", 5, 3, []string{"one two", "three"}},
		{"Wwwwwwwwwwwwwwww", 3, 2, []string{"Www", "W…"}},
	} {
		got := wrap(c.text, c.most, c.n)
		if c.text == "Wwwwwwwwwwwwwwww" { // a word longer than a line is broken, and what is left is cut
			if len(got) != 2 || !strings.HasSuffix(got[1], "…") {
				t.Errorf("%q: %q", c.text, got)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q:\n%s", c.text, diff)
		}
	}
}

func TestTable_holdsEveryValue(t *testing.T) {
	c := Chart{Kind: Bars, Of: "形", Unit: "人", N: 9, Share: true, Labels: []string{"a", "b", "c"}, Series: []Series{{"今回", []float64{1234, Missing(), 1}}}}
	head, rows := c.Table(words(t, i18n.JA))
	if diff := cmp.Diff([]string{"形", "今回 (人)", "割合"}, head); diff != "" {
		t.Error(diff)
	}
	want := []Row{{"a", []string{"1,234", "13711.1%"}}, {"b", []string{"–", "–"}}, {"c", []string{"1", "11.1%"}}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	for _, c := range samples() {
		if f := New(c, words(t, i18n.JA)); len(f.Rows) != len(c.Labels) {
			t.Errorf("%s: %d rows for %d labels", c.ID, len(f.Rows), len(c.Labels))
		}
	}
}

func TestCSV_holdsNoFormula(t *testing.T) {
	c := Chart{Of: "=名前", Unit: "人", Labels: []string{"=1+1", "@x", "-", "普通, \"引用\""}, Series: []Series{{"+数", []float64{1234.5, Missing(), -3, 0}}}}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(c.CSV(), []byte("\uFEFF")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"'=名前", "'+数 (人)"}, {"'=1+1", "1234.5"}, {"'@x", ""}, {"'-", "-3"}, {"普通, \"引用\"", "0"}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}

// TestTemplate_showsTheTableBesideTheDrawing: a chart never stands alone.
func TestTemplate_showsTheTableBesideTheDrawing(t *testing.T) {
	tmpl := template.Must(template.ParseFS(Files, "pages/chart.html"))
	for _, c := range samples() {
		var b bytes.Buffer
		if err := tmpl.ExecuteTemplate(&b, "chart", New(c, words(t, i18n.EN))); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), `role="img"`) || len(c.Labels) > 0 && strings.Count(b.String(), `<th scope="row">`) != len(c.Labels) {
			t.Errorf("%s lacks its drawing or its table", c.ID)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	say := words(b, i18n.JA)
	for _, c := range samples() {
		b.Run(c.ID, func(b *testing.B) {
			for b.Loop() {
				New(c, say)
			}
		})
	}
}
