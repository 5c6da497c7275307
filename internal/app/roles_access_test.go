package app

import (
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// rolesMatrix are the lines of the permission matrix about who holds which role.
var rolesMatrix = []entry{
	{"GET /meetings/new", "/meetings/new", 200, web.Needs(event.MayCreateMeeting)},
	{"POST /meetings/new", "/meetings/new", 422, web.Needs(event.MayCreateMeeting)},
	{"GET /meetings/{slug}/settings", "/meetings/janog57/settings", 200, web.Needs(event.MayEditMeeting)},
	{"POST /meetings/{slug}/settings", "/meetings/janog57/settings", 422, web.Needs(event.MayEditMeeting)},
	{"GET /meetings/{slug}/tasks", "/meetings/janog57/tasks", 200, web.Needs(event.MayDoTasks)},
	{"GET /meetings/{slug}/tasks/{ref}", "/meetings/janog57/tasks/new", 200, web.Needs(event.MayEditMeeting)},
	{"POST /meetings/{slug}/tasks/{ref}", "/meetings/janog57/tasks/new", 422, web.Needs(event.MayEditMeeting)},
	{"POST /meetings/{slug}/tasks/{ref}/tick", "/meetings/janog57/tasks/nothing/tick", 404, web.Needs(event.MayDoTasks)},
	{"POST /meetings/{slug}/tasks/{ref}/drop", "/meetings/janog57/tasks/nothing/drop", 404, web.Needs(event.MayEditMeeting)},
	{"GET /meetings/{slug}/people", "/meetings/janog57/people", 200, web.Needs(event.MayReadCommittee)},
	{"POST /meetings/{slug}/people", "/meetings/janog57/people", 422, web.Needs(event.MayGrant)},
	{"GET /meetings/{slug}/people/add", "/meetings/janog57/people/add", 200, web.Needs(event.MayGrant)},
	{"POST /meetings/{slug}/people/grants/{ref}/end", "/meetings/janog57/people/grants/nothing/end", 404, web.SignedIn},
	{"POST /meetings/{slug}/people/grants/{ref}/until", "/meetings/janog57/people/grants/nothing/until", 404, web.SignedIn},
	{"GET /meetings/{slug}/people/invite", "/meetings/janog57/people/invite", 200, web.Needs(event.MayGrant)},
	{"POST /meetings/{slug}/people/invite", "/meetings/janog57/people/invite", 422, web.Needs(event.MayGrant)},
	{"GET /meetings/{slug}/people/invitations/{token}", "/meetings/janog57/people/invitations/nothing", 404, web.Needs(event.MayGrant)},
	{"POST /meetings/{slug}/people/invitations/{ref}/revoke", "/meetings/janog57/people/invitations/nothing/revoke", 404, web.SignedIn},
	{"GET /admin/people", "/admin/people", 200, web.Needs(event.MayReadCommittee)},
	{"POST /admin/people", "/admin/people", 422, web.Needs(event.MayGrant)},
	{"GET /admin/people/add", "/admin/people/add", 200, web.Needs(event.MayGrant)},
	{"POST /admin/people/grants/{ref}/end", "/admin/people/grants/nothing/end", 404, web.SignedIn},
	{"POST /admin/people/grants/{ref}/until", "/admin/people/grants/nothing/until", 404, web.SignedIn},
	{"GET /admin/people/invite", "/admin/people/invite", 200, web.Needs(event.MayGrant)},
	{"POST /admin/people/invite", "/admin/people/invite", 422, web.Needs(event.MayGrant)},
	{"GET /admin/people/invitations/{token}", "/admin/people/invitations/nothing", 404, web.Needs(event.MayGrant)},
	{"POST /admin/people/invitations/{ref}/revoke", "/admin/people/invitations/nothing/revoke", 404, web.SignedIn},
	{"GET /meetings/{slug}/people/teams/{ref}", "/meetings/janog57/people/teams/new", 200, web.Needs(event.MayGrant)},
	{"POST /meetings/{slug}/people/teams/{ref}", "/meetings/janog57/people/teams/new", 422, web.Needs(event.MayGrant)},
	{"POST /meetings/{slug}/people/teams/{ref}/drop", "/meetings/janog57/people/teams/nothing/drop", 404, web.Needs(event.MayGrant)},
	{"GET /invitations/{token}", "/invitations/nothing", 404, web.Public},
	{"POST /invitations/{token}", "/invitations/nothing", 404, web.SignedIn},
	{"GET /meetings/{slug}/sessions/{name}/people", "/meetings/janog57/sessions/{session}/people", 200, web.NeedsAny(event.MayEditSession)},
	{"POST /meetings/{slug}/sessions/{name}/people", "/meetings/janog57/sessions/{session}/people", 422, web.NeedsAny(event.MayEditSession)},
	{"GET /meetings/{slug}/sessions/{name}/people/add", "/meetings/janog57/sessions/{session}/people/add", 200, web.NeedsAny(event.MayEditSession)},
	{"GET /meetings/{slug}/sessions/{name}/people/invite", "/meetings/janog57/sessions/{session}/people/invite", 200, web.NeedsAny(event.MayEditSession)},
	{"POST /meetings/{slug}/sessions/{name}/people/invite", "/meetings/janog57/sessions/{session}/people/invite", 422, web.NeedsAny(event.MayEditSession)},
	{"GET /meetings/{slug}/sessions/{name}/people/invitations/{token}", "/meetings/janog57/sessions/{session}/people/invitations/nothing", 404, web.NeedsAny(event.MayEditSession)},
}
