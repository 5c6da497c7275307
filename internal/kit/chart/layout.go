package chart

import (
	"math"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Lay lays a chart out in a width.
func Lay(c Chart, width float64, t Words) Drawing {
	c = c.tidy()
	if len(c.Series) > mostInks {
		c.Series = c.Series[:mostInks]
	}
	s := &sheet{Drawing: Drawing{Width: width, Title: c.Title, Series: len(c.Series)}, y: 2}
	s.Desc = c.describe(t)
	switch {
	case c.empty():
		s.text(Soft, Start, 0, s.y+size, size, t("chart.none"))
		s.y += leading + gap
	case c.Kind == Shares && !c.negative() && len(c.Labels) <= mostInks && c.whole(c.Series[0]) > 0:
		s.shares(c)
	case c.Kind == Stacked:
		s.stacked(c, t)
	case c.Kind == Columns && float64(len(c.Labels)) <= width/4:
		s.columns(c)
	case c.Kind == Columns, c.Kind == Lines:
		s.lines(c)
	default:
		s.bars(c, t)
	}
	s.Height = math.Ceil(s.y)
	return s.Drawing
}

// describe says what a chart shows to who cannot see it: how much there is, and its ends.
func (c Chart) describe(t Words) string {
	words := []string{}
	if c.About != "" {
		words = append(words, c.About)
	}
	if c.empty() {
		return strings.Join(append(words, t("chart.none")), " ")
	}
	words = append(words, t("chart.desc."+string(c.known()), "count", i18n.Number(float64(len(c.Labels)))))
	for _, s := range c.Series {
		low, high := -1, -1
		for i, v := range s.Values {
			if !known(v) {
				continue
			}
			if low < 0 || v < s.Values[low] {
				low = i
			}
			if high < 0 || v > s.Values[high] {
				high = i
			}
		}
		if high < 0 {
			continue
		}
		said := t("chart.desc.ends", "high", c.Labels[high], "highValue", written(s.Values[high]), "low", c.Labels[low], "lowValue", written(s.Values[low]))
		if s.Name != "" {
			said = t("chart.desc.series", "name", s.Name, "said", said)
		}
		words = append(words, said)
	}
	return strings.Join(words, " ")
}

// known is the kind, or Bars where nobody knows what it names.
func (c Chart) known() Kind {
	switch c.Kind {
	case Stacked, Columns, Lines, Shares:
		return c.Kind
	}
	return Bars
}

// beside is a value as it stands at a bar, with its share where that is asked for.
func (c Chart) beside(s Series, i int) string {
	v := written(s.Values[i])
	if c.shares() && known(s.Values[i]) && c.whole(s) > 0 {
		v += " (" + percent(s.Values[i], c.whole(s)) + ")"
	}
	return v
}

// rows are the labels of lying bars, and where the bars may be.
type rows struct {
	above    bool // labels stand over their bars, because they are long
	label    float64
	from, to float64 // where bars may be
	a        axis
}

// lying measures the labels and values of lying bars.
func (s *sheet) lying(c Chart, sums bool, values []string) rows {
	var r rows
	widest := 0.0
	for _, l := range c.Labels {
		widest = math.Max(widest, em(l)*size)
	}
	r.above = widest > s.Width*0.36
	if !r.above {
		r.label = widest + gap
	}
	room := 0.0
	for _, v := range values {
		room = math.Max(room, em(v)*size+valueRoom)
	}
	r.from, r.to = math.Max(r.label, 4), s.Width-room // the 0 of the axis has room
	if c.negative() {
		r.from += room
	}
	low, high := c.extent(sums)
	r.a = newAxis(low, high, max(1, int((r.to-r.from)/56)), c.wholeValues())
	return r
}

// x is where a value ends.
func (r rows) x(v float64) float64 { return r.a.at(v, r.from, r.to) }

// few takes the labels that are drawn.
func (c Chart) few() (Chart, int) {
	n := len(c.Labels)
	if n <= mostBars {
		return c, 0
	}
	all := c.Series
	c.Labels, c.Series = c.Labels[:mostBars], make([]Series, len(all))
	for i, s := range all {
		c.Series[i] = Series{s.Name, s.Values[:mostBars]}
	}
	return c, n - mostBars
}

// heading writes the label of a row and returns where its bars begin.
func (s *sheet) heading(r rows, label string, high float64) float64 {
	if !r.above {
		s.text(Text, End, r.label-gap, s.y+high/2+size*0.36, size, label)
		return s.y
	}
	for _, l := range wrap(label, (s.Width-2)/size, 2) {
		s.add(Mark{Shape: Plate, X: 0, Y: s.y, W: em(l)*size + 2, H: leading})
		s.text(Text, Start, 0, s.y+size, size, l)
		s.y += leading
	}
	s.y += 2
	return s.y
}

// ground draws the grid behind lying bars from top to the present y, and the values of the axis below. It goes before the marks from at on.
func (s *sheet) ground(r rows, at int, top float64, unit string) {
	bars := append([]Mark(nil), s.Marks[at:]...)
	s.Marks = s.Marks[:at]
	for _, v := range r.a.ticks() {
		ink := Grid
		if v == 0 {
			ink = Base
		}
		x := r.x(v)
		s.line(ink, x, top, x, s.y)
		s.text(Soft, Middle, x, s.y+leading-2, small, i18n.Number(v))
	}
	s.text(Soft, End, s.Width, s.y+leading-2, small, cut(unit, math.Max(1, (s.Width-r.to-10)/small)))
	s.Marks = append(s.Marks, bars...)
	s.y += leading + 4
}

// bars draws a bar for each value.
func (s *sheet) bars(c Chart, t Words) {
	whole := c
	c, more := c.few()
	s.legend(c, Rect)
	var values []string
	for i := range c.Labels {
		for j := range c.Series {
			values = append(values, whole.beside(whole.Series[j], i))
		}
	}
	r := s.lying(c, false, values)
	at, top := len(s.Marks), s.y
	for i, label := range c.Labels {
		high := float64(len(c.Series))*(thick+2) - 2
		y := s.heading(r, label, high)
		for j, series := range c.Series {
			s.bar(r, j, series.Values[i], y, values[i*len(c.Series)+j])
			y += thick + 2
		}
		s.y = y + gap
	}
	s.ground(r, at, top, c.Unit)
	s.more(more, t)
}

// bar draws one bar with its value at its end.
func (s *sheet) bar(r rows, series int, v, y float64, said string) {
	zero, base := r.x(0), y+thick/2+size*0.36
	switch {
	case !known(v):
		s.text(Soft, Start, zero+valueRoom, base, size, said)
	case v < 0:
		x := r.x(v)
		s.rect(series, x, y, zero-x, thick)
		s.text(Text, End, x-valueRoom+2, base, size, said)
	default:
		x := r.x(v)
		s.rect(series, zero, y, x-zero, thick)
		s.text(Text, Start, x+valueRoom-2, base, size, said)
	}
}

// stacked draws one bar for each label, made of its series, with the sum at its end.
func (s *sheet) stacked(c Chart, t Words) {
	c, more := c.few()
	s.legend(c, Rect)
	values := make([]string, len(c.Labels))
	for i := range c.Labels {
		values[i] = written(c.sum(i))
	}
	r := s.lying(c, true, values)
	at, top := len(s.Marks), s.y
	for i, label := range c.Labels {
		y := s.heading(r, label, thick+4)
		up, down := 0.0, 0.0
		for j, series := range c.Series {
			v := series.Values[i]
			if !known(v) || v == 0 {
				continue
			}
			from := &up
			if v < 0 {
				from = &down
			}
			a, b := r.x(*from), r.x(*from+v)
			said := written(v)
			if len(c.Series) == 1 {
				said = "" // it stands at the end of the bar
			}
			s.piece(j, math.Min(a, b), y, math.Abs(b-a), thick+4, said)
			*from += v
		}
		s.text(Text, Start, r.x(up)+valueRoom-2, y+(thick+4)/2+size*0.36, size, values[i])
		s.y = y + thick + 4 + gap
	}
	s.ground(r, at, top, c.Unit)
	s.more(more, t)
}

// piece draws a part of a bar, with its value on it where that has room.
func (s *sheet) piece(series int, x, y, w, h float64, said string) {
	s.rect(series, x, y, math.Max(w-1, 0.5), h)
	if room := em(said)*small + 6; said != "" && w > room+6 {
		s.add(Mark{Shape: Plate, X: x + (w-room)/2, Y: y + 2, W: room, H: h - 4})
		s.text(Text, Middle, x+w/2, y+h/2+small*0.36, small, said)
	}
}

// sum adds what is known at a label.
func (c Chart) sum(i int) float64 {
	sum, any := 0.0, false
	for _, s := range c.Series {
		if known(s.Values[i]) {
			sum, any = sum+s.Values[i], true
		}
	}
	if !any {
		return Missing()
	}
	return sum
}

// more says how many labels only the table has.
func (s *sheet) more(n int, t Words) {
	if n > 0 {
		s.text(Soft, Start, 0, s.y+size, size, t("chart.more", "count", i18n.Number(float64(n))))
		s.y += leading + 2
	}
}

// shares draws one bar that is the whole, and below it each part by name.
func (s *sheet) shares(c Chart) {
	s.Series = len(c.Labels)
	series := c.Series[0]
	whole, x := c.whole(series), 0.0
	for i := range c.Labels {
		v := series.Values[i]
		if !known(v) || v == 0 {
			continue
		}
		w := v / whole * s.Width
		s.piece(i, x, s.y, w, 26, percent(v, whole))
		x += w
	}
	s.y += 26 + gap
	for i, label := range c.Labels {
		said := c.beside(series, i)
		room := s.Width - swatchIs - 6 - em(said)*size - gap
		s.rect(i, 0, s.y, swatchIs, swatchIs)
		s.text(Text, End, s.Width, s.y+swatchIs-1.5, size, said)
		for _, l := range wrap(label, room/size, 2) {
			s.text(Text, Start, swatchIs+6, s.y+swatchIs-1.5, size, l)
			s.y += leading
		}
		if label == "" {
			s.y += leading
		}
		s.y += 3
	}
}
