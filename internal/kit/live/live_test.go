package live_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/listen"
	"github.com/tsudoi/tsudoi/internal/kit/live"
)

var folders = []fs.FS{db.Migrations}

// quick are options for tests that wait for frames.
func quick() live.Options {
	return live.Options{Frame: 10 * time.Millisecond, Log: slog.New(slog.DiscardHandler)}
}

func hub(t testing.TB, d *db.DB, o live.Options) *live.Hub {
	t.Helper()
	h := live.New(d, o)
	h.Start(t.Context())
	t.Cleanup(h.Stop)
	return h
}

func bump(t testing.TB, d *db.DB, scope string) int64 {
	t.Helper()
	var v int64
	err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
		if err = db.Bump(t.Context(), tx, scope); err == nil {
			v, err = db.Version(t.Context(), tx, scope)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// next waits for the subscription to have something.
func next(t testing.TB, s *live.Subscription) []live.Message {
	t.Helper()
	for {
		select {
		case <-s.Wake():
			if list := s.Take(); len(list) > 0 {
				return list
			}
		case <-time.After(20 * time.Second):
			t.Fatal("nothing arrived")
		}
	}
}

func TestHubCoalesces(t *testing.T) {
	h := live.New(dbtest.SQLite(t, folders...), quick())
	s, other := h.Subscribe("a", "b"), h.Subscribe("c")
	defer other.Close()
	for v := range int64(1000) {
		h.Publish("a", v+1)
	}
	h.Publish("a", 5) // known already
	h.Publish("b", 7)
	h.Publish("b", 0) // changed, nobody knows to what
	h.Publish("b", 8)
	for i := range 500 {
		if err := h.Tell("a", "presence", i); err != nil {
			t.Fatal(err)
		}
	}
	list := next(t, s)
	if len(list) != 2+64 || list[0].Topic != "a" || list[0].Version != 1000 || list[1].Version != 0 || string(list[65].Data) != "499" {
		t.Errorf("%d messages: %+v", len(list), list)
	}
	if list := other.Take(); len(list) > 0 {
		t.Errorf("another topic: %+v", list)
	}
	s.Close()
	s.Close() // twice does no harm
	h.Publish("a", 2000)
	if list := s.Take(); len(list) > 0 || h.Listeners("a") != 0 || h.Listeners("c") != 1 {
		t.Errorf("after Close: %+v", list)
	}
	if err := h.Tell("c", "presence", strings.Repeat("x", 5000)); !errors.Is(err, live.ErrTooLong) {
		t.Errorf("a long message: %v", err)
	}
	if err := h.Tell("c", "presence", make(chan int)); err == nil {
		t.Error("what is no JSON was told")
	}
}

// TestTwoProcesses: what one hub publishes, and what changes in the database without any hub, arrives at another one.
func TestTwoProcesses(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		o := quick()
		o.Poll = 50 * time.Millisecond
		a, b := hub(t, d, o), hub(t, d, o)
		s := b.Subscribe("meeting:x")
		defer s.Close()
		v := bump(t, d, "meeting:x")
		a.Publish("meeting:x", v)
		if list := next(t, s); list[0].Version != v {
			t.Errorf("%+v", list)
		}
		v = bump(t, d, "meeting:x") // as a command does
		if list := next(t, s); list[0].Version != v {
			t.Errorf("%+v", list)
		}
	})
}

// TestNotifyBetweenProcesses: without polling.
func TestNotifyBetweenProcesses(t *testing.T) {
	d := dbtest.Postgres(t, folders...)
	o := quick()
	o.Poll = time.Hour
	a, b := hub(t, d, o), hub(t, d, o)
	ready(t, d, a, b)
	s, own := b.Subscribe("meeting:x", "desk:x"), a.Subscribe("desk:x")
	defer s.Close()
	defer own.Close()
	a.Publish("meeting:x", 3)
	if list := next(t, s); list[0].Version != 3 {
		t.Errorf("%+v", list)
	}
	if err := a.Tell("desk:x", "presence", map[string]string{"who": "集い"}); err != nil {
		t.Fatal(err)
	}
	if list := next(t, s); list[0].Name != "presence" || string(list[0].Data) != `{"who":"集い"}` {
		t.Errorf("%+v", list)
	}
	time.Sleep(50 * time.Millisecond)
	if list := own.Take(); len(list) != 1 {
		t.Errorf("a process hears itself %d times", len(list))
	}
	// A command publishes without ever listening, and ends.
	c := live.New(d, quick())
	c.Publish("meeting:x", 9)
	c.Stop()
	if list := next(t, s); list[0].Version != 9 {
		t.Errorf("%+v", list)
	}
}

// ready waits until hubs hear each other.
func ready(t testing.TB, d *db.DB, hubs ...*live.Hub) {
	t.Helper()
	listening(t, d, len(hubs))
}

