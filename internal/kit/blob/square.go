package blob

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
)

// Cut says which square of a picture is kept: its upper left corner and its side, as parts of the width and height of the upright picture
// (X, Y) and of its shorter side (Side). The zero Cut is the largest square in the middle.
type Cut struct{ X, Y, Side float64 }

// Square is Reencode, cut to a square and at most side pixels wide.
func Square(data []byte, side int, cut Cut) (Picture, error) {
	p, err := Reencode(data)
	if err != nil {
		return Picture{}, err
	}
	read := jpeg.Decode
	if p.Type == "image/png" {
		read = png.Decode
	}
	img, err := read(bytes.NewReader(p.Data))
	if err != nil {
		return Picture{}, err
	}
	r := cut.of(img.Bounds())
	square := image.NewNRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(square, square.Bounds(), img, r.Min, draw.Src)
	var out image.Image = square
	if r.Dx() > side {
		out = scale(square, side, side)
	}
	return encode(out, p.Type == "image/png")
}

// of is the square in a picture of these bounds. Whatever the numbers are, it lies inside.
func (c Cut) of(b image.Rectangle) image.Rectangle {
	short := min(b.Dx(), b.Dy())
	side, x, y := short, (b.Dx()-short)/2, (b.Dy()-short)/2
	if c.Side > 0 && c.Side <= 1 && c.X >= 0 && c.X < 1 && c.Y >= 0 && c.Y < 1 {
		side = max(1, int(math.Round(c.Side*float64(short))))
		x = min(int(math.Round(c.X*float64(b.Dx()))), b.Dx()-side)
		y = min(int(math.Round(c.Y*float64(b.Dy()))), b.Dy()-side)
	}
	at := b.Min.Add(image.Pt(x, y))
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(side, side))}
}
