package billing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/httpclient"
)

const (
	fakeKey    = "sk_test_fake"
	fakeSecret = "whsec_fake"
)

// fakeStripe is the part of the card service's API that is used here, in this process. It keeps answers by idempotency key, as the real one does,
// and fails as it is told to.
type fakeStripe struct {
	*httptest.Server
	mu       sync.Mutex
	sessions map[string]map[string]any
	answers  map[string][]byte // by idempotency key
	params   map[string]string // of the first request with a key
	made     int               // how many checkouts and refunds there are
	seen     []string          // requests
	fail     []string          // what to do with the next requests: lost, 500, 400, slow
	refunds  map[string]map[string]any
}

func newFakeStripe(t testing.TB) *fakeStripe {
	f := &fakeStripe{sessions: map[string]map[string]any{}, answers: map[string][]byte{}, params: map[string]string{}, refunds: map[string]map[string]any{}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

// service is a client of the fake, through the client that is used for the real one.
func (f *fakeStripe) service(retries int64) *CardService {
	return NewCardService(CardOptions{Key: fakeKey, Webhook: fakeSecret, URL: f.URL, HTTP: httpclient.Guarded(f.URL), Retries: retries, Wait: 1500 * time.Millisecond})
}

func (f *fakeStripe) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = r.ParseForm()
	f.seen = append(f.seen, r.Method+" "+r.URL.Path)
	if r.Header.Get("Authorization") != "Bearer "+fakeKey {
		f.answer(w, http.StatusUnauthorized, map[string]any{"error": map[string]any{"type": "invalid_request_error", "message": "no key"}})
		return
	}
	how := ""
	if len(f.fail) > 0 {
		how, f.fail = f.fail[0], f.fail[1:]
	}
	switch how {
	case "500":
		f.answer(w, http.StatusInternalServerError, map[string]any{"error": map[string]any{"type": "api_error"}})
		return
	case "400":
		f.answer(w, http.StatusBadRequest, map[string]any{"error": map[string]any{"type": "invalid_request_error", "code": "amount_too_small"}})
		return
	}
	status, body := f.do(r)
	switch how {
	case "lost": // it was done, and the answer never arrives
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = c.Close()
		}
		return
	case "slow":
		f.mu.Unlock()
		time.Sleep(2 * time.Second)
		f.mu.Lock()
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// do does what is asked, once for each idempotency key.
func (f *fakeStripe) do(r *http.Request) (int, []byte) {
	key := r.Header.Get("Idempotency-Key")
	if old, ok := f.answers[key]; ok && key != "" {
		if f.params[key] != r.PostForm.Encode() {
			return http.StatusBadRequest, []byte(`{"error":{"type":"idempotency_error"}}`)
		}
		return http.StatusOK, old
	}
	out := map[string]any{"error": map[string]any{"type": "invalid_request_error"}}
	status := http.StatusNotFound
	rest, _ := strings.CutPrefix(r.URL.Path, "/v1/checkout/sessions")
	switch {
	case r.Method == http.MethodPost && rest == "":
		status, out = http.StatusOK, f.open(r)
	case r.Method == http.MethodPost && strings.HasSuffix(rest, "/expire"):
		s := f.sessions[strings.Trim(strings.TrimSuffix(rest, "/expire"), "/")]
		if status = http.StatusBadRequest; s["status"] == "open" {
			s["status"], status, out = "expired", http.StatusOK, s
		}
	case r.Method == http.MethodGet && f.sessions[strings.Trim(rest, "/")] != nil:
		status, out = http.StatusOK, f.sessions[strings.Trim(rest, "/")]
	case r.Method == http.MethodPost && r.URL.Path == "/v1/refunds":
		f.made++
		amount, _ := strconv.Atoi(r.PostForm.Get("amount"))
		id := fmt.Sprint("re_", f.made)
		out = map[string]any{"id": id, "object": "refund", "amount": amount, "status": "succeeded", "payment_intent": r.PostForm.Get("payment_intent"),
			"metadata": map[string]any{"refund": r.PostForm.Get("metadata[refund]")}}
		status, f.refunds[id] = http.StatusOK, out
	}
	b, _ := json.Marshal(out)
	if status == http.StatusOK && key != "" {
		f.answers[key], f.params[key] = b, r.PostForm.Encode()
	}
	return status, b
}

// open makes a checkout.
func (f *fakeStripe) open(r *http.Request) map[string]any {
	f.made++
	id := fmt.Sprint("cs_", f.made)
	amount, _ := strconv.Atoi(r.PostForm.Get("line_items[0][price_data][unit_amount]"))
	ends, _ := strconv.ParseInt(r.PostForm.Get("expires_at"), 10, 64)
	s := map[string]any{"id": id, "object": "checkout.session", "url": f.URL + "/pay/" + id, "status": "open", "payment_status": "unpaid", "amount_total": amount,
		"currency": r.PostForm.Get("line_items[0][price_data][currency]"), "client_reference_id": r.PostForm.Get("client_reference_id"), "payment_intent": nil,
		"success_url": r.PostForm.Get("success_url"), "expires_at": ends}
	f.sessions[id] = s
	return s
}

func (f *fakeStripe) answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// failing says what is to go wrong next.
func (f *fakeStripe) failing(how ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = how
}

// pay lets somebody pay at a checkout.
func (f *fakeStripe) pay(id string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.sessions[id]
	s["status"], s["payment_status"], s["payment_intent"] = "complete", "paid", "pi_"+id
	return s
}

// told is what the service tells of an object: the body, and the signature that belongs to it.
func told(id, kind string, object any) ([]byte, string) {
	return toldAt(id, kind, object, time.Now(), fakeSecret)
}

func toldAt(id, kind string, object any, at time.Time, secret string) ([]byte, string) {
	body, _ := json.Marshal(map[string]any{"id": id, "object": "event", "type": kind, "api_version": "2024-06-20", "data": map[string]any{"object": object}})
	stamp := strconv.FormatInt(at.Unix(), 10)
	m := hmac.New(sha256.New, []byte(secret))
	_, _ = m.Write([]byte(stamp + "." + string(body)))
	return body, "t=" + stamp + ",v1=" + hex.EncodeToString(m.Sum(nil))
}
