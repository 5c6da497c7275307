package interchange

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// toUTF8 brings a text file into UTF-8 without a byte order mark. What is neither UTF-8 nor UTF-16 with its mark is taken for the
// Japanese encoding that fits it best: ISO-2022-JP, EUC-JP or Shift_JIS (as Windows writes it).
func toUTF8(name string, data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return recode(name, data, unicode.UTF16(unicode.BigEndian, unicode.UseBOM))
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, unusable(name, "it is not a text; send the programme as YAML, XML, JSON, ICS, CSV or XLSX")
	}
	if bytes.Contains(data, []byte("\x1b$B")) || bytes.Contains(data, []byte("\x1b$@")) {
		return recode(name, data, japanese.ISO2022JP)
	}
	if utf8.Valid(data) {
		return data, nil
	}
	best, least := []byte(nil), 1<<62
	for _, e := range []encoding.Encoding{japanese.EUCJP, japanese.ShiftJIS} {
		out, err := e.NewDecoder().Bytes(data)
		if err != nil {
			continue
		}
		if odd := oddness(out); odd < least {
			best, least = out, odd
		}
	}
	wrong := 0 // UTF-8 with a few broken bytes is still UTF-8
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			wrong += 4
		}
		rest = rest[size:]
	}
	if best == nil || wrong <= least {
		return bytes.ToValidUTF8(data, []byte("\ufffd")), nil
	}
	return best, nil
}

// oddness says how unlike Japanese prose a text is. Shift_JIS read as EUC-JP, and the other way about, gives broken characters, rare
// kanji and half-width kana; the right reading gives kana.
func oddness(text []byte) int {
	odd := 0
	for _, r := range string(text) {
		switch {
		case r == utf8.RuneError:
			odd += 10
		case r >= '\uff61' && r <= '\uff9f':
			odd += 2
		case strings.ContainsRune("、。・ー「」（）", r), r >= '\u3041' && r <= '\u30fa':
			odd--
		case r < ' ' && r != '\n' && r != '\r' && r != '\t', r >= '\u0080' && r < '\u00a0', r >= '\ue000' && r <= '\uf8ff':
			odd += 5
		}
	}
	return odd
}

func recode(name string, data []byte, e encoding.Encoding) ([]byte, error) {
	out, err := e.NewDecoder().Bytes(data)
	if err != nil {
		return nil, unusable(name, "its characters cannot be read; save it as UTF-8")
	}
	return bytes.TrimPrefix(out, []byte("\xef\xbb\xbf")), nil
}
