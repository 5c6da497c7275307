package typeface

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"testing"
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
