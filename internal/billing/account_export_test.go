package billing

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// books are what rows of a journal come to, by account, debits positive.
func booksOf(t *testing.T, rows [][]string, debit, debitAmount, credit, creditAmount int) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	for _, r := range rows {
		d, err1 := strconv.ParseInt(r[debitAmount], 10, 64)
		c, err2 := strconv.ParseInt(r[creditAmount], 10, 64)
		if err1 != nil || err2 != nil || d <= 0 || d != c {
			t.Fatalf("a row that does not balance: %q", r)
		}
		out[r[debit]] += d
		out[r[credit]] -= c
	}
	return out
}

func handedOut(t *testing.T, h *counter, form string, in Period) [][]string {
	t.Helper()
	out, err := h.p.HandOut(h.treasurer(), "sample", form, in, []string{"日付", "伝票"}, asItIs, asItIs)
	if err != nil {
		t.Fatal(err)
	}
	read, err := sheet.Read(out.Data)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for _, r := range read.Rows {
		rows = append(rows, r.Cells)
	}
	return rows
}

// TestBooksComeToTheLedger: what either accounting program would read comes to what the ledger says, account by account.
func TestBooksComeToTheLedger(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket, lunch, tour))
		h.owe(debt(2, ticket, social))
		list := h.loaded(statement("2026/11/30,18660,x"))
		h.must(h.p.UseDeposit(h.treasurer(), "sample", list[0].Ref, 0, []Share{{h.order(1).Ref, 0}}))
		h.must(h.p.TakeCash(h.gate(), "sample", h.order(2).Ref, "受付1", NewKey(), 22500))
		h.owe(debt(2, ticket))
		due, err := h.p.DueBacks(h.treasurer(), "sample")
		h.must(err)
		h.must(h.p.NoteRefund(h.treasurer(), "sample", due[0].Order.Ref, Back{Ref: due[0].Ref, Method: Cash, Gate: "受付1"}))

		all := Period{From: "2026-11-01", To: "2026-12-31"}
		want := map[string]int64{}
		b := UsualPaying().Books
		from, to := time.Date(2026, 11, 1, 0, 0, 0, 0, jst), time.Date(2027, 1, 1, 0, 0, 0, 0, jst)
		id, err := meetingID(t.Context(), h.db, "sample")
		h.must(err)
		ledger, err := entries(t.Context(), h.db, id, 0, from, to)
		h.must(err)
		for _, e := range ledger {
			want[b.named(e.Account)] += e.Amount
		}
		yayoiRows := handedOut(t, h, FormYayoi, all)
		freeeRows := handedOut(t, h, FormFreee, all)
		for name, got := range map[string]map[string]int64{"yayoi": booksOf(t, yayoiRows, 4, 8, 10, 14), "freee": booksOf(t, freeeRows[1:], 3, 14, 17, 28)} {
			for account, amount := range want {
				if got[account] != amount {
					t.Errorf("%s: %s comes to %d, in the ledger to %d", name, account, got[account], amount)
				}
			}
			if got["売上高"] != -(18660+346+16500) || got["現金"] != 16500 || got["普通預金"] != 18660 || got["売掛金"] != 346 {
				t.Errorf("%s: %v", name, got)
			}
		}
		h.checkYayoi(yayoiRows)
		if !strings.HasPrefix(strings.Join(freeeRows[0], ","), "日付,伝票番号,決算整理仕訳,借方勘定科目,借方科目コード,借方補助科目,借方取引先,") || len(freeeRows[0]) != 32 {
			t.Errorf("freee: %q", freeeRows[0])
		}
		read := handedOut(t, h, FormLedger, all)
		var sum int64
		for _, r := range read[1:] {
			d, c := r[4], r[5]
			n, _ := bankAmount(d)
			m, _ := bankAmount(c)
			sum += n - m
		}
		if len(read) != len(ledger)+1 || sum != 0 {
			t.Errorf("the ledger has %d rows and sums to %d", len(read), sum)
		}
		// The deposit counts for the day on which it came, in November.
		november := booksOf(t, handedOut(t, h, FormYayoi, Period{From: "2026-11-30", To: "2026-11-30"}), 4, 8, 10, 14)
		if fmt.Sprint(november) != "map[売掛金:-18660 普通預金:18660]" {
			t.Errorf("in November: %v", november)
		}
		host := booksOf(t, handedOut(t, h, FormYayoi, Period{From: "2026-11-01", To: "2026-12-31", Seller: "host"}), 4, 8, 10, 14)
		if fmt.Sprint(host) != "map[売上高:-346 売掛金:346]" {
			t.Errorf("of the host: %v", host)
		}
	})
}

