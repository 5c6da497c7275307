package listen

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// The headers a trusted proxy may write. Exactly one kind is believed: a proxy that writes one kind passes the other on as the
// visitor sent it.
const (
	XForwarded = "x-forwarded" // X-Forwarded-For, -Proto, -Host
	Forwarded  = "forwarded"   // RFC 7239
)

// Proxies replaces what a request says about its visitor by what trusted proxies say.
type Proxies struct {
	Trusted []netip.Prefix
	Header  string // XForwarded (also when empty) or Forwarded
	Local   bool   // the request came through a unix socket, so the peer has no address and is trusted
}

type visitorKey struct{}

// visitor is what is known of who sent a request.
type visitor struct {
	address netip.Addr // of the visitor, or of the nearest proxy where it did not say; zero on a unix socket without a header
	scheme  string
	said    bool // a trusted proxy said the scheme
	hidden  bool // somebody passed the request on whose word about the visitor is not believed, or could not be read
}

// passedOn are the headers that say that a request comes from somebody else than who sends it.
var passedOn = [...]string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Via"}

// Client is the address of the visitor. It is not valid where a request through a unix socket came without the proxy's header.
func Client(r *http.Request) netip.Addr {
	if v, ok := r.Context().Value(visitorKey{}).(visitor); ok {
		return v.address
	}
	return peer(r)
}

// Known says whether Client is who asks. It is not where a header says that the request was passed on, and no trusted proxy says for
// whom: behind a proxy on this machine that is not named, everybody seems to be on this machine.
func Known(r *http.Request) bool {
	if v, ok := r.Context().Value(visitorKey{}).(visitor); ok {
		return v.address.IsValid() && !v.hidden
	}
	return peer(r).IsValid() && !isPassedOn(r.Header)
}

func isPassedOn(h http.Header) bool {
	return slices.ContainsFunc(passedOn[:], func(name string) bool { return len(h.Values(name)) > 0 })
}

// Scheme is how the visitor reached the site: "https" or "http".
func Scheme(r *http.Request) string {
	if v, ok := r.Context().Value(visitorKey{}).(visitor); ok {
		return v.scheme
	}
	return ownScheme(r)
}

func ownScheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

func peer(r *http.Request) netip.Addr {
	a, _ := parseNode(r.RemoteAddr)
	return a
}

// Handler sets RemoteAddr, Host and what Client and Scheme tell, and then calls next. The headers are removed, so that nothing
// behind believes them again.
func (p Proxies) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visitor{address: peer(r), scheme: ownScheme(r), hidden: isPassedOn(r.Header)}
		host := r.Host
		if (!v.address.IsValid() && p.Local) || (v.address.IsValid() && p.trusts(v.address)) {
			if h := p.read(r.Header, &v); h != "" {
				host = h
			}
		}
		out := r.WithContext(context.WithValue(r.Context(), visitorKey{}, v))
		out.Header = r.Header.Clone()
		for _, h := range passedOn {
			out.Header.Del(h)
		}
		out.Host = host
		if v.address.IsValid() && v.address != peer(r) {
			out.RemoteAddr = netip.AddrPortFrom(v.address, 0).String()
		}
		next.ServeHTTP(w, out)
	})
}

func (p Proxies) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(p.Trusted, func(n netip.Prefix) bool { return n.Contains(a) })
}

// hop is what one proxy said of the request it got.
type hop struct{ from, proto, host string }

// read fills the visitor from the headers and returns the host that was asked for, or nothing.
func (p Proxies) read(h http.Header, v *visitor) string {
	var hops []hop
	if p.Header == Forwarded {
		hops = parseForwarded(h.Values("Forwarded"))
	} else {
		hops = parseXForwarded(h)
	}
	i, a := p.rightmostUntrusted(hops)
	if i < 0 {
		return ""
	}
	v.address, v.hidden = a, false
	if s := strings.ToLower(hops[i].proto); s == "http" || s == "https" {
		v.scheme, v.said = s, true
	}
	if isHost(hops[i].host) {
		return hops[i].host
	}
	return ""
}

