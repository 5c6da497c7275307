package person

import (
	"context"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// codeData is what the letter with a code says.
type codeData struct {
	Code, Link, Site string
	Purpose          string // of the code: sign-in, address, step-up, merge
	Minutes          int
}

// securityData is what the letter about a change of an account says.
type securityData struct {
	What   string // passkey_added and so on; the template has a sentence for each
	Detail string
	Link   string
	Site   string
}

var (
	codeLetter     = mail.NewTemplate[codeData](Files, "mail/code", "person.code")
	securityLetter = mail.NewTemplate[securityData](Files, "mail/security", "person.security")
)

// Letters are the letters of this feature, for the test that checks their templates.
func Letters() []mail.Checked { return []mail.Checked{codeLetter, securityLetter} }

// sendCodeLetter sends a code to the address that it was asked for.
func (s *Service) sendCodeLetter(ctx context.Context, tx *db.Tx, a *Ask, to, ref, secret, link string, until time.Time) error {
	l, err := codeLetter.Letter(mail.Address{Address: to, Lang: a.Lang}, codeData{
		Code: secret[:4] + " " + secret[4:], Link: link, Site: a.Base, Purpose: a.Purpose, Minutes: int(codeLife.Minutes()),
	})
	if err != nil {
		return err
	}
	l.Key, l.Until, l.Urgent, l.Secret = "code:"+ref, until, true, true
	return s.o.Outbox.Send(ctx, tx, l)
}

// warn tells a person of a change of what signs them in, at their main address and the others named: if it was not them, they know.
func (s *Service) warn(ctx context.Context, tx *db.Tx, id ID, what, detail string, also ...mail.Address) error {
	all, err := recipients(ctx, tx, []ID{id}, Kind{Key: "person.security", Necessary: true})
	if err != nil {
		return err
	}
	if to, ok := all[id]; ok {
		also = slices.DeleteFunc(also, func(a mail.Address) bool { return a.Address == to.Address })
		also = append(also, to)
	}
	for _, to := range also {
		l, err := securityLetter.Letter(to, securityData{What: what, Detail: detail, Link: s.o.Base + "/me", Site: s.o.Base})
		if err != nil {
			return err
		}
		if err := s.o.Outbox.Send(ctx, tx, l); err != nil {
			return err
		}
	}
	return nil
}
