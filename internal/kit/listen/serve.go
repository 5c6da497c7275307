// Package listen puts an http.Handler on the network: on TCP, a unix socket or a socket that systemd opened; with TLS by files, by
// ACME, or made by a trusted proxy in front; and stops it without cutting off what is being answered.
package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"
)

// Options says where and how to serve. Only Address (or File) must be there.
type Options struct {
	Address  string   // host:port (port 0: any), or unix:/path
	File     *os.File // a socket that is open already (systemd); it goes before Address
	Redirect string   // a second address, host:port, that sends visitors on to HTTPS and answers ACME's http-01; empty: none

	TLS     TLS            // the zero value is plain HTTP
	Public  *url.URL       // the site's address, used to send visitors on to HTTPS; may be nil
	Trusted []netip.Prefix // the proxies whose word about the visitor is taken
	Header  string         // which header they write: XForwarded (also when empty) or Forwarded

	MaxConnections int           // 0: no limit
	MaxBody        int64         // bytes of a request; 0: no limit
	WriteTimeout   time.Duration // for one answer; 0: DefaultWriteTimeout. See Streaming.
	StopWithin     time.Duration // how long a stop waits for what is being answered; 0: DefaultStopWithin

	Ready  func(Bound) // called once, when connections are accepted
	OnStop func()      // called when the stop begins, to end streams; see also Stopping
	Log    *slog.Logger
}

// Bound is where the program can be reached.
type Bound struct {
	Address  string // host:port or the path of the socket
	Redirect string // the second address, or empty
}

// Time-outs. A body may come slowly through the network of a full room, so only the head of a request is urgent.
const (
	readHeaderTimeout   = 10 * time.Second
	readTimeout         = 5 * time.Minute
	idleTimeout         = 2 * time.Minute
	maxHeaderBytes      = 64 << 10
	DefaultWriteTimeout = 6 * time.Minute // counted from the head of the request
	DefaultStopWithin   = 20 * time.Second
)

// Serve serves h until ctx ends, and then stops: it accepts no more, calls OnStop, waits at most StopWithin for what is being
// answered, then ends the rest. It returns nil after such a stop, also where it had to cut something off, which is logged.
func Serve(ctx context.Context, o Options, h http.Handler) error {
	o = o.withDefaults()
	secure, err := o.TLS.prepare(o.Log)
	if err != nil {
		return err
	}
	main, err := o.listen(ctx)
	if err != nil {
		return err
	}
	b := Bound{Address: boundAddress(main)}
	var second net.Listener
	if o.Redirect != "" {
		if second, err = new(net.ListenConfig).Listen(ctx, "tcp", o.Redirect); err != nil {
			return errors.Join(fmt.Errorf("listen on %s: %w", o.Redirect, err), main.Close())
		}
		b.Redirect = second.Addr().String()
	}
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	base, stopping := withStopping(base)
	servers := []*running{o.start(base, main, secure, o.handler(h))}
	if second != nil {
		servers = append(servers, o.start(base, second, nil, secure.answerHTTP(redirect(o.Public))))
	}
	if o.Ready != nil {
		o.Ready(b)
	}
	return o.wait(ctx, servers, func() { close(stopping); o.OnStop() }, cut)
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.WriteTimeout == 0 {
		o.WriteTimeout = DefaultWriteTimeout
	}
	if o.StopWithin == 0 {
		o.StopWithin = DefaultStopWithin
	}
	if o.OnStop == nil {
		o.OnStop = func() {}
	}
	return o
}

// listen opens the socket.
func (o Options) listen(ctx context.Context) (net.Listener, error) {
	if o.File != nil {
		l, err := net.FileListener(o.File)
		if err != nil {
			return nil, fmt.Errorf("use the socket that was handed over: %w", err)
		}
		return limit(l, o.MaxConnections), o.File.Close()
	}
	network, at := "tcp", o.Address
	if path, ok := strings.CutPrefix(o.Address, "unix:"); ok {
		network, at = "unix", path
		if err := removeStale(path); err != nil {
			return nil, err
		}
	}
	l, err := new(net.ListenConfig).Listen(ctx, network, at)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", o.Address, err)
	}
	if network == "unix" {
		if err := os.Chmod(at, 0o666); err != nil { //nolint:gosec // the proxy is another user; the socket's folder says who may reach it
			return nil, errors.Join(fmt.Errorf("open %s to the proxy: %w", at, err), l.Close())
		}
	}
	return limit(l, o.MaxConnections), nil
}

// removeStale removes a socket that a killed program left behind. It leaves alone a socket that answers, and anything else.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("listen on unix:%s: %w", path, err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("listen on unix:%s: there is a file of that name, which is not a socket", path)
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		return errors.Join(fmt.Errorf("listen on unix:%s: another program uses it", path), c.Close())
	}
	return os.Remove(path)
}

func boundAddress(l net.Listener) string { return l.Addr().String() }

// handler puts around h what every request goes through.
func (o Options) handler(h http.Handler) http.Handler {
	if o.MaxBody > 0 {
		h = http.MaxBytesHandler(h, o.MaxBody)
	}
	if o.Public != nil && o.Public.Scheme == "https" {
		h = toHTTPS(o.Public, h)
	}
	return Proxies{Trusted: o.Trusted, Header: o.Header, Local: strings.HasPrefix(o.Address, "unix:")}.Handler(h)
}

// running is a server and how it ended.
type running struct {
	*http.Server
	done chan error
}

func (o Options) start(base context.Context, l net.Listener, secure *secured, h http.Handler) *running {
	s := &http.Server{
		Handler: h, BaseContext: func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: o.WriteTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug), // mostly visitors who went away
	}
	r := &running{Server: s, done: make(chan error, 1)}
	var c *tls.Config
	if secure != nil {
		c = secure.config
	}
	go func() {
		if c == nil {
			r.done <- s.Serve(l)
			return
		}
		s.TLSConfig = c
		r.done <- s.ServeTLS(l, "", "")
	}()
	return r
}

// wait waits for the end of ctx, or of a server, and stops every server.
func (o Options) wait(ctx context.Context, servers []*running, begin, cut func()) error {
	var failed error
	ended := make(chan error, len(servers))
	for _, s := range servers {
		go func() { ended <- <-s.done }()
	}
	select {
	case <-ctx.Done():
	case failed = <-ended:
		failed = fmt.Errorf("serve: %w", failed)
	}
	begin()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.StopWithin)
	defer cancel()
	for _, s := range servers {
		if err := s.Shutdown(grace); err != nil {
			o.Log.Warn("stopped before everything was answered", "after", o.StopWithin, "error", err)
		}
	}
	cut()
	for _, s := range servers {
		_ = s.Close() // what is left has been logged
	}
	return failed
}
