package chart

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Table gives every value of the chart as words: the head, and one row for each label.
func (c Chart) Table(t Words) (head []string, rows []Row) {
	c = c.tidy()
	head = append(head, c.Of)
	for _, s := range c.Series {
		head = append(head, c.column(s))
		if c.shares() {
			head = append(head, t("chart.share"))
		}
	}
	for i, label := range c.Labels {
		r := Row{Label: label}
		for _, s := range c.Series {
			r.Cells = append(r.Cells, written(s.Values[i]))
			if c.shares() {
				r.Cells = append(r.Cells, percent(s.Values[i], c.whole(s)))
			}
		}
		rows = append(rows, r)
	}
	return head, rows
}

// column heads the values of a series.
func (c Chart) column(s Series) string {
	switch {
	case s.Name == "":
		return c.Unit
	case c.Unit == "":
		return s.Name
	}
	return s.Name + " (" + c.Unit + ")"
}

func (c Chart) shares() bool { return c.Share || c.Kind == Shares }

// whole is what 100 % are: N, or where that is not known the sum of a series.
func (c Chart) whole(s Series) float64 {
	if c.Share && c.N > 0 {
		return float64(c.N)
	}
	sum := 0.0
	for _, v := range s.Values {
		if known(v) {
			sum += v
		}
	}
	return sum
}

// written is a value as people read it; one that is not known is a dash.
func written(v float64) string {
	if !known(v) {
		return "–"
	}
	return i18n.Number(v)
}

// percent is a share with one digit after the point, rounded half up.
func percent(v, whole float64) string {
	if !known(v) || whole <= 0 {
		return "–"
	}
	return strconv.FormatFloat(math.Floor(v/whole*1000+0.5)/10, 'f', 1, 64) + "%"
}

// CSV is the table for a spreadsheet: UTF-8 with its mark, numbers without separators, and no cell that a spreadsheet would take for a
// formula.
func (c Chart) CSV() []byte {
	c = c.tidy()
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	head := []string{plainCell(c.Of)}
	for _, s := range c.Series {
		head = append(head, plainCell(c.column(s)))
	}
	_ = w.Write(head)
	for i, label := range c.Labels {
		row := []string{plainCell(label)}
		for _, s := range c.Series {
			v := ""
			if known(s.Values[i]) {
				v = strconv.FormatFloat(s.Values[i], 'f', -1, 64)
			}
			row = append(row, v)
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.Bytes()
}

// plainCell keeps a text from being a formula.
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
