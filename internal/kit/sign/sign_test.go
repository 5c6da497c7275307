package sign

import "testing"

const ref = "0123456789ABCDEFGHJKMNPQRS"

// A token is good for what it was written for alone: another secret, purpose, thing or number, or a changed letter, make it worthless.
func TestGood(t *testing.T) {
	secret := NewSecret()
	token := Token(secret, "order", ref, 1)
	if Ref(token) != ref || !Good(token, secret, "order", ref, 1) {
		t.Fatalf("%s is not good for what it was written for", token)
	}
	for name, good := range map[string]bool{
		"another secret": Good(token, NewSecret(), "order", ref, 1), "another purpose": Good(token, secret, "entry", ref, 1),
		"another thing": Good(token, secret, "order", "1"+ref[1:], 1), "a later number": Good(token, secret, "order", ref, 2),
		"a shorter one": Good(token[:len(token)-1], secret, "order", ref, 1), "a longer one": Good(token+"0", secret, "order", ref, 1),
		"no secret":                       Good(Token("", "order", ref, 1), "", "order", ref, 1),
		"a purpose that runs into the id": Good(Token(secret, "order\x00"+ref[:1], ref[1:], 1), secret, "order", ref, 1),
	} {
		if good {
			t.Errorf("good with %s", name)
		}
	}
}

// What does not begin with a public id is about nothing.
func TestRef(t *testing.T) {
	for _, token := range []string{"", "-", ref, ref[1:] + "-0", ref + "0-0", "-" + ref} {
		if got := Ref(token); got != "" {
			t.Errorf("%q is about %q", token, got)
		}
	}
}
