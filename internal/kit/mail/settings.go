package mail

import (
	"context"
	"net"
	"net/url"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// FromSettings are the options of an outbox as the operator wants it.
func FromSettings(s *config.Settings) Options {
	x, hello := s.Mail, ""
	if u, err := url.Parse(s.Base("")); err == nil {
		hello = u.Hostname()
	}
	if ip := net.ParseIP(hello); ip != nil && ip.To4() == nil {
		hello = "[IPv6:" + hello + "]" // RFC 5321, 4.1.3
	} else if ip != nil {
		hello = "[" + hello + "]"
	}
	return Options{
		Server: Server{Address: x.SMTP, User: x.User, Password: x.Password, TLS: TLS(x.TLS), Hello: hello, Connections: x.Connections},
		From:   Address{Name: x.FromName, Address: x.From}, Keep: x.Keep,
	}
}

// Probe opens a connection to the server and signs in, as for a letter, and sends none.
func (s Server) Probe(ctx context.Context) error {
	c, err := s.dial(ctx)
	if err != nil {
		return err
	}
	c.close(true)
	return nil
}

// Counted is how many letters there are in each state, for whoever has no outbox.
func Counted(ctx context.Context, r db.Reader) (map[State]int, error) {
	n, _, err := counts(ctx, r, time.Now())
	return n, err
}
