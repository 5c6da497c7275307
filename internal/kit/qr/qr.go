// Package qr makes the square codes that telephones read, as a path of SVG: a page sets it as an attribute, so that it needs no picture
// of its own, stays sharp at any size and works without the network.
package qr

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// Code is a QR code as a drawing: Path fills a view box of Size by Size units, the quiet zone of four units included.
type Code struct {
	Size int    `json:"size"`
	Path string `json:"path"`
}

// quiet is the white border that ISO/IEC 18004 asks for, in modules.
const quiet = 4

// maxText is the longest text that is still read from across a room, in bytes.
const maxText = 512

// New draws a text. A QR code holds up to 2,953 bytes; longer ones than maxText are refused, as no telephone reads them from a distance.
func New(text string) (Code, error) {
	if len(text) > maxText {
		return Code{}, fmt.Errorf("draw a QR code: %d bytes are too many, %d at most", len(text), maxText)
	}
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return Code{}, fmt.Errorf("draw a QR code: %w", err)
	}
	var b strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; {
			if !c.Black(x, y) {
				x++
				continue
			}
			n := 1
			for c.Black(x+n, y) {
				n++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, n, n)
			x += n
		}
	}
	return Code{Size: c.Size + 2*quiet, Path: b.String()}, nil
}

// PNG is the drawing as a picture, for letters.
func PNG(text string) ([]byte, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("draw a QR code: %d bytes are too many, %d at most", len(text), maxText)
	}
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw a QR code: %w", err)
	}
	return c.PNG(), nil
}
