package event

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/person"
)

func (c *committee) tryInvite(who int64, v Invitation) (token string, err error) {
	c.t.Helper()
	if v.Expires.IsZero() {
		v.Expires = c.now.Add(7 * 24 * time.Hour)
	}
	if v.Uses == 0 {
		v.Uses = 1
	}
	err = c.try(who, func(ctx context.Context, tx *db.Tx) (err error) { token, _, err = c.Invite(ctx, tx, v); return err })
	return token, err
}

func (c *committee) invite(who int64, v Invitation) string {
	c.t.Helper()
	token, err := c.tryInvite(who, v)
	if err != nil {
		c.t.Fatal(err)
	}
	return token
}

func (c *committee) accept(who int64, token string) error {
	c.t.Helper()
	return c.try(who, func(ctx context.Context, tx *db.Tx) error { _, err := c.Accept(ctx, tx, token); return err })
}

func TestInvitations(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		token := c.invite(chika, Invitation{Slug: "janog57", Role: RoleI18N, EndsOn: "2026-02-13", Uses: 2})
		if v, err := c.Invited(t.Context(), c.db, token); err != nil || v.Role != RoleI18N || v.By != "REFchika" {
			t.Errorf("the invitation: %+v, %v", v, err)
		}
		if c.may(ena, MayTranslate, "janog57", "") {
			t.Error("looking at an invitation accepts it")
		}
		if err := c.accept(ena, token); err != nil {
			t.Fatal(err)
		}
		if !c.may(ena, MayTranslate, "janog57", "") {
			t.Error("accepted, and nothing given")
		}
		if err := c.accept(ena, token); err != nil {
			t.Errorf("again, by who has it: %v", err)
		}
		if err := c.accept(stefan, token); err != nil {
			t.Errorf("the second use is still there: %v", err)
		}
		if err := c.accept(pico, token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the third: %v", err)
		}
		if log := strings.Join(c.log("janog57"), "\n"); strings.Contains(log, token) || strings.Count(log, "event.invitation.accepted") != 2 {
			t.Errorf("the log:\n%s", log)
		}
		var n int
		if err := c.db.Row(t.Context(), `SELECT count(*) FROM event_invitation WHERE token = $1 OR ref = $1`, token).Scan(&n); err != nil || n != 0 {
			t.Errorf("the token itself is stored: %v", err)
		}
	})
}

// TestInvitationAttacks: forged, expired, taken back, for another address, by somebody who lost the right, to more than one may give.
func TestInvitationAttacks(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		if err := c.accept(ena, person.NewRef()); fault.KindOf(err) != fault.NotFound {
			t.Errorf("forged: %v", err)
		}
		var ref string
		c.write(chika, func(ctx context.Context, tx *db.Tx) error {
			_, v, err := c.Invite(ctx, tx, Invitation{Slug: "janog57", Role: RoleNOC, Uses: 1, Expires: c.now.Add(time.Hour)})
			ref = v.Ref
			return err
		})
		if err := c.accept(ena, ref); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the reference instead of the token: %v", err)
		}
		token := c.invite(chika, Invitation{Slug: "janog57", Role: RoleNOC})
		if err := c.accept(0, token); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("without signing in: %v", err)
		}
		c.now = c.now.Add(8 * 24 * time.Hour)
		if err := c.accept(ena, token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("expired: %v", err)
		}
		token = c.invite(chika, Invitation{Slug: "janog57", Role: RoleNOC, Address: "  Ena@NOG.example "})
		if err := c.accept(pico, token); fault.KindOf(err) != fault.Conflict {
			t.Errorf("another address: %v", err)
		}
		if err := c.accept(ena, token); err != nil {
			t.Errorf("that address, written otherwise: %v", err)
		}
		token = c.invite(chika, Invitation{Slug: "janog57", Role: RoleReception})
		list, err := c.Invitations(t.Context(), c.db, "janog57")
		if err != nil || len(list) == 0 {
			t.Fatal(list, err)
		}
		last := list[len(list)-1].Ref
		revoke := func(who int64, slug string) error {
			return c.try(who, func(ctx context.Context, tx *db.Tx) error { return c.Revoke(ctx, tx, slug, last) })
		}
		if err := revoke(pico, "janog57"); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("taken back by somebody: %v", err)
		}
		if err := revoke(olive, "janog58"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("by the address of another meeting: %v", err)
		}
		if err := revoke(chika, "janog57"); err != nil {
			t.Error(err)
		}
		if err := c.accept(stefan, token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("taken back: %v", err)
		}
		token = c.invite(chika, Invitation{Slug: "janog57", Role: RoleReception})
		c.write(chika, func(ctx context.Context, tx *db.Tx) error {
			g, err := readGrants(ctx, tx, `g.person_id = $1`, int64(chika))
			if err != nil {
				return err
			}
			return c.End(ctx, tx, "janog57", g[0].Ref)
		})
		if err := c.accept(stefan, token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("of a chair who is none any more: %v", err)
		}
	})
}

