package listen

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// served is a server that runs until stop is called, or the test ends.
type served struct {
	Bound
	stop context.CancelFunc
	done chan error
}

func serve(t *testing.T, o Options, h http.Handler) *served {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	s := &served{stop: stop, done: make(chan error, 1)}
	ready := make(chan Bound, 1)
	o.Ready = func(b Bound) { ready <- b }
	go func() { s.done <- Serve(ctx, o, h) }()
	select {
	case s.Bound = <-ready:
	case err := <-s.done:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		select {
		case err := <-s.done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("did not stop")
		}
	})
	return s
}

// result waits for the server's end, and leaves it for the clean-up to see again.
func (s *served) result(t *testing.T) error {
	t.Helper()
	select {
	case err := <-s.done:
		s.done <- err
		return err
	case <-time.After(10 * time.Second):
		t.Fatal("did not stop")
		return nil
	}
}

func get(t *testing.T, c *http.Client, at string) string {
	t.Helper()
	b, err := fetch(c, at)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func fetch(c *http.Client, at string) (string, error) {
	res, err := c.Get(at)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(res.Body)
	return string(b), errors.Join(err, res.Body.Close())
}

// client trusts a pool and calls every name at one address.
func client(t *testing.T, at string, roots *x509.CertPool) *http.Client {
	network := "tcp"
	if strings.HasPrefix(at, "/") {
		network = "unix"
	}
	tr := &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, at)
		},
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func TestPlainOnAnyPort(t *testing.T) {
	s := serve(t, Options{Address: "127.0.0.1:0"}, echo)
	if got := get(t, client(t, s.Address, nil), "http://a.example/"); got != "HTTP/1.1 127.0.0.1 http a.example 0" {
		t.Fatal(got)
	}
}

func TestAddressInUseIsSaidAtOnce(t *testing.T) {
	s := serve(t, Options{Address: "127.0.0.1:0"}, echo)
	for _, o := range []Options{{Address: s.Address}, {Address: "127.0.0.1:0", Redirect: s.Address}} {
		if err := Serve(t.Context(), o, echo); err == nil || !strings.Contains(err.Error(), s.Address) {
			t.Fatal(err)
		}
	}
}

func TestStopFinishesASlowRequest(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprint("tls=", secure), func(t *testing.T) {
			a, o := newAuthority(t), Options{Address: "127.0.0.1:0"}
			scheme := "http"
			if secure {
				scheme, o.TLS = "https", TLS{Cert: filepath.Join(t.TempDir(), "c"), Key: filepath.Join(t.TempDir(), "k")}
				a.files(o.TLS.Cert, o.TLS.Key, "a.example")
			}
			begun, finish := make(chan bool), make(chan bool)
			s := serve(t, o, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				begun <- true
				<-finish
				if r.Context().Err() != nil {
					t.Error("the request was cancelled by the stop")
				}
				_, _ = io.WriteString(w, "whole")
			}))
			c := client(t, s.Address, a.roots())
			got := make(chan string, 1)
			go func() {
				b, err := fetch(c, scheme+"://a.example/")
				got <- fmt.Sprint(b, err)
			}()
			<-begun
			s.stop()
			for { // no new connection is taken
				conn, err := net.DialTimeout("tcp", s.Address, time.Second)
				if err != nil {
					break
				}
				_ = conn.Close()
				time.Sleep(5 * time.Millisecond)
			}
			close(finish)
			if b := <-got; b != "whole<nil>" {
				t.Fatal(b)
			}
			if err := s.result(t); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestStopEndsStreams(t *testing.T) {
	told := make(chan bool, 1)
	s := serve(t, Options{Address: "127.0.0.1:0", OnStop: func() { told <- true }, WriteTimeout: 50 * time.Millisecond}, stream(t))
	res, err := client(t, s.Address, nil).Get("http://a.example/")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	for range 20 { // well over the write time-out
		if !lines.Scan() {
			t.Fatal("the stream ended before the stop:", lines.Err())
		}
	}
	begin := time.Now()
	s.stop()
	if err := s.result(t); err != nil || time.Since(begin) > 5*time.Second {
		t.Fatal(err, time.Since(begin))
	}
	for lines.Scan() {
		continue
	}
	if lines.Err() != nil {
		t.Fatal("the stream was cut off:", lines.Err())
	}
	<-told
}

// stream writes a line every 10 ms until the program stops.
func stream(t *testing.T) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := Streaming(w, 0); err != nil {
			t.Error(err)
		}
		for {
			select {
			case <-Stopping(r.Context()):
				return
			case <-r.Context().Done():
				t.Error("cut off")
				return
			case <-time.After(10 * time.Millisecond):
				_, _ = io.WriteString(w, "x\n")
				_ = http.NewResponseController(w).Flush()
			}
		}
	})
}

func TestStopCutsOffWhatNeverEnds(t *testing.T) {
	begun := make(chan bool)
	s := serve(t, Options{Address: "127.0.0.1:0", StopWithin: 50 * time.Millisecond}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
	}))
	go func() { _, _ = fetch(client(t, s.Address, nil), "http://a.example/") }()
	<-begun
	s.stop()
	if err := s.result(t); err != nil {
		t.Fatal(err)
	}
}

func TestWriteTimeoutEndsAnOrdinaryAnswer(t *testing.T) {
	s := serve(t, Options{Address: "127.0.0.1:0", WriteTimeout: 30 * time.Millisecond}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(60 * time.Millisecond)
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
	}))
	if b, err := fetch(client(t, s.Address, nil), "http://a.example/"); err == nil && len(b) == 1<<20 {
		t.Fatal("was answered after the time-out")
	}
}

