package mail

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/jba/templatecheck"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail/mailtest"
)

var office = Address{Name: "集い", Address: "noreply@meeting.example.org"}

func letter() *stored {
	return &stored{
		ref: "REF", kind: "test", to: Address{"山田 花子", "hanako@example.jp", i18n.JA}, queued: time.Date(2026, 2, 12, 3, 4, 5, 0, time.UTC),
		content: content{
			Subject: i18n.T("時間割の変更をお知らせします", "The timetable changed"),
			Body:    i18n.T("山田様\n\nC14 は 14:00 からになりました。\n詳しくは「https://meeting.example.org/c14?a=1&b=2」をご覧ください。", "Dear Hanako,\n\nC14 begins at 14:00 <now>.\nSee https://meeting.example.org/en/c14.\n"),
		},
	}
}

func composed(t *testing.T, s *stored) *mailtest.Letter {
	t.Helper()
	m, err := compose(s, office)
	if err != nil {
		t.Fatal(err)
	}
	again, err := compose(s, office)
	if err != nil || !bytes.Equal(m.data, again.data) {
		t.Error("the same letter is not the same bytes", err)
	}
	for _, line := range strings.SplitAfter(string(m.data), "\n") {
		if line != "" && !strings.HasSuffix(line, "\r\n") || len(line) > 80 || !utf8.ValidString(line) {
			t.Errorf("a line that servers dislike: %q", line)
		}
	}
	l, err := mailtest.Parse(m.data)
	if err != nil {
		t.Fatalf("%v\n%s", err, m.data)
	}
	return l
}

func TestLetterHasBothLanguages(t *testing.T) {
	s := letter()
	l := composed(t, s)
	if l.Subject != s.content.Subject.JA || l.Header.Get("Message-ID") != "<REF@meeting.example.org>" || l.Header.Get("Auto-Submitted") != "auto-generated" ||
		l.Header.Get("Date") != "Thu, 12 Feb 2026 03:04:05 +0000" {
		t.Error(l.Subject, l.Header)
	}
	want := "(English below)\n\n" + s.content.Body.JA + "\n\n" + rule + "\n\n" + strings.TrimSpace(s.content.Body.EN) + "\n"
	if l.Text != want {
		t.Errorf("%q\n%q", l.Text, want)
	}
	for _, part := range []string{
		`<html lang="ja">`, `<div lang="ja">`, `<hr>`, `<div lang="en">`, `「<a href="https://meeting.example.org/c14?a=1&amp;b=2">https://meeting.example.org/c14?a=1&amp;b=2</a>」`,
		`<a href="https://meeting.example.org/en/c14">https://meeting.example.org/en/c14</a>.`, "14:00 &lt;now&gt;.<br>", "<p>山田様</p>",
	} {
		if !strings.Contains(l.HTML, part) {
			t.Errorf("%s is not in\n%s", part, l.HTML)
		}
	}
	for _, a := range []string{"From", "To"} {
		if got, err := l.Header.AddressList(a); err != nil || len(got) != 1 || got[0].Name == "" {
			t.Error(a, got, err)
		}
	}
	s.to.Lang = i18n.EN
	l = composed(t, s)
	if l.Subject != s.content.Subject.EN || !strings.HasPrefix(l.Text, "(日本語は下にあります)\n\nDear Hanako") || !strings.HasSuffix(l.Text, "ご覧ください。\n") {
		t.Errorf("%s\n%s", l.Subject, l.Text)
	}
}

