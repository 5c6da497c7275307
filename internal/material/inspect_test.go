package material

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// pdfOf is a PDF of n pages, written plainly.
func pdfOf(n int) []byte {
	return []byte("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Kids [] /Count " + fmt.Sprint(n) +
		" /Type /Pages >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n")
}

// packedPDF is a PDF whose pages are in a compressed object stream, as office programs write them.
func packedPDF(n int) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = fmt.Fprintf(w, "2 0 << /Type/Pages/Count %d/Kids[] >>", n)
	_ = w.Close()
	return []byte("%PDF-1.5\n5 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length " + fmt.Sprint(z.Len()) + ">>stream\r\n" + z.String() +
		"\nendstream\nendobj\nstartxref\n9\n%%EOF")
}

// member is a file of an archive.
type member struct {
	name    string
	content string
	change  func(*zip.FileHeader)
}

func plain(names ...string) []member {
	var list []member
	for _, n := range names {
		list = append(list, member{name: n, content: "content of " + n})
	}
	return list
}

func zipOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate, Modified: time.Date(2026, 2, 11, 0, 0, 0, 0, time.UTC)}
		if m.change != nil {
			m.change(h)
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(w, m.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const pptxTypes = `<Types><Override PartName="/ppt/presentation.xml" ContentType="application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"/></Types>`

func pptx(t testing.TB, more ...member) []byte {
	return zipOf(t, append([]member{{name: "[Content_Types].xml", content: pptxTypes}, {name: "ppt/presentation.xml", content: "<p/>"},
		{name: "ppt/slides/slide1.xml", content: "<s/>"}, {name: "ppt/slides/slide2.xml", content: "<s/>"}}, more...)...)
}

func odp(t testing.TB, typ, manifest string) []byte {
	return zipOf(t, member{name: "mimetype", content: typ, change: func(h *zip.FileHeader) { h.Method = zip.Store }},
		member{name: "META-INF/manifest.xml", content: manifest},
		member{name: "content.xml", content: `<c xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"><draw:page/><draw:page/><draw:page/></c>`})
}

// mangle changes bytes of a file wherever they stand.
func mangle(b []byte, from, to string) []byte { return bytes.ReplaceAll(b, []byte(from), []byte(to)) }

func TestInspectAccepts(t *testing.T) {
	sjis, err := japanese.ShiftJIS.NewEncoder().String("資料/構成表.txt") // 表 ends in a backslash
	if err != nil {
		t.Fatal(err)
	}
	raw := func(h *zip.FileHeader) { h.NonUTF8 = true }
	for what, c := range map[string]struct {
		data []byte
		want Found
	}{
		"a PDF":                         {pdfOf(12), Found{PDF, 12}},
		"a packed PDF":                  {packedPDF(34), Found{PDF, 34}},
		"a PDF after a byte order mark": {append([]byte("\xef\xbb\xbf"), pdfOf(1)...), Found{PDF, 1}},
		"a PDF with an attachment":      {append(pdfOf(3), bytes.Repeat([]byte("\n% added"), 100)...), Found{PDF, 3}},
		"PowerPoint":                    {pptx(t), Found{PowerPoint, 2}},
		"PowerPoint with a film":        {pptx(t, member{name: "ppt/media/film.mp4", content: "....ftyp"}), Found{PowerPoint, 2}},
		"a slide show":                  {zipOf(t, member{name: "[Content_Types].xml", content: strings.ReplaceAll(pptxTypes, ".presentation.main", ".slideshow.main")}, member{name: "ppt/presentation.xml"}), Found{PowerPoint, 0}},
		"Keynote":                       {zipOf(t, plain("Index/Document.iwa", "Index/Slide.iwa", "Index/Slide-123.iwa", "Metadata/Properties.plist", "Data/p.jpg")...), Found{Keynote, 2}},
		"Keynote, the older index":      {zipOf(t, plain("Index.zip", "Metadata/Properties.plist", "preview.jpg")...), Found{Keynote, 0}},
		"Keynote of 2009":               {zipOf(t, plain("index.apxl.gz", "thumbs/st1.tiff")...), Found{Keynote, 0}},
		"Keynote, a zipped folder":      {zipOf(t, plain("発表.key/Index.zip", "発表.key/Metadata/Properties.plist", "__MACOSX/発表.key/._Index.zip")...), Found{KeynoteZip, 0}},
		"Keynote, a folder, no zip":     {zipOf(t, plain("T.key/Index/Document.iwa", "T.key/Index/Slide-1.iwa")...), Found{KeynoteZip, 1}},
		"Impress":                       {odp(t, "application/vnd.oasis.opendocument.presentation", "<m/>"), Found{Impress, 3}},
		"a ZIP":                         {zipOf(t, plain("README.md", "configs/router.example.com/r1.conf", "run.sh", "demo.py", "絵文字👩‍💻.txt")...), Found{Format: Zip}},
		"a ZIP of Japanese Windows":     {zipOf(t, member{name: sjis, content: "x", change: raw}), Found{Format: Zip}},
		"a ZIP in a ZIP":                {zipOf(t, member{name: "inner.zip", content: string(zipOf(t, plain("../../x")...))}), Found{Format: Zip}},
		"an empty file in a ZIP":        {zipOf(t, member{name: "empty"}, member{name: "folder/"}), Found{Format: Zip}},
	} {
		got, err := Inspect(t.Context(), bytes.NewReader(c.data), int64(len(c.data)))
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", what, got, err, c.want)
		}
	}
}

func TestInspectRefuses(t *testing.T) {
	encrypted := zipOf(t, plain("a")...)
	for _, sig := range []string{"PK\x03\x04", "PK\x01\x02"} {
		i := bytes.Index(encrypted, []byte(sig))
		encrypted[i+map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8}[sig]] |= 1
	}
	broken := zipOf(t, member{name: "a.txt", content: strings.Repeat("abcdefgh", 500), change: func(h *zip.FileHeader) { h.Method = zip.Store }})
	broken = mangle(broken, "abcdefghabcdefgh", "abcdefghabcdefgX")
	link := func(h *zip.FileHeader) { h.SetMode(fs.ModeSymlink | 0o777) }
	many := make([]member, maxEntries+1)
	for i := range many {
		many[i] = member{name: fmt.Sprint(i)}
	}
	for what, c := range map[string]struct {
		data []byte
		key  string
	}{
		"nothing":                   {nil, keyEmpty},
		"text":                      {[]byte("slides.pdf"), keyType},
		"a picture":                 {[]byte("\x89PNG\r\n\x1a\n"), keyType},
		"a page":                    {[]byte("<html><script>alert(1)</script>"), keyType},
		"a page, then a PDF":        {append([]byte("<html>"), pdfOf(1)...), keyType},
		"half a PDF":                {pdfOf(9)[:60], keyPDFCut},
		"a PDF in name":             {[]byte("%PDF-1.7 and nothing else %%EOF"), keyPDFCut},
		"an old PowerPoint":         {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1........"), keyLegacy},
		"a program":                 {append([]byte("MZ\x90"), zipOf(t, plain("a")...)...), keySelfMade},
		"a Linux program":           {[]byte("\x7fELF\x02"), keySelfMade},
		"half a ZIP":                {zipOf(t, plain("a", "b", "c")...)[:120], keyBroken},
		"a ZIP of nothing":          {zipOf(t), keyEmpty},
		"a changed ZIP":             {broken, keyBroken},
		"an encrypted ZIP":          {encrypted, keyEncrypted},
		"too many entries":          {zipOf(t, many...), keyEntries},
		"Word":                      {zipOf(t, member{name: "[Content_Types].xml", content: "wordprocessingml.document.main+xml"}), keyDocument},
		"PowerPoint with macros":    {pptx(t, member{name: "ppt/vbaProject.bin"}), keyMacros},
		"PowerPoint, macro type":    {zipOf(t, member{name: "[Content_Types].xml", content: "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"}), keyMacros},
		"PowerPoint without slides": {zipOf(t, member{name: "[Content_Types].xml", content: pptxTypes}), keyBroken},
		"Writer":                    {odp(t, "application/vnd.oasis.opendocument.text", "<m/>"), keyDocument},
		"Impress with a password":   {odp(t, "application/vnd.oasis.opendocument.presentation", "<manifest:encryption-data/>"), keyEncrypted},
		"an EPUB":                   {odp(t, "application/epub+zip", "<m/>"), keyType},
		"Keynote with a password":   {zipOf(t, plain("Index/Document.iwa", "Index/Slide-1.iwa", ".iwph")...), keyEncrypted},
		"Numbers":                   {zipOf(t, plain("Index/Document.iwa", "Index/Tables/DataList.iwa")...), keyDocument},
		"a way out":                 {zipOf(t, plain("../../etc/cron.d/x")...), keyPath},
		"a way out, later":          {zipOf(t, plain("a/../../x")...), keyPath},
		"a way out of Windows":      {zipOf(t, plain(`..\..\x`)...), keyPath},
		"from the root":             {zipOf(t, plain("/etc/passwd")...), keyPath},
		"a drive":                   {zipOf(t, plain(`C:\x`)...), keyPath},
		"a turned name":             {zipOf(t, plain("slides\u202efdp.exe")...), keyPath},
		"a name with NUL":           {zipOf(t, plain("slides.pdf\x00.exe")...), keyPath},
		"twice the same name":       {zipOf(t, plain("a", "a")...), keyPath},
		"a link":                    {zipOf(t, member{name: "a", content: "/etc/passwd", change: link}), keyPath},
		"a program in a ZIP":        {zipOf(t, plain("tool/setup.EXE")...), keyProgram},
		"a program with a space":    {zipOf(t, plain("setup.exe ")...), keyProgram},
		"a program by its content":  {zipOf(t, member{name: "readme.txt", content: "MZ\x90\x00 etc"}), keyProgram},
		"a macOS program":           {zipOf(t, plain("Demo.app/Contents/Info.plist")...), keyProgram},
	} {
		_, err := Inspect(t.Context(), bytes.NewReader(c.data), int64(len(c.data)))
		if f, ok := fault.As(err); !ok || f.Key != c.key || f.Kind != fault.Invalid || f.Field != "file" {
			t.Errorf("%s: %v; want %s", what, err, c.key)
		}
	}
}

// TestInspectRefusesBombs tries the three ways to make a small archive large: much that packs well, a size that is a lie, and entries that share
// their content.
func TestInspectRefusesBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 90<<20)
	honest := zipOf(t, member{name: "zeros", content: zeros})
	lying := bytes.Clone(honest)
	var real, small [4]byte
	binary.LittleEndian.PutUint32(real[:], 90<<20)
	binary.LittleEndian.PutUint32(small[:], 1000)
	lying = bytes.ReplaceAll(lying, real[:], small[:])
	for what, c := range map[string]struct {
		data []byte
		key  string
	}{"what packs well": {honest, keyBomb}, "a size that is a lie": {lying, keyBroken}, "shared content": {overlapping(3000), keyBomb}} {
		begun := time.Now()
		_, err := Inspect(t.Context(), bytes.NewReader(c.data), int64(len(c.data)))
		if f, ok := fault.As(err); !ok || f.Key != c.key {
			t.Errorf("%s (%d bytes): %v; want %s", what, len(c.data), err, c.key)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s took %v", what, took)
		}
	}
}

