package signage

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// deskRoutes are the addresses of those who run the screens of a meeting.
func (h *Web) deskRoutes() []web.Route {
	const at = "/meetings/{slug}/signage"
	run, alarm := web.Needs(event.MayRunSignage), web.Needs(event.MayEmergency)
	return []web.Route{
		web.Private(pairPath, web.SignedIn, h.choose),
		web.Private(at, run, h.desk),
		web.Private(at+"/screens.json", run, h.watch),
		web.Private(at+"/state.json", run, h.previewState),
		web.Private(at+"/preview", run, h.preview),
		web.Action(at+"/pair", run, h.pair),
		web.Action(at+"/settings", run, h.saveSetting),
		web.Action(at+"/emergency", alarm, h.cover),
		web.Action(at+"/emergency/end", alarm, h.uncover),
		web.Private(at+"/screens/{screen}", run, h.screen),
		web.Private(at+"/screens/{screen}/preview", run, h.preview),
		web.Action(at+"/screens/{screen}", run, h.saveScreen),
		web.Action(at+"/screens/{screen}/unpair", run, h.unpair),
		web.Action(at+"/screens/{screen}/do/{act}", run, h.act),
		web.Private(at+"/notices/{notice}", run, h.notice),
		{Pattern: "POST " + at + "/notices/{notice}", Access: run, Personal: true, MaxBody: maxNoticeForm, Handler: h.saveNotice},
		{Pattern: "POST " + at + "/notices/draw", Access: run, Personal: true, MaxBody: maxNoticeForm, Handler: h.drawNotice},
		web.Action(at+"/notices/order", run, h.order),
		web.Action(at+"/notices/{notice}/{act}", run, h.actNotice),
	}
}

var (
	deskPage   = web.NewPage[deskView](event.Mast, web.From(Files, "pages/desk.html", "pages/look.html"))
	onePage    = web.NewPage[oneView](event.Mast, web.From(Files, "pages/one.html", "pages/look.html"))
	noticePage = web.NewPage[noticeView](event.Mast, web.From(Files, "pages/notice.html"))
	choosePage = web.NewPage[chooseView](web.From(Files, "pages/choose.html"))
	deskPages  = []web.Checked{deskPage, onePage, noticePage, choosePage}
)

// deskView is the page of the desk.
type deskView struct {
	Slug     string
	Meeting  *event.Stored
	Screens  []card
	Notices  []*Notice
	Setting  Setting
	Override *Override
	Alarms   bool // may cover the screens
	Ready    []ready
	Form     lookForm
	Code     string
	Problem  *web.Problem
	At       string // which form the problem is about: pair, settings, emergency
	Cover    Override
	Words    map[i18n.Lang]map[string]string
	Zone     string
}

// card is a screen at the desk.
type card struct {
	*Screen
	Room  i18n.Text
	Quiet bool
	Never bool   // was never heard
	Seen  string // when it was heard last
	Said  string // what it said is on it
	Held  string // the title of the notice that it holds
}

// lookForm is what the form of a look offers.
type lookForm struct {
	Look
	Rooms   []event.Room
	Areas   []string
	Problem *web.Problem
}

// Modes are the choices of what a screen shows.
func (lookForm) Modes() []Mode { return Modes }

// LanguageChoices are the choices of languages.
func (lookForm) LanguageChoices() []Languages { return LanguageChoices }

// Themes are the choices of themes.
func (lookForm) Themes() []Theme { return Themes }

// Turns are the choices of when notices take the whole screen.
func (lookForm) Turns() []Turn { return Turns }

// formFields is what the fragment of a look's form is executed with.
type formFields struct {
	F    *web.Frame
	L    lookForm
	At   string // the field that is wrong, or empty
	Open bool   // shows also what is seldom changed
}

func (l lookForm) fields(f *web.Frame, open bool) formFields {
	out := formFields{F: f, L: l, Open: open}
	if l.Problem != nil {
		out.At = l.Problem.Field
	}
	return out
}

// Fields are those of the form that adds a screen.
func (v deskView) Fields(f *web.Frame, open bool) formFields { return v.Form.fields(f, open) }

// Fields are those of the form of the screen.
func (v oneView) Fields(f *web.Frame, open bool) formFields { return v.Form.fields(f, open) }

// Severities are the choices.
func (deskView) Severities() []Severity { return Severities }

