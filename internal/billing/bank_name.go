package billing

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// corporate are the forms of companies and bodies as people and banks write them. Banks put an abbreviation with one bracket before or behind the
// name, or with two within it: ｶ)ﾔﾏﾀﾞ, ﾔﾏﾀﾞ(ｶ, ﾔﾏﾀﾞ(ｶ)ﾋｶﾞｼ.
func corporate() (words, short []string) {
	words = []string{"株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "一般社団法人", "公益社団法人", "一般財団法人", "公益財団法人", "社団法人", "財団法人",
		"特定非営利活動法人", "国立研究開発法人", "独立行政法人", "国立大学法人", "公立大学法人", "学校法人", "医療法人", "社会福祉法人", "宗教法人",
		"カブシキガイシヤ", "カブシキカイシヤ", "ユウゲンガイシヤ", "ユウゲンカイシヤ", "ゴウドウガイシヤ", "ゴウドウカイシヤ", "イツパンシヤダンホウジン", "シヤダンホウジン",
		"イツパンザイダンホウジン", "ザイダンホウジン", "ガツコウホウジン", "ドクリツギヨウセイホウジン", "コクリツダイガクホウジン", "トクテイヒエイリカツドウホウジン",
		"CO.,LTD.", "CO.,LTD", "CO.LTD.", "COLTD", "CORPORATION", "INC.", "LLC", "K.K."}
	short = []string{"カ", "ユ", "ド", "シ", "メ", "シヤ", "ザイ", "ガク", "イ", "フク", "トクヒ", "ドク", "ダイ", "シユウ", "株", "有", "同", "社", "財", "学"}
	return words, short
}

// FoldPayer brings a name to the form in which payers are compared: NFKC (half-width kana become full-width), katakana for hiragana, large kana
// for small ones and one long-vowel sign, since bank files know only these; capitals; without spaces, dots and the form of a company.
func FoldPayer(s string) string {
	s = strings.Map(bankKana, strings.ToUpper(norm.NFKC.String(s)))
	words, short := corporate()
	for _, w := range words {
		s = strings.ReplaceAll(s, w, "")
	}
	for _, w := range short {
		s = strings.ReplaceAll(s, "("+w+")", "")
		if rest, ok := strings.CutPrefix(s, w+")"); ok {
			s = rest
		}
		if rest, ok := strings.CutSuffix(s, "("+w); ok {
			s = rest
		}
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || r == 'ー' {
			return r
		}
		return -1
	}, s)
}

// smallKana and largeKana are kana that stand for each other.
const (
	smallKana = "ァィゥェォッャュョヮヵヶヲヱヰ"
	largeKana = "アイウエオツヤユヨワカケオエイ"
)

// bankKana folds one character.
func bankKana(r rune) rune {
	if unicode.IsSpace(r) {
		return -1
	}
	if r >= 'ぁ' && r <= 'ゖ' {
		r += 'ァ' - 'ぁ'
	}
	if at := slices.Index([]rune(smallKana), r); at >= 0 {
		return []rune(largeKana)[at]
	}
	switch r {
	case '-', '‐', '‑', '‒', '–', '—', '―', '−', 'ｰ', 'ー', '─':
		return 'ー'
	}
	return r
}

// spoken brings an order number to the form in which it is looked for in what a payer wrote: capitals and digits, with 0 for O and 1 for I and L,
// which the numbers do not have.
func spoken(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case r >= '0' && r <= '9' || r >= 'A' && r <= 'Z':
			return r
		}
		return -1
	}, strings.ToUpper(norm.NFKC.String(s)))
}
