package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/listen"
)

// writeWithin is how long a browser may take to accept one frame before it is cut off.
const writeWithin = 15 * time.Second

// Serve answers with a stream of server-sent events, until the browser goes or the program stops. The caller has decided that whoever
// asks may listen to these topics; where that is not everybody, the stream ends within Options.Check of the moment at which they may no longer,
// because they signed out or a role was taken from them (see authz.Check). The browser then asks again, and is told. The events:
//
//	now    {"meeting:janog57": 12}                    on connecting: the version of each topic, 0 where there is none
//	hint   {"topic": "meeting:janog57", "version": 13}    something changed; version 0: read again
//	beat   1                                          nothing happened, the connection lives
//	NAME   {"topic": "desk:janog57", "data": ...}         what Tell sent
//
// Last-Event-ID is not needed: whatever was missed, the versions on connecting tell.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, topics ...string) error {
	leave, err := h.enter(r)
	if err != nil {
		w.Header().Set("Retry-After", "30")
		return err
	}
	defer leave()
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx would collect the events
	if r.Method == http.MethodHead {
		return nil
	}
	sub := h.Subscribe(topics...)
	defer sub.Close()
	versions, err := db.Versions(r.Context(), h.db, topics...)
	if err != nil {
		header.Del("Content-Type")
		return err
	}
	h.known(versions)
	s := &stream{w: w, control: http.NewResponseController(w)}
	s.begin(topics, versions)
	if err := s.send(); err != nil {
		return nil // the browser went away
	}
	h.stream(r.Context(), s, sub)
	return nil
}

// Asked is nil where a browser's EventSource asks, and else the fault that says what the address is for: whoever opens it by hand would wait
// for ever.
func Asked(r *http.Request) error {
	if !strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		return fault.New(fault.Invalid, "live.error.stream")
	}
	return nil
}

// stream sends frames until the browser, the program or the hub ends it.
func (h *Hub) stream(ctx context.Context, s *stream, sub *Subscription) {
	stopping := listen.Stopping(ctx)
	beat := time.NewTimer(h.soon())
	defer beat.Stop()
	rest := time.NewTimer(h.o.Frame)
	defer rest.Stop()
	check := authz.Check(ctx)
	var due <-chan time.Time // never, of what everybody may have
	if check != nil {
		each := time.NewTicker(h.o.Check)
		defer each.Stop()
		due = each.C
	}
	wake, resting := sub.Wake(), true
	for {
		ready := wake
		if resting {
			ready = nil // what arrives meanwhile is coalesced
		}
		select {
		case <-ctx.Done():
			return
		case <-stopping:
			return
		case <-h.run.quit:
			return
		case <-rest.C:
			resting = false
			continue
		case <-due:
			if may, err := check(ctx); err != nil || !may {
				return // also where nobody can say: the browser asks again
			}
			continue
		case <-beat.C:
			s.event("beat", 1)
		case <-ready:
			for _, m := range sub.Take() {
				s.message(m)
			}
		}
		if s.buf.Len() == 0 {
			continue
		}
		if err := s.send(); err != nil {
			return
		}
		beat.Reset(h.soon())
		rest.Reset(h.o.Frame)
		resting = true
	}
}

// soon spreads the beats of streams that began together.
func (h *Hub) soon() time.Duration { return h.o.Beat*3/4 + rand.N(h.o.Beat/4+1) } //nolint:gosec // spreads beats, and is no secret

// stream is one answer.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	buf     bytes.Buffer
}

func (s *stream) begin(topics []string, versions map[string]int64) {
	now := make(map[string]int64, len(topics))
	for _, t := range topics {
		now[t] = versions[t]
	}
	// A browser whose script does not care comes back after 2 to 6 seconds, not all at once.
	fmt.Fprintf(&s.buf, "retry: %d\n\n", 2000+rand.IntN(4000)) //nolint:gosec // spreads returns, and is no secret
	s.event("now", now)
}

func (s *stream) message(m Message) {
	if m.Name == "" {
		s.event("hint", struct {
			Topic   string `json:"topic"`
			Version int64  `json:"version"`
		}{m.Topic, m.Version})
		return
	}
	s.event(m.Name, struct {
		Topic string          `json:"topic"`
		Data  json.RawMessage `json:"data"`
	}{m.Topic, m.Data})
}

func (s *stream) event(name string, data any) {
	b, err := json.Marshal(data)
	if err != nil {
		return // only what Tell marshalled before
	}
	fmt.Fprintf(&s.buf, "event: %s\ndata: %s\n\n", oneLine(name), b)
}

// send writes the frame. A browser that does not take it is cut off.
func (s *stream) send() error {
	if err := listen.Streaming(s.w, writeWithin); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := s.w.Write(s.buf.Bytes()); err != nil {
		return err
	}
	s.buf.Reset()
	return s.control.Flush()
}

// gate counts streams.
type gate struct {
	mu   sync.Mutex
	all  int
	from map[string]int
}

// enter counts a stream in, or refuses it, and returns what counts it out.
func (h *Hub) enter(r *http.Request) (leave func(), err error) {
	from := network(h.o.Client(r))
	g := &h.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all >= h.o.Streams || g.from[from] >= h.o.PerClient {
		return nil, fault.New(fault.TooMany, "live.error.full")
	}
	g.all++
	g.from[from]++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.all--
		if g.from[from]--; g.from[from] == 0 {
			delete(g.from, from)
		}
	}, nil
}

// network is what counts as one client: an IPv4 address, or the /64 that one host may choose from.
func network(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// Streams counts the open streams of this process.
func (h *Hub) Streams() int {
	h.gate.mu.Lock()
	defer h.gate.mu.Unlock()
	return h.gate.all
}
