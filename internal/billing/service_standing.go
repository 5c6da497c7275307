package billing

import (
	"context"
	"slices"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// worst orders states by how much they ask of somebody.
var worst = []string{None, Paid, Approved, Over, Refund, Open}

// Standings says how subjects of a meeting stand. One without an order is not in it. Two statements, however many there are.
func (s *Service) Standings(ctx context.Context, r db.Reader, slug string, subjects []string) (map[string]Standing, error) {
	list, err := sharesOf(ctx, r, slug, subjects)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	secret, err := findKey(ctx, r)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Standing, len(subjects))
	for _, h := range list {
		out[h.subject] = h.join(out[h.subject], secret)
	}
	return out, nil
}

// join adds what a subject owes in one order to what it owes in others.
func (h *share) join(st Standing, secret string) Standing {
	st.Owed += h.owed
	switch {
	case h.Held() >= h.Total:
		st.Paid += h.owed
	case h.Total > 0:
		st.Paid += max(0, h.Held()) * h.owed / h.Total // of a joint order everybody has their part of what came in
	}
	state := h.State()
	if h.owed == 0 && (state == Open || state == Approved) {
		state = None // others of the group owe it
	}
	if st.State == "" || slices.Index(worst, state) > slices.Index(worst, st.State) {
		st.State, st.Due = state, h.Due
		if secret != "" {
			st.Path = "/orders/" + h.token(secret)
		}
	}
	return st
}

// Ordered are the subjects on the order of a number, as people type it.
func (s *Service) Ordered(ctx context.Context, r db.Reader, slug, number string) ([]string, error) {
	return subjectsOf(ctx, r, slug, number)
}
