package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mistakes collects one sentence for each wrong setting.
type mistakes struct {
	src  *Source
	list []error
}

// add notes a mistake in a setting, and where its value came from.
func (m *mistakes) add(key, format string, args ...any) {
	where := key
	if o := m.src.Origin(key); o != "" && o != "default" {
		where += " (" + o + ")"
	}
	m.list = append(m.list, fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...)))
}

// Validate says everything that is wrong with the settings, one sentence for each mistake, joined. The source adds where each value
// came from; it may be nil. What no flag can hold is taken from the source's file: Services.
func (c *Settings) Validate(src *Source) error {
	if src != nil && src.file != nil {
		c.Services = src.file.services
	}
	m := &mistakes{src: src}
	c.checkChoices(m)
	c.checkPlaces(m)
	c.checkAddresses(m)
	c.checkTLS(m)
	c.checkACME(m)
	c.checkNetworks(m)
	c.checkNumbers(m)
	c.checkMail(m)
	c.checkOIDC(m)
	c.checkServices(m)
	c.checkStripe(m)
	return errors.Join(m.list...)
}

func (c *Settings) checkChoices(m *mistakes) {
	for _, s := range all() {
		if v := s.text(c); len(s.choices) > 0 && !slices.Contains(s.choices, v) {
			m.add(s.key, "%q is not one of %s", v, strings.Join(s.choices, ", "))
		}
	}
}

func (c *Settings) checkPlaces(m *mistakes) {
	if c.Data == "" {
		m.add("data", "a folder is needed, such as ./data")
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" || c.TimeZone == "Local" {
		m.add("time_zone", "%q is not a time zone; write an IANA name such as Asia/Tokyo", c.TimeZone)
	}
	if c.Database == "" {
		return
	}
	u, err := url.Parse(c.Database)
	switch {
	case err != nil: // the text of the error would show the password
		m.add("database", "this is not a URL; write postgres://user:password@host/name")
	case u.Scheme != "postgres" && u.Scheme != "postgresql":
		m.add("database", "only postgres:// is known; leave it empty for SQLite in the data folder")
	case strings.Trim(u.Path, "/") == "":
		m.add("database", "the URL names no database; write postgres://user:password@host/name")
	}
}

func (c *Settings) checkAddresses(m *mistakes) {
	if c.Listen != "systemd" {
		checkAddress(m, "listen", c.Listen)
	}
	if c.TLS.Redirect != "" {
		checkAddress(m, "tls.redirect", c.TLS.Redirect)
	}
	if c.PublicURL == "" {
		return
	}
	u, err := url.Parse(c.PublicURL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		m.add("public_url", "%q is not an address of a site; write https://meeting.example.org", redactURL(c.PublicURL))
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		m.add("public_url", "write only the scheme and the name, such as https://%s", u.Host)
	case u.Path != "" && u.Path != "/":
		m.add("public_url", "the site must be at the root of its name, not below %s", u.Path)
	}
}

func checkAddress(m *mistakes, key, at string) {
	if p, ok := strings.CutPrefix(at, "unix:"); ok {
		if p == "" {
			m.add(key, "write the path of the socket after unix:")
		}
		return
	}
	_, port, err := net.SplitHostPort(at)
	if err != nil {
		m.add(key, "%q is not an address; write host:port, such as localhost:8080", at)
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		m.add(key, "%q is not a port; write a number from 0 to 65535", port)
	}
}

