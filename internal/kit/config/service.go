package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Service is a service that signs people in by OpenID Connect: a table [[oidc.service]] of the file. It has no flag and no variable, since there
// may be any number of them.
type Service struct {
	ID         string   `toml:"id"`          // names it in addresses: it comes back to /sign-in/with/ID/back
	NameJA     string   `toml:"name_ja"`     // on the button; empty: its host
	NameEN     string   `toml:"name_en"`     //
	Issuer     string   `toml:"issuer"`      // its URL
	Client     string   `toml:"client_id"`   // what the program is called there
	SecretFile string   `toml:"secret_file"` // the file with the secret it got there; empty: it has none
	Scopes     []string `toml:"scopes"`      // what is asked for beside openid; default: email, profile

	Secret string `toml:"-"` // what the file holds
	place  string // where the table stands
}

// serviceKey is the key of the tables.
const serviceKey = "oidc.service"

// serviceID is what an id may be. "back" is an address of the one service that has no id.
var serviceID = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// SignInServices are all services that sign people in: the one of oidc.issuer, without an id, and those of the tables, in their order.
func (c *Settings) SignInServices() []Service {
	var out []Service
	if x := c.OIDC; x.Issuer != "" {
		out = append(out, Service{NameJA: x.NameJA, NameEN: x.NameEN, Issuer: x.Issuer, Client: x.Client, Secret: x.Secret, Scopes: x.Scopes})
	}
	return append(out, c.Services...)
}

// servicesFromFile reads the tables of a file that was parsed, each with the line at which it stands, and the secrets that they name.
func servicesFromFile(path, text string) ([]Service, error) {
	var in struct {
		OIDC struct {
			Services []Service `toml:"service"`
		} `toml:"oidc"`
	}
	meta, err := toml.Decode(text, &in)
	if err != nil {
		return nil, fmt.Errorf("%s: a table [[%s]] cannot be read: %w", path, serviceKey, err)
	}
	var wrong []error
	for _, k := range meta.Undecoded() {
		if name := k.String(); strings.HasPrefix(name, serviceKey+".") {
			near, _ := nearest(name[len(serviceKey)+1:], serviceKeys())
			wrong = append(wrong, fmt.Errorf("%s: %q is no setting of a service%s", path, name, near))
		}
	}
	lines := headings(text)
	for i := range in.OIDC.Services {
		s := &in.OIDC.Services[i]
		if s.place = path; i < len(lines) {
			s.place = fmt.Sprintf("%s:%d", path, lines[i])
		}
		if len(s.Scopes) == 0 {
			s.Scopes = []string{"email", "profile"}
		}
		if s.SecretFile == "" {
			continue
		}
		b, err := os.ReadFile(s.SecretFile)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: secret_file cannot be read: %v", s.place, err)) //nolint:errorlint // not the file that is looked for
		}
		s.Secret = strings.TrimSpace(string(b))
		if err == nil && s.Secret == "" {
			wrong = append(wrong, fmt.Errorf("%s: secret_file %s is empty", s.place, s.SecretFile))
		}
	}
	return in.OIDC.Services, errors.Join(wrong...)
}

func serviceKeys() []string {
	return []string{"id", "name_ja", "name_en", "issuer", "client_id", "secret_file", "scopes"}
}

// headings are the lines of [[oidc.service]].
func headings(text string) []int {
	var out []int
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		if at, _, _ := strings.Cut(line, "#"); unquoted(strings.ReplaceAll(strings.TrimSpace(at), " ", "")) == "[["+serviceKey+"]]" {
			out = append(out, n)
		}
	}
	return out
}

// checkServices looks at every service that signs people in.
func (c *Settings) checkServices(m *mistakes) {
	var ids, issuers []string
	if c.OIDC.Issuer != "" {
		issuers = []string{c.OIDC.Issuer}
	}
	for i := range c.Services {
		s := &c.Services[i]
		add := func(format string, args ...any) {
			m.list = append(m.list, fmt.Errorf("%s (%s): %s", serviceKey, s.place, fmt.Sprintf(format, args...)))
		}
		switch {
		case !serviceID.MatchString(s.ID) || s.ID == "back":
			add("%q cannot be an id; write small letters, figures and dashes, such as google", s.ID)
		case slices.Contains(ids, s.ID):
			add("there are two services with the id %q", s.ID)
		}
		if problem := issuerProblem(s.Issuer); problem != "" {
			add("issuer: %s", problem)
		} else if slices.Contains(issuers, s.Issuer) {
			add("%s is another service already", s.Issuer)
		}
		if s.Client == "" {
			add("client_id: the issuer has to know who asks")
		}
		ids, issuers = append(ids, s.ID), append(issuers, s.Issuer)
	}
}

// issuerProblem says what is wrong with the URL of an issuer, or nothing.
func issuerProblem(issuer string) string {
	u, err := url.Parse(issuer)
	local := err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "":
		return fmt.Sprintf("%q is not the URL of an issuer; write it as https://id.example.org", issuer)
	case u.Scheme == "http" && !local:
		return issuer + " is not safe on its way; an issuer on another machine needs https"
	}
	return ""
}

// serviceEntries are the services of the tables as `tsudoi config` shows them.
func serviceEntries(c *Settings) []Entry {
	var out []Entry
	for i := range c.Services {
		s := &c.Services[i]
		value := s.Issuer + " client_id=" + s.Client
		if s.Secret != "" {
			value += " secret_file=" + s.SecretFile
		}
		out = append(out, Entry{Key: serviceKey + "." + s.ID, Meaning: serviceMeaning, Value: value, Origin: "file " + s.place})
	}
	return out
}

var serviceMeaning = i18n.T("OpenID Connect でサインインを受け持つ、もう一つのサービス。戻り先は /sign-in/with/ID/back です。",
	"Another service that signs people in by OpenID Connect. It comes back to /sign-in/with/ID/back.")

// serviceSample is a table as it may stand in a file, commented out: unlike settings it has no default to show.
const serviceSample = `
#[[oidc.service]]
#id = "google"
#name_ja = "Google"
#name_en = "Google"
#issuer = "https://accounts.google.com"
#client_id = "..."
#secret_file = "/etc/tsudoi/google.secret"
#scopes = ["email", "profile"]
`