// Target is what people call a target of a notice.
func (v deskView) Target(f *web.Frame, t string) string {
	if area, ok := strings.CutPrefix(t, toArea); ok {
		return area
	}
	if key, ok := strings.CutPrefix(t, toRoom); ok {
		if r := v.Meeting.Room(key); r != nil {
			return f.In(r.Name)
		}
	}
	if ref, ok := strings.CutPrefix(t, toScreen); ok {
		for _, sc := range v.Screens {
			if sc.Ref == ref {
				return sc.Look.Name
			}
		}
	}
	return f.T("signage.target_gone")
}

// ready is a text for an emergency that is there before anybody needs it.
type ready struct {
	Key  string
	Text i18n.Text
}

// readyKeys name the ready texts.
var readyKeys = []string{"evacuate", "earthquake", "doctor", "pause"}

func (h *Web) ready() []ready {
	out := make([]ready, len(readyKeys))
	for i, k := range readyKeys {
		key := "signage.ready." + k
		out[i] = ready{k, i18n.T(h.site.Words.Say(i18n.JA, key), h.site.Words.Say(i18n.EN, key))}
	}
	return out
}

func (h *Web) path(r *http.Request) string { return "/meetings/" + r.PathValue("slug") + "/signage" }

// back sends the reader to the desk again, in their language.
func (h *Web) back(r *http.Request, to string) error {
	m, err := h.events.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	f, err := h.events.Start(r, h.site, m)
	if err != nil {
		return err
	}
	return web.Done(f.URL(h.path(r)) + to)
}

// frame starts a page of the desk.
func (h *Web) frame(r *http.Request) (*event.Stored, *web.Frame, error) {
	m, err := h.events.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return nil, nil, err
	}
	f, err := h.events.Frame(r, h.site, m, "signage")
	if err != nil {
		return nil, nil, err
	}
	f.NoIndex = true
	f.Styles = append(f.Styles, f.Asset("signage.css"))
	f.Scripts = append(f.Scripts, f.Asset("signage.js"))
	return m, f, nil
}

func (h *Web) desk(w http.ResponseWriter, r *http.Request) error {
	return h.showDesk(w, r, http.StatusOK, func(v *deskView) { v.Code = parseCode(r.URL.Query().Get("code")) })
}

// showDesk renders the desk; with sets what a form that has to be mended had in it.
func (h *Web) showDesk(w http.ResponseWriter, r *http.Request, status int, with func(*deskView)) error {
	m, f, err := h.frame(r)
	if err != nil {
		return err
	}
	f.Title = f.T("signage.title_of", "meeting", m.Name())
	v := deskView{
		Slug: m.Slug, Meeting: m, Alarms: event.May(r.Context(), m.Slug, event.MayEmergency), Ready: h.ready(), Words: viewWords(h.site.Words),
		Cover: Override{Severity: Danger}, Zone: f.Zone(h.s.o.Now().In(m.Location())),
	}
	screens, err := h.s.Screens(r.Context(), m.Slug)
	if err != nil {
		return err
	}
	if v.Notices, err = h.s.Notices(r.Context(), m.Slug); err != nil {
		return err
	}
	if v.Setting, err = h.s.Setting(r.Context(), m.Slug); err != nil {
		return err
	}
	if v.Override, err = h.s.Override(r.Context(), m.Slug); err != nil {
		return err
	}
	for _, sc := range screens {
		v.Screens = append(v.Screens, h.card(f, m, sc, v.Notices))
	}
	v.Form = lookForm{Look: usual(), Rooms: m.Rooms, Areas: areas(m, screens)}
	with(&v)
	return web.ShowStatus(w, status, deskPage, f, v)
}

// card is a screen with what is said about it.
func (h *Web) card(f *web.Frame, m *event.Stored, sc *Screen, notices []*Notice) card {
	c := card{Screen: sc, Never: sc.Alive.At.IsZero(), Said: h.said(f, sc.Alive.Shows, notices)}
	if room := m.Room(sc.Look.Room); room != nil && (sc.Look.Mode == InRoom || sc.Look.Mode == Stage) {
		c.Room = room.Name
	}
	if !c.Never {
		c.Quiet = h.s.o.Now().Sub(sc.Alive.At) > quietAfter
		c.Seen = f.Clock(sc.Alive.At.In(m.Location()))
		if event.DateOf(sc.Alive.At.In(m.Location())) != event.DateOf(h.s.o.Now().In(m.Location())) {
			c.Seen = f.ShortDay(sc.Alive.At.In(m.Location())) + " " + c.Seen
		}
	}
	if sc.Hold != "" && h.s.o.Now().Before(sc.HoldUntil) {
		c.Held = h.said(f, "notice:"+sc.Hold, notices)
	}
	return c
}

