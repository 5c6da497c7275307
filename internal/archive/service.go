package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/search"
)

const (
	glance  = 5    // hits of each kind on the first page
	perPage = 20   // hits of one kind on a page
	maxText = 500  // characters of a query that are given back
	maxMore = 1000 // how far hits are counted
)

// Service searches. It is safe for concurrent use.
type Service struct{ db *db.DB }

// New makes the service on a database that has the tables of kit/search.
func New(d *db.DB) *Service { return &Service{db: d} }

// Found is what a search found, as a page shows it.
type Found struct {
	Text   string // what was asked for, for the form
	Groups []Group
	Total  int  // hits of all groups
	Capped bool // Total is a lower bound
}

// Group is the hits of one kind.
type Group struct {
	Kind   Kind
	Hits   []search.Hit
	Count  int    // how many there are, here and elsewhere
	Capped bool   // there are more than Count
	Next   string // for Filters.After; empty on the last page
}

// More reports that the group has hits which are not here.
func (g Group) More() bool { return g.Capped || g.Count > len(g.Hits) }

// Search looks for what a person typed, over everything public, and returns the kinds that have hits, in their order. Titles and
// excerpts are in the asked language where they exist in it. A text without a word finds nothing. It fails with an invalid fault for
// filters that no address of this program has.
//
// It takes at most four statements for each kind, whatever there is to find.
func (s *Service) Search(ctx context.Context, text string, l i18n.Lang, f Filters) (Found, error) {
	out := Found{Text: shorten(text)}
	kinds := Kinds
	limit := glance
	switch {
	case f.Kind != "" && !slices.Contains(Kinds, f.Kind):
		return out, errKind
	case !slices.Contains(Orders, f.Order):
		return out, errOrder
	case f.Kind != "":
		kinds, limit = []Kind{f.Kind}, perPage
	case f.After != "":
		return out, errAfter
	}
	for _, k := range kinds {
		g, err := s.group(ctx, k, search.Query{
			Text: text, Lang: l, Kinds: []string{string(k)}, Scopes: scopes(f.Meeting), Sort: f.Order.sort(), Limit: limit, After: f.After,
		})
		if err != nil {
			return out, err
		}
		if g.Count > 0 || len(g.Hits) > 0 {
			out.Groups = append(out.Groups, g)
			out.Total += g.Count
			out.Capped = out.Capped || g.Capped
		}
	}
	return out, nil
}

// group reads the hits of one kind, and counts them where they are not all here.
func (s *Service) group(ctx context.Context, k Kind, q search.Query) (Group, error) {
	res, err := search.Find(ctx, s.db, q)
	switch {
	case errors.Is(err, search.ErrCursor):
		return Group{}, errAfter
	case err != nil:
		return Group{}, fmt.Errorf("search %ss: %w", k, err)
	}
	g := Group{Kind: k, Hits: res.Hits, Next: res.Next, Count: len(res.Hits)}
	if q.After != "" || res.Next != "" {
		n, err := search.Count(ctx, s.db, q, maxMore+1)
		if err != nil {
			return g, fmt.Errorf("count %ss: %w", k, err)
		}
		g.Count, g.Capped = min(n, maxMore), n > maxMore
	}
	return g, nil
}

// scopes are the sets that features write of a meeting.
func scopes(slug string) []string {
	if slug == "" {
		return nil
	}
	var out []string
	for _, p := range publishers {
		out = append(out, p+":"+slug)
	}
	return out
}

func shorten(s string) string {
	n := 0
	for i := range s {
		if n == maxText {
			return s[:i]
		}
		n++
	}
	return s
}
