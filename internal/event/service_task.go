package event

import (
	"context"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Tasks are the tasks of a meeting by the day they are due, for those who may do them.
func (s *Service) Tasks(ctx context.Context, r db.Reader, m *Stored) ([]Task, error) {
	if err := Require(ctx, m.Slug, MayDoTasks); err != nil {
		return nil, err
	}
	list, err := readTasks(ctx, r, m.ID)
	byDue(&m.Meeting, list)
	return list, err
}

// SaveTask adds a task, or changes the one of its Ref. Whether it is done stays as it is.
func (s *Service) SaveTask(ctx context.Context, tx *db.Tx, slug string, t Task) (Task, error) {
	if err := Require(ctx, slug, MayEditMeeting); err != nil {
		return t, err
	}
	meeting, old, err := s.openTask(ctx, tx, slug, t.Ref)
	if err != nil {
		return t, err
	}
	if err := t.tidy(); err != nil {
		return t, err
	}
	if t.Ref == "" {
		t.Ref, t.Made, t.Done, t.DoneBy = person.NewRef(), s.o.Now(), time.Time{}, ""
		if err := insertTask(ctx, tx, meeting, t); err != nil {
			return t, err
		}
		return t, s.recordTask(ctx, tx, slug, t, "event.task.added", nil, t.values())
	}
	t.ID, t.Made, t.Done, t.DoneBy, t.Origin = old.ID, old.Made, old.Done, old.DoneBy, old.Origin
	if err := updateTask(ctx, tx, t); err != nil {
		return t, err
	}
	return t, s.recordTask(ctx, tx, slug, t, "event.task.changed", old.values(), t.values())
}

// TickTask says that a task is done, or that it is not done after all.
func (s *Service) TickTask(ctx context.Context, tx *db.Tx, slug, ref string, done bool) error {
	if err := Require(ctx, slug, MayDoTasks); err != nil {
		return err
	}
	_, t, err := s.openTask(ctx, tx, slug, ref)
	if err != nil {
		return err
	}
	if ref == "" {
		return fault.Missing()
	}
	if t.IsDone() == done {
		return nil
	}
	before := map[string]string{"done": strconv.FormatBool(t.IsDone())}
	t.Done, t.DoneBy = time.Time{}, ""
	if done {
		t.Done, t.DoneBy = s.o.Now(), authz.Who(ctx).Ref
	}
	if err := updateTask(ctx, tx, t); err != nil {
		return err
	}
	return s.recordTask(ctx, tx, slug, t, "event.task.ticked", before, map[string]string{"done": strconv.FormatBool(done)})
}

// DropTask takes a task away.
func (s *Service) DropTask(ctx context.Context, tx *db.Tx, slug, ref string) error {
	if err := Require(ctx, slug, MayEditMeeting); err != nil {
		return err
	}
	_, t, err := s.openTask(ctx, tx, slug, ref)
	if err != nil {
		return err
	}
	if ref == "" {
		return fault.Missing()
	}
	if err := deleteTask(ctx, tx, t.ID); err != nil {
		return err
	}
	return s.recordTask(ctx, tx, slug, t, "event.task.removed", t.values(), nil)
}

// openTask finds a task of a meeting; without a ref it is one to be made.
func (s *Service) openTask(ctx context.Context, tx *db.Tx, slug, ref string) (MeetingID, Task, error) {
	meeting, _, err := meetingOf(ctx, tx, slug)
	if err != nil || meeting == 0 {
		return 0, Task{}, first(err, fault.Missing())
	}
	list, err := readTasks(ctx, tx, meeting)
	if err != nil || ref == "" {
		return meeting, Task{}, err
	}
	t := find(list, func(t *Task) bool { return t.Ref == ref })
	if t == nil {
		return 0, Task{}, fault.Missing()
	}
	return meeting, *t, nil
}

func (s *Service) recordTask(ctx context.Context, tx *db.Tx, slug string, t Task, action string, before, after map[string]string) error {
	return audit.Record(ctx, tx, audit.Entry{Scope: slug, Object: "task:" + t.Ref, Action: action, Before: before, After: after, At: s.o.Now()})
}

// values is a task as the audit log keeps it.
func (t Task) values() map[string]string {
	return map[string]string{"title": t.Title, "role": string(t.Role), "due": string(t.Anchor) + strconv.Itoa(t.Days), "notes": t.Notes}
}

// carryTasks gives a new meeting the tasks of another, undone, as many days from its own first and last day.
func (s *Service) carryTasks(ctx context.Context, tx *db.Tx, from, to *Stored) error {
	list, err := readTasks(ctx, tx, from.ID)
	if err != nil {
		return err
	}
	for _, t := range list {
		t.Ref, t.Origin, t.Made = person.NewRef(), from.Slug, s.o.Now()
		if err := insertTask(ctx, tx, to.ID, t); err != nil {
			return err
		}
	}
	return nil
}
