package speaking

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

var (
	talksPage = web.NewPage[talksView](web.From(Files, "pages/talks.html"))
	talkPage  = web.NewPage[talkView](event.Mast, web.From(Files, "pages/talk.html", "pages/suggestion.html"))
)

// talksView are the sessions of the reader at all meetings.
type talksView struct{ Meetings []meetingTalks }

type meetingTalks struct {
	Name  i18n.Text
	Dates string
	Talks []talkLine
}

// talkLine is a session in a list.
type talkLine struct {
	Title     i18n.Text
	URL       string
	When      string
	Where     i18n.Text
	Cancelled bool
	Open      int // suggestions without an answer
}

func (h *Web) talks(w http.ResponseWriter, r *http.Request) error {
	f, err := h.frame(r, nil, "program.speaking.mine")
	if err != nil {
		return err
	}
	list, err := h.speaking.Talks(r.Context())
	if err != nil {
		return err
	}
	var v talksView
	for i, t := range list {
		m := t.Planned.Meeting
		if i == 0 || list[i-1].Planned.Meeting.ID != m.ID {
			v.Meetings = append(v.Meetings, meetingTalks{Name: m.Title, Dates: m.When(f.Lang)})
		}
		it := t.Shown()
		one := talkLine{
			Title: it.Title, URL: web.Address(f.Lang, m.DefaultLang(), talkURL(m.Slug, t.Name())), When: when(f, t.Planned, it), Where: it.Place(),
			Cancelled: it.Status == interchange.Cancelled,
		}
		last := &v.Meetings[len(v.Meetings)-1]
		last.Talks = append(last.Talks, one)
	}
	return web.Show(w, talksPage, f, v)
}

// when writes the day and the time of a session, as far as they are known.
func when(f *web.Frame, p *program.Programme, it *program.Item) string {
	start, end, day := p.Times(it)
	switch {
	case !start.IsZero() && end.After(start):
		return f.Moment(start) + "–" + f.Clock(end) + " " + f.Zone(start)
	case !start.IsZero():
		return f.Moment(start) + " " + f.Zone(start)
	case !day.IsZero():
		return f.Day(day)
	}
	return f.T("program.speaking.no_time")
}

// talkView is a session as its speakers see it.
type talkView struct {
	Slug         string
	Base         string // path of this page
	Title        i18n.Text
	Public       string // path of the public page; empty where it is not published
	When         string
	Where        i18n.Text
	Was          string // where it was announced to be
	Plan         string // what the draft plans otherwise, not public yet
	Cancelled    bool
	Owners       []i18n.Text
	Contact      string // address of the meeting's own page with who to write to
	Materials    int
	MayShow      bool // slides may be public
	People       []personView
	Fields       []fieldPair
	Reason       string
	Past         []suggestionView
	Said         string
	Problem      *web.Problem
	Suggesting   bool   // the form stands open
	MaterialsURL string // path of the page to hand in on
}

// OwnerNames are the names of those who look after the session.
func (v talkView) OwnerNames(f *web.Frame) []string { return in(f, v.Owners) }

// in are texts in the language of a page.
func in(f *web.Frame, list []i18n.Text) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = f.In(t)
	}
	return out
}

// personView is a speaker whom the reader may act for.
type personView struct {
	*web.Frame
	Base        string
	Key         string
	Name        i18n.Text
	Mine        bool
	Affiliation i18n.Text
	Bio         i18n.Text
	Links       string // one a line
	Photo       string // path of the picture
	Matters     []matter
	Away        []awayRow
	Problem     *web.Problem
	Open        string // the section that stands open
}

// matter is one thing that a speaker may refuse.
type matter struct {
	Name    string
	Label   string
	Refused bool // by this speaker
	Closed  bool // by the session already: there is nothing to refuse
}

// awayRow is a time of absence in a form; an empty one waits to be filled in.
type awayRow struct {
	N              int
	Day, From, To  string
	Note           string
	First, LastDay event.Date
}

// fieldPair is a text of a session in both languages, to suggest changes of.
type fieldPair struct {
	Name   string // title
	Label  string
	JA, EN string
	Long   bool
}

func (h *Web) talk(w http.ResponseWriter, r *http.Request) error {
	return h.showTalk(w, r, http.StatusOK, form{})
}

// form is what was typed into a form that has to be mended.
type form struct {
	section string // profile, refuse, away, suggest
	key     string
	values  url.Values
	wrong   error
}

