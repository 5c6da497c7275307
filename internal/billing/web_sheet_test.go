package billing

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// TestBackFrom: the way back keeps the secret by which somebody came, in either language and whichever has no prefix, and names no other place.
func TestBackFrom(t *testing.T) {
	for _, x := range []struct {
		lang, def  i18n.Lang
		from, want string
	}{
		{i18n.EN, i18n.EN, "https://example.org/entries/TOKEN/edit", "/entries/TOKEN"},
		{i18n.EN, i18n.EN, "https://example.org/groups/TOKEN", "/groups/TOKEN"},
		{i18n.EN, i18n.JA, "https://example.org/en/entries/TOKEN", "/en/entries/TOKEN"},
		{i18n.JA, i18n.JA, "https://example.org/entries/TOKEN", "/entries/TOKEN"},
		{i18n.JA, i18n.EN, "https://example.org/ja/groups/TOKEN", "/ja/groups/TOKEN"},
		{i18n.EN, i18n.EN, "https://example.com/entries/TOKEN", ""},
		{i18n.EN, i18n.EN, "https://example.org/news/TOKEN", ""},
		{i18n.EN, i18n.EN, "", ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.org/orders/SECRET", http.NoBody)
		r.Header.Set("Referer", x.from)
		if got := backFrom(r, &web.Frame{Lang: x.lang, Default: x.def}, &Order{}); got != x.want {
			t.Errorf("from %q in %s, %s without prefix: %q, want %q", x.from, x.lang, x.def, got, x.want)
		}
	}
}
