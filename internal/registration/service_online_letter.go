package registration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/qr"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
	"github.com/tsudoi/tsudoi/internal/kit/spoken"
)

// KindDay is the kind of the letters of the day, as people's preferences name it.
const KindDay = "registration.day"

// dayData is what the letter of a day says.
type dayData struct {
	Name    i18n.Text
	Meeting i18n.Text
	Day     time.Time // midnight
	Words   i18n.Text // of the organiser
	Mode    Mode
	Watch   []watchLine
	Unpaid  bool // something of it leads nowhere before it is paid
	Venues  []i18n.Text
	Options []optionLine
	Ref     string
	Spoken  i18n.Text
	Link    string // to the entry
	LinkEN  string
	Page    string // the timetable
	PageEN  string
	Contact i18n.Text
}

// watchLine is a stream in the letter.
type watchLine struct {
	Title    i18n.Text
	Room     i18n.Text
	From     time.Time
	Until    time.Time
	Link     string
	LinkEN   string
	Passcode string
	Notes    i18n.Text
	Unpaid   bool
}

var dayLetter = mail.NewTemplate[dayData](Files, "mail/day", KindDay)

// lettersAtOnce bounds one transaction of letters.
const lettersAtOnce = 50

// DayLetters sends the letters of the day of every meeting that has one today, to those who were not sent theirs yet: at the time that the
// organiser set, and from then on to whoever comes to take part that day, until it ends.
func (s *Service) DayLetters(ctx context.Context) error {
	all, err := s.events.Meetings(ctx)
	if err != nil {
		return err
	}
	now := s.o.Now()
	ctx = authz.System(ctx, "registration.day")
	var errs []error
	for _, x := range all {
		today := event.DateOf(now.In(x.Location()))
		if x.Start != "" && (today < x.Start || x.End != "" && today > x.End) {
			continue
		}
		m, err := s.meeting(ctx, x.Slug)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if m.Open && slices.Contains(m.Days(), today) {
			errs = append(errs, s.lettersOf(ctx, m, today))
		}
	}
	return errors.Join(errs...)
}

// lettersOf sends the letters of a day that are due, in portions. What a portion sent stays sent, whatever becomes of the next.
func (s *Service) lettersOf(ctx context.Context, m *Meeting, day event.Date) error {
	o, err := s.online(ctx, m)
	if err != nil || !o.Letters || s.o.Now().Before(o.Due(day, m.Location())) {
		return err
	}
	secret, err := s.key(ctx)
	if err != nil {
		return err
	}
	last := EntryID(0)
	for {
		select {
		case <-job.Stopping(ctx):
			return nil // the next run goes on where this one was
		default:
		}
		ids, err := unsentLetters(ctx, s.db, m.ID, day, last, lettersAtOnce)
		if err != nil || len(ids) == 0 {
			return err
		}
		last = ids[len(ids)-1]
		list, err := s.everybody(ctx, s.db, m, `e.id IN (`+list(1, len(ids))+`)`, anys(ids)...)
		if err != nil {
			return err
		}
		if err := s.sendDay(ctx, o, list, day, secret); err != nil {
			return err
		}
	}
}

// sendDay sends a portion: everything or nothing of it.
func (s *Service) sendDay(ctx context.Context, o *Streaming, list []*Own, day event.Date, secret string) error {
	letters := make([]mail.Letter, len(list))
	for i, own := range list {
		if mail.CheckAddress(own.Address) != nil {
			continue // it never can be written to
		}
		var err error
		if letters[i], err = s.dayLetter(o, own, day, secret); err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		for i, own := range list {
			fresh, err := markLetter(ctx, tx, own.Entry, day, s.o.Now())
			if err != nil {
				return err
			}
			if !fresh || letters[i].Key == "" {
				continue
			}
			if err := s.o.Outbox.Send(ctx, tx, letters[i]); err != nil {
				return fmt.Errorf("send the letter of the day: %w", err)
			}
		}
		return nil
	})
}

