// Package httpclient is the only way out to other servers: guarded against addresses inside (SSRF), with time-outs and bounds, or to this
// machine alone.
package httpclient

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Loopback makes a client that reaches this machine only, over at most n connections that it keeps open.
func Loopback(n int) *http.Client {
	d := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			MaxIdleConnsPerHost: n, DisableCompression: true,
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				host, _, err := net.SplitHostPort(addr)
				if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
					return nil, fmt.Errorf("%s is not this machine", addr)
				}
				return d.DialContext(ctx, network, addr)
			},
		},
	}
}

// Request makes a GET request.
func Request(ctx context.Context, url string) (*http.Request, error) {
	return http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
}
