package sheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
)

func cells(t *sheet.Table) [][]string {
	var out [][]string
	for _, r := range t.Rows {
		out = append(out, r.Cells)
	}
	return out
}

func equal(a, b [][]string) bool { return slices.EqualFunc(a, b, slices.Equal) }

func sjis(t *testing.T, s string) []byte {
	t.Helper()
	b, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadEncodings(t *testing.T) {
	const text = "氏名,会社\r\n髙橋①,\"ﾈｯﾄﾜｰｸ, 株式会社\"\r\n"
	little, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	big, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"氏名", "会社"}, {"髙橋①", "ﾈｯﾄﾜｰｸ, 株式会社"}}
	for _, c := range []struct {
		name string
		data []byte
		enc  sheet.Encoding
	}{
		{"UTF-8", []byte(text), sheet.UTF8},
		{"UTF-8 with a mark", []byte("\ufeff" + text), sheet.UTF8},
		{"Shift_JIS", sjis(t, text), sheet.ShiftJIS},
		{"UTF-16 little endian without a mark", little, sheet.UTF16},
		{"UTF-16 big endian with a mark", big, sheet.UTF16},
	} {
		got, err := sheet.Read(c.data)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !equal(cells(got), want) || got.Encoding != c.enc {
			t.Errorf("%s: read %q as %s", c.name, cells(got), got.Encoding)
		}
	}
}

func TestReadLetters(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"semicolons", "a;b,c\n1;2\n", `[["a" "b,c"] ["1" "2"]]`},
		{"tabs", "a\tb, c, d\n1\t\n", `[["a" "b, c, d"] ["1" ""]]`},
		{"a list of addresses", "a@example.com\nb@example.com\n", `[["a@example.com"] ["b@example.com"]]`},
		{"the delimiter said in the first line", "sep=;\r\na,1;b\r\n", `[["a,1" "b"]]`},
		{"line breaks and quotes in a cell", "a,\"b\r\n\"\"c\"\"\"\n", `[["a" "b\n\"c\""]]`},
		{"old line ends", "a,b\rc,d", `[["a" "b"] ["c" "d"]]`},
		{"ragged rows, blank ones", "a\n\n , \nb,c,d\n,e", `[["a"] ["b" "c" "d"] ["" "e"]]`},
		{"text behind the quotes", `"a" b,c`, `[["a b" "c"]]`},
		{"our own apostrophes", "'=1,'abc,''=x,'-5\n", `[["=1" "'abc" "'=x" "'-5"]]`},
	} {
		got, err := sheet.Read([]byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if s := fmt.Sprintf("%q", cells(got)); s != c.want {
			t.Errorf("%s: %s, not %s", c.name, s, c.want)
		}
	}
}

