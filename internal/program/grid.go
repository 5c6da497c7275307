package program

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
)

// Grid is a day drawn as a table: rooms are columns, time runs down. Rows and columns count from 1 as CSS grid lines do; row 1 holds the
// names of rooms, column 1 the hours.
type Grid struct {
	Columns []Column
	Hours   []Hour
	Cells   []Cell
	Gaps    []Gap
	Rows    int // the last row line
	Unit    int // minutes a row stands for
}

// Column is a room with as many tracks as sessions overlap in it.
type Column struct {
	Room     *event.Room // nil: sessions whose room is not known
	From, To int
}

// Hour is a line across the table.
type Hour struct {
	At   time.Time
	From int
	To   int // the row of the next hour
}

// Gap is a long time in which nothing happens, drawn as one row.
type Gap struct{ Row int }

// Cell is a session in its place.
type Cell struct {
	*Item
	Row, RowEnd, Col, ColEnd int
}

const (
	// shown is the shortest time a session takes in the table, so that one without a length can be read and touched.
	shown = 15 * time.Minute
	// longGap is from when on a time without sessions is folded.
	longGap = 75 * time.Minute
)

// NewGrid lays out the timed sessions of a day.
func NewGrid(p *Programme, items []*Item) *Grid {
	if len(items) == 0 {
		return nil
	}
	g := &Grid{Unit: unit(items)}
	rows := g.rows(items)
	cols := g.columns(p, items)
	for _, it := range items {
		c := Cell{Item: it, Row: rows.of(it.Start), RowEnd: rows.of(ending(it))}
		if it.AllRooms {
			c.Col, c.ColEnd = 2, g.lastColumn()
		} else {
			c.Col = cols[it]
			c.ColEnd = c.Col + 1
		}
		g.Cells = append(g.Cells, c)
	}
	return g
}

// ending is when a session ends in the table.
func ending(it *Item) time.Time {
	if it.End.Sub(it.Start) < shown {
		return it.Start.Add(shown)
	}
	return it.End
}

// unit is the number of minutes a row stands for: five where that suits every session, else one.
func unit(items []*Item) int {
	for _, it := range items {
		if it.Start.Minute()%5 != 0 || ending(it).Minute()%5 != 0 {
			return 1
		}
	}
	return 5
}

// rowIndex maps moments to row lines, with long empty times folded into one row.
type rowIndex struct {
	unit   time.Duration
	spans  []busy // in order, not touching
	starts []int  // the row line on which each begins
}

// busy is a time in which something happens.
type busy struct{ from, to time.Time }

func (x *rowIndex) of(t time.Time) int {
	for i, s := range x.spans {
		if !t.After(s.to) {
			return x.starts[i] + int(t.Sub(s.from)/x.unit)
		}
	}
	last := len(x.spans) - 1
	return x.starts[last] + int(x.spans[last].to.Sub(x.spans[last].from)/x.unit)
}

// rows decides which times are drawn: from the full hour before the first session of each busy time to the end of its last.
func (g *Grid) rows(items []*Item) *rowIndex {
	x := &rowIndex{unit: time.Duration(g.Unit) * time.Minute}
	byStart := slices.Clone(items)
	slices.SortFunc(byStart, func(a, b *Item) int { return a.Start.Compare(b.Start) })
	for _, it := range byStart {
		from, to := floor(it.Start, 30), ending(it)
		last := len(x.spans) - 1
		if last >= 0 && from.Sub(x.spans[last].to) < longGap {
			if to.After(x.spans[last].to) {
				x.spans[last].to = to
			}
			continue
		}
		x.spans = append(x.spans, busy{from, to})
	}
	row := 2
	for i, s := range x.spans {
		if i > 0 {
			g.Gaps = append(g.Gaps, Gap{row})
			row++
		}
		x.starts = append(x.starts, row)
		row += int(s.to.Sub(s.from) / x.unit)
		g.hours(s, x, i)
	}
	g.Rows = row
	return x
}

// floor goes back to the last full minutes of the clock on the wall, which in some zones are not those of UTC.
func floor(t time.Time, minutes int) time.Time {
	return t.Add(-time.Duration(t.Minute()%minutes)*time.Minute - time.Duration(t.Second())*time.Second)
}

// hours draws a line at each full hour of a busy time, and at its start.
func (g *Grid) hours(s busy, x *rowIndex, i int) {
	at := s.from
	for at.Before(s.to) {
		next := floor(at, 60).Add(time.Hour)
		if next.After(s.to) {
			next = s.to
		}
		g.Hours = append(g.Hours, Hour{
			At: at, From: x.starts[i] + int(at.Sub(s.from)/x.unit), To: x.starts[i] + int(next.Sub(s.from)/x.unit),
		})
		at = next
	}
}

// columns gives each room that is used a column, with a track for each session that overlaps another there.
func (g *Grid) columns(p *Programme, items []*Item) map[*Item]int {
	byRoom := map[*event.Room][]*Item{}
	var order []*event.Room
	for i := range p.Meeting.Rooms {
		order = append(order, &p.Meeting.Rooms[i])
	}
	order = append(order, nil)
	for _, it := range items {
		if !it.AllRooms {
			byRoom[it.Where] = append(byRoom[it.Where], it)
		}
	}
	cols := map[*Item]int{}
	next := 2
	for _, room := range order {
		list := byRoom[room]
		if len(list) == 0 {
			continue
		}
		tracks := lanes(list, func(it *Item, lane int) { cols[it] = next + lane })
		g.Columns = append(g.Columns, Column{Room: room, From: next, To: next + tracks})
		next += tracks
	}
	return cols
}

// lanes places sessions of one room beside each other where they overlap, and returns how many tracks that takes.
func lanes(list []*Item, place func(*Item, int)) int {
	var ends []time.Time
	for _, it := range list {
		lane := slices.IndexFunc(ends, func(e time.Time) bool { return !e.After(it.Start) })
		if lane < 0 {
			lane = len(ends)
			ends = append(ends, time.Time{})
		}
		ends[lane] = ending(it)
		place(it, lane)
	}
	return len(ends)
}

func (g *Grid) lastColumn() int {
	if len(g.Columns) == 0 {
		return 3
	}
	return g.Columns[len(g.Columns)-1].To
}

// Tracks is the number of tracks for rooms.
func (g *Grid) Tracks() int { return g.lastColumn() - 2 }

// CSS is the style sheet that puts everything in its place; prefix tells days apart that stand on one page.
func (g *Grid) CSS(prefix string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#%sgrid{--tracks:%d;--rows:%d}\n", prefix, g.Tracks(), g.Rows-2)
	for i, c := range g.Columns {
		fmt.Fprintf(&b, "#%sr%d{grid-column:%d/%d}\n", prefix, i+1, c.From, c.To)
	}
	for i, h := range g.Hours {
		fmt.Fprintf(&b, "#%sh%d{grid-row:%d/%d}\n", prefix, i+1, h.From, h.To)
	}
	for i, gap := range g.Gaps {
		fmt.Fprintf(&b, "#%sg%d{grid-row:%d}\n", prefix, i+1, gap.Row)
	}
	for _, c := range g.Cells {
		fmt.Fprintf(&b, "#s-%s{grid-area:%d/%d/%d/%d}\n", c.Ref, c.Row, c.Col, c.RowEnd, c.ColEnd)
	}
	return b.String()
}
