package event

import (
	"slices"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
)

// all lists every permission there is.
var all = []authz.Permission{
	MayReadDraft, MayEditProgramme, MayTranslate, MayRelease, MayEditSession, MaySpeak, MayEditMeeting, MayDoTasks, MayReadCommittee, MayGrant,
	MayRunSignage, MayEmergency, MaySendLetters, MayReadPeople, MayReadHistory, MayReadFigures, MayReadEntries, MayEditEntries, MayEditForm,
	MayReadMoney, MayEditMoney, MayTakeMoney, MayCreateMeeting, MayRunSite, MayOwn,
}

// TestRoleMatrix says for every role and every permission whether the one gives the other: a change of the table is seen here.
func TestRoleMatrix(t *testing.T) {
	want := map[RoleKey]string{
		//                 draft edit trans release session speak meeting tasks committee grant signage emergency letters people history figures entries edit-entries form read-money edit-money take-money create site own
		RoleOwner:         "xxxxxxxxxxxxxxxxxxxxxxxxx",
		RoleSteering:      "x......xx....xxx......x..",
		RoleSecretariat:   "xxxxxxxxxxxxxxxxxxxxxxxx.",
		RoleChair:         "xxxxxxxxxxxxxxxxxxxxxx...",
		RoleViceChair:     "xxxxxxxxx.xxxxxxxxxx.x...",
		RoleExecutive:     "x......xx....x.x.........",
		RoleProgramme:     "xxx.xx.xx...xx.x.........",
		RoleOrganiser:     "x.....xxx.xx.x.xxxx..x...",
		RoleReception:     ".......xx............x...",
		RoleNOC:           ".......xx.x..............",
		RoleI18N:          "x.x....xx................",
		RoleTreasurer:     ".......xx......x...xxx...",
		RoleSessionOwner:  "....xx...x...............",
		RoleSessionEditor: "....xx...................",
		RoleSpeaker:       ".....x...................",
	}
	for _, role := range Roles {
		got := ""
		for _, p := range all {
			got += map[bool]string{true: "x", false: "."}[slices.Contains(role.May, p)]
		}
		if got != want[role.Key] {
			t.Errorf("%s\n got %s\nwant %s", role.Key, got, want[role.Key])
		}
		delete(want, role.Key)
		for _, text := range []string{role.Name.JA, role.Name.EN, role.For.JA, role.For.EN, role.Why.JA, role.Why.EN} {
			if text == "" {
				t.Errorf("%s lacks a text", role.Key)
			}
		}
		for _, p := range role.May {
			if !slices.Contains(all, p) {
				t.Errorf("%s: %s is no permission", role.Key, p)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("roles that are not there: %v", want)
	}
}

// TestWhereRolesHold: those of the group everywhere, those of a meeting in it, those on an object there.
func TestWhereRolesHold(t *testing.T) {
	now := time.Date(2026, 2, 11, 12, 0, 0, 0, time.UTC)
	g := addUp([]held{
		{Role: RoleSteering},
		{Role: RoleI18N, Slug: "janog57"},
		{Role: RoleSessionEditor, Slug: "janog58", Object: "E1W1VN"},
		{Role: RoleChair, Slug: "janog58", Until: now},               // over
		{Role: RoleOwner, Slug: "janog58"},                           // a role of the group is none in a meeting
		{Role: RoleChair},                                            // and the other way round
		{Role: RoleSessionOwner, Slug: "janog58"},                    // on nothing
		{Role: RoleSessionOwner, Slug: "janog58", Object: authz.Any}, // on everything
		{Role: "emperor", Slug: "janog58"},
	}, now)
	for _, c := range []struct {
		p             authz.Permission
		scope, object string
		want          bool
	}{
		{MayCreateMeeting, "", "", true},
		{MayReadDraft, "", "", true},
		{MayReadDraft, "iw2026", "", true},
		{MayReadDraft, "iw2026", "X", true},
		{MayTranslate, "janog57", "", true},
		{MayTranslate, "janog57", "E1W1VN", true},
		{MayTranslate, "janog57", authz.Any, true},
		{MayTranslate, "janog58", "", false},
		{MayTranslate, "", "", false},
		{MayTranslate, "", authz.Any, false},
		{MayEditSession, "janog58", "E1W1VN", true},
		{MayEditSession, "janog58", authz.Any, true},
		{MayEditSession, "janog58", "", false},
		{MayEditSession, "janog58", "OTHER1", false},
		{MayEditSession, "janog57", "E1W1VN", false},
		{MayEditSession, "", "E1W1VN", false},
		{MayGrant, "janog58", "", false},
		{MayGrant, "janog58", authz.Any, false},
		{MayOwn, "", "", false},
		{MayRelease, "janog58", "", false},
	} {
		if got := g.May(c.p, c.scope, c.object); got != c.want {
			t.Errorf("%s in %q on %q: %v", c.p, c.scope, c.object, got)
		}
	}
	if !g.until.IsZero() {
		t.Errorf("nothing that holds ends, and yet: %v", g.until)
	}
}
