package material

import "strings"

// disposition is the Content-Disposition of a file to be saved (RFC 6266): its name in ASCII for old programs, and as it is in the form of RFC 8187.
func disposition(name string, f Format) string {
	var plain, full strings.Builder
	ascii := true
	for i := range len(name) {
		c := name[i]
		if c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%' {
			plain.WriteByte(c)
		} else {
			ascii = false
		}
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0 {
			full.WriteByte(c)
			continue
		}
		const hex = "0123456789ABCDEF"
		full.WriteString("%" + string(hex[c>>4]) + string(hex[c&15]))
	}
	if ascii {
		return `attachment; filename="` + name + `"`
	}
	short := strings.TrimSpace(plain.String())
	if strings.TrimSuffix(short, f.Extension()) == "" || strings.HasPrefix(short, ".") {
		short = "material" + f.Extension()
	}
	return `attachment; filename="` + short + `"; filename*=UTF-8''` + full.String()
}
