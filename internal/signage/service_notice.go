package signage

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// maxNotices bounds what a screen is given. JANOG57 had 42.
const maxNotices = 300

// Notices lists the notices of a meeting in the order of the desk.
func (s *Service) Notices(ctx context.Context, slug string) ([]*Notice, error) {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return nil, err
	}
	return readNotices(ctx, s.db, m.ID, m.Location())
}

// Notice is one of them.
func (s *Service) Notice(ctx context.Context, slug, ref string) (*Notice, error) {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return nil, err
	}
	return readNotice(ctx, s.db, m.ID, ref, m.Location())
}

// SaveNotice stores a notice: a new one where it has no Ref, else over the version that was read. Where somebody changed it meanwhile it is a
// conflict, and nothing is overwritten.
func (s *Service) SaveNotice(ctx context.Context, slug string, n *Notice) error {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return err
	}
	if err := n.check(); err != nil {
		return err
	}
	return s.change(ctx, m, func(tx *db.Tx) error {
		if n.Ref == "" || n.ID == 0 {
			return s.addNotice(ctx, tx, slug, int64(m.ID), n)
		}
		was, err := readNotice(ctx, tx, m.ID, n.Ref, m.Location())
		if err != nil {
			return err
		}
		n.ID = was.ID
		saved, err := saveNotice(ctx, tx, n)
		if err == nil && !saved {
			err = fault.New(fault.Conflict, "signage.error.changed_meanwhile")
		}
		if err != nil {
			return err
		}
		return record(ctx, tx, slug, "notice:"+n.Ref, "signage.notice.edited", was.fields(), n.fields())
	})
}

// addNotice stores a new one, unless there are too many.
func (s *Service) addNotice(ctx context.Context, tx *db.Tx, slug string, meeting int64, n *Notice) error {
	count, err := countNotices(ctx, tx, meeting)
	if err != nil {
		return err
	}
	if count >= maxNotices {
		return fault.New(fault.Conflict, "signage.error.too_many_notices").With("max", maxNotices)
	}
	n.Ref = newRef()
	if err := addNotice(ctx, tx, meeting, n); err != nil {
		return err
	}
	return record(ctx, tx, slug, "notice:"+n.Ref, "signage.notice.added", nil, n.fields())
}

// SetPublished shows a notice, or makes it a draft again.
func (s *Service) SetPublished(ctx context.Context, slug, ref string, published bool) error {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return err
	}
	return s.change(ctx, m, func(tx *db.Tx) error {
		n, err := readNotice(ctx, tx, m.ID, ref, m.Location())
		if err != nil || n.Published == published {
			return err
		}
		n.Published = published
		if saved, err := saveNotice(ctx, tx, n); err != nil || !saved {
			return cmpOr(err, fault.New(fault.Conflict, "signage.error.changed_meanwhile"))
		}
		action := "signage.notice.published"
		if !published {
			action = "signage.notice.withdrawn"
		}
		return record(ctx, tx, slug, "notice:"+ref, action, nil, n.fields())
	})
}

func cmpOr(err error, other error) error {
	if err != nil {
		return err
	}
	return other
}

// RemoveNotice removes a draft for good. A published one is made a draft first, so that nothing is lost by one press.
func (s *Service) RemoveNotice(ctx context.Context, slug, ref string) error {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return err
	}
	return s.change(ctx, m, func(tx *db.Tx) error {
		n, err := readNotice(ctx, tx, m.ID, ref, m.Location())
		if err != nil {
			return err
		}
		if n.Published {
			return fault.New(fault.Conflict, "signage.error.remove_published")
		}
		if err := dropNotice(ctx, tx, n.ID); err != nil {
			return err
		}
		return record(ctx, tx, slug, "notice:"+ref, "signage.notice.removed", n.fields(), nil)
	})
}

// Order puts the notices of a meeting in the order of refs. Those that are not named keep their order, at the end: they were added meanwhile.
func (s *Service) Order(ctx context.Context, slug string, refs []string) error {
	return s.reorder(ctx, slug, func(list []*Notice) []*Notice {
		slices.SortStableFunc(list, func(a, b *Notice) int { return place(refs, a.Ref) - place(refs, b.Ref) })
		return list
	})
}

func place(refs []string, ref string) int {
	if i := slices.Index(refs, ref); i >= 0 {
		return i
	}
	return len(refs)
}

// Move moves a notice up (by -1) or down (by 1).
func (s *Service) Move(ctx context.Context, slug, ref string, by int) error {
	return s.reorder(ctx, slug, func(list []*Notice) []*Notice {
		i := slices.IndexFunc(list, func(n *Notice) bool { return n.Ref == ref })
		if j := i + by; i >= 0 && j >= 0 && j < len(list) {
			list[i], list[j] = list[j], list[i]
		}
		return list
	})
}

func (s *Service) reorder(ctx context.Context, slug string, order func([]*Notice) []*Notice) error {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return err
	}
	return s.change(ctx, m, func(tx *db.Tx) error {
		list, err := readNotices(ctx, tx, m.ID, m.Location())
		if err != nil {
			return err
		}
		for i, n := range order(list) {
			if n.Position == int64(i)+1 {
				continue
			}
			if err := placeNotice(ctx, tx, n.ID, int64(i)+1); err != nil {
				return err
			}
		}
		return record(ctx, tx, slug, "signage", "signage.notice.ordered", nil, nil)
	})
}

// fields are a notice as the audit log has it.
func (n *Notice) fields() map[string]string {
	f := map[string]string{
		"title_ja": n.Title.JA, "title_en": n.Title.EN, "body_ja": n.Body.JA, "body_en": n.Body.EN, "picture_ja": n.Picture.JA, "picture_en": n.Picture.EN,
		"link": n.Link, "standing": string(n.Standing), "published": strconv.FormatBool(n.Published), "urgent": strconv.FormatBool(n.Urgent),
		"seconds": strconv.Itoa(n.Seconds), "days": writeDays(n.Schedule.Days), "hours": writeHours(n.Schedule.Hours), "targets": strings.Join(n.Targets, " "),
	}
	for name, t := range map[string]time.Time{"from": n.Schedule.From, "until": n.Schedule.Until} {
		if !t.IsZero() {
			f[name] = t.Format(time.RFC3339)
		}
	}
	return f
}
