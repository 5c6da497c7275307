package program

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// openapi describes the API. It is kept by hand, and a test holds every answer to it.
//
//go:embed openapi.yaml
var openapi []byte

// apiRoutes are the read API: everything public about every meeting, for programs of anyone.
func (h *Web) apiRoutes() []web.Route {
	return []web.Route{
		web.Data("/api/v1/openapi.json", h.apiDescription),
		web.Data("/api/v1/meetings", h.apiMeetings),
		web.Data("/api/v1/meetings/{slug}", apiOne(h, "meeting", func(w apiWriter) any { return w.meeting() })),
		web.Data("/api/v1/meetings/{slug}/sessions", h.apiSessions),
		web.Data("/api/v1/meetings/{slug}/sessions/{name}", h.apiSession),
		web.Data("/api/v1/meetings/{slug}/speakers", h.apiSpeakers),
		web.Data("/api/v1/meetings/{slug}/speakers/{key}", h.apiSpeaker),
		web.Data("/api/v1/meetings/{slug}/rooms", apiOne(h, "rooms", func(w apiWriter) any { return whole(w.rooms()) })),
		web.Data("/api/v1/meetings/{slug}/days", apiOne(h, "days", func(w apiWriter) any { return whole(w.days()) })),
		web.Data("/api/v1/meetings/{slug}/kinds", apiOne(h, "kinds", func(w apiWriter) any { return whole(w.kinds()) })),
		web.Data("/api/v1/meetings/{slug}/releases", h.apiReleases),
		web.Data("/api/v1/meetings/{slug}/releases/{number}", h.apiRelease),
		web.Data("/schemas/meeting.json", h.meetingSchema),
		web.Data("/api/v1/{rest...}", func(http.ResponseWriter, *http.Request) error { return fault.Missing() }),
		preflight("/api/v1/{rest...}"),
		preflight("/schemas/meeting.json"),
	}
}

// preflight lets pages of other sites send the conditional headers that browsers ask about first (Fetch standard, CORS-preflight).
func preflight(path string) web.Route {
	return web.Route{Pattern: "OPTIONS " + path, Access: web.Public, Machine: true, Handler: func(w http.ResponseWriter, _ *http.Request) error {
		hd := w.Header()
		hd.Set("Allow", "GET, HEAD, OPTIONS")
		openToAll(hd)
		hd.Set("Access-Control-Allow-Methods", "GET, HEAD")
		hd.Set("Access-Control-Allow-Headers", "Accept, Accept-Language, If-None-Match, If-Modified-Since")
		hd.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}}
}

// openToAll lets pages of any site read an answer with the headers that matter for it.
func openToAll(hd http.Header) {
	hd.Set("Access-Control-Allow-Origin", "*")
	hd.Set("Access-Control-Expose-Headers", "ETag, Link, Content-Disposition")
	hd.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

const jsonType = "application/json; charset=utf-8"

// answer serves JSON: from the cache where key is one of few, else made for this request alone, so that no parameter a reader invents
// takes room in the cache.
func (h *Web) answer(w http.ResponseWriter, r *http.Request, a web.Answer, build func() (any, error)) error {
	openToAll(w.Header())
	a.CORS = true
	a.Type = cmp.Or(a.Type, jsonType)
	return h.cacheFor(a.Key).Serve(w, r, a, func(out io.Writer) error {
		v, err := build()
		if err != nil {
			return err
		}
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	})
}

// cacheFor is the cache for a key; without a key it is one that is thrown away with the request.
func (h *Web) cacheFor(key string) *web.Cache {
	if key == "" {
		return web.NewCache(0)
	}
	return h.cache
}

// apiOne serves something of a meeting that takes no parameters.
func apiOne(h *Web, what string, build func(apiWriter) any) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := h.data(r)
		if err != nil {
			return err
		}
		return h.answer(w, r, h.apiAnswer(p, what), func() (any, error) { return build(h.writer(p)), nil })
	}
}

func (h *Web) writer(p *Programme) apiWriter { return apiWriter{p, h.site.PublicURL} }

func (h *Web) apiAnswer(p *Programme, what string) web.Answer {
	return web.Answer{Key: "api " + p.Meeting.Slug + " " + what, Version: h.version(p)}
}

// linkNext names the next page (RFC 8288).
func linkNext(w http.ResponseWriter, next string) {
	if next != "" {
		w.Header().Set("Link", "<"+next+`>; rel="next"`)
	}
}

func (h *Web) apiDescription(w http.ResponseWriter, r *http.Request) error {
	return h.answer(w, r, web.Answer{Key: "api openapi", Version: h.site.Version}, func() (any, error) {
		var doc map[string]any
		if err := yaml.Unmarshal(openapi, &doc); err != nil {
			return nil, fmt.Errorf("read the description of the API: %w", err)
		}
		return doc, nil
	})
}

func (h *Web) meetingSchema(w http.ResponseWriter, r *http.Request) error {
	a := web.Answer{Key: "api meeting schema", Version: h.site.Version, Type: "application/schema+json; charset=utf-8"}
	return h.answer(w, r, a, func() (any, error) { return json.RawMessage(interchange.MeetingSchema), nil })
}

// meetingPlace orders meetings from the newest to the oldest: a key that grows the older a meeting is, with those of unknown date last.
func meetingPlace(m *event.Summary) string {
	begins := []byte(cmp.Or(string(m.Start), m.Month))
	for i, c := range begins {
		begins[i] = '0' + '9' - c // what stands between the digits stays in the same columns
	}
	return string(begins) + strings.Repeat("~", max(0, len(time.DateOnly)-len(begins))) + " " + m.Slug
}

func (h *Web) apiMeetings(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	pg, err := readPaging("meetings", q)
	if err != nil {
		return err
	}
	version, err := h.programmes.siteVersion(r.Context())
	if err != nil {
		return err
	}
	all, err := h.events.Meetings(r.Context())
	if err != nil {
		return err
	}
	all = slices.SortedFunc(slices.Values(all), func(a, b *event.Summary) int { return cmp.Compare(meetingPlace(a), meetingPlace(b)) })
	items, more := page(pg, all, meetingPlace)
	next := pg.next(h.site.PublicURL+r.URL.Path, q, more)
	linkNext(w, next)
	a := web.Answer{Version: strconv.FormatInt(version, 10)}
	if pg.first() {
		a.Key = "api meetings"
	}
	return h.answer(w, r, a, func() (any, error) {
		return apiList[apiMeeting]{mapped(items, func(m *event.Summary) apiMeeting { return writeMeeting(h.site.PublicURL, m.Meeting) }), len(all), next}, nil
	})
}