func listening(t testing.TB, d *db.DB, n int) {
	t.Helper()
	until := time.Now().Add(20 * time.Second)
	for {
		var got int
		if err := d.Row(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tsudoi listens' AND datname = current_database() AND query LIKE 'LISTEN%'`).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got == n {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("%d listen, want %d", got, n)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestListenerComesBack: the connection that listens is cut off; what was missed meanwhile arrives after it is back, also where a
// topic has no version in the database.
func TestListenerComesBack(t *testing.T) {
	d := dbtest.Postgres(t, folders...)
	o := quick()
	o.Poll = time.Hour
	h := hub(t, d, o)
	s := h.Subscribe("meeting:x", "desk:x")
	defer s.Close()
	listening(t, d, 1)
	for range 3 {
		var ended bool
		if err := d.Row(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tsudoi listens' AND datname = current_database()`).Scan(&ended); err != nil || !ended {
			t.Fatal(ended, err)
		}
		v := bump(t, d, "meeting:x")
		list := next(t, s)
		if len(list) < 2 {
			list = append(list, next(t, s)...)
		}
		slices.SortFunc(list, func(a, b live.Message) int { return strings.Compare(a.Topic, b.Topic) })
		if list[0].Topic != "desk:x" || list[0].Version != 0 || list[1].Topic != "meeting:x" || list[1].Version != v {
			t.Errorf("%+v", list)
		}
		listening(t, d, 1)
	}
}

// event is a server-sent event.
type event struct{ name, data string }

// stream reads events.
type stream struct {
	t      testing.TB
	events chan event
	ended  chan struct{}
	cancel context.CancelFunc
	header http.Header
	status int
}

func connect(t testing.TB, client *http.Client, url string) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Last-Event-ID", "whatever")
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{t: t, events: make(chan event, 100), ended: make(chan struct{}), cancel: cancel, header: res.Header, status: res.StatusCode}
	t.Cleanup(cancel)
	go func() {
		defer close(s.ended)
		defer func() { _ = res.Body.Close() }()
		lines := bufio.NewScanner(res.Body)
		var e event
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				if e != (event{}) {
					s.events <- e
				}
				e = event{}
			}
		}
	}()
	return s
}

func (s *stream) next() event {
	s.t.Helper()
	select {
	case e := <-s.events:
		return e
	case <-time.After(20 * time.Second):
		s.t.Fatal("no event")
		return event{}
	}
}

// serve runs a site with one stream, as the program does.
func serve(t testing.TB, h *live.Hub, topics ...string) (url string, stop func() time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	bound, done := make(chan string, 1), make(chan error, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h.Serve(w, r, topics...); err != nil {
			http.Error(w, err.Error(), fault.KindOf(err).Status())
		}
	})
	go func() {
		done <- listen.Serve(ctx, listen.Options{Address: "127.0.0.1:0", WriteTimeout: 500 * time.Millisecond, Ready: func(b listen.Bound) { bound <- b.Address }}, handler)
	}()
	stop = sync.OnceValue(func() time.Duration {
		began := time.Now()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		return time.Since(began)
	})
	t.Cleanup(func() { stop() })
	return "http://" + <-bound, stop
}

func TestStream(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		v := bump(t, d, "meeting:x")
		o := quick()
		o.Beat = 200 * time.Millisecond
		h := hub(t, d, o)
		url, stop := serve(t, h, "meeting:x", "desk:x")
		s := connect(t, http.DefaultClient, url)
		if s.header.Get("Content-Type") != "text/event-stream" || s.header.Get("Cache-Control") != "no-store" || s.header.Get("X-Accel-Buffering") != "no" {
			t.Error(s.header)
		}
		if e := s.next(); e.name != "now" || e.data != fmt.Sprintf(`{"desk:x":0,"meeting:x":%d}`, v) {
			t.Errorf("%+v", e)
		}
		h.Publish("meeting:x", v+1)
		if e := s.next(); e != (event{"hint", fmt.Sprintf(`{"topic":"meeting:x","version":%d}`, v+1)}) {
			t.Errorf("%+v", e)
		}
		if err := h.Tell("desk:x", "presence\ndata: x", map[string]string{"who": "a\nb"}); err != nil {
			t.Fatal(err)
		}
		if e := s.next(); e != (event{"presence data: x", `{"topic":"desk:x","data":{"who":"a\nb"}}`}) {
			t.Errorf("%+v", e)
		}
		for range 5 { // well past the server's write time-out
			if e := s.next(); e != (event{"beat", "1"}) {
				t.Errorf("%+v", e)
			}
		}
		if h.Streams() != 1 {
			t.Errorf("%d streams", h.Streams())
		}
		if took := stop(); took > 5*time.Second {
			t.Errorf("the stop took %v", took)
		}
		<-s.ended
		if h.Streams() != 0 || h.Listeners("meeting:x") != 0 {
			t.Errorf("%d streams after the stop", h.Streams())
		}
	})
}