func (h *Web) showTalk(w http.ResponseWriter, r *http.Request, status int, typed form) error {
	t, err := h.speaking.Talk(r.Context(), r.PathValue("slug"), r.PathValue("name"))
	if err != nil {
		return err
	}
	m, it := t.Planned.Meeting, t.Shown()
	f, err := h.frame(r, m, "program.speaking.mine")
	if err != nil {
		return err
	}
	f.Title = f.In(it.Title)
	v := talkView{
		Slug: m.Slug, Base: talkURL(m.Slug, t.Name()), Title: it.Title, When: when(f, t.Planned, it), Where: it.Place(), Said: said(f, r),
		Cancelled: it.Status == interchange.Cancelled, MayShow: t.Planned.MayShowSlides(t.Draft), Reason: typed.values.Get("reason"),
		Suggesting: typed.section == "suggest", MaterialsURL: "/meetings/" + m.Slug + "/sessions/" + url.PathEscape(t.Name()) + "/materials",
	}
	if typed.wrong != nil {
		problem, err := f.ProblemOf(typed.wrong)
		if err != nil {
			return err
		}
		v.Problem = problem
	}
	v.place(f, t)
	if v.Materials, err = h.materials.Count(r.Context(), m, t.Draft.Ref); err != nil {
		return err
	}
	if v.Owners, err = h.names(r, t.Owners); err != nil {
		return err
	}
	for _, p := range t.All {
		v.People = append(v.People, h.person(f, t, p, v.Base, typed))
	}
	v.Fields = pairs(f, t.Draft, typed)
	for _, g := range t.Suggestions {
		one := h.suggestion(f, g, g.By == authz.Who(r.Context()).ID)
		one.TalkBase = v.Base
		v.Past = append(v.Past, one)
	}
	return web.ShowStatus(w, status, talkPage, f, v)
}

// place says where a session stands: what is public, what was announced before, and what is planned otherwise.
func (v *talkView) place(f *web.Frame, t *program.Talk) {
	slug := t.Planned.Meeting.Slug
	if t.Item != nil {
		v.Public = "/meetings/" + slug + "/sessions/" + url.PathEscape(t.Item.Name)
		if was := t.Item.Was; was != nil {
			v.Was = f.Moment(was.Start)
			if !was.Room.IsZero() {
				v.Was += " " + f.In(was.Room)
			}
		}
		if plan, now := when(f, t.Planned, t.Draft)+" "+f.In(t.Draft.Place()), v.When+" "+f.In(v.Where); plan != now {
			v.Plan = plan
		}
	}
	for _, p := range t.Planned.Meeting.Pages {
		if slices.Contains([]string{"contact", "committee", "faq"}, p.Slug) && !p.Hidden && v.Contact == "" {
			v.Contact = "/meetings/" + slug + "/pages/" + p.Slug
		}
	}
}

func (h *Web) names(r *http.Request, ids []int64) ([]i18n.Text, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	people, err := h.people.Accounts(r.Context(), h.db, accounts(ids), nil)
	if err != nil {
		return nil, err
	}
	var out []i18n.Text
	for _, p := range people {
		out = append(out, p.Name)
	}
	return out, nil
}

func accounts(ids []int64) []person.ID {
	out := make([]person.ID, len(ids))
	for i, id := range ids {
		out[i] = person.ID(id)
	}
	return out
}

// person makes the view of a speaker, with what was typed in the place of what is stored.
func (h *Web) person(f *web.Frame, t *program.Talk, p *program.Person, base string, typed form) personView {
	v := personView{
		Frame: f, Base: base, Key: p.Key, Name: p.Name, Mine: slices.Contains(t.Mine, p), Affiliation: p.Affiliation, Bio: p.Bio,
		Matters: matters(f, t, p.Key),
	}
	var links []string
	for _, l := range p.Links {
		links = append(links, l.URL)
	}
	v.Links = strings.Join(links, "\n")
	if _, ok := blob.ParseName(p.Photo); ok {
		v.Photo = "/media/" + p.Photo
	}
	for _, a := range t.Absences {
		if a.Speaker == p.Key {
			v.Away = append(v.Away, awayRow{Day: string(event.DateOf(a.From)), From: a.From.Format("15:04"), To: ending(a), Note: a.Note})
		}
	}
	if typed.key == p.Key {
		v.Open = typed.section
		switch typed.section {
		case "profile":
			v.Affiliation, v.Bio, v.Links = text(typed.values, "affiliation"), text(typed.values, "bio"), typed.values.Get("links")
		case "away":
			v.Away = typedAway(typed.values)
		}
	}
	for range 2 {
		v.Away = append(v.Away, awayRow{})
	}
	for i := range v.Away {
		a := &v.Away[i]
		a.N, a.First, a.LastDay = i, t.Planned.Meeting.Start, t.Planned.Meeting.LastDay()
	}
	return v
}

