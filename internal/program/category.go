package program

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Category is one of the two lists by which a meeting sorts its sessions. A session is of one kind, and has any number of topics.
type Category string

// The categories.
const (
	Kinds  Category = "kinds"
	Topics Category = "topics"
)

// Categories lists both, in the order in which the desk shows them.
var Categories = []Category{Topics, Kinds}

// How many kinds and topics a meeting may have: more than anybody can choose from.
const (
	maxKinds  = 40
	maxTopics = 200
)

// maxCategoryLabel is how long the name of a kind or topic may be, in characters: it stands on cards.
const maxCategoryLabel = 60

// Valid reports whether c is one of the two.
func (c Category) Valid() bool { return c == Kinds || c == Topics }

// List is what a document has in the category. A topic is given as a kind of which only the key and the label count.
func (c Category) List(d *interchange.Document) []interchange.Kind {
	if c == Kinds {
		return slices.Clone(d.Kinds)
	}
	list := make([]interchange.Kind, len(d.Topics))
	for i, t := range d.Topics {
		list[i] = interchange.Kind{Key: t.Key, Label: t.Label}
	}
	return list
}

// put makes a list that of a document.
func (c Category) put(d *interchange.Document, list []interchange.Kind) {
	if c == Kinds {
		d.Kinds = list
		return
	}
	d.Topics = make([]interchange.Topic, len(list))
	for i, k := range list {
		d.Topics[i] = interchange.Topic{Key: k.Key, Label: k.Label}
	}
}

// find finds an entry of the category by its key, or -1.
func (c Category) find(list []interchange.Kind, key string) int {
	return slices.IndexFunc(list, func(k interchange.Kind) bool { return k.Key == key })
}

// Uses lists the sessions that are of a kind, or have a topic.
func (c Category) Uses(d *interchange.Document, key string) []*interchange.Session {
	var list []*interchange.Session
	for i := range d.Sessions {
		if s := &d.Sessions[i]; c == Kinds && s.Kind == key || c == Topics && slices.Contains(s.Topics, key) {
			list = append(list, s)
		}
	}
	return list
}

// replace puts one kind or topic of a session in the place of another; into is empty where a topic only goes.
func (c Category) replace(s *interchange.Session, key, into string) {
	if c == Kinds {
		s.Kind = into
		return
	}
	var list []string
	for _, t := range s.Topics {
		if t == key {
			t = into
		}
		if t != "" && !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	s.Topics = list
}

// What the sessions of a kind are to the programme count.
const (
	Counted   = "counted"
	Uncounted = "uncounted"
	Pause     = "pause" // a break: a band of the timetable, not counted
)

// RolesOfKinds lists what the sessions of a kind may be to the programme count.
var RolesOfKinds = []string{Counted, Uncounted, Pause}

// maxTint is the last of the tints that cards may have; 0 is plain.
const maxTint = 7

// categoryField is something of a kind or topic that the desk edits, as text.
type categoryField struct {
	name string
	get  func(*interchange.Kind) string
	set  func(*interchange.Kind, string) error
}

// fields lists what can be edited in the category, in the order of the page.
func (c Category) fields() []categoryField {
	var list []categoryField
	for _, l := range i18n.Langs {
		list = append(list, categoryField{
			"label." + string(l),
			func(k *interchange.Kind) string { return k.Label.Exact(l) },
			func(k *interchange.Kind, v string) error {
				k.Label = k.Label.With(l, v)
				return nil
			},
		})
	}
	if c == Topics {
		return list
	}
	return append(list,
		categoryField{"counts", roleOfKind, setRoleOfKind},
		categoryField{"tint", func(k *interchange.Kind) string { return strconv.Itoa(k.Tint) }, func(k *interchange.Kind, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 || n > maxTint {
				return fault.New(fault.Invalid, "program.desk.error.choice")
			}
			k.Tint = n
			return nil
		}})
}

func roleOfKind(k *interchange.Kind) string {
	switch {
	case k.Pause:
		return Pause
	case k.Counts:
		return Counted
	}
	return Uncounted
}

func setRoleOfKind(k *interchange.Kind, v string) error {
	if !slices.Contains(RolesOfKinds, v) {
		return fault.New(fault.Invalid, "program.desk.error.choice")
	}
	k.Counts, k.Pause = v == Counted, v == Pause
	return nil
}

// CategoryField is a field of a kind or topic as text, as it stands in forms: label.ja, label.en, and of kinds counts and tint.
func CategoryField(k *interchange.Kind, name string) string {
	for _, f := range Kinds.fields() {
		if f.name == name {
			return f.get(k)
		}
	}
	return ""
}

// EntryField names a field of an entry of a category in a FieldEdit: the key, or nothing for the one being added, and the field.
func EntryField(key, field string) string { return key + "/" + field }

// check refuses an entry without a name, or with the name of another: the two would not be told apart.
func (c Category) check(list []interchange.Kind, i int) error {
	k := &list[i]
	if k.Label.IsZero() {
		return fault.New(fault.Invalid, "program.desk.error.label").On(EntryField(k.Key, "label.ja"))
	}
	for j := range list {
		for _, l := range i18n.Langs {
			if name := k.Label.Exact(l); j != i && name != "" && strings.EqualFold(name, list[j].Label.Exact(l)) {
				return fault.New(fault.Invalid, "program.desk.error.label_taken").With("name", name).On(EntryField(k.Key, "label."+string(l)))
			}
		}
	}
	return nil
}

// freeIn makes a key for a new entry out of its name: its Latin letters, else the word for what it is.
func (c Category) freeIn(list []interchange.Kind, label i18n.Text) string {
	word := strings.TrimSuffix(string(c), "s")
	made := keyOf(i18n.Only(i18n.EN, label.In(i18n.EN)))
	if made == noName {
		made = word
	}
	free := made
	for n := 2; c.find(list, free) >= 0; n++ {
		free = made + "-" + strconv.Itoa(n)
	}
	return free
}
