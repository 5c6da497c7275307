package sheet

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Export is a table to be written.
type Export struct {
	Name    string // of the sheet in a workbook
	Head    []string
	Rows    [][]string
	Numbers []int // columns whose texts are numbers, written as such into a workbook
}

// CSV writes a table as text with commas and CRLF line ends (RFC 4180): UTF-8 with a byte order mark, without which Excel takes it for
// another encoding, or Shift_JIS for programs that ask for it. lost is the number of letters that Shift_JIS lacks and that became 〓.
// Without Head there is no heading row.
func (e Export) CSV(enc Encoding) (out []byte, lost int) {
	var b strings.Builder
	for _, row := range e.lines() {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quote(clean(cell)))
		}
		b.WriteString("\r\n")
	}
	if enc == ShiftJIS {
		return encodeShiftJIS(b.String())
	}
	return append([]byte("\ufeff"), b.String()...), 0
}

// XLSX writes a table as a workbook with one sheet: the heading row stays in sight, numbers are numbers, everything else is text.
func (e Export) XLSX() ([]byte, error) {
	book := excelize.NewFile()
	defer book.Close()
	name := sheetName(e.Name)
	if err := book.SetSheetName("Sheet1", name); err != nil {
		return nil, fmt.Errorf("name a sheet: %w", err)
	}
	w, err := book.NewStreamWriter(name)
	if err != nil {
		return nil, fmt.Errorf("write a workbook: %w", err)
	}
	if e.Head != nil {
		if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
			return nil, fmt.Errorf("write a workbook: %w", err)
		}
	}
	for i, row := range e.lines() {
		if err := w.SetRow("A"+strconv.Itoa(i+1), e.values(row, e.Head != nil && i == 0)); err != nil {
			return nil, fmt.Errorf("write row %d of a workbook: %w", i+1, err)
		}
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("write a workbook: %w", err)
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		return nil, fmt.Errorf("write a workbook: %w", err)
	}
	return b.Bytes(), nil
}

func (e Export) lines() [][]string {
	if e.Head == nil {
		return e.Rows
	}
	return append([][]string{e.Head}, e.Rows...)
}

func (e Export) values(row []string, head bool) []any {
	out := make([]any, len(row))
	for i, cell := range row {
		if n, err := strconv.ParseInt(cell, 10, 64); err == nil && !head && slices.Contains(e.Numbers, i) {
			out[i] = n
			continue
		}
		out[i] = cut(clean(cell))
	}
	return out
}

// clean is a cell as it is written.
func clean(s string) string { return Harmless(plain(s)) }

// plain is the text of a cell with line breaks of one kind, valid, without the control characters that no workbook may hold.
func plain(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0x7f || r == 0xfeff || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, s)
}

// quote puts a cell in quotes where it has to be, and where sep= would be taken for the line that names the delimiter.
func quote(s string) string {
	if s == "" || !strings.ContainsAny(s, "\",;\t\n\r") && s[0] != ' ' && s[len(s)-1] != ' ' && !strings.HasPrefix(strings.ToLower(s), "sep=") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// cut shortens a text to what a cell of Excel holds.
func cut(s string) string {
	if len(s) <= maxCell || utf8.RuneCountInString(s) <= maxCell {
		return s
	}
	return string([]rune(s)[:maxCell])
}

// sheetName makes a name that Excel accepts: 31 characters, none of : \ / ? * [ ], no apostrophe at the ends.
func sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`:\/?*[]`, r) {
			return -1
		}
		return r
	}, s)
	letters := []rune(s)
	s = strings.Trim(string(letters[:min(len(letters), 31)]), "' ")
	if s == "" {
		return "Sheet1"
	}
	return s
}
