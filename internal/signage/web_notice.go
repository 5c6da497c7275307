package signage

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// maxNoticeForm bounds the form of a notice with its two pictures, in bytes.
const maxNoticeForm = 2*blob.MaxBytes + 1<<20

// newNotice stands for the ref of a notice that is not stored yet.
const newNotice = "new"

// noticeView is the page of one notice.
type noticeView struct {
	Slug    string
	New     bool
	Notice  *Notice
	From    string // as the fields have it
	Until   string
	Days    string
	Hours   string
	Rooms   []event.Room
	Areas   []string
	Screens []*Screen
	Problem *web.Problem
	Words   map[i18n.Lang]map[string]string
	Zone    string
}

// Targets reports whether the notice is meant for a target.
func (v noticeView) Targets(t string) bool { return slices.Contains(v.Notice.Targets, t) }

// Area is the target of an area.
func (noticeView) Area(a string) string { return toArea + a }

// Room is the target of a room.
func (noticeView) Room(key string) string { return toRoom + key }

// Screen is the target of a screen.
func (noticeView) Screen(ref string) string { return toScreen + ref }

// Standings are the choices.
func (noticeView) Standings() []Standing { return Standings }

func (h *Web) notice(w http.ResponseWriter, r *http.Request) error {
	n := &Notice{Seconds: usualSeconds}
	if ref := r.PathValue("notice"); ref != newNotice {
		var err error
		if n, err = h.s.Notice(r.Context(), r.PathValue("slug"), ref); err != nil {
			return err
		}
	}
	return h.showNotice(w, r, http.StatusOK, n, nil, nil)
}

// showNotice renders the form. typed is what was in it, where it has to be mended.
func (h *Web) showNotice(w http.ResponseWriter, r *http.Request, status int, n *Notice, typed url.Values, problem *web.Problem) error {
	m, f, err := h.frame(r)
	if err != nil {
		return err
	}
	screens, err := h.s.Screens(r.Context(), m.Slug)
	if err != nil {
		return err
	}
	v := noticeView{
		Slug: m.Slug, New: n.Ref == "", Notice: n, Rooms: m.Rooms, Areas: areas(m, screens), Screens: screens, Problem: problem, Words: viewWords(h.site.Words),
		From: field(n.Schedule.From), Until: field(n.Schedule.Until), Days: writeDays(n.Schedule.Days), Hours: writeHours(n.Schedule.Hours),
		Zone: f.Zone(h.s.o.Now().In(m.Location())),
	}
	if typed != nil {
		v.From, v.Until, v.Days, v.Hours = typed.Get("from"), typed.Get("until"), typed.Get("days"), typed.Get("hours")
	}
	f.Title = f.T("signage.notice.title")
	return web.ShowStatus(w, status, noticePage, f, v)
}

// field writes a moment as a field of a form has it.
func field(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04")
}

// noticeForm reads the form of a notice into n; pictures come in files.
func (h *Web) noticeForm(r *http.Request, m *event.Stored, n *Notice, keep bool) (url.Values, error) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseMultipartForm(1 << 20); err != nil { //nolint:gosec // the route bounds the body (maxNoticeForm)
			if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
				return nil, err
			}
			return nil, fault.New(fault.Invalid, "error.form").Because(err)
		}
		defer func() { _ = r.MultipartForm.RemoveAll() }() // net/http does so only for the request as it came, and this is a copy
	}
	v, err := web.Form(r)
	if err != nil {
		return nil, err
	}
	get := func(name string) string { return strings.TrimSpace(strings.ReplaceAll(v.Get(name), "\r\n", "\n")) }
	n.Title, n.Body = i18n.T(get("title_ja"), get("title_en")), i18n.T(get("body_ja"), get("body_en"))
	n.Link, n.Standing, n.Published, n.Urgent = get("link"), Standing(get("standing")), get("published") != "", get("urgent") != ""
	n.Seconds, _ = strconv.Atoi(narrow(get("seconds"))) // what is no number is refused as 0
	n.Version, _ = strconv.ParseInt(get("version"), 10, 64)
	n.Targets = v["targets"]
	n.Schedule = Schedule{Days: parseDays(get("days")), Hours: parseHours(get("hours"))}
	for name, to := range map[string]*time.Time{"from": &n.Schedule.From, "until": &n.Schedule.Until} {
		if s := get(name); s != "" {
			if *to, err = time.ParseInLocation("2006-01-02T15:04", s, m.Location()); err != nil {
				return v, fault.New(fault.Invalid, "signage.error.moment").On(name)
			}
		}
	}
	return v, h.pictures(r, v, n, keep)
}

