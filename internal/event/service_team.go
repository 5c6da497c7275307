package event

import (
	"context"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Teams are the teams of a meeting, in the order they were made.
func (s *Service) Teams(ctx context.Context, r db.Reader, slug string) ([]Team, error) {
	id, _, err := meetingOf(ctx, r, slug)
	if err != nil || id == 0 {
		return nil, err
	}
	return readTeams(ctx, r, id)
}

// SaveTeam makes a team, or gives the team of a Ref another name and other roles: whoever is in it has them from the next request on.
func (s *Service) SaveTeam(ctx context.Context, tx *db.Tx, slug string, t Team) (Team, error) {
	meeting, old, err := s.openTeam(ctx, tx, slug, t.Ref)
	if err != nil {
		return t, err
	}
	t.ID = old.ID
	if t.Ref == "" {
		t.Ref = person.NewRef()
	}
	if err := wanted("name", t.Name); err != nil {
		return t, err
	}
	if err := sizes("team", (&t).columns()); err != nil {
		return t, err
	}
	slices.Sort(t.Roles)
	t.Roles = slices.Compact(t.Roles)
	var roles []*Role
	for _, k := range t.Roles {
		role := RoleOf(k)
		if role == nil || role.Scope != InMeeting {
			return t, invalid("role_unknown", "roles").With("value", clip(string(k)))
		}
		roles = append(roles, role)
	}
	if err := mayGive(ctx, slug, "", roles); err != nil {
		return t, err
	}
	if err := writeTeam(ctx, tx, meeting, &t); err != nil {
		return t, err
	}
	var before map[string]string
	if old.ID != 0 {
		before = old.values()
	}
	return t, s.changedTeam(ctx, tx, slug, t, before, t.values())
}

// DropTeam takes a team away, and with it what it gave to its members.
func (s *Service) DropTeam(ctx context.Context, tx *db.Tx, slug, ref string) error {
	_, t, err := s.openTeam(ctx, tx, slug, ref)
	if err != nil {
		return err
	}
	if t.ID == 0 {
		return fault.Missing()
	}
	members, err := readGrants(ctx, tx, `g.team_id = $1 AND g.ended_at = 0`, int64(t.ID))
	if err != nil {
		return err
	}
	if err := s.end(ctx, tx, "event.role.ended", members...); err != nil {
		return err
	}
	if err := dropTeam(ctx, tx, t.ID); err != nil {
		return err
	}
	return s.changedTeam(ctx, tx, slug, t, t.values(), nil)
}

// openTeam finds the team of a meeting, if who acts may give and take the roles it has; without a ref it is a team to be made.
func (s *Service) openTeam(ctx context.Context, tx *db.Tx, slug, ref string) (MeetingID, Team, error) {
	if err := Require(ctx, slug, MayGrant); err != nil {
		return 0, Team{}, err
	}
	if err := lockRoles(ctx, tx); err != nil {
		return 0, Team{}, err
	}
	meeting, err := placeOf(ctx, tx, slug)
	if err != nil {
		return 0, Team{}, err
	}
	if meeting == 0 {
		return 0, Team{}, fault.Missing() // the group has no teams
	}
	if ref == "" {
		return meeting, Team{}, nil
	}
	teams, err := readTeams(ctx, tx, meeting)
	if err != nil {
		return 0, Team{}, err
	}
	t := find(teams, func(t *Team) bool { return t.Ref == ref })
	if t == nil {
		return 0, Team{}, fault.Missing()
	}
	roles, err := rolesOf(ctx, tx, meeting, "", t.ID)
	if err != nil {
		return 0, Team{}, err
	}
	return meeting, *t, mayGive(ctx, slug, "", roles)
}

// changedTeam writes down that a team changed, and lets its members' roles be read anew.
func (s *Service) changedTeam(ctx context.Context, tx *db.Tx, slug string, t Team, before, after map[string]string) error {
	members, err := readGrants(ctx, tx, `g.team_id = $1 AND g.ended_at = 0`, int64(t.ID))
	if err != nil {
		return err
	}
	for _, g := range members {
		if err := db.Bump(ctx, tx, GrantScope(g.Person)); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{Scope: slug, Object: "team:" + t.Ref, Action: "event.team.changed", Before: before, After: after, At: s.o.Now()})
}

func (t *Team) columns() []column { return both("name", &t.Name) }

// values is a team as the audit log keeps it.
func (t Team) values() map[string]string {
	roles := make([]string, len(t.Roles))
	for i, r := range t.Roles {
		roles[i] = string(r)
	}
	return map[string]string{"name.ja": t.Name.JA, "name.en": t.Name.EN, "roles": strings.Join(roles, " ")}
}
