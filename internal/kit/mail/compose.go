package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// message is a letter as it goes over the wire.
type message struct {
	from, to string // of the envelope
	utf8     bool   // an address needs SMTPUTF8 (RFC 6531)
	data     []byte // RFC 5322, with CRLF
}

// stored is a letter as the table has it.
type stored struct {
	id       int64
	ref      string
	kind     string
	to       Address
	content  content
	erased   bool // the content is gone
	secret   bool
	urgent   bool
	state    State
	attempts int
	reason   string
	queued   time.Time
	first    time.Time
	sent     time.Time
	until    time.Time
}

// compose writes a letter. It writes the same bytes whenever it is asked, so that a letter that is sent again is the same letter.
func compose(s *stored, from Address) (*message, error) {
	fromLocal, fromDomain, err := split(from.Address)
	if err != nil {
		return nil, fmt.Errorf("the sender's address %q cannot be used; see mail.from", from.Address) // no fault of the letter
	}
	local, domain, err := split(s.to.Address)
	if err != nil {
		return nil, err
	}
	m := &message{from: mailbox(fromLocal, fromDomain), to: mailbox(local, domain), utf8: !ascii(fromLocal) || !ascii(local)}
	first := first(s.to.Lang)
	h := headers{}
	h.address("From", from.Name, m.from)
	h.address("To", s.to.Name, m.to)
	h.text("Subject", s.content.Subject.In(first))
	h.plain("Date", s.queued.UTC().Format(time.RFC1123Z))
	h.plain("Message-ID", "<"+s.ref+"@"+fromDomain+">")
	h.plain("Auto-Submitted", "auto-generated") // RFC 3834: nobody's holiday notice answers it
	if r := s.content.ReplyTo; r.Address != "" {
		local, domain, err := split(r.Address)
		if err != nil {
			return nil, fmt.Errorf("the address to reply to: %w", err)
		}
		m.utf8 = m.utf8 || !ascii(local)
		h.address("Reply-To", r.Name, mailbox(local, domain))
	}
	if u := s.content.Unsubscribe; u != "" {
		h.plain("List-Unsubscribe", "<"+u+">") // RFC 2369
		h.plain("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	h.plain("Content-Language", string(first)+", "+string(first.Other()))
	h.plain("MIME-Version", "1.0")
	var b bytes.Buffer
	b.Write(h.Bytes())
	body(&b, s, first)
	m.data = b.Bytes()
	return m, nil
}

// first is the language that stands above the other.
func first(l i18n.Lang) i18n.Lang {
	if l == i18n.EN {
		return i18n.EN
	}
	return i18n.JA
}

// body writes the text, what is made of it, and the attachments.
func body(b *bytes.Buffer, s *stored, first i18n.Lang) {
	alternative := "a" + s.ref
	mixed := "m" + s.ref
	if len(s.content.Attachments) > 0 {
		fmt.Fprintf(b, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%[1]s\r\n", mixed)
	}
	fmt.Fprintf(b, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", alternative)
	fmt.Fprintf(b, "--%s\r\n", alternative)
	part(b, "text/plain; charset=utf-8", asText(s.content.Body, first))
	fmt.Fprintf(b, "--%s\r\n", alternative)
	part(b, "text/html; charset=utf-8", asHTML(s.content.Subject.In(first), s.content.Body, first))
	fmt.Fprintf(b, "--%s--\r\n", alternative)
	if len(s.content.Attachments) == 0 {
		return
	}
	for _, a := range s.content.Attachments {
		fmt.Fprintf(b, "--%s\r\n", mixed)
		h := headers{}
		h.plain("Content-Type", mediaType(a.Type))
		h.plain("Content-Disposition", disposition(a.Name))
		h.plain("Content-Transfer-Encoding", "base64")
		b.Write(h.Bytes())
		b.WriteString("\r\n")
		wrapped(b, a.Data)
	}
	fmt.Fprintf(b, "--%s--\r\n", mixed)
}

// mediaType is a type as written by a feature, or the unknown one where it cannot be read.
func mediaType(t string) string {
	kind, params, err := mime.ParseMediaType(t)
	if err != nil {
		return "application/octet-stream"
	}
	return mime.FormatMediaType(kind, params)
}

func disposition(name string) string {
	name = oneLine(name)
	if d := mime.FormatMediaType("attachment", map[string]string{"filename": name}); d != "" {
		return d
	}
	return "attachment"
}

// part writes a text with the encoding that makes it shorter: Japanese triples in quoted-printable.
func part(b *bytes.Buffer, kind, text string) {
	text = strings.ReplaceAll(text, "\n", "\r\n")
	fmt.Fprintf(b, "Content-Type: %s\r\n", kind)
	foreign := 0
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			foreign++
		}
	}
	if foreign > len(text)/6 {
		b.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
		wrapped(b, []byte(text))
		return
	}
	b.WriteString("Content-Transfer-Encoding: quoted-printable\r\n\r\n")
	w := quotedprintable.NewWriter(b)
	_, _ = w.Write([]byte(text)) // a buffer takes everything
	_ = w.Close()
	b.WriteString("\r\n")
}

// wrapped writes base64 in lines of 76 (RFC 2045, 6.8).
func wrapped(b *bytes.Buffer, data []byte) {
	const perLine = 57
	for line := range slices.Chunk(data, perLine) {
		b.WriteString(base64.StdEncoding.EncodeToString(line) + "\r\n")
	}
}

// headers is the head of a message being written. What it is given cannot make a line of its own.
type headers struct{ bytes.Buffer }

// plain writes a value that has no need of an encoding.
func (h *headers) plain(name, value string) {
	h.WriteString(fold(name+": "+oneLine(value)) + "\r\n")
}

// text writes words of a person's.
func (h *headers) text(name, value string) {
	h.WriteString(fold(name+": "+words(oneLine(value))) + "\r\n")
}

// address writes a name and an address.
func (h *headers) address(name, shown, mailbox string) {
	shown = oneLine(shown)
	switch {
	case shown == "":
		h.plain(name, "<"+mailbox+">")
		return
	case ascii(shown) && !strings.Contains(shown, "=?"):
		shown = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(shown) + `"`
	default:
		shown = words(shown)
	}
	h.WriteString(fold(name+": "+shown+" <"+mailbox+">") + "\r\n")
}

// oneLine makes a value that stays in its line.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}

// words encodes a text that is not ASCII as encoded words (RFC 2047), none of which parts a character, short enough for the first line.
func words(s string) string {
	if ascii(s) && !strings.Contains(s, "=?") {
		return s
	}
	const most = 39 // bytes, so that a word and the name of its header fit into 76 characters
	var out []string
	for s != "" {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > most {
				break
			}
			n += size
		}
		out = append(out, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(out, " ")
}

// fold breaks a header at spaces into lines of at most 76 characters, where it can.
func fold(line string) string {
	const most = 76
	var b strings.Builder
	length := 0
	for i, word := range strings.Split(line, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case i > 1 && length+1+n > most: // never right after the name of the header
			b.WriteString("\r\n ")
			length = 1
		default:
			b.WriteString(" ")
			length++
		}
		b.WriteString(word)
		length += n
	}
	return b.String()
}
