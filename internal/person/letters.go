package person

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Kind is a kind of letters, as people choose which they get. Its words are "letter." and the key, and "letter.about." and the key.
type Kind struct {
	Key string // as in mail.Letter.Kind: "briefing.moved"
	// Necessary letters cannot be declined: without them what somebody asked for does not work (codes, receipts).
	Necessary bool
}

// Choice is a kind of letters with what somebody said about it.
type Choice struct {
	Kind
	Wanted bool
}

// unsubscribeToken names a person and a kind of letters, signed, so that the link in a letter works without signing in (RFC 8058, section
// 3.1: the address holds what is needed to find the list and the person, and cannot be guessed).
func unsubscribeToken(key, ref, kind string) string {
	body := base64.RawURLEncoding.EncodeToString([]byte(ref + " " + kind))
	return body + "." + signature(key, ref, kind)
}

func signature(key, ref, kind string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte("unsubscribe\x00" + ref + "\x00" + kind))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:18])
}

// readUnsubscribe reads a token that this installation signed.
func readUnsubscribe(key, token string) (ref, kind string, ok bool) {
	body, sign, _ := strings.Cut(token, ".")
	b, err := base64.RawURLEncoding.Strict().DecodeString(body)
	ref, kind, found := strings.Cut(string(b), " ")
	if err != nil || !found || key == "" || !hmac.Equal([]byte(sign), []byte(signature(key, ref, kind))) {
		return "", "", false
	}
	return ref, kind, true
}
