package briefing

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Released makes an offer of a release, or lets the one that waits say more: whoever is told is told once of everything since the last time.
// Nothing is sent. It may be called twice, and out of order.
func (s *Service) Released(ctx context.Context, slug string, from, to int) error {
	if from < 1 {
		return nil // the first release tells nobody of a change
	}
	ctx = authz.System(ctx, "briefing")
	m, err := s.meeting(ctx, slug)
	if err != nil {
		return err
	}
	i, err := s.grow(ctx, m, from, to)
	if err != nil || i == nil {
		return err
	}
	changes, err := s.changes(ctx, m, i)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		now, err := oneItem(ctx, tx, m.Location(), `i.id = $1`, i.ID)
		if err != nil || now == nil || now.From != i.From || now.To != i.To {
			return err // another release came in between, and sees to it
		}
		if len(changes) == 0 && !now.Edited {
			now.State = Dropped // undone, or over
		} else if err := write(m, now); err != nil {
			return err
		}
		if _, err := saveItem(ctx, tx, now); err != nil {
			return err
		}
		return s.bump(ctx, tx, slug)
	})
}

// grow makes the offer, or widens the one that waits. nil: some briefing covers the releases already.
func (s *Service) grow(ctx context.Context, m *meeting, from, to int) (*Item, error) {
	var i *Item
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		i, err = oneItem(ctx, tx, m.Location(), `i.meeting_id = $1 AND i.kind = 'change' AND i.from_release <= $2 AND i.to_release >= $3`, m.ID, from, to)
		if err != nil || i != nil && i.State != Open {
			i = nil
			return err
		}
		if i != nil {
			return nil
		}
		if i, err = s.openOffer(ctx, tx, m); err != nil {
			return err
		}
		if i != nil {
			i.From, i.To = min(i.From, from), max(i.To, to)
			_, err = saveItem(ctx, tx, i)
			return err
		}
		i = &Item{
			Ref: newRef(), Meeting: m.ID, Kind: OfChange, From: from, To: to, State: Open, Decided: true, MadeAt: s.o.Now(), MadeBy: by(ctx),
			Audience: Audience{Duties: slices.Clone(duties)},
		}
		return addItem(ctx, tx, i)
	})
	return i, err
}

// openOffer is the offer that waits, or nil.
func (s *Service) openOffer(ctx context.Context, r db.Reader, m *meeting) (*Item, error) {
	return oneItem(ctx, r, m.Location(), `i.meeting_id = $1 AND i.kind = 'change' AND i.state = 'open'`, m.ID)
}

// write gives a briefing the text it has as long as nobody wrote another.
func write(m *meeting, i *Item) (err error) {
	if i.Edited {
		return nil
	}
	name := m.Name()
	what := "decided"
	if !i.Decided {
		what = "considered"
	}
	if i.Kind == Free {
		what = "free"
	}
	if i.Subject, err = say("briefing.default.subject_"+what, "meeting", name); err != nil {
		return err
	}
	i.Text, err = say("briefing.default.text_"+what, "meeting", name)
	return err
}

// Draft is what somebody writes into a briefing.
type Draft struct {
	Subject, Text i18n.Text
	Decided       bool
	Audience
}

// Bounds of what somebody writes, in characters.
const (
	maxSubject = 200
	maxText    = 10_000
	maxNote    = 1000
)

// check cleans a draft and says what is wrong with it.
func (d *Draft) check() error {
	d.Subject = d.Subject.Map(func(s string) string { return strings.Join(strings.Fields(s), " ") })
	d.Text = d.Text.Map(func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) })
	for _, l := range i18n.Langs {
		switch {
		case d.Subject.Exact(l) == "":
			return fault.New(fault.Invalid, "briefing.error.both").On("subject_" + string(l))
		case d.Text.Exact(l) == "":
			return fault.New(fault.Invalid, "briefing.error.both").On("text_" + string(l))
		case utf8.RuneCountInString(d.Subject.Exact(l)) > maxSubject:
			return fault.New(fault.Invalid, "briefing.error.long").With("max", maxSubject).On("subject_" + string(l))
		case utf8.RuneCountInString(d.Text.Exact(l)) > maxText:
			return fault.New(fault.Invalid, "briefing.error.long").With("max", maxText).On("text_" + string(l))
		}
	}
	d.Duties = slices.DeleteFunc(d.Duties, func(x Duty) bool { return !slices.Contains(duties, x) })
	d.Roles = slices.DeleteFunc(d.Roles, func(x event.RoleKey) bool { r := event.RoleOf(x); return r == nil || r.Scope != event.InMeeting })
	d.Teams = slices.DeleteFunc(d.Teams, func(x string) bool { return x == "" || strings.ContainsAny(x, " \t\n") })
	d.Sessions = slices.DeleteFunc(d.Sessions, func(x string) bool { return x == "" || strings.ContainsAny(x, " \t\n") })
	return nil
}

// Make begins a briefing that is about no release.
func (s *Service) Make(ctx context.Context, slug string) (ref string, err error) {
	m, err := s.open(ctx, slug)
	if err != nil {
		return "", err
	}
	i := &Item{Ref: newRef(), Meeting: m.ID, Kind: Free, State: Open, Decided: true, MadeAt: s.o.Now(), MadeBy: by(ctx)}
	i.Duties = []Duty{Speaker, Owner, Editor, MC, Streaming, RoomStaff, Member}
	if err := write(m, i); err != nil {
		return "", err
	}
	return i.Ref, s.db.Write(ctx, func(tx *db.Tx) error {
		if err := addItem(ctx, tx, i); err != nil {
			return err
		}
		return s.said(ctx, tx, slug, i, "briefing.made", nil)
	})
}

// Save stores what somebody wrote into a briefing that is open.
func (s *Service) Save(ctx context.Context, slug, ref string, d Draft) error {
	m, err := s.open(ctx, slug)
	if err != nil {
		return err
	}
	if err := d.check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		i, err := s.item(ctx, tx, m, ref)
		if err != nil {
			return err
		}
		was := *i
		i.Decided, i.Audience = d.Decided, d.Audience
		if i.Kind == OfChange {
			i.Roles, i.Teams, i.Sessions = nil, nil, nil
		}
		if d.Subject != was.Subject || d.Text != was.Text {
			i.Edited, i.Subject, i.Text = true, d.Subject, d.Text
		}
		if err := write(m, i); err != nil {
			return err
		}
		ok, err := saveItem(ctx, tx, i)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "briefing.error.not_open")
		}
		if err != nil {
			return err
		}
		return s.said(ctx, tx, slug, i, "briefing.edited", map[string]string{"decided": strconv.FormatBool(i.Decided), "duties": words(i.Duties)})
	})
}

// Drop says that nobody needs to be told.
func (s *Service) Drop(ctx context.Context, slug, ref string) error {
	m, err := s.open(ctx, slug)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		i, err := s.item(ctx, tx, m, ref)
		if err != nil || i.State == Dropped {
			return err
		}
		i.State = Dropped
		ok, err := saveItem(ctx, tx, i)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "briefing.error.not_open")
		}
		if err != nil {
			return err
		}
		return s.said(ctx, tx, slug, i, "briefing.dropped", nil)
	})
}
