package billing

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// bankNow is when the statements of these tests are read.
var bankNow = time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)

// half writes half-width kana, as banks do.
func half(s string) string { return width.Narrow.String(norm.NFD.String(s)) }

func sjisBytes(t testing.TB, s string) []byte {
	t.Helper()
	b, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}

func lines(s *Statement) string {
	var out []string
	for _, d := range s.Deposits {
		out = append(out, fmt.Sprintf("%s %d %s|%s", d.Date.Format(time.DateOnly), d.Amount, norm.NFKC.String(d.Payer), d.Reference))
	}
	return strings.Join(out, "\n")
}

// fixed writes a record of 200 bytes: digits to the right, text to the left.
func fixed(t testing.TB, kind, record string, fields ...string) string {
	t.Helper()
	var b strings.Builder
	for i, w := range zenginWidths(kind, record) {
		v := ""
		if i < len(fields) {
			v = fields[i]
		}
		switch n := len([]rune(v)); {
		case n > w:
			t.Fatalf("%q is longer than %d", v, w)
		case v != "" && strings.Trim(v, "0123456789") == "":
			b.WriteString(strings.Repeat("0", w-n) + v)
		default:
			b.WriteString(v + strings.Repeat(" ", w-n))
		}
	}
	return b.String()
}

// creditFile is a 振込入金通知.
func creditFile(t testing.TB, end string, data ...[]string) []byte {
	t.Helper()
	out := fixed(t, "01", "1", "1", "01", "0", "081101", "081101", "081130", "0001", half("ギンコウ"), "001", half("シテン"), "1", "1234567", half("ジツコウイインカイ")) + end
	var count, sum int64
	for _, d := range data {
		out += fixed(t, "01", "2", append([]string{"2"}, d...)...) + end
		if len(d) < 10 || d[9] != "1" {
			n, _ := bankAmount(d[3])
			count, sum = count+1, sum+n
		}
	}
	out += fixed(t, "01", "8", "8", fmt.Sprint(count), fmt.Sprint(sum), "0", "0") + end
	out += fixed(t, "01", "9", "9") + end
	return sjisBytes(t, out)
}

func TestStatementsOfFixedRecords(t *testing.T) {
	rows := [][]string{
		{"1", "081105", "081105", "16500", "0", "0", half("カ)ヤマダ"), half("ミライ"), half("ホンテン"), "0", "ABC123"},
		{"2", "081106", "081106", "3300", "0", "0", half("タナカ ハナコ"), "", "", "1"}, // cancelled
		{"3", "081107", "081107", "33000", "0", "0", "K7P2M9XQ " + half("スズキ")},
	}
	want := "2026-11-05 16500 カ)ヤマダ|ABC123\n2026-11-07 33000 K7P2M9XQ スズキ|"
	for _, end := range []string{"", "\r\n", "\n"} {
		s, err := ReadStatement(creditFile(t, end, rows...), bankNow)
		if err != nil {
			t.Fatalf("line ends %q: %v", end, err)
		}
		if lines(s) != want || s.Out != 1 || s.Form != StatementZengin {
			t.Errorf("line ends %q: %s\n%d left out", end, lines(s), s.Out)
		}
	}
}

func TestStatementsOfMoves(t *testing.T) {
	file := fixed(t, "03", "1", "1", "03", "0", "081101", "081101", "081130", "0001", half("ギンコウ"), "001", half("シテン"), "000", "1", "1234567", half("カイ")) +
		fixed(t, "03", "2", "2", "1", "081105", "081105", "1", "11", "16500", "0", "", "", "", "", "", "0", half("ヤマダ"), "", "", half("フリコミ"), "") +
		fixed(t, "03", "2", "2", "2", "081106", "081106", "2", "11", "440", "0", "", "", "", "", "", "0", half("テスウリヨウ")) +
		fixed(t, "03", "8", "8", "1", "16500", "1", "440", "1", "16060", "2") + fixed(t, "03", "9", "9")
	for _, data := range [][]byte{sjisBytes(t, file), sjisBytes(t, commas(file))} {
		s, err := ReadStatement(data, bankNow)
		if err != nil {
			t.Fatal(err)
		}
		if lines(s) != "2026-11-05 16500 ヤマダ|" || s.Out != 1 {
			t.Errorf("%s, %d left out", lines(s), s.Out)
		}
	}
}

