package billing

import (
	"testing"

	"pgregory.net/rapid"
)

func TestTaxIsRoundedOnce(t *testing.T) {
	of := func(amount int64, rate, n int) Line { return Line{Amount: amount, Rate: rate, Quantity: n} }
	for _, x := range []struct {
		name      string
		rounding  Rounding
		exclusive bool
		lines     []Line
		want      []Rated
	}{
		{"105 x 3 before tax is 31", Floor, true, []Line{of(105, 10, 3)}, []Rated{{10, 315, 31, 346}}},
		{"and not 3 x 10", Floor, true, []Line{of(105, 10, 1), of(105, 10, 1), of(105, 10, 1)}, []Rated{{10, 315, 31, 346}}},
		{"rounded half up", Round, true, []Line{of(105, 10, 3)}, []Rated{{10, 315, 32, 347}}},
		{"rounded up", Ceil, true, []Line{of(101, 10, 1)}, []Rated{{10, 101, 11, 112}}},
		{"with tax", Floor, false, []Line{of(105, 10, 3)}, []Rated{{10, 287, 28, 315}}},
		{"with tax, rounded half up", Round, false, []Line{of(105, 10, 3)}, []Rated{{10, 286, 29, 315}}},
		{"with tax, rounded up", Ceil, false, []Line{of(100, 10, 1)}, []Rated{{10, 90, 10, 100}}},
		{"16,500 and 3,300 of 2024", Floor, false, []Line{of(16500, 10, 1), of(3300, 10, 2)}, []Rated{{10, 21000, 2100, 23100}}},
		{"two rates and none", Floor, false, []Line{of(1000, 0, 1), of(1080, 8, 1), of(1100, 10, 1)}, []Rated{{10, 1000, 100, 1100}, {8, 1000, 80, 1080}, {0, 1000, 0, 1000}}},
		{"a discount at its rate", Floor, false, []Line{of(1100, 10, 1), of(-99, 10, 1)}, []Rated{{10, 910, 91, 1001}}},
		{"what goes back is rounded by its size", Floor, false, []Line{of(-105, 10, 3)}, []Rated{{10, -287, -28, -315}}},
	} {
		s := &Seller{Rounding: x.rounding, Exclusive: x.exclusive}
		got := s.rated(x.lines)
		if len(got) != len(x.want) {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
			continue
		}
		for i := range got {
			if got[i] != x.want[i] {
				t.Errorf("%s: %v, want %v", x.name, got[i], x.want[i])
			}
		}
	}
}

func TestTaxAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &Seller{Rounding: rapid.SampledFrom([]Rounding{Floor, Round, Ceil}).Draw(t, "rounding"), Exclusive: rapid.Bool().Draw(t, "exclusive")}
		r := s.Rounding.rate(rapid.Int64Range(-maxAmount, maxAmount).Draw(t, "amount"), rapid.SampledFrom([]int{10, 8, 0}).Draw(t, "rate"), s.Exclusive)
		if r.Net+r.Tax != r.Total || (r.Tax < 0) != (r.Total < 0) && r.Tax != 0 {
			t.Fatalf("%+v", r)
		}
		exact := float64(r.Net) * float64(r.Rate) / 100
		if d := float64(r.Tax) - exact; d <= -1.1 || d >= 1.1 {
			t.Fatalf("%+v is %.2f away from the tax", r, d)
		}
	})
}

func TestRegistrationNumbers(t *testing.T) {
	// The corporate number of the National Tax Agency itself, as it publishes it, and ones that differ in a digit.
	for n, want := range map[string]bool{"T7000012050002": true, "T8000012050002": false, "T7000012050003": false, "7000012050002": false, "T700001205000": false} {
		if checkNumber(n) != want {
			t.Errorf("%s: %v, want %v", n, !want, want)
		}
	}
}

func TestSellerIsTypedInAnyWidth(t *testing.T) {
	s := Seller{
		Key: "group", Number: "Ｔ７００００１２０５０００２", Postcode: "〒１０１ー００４７", Phone: "０３－１２３４－５６７８", Account: "１２３４５６７", Holder: "ﾐﾎﾝ ﾀﾞｲﾋｮｳ",
		Contact: "Kaikei@example.org", Prefix: "ｊ57-",
	}
	s.Name.JA = "一般社団法人　見本"
	if err := s.straighten(false); err != nil {
		t.Fatal(err)
	}
	if s.Number != "T7000012050002" || s.Postcode != "101-0047" || s.Phone != "03-1234-5678" || s.Account != "1234567" || s.Holder != "ミホン ダイヒョウ" || s.Prefix != "J57-" {
		t.Errorf("%+v", s)
	}
	for _, number := range []string{"7000-0120-50002", "T7000012050001"} {
		s.Number = number
		if s.straighten(false) == nil {
			t.Errorf("%s is taken for a registration number", number)
		}
	}
	if s.Number = "T7000012050001"; s.straighten(true) != nil {
		t.Error("the number of a sole trader has no check digit")
	}
}

func TestFold(t *testing.T) {
	for _, pair := range [][2]string{{"ﾐﾎﾝ商事", "みほん商事"}, {"ＡＢＣ　社", "abc社"}, {"１２３", "123"}, {"ガ", "が"}} {
		if fold(pair[0]) != fold(pair[1]) {
			t.Errorf("%q is %q, and %q is %q", pair[0], fold(pair[0]), pair[1], fold(pair[1]))
		}
	}
}
