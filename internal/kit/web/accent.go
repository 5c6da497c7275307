package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The papers on which an accent is read, as in css/tokens.css.
var (
	lightPaper = rgb{0xfb, 0xfa, 0xf7}
	darkPaper  = rgb{0x14, 0x16, 0x1a}
)

type rgb [3]float64

// parseColour reads #rrggbb.
func parseColour(s string) (rgb, bool) {
	s, ok := strings.CutPrefix(s, "#")
	if !ok || len(s) != 6 {
		return rgb{}, false
	}
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		return rgb{}, false
	}
	return rgb{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}, true
}

func (c rgb) hex() string {
	return fmt.Sprintf("#%02x%02x%02x", int(c[0]+.5), int(c[1]+.5), int(c[2]+.5))
}

func (c rgb) mix(o rgb, share float64) rgb {
	for i := range c {
		c[i] = c[i]*(1-share) + o[i]*share
	}
	return c
}

// luminance is the relative luminance of WCAG 2.2.
func (c rgb) luminance() float64 {
	var l [3]float64
	for i, v := range c {
		if v /= 255; v <= 0.04045 {
			l[i] = v / 12.92
		} else {
			l[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2]
}

func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// legible moves a colour towards another until it can be read as text on a paper (5:1, above the 4.5:1 of WCAG AA, so that
// tinted papers pass as well).
func legible(c, paper, towards rgb) rgb {
	for share := 0.0; share < 1; share += 0.04 {
		if m := c.mix(towards, share); contrast(m, paper) >= 5.2 {
			return m
		}
	}
	return towards
}

// AccentCSS is the rule that gives a page the accent of its meeting, in light and dark, legible in both. A colour that cannot be
// read gives no rule.
func AccentCSS(colour string) string {
	c, ok := parseColour(colour)
	if !ok {
		return ""
	}
	white, black := rgb{255, 255, 255}, rgb{0, 0, 0}
	light, dark := legible(c, lightPaper, black), legible(c, darkPaper, white)
	return fmt.Sprintf(":root{--accent:light-dark(%s,%s);--accent-ink:light-dark(#fff,%s);--tint:light-dark(%s,%s)}\n",
		light.hex(), dark.hex(), dark.mix(black, .86).hex(), lightPaper.mix(light, .065).hex(), darkPaper.mix(dark, .1).hex())
}

// AccentColours are an accent as colours that can be read as text on light and on dark ground, for what is drawn without the style sheet of
// the site (a screen on a wall, whose browser may be too old for it). Without an accent they are the program's own.
func AccentColours(colour string) (light, dark string) {
	c, ok := parseColour(colour)
	if !ok {
		return "#2f5d8a", "#8fbbe6" // css/tokens.css
	}
	return legible(c, lightPaper, rgb{}).hex(), legible(c, darkPaper, rgb{255, 255, 255}).hex()
}
