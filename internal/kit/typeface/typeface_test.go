package typeface

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
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
		"𠮷田 花子":              "𠮷田 花子",
		"陈 伟, 김민수":           "陈 伟, 김민수",
		"塚 神\u3000塚 カ\u3099": "塚 神\u3000塚 ガ", // compatibility ideographs are other characters in a name
		"𥁬 สมชาย":            "〓 〓",
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
	if !f.Has('𠮷') || f.Own('𠮷') || f.Advance('𠮷') != 1 {
		t.Errorf("𠮷: has %v, own %v, %v wide", f.Has('𠮷'), f.Own('𠮷'), f.Advance('𠮷'))
	}
	if f.Has('𥁬') || f.Advance('𥁬') != 0 || f.For('𥁬') != nil || f.Has(-1) || f.Has(0x10ffff) {
		t.Error("it has what it has not")
	}
}

// TestRareCharacters: what people's names are written with is drawn by the font that is meant to.
func TestRareCharacters(t *testing.T) {
	for name, face := range map[string]func() (*Face, error){"Regular": Regular, "Bold": Bold} {
		f, err := face()
		if err != nil {
			t.Fatal(err)
		}
		for by, names := range map[string]string{
			"BIZUDPGothic-" + name: "髙﨑濵祇祗邉德𠮟𡈽𠀋",
			"NotoSansJP-" + name:   "𠮷槗刘",
			"NotoSansTC-Medium":    "𠝹",
			"NotoSansSC-Medium":    "张伟",
			"NotoSansKR-Medium":    "김민수",
		} {
			for _, r := range names {
				if one := f.For(r); one == nil {
					t.Errorf("%s: no font has %q", name, r)
				} else if one.Name != by {
					t.Errorf("%s: %q is drawn by %s, want %s", name, r, one.Name, by)
				}
			}
		}
		lacking := 0
		for r := rune(0x4e00); r <= 0x9fa5; r++ {
			if !f.Has(r) {
				lacking++
			}
		}
		if lacking > 0 {
			t.Errorf("%s: %d of the 20,902 ideographs of Unicode 1.1 are missing", name, lacking)
		}
	}
}

// TestMissingCharactersAreNamedOnce: the log says which characters no font has.
func TestMissingCharactersAreNamedOnce(t *testing.T) {
	var out bytes.Buffer
	m := missing{seen: map[rune]bool{}, log: slog.New(slog.NewTextHandler(&out, nil))}
	for range 3 {
		m.note('𥁬')
	}
	m.note('ก')
	for i := range rune(2 * mostNoted) {
		m.note(0xe000 + i)
	}
	if n := bytes.Count(out.Bytes(), []byte("U+2506C")); n != 1 {
		t.Errorf("the log names the character %d times, want once:\n%.500s", n, out.String())
	}
	if n := bytes.Count(out.Bytes(), []byte("\n")); n != mostNoted {
		t.Errorf("the log has %d lines, want it bounded at %d", n, mostNoted)
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
	files, err := filepath.Glob("fonts/*.ttf*")
	if err != nil || len(files) != 7 {
		t.Fatalf("%q, %v: want 7 fonts", files, err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%x", sha256.Sum256(b))
		if !bytes.Contains(readme, []byte(line)) || !bytes.Contains(readme, []byte(filepath.Base(name))) {
			t.Errorf("%s is not the one fonts/README.md states", name)
		}
	}
}

// TestSubsetBeyondTheBasicPlane: both maps of a smaller font lead to the same drawings.
func TestSubsetBeyondTheBasicPlane(t *testing.T) {
	f, err := Regular()
	if err != nil {
		t.Fatal(err)
	}
	f = f.For('𠮷')
	ttf, err := f.Subset(func(r rune) bool { return r == '槗' || r == '𠮷' || r == 0x20b9f || r == '刘' })
	if err != nil {
		t.Fatal(err)
	}
	small, err := Parse(ttf)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range "槗𠮷刘" {
		var a, b sfnt.Buffer
		g, _ := small.Font.GlyphIndex(&a, r)
		whole, _ := f.Font.GlyphIndex(&b, r)
		one, err := small.Font.LoadGlyph(&a, g, fixed.I(64), nil)
		if err != nil {
			t.Fatal(err)
		}
		other, err := f.Font.LoadGlyph(&b, whole, fixed.I(64), nil)
		if err != nil || g == 0 || !slices.Equal(one, other) {
			t.Errorf("%q is drawn otherwise: glyph %d, %v", r, g, err)
		}
	}
	if small.Own('国') || small.Own('髙') {
		t.Error("it has what was not to be kept")
	}
}
