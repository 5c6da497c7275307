package program

import (
	"context"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// CategoryMove moves an entry of a category in its list.
type CategoryMove struct {
	Key  string // empty: nothing moves
	Down bool   // else up
}

// categoryGUID names an entry of a category where sessions are named by their guids: who changed its fields last.
func categoryGUID(c Category, key string) string { return string(c) + ":" + key }

// EditCategory changes names and other fields of the entries of a category, adds one, and moves one, as one act. The fields are named by
// EntryField; an entry whose key is empty is the new one. What somebody else changed or removed meanwhile is a conflict (see Conflicts),
// and then nothing is stored.
func (k *Desk) EditCategory(ctx context.Context, slug string, c Category, edits []FieldEdit, move CategoryMove) (*Done, error) {
	if err := event.Require(ctx, slug, event.MayEditProgramme); err != nil {
		return nil, err
	}
	if !c.Valid() {
		return nil, fault.Missing()
	}
	var conflicts []FieldConflict
	done, err := k.act(ctx, slug, c.act(), func(a *acting) error {
		list, err := c.edited(c.List(a.Doc), edits, &conflicts)
		if err != nil {
			return err
		}
		if len(conflicts) > 0 {
			if err := k.whoChanged(ctx, a, c, conflicts); err != nil {
				return err
			}
			return conflictFault(conflicts[0])
		}
		c.put(a.change(), c.moved(list, move))
		return nil
	})
	return done, k.named(ctx, conflicts, err)
}

// act is the kind of act that changes the category.
func (c Category) act() ActKind {
	if c == Kinds {
		return ActKinds
	}
	return ActTopics
}

// edited applies edits to a list, and notes what somebody else did to it meanwhile.
func (c Category) edited(list []interchange.Kind, edits []FieldEdit, conflicts *[]FieldConflict) ([]interchange.Kind, error) {
	*conflicts = nil // the transaction may be run again
	var touched []string
	for _, e := range edits {
		key, name, _ := strings.Cut(e.Field, "/")
		i := slices.IndexFunc(c.fields(), func(f categoryField) bool { return f.name == name })
		if i < 0 {
			return nil, fault.New(fault.Invalid, "program.desk.error.field").With("value", e.Field)
		}
		tidy := field{name: e.Field, limit: maxCategoryLabel}
		value, err := tidy.tidyValue(e.Value)
		if err != nil {
			return nil, err
		}
		at := c.find(list, key)
		if at < 0 && key == "" {
			at, list = len(list), append(list, interchange.Kind{Counts: c == Kinds})
		}
		switch f := c.fields()[i]; {
		case at < 0:
			*conflicts = append(*conflicts, FieldConflict{Field: e.Field, Gone: true})
			continue
		case f.get(&list[at]) == value:
			continue
		case key != "" && strings.TrimSpace(e.Base) != strings.TrimSpace(f.get(&list[at])):
			*conflicts = append(*conflicts, FieldConflict{Field: e.Field, Current: f.get(&list[at])})
		default:
			if err := f.set(&list[at], value); err != nil {
				if e, ok := fault.As(err); ok {
					return nil, e.On(EntryField(key, name))
				}
				return nil, err
			}
			touched = append(touched, key)
		}
	}
	if len(*conflicts) > 0 {
		return nil, nil
	}
	return c.checked(list, touched)
}

// checked refuses a list with an entry that cannot be told from another, among those touched, and gives the new one its key.
func (c Category) checked(list []interchange.Kind, touched []string) ([]interchange.Kind, error) {
	for _, key := range touched {
		if err := c.check(list, c.find(list, key)); err != nil {
			return nil, err
		}
	}
	most := maxTopics
	if c == Kinds {
		most = maxKinds
	}
	if i := c.find(list, ""); i >= 0 {
		if list[i].Label.IsZero() {
			return slices.Delete(list, i, i+1), nil
		}
		if len(list) > most {
			return nil, fault.New(fault.Invalid, "program.desk.error.too_many_entries").With("n", most)
		}
		list[i].Key = c.freeIn(list, list[i].Label)
	}
	return list, nil
}

// moved is a list with one entry moved by one place. What is not there any more, or cannot go further, stays.
func (c Category) moved(list []interchange.Kind, move CategoryMove) []interchange.Kind {
	i := c.find(list, move.Key)
	j := i - 1
	if move.Down {
		j = i + 1
	}
	if move.Key != "" && i >= 0 && j >= 0 && j < len(list) {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// whoChanged says of conflicts who made the fields what they are.
func (k *Desk) whoChanged(ctx context.Context, a *acting, c Category, conflicts []FieldConflict) error {
	for i := range conflicts {
		key, name, _ := strings.Cut(conflicts[i].Field, "/")
		known, err := fieldChanges(ctx, a.tx, a.Meeting, categoryGUID(c, key))
		if err != nil {
			return err
		}
		if conflicts[i].Gone {
			name = "removed"
		}
		if f, ok := known[name]; ok {
			conflicts[i].By, conflicts[i].At = i18n.Only(i18n.JA, f.by), f.at
		}
	}
	return nil
}

// RemoveFromCategory takes an entry out of a category. Sessions that are of the kind, or have the topic, get the entry named into instead,
// which is how two entries are merged; where into is empty they only lose the topic. A kind that sessions are of cannot go without another.
// used is in how many sessions it was when whoever removes it was told; it is a conflict where that is no longer so.
func (k *Desk) RemoveFromCategory(ctx context.Context, slug string, c Category, key, into string, used int) (*Done, error) {
	if err := event.Require(ctx, slug, event.MayEditProgramme); err != nil {
		return nil, err
	}
	if !c.Valid() {
		return nil, fault.Missing()
	}
	return k.act(ctx, slug, c.act(), func(a *acting) error {
		doc := a.change()
		list := c.List(doc)
		i := c.find(list, key)
		sessions := c.Uses(doc, key)
		switch {
		case i < 0:
			return fault.New(fault.Conflict, "program.desk.error.entry_gone")
		case into == key || into != "" && c.find(list, into) < 0:
			return fault.New(fault.Invalid, "program.desk.error.entry_into").On("into")
		case c == Kinds && into == "" && len(sessions) > 0:
			return fault.New(fault.Invalid, "program.desk.error.kind_used").With("n", len(sessions)).On("into")
		case len(sessions) != used:
			return fault.New(fault.Conflict, "program.desk.error.used_meanwhile").With("n", len(sessions))
		}
		for _, s := range sessions {
			c.replace(s, key, into)
		}
		c.put(doc, slices.Delete(list, i, i+1))
		return nil
	})
}
