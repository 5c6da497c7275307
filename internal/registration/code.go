package registration

import (
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/person"
)

// CodeSort is what a code is for.
type CodeSort string

// The sorts of codes.
const (
	QuotaCode      CodeSort = "quota"      // so many places of a kind for an organisation, which hands the code out
	DiscountCode   CodeSort = "discount"   // a lower price
	InvitationCode CodeSort = "invitation" // one place for whom it is sent to
)

// CodeSorts lists every sort.
var CodeSorts = []CodeSort{QuotaCode, DiscountCode, InvitationCode}

// Code is what somebody types to get what others do not.
type Code struct {
	ID      int64
	Ref     string
	Meeting event.MeetingID
	Word    string // as compared: capitals and digits only
	Sort    CodeSort
	Name    string    // for whom
	Kind    string    // key of the kind that it is for; empty: any that needs no code
	Uses    int       // how often; 0: as often as one likes
	Taken   int       // how often it is in use
	Ends    time.Time // zero: never
	Yen     int64     // off each price that it lowers
	Percent int       // off each price that it lowers
	OnKind  bool      // it lowers the price of the kind
	Options []string  // keys of the options whose price it lowers
	Address string    // of the contact of the organisation, or of who is invited
	Lang    i18n.Lang // of the letter to them
	Off     bool
	MadeAt  time.Time
	Version int
	LinkNo  int
}

// alphabet is that of Crockford: no I, L, O and U.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLength is 60 bits: a thousand guesses a second against a thousand codes take 36 million years on average.
const codeLength = 12

// newWord makes a code that nobody guesses.
func newWord() string {
	b := make([]byte, codeLength)
	_, _ = rand.Read(b) // never fails
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b)
}

// codeWord is what somebody typed, as codes are compared: width, case, spaces and hyphens are the same, O is zero, and I and L are one. It is
// empty where it cannot be a code.
func codeWord(typed string) string {
	if len(typed) > 300 {
		return ""
	}
	var b strings.Builder
	for _, r := range norm.NFKC.String(typed) {
		switch r = unicode.ToUpper(r); {
		case r == 'O':
			b.WriteByte('0')
		case r == 'I' || r == 'L':
			b.WriteByte('1')
		case unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == 'ー' || r == '−' || r == '_':
		case strings.ContainsRune(alphabet, r):
			b.WriteRune(r)
		default:
			return ""
		}
	}
	if b.Len() != codeLength {
		return ""
	}
	return b.String()
}

// Words is the code as people read it: in groups of four.
func (c *Code) Words() string { return c.Word[:4] + "-" + c.Word[4:8] + "-" + c.Word[8:] }

// Spent reports that it was used as often as it may be.
func (c *Code) Spent() bool { return c.Uses > 0 && c.Taken >= c.Uses }

// Left is how often it may still be used, where that is bounded.
func (c *Code) Left() int { return max(c.Uses-c.Taken, 0) }

// Lowers reports that it makes something cheaper.
func (c *Code) Lowers() bool { return (c.OnKind || len(c.Options) > 0) && (c.Yen > 0 || c.Percent > 0) }

// Good says why a code does not work at a time, or nil. That it was used up is not its business: its quota knows.
func (c *Code) Good(now time.Time) error {
	switch {
	case c.Off:
		return fault.New(fault.Conflict, "registration.error.code_off").On("code")
	case passed(c.Ends, now):
		return fault.New(fault.Conflict, "registration.error.code_over").On("code")
	}
	return nil
}

// Opens says why a code is not for a kind, or nil.
func (c *Code) Opens(s *Setup, k *Kind) error {
	if c.Kind == k.Key || c.Kind == "" && !k.ByCode {
		return nil
	}
	other := s.Kind(c.Kind)
	if other == nil {
		return fault.New(fault.Conflict, "registration.error.code_not").On("code")
	}
	return fault.New(fault.Conflict, "registration.error.code_kind").With("kind", other.Name.In(i18n.JA)).With("kind_en", other.Name.In(i18n.EN)).On("kind")
}

