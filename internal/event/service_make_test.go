package event

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

func (c *committee) tryMake(who int64, in Making) error {
	c.t.Helper()
	return c.try(who, func(ctx context.Context, tx *db.Tx) error { _, err := c.Make(ctx, tx, in); return err })
}

// copier remembers which frames it was asked to copy.
type copier struct{ from, to string }

func (k *copier) CopyFrame(_ context.Context, _ *db.Tx, from, to *Stored) error {
	k.from, k.to = from.Slug, to.Slug
	return nil
}

func TestMakeFromTheLast(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		apply(t, c.Service, Input{Meeting: sample(), Full: true})
		k := &copier{}
		c.UseCopier(k)
		c.write(sora, func(ctx context.Context, tx *db.Tx) error {
			if _, err := c.SaveTeam(ctx, tx, "iw2025", Team{Name: i18n.T("班", "")}); fault.KindOf(err) != fault.Conflict {
				t.Errorf("a team in an archived meeting: %v", err)
			}
			if _, err := c.SaveTask(ctx, tx, "iw2025", Task{Title: "募集", Anchor: FirstDay, Days: -60, Role: RoleProgramme}); err != nil {
				return err
			}
			done, err := c.SaveTask(ctx, tx, "iw2025", Task{Title: "決算", Anchor: LastDay, Days: 30})
			if err != nil {
				return err
			}
			return c.TickTask(ctx, tx, "iw2025", done.Ref, true)
		})
		in := Making{From: "iw2025", Slug: " IW2026 ", Title: i18n.T("Internet Week 2026", ""), Start: "2026-11-17", End: "2026-11-20", Phase: Draft, Pages: true, Teams: true, Tasks: true}
		if err := c.tryMake(sora, in); err != nil {
			t.Fatal(err)
		}
		m := meeting(t, c.Service, "iw2026")
		if m.Phase != Draft || m.Series != "internetweek" || len(m.Rooms) != 2 || len(m.Venues) != 1 || len(m.Pages) != 2 || len(m.Orgs)+len(m.Figures)+len(m.Links) != 0 || !m.Summary.IsZero() || !m.Theme.IsZero() {
			t.Errorf("what was carried over: %+v", m.Meeting)
		}
		if want := []Date{"2026-11-17", "2026-11-18", "2026-11-19"}; !slices.Equal(m.Parts[0].Days, want) || len(m.Parts[1].Days) != 0 {
			t.Errorf("the days of its parts: %v", m.Parts)
		}
		if k.from != "iw2025" || k.to != "iw2026" {
			t.Errorf("the frame was copied from %q to %q", k.from, k.to)
		}
		tasks, err := c.Tasks(c.as(sora), c.db, m)
		if err != nil || len(tasks) != 2 || tasks[0].Due(&m.Meeting) != "2026-09-18" || tasks[1].Due(&m.Meeting) != "2026-12-20" || tasks[1].IsDone() || tasks[0].Origin != "iw2025" {
			t.Errorf("the tasks: %+v, %v", tasks, err)
		}
		if held, err := c.Held(t.Context(), c.db, "iw2026"); err != nil || len(held) != 0 {
			t.Errorf("somebody came along: %v", held)
		}
		if _, err := c.Meeting(t.Context(), "iw2026"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a meeting in draft is public: %v", err)
		}
		if _, err := c.Meeting(c.as(chika), "iw2026"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("and known to the chair of another: %v", err)
		}
		if _, err := c.Meeting(c.as(stefan), "iw2026"); err != nil {
			t.Errorf("the steering committee does not know it: %v", err)
		}
		if log := strings.Join(c.log("iw2026"), "\n"); !strings.Contains(log, "REFsora event.meeting.made") {
			t.Errorf("the log: %s", log)
		}
	})
}

func TestTeamsComeAlong(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		c.write(chika, func(ctx context.Context, tx *db.Tx) error {
			team, err := c.SaveTeam(ctx, tx, "janog57", Team{Name: i18n.T("配信班", ""), Roles: []RoleKey{RoleNOC}})
			if err != nil {
				return err
			}
			_, err = c.Give(ctx, tx, Grant{Slug: "janog57", Team: team.ID, Person: ena})
			return err
		})
		if err := c.tryMake(stefan, Making{From: "janog57", Slug: "janog59", Title: i18n.T("JANOG59", ""), Phase: Announced, Teams: true}); err != nil {
			t.Fatal(err)
		}
		teams, err := c.Teams(t.Context(), c.db, "janog59")
		if err != nil || len(teams) != 1 || !slices.Equal(teams[0].Roles, []RoleKey{RoleNOC}) {
			t.Errorf("the teams: %v, %v", teams, err)
		}
		if c.may(ena, MayRunSignage, "janog59", "") {
			t.Error("the members came along")
		}
		if _, err := c.Meeting(t.Context(), "janog59"); err != nil {
			t.Errorf("announced, and not public: %v", err)
		}
	})
}

