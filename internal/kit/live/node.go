package live

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// channel is the NOTIFY channel; each database has its own.
const channel = "tsudoi_live"

// runner holds what runs between Start and Stop.
type runner struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup
	once   sync.Once
	quit   chan struct{} // closed by Stop: ends the streams
}

// New makes a hub that reaches this process only, until Start.
func New(d *db.DB, o Options) *Hub {
	h := &Hub{db: d, o: o.withDefaults(d.Engine()), node: rand.Text()[:12], topics: map[string]*topic{}}
	h.out = outbox{on: d.Engine() == db.Postgres, wake: make(chan struct{}, 1), hints: map[string]int64{}}
	h.gate = gate{from: map[string]int{}}
	h.run.quit = make(chan struct{})
	return h
}

// Start watches what other processes do, and tells them what this one does, until Stop.
func (h *Hub) Start(ctx context.Context) {
	ctx, h.run.cancel = context.WithCancel(context.WithoutCancel(ctx))
	h.run.wg.Go(func() { h.watch(ctx) })
	if h.db.Engine() == db.Postgres {
		h.run.wg.Go(func() { h.hear(ctx) })
		h.run.wg.Go(func() { h.send(ctx) })
	}
}

// Stop ends every stream, and sends what others have not been told yet: also what a command published that never called Start.
func (h *Hub) Stop() {
	h.run.once.Do(func() {
		close(h.run.quit)
		if h.run.cancel != nil {
			h.run.cancel()
			h.run.wg.Wait()
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		h.flush(ctx)
	})
}

// watch reads the versions of what is listened to from the database, again and again.
func (h *Hub) watch(ctx context.Context) {
	tick := time.NewTicker(h.o.Poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			h.readAgain(ctx, false)
		}
	}
}

// readAgain publishes in this process what changed in the database. With all, listeners of topics that have no version there are told to
// read again as well.
func (h *Hub) readAgain(ctx context.Context, all bool) {
	names := h.listened()
	if len(names) == 0 {
		return
	}
	versions, err := db.Versions(ctx, h.db, names...)
	if err != nil {
		if ctx.Err() == nil {
			h.o.Log.WarnContext(ctx, "read the versions of what is shown", "component", "live", "error", err)
		}
		return
	}
	for _, name := range names {
		if v, ok := versions[name]; ok || all {
			h.deliver(Message{Topic: name, Version: v})
		}
	}
}

// wire is a message as it travels between processes.
type wire struct {
	Node string `json:"from"`
	Message
}

// hear listens to other processes. After each connection but the first, everybody is told to read again: nobody knows what was missed.
func (h *Hub) hear(ctx context.Context) {
	wait := time.Duration(0)
	for lost := false; ; lost = true {
		began := time.Now()
		err := h.db.Listen(ctx, channel, func() {
			h.readAgain(ctx, lost)
			if lost {
				h.o.Log.InfoContext(ctx, "listens to other processes again", "component", "live")
			}
		}, h.heard)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > time.Minute {
			wait = 0
		}
		wait = min(max(2*wait, 100*time.Millisecond), 15*time.Second)
		h.o.Log.WarnContext(ctx, "cannot hear other processes", "component", "live", "error", err, "again", wait)
		select {
		case <-time.After(wait/2 + mathrand.N(wait/2)): //nolint:gosec // spreads tries, and is no secret
		case <-ctx.Done():
			return
		}
	}
}

// heard passes on what another process sent.
func (h *Hub) heard(payload string) {
	var m wire
	if err := json.Unmarshal([]byte(payload), &m); err != nil || m.Topic == "" {
		h.o.Log.Warn("an unreadable message from another process", "component", "live")
		return
	}
	if m.Node != h.node {
		h.deliver(m.Message)
	}
}

// outbox holds what other processes are to be told.
type outbox struct {
	on    bool
	wake  chan struct{}
	mu    sync.Mutex
	hints map[string]int64
	told  []Message
}

// maxOut bounds what waits while the database does not answer.
const maxOut = 1000

func (b *outbox) add(m Message) {
	if !b.on || len(m.Topic) > maxTopic {
		return
	}
	b.mu.Lock()
	old, waits := b.hints[m.Topic]
	switch {
	case m.Name != "":
		if len(b.told) == maxOut {
			b.told = b.told[1:]
		}
		b.told = append(b.told, m)
	case m.Version == 0 || waits && old == 0:
		b.hints[m.Topic] = 0
	default:
		b.hints[m.Topic] = max(old, m.Version)
	}
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *outbox) take() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Message
	for _, name := range slices.Sorted(maps.Keys(b.hints)) {
		out = append(out, Message{Topic: name, Version: b.hints[name]})
	}
	out = append(out, b.told...)
	clear(b.hints)
	b.told = nil
	return out
}

// send passes on what is published, as soon as it is.
func (h *Hub) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.out.wake:
			h.flush(ctx)
		}
	}
}

// flush sends what waits. What cannot be sent is dropped: the others read the versions themselves before long.
func (h *Hub) flush(ctx context.Context) {
	list := h.out.take()
	payloads := make([]string, 0, len(list))
	for _, m := range list {
		b, err := json.Marshal(wire{h.node, m})
		if err == nil && len(b) < 7900 {
			payloads = append(payloads, string(b))
		}
	}
	if len(payloads) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := h.db.Notify(ctx, channel, payloads...); err != nil {
		h.o.Log.WarnContext(ctx, "tell other processes", "component", "live", "error", err)
	}
}

// oneLine keeps a name from ending the line of an event.
func oneLine(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "\x00", "").Replace(s)
}
