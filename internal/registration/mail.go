package registration

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/qr"
	"github.com/tsudoi/tsudoi/internal/kit/spoken"
)

// KindEntry is the kind of the letters about one's own entry, as people's preferences name it.
const KindEntry = "registration.entry"

// letterData is what the letter about an entry says.
type letterData struct {
	What     string // entered, waiting, offered, changed, cancelled, again
	Name     i18n.Text
	Meeting  i18n.Text
	When     i18n.Text
	Place    i18n.Text
	Kind     i18n.Text
	Days     []dayLine
	Options  []optionLine
	Link     string // to the entry
	LinkEN   string
	Page     string // of the meeting
	PageEN   string
	Pay      string // where to pay; empty: nothing to pay
	PayEN    string
	Owed     string
	Ref      string
	Spoken   i18n.Text // the ref as words
	Unproven bool
	Until    time.Time // of an offer, or until when an unproven entry is kept
	Cancel   time.Time // until when one may cancel by oneself
}

type dayLine struct {
	Day  time.Time
	Mode i18n.Text
}

type optionLine struct {
	Name  i18n.Text
	When  time.Time
	Place i18n.Text
	State i18n.Text
}

var entryLetter = mail.NewTemplate[letterData](Files, "mail/entry", KindEntry)

// Letters are the letters of this feature, for the test that checks their templates.
func Letters() []mail.Checked {
	return []mail.Checked{entryLetter, codeLetter, groupLetter, handoverLetter, dayLetter, optionLetter}
}

var modeWords = map[Mode]i18n.Text{Onsite: i18n.T("現地", "on site"), Online: i18n.T("オンライン", "online")}

var choiceWords = map[ChoiceState]i18n.Text{
	Asked: i18n.T("抽選待ち", "in the lottery"), InLine: i18n.T("キャンセル待ち", "on the waiting list"), Held: i18n.T("お席をご用意（確定待ち）", "a place is kept for you"),
	Taken: i18n.T("確定", "confirmed"), Lost: i18n.T("落選", "no place"),
}

// Words is the state of a choice as people read it; empty where nobody is told of it.
func (s ChoiceState) Words() i18n.Text { return choiceWords[s] }

// ticket is what the QR code of an entry holds: an address whose parameter p is the ref, which desks read.
func (s *Service) ticket(e *Entry) string { return s.o.Base + "/q?p=" + e.Ref }

// letterAbout writes the letter about an entry with its calendar file and its QR code.
func (s *Service) letterAbout(o *Own, what, token string) (mail.Letter, error) {
	m := o.m
	d := letterData{What: what, Name: o.Name, Meeting: m.Title, When: i18n.T(m.When(i18n.JA), m.When(i18n.EN)), Place: m.Place, Ref: o.Ref,
		Link: m.site(s.o.Base, i18n.JA, "/entries/"+token), LinkEN: m.site(s.o.Base, i18n.EN, "/entries/"+token),
		Page: m.address(s.o.Base, i18n.JA, "/meetings/"+m.Slug), PageEN: m.address(s.o.Base, i18n.EN, "/meetings/"+m.Slug),
		Unproven: o.ProvedAt.IsZero() && o.Active(), Until: o.OfferedUntil, Cancel: o.Cancel,
	}
	d.Spoken = i18n.T(spoken.Say(o.Ref))
	if k := m.Kind(o.Kind); k != nil {
		d.Kind = k.Name
	}
	if d.Unproven {
		d.Until = o.MadeAt.Add(m.proveWithin())
	}
	for _, x := range o.Days {
		d.Days = append(d.Days, dayLine{x.Date.Time(m.Location()), modeWords[x.Mode]})
	}
	for _, c := range o.Choices {
		if option := m.Option(c.Option); option != nil {
			l := optionLine{Name: option.NameOf(c.Slot), State: c.State.Words()}
			if x := option.Slot(c.Slot); x != nil {
				l.When, l.Place = x.Starts.In(m.Location()), x.Place
			}
			d.Options = append(d.Options, l)
		}
	}
	if left := o.Paid.Owed - o.Paid.Paid; left > 0 && o.Paid.Path != "" {
		d.Pay, d.PayEN, d.Owed = m.site(s.o.Base, i18n.JA, o.Paid.Path), m.site(s.o.Base, i18n.EN, o.Paid.Path), i18n.Number(float64(left))
	}
	l, err := entryLetter.Letter(mail.Address{Name: o.Name.In(o.Lang), Address: o.Address, Lang: o.Lang}, d)
	if err != nil || what == "cancelled" || !o.State.Holds() {
		return l, err
	}
	png, err := qr.PNG(s.ticket(o.Entry))
	if err != nil {
		return l, err
	}
	l.Attachments = []mail.Attachment{
		{Name: m.Slug + ".ics", Type: "text/calendar; method=PUBLISH; charset=utf-8", Data: []byte(s.calendar(o))},
		{Name: "ticket.png", Type: "image/png", Data: png},
	}
	return l, nil
}