// ending writes the end of an absence as the form takes it: midnight is the end of the day.
func ending(a program.Absence) string {
	if event.DateOf(a.To) != event.DateOf(a.From) {
		return "23:59"
	}
	return a.To.Format("15:04")
}

func typedAway(v url.Values) []awayRow {
	var list []awayRow
	for i, day := range v["day"] {
		at := func(name string) string {
			if i < len(v[name]) {
				return v[name][i]
			}
			return ""
		}
		if day != "" || at("from") != "" || at("to") != "" {
			list = append(list, awayRow{Day: day, From: at("from"), To: at("to"), Note: at("note")})
		}
	}
	return list
}

// matters lists what a speaker may refuse. What the session refuses as a whole is closed, unless it is this speaker who does.
func matters(f *web.Frame, t *program.Talk, key string) []matter {
	own := program.RefusalsOf(t.Own(key))
	whole := t.Others(key)
	var list []matter
	for _, m := range []struct {
		name    string
		refused bool
		whole   interchange.Permission
	}{
		{"stream", own.Stream, whole.Stream}, {"record", own.Record, whole.Record}, {"publish", own.Publish, whole.Publish},
		{"slides", own.Slides, whole.Slides}, {"photo", own.Photo, whole.Photo}, {"sns", own.SNS, whole.SNS},
	} {
		list = append(list, matter{m.name, f.T("program.speaking.matter." + m.name), m.refused, m.whole == interchange.Refused})
	}
	return list
}

// pairs are the texts that may be suggested otherwise.
func pairs(f *web.Frame, it *program.Item, typed form) []fieldPair {
	var list []fieldPair
	for _, t := range []struct {
		name string
		text i18n.Text
	}{{"title", it.Title}, {"subtitle", it.Subtitle}, {"abstract", it.Abstract}} {
		p := fieldPair{Name: t.name, Label: f.T("program.speaking.field." + t.name), JA: t.text.JA, EN: t.text.EN, Long: t.name == "abstract"}
		if typed.section == "suggest" {
			p.JA, p.EN = typed.values.Get(t.name+".ja"), typed.values.Get(t.name+".en")
		}
		list = append(list, p)
	}
	return list
}

// try does what a form asks for, and shows the page with what was typed where it has to be mended.
func (h *Web) try(w http.ResponseWriter, r *http.Request, section string, do func(url.Values) error) error {
	values, err := web.Form(r)
	if err != nil {
		return err
	}
	err = do(values)
	if mend(err) {
		return h.showTalk(w, r, fault.KindOf(err).Status(), form{section, r.PathValue("key"), values, err})
	}
	if err != nil {
		return err
	}
	anchor := "#speaker-" + r.PathValue("key")
	if section == "suggest" {
		anchor = "#suggestions"
	}
	return h.back(r, talkURL(r.PathValue("slug"), r.PathValue("name")), section, anchor)
}

func (h *Web) profile(w http.ResponseWriter, r *http.Request) error {
	return h.try(w, r, "profile", func(v url.Values) error {
		p := program.Profile{Affiliation: text(v, "affiliation"), Bio: text(v, "bio")}
		for line := range strings.FieldsSeq(v.Get("links")) {
			p.Links = append(p.Links, interchange.Link{Kind: interchange.LinkWeb, URL: line})
		}
		return h.speaking.SaveProfile(r.Context(), r.PathValue("slug"), r.PathValue("key"), p)
	})
}

// photo takes a picture of a speaker, which is drawn anew before it is kept, or takes it away.
func (h *Web) photo(w http.ResponseWriter, r *http.Request) error {
	if err := h.mayShow(r); err != nil {
		return err // before a byte of the picture is read
	}
	data, remove, err := readPhoto(r)
	if err == nil {
		err = h.keepPhoto(r, data, remove)
	}
	if mend(err) {
		return h.showTalk(w, r, fault.KindOf(err).Status(), form{"photo", r.PathValue("key"), url.Values{}, err})
	}
	if err != nil {
		return err
	}
	return h.back(r, talkURL(r.PathValue("slug"), r.PathValue("name")), "profile", "#speaker-"+r.PathValue("key"))
}

// mayShow says whether who acts may act for the speaker that the address names.
func (h *Web) mayShow(r *http.Request) error {
	t, err := h.speaking.Talk(r.Context(), r.PathValue("slug"), r.PathValue("name"))
	if err == nil && !slices.ContainsFunc(t.All, func(p *program.Person) bool { return p.Key == r.PathValue("key") }) {
		err = fault.Missing()
	}
	return err
}

