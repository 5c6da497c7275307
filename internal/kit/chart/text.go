package chart

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// em is about how wide a text is, in its size: browsers differ, so it is rather too wide than too narrow.
func em(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += emOf(r)
	}
	return w
}

func emOf(r rune) float64 {
	switch k := width.LookupRune(r).Kind(); {
	case unicode.Is(unicode.Mn, r):
		return 0
	case k == width.EastAsianWide || k == width.EastAsianFullwidth || k == width.EastAsianAmbiguous && r > 0x2000:
		return 1
	case unicode.IsUpper(r), strings.ContainsRune("mw%@&", r):
		return 0.76
	case strings.ContainsRune("iljtf.,:;'|!()[] ", r):
		return 0.36
	}
	return 0.6
}

// cut shortens a text to a width in em, with an ellipsis for what is gone.
func cut(s string, most float64) string {
	if em(s) <= most {
		return s
	}
	out, w := "", 1.0
	for _, r := range s {
		if w += emOf(r); w > most {
			break
		}
		out += string(r)
	}
	return strings.TrimRight(out, " ") + "…"
}

// notFirst may not begin a line in Japanese.
const notFirst = "、。，．・：；？！）」』】〕〉》’”ーゝ々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}…"

// wrap breaks a text into at most n lines of a width in em; what does not fit is cut.
func wrap(s string, most float64, n int) []string {
	var lines []string
	rest := []rune(strings.Join(strings.Fields(s), " "))
	for len(rest) > 0 {
		if len(lines) == n-1 || em(string(rest)) <= most {
			return append(lines, cut(string(rest), most))
		}
		at := breakAt(rest, most)
		lines = append(lines, strings.TrimRight(string(rest[:at]), " "))
		for at < len(rest) && rest[at] == ' ' {
			at++
		}
		rest = rest[at:]
	}
	return lines
}

// breakAt is where the first line of a text ends: the last place that fits, at a space or beside a wide character, else in the word.
func breakAt(s []rune, most float64) int {
	w, best, last := 0.0, 0, 1
	for i, r := range s {
		if i > 0 && mayBreak(s[i-1], r) {
			best = i
		}
		if w += emOf(r); w > most {
			break
		}
		last = i + 1
	}
	if best == 0 {
		return last
	}
	return best
}

func mayBreak(before, r rune) bool {
	if strings.ContainsRune(notFirst, r) || strings.ContainsRune("（「『【〔〈《([{", before) {
		return false
	}
	return r == ' ' || before == ' ' || emOf(r) == 1 || emOf(before) == 1
}
