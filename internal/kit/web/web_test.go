package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/brotli"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

type greeting struct{ Name string }

var greet = NewPage[greeting](From(fstest.MapFS{"p.html": {Data: []byte(`{{define "main"}}<h1>{{.T "layout.search"}} {{.Data.Name}}</h1>{{end}}`)}}, "p.html"))

// site starts a server with a few routes that fail in every way.
func site(t testing.TB, more ...Route) (*Site, http.Handler, *bytes.Buffer) {
	t.Helper()
	words, err := i18n.NewWords(Files)
	if err != nil {
		t.Fatal(err)
	}
	s := &Site{Words: words, Assets: NewAssets(), Default: i18n.JA, PublicURL: "https://example.org", Name: i18n.T("集い", "Tsudoi")}
	if err := s.Assets.Shared(nil, nil); err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	page := func(w http.ResponseWriter, r *http.Request) error {
		f, err := s.Frame(r, "")
		if err != nil {
			return err
		}
		return greet.Render(w, f, greeting{"<b>"})
	}
	routes := append([]Route{
		Get("/page", page),
		Get("/panic", func(http.ResponseWriter, *http.Request) error { panic("secret") }),
		Get("/broken", func(http.ResponseWriter, *http.Request) error { return errors.New("secret words") }),
		Get("/conflict", func(http.ResponseWriter, *http.Request) error {
			return fault.New(fault.Conflict, "error.request").With("id", "<7>")
		}),
		Data("/data/broken", func(http.ResponseWriter, *http.Request) error { return errors.New("secret words") }),
		{Pattern: "GET /closed", Access: Operator, Handler: page},
	}, append(s.Assets.Routes(), more...)...)
	srv := &Server{Site: s, Log: slog.New(slog.NewTextHandler(log, nil)), Routes: routes, Metrics: NewMetrics("test")}
	return s, srv.Handler(), log
}

