package event

import (
	"fmt"
	"strconv"
)

// Change is one thing that an import made different, for its report and for the history. An Object that is new has an empty Field
// and its title in After; one that went away has it in Before.
type Change struct {
	Object string // what it is about: "meeting janog57", "room hall1"
	Field  string // as files name it: "title.en", "capacity"; "order" of a whole list
	Before string
	After  string
}

// row is one element of a list as it is stored.
type row struct {
	id    int64 // 0 of one that is not stored yet
	pos   int
	key   string // finds the same element again
	label string // names it in a report
	cols  []column
}

// list is one list of a meeting: its table, what one element is called in a report, and its rows.
type list struct {
	table string
	noun  string
	rows  []row
}

// columned is a pointer to something that knows its columns.
type columned[T any] interface {
	*T
	columns() []column
}

func listOf[T any, P columned[T]](table, noun string, items []T, key func(*T) string, label func(*T) string) list {
	l := list{table: table, noun: noun, rows: make([]row, len(items))}
	nth := numbered{}
	for i := range items {
		l.rows[i] = row{pos: i, key: nth.key(key(&items[i])), label: label(&items[i]), cols: P(&items[i]).columns()}
	}
	return l
}

// numbered tells apart elements of the same key: links and organisations may stand twice.
type numbered map[string]int

func (n numbered) key(k string) string {
	n[k]++
	if n[k] > 1 {
		k += "\x00" + strconv.Itoa(n[k])
	}
	return k
}

// lists are the lists of a meeting, in an order in which each comes after those it refers to.
func (m *Meeting) lists() []list {
	var days []partDay
	for _, p := range m.Parts {
		for _, d := range p.Days {
			days = append(days, partDay{p.Key, d})
		}
	}
	return []list{
		listOf("event_part", "part", m.Parts, func(p *Part) string { return p.Key }, func(p *Part) string { return p.Key }),
		listOf("event_day", "day", days, dayKey, dayKey),
		listOf("event_venue", "venue", m.Venues, func(v *Venue) string { return v.Key }, func(v *Venue) string { return v.Key }),
		listOf("event_room", "room", m.Rooms, func(r *Room) string { return r.Key }, func(r *Room) string { return r.Key }),
		listOf("event_organisation", "organisation", m.Orgs, orgKey, func(o *Organisation) string { return o.Name.String() }),
		listOf("event_page", "page", m.Pages, func(p *Page) string { return p.Slug }, func(p *Page) string { return p.Slug }),
		listOf("event_link", "link", m.Links, func(l *Link) string { return l.URL }, func(l *Link) string { return l.URL }),
		listOf("event_figure", "figure", m.Figures, func(f *Figure) string { return f.Key }, func(f *Figure) string { return f.Key }),
	}
}

func dayKey(d *partDay) string { return d.Part + " " + string(d.Day) }

func orgKey(o *Organisation) string {
	return string(o.Role) + "\x00" + o.Name.JA + "\x00" + o.Name.EN
}

// plan is what turns one list into another.
type plan struct {
	insert, update, remove []row
	changes                []Change
}

func (p *plan) empty() bool { return len(p.insert)+len(p.update)+len(p.remove) == 0 }

// compare says what turns the stored rows of a list into the wanted ones. An element is the same where its key is. A move to another
// position is written but reported only where the order of what stays is another.
func compare(noun string, stored, wanted []row) plan {
	var p plan
	old := make(map[string]row, len(stored))
	for _, r := range stored {
		old[r.key] = r
	}
	last, moved := -1, false
	for _, r := range wanted {
		o, ok := old[r.key]
		if !ok {
			p.insert = append(p.insert, r)
			p.changes = append(p.changes, Change{Object: noun + " " + r.label, After: title(r)})
			continue
		}
		delete(old, r.key)
		moved = moved || o.pos < last
		last = max(last, o.pos)
		diff := differences(noun+" "+r.label, o.cols, r.cols)
		if len(diff) > 0 || o.pos != r.pos {
			r.id = o.id
			p.update = append(p.update, r)
			p.changes = append(p.changes, diff...)
		}
	}
	if moved {
		p.changes = append(p.changes, Change{Object: noun + " *", Field: "order"})
	}
	for _, r := range stored {
		if _, gone := old[r.key]; gone {
			p.remove = append(p.remove, r)
			p.changes = append(p.changes, Change{Object: noun + " " + r.label, Before: title(r)})
		}
	}
	return p
}

// differences compares two rows of one type, column by column.
func differences(object string, before, after []column) []Change {
	var out []Change
	for i, c := range after {
		if before[i].value() != c.value() {
			out = append(out, Change{object, c.name, before[i].text(), c.text()})
		}
	}
	return out
}

// title is the first column with words in it: a title, name or label, else the label of the row.
func title(r row) string {
	for _, c := range r.cols {
		switch c.name {
		case "title.ja", "title.en", "name.ja", "name.en", "label.ja", "label.en":
			if s := c.text(); s != "" {
				return s
			}
		}
	}
	return r.label
}

// String is the change as one line of a report.
func (c Change) String() string {
	switch {
	case c.Field == "" && c.Before == "":
		return fmt.Sprintf("%s: added (%s)", c.Object, clip(c.After))
	case c.Field == "":
		return fmt.Sprintf("%s: removed (%s)", c.Object, clip(c.Before))
	case c.Field == "order":
		return fmt.Sprintf("%s: another order", c.Object)
	}
	return fmt.Sprintf("%s: %s %q -> %q", c.Object, c.Field, clip(c.Before), clip(c.After))
}

// clip shortens a text for one line.
func clip(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
