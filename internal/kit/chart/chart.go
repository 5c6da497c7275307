// Package chart draws figures: one description (bars, stacked bars, columns over time, lines over time, shares of a whole) becomes a
// Drawing, which a writer puts on a page as SVG or elsewhere on paper. A chart never stands alone: its Figure carries the table of every
// value. It reads without colour (each series has a pattern, a dash or a symbol of its own, and values are written out), bars and lines
// begin at zero, and the same description always gives the same bytes.
package chart

import (
	"embed"
	"html/template"
	"math"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Files holds the template, the style and the words of charts.
//
//go:embed pages/*.html css/*.css lang/*.json
var Files embed.FS

// Template is the fragment "chart", which a page calls with a Figure.
func Template() web.Source { return web.From(Files, "pages/chart.html") }

// Kind is how a chart is drawn.
type Kind string

// The kinds of charts. Bars lie, so that long labels have room; what has an order in time stands (Columns) or is a line (Lines), and its
// labels are equally far apart: whoever gives hours gives the empty ones too.
const (
	Bars    Kind = "bars"    // beside each other where there are several series
	Stacked Kind = "stacked" // one bar for each label, the series one after another
	Columns Kind = "columns" // over time, the series on top of each other
	Lines   Kind = "lines"   // over time, one line for each series
	Shares  Kind = "shares"  // parts of one whole; of the first series
)

// Chart describes one chart, in the language of the page it stands on.
type Chart struct {
	ID     string // unique in the page: letters, digits and hyphens
	Kind   Kind
	Title  string
	About  string   // a sentence on what is counted; may be empty
	Of     string   // what the labels are, the head of the table's first column
	Unit   string   // what is counted, in the head of the table and on the axis: 人
	Labels []string // of the categories, or of the points in time in their order
	Series []Series
	N      int  // on how many people or answers it rests; 0 says nothing
	Share  bool // beside each value its share of N: of a question with several choices they do not add up to 100 %
	Wide   bool // over time: also drawn for wide pages
}

// Series is one row of values. A value that is missing (Missing, or none at the end) leaves a gap; it is not zero.
type Series struct {
	Name   string
	Values []float64
}

// Missing is a value that nobody knows.
func Missing() float64 { return math.NaN() }

// known reports a value that can be drawn.
func known(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Ints makes values of counts.
func Ints(counts ...int) []float64 {
	out := make([]float64, len(counts))
	for i, n := range counts {
		out[i] = float64(n)
	}
	return out
}

// Words says a word of the program: the T of a web.Frame.
type Words func(key string, args ...any) string

// Figure is a chart ready for a page: its drawings and its table.
type Figure struct {
	ID, Title, About string
	N                string // "n = 1,234", or empty
	Narrow, Wide     template.HTML
	Summary          string // what opens the table
	Head             []string
	Rows             []Row
}

// Row is one line of the table: its label and its values as they are written.
type Row struct {
	Label string
	Cells []string
}

// The widths a chart is laid out for, in the unit of its type, which is about a pixel: a phone, and a whole column of a desk.
const (
	NarrowWidth = 360
	WideWidth   = 760
)

// New lays a chart out for a page.
func New(c Chart, t Words) Figure {
	c = c.tidy()
	f := Figure{ID: c.ID, Title: c.Title, About: c.About, Summary: t("chart.table")}
	if c.N > 0 {
		f.N = t("chart.n", "count", i18n.Number(float64(c.N)))
	}
	f.Head, f.Rows = c.Table(t)
	f.Narrow = SVG(Lay(c, NarrowWidth, t), c.ID+"-n")
	if c.Wide {
		f.Wide = SVG(Lay(c, WideWidth, t), c.ID+"-w")
	}
	return f
}

// tidy gives every series one value for each label.
func (c Chart) tidy() Chart {
	series := make([]Series, len(c.Series))
	for i, s := range c.Series {
		v := make([]float64, len(c.Labels))
		for j := range v {
			v[j] = Missing()
			if j < len(s.Values) && known(s.Values[j]) {
				v[j] = s.Values[j]
			}
		}
		series[i] = Series{s.Name, v}
	}
	c.Series = series
	return c
}

// empty reports a chart without a single value.
func (c Chart) empty() bool {
	for _, s := range c.Series {
		for _, v := range s.Values {
			if known(v) {
				return false
			}
		}
	}
	return true
}

// negative reports a value below zero.
func (c Chart) negative() bool {
	for _, s := range c.Series {
		for _, v := range s.Values {
			if v < 0 {
				return true
			}
		}
	}
	return false
}
