package registration

import (
	"context"
	"slices"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
)

// errHandedOn is what the code or link of somebody says whose place is another's now. It tells nothing of who that is.
func errHandedOn() error { return fault.New(fault.Conflict, "registration.error.handed_on") }

// handedOn reports that a token is that of an entry under a reference that it had once: whoever has it was its person.
func (s *Service) handedOn(ctx context.Context, token string) (bool, error) {
	ref := sign.Ref(token)
	if ref == "" {
		return false, nil
	}
	was, err := formers(ctx, s.db, `f.ref = $1`, ref)
	if err != nil || len(was) == 0 {
		return false, err
	}
	secret, err := s.key(ctx)
	return err == nil && sign.Good(token, secret, entryPurpose, ref, was[0].linkNo), err
}

// Ended reports that the code of an entry is not good any more: the place was handed on.
func (s *Service) Ended(ctx context.Context, ref string) (bool, error) {
	if len(ref) != sign.RefLen {
		return false, nil
	}
	was, err := formers(ctx, s.db, `f.ref = $1`, ref)
	return len(was) > 0, err
}

// recordPassed notes in the log that an entry is another person's now: what is known of each stands under the reference of their own, so that it
// goes with them.
func (s *Service) recordPassed(ctx context.Context, tx *db.Tx, m *Meeting, action string, was, next *Entry) error {
	for _, e := range []audit.Entry{
		{Object: "entry:" + was.Ref, Before: m.guarded(was.words()), After: map[string]string{}},
		{Object: "entry:" + next.Ref, Before: map[string]string{}, After: m.guarded(next.words())},
	} {
		e.Action, e.Scope, e.At = action, m.Slug, s.o.Now()
		if err := audit.Record(ctx, tx, e); err != nil {
			return err
		}
	}
	return nil
}

// histories are the changes of an entry under all references that it had, newest first.
func (s *Service) histories(ctx context.Context, r db.Reader, m *Meeting, e *Entry, most int) ([]audit.Stored, error) {
	out, _, err := audit.History(ctx, r, m.Slug, "entry:"+e.Ref, audit.Page{Limit: most})
	if err != nil || e.LinkNo == 1 {
		return out, err
	}
	was, err := formers(ctx, r, `f.entry_id = $1`, e.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range slices.Backward(was) {
		list, _, err := audit.History(ctx, r, m.Slug, "entry:"+f.ref, audit.Page{Limit: most})
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// debts are all debts of an entry: its person's own, and what those go on paying who handed it over. A group pays all of it, under the first
// reference that the entry had, so that its documents stay as they are when colleagues are swapped.
func (s *Service) debts(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, choices []*Chosen) ([]Debt, error) {
	d, err := s.debt(ctx, tx, m, e, choices)
	if err != nil || e.LinkNo == 1 || e.ID == 0 { // it was never handed over
		return []Debt{d}, err
	}
	was, err := formers(ctx, tx, `f.entry_id = $1`, e.ID)
	if err != nil || len(was) == 0 {
		return []Debt{d}, err
	}
	if e.Group != "" {
		all := []Debt{d}
		all[0].Entry = was[0].ref
		for _, f := range was[1:] {
			all = append(all, Debt{Entry: f.ref, Group: e.Group, Payer: d.Payer, Owner: d.Owner})
		}
		return append(all, Debt{Entry: e.Ref, Group: e.Group, Payer: d.Payer, Owner: d.Owner}), nil
	}
	given, err := carriages(ctx, tx, e.ID)
	if err != nil {
		return nil, err
	}
	var all []Debt
	rest := d.Lines
	for _, c := range given {
		var theirs []Owed
		theirs, rest = split(rest, c.lines)
		if sumLines(theirs) < sumLines(c.lines) { // what comes back to them is not theirs to pay again
			if err := keepCarried(ctx, tx, c.ID, c.ref, theirs); err != nil {
				return nil, err
			}
		}
		all = append(all, Debt{Entry: c.ref, Payer: c.From, Of: c.From.Name.In(c.From.Lang), Owner: c.Giver, Lines: theirs, Due: d.Due})
	}
	d.Lines = rest
	return append(all, d), nil
}

// carry keeps who somebody is whose place is taken over now, which may have changed since they offered it, and what they go on paying for. Of a
// group they paid nothing.
func (s *Service) carry(ctx context.Context, tx *db.Tx, m *Meeting, h *Handover, e *Entry) error {
	h.Giver, h.From = e.Person, e.Details
	if err := storeGiver(ctx, tx, h); err != nil {
		return err
	}
	if s.o.Billing == nil || !m.priced() || e.Group != "" {
		return nil
	}
	choices, err := choicesOf(ctx, tx, m.Location(), `c.entry_id = $1`, e.ID)
	if err != nil {
		return err
	}
	all, err := s.debts(ctx, tx, m, e, choices)
	if err != nil {
		return err
	}
	own := all[len(all)-1]
	return keepCarried(ctx, tx, h.ID, e.Ref, own.Lines)
}

// paid says what was paid of what entries owe, by their references now, whoever pays it.
func (s *Service) paid(ctx context.Context, r db.Reader, m *Meeting, refs []string) (map[string]Standing, error) {
	was, err := formersOf(ctx, r, m.ID, refs)
	if err != nil {
		return nil, err
	}
	asked := slices.Clone(refs)
	for _, f := range was {
		asked = append(asked, f.ref)
	}
	out, err := s.o.Billing.Standings(ctx, r, m.Slug, asked)
	if err != nil {
		return nil, err
	}
	for _, f := range was {
		if x, ok := out[f.ref]; ok {
			out[f.entry] = out[f.entry].join(x)
			delete(out, f.ref)
		}
	}
	return out, nil
}