func TestWhatCannotBeMade(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		apply(t, c.Service, Input{Full: true, Meeting: &Meeting{Slug: "hidden", Title: i18n.T("ひみつ", ""), Phase: Draft}})
		good := Making{Slug: "janog60", Title: i18n.T("JANOG60", ""), Phase: Draft}
		for name, x := range map[string]struct {
			who   int64
			edit  func(*Making)
			want  fault.Kind
			field string
		}{
			"by a chair":      {chika, func(*Making) {}, fault.Forbidden, ""},
			"by nobody":       {0, func(*Making) {}, fault.Forbidden, ""},
			"twice":           {sora, func(m *Making) { m.Slug = "janog57" }, fault.Conflict, "slug"},
			"reserved":        {sora, func(m *Making) { m.Slug = "new" }, fault.Conflict, "slug"},
			"no slug":         {sora, func(m *Making) { m.Slug = "../x" }, fault.Invalid, "slug"},
			"no title":        {sora, func(m *Making) { m.Title = i18n.Text{} }, fault.Invalid, "title_ja"},
			"ended":           {sora, func(m *Making) { m.Phase = Ended }, fault.Invalid, "phase"},
			"ends too early":  {sora, func(m *Making) { m.Start, m.End = "2026-03-02", "2026-03-01" }, fault.Invalid, "end"},
			"no date":         {sora, func(m *Making) { m.Start = "tomorrow" }, fault.Invalid, "start"},
			"from nowhere":    {sora, func(m *Making) { m.From = "nowhere" }, fault.NotFound, ""},
			"a series of ink": {sora, func(m *Making) { m.Series = "<b>" }, fault.Invalid, "series"},
		} {
			in := good
			x.edit(&in)
			err := c.tryMake(x.who, in)
			if err == nil || fault.KindOf(err) != x.want {
				t.Errorf("%s: %v", name, err)
			}
			if e, ok := fault.As(err); ok && e.Field != x.field {
				t.Errorf("%s: beside %q", name, e.Field)
			}
		}
	})
}

// errUndo takes back what a transaction did.
var errUndo = errors.New("undo")

func TestSettings(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		before := meeting(t, c.Service, "janog57")
		configure := func(who int64, in Settings) error {
			return c.try(who, func(ctx context.Context, tx *db.Tx) error { _, err := c.Configure(ctx, tx, "janog57", in); return err })
		}
		in := Settings{Meeting: before.Meeting, Seen: before.State()}
		in.Title.EN, in.Rooms, in.Slug, in.Series = "JANOG57 Meeting", []Room{{Key: "room1", Name: i18n.T("大会場", ""), Capacity: 900}}, "other", "other"
		if err := configure(pico, in); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("by the programme committee: %v", err)
		}
		if err := configure(chika, in); err != nil {
			t.Fatal(err)
		}
		after := meeting(t, c.Service, "janog57")
		if after.Title.EN != "JANOG57 Meeting" || len(after.Rooms) != 1 || after.Slug != "janog57" || after.Series != before.Series {
			t.Errorf("what was stored: %+v", after.Meeting)
		}
		if log := strings.Join(c.log("janog57"), "\n"); !strings.Contains(log, "REFchika event.meeting.changed") || !strings.Contains(log, "title.en=>JANOG57 Meeting") {
			t.Errorf("the log:\n%s", log)
		}
		if err := configure(olive, in); fault.KindOf(err) != fault.Conflict {
			t.Errorf("by somebody who saw an older state: %v", err)
		}
		bad := Settings{Meeting: after.Meeting, Seen: after.State()}
		bad.Title = i18n.Text{}
		if e, ok := fault.As(configure(chika, bad)); !ok || e.Field != "title_ja" {
			t.Errorf("without a title: %v", e)
		}
		c.give(chika, Grant{Slug: "janog57", Person: ena, Role: RoleOrganiser})
		for phase, want := range map[Phase]string{Archived: "phase", Draft: "phase", Running: ""} {
			in := Settings{Meeting: after.Meeting, Seen: after.State()}
			in.Phase = phase
			err := c.try(ena, func(ctx context.Context, tx *db.Tx) error {
				_, err := c.Configure(ctx, tx, "janog57", in)
				if err == nil {
					err = errUndo
				}
				return err
			})
			if e, ok := fault.As(err); ok != (want != "") || ok && (e.Field != want || e.Kind != fault.Invalid) {
				t.Errorf("an organiser turns it to %s: %v", phase, err)
			}
		}
		var wg sync.WaitGroup
		errs, contexts := make([]error, 2), []context.Context{c.as(chika), c.as(olive)}
		for i := range errs {
			wg.Go(func() {
				in := Settings{Meeting: after.Meeting, Seen: after.State()}
				in.Place = i18n.T([]string{"大阪", "京都"}[i], "")
				errs[i] = c.db.Write(contexts[i], func(tx *db.Tx) error { _, err := c.Configure(contexts[i], tx, "janog57", in); return err })
			})
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("two at once: %v, %v", errs[0], errs[1])
		}
	})
}

