package app

import (
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// onlineMatrix are the lines of the permission matrix about taking part online.
var onlineMatrix = []entry{
	{"GET /meetings/{slug}/registration/online", "/meetings/janog57/registration/online", 200, web.Needs(event.MayEditForm)},
	{"POST /meetings/{slug}/registration/online", "/meetings/janog57/registration/online", 422, web.Needs(event.MayEditForm)},
	{"GET /meetings/{slug}/registration/online/{stream}", "/meetings/janog57/registration/online/new", 200, web.Needs(event.MayEditForm)},
	{"POST /meetings/{slug}/registration/online/{stream}", "/meetings/janog57/registration/online/new", 422, web.Needs(event.MayEditForm)},
	{"GET /meetings/{slug}/registration/online/{stream}/zoom.csv", "/meetings/janog57/registration/online/nothing/zoom.csv", 404, web.Needs(event.MayReadEntries)},
	{"GET /meetings/{slug}/registration/online/{stream}/attendance", "/meetings/janog57/registration/online/nothing/attendance", 404, web.Needs(event.MayReadEntries)},
	{"POST /meetings/{slug}/registration/online/{stream}/attendance", "/meetings/janog57/registration/online/nothing/attendance", 404, web.Needs(event.MayEditEntries)},
	{"POST /meetings/{slug}/registration/online/{stream}/attendance/match", "/meetings/janog57/registration/online/nothing/attendance/match", 404, web.Needs(event.MayEditEntries)},
	{"POST /meetings/{slug}/registration/online/{stream}/attendance/drop", "/meetings/janog57/registration/online/nothing/attendance/drop", 404, web.Needs(event.MayEditEntries)},
	{"GET /join/{token}", "/join/nothing", 404, web.Public},
}
