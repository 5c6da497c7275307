package pdf

import (
	"fmt"
	"iter"
	"sync"

	"github.com/signintech/gopdf"

	"github.com/tsudoi/tsudoi/internal/kit/typeface"
)

// The fonts of everyday, by their names in a paper. Some tables of a font are written into each paper whole, so that a paper is the smaller and the
// sooner written the smaller its fonts are: what is beyond everyday is in fonts of a block of characters each, made when one of them is first written.
const (
	regularName = "regular"
	boldName    = "bold"
)

// blockBits is how many characters a block has, as a power of 2.
const blockBits = 8

// block is the characters of a face whose codes differ in the last bits only.
type block struct {
	face *typeface.Face
	high rune
}

// fonts are read when the first paper is written, and shared.
type fonts struct {
	container     *gopdf.FontContainer
	regular, bold *typeface.Face
	everyday      [1 << 16]bool
	err           error

	mu     sync.Mutex
	names  map[block]string
	blocks map[string]block // by name, those that are not in the container yet
}

var shared = sync.OnceValue(func() *fonts {
	f := &fonts{container: &gopdf.FontContainer{}, names: map[block]string{}, blocks: map[string]block{}}
	if f.regular, f.err = typeface.Regular(); f.err != nil {
		return f
	}
	if f.bold, f.err = typeface.Bold(); f.err != nil {
		return f
	}
	for name, face := range map[string]*typeface.Face{regularName: f.regular, boldName: f.bold} {
		if f.err = f.add(name, face, typeface.Everyday); f.err != nil {
			return f
		}
	}
	for r := range rune(len(f.everyday)) {
		f.everyday[r] = f.regular.Own(r) && typeface.Everyday(r)
	}
	return f
})

// add puts a part of a face into the container.
func (f *fonts) add(name string, face *typeface.Face, keep func(rune) bool) error {
	ttf, err := face.Subset(keep)
	if err != nil {
		return fmt.Errorf("make the font %s: %w", name, err)
	}
	return f.container.AddTTFFontData(name, ttf)
}

// parts are the stretches of a spelled text that one font draws, with the name of that font.
func (f *fonts) parts(bold bool, text string) iter.Seq2[string, string] {
	return func(yield func(font, part string) bool) {
		from, font := 0, ""
		for i, r := range text {
			n := f.font(bold, r)
			if i > from && n != font {
				if !yield(font, text[from:i]) {
					return
				}
				from = i
			}
			font = n
		}
		if from < len(text) {
			yield(font, text[from:])
		}
	}
}

// font names the font that draws a character.
func (f *fonts) font(bold bool, r rune) string {
	name, face := regularName, f.regular
	if bold {
		name, face = boldName, f.bold
	}
	if r <= 0xffff && f.everyday[r] {
		return name
	}
	b := block{face.For(r), r >> blockBits}
	if b.face == nil {
		return name // never of a spelled text
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	known, ok := f.names[b]
	if !ok {
		known = fmt.Sprintf("%s-%x", b.face.Name, b.high)
		f.names[b], f.blocks[known] = known, b
	}
	return known
}

// ready sees to it that a font is in the container.
func (f *fonts) ready(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	b, ok := f.blocks[name]
	if !ok {
		return nil
	}
	if err := f.add(name, b.face, func(r rune) bool { return r>>blockBits == b.high }); err != nil {
		return err
	}
	delete(f.blocks, name)
	return nil
}
