package sheet

import (
	"strings"
	"unicode"
)

// Harmless keeps a spreadsheet from taking a cell for a formula, after the rules of the package.
func Harmless(s string) string {
	if risky(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// Original takes away what Harmless added.
func Original(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && risky(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return s
}

// risky reports whether a spreadsheet may compute a cell. Space and invisible characters in front are looked through, since some trim them.
func risky(s string) bool {
	if s == "" {
		return false
	}
	if strings.ContainsRune("\t\r\n", rune(s[0])) {
		return true
	}
	s = strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	for _, r := range s {
		return strings.ContainsRune("=+-@＝＋－＠−", r) && !negative(s)
	}
	return false
}

// negative reports whether a text is a negative number as people write it, and nothing else: -5, -1,234.50.
func negative(s string) bool {
	s, ok := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(s, ".")
	if !ok || whole == "" || len(s) > 20 || point && !digits(fraction) {
		return false
	}
	for i, group := range strings.Split(whole, ",") {
		if !digits(group) || i > 0 && len(group) != 3 {
			return false
		}
	}
	return true
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
