package program

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// RetimePreview is what a plan would do to a draft.
type RetimePreview struct {
	*Draft
	*Preview
	Wanted  int // how many want to be at the sessions that move, over all of them; 0 where nobody knows
	Pending int // how many other changes the draft holds; they stay unpublished
}

// PreviewRetime says what a plan would do, and changes nothing.
func (k *Desk) PreviewRetime(ctx context.Context, slug string, p Plan) (*RetimePreview, error) {
	if err := event.Require(ctx, slug, event.MayRelease); err != nil {
		return nil, err
	}
	d, err := k.Open(ctx, slug)
	if err != nil {
		return nil, err
	}
	_, preview, err := p.apply(d.Doc, d.Watch)
	if err != nil {
		return nil, err
	}
	out := &RetimePreview{Draft: d, Preview: preview, Pending: d.Pending()}
	if d.Watch.Interest != nil {
		for _, m := range preview.Moves {
			out.Wanted += d.Watch.Interest(m.Before.GUID)
		}
	}
	return out, nil
}

// Retime carries out a plan and publishes the moves at once. The order says on what release and draft the plan was made.
func (k *Desk) Retime(ctx context.Context, slug string, p Plan, o ReleaseOrder) (*Done, error) {
	if err := event.Require(ctx, slug, event.MayRelease); err != nil {
		return nil, err
	}
	var done *Done
	err := k.s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := k.beginRelease(ctx, tx, slug, o)
		if err != nil {
			return err
		}
		after, preview, err := p.apply(a.Doc, a.Watch)
		if err != nil {
			return err
		}
		a.kind, a.Doc = ActRetime, after
		if done, err = k.finishReleased(ctx, a, o.Name); err != nil {
			return err
		}
		done.Warnings = preview.Warnings
		return nil
	})
	return done, err
}

// finishReleased stores what differs and publishes the moves.
func (k *Desk) finishReleased(ctx context.Context, a *acting, name string) (*Done, error) {
	touched := touchedBy(a.before, a.Doc)
	if touched.empty() {
		return nil, fault.New(fault.Invalid, "program.retime.error.no_change")
	}
	keepOrder(a.before, a.Doc)
	if err := k.store(ctx, a, &touched); err != nil {
		return nil, err
	}
	n, err := k.s.releaseMoves(ctx, a.tx, a.Meeting, Release{Name: name, At: k.s.now(), Source: sourceDesk}, a.before, a.Doc)
	if err != nil {
		return nil, err
	}
	act := &Act{Ref: rand.Text()[:16], By: authz.Who(ctx).Ref, At: k.s.now(), Kind: ActRetime, Touched: touched, Release: n}
	if err := addAct(ctx, a.tx, a.Meeting.ID, act); err != nil {
		return nil, err
	}
	if n > 0 {
		if err := k.recordRelease(ctx, a.tx, a.Meeting, "retimed", n, name); err != nil {
			return nil, err
		}
	}
	return &Done{Draft: a.Version, Act: act.Ref, Release: n}, nil
}

// DelayPlan is the plan of a delay: everything that starts after a moment in some rooms is later, and what is running there then ends later.
func (d *Draft) DelayPlan(now time.Time, rooms []string, by time.Duration) Plan {
	now = now.In(d.Meeting.Location())
	day := programmeDay(now, d.Meeting.Boundary())
	p := Plan{Day: day, Rooms: rooms, From: now.Format("15:04"), By: by}
	if now.Truncate(time.Minute).Before(now) {
		p.From = now.Add(time.Minute).Format("15:04")
	}
	slots := slotsOf(d.Doc.Sessions)
	for i := range d.Doc.Sessions {
		s := &d.Doc.Sessions[i]
		room, all := roomAt(d.Doc, slots, i)
		running := takesPlace(s) && s.Start.Before(now) && s.End.After(now)
		if !running || s.Date != day || all || len(rooms) > 0 && !slices.Contains(rooms, room) || isPause(d.Doc, s) {
			continue
		}
		if p.Ends == nil {
			p.Ends = map[string]string{}
		}
		p.Ends[s.Ref] = s.End.Add(by).Format("15:04")
	}
	return p
}

func isPause(d *interchange.Document, s *interchange.Session) bool {
	return slices.ContainsFunc(d.Kinds, func(k interchange.Kind) bool { return k.Key == s.Kind && k.Pause })
}
