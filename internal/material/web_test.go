package material

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// place is the feature behind a server.
type place struct {
	*stage
	url    string
	client *http.Client
}

// serve starts the feature; who asks says so in the header As.
func serve(t *testing.T, d *db.DB) *place {
	t.Helper()
	s := newStage(t, d)
	words, err := i18n.NewWords(web.Files, event.Files, Files)
	if err != nil {
		t.Fatal(err)
	}
	assets := web.NewAssets()
	for name, files := range map[string]web.Source{"site.css": {}, "site.js": {}, "icon.svg": {}, "material.js": web.From(Files, "pages/material.js"), "material.css": web.From(Files, "pages/material.css")} {
		if err := assets.Bundle(name, files); err != nil {
			t.Fatal(err)
		}
	}
	site := &web.Site{Words: words, Assets: assets, Default: i18n.JA, PublicURL: "https://example.org"}
	srv := &web.Server{
		Site: site, Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics("test"), Routes: NewWeb(s.Service, site).Routes(),
		Allowed: func(a web.Access, r *http.Request) bool {
			return a == web.SignedIn && authz.Who(r.Context()).SignedIn()
		},
		Identify: func(r *http.Request) (*authz.Actor, error) {
			return map[string]*authz.Actor{"speaker": speaker, "other": other, "committee": committee}[r.Header.Get("As")], nil
		},
	}
	h := httptest.NewServer(srv.Handler())
	t.Cleanup(h.Close)
	c := h.Client()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &place{s, h.URL, c}
}

// do sends a request with headers given as name, value, and returns the answer with its body.
func (p *place) do(method, path string, body io.Reader, headers ...string) (*http.Response, string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, p.url+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := p.client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res, string(b)
}

// tus sends a request of the protocol.
func (p *place) tus(as, method, path string, body io.Reader, headers ...string) (*http.Response, string) {
	p.t.Helper()
	return p.do(method, path, body, append([]string{"As", as, "Tus-Resumable", "1.0.0"}, headers...)...)
}

const sessionPath = "/meetings/m/sessions/AAAAAA"

func (p *place) create(as string, size int, meta ...string) string {
	p.t.Helper()
	var pairs []string
	for i := 0; i+1 < len(meta); i += 2 {
		pairs = append(pairs, meta[i]+" "+base64.StdEncoding.EncodeToString([]byte(meta[i+1])))
	}
	res, body := p.tus(as, http.MethodPost, sessionPath+"/uploads", nil, "Upload-Length", fmt.Sprint(size), "Upload-Metadata", strings.Join(pairs, ","))
	if res.StatusCode != http.StatusCreated {
		p.t.Fatalf("create: %d %s", res.StatusCode, body)
	}
	return res.Header.Get("Location")
}

func piece(at int) []string {
	return []string{"Upload-Offset", fmt.Sprint(at), "Content-Type", "application/offset+octet-stream"}
}

