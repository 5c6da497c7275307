package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// The people of the permission matrix, by the address they come from. The operator named 10.9.0.0/16.
const (
	stranger = "203.0.113.7:40000" // anybody
	loopback = "127.0.0.1:40000"   // a program on this machine
	operator = "10.9.8.7:40000"
)

// entry is a line of the permission matrix: what each person gets for an address that exists.
type entry struct {
	pattern string
	path    string // an address of the pattern that the examples have
	status  int    // for everybody who may enter; of a form, when it is sent empty
	access  web.Access
}

// unknown is what somebody gets who is not signed in.
func (e entry) unknown(method, from string) int {
	switch e.access {
	case web.Public:
		return e.status
	case web.Operator:
		if from == operator {
			return e.status
		}
		return http.StatusNotFound // it does not even say that it is there
	}
	if method == http.MethodGet && !slices.Contains(forPrograms, e.pattern) {
		return http.StatusFound // to sign in
	}
	return http.StatusForbidden
}

// alsoSignedIn is what else those get who are signed in, by pattern.
var alsoSignedIn = map[string]int{
	"GET /sign-in":                                   http.StatusFound,
	"GET /signage/pair":                              http.StatusFound,     // they run the screens of one meeting
	"GET /meetings/{slug}/talks/{name}":              http.StatusNotFound,  // to them it is not there
	"GET /meetings/{slug}/sessions/{name}/materials": http.StatusForbidden, // those who neither speak nor work on the programme
}

// forPrograms are routes that are not public and send nobody to sign in.
var forPrograms = []string{"GET /meetings/{slug}/live/briefings", "GET /meetings/{slug}/live/registration"}

// known is what a person gets who is signed in with a role in JANOG57, or in the group.
func (e entry) known(role event.RoleKey) int {
	need, _, ok := e.access.Permission()
	if !ok && e.access != web.Operator {
		return e.status
	}
	if e.access == web.Operator {
		return http.StatusNotFound
	}
	i := slices.IndexFunc(event.Roles, func(r event.Role) bool { return r.Key == role })
	inMeeting := strings.Contains(e.pattern, "{slug}")
	if i >= 0 && slices.Contains(event.Roles[i].May, need) && (inMeeting || event.Roles[i].Scope == event.InGroup) {
		return e.status
	}
	return http.StatusForbidden
}

