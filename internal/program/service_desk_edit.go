package program

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// FieldConflict is a field that somebody else changed since its editor saw it.
type FieldConflict struct {
	Field   string
	Current string    // what it is now
	By      i18n.Text // who made it that; zero where nobody knows
	At      time.Time // when; zero where nobody knows
	Gone    bool      // what it is a field of was removed
}

// Conflicts is the error of an edit that would have overwritten what somebody else wrote. Nothing of the edit is stored.
type Conflicts struct {
	Fields []FieldConflict
	fault  *fault.Error
}

// Error is for the log.
func (c *Conflicts) Error() string { return c.fault.Error() }

// Unwrap leads to the fault that pages show.
func (c *Conflicts) Unwrap() error { return c.fault }

// mayEdit says whether who acts may write these fields of a session: whoever edits the programme, the session's owner and editors, and, of
// its texts, the translators.
func mayEdit(ctx context.Context, slug, ref string, edits []FieldEdit) error {
	if event.May(ctx, slug, event.MayEditProgramme) {
		return nil
	}
	list := fields()
	prose := !slices.ContainsFunc(edits, func(e FieldEdit) bool {
		f := fieldNamed(list, e.Field)
		return f == nil || !f.prose
	})
	if prose && event.May(ctx, slug, event.MayTranslate) {
		return nil
	}
	for _, e := range edits {
		if e.Field == "status" || e.Field == "code" || e.Field == "slot" {
			return event.Require(ctx, slug, event.MayEditProgramme) // what concerns others too
		}
	}
	return event.RequireOn(ctx, slug, ref, event.MayEditSession)
}

// EditFields changes fields of a session: all of them, or, where any was changed by somebody else meanwhile, none (see Conflicts). A field
// that already is as wanted is no conflict.
func (k *Desk) EditFields(ctx context.Context, slug, name string, edits []FieldEdit) (*Done, error) {
	var conflicts []FieldConflict
	var session *interchange.Session
	done, err := k.act(ctx, slug, ActEdit, func(a *acting) error {
		s, err := a.session(name)
		if err != nil {
			return err
		}
		if err := mayEdit(ctx, slug, s.Ref, edits); err != nil {
			return err
		}
		session = s
		there := keysOn(s)
		if conflicts, err = k.edit(ctx, a, s, edits); err != nil {
			return err
		}
		return mayAdd(ctx, slug, there, keysOn(s))
	})
	if err := k.named(ctx, conflicts, err); err != nil {
		return nil, err
	}
	done.Session = session
	return done, nil
}

// mayAdd says whether who acts may put those on a stage who were not there: whoever edits the programme. Who looks after one session could
// else make any speaker one of theirs, and act for them.
func mayAdd(ctx context.Context, slug string, before, after []string) error {
	if slices.ContainsFunc(after, func(key string) bool { return !slices.Contains(before, key) }) {
		return event.Require(ctx, slug, event.MayEditProgramme)
	}
	return nil
}

func conflictFault(c FieldConflict) *fault.Error {
	return fault.New(fault.Conflict, "program.desk.error.changed_meanwhile").On(c.Field)
}

// edit applies edits to a session of the draft. The error is that of the first conflict where there are any.
func (k *Desk) edit(ctx context.Context, a *acting, s *interchange.Session, edits []FieldEdit) ([]FieldConflict, error) {
	list := fields()
	var conflicts []FieldConflict
	for _, e := range edits {
		f := fieldNamed(list, e.Field)
		if f == nil {
			return nil, fault.New(fault.Invalid, "program.desk.error.field").With("value", e.Field)
		}
		value, err := f.tidyValue(e.Value)
		if err != nil {
			return nil, err
		}
		now := f.get(a.Doc, s)
		base := strings.TrimSpace(strings.ReplaceAll(e.Base, "\r\n", "\n"))
		switch {
		case value == now:
			continue
		case base != strings.TrimSpace(now):
			conflicts = append(conflicts, FieldConflict{Field: f.name, Current: now})
			continue
		}
		if err := f.set(a.Doc, s, value); err != nil {
			if e, ok := fault.As(err); ok {
				return nil, e.On(f.name)
			}
			return nil, err
		}
	}
	if len(conflicts) == 0 {
		return nil, nil
	}
	known, err := fieldChanges(ctx, a.tx, a.Meeting, s.GUID)
	if err != nil {
		return nil, err
	}
	for i := range conflicts {
		if c, ok := known[conflicts[i].Field]; ok {
			conflicts[i].By, conflicts[i].At = i18n.Only(i18n.JA, c.by), c.at
		}
	}
	return conflicts, conflictFault(conflicts[0])
}

