package app

import (
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// registrationOptionsMatrix are the lines of the permission matrix about the options of a registration.
var registrationOptionsMatrix = []entry{
	{"GET /meetings/{slug}/registration/options", "/meetings/janog57/registration/options", 200, web.Needs(event.MayReadEntries)},
	{"GET /meetings/{slug}/registration/options/{key}", "/meetings/janog57/registration/options/nothing", 404, web.Needs(event.MayReadEntries)},
	{"POST /meetings/{slug}/registration/options/{key}", "/meetings/janog57/registration/options/nothing", 404, web.Needs(event.MayEditEntries)},
	{"POST /meetings/{slug}/registration/options/{key}/outside", "/meetings/janog57/registration/options/nothing/outside", 404, web.Needs(event.MayEditForm)},
	{"GET /meetings/{slug}/registration/options/{key}/door", "/meetings/janog57/registration/options/nothing/door", 404, web.Needs(event.MayReadEntries)},
	{"GET /meetings/{slug}/registration/options/{key}/list.csv", "/meetings/janog57/registration/options/nothing/list.csv", 404, web.Needs(event.MayReadEntries)},
	{"GET /meetings/{slug}/registration/options/{key}/list.xlsx", "/meetings/janog57/registration/options/nothing/list.xlsx", 404, web.Needs(event.MayReadEntries)},
	{"GET /meetings/{slug}/registration/draws/{option}", "/meetings/nothing/registration/draws/tour", 404, web.Public},
	{"GET /meetings/{slug}/registration/draws/{option}/{file}", "/meetings/nothing/registration/draws/tour/a.json", 404, web.Public},
	{"GET /meetings/{slug}/registration/draws/check.py", "/meetings/nothing/registration/draws/check.py", 404, web.Public},
}