// matrix lists every route of the program. A new route belongs here before anything else is written for it.
var matrix = append(slices.Concat(
	rolesMatrix,
	briefingMatrix,
	registrationMatrix,
	registrationDeskMatrix,
	registrationGroupsMatrix,
	onlineMatrix,
	registrationOptionsMatrix,
	figuresMatrix,
	billingMatrix,
	paymentsMatrix,
), []entry{
	{"GET /assets/{name}", "/assets/icon.svg", 200, web.Public},
	{"GET /metrics", "/metrics", 200, web.Operator},
	{"GET /healthz", "/healthz", 200, web.Public},
	{"GET /readyz", "/readyz", 200, web.Public},

	{"GET /sign-in", "/sign-in", 200, web.Public}, // whoever is signed in is sent on
	{"POST /sign-in", "/sign-in", 422, web.Public},
	{"GET /sign-in/code/{ref}", "/sign-in/code/nothing", 404, web.Public},
	{"POST /sign-in/code/{ref}", "/sign-in/code/nothing", 422, web.Public},
	{"GET /sign-in/link/{token}", "/sign-in/link/nothing", 404, web.Public},
	{"POST /sign-in/link/{token}", "/sign-in/link/nothing", 422, web.Public},
	{"POST /sign-out", "/sign-out", 303, web.Public},
	{"GET /first/{token}", "/first/nothing", 404, web.Public},
	{"POST /first/{token}", "/first/nothing", 404, web.Public},
	{"GET /me", "/me", 200, web.SignedIn},
	{"GET /me/profile", "/me/profile", 200, web.SignedIn},
	{"POST /me/profile", "/me/profile", 422, web.SignedIn},
	{"GET /me/portrait", "/me/portrait", 200, web.SignedIn},
	{"POST /me/portrait", "/me/portrait", 422, web.SignedIn},
	{"GET /portraits/{name}", "/portraits/nothing", 404, web.Public},
	{"GET /me/addresses", "/me/addresses", 200, web.SignedIn},
	{"POST /me/addresses", "/me/addresses", 422, web.SignedIn},
	{"GET /me/sessions", "/me/sessions", 200, web.SignedIn},
	{"POST /me/sessions", "/me/sessions", 404, web.SignedIn},
	{"POST /sign-in/passkey/challenge", "/sign-in/passkey/challenge", 200, web.Public},
	{"GET /sign-in/passkey", "/sign-in/passkey", 302, web.Public},
	{"GET /step-up/passkey", "/step-up/passkey", 302, web.SignedIn},
	{"POST /sign-in/passkey", "/sign-in/passkey", 422, web.Public},
	{"POST /step-up/passkey/challenge", "/step-up/passkey/challenge", 422, web.SignedIn},
	{"POST /step-up/passkey", "/step-up/passkey", 422, web.SignedIn},
	{"GET /me/passkeys", "/me/passkeys", 200, web.SignedIn},
	{"POST /me/passkeys", "/me/passkeys", 422, web.SignedIn},
	{"POST /me/passkeys/challenge", "/me/passkeys/challenge", 200, web.SignedIn},
	{"GET /sign-in/with", "/sign-in/with", 404, web.Public},
	{"GET /sign-in/with/back", "/sign-in/with/back", 404, web.Public},
	{"GET /sign-in/with/{service}", "/sign-in/with/nothing", 404, web.Public},
	{"GET /sign-in/with/{service}/back", "/sign-in/with/nothing/back", 404, web.Public},
	{"GET /me/identities", "/me/identities", 200, web.SignedIn},
	{"POST /me/identities", "/me/identities", 404, web.SignedIn},
	{"GET /me/export", "/me/export", 200, web.SignedIn},
	{"POST /me/export", "/me/export", 200, web.SignedIn},
	{"GET /me/leave", "/me/leave", 200, web.SignedIn},
	{"POST /me/leave", "/me/leave", 422, web.SignedIn},
	{"GET /me/merge", "/me/merge", 200, web.SignedIn},
	{"POST /me/merge", "/me/merge", 422, web.SignedIn},
	{"GET /privacy", "/privacy", 200, web.Public},
	{"GET /consent", "/consent", 200, web.SignedIn},
	{"POST /consent", "/consent", 422, web.SignedIn},
	{"GET /me/letters", "/me/letters", 200, web.SignedIn},
	{"POST /me/letters", "/me/letters", 303, web.SignedIn},
	{"GET /unsubscribe/{token}", "/unsubscribe/nothing", 404, web.Public},
	{"POST /unsubscribe/{token}", "/unsubscribe/nothing", 404, web.Public},
	{"GET /me/menu", "/me/menu", 200, web.Public},
	{"GET /step-up", "/step-up", 200, web.SignedIn},
	{"POST /step-up", "/step-up", 303, web.SignedIn},

	{"GET /admin/accounts", "/admin/accounts", 200, web.Needs(event.MayRunSite)},
	{"POST /admin/accounts", "/admin/accounts", 422, web.Needs(event.MayRunSite)},
	{"GET /admin/jobs", "/admin/jobs", 200, web.Needs(event.MayRunSite)},
	{"POST /admin/jobs", "/admin/jobs", 422, web.Needs(event.MayRunSite)},
	{"GET /admin/letters", "/admin/letters", 200, web.Needs(event.MayRunSite)},
	{"POST /admin/letters", "/admin/letters", 303, web.Needs(event.MayRunSite)},

	{"GET /admin/history", "/admin/history", 200, web.Needs(event.MayReadHistory)},
	{"GET /admin/history.csv", "/admin/history.csv", 200, web.Needs(event.MayReadHistory)},
	{"GET /meetings/{slug}/history", "/meetings/janog57/history", 200, web.Needs(event.MayReadHistory)},
	{"GET /meetings/{slug}/history.csv", "/meetings/janog57/history.csv", 200, web.Needs(event.MayReadHistory)},
	{"GET /meetings/{slug}/history/{object...}", "/meetings/janog57/history/session:X", 200, web.Needs(event.MayReadHistory)},

	{"GET /{$}", "/", 200, web.Public},
	{"GET /meetings", "/meetings", 200, web.Public},
	{"GET /series/{key}", "/series/janog", 200, web.Public},
	{"GET /meetings/{slug}", "/meetings/janog57", 200, web.Public},
	{"GET /meetings/{slug}/pages/{page}", "/meetings/iw2023/pages/committee", 200, web.Public},
	{"GET /meetings/{slug}/card.png", "/meetings/janog57/card.png", 200, web.Public},
	{"GET /assets/accents/{name}", "/assets/accents/page-b5302a.000000000000.css", 200, web.Public},
	{"GET /media/{name}", "/media/nothing.png", 404, web.Public},
	{"GET /robots.txt", "/robots.txt", 200, web.Public},
	{"GET /favicon.ico", "/favicon.ico", 302, web.Public},
	{"GET /sitemap.xml", "/sitemap.xml", 200, web.Public},

	{"GET /meetings/{slug}/timetable", "/meetings/janog57/timetable", 200, web.Public},
	{"GET /meetings/{slug}/timetable/mine", "/meetings/janog57/timetable/mine", 200, web.Public},
	{"GET /meetings/{slug}/timetable/print", "/meetings/janog57/timetable/print", 200, web.Public},
	{"GET /meetings/{slug}/timetable/{day}", "/meetings/janog57/timetable/2026-02-12", 200, web.Public},
	{"GET /meetings/{slug}/timetable/{day}/grid.css", "/meetings/janog57/timetable/2026-02-12/grid.css", 200, web.Public},
	{"GET /meetings/{slug}/sessions/{name}", "/meetings/janog57/sessions/{session}", 200, web.Public},
	{"GET /meetings/{slug}/sessions/{name}/card.png", "/meetings/janog57/sessions/{session}/card.png", 200, web.Public},
	{"GET /meetings/{slug}/speakers", "/meetings/janog57/speakers", 200, web.Public},
	{"GET /meetings/{slug}/speakers/{key}", "/meetings/janog57/speakers/{speaker}", 200, web.Public},
	{"GET /meetings/{slug}/programme", "/meetings/janog57/programme", 200, web.Public},
	{"GET /meetings/{slug}/changes", "/meetings/janog57/changes", 200, web.Public},
	{"GET /meetings/{slug}/changes/{pair}", "/meetings/janog57/changes/1-2", 200, web.Public},
	{"GET /meetings/{slug}/live", "/meetings/nothing/live", 404, web.Public}, // a stream that has no end

	{"GET /meetings/{slug}/desk", "/meetings/janog57/desk", 200, web.Needs(event.MayReadDraft)},
	{"GET /meetings/{slug}/desk/sessions", "/meetings/janog57/desk/sessions", 200, web.Needs(event.MayReadDraft)},
	{"POST /meetings/{slug}/desk/sessions", "/meetings/janog57/desk/sessions", 422, web.Needs(event.MayEditProgramme)},
	{"GET /meetings/{slug}/desk/sessions/{ref}", "/meetings/janog57/desk/sessions/{session}", 200, web.Needs(event.MayReadDraft)},
	{"POST /meetings/{slug}/desk/sessions/{ref}", "/meetings/janog57/desk/sessions/{session}", 422, web.Needs(event.MayReadDraft)},
	{"POST /meetings/{slug}/desk/sessions/{ref}/place", "/meetings/janog57/desk/sessions/{session}/place", 409, web.Needs(event.MayEditProgramme)},
	{"POST /meetings/{slug}/desk/sessions/{ref}/remove", "/meetings/janog57/desk/sessions/nothing/remove", 404, web.Needs(event.MayEditProgramme)},
	{"POST /meetings/{slug}/desk/sessions/{ref}/translated", "/meetings/janog57/desk/sessions/{session}/translated", 404, web.Needs(event.MayTranslate)},
	{"POST /meetings/{slug}/desk/redo", "/meetings/janog57/desk/redo", 409, web.Needs(event.MayEditProgramme)},
	{"GET /meetings/{slug}/desk/live", "/meetings/janog57/desk/live", 422, web.Needs(event.MayReadDraft)},
	{"POST /meetings/{slug}/desk/presence", "/meetings/janog57/desk/presence", 422, web.Needs(event.MayReadDraft)},
	{"GET /meetings/{slug}/desk/speakers", "/meetings/janog57/desk/speakers", 200, web.Needs(event.MayReadDraft)},
	{"GET /meetings/{slug}/desk/speakers/{key}", "/meetings/janog57/desk/speakers/{speaker}", 200, web.Needs(event.MayReadDraft)},
	{"POST /meetings/{slug}/desk/speakers/{key}", "/meetings/janog57/desk/speakers/new", 422, web.Needs(event.MayEditProgramme)},
	{"POST /meetings/{slug}/desk/speakers/{key}/merge", "/meetings/janog57/desk/speakers/{speaker}/merge", 404, web.Needs(event.MayEditProgramme)},
	{"POST /meetings/{slug}/desk/speakers/{key}/remove", "/meetings/janog57/desk/speakers/{speaker}/remove", 409, web.Needs(event.MayEditProgramme)},
	{"GET /meetings/{slug}/desk/categories", "/meetings/janog57/desk/categories", 200, web.Needs(event.MayReadDraft)},
	{"POST /meetings/{slug}/desk/categories/{category}", "/meetings/janog57/desk/categories/colours", 404, web.Needs(event.MayEditProgramme)},
	{"GET /meetings/{slug}/desk/categories/{category}/{key}", "/meetings/janog57/desk/categories/kinds/regular", 200, web.Needs(event.MayReadDraft)},
	{"POST /meetings/{slug}/desk/categories/{category}/{key}/remove", "/meetings/janog57/desk/categories/kinds/regular/remove", 422, web.Needs(event.MayEditProgramme)},
	{"GET /meetings/{slug}/desk/policy", "/meetings/janog57/desk/policy", 200, web.Needs(event.MayReadDraft)},
	{"POST /meetings/{slug}/desk/policy", "/meetings/janog57/desk/policy", 409, web.Needs(event.MayEditProgramme)},
	{"GET /meetings/{slug}/desk/grid", "/meetings/janog57/desk/grid", 200, web.Needs(event.MayReadDraft)},
	{"GET /meetings/{slug}/desk/grid/data", "/meetings/janog57/desk/grid/data", 200, web.Needs(event.MayReadDraft)},
	{"POST /meetings/{slug}/desk/grid/move", "/meetings/janog57/desk/grid/move", 404, web.Needs(event.MayEditProgramme)},
	{"POST /meetings/{slug}/desk/grid/turn", "/meetings/janog57/desk/grid/turn", 409, web.Needs(event.MayEditProgramme)},
	{"GET /meetings/{slug}/desk/retime", "/meetings/janog57/desk/retime", 200, web.Needs(event.MayRelease)},
	{"POST /meetings/{slug}/desk/retime", "/meetings/janog57/desk/retime", 409, web.Needs(event.MayRelease)},
	{"GET /meetings/{slug}/desk/release", "/meetings/janog57/desk/release", 200, web.Needs(event.MayReadDraft)},
	{"POST /meetings/{slug}/desk/release", "/meetings/janog57/desk/release", 409, web.Needs(event.MayRelease)},
	{"GET /meetings/{slug}/desk/rollback/{number}", "/meetings/janog57/desk/rollback/1", 200, web.Needs(event.MayRelease)},
	{"POST /meetings/{slug}/desk/rollback/{number}", "/meetings/janog57/desk/rollback/1", 409, web.Needs(event.MayRelease)},
	{"POST /meetings/{slug}/desk/undo", "/meetings/janog57/desk/undo", 409, web.Needs(event.MayEditProgramme)},

	{"POST /meetings/{slug}/stars", "/meetings/janog57/stars", 200, web.SignedIn},
	{"POST /meetings/{slug}/stars/anonymous", "/meetings/janog57/stars/anonymous", 422, web.Public},

	{"GET /meetings/{slug}/schedule.xml", "/meetings/janog57/schedule.xml", 200, web.Public},
	{"GET /meetings/{slug}/schedule.json", "/meetings/janog57/schedule.json", 200, web.Public},
	{"GET /meetings/{slug}/schedule.csv", "/meetings/janog57/schedule.csv", 200, web.Public},
	{"GET /meetings/{slug}/schedule.ics", "/meetings/janog57/schedule.ics", 200, web.Public},
	{"GET /meetings/{slug}/meeting.yaml", "/meetings/janog57/meeting.yaml", 200, web.Public},
	{"GET /meetings/{slug}/changes.atom", "/meetings/janog57/changes.atom", 200, web.Public},
	{"GET /changes.atom", "/changes.atom", 200, web.Public},
	{"OPTIONS /meetings/{slug}/schedule.xml", "/meetings/janog57/schedule.xml", 204, web.Public},
	{"OPTIONS /meetings/{slug}/schedule.json", "/meetings/janog57/schedule.json", 204, web.Public},
	{"OPTIONS /meetings/{slug}/schedule.csv", "/meetings/janog57/schedule.csv", 204, web.Public},
	{"OPTIONS /meetings/{slug}/schedule.ics", "/meetings/janog57/schedule.ics", 204, web.Public},
	{"OPTIONS /meetings/{slug}/meeting.yaml", "/meetings/janog57/meeting.yaml", 204, web.Public},
	{"OPTIONS /meetings/{slug}/changes.atom", "/meetings/janog57/changes.atom", 204, web.Public},
	{"OPTIONS /changes.atom", "/changes.atom", 204, web.Public},

	{"GET /api/v1/openapi.json", "/api/v1/openapi.json", 200, web.Public},
	{"GET /api/v1/meetings", "/api/v1/meetings", 200, web.Public},
	{"GET /api/v1/meetings/{slug}", "/api/v1/meetings/janog57", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/sessions", "/api/v1/meetings/janog57/sessions", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/sessions/{name}", "/api/v1/meetings/janog57/sessions/{session}", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/speakers", "/api/v1/meetings/janog57/speakers", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/speakers/{key}", "/api/v1/meetings/janog57/speakers/{speaker}", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/rooms", "/api/v1/meetings/janog57/rooms", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/days", "/api/v1/meetings/janog57/days", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/kinds", "/api/v1/meetings/janog57/kinds", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/releases", "/api/v1/meetings/janog57/releases", 200, web.Public},
	{"GET /api/v1/meetings/{slug}/releases/{number}", "/api/v1/meetings/janog57/releases/1", 200, web.Public},
	{"GET /schemas/meeting.json", "/schemas/meeting.json", 200, web.Public},
	{"OPTIONS /schemas/meeting.json", "/schemas/meeting.json", 204, web.Public},
	{"GET /api/v1/{rest...}", "/api/v1/nothing", 404, web.Public},
	{"OPTIONS /api/v1/{rest...}", "/api/v1/meetings", 204, web.Public},

	{"GET /me/talks", "/me/talks", 200, web.SignedIn},
	{"GET /meetings/{slug}/talks/{name}", "/meetings/janog57/talks/{session}", 200, web.SignedIn}, // for its speakers and those who work on it
	{"POST /meetings/{slug}/talks/{name}/profile/{key}", "/meetings/janog57/talks/{session}/profile/nobody", 404, web.SignedIn},
	{"POST /meetings/{slug}/talks/{name}/photo/{key}", "/meetings/janog57/talks/nothing/photo/nobody", 404, web.SignedIn},
	{"POST /meetings/{slug}/talks/{name}/refuse/{key}", "/meetings/janog57/talks/{session}/refuse/nobody", 404, web.SignedIn},
	{"POST /meetings/{slug}/talks/{name}/away/{key}", "/meetings/janog57/talks/nothing/away/nobody", 404, web.SignedIn},
	{"POST /meetings/{slug}/talks/{name}/suggest", "/meetings/janog57/talks/nothing/suggest", 404, web.SignedIn},
	{"POST /meetings/{slug}/talks/{name}/withdraw/{ref}", "/meetings/janog57/talks/{session}/withdraw/nothing", 404, web.SignedIn},
	{"GET /meetings/{slug}/suggestions", "/meetings/janog57/suggestions", 200, web.NeedsAny(event.MayEditSession)},
	{"POST /meetings/{slug}/suggestions/{ref}", "/meetings/janog57/suggestions/nothing", 404, web.NeedsAny(event.MayEditSession)},
	{"GET /meetings/{slug}/speakers-desk", "/meetings/janog57/speakers-desk", 200, web.Needs(event.MayEditProgramme)},
	{"POST /meetings/{slug}/speakers-desk", "/meetings/janog57/speakers-desk", 422, web.Needs(event.MayEditProgramme)},
	{"GET /meetings/{slug}/sessions/{name}/materials", "/meetings/janog57/sessions/{session}/materials", 200, web.SignedIn}, // for those of the session
	{"POST /meetings/{slug}/sessions/{name}/materials", "/meetings/janog57/sessions/{session}/materials", 422, web.SignedIn},
	{"POST /meetings/{slug}/sessions/{name}/uploads", "/meetings/janog57/sessions/{session}/uploads", 412, web.SignedIn}, // it says nothing of tus
	{"OPTIONS /meetings/{slug}/sessions/{name}/uploads", "/meetings/janog57/sessions/{session}/uploads", 204, web.Public},
	{"HEAD /uploads/{id}", "/uploads/nothing", 412, web.SignedIn},
	{"PATCH /uploads/{id}", "/uploads/nothing", 412, web.SignedIn},
	{"DELETE /uploads/{id}", "/uploads/nothing", 412, web.SignedIn},
	{"OPTIONS /uploads/{id}", "/uploads/nothing", 204, web.Public},
	{"GET /materials/{id}", "/materials/nothing", 404, web.Public},
	{"POST /materials/{id}", "/materials/nothing", 404, web.SignedIn},
	{"GET /materials/{id}/{digest}/{file}", "/materials/nothing/0/x.pdf", 404, web.Public},
	{"GET /screen", "/screen", 200, web.Public},
	{"GET /screen/sw.js", "/screen/sw.js", 200, web.Public},
	{"GET /screen/state.json", "/screen/state.json", 200, web.Public},
	{"GET /screen/live", "/screen/live", 404, web.Public}, // it is no screen
	{"POST /screen/pair", "/screen/pair", 200, web.Public},
	{"POST /screen/alive", "/screen/alive", 404, web.Public},
	{"GET /signage/pair", "/signage/pair", 200, web.SignedIn},
	{"GET /meetings/{slug}/signage", "/meetings/janog57/signage", 200, web.Needs(event.MayRunSignage)},
	{"GET /meetings/{slug}/signage/screens.json", "/meetings/janog57/signage/screens.json", 200, web.Needs(event.MayRunSignage)},
	{"GET /meetings/{slug}/signage/state.json", "/meetings/janog57/signage/state.json", 200, web.Needs(event.MayRunSignage)},
	{"GET /meetings/{slug}/signage/preview", "/meetings/janog57/signage/preview", 200, web.Needs(event.MayRunSignage)},
	{"GET /meetings/{slug}/signage/screens/{screen}", "/meetings/janog57/signage/screens/nothing", 404, web.Needs(event.MayRunSignage)},
	{"GET /meetings/{slug}/signage/screens/{screen}/preview", "/meetings/janog57/signage/screens/nothing/preview", 404, web.Needs(event.MayRunSignage)},
	{"GET /meetings/{slug}/signage/notices/{notice}", "/meetings/janog57/signage/notices/new", 200, web.Needs(event.MayRunSignage)},
	{"POST /meetings/{slug}/signage/pair", "/meetings/janog57/signage/pair", 422, web.Needs(event.MayRunSignage)},
	{"POST /meetings/{slug}/signage/settings", "/meetings/janog57/signage/settings", 303, web.Needs(event.MayRunSignage)},
	{"POST /meetings/{slug}/signage/emergency", "/meetings/janog57/signage/emergency", 422, web.Needs(event.MayEmergency)},
	{"POST /meetings/{slug}/signage/emergency/end", "/meetings/janog57/signage/emergency/end", 303, web.Needs(event.MayEmergency)},
	{"POST /meetings/{slug}/signage/screens/{screen}", "/meetings/janog57/signage/screens/nothing", 404, web.Needs(event.MayRunSignage)},
	{"POST /meetings/{slug}/signage/screens/{screen}/unpair", "/meetings/janog57/signage/screens/nothing/unpair", 404, web.Needs(event.MayRunSignage)},
	{"POST /meetings/{slug}/signage/screens/{screen}/do/{act}", "/meetings/janog57/signage/screens/nothing/do/blank", 404, web.Needs(event.MayRunSignage)},
	{"POST /meetings/{slug}/signage/notices/{notice}", "/meetings/janog57/signage/notices/new", 422, web.Needs(event.MayRunSignage)},
	{"POST /meetings/{slug}/signage/notices/draw", "/meetings/janog57/signage/notices/draw", 200, web.Needs(event.MayRunSignage)},
	{"POST /meetings/{slug}/signage/notices/order", "/meetings/janog57/signage/notices/order", 303, web.Needs(event.MayRunSignage)},
	{"POST /meetings/{slug}/signage/notices/{notice}/{act}", "/meetings/janog57/signage/notices/nothing/publish", 404, web.Needs(event.MayRunSignage)},

	{"GET /search", "/search", 200, web.Public},
	{"GET /handbook", "/handbook", 200, web.Public},
	{"GET /handbook/{page}", "/handbook/operator", 200, web.Public},
}...)

