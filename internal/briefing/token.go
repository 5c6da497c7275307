package briefing

import "github.com/tsudoi/tsudoi/internal/kit/sign"

// purpose is what the links in letters are good for, and nothing else.
const purpose = "briefing.acknowledge"

// recipientOf is the recipient that a token is about; it is empty where this program did not write it.
func recipientOf(secret, token string) string {
	ref := sign.Ref(token)
	if !sign.Good(token, secret, purpose, ref, 1) {
		return ""
	}
	return ref
}
