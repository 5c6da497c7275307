package material

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Format is what a file is, as its content says.
type Format string

// The formats that are accepted. Keynote saves one file, which is a zip, or a folder, which browsers send as a zip of that folder.
const (
	PDF        Format = "pdf"
	PowerPoint Format = "pptx"
	Keynote    Format = "key"
	KeynoteZip Format = "key.zip"
	Impress    Format = "odp"
	Zip        Format = "zip"
)

// Formats lists every format that is accepted.
var Formats = []Format{PDF, PowerPoint, Keynote, KeynoteZip, Impress, Zip}

// Extension is the end of a file's name that belongs to the format, with its dot.
func (f Format) Extension() string {
	switch f {
	case PDF, PowerPoint, Keynote, Impress, Zip:
		return "." + string(f)
	case KeynoteZip:
		return ".zip"
	}
	return ""
}

// MediaType is what the format is called in HTTP.
func (f Format) MediaType() string {
	switch f {
	case PDF:
		return "application/pdf"
	case PowerPoint:
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case Keynote:
		return "application/vnd.apple.keynote"
	case Impress:
		return "application/vnd.oasis.opendocument.presentation"
	case KeynoteZip, Zip:
		return "application/zip"
	}
	return "application/octet-stream"
}

// Found is what a file was found to be.
type Found struct {
	Format Format
	Pages  int // pages or slides; 0 where not known
}

// The keys of the faults of Inspect, one for each thing that can be wrong with a file.
const (
	keyEmpty     = "material.error.empty"
	keyTooLarge  = "material.error.too_large"  // argument max in MB
	keyType      = "material.error.type"       // none of the formats
	keyLegacy    = "material.error.legacy"     // .ppt, or an Office file with a password: both are OLE files
	keyDocument  = "material.error.document"   // a document or table, not slides: Word, Excel, Writer, Calc, Pages, Numbers
	keyMacros    = "material.error.macros"     // slides with macros
	keyPDFCut    = "material.error.pdf_cut"    // begins like a PDF and does not end like one
	keyBroken    = "material.error.broken"     // a zip that cannot be read
	keyEncrypted = "material.error.encrypted"  // has a password
	keyBomb      = "material.error.bomb"       // unpacks to too much
	keyEntries   = "material.error.entries"    // holds too many files; argument max
	keyPath      = "material.error.path"       // a name in it leads out of it, or is not what it looks like; argument name
	keyProgram   = "material.error.program"    // holds a program; argument name
	keyMethod    = "material.error.method"     // packed in a way we cannot look into; argument name
	keySelfMade  = "material.error.executable" // is a program itself
)

func invalid(key string) *fault.Error { return fault.New(fault.Invalid, key).On("file") }

// Inspect reads what a file is from its content, and refuses what is none of the formats, is broken, or would harm whoever opens it. The errors
// that are about the file are faults of kind Invalid on the field file. Every byte of an archive is unpacked once, into nothing.
func Inspect(ctx context.Context, r io.ReaderAt, size int64) (Found, error) {
	switch {
	case size == 0:
		return Found{}, invalid(keyEmpty)
	case size > MaxBytes:
		return Found{}, tooLarge(MaxBytes)
	}
	head := make([]byte, min(size, 1024))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return Found{}, fmt.Errorf("look into a file: %w", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return inspectZip(ctx, r, size)
	case bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return Found{}, invalid(keyEmpty) // a zip of nothing
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return Found{}, invalid(keyLegacy)
	case program(head):
		return Found{}, invalid(keySelfMade)
	case pdfBegins(head):
		return inspectPDF(ctx, r, size)
	}
	return Found{}, invalid(keyType)
}

// tooLarge is the fault of a file above a limit.
func tooLarge(limit int64) *fault.Error { return invalid(keyTooLarge).With("max", limit>>20) }

// program reports whether content begins like a program of Windows, Linux or macOS, or a Java class (which begins like one kind of the latter).
func program(head []byte) bool {
	for _, magic := range []string{"MZ", "\x7fELF", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}
