package listen

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// TLS says where certificates come from: Cert and Key name files, or Hosts names what to get by ACME. With neither there is no TLS.
type TLS struct {
	Cert, Key string // PEM files, read again when they change

	Hosts     []string     // names that ACME may get certificates for
	Email     string       // where the authority may write to; may be empty
	Directory string       // of the authority; empty: Let's Encrypt
	Cache     string       // folder that certificates and the account's key are kept in
	Client    *http.Client // talks to the authority; nil: http.DefaultClient
}

// secured is TLS made ready. nil is plain HTTP.
type secured struct {
	config  *tls.Config
	manager *autocert.Manager // nil without ACME
}

func (t TLS) prepare(log *slog.Logger) (*secured, error) {
	switch {
	case t.Cert != "":
		p := &pair{cert: t.Cert, key: t.Key, log: log}
		if err := p.load(); err != nil {
			return nil, err
		}
		return &secured{config: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: p.get}}, nil
	case len(t.Hosts) > 0:
		return t.byACME()
	}
	return nil, nil
}

func (t TLS) byACME() (*secured, error) {
	if t.Cache == "" {
		return nil, errors.New("get certificates by ACME: a folder to keep them in is needed")
	}
	if err := os.MkdirAll(t.Cache, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of certificates: %w", err)
	}
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(t.Cache), HostPolicy: autocert.HostWhitelist(t.Hosts...), Email: t.Email,
		Client: &acme.Client{DirectoryURL: t.Directory, HTTPClient: t.Client, UserAgent: "tsudoi"},
	}
	c := m.TLSConfig() // answers tls-alpn-01 too
	c.MinVersion = tls.VersionTLS12
	return &secured{config: c, manager: m}, nil
}

// answerHTTP answers ACME's http-01 where it is used, and gives everything else to next.
func (s *secured) answerHTTP(next http.Handler) http.Handler {
	if s == nil || s.manager == nil {
		return next
	}
	return s.manager.HTTPHandler(next)
}

// pair is a certificate and its key in files. It looks for a change at most once a second.
type pair struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	looked  time.Time
	mark    string // of the files that were read last, whether they were good or not
	current *tls.Certificate
}

// load reads the files if they are not those that were read last. A pair that does not fit is an error and changes nothing.
func (p *pair) load() error {
	mark := ""
	for _, name := range []string{p.cert, p.key} {
		info, err := os.Stat(name)
		if err != nil {
			return fmt.Errorf("read the certificate: %w", err)
		}
		mark += fmt.Sprintln(name, info.ModTime().UnixNano(), info.Size())
	}
	if mark == p.mark {
		return nil
	}
	p.mark = mark
	c, err := tls.LoadX509KeyPair(p.cert, p.key)
	if err != nil {
		return fmt.Errorf("read the certificate %s with the key %s: %w", p.cert, p.key, err)
	}
	if c.Leaf != nil && time.Now().After(c.Leaf.NotAfter) {
		p.log.Warn("the certificate has expired", "file", p.cert, "on", c.Leaf.NotAfter.Format(time.DateOnly))
	}
	if p.current != nil {
		p.log.Info("took a new certificate", "file", p.cert)
	}
	p.current = &c
	return nil
}

func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.Sub(p.looked) >= time.Second {
		p.looked = now
		if err := p.load(); err != nil {
			p.log.Warn("keep the certificate that was read before", "error", err)
		}
	}
	return p.current, nil
}

// Expiry is the end of the certificate in a PEM file, for whoever checks the installation. The file may hold the key as well.
func Expiry(cert, key string) (names []string, until time.Time, err error) {
	c, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("read the certificate %s with the key %s: %w", cert, key, err)
	}
	leaf := c.Leaf
	if leaf == nil {
		if leaf, err = x509.ParseCertificate(c.Certificate[0]); err != nil {
			return nil, time.Time{}, fmt.Errorf("read the certificate %s: %w", cert, err)
		}
	}
	return leaf.DNSNames, leaf.NotAfter, nil
}
