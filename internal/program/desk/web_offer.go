package desk

import (
	"context"
	"net/http"

	"github.com/tsudoi/tsudoi/internal/event"
)

// Offers knows whom nobody has told yet of what was released.
type Offers interface {
	// OffersFor counts the messages that wait to be sent about a release, and says where to read them.
	OffersFor(ctx context.Context, slug string, release int) (n int, path string, err error)
}

// Offering lets the desk lead to those who have to be told.
func (h *Web) Offering(o Offers) *Web {
	h.offers = o
	return h
}

// offer leads those who may write to people to the message that a release made. It is made a moment after the release, so right after one the
// link is there in any case.
func (h *Web) offer(r *http.Request, p *page) error {
	if h.offers == nil || !event.May(r.Context(), p.slug, event.MaySendLetters) {
		return nil
	}
	n, path, err := h.offers.OffersFor(r.Context(), p.slug, p.Newest.Number)
	if err == nil && (n > 0 || p.Done != "") {
		p.Offer = p.URL(path)
	}
	return err
}
