package app

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// TestGroupIsTypedInThePage: colleagues are typed into the rows of the page, their kind and days chosen; what is wrong keeps what was chosen.
func TestGroupIsTypedInThePage(t *testing.T) {
	w, _ := withDesk(t, db.SQLite)
	ctx := authz.System(t.Context(), "test")
	setup, version, err := w.Registration.Setup(ctx, "sample")
	if err != nil {
		t.Fatal(err)
	}
	setup.Opens = time.Time{} // at the time of the tests it has not opened
	if err := w.Registration.SaveSetup(ctx, "sample", setup, version); err != nil {
		t.Fatal(err)
	}
	g, err := w.Registration.MakeGroup(ctx, "sample", registration.Details{Name: i18n.T("窓口 花子", ""), Organisation: i18n.T("例示ネット", ""), Address: "window@example.org", Lang: i18n.JA})
	if err != nil {
		t.Fatal(err)
	}
	token, err := w.Registration.GroupToken(ctx, g)
	if err != nil {
		t.Fatal(err)
	}
	at, m := "/groups/"+token+"/add", w.member("窓口", nil, "")
	page := m.page(at)
	if n := page.Find(".r-row").Length(); n != 3 || page.Find("textarea[name=text]").Length() != 1 {
		t.Fatalf("%d rows to type in", n)
	}
	if v, _ := page.Find(`select[name="row.0.kind"] option[selected]`).Attr("value"); v != "general" {
		t.Errorf("the usual kind is %q", v)
	}
	key, _ := page.Find("input[name=key]").Attr("value")
	row := func(address string, more ...string) string {
		return form(append([]string{"key", key, "rows", "3", "row.0.take", "yes", "row.0.name", "同僚 太郎", "row.0.address", address, "row.0.kind", "student",
			"row.0.by_day", "yes", "row.0.day.2026-12-09", "online", "row.0.day.2026-12-10", ""}, more...)...)
	}
	rec := m.do(http.MethodPost, at, row("no address", "do", "preview"))
	if page, err = goquery.NewDocumentFromReader(rec.Body); err != nil {
		t.Fatal(err)
	}
	chosen := func(name string) string {
		v, _ := page.Find(`select[name="row.0.` + name + `"] option[selected]`).Attr("value")
		return v
	}
	if rec.Code != http.StatusOK || chosen("kind") != "student" || chosen("day.2026-12-09") != "online" || chosen("day.2026-12-10") != "" || page.Find(".r-card .error").Length() != 1 {
		t.Errorf("%d: %q %q %q", rec.Code, chosen("kind"), chosen("day.2026-12-09"), chosen("day.2026-12-10"))
	}
	if rec := m.do(http.MethodPost, at, row("taro@example.org", "do", "enter")); rec.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	found, err := w.Registration.People(ctx, "sample", registration.Filter{Query: "taro@example.org"}, "", 10)
	if err != nil || len(found.Entries) != 1 || found.Entries[0].Kind != "student" || found.Entries[0].On("2026-12-09") != registration.Online || found.Entries[0].On("2026-12-10") != "" {
		t.Errorf("%+v %v", found, err)
	}
	if body := m.page("/groups/" + token).Text(); !strings.Contains(body, "同僚 太郎") {
		t.Error("the colleague is not on the group's page")
	}
}
