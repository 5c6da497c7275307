package app

import (
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// paymentsMatrix are the lines of the permission matrix about how money arrives.
var paymentsMatrix = []entry{
	{"GET /meetings/{slug}/money/bank", "/meetings/janog57/money/bank", 200, web.Needs(event.MayReadMoney)},
	{"POST /meetings/{slug}/money/bank", "/meetings/janog57/money/bank", 422, web.Needs(event.MayEditMoney)},
	{"POST /meetings/{slug}/money/bank/{ref}", "/meetings/janog57/money/bank/nothing", 422, web.Needs(event.MayEditMoney)},
	{"GET /meetings/{slug}/money/card", "/meetings/janog57/money/card", 200, web.Needs(event.MayReadMoney)},
	{"POST /meetings/{slug}/money/card", "/meetings/janog57/money/card", 422, web.Needs(event.MayEditMoney)},
	{"GET /meetings/{slug}/money/refunds", "/meetings/janog57/money/refunds", 200, web.Needs(event.MayReadMoney)},
	{"POST /meetings/{slug}/money/refunds/{order}", "/meetings/janog57/money/refunds/nothing", 422, web.Needs(event.MayEditMoney)},
	{"GET /meetings/{slug}/money/gate", "/meetings/janog57/money/gate", 200, web.Needs(event.MayTakeMoney)},
	{"POST /meetings/{slug}/money/gate", "/meetings/janog57/money/gate", 422, web.Needs(event.MayTakeMoney)},
	{"GET /meetings/{slug}/money/paying", "/meetings/janog57/money/paying", 200, web.Needs(event.MayReadMoney)},
	{"POST /meetings/{slug}/money/paying", "/meetings/janog57/money/paying", 303, web.Needs(event.MayEditMoney)},
	{"GET /meetings/{slug}/money/books", "/meetings/janog57/money/books", 200, web.Needs(event.MayReadMoney)},
	{"POST /meetings/{slug}/money/books", "/meetings/janog57/money/books", 422, web.Needs(event.MayReadMoney)},
	{"POST /orders/{token}/card", "/orders/nothing/card", 404, web.Public},
	{"GET /orders/{token}/card/{ref}", "/orders/nothing/card/nothing", 404, web.Public},
	{"POST /orders/{token}/card/{ref}", "/orders/nothing/card/nothing", 404, web.Public},
	{"POST /webhooks/stripe", "/webhooks/stripe", 404, web.Public},
}