func (c *Settings) checkTLS(m *mistakes) {
	own := c.TLS.Mode == "files" || c.TLS.Mode == "acme"
	switch {
	case c.TLS.Mode == "files" && c.TLS.Cert == "" && c.TLS.Key == "":
		m.add("tls.mode", "files needs tls.cert and tls.key")
	case c.TLS.Cert != "" && c.TLS.Key == "":
		m.add("tls.cert", "the certificate needs its key in tls.key")
	case c.TLS.Key != "" && c.TLS.Cert == "":
		m.add("tls.key", "the key needs its certificate in tls.cert")
	case c.TLS.Cert != "" && c.TLS.Mode != "files":
		m.add("tls.cert", "a certificate is only used with tls.mode = files, and it is %s", c.TLS.Mode)
	}
	if c.TLS.Redirect != "" && !own {
		m.add("tls.redirect", "there is nothing to send visitors to with tls.mode = %s; it needs files or acme", c.TLS.Mode)
	}
	if c.TLS.Mode == "proxy" && len(c.Proxies) == 0 && !strings.HasPrefix(c.Listen, "unix:") {
		m.add("trusted_proxies", "tls.mode = proxy needs the network of the proxy here, such as 127.0.0.1/32")
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || c.PublicURL == "" {
		return
	}
	switch {
	case u.Scheme == "http" && c.TLS.Mode != "off":
		m.add("public_url", "it begins with http:// although tls.mode is %s; write https://%s", c.TLS.Mode, u.Host)
	case u.Scheme == "https" && c.TLS.Mode == "off":
		m.add("public_url", "it begins with https:// although tls.mode is off; choose files, acme or proxy")
	}
}

func (c *Settings) checkACME(m *mistakes) {
	if c.TLS.Mode != "acme" {
		if len(c.TLS.ACMEHosts) > 0 {
			m.add("tls.acme_hosts", "names are only used with tls.mode = acme, and it is %s", c.TLS.Mode)
		}
		return
	}
	if len(c.TLS.ACMEHosts) == 0 {
		m.add("tls.acme_hosts", "tls.mode = acme needs the names to get certificates for")
	}
	for _, h := range c.TLS.ACMEHosts {
		if problem := unfit(h); problem != "" && c.TLS.ACMEDirectory == "" {
			m.add("tls.acme_hosts", "%q %s; a certificate authority wants a public name such as meeting.example.org", h, problem)
		}
	}
	if u, err := url.Parse(c.PublicURL); err == nil && c.PublicURL != "" && len(c.TLS.ACMEHosts) > 0 &&
		!slices.ContainsFunc(c.TLS.ACMEHosts, func(h string) bool { return strings.EqualFold(h, u.Hostname()) }) {
		m.add("tls.acme_hosts", "the name of public_url, %s, is missing", u.Hostname())
	}
	if e := c.TLS.ACMEEmail; e != "" && (!strings.Contains(e, "@") || strings.ContainsAny(e, " <>")) {
		m.add("tls.acme_email", "%q is not a mail address", e)
	}
	if d := c.TLS.ACMEDirectory; d != "" {
		if u, err := url.Parse(d); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			m.add("tls.acme_directory", "%q is not an address; write https://...", d)
		}
	}
}

// unfit says why no public authority gives a certificate for a name, or nothing.
func unfit(host string) string {
	_, err := netip.ParseAddr(host)
	switch {
	case err == nil:
		return "is an address, not a name"
	case strings.ContainsAny(host, "/: *"):
		return "is not a name"
	case !strings.Contains(strings.Trim(host, "."), "."), strings.HasSuffix(host, ".local"), strings.HasSuffix(host, ".internal"):
		return "is not a public name"
	}
	return ""
}

func (c *Settings) checkNetworks(m *mistakes) {
	for key, list := range map[string][]string{"trusted_proxies": c.Proxies, "metrics": c.Metrics} {
		for _, s := range list {
			p, err := parsePrefix(s)
			switch {
			case err != nil:
				m.add(key, "%q is not a network; write it as 192.0.2.0/24 or 2001:db8::/32", s)
			case key == "trusted_proxies" && p.Bits() == 0:
				m.add(key, "%s is everybody; name only the networks of your proxies", s)
			}
		}
	}
}

