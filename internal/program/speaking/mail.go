package speaking

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/program"
)

// KindInvitation is the kind of the letter that invites a speaker. Nobody has an account yet to decline it with.
const KindInvitation = "program.invitation"

// inviteData is what the letter says.
type inviteData struct {
	Meeting, Name i18n.Text
	Talks         []i18n.Text
	Link          string
	Days          int
}

var inviteLetter = mail.NewTemplate[inviteData](Files, "mail/invite", KindInvitation)

// Letters are the letters of this package, for the test that checks their templates.
func Letters() []mail.Checked { return []mail.Checked{inviteLetter} }

// Outbox takes letters.
type Outbox interface {
	Send(ctx context.Context, tx *db.Tx, l mail.Letter) error
}

// write puts the letter that invites a speaker into the outbox.
func (h *Web) write(ctx context.Context, tx *db.Tx, p *program.Programme, who *program.Person, address, ref, link string) error {
	d := inviteData{Meeting: p.Meeting.Title, Name: who.Name, Link: link, Days: invitedFor}
	for _, it := range who.Items {
		d.Talks = append(d.Talks, it.Title)
	}
	l, err := inviteLetter.Letter(mail.Address{Address: address, Lang: p.Meeting.DefaultLang()}, d)
	if err != nil {
		return err
	}
	l.Key, l.Until = "invitation:"+ref, h.speaking.Now().AddDate(0, 0, invitedFor)
	l.Secret = true // the link is a key
	return h.outbox.Send(ctx, tx, l)
}