func TestTusUpload(t *testing.T) {
	dbtest.Quick(t, folders(), func(t *testing.T, d *db.DB) {
		p := serve(t, d)
		res, _ := p.do(http.MethodOptions, "/uploads/x", nil)
		if h := res.Header; res.StatusCode != 204 || h.Get("Tus-Version") != "1.0.0" || h.Get("Tus-Extension") != "creation,expiration,termination" || h.Get("Tus-Max-Size") != fmt.Sprint(MaxBytes) {
			t.Errorf("options: %d %v", res.StatusCode, h)
		}
		data := pdfOf(5)
		at := p.create("speaker", len(data), "filename", "発表\u202e.pdf", "opens", "now", "label_ja", "経路の話")
		res, _ = p.tus("speaker", http.MethodHead, at, nil)
		if h := res.Header; res.StatusCode != 200 || h.Get("Upload-Offset") != "0" || h.Get("Upload-Length") != fmt.Sprint(len(data)) || h.Get("Upload-Expires") == "" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("head: %d %v", res.StatusCode, h)
		}
		res, _ = p.tus("speaker", http.MethodPatch, at, bytes.NewReader(data[:50]), piece(0)...)
		if res.StatusCode != 204 || res.Header.Get("Upload-Offset") != "50" {
			t.Errorf("a piece: %d %v", res.StatusCode, res.Header)
		}
		for what, c := range map[string]struct {
			as, method string
			headers    []string
			status     int
		}{
			"the wrong offset":       {"speaker", http.MethodPatch, piece(10), 409},
			"an offset beyond":       {"speaker", http.MethodPatch, piece(60), 409},
			"no offset":              {"speaker", http.MethodPatch, piece(0)[2:], 422},
			"another type":           {"speaker", http.MethodPatch, []string{"Upload-Offset", "50", "Content-Type", "text/plain"}, 415},
			"another speaker":        {"other", http.MethodPatch, piece(50), 404},
			"another speaker asks":   {"other", http.MethodHead, nil, 404},
			"the committee removes":  {"committee", http.MethodDelete, nil, 404},
			"nobody":                 {"", http.MethodPatch, piece(50), 403},
			"another version of tus": {"speaker", http.MethodHead, []string{"Tus-Resumable", "0.2.2"}, 412},
			"from another site":      {"speaker", http.MethodPatch, append(piece(50), "Sec-Fetch-Site", "cross-site"), 403},
		} {
			res, _ := p.tus(c.as, c.method, at, strings.NewReader("xy"), c.headers...)
			if res.StatusCode != c.status {
				t.Errorf("%s: %d, want %d", what, res.StatusCode, c.status)
			}
		}
		res, body := p.tus("speaker", http.MethodPatch, at, bytes.NewReader(append(bytes.Clone(data[50:]), 'x')), append(piece(50), "Accept-Language", "ja")...)
		if res.StatusCode != 413 || !strings.Contains(body, "多くのデータ") {
			t.Errorf("too much: %d %s", res.StatusCode, body)
		}
		res, _ = p.tus("speaker", http.MethodPatch, at, bytes.NewReader(data[50:]), piece(50)...)
		if res.StatusCode != 204 || res.Header.Get("Upload-Became") == "" {
			t.Fatalf("the last piece: %d %v", res.StatusCode, res.Header)
		}
		res, _ = p.do(http.MethodGet, "/materials/"+res.Header.Get("Upload-Became"), nil)
		p.downloads(t, res.Header.Get("Location"), data)
	})
}

// downloads checks everything about the answer with a file.
func (p *place) downloads(t *testing.T, path string, data []byte) {
	t.Helper()
	res, body := p.do(http.MethodGet, path, nil)
	tag := res.Header.Get("Etag")
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
		"Content-Disposition": `attachment; filename="material.pdf"; filename*=UTF-8''%E7%99%BA%E8%A1%A8.pdf`, "Accept-Ranges": "bytes",
		"Cache-Control": "private, max-age=31536000, immutable", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if res.StatusCode != 200 || body != string(data) || len(tag) != 66 {
		t.Errorf("%d, %d bytes, %s", res.StatusCode, len(body), tag)
	}
	res, body = p.do(http.MethodGet, path, nil, "Range", "bytes=2-5", "If-Range", tag)
	if res.StatusCode != 206 || body != string(data[2:6]) {
		t.Errorf("a range: %d %q", res.StatusCode, body)
	}
	if res, _ = p.do(http.MethodGet, path, nil, "If-None-Match", tag); res.StatusCode != 304 {
		t.Errorf("known already: %d", res.StatusCode)
	}
	if res, _ = p.do(http.MethodGet, path[:strings.LastIndexByte(path, '/')]+"/slides.exe", nil); res.StatusCode != 302 || res.Header.Get("Location") != path {
		t.Errorf("another name: %d %v", res.StatusCode, res.Header)
	}
	if res, _ = p.do(http.MethodGet, "/en"+path, nil); res.StatusCode != 302 || res.Header.Get("Location") != path {
		t.Errorf("with a language: %d %v", res.StatusCode, res.Header)
	}
}

