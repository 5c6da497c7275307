package material

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxName is the length of a file's name in bytes; most file systems end at 255.
const maxName = 180

// hidden reports characters that change how what surrounds them is read, or are not seen at all: marks and overrides of direction, joiners,
// byte order marks, tags, and controls. A name with one of them may look like slides.pdf and be another.
func hidden(r rune) bool {
	switch {
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cs, r), r == utf8.RuneError:
		return true
	case r == '\u034f', r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == '\u2028', r == '\u2029':
		return true
	}
	return false
}

// CleanName makes what a person's computer calls a file a name that is safe to show and to save under: without folders, without what is not
// seen, without what file systems refuse, and with the extension that belongs to what the file is. Japanese stays as it is.
func CleanName(name string, f Format) string {
	name = strings.ToValidUTF8(name, "")
	name = path.Base("/" + strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case hidden(r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case strings.ContainsRune(`<>:"|?*/`, r):
			return '_'
		}
		return r
	}, norm.NFC.String(name))
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	ext := f.Extension()
	if ext == "" {
		return shorten(orFile(name), "")
	}
	base := name
	for { // slides.pdf.exe that is a PDF, and slides.pdf.pdf, become slides.pdf; a version such as v1.2 is none
		e := path.Ext(base)
		if e == "" || !knownExtension(strings.ToLower(e)) {
			break
		}
		base = strings.TrimRight(strings.TrimSuffix(base, e), ". ")
	}
	if f == KeynoteZip {
		return shorten(orFile(base), ".key.zip")
	}
	return shorten(orFile(base), ext)
}

func orFile(name string) string {
	if strings.Trim(name, "_ .") == "" || reserved(name) {
		return "material"
	}
	return name
}

// reserved reports the names that Windows takes for devices.
func reserved(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch base {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")) && base[3] >= '1' && base[3] <= '9'
}

// shorten cuts a name to what file systems take, at a character, and puts the extension at its end.
func shorten(name, ext string) string {
	for len(name)+len(ext) > maxName {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return strings.TrimRight(name, " .") + ext
}

// knownExtension reports the extensions that CleanName takes off: those of our formats, and those by which some system would run a file.
func knownExtension(ext string) bool {
	for _, f := range Formats {
		if f.Extension() == ext {
			return true
		}
	}
	return executable(ext) || ext == ".ppt" || ext == ".ppsx" || ext == ".potx" || ext == ".pptm" || ext == ".otp" || ext == ".htm" || ext == ".html" || ext == ".js" || ext == ".svg"
}

// executable reports the extensions that a double click runs on some system. Scripts that an engineer shows (.sh, .py) are read first, and
// what ends in .com is the name of a host more often than a program, which program recognises by its content.
func executable(ext string) bool {
	switch ext {
	case ".exe", ".scr", ".pif", ".bat", ".cmd", ".msi", ".msp", ".mst", ".msix", ".appx", ".hta", ".cpl", ".vb", ".vbs", ".vbe", ".jse",
		".ws", ".wsf", ".wsh", ".lnk", ".reg", ".jar", ".jnlp", ".app", ".dmg", ".pkg", ".command", ".appimage", ".deb", ".rpm", ".apk", ".iso", ".img", ".vhd",
		".scf", ".url", ".inf", ".gadget", ".dll", ".sys", ".chm", ".application", ".workflow", ".desktop":
		return true
	}
	return false
}