func ask(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestLanguagesHaveTheirOwnAddresses(t *testing.T) {
	_, h, _ := site(t)
	for path, want := range map[string]string{"/page": "ja", "/en/page": "en"} {
		w := ask(h, "GET", path)
		doc, err := goquery.NewDocumentFromReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.Find("html").AttrOr("lang", ""); w.Code != 200 || got != want {
			t.Errorf("%s: %d %s", path, w.Code, got)
		}
		if got := doc.Find(`link[rel=canonical]`).AttrOr("href", ""); got != "https://example.org"+path {
			t.Errorf("%s is canonical as %s", path, got)
		}
		for l, href := range map[string]string{"ja": "https://example.org/page", "en": "https://example.org/en/page", "x-default": "https://example.org/page"} {
			if got := doc.Find(`link[hreflang="`+l+`"]`).First().AttrOr("href", ""); got != href {
				t.Errorf("%s: hreflang %s is %s", path, l, got)
			}
		}
		if doc.Find("h1").Text() == "" || doc.Find("h1 b").Length() > 0 {
			t.Errorf("%s: %s", path, doc.Find("h1").Text())
		}
	}
	if w := ask(h, "GET", "/ja/page?a=1"); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != "/page?a=1" {
		t.Error(w.Code, w.Header())
	}
	if w := ask(h, "GET", "/en/page/"); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != "/en/page" {
		t.Error(w.Code, w.Header())
	}
	if w := ask(h, "GET", "/en/en/page"); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
}

func TestErrorsAreShownInOnePlaceAndKeepTheirSecrets(t *testing.T) {
	_, h, log := site(t)
	for path, want := range map[string]int{"/panic": 500, "/broken": 500, "/conflict": 409, "/nope": 404, "/en/nope": 404, "/closed": 404, "/data/broken": 500} {
		w := ask(h, "GET", path)
		if w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
		body := w.Body.String()
		if strings.Contains(body, "secret") || strings.Contains(body, "<7>") {
			t.Errorf("%s shows %s", path, body)
		}
		id := w.Header().Get("X-Request-Id")
		if id == "" || !strings.Contains(body, id) && path != "/conflict" {
			t.Errorf("%s does not name the request %s", path, id)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %s", path, w.Header().Get("Cache-Control"))
		}
	}
	for _, want := range []string{"secret words", "panic: secret"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	if w := ask(h, "GET", "/data/broken"); w.Header().Get("Content-Type") != "application/problem+json" {
		t.Error(w.Header())
	}
}

// TestSecretsInAddressesAreNotLogged: whoever reads the log gets no link that signs somebody in.
func TestSecretsInAddressesAreNotLogged(t *testing.T) {
	_, h, log := site(t, Get("/link/{token}", func(http.ResponseWriter, *http.Request) error { return errors.New("the disk is full") }))
	ask(h, http.MethodGet, "/en/link/s3cr3t")
	if s := log.String(); strings.Contains(s, "s3cr3t") || !strings.Contains(s, "path=/link/{token}") || !strings.Contains(s, "the disk is full") {
		t.Error(s)
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	_, h, _ := site(t)
	for path, methods := range map[string][]string{"/page": {"POST", "PUT", "DELETE"}, "/data/broken": {"POST"}} {
		for _, m := range methods {
			if w := ask(h, m, path); w.Code != http.StatusMethodNotAllowed || !strings.Contains(w.Header().Get("Allow"), "GET") {
				t.Errorf("%s %s: %d %s", m, path, w.Code, w.Header().Get("Allow"))
			}
		}
	}
	if w := ask(h, "POST", "/page", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Error("a post from another site got", w.Code)
	}
}

func TestEveryAnswerCarriesTheHeaders(t *testing.T) {
	_, h, _ := site(t)
	for _, path := range []string{"/page", "/nope", "/broken", "/assets/none.css"} {
		w := ask(h, "GET", path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if !strings.HasPrefix(w.Header().Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, w.Header().Get(name))
			}
		}
		if len(w.Result().Cookies()) > 0 {
			t.Errorf("%s sets a cookie", path)
		}
	}
}

func TestCompressionAndConditions(t *testing.T) {
	c := NewCache(1 << 20)
	text := strings.Repeat("会場 ", 1000)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = c.Serve(w, r, Answer{Key: "k", Version: "1", Type: "text/plain; charset=utf-8"}, func(out io.Writer) error {
			_, err := io.WriteString(out, text)
			return err
		})
	})
	open := map[string]func(io.Reader) io.Reader{
		"":     func(r io.Reader) io.Reader { return r },
		"br":   func(r io.Reader) io.Reader { return brotli.NewReader(r) },
		"gzip": func(r io.Reader) io.Reader { z, _ := gzip.NewReader(r); return z },
	}
	for accept, coding := range map[string]string{
		"": "", "identity": "", "gzip": "gzip", "gzip, deflate, br": "br", "br;q=0, gzip;q=0.5": "gzip", "BR": "br", "br; q=0.000": "", "*": "",
	} {
		w := ask(h, "GET", "/", "Accept-Encoding", accept)
		got, err := io.ReadAll(open[coding](w.Body))
		if w.Header().Get("Content-Encoding") != coding || string(got) != text || err != nil {
			t.Errorf("%q: %q %d bytes %v", accept, w.Header().Get("Content-Encoding"), len(got), err)
		}
		again := ask(h, "GET", "/", "Accept-Encoding", accept, "If-None-Match", `"x", W/`+w.Header().Get("ETag"))
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 || !strings.Contains(again.Header().Get("Vary"), "Accept-Encoding") {
			t.Errorf("%q again: %d", accept, again.Code)
		}
	}
	if w := ask(h, "HEAD", "/"); w.Body.Len() != 0 || w.Header().Get("Content-Length") != fmt.Sprint(len(text)) {
		t.Error("HEAD:", w.Body.Len(), w.Header())
	}
}