// named makes of the fault of an act the conflicts that it met, if it met any, with the names of who acted for their public ids.
func (k *Desk) named(ctx context.Context, list []FieldConflict, err error) error {
	if err == nil || len(list) == 0 {
		return err
	}
	refs := make([]string, 0, len(list))
	for _, c := range list {
		refs = append(refs, c.By.JA)
	}
	names, err := k.names(ctx, refs)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].By = names[list[i].By.JA]
	}
	return &Conflicts{list, conflictFault(list[0])}
}

// names asks for the names of who acted; of whom nobody knows the name it is zero.
func (k *Desk) names(ctx context.Context, refs []string) (map[string]i18n.Text, error) {
	refs = slices.DeleteFunc(refs, func(r string) bool { return r == "" })
	if k.o.People == nil || len(refs) == 0 {
		return map[string]i18n.Text{}, nil
	}
	return k.o.People.Names(ctx, refs)
}

// NewSession is what a session has to begin with.
type NewSession struct {
	Title i18n.Text
	Kind  string // key; empty: the first that counts
	Of    string // the name of a session to copy, or empty
}

// maxSessions bounds a programme: nothing that people hold comes near it.
const maxSessions = 5000

// AddSession adds a session without a place to the draft, and returns it.
func (k *Desk) AddSession(ctx context.Context, slug string, n NewSession) (*Done, error) {
	if err := event.Require(ctx, slug, event.MayEditProgramme); err != nil {
		return nil, err
	}
	guid := newGUID()
	done, err := k.act(ctx, slug, ActAdd, func(a *acting) error {
		if len(a.Doc.Sessions) >= maxSessions {
			return fault.New(fault.Invalid, "program.desk.error.too_many")
		}
		doc := a.change()
		s := interchange.Session{GUID: guid}
		if n.Of != "" {
			i := indexOf(doc, n.Of)
			if i < 0 {
				return fault.Missing()
			}
			s = copyOf(&doc.Sessions[i], guid)
		}
		if !n.Title.IsZero() {
			s.Title = n.Title.Map(strings.TrimSpace)
		}
		switch {
		case n.Kind != "":
			if err := setKind(doc, &s, n.Kind); err != nil {
				return err
			}
		case s.Kind == "":
			s.Kind = firstKind(doc)
		}
		if s.Title.IsZero() {
			return fault.New(fault.Invalid, "program.desk.error.title").On("title")
		}
		doc.Sessions = append(doc.Sessions, s)
		identify(doc)
		return nil
	})
	return k.withSession(ctx, slug, done, err, guid)
}

// withSession adds to what an act led to the session that it made.
func (k *Desk) withSession(ctx context.Context, slug string, done *Done, err error, guid string) (*Done, error) {
	if err != nil {
		return nil, err
	}
	err = k.s.db.Read(ctx, func(r db.Reader) error {
		d, err := k.open(ctx, r, slug)
		if err == nil {
			done.Session = byGUID(d.Doc, guid)
		}
		return err
	})
	return done, err
}

