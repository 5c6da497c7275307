package event

import (
	"context"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

func TestWhatIsKeptOfPeople(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		keep := Keeps{c.Service}
		token := c.invite(chika, Invitation{Slug: "janog57", Role: RoleNOC, Address: "ena@nog.example", Note: "よろしく"})
		if log := strings.Join(c.log("janog57"), "\n"); strings.Contains(log, "ena@") || !strings.Contains(log, "*@nog.example") {
			t.Errorf("the log keeps an address:\n%s", log)
		}
		// Two accounts of one person: of what both hold, the longer stays.
		c.give(chika, Grant{Slug: "janog57", Person: ena, Role: RoleI18N, EndsOn: "2026-02-12"})
		c.give(chika, Grant{Slug: "janog57", Person: pico, Role: RoleI18N})
		c.write(olive, func(ctx context.Context, tx *db.Tx) error { return keep.Merge(ctx, tx, pico, ena) })
		if c.may(pico, MayDoTasks, "janog57", "") || !c.may(ena, MayEditProgramme, "janog57", "") {
			t.Error("the roles of one account are not the other's")
		}
		list, err := readGrants(t.Context(), c.db, `g.person_id = $1 AND g.ended_at = 0 AND g.role = 'i18n'`, int64(ena))
		if err != nil || len(list) != 1 || list[0].EndsOn != "" {
			t.Errorf("the longer one: %+v, %v", list, err)
		}
		c.write(chika, func(ctx context.Context, tx *db.Tx) error { return keep.Erase(ctx, tx, chika) })
		if c.may(chika, MayDoTasks, "janog57", "") {
			t.Error("who has left is the chair")
		}
		if err := c.accept(ena, token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("their invitation is open: %v", err)
		}
		if err := c.try(olive, func(ctx context.Context, tx *db.Tx) error { return keep.Erase(ctx, tx, olive) }); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the last owner leaves: %v", err)
		}
		c.now = c.now.AddDate(0, 3, 0)
		if err := c.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := c.db.Row(t.Context(), `SELECT count(*) FROM event_invitation WHERE address <> '' OR note <> ''`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d addresses of old invitations are kept (%v)", n, err)
		}
	})
}
