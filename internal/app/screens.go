package app

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/signage"
)

// publicTimetable gives the screens the programme as the public sees it: the publication policies are applied to a program.Programme.
type publicTimetable struct{ programmes *program.Service }

// Sessions are the timed sessions of a meeting in order. What is held in a slot is a step of it.
func (t publicTimetable) Sessions(ctx context.Context, m *event.Stored) ([]signage.Session, error) {
	p, err := t.programmes.Programme(ctx, m.Slug)
	if err != nil {
		return nil, err
	}
	var out []signage.Session
	for _, it := range p.Items {
		if !it.Timed() || it.Within != nil {
			continue
		}
		s := signage.Session{
			Ref: it.Ref, Title: it.Title, Kind: it.Type.Label, Tint: it.Type.Tint, Pause: it.Type.Pause, Room: it.Room, AllRooms: it.AllRooms, Start: it.Start, End: it.End,
			Cancelled: it.Cancelled(), Speakers: onStage(it.Cast), NoRecord: it.NoRecording(), NoSNS: it.NoSNS(),
		}
		if it.Was != nil {
			s.WasRoom = it.Was.Room
			if !it.Was.Start.Equal(it.Start) {
				s.WasStart = it.Was.Start
			}
		}
		for _, talk := range it.Talks {
			s.Steps = append(s.Steps, signage.Step{Title: talk.Title, Start: talk.Start, End: talk.End, Speakers: onStage(talk.Cast)})
		}
		s.Steps = append(s.Steps, timedParts(it.Parts)...)
		out = append(out, s)
	}
	return out, nil
}

// timedParts are the parts of a session that have a time, on every level: those that have parts with times of their own give way to these.
func timedParts(parts []*program.PartItem) []signage.Step {
	var out []signage.Step
	for _, p := range parts {
		inner := timedParts(p.Parts)
		if len(inner) == 0 && !p.Start.IsZero() {
			inner = []signage.Step{{Title: p.Title, Start: p.Start, End: p.End, Speakers: onStage(p.Cast)}}
		}
		out = append(out, inner...)
	}
	return out
}

func onStage(cast []*program.Cast) []signage.Speaker {
	out := make([]signage.Speaker, len(cast))
	for i, c := range cast {
		out[i] = signage.Speaker{Name: c.Person.Name, Affiliation: c.Affiliation}
	}
	return out
}
