package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/kit/typeface"
)

// read is the text of a paper, as another program reads it.
func read(t *testing.T, b []byte) string {
	t.Helper()
	return ask(t, b, "pdftotext", "-layout", "-", "-")
}

// ask has a program read a paper, and is what it writes; a complaint about the paper fails the test.
func ask(t *testing.T, b []byte, program string, args ...string) string {
	t.Helper()
	testkit.Need(t, program)
	var errs bytes.Buffer
	c := exec.CommandContext(t.Context(), program, args...)
	c.Stdin, c.Stderr = bytes.NewReader(b), &errs
	out, err := c.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("%s: %v: %s", program, err, errs.String())
	}
	return string(out)
}

func paper(t testing.TB, rows int) []byte {
	t.Helper()
	d, err := New(Info{Title: "請求書 I2026-00001", Author: "一般社団法人見本", Made: time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC), Foot: "I2026-00001"})
	if err != nil {
		t.Fatal(err)
	}
	d.Write(Style{Size: 20, Bold: true, Align: Center}, "請求書")
	d.Skip(10)
	d.Write(Style{Size: 11}, "株式会社見本商事\n𠮷田 花子 様")
	t1 := Table{Columns: []Column{{"内容", 0.5, Left}, {"数量", 0.15, Right}, {"金額", 0.35, Right}}, Size: 9}
	for i := range rows {
		t1.Rows = append(t1.Rows, []string{fmt.Sprintf("参加費 %d 人め、名前の長い項目で二行にわたるもの、ハンズオンのA会場", i+1), "1", "16,500円"})
	}
	d.Table(t1)
	b, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPaperCanBeRead(t *testing.T) {
	text := read(t, paper(t, 80))
	text = strings.ReplaceAll(text, " / ", "/")
	for _, want := range []string{"請求書", "株式会社見本商事", "𠮷田 花子 様", "参加費 80 人め", "16,500円", "I2026-00001", "1/5", "5/5"} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper does not say %q", want)
		}
	}
	if n := strings.Count(text, "数量"); n != 5 {
		t.Errorf("the head of the table is there %d times, want on each of 5 pages", n)
	}
}

// TestRareNames: names of characters that few fonts have are drawn, can be read by other programs, and stand in what the paper says about itself.
func TestRareNames(t *testing.T) {
	const names = "𠮷田 髙橋 塚田 𡈽屋 槗本 陈伟 𩸽 김민수 𥁬"
	d, err := New(Info{Title: "領収書 𠮷野 𡈽", Author: "株式会社𠮷", Foot: "𠮷"})
	if err != nil {
		t.Fatal(err)
	}
	d.Write(Style{Size: 12}, names)
	d.Write(Style{Size: 12, Bold: true, Align: Right}, "太"+names)
	b, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(read(t, b)), "")
	drawn := strings.NewReplacer(" ", "", "𥁬", "〓").Replace(names)
	for _, want := range []string{drawn, "太" + drawn, "𠮷1/1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper does not say %q: %q", want, text)
		}
	}
	info := ask(t, b, "pdfinfo", "-")
	for _, want := range []string{"領収書 𠮷野 𡈽", "株式会社𠮷"} {
		if !strings.Contains(info, want) {
			t.Errorf("the paper does not say of itself %q:\n%s", want, info)
		}
	}
}

// TestRareNamesAreDrawn: in 𠮷 the first stroke is the shorter, in 吉 the second.
func TestRareNamesAreDrawn(t *testing.T) {
	for _, bold := range []bool{false, true} {
		for name, shorter := range map[string]bool{"𠮷": true, "吉": false} {
			d, err := New(Info{})
			if err != nil {
				t.Fatal(err)
			}
			d.Write(Style{Size: 300, Bold: bold}, name)
			b, err := d.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(testkit.DrawPDF(t, b, 1)))
			if err != nil {
				t.Fatal(err)
			}
			strokes := testkit.Strokes(img, image.Rect(0, 0, 595, 760))
			if len(strokes) != 4 || (strokes[0] < strokes[1]) != shorter {
				t.Errorf("%s, bold %v: the level strokes are %v long", name, bold, strokes)
			}
		}
	}
}

func TestPapersAreWrittenAtOnce(t *testing.T) {
	want := paper(t, 3)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if !bytes.Equal(paper(t, 3), want) {
				t.Error("two papers of the same content differ")
			}
		})
	}
	all.Wait()
}

func TestWrap(t *testing.T) {
	f, err := typeface.Regular()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		in    string
		width float64
		want  string
	}{
		{"参加費です。次", 5, "参加費で|す。次"}, // no line begins with 。
		{"会議（見本）", 3, "会議|（見本）"},   // none ends with （
		{"Internet Week 2027", 6, "Internet|Week|2027"},
		{"AAAAAAAAAAAAAAAA", 3, ""},
		{"", 3, ""},
	} {
		got := strings.Join(wrap(f, f.Spell(x.in), x.width), "|")
		if x.want != "" && got != x.want {
			t.Errorf("%q wraps to %q, want %q", x.in, got, x.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		in := f.Spell(rapid.StringOf(rapid.RuneFrom([]rune("国あ。（）A-b 1、ー　"))).Draw(t, "text"))
		width := rapid.Float64Range(2, 20).Draw(t, "width")
		lines := wrap(f, in, width)
		squeezed := strings.NewReplacer(" ", "", "　", "")
		if squeezed.Replace(strings.Join(lines, "")) != squeezed.Replace(string(in)) {
			t.Fatalf("%q lost something: %q", string(in), lines)
		}
		for _, l := range lines {
			if w := measure(f, l); w > width+1e-6 && len([]rune(l)) > 1 {
				t.Fatalf("%q is %.1f wide, more than %.1f", l, w, width)
			}
		}
	})
}

func BenchmarkPaper(b *testing.B) {
	for b.Loop() {
		paper(b, 3)
	}
}
