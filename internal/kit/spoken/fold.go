package spoken

import (
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"
)

// syllables are the kana in Hepburn spelling, made once.
var syllables = sync.OnceValue(spellings)

func spellings() map[rune]string {
	out := map[rune]string{'ん': "n", 'ゔ': "vu", 'や': "ya", 'ゆ': "yu", 'よ': "yo", 'わ': "wa", 'を': "o"}
	for consonant, row := range map[string]string{
		"": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ", "m": "まみむめも", "r": "らりるれろ",
		"g": "がぎぐげご", "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
	} {
		for i, r := range []rune(row) {
			out[r] = consonant + "aiueo"[i:i+1]
		}
	}
	for r, s := range map[rune]string{'し': "shi", 'ち': "chi", 'つ': "tsu", 'ふ': "fu", 'じ': "ji", 'ぢ': "ji", 'づ': "zu"} {
		out[r] = s
	}
	return out
}

// romaji spells hiragana in Latin letters, as it is written: long vowels twice or as ou.
func romaji(kana string) string {
	table := syllables()
	var out string
	double := false
	for _, r := range kana {
		switch r {
		case 'っ':
			double = true
			continue
		case 'ー':
			if out != "" {
				out += out[len(out)-1:]
			}
			continue
		case 'ゃ', 'ゅ', 'ょ', 'ぁ', 'ぃ', 'ぅ', 'ぇ', 'ぉ':
			out = glide(out, r)
			continue
		}
		s, ok := table[r]
		if !ok {
			s = string(r)
		}
		if double && s[0] < 0x80 {
			if strings.HasPrefix(s, "ch") {
				out += "t"
			} else {
				out += s[:1]
			}
			double = false
		}
		out += s
	}
	return out
}

// glide puts a small kana behind a syllable: shi and ゃ are sha, ki and ゃ are kya, fu and ぁ are fa.
func glide(before string, r rune) string {
	vowel := map[rune]string{'ゃ': "a", 'ゅ': "u", 'ょ': "o", 'ぁ': "a", 'ぃ': "i", 'ぅ': "u", 'ぇ': "e", 'ぉ': "o"}[r]
	if before == "" {
		return vowel
	}
	stem := before[:len(before)-1]
	if strings.ContainsRune("ゃゅょ", r) && !strings.HasSuffix(stem, "sh") && !strings.HasSuffix(stem, "ch") && !strings.HasSuffix(stem, "j") {
		stem += "y"
	}
	return stem + vowel
}

// fold brings spellings of one word together: Kunrei to Hepburn, long vowels and double consonants to single ones, m before b and p to n.
func fold(word string) string {
	word = strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヶ' {
			return r - 'ァ' + 'ぁ'
		}
		return r
	}, strings.ToLower(norm.NFKC.String(word)))
	s := norm.NFD.String(romaji(word)) // ō is o with a mark
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
	s = strings.NewReplacer(
		"tch", "ch", "cch", "ch", "sya", "sha", "syu", "shu", "syo", "sho", "tya", "cha", "tyu", "chu", "tyo", "cho", "zya", "ja", "zyu", "ju", "zyo", "jo",
		"jya", "ja", "jyu", "ju", "jyo", "jo", "shi", "shi", "chi", "chi", "si", "shi", "ti", "chi", "zi", "ji", "di", "ji", "tsu", "tsu", "tu", "tsu", "du", "zu", "hu", "fu",
		"mb", "nb", "mp", "np",
	).Replace(s)
	return short(s)
}

// short takes long vowels and double consonants for single ones; oh before a consonant or the end is a long o too.
func short(s string) string {
	var out []byte
	for i := range len(s) {
		c := s[i]
		last := byte(0)
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		long := last == 'o' && (c == 'u' || c == 'h' && (i+1 == len(s) || !strings.ContainsRune("aiueoy", rune(s[i+1]))))
		if c != last && !long {
			out = append(out, c)
		}
	}
	return string(out)
}
