package archive_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/archive"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/search"
)

// library fills a database with two meetings: 30 sessions on routing, a speaker and a page in one, one session in the other.
func library(t *testing.T, d *db.DB) *archive.Service {
	t.Helper()
	at := time.Date(2026, 2, 11, 0, 0, 0, 0, time.UTC)
	sets := map[string][]search.Doc{
		"event:m1": {
			{Kind: "meeting", Key: "m1", Title: i18n.T("第一回 経路の会", "Routing meeting 1"), At: at},
			{Kind: "page", Key: "m1/access", Title: i18n.T("アクセス", "Access"), Body: i18n.T("駅からの経路", ""), At: at},
		},
		"program:m1": {{Kind: "speaker", Key: "m1/a", Title: i18n.T("設定 太郎", "Taro Settei"), At: at}},
		"program:m2": {{Kind: "session", Key: "m2/1", Title: i18n.T("BGPの話", "On BGP"), Body: i18n.T("経路", ""), At: at.AddDate(1, 0, 0)}},
	}
	for i := range 30 {
		sets["program:m1"] = append(sets["program:m1"], search.Doc{
			Kind: "session", Key: fmt.Sprint("m1/", i), Title: i18n.T(fmt.Sprintf("経路 その%d", i), ""), At: at.Add(time.Duration(i) * time.Hour),
		})
	}
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		for scope, docs := range sets {
			if _, err := search.Replace(t.Context(), tx, scope, docs); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return archive.New(d)
}

// outline writes a result as kind hits/count, with + for more and the key of the first hit.
func outline(f archive.Found) string {
	var out []string
	for _, g := range f.Groups {
		s := fmt.Sprintf("%s %d/%d %s", g.Kind, len(g.Hits), g.Count, g.Hits[0].Key)
		if g.More() {
			s += " +"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func TestSearchGroupsByKind(t *testing.T) {
	dbtest.Each(t, []fs.FS{search.Migrations}, func(t *testing.T, d *db.DB) {
		s := library(t, d)
		for _, c := range []struct {
			text    string
			filters archive.Filters
			want    string
			total   int
		}{
			{"経路", archive.Filters{}, "meeting 1/1 m1, session 5/31 m2/1 +, page 1/1 m1/access", 33},
			{"経路", archive.Filters{Order: archive.Relevance}, "meeting 1/1 m1, session 5/31 m1/29 +, page 1/1 m1/access", 33},
			{"経路", archive.Filters{Kind: archive.Sessions}, "session 20/31 m2/1 +", 31},
			{"経路", archive.Filters{Meeting: "m2"}, "session 1/1 m2/1", 1},
			{"経路", archive.Filters{Meeting: "m"}, "", 0},
			{"bgp", archive.Filters{}, "session 1/1 m2/1", 1},
			{"設定", archive.Filters{}, "speaker 1/1 m1/a", 1},
			{"設定", archive.Filters{Kind: archive.SitePages}, "", 0},
			{"  ", archive.Filters{}, "", 0},
		} {
			ctx, n := db.Counted(t.Context())
			f, err := s.Search(ctx, c.text, i18n.JA, c.filters)
			if err != nil || outline(f) != c.want || f.Total != c.total || f.Capped || f.Text != c.text {
				t.Errorf("%s %+v: %s (%d), %v; want %s", c.text, c.filters, outline(f), f.Total, err, c.want)
			}
			if n.Load() > 16 {
				t.Errorf("%s: %d statements", c.text, n.Load())
			}
		}
	})
}

func TestSearchGoesOn(t *testing.T) {
	dbtest.Each(t, []fs.FS{search.Migrations}, func(t *testing.T, d *db.DB) {
		s := library(t, d)
		seen := map[string]bool{}
		f := archive.Filters{Kind: archive.Sessions}
		for range 2 {
			got, err := s.Search(t.Context(), "経路", i18n.EN, f)
			if err != nil || len(got.Groups) != 1 || got.Total != 31 {
				t.Fatal(got, err)
			}
			for _, h := range got.Groups[0].Hits {
				seen[h.Key] = true
			}
			f.After = got.Groups[0].Next
		}
		if len(seen) != 31 || f.After != "" {
			t.Errorf("%d of 31 seen, then %q", len(seen), f.After)
		}
	})
}

func TestUnknownFiltersAreRefused(t *testing.T) {
	d := dbtest.SQLite(t, search.Migrations)
	s := archive.New(d)
	words, err := i18n.NewWords(archive.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []archive.Filters{
		{Kind: "person"}, {Order: "random"}, {After: "00"}, {Kind: archive.Sessions, After: "?"}, {Kind: archive.SitePages, Order: archive.Relevance, After: "9"},
	} {
		_, err := s.Search(t.Context(), "x", i18n.JA, f)
		e, ok := fault.As(err)
		if !ok || e.Kind != fault.Invalid || !words.Has(e.Key) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	if f, err := s.Search(t.Context(), strings.Repeat("あ", 10_000), i18n.JA, archive.Filters{}); err != nil || len([]rune(f.Text)) != 500 {
		t.Error(len(f.Text), err)
	}
}

func TestEveryKindAndOrderHasAName(t *testing.T) {
	words, err := i18n.NewWords(archive.Files)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, k := range archive.Kinds {
		keys = append(keys, k.Label())
	}
	for _, o := range archive.Orders {
		keys = append(keys, o.Label())
	}
	for _, k := range keys {
		for _, l := range i18n.Langs {
			if !words.Keys(l)[k] {
				t.Errorf("%s has no word for %s", l, k)
			}
		}
	}
}