func TestWhatCannotBeOffered(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		for name, x := range map[string]struct {
			who  int64
			v    Invitation
			want fault.Kind
		}{
			"owner by the secretariat": {sora, Invitation{Role: RoleOwner}, fault.Forbidden},
			"another meeting":          {chika, Invitation{Slug: "janog58", Role: RoleNOC}, fault.Forbidden},
			"without the right":        {pico, Invitation{Slug: "janog57", Role: RoleNOC}, fault.Forbidden},
			"no address":               {chika, Invitation{Slug: "janog57", Role: RoleNOC, Address: "ena at nog"}, fault.Invalid},
			"an address with a name":   {chika, Invitation{Slug: "janog57", Role: RoleNOC, Address: "Ena <ena@nog.example>"}, fault.Invalid},
			"for ever":                 {chika, Invitation{Slug: "janog57", Role: RoleNOC, Expires: c.now.AddDate(1, 0, 0)}, fault.Invalid},
			"expired":                  {chika, Invitation{Slug: "janog57", Role: RoleNOC, Expires: c.now}, fault.Invalid},
			"for everybody":            {chika, Invitation{Slug: "janog57", Role: RoleNOC, Uses: 100_000}, fault.Invalid},
			"nothing":                  {chika, Invitation{Slug: "janog57"}, fault.Invalid},
		} {
			if _, err := c.tryInvite(x.who, x.v); err == nil || fault.KindOf(err) != x.want {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestOneUseIsOne: of many who accept a single-use invitation at once, one has it.
func TestOneUseIsOne(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		token := c.invite(chika, Invitation{Slug: "janog57", Role: RoleNOC})
		const rivals = 12
		var wg sync.WaitGroup
		errs := make([]error, rivals)
		for i := range rivals {
			if err := c.join(t.Context(), c.db, int64(100+i), "rival"+itoa(int64(i))); err != nil {
				t.Fatal(err)
			}
			ctx := c.as(int64(100 + i))
			wg.Go(func() {
				errs[i] = c.db.Write(ctx, func(tx *db.Tx) error { _, err := c.Accept(ctx, tx, token); return err })
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case fault.KindOf(err) != fault.NotFound:
				t.Error(err)
			}
		}
		ids, err := c.Holders(t.Context(), c.db, "janog57", RoleNOC)
		if won != 1 || err != nil || len(ids) != 1 {
			t.Errorf("%d were told so, and %d have it (%v)", won, len(ids), err)
		}
	})
}

func TestTeams(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		save := func(who int64, slug string, team Team) (out Team, err error) {
			err = c.try(who, func(ctx context.Context, tx *db.Tx) (err error) {
				out, err = c.SaveTeam(ctx, tx, slug, team)
				return err
			})
			return out, err
		}
		team, err := save(chika, "janog57", Team{Name: i18n.T("配信班", "Streaming"), Roles: []RoleKey{RoleNOC, RoleReception, RoleNOC}})
		if err != nil {
			t.Fatal(err)
		}
		token := c.invite(chika, Invitation{Slug: "janog57", Team: team.ID})
		if err := c.accept(ena, token); err != nil {
			t.Fatal(err)
		}
		if !c.may(ena, MayRunSignage, "janog57", "") || c.may(ena, MayTranslate, "janog57", "") {
			t.Error("who is in a team has its roles")
		}
		if ids, err := c.Holders(t.Context(), c.db, "janog57", RoleNOC); err != nil || !slices.Equal(ids, []int64{ena}) {
			t.Errorf("holders by a team: %v, %v", ids, err)
		}
		team.Roles = []RoleKey{RoleI18N}
		if _, err := save(chika, "janog57", team); err != nil {
			t.Fatal(err)
		}
		if c.may(ena, MayRunSignage, "janog57", "") || !c.may(ena, MayTranslate, "janog57", "") {
			t.Error("a team has other roles, and its members have not")
		}
		for name, x := range map[string]struct {
			who  int64
			slug string
			team Team
			want fault.Kind
		}{
			"by somebody":           {pico, "janog57", Team{Name: i18n.T("班", "")}, fault.Forbidden},
			"in another meeting":    {chika, "janog58", Team{Name: i18n.T("班", "")}, fault.Forbidden},
			"of another meeting":    {olive, "janog58", Team{Ref: team.Ref, Name: i18n.T("班", "")}, fault.NotFound},
			"of the group":          {olive, "", Team{Name: i18n.T("班", "")}, fault.NotFound},
			"with a role above all": {chika, "janog57", Team{Name: i18n.T("班", ""), Roles: []RoleKey{RoleOwner}}, fault.Invalid},
			"with a role of no one": {chika, "janog57", Team{Name: i18n.T("班", ""), Roles: []RoleKey{"emperor"}}, fault.Invalid},
			"without a name":        {chika, "janog57", Team{Roles: []RoleKey{RoleNOC}}, fault.Invalid},
		} {
			if _, err := save(x.who, x.slug, x.team); err == nil || fault.KindOf(err) != x.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		c.write(chika, func(ctx context.Context, tx *db.Tx) error { return c.DropTeam(ctx, tx, "janog57", team.Ref) })
		if c.may(ena, MayTranslate, "janog57", "") {
			t.Error("the team is gone, and its roles are not")
		}
		if teams, err := c.Teams(t.Context(), c.db, "janog57"); err != nil || len(teams) != 0 {
			t.Errorf("teams that are left: %v, %v", teams, err)
		}
	})
}

// outbox remembers letters.
type outbox struct{ letters []mail.Letter }

func (o *outbox) Send(_ context.Context, _ *db.Tx, l mail.Letter) error {
	o.letters = append(o.letters, l)
	return nil
}

func TestInvitationsByMail(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		box := &outbox{}
		c.o.Outbox, c.o.Base = box, "https://nog.example"
		token := c.invite(chika, Invitation{Slug: "janog57", Role: RoleNOC, Address: "Ena@nog.example", Mail: true, Note: "よろしく"})
		c.invite(chika, Invitation{Slug: "janog57", Role: RoleNOC, Address: "pico@nog.example"})
		c.invite(chika, Invitation{Slug: "janog57", Role: RoleNOC, Mail: true})
		if len(box.letters) != 1 {
			t.Fatalf("%d letters", len(box.letters))
		}
		l := box.letters[0]
		if l.To.Address != "ena@nog.example" || !l.Secret || l.Key == "" || strings.Contains(l.Key, token) {
			t.Errorf("the letter: %+v", l)
		}
		for _, text := range []string{l.Body.JA, l.Body.EN} {
			if !strings.Contains(text, "https://nog.example/invitations/"+token+"\n") || !strings.Contains(text, "よろしく") || !strings.Contains(text, "NOC") || !strings.Contains(text, "janog57") {
				t.Errorf("the letter says\n%s", text)
			}
		}
		for range lettersADay {
			_, _ = c.tryInvite(chika, Invitation{Slug: "janog57", Role: RoleNOC, Address: "ena@nog.example", Mail: true})
		}
		if _, err := c.tryInvite(chika, Invitation{Slug: "janog57", Role: RoleNOC, Address: "ena@nog.example", Mail: true}); fault.KindOf(err) != fault.TooMany {
			t.Errorf("one more: %v", err)
		}
	})
}
