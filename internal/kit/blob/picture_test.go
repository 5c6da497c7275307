package blob

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

var (
	red  = color.NRGBA{0xe0, 0x10, 0x10, 0xff}
	blue = color.NRGBA{0x10, 0x10, 0xe0, 0xff}
)

// photo is a picture of more than 256 colours: red above, blue below, in many shades.
func photo(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := red
			if y >= h/2 {
				c = blue
			}
			c.G = uint8(x * 60 / w)
			c.R += uint8(y % 12)
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// flat is a picture of two colours: the left half is c, the rest d.
func flat(w, h int, c, d color.Color) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.NewUniform(d), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(0, 0, w/2, h), image.NewUniform(c), image.Point{}, draw.Src)
	return m
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asGIF(t testing.TB, g *gif.GIF) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// asWebP writes a lossless WebP of one colour (RFC 9649): every code has one symbol, so the pixels take no bits.
func asWebP(w, h int, c color.NRGBA) []byte {
	var bits []byte
	n := 0
	put := func(v, count int) {
		for i := range count {
			if n%8 == 0 {
				bits = append(bits, 0)
			}
			bits[n/8] |= byte(v >> i & 1 << (n % 8))
			n++
		}
	}
	put(0x2f, 8)
	put(w-1, 14)
	put(h-1, 14)
	put(1, 1)                                                         // alpha may be used
	put(0, 3)                                                         // version
	put(0, 3)                                                         // no transform, no colour cache, one group of codes
	for _, v := range []int{int(c.G), int(c.R), int(c.B), int(c.A)} { // simple code, one symbol of eight bits
		put(1, 1)
		put(0, 1)
		put(1, 1)
		put(v, 8)
	}
	put(1, 4) // distances: simple code, one symbol of one bit, 0
	if len(bits)%2 == 1 {
		bits = append(bits, 0)
	}
	out := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00"), bits...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	binary.LittleEndian.PutUint32(out[16:], uint32(len(bits)))
	return out
}

// withSegment puts a segment behind the first two bytes of a JPEG.
func withSegment(jpg []byte, marker byte, content string) []byte {
	head := []byte{0xff, marker, 0, 0}
	binary.BigEndian.PutUint16(head[2:], uint16(len(content)+2))
	return slices.Concat(jpg[:2], head, []byte(content), jpg[2:])
}

// exif is an EXIF segment that holds an orientation, in either byte order, after another entry.
func exif(order binary.AppendByteOrder, orientation uint16) string {
	b := []byte("II*\x00")
	if order.String() == binary.BigEndian.String() {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	for _, e := range [][2]uint16{{0x0100, 7}, {0x0112, orientation}} {
		b = order.AppendUint16(b, e[0])
		b = order.AppendUint16(b, 3)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, e[1])
		b = order.AppendUint16(b, 0)
	}
	b = order.AppendUint32(b, 0)
	return "Exif\x00\x00" + string(b) + "Secret Camera 35.6812N"
}

// reencode reads a picture, and reads what came of it again.
func reencode(t *testing.T, data []byte) (Picture, image.Image) {
	t.Helper()
	p, err := Reencode(data)
	if err != nil {
		t.Fatal(err)
	}
	img, format, err := image.Decode(bytes.NewReader(p.Data))
	if err != nil {
		t.Fatal(err)
	}
	if "image/"+format != p.Type || img.Bounds() != image.Rect(0, 0, p.Width, p.Height) {
		t.Errorf("said %s %dx%d, is %s %v", p.Type, p.Width, p.Height, format, img.Bounds())
	}
	return p, img
}

// near reports that two colours cannot be told apart, as JPEG leaves them.
func near(a, b color.Color) bool {
	ar, ag, ab, aa := a.RGBA()
	br, bg, bb, ba := b.RGBA()
	off := func(x, y uint32) bool { return max(x, y)-min(x, y) > 24<<8 }
	return !off(ar, br) && !off(ag, bg) && !off(ab, bb) && !off(aa, ba)
}

func TestReencodeChoosesTheFormat(t *testing.T) {
	clear := photo(60, 40)
	clear.SetNRGBA(1, 1, color.NRGBA{})
	gray := image.NewGray(image.Rect(0, 0, 30, 20))
	for name, tt := range map[string]struct {
		data []byte
		typ  string
		w, h int
	}{
		"photo as PNG":          {asPNG(t, photo(60, 40)), "image/jpeg", 60, 40},
		"photo with a hole":     {asPNG(t, clear), "image/png", 60, 40},
		"drawing":               {asPNG(t, flat(60, 40, red, blue)), "image/png", 60, 40},
		"grey drawing":          {asPNG(t, gray), "image/png", 30, 20},
		"wide drawing":          {asPNG(t, flat(3000, 500, red, blue)), "image/png", 2400, 400},
		"wide photo":            {asPNG(t, photo(4800, 300)), "image/jpeg", 2400, 150},
		"very wide line":        {asPNG(t, flat(16000, 1, red, blue)), "image/png", 2400, 1},
		"photo as JPEG":         {asJPEG(t, photo(61, 43)), "image/jpeg", 61, 43},
		"grey photo":            {asJPEG(t, gray), "image/jpeg", 30, 20},
		"WebP":                  {asWebP(40, 30, red), "image/png", 40, 30},
		"wide turned photo":     {withSegment(asJPEG(t, photo(300, 4800)), 0xe1, exif(binary.BigEndian, 6)), "image/jpeg", 2400, 150},
		"high photo, left high": {asJPEG(t, photo(30, 4800)), "image/jpeg", 30, 4800},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := reencode(t, tt.data)
			if p.Type != tt.typ || p.Width != tt.w || p.Height != tt.h {
				t.Errorf("got %s %dx%d, want %s %dx%d", p.Type, p.Width, p.Height, tt.typ, tt.w, tt.h)
			}
		})
	}
}

