package chart

import "math"

// axis is a scale with round steps that includes zero.
type axis struct {
	low, high, step float64
}

// newAxis makes the axis of values from low to high with at most n steps of 1, 2 or 5 times a power of ten; counts have no steps below one.
func newAxis(low, high float64, n int, whole bool) axis {
	low, high = math.Min(0, low), math.Max(0, high)
	if low == high {
		high = 1
	}
	step := niceStep((high - low) / float64(max(n, 1)))
	if whole {
		step = math.Max(1, step)
	}
	a := axis{math.Floor(low/step) * step, math.Ceil(high/step) * step, step}
	for n > 1 && a.count() > n {
		step = niceStep(step * 1.01)
		a = axis{math.Floor(low/step) * step, math.Ceil(high/step) * step, step}
	}
	return a
}

// niceStep is the smallest 1, 2 or 5 times a power of ten that is not below v.
func niceStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= v*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// count is the number of steps.
func (a axis) count() int { return int(math.Round((a.high - a.low) / a.step)) }

// ticks lists the round values from low to high.
func (a axis) ticks() []float64 {
	out := make([]float64, 0, a.count()+1)
	first := math.Round(a.low / a.step)
	for i := range a.count() + 1 {
		out = append(out, (first+float64(i))*a.step)
	}
	return out
}

// at is where a value stands between from (low) and to (high).
func (a axis) at(v, from, to float64) float64 {
	return from + (v-a.low)/(a.high-a.low)*(to-from)
}

// wholeValues reports that everything counted is an integer.
func (c Chart) wholeValues() bool {
	for _, s := range c.Series {
		for _, v := range s.Values {
			if known(v) && v != math.Trunc(v) {
				return false
			}
		}
	}
	return true
}

// extent is the smallest and the largest value that has to fit: of the sums where series are put together.
func (c Chart) extent(sums bool) (low, high float64) {
	for i := range c.Labels {
		down, up := 0.0, 0.0
		for _, s := range c.Series {
			v := s.Values[i]
			switch {
			case !known(v):
			case sums && v < 0:
				down += v
			case sums:
				up += v
			default:
				down, up = math.Min(down, v), math.Max(up, v)
			}
		}
		low, high = math.Min(low, down), math.Max(high, up)
	}
	return low, high
}
