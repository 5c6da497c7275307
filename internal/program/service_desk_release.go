package program

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// ReleaseOrder is a release as somebody saw it in the preview.
type ReleaseOrder struct {
	Name         string
	Base         int      // the newest release then
	Draft        int64    // the version of the draft then
	Acknowledged []string // ids of the warnings that they accept
}

// BlockKind is why a draft cannot be released.
type BlockKind string

// The kinds of blocks.
const (
	BlockTitle  BlockKind = "title" // a session that takes place has no title
	BlockRoom   BlockKind = "room"  // a session is in a room that the meeting does not have
	BlockNoKind BlockKind = "kind"  // a session is of a kind that the meeting does not have
	BlockEmpty  BlockKind = "empty" // there is nothing to release
)

// Blocker is something that has to be mended before a release.
type Blocker struct {
	Kind    BlockKind
	Session Placed // zero for the draft as a whole
}

// ReleasePreview is what a release of the draft would do.
type ReleasePreview struct {
	*Draft
	Warnings []Warning // to be acknowledged: what is wrong now and was not in the newest release
	Known    []Warning // what is wrong in the newest release too
	Hints    []Warning
	Blockers []Blocker
}

// Next is the number of the release that would be made.
func (p *ReleasePreview) Next() int { return p.Newest.Number + 1 }

// PreviewRelease says what a release of the draft would do.
func (k *Desk) PreviewRelease(ctx context.Context, slug string) (*ReleasePreview, error) {
	d, err := k.Open(ctx, slug)
	if err != nil {
		return nil, err
	}
	return d.Preview(), nil
}

// Preview says what a release of the draft would do.
func (d *Draft) Preview() *ReleasePreview {
	p := &ReleasePreview{Draft: d, Blockers: blockers(d.Doc)}
	public := map[string]time.Duration{}
	for _, w := range Clashes(d.Public(), d.Watch) {
		public[w.ID()] = w.By
	}
	for _, w := range d.Clashes() {
		by, known := public[w.ID()]
		switch {
		case w.Kind.Weight() == WeighsHint:
			p.Hints = append(p.Hints, w)
		case known && by == w.By:
			p.Known = append(p.Known, w)
		default:
			p.Warnings = append(p.Warnings, w)
		}
	}
	return p
}

// blockers finds what no release may hold.
func blockers(d *interchange.Document) []Blocker {
	var list []Blocker
	kinds := map[string]bool{}
	for _, k := range d.Kinds {
		kinds[k.Key] = true
	}
	for i := range d.Sessions {
		s := &d.Sessions[i]
		if s.Status == interchange.Cancelled {
			continue
		}
		if s.Title.IsZero() {
			list = append(list, Blocker{BlockTitle, placedIn(d, i)})
		}
		if s.Room != "" && d.Meeting.Room(s.Room) == nil {
			list = append(list, Blocker{BlockRoom, placedIn(d, i)})
		}
		if s.Kind != "" && !kinds[s.Kind] {
			list = append(list, Blocker{BlockNoKind, placedIn(d, i)})
		}
	}
	if len(d.Sessions) == 0 {
		list = append(list, Blocker{Kind: BlockEmpty})
	}
	return list
}

// maxName is how long the name of a release may be, in bytes.
const maxName = 200

// Release publishes the draft. It is a conflict where somebody released or changed the draft since the preview, and a fault where there is a
// blocker, a warning that nobody acknowledged, or nothing to publish.
func (k *Desk) Release(ctx context.Context, slug string, o ReleaseOrder) (int, error) {
	if err := event.Require(ctx, slug, event.MayRelease); err != nil {
		return 0, err
	}
	if o.Name = strings.Join(strings.Fields(o.Name), " "); len(o.Name) > maxName {
		return 0, fault.New(fault.Invalid, "program.desk.error.too_long").With("n", maxName).On("name")
	}
	var number int
	err := k.s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := k.beginRelease(ctx, tx, slug, o)
		if err != nil {
			return err
		}
		p := a.Preview()
		if len(p.Blockers) > 0 {
			return fault.New(fault.Invalid, "program.desk.error.blocked").With("n", len(p.Blockers))
		}
		open := slices.DeleteFunc(p.Warnings, func(w Warning) bool { return slices.Contains(o.Acknowledged, w.ID()) })
		if len(open) > 0 {
			return fault.New(fault.Invalid, "program.desk.error.unacknowledged").With("n", len(open))
		}
		if number, err = k.s.releaseOf(ctx, tx, a.Meeting, Release{Name: o.Name, At: k.s.now(), Source: sourceDesk}, a.Doc); err != nil {
			return err
		}
		if number == 0 {
			return fault.New(fault.Invalid, "program.desk.error.nothing_new")
		}
		return k.recordRelease(ctx, tx, a.Meeting, "released", number, o.Name)
	})
	return number, err
}

// sourceDesk is kept with releases that were made at the desk.
const sourceDesk = "desk"

