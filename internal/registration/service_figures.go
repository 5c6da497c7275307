package registration

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Figures counts the registration of a meeting, for those who may know the numbers. It gives nobody's name.
func (s *Service) Figures(ctx context.Context, slug string) (*Figures, error) {
	m, err := s.may(ctx, slug, event.MayReadFigures)
	if err != nil {
		return nil, err
	}
	past, err := s.lastMeeting(ctx, m)
	if err != nil {
		return nil, err
	}
	var t *tally
	var before []pastEntry
	err = s.db.Read(ctx, func(r db.Reader) (err error) {
		if t, err = count(ctx, r, m); err != nil {
			return err
		}
		if past != nil {
			if before, err = pastEntries(ctx, r, past.ID, m.leftOut(past.Setup)); err != nil {
				return err
			}
		}
		if s.o.Billing == nil || !m.priced() {
			return nil
		}
		refs := make([]string, len(t.entries))
		for i := range t.entries {
			refs[i] = t.entries[i].Ref
		}
		if t.standing, err = s.paid(ctx, r, m, refs); t.standing == nil {
			t.standing = map[string]Standing{}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	now := s.o.Now()
	f := m.figures(&m.Meeting, t, now)
	if past != nil && !m.Opens.After(now) {
		f.Past = compare(m.Setup, past.Setup, m.Stored, past.Stored, m.counted(t.entries), before, now)
	}
	return f, nil
}

// counted are the entries that are among the registrants.
func (s *Setup) counted(all []tallied) []tallied {
	var out []tallied
	for _, e := range all {
		if s.counts(e.Kind) {
			out = append(out, e)
		}
	}
	return out
}

// leftOut are the kinds of another meeting that this one would not count.
func (s *Setup) leftOut(other *Setup) []string {
	var out []string
	for _, k := range other.Kinds {
		if k.Concerned && !s.Concerned {
			out = append(out, k.Key)
		}
	}
	return out
}

// lastMeeting is the one that figures are compared with: the one that was chosen, else the one before in the series; nil where there is none.
func (s *Service) lastMeeting(ctx context.Context, m *Meeting) (*Meeting, error) {
	slug := m.LastMeeting
	if slug == "" {
		all, err := s.events.Meetings(ctx)
		if err != nil {
			return nil, err
		}
		var last event.Date
		for _, x := range all {
			if x.Series == m.Series && x.Series != "" && x.Phase != event.Draft && x.Start != "" && x.Start < m.Start && x.Start > last {
				slug, last = x.Slug, x.Start
			}
		}
	}
	if slug == "" || slug == m.Slug {
		return nil, nil
	}
	past, err := s.meeting(ctx, slug)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	return past, nil
}
