package app

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/billing"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// cardSecret signs what the card service of these tests tells.
const cardSecret = "whsec_test"

// cardServer answers like the card service: it opens checkouts.
func cardServer(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v1/checkout/sessions" || r.ParseForm() != nil {
			http.NotFound(w, r)
			return
		}
		amount, _ := strconv.Atoi(r.PostForm.Get("line_items[0][price_data][unit_amount]"))
		_ = json.NewEncoder(w).Encode(map[string]any{"id": "cs_1", "object": "checkout.session", "url": "https://pay.example.org/cs_1", "status": "open",
			"payment_status": "unpaid", "amount_total": amount, "currency": "jpy", "client_reference_id": r.PostForm.Get("client_reference_id")})
	}))
	t.Cleanup(s.Close)
	return s
}

// signedByCard is what the card service says of a checkout, with its signature.
func signedByCard(ref string, amount int) (body, signature string) {
	b, _ := json.Marshal(map[string]any{"id": "evt_" + ref, "object": "event", "type": "checkout.session.completed", "data": map[string]any{"object": map[string]any{
		"id": "cs_1", "object": "checkout.session", "status": "complete", "payment_status": "paid", "amount_total": amount, "currency": "jpy",
		"client_reference_id": ref, "payment_intent": "pi_1"}}})
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	m := hmac.New(sha256.New, []byte(cardSecret))
	_, _ = m.Write([]byte(stamp + "." + string(b)))
	return string(b), "t=" + stamp + ",v1=" + hex.EncodeToString(m.Sum(nil))
}

