package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/billing"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// owes lets a subject owe for some lunches.
func (w *site) owes(slug, subject string, person int64, lines int) {
	w.t.Helper()
	d := billing.Debt{Subject: subject, Payer: billing.Payer{Person: person, Name: "髙橋 <b>花子</b>", Organisation: "見本商事 & Co.", Lang: i18n.JA}, Due: noon.AddDate(0, 0, 7)}
	for i := range lines {
		d.Lines = append(d.Lines, billing.Line{Key: fmt.Sprint("lunch:", i), Name: i18n.T(fmt.Sprint("弁当", i), fmt.Sprint("Lunch ", i)), Amount: 1080, Rate: 8, Seller: "group", Quantity: 1})
	}
	ctx := w.systemContext()
	if err := w.DB.Write(ctx, func(tx *db.Tx) error { return w.Bills.Owe(ctx, tx, slug, d) }); err != nil {
		w.t.Fatal(err)
	}
}

// orderPath is the payer's page of a subject.
func (w *site) orderPath(slug, subject string) string {
	w.t.Helper()
	all, err := w.Bills.Standings(w.t.Context(), w.DB, slug, []string{subject})
	if err != nil || !strings.HasPrefix(all[subject].Path, "/orders/") {
		w.t.Fatalf("%s stands %+v, %v", subject, all[subject], err)
	}
	return all[subject].Path
}

// sellsAt makes a treasurer of a meeting, who enters a seller as it is typed with a Japanese keyboard.
func (w *site) sellsAt(slug string) *member {
	w.t.Helper()
	treasurer := w.member("会計", []event.RoleKey{event.RoleTreasurer}, slug)
	form := url.Values{"key": {"group"}, "name_ja": {"一般社団法人　見本"}, "number": {"Ｔ7000012050002"}, "account": {"１２３４５６７"}, "holder": {"ﾐﾎﾝ"}, "bank": {"見本銀行"}, "rounding": {"floor"},
		"year_month": {"4"}, "later_days": {"３０"}}
	if rec := treasurer.do(http.MethodPost, "/meetings/"+slug+"/money/sellers", form.Encode()); rec.Code != http.StatusSeeOther {
		w.t.Fatalf("save the seller: %d %s", rec.Code, rec.Body.String())
	}
	return treasurer
}

func TestOrderPages(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withExamples(t, e)
		treasurer := w.sellsAt("janog57")
		payer := w.member("払う人", nil)
		w.owes("janog57", "entry:1", payer.id, 2)
		w.owes("janog57", "entry:2", 0, 1)
		path := w.orderPath("janog57", "entry:1")

		rec := w.ask(http.MethodGet, path, stranger)
		page := rec.Body.String()
		for _, want := range []string{"2,160円", "髙橋 &lt;b&gt;花子&lt;/b&gt;", "見本商事 &amp; Co.", "T7000012050002", "1234567", "ミホン", "消費税（8%）"} {
			if !strings.Contains(page, want) {
				t.Errorf("the payer's page does not say %q", want)
			}
		}
		if rec.Code != http.StatusOK || rec.Header().Get("Referrer-Policy") != "same-origin" || rec.Header().Get("X-Robots-Tag") != "noindex" ||
			rec.Header().Get("Cache-Control") != "no-store" || !strings.Contains(page, `<meta name="robots" content="noindex">`) {
			t.Errorf("%d %v", rec.Code, rec.Header())
		}
		for name, x := range map[string]struct{ page, back string }{
			"handed on":      {page, ""},
			"the payer":      {payer.do(http.MethodGet, path, "").Body.String(), "/me/janog57"},
			"from the entry": {w.as("", http.MethodGet, path, "", "Referer", public+"/entries/abc-def/options").Body.String(), "/entries/abc-def"},
			"from elsewhere": {w.as("", http.MethodGet, path, "", "Referer", "https://other.example/entries/abc-def").Body.String(), ""},
		} {
			if has := strings.Contains(x.page, `class="m-back`); has != (x.back != "") || has && !strings.Contains(x.page, `href="`+x.back+`">参加登録に戻る`) {
				t.Errorf("%s: the way back is not %q", name, x.back)
			}
		}
		if en := w.ask(http.MethodGet, "/en"+path, stranger).Body.String(); !strings.Contains(en, "¥2,160") || !strings.Contains(en, "Lunch 1") {
			t.Error("the page in English")
		}

		// Whatever a form says of prices, the invoice is over what is owed.
		form := url.Values{"act": {"issue"}, "kind": {"invoice"}, "lang": {"ja"}, "amount": {"1"}, "total": {"1"}, "price": {"1"}, "lunch:0": {"1"}, "quantity": {"0"}}
		if rec := w.as("", http.MethodPost, path, form.Encode()); rec.Code != http.StatusSeeOther {
			t.Fatalf("issue: %d %s", rec.Code, rec.Body.String())
		}
		page = w.ask(http.MethodGet, path, stranger).Body.String()
		document := regexp.MustCompile(`href="([^"]+/documents/[A-Z0-9]{26})"`).FindStringSubmatch(page)
		if document == nil || !strings.Contains(page, "請求書 I2025-00001") {
			t.Fatalf("no invoice on the page")
		}
		pdf := w.ask(http.MethodGet, document[1], stranger)
		if pdf.Code != http.StatusOK || pdf.Header().Get("Content-Type") != "application/pdf" || !strings.HasPrefix(pdf.Body.String(), "%PDF") ||
			pdf.Header().Get("Content-Disposition") != `inline; filename="invoice-I2025-00001.pdf"` || pdf.Header().Get("X-Robots-Tag") != "noindex" {
			t.Errorf("the paper: %d %v", pdf.Code, pdf.Header())
		}
		if rec := w.as("", http.MethodPost, path, form.Encode()); rec.Code != http.StatusUnprocessableEntity && rec.Code != http.StatusConflict || !strings.Contains(rec.Body.String(), "もう発行") {
			t.Errorf("issued twice: %d", rec.Code)
		}
		// Nothing is kept by halves, and nothing typed is lost.
		if rec := w.as("", http.MethodPost, path, "act=address&name=&organisation=&street="+url.QueryEscape("見本町1-2")); rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), `value="見本町1-2"`) {
			t.Errorf("an addressee without a name: %d", rec.Code)
		}

		// The document of one order is not there at the address of another.
		other := w.orderPath("janog57", "entry:2")
		_, name, _ := strings.Cut(document[1], "/documents/")
		if rec := w.ask(http.MethodGet, other+"/documents/"+name, stranger); rec.Code != http.StatusNotFound {
			t.Errorf("somebody else's document: %d", rec.Code)
		}
		if rec := w.ask(http.MethodGet, path[:len(path)-1], stranger); rec.Code != http.StatusNotFound {
			t.Errorf("half an address: %d", rec.Code)
		}
		if mine := payer.do(http.MethodGet, "/me/orders", "").Body.String(); !strings.Contains(mine, path) || strings.Contains(mine, other) {
			t.Error("my orders are not mine")
		}

		ref := path[len("/orders/") : len("/orders/")+26]
		for _, at := range []string{"/money", "/money/orders?q=" + url.QueryEscape("ﾀｶﾊｼ 花子"), "/money/orders?part=overdue", "/money/orders/" + ref, "/money/ledger", "/money/sellers?seller=group"} {
			if rec := treasurer.do(http.MethodGet, "/meetings/janog57"+at, ""); rec.Code != http.StatusOK {
				t.Errorf("%s: %d", at, rec.Code)
			}
		}
		if rec := treasurer.do(http.MethodPost, "/meetings/janog57/money/orders/"+ref, "act=free&why="); rec.Code != http.StatusUnprocessableEntity {
			t.Errorf("free of charge without a reason: %d", rec.Code)
		}
		if rec := treasurer.do(http.MethodPost, "/meetings/janog57/money/orders/"+ref, "act=free&why=x"); rec.Code != http.StatusSeeOther {
			t.Errorf("free of charge: %d", rec.Code)
		}
		if page := treasurer.do(http.MethodGet, "/meetings/janog57/money/orders/"+ref, "").Body.String(); !strings.Contains(page, "C2025-00001") || !strings.Contains(page, "免除を決定") {
			t.Error("the order does not say what was decided")
		}
		w.noErrors()
	})
}

