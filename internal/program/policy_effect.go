package program

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// PolicyEffect is what a change of the meeting's publication policy does to one matter of it.
type PolicyEffect struct {
	Matter  string // stream, record, publish, slides, photo, sns; see PolicyMatters
	Refused bool   // it becomes refused; else allowed
	Change  []PolicyChange
	Stay    []PolicyStay // sessions whose own policy, or speakers, refuse what the meeting comes to allow, or that allow what it comes to refuse
}

// PolicyChange is a session for which a matter changes, and what readers lose or get by it.
type PolicyChange struct {
	Session *interchange.Session
	Links   []interchange.Link // that vanish, or appear
	Files   []Material         // handed in, that do so too
}

// PolicyReason is why a session stays as it is when the meeting's policy changes.
type PolicyReason string

// The reasons.
const (
	OwnPolicy      PolicyReason = "session" // the session says so itself, or the one in whose slot it is held
	SpeakerRefuses PolicyReason = "speaker" // somebody on its stage refuses it
)

// PolicyStay is a session that stays as it is.
type PolicyStay struct {
	Session *interchange.Session
	Why     PolicyReason
}

// PolicyMatters names the matters of a publication policy in the order people read them.
func PolicyMatters() []string {
	var names []string
	for _, m := range policyMatters {
		names = append(names, m.name)
	}
	return names
}

// PolicyText is a field of a policy as it stands in forms: of a matter "no", or "yes" where nothing is said; of publish_until its day.
func PolicyText(p interchange.Policy, name string) string {
	if name == policyUntil {
		return string(p.PublishUntil)
	}
	for _, m := range policyMatters {
		if m.name == name && *m.of(&p) == interchange.Refused {
			return string(interchange.Refused)
		}
	}
	return string(interchange.Allowed)
}

// policyUntil is the field of a policy that is not a matter: the last day of recordings.
const policyUntil = "publish_until"

// matterLinks are the links that a matter governs.
var matterLinks = map[string][]interchange.LinkKind{
	"stream": {interchange.LinkStream}, "record": {interchange.LinkVideo}, "publish": {interchange.LinkVideo},
	"slides": {interchange.LinkSlides}, "photo": {interchange.LinkPhoto}, "sns": {interchange.LinkSNS},
}

// PolicyEffects says what it would do to the sessions of a draft if the meeting's policy were another, on a day.
func PolicyEffects(doc *interchange.Document, to interchange.Policy, today event.Date) []PolicyEffect {
	after := *doc
	after.Policy = to
	was, is := doc.Public(today), after.Public(today)
	var out []PolicyEffect
	for _, m := range policyMatters {
		a, b := *m.of(&doc.Policy) == interchange.Refused, *m.of(&to) == interchange.Refused
		if a == b {
			continue
		}
		e := PolicyEffect{Matter: m.name, Refused: b}
		for i := range doc.Sessions {
			s := &doc.Sessions[i]
			if s.Status == interchange.Cancelled {
				continue
			}
			x, y := *m.of(&was.Sessions[i].Policy) == interchange.Refused, *m.of(&is.Sessions[i].Policy) == interchange.Refused
			switch links := linksBetween(&was.Sessions[i], &is.Sessions[i], m.name); {
			case x != y || len(links) > 0:
				e.Change = append(e.Change, PolicyChange{Session: s, Links: links})
			case b && !y:
				e.Stay = append(e.Stay, PolicyStay{s, OwnPolicy})
			case !b && y:
				e.Stay = append(e.Stay, PolicyStay{s, stayReason(doc, s, m.of)})
			}
		}
		out = append(out, e)
	}
	if doc.Policy.PublishUntil != to.PublishUntil {
		out = append(out, untilEffect(doc, was, is))
	}
	return out
}

// stayReason says why a session still refuses a matter: those on its stage, or on that of the slot it is held in, or what one of the two says.
func stayReason(doc *interchange.Document, s *interchange.Session, of func(*interchange.Policy) *interchange.Permission) PolicyReason {
	if *of(&s.Policy) == interchange.Refused {
		return OwnPolicy
	}
	stages := s.Speakers
	if i := indexOf(doc, s.Slot); s.Slot != "" && i >= 0 {
		stages = slices.Concat(stages, doc.Sessions[i].Speakers)
	}
	if slices.ContainsFunc(stages, func(a interchange.Appearance) bool { return *of(&a.Policy) == interchange.Refused }) {
		return SpeakerRefuses
	}
	return OwnPolicy
}

// untilEffect says which recordings another last day takes away, or brings back.
func untilEffect(doc, was, is *interchange.Document) PolicyEffect {
	e := PolicyEffect{Matter: policyUntil}
	for i := range doc.Sessions {
		s, links := &doc.Sessions[i], linksBetween(&was.Sessions[i], &is.Sessions[i], "publish")
		if s.Status == interchange.Cancelled || was.Sessions[i].Policy.PublishUntil == is.Sessions[i].Policy.PublishUntil {
			continue
		}
		e.Change = append(e.Change, PolicyChange{Session: s, Links: links})
		e.Refused = e.Refused || len(links) > 0 && len(linksOf(&was.Sessions[i], interchange.LinkVideo)) > len(linksOf(&is.Sessions[i], interchange.LinkVideo))
	}
	return e
}

// linksBetween are the links of a matter that one public state of a session shows and the other does not.
func linksBetween(a, b *interchange.Session, matter string) []interchange.Link {
	var out []interchange.Link
	for _, kind := range matterLinks[matter] {
		x, y := linksOf(a, kind), linksOf(b, kind)
		if len(x) < len(y) {
			x, y = y, x
		}
		shown := map[string]int{}
		for _, l := range y {
			shown[l.URL]++
		}
		for _, l := range x {
			if shown[l.URL] == 0 {
				out = append(out, l)
			} else {
				shown[l.URL]--
			}
		}
	}
	return out
}

// linksOf are the links of one kind of a session and its parts.
func linksOf(s *interchange.Session, kind interchange.LinkKind) []interchange.Link {
	var out []interchange.Link
	add := func(list []interchange.Link) {
		for _, l := range list {
			if l.Kind == kind {
				out = append(out, l)
			}
		}
	}
	var walk func([]interchange.Part)
	walk = func(parts []interchange.Part) {
		for i := range parts {
			add(parts[i].Links)
			walk(parts[i].Parts)
		}
	}
	add(s.Links)
	walk(s.Parts)
	return out
}

// EffectSum names what a change of the policy does, so that one can tell whether it still is what somebody was shown.
func EffectSum(effects []PolicyEffect) string {
	var b strings.Builder
	for _, e := range effects {
		fmt.Fprintf(&b, "%s %t\n", e.Matter, e.Refused)
		for _, c := range e.Change {
			fmt.Fprintf(&b, "%s %d\n", c.Session.GUID, len(c.Links))
		}
		for _, s := range e.Stay {
			fmt.Fprintf(&b, "%s %s\n", s.Session.GUID, s.Why)
		}
	}
	return hashText(b.String())
}