// keepPhoto draws a picture anew and keeps it, one at a time: a large one takes much memory.
func (h *Web) keepPhoto(r *http.Request, data []byte, remove bool) error {
	ctx, slug, key := r.Context(), r.PathValue("slug"), r.PathValue("key")
	if remove {
		return h.speaking.SavePhoto(ctx, slug, key, "")
	}
	select {
	case h.drawing <- struct{}{}:
		defer func() { <-h.drawing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	p, err := blob.Reencode(data)
	if err != nil {
		return err
	}
	name, err := h.pictures.Put(ctx, p.Data)
	if err != nil {
		return err
	}
	return h.speaking.SavePhoto(ctx, slug, key, string(name))
}

// readPhoto reads the picture of a form, or that it is to be taken away.
func readPhoto(r *http.Request) (data []byte, remove bool, err error) {
	m, err := r.MultipartReader()
	if err != nil {
		return nil, false, fault.New(fault.Invalid, "error.form").Because(err)
	}
	for {
		p, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, false, fault.New(fault.Invalid, "error.form").Because(err)
		}
		b, err := io.ReadAll(io.LimitReader(p, blob.MaxBytes+1))
		if err != nil {
			return nil, false, fault.New(fault.Invalid, "error.form").Because(err)
		}
		switch p.FormName() {
		case "photo":
			data = b
		case "do":
			remove = string(b) == "remove"
		}
	}
	if len(data) == 0 && !remove {
		err = fault.New(fault.Invalid, "program.speaking.error.photo").On("photo")
	}
	return data, remove, err
}

func (h *Web) refuse(w http.ResponseWriter, r *http.Request) error {
	return h.try(w, r, "refuse", func(v url.Values) error {
		no := func(name string) bool { return slices.Contains(v["no"], name) }
		refusals := program.Refusals{
			Stream: no("stream"), Record: no("record"), Publish: no("publish"), Slides: no("slides"), Photo: no("photo"), SNS: no("sns"),
		}
		return h.speaking.Refuse(r.Context(), r.PathValue("slug"), r.PathValue("name"), r.PathValue("key"), refusals)
	})
}

func (h *Web) away(w http.ResponseWriter, r *http.Request) error {
	return h.try(w, r, "away", func(v url.Values) error {
		m, err := h.events.Meeting(r.Context(), r.PathValue("slug"))
		if err != nil {
			return err
		}
		var list []program.Absence
		for _, row := range typedAway(v) {
			a, err := row.absence(m.Location())
			if err != nil {
				return err
			}
			list = append(list, a)
		}
		return h.speaking.SaveAbsences(r.Context(), r.PathValue("slug"), r.PathValue("key"), list)
	})
}

// absence reads a row of the form: without times it is the whole day.
func (a awayRow) absence(loc *time.Location) (program.Absence, error) {
	read := func(clock string) (time.Time, error) {
		return time.ParseInLocation("2006-01-02 15:04", a.Day+" "+normal(clock), loc)
	}
	from, err1 := read(cmp.Or(a.From, "00:00"))
	to, err2 := read(cmp.Or(a.To, "23:59"))
	if err := errors.Join(err1, err2); err != nil {
		return program.Absence{}, fault.New(fault.Invalid, "program.speaking.error.time").With("value", strings.TrimSpace(a.Day+" "+a.From+" "+a.To)).On("away").Because(err)
	}
	return program.Absence{From: from, To: to, Note: strings.Join(strings.Fields(a.Note), " ")}, nil
}

// normal takes full-width digits and a colon of either width: 9:30, ９：３０.
func normal(clock string) string {
	clock = strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		if r == '：' {
			return ':'
		}
		return r
	}, strings.TrimSpace(clock))
	h, m, _ := strings.Cut(clock, ":")
	if n, err := strconv.Atoi(h); err == nil && n < 10 && len(h) == 1 {
		return "0" + h + ":" + m
	}
	return clock
}

func (h *Web) suggest(w http.ResponseWriter, r *http.Request) error {
	return h.try(w, r, "suggest", func(v url.Values) error {
		var edits []program.FieldEdit
		for _, name := range []string{"title", "subtitle", "abstract"} {
			for _, l := range i18n.Langs {
				if field := name + "." + string(l); v.Has(field) {
					edits = append(edits, program.FieldEdit{Field: field, Value: v.Get(field)})
				}
			}
		}
		_, err := h.speaking.Suggest(r.Context(), r.PathValue("slug"), r.PathValue("name"), edits, v.Get("reason"))
		return err
	})
}

func (h *Web) withdraw(_ http.ResponseWriter, r *http.Request) error {
	if err := h.speaking.Withdraw(r.Context(), r.PathValue("slug"), r.PathValue("ref")); err != nil {
		return err
	}
	return h.back(r, talkURL(r.PathValue("slug"), r.PathValue("name")), "withdrawn", "#suggestions")
}
