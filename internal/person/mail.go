package person

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// codeData is what the letter with a code says.
type codeData struct {
	Code, Link, Site string
	Minutes          int
}

var codeLetter = mail.NewTemplate[codeData](Files, "mail/code", "person.code")

// Letters are the letters of this feature, for the test that checks their templates.
func Letters() []mail.Checked { return []mail.Checked{codeLetter} }

// sendCodeLetter sends a code to the address that it was asked for.
func (s *Service) sendCodeLetter(ctx context.Context, tx *db.Tx, a *Ask, to, ref, secret, link string, until time.Time) error {
	l, err := codeLetter.Letter(mail.Address{Address: to, Lang: a.Lang}, codeData{
		Code: secret[:4] + " " + secret[4:], Link: link, Site: a.Base, Minutes: int(codeLife.Minutes()),
	})
	if err != nil {
		return err
	}
	l.Key, l.Until, l.Urgent, l.Secret = "code:"+ref, until, true, true
	return s.o.Outbox.Send(ctx, tx, l)
}
