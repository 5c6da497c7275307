package httpclient_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/httpclient"
)

func TestPublic(t *testing.T) {
	for s, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1": true, "127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false, "::1": false, "::": false, "fe80::1": false, "fd00::1": false, "::ffff:127.0.0.1": false,
		"::ffff:10.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "ff02::1": false, "fe80::1%eth0": false,
	} {
		if got := httpclient.Public(netip.MustParseAddr(s)); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
}

// TestGuarded: addresses inside are out of reach, by whatever name and by being sent there, but for what the operator named.
func TestGuarded(t *testing.T) {
	secret := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "secret") }))
	defer secret.Close()
	named := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, secret.URL, http.StatusFound)
		case "/long":
			_, _ = io.WriteString(w, strings.Repeat("x", 2<<20))
		default:
			_, _ = io.WriteString(w, "hello")
		}
	}))
	defer named.Close()
	get := func(c *httpclient.Client, url string) (string, error) {
		req, err := httpclient.Request(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		res, err := c.Do(req)
		if err != nil {
			return "", err
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		return string(b), err
	}
	c := httpclient.Guarded(named.URL)
	if s, err := get(c, named.URL); err != nil || s != "hello" {
		t.Errorf("the server that was named: %q %v", s, err)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(secret.URL, "http://"), ":")
	for _, at := range []string{secret.URL, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://2130706433:" + port, named.URL + "/away"} {
		if s, err := get(c, at); err == nil {
			t.Errorf("%s: %q", at, s)
		}
	}
	if _, err := get(c, named.URL+"/long"); err == nil {
		t.Error("an answer of two megabytes was read")
	}
}