// overlapping is an archive whose n entries are all the same 100 kB.
func overlapping(n int) []byte {
	content := bytes.Repeat([]byte("0123456789"), 10_000)
	var b bytes.Buffer
	header := func(sig string, name string) []byte {
		h := []byte(sig)
		if sig == "PK\x01\x02" {
			h = append(h, 20, 0)
		}
		h = append(h, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		h = binary.LittleEndian.AppendUint32(h, crc32.ChecksumIEEE(content))
		h = binary.LittleEndian.AppendUint32(h, uint32(len(content)))
		h = binary.LittleEndian.AppendUint32(h, uint32(len(content)))
		h = binary.LittleEndian.AppendUint16(h, uint16(len(name)))
		return append(h, 0, 0)
	}
	b.Write(append(header("PK\x03\x04", "x"), "x"...))
	b.Write(content)
	at := b.Len()
	for i := range n {
		name := fmt.Sprintf("%05d", i)
		b.Write(header("PK\x01\x02", name))
		b.Write(make([]byte, 14)) // comment, disk, attributes, offset 0
		b.WriteString(name)
	}
	end := append([]byte("PK\x05\x06"), 0, 0, 0, 0)
	end = binary.LittleEndian.AppendUint16(end, uint16(n))
	end = binary.LittleEndian.AppendUint16(end, uint16(n))
	end = binary.LittleEndian.AppendUint32(end, uint32(b.Len()-at))
	end = binary.LittleEndian.AppendUint32(end, uint32(at))
	b.Write(append(end, 0, 0))
	return b.Bytes()
}

func TestInspectTooLargeReadsNothing(t *testing.T) {
	_, err := Inspect(t.Context(), nil, MaxBytes+1)
	if f, ok := fault.As(err); !ok || f.Key != keyTooLarge || f.Args["max"] != int64(200) {
		t.Errorf("%v", err)
	}
}

func TestInspectEndsWithItsContext(t *testing.T) {
	data := zipOf(t, member{name: "a", content: strings.Repeat("slides", 1<<20), change: func(h *zip.FileHeader) { h.Method = zip.Store }})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Inspect(ctx, bytes.NewReader(data), int64(len(data))); fault.KindOf(err) != fault.Internal {
		t.Errorf("%v", err)
	}
}

func FuzzInspect(f *testing.F) {
	f.Add(pdfOf(2))
	f.Add(packedPDF(2))
	f.Add(pptx(f))
	f.Add(odp(f, "application/vnd.oasis.opendocument.presentation", "<m/>"))
	f.Add(zipOf(f, plain("T.key/Index.zip", "T.key/x")...))
	f.Add(zipOf(f, plain("../x", "a\u202eb")...))
	f.Add(overlapping(3))
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		found, err := Inspect(ctx, bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("not about the file: %v", err)
			}
			return
		}
		if found.Format.Extension() == "" || found.Pages < 0 {
			t.Fatalf("%+v", found)
		}
	})
}
