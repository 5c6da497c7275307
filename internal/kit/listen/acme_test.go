package listen

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// authority is a certificate authority: it signs certificates, and speaks as much of ACME (RFC 8555, RFC 8737) as a client that
// asks for one name needs. It checks control over the name by tls-alpn-01 at the address validate.
type authority struct {
	t        *testing.T
	key      *ecdsa.PrivateKey
	cert     *x509.Certificate
	server   *httptest.Server
	validate string
	name     string
	issued   []byte // PEM
	valid    bool
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, key: newKey(t)}
	a.cert = a.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, Subject: pkix.Name{CommonName: "Test"}}, &a.key.PublicKey)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (a *authority) sign(c *x509.Certificate, pub any) *x509.Certificate {
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(90*24*time.Hour)
	parent := a.cert
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, pub, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

// files writes a certificate for names and its key.
func (a *authority) files(cert, key string, names ...string) *x509.Certificate {
	k := newKey(a.t)
	c := a.sign(&x509.Certificate{DNSNames: names, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, &k.PublicKey)
	der, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		a.t.Fatal(err)
	}
	for path, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: c.Raw}, key: {Type: "EC PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(b), 0o600); err != nil {
			a.t.Fatal(err)
		}
	}
	return c
}

func (a *authority) roots() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// startACME serves the directory.
func (a *authority) startACME() string {
	mux := http.NewServeMux()
	mux.HandleFunc("/dir", func(w http.ResponseWriter, _ *http.Request) {
		u := a.server.URL
		a.answer(w, 200, map[string]string{"newNonce": u + "/nonce", "newAccount": u + "/account", "newOrder": u + "/order", "revokeCert": u + "/x", "keyChange": u + "/x"})
	})
	mux.HandleFunc("/nonce", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/account", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", a.server.URL+"/account/1")
		a.answer(w, 201, map[string]string{"status": "valid"})
	})
	mux.HandleFunc("/order", a.order)
	mux.HandleFunc("/order/1", a.order)
	mux.HandleFunc("/authz", a.authz)
	mux.HandleFunc("/challenge", a.challenge)
	mux.HandleFunc("/finalize", a.finalize)
	mux.HandleFunc("/cert", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(a.issued) })
	a.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Replay-Nonce", rand.Text())
		mux.ServeHTTP(w, r)
	}))
	a.t.Cleanup(a.server.Close)
	return a.server.URL + "/dir"
}

func (a *authority) answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		a.t.Error(err)
	}
}

// payload reads what a signed request says. The signature is not checked.
func (a *authority) payload(r *http.Request, v any) {
	var jws struct{ Payload string }
	if err := json.NewDecoder(r.Body).Decode(&jws); err != nil {
		a.t.Error(err)
	}
	b, err := base64.RawURLEncoding.DecodeString(jws.Payload)
	if err == nil && len(b) > 0 {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		a.t.Error(err)
	}
}

func (a *authority) order(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Identifiers []struct{ Type, Value string }
	}
	a.payload(r, &asked)
	status := 200
	if len(asked.Identifiers) == 1 {
		a.name, status = asked.Identifiers[0].Value, 201
	}
	a.showOrder(w, status)
}

func (a *authority) showOrder(w http.ResponseWriter, status int) {
	u := a.server.URL
	o := map[string]any{"status": "pending", "identifiers": []map[string]string{{"type": "dns", "value": a.name}}, "authorizations": []string{u + "/authz"}, "finalize": u + "/finalize"}
	if a.valid {
		o["status"] = "ready"
	}
	if a.issued != nil {
		o["status"], o["certificate"] = "valid", u+"/cert"
	}
	w.Header().Set("Location", u+"/order/1")
	a.answer(w, status, o)
}

func (a *authority) state() string {
	if a.valid {
		return "valid"
	}
	return "pending"
}

func (a *authority) authz(w http.ResponseWriter, _ *http.Request) {
	a.answer(w, 200, map[string]any{
		"status": a.state(), "identifier": map[string]string{"type": "dns", "value": a.name},
		"challenges": []map[string]string{{"type": "tls-alpn-01", "url": a.server.URL + "/challenge", "token": "token-of-the-test", "status": a.state()}},
	})
}

// challenge looks at the name's server for the certificate of RFC 8737.
func (a *authority) challenge(w http.ResponseWriter, _ *http.Request) {
	c, err := tls.Dial("tcp", a.validate, &tls.Config{ServerName: a.name, NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true})
	if err != nil {
		a.t.Errorf("look at the server: %v", err)
		return
	}
	defer func() { _ = c.Close() }()
	s := c.ConnectionState()
	leaf := s.PeerCertificates[0]
	proof := slices.ContainsFunc(leaf.Extensions, func(e pkix.Extension) bool { return e.Critical && e.Id.String() == "1.3.6.1.5.5.7.1.31" })
	a.valid = s.NegotiatedProtocol == "acme-tls/1" && proof && slices.Equal(leaf.DNSNames, []string{a.name})
	a.answer(w, 200, map[string]string{"type": "tls-alpn-01", "url": a.server.URL + "/challenge", "token": "token-of-the-test", "status": a.state()})
}

func (a *authority) finalize(w http.ResponseWriter, r *http.Request) {
	var asked struct{ CSR string }
	a.payload(r, &asked)
	der, err := base64.RawURLEncoding.DecodeString(asked.CSR)
	if err != nil || !a.valid {
		a.t.Error("finalized without proof", err)
		return
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		a.t.Error(err)
		return
	}
	c := a.sign(&x509.Certificate{DNSNames: csr.DNSNames, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, csr.PublicKey)
	a.issued = append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})...)
	a.showOrder(w, 200)
}

func TestCertificateIsGotByACME(t *testing.T) {
	a := newAuthority(t)
	cache := t.TempDir()
	s := serve(t, Options{Address: "127.0.0.1:0", TLS: TLS{Hosts: []string{"meeting.example.org"}, Email: "noc@example.org", Directory: a.startACME(), Cache: cache}}, echo)
	a.validate = s.Address
	c := &tls.Config{ServerName: "meeting.example.org", RootCAs: a.roots(), NextProtos: []string{"h2"}}
	for range 2 { // the second time it is there already
		conn, err := tls.Dial("tcp", s.Address, c)
		if err != nil {
			t.Fatal(err)
		}
		if p := conn.ConnectionState().NegotiatedProtocol; p != "h2" {
			t.Errorf("spoke %q", p)
		}
		_ = conn.Close()
	}
	kept, err := os.ReadDir(cache)
	if err != nil || !slices.ContainsFunc(kept, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), "meeting.example.org") }) {
		t.Fatal("the certificate was not kept:", kept, err)
	}
	if _, err := tls.Dial("tcp", s.Address, &tls.Config{ServerName: "other.example.org", RootCAs: a.roots()}); err == nil {
		t.Fatal("got a certificate for a name that nobody allowed")
	}
}

func TestACMEAnswersOnTheSecondAddress(t *testing.T) {
	a := newAuthority(t)
	s := serve(t, Options{Address: "127.0.0.1:0", Redirect: "127.0.0.1:0", TLS: TLS{Hosts: []string{"meeting.example.org"}, Directory: a.startACME(), Cache: t.TempDir()}}, echo)
	for path, want := range map[string]int{"/.well-known/acme-challenge/unknown": 404, "/x": 308} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Redirect+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "meeting.example.org"
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}
}

// echo tells what the handler sees of the request.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	if _, err := b.ReadFrom(r.Body); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
	}
	_, _ = fmt.Fprintf(w, "%s %s %s %s %d", r.Proto, Client(r), Scheme(r), r.Host, b.Len())
})
