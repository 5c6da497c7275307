package httpclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Client is a client of other servers.
type Client = http.Client

// maxAnswer is the most that is read of an answer, in bytes.
const maxAnswer = 1 << 20

// Guarded makes a client for servers on the Internet. It reaches no address inside (this machine, private networks, link-local ones with the
// services of clouds), whatever a name resolves to and wherever an answer sends it, with one exception: the servers of these URLs, which the
// operator named in the settings. An answer takes at most ten seconds and a megabyte.
func Guarded(named ...string) *Client {
	d := &net.Dialer{Timeout: 5 * time.Second}
	guarded := *d
	guarded.Control = func(_, address string, _ syscall.RawConn) error {
		a, err := netip.ParseAddrPort(address)
		if err != nil || !Public(a.Addr()) {
			return fmt.Errorf("%s is an address inside", address)
		}
		return nil
	}
	var known []string
	for _, s := range named {
		if u, err := url.Parse(s); err == nil {
			known = append(known, hostPort(u))
		}
	}
	return &http.Client{
		Timeout: 10 * time.Second,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) >= 3 || via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
				return errors.New("sent elsewhere too often, or to an address without https")
			}
			return nil
		},
		Transport: bounded{&http.Transport{
			MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 5 * time.Second, MaxResponseHeaderBytes: 64 << 10,
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				if slices.Contains(known, strings.ToLower(addr)) {
					return d.DialContext(ctx, network, addr)
				}
				return guarded.DialContext(ctx, network, addr)
			},
		}},
	}
}

// hostPort is the address that a URL is reached at.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
		if u.Scheme == "http" {
			port = "80"
		}
	}
	return strings.ToLower(net.JoinHostPort(u.Hostname(), port))
}

// bounded cuts answers that are too long.
type bounded struct{ http.RoundTripper }

// RoundTrip is that of http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = http.MaxBytesReader(nil, res.Body, maxAnswer)
	}
	return res, err
}

// inside lists networks that netip does not name: those of carriers' NAT (RFC 6598), for benchmarks (RFC 2544), reserved (RFC 1112), "this"
// network (RFC 791), IETF protocol assignments (RFC 6890), the ones for documentation, and those by which IPv6 reaches IPv4 addresses
// (RFC 6052, RFC 8215, RFC 3056, RFC 4380).
var inside = []netip.Prefix{
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("fec0::/10"),
}

// Public reports whether an address is one of the Internet.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	return !slices.ContainsFunc(inside, func(p netip.Prefix) bool { return p.Contains(a) })
}
