package event

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	makePage     = web.NewPage[makeData](web.From(Files, "pages/make.html", "pages/offer.html"))
	settingsPage = web.NewPage[settingsData](Mast, web.From(Files, "pages/settings.html", "pages/offer.html"))
)

// makeRoutes are the pages on which a meeting is made and its basics are changed.
func (p *pages) makeRoutes() []web.Route {
	return []web.Route{
		web.Private("/meetings/new", web.Needs(MayCreateMeeting), p.makeForm),
		web.Action("/meetings/new", web.Needs(MayCreateMeeting), p.make),
		web.Private("/meetings/{slug}/settings", web.Needs(MayEditMeeting), p.settings),
		web.Action("/meetings/{slug}/settings", web.Needs(MayEditMeeting), p.saveSettings),
	}
}

// makeData is the form of a new meeting.
type makeData struct {
	Making
	Froms   []*Summary
	Lines   []Series
	Problem *web.Problem
}

func (p *pages) makeForm(w http.ResponseWriter, r *http.Request) error {
	d := makeData{Making: Making{Phase: Draft, Pages: true, Teams: true, Tasks: true, From: r.URL.Query().Get("from")}}
	return p.showMake(w, r, http.StatusOK, d)
}

func (p *pages) showMake(w http.ResponseWriter, r *http.Request, status int, d makeData) (err error) {
	if d.Froms, err = p.Meetings(r.Context()); err != nil {
		return err
	}
	if d.Lines, err = p.Series(r.Context()); err != nil {
		return err
	}
	f, err := p.makeFrame(r)
	if err != nil {
		return err
	}
	if status == http.StatusOK && d.From == "" && len(d.Froms) > 0 {
		d.From = d.Froms[0].Slug
	}
	return web.ShowStatus(w, status, makePage, f, d)
}

func (p *pages) makeFrame(r *http.Request) (*web.Frame, error) {
	f, err := p.Frame(r, p.frame, nil, "")
	if err == nil {
		f.Title, f.NoIndex = f.T("event.make.title"), true
	}
	return f, err
}

func (p *pages) make(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	d := makeData{Making: Making{
		From: form.Get("from"), Series: form.Get("series"), Slug: form.Get("slug"), Title: bothOf(form, "title"), Short: strings.TrimSpace(form.Get("short")),
		Start: Date(form.Get("start")), End: Date(form.Get("end")), Phase: Phase(form.Get("phase")),
		Pages: form.Has("pages"), Teams: form.Has("teams"), Tasks: form.Has("tasks"),
	}}
	err = p.db.Write(r.Context(), func(tx *db.Tx) error { _, err := p.Make(r.Context(), tx, d.Making); return err })
	if fault.KindOf(err) == fault.NotFound && err != nil {
		err = invalid("from", "from").Because(err)
	}
	if err != nil {
		f, ferr := p.makeFrame(r)
		if ferr != nil {
			return ferr
		}
		if d.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
		return p.showMake(w, r, http.StatusUnprocessableEntity, d)
	}
	f, err := p.makeFrame(r)
	if err != nil {
		return err
	}
	return web.Done(f.URL("/meetings/"+strings.ToLower(strings.TrimSpace(d.Slug))+"/people") + "?done=made")
}

// bothOf reads a text in both languages from a form.
func bothOf(form url.Values, name string) i18n.Text {
	return i18n.T(strings.TrimSpace(form.Get(name+"_ja")), strings.TrimSpace(form.Get(name+"_en")))
}

// settingsData is the form of a meeting's basics.
type settingsData struct {
	*room
	Settings
	Rows    []roomRow
	Phases  []phaseChoice
	Problem *web.Problem
	Saved   bool
}

// phaseChoice is a phase as a value of a form with its name.
type phaseChoice struct {
	Value string
	Name  string
}

// roomRow is a room as the form holds it.
type roomRow struct {
	N        int
	Key      string
	Name     i18n.Text
	Location i18n.Text
	Capacity string
	Online   bool
	Drop     bool
}

// spare is how many empty rows a form of rooms ends with.
const spare = 2

func (p *pages) settings(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.settings.title", "settings")
	if err != nil {
		return err
	}
	d := settingsData{room: o, Settings: Settings{Meeting: o.m.Meeting, Seen: o.m.State()}, Saved: r.URL.Query().Has("saved")}
	for _, room := range o.m.Rooms {
		row := roomRow{Key: room.Key, Name: room.Name, Location: room.Location, Online: room.Online}
		if room.Capacity > 0 {
			row.Capacity = strconv.Itoa(room.Capacity)
		}
		d.Rows = append(d.Rows, row)
	}
	return d.show(w, http.StatusOK)
}

