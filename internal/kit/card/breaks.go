package card

import (
	"strings"
	"unicode"
)

// Characters by what they do at the ends of a line (JIS X 4051, and JLREQ 3.1.7 and 3.1.8).
const (
	noStart = "、。，．,.・：；:;?!？！‼⁇⁈⁉)]}）］｝」』】〕〉》〗〙〟’”»ー゛゜ヽヾゝゞ々〻…‥%％°℃′″" +
		"ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿｧｨｩｪｫｬｭｮｯｰﾞﾟ､｡･｣"
	noEnd     = "([{（［｛「『【〔〈《〖〘〝‘“«｢#＃￥$＄"
	particles = "はがをにへとでもの"
	dashes    = "～〜―—-"
)

// What it costs to break a line, from nothing to never. The unit is the same as in fit.go: 1 is about as bad as a line that is half
// empty among full ones.
const (
	never     = 1e9
	sentence  = -0.40 // after a sentence, and before a subtitle in dashes: better than no break at all
	forced    = 6.0   // inside a word that is longer than a whole line
	free      = 0.0   // where a space or the end of a sentence already parts the text
	goodPlace = 0.05
	fairPlace = 0.3
	poorPlace = 1.2
	badPlace  = 2.0
)

// class is the script of a rune, as far as breaking needs it.
type class int

const (
	other class = iota
	latin       // anything written with spaces between words, digits too
	hiragana
	katakana
	kanji
	space
)

func classOf(r rune) class {
	switch {
	case isSpace(r):
		return space
	case unicode.Is(unicode.Hiragana, r):
		return hiragana
	case unicode.Is(unicode.Katakana, r), r == 'ー', r == '・':
		return katakana
	case unicode.Is(unicode.Han, r), r == '々', r == geta:
		return kanji
	case r < 0x2000 && unicode.IsGraphic(r), strings.ContainsRune("’‘“”–", r):
		return latin
	}
	return other
}

// breakCosts says for every rune what a line break before it costs; the first is never asked for.
func breakCosts(rs []rune) []float64 {
	costs := make([]float64, len(rs))
	opens := openingDashes(rs)
	for i := 1; i < len(rs); i++ {
		costs[i] = breakCost(rs, i, opens)
	}
	return costs
}

// breakCost is the cost of a break between rs[i-1] and rs[i]. The space between two words goes with the line before.
func breakCost(rs []rune, i int, opens map[int]bool) float64 {
	a, b := rs[i-1], rs[i]
	_, dashBefore := opens[i-1]
	opening, dash := opens[i]
	switch {
	case isSpace(b), mayNotEnd(rs, i-1, opens), dash && !opening, dash && dashBefore:
		return never
	case isSpace(a):
		return afterSpace(rs, i, dash)
	case dash:
		return sentence
	case strings.ContainsRune(noStart, b):
		return never
	case dashBefore:
		return goodPlace
	case strings.ContainsRune("。？！", a):
		return sentence
	case strings.ContainsRune("、，．；：」』】）〉》…", a):
		return free
	case b > 0x7f && strings.ContainsRune(noEnd, b):
		return goodPlace
	}
	return betweenScripts(a, b)
}

// afterSpace is the cost of a break before rs[i] where a space stands before it; dash says that it opens a subtitle.
func afterSpace(rs []rune, i int, dash bool) float64 {
	b, words := rs[i], i > 1 && classOf(rs[i-2]) == latin
	switch {
	case b > 0x7f && strings.ContainsRune(noStart, b):
		return never
	case dash:
		return sentence
	case words && classOf(b) == hiragana:
		return poorPlace // a particle after a foreign word
	case words && classOf(b) == latin:
		return goodPlace
	}
	return free
}

// mayNotEnd reports that the last thing up to rs[i], spaces aside, opens something: a bracket or a dash before a subtitle.
func mayNotEnd(rs []rune, i int, opens map[int]bool) bool {
	for i > 0 && isSpace(rs[i]) {
		i--
	}
	return opens[i] || strings.ContainsRune(noEnd, rs[i])
}

// betweenScripts judges a break by the scripts on its two sides. Japanese phrases mostly end in hiragana and start in another
// script, so that is a good place; a word in kanji or katakana is better left whole.
func betweenScripts(a, b rune) float64 {
	ca, cb := classOf(a), classOf(b)
	switch {
	case ca == latin && cb == latin:
		if strings.ContainsRune("-/–_@", a) && unicode.IsLetter(b) {
			return poorPlace
		}
		return never
	case ca == hiragana && cb != hiragana:
		if strings.ContainsRune(particles, a) {
			return goodPlace
		}
		return fairPlace
	case ca == hiragana:
		if strings.ContainsRune(particles, a) {
			return poorPlace
		}
		return badPlace
	case cb == hiragana:
		return badPlace
	case ca == katakana && cb == katakana:
		if a == '・' {
			return goodPlace
		}
		return badPlace
	case ca == cb, ca == latin && unicode.IsDigit(a):
		return poorPlace
	}
	return fairPlace
}

// openingDashes finds the dashes that enclose a subtitle, as in ～理想と現実～, and says of each whether it opens: the first, third and
// so on of each sort does. A dash inside a word or a range (10～20, follow-up) is not among them. Both halves of ―― say the same.
func openingDashes(rs []rune) map[int]bool {
	opens := map[int]bool{}
	open := map[rune]bool{}
	for i, r := range rs {
		if !strings.ContainsRune(dashes, r) {
			continue
		}
		if was, ok := opens[i-1]; ok && rs[i-1] == r {
			opens[i] = was
			continue
		}
		if i > 0 && i+1 < len(rs) && inWord(r, rs[i-1]) && inWord(r, rs[i+1]) {
			continue
		}
		open[r] = !open[r]
		opens[i] = open[r]
	}
	return opens
}

// inWord reports that a neighbour makes the dash part of a word or a range: a digit, or for the hyphen anything Latin.
func inWord(dash, neighbour rune) bool {
	return unicode.IsDigit(neighbour) || dash == '-' && classOf(neighbour) == latin
}
