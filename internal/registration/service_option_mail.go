package registration

import (
	"context"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// optionData is what the letter about a choice says.
type optionData struct {
	What         string // waiting, offered, expired, won, lost, drawn_waiting, given_up, released, taken_away, given
	Name         i18n.Text
	Meeting      i18n.Text
	Option       i18n.Text
	When         time.Time
	Place        i18n.Text
	Companions   int
	Until        time.Time // of an offer
	Ahead        int
	Price        string
	Fee          int // percent
	Why          string
	Ticket       string
	Draw, DrawEN string
	Link, LinkEN string
	Page, PageEN string
}

var optionLetter = mail.NewTemplate[optionData](Files, "mail/option", KindEntry)

// still reports whether what a letter says is so: what happened meanwhile has a letter of its own.
func (c *Chosen) still(what string) bool {
	switch what {
	case "offered":
		return c.State == Held
	case "waiting", "drawn_waiting":
		return c.State == InLine
	case "won", "given":
		return c.State == Taken
	case "lost":
		return c.State == Lost
	}
	return c.State == GivenUp
}

// WriteChoice sends the letter about a change of a choice. It is sent once for each change, however often this runs.
func (s *Service) WriteChoice(ctx context.Context, ev ChoiceChanged) error {
	m, err := s.meeting(ctx, ev.Slug)
	if err != nil {
		return err
	}
	list, err := choicesOf(ctx, s.db, m.Location(), `c.ref = $1`, ev.Ref)
	if err != nil || len(list) == 0 || !list[0].still(ev.What) {
		return err
	}
	c := list[0]
	e, err := oneEntry(ctx, s.db, m.Location(), `e.id = $1`, c.Entry)
	if err != nil || e == nil || e.Address == "" {
		return err
	}
	o := m.Option(c.Option)
	if o == nil {
		return nil
	}
	d, err := s.optionData(ctx, m, o, e, c, ev)
	if err != nil {
		return err
	}
	l, err := optionLetter.Letter(mail.Address{Name: e.Name.In(e.Lang), Address: e.Address, Lang: e.Lang}, d)
	if err != nil {
		return job.GiveUp(err)
	}
	l.Key = "registration:" + c.Ref + ":" + ev.What + ":" + strconv.FormatInt(ev.At, 10)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		return s.o.Outbox.Send(ctx, tx, l)
	})
}

// optionData puts together what the letter about a choice says.
func (s *Service) optionData(ctx context.Context, m *Meeting, o *Option, e *Entry, c *Chosen, ev ChoiceChanged) (optionData, error) {
	token, err := s.Token(ctx, e)
	if err != nil {
		return optionData{}, err
	}
	d := optionData{
		What: ev.What, Name: e.Name, Meeting: m.Title, Option: o.NameOf(c.Slot), Companions: c.Companions, Until: c.OfferedUntil, Why: ev.Why, Fee: c.Kept,
		Link: m.site(s.o.Base, i18n.JA, "/entries/"+token+"/options"), LinkEN: m.site(s.o.Base, i18n.EN, "/entries/"+token+"/options"),
		Page: m.address(s.o.Base, i18n.JA, "/meetings/"+m.Slug), PageEN: m.address(s.o.Base, i18n.EN, "/meetings/"+m.Slug),
	}
	if x := o.Slot(c.Slot); x != nil {
		d.When, d.Place = inZone(x.Starts, m.Location()), x.Place
	}
	if !o.Free() && c.State != GivenUp && c.State != Lost {
		at := c.PricedAt
		if c.State == Held || c.State == InLine {
			at = s.o.Now()
		}
		d.Price = i18n.Number(float64(o.At(at) * int64(c.Heads())))
	}
	if o.Rule == Lottery && (ev.What == "won" || ev.What == "lost" || ev.What == "drawn_waiting") {
		at := "/meetings/" + m.Slug + "/registration/draws/" + o.Key
		d.Ticket, d.Draw, d.DrawEN = m.ticketOf(c), m.address(s.o.Base, i18n.JA, at), m.address(s.o.Base, i18n.EN, at)
	}
	if c.State == InLine {
		ahead, err := aheadOf(ctx, s.db, e.ID)
		if err != nil {
			return d, err
		}
		d.Ahead = ahead[c.ID]
	}
	return d, nil
}
