package app

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// TestPicturesBesideAFileBecomePartOfTheSite: logos, portraits and pictures in texts are taken, drawn anew and served from here; what is no
// picture, or lies elsewhere, is left out with one line.
func TestPicturesBesideAFileBecomePartOfTheSite(t *testing.T) {
	s := start(t, db.SQLite)
	dir := t.TempDir()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"logo.png": b.Bytes(), "sub/map.png": b.Bytes(), "fake.png": []byte("<svg onload=alert(1)>")} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "m.yaml")
	const meeting = `tsudoi: 1
meeting: {slug: pics, title: 絵, timezone: Asia/Tokyo, logo: logo.png, start: 2026-02-11, end: 2026-02-11,
  organisations: [{role: sponsor, name: 例示, logo: ../outside.png}, {role: sponsor, name: 偽, logo: fake.png}],
  pages: [{slug: access, title: 会場, body: "地図 ![地図](sub/map.png) ![よそ](https://example.org/x.png)"}]}
speakers: [{key: sato, name: 佐藤, photo: logo.png}]
sessions: [{source: "1", title: 話, date: 2026-02-11, speakers: [sato]}]
`
	if err := os.WriteFile(file, []byte(meeting), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := s.importFile(t.Context(), &out, file, interchange.Options{}, program.Import{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"outside.png", "fake.png"} {
		if n := strings.Count(out.String(), name); n != 1 {
			t.Errorf("%s is named in %d lines:\n%s", name, n, &out)
		}
	}
	h := s.Handler()
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	for _, page := range []string{"/meetings/pics/pages/access", "/meetings/pics/speakers/sato"} {
		doc, err := goquery.NewDocumentFromReader(get(page).Body)
		if err != nil {
			t.Fatal(err)
		}
		found := doc.Find("main img")
		if found.Length() != 1 {
			t.Fatalf("%s shows %d pictures", page, found.Length())
		}
		src := found.AttrOr("src", "")
		w := get(src)
		if _, err := png.Decode(w.Body); err != nil || w.Header().Get("Content-Type") != "image/png" || !strings.HasPrefix(src, "/media/") {
			t.Errorf("%s is shown as %s: %v", src, w.Header().Get("Content-Type"), err)
		}
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") && w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Error(w.Header())
		}
	}
	before := out.String()
	out.Reset()
	if err := s.importFile(t.Context(), &out, file, interchange.Options{}, program.Import{}); err != nil || !strings.Contains(out.String(), "added 0, changed 0") || strings.Contains(out.String(), "~") {
		t.Errorf("a second import: %v\n%s\nafter\n%s", err, &out, before)
	}
}
