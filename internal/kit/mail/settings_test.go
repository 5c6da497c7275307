package mail_test

import (
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/mail/mailtest"
)

func TestNameOfTheProgramBeforeTheServer(t *testing.T) {
	for public, want := range map[string]string{
		"https://meeting.example.org": "meeting.example.org", "http://192.0.2.1:8080": "[192.0.2.1]", "http://[2001:db8::1]": "[IPv6:2001:db8::1]", "": "localhost",
	} {
		o := mail.FromSettings(&config.Settings{PublicURL: public, Listen: "localhost:8080"})
		if o.Server.Hello != want {
			t.Errorf("%s: %q, want %q", public, o.Server.Hello, want)
		}
		o.Server.Address, o.Server.TLS = mailtest.Start(t, mailtest.Options{}).Address, mail.Off
		if err := o.Server.Probe(t.Context()); err != nil {
			t.Errorf("%s: %v", public, err)
		}
	}
}
