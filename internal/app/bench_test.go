package app

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/config"
)

// BenchmarkCachedPage asks for a page that is in the cache, without the network: the work of the program alone.
func BenchmarkCachedPage(b *testing.B) {
	a, err := Open(b.Context(), &config.Settings{Data: b.TempDir(), Listen: "localhost:8080", Cache: 64 << 20}, "bench", slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	if err := a.loadExamples(b.Context()); err != nil {
		b.Fatal(err)
	}
	h := a.Handler()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := httptest.NewRequest(http.MethodGet, "/meetings/janog57/timetable/2026-02-12", nil)
			r.Header.Set("Accept-Encoding", "br")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				b.Fatal(w.Code, w.Body)
			}
		}
	})
}
