package program

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Material is a file of a session that everybody may have.
type Material struct {
	Label  i18n.Text // what it is called, or zero where its kind says all
	Kind   string    // slides, handout or other
	Name   string    // of the file
	Format string    // pdf, pptx, key, odp, zip
	Size   int64     // bytes
	Pages  int       // 0 where not known
	URL    string    // a path; it changes with the content
	At     time.Time // when it was handed in
}

// Materials knows the files of sessions.
type Materials interface {
	// Public lists the files of a session that everybody may have now. It costs no statement where nothing changed.
	Public(ctx context.Context, p *Programme, it *Item) ([]Material, error)
}

// UseMaterials gives the service the materials, which themselves need the service. It is called once, before the first request.
func (s *Service) UseMaterials(m Materials) { s.materials = m }

// Planned is the programme of a meeting as the draft has it, with the policies applied as they will be: for those who may see the draft.
func (s *Service) Planned(ctx context.Context, slug string) (*Programme, error) {
	p, _, err := s.planned(ctx, slug)
	return p, err
}

// planned is Planned with the draft itself.
func (s *Service) planned(ctx context.Context, slug string) (*Programme, *interchange.Document, error) {
	m, err := s.events.Meeting(ctx, slug)
	if err != nil {
		return nil, nil, err
	}
	var draft *interchange.Document
	err = s.db.Read(ctx, func(r db.Reader) (err error) {
		draft, err = loadDraft(ctx, r, m)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return Build(m, Release{}, &Frozen{Document: *draft}, nil, s.Today(m)), draft, nil
}

// Everyone lists who is on the stage of a session, in its parts too, each once.
func (it *Item) Everyone() []*Person { return everyone(it) }

// MayShowSlides reports whether the slides of a session may be published: its own policy, its speakers, its parts and the talks held in it all let
// them, as for a link to them (see interchange.Document.Public).
func (p *Programme) MayShowSlides(it *Item) bool {
	whole := it.Policy
	for _, part := range it.Session.Parts {
		whole = whole.Restrict(part.Policy)
	}
	for _, talk := range it.Talks {
		whole = whole.Restrict(talk.Policy)
	}
	return whole.Allows(interchange.LinkSlides, p.Today)
}

// Place names where a session is, a talk without a room being in that of its slot; zero where nothing is known.
func (it *Item) Place() i18n.Text { return placeOf(it) }

// Times are when a session, or its slot, begins and ends, and its day; each is zero where it is not known.
func (p *Programme) Times(it *Item) (start, end, day time.Time) {
	at, loc := placed(it), p.Meeting.Location()
	if at.Timed() {
		start, end = at.Start.In(loc), at.End.In(loc)
	}
	return start, end, at.Date.Time(loc)
}

// Ends is when a session is over: its end, or its slot's; where only the day is known, the end of that; zero where nothing is.
func (p *Programme) Ends(it *Item) time.Time {
	at := placed(it)
	switch {
	case at.Timed() && at.End.After(at.Start):
		return at.End
	case at.Date != "":
		loc := p.Meeting.Location()
		return event.Date.Time(at.Date, loc).AddDate(0, 0, 1)
	}
	return time.Time{}
}
