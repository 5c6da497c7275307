// Package mailtest is an SMTP server for tests: it takes letters, keeps them, and does what servers do on a bad day.
package mailtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Peer is a running server.
type Peer struct {
	Address string         // 127.0.0.1 and a port
	Roots   *x509.CertPool // that its certificate is checked with

	o        Options
	srv      *smtp.Server
	mu       sync.Mutex
	letters  []*Letter
	sessions int
	most     int // sessions at once
	open     int
	quit     chan struct{}
}

// Options say how a server behaves. The zero value takes everything, without TLS and without a sign-in.
type Options struct {
	Listen   string // an address to listen on; empty: any port
	TLS      bool   // offers STARTTLS
	Implicit bool   // speaks TLS from the first byte
	UTF8     bool   // offers SMTPUTF8
	User     string // who must sign in, with Password
	Password string
	Login    bool // the sign-in is AUTH LOGIN, not PLAIN
	MaxSize  int64
	// The following may refuse a step with an error, best *smtp.SMTPError. n counts sessions, or letters over all sessions, from 1.
	Greet     func(n int) error
	Sender    func(from string) error
	Recipient func(to string) error
	Data      func(n int, l *Letter) error // the letter is kept where it returns nil
}

// ErrHang makes a server that never answers, ErrDrop one that hangs up, at the step that returns it.
var (
	ErrHang = errors.New("hang")
	ErrDrop = errors.New("drop")
)

// Letter is what arrived.
type Letter struct {
	From, To string // of the envelope
	Raw      []byte
	Header   netmail.Header
	Subject  string // decoded
	Text     string
	HTML     string
	Files    map[string]string // of the attachments, by name
	Types    map[string]string // their media types
}

// Start starts a server, which ends with the test.
func Start(t testing.TB, o Options) *Peer {
	t.Helper()
	p := &Peer{o: o, quit: make(chan struct{})}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", o.Listen) //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	p.Address = l.Addr().String()
	p.srv = smtp.NewServer(backend{p})
	p.srv.Domain, p.srv.AllowInsecureAuth, p.srv.EnableSMTPUTF8 = "peer.test", true, o.UTF8
	p.srv.ErrorLog = quiet{}
	p.srv.MaxMessageBytes = o.MaxSize
	if o.TLS || o.Implicit {
		c, roots := certificate(t)
		p.Roots = roots
		p.srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{c}}
	}
	if o.Implicit {
		l = tls.NewListener(l, p.srv.TLSConfig)
		p.srv.TLSConfig = nil
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = p.srv.Serve(l) }()
	t.Cleanup(func() {
		p.Stop()
		_ = l.Close() // a test may be over before Serve has begun, and Close only ends what has
		<-done
	})
	return p
}

// Stop ends the server and its connections.
func (p *Peer) Stop() {
	p.mu.Lock()
	select {
	case <-p.quit:
	default:
		close(p.quit)
	}
	p.mu.Unlock()
	_ = p.srv.Close()
}

// Letters lists what arrived, in order.
func (p *Peer) Letters() []*Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.letters)
}

// Wait waits until n letters arrived, and returns them.
func (p *Peer) Wait(t testing.TB, n int) []*Letter {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		if got := p.Letters(); len(got) >= n {
			return got
		} else if time.Now().After(end) {
			t.Fatalf("%d letters arrived, not %d", len(got), n)
		}
	}
}

// Sessions is how many connections there were, and most at once.
func (p *Peer) Sessions() (all, most int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sessions, p.most
}

type quiet struct{}

// Printf says nothing.
func (quiet) Printf(string, ...any) {}

// Println says nothing.
func (quiet) Println(...any) {}

type backend struct{ p *Peer }

