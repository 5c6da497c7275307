package desk

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

var gridPage = web.NewPage[gridView](event.Mast, web.From(Files, "pages/grid.html", "pages/parts.html"))

// gridView is the page of the grid. A script draws the grid; without it, each session of the day has a form.
type gridView struct {
	view
	Days   []choice
	Day    event.Date
	Rows   []gridRow
	Tray   []gridRow
	Rooms  []choice
	Undoes bool
	Words  map[string]string // for the script, by name
}

// gridRow is a session with the form that moves it.
type gridRow struct {
	Ref, Label string
	Session    *interchange.Session
	Place      program.Place
	Rooms      []choice
	Days       []choice
}

// gridWords are what the script says, without their prefix.
var gridWords = []string{
	"moved", "failed", "unscheduled", "undo_done", "redo_done", "overlap", "speaker", "changeover", "capacity", "off_record", "topics",
}

// grid shows the grid of a day.
func (h *Web) grid(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "grid")
	if err != nil {
		return err
	}
	v := gridView{Day: event.Date(r.URL.Query().Get("day")), Words: map[string]string{}}
	if !slices.Contains(p.days(), v.Day) {
		v.Day = p.usualDay()
	}
	v.Days, v.Rooms = p.dayChoices(v.Day), p.roomChoices()
	for _, name := range gridWords {
		v.Words[name] = p.T("desk.grid." + name)
	}
	for i := range p.Doc.Sessions {
		s := &p.Doc.Sessions[i]
		if s.Slot != "" || s.Status == interchange.Cancelled {
			continue
		}
		row := gridRow{Ref: s.Ref, Label: label(s), Session: s, Place: program.PlaceOf(s), Rooms: p.roomChoices(s.Room), Days: p.dayChoices(s.Date)}
		switch {
		case !s.Timed():
			v.Tray = append(v.Tray, row)
		case s.Date == v.Day:
			v.Rows = append(v.Rows, row)
		}
	}
	slices.SortStableFunc(v.Rows, func(a, b gridRow) int { return a.Session.Start.Compare(b.Session.Start) })
	p.Styles = append(p.Styles, p.Asset("desk-grid.css"))
	p.Scripts = append(p.Scripts, p.Asset("desk-grid.js"))
	p.Class = "desk-wide"
	h.listen(p)
	v.view = p.view
	return web.Show(w, gridPage, p.Frame, v)
}

// gridData is the draft as the script draws it. Times are those of the meeting's clocks, without a zone.
type gridData struct {
	Draft    int64         `json:"draft"`
	Newest   int           `json:"newest"`
	Edit     bool          `json:"edit"`
	Days     []gridDay     `json:"days"`
	Rooms    []gridRoom    `json:"rooms"`
	Sessions []gridSession `json:"sessions"`
	Clashes  []gridClash   `json:"clashes"`
	Changes  int           `json:"changes"`
	Gap      int           `json:"gap"` // minutes of changeover that are wanted
}

type gridDay struct {
	Date string `json:"date"`
	Name string `json:"name"`
}

type gridRoom struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	Seats  int    `json:"seats,omitempty"`
	Online bool   `json:"online,omitempty"`
}

type gridSession struct {
	Ref      string   `json:"ref"`
	Label    string   `json:"label"`
	Title    string   `json:"title"`
	Tint     string   `json:"tint"`
	Kind     string   `json:"kind"`
	Pause    bool     `json:"pause,omitempty"`
	Day      string   `json:"day,omitempty"`
	Start    string   `json:"start,omitempty"` // 2026-02-12T10:20
	End      string   `json:"end,omitempty"`
	Room     string   `json:"room,omitempty"`
	All      bool     `json:"all,omitempty"`
	Speakers []string `json:"speakers,omitempty"`
	Names    string   `json:"names,omitempty"`
	Topics   []string `json:"topics,omitempty"`
	NoStream bool     `json:"noStream,omitempty"`
	Wanted   int      `json:"wanted,omitempty"`
	State    string   `json:"state"`
	URL      string   `json:"url"`
}

type gridClash struct {
	ID     string   `json:"id"`
	Weight string   `json:"weight"`
	Words  string   `json:"words"`
	Refs   []string `json:"refs"`
}

