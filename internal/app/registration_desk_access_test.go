package app

import (
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// registrationDeskMatrix are the lines of the permission matrix about what an organiser does with registration.
var registrationDeskMatrix = []entry{
	{"GET /meetings/{slug}/registration/desk", "/meetings/janog57/registration/desk", 200, web.Needs(event.MayReadFigures)},
	{"GET /meetings/{slug}/registration/setup", "/meetings/janog57/registration/setup", 200, web.Needs(event.MayEditForm)},
	{"POST /meetings/{slug}/registration/setup", "/meetings/janog57/registration/setup", 422, web.Needs(event.MayEditForm)},
	{"GET /meetings/{slug}/registration/setup/preview", "/meetings/janog57/registration/setup/preview", 200, web.Needs(event.MayEditForm)},
	{"POST /meetings/{slug}/registration/setup/preview", "/meetings/janog57/registration/setup/preview", 422, web.Needs(event.MayEditForm)},
	{"GET /meetings/{slug}/registration/setup/{part}", "/meetings/janog57/registration/setup/kinds", 200, web.Needs(event.MayEditForm)},
	{"POST /meetings/{slug}/registration/setup/{part}", "/meetings/janog57/registration/setup/kinds", 409, web.Needs(event.MayEditForm)},
	{"GET /meetings/{slug}/registration/setup/{part}/{key}", "/meetings/janog57/registration/setup/kinds/_new", 200, web.Needs(event.MayEditForm)},
	{"POST /meetings/{slug}/registration/setup/{part}/{key}", "/meetings/janog57/registration/setup/kinds/_new", 422, web.Needs(event.MayEditForm)},
	{"GET /meetings/{slug}/registration/people", "/meetings/janog57/registration/people", 200, web.Needs(event.MayReadEntries)},
	{"POST /meetings/{slug}/registration/people/export", "/meetings/janog57/registration/people/export", 422, web.Needs(event.MayReadEntries)},
	{"GET /meetings/{slug}/registration/people/new", "/meetings/janog57/registration/people/new", 200, web.Needs(event.MayEditEntries)},
	{"POST /meetings/{slug}/registration/people/new", "/meetings/janog57/registration/people/new", 422, web.Needs(event.MayEditEntries)},
	{"GET /meetings/{slug}/registration/duplicates", "/meetings/janog57/registration/duplicates", 200, web.Needs(event.MayReadEntries)},
	{"GET /meetings/{slug}/registration/duplicates/{pair}", "/meetings/janog57/registration/duplicates/A-B", 404, web.Needs(event.MayReadEntries)},
	{"POST /meetings/{slug}/registration/duplicates/{pair}", "/meetings/janog57/registration/duplicates/A-B", 404, web.Needs(event.MayEditEntries)},
	{"GET /meetings/{slug}/registration/people/{ref}", "/meetings/janog57/registration/people/nothing", 404, web.Needs(event.MayReadEntries)},
	{"POST /meetings/{slug}/registration/people/{ref}", "/meetings/janog57/registration/people/nothing", 404, web.Needs(event.MayEditEntries)},
	{"POST /meetings/{slug}/registration/many", "/meetings/janog57/registration/many", 422, web.Needs(event.MayEditEntries)},
	{"GET /meetings/{slug}/registration/many/{ref}", "/meetings/janog57/registration/many/nothing", 404, web.Needs(event.MayEditEntries)},
	{"GET /meetings/{slug}/registration/letters", "/meetings/janog57/registration/letters", 200, web.Needs(event.MayEditEntries)},
	{"GET /meetings/{slug}/registration/letters/{ref}", "/meetings/janog57/registration/letters/new", 200, web.Needs(event.MayEditEntries)},
	{"POST /meetings/{slug}/registration/letters/{ref}", "/meetings/janog57/registration/letters/new", 422, web.Needs(event.MayEditEntries)},
}
