package card

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"sync"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"pgregory.net/rapid"
)

var samples = []Card{
	{},
	{Title: "開会宣言", Lang: i18n.JA},
	{Eyebrow: "第57回", Title: "経路の設定を見直す～理想と現実～", Subtitle: "山田 太郎（例示大学）", Foot: "2026年2月11日 10:00–11:00", Mark: "集い", Accent: "#b5302a", Lang: i18n.JA},
	{Eyebrow: "Example Week", Title: "An operator's view of route leaks and what became of every one of them in the year after the roles were agreed on both sides", Foot: "Room A", Mark: "Example Week", Accent: "#06c", Lang: i18n.EN},
	{Title: strings.Repeat("寿限無、", 125), Subtitle: strings.Repeat("長い副題", 50), Foot: strings.Repeat("場所", 80), Mark: strings.Repeat("印", 60), Lang: i18n.JA},
	{Title: strings.Repeat("W", 500), Eyebrow: strings.Repeat("long ", 100), Lang: i18n.EN},
	{Title: "مؤتمر الشبكات في طوكيو", Subtitle: "ועידת הרשתות", Foot: "\u202eabc", Lang: i18n.EN},
	{Title: "🎉👩‍👩‍👧 ① ㊙ e\u0301 か\u3099 \x00\xff\u200b", Accent: "red"},
}

// pixels draws a card and decodes it again.
func pixels(t interface{ Fatalf(string, ...any) }, c Card) (*image.Paletted, int) {
	var buf bytes.Buffer
	if err := Draw(&buf, c); err != nil {
		t.Fatalf("draw: %v", err)
	}
	size := buf.Len()
	img, err := png.Decode(&buf)
	if err != nil {
		t.Fatalf("what was drawn is no PNG: %v", err)
	}
	p, ok := img.(*image.Paletted)
	if !ok {
		t.Fatalf("the picture is a %T, want a palette", img)
	}
	return p, size
}

// checkFrame looks at all that must stay empty: the margins, and the space above the band.
func checkFrame(t interface{ Fatalf(string, ...any) }, p *image.Paletted) {
	band := colorAt(p, Width-1, Height-1)
	empty := []struct {
		r    image.Rectangle
		want color.RGBA
	}{
		{image.Rect(barWidth, 0, left-4, bandTop), paperColor},
		{image.Rect(right+4, 0, Width, bandTop), paperColor},
		{image.Rect(barWidth, 0, Width, top-12), paperColor},
		{image.Rect(barWidth, bandTop-16, Width, bandTop), paperColor},
		{image.Rect(barWidth, bandTop, left-4, Height), band},
		{image.Rect(right+4, bandTop, Width, Height), band},
		{image.Rect(barWidth, Height-16, Width, Height), band},
	}
	for _, e := range empty {
		for y := e.r.Min.Y; y < e.r.Max.Y; y++ {
			for x := e.r.Min.X; x < e.r.Max.X; x++ {
				if got := colorAt(p, x, y); got != e.want {
					t.Fatalf("ink in the margin at %d,%d: %v, want %v", x, y, got, e.want)
				}
			}
		}
	}
}

func TestDrawKeepsSizeAndMargins(t *testing.T) {
	for _, c := range samples {
		p, size := pixels(t, c)
		if p.Rect.Dx() != 1200 || p.Rect.Dy() != 630 {
			t.Errorf("%q: %v, want 1200x630", c.Title, p.Rect)
		}
		if size > 60_000 {
			t.Errorf("%q: %d bytes, want under 60,000", c.Title, size)
		}
		checkFrame(t, p)
	}
}

func TestDrawShowsEveryText(t *testing.T) {
	base, _ := pixels(t, Card{})
	for name, c := range map[string]Card{
		"eyebrow": {Eyebrow: "あ"}, "title": {Title: "あ"}, "subtitle": {Subtitle: "あ"}, "foot": {Foot: "あ"}, "mark": {Mark: "あ"},
	} {
		if p, _ := pixels(t, c); bytes.Equal(p.Pix, base.Pix) {
			t.Errorf("the %s is not in the picture", name)
		}
	}
}

// TestRareNamesAreDrawn: in 𠮷 the first stroke is the shorter, in 吉 the second.
func TestRareNamesAreDrawn(t *testing.T) {
	for name, shorter := range map[string]bool{"𠮷": true, "吉": false} {
		for kind, c := range map[string]Card{"bold": {Title: name}, "regular": {Subtitle: name}} {
			p, _ := pixels(t, c)
			strokes := testkit.Strokes(p, image.Rect(left-4, 0, right, bandTop))
			if len(strokes) != 4 || (strokes[0] < strokes[1]) != shorter {
				t.Errorf("%s, %s: the level strokes are %v long", name, kind, strokes)
			}
		}
	}
}

func TestDrawAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Card{
			Eyebrow: rapid.String().Draw(t, "eyebrow"), Title: rapid.String().Draw(t, "title"),
			Subtitle: rapid.String().Draw(t, "subtitle"), Foot: rapid.String().Draw(t, "foot"), Mark: rapid.String().Draw(t, "mark"),
			Accent: rapid.SampledFrom([]string{"", "#fff", "#ffe000", "#000000", "no"}).Draw(t, "accent"),
			Lang:   rapid.SampledFrom(i18n.Langs).Draw(t, "lang"),
		}
		p, _ := pixels(t, c)
		checkFrame(t, p)
	})
}

func TestDrawIsTheSameFromManyGoroutines(t *testing.T) {
	var want bytes.Buffer
	if err := Draw(&want, samples[2]); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var got bytes.Buffer
			if err := Draw(&got, samples[2]); err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("a card drawn beside others differs (%v)", err)
			}
		})
	}
	wg.Wait()
}

type brokenPipe struct{}

var errBroken = errors.New("broken")

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }

func TestDrawReportsWhatTheWriterSays(t *testing.T) {
	if err := Draw(brokenPipe{}, samples[1]); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the writer's error", err)
	}
}

func TestAccents(t *testing.T) {
	for in, want := range map[string]color.RGBA{
		"#b5302a": {0xb5, 0x30, 0x2a, 0xff}, " #06c ": {0, 0x66, 0xcc, 0xff}, "": ownAccent, "b5302a": ownAccent,
		"#b5302": ownAccent, "#zzzzzz": ownAccent, "#+12345": ownAccent,
	} {
		if got := inksFor(in)[int(onPaper+accentText)*levels+full]; got != want {
			t.Errorf("accent %q: %v, want %v", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := color.RGBA{rapid.Byte().Draw(t, "r"), rapid.Byte().Draw(t, "g"), rapid.Byte().Draw(t, "b"), 0xff}
		if got := contrast(readable(c, paperColor), paperColor); got < 4.5 {
			t.Fatalf("%v: contrast %.2f on paper, want 4.5", c, got)
		}
	})
}

func FuzzDraw(f *testing.F) {
	for _, c := range samples {
		f.Add(c.Title, c.Subtitle, c.Foot)
	}
	f.Fuzz(func(t *testing.T, title, subtitle, foot string) {
		p, _ := pixels(t, Card{Eyebrow: foot, Title: title, Subtitle: subtitle, Foot: foot, Mark: subtitle})
		checkFrame(t, p)
	})
}

func BenchmarkDraw(b *testing.B) {
	for b.Loop() {
		if err := Draw(new(bytes.Buffer), samples[2]); err != nil {
			b.Fatal(err)
		}
	}
}

func colorAt(p *image.Paletted, x, y int) color.RGBA {
	return p.Palette[p.Pix[y*p.Stride+x]].(color.RGBA)
}
