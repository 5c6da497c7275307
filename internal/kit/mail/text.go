package mail

import (
	"html"
	"regexp"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// rule parts the two languages. Two hyphens and a space would begin a signature.
const rule = "----------------------------------------"

// below says, in the language that stands below, that it does.
var below = i18n.T("(日本語は下にあります)", "(English below)")

// asText puts both languages into one text, with LF.
func asText(body i18n.Text, first i18n.Lang) string {
	other := first.Other()
	return below.Exact(other) + "\n\n" + tidy(body.Exact(first)) + "\n\n" + rule + "\n\n" + tidy(body.Exact(other)) + "\n"
}

// tidy is the text with LF, without spaces at the ends of lines and of more than one empty line.
func tidy(s string) string {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "\n")
	var out []string
	for _, l := range lines {
		l = strings.TrimRight(strings.Map(printable, l), " \t　")
		if l == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, l)
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n")
}

func printable(r rune) rune {
	if r < ' ' && r != '\t' || r == 0x7f {
		return -1
	}
	return r
}

// asHTML makes a plain document of the text.
func asHTML(title string, body i18n.Text, first i18n.Lang) string {
	return `<!DOCTYPE html>` + "\n" + `<html lang="` + string(first) + `"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
		`<title>` + html.EscapeString(oneLine(title)) + "</title></head><body>\n" + fragment(body, first) + "</body></html>\n"
}

// fragment is the content of asHTML's body.
func fragment(body i18n.Text, first i18n.Lang) string {
	other := first.Other()
	return `<p lang="` + string(other) + `">` + below.Exact(other) + "</p>\n" + inLang(body.Exact(first), first) + "<hr>\n" + inLang(body.Exact(other), other)
}

func inLang(text string, l i18n.Lang) string {
	var b strings.Builder
	b.WriteString(`<div lang="` + string(l) + `">` + "\n")
	for _, p := range strings.Split(tidy(text), "\n\n") {
		if p != "" {
			b.WriteString("<p>" + strings.ReplaceAll(linked(p), "\n", "<br>\n") + "</p>\n")
		}
	}
	b.WriteString("</div>\n")
	return b.String()
}

// address finds addresses of pages in a text: up to a space, a bracket or anything that is not ASCII, as in 「https://example.org/」へ.
var address = regexp.MustCompile(`https?://[!#$%&'*+,\-./0-9:;=?@A-Z_a-z~]+`)

// linked escapes a text and makes its addresses links. What ends a sentence does not belong to an address.
func linked(s string) string {
	var b strings.Builder
	at := 0
	for _, m := range address.FindAllStringIndex(s, -1) {
		url := strings.TrimRight(s[m[0]:m[1]], ".,:;!?'")
		b.WriteString(html.EscapeString(s[at:m[0]]))
		safe := html.EscapeString(url)
		b.WriteString(`<a href="` + safe + `">` + safe + `</a>`)
		at = m[0] + len(url)
	}
	b.WriteString(html.EscapeString(s[at:]))
	return b.String()
}