// commas writes records of fixed length with commas instead.
func commas(file string) string {
	var b strings.Builder
	for r := []rune(file); len(r) > 0; r = r[zenginLength:] {
		at := 0
		for i, w := range zenginWidths("03", string(r[0])) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.TrimSpace(string(r[at:at+w])) + `"`)
			at += w
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

func TestStatementsOfTables(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"two columns of amounts", "日付,摘要,摘要内容,支払い金額,預かり金額,差引残高\r\n2026/11/5,振込," + half("カ)ヤマダ") + ",,\"16,500\",100\r\n2026/11/6,手数料,,440,,\r\n",
			"2026-11-05 16500 カ)ヤマダ|"},
		{"titles above, a sum below", "入出金明細\r\n口座,1234567\r\nお取引日,お引出金額,お預入金額,お取り扱い内容\r\nR8.11.5,,16500円,振込 " + half("ヤマダ") + "\r\n,,\r\n合計,,16500,\r\n",
			"2026-11-05 16500 ヤマダ|"},
		{"one signed column", "取引日,入出金(円),取引後残高(円),入出金内容\n20261105,16500,1,ヤマダ\n20261105,-440,1,手数料\n", "2026-11-05 16500 ヤマダ|"},
		{"a column that says which way", "日付,金額,入出金区分,摘要\n2026年11月5日,16500,入金,ヤマダ\n2026年11月5日,440,出金,手数料\n", "2026-11-05 16500 ヤマダ|"},
		{"the day in three columns", "操作日(年),操作日(月),操作日(日),摘要,お支払金額,お預り金額\n2026,11,5,振込　ヤマダ,,16500\n", "2026-11-05 16500 ヤマダ|"},
	} {
		for _, data := range [][]byte{[]byte(c.in), sjisBytes(t, c.in)} {
			s, err := ReadStatement(data, bankNow)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if lines(s) != c.want || s.Form != StatementTable {
				t.Errorf("%s: %s", c.name, lines(s))
			}
		}
	}
}

func TestStatementsThatAreRefused(t *testing.T) {
	good := creditFile(t, "", []string{"1", "081105", "081105", "16500"})
	for _, c := range []struct {
		name string
		in   []byte
		key  string
	}{
		{"a changed amount", []byte(strings.Replace(string(good), "0000016500", "0000016600", 1)), "billing.error.bank_sum"},
		{"the second half is missing", good[:400], "billing.error.bank_cut"},
		{"cut within a record", good[:450], "billing.error.bank_record"},
		{"another code", append([]byte("1011"), good[4:]...), "billing.error.bank_ebcdic"},
		{"no headings", []byte("2026/11/5,16500,ヤマダ\n"), "billing.error.bank_head"},
		{"no day", []byte("日付,入金,摘要\nきのう,16500,ヤマダ\n"), "billing.error.bank_date"},
		{"no such day", []byte("日付,入金,摘要\n2026/2/30,16500,ヤマダ\n"), "billing.error.bank_date"},
		{"no amount", []byte("日付,入金,摘要\n2026/2/3,たくさん,ヤマダ\n"), "billing.error.bank_amount"},
		{"a page", []byte("<html>"), "sheet.error.kind"},
	} {
		_, err := ReadStatement(c.in, bankNow)
		if f, ok := fault.As(err); !ok || f.Key != c.key || f.Kind != fault.Invalid {
			t.Errorf("%s: %v, not %s", c.name, err, c.key)
		}
	}
}

