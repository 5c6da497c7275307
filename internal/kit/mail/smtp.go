package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// TLS says how a connection to the server is protected.
type TLS string

// The ways there are.
const (
	StartTLS TLS = "starttls" // STARTTLS, or nothing is sent (submission, port 587)
	Implicit TLS = "implicit" // TLS from the first byte (port 465)
	Optional TLS = "optional" // STARTTLS where the server offers it
	Off      TLS = "off"      // never, for a server on this machine
)

// Server is where letters are handed over. The zero value is none.
type Server struct {
	Address     string // host:port; empty: letters are kept
	User        string // empty: without signing in
	Password    string
	TLS         TLS            // empty: StartTLS
	Hello       string         // what the program calls itself; empty: localhost
	Roots       *x509.CertPool // nil: the system's
	Connections int            // most at once; 0: 4
	Patience    time.Duration  // with one answer of the server; 0: five minutes, twice that for the answer to a letter (RFC 5321, 4.5.3.2)
}

// conn is a connection to the server. One goroutine uses it at a time.
type conn struct {
	c      *smtp.Client
	wire   *patient
	sent   int  // letters begun
	reused bool // it lay idle before
}

// patient gives up on a peer that does not move. Between letters nobody reads or writes, and nothing runs out.
type patient struct {
	net.Conn
	wait time.Duration
}

// Read waits for a while.
func (p *patient) Read(b []byte) (int, error) {
	if err := p.SetReadDeadline(time.Now().Add(p.wait)); err != nil {
		return 0, err
	}
	return p.Conn.Read(b)
}

// Write waits for a while.
func (p *patient) Write(b []byte) (int, error) {
	if err := p.SetWriteDeadline(time.Now().Add(p.wait)); err != nil {
		return 0, err
	}
	return p.Conn.Write(b)
}

func (s Server) patience() time.Duration {
	if s.Patience > 0 {
		return s.Patience
	}
	return 5 * time.Minute
}

// dial opens a connection up to the point where letters can be sent.
func (s Server) dial(ctx context.Context) (*conn, error) {
	host, _, err := net.SplitHostPort(s.Address)
	if err != nil {
		return nil, fmt.Errorf("the SMTP server %q: %w", s.Address, err)
	}
	d := net.Dialer{Timeout: min(30*time.Second, s.patience())}
	raw, err := d.DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return nil, fmt.Errorf("reach the SMTP server: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	wire := &patient{raw, s.patience()}
	c, err := s.greet(ctx, wire, host)
	if err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("the SMTP server %s: %w", s.Address, err)
	}
	return &conn{c: c, wire: wire}, nil
}

// greet exchanges hellos, turns on TLS, and signs in.
func (s Server) greet(ctx context.Context, wire *patient, host string) (*smtp.Client, error) {
	secure := &tls.Config{ServerName: host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
	var nc net.Conn = wire
	if s.TLS == Implicit {
		t := tls.Client(wire, secure)
		if err := t.HandshakeContext(ctx); err != nil {
			return nil, fmt.Errorf("begin TLS: %w", err)
		}
		nc = t
	}
	c, err := smtp.NewClient(nc, host)
	if err != nil {
		return nil, fmt.Errorf("its greeting: %w", err)
	}
	hello := s.Hello
	if hello == "" {
		hello = "localhost"
	}
	if err := c.Hello(hello); err != nil {
		return nil, fmt.Errorf("say hello: %w", err)
	}
	if offered, _ := c.Extension("STARTTLS"); s.TLS == StartTLS || s.TLS == "" || s.TLS == Optional && offered {
		if !offered {
			return nil, errors.New("it does not offer STARTTLS, which mail.tls asks for")
		}
		if err := c.StartTLS(secure); err != nil {
			return nil, fmt.Errorf("begin TLS: %w", err)
		}
	}
	if s.User == "" {
		return c, nil
	}
	offered, ways := c.Extension("AUTH")
	if !offered {
		return nil, errors.New("it does not let anybody sign in, and mail.user is set")
	}
	var auth smtp.Auth = login{s.User, s.Password, host}
	if strings.Contains(" "+ways+" ", " PLAIN ") {
		auth = smtp.PlainAuth("", s.User, s.Password, host)
	}
	if err := c.Auth(auth); err != nil {
		return nil, fmt.Errorf("sign in as %s: %w", s.User, err)
	}
	return c, nil
}

// login is AUTH LOGIN, which some servers know instead of PLAIN. It was never standardised (draft-murchison-sasl-login).
type login struct{ user, password, host string }

// Start refuses to say a password where others can hear it.
func (l login) Start(s *smtp.ServerInfo) (string, []byte, error) {
	if local := s.Name == "localhost" || s.Name == "127.0.0.1" || s.Name == "::1"; !s.TLS && !local {
		return "", nil, errors.New("the connection is not encrypted")
	}
	return "LOGIN", nil, nil
}

// Next answers the questions for the user and the password.
func (l login) Next(asked []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	if strings.Contains(strings.ToLower(string(asked)), "user") {
		return []byte(l.user), nil
	}
	return []byte(l.password), nil
}

// verdict is how the sending of a letter failed.
type verdict struct {
	error
	permanent bool // the server said no to this letter for good
	setup     bool // it is about the program or the connection, not about this letter: nothing was handed over
	uncertain bool // the server had the whole letter and did not answer: it may have been delivered
	broken    bool // the connection is of no more use
}

// Error is what the server said, or what became of the connection.
func (v *verdict) Error() string {
	if reply, ok := errors.AsType[*textproto.Error](v.error); ok {
		return strconv.Itoa(reply.Code) + " " + reply.Msg
	}
	return v.error.Error()
}

// Unwrap returns the reason.
func (v *verdict) Unwrap() error { return v.error }

// stage is a step of a letter.
type stage int

const (
	atSender stage = iota
	atRecipient
	atData
	atEnd
)

// judge turns an error of a stage into a verdict.
func judge(at stage, err error) *verdict {
	v := &verdict{error: err}
	reply, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		v.broken, v.setup, v.uncertain = true, at == atSender, at == atEnd
		return v
	}
	v.broken = reply.Code == 421
	switch {
	case reply.Code >= 500 && (at == atSender && reply.Code != 552 || reply.Code == 503 || reply.Code == 530 || reply.Code == 535 || reply.Code == 538):
		v.setup, v.broken = true, true // it does not want us, whatever we send
	case reply.Code >= 500:
		v.permanent = true
	case reply.Code < 400: // an answer that makes no sense here
		v.broken = true
	}
	return v
}

