package registration

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// CodeLetter says that a code is to be sent to its contact, or to who is invited.
type CodeLetter struct {
	Slug string `json:"slug"`
	Ref  string `json:"ref"`
	What string `json:"what"` // invitation, contact
	No   int    `json:"no"`   // the version of the code
}

// JobName implements job.Event.
func (CodeLetter) JobName() string { return "registration.code_letter" }

// codeData is what a letter with a code says.
type codeData struct {
	What           string
	Name           string
	Meeting        i18n.Text
	When, Place    i18n.Text
	Kind           i18n.Text
	Code           string
	Uses           int
	Ends           time.Time
	Link, LinkEN   string // to the form
	Page, PageEN   string // of the code: who used it
	About, AboutEN string // the page of the meeting
}

var codeLetter = mail.NewTemplate[codeData](Files, "mail/code", KindEntry)

// WriteCode sends a letter with a code. It is sent once for each time it was asked for.
func (s *Service) WriteCode(ctx context.Context, ev CodeLetter) error {
	m, err := s.meeting(ctx, ev.Slug)
	if err != nil {
		return fmt.Errorf("write a letter with a code: %w", err)
	}
	c, err := oneCode(ctx, s.db, m.Location(), `c.meeting_id = $1 AND c.ref = $2`, m.ID, ev.Ref)
	if err != nil || c == nil || c.Address == "" || c.Off {
		return err
	}
	token, err := s.CodeToken(ctx, c)
	if err != nil {
		return err
	}
	d := codeData{What: ev.What, Name: c.Name, Meeting: m.Title, When: i18n.T(m.When(i18n.JA), m.When(i18n.EN)), Place: m.Place, Code: c.Words(), Uses: c.Uses, Ends: c.Ends,
		Link: s.codeLink(m, c, i18n.JA), LinkEN: s.codeLink(m, c, i18n.EN),
		Page: m.site(s.o.Base, i18n.JA, "/codes/"+token), PageEN: m.site(s.o.Base, i18n.EN, "/codes/"+token),
		About: m.address(s.o.Base, i18n.JA, "/meetings/"+m.Slug), AboutEN: m.address(s.o.Base, i18n.EN, "/meetings/"+m.Slug)}
	if k := m.Kind(c.Kind); k != nil {
		d.Kind = k.Name
	}
	l, err := codeLetter.Letter(mail.Address{Name: c.Name, Address: c.Address, Lang: c.Lang}, d)
	if err != nil {
		return job.GiveUp(err)
	}
	l.Key = "registration:code:" + c.Ref + ":" + ev.What + ":" + strconv.Itoa(ev.No)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		return errors.Join(s.o.Outbox.Send(ctx, tx, l), job.Complete(ctx, tx))
	})
}