func TestReencodeKeepsThePixels(t *testing.T) {
	half := color.NRGBA{0x10, 0xe0, 0x10, 0x80}
	for name, data := range map[string][]byte{
		"PNG": asPNG(t, flat(40, 30, half, blue)), "wide PNG": asPNG(t, flat(4000, 3000, half, blue)),
	} {
		p, img := reencode(t, data)
		if l, r := img.At(p.Width/4, p.Height/2), img.At(p.Width*3/4, p.Height/2); !near(l, half) || !near(r, blue) {
			t.Errorf("%s: the halves are %v and %v", name, l, r)
		}
	}
	if p, img := reencode(t, asWebP(40, 30, red)); img.At(20, 15) != color.Color(red) && !near(img.At(20, 15), red) {
		t.Errorf("WebP of %dx%d: the middle is %v, want %v", p.Width, p.Height, img.At(20, 15), red)
	}
	_, img := reencode(t, asPNG(t, photo(4800, 300)))
	if a, b := img.At(10, 10), img.At(10, 140); !near(a, photo(4800, 300).At(20, 20)) || !near(b, blue) {
		t.Errorf("wide photo: %v above, %v below", a, b)
	}
}

func TestReencodeTakesTheFirstFrame(t *testing.T) {
	pal := color.Palette{color.NRGBA{}, red, blue}
	first, second := image.NewPaletted(image.Rect(10, 5, 20, 15), pal), image.NewPaletted(image.Rect(0, 0, 40, 30), pal)
	draw.Draw(first, first.Rect, image.NewUniform(red), image.Point{}, draw.Src)
	draw.Draw(second, second.Rect, image.NewUniform(blue), image.Point{}, draw.Src)
	data := asGIF(t, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{0, 0}, Config: image.Config{ColorModel: pal, Width: 40, Height: 30}})
	p, img := reencode(t, data)
	if p.Type != "image/png" || p.Width != 40 || p.Height != 30 {
		t.Fatalf("got %s %dx%d, want a PNG of 40x30", p.Type, p.Width, p.Height)
	}
	if _, _, _, a := img.At(0, 0).RGBA(); a != 0 || !near(img.At(15, 10), red) {
		t.Errorf("the corner is %v, the frame %v", img.At(0, 0), img.At(15, 10))
	}
}

func TestReencodeTurnsAsTheCameraSays(t *testing.T) {
	// The stored picture is red in its top left quarter. Here is where that quarter is to be seen: right and bottom, by orientation.
	want := map[uint16][2]bool{1: {false, false}, 2: {true, false}, 3: {true, true}, 4: {false, true}, 5: {false, false}, 6: {true, false}, 7: {true, true}, 8: {false, true}}
	stored := image.NewNRGBA(image.Rect(0, 0, 64, 32))
	draw.Draw(stored, stored.Rect, image.NewUniform(blue), image.Point{}, draw.Src)
	draw.Draw(stored, image.Rect(0, 0, 32, 16), image.NewUniform(red), image.Point{}, draw.Src)
	jpg := asJPEG(t, stored)
	for _, o := range slices.Sorted(maps.Keys(want)) {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			p, img := reencode(t, withSegment(withSegment(jpg, 0xe1, exif(order, o)), 0xe0, "JFIF\x00"))
			if swapped := p.Width == 32 && p.Height == 64; swapped != (o >= 5) {
				t.Errorf("orientation %d: %dx%d", o, p.Width, p.Height)
			}
			x, y := p.Width/4, p.Height/4
			if want[o][0] {
				x = p.Width * 3 / 4
			}
			if want[o][1] {
				y = p.Height * 3 / 4
			}
			if !near(img.At(x, y), red) || !near(img.At(p.Width-1-x, p.Height-1-y), blue) {
				t.Errorf("orientation %d: %v where red should be", o, img.At(x, y))
			}
		}
	}
}

