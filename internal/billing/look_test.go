package billing

import (
	"os"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

func TestLook(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.owe(debt(1, ticket, social, lunch))
		o := h.of("entry:1")[0]
		h.must(h.Issue(h.treasurer(), "sample", o.Ref, Quotation, i18n.EN, ""))
		h.must(h.Issue(h.treasurer(), "sample", o.Ref, Invoice, i18n.JA, ""))
		h.pay(o.Ref, Card, 24660, "x")
		h.must(h.Issue(h.treasurer(), "sample", o.Ref, Receipt, i18n.JA, ""))
		h.owe(debt(1, ticket, lunch))
		h.balanced()
		list, err := documentsOf(t.Context(), h.db, []int64{o.ID})
		h.must(err)
		h.must(h.Reissue(h.treasurer(), "sample", o.Ref, list[1].Ref, i18n.EN))
		list, err = documentsOf(t.Context(), h.db, []int64{o.ID})
		h.must(err)
		for i, x := range list {
			b, err := x.paper()
			h.must(err)
			os.WriteFile("/tmp/bill-look-"+string(rune('0'+i))+".pdf", b, 0o600)
		}
	})
}
