package listen

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

var trusted = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")}

// ask sends a request through the proxies and tells what the handler sees.
func ask(p Proxies, peer string, header ...string) string {
	r := httptest.NewRequest(http.MethodGet, "http://own.example/", nil)
	r.RemoteAddr = peer
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	var got string
	p.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = Client(r).String() + " " + Scheme(r) + " " + r.Host
		for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"} {
			if r.Header.Get(h) != "" {
				got += " left " + h
			}
		}
	})).ServeHTTP(httptest.NewRecorder(), r)
	return got
}

func TestOnlyTrustedProxiesAreBelieved(t *testing.T) {
	const xff, xfp, xfh = "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"
	for _, x := range []struct {
		what, peer string
		header     []string
		want       string
	}{
		{"no proxy", "192.0.2.9:1", nil, "192.0.2.9 http own.example"},
		{"a stranger lies", "192.0.2.9:1", []string{xff, "1.2.3.4", xfp, "https", xfh, "evil.example"}, "192.0.2.9 http own.example"},
		{"one proxy", "10.0.0.1:1", []string{xff, "192.0.2.9", xfp, "https", xfh, "a.example"}, "192.0.2.9 https a.example"},
		{"the visitor lies to the proxy", "10.0.0.1:1", []string{xff, "1.2.3.4, 192.0.2.9", xfp, "https"}, "192.0.2.9 https own.example"},
		{"two proxies", "10.0.0.1:1", []string{xff, "1.2.3.4, 192.0.2.9, 10.9.9.9", xfp, "gopher, https, http"}, "192.0.2.9 https own.example"},
		{"two header lines", "10.0.0.1:1", []string{xff, "1.2.3.4", xff, "192.0.2.9", xff, "10.1.1.1"}, "192.0.2.9 http own.example"},
		{"proto is shorter", "10.0.0.1:1", []string{xff, "192.0.2.9, 10.1.1.1", xfp, "https"}, "192.0.2.9 https own.example"},
		{"all trusted", "10.0.0.1:1", []string{xff, "10.3.3.3, 10.2.2.2"}, "10.3.3.3 http own.example"},
		{"nonsense left of a proxy", "10.0.0.1:1", []string{xff, "nonsense, 10.2.2.2"}, "10.2.2.2 http own.example"},
		{"only nonsense", "10.0.0.1:1", []string{xff, "nonsense", xfp, "https"}, "10.0.0.1 http own.example"},
		{"ports and brackets", "[2001:db8:1::1]:1", []string{xff, "[2001:db8:9::1]:443"}, "2001:db8:9::1 http own.example"},
		{"brackets alone", "10.0.0.1:1", []string{xff, "[2001:db8:9::1]"}, "2001:db8:9::1 http own.example"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:1", []string{xff, "::ffff:192.0.2.9"}, "192.0.2.9 http own.example"},
		{"a host that is none", "10.0.0.1:1", []string{xff, "192.0.2.9", xfh, "a/b@c"}, "192.0.2.9 http own.example"},
		{"the other header is ignored", "10.0.0.1:1", []string{"Forwarded", "for=1.2.3.4;proto=https"}, "10.0.0.1 http own.example"},
	} {
		if got := ask(Proxies{Trusted: trusted}, x.peer, x.header...); got != x.want {
			t.Errorf("%s: %s, want %s", x.what, got, x.want)
		}
	}
}

func TestForwardedOfRFC7239(t *testing.T) {
	for _, x := range []struct{ header, want string }{
		{`for=192.0.2.9;proto=https;host=a.example`, "192.0.2.9 https a.example"},
		{`For="[2001:db8:9::1]:4711";PROTO=https`, "2001:db8:9::1 https own.example"},
		{`for=1.2.3.4;proto=gopher, for=192.0.2.9;proto=https, for=10.2.2.2;proto=http`, "192.0.2.9 https own.example"},
		{`for="a,for=1.2.3.4", for=192.0.2.9`, "192.0.2.9 http own.example"},
		{`for="192.0.2\.9"; host="a.example:8443"`, "192.0.2.9 http a.example:8443"},
		{`for=unknown`, "10.0.0.1 http own.example"},
		{`for=_hidden, for=10.2.2.2;proto=https`, "10.2.2.2 https own.example"},
		{`;;=,,"`, "10.0.0.1 http own.example"},
	} {
		got := ask(Proxies{Trusted: trusted, Header: Forwarded}, "10.0.0.1:1", "Forwarded", x.header, "X-Forwarded-For", "1.2.3.4")
		if got != x.want {
			t.Errorf("%s: %s, want %s", x.header, got, x.want)
		}
	}
}

// TestWhoAsksIsKnown: not where somebody passed the request on whose word counts for nothing.
func TestWhoAsksIsKnown(t *testing.T) {
	const xff = "X-Forwarded-For"
	for _, x := range []struct {
		what, peer string
		header     []string
		want       bool
	}{
		{"nobody between", "127.0.0.1:1", nil, true},
		{"a socket that says nothing", "@", nil, false},
		{"a proxy that nobody named", "127.0.0.1:1", []string{xff, "192.0.2.9"}, false},
		{"the other kind of header", "127.0.0.1:1", []string{"Forwarded", "for=192.0.2.9"}, false},
		{"other signs of one", "127.0.0.1:1", []string{"Via", "1.1 proxy"}, false},
		{"an empty sign", "127.0.0.1:1", []string{"X-Real-Ip", ""}, false},
		{"a trusted proxy", "10.0.0.1:1", []string{xff, "192.0.2.9", "Via", "1.1 proxy"}, true},
		{"a trusted proxy that cannot be read", "10.0.0.1:1", []string{xff, "nonsense"}, false},
		{"a trusted proxy with the kind that is not read", "10.0.0.1:1", []string{"Forwarded", "for=192.0.2.9"}, false},
		{"a trusted machine for itself", "10.0.0.1:1", nil, true},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = x.peer
		for i := 0; i+1 < len(x.header); i += 2 {
			r.Header.Add(x.header[i], x.header[i+1])
		}
		var got bool
		Proxies{Trusted: trusted}.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = Known(r) })).ServeHTTP(httptest.NewRecorder(), r)
		if got != x.want {
			t.Errorf("%s: %t", x.what, got)
		}
		if untrusted := !strings.HasPrefix(x.peer, "10."); untrusted && Known(r) != x.want {
			t.Errorf("%s, without proxies: %t", x.what, Known(r))
		}
	}
}

// FuzzProxies holds the one thing that matters: what stands left of the visitor's address changes nothing.
func FuzzProxies(f *testing.F) {
	f.Add("1.2.3.4, 5.6.7.8", "https", "a.example", true)
	f.Add(`for="[::1]:x";proto=\",for=`, "", "", false)
	f.Fuzz(func(t *testing.T, lie, proto, host string, x bool) {
		if strings.ContainsAny(lie+proto+host, "\r\n") {
			return
		}
		p := Proxies{Trusted: trusted, Header: Forwarded}
		header, real := "Forwarded", `for=192.0.2.9;proto=https;host=real.example`
		if x {
			p.Header, header, real = XForwarded, "X-Forwarded-For", "192.0.2.9"
		}
		got := ask(p, "10.0.0.1:1", header, lie, header, real, "X-Forwarded-Proto", proto, "X-Forwarded-Host", host)
		if !strings.HasPrefix(got, "192.0.2.9 ") || (!x && got != "192.0.2.9 https real.example") {
			t.Fatal(got)
		}
	})
}
