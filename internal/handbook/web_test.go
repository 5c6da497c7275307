package handbook

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
)

// TestPagesFollowTheGroup: what a change of the group changes around the pages of the handbook shows at once.
func TestPagesFollowTheGroup(t *testing.T) {
	d := dbtest.SQLite(t, db.Migrations, search.Migrations, person.Migrations, event.Migrations)
	events := event.New(d, event.Options{})
	words, err := i18n.NewWords(web.Files, event.Files, Files)
	if err != nil {
		t.Fatal(err)
	}
	site := &web.Site{Words: words, Assets: web.NewAssets(), Default: i18n.JA, PublicURL: "https://nog.example", Version: "1"}
	if err := site.Assets.Shared([]web.Source{event.Style}, nil); err != nil {
		t.Fatal(err)
	}
	s := &web.Server{Site: site, Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics("test"), Routes: New().Routes(site, events, web.NewCache(1<<20))}
	handler := s.Handler()
	for _, step := range []struct {
		group event.Group
		want  string
	}{
		{event.Group{Name: i18n.T("集い", "NOG"), Accent: "#1f4e79"}, "page-1f4e79."},
		{event.Group{Name: i18n.T("集い", "NOG"), Accent: "#b5302a"}, "page-b5302a."},
		{event.Group{Name: i18n.T("会", "NOG"), Accent: "#b5302a"}, "会"},
		{event.Group{Name: i18n.T("会", "NOG"), Accent: "#b5302a", Languages: []i18n.Lang{i18n.EN, i18n.JA}}, `<html lang="en"`},
	} {
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, _, err := events.Apply(t.Context(), tx, event.Input{Group: &step.group, Full: true})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/handbook", "/handbook/operator"} {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), step.want) {
				t.Errorf("%s: %d, without %s", path, w.Code, step.want)
			}
		}
	}
}
