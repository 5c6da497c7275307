package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/tsudoi/tsudoi/internal/kit/typeface"
)

// beyond reports characters beyond the Basic Multilingual Plane.
func beyond(s string) bool { return strings.ContainsFunc(s, func(r rune) bool { return r > 0xffff }) }

// plane puts a geta for what the writer of the information dictionary cannot write; surrogates mends it.
func plane(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xffff {
			return typeface.Geta
		}
		return r
	}, s)
}

// utf16Hex is a text as PDF has it in hexadecimal strings (ISO 32000-1, 7.9.2.2).
func utf16Hex(s string) string {
	var out strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&out, "%04X", u)
	}
	return out.String()
}

var (
	longCode  = regexp.MustCompile(`(<[0-9A-F]{4}><[0-9A-F]{4}>)<([0-9A-F]{5,6})>\n`)
	cmapStart = []byte("stream\n/CIDInit")
	cmapSize  = regexp.MustCompile(`/Length (\d+)\n`)
)

// surrogates mends what gopdf writes of characters beyond the Basic Multilingual Plane: in the maps by which other programs read a paper, and in what a
// paper says about itself, it writes the number of the character where the standard has its two halves of UTF-16 (ISO 32000-1, 9.10.3). The objects that
// become longer move those after them, so the table of their places is written anew.
func (d *Doc) surrogates(b []byte) []byte {
	end := bytes.LastIndex(b, []byte("\nxref\n")) + 1
	table := bytes.Split(b[end:], []byte("\n"))
	var places []int // of each line of the table that names one
	lines := map[int]int{}
	for i, l := range table {
		if n, ok := bytes.CutSuffix(l, []byte(" 00000 n ")); ok {
			at, err := strconv.Atoi(string(n))
			if err != nil || at > end {
				return b
			}
			places, lines[at] = append(places, at), i
		}
	}
	slices.Sort(places)
	var out []byte
	from := 0
	for i, at := range places {
		next := end
		if i+1 < len(places) {
			next = places[i+1]
		}
		out = append(out, b[from:at]...)
		table[lines[at]] = fmt.Appendf(nil, "%010d 00000 n ", len(out))
		out = append(out, mendMap(b[at:next])...)
		from = next
	}
	tail := bytes.Join(table, []byte("\n"))
	tail = bytes.Replace(tail, []byte("startxref\n"+strconv.Itoa(end)), []byte("startxref\n"+strconv.Itoa(len(out))), 1)
	for _, s := range []string{d.info.Title, d.info.Author} {
		tail = bytes.Replace(tail, []byte("<FEFF"+utf16Hex(plane(s))+">"), []byte("<FEFF"+utf16Hex(s)+">"), 1)
	}
	return append(out, tail...)
}

// mendMap mends an object that is a map of glyphs to characters, and leaves any other as it is.
func mendMap(object []byte) []byte {
	at := bytes.Index(object, cmapStart)
	if at < 0 || !longCode.Match(object[at:]) {
		return object
	}
	body := longCode.ReplaceAllFunc(object[at:], func(l []byte) []byte {
		m := longCode.FindSubmatch(l)
		r, err := strconv.ParseUint(string(m[2]), 16, 21)
		if err != nil {
			return l
		}
		return fmt.Appendf(nil, "%s<%s>\n", m[1], utf16Hex(string(rune(r))))
	})
	grown := len(body) - len(object[at:])
	head := cmapSize.ReplaceAllFunc(object[:at], func(l []byte) []byte {
		n, _ := strconv.Atoi(string(cmapSize.FindSubmatch(l)[1]))
		return fmt.Appendf(nil, "/Length %d\n", n+grown)
	})
	return append(head, body...)
}