func TestReadKnowsTheLine(t *testing.T) {
	got, err := sheet.Read([]byte("a,\"b\nb\"\n\nc,d\n"))
	if err != nil || len(got.Rows) != 2 || got.Rows[1].Line != 4 {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestReadRefuses(t *testing.T) {
	row := strings.Repeat("x,", sheet.MaxColumns)
	for _, c := range []struct {
		name string
		in   []byte
		key  string
		line any
	}{
		{"an open quote", []byte("a,b\nc,\"d\ne\n"), "sheet.error.quote", 2},
		{"bytes of no encoding", append([]byte("abc\nx"), 0x81, 0x00, 0xff), "sheet.error.encoding", 2},
		{"bytes that Shift_JIS lacks", []byte("abc\nd\xfd\xfe\xff"), "sheet.error.encoding", 2},
		{"too many columns", []byte("a\n" + row + "\n"), "sheet.error.columns", 2},
		{"too long a cell", []byte("a\n" + strings.Repeat("あ", 40_000)), "sheet.error.cell", 2},
		{"too many rows", bytes.Repeat([]byte("a\n"), sheet.MaxRows+1), "sheet.error.rows", nil},
		{"too large a file", make([]byte, sheet.MaxBytes+1), "sheet.error.bytes", nil},
		{"nothing", []byte(" \n,,\n"), "sheet.error.empty", nil},
		{"a page", []byte("<!DOCTYPE html><p>please sign in"), "sheet.error.kind", nil},
		{"an old workbook", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on"), "sheet.error.old", nil},
		{"half a workbook", []byte("PK\x03\x04 and so on"), "sheet.error.broken", nil},
		{"a zip file", zipped(t, "a.csv", []byte("a,b")), "sheet.error.kind", nil},
		{"a bomb", zipped(t, "xl/workbook.xml", make([]byte, 200<<20)), "sheet.error.unpacked", nil},
		{"a workbook of nothing", zipped(t, "xl/workbook.xml", []byte("<workbook/>")), "sheet.error.broken", nil},
	} {
		_, err := sheet.Read(c.in)
		f, ok := fault.As(err)
		if !ok || f.Key != c.key || f.Kind != fault.Invalid || f.Args["line"] != c.line {
			t.Errorf("%s: %v, not %s", c.name, err, c.key)
		}
	}
}

func zipped(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadWorkbook(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	for cell, v := range map[string]any{"A2": "電話", "B2": "日付", "C2": "金額", "D2": "計", "A4": 819012345678, "C4": -16500, "D4": 16500, "E4": "'=x"} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{f.SetCellValue("Sheet1", "B4", 46054), f.SetCellStyle("Sheet1", "B4", "B4", date), f.SetCellFormula("Sheet1", "D4", "=C4*-1")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := sheet.Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"電話", "日付", "金額", "計"}, {"819012345678", "2026/02/01", "-16500", "16500", "=x"}}
	if !equal(cells(got), want) || got.Rows[1].Line != 4 || got.Encoding != sheet.Workbook {
		t.Errorf("read %q, line %d", cells(got), got.Rows[1].Line)
	}
}

func TestFind(t *testing.T) {
	columns := []sheet.Column{
		{Key: "name", Names: []string{"氏名", "お名前", "Name"}},
		{Key: "mail", Names: []string{"メールアドレス", "E-mail"}},
		{Key: "amount", Names: []string{"金額"}},
	}
	got, err := sheet.Paste("振込明細\t2026年\n　お 名前 ※\tＥ−ＭＡＩＬ\t金額（税込）\t備考\n山田\ty@example.com\n")
	if err != nil {
		t.Fatal(err)
	}
	head, rows := got.Find(columns, "name", "mail")
	if !head.Has("name", "mail", "amount") || len(rows) != 1 {
		t.Fatalf("found %v, %d rows", head, len(rows))
	}
	if head.Get(rows[0], "mail") != "y@example.com" || head.Get(rows[0], "amount") != "" || head.Get(rows[0], "nothing") != "" {
		t.Errorf("read %q by %v", rows[0].Cells, head)
	}
	if head, _ := got.Find([]sheet.Column{{Key: "x", Names: []string{"電話"}}}, "x"); len(head) != 0 {
		t.Errorf("found what is not there: %v", head)
	}
}

func TestHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+81 3 1234 5678": "'+81 3 1234 5678", "+819012345678": "'+819012345678", "@SUM(A1)": "'@SUM(A1)",
		"＝HYPERLINK()": "'＝HYPERLINK()", "＋１": "'＋１", "－１": "'－１", "＠x": "'＠x", "\t=1": "'\t=1", "\r1": "'\r1",
		"  =1": "'  =1", "\u200b=1": "'\u200b=1", "\u3000=1": "'\u3000=1", "-1+2": "'-1+2", "--1": "'--1", "-": "'-", "-1,2": "'-1,2", "-a": "'-a",
		"-5": "-5", "-1,234.50": "-1,234.50", "-16500": "-16500", "5": "5", "": "", "a=b": "a=b", "'abc": "'abc", "'=1": "''=1", "山田": "山田",
	} {
		if got := sheet.Harmless(in); got != want {
			t.Errorf("%q became %q, not %q", in, got, want)
		}
		if got := sheet.Original(sheet.Harmless(in)); got != in {
			t.Errorf("%q came back as %q", in, got)
		}
	}
}

func TestShiftJISCountsWhatItLacks(t *testing.T) {
	out, lost := sheet.Export{Rows: [][]string{{"髙橋", "𠮷野家", "①〜−", "한국"}}}.CSV(sheet.ShiftJIS)
	if lost != 3 {
		t.Errorf("%d letters were lost", lost)
	}
	got, err := sheet.Read(out)
	if err != nil || !equal(cells(got), [][]string{{"髙橋", "〓野家", "①～－", "〓〓"}}) {
		t.Errorf("%q, %v", cells(got), err)
	}
}

func TestExportIsNoFormulaInAWorkbook(t *testing.T) {
	b, err := sheet.Export{Name: "申込: 2026/1*", Head: []string{"名", "円"}, Rows: [][]string{{"=1+1", "16500"}, {"a\x01b", "-5"}}, Numbers: []int{1}}.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := f.GetSheetName(0)
	text, _ := f.GetCellValue(name, "A2")
	formula, _ := f.GetCellFormula(name, "A2")
	kind, _ := f.GetCellType(name, "B2")
	if name != "申込 20261" || text != "'=1+1" || formula != "" || kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString {
		t.Errorf("sheet %q: %q, formula %q, kind %v", name, text, formula, kind)
	}
}

// TestExportComesBack: what is written is read again, in both forms, but for line breaks of other kinds and control characters.
func TestExportComesBack(t *testing.T) {
	cell := rapid.OneOf(rapid.StringMatching(`['=+@＝\-\t ]{0,3}[a-z0-9,;"'\n山髙]{0,6}`), rapid.StringMatching(`-?[0-9]{1,6}`))
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 3, 3), 1, 5).Draw(t, "rows")
		for i := range rows {
			rows[i] = append([]string{"x"}, append(rows[i], "y")...)
		}
		e := sheet.Export{Head: []string{"a", "b", "c", "d", "e"}, Rows: rows}
		want := append([][]string{e.Head}, rows...)
		text, _ := e.CSV(sheet.UTF8)
		book, err := e.XLSX()
		if err != nil {
			t.Fatal(err)
		}
		for _, data := range [][]byte{text, book} {
			got, err := sheet.Read(data)
			if err != nil {
				t.Fatal(err)
			}
			if !equal(cells(got), want) {
				t.Fatalf("%q came back as %q (%s)", want, cells(got), got.Encoding)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("a,b\n\"c\nd\",e\n"))
	f.Add([]byte("\xff\xfea\x00\t\x00b\x00\n\x00"))
	f.Add([]byte("sep=;\r\n\"\";'=1\r\n"))
	book, err := sheet.Export{Rows: [][]string{{"a", "=b"}}}.XLSX()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(book)
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := sheet.Read(data)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("not the fault of the file: %v", err)
			}
			return
		}
		out, _ := sheet.Export{Rows: cells(got)}.CSV(sheet.UTF8)
		again, err := sheet.Read(out)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if len(again.Rows) > len(got.Rows) {
			t.Fatalf("%d rows became %d", len(got.Rows), len(again.Rows))
		}
		for _, r := range again.Rows {
			for _, c := range r.Cells {
				if raw := sheet.Harmless(c); raw != "" && strings.ContainsRune("=+@\t\r\n", rune(raw[0])) {
					t.Fatalf("a cell begins with %q", raw)
				}
			}
		}
	})
}

func FuzzHarmless(f *testing.F) {
	f.Add("'=1")
	f.Add("\u200b＝x")
	f.Fuzz(func(t *testing.T, s string) {
		if got := sheet.Original(sheet.Harmless(s)); got != s {
			t.Fatalf("%q came back as %q", s, got)
		}
	})
}
