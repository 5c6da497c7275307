package app

import (
	"time"

	"github.com/tsudoi/tsudoi/internal/billing"
	"github.com/tsudoi/tsudoi/internal/kit/httpclient"
)

// newPayments lets money arrive: by card only where the operator set the keys of the card service.
func (a *App) newPayments() *billing.Payments {
	s := a.Settings.Stripe
	o := billing.CardOptions{Key: s.Key, Webhook: s.Webhook, URL: s.URL, Retries: 2}
	if s.URL != "" {
		o.HTTP = httpclient.Guarded(s.URL)
	} else {
		o.HTTP = httpclient.Guarded()
	}
	p := billing.NewPayments(a.Bills, billing.NewCardService(o))
	a.Jobs.Every("billing.remind", time.Hour, p.Remind)
	a.Jobs.Every("billing.cards", 10*time.Minute, p.AskCards)
	return p
}
