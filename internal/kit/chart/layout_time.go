package chart

import (
	"math"
	"sort"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// field is where what stands over time is drawn.
type field struct {
	left, right, top, bottom float64
	a                        axis
}

// y is where a value stands.
func (f field) y(v float64) float64 { return f.a.at(v, f.bottom, f.top) }

// standing measures and draws the axis of values at the left. right is room for what is written behind the last point.
func (s *sheet) standing(c Chart, sums bool, right float64) field {
	low, high := c.extent(sums)
	f := field{right: s.Width - right, a: newAxis(low, high, 5, c.wholeValues())}
	if c.Unit != "" {
		s.text(Soft, Start, 0, s.y+small, small, c.Unit)
		s.y += leading
	}
	f.top, f.bottom = s.y+gap, s.y+gap+plot
	for _, v := range f.a.ticks() {
		f.left = math.Max(f.left, em(i18n.Number(v))*small+valueRoom)
	}
	for _, v := range f.a.ticks() {
		ink := Grid
		if v == 0 {
			ink = Base
		}
		y := f.y(v)
		s.line(ink, f.left, y, f.right, y)
		s.text(Soft, End, f.left-valueRoom+2, y+small*0.36, small, i18n.Number(v))
	}
	s.y = f.bottom
	return f
}

// below writes the labels of points in time that have room: the first, the last, and some between, each under its point.
func (s *sheet) below(c Chart, f field, at func(i int) float64) {
	n := len(c.Labels)
	width := func(i int) float64 { return math.Min(em(c.Labels[i]), 14) * small }
	widest := 0.0
	for i := range c.Labels {
		widest = math.Max(widest, width(i))
	}
	each := 1
	if n > 1 {
		each = max(1, int(math.Ceil((widest+gap)/((at(n-1)-at(0))/float64(n-1)))))
	}
	base, free := f.bottom+leading, -math.MaxFloat64
	lastFrom := s.Width - width(n-1)
	for i := 0; i < n; i += each {
		w := width(i)
		x := math.Min(math.Max(at(i), w/2), s.Width-w/2)
		if x-w/2 < free || i < n-1 && i+each >= n && x+w/2+gap > math.Min(lastFrom, at(n-1)-width(n-1)/2) {
			continue
		}
		s.under(f, at(i), x, base, c.Labels[i])
		free = x + w/2 + gap
	}
	if last := (n - 1) / each * each; n > 1 && last != n-1 {
		w := width(n - 1)
		s.under(f, at(n-1), math.Min(at(n-1), s.Width-w/2), base, c.Labels[n-1])
	}
	s.y = base + 6
}

// under writes one label with its tick.
func (s *sheet) under(f field, tick, x, base float64, label string) {
	s.line(Base, tick, f.bottom, tick, f.bottom+3)
	s.text(Soft, Middle, x, base, small, cut(label, 14))
}

// manyColumns is how many there may be before those that are zero are left without their value.
const manyColumns = 12

// columns draws one standing bar for each label, made of its series.
func (s *sheet) columns(c Chart) {
	s.legend(c, Rect)
	f := s.standing(c, true, 0)
	n := float64(len(c.Labels))
	pitch := (f.right - f.left) / n
	w := math.Min(pitch*0.78, 44)
	mid := func(i int) float64 { return f.left + pitch*(float64(i)+0.5) }
	for i := range c.Labels {
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
			a, b := f.y(*from), f.y(*from+v)
			s.rect(j, mid(i)-w/2, math.Min(a, b), w, math.Abs(a-b))
			*from += v
		}
		sum := c.sum(i)
		empty := sum == 0 && len(c.Labels) > manyColumns
		if said := written(sum); known(sum) && !empty && em(said)*small <= pitch {
			s.text(Text, Middle, mid(i), f.y(up)-3, small, said)
		}
	}
	s.below(c, f, mid)
}