// TestCacheRendersOncePerVersion: however many ask at once, and again when the version changed, and again after an error.
func TestCacheRendersOncePerVersion(t *testing.T) {
	c := NewCache(1 << 20)
	var renders atomic.Int64
	fail := errors.New("no")
	serve := func(version string, err error) (*httptest.ResponseRecorder, error) {
		w := httptest.NewRecorder()
		return w, c.Serve(w, httptest.NewRequest("GET", "/", nil), Answer{Key: "k", Version: version, Type: "text/plain"}, func(out io.Writer) error {
			renders.Add(1)
			_, _ = io.WriteString(out, "v"+version)
			return err
		})
	}
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if w, err := serve("1", nil); err != nil || w.Body.String() != "v1" {
				t.Error(w.Body, err)
			}
		})
	}
	wg.Wait()
	if renders.Load() != 1 {
		t.Fatal("rendered", renders.Load(), "times")
	}
	if w, err := serve("2", nil); err != nil || w.Body.String() != "v2" {
		t.Fatal(w.Body, err)
	}
	if _, err := serve("3", fail); !errors.Is(err, fail) {
		t.Fatal(err)
	}
	if w, err := serve("3", nil); err != nil || w.Body.String() != "v3" {
		t.Fatal("an error was kept:", w.Body, err)
	}
}

// TestCacheCountsRightWhenVersionsRace: entries that are replaced while they are rendered leave nothing behind.
func TestCacheCountsRightWhenVersionsRace(t *testing.T) {
	c := NewCache(1 << 20)
	for range 200 {
		var wg sync.WaitGroup
		for v := range 8 {
			wg.Go(func() {
				_ = c.Serve(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), Answer{Key: "k", Version: fmt.Sprint(v), Type: "image/png"}, func(out io.Writer) error {
					_, err := io.WriteString(out, strings.Repeat("x", v*100))
					return err
				})
			})
		}
		wg.Wait()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	held := 0
	for el := c.order.Front(); el != nil; el = el.Next() {
		held += el.Value.(*entry).size
	}
	if held != c.size || c.order.Len() != 1 {
		t.Fatalf("holds %d, counts %d, %d entries", held, c.size, c.order.Len())
	}
}

func TestCacheTriesAgainAfterAPanic(t *testing.T) {
	c := NewCache(1 << 20)
	calls := 0
	serve := func() (*httptest.ResponseRecorder, error) {
		w := httptest.NewRecorder()
		return w, c.Serve(w, httptest.NewRequest("GET", "/", nil), Answer{Key: "k", Version: "1", Type: "text/plain"}, func(out io.Writer) error {
			if calls++; calls == 1 {
				panic("once")
			}
			_, err := io.WriteString(out, "fine")
			return err
		})
	}
	if _, err := serve(); err == nil || !strings.Contains(err.Error(), "once") {
		t.Fatal(err)
	}
	if w, err := serve(); err != nil || w.Body.String() != "fine" {
		t.Fatal(w.Body, err)
	}
}

// TestOneSpellingOfAnAddress: an address spelt with needless escapes is sent to the plain one, so that it neither poisons nor fills the cache.
func TestOneSpellingOfAnAddress(t *testing.T) {
	_, h, _ := site(t)
	for path, want := range map[string]string{"/%70age": "/page", "/en/%70age?x=%31": "/en/page?x=%31", "/p%61ge/": "/page/"} {
		if w := ask(h, "GET", path); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Location"))
		}
	}
	for _, path := range []string{"/page", "/page?x=%31", "/%E4%BC%9A%E5%A0%B4", "/page/..%2fx", "/page/%2e%2e/x", "/%2F/example.org"} {
		if w := ask(h, "GET", path); w.Code == http.StatusMovedPermanently {
			t.Errorf("%s is sent to %s", path, w.Header().Get("Location"))
		}
	}
}

