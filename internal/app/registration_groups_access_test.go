package app

import (
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// registrationGroupsMatrix are the lines of the permission matrix about codes, groups and places that are handed over.
var registrationGroupsMatrix = []entry{
	{"GET /meetings/{slug}/registration/codes", "/meetings/janog57/registration/codes", 200, web.Needs(event.MayEditForm)},
	{"POST /meetings/{slug}/registration/codes", "/meetings/janog57/registration/codes", 422, web.Needs(event.MayEditForm)},
	{"GET /meetings/{slug}/registration/codes.csv", "/meetings/janog57/registration/codes.csv", 200, web.Needs(event.MayEditForm)},
	{"GET /meetings/{slug}/registration/codes/{ref}", "/meetings/janog57/registration/codes/nothing", 404, web.Needs(event.MayEditForm)},
	{"POST /meetings/{slug}/registration/codes/{ref}", "/meetings/janog57/registration/codes/nothing", 404, web.Needs(event.MayEditForm)},
	{"GET /meetings/{slug}/registration/group", "/meetings/nothing/registration/group", 404, web.Public},
	{"POST /meetings/{slug}/registration/group", "/meetings/nothing/registration/group", 404, web.Public},
	{"GET /groups/{token}", "/groups/nothing", 404, web.Public},
	{"GET /groups/{token}/{act}", "/groups/nothing/add", 404, web.Public},
	{"POST /groups/{token}/{act}", "/groups/nothing/remove", 404, web.Public},
	{"GET /handovers/{token}", "/handovers/nothing", 404, web.Public},
	{"POST /handovers/{token}", "/handovers/nothing", 404, web.Public},
	{"GET /codes/{token}", "/codes/nothing", 404, web.Public},
}
