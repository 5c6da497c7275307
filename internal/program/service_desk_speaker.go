package program

import (
	"context"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// speakerField is something of a speaker that the desk edits, as text.
type speakerField struct {
	name  string
	of    func(*interchange.Speaker) *string
	limit int // runes
	lines bool
}

// speakerFields lists what can be edited of a speaker, in the order of the page.
func speakerFields() []speakerField {
	return []speakerField{
		{"name.ja", func(s *interchange.Speaker) *string { return &s.Name.JA }, 200, false},
		{"name.en", func(s *interchange.Speaker) *string { return &s.Name.EN }, 200, false},
		{"reading", func(s *interchange.Speaker) *string { return &s.Reading }, 200, false},
		{"affiliation.ja", func(s *interchange.Speaker) *string { return &s.Affiliation.JA }, 300, false},
		{"affiliation.en", func(s *interchange.Speaker) *string { return &s.Affiliation.EN }, 300, false},
		{"bio.ja", func(s *interchange.Speaker) *string { return &s.Bio.JA }, maxAbstract, true},
		{"bio.en", func(s *interchange.Speaker) *string { return &s.Bio.EN }, maxAbstract, true},
	}
}

// SpeakerFields names the fields of a speaker that can be edited, in the order of the page.
func SpeakerFields() []string {
	var names []string
	for _, f := range speakerFields() {
		names = append(names, f.name)
	}
	return names
}

// SpeakerText is a field of a speaker as it stands in forms.
func SpeakerText(s *interchange.Speaker, name string) string {
	for _, f := range speakerFields() {
		if f.name == name {
			return *f.of(s)
		}
	}
	return ""
}

// Speaker finds a speaker of the draft by key, or nil.
func (d *Draft) Speaker(key string) *interchange.Speaker {
	i := slices.IndexFunc(d.Doc.Speakers, func(s interchange.Speaker) bool { return s.Key == key })
	if i < 0 {
		return nil
	}
	return &d.Doc.Speakers[i]
}

// Appearances lists the sessions of the draft that a speaker is in.
func (d *Draft) Appearances(key string) []*interchange.Session {
	var list []*interchange.Session
	for i := range d.Doc.Sessions {
		used := map[string]bool{}
		markUsed(used, d.Doc.Sessions[i].Speakers, d.Doc.Sessions[i].Parts)
		if used[key] {
			list = append(list, &d.Doc.Sessions[i])
		}
	}
	return list
}

// AppearanceCounts is in how many sessions of the draft each speaker is, by key.
func (d *Draft) AppearanceCounts() map[string]int {
	n := map[string]int{}
	for i := range d.Doc.Sessions {
		used := map[string]bool{}
		markUsed(used, d.Doc.Sessions[i].Speakers, d.Doc.Sessions[i].Parts)
		for key := range used {
			n[key]++
		}
	}
	return n
}

// maxSpeakers bounds the speakers of a meeting.
const maxSpeakers = 10_000

// EditSpeaker changes fields of a speaker, or, where key is empty, adds one. What somebody else changed meanwhile is a conflict (see
// Conflicts). It returns the speaker's key.
func (k *Desk) EditSpeaker(ctx context.Context, slug, key string, edits []FieldEdit) (string, *Done, error) {
	if err := event.Require(ctx, slug, event.MayEditProgramme); err != nil {
		return "", nil, err
	}
	made := key
	done, err := k.act(ctx, slug, ActSpeakers, func(a *acting) error {
		doc := a.change()
		if key == "" {
			if len(doc.Speakers) >= maxSpeakers {
				return fault.New(fault.Invalid, "program.desk.error.too_many")
			}
			s := interchange.Speaker{GUID: newGUID()}
			if err := editSpeaker(&s, edits); err != nil {
				return err
			}
			made = freeKey(doc.Speakers, keyOf(s.Name))
			s.Key = made
			doc.Speakers = append(doc.Speakers, s)
			return nil
		}
		s := a.Speaker(key)
		if s == nil {
			return fault.Missing()
		}
		return editSpeaker(s, edits)
	})
	return made, done, err
}

func editSpeaker(s *interchange.Speaker, edits []FieldEdit) error {
	list := speakerFields()
	var conflicts []FieldConflict
	for _, e := range edits {
		i := slices.IndexFunc(list, func(f speakerField) bool { return f.name == e.Field })
		if i < 0 {
			return fault.New(fault.Invalid, "program.desk.error.field").With("value", e.Field)
		}
		tidy := field{name: e.Field, limit: list[i].limit, lines: list[i].lines}
		value, err := tidy.tidyValue(e.Value)
		if err != nil {
			return err
		}
		to := list[i].of(s)
		switch {
		case *to == value:
		case strings.TrimSpace(strings.ReplaceAll(e.Base, "\r\n", "\n")) != strings.TrimSpace(*to):
			conflicts = append(conflicts, FieldConflict{Field: e.Field, Current: *to})
		default:
			*to = value
		}
	}
	if len(conflicts) > 0 {
		return &Conflicts{conflicts, conflictFault(conflicts[0])}
	}
	if s.Name.IsZero() {
		return fault.New(fault.Invalid, "program.desk.error.name").On("name.ja")
	}
	return nil
}

// keyOf is a key made of a name: its Latin letters, or a word where it has none.
func keyOf(name i18n.Text) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name.EN + " " + name.JA) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	key := strings.Trim(b.String(), "-")
	if len(key) > 40 {
		key = strings.Trim(key[:40], "-")
	}
	if key == "" || key == "new" { // which is where one is added
		return noName
	}
	return key
}

