package billing

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// TestLetters compares what payers are written, in the four cases, with testdata.
func TestLetters(t *testing.T) {
	for _, reason := range []string{"sent", "changed", "later_approved", "later_refused"} {
		d := orderLetter{
			Reason: reason, To: "株式会社見本商事 見本 花子", Meeting: i18n.T("見本の会議", "Sample Meeting"), Seller: i18n.T("一般社団法人見本", "Sample Association"), Number: "ABCDEFGH",
			Total: "22,500", Missing: "22,500", Due: "2027-01-31", LaterOn: "2027-03-10", Link: "https://example.org/orders/X", LinkEN: "https://example.org/en/orders/X",
		}
		if reason == "changed" {
			d.Missing, d.Refund = "", "6,000"
		}
		l, err := letter.Letter(mail.Address{Address: "hanako@example.org", Lang: i18n.JA}, d)
		if err != nil {
			t.Fatal(err)
		}
		got := l.Subject.JA + "\n\n" + l.Body.JA + "\n\n====\n\n" + l.Subject.EN + "\n\n" + l.Body.EN + "\n"
		file := filepath.Join("testdata", "letter_"+reason+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is another letter; read it and run the test with -update:\n%s", file, got)
		}
	}
}
