package event

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/person"
)

// committee is the feature with people, on a database, at a time that the test sets.
type committee struct {
	*Service
	t   *testing.T
	now time.Time
	people
}

// people are the names of accounts, by row id. The address of each is their name at nog.example.
type people map[int64]string

// join makes an account of a row id.
func (p people) join(ctx context.Context, d *db.DB, id int64, name string) error {
	p[id] = name
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO person_account (id, ref, name_ja, name_en, kana, affiliation_ja, affiliation_en, title_ja, title_en, bio_ja, bio_en, links, portrait,
			lang, photo, recording, made_at, left_at) VALUES ($1, $2, $3, '', '', '', '', '', '', '', '', '[]', '', 'ja', '', '', 1, 0)`, id, "REF"+name, name)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO person_address (account_id, address, folded, verified_at, main) VALUES ($1, $2, $2, 1, 1)`, id, name+"@nog.example")
		return err
	})
}

const (
	olive  = 1 // an owner
	sora   = 2 // of the secretariat
	chika  = 3 // a chair
	pico   = 4 // of the programme committee
	ena    = 5 // somebody
	stefan = 6 // of the steering committee
)

func eachCommittee(t *testing.T, fn func(t *testing.T, c *committee)) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		c := &committee{t: t, now: time.Date(2026, 2, 1, 3, 0, 0, 0, time.UTC), people: people{}}
		for id, name := range map[int64]string{olive: "olive", sora: "sora", chika: "chika", pico: "pico", ena: "ena", stefan: "stefan"} {
			if err := c.join(t.Context(), d, id, name); err != nil {
				t.Fatal(err)
			}
		}
		c.Service = New(d, Options{Now: func() time.Time { return c.now }})
		c.UsePeople(person.New(d, person.Options{Roles: c.Service}))
		for _, slug := range []string{"janog57", "janog58"} {
			apply(t, c.Service, Input{Full: true, Meeting: &Meeting{Slug: slug, Title: i18n.T(slug, ""), Start: "2026-02-11", End: "2026-02-13", Timezone: "Asia/Tokyo"}})
		}
		c.write(0, func(ctx context.Context, tx *db.Tx) error { return c.MakeOwner(ctx, tx, olive) })
		c.give(olive, Grant{Person: sora, Role: RoleSecretariat})
		c.give(sora, Grant{Person: stefan, Role: RoleSteering})
		c.give(sora, Grant{Person: chika, Slug: "janog57", Role: RoleChair})
		c.give(chika, Grant{Person: pico, Slug: "janog57", Role: RoleProgramme})
		fn(t, c)
	})
}

// as is a context in which somebody acts.
func (c *committee) as(who int64) context.Context {
	c.t.Helper()
	a := &authz.Actor{ID: who, Ref: "REF" + c.people[who], From: "192.0.2.1"}
	if who != 0 {
		g, err := c.Grants(c.t.Context(), who)
		if err != nil {
			c.t.Fatal(err)
		}
		a.Grants = g
	}
	return authz.With(c.t.Context(), a)
}

func (c *committee) try(who int64, fn func(context.Context, *db.Tx) error) error {
	c.t.Helper()
	ctx := c.as(who)
	return c.db.Write(ctx, func(tx *db.Tx) error { return fn(ctx, tx) })
}

func (c *committee) write(who int64, fn func(context.Context, *db.Tx) error) {
	c.t.Helper()
	if err := c.try(who, fn); err != nil {
		c.t.Fatal(err)
	}
}

func (c *committee) tryGive(who int64, g Grant) (out Grant, err error) {
	c.t.Helper()
	err = c.try(who, func(ctx context.Context, tx *db.Tx) (err error) { out, err = c.Give(ctx, tx, g); return err })
	return out, err
}