func TestBankDate(t *testing.T) {
	for in, want := range map[string]string{
		"2026/1/31": "2026-01-31", "2026-01-31": "2026-01-31", "20260131": "2026-01-31", "2026年1月31日(土)": "2026-01-31", "R8.1.31": "2026-01-31",
		"令和8年1月31日": "2026-01-31", "令和元年12月1日": "2019-12-01", "H31/4/30": "2019-04-30", "080131": "2026-01-31", "260131": "2026-01-31", "08/01/31": "2026-01-31",
		"２０２６．０１．３１": "2026-01-31", "2026/01/31 10:20:30": "2026-01-31", "R.08/01/31": "2026-01-31",
		"": "", "2026/13/1": "", "1/31": "", "31": "", "2026/1/31/2": "", "x": "",
	} {
		got, ok := bankDate(in, bankNow)
		if ok != (want != "") || ok && got.Format(time.DateOnly) != want {
			t.Errorf("%q is %v, %v, not %q", in, got, ok, want)
		}
	}
}

func TestFingerprints(t *testing.T) {
	table := "日付,入金,摘要\n2026/11/5,16500,ヤマダ タロウ\n2026/11/5,16500,ヤマダ タロウ\n2026/11/6,16500,スズキ\n"
	a, err := ReadStatement([]byte(table), bankNow)
	if err != nil {
		t.Fatal(err)
	}
	longer := strings.Replace(table, "2026/11/5,", "2026/11/4,3300,サトウ\n2026/11/5,", 1)
	b, err := ReadStatement([]byte(strings.ReplaceAll(longer, "ヤマダ タロウ", half("ヤマダ タロウ"))), bankNow)
	if err != nil {
		t.Fatal(err)
	}
	var prints []string
	for _, d := range a.Deposits {
		if slices.Contains(prints, d.Print) {
			t.Errorf("two deposits have one fingerprint: %v", &d)
		}
		prints = append(prints, d.Print)
	}
	for _, d := range b.Deposits[1:] {
		if !slices.Contains(prints, d.Print) {
			t.Errorf("a longer file gives a deposit another fingerprint: %v", &d)
		}
	}
}

func TestFoldPayer(t *testing.T) {
	for _, same := range [][]string{
		{"株式会社ヤマダ", half("カ)ヤマダ"), half("ヤマダ(カ"), half("ヤマダ(カ)"), "㈱やまだ", "（株）ヤマダ", "カブシキガイシャ　ヤマダ", "ヤマダ"},
		{"ネットワーク", half("ネツトワ-ク"), "ﾈｯﾄﾜｰｸ", "ネットワ－ク", "ねっとわーく"},
		{"YAMADA TARO", "ｙａｍａｄａ　ｔａｒｏ", "Yamada Taro"},
		{"一般社団法人ジツケン", half("シヤ)ジツケン"), half("シャ）ジッケン")},
		{"ガッコウホウジン ナントカ", half("ガク)ナントカ"), "学校法人ナントカ"},
	} {
		for _, s := range same[1:] {
			if FoldPayer(s) != FoldPayer(same[0]) || FoldPayer(s) == "" {
				t.Errorf("%q is %q, %q is %q", s, FoldPayer(s), same[0], FoldPayer(same[0]))
			}
		}
	}
	for _, s := range []string{"カワシマ", "シヤトル", "イトウ"} {
		if FoldPayer(s) != s {
			t.Errorf("%q lost something: %q", s, FoldPayer(s))
		}
	}
}

