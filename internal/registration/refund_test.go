package registration

import (
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

func TestRefundInWords(t *testing.T) {
	words, err := i18n.NewWords(Files)
	if err != nil {
		t.Fatal(err)
	}
	jst := time.FixedZone("JST", 9*3600)
	midnight, noon := time.Date(2026, 12, 1, 0, 0, 0, 0, jst), time.Date(2026, 12, 1, 12, 0, 0, 0, jst)
	for _, c := range []struct {
		lang i18n.Lang
		r    Refund
		want string
	}{
		{i18n.JA, Refund{Until: midnight}, "2026年11月30日（月）までの取消：無料"},
		{i18n.JA, Refund{Until: noon, Fee: 50}, "2026年12月1日（火）12:00までの取消：取消料50%"},
		{i18n.EN, Refund{Fee: 100}, "Cancelling later: a fee of 100 %"},
		{i18n.EN, Refund{}, "Cancelling later: free"},
	} {
		if got := c.r.Say(&web.Frame{Lang: c.lang, Site: &web.Site{Words: words}}); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