func TestLetterWithEverything(t *testing.T) {
	s := letter()
	s.content.ReplyTo = Address{Name: "プログラム委員会, JANOG57", Address: "pc@example.org"}
	s.content.Unsubscribe = "https://meeting.example.org/u/abc"
	calendar := strings.Repeat("BEGIN:VCALENDAR\r\n", 30)
	s.content.Attachments = []Attachment{
		{"c14.ics", "text/calendar; method=PUBLISH; charset=utf-8", []byte(calendar)}, {"資料\r\n.ics", "no type", []byte("x")},
	}
	l := composed(t, s)
	if l.Files["c14.ics"] != calendar || l.Types["c14.ics"] != "text/calendar; charset=utf-8; method=PUBLISH" || l.Files["資料 .ics"] != "x" {
		t.Error(l.Files, l.Types)
	}
	if l.Header.Get("List-Unsubscribe") != "<https://meeting.example.org/u/abc>" || l.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Error(l.Header)
	}
	if got, err := l.Header.AddressList("Reply-To"); err != nil || got[0].Name != s.content.ReplyTo.Name || got[0].Address != "pc@example.org" {
		t.Error(got, err)
	}
	if !strings.Contains(l.Text, "山田様") || !strings.Contains(l.HTML, "山田様") {
		t.Error("the text is lost beside the attachments")
	}
}

// TestNothingBecomesAHeader writes line ends, quotes and encoded words into whatever a person can choose.
func TestNothingBecomesAHeader(t *testing.T) {
	for _, evil := range []string{
		"a\r\nBcc: all@example.org", "a\nBcc: x@example.org\n\nbody", "a\rBcc: x", "\"quoted\\ name\" <b@example.org>", "=?utf-8?Q?=0D=0ABcc:_x?=", "a\u2028Bcc: x", "x\x00y",
		strings.Repeat("長い名前", 60), strings.Repeat("long name ", 60), "😀" + strings.Repeat("あ", 38) + "a\xff\xfe", "",
	} {
		s := letter()
		s.to.Name, s.content.ReplyTo = evil, Address{evil, "pc@example.org", ""}
		if evil != "" {
			s.content.Subject = i18n.T(evil, evil)
		}
		l := composed(t, s)
		if l.Header.Get("Bcc") != "" || len(l.Header["To"]) != 1 || len(l.Header) != 10 {
			t.Errorf("%q made headers: %d", evil, len(l.Header))
		}
		to, err := l.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "hanako@example.jp" || to[0].Name != oneLine(evil) {
			t.Errorf("%q: %v, %v", evil, to, err)
		}
		if evil != "" && l.Subject != oneLine(evil) {
			t.Errorf("%q became %q", evil, l.Subject)
		}
		if !strings.Contains(l.Text, "山田様") {
			t.Errorf("%q ate the text", evil)
		}
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{ // what stands in the envelope, or nothing
		"a@example.org":                          "a@example.org",
		" A.b+c@Example.ORG ":                    "A.b+c@example.org",
		"noc@日本語.jp":                             "noc@xn--wgv71a119e.jp",
		"花子@日本語.jp":                              "花子@xn--wgv71a119e.jp",
		"abc..def@docomo.example.jp":             `"abc..def"@docomo.example.jp`,
		"abc.@docomo.example.jp":                 `"abc."@docomo.example.jp`,
		"a@localhost":                            "a@localhost",
		"a":                                      "",
		"":                                       "",
		"@example.org":                           "",
		"a@":                                     "",
		"a b@example.org":                        "",
		"a@exam ple.org":                         "",
		"a@example..org":                         "",
		"a@example.org\r\nRCPT TO:<b@e.org>":     "",
		"a\n@example.org":                        "",
		"<a@example.org>":                        "",
		"Name <a@example.org>":                   "",
		"a@b@example.org":                        "",
		"a,b@example.org":                        "",
		"a@[192.0.2.1]":                          "",
		"a@example.org.":                         "",
		strings.Repeat("a", 65) + "@e.org":       "",
		"a\u200b@example.org":                    "",
		"a@" + strings.Repeat("a.", 130) + "org": "",
	} {
		local, domain, err := split(address)
		if got := mailbox(local, domain); err == nil && got != want || err != nil && want != "" {
			t.Errorf("%q: %q, %v, want %q", address, got, err, want)
		}
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v is nothing a form can show", address, err)
		}
	}
	for a, b := range map[string]string{"A@Example.org": "A@example.org", "x@XN--WGV71A119E.jp": "x@日本語.jp", "x@日本語.JP": "x@日本語.jp", "no address": "no address"} {
		if got := Normal(a); got != b {
			t.Errorf("%q is %q, want %q", a, got, b)
		}
	}
}

