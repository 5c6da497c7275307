package billing

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// purpose is what the addresses of orders are good for, and nothing else.
const purpose = "billing.order\x00"

// newRef makes an opaque public id: 26 random characters of Crockford's alphabet in which there is no time.
func newRef() string { return randomText(26) }

func randomText(n int) string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b)
}

// newSecret makes a key of 256 bits.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// sign makes the token of an order, for the address that payers hand on: its public id, and what shows that this program wrote it. A later link
// number makes earlier tokens invalid.
func sign(secret, ref string, no int) string {
	m := hmac.New(sha256.New, []byte(secret))
	_, _ = m.Write([]byte(purpose + ref + "\x00" + strconv.Itoa(no)))
	return ref + "-" + hex.EncodeToString(m.Sum(nil)[:16])
}

// signed reports that this program wrote a token for an order, and that it still holds.
func signed(secret, token string, o *Order) bool {
	return secret != "" && hmac.Equal([]byte(sign(secret, o.Ref, o.LinkNo)), []byte(token))
}

// refIn is the order that a token says it is about, or empty.
func refIn(token string) string {
	ref, _, ok := strings.Cut(token, "-")
	if !ok || len(ref) != 26 {
		return ""
	}
	return ref
}
