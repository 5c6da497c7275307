package card

import (
	"image"
	"math"

	"golang.org/x/image/math/fixed"
)

// Bounds on the text that is looked at; a card shows some two hundred characters at most.
const (
	mostBytes = 8000
	mostRunes = 500
)

// The weights of what makes a title ugly, in the unit of breaks.go.
const (
	unevenCost = 3.0  // times the square of (line - mean) / measure
	perLine    = 0.10 // for each line of a title
	perStep    = 0.20 // for each size of a title smaller than the largest
)

// autospaceEm stands between Japanese and Latin, in em, as CSS text-autospace has it.
const autospaceEm = 0.125

// shaped is a text ready to be set at any size: widths are shares of the type size.
type shaped struct {
	w        *weight
	glyphs   []rune
	from, to []float64 // where each glyph starts and ends
	costs    []float64 // of a line break before each glyph
	wide     bool      // it has Japanese in it
}

// line is glyphs[from:to], with an ellipsis after it if more was cut off.
type line struct {
	from, to int
	more     bool
}

// place is where a line starts: its left end, its base line, and its ink.
type place struct {
	x, y float64
	ink  slot
}

// shape measures a text in a font.
func (p *painter) shape(w *weight, text string) shaped {
	if len(text) > mostBytes {
		text = text[:mostBytes]
	}
	rs := w.spell(text)
	rs = rs[:min(len(rs), mostRunes)]
	s := shaped{w: w, glyphs: rs, costs: breakCosts(rs)}
	x, before := 0.0, other
	for _, r := range rs {
		c := classOf(r)
		japanese := c == hiragana || c == katakana || c == kanji
		s.wide = s.wide || japanese
		if before == latin && japanese || c == latin && (before == hiragana || before == katakana || before == kanji) {
			x += autospaceEm
		}
		s.from = append(s.from, x)
		x += w.advance(r)
		s.to = append(s.to, x)
		before = c
	}
	return s
}

// span is the width in em of glyphs[i:j] without the spaces at its end.
func (s shaped) span(i, j int) float64 {
	j = s.trim(i, j)
	if i >= j {
		return 0
	}
	return s.to[j-1] - s.from[i]
}

// trim moves the end of glyphs[i:j] before the spaces there.
func (s shaped) trim(i, j int) int {
	for j > i && isSpace(s.glyphs[j-1]) {
		j--
	}
	return j
}

// ellipsis is what stands after a text that was cut: the font's … is as wide and as high as a kanji.
func (s shaped) ellipsis() string {
	if s.wide {
		return "…"
	}
	return "..."
}

// widthOf is the width of a line in pixels.
func (s shaped) widthOf(l line, px float64) float64 {
	em := s.span(l.from, l.to)
	if l.more {
		em += s.ellipsisEm()
	}
	return em * px
}

func (s shaped) ellipsisEm() (em float64) {
	for _, r := range s.ellipsis() {
		em += s.w.advance(r)
	}
	return em
}

// fit sets the text at one size in as few lines of a width in pixels as it needs, but at most n, cutting what does not fit. An empty
// text has no line.
func (s shaped) fit(px, width float64, n int) []line {
	for k := 1; k <= n; k++ {
		if lines, _, ok := s.wrap(width/px, k); ok {
			return lines
		}
	}
	return s.cut(width/px, n)
}

// fitSizes chooses the size at which the text looks best: large, even, and broken between phrases. most says how many lines a
// size may have. Where no size is small enough the last one is used, and the text is cut.
func (s shaped) fitSizes(sizes []float64, width float64, most func(px float64) int) (float64, []line) {
	var bestPx, bestCost = 0.0, math.Inf(1)
	var best []line
	for step, px := range sizes {
		lines, cost, ok := s.wrap(width/px, most(px))
		if cost += perStep * float64(step); ok && cost < bestCost {
			bestPx, bestCost, best = px, cost, lines
		}
	}
	if bestPx > 0 {
		return bestPx, best
	}
	px := sizes[len(sizes)-1]
	return px, s.cut(width/px, max(1, most(px)))
}

// wrap breaks the text into at most n lines of a width in em, with the least sum of costs of the breaks and of the unevenness of
// the lines; ok is false where it does not fit.
func (s shaped) wrap(width float64, n int) (lines []line, cost float64, ok bool) {
	total := len(s.glyphs)
	if total == 0 {
		return nil, 0, true
	}
	costs := s.forcedCosts(width)
	cost = math.Inf(1)
	for k := 1; k <= n; k++ {
		if s.span(0, total) > width*float64(k) {
			continue
		}
		if ls, c := s.wrapIn(width, k, costs); c < cost {
			lines, cost = ls, c
		}
	}
	return lines, cost, lines != nil
}