// TestCacheKeepsItsSize: whatever is asked for, the cache holds at most what it may, and answers rightly.
func TestCacheKeepsItsSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewCache(5000)
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			key, version := rapid.StringMatching("[a-e]").Draw(t, "key"), rapid.StringMatching("[12]").Draw(t, "version")
			size := rapid.IntRange(0, 2000).Draw(t, "size")
			w := httptest.NewRecorder()
			err := c.Serve(w, httptest.NewRequest("GET", "/", nil), Answer{Key: key, Version: version, Type: "image/png"}, func(out io.Writer) error {
				_, err := io.WriteString(out, key+version+strings.Repeat("x", size))
				return err
			})
			if err != nil || !strings.HasPrefix(w.Body.String(), key+version) {
				t.Fatal(w.Body, err)
			}
			held := 0
			for _, el := range c.byKey {
				held += el.Value.(*entry).size
			}
			if held != c.size || c.size > 5000 && c.order.Len() > 1 || c.order.Len() != len(c.byKey) {
				t.Fatalf("holds %d, counts %d, %d entries", held, c.size, c.order.Len())
			}
		}
	})
}

func TestAssetsAreNamedByTheirContent(t *testing.T) {
	s, h, _ := site(t)
	url := s.Assets.URL("site.css")
	w := ask(h, "GET", url)
	if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Fatal(w.Code, w.Header())
	}
	before := s.Assets.Add("x.css", []byte("a{}"))
	if after := s.Assets.Add("x.css", []byte("b{}")); after == before || s.Assets.URL("x.css") != after {
		t.Fatal(before, after)
	}
	if w := ask(h, "GET", before); w.Code != 200 || w.Body.String() != "a{}" {
		t.Fatal("a page that names the old asset does not get it:", w.Code)
	}
}

// TestAccentsAreLegible: whatever colour a meeting has, its text can be read in light and dark.
func TestAccentsAreLegible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rgb{float64(rapid.IntRange(0, 255).Draw(t, "r")), float64(rapid.IntRange(0, 255).Draw(t, "g")), float64(rapid.IntRange(0, 255).Draw(t, "b"))}
		light, dark := legible(c, lightPaper, rgb{0, 0, 0}), legible(c, darkPaper, rgb{255, 255, 255})
		for paper, ink := range map[rgb]rgb{lightPaper: light, darkPaper: dark, lightPaper.mix(light, .065): light, darkPaper.mix(dark, .1): dark} {
			if got := contrast(ink, paper); got < 4.5 {
				t.Fatalf("%s on %s: %.2f", ink.hex(), paper.hex(), got)
			}
		}
		if contrast(light, rgb{255, 255, 255}) < 4.5 || contrast(dark.mix(rgb{0, 0, 0}, .86), dark) < 4.5 {
			t.Fatalf("ink on the accent of %s", c.hex())
		}
	})
	for _, bad := range []string{"", "red", "#12", "#12345g", "#1234567", "}body{"} {
		if css := AccentCSS(bad); css != "" {
			t.Errorf("%q gives %s", bad, css)
		}
	}
}

func TestTextSaysItsLanguage(t *testing.T) {
	f := &Frame{Lang: i18n.EN, Default: i18n.JA, Site: &Site{}}
	for _, x := range []struct {
		text i18n.Text
		want template.HTML
	}{
		{i18n.T("経路", "Routing"), "Routing"},
		{i18n.T("<経路>", ""), `<span lang="ja">&lt;経路&gt;</span>`},
		{i18n.Text{}, ""},
	} {
		if got := f.Text(x.text); got != x.want {
			t.Errorf("%v: %s", x.text, got)
		}
	}
}

func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"/", "/en", "/en/", "/en/page", "//example.org", "/en//example.org/", "/%2e%2e/x", "/page/..%2f", "/\x00", "/ja/page//"} {
		f.Add(s)
	}
	_, h, _ := site(f)
	f.Fuzz(func(t *testing.T, path string) {
		r, err := http.NewRequest(http.MethodGet, "http://example.org"+path, nil)
		if err != nil || !strings.HasPrefix(path, "/") {
			return
		}
		r.RequestURI = path
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 && path != "/panic" && path != "/broken" && !strings.Contains(path, "roken") && !strings.Contains(path, "panic") {
			t.Fatalf("%q: %d", path, w.Code)
		}
		if to := w.Header().Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "://") || strings.HasPrefix(to, `/\`) {
			t.Fatalf("%q leads away to %q", path, to)
		}
	})
}
