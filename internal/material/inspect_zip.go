package material

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// The limits on archives. Slides full of pictures hardly shrink at all; text shrinks to a tenth.
const (
	maxEntries  = 5000
	maxUnpacked = 2 << 30  // bytes, all entries together
	maxRatio    = 100      // unpacked to packed, of an archive that unpacks to more than
	freeRatio   = 64 << 20 // this many bytes
	maxMember   = 4 << 20  // of an entry that is read into memory
)

// inspectZip looks into everything that is a zip: it is checked as an archive first, and then for what it is.
func inspectZip(ctx context.Context, r io.ReaderAt, size int64) (Found, error) {
	z, err := openZip(r, size)
	if err != nil {
		return Found{}, err
	}
	a := &archive{Reader: z, size: size, byName: map[string]*zip.File{}}
	if err := a.names(); err != nil {
		return Found{}, err
	}
	f, err := a.format()
	if err == nil {
		err = a.contents(ctx)
	}
	return f, err
}

// openZip reads the list of contents after asking its end how long the list claims to be, so that no list of millions is read.
func openZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	n, ok := entries(r, size)
	if !ok {
		return nil, invalid(keyBroken)
	}
	if n > maxEntries {
		return nil, invalid(keyEntries).With("max", maxEntries)
	}
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // the paths are ours to judge
		return nil, invalid(keyBroken).Because(err)
	}
	if len(z.File) > maxEntries {
		return nil, invalid(keyEntries).With("max", maxEntries)
	}
	if len(z.File) == 0 {
		return nil, invalid(keyEmpty)
	}
	return z, nil
}

// entries reads from the end of central directory record (APPNOTE.TXT, 4.3.16) how many entries an archive says it has. An archive of ours
// never needs the larger form of that record, which says 65,535 here.
func entries(r io.ReaderAt, size int64) (int, bool) {
	tail := make([]byte, min(size, 22+65535))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return 0, false
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || i+22 > len(tail) {
		return 0, false
	}
	return int(tail[i+10]) | int(tail[i+11])<<8, true
}

// archive is a zip being looked at.
type archive struct {
	*zip.Reader
	size   int64
	byName map[string]*zip.File
}

// names checks the list of contents: names, passwords, links, and sizes as far as they are stated.
func (a *archive) names() error {
	var packed, unpacked uint64
	for _, f := range a.File {
		name, err := entryName(f)
		if err != nil {
			return err
		}
		if f.Flags&0x2041 != 0 { // encrypted: plainly, strongly, or with its list masked
			return invalid(keyEncrypted)
		}
		if m := f.Mode(); m&(fs.ModeSymlink|fs.ModeDevice|fs.ModeNamedPipe|fs.ModeSocket) != 0 {
			return invalid(keyPath).With("name", shown(name))
		}
		if _, twice := a.byName[name]; twice {
			return invalid(keyPath).With("name", shown(name)) // programs differ in which of the two they show
		}
		a.byName[name] = f
		if bad := programIn(name); bad != "" {
			return invalid(keyProgram).With("name", shown(bad))
		}
		packed, unpacked = packed+f.CompressedSize64, unpacked+f.UncompressedSize64
		if f.UncompressedSize64 > maxUnpacked || unpacked > maxUnpacked || packed > uint64(a.size) { // more packed than there is: entries share their content
			return invalid(keyBomb)
		}
	}
	if unpacked > freeRatio && unpacked/maxRatio > uint64(a.size) {
		return invalid(keyBomb)
	}
	return nil
}

