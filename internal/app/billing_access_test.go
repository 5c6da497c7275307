package app

import (
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// billingMatrix are the lines of the permission matrix about money.
var billingMatrix = []entry{
	{"GET /meetings/{slug}/money", "/meetings/janog57/money", 200, web.Needs(event.MayReadMoney)},
	{"GET /meetings/{slug}/money/orders", "/meetings/janog57/money/orders", 200, web.Needs(event.MayReadMoney)},
	{"GET /meetings/{slug}/money/orders/{ref}", "/meetings/janog57/money/orders/nothing", 404, web.Needs(event.MayReadMoney)},
	{"POST /meetings/{slug}/money/orders/{ref}", "/meetings/janog57/money/orders/nothing", 404, web.Needs(event.MayEditMoney)},
	{"GET /meetings/{slug}/money/orders/{ref}/documents/{document}", "/meetings/janog57/money/orders/nothing/documents/nothing", 404, web.Needs(event.MayReadMoney)},
	{"GET /meetings/{slug}/money/ledger", "/meetings/janog57/money/ledger", 200, web.Needs(event.MayReadMoney)},
	{"GET /meetings/{slug}/money/sellers", "/meetings/janog57/money/sellers", 200, web.Needs(event.MayReadMoney)},
	{"POST /meetings/{slug}/money/sellers", "/meetings/janog57/money/sellers", 422, web.Needs(event.MayEditMoney)},
	{"GET /me/orders", "/me/orders", 200, web.SignedIn},
	{"GET /orders/{token}", "/orders/nothing", 404, web.Public},
	{"POST /orders/{token}", "/orders/nothing", 404, web.Public},
	{"GET /orders/{token}/documents/{document}", "/orders/nothing/documents/nothing", 404, web.Public},
}
