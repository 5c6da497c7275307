package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/tsudoi/tsudoi/internal/billing"
	"github.com/tsudoi/tsudoi/internal/briefing"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/httpclient"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/program/speaking"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// groupPages starts pages of no meeting.
type groupPages struct{ a *App }

// PageFrame starts a page in the group's name and colour.
func (g groupPages) PageFrame(r *http.Request) (*web.Frame, error) {
	return g.a.Events.Frame(r, g.a.Site, nil, "")
}

// door is a page that is for those who hold a permission.
type door struct {
	title string // key of words
	path  string // below the meeting, or, of a door of the group, from the root
	needs authz.Permission
	one   bool // holding it on one object is enough
}

// meetingDoors are the pages of a meeting for those who work on it, in the order of their menu.
var meetingDoors = []door{
	{"app.door.desk", "/desk", event.MayReadDraft, false},
	{"briefing.title", "/briefings", event.MaySendLetters, false},
	{"registration.desk.title", "/registration/desk", event.MayReadFigures, false},
	{"registration.figures.title", "/registration/figures", event.MayReadFigures, false},
	{"program.speaking.people", "/speakers-desk", event.MayEditProgramme, false},
	{"program.speaking.suggestions", "/suggestions", event.MayEditSession, true},
	{"signage.title", "/signage", event.MayRunSignage, false},
	{"billing.title", "/money", event.MayReadMoney, false},
	{"billing.gate.title", "/money/gate", event.MayTakeMoney, false},
	{"event.people.title", "/people", event.MayReadCommittee, false},
	{"app.door.history", "/history", event.MayReadHistory, false},
	{"event.task.title", "/tasks", event.MayDoTasks, false},
	{"event.settings.title", "/settings", event.MayEditMeeting, false},
}

// groupDoors are the pages of the installation for those who run it.
var groupDoors = []door{
	{"event.people.group", "/admin/people", event.MayReadCommittee, false},
	{"app.door.history", "/admin/history", event.MayReadHistory, false},
	{"person.help", "/admin/accounts", event.MayRunSite, false},
	{"app.door.jobs", "/admin/jobs", event.MayRunSite, false},
	{"app.door.letters", "/admin/letters", event.MayRunSite, false},
	{"event.make.title", "/meetings/new", event.MayCreateMeeting, false},
}

// doors puts the menus of those who work on meetings together.
type doors struct{ a *App }

// Mine lists the pages for who acts, at a path: those of its meeting, and else those of the group and the meetings one works on.
func (d doors) Mine(r *http.Request, f *web.Frame, at string) ([]web.Item, error) {
	who := authz.Who(r.Context())
	if !who.SignedIn() {
		return nil, nil
	}
	told, err := d.told(r, f, who)
	if err != nil {
		return nil, err
	}
	items, err := d.talks(r.Context(), f, who)
	if err != nil {
		return nil, err
	}
	items = append(told, items...)
	rest, inside := strings.CutPrefix(at, "/meetings/")
	slug, _, _ := strings.Cut(rest, "/")
	if inside && slug != "" {
		return append(items, d.of(f, who, slug, "/meetings/"+slug, meetingDoors)...), nil
	}
	items = append(items, d.of(f, who, "", "", groupDoors)...)
	meetings, err := d.a.Events.Meetings(r.Context())
	if err != nil {
		return nil, err
	}
	for _, m := range meetings {
		if own := d.of(f, who, m.Slug, "/meetings/"+m.Slug, meetingDoors); len(own) > 0 && m.Phase != event.Archived {
			items = append(items, web.Item{Title: f.In(m.Name()), URL: own[0].URL})
		}
	}
	return items, nil
}

// told leads to what who acts has still to acknowledge, where there is something.
func (d doors) told(r *http.Request, f *web.Frame, who *authz.Actor) ([]web.Item, error) {
	n, err := d.a.Briefings.Waiting(r.Context(), who.ID)
	if err != nil || n == 0 {
		return nil, err
	}
	return []web.Item{{Title: f.T("briefing.own.door", "n", n), URL: f.URL("/me/briefings")}}, nil
}

// talks leads those who speak somewhere, or act for somebody who does, to their sessions.
func (d doors) talks(ctx context.Context, f *web.Frame, who *authz.Actor) ([]web.Item, error) {
	held, err := d.a.Events.HoldingsOf(ctx, d.a.DB, who.ID, event.RoleSpeaker, event.RoleSessionEditor)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	return []web.Item{{Title: f.T("program.speaking.mine"), URL: f.URL("/me/talks")}}, nil
}

func (d doors) of(f *web.Frame, who *authz.Actor, scope, base string, list []door) []web.Item {
	var items []web.Item
	for _, one := range list {
		if who.May(one.needs, scope, "") || one.one && who.May(one.needs, scope, authz.Any) {
			items = append(items, web.Item{Title: f.T(one.title), URL: f.URL(base + one.path)})
		}
	}
	return items
}

