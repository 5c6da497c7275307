package billing

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v83"
	"github.com/stripe/stripe-go/v83/webhook"

	"github.com/tsudoi/tsudoi/internal/kit/httpclient"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// CardOptions are the account at the card service, Stripe.
type CardOptions struct {
	Key     string // the secret key of its API
	Webhook string // the secret that signs what it tells us
	URL     string // of its API; empty: https://api.stripe.com
	HTTP    *httpclient.Client
	Retries int64         // of a request whose answer was lost or was an error of the service
	Wait    time.Duration // how long one act may take, with all retries
}

// CardService is the card service: Stripe Checkout. Cards are entered on its pages, and no card number comes near this program.
type CardService struct {
	o      CardOptions
	client *stripe.Client
}

// NewCardService makes the client of the card service; nil where there is no key, which means that nobody pays by card.
func NewCardService(o CardOptions) *CardService {
	if o.Key == "" || o.Webhook == "" {
		return nil
	}
	if o.Wait == 0 {
		o.Wait = 25 * time.Second
	}
	c := &stripe.BackendConfig{HTTPClient: o.HTTP, MaxNetworkRetries: stripe.Int64(o.Retries), EnableTelemetry: stripe.Bool(false),
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}}
	if o.URL != "" {
		c.URL = stripe.String(strings.TrimSuffix(o.URL, "/"))
	}
	return &CardService{o, stripe.NewClient(o.Key, stripe.WithBackends(stripe.NewBackendsWithConfig(c)))}
}

// The amounts that the service takes in yen.
const (
	cardLeast = 50
	cardMost  = 99_999_999
)

// cardSale is what is paid for at the card service.
type cardSale struct {
	Ref    string // of the checkout: the idempotency key
	Order  string // public id
	Number string
	Amount int64
	Name   string // what it is for, as the payer reads it
	Mail   string
	Lang   i18n.Lang
	Back   string // URL to return to
	Ends   time.Time
}

// cardState is how a checkout stands at the service.
type cardState struct {
	Session  string
	URL      string
	Ref      string // ours
	Amount   int64
	Currency string
	Paid     bool
	Ended    bool // nobody can pay there any more
	Intent   string
}

// begin opens a checkout. Asked again with the same Ref it gives the same one, also after an answer was lost.
func (c *CardService) begin(ctx context.Context, s *cardSale) (*cardState, error) {
	ctx, done := context.WithTimeout(ctx, c.o.Wait)
	defer done()
	p := &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String(string(stripe.CheckoutSessionModePayment)), ClientReferenceID: stripe.String(s.Ref), Locale: stripe.String(string(s.Lang)),
		SuccessURL: stripe.String(s.Back), CancelURL: stripe.String(s.Back), ExpiresAt: stripe.Int64(s.Ends.Unix()),
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{{Quantity: stripe.Int64(1), PriceData: &stripe.CheckoutSessionCreateLineItemPriceDataParams{
			Currency: stripe.String(string(stripe.CurrencyJPY)), UnitAmount: stripe.Int64(s.Amount),
			ProductData: &stripe.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: stripe.String(s.Name)},
		}}},
		PaymentIntentData: &stripe.CheckoutSessionCreatePaymentIntentDataParams{Description: stripe.String(s.Number)},
	}
	if s.Mail != "" {
		p.CustomerEmail = stripe.String(s.Mail)
	}
	p.AddMetadata("order", s.Number)
	p.IdempotencyKey = stripe.String("checkout-" + s.Ref)
	got, err := c.client.V1CheckoutSessions.Create(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("open a checkout: %w", err)
	}
	return stateOf(got), nil
}

// look asks how a checkout stands.
func (c *CardService) look(ctx context.Context, id string) (*cardState, error) {
	ctx, done := context.WithTimeout(ctx, c.o.Wait)
	defer done()
	got, err := c.client.V1CheckoutSessions.Retrieve(ctx, id, nil)
	if err != nil {
		return nil, fmt.Errorf("ask for a checkout: %w", err)
	}
	return stateOf(got), nil
}