// TestStreamEndsWithTheReader: a browser that goes leaves nothing behind.
func TestStreamEndsWithTheReader(t *testing.T) {
	h := hub(t, dbtest.SQLite(t, folders...), quick())
	url, _ := serve(t, h, "a")
	s := connect(t, http.DefaultClient, url)
	s.next()
	s.cancel()
	until := time.Now().Add(20 * time.Second)
	for h.Streams() > 0 || h.Listeners("a") > 0 {
		if time.Now().After(until) {
			t.Fatal("the stream stays")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestFramesAreCoalesced: a burst of changes is a few frames, and ends with the newest version.
func TestFramesAreCoalesced(t *testing.T) {
	o := quick()
	o.Frame = 100 * time.Millisecond
	h := hub(t, dbtest.SQLite(t, folders...), o)
	url, _ := serve(t, h, "a")
	s := connect(t, http.DefaultClient, url)
	s.next()
	began := time.Now()
	for v := range int64(400) {
		h.Publish("a", v+1)
		time.Sleep(time.Millisecond)
	}
	took := time.Since(began)
	var hints []int64
	for len(hints) == 0 || hints[len(hints)-1] != 400 {
		var m struct{ Version int64 }
		if err := json.Unmarshal([]byte(s.next().data), &m); err != nil {
			t.Fatal(err)
		}
		hints = append(hints, m.Version)
	}
	if most := int(took/o.Frame) + 2; len(hints) > most || !slices.IsSorted(hints) {
		t.Errorf("%d hints in %v, at most %d: %v", len(hints), took, most, hints)
	}
}

// TestSlowReaderHoldsNobodyUp: a browser that reads nothing does not delay another, and is cut off or catches up.
func TestSlowReaderHoldsNobodyUp(t *testing.T) {
	o := quick()
	o.Frame = time.Millisecond
	h := hub(t, dbtest.SQLite(t, folders...), o)
	url, _ := serve(t, h, "a")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	slow, err := http.DefaultClient.Do(req) // and its body is never read
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.Body.Close() }()
	s := connect(t, http.DefaultClient, url)
	s.next()
	long := strings.Repeat("x", 4000)
	began := time.Now()
	for range 2000 { // 8 MB: more than any buffer on the way
		if err := h.Tell("a", "presence", long); err != nil {
			t.Fatal(err)
		}
		select {
		case <-s.events:
		case <-time.After(20 * time.Second):
			t.Fatal("nothing arrives")
		}
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestTooManyStreams(t *testing.T) {
	o := quick()
	o.Streams, o.PerClient = 3, 2
	o.Client = func(r *http.Request) netip.Addr { return netip.MustParseAddr(r.URL.Query().Get("from")) }
	h := hub(t, dbtest.SQLite(t, folders...), o)
	url, _ := serve(t, h, "a")
	one := connect(t, http.DefaultClient, url+"?from=2001:db8::1")
	one.next()
	connect(t, http.DefaultClient, url+"?from=2001:db8::2").next() // the same /64
	if s := connect(t, http.DefaultClient, url+"?from=2001:db8::3"); s.status != http.StatusTooManyRequests || s.header.Get("Retry-After") == "" || s.header.Get("Content-Type") == "text/event-stream" {
		t.Errorf("a third of one client: %d %v", s.status, s.header)
	}
	connect(t, http.DefaultClient, url+"?from=192.0.2.1").next()
	if s := connect(t, http.DefaultClient, url+"?from=192.0.2.2"); s.status != http.StatusTooManyRequests {
		t.Errorf("a fourth of all: %d", s.status)
	}
	one.cancel()
	until := time.Now().Add(20 * time.Second)
	for h.Streams() == 3 && time.Now().Before(until) {
		time.Sleep(5 * time.Millisecond)
	}
	connect(t, http.DefaultClient, url+"?from=2001:db8::3").next()
}

// TestRecorderAndHead: what has no connection is answered all the same.
func TestRecorderAndHead(t *testing.T) {
	h := hub(t, dbtest.SQLite(t, folders...), quick())
	w := httptest.NewRecorder()
	if err := h.Serve(w, httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/", http.NoBody), "a"); err != nil || w.Code != http.StatusOK || w.Body.Len() > 0 {
		t.Error(err, w.Code)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	w = httptest.NewRecorder()
	if err := h.Serve(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody), "a"); err != nil || !strings.Contains(w.Body.String(), "event: now\ndata: {\"a\":0}\n\n") {
		t.Error(err, w.Body.String())
	}
}

// TestStreamAsksAgain: a stream that is not for everybody goes on as long as its reader may have it, and ends where nobody can say.
func TestStreamAsksAgain(t *testing.T) {
	o := quick()
	o.Check = 5 * time.Millisecond
	h := hub(t, dbtest.SQLite(t, folders...), o)
	for what, last := range map[string]error{"they may not": nil, "nobody knows": errors.New("the database does not answer")} {
		asked := 0
		check := func(context.Context) (bool, error) {
			if asked++; asked < 5 {
				return true, nil
			}
			return false, last
		}
		r := httptest.NewRequestWithContext(authz.WithCheck(t.Context(), check), http.MethodGet, "/", http.NoBody)
		if err := h.Serve(httptest.NewRecorder(), r, "a"); err != nil || asked != 5 || h.Streams() != 0 {
			t.Errorf("%s: asked %d times, %d streams, %v", what, asked, h.Streams(), err)
		}
	}
}
