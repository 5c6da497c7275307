package billing

import (
	"slices"
)

// Rounding is what a seller does with fractions of a yen of tax. The law leaves the choice; it only wants it done once for each rate of a
// document (消費税法施行令70条の10).
type Rounding string

// The roundings there are.
const (
	Floor Rounding = "floor" // 切捨て
	Round Rounding = "round" // 四捨五入
	Ceil  Rounding = "ceil"  // 切上げ
)

// Valid reports that this is one of them.
func (r Rounding) Valid() bool { return r == Floor || r == Round || r == Ceil }

// divide is a/b without a fraction. Of a negative amount the size is rounded: a discount is treated as what it takes off.
func (r Rounding) divide(a, b int64) int64 {
	if a < 0 {
		return -r.divide(-a, b)
	}
	switch r {
	case Round:
		return (2*a + b) / (2 * b)
	case Ceil:
		return (a + b - 1) / b
	}
	return a / b
}

// Rated is what a document or an order comes to at one rate.
type Rated struct {
	Rate  int   `json:"rate"`
	Net   int64 `json:"net"` // without tax
	Tax   int64 `json:"tax"`
	Total int64 `json:"total"`
}

// add is the sum of two.
func (r Rated) add(o Rated, sign int64) Rated {
	return Rated{r.Rate, r.Net + sign*o.Net, r.Tax + sign*o.Tax, r.Total + sign*o.Total}
}

// rate computes what an amount comes to: of prices with tax, or before it. This is the one place where tax is rounded.
func (r Rounding) rate(amount int64, rate int, exclusive bool) Rated {
	if exclusive {
		tax := r.divide(amount*int64(rate), 100)
		return Rated{rate, amount, tax, amount + tax}
	}
	tax := r.divide(amount*int64(rate), int64(100+rate))
	return Rated{rate, amount - tax, tax, amount}
}

// rated sums lines by rate, the highest first, and rounds once for each.
func (s *Seller) rated(lines []Line) []Rated {
	sums := map[int]int64{}
	for i := range lines {
		sums[lines[i].Rate] += lines[i].sum()
	}
	out := make([]Rated, 0, len(sums))
	for rate, amount := range sums {
		out = append(out, s.Rounding.rate(amount, rate, s.Exclusive))
	}
	slices.SortFunc(out, func(a, b Rated) int { return b.Rate - a.Rate })
	return out
}

// merged adds b to a, or takes it away, rate by rate, and leaves out what comes to nothing.
func merged(a, b []Rated, sign int64) []Rated {
	out := slices.Clone(a)
	for _, r := range b {
		i := slices.IndexFunc(out, func(o Rated) bool { return o.Rate == r.Rate })
		if i < 0 {
			out = append(out, Rated{Rate: r.Rate}.add(r, sign))
			continue
		}
		out[i] = out[i].add(r, sign)
	}
	out = slices.DeleteFunc(out, func(r Rated) bool { return r == Rated{Rate: r.Rate} })
	slices.SortFunc(out, func(a, b Rated) int { return b.Rate - a.Rate })
	return out
}

// totals sums all rates.
func totals(list []Rated) (tax, total int64) {
	for _, r := range list {
		tax, total = tax+r.Tax, total+r.Total
	}
	return tax, total
}