// TestOrderPagesAskTheSame: pages of money ask the database as often for many as for few, and answer at once for 3,000 orders.
func TestOrderPagesAskTheSame(t *testing.T) {
	testkit.Long(t)
	w := withExamples(t, db.SQLite)
	treasurer := w.sellsAt("janog57")
	w.owes("janog57", "entry:a", 0, 1)
	w.owes("janog57", "entry:b", 0, 60)
	count := func(path string) int64 {
		t.Helper()
		ctx, n := db.Counted(context.Background())
		req := httptest.NewRequestWithContext(ctx, http.MethodGet, public+path, http.NoBody)
		req.Header.Set("Cookie", treasurer.cookie)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, req)
		if rec.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, rec.Code)
		}
		return n.Load()
	}
	a, b := w.orderPath("janog57", "entry:a"), w.orderPath("janog57", "entry:b")
	count(a)
	for _, pair := range [][2]string{{a, b}, {"/meetings/janog57/money/orders/" + a[8:34], "/meetings/janog57/money/orders/" + b[8:34]}} {
		if x, y := count(pair[0]), count(pair[1]); x != y || x > maxStatements {
			t.Errorf("%s takes %d statements with one line, %d with 60", pair[0], x, y)
		}
	}
	lists := []string{"/meetings/janog57/money", "/meetings/janog57/money/orders?q=%E8%8A%B1%E5%AD%90", "/meetings/janog57/money/ledger"}
	var few []int64
	for _, path := range lists {
		few = append(few, count(path))
	}
	ctx := w.systemContext()
	for at := range 30 {
		err := w.DB.Write(ctx, func(tx *db.Tx) error {
			for i := range 100 {
				d := billing.Debt{Subject: fmt.Sprint("entry:", at*100+i), Payer: billing.Payer{Name: fmt.Sprint("花子", i)}, Due: noon,
					Lines: []billing.Line{{Key: "kind:general", Name: i18n.T("参加費", "Fee"), Amount: 16500, Rate: 10, Seller: "group", Quantity: 1}}}
				if err := w.Bills.Owe(ctx, tx, "janog57", d); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, path := range lists {
		begun := time.Now()
		if n := count(path); n != few[i] {
			t.Errorf("%s takes %d statements with 2 orders, %d with 3,000", path, few[i], n)
		}
		t.Logf("%s: %v", path, time.Since(begun))
	}
}