// gridJSON is the draft for the script.
func (h *Web) gridJSON(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "grid")
	if err != nil {
		return err
	}
	d := gridData{Draft: p.Version, Newest: p.Newest.Number, Edit: p.May.Edit, Changes: p.Pending(), Gap: 5, Clashes: gridClashes(p.warnings(p.Clashes()))}
	for _, day := range p.days() {
		d.Days = append(d.Days, gridDay{string(day), p.ShortDay(day.Time(p.Meeting.Location()))})
	}
	for _, room := range p.Meeting.Rooms {
		d.Rooms = append(d.Rooms, gridRoom{room.Key, p.In(room.Name), room.Capacity, room.Online})
	}
	for i := range p.Doc.Sessions {
		if s := &p.Doc.Sessions[i]; s.Slot == "" && s.Status != interchange.Cancelled {
			d.Sessions = append(d.Sessions, p.gridSession(s))
		}
	}
	return sendJSON(w, http.StatusOK, d)
}

func gridClashes(list []warning) []gridClash {
	out := make([]gridClash, len(list))
	for i, w := range list {
		out[i] = gridClash{w.ID, w.Weight, w.Words, w.Refs}
	}
	return out
}

func (p *page) gridSession(s *interchange.Session) gridSession {
	const clock = "2006-01-02T15:04"
	out := gridSession{
		Ref: s.Ref, Label: label(s), Title: p.In(s.Title), Tint: "k0", Day: string(s.Date), Room: s.Room, All: s.AllRooms, Topics: s.Topics,
		State: p.StateOf(s), URL: p.Base + "/sessions/" + s.Ref, NoStream: s.Effective(p.Doc.Policy).Stream == interchange.Refused,
	}
	if out.Title == "" {
		out.Title = p.T("desk.session.untitled")
	}
	for _, k := range p.Doc.Kinds {
		if k.Key == s.Kind {
			out.Tint, out.Kind, out.Pause = tint(k.Tint), p.In(k.Label), k.Pause
		}
	}
	if s.Timed() {
		end := s.End
		if !end.After(s.Start) {
			end = s.Start
		}
		out.Start, out.End = s.Start.Format(clock), end.Format(clock)
	}
	if p.Watch != nil && p.Watch.Interest != nil {
		out.Wanted = p.Watch.Interest(s.GUID)
	}
	var names []string
	for _, a := range s.Speakers {
		out.Speakers = append(out.Speakers, a.Speaker)
		names = append(names, p.In(p.speaker(a.Speaker).Name))
	}
	out.Names = p.Join(names)
	return out
}

func sendJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(v)
}

// moved is what a script hears of a move.
type moved struct {
	Draft    int64       `json:"draft"`
	Message  string      `json:"message,omitempty"`
	Warnings []gridClash `json:"warnings,omitempty"` // what is wrong now and was not before
}

// gridMove puts a session where it was dropped. The form is that of the page without a script; times may also be whole moments.
func (h *Web) gridMove(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	move := program.PlaceMove{Name: v.Get("ref"), From: placeOf(v, "was."), To: placeOf(v, "")}
	done, problem := h.desk.Move(r.Context(), r.PathValue("slug"), move)
	if !asksJSON(r) {
		if problem != nil {
			return problem
		}
		return h.back(r, "/grid", "moved", url.Values{"day": {v.Get("show")}, "act": {done.Act}})
	}
	return h.answer(w, r, done, problem)
}

// asksJSON reports whether a script sent the form.
func asksJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}

// answer tells a script what became of an act.
func (h *Web) answer(w http.ResponseWriter, r *http.Request, done *program.Done, problem error) error {
	p, err := h.open(r, "grid")
	if err != nil {
		return err
	}
	out := moved{Draft: p.Version}
	if problem != nil {
		said, err := p.ProblemOf(problem)
		if err != nil {
			return err
		}
		out.Message = said.Message
		return sendJSON(w, fault.KindOf(problem).Status(), out)
	}
	out.Warnings = gridClashes(p.warnings(done.Warnings))
	return sendJSON(w, http.StatusOK, out)
}

// gridTurn undoes what the reader did last, or does it again, for the script.
func (h *Web) gridTurn(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	var done *program.Done
	if v.Get("redo") != "" {
		done, _, err = h.desk.Redo(r.Context(), r.PathValue("slug"))
	} else {
		done, _, err = h.desk.Undo(r.Context(), r.PathValue("slug"), "")
	}
	return h.answer(w, r, done, err)
}
