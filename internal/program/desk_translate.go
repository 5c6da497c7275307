package program

import (
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Lack is what is wrong with a translation.
type Lack string

// The lacks.
const (
	LackMissing  Lack = "missing"  // there is a source, and no translation
	LackOutdated Lack = "outdated" // the source changed after the translation was last touched
)

// Untranslated is a text of a session that translators should look at.
type Untranslated struct {
	Field string // of the translation: title.en
	Lang  i18n.Lang
	Lack  Lack
}

// Untranslated lists what translators should look at in a session.
func (d *Draft) Untranslated(s *interchange.Session) []Untranslated {
	if s.Status == interchange.Cancelled {
		return nil
	}
	var list []Untranslated
	l := sourceLang(&d.Meeting.Meeting, s)
	to := l.Other()
	for _, t := range texts {
		text := *t.of(s)
		if text.Exact(l) == "" {
			continue
		}
		u := Untranslated{Field: t.name + "." + string(to), Lang: to}
		made, known := d.sources[translationKey{s.GUID, u.Field}]
		switch {
		case text.Exact(to) == "":
			u.Lack = LackMissing
		case known && made != hashText(text.Exact(l)):
			u.Lack = LackOutdated
		default:
			continue
		}
		list = append(list, u)
	}
	return list
}

// SourceLang is the language that a session is written in first; the other one is its translation.
func (d *Draft) SourceLang(s *interchange.Session) i18n.Lang {
	return sourceLang(&d.Meeting.Meeting, s)
}

// StateOf says how a session stands against the newest release: "new", "changed", "public" or "cancelled".
func (d *Draft) StateOf(s *interchange.Session) string {
	if s.Status == interchange.Cancelled {
		return "cancelled"
	}
	for i := range d.Changes {
		if c := &d.Changes[i]; c.GUID == s.GUID {
			if c.Op == Added {
				return "new"
			}
			return "changed"
		}
	}
	return "public"
}
