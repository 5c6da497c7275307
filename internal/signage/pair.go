package signage

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/kit/limit"
)

// codeAlphabet has no character that looks like another on a screen across a hall, or sounds like another: no 0 O Q D, 1 I L, 2 Z, 5 S,
// 6 G, 8 B, U V.
const codeAlphabet = "ACEFHJKMNPRTWXY3479"

const (
	codeLength = 6 // 19^6 are 47 million codes
	// codeLife is how long a code can be typed. The screen asks for a new one in time.
	codeLife = 10 * time.Minute
	// maxWaiting is how many screens may wait to be paired at a time. An attacker who guesses meets one of these in 47 million.
	maxWaiting = 2000
)

// newCode makes a pairing code.
func newCode() string {
	var b [codeLength]byte
	buf := make([]byte, 1)
	for i := 0; i < len(b); {
		_, _ = rand.Read(buf)                                              // never fails (crypto/rand)
		if n := int(buf[0]); n < 256/len(codeAlphabet)*len(codeAlphabet) { // else the first letters would come more often
			b[i] = codeAlphabet[n%len(codeAlphabet)]
			i++
		}
	}
	return string(b[:])
}

// parseCode reads a code as people type it: small or wide letters, with spaces or hyphens. It is empty where it cannot be one.
func parseCode(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\t' || r == '‐' || r == '–' || r == 'ー' {
			return -1
		}
		return r
	}, strings.ToUpper(narrow(s)))
	if len(s) != codeLength || strings.Trim(s, codeAlphabet) != "" {
		return ""
	}
	return s
}

// narrow makes ASCII of the wide characters of a Japanese keyboard.
func narrow(s string) string { return strings.TrimSpace(norm.NFKC.String(s)) }

// newToken makes the secret by which a screen is known, 128 bits or more.
func newToken() string { return rand.Text() }

// hashToken is what is kept of a token: who reads the database cannot be a screen.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte("tsudoi signage " + token))
	return hex.EncodeToString(sum[:])
}

// newRef makes a public id: 26 characters of base32.
func newRef() string { return rand.Text() }

// How often codes may be asked for and typed. A venue is one address, and each of its waiting screens asks once in nine minutes. Who types a
// wrong code ten times waits; whoever shares the work of guessing among many accounts of a meeting gets forty tries, at 47 million codes.
var (
	asksPerAddress    = limit.Rate{Burst: 600, Per: codeLife}
	guessesPerPerson  = limit.Rate{Burst: 10, Per: codeLife}
	guessesPerMeeting = limit.Rate{Burst: 40, Per: codeLife}
)

// The names under which they are counted.
const (
	countAsks    = "signage.ask"
	countGuesses = "signage.guess"
	countWrong   = "signage.wrong"
)
