package program

import (
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// past is a programme of which only rooms and days are known, walked back from the newest release through the changes of each: enough to
// tell in words what an old release did, without reading the programme that it froze. Its rooms are named by their texts.
type past struct {
	doc      interchange.Document
	at       map[string]int  // guid -> place in the document
	rooms    map[string]bool // known to the document
	pauses   map[string]bool // guids of breaks
	boundary string
}

// newPast starts at the newest release.
func newPast(p *Programme) *past {
	h := &past{
		doc: interchange.Document{Meeting: &event.Meeting{}}, at: map[string]int{}, rooms: map[string]bool{}, pauses: map[string]bool{},
		boundary: p.Meeting.Boundary(),
	}
	for _, it := range p.Items {
		h.at[it.GUID] = len(h.doc.Sessions)
		h.pauses[it.GUID] = it.Type.Pause
		room := roomName(p.Doc, it.Session)
		h.doc.Sessions = append(h.doc.Sessions, interchange.Session{GUID: it.GUID, Room: h.room(room), Date: it.Date})
	}
	return h
}

// room makes a room of a text known and returns its key.
func (h *past) room(name i18n.Text) string {
	key := name.String()
	if key != "" && !h.rooms[key] {
		h.rooms[key] = true
		h.doc.Meeting.Rooms = append(h.doc.Meeting.Rooms, event.Room{Key: key, Name: name})
	}
	return key
}

// undo goes back to the state before changes.
func (h *past) undo(changes []Change) {
	for _, c := range changes {
		i, known := h.at[c.GUID]
		switch {
		case c.Op == Removed && !known:
			h.at[c.GUID] = len(h.doc.Sessions)
			h.doc.Sessions = append(h.doc.Sessions, interchange.Session{GUID: c.GUID})
		case c.Op == Added && known:
			delete(h.at, c.GUID)
			h.doc.Sessions[i] = interchange.Session{}
		case known:
			h.undoFields(&h.doc.Sessions[i], c.Fields)
		}
	}
}

func (h *past) undoFields(s *interchange.Session, fields []FieldChange) {
	for _, f := range fields {
		switch f.Field {
		case "room":
			s.Room = h.room(f.Before)
		case "time":
			if from, _, ok := parseSpan(f.Before.JA); ok {
				s.Date = programmeDay(from, h.boundary)
			}
		case "date":
			if _, err := time.Parse(time.DateOnly, f.Before.JA); err == nil {
				s.Date = event.Date(f.Before.JA)
			}
		}
	}
}

// count is how many sessions there are, without breaks.
func (h *past) count() int {
	n := 0
	for guid := range h.at {
		if !h.pauses[guid] {
			n++
		}
	}
	return n
}