func TestMatch(t *testing.T) {
	all := []Candidate{
		NewCandidate("A", "K7P2M9XQ", "山田", 16500, []string{"山田太郎", "ヤマダ タロウ"}, nil),
		NewCandidate("B", "B2B2B2B2", "鈴木", 16500, []string{"鈴木", "スズキ ハナコ"}, nil),
		NewCandidate("C", "C3C3C3C3", "株式会社ネットワーク", 33000, []string{"株式会社ネットワーク"}, nil),
		NewCandidate("D", "D4D4D4D4", "株式会社ネットワーク", 16500, []string{"株式会社ネットワーク"}, nil),
		NewCandidate("E", "E5E5E5E5", "みらい", 99000, []string{"みらい研究所"}, []string{"ﾐﾗｲｹﾝ"}),
	}
	for _, c := range []struct {
		name   string
		amount int64
		payer  string
		want   string
	}{
		{"number, name and amount", 16500, "K7P2M9XQ " + half("ヤマダ タロウ"), "A=16500 [number name amount] 100"},
		{"number alone, O and I for 0 and 1", 16500, "k7p2m9xq", "A=16500 [number amount] 95"},
		{"the number sticks to the name", 16500, "K7P2M9XQ" + half("ヤマダタロウ"), "A=16500 [number name amount] 100"},
		{"name and amount", 16500, half("ヤマダ タロウ"), "A=16500 [name amount] 75"},
		{"a name cut off", 16500, half("ヤマダ タ"), "A=16500 [part amount] 55; B=16500 [amount] 35; D=16500 [amount] 35"},
		{"too little", 10000, half("スズキ ハナコ"), "B=10000 [name under] 40"},
		{"too much", 20000, half("スズキ ハナコ"), "B=20000 [name over] 40"},
		{"a company, both orders", 49500, half("カ)ネツトワ-ク"), "C=33000,D=16500 [name several] 70; C=49500 [name over] 40; D=49500 [name over] 40"},
		{"two numbers", 33000, "K7P2M9XQ D4D4D4D4", "A=16500,D=16500 [number several] 90; A=33000 [number over] 60; D=33000 [number over] 60"},
		{"as they paid before", 99000, half("ミライケン"), "E=99000 [before amount] 75"},
		{"only the amount", 33000, half("ダレカ"), "C=33000 [amount] 35"},
		{"nothing", 777, half("ダレカ"), ""},
	} {
		var got []string
		for _, s := range Match(&Deposit{Amount: c.amount, Payer: c.payer}, all) {
			var shares []string
			for _, x := range s.Shares {
				shares = append(shares, fmt.Sprintf("%s=%d", x.Order, x.Amount))
			}
			got = append(got, fmt.Sprintf("%s %v %d", strings.Join(shares, ","), s.Reasons, s.Score))
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s: %s\nnot %s", c.name, s, c.want)
		}
	}
}

func FuzzReadStatement(f *testing.F) {
	f.Add([]byte("日付,入金,摘要\n2026/11/5,16500,ヤマダ\n"))
	f.Add(creditFile(f, "\r\n", []string{"1", "081105", "081105", "16500", "0", "0", half("ヤマダ")}))
	f.Add([]byte("1,03,0\n2,1,081105,,1,,100\n8,1,100\n9\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadStatement(data, bankNow)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("not the fault of the file: %v", err)
			}
			return
		}
		for _, d := range s.Deposits {
			if d.Amount <= 0 || d.Date.IsZero() || d.Print == "" || len([]rune(d.Payer)) > 200 {
				t.Fatalf("a deposit of nothing: %+v", d)
			}
		}
	})
}

// BenchmarkMatch is a page of fifty deposits at a meeting with 5,000 orders that are not paid.
func BenchmarkMatch(b *testing.B) {
	all := make([]Candidate, 5000)
	for i := range all {
		all[i] = NewCandidate(fmt.Sprint("R", i), fmt.Sprintf("K%07d", i), "x", 16500, []string{fmt.Sprint("山田 ", i), fmt.Sprint("ヤマダ", i)}, []string{"ﾔﾏﾀﾞ"})
	}
	for b.Loop() {
		for i := range 50 {
			Match(&Deposit{Amount: 16500, Payer: fmt.Sprintf("K%07d ﾔﾏﾀﾞ", i)}, all)
		}
	}
}