func (c *committee) give(who int64, g Grant) Grant {
	c.t.Helper()
	out, err := c.tryGive(who, g)
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

func (c *committee) may(who int64, p authz.Permission, scope, object string) bool {
	c.t.Helper()
	return authz.Who(c.as(who)).May(p, scope, object)
}

// log are the actions that the audit log tells of a meeting, oldest first.
func (c *committee) log(slug string) (out []string) {
	c.t.Helper()
	err := audit.Each(c.t.Context(), c.db, audit.Filter{Scope: slug}, func(e audit.Stored) error {
		line := e.Actor + " " + e.Action
		for _, v := range e.Values {
			line += " " + v.Name + "=" + v.Before + ">" + v.After
		}
		out = append(out, line)
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	slices.Reverse(out)
	return out
}

func TestRolesAreGivenAndTaken(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		if !c.may(pico, MayEditProgramme, "janog57", "") || c.may(pico, MayEditProgramme, "janog58", "") || c.may(pico, MayRelease, "janog57", "") {
			t.Error("a programme committee is of its meeting, and does not publish")
		}
		if c.may(ena, MayDoTasks, "janog57", authz.Any) || c.may(0, MayDoTasks, "", "") {
			t.Error("without a role nobody may do anything")
		}
		ctx, n := db.Counted(t.Context())
		for range 3 {
			if _, err := c.Grants(ctx, pico); err != nil {
				t.Fatal(err)
			}
		}
		if n.Load() != 3 {
			t.Errorf("%d queries for three requests of one person whose roles are known", n.Load())
		}
		g := c.give(chika, Grant{Person: ena, Slug: "janog57", Role: RoleI18N})
		if !c.may(ena, MayTranslate, "janog57", "") {
			t.Error("a role does not hold at the next request")
		}
		again := c.give(chika, Grant{Person: ena, Slug: "janog57", Role: RoleI18N, EndsOn: "2026-02-13"})
		if again.ID != g.ID {
			t.Error("the same role twice")
		}
		c.write(chika, func(ctx context.Context, tx *db.Tx) error { return c.End(ctx, tx, "janog57", g.Ref) })
		if c.may(ena, MayTranslate, "janog57", "") {
			t.Error("a role that was taken holds")
		}
		want := []string{
			"REFsora event.role.granted person=>REFchika role=>chair", "REFchika event.role.granted person=>REFpico role=>programme",
			"REFchika event.role.granted person=>REFena role=>i18n", "REFchika event.role.extended until=>2026-02-13",
			"REFchika event.role.ended person=REFena> role=i18n> until=2026-02-13>",
		}
		if got := c.log("janog57"); !slices.Equal(got, want) {
			t.Errorf("the log says\n%s", strings.Join(got, "\n"))
		}
	})
}

func TestNobodyGivesMoreThanTheyHold(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		c.give(olive, Grant{Person: ena, Slug: "janog57", Role: RoleViceChair})
		for _, x := range []struct {
			who  int64
			g    Grant
			want fault.Kind
		}{
			{chika, Grant{Slug: "janog58", Role: RoleReception}, fault.Forbidden}, // another meeting
			{chika, Grant{Role: RoleSteering}, fault.Forbidden},                   // the group
			{chika, Grant{Role: RoleOwner}, fault.Forbidden},
			{sora, Grant{Role: RoleOwner}, fault.Forbidden}, // above theirs
			{stefan, Grant{Slug: "janog57", Role: RoleReception}, fault.Forbidden},
			{pico, Grant{Slug: "janog57", Role: RoleReception}, fault.Forbidden},
			{ena, Grant{Slug: "janog57", Role: RoleReception}, fault.Forbidden},
			{0, Grant{Slug: "janog57", Role: RoleReception}, fault.Forbidden},
			{chika, Grant{Slug: "janog57", Role: RoleOwner}, fault.Invalid}, // not of a meeting
			{chika, Grant{Slug: "janog57", Role: "emperor"}, fault.Invalid},
			{chika, Grant{Slug: "janog57", Role: RoleSpeaker}, fault.Invalid}, // of what?
			{chika, Grant{Slug: "janog57", Role: RoleSpeaker, Object: authz.Any}, fault.Invalid},
			{chika, Grant{Slug: "janog57", Role: RoleChair, Object: "E1W1VN"}, fault.Invalid},
			{chika, Grant{Slug: "janog57", Role: RoleNOC, EndsOn: "2026-02-30"}, fault.Invalid},
			{chika, Grant{Slug: "janog57", Team: 99}, fault.NotFound},
			{olive, Grant{Slug: "nowhere", Role: RoleChair}, fault.NotFound},
		} {
			x.g.Person = stefan
			if _, err := c.tryGive(x.who, x.g); fault.KindOf(err) != x.want || err == nil {
				t.Errorf("%s gives %s %s in %q: %v", c.people[x.who], x.g.Role, x.g.Object, x.g.Slug, err)
			}
		}
		// On a session: the programme committee names who looks after it, and who does invites its speakers.
		c.give(pico, Grant{Person: ena, Slug: "janog57", Role: RoleSessionOwner, Object: "E1W1VN"})
		c.write(ena, func(ctx context.Context, tx *db.Tx) error {
			list, err := readGrants(ctx, tx, `g.person_id = $1 AND g.role = $2`, int64(ena), string(RoleViceChair))
			if err != nil {
				return err
			}
			return c.End(ctx, tx, "janog57", list[0].Ref) // gives up a role of their own
		})
		c.give(ena, Grant{Person: stefan, Slug: "janog57", Role: RoleSessionEditor, Object: "E1W1VN"})
		if _, err := c.tryGive(ena, Grant{Person: stefan, Slug: "janog57", Role: RoleSessionEditor, Object: "OTHER1"}); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("on another session: %v", err)
		}
		if _, err := c.tryGive(stefan, Grant{Person: olive, Slug: "janog57", Role: RoleSessionEditor, Object: "E1W1VN"}); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("an editor hands it on: %v", err)
		}
		ids, err := c.HoldersOn(t.Context(), c.db, "janog57", "E1W1VN", RoleSessionOwner, RoleSessionEditor)
		if err != nil || !slices.Equal(ids, []int64{ena, stefan}) {
			t.Errorf("who holds it: %v, %v", ids, err)
		}
	})
}

