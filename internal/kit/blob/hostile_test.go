package blob

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	xdraw "golang.org/x/image/draw"
)

func FuzzReencode(f *testing.F) {
	f.Add(asPNG(f, photo(20, 10)))
	f.Add(asPNG(f, flat(20, 10, color.NRGBA{}, red)))
	f.Add(withSegment(asJPEG(f, photo(20, 10)), 0xe1, exif(binary.LittleEndian, 5)))
	f.Add(asWebP(20, 10, blue))
	f.Add(asGIF(f, &gif.GIF{Image: []*image.Paletted{image.NewPaletted(image.Rect(0, 0, 9, 9), color.Palette{red, blue})}, Delay: []int{0}}))
	f.Add(pngHead(16_000, 16_000))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, g := range formats() { // what is large is right to take long; the fuzzer is after other things
			if c, err := g.config(bytes.NewReader(data)); err == nil && c.Width*c.Height > 1<<20 && c.Width*c.Height <= MaxPixels {
				return
			}
		}
		p, err := Reencode(data)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("not the giver's fault: %v", err)
			}
			return
		}
		if p.Width < 1 || p.Width > MaxWidth || p.Height < 1 || !strings.HasPrefix(p.Type, "image/") {
			t.Fatalf("%s %dx%d", p.Type, p.Width, p.Height)
		}
		if again, err := Reencode(p.Data); err != nil || again.Width != p.Width || again.Height != p.Height {
			t.Fatalf("what was written cannot be read again: %v", err)
		}
	})
}

func FuzzOrientation(f *testing.F) {
	f.Add(withSegment([]byte("\xff\xd8\xff\xda"), 0xe1, exif(binary.BigEndian, 3)))
	f.Add(withSegment([]byte("\xff\xd8\xff\xda"), 0xe1, exif(binary.LittleEndian, 8)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if o := orientation(data); o < upright || o > orientations {
			t.Fatalf("orientation %d", o)
		}
	})
}

// TestScaleShowsNoSeams compares scaling in bands with scaling at once.
func TestScaleShowsNoSeams(t *testing.T) {
	src := photo(700, 500)
	got := scale(src, 300, 214).(*image.RGBA)
	want := image.NewRGBA(got.Rect)
	xdraw.CatmullRom.Scale(want, want.Rect, src, src.Rect, xdraw.Src, nil)
	for i := range got.Pix {
		if d := int(got.Pix[i]) - int(want.Pix[i]); d < -2 || d > 2 { // it is rounded twice
			t.Fatalf("at %d,%d: %d, want %d", i%got.Stride/4, i/got.Stride, got.Pix[i], want.Pix[i])
		}
	}
}

// BenchmarkReencode is the worst that is accepted: forty megapixels to be scaled down.
func BenchmarkReencode(b *testing.B) {
	for name, data := range map[string][]byte{"photo": asJPEG(b, photo(7300, 5400)), "drawing": asPNG(b, flat(7300, 5400, red, blue))} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Reencode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