func TestTusRefusesEarly(t *testing.T) {
	p := serve(t, dbtest.SQLite(t, folders()...))
	for length, status := range map[string]int{fmt.Sprint(2 << 30): 413, fmt.Sprint(MaxBytes + 1): 413, "0": 422, "-1": 422, "": 422, "1e3": 422, "99999999999999999999": 422} {
		if res, body := p.tus("speaker", http.MethodPost, sessionPath+"/uploads", nil, "Upload-Length", length); res.StatusCode != status {
			t.Errorf("of %q bytes: %d %s", length, res.StatusCode, body)
		}
	}
	at := p.create("speaker", 100)
	z := &zeros{}
	if res, _ := p.tus("speaker", http.MethodPatch, at, struct{ io.Reader }{io.LimitReader(z, 1<<20)}, piece(0)...); res.StatusCode != 413 {
		t.Errorf("more than was said: %d", res.StatusCode)
	}
	if res, _ := p.tus("speaker", http.MethodHead, at, nil); res.Header.Get("Upload-Offset") != "0" {
		t.Errorf("and it was kept: %v", res.Header)
	}
	if res, _ := p.tus("speaker", http.MethodDelete, at, nil); res.StatusCode != 204 {
		t.Errorf("thrown away: %d", res.StatusCode)
	}
	if res, _ := p.tus("speaker", http.MethodHead, at, nil); res.StatusCode != 404 {
		t.Errorf("and it is there: %d", res.StatusCode)
	}
}

// TestTusCutOff loses the connection in the middle of a piece: what arrived is there, and it goes on from there.
func TestTusCutOff(t *testing.T) {
	p := serve(t, dbtest.SQLite(t, folders()...))
	data := append(pdfOf(3), bytes.Repeat([]byte(" "), 3000)...)
	at := p.create("speaker", len(data), "opens", "now")
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(c, "PATCH %s HTTP/1.1\r\nHost: x\r\nAs: speaker\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", at, tusPiece, len(data), data[:1234])
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		res, _ := p.tus("speaker", http.MethodHead, at, nil)
		if res.Header.Get("Upload-Offset") == "1234" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("after what was sent: %v", res.Header)
		}
	}
	if res, body := p.tus("speaker", http.MethodPatch, at, bytes.NewReader(data[1234:]), append(piece(1234), "Accept-Language", "ja")...); res.StatusCode != 423 || !strings.Contains(body, "別の接続") {
		t.Errorf("beside an open connection: %d %s", res.StatusCode, body)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		res, body := p.tus("speaker", http.MethodPatch, at, bytes.NewReader(data[1234:]), piece(1234)...)
		if res.StatusCode == 204 {
			break
		}
		if res.StatusCode != 423 || time.Now().After(deadline) {
			t.Fatalf("the rest: %d %s", res.StatusCode, body)
		}
	}
	if list := p.public("AAAAAA"); len(list) != 1 || list[0].Newest().Size != int64(len(data)) {
		t.Errorf("%+v", list)
	}
}

// form sends a file as a browser without scripts does.
func (p *place) form(as, path, name string, data io.Reader, fields ...string) (*http.Response, string) {
	p.t.Helper()
	r, w := io.Pipe()
	m := multipart.NewWriter(w)
	go func() {
		for i := 0; i+1 < len(fields); i += 2 {
			_ = m.WriteField(fields[i], fields[i+1])
		}
		f, err := m.CreateFormFile("file", name)
		if err == nil {
			_, err = io.Copy(f, data)
		}
		_ = m.Close()
		_ = w.CloseWithError(err)
	}()
	return p.do(http.MethodPost, path, r, "As", as, "Content-Type", m.FormDataContentType())
}

