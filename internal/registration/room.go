package registration

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// Turn is somebody's place in the waiting room: when they are let in. It is carried by the person, signed, so that a page can be loaded again
// without losing it, and no row has to be kept of those who go away.
type Turn struct {
	Token string
	At    time.Time // when they are let in
	Ahead int       // how many are let in before them, as of now
}

// turnLife is how long somebody who was let in may take for the form.
const turnLife = 2 * time.Hour

// step is the time between two who are let in; 0: there is no waiting room.
func (s *Setup) step() time.Duration {
	if s.PerMinute <= 0 {
		return 0
	}
	return time.Minute / time.Duration(s.PerMinute)
}

// signTurn makes the token of a turn. nonce keeps two who are let in at the same time apart.
func signTurn(secret, slug string, at time.Time, nonce string) string {
	text := strconv.FormatInt(at.UnixMicro(), 36) + "." + nonce
	m := hmac.New(sha256.New, []byte(secret))
	_, _ = m.Write([]byte("registration.room\x00" + slug + "\x00" + text))
	return text + "." + hex.EncodeToString(m.Sum(nil)[:12])
}

// turnOf reads a token; it is the zero time where this program did not write it for the meeting.
func turnOf(secret, slug, token string) time.Time {
	at, rest, _ := strings.Cut(token, ".")
	nonce, _, ok := strings.Cut(rest, ".")
	us, err := strconv.ParseInt(at, 36, 64)
	if err != nil || !ok || len(token) > 100 {
		return time.Time{}
	}
	t := time.UnixMicro(us)
	if secret == "" || !hmac.Equal([]byte(signTurn(secret, slug, t, nonce)), []byte(token)) {
		return time.Time{}
	}
	return t
}

// turn is the place of who comes at a time with a turn that was given to them.
func (s *Setup) turn(token string, at, now time.Time) Turn {
	t := Turn{Token: token, At: at}
	if step := s.step(); at.After(now) && step > 0 {
		t.Ahead = int(at.Sub(now) / step)
	}
	return t
}
