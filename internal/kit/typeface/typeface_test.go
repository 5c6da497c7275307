package typeface

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"slices"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

func TestSpell(t *testing.T) {
	f, err := Regular()
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"𠮷田 花子":              "〓田 花子",
		"𠮟る":                 "𠮟る",
		"髙橋\u3000太郎  ":       "髙橋\u3000太郎",
		"カ\u3099":            "ガ",
		"Łukasz\nNguyễn Văn": "Łukasz Nguyen Văn",
		"🍣 sushi":            "sushi",
		"葛\U000e0100城":       "葛城",
		"\xff\x00a":          "a",
	} {
		if got := string(f.Spell(in)); got != want {
			t.Errorf("%q is spelled %q, want %q", in, got, want)
		}
	}
	if w := f.Advance('国'); w != 1 {
		t.Errorf("a kanji is %v wide, want 1", w)
	}
	if f.Has('𠮷') || f.Advance('𠮷') != 0 || f.Has(-1) || f.Has(0x10ffff) {
		t.Error("it has what it has not")
	}
}

// TestSubset: the smaller font draws what it was to keep as the whole one does, and nothing else.
func TestSubset(t *testing.T) {
	f, err := Regular()
	if err != nil {
		t.Fatal(err)
	}
	ttf, err := f.Subset(Everyday)
	if err != nil {
		t.Fatal(err)
	}
	small, err := opentype.Parse(ttf)
	if err != nil {
		t.Fatal(err)
	}
	var a, b sfnt.Buffer
	kept := 0
	for r := range rune(0xffff) {
		g, err := small.GlyphIndex(&a, r)
		if err != nil {
			t.Fatal(err)
		}
		if keep := f.Has(r) && Everyday(r); keep != (g != 0) {
			t.Fatalf("%q: kept %v, want %v", r, g != 0, keep)
		} else if !keep {
			continue
		}
		kept++
		whole, err := f.Font.GlyphIndex(&b, r)
		if err != nil {
			t.Fatal(err)
		}
		one, err := small.LoadGlyph(&a, g, fixed.I(64), nil)
		if err != nil {
			t.Fatalf("%q: %v", r, err)
		}
		other, err := f.Font.LoadGlyph(&b, whole, fixed.I(64), nil)
		if err != nil || !slices.Equal(one, other) {
			t.Fatalf("%q is drawn otherwise: %v", r, err)
		}
		w, _ := small.GlyphAdvance(&a, g, fixed.I(2048), font.HintingNone)
		if x, _ := f.Font.GlyphAdvance(&b, whole, fixed.I(2048), font.HintingNone); x != w {
			t.Fatalf("%q is %v wide, want %v", r, w, x)
		}
	}
	if kept < 3500 || kept > 4500 || !Everyday('国') || !Everyday('ア') || Everyday('髙') || Everyday('鷗') || Everyday('𠮟') {
		t.Errorf("%d characters of everyday", kept)
	}
}

func TestFontsAreThoseOfTheReadme(t *testing.T) {
	readme, err := os.ReadFile("fonts/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, ttf := range map[string][]byte{"regular": regularTTF, "bold": boldTTF} {
		sum := sha256.Sum256(ttf)
		if !bytes.Contains(readme, []byte(hex.EncodeToString(sum[:]))) {
			t.Errorf("the %s font is not the one fonts/README.md states", name)
		}
	}
}
