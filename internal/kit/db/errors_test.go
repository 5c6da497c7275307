package db_test

import (
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// TestUnreachedDatabaseIsOneSentence: where it is and why it does not open, once, and never the password.
func TestUnreachedDatabaseIsOneSentence(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { // something else listens there
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	other, err := url.Parse(testkit.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	other.Path = "/nowhere"
	for at, want := range map[string]string{
		"postgres://u:geheim@127.0.0.1:1/x":                               `open the PostgreSQL database "x" at 127.0.0.1:1: connection refused`,
		"postgres://u:geheim@[::1]:1/x?sslmode=require":                   `open the PostgreSQL database "x" at [::1]:1: `,
		"postgres://u:geheim@nowhere.invalid/x":                           `open the PostgreSQL database "x" at nowhere.invalid:5432: lookup nowhere.invalid`,
		"postgres:///x?user=u&password=geheim&host=" + t.TempDir():        `: no such file or directory`,
		"postgres://u:geheim@" + l.Addr().String() + "/x?sslmode=require": `at ` + l.Addr().String() + `: tls error: server refused TLS connection`,
		"postgres://u:geheim@" + l.Addr().String() + "/x?sslmode=disable": `at ` + l.Addr().String() + `: `,
		other.String(): `open the PostgreSQL database "nowhere" at the socket in `,
		other.String() + "&connect_timeout=5&application_name=tsudoi-nowhere": `database "nowhere" does not exist`,
	} {
		d, err := db.Open(t.Context(), at)
		if err == nil {
			_ = d.Close()
			t.Errorf("%s opens", at)
			continue
		}
		if s := err.Error(); !strings.Contains(s, want) || strings.ContainsAny(s, "\n\t`") || strings.Contains(s, "geheim") || strings.Count(s, "refused") > 1 {
			t.Errorf("%s: %q", at, s)
		}
	}
}
