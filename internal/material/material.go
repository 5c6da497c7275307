// Package material knows the files of a session: the slides and what else speakers hand in, their versions, and from when they are public.
//
// Words: a material (資料) belongs to a session and has versions (版): replacing the file adds a version, and the earlier ones are kept for
// the committee and the speakers. The newest version is the one that is public, at once, when the session has ended, or when the committee
// says so; a session whose policy does not let slides out publishes none. An upload (アップロード) is a file on its way, which may take
// days and several connections.
//
// A material is handed in, or withdrawn. Its content is looked at before it counts (see Inspect): what it is, is read from it and not from
// its name.
//
// Tables: material_file, material_version, material_upload.
package material

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// The limits on what is handed in.
const (
	MaxBytes    = 200 << 20 // of one file
	MaxFiles    = 20        // of one session
	MaxVersions = 50        // of one material
	MaxUploads  = 10        // that one person has unfinished

	MaxSession = 4 << 30  // bytes of one session, all versions together
	MaxMeeting = 50 << 30 // bytes of one meeting, where Options.Meeting says nothing else
)

// Used is how many bytes have been handed in, with earlier versions and what was withdrawn, since they are kept.
type Used struct{ Session, Meeting int64 }

// room refuses more bytes than a session, or its meeting, has room for.
func (u Used) room(more, meeting int64) error {
	switch {
	case u.Session+more > MaxSession:
		return fault.New(fault.Invalid, "material.error.session_full").With("max", amount(MaxSession)).With("used", amount(u.Session))
	case u.Meeting+more > meeting:
		return fault.New(fault.Invalid, "material.error.meeting_full").With("max", amount(meeting))
	}
	return nil
}

// amount is a number of bytes in words, with units that are powers of 1,024 as settings have them.
func amount(n int64) string {
	if n < 1<<30 {
		return i18n.Number(float64(n>>20)) + " MB"
	}
	return i18n.Number(float64(n*10>>30)/10) + " GB"
}

// Kind says what a material is to its session.
type Kind string

// The kinds of materials.
const (
	Slides  Kind = "slides"
	Handout Kind = "handout"
	Other   Kind = "other"
)

// Kinds lists every kind in the order in which forms offer them.
var Kinds = []Kind{Slides, Handout, Other}

// Opens says from when a material is public.
type Opens string

// From when a material is public. Held is until the committee says otherwise.
const (
	AtOnce Opens = "now"
	AtEnd  Opens = "end"
	Held   Opens = "held"
)

// Choices lists the values of Opens in the order in which forms offer them.
var Choices = []Opens{AtEnd, AtOnce, Held}

// Session is what this package needs to know of a session, as it is planned and as it is published.
type Session struct {
	Meeting   *event.Stored
	Ref       string // permanent
	Name      string // in addresses
	Title     i18n.Text
	Speakers  []string  // keys of those on its stage, and in its parts
	Published bool      // it is in the newest release
	Start     time.Time // as published; zero where it is not known
	End       time.Time
	MayShow   bool // the policy lets slides be published
}

// File is a material with its versions.
type File struct {
	ID  string // public
	Ref string // of its session
	About
	Withdrawn time.Time // zero: it is handed in
	Versions  []Version // the newest first
	row       int64
}

// Newest is the version that counts.
func (f *File) Newest() *Version {
	if len(f.Versions) == 0 {
		return nil
	}
	return &f.Versions[0]
}

// Version finds a version whose content begins with the digits short, or is nil.
func (f *File) Version(short string) *Version {
	for i := range f.Versions {
		if f.Versions[i].Digest.Short() == short {
			return &f.Versions[i]
		}
	}
	return nil
}

// URL is the address of a version: a path that names its content, so that what it leads to never changes.
func (f *File) URL(v *Version) string {
	return "/materials/" + f.ID + "/" + v.Digest.Short() + "/" + url.PathEscape(v.Name)
}

// Version is a file as it was handed in once.
type Version struct {
	Number int // counts up from 1 within a material
	Name   string
	Format Format
	Size   int64 // bytes
	Pages  int   // pages or slides; 0 where not known
	Digest blob.Digest
	Note   string // what changed, in the words of who handed it in
	At     time.Time
	By     int64 // account of who handed it in; 0 where that is erased, or was the program
}

// State says whether a material is public, and if not, why.
type State string

// The states of a material.
const (
	Public      State = "public"
	Waiting     State = "waiting"     // for the end of its session
	OnHold      State = "held"        // until the committee says so
	Refused     State = "refused"     // the policy of the session publishes nothing
	Unpublished State = "unpublished" // its session is not in the programme
	Gone        State = "withdrawn"
)

// StateOf says whether a material may be shown to everybody at a moment. It is the one function that decides.
func (f *File) StateOf(s *Session, now time.Time) State {
	switch {
	case !f.Withdrawn.IsZero() || len(f.Versions) == 0:
		return Gone
	case !s.MayShow:
		return Refused
	case f.Opens == Held:
		return OnHold
	case !s.Published:
		return Unpublished
	case f.Opens == AtEnd && (s.End.IsZero() || now.Before(s.End)):
		return Waiting
	}
	return Public
}

// About is what is said of a material beside its content.
type About struct {
	Kind  Kind
	Label i18n.Text // what it is called, where that is more than its kind
	Opens Opens
}

// Upload is a file on its way.
type Upload struct {
	ID      string // public, and of the unfinished file: it cannot be guessed
	Slug    string // of the meeting
	Ref     string // of the session
	Of      string // the material that it is a version of; empty: a new one
	About   About
	Note    string
	Name    string // as the person's computer calls it
	Size    int64  // what it will have
	By      int64  // the account that began it: nobody else goes on
	Expires time.Time
	Became  string // the material that it has become; empty: it is unfinished
}

// keptFor is how long an upload is kept after its last piece.
const keptFor = 48 * time.Hour

// The lengths that texts may have, in characters.
const (
	maxLabel = 120
	maxNote  = 500
)

// valid cleans what is said of a material, and refuses what nobody can have chosen.
func (a About) valid() (About, error) {
	if a.Kind == "" {
		a.Kind = Slides
	}
	if a.Opens == "" {
		a.Opens = AtEnd
	}
	if !slices.Contains(Kinds, a.Kind) || !slices.Contains(Choices, a.Opens) {
		return a, fault.New(fault.Invalid, "error.form")
	}
	a.Label = a.Label.Map(func(s string) string { return line(s) })
	if utf8.RuneCountInString(a.Label.JA) > maxLabel || utf8.RuneCountInString(a.Label.EN) > maxLabel {
		return a, fault.New(fault.Invalid, "material.error.label").With("max", maxLabel).On("label_ja")
	}
	return a, nil
}

// line makes a text one line without what is not seen.
func line(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if hidden(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))), " ")
}
