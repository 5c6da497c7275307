package app

import "github.com/tsudoi/tsudoi/internal/kit/web"

// registrationMatrix are the lines of the permission matrix about registration. No example but the one of the demo takes any.
var registrationMatrix = []entry{
	{"GET /meetings/{slug}/registration", "/meetings/nothing/registration", 404, web.Public},
	{"GET /meetings/{slug}/registration/new", "/meetings/nothing/registration/new", 404, web.Public},
	{"POST /meetings/{slug}/registration/new", "/meetings/nothing/registration/new", 404, web.Public},
	{"GET /meetings/{slug}/registration/received", "/meetings/nothing/registration/received", 404, web.Public},
	{"GET /me/{slug}", "/me/iw2023", 404, web.SignedIn},
	{"GET /me/{slug}/{act}", "/me/iw2023/days", 404, web.SignedIn},
	{"POST /me/{slug}/{act}", "/me/iw2023/cancel", 404, web.SignedIn},
	{"GET /entries/{token}", "/entries/nothing", 404, web.Public},
	{"GET /entries/{token}/{act}", "/entries/nothing/days", 404, web.Public},
	{"POST /entries/{token}/{act}", "/entries/nothing/cancel", 404, web.Public},
	{"GET /q", "/q", 200, web.Public},
}
