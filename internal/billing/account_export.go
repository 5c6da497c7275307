package billing

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/tsudoi/tsudoi/internal/kit/sheet"
)

// BookEntry is one posting as the books of an accountant need it.
type BookEntry struct {
	Voucher string
	On      time.Time // the day it counts for: of a payment when it was paid, else when it was posted
	Account string
	Amount  int64 // a debit where positive
	What    string
	Ref     string // of the payment or refund
	Why     string
	Number  string // of the order
	Payer   string
	Seller  string
	By      string
}

// The forms in which the books are handed out.
const (
	FormLedger = "ledger" // every posting, for reading
	FormYayoi  = "yayoi"  // 弥生取り込み形式: 25 columns without a heading row
	FormFreee  = "freee"  // freee会計 仕訳インポート: a heading row, both sides in one row
)

// journalRow is one debit and one credit of the same amount. Tax is in the amount.
type journalRow struct {
	slip          int // rows of one voucher have the same
	on            time.Time
	debit, credit journalSide
	amount        int64
	text          string
}

type journalSide struct {
	account string
	rate    int   // of the consumption tax, in percent; noTax: none of its business
	tax     int64 // in the amount
}

const noTax = -1

// journal makes rows of debit and credit of postings. Revenue and tax of a rate become one account with the tax in it (税込): both accounting
// programs take amounts with tax and the tax beside it, whichever way the books are kept.
func journal(list []BookEntry, b *Books) []journalRow {
	var out []journalRow
	for slip := 1; len(list) > 0; slip++ {
		n := 1
		for n < len(list) && list[n].Voucher == list[0].Voucher {
			n++
		}
		out = append(out, paired(slip, list[:n], b)...)
		list = list[n:]
	}
	return out
}

// half is one side of a voucher that is not matched yet.
type halfRow struct {
	journalSide
	left int64
}

// paired matches the debits of a voucher with its credits, in their order.
func paired(slip int, list []BookEntry, b *Books) []journalRow {
	debits, credits := sides(list, b)
	var out []journalRow
	for len(debits) > 0 && len(credits) > 0 {
		d, c := &debits[0], &credits[0]
		amount := min(d.left, c.left)
		out = append(out, journalRow{slip: slip, on: list[0].On, debit: d.take(amount), credit: c.take(amount), amount: amount, text: textOf(&list[0])})
		if d.left == 0 {
			debits = debits[1:]
		}
		if c.left == 0 {
			credits = credits[1:]
		}
	}
	return out
}

// take takes a part of a side, with its part of the tax; the last part has what is left of that.
func (h *halfRow) take(amount int64) journalSide {
	out := h.journalSide
	if amount < h.left {
		out.tax = h.tax * amount / h.left
	}
	h.tax -= out.tax
	h.left -= amount
	return out
}

// sides sums the postings of a voucher by account, with the tax in the revenue.
func sides(list []BookEntry, b *Books) (debits, credits []halfRow) {
	type sum struct{ amount, tax int64 }
	sums := map[string]*sum{}
	var order []string
	for i := range list {
		key, tax := list[i].Account, false
		if rate, ok := strings.CutPrefix(key, taxOf); ok {
			key, tax = revenueOf+rate, true
		}
		if sums[key] == nil {
			sums[key] = &sum{}
			order = append(order, key)
		}
		sums[key].amount += list[i].Amount
		if tax {
			sums[key].tax += list[i].Amount
		}
	}
	for _, key := range order {
		s := sums[key]
		side := journalSide{account: b.named(key), rate: noTax, tax: max(s.tax, -s.tax)}
		if rate, ok := strings.CutPrefix(key, revenueOf); ok {
			side.rate = atoi(rate)
		}
		switch {
		case s.amount > 0:
			debits = append(debits, halfRow{side, s.amount})
		case s.amount < 0:
			credits = append(credits, halfRow{side, -s.amount})
		}
	}
	return debits, credits
}

