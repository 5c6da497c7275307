package registration

import (
	"cmp"
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

// GroupLetter says that the owner of a group, or a colleague, is to be written to.
type GroupLetter struct {
	Slug string    `json:"slug"`
	Ref  string    `json:"ref"`  // of the group for "owner", else of the entry
	What string    `json:"what"` // owner, invited, reminded, swapped
	No   int64     `json:"no"`   // when it was asked for
	To   string    `json:"to,omitempty"`
	Lang i18n.Lang `json:"lang,omitempty"`
}

// JobName implements job.Event.
func (GroupLetter) JobName() string { return "registration.group_letter" }

// groupData is what a letter about a group says.
type groupData struct {
	What         string // owner, invited, reminded, swapped, twin
	Name         i18n.Text
	Meeting      i18n.Text
	When, Place  i18n.Text
	Kind         i18n.Text
	Days         []dayLine
	By, ByOrg    i18n.Text // who registers
	Link, LinkEN string
	Until        time.Time
	Page, PageEN string
}

var groupLetter = mail.NewTemplate[groupData](Files, "mail/group", KindEntry)

// WriteGroup sends a letter about a group. It is sent once for each time it was asked for.
func (s *Service) WriteGroup(ctx context.Context, ev GroupLetter) error {
	m, err := s.meeting(ctx, ev.Slug)
	if err != nil {
		return fmt.Errorf("write about a group: %w", err)
	}
	d := groupData{What: ev.What, Meeting: m.Title, When: i18n.T(m.When(i18n.JA), m.When(i18n.EN)), Place: m.Place,
		Page: m.address(s.o.Base, i18n.JA, "/meetings/"+m.Slug), PageEN: m.address(s.o.Base, i18n.EN, "/meetings/"+m.Slug)}
	var to mail.Address
	if ev.What == "owner" {
		to, err = s.toOwner(ctx, m, ev, &d)
	} else {
		to, err = s.toColleague(ctx, m, ev, &d)
	}
	if err != nil || to.Address == "" {
		return err
	}
	l, err := groupLetter.Letter(to, d)
	if err != nil {
		return job.GiveUp(err)
	}
	l.Key = "registration:group:" + ev.Ref + ":" + ev.What + ":" + strconv.FormatInt(ev.No, 10) + ":" + foldedAddress(to.Address)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		return errors.Join(s.o.Outbox.Send(ctx, tx, l), job.Complete(ctx, tx))
	})
}

func (s *Service) toOwner(ctx context.Context, m *Meeting, ev GroupLetter, d *groupData) (to mail.Address, err error) {
	g, err := oneGroup(ctx, s.db, m.Location(), `g.ref = $1 AND g.meeting_id = $2`, ev.Ref, m.ID)
	if err != nil || g == nil {
		return to, err
	}
	token, err := s.GroupToken(ctx, g)
	d.Name, d.Link, d.LinkEN = g.Name, m.site(s.o.Base, i18n.JA, "/groups/"+token), m.site(s.o.Base, i18n.EN, "/groups/"+token)
	return mail.Address{Name: g.Name.In(g.Lang), Address: g.Address, Lang: g.Lang}, err
}

// toColleague writes to who is invited, or to who was before them. One who did something meanwhile is not reminded.
func (s *Service) toColleague(ctx context.Context, m *Meeting, ev GroupLetter, d *groupData) (to mail.Address, err error) {
	e, err := oneEntry(ctx, s.db, m.Location(), `e.ref = $1 AND e.meeting_id = $2`, ev.Ref, m.ID)
	if err != nil || e == nil {
		return to, err
	}
	g, err := oneGroup(ctx, s.db, m.Location(), `g.ref = $1`, e.Group)
	if err != nil || g == nil {
		return to, err
	}
	d.By, d.ByOrg = g.Name, g.Organisation
	if ev.What == "swapped" { // nothing of who has the place now
		return mail.Address{Address: ev.To, Lang: ev.Lang}, nil
	}
	if e.State != Invited {
		return to, nil
	}
	if e.Folded == "" {
		d.What = "twin"
	}
	if k := m.Kind(e.Kind); k != nil {
		d.Kind = k.Name
	}
	for _, x := range e.Days {
		d.Days = append(d.Days, dayLine{x.Date.Time(m.Location()), modeWords[x.Mode]})
	}
	token, err := s.Token(ctx, e)
	d.Name, d.Until = e.Name, e.OfferedUntil
	d.Link, d.LinkEN = m.site(s.o.Base, i18n.JA, "/entries/"+token+"/confirm"), m.site(s.o.Base, i18n.EN, "/entries/"+token+"/confirm")
	return mail.Address{Name: e.Name.In(cmp.Or(e.Lang, i18n.JA)), Address: e.Address, Lang: e.Lang}, err
}
