package app

import (
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// briefingMatrix are the lines of the permission matrix about who is told of what.
var briefingMatrix = []entry{
	{"GET /meetings/{slug}/briefings", "/meetings/janog57/briefings", 200, web.Needs(event.MaySendLetters)},
	{"POST /meetings/{slug}/briefings", "/meetings/janog57/briefings", 303, web.Needs(event.MaySendLetters)},
	{"GET /meetings/{slug}/briefings/contacts", "/meetings/janog57/briefings/contacts", 200, web.Needs(event.MaySendLetters)},
	{"POST /meetings/{slug}/briefings/contacts", "/meetings/janog57/briefings/contacts", 404, web.Needs(event.MaySendLetters)},
	{"GET /meetings/{slug}/briefings/posts", "/meetings/janog57/briefings/posts", 200, web.Needs(event.MaySendLetters)},
	{"POST /meetings/{slug}/briefings/posts", "/meetings/janog57/briefings/posts", 422, web.Needs(event.MaySendLetters)},
	{"GET /meetings/{slug}/live/briefings", "/meetings/janog57/live/briefings", 422, web.Needs(event.MaySendLetters)},
	{"GET /meetings/{slug}/briefings/{ref}", "/meetings/janog57/briefings/nothing", 404, web.Needs(event.MaySendLetters)},
	{"POST /meetings/{slug}/briefings/{ref}", "/meetings/janog57/briefings/nothing", 404, web.Needs(event.MaySendLetters)},
	{"POST /meetings/{slug}/briefings/{ref}/take-back", "/meetings/janog57/briefings/nothing/take-back", 404, web.Needs(event.MaySendLetters)},
	{"POST /meetings/{slug}/briefings/{ref}/remind", "/meetings/janog57/briefings/nothing/remind", 404, web.Needs(event.MaySendLetters)},
	{"POST /meetings/{slug}/briefings/{ref}/note", "/meetings/janog57/briefings/nothing/note", 404, web.Needs(event.MaySendLetters)},
	{"GET /me/briefings", "/me/briefings", 200, web.SignedIn},
	{"POST /me/briefings/{ref}", "/me/briefings/nothing", 404, web.SignedIn},
	{"GET /briefings/{token}", "/briefings/nothing", 404, web.Public},
	{"POST /briefings/{token}", "/briefings/nothing", 404, web.Public},
}
