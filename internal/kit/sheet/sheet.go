// Package sheet reads and writes the tables that people exchange: CSV and TSV in the encodings they come in, text pasted from a
// spreadsheet, and workbooks (XLSX). It finds out by itself what it was given, says which line is at fault, and refuses what would not
// fit into memory. What it writes opens in a spreadsheet without becoming a formula, and reading that again gives the original.
//
// The rules about formulas (after OWASP, "CSV Injection"): a cell whose first visible character is = + - @, one of their full-width
// forms ＝ ＋ － ＠ (which a Japanese Excel takes for the others), a tab or a line break, gets an apostrophe in front. A negative number
// such as -5 or -1,234.50 is left alone, since it is harmless and has to stay a number. Whatever begins with + gets one, so that the
// telephone number +81 3 1234 5678 is neither computed nor loses its sign. An apostrophe that stood before such a cell already is
// doubled, so that Read takes away exactly what was added.
package sheet

import (
	"embed"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Words are the messages of this package's faults, in lang/.
//
//go:embed lang/*.json
var Words embed.FS

// What is read at most. Anything larger is refused before it is taken apart.
const (
	MaxBytes    = 10 << 20
	MaxRows     = 100_000
	MaxColumns  = 500
	maxCell     = 32_767     // characters; what a cell of Excel holds
	maxUnpacked = 128 << 20  // bytes of an unpacked workbook
	maxEntries  = 2_000      // files in a workbook
	maxCells    = 20_000_000 // of a workbook, those without content included
)

// Encoding says how the text of a table is stored.
type Encoding string

// The encodings that Read finds.
const (
	UTF8     Encoding = "UTF-8"
	ShiftJIS Encoding = "Shift_JIS" // as Windows has it (CP932), with 髙 and ①
	UTF16    Encoding = "UTF-16"
	Workbook Encoding = "XLSX"
)

// Row is one line of a table.
type Row struct {
	Line  int // where it begins in the file, from 1; the row number in a workbook
	Cells []string
}

// Empty reports whether no cell of a row says anything.
func (r Row) Empty() bool {
	for _, c := range r.Cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// Cell is the text of a column, "" past the end of a short row.
func (r Row) Cell(column int) string {
	if column < 0 || column >= len(r.Cells) {
		return ""
	}
	return r.Cells[column]
}

// Table is what was read: the rows that say something, in order, as text.
type Table struct {
	Encoding Encoding
	Rows     []Row
}

// Column is one that a reader wants to find, with the headings it may have.
type Column struct {
	Key   string
	Names []string
}

// Head says where the columns are that were found.
type Head map[string]int

// Has reports whether all columns were found.
func (h Head) Has(keys ...string) bool {
	for _, k := range keys {
		if _, ok := h[k]; !ok {
			return false
		}
	}
	return true
}

// Get is the text of a row in a column, without space around it; "" if there is no such column.
func (h Head) Get(r Row, key string) string {
	at, ok := h[key]
	if !ok {
		return ""
	}
	return strings.TrimSpace(r.Cell(at))
}

// headRows is how far down a heading row is looked for: banks and ticket shops write a title or two above it.
const headRows = 20

// Find looks for the heading row: the first one with all the needed columns, or else the one of the first twenty that names most of them.
// It returns where the columns are and the rows below. Headings are compared without width, case, spaces and signs; of two columns with
// the same name the first counts.
func (t *Table) Find(columns []Column, needed ...string) (Head, []Row) {
	best, below := Head{}, []Row(nil)
	for i, r := range t.Rows[:min(len(t.Rows), headRows)] {
		h := headings(r, columns)
		if len(h) > len(best) {
			best, below = h, t.Rows[i+1:]
		}
		if len(h) > 0 && len(needed) > 0 && h.Has(needed...) {
			return h, t.Rows[i+1:]
		}
	}
	return best, below
}

// headings finds columns in a row: those named exactly first, then those whose heading has a remark in brackets, 金額（円）.
func headings(r Row, columns []Column) Head {
	h, taken := Head{}, map[int]bool{}
	for _, as := range []func(string) string{FoldHeading, withoutRemark} {
		for _, c := range columns {
			if _, found := h[c.Key]; found {
				continue
			}
			for i, cell := range r.Cells {
				if !taken[i] && cell != "" && named(as(cell), c.Names) {
					h[c.Key], taken[i] = i, true
					break
				}
			}
		}
	}
	return h
}

func named(folded string, names []string) bool {
	for _, n := range names {
		if folded != "" && folded == FoldHeading(n) {
			return true
		}
	}
	return false
}

// FoldHeading brings a heading to the form in which headings are compared: NFKC, lower case, letters and digits only.
func FoldHeading(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(s))
}

// withoutRemark folds a heading after taking away what stands in brackets.
func withoutRemark(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range norm.NFKC.String(s) {
		switch r {
		case '(', '[', '【', '〔', '<':
			depth++
		case ')', ']', '】', '〕', '>':
			depth = max(0, depth-1)
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return FoldHeading(b.String())
}
