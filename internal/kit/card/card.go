// Package card draws the picture that other sites show beside a link to a page: 1200 by 630 pixels, as Open Graph asks, in the
// look of the pages themselves. It knows no word of the domain: a card is a few texts and one colour.
//
// The type is that of kit/typeface. A title is set as large as it fits, broken where a
// Japanese reader would break it, and ends in an ellipsis when no size is small enough. A character that no font has is drawn as
// its nearest plain form, else as 〓 when it is a letter or a number; emoji and other signs are left out.
package card

import (
	"fmt"
	"image"
	"image/png"
	"io"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Width and Height are the size of every card in pixels.
const (
	Width  = 1200
	Height = 630
)

// Card is what a card says. Any field may be empty.
type Card struct {
	Eyebrow  string    // one line above the title: what the page belongs to
	Title    string    // up to four lines, the larger the shorter
	Subtitle string    // up to two lines below the title
	Foot     string    // one line at the bottom left, such as a date and a place
	Mark     string    // one or two words at the bottom right: whose page it is
	Accent   string    // "#rrggbb" or "#rgb"; anything else means the accent of the program
	Lang     i18n.Lang // the language of the title: decides the distance of its lines
}

// The geometry in pixels: texts stand between left and right, the foot in a band of its own.
const (
	barWidth  = 24
	left      = 96
	right     = Width - 80
	top       = 64
	bandTop   = 530
	measure   = right - left
	textEnd   = bandTop - 40
	eyebrowPx = 32
	subPx     = 34
	footPx    = 28
	markPx    = 32
	footBase  = bandTop + 61
	markMost  = measure * 2 / 5
	footGap   = 48
)

// titlePx are the sizes a title may have, largest first.
var titlePx = [...]float64{88, 80, 72, 64, 58, 52, 47, 44}

// Draw writes c as a PNG of 1200 by 630 pixels. The same card gives the same bytes. Errors are those of w alone, unless the font
// that is built in cannot be read.
func Draw(w io.Writer, c Card) error {
	p, err := newPainter(inksFor(c.Accent))
	if err != nil {
		return fmt.Errorf("draw a card: %w", err)
	}
	p.canvas.fill(image.Rect(0, bandTop, Width, Height), onBand, 0)
	p.canvas.fill(image.Rect(0, 0, barWidth, Height), onPaper+accentText, full)
	y := float64(top)
	if c.Eyebrow != "" {
		p.line(p.bold, c.Eyebrow, eyebrowPx, measure, place{left, top + eyebrowPx, onPaper + accentText})
		y += eyebrowPx * 2
	}
	p.body(c, y)
	p.foot(c)
	enc := png.Encoder{CompressionLevel: png.DefaultCompression}
	if err := enc.Encode(w, p.canvas.img); err != nil {
		return fmt.Errorf("draw a card: %w", err)
	}
	return nil
}

// body sets the title and the subtitle in the space that starts at y, a little above its middle.
func (p *painter) body(c Card, y float64) {
	var sub []line
	if s := p.shape(p.regular, c.Subtitle); len(s.glyphs) > 0 {
		sub = s.fit(subPx, measure, 2)
	}
	room := textEnd - y
	const subLead, subGap = subPx * 1.5, 20.0
	if len(sub) > 0 {
		room -= subGap + subLead*float64(len(sub))
	}
	t := p.shape(p.bold, c.Title)
	lead := 1.3
	if c.Lang == i18n.EN && !t.wide {
		lead = 1.22
	}
	px, title := t.fitSizes(titlePx[:], measure, func(px float64) int { return min(4, int(room/(px*lead))) })
	y += max(0, room-px*lead*float64(len(title))) * 0.42
	for _, l := range title {
		y += px * lead
		p.draw(t, l, px, place{left, y - px*(lead-0.76)/2, onPaper + ink})
	}
	y += subGap
	s := p.shape(p.regular, c.Subtitle)
	for _, l := range sub {
		y += subLead
		p.draw(s, l, subPx, place{left, y - subPx*0.37, onPaper + soft})
	}
}

// foot sets the two texts of the band; the mark comes first and the rest is the foot's.
func (p *painter) foot(c Card) {
	room := float64(measure)
	if m := p.shape(p.bold, c.Mark); len(m.glyphs) > 0 {
		l := m.fit(markPx, markMost, 1)[0]
		width := m.widthOf(l, markPx)
		p.draw(m, l, markPx, place{right - width, footBase + 1, onBand + ink})
		room -= width + footGap
	}
	p.line(p.regular, c.Foot, footPx, room, place{left, footBase, onBand + soft})
}
