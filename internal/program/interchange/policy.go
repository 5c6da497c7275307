package interchange

import (
	"slices"

	"github.com/tsudoi/tsudoi/internal/event"
)

// Policy is a publication policy: what may be done with what is said, each matter on its own. An unset field inherits: a speaker
// and a part from their session, a session from its meeting, and a meeting from "allowed".
type Policy struct {
	Stream       Permission `yaml:"stream,omitempty" json:"stream,omitzero"`              // live stream
	Record       Permission `yaml:"record,omitempty" json:"record,omitzero"`              // recording by the organiser
	Publish      Permission `yaml:"publish,omitempty" json:"publish,omitzero"`            // publishing that recording
	PublishUntil event.Date `yaml:"publish_until,omitempty" json:"publishUntil,omitzero"` // the last day it is public
	Slides       Permission `yaml:"slides,omitempty" json:"slides,omitzero"`              // publishing the slides
	Photo        Permission `yaml:"photo,omitempty" json:"photo,omitzero"`                // photographs by anyone
	SNS          Permission `yaml:"sns,omitempty" json:"sns,omitzero"`                    // talking about it in public
}

// Permission is one matter of a policy.
type Permission string

// The values of a permission.
const (
	Inherit Permission = ""
	Allowed Permission = "yes"
	Refused Permission = "no"
)

// OffRecord is the preset for a session of which nothing but its title, abstract and speakers leaves the room (JANOG55).
var OffRecord = Policy{Stream: Refused, Record: Refused, Publish: Refused, Slides: Refused, Photo: Refused, SNS: Refused}

// Within resolves p against the policy of what contains it: a field that p leaves unset is taken from outer.
func (p Policy) Within(outer Policy) Policy {
	pick := func(a, b Permission) Permission {
		if a != Inherit {
			return a
		}
		return b
	}
	r := Policy{
		Stream: pick(p.Stream, outer.Stream), Record: pick(p.Record, outer.Record), Publish: pick(p.Publish, outer.Publish),
		Slides: pick(p.Slides, outer.Slides), Photo: pick(p.Photo, outer.Photo), SNS: pick(p.SNS, outer.SNS),
		PublishUntil: p.PublishUntil,
	}
	if r.PublishUntil == "" {
		r.PublishUntil = outer.PublishUntil
	}
	return r
}

// Restrict resolves p against every speaker on a stage: what one of them refuses is refused for all of what they do there.
func (p Policy) Restrict(speaker Policy) Policy {
	strict := func(a, b Permission) Permission {
		if b == Refused {
			return Refused
		}
		return a
	}
	p.Stream, p.Record, p.Publish = strict(p.Stream, speaker.Stream), strict(p.Record, speaker.Record), strict(p.Publish, speaker.Publish)
	p.Slides, p.Photo, p.SNS = strict(p.Slides, speaker.Slides), strict(p.Photo, speaker.Photo), strict(p.SNS, speaker.SNS)
	if speaker.PublishUntil != "" && (p.PublishUntil == "" || speaker.PublishUntil < p.PublishUntil) {
		p.PublishUntil = speaker.PublishUntil
	}
	return p
}

// Allows is the one function that decides whether something about a session may be shown on the given day. p is resolved
// (see Within and Restrict); every page and every export asks here, through Document.Public.
func (p Policy) Allows(k LinkKind, today event.Date) bool {
	switch k {
	case LinkStream:
		return p.Stream != Refused
	case LinkVideo:
		if p.Record == Refused || p.Publish == Refused {
			return false
		}
		return p.PublishUntil == "" || today <= p.PublishUntil
	case LinkSlides:
		return p.Slides != Refused
	case LinkPhoto:
		return p.Photo != Refused
	case LinkSNS:
		return p.SNS != Refused
	case LinkWeb, "":
		return true
	}
	for _, known := range []LinkKind{LinkStream, LinkVideo, LinkSlides, LinkPhoto, LinkSNS} { // it may be any of them
		if !p.Allows(known, today) {
			return false
		}
	}
	return true
}

