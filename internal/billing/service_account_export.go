package billing

import (
	"context"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
)

// Period is which part of the books is handed out.
type Period struct {
	Seller   string // key; empty: all
	From, To string // days, YYYY-MM-DD, both included
}

// Handout is a file for an accountant.
type Handout struct {
	Name string
	Data []byte
	Rows int
	Lost int // letters that the encoding lacks, for which 〓 stands
}

// maxPeriod bounds how much is handed out at once.
const maxPeriod = 3 * 366 * 24 * time.Hour

// HandOut writes the books of a period in a form. head, what and why are the words of the ledger in the reader's
// language.
func (p *Payments) HandOut(ctx context.Context, slug, form string, in Period, head []string, what, why func(string) string) (*Handout, error) {
	h, err := p.enter(ctx, slug, event.MayReadMoney)
	if err != nil {
		return nil, err
	}
	from, err1 := time.ParseInLocation(time.DateOnly, in.From, h.Location())
	to, err2 := time.ParseInLocation(time.DateOnly, in.To, h.Location())
	if err1 != nil || err2 != nil || to.Before(from) || to.Sub(from) > maxPeriod {
		return nil, fault.New(fault.Invalid, "billing.error.period").On("from")
	}
	var seller int64
	if in.Seller != "" {
		s := h.seller(in.Seller)
		if s == nil {
			return nil, fault.New(fault.Invalid, "billing.error.seller").With("key", in.Seller).On("seller")
		}
		seller = s.ID
	}
	var list []BookEntry
	err = p.db.Read(ctx, func(r db.Reader) error {
		list, err = entries(ctx, r, h.id, seller, from, to.AddDate(0, 0, 1))
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Why = why(list[i].Why)
	}
	out := &Handout{Name: slug + "-" + form + "-" + in.From + "-" + in.To + ".csv"}
	switch form {
	case FormLedger:
		e := ledgerSheet(list, &h.paying.Books, head, what)
		out.Rows = len(e.Rows)
		out.Data, out.Lost = e.CSV(sheet.UTF8)
	case FormYayoi:
		e := yayoi(journal(list, &h.paying.Books))
		out.Rows = len(e.Rows)
		out.Data, out.Lost = e.CSV(sheet.ShiftJIS)
	case FormFreee:
		e := freee(journal(list, &h.paying.Books))
		out.Rows = len(e.Rows)
		out.Data, out.Lost = e.CSV(sheet.ShiftJIS)
	default:
		return nil, fault.Missing()
	}
	err = p.db.Write(ctx, func(tx *db.Tx) error {
		return p.note(ctx, tx, slug, "money:books", "billing.handed_out", map[string]string{"form": form, "from": in.From, "to": in.To, "rows": strconv.Itoa(out.Rows)})
	})
	return out, err
}
