package billing

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Keeps is what this feature keeps about people: what they ordered. It is a person.Keeper.
//
// Who leaves keeps their orders' documents and postings: a seller keeps copies of the invoices they issued for seven years (消費税法57条の4第6項,
// 消費税法施行令70条の13), and the books with them (消費税法58条, 法人税法施行規則59条). So documents are never changed, whoever is named in them. What is
// no document is: the tie to the account goes, and the mail address, and the name on lines of the payer's own. Lines of colleagues on a joint
// order name others; these names go when their own person goes (Forget), and the buyer's proof (消費税法30条9項) rests on documents alone.
type Keeps struct{ *Service }

// ownOrder is one order, as its payer gets to see it.
type ownOrder struct {
	Meeting      string    `json:"meeting"`
	Number       string    `json:"number"`
	Name         string    `json:"name"`
	Organisation string    `json:"organisation,omitempty"`
	Address      string    `json:"address"`
	Total        int64     `json:"total"`
	Paid         int64     `json:"paid"`
	Refunded     int64     `json:"refunded,omitempty"`
	Made         time.Time `json:"made"`
	Documents    []Content `json:"documents"`
}

// Export writes what somebody ordered, with every document.
func (k Keeps) Export(ctx context.Context, r db.Reader, id person.ID, a *person.Archive) error {
	list, err := orders(ctx, r, `o.person_id = $1`, int64(id))
	if err != nil || len(list) == 0 {
		return err
	}
	ids := make([]int64, len(list))
	for i, o := range list {
		ids[i] = o.ID
	}
	docs, err := documentsOf(ctx, r, ids)
	if err != nil {
		return err
	}
	out := make([]ownOrder, 0, len(list))
	for _, o := range list {
		one := ownOrder{o.Slug, o.Number, o.Payer.Name, o.Payer.Organisation, o.Payer.Address, o.Total, o.Received, o.Refunded, o.Made, []Content{}}
		for _, d := range docs {
			if d.Order == o.ID {
				one.Documents = append(one.Documents, d.Content)
			}
		}
		out = append(out, one)
	}
	return a.Add("orders", "billing.export", out)
}

// Erase takes the tie between an account and its orders away, and the mail address. Documents and the ledger stay as the law wants it.
func (k Keeps) Erase(ctx context.Context, tx *db.Tx, id person.ID) error {
	return erasePerson(ctx, tx, int64(id))
}

// Merge gives the orders of one account to another.
func (k Keeps) Merge(ctx context.Context, tx *db.Tx, from, to person.ID) error {
	return mergePerson(ctx, tx, int64(from), int64(to))
}

// Forget takes the name of who left from the lines about them, on whoever's order these are. Documents stay as they were issued.
func (s *Service) Forget(ctx context.Context, tx *db.Tx, subjects []string) error {
	return forgetSubjects(ctx, tx, subjects)
}