// TestPermissionMatrix asks every route as every person: by the address they come from, and signed in with each role.
func TestPermissionMatrix(t *testing.T) {
	testkit.Long(t)
	s := settings(t, db.SQLite)
	s.Metrics = []string{"10.9.0.0/16"}
	w := startWith(t, s)
	if err := w.loadExamples(t.Context()); err != nil {
		t.Fatal(err)
	}
	people := w.everyRole("janog57")
	named := map[string]bool{}
	for _, e := range matrix {
		named[e.pattern] = true
		method, _, _ := strings.Cut(e.pattern, " ")
		path := w.fill(e.path)
		for _, from := range []string{stranger, loopback, operator} {
			if got, want := w.ask(method, path, from).Code, e.unknown(method, from); got != want {
				t.Errorf("%s %s from %s: %d, want %d", method, path, from, got, want)
			}
		}
		for role, p := range people {
			want := e.known(role)
			if got := p.do(method, path, "").Code; got != want && (want != e.status || got != alsoSignedIn[e.pattern]) {
				t.Errorf("%s %s as %q: %d, want %d", method, path, role, got, want)
			}
			if method == http.MethodPost {
				p.enter() // it may have ended the session
			}
		}
	}
	for _, rt := range w.Routes() {
		i := slices.IndexFunc(matrix, func(e entry) bool { return e.pattern == rt.Pattern })
		switch {
		case i < 0:
			t.Errorf("%s is in no line of the permission matrix: say who may enter", rt.Pattern)
		case matrix[i].access != rt.Access:
			t.Errorf("%s is %s, and the permission matrix says %s", rt.Pattern, rt.Access, matrix[i].access)
		}
		delete(named, rt.Pattern)
	}
	for pattern := range named {
		t.Errorf("%s is in the permission matrix and is no route", pattern)
	}
	w.noErrors()
}