// less is how much a price is lowered. It never goes below nothing.
func (c *Code) less(price int64) int64 {
	return min(price, c.Yen+price*int64(c.Percent)/100)
}

// discounts are the lines by which a code lowers what is owed: of the kind, and of one place in each option that it names; companions pay.
// A fee is lowered in proportion: by so many percent of what the price would have been lowered by.
func (c *Code) discounts(lines []Owed) []Owed {
	var out []Owed
	for _, l := range lines {
		what, which, _ := cutKey(l.Key)
		option, _, _ := strings.Cut(which, "/")
		off := int64(0)
		switch {
		case what == "kind" && c.OnKind, what == "option" && slices.Contains(c.Options, option):
			off = c.less(l.Yen)
		case what == "fee" && c.OnKind, what == "kept" && slices.Contains(c.Options, option):
			off = min(l.Yen, c.less(l.full)*int64(l.percent)/100)
		}
		if off > 0 {
			out = append(out, Owed{Key: "discount:" + l.Key, Name: discountName(l.Name), Yen: -off, Quantity: 1, Rate: l.Rate, Seller: l.Seller})
		}
	}
	return out
}

func discountName(of i18n.Text) i18n.Text {
	return i18n.T("割引（"+of.In(i18n.JA)+"）", "Discount ("+of.In(i18n.EN)+")")
}

// check cleans a code that an organiser made or changed, and says what is wrong with it.
func (c *Code) check(s *Setup) error {
	c.Name = person.CleanLine(c.Name)
	switch {
	case !slices.Contains(CodeSorts, c.Sort):
		return invalid("registration.error.code_sort").On("sort")
	case c.Name == "" && c.Sort != InvitationCode:
		return invalid("registration.error.code_name").On("name")
	case utf8.RuneCountInString(c.Name) > MaxLine:
		return invalid("registration.error.long").With("max", MaxLine).On("name")
	case c.Kind != "" && s.Kind(c.Kind) == nil, c.Kind == "" && c.Sort != DiscountCode:
		return invalid("registration.error.choose_kind").On("kind")
	case c.Uses < 0 || c.Uses > 100_000 || c.Uses == 0 && c.Sort == QuotaCode:
		return invalid("registration.error.code_uses").On("uses")
	case c.Percent < 0 || c.Percent > 100 || c.Yen < 0 || c.Yen > 10_000_000 || c.Percent > 0 && c.Yen > 0:
		return invalid("registration.error.code_off_by").On("yen")
	case c.Sort == DiscountCode && !c.Lowers():
		return invalid("registration.error.code_lowers").On("yen")
	}
	for _, o := range c.Options {
		if s.Option(o) == nil {
			return invalid("registration.error.no_option").On("options")
		}
	}
	if c.Sort == InvitationCode {
		c.Uses = 1
	}
	if c.Address == "" {
		return nil
	}
	var err error
	if c.Address, _, err = person.ParseAddress(c.Address); err != nil {
		return invalid("registration.error.address").On("address")
	}
	return nil
}

// words is a code as the audit log tells it. What people type is not in it: whoever reads the log may not use it.
func (c *Code) words() map[string]string {
	out := map[string]string{
		"sort": string(c.Sort), "name": c.Name, "kind": c.Kind, "uses": digits(int64(c.Uses)), "yen": digits(c.Yen), "percent": digits(int64(c.Percent)),
		"options": strings.Join(c.Options, " "), "address": c.Address, "page": digits(int64(c.LinkNo)),
	}
	if c.OnKind {
		out["on_kind"] = "yes"
	}
	if c.Off {
		out["off"] = "yes"
	}
	if !c.Ends.IsZero() {
		out["ends"] = c.Ends.UTC().Format(time.RFC3339)
	}
	for k, v := range out {
		if v == "" || v == "0" {
			delete(out, k)
		}
	}
	return out
}

func digits(n int64) string { return strconv.FormatInt(n, 10) }
