package program

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Retiming is how a plan is carried out.
type Retiming struct {
	Source string    // who did it, kept with the release
	Name   string    // of the release, or empty
	At     time.Time // when the release counts as made; zero is now
	Base   int       // the release on which the plan was made; zero is the newest one as the call begins
	DryRun bool      // say what would happen, and change nothing
}

// Retime carries out a plan and releases the result, all of it or nothing. A plan made on a release that is no longer the newest is a
// conflict: nobody moves by 20 minutes what somebody else has just moved by 20 minutes.
func (s *Service) Retime(ctx context.Context, slug string, p Plan, o Retiming) (*Preview, Report, error) {
	if o.At.IsZero() {
		o.At = s.now()
	}
	m, err := s.events.Meeting(ctx, slug)
	if err != nil {
		return nil, Report{}, err
	}
	if o.Base == 0 {
		if o.Base, err = newest(ctx, s.db, m); err != nil {
			return nil, Report{}, err
		}
	}
	var done *retimed
	if o.DryRun {
		err = s.db.Read(ctx, func(r db.Reader) (err error) {
			done, err = s.plan(ctx, r, slug, &p, o.Base)
			return err
		})
	} else {
		err = s.db.Write(ctx, func(tx *db.Tx) (err error) {
			done, err = s.retime(ctx, tx, slug, &p, &o)
			return err
		})
	}
	if err != nil {
		return nil, Report{}, err
	}
	return done.preview, done.report, nil
}

// newest is the number of the newest release of a meeting, 0 where there is none.
func newest(ctx context.Context, r db.Reader, m *event.Stored) (int, error) {
	list, err := listReleases(ctx, r, m, 1)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].Number, nil
}

// retimed is a meeting with a plan applied to its draft.
type retimed struct {
	meeting       *event.Stored
	before, after *interchange.Document
	preview       *Preview
	report        Report
}

// retime carries a plan out within a transaction. On PostgreSQL others may commit between two of its statements: the number of the release
// then tells that they did.
func (s *Service) retime(ctx context.Context, tx *db.Tx, slug string, p *Plan, o *Retiming) (*retimed, error) {
	if err := errors.Join(s.events.Lock(ctx, tx), s.takeDraft(ctx, tx, slug)); err != nil {
		return nil, err
	}
	d, err := s.plan(ctx, tx, slug, p, o.Base)
	if err != nil {
		return nil, err
	}
	keepOrder(d.before, d.after)
	if err := saveDraft(ctx, tx, d.meeting.ID, d.before, d.after); err != nil {
		return nil, err
	}
	d.report.Release, err = s.releaseMoves(ctx, tx, d.meeting, Release{Name: o.Name, At: o.At, Source: o.Source}, d.before, d.after)
	if err == nil && d.report.Release != o.Base+1 && d.report.Release != 0 {
		err = fault.New(fault.Conflict, "program.error.released_meanwhile")
	}
	if err != nil {
		return nil, err
	}
	return d, s.recordRetiming(ctx, tx, d, o)
}

// releaseMoves publishes where and when sessions are now, and nothing else: what a draft holds that nobody released yet stays unpublished.
func (s *Service) releaseMoves(ctx context.Context, tx *db.Tx, m *event.Stored, rel Release, before, after *interchange.Document) (int, error) {
	_, last, err := latestRelease(ctx, tx, m)
	if err != nil {
		return 0, err
	}
	if last == nil || sameDocument(&last.Document, &freeze(last, before, rel.At).Document) {
		return s.releaseOf(ctx, tx, m, rel, after)
	}
	return s.releaseOf(ctx, tx, m, rel, withMoves(&last.Document, &m.Meeting, before, after))
}

// withMoves is a released programme with the places and times that sessions got from one state of the draft to the next.
func withMoves(released *interchange.Document, m *event.Meeting, before, after *interchange.Document) *interchange.Document {
	was, is := map[string]*interchange.Session{}, map[string]*interchange.Session{}
	for i := range before.Sessions {
		was[before.Sessions[i].GUID] = &before.Sessions[i]
	}
	for i := range after.Sessions {
		is[after.Sessions[i].GUID] = &after.Sessions[i]
	}
	old := *released
	old.Meeting = m // rooms may have been added since
	out := old
	out.Sessions = slices.Clone(released.Sessions)
	for i := range out.Sessions {
		s := &out.Sessions[i]
		a, b := was[s.GUID], is[s.GUID]
		if a == nil || b == nil || a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Room == b.Room && a.AllRooms == b.AllRooms {
			continue
		}
		if s.Timed() && b.Timed() {
			s.Parts = shiftParts(s.Parts, b.Start.Sub(s.Start))
		}
		s.Date, s.Start, s.End, s.Room, s.AllRooms = b.Date, b.Start, b.End, b.Room, b.AllRooms
	}
	keepOrder(&old, &out)
	return &out
}

// plan reads the draft of a meeting and applies a plan to it.
func (s *Service) plan(ctx context.Context, r db.Reader, slug string, p *Plan, base int) (*retimed, error) {
	m, err := s.events.Load(ctx, r, slug)
	if err != nil {
		return nil, err
	}
	n, err := newest(ctx, r, m)
	if err != nil {
		return nil, err
	}
	if n != base {
		return nil, fault.New(fault.Conflict, "program.error.released_meanwhile")
	}
	d := &retimed{meeting: m, report: Report{Slug: slug}}
	if d.before, err = loadDraft(ctx, r, m); err != nil {
		return nil, err
	}
	if d.after, d.preview, err = p.Apply(d.before); err != nil {
		return nil, err
	}
	d.report.Changes = Diff(d.before, d.after)
	d.report.Changed = len(d.report.Changes)
	return d, nil
}
