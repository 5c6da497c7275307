package program

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// MeetingObject names in the audit log what a meeting itself says: its days, rooms, pages.
const MeetingObject = "meeting"

// recordImport writes into the audit log what a file changed: one entry for the file, one for what it changed about the meeting, and, where
// there was a programme before, one for each session.
func (s *Service) recordImport(ctx context.Context, tx *db.Tx, m *event.Stored, before, after *interchange.Document, r *Report, source string) error {
	if len(r.Event) == 0 && len(r.Changes) == 0 {
		return nil
	}
	said := map[string]string{"source": source, "sessions": strconv.Itoa(r.Read), "added": strconv.Itoa(r.Added), "changed": strconv.Itoa(r.Changed)}
	if r.Release > 0 {
		said["release"] = strconv.Itoa(r.Release)
	}
	if err := audit.Record(ctx, tx, audit.Entry{Scope: m.Slug, Object: ProgrammeObject, Action: "program.imported", After: said, At: s.now()}); err != nil {
		return err
	}
	if len(before.Sessions) == 0 {
		return nil // all of it is new: the file says it
	}
	if err := recordMeeting(ctx, tx, m.Slug, r.Event, s); err != nil {
		return err
	}
	guids := map[string]bool{}
	for _, c := range r.Changes {
		guids[c.GUID] = true
	}
	return s.recordSessions(ctx, tx, m.Slug, before, after, guids)
}

// recordMeeting writes what a file changed about the meeting itself.
func recordMeeting(ctx context.Context, tx *db.Tx, slug string, changes []event.Change, s *Service) error {
	if len(changes) == 0 {
		return nil
	}
	e := audit.Entry{Scope: slug, Object: MeetingObject, Action: "event.meeting.imported", At: s.now(), Before: map[string]string{}, After: map[string]string{}}
	for _, c := range changes {
		name := c.Object + " " + c.Field
		e.Before[name], e.After[name] = c.Before, c.After
	}
	return audit.Record(ctx, tx, e)
}

// recordSessions writes an entry for each of some sessions, with the fields that differ.
func (s *Service) recordSessions(ctx context.Context, tx *db.Tx, slug string, before, after *interchange.Document, guids map[string]bool) error {
	was, is := sessionsByGUID(before), sessionsByGUID(after)
	for _, list := range [][]interchange.Session{before.Sessions, after.Sessions} {
		for i := range list {
			guid := list[i].GUID
			if !guids[guid] {
				continue
			}
			delete(guids, guid)
			e := entryOf(before, after, was[guid], is[guid])
			e.Scope, e.At = slug, s.now()
			if err := audit.Record(ctx, tx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func sessionsByGUID(d *interchange.Document) map[string]*interchange.Session {
	out := make(map[string]*interchange.Session, len(d.Sessions))
	for i := range d.Sessions {
		out[d.Sessions[i].GUID] = &d.Sessions[i]
	}
	return out
}

// recordRetiming writes what a retiming from outside of the desk moved.
func (s *Service) recordRetiming(ctx context.Context, tx *db.Tx, d *retimed, o *Retiming) error {
	if d.report.Release == 0 {
		return nil
	}
	err := audit.Record(ctx, tx, audit.Entry{
		Scope: d.meeting.Slug, Object: ProgrammeObject, Action: "program.release.retimed", At: s.now(),
		Before: map[string]string{"release": strconv.Itoa(d.report.Release - 1)},
		After:  map[string]string{"release": strconv.Itoa(d.report.Release), "name": o.Name, "source": o.Source},
	})
	if err != nil {
		return err
	}
	guids := map[string]bool{}
	for _, c := range Diff(d.before, d.after) {
		guids[c.GUID] = true
	}
	return s.recordSessions(ctx, tx, d.meeting.Slug, d.before, d.after, guids)
}

// Objects are the names of sessions and speakers for whoever reads the audit log: of the draft, with the page where the public finds them.
func (s *Service) Objects(ctx context.Context, m *event.Stored, objects []string) (map[string]event.Named, error) {
	out := map[string]event.Named{}
	asked := func(kind string) bool {
		return slices.ContainsFunc(objects, func(o string) bool { return strings.HasPrefix(o, kind) })
	}
	if !asked("session:") && !asked("speaker:") {
		return out, nil
	}
	p, err := s.of(ctx, m)
	if err != nil {
		return nil, err
	}
	d, err := s.Draft(ctx, m.Slug)
	if err != nil {
		return nil, err
	}
	public := map[string]string{}
	for _, it := range p.Items {
		public[it.GUID] = sessionURL(m, it)
	}
	for i := range d.Sessions {
		out[SessionObject(d.Sessions[i].Ref)] = event.Named{Title: d.Sessions[i].Title, URL: public[d.Sessions[i].GUID]}
	}
	for i := range d.Speakers {
		n := event.Named{Title: d.Speakers[i].Name}
		for _, sp := range p.Speakers {
			if sp.Key == d.Speakers[i].Key {
				n.URL = speakerURL(m, sp)
			}
		}
		out["speaker:"+d.Speakers[i].Key] = n
	}
	return out, nil
}
