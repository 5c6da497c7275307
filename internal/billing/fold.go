package billing

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxFolded bounds what an order is found by, in bytes.
const maxFolded = 1000

// fold writes a text the way it is compared: without widths, case, spaces, and with katakana for hiragana.
func fold(s string) string {
	s = cases.Fold().String(norm.NFKC.String(s))
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r >= 'ぁ' && r <= 'ゖ':
			return r + 'ァ' - 'ぁ'
		}
		return r
	}, s)
}

// folded is what an order is found by.
func (o *Order) folded() string {
	all := strings.Join([]string{fold(o.Number), fold(o.Payer.Name), fold(o.Payer.Organisation), fold(o.Payer.Department), fold(o.Payer.Address), fold(o.Bundle)}, " ")
	if len(all) > maxFolded {
		all = strings.ToValidUTF8(all[:maxFolded], "")
	}
	return all
}

// straight is a typed text with one width of digits and letters, and without spaces at its ends.
func straight(s string) string {
	return strings.TrimSpace(norm.NFKC.String(strings.ToValidUTF8(s, "")))
}