// calendar are the days and options of an entry as iCalendar (RFC 5545). A later version of the entry has a higher SEQUENCE.
func (s *Service) calendar(o *Own) string {
	m := o.m
	c := ical.NewCalendarFor("Tsudoi")
	c.SetMethod(ical.MethodPublish)
	stamp := o.ChangedAt
	at := func(id string) *ical.VEvent {
		v := c.AddEvent(strings.ToLower(o.Ref) + "-" + id + "@tsudoi")
		v.SetDtStampTime(stamp)
		v.SetSequence(o.Version)
		v.SetURL(m.address(s.o.Base, o.Lang, "/meetings/"+m.Slug))
		return v
	}
	for _, d := range o.Days {
		v := at(string(d.Date))
		v.SetAllDayStartAt(d.Date.Time(time.UTC))
		v.SetAllDayEndAt(d.Date.Time(time.UTC).AddDate(0, 0, 1))
		v.SetSummary(m.Title.In(o.Lang) + " (" + modeWords[d.Mode].In(o.Lang) + ")")
		if d.Mode == Onsite {
			v.SetLocation(m.Place.In(o.Lang))
		}
	}
	for _, x := range o.Choices {
		option := m.Option(x.Option)
		if option == nil || !x.State.Holds() {
			continue
		}
		slot := option.Slot(x.Slot)
		if slot == nil || slot.Starts.IsZero() {
			continue
		}
		v := at(x.Option + "-" + x.Slot)
		v.SetStartAt(slot.Starts)
		if !slot.Ends.IsZero() {
			v.SetEndAt(slot.Ends)
		}
		v.SetSummary(option.NameOf(x.Slot).In(o.Lang))
		v.SetLocation(slot.Place.In(o.Lang))
	}
	return c.Serialize()
}

// defaultProof is how long an unproven entry is kept where nobody said.
const defaultProof = 24 * time.Hour

func (s *Setup) proveWithin() time.Duration {
	if s.ProveHours > 0 {
		return time.Duration(s.ProveHours) * time.Hour
	}
	return defaultProof
}

// Write sends the letter about a change of an entry. It is sent once for each change, however often this runs.
func (s *Service) Write(ctx context.Context, ev EntryChanged) error {
	e, err := oneEntry(ctx, s.db, time.UTC, `e.ref = $1`, ev.Ref)
	if err != nil || e == nil || e.Address == "" {
		return err
	}
	m, err := s.meeting(ctx, ev.Slug)
	if err != nil {
		return fmt.Errorf("write about an entry: %w", err)
	}
	what := ev.What
	switch {
	case what == "again" && !e.Active(), e.State == Invited && what != "again":
		return nil // of who has still to confirm, their invitation says all
	case what != "cancelled" && !e.Active():
		return nil // the letter about the cancellation says what is so now
	}
	o, err := s.own(ctx, m, e.in(m.Location()))
	if err != nil {
		return err
	}
	token, err := s.Token(ctx, e)
	if err != nil {
		return err
	}
	l, err := s.letterAbout(o, what, token)
	if err != nil {
		return job.GiveUp(err)
	}
	l.Key = "registration:" + e.Ref + ":" + what + ":" + strconv.Itoa(ev.No)
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.o.Outbox.Send(ctx, tx, l) })
}

// in gives the times of an entry in a zone.
func (e *Entry) in(loc *time.Location) *Entry {
	for _, t := range []*time.Time{&e.MadeAt, &e.ProvedAt, &e.PricedAt, &e.ChangedAt, &e.OfferedUntil, &e.CancelledAt} {
		if !t.IsZero() {
			*t = t.In(loc)
		}
	}
	return e
}
