package billing

import (
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/pdf"
)

// reduced is the rate that documents mark with ※.
const reduced = 8

// sketch is a document on its way to paper.
type sketch struct {
	*Content
	d *pdf.Doc
	w *i18n.Words
}

// paper draws a document. It depends on nothing but its content, so that the same document is the same paper for ever.
func (d *Document) paper() ([]byte, error) {
	w, err := ownWords()
	if err != nil {
		return nil, err
	}
	c := &d.Content
	p := &sketch{Content: c, w: w}
	p.d, err = pdf.New(pdf.Info{Title: p.title() + " " + c.Number, Author: c.Seller.Name.In(c.Lang), Made: d.Issued.UTC(), Foot: p.title() + "  " + c.Number})
	if err != nil {
		return nil, err
	}
	p.head()
	p.people()
	p.sum()
	if c.Kind == Promise {
		p.promise()
	} else {
		p.lines()
		p.rates()
	}
	p.notes()
	return p.d.Bytes()
}

// t is a word of papers.
func (p *sketch) t(key string, args ...any) string {
	return p.w.Say(p.Lang, "billing.paper."+key, args...)
}

// title is what the document is called.
func (p *sketch) title() string {
	if p.Qualified && (p.Kind == Invoice || p.Kind == Credit) {
		return p.t("title.qualified_" + string(p.Kind))
	}
	return p.t("title." + string(p.Kind))
}

// day writes a day of the document.
func (p *sketch) day(s string) string { return dayIn(p.Lang, s) }

// dayIn writes a day without its weekday: 2026年12月1日, 1 December 2026.
func dayIn(l i18n.Lang, s string) string {
	t, err := time.Parse(dayForm, s)
	if err != nil {
		return s
	}
	if l == i18n.JA {
		return t.Format("2006年1月2日")
	}
	return t.Format("2 January 2006")
}

// money writes an amount.
func (p *sketch) money(n int64) string { return p.t("yen", "v", amount(n)) }

// amount writes a number with its thousands apart.
func amount(n int64) string { return i18n.Number(float64(n)) }

var (
	normal = pdf.Style{Size: 9.5}
	small  = pdf.Style{Size: 8.5, Grey: 0.2}
	strong = pdf.Style{Size: 11, Bold: true}
)

// head draws the title, the number and the dates.
func (p *sketch) head() {
	p.d.Write(pdf.Style{Size: 20, Bold: true, Align: pdf.Center}, p.title())
	if p.Edition > 0 {
		mark := p.t("reissued", "date", p.day(p.Date), "n", p.Edition)
		if p.Readdressed {
			mark += " " + p.t("readdressed")
		}
		p.d.Write(pdf.Style{Size: 10, Bold: true, Align: pdf.Center}, mark)
	}
	p.d.Skip(10)
	right := normal
	right.Align = pdf.Right
	p.d.Write(right, p.t("number")+" "+p.Number)
	first := p.Date
	if p.First != "" {
		first = p.First
	}
	p.d.Write(right, p.t("issued")+" "+p.day(first))
	p.d.Write(right, p.t("order")+" "+p.Order)
	p.d.Skip(8)
}

// people draws whom the document is for at the left, and from whom it is at the right.
func (p *sketch) people() {
	const half = pdf.Inner*0.5 - 10
	top := p.d.Y()
	from, to := p.sellerLines(), p.addresseeLines()
	if p.Kind == Promise { // it is the payer who promises
		from, to = append([]string{p.t("promiser")}, to...), append(from[1:len(from):len(from)], from[0])
		if p.Lang == i18n.JA {
			to[len(to)-1] += " 御中"
		}
	}
	left := top
	for i, l := range to {
		s := normal
		if i == len(to)-1 {
			s = strong
		}
		left += p.d.At(pdf.Margin, left, half, s, l)
	}
	p.d.Rule(pdf.Margin, left+2, pdf.Margin+half, left+2, 0.6)
	right := top
	for i, l := range from {
		s := normal
		if i == 0 {
			s = strong
		}
		right += p.d.At(pdf.Margin+pdf.Inner*0.5+10, right, half, s, l)
	}
	p.d.SetY(max(left, right) + 16)
}

