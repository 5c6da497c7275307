package program

import (
	"context"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// touchedFields names the fields of a session that an act changed.
func touchedFields(a *acting, guid string) []string {
	was, is := byGUID(a.before, guid), byGUID(a.Doc, guid)
	if was == nil || is == nil {
		return nil
	}
	var names []string
	for _, f := range fields() {
		if f.get(a.before, was) != f.get(a.Doc, is) {
			names = append(names, f.name)
		}
	}
	return names
}

func byGUID(d *interchange.Document, guid string) *interchange.Session {
	for i := range d.Sessions {
		if d.Sessions[i].GUID == guid {
			return &d.Sessions[i]
		}
	}
	return nil
}

// SessionObject names a session in the audit log.
func SessionObject(ref string) string { return "session:" + ref }

// ProgrammeObject names the programme of a meeting in the audit log.
const ProgrammeObject = "programme"

// record writes what an act changed into the audit log, an entry for each thing concerned.
func (k *Desk) record(ctx context.Context, a *acting, touched *Touched) error {
	for guid := range touched.Sessions {
		e := entryOf(a.before, a.Doc, byGUID(a.before, guid), byGUID(a.Doc, guid))
		e.Scope, e.At = a.Meeting.Slug, k.s.now()
		if err := audit.Record(ctx, a.tx, e); err != nil {
			return err
		}
	}
	for key := range touched.Speakers {
		e := speakerEntry(speakerOf(a.before, key), speakerOf(a.Doc, key))
		e.Scope, e.Object, e.At = a.Meeting.Slug, "speaker:"+key, k.s.now()
		if err := audit.Record(ctx, a.tx, e); err != nil {
			return err
		}
	}
	rest := recordCategories(a, touched)
	if touched.Policy != nil {
		rest = append(rest, policyEntry(a.before.Policy, a.Doc.Policy))
	}
	for _, e := range rest {
		e.Scope, e.At = a.Meeting.Slug, k.s.now()
		if err := audit.Record(ctx, a.tx, e); err != nil {
			return err
		}
	}
	return nil
}

func speakerOf(d *interchange.Document, key string) *interchange.Speaker {
	for i := range d.Speakers {
		if d.Speakers[i].Key == key {
			return &d.Speakers[i]
		}
	}
	return nil
}

// speakerEntry is the audit entry of what happened to a speaker: the fields as the desk names them.
func speakerEntry(was, is *interchange.Speaker) audit.Entry {
	e := audit.Entry{Action: "program.speaker.edited"}
	side := func(s *interchange.Speaker) map[string]string {
		if s == nil {
			return nil
		}
		out := map[string]string{"picture": s.Photo, "links": linkLines(s.Links)}
		for _, f := range speakerFields() {
			out[f.name] = *f.of(s)
		}
		return out
	}
	e.Before, e.After = side(was), side(is)
	switch {
	case was == nil:
		e.Action = "program.speaker.added"
	case is == nil:
		e.Action = "program.speaker.removed"
	}
	return e
}

// entryOf is the audit entry of what happened to a session: its fields as the desk names them.
func entryOf(before, after *interchange.Document, was, is *interchange.Session) audit.Entry {
	e := audit.Entry{Action: "program.session.edited", Before: map[string]string{}, After: map[string]string{}}
	list := fields()
	switch {
	case was == nil:
		e.Action, e.Object, e.Before = "program.session.added", SessionObject(is.Ref), nil
	case is == nil:
		e.Action, e.Object, e.After = "program.session.removed", SessionObject(was.Ref), nil
	default:
		e.Object = SessionObject(is.Ref)
		if PlaceOf(was) != PlaceOf(is) {
			e.Action = "program.session.moved"
		}
	}
	for _, f := range list {
		var b, a string
		if was != nil {
			b = f.get(before, was)
		}
		if is != nil {
			a = f.get(after, is)
		}
		if f.name == "place" {
			b, a = placeWords(before, was), placeWords(after, is)
		}
		if a == b {
			continue
		}
		if e.Before != nil {
			e.Before[f.name] = b
		}
		if e.After != nil {
			e.After[f.name] = a
		}
	}
	return e
}

// placeWords is where and when a session is, for people.
func placeWords(d *interchange.Document, s *interchange.Session) string {
	if s == nil {
		return ""
	}
	when := span(s.Start, s.End)
	if when == "" {
		when = string(s.Date)
	}
	if room := roomName(d, s); !room.IsZero() {
		if when != "" {
			when += " "
		}
		when += room.In(i18n.JA)
	}
	return when
}

// recordRelease writes into the audit log that a release was made: released, retimed, rolled_back or undone.
func (k *Desk) recordRelease(ctx context.Context, tx *db.Tx, m *event.Stored, what string, number int, name string) error {
	return audit.Record(ctx, tx, audit.Entry{
		Scope: m.Slug, Object: ProgrammeObject, Action: "program.release." + what, At: k.s.now(),
		Before: map[string]string{"release": strconv.Itoa(number - 1)}, After: map[string]string{"release": strconv.Itoa(number), "name": name},
	})
}