func TestOrientationOfWhatCannotBeRead(t *testing.T) {
	jpg := asJPEG(t, photo(8, 8))
	good := exif(binary.LittleEndian, 6)
	for name, data := range map[string][]byte{
		"none": jpg, "nothing": nil, "no JPEG": []byte("GIF89a"), "nought": withSegment(jpg, 0xe1, exif(binary.LittleEndian, 0)),
		"nine": withSegment(jpg, 0xe1, exif(binary.LittleEndian, 9)), "cut": withSegment(jpg, 0xe1, good)[:40],
		"bad order":      withSegment(jpg, 0xe1, strings.Replace(good, "II*", "XX*", 1)),
		"far directory":  withSegment(jpg, 0xe1, strings.Replace(good, "\x08\x00\x00\x00", "\xff\xff\xff\xff", 1)),
		"other type":     withSegment(jpg, 0xe1, strings.Replace(good, "\x12\x01\x03\x00", "\x12\x01\x04\x00", 1)),
		"behind the end": append(slices.Clone(jpg), withSegment(jpg, 0xe1, good)...),
	} {
		if got := orientation(data); got != upright {
			t.Errorf("%s: %d, want %d", name, got, upright)
		}
	}
	if got := orientation(withSegment(jpg, 0xe1, good)); got != turnedRight {
		t.Errorf("the good one: %d, want %d", got, turnedRight)
	}
}

func TestReencodeForgetsEverythingElse(t *testing.T) {
	jpg := asJPEG(t, photo(40, 30))
	jpg = withSegment(withSegment(jpg, 0xe1, exif(binary.BigEndian, 1)), 0xfe, "Secret comment")
	pngWithText := asPNG(t, photo(40, 30))
	pngWithText = slices.Concat(pngWithText[:33], pngChunk("tEXt", "Comment\x00Secret"), pngWithText[33:], []byte("<script>Secret</script>"))
	for name, data := range map[string][]byte{"JPEG": append(jpg, "Secret tail"...), "PNG": pngWithText} {
		if !bytes.Contains(data, []byte("Secret")) {
			t.Fatalf("%s: the test hides no secret", name)
		}
		p, _ := reencode(t, data)
		if bytes.Contains(p.Data, []byte("Secret")) || bytes.Contains(p.Data, []byte("Exif")) {
			t.Errorf("%s: the secret is still there", name)
		}
	}
}

func pngChunk(kind, content string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	b = append(b, kind+content...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngHead is a PNG that says how large it is and has no pixels.
func pngHead(w, h uint32) []byte {
	head := binary.BigEndian.AppendUint32(nil, w)
	head = binary.BigEndian.AppendUint32(head, h)
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", string(head)+"\x08\x02\x00\x00\x00"), pngChunk("IDAT", "x"))
}

func TestReencodeRefuses(t *testing.T) {
	whole := asPNG(t, photo(40, 30))
	for name, tt := range map[string]struct {
		data []byte
		key  string
	}{
		"nothing":         {nil, keyType},
		"text":            {[]byte("hello"), keyType},
		"HTML":            {[]byte("<!doctype html><script>1</script>"), keyType},
		"TIFF":            {[]byte("II*\x00\x08\x00\x00\x00"), keyType},
		"SVG":             {[]byte("<?xml version='1.0'?>\n<!-- a logo -->\n<SVG xmlns='http://www.w3.org/2000/svg'/>"), keySVG},
		"too many bytes":  {append(slices.Clone(whole), make([]byte, MaxBytes)...), keyBytes},
		"a bomb":          {pngHead(16_000, 16_000), keySize},
		"a long line":     {pngHead(20_000, 1), keySize},
		"a huge bomb":     {pngHead(1<<31-1, 1), keySize},
		"WebP bomb":       {asWebP(16_000, 16_000, red), keySize},
		"no pixels":       {pngHead(10, 10), keyBroken},
		"no size":         {pngHead(0, 10), keyBroken},
		"half a PNG":      {whole[:len(whole)/2], keyBroken},
		"half a JPEG":     {asJPEG(t, photo(40, 30))[:300], keyBroken},
		"begin of a JPEG": {[]byte("\xff\xd8\xff"), keyBroken},
		"begin of a GIF":  {[]byte("GIF89a"), keyBroken},
		"begin of a WebP": {[]byte("RIFF\x10\x00\x00\x00WEBPVP8X"), keyBroken},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Reencode(tt.data)
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || f.Key != tt.key {
				t.Errorf("got %v, want %s", err, tt.key)
			}
		})
	}
}

func TestEveryFaultHasItsWords(t *testing.T) {
	for _, l := range []string{"ja", "en"} {
		b, err := Words.ReadFile("lang/" + l + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]string
		if err := json.Unmarshal(b, &words); err != nil {
			t.Fatal(err)
		}
		if got, want := slices.Sorted(maps.Keys(words)), []string{keyBroken, keyBytes, keySize, keySVG, keyType}; !slices.Equal(got, want) {
			t.Errorf("%s: the keys are %v, want %v", l, got, want)
		}
	}
}
