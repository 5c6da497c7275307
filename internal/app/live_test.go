package app

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/program"
)

// listenTo reads the events of a stream of the site.
func (w *site) listenTo(path string) <-chan string {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+path, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := w.client.Do(req)
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		w.t.Fatal(res, err)
	}
	events := make(chan string, 100)
	go func() {
		defer close(events)
		defer func() { _ = res.Body.Close() }()
		lines := bufio.NewScanner(res.Body)
		name := ""
		for lines.Scan() {
			if n, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = n
			} else if d, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				events <- name + " " + d
			}
		}
	}()
	return events
}

// hears waits for an event that begins with a text.
func (w *site) hears(events <-chan string, begin string) time.Duration {
	w.t.Helper()
	began := time.Now()
	for {
		select {
		case e, ok := <-events:
			if !ok {
				w.t.Fatalf("the stream ended before %q", begin)
			}
			if strings.HasPrefix(e, begin) {
				return time.Since(began)
			}
		case <-time.After(30 * time.Second):
			w.t.Fatalf("no %q", begin)
		}
	}
}

// TestLiveAcrossProcesses: what another process publishes on the same database reaches the browsers of this one.
func TestLiveAcrossProcesses(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := start(t, e)
		w.load("m.yaml", meetingOf("m", 30), program.Import{})
		w.Live.Start(t.Context())
		events := w.listenTo("/meetings/m/live")
		w.hears(events, `now {"meeting:m":`)
		out, err := tsudoi(t, w, "retime", "m", "--day", "2026-02-11", "--by", "20m").CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Logf("%v after the command ended", w.hears(events, `hint {"topic":"meeting:m","version":`))
		if got := w.get("/meetings/nothing/live").StatusCode; got != http.StatusNotFound {
			t.Errorf("the stream of no meeting: %d", got)
		}
		w.Live.Stop()
		for range events { // until it ends
			continue
		}
		w.noErrors()
	})
}
