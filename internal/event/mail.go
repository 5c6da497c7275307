package event

import (
	"context"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// KindInvitation is the kind of letters that invite somebody to a role.
const KindInvitation = "event.invitation"

// Outbox is what this feature asks of the one that sends letters.
type Outbox interface {
	// Send puts a letter into the outbox, in the transaction of its reason.
	Send(ctx context.Context, tx *db.Tx, l mail.Letter) error
}

// invitationLetterData is what the letter of an invitation says.
type invitationLetterData struct {
	Group   i18n.Text
	Giver   i18n.Text // who invites; empty where it is the program
	Meeting i18n.Text // empty: a role of the group
	What    i18n.Text
	Note    string
	Link    string
	Days    int
}

var invitationLetter = mail.NewTemplate[invitationLetterData](Files, "mail/invitation", KindInvitation)

// Letters are the letters of this feature, for the test that checks their templates.
func Letters() []mail.Checked { return []mail.Checked{invitationLetter} }

// lettersADay is how many invitations one person may have sent by mail in a day: a committee is not larger.
const lettersADay = 100

// mailInvitation sends an invitation to the address that it is for.
func (s *Service) mailInvitation(ctx context.Context, tx *db.Tx, v Invitation, token string) error {
	now := s.o.Now()
	n, err := countMailed(ctx, tx, v.maker, now.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	if n > lettersADay {
		return fault.New(fault.TooMany, "event.error.letters").With("most", lettersADay).On("address")
	}
	d := invitationLetterData{
		Note: v.Note, Link: s.o.Base + "/invitations/" + token, Days: int(v.Expires.Sub(now).Hours()/24 + .5), Giver: authz.Who(ctx).Name,
	}
	groups, _, err := readRows[Group](ctx, tx, "event_group", 0)
	if err != nil {
		return err
	}
	d.Group = defaultGroup().Name
	if len(groups) > 0 {
		d.Group = groups[0].Name
	}
	to := mail.Address{Address: v.Address}
	if v.Slug != "" {
		m, err := s.Load(ctx, tx, v.Slug)
		if err != nil {
			return err
		}
		d.Meeting, to.Lang = m.Title, m.DefaultLang()
	}
	if role := RoleOf(v.Role); role != nil {
		d.What = role.Name
	}
	if v.Team != 0 {
		teams, err := readTeams(ctx, tx, v.meeting)
		if err != nil {
			return err
		}
		d.What = offered("", v.Team, teams)
	}
	l, err := invitationLetter.Letter(to, d)
	if err != nil {
		return err
	}
	l.Key, l.Until, l.Secret = "invitation:"+strings.ToLower(v.Ref), v.Expires, true
	return s.o.Outbox.Send(ctx, tx, l)
}
