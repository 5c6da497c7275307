package pdf

import (
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/typeface"
)

// Characters that stand at neither end of a line (JIS X 4051).
const (
	noStart = "、。，．,.・：；:;?!？！)]}）］｝」』】〕〉》’”»ー々〻…‥%％°℃" + "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶｧｨｩｪｫｬｭｮｯｰﾞﾟ､｡･｣"
	noEnd   = "([{（［｛「『【〔〈《‘“«#＃￥¥$＄"
)

// measure is how wide a text is as a share of its size.
func measure(f *typeface.Face, s string) float64 {
	var w float64
	for _, r := range s {
		w += f.Advance(r)
	}
	return w
}

// wrap breaks spelled text into lines of a width, given as a share of the size. There is at least one line.
func wrap(f *typeface.Face, rs []rune, width float64) []string {
	var out []string
	for {
		n := fits(f, rs, width)
		if n == len(rs) {
			return append(out, string(rs))
		}
		at := n
		for at > 1 && !mayBreak(rs, at) {
			at--
		}
		if at <= 1 && !mayBreak(rs, 1) {
			at = n // a word longer than the line
		}
		out = append(out, strings.TrimRight(string(rs[:at]), " \u3000"))
		for at < len(rs) && typeface.IsSpace(rs[at]) {
			at++
		}
		rs = rs[at:]
		if len(rs) == 0 {
			return out
		}
	}
}

// fits counts the runes that a line holds, at least one. Spaces at its end take no room.
func fits(f *typeface.Face, rs []rune, width float64) int {
	var w float64
	for i, r := range rs {
		w += f.Advance(r)
		if w > width+1e-9 && !typeface.IsSpace(r) {
			return max(1, i)
		}
	}
	return len(rs)
}

// mayBreak reports whether a line may begin with rs[i].
func mayBreak(rs []rune, i int) bool {
	a, b := rs[i-1], rs[i]
	switch {
	case typeface.IsSpace(b):
		return false // it goes with the line before
	case typeface.IsSpace(a):
		return true
	case strings.ContainsRune(noStart, b) || strings.ContainsRune(noEnd, a):
		return false
	case narrow(a) && narrow(b):
		return a == '-' || a == '/' || a == '@' // inside a word
	}
	return true
}

// narrow reports letters of scripts that part words by spaces.
func narrow(r rune) bool { return r > ' ' && r < 0x2000 }
