package interchange

import (
	"fmt"
	"slices"

	"github.com/tsudoi/tsudoi/internal/event"
)

// EncodePublicYAML writes what Document.Public returned as a meeting file for everybody: without hidden pages, with a first line that says
// what it is, and with the policies as sessions would say them themselves. What merely follows from the meeting or the slot is left out
// again, so that reading the file does not make every inherited policy one of its own.
func EncodePublicYAML(d *Document) ([]byte, error) {
	out := *d
	slug := ""
	if d.Meeting != nil {
		m := *d.Meeting
		m.Pages = slices.DeleteFunc(slices.Clone(m.Pages), func(p event.Page) bool { return p.Hidden })
		out.Meeting, slug = &m, m.Slug
	}
	out.Sessions = slices.Clone(d.Sessions)
	read := make(map[string]Policy, len(d.Sessions)) // what each session will be read as
	for i := range out.Sessions {
		if s := &out.Sessions[i]; s.Slot == "" {
			read[s.GUID] = s.unresolve(d.Policy)
		}
	}
	for i := range out.Sessions {
		if s := &out.Sessions[i]; s.Slot != "" {
			s.unresolve(read[s.Slot].Within(d.Policy))
		}
	}
	b, err := EncodeYAML(&out)
	if err != nil {
		return nil, err
	}
	const head = "# The public copy of a meeting, without the links that its policies keep back. The file to edit is what `tsudoi export %s` writes.\n" +
		"# 公開用の写しです。公開ポリシーで公開しないリンクは入っていません。編集には`tsudoi export %s`で書き出したファイルを使ってください。\n"
	return append(fmt.Appendf(nil, head, slug, slug), b...), nil
}

// unresolve makes the policies of a session and its parts what they say themselves, and returns what they are then read as.
func (s *Session) unresolve(outer Policy) Policy {
	s.Policy = s.Policy.own(outer)
	read := s.Policy.Within(outer)
	s.Parts = unresolved(s.Parts, read)
	return read
}

func unresolved(parts []Part, outer Policy) []Part {
	out := slices.Clone(parts)
	for i := range out {
		p := &out[i]
		p.Policy = p.Policy.own(outer)
		p.Parts = unresolved(p.Parts, p.Policy.Within(outer))
	}
	return out
}

// own is the reverse of Within: what a resolved policy says beyond the one it lies in. A policy that refuses everything within one that
// does not is kept whole, as it was probably written: off the record.
func (p Policy) own(outer Policy) Policy {
	until := p.PublishUntil
	if until == outer.PublishUntil {
		until = ""
	}
	all := OffRecord
	all.PublishUntil = p.PublishUntil
	outer.PublishUntil = p.PublishUntil
	if p == all && outer != all {
		p.PublishUntil = until
		return p
	}
	say := func(own, outer Permission) Permission {
		switch {
		case own == outer, own == Inherit && outer == Allowed:
			return Inherit
		case own == Inherit: // within what refuses it
			return Allowed
		}
		return own
	}
	return Policy{Stream: say(p.Stream, outer.Stream), Record: say(p.Record, outer.Record), Publish: say(p.Publish, outer.Publish),
		Slides: say(p.Slides, outer.Slides), Photo: say(p.Photo, outer.Photo), SNS: say(p.SNS, outer.SNS), PublishUntil: until}
}
