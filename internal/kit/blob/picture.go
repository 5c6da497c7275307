package blob

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"golang.org/x/image/webp"
)

// The limits on pictures.
const (
	MaxBytes  = 20 << 20   // of the file as it is given
	MaxPixels = 40_000_000 // width times height, as the head of the file states them
	MaxSide   = 16_384     // width or height; more fits neither WebP nor the memory of a browser
	MaxWidth  = 2400       // of what is kept; wider pictures are scaled down
)

// quality is that of the JPEGs written here, of 100.
const quality = 85

// Picture is a picture that is safe to show: written by this program, upright, without anything but its pixels.
type Picture struct {
	Data   []byte // a whole PNG or JPEG file
	Type   string // "image/png" or "image/jpeg"
	Width  int    // pixels
	Height int    // pixels
}

// The keys of the faults of Reencode.
const (
	keyType   = "blob.error.picture_type"   // not one of the four formats
	keySVG    = "blob.error.picture_svg"    // a drawing that can hold scripts
	keyBytes  = "blob.error.picture_bytes"  // more than MaxBytes; argument max in MB
	keySize   = "blob.error.picture_size"   // more than MaxPixels or MaxSide; arguments max in megapixels, side in pixels
	keyBroken = "blob.error.picture_broken" // it begins like a picture, but cannot be read
)

// Reencode reads a PNG, a JPEG, the first frame of a GIF, or a WebP, and writes it anew: place, camera, comments, colour profiles and
// anything else stored beside the pixels are gone, a JPEG stands as its EXIF orientation says, and it is at most MaxWidth wide.
// What has transparency, and drawings of at most 256 colours, become PNG; all else becomes JPEG, and so does whatever came as JPEG, or
// as lossy WebP without transparency: its noise would make a PNG several times as large.
//
// The errors are faults of kind Invalid. Memory is up to twelve bytes a pixel given, 480 MB at the limit (a progressive JPEG), for
// about two seconds, so callers decode few at a time.
func Reencode(data []byte) (Picture, error) {
	img, lossy, err := decode(data)
	if err != nil {
		return Picture{}, err
	}
	drawing := false
	if !lossy {
		img, drawing = fewColours(img)
	}
	asPNG := drawing || !lossy && !opaque(img)
	turn := orientation(data)
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if turn.swaps() {
		w, h = h, w
	}
	if w > MaxWidth {
		w, h = MaxWidth, max(1, (h*MaxWidth+w/2)/w)
		if turn.swaps() {
			w, h = h, w
		}
		img = scale(img, w, h)
	}
	return encode(turn.apply(img), asPNG)
}

// format is one kind of picture: how it begins, with ? for any byte, and who reads it.
type format struct {
	magic  string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

const jpegMagic = "\xff\xd8\xff"

// formats are those that are accepted.
func formats() [4]format {
	return [4]format{
		{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
		{jpegMagic, jpeg.DecodeConfig, jpeg.Decode},
		{"GIF8?a", gif.DecodeConfig, firstFrame},
		{"RIFF????WEBP", webp.DecodeConfig, webp.Decode},
	}
}

// begins reports whether data starts as magic says.
func begins(data []byte, magic string) bool {
	if len(data) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != data[i] {
			return false
		}
	}
	return true
}

// decode reads a picture after its size has been found to be within the limits. lossy says that it was stored as JPEG, or as WebP
// does in its lossy form, without transparency.
func decode(data []byte) (img image.Image, lossy bool, err error) {
	if len(data) > MaxBytes {
		return nil, false, fault.New(fault.Invalid, keyBytes).With("max", MaxBytes>>20)
	}
	for _, f := range formats() {
		if !begins(data, f.magic) {
			continue
		}
		c, err := f.config(bytes.NewReader(data))
		if err == nil && (c.Width < 1 || c.Height < 1) {
			err = errors.New("the picture has no pixels")
		}
		if err != nil {
			return nil, false, fault.New(fault.Invalid, keyBroken).Because(err)
		}
		if c.Width > MaxSide || c.Height > MaxSide || c.Width*c.Height > MaxPixels {
			return nil, false, fault.New(fault.Invalid, keySize).With("max", MaxPixels/1_000_000).With("side", MaxSide).
				Because(fmt.Errorf("%d x %d pixels", c.Width, c.Height))
		}
		img, err := f.decode(bytes.NewReader(data))
		if err != nil {
			return nil, false, fault.New(fault.Invalid, keyBroken).Because(err)
		}
		_, ycc := img.(*image.YCbCr)
		return img, ycc || f.magic == jpegMagic, nil
	}
	if looksLikeSVG(data) {
		return nil, false, fault.New(fault.Invalid, keySVG)
	}
	return nil, false, fault.New(fault.Invalid, keyType)
}

// looksLikeSVG only chooses the clearer message: whatever is none of the formats is refused in any case.
func looksLikeSVG(data []byte) bool {
	head := strings.ToLower(string(data[:min(len(data), 4096)]))
	return strings.Contains(head, "<svg") || strings.Contains(head, "<!doctype svg")
}

// firstFrame reads the first frame of a GIF, in its place on the whole picture.
func firstFrame(r io.Reader) (image.Image, error) {
	var again bytes.Buffer
	c, err := gif.DecodeConfig(io.TeeReader(r, &again))
	if err != nil {
		return nil, err
	}
	frame, err := gif.Decode(io.MultiReader(&again, r))
	if err != nil {
		return nil, err
	}
	whole := image.Rect(0, 0, c.Width, c.Height)
	if frame.Bounds() == whole {
		return frame, nil
	}
	img := image.NewNRGBA(whole)
	draw.Draw(img, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return img, nil
}

// fewColours reports whether img has at most 256 colours, and gives it a palette of them if it has none: a PNG with a palette is much
// smaller.
func fewColours(img image.Image) (image.Image, bool) {
	switch img.(type) {
	case *image.Paletted, *image.Gray:
		return img, true
	}
	b, at := img.Bounds(), pixelReader(img)
	index := map[color.NRGBA]uint8{}
	var pal color.Palette
	pix := make([]uint8, 0, b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := at(x, y)
			i, ok := index[c]
			if !ok {
				if len(pal) == 256 {
					return img, false
				}
				i = uint8(len(pal))
				index[c], pal = i, append(pal, c)
			}
			pix = append(pix, i)
		}
	}
	return &image.Paletted{Pix: pix, Stride: b.Dx(), Rect: image.Rect(0, 0, b.Dx(), b.Dy()), Palette: pal}, true
}

// pixelReader reads one pixel of img, without allocating for the two kinds that PNG and WebP mostly give.
func pixelReader(img image.Image) func(x, y int) color.NRGBA {
	switch m := img.(type) {
	case *image.NRGBA:
		return m.NRGBAAt
	case *image.RGBA:
		if m.Opaque() {
			return func(x, y int) color.NRGBA { return color.NRGBA(m.RGBAAt(x, y)) }
		}
	}
	return func(x, y int) color.NRGBA { return color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA) }
}

// encode writes the picture as Reencode says.
func encode(img image.Image, asPNG bool) (Picture, error) {
	var buf bytes.Buffer
	p := Picture{Type: "image/jpeg", Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}
	var err error
	if asPNG {
		p.Type = "image/png"
		err = png.Encode(&buf, img)
	} else {
		err = jpeg.Encode(&buf, img, &jpeg.Options{Quality: quality})
	}
	if err != nil {
		return Picture{}, fmt.Errorf("write a picture of %d x %d: %w", p.Width, p.Height, err)
	}
	p.Data = buf.Bytes()
	return p, nil
}

func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}