// checkYayoi looks at every row as the description of 弥生取り込み形式 wants it.
func (h *counter) checkYayoi(rows [][]string) {
	h.t.Helper()
	taxed := map[string]int64{}
	for _, r := range rows {
		if len(r) != 25 || r[0] != "2000" || r[19] != "0" || r[24] != "no" {
			h.t.Errorf("%d columns: %q", len(r), r)
		}
		if _, err := time.Parse("2006/01/02", r[3]); err != nil {
			h.t.Errorf("the day %q", r[3])
		}
		for i, most := range map[int]int{4: 24, 10: 24, 16: 64} {
			if b, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte(r[i])); err != nil || len(b) > most {
				h.t.Errorf("column %d is longer than %d or not in Shift_JIS: %q", i+1, most, r[i])
			}
		}
		if r[10] == "売上高" {
			n, _ := bankAmount(r[15])
			taxed[r[13]] += n
		}
	}
	if taxed["課税売上込10%"] != 1500+31+1500+545 || taxed["課税売上込軽減8%"] != 160 {
		h.t.Errorf("the tax in it: %v", taxed)
	}
}

func TestPeriods(t *testing.T) {
	eachCounter(t, func(_ *testing.T, h *counter) {
		for _, in := range []Period{{}, {From: "2026-12-31", To: "2026-12-01"}, {From: "2020-01-01", To: "2026-12-31"}, {From: "x", To: "2026-12-31"}} {
			_, err := h.p.HandOut(h.treasurer(), "sample", FormYayoi, in, nil, asItIs, asItIs)
			h.is(err, fault.Invalid, "billing.error.period")
		}
		_, err := h.p.HandOut(h.treasurer(), "sample", "xml", Period{From: "2026-12-01", To: "2026-12-31"}, nil, asItIs, asItIs)
		h.is(err, fault.NotFound, "")
		_, err = h.p.HandOut(h.gate(), "sample", FormYayoi, Period{From: "2026-12-01", To: "2026-12-31"}, nil, asItIs, asItIs)
		h.is(err, fault.Forbidden, "")
	})
}

func TestTaxIsDividedWithItsAmount(t *testing.T) {
	b := UsualPaying().Books
	rows := journal([]BookEntry{
		{Voucher: "A", Account: Receivable, Amount: 10000}, {Voucher: "A", Account: Advance, Amount: 6500},
		{Voucher: "A", Account: "revenue:10", Amount: -15000}, {Voucher: "A", Account: "tax:10", Amount: -1500},
		{Voucher: "B", Account: "revenue:8", Amount: 1000}, {Voucher: "B", Account: "tax:8", Amount: 80}, {Voucher: "B", Account: Receivable, Amount: -1080},
	}, &b)
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%d %s/%d %s/%d %d", r.slip, r.debit.account, r.debit.tax, r.credit.account, r.credit.tax, r.amount))
	}
	want := "1 売掛金/0 売上高/909 10000; 1 前受金/0 売上高/591 6500; 2 売上高/80 売掛金/0 1080"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("%s, not %s", s, want)
	}
	if narrow("株式会社ヤマダ", 7) != "株式会" || narrow("ab髙", 4) != "ab髙" || narrow("𠮷a", 3) != "𠮷a" {
		t.Error("cut at the wrong place")
	}
}

func asItIs(s string) string { return s }

func TestAccountExport_reasonsInWords(t *testing.T) {
	e := &BookEntry{Number: "A1", Payer: "山田", What: OnRefund}
	list, err := i18n.NewWords(Files)
	if err != nil {
		t.Fatal(err)
	}
	site := &web.Site{Words: list}
	e.Why = words{&web.Frame{Lang: i18n.JA, Site: site}}.Why("billing.owed")
	if got := textOf(e); strings.Contains(got, "billing.") || !strings.HasPrefix(got, "A1 山田 ") {
		t.Error(got)
	}
}
