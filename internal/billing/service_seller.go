package billing

import (
	"context"
	"regexp"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
)

var (
	keyForm      = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)
	numberForm   = regexp.MustCompile(`^T[0-9]{13}$`)
	postcodeForm = regexp.MustCompile(`^[0-9]{3}-[0-9]{4}$`)
	accountForm  = regexp.MustCompile(`^[0-9]{4,10}$`)
	prefixForm   = regexp.MustCompile(`^[A-Z0-9-]{0,10}$`)
	dashes       = strings.NewReplacer("‐", "-", "−", "-", "–", "-", "—", "-", "ー", "-", "ｰ", "-", "〒", "", " ", "")
)

// checkNumber says whether a registration number may be one: T and the corporate number (法人番号) of a company, whose first digit is a check on the
// others, or a number of the same form that a sole trader was given, which has no such check.
func checkNumber(n string) bool {
	if !numberForm.MatchString(n) {
		return false
	}
	digits := n[1:]
	var sum int
	for i := range 12 { // from the right, weights 1 and 2 in turn
		q := int(digits[12-i] - '0')
		sum += q * (1 + i%2)
	}
	return 9-sum%9 == int(digits[0]-'0')
}

// Sellers are those who sell at a meeting.
func (s *Service) Sellers(ctx context.Context, r db.Reader, slug string) ([]*Seller, error) {
	b, err := meetingBooks(ctx, r, slug)
	if err != nil {
		return nil, err
	}
	return b.sellers, nil
}

// SaveSeller stores a seller of a meeting, found by its key. sole says that its number is that of a sole trader, whose first digit checks nothing.
func (s *Service) SaveSeller(ctx context.Context, tx *db.Tx, slug string, in Seller, sole bool) error {
	if err := event.Require(ctx, slug, event.MayEditMoney); err != nil {
		return err
	}
	if err := in.straighten(sole); err != nil {
		return err
	}
	b, err := meetingBooks(ctx, tx, slug)
	if err != nil {
		return err
	}
	var before map[string]string
	action := "billing.seller_added"
	if old := b.seller(in.Key); old != nil {
		if old.Exclusive != in.Exclusive {
			if used, err := hasOrders(ctx, tx, old.ID); err != nil || used {
				return orFault(err, fault.New(fault.Conflict, "billing.error.pricing_fixed").On("exclusive"))
			}
		}
		in.ID, in.Ref, before, action = old.ID, old.Ref, old.values(), "billing.seller_edited"
	}
	if _, err := signingKey(ctx, tx, sign.NewSecret(), s.o.Now()); err != nil {
		return err
	}
	if err := saveSeller(ctx, tx, b.meeting, &in, s.o.Now()); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Scope: slug, Object: "seller:" + in.Key, Action: action, Before: before, After: in.values(), At: s.o.Now()})
}

func orFault(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// straighten brings what was typed to one form, and says what cannot be used.
func (s *Seller) straighten(sole bool) error {
	for _, f := range []*string{&s.Key, &s.Name.JA, &s.Name.EN, &s.Street.JA, &s.Street.EN, &s.Contact, &s.Bank, &s.Branch, &s.Account, &s.Prefix} {
		*f = straight(*f)
		if len([]rune(*f)) > 200 {
			return fault.New(fault.Invalid, "billing.error.long")
		}
	}
	s.BankNote = strings.TrimSpace(strings.ToValidUTF8(s.BankNote, ""))
	s.Number = strings.ToUpper(strings.ReplaceAll(dashes.Replace(straight(s.Number)), "-", ""))
	s.Postcode = dashes.Replace(straight(s.Postcode))
	if len(s.Postcode) == 7 && !strings.Contains(s.Postcode, "-") {
		s.Postcode = s.Postcode[:3] + "-" + s.Postcode[3:]
	}
	s.Phone = dashes.Replace(straight(s.Phone))
	s.Prefix = strings.ToUpper(s.Prefix)
	s.Holder = kana(s.Holder)
	s.defaults()
	return s.check(sole)
}

// kana writes the holder of an account as banks do: katakana of full width and capitals.
func kana(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r >= 'ぁ' && r <= 'ゖ' {
			return r + 'ァ' - 'ぁ'
		}
		return r
	}, straight(s)))
}

func (s *Seller) defaults() {
	if s.Rounding == "" {
		s.Rounding = Floor
	}
	if s.YearMonth == 0 {
		s.YearMonth = 4
	}
	if s.AccountKind == "" {
		s.AccountKind = Ordinary
	}
	if s.Follow == "" {
		s.Follow = FollowIssue
	}
	if s.Later == "" {
		s.Later = LaterAsk
	}
	if s.LaterDays == 0 {
		s.LaterDays = 30
	}
}

func (s *Seller) check(sole bool) error {
	bad := func(field, key string) error { return fault.New(fault.Invalid, key).On(field) }
	switch {
	case !keyForm.MatchString(s.Key):
		return bad("key", "billing.error.key")
	case s.Name.JA == "" && s.Name.EN == "":
		return bad("name_ja", "billing.error.name")
	case s.Number != "" && !numberForm.MatchString(s.Number):
		return bad("number", "billing.error.number")
	case s.Number != "" && !sole && !checkNumber(s.Number):
		return bad("number", "billing.error.check_digit")
	case s.Postcode != "" && !postcodeForm.MatchString(s.Postcode):
		return bad("postcode", "billing.error.postcode")
	case s.Account != "" && !accountForm.MatchString(s.Account):
		return bad("account", "billing.error.account")
	case !prefixForm.MatchString(s.Prefix):
		return bad("prefix", "billing.error.prefix")
	case s.Contact != "" && mail.CheckAddress(s.Contact) != nil:
		return bad("contact", "billing.error.address")
	case len([]rune(s.BankNote)) > 1000 || len([]rune(s.Holder)) > 100 || len(s.Phone) > 40:
		return bad("bank_note", "billing.error.long")
	case !s.Rounding.Valid(), s.YearMonth < 1 || s.YearMonth > 12, s.LaterDays < 0 || s.LaterDays > 366,
		s.AccountKind != Ordinary && s.AccountKind != Current, s.Follow != FollowIssue && s.Follow != FollowDraft,
		s.Later != LaterNo && s.Later != LaterAsk && s.Later != LaterYes:
		return bad("rounding", "billing.error.choice")
	}
	return nil
}

// values are what the log keeps of a seller.
func (s *Seller) values() map[string]string {
	return map[string]string{
		"name_ja": s.Name.JA, "name_en": s.Name.EN, "number": s.Number, "postcode": s.Postcode, "street_ja": s.Street.JA, "street_en": s.Street.EN,
		"contact": s.Contact, "phone": s.Phone, "bank": s.Bank, "branch": s.Branch, "account_kind": s.AccountKind, "account": s.Account, "holder": s.Holder,
		"bank_note": s.BankNote, "exclusive": yen(int64(bit(s.Exclusive))), "rounding": string(s.Rounding), "year_month": yen(int64(s.YearMonth)),
		"prefix": s.Prefix, "follow": s.Follow, "later": s.Later, "later_days": yen(int64(s.LaterDays)),
	}
}
