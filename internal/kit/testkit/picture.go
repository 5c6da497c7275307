package testkit

import (
	"bytes"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Screenshot opens a page in a new tab and returns a PNG of all of it, from
// top to bottom. See Keep for a way to look at it.
func Screenshot(t testing.TB, url string, view View) []byte {
	t.Helper()
	tab := Browser(t)
	tab.Look(view)
	tab.Open(url)
	return tab.Screenshot()
}

// Screenshot returns a PNG of the whole page, from top to bottom.
func (tab *Tab) Screenshot() []byte {
	tab.t.Helper()
	return Ask(tab, chromedp.FullScreenshot(100))
}

// PDF opens a page in a new tab and prints it.
func PDF(t testing.TB, url string) []byte {
	t.Helper()
	tab := Browser(t)
	tab.Open(url)
	return tab.PDF()
}

// PDF prints the page as a reader would with the preset settings: the paper is
// what the page's own @page rule says (US letter without one), backgrounds on.
func (tab *Tab) PDF() []byte {
	tab.t.Helper()
	return Ask(tab, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
}

// Sheet is one page of a PDF.
type Sheet struct {
	// Width and Height in points of 1/72 inch; A4 is 595 x 842.
	Width, Height float64
	// Text in reading order, laid out as on the page.
	Text string
}

// sheetSize matches a line of pdfinfo, such as "Page    1 size: 595.28 x 841.89 pts (A4)".
var sheetSize = regexp.MustCompile(`(?m)^Page +\d+ size: +([\d.]+) x ([\d.]+) pts`)

// ReadPDF returns the sheets of a PDF. It needs poppler's pdfinfo and pdftotext.
func ReadPDF(t testing.TB, pdf []byte) []Sheet {
	t.Helper()
	path := pdfFile(t, pdf)
	texts := strings.Split(string(output(t, "pdftotext", "-layout", path, "-")), "\f")
	info := output(t, "pdfinfo", "-f", "1", "-l", "-1", path)
	var sheets []Sheet
	for i, size := range sheetSize.FindAllStringSubmatch(string(info), -1) {
		sheet := Sheet{}
		sheet.Width, _ = strconv.ParseFloat(size[1], 64)
		sheet.Height, _ = strconv.ParseFloat(size[2], 64)
		if i < len(texts) {
			sheet.Text = texts[i]
		}
		sheets = append(sheets, sheet)
	}
	if len(sheets) == 0 {
		t.Fatalf("pdfinfo found no page: %s", info)
	}
	return sheets
}

// DrawPDF returns a PNG of one page of a PDF, counted from 1, at 72 pixels an
// inch. It needs poppler's pdftoppm.
func DrawPDF(t testing.TB, pdf []byte, page int) []byte {
	t.Helper()
	number := strconv.Itoa(page)
	return output(t, "pdftoppm", "-png", "-r", "72", "-f", number, "-l", number, pdfFile(t, pdf))
}

// Strokes returns how long the level strokes are that are drawn inside a part
// of a picture, in pixels, from the top: rows of which more than a third of the
// width of all that is drawn is dark without a gap.
func Strokes(img image.Image, part image.Rectangle) []int {
	runs := map[int]int{} // the longest of each row
	left, right := part.Max.X, part.Min.X
	for y := part.Min.Y; y < part.Max.Y; y++ {
		run := 0
		for x := part.Min.X; x < part.Max.X; x++ {
			if color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y > 0x80 {
				run = 0
				continue
			}
			left, right, run = min(left, x), max(right, x), run+1
			runs[y] = max(runs[y], run)
		}
	}
	var strokes []int
	inside := false
	for y := part.Min.Y; y < part.Max.Y; y++ {
		switch long := runs[y]*3 > right-left; {
		case long && inside:
			strokes[len(strokes)-1] = max(strokes[len(strokes)-1], runs[y])
		case long:
			strokes = append(strokes, runs[y])
		}
		inside = runs[y]*3 > right-left
	}
	return strokes
}

// pdfFile writes a PDF where a program can read it.
func pdfFile(t testing.TB, pdf []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// output runs a program that the test needs and returns what it wrote.
func output(t testing.TB, program string, arguments ...string) []byte {
	t.Helper()
	Need(t, program)
	command := exec.CommandContext(t.Context(), program, arguments...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	result, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", program, err, complaint.Bytes())
	}
	return result
}

// ValidateXML returns what xmllint finds wrong in a document against an XML
// Schema, one line each; none when it is valid. It fetches nothing.
func ValidateXML(t testing.TB, schema string, document []byte) []string {
	t.Helper()
	Need(t, "xmllint")
	command := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", schema, "-")
	command.Stdin = bytes.NewReader(document)
	report, err := command.CombinedOutput()
	if err == nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(report)), "\n")
}
