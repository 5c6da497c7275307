// Package live tells browsers that something they show has changed, within a second.
//
// What travels is a hint: a topic and a version. Whoever hears it reads again what they show; nothing is lost by a hint that is lost, as
// long as the next one comes. So a Hub never waits for a subscriber, keeps only the newest version of each topic for a slow one, and tells
// a browser the present versions whenever it connects. A topic that is also the scope of a version in the database (see db.Bump), such
// as "meeting:janog57", is watched there too, so that browsers hear of what another process did.
//
// Between processes on one PostgreSQL hints go by NOTIFY, always after the commit; when the connection that listens was lost, everybody
// is told to read again. On SQLite the versions are read twice a second, and only while somebody listens.
//
// Beside hints there are short messages with content (Tell), for who is at the desk and where: those may be lost, and are said again.
package live

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/listen"
)

// Files are the scripts and the style sheet of the browser, and this package's words.
//
//go:embed css/*.css js/*.js lang/*.json
var Files embed.FS

// Message is a hint, or, with a Name, a message with content.
type Message struct {
	Topic   string          `json:"t"`
	Version int64           `json:"v,omitempty"` // 0: unknown, read again
	Name    string          `json:"n,omitempty"`
	Data    json.RawMessage `json:"d,omitempty"`
}

// Options are what a Hub may be given; each has a default.
type Options struct {
	Log       *slog.Logger
	Poll      time.Duration // how often versions are read while somebody listens; default: 0.5 s on SQLite, 10 s on PostgreSQL
	Frame     time.Duration // the least time between two frames to one browser; default: 150 ms
	Beat      time.Duration // the most time without a frame; default: 20 s
	Check     time.Duration // how often a stream that is not for everybody asks whether it may go on (see authz.Check); default: 1 s
	Streams   int           // most streams at once; default: 15,000
	PerClient int           // most streams of one address at once, generous, as a venue is one address; default: 8,000
	Client    func(*http.Request) netip.Addr
}

func (o Options) withDefaults(e db.Engine) Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Poll <= 0 {
		o.Poll = 500 * time.Millisecond
		if e == db.Postgres {
			o.Poll = 10 * time.Second
		}
	}
	if o.Frame <= 0 {
		o.Frame = 150 * time.Millisecond
	}
	if o.Beat <= 0 {
		o.Beat = 20 * time.Second
	}
	if o.Check <= 0 {
		o.Check = time.Second
	}
	if o.Streams <= 0 {
		o.Streams = 15_000
	}
	if o.PerClient <= 0 {
		o.PerClient = 8_000
	}
	if o.Client == nil {
		o.Client = listen.Client
	}
	return o
}

// Hub passes messages on to whoever subscribed, in this process and in others on the same database.
type Hub struct {
	db   *db.DB
	o    Options
	node string // names this process to itself

	mu     sync.Mutex
	topics map[string]*topic

	out  outbox
	gate gate
	run  runner
}

// topic is what is known of a topic while somebody listens to it.
type topic struct {
	version int64
	subs    map[*Subscription]struct{}
}

// Publish says that a topic has a version, or, with 0, that it changed. It never waits. Call it after the commit of the change
// (see db.Tx.OnCommit).
func (h *Hub) Publish(topic string, version int64) {
	m := Message{Topic: topic, Version: version}
	h.deliver(m)
	h.out.add(m)
}

// Topics and contents that are longer do not fit into a NOTIFY together.
const (
	maxTopic = 200
	maxData  = 4 << 10
)

// ErrTooLong is what Tell answers to a content of more than 4 kB.
var ErrTooLong = errors.New("too long for a live message")

// Tell sends a short message to all who listen to a topic; browsers get it as the event of that name. It never waits, and a slow
// subscriber may not get it.
func (h *Hub) Tell(topic, name string, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("tell %s: %w", topic, err)
	}
	if len(b) > maxData || len(topic) > maxTopic || len(name) > maxTopic || name == "" {
		return fmt.Errorf("tell %s: %w", topic, ErrTooLong)
	}
	m := Message{Topic: topic, Name: name, Data: b}
	h.deliver(m)
	h.out.add(m)
	return nil
}

// deliver gives a message to the subscribers of this process. A version that is known already is no news.
func (h *Hub) deliver(m Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[m.Topic]
	if t == nil {
		return
	}
	if m.Name == "" && m.Version != 0 {
		if m.Version <= t.version {
			return
		}
		t.version = m.Version
	}
	for s := range t.subs {
		s.give(m)
	}
}

// known notes versions that were read, without telling anybody, where the topic had none yet.
func (h *Hub) known(versions map[string]int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, v := range versions {
		if t := h.topics[name]; t != nil && t.version == 0 {
			t.version = v
		}
	}
}

// listened lists the topics somebody listens to.
func (h *Hub) listened() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Sorted(maps.Keys(h.topics))
}

// Listeners counts the subscriptions to a topic in this process.
func (h *Hub) Listeners(topic string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[topic]; t != nil {
		return len(t.subs)
	}
	return 0
}

// Subscription is one listener of some topics.
type Subscription struct {
	hub    *Hub
	topics []string
	wake   chan struct{}

	mu    sync.Mutex
	hints map[string]int64 // the newest of each topic; 0: read again
	told  []Message
}

// maxTold bounds the messages with content that wait for a slow subscriber; beyond, the oldest go.
const maxTold = 64

// Subscribe listens to topics, until Close.
func (h *Hub) Subscribe(topics ...string) *Subscription {
	s := &Subscription{hub: h, topics: topics, wake: make(chan struct{}, 1), hints: map[string]int64{}}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range topics {
		t := h.topics[name]
		if t == nil {
			t = &topic{subs: map[*Subscription]struct{}{}}
			h.topics[name] = t
		}
		t.subs[s] = struct{}{}
	}
	return s
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	for _, name := range s.topics {
		t := s.hub.topics[name]
		if t == nil {
			continue
		}
		if delete(t.subs, s); len(t.subs) == 0 {
			delete(s.hub.topics, name)
		}
	}
}

// Wake is readable when there is something to Take.
func (s *Subscription) Wake() <-chan struct{} { return s.wake }

// Take returns what arrived since the last call: at most one hint for a topic, with its newest version, and then the messages.
func (s *Subscription) Take() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Message, 0, len(s.hints)+len(s.told))
	for _, name := range slices.Sorted(maps.Keys(s.hints)) {
		out = append(out, Message{Topic: name, Version: s.hints[name]})
	}
	out = append(out, s.told...)
	clear(s.hints)
	s.told = nil
	return out
}

// give leaves a message with the subscriber and never waits.
func (s *Subscription) give(m Message) {
	s.mu.Lock()
	switch old, waits := s.hints[m.Topic]; {
	case m.Name != "":
		if len(s.told) == maxTold {
			s.told = s.told[1:]
		}
		s.told = append(s.told, m)
	case m.Version == 0 || waits && old == 0:
		s.hints[m.Topic] = 0
	default:
		s.hints[m.Topic] = max(m.Version, old)
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
