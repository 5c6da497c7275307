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

// Erase forgets who somebody was, and what they answered. That somebody took part stays as a number.
func (k Keeps) Erase(ctx context.Context, tx *db.Tx, id person.ID) error {
	refs, err := refsOf(ctx, tx, int64(id))
	if err != nil {
		return err
	}
	for _, x := range refs {
		for _, object := range []string{"entry:", "note:"} {
			if _, err := audit.EraseValues(ctx, tx, x[0], object+x[1]); err != nil {
				return err
			}
		}
	}
	if err := eraseOnline(ctx, tx, int64(id)); err != nil {
		return err
	}
	if err := k.eraseGroups(ctx, tx, int64(id)); err != nil {
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
