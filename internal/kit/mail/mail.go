// Package mail knows letters: what the program writes to one person, in Japanese and English, and how it reaches the server that
// delivers it.
//
// A letter is put into the Outbox in the transaction that is the reason for it, so that both are kept or neither. From there a job takes
// it to the SMTP server of the settings (submission, RFC 6409). Nothing that was put into the outbox is lost: not by a server that is
// down, slow, answers 4xx or hangs up, and not by the end of the process. Exactly once is impossible in SMTP: who does not hear the answer
// to a letter cannot know whether it arrived. Then it is sent again, with the Message-ID it had, and the log says that it may arrive
// twice. That is one letter for each open connection, at most.
//
// # States
//
// queued (送信待ち): to be sent, or tried again. sent (送信済み): the server took it. refused (拒否): the server said no for good, or the
// address cannot be written to; its words are kept. failed (断念): five days of trying did not help. expired (期限切れ): it was of
// use until a time that has passed.
//
// Without a server in the settings letters are kept and wait; the log and the doctor say so.
//
// A letter is text, in the recipient's language and below a rule in the other one, each complete. The HTML part is made from the text.
//
// Words: letter (お知らせメール), outbox (送信箱), recipient (宛先). The kind of a letter is a word of the feature that writes it, such as
// "person.signin"; whether somebody wants letters of a kind is that feature's to ask, before Send.
//
// It owns the table mail_letter.
package mail

import (
	"embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Migrations holds the table of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Files are the words and templates of this package.
//
//go:embed lang/*.json pages/* mail/*.txt
var Files embed.FS

// Address is whom a letter goes to.
type Address struct {
	Name    string    // as it is to be shown, or empty
	Address string    // user@example.org; the domain, and the user where the server can, in any script
	Lang    i18n.Lang // which language stands first; empty is Japanese
}

// Attachment is a file in a letter.
type Attachment struct {
	Name string // file name
	Type string // media type: "text/calendar; method=PUBLISH; charset=utf-8"
	Data []byte
}

// Letter is what one person is written.
type Letter struct {
	Kind    string
	To      Address
	Subject i18n.Text // both languages
	Body    i18n.Text // plain text in both languages; an empty line parts paragraphs, addresses become links
	// Key, where it is not empty, names the occasion: no second letter with the same key is ever sent.
	Key     string
	ReplyTo Address
	// Unsubscribe is the address of a one-click unsubscription (RFC 8058): https, takes a POST without a sign-in. Empty: none.
	Unsubscribe string
	Attachments []Attachment
	At          time.Time // not before; zero: at once
	Until       time.Time // of no use afterwards, and then not sent any more; zero: for ever
	Urgent      bool      // somebody waits for it in front of the screen: it does not stand behind thousands of others
	Secret      bool      // its text is erased as soon as it was sent: codes to sign in with
}

// content is what of a letter is erased after some time.
type content struct {
	Subject     i18n.Text    `json:"subject"`
	Body        i18n.Text    `json:"body"`
	ReplyTo     Address      `json:"reply_to,omitzero"`
	Unsubscribe string       `json:"unsubscribe,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
}

// State is what became of a letter.
type State string

// The states of a letter.
const (
	Queued  State = "queued"
	Sent    State = "sent"
	Refused State = "refused"
	Failed  State = "failed"
	Expired State = "expired"
)

// states lists every state in the order in which pages show them.
var states = []State{Queued, Sent, Refused, Failed, Expired}

// check says what is wrong with a letter before it is stored.
func (l *Letter) check() error {
	var wrong []error
	if l.Kind == "" {
		wrong = append(wrong, errors.New("it has no kind"))
	}
	for _, lang := range i18n.Langs {
		if strings.TrimSpace(l.Subject.Exact(lang)) == "" || strings.TrimSpace(l.Body.Exact(lang)) == "" {
			wrong = append(wrong, fmt.Errorf("it lacks its subject or its text in %q", lang))
		}
	}
	if err := CheckAddress(l.To.Address); err != nil {
		wrong = append(wrong, fmt.Errorf("to: %w", err))
	}
	if l.ReplyTo.Address != "" {
		if err := CheckAddress(l.ReplyTo.Address); err != nil {
			wrong = append(wrong, fmt.Errorf("reply to: %w", err))
		}
	}
	if l.Unsubscribe != "" && (!strings.HasPrefix(l.Unsubscribe, "https://") && !strings.HasPrefix(l.Unsubscribe, "http://") || strings.ContainsAny(l.Unsubscribe, " <>\r\n")) {
		wrong = append(wrong, fmt.Errorf("%q is no address to unsubscribe at", l.Unsubscribe))
	}
	return errors.Join(wrong...)
}
