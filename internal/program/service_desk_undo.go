package program

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Undo takes back what who acts did last, or, where an act is named, that act, whoever did it. What a retiming published is published as it
// was before. Where anything concerned was changed again since, nothing is undone, and the conflict names it.
func (k *Desk) Undo(ctx context.Context, slug, act string) (*Done, *Act, error) {
	return k.turn(ctx, slug, act, true)
}

// Redo does again what who acts undid last.
func (k *Desk) Redo(ctx context.Context, slug string) (*Done, *Act, error) {
	return k.turn(ctx, slug, "", false)
}

func (k *Desk) turn(ctx context.Context, slug, ref string, back bool) (*Done, *Act, error) {
	if err := event.Require(ctx, slug, event.MayEditProgramme); err != nil {
		return nil, nil, err
	}
	var done *Done
	var act *Act
	err := k.s.db.Write(ctx, func(tx *db.Tx) (err error) {
		if err := k.s.events.Lock(ctx, tx); err != nil {
			return err
		}
		a, err := k.begin(ctx, tx, slug, ActEdit)
		if err != nil {
			return err
		}
		if act, err = k.actToTurn(ctx, a, ref, back); err != nil {
			return err
		}
		if act.Kind == ActRetime || act.Kind == ActRollback {
			if err := event.Require(ctx, slug, event.MayRelease); err != nil {
				return err
			}
		}
		done, err = k.turned(ctx, a, act, back)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return done, act, nil
}

// actToTurn finds the act to undo or to do again.
func (k *Desk) actToTurn(ctx context.Context, a *acting, ref string, back bool) (*Act, error) {
	if ref != "" {
		act, err := namedAct(ctx, a.tx, a.Meeting, ref)
		if db.IsNoRows(err) || err == nil && act.Undone == back {
			return nil, fault.New(fault.Conflict, "program.desk.error.undone_already")
		}
		return act, err
	}
	act, err := lastAct(ctx, a.tx, a.Meeting, authz.Who(ctx).Ref, !back)
	if err == nil && act == nil {
		key := "program.desk.error.nothing_to_redo"
		if back {
			key = "program.desk.error.nothing_to_undo"
		}
		err = fault.New(fault.Conflict, key)
	}
	return act, err
}

func (k *Desk) turned(ctx context.Context, a *acting, act *Act, back bool) (*Done, error) {
	what := &act.Touched
	if back {
		what = what.reversed()
	}
	after, err := what.apply(a.Doc)
	if err != nil {
		return nil, err
	}
	for _, c := range Categories {
		for key, t := range what.of(c) {
			if n := len(c.Uses(after, key)); t.After == nil && n > 0 {
				return nil, fault.New(fault.Conflict, "program.desk.error.used_meanwhile").With("n", n)
			}
		}
	}
	a.Doc, a.kind = after, act.Kind
	keepOrder(a.before, a.Doc)
	if err := k.store(ctx, a, what); err != nil {
		return nil, err
	}
	done := &Done{Draft: a.Version, Act: act.Ref}
	if act.Kind == ActRetime && act.Release > 0 {
		rel := Release{At: k.s.now(), Source: sourceDesk}
		if t, err := say("program.desk.undo_name", "release", act.Release); err == nil {
			rel.Name = t.In(a.Meeting.DefaultLang())
		}
		if done.Release, err = k.s.releaseMoves(ctx, a.tx, a.Meeting, rel, a.before, a.Doc); err != nil {
			return nil, err
		}
		if done.Release > 0 {
			if err := k.recordRelease(ctx, a.tx, a.Meeting, "undone", done.Release, rel.Name); err != nil {
				return nil, err
			}
		}
	} else {
		done.Warnings = a.newClashes()
	}
	act.Undone = back
	n := act.Release
	if done.Release > 0 {
		n = done.Release
	}
	return done, markAct(ctx, a.tx, act.ID, back, n)
}

// Acts lists what was done at the desk last, newest first, with the names of who did it.
func (k *Desk) Acts(ctx context.Context, d *Draft, limit int) ([]*Act, map[string]i18n.Text, error) {
	list, err := latestActs(ctx, k.s.db, d.Meeting, limit)
	if err != nil {
		return nil, nil, err
	}
	var refs []string
	for _, a := range list {
		refs = append(refs, a.By)
		if len(a.Touched.Sessions) != 1 {
			continue
		}
		for guid := range a.Touched.Sessions {
			if s := byGUID(d.Doc, guid); s != nil {
				a.Title, a.Label = s.Title, labelOf(s)
			}
		}
	}
	names, err := k.names(ctx, refs)
	return list, names, err
}
