package signage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// File is a file of notices, as examples/janog57-signage.yaml is one.
type File struct {
	Format  int          `yaml:"tsudoi_notices"` // 1
	Meeting string       `yaml:"meeting"`        // slug
	Seconds int          `yaml:"seconds"`        // of a notice that says nothing
	Notices []FileNotice `yaml:"notices"`
}

// FileNotice is a notice of a file.
type FileNotice struct {
	Key      string    `yaml:"key"` // its name in the file: read again, it is the same notice
	Title    i18n.Text `yaml:"title"`
	Body     i18n.Text `yaml:"body"`
	Link     string    `yaml:"link"`
	Standing Standing  `yaml:"standing"`
	Draft    bool      `yaml:"draft"`
	Urgent   bool      `yaml:"urgent"`
	Seconds  int       `yaml:"seconds"`
	From     string    `yaml:"from"`  // 2026-02-11T09:00, by the meeting's clocks
	Until    string    `yaml:"until"` //
	Days     string    `yaml:"days"`  // 2026-02-11 2026-02-12
	Hours    string    `yaml:"hours"` // 10:00-12:00, 14:00-17:00
	Targets  []string  `yaml:"targets"`
}

var keyShape = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)

// ReadFile reads a file of notices. What it does not know is an error.
func ReadFile(data []byte) (*File, error) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	var f File
	if err := d.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the notices: %w", err)
	}
	if f.Format != 1 || f.Meeting == "" {
		return nil, errors.New("this is no file of notices: it begins with tsudoi_notices: 1 and names a meeting")
	}
	return &f, nil
}

// notice is the notice of a file in a meeting.
func (n *FileNotice) notice(f *File, loc *time.Location) (*Notice, error) {
	out := &Notice{
		Key: n.Key, Title: n.Title.Map(strings.TrimSpace), Body: n.Body.Map(strings.TrimSpace), Link: n.Link, Standing: n.Standing, Published: !n.Draft,
		Urgent: n.Urgent, Seconds: n.Seconds, Targets: n.Targets, Schedule: Schedule{Days: parseDays(n.Days), Hours: parseHours(n.Hours)},
	}
	if out.Seconds == 0 {
		out.Seconds = f.Seconds
	}
	if out.Seconds == 0 {
		out.Seconds = usualSeconds
	}
	for s, to := range map[string]*time.Time{n.From: &out.Schedule.From, n.Until: &out.Schedule.Until} {
		if s == "" {
			continue
		}
		t, err := time.ParseInLocation("2006-01-02T15:04", s, loc)
		if err != nil {
			return nil, fmt.Errorf("notice %s: write a moment as 2026-02-11T09:00, not %q", n.Key, s)
		}
		*to = t
	}
	if !keyShape.MatchString(n.Key) {
		return nil, fmt.Errorf("a notice has the key %q: use small letters, digits and hyphens", n.Key)
	}
	if err := out.check(); err != nil {
		return nil, fmt.Errorf("notice %s: %w", n.Key, err)
	}
	return out, nil
}

// Import adds the notices of a file that the meeting does not have yet, by their keys. Those that are there stay as the desk left them, so that
// reading a file twice changes nothing. It returns how many were added.
func (s *Service) Import(ctx context.Context, f *File) (int, error) {
	m, err := s.runs(ctx, f.Meeting)
	if err != nil {
		return 0, err
	}
	var notices []*Notice
	for i := range f.Notices {
		n, err := f.Notices[i].notice(f, m.Location())
		if err != nil {
			return 0, err
		}
		notices = append(notices, n)
	}
	added := 0
	err = s.change(ctx, m, func(tx *db.Tx) error {
		added = 0
		have, err := readNotices(ctx, tx, m.ID, m.Location())
		if err != nil {
			return err
		}
		known := map[string]bool{}
		for _, n := range have {
			known[n.Key] = true
		}
		for _, n := range notices {
			if known[n.Key] {
				continue
			}
			known[n.Key] = true
			if err := s.importOne(ctx, tx, m, n); err != nil {
				return err
			}
			added++
		}
		return nil
	})
	return added, err
}

func (s *Service) importOne(ctx context.Context, tx *db.Tx, m *event.Stored, n *Notice) error {
	count, err := countNotices(ctx, tx, int64(m.ID))
	if err != nil {
		return err
	}
	if count >= maxNotices {
		return invalid("signage.error.too_many_notices").With("max", maxNotices)
	}
	n.Ref = newRef()
	if err := addNotice(ctx, tx, int64(m.ID), n); err != nil {
		return err
	}
	return record(ctx, tx, m.Slug, "notice:"+n.Ref, "signage.notice.imported", nil, n.fields())
}
