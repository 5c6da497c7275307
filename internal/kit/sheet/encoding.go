package sheet

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Decode turns the bytes of a text file into text, and says what they were: UTF-16 by its mark or its zeros, UTF-8 if they are valid,
// else Shift_JIS. Bytes that are none of them are a fault that names the line.
func Decode(data []byte) (string, Encoding, error) {
	if e, ok := utf16(data); ok {
		out, err := unicode.UTF16(e, unicode.UseBOM).NewDecoder().Bytes(data)
		if err != nil || bytes.IndexByte(out, 0) >= 0 {
			return "", UTF16, unreadable(1)
		}
		return string(out), UTF16, nil
	}
	if at := bytes.IndexByte(data, 0); at >= 0 {
		return "", UTF8, unreadable(1 + bytes.Count(data[:at], []byte("\n")))
	}
	if utf8.Valid(data) {
		return strings.TrimPrefix(string(data), "\ufeff"), UTF8, nil
	}
	return DecodeShiftJIS(data)
}

// DecodeShiftJIS reads Shift_JIS (CP932) without guessing, for files whose form says that they are nothing else.
func DecodeShiftJIS(data []byte) (string, Encoding, error) {
	out, err := japanese.ShiftJIS.NewDecoder().Bytes(data)
	if err != nil {
		return "", ShiftJIS, unreadable(1)
	}
	if at := bytes.IndexRune(out, utf8.RuneError); at >= 0 {
		return "", ShiftJIS, unreadable(1 + bytes.Count(out[:at], []byte("\n")))
	}
	return string(out), ShiftJIS, nil
}

func unreadable(line int) error {
	return fault.New(fault.Invalid, "sheet.error.encoding").With("line", line)
}

// utf16 recognises UTF-16: by its byte order mark, or because every other byte of a text with Latin letters and line ends is zero.
func utf16(data []byte) (unicode.Endianness, bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return unicode.BigEndian, true
	case len(data) < 4 || len(data)%2 != 0:
		return unicode.LittleEndian, false
	}
	var zeros [2]int
	head := data[:min(len(data), 2_000)]
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	few := max(2, len(head)/100)
	if zeros[1] >= few && zeros[0] == 0 {
		return unicode.LittleEndian, true
	}
	return unicode.BigEndian, zeros[0] >= few && zeros[1] == 0
}

// geta stands for a letter that Shift_JIS lacks, as printers have done it.
const geta = "〓"

// likeness are characters that Shift_JIS has at another place of Unicode, as Windows maps it.
var likeness = strings.NewReplacer("〜", "～", "−", "－", "‖", "∥", "—", "―", "¢", "￠", "£", "￡", "¬", "￢", "¥", "￥", "\u00a0", " ",
	"‐", "－", "–", "－", "‑", "－", "¦", "￤")

// encodeShiftJIS writes text as Windows does, and counts the letters for which 〓 stands.
func encodeShiftJIS(s string) (out []byte, lost int) {
	enc := japanese.ShiftJIS.NewEncoder()
	s = likeness.Replace(s)
	if b, err := enc.Bytes([]byte(s)); err == nil {
		return b, 0
	}
	for _, r := range s {
		b, err := enc.Bytes([]byte(string(r)))
		if err != nil {
			b, _ = enc.Bytes([]byte(geta))
			lost++
		}
		out = append(out, b...)
	}
	return out, lost
}
