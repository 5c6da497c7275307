package material

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
)

// pdfBegins reports whether a file has the header of a PDF where one may stand: at its start, or after white space or a byte order mark. Readers
// look further into a file than that; what has something else first is two things at once.
func pdfBegins(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	return bytes.HasPrefix(bytes.TrimLeft(head, "\x00\t\n\f\r "), []byte("%PDF-"))
}

// pdfTail is how much of the end of a PDF is searched for its last lines. Some programs add to the end.
const pdfTail = 4096

// inspectPDF looks for the end of a PDF: a file that was cut off has none.
func inspectPDF(ctx context.Context, r io.ReaderAt, size int64) (Found, error) {
	tail := make([]byte, min(size, pdfTail))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return Found{}, fmt.Errorf("look into a PDF: %w", err)
	}
	end := bytes.LastIndex(tail, []byte("%%EOF"))
	if end < 0 || !bytes.Contains(tail[:end], []byte("startxref")) {
		return Found{}, invalid(keyPDFCut)
	}
	return Found{Format: PDF, Pages: pdfPages(ctx, r, size)}, nil
}

// pdfRoot matches the root of the tree of pages, which says how many there are; its entries stand in any order.
var (
	pdfPagesType = regexp.MustCompile(`/Type\s*/Pages\b`)
	pdfCount     = regexp.MustCompile(`/Count\s+(\d{1,5})\b`)
	pdfPacked    = regexp.MustCompile(`/Type\s*/ObjStm\b`)
)

// The limits on searching a PDF for its number of pages.
const (
	pdfWindow  = 1 << 20
	pdfOverlap = 4096
	pdfPacks   = 2000
	pdfPack    = 4 << 20
)

// pdfPages finds the number of pages of a PDF without reading it as one: the largest count of a tree of pages, written plainly or in a
// compressed object stream (ISO 32000-1, sections 7.5.7 and 7.7.3.2). 0 where it finds none, for instance because the file is encrypted.
func pdfPages(ctx context.Context, r io.ReaderAt, size int64) int {
	most, packs := 0, 0
	buf := make([]byte, pdfWindow+pdfOverlap)
	for at := int64(0); at < size && ctx.Err() == nil; at += pdfWindow {
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0
		}
		b := buf[:n]
		most = max(most, pagesIn(b))
		for _, m := range pdfPacked.FindAllIndex(b, -1) {
			if packs++; packs > pdfPacks {
				return most
			}
			most = max(most, pagesIn(unpack(r, at+int64(m[1]), size)))
		}
	}
	return most
}

// pagesIn finds the largest count of a dictionary of pages in a piece of a PDF.
func pagesIn(b []byte) int {
	most := 0
	for _, m := range pdfPagesType.FindAllIndex(b, -1) {
		begin := bytes.LastIndex(b[:m[0]], []byte("<<"))
		end := bytes.Index(b[m[1]:], []byte(">>"))
		if begin < 0 || end < 0 {
			continue
		}
		if c := pdfCount.FindSubmatch(b[begin : m[1]+end]); c != nil {
			if n, err := strconv.Atoi(string(c[1])); err == nil {
				most = max(most, n)
			}
		}
	}
	return most
}

// unpack returns the content of the compressed stream that begins after at, or nothing.
func unpack(r io.ReaderAt, at, size int64) []byte {
	const dictionary = 1024
	head := make([]byte, min(dictionary, size-at))
	if _, err := r.ReadAt(head, at); err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	i := bytes.Index(head, []byte("stream"))
	if i < 0 {
		return nil
	}
	at += int64(i + len("stream"))
	for _, c := range head[i+len("stream"):] {
		if c != '\r' && c != '\n' {
			break
		}
		at++
	}
	z, err := zlib.NewReader(io.NewSectionReader(r, at, size-at))
	if err != nil {
		return nil
	}
	out, _ := io.ReadAll(io.LimitReader(z, pdfPack)) // what comes before a mistake may hold it
	return out
}
