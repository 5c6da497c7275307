package listen

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

type stoppingKey struct{}

func withStopping(ctx context.Context) (context.Context, chan struct{}) {
	c := make(chan struct{})
	return context.WithValue(ctx, stoppingKey{}, c), c
}

// Stopping is closed when the program begins to stop. A handler that streams (server-sent events) watches it beside its request's
// context and returns, so that the stop need not wait; the context itself ends only when the time of grace is over. In a context
// that is not of this package it is nil, which blocks for ever.
func Stopping(ctx context.Context) <-chan struct{} {
	c, _ := ctx.Value(stoppingKey{}).(chan struct{})
	return c
}

// Streaming lifts the time-outs of one answer, for server-sent events and large downloads. each is how long one write may take
// from now on; call it again before each write, or pass 0 for no limit.
func Streaming(w http.ResponseWriter, each time.Duration) error {
	var until time.Time
	if each > 0 {
		until = time.Now().Add(each)
	}
	c := http.NewResponseController(w)
	if err := c.SetWriteDeadline(until); err != nil {
		return err
	}
	return c.SetReadDeadline(time.Time{})
}

// limited holds a listener to a number of open connections. Further ones wait in the kernel's queue.
type limited struct {
	net.Listener
	slots chan struct{}
	quit  chan struct{}
	once  sync.Once
}

func limit(l net.Listener, n int) net.Listener {
	if n <= 0 {
		return l
	}
	return &limited{Listener: l, slots: make(chan struct{}, n), quit: make(chan struct{})}
}

// Accept waits for a free slot before it takes a connection.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.quit:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &counted{Conn: c, free: sync.OnceFunc(func() { <-l.slots })}, nil
}

// Close also ends an Accept that waits for a slot.
func (l *limited) Close() error {
	l.once.Do(func() { close(l.quit) })
	return l.Listener.Close()
}

type counted struct {
	net.Conn
	free func()
}

// Close gives the slot back, once.
func (c *counted) Close() error {
	defer c.free()
	return c.Conn.Close()
}
