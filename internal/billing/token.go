package billing

import (
	"crypto/rand"

	"github.com/tsudoi/tsudoi/internal/kit/sign"
)

// purpose is what the addresses of orders are good for, and nothing else.
const purpose = "billing.order"

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

// token is that of the address of an order, which payers hand on. A later link number makes earlier ones invalid.
func (o *Order) token(secret string) string { return sign.Token(secret, purpose, o.Ref, o.LinkNo) }
