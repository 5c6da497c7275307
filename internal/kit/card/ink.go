package card

import (
	"image"
	"image/color"
	"math"
	"strconv"
	"strings"
)

// levels is how many steps there are from a background to an ink, the background itself included; full is the ink.
// Sixteen cannot be told from 256 at the size of a card, and keep the file small.
const (
	levels = 16
	full   = levels - 1
)

// A slot is one background with one ink on it: sixteen neighbours in the palette.
type slot uint8

// The inks, to be added to the background they stand on.
const (
	ink slot = iota
	soft
	accentText
	inksCount
)

// The backgrounds.
const (
	onPaper slot = 0
	onBand       = inksCount
)

// The colours of the program's own look.
var (
	paperColor = color.RGBA{0xfb, 0xfa, 0xf7, 0xff}
	inkColor   = color.RGBA{0x1b, 0x1d, 0x21, 0xff}
	softColor  = color.RGBA{0x5d, 0x62, 0x6b, 0xff}
	ownAccent  = color.RGBA{0xb5, 0x30, 0x2a, 0xff}
)

// inksFor makes the palette of a card from its accent.
func inksFor(accent string) color.Palette {
	a, ok := parseHex(accent)
	if !ok {
		a = ownAccent
	}
	a = readable(a, paperColor)
	band := mix(paperColor, a, 0.09)
	pal := make(color.Palette, 0, 2*int(inksCount)*levels)
	for _, bg := range []color.RGBA{paperColor, band} {
		for _, fg := range []color.RGBA{inkColor, softColor, a} {
			for i := range levels {
				pal = append(pal, mix(bg, fg, float64(i)/full))
			}
		}
	}
	return pal
}

// parseHex reads "#rrggbb" or "#rgb".
func parseHex(s string) (color.RGBA, bool) {
	h, ok := strings.CutPrefix(strings.TrimSpace(s), "#")
	if !ok || len(h) != 3 && len(h) != 6 {
		return color.RGBA{}, false
	}
	v, err := strconv.ParseUint(h, 16, 32)
	if err != nil {
		return color.RGBA{}, false
	}
	if len(h) == 3 {
		return color.RGBA{uint8(v>>8&15) * 17, uint8(v>>4&15) * 17, uint8(v&15) * 17, 0xff}, true
	}
	return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xff}, true
}

// mix goes from a to b by the share t, from 0 to 1.
func mix(a, b color.RGBA, t float64) color.RGBA {
	f := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + (float64(y)-float64(x))*t)) }
	return color.RGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 0xff}
}

// readable darkens c until text in it can be read on bg: a contrast of 4.5 (WCAG 2.2, success criterion 1.4.3).
func readable(c, bg color.RGBA) color.RGBA {
	for range 40 {
		if contrast(c, bg) >= 4.5 {
			break
		}
		c = mix(c, color.RGBA{0, 0, 0, 0xff}, 0.06)
	}
	return c
}

// contrast is the contrast ratio of WCAG 2.2, from 1 to 21.
func contrast(a, b color.RGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c color.RGBA) float64 {
	f := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*f(c.R) + 0.7152*f(c.G) + 0.0722*f(c.B)
}

// canvas is the picture, one byte a pixel: slot*levels + level.
type canvas struct{ img *image.Paletted }

func newCanvas(pal color.Palette) canvas {
	return canvas{image.NewPaletted(image.Rect(0, 0, Width, Height), pal)}
}

// fill covers r with one level of a slot.
func (c canvas) fill(r image.Rectangle, s slot, level uint8) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := c.img.Pix[y*c.img.Stride:]
		for x := r.Min.X; x < r.Max.X; x++ {
			row[x] = uint8(s)*levels + level
		}
	}
}

// stamp puts a glyph's coverage on the canvas in the ink of s, inside clip. Where glyphs touch, the darker one stays.
func (c canvas) stamp(clip, dr image.Rectangle, mask *image.Alpha, s slot) {
	r := dr.Intersect(clip).Intersect(c.img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			a := mask.Pix[(y-dr.Min.Y)*mask.Stride+x-dr.Min.X]
			level := uint8((int(a)*full + 127) / 255)
			at := y*c.img.Stride + x
			if level > 0 && level > c.img.Pix[at]%levels {
				c.img.Pix[at] = uint8(s)*levels + level
			}
		}
	}
}