// wrapIn breaks the text into exactly k lines, each as near to the mean as can be.
func (s shaped) wrapIn(width float64, k int, costs []float64) ([]line, float64) {
	total := len(s.glyphs)
	mean := s.span(0, total) / float64(k)
	best := make([]float64, total+1)
	for i := 1; i <= total; i++ {
		best[i] = math.Inf(1)
	}
	cameFrom := make([][]int, k)
	for l := range k {
		best, cameFrom[l] = s.addLine(best, width, mean, costs)
	}
	if math.IsInf(best[total], 1) {
		return nil, best[total]
	}
	lines := make([]line, k)
	for l, i := k-1, total; l >= 0; l-- {
		lines[l] = line{from: cameFrom[l][i], to: i}
		i = cameFrom[l][i]
	}
	return lines, best[total]
}

// addLine takes best, where best[i] is the least cost of setting glyphs[:i] in the lines so far, one line further, and says where
// the line that ends at i starts.
func (s shaped) addLine(best []float64, width, mean float64, costs []float64) (next []float64, start []int) {
	total := len(s.glyphs)
	next, start = make([]float64, total+1), make([]int, total+1)
	for i := range next {
		next[i] = math.Inf(1)
	}
	for i := 1; i <= total; i++ {
		if i < total && costs[i] >= never {
			continue
		}
		for j := i - 1; j >= 0; j-- {
			w := s.span(j, i)
			if w > width {
				break
			}
			off := (w - mean) / width
			c := best[j] + perLine + unevenCost*off*off
			if i < total {
				c += costs[i]
			}
			if c < next[i] {
				next[i], start[i] = c, j
			}
		}
	}
	return next, start
}

// forcedCosts allows breaks, at a price, inside whatever is longer than a line and has no place to break.
func (s shaped) forcedCosts(width float64) []float64 {
	costs := append([]float64(nil), s.costs...)
	for i := 0; i < len(costs); {
		j := i + 1
		for j < len(costs) && costs[j] >= never {
			j++
		}
		if s.span(i, j) > width {
			for k := i + 1; k < j; k++ {
				if !isSpace(s.glyphs[k]) {
					costs[k] = forced
				}
			}
		}
		i = j
	}
	return costs
}

// cut fills n lines one after the other and puts an ellipsis at the end of the last one.
func (s shaped) cut(width float64, n int) []line {
	costs := s.forcedCosts(width)
	var lines []line
	at := 0
	for len(lines) < n-1 && at < len(s.glyphs) {
		end := s.lastBreak(at, width, costs)
		lines = append(lines, line{from: at, to: end})
		at = end
	}
	if at >= len(s.glyphs) {
		return lines
	}
	if s.span(at, len(s.glyphs)) <= width {
		return append(lines, line{from: at, to: len(s.glyphs)})
	}
	end := s.trim(at, s.lastBreak(at, width-s.ellipsisEm(), s.letterCosts()))
	for end > at+1 && mayNotEnd(s.glyphs, end-1, nil) {
		end--
	}
	return append(lines, line{from: at, to: end, more: true})
}

// letterCosts allows a cut anywhere but inside a Latin word.
func (s shaped) letterCosts() []float64 {
	costs := make([]float64, len(s.glyphs))
	for i := 1; i < len(costs); i++ {
		if classOf(s.glyphs[i-1]) == latin && classOf(s.glyphs[i]) == latin {
			costs[i] = never
		}
	}
	return costs
}

// lastBreak is the last place where a line from i may end within a width; where there is none, as many glyphs as fit, but one.
func (s shaped) lastBreak(i int, width float64, costs []float64) int {
	end, fits := 0, i+1
	for j := i + 1; j <= len(s.glyphs) && s.span(i, j) <= width; j++ {
		fits = j
		if j == len(s.glyphs) || costs[j] < never {
			end = j
		}
	}
	if end > i {
		return end
	}
	return fits
}

// line sets a text on one line.
func (p *painter) line(w *weight, text string, px, width float64, at place) {
	s := p.shape(w, text)
	for _, l := range s.fit(px, width, 1) {
		p.draw(s, l, px, at)
	}
}

// draw puts a line on the canvas. No ink leaves the space between the margins.
func (p *painter) draw(s shaped, l line, px float64, at place) {
	clip := image.Rect(left-4, 0, right+4, Height)
	put := func(r rune, x float64) {
		dot := fixed.Point26_6{X: fixed.Int26_6(math.Round(x * 64)), Y: fixed.I(int(math.Round(at.y)))}
		if dr, mask, ok := s.w.glyph(px, dot, r); ok {
			p.canvas.stamp(clip, dr, mask, at.ink)
		}
	}
	end := s.trim(l.from, l.to)
	for k := l.from; k < end; k++ {
		put(s.glyphs[k], at.x+(s.from[k]-s.from[l.from])*px)
	}
	if !l.more {
		return
	}
	x := at.x + s.span(l.from, l.to)*px
	for _, r := range s.ellipsis() {
		put(r, x)
		x += s.w.advance(r) * px
	}
}
