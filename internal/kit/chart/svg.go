package chart

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// dashes of lines, patterns of areas and symbols of points, one for each series: they tell series apart without colour.
var dashes = [mostInks]string{"", "7 4", "2 3", "9 3 2 3", "12 4", "5 2", "1 4", "8 3 1 3 1 3"}

// SVG writes a drawing. Colours are classes and currentColor; nothing of it is style or script. The id makes those inside it unique.
func SVG(d Drawing, id string) template.HTML {
	id = html.EscapeString(id)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart" role="img" aria-labelledby="%[1]s-t" aria-describedby="%[1]s-d" viewBox="0 0 %[2]s %[3]s" width="%[2]s" height="%[3]s" xmlns="http://www.w3.org/2000/svg">`,
		id, num(d.Width), num(d.Height))
	fmt.Fprintf(&b, `<title id="%[1]s-t">%[2]s</title><desc id="%[1]s-d">%[3]s</desc>`, id, html.EscapeString(d.Title), html.EscapeString(d.Desc))
	used := d.used()
	if len(used) > 0 {
		b.WriteString("<defs>")
		for _, i := range used {
			writePattern(&b, id, i)
		}
		b.WriteString("</defs>")
	}
	for _, m := range d.Marks {
		writeMark(&b, id, m)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // every text in it is escaped
}

// used lists the series whose pattern is drawn. The first is full, and needs none: printers draw patterns as pictures.
func (d Drawing) used() []int {
	var in [mostInks]bool
	for _, m := range d.Marks {
		if m.Shape == Rect && m.Series > 0 && m.Series < mostInks {
			in[m.Series] = true
		}
	}
	var out []int
	for i, is := range in {
		if is {
			out = append(out, i)
		}
	}
	return out
}

// writePattern writes the pattern of a series after the first: stripes, dots, lines, a net, upright lines, steps, hollow.
func writePattern(b *strings.Builder, id string, i int) {
	inner := [mostInks]string{
		``,
		`<path d="M-2 2L2 -2M0 8L8 0M6 10L10 6" stroke="currentColor" stroke-width="2"/>`,
		`<circle cx="2" cy="2" r="1.4" fill="currentColor"/><circle cx="6" cy="6" r="1.4" fill="currentColor"/>`,
		`<path d="M0 2H8M0 6H8" stroke="currentColor" stroke-width="1.6"/>`,
		`<path d="M0 0L8 8M0 8L8 0" stroke="currentColor" stroke-width="1.4"/>`,
		`<path d="M2 0V8M6 0V8" stroke="currentColor" stroke-width="1.6"/>`,
		`<path d="M0 4H4V0M4 8V4H8" stroke="currentColor" stroke-width="1.6" fill="none"/>`,
		``,
	}[i]
	fmt.Fprintf(b, `<pattern id="%s-p%d" class="chart-%d" width="8" height="8" patternUnits="userSpaceOnUse">%s</pattern>`, id, i+1, i+1, inner)
}

func writeMark(b *strings.Builder, id string, m Mark) {
	series := m.Series % mostInks
	switch m.Shape {
	case Rect:
		fill := "currentColor"
		if series > 0 {
			fill = fmt.Sprintf("url(#%s-p%d)", id, series+1)
		}
		fmt.Fprintf(b, `<rect class="chart-%d" x="%s" y="%s" width="%s" height="%s" fill="%s" stroke="currentColor"/>`, series+1, num(m.X), num(m.Y), num(m.W), num(m.H), fill)
	case Plate:
		fmt.Fprintf(b, `<rect class="chart-plate" x="%s" y="%s" width="%s" height="%s" rx="3" fill="Canvas"/>`, num(m.X), num(m.Y), num(m.W), num(m.H))
	case Path:
		writePath(b, m, series)
	case Symbol:
		fmt.Fprintf(b, `<path class="chart-%d" d="%s" fill="currentColor" stroke="currentColor"/>`, series+1, symbol(series, m.X, m.Y))
	case Label:
		anchor := [...]string{"", ` text-anchor="middle"`, ` text-anchor="end"`}[m.Anchor]
		class := ""
		if m.Ink == Soft {
			class = ` class="chart-soft"`
		}
		fmt.Fprintf(b, `<text%s x="%s" y="%s" font-size="%s" fill="currentColor"%s>%s</text>`, class, num(m.X), num(m.Y), num(m.Size), anchor, html.EscapeString(m.Text))
	}
}

func writePath(b *strings.Builder, m Mark, series int) {
	var d strings.Builder
	for i, p := range m.Points {
		c := "L"
		if i == 0 {
			c = "M"
		}
		d.WriteString(c + num(p.X) + " " + num(p.Y))
	}
	switch m.Ink {
	case Grid:
		fmt.Fprintf(b, `<path class="chart-grid" d="%s" fill="none" stroke="currentColor" stroke-opacity=".25"/>`, d.String())
	case OfData:
		dash := ""
		if dashes[series] != "" {
			dash = ` stroke-dasharray="` + dashes[series] + `"`
		}
		fmt.Fprintf(b, `<path class="chart-%d" d="%s" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"%s/>`, series+1, d.String(), dash)
	default:
		fmt.Fprintf(b, `<path class="chart-base" d="%s" fill="none" stroke="currentColor"/>`, d.String())
	}
}

// symbol is the sign of a series: disc, square, triangle, diamond, cross, downward triangle, bar, hexagon.
func symbol(series int, x, y float64) string {
	r := symbolIs - 1
	if series == 0 {
		return fmt.Sprintf("M%s %sa%[3]s %[3]s 0 1 0 %[4]s 0a%[3]s %[3]s 0 1 0 -%[4]s 0Z", num(x-r), num(y), num(r), num(2*r))
	}
	corners := [...][]Point{
		1: {{-r, -r}, {r, -r}, {r, r}, {-r, r}},
		2: {{0, -r - 1}, {r + 1, r}, {-r - 1, r}},
		3: {{0, -r - 1}, {r + 1, 0}, {0, r + 1}, {-r - 1, 0}},
		4: {{-1, -r}, {1, -r}, {1, -1}, {r, -1}, {r, 1}, {1, 1}, {1, r}, {-1, r}, {-1, 1}, {-r, 1}, {-r, -1}, {-1, -1}},
		5: {{-r - 1, -r}, {r + 1, -r}, {0, r + 1}},
		6: {{-1, -r - 1}, {1, -r - 1}, {1, r + 1}, {-1, r + 1}},
		7: {{-r / 2, -r}, {r / 2, -r}, {r, 0}, {r / 2, r}, {-r / 2, r}, {-r, 0}},
	}[series]
	var d strings.Builder
	for i, p := range corners {
		c := "L"
		if i == 0 {
			c = "M"
		}
		d.WriteString(c + num(x+p.X) + " " + num(y+p.Y))
	}
	return d.String() + "Z"
}

// num writes a coordinate with at most two digits after the point.
func num(v float64) string {
	v = math.Round(v*100) / 100
	if v == 0 {
		v = 0 // not -0
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