// dayLetter writes the letter of a day to one person.
func (s *Service) dayLetter(o *Streaming, own *Own, day event.Date, secret string) (mail.Letter, error) {
	m, loc := o.m, o.m.Location()
	token := sign.Token(secret, entryPurpose, own.Ref, own.LinkNo)
	midnight := day.Time(loc)
	d := dayData{
		Name: own.Name, Meeting: m.Title, Day: midnight, Words: o.Words, Mode: own.On(day), Ref: own.Ref, Spoken: i18n.T(spoken.Say(own.Ref)), Contact: m.Contact,
		Link: m.site(s.o.Base, i18n.JA, "/entries/"+token), LinkEN: m.site(s.o.Base, i18n.EN, "/entries/"+token),
		Page: m.address(s.o.Base, i18n.JA, "/meetings/"+m.Slug+"/timetable"), PageEN: m.address(s.o.Base, i18n.EN, "/meetings/"+m.Slug+"/timetable"),
	}
	for _, w := range o.watchings(own, secret, day, s.o.Now()) {
		if w.State == JoinOver || !w.From.Before(midnight.AddDate(0, 0, 1)) || !midnight.Before(w.Until) {
			continue // of another day
		}
		d.Watch = append(d.Watch, watchLine{
			w.Title, w.Room, w.From, w.Until, m.site(s.o.Base, i18n.JA, w.Link), m.site(s.o.Base, i18n.EN, w.Link), w.Passcode, w.Notes, w.Unpaid,
		})
		d.Unpaid = d.Unpaid || w.Unpaid
	}
	if d.Mode == Onsite {
		d.Venues = venuesOf(m, day)
	}
	d.Options = optionsOn(m, own, day)
	l, err := dayLetter.Letter(mail.Address{Name: own.Name.In(own.Lang), Address: own.Address, Lang: own.Lang}, d)
	if err != nil {
		return l, err
	}
	l.Key, l.Until = "registration.day:"+own.Ref+":"+string(day), midnight.AddDate(0, 0, 1)
	l.Attachments = []mail.Attachment{{Name: m.Slug + ".ics", Type: "text/calendar; method=PUBLISH; charset=utf-8", Data: []byte(s.calendar(own))}}
	if d.Mode == Onsite {
		png, err := qr.PNG(s.ticket(own.Entry))
		if err != nil {
			return l, err
		}
		l.Attachments = append(l.Attachments, mail.Attachment{Name: "ticket.png", Type: "image/png", Data: png})
	}
	return l, nil
}

// venuesOf are the buildings of a meeting with their addresses, or else the place where it is on a day.
func venuesOf(m *Meeting, day event.Date) []i18n.Text {
	var out []i18n.Text
	for _, v := range m.Venues {
		in := func(l i18n.Lang) string { return strings.TrimSpace(v.Name.In(l) + " " + v.Address.In(l)) }
		out = append(out, i18n.T(in(i18n.JA), in(i18n.EN)))
	}
	if len(out) > 0 {
		return out
	}
	place := m.Place
	if p := m.PartOf(day); p != nil && !p.Place.IsZero() {
		place = p.Place
	}
	if place.IsZero() {
		return nil
	}
	return []i18n.Text{place}
}

// optionsOn are the options of somebody that are on a day, in the order of time.
func optionsOn(m *Meeting, own *Own, day event.Date) []optionLine {
	var out []optionLine
	for _, c := range own.Choices {
		option := m.Option(c.Option)
		if option == nil || c.State == Lost || c.State == GivenUp {
			continue
		}
		l := optionLine{Name: option.NameOf(c.Slot), State: c.State.Words()}
		if x := option.Slot(c.Slot); x != nil {
			l.When, l.Place = inZone(x.Starts, m.Location()), x.Place
		}
		if !l.When.IsZero() && event.DateOf(l.When) == day || l.When.IsZero() && option.Day == day {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b optionLine) int { return a.When.Compare(b.When) })
	return out
}

// keptOnline is how long after a meeting it is kept from which networks people joined, and what reports say of those whom nobody knows.
const keptOnline = 60 * 24 * time.Hour

// attendanceClosed reports that it is too late to take in reports: what they are compared with is forgotten.
func (m *Meeting) attendanceClosed(now time.Time) bool {
	last := m.last()
	return !last.IsZero() && now.After(last.Add(keptOnline))
}

// SweepOnline forgets what is needed only while reports come in.
func (s *Service) SweepOnline(ctx context.Context) error {
	all, err := s.events.Meetings(ctx)
	if err != nil {
		return err
	}
	for _, x := range all {
		m, err := s.meeting(ctx, x.Slug)
		if err != nil {
			return err
		}
		if len(m.Kinds) == 0 || !m.attendanceClosed(s.o.Now()) {
			continue
		}
		if err := s.db.Write(ctx, func(tx *db.Tx) error { return forgetJoins(ctx, tx, m.ID) }); err != nil {
			return fmt.Errorf("forget who joined %s: %w", x.Slug, err)
		}
	}
	return nil
}