// send hands over one letter. The error is a *verdict.
func (c *conn) send(ctx context.Context, m *message) error {
	stop := context.AfterFunc(ctx, func() { _ = c.wire.Close() })
	defer stop()
	if m.utf8 {
		if ok, _ := c.c.Extension("SMTPUTF8"); !ok {
			return &verdict{error: errors.New("the address is not in ASCII, and the SMTP server does not offer SMTPUTF8"), permanent: true}
		}
	}
	if ok, size := c.c.Extension("SIZE"); ok {
		if most, err := strconv.Atoi(size); err == nil && most > 0 && len(m.data) > most {
			return &verdict{error: fmt.Errorf("the letter has %d bytes, and the SMTP server takes %d", len(m.data), most), permanent: true}
		}
	}
	c.sent++
	if v := c.envelope(m); v != nil {
		return v
	}
	return c.data(m.data)
}

// envelope says from whom and to whom, in one go where the server allows it (RFC 2920): over the distance to a server each answer that is
// waited for costs tens of milliseconds.
func (c *conn) envelope(m *message) error {
	from := "MAIL FROM:<" + m.from + ">"
	if m.utf8 {
		from += " SMTPUTF8"
	}
	at := func(i int, err error) *verdict {
		v := judge(stage(i), err)
		if m.utf8 && i == 0 && v.setup && answered(v) { // other letters have no such parameter
			v.setup, v.permanent = false, true
		}
		return v
	}
	commands := []string{from, "RCPT TO:<" + m.to + ">", "DATA"}
	if strings.ContainsAny(m.from+m.to, "\r\n<> ") {
		return &verdict{error: errors.New("an address has characters that cannot be"), permanent: true}
	}
	pipelining, _ := c.c.Extension("PIPELINING")
	if pipelining {
		if err := c.say(commands...); err != nil {
			return judge(atSender, err)
		}
	}
	var failed error
	for i, command := range commands {
		if !pipelining {
			if err := c.say(command); err != nil {
				return at(i, err)
			}
		}
		want := 25
		if i == 2 {
			want = 354
		}
		_, _, err := c.c.Text.ReadResponse(want)
		switch {
		case err == nil && failed != nil && i == 2: // it refused and wants the letter all the same
			return c.nothing(failed)
		case err == nil || failed != nil:
		case !pipelining:
			return c.reset(at(i, err))
		default:
			failed = at(i, err)
			if v, ok := errors.AsType[*verdict](failed); ok && v.broken {
				return failed
			}
		}
	}
	if failed != nil {
		return c.reset(failed)
	}
	return nil
}

// say sends lines together.
func (c *conn) say(lines ...string) error {
	w := c.c.Text.W
	for _, l := range lines {
		if _, err := w.WriteString(l + "\r\n"); err != nil {
			return err
		}
	}
	return w.Flush()
}

// nothing ends a letter that has no recipient, and keeps the reason.
func (c *conn) nothing(failed error) error {
	if err := c.say("."); err == nil {
		_, _, err = c.c.Text.ReadResponse(0)
		if err == nil {
			return failed
		}
	}
	if v, ok := errors.AsType[*verdict](failed); ok {
		v.broken = true
	}
	return failed
}

// reset makes the connection ready for another letter.
func (c *conn) reset(failed error) error {
	if v, ok := errors.AsType[*verdict](failed); ok && !v.broken && c.c.Reset() != nil {
		v.broken = true
	}
	return failed
}

// data sends the letter itself and waits for the answer.
func (c *conn) data(data []byte) error {
	w := c.c.Text.DotWriter()
	if _, err := w.Write(data); err != nil {
		return judge(atData, err)
	}
	c.wire.wait *= 2
	defer func() { c.wire.wait /= 2 }()
	if err := w.Close(); err != nil { // the end of it may be on its way
		return judge(atEnd, err)
	}
	if _, _, err := c.c.Text.ReadResponse(250); err != nil {
		return judge(atEnd, err)
	}
	return nil
}

// close ends the connection, politely where the server listens.
func (c *conn) close(polite bool) {
	if polite {
		c.wire.wait = min(c.wire.wait, 2*time.Second)
		_ = c.c.Quit()
	}
	_ = c.wire.Close()
}

// answered reports whether a verdict is the server's, not the connection's.
func answered(v *verdict) bool {
	_, ok := errors.AsType[*textproto.Error](v.error)
	return ok
}