// letterKinds are the kinds of letters that features write, in the order in which people choose which of them they get. The words of each
// stand in its feature's lang/, as letter.KIND and letter.about.KIND.
func letterKinds() []person.Kind {
	return []person.Kind{
		{Key: "person.code", Necessary: true},
		{Key: "person.security", Necessary: true},
		{Key: event.KindInvitation, Necessary: true},
		{Key: speaking.KindInvitation, Necessary: true},
		{Key: briefing.KindChange, Necessary: true},
		{Key: briefing.KindStar},
		{Key: billing.KindOrder, Necessary: true},
		{Key: billing.KindReminder, Necessary: true},
		{Key: registration.KindEntry, Necessary: true},
		{Key: registration.KindNotice, Necessary: true},
		{Key: registration.KindNews},
		{Key: registration.KindDay, Necessary: true},
	}
}

// newPeople makes the feature of people as the settings want it.
func (a *App) newPeople() (*person.Service, error) {
	o := person.Options{
		Now: a.now, Log: a.Log, Roles: a.Events, Outbox: a.Outbox, Kept: a.Outbox, Base: a.Settings.Base(""), Zone: a.Settings.Zone(), Kinds: letterKinds(), Portraits: a.Portraits, RunSite: event.MayRunSite,
	}
	for _, s := range a.Settings.SignInServices() {
		o.Issuers = append(o.Issuers, person.Issuer{
			ID: s.ID, URL: s.Issuer, Client: s.Client, Secret: s.Secret, Scopes: s.Scopes, Name: i18n.T(s.NameJA, s.NameEN), HTTP: httpclient.Guarded(s.Issuer),
		})
	}
	if dir := a.Settings.Privacy; dir != "" {
		p, err := person.ReadPolicy(os.DirFS(dir))
		if err != nil {
			return nil, fmt.Errorf("read the privacy policy: %w", err)
		}
		o.Policy = p
	}
	return person.New(a.DB, o), nil
}

// personas are the people one may become in the demo: one for each role that works on a meeting, with that role in the meetings that are
// not archived. Their names say that they are invented.
func (a *App) personas() []person.Persona {
	if !a.Demo {
		return nil
	}
	var list []person.Persona
	for i := range event.Roles {
		role := &event.Roles[i]
		if role.Scope == event.OnObject {
			continue
		}
		list = append(list, person.Persona{
			Key: string(role.Key), Lang: i18n.JA,
			Name: i18n.T("デモの"+role.Name.JA, role.Name.EN+" of the demo"),
			Made: func(r *http.Request, id person.ID) error { return a.giveDemoRole(r.Context(), role, int64(id)) },
		})
	}
	speaker := event.RoleOf(event.RoleSpeaker)
	list = append(list, person.Persona{
		Key: string(speaker.Key), Lang: i18n.JA, Name: i18n.T("デモの"+speaker.Name.JA, speaker.Name.EN+" of the demo"), Made: a.makeDemoSpeaker,
	})
	return append(list, person.Persona{
		Key: "member", Lang: i18n.JA, Name: i18n.T("デモの参加者", "Attendee of the demo"), Made: func(*http.Request, person.ID) error { return nil },
	})
}

// makeDemoSpeaker makes a person of the demo the first speaker of the sample meeting.
func (a *App) makeDemoSpeaker(r *http.Request, id person.ID) error {
	ctx := authz.System(r.Context(), "demo")
	p, err := a.Programmes.Programme(ctx, "sample")
	if err != nil || len(p.Speakers) == 0 {
		return err
	}
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := a.Events.Give(ctx, tx, event.Grant{Slug: "sample", Person: int64(id), Role: event.RoleSpeaker, Object: p.Speakers[0].Key})
		return err
	})
}

// giveDemoRole gives a person of the demo a role: in the group, or in every meeting that is not archived.
func (a *App) giveDemoRole(ctx context.Context, role *event.Role, id int64) error {
	ctx = authz.System(ctx, "demo")
	slugs := []string{""}
	if role.Scope == event.InMeeting {
		slugs = nil
		meetings, err := a.Events.Meetings(ctx)
		if err != nil {
			return err
		}
		for _, m := range meetings {
			if m.Phase != event.Archived {
				slugs = append(slugs, m.Slug)
			}
		}
	}
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		for _, slug := range slugs {
			if _, err := a.Events.Give(ctx, tx, event.Grant{Slug: slug, Person: id, Role: role.Key}); err != nil {
				return err
			}
		}
		return nil
	})
}

// become lists the people of the demo for the bar above its pages.
func (a *App) become() []web.Choice {
	var list []web.Choice
	for _, p := range a.personas() {
		list = append(list, web.Choice{Value: p.Key, Name: p.Name})
	}
	if len(list) > 0 {
		list = append([]web.Choice{{Value: "nobody", Name: i18n.T("サインインしていない人", "Somebody who is not signed in")}}, list...)
	}
	return list
}
