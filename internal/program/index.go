package program

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/markdown"
	"github.com/tsudoi/tsudoi/internal/kit/search"
)

// The kinds of things this feature lets people search for.
const (
	FoundSession = "session"
	FoundSpeaker = "speaker"
)

// index makes a public programme findable, in place of what was findable of it before.
func index(ctx context.Context, tx *db.Tx, p *Programme) error {
	docs := make([]search.Doc, 0, len(p.Items)+len(p.Speakers))
	if p.Meeting.Phase == event.Draft {
		p = &Programme{Meeting: p.Meeting}
	}
	for _, it := range p.Items {
		if !it.Type.Pause {
			docs = append(docs, p.sessionDoc(it))
		}
	}
	for _, s := range p.Speakers {
		docs = append(docs, p.speakerDoc(s))
	}
	if _, err := search.Replace(ctx, tx, "program:"+p.Meeting.Slug, docs); err != nil {
		return fmt.Errorf("make the programme findable: %w", err)
	}
	return nil
}

func (p *Programme) sessionDoc(it *Item) search.Doc {
	words := []string{it.Code, it.Source, it.Type.Label.JA, it.Type.Label.EN}
	for _, t := range it.Subjects {
		words = append(words, t.Label.JA, t.Label.EN)
	}
	body := it.Subtitle
	add := func(t i18n.Text) {
		for _, l := range i18n.Langs {
			if s := t.Exact(l); s != "" {
				body = body.With(l, strings.TrimSpace(body.Exact(l)+"\n"+s))
			}
		}
	}
	addMarkdown := func(t i18n.Text) { add(t.Map(plainText)) }
	addMarkdown(it.Abstract)
	words = append(words, castWords(it.Cast)...)
	eachPart(it.Parts, func(part *PartItem) {
		add(part.Title)
		addMarkdown(part.Abstract)
		words = append(words, castWords(part.Cast)...)
	})
	at := it.Start
	if at.IsZero() {
		at = cmp.Or(it.Date, p.Meeting.Start).Time(p.Meeting.Location())
	}
	return search.Doc{
		Kind: FoundSession, Key: p.Meeting.Slug + "/" + it.Ref, URL: sessionURL(p.Meeting, it), Title: it.Title,
		Context: p.contextOf(it.Date), Words: strings.Join(words, "\n"), Body: body, At: at,
	}
}

func eachPart(parts []*PartItem, f func(*PartItem)) {
	for _, p := range parts {
		f(p)
		eachPart(p.Parts, f)
	}
}

func castWords(cast []*Cast) []string {
	var out []string
	for _, c := range cast {
		out = append(out, c.Person.Name.JA, c.Person.Name.EN, c.Person.Reading, c.Affiliation.JA, c.Affiliation.EN)
	}
	return out
}

func (p *Programme) speakerDoc(s *Person) search.Doc {
	doc := search.Doc{
		Kind: FoundSpeaker, Key: p.Meeting.Slug + "/" + s.Key, URL: speakerURL(p.Meeting, s), Title: s.Name,
		Context: p.contextOf(""), Words: strings.Join([]string{s.Reading, s.Affiliation.JA, s.Affiliation.EN}, "\n"),
		Body: s.Bio.Map(plainText), At: p.Meeting.Start.Time(p.Meeting.Location()),
	}
	return doc
}

// contextOf is the line that says where something belongs: the meeting, and the day where it is known.
func (p *Programme) contextOf(d event.Date) i18n.Text {
	name := p.Meeting.Name()
	at := d.Time(time.UTC)
	if at.IsZero() {
		return name
	}
	return i18n.T(name.In(i18n.JA)+" "+i18n.Day(i18n.JA, at), name.In(i18n.EN)+", "+i18n.Day(i18n.EN, at))
}

// plainText takes the markup out of a Markdown text.
func plainText(s string) string { return markdown.Plain(s, 100_000) }
