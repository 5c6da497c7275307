package app

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/signage"
)

// BenchmarkSignageState has 500 screens read what they show, without the network: when nothing changed (304), and each time after something did.
func BenchmarkSignageState(b *testing.B) {
	a, err := Open(b.Context(), &config.Settings{Data: b.TempDir(), Listen: "localhost:8080", Cache: 64 << 20}, "bench", slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	if err := a.loadExamples(b.Context()); err != nil {
		b.Fatal(err)
	}
	a.Now = func() time.Time { return noon }
	h := a.Handler()
	const screens = 500
	cookies, tags := make([]string, screens), make([]string, screens)
	for i := range screens {
		token, code, _, err := a.Screens.Ask(b.Context(), "", fmt.Sprint("192.0.2.", i%200))
		if err != nil {
			b.Fatal(err)
		}
		l := foyer()
		l.Name = fmt.Sprint("screen ", i)
		if _, err := a.Screens.Pair(runs("janog57"), "janog57", code, l); err != nil {
			b.Fatal(err)
		}
		cookies[i] = "tsudoi-screen=" + token
	}
	size := 0
	ask := func(i int) {
		r := httptest.NewRequest(http.MethodGet, "/screen/state.json", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		r.Header.Set("Cookie", cookies[i])
		r.Header.Set("If-None-Match", tags[i])
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusNotModified {
			b.Fatal(w.Code, w.Body)
		}
		if w.Code == http.StatusOK {
			tags[i], size = w.Header().Get("ETag"), w.Body.Len()
		}
	}
	all := func() {
		for i := range screens {
			ask(i)
		}
	}
	b.Run("unchanged", func(b *testing.B) {
		all()
		for b.Loop() {
			all()
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*screens), "µs/screen")
	})
	b.Run("changed", func(b *testing.B) {
		for b.Loop() {
			if err := a.Screens.Cover(runs("janog57"), "janog57", signage.Danger, i18n.T("避難してください", "Please leave")); err != nil {
				b.Fatal(err)
			}
			all()
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*screens), "µs/screen")
		b.ReportMetric(float64(size), "B/state")
	})
}