// TestOwnRolesAreNotExtended: one may give up a role, and neither lengthen it nor reach that of a stranger or of another meeting.
func TestOwnRolesAreNotExtended(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		g := c.give(chika, Grant{Person: ena, Slug: "janog57", Role: RoleNOC, EndsOn: "2026-02-13"})
		extend := func(who int64, slug string) error {
			return c.try(who, func(ctx context.Context, tx *db.Tx) error { return c.Extend(ctx, tx, slug, g.Ref, "2027-01-01") })
		}
		if err := extend(ena, "janog57"); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("one's own: %v", err)
		}
		if err := extend(pico, "janog57"); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a stranger's: %v", err)
		}
		if err := extend(chika, "janog58"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("by the address of another meeting: %v", err)
		}
		if err := extend(chika, ""); fault.KindOf(err) != fault.NotFound {
			t.Errorf("by the address of the group: %v", err)
		}
		if err := extend(chika, "janog57"); err != nil {
			t.Error(err)
		}
		if err := c.try(pico, func(ctx context.Context, tx *db.Tx) error { return c.End(ctx, tx, "janog57", g.Ref) }); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a stranger ends it: %v", err)
		}
	})
}

// TestRolesEndAtMidnight of the meeting's zone, wherever the reader is, without anybody writing anything.
func TestRolesEndAtMidnight(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		c.give(chika, Grant{Person: ena, Slug: "janog57", Role: RoleNOC, EndsOn: "2026-02-13"})
		tokyo := zoneOf("Asia/Tokyo")
		for _, step := range []struct {
			at   time.Time
			want bool
		}{
			{time.Date(2026, 2, 13, 23, 59, 59, 0, tokyo), true},
			{time.Date(2026, 2, 14, 0, 0, 0, 0, tokyo), false},
			{time.Date(2026, 2, 13, 0, 0, 0, 0, tokyo), true}, // a clock that was wrong
		} {
			c.now = step.at
			if got := c.may(ena, MayRunSignage, "janog57", ""); got != step.want {
				t.Errorf("at %v: %v", step.at, got)
			}
			ids, err := c.Holders(t.Context(), c.db, "janog57", RoleNOC)
			if err != nil || slices.Contains(ids, ena) != step.want {
				t.Errorf("holders at %v: %v, %v", step.at, ids, err)
			}
			fresh := New(c.db, c.o)
			if g, err := fresh.Grants(t.Context(), ena); err != nil || g.May(MayRunSignage, "janog57", "") != step.want {
				t.Errorf("read anew at %v: %v", step.at, err)
			}
		}
		m := meeting(t, c.Service, "janog57").Meeting
		m.Timezone = "America/Los_Angeles"
		apply(t, c.Service, Input{Full: true, Meeting: &m})
		c.now = time.Date(2026, 2, 14, 0, 0, 0, 0, tokyo)
		if !c.may(ena, MayRunSignage, "janog57", "") {
			t.Error("the meeting moved to another zone, and its roles did not")
		}
	})
}

