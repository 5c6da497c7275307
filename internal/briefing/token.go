package briefing

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// purpose is what the links in letters are good for, and nothing else.
const purpose = "briefing.acknowledge\x00"

// newSecret makes a key of 256 bits.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// sign makes the token of a recipient, for the address in their letter: their public id, and what shows that this program wrote it.
func sign(secret, ref string) string {
	m := hmac.New(sha256.New, []byte(secret))
	_, _ = m.Write([]byte(purpose + ref))
	return ref + "-" + hex.EncodeToString(m.Sum(nil)[:16])
}

// signed is the recipient that a token is about; it is empty where this program did not write it.
func signed(secret, token string) string {
	ref, _, ok := strings.Cut(token, "-")
	if !ok || secret == "" || len(ref) != 26 || !hmac.Equal([]byte(sign(secret, ref)), []byte(token)) {
		return ""
	}
	return ref
}