func (d settingsData) show(w http.ResponseWriter, status int) error {
	for i := 0; i < spare && status == http.StatusOK; i++ {
		d.Rows = append(d.Rows, roomRow{})
	}
	for i := range d.Rows {
		d.Rows[i].N = i
	}
	for _, phase := range Phases {
		d.Phases = append(d.Phases, phaseChoice{string(phase), d.f.T("event.phase." + string(phase))})
	}
	return web.ShowStatus(w, status, settingsPage, d.f, d)
}

func (p *pages) saveSettings(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.settings.title", "settings")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	d := settingsData{room: o, Settings: readSettings(form)}
	if d.Rows, d.Rooms, err = readRooms(form, o.m); err == nil {
		err = p.db.Write(r.Context(), func(tx *db.Tx) error { _, err := p.Configure(r.Context(), tx, o.slug, d.Settings); return err })
	}
	if err != nil {
		if fault.KindOf(err) == fault.Conflict {
			d.Seen = o.m.State() // sent again, it holds
		}
		if d.Problem, err = o.f.ProblemOf(err); err != nil {
			return err
		}
		return d.show(w, http.StatusUnprocessableEntity)
	}
	return web.Done(o.f.URL("/meetings/"+o.slug+"/settings") + "?saved")
}

func readSettings(form url.Values) Settings {
	line := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	return Settings{Seen: form.Get("seen"), Meeting: Meeting{
		Title: bothOf(form, "title"), Short: line("short"), Theme: bothOf(form, "theme"), Summary: bothOf(form, "summary"), Place: bothOf(form, "place"),
		Hashtag: line("hashtag"), Start: Date(line("start")), End: Date(line("end")), Timezone: line("timezone"), Phase: Phase(line("phase")),
		Accent: line("accent"), URL: line("url"),
	}}
}

// readRooms reads the rows of rooms. What a room has that the form does not show stays; rows without a name are none.
func readRooms(form url.Values, m *Stored) (rows []roomRow, rooms []Room, err error) {
	used := map[string]bool{}
	for _, r := range m.Rooms {
		used[r.Key] = true
	}
	for n := 0; n < 200 && form.Has("room"+strconv.Itoa(n)+"_name_ja"); n++ {
		at := "room" + strconv.Itoa(n) + "_"
		row := roomRow{Key: form.Get(at + "key"), Name: bothOf(form, at+"name"), Location: bothOf(form, at+"location"), Capacity: form.Get(at + "capacity"),
			Online: form.Has(at + "online"), Drop: form.Has(at + "drop")}
		rows = append(rows, row)
		if row.Drop || row.Key == "" && row.Name.IsZero() {
			continue
		}
		room := Room{Key: row.Key}
		if have := m.Room(row.Key); have != nil {
			room = *have
		} else {
			room.Key = freeKey(used)
		}
		room.Name, room.Location, room.Online, room.Capacity = row.Name, row.Location, row.Online, 0
		if c := strings.ReplaceAll(narrow(row.Capacity), ",", ""); c != "" {
			if room.Capacity, err = strconv.Atoi(c); err != nil {
				return fillRows(form, rows, n+1), nil, invalid("capacity", at+"capacity").With("value", clip(row.Capacity))
			}
		}
		rooms = append(rooms, room)
	}
	return rows, rooms, nil
}

// fillRows reads the rows after one that was wrong, so that nothing that was typed is lost.
func fillRows(form url.Values, rows []roomRow, n int) []roomRow {
	for ; n < 200 && form.Has("room"+strconv.Itoa(n)+"_name_ja"); n++ {
		at := "room" + strconv.Itoa(n) + "_"
		rows = append(rows, roomRow{Key: form.Get(at + "key"), Name: bothOf(form, at+"name"), Location: bothOf(form, at+"location"),
			Capacity: form.Get(at + "capacity"), Online: form.Has(at + "online"), Drop: form.Has(at + "drop")})
	}
	return rows
}

// freeKey is a key for a new room.
func freeKey(used map[string]bool) string {
	for n := 1; ; n++ {
		if key := "room" + strconv.Itoa(n); !used[key] {
			used[key] = true
			return key
		}
	}
}
