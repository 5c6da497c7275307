package billing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Kind is what a document is.
type Kind string

// The kinds of documents. Each has a series of numbers of its own.
const (
	Quotation Kind = "quotation" // 見積書
	Invoice   Kind = "invoice"   // 請求書; 適格請求書 where the seller has a number
	Receipt   Kind = "receipt"   // 領収書
	Credit    Kind = "credit"    // 返還請求書; 適格返還請求書
	Promise   Kind = "promise"   // 確約書
)

// letter begins the numbers of a kind.
func (k Kind) letter() string {
	switch k {
	case Quotation:
		return "Q"
	case Receipt:
		return "R"
	case Credit:
		return "C"
	case Promise:
		return "P"
	}
	return "I"
}

// Document is a document as it was issued.
type Document struct {
	ID      int64
	Ref     string
	Order   int64
	Kind    Kind
	Year    int
	Seq     int
	Edition int // 0: the first; what follows is the same number issued again
	Number  string
	Lang    i18n.Lang
	Counts  bool // what it says about tax stands: later changes are differences from it
	Total   int64
	Tax     int64
	Content Content
	Issued  time.Time
	By      string
}

// Content is everything a document says. It is stored as it was issued and never changes.
type Content struct {
	Kind        Kind          `json:"kind"`
	Lang        i18n.Lang     `json:"lang"`
	Number      string        `json:"number"`
	Edition     int           `json:"edition,omitempty"`
	Date        string        `json:"date"`            // YYYY-MM-DD
	First       string        `json:"first,omitempty"` // of one that was issued again: when it was first issued
	Qualified   bool          `json:"qualified,omitempty"`
	Seller      Issuer        `json:"seller"`
	To          Addressee     `json:"to"`
	Title       i18n.Text     `json:"title"` // the meeting
	From        string        `json:"from"`  // YYYY-MM-DD: the days of the transaction, those of the meeting
	Until       string        `json:"until,omitempty"`
	Order       string        `json:"order"`
	Proviso     string        `json:"proviso,omitempty"`
	Lines       []ContentLine `json:"lines,omitempty"`
	Rates       []Rated       `json:"rates,omitempty"`
	Total       int64         `json:"total"`
	Tax         int64         `json:"tax"`
	Exclusive   bool          `json:"exclusive,omitempty"` // lines are before tax
	Due         string        `json:"due,omitempty"`
	Refers      []Reference   `json:"refers,omitempty"`
	PaidBy      []string      `json:"paid_by,omitempty"` // methods
	PaidOn      string        `json:"paid_on,omitempty"`
	LaterOn     string        `json:"later_on,omitempty"`
	Readdressed bool          `json:"readdressed,omitempty"` // issued again with another addressee
}

// Issuer is a seller as a document says it.
type Issuer struct {
	Name     i18n.Text `json:"name"`
	Postcode string    `json:"postcode,omitempty"`
	Street   i18n.Text `json:"street"`
	Number   string    `json:"number,omitempty"`
	Contact  string    `json:"contact,omitempty"`
	Phone    string    `json:"phone,omitempty"`
	Bank     string    `json:"bank,omitempty"`
	Branch   string    `json:"branch,omitempty"`
	Kind     string    `json:"kind,omitempty"`
	Account  string    `json:"account,omitempty"`
	Holder   string    `json:"holder,omitempty"`
	Note     string    `json:"note,omitempty"`
}

