package event

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// site is everything that the home page and the lists of meetings show, at one version of SiteScope.
type site struct {
	version  int64
	group    *Group
	series   []Series
	meetings []*Summary // newest first, without those in draft
	bySlug   map[string]*Summary
	drafts   []*Summary // newest first
}

// readSite reads it with a number of queries that does not depend on how much there is.
func readSite(ctx context.Context, r db.Reader) (*site, error) {
	s := &site{bySlug: map[string]*Summary{}}
	var err error
	if s.version, err = db.Version(ctx, r, SiteScope); err != nil {
		return nil, err
	}
	groups, _, err := readRows[Group](ctx, r, "event_group", 0)
	if err != nil {
		return nil, err
	}
	s.group = defaultGroup()
	if len(groups) > 0 {
		s.group = &groups[0]
	}
	if s.series, _, err = readRows[Series](ctx, r, "event_series", 0); err != nil {
		return nil, err
	}
	slices.SortStableFunc(s.series, func(a, b Series) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Key, b.Key)) })
	meetings, ids, err := readRows[Meeting](ctx, r, "event_meeting", 0)
	if err != nil {
		return nil, err
	}
	byID := map[int64]*Summary{}
	for i := range meetings {
		sum := &Summary{ID: MeetingID(ids[i]), Meeting: &meetings[i]}
		byID[ids[i]] = sum
		if sum.Phase == Draft {
			s.drafts = append(s.drafts, sum)
			continue
		}
		s.meetings, s.bySlug[sum.Slug] = append(s.meetings, sum), sum
	}
	slices.SortFunc(s.drafts, newest)
	slices.SortFunc(s.meetings, newest)
	for _, read := range []func(context.Context, db.Reader, map[int64]*Summary) error{readHosts, readDates, readPageNames} {
		if err := read(ctx, r, byID); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// readHosts adds the hosts of every meeting.
func readHosts(ctx context.Context, r db.Reader, byID map[int64]*Summary) error {
	var id int64
	var name i18n.Text
	return each(ctx, r, `SELECT meeting_id, name_ja, name_en FROM event_organisation WHERE role = $1 ORDER BY meeting_id, position`, []any{string(Host)},
		[]any{&id, &name.JA, &name.EN}, func() {
			if m := byID[id]; m != nil {
				m.Hosts = append(m.Hosts, name)
			}
		})
}

// readDates adds the days of every meeting.
func readDates(ctx context.Context, r db.Reader, byID map[int64]*Summary) error {
	var id int64
	var day Date
	return each(ctx, r, `SELECT DISTINCT meeting_id, day FROM event_day ORDER BY meeting_id, day`, nil, []any{&id, &day}, func() {
		if m := byID[id]; m != nil {
			m.Dates = append(m.Dates, day)
		}
	})
}

// readPageNames adds the slugs of every meeting's own pages that are in its menu.
func readPageNames(ctx context.Context, r db.Reader, byID map[int64]*Summary) error {
	var id int64
	var slug string
	return each(ctx, r, `SELECT meeting_id, slug FROM event_page WHERE hidden = $1 ORDER BY meeting_id, position`, []any{false}, []any{&id, &slug}, func() {
		if m := byID[id]; m != nil {
			m.PageSlugs = append(m.PageSlugs, slug)
		}
	})
}

// each scans every row of a query into the same variables and calls fn.
func each(ctx context.Context, r db.Reader, q string, args, to []any, fn func()) error {
	rows, err := r.Query(ctx, q, args...)
	if err != nil {
		return fmt.Errorf("read the list of meetings: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return fmt.Errorf("read the list of meetings: %w", err)
		}
		fn()
	}
	return rows.Err()
}

// touchAll raises the version of every meeting: the name of the group stands on each of their pages.
func touchAll(ctx context.Context, tx *db.Tx) error {
	var slug string
	var scopes []string
	err := each(ctx, tx, `SELECT slug FROM event_meeting ORDER BY slug`, nil, []any{&slug}, func() { scopes = append(scopes, MeetingScope(slug)) })
	if err != nil {
		return err
	}
	return db.Bump(ctx, tx, scopes...)
}

// writeGroup stores the one group there is.
func writeGroup(ctx context.Context, tx *db.Tx, g *Group) ([]Change, error) {
	c := *g
	c.Languages = clone(g.Languages)
	clean(c.columns())
	stored, ids, err := readRows[Group](ctx, tx, "event_group", 0)
	if err != nil {
		return nil, err
	}
	if len(stored) == 0 {
		_, err := insertRow(ctx, tx, "event_group", nil, nil, c.columns())
		return []Change{{Object: "group", After: c.Name.String()}}, err
	}
	diff := differences("group", stored[0].columns(), c.columns())
	if len(diff) == 0 {
		return nil, nil
	}
	return diff, updateRow(ctx, tx, "event_group", ids[0], nil, nil, c.columns())
}

// writeSeries stores the series of an import. Series that it does not name stay.
func writeSeries(ctx context.Context, tx *db.Tx, series []Series) ([]Change, error) {
	if len(series) == 0 {
		return nil, nil
	}
	stored, ids, err := readRows[Series](ctx, tx, "event_series", 0)
	if err != nil {
		return nil, err
	}
	var changes []Change
	for _, s := range series {
		clean(s.columns())
		object := "series " + s.Key
		at := slices.IndexFunc(stored, func(o Series) bool { return o.Key == s.Key })
		if at < 0 {
			if _, err := insertRow(ctx, tx, "event_series", nil, nil, s.columns()); err != nil {
				return nil, err
			}
			changes = append(changes, Change{Object: object, After: s.Title.String()})
			continue
		}
		diff := differences(object, stored[at].columns(), s.columns())
		if len(diff) == 0 {
			continue
		}
		if err := updateRow(ctx, tx, "event_series", ids[at], nil, nil, s.columns()); err != nil {
			return nil, err
		}
		changes = append(changes, diff...)
	}
	return changes, nil
}

// nameSeries makes a series that a meeting names and nobody has described yet, so that files can be imported in any order.
func nameSeries(ctx context.Context, tx *db.Tx, key string) ([]Change, error) {
	if key == "" {
		return nil, nil
	}
	var id int64
	err := tx.Row(ctx, `SELECT id FROM event_series WHERE key = $1`, key).Scan(&id)
	if err == nil || !db.IsNoRows(err) {
		return nil, err
	}
	return writeSeries(ctx, tx, []Series{{Key: key, Title: i18n.T(key, "")}})
}
