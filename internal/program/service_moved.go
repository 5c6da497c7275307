package program

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// MovedSession is a session that moved, was cancelled, restored, added or removed between two releases.
type MovedSession struct {
	Op     Op
	Before *interchange.Session // nil where it was not there
	After  *interchange.Session // nil where it is gone
	From   i18n.Text            // the name of the room it was in
	To     i18n.Text            // and of the one it is in
}

// Moved says what happened to sessions between two releases as far as people have to be somewhere else for it, with the documents before and
// after. Texts that were edited are not in it.
func (s *Service) Moved(ctx context.Context, m *event.Stored, from, to int) (list []MovedSession, before, after *interchange.Document, err error) {
	err = s.db.Read(ctx, func(r db.Reader) error {
		a, err := numberedRelease(ctx, r, m, from)
		if err != nil {
			return err
		}
		b, err := numberedRelease(ctx, r, m, to)
		if err == nil {
			before, after = &a.Document, &b.Document
		}
		return err
	})
	if db.IsNoRows(err) {
		err = fault.Missing()
	}
	if err != nil {
		return nil, nil, nil, err
	}
	for _, c := range Diff(before, after) {
		if !c.Moves() {
			continue
		}
		one := MovedSession{Op: c.Op, Before: byGUID(before, c.GUID), After: byGUID(after, c.GUID)}
		if one.Before != nil {
			one.From = roomName(before, one.Before)
		}
		if one.After != nil {
			one.To = roomName(after, one.After)
		}
		list = append(list, one)
	}
	return list, before, after, nil
}