// IsOffRecord reports whether the resolved policy lets nothing out of the room.
func (p Policy) IsOffRecord() bool {
	return p.Stream == Refused && p.Record == Refused && p.Slides == Refused && p.SNS == Refused
}

// Public returns a copy of the document with everything removed that the policies forbid on the given day, and with every
// session's policy resolved, so that whoever shows it has nothing left to decide. A link of a session is also governed by the
// session's speakers and, since it may show any of them, by its parts and by the talks held in it; a talk inherits from its slot,
// with what the slot's speakers refuse, as a part does from its session.
func (d *Document) Public(today event.Date) *Document {
	out := *d
	out.Speakers = slices.Clone(d.Speakers)
	for i := range out.Speakers {
		out.Speakers[i].Links = allowedLinks(out.Speakers[i].Links, Policy{}, today)
	}
	slots := d.slots()
	out.Sessions = make([]Session, len(d.Sessions))
	for i, s := range d.Sessions {
		own := d.effective(&s, slots)
		s.Parts = publicParts(s.Parts, own, today)
		whole := own
		for _, p := range s.Parts {
			whole = whole.Restrict(p.Policy)
		}
		for _, talk := range slots[s.GUID].talks {
			whole = whole.Restrict(d.effective(talk, slots))
		}
		s.Policy = own
		s.Links = allowedLinks(s.Links, whole, today)
		s.Speakers = withoutPolicies(s.Speakers)
		out.Sessions[i] = s
	}
	return &out
}

// slot is a session with the talks held in it.
type slot struct {
	session *Session
	talks   []*Session
}

// slots finds what is held in what, by guid.
func (d *Document) slots() map[string]slot {
	byGUID := make(map[string]slot, len(d.Sessions))
	for i := range d.Sessions {
		byGUID[d.Sessions[i].GUID] = slot{session: &d.Sessions[i]}
	}
	for i := range d.Sessions {
		talk := &d.Sessions[i]
		if in, ok := byGUID[talk.Slot]; ok && talk.Slot != "" && talk.Slot != talk.GUID {
			in.talks = append(in.talks, talk)
			byGUID[talk.Slot] = in
		}
	}
	return byGUID
}

// effective is the policy of a session with what it inherits from its slot and its meeting. Slots are not held in slots: one step is enough.
func (d *Document) effective(s *Session, slots map[string]slot) Policy {
	outer := d.Policy
	if in := slots[s.Slot].session; in != nil && s.Slot != s.GUID {
		outer = in.Effective(outer)
	}
	return s.Effective(outer)
}

// Effective is the policy that holds for a session as a whole: its own within the meeting's, and what its speakers refuse.
func (s *Session) Effective(meeting Policy) Policy {
	return restrictAll(s.Policy.Within(meeting), s.Speakers)
}

func publicParts(parts []Part, outer Policy, today event.Date) []Part {
	if len(parts) == 0 {
		return nil
	}
	out := make([]Part, len(parts))
	for i, p := range parts {
		own := restrictAll(p.Policy.Within(outer), p.Speakers)
		p.Parts = publicParts(p.Parts, own, today)
		for _, inner := range p.Parts {
			own = own.Restrict(inner.Policy)
		}
		p.Policy = own
		p.Links = allowedLinks(p.Links, own, today)
		p.Speakers = withoutPolicies(p.Speakers)
		out[i] = p
	}
	return out
}

func restrictAll(p Policy, as []Appearance) Policy {
	for _, a := range as {
		p = p.Restrict(a.Policy)
	}
	return p
}

func withoutPolicies(as []Appearance) []Appearance {
	out := make([]Appearance, len(as))
	for i, a := range as {
		a.Policy = Policy{}
		out[i] = a
	}
	return out
}

func allowedLinks(links []Link, p Policy, today event.Date) []Link {
	out := make([]Link, 0, len(links))
	for _, l := range links {
		if p.Allows(l.Kind, today) && (l.Until == "" || today <= l.Until) {
			out = append(out, l)
		}
	}
	return out
}