// FuzzAddress: whatever is let through can be written into an envelope and read back from a header.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"a@example.org", "花子@日本語.jp", "a..b@example.org", "a\r\n@b", `"a b"@c`} {
		f.Add(s, "name")
	}
	f.Fuzz(func(t *testing.T, address, name string) {
		local, domain, err := split(address)
		if err != nil {
			return
		}
		box := mailbox(local, domain)
		if strings.ContainsAny(box, "\r\n<> ") || !ascii(domain) {
			t.Fatalf("%q became %q", address, box)
		}
		var h headers
		h.address("To", name, box)
		m, err := mail.ReadMessage(strings.NewReader(h.String() + "\r\n"))
		if err != nil || len(m.Header) != 1 {
			t.Fatalf("%q: %v %v", h.String(), m, err)
		}
		if !ascii(local) {
			return
		}
		if got, err := m.Header.AddressList("To"); err != nil || len(got) != 1 || got[0].Address != local+"@"+domain {
			t.Fatalf("%q: %v %v", h.String(), got, err)
		}
	})
}

func TestTemplates(t *testing.T) {
	files := fstest.MapFS{
		"mail/hello.ja.txt": {Data: []byte("Subject: {{.Name}}さん、こんにちは\n\n{{.Name}}さん\n\n{{text .Title}} は {{day .At}} です。\n\n\n\n{{range .Lines}}- {{.}}\n{{end}}\n")},
		"mail/hello.en.txt": {Data: []byte("Subject: Hello {{.Name}}\r\n\r\nHello {{.Name}},\r\n\r\n{{text .Title}} is on {{day .At}}.\r\n")},
		"mail/bare.ja.txt":  {Data: []byte("こんにちは\n")},
		"mail/one.ja.txt":   {Data: []byte("Subject: x\n\nx\n")},
		"mail/wrong.ja.txt": {Data: []byte("Subject: x\n\n{{.Nothing}}\n")},
		"mail/wrong.en.txt": {Data: []byte("Subject: x\n\nx\n")},
	}
	type hello struct {
		Name  string
		Title i18n.Text
		At    time.Time
		Lines []string
	}
	tmpl := NewTemplate[hello](files, "mail/hello", "test.hello")
	for _, c := range tmpl.Checks() {
		if err := templatecheck.CheckText(c.Tmpl, c.Data); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	l, err := tmpl.Letter(Address{Address: "a@example.org"}, hello{"花子\nBcc: x", i18n.T("講演", "The talk"), time.Date(2026, 2, 12, 0, 0, 0, 0, time.UTC), []string{"a", "b"}})
	if err != nil || l.Kind != "test.hello" {
		t.Fatal(err)
	}
	if want := i18n.T("花子 Bcc: xさん、こんにちは", "Hello 花子 Bcc: x"); l.Subject != want {
		t.Errorf("%+v", l.Subject)
	}
	if !strings.Contains(l.Body.JA, "講演 は 2026年2月12日") || strings.Contains(l.Body.JA, "\n\n\n") || !strings.Contains(l.Body.EN, "The talk is on") || strings.Contains(l.Body.EN, "\r") {
		t.Errorf("%+v", l.Body)
	}
	wrong := NewTemplate[hello](files, "mail/wrong", "test.wrong")
	found := false
	for _, c := range wrong.Checks() {
		found = found || templatecheck.CheckText(c.Tmpl, c.Data) != nil
	}
	if !found {
		t.Error("a field that is not there was not found")
	}
	for _, name := range []string{"mail/bare", "mail/one", "mail/none"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error(name + " is a letter")
				}
			}()
			NewTemplate[hello](files, name, "x")
		}()
	}
}
