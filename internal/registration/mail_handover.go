package registration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// HandoverLetter says that the giver or the receiver of a place is to be written to.
type HandoverLetter struct {
	Slug string `json:"slug"`
	Ref  string `json:"ref"`  // of the handover
	What string `json:"what"` // offered, withdrawn: to the receiver; made, accepted, declined, lapsed: to the giver
}

// JobName implements job.Event.
func (HandoverLetter) JobName() string { return "registration.handover_letter" }

// handoverData is what a letter about a handover says.
type handoverData struct {
	What         string
	Name         i18n.Text // of who reads it
	Meeting      i18n.Text
	When, Place  i18n.Text
	Giver        i18n.Text // offered
	Receiver     string    // as the giver typed it
	Link, LinkEN string
	Until        time.Time
	Page, PageEN string
}

var handoverLetter = mail.NewTemplate[handoverData](Files, "mail/handover", KindEntry)

// WriteHandover sends a letter about a handover. The giver reads of the receiver what they typed themselves, and the receiver of the giver
// their name.
func (s *Service) WriteHandover(ctx context.Context, ev HandoverLetter) error {
	m, err := s.meeting(ctx, ev.Slug)
	if err != nil {
		return fmt.Errorf("write about a handover: %w", err)
	}
	h, err := oneHandover(ctx, s.db, m.Location(), `h.ref = $1 AND h.meeting_id = $2`, ev.Ref, m.ID)
	if err != nil || h == nil {
		return err
	}
	d := handoverData{What: ev.What, Meeting: m.Title, When: i18n.T(m.When(i18n.JA), m.When(i18n.EN)), Place: m.Place, Giver: h.From.Name, Receiver: h.ToName, Until: h.Until,
		Page: m.address(s.o.Base, i18n.JA, "/meetings/"+m.Slug), PageEN: m.address(s.o.Base, i18n.EN, "/meetings/"+m.Slug)}
	to := mail.Address{Name: h.From.Name.In(h.From.Lang), Address: h.From.Address, Lang: h.From.Lang}
	d.Name = h.From.Name
	if ev.What == "offered" || ev.What == "withdrawn" {
		to, d.Name = mail.Address{Name: h.ToName, Address: h.To, Lang: h.From.Lang}, i18n.T(h.ToName, h.ToName)
		token, err := s.HandoverToken(ctx, h)
		if err != nil {
			return err
		}
		d.Link, d.LinkEN = m.site(s.o.Base, i18n.JA, "/handovers/"+token), m.site(s.o.Base, i18n.EN, "/handovers/"+token)
	}
	if to.Address == "" || ev.What == "offered" && h.State != HandoverOpen {
		return nil
	}
	l, err := handoverLetter.Letter(to, d)
	if err != nil {
		return job.GiveUp(err)
	}
	l.Key = "registration:handover:" + h.Ref + ":" + ev.What
	return s.db.Write(ctx, func(tx *db.Tx) error {
		return errors.Join(s.o.Outbox.Send(ctx, tx, l), job.Complete(ctx, tx))
	})
}
