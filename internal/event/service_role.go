package event

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/person"
)

// People is what this feature asks of the one that knows who people are.
type People interface {
	// Accounts are the accounts of row ids and of public ids; who is not there, or has left, is left out.
	Accounts(ctx context.Context, r db.Reader, ids []person.ID, refs []string) ([]*person.Account, error)
	// Find are the accounts whose name begins with a text, or which have exactly that mail address; at most limit.
	Find(ctx context.Context, r db.Reader, text string, limit int) ([]*person.Account, error)
	// HasAddress says whether a mail address is a verified one of an account.
	HasAddress(ctx context.Context, r db.Reader, id person.ID, address string) (bool, error)
}

// kept are the roles of a person as read last.
type kept struct {
	version int64
	roles   []held
	*granted
}

// grantCache keeps what people may do by the version of their GrantScope.
type grantCache struct {
	mu   sync.RWMutex
	kept map[int64]*kept
}

func (c *grantCache) get(person int64) *kept {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.kept[person]
}

func (c *grantCache) put(person int64, k *kept) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if have := c.kept[person]; have == nil || have.version <= k.version {
		c.kept[person] = k
	}
}

// Grants is what a person may do now: one point query where their roles as read last are still those they have.
func (s *Service) Grants(ctx context.Context, id int64) (authz.Grants, error) {
	v, err := db.Version(ctx, s.db, GrantScope(id))
	if err != nil {
		return nil, err
	}
	if v == 0 {
		return &granted{}, nil // whoever gives a role raises the version
	}
	now := s.o.Now()
	k := s.grants.get(id)
	switch {
	case k != nil && k.version == v && !k.over(now):
		return k.granted, nil
	case k != nil && k.version == v:
		k = &kept{version: v, roles: k.roles}
	default:
		k = &kept{}
		err = s.db.Read(ctx, func(r db.Reader) (err error) {
			if k.version, err = db.Version(ctx, r, GrantScope(id)); err == nil {
				k.roles, err = readHeld(ctx, r, id)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	k.granted = addUp(k.roles, now)
	s.grants.put(id, k)
	return k.granted, nil
}

// placeOf finds the meeting of a slug; an empty one is the group.
func placeOf(ctx context.Context, r db.Reader, slug string) (MeetingID, error) {
	if slug == "" {
		return 0, nil
	}
	id, phase, err := meetingOf(ctx, r, slug)
	switch {
	case err != nil:
		return 0, err
	case id == 0:
		return 0, fault.Missing()
	case phase == Archived:
		return 0, fault.New(fault.Conflict, "event.error.role_archived")
	}
	return id, nil
}

// rolesOf are the roles that a grant gives: its own, or those of its team.
func rolesOf(ctx context.Context, r db.Reader, meeting MeetingID, role RoleKey, team TeamID) ([]*Role, error) {
	keys := []RoleKey{role}
	if team != 0 {
		teams, err := readTeams(ctx, r, meeting)
		if err != nil {
			return nil, err
		}
		t := find(teams, func(t *Team) bool { return t.ID == team })
		if t == nil {
			return nil, fault.Missing()
		}
		keys = t.Roles
	}
	var out []*Role
	for _, k := range keys {
		known := RoleOf(k)
		if known == nil {
			return nil, invalid("role_unknown", "role").With("value", clip(string(k)))
		}
		out = append(out, known)
	}
	return out, nil
}

// fits checks that roles can be held where they are given.
func fits(roles []*Role, slug, object string) error {
	for _, r := range roles {
		switch {
		case (r.Scope == InGroup) != (slug == ""), (r.Scope == OnObject) != (object != ""), object != "" && !keyPattern.MatchString(object):
			return invalid("role_place", "role").With("value", r.Name)
		}
	}
	return nil
}

// mayGive checks that who acts may give roles, or take them: that they may grant there, and that no role allows more than they may
// themselves. On an object of the programme, whoever edits the programme may as well.
func mayGive(ctx context.Context, slug, object string, roles []*Role) error {
	a := authz.Who(ctx)
	if !a.May(MayGrant, slug, object) && (object == "" || !a.May(MayEditProgramme, slug, "")) {
		return fault.New(fault.Forbidden, "event.error.may_not")
	}
	for _, r := range roles {
		for _, p := range r.May {
			if !a.May(p, slug, object) && (object == "" || p != MayGrant) {
				return fault.New(fault.Forbidden, "event.error.role_above").With("role", r.Name)
			}
		}
	}
	return nil
}

// MayGive reports whether who acts may give a role in a meeting, or in the group where the slug is empty, or on an object of a meeting.
func MayGive(ctx context.Context, slug, object string, role *Role) bool {
	return mayGive(ctx, slug, object, []*Role{role}) == nil
}

// Give gives somebody a role, or a place in a team. Who holds it already gets the new last day. By and At are those of who acts, now.
func (s *Service) Give(ctx context.Context, tx *db.Tx, g Grant) (Grant, error) {
	meeting, roles, err := s.openRoles(ctx, tx, g.Slug, g.Role, g.Team, g.Object)
	if err != nil {
		return Grant{}, err
	}
	if err := mayGive(ctx, g.Slug, g.Object, roles); err != nil {
		return Grant{}, err
	}
	return s.give(ctx, tx, meeting, g, 0)
}

// openRoles waits for other changes of roles, and finds what is to be given and where, if it can be.
func (s *Service) openRoles(ctx context.Context, tx *db.Tx, slug string, role RoleKey, team TeamID, object string) (MeetingID, []*Role, error) {
	if err := lockRoles(ctx, tx); err != nil {
		return 0, nil, err
	}
	meeting, err := placeOf(ctx, tx, slug)
	if err != nil {
		return 0, nil, err
	}
	roles, err := rolesOf(ctx, tx, meeting, role, team)
	if err != nil {
		return 0, nil, err
	}
	return meeting, roles, fits(roles, slug, object)
}

// give writes a grant that is allowed.
func (s *Service) give(ctx context.Context, tx *db.Tx, meeting MeetingID, g Grant, invitation int64) (Grant, error) {
	if g.EndsOn != "" && !g.EndsOn.Valid() {
		return Grant{}, invalid("date", "until").With("value", clip(string(g.EndsOn)))
	}
	if g.Team != 0 {
		g.Role = ""
	}
	have, err := readGrants(ctx, tx, sameGrant, g.Person, int64(meeting), string(g.Role), int64(g.Team), g.Object)
	if err != nil {
		return Grant{}, err
	}
	if len(have) > 0 {
		return have[0], s.extend(ctx, tx, have[0], g.EndsOn)
	}
	g.Ref, g.At, g.By = person.NewRef(), s.o.Now(), authz.Who(ctx).Ref
	if g.ID, err = insertGrant(ctx, tx, meeting, g, invitation); err != nil {
		return Grant{}, err
	}
	values, err := s.grantValues(ctx, tx, g)
	if err != nil {
		return Grant{}, err
	}
	if err := s.recordGrant(ctx, tx, g, "event.role.granted", nil, values); err != nil {
		return Grant{}, err
	}
	return g, db.Bump(ctx, tx, GrantScope(g.Person))
}

// grantValues is a grant as the audit log keeps it.
func (s *Service) grantValues(ctx context.Context, r db.Reader, g Grant) (map[string]string, error) {
	team, err := teamName(ctx, r, g.Team)
	if err != nil {
		return nil, err
	}
	v := map[string]string{"person": s.refOf(ctx, r, g.Person)}
	for name, text := range map[string]string{"role": string(g.Role), "team": team, "object": g.Object, "until": string(g.EndsOn)} {
		if text != "" {
			v[name] = text
		}
	}
	return v, nil
}

// refOf is the public id of an account, or empty where nobody knows it.
func (s *Service) refOf(ctx context.Context, r db.Reader, id int64) string {
	if s.o.People == nil {
		return ""
	}
	list, err := s.o.People.Accounts(ctx, r, []person.ID{person.ID(id)}, nil)
	if err != nil || len(list) == 0 {
		return ""
	}
	return list[0].Ref
}

func (s *Service) recordGrant(ctx context.Context, tx *db.Tx, g Grant, action string, before, after map[string]string) error {
	return audit.Record(ctx, tx, audit.Entry{
		Scope: g.Slug, Object: "grant:" + g.Ref, About: s.refOf(ctx, tx, g.Person), Action: action, Before: before, After: after, At: s.o.Now(),
	})
}

// Extend changes the last day of a grant; an empty one takes the end away.
func (s *Service) Extend(ctx context.Context, tx *db.Tx, slug, ref string, last Date) error {
	g, err := s.openGrant(ctx, tx, slug, ref, false)
	if err != nil {
		return err
	}
	if last != "" && !last.Valid() {
		return invalid("date", "until").With("value", clip(string(last)))
	}
	return s.extend(ctx, tx, g, last)
}

func (s *Service) extend(ctx context.Context, tx *db.Tx, g Grant, last Date) error {
	if g.EndsOn == last {
		return nil
	}
	if last != "" {
		if err := s.notTheLast(ctx, tx, g); err != nil {
			return err
		}
	}
	if err := setGrantEnd(ctx, tx, g.ID, last); err != nil {
		return err
	}
	before, after := map[string]string{"until": string(g.EndsOn)}, map[string]string{"until": string(last)}
	if err := s.recordGrant(ctx, tx, g, "event.role.extended", before, after); err != nil {
		return err
	}
	return db.Bump(ctx, tx, GrantScope(g.Person))
}

// End takes a role from somebody, now. Anybody may give up a role of their own.
func (s *Service) End(ctx context.Context, tx *db.Tx, slug, ref string) error {
	g, err := s.openGrant(ctx, tx, slug, ref, true)
	if err != nil {
		return err
	}
	if err := s.notTheLast(ctx, tx, g); err != nil {
		return err
	}
	return s.end(ctx, tx, "event.role.ended", g)
}

func (s *Service) end(ctx context.Context, tx *db.Tx, action string, grants ...Grant) error {
	for _, g := range grants {
		values, err := s.grantValues(ctx, tx, g)
		if err != nil {
			return err
		}
		if err := s.recordGrant(ctx, tx, g, action, values, nil); err != nil {
			return err
		}
	}
	return endGrants(ctx, tx, grants, s.o.Now(), authz.Who(ctx).Ref)
}

// openGrant finds a grant of a meeting, if who acts may change it, or where own is said, if it is theirs. A grant of another meeting is
// not there.
func (s *Service) openGrant(ctx context.Context, tx *db.Tx, slug, ref string, own bool) (Grant, error) {
	if err := lockRoles(ctx, tx); err != nil {
		return Grant{}, err
	}
	list, err := readGrants(ctx, tx, `g.ref = $1 AND COALESCE(m.slug, '') = $2 AND g.ended_at = 0`, ref, slug)
	if err != nil {
		return Grant{}, err
	}
	if len(list) == 0 {
		return Grant{}, fault.Missing()
	}
	g := list[0]
	if a := authz.Who(ctx); own && a.SignedIn() && a.ID == g.Person {
		return g, nil
	}
	meeting, _, err := meetingOf(ctx, tx, slug)
	if err != nil {
		return Grant{}, err
	}
	roles, err := rolesOf(ctx, tx, meeting, g.Role, g.Team)
	if err != nil {
		return Grant{}, err
	}
	return g, mayGive(ctx, slug, g.Object, roles)
}

// notTheLast checks that the group keeps an owner for good when a grant ends.
func (s *Service) notTheLast(ctx context.Context, r db.Reader, g Grant) error {
	if g.Role != RoleOwner {
		return nil
	}
	owners, err := readGrants(ctx, r, `g.role = $1 AND g.ended_at = 0 AND g.ends_on = '' AND g.id <> $2`, string(RoleOwner), int64(g.ID))
	if err == nil && len(owners) == 0 {
		return fault.New(fault.Conflict, "event.error.last_owner")
	}
	return err
}

// MakeOwner makes somebody an owner of the group without asking who acts: for the link that the first start prints.
func (s *Service) MakeOwner(ctx context.Context, tx *db.Tx, id int64) error {
	if err := lockRoles(ctx, tx); err != nil {
		return err
	}
	_, err := s.give(ctx, tx, 0, Grant{Person: id, Role: RoleOwner}, 0)
	return err
}

// HasOwner reports whether the group has an owner.
func (s *Service) HasOwner(ctx context.Context, r db.Reader) (bool, error) {
	ids, err := s.Holders(ctx, r, "", RoleOwner)
	return len(ids) > 0, err
}

// Holders are the people who hold one of some roles now, in a meeting or, without a slug, in the group; by themselves or by a team. Roles on
// an object are named by HoldersOn.
func (s *Service) Holders(ctx context.Context, r db.Reader, slug string, roles ...RoleKey) ([]int64, error) {
	return s.HoldersOn(ctx, r, slug, "", roles...)
}

// HoldersOn are the people who hold one of some roles on an object of a meeting now.
func (s *Service) HoldersOn(ctx context.Context, r db.Reader, slug, object string, roles ...RoleKey) ([]int64, error) {
	grants, err := s.Held(ctx, r, slug)
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, g := range grants {
		if g.Object == object && slices.Contains(roles, g.Role) && !slices.Contains(out, g.Person) {
			out = append(out, g.Person)
		}
	}
	return out, nil
}

// Held are all roles that are held in a meeting now, or, without a slug, in the group: one entry for each role, so that who is in a team
// has one for each role of the team.
func (s *Service) Held(ctx context.Context, r db.Reader, slug string) ([]Grant, error) {
	grants, err := s.active(ctx, r, slug)
	if err != nil {
		return nil, err
	}
	meeting, phase, err := meetingOf(ctx, r, slug)
	if err != nil {
		return nil, err
	}
	teams, err := readTeams(ctx, r, meeting)
	if err != nil {
		return nil, err
	}
	var out []Grant
	for _, g := range grants {
		keys := []RoleKey{g.Role}
		if g.Team != 0 {
			keys = nil
			if t := find(teams, func(t *Team) bool { return t.ID == g.Team }); t != nil {
				keys = t.Roles
			}
		}
		for _, k := range keys {
			if role := RoleOf(k); role != nil && (phase != Archived || role.Remain) {
				g.Role = k
				out = append(out, g)
			}
		}
	}
	return out, nil
}

// active are the grants of a meeting or of the group that hold now.
func (s *Service) active(ctx context.Context, r db.Reader, slug string) ([]Grant, error) {
	list, err := readGrants(ctx, r, `COALESCE(m.slug, '') = $1 AND g.ended_at = 0`, slug)
	now := s.o.Now()
	return slices.DeleteFunc(list, func(g Grant) bool { return !g.Holds(now) }), err
}

// dissolve ends the roles of a meeting's committee: it was archived. What is not of the committee remains.
func (s *Service) dissolve(ctx context.Context, tx *db.Tx, slug string) error {
	if err := lockRoles(ctx, tx); err != nil {
		return err
	}
	list, err := readGrants(ctx, tx, `m.slug = $1 AND g.ended_at = 0`, slug)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(g Grant) bool {
		role := RoleOf(g.Role)
		return role != nil && role.Remain
	})
	if err := s.end(ctx, tx, "event.role.dissolved", list...); err != nil {
		return fmt.Errorf("dissolve the committee of %s: %w", slug, err)
	}
	return nil
}

// followMeeting keeps roles right when a meeting changes: archiving it dissolves the committee, and its zone says when roles end.
func (s *Service) followMeeting(ctx context.Context, tx *db.Tx, before *Meeting, after *Meeting) error {
	if before == nil {
		return nil
	}
	if after.Phase == Archived && before.Phase != Archived {
		return s.dissolve(ctx, tx, after.Slug)
	}
	if before.Timezone == after.Timezone && before.Phase == after.Phase {
		return nil
	}
	list, err := readGrants(ctx, tx, `m.slug = $1 AND g.ended_at = 0`, after.Slug)
	if err != nil {
		return err
	}
	for _, g := range list {
		if err := db.Bump(ctx, tx, GrantScope(g.Person)); err != nil {
			return err
		}
	}
	return nil
}

// today is the date somewhere now.
func (s *Service) today(loc *time.Location) Date { return DateOf(s.o.Now().In(loc)) }
