package blob

import (
	"encoding/binary"
	"image"
	"image/draw"

	xdraw "golang.org/x/image/draw"
)

// turning is an EXIF orientation: where the first row and the first column of the stored pixels belong (Exif 2.32, 4.6.4 A,
// tag 274).
type turning int

// The eight orientations, by where the first row and the first column are to be seen. Upright leaves the picture as it is.
const (
	upright      turning = 1 + iota // top, left
	mirrored                        // top, right
	upsideDown                      // bottom, right
	flipped                         // bottom, left
	transposed                      // left, top
	turnedRight                     // right, top: turn it 90 degrees clockwise
	transversed                     // right, bottom
	turnedLeft                      // left, bottom: turn it 90 degrees anticlockwise
	orientations = 8
)

// swaps reports that width and height change places.
func (t turning) swaps() bool { return t >= transposed }

// apply returns img as it is to be seen.
func (t turning) apply(img image.Image) image.Image {
	if t == upright {
		return img
	}
	b := img.Bounds()
	src := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(src, src.Rect, img, b.Min, draw.Src)
	w, h := b.Dx(), b.Dy()
	size := image.Rect(0, 0, w, h)
	if t.swaps() {
		size = image.Rect(0, 0, h, w)
	}
	dst := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			dx, dy := t.place(x, y, w, h)
			to, from := dst.PixOffset(dx, dy), src.PixOffset(x, y)
			copy(dst.Pix[to:to+4], src.Pix[from:from+4])
		}
	}
	return dst
}

// place is where the stored pixel x, y of a picture of w by h is to be seen.
func (t turning) place(x, y, w, h int) (int, int) {
	switch t {
	case mirrored:
		return w - 1 - x, y
	case upsideDown:
		return w - 1 - x, h - 1 - y
	case flipped:
		return x, h - 1 - y
	case transposed:
		return y, x
	case turnedRight:
		return h - 1 - y, x
	case transversed:
		return h - 1 - y, w - 1 - x
	case turnedLeft:
		return y, w - 1 - x
	}
	return x, y
}

// orientation finds the EXIF orientation of a JPEG; whatever cannot be read is upright. The segments before the first scan are walked
// (ITU-T T.81, B.1.1): FF, marker, length in two bytes that count themselves, content.
func orientation(data []byte) turning {
	const (
		soi, sos, app1 = 0xd8, 0xda, 0xe1
		exif           = "Exif\x00\x00"
	)
	if len(data) < 2 || data[0] != 0xff || data[1] != soi {
		return upright
	}
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		marker := data[at+1]
		if marker == 0xff { // a fill byte
			at++
			continue
		}
		if marker == sos {
			break
		}
		length := int(binary.BigEndian.Uint16(data[at+2:]))
		if length < 2 || at+2+length > len(data) {
			break
		}
		content := data[at+4 : at+2+length]
		if marker == app1 && begins(content, exif) {
			return tiffOrientation(content[len(exif):])
		}
		at += 2 + length
	}
	return upright
}

// tiffOrientation reads the orientation from the TIFF structure that EXIF is (TIFF 6.0, section 2): byte order, 42, the offset of the
// first directory; there a count and entries of 12 bytes, each tag, type, count, value. The orientation is one SHORT.
func tiffOrientation(tiff []byte) turning {
	const entry, tag, short = 12, 0x0112, 3
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(tiff[:4]) {
	case "II*\x00":
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	first := uint64(order.Uint32(tiff[4:]))
	if first+2 > uint64(len(tiff)) {
		return upright
	}
	count, entries := int(order.Uint16(tiff[first:])), tiff[first+2:]
	for i := 0; i < count && (i+1)*entry <= len(entries); i++ {
		e := entries[i*entry:]
		if order.Uint16(e) != tag {
			continue
		}
		v := turning(order.Uint16(e[8:]))
		if order.Uint16(e[2:]) == short && order.Uint32(e[4:]) == 1 && v >= upright && v <= orientations {
			return v
		}
		break
	}
	return upright
}

// bandPx is how many rows or columns are scaled at a time. The scaler needs 32 bytes for every pixel of width after times height
// before, which for a whole large picture would be hundreds of megabytes.
const bandPx = 64

// scale makes img w by h pixels: first its rows, then its columns, in bands. At the size it has, Catmull-Rom leaves a direction
// exactly as it is, so the bands show no seams.
func scale(img image.Image, w, h int) image.Image {
	b := img.Bounds()
	narrow := image.NewRGBA(image.Rect(0, 0, w, b.Dy()))
	rows := xdraw.CatmullRom.NewScaler(w, bandPx, b.Dx(), bandPx)
	for y := 0; y < b.Dy(); y += bandPx {
		to := min(y+bandPx, b.Dy())
		bandScaler(rows, to-y).Scale(narrow, image.Rect(0, y, w, to), img, image.Rect(b.Min.X, b.Min.Y+y, b.Max.X, b.Min.Y+to), xdraw.Src, nil)
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	columns := xdraw.CatmullRom.NewScaler(bandPx, h, bandPx, b.Dy())
	for x := 0; x < w; x += bandPx {
		to := min(x+bandPx, w)
		bandScaler(columns, to-x).Scale(dst, image.Rect(x, 0, to, h), narrow, image.Rect(x, 0, to, b.Dy()), xdraw.Src, nil)
	}
	return dst
}

// bandScaler is the scaler for a band: the one made for all, which keeps its memory, unless the band is the smaller last one.
func bandScaler(all xdraw.Scaler, size int) xdraw.Scaler {
	if size == bandPx {
		return all
	}
	return xdraw.CatmullRom
}
