//go:build ignore

// This program makes the fonts of rare characters: those that a weight of Noto Sans has beyond BIZ UDPGothic, cut and packed with Brotli. It needs npm.
//
//	go generate ./internal/kit/typeface
//
// The versions of the sources stand here; fonts/README.md states the hashes, which a test compares.
package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"unicode"

	"github.com/andybalholm/brotli"

	"github.com/tsudoi/tsudoi/internal/kit/typeface"
)

const version = "0.4.3"

// sources are in the order in which the typeface asks them: a character is cut from the first of a weight's that has it.
var sources = []struct {
	lang, dir, name string
	script          *unicode.RangeTable
}{
	{"jp", "700Bold/NotoSansJP_700Bold", "NotoSansJP-Bold", unicode.Han},
	{"jp", "400Regular/NotoSansJP_400Regular", "NotoSansJP-Regular", unicode.Han},
	{"tc", "500Medium/NotoSansTC_500Medium", "NotoSansTC-Medium", unicode.Han},
	{"sc", "500Medium/NotoSansSC_500Medium", "NotoSansSC-Medium", unicode.Han},
	{"kr", "500Medium/NotoSansKR_500Medium", "NotoSansKR-Medium", unicode.Hangul},
}

func main() {
	log.SetFlags(0)
	tmp, err := os.MkdirTemp("", "fonts")
	check(err)
	defer os.RemoveAll(tmp)
	biz, err := typeface.Regular()
	check(err)
	have := map[rune]bool{}
	for _, s := range sources {
		face, err := typeface.Parse(fetch(tmp, s.lang, s.dir+".ttf"))
		check(err)
		keep := func(r rune) bool { return unicode.Is(s.script, r) && !biz.Own(r) && (s.lang == "jp" || !have[r]) }
		ttf, err := face.Subset(keep)
		check(err)
		for r := range rune(0x30000) {
			have[r] = have[r] || keep(r) && face.Own(r)
		}
		var out bytes.Buffer
		w := brotli.NewWriterOptions(&out, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 24})
		_, err = w.Write(ttf)
		check(err)
		check(w.Close())
		name := s.name + ".rare.ttf.br"
		check(os.WriteFile(filepath.Join("fonts", name), out.Bytes(), 0o644))
		fmt.Printf("%s: %d bytes, %d unpacked, sha256 %x\n", name, out.Len(), len(ttf), sha256.Sum256(out.Bytes()))
	}
}

// fetch reads a file of the package of a language.
func fetch(tmp, lang, file string) []byte {
	dir := filepath.Join(tmp, lang)
	if _, err := os.Stat(dir); err != nil {
		check(os.Mkdir(dir, 0o755))
		c := exec.Command("npm", "pack", "--silent", "@expo-google-fonts/noto-sans-"+lang+"@"+version)
		c.Dir, c.Stderr = dir, os.Stderr
		check(c.Run())
		c = exec.Command("tar", "xzf", "expo-google-fonts-noto-sans-"+lang+"-"+version+".tgz")
		c.Dir, c.Stderr = dir, os.Stderr
		check(c.Run())
	}
	b, err := os.ReadFile(filepath.Join(dir, "package", file))
	check(err)
	return b
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
