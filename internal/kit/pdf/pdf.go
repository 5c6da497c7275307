// Package pdf writes papers: A4 pages with text that wraps, tables that go on over pages with their head carried, figures at the right, and page
// numbers. It knows no word of the domain.
//
// Text is drawn with the typeface of kit/typeface, and can be searched and copied. A character that no font has is drawn as its plain form, or as 〓.
// Measures are points (1/72 inch); y runs down from the top of the page. A Doc is used by one goroutine.
package pdf

import (
	"fmt"
	"strings"
	"time"

	"github.com/signintech/gopdf"

	"github.com/tsudoi/tsudoi/internal/kit/typeface"
)

// The page.
const (
	Width  = 595.28
	Height = 841.89
	Margin = 51.0
	Inner  = Width - 2*Margin // what there is between the margins
	bottom = Height - 62      // where the text ends; below stands the page number
)

// Info is what a paper says about itself.
type Info struct {
	Title, Author string
	Made          time.Time
	Foot          string // at the left of the bottom of each page
}

// Align says on which side of its box a text stands.
type Align int

// The sides.
const (
	Left Align = iota
	Right
	Center
)

// Style is how a text is drawn.
type Style struct {
	Size  float64
	Bold  bool
	Align Align
	Grey  float64 // 0: black, 1: white
}

// leading is the height of a line.
func (s Style) leading() float64 { return s.Size * 1.55 }

// Doc is a paper being written.
type Doc struct {
	gp    gopdf.GoPdf
	f     *fonts
	info  Info
	y     float64
	pages int
	font  string
	size  float64
	grey  float64
	taken map[string]bool // fonts
	wide  bool            // something beyond the Basic Multilingual Plane was written
	err   error           // the first
}

// New begins a paper with its first page.
func New(info Info) (*Doc, error) {
	f := shared()
	if f.err != nil {
		return nil, fmt.Errorf("read the fonts: %w", f.err)
	}
	d := &Doc{f: f, info: info, taken: map[string]bool{}}
	d.gp.Start(gopdf.Config{PageSize: gopdf.Rect{W: Width, H: Height}})
	d.gp.SetInfo(gopdf.PdfInfo{Title: plane(info.Title), Author: plane(info.Author), Producer: "Tsudoi", CreationDate: info.Made})
	d.Page()
	return d, nil
}

// Page begins a new page.
func (d *Doc) Page() {
	d.gp.AddPage()
	d.pages++
	d.y, d.font, d.grey = Margin, "", -1
}

// Y is where the next thing is written.
func (d *Doc) Y() float64 { return d.y }

// SetY says where the next thing is written.
func (d *Doc) SetY(y float64) { d.y = y }

// Skip leaves room.
func (d *Doc) Skip(h float64) { d.y += h }

// Need begins a new page where less than h is left of this one. It is true where it did.
func (d *Doc) Need(h float64) bool {
	if d.y+h <= bottom {
		return false
	}
	d.Page()
	return true
}

func (d *Doc) face(s Style) *typeface.Face {
	if s.Bold {
		return d.f.bold
	}
	return d.f.regular
}

// Lines wraps a text into a width.
func (d *Doc) Lines(s Style, width float64, text string) []string {
	face := d.face(s)
	var out []string
	for para := range strings.SplitSeq(text, "\n") {
		out = append(out, wrap(face, face.Spell(para), width/s.Size)...)
	}
	return out
}

// High is how high a text is in a width.
func (d *Doc) High(s Style, width float64, text string) float64 {
	return float64(len(d.Lines(s, width, text))) * s.leading()
}

// At writes a text into a box at a place and says how high it is. It neither moves Y nor begins a page.
func (d *Doc) At(x, y, width float64, s Style, text string) float64 {
	lines := d.Lines(s, width, text)
	for i, l := range lines {
		d.line(x, y+float64(i)*s.leading(), width, s, l)
	}
	return float64(len(lines)) * s.leading()
}

// Write writes a text over the whole width, over as many pages as it takes.
func (d *Doc) Write(s Style, text string) {
	for _, l := range d.Lines(s, Inner, text) {
		d.Need(s.leading())
		d.line(Margin, d.y, Inner, s, l)
		d.y += s.leading()
	}
}

// line draws a line that was spelled and fits.
func (d *Doc) line(x, y, width float64, s Style, text string) {
	if text == "" || d.err != nil {
		return
	}
	if s.Grey != d.grey {
		d.grey = s.Grey
		d.gp.SetGrayFill(s.Grey)
	}
	face := d.face(s)
	switch s.Align {
	case Right:
		x += width - measure(face, text)*s.Size
	case Center:
		x += (width - measure(face, text)*s.Size) / 2
	}
	for font, part := range d.f.parts(s.Bold, text) {
		if d.take(font, s.Size); d.err != nil {
			return
		}
		d.gp.SetXY(x, y+s.Size*1.18) // the base line
		if d.err = d.gp.Text(part); d.err != nil {
			return
		}
		x += measure(face, part) * s.Size
		d.wide = d.wide || beyond(part)
	}
}

// take makes a font the current one; a font that no line needs is not in the paper.
func (d *Doc) take(name string, size float64) {
	if name == d.font && size == d.size {
		return
	}
	if !d.taken[name] {
		d.taken[name] = true
		if d.err = d.f.ready(name); d.err != nil {
			return
		}
		if d.err = d.gp.AddTTFFontFromFontContainer(name, d.f.container); d.err != nil {
			return
		}
	}
	d.font, d.size = name, size
	d.err = d.gp.SetFont(name, "", size)
}

// Rule draws a line from one place to another.
func (d *Doc) Rule(x1, y1, x2, y2, width float64) {
	d.gp.SetLineWidth(width)
	d.gp.Line(x1, y1, x2, y2)
}

// Fill draws a grey ground.
func (d *Doc) Fill(x, y, w, h, grey float64) {
	d.gp.SetGrayFill(grey)
	d.grey = grey
	d.gp.RectFromUpperLeftWithStyle(x, y, w, h, "F")
}

// Bytes ends the paper: each page gets its foot and number.
func (d *Doc) Bytes() ([]byte, error) {
	s := Style{Size: 8, Grey: 0.35}
	for n := 1; n <= d.pages && d.err == nil; n++ {
		if err := d.gp.SetPage(n); err != nil {
			return nil, fmt.Errorf("number the pages: %w", err)
		}
		d.font, d.grey = "", -1
		if lines := d.Lines(s, Inner-60, d.info.Foot); len(lines) > 0 {
			d.line(Margin, Height-42, Inner-60, s, lines[0])
		}
		right := s
		right.Align = Right
		d.line(Margin, Height-42, Inner, right, fmt.Sprintf("%d / %d", n, d.pages))
	}
	if d.err != nil {
		return nil, fmt.Errorf("write a paper: %w", d.err)
	}
	b, err := d.gp.GetBytesPdfReturnErr()
	if err != nil {
		return nil, fmt.Errorf("write a paper: %w", err)
	}
	if d.wide || beyond(d.info.Title+d.info.Author) {
		b = d.surrogates(b)
	}
	return b, nil
}
