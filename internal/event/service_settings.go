package event

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Settings are what a committee changes of its meeting on screen. Everything else stays as it is.
type Settings struct {
	Meeting
	Seen string // State of what the form was filled with
}

// State names what of a meeting the settings show, so that two who change them at once learn of each other.
func (m *Meeting) State() string {
	var b strings.Builder
	for _, c := range m.columns() {
		fmt.Fprintf(&b, "%q ", c.text())
	}
	for i := range m.Rooms {
		for _, c := range m.Rooms[i].columns() {
			fmt.Fprintf(&b, "%q ", c.text())
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:12])
}

// Configure stores the settings of a meeting, and writes what changed into the audit log.
func (s *Service) Configure(ctx context.Context, tx *db.Tx, slug string, in Settings) ([]Change, error) {
	if err := Require(ctx, slug, MayEditMeeting); err != nil {
		return nil, err
	}
	if err := s.Lock(ctx, tx); err != nil {
		return nil, err
	}
	now, err := s.Load(ctx, tx, slug)
	if err != nil {
		return nil, err
	}
	if now.State() != in.Seen {
		return nil, fault.New(fault.Conflict, "event.error.changed_meanwhile")
	}
	m := now.Meeting
	m.Title, m.Short, m.Theme, m.Summary, m.Place, m.Hashtag = in.Title, in.Short, in.Theme, in.Summary, in.Place, in.Hashtag
	m.Start, m.End, m.Timezone, m.Phase, m.Accent, m.URL, m.Rooms = in.Start, in.End, in.Timezone, in.Phase, in.Accent, in.URL, in.Rooms
	if m.Start != "" {
		m.Month = ""
	}
	if m.Phase == "" && now.Phase != "" {
		return nil, invalid("phase", "phase").With("value", "")
	}
	if err := mayTurn(ctx, slug, now.Phase, m.Phase); err != nil {
		return nil, err
	}
	_, changes, err := s.Apply(ctx, tx, Input{Meeting: &m, Full: true})
	if err != nil {
		return nil, formField(err)
	}
	return changes, s.recordChanges(ctx, tx, slug, changes)
}

// mayTurn checks that who acts may take a meeting from one phase to another: making it public, or hiding it, is publishing; archiving it takes
// everybody's role away.
func mayTurn(ctx context.Context, slug string, from, to Phase) error {
	for phase, needs := range map[Phase]authz.Permission{Draft: MayRelease, Archived: MayGrant} {
		if from != to && (from == phase || to == phase) && !May(ctx, slug, needs) {
			return invalid("phase_may", "phase")
		}
	}
	return nil
}

// recordChanges writes what changed of a meeting into the audit log, as one entry.
func (s *Service) recordChanges(ctx context.Context, tx *db.Tx, slug string, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	before, after := map[string]string{}, map[string]string{}
	for _, c := range changes {
		name := strings.TrimPrefix(c.Object+"."+c.Field, "meeting "+slug+".")
		name = strings.TrimSuffix(name, ".")
		before[name], after[name] = c.Before, c.After
	}
	return audit.Record(ctx, tx, audit.Entry{Scope: slug, Object: "meeting:" + slug, Action: "event.meeting.changed", Before: before, After: after, At: s.o.Now()})
}
