package registration

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Keeps is what this feature keeps about people: their entries, with what they chose and answered. It is a person.Keeper.
type Keeps struct{ *Service }

// kept is an entry as its person gets to see it in "everything about me".
type keptEntry struct {
	Meeting string              `json:"meeting"`
	Ref     string              `json:"ref"`
	Kind    string              `json:"kind"`
	State   State               `json:"state"`
	Details Details             `json:"details"`
	Days    []Day               `json:"days,omitempty"`
	Answers map[string][]string `json:"answers,omitempty"`
	Options []*Chosen           `json:"options,omitempty"`
	Note    string              `json:"note,omitempty"` // of the committee
	MadeAt  time.Time           `json:"made_at"`
	keptOnlineOf
}

// Export writes the entries of somebody.
func (k Keeps) Export(ctx context.Context, r db.Reader, id person.ID, a *person.Archive) error {
	if err := k.exportGroups(ctx, r, int64(id), a); err != nil {
		return err
	}
	list, err := entries(ctx, r, time.UTC, `e.person_id = $1`, int64(id))
	if err != nil || len(list) == 0 {
		return err
	}
	refs, err := refsOf(ctx, r, int64(id))
	if err != nil {
		return err
	}
	choices, err := choicesOf(ctx, r, time.UTC, `c.entry_id IN (SELECT id FROM registration_entry WHERE person_id = $1)`, int64(id))
	if err != nil {
		return err
	}
	online, err := exportedOnline(ctx, r, int64(id))
	if err != nil {
		return err
	}
	notes, err := notesWhere(ctx, r, `e.person_id = $1`, int64(id))
	if err != nil {
		return err
	}
	slug := map[string]string{}
	for _, x := range refs {
		slug[x[1]] = x[0]
	}
	var out []keptEntry
	for _, e := range list {
		one := keptEntry{Meeting: slug[e.Ref], Ref: e.Ref, Kind: e.Kind, State: e.State, Details: e.Details, Days: e.Days, Answers: e.Answers, MadeAt: e.MadeAt, Note: notes[e.ID], keptOnlineOf: online[e.ID]}
		for _, c := range choices {
			if c.Entry == e.ID {
				one.Options = append(one.Options, c)
			}
		}
		out = append(out, one)
	}
	return a.Add("registrations", "registration.export", out)
}

// Erase forgets who somebody was, and what they answered, also where they registered under an address of theirs without signing in. That
// somebody took part stays as a number; who was yet to come is cancelled.
func (k Keeps) Erase(ctx context.Context, tx *db.Tx, id person.ID) error {
	guests, err := k.guestEntries(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := k.eraseGroups(ctx, tx, int64(id)); err != nil {
		return err
	}
	if err := k.eraseOwn(ctx, tx, id); err != nil {
		return err
	}
	for _, e := range guests { // one by one: an account has one at a meeting
		if err := ownEntry(ctx, tx, e.ID, int64(id)); err != nil {
			return err
		}
		if err := k.eraseOwn(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// guestEntries are those that belong to no account, under addresses that are proven to be somebody's.
func (k Keeps) guestEntries(ctx context.Context, r db.Reader, id person.ID) ([]*Entry, error) {
	all, err := k.o.People.Addresses(ctx, id)
	if err != nil {
		return nil, err
	}
	var proven []string
	for _, a := range all {
		if !a.VerifiedAt.IsZero() && a.Folded != "" {
			proven = append(proven, a.Folded)
		}
	}
	if len(proven) == 0 {
		return nil, nil
	}
	return entries(ctx, r, time.UTC, `e.person_id = 0 AND e.folded IN (`+list(1, len(proven))+`)`, anys(proven)...)
}

// cancelComing cancels what an account is registered for that is not over.
func (k Keeps) cancelComing(ctx context.Context, tx *db.Tx, id person.ID) error {
	active, err := entries(ctx, tx, time.UTC, `e.person_id = $1 AND e.state <> 'cancelled'`, int64(id))
	if err != nil {
		return err
	}
	now := k.o.Now()
	for _, e := range active {
		m, err := k.meetingOf(ctx, e.Meeting)
		if err != nil {
			return err
		}
		if passed(m.last(), now) {
			continue
		}
		was := e.in(m.Location())
		next := was.clone()
		next.State, next.CancelledAt, next.Why, next.OfferedUntil, next.ChangedAt = Cancelled, now, "", time.Time{}, now
		next.Person, next.Details = 0, Details{Lang: next.Lang} // nobody writes down again who it was
		if err := k.dropUnfit(ctx, tx, m, next); err != nil {
			return err
		}
		if err := k.store(ctx, tx, m, was, next, "registration.cancelled", ""); err != nil {
			return err
		}
		if err := ownEntry(ctx, tx, e.ID, int64(id)); err != nil {
			return err
		}
	}
	return nil
}

// eraseOwn erases the entries of an account.
func (k Keeps) eraseOwn(ctx context.Context, tx *db.Tx, id person.ID) error {
	if err := k.cancelComing(ctx, tx, id); err != nil {
		return err
	}
	refs, err := refsOf(ctx, tx, int64(id))
	if err != nil {
		return err
	}
	names := make([]string, 0, len(refs))
	for _, x := range refs {
		names = append(names, x[1])
		for _, object := range []string{"entry:", "note:"} {
			if _, err := audit.EraseValues(ctx, tx, x[0], object+x[1]); err != nil {
				return err
			}
		}
	}
	offered, err := offeredTo(ctx, tx, int64(id))
	if err != nil {
		return err
	}
	for _, f := range offered {
		m, err := k.meetingOf(ctx, f.meeting)
		if err != nil {
			return err
		}
		if _, err := audit.EraseValues(ctx, tx, m.Slug, "entry:"+f.ref, "to"); err != nil {
			return err
		}
	}
	swapped, err := formers(ctx, tx, `e.person_id = $1 AND e.group_ref <> ''`, int64(id)) // a group owes under the first reference
	if err != nil {
		return err
	}
	for _, f := range swapped {
		names = append(names, f.ref)
	}
	if k.o.Billing != nil && len(names) > 0 {
		if err := k.o.Billing.Forget(ctx, tx, names); err != nil {
			return err
		}
	}
	if err := eraseOnline(ctx, tx, int64(id)); err != nil {
		return err
	}
	if err := forgetPerson(ctx, tx, int64(id)); err != nil {
		return err
	}
	return erasePerson(ctx, tx, int64(id))
}

// Merge gives the entries of one account to another.
func (k Keeps) Merge(ctx context.Context, tx *db.Tx, from, to person.ID) error {
	if err := mergeGroups(ctx, tx, int64(from), int64(to)); err != nil {
		return err
	}
	return mergePerson(ctx, tx, int64(from), int64(to))
}
