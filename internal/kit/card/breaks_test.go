package card

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// setter makes something that can shape texts.
func setter(t interface{ Fatal(...any) }) *painter {
	p, err := newPainter(inksFor(""))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// read turns lines back into words.
func read(s shaped, lines []line) []string {
	var out []string
	for _, l := range lines {
		text := string(s.glyphs[l.from:s.trim(l.from, l.to)])
		if l.more {
			text += s.ellipsis()
		}
		out = append(out, text)
	}
	return out
}

func TestLinesBreakWhereAReaderWouldBreakThem(t *testing.T) {
	p := setter(t)
	for _, tt := range []struct {
		text  string
		em    float64
		lines []string
	}{
		{"経路設定、見直し", 5, []string{"経路設定、", "見直し"}},
		{"うちの構内光配線は大丈夫？現状を調査しました。", 13, []string{"うちの構内光配線は大丈夫？", "現状を調査しました。"}},
		{"最後の「防波堤」とは", 6, []string{"最後の", "「防波堤」とは"}},
		{"障害解析～現場で見えた課題～", 10.5, []string{"障害解析", "～現場で見えた課題～"}},
		{"適用評価――その実際", 7, []string{"適用評価", "――その実際"}},
		{"挑戦 - 支える人の実際", 9.5, []string{"挑戦", "- 支える人の実際"}},
		{"10～20台の装置", 5, []string{"10～20", "台の装置"}},
		{"ネットワークとデータセンター", 9, []string{"ネットワークと", "データセンター"}},
		{"Error Handling for BGP", 9, []string{"Error Handling", "for BGP"}},
		{"Only-to-Customer attributes", 11, []string{"Only-to-Customer", "attributes"}},
		{"(see RFC 9234) now", 7, []string{"(see RFC", "9234) now"}},
	} {
		s := p.shape(p.bold, tt.text)
		if got := read(s, s.fit(1, tt.em, 4)); !slices.Equal(got, tt.lines) {
			t.Errorf("%q in %v em: %q, want %q", tt.text, tt.em, got, tt.lines)
		}
	}
}

func TestNoBreakIsAllowedThere(t *testing.T) {
	for _, text := range []string{"あ、", "あ。", "あ」", "「あ", "（あ", "あー", "あっ", "アッ", "ァァ", "あ々", "あ！", "あ？", "あ…", "……", "――", "ab", "a1", "あ)", "(あ", "あ’", "あ”", "“あ", "¿a", "a ", "「 あ"} {
		rs := []rune(text)
		if c := breakCosts(rs)[len(rs)-1]; c < never {
			t.Errorf("%q may be broken before its last character (%v)", text, c)
		}
	}
}

// TestKinsoku sets texts made of phrases and looks at both ends of every line.
func TestKinsoku(t *testing.T) {
	p := setter(t)
	phrases := []string{"経路を", "、", "。", "「障害」", "（注）", "データー", "きっと", "しょう", "…", "々", "BGP", " ", "route", "10%", "！？", "の", "『本』を"}
	rapid.Check(t, func(t *rapid.T) {
		text := "始め" + strings.Join(rapid.SliceOfN(rapid.SampledFrom(phrases), 1, 40).Draw(t, "phrases"), "")
		s := p.shape(p.regular, text)
		width := rapid.Float64Range(12, 30).Draw(t, "width")
		costs := s.forcedCosts(width)
		if slices.Contains(costs, forced) {
			return // something here is longer than a line
		}
		lines, _, ok := s.wrap(width, 12)
		if !ok {
			lines = s.cut(width, 3)
		}
		for i, l := range lines {
			if got := s.widthOf(l, 1); got > width+1e-9 {
				t.Fatalf("line %d is %.2f em wide, in %.2f", i, got, width)
			}
			if first := s.glyphs[l.from]; i > 0 && strings.ContainsRune("、。」）ー々っょ…！？％", first) {
				t.Fatalf("line %d of %q starts with %c", i, read(s, lines), first)
			}
			if last := s.glyphs[s.trim(l.from, l.to)-1]; strings.ContainsRune("「（『", last) {
				t.Fatalf("line %d of %q ends with %c", i, read(s, lines), last)
			}
			if end := l.to; !l.more && end < len(s.glyphs) && isWord(s.glyphs[end-1]) && isWord(s.glyphs[end]) {
				t.Fatalf("line %d of %q ends inside a word", i, read(s, lines))
			}
		}
	})
}

func isWord(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' }

func TestWhatDoesNotFitIsCut(t *testing.T) {
	p := setter(t)
	for _, tt := range []struct {
		text  string
		em    float64
		n     int
		lines []string
	}{
		{"寿限無寿限無五劫の擦り切れ", 6, 1, []string{"寿限無寿限…"}},
		{"internationalisation of everything", 9, 1, []string{"internationali..."}},
		{"the story of an address", 9, 1, []string{"the story of..."}},
		{"障害「対応」の記録", 4.2, 1, []string{"障害…"}},
		{"", 9, 1, nil},
		{"🎉", 9, 1, nil},
	} {
		s := p.shape(p.bold, tt.text)
		if got := read(s, s.fit(1, tt.em, tt.n)); !slices.Equal(got, tt.lines) {
			t.Errorf("%q in %v em: %q, want %q", tt.text, tt.em, got, tt.lines)
		}
	}
}

func TestTitlesShrinkAsTheyGrow(t *testing.T) {
	p := setter(t)
	last := 1000.0
	for _, n := range []int{4, 40, 60, 84, 90, 400} {
		s := p.shape(p.bold, strings.Repeat("寿", n))
		px, lines := s.fitSizes(titlePx[:], measure, func(px float64) int { return min(4, int(360/(px*1.3))) })
		if px > last || len(lines) == 0 || len(lines) > 4 {
			t.Errorf("%d characters: %v px after %v px, %d lines", n, px, last, len(lines))
		}
		if cut := lines[len(lines)-1].more; cut != (n > 92) {
			t.Errorf("%d characters: cut is %v", n, cut)
		}
		last = px
	}
	if last != titlePx[len(titlePx)-1] {
		t.Errorf("the longest title is %v px", last)
	}
}

func TestSpelling(t *testing.T) {
	p := setter(t)
	for in, want := range map[string]string{
		"  a \n\t b  ":      "a b",
		"e\u0301か\u3099":    "éが",
		"\u1ead":            "a",
		"𝓐ﬁ":                "Aﬁ",
		"𠮷野家":               "𠮷野家",
		"مؤتمر الشبكات":     "〓 〓",
		"祝🎉\ufe0f👩\u200d👧日": "祝日",
		"a\x00\xff\u200bb":  "ab",
		"葛\U000e0100城":      "葛城",
	} {
		if got := string(p.bold.spell(in)); got != want {
			t.Errorf("%q is spelt %q, want %q", in, got, want)
		}
	}
}
