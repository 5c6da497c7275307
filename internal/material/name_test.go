package material

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanName(t *testing.T) {
	for _, c := range []struct {
		name   string
		format Format
		want   string
	}{
		{"slides.pdf", PDF, "slides.pdf"},
		{"発表資料 v1.2.PDF", PDF, "発表資料 v1.2.pdf"},
		{"ハ\u3099ックホ\u3099ーン.key", Keynote, "バックボーン.key"}, // as macOS writes it
		{"../../etc/passwd", PDF, "passwd.pdf"},
		{`..\..\boot.ini`, Zip, "boot.ini.zip"},
		{`C:\Users\me\資料.pptx`, PowerPoint, "資料.pptx"},
		{"/", PDF, "material.pdf"},
		{"", PDF, "material.pdf"},
		{"..", PDF, "material.pdf"},
		{"...pdf", PDF, "pdf.pdf"},
		{"slides\u202efdp.exe", PDF, "slidesfdp.pdf"},
		{"\u200fslides\u2066.pdf\u2069", PDF, "slides.pdf"},
		{"a\x00b\r\nSet-Cookie: x.pdf", PDF, "abSet-Cookie_ x.pdf"},
		{"invoice.pdf.exe", PDF, "invoice.pdf"},
		{"slides.html", PDF, "slides.pdf"},
		{"Talk.key.zip", KeynoteZip, "Talk.key.zip"},
		{"Talk.zip", KeynoteZip, "Talk.key.zip"},
		{"CON.pdf", PDF, "material.pdf"},
		{"com1", Zip, "material.zip"},
		{"what? \"this\" <is>.odp", Impress, "what_ _this_ _is_.odp"},
		{"www.example.com", Zip, "www.example.com.zip"},
		{"bad\xff\xfename.zip", Zip, "badname.zip"},
		{"全角　スペース.pdf", PDF, "全角 スペース.pdf"},
		{strings.Repeat("長", 100) + ".pdf", PDF, strings.Repeat("長", 58) + ".pdf"},
	} {
		if got := CleanName(c.name, c.format); got != c.want {
			t.Errorf("%q as %s: %q, want %q", c.name, c.format, got, c.want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add("a/../b\u202e.pdf.exe")
	f.Add("CON.資料")
	f.Fuzz(func(t *testing.T, name string) {
		for _, format := range Formats {
			got := CleanName(name, format)
			if !utf8.ValidString(got) || len(got) > maxName || !strings.HasSuffix(got, format.Extension()) || strings.ContainsAny(got, `/\"`+"\x00\r\n") ||
				strings.ContainsFunc(got, hidden) || strings.HasPrefix(got, ".") {
				t.Fatalf("%q became %q", name, got)
			}
			if again := CleanName(got, format); again != got {
				t.Fatalf("%q became %q, and that %q", name, got, again)
			}
		}
	})
}