// end closes a checkout, so that nobody pays what is not asked any more. One that is closed or paid already is no error.
func (c *CardService) end(ctx context.Context, id string) error {
	ctx, done := context.WithTimeout(ctx, c.o.Wait)
	defer done()
	_, err := c.client.V1CheckoutSessions.Expire(ctx, id, nil)
	if e, ok := errors.AsType[*stripe.Error](err); ok && e.HTTPStatusCode == http.StatusBadRequest {
		return nil
	}
	if err != nil {
		return fmt.Errorf("close a checkout: %w", err)
	}
	return nil
}

// errNotBack is the error of a refund that the service did not make.
var errNotBack = errors.New("not paid back by card")

// giveBack pays money back. Asked again with the same ref it pays once.
func (c *CardService) giveBack(ctx context.Context, ref, intent string, amount int64) (id string, err error) {
	ctx, done := context.WithTimeout(ctx, c.o.Wait)
	defer done()
	p := &stripe.RefundCreateParams{PaymentIntent: stripe.String(intent), Amount: stripe.Int64(amount)}
	p.AddMetadata("refund", ref)
	p.IdempotencyKey = stripe.String("refund-" + ref)
	got, err := c.client.V1Refunds.Create(ctx, p)
	if err != nil {
		return "", fmt.Errorf("pay back by card: %w", err)
	}
	if got.Status == stripe.RefundStatusFailed || got.Status == stripe.RefundStatusCanceled {
		return "", fmt.Errorf("%w: it is %s", errNotBack, got.Status)
	}
	return got.ID, nil
}

// stateOf reads what the service says of a checkout.
func stateOf(s *stripe.CheckoutSession) *cardState {
	out := &cardState{Session: s.ID, URL: s.URL, Ref: s.ClientReferenceID, Amount: s.AmountTotal, Currency: string(s.Currency),
		Paid: s.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid, Ended: s.Status == stripe.CheckoutSessionStatusExpired}
	if s.PaymentIntent != nil {
		out.Intent = s.PaymentIntent.ID
	}
	return out
}

// tolerance is how old what the service tells may be, and how far its clock may be from ours.
const tolerance = 5 * time.Minute

// errForged is the error of something that the service did not sign, or long ago.
var errForged = errors.New("not signed by the card service, or too old")

// cardEvent is what the service tells us.
type cardEvent struct {
	ID      string
	Kind    string
	Session *cardState  // of the events of checkouts
	Refund  *cardRefund // of the events of refunds
	Failed  bool        // a payment that was under way did not come
}

// cardRefund is a refund at the service.
type cardRefund struct {
	ID     string
	Ref    string // ours; empty: somebody made it at the service
	Intent string
	Amount int64
	Made   bool
}

// event verifies and reads what the service tells us: a signature of the scheme v1 over time and body, not older than the tolerance.
func (c *CardService) event(body []byte, signature string) (*cardEvent, error) {
	// Its fields that are read here are in every version of the API since 2020.
	e, err := webhook.ConstructEventWithOptions(body, signature, c.o.Webhook, webhook.ConstructEventOptions{Tolerance: tolerance, IgnoreAPIVersionMismatch: true})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errForged, err)
	}
	out := &cardEvent{ID: e.ID, Kind: string(e.Type)}
	if e.ID == "" || e.Data == nil {
		return nil, fmt.Errorf("%w: an event without id or content", errForged)
	}
	switch {
	case strings.HasPrefix(out.Kind, "checkout.session."):
		var s stripe.CheckoutSession
		if err := s.UnmarshalJSON(e.Data.Raw); err != nil {
			return nil, fmt.Errorf("read a checkout: %w", err)
		}
		out.Session, out.Failed = stateOf(&s), e.Type == stripe.EventTypeCheckoutSessionAsyncPaymentFailed
	case strings.HasPrefix(out.Kind, "refund."), e.Type == stripe.EventTypeChargeRefundUpdated:
		var r stripe.Refund
		if err := r.UnmarshalJSON(e.Data.Raw); err != nil {
			return nil, fmt.Errorf("read a refund: %w", err)
		}
		out.Refund = &cardRefund{ID: r.ID, Ref: r.Metadata["refund"], Amount: r.Amount, Made: r.Status == stripe.RefundStatusSucceeded}
		if r.PaymentIntent != nil {
			out.Refund.Intent = r.PaymentIntent.ID
		}
	}
	return out, nil
}
