package program

import (
	"maps"
	"slices"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Order is the order of a list before and after an act, by keys.
type Order struct {
	Before []string `json:"before"`
	After  []string `json:"after"`
}

// of is what an act did to the entries of a category.
func (t *Touched) of(c Category) map[string]Touch {
	if c == Kinds {
		return t.Kinds
	}
	return t.Topics
}

// ordersTouched compares the order of the lists of two drafts.
func ordersTouched(before, after *interchange.Document) map[Category]Order {
	out := map[Category]Order{}
	for _, c := range Categories {
		if o := (Order{c.keys(before), c.keys(after)}); !slices.Equal(o.Before, o.After) {
			out[c] = o
		}
	}
	return out
}

// keys are the keys of a category in their order.
func (c Category) keys(d *interchange.Document) []string {
	var keys []string
	for _, k := range c.List(d) {
		keys = append(keys, k.Key)
	}
	return keys
}

// applyCategories does to the kinds and topics of a draft what an act did to those of one. doc is the draft, and out what it becomes.
func (t *Touched) applyCategories(doc, out *interchange.Document) (err error) {
	if out.Kinds, err = reapply(doc.Kinds, t.Kinds, kindKey, asIs[interchange.Kind]); err != nil {
		return err
	}
	if out.Topics, err = reapply(doc.Topics, t.Topics, topicKey, asIs[interchange.Topic]); err != nil {
		return err
	}
	for c, o := range t.Orders {
		keys, err := o.apply(c.keys(out))
		if err != nil {
			return err
		}
		list := c.List(out)
		slices.SortStableFunc(list, func(a, b interchange.Kind) int { return slices.Index(keys, a.Key) - slices.Index(keys, b.Key) })
		c.put(out, list)
	}
	return nil
}

// apply puts keys into the order that an act gave them. Where the act only added or removed some, those it brings back go to their places and
// the others stay as they stand. Where it moved some and they were moved again since, that is a conflict.
func (o Order) apply(now []string) ([]string, error) {
	among := func(list, of []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(key string) bool { return !slices.Contains(of, key) })
	}
	if slices.Equal(among(o.Before, o.After), among(o.After, o.Before)) {
		stay := slices.DeleteFunc(slices.Clone(now), func(key string) bool { return slices.Contains(o.After, key) && !slices.Contains(o.Before, key) })
		return woven(stay, among(o.After, now)), nil
	}
	if !slices.Equal(among(now, o.Before), among(o.Before, now)) {
		return nil, fault.New(fault.Conflict, "program.desk.error.arranged_since")
	}
	return woven(among(o.After, now), now), nil
}

// woven adds to a list what another has more, each after the same neighbour as there.
func woven(list, more []string) []string {
	out := slices.Clone(list)
	for i, key := range more {
		if slices.Contains(out, key) {
			continue
		}
		at := 0
		if i > 0 {
			at = slices.Index(out, more[i-1]) + 1
		}
		out = slices.Insert(out, at, key)
	}
	return out
}

// touchedFields names the fields of an entry that an act changed; of one that it removed that it is removed.
func (c Category) touchedFields(a *acting, key string) []string {
	was, is := c.entry(a.before, key), c.entry(a.Doc, key)
	if is == nil {
		return []string{"removed"}
	}
	var names []string
	for _, f := range c.fields() {
		if was == nil || f.get(was) != f.get(is) {
			names = append(names, f.name)
		}
	}
	return names
}

// entry finds an entry of a document by its key, or nil.
func (c Category) entry(d *interchange.Document, key string) *interchange.Kind {
	list := c.List(d)
	i := c.find(list, key)
	if i < 0 {
		return nil
	}
	return &list[i]
}

// recordCategories is what the audit log says of what an act did to kinds and topics.
func recordCategories(a *acting, touched *Touched) []audit.Entry {
	var entries []audit.Entry
	for _, c := range Categories {
		one := map[Category]string{Kinds: "kind", Topics: "topic"}[c]
		for _, key := range slices.Sorted(maps.Keys(touched.of(c))) {
			was, is := c.entry(a.before, key), c.entry(a.Doc, key)
			e := audit.Entry{Object: one + ":" + key, Action: "program." + one + ".edited", Before: c.inWords(was), After: c.inWords(is)}
			switch {
			case was == nil:
				e.Action = "program." + one + ".added"
			case is == nil:
				e.Action = "program." + one + ".removed"
			}
			entries = append(entries, e)
		}
		if o, ok := touched.Orders[c]; ok && len(o.Before) == len(o.After) {
			entries = append(entries, audit.Entry{
				Object: ProgrammeObject, Action: "program." + string(c) + ".arranged",
				Before: map[string]string{string(c): c.labels(a.before)}, After: map[string]string{string(c): c.labels(a.Doc)},
			})
		}
	}
	return entries
}

// inWords are the fields of an entry for the audit log; nil where there is none.
func (c Category) inWords(k *interchange.Kind) map[string]string {
	if k == nil {
		return nil
	}
	out := map[string]string{}
	for _, f := range c.fields() {
		out[f.name] = f.get(k)
	}
	return out
}

// labels are the names of a category in their order.
func (c Category) labels(d *interchange.Document) string {
	return joined(c.List(d), func(k interchange.Kind) i18n.Text { return k.Label }).JA
}