// textOf is what a row says: the order, who pays, and why.
func textOf(e *BookEntry) string {
	parts := []string{e.Number, e.Payer}
	if e.What == OnRefund || e.What == OnUnpay {
		parts = append(parts, e.Why)
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// narrow shortens a text to what has n half-width characters, as the programs count: a full-width one is two.
func narrow(s string, n int) string {
	var b strings.Builder
	for _, r := range s {
		w, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte(string(r)))
		if err != nil {
			w = []byte("〓")[:2]
		}
		if n -= len(w); n < 0 {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// The lengths of fields in 弥生取り込み形式, in half-width characters.
const (
	yayoiColumns = 25
	yayoiAccount = 24
	yayoiText    = 64
)

// yayoiTax is how 弥生会計 calls the tax of a side, for amounts with tax in them (課税売上込).
func yayoiTax(s journalSide) string {
	switch s.rate {
	case 10:
		return "課税売上込10%"
	case 8:
		return "課税売上込軽減8%"
	}
	return "対象外"
}

// yayoi writes rows in 弥生取り込み形式.
func yayoi(rows []journalRow) sheet.Export {
	e := sheet.Export{Name: "仕訳"}
	for i := range rows {
		r := &rows[i]
		row := make([]string, yayoiColumns)
		row[0] = "2000" // a journal entry of one row that is no slip
		row[3] = r.on.Format("2006/01/02")
		row[4], row[7], row[8], row[9] = narrow(r.debit.account, yayoiAccount), yayoiTax(r.debit), yen(r.amount), taxText(r.debit)
		row[10], row[13], row[14], row[15] = narrow(r.credit.account, yayoiAccount), yayoiTax(r.credit), yen(r.amount), taxText(r.credit)
		row[16] = narrow(r.text, yayoiText)
		row[19], row[24] = "0", "no"
		e.Rows = append(e.Rows, row)
	}
	return e
}

func taxText(s journalSide) string {
	if s.rate == noTax {
		return ""
	}
	return yen(s.tax)
}

// freeeHead are the columns of freee会計's template for journals.
func freeeHead() []string {
	side := func(of string) []string {
		return []string{of + "勘定科目", of + "科目コード", of + "補助科目", of + "取引先", of + "取引先コード", of + "部門", of + "品目", of + "メモタグ",
			of + "セグメント1", of + "セグメント2", of + "セグメント3", of + "金額", of + "税区分", of + "税額"}
	}
	head := append([]string{"日付", "伝票番号", "決算整理仕訳"}, side("借方")...)
	return append(append(head, side("貸方")...), "摘要")
}

// freeeTax is how freee会計 calls the tax of a side.
func freeeTax(s journalSide) string {
	switch s.rate {
	case 10:
		return "課税売上10%"
	case 8:
		return "課税売上8%（軽）"
	}
	return "対象外"
}

// freee writes rows for freee会計; rows with the same day and slip become one entry there.
func freee(rows []journalRow) sheet.Export {
	e := sheet.Export{Name: "仕訳", Head: freeeHead()}
	const debit, credit, account, amount = 3, 17, 0, 11
	for i := range rows {
		r := &rows[i]
		row := make([]string, len(e.Head))
		row[0], row[1] = r.on.Format("2006/01/02"), strconv.Itoa(r.slip)
		row[debit+account], row[debit+amount], row[debit+amount+1], row[debit+amount+2] = r.debit.account, yen(r.amount), freeeTax(r.debit), taxText(r.debit)
		row[credit+account], row[credit+amount], row[credit+amount+1], row[credit+amount+2] = r.credit.account, yen(r.amount), freeeTax(r.credit), taxText(r.credit)
		row[len(row)-1] = clip(r.text, 200)
		e.Rows = append(e.Rows, row)
	}
	return e
}

// ledgerSheet writes every posting, with headings and the names of things in a language.
func ledgerSheet(list []BookEntry, b *Books, head []string, what func(string) string) sheet.Export {
	e := sheet.Export{Name: "ledger", Head: head, Numbers: []int{4, 5}}
	for i := range list {
		x := &list[i]
		debit, credit := "", ""
		if x.Amount >= 0 {
			debit = yen(x.Amount)
		} else {
			credit = yen(-x.Amount)
		}
		e.Rows = append(e.Rows, []string{x.On.Format(time.DateOnly), x.Voucher, x.Account, b.named(x.Account), debit, credit, what(x.What), x.Number, x.Payer,
			x.Seller, x.Ref, x.Why, x.By})
	}
	return e
}
