package mail

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// errAddress is what a person is told about an address that nothing can be sent to.
var errAddress = fault.New(fault.Invalid, "mail.error.address")

// CheckAddress says whether a letter can be written to an address. The error is a fault that a form may show.
func CheckAddress(address string) error {
	_, _, err := split(address)
	return err
}

// Normal is the address as it is kept and compared: the domain in small letters, everything in one spelling of Unicode. The part before the
// @ stays as it is, since only its server knows whether case matters there. An address that is none stays as it is.
func Normal(address string) string {
	local, _, err := split(address)
	if err != nil {
		return address
	}
	domain := address[strings.LastIndexByte(address, '@')+1:]
	if u, err := idna.Lookup.ToUnicode(strings.TrimSpace(domain)); err == nil {
		domain = u
	}
	return local + "@" + strings.ToLower(norm.NFC.String(domain))
}

// split parts an address into the user and the domain, which it turns into ASCII. It takes what exists, not only what RFC 5321 allows:
// addresses of Japanese mobile carriers may have dots side by side or at the end.
func split(address string) (local, domain string, err error) {
	address = norm.NFC.String(strings.TrimSpace(address))
	at := strings.LastIndexByte(address, '@')
	if at < 1 || !utf8.ValidString(address) {
		return "", "", errAddress.Because(fmt.Errorf("%q has no user or no domain", address))
	}
	local, domain = address[:at], address[at+1:]
	if len(local) > 64 || strings.ContainsFunc(local, unfit) || local[0] == '.' {
		return "", "", errAddress.Because(fmt.Errorf("%q has a user that cannot be", address))
	}
	domain, err = idna.Lookup.ToASCII(domain)
	if err != nil || domain == "" || len(domain) > 253 || strings.ContainsAny(domain, "[]: _") || strings.HasPrefix(domain, ".") ||
		strings.HasSuffix(domain, ".") || strings.Contains(domain, "..") {
		return "", "", errAddress.Because(fmt.Errorf("%q has a domain that cannot be", address))
	}
	return local, strings.ToLower(domain), nil
}

// unfit reports characters that stand in no user part we write to.
func unfit(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`()<>[]:;@\,"`, r) || r == utf8.RuneError
}

// mailbox is the address as it stands between < and >: the domain in ASCII, the user in quotes where its dots are unusual.
func mailbox(local, domain string) string {
	if strings.Contains(local, "..") || strings.HasSuffix(local, ".") {
		local = `"` + local + `"`
	}
	return local + "@" + domain
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}
