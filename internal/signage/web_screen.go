package signage

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/listen"
	"github.com/tsudoi/tsudoi/internal/kit/qr"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// screenRoutes are the addresses that a screen itself asks. Its language is not in them: a screen speaks as the desk says.
func (h *Web) screenRoutes() []web.Route {
	routes := []web.Route{
		web.Data("/screen", h.shell),
		web.Data("/screen/sw.js", h.worker),
		web.Data("/screen/state.json", h.state),
		{Pattern: "POST /screen/pair", Access: web.Public, Machine: true, MaxBody: maxSaid, Handler: h.ask},
		{Pattern: "POST /screen/alive", Access: web.Public, Machine: true, MaxBody: maxSaid, Handler: h.alive},
	}
	if h.follow != nil {
		routes = append(routes, web.Data("/screen/live", h.live))
	}
	return routes
}

// maxSaid bounds what a screen says, in bytes.
const maxSaid = 4096

// shell is the page of a screen, which is the same for all of them.
type shell struct {
	State   string // where the state is read
	App     string
	Live    string // where changes are followed, or empty
	At      int64  // a preview of a moment, in milliseconds; 0 is now
	Pairing *pairingWords
	Note    string
	Words   map[i18n.Lang]map[string]string
}

type pairingWords struct {
	Title, Steps i18n.Text
	Address      string
	Full         string
}

var screenPage = web.NewPage[shell](web.From(Files, "pages/screen.html"))

func (h *Web) shell(w http.ResponseWriter, r *http.Request) error {
	v := shell{State: "/screen/state.json", App: h.app, Words: viewWords(h.site.Words), Pairing: h.pairingWords()}
	if h.follow != nil {
		v.Live = "/screen/live"
	}
	f, err := h.site.Frame(r, "")
	if err != nil {
		return err
	}
	f.Title = f.T("signage.screen")
	w.Header().Set("Content-Security-Policy", policy)
	a := web.Answer{Key: "signage screen", Version: h.app, Type: "text/html; charset=utf-8"}
	return h.cache.Serve(w, r, a, func(out io.Writer) error { return screenPage.Render(out, f, v) })
}

// policy is that of the page of a screen: like every page's, and its worker may run.
const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

func (h *Web) pairingWords() *pairingWords {
	both := func(key string) i18n.Text {
		return i18n.T(h.site.Words.Say(i18n.JA, key), h.site.Words.Say(i18n.EN, key))
	}
	full := both("signage.full_screen")
	return &pairingWords{
		Title: both("signage.pair.title"), Steps: both("signage.pair.steps"), Full: full.JA + " / " + full.EN,
		Address: strings.TrimPrefix(strings.TrimPrefix(h.site.PublicURL, "https://"), "http://") + pairPath,
	}
}

// pairPath is the address at which a code is typed where nobody knows the meeting yet.
const pairPath = "/signage/pair"

// worker is the script that keeps the page for when the network is away. Its address is below /screen/, so it says that it may serve /screen.
func (h *Web) worker(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Service-Worker-Allowed", "/screen")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'")
	a := web.Answer{Key: "signage worker", Version: h.app, Type: "text/javascript; charset=utf-8", CacheControl: "no-cache"}
	return h.cache.Serve(w, r, a, func(out io.Writer) error {
		assets, err := json.Marshal(append([]string{"/screen"}, shellAssets(h.site)...))
		if err != nil {
			return err
		}
		source, err := Files.ReadFile("pages/sw.js")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "const VERSION = %q\nconst ASSETS = %s\n%s", h.app, assets, source)
		return err
	})
}

// cookieName is that of the token. With https no other site of the domain can set it.
func (h *Web) cookieName() string {
	if h.secure {
		return "__Host-tsudoi-screen"
	}
	return "tsudoi-screen"
}

func (h *Web) token(r *http.Request) string {
	c, err := r.Cookie(h.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

// tokenLife is how long a browser keeps the token; 400 days is the most that browsers keep any.
const tokenLife = 400 * 24 * time.Hour

func (h *Web) setToken(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // secure wherever the site is reached by https
		Name: h.cookieName(), Value: token, Path: "/", MaxAge: int(tokenLife.Seconds()), HttpOnly: true, Secure: h.secure, SameSite: http.SameSiteStrictMode,
	})
}

// ask gives a screen its code.
func (h *Web) ask(w http.ResponseWriter, r *http.Request) error {
	held, code, expires, err := h.s.Ask(r.Context(), h.token(r), listen.Client(r).String())
	if err != nil {
		return err
	}
	h.setToken(w, held)
	if code == "" {
		return answer(w, map[string]any{"paired": true})
	}
	drawn, err := qr.New(h.site.PublicURL + pairPath + "?code=" + code)
	if err != nil {
		return err
	}
	return answer(w, map[string]any{"code": code, "seconds": int(expires.Sub(h.s.o.Now()).Seconds()), "qr": drawn})
}

// state is what a screen shows. Its version is the ETag; the time of the server stands in a header, so that it changes no version.
func (h *Web) state(w http.ResponseWriter, r *http.Request) error {
	sc, err := h.s.Screen(r.Context(), h.token(r))
	if err != nil {
		return err
	}
	h.tellTime(w)
	w.Header().Set("Vary", "Cookie")
	if sc == nil {
		return answer(w, State{App: h.app})
	}
	_, c, version, err := h.s.content(r.Context(), sc.Slug)
	if err != nil {
		return err
	}
	a := web.Answer{Key: "signage state " + sc.Ref, Version: version, Type: "application/json", CacheControl: "private, no-cache"}
	return h.cache.Serve(w, r, a, func(out io.Writer) error {
		// Read again, after the version: kept under it must not be what the screen was before.
		sc, err := h.s.Screen(context.WithoutCancel(r.Context()), h.token(r))
		if err != nil {
			return err
		}
		if sc == nil {
			return fault.Missing()
		}
		return c.state(sc, h.app).write(out)
	})
}

// tellTime lets a screen correct its clock.
func (h *Web) tellTime(w http.ResponseWriter) {
	w.Header().Set("Tsudoi-Time", strconv.FormatInt(h.s.o.Now().UnixMilli(), 10))
}

// alive takes what a screen says of itself.
func (h *Web) alive(w http.ResponseWriter, r *http.Request) error {
	sc, err := h.s.Screen(r.Context(), h.token(r))
	if err != nil {
		return err
	}
	if sc == nil {
		return fault.Missing()
	}
	var said Alive
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
		return fault.New(fault.Invalid, "error.form").Because(err)
	}
	if err := h.s.Hear(r.Context(), sc, said); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// live says when there is something new.
func (h *Web) live(w http.ResponseWriter, r *http.Request) error {
	sc, err := h.s.Screen(r.Context(), h.token(r))
	if err != nil {
		return err
	}
	if sc == nil {
		return fault.Missing()
	}
	return h.follow(w, r, Topic(sc.Slug), "meeting:"+sc.Slug)
}

// answer writes JSON that nobody keeps.
func answer(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(v)
}
