package registration

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// sign makes the token of a thing for its secret address: its ref, and what shows that this program wrote it for the purpose. A later
// number makes earlier tokens invalid.
func sign(secret, purpose, ref string, no int) string {
	m := hmac.New(sha256.New, []byte(secret))
	_, _ = m.Write([]byte(purpose + "\x00" + ref + "\x00" + strconv.Itoa(no)))
	return ref + "-" + hex.EncodeToString(m.Sum(nil)[:16])
}

// refIn is the ref that a token is about, or empty. Whether the token is right is not known yet.
func refIn(token string) string {
	ref, _, ok := strings.Cut(token, "-")
	if !ok || len(ref) != 26 {
		return ""
	}
	return ref
}

func sameToken(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