// pictures takes the pictures of a form. keep stores them; a drawing of what is typed has those that are stored already.
func (h *Web) pictures(r *http.Request, v url.Values, n *Notice, keep bool) error {
	for name, to := range map[string]*string{"picture_ja": &n.Picture.JA, "picture_en": &n.Picture.EN} {
		if v.Get("no_"+name) != "" {
			*to = ""
		}
		if !keep || r.MultipartForm == nil || len(r.MultipartForm.File[name]) == 0 || r.MultipartForm.File[name][0].Size == 0 {
			continue
		}
		f, err := r.MultipartForm.File[name][0].Open()
		if err != nil {
			return err
		}
		data, err := io.ReadAll(io.LimitReader(f, blob.MaxBytes+1))
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		p, err := blob.Reencode(data)
		if e, ok := fault.As(err); ok {
			return e.On(name)
		}
		if err != nil {
			return err
		}
		stored, err := h.s.o.Pictures.Put(r.Context(), p.Data)
		if err != nil {
			return err
		}
		*to = string(stored)
	}
	return nil
}

// opened is the notice of the address as it is stored, or a new one.
func (h *Web) opened(r *http.Request) (*event.Stored, *Notice, error) {
	m, err := h.events.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return nil, nil, err
	}
	if ref := r.PathValue("notice"); ref != newNotice && ref != "" {
		n, err := h.s.Notice(r.Context(), m.Slug, ref)
		return m, n, err
	}
	return m, &Notice{}, nil
}

func (h *Web) saveNotice(w http.ResponseWriter, r *http.Request) error {
	m, n, err := h.opened(r)
	if err != nil {
		return err
	}
	typed, err := h.noticeForm(r, m, n, true)
	if err == nil {
		if err = h.s.SaveNotice(r.Context(), m.Slug, n); err == nil {
			return h.back(r, "#notice-"+n.Ref)
		}
	}
	if typed == nil {
		return err
	}
	_, f, err2 := h.frame(r)
	if err2 != nil {
		return err2
	}
	problem, err2 := f.ProblemOf(err)
	if err2 != nil {
		return err2
	}
	if r.PathValue("notice") == newNotice {
		n.Ref = ""
	}
	return h.showNotice(w, r, fault.KindOf(err).Status(), n, typed, problem)
}

// drawNotice is what is typed as a screen would show it; nothing is stored.
func (h *Web) drawNotice(w http.ResponseWriter, r *http.Request) error {
	m, n, err := h.opened(r)
	if err != nil {
		return err
	}
	if _, err := h.noticeForm(r, m, n, false); fault.KindOf(err) == fault.Internal && err != nil {
		return err
	}
	for _, l := range i18n.Langs {
		if name := r.PostForm.Get("has_picture_" + string(l)); name != "" && r.PostForm.Get("no_picture_"+string(l)) == "" {
			if _, ok := blob.ParseName(name); ok {
				n.Picture = n.Picture.With(l, name)
			}
		}
	}
	if checkURL(n.Link, "") != nil {
		n.Link = ""
	}
	if tooLong(n.Body, maxBody) {
		n.Body = i18n.Text{}
	}
	_, c, _, err := h.s.content(r.Context(), m.Slug)
	if err != nil {
		return err
	}
	now := h.s.o.Now()
	n.Ref, n.Schedule = "typed", Schedule{}
	b, err := renderNotice(n, m, now.Add(-time.Hour), now.Add(24*time.Hour))
	if err != nil {
		return err
	}
	look := usual()
	look.Mode = Notices
	st := c.state(&Screen{Look: look, Hold: n.Ref, HoldUntil: now.Add(farAhead)}, h.app)
	st.Notices, st.Override = []json.RawMessage{b}, nil
	return answer(w, map[string]any{"now": now.UnixMilli(), "state": st})
}

func (h *Web) order(_ http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.s.Order(r.Context(), r.PathValue("slug"), form["notice"]); err != nil {
		return err
	}
	return h.back(r, "#notices")
}

func (h *Web) actNotice(w http.ResponseWriter, r *http.Request) error {
	slug, ref := r.PathValue("slug"), r.PathValue("notice")
	to := "#notice-" + ref
	var err error
	switch r.PathValue("act") {
	case "publish":
		err = h.s.SetPublished(r.Context(), slug, ref, true)
	case "withdraw":
		err = h.s.SetPublished(r.Context(), slug, ref, false)
	case "up":
		err = h.s.Move(r.Context(), slug, ref, -1)
	case "down":
		err = h.s.Move(r.Context(), slug, ref, 1)
	case "remove":
		to, err = "#notices", h.s.RemoveNotice(r.Context(), slug, ref)
	default:
		return fault.Missing()
	}
	if err != nil {
		return h.again(w, r, "notices", err, func(*deskView) {})
	}
	return h.back(r, to)
}