func TestTasks(t *testing.T) {
	eachCommittee(t, func(t *testing.T, c *committee) {
		save := func(who int64, slug string, task Task) (out Task, err error) {
			err = c.try(who, func(ctx context.Context, tx *db.Tx) (err error) {
				out, err = c.SaveTask(ctx, tx, slug, task)
				return err
			})
			return out, err
		}
		tick := func(who int64, slug, ref string, done bool) error {
			return c.try(who, func(ctx context.Context, tx *db.Tx) error { return c.TickTask(ctx, tx, slug, ref, done) })
		}
		task, err := save(chika, "janog57", Task{Title: " 会場を予約する ", Role: RoleOrganiser, Anchor: FirstDay, Days: -30})
		if err != nil || task.Title != "会場を予約する" {
			t.Fatal(task, err)
		}
		m := meeting(t, c.Service, "janog57")
		if due := task.Due(&m.Meeting); due != "2026-01-12" {
			t.Errorf("due %s", due)
		}
		if err := tick(pico, "janog57", task.Ref, true); err != nil {
			t.Errorf("ticked by the programme committee: %v", err)
		}
		c.now = c.now.Add(time.Hour)
		if err := tick(ena, "janog57", task.Ref, false); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("by somebody: %v", err)
		}
		if err := tick(olive, "janog58", task.Ref, false); fault.KindOf(err) != fault.NotFound {
			t.Errorf("by the address of another meeting: %v", err)
		}
		list, err := c.Tasks(c.as(chika), c.db, m)
		if err != nil || len(list) != 1 || !list[0].IsDone() || list[0].DoneBy != "REFpico" {
			t.Errorf("the list: %+v, %v", list, err)
		}
		if _, err := c.Tasks(c.as(ena), c.db, m); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("the list for somebody: %v", err)
		}
		changed := list[0]
		changed.Title, changed.Done = "会場を二つ予約する", time.Time{}
		if _, err := save(pico, "janog57", changed); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("changed by the programme committee: %v", err)
		}
		if got, err := save(chika, "janog57", changed); err != nil || !got.IsDone() {
			t.Errorf("a change of words makes it undone: %v", err)
		}
		if err := tick(chika, "janog57", task.Ref, false); err != nil {
			t.Error(err)
		}
		for name, bad := range map[string]Task{
			"no title": {Anchor: FirstDay}, "no anchor": {Title: "x"}, "far": {Title: "x", Anchor: FirstDay, Days: 100_000}, "emperor": {Title: "x", Anchor: LastDay, Role: "emperor"},
			"long": {Title: strings.Repeat("長", 301), Anchor: LastDay},
		} {
			if _, err := save(chika, "janog57", bad); fault.KindOf(err) != fault.Invalid || err == nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := c.try(chika, func(ctx context.Context, tx *db.Tx) error { return c.DropTask(ctx, tx, "janog57", task.Ref) }); err != nil {
			t.Error(err)
		}
		if log := strings.Join(c.log("janog57"), "\n"); strings.Count(log, "event.task.") != 5 {
			t.Errorf("the log:\n%s", log)
		}
	})
}