// TestMetricsBehindAProxyThatNobodyNamed: everybody who comes through it has its address, which may be this machine's.
func TestMetricsBehindAProxyThatNobodyNamed(t *testing.T) {
	w := start(t, db.SQLite)
	if got := w.ask(http.MethodGet, "/metrics", loopback).Code; got != http.StatusOK {
		t.Errorf("a program on this machine: %d", got)
	}
	for _, header := range [][]string{{"X-Forwarded-For", "203.0.113.7"}, {"X-Forwarded-For", "127.0.0.1"}, {"Forwarded", "for=203.0.113.7"}, {"X-Real-Ip", "203.0.113.7"}} {
		if got := w.ask(http.MethodGet, "/metrics", loopback, header...).Code; got != http.StatusNotFound {
			t.Errorf("with %v: %d", header, got)
		}
		if got := w.ask(http.MethodGet, "/readyz", loopback, header...).Code; got != http.StatusOK {
			t.Errorf("/readyz with %v: %d", header, got)
		}
	}
}

// fill puts names that the examples have into an address.
func (w *site) fill(path string) string {
	w.t.Helper()
	p, err := w.Programmes.Programme(w.t.Context(), "janog57")
	if err != nil {
		w.t.Fatal(err)
	}
	if name, ok := strings.CutPrefix(path, "/assets/"); ok && !strings.Contains(name, "/") {
		return w.Site.Assets.URL(name)
	}
	return strings.NewReplacer("{session}", p.Items[0].Name, "{speaker}", p.Speakers[0].Key).Replace(path)
}

