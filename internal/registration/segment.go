package registration

import (
	"regexp"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// The kinds of letters to those who registered, as people's preferences name them.
const (
	KindNews   = "registration.news"   // may be declined
	KindNotice = "registration.notice" // what everybody has to know who takes part
)

// TakeBack is how long a letter can be taken back after it was sent.
const TakeBack = 5 * time.Minute

// PostState is where a letter to many stands.
type PostState string

// The states of a letter to many.
const (
	PostDraft   PostState = "draft"
	PostLeaving PostState = "leaving" // it leaves in a moment, and can be taken back
	PostSent    PostState = "sent"
)

// Post is a letter to many of those who registered.
type Post struct {
	ID         int64
	Ref        string
	Meeting    event.MeetingID
	Version    int64
	State      PostState
	Chosen     string // the filter, as parameters of an address
	Subject    i18n.Text
	Body       i18n.Text
	Necessary  bool // nobody can decline it
	MadeAt     time.Time
	SentAt     time.Time
	LeftAt     time.Time
	Recipients int
}

// Lengths of a letter, in characters.
const (
	maxSubject = 200
	maxBody    = 20_000
)

// check cleans a letter and says what is wrong with it.
func (p *Post) check() error {
	for _, x := range []struct {
		s     *string
		field string
	}{{&p.Subject.JA, "subject_ja"}, {&p.Subject.EN, "subject_en"}} {
		if err := line(x.s, maxSubject, x.field); err != nil {
			return err
		}
	}
	for _, x := range []struct {
		s     *string
		field string
	}{{&p.Body.JA, "body_ja"}, {&p.Body.EN, "body_en"}} {
		*x.s = strings.TrimSpace(i18n.Compose(strings.ReplaceAll(*x.s, "\r\n", "\n")))
		if len([]rune(*x.s)) > maxBody {
			return invalid("registration.error.long").With("max", maxBody).On(x.field)
		}
		for _, slot := range slotPattern.FindAllString(*x.s, -1) {
			if slot != "{name}" && slot != "{link}" {
				return invalid("registration.error.slot").With("slot", slot).On(x.field)
			}
		}
	}
	switch {
	case p.Subject.IsZero():
		return invalid("registration.error.subject").On("subject_ja")
	case p.Body.IsZero():
		return invalid("registration.error.body").On("body_ja")
	case p.Subject.JA != "" && p.Body.JA == "":
		return invalid("registration.error.body").On("body_ja")
	case p.Subject.EN != "" && p.Body.EN == "":
		return invalid("registration.error.body").On("body_en")
	}
	return nil
}

// slotPattern finds what looks like the place of something of the reader's.
var slotPattern = regexp.MustCompile(`\{[a-z_]{1,20}\}`)

// letter is what somebody is written: their name and the address of their own entry stand where the text says so, and nothing in a name can
// become a place for another thing.
func (p *Post) letter(e *Entry, ja, en string) mail.Letter {
	fill := func(l i18n.Lang, text, link string) string {
		return strings.NewReplacer("{name}", e.Name.In(l), "{link}", link).Replace(text)
	}
	kind := KindNews
	if p.Necessary {
		kind = KindNotice
	}
	subject, body := p.Subject, p.Body
	if subject.EN == "" || body.EN == "" {
		subject.EN, body.EN = subject.In(i18n.JA), body.In(i18n.JA)
	}
	if subject.JA == "" || body.JA == "" {
		subject.JA, body.JA = subject.EN, body.EN
	}
	return mail.Letter{
		Kind: kind, To: mail.Address{Name: e.Name.In(e.Lang), Address: e.Address, Lang: e.Lang}, Subject: subject, Key: p.key(e.Ref),
		Body: i18n.T(fill(i18n.JA, body.JA, ja), fill(i18n.EN, body.EN, en)),
	}
}

// key names the letter to an entry.
func (p *Post) key(ref string) string { return "registration:post:" + p.Ref + ":" + ref }