// said is what a screen says is on it, in words.
func (h *Web) said(f *web.Frame, shows string, notices []*Notice) string {
	if ref, ok := strings.CutPrefix(shows, "notice:"); ok {
		for _, n := range notices {
			if n.Ref == ref {
				return f.T("signage.shows.notice", "title", f.In(n.Title))
			}
		}
	}
	kind, _, _ := strings.Cut(shows, "-")
	switch kind {
	case "now", "changes", "sponsors", "survey", "override", "blank", "stage":
		return f.T("signage.shows." + kind)
	}
	return ""
}

// areas are what a screen may be given as its area: those in use, then the buildings of the meeting.
func areas(m *event.Stored, screens []*Screen) []string {
	var out []string
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, sc := range screens {
		add(sc.Look.Area)
	}
	for _, v := range m.Venues {
		add(v.Name.In(m.DefaultLang()))
	}
	return out
}

// lookOf reads the form of a look.
func lookOf(v url.Values) Look {
	u := usual()
	return Look{
		Name: strings.TrimSpace(v.Get("name")), Area: strings.TrimSpace(v.Get("area")), Mode: cmp.Or(Mode(v.Get("mode")), u.Mode), Room: v.Get("room"),
		Languages: cmp.Or(Languages(v.Get("languages")), u.Languages), Theme: cmp.Or(Theme(v.Get("theme")), u.Theme), Turn: cmp.Or(Turn(v.Get("turn")), u.Turn),
	}
}

func (h *Web) pair(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	look := lookOf(form)
	sc, err := h.s.Pair(r.Context(), r.PathValue("slug"), form.Get("code"), look)
	if err == nil {
		return h.back(r, "#screen-"+sc.Ref)
	}
	return h.again(w, r, "pair", err, func(v *deskView) { v.Code, v.Form.Look = form.Get("code"), look })
}

// again shows the desk with what has to be mended.
func (h *Web) again(w http.ResponseWriter, r *http.Request, at string, err error, with func(*deskView)) error {
	_, f, err2 := h.frame(r)
	if err2 != nil {
		return err2
	}
	problem, err3 := f.ProblemOf(err)
	if err3 != nil {
		return err3
	}
	return h.showDesk(w, r, fault.KindOf(err).Status(), func(v *deskView) {
		v.Problem, v.At = problem, at
		if at == "pair" {
			v.Form.Problem = problem
		}
		with(v)
	})
}

func (h *Web) saveSetting(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	set := Setting{
		Sponsors: form.Get("sponsors") != "", SurveyURL: strings.TrimSpace(form.Get("survey_url")),
		SurveyTitle: i18n.T(strings.TrimSpace(form.Get("survey_ja")), strings.TrimSpace(form.Get("survey_en"))),
	}
	if err := h.s.SaveSetting(r.Context(), r.PathValue("slug"), set); err != nil {
		return h.again(w, r, "settings", err, func(v *deskView) { v.Setting = set })
	}
	return h.back(r, "#settings")
}

func (h *Web) cover(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	text := i18n.T(strings.TrimSpace(form.Get("text_ja")), strings.TrimSpace(form.Get("text_en")))
	if text.IsZero() { // a ready text, chosen where no script put it into the fields
		for _, t := range h.ready() {
			if t.Key == form.Get("ready") {
				text = t.Text
			}
		}
	}
	severity := cmp.Or(Severity(form.Get("severity")), Danger)
	if err := h.s.Cover(r.Context(), r.PathValue("slug"), severity, text); err != nil {
		return h.again(w, r, "emergency", err, func(v *deskView) { v.Cover = Override{Severity: severity, Text: text} })
	}
	return h.back(r, "#emergency")
}

func (h *Web) uncover(_ http.ResponseWriter, r *http.Request) error {
	if err := h.s.Uncover(r.Context(), r.PathValue("slug")); err != nil {
		return err
	}
	return h.back(r, "#emergency")
}