// TestOnlyReadingIsAllowed tries to change something at every address, as everybody, from this site and from another.
func TestOnlyReadingIsAllowed(t *testing.T) {
	w := withExamples(t, db.SQLite)
	posts := map[string]bool{} // addresses that forms are sent to
	for _, e := range matrix {
		if method, _, _ := strings.Cut(e.pattern, " "); method != http.MethodGet && method != http.MethodOptions {
			posts[e.pattern] = true
		}
	}
	owner := w.member("owner", []event.RoleKey{event.RoleOwner})
	for _, e := range matrix {
		for _, prefix := range []string{"", "/en"} {
			for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodTrace, "PROPFIND"} {
				path := prefix + w.fill(e.path)
				if rec := owner.do(method, path, "", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"); method != http.MethodTrace && rec.Code != http.StatusForbidden {
					t.Errorf("%s %s from another site, as the owner: %d, want 403", method, path, rec.Code)
				}
				if _, at, _ := strings.Cut(e.pattern, " "); posts[method+" "+at] {
					continue
				}
				if rec := w.ask(method, path, loopback, "Sec-Fetch-Site", "same-origin"); rec.Code != http.StatusMethodNotAllowed && rec.Code != http.StatusNotFound {
					t.Errorf("%s %s: %d", method, path, rec.Code)
				}
			}
		}
	}
	w.noErrors()
}