// copyOf is a session like another, without what is that one's alone: its identity, its place, and where it came from.
func copyOf(s *interchange.Session, guid string) interchange.Session {
	c := *s
	c.GUID, c.Ref, c.Number, c.Code, c.Source, c.Origin, c.Status = guid, "", 0, "", "", "", interchange.Confirmed
	c.Date, c.Start, c.End, c.Room, c.AllRooms = "", time.Time{}, time.Time{}, "", false
	c.Parts = slices.Clone(s.Parts)
	for i := range c.Parts {
		c.Parts[i].Start, c.Parts[i].End = time.Time{}, time.Time{}
	}
	return c
}

func firstKind(d *interchange.Document) string {
	for _, k := range d.Kinds {
		if k.Counts {
			return k.Key
		}
	}
	if len(d.Kinds) > 0 {
		return d.Kinds[0].Key
	}
	return ""
}

// newGUID makes a random UUID (RFC 9562, version 4).
func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// RemoveSession takes a session out of the draft. One that was ever public is cancelled instead, so that its address stays.
func (k *Desk) RemoveSession(ctx context.Context, slug, name string) (*Done, error) {
	if err := event.Require(ctx, slug, event.MayEditProgramme); err != nil {
		return nil, err
	}
	return k.act(ctx, slug, ActRemove, func(a *acting) error {
		i := indexOf(a.Doc, name)
		if i < 0 {
			return fault.Missing()
		}
		doc := a.change()
		guid := doc.Sessions[i].GUID
		public, err := everReleased(ctx, a.tx, a.Meeting, guid)
		if err != nil {
			return err
		}
		if public {
			doc.Sessions[i].Status = interchange.Cancelled
			return nil
		}
		doc.Sessions = slices.Delete(doc.Sessions, i, i+1)
		for j := range doc.Sessions {
			if s := &doc.Sessions[j]; s.Slot == guid {
				s.Slot = ""
			}
		}
		return nil
	})
}

// TranslationDone says that a translation was looked at and is right for its source as that is now.
func (k *Desk) TranslationDone(ctx context.Context, slug, name, fieldName string) error {
	return k.s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := k.begin(ctx, tx, slug, ActEdit)
		if err != nil {
			return err
		}
		s := a.Session(name)
		f := fieldNamed(fields(), fieldName)
		if s == nil || f == nil || !f.prose {
			return fault.Missing()
		}
		if err := mayEdit(ctx, slug, s.Ref, []FieldEdit{{Field: fieldName}}); err != nil {
			return err
		}
		text, lang, _ := strings.Cut(fieldName, ".")
		source := FieldText(a.Doc, s, text+"."+string(i18n.Lang(lang).Other()))
		return noteTranslation(ctx, tx, a.Meeting.ID, translationKey{s.GUID, fieldName}, hashText(source), false)
	})
}

// FieldInfo is who changed a field last.
type FieldInfo struct {
	By i18n.Text // zero where nobody knows
	At time.Time
}

// FieldInfos says who changed the fields of a session last, by field.
func (k *Desk) FieldInfos(ctx context.Context, d *Draft, s *interchange.Session) (map[string]FieldInfo, error) {
	known, err := fieldChanges(ctx, k.s.db, d.Meeting, s.GUID)
	if err != nil {
		return nil, err
	}
	var refs []string
	for _, c := range known {
		refs = append(refs, c.by)
	}
	names, err := k.names(ctx, refs)
	if err != nil {
		return nil, err
	}
	out := make(map[string]FieldInfo, len(known))
	for name, c := range known {
		out[name] = FieldInfo{names[c.by], c.at}
	}
	return out, nil
}

// MayEdit says which fields of a session who acts may write: all of them, its texts alone, or none.
func MayEdit(ctx context.Context, slug, ref string) (all, texts bool) {
	all = mayEdit(ctx, slug, ref, []FieldEdit{{Field: "level"}}) == nil
	return all, all || mayEdit(ctx, slug, ref, []FieldEdit{{Field: "title.ja"}}) == nil
}
