package event

import (
	"context"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Keeps is what this feature keeps about people: the roles they have and had, and invitations to their addresses. It is a person.Keeper.
type Keeps struct{ *Service }

// exportedRole is a role as its person gets it.
type exportedRole struct {
	Meeting string    `json:"meeting,omitempty"` // empty: the group
	Role    string    `json:"role,omitempty"`
	Team    bool      `json:"by_team,omitempty"`
	Object  string    `json:"object,omitempty"`
	Given   time.Time `json:"given"`
	EndsOn  Date      `json:"ends_on,omitempty"`
	Ended   time.Time `json:"ended,omitzero"`
}

// Export writes the roles of somebody.
func (k Keeps) Export(ctx context.Context, r db.Reader, id person.ID, a *person.Archive) error {
	grants, err := readGrants(ctx, r, `g.person_id = $1`, int64(id))
	if err != nil {
		return err
	}
	var out []exportedRole
	for _, g := range grants {
		out = append(out, exportedRole{g.Slug, string(g.Role), g.Team != 0, g.Object, g.At, g.EndsOn, g.Ended})
	}
	return a.Add("roles", "event.export.roles", out)
}

// MayLeave is nil unless somebody is the last owner of the group.
func (k Keeps) MayLeave(ctx context.Context, r db.Reader, id person.ID) error {
	grants, err := readGrants(ctx, r, `g.person_id = $1 AND g.role = $2 AND g.ended_at = 0`, int64(id), string(RoleOwner))
	if err != nil {
		return err
	}
	for _, g := range grants {
		if err := k.notTheLast(ctx, r, g); err != nil {
			return err
		}
	}
	return nil
}

// Erase ends the roles of somebody. That there was somebody with a role stays, as an opaque reference.
func (k Keeps) Erase(ctx context.Context, tx *db.Tx, id person.ID) error {
	if err := lockRoles(ctx, tx); err != nil {
		return err
	}
	if err := k.MayLeave(ctx, tx, id); err != nil { // again, now that nobody else changes roles
		return err
	}
	grants, err := readGrants(ctx, tx, `g.person_id = $1 AND g.ended_at = 0`, int64(id))
	if err != nil {
		return err
	}
	if err := k.end(ctx, tx, "event.role.ended", grants...); err != nil {
		return err
	}
	return revokeOf(ctx, tx, int64(id), k.o.Now())
}

// Merge makes the roles of one account those of another. Of two that are the same, the one that lasts longer stays.
func (k Keeps) Merge(ctx context.Context, tx *db.Tx, from, to person.ID) error {
	if err := lockRoles(ctx, tx); err != nil {
		return err
	}
	grants, err := readGrants(ctx, tx, `g.person_id IN ($1, $2) AND g.ended_at = 0`, int64(from), int64(to))
	if err != nil {
		return err
	}
	own := slices.DeleteFunc(slices.Clone(grants), func(g Grant) bool { return g.Person != int64(to) })
	for _, g := range grants {
		if g.Person != int64(from) {
			continue
		}
		i := slices.IndexFunc(own, func(o Grant) bool {
			return o.Slug == g.Slug && o.Role == g.Role && o.Team == g.Team && o.Object == g.Object
		})
		if i < 0 {
			continue
		}
		if have := own[i].EndsOn; have != "" && (g.EndsOn == "" || g.EndsOn > have) {
			if err := setGrantEnd(ctx, tx, own[i].ID, g.EndsOn); err != nil {
				return err
			}
		}
		if err := endGrants(ctx, tx, []Grant{g}, k.o.Now(), authz.Who(ctx).Ref); err != nil {
			return err
		}
	}
	if err := moveGrants(ctx, tx, int64(from), int64(to)); err != nil {
		return err
	}
	for _, id := range []person.ID{from, to} {
		if err := db.Bump(ctx, tx, GrantScope(int64(id))); err != nil {
			return err
		}
	}
	return nil
}