// lines draws one line for each series, broken where values are missing, with its sign on each point that has room and its last value behind.
func (s *sheet) lines(c Chart) {
	s.legend(c, Symbol)
	room := 0.0
	for _, series := range c.Series {
		if i := last(series); i >= 0 {
			room = math.Max(room, em(written(series.Values[i]))*size+gap+2)
		}
	}
	f := s.standing(c, false, room)
	n := len(c.Labels)
	at := func(i int) float64 {
		if n == 1 {
			return (f.left + f.right) / 2
		}
		return f.left + symbolIs + (f.right-f.left-2*symbolIs)*float64(i)/float64(n-1)
	}
	var ends []Mark
	for j := len(c.Series) - 1; j >= 0; j-- { // the first on top
		series := c.Series[j]
		for _, run := range runs(series) {
			s.run(f, j, thin(series, run, int(s.Width)), at, n)
		}
		if i := last(series); i >= 0 {
			ends = append(ends, Mark{Shape: Label, Ink: Text, X: at(i) + gap, Y: f.y(series.Values[i]) + size*0.36, Size: size, Text: written(series.Values[i])})
		}
	}
	spread(ends, leading-3, f.bottom+size*0.36)
	for _, m := range ends {
		if m.X < f.right {
			s.add(Mark{Shape: Plate, X: m.X - 2, Y: m.Y - size + 1, W: em(m.Text)*size + 2, H: size + 2})
		}
		s.add(m)
	}
	s.below(c, f, at)
}

// run draws an unbroken stretch of a line.
func (s *sheet) run(f field, series int, values map[int]float64, at func(int) float64, n int) {
	keys := make([]int, 0, len(values))
	for i := range values {
		keys = append(keys, i)
	}
	sort.Ints(keys)
	points := make([]Point, 0, len(keys))
	for _, i := range keys {
		points = append(points, Point{at(i), f.y(values[i])})
	}
	if len(points) > 1 {
		s.add(Mark{Shape: Path, Ink: OfData, Series: series, Points: points})
	}
	every := max(1, int(math.Ceil(float64(n)*18/(f.right-f.left))))
	for i, p := range points {
		if i%every == 0 || i == len(points)-1 {
			s.add(Mark{Shape: Symbol, Ink: OfData, Series: series, X: p.X, Y: p.Y})
		}
	}
}

// last is where the last known value of a series stands, or -1.
func last(s Series) int {
	for i := len(s.Values) - 1; i >= 0; i-- {
		if known(s.Values[i]) {
			return i
		}
	}
	return -1
}

// runs are the stretches [from, to) of a series without a gap.
func runs(s Series) [][2]int {
	var out [][2]int
	from := -1
	for i := 0; i <= len(s.Values); i++ {
		in := i < len(s.Values) && known(s.Values[i])
		switch {
		case in && from < 0:
			from = i
		case !in && from >= 0:
			out, from = append(out, [2]int{from, i}), -1
		}
	}
	return out
}

// thin leaves of a long stretch the first, lowest, highest and last value of each column of most pixels: the line looks the same.
func thin(s Series, run [2]int, most int) map[int]float64 {
	out := map[int]float64{}
	n := run[1] - run[0]
	columns := min(n, most)
	for col := range columns {
		from, to := run[0]+col*n/columns, run[0]+(col+1)*n/columns
		low, high := from, from
		for i := from; i < to; i++ {
			if s.Values[i] < s.Values[low] {
				low = i
			}
			if s.Values[i] > s.Values[high] {
				high = i
			}
		}
		for _, i := range []int{from, low, high, to - 1} {
			out[i] = s.Values[i]
		}
	}
	return out
}

// spread moves labels that would stand on each other apart: from the top down, and from the lowest place back up.
func spread(labels []Mark, apart, lowest float64) {
	order := make([]int, len(labels))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return labels[order[a]].Y < labels[order[b]].Y })
	for k := 1; k < len(order); k++ {
		above, here := labels[order[k-1]], &labels[order[k]]
		if math.Abs(above.X-here.X) < 40 {
			here.Y = math.Max(here.Y, above.Y+apart)
		}
	}
	for k := len(order) - 1; k >= 0; k-- {
		here := &labels[order[k]]
		here.Y = math.Min(here.Y, lowest)
		if k+1 < len(order) && math.Abs(labels[order[k+1]].X-here.X) < 40 {
			here.Y = math.Min(here.Y, labels[order[k+1]].Y-apart)
		}
	}
}
