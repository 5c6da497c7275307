package sheet

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Read takes a file apart, whatever it is: a workbook, or text with commas, tabs or semicolons in UTF-8, Shift_JIS or UTF-16. What it
// cannot use is a fault that says what to do, and names the line where it can.
func Read(data []byte) (*Table, error) {
	switch {
	case len(data) > MaxBytes:
		return nil, fault.New(fault.Invalid, "sheet.error.bytes").With("max", MaxBytes>>20)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readWorkbook(data)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")): // the container of .xls, and of workbooks with a password
		return nil, fault.New(fault.Invalid, "sheet.error.old")
	case foreign(data):
		return nil, fault.New(fault.Invalid, "sheet.error.kind")
	}
	text, enc, err := Decode(data)
	if err != nil {
		return nil, err
	}
	return parse(text, enc)
}

// Paste takes text apart that somebody pasted, from a spreadsheet or from elsewhere.
func Paste(text string) (*Table, error) {
	if len(text) > MaxBytes {
		return nil, fault.New(fault.Invalid, "sheet.error.bytes").With("max", MaxBytes>>20)
	}
	return parse(strings.ToValidUTF8(text, "\ufffd"), UTF8)
}

// foreign reports whether a file is a page or a document, which people save by mistake.
func foreign(data []byte) bool {
	head := bytes.ToLower(bytes.TrimLeft(data[:min(len(data), 200)], " \r\n\t\ufeff"))
	for _, sign := range []string{"%pdf", "<!doctype", "<html", "<?xml", "\x89png", "\xff\xd8\xff", "{\\rtf", "\x1f\x8b"} {
		if bytes.HasPrefix(head, []byte(sign)) {
			return true
		}
	}
	return false
}

// parse takes a text apart, with the delimiter it seems to have.
func parse(text string, enc Encoding) (*Table, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	p := parser{rest: text, line: 1, comma: delimiter(text)}
	if first, rest, _ := strings.Cut(text, "\n"); isSeparatorLine(first) {
		p.comma, p.rest, p.line = first[4], rest, 2
	}
	t := &Table{Encoding: enc}
	for p.rest != "" {
		r, err := p.row()
		if err != nil {
			return nil, err
		}
		if r.Empty() {
			continue
		}
		if len(t.Rows) == MaxRows {
			return nil, fault.New(fault.Invalid, "sheet.error.rows").With("max", MaxRows)
		}
		t.Rows = append(t.Rows, r)
	}
	if len(t.Rows) == 0 {
		return nil, fault.New(fault.Invalid, "sheet.error.empty")
	}
	return t, nil
}

// isSeparatorLine knows the line sep=; by which Excel is told the delimiter.
func isSeparatorLine(line string) bool {
	line = strings.TrimSuffix(line, "\r")
	return len(line) == 5 && strings.HasPrefix(strings.ToLower(line), "sep=") && strings.ContainsAny(line[4:], ",;|\t")
}

// delimiter is what separates the cells: the candidate that stands most often outside quotes at the beginning. A tab wins where there is
// one in most lines, since nobody writes it within a cell.
func delimiter(text string) byte {
	head := text[:min(len(text), 8_000)]
	var n [256]int
	quoted := false
	for i := range len(head) {
		if head[i] == '"' {
			quoted = !quoted
		} else if !quoted {
			n[head[i]]++
		}
	}
	switch {
	case n['\t'] > 0 && n['\t'] >= n['\n']:
		return '\t'
	case n[';'] > n[',']:
		return ';'
	case n['\t'] > n[',']:
		return '\t'
	}
	return ','
}

// parser takes lines off a text.
type parser struct {
	rest  string
	line  int
	comma byte
}

// row reads one line of the table, which is several of the file where a quoted cell has line breaks.
func (p *parser) row() (Row, error) {
	r := Row{Line: p.line}
	for {
		cell, more, err := p.cell()
		if err != nil {
			return r, err
		}
		if len(r.Cells) == MaxColumns {
			return r, fault.New(fault.Invalid, "sheet.error.columns").With("line", r.Line).With("max", MaxColumns)
		}
		r.Cells = append(r.Cells, Original(plain(cell)))
		if !more {
			return r, nil
		}
	}
}

// cell reads up to the next delimiter or line end; more says that the line goes on.
func (p *parser) cell() (text string, more bool, err error) {
	if strings.HasPrefix(p.rest, `"`) {
		return p.quoted()
	}
	end := strings.IndexAny(p.rest, string(rune(p.comma))+"\r\n")
	if end < 0 {
		end = len(p.rest)
	}
	text, p.rest = p.rest[:end], p.rest[end:]
	more = p.end()
	return text, more, p.fits(text)
}

// quoted reads a cell in quotes. What stands between the closing quote and the delimiter is kept, as people write "a" b.
func (p *parser) quoted() (text string, more bool, err error) {
	start := p.line
	var b strings.Builder
	p.rest = p.rest[1:]
	for {
		part, rest, closed := strings.Cut(p.rest, `"`)
		if !closed {
			return "", false, fault.New(fault.Invalid, "sheet.error.quote").With("line", start)
		}
		b.WriteString(part)
		p.rest = rest
		if !strings.HasPrefix(rest, `"`) {
			break
		}
		b.WriteByte('"')
		p.rest = rest[1:]
	}
	text = plain(b.String())
	p.line += strings.Count(text, "\n")
	if end := strings.IndexAny(p.rest, string(rune(p.comma))+"\r\n"); end >= 0 {
		text, p.rest = text+p.rest[:end], p.rest[end:]
	} else {
		text, p.rest = text+p.rest, ""
	}
	more = p.end()
	return text, more, p.fits(text)
}

// end steps over what ends a cell; true if another cell follows in the line.
func (p *parser) end() bool {
	switch {
	case p.rest == "":
		return false
	case p.rest[0] == p.comma:
		p.rest = p.rest[1:]
		return true
	case strings.HasPrefix(p.rest, "\r\n"):
		p.rest = p.rest[2:]
	default:
		p.rest = p.rest[1:]
	}
	p.line++
	return false
}

func (p *parser) fits(cell string) error {
	if len(cell) > maxCell && utf8.RuneCountInString(cell) > maxCell {
		return fault.New(fault.Invalid, "sheet.error.cell").With("line", p.line).With("max", maxCell)
	}
	return nil
}
