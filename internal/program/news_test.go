package program

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// meetingID finds the row of a meeting.
func (m *machine) meetingID(t testing.TB, slug string) event.MeetingID {
	t.Helper()
	p, err := m.service.Programme(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return p.Meeting.ID
}

func TestWhatPagesOfAMeetingAsk(t *testing.T) {
	dbtest.Quick(t, machineFolders(), func(t *testing.T, d *db.DB) {
		m := newMachine(t, d)
		m.readExamples(t)
		id := m.meetingID(t, "janog57")
		menu, err := m.service.Menu(t.Context(), id)
		if err != nil || !menu.HasTimetable || !menu.HasSessions || !menu.HasSpeakers || menu.Changes != 1 {
			t.Errorf("menu %+v %v", menu, err)
		}
		o, err := m.service.Overview(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		counting := 0
		for _, k := range o.Kinds {
			if k.Counts {
				counting += k.N
			}
		}
		if counting != o.Total || o.Total == 0 || len(o.Days) != 3 {
			t.Errorf("overview %+v", o)
		}
		if len(o.Next) != maxUpcoming {
			t.Errorf("%d sessions to come", len(o.Next))
		}
		for i, u := range o.Next {
			if u.Start.Before(machineNow) || i > 0 && u.Start.Before(o.Next[i-1].Start) || m.ask(t, http.MethodGet, u.Path).Code != http.StatusOK {
				t.Errorf("to come %+v", u)
			}
		}
		past, err := m.service.Menu(t.Context(), m.meetingID(t, "janog38"))
		if err != nil || past != (event.ProgrammeMenu{}) {
			t.Errorf("a meeting without a programme has %+v %v", past, err)
		}
	})
}

func TestWhatIsNew(t *testing.T) {
	dbtest.Quick(t, machineFolders(), func(t *testing.T, d *db.DB) {
		m := newMachine(t, d)
		m.read(t, "guarded.yaml", []byte(guarded))
		later := strings.NewReplacer(`start: "10:00"`, `start: "10:05"`, "code: OFF\n", "code: OFF\n    status: cancelled\n", "en: Shy}", "en: Shyer}").Replace(guarded)
		m.read(t, "guarded.yaml", []byte(later))
		ctx, queries := db.Counted(t.Context())
		list, err := m.service.WhatIsNew(ctx, 10)
		if err != nil || len(list) != 2 || queries.Load() != 1 {
			t.Fatalf("%+v %v, %d queries", list, err, queries.Load())
		}
		if want := i18n.T("1件の日時・会場を変更、1件を中止、1件の内容を更新", "1 session moved, 1 session cancelled, 1 session updated"); list[0].What != want {
			t.Errorf("%q, want %q", list[0].What, want)
		}
		if list[0].Path != "/meetings/guarded/changes#r2" || list[1].Path != "/meetings/guarded/programme" || list[1].What.EN == "" || list[0].Meeting.EN != "Guarded" {
			t.Errorf("%+v", list)
		}
		if one, err := m.service.WhatIsNew(t.Context(), 1); err != nil || len(one) != 1 {
			t.Errorf("limit 1 gives %d %v", len(one), err)
		}
	})
}

func TestAddressesAreThere(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	if _, err := m.service.events.Meetings(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, queries := db.Counted(t.Context())
	list, err := m.service.Addresses(ctx)
	if err != nil || queries.Load() != 2 {
		t.Fatalf("%v, %d queries", err, queries.Load())
	}
	seen := map[string]bool{}
	for i, a := range list {
		if seen[a.Path] || a.Modified.IsZero() || !strings.HasPrefix(a.Path, "/meetings/"+a.Slug+"/") {
			t.Errorf("%+v", a)
		}
		seen[a.Path] = true
		if i%5 == 0 {
			if w := m.ask(t, http.MethodGet, a.Path); w.Code != http.StatusOK {
				t.Errorf("%s: %d", a.Path, w.Code)
			}
		}
	}
	for _, path := range []string{"timetable", "programme", "speakers", "changes"} {
		if !seen["/meetings/janog57/"+path] {
			t.Errorf("%s is not listed", path)
		}
	}
}