// oneView is the page of one screen.
type oneView struct {
	Slug    string
	Card    card
	Form    lookForm
	Outages []span
	Words   map[i18n.Lang]map[string]string
}

// span is a time without the network, in words.
type span struct{ From, Until string }

func (h *Web) screen(w http.ResponseWriter, r *http.Request) error {
	return h.showScreen(w, r, http.StatusOK, func(*oneView) {})
}

func (h *Web) showScreen(w http.ResponseWriter, r *http.Request, status int, with func(*oneView)) error {
	m, f, err := h.frame(r)
	if err != nil {
		return err
	}
	sc, err := h.s.One(r.Context(), m.Slug, r.PathValue("screen"))
	if err != nil {
		return err
	}
	screens, err := h.s.Screens(r.Context(), m.Slug)
	if err != nil {
		return err
	}
	notices, err := h.s.Notices(r.Context(), m.Slug)
	if err != nil {
		return err
	}
	f.Title = sc.Look.Name
	v := oneView{Slug: m.Slug, Card: h.card(f, m, sc, notices), Form: lookForm{Look: sc.Look, Rooms: m.Rooms, Areas: areas(m, screens)}, Words: viewWords(h.site.Words)}
	for _, o := range sc.Alive.Offline {
		from, until := time.UnixMilli(o.From).In(m.Location()), time.UnixMilli(o.Until).In(m.Location())
		v.Outages = append(v.Outages, span{f.ShortDay(from) + " " + f.Clock(from), f.Clock(until)})
	}
	with(&v)
	return web.ShowStatus(w, status, onePage, f, v)
}

func (h *Web) saveScreen(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	look := lookOf(form)
	err = h.s.SetLook(r.Context(), r.PathValue("slug"), r.PathValue("screen"), look)
	if err == nil {
		return h.back(r, "#screen-"+r.PathValue("screen"))
	}
	_, f, err2 := h.frame(r)
	if err2 != nil {
		return err2
	}
	problem, err2 := f.ProblemOf(err)
	if err2 != nil {
		return err2
	}
	return h.showScreen(w, r, fault.KindOf(err).Status(), func(v *oneView) { v.Form.Look, v.Form.Problem = look, problem })
}

func (h *Web) unpair(_ http.ResponseWriter, r *http.Request) error {
	if err := h.s.Unpair(r.Context(), r.PathValue("slug"), r.PathValue("screen")); err != nil {
		return err
	}
	return h.back(r, "#screens")
}

func (h *Web) act(_ http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	minutes, _ := strconv.Atoi(form.Get("minutes")) // anything else is the least there is
	if err := h.s.Act(r.Context(), r.PathValue("slug"), r.PathValue("screen"), r.PathValue("act"), form.Get("notice"), minutes); err != nil {
		return err
	}
	return h.back(r, "#screen-"+r.PathValue("screen"))
}

// chooseView is where a code is typed before anybody knows the meeting.
type chooseView struct {
	Code     string
	Meetings []choice
}

type choice struct {
	Name i18n.Text
	When string
	URL  string
}

// choose asks for which meeting a screen is to be paired; where there is one answer it is not asked.
func (h *Web) choose(w http.ResponseWriter, r *http.Request) error {
	f, err := h.events.Frame(r, h.site, nil, "")
	if err != nil {
		return err
	}
	all, err := h.events.Meetings(r.Context())
	if err != nil {
		return err
	}
	v := chooseView{Code: parseCode(r.URL.Query().Get("code"))}
	today := event.DateOf(h.s.o.Now())
	for _, m := range all {
		if !event.May(r.Context(), m.Slug, event.MayRunSignage) {
			continue
		}
		to := f.URL("/meetings/" + m.Slug + "/signage")
		if v.Code != "" {
			to += "?code=" + v.Code
		}
		v.Meetings = append(v.Meetings, choice{m.Name(), m.When(f.Lang), to + "#pair"})
		if m.LastDay() >= today && m.Start != "" { // it is the one on the wall, or one of those
			v.Meetings = append(v.Meetings[len(v.Meetings)-1:], v.Meetings[:len(v.Meetings)-1]...)
		}
	}
	if len(v.Meetings) == 1 {
		return web.See(v.Meetings[0].URL)
	}
	f.Title, f.NoIndex = f.T("signage.choose.title"), true
	return web.Show(w, choosePage, f, v)
}