// Addressee is whom a document is for.
type Addressee struct {
	Name         string `json:"name,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Department   string `json:"department,omitempty"`
	Postcode     string `json:"postcode,omitempty"`
	Street       string `json:"street,omitempty"`
}

// ContentLine is a line of a document. Of what a credit note takes back the quantity is negative.
type ContentLine struct {
	Subject  string    `json:"subject,omitempty"`
	Key      string    `json:"key"`
	Name     i18n.Text `json:"name"`
	Payer    string    `json:"payer,omitempty"`
	Amount   int64     `json:"amount"`
	Rate     int       `json:"rate"`
	Quantity int       `json:"quantity"`
}

// Reference is another document that one is about.
type Reference struct {
	Kind   Kind   `json:"kind"`
	Number string `json:"number"`
	Date   string `json:"date"`
}

// same is what makes two lines the same thing at the same price.
type same struct {
	subject, key string
	amount       int64
	rate         int
}

// difference is what is owed but not documented, and what is documented but not owed: a discount that came later is of the second kind.
func (a *account) difference() (plus, minus []Owed) {
	var order []same
	count := map[same]int{}
	last := map[same]Owed{}
	add := func(l Owed, n int) {
		k := same{l.Subject, l.Key, l.Amount, l.Rate}
		if _, seen := last[k]; !seen {
			order = append(order, k)
		}
		count[k] += n
		last[k] = l
	}
	for _, d := range a.docs {
		if !d.Counts {
			continue
		}
		for _, l := range d.Content.Lines {
			add(Owed{Line: Line{Key: l.Key, Name: l.Name, Amount: l.Amount, Rate: l.Rate, Seller: a.seller.Key}, Order: a.ID, Subject: l.Subject, Payer: l.Payer}, l.Quantity)
		}
	}
	for k := range count {
		count[k] = -count[k]
	}
	for _, l := range a.lines {
		add(l, l.Quantity)
	}
	taken := false
	for _, k := range order {
		l := last[k]
		l.Quantity = count[k]
		switch {
		case l.Quantity == 0:
		case l.sum() < 0:
			minus = append(minus, l)
			taken = taken || l.Quantity < 0
		default:
			plus = append(plus, l)
		}
	}
	if !taken && len(plus) > 0 && noneNegative(a.seller.rated(plain(slices.Concat(plus, minus)))) {
		return slices.Concat(plus, minus), nil // discounts on what is new stand with it
	}
	return plus, minus
}

func noneNegative(list []Rated) bool {
	return !slices.ContainsFunc(list, func(r Rated) bool { return r.Total < 0 })
}

// documented is what the documents say that count.
func (a *account) documented() []Rated {
	var out []Rated
	for _, d := range a.docs {
		if d.Counts {
			out = merged(out, d.Content.Rates, 1)
		}
	}
	return out
}

// everything is what an order comes to by rate: what is documented, and what would be if the difference were documented now.
func (a *account) everything() []Rated {
	if !a.Documented {
		return a.seller.rated(plain(a.lines))
	}
	plus, minus := a.difference()
	said := a.documented()
	out := merged(said, a.seller.taken(plain(minus), said), 1)
	return merged(out, a.seller.rated(plain(plus)), 1)
}

// taken is what a credit note over lines comes to. Where nothing remains at a rate, it takes back all the tax that was documented at that rate,
// whatever rounding once more would give.
func (s *Seller) taken(lines []Line, said []Rated) []Rated {
	out := s.rated(lines)
	for i := range out {
		n := slices.IndexFunc(said, func(r Rated) bool { return r.Rate == out[i].Rate })
		if n < 0 {
			continue
		}
		if s.Exclusive && said[n].Net+out[i].Net == 0 || !s.Exclusive && said[n].Total+out[i].Total == 0 {
			out[i] = Rated{Rate: out[i].Rate}.add(said[n], -1)
		}
	}
	return out
}

// receipted counts what receipts were written for.
func (a *account) receipted() map[same]int {
	out := map[same]int{}
	for _, d := range a.docs {
		if d.Kind == Receipt && d.Edition == 0 {
			for _, l := range d.Content.Lines {
				out[same{l.Subject, l.Key, l.Amount, l.Rate}] += l.Quantity
			}
		}
	}
	return out
}

// ofLine begins the name of a part of an order that is one thing, whoever owes it: "line:option:social".
const ofLine = "line:"

// within reports that a line is in a part of its order: everything, what a subject owes, or one thing.
func (l *Owed) within(part string) bool {
	key, thing := strings.CutPrefix(part, ofLine)
	return part == "" || thing && l.Key == key && l.Subject != "" || !thing && l.Subject == part
}

// unreceipted are the lines of a part, or what is left of them, for which no receipt was written yet.
func (a *account) unreceipted(part string) (list []Owed, all bool) {
	done := a.receipted()
	all = true
	for _, l := range a.lines {
		if l.Quantity -= done[same{l.Subject, l.Key, l.Amount, l.Rate}]; l.Quantity <= 0 {
			continue
		}
		if !l.within(part) {
			all = false
			continue
		}
		list = append(list, l)
	}
	return list, all
}

// newest are the documents of an order without those that were issued again.
func newest(docs []*Document) []*Document {
	last := map[string]*Document{}
	for _, d := range docs {
		last[d.Number] = d
	}
	var out []*Document
	for _, d := range docs {
		if last[d.Number] == d {
			out = append(out, d)
		}
	}
	return out
}

// year is the business year of a seller in which a day lies.
func (s *Seller) year(day time.Time) int {
	if int(day.Month()) < s.YearMonth {
		return day.Year() - 1
	}
	return day.Year()
}

// number writes the number of a document.
func (s *Seller) number(k Kind, year, seq int) string {
	return fmt.Sprintf("%s%s%d-%05d", s.Prefix, k.letter(), year, seq)
}

// issuer is the seller as documents say it.
func (s *Seller) issuer() Issuer {
	return Issuer{Name: s.Name, Postcode: s.Postcode, Street: s.Street, Number: s.Number, Contact: s.Contact, Phone: s.Phone}
}

// pay adds where to pay to.
func (i Issuer) pay(s *Seller) Issuer {
	i.Bank, i.Branch, i.Kind, i.Account, i.Holder, i.Note = s.Bank, s.Branch, s.AccountKind, s.Account, s.Holder, s.BankNote
	return i
}

// addressee is whom the documents of an order are for.
func (o *Order) addressee() Addressee {
	return Addressee{o.Payer.Name, o.Payer.Organisation, o.Payer.Department, o.Postcode, o.Street}
}
