package interchange

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Limits on what is read. A real programme is far below each of them: 43 sessions in 40 kB (JANOG57), 117 in 280 kB (DebConf 23).
const (
	MaxFile     = 64 << 20 // bytes of any file; checked before anything is looked at
	MaxYAML     = 8 << 20  // bytes of a Tsudoi file: its tree takes about forty times as much memory while it is read
	MaxWhole    = 16 << 20 // bytes of JSON and iCalendar, which are held as a whole; XML and tables are read as they come
	MaxSessions = 20_000   // sessions in one file
)

// Options say how to read what a file leaves open.
type Options struct {
	Meeting     string    // slug of the meeting, instead of what the file says
	Timezone    string    // IANA name, where the file names none; default Asia/Tokyo
	Lang        i18n.Lang // of a file in one language; default: guessed from its titles
	Onsite      bool      // JANOG57's timetable: the state edited at the venue, not as it was imported
	MaxBytes    int       // default MaxFile
	MaxSessions int       // default MaxSessions
}

func (o Options) sessions() int {
	if o.MaxSessions > 0 {
		return o.MaxSessions
	}
	return MaxSessions
}

// Format names a kind of file.
type Format string

// The formats that Decode knows.
const (
	FormatYAML  Format = "Tsudoi meeting file"
	FormatXML   Format = "schedule.xml"
	FormatJSON  Format = "schedule.json"
	FormatICS   Format = "iCalendar"
	FormatTable Format = "table"
	FormatXLSX  Format = "XLSX"
	FormatJANOG Format = "JANOG57"
)

// Decode reads a file of any format, which it finds out from the content and then from the name's extension. It is lenient: what it
// cannot use it leaves out or mends, and returns one problem for each. An error means that nothing of the file can be used; it
// is a fault.Invalid whose cause is one sentence that says what to do. The same bytes and options always give the same documents.
func Decode(name string, data []byte, o Options) ([]*Document, []Problem, error) {
	name = filepath.Base(name)
	limit := MaxFile
	if o.MaxBytes > 0 {
		limit = o.MaxBytes
	}
	if len(data) > limit {
		return nil, nil, unusable(name, "it has %d MB, and %d MB is the most that is read; send the programme alone, without pictures",
			len(data)>>20, limit>>20)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil, unusable(name, "it is empty; check that it was saved and sent whole")
	}
	if o.Meeting != "" && !validSlug(o.Meeting) {
		return nil, nil, unusable(name, "the meeting %s cannot be a slug; use a-z, 0-9, . and -", quote(o.Meeting))
	}
	format, data, err := sniff(name, data)
	if err != nil {
		return nil, nil, err
	}
	if (format == FormatICS || format == FormatJSON || format == FormatJANOG) && len(data) > MaxWhole {
		return nil, nil, unusable(name, "it has %d MB, and %d MB is the most for this format; send the programme of one meeting at a time",
			len(data)>>20, MaxWhole>>20)
	}
	n := &notes{file: name}
	docs, err := decodeFormat(format, data, o, n)
	if err != nil {
		return nil, n.problems(), err
	}
	return docs, n.problems(), nil
}

func decodeFormat(format Format, data []byte, o Options, n *notes) ([]*Document, error) {
	switch format {
	case FormatXML:
		return decodeXML(data, o, n)
	case FormatJSON:
		return decodeJSON(data, o, n)
	case FormatJANOG:
		return decodeJANOG(data, o, n)
	case FormatICS:
		return decodeICS(data, o, n)
	case FormatXLSX:
		return decodeXLSX(data, o, n)
	case FormatTable:
		return decodeTable(data, o, n)
	}
	return decodeYAML(data, o, n)
}

// unusable is the error of a file of which nothing can be used.
func unusable(file, format string, args ...any) error {
	why := oneLine(fmt.Sprintf(format, args...))
	return fault.New(fault.Invalid, "program.import.unusable").With("file", file).With("why", why).Because(&Unusable{File: file, Why: why})
}

// Unusable says in one sentence why nothing of a file can be used, and what to do. Find it with errors.AsType.
type Unusable struct {
	File string
	Why  string
}

func (u *Unusable) Error() string { return u.File + ": " + u.Why }

// sniff finds out the format, and returns the text as UTF-8 unless it is not text at all.
func sniff(name string, data []byte) (Format, []byte, error) {
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return FormatXLSX, data, nil
	}
	if bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")) {
		return "", nil, unusable(name, "it is an old Excel file (.xls); save it as .xlsx or .csv")
	}
	ext := strings.ToLower(filepath.Ext(name))
	if head := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n"); bytes.HasPrefix(head, []byte("<")) {
		return sniffXML(name, data, head)
	}
	data, err := toUTF8(name, data)
	if err != nil {
		return "", nil, err
	}
	head := bytes.TrimLeft(data, " \t\r\n")
	upper := bytes.ToUpper(head[:min(len(head), 64)])
	switch {
	case bytes.HasPrefix(head, []byte("<")):
		return sniffXML(name, data, head)
	case bytes.HasPrefix(upper, []byte("BEGIN:VCALENDAR")), ext == ".ics", ext == ".ical":
		return FormatICS, data, nil
	case ext == ".json", bytes.HasPrefix(head, []byte("{")) && ext != ".yaml" && ext != ".yml", bytes.HasPrefix(head, []byte("[{")):
		return sniffJSON(name, data)
	case ext == ".yaml", ext == ".yml":
		return FormatYAML, data, nil
	case ext == ".csv", ext == ".tsv", looksLikeTable(head):
		return FormatTable, data, nil
	case ext == ".xml":
		return "", nil, unusable(name, "it does not begin like XML; save the schedule.xml again")
	}
	return FormatYAML, data, nil
}

func sniffXML(name string, data, head []byte) (Format, []byte, error) {
	lower := bytes.ToLower(head[:min(len(head), 512)])
	if bytes.Contains(lower, []byte("<html")) || bytes.Contains(lower, []byte("<!doctype html")) {
		return "", nil, unusable(name, "it is a web page, not a programme; download the schedule.xml itself")
	}
	return FormatXML, data, nil
}
