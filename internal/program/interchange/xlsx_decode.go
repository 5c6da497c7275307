package interchange

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Limits on what an XLSX file unpacks to. Go's zip reader gives no more bytes of an entry than its directory says, so that checking
// the directory before anything is unpacked is enough.
const (
	maxUnpacked = 100 << 20
	maxEntry    = 50 << 20
	maxEntries  = 2000
	maxSheets   = 50
)

// decodeXLSX reads the first sheet of a workbook that has a heading row.
func decodeXLSX(data []byte, o Options, n *notes) (docs []*Document, err error) {
	defer func() {
		if r := recover(); r != nil { // the library panics on some broken workbooks
			docs, err = nil, unusable(n.file, "the workbook is broken; save it again, or save it as CSV")
		}
	}()
	if err := checkZip(data, n.file); err != nil {
		return nil, err
	}
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxEntry})
	if err != nil {
		return nil, unusable(n.file, "the workbook cannot be opened (it may be protected or broken); save it again, or save it as CSV")
	}
	defer book.Close()
	sheets := book.GetSheetList()
	var first error
	for _, sheet := range sheets[:min(len(sheets), maxSheets)] {
		attempt := &notes{file: n.file}
		docs, err := readSheet(book, sheet, o, attempt)
		if err == nil {
			for _, p := range attempt.problems() {
				if p.Place != "" && len(sheets) > 1 {
					p.Place = "sheet " + sheet + ", " + p.Place
				}
				n.add(p.Place, p.What, p.Done)
			}
			return docs, nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = unusable(n.file, "it has no sheet; save the workbook again")
	}
	return nil, first
}

// checkZip refuses what only pretends to be a workbook, and what would unpack to more than its limit.
func checkZip(data []byte, file string) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return unusable(file, "the workbook is cut off or broken; save it again")
	}
	if len(z.File) > maxEntries {
		return unusable(file, "it has %d entries, and a workbook has %d at most; save the programme alone", len(z.File), maxEntries)
	}
	var total uint64
	workbook := false
	for _, f := range z.File {
		name := strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))
		workbook = workbook || name == "xl/workbook.xml"
		if total += f.UncompressedSize64; f.UncompressedSize64 > maxEntry || total > maxUnpacked {
			return unusable(file, "it unpacks to more than %d MB; save the programme alone", maxUnpacked>>20)
		}
	}
	if !workbook {
		return unusable(file, "it is a zip file but no workbook; send the files in it one by one")
	}
	return nil
}

func readSheet(book *excelize.File, sheet string, o Options, n *notes) ([]*Document, error) {
	rows, err := book.Rows(sheet)
	if err != nil {
		return nil, unusable(n.file, "the sheet %s cannot be read; save it as CSV", quote(sheet))
	}
	defer rows.Close()
	row := 0
	return readTable(sheetLang(book, sheet), o, n, func() ([]string, int, error) {
		if !rows.Next() {
			return nil, row, io.EOF
		}
		row++
		cells, err := rows.Columns()
		return cells, row, err
	})
}

// sheetLang guesses the language of a sheet from its first rows.
func sheetLang(book *excelize.File, sheet string) i18n.Lang {
	rows, err := book.Rows(sheet)
	if err != nil {
		return i18n.JA
	}
	defer rows.Close()
	var text strings.Builder
	for i := 0; i < 50 && rows.Next(); i++ {
		cells, err := rows.Columns()
		if err != nil {
			break
		}
		text.WriteString(strings.Join(cells, " "))
	}
	return guessLang([]byte(text.String()))
}