// withOrders is the program with a card service, and n orders at JANOG57 of 16,500 yen each.
func withOrders(t *testing.T, e db.Engine, n int) *site {
	t.Helper()
	s := settings(t, e)
	s.Stripe.Key, s.Stripe.Webhook, s.Stripe.URL = "sk_test", cardSecret, cardServer(t).URL
	w := startWith(t, s)
	if err := w.loadExamples(t.Context()); err != nil {
		t.Fatal(err)
	}
	seller := billing.Seller{Key: "shop", Name: i18n.T("見本", "Sample"), Bank: "見本銀行", Branch: "本店", Account: "1234567", Holder: "ミホン"}
	ctx := authz.System(t.Context(), "test")
	err := w.DB.Write(ctx, func(tx *db.Tx) error {
		if err := w.Bills.SaveSeller(ctx, tx, "janog57", seller, false); err != nil {
			return err
		}
		for i := range n {
			if err := w.Bills.Owe(ctx, tx, "janog57", billing.Debt{
				Subject: fmt.Sprint("entry:", i), Due: noon.AddDate(0, 0, 7), Why: "test",
				Payer: billing.Payer{Name: fmt.Sprint("幸田 ", i), Kana: "こうだ", Address: fmt.Sprint("koda", i, "@example.org"), Lang: i18n.JA},
				Lines: []billing.Line{{Key: "kind:general", Name: i18n.T("参加費", "Registration"), Amount: 16500, Rate: 10, Seller: "shop", Quantity: 1}},
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Payments.SavePaying(ctx, "janog57", billing.Paying{CardSeller: "shop"}); err != nil {
		t.Fatal(err)
	}
	return w
}

// sheetOf is the path of the page of entry i's order, as its payer has it.
func (w *site) sheetOf(i int) string {
	w.t.Helper()
	subject := fmt.Sprint("entry:", i)
	all, err := w.Bills.Standings(w.t.Context(), w.DB, "janog57", []string{subject})
	if err != nil || all[subject].Path == "" {
		w.t.Fatalf("entry %d has no order: %v", i, err)
	}
	return all[subject].Path
}

// found is the first group of a pattern in a page.
func found(t *testing.T, page, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("%s is not in the page:\n%.3000s", pattern, page)
	}
	return m[1]
}

// TestCardJourney: from the page of an order to the card service and back; the page says paid once the service said so, and it alone.
func TestCardJourney(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withOrders(t, e, 1)
		sheet := w.sheetOf(0)
		if page := w.as("", "GET", sheet, "").Body.String(); !strings.Contains(page, `action="`+sheet+`/card"`) {
			t.Fatal("nobody can pay by card")
		}
		begun := w.as("", "POST", sheet+"/card", "")
		to := begun.Header().Get("Location")
		if begun.Code != http.StatusSeeOther || !strings.HasPrefix(to, sheet+"/card/") {
			t.Fatalf("%d %s", begun.Code, to)
		}
		if page := w.as("", "GET", to, "").Body.String(); !strings.Contains(page, `href="https://pay.example.org/cs_1"`) {
			t.Errorf("there is no way to the card service: %.2000s", page)
		}
		back := strings.TrimSuffix(to, "?go=1")
		ref := back[strings.LastIndex(back, "/")+1:]
		if page := w.as("", "GET", back, "").Body.String(); !strings.Contains(page, "まだ受け取っていません") || strings.Contains(page, "お支払いを確認しました") {
			t.Error("whoever comes back is told something else than that nothing is known yet")
		}
		body, signature := signedByCard(ref, 16500)
		const hook = "/webhooks/stripe"
		tell := func(body, signature string, headers ...string) int {
			return w.as("", "POST", hook, body, append([]string{"Content-Type", "application/json", "Stripe-Signature", signature, "Sec-Fetch-Site", ""}, headers...)...).Code
		}
		for name, code := range map[string]int{
			"without a signature":            tell(body, ""),
			"with another amount":            tell(strings.Replace(body, "16500", "1", 1), signature),
			"from a page of another site":    tell(body, signature, "Sec-Fetch-Site", "cross-site"),
			"with the signature of somebody": tell(body, strings.Replace(signature, "v1=", "v1=00", 1)),
		} {
			if code != http.StatusForbidden {
				t.Errorf("%s: %d", name, code)
			}
		}
		if code := tell(strings.Repeat("x", 2<<20), signature); code < 400 || code >= 500 {
			t.Errorf("two megabytes: %d", code)
		}
		for range 2 {
			if code := tell(body, signature); code != http.StatusNoContent {
				t.Errorf("what the service tells: %d", code)
			}
		}
		if page := w.as("", "GET", "/en"+back, "").Body.String(); !strings.Contains(page, "We have seen your payment") {
			t.Error("it was paid, and the page does not say so")
		}
		all, err := w.Bills.Standings(t.Context(), w.DB, "janog57", []string{"entry:0"})
		if err != nil || all["entry:0"].State != billing.Paid || all["entry:0"].Paid != 16500 {
			t.Errorf("%+v, %v", all, err)
		}
		if again := w.as("", "POST", sheet+"/card", ""); again.Code != http.StatusConflict {
			t.Errorf("paid twice: %d", again.Code)
		}
	})
}

// statementForm is a form with a file of a bank.
func statementForm(t *testing.T, file string) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	f, err := m.CreateFormFile("file", "meisai.csv")
	if err == nil {
		_, err = f.Write([]byte(file))
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), m.FormDataContentType()
}

func TestBankJourney(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withOrders(t, e, 2)
		treasurer := w.member("会計", []event.RoleKey{event.RoleTreasurer}, "janog57")
		const at = "/meetings/janog57/money/bank"
		body, kind := statementForm(t, "日付,入金,摘要\n2026/02/10,16500,ｺｳﾀﾞ\n2026/02/10,300,=HYPERLINK(\"http://x\")<script>\n")
		if got := treasurer.do("POST", at, body, "Content-Type", kind); got.Code != http.StatusSeeOther {
			t.Fatalf("%d: %.2000s", got.Code, got.Body)
		}
		page := treasurer.do("GET", at, "").Body.String()
		if strings.Contains(page, "<script>") || strings.Count(page, "名前が同じです") != 2 {
			t.Errorf("suggestions: %.3000s", page)
		}
		action := found(t, page, `action="(/meetings/janog57/money/bank/[0-9A-Z]{26})"><input type="hidden" name="version" value="0"><input type="hidden" name="state" value="open"><input type="hidden" name="order"`)
		order := found(t, page, `name="order" value="([0-9A-Z]{26})"`)
		use := "act=use&version=0&state=open&order=" + order + "&amount=16500"
		if got := treasurer.do("POST", action, use); got.Code != http.StatusSeeOther {
			t.Fatalf("%d: %.2000s", got.Code, got.Body)
		}
		if got := treasurer.do("POST", action, use); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "ほかの人がすでに処理しました") {
			t.Errorf("pressed twice: %d", got.Code)
		}
		used := treasurer.do("GET", at+"?state=used", "").Body.String()
		if !strings.Contains(used, "16,500円") || !strings.Contains(used, `name="act" value="free"`) {
			t.Errorf("what was used: %.3000s", used)
		}
		for _, bad := range []string{"", "日付,入金\n"} {
			body, kind := statementForm(t, bad)
			if got := treasurer.do("POST", at, body, "Content-Type", kind); got.Code != http.StatusUnprocessableEntity {
				t.Errorf("a file with %q: %d", bad, got.Code)
			}
		}
	})
}

