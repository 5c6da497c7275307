package app

import (
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// figuresMatrix are the lines of the permission matrix about the numbers of a registration.
var figuresMatrix = []entry{
	{"GET /meetings/{slug}/registration/figures", "/meetings/janog57/registration/figures", 200, web.Needs(event.MayReadFigures)},
	{"GET /meetings/{slug}/registration/figures/{name}", "/meetings/janog57/registration/figures/summary.csv", 200, web.Needs(event.MayReadFigures)},
	{"GET /meetings/{slug}/live/registration", "/meetings/janog57/live/registration", 422, web.Needs(event.MayReadFigures)},
}