// beginRelease takes the draft and the meeting, and asks whether both still are what somebody saw.
func (k *Desk) beginRelease(ctx context.Context, tx *db.Tx, slug string, o ReleaseOrder) (*acting, error) {
	if err := k.s.events.Lock(ctx, tx); err != nil {
		return nil, err
	}
	seen, err := db.Version(ctx, tx, DeskScope(slug))
	if err != nil {
		return nil, err
	}
	a, err := k.begin(ctx, tx, slug, ActRollback)
	if err != nil {
		return nil, err
	}
	if err := a.compare(ctx, tx); err != nil {
		return nil, err
	}
	switch {
	case a.Newest.Number != o.Base:
		return nil, fault.New(fault.Conflict, "program.desk.error.released_meanwhile").With("n", a.Newest.Number)
	case seen != o.Draft || a.Version != seen+1:
		return nil, fault.New(fault.Conflict, "program.desk.error.draft_meanwhile")
	}
	a.tx.OnCommit(func() { k.s.publish(DeskScope(slug), a.Version) })
	return a, nil
}

// RollbackPreview is what going back to an older release would do.
type RollbackPreview struct {
	*Draft
	To           Release
	After        *interchange.Document
	Public       []Change       // what readers will see change of sessions
	PublicCommon []CommonChange // and of the programme as a whole
	Lost         []Change       // what is in the draft only, and goes; undo brings it back
	Blocked      []Blocker      // what the meeting no longer has
}

// PreviewRollback says what going back to an older release would do.
func (k *Desk) PreviewRollback(ctx context.Context, slug string, to int) (*RollbackPreview, error) {
	if err := event.Require(ctx, slug, event.MayRelease); err != nil {
		return nil, err
	}
	d, err := k.Open(ctx, slug)
	if err != nil {
		return nil, err
	}
	var p *RollbackPreview
	err = k.s.db.Read(ctx, func(r db.Reader) (err error) {
		p, err = d.rollback(ctx, r, to)
		return err
	})
	return p, err
}

// rollback makes of the draft what a release was. Sessions that became public since are cancelled, so that their addresses stay.
func (d *Draft) rollback(ctx context.Context, r db.Reader, to int) (*RollbackPreview, error) {
	if to < 1 || to >= d.Newest.Number {
		return nil, fault.Missing()
	}
	list, err := releaseRange(ctx, r, d.Meeting, to, to)
	if err != nil {
		return nil, err
	}
	f, err := numberedRelease(ctx, r, d.Meeting, to)
	if db.IsNoRows(err) || len(list) == 0 {
		return nil, fault.Missing()
	}
	if err != nil {
		return nil, err
	}
	after := f.Document
	after.Meeting, after.Policy = d.Doc.Meeting, d.Doc.Policy // what was refused since stays refused
	after.Kinds = mergeList(d.Doc.Kinds, f.Document.Kinds, false, func(k interchange.Kind) string { return k.Key }, nil)
	after.Topics = mergeList(d.Doc.Topics, f.Document.Topics, false, func(t interchange.Topic) string { return t.Key }, nil)
	after.Sessions = slices.Clone(f.Document.Sessions)
	for _, s := range d.Public().Sessions {
		if byGUID(&f.Document, s.GUID) == nil {
			s.Status = interchange.Cancelled
			after.Sessions = append(after.Sessions, s)
		}
	}
	p := &RollbackPreview{Draft: d, To: list[0], After: &after, Blocked: blockers(&after)}
	p.Public, p.PublicCommon = Diff(d.Public(), &after), CommonDiff(d.Public(), &after)
	for _, c := range d.Changes {
		if c.Op == Added || c.Op == Edited || c.Op == Restored {
			p.Lost = append(p.Lost, c)
		}
	}
	return p, nil
}

// Rollback publishes an older release again, as a new one. The draft becomes what it was; undo brings the draft back.
func (k *Desk) Rollback(ctx context.Context, slug string, to int, o ReleaseOrder) (int, error) {
	if err := event.Require(ctx, slug, event.MayRelease); err != nil {
		return 0, err
	}
	var number int
	err := k.s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := k.beginRelease(ctx, tx, slug, o)
		if err != nil {
			return err
		}
		p, err := a.rollback(ctx, tx, to)
		if err != nil {
			return err
		}
		if len(p.Blocked) > 0 {
			return fault.New(fault.Invalid, "program.desk.error.blocked").With("n", len(p.Blocked))
		}
		a.Doc = p.After
		if _, err := k.finish(ctx, a); err != nil {
			return err
		}
		if number, err = k.s.releaseOf(ctx, tx, a.Meeting, Release{Name: o.Name, At: k.s.now(), Source: sourceDesk}, a.Doc); err != nil {
			return err
		}
		if number == 0 {
			return fault.New(fault.Invalid, "program.desk.error.nothing_new")
		}
		return k.recordRelease(ctx, tx, a.Meeting, "rolled_back", number, o.Name)
	})
	return number, err
}

// Releases lists the releases of a meeting, newest first.
func (k *Desk) Releases(ctx context.Context, d *Draft) ([]Release, error) {
	return listReleases(ctx, k.s.db, d.Meeting, maxReleases)
}
