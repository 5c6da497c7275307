package mail

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// How connections are kept. Servers close what is idle or too busy; better to be first.
const (
	perConnection = 100 // letters
	idleTime      = 20 * time.Second
	pauseFirst    = time.Second // after a connection could not be made
	pauseMost     = 2 * time.Minute
)

// sender keeps connections to the server. Those who use it are as many as there may be connections.
type sender struct {
	server Server
	log    *slog.Logger
	dials  chan struct{} // who holds it may dial: one at a time

	mu     sync.Mutex
	idle   []*conn
	fails  int       // in a row
	resume time.Time // nobody dials before then
	reason error     // why the last connection could not be made
	closed bool
}

func newSender(s Server, log *slog.Logger) *sender {
	return &sender{server: s, log: log, dials: make(chan struct{}, 1)}
}

// errStopping says that the program stops before there was a connection.
var errStopping = errors.New("the program is being stopped")

// get gives a connection, an idle one or a new one. While the server cannot be reached it waits, until stop is closed.
func (s *sender) get(ctx context.Context, stop <-chan struct{}) (*conn, error) {
	for {
		if c := s.take(); c != nil {
			return c, nil
		}
		select {
		case s.dials <- struct{}{}:
		case <-stop:
			return nil, errStopping
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		c, wait, err := s.dial(ctx)
		<-s.dials
		if c != nil || err != nil {
			return c, err
		}
		select {
		case <-time.After(wait):
		case <-stop:
			return nil, errStopping
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// take gives an idle connection, or nil.
func (s *sender) take() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n > 0 {
		c := s.idle[n-1]
		s.idle = s.idle[:n-1]
		c.reused = true
		return c
	}
	return nil
}

// dial opens a connection, unless it is to wait because the last one could not be opened.
func (s *sender) dial(ctx context.Context) (*conn, time.Duration, error) {
	if c := s.take(); c != nil {
		return c, 0, nil
	}
	s.mu.Lock()
	wait := time.Until(s.resume)
	s.mu.Unlock()
	if wait > 0 {
		return nil, wait, nil
	}
	c, err := s.server.dial(ctx)
	if err != nil && ctx.Err() == nil {
		s.down(err)
	}
	return c, 0, err
}

// down notes that the server does not take letters, and lets nobody try for a while, longer each time.
func (s *sender) down(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pause := min(pauseFirst<<min(s.fails, 10), pauseMost)
	s.fails++
	s.resume, s.reason = time.Now().Add(pause), err
	s.log.Error("letters cannot be sent now; they are kept", "component", "mail", "error", err, "failures", s.fails, "next", pause)
}

func (s *sender) up() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails > 0 {
		s.log.Info("letters can be sent again", "component", "mail", "failures", s.fails)
	}
	s.fails, s.reason = 0, nil
}

// put takes a connection back after a letter.
func (s *sender) put(c *conn, broken bool) {
	if broken || c.sent >= perConnection {
		c.close(!broken)
		return
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		c.close(true)
		return
	}
	s.idle = append(s.idle, c)
	sent := c.sent
	s.mu.Unlock()
	time.AfterFunc(idleTime, func() { s.expire(c, sent) })
}

// expire closes a connection that nobody used since.
func (s *sender) expire(c *conn, sent int) {
	s.mu.Lock()
	for i, x := range s.idle {
		if x == c && c.sent == sent {
			s.idle = append(s.idle[:i], s.idle[i+1:]...)
			s.mu.Unlock()
			c.close(true)
			return
		}
	}
	s.mu.Unlock()
}

// close ends the idle connections.
func (s *sender) close() {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	for _, c := range idle {
		c.close(true)
	}
}

// trouble is why the last connection could not be made, or nil.
func (s *sender) trouble() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reason
}

// deliver hands over one letter, over an idle connection or a new one.
func (s *sender) deliver(ctx context.Context, stop <-chan struct{}, m *message) error {
	for {
		c, err := s.get(ctx, stop)
		if err != nil {
			return err
		}
		reused := c.reused
		err = c.send(ctx, m)
		v, _ := errors.AsType[*verdict](err)
		s.put(c, v != nil && v.broken)
		if v == nil || !v.setup {
			s.up()
			return err
		}
		// The server had closed what lay idle: nothing was said yet, so a new connection does.
		if reused && !answered(v) && ctx.Err() == nil {
			continue
		}
		s.down(v)
		return err
	}
}
