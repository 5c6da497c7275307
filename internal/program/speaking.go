package program

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// SuggestionState says what became of a suggestion.
type SuggestionState string

// The states of a suggestion.
const (
	SuggestionOpen      SuggestionState = "open"
	SuggestionAccepted  SuggestionState = "accepted"
	SuggestionDeclined  SuggestionState = "declined"
	SuggestionWithdrawn SuggestionState = "withdrawn"
)

// Suggestion is what a speaker would like to be otherwise about the texts of a session. The committee accepts it, which writes the draft, or
// declines it with a word.
type Suggestion struct {
	Ref        string
	Slug       string
	Session    string // guid
	Changes    []FieldEdit
	Reason     string
	State      SuggestionState
	At         time.Time
	By         int64 // account; 0 where it is erased
	ByName     i18n.Text
	Answer     string
	AnsweredAt time.Time
	AnsweredBy string // public id

	Name  string    // of the session, in addresses
	Title i18n.Text // of the session as the draft has it
}

// suggested are the fields that speakers may suggest changes of.
var suggested = []string{"title.ja", "title.en", "subtitle.ja", "subtitle.en", "abstract.ja", "abstract.en"}

// Bounds of what speakers write.
const (
	maxReason      = 1000
	maxBio         = 4000
	maxAffiliation = 300
	maxAbsences    = 40
	maxSpeakerURLs = 10
)

// Profile is what a speaker says of themselves at one meeting.
type Profile struct {
	Affiliation i18n.Text // as it is at the time of the meeting
	Bio         i18n.Text // Markdown
	Links       []interchange.Link
}

// tidy cleans a profile and refuses what is too long or leads nowhere.
func (p *Profile) tidy() error {
	line := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	p.Affiliation = p.Affiliation.Map(line)
	p.Bio = p.Bio.Map(func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) })
	for _, l := range i18n.Langs {
		if utf8.RuneCountInString(p.Affiliation.Exact(l)) > maxAffiliation {
			return fault.New(fault.Invalid, "program.desk.error.too_long").With("n", maxAffiliation).On("affiliation_" + string(l))
		}
		if utf8.RuneCountInString(p.Bio.Exact(l)) > maxBio {
			return fault.New(fault.Invalid, "program.desk.error.too_long").With("n", maxBio).On("bio_" + string(l))
		}
	}
	if len(p.Links) > maxSpeakerURLs {
		return fault.New(fault.Invalid, "program.speaking.error.links").With("n", maxSpeakerURLs).On("links")
	}
	for _, l := range p.Links {
		if u, err := url.Parse(l.URL); err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
			return fault.New(fault.Invalid, "program.desk.error.link").With("value", clip(l.URL)).On("links")
		}
	}
	return nil
}

// clip shortens what somebody typed for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// tidyAbsences puts times of absence in order and refuses what is none.
func tidyAbsences(list []Absence, m *event.Stored) ([]Absence, error) {
	if len(list) > maxAbsences {
		return nil, fault.New(fault.Invalid, "program.speaking.error.absences").With("n", maxAbsences).On("away")
	}
	first, last := m.Start.Time(m.Location()), m.LastDay().Time(m.Location()).AddDate(0, 0, 2)
	for _, a := range list {
		switch {
		case !a.To.After(a.From):
			return nil, fault.New(fault.Invalid, "program.speaking.error.order").With("from", a.From.Format("15:04")).With("to", a.To.Format("15:04")).On("away")
		case m.Start != "" && (a.From.Before(first) || a.To.After(last)):
			return nil, fault.New(fault.Invalid, "program.speaking.error.day").On("away")
		case utf8.RuneCountInString(a.Note) > maxAffiliation:
			return nil, fault.New(fault.Invalid, "program.desk.error.too_long").With("n", maxAffiliation).On("away")
		}
	}
	slices.SortFunc(list, func(a, b Absence) int { return a.From.Compare(b.From) })
	return list, nil
}

// Refusals are the matters of a publication policy that a speaker refuses for what they do at a session: stricter than the session's, never less.
type Refusals struct {
	Stream, Record, Publish, Slides, Photo, SNS bool
}

// RefusalsOf reads what a speaker refuses.
func RefusalsOf(p interchange.Policy) Refusals {
	no := func(v interchange.Permission) bool { return v == interchange.Refused }
	return Refusals{no(p.Stream), no(p.Record), no(p.Publish), no(p.Slides), no(p.Photo), no(p.SNS)}
}

// onto writes what a speaker refuses into the policy of their appearance.
func (r Refusals) onto(p *interchange.Policy) {
	set := func(to *interchange.Permission, no bool) {
		switch {
		case no:
			*to = interchange.Refused
		case *to == interchange.Refused:
			*to = interchange.Inherit
		}
	}
	set(&p.Stream, r.Stream)
	set(&p.Record, r.Record)
	set(&p.Publish, r.Publish)
	set(&p.Slides, r.Slides)
	set(&p.Photo, r.Photo)
	set(&p.SNS, r.SNS)
}
