package typeface

import (
	"bytes"
	_ "embed" // the fonts
	"fmt"
	"io"
	"log/slog"
	"sync"
	"unicode"

	"github.com/andybalholm/brotli"
)

//go:generate go run gen.go

//go:embed fonts/BIZUDPGothic-Regular.ttf
var regularTTF []byte

//go:embed fonts/BIZUDPGothic-Bold.ttf
var boldTTF []byte

// What Noto Sans has beyond BIZ UDPGothic, cut and packed by gen.go: in two weights what is written in Japan; in one the rest.
var (
	//go:embed fonts/NotoSansJP-Regular.rare.ttf.br
	rareRegularBr []byte
	//go:embed fonts/NotoSansJP-Bold.rare.ttf.br
	rareBoldBr []byte
	//go:embed fonts/NotoSansTC-Medium.rare.ttf.br
	rareTCBr []byte
	//go:embed fonts/NotoSansSC-Medium.rare.ttf.br
	rareSCBr []byte
	//go:embed fonts/NotoSansKR-Medium.rare.ttf.br
	rareKRBr []byte
)

// spare is a face for characters of one script that a face of the typeface lacks. It is unpacked when such a character is first met.
type spare struct {
	script *unicode.RangeTable
	face   func() *Face
}

var (
	rareRegular = spare{unicode.Han, unpack(&rareRegularBr)}
	rareBold    = spare{unicode.Han, unpack(&rareBoldBr)}
	rareTC      = spare{unicode.Han, unpack(&rareTCBr)}
	rareSC      = spare{unicode.Han, unpack(&rareSCBr)}
	rareKR      = spare{unicode.Hangul, unpack(&rareKRBr)}
)

// unpack reads a packed font once. A font that cannot be read would be a fault of the build, which a test finds; it has no characters then.
func unpack(packed *[]byte) func() *Face {
	return sync.OnceValue(func() *Face {
		ttf, err := io.ReadAll(brotli.NewReader(bytes.NewReader(*packed)))
		if err == nil {
			r := open(ttf)
			if err = r.err; err == nil {
				return r.face
			}
		}
		slog.Error("a font cannot be read", slog.String("component", "typeface"), slog.Any("error", err))
		return &Face{em: 1}
	})
}

// mostNoted bounds how many missing characters are remembered.
const mostNoted = 1000

// missing is the characters that no font has and that were met.
type missing struct {
	mu   sync.Mutex
	seen map[rune]bool
	log  *slog.Logger // nil: the program's
}

var noted = missing{seen: map[rune]bool{}}

// note says in the log that a character is drawn as 〓, once for each.
func (m *missing) note(r rune) {
	m.mu.Lock()
	first := !m.seen[r] && len(m.seen) < mostNoted
	if first {
		m.seen[r] = true
	}
	m.mu.Unlock()
	if !first {
		return
	}
	log := m.log
	if log == nil {
		log = slog.Default()
	}
	log.Warn("no font has this character; it is drawn as 〓", slog.String("component", "typeface"),
		slog.String("character", string(r)), slog.String("code", fmt.Sprintf("U+%04X", r)))
}
