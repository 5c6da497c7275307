package billing

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Candidate is an order as it is looked at for a deposit.
type Candidate struct {
	Order   string // ref
	Number  string
	Label   string // who it is of, for people
	Missing int64
	said    string   // the number, as it is looked for
	names   []string // folded: payer, reading, organisation
	paidAs  []string // folded: under which names the same payer paid before
}

// NewCandidate makes one of an order and the names under which its payer may pay.
func NewCandidate(order, number, label string, missing int64, names, paidAs []string) Candidate {
	c := Candidate{Order: order, Number: number, Label: label, Missing: missing, said: spoken(number)}
	for _, n := range names {
		if f := FoldPayer(n); f != "" {
			c.names = append(c.names, f)
		}
	}
	for _, n := range paidAs {
		if f := FoldPayer(n); f != "" {
			c.paidAs = append(c.paidAs, f)
		}
	}
	return c
}

// Share is what of a deposit is for one order.
type Share struct {
	Order  string
	Amount int64
}

// The reasons of a suggestion; each has its words under "billing.reason.".
const (
	ByNumber  = "number"  // the number of the order is in what the payer wrote
	ByName    = "name"    // the payer is named like that
	ByPart    = "part"    // the payer's name begins like that, or is in it
	ByBefore  = "before"  // the payer paid under that name before
	ByAmount  = "amount"  // it is exactly what is missing
	TooMuch   = "over"    // it is more
	TooLittle = "under"   // it is less
	Together  = "several" // it is what several orders miss together
)

// Suggestion is how a deposit may be used: for which orders, why, and how likely that is, from 0 to 100.
type Suggestion struct {
	Shares  []Share
	Label   string
	Reasons []string
	Score   int
	Rest    int64 // of the deposit, after what the orders miss; positive: too much
}

// What the reasons count.
const (
	scoreNumber = 60
	scoreName   = 40
	scorePart   = 20
	scoreAmount = 35
	scoreSum    = 30
	scoreFloor  = 30 // less is no suggestion
	maxSuggest  = 6
	maxAlike    = 5  // more orders of one amount say nothing
	maxTogether = 12 // orders of one payer that are tried together
)

// Match suggests for which orders a deposit is, the likeliest first. Nothing is decided here: a person confirms.
func Match(d *Deposit, all []Candidate) []Suggestion {
	payer, raw, text := FoldPayer(d.Payer), strings.ToUpper(norm.NFKC.String(d.Payer)), spoken(d.Payer)+" "+spoken(d.Reference)
	var out []Suggestion
	var numbered, named []Candidate
	for i := range all {
		c := &all[i]
		name := payer
		if strings.Contains(raw, c.Number) {
			name = FoldPayer(strings.ReplaceAll(raw, c.Number, " ")) // the number may stand before the name without a space
		}
		s := c.suggest(d.Amount, name, text)
		switch {
		case slices.Contains(s.Reasons, ByNumber):
			numbered = append(numbered, *c)
		case slices.Contains(s.Reasons, ByName), slices.Contains(s.Reasons, ByBefore):
			named = append(named, *c)
		}
		if s.Score >= scoreFloor {
			out = append(out, s)
		}
	}
	out = append(out, together(d.Amount, numbered, scoreNumber, ByNumber)...)
	out = append(out, together(d.Amount, named, scoreName, ByName)...)
	out = withoutGuesses(out)
	slices.SortStableFunc(out, func(a, b Suggestion) int { return cmp.Compare(b.Score, a.Score) })
	return out[:min(len(out), maxSuggest)]
}

// suggest says how well one order fits.
func (c *Candidate) suggest(amount int64, payer, text string) Suggestion {
	s := Suggestion{Shares: []Share{{c.Order, min(amount, c.Missing)}}, Label: c.Label, Rest: amount - c.Missing}
	add := func(reason string, points int) {
		s.Reasons, s.Score = append(s.Reasons, reason), s.Score+points
	}
	if len(c.said) >= 6 && strings.Contains(text, c.said) {
		add(ByNumber, scoreNumber)
	}
	switch {
	case slices.Contains(c.names, payer) && payer != "":
		add(ByName, scoreName)
	case slices.Contains(c.paidAs, payer) && payer != "":
		add(ByBefore, scoreName)
	case slices.ContainsFunc(c.names, func(n string) bool { return partly(n, payer) }):
		add(ByPart, scorePart)
	}
	switch {
	case c.Missing <= 0:
		return Suggestion{}
	case amount == c.Missing:
		add(ByAmount, scoreAmount)
	case s.Score > 0 && amount > c.Missing:
		add(TooMuch, 0)
		s.Shares[0].Amount = amount // all of it is this payer's money
	case s.Score > 0:
		add(TooLittle, 0)
	}
	s.Score = min(s.Score, 100)
	return s
}

// partly reports whether one name is within the other, as banks cut names and payers add to them. Three characters at least have to agree.
func partly(a, b string) bool {
	return utf8.RuneCountInString(a) >= 3 && utf8.RuneCountInString(b) >= 3 && (strings.Contains(a, b) || strings.Contains(b, a))
}

// together finds orders of one payer that miss as much together as came in: all of them, or else the first set of that sum.
func together(amount int64, list []Candidate, points int, reason string) []Suggestion {
	if len(list) < 2 {
		return nil
	}
	list = list[:min(len(list), maxTogether)]
	for set := uint(1)<<len(list) - 1; set > 0; set-- {
		var sum int64
		s := Suggestion{Reasons: []string{reason, Together}, Score: min(100, points+scoreSum)}
		var labels []string
		for i, c := range list {
			if set&(1<<i) != 0 {
				sum += c.Missing
				s.Shares = append(s.Shares, Share{c.Order, c.Missing})
				if !slices.Contains(labels, c.Label) {
					labels = append(labels, c.Label)
				}
			}
		}
		if sum == amount && len(s.Shares) > 1 {
			s.Label = strings.Join(labels, " + ")
			return []Suggestion{s}
		}
	}
	return nil
}

// withoutGuesses takes away those for whom only the amount speaks, where that is true of many or somebody fits better.
func withoutGuesses(list []Suggestion) []Suggestion {
	guess := func(s Suggestion) bool { return len(s.Reasons) == 1 && s.Reasons[0] == ByAmount }
	n, better := 0, false
	for _, s := range list {
		if guess(s) {
			n++
		} else if s.Score >= scoreNumber {
			better = true
		}
	}
	if n > maxAlike || better {
		list = slices.DeleteFunc(list, guess)
	}
	return list
}