func (c *Settings) checkNumbers(m *mistakes) {
	if c.Backup.Keep < 1 {
		m.add("backup.keep", "at least 1 backup must be kept")
	}
	if c.Limits.Connections < 10 {
		m.add("limits.connections", "at least 10 are needed")
	}
	if c.Limits.Body < 1<<20 {
		m.add("limits.body", "at least 1MB is needed")
	}
	if c.Limits.Material < c.Limits.Body {
		m.add("limits.material", "one file of limits.body must fit in it")
	}
	if c.Limits.Stop < 0 || c.Limits.Stop > 10*time.Minute {
		m.add("limits.stop", "a time from 0s to 10m is wanted")
	}
}

func (c *Settings) checkMail(m *mistakes) {
	x := c.Mail
	if x.SMTP == "" {
		if x.User != "" {
			m.add("mail.user", "there is nobody to sign in to without mail.smtp")
		}
		return
	}
	checkAddress(m, "mail.smtp", x.SMTP)
	host, _, err := net.SplitHostPort(x.SMTP)
	local := host == "localhost"
	if ip, err := netip.ParseAddr(host); err == nil {
		local = ip.IsLoopback()
	}
	switch {
	case err == nil && host == "", strings.HasPrefix(x.SMTP, "unix:"):
		m.add("mail.smtp", "%q names no server; write host:port, such as smtp.example.org:587", x.SMTP)
	case x.From == "":
		m.add("mail.from", "letters need an address that they are from")
	case strings.Count(x.From, "@") != 1 || strings.ContainsAny(x.From, " <>\"") || strings.HasPrefix(x.From, "@") || strings.HasSuffix(x.From, "@"):
		m.add("mail.from", "%q is not a mail address; write it as office@example.org", x.From)
	}
	switch {
	case x.User != "" && x.Password == "":
		m.add("mail.user", "the user needs mail.password")
	case x.Password != "" && x.User == "":
		m.add("mail.password", "the password needs mail.user")
	case x.User != "" && !local && (x.TLS == "off" || x.TLS == "optional"):
		m.add("mail.tls", "with %s the password could be read on its way to %s; choose starttls or implicit", x.TLS, host)
	}
	if x.Connections < 2 || x.Connections > 100 {
		m.add("mail.connections", "a number from 2 to 100 is wanted")
	}
	if x.Keep < 24*time.Hour {
		m.add("mail.keep", "at least 24h are needed")
	}
}

func (c *Settings) checkOIDC(m *mistakes) {
	x := c.OIDC
	if x.Issuer == "" {
		if x.Client != "" {
			m.add("oidc.client_id", "there is nobody to sign in with without oidc.issuer")
		}
		return
	}
	if problem := issuerProblem(x.Issuer); problem != "" {
		m.add("oidc.issuer", "%s", problem)
	}
	if x.Client == "" {
		m.add("oidc.client_id", "the issuer has to know who asks")
	}
}

// checkStripe looks at the account of the card service. The keys themselves are never repeated.
func (c *Settings) checkStripe(m *mistakes) {
	x := c.Stripe
	switch {
	case x.Key == "" && x.Webhook != "":
		m.add("stripe.secret_key", "the secret of the webhook is of no use without the key")
	case x.Key != "" && x.Webhook == "":
		m.add("stripe.webhook_secret", "without it nobody could tell that somebody paid; it begins with whsec_")
	}
	if x.Key != "" && !strings.HasPrefix(x.Key, "sk_") && !strings.HasPrefix(x.Key, "rk_") {
		m.add("stripe.secret_key", "this is no secret key; those begin with sk_ or rk_")
	}
	if x.Webhook != "" && !strings.HasPrefix(x.Webhook, "whsec_") {
		m.add("stripe.webhook_secret", "this is no secret of a webhook; those begin with whsec_")
	}
	if x.URL == "" {
		return
	}
	if u, err := url.Parse(x.URL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		m.add("stripe.url", "this is not the address of a server; leave it empty for Stripe")
	}
}
