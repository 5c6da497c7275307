package chart

// Drawing is a chart laid out: marks on a sheet whose origin is at its upper left. It says nothing of SVG, so that it can be put on paper
// by another writer.
type Drawing struct {
	Width, Height float64
	Title, Desc   string
	Series        int // how many series have a pattern and a colour
	Marks         []Mark
}

// Shape is what a mark is.
type Shape int

// The shapes of marks.
const (
	Rect   Shape = iota // X, Y, W, H
	Path                // Points, joined
	Symbol              // the sign of a series around X, Y
	Label               // Text with its base line at X, Y
	Plate               // a ground in the colour of the page, for text on a pattern
)

// Ink is in what a mark is drawn.
type Ink int

// The inks there are.
const (
	Text   Ink = iota
	Soft       // secondary text
	Grid       // thin lines behind
	Base       // the line at zero
	OfData     // of the series Mark.Series
)

// Anchor says where a text stands at its point.
type Anchor int

// The anchors of a text.
const (
	Start Anchor = iota
	Middle
	End
)

// Point is a place on a drawing.
type Point struct{ X, Y float64 }

// Mark is one thing that is drawn.
type Mark struct {
	Shape      Shape
	Ink        Ink
	Series     int
	X, Y, W, H float64
	Points     []Point
	Text       string
	Size       float64
	Bold       bool
	Anchor     Anchor
}

// The measures of every drawing, in the unit of its width.
const (
	size      = 12.0 // of the type
	small     = 11.0
	leading   = 16.0
	gap       = 8.0
	thick     = 14.0  // of a bar
	plot      = 168.0 // the height of what stands
	mostBars  = 40    // labels that are drawn; the table has all
	mostInks  = 8     // series that can be told apart
	symbolIs  = 4.0   // half the width of the sign of a series
	swatchIs  = 12.0
	valueRoom = 6.0 // between a bar and its value
)

// sheet collects marks.
type sheet struct {
	Drawing
	y float64 // where the next thing begins
}

func (s *sheet) add(m Mark) { s.Marks = append(s.Marks, m) }

func (s *sheet) rect(series int, x, y, w, h float64) {
	if w > 0 && h > 0 {
		s.add(Mark{Shape: Rect, Ink: OfData, Series: series, X: x, Y: y, W: w, H: h})
	}
}

func (s *sheet) line(ink Ink, x1, y1, x2, y2 float64) {
	s.add(Mark{Shape: Path, Ink: ink, Points: []Point{{x1, y1}, {x2, y2}}})
}

func (s *sheet) text(ink Ink, a Anchor, x, y, px float64, t string) {
	if t != "" {
		s.add(Mark{Shape: Label, Ink: ink, Anchor: a, X: x, Y: y, Size: px, Text: t})
	}
}

// legend names the series, as many on a line as fit.
func (s *sheet) legend(c Chart, sign Shape) {
	if len(c.Series) < 2 {
		return
	}
	x, y := 0.0, s.y
	for i, series := range c.Series {
		name := cut(series.Name, (s.Width-swatchIs-4)/size)
		w := swatchIs + 5 + em(name)*size
		if x > 0 && x+w > s.Width {
			x, y = 0, y+leading+2
		}
		if sign == Symbol {
			mid := y + swatchIs/2
			s.add(Mark{Shape: Path, Ink: OfData, Series: i, Points: []Point{{x, mid}, {x + swatchIs, mid}}})
			s.add(Mark{Shape: Symbol, Ink: OfData, Series: i, X: x + swatchIs/2, Y: mid})
		} else {
			s.rect(i, x, y, swatchIs, swatchIs)
		}
		s.text(Text, Start, x+swatchIs+5, y+swatchIs-1.5, size, name)
		x += w + 14
	}
	s.y = y + leading + gap
}
