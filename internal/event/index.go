package event

import (
	"context"
	"fmt"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/markdown"
	"github.com/tsudoi/tsudoi/internal/kit/search"
)

// The kinds of things this feature lets people search for.
const (
	FoundMeeting = "meeting"
	FoundPage    = "page"
)

// index makes a meeting and its own pages findable, as they are inside the transaction.
func index(ctx context.Context, tx *db.Tx, slug string) error {
	m, err := readMeeting(ctx, tx, slug)
	if err != nil || m == nil {
		return err
	}
	var docs []search.Doc
	if m.Phase != Draft {
		docs = append(docs, m.doc())
	}
	for _, p := range m.Pages {
		if !p.Hidden && m.Phase != Draft {
			docs = append(docs, m.pageDoc(p))
		}
	}
	if _, err := search.Replace(ctx, tx, "event:"+slug, docs); err != nil {
		return fmt.Errorf("make the meeting findable: %w", err)
	}
	return nil
}

// plain takes the markup out of a Markdown text.
func plainText(t i18n.Text) i18n.Text {
	return t.Map(func(s string) string { return markdown.Plain(s, 100_000) })
}

func (m *Stored) doc() search.Doc {
	words := []string{m.Short, m.Slug, m.Hashtag, m.Theme.JA, m.Theme.EN, m.Place.JA, m.Place.EN}
	for _, o := range m.Orgs {
		words = append(words, o.Name.JA, o.Name.EN)
	}
	for _, v := range m.Venues {
		words = append(words, v.Name.JA, v.Name.EN)
	}
	return search.Doc{
		Kind: FoundMeeting, Key: m.Slug, URL: "/meetings/" + m.Slug, Title: m.Title, Context: m.Theme,
		Words: strings.Join(words, "\n"), Body: plainText(m.Summary), At: m.Start.Time(m.Location()),
	}
}

func (m *Stored) pageDoc(p Page) search.Doc {
	return search.Doc{
		Kind: FoundPage, Key: m.Slug + "/" + p.Slug, URL: "/meetings/" + m.Slug + "/pages/" + p.Slug, Title: p.Title, Context: m.Name(),
		Body: plainText(p.Body), At: m.Start.Time(m.Location()),
	}
}