// rightmostUntrusted walks from the nearest proxy outwards. The first address that is not a trusted proxy's is the visitor's: what
// stands left of it was sent by the visitor, who may have invented it. Where every address is trusted, or one cannot be read, the
// last good one counts. The index is -1 without any.
func (p Proxies) rightmostUntrusted(hops []hop) (int, netip.Addr) {
	at, address := -1, netip.Addr{}
	for i := len(hops) - 1; i >= 0; i-- {
		a, ok := parseNode(hops[i].from)
		if !ok {
			break
		}
		at, address = i, a
		if !p.trusts(a) {
			break
		}
	}
	return at, address
}

// parseXForwarded reads the three lists. Proxies append to -For; -Proto and -Host are appended to by some and replaced by others:
// where a list is as long as -For its members belong together, else its last member, which the nearest proxy wrote, stands for all.
func parseXForwarded(h http.Header) []hop {
	from := list(h.Values("X-Forwarded-For"))
	proto, host := list(h.Values("X-Forwarded-Proto")), list(h.Values("X-Forwarded-Host"))
	pick := func(l []string, i int) string {
		switch {
		case len(l) == 0:
			return ""
		case len(l) == len(from):
			return l[i]
		}
		return l[len(l)-1]
	}
	hops := make([]hop, len(from))
	for i, f := range from {
		hops[i] = hop{from: f, proto: pick(proto, i), host: pick(host, i)}
	}
	return hops
}

func list(values []string) []string {
	var out []string
	for _, v := range values {
		for _, s := range strings.Split(v, ",") {
			out = append(out, strings.TrimSpace(s))
		}
	}
	return out
}

// parseForwarded reads Forwarded (RFC 7239 section 4). An element that is not well formed becomes a hop without an address, at which the walk ends.
func parseForwarded(values []string) []hop {
	var out []hop
	for _, v := range values {
		for _, element := range splitQuoted(v, ',') {
			var x hop
			for _, pair := range splitQuoted(element, ';') {
				name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
				if !ok {
					continue
				}
				value = unquote(value)
				switch strings.ToLower(name) {
				case "for":
					x.from = value
				case "proto":
					x.proto = value
				case "host":
					x.host = value
				}
			}
			out = append(out, x)
		}
	}
	return out
}

// splitQuoted splits at sep outside of quoted strings.
func splitQuoted(s string, sep byte) []string {
	var out []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// parseNode reads an address as proxies write it: with or without a port, IPv6 with or without brackets.
func parseNode(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil {
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone(""), true
}

// isHost says whether a text can stand as the host of a URL.
func isHost(s string) bool {
	if s == "" || len(s) > 260 || strings.ContainsAny(s, "/\\@?# \t<>\"'%") {
		return false
	}
	u, err := url.Parse("//" + s)
	return err == nil && u.Host == s && u.Hostname() != ""
}

// toHTTPS sends a visitor on whom a trusted proxy let in by plain http. A request without the proxy's word, such as a check of
// health from the same machine, is answered as it is.
func toHTTPS(public *url.URL, next http.Handler) http.Handler {
	away := redirect(public)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v, ok := r.Context().Value(visitorKey{}).(visitor); ok && v.said && v.scheme == "http" {
			away.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// redirect sends every request to the same path of the public address over HTTPS; without a public address, to the host asked for.
func redirect(public *url.URL) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if public != nil {
			host = public.Host
		} else if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
			if strings.Contains(h, ":") {
				host = "[" + h + "]"
			}
		}
		if !isHost(host) {
			http.Error(w, "Bad Request", http.StatusBadRequest)
			return
		}
		to := url.URL{Scheme: "https", Host: host, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
		w.Header().Set("Connection", "close")
		http.Redirect(w, r, to.String(), http.StatusPermanentRedirect)
	})
}