func TestHTTP2AndReloadOfTheCertificate(t *testing.T) {
	a, dir := newAuthority(t), t.TempDir()
	o := Options{Address: "127.0.0.1:0", TLS: TLS{Cert: filepath.Join(dir, "c"), Key: filepath.Join(dir, "k")}}
	first := a.files(o.TLS.Cert, o.TLS.Key, "a.example")
	s := serve(t, o, echo)
	if got := get(t, client(t, s.Address, a.roots()), "https://a.example/"); got != "HTTP/2.0 127.0.0.1 https a.example 0" {
		t.Fatal(got)
	}
	if n := serial(t, a, s); n != first.SerialNumber.String() {
		t.Fatal(n)
	}
	if err := os.WriteFile(o.TLS.Key, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond)
	if n := serial(t, a, s); n != first.SerialNumber.String() {
		t.Fatal("a broken pair replaced the good one")
	}
	second := a.files(o.TLS.Cert, o.TLS.Key, "a.example")
	time.Sleep(1100 * time.Millisecond)
	if n := serial(t, a, s); n != second.SerialNumber.String() {
		t.Fatal("the new certificate was not read")
	}
	if names, until, err := Expiry(o.TLS.Cert, o.TLS.Key); err != nil || names[0] != "a.example" || time.Until(until) < 80*24*time.Hour {
		t.Fatal(names, until, err)
	}
}

func serial(t *testing.T, a *authority, s *served) string {
	t.Helper()
	c, err := tls.Dial("tcp", s.Address, &tls.Config{ServerName: "a.example", RootCAs: a.roots()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

func TestBrokenCertificateIsSaidAtStart(t *testing.T) {
	a, dir := newAuthority(t), t.TempDir()
	c, k := filepath.Join(dir, "c"), filepath.Join(dir, "k")
	o := Options{Address: "127.0.0.1:0", TLS: TLS{Cert: c, Key: k}}
	if err := Serve(t.Context(), o, echo); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Fatal(err)
	}
	a.files(c, filepath.Join(dir, "other"), "a.example")
	a.files(filepath.Join(dir, "another"), k, "a.example")
	if err := Serve(t.Context(), o, echo); err == nil || !strings.Contains(err.Error(), "does not match") {
		t.Fatal(err)
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := serve(t, Options{Address: "unix:" + path}, echo)
	c := client(t, path, nil)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://a.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", "10.0.0.1, 192.0.2.7")
	r.Header.Set("X-Forwarded-Proto", "https")
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil || string(b) != "HTTP/1.1 192.0.2.7 https a.example 0" {
		t.Fatal(string(b), err)
	}
	if err := Serve(t.Context(), Options{Address: "unix:" + path}, echo); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Fatal(err)
	}
	s.stop()
	if err := s.result(t); err != nil {
		t.Fatal(err)
	}
	stale, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	stale.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = stale.Close()
	serve(t, Options{Address: "unix:" + path}, echo)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Serve(t.Context(), Options{Address: "unix:" + file}, echo); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Fatal(err)
	}
}

func TestSocketThatWasHandedOver(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f, err := l.(*net.TCPListener).File()
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	s := serve(t, Options{File: f}, echo)
	if got := get(t, client(t, s.Address, nil), "http://a.example/"); !strings.Contains(got, "a.example") {
		t.Fatal(got)
	}
}

func TestVisitorsAreSentOnToHTTPS(t *testing.T) {
	a, dir := newAuthority(t), t.TempDir()
	public := &url.URL{Scheme: "https", Host: "a.example"}
	o := Options{Address: "127.0.0.1:0", Redirect: "127.0.0.1:0", Public: public, TLS: TLS{Cert: filepath.Join(dir, "c"), Key: filepath.Join(dir, "k")}}
	a.files(o.TLS.Cert, o.TLS.Key, "a.example")
	s := serve(t, o, echo)
	res, err := client(t, s.Redirect, nil).Get("http://evil.example//x/%2F?q=1")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if to := res.Header.Get("Location"); res.StatusCode != 308 || to != "https://a.example//x/%2F?q=1" {
		t.Fatal(res.Status, to)
	}
}

func TestProxySaysPlainHTTP(t *testing.T) {
	o := Options{Address: "127.0.0.1:0", Public: &url.URL{Scheme: "https", Host: "a.example"}, Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	s := serve(t, o, echo)
	for proto, want := range map[string]int{"": 200, "https": 200, "http": 308} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Address+"/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		if proto != "" {
			r.Header.Set("X-Forwarded-For", "192.0.2.1")
			r.Header.Set("X-Forwarded-Proto", proto)
		}
		res, err := client(t, s.Address, nil).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%q: %d, want %d", proto, res.StatusCode, want)
		}
	}
}

func TestLimits(t *testing.T) {
	s := serve(t, Options{Address: "127.0.0.1:0", MaxBody: 10, MaxConnections: 1}, echo)
	held, err := net.Dial("tcp", s.Address)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond) // the server has taken it
	c := client(t, s.Address, nil)
	got := make(chan error, 1)
	go func() {
		res, err := c.Post("http://a.example/", "text/plain", strings.NewReader("12345678901"))
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode != http.StatusRequestEntityTooLarge {
				err = errors.New(res.Status)
			}
		}
		got <- err
	}()
	select {
	case err := <-got:
		t.Fatal("a second connection was answered", err)
	case <-time.After(100 * time.Millisecond):
	}
	_ = held.Close()
	if err := <-got; err != nil {
		t.Fatal(err)
	}
}
