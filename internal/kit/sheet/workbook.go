package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// readWorkbook reads the first sheet of a workbook that says anything. Cells are as they are shown, formulas as the value they had when
// the workbook was saved, dates as 2026/01/31.
func readWorkbook(data []byte) (t *Table, err error) {
	defer func() {
		if r := recover(); r != nil { // the library panics on some broken workbooks
			t, err = nil, fault.New(fault.Invalid, "sheet.error.broken").Because(fmt.Errorf("%v", r))
		}
	}()
	if err := checkZip(data); err != nil {
		return nil, err
	}
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked,
		ShortDatePattern: "yyyy/mm/dd", LongDatePattern: "yyyy/mm/dd", LongTimePattern: "hh:mm:ss"})
	if err != nil {
		return nil, fault.New(fault.Invalid, "sheet.error.broken").Because(err)
	}
	defer book.Close()
	budget := maxCells
	for _, name := range book.GetSheetList() {
		if shown, err := book.GetSheetVisible(name); err == nil && !shown {
			continue
		}
		t, err := readSheet(book, name, &budget)
		if err != nil || len(t.Rows) > 0 {
			return t, err
		}
	}
	return nil, fault.New(fault.Invalid, "sheet.error.empty")
}

// checkZip refuses what is no workbook, and what would unpack to more than its limit. The zip reader itself stops an entry at the size
// that it declares.
func checkZip(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return fault.New(fault.Invalid, "sheet.error.broken").Because(err)
	}
	var total uint64
	workbook := false
	for _, f := range z.File {
		workbook = workbook || strings.EqualFold(strings.ReplaceAll(f.Name, `\`, "/"), "xl/workbook.xml")
		total += min(f.UncompressedSize64, maxUnpacked+1)
		if total > maxUnpacked || len(z.File) > maxEntries {
			return fault.New(fault.Invalid, "sheet.error.unpacked").With("max", maxUnpacked>>20)
		}
	}
	if !workbook {
		return fault.New(fault.Invalid, "sheet.error.kind")
	}
	return nil
}

func readSheet(book *excelize.File, name string, budget *int) (*Table, error) {
	rows, err := book.Rows(name)
	if err != nil {
		return nil, fault.New(fault.Invalid, "sheet.error.broken").Because(err)
	}
	defer rows.Close()
	t := &Table{Encoding: Workbook}
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, fault.New(fault.Invalid, "sheet.error.broken").Because(err)
		}
		if *budget -= len(cells) + 1; *budget < 0 {
			return nil, fault.New(fault.Invalid, "sheet.error.unpacked").With("max", maxUnpacked>>20)
		}
		r := Row{Line: line, Cells: trimmed(cells)}
		if r.Empty() {
			continue
		}
		if err := r.check(len(t.Rows)); err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, r)
	}
	return t, nil
}

// check refuses a row that is too wide, one too many, or has a cell that is too long.
func (r Row) check(before int) error {
	if before == MaxRows {
		return fault.New(fault.Invalid, "sheet.error.rows").With("max", MaxRows)
	}
	if len(r.Cells) > MaxColumns {
		return fault.New(fault.Invalid, "sheet.error.columns").With("line", r.Line).With("max", MaxColumns)
	}
	for _, c := range r.Cells {
		if len(c) > maxCell && utf8.RuneCountInString(c) > maxCell {
			return fault.New(fault.Invalid, "sheet.error.cell").With("line", r.Line).With("max", maxCell)
		}
	}
	return nil
}

// trimmed cuts the cells without content off the end of a row, and takes line breaks and apostrophes back.
func trimmed(cells []string) []string {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = Original(plain(c))
	}
	return out
}