// entryName is the name of an entry with forward slashes. Archives made on Japanese Windows have names in its own encoding, in which the second
// byte of a character may be a backslash.
func entryName(f *zip.File) (string, error) {
	name := f.Name
	if !utf8.ValidString(name) {
		if s, err := japanese.ShiftJIS.NewDecoder().String(name); err == nil {
			name = s
		}
	}
	name = strings.ReplaceAll(name, `\`, "/")
	bad := name == "" || len(name) > 1024 || strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' || !utf8.ValidString(name) || strings.ContainsFunc(name, unseen)
	for part := range strings.SplitSeq(strings.TrimSuffix(name, "/"), "/") {
		bad = bad || part == "" || part == "." || part == ".." || strings.Trim(part, " .") == ""
	}
	if bad {
		return "", invalid(keyPath).With("name", shown(name))
	}
	return name, nil
}

// unseen is hidden without the joiners and selectors that emoji and rare characters are made of: they cannot turn a name around.
func unseen(r rune) bool { return hidden(r) && r != '\u200d' && r != '\u200c' }

// shown makes a name from a file safe to be part of a message.
func shown(name string) string {
	name = strings.Map(func(r rune) rune {
		if hidden(r) {
			return '·'
		}
		return r
	}, strings.ToValidUTF8(name, "·"))
	if utf8.RuneCountInString(name) > 60 {
		name = "…" + string([]rune(name)[utf8.RuneCountInString(name)-60:])
	}
	return name
}

// programIn names the part of a path that is a program by its name, or is empty.
func programIn(name string) string {
	for part := range strings.SplitSeq(name, "/") {
		if executable(strings.ToLower(path.Ext(strings.TrimRight(part, ". ")))) {
			return part
		}
	}
	return ""
}

// format says what the archive is.
func (a *archive) format() (Found, error) {
	switch {
	case a.byName["[Content_Types].xml"] != nil:
		return a.office()
	case a.byName["mimetype"] != nil && a.File[0].Name == "mimetype":
		return a.openDocument()
	}
	if f, ok, err := a.keynote(); ok || err != nil {
		return f, err
	}
	return Found{Format: Zip}, nil
}

// office tells slides from the other files of Office Open XML by their types, which ECMA-376 part 2 section 10.1.2 keeps in one place.
func (a *archive) office() (Found, error) {
	types, err := a.read("[Content_Types].xml")
	if err != nil {
		return Found{}, err
	}
	s := string(types)
	for name := range a.byName {
		if strings.EqualFold(path.Base(name), "vbaProject.bin") {
			return Found{}, invalid(keyMacros)
		}
	}
	switch {
	case strings.Contains(s, "macroEnabled"):
		return Found{}, invalid(keyMacros)
	case strings.Contains(s, "presentationml.presentation.main+xml"), strings.Contains(s, "presentationml.slideshow.main+xml"):
	default:
		return Found{}, invalid(keyDocument)
	}
	if a.byName["ppt/presentation.xml"] == nil {
		return Found{}, invalid(keyBroken)
	}
	slides := 0
	for name := range a.byName {
		if ok, _ := path.Match("ppt/slides/slide*.xml", name); ok {
			slides++
		}
	}
	return Found{PowerPoint, slides}, nil
}

// openDocument reads the type that ODF 1.3 part 2 section 3.3 puts first, and whether there is a password.
func (a *archive) openDocument() (Found, error) {
	typ, err := a.read("mimetype")
	if err != nil {
		return Found{}, err
	}
	if t := strings.TrimSpace(string(typ)); !strings.HasPrefix(t, "application/vnd.oasis.opendocument.presentation") {
		if strings.HasPrefix(t, "application/vnd.oasis.opendocument.") {
			return Found{}, invalid(keyDocument)
		}
		return Found{}, invalid(keyType)
	}
	manifest, err := a.read("META-INF/manifest.xml")
	if err != nil {
		return Found{}, err
	}
	if strings.Contains(string(manifest), "encryption-data") {
		return Found{}, invalid(keyEncrypted)
	}
	for name := range a.byName {
		if strings.HasPrefix(name, "Basic/") && strings.HasSuffix(name, ".xml") && !strings.HasSuffix(name, "script-lc.xml") && !strings.HasSuffix(name, "script-lb.xml") {
			return Found{}, invalid(keyMacros)
		}
	}
	content, err := a.read("content.xml")
	if err != nil {
		return Found{Format: Impress}, nil //nolint:nilerr // too large to count the pages of; contents() will say whether it is broken
	}
	return Found{Impress, odfPages(content)}, nil
}

// odfPages counts the pages of a presentation.
func odfPages(content []byte) int {
	d, n := xml.NewDecoder(bytes.NewReader(content)), 0
	for {
		t, err := d.Token()
		if err != nil {
			return n
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "page" && strings.HasSuffix(e.Name.Space, ":drawing:1.0") {
			n++
		}
	}
}

// keynote knows both forms of a presentation of Keynote: one zip with its index unpacked (Index/Document.iwa), and a folder NAME.key with the
// index in a zip of its own, which is not opened; what browsers send of the latter is a zip of the folder. Files of Pages and Numbers look alike,
// but have no slides.
func (a *archive) keynote() (Found, bool, error) {
	root := ""
	for name := range a.byName {
		if strings.HasPrefix(name, "__MACOSX/") || path.Base(name) == ".DS_Store" {
			continue
		}
		first, _, inFolder := strings.Cut(name, "/")
		switch {
		case !inFolder || !strings.HasSuffix(strings.ToLower(first), ".key") || root != "" && root != first+"/":
			root = "-"
		case root == "":
			root = first + "/"
		}
		if root == "-" {
			root = ""
			break
		}
	}
	has := func(name string) bool { return a.byName[root+name] != nil }
	if has(".iwph") || has(".iwpv2") {
		return Found{}, true, invalid(keyEncrypted)
	}
	f := Found{Format: Keynote}
	if root != "" {
		f.Format = KeynoteZip
	}
	switch {
	case has("Index/Document.iwa"):
		for name := range a.byName {
			base, in := strings.CutPrefix(name, root+"Index/")
			if in && strings.HasPrefix(base, "Slide") && strings.HasSuffix(base, ".iwa") {
				f.Pages++
			}
		}
		if f.Pages == 0 {
			return Found{}, true, invalid(keyDocument)
		}
		return f, true, nil
	case has("Index.zip") && (root != "" || has("Metadata/Properties.plist")), has("index.apxl"), has("index.apxl.gz"):
		return f, true, nil
	}
	return f, false, nil
}

// read reads a small entry into memory.
func (a *archive) read(name string) ([]byte, error) {
	f := a.byName[name]
	if f == nil || f.UncompressedSize64 > maxMember {
		return nil, invalid(keyBroken).Because(fmt.Errorf("%s is missing or too large", name))
	}
	r, err := f.Open()
	if err != nil {
		return nil, invalid(keyBroken).Because(err)
	}
	b, err := io.ReadAll(io.LimitReader(r, maxMember+1))
	if err = errors.Join(err, r.Close()); err != nil || len(b) > maxMember {
		return nil, invalid(keyBroken).Because(fmt.Errorf("read %s: %w", name, err))
	}
	return b, nil
}

// contents unpacks everything into nothing: the sizes and checksums are as stated, so that nobody's program unpacks more, and no entry begins
// like a program whatever its name. An archive within the archive is not opened: whoever does opens it as a file of its own.
func (a *archive) contents(ctx context.Context) error {
	buf := make([]byte, 64<<10)
	for _, f := range a.File {
		if strings.HasSuffix(f.Name, "/") && f.UncompressedSize64 == 0 {
			continue
		}
		if f.Method != zip.Store && f.Method != zip.Deflate {
			return invalid(keyMethod).With("name", shown(f.Name))
		}
		if err := unpackInto(ctx, f, buf); err != nil {
			return err
		}
	}
	return nil
}

// unpackInto unpacks an entry through buf. The reader of archive/zip ends with an error where the content is shorter or longer than stated, or has
// another checksum.
func unpackInto(ctx context.Context, f *zip.File, buf []byte) error {
	r, err := f.Open()
	if err != nil {
		return invalid(keyBroken).Because(err)
	}
	defer func() { _ = r.Close() }()
	n, err := io.ReadFull(r, buf[:min(16, len(buf))])
	if program(buf[:n]) {
		return invalid(keyProgram).With("name", shown(f.Name))
	}
	total := uint64(n)
	for err == nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		n, err = r.Read(buf)
		if total += uint64(n); total > f.UncompressedSize64 {
			return invalid(keyBomb)
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && total == f.UncompressedSize64 && total < 16 {
		return nil
	}
	if _, ok := errors.AsType[flate.CorruptInputError](err); ok || errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF) {
		return invalid(keyBroken).Because(fmt.Errorf("unpack %s: %w", f.Name, err))
	}
	return fmt.Errorf("unpack %s: %w", f.Name, err)
}
