// Package sign makes the secret parts of addresses that lead to one thing for whoever holds them, in letters to people without an account.
package sign

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// RefLen is how long the public ids are that tokens begin with.
const RefLen = 26

// NewSecret makes a key of 256 bits, as hexadecimal digits.
func NewSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// Token is the token of a thing: its public id, and 128 bits that show that whoever holds the secret wrote it for the purpose. A later number
// makes earlier tokens invalid.
func Token(secret, purpose, ref string, no int) string {
	m := hmac.New(sha256.New, []byte(secret))
	_, _ = m.Write([]byte(purpose + "\x00" + ref + "\x00" + strconv.Itoa(no)))
	return ref + "-" + hex.EncodeToString(m.Sum(nil)[:16])
}

// Ref is the public id of the thing that a token says it is about, or empty. Whether the token is right is not known yet.
func Ref(token string) string {
	ref, _, ok := strings.Cut(token, "-")
	if !ok || len(ref) != RefLen {
		return ""
	}
	return ref
}

// Good reports that a token was written for a thing, with this number. Without a secret nothing is.
func Good(token, secret, purpose, ref string, no int) bool {
	return secret != "" && hmac.Equal([]byte(Token(secret, purpose, ref, no)), []byte(token))
}
