package app

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// watchedTimetable is the public programme as registration knows it: sessions that one can watch.
type watchedTimetable struct{ programmes *program.Service }

// Sessions implements registration.Timetable. What is held in a slot is part of it; breaks and what is cancelled are not watched.
func (t watchedTimetable) Sessions(ctx context.Context, m *event.Stored) ([]registration.Session, error) {
	p, err := t.programmes.Programme(ctx, m.Slug)
	if err != nil {
		return nil, err
	}
	var out []registration.Session
	for _, it := range p.Items {
		if !it.Timed() || it.Within != nil || it.Type.Pause || it.Cancelled() {
			continue
		}
		out = append(out, registration.Session{GUID: it.GUID, Title: it.Title, Day: it.Date, Room: it.Room, Start: it.Start, End: it.End})
	}
	return out, nil
}
