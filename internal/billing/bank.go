package billing

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
)

// Deposit is money that came into an account of a seller, as the bank's file says it.
type Deposit struct {
	Line      int       // of the file
	Date      time.Time // midnight UTC of the day
	Amount    int64
	Payer     string // as the bank wrote it, mostly in half-width kana
	Reference string // what the bank or the payer gave besides: an inquiry number, EDI information
	Print     string // the fingerprint: the same in every file that holds this deposit
}

// Statement is what a file of a bank says about money that came in.
type Statement struct {
	Form     string // StatementTable, StatementZengin
	Deposits []Deposit
	Out      int // entries that are no deposits: money that went out, cancelled ones
}

// The forms of statements.
const (
	StatementTable  = "table"  // columns with headings
	StatementZengin = "zengin" // the records of the Japanese Bankers Association
)

// maxDeposits bounds what one file may bring in.
const maxDeposits = 20_000

// ReadStatement reads a file of a bank: records of 200 characters as the Japanese Bankers Association defined them (振込入金通知 and
// 入出金取引明細), the same with commas, or a table with a heading row as banks offer it for spreadsheets. now decides which year is meant
// where a file has two digits for it.
func ReadStatement(data []byte, now time.Time) (*Statement, error) {
	if len(data) > sheet.MaxBytes {
		return nil, fault.New(fault.Invalid, "sheet.error.bytes").With("max", sheet.MaxBytes>>20)
	}
	var s *Statement
	records, ok, err := zenginRecords(data)
	if err == nil && ok {
		s, err = readZengin(records, now)
	} else if err == nil {
		s, err = readBankTable(data, now)
	}
	if err != nil {
		return nil, err
	}
	if len(s.Deposits) > maxDeposits {
		return nil, fault.New(fault.Invalid, "billing.error.bank_many").With("max", maxDeposits)
	}
	s.print()
	return s, nil
}

// print gives every deposit its fingerprint: day, amount, folded payer, and the how many-th of its kind it is in the file. Files hold whole
// days, so that two people of one name who paid on one day stay two in every file. It does not depend on the form of the file.
func (s *Statement) print() {
	seen := map[string]int{}
	for i := range s.Deposits {
		d := &s.Deposits[i]
		what := d.Date.Format(time.DateOnly) + "\x00" + strconv.FormatInt(d.Amount, 10) + "\x00" + FoldPayer(d.Payer)
		seen[what]++
		sum := sha256.Sum256([]byte(what + "\x00" + strconv.Itoa(seen[what])))
		d.Print = hex.EncodeToString(sum[:16])
	}
}

// bankColumns are the headings under which banks say what matters here.
func bankColumns() []sheet.Column {
	return []sheet.Column{
		{Key: "date", Names: []string{"日付", "取引日", "お取引日", "取引日付", "年月日", "お取引年月日", "取引年月日", "勘定日", "入金日", "取扱日", "お取扱日", "取扱日付", "操作日", "振込日", "起算日", "Date"}},
		{Key: "year", Names: []string{"年", "操作日（年）", "操作日年", "取引日年"}},
		{Key: "month", Names: []string{"月", "操作日（月）", "操作日月", "取引日月"}},
		{Key: "day", Names: []string{"日", "操作日（日）", "操作日日", "取引日日"}},
		{Key: "in", Names: []string{"お預り金額", "お預かり金額", "預り金額", "預かり金額", "お預入れ", "お預入金額", "お預け入れ金額", "お預入額", "預入金額", "入金", "入金額", "入金金額", "受入金額", "受取金額", "振込金額", "Deposit", "Deposits"}},
		{Key: "out", Names: []string{"お支払金額", "支払金額", "支払い金額", "お引出し", "お引出金額", "お引き出し金額", "出金", "出金額", "出金金額", "払出金額", "引出金額", "Withdrawal", "Withdrawals"}},
		{Key: "amount", Names: []string{"金額", "取引金額", "お取引金額", "入出金", "入出金額", "Amount"}},
		{Key: "direction", Names: []string{"入払区分", "入出金区分", "入出区分", "取引区分", "区分"}},
		{Key: "payer", Names: []string{"振込依頼人名", "振込依頼人", "依頼人名", "ご依頼人名", "振込依頼人名または契約者番号", "振込人名", "振込人", "摘要内容", "お取引内容", "取引内容", "詳細２", "Payer"}},
		{Key: "what", Names: []string{"摘要", "お取り扱い内容", "お取扱内容", "取扱内容", "内容", "入出金内容", "明細", "お取引明細", "詳細", "詳細１", "Description"}},
		{Key: "reference", Names: []string{"EDI情報", "照会番号", "振込依頼人コード", "メモ", "備考", "入出金明細ID", "Reference"}},
	}
}

