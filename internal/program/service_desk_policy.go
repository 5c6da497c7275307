package program

import (
	"context"
	"slices"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// policyGUID names the meeting's policy where sessions are named by their guids: who changed its fields last.
const policyGUID = "policy"

// PolicyPreview is what another publication policy of the meeting would do.
type PolicyPreview struct {
	*Draft
	To      interchange.Policy
	Effects []PolicyEffect // empty where it is no other policy
	Sum     string         // of the effects, to be given back with the order to save them
}

// PreviewPolicy says what fields of the meeting's policy would do (see PolicyText). Fields of the same value as now do nothing.
func (k *Desk) PreviewPolicy(ctx context.Context, slug string, edits []FieldEdit) (*PolicyPreview, error) {
	d, err := k.Open(ctx, slug)
	if err != nil {
		return nil, err
	}
	p := &PolicyPreview{Draft: d, To: d.Doc.Policy}
	edits = slices.Clone(edits)
	for i := range edits {
		edits[i].Base = PolicyText(p.To, edits[i].Field) // what they would do to what is there now; that somebody changed it is for SavePolicy to say
	}
	if _, err := editPolicy(&p.To, edits); err != nil {
		return p, err
	}
	p.Effects = PolicyEffects(d.Doc, p.To, event.DateOf(d.Now))
	p.Sum = EffectSum(p.Effects)
	return p, k.files(ctx, p)
}

// files adds to the effects which files that were handed in vanish or appear.
func (k *Desk) files(ctx context.Context, p *PolicyPreview) error {
	i := slices.IndexFunc(p.Effects, func(e PolicyEffect) bool { return e.Matter == "slides" })
	if i < 0 || k.s.materials == nil {
		return nil
	}
	e, to := &p.Effects[i], *p.Doc
	to.Policy = p.To
	var states [2]*Programme
	for n, doc := range []*interchange.Document{p.Doc, &to} {
		states[n] = Build(p.Meeting, p.Newest, &Frozen{Document: *doc}, nil, event.DateOf(p.Now))
	}
	if !e.Refused {
		states[0], states[1] = states[1], states[0]
	}
	for n := range e.Change {
		c := &e.Change[n]
		with, without := states[0].Session(c.Session.GUID), states[1].Session(c.Session.GUID)
		if with == nil || without == nil || states[1].MayShowSlides(without) {
			continue
		}
		files, err := k.s.materials.Public(ctx, states[0], with)
		if err != nil {
			return err
		}
		c.Files = files
	}
	return nil
}

// SavePolicy changes the meeting's publication policy in the draft. What somebody else changed meanwhile is a conflict (see Conflicts), and so
// is an effect that is no longer the one with the sum that was shown.
func (k *Desk) SavePolicy(ctx context.Context, slug string, edits []FieldEdit, sum string) (*Done, error) {
	if err := event.Require(ctx, slug, event.MayEditProgramme); err != nil {
		return nil, err
	}
	var conflicts []FieldConflict
	done, err := k.act(ctx, slug, ActPolicy, func(a *acting) (err error) {
		to := a.Doc.Policy
		if conflicts, err = editPolicy(&to, edits); err != nil {
			return err
		}
		if len(conflicts) > 0 {
			known, err := fieldChanges(ctx, a.tx, a.Meeting, policyGUID)
			if err != nil {
				return err
			}
			for i := range conflicts {
				if f, ok := known[policyMember(conflicts[i].Field)]; ok {
					conflicts[i].By, conflicts[i].At = i18n.Only(i18n.JA, f.by), f.at
				}
			}
			return conflictFault(conflicts[0])
		}
		if EffectSum(PolicyEffects(a.Doc, to, event.DateOf(a.Now))) != sum {
			return fault.New(fault.Conflict, "program.desk.error.effect_meanwhile")
		}
		a.change().Policy = to
		return nil
	})
	return done, k.named(ctx, conflicts, err)
}

// editPolicy applies fields to a policy. What is allowed already stays as it is said, in words or by saying nothing.
func editPolicy(p *interchange.Policy, edits []FieldEdit) (conflicts []FieldConflict, err error) {
	for _, e := range edits {
		now := PolicyText(*p, e.Field)
		i := slices.IndexFunc(policyMatters, func(m policyMatter) bool { return m.name == e.Field })
		switch {
		case i < 0 && e.Field != policyUntil:
			return nil, fault.New(fault.Invalid, "program.desk.error.field").With("value", e.Field)
		case i < 0 && e.Value != "" && !event.Date(e.Value).Valid():
			return nil, fault.New(fault.Invalid, "program.desk.error.date").With("value", e.Value).On(e.Field)
		case i >= 0 && e.Value != string(interchange.Allowed) && e.Value != string(interchange.Refused):
			return nil, fault.New(fault.Invalid, "program.desk.error.choice").On(e.Field)
		case e.Value == now:
		case e.Base != now:
			conflicts = append(conflicts, FieldConflict{Field: e.Field, Current: now})
		case i < 0:
			p.PublishUntil = event.Date(e.Value)
		default:
			*policyMatters[i].of(p) = interchange.Permission(e.Value)
		}
	}
	return conflicts, nil
}

// policyMember is what a field is called in the policy as it is stored.
func policyMember(field string) string {
	if field == policyUntil {
		return "publishUntil"
	}
	return field
}

// policyEntry is what the audit log says of a change of the meeting's policy.
func policyEntry(before, after interchange.Policy) audit.Entry {
	e := audit.Entry{Object: ProgrammeObject, Action: "program.policy.edited", Before: map[string]string{}, After: map[string]string{}}
	for _, name := range append(PolicyMatters(), policyUntil) {
		if was, is := PolicyText(before, name), PolicyText(after, name); was != is {
			e.Before["policy."+name], e.After["policy."+name] = was, is
		}
	}
	return e
}
