package pdf

// Column is a column of a table.
type Column struct {
	Head  string
	Width float64 // a share of the inner width; all together are 1
	Align Align
}

// Table is rows under a head.
type Table struct {
	Columns []Column
	Rows    [][]string
	Size    float64
	Bold    []bool // rows that stand out; may be shorter than Rows
}

const (
	padX = 4.0
	padY = 3.0
)

// Table writes a table where the paper stands. The head is repeated on each page; a row that fits on a page is not torn.
func (d *Doc) Table(t Table) {
	d.Need(4 * t.Size * 1.55)
	d.head(t)
	for i, row := range t.Rows {
		s := Style{Size: t.Size, Bold: i < len(t.Bold) && t.Bold[i]}
		cells, most := d.cells(t, s, row)
		high := float64(most)*s.leading() + 2*padY
		if d.y+high > bottom && high < bottom-Margin-60 {
			d.more(t)
		}
		d.y += padY
		for line := range most {
			if d.y+s.leading() > bottom {
				d.more(t)
				d.y += padY
			}
			d.row(t, s, cells, line)
			d.y += s.leading()
		}
		d.y += padY
		d.Rule(Margin, d.y, Margin+Inner, d.y, 0.3)
	}
}

// more goes on with a table on a new page.
func (d *Doc) more(t Table) {
	d.Page()
	d.head(t)
}

// cells wraps the cells of a row, and says how many lines the highest has.
func (d *Doc) cells(t Table, s Style, row []string) (cells [][]string, most int) {
	cells = make([][]string, len(t.Columns))
	for c, col := range t.Columns {
		if c < len(row) {
			cells[c] = d.Lines(s, col.Width*Inner-2*padX, row[c])
		}
		most = max(most, len(cells[c]))
	}
	return cells, most
}

// row draws one line of the cells of a row.
func (d *Doc) row(t Table, s Style, cells [][]string, line int) {
	x := Margin
	for c, col := range t.Columns {
		if line < len(cells[c]) {
			own := s
			own.Align = col.Align
			d.line(x+padX, d.y, col.Width*Inner-2*padX, own, cells[c][line])
		}
		x += col.Width * Inner
	}
}

func (d *Doc) head(t Table) {
	s := Style{Size: t.Size - 0.5, Bold: true}
	heads := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		heads[i] = c.Head
	}
	cells, most := d.cells(t, s, heads)
	high := float64(most)*s.leading() + 2*padY
	d.Fill(Margin, d.y, Inner, high, 0.93)
	d.y += padY
	for line := range most {
		d.row(t, s, cells, line)
		d.y += s.leading()
	}
	d.y += padY
	d.Rule(Margin, d.y, Margin+Inner, d.y, 0.6)
}
