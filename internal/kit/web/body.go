package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// minCompress is the size in bytes below which compressing is not worth it.
const minCompress = 600

// body is a finished answer: its bytes, their hash, and each compressed form, made once when first asked for.
type body struct {
	kind  string
	etag  string
	plain []byte
	br    func() []byte
	gz    func() []byte
}

func newBody(kind string, data []byte) *body {
	sum := sha256.Sum256(data)
	b := &body{kind: kind, etag: hex.EncodeToString(sum[:9]), plain: data}
	b.br = sync.OnceValue(func() []byte {
		var out bytes.Buffer
		w := brotli.NewWriterLevel(&out, 5)
		_, _ = w.Write(data)
		_ = w.Close()
		return out.Bytes()
	})
	b.gz = sync.OnceValue(func() []byte {
		var out bytes.Buffer
		w, _ := gzip.NewWriterLevel(&out, 5)
		_, _ = w.Write(data)
		_ = w.Close()
		return out.Bytes()
	})
	return b
}

// size is what the body keeps in memory, with room for its compressed forms.
func (b *body) size() int { return len(b.plain) + len(b.plain)/3 + 256 }

func (b *body) compressible() bool {
	return len(b.plain) >= minCompress &&
		(strings.HasPrefix(b.kind, "text/") || strings.Contains(b.kind, "json") || strings.Contains(b.kind, "xml") ||
			strings.Contains(b.kind, "yaml") || strings.Contains(b.kind, "javascript"))
}

// choose picks the form that the reader accepts. The header is read leniently: only an explicit q=0 refuses a coding.
func (b *body) choose(accept string) (coding string, data []byte) {
	if b.compressible() {
		if accepts(accept, "br") {
			return "br", b.br()
		}
		if accepts(accept, "gzip") {
			return "gzip", b.gz()
		}
	}
	return "", b.plain
}

func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, param, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q := strings.ReplaceAll(param, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

// serve answers with the body, or with 304 where the reader has it.
func (b *body) serve(w http.ResponseWriter, r *http.Request, cacheControl string) {
	coding, data := b.choose(r.Header.Get("Accept-Encoding"))
	tag := `"` + b.etag + `"`
	if coding != "" {
		tag = `"` + b.etag + "-" + coding + `"`
	}
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", cacheControl)
	if b.compressible() {
		h.Add("Vary", "Accept-Encoding")
	}
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	h.Set("Content-Type", b.kind)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(data)
	}
}

// matches compares weakly, as If-None-Match does (RFC 9110, section 13.1.2).
func matches(header, tag string) bool {
	if header == "*" {
		return true
	}
	for part := range strings.SplitSeq(header, ",") {
		if strings.TrimPrefix(strings.TrimSpace(part), "W/") == tag {
			return true
		}
	}
	return false
}
