package registration

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
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

// byToken finds the thing that a secret address leads to, with its meeting: find reads it by its ref, and signed says in which meeting it is and
// the number of its address now. A token that this program did not write for the purpose, or that is not good any more, leads nowhere.
func byToken[T any](ctx context.Context, s *Service, purpose, token string, find func(ref string) (*T, error), signed func(*T) (event.MeetingID, int)) (*T, *meeting, error) {
	secret, err := s.key(ctx)
	if err != nil {
		return nil, nil, err
	}
	ref := refIn(token)
	if ref == "" {
		return nil, nil, fault.Missing()
	}
	x, err := find(ref)
	if err != nil {
		return nil, nil, err
	}
	if x == nil {
		return nil, nil, fault.Missing()
	}
	id, no := signed(x)
	if !sameToken(sign(secret, purpose, ref, no), token) {
		return nil, nil, fault.Missing()
	}
	m, err := s.meetingOf(ctx, id)
	return x, m, err
}
