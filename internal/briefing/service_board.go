package briefing

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// board is who was asked to acknowledge a briefing.
type board struct {
	list       []*Recipient // those that count, the soonest session first
	asked      int
	superseded int
	sessions   map[string]*Session   // as they are now
	again      map[string]bool       // guids of sessions that changed again since
	noters     map[string]i18n.Text  // by public id
	letters    map[string]mail.State // by the public id of the recipient: what became of the newest letter
}

// board reads who was asked to acknowledge a briefing: always the same number of statements. Addresses of accounts are looked up for those
// who may see them.
func (s *Service) board(ctx context.Context, m *meeting, i *Item, people bool) (*board, error) {
	b := &board{sessions: map[string]*Session{}, again: map[string]bool{}}
	now, err := s.o.Programme.Sessions(ctx, m.Stored)
	if err != nil {
		return nil, err
	}
	for n := range now {
		b.sessions[now[n].GUID] = &now[n]
	}
	changes, err := s.changes(ctx, m, i)
	if err != nil {
		return nil, err
	}
	for n := range changes {
		c := &changes[n]
		is := b.sessions[c.GUID]
		if is == nil {
			b.again[c.GUID] = i.Kind == OfChange && !c.Cancelled
		} else {
			b.again[c.GUID] = i.Kind == OfChange && (!is.same(&c.Place) || is.Cancelled != c.Cancelled)
		}
		if is == nil {
			b.sessions[c.GUID] = &c.Session
		}
	}
	err = s.db.Read(ctx, func(r db.Reader) error { return s.fillBoard(ctx, r, m, i, b, people) })
	soonest(b.list, b.sessions, s.o.Now())
	return b, err
}

func (s *Service) fillBoard(ctx context.Context, r db.Reader, m *meeting, i *Item, b *board, people bool) error {
	all, err := recipients(ctx, r, m.Location(), `t.item_id = $1 AND t.asks = 1 ORDER BY t.id`, i.ID)
	if err != nil {
		return err
	}
	var ids []int64
	var noters []string
	for _, t := range all {
		if t.SupersededBy != 0 {
			b.superseded++
			continue
		}
		b.asked++
		b.list = append(b.list, t)
		if t.Person != 0 {
			ids = append(ids, t.Person)
		}
		if t.NotedBy != "" {
			noters = append(noters, t.NotedBy)
		}
		if !people {
			t.Address, t.Phone, t.CallNote = "", "", ""
		}
	}
	if err := s.fates(ctx, r, b); err != nil {
		return err
	}
	a, err := accountsOf(ctx, r, nil, noters)
	if err != nil {
		return err
	}
	b.noters = map[string]i18n.Text{}
	for ref, id := range a.ids {
		b.noters[ref] = a.names[id]
	}
	if !people {
		return nil
	}
	at, err := s.addresses(ctx, r, ids, KindChange)
	for _, t := range b.list {
		if x, ok := at[t.Person]; ok && t.Person != 0 {
			t.Address = x.Address
		}
	}
	return err
}

// fates reads what became of the newest letter to each of those who have not acknowledged.
func (s *Service) fates(ctx context.Context, r db.Reader, b *board) error {
	var keys []string
	for _, t := range b.list {
		if t.Waits() {
			keys = append(keys, t.letterKey(t.Reminders))
		}
	}
	states, err := s.o.Outbox.States(ctx, r, keys)
	if err != nil {
		return err
	}
	b.letters = make(map[string]mail.State, len(states))
	for _, t := range b.list {
		if state, ok := states[t.letterKey(t.Reminders)]; ok {
			b.letters[t.Ref] = state
		}
	}
	return nil
}
