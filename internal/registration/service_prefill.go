package registration

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/person"
)

// prefill is what is known of somebody, for the form.
func (s *Service) prefill(ctx context.Context, id int64) (Details, error) {
	a, err := s.o.People.Account(ctx, person.ID(id))
	if err != nil {
		return Details{}, err
	}
	d := Details{Name: a.Name, Kana: a.Kana, Organisation: a.Affiliation, Department: a.Title.In(a.Lang), Lang: a.Lang}
	d.Address, err = s.mainAddress(ctx, id)
	return d, err
}