// noName is the key of what is called in no Latin letters.
const noName = "speaker"

// MergeSpeakers makes two entries of one person one: every session of the first names the second instead, which keeps what it has and gets
// what it lacks.
func (k *Desk) MergeSpeakers(ctx context.Context, slug, from, into string) (*Done, error) {
	if err := event.Require(ctx, slug, event.MayEditProgramme); err != nil {
		return nil, err
	}
	return k.act(ctx, slug, ActSpeakers, func(a *acting) error {
		a.change()
		x, y := a.Speaker(from), a.Speaker(into)
		if x == nil || y == nil {
			return fault.Missing()
		}
		if from == into {
			return fault.New(fault.Invalid, "program.desk.error.same_speaker")
		}
		for _, f := range speakerFields() {
			if *f.of(y) == "" {
				*f.of(y) = *f.of(x)
			}
		}
		if y.Photo == "" {
			y.Photo = x.Photo
		}
		for _, l := range x.Links {
			if !slices.ContainsFunc(y.Links, func(o interchange.Link) bool { return o.URL == l.URL }) {
				y.Links = append(slices.Clone(y.Links), l)
			}
		}
		for i := range a.Doc.Sessions {
			s := &a.Doc.Sessions[i]
			s.Speakers, s.Parts = renamed(s.Speakers, from, into), renamedParts(s.Parts, from, into)
		}
		a.Doc.Speakers = slices.DeleteFunc(a.Doc.Speakers, func(s interchange.Speaker) bool { return s.Key == from })
		return nil
	})
}

// renamed puts one speaker in the place of another; who is there already is not there twice.
func renamed(as []interchange.Appearance, from, into string) []interchange.Appearance {
	is := func(key string) func(interchange.Appearance) bool {
		return func(a interchange.Appearance) bool { return a.Speaker == key }
	}
	if !slices.ContainsFunc(as, is(from)) {
		return as
	}
	out := slices.Clone(as)
	if slices.ContainsFunc(as, is(into)) {
		return slices.DeleteFunc(out, is(from))
	}
	for i := range out {
		if out[i].Speaker == from {
			out[i].Speaker = into
		}
	}
	return out
}

func renamedParts(parts []interchange.Part, from, into string) []interchange.Part {
	out := slices.Clone(parts)
	for i := range out {
		out[i].Speakers, out[i].Parts = renamed(out[i].Speakers, from, into), renamedParts(out[i].Parts, from, into)
	}
	return out
}

// RemoveSpeaker takes a speaker out of the draft who is in no session.
func (k *Desk) RemoveSpeaker(ctx context.Context, slug, key string) (*Done, error) {
	if err := event.Require(ctx, slug, event.MayEditProgramme); err != nil {
		return nil, err
	}
	return k.act(ctx, slug, ActSpeakers, func(a *acting) error {
		if a.Speaker(key) == nil {
			return fault.Missing()
		}
		if len(a.Appearances(key)) > 0 {
			return fault.New(fault.Conflict, "program.desk.error.speaker_used")
		}
		doc := a.change()
		doc.Speakers = slices.DeleteFunc(doc.Speakers, func(s interchange.Speaker) bool { return s.Key == key })
		return nil
	})
}
