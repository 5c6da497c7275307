package billing

import (
	"bytes"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
)

// The records of the Japanese Bankers Association (全銀協規定形式) are 200 characters of one byte each (JIS X 0201), with or without line ends.
// The first character says which record it is: 1 header, 2 data, 8 trailer, 9 end. Below are the widths of the fields; see ADR 0041 for where
// they were read.
const (
	zenginLength  = 200
	zenginHeader  = "1"
	zenginData    = "2"
	zenginTrailer = "8"
	zenginEnd     = "9"
	zenginCredit  = "01" // 振込入金通知
	zenginMoves   = "03" // 入出金取引明細
)

// zenginWidths are the fields of a record, by kind of file and record.
func zenginWidths(kind, record string) []int {
	switch kind + record {
	case zenginCredit + zenginHeader:
		return []int{1, 2, 1, 6, 6, 6, 4, 15, 3, 15, 1, 7, 40, 93}
	case zenginCredit + zenginData:
		return []int{1, 6, 6, 6, 10, 10, 10, 48, 15, 15, 1, 20, 52}
	case zenginCredit + zenginTrailer:
		return []int{1, 6, 12, 6, 12, 163}
	case zenginMoves + zenginHeader:
		return []int{1, 2, 1, 6, 6, 6, 4, 15, 3, 15, 3, 1, 10, 40, 1, 1, 14, 71}
	case zenginMoves + zenginData:
		return []int{1, 8, 6, 6, 1, 2, 12, 12, 6, 6, 1, 7, 3, 10, 48, 15, 15, 20, 20, 1}
	case zenginMoves + zenginTrailer:
		return []int{1, 6, 13, 6, 13, 1, 14, 7, 139}
	}
	return []int{1, 199}
}

// zenginRecord is one record, taken apart.
type zenginRecord struct {
	line   int
	fields []string
}

// zenginRecords takes a file apart if it is one of records; ok is false where it is something else.
func zenginRecords(data []byte) (list []zenginRecord, ok bool, err error) {
	data = bytes.TrimRight(data, "\x1a\r\n")
	head := data[:min(len(data), 4)]
	if len(head) == 4 && (string(head[:3]) == "101" || string(head[:3]) == "103") && len(data) >= zenginLength {
		return fixedRecords(data)
	}
	plain := bytes.ReplaceAll(data[:min(len(data), 20)], []byte(`"`), nil)
	if bytes.HasPrefix(plain, []byte("1,01,")) || bytes.HasPrefix(plain, []byte("1,03,")) {
		return commaRecords(data)
	}
	return nil, false, nil
}

// fixedRecords reads records of 200 bytes.
func fixedRecords(data []byte) (list []zenginRecord, ok bool, err error) {
	if data[3] == '1' {
		return nil, true, fault.New(fault.Invalid, "billing.error.bank_ebcdic")
	}
	kind := string(data[1:3])
	for line := 1; len(data) > 0; line++ {
		if len(data) < zenginLength {
			return nil, true, fault.New(fault.Invalid, "billing.error.bank_record").With("line", line)
		}
		record := data[:zenginLength]
		if bytes.ContainsAny(record, "\r\n\x00") {
			return nil, true, fault.New(fault.Invalid, "billing.error.bank_record").With("line", line)
		}
		data = bytes.TrimLeft(data[zenginLength:], "\r\n")
		r := zenginRecord{line: line}
		for _, w := range zenginWidths(kind, string(record[:1])) {
			text, _, err := sheet.DecodeShiftJIS(record[:w])
			if err != nil {
				return nil, true, fault.New(fault.Invalid, "billing.error.bank_record").With("line", line)
			}
			r.fields, record = append(r.fields, strings.TrimSpace(text)), record[w:]
		}
		list = append(list, r)
	}
	return list, true, nil
}

// commaRecords reads the same fields with commas between them, as some banks offer them.
func commaRecords(data []byte) (list []zenginRecord, ok bool, err error) {
	t, err := sheet.Read(data)
	if err != nil {
		return nil, true, err
	}
	for _, row := range t.Rows {
		r := zenginRecord{line: row.Line}
		for _, c := range row.Cells {
			r.fields = append(r.fields, strings.TrimSpace(c))
		}
		list = append(list, r)
	}
	return list, true, nil
}

// field is a field of a record by its place, "" where there is none.
func (r *zenginRecord) field(i int) string {
	if i < len(r.fields) {
		return r.fields[i]
	}
	return ""
}

// zenginReader adds records to a statement.
type zenginReader struct {
	*Statement
	kind       string
	now        time.Time
	count, sum int64 // of the deposits since the header, for the trailer
	ended      bool
}

// readZengin reads the deposits of records. What the trailer says they come to has to be true, else something is missing.
func readZengin(list []zenginRecord, now time.Time) (*Statement, error) {
	z := &zenginReader{Statement: &Statement{Form: StatementZengin}, now: now}
	for i := range list {
		var err error
		switch r := &list[i]; r.field(0) {
		case zenginHeader:
			z.kind, z.count, z.sum = r.field(1), 0, 0
		case zenginData:
			err = z.data(r)
		case zenginTrailer:
			z.ended = true
			err = z.trailer(r)
		case zenginEnd:
		default:
			err = fault.New(fault.Invalid, "billing.error.bank_record").With("line", r.line)
		}
		if err != nil {
			return nil, err
		}
	}
	if !z.ended {
		return nil, fault.New(fault.Invalid, "billing.error.bank_cut")
	}
	return z.Statement, nil
}

func (z *zenginReader) data(r *zenginRecord) error {
	// 振込入金通知: 1 照会番号, 2 勘定日, 4 金額, 6 振込依頼人コード, 7 振込依頼人名, 10 取消区分, 11 EDI情報
	date, amount, payer, reference, in := r.field(2), r.field(4), r.field(7), r.field(11), r.field(10) != "1"
	if z.kind == zenginMoves {
		// 入出金取引明細: 1 照会番号, 2 勘定日, 4 入払区分 (1 in, 2 out), 6 取引金額, 14 振込依頼人名, 17 摘要内容, 18 EDI情報
		date, amount, payer, reference, in = r.field(2), r.field(6), r.field(14), r.field(18), r.field(4) == "1"
		if payer == "" {
			payer = r.field(17)
		}
	}
	if !in {
		z.Out++
		return nil
	}
	on, ok := bankDate(date, z.now)
	if !ok {
		return fault.New(fault.Invalid, "billing.error.bank_date").With("line", r.line).With("text", clip(date, 40))
	}
	n, ok := bankAmount(amount)
	if !ok || n <= 0 {
		return fault.New(fault.Invalid, "billing.error.bank_amount").With("line", r.line).With("text", clip(amount, 40))
	}
	z.count, z.sum = z.count+1, z.sum+n
	z.Deposits = append(z.Deposits, Deposit{Line: r.line, Date: on, Amount: n, Payer: payerOf(payer, ""), Reference: spaced(reference)})
	return nil
}

func (z *zenginReader) trailer(r *zenginRecord) error {
	count, ok1 := bankAmount(r.field(1))
	sum, ok2 := bankAmount(r.field(2))
	if !ok1 || !ok2 || count != z.count || sum != z.sum {
		return fault.New(fault.Invalid, "billing.error.bank_sum").With("line", r.line).With("said", count).With("found", z.count)
	}
	return nil
}
