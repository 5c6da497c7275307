package program

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
)

// asPerson is somebody who is signed in.
func asPerson(t testing.TB, id int64) context.Context {
	return authz.With(t.Context(), &authz.Actor{ID: id, Ref: fmt.Sprintf("P%d", id)})
}

func TestStars(t *testing.T) {
	dbtest.Quick(t, append(machineFolders(), limit.Migrations), func(t *testing.T, d *db.DB) {
		m := newMachine(t, d)
		m.readExample(t, "janog57.yaml")
		p, err := m.service.Programme(t.Context(), "janog57")
		if err != nil {
			t.Fatal(err)
		}
		a, b := p.Items[3], p.Items[5]
		at := machineNow.Add(-time.Hour)
		sync := func(ctx context.Context, want []string, changes ...StarChange) {
			t.Helper()
			got, err := m.service.SyncStars(ctx, "janog57", changes)
			slices.Sort(got)
			slices.Sort(want)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("stars %q, %v; want %q", got, err, want)
			}
		}
		mei := asPerson(t, 7)
		// Two devices meet: the union, and of each session the last change.
		sync(mei, []string{a.Ref}, StarChange{a.Ref, true, at}, StarChange{"nothing", true, at})
		sync(mei, []string{a.Ref, b.Ref}, StarChange{b.Ref, true, at.Add(time.Minute)})
		sync(mei, []string{b.Ref}, StarChange{a.Ref, false, at.Add(2 * time.Minute)})
		sync(mei, []string{b.Ref}, StarChange{a.Ref, true, at.Add(time.Minute)}) // an older change comes late
		sync(mei, []string{b.Ref})
		// A clock that is a year ahead wins for now, not for ever.
		sync(mei, []string{a.Ref, b.Ref}, StarChange{a.Ref, true, machineNow.AddDate(1, 0, 0)})
		sync(mei, []string{b.Ref}, StarChange{a.Ref, false, machineNow})
		sync(asPerson(t, 8), []string{b.Ref}, StarChange{b.Ref, true, at})
		if _, err := m.service.SyncStars(t.Context(), "janog57", nil); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("nobody has stars of their own: %v", err)
		}

		// Anonymous stars count once each; only who gave one takes it back; nothing goes below zero.
		beacon := func(token string, on bool) {
			t.Helper()
			if err := m.service.StarAnonymously(t.Context(), "janog57", b.Ref, token, on, "203.0.113.7"); err != nil {
				t.Error(err)
			}
		}
		first, second := "11111111111111111111111111111111", "22222222222222222222222222222222"
		for _, on := range []bool{true, true, false, false, false, true} {
			beacon(first, on)
		}
		beacon(second, false)
		beacon(second, true)
		if err := m.service.StarAnonymously(t.Context(), "janog57", b.Ref, "short", true, ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a token that can be guessed: %v", err)
		}
		stars, err := m.service.Interest(t.Context(), d, "janog57")
		if err != nil || len(stars) != 1 || stars[b.GUID] != (Stars{SignedIn: 2, Anonymous: 2}) {
			t.Errorf("interest %v, %v", stars, err)
		}
		if wanted, err := m.service.Wanted(t.Context(), d, "janog57"); err != nil || wanted[b.GUID] != 4 {
			t.Errorf("wanted %v, %v", wanted, err)
		}
		who, err := m.service.Starrers(t.Context(), d, p.Meeting.ID, []string{a.GUID, b.GUID})
		if err != nil || len(who) != 2 || !slices.Equal(who[7], []string{b.GUID}) {
			t.Errorf("starred by %v, %v", who, err)
		}

		// Two accounts of one person become one: the last change of each session.
		sync(asPerson(t, 8), []string{a.Ref, b.Ref}, StarChange{a.Ref, true, machineNow})
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return mergeStars(t.Context(), tx, 8, 7) }); err != nil {
			t.Fatal(err)
		}
		sync(asPerson(t, 8), []string{})
		if list, err := allStars(t.Context(), d, 7); err != nil || len(list) != 2 {
			t.Errorf("after the merge %v, %v", list, err)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return eraseStars(t.Context(), tx, 7) }); err != nil {
			t.Fatal(err)
		}
		sync(mei, []string{})
	})
}
