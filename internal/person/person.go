// Package person knows who somebody is: an account with names in the scripts people use, mail addresses that were shown to be theirs, and the
// sessions in which they are signed in. There are no passwords: whoever receives a code at an address is who the address belongs to.
//
// Words: an account (アカウント) is what the program keeps of a person. An address (メールアドレス) is verified once its owner typed a code that was
// sent to it. A session (サインインの記録) is one browser in which somebody is signed in. A code (確認コード) is sent by mail, is good once and for a
// short time. A passkey (パスキー) is a key in somebody's device that signs them in without any code. To step up (本人確認) is to show again, in a session, who one is, before an act that could do harm.
//
// An account is there until its person erases it; what remains then is an opaque reference.
//
// Tables: person_account, person_address, person_session, person_code, person_first, person_preference, person_key,
// person_passkey, person_challenge, person_identity, person_policy, person_consent. View for others: person_pub_account.
package person

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// ID is the row id of an account. It never leaves the program; a person's name outside is the ref.
type ID int64

// Account is what the program keeps of a person.
type Account struct {
	ID          ID
	Ref         string
	Name        i18n.Text // JA as written in 漢字, EN in Latin letters; one of them is there
	Kana        string    // reading of the Japanese name, in full-width katakana
	Affiliation i18n.Text
	Title       i18n.Text // 部署・肩書き
	Bio         i18n.Text // Markdown
	Links       []Link
	Portrait    string // name of a picture, or empty
	Lang        i18n.Lang
	Speaks      []string // languages, as BCP 47 codes
	Photo       Wish
	Recording   Wish
	MadeAt      time.Time
	LeftAt      time.Time // zero: still here
	MergedInto  ID        // the account it was united with; 0: none

	consented string // the version of the privacy policy they agreed to last
}

// Link leads to something about the person elsewhere.
type Link struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Wish is what somebody wants where pictures or recordings are made.
type Wish string

// The wishes there are.
const (
	WishFree Wish = ""    // nothing was asked for
	WishAsk  Wish = "ask" // to be asked first
	WishNo   Wish = "no"  // not at all
)

// Address is a mail address of an account.
type Address struct {
	ID         int64
	Address    string // as typed
	Folded     string // as compared
	VerifiedAt time.Time
	Main       bool // where letters go
}

// Lengths of what people type, in characters. A name of 200 is one that real people have.
const (
	maxName    = 200
	maxText    = 300
	maxBio     = 5000
	maxAddress = 254 // RFC 5321, section 4.5.3.1.3, less the brackets
)

// refAlphabet is Crockford's base 32, without letters that read as digits or as each other.
const refAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewRef makes an opaque public id: 26 random characters in which there is no time.
func NewRef() string {
	var b [26]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = refAlphabet[b[i]&31]
	}
	return string(b[:])
}

// newToken makes a secret of 256 bits for an address or a cookie, of which only the hash is kept.
func newToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// hashed is what is kept of a secret.
func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// codeDigits is the length of a code: with five tries each and few codes an hour, nobody guesses one of 100 million.
const codeDigits = 8

func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		panic(err) // the system's random source never fails
	}
	s := n.String()
	return strings.Repeat("0", codeDigits-len(s)) + s
}

// plainCode reads a code as people type it: in full-width figures, with spaces or dashes.
func plainCode(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, norm.NFKC.String(s))
}

// ParseAddress reads a mail address as people type it, and folds it to what is compared: without the difference of large and small
// letters, full and half width, and with its domain as the DNS has it.
func ParseAddress(s string) (address, folded string, err error) {
	bad := fault.New(fault.Invalid, "person.error.address").On("address")
	s = strings.TrimSpace(norm.NFKC.String(strings.TrimSpace(s)))
	a, perr := mail.ParseAddress(s)
	if perr != nil || a.Name != "" || a.Address != s || len(s) > maxAddress || !utf8.ValidString(s) {
		return "", "", bad
	}
	i := strings.LastIndexByte(s, '@')
	local, domain := s[:i], s[i+1:]
	ascii, derr := idna.Lookup.ToASCII(domain)
	if derr != nil || !strings.Contains(ascii, ".") || strings.ContainsFunc(local, unicode.IsControl) || len(local) > 64 {
		return "", "", bad
	}
	return s, strings.ToLower(local) + "@" + strings.ToLower(ascii), nil
}

// CleanLine makes a line of what somebody typed: one spelling, no controls, no marks that turn the direction of what follows.
func CleanLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0xFEFF:
			return -1
		}
		return r
	}, i18n.Compose(s))
	return strings.Join(strings.Fields(s), " ")
}

// Reading makes full-width katakana of a reading typed in hiragana, katakana of either width, or both.
func Reading(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ぁ' && r <= 'ゖ' {
			return r + ('ァ' - 'ぁ')
		}
		return r
	}, CleanLine(norm.NFKC.String(s)))
}

// IsKana reports whether a text is a reading: katakana, the long mark, a middle dot and spaces.
func IsKana(s string) bool {
	for _, r := range s {
		if !unicode.Is(unicode.Katakana, r) && r != 'ー' && r != '・' && r != ' ' && r != '゛' && r != '゜' {
			return false
		}
	}
	return true
}

// CheckNames cleans the names of an account and says what is wrong with them.
func (a *Account) CheckNames() error {
	a.Name.JA, a.Name.EN, a.Kana = CleanLine(a.Name.JA), CleanLine(norm.NFKC.String(a.Name.EN)), Reading(a.Kana)
	switch {
	case a.Name.IsZero():
		return fault.New(fault.Invalid, "person.error.no_name").On("name_ja")
	case utf8.RuneCountInString(a.Name.JA) > maxName:
		return fault.New(fault.Invalid, "person.error.long").With("max", maxName).On("name_ja")
	case utf8.RuneCountInString(a.Name.EN) > maxName:
		return fault.New(fault.Invalid, "person.error.long").With("max", maxName).On("name_en")
	case utf8.RuneCountInString(a.Kana) > maxName:
		return fault.New(fault.Invalid, "person.error.long").With("max", maxName).On("kana")
	case !IsKana(a.Kana):
		return fault.New(fault.Invalid, "person.error.kana").On("kana")
	}
	return nil
}

// mask shows enough of an address to be recognised by its owner: t•••@example.org.
func mask(address string) string {
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		return "•••"
	}
	_, n := utf8.DecodeRuneInString(address)
	return address[:min(n, i)] + "•••" + address[i:]
}