// NewSession greets a client.
func (b backend) NewSession(c *smtp.Conn) (smtp.Session, error) {
	p := b.p
	p.mu.Lock()
	p.sessions++
	p.open++
	p.most = max(p.most, p.open)
	n := p.sessions
	p.mu.Unlock()
	s := &session{p: p, c: c}
	if p.o.Greet != nil {
		if err := p.o.Greet(n); err != nil {
			return nil, s.fault(err)
		}
	}
	if p.o.User != "" {
		return &guarded{s}, nil
	}
	return s, nil
}

type session struct {
	p        *Peer
	c        *smtp.Conn
	from, to string
	known    bool
}

// fault hangs or hangs up where that is asked for.
func (s *session) fault(err error) error {
	switch {
	case errors.Is(err, ErrHang):
		<-s.p.quit
		return err
	case errors.Is(err, ErrDrop):
		_ = s.c.Conn().Close()
	}
	return err
}

// Mail takes the sender.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.p.o.User != "" && !s.known {
		return smtp.ErrAuthRequired
	}
	if s.p.o.Sender != nil {
		if err := s.p.o.Sender(from); err != nil {
			return s.fault(err)
		}
	}
	s.from = from
	return nil
}

// Rcpt takes the recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.p.o.Recipient != nil {
		if err := s.p.o.Recipient(to); err != nil {
			return s.fault(err)
		}
	}
	s.to = to
	return nil
}

// Data takes the letter.
func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	l, err := Parse(b)
	if err != nil {
		return fmt.Errorf("the letter cannot be read: %w", err)
	}
	l.From, l.To = s.from, s.to
	s.p.mu.Lock()
	s.p.letters = append(s.p.letters, l)
	n := len(s.p.letters)
	s.p.mu.Unlock()
	if s.p.o.Data != nil {
		if err := s.p.o.Data(n, l); err != nil {
			if _, ok := errors.AsType[*smtp.SMTPError](err); ok {
				s.p.forget(l)
			}
			return s.fault(err)
		}
	}
	return nil
}

// forget removes a letter that the server said no to.
func (p *Peer) forget(l *Letter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = slices.DeleteFunc(p.letters, func(x *Letter) bool { return x == l })
}

// Reset ends a letter.
func (s *session) Reset() { s.from, s.to = "", "" }

// Logout ends the session.
func (s *session) Logout() error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.open--
	return nil
}

// guarded is a session that one signs in to.
type guarded struct{ *session }

// AuthMechanisms lists the ways to sign in.
func (g *guarded) AuthMechanisms() []string {
	if g.p.o.Login {
		return []string{sasl.Login}
	}
	return []string{sasl.Plain}
}

// Auth checks a password.
func (g *guarded) Auth(string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != g.p.o.User || password != g.p.o.Password {
			return smtp.ErrAuthFailed
		}
		g.known = true
		return nil
	}
	if g.p.o.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// loginServer is the server's side of AUTH LOGIN.
type loginServer struct {
	check func(user, password string) error
	step  int
	user  string
}

// Next asks for the user, then for the password.
func (l *loginServer) Next(answer []byte) ([]byte, bool, error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(answer)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(answer))
}

// Parse reads a letter.
func Parse(raw []byte) (*Letter, error) {
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	l := &Letter{Raw: raw, Header: m.Header, Files: map[string]string{}, Types: map[string]string{}}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return nil, err
	}
	return l, l.part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), "", m.Body)
}

// part reads a part of a letter, with the parts within.
func (l *Letter) part(kind, encoding, disposition string, r io.Reader) error {
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		return fmt.Errorf("content type %q: %w", kind, err)
	}
	if strings.HasPrefix(media, "multipart/") {
		parts := multipart.NewReader(r, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := l.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.Header.Get("Content-Disposition"), p); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("a part that is %s: %w", kind, err)
	}
	text := strings.ReplaceAll(string(b), "\r\n", "\n")
	if _, params, err := mime.ParseMediaType(disposition); err == nil {
		l.Files[params["filename"]], l.Types[params["filename"]] = string(b), kind
	} else if media == "text/html" {
		l.HTML = text
	} else {
		l.Text = text
	}
	return nil
}

// certificate is one for 127.0.0.1.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
