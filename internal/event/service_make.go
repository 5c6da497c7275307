package event

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/person"
)

// ProgrammeCopier is what this feature asks of the programme where a meeting is made from another.
type ProgrammeCopier interface {
	// CopyFrame gives a new meeting what the programme of another is made in: its kinds, topics and policy, and no session.
	CopyFrame(ctx context.Context, tx *db.Tx, from, to *Stored) error
}

// Making is a meeting to be made, perhaps from another.
type Making struct {
	From   string // slug of the meeting to carry over from, or empty
	Series string
	Slug   string
	Title  i18n.Text
	Short  string
	Start  Date
	End    Date
	Phase  Phase // Draft or Announced
	Pages  bool  // carry the own pages over
	Teams  bool  // carry the teams over, without their people
	Tasks  bool  // carry the tasks over, undone
}

// reserved are slugs that addresses of the program would hide.
var reserved = []string{"new"}

// Make makes a meeting. From another it takes venues, rooms, parts (moved to the new days), kinds, topics and policy, and as is wished its
// own pages, its teams and roles to be filled, and its tasks. It takes no person, no session and no letter.
func (s *Service) Make(ctx context.Context, tx *db.Tx, in Making) (*Stored, error) {
	if err := Require(ctx, "", MayCreateMeeting); err != nil {
		return nil, err
	}
	if err := s.Lock(ctx, tx); err != nil {
		return nil, err
	}
	if err := in.check(ctx, tx); err != nil {
		return nil, err
	}
	m := &Meeting{Slug: in.Slug, Series: in.Series, Title: in.Title, Short: in.Short, Start: in.Start, End: in.End, Phase: in.Phase}
	var from *Stored
	if in.From != "" {
		var err error
		if from, err = s.Load(ctx, tx, in.From); err != nil {
			return nil, err
		}
		if !visible(ctx, &from.Meeting) {
			return nil, fault.Missing()
		}
		m.takeFrame(&from.Meeting, in.Pages)
		if m.Series == "" {
			m.Series = from.Series
		}
	}
	if _, _, err := s.Apply(ctx, tx, Input{Meeting: m, Full: true}); err != nil {
		return nil, formField(err)
	}
	to, err := s.Load(ctx, tx, in.Slug)
	if err != nil {
		return nil, err
	}
	if from != nil {
		if err := s.carry(ctx, tx, in, from, to); err != nil {
			return nil, err
		}
	}
	return to, audit.Record(ctx, tx, audit.Entry{Scope: in.Slug, Object: "meeting:" + in.Slug, Action: "event.meeting.made", At: s.o.Now(), After: map[string]string{
		"title.ja": in.Title.JA, "title.en": in.Title.EN, "start": string(in.Start), "end": string(in.End), "from": in.From, "phase": string(in.Phase),
	}})
}

// check checks what does not depend on the meeting that is carried over from.
func (in *Making) check(ctx context.Context, r db.Reader) error {
	in.Slug = strings.ToLower(strings.TrimSpace(in.Slug))
	if err := pattern("slug", slugPattern, in.Slug); err != nil {
		return err
	}
	id, _, err := meetingOf(ctx, r, in.Slug)
	if err != nil {
		return err
	}
	if id != 0 || slices.Contains(reserved, in.Slug) {
		return fault.New(fault.Conflict, "event.error.slug_taken").With("value", in.Slug).On("slug")
	}
	if in.Phase != Draft && in.Phase != Announced {
		return invalid("phase", "phase").With("value", clip(string(in.Phase)))
	}
	return wanted("title_ja", in.Title)
}

// carry gives a new meeting what belongs to it but not to its row: the frame of the programme, teams and tasks.
func (s *Service) carry(ctx context.Context, tx *db.Tx, in Making, from, to *Stored) error {
	if s.o.Copier != nil {
		if err := s.o.Copier.CopyFrame(ctx, tx, from, to); err != nil {
			return fmt.Errorf("carry the frame of the programme over: %w", err)
		}
	}
	if in.Tasks {
		if err := s.carryTasks(ctx, tx, from, to); err != nil {
			return err
		}
	}
	if !in.Teams {
		return nil
	}
	teams, err := readTeams(ctx, tx, from.ID)
	if err != nil {
		return err
	}
	for _, t := range teams {
		t.ID, t.Ref = 0, person.NewRef()
		if err := writeTeam(ctx, tx, to.ID, &t); err != nil {
			return err
		}
	}
	return nil
}

// takeFrame gives a new meeting what the last one was held in. The days of its parts move with the first day; those that then lie outside
// of the meeting are left out.
func (m *Meeting) takeFrame(last *Meeting, withPages bool) {
	m.Languages, m.Timezone, m.DayBoundary, m.Accent, m.Logo = last.Languages, last.Timezone, last.DayBoundary, last.Accent, last.Logo
	m.Venues, m.Rooms = slices.Clone(last.Venues), slices.Clone(last.Rooms)
	if withPages {
		m.Pages = slices.Clone(last.Pages)
	}
	shift := 0
	if m.Start.Valid() && last.Start.Valid() {
		shift = daysBetween(last.Start, m.Start)
	}
	for _, p := range last.Parts {
		days := p.Days
		p.Days, p.Place = nil, i18n.Text{}
		for _, d := range days {
			if d = DateOf(d.Time(time.UTC).AddDate(0, 0, shift)); m.Start != "" && d >= m.Start && d <= m.LastDay() {
				p.Days = append(p.Days, d)
			}
		}
		m.Parts = append(m.Parts, p)
	}
}

// formField names a fault by the field of the form it stands in: title for meeting.title.
func formField(err error) error {
	e, ok := fault.As(err)
	if !ok {
		return err
	}
	name := strings.TrimPrefix(e.Field, "meeting.")
	if name == "title" {
		name = "title_ja"
	}
	return e.On(strings.ReplaceAll(name, ".", "_"))
}