func TestArchiveDissolvesTheCommittee(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		c.give(chika, Grant{Person: ena, Slug: "janog57", Role: RoleSpeaker, Object: "E1W1VN"})
		c.give(chika, Grant{Person: ena, Slug: "janog57", Role: RoleSessionEditor, Object: "E1W1VN"})
		m := meeting(t, c.Service, "janog57").Meeting
		m.Phase = Archived
		apply(t, c.Service, Input{Full: true, Meeting: &m})
		if c.may(chika, MayReadDraft, "janog57", "") || c.may(pico, MayDoTasks, "janog57", "") || c.may(ena, MayEditSession, "janog57", "E1W1VN") {
			t.Error("the committee of an archived meeting goes on")
		}
		if !c.may(ena, MaySpeak, "janog57", "E1W1VN") || !c.may(olive, MayEditMeeting, "janog57", "") || !c.may(sora, MayGrant, "janog58", "") {
			t.Error("speakers and the group go on")
		}
		if _, err := c.tryGive(olive, Grant{Person: ena, Slug: "janog57", Role: RoleChair}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a role in an archived meeting: %v", err)
		}
		m.Phase = Ended
		apply(t, c.Service, Input{Full: true, Meeting: &m})
		if c.may(chika, MayReadDraft, "janog57", "") {
			t.Error("opening a meeting again brings its committee back")
		}
		n := 0
		for _, line := range c.log("janog57") {
			if strings.Contains(line, "event.role.dissolved") {
				n++
			}
		}
		if n != 3 {
			t.Errorf("%d grants were dissolved in the log: %v", n, c.log("janog57"))
		}
	})
}

// TestTheLastOwnerStays: neither leaving, nor an end date, nor two at once leave the group without one.
func TestTheLastOwnerStays(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		owner := func(who int64) Grant {
			list, err := readGrants(t.Context(), c.db, `g.person_id = $1 AND g.role = 'owner' AND g.ended_at = 0`, who)
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			return list[0]
		}
		first := owner(olive)
		leave := func(who int64, g Grant) error {
			return c.try(who, func(ctx context.Context, tx *db.Tx) error { return c.End(ctx, tx, "", g.Ref) })
		}
		if err := leave(olive, first); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the only owner leaves: %v", err)
		}
		if err := c.try(olive, func(ctx context.Context, tx *db.Tx) error { return c.Extend(ctx, tx, "", first.Ref, "2026-03-01") }); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the only owner has an end: %v", err)
		}
		c.give(olive, Grant{Person: ena, Role: RoleOwner, EndsOn: "2026-03-01"})
		if err := leave(olive, first); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the only owner for good leaves: %v", err)
		}
		c.give(olive, Grant{Person: ena, Role: RoleOwner})
		if err := leave(sora, first); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("the secretariat takes it from an owner: %v", err)
		}
		second, actors := owner(ena), map[int64]context.Context{olive: c.as(olive), ena: c.as(ena)}
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, x := range []struct {
			who int64
			g   Grant
		}{{olive, second}, {ena, first}} {
			wg.Go(func() {
				ctx := actors[x.who]
				errs[i] = c.db.Write(ctx, func(tx *db.Tx) error { return c.End(ctx, tx, "", x.g.Ref) })
			})
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("two owners take it from each other: %v, %v", errs[0], errs[1])
		}
		if has, err := c.HasOwner(t.Context(), c.db); err != nil || !has {
			t.Errorf("no owner is left: %v", err)
		}
	})
}
