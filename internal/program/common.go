package program

import (
	"slices"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Arranged is what happened to a list of kinds or topics that stand in another order.
const Arranged Op = "arranged"

// CommonChange is what happened to the programme as a whole between two states of it: to its kinds, its topics, or its publication policy.
type CommonChange struct {
	About  Category  `json:"about"` // kinds or topics; empty: the policy
	Op     Op        `json:"op"`    // Added, Removed, Edited or Arranged
	Label  i18n.Text `json:"label,omitzero"`
	Field  string    `json:"field,omitempty"` // of Edited: label, counts or tint; of the policy its field (see PolicyText)
	Before i18n.Text `json:"before,omitzero"`
	After  i18n.Text `json:"after,omitzero"` // a value as the forms have it, or a name
}

// CommonDiff says what changed of a programme as a whole, beside its sessions (see Diff).
func CommonDiff(before, after *interchange.Document) []CommonChange {
	var out []CommonChange
	for _, name := range append(PolicyMatters(), policyUntil) {
		if was, is := PolicyText(before.Policy, name), PolicyText(after.Policy, name); was != is {
			out = append(out, CommonChange{Op: Edited, Field: name, Before: i18n.Only(i18n.JA, was), After: i18n.Only(i18n.JA, is)})
		}
	}
	for _, c := range []Category{Kinds, Topics} {
		out = append(out, c.diff(c.List(before), c.List(after))...)
	}
	return out
}

// diff says what changed from one list of a category to the next.
func (c Category) diff(before, after []interchange.Kind) []CommonChange {
	var out []CommonChange
	for i := range after {
		is := &after[i]
		at := c.find(before, is.Key)
		if at < 0 {
			out = append(out, CommonChange{About: c, Op: Added, Label: is.Label})
			continue
		}
		was := &before[at]
		if was.Label != is.Label {
			out = append(out, CommonChange{About: c, Op: Edited, Field: "label", Label: is.Label, Before: was.Label, After: is.Label})
		}
		for _, name := range []string{"counts", "tint"} {
			if a, b := CategoryField(was, name), CategoryField(is, name); a != b {
				out = append(out, CommonChange{About: c, Op: Edited, Field: name, Label: is.Label, Before: i18n.Only(i18n.JA, a), After: i18n.Only(i18n.JA, b)})
			}
		}
	}
	for i := range before {
		if c.find(after, before[i].Key) < 0 {
			out = append(out, CommonChange{About: c, Op: Removed, Label: before[i].Label})
		}
	}
	stay := func(list, other []interchange.Kind) []string {
		var keys []string
		for i := range list {
			if c.find(other, list[i].Key) >= 0 {
				keys = append(keys, list[i].Key)
			}
		}
		return keys
	}
	if !slices.Equal(stay(before, after), stay(after, before)) {
		out = append(out, CommonChange{About: c, Op: Arranged})
	}
	return out
}

// words is a common change as one sentence.
func (c *CommonChange) words(f *web.Frame) string {
	key := "program.common." + string(c.About) + "."
	switch {
	case c.About == "" && c.Field == policyUntil && c.After.IsZero():
		return f.T("program.common.policy.no_end")
	case c.About == "" && c.Field == policyUntil:
		return f.T("program.common.policy.until", "day", c.After.JA)
	case c.About == "":
		return f.T("program.common.policy."+c.After.JA, "matter", f.T("program.common.matter."+c.Field))
	case c.Op == Edited && c.Field == "label":
		was, is := c.Before.In(f.Lang), c.After.In(f.Lang)
		if was == is { // it differs in the other language alone
			l := f.Lang.Other()
			was, is = c.Before.Exact(l), c.After.Exact(l)
		}
		if was == "" || is == "" {
			return f.T(key+"translated", "name", c.Label)
		}
		return f.T(key+"named", "was", was, "name", is)
	case c.Op == Edited && c.Field == "counts":
		return f.T(key+"is_"+c.After.JA, "name", c.Label)
	case c.Op == Edited:
		return f.T(key+"tint", "name", c.Label)
	}
	return f.T(key+string(c.Op), "name", c.Label)
}

// alike takes out of changes those sessions whose only change is one that at least three have, such as another policy of the meeting.
func alike(changes []Change) (groups [][]Change, rest []Change) {
	type same struct{ field, before, after string }
	of := func(c *Change) (same, bool) {
		if c.Op != Edited || len(c.Fields) != 1 || c.Moves() {
			return same{}, false
		}
		f := &c.Fields[0]
		return same{f.Field, jsonText(f.Before), jsonText(f.After)}, f.Field == "kind" || f.Field == "topics" || f.Field == "policy"
	}
	n := map[same]int{}
	for i := range changes {
		if s, ok := of(&changes[i]); ok {
			n[s]++
		}
	}
	at := map[same]int{}
	for i := range changes {
		s, ok := of(&changes[i])
		if !ok || n[s] < 3 {
			rest = append(rest, changes[i])
			continue
		}
		if _, seen := at[s]; !seen {
			at[s] = len(groups)
			groups = append(groups, nil)
		}
		groups[at[s]] = append(groups[at[s]], changes[i])
	}
	return groups, rest
}
