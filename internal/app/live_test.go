package app

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/program"
)

// listenTo reads the events of a stream of the site.
func (w *site) listenTo(path string) <-chan string {
	w.t.Helper()
	return w.listenAs("", path)
}

// listenAs reads the events of a stream with a cookie.
func (w *site) listenAs(cookie, path string) <-chan string {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+path, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Cookie", cookie)
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

// soon is within what an open stream ends, once its reader may not have it any more: a check each second, and some time for a busy machine.
const soon = 5 * time.Second

// ends waits until a stream ends, and says how long it took.
func (w *site) ends(what string, events <-chan string) {
	w.t.Helper()
	began, over := time.Now(), time.After(soon)
	for {
		select {
		case _, ok := <-events:
			if !ok {
				w.t.Logf("%s: over after %v", what, time.Since(began))
				return
			}
		case <-over:
			w.t.Fatalf("%s: the stream goes on", what)
		}
	}
}

// TestStreamsEndWithTheirRight: whoever signs out, is signed out or loses a role hears no more; others do.
func TestStreamsEndWithTheirRight(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := start(t, e)
		w.load("m.yaml", meetingOf("m", 3), program.Import{})
		paths := []string{"/meetings/m/desk/live", "/meetings/m/live/briefings", "/meetings/m/live/registration"}
		chair, stays := w.member("chair", []event.RoleKey{event.RoleChair}, "m"), w.member("vice", []event.RoleKey{event.RoleViceChair}, "m")
		first := chair.cookie
		chair.enter()
		var one, other, kept []<-chan string
		for _, path := range paths {
			one, other, kept = append(one, w.listenAs(first, path)), append(other, w.listenAs(chair.cookie, path)), append(kept, w.listenAs(stays.cookie, path))
		}
		public := w.listenTo("/meetings/m/live")

		if rec := w.as(first, http.MethodPost, "/sign-out", ""); rec.Code != http.StatusSeeOther {
			t.Fatalf("sign out: %d", rec.Code)
		}
		for i, path := range paths {
			w.ends("signed out: "+path, one[i])
		}
		w.Live.Publish(program.DeskScope("m"), 1000)
		w.hears(other[0], "hint") // in the other browser they are signed in still
		var grant event.Grant
		ctx := w.systemContext()
		if err := w.DB.Write(ctx, func(tx *db.Tx) error {
			held, err := w.Events.Held(ctx, tx, "m")
			for _, g := range held {
				if g.Person == chair.id {
					grant = g
				}
			}
			if err != nil {
				return err
			}
			return w.Events.End(ctx, tx, "m", grant.Ref)
		}); err != nil {
			t.Fatal(err)
		}
		for i, path := range paths {
			w.ends("without the role: "+path, other[i])
		}
		if rec := chair.do(http.MethodGet, paths[0], "", "Accept", "text/event-stream"); rec.Code != http.StatusForbidden {
			t.Errorf("and asks again: %d", rec.Code)
		}

		owner := w.member("owner", []event.RoleKey{event.RoleOwner})
		if rec := owner.do(http.MethodPost, "/admin/accounts", form("end", stays.ref)); rec.Code != http.StatusOK {
			t.Fatalf("sign somebody out everywhere: %d", rec.Code)
		}
		for i, path := range paths {
			w.ends("signed out everywhere: "+path, kept[i])
		}
		w.Live.Publish(event.MeetingScope("m"), 1000)
		w.hears(public, "hint")
		w.noErrors()
	})
}