func TestForm(t *testing.T) {
	dbtest.Quick(t, folders(), func(t *testing.T, d *db.DB) {
		p := serve(t, d)
		path := sessionPath + "/materials"
		res, body := p.form("speaker", path, "発表.pdf", bytes.NewReader(pdfOf(4)), "kind", "slides", "opens", "now")
		if res.StatusCode != 303 || res.Header.Get("Location") != path+"?done=handed_in" {
			t.Fatalf("%d %s", res.StatusCode, body)
		}
		f := p.public("AAAAAA")[0]
		res, _ = p.form("speaker", "/en"+path, "v2.pdf", bytes.NewReader(pdfOf(5)), "of", f.ID, "note", "typo")
		if res.StatusCode != 303 || res.Header.Get("Location") != "/en"+path+"?done=handed_in" {
			t.Errorf("a second version: %d %v", res.StatusCode, res.Header)
		}
		for what, c := range map[string]struct {
			as, name, data, words string
			status                int
		}{
			"text":            {"speaker", "a.pdf", "no slides", "この形式は受け付けていません", 422},
			"no file":         {"speaker", "", "", "ファイルを選んでください", 422},
			"nothing in it":   {"speaker", "a.pdf", "", "ファイルが空です", 422},
			"another speaker": {"other", "a.pdf", string(pdfOf(1)), "講演者とプログラム委員だけ", 403},
			"nobody":          {"", "a.pdf", string(pdfOf(1)), "", 403},
		} {
			res, body := p.form(c.as, path, c.name, strings.NewReader(c.data), "kind", "slides")
			if res.StatusCode != c.status || !strings.Contains(body, c.words) {
				t.Errorf("%s: %d", what, res.StatusCode)
			}
		}
		if _, body = p.do(http.MethodGet, path+"?done=handed_in", nil, "As", "speaker"); !strings.Contains(body, "資料を受け取りました") || !strings.Contains(body, "以前の版（1件）") ||
			!strings.Contains(body, "typo") || strings.Contains(body, "[material") {
			t.Error(body)
		}
		if res, _ = p.do(http.MethodGet, path, nil); res.StatusCode != 302 || !strings.HasPrefix(res.Header.Get("Location"), "/sign-in") {
			t.Errorf("nobody: %d", res.StatusCode)
		}
		res, _ = p.do(http.MethodPost, "/materials/"+f.ID, strings.NewReader("do=withdraw"), "As", "other", "Content-Type", "application/x-www-form-urlencoded")
		if res.StatusCode != 404 {
			t.Errorf("another speaker withdraws: %d", res.StatusCode)
		}
		res, _ = p.do(http.MethodPost, "/materials/"+f.ID, strings.NewReader("do=withdraw"), "As", "speaker", "Content-Type", "application/x-www-form-urlencoded")
		if res.StatusCode != 303 || len(p.public("AAAAAA")) != 0 {
			t.Errorf("withdrawn: %d, %v", res.StatusCode, p.public("AAAAAA"))
		}
	})
}

// TestEmbargoedFilesAreNotKept: what not everybody may have is kept by no cache.
func TestEmbargoedFilesAreNotKept(t *testing.T) {
	p := serve(t, dbtest.SQLite(t, folders()...))
	f := p.hand(speaker, "AAAAAA", Upload{Name: "a.pdf", About: About{Opens: AtEnd}}, pdfOf(1))[0]
	path := f.URL(f.Newest())
	if res, body := p.do(http.MethodGet, path, nil); res.StatusCode != 404 || res.Header.Get("Cache-Control") != "no-store" || strings.Contains(body, "a.pdf") {
		t.Errorf("a visitor: %d %v", res.StatusCode, res.Header)
	}
	if res, _ := p.do(http.MethodGet, path, nil, "As", "speaker"); res.StatusCode != 200 || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the speaker: %d %v", res.StatusCode, res.Header)
	}
}

func TestDisposition(t *testing.T) {
	for name, want := range map[string]string{
		"slides v1.2.pdf": `attachment; filename="slides v1.2.pdf"`,
		"発表 2.pdf":        `attachment; filename="2.pdf"; filename*=UTF-8''%E7%99%BA%E8%A1%A8%202.pdf`,
		"100%.pdf":        `attachment; filename="100.pdf"; filename*=UTF-8''100%25.pdf`,
		"é'(1).pdf":       `attachment; filename="'(1).pdf"; filename*=UTF-8''%C3%A9%27%281%29.pdf`,
	} {
		if got := disposition(name, PDF); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add("filename c2xpZGVz,kind c2xpZGVz,empty,, =")
	f.Fuzz(func(t *testing.T, header string) {
		u := Upload{}
		for name, value := range metadata(header) {
			u.set(name, value)
		}
		if a, err := u.About.valid(); err == nil && (a.Kind == "" || a.Opens == "") {
			t.Fatalf("%+v", a)
		}
		if d := disposition(CleanName(u.Name, PDF), PDF); strings.ContainsAny(d, "\r\n\x00") {
			t.Fatalf("%q", d)
		}
	})
}