func TestGateJourney(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withOrders(t, e, 2)
		desk := w.member("受付", []event.RoleKey{event.RoleReception}, "janog57")
		const at = "/meetings/janog57/money/gate"
		if page := desk.do("GET", at, "").Body.String(); !strings.Contains(page, `name="gate"`) {
			t.Fatal("it does not ask where one is")
		}
		set := desk.do("POST", at, "act=gate&gate="+url.QueryEscape("受付1"))
		cookie := desk.cookie + "; " + strings.SplitN(set.Header().Get("Set-Cookie"), ";", 2)[0]
		do := func(method, path, form string) *httptest.ResponseRecorder { return w.as(cookie, method, path, form) }
		if page := do("GET", at+"?q="+url.QueryEscape("コウダ"), "").Body.String(); strings.Count(page, "幸田") < 2 {
			t.Errorf("found by how they are read: %.2000s", page)
		}
		to := do("GET", at+"?q=koda1@example.org", "").Header().Get("Location")
		page := do("GET", to, "").Body.String()
		form := url.Values{"act": {"take"}, "order": {found(t, page, `name="order" value="([^"]+)"`)}, "amount": {found(t, page, `name="amount" value="([^"]+)"`)},
			"key": {found(t, page, `name="key" value="([^"]+)"`)}, "given": {"２０，０００"}}
		if !strings.Contains(page, "16,500円") || !strings.Contains(page, "3,500円") {
			t.Errorf("what is to be paid, and the change: %.3000s", page)
		}
		first, second := do("POST", at, form.Encode()), do("POST", at, form.Encode())
		if first.Code != http.StatusSeeOther || second.Code != http.StatusSeeOther {
			t.Fatalf("%d, pressed again %d: %.2000s", first.Code, second.Code, second.Body)
		}
		page = do("GET", first.Header().Get("Location"), "").Body.String()
		if !strings.Contains(page, "3,500円") || !strings.Contains(page, "1件、16,500円") {
			t.Errorf("after it was taken: %.3000s", page)
		}
		if got := w.as("", "GET", found(t, page, `href="(/orders/[^"]+)"`), ""); got.Code != http.StatusOK {
			t.Errorf("the page of the receipt: %d", got.Code)
		}
		form.Set("key", billing.NewKey())
		if got := do("POST", at, form.Encode()); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "現金を受け取らないでください") {
			t.Errorf("paid twice: %d", got.Code)
		}
	})
}

// TestPaymentPagesAskAsOften: the pages ask the database as often for sixty deposits and orders as for two.
func TestPaymentPagesAskAsOften(t *testing.T) {
	ask := func(n int) map[string]int64 {
		w := withOrders(t, db.SQLite, n)
		treasurer := w.member("会計", []event.RoleKey{event.RoleTreasurer}, "janog57")
		rows := "日付,入金,摘要\n"
		for i := range n {
			rows += fmt.Sprintf("2026/02/10,16500,幸田 %d\n", i)
		}
		body, kind := statementForm(t, rows)
		if got := treasurer.do("POST", "/meetings/janog57/money/bank", body, "Content-Type", kind); got.Code != http.StatusSeeOther {
			t.Fatalf("%d: %.1000s", got.Code, got.Body)
		}
		out := map[string]int64{}
		for _, path := range []string{"/bank", "/bank?state=used", "/card", "/refunds", "/gate?q=koda", "/paying", "/books"} {
			treasurer.do("GET", "/meetings/janog57/money"+path, "") // warm
			ctx, count := db.Counted(t.Context())
			req := httptest.NewRequestWithContext(ctx, http.MethodGet, public+"/meetings/janog57/money"+path, http.NoBody)
			req.RemoteAddr = stranger
			req.Header.Set("Cookie", treasurer.cookie+"; gate=x")
			rec := httptest.NewRecorder()
			w.handler.ServeHTTP(rec, req)
			if rec.Code != http.StatusOK {
				t.Fatalf("%s: %d", path, rec.Code)
			}
			out[path] = count.Load()
		}
		return out
	}
	small, large := ask(2), ask(60)
	for path, n := range small {
		if large[path] != n || n > maxStatements {
			t.Errorf("%s: %d statements with 2, %d with 60", path, n, large[path])
		}
	}
}
