package billing

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// The accounts there are. Those of revenue and tax end in the rate, that of cash in the gate where it lies.
const (
	Receivable = "receivable" // 売掛金: what payers owe
	Advance    = "advance"    // 前受金: what came in without being owed
	RefundsDue = "refund"     // 返金未払: what has to go back
	AtBank     = "bank"       // 預金
	AtCard     = "card"       // カード会社への債権
	Fees       = "fee"        // 支払手数料
	cashOf     = "cash:"      // 現金
	revenueOf  = "revenue:"   // 売上
	taxOf      = "tax:"       // 仮受消費税
)

// CashAt is the account of the cash at a gate.
func CashAt(gate string) string { return cashOf + gate }

// Posting is one row of a voucher: a debit where the amount is positive, else a credit.
type Posting struct {
	Account string
	Amount  int64
}

// Voucher is postings that belong together. Their amounts sum to zero.
type Voucher struct {
	Ref       string
	Meeting   int64
	Seller    int64
	Order     int64 // 0: of no order
	Rows      []Posting
	What      string // OnOwe and so on
	Reference string // of the payment or refund, for finding it
	Why       string
	At        time.Time
	By        string
}

// What vouchers are about. Others may be added; each has its words under "billing.what.".
const (
	OnOwe    = "owe"
	OnPay    = "pay"
	OnUnpay  = "unpay"
	OnRefund = "refund"
	OnPayout = "payout" // the card service paid out what it had collected
)

// Balanced reports that a voucher has rows and these sum to zero.
func (v *Voucher) Balanced() bool {
	var sum int64
	for _, p := range v.Rows {
		sum += p.Amount
	}
	return sum == 0 && len(v.Rows) > 0
}

// moneyAccount is where money of a method lies.
func moneyAccount(method, gate string) string {
	switch method {
	case Card:
		return AtCard
	case Cash:
		return CashAt(gate)
	}
	return AtBank
}

// claims says what the accounts of an order between the seller and the payer should say.
func (o *Order) claims() map[string]int64 {
	over := o.Held() - o.Total
	return map[string]int64{Receivable: max(0, -over), Advance: -max(0, over), RefundsDue: -o.RefundDue}
}

// earned says what the accounts of revenue and tax should say.
func earned(rates []Rated) map[string]int64 {
	out := map[string]int64{}
	for _, r := range rates {
		rate := strconv.Itoa(r.Rate)
		out[revenueOf+rate] = -r.Net
		out[taxOf+rate] = -r.Tax
	}
	return out
}

// toward are the postings that bring accounts from what they say to what they should. Accounts that are not wanted stay, unless they are of
// revenue or tax and all is true: then they come to nothing.
func toward(want, have map[string]int64, all bool) []Posting {
	var rows []Posting
	add := func(account string, diff int64) {
		if diff != 0 {
			rows = append(rows, Posting{account, diff})
		}
	}
	for account, amount := range want {
		add(account, amount-have[account])
	}
	for account, amount := range have {
		if _, wanted := want[account]; all && !wanted && (hasPrefix(account, revenueOf) || hasPrefix(account, taxOf)) {
			add(account, -amount)
		}
	}
	slices.SortFunc(rows, func(a, b Posting) int {
		return cmp.Or(cmp.Compare(b.Amount, a.Amount), cmp.Compare(a.Account, b.Account))
	})
	return rows
}

func hasPrefix(s, prefix string) bool { return len(s) > len(prefix) && s[:len(prefix)] == prefix }