// readBankTable reads a table with a heading row.
func readBankTable(data []byte, now time.Time) (*Statement, error) {
	t, err := sheet.Read(data)
	if err != nil {
		return nil, err
	}
	head, rows := bankHead(t)
	dated := head.Has("date") || head.Has("year", "month", "day")
	if !dated || !head.Has("in") && !head.Has("amount") || !head.Has("payer") && !head.Has("what") {
		return nil, fault.New(fault.Invalid, "billing.error.bank_head")
	}
	s := &Statement{Form: StatementTable}
	for _, r := range rows {
		if err := s.row(head, r, now); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// bankHead finds the heading row; headings of a day in three columns count like one of a date.
func bankHead(t *sheet.Table) (sheet.Head, []sheet.Row) {
	var best sheet.Head
	var below []sheet.Row
	for _, needed := range [][]string{{"date", "in"}, {"date", "amount"}, {"year", "month", "day"}} {
		if h, rows := t.Find(bankColumns(), needed...); h.Has(needed...) {
			return h, rows
		} else if len(h) > len(best) {
			best, below = h, rows
		}
	}
	return best, below
}

// row reads one row of a table.
func (s *Statement) row(head sheet.Head, r sheet.Row, now time.Time) error {
	when := head.Get(r, "date")
	if when == "" && head.Has("year", "month", "day") {
		when = head.Get(r, "year") + "/" + head.Get(r, "month") + "/" + head.Get(r, "day")
	}
	if strings.Trim(when, "/ ") == "" {
		return nil
	}
	date, ok := bankDate(when, now)
	if !ok {
		if len(s.Deposits) > 0 && !strings.ContainsAny(norm.NFKC.String(when), "0123456789") {
			return nil // a sum, or a remark below the table
		}
		return fault.New(fault.Invalid, "billing.error.bank_date").With("line", r.Line).With("text", clip(when, 40))
	}
	amount, err := deposited(head, r)
	if err != nil {
		return err
	}
	if amount <= 0 {
		s.Out++
		return nil
	}
	s.Deposits = append(s.Deposits, Deposit{Line: r.Line, Date: date, Amount: amount, Payer: payerOf(head.Get(r, "payer"), head.Get(r, "what")),
		Reference: clip(spaced(head.Get(r, "reference")), 100)})
	return nil
}

// deposited is what came in by a row; zero or less where nothing did.
func deposited(head sheet.Head, r sheet.Row) (int64, error) {
	key := "in"
	if !head.Has("in") {
		key = "amount"
	}
	text := head.Get(r, key)
	amount, ok := bankAmount(text)
	if !ok {
		return 0, fault.New(fault.Invalid, "billing.error.bank_amount").With("line", r.Line).With("text", clip(text, 40))
	}
	direction := norm.NFKC.String(head.Get(r, "direction"))
	if key == "amount" && (strings.Contains(direction, "出金") || strings.Contains(direction, "支払") || direction == "2") && !strings.Contains(direction, "入出金") {
		return 0, nil
	}
	return amount, nil
}

// payerOf is who paid: what a column of its own says, else what the entry is about, without the word for a transfer.
func payerOf(payer, what string) string {
	for _, s := range []string{payer, what} {
		s = spaced(s)
		folded := norm.NFKC.String(s)
		for _, word := range []string{"振込入金", "振込 ", "振込*", "振込", "フリコミ"} {
			if rest, ok := strings.CutPrefix(folded, word); ok {
				s = strings.TrimLeft(rest, " *:・")
				break
			}
		}
		if s != "" {
			return clip(s, 200)
		}
	}
	return ""
}

// spaced writes every run of space as one.
func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// clip shortens a text to n characters.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// bankAmount reads an amount in yen: 16,500, ￥１６５００, 16500円. Nothing is zero; a fraction is no amount of yen.
func bankAmount(s string) (int64, bool) {
	s = norm.NFKC.String(s)
	s = strings.NewReplacer(",", "", "¥", "", `\`, "", "円", "", " ", "", "*", "", "−", "-", "△", "-", "▲", "-", "+", "").Replace(s)
	s = strings.TrimSuffix(s, ".00")
	if s == "" || s == "-" {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n < 1_000_000_000_000 && n > -1_000_000_000_000
}

// bankDate reads a day as banks write it: 2026/1/31, 2026-01-31, 20260131, 2026年1月31日, R8.1.31, 令和8年1月31日, 080131.
func bankDate(s string, now time.Time) (time.Time, bool) {
	s = strings.ToUpper(norm.NFKC.String(strings.TrimSpace(s)))
	s, _, _ = strings.Cut(s, " ") // the time of day
	if at := strings.IndexByte(s, '('); at > 0 {
		s = s[:at] // the day of the week
	}
	if s != "" && strings.Trim(s, "0123456789") == "" {
		switch len(s) {
		case 8:
			return day(atoi(s[:4]), atoi(s[4:6]), atoi(s[6:]))
		case 6:
			return day(fullYear(atoi(s[:2]), now), atoi(s[2:4]), atoi(s[4:]))
		}
		return time.Time{}, false
	}
	era := 0
	for _, e := range []struct {
		name string
		year int
	}{{"令和", 2018}, {"R", 2018}, {"平成", 1988}, {"H", 1988}} {
		if rest, ok := strings.CutPrefix(s, e.name); ok {
			s, era = strings.TrimLeft(rest, "."), e.year
			break
		}
	}
	s = strings.Replace(s, "元年", "1年", 1)
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("/-.年月日", r) })
	if len(parts) != 3 {
		return time.Time{}, false
	}
	for _, p := range parts {
		if strings.Trim(p, "0123456789") != "" || len(p) > 4 {
			return time.Time{}, false
		}
	}
	year := atoi(parts[0])
	switch {
	case era > 0:
		year += era
	case len(parts[0]) <= 2:
		year = fullYear(year, now)
	}
	return day(year, atoi(parts[1]), atoi(parts[2]))
}

// fullYear is the year that two digits mean: of the Reiwa era or of the century, whichever is nearer to now. A statement is of days that were.
func fullYear(two int, now time.Time) int {
	years := []int{2018 + two, 2000 + two, 1988 + two}
	return slices.MinFunc(years, func(a, b int) int { return cmp.Compare(distance(a, now), distance(b, now)) })
}

func distance(year int, now time.Time) int {
	if d := now.Year() - year; d >= 0 {
		return d
	}
	return 3 * (year - now.Year()) // the next year may be meant at its beginning, but is less likely
}

func day(y, m, d int) (time.Time, bool) {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, t.Year() == y && int(t.Month()) == m && t.Day() == d && y >= 1989 && y < 2100
}

// atoi reads digits that were looked at before.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// String says what a deposit is, for logs.
func (d *Deposit) String() string {
	return fmt.Sprintf("%s %d %s", d.Date.Format(time.DateOnly), d.Amount, d.Print)
}