func (p *sketch) addresseeLines() []string {
	var out []string
	if p.To.Postcode != "" {
		out = append(out, "〒"+p.To.Postcode)
	}
	for _, s := range []string{p.To.Street, p.To.Organisation, p.To.Department, p.To.Name} {
		if s != "" {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return []string{""}
	}
	if p.Lang == i18n.JA && p.Kind != Promise {
		title := " 御中"
		if p.To.Name != "" {
			title = " 様"
		}
		out[len(out)-1] += title
	}
	return out
}

func (p *sketch) sellerLines() []string {
	s := &p.Seller
	out := []string{s.Name.In(p.Lang)}
	if s.Number != "" {
		out = append(out, p.t("registration")+" "+s.Number)
	}
	if where := strings.TrimSpace(strings.Join([]string{postcode(s.Postcode), s.Street.In(p.Lang)}, " ")); where != "" {
		out = append(out, where)
	}
	if s.Phone != "" {
		out = append(out, p.t("phone")+" "+s.Phone)
	}
	if s.Contact != "" {
		out = append(out, s.Contact)
	}
	return out
}

func postcode(s string) string {
	if s == "" {
		return ""
	}
	return "〒" + s
}

// shown is an amount as the document shows it: a credit note speaks of what it gives back.
func (p *sketch) shown(n int64) int64 {
	if p.Kind == Credit {
		return -n
	}
	return n
}

// sum draws what the document comes to, and what it is about.
func (p *sketch) sum() {
	if p.Kind == Promise {
		return
	}
	p.d.Write(normal, p.t("lead."+string(p.Kind)))
	p.d.Skip(4)
	top := p.d.Y()
	p.d.Fill(pdf.Margin, top, pdf.Inner, 30, 0.95)
	p.d.At(pdf.Margin+10, top+6, pdf.Inner*0.4, strong, p.t("total."+string(p.Kind)))
	p.d.At(pdf.Margin, top+4, pdf.Inner-10, pdf.Style{Size: 15, Bold: true, Align: pdf.Right}, p.money(p.shown(p.Total)))
	p.d.SetY(top + 38)
	p.fact("about", p.Title.In(p.Lang))
	p.fact("when", p.days())
	if p.Kind == Receipt {
		proviso := p.Proviso
		if proviso == "" {
			proviso = p.t("proviso", "title", p.Title.In(p.Lang))
		}
		p.fact("proviso_label", proviso)
		p.fact("paid_on", p.day(p.PaidOn))
	}
	if p.Kind == Credit {
		p.fact("reason", p.Proviso)
	}
	if p.Due != "" {
		p.fact("due", p.day(p.Due))
	}
	for _, r := range p.Refers {
		p.fact("refers", p.t("title."+string(r.Kind))+" "+r.Number+" ("+p.day(r.Date)+")")
	}
	p.d.Skip(10)
}

// days says when the transaction takes place.
func (p *sketch) days() string {
	if p.From == "" {
		return ""
	}
	if p.Until == "" || p.Until == p.From {
		return p.day(p.From)
	}
	return p.day(p.From) + " – " + p.day(p.Until)
}

// fact draws a label and what it says, where it says something.
func (p *sketch) fact(key, value string) {
	if value == "" {
		return
	}
	const label = 104
	p.d.Need(normal.Size * 1.55)
	a := p.d.At(pdf.Margin, p.d.Y(), label, small, p.t(key))
	b := p.d.At(pdf.Margin+label, p.d.Y(), pdf.Inner-label, normal, value)
	p.d.Skip(max(a, b))
}

// lines draws the table of what was sold.
func (p *sketch) lines() {
	price := "price_with"
	if p.Exclusive {
		price = "price_before"
	}
	t := pdf.Table{Size: 9, Columns: []pdf.Column{
		{Head: p.t("contents"), Width: 0.47}, {Head: p.t("rate"), Width: 0.09, Align: pdf.Right}, {Head: p.t("quantity"), Width: 0.09, Align: pdf.Right},
		{Head: p.t(price), Width: 0.17, Align: pdf.Right}, {Head: p.t("amount"), Width: 0.18, Align: pdf.Right},
	}}
	for _, l := range p.Lines {
		name := l.Name.In(p.Lang)
		if l.Rate == reduced {
			name += " ※"
		}
		if l.Payer != "" && p.several() {
			name += "　" + l.Payer
		}
		quantity, sum := l.Quantity, p.shown(l.Amount*int64(l.Quantity))
		if quantity < 0 {
			quantity = -quantity
		}
		t.Rows = append(t.Rows, []string{name, p.rate(l.Rate), strconv.Itoa(quantity), amount(abs(l.Amount, sum)), amount(sum)})
	}
	p.d.Table(t)
	p.d.Skip(12)
}

// abs is the price of one with the sign of the sum.
func abs(price, sum int64) int64 {
	if price < 0 != (sum < 0) {
		return -price
	}
	return price
}

// several reports that lines of more than one person stand on the document.
func (p *sketch) several() bool {
	for _, l := range p.Lines {
		if l.Subject != p.Lines[0].Subject && l.Subject != "" {
			return true
		}
	}
	return false
}

func (p *sketch) rate(n int) string {
	if n == 0 {
		return p.t("untaxed")
	}
	return strconv.Itoa(n) + "%"
}

// rates draws the totals and the tax of each rate, and of all.
func (p *sketch) rates() {
	t := pdf.Table{Size: 9, Columns: []pdf.Column{
		{Head: p.t("by_rate"), Width: 0.34}, {Head: p.t("net"), Width: 0.22, Align: pdf.Right}, {Head: p.t("tax"), Width: 0.22, Align: pdf.Right},
		{Head: p.t("gross"), Width: 0.22, Align: pdf.Right},
	}}
	for _, r := range p.Rates {
		label := p.t("at_rate", "rate", r.Rate)
		switch r.Rate {
		case reduced:
			label = p.t("at_reduced", "rate", r.Rate)
		case 0:
			label = p.t("untaxed")
		}
		t.Rows = append(t.Rows, []string{label, amount(p.shown(r.Net)), amount(p.shown(r.Tax)), amount(p.shown(r.Total))})
	}
	t.Rows = append(t.Rows, []string{p.t("all"), amount(p.shown(p.Total - p.Tax)), amount(p.shown(p.Tax)), amount(p.shown(p.Total))})
	t.Bold = make([]bool, len(t.Rows))
	t.Bold[len(t.Rows)-1] = true
	p.d.Need(float64(len(t.Rows)+2) * 22)
	p.d.Table(t)
	p.d.Skip(12)
}

// notes draws what else has to be said.
func (p *sketch) notes() {
	for _, l := range p.Lines {
		if l.Rate == reduced {
			p.d.Write(small, p.t("reduced_note"))
			break
		}
	}
	switch p.Kind {
	case Invoice:
		p.bank()
	case Quotation:
		p.d.Write(small, p.t("quotation_note"))
	case Receipt:
		for _, m := range p.PaidBy {
			p.d.Write(normal, p.t("by."+m))
		}
		p.d.Write(small, p.t("electronic"))
		if !p.Qualified && len(p.Refers) > 0 && p.Seller.Number != "" {
			p.d.Write(small, p.t("receipt_of_invoice"))
		}
	case Credit:
		p.d.Write(small, p.t("credit_note"))
	}
	if p.Seller.Number == "" && p.Kind != Promise {
		p.d.Write(small, p.t("unregistered"))
	}
}

// bank draws where to pay to.
func (p *sketch) bank() {
	s := &p.Seller
	if s.Account == "" && s.Note == "" {
		return
	}
	p.d.Need(80)
	p.d.Write(pdf.Style{Size: 9.5, Bold: true}, p.t("bank"))
	if s.Account != "" {
		p.d.Write(normal, strings.Join(strings.Fields(strings.Join([]string{s.Bank, s.Branch, p.t("account." + s.Kind), s.Account}, " ")), " "))
		p.fact("holder", s.Holder)
		p.d.Write(small, p.t("bank_note", "number", p.Order))
	}
	if s.Note != "" {
		p.d.Write(normal, s.Note)
	}
	p.d.Skip(6)
}

// promise draws the text of a written promise to pay.
func (p *sketch) promise() {
	p.d.Skip(6)
	p.d.Write(pdf.Style{Size: 10.5}, p.t("promise", "seller", p.Seller.Name.In(p.Lang), "amount", p.money(p.Total), "date", p.day(p.LaterOn)))
	p.d.Skip(12)
	p.fact("about", p.Title.In(p.Lang))
	p.fact("when", p.days())
	p.fact("order", p.Order)
	p.fact("promised_amount", p.money(p.Total))
	p.fact("promised_day", p.day(p.LaterOn))
	p.d.Skip(18)
	p.d.Write(small, p.t("promise_note"))
}
